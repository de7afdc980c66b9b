#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: what a request must not get away with, and what must not get lost on its way.
. "$(dirname "$0")/serve.sh"
providers_up
table "old openai http://127.0.0.1:$UP/openai/v1 price=1,2 none" "deepseek openai http://127.0.0.1:$UP/openai/v1 price=1,2 none"
json_post() { hit "$1" -H 'Content-Type: application/json' -d "$2" "$BASE$1"; }
# seen PATH...: of the last request that the providers got
seen() { curl -sS "http://127.0.0.1:$UP/seen" | python3 -c 'import json, sys
v = json.load(sys.stdin)[-1]["body"]
for k in sys.argv[1:]: v = v[int(k) if k.isdigit() else k]
print(json.dumps(v))' "$@"; }

serve -q
many=$(python3 -c 'print(",".join("\"mock/m%d\"" % i for i in range(65)))')
json_post /v1/chat/completions "{\"models\":[$many],\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"
is 'a chain of 65 models' "$status" 400
python3 -c 'print("{\"model\":\"mock/echo\",\"x\":[" + "0," * 1100000 + "0],\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}")' >values
json_post /v1/chat/completions @values
is 'a million values' "$status" 400
hit 'a proxy' -H 'X-Forwarded-For: 192.0.2.1' "$BASE/v1/models"
is 'without keys no proxy is served' "$status" 403
hit 'models' "$BASE/api/v1/models"
json_post /v1/chat/completions '{"model":"text","messages":[{"role":"user","content":"x"}]}'
hit 'models' "$BASE/api/v1/models"
is 'prices of the table are those of its models' "$(python3 -c 'import json
print({r["pricing"]["prompt"] for r in json.load(open("body"))["data"] if r["id"].startswith("u-openai:")})')" "{'0.000001'}"
hit 'a model' "$BASE/api/v1/model/u-openai:text"
is 'a model without a slash' "$status $(json body data id)" '200 "u-openai:text"'

# What only the format knows goes to whom it is for.
json_post '/v1beta/models/u-gemini:text:generateContent' '{"contents":[{"parts":[{"text":"x"}]}],"tools":[{"google_search":{}}]}'
is 'a tool of its provider goes there' "$status $(seen tools 0)" '200 {"google_search": {}}'
json_post '/v1beta/models/mock%2Fecho:generateContent' '{"contents":[{"parts":[{"text":"x"}]}],"tools":[{"google_search":{}}]}'
is 'and to no other' "$status" 400
json_post '/v1/messages' '{"model":"u-anthropic:text","max_tokens":9,"messages":[{"role":"user","content":"x"}],"tools":[{"type":"web_search_20250305","name":"web_search"}]}'
is 'the same of another' "$status $(seen tools 0 type)" '200 "web_search_20250305"'
json_post '/v1/messages' '{"model":"u-anthropic:text","max_tokens":9,"fallbacks":[{"model":"u-openai:text"}],"messages":[{"role":"user","content":"x"}]}'
is "what is the gateway's alone stays here" "$status $(seen fallbacks 2>/dev/null)" '200 '

# Under a limit.
small=$(or-key new --limit 0.01 small)
closed() { hit "models" "$BASE/v1/models" && [ "$status" = 401 ]; }
ok "the first key closes it" until_true 5 closed
hit 'a guardrail' -H "Authorization: Bearer $small" -H 'Content-Type: application/json' \
	-d '{"messages":[{"role":"user","content":[{"text":"x"}]}],"guardrailConfig":{"guardrailIdentifier":"g"}}' "$BASE/model/u-bedrock%3Atext/converse"
is 'a lower limit changes nothing else' "$status $(seen guardrailConfig)" '200 {"guardrailIdentifier": "g"}'
like 'but itself' "$(seen inferenceConfig maxTokens)" '[1-9]*'
hit 'two limits' -H "Authorization: Bearer $small" -H 'Content-Type: application/json' \
	-d '{"model":"deepseek:text","max_completion_tokens":1,"max_tokens":100000,"messages":[{"role":"user","content":"x"}]}' "$BASE/v1/chat/completions"
is 'of two limits the higher counts' "$status" 402
manager=$(or-key new --management manager)
hit 'key=' "$BASE/api/v1/keys?key=$manager"
is 'a key behind the path' "$status" 200

# A body from nobody isn't waited for.
python3 - "$PORT" <<'X' >answer
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)
s.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{")
print(s.recv(65536).split(b"\r\n")[0].decode())
X
is 'without a key it is refused by its head' "$(cat answer)" 'HTTP/1.1 401 Unauthorized'

# A command's own calls.
cat >run.sh <<'X'
id=$(curl -sS -H "Authorization: Bearer $OPENAI_API_KEY" -H 'Content-Type: application/json' \
	-d '{"model":"mock/echo","messages":[{"role":"user","content":"x"}]}' "$OPENAI_BASE_URL/chat/completions" | sed 's/.*"id":"\(gen-[^"]*\)".*/\1/')
curl -sS -o /dev/null -w '%{http_code}\n' -H "Authorization: Bearer $OPENAI_API_KEY" "$OPENAI_BASE_URL/generation?id=$id"
X
t 'a run sees its own calls' -o 200 -- or-serve -q -- sh run.sh
finish
