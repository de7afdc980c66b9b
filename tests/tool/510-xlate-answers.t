#!/bin/sh
# SPDX-License-Identifier: ISC
# or-xlate: answers. What their end means for the status, and that what could be read is printed.
. "$(dirname "$0")/lib.sh"

# chunk CONTENT [finish]: one event of an OpenAI stream; more of its members in $more
chunk() { printf 'data: {"id":"c","created":7,"model":"m","choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":%s}]%s}\n\n' "$1" "${2:-null}" "$more"; }
# text CONTENT [finish]: what becomes of it in the old format
text() { printf 'data: {"id":"c","object":"text_completion","created":7,"model":"m","choices":[{"index":0,"text":"%s","logprobs":null,"finish_reason":%s}]}\n\n' "$1" "${2:-null}"; }
more=
done='data: [DONE]'

{ chunk a; chunk b; chunk '' '"stop"'; printf '%s\n\n' "$done"; } >good
{ text a; text b; text '' '"stop"'; printf '%s\n\n' "$done"; } >good.old
printf '{"id":"c","object":"text_completion","created":7,"model":"m","choices":[{"index":0,"text":"ab","logprobs":null,"finish_reason":"stop"}]}\n' >whole.old
t 'a stream stays a stream' -I good -O good.old -- or-xlate -t completions
t 'collected' -I good -O whole.old -- or-xlate -t completions -F json
t 'events' -I good -p '{"type":"start","id":"c","model":"m"}\n{"type":"text","text":"a"}\n{"type":"text","text":"b"}\n{"type":"finish","finish":"stop","native_finish":"stop"}\n' \
	-- or-xlate -F ndjson
t 'a whole answer stays whole' -I whole.old -o '{"id":"c","object":"chat.completion","created":7,"model":"m","provider":null,"choices":[{"index":0,"message":{"role":"assistant","content":"ab"},"finish_reason":"stop","native_finish_reason":"stop"}]}' -- or-xlate
{ text ab; text '' '"stop"'; printf '%s\n\n' "$done"; } >one.old
or-xlate <whole.old >whole.chat
t 'a whole one as a stream' -I whole.chat -O one.old -- or-xlate -t completions -F sse
chunk a '"stop"' >nomark
or-xlate -F ndjson <nomark >want
t 'a finish reason is an end' -I nomark -O want -- or-xlate -F ndjson
{ chunk a; printf '%s\n\n' "$done"; } >noreason
{ text a; printf '%s\n\n' "$done"; } >noreason.old
t 'a marker is an end' -I noreason -O noreason.old -- or-xlate -t completions

# ── cut, failed, refused ──
chunk a >torn
text a >torn.old
t 'cut after text' -s 3 -I torn -O torn.old -e 'or-xlate: openai: the answer was cut short: the stream ended early' -- or-xlate -t completions
t '... collected' -s 3 -I torn -o '{"id":"c","object":"text_completion","created":7,"model":"m","choices":[{"index":0,"text":"a","logprobs":null,"finish_reason":null}]}' -E \
	-- or-xlate -t completions -F json
t 'cut before it' -s 75 -f 'data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\n' -p '{"type":"start","id":"c"}\n' -e 'or-xlate: openai: the stream ended early' -- or-xlate -F ndjson
t 'cut in an event' -s 3 -f "$(cat torn)"'\n\ndata: {"id":"c","choi' -p "$(cat torn.old)"'\n\n' -E -- or-xlate -t completions
{ chunk a; chunk '' '"length"'; } >length
t 'the token limit' -s 3 -I length -p "$(text a; text '' '"length"')"'\n\ndata: [DONE]\n\n' -e 'or-xlate: openai: *token limit*' -- or-xlate -t completions
{ chunk a; chunk '' '"content_filter"'; } >filter
t 'filtered' -s 4 -I filter -E -p "$(text a; text '' '"content_filter"')"'\n\ndata: [DONE]\n\n' -- or-xlate -t completions
t 'refused' -s 4 -i '{"choices":[{"message":{"refusal":"No."},"finish_reason":"stop"}]}' -e 'or-xlate: openai: the model refused' \
	-p '{"type":"start"}\n{"type":"text","text":"No.","refusal":true}\n{"type":"finish","finish":"stop","native_finish":"stop"}\n' -- or-xlate -F ndjson
t 'empty' -s 1 -i '{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}' -e 'or-xlate: openai: the answer is empty' \
	-o '{"id":"","object":"text_completion","created":0,"model":"","choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"stop"}]}' -- or-xlate -t completions
t 'only reasoning is empty, too' -s 1 -i '{"choices":[{"message":{"content":"","reasoning":"hm"},"finish_reason":"stop"}]}' -e 'or-xlate: openai: the answer is empty' \
	-p '{"type":"start"}\n{"type":"reasoning","text":"hm"}\n{"type":"finish","finish":"stop","native_finish":"stop"}\n' -- or-xlate -F ndjson
