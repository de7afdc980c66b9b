#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: what an OpenAI-format provider says beyond what anybody here knows, for a client of that format. Nothing else of the answer is other than without it.
. "$(dirname "$0")/serve.sh"

# provider NAME PATH: a line of the table, for the upstream that runs
provider() { table "$1 ${3:-openai} http://127.0.0.1:$UP$2 price=1,2 none"; }
# ask PATH BODY [curl option...]: the answer, its id as GEN
ask()
{
	ask_path=$1 ask_body=$2
	shift 2
	hit '' -N -H 'Content-Type: application/json' "$@" -d "$ask_body" "$BASE$ask_path"
	id=$(sed -n 's/\r//; s/^X-Generation-Id: //p' head)
	sed "s/$id/GEN/g" body >got
}
# same NAME FILE: these bytes
same()
{
	is "$1: status" "$status" 200
	ok "$1: every byte" cmp "$2" got || diff "$2" got | head -n 6 | sed 's/^/# /'
}
head_of='send HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'

cat >chat.sse <<'EOT'
data: {"id":"","object":"chat.completion.chunk","created":0,"model":"","choices":[],"prompt_filter_results":[{"prompt_index": 0}]}

data: {"id":"c","object":"chat.completion.chunk","created":5,"model":"theirs","system_fingerprint":"fp_1","service_tier":"flex","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"obfuscation":"x"}

data: {"id":"c","object":"chat.completion.chunk","created":5,"model":"theirs","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":"H","token_id":17},"content_filter_results":{}}]}

data: {"id":"c","object":"chat.completion.chunk","created":5,"model":"theirs","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":"i \u00fc","token_id":17},"content_filter_results":{}}]}

data: {"id":"c","object":"chat.completion.chunk","created":5,"model":"theirs","choices":[{"index":0,"delta":{},"logprobs":{"content":[{"token":"i"}],"neu":1.0}}]}

data: {"id":"c","object":"chat.completion.chunk","created":5,"model":"theirs","choices":[{"index":0,"delta":{"tool_calls":[{"id":"t","function":{"name":"f","arguments":"{}","sig":[ 1]},"extra_content":{"google":{"thought_signature":"c2ln"}}}]}}]}

data: {"id":"c","object":"chat.completion.chunk","created":5,"model":"theirs","choices":[{"index":0,"delta":{},"finish_reason":"eos","matched_stop":1.50}],"x_groq":{"id":"req_1"}}

data: {"id":"c","object":"chat.completion.chunk","created":5,"model":"theirs","system_fingerprint":null,"choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500,"queue_time":1e-3},"timings":{"ms":[ 1]}}

data: [DONE]

EOT
cat >chat.want <<'EOT'
data: {"id":"GEN","object":"chat.completion.chunk","created":5,"model":"theirs","provider":"one","system_fingerprint":"fp_1","service_tier":"flex","obfuscation":"x","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

data: {"id":"GEN","object":"chat.completion.chunk","created":5,"model":"theirs","provider":"one","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":"H","token_id":17},"content_filter_results":{},"finish_reason":null}]}

data: {"id":"GEN","object":"chat.completion.chunk","created":5,"model":"theirs","provider":"one","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":"i ü","token_id":17},"content_filter_results":{},"finish_reason":null}]}

data: {"id":"GEN","object":"chat.completion.chunk","created":5,"model":"theirs","provider":"one","choices":[{"index":0,"delta":{},"logprobs":{"content":[{"token":"i"}],"neu":1.0},"finish_reason":null}]}

