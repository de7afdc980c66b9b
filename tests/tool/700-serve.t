#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve as a process: its start, signals, tables, workers that die; and around a command.
. "$(dirname "$0")/lib.sh"
skip_unless curl

OR_LEDGER=$dir/ledger.db
export OR_LEDGER
gate='' base=''

# until_true SECONDS command...
until_true()
{
	left=$(($1 * 50))
	shift
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || return 1
		sleep 0.02
	done
}

# up [option...]: starts it; $base, $gate
up()
{
	rm -f url
	or-serve -l 127.0.0.1:0 "$@" >url 2>log </dev/null &
	gate=$!
	lib_kept="$lib_kept $gate"
	until_true 10 test -s url || { cat log && echo 'Bail out! or-serve does not start' && exit 1; }
	base=$(cat url)
}

# down: ends it; $ended: its status as the shell has it
down()
{
	kill -s TERM "$gate"
	wait "$gate"
	ended=$?
}

is_gone() { ! kill -0 "$1"; }
children() { ps -o pid= --ppid "$gate" | tr -d ' '; }
ask() { curl -sS -m 15 -H 'Content-Type: application/json' -d "{\"model\":\"mock/echo\",\"messages\":[{\"role\":\"user\",\"content\":\"$1\"}]${2:-}}" "$base/v1/chat/completions"; }
said() { sed 's/.*"content":"\([^"]*\)".*/\1/'; }

# The command line
t 'tables that are well' -- or-serve --check
mkdir -p config/orutils
echo 'day nonsense' >config/orutils/budgets
t 'one that is not' -s 78 -e "or-serve: *budgets:1: *" -- or-serve --check
t 'nor does it start' -s 78 -e "or-serve: *budgets:1: *" -- or-serve -l 127.0.0.1:0
rm config/orutils/budgets
t '-B without a command' -s 64 -e 'or-serve: -B is a command*' -- or-serve -B 1
t 'no such time' -s 64 -e 'or-serve: --head-timeout x: *' -- or-serve --head-timeout x
t 'no workers' -s 64 -e 'or-serve: --workers 0: *' -- or-serve --workers 0
t 'too many' -s 64 -e 'or-serve: --workers 33: *' -- or-serve --workers 33
t 'a URL is no place to listen' -s 64 -e 'or-serve: -l http://127.0.0.1:0: not *' -- or-serve -l http://127.0.0.1:0
t 'nor is a name without a port' -s 64 -e 'or-serve: -l localhost: not *' -- or-serve -l localhost
t 'no origin' -s 64 -e 'or-serve: --cors \*: not an origin *' -- or-serve --cors '*'
t 'nor with a path' -s 64 -e 'or-serve: --cors http://a.example/: *' -- or-serve --cors http://a.example/
t 'other machines, and no key' -s 78 -e 'or-serve: 0.0.0.0:* can be reached from other machines, and there is no key: *' -- or-serve -l 0.0.0.0:0
t 'a ledger that is a directory' -s 73 -E -- env OR_LEDGER="$dir" or-serve -l 127.0.0.1:0

# Alone
up
like 'it tells its address' "$base" 'http://127.0.0.1:[1-9]*'
is 'and answers' "$(ask hello | said)" hello
until_true 5 grep -q mock/echo log
like 'a line a request' "$(cat log)" '*T*Z 127.0.0.1:* - POST /v1/chat/completions 200 *ms *mock/echo -> mock:echo 1 1 0.000003 gen-*'
is 'a base URL without /v1 is told of it' "$(curl -sS -d '{}' "$base/chat/completions" | grep -c 'below /api/v1 and /v1')" 1
is 'no model, and none to take' "$(curl -sS -H 'Content-Type: application/json' -d '{"messages":[{"role":"user","content":"hi"}]}' "$base/v1/chat/completions" | grep -o '"code":400,"message":"model is missing')" '"code":400,"message":"model is missing'
t 'its address is taken' -s 73 -E -- or-serve -l "${base#http://}"
down
is 'SIGTERM: a clean end' "$ended" 0
is 'the call was booked' "$(or-usage -g model | cut -f 1-2)" "$(printf 'mock/echo\t1')"

