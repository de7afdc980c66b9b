# SPDX-License-Identifier: ISC
# Made by scripts/completions from the option table of or-xlate: don't edit.

function __or_xlate_models
	__fish_complete_list , 'echo mock/echo; or-models -1 --cached 2>/dev/null </dev/null'
end

function __or_xlate_providers
	printf '%s\n' anthropic azure bedrock cerebras cohere deepseek fireworks gemini groq llamacpp lmstudio mistral mock moonshot nvidia ollama openai openrouter perplexity together vertex vllm voyage xai zai
	set -l config $XDG_CONFIG_HOME
	test -n "$config"; or set config $HOME/.config
	sed -n 's/^\([a-z][^ #]*\)[ 	].*/\1/p' $config/orutils/providers 2>/dev/null
end

complete -c or-xlate -F
complete -c or-xlate -s f -l from -x -a 'openai completions responses anthropic gemini ollama cohere bedrock' -d 'format of the input (detected)'
complete -c or-xlate -s t -l to -x -a 'openai completions responses anthropic gemini ollama cohere bedrock' -d 'format of the output (openai)'
complete -c or-xlate -s F -l format -x -a 'json sse ndjson' -d 'form of an answer: whole, a stream, canonical events (as it came)'
complete -c or-xlate -l request -d 'the input is a request (detected)'
complete -c or-xlate -l answer -d 'the input is an answer (detected)'
complete -c or-xlate -l lossy -d 'let go of content that the other format can\'t carry'
complete -c or-xlate -s o -l output -r -F -d 'write to file'
complete -c or-xlate -s 8 -l utf8 -d 'refuse a request that is not UTF-8'
complete -c or-xlate -s q -l quiet -d 'no warnings'
complete -c or-xlate -s v -l verbose -d 'name what was lost'
complete -c or-xlate -s h -l help -d 'this text'
complete -c or-xlate -s V -l version -d 'the version'
