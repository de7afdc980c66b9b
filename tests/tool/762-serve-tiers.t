#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: what is asked for in a tier that has no price isn't booked at the usual one, and is nothing for a key with a limit.
. "$(dirname "$0")/serve.sh"
skip_unless sqlite3
providers_up
last() { q 'SELECT ifnull(cost_pusd, '\''unknown'\''), source FROM call ORDER BY row DESC LIMIT 1'; }
# ask KEY PATH BODY
ask() { hit "$2" -H "Authorization: Bearer $1" -H 'anthropic-version: 2023-06-01' -H 'Content-Type: application/json' -d "$3" "$BASE$2"; }
seen() { curl -sS "http://127.0.0.1:$UP/seen" | python3 -c 'import json, sys
print(json.load(sys.stdin)[-1]["body"].get(sys.argv[1]))' "$1"; }
x='"messages":[{"role":"user","content":"x"}]'
free=$(or-key new free) poor=$(or-key new --limit 5 poor)
serve -q

# unpriced NAME PATH BODY
unpriced()
{
	ask "$free" "$2" "$3"
	is "$1: without a limit" "$status $(last)" '200 unknown|0'
	ok "$1: no cost is told" sh -c '! grep -q "\"cost\"" body'
	ask "$poor" "$2" "$3"
	is "$1: under a limit" "$status" 402
	like "$1: which is said" "$(cat body)" '*service_tier*'
}
unpriced 'chat' /v1/chat/completions "{\"model\":\"u-openai:text\",\"service_tier\":\"priority\",$x}"
unpriced 'a stream' /v1/chat/completions "{\"model\":\"u-openai:text\",\"service_tier\":\"priority\",\"stream\":true,$x}"
unpriced 'responses' /v1/responses '{"model":"u-responses:text","service_tier":"priority","input":"x"}'
unpriced "Anthropic's speed" /v1/messages "{\"model\":\"u-anthropic:text\",\"max_tokens\":9,\"speed\":\"fast\",$x}"
is 'goes there as it came' "$(ask "$free" /v1/messages "{\"model\":\"u-anthropic:text\",\"max_tokens\":9,\"speed\":\"fast\",$x}"; seen speed)" fast
unpriced "Google's tier" /v1beta/models/u-gemini:text:generateContent '{"serviceTier":"PRIORITY","contents":[{"parts":[{"text":"x"}]}]}'
unpriced "Amazon's" /model/u-bedrock%3Atext/converse '{"serviceTier":{"type":"priority"},"messages":[{"role":"user","content":[{"text":"x"}]}]}'

# usual NAME PATH BODY
usual()
{
	ask "$poor" "$2" "$3"
	like "$1" "$status $(last)" "200 [1-9]*|$4"
}
usual 'the usual tier' /v1/chat/completions "{\"model\":\"u-openai:text\",\"service_tier\":\"default\",$x}" 2
usual 'a cheaper one' /v1/chat/completions "{\"model\":\"u-openai:text\",\"service_tier\":\"flex\",$x}" 3
usual "Anthropic's own" /v1/messages "{\"model\":\"u-anthropic:text\",\"max_tokens\":9,\"speed\":\"standard\",\"service_tier\":\"standard_only\",$x}" 2
usual 'where there is none' /v2/chat "{\"model\":\"u-cohere:text\",\"service_tier\":\"priority\",$x}" 2
usual 'and where it is lost' /v1/chat/completions "{\"model\":\"u-anthropic:text\",\"service_tier\":\"priority\",$x}" 2
echo '{"model":"u-openai:text","service_tier":"priority"}' | sed 's/^/dear /' >"$XDG_CONFIG_HOME/orutils/presets"
serve -q
ask "$poor" /v1/chat/completions "{\"model\":\"@preset/dear\",$x}"
is 'a preset that asks for one' "$status" 402
ask "$free" /v1/chat/completions "{\"model\":\"@preset/dear\",$x}"
is 'or without a limit' "$status $(last)" '200 unknown|0'
ok 'its cost is not told' sh -c '! grep -q "\"cost\"" body'
finish