up -q --workers 2
ask 'a b c d e' ',"mock":{"delay_ms":150}' >slow.out 2>slow.err &
asking=$!
until_true 5 test -s "$OR_LEDGER"
sleep 0.2
down
wait "$asking"
is 'a call that runs is waited for' "$(said <slow.out)" 'a b c d e'
is 'and that is clean' "$ended" 0
is '-q: no line' "$(cat log)" ''

up -q
ask 'a b c d e' ',"mock":{"delay_ms":2000}' >slow.out 2>slow.err &
asking=$!
sleep 0.3
kill -s TERM "$gate"
sleep 0.2
began=$(now_ms)
down
wait "$asking"
is 'a second SIGTERM cuts' "$ended" 143
ok 'soon' test $(($(now_ms) - began)) -lt 3000

# Where it listens
rm -f url
or-serve -q -l ./gate.sock >url 2>log </dev/null &
gate=$!
lib_kept="$lib_kept $gate"
until_true 10 test -s url
is 'a Unix socket' "$(cat url) $(stat -c %a gate.sock)" 'unix:./gate.sock 600'
is 'is answered on' "$(curl -sS -m 5 --unix-socket gate.sock http://localhost/health -o /dev/null -w '%{http_code}')" 200
down
ok 'and is gone with it' test ! -e gate.sock
is 'cleanly' "$ended" 0

