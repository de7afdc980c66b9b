#!/bin/sh
# SPDX-License-Identifier: ISC
# Money that may be spent: -B, the budgets table, and many processes at once.
. "$(dirname "$0")/lib.sh"
skip_unless sqlite3
unset OR_LEDGER
conf=$XDG_CONFIG_HOME/orutils
mkdir "$conf"
db=$XDG_STATE_HOME/orutils/ledger.db
q() { sqlite3 "$db" "$1"; }

# -B: for the mock, both bounds are its words: 3 x $1 + 3 x $2 per million
t '-B: just enough' -o 'one two three' -- or-chat -m mock/echo -B 0.000009 'one two three'
t '-B: 10^-12 dollars short' -s 6 -e 'or-chat: *-B has $0.000008999999 left*may cost $0.000009*' -- or-chat -m mock/echo -B 0.000008999999 'one two three'
t '-B 0' -s 6 -e 'or-chat: *' -- or-chat -m mock/echo -B 0 x
t '-B needs no ledger' -o x -- env OR_LEDGER=none or-chat -m mock/echo -B 1 x
t '-B: no amount' -s 64 -e 'or-chat: -B x: *' -- or-chat -m mock/echo -B x x
t '-B: a limit of its own' -s 3 -o one -e 'or-chat: *length*' -- or-chat -m mock/echo -B 0.000005 -O max_tokens=1 'one two three'
t '-B: one cheap word too many' -s 6 -e 'or-chat: *' -- or-chat -m mock/echo -B 0.000004 -O max_tokens=1 'one two three'
is 'nothing is left reserved' "$(q "SELECT count(*) FROM attempt WHERE settled = 0")" 0

provider() { printf 'p openai http://127.0.0.1:%s/v1 %s none\nfree openai http://127.0.0.1:%s/v1 price=0,0 none\n' "$PORT" "$1" "$PORT" >"$conf/providers"; }
# up: a good answer, and a catalog that has no prices
up()
{
	upstream '-- forever' 'match GET ' 'status 200' 'body {"data":[]}' '--' 'status 200' stream 'text hi' 'finish stop' \
		'usage {"prompt_tokens":5,"completion_tokens":1}' done
}
n_asked() { cat "$dir"/.upstream/req.* 2>/dev/null | grep -a -c '^POST '; }
up
provider price=1,2
t '-B sets max_tokens to what fits' -o hi -- or-chat -M meta -m p:a -B 0.001 hello
# bound: 5 bytes + 16 for the message + 16 for the request = 37 tokens x $1; the rest / $2
is 'it is sent' "$(sent_body 1 | json - max_tokens)" 481
like 'and told' "$(tail -n 1 meta)" '*max_tokens set to 481*'
up
provider price=1,2
t 'but not below 256' -s 6 -e 'or-chat: *' -- or-chat -m p:a -B 0.0005 hello
is 'nothing is sent' "$(n_asked)" 0
up
provider ''
t '-B and a price that nobody knows' -s 6 -e 'or-chat: *nobody knows what it costs*' -- or-chat -m p:a -B 1 hello
is 'nothing is sent, either' "$(n_asked)" 0

# A tier that has no price
up
provider price=1,2
t '-B and a dearer tier' -s 6 -e 'or-chat: p: service_tier: not the usual one: p:a: nobody knows what it costs*' -- or-chat -m p:a -B 1 -O service_tier=priority hello
echo 'day 1' >"$conf/budgets"
t 'a budget and a dearer tier' -s 6 -e 'or-chat: p: service_tier: *names no ceiling=*' -- or-chat -m p:a -O service_tier=priority hello
is 'nothing is sent' "$(n_asked)" 0
echo 'day 1 ceiling=0.1' >"$conf/budgets"
t 'a ceiling is there for that' -o hi -- or-chat -m p:a -O service_tier=priority hello
rm "$conf/budgets"
is 'what it cost stays unknown' "$(q 'SELECT cost_pusd IS NULL, source FROM call ORDER BY row DESC LIMIT 1')" '1|0'
up
provider price=1,2
t 'a cheaper tier' -o hi -- or-chat -M meta -m p:a -B 1 -O service_tier=flex hello
is 'costs the usual at most' "$(tail -n 1 meta | json - cost) $(tail -n 1 meta | json - cost_source)" '7e-06 "estimated"'
up
provider price=1,2
t 'OpenRouter has two words for one tier' -o hi -- or-chat -m p:a -O service_tier=fast hello
is 'others have one' "$(sent_body 1 | json - service_tier)" '"priority"'
up
provider price=1,2
t 'a fallback that fits' -o hi -- or-chat -m p:a,free:a -B 0.0001 hello
up

# 37 tokens of prompt x $1 + 2 x 100 x $2
t '-B and two answers: each has its limit' -s 6 -e 'or-chat: *may cost $0.000437*' -- or-chat -F ndjson -m p:a -B 0.0004 -O max_tokens=100 -O n=2 hello
up
provider price=1,2
or-chat -F ndjson -m p:a -B 0.000437 -O max_tokens=100 -O n=2 hello >out
is 'room for both' "$?" 0

