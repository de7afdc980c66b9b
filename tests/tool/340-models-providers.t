#!/bin/sh
# SPDX-License-Identifier: ISC
# or-models -b: other providers' lists.
# shellcheck disable=SC2016 # quoted text is for another shell
. "$(dirname "$0")/lib.sh"
conf=$XDG_CONFIG_HOME/orutils
mkdir -p "$conf"

t 'the mock: no network' -p 'mock/echo\t1\t2\t1000000\t-\t-\ttext\tMock: the last user message, word by word
mock/embed\t1\t0\t1000000\t-\t-\ttext\tMock: deterministic unit vectors\n' -- or-models -b mock -l
ok 'and no cache' [ ! -e "$XDG_CACHE_HOME/orutils" ]
t 'a provider that is not in the table' -s 64 -e "or-models: no provider 'opnai' in the table; near: openai" -- or-models -b opnai
t 'one that is like none' -s 64 -e "or-models: no provider 'zzzzzzz' in the table" -- or-models -b zzzzzzz
t 'no key' -s 78 -e 'or-models: groq: *GROQ_API_KEY*' -- or-models -b groq

# list NAME ROW BODY WANT: the list of a provider with this row, whose URL gets the port put in
list()
{
	printf '%s\n' '-- forever' 'status 200' "body $3" >case
	upstream <case
	# shellcheck disable=SC2059 # the format is the test's
	printf "$2\n" "$PORT" >"$conf/providers"
	rm -rf "$XDG_CACHE_HOME/orutils"
	t "$1" -p "$4" -- env K=secret or-models -b p -l
}
list 'OpenAI'\''s form' 'p openai http://127.0.0.1:%s/v1 env:K' '{"object":"list","data":[{"id":"gpt-x","object":"model","created":1750000000,"owned_by":"o"}]}' \
	'gpt-x\t-\t-\t-\t-\t2025-06-15\t-\t-\n'
like 'its URL' "$(sent_head 1 | head -n 1)" 'GET /v1/models HTTP/1.1'
like 'its key' "$(sent_head 1 | grep -i ^authorization)" '?uthorization: Bearer secret'
ok 'the key is not in the cache' sh -c '! grep -rq secret "$XDG_CACHE_HOME/orutils"'
list 'price= of its line' 'p openai http://127.0.0.1:%s/v1 price=0.5,1.5 none' '{"data":[{"id":"m"},{"id":"n","pricing":{"prompt":"0.000001","completion":"0"}}]}' \
	'm\t0.5\t1.5\t-\t-\t-\t-\t-\nn\t1\t0\t-\t-\t-\t-\t-\n'
is 'no key' "$(sent_head 1 | grep -ci authorization)" 0
list 'a bare array' 'p openai http://127.0.0.1:%s/v1 none' '[{"id":"m","context_length":4096,"display_name":"M"}]' 'm\t-\t-\t4096\t-\t-\t-\tM\n'
list 'Anthropic' 'p anthropic http://127.0.0.1:%s/v1 env:K' '{"data":[{"type":"model","id":"c","display_name":"C","created_at":"2025-02-19T00:00:00Z"}],"has_more":false}' \
	'c\t-\t-\t-\t-\t2025-02-19\t-\tC\n'
like 'the whole list is asked for' "$(sent_head 1 | head -n 1)" 'GET /v1/models?limit=1000 HTTP/1.1'
like 'its version' "$(sent_head 1 | grep -i ^anthropic-version)" '*2023-06-01'
like 'its key' "$(sent_head 1 | grep -i ^x-api-key)" '*: secret'
list 'Gemini' 'p gemini http://127.0.0.1:%s/v1beta env:K' '{"models":[{"name":"models/g","displayName":"G","inputTokenLimit":1000,"outputTokenLimit":100}]}' \
	'g\t-\t-\t1000\t100\t-\t-\tG\n'
like 'its key' "$(sent_head 1 | grep -i ^x-goog-api-key)" '*: secret'
list 'Ollama' 'p ollama http://127.0.0.1:%s none' '{"models":[{"name":"llama3.2:3b","model":"llama3.2:3b","modified_at":"2025-02-19T01:00:00.5+01:00"}]}' \
	'llama3.2:3b\t-\t-\t-\t-\t2025-02-19\t-\tllama3.2:3b\n'
list 'headers and query of its line' 'p openai http://127.0.0.1:%s/v1 header=X-Team:blue query=v=1 auth=query env:K' '{"data":[{"id":"m"}]}' 'm\t-\t-\t-\t-\t-\t-\t-\n'
like 'in the URL' "$(sent_head 1 | head -n 1)" 'GET /v1/models?v=1&key=secret HTTP/1.1'
like 'in the head' "$(sent_head 1 | grep -i ^x-team)" '*blue'
ok 'a key in the URL is not in the cache' sh -c '! grep -rq secret "$XDG_CACHE_HOME/orutils"'

# Failures
printf '%s\n' '-- forever' 'status 401' 'body {"error":{"message":"Incorrect API key provided: sk-verysecret"}}' >case
upstream <case
printf 'p openai http://127.0.0.1:%s/v1 env:K\n' "$PORT" >"$conf/providers"
rm -rf "$XDG_CACHE_HOME/orutils"
t 'a rejected key' -s 77 -e 'or-models: p: 401 Incorrect API key provided: *' -- env K=sk-verysecret or-models -b p
ok 'a key that comes back is not shown' sh -c '! grep -q verysecret err'
upstream_stop
t 'not reachable' -s 69 -e 'or-models: p: *`or-models -b p --refresh`*' -- env K=x or-models -b p

# OR_GATEWAY takes every call
upstream <<'EOT'
-- forever
status 200
body {"data":[{"id":"via/gateway"}]}
EOT
t 'OR_GATEWAY' -o via/gateway -- env OR_GATEWAY="$OPENROUTER_BASE_URL" OPENROUTER_BASE_URL=http://127.0.0.1:1/ or-models
t 'and no other' -s 64 -e 'or-models: no provider *' -- env OR_GATEWAY="$OPENROUTER_BASE_URL" or-models -b openai
finish
