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

complete -c or-key -f -n __fish_is_first_token -a 'check set'
complete -c or-key -n 'not __fish_is_first_token' -f -a '(__or_key_providers)'
complete -c or-key -s F -l format -x -a 'tsv ndjson' -d 'form of the output'
complete -c or-key -s o -l output -r -F -d 'write to file'
complete -c or-key -s P -l parallel -x -d 'at most so many at the same time (16)'
complete -c or-key -s w -l deadline -x -d 'for everything (none)'
complete -c or-key -s W -l timeout -x -d 'for the first byte and between bytes (30s)'
complete -c or-key -l connect-timeout -x -d 'for connecting (10s)'
complete -c or-key -s q -l quiet -d 'no warnings'
complete -c or-key -s v -l verbose -d 'say what is asked, and what was written'
complete -c or-key -s h -l help -d 'this text'
complete -c or-key -s V -l version -d 'the version'
