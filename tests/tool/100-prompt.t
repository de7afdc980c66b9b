#!/bin/sh
# SPDX-License-Identifier: ISC
# What the prompt is made of: operands, -f files, stdin; and what is refused.
. "$(dirname "$0")/lib.sh"
OR_MODEL=mock/echo
export OR_MODEL

# The slow one first, beside all others: a pipe that is silent for ten seconds.
(sleep 11; printf late) | or-chat -F raw ask >slow.out 2>slow.err &
slow=$!

printf 'one\n' >one
printf 'two' >two
: >empty

# Operands
t 'one operand' -o hello -- or-chat hello
t 'operands are joined by one space' -o 'a b  c' -- or-chat a 'b ' c
nl='
'
t 'blanks, tabs and newlines of an operand are kept' -p ' \ta\n b \n\n' -- or-chat -F raw " 	a$nl b $nl$nl"
t 'a byte order mark is kept' -p '\357\273\277a' -- or-chat -F raw "$(printf '\357\273\277a')"
t 'UTF-8 of two, three and four bytes' -p '\303\244\342\202\254\360\237\230\200' \
    -- or-chat -F raw "$(printf '\303\244\342\202\254\360\237\230\200')"
t 'a prompt of one byte' -o x -- or-chat x

# Stdin alone
t 'stdin alone' -i 'from a pipe' -o 'from a pipe' -- or-chat
t 'stdin alone, no newline at the end' -f 'x' -p 'x' -- or-chat -F raw
t 'stdin alone, a regular file' -I one -o one -- or-chat
t 'nothing of stdin is trimmed' -f '\n\n x \r\n\n' -p '\n\n x \r\n\n' -- or-chat -F raw
t 'a newline is a prompt' -f '\n' -p '\n' -- or-chat -F raw
t 'stdin alone and empty' -s 65 -f '' -e 'or-chat: *' -- or-chat
t 'stdin alone is /dev/null' -s 65 -e 'or-chat: *' -- or-chat
t 'stdin alone is an empty file' -s 65 -I empty -e 'or-chat: *' -- or-chat
t 'stdin alone is closed' -s 65 -e 'or-chat: *' -- sh -c 'exec or-chat <&-'

# Operands and stdin
t 'operand, then the pipe' -f 'data' -p 'ask\n\ndata' -- or-chat -F raw ask
t 'a part that ends in a newline gets one more' -f 'data\n' -p 'ask\n\ndata\n' -- or-chat -F raw "ask$nl"
t 'a part that ends in two newlines gets one more' -f 'data' -p 'ask\n\n\ndata' -- or-chat -F raw "ask$nl$nl"
t 'operand and an empty pipe' -f '' -p 'ask' -- or-chat -F raw ask
t 'operand and /dev/null' -p 'ask' -- or-chat -F raw ask
t 'operand and closed stdin' -p 'ask' -- sh -c 'exec or-chat -F raw ask <&-'
t 'operand and a regular file at its start' -I one -p 'ask\n\none\n' -- or-chat -F raw ask
t 'operand and an empty regular file' -I empty -p 'ask' -- or-chat -F raw ask
t 'operand and a device that is no null' -I /dev/zero -p 'ask' -- or-chat -F raw ask
t 'operand and a socket' -p 'ask\n\ndata' -- perl -MSocket -e '
	socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, 0) or die;
	syswrite $b, "data";
	close $b;
	open STDIN, "<&", $a or die;
	exec qw(or-chat -F raw ask)'

# -f
t '-f alone' -p 'two' -- or-chat -F raw -f two
t 'operand, files in their order, stdin' -f 'in' -p 'ask\n\none\n\ntwo\n\nin' -- or-chat -F raw -f one -f two ask
t 'files the other way round' -p 'ask\n\ntwo\n\none\n' -- or-chat -F raw --file two --file=one ask
t 'the same file twice' -p 'two\n\ntwo' -- or-chat -F raw -f two -f two
t 'an empty file adds nothing' -p 'ask\n\ntwo' -- or-chat -F raw -f empty -f two ask
t '-f and stdin' -f 'in' -p 'two\n\nin' -- or-chat -F raw -f two
t '-f - is stdin, in its place' -f 'in' -p 'ask\n\none\n\nin\n\ntwo' -- or-chat -F raw -f one -f - -f two ask
t 'a pipe is a file too' -p 'ask\n\nfifo' -- sh -c 'mkfifo fifo && { printf fifo >fifo & } && exec or-chat -F raw -f fifo ask'
t 'only empty files' -s 65 -e 'or-chat: *' -- or-chat -f empty
t 'a file that is missing' -s 66 -e 'or-chat: *nosuch*' -- or-chat -f nosuch ask