data: {"id":"GEN","object":"chat.completion.chunk","created":5,"model":"theirs","provider":"one","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"f","arguments":"","sig":[ 1]},"extra_content":{"google":{"thought_signature":"c2ln"}}}]},"finish_reason":null}]}

data: {"id":"GEN","object":"chat.completion.chunk","created":5,"model":"theirs","provider":"one","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]},"finish_reason":null}]}

data: {"id":"GEN","object":"chat.completion.chunk","created":5,"model":"theirs","provider":"one","x_groq":{"id":"req_1"},"choices":[{"index":0,"delta":{},"matched_stop":1.50,"finish_reason":"stop","native_finish_reason":"eos"}]}

data: {"id":"GEN","object":"chat.completion.chunk","created":5,"model":"theirs","provider":"one","prompt_filter_results":[{"prompt_index": 0}],"system_fingerprint":"fp_1","service_tier":"flex","obfuscation":"x","x_groq":{"id":"req_1"},"timings":{"ms":[ 1]},"choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500,"queue_time":1e-3,"cost":0.002}}

data: [DONE]

EOT
cat >chat.json <<'EOT'
{
  "id": "c",
  "object": "chat.completion",
  "created": 5,
  "model": "theirs",
  "system_fingerprint": "fp_1",
  "openrouter_metadata": {"not": "ours"},
  "choices": [{
    "index": 0,
    "message": {"role": "assistant", "content": "Hi", "reasoning_content": "hm", "provider_specific_fields": {"a": [1.0,
      null]}, "tool_calls": [{"id": "t", "function": {"name": "f", "arguments": "{}", "sig": [
      1]}}]},
    "logprobs": {"content": [{"token": "Hi"}], "neu": 1.0},
    "finish_reason": "end_turn",
    "stop_reason": null
  }],
  "citations": ["https://a/"],
  "usage": {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500, "queue_time": 1e-3}
}
EOT
printf %s '{"id":"GEN","object":"chat.completion","created":5,"model":"theirs","provider":"one","choices":[{"index":0,"message":{"role":"assistant","content":"Hi","reasoning":"hm","tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{}","sig": [1]}}],"annotations":[{"type":"url_citation","url_citation":{"url":"https://a/"}}],"provider_specific_fields": {"a": [1.0,null]}},"logprobs":{"content":[{"token": "Hi"}],"neu": 1.0},"finish_reason":"stop","native_finish_reason":"end_turn","stop_reason": null}],"usage":{"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500, "queue_time": 1e-3,"cost":0.002},"system_fingerprint": "fp_1","citations": ["https://a/"]}' >whole.want
cat >old.sse <<'EOT'
data: {"id":"c","object":"text_completion","created":5,"model":"theirs","neu":1.0,"choices":[{"index":0,"text":"Hi","y":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500}}

data: [DONE]

EOT
cat >old.want <<'EOT'
data: {"id":"GEN","object":"text_completion","created":5,"model":"theirs","choices":[{"index":0,"text":"Hi","logprobs":null,"y":{},"finish_reason":null}]}

data: {"id":"GEN","object":"text_completion","created":5,"model":"theirs","choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"stop"}]}

data: {"id":"GEN","object":"text_completion","created":5,"model":"theirs","neu":1.0,"choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500,"cost":0.002}}

data: [DONE]

EOT
printf %s '{"id":"c","created":5,"model":"theirs","choices":[{"index":0,"text":"Hi","y":{},"finish_reason":"stop"}],"neu":1.0,"usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500}}' >old.json
printf %s '{"id":"GEN","object":"text_completion","created":5,"model":"theirs","choices":[{"index":0,"text":"Hi","logprobs":null,"y":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500,"cost":0.002},"neu":1.0}' >oldwhole.want

{
	for f in chat.sse chat.json chat.json; do
		printf '%s\n' "$head_of" 'split 7 0' "file $dir/$f" close --
	done
	printf '%s\n' 'match /no/' 'status 500' 'header Connection: close' 'body {"error":{"message":"no"},"neu":1}' close -- "$head_of" "file $dir/chat.sse" close --
	printf '%s\n' 'status 503' 'header Connection: close' 'header Retry-After-Ms: 1' 'body {"error":{"message":"later"},"neu":1}' close -- "$head_of" "file $dir/chat.sse" close --
	for f in chat.sse chat.json chat.json chat.json old.sse old.json; do
		printf '%s\n' "$head_of" "file $dir/$f" close --
	done
	printf '%s\n' "$head_of" 'send data: {"id":"c","created":5,"model":"theirs","choices":[{"index":0,"delta":{"content":"Hi","neu":1}}]}\n\n' \
		'send data: {"error":{"message":"too much","code":529},"neu":2}\n\n' close
} >cases
upstream <cases
UP=$PORT
provider one /v1
provider none /no
provider old /v1 completions
mkdir -p "$XDG_CONFIG_HOME/orutils"
echo 'another: none:m, one:m' >"$XDG_CONFIG_HOME/orutils/aliases"
serve -q -r 1 --cache-size 1Mi
chat=/api/v1/chat/completions messages='"messages":[{"role":"user","content":"hi"}]'
ask $chat '{"model":"one:m","stream":true,'"$messages"'}'
same 'a stream' chat.want
ask $chat '{"model":"one:m",'"$messages"'}'
same 'whole' whole.want
ask $chat '{"model":"one:m","stream":true,'"$messages"'}'
is 'whole in place of a stream' "$status $(grep -c '"provider_specific_fields": {"a": \[1.0,null\]}},"stop_reason": null' got) $(grep -c '"citations": \["https://a/"\],"choices":\[\],"usage"' got)" '200 1 1'
ask $chat '{"model":"another","stream":true,'"$messages"'}'
same 'of another one' chat.want
ask $chat '{"model":"one:m","stream":true,'"$messages"'}'
same 'at the second time' chat.want
for i in MISS HIT; do
	ask $chat '{"model":"one:m","top_p":1,"stream":true,'"$messages"'}' -H 'X-OpenRouter-Cache: true'
	is "kept, $i" "$(sed -n 's/\r//; s/^X-OpenRouter-Cache-Status: //p' head)" $i
	sed 's/"created":[0-9]*/"created":5/; s/"usage":.*/USED/' got >got.kept
	sed 's/"usage":.*/USED/' chat.want >want
	ok "kept, $i: every byte but of the usage" cmp want got.kept
done
for i in MISS HIT; do
	ask $chat '{"model":"one:m","top_p":1,'"$messages"'}' -H 'X-OpenRouter-Cache: true'
	is "kept whole, $i" "$(sed -n 's/\r//; s/^X-OpenRouter-Cache-Status: //p' head) $(json got system_fingerprint) $(json got choices 0 message provider_specific_fields) $(json got choices 0 message tool_calls 0 function sig) $(json got choices 0 logprobs neu)" \
		"$i \"fp_1\" {\"a\":[1,null]} [1] 1"
done
ask $chat '{"model":"one:m",'"$messages"'}' -H 'X-OpenRouter-Metadata: enabled'
is 'the metadata is ours' "$(json got openrouter_metadata requested) $(grep -o openrouter_metadata got | wc -l)" '"one:m" 1'
ask /v1/messages '{"model":"one:m","max_tokens":9,'"$messages"'}'
is 'nothing of it in another format' "$status $(json body content 1 text) $(grep -c 'fp_1\|provider_specific' body)" '200 "Hi" 0'
ask /v1/completions '{"model":"old:m","stream":true,"prompt":"hi"}'
same 'the old format' old.want
ask /v1/completions '{"model":"old:m","prompt":"hi"}'
same 'the old format, whole' oldwhole.want
ask $chat '{"model":"one:m","stream":true,'"$messages"'}'
is 'an error in the stream' "$(grep -c '"content":"Hi","neu":1}' got) $(grep -c '"error":{"code":529.*"finish_reason":"error"' got) $(grep -c DONE got)" '1 1 0'
is 'every request came' "$(n_sent)" 14
finish
