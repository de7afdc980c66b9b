#!/bin/sh
# SPDX-License-Identifier: ISC
# What goes to whom: OpenRouter's own fields stay away from others; the shapes in which others answer and fail.
. "$(dirname "$0")/lib.sh"
conf=$XDG_CONFIG_HOME/orutils
mkdir "$conf"
hi='"messages":[{"role":"user","content":"hi"}]'
upstream '-- forever' 'answer ok'
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
printf 'loc openai http://127.0.0.1:%s/v1 none\n' "$PORT" >"$conf/providers"

# Fields that only OpenRouter knows
t 'provider, models, plugins...: not sent to another' -o ok -E -- or-chat -v -M meta -m loc:m -O provider.sort=price -O 'models=["a/b"]' -O 'plugins=[{"id":"web"}]' \
    -O 'transforms=["middle-out"]' -O route=fallback -O temperature=0.5 hi
is_sent 'what all know is sent' 1 "{\"model\":\"m\",$hi,\"temperature\":0.5}"
for f in provider models plugins transforms route; do
	like "the metadata list the loss of $f" "$(json meta losses)" "*$f*"
	ok "-v does: $f" grep -q "$f" err
done
t 'what nobody knows is sent' -o ok -- or-chat -m loc:m -O my_field=1 hi
is_sent 'as it is' 2 "{\"model\":\"m\",$hi,\"my_field\":1}"
t 'usage is asked for' -o ok -- env OPENAI_API_KEY=sk-a OPENAI_BASE_URL="http://127.0.0.1:$PORT/o" or-chat -m openai:gpt-4o hi
is 'with a stream' "$(sent_body 3 | json - stream_options include_usage)" true
t 'but not without one' -o ok -- env OPENAI_API_KEY=sk-a OPENAI_BASE_URL="http://127.0.0.1:$PORT/o" or-chat -O stream=false -m openai:gpt-4o hi
is 'stream_options would be refused' "$(sent_body 4 | json - stream_options)" ''
t '-R at OpenAI' -o ok -- env OPENAI_API_KEY=sk-a OPENAI_BASE_URL="http://127.0.0.1:$PORT/o" or-chat -R low -m openai:gpt-5 hi
is 'is reasoning_effort' "$(sent_body 5 | json - reasoning_effort)" '"low"'
is 'and no reasoning' "$(sent_body 5 | json - reasoning)" ''

# Answers of others
# answers NAME EVENT...: they come to "Hello".
answers()
{
	a_name=$1
	shift
	upstream 'status 200' stream "$@"
	unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
	printf 'loc openai http://127.0.0.1:%s/v1 none\n' "$PORT" >"$conf/providers"
	rm -f meta
	t "$a_name" -o Hello -- or-chat -M meta -m loc:m hi
}
f='sse {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'
answers 'Groq: usage in x_groq' 'sse {"id":"c-1","choices":[{"index":0,"delta":{"content":"Hello"}}],"x_groq":{"id":"req_1"}}' \
    'sse {"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"req_1","usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}}' done
is 'usage' "$(json meta usage prompt) $(json meta usage completion)" '3 4'
answers 'DeepSeek: reasoning_content, cache hits' 'sse {"choices":[{"index":0,"delta":{"content":null,"reasoning_content":"Hm"}}]}' \
    'sse {"choices":[{"index":0,"delta":{"content":"Hello","reasoning_content":null}}]}' \
    'sse {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":1}}' done
is 'cached tokens' "$(json meta usage cached)" 8
answers 'Perplexity: CRLF, usage in each chunk, its cost is an object, no [DONE]' \
    'send data: {"choices":[{"index":0,"delta":{"content":"Hel"}}],"usage":{"prompt_tokens":5,"completion_tokens":1,"cost":{"total_cost":0.006}},"citations":["http://a"]}\r\n\r\n' \
    'send data: {"choices":[{"index":0,"delta":{"content":"lo"},"message":{"content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"cost":{"total_cost":0.007}},"citations":["http://a"]}\r\n\r\n'
is 'the last usage counts' "$(json meta usage completion)" 2
answers 'Azure: a first chunk without an id, filter results' 'sse {"id":"","object":"","created":0,"model":"","choices":[],"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]}' \
    'sse {"id":"c-2","model":"gpt-x","created":5,"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"content_filter_results":{}}]}' \
    'sse {"id":"c-2","model":"gpt-x","created":5,"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}' "$f" done
is 'the id of the second' "$(json meta id) $(json meta model)" '"c-2" "gpt-x"'
answers 'Together: text beside delta' 'sse {"choices":[{"index":0,"text":"Hello","delta":{"token_id":1,"role":"assistant","content":"Hello","tool_calls":null},"seed":17543489329401823000}],"usage":null}' "$f" done
answers 'Mistral: content in parts' 'sse {"choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}],"closed":true}]}}],"p":"abc"}' \
    'sse {"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"Hel"}]}}]}' 'sse {"choices":[{"index":0,"delta":{"content":"lo"}}]}' "$f" done
