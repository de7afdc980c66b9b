#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: our own tools as its clients (OR_GATEWAY), and what people do with curl.
. "$(dirname "$0")/serve.sh"
providers_up
key=$(or-key new user)
serve -q -r 0
text=$(python3 -c 'import sys; sys.path.insert(0, sys.argv[1]); from providers.script import TEXT; print(TEXT)' "$tests")
OPENROUTER_API_KEY=$key
export OPENROUTER_API_KEY
OR_GATEWAY=$BASE/api/v1
export OR_GATEWAY
for wire in openai responses anthropic gemini ollama cohere bedrock; do
	t "or-chat, $wire" -o "$text" -- or-chat -m "u-$wire:text" hi
	t "or-chat, a schema, $wire" -o '{"name": "Ada", "age": 36}' -- or-chat -j 'name, age int' -m "u-$wire:json" hi
	t "or-chat, 429, $wire" -s 75 -e 'or-chat: *slow down, please*' -- or-chat -r 0 -m "u-$wire:error" hi
	t "or-chat, a cut stream, $wire" -s 3 -e 'or-chat: *the answer was cut short: *' -- sh -c "or-chat -r 0 -m u-$wire:reset hi >some"
	ok "has what came before, $wire" grep -q '^Hello, ' some
	t "or-chat tries again, $wire" -o "$text" -E -- or-chat -r 3 -m "u-$wire:flaky-1-own" hi
done
for wire in openai gemini ollama cohere; do
	t "or-embed, $wire" -p '1\t1\t0.5\t-1.25\n2\t3\t0.5\t-1.25\n' -- sh -c "printf 'a\\nbbb\\n' | or-embed -F tsv -m u-$wire:embed"
done
ok 'or-models' sh -c 'or-models >models && grep -qx "u-anthropic:text" models && grep -qx "u-bedrock:tools" models'
t 'another key' -s 77 -e 'or-chat: *no such key*' -- env OPENROUTER_API_KEY=sk-or-nobody or-chat -r 0 -m mock/echo hi
is 'their own ledger stays empty' "$(ls "$XDG_STATE_HOME" 2>/dev/null)" ''
unset OR_GATEWAY OPENROUTER_API_KEY
is 'the gateway booked each call once' "$(or-usage -F ndjson -g tool | python3 -c 'import json, sys; print([json.loads(l)["tool"] for l in sys.stdin])')" "['or-serve']"

# One path, three forms.
hit models -H "x-api-key: $key" -H 'anthropic-version: 2023-06-01' "$BASE/v1/models?limit=2&after_id=u-openai:text"
is 'models as Anthropic lists them' "$status $(json body first_id) $(json body has_more) $(json body data 0 type)" '200 "u-openai:tools" true "model"'
hit models -H "x-api-key: $key" -H 'anthropic-version: 2023-06-01' "$BASE/v1/models?limit=1&before_id=u-openai:tools"
is 'backwards' "$status $(json body last_id) $(json body has_more)" '200 "u-openai:text" false'
hit models -H "x-api-key: $key" -H 'anthropic-version: 2023-06-01' "$BASE/v1/models?after_id=nobody"
is 'from a model that is none' "$status $(json body type) $(json body error type)" '400 "error" "invalid_request_error"'
hit models -H "x-goog-api-key: $key" "$BASE/v1/models?pageSize=1"
is 'as Google does' "$status $(json body models 0 name) $(json body nextPageToken)" '200 "models/u-openai:text" "1"'
hit model -H "x-goog-api-key: $key" "$BASE/v1/models/u-openai:tools"
is 'one' "$status $(json body name)" '200 "models/u-openai:tools"'
hit model -H "Authorization: Bearer $key" "$BASE/v1/models/u-openai:tools"
is 'one as OpenAI has it' "$status $(json body id)" '200 "u-openai:tools"'
hit model -H "Authorization: Bearer $key" "$BASE/v1/models/nobody"
is 'one that is none' "$status $(json body error code)" '404 404'
hit load -H "Authorization: Bearer $key" -d '{"model":"u-openai:text","keep_alive":0}' "$BASE/api/generate"
is 'nothing is loaded' "$status $(json body done_reason)" '200 "unload"'

# curl says that its -d is a form. Who has a key is no page, and is believed to send JSON.
ask='{"model":"u-openai:text","messages":[{"role":"user","content":"hi"}]}'
content() { python3 -c 'import json; print(json.load(open("body"))["choices"][0]["message"]["content"])'; }
hit form -H "Authorization: Bearer $key" -d "$ask" "$BASE/v1/chat/completions"
is 'curl -d, with a key' "$status $(content)" "200 $text"
hit plain -H "Authorization: bearer $key" -H 'Content-Type: text/plain' -d "$ask" "$BASE/v1/chat/completions"
is 'another type' "$status" 200
hit none -H "x-api-key: $key" -H 'Content-Type:' -d "$ask" "$BASE/v1/chat/completions"
is 'no type' "$status" 200
hit basic -u "any:$key" "$BASE/v1/models"
is 'curl -u, to read' "$status" 200
hit basic -u "any:$key" -d "$ask" "$BASE/v1/chat/completions"
is 'and no more, since browsers send that on their own' "$status" 401
head -c 3000000 /dev/zero | tr '\0' x | sed 's/.*/{"model":"mock\/echo","messages":[{"role":"user","content":"&"}]}/' >big
hit big -H "Authorization: Bearer $key" --data @big "$BASE/v1/chat/completions"
is 'a body that curl asks leave for (Expect)' "$status $(wc -c <body | awk '{ print ($1 > 3000000) }')" '200 1'
hit chunked -H "Authorization: Bearer $key" -H 'Transfer-Encoding: chunked' -d "$ask" "$BASE/v1/chat/completions"
is 'in chunks' "$status" 200
hit form -H "Authorization: Bearer $key" -d 'model=u-openai:text' "$BASE/v1/chat/completions"
is 'a form in earnest is no request' "$status" 400
hit nobody -d "$ask" "$BASE/v1/chat/completions"
is 'without the key' "$status" 401
ok 'streams come as they are made' sh -c "curl -sSN -m 20 -H 'Authorization: Bearer $key' -d '{\"model\":\"u-openai:text\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}' '$BASE/v1/chat/completions' >body && grep -q '^data: \\[DONE\\]' body"

# Where there is no key a page could do that: its form is refused.
OR_LEDGER=none
serve -q -r 0
hit form -d "$ask" "$BASE/v1/chat/completions"
is 'curl -d, where there are no keys' "$status" 415
hit json --json "$ask" "$BASE/v1/chat/completions"
is 'curl --json' "$status $(content)" "200 $text"
hit generate -d '{"model":"u-openai:text","prompt":"hi","stream":false}' "$BASE/api/generate"
is 'as Ollama'\''s manual has it' "$status $(json body error)" '415 "without keys Content-Type must be application/json"'
hit generate --json '{"model":"u-openai:text","prompt":"hi","stream":false}' "$BASE/api/generate"
is 'with the type' "$status $(json body done)" '200 true'
hit head -I "$BASE/"
is 'is anybody there?' "$status" 200
finish
