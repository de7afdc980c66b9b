#!/bin/sh
# SPDX-License-Identifier: ISC
# or-embed and the ledger: a row a request, tags, costs, -B, budgets, and what is booked when it is stopped.
. "$(dirname "$0")/lib.sh"
skip_unless sqlite3
unset OR_LEDGER
conf=$XDG_CONFIG_HOME/orutils
mkdir "$conf"
db=$XDG_STATE_HOME/orutils/ledger.db
q() { sqlite3 "$db" "$1"; }
n_asked() { cat "$dir"/.upstream/req.* 2>/dev/null | grep -a -c '^POST '; }
vectors() { printf 'body {"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[0,1]}],"model":"x"%s}' "${1:+,\"usage\":$1}"; }
providers()
{
	printf 'p openai http://127.0.0.1:%s/v1 price=1,2 none\nunpriced openai http://127.0.0.1:%s/v1 none\n' "$PORT" "$PORT" >"$conf/providers"
}

# The mock: a word is a token, $1 per million
t 'five texts in three requests' -o 5 -f 'a\nb\nc\nd\ne\n' -- sh -c 'or-embed -m mock/embed -Z 2 -P 3 --tag t1 -M meta | wc -l | tr -d " "'
is 'a row a request, with its tag' "$(q "SELECT tool, tag, asked, endpoint, state, status, prompt, completion, cost_pusd, source FROM call ORDER BY prompt")" \
	"or-embed|t1|mock/embed|mock:embed|1|0|1|0|1000000|2
or-embed|t1|mock/embed|mock:embed|1|0|2|0|2000000|2
or-embed|t1|mock/embed|mock:embed|1|0|2|0|2000000|2"
is 'their ids differ' "$(q 'SELECT count(DISTINCT id) FROM call')" 3
is 'the metadata have their costs' "$(sed 's/.*"cost":\([0-9.]*\),"cost_source":"computed".*/\1/' meta | sort | tr '\n' ' ')" '0.000001 0.000002 0.000002 '
t 'the tag of the environment' -i a -E -- sh -c 'OR_TAG=env or-embed -m mock/embed >/dev/null'
is 'is there' "$(q "SELECT count(*) FROM call WHERE tag = 'env'")" 1

# -B
t '-B: just enough' -i 'one two three' -- sh -c 'or-embed -m mock/embed -B 0.000003 >/dev/null'
t '-B: 10^-12 dollars short' -s 6 -i 'one two three' -e 'or-embed: *-B has $0.000002999999 left*may cost $0.000003*' -- or-embed -m mock/embed -B 0.000002999999
t '-B is for the whole run' -s 6 -f 'a b\nc d\ne f\n' -p '1\n2\n' -e 'or-embed: *-B has $0 left*' -- \
	sh -c 'or-embed -m mock/embed -F tsv -d 2 -Z 1 -P 1 -B 0.000004 >some; s=$?; cut -f 1 some; exit $s'