# Vectors: the words of the texts x $1, and no answer
two=$(printf 'a b\nc d\n' | or-embed -m mock/embed -d 2 -F tsv | wc -l)
is 'vectors without a limit' "$two" 2
t '-B for vectors: one request fits' -f 'a b\nc d\n' -s 6 -p '1\t0.74684876\t0.66499394\n' \
	-e 'or-embed: *-B has $0 left*may cost $0.000002*' -- or-embed -m mock/embed -d 2 -F tsv -Z 1 -P 1 -B 0.000002
t '-B for vectors: a request that does not fit' -f 'a b-c\n' -s 6 -e 'or-embed: *-B has $0.000002 left*may cost $0.000003*' -- \
	or-embed -m mock/embed -d 2 -B 0.000002
up
provider price=1,2
# 5 bytes and two frames of 16, at $1
t '-B for vectors of a provider' -f 'hello\n' -s 6 -e 'or-embed: *may cost $0.000037*' -- or-embed -m p:a -B 0.000036

# The table
rm -f "$db"*
budget() { printf '%s\n' "$@" >"$conf/budgets"; }
budget 'day tag=ci-* 0.00002' 'month model=mock/* 0.00005'
t 'a budget that has room' -p 'a b c\n' -- or-chat --tag ci-1 -m mock/echo 'a b c'
t 'twice' -p 'a b c\n' -- or-chat --tag ci-2 -m mock/echo 'a b c'
t 'and not a third time' -s 6 -e "or-chat: *day's budget of \$0.00002 (tag=ci-\\*) has \$0.000002 left, and this call may cost \$0.000009*" -- or-chat --tag ci-3 -m mock/echo 'a b c'
t 'another tag has another budget' -p 'a b c\n' -- or-chat -m mock/echo 'a b c'
t 'which counts all three' -p 'a b c\n' -- or-chat -m mock/echo 'a b c'
t 'and a fifth' -p 'a b c\n' -- or-chat -m mock/echo 'a b c'
t 'until it is used up' -s 6 -e "or-chat: *month's budget*" -- or-chat -m mock/echo 'a b c'
is 'the refused ones are rows, too' "$(q "SELECT count(*), sum(status = 6) FROM call")" '7|2'
t 'a budget and OR_LEDGER=none' -s 78 -e 'or-chat: *OR_LEDGER*budget*' -- env OR_LEDGER=none or-chat -m mock/echo x
t 'a budget and no place for a ledger' -s 73 -e 'or-chat: *' -- env OR_LEDGER=/dev/null/x or-chat -m mock/echo x
up
provider price=1,2
t 'a provider without a budget needs no ledger' -o hi -- env OR_LEDGER=none or-chat -m p:a hi
budget 'month provider=p 1 ceiling=0.6'
up
provider ''
t 'an unknown price: the ceiling is taken' -o hi -- or-chat -m p:a hi
t 'and a second one has no room' -s 6 -e 'or-chat: *' -- or-chat -m p:a hi
budget 'month provider=p 1'
t 'no ceiling: refused' -s 6 -e 'or-chat: *' -- or-chat -m p:a hi
budget 'fortnight 1'
t 'a bad line' -s 78 -e 'or-chat: *budgets:1: *' -- or-chat -m mock/echo x
rm "$conf/budgets"

# 200 at once against room for exactly 37; the provider holds all answers until each was admitted or refused
rm -f "$db"*
upstream '-- forever' 'wait go' 'status 200' stream 'text hi' 'finish stop' 'usage {"prompt_tokens":5,"completion_tokens":1}' done
provider price=1,2
# 37 tokens of prompt x $1 + 100 x $2 = $0.000237 each
budget 'month provider=p 0.008769'
pids=
for i in $(seq 200); do
	{ or-chat -r 0 -m p:a -O max_tokens=100 hello >"out.$i" 2>"err.$i"; echo $? >"status.$i"; } &
	pids="$pids $!"
done
for i in $(seq 600); do
	ended=$(cat status.* 2>/dev/null | wc -l)
	[ $((ended + $(n_sent))) -lt 200 ] || break
	sleep 0.1
done
is '200 at once: exactly 37 are admitted' "$(n_sent)" 37
is 'and 163 refused, by status' "$(cat status.* | grep -c '^6$')" 163
touch go
# shellcheck disable=SC2086 # several
wait $pids
is 'the 37 have their answers' "$(cat status.* | grep -c '^0$')" 37
is 'settled at what they cost' "$(q "SELECT count(*), sum(cost_pusd) FROM call WHERE status = 0")" "37|$((37 * 7000000))"
is 'and no lock was ever told of' "$(grep -l -i 'lock\|busy' err.* | wc -l)" 0
up
provider price=1,2
t 'then there is room again' -o hi -- or-chat -m p:a -O max_tokens=100 hello
finish
