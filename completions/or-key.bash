# SPDX-License-Identifier: ISC
# Made by scripts/completions from the option table of or-key: don't edit.

# The word before the cursor is cut from the line: bash splits words at : and =, which names of models hold.
_or_key()
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
	-F | --format)
		list='tsv ndjson'
		;;
	-o | --output)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--limit)
		return
		;;
	--reset)
		list='daily weekly monthly'
		;;
	--rpm)
		return
		;;
	--tpm)
		return
		;;
	--models)
		return
		;;
	--expires)
		return
		;;
	-P | --parallel)
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
	*)
		[[ -z $head ]] || return
		case $cur in
		-*) list='-F --format -o --output --limit --reset --rpm --tpm --models --expires --management -P --parallel -w --deadline -W --timeout --connect-timeout -q --quiet -v --verbose -h --help -V --version' ;;
		*)
			list='check set new ls show disable enable rm'
			[[ $line != *[$' \t']* ]] || list="anthropic azure bedrock cerebras cohere deepseek fireworks gemini groq llamacpp lmstudio mistral mock moonshot nvidia ollama openai openrouter perplexity together vertex vllm voyage xai zai $(sed -n 's/^\([a-z][^ #]*\)[ 	].*/\1/p' \
				    "${XDG_CONFIG_HOME:-$HOME/.config}/orutils/providers" 2>/dev/null)"
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
complete -F _or_key or-key
