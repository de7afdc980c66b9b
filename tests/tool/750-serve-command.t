#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: around a command.
. "$(dirname "$0")/serve.sh"
t 'its status is the command'"'"'s' -s 7 -- or-serve -q -- sh -c 'exit 7'
t 'without --' -s 3 -- or-serve -q sh -c 'exit 3'
t 'a command that is not there' -s 127 -e 'or-serve: *' -- or-serve -q -- /nowhere/nothing
t 'a command that is none' -s 126 -e 'or-serve: *' -- or-serve -q -- /etc/passwd
t 'a signal is raised again' -s ABRT -- or-serve -q -- sh -c 'ulimit -c 0; kill -ABRT $$'
t 'stdin is its' -i 'to the command' -o 'to the command' -- or-serve -q -- cat
t 'or-chat in it' -o 'hello there' -- or-serve -q -- or-chat -m mock/echo 'hello there'
is 'is booked once' "$(or-usage -F ndjson | python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["calls"])')" 1
cat >client.sh <<'X'
for v in OPENAI_BASE_URL OPENAI_API_BASE OPENAI_API_KEY ANTHROPIC_BASE_URL ANTHROPIC_API_KEY GEMINI_BASE_URL GOOGLE_GEMINI_BASE_URL GEMINI_API_KEY OPENROUTER_BASE_URL OPENROUTER_API_KEY OR_GATEWAY; do
	eval "[ -n \"\$$v\" ]" || echo "$v is not set"
done
curl -sS -H "Authorization: Bearer $OPENAI_API_KEY" -H 'Content-Type: application/json' -d '{"model":"mock/echo","messages":[{"role":"user","content":"by curl"}]}' "$OPENAI_BASE_URL/chat/completions" | python3 get.py choices 0 message content
curl -sS -H "x-api-key: $ANTHROPIC_API_KEY" -H 'Content-Type: application/json' -d '{"model":"mock/echo","max_tokens":9,"messages":[{"role":"user","content":"by anthropic"}]}' "$ANTHROPIC_BASE_URL/v1/messages" | python3 get.py content 0 text
curl -sS -o /dev/null -w '%{http_code}\n' -H 'Content-Type: application/json' -d '{}' "$OPENAI_BASE_URL/chat/completions"
X
cat >get.py <<'X'
import json, sys
v = json.load(sys.stdin)
for k in sys.argv[1:]:
    v = v[int(k) if k.isdigit() else k]
print(v)
X
t 'clients in it' -p 'by curl\nby anthropic\n401\n' -- or-serve -q -- sh client.sh
cat >key.sh <<'X'
ask() { curl -sS -H "Authorization: Bearer $OPENAI_API_KEY" "$@"; }
say() { ask -o /dev/null -H 'Content-Type: application/json' -d "{\"model\":\"mock/echo\",\"max_tokens\":2,\"messages\":[{\"role\":\"user\",\"content\":\"$1\"}]}" "$OPENAI_BASE_URL/chat/completions"; }
key() { ask "$OPENROUTER_BASE_URL/key" | python3 -c 'import json, sys
v = json.load(sys.stdin)["data"]
print(*(v[k] for k in ("limit", "limit_remaining", "usage", "usage_daily", "usage_weekly", "usage_monthly")))'; }
key
say 'hello there'
key
say 'hello'
ask "$OPENROUTER_BASE_URL/credits"
echo
X
t 'what a run may spend, and did' -p '0.001 0.001 0 0 0 0\n0.001 0.000994 6e-06 6e-06 6e-06 6e-06\n{"data":{"total_credits":0.001,"total_usage":0.000009}}\n' \
	-- or-serve -q -B 0.001 -- sh key.sh
t 'without a limit: what it did' -p 'None None 0 0 0 0\nNone None 6e-06 6e-06 6e-06 6e-06\n{"data":{"total_credits":0.000009,"total_usage":0.000009}}\n' \
	-- or-serve -q -- sh key.sh
t 'without a ledger nobody knows' -p 'None None 0 0 0 0\nNone None 0 0 0 0\n{"data":{"total_credits":0,"total_usage":0}}\n' \
	-- env OR_LEDGER=none or-serve -q -- sh key.sh
t 'a budget for the run' -s 6 -e '*' -- or-serve -q -B 0.000001 -- or-chat -m mock/echo -O max_tokens=1000 'hello there'
or-serve -q -- sh -c 'trap "echo got it; exit 5" TERM; echo $$ >pid; while :; do sleep 0.05; done' >got 2>err </dev/null &
GATE=$!
until_true 10 test -s pid
kill -TERM "$GATE"
GATE_PID=$GATE GATE=''
wait "$GATE_PID"
is 'SIGTERM is passed on' "$? $(cat got)" '5 got it'
finish