# -
t '- is stdin' -f 'data' -p 'data' -- or-chat -F raw -
t '- among operands is a part, where it is put' -f 'data' -p 'a\n\ndata\n\nb' -- or-chat -F raw a - b
t '- must not be empty' -s 65 -e 'or-chat: *' -- or-chat a -
t '- is not added again' -f 'data' -p 'data' -- or-chat -F raw -
for opts in '- -' '-f - -' '-f - -f -' '-S - -' '-S - -f -' '-a - -' '-a - -f - x' '-J - -' '-S - -J - x' '-i -'; do
	# shellcheck disable=SC2086 # several words
	t "stdin claimed twice: $opts" -s 64 -i x -e 'or-chat: *' -- or-chat $opts
done
t '-S - : stdin is the system text, not the prompt' -i 'be brief' -o ask -- or-chat -S - ask

# -N
t '-N: stdin is not read' -i data -o ask -- or-chat -N ask
t '-N: what comes next on stdin is still there' -i data -p 'ask\ndata\n' -- sh -c 'or-chat -N ask; cat'
t '-N and -' -s 64 -i data -e 'or-chat: *' -- or-chat -N -
t '-N in a while-read loop' -f '1\n2\n3\n' -p 'ask 1\nask 2\nask 3\n' -- sh -c 'while read -r x; do or-chat -N ask "$x"; done'
t '-N: a file that is not at its start' -I one -o ask -- sh -c 'read x; or-chat -N ask'

# A file that is not at its start
printf 'a\nb\nc\n' >lines
naming='or-chat: *-N*'
t 'operand and a file not at its start' -s 64 -I lines -e "$naming" -- sh -c 'read x; or-chat ask'
t 'that line names - too' -s 64 -I lines -e 'or-chat: *[ `'\''"]-[ `'\''",.;:)]*' -- sh -c 'read x; or-chat ask'
t 'operand and a file at its end' -s 64 -I lines -e "$naming" -- sh -c 'cat >/dev/null; or-chat ask'
t 'a while-read loop over a file stops at once, and nothing is eaten' -I lines -p '64 a\n64 b\n64 c\n' -E \
    -- sh -c 'while read -r x; do or-chat ask "$x"; echo "$? $x"; done'
t 'a shell that reads its script there' -s 64 -I lines -e "$naming" -- sh -c 'echo "or-chat ask" >script; exec sh <script'
t 'without operands, the rest is the prompt' -I lines -p 'b\nc\n' -- sh -c 'read x; or-chat -F raw'
t '- takes the rest' -I lines -p 'ask\n\nb\nc\n' -- sh -c 'read x; or-chat -F raw ask -'

# A terminal
if command -v script >/dev/null; then
	t 'a terminal and no prompt' -s 64 -E -p '' -- sh -c 'script -qec "or-chat >tty.out 2>tty.err" /dev/null </dev/null >/dev/null'
	ok 'one line says why' sh -c '[ "$(wc -l <tty.err)" -eq 1 ] && grep -q "^or-chat: " tty.err && [ ! -s tty.out ]'
	t 'a terminal and an operand: not read' -E -- sh -c 'script -qec "or-chat ask >tty.out" /dev/null </dev/null >/dev/null'
	is 'the operand is the prompt' "$(cat tty.out)" ask
	t '- reads a terminal' -E -- sh -c '{ sleep .3; echo typed; sleep .3; printf "\004"; sleep .5; } |
	    script -qec "or-chat - >tty.out" /dev/null >/dev/null'
	is 'what was typed is the prompt' "$(cat tty.out)" typed
else
	skip 'terminals' 'no script(1)'
fi

# NUL, UTF-8
t 'NUL on stdin, with its offset' -s 65 -f 'ab\0c' -e 'or-chat: *2*' -- or-chat
t 'NUL at the start' -s 65 -f '\0c' -e 'or-chat: *0*' -- or-chat
printf '0123456789\0' >nul
t 'NUL in a file, with its name and offset' -s 65 -e 'or-chat: *nul*10*' -- or-chat -f nul
t 'NUL in the system text' -s 65 -e 'or-chat: *10*' -- or-chat -S nul ask
t 'NUL far inside' -s 65 -e 'or-chat: *100000*' -- sh -c '{ head -c 100000 /dev/zero | tr "\0" x; head -c 10 /dev/zero; } | or-chat'

