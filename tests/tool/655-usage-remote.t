#!/bin/sh
# SPDX-License-Identifier: ISC
# or-usage --remote: OpenRouter's word beside the ledger's.
. "$(dirname "$0")/lib.sh"
OR_LEDGER=$dir/ledger.db
export OR_LEDGER

now=$(date +%s)
# call N MORE: a call of just now that openrouter served, with what its attempt says more
call() { printf 'call id=g%s at=%s00%s tag=r answer=gen-%s\nattempt model=m provider=openrouter endpoint=openrouter:m key=K prompt=1 completion=1 %s\n' "$1" "$now" "$1" "$1" "$2"; }
{
	call 1 'cost=0.25'
	call 2 'cost=0.000000123 source=computed'
	call 3 'source=unknown'
	printf 'call id=g4 at=%s000 tag=r answer=gen-4\nattempt model=m provider=openai endpoint=openai:m cost=1 source=computed\n' "$now"
} | fill "$OR_LEDGER"

key='{"data":{"label":"sk-or-v1-abc","limit":10,"limit_remaining":7.5,"usage":1234.5,"usage_daily":0.25,"usage_weekly":2.5e-7,"usage_monthly":0,"is_free_tier":false}}'
credits='{"data":{"total_credits":100,"total_usage":25.75}}'
generation='{"data":{"id":"x","total_cost":1.23e-7}}'
start()
{
	printf '%s\n' '-- forever' 'match GET /api/v1/key ' 'status 200' "body $key" '-- forever' 'match GET /api/v1/credits ' "status $1" \
		"body $2" '-- forever' 'match gen-2' "status $3" "body $4" '-- forever' 'match gen-3' "status $3" "body $4" >case
	upstream <case
}

start 200 "$credits" 200 "$generation"
t 'the key, and the account' -p 'today\t0.250000123\t0.25
week\t0.250000123\t0.00000025
month\t0.250000123\t0
ever\t0.250000123\t1234.5
limit\t-\t10
limit left\t-\t7.5
credits\t-\t100
credits used\t-\t25.75\n' -- or-usage --remote
is 'two requests' "$(n_sent)" 2
like 'with the key' "$(sent_head 1)" '*uthorization: Bearer sk-test*'
start 200 "$credits" 200 "$generation"
t 'calls whose cost was not reported: one differs' -s 1 -E -p 'gen-2\t0.000000123\t0.000000123\ngen-3\t-\t0.000000123\n' -- sh -c 'or-usage --remote tag=r >all; s=$?; grep ^gen all; exit $s'
like 'which is told' "$(cat err)" 'or-usage: 1 of 2 calls cost something else at OpenRouter'
is 'only those were asked for' "$(n_sent)" 4
like 'by the id of the answer' "$(sent_head 3 | head -n 1)" 'GET /api/v1/generation?id=gen-2 HTTP/1.1'
t 'nothing selected' -o 8 -- sh -c 'or-usage --remote tag=none | wc -l | tr -d " "'
start 200 "$credits" 404 '{"error":{"code":404,"message":"Generation not found"}}'
t 'calls that are not known there' -s 1 -E -p 'gen-2\t0.000000123\t-\ngen-3\t-\t-\n' -- sh -c 'or-usage --remote tag=r >all; s=$?; grep ^gen all; exit $s'
like 'are told' "$(cat err)" "or-usage: OpenRouter doesn't tell what 2 of 2 calls cost"
start 403 '{"error":{"code":403,"message":"Only management keys can perform this operation"}}' 200 "$generation"
t 'no management key: a warning, and 0' -o 6 -e 'or-usage: openrouter: credits are told to management keys only' -- sh -c 'or-usage --remote | wc -l | tr -d " "'
t '-q: none' -o 6 -- sh -c 'or-usage -q --remote | wc -l | tr -d " "'
t 'NDJSON' -o '{"what":"today","here":0.250000123,"openrouter":0.25}
{"what":"limit","here":null,"openrouter":10}' -- sh -c 'or-usage -q --remote -F ndjson | sed -n "1p;5p"'
t 'JSON' -o '6 today' -- sh -c 'or-usage -q --remote -F json | python3 -c "import json, sys; r = json.load(sys.stdin)[\"rows\"]; print(len(r), r[0][\"what\"])"'
t 'a ledger that is not there' -o 'today	0	0.25' -- sh -c 'OR_LEDGER=none.db or-usage -q --remote | head -n 1'

upstream '-- forever' 'status 401' 'body {"error":{"code":401,"message":"No auth credentials found: sk-test"}}'
t 'a key that is rejected' -s 77 -e 'or-usage: openrouter: 401 *' -- or-usage --remote
ok 'and is not repeated' sh -c '! grep -q sk-test err'
upstream '-- forever' 'status 200' 'body []'
t 'no data' -s 76 -e 'or-usage: openrouter: *' -- or-usage --remote
upstream '-- forever' 'status 503' 'body {"error":{"code":503,"message":"later"}}'
t 'a failure for now' -s 75 -e 'or-usage: openrouter: 503 *' -- or-usage --remote
t 'no key' -s 78 -e 'or-usage: openrouter: *OPENROUTER_API_KEY*' -- env -u OPENROUTER_API_KEY or-usage --remote
t 'unreachable' -s 69 -e 'or-usage: openrouter: *' -- env OPENROUTER_BASE_URL=http://127.0.0.1:1/v1 or-usage --remote
t 'a table of providers without it' -s 78 -e "or-usage: no provider 'openrouter' in the table" -- env OR_GATEWAY=http://127.0.0.1:1/v1 or-usage --remote
upstream_stop
if command -v strace >/dev/null 2>&1; then
	strace -f -e trace=socket -o trace or-usage -d 2020-01-01 >/dev/null 2>&1
	is 'without --remote no socket is made' "$(grep -c 'socket(' trace)" 0
else
	skip 'without --remote no socket is made' 'no strace'
fi
finish
