# SPDX-License-Identifier: ISC
# Made by scripts/completions from the option table of or-route: don't edit.

function __or_route_models
	__fish_complete_list , 'echo mock/echo; or-models -1 --cached 2>/dev/null </dev/null'
end

function __or_route_providers
	printf '%s\n' anthropic azure bedrock cerebras cohere deepseek fireworks gemini groq llamacpp lmstudio mistral mock moonshot nvidia ollama openai openrouter perplexity together vertex vllm voyage xai zai
	set -l config $XDG_CONFIG_HOME
	test -n "$config"; or set config $HOME/.config
	sed -n 's/^\([a-z][^ #]*\)[ 	].*/\1/p' $config/orutils/providers 2>/dev/null
end

complete -c or-route -F
complete -c or-route -s l -l long -d 'the plan as a table, not the request'
complete -c or-route -s 1 -l one -d 'the names of the plan, one a line'
complete -c or-route -s m -l model -x -a '(__or_route_models)' -d 'the model, or a list of them to fall back on'
complete -c or-route -s b -l provider -x -a '(__or_route_providers)' -d 'only this provider'
complete -c or-route -s p -l max-price -x -d 'at most so many $ per million prompt[, completion] tokens'
complete -c or-route -s z -l context -x -d 'a context of at least so many tokens'
complete -c or-route -s y -l needs -x -d 'takes all of these parameters and input modalities'
complete -c or-route -s k -l limit -x -d 'with -l and -1: at most so many'
complete -c or-route -l sort -x -a 'price throughput latency' -d 'strictly in this order, without a draw'
complete -c or-route -l seed -x -d 'draw the same each time'
complete -c or-route -l tag -x -d 'name for the rules (OR_TAG)'
complete -c or-route -s o -l output -r -F -d 'write there; renamed into place when complete'
complete -c or-route -s 8 -l utf8 -d 'refuse input that is not UTF-8'
complete -c or-route -l max-input -x -d 'refuse a request of more than this (64Mi)'
complete -c or-route -s q -l quiet -d 'no warnings'
complete -c or-route -s v -l verbose -d 'with -l: who is left out, too; else tell on stderr'
complete -c or-route -s h -l help -d 'print this'
complete -c or-route -s V -l version -d 'print the version'
