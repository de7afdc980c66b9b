#!/bin/sh
# SPDX-License-Identifier: ISC
# The command line: letters, long names, values, and what is a usage error.
. "$(dirname "$0")/lib.sh"
OR_MODEL=mock/echo
export OR_MODEL

t 'letters combine' -i data -o ask -- or-chat -qN8 ask
t 'the last of them takes an argument' -p ask -- or-chat -NF raw ask
t 'or has it attached' -p ask -- or-chat -NFraw ask
t 'an argument that begins with a dash' -o ask -- or-chat -s -N ask
t 'a long name, argument apart' -p ask -- or-chat --no-stdin --format raw ask
t 'a long name, argument after =' -p ask -- or-chat --format=raw ask
t 'a value may hold =' -o b=c -- or-chat -O mock.text=b=c ask
t '-- ends options' -o '-x --help' -- or-chat -- -x --help
t '-- and then -: still stdin' -f in -p in -- or-chat -F raw -- -
t '-- and nothing: stdin' -i in -o in -- or-chat --
t 'a second -- is an operand' -o '-- a' -- or-chat -- -- a
t 'options come first: late ones are refused' -s 64 -e 'or-chat: *-v*' -- or-chat ask -v
t 'late long ones too' -s 64 -e 'or-chat: *--help*' -- or-chat ask --help
t 'a late operand with a dash' -s 64 -e 'or-chat: *-5*' -- or-chat what is 3 -5
t 'after -- it is one' -o 'what is 3 -5' -- or-chat -- what is 3 -5
t 'a late - is stdin' -f in -p 'ask\n\nin' -- or-chat -F raw ask -

t 'an unknown letter' -s 64 -e 'or-chat: *Z*' -- or-chat -Z ask
t 'an unknown letter among known ones' -s 64 -e 'or-chat: *Z*' -- or-chat -qZN ask
t 'an unknown name' -s 64 -e 'or-chat: *--nope*' -- or-chat --nope ask
t 'long names are not abbreviated' -s 64 -e 'or-chat: *--quie*' -- or-chat --quie ask
t 'not even where only one fits' -s 64 -e 'or-chat: *--max-inpu*' -- or-chat --max-inpu 5 ask
t 'no argument where none is taken' -s 64 -e 'or-chat: *--quiet*' -- or-chat --quiet=yes ask
t 'an argument that is missing' -s 64 -e 'or-chat: *m*' -- or-chat -m
t 'after a long name' -s 64 -e 'or-chat: *--model*' -- or-chat --model
for o in m S f a O j J X c F o M b r w W p R; do
	t "an empty argument: -$o" -s 64 -e 'or-chat: *' -- or-chat "-$o" '' ask
done
t 'an empty argument after =' -s 64 -e 'or-chat: *--model*' -- or-chat --model= ask
t 'an empty -s is none' -o ask -- or-chat -s '' ask
t 'an empty --system too' -o ask -- or-chat --system= ask
t 'an empty operand' -s 64 -e 'or-chat: *' -- or-chat ''

for o in '-T cat' '--tool cat' '-g dir' '--record dir' '-G dir' '--replay dir' '-P 2' '-L 5' '-k x' '--key x'; do
	# shellcheck disable=SC2086 # two words
	t "not here: $o" -s 64 -e 'or-chat: *' -- or-chat $o ask
done
for o in '-F nope' '-F TEXT' '-r -1' '-r x' '-r 1.5' '-W abc' '-W 5x' '-W 0,5' '-W -1' '-w 1y' '-w 1e3' '--connect-timeout x' \
    '--max-input 1Q' '--max-input -1' '-p abc' '-p 1,2,3' '-p 0x1' '-p 1,,' '--schema-retries x' '-O noequals' '-O =x' '--seed x' \
    '-8=x'; do
	# shellcheck disable=SC2086 # two words
	t "a bad value: $o" -s 64 -e 'or-chat: *' -- or-chat $o ask
done
for o in '-W 300ms' '-W 1s' '-W 0.5' '-w 2m' '-w 1h' '-w 1.5d' '-w 1w' '--max-input 1k' '--max-input 1Mi' '--max-input 2G' '-p 5' '-p 1,2' \
    '-r 0' '--connect-timeout 1s' '--schema-retries 0'; do
	# shellcheck disable=SC2086 # two words
	t "a good value: $o" -o ask -- or-chat $o ask
done
if [ "$(locale -a 2>/dev/null | grep -c de_DE.utf8)" -gt 0 ]; then
	t 'the locale is never consulted' -o ask -- env LC_ALL=de_DE.UTF-8 or-chat -W 0.5 ask
else
	skip 'the locale is never consulted' 'no de_DE.UTF-8'
fi

for o in -h --help; do
	or-chat "$o" >help.out 2>help.err
	is "$o: status" $? 0
	ok "$o: on stdout, nothing on stderr" test -s help.out -a ! -s help.err
done
for o in -m --model -s --system -S --system-file -f --file -a --attach -O --option -j --schema -J --schema-file -x --extract -X \
    --extract-lang -c --conversation -F --format -o --output -M --meta -b --provider -r --retries -w --deadline -W --timeout \
    --connect-timeout -p --max-price -R --effort -n --dry-run -i --request -N --no-stdin -8 --utf8 --seed -q --quiet -v --verbose -h \
    --help -V --version --max-input --schema-retries --lossy; do
	ok "help knows $o" grep -Eq -e "(^|[ ,])$o([ ,=[]|\$)" help.out
done
for o in -T -g -G -P -L -z -y -k; do
	ok "help does not know $o" sh -c '! grep -Eq -e "(^|[ ,])$1([ ,=]|\$)" help.out' sh "$o"
done
for o in -V --version; do
	t "$o" -p "or-chat $(cat "$lib_top/VERSION")\n" -- or-chat "$o"
done
t 'help needs no tables' -E -O help.out -- env OR_CONFIG=/nonexistent HOME= or-chat -h
t 'help on a full disk' -s 74 -e 'or-chat: *' -- sh -c 'exec or-chat -h >/dev/full'
finish
