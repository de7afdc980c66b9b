#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: requests and answers in one format, which are passed on as they are: what nobody here knows travels, too.
. "$(dirname "$0")/serve.sh"

# provider NAME WIRE PATH: a line of the table, for the upstream that runs
provider() { table "$1 $2 http://127.0.0.1:$UP$3 price=1,2 none"; }
# ask PATH BODY [curl option...]
ask()
{
	ask_path=$1 ask_body=$2
	shift 2
	hit '' -N -H 'Content-Type: application/json' "$@" -d "$ask_body" "$BASE$ask_path"
}
head_of='send HTTP/1.1 200 OK\r\nConnection: close\r\n'

# What each provider answers, with members that are in no document.
cat >anthropic.sse <<'EOT'
event: message_start
data: {"type":"message_start", "message":{"id":"msg_1","type":"message","role":"assistant","model":"theirs","content":[],"neu":{"a":[1.0]},"stop_reason":null,"usage":{"input_tokens":1000,"output_tokens":1}}}

: a comment
event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","neu":1e2}}

event: ping
data: {"type":"ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi \u00fc \"message_delta\""}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","container":{"id":"c"}},"usage":{"output_tokens":500},"context":null}

event: message_stop
data: {"type":"message_stop"}

EOT
cat >anthropic.json <<'EOT'
{"id":"msg_1", "type":"message","role":"assistant","model":"theirs","content":[{"type":"text","text":"Hi","neu":[]}],
 "stop_reason":"end_turn","neu":{"z":1.50},"usage":{"input_tokens":1000,"output_tokens":500,"neu":0}}
EOT
cat >responses.sse <<'EOT'
event: response.created
data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":1,"status":"in_progress","model":"theirs","neu":1,"output":[]}}

event: response.output_item.added
data: {"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"m","type":"message","role":"assistant","status":"in_progress","content":[]}}

event: response.neu
data: {"type":"response.neu","sequence_number":2,"x":[ ]}

event: response.output_text.delta
data: {"type":"response.output_text.delta","sequence_number":3,"item_id":"m","output_index":0,"content_index":0,"delta":"Hi"}

event: response.output_item.done
data: {"type":"response.output_item.done","sequence_number":4,"output_index":0,"item":{"id":"m","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hi","annotations":[]}]}}

