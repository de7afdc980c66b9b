# SPDX-License-Identifier: ISC
# Made by scripts/completions from the option table of or-embed: don't edit.

# The word before the cursor is cut from the line: bash splits words at : and =, which names of models hold.
_or_embed()
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
	-b | --provider)
		list="anthropic azure bedrock cerebras cohere deepseek fireworks gemini groq llamacpp lmstudio mistral mock moonshot nvidia ollama openai openrouter perplexity together vertex vllm voyage xai zai $(sed -n 's/^\([a-z][^ #]*\)[ 	].*/\1/p' \
		    "${XDG_CONFIG_HOME:-$HOME/.config}/orutils/providers" 2>/dev/null)"
		;;
	-d | --dimensions)
		return
		;;
	-F | --format)
		list='ndjson tsv f32 npy base64'
		;;
	-o | --output)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	-P | --parallel)
		return
		;;
	-Z | --batch)
		return
		;;
	--max-tokens)
		return
		;;
	--cache)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	-Q | --query)
		return
		;;
	-k | --limit)
		return
		;;
	-O | --option)
		return
		;;
	-p | --max-price)
		return
		;;
	-B | --budget)
		return
		;;
	--tag)
		return
		;;
	-M | --meta)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
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
	*)
		[[ -z $head ]] || return
		case $cur in
		-*) list='-m --model -b --provider -d --dimensions -F --format -o --output -0 --null -I --ids --ndjson -P --parallel -Z --batch --split --max-tokens --cache -Q --query -k --limit -O --option -p --max-price -B --budget --tag -M --meta -r --retries -w --deadline -W --timeout --connect-timeout -8 --utf8 --max-input -q --quiet -v --verbose -h --help -V --version' ;;
		*)
			compopt -o filenames
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
			;;
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
complete -F _or_embed or-embed
