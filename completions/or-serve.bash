# SPDX-License-Identifier: ISC
# Made by scripts/completions from the option table of or-serve: don't edit.

# The word before the cursor is cut from the line: bash splits words at : and =, which names of models hold.
_or_serve()
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
	-l | --listen)
		return
		;;
	--workers)
		return
		;;
	-B | --budget)
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
	--tag)
		return
		;;
	-F | --format)
		list='text json'
		;;
	--max-head)
		return
		;;
	--max-body)
		return
		;;
	--max-connections)
		return
		;;
	--max-requests)
		return
		;;
	--max-memory)
		return
		;;
	--cache-size)
		return
		;;
	--head-timeout)
		return
		;;
	--idle-timeout)
		return
		;;
	--comment-after)
		return
		;;
	--cors)
		return
		;;
	*)
		[[ -z $head ]] || return
		case $cur in
		-*) list='-l --listen --workers -B --budget -r --retries -w --deadline -W --timeout --connect-timeout --tag --lossy --check -F --format --max-head --max-body --max-connections --max-requests --max-memory --cache-size --head-timeout --idle-timeout --comment-after --cors -q --quiet -v --verbose -h --help -V --version' ;;
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
complete -F _or_serve or-serve
