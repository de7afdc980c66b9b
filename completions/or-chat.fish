# SPDX-License-Identifier: ISC
# Made by scripts/completions from the option table of or-chat: don't edit.

function __or_chat_models
	__fish_complete_list , 'echo mock/echo; or-models -1 --cached 2>/dev/null </dev/null'
end

function __or_chat_providers
	printf '%s\n' anthropic azure bedrock cerebras cohere deepseek fireworks gemini groq llamacpp lmstudio mistral mock moonshot nvidia ollama openai openrouter perplexity together vertex vllm voyage xai zai
	set -l config $XDG_CONFIG_HOME
	test -n "$config"; or set config $HOME/.config
	sed -n 's/^\([a-z][^ #]*\)[ 	].*/\1/p' $config/orutils/providers 2>/dev/null
end

complete -c or-chat -f
complete -c or-chat -s m -l model -x -a '(__or_chat_models)' -d 'the model, or a list of them to fall back on'
complete -c or-chat -s s -l system -x -d 'system message'
complete -c or-chat -s S -l system-file -r -F -d 'system message from a file'
complete -c or-chat -s f -l file -r -F -d 'add a file to the prompt, as text (repeatable)'
complete -c or-chat -s a -l attach -r -F -d 'attach an image, audio, video or document, or a URL (repeatable)'
complete -c or-chat -s O -l option -x -d 'set a field of the request; dots nest (repeatable)'
complete -c or-chat -s j -l schema -x -d 'answer as JSON: "name, age int", or a JSON Schema'
complete -c or-chat -s J -l schema-file -r -F -d 'the same from a file'
complete -c or-chat -l schema-retries -x -d 'ask again so often when the answer doesn\'t fit (2)'
complete -c or-chat -s x -l extract -d 'print the first fenced block alone'
complete -c or-chat -s X -l extract-lang -x -d 'print the first fenced block of this language alone'
complete -c or-chat -s c -l conversation -r -F -d 'go on with the conversation in this file'
complete -c or-chat -s F -l format -x -a 'text raw json ndjson sse tsv' -d 'form of the output (text)'
complete -c or-chat -s o -l output -r -F -d 'write there; renamed into place when complete'
complete -c or-chat -s M -l meta -r -F -d 'append one JSON line about the call'
complete -c or-chat -s b -l provider -x -a '(__or_chat_providers)' -d 'only this provider'
complete -c or-chat -s p -l max-price -x -d 'at most so many dollars per million tokens'
complete -c or-chat -s R -l effort -x -a 'none minimal low medium high xhigh max' -d 'reasoning effort'
complete -c or-chat -s r -l retries -x -d 'rounds of retries (3)'
complete -c or-chat -s w -l deadline -x -d 'for everything (none)'
complete -c or-chat -s W -l timeout -x -d 'for the first byte, and between bytes (300 s)'
complete -c or-chat -l connect-timeout -x -d 'for the connection (10 s)'
complete -c or-chat -s n -l dry-run -d 'print the request and send nothing'
complete -c or-chat -s i -l request -d 'standard input is a request, as -n prints it'
complete -c or-chat -s N -l no-stdin -d 'leave standard input alone'
complete -c or-chat -s 8 -l utf8 -d 'refuse input that is not UTF-8'
complete -c or-chat -l max-input -x -d 'refuse more input than this (64Mi)'
complete -c or-chat -l lossy -d 'leave out content that the provider can\'t take'
complete -c or-chat -l prompt-cache -x -a 'yes no' -d 'have the prompt cached, or don\'t (where it comes again)'
complete -c or-chat -l seed -x -d 'seed for sampling'
complete -c or-chat -s B -l budget -x -d 'spend at most so many dollars in this run'
complete -c or-chat -l tag -x -d 'name for the ledger, rules and budgets'
complete -c or-chat -s q -l quiet -d 'no warnings'
complete -c or-chat -s v -l verbose -d 'tell on stderr what happens; show reasoning'
complete -c or-chat -s h -l help -d 'print this'
complete -c or-chat -s V -l version -d 'print the version'