# A provider: what may be spent is that of the texts, without any answer
upstream '-- forever' 'match GET ' 'status 200' 'body {"data":[]}' '-- forever' 'status 200' "$(vectors '{"prompt_tokens":4,"total_tokens":4}')"
providers
rm -f "$db"*
t 'reported tokens' -f 'hello\nworld\n' -- sh -c 'or-embed -m p:x >/dev/null'
# 10 bytes, and 16 for each text and for the request: 58 tokens at most
is 'four cost $0.000004; what was reserved has no answer in it' "$(q 'SELECT reserved_pusd, cost_pusd, source FROM attempt')" '58000000|4000000|2'
printf '%01000d\n%01000d\n' 1 2 >long
t 'long texts may cost more' -s 6 -e 'or-embed: *may cost $0.002048*' -- or-embed -m p:x -B 0.002 long
is 'and are not sent' "$(n_asked)" 1
t 'or fit' -- sh -c 'or-embed -m p:x -B 0.002048 long >/dev/null'
ok 'nothing is added to the request' sh -c '! grep -q max_tokens .upstream/req.*'
t '-B and a price that nobody knows' -s 6 -i hello -e 'or-embed: *nobody knows what it costs*' -- or-embed -m unpriced:x -B 1
t 'a price that nobody knows' -f 'a\nb\n' -- sh -c 'or-embed -m unpriced:x >/dev/null'
is 'the cost is unknown' "$(q 'SELECT cost_pusd IS NULL, source FROM call ORDER BY row DESC LIMIT 1')" '1|0'
upstream '-- forever' 'status 200' "$(vectors)"
providers
t 'no report' -f 'hello\nworld\n' -- sh -c 'or-embed -m p:x >/dev/null'
is 'is estimated' "$(q 'SELECT source, cost_pusd > 1000000 AND cost_pusd < 58000000 FROM call ORDER BY row DESC LIMIT 1')" '3|1'
upstream 'status 500' 'body {}' '-- forever' 'status 200' "$(vectors '{"prompt_tokens":4}')"
providers
t 'a retry' -f 'a\nb\n' -- sh -c 'or-embed -m p:x -r 1 >/dev/null'
is 'two attempts of one call' "$(q 'SELECT group_concat(http), group_concat(cost_pusd) FROM attempt WHERE call = (SELECT max(row) FROM call)')" '500,200|0,4000000'

# The budgets table
rm -f "$db"*
echo 'day tag=ci 0.0001' >"$conf/budgets"
t 'a budget that has room' -f 'hello\nworld\n' -- sh -c 'or-embed --tag ci -m p:x >/dev/null'
t 'until it has none' -s 6 -f 'hello\nworld\n' -e "or-embed: *day's budget of \$0.0001 (tag=ci) has \$0.000096 left*" -- or-embed --tag ci -m p:x - long
t 'others have theirs' -f 'hello\nworld\n' -- sh -c 'or-embed -m p:x >/dev/null'
t 'a budget and OR_LEDGER=none' -s 78 -i x -e 'or-embed: *OR_LEDGER*budget*' -- env OR_LEDGER=none or-embed --tag ci -m p:x
is 'nothing is left reserved' "$(q 'SELECT count(*) FROM attempt WHERE settled = 0')" 0
rm "$conf/budgets"

# Many requests at once, on one handle
rm -f "$db"*
seq 2000 >many
t '200 requests, 32 at once' -o 2000 -- sh -c 'or-embed -m mock/embed -O mock.delay_ms=3 -Z 10 -P 32 many | wc -l | tr -d " "'
is '200 rows' "$(q 'SELECT count(*), sum(state = 1), sum(cost_pusd) FROM call')" '200|200|2000000000'
is 'and their sums' "$(q 'SELECT kind, sum(n), sum(rest_pusd) FROM day GROUP BY kind')" "1|200|2000000000
2|200|2000000000"

# Stopped: each call that runs is booked, at what was reserved, as the provider goes on
rm -f "$db"*
upstream '-- forever' 'log asked' hang
providers
seq 8 >eight
or-embed -m p:x -Z 2 -P 4 eight >/dev/null 2>&1 &
pid=$!
until [ "$(grep -c ' asked ' .upstream/log)" -eq 4 ]; do sleep 0.01; done
sleep 0.1
kill -TERM "$pid"
wait "$pid" 2>/dev/null
is 'SIGTERM while four run: their rows' "$(q 'SELECT state, status, error, cost_pusd, source, count(*) FROM call GROUP BY 1, 2, 3, 4, 5')" '1|143|signal|50000000|4|4'
rm -f "$db"*
t 'the deadline while four run' -s 75 -e 'or-embed: *0.3 s*' -- or-embed -m p:x -Z 2 -P 4 -w 300ms eight
is 'their rows' "$(q 'SELECT state, status, error, cost_pusd, source, count(*) FROM call GROUP BY 1, 2, 3, 4, 5')" '1|75|deadline|50000000|4|4'
finish