event: response.completed
data: {"type":"response.completed","sequence_number":5,"response":{"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"theirs","neu":{},"output":[{"id":"m","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hi","annotations":[]}]}],"usage":{"input_tokens":1000,"output_tokens":500,"total_tokens":1500}}}

EOT
cat >responses.json <<'EOT'
{"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"theirs","neu":{"a":1e0},"output":[{"id":"m","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hi","annotations":[],"neu":2}]}],"usage":{"input_tokens":1000,"output_tokens":500,"total_tokens":1500}}
EOT
cat >gemini.sse <<'EOT'
data: {"candidates":[{"content":{"parts":[{"text":"H","neu":1}],"role":"model"},"index":0}],"neu":[1.0],"modelVersion":"theirs"}

data: {"candidates":[{"content":{"parts":[{"text":"i"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":500,"neu":3}}

EOT
cat >gemini.json <<'EOT'
{"candidates": [{"content":{"parts":[{"text":"Hi","neu":1}],"role":"model"},"finishReason":"STOP","index":0}],
 "usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":500},"neu":null}
EOT
cat >cohere.sse <<'EOT'
event: message-start
data: {"id":"1","type":"message-start","delta":{"message":{"role":"assistant","content":[],"neu":1.0}}}

event: content-start
data: {"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}

event: content-delta
data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Hi"}}},"neu":[]}

event: content-end
data: {"type":"content-end","index":0}

event: message-end
data: {"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"tokens":{"input_tokens":1000,"output_tokens":500}}},"neu":{}}

EOT
cat >cohere.json <<'EOT'
{"id":"1","finish_reason":"COMPLETE","message":{"role":"assistant","content":[{"type":"text","text":"Hi","neu":1.0}]},"usage":{"tokens":{"input_tokens":1000,"output_tokens":500}},"neu":{}}
EOT
cat >ollama.ndjson <<'EOT'
{"model":"theirs","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"H","neu":1.0},"done":false}
{"model":"theirs","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"i"},"done":false, "neu":[]}
{"model":"theirs","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":1000,"eval_count":500,"neu":2}
EOT
cat >ollama.json <<'EOT'
{"model":"theirs","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"Hi","neu":1.0},"done":true,"done_reason":"stop","prompt_eval_count":1000,"eval_count":500}
EOT
cat >bedrock.json <<'EOT'
{"output":{"message":{"role":"assistant","content":[{"text":"Hi"}],"neu":1.0}},"stopReason":"end_turn","usage":{"inputTokens":1000,"outputTokens":500,"totalTokens":1500},"neu":[]}
EOT
python3 - >bedrock.frames <<'EOT'
import json, struct, sys, zlib
def frame(kind, body):
    head = b"".join(bytes([len(n)]) + n + b"\x07" + struct.pack(">H", len(v)) + v
                    for n, v in ((b":event-type", kind), (b":content-type", b"application/json"), (b":message-type", b"event")))
    data = json.dumps(body).encode()
    start = struct.pack(">II", 16 + len(head) + len(data), len(head))
    start += struct.pack(">I", zlib.crc32(start)) + head + data
    return start + struct.pack(">I", zlib.crc32(start))
out = sys.stdout.buffer
out.write(frame(b"messageStart", {"role": "assistant", "neu": [1.0]}))
out.write(frame(b"contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Hi"}, "p": "abc"}))
out.write(frame(b"contentBlockStop", {"contentBlockIndex": 0}))
out.write(frame(b"messageStop", {"stopReason": "end_turn", "neu": 1}))
out.write(frame(b"metadata", {"usage": {"inputTokens": 1000, "outputTokens": 500, "totalTokens": 1500}, "metrics": {"latencyMs": 1}, "neu": {}}))
EOT

# with_cost FILE: as it must come out: with the cost where a format has a place for it (1000 * 1 + 500 * 2 millionths)
with_cost()
{
	case $1 in
	anthropic.json) sed 's/"neu":0}/"neu":0,"cost":0.002}/' "$1" ;;
	anthropic.sse) sed 's/"output_tokens":500}/"output_tokens":500,"cost":0.002}/' "$1" ;;
	responses.*) sed 's/"total_tokens":1500}/"total_tokens":1500,"cost":0.002}/' "$1" && case $1 in *.sse) printf 'data: [DONE]\n\n' ;; esac ;;
	*) cat "$1" ;;
	esac
}

user='{"role":"user","content":"hi"}'
rest='"neu":[ 1.0, {"a":null}]' # what nobody knows
n=0
{
	for f in anthropic.sse anthropic.json responses.sse responses.json gemini.sse gemini.json cohere.sse cohere.json ollama.ndjson ollama.json bedrock.frames \
		bedrock.json; do
		case $f in
		*.sse) type=text/event-stream ;;
		*.ndjson) type=application/x-ndjson ;;
		*.frames) type=application/vnd.amazon.eventstream ;;
		*) type=application/json ;;
		esac
		[ "$n" -eq 0 ] || echo --
		n=$((n + 1))
		printf '%s\n' "$head_of"'Content-Type: '"$type"'\r\n\r\n' 'split 7 0' "file $dir/$f" close
	done
} >cases
upstream <cases
UP=$PORT
provider anthropic-1 anthropic /v1
provider responses-1 responses /v1
provider gemini-1 gemini /v1beta
provider cohere-1 cohere /v2
provider ollama-1 ollama ''
table "bedrock-1 bedrock http://127.0.0.1:$UP region=us-east-1 price=1,2 none"
serve -q -r 0

# passes FILE NUMBER PATH BODY WANTED: the answer of that file comes out as it was; the request went as it must
passes()
{
	ask "$3" "$4" -H 'anthropic-beta: neu-1,neu-2'
	with_cost "$1" >want
	is "$1: status" "$status" 200
	ok "$1: every byte of the answer" cmp want body || diff want body | head -n 6 | sed 's/^/# /'
	is "$1: every byte of the request" "$(sent_body "$2")" "$5"
}
passes anthropic.sse 1 /v1/messages '{ "model" : "anthropic-1:m/1", "max_tokens":9,"stream":true,"session_id":"s",'"$rest"',"messages":['"$user"'] }' \
	'{ "model" : "m/1", "max_tokens":9,"stream":true,'"$rest"',"messages":['"$user"'] }'
passes anthropic.json 2 /v1/messages '{"model":"anthropic-1:m","max_tokens":9,"messages":['"$user"'],'"$rest"'}' \
	'{"model":"m","max_tokens":9,"messages":['"$user"'],'"$rest"'}'
passes responses.sse 3 /v1/responses '{"model":"responses-1:m","stream":true,"input":"hi","provider":{"sort":"price"},'"$rest"',"store":false}' \
	'{"model":"m","stream":true,"input":"hi",'"$rest"',"store":false}'
passes responses.json 4 /v1/responses '{"model":"responses-1:m","input":"hi",'"$rest"'}' '{"model":"m","input":"hi",'"$rest"',"store":false}'
gemini='{"contents":[{"parts":[{"text":"hi"}],"role":"user"}],'"$rest"'}'
passes gemini.sse 5 '/v1beta/models/gemini-1:m:streamGenerateContent?alt=sse' "$gemini" "$gemini"
passes gemini.json 6 /v1beta/models/gemini-1:m:generateContent "$gemini" "$gemini"
passes cohere.sse 7 /v2/chat '{"model":"cohere-1:m","stream":true,"messages":['"$user"'],'"$rest"'}' '{"model":"m","stream":true,"messages":['"$user"'],'"$rest"'}'
passes cohere.json 8 /v2/chat '{"model":"cohere-1:m","stream":false,"messages":['"$user"'],'"$rest"'}' '{"model":"m","stream":false,"messages":['"$user"'],'"$rest"'}'
passes ollama.ndjson 9 /api/chat '{"model":"ollama-1:m","messages":['"$user"'],"stream":true,'"$rest"'}' '{"model":"m","messages":['"$user"'],"stream":true,'"$rest"'}'
passes ollama.json 10 /api/chat '{"model":"ollama-1:m","messages":['"$user"'],"stream":false,'"$rest"'}' '{"model":"m","messages":['"$user"'],"stream":false,'"$rest"'}'
bedrock='{"messages":[{"role":"user","content":[{"text":"hi"}]}],'"$rest"'}'
passes bedrock.frames 11 /model/bedrock-1:m/converse-stream "$bedrock" "$bedrock"
passes bedrock.json 12 /model/bedrock-1:m/converse "$bedrock" "$bedrock"
is 'what is to be known of it' "$(sent_head 1 | grep -i '^anthropic-beta')" 'anthropic-beta: neu-1,neu-2'
is 'by no other' "$(sent_head 5 | grep -ci '^anthropic-beta')" 0
until_true 10 sh -c '[ "$(or-usage -l | wc -l)" -ge 12 ]'
is 'all are booked' "$(or-usage -l | awk -F '\t' '{ n++; p += $8; c += $9; usd += $12 } END { print n, p, c, usd }')" '12 12000 6000 0.024'
upstream_stop

# Where it can't be passed on it is written anew.
sed 's/^data: /data:/' gemini.sse >array.sse
cat >cases <<EOT
match /first/
status 500
header Connection: close
body {"error":{"message":"no"}}
close
--
$head_of\r\n
file $dir/anthropic.json
close
--
$head_of\r\n
file $dir/anthropic.sse
close
--
match /third/
status 500
header Connection: close
body {"error":{"message":"no"}}
close
--
$head_of\r\n
send data: {"choices":[{"index":0,"delta":{"content":"from another"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n
close
--
$head_of\r\n
send event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","role":"assistant","model":"m","content":[],"usage":{"input_tokens":1}}}\n\n
send event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","neu":1}}\n\n
send event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}\n\n
send event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"too much"}}\n\n
close
--
$head_of\r\n
file $dir/array.sse
close
--
$head_of\r\n
file $dir/anthropic.json
close
--
$head_of\r\n
file $dir/anthropic.json
close
EOT
upstream <cases
UP=$PORT
: >"$XDG_CONFIG_HOME/orutils/providers"
provider first anthropic /first
provider second anthropic /second
provider other openai /other
provider array gemini /array
printf '%s\n' 'same: first:m, second:m' 'another: third:m, other:m' >"$XDG_CONFIG_HOME/orutils/aliases"
provider third anthropic /third
serve -q -r 0
messages='"max_tokens":9,"messages":['"$user"'],'"$rest"
ask /v1/messages '{"model":"same",'"$messages"'}'
with_cost anthropic.json >want
ok 'another one of that format' cmp want body
is 'was sent the same' "$(sent_body 2)" '{"model":"m",'"$messages"'}'
ask /v1/messages '{"model":"second:m","stream":false,'"$messages"'}'
is 'a stream that nobody asked for' "$status $(json body content 0 text)" '200 "Hi ü \"message_delta\""'
ask /v1/messages '{"model":"another","stream":true,'"$messages"'}'
is 'an answer that is none' "$status $(grep -c from.another body)" '200 1'
like 'in the words of its own format' "$(sent_body 5)" '{"model":"m",*"messages":*'
ask /v1/messages '{"model":"second:m","stream":true,'"$messages"'}'
is 'an error in the stream' "$(grep '^event:' body | tr '\n' ' ')" 'event: message_start event: content_block_start event: content_block_delta event: error '
is 'what came before it is as it was' "$(grep -c '"neu":1' body)" 1
ask /v1beta/models/array:m:streamGenerateContent "$gemini"
is 'an array' "$status $(json body 1 candidates 0 content parts 0 text)" '200 "i"'
on='X-OpenRouter-Cache: true'
for i in MISS HIT; do
	ask /v1/messages '{"model":"second:m","top_k":1,'"$messages"'}' -H "$on"
	is "kept, $i" "$(sed -n 's/\r//; s/^X-OpenRouter-Cache-Status: //p' head) $(json body content 0 text) $(json body usage cost)" \
		"$i \"Hi\" $([ $i = HIT ] && echo 0 || echo 0.002)"
done
printf '%s\n' 'day 0.05' >"$XDG_CONFIG_HOME/orutils/budgets"
serve -q -r 0
ask /v1/messages '{"model":"second:m","messages":['"$user"'],'"$rest"'}'
is 'what a budget allows' "$status $(sent_body 9 | grep -c neu)" '200 1'
ok 'is less' [ "$(sent_body 9 >sent.json && json sent.json max_tokens)" -lt 25000 ]
finish
