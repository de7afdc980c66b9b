#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: what an answer carries; a Unix socket.
. "$(dirname "$0")/serve.sh"

ask='{"model":"mock/echo","messages":[{"role":"user","content":"one two"}]}'
serve
case $BASE in http://127.0.0.1:[1-9]*) ok 'the address is told' true ;; *) ok "the address is told: $BASE" false ;; esac
hit 'a call' -H 'Content-Type: application/json' -d "$ask" "$BASE/api/v1/chat/completions"
is 'a call' "$status $(json body choices 0 message content)" '200 "one two"'
like 'its id' "$(json body id)" '"gen-*"'
is 'its cost' "$(json body usage cost)" '6e-06'
ok 'the head has the same id' grep -qi "^x-generation-id: $(json body id | tr -d '"')" head
hit 'health' "$BASE/health"
is 'health' "$status $(json body status)" '200 "ok"'
until_true 5 grep -q mock/echo gate.log
like 'a line a request' "$(grep mock/echo gate.log)" '* POST /api/v1/chat/completions 200 *mock/echo*'
is 'the ledger has it' "$(or-usage -F ndjson | python3 -c 'import json, sys; r = json.loads(sys.stdin.readline()); print(r["calls"], r["cost"])')" '1 6e-06'
hit 'or-chat by the gateway' "$BASE/health"
t 'or-chat by the gateway' -o 'hello there' -- env OR_GATEWAY="$BASE/api/v1" or-chat -m mock/echo 'hello there'

# Keys without a key
keys() { hit 'keys' -X "$1" -H 'Content-Type: application/json' "$BASE/api/v1/keys$2"; }
keys GET ''
is 'keys are seen without one' "$status $(json body data)" '200 []'
hit 'a key' -H 'Content-Type: application/json' -d '{"name":"intruder","management":true}' "$BASE/api/v1/keys"
is 'and not made' "$status" 403
keys DELETE /0123
is 'nor removed' "$status" 403
curl -sI "$BASE/metrics" >first
like 'a head is no change' "$(head -n 1 first)" 'HTTP/1.1 200*'
is 'who was let in still is' "$(curl -s -o body -w '%{http_code}' "$BASE/api/v1/models")" 200

# A stream.
curl -sN -H 'Content-Type: application/json' -d '{"model":"mock/echo","stream":true,"messages":[{"role":"user","content":"a b c"}]}' "$BASE/v1/chat/completions" >stream
is 'its end' "$(tail -n 2 stream | head -n 1)" 'data: [DONE]'
ok 'its cost' grep -q '"cost":0.000009' stream

# A Unix socket.
serve_stop
or-serve -q -l "$dir/gate.sock" >unix.url 2>>gate.log </dev/null &
GATE=$!
ok 'a Unix socket' until_true 10 curl -sf --unix-socket "$dir/gate.sock" http://localhost/health
is 'its mode' "$(stat -c %a "$dir/gate.sock")" 600
serve_stop
is 'is removed' "$(ls "$dir/gate.sock" 2>/dev/null)" ''

finish