# What systemd does: a socket that is handed over, and one to tell how it goes.
perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "notify") or die; open my $f, ">", "told"; $f->autoflush(1);
	my $m; while (defined $s->recv($m, 4096)) { $m =~ s/\n.*//s; print $f "$m\n"; last if $m eq "STOPPING=1" }' &
lib_kept="$lib_kept $!"
until_true 5 test -S notify
rm -f url
perl -MIO::Socket::INET -MPOSIX=dup2 -e 'BEGIN { $^F = 9 } my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1") or die; dup2(fileno $s, 3) or die; 
	open my $f, ">", "port"; print $f $s->sockport; close $f; $ENV{LISTEN_FDS} = 1; $ENV{LISTEN_PID} = $$; $ENV{NOTIFY_SOCKET} = "'"$dir"'/notify"; exec "or-serve", "-q", "--workers", "2"' >url 2>log </dev/null &
gate=$!
lib_kept="$lib_kept $gate"
until_true 10 test -s url
base=$(cat url)
is 'the socket that was handed over' "$base" "http://127.0.0.1:$(cat port)"
is 'is answered on' "$(ask hello | said)" hello
ok 'ready is told' until_true 5 grep -q READY=1 told
kill -s HUP "$gate"
ok 'so is a reload' until_true 5 grep -q RELOADING=1 told
until_true 5 sh -c 'test "$(grep -c READY=1 told)" -eq 2'
is 'and it is answered on still' "$(ask again | said)" again
down
is 'the end is told' "$ended $(tail -n 1 told)" '0 STOPPING=1'

# Workers that die
up -q
ask one >/dev/null
n=$(children | wc -l)
is 'a worker, and the process that keeps the ledger' "$n" 2
for which in head tail; do
	p=$(children | "$which" -n 1)
	kill -s KILL "$p"
	until_true 5 grep -q " $p died of signal 9; another one is started" log
	is 'it is told, and the next call is answered' "$(ask again | said)" again
done
until_true 5 test "$(children | wc -l)" -eq 2
is 'two again' "$(children | wc -l)" 2
all=$(children)
kill -s KILL "$gate"
wait "$gate"
for p in $all; do
	ok 'without the first process none stays' until_true 5 is_gone "$p"
done

# New tables
up -q -v
echo 'short: mock/echo' >config/orutils/aliases
ask x >/dev/null
kill -s HUP "$gate"
ok 'new tables are told' until_true 5 grep -q 'or-serve: new tables' log
short() { curl -sS -m 15 -H 'Content-Type: application/json' -d '{"model":"short","messages":[{"role":"user","content":"by alias"}]}' "$base/v1/chat/completions" | said; }
is 'and hold' "$(short)" 'by alias'
echo 'short:' >config/orutils/aliases
kill -s HUP "$gate"
ok 'bad ones are told' until_true 5 grep -q 'or-serve: .*aliases:1: .*; the tables stay as they were' log
is 'and those that were hold' "$(short)" 'by alias'
rm config/orutils/aliases
ask 'a b c d e' ',"mock":{"delay_ms":200}' >slow.out 2>slow.err &
asking=$!
sleep 0.3
kill -s HUP "$gate"
wait "$asking"
is 'a call that runs goes on' "$(said <slow.out)" 'a b c d e'
down
is 'a clean end behind it' "$ended" 0

# A key that a command tells
echo 'told openai http://127.0.0.1:9/v1 cmd:echo ran >>ran; echo sk-told' >config/orutils/providers
up -q
is 'run at the start' "$(cat ran)" ran
kill -s HUP "$gate"
twice() { [ "$(wc -l <ran)" -eq 2 ]; }
ok 'and with new tables' until_true 5 twice
down
is 'and no more' "$(wc -l <ran | tr -d ' ')" 2
rm config/orutils/providers

# Around a command
t 'its output, and no other' -o hi -- or-serve -q sh -c 'echo hi'
t 'its status' -s 5 -- or-serve -q -- sh -c 'exit 5'
# shellcheck disable=SC2016
t 'its signal' -s KILL -- or-serve -q sh -c 'kill -KILL $$'
t 'no such command' -s 127 -e 'or-serve: no-such-command: *' -- or-serve -q no-such-command
touch plain
t 'one that can not be executed' -s 126 -e 'or-serve: ./plain: *' -- or-serve -q ./plain
t 'its input' -i in -o in -- or-serve -q cat
t 'it goes through the gateway' -i hello -o hello -- or-serve -q or-chat -m mock/echo
# shellcheck disable=SC2016
t 'and is told where' -o yes -- or-serve -q sh -c '
	a=${OPENAI_BASE_URL%/v1} k=$OPENAI_API_KEY
	test "$OPENAI_API_BASE $ANTHROPIC_BASE_URL $GEMINI_BASE_URL $GOOGLE_GEMINI_BASE_URL $OPENROUTER_BASE_URL $OLLAMA_HOST $OR_GATEWAY" = \
		"$a/v1 $a $a $a $a/api/v1 $a $a/api/v1" &&
	test "$ANTHROPIC_API_KEY $GEMINI_API_KEY $GOOGLE_API_KEY $OPENROUTER_API_KEY" = "$k $k $k $k" && test -z "$ANTHROPIC_AUTH_TOKEN" && echo yes'
rm -f "$dir"/ledger.db*
t 'a call' -o once -- or-serve -q --tag run or-chat -m mock/echo once
is 'is booked by the gateway alone' "$(or-usage -g tag | cut -f 1-2)" "$(printf 'run\t1')"
# shellcheck disable=SC2016
t 'nobody else has its key' -o 401 -- or-serve -q sh -c 'curl -s -o body -w "%{http_code}\n" "$OPENAI_BASE_URL/models"'
# shellcheck disable=SC2016
t 'a command that has spent its money' -p 'one two\n6\n' -E -- or-serve -q -B 0.000012 sh -c 'or-chat -m mock/echo one two; or-chat -m mock/echo three four five; echo $?'
t 'its money is of no use without a ledger' -s 78 -e 'or-serve: -B needs a ledger*' -- env OR_LEDGER=none or-serve -B 1 true
# shellcheck disable=SC2016
t 'what it started is waited for' -- or-serve -q sh -c '
	curl -sS -H "Authorization: Bearer $OPENAI_API_KEY" -H "Content-Type: application/json" "$OPENAI_BASE_URL/chat/completions" \
		-d "{\"model\":\"mock/echo\",\"mock\":{\"delay_ms\":300},\"messages\":[{\"role\":\"user\",\"content\":\"a b c\"}]}" >late 2>&1 &
	sleep 0.3'
ok 'to its end' until_true 5 grep -q 'a b c' late
# shellcheck disable=SC2016
t 'proxies are kept away' -o 'a.example,127.0.0.1,::1,localhost' -- env HTTP_PROXY=http://127.0.0.1:9 no_proxy=a.example or-serve -q sh -c 'echo "$no_proxy"'
t 'a Unix socket is no address for it' -s 64 -e 'or-serve: a command is told a port: *' -- or-serve -l ./x.sock true

or-serve -q sh -c 'trap "echo got it; exit 9" TERM; echo ready; while :; do sleep 0.05; done' >run.out 2>run.err </dev/null &
gate=$!
until_true 5 grep -q ready run.out
down
is 'SIGTERM is passed on' "$ended $(tail -n 1 run.out)" '9 got it'
finish
