# SPDX-License-Identifier: ISC
# Made by scripts/completions from the option table of or-serve: don't edit.

function __or_serve_models
	__fish_complete_list , 'echo mock/echo; or-models -1 --cached 2>/dev/null </dev/null'
end

function __or_serve_providers
	printf '%s\n' anthropic azure bedrock cerebras cohere deepseek fireworks gemini groq llamacpp lmstudio mistral mock moonshot nvidia ollama openai openrouter perplexity together vertex vllm voyage xai zai
	set -l config $XDG_CONFIG_HOME
	test -n "$config"; or set config $HOME/.config
	sed -n 's/^\([a-z][^ #]*\)[ 	].*/\1/p' $config/orutils/providers 2>/dev/null
end

complete -c or-serve -f
complete -c or-serve -s l -l listen -x -d 'host:port, port, or /path of a socket (127.0.0.1:8787)'
complete -c or-serve -l workers -x -d 'so many processes (1)'
complete -c or-serve -s B -l budget -x -d 'the command may spend so many dollars'
complete -c or-serve -s r -l retries -x -d 'rounds of retries after the first (3)'
complete -c or-serve -s w -l deadline -x -d 'of a call (600)'
complete -c or-serve -s W -l timeout -x -d 'of silence from a provider (300)'
complete -c or-serve -l connect-timeout -x -d 'for connecting to a provider (10)'
complete -c or-serve -l tag -x -d 'what the calls are for (OR_TAG)'
complete -c or-serve -l lossy -d 'drop what a provider\'s format can\'t carry'
complete -c or-serve -l check -d 'only look whether the tables are well'
complete -c or-serve -s F -l format -x -a 'text json' -d 'form of the log'
complete -c or-serve -l max-head -x -d 'of a request (64Ki)'
complete -c or-serve -l max-body -x -d 'of a request (64Mi)'
complete -c or-serve -l max-connections -x -d 'at the same time (10000)'
complete -c or-serve -l max-requests -x -d 'on one connection (no limit)'
complete -c or-serve -l max-memory -x -d 'of all bodies that are held (1Gi)'
complete -c or-serve -l cache-size -x -d 'of answers that are kept for those who ask for that (64Mi)'
complete -c or-serve -l head-timeout -x -d 'until a request\'s head is there (10)'
complete -c or-serve -l idle-timeout -x -d 'between requests; of a client that stalls (60)'
complete -c or-serve -l comment-after -x -d 'a stream that waits so long says so (10)'
complete -c or-serve -l cors -x -d 'pages of this origin may ask'
complete -c or-serve -s q -l quiet -d 'no line for each request'
complete -c or-serve -s v -l verbose -d 'tell what happens'
complete -c or-serve -s h -l help -d 'print this'
complete -c or-serve -s V -l version -d 'print the version'
