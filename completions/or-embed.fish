# SPDX-License-Identifier: ISC
# Made by scripts/completions from the option table of or-embed: don't edit.

function __or_embed_models
	__fish_complete_list , 'echo mock/echo; or-models -1 --cached 2>/dev/null </dev/null'
end

function __or_embed_providers
	printf '%s\n' anthropic azure bedrock cerebras cohere deepseek fireworks gemini groq llamacpp lmstudio mistral mock moonshot nvidia ollama openai openrouter perplexity together vertex vllm voyage xai zai
	set -l config $XDG_CONFIG_HOME
	test -n "$config"; or set config $HOME/.config
	sed -n 's/^\([a-z][^ #]*\)[ 	].*/\1/p' $config/orutils/providers 2>/dev/null
end

complete -c or-embed -F
complete -c or-embed -s m -l model -x -a '(__or_embed_models)' -d 'the model (OR_EMBED_MODEL)'
complete -c or-embed -s b -l provider -x -a '(__or_embed_providers)' -d 'only this provider'
complete -c or-embed -s d -l dimensions -x -d 'of the vectors, where the model can vary them'
complete -c or-embed -s F -l format -x -a 'ndjson tsv f32 npy base64' -d 'form of the output (ndjson; with -Q tsv)'
complete -c or-embed -s o -l output -r -F -d 'write there; renamed into place when complete'
complete -c or-embed -s 0 -l null -d 'records end in NUL, not in a newline'
complete -c or-embed -s I -l ids -d 'each record is an id, a tab and the text'
complete -c or-embed -l ndjson -d 'each line is JSON: a string, or an object with text and id'
complete -c or-embed -s P -l parallel -x -d 'requests in flight (4)'
complete -c or-embed -s Z -l batch -x -d 'texts in a request (128, or what the provider takes)'
complete -c or-embed -l split -d 'cut a text that is too long into pieces: the mean of their vectors'
complete -c or-embed -l max-tokens -x -d 'of one text (what is known of the model)'
complete -c or-embed -l cache -x -a '(__fish_complete_directories)' -d 'keep vectors there, and ask for no text twice'
complete -c or-embed -s Q -l query -x -d 'print what of the vectors is nearest to this text'
complete -c or-embed -s k -l limit -x -d 'with -Q: so many (10)'
complete -c or-embed -s O -l option -x -d 'set a field of the request; dots nest (repeatable)'
complete -c or-embed -s p -l max-price -x -d 'at most so many dollars per million tokens'
complete -c or-embed -s B -l budget -x -d 'spend at most so many dollars in this run'
complete -c or-embed -l tag -x -d 'name for the ledger and budgets'
complete -c or-embed -s M -l meta -r -F -d 'append one JSON line about each request'
complete -c or-embed -s r -l retries -x -d 'rounds of retries of a request (3)'
complete -c or-embed -s w -l deadline -x -d 'for everything (none)'
complete -c or-embed -s W -l timeout -x -d 'for the first byte, and between bytes (300 s)'
complete -c or-embed -l connect-timeout -x -d 'for the connection (10 s)'
complete -c or-embed -s 8 -l utf8 -d 'refuse input that is not UTF-8'
complete -c or-embed -l max-input -x -d 'refuse a record of more than this (64Mi)'
complete -c or-embed -s q -l quiet -d 'no warnings'
complete -c or-embed -s v -l verbose -d 'tell on stderr what happens'
complete -c or-embed -s h -l help -d 'print this'
complete -c or-embed -s V -l version -d 'print the version'
