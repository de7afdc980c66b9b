# SPDX-License-Identifier: ISC
# Made by scripts/completions from the option table of or-xlate: don't edit.

# The word before the cursor is cut from the line: bash splits words at : and =, which names of models hold.
_or_xlate()
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
	-f | --from)
		list='openai completions responses anthropic gemini ollama cohere bedrock'
		;;
	-t | --to)
		list='openai completions responses anthropic gemini ollama cohere bedrock'
		;;
	-F | --format)
		list='json sse ndjson'
		;;
	-o | --output)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	*)
		[[ -z $head ]] || return
		case $cur in
		-*) list='-f --from -t --to -F --format --request --answer --lossy -o --output -8 --utf8 -q --quiet -v --verbose -h --help -V --version' ;;
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
complete -F _or_xlate or-xlate