t 'a byte that is not UTF-8' -f 'a\377b' -p 'a\357\277\275b' -e 'or-chat: *UTF-8*' -- or-chat -F raw
t 'many of them, one warning' -f 'a\377b\n\376c\377' -p 'a\357\277\275b\n\357\277\275c\357\277\275' -e 'or-chat: *UTF-8*' -- or-chat -F raw
t 'in two parts, one warning' -f '\377' -p 'a\357\277\275\n\n\357\277\275' -e 'or-chat: *UTF-8*' -- or-chat -F raw "a$(printf '\377')"
t 'a sequence that is cut at the end' -f 'a\303' -p 'a\357\277\275' -e 'or-chat: *UTF-8*' -- or-chat -F raw
t '-q: no warning' -f 'a\377b' -p 'a\357\277\275b' -- or-chat -q -F raw
t '-8: refused' -s 65 -f 'a\377b' -e 'or-chat: *UTF-8*' -- or-chat -8
t '-8: refused in an operand' -s 65 -e 'or-chat: *UTF-8*' -- or-chat -8 "a$(printf '\377')"
t '-8: refused in a file' -s 65 -e 'or-chat: *UTF-8*' -- sh -c 'printf "\377" >bad; exec or-chat -8 -f bad'
t '-8: refused in the system text' -s 65 -e 'or-chat: *UTF-8*' -- or-chat -8 -S bad ask
t '-8: an overlong form' -s 65 -f '\300\200' -e 'or-chat: *UTF-8*' -- or-chat -8
t '-8: a surrogate' -s 65 -f '\355\240\200' -e 'or-chat: *UTF-8*' -- or-chat -8
t '-8: over U+10FFFF' -s 65 -f '\364\220\200\200' -e 'or-chat: *UTF-8*' -- or-chat -8
t '-8: good text' -f '\303\244\360\237\230\200' -p '\303\244\360\237\230\200' -- or-chat -8 -F raw
t 'NUL is refused with -8 and without' -s 65 -f '\0' -e 'or-chat: *' -- or-chat -8

# Size
t '--max-input: as much' -f 'abc' -p 'abc' -- or-chat -F raw --max-input 3
t '--max-input: one more' -s 65 -f 'abcd' -e 'or-chat: *' -- or-chat -F raw --max-input 3
t '--max-input for a file' -s 65 -e 'or-chat: *lines*' -- or-chat --max-input=5 -f lines
head -c 1024 /dev/zero | tr '\0' y >kib
t '--max-input 1Ki holds 1024 bytes' -I kib -O kib -- or-chat -F raw --max-input 1Ki
t '--max-input 1k does not' -s 65 -I kib -e 'or-chat: *' -- or-chat -F raw --max-input 1k
t 'an endless stdin is refused' -s 65 -e 'or-chat: *' -- sh -c 'yes | or-chat --max-input 1Mi'
t '100 MB are refused' -s 65 -e 'or-chat: *' -- sh -c 'head -c 100000000 /dev/zero | tr "\0" x | or-chat'

# The bytes that a provider gets
upstream <<'EOT'
-- forever
answer ok
EOT
unset OR_MODEL
printf 'a "quoted"\t\\ line\r\n\303\244\342\202\254\360\237\230\200 </script> \001\177' >odd
t 'odd bytes are sent' -I odd -o ok -- or-chat -m x/y ask
is_sent 'and arrive as they were' 1 '{"model":"x/y","messages":[{"role":"user",
    "content":"ask\n\na \"quoted\"\t\\ line\r\n\u00e4\u20ac\ud83d\ude00 </script> \u0001\u007f"}]}'
t 'a megabyte is sent' -o ok -- sh -c 'head -c 1000000 /dev/zero | tr "\0" z | or-chat -m x/y'
is 'and arrives whole' "$(sent_body 2 | json - messages 0 content | wc -c)" 1000003

wait "$slow"
is 'a silent pipe beside an operand: status' $? 0
is 'the call goes on when it ends' "$(cat slow.out)" "$(printf 'ask\n\nlate')"
is 'and one line on stderr said so' "$(wc -l <slow.err)" 1
like 'which is ours' "$(cat slow.err)" 'or-chat: *'
finish
