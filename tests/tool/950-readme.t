#!/bin/sh
# SPDX-License-Identifier: ISC
# README.md: its pipelines print what stands below them.
. "$(dirname "$0")/lib.sh"
skip_unless curl

# Each "    $ command", with its lines behind a backslash, becomes cmd.N, the indented lines that follow it want.N.
awk -v dir="$dir" '
	function flush() { if (n) printf "%s", out >(dir "/want." n); out = gap = "" }
	/^    \$ / { flush(); n++; print substr($0, 7) >(dir "/cmd." n); open = 1; continues = /\\$/; next }
	continues { print substr($0, 5) >(dir "/cmd." n); continues = /\\$/; next }
	/^    / && open { out = out gap substr($0, 5) "\n"; gap = ""; next }
	/^$/ && open { gap = gap "\n"; next }
	{ open = 0 }
	END { flush() }' "$lib_top/README.md"

for list in "${OR_RECORDINGS:-}/openrouter-models.json" "${OR_RECORDINGS:-}/../data/openrouter-models.json" \
    "$lib_top/../shared/data/openrouter-models.json"; do
	[ ! -f "$list" ] || break
done
if [ -f "$list" ]; then
	upstream '-- forever' 'status 200' "header Content-Length: $(wc -c <"$list")" line "file $list"
fi

unset OR_LEDGER # or-usage reads what or-chat wrote
n=0
for cmd in cmd.? cmd.??; do
	n=$((n + 1))
	case $(cat "$cmd") in
	*or-models* | *or-route*) [ -f "$list" ] || { skip "pipeline $n" 'no recorded catalog' && continue; } ;;
	esac
	sh "$cmd" >got 2>&1
	ok "pipeline $n: $(cut -c 1-60 "$cmd")" diff "want.$n" got
done
is 'there are eleven' "$n" 11
finish
