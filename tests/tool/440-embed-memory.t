#!/bin/sh
# SPDX-License-Identifier: ISC
# or-embed: memory is that of the requests in flight, not of the input.
. "$(dirname "$0")/lib.sh"
skip_unless time

# peak LINES: KB at most in use
peak()
{
	seq "$1" >lines
	command time -f %M -o kb or-embed -m mock/embed -F f32 lines >/dev/null && cat kb
}

if [ "${ASAN_OPTIONS+set}" ]; then
	skip 'flat' 'sanitizers keep what is freed'
	finish
fi
small=$(peak 20000) # the heap has its size by then
big=$(peak 200000)
ok "200000 lines in the memory of 20000 ($big KB, $small KB)" [ "$big" -lt $((small + 1000)) ]
{ echo big; head -c 30000000 /dev/zero | tr '\0' a; echo; seq 5; } >lines
t 'a very long one is taken' -p '7\n' -- sh -c 'or-embed -m mock/embed -F tsv lines | wc -l | tr -d " "'
finish
