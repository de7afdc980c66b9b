# SPDX-License-Identifier: ISC
# Made by scripts/completions from the option table of or-chat: don't edit.

# The word before the cursor is cut from the line: bash splits words at : and =, which names of models hold.
_or_chat()
{
	local line=${COMP_LINE:0:COMP_POINT} cur prev c word list='' head='' cut=''
	cur=${line##*[$' \t']}
	line=${line%"$cur"}
	line=${line%"${line##*[!$' \t']}"}
	prev=${line##*[$' \t']}
	COMPREPLY=()
	case $cur in
	--*=*) prev=${cur%%=*} head=$prev= cur=${cur#*=} ;;
	-*) prev= ;;
	esac
	case $prev in
	--*) ;;
	-?*) prev=-${prev: -1} ;;
	esac
	case $prev in
	-m | --model)
		list="mock/echo $(or-models -1 --cached 2>/dev/null </dev/null)"
		;;
	-s | --system)
		return
		;;
	-S | --system-file)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	-f | --file)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	-a | --attach)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	-O | --option)
		return
		;;
	-j | --schema)
		return
		;;
	-J | --schema-file)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--schema-retries)
		return
		;;
	-X | --extract-lang)
		return
		;;
	-c | --conversation)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	-F | --format)
		list='text raw json ndjson sse tsv'
		;;
	-o | --output)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	-M | --meta)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	-b | --provider)
		list="anthropic azure bedrock cerebras cohere deepseek fireworks gemini groq llamacpp lmstudio mistral mock moonshot nvidia ollama openai openrouter perplexity together vertex vllm voyage xai zai $(sed -n 's/^\([a-z][^ #]*\)[ 	].*/\1/p' \
		    "${XDG_CONFIG_HOME:-$HOME/.config}/orutils/providers" 2>/dev/null)"
		;;
	-p | --max-price)
		return
		;;
	-R | --effort)
		list='none minimal low medium high xhigh max'
		;;
	-r | --retries)
		return
		;;
	-w | --deadline)
		return
		;;
	-W | --timeout)
		return
		;;
	--connect-timeout)
		return
		;;
	--max-input)
		return
		;;
	--prompt-cache)
		list='yes no'
		;;
	--seed)
		return
		;;
	-B | --budget)
		return
		;;
	--tag)
		return
		;;
	*)
		[[ -z $head ]] || return
		case $cur in
		-*) list='-m --model -s --system -S --system-file -f --file -a --attach -O --option -j --schema -J --schema-file --schema-retries -x --extract -X --extract-lang -c --conversation -F --format -o --output -M --meta -b --provider -p --max-price -R --effort -r --retries -w --deadline -W --timeout --connect-timeout -n --dry-run -i --request -N --no-stdin -8 --utf8 --max-input --lossy --prompt-cache --seed -B --budget --tag -q --quiet -v --verbose -h --help -V --version' ;;
		esac
		;;
	esac
	# What stands in the word before the last of these is no part of what bash replaces.
	for c in : = @; do
		word=$head$cur
		word=${word%"${word##*"$c"}"}
		[[ $COMP_WORDBREAKS != *$c* || ${#word} -le ${#cut} ]] || cut=$word
	done
	# Names come from a provider: only what is plain text in a shell is offered.
	while read -r word; do
		[[ $word =~ ^[A-Za-z0-9_./:@~+-]+$ && $word == "${cur##*,}"* ]] || continue
		word=$head${cur%"${cur##*,}"}$word
		COMPREPLY+=("${word#"$cut"}")
	done <<<"${list// /$'\n'}"
}
complete -F _or_chat or-chat