answers 'Hugging Face: empty tool calls' 'sse {"choices":[{"index":0,"delta":{"content":"Hello","tool_calls":[]},"finish_reason":"stop"}]}' done
answers 'Snowflake: an empty finish reason, then a good one' 'sse {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":""}]}' "$f" done
answers 'a finish reason of its own' 'text Hello' 'finish eos' done
is 'is passed on' "$(json meta native_finish)" '"eos"'
answers 'n = 2: other choices do not mix in' 'sse {"choices":[{"index":1,"delta":{"content":"Bye"}}]}' 'sse {"choices":[{"index":0,"delta":{"content":"Hel"}}]}' \
    'sse {"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}' 'sse {"choices":[{"index":0,"delta":{"content":"lo"}}]}' "$f" done
answers 'an id that changes' 'sse {"id":"a","choices":[{"index":0,"delta":{"content":"Hel"}}]}' 'sse {"id":"b","choices":[{"index":0,"delta":{"content":"lo"}}]}' "$f" done

# Tool calls of others
calls()
{
	c_name=$1
	shift
	upstream 'status 200' stream "$@"
	unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
	printf 'loc openai http://127.0.0.1:%s/v1 none\n' "$PORT" >"$conf/providers"
	or-chat -F json -m loc:m hi >out 2>err </dev/null
	is "$c_name: status" $? 0
	is "$c_name: names and arguments" "$(perl -MJSON::PP -0777 -ne 'print join " ", map { "$_->{function}{name}$_->{function}{arguments}" } @{decode_json($_)->{choices}[0]{message}{tool_calls}}' out)" 'f{"a":1} g{}'
}
calls 'Mistral: whole calls, no index, no type' 'sse {"choices":[{"index":0,"delta":{"content":"","tool_calls":[{"id":"D681PevKs","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"E681PevKs","function":{"name":"g","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}' done
calls 'Mistral: a later delta with an empty name and no id' 'sse {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"1","function":{"name":"f","arguments":"{\"a\""}}]}}]}' \
    'sse {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"null","function":{"name":"","arguments":":1}"}}]}}]}' \
    'sse {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"2","function":{"name":"g","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}' done
calls 'calls by turns' 'sse {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"1","type":"function","function":{"name":"f","arguments":""}},{"index":1,"id":"2","type":"function","function":{"name":"g","arguments":""}}]}}]}' \
    'sse {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]}}]}' \
    'sse {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}}]}' \
    'sse {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}}]}' 'finish tool_calls' done
calls 'finish stop after tool calls' 'sse {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]}}]}' \
    'sse {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"2","type":"function","function":{"name":"g","arguments":"{}"}}]}}]}' 'finish stop' done

# Failures of others
# fails STATUS NAME HTTP BODY PATTERN: the status, and the provider's words on stderr.
fails()
{
	upstream "status $3" 'header Content-Type: application/json' "body $4"
	unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
	printf 'loc openai http://127.0.0.1:%s/v1 none\n' "$PORT" >"$conf/providers"
	t "$2" -s "$1" -e "or-chat: loc: *$5*" -- or-chat -r 0 -m loc:m hi
}
fails 65 'OpenRouter: the true words are in metadata.raw' 400 '{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"temperature must be below 2\"}}","provider_name":"Acme"}}}' 'temperature must be below 2'
fails 65 'Mistral: flat' 422 '{"object":"error","message":"Extra inputs are not permitted","type":"invalid_request_error","param":null,"code":"1500"}' 'Extra inputs are not permitted'
fails 77 'Mistral: detail' 401 '{"detail":"Unauthorized"}' 'Unauthorized'
fails 65 'xAI: error is a string' 400 '{"code":"Some requested entity was invalid","error":"Argument not supported: stop"}' 'Argument not supported'
fails 77 'xAI: a bad key is 400' 400 '{"code":"Client specified an invalid argument","error":"Incorrect API key provided: ab***cd. You can obtain an API key from https://console.x.ai."}' 'Incorrect API key'
fails 75 'Gemini: an error in an array' 503 '[{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}]' 'overloaded'
fails 69 'llama.cpp: 501' 501 '{"error":{"code":501,"message":"This server does not support embeddings","type":"not_supported_error"}}' 'does not support'
fails 77 'Azure: code is digits in a string' 401 '{"error":{"code":"401","message":"Access denied due to invalid subscription key"}}' 'Access denied'
fails 65 'FastAPI: detail is a list' 422 '{"detail":[{"loc":["body","messages"],"msg":"field required","type":"value_error.missing"}]}' '422'
fails 6 'DeepSeek: 402' 402 '{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}' 'Insufficient Balance'
finish
