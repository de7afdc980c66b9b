#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: keys, what they may do, and what they may spend.
. "$(dirname "$0")/serve.sh"
ask='{"model":"mock/echo","max_tokens":10,"messages":[{"role":"user","content":"one two"}]}'
# as KEY PATH [curl option...]
as()
{
	as_key=$1 as_path=$2
	shift 2
	hit "$as_path" -H "Authorization: Bearer $as_key" "$@" "$BASE$as_path"
}
call() { as "$1" /api/v1/chat/completions -H 'Content-Type: application/json' -d "${2:-$ask}"; }
code() { echo "$status $(json body error code)"; }

user=$(or-key new user) manager=$(or-key new --management manager)
poor=$(or-key new --limit 0.00001 --reset daily poor) slow=$(or-key new --rpm 2 slow) narrow=$(or-key new --models 'mock/e*' narrow)
brief=$(or-key new --expires 2s brief)
serve
hit 'nobody' -H 'Content-Type: application/json' -d "$ask" "$BASE/v1/chat/completions"
is 'without a key' "$(code)" '401 401'
call sk-or-nobody
is 'with a key that nobody has' "$(code)" '401 401'
call "$user"
is 'with a good one' "$status" 200
call "$manager"
is 'a management key makes no calls' "$(code)" '403 403'
for path in / /metrics /status.json /api/v1/keys /api/v1/activity; do
	as "$user" $path
	is "$path needs a management key" "$status" 403
	as "$manager" $path
	is "$path opens to one" "$status" 200
done
hit 'health' "$BASE/health"
is '/health is open' "$status" 200
call "$narrow"
is 'a model that a key is for' "$status" 200
call "$narrow" '{"model":"mock/other","messages":[{"role":"user","content":"x"}]}'
is 'another model' "$(code)" '403 403'
as "$narrow" '/api/v1/models/user?limit=9'
is 'the models of a key' "$(python3 -c 'import json; d = json.load(open("body")); print(d["total_count"], d["data"][0]["id"])')" '1 mock/echo'
as "$narrow" /api/v1/embeddings/models
is 'those that embed' "$(json body data 0 id)" '"mock/embed"'
count() { as "$1" /api/v1/messages/count_tokens -H 'Content-Type: application/json' -d "{\"model\":\"$2\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"; }
count "$narrow" mock/echo
is 'tokens are counted for a model that a key is for' "$status" 200
count "$narrow" mock/other
is 'for no other' "$status" 403
as "$narrow" '/v1beta/models/mock%2Fother:countTokens' -H 'Content-Type: application/json' -d '{"contents":[{"parts":[{"text":"x"}]}]}'
is "in Google's way neither" "$status" 403
count "$manager" mock/echo
is 'nor for a management key' "$status" 403
call "$slow"
call "$slow"
is 'the second of two a minute' "$status" 200
call "$slow"
is 'the third' "$(code)" '429 429'
ok 'says when to come again' grep -qi '^retry-after: [0-9]' head
ok 'and how many there are' grep -qi '^x-ratelimit-limit: 2' head
call "$poor"
call "$poor"
is 'a limit that is used up' "$(code)" '402 402'
as "$poor" /api/v1/key
is 'what a key tells of itself' "$(json body data limit) $(json body data limit_reset) $(json body data usage)" '1e-05 "daily" 6e-06'
is 'or-usage by key' "$(or-usage -g client -F ndjson 'client=user' | python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["calls"])')" 1

expired() { call "$brief" && [ "$status" = 401 ]; }
ok 'one that ends is refused then' until_true 10 expired
like 'and why' "$(json body error message)" '*expired*'

# Keys by HTTP.
as "$manager" /api/v1/keys -H 'Content-Type: application/json' -d '{"name":"made","limit":1}'
is 'a key is made' "$status $(json body data name) $(json body data limit)" '201 "made" 1'
made=$(json body key | tr -d '"') hash=$(json body data hash | tr -d '"')
works() { call "$made" && [ "$status" = 200 ]; }
ok 'it works' works
as "$manager" "/api/v1/keys/$hash" -X PATCH -H 'Content-Type: application/json' -d '{"disabled":true}'
is 'it is disabled' "$status $(json body data disabled)" '200 true'
fails() { call "$made" && [ "$status" = 401 ]; }
ok 'it works no more' until_true 5 fails
as "$manager" "/api/v1/keys/$hash" -X DELETE
is 'it is deleted' "$status $(json body deleted)" '200 true'
as "$manager" "/api/v1/keys/$hash"
is 'it is gone' "$(code)" '404 404'

# Keys by or-key, while it serves.
later=$(or-key new later)
works() { call "$later" && [ "$status" = 200 ]; }
ok 'a key of or-key works at once' works
or-key disable later
fails() { call "$later" && [ "$status" = 401 ]; }
ok 'and soon no more' until_true 5 fails
ok 'no key is in the log' sh -c '! grep -q sk-or- gate.log'
ok 'no key is in the ledger' sh -c "! grep -q '$user' ledger.db ledger.db-wal"
finish
