# SPDX-License-Identifier: ISC
# Made by scripts/completions from the option table of or-models: don't edit.

function __or_models_models
	__fish_complete_list , 'echo mock/echo; or-models -1 --cached 2>/dev/null </dev/null'
end

function __or_models_providers
	printf '%s\n' anthropic azure bedrock cerebras cohere deepseek fireworks gemini groq llamacpp lmstudio mistral mock moonshot nvidia ollama openai openrouter perplexity together vertex vllm voyage xai zai
	set -l config $XDG_CONFIG_HOME
	test -n "$config"; or set config $HOME/.config
	sed -n 's/^\([a-z][^ #]*\)[ 	].*/\1/p' $config/orutils/providers 2>/dev/null
end

complete -c or-models -f -a '(__or_models_models)'
complete -c or-models -s 1 -l one -d 'ids alone, one a line'
complete -c or-models -s l -l long -d 'all columns'
complete -c or-models -s F -l format -x -a 'tsv ndjson json' -d 'form of the output'
complete -c or-models -s S -l by-price -d 'sort by the prompt\'s price, cheapest first'
complete -c or-models -s t -l by-time -d 'sort by time, newest first'
complete -c or-models -s r -l reverse -d 'reverse the order'
complete -c or-models -s k -l limit -x -d 'at most so many'
complete -c or-models -s p -l max-price -x -d 'at most so many $ per million prompt[, completion] tokens'
complete -c or-models -s z -l context -x -d 'a context of at least so many tokens'
complete -c or-models -s y -l needs -x -d 'takes all of these parameters and input modalities'
complete -c or-models -s e -l endpoints -d 'the endpoints of one model'
complete -c or-models -s b -l provider -x -a '(__or_models_providers)' -d 'this provider\'s list, not openrouter\'s'
complete -c or-models -l refresh -d 'fetch the list, whatever the age of the cached one'
complete -c or-models -l max-age -x -d 'fetch the list where the cached one is older (1d)'
complete -c or-models -l cached -d 'only what is cached; nothing where nothing is'
complete -c or-models -s o -l output -r -F -d 'write to file'
complete -c or-models -s w -l deadline -x -d 'for everything (none)'
complete -c or-models -s W -l timeout -x -d 'for the first byte and between bytes (300s)'
complete -c or-models -l connect-timeout -x -d 'for connecting (10s)'
complete -c or-models -s q -l quiet -d 'no warnings'
complete -c or-models -s v -l verbose -d 'say where the list came from'
complete -c or-models -s h -l help -d 'this text'
complete -c or-models -s V -l version -d 'the version'
