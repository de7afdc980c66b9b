#!/bin/sh
# SPDX-License-Identifier: ISC
# or-xlate: a stream goes through as it comes, in memory that doesn't grow.
. "$(dirname "$0")/lib.sh"

chunk() { printf 'data: {"choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":%s}]}\n\n' "$1" "${2:-null}"; }

# comes FILE TEXT: in a while there is this text in the file
comes()
{
	comes_n=0
	until grep -q "$2" "$1"; do
		comes_n=$((comes_n + 1))
		[ "$comes_n" -lt 500 ] || return 1
		sleep 0.02
	done
}

for how in '-t completions' '-F ndjson' '-t openai'; do
	rm -f to from
	mkfifo from
	: >to
	# shellcheck disable=SC2086 # several words
	or-xlate $how <from >to &
	pid=$!
	exec 3>from
	chunk one >&3
	ok "$how: the first event is there" comes to one
	chunk two >&3
	ok "$how: the second one is" comes to two
	chunk '' '"stop"' >&3
	exec 3>&-
	wait $pid
	is "$how: it ends well" $? 0
done

# A signal leaves what came.
rm -f from
mkfifo from
or-xlate -t completions -o to.o <from 2>err &
pid=$!
exec 3>from
chunk one >&3
sleep 0.3
kill -TERM $pid
wait $pid
is 'a signal ends it' $? 143
exec 3>&-
ok '... and what came is there' grep -q one to.o.partial
ok '... and nothing else' test ! -e to.o -a "$(find . -name 'to.o*' | wc -l)" -eq 1

# 300 MB, in a tenth of that at most
command -v time >/dev/null && time -f %M true 2>/dev/null || { skip 'memory' 'no time(1) that tells memory'; finish; }
limit=30000
big() { perl -e '$e = qq(data: {"id":"c","choices":[{"index":0,"delta":{"content":"%08d quite some words in an event"},"finish_reason":null}]}\n\n);
	$x = ""; $x .= sprintf $e, $_ for 1 .. 2000; $n = 300e6 / length $x; print $x for 1 .. $n;
	print qq(data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n)'; }
for how in '-t completions' '-F ndjson' '-t openai'; do
	# shellcheck disable=SC2086
	big | env time -f %M -o peak or-xlate $how >/dev/null
	is "300 MB, $how: it ends well" $? 0
	ok "300 MB, $how: $(cat peak) kB" test "$(tail -n 1 peak)" -lt $limit
done
{ perl -e 'print ": waiting\n\n" x 20' ; big; } | env time -f %M -o peak or-xlate -F ndjson >/dev/null
ok "300 MB behind comments: $(cat peak) kB" test "$(tail -n 1 peak)" -lt $limit
finish
