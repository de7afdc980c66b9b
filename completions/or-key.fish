# SPDX-License-Identifier: ISC
# Made by scripts/completions from the option table of or-key: don't edit.

function __or_key_models
	__fish_complete_list , 'echo mock/echo; or-models -1 --cached 2>/dev/null </dev/null'
end

function __or_key_providers
	printf '%s\n' anthropic azure bedrock cerebras cohere deepseek fireworks gemini groq llamacpp lmstudio mistral mock moonshot nvidia ollama openai openrouter perplexity together vertex vllm voyage xai zai
	set -l config $XDG_CONFIG_HOME
	test -n "$config"; or set config $HOME/.config
	sed -n 's/^\([a-z][^ #]*\)[ 	].*/\1/p' $config/orutils/providers 2>/dev/null
end

complete -c or-key -f -n __fish_is_first_token -a 'check set new ls show disable enable rm'
complete -c or-key -n 'not __fish_is_first_token' -f -a '(__or_key_providers)'
complete -c or-key -s F -l format -x -a 'tsv ndjson' -d 'form of the output'
complete -c or-key -s o -l output -r -F -d 'write to file'
complete -c or-key -l limit -x -d 'a new key may spend so much'
complete -c or-key -l reset -x -a 'daily weekly monthly' -d 'and as much again each day, week or month'
complete -c or-key -l rpm -x -d 'requests a minute of a new key (no limit)'
complete -c or-key -l tpm -x -d 'tokens a minute of a new key (no limit)'
complete -c or-key -l models -x -d 'models that a new key may call (all)'
complete -c or-key -l expires -x -d 'the end of a new key (none)'
complete -c or-key -l management -d 'a key that manages keys, and makes no calls'
complete -c or-key -s P -l parallel -x -d 'at most so many at the same time (16)'
complete -c or-key -s w -l deadline -x -d 'for everything (none)'
complete -c or-key -s W -l timeout -x -d 'for the first byte and between bytes (30s)'
complete -c or-key -l connect-timeout -x -d 'for connecting (10s)'
complete -c or-key -s q -l quiet -d 'no warnings'
complete -c or-key -s v -l verbose -d 'say what is asked, and what was written'
complete -c or-key -s h -l help -d 'this text'
complete -c or-key -s V -l version -d 'the version'