t 'a tool call is an answer' -i '{"choices":[{"message":{"tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}' \
	-E -- sh -c 'or-xlate -F ndjson >/dev/null'
{ chunk a; printf 'data: {"error":{"code":502,"message":"gone"}}\n\n'; } >late
t 'an error after text' -s 3 -I late -e 'or-xlate: openai: the answer was cut short: 502 gone' \
	-p '{"type":"start","id":"c","model":"m"}\n{"type":"text","text":"a"}\n{"type":"error","status":502,"kind":"temporary","message":"502 gone"}\n' -- or-xlate -F ndjson

# in place of an answer
while read -r status body; do
	printf '%s\n' "$body" >body
	or-xlate -t completions <body >o 2>e
	is "$body: its status" $? "$status"
	ok "$body: in the other's shape" json o error message
	is "$body: one line" "$(wc -l <e)" 1
	printf 'data: %s\n\n' "$body" >body
	or-xlate -t completions <body >o 2>e
	is "... in a stream" $? "$status"
	sed -n 's/^data: //p' o >o.json
	ok "... in the other's shape" json o.json error message
	or-xlate -t completions -F ndjson <body >o 2>e
	is "... as an event" "$(tail -n 1 o | json - type)" '"error"'
done <<'END'
77 {"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}
6 {"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}
69 {"error":{"message":"x","type":"invalid_request_error","code":"model_not_found"}}
65 {"error":{"message":"x","type":"invalid_request_error","code":"context_length_exceeded"}}
75 {"error":{"message":"Rate limit reached","type":"rate_limit_error","code":null}}
75 {"error":{"message":"x","type":"server_error"}}
4 {"error":{"message":"x","code":"content_policy_violation"}}
END
t 'garbled' -s 76 -f 'data: {"choi\n\n' -E -p "$(printf 'data: {"id":"","object":"text_completion","created":0,"model":"","error":{"code":502,"message":"garbled answer: offset 6: unfinished string"},"choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"error"}]}')"'\n\n' \
	-- or-xlate -t completions
t 'garbled after text' -s 3 -f "$(cat torn)"'\n\ndata: {"choi\n\ndata: {}\n\n' -E -p '{"type":"start","id":"c","model":"m"}\n{"type":"text","text":"a"}\n{"type":"error","kind":"protocol","message":"garbled answer: offset 6: unfinished string"}\n' \
	-- or-xlate -F ndjson
t 'a whole answer that is cut' -s 76 -f '{"choices":[{"message":{"content":"hi' -E -p '{"error":{"code":502,"message":"garbled answer: offset 37: unfinished string"}}\n' -- or-xlate --answer -F json
t '... nothing says it is one' -s 65 -f '{"choices":[{"message":{"content":"hi' -e 'or-xlate: standard input: offset 37: unfinished string' -- or-xlate
t 'only comments' -s 75 -f ': a\n\n: b\n\n' -e 'or-xlate: openai: empty answer' -- or-xlate -F json
t 'no UTF-8 in an answer' -f 'data: {"choices":[{"index":0,"delta":{"content":"h\377"},"finish_reason":"stop"}]}\n\n' \
	-p '{"type":"start"}\n{"type":"text","text":"h\357\277\275"}\n{"type":"finish","finish":"stop","native_finish":"stop"}\n' -- or-xlate -8 -F ndjson
t '... -v says so' -f 'data: {"choices":[{"index":0,"delta":{"content":"h\377"},"finish_reason":"stop"}]}\n\n' -E -- sh -c 'or-xlate -v -F ndjson >/dev/null'
like '... in these words' "$(cat err)" 'or-xlate: bytes of the answer that were not UTF-8 became U+FFFD'

# ── content that is lost ──
call='{"id":"c","created":7,"model":"m","choices":[{"index":0,"message":{"content":"x","reasoning":"hm","tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}'
left='{"id":"c","object":"text_completion","created":7,"model":"m","choices":[{"index":0,"text":"x","logprobs":null,"finish_reason":"stop"}]}'
t 'what could be translated is printed' -s 65 -i "$call" -o "$left" -e "or-xlate: completions doesn't take *tool_calls*" -- or-xlate -t completions
t 'let go' -i "$call" -o "$left" -- or-xlate -t completions --lossy
t '... and named' -i "$call" -o "$left" -e 'or-xlate: lost: reasoning
or-xlate: lost: tool_calls' -- or-xlate -v -t completions --lossy
t 'a parameter alone is no matter' -i '{"id":"c","created":7,"model":"m","choices":[{"index":0,"message":{"content":"x","reasoning":"hm"},"finish_reason":"stop"}]}' -o "$left" \
	-- or-xlate -t completions
t 'a worse end comes first' -s 3 -i "$(printf '%s' "$call" | sed 's/"finish_reason":"tool_calls"/"finish_reason":"length"/')" -E -o "$(printf '%s' "$left" | sed 's/"stop"/"length"/')" -- or-xlate -t completions
finish
