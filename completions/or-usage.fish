# SPDX-License-Identifier: ISC
# Made by scripts/completions from the option table of or-usage: don't edit.

function __or_usage_models
	__fish_complete_list , 'echo mock/echo; or-models -1 --cached 2>/dev/null </dev/null'
end

function __or_usage_providers
	printf '%s\n' anthropic azure bedrock cerebras cohere deepseek fireworks gemini groq llamacpp lmstudio mistral mock moonshot nvidia ollama openai openrouter perplexity together vertex vllm voyage xai zai
	set -l config $XDG_CONFIG_HOME
	test -n "$config"; or set config $HOME/.config
	sed -n 's/^\([a-z][^ #]*\)[ 	].*/\1/p' $config/orutils/providers 2>/dev/null
end

complete -c or-usage -f
complete -c or-usage -s d -l dates -x -d '7d, 36h, 2026-11-03, today, yesterday, month (today)'
complete -c or-usage -s g -l group -x -d 'a row a model, provider, endpoint, day, hour, tag, key, status, session, tool or client'
complete -c or-usage -s l -l long -d 'a row a call'
complete -c or-usage -s s -l sum -d 'the totals only'
complete -c or-usage -s B -l budget -x -d 'status 6 where more was spent, or isn\'t known'
complete -c or-usage -s F -l format -x -a 'tsv ndjson json html' -d 'form of the output'
complete -c or-usage -s o -l output -r -F -d 'write to file'
complete -c or-usage -l prune -x -d 'fold calls that are older into sums of their days'
complete -c or-usage -l remote -d 'what OpenRouter reports, beside what is known here'
complete -c or-usage -s q -l quiet -d 'no warnings'
complete -c or-usage -s v -l verbose -d 'say what was done with the ledger'
complete -c or-usage -s h -l help -d 'this text'
complete -c or-usage -s V -l version -d 'the version'
