#!/bin/sh
# SPDX-License-Identifier: ISC
# or-embed at each format of provider: the bytes sent, the answers understood, errors, order and retries over connections.
. "$(dirname "$0")/lib.sh"

# at LINE...: an upstream, and a table in which it is every provider.
at()
{
	upstream "$@"
	table
}

table()
{
	mkdir -p config/orutils
	cat >config/orutils/providers <<-EOT
		openai     openai  http://127.0.0.1:$PORT/v1 none
		voyage     openai  http://127.0.0.1:$PORT/v1 none
		mistral    openai  http://127.0.0.1:$PORT/v1 none
		perplexity openai  http://127.0.0.1:$PORT none
		other      openai  http://127.0.0.1:$PORT/v1 none
		gemini     gemini  http://127.0.0.1:$PORT/v1beta none
		vertex     gemini  http://127.0.0.1:$PORT/v1/publishers/google none
		ollama     ollama  http://127.0.0.1:$PORT none
		cohere     cohere  http://127.0.0.1:$PORT/v2 none
		bedrock    bedrock http://127.0.0.1:$PORT region=us-east-1 env:AWS_BEARER_TOKEN_BEDROCK
	EOT
}

# sent_as NAME N PATH JSON: request N's path and body.
sent_as()
{
	is "$1: the path" "$(sent_head "$2" | sed -n '1s/POST \(.*\) HTTP.*/\1/p')" "$3"
	sent_body "$2" >body
	printf '%s' "$4" >wanted
	is "$1: the body" "$(json body)" "$(json wanted)"
}

one='{"object":"list","data":[{"object":"embedding","index":0,"embedding":"AACAPwAAAD8="}],"model":"m","usage":{"prompt_tokens":3,"total_tokens":3}}'
two='{"data":[{"embedding":[0.25,-1e-1],"index":1},{"index":0,"embedding":[1,0.5]}],"usage":{"total_tokens":5}}'
got='1\t1\t0.5\n'
both='1\t1\t0.5\n2\t0.25\t-0.1\n'

# OpenAI's format
at 'status 200' "body $one" -- 'status 200' "body $two"
t 'openai' -i 'a "text"' -p "$got" -- or-embed -m openai:text-embedding-3-small -d 2 -F tsv -M meta
sent_as 'openai' 1 /v1/embeddings '{"model":"text-embedding-3-small","input":["a \"text\""],"dimensions":2,"encoding_format":"base64"}'
is 'its tokens' "$(json meta usage prompt)" 3
is 'its model' "$(json meta model)" '"m"'
t 'openai: numbers, out of order' -f 'one\ntwo\n' -p "$both" -- or-embed -m openai:m -F tsv -O user=me -O input_type=clustering -O encoding_format=float -M meta
sent_as 'openai' 2 /v1/embeddings '{"model":"m","input":["one","two"],"user":"me","encoding_format":"float"}'
is 'the total where there is nothing else' "$(tail -n 1 meta | json - usage prompt)" 5

at '-- forever' 'status 200' "body $one"
t 'voyage' -i a -p "$got" -- or-embed -m voyage:voyage-3 -d 2 -F tsv -O input_type=search_query
sent_as 'voyage' 1 /v1/embeddings '{"model":"voyage-3","input":["a"],"output_dimension":2,"input_type":"query","encoding_format":"base64","truncation":false}'
t 'mistral' -i a -p "$got" -- or-embed -m mistral:mistral-embed -d 2 -F tsv
sent_as 'mistral' 2 /v1/embeddings '{"model":"mistral-embed","input":["a"],"output_dimension":2,"encoding_format":"base64"}'
t 'another one' -i a -p "$got" -- or-embed -m other:m -d 2 -F tsv -O input_type=search_query
sent_as 'another one' 3 /v1/embeddings '{"model":"m","input":["a"],"dimensions":2,"input_type":"search_query"}'
t 'openrouter' -i a -p "$got" -- or-embed -b openrouter -m openai/text-embedding-3-small -F tsv -O provider.zdr=true
sent_as 'openrouter' 4 /api/v1/embeddings '{"model":"openai/text-embedding-3-small","input":["a"],"encoding_format":"base64","provider":{"zdr":true}}'
like 'its key' "$(sent_head 4)" '*Authorization: Bearer sk-test*'

at 'status 200' 'body {"data":[{"embedding":"AAH/gH8=","index":0,"object":"embedding"}],"model":"pplx-embed-v1","usage":{"cost":{"total_cost":0.5},"prompt_tokens":7}}'
t 'perplexity: bytes' -i a -p '1\t0\t1\t-1\t-128\t127\n' -- or-embed -m perplexity:pplx-embed-v1 -F tsv -M meta
sent_as 'perplexity' 1 /embeddings '{"model":"pplx-embed-v1","input":["a"]}'
like 'its cost' "$(tail -n 1 meta | json - cost)" '*0.5*'

# Google's
at 'status 200' 'body {\n  "embeddings": [\n    {\n      "values": [\n        1,\n        0.5\n      ]\n    },\n    {\n      "values": [\n        0.25,\n        -0.1\n      ]\n    }\n  ]\n}\n'
t 'gemini' -f 'one\ntwo\n' -p "$both" -- or-embed -m gemini:gemini-embedding-001 -d 2 -F tsv -O input_type=search_document
sent_as 'gemini' 1 /v1beta/models/gemini-embedding-001:batchEmbedContents '{"requests":[
	{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"one"}]},"taskType":"RETRIEVAL_DOCUMENT","outputDimensionality":2},
	{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"two"}]},"taskType":"RETRIEVAL_DOCUMENT","outputDimensionality":2}]}'
at '-- forever' 'status 200' 'body {"predictions":[{"embeddings":{"statistics":{"truncated":false,"token_count":2},"values":[1,0.5]}}]}'
t 'vertex: a text a request' -f 'one\ntwo\n' -p '1\t1\t0.5\n2\t1\t0.5\n' -- or-embed -m vertex:gemini-embedding-001 -P 1 -d 2 -F tsv
sent_as 'vertex' 2 /v1/publishers/google/models/gemini-embedding-001:predict '{"instances":[{"content":"two"}],"parameters":{"autoTruncate":false,"outputDimensionality":2}}'
# 100 texts at most
at '-- forever' 'status 400' 'body {"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}}'
t 'gemini takes 100 texts at once' -s 65 -E -- sh -c 'seq 101 | or-embed -m gemini:m -Z 1000 -P 1'
is 'and no more' "$(sent_body 1 | json - | tr ',' '\n' | grep -c '"parts"')" 100

# Ollama's
at 'status 200' 'body {"model":"all-minilm","embeddings":[[1,0.5],[0.25,-0.1]],"total_duration":14143917,"prompt_eval_count":8}'
t 'ollama' -f 'one\ntwo\n' -p "$both" -- or-embed -m ollama:all-minilm -F tsv -O keep_alive=5m -M meta
sent_as 'ollama' 1 /api/embed '{"model":"all-minilm","input":["one","two"],"truncate":false,"keep_alive":"5m"}'
is 'its tokens' "$(tail -n 1 meta | json - usage prompt)" 8
at 'status 404' 'body {"error":"model \"none\" not found, try pulling it first"}'
t 'ollama: no such model' -s 69 -i a -e 'or-embed: ollama: *not found*' -- or-embed -m ollama:none
at 'status 400' 'body {"error":"the input length exceeds the context length"}'
t 'ollama: too long' -s 65 -i a -e 'or-embed: line 1: ollama: *context length*' -- or-embed -m ollama:all-minilm

# Cohere's
at '-- forever' 'status 200' 'body {"id":"x","embeddings":{"base64":["AACAPwAAAD8=","AACAPs3MzL0="]},"texts":["one","[1]"],"meta":{"api_version":{"version":"2"},"billed_units":{"input_tokens":4}},"response_type":"embeddings_by_type"}'
t 'cohere' -f 'one\ntwo\n' -p "$both" -- or-embed -m cohere:embed-v4.0 -d 2 -F tsv -M meta
sent_as 'cohere' 1 /v2/embed '{"model":"embed-v4.0","texts":["one","two"],"input_type":"search_document","embedding_types":["base64"],"truncate":"NONE","output_dimension":2}'
is 'its tokens' "$(tail -n 1 meta | json - usage prompt)" 4
at 'status 200' 'body {"embeddings":{"float":[[1,0.5]]}}'
printf '\0\0\200?\0\0\0?' >v
t 'cohere is told of a query' -o '1.000000	1	-' -- or-embed -m cohere:embed-v4.0 -Q what v
sent_as 'cohere' 1 /v2/embed '{"model":"embed-v4.0","texts":["what"],"input_type":"search_query","embedding_types":["base64"],"truncate":"NONE"}'

# Amazon's: Titan takes a text a call, Cohere's more
export AWS_BEARER_TOKEN_BEDROCK=token
at '-- forever' 'match one' 'status 200' 'body {"embedding":[1,0.5],"embeddingsByType":{"float":[1,0.5]},"inputTextTokenCount":3}' \
	'-- forever' 'match "inputText":"two"' 'status 200' 'body {"embedding":[0.25,-0.1],"inputTextTokenCount":3}'
t 'titan' -f 'one\ntwo\n' -p "$both" -- or-embed -m bedrock:amazon.titan-embed-text-v2:0 -d 2 -P 1 -F tsv -M meta
sent_as 'titan' 1 /model/amazon.titan-embed-text-v2%3A0/invoke '{"inputText":"one","dimensions":2}'
is 'its tokens' "$(tail -n 1 meta | json - usage prompt)" 3
at 'status 200' 'body {"embeddings":{"float":[[1,0.5],[0.25,-0.1]]},"id":"x","response_type":"embeddings_by_type","texts":["one","two"]}'
t 'cohere at Amazon' -f 'one\ntwo\n' -p "$both" -- or-embed -m bedrock:us.cohere.embed-v4:0 -F tsv
sent_as 'cohere at Amazon' 1 /model/us.cohere.embed-v4%3A0/invoke '{"texts":["one","two"],"input_type":"search_document","embedding_types":["float"],"truncate":"NONE"}'
at 'status 403' 'header x-amzn-errortype: AccessDeniedException' 'body {"message":"You don'\''t have access to the model with the specified model ID."}'
t 'no access' -s 69 -i a -e 'or-embed: bedrock: 403*' -- or-embed -m bedrock:amazon.titan-embed-text-v2:0

# Answers that are wrong
wrong()
{
	at '-- forever' 'status 200' "body $3"
	t "$1" -s "$2" -i a -e "or-embed: *" -- or-embed -m openai:m -r 0 -F tsv
}
wrong 'no vector' 76 '{"data":[],"usage":{"prompt_tokens":1}}'
wrong 'two vectors for one text' 76 '{"data":[{"embedding":[1]},{"embedding":[1]}]}'
wrong 'a number that is too high' 76 '{"data":[{"embedding":[1],"index":1}]}'
wrong 'NaN' 76 '{"data":[{"embedding":[1,NaN],"index":0}]}'
wrong 'half a float' 76 '{"data":[{"embedding":"AACA","index":0}]}'
wrong 'no JSON behind the vector' 76 '{"data":[{"embedding":[1],"index":0}],}'
wrong 'HTML' 76 '<html><body>hello</body></html>'
wrong 'an error under a 200' 77 '{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}'
wrong 'nothing' 75 ''
at 'status 200' 'header Content-Length: 1000' 'line' 'send {"data":[{"embedding":[1,2' 'close' -- 'status 200' "body $one"
t 'a cut, tried again' -i a -p "$got" -- or-embed -m openai:m -F tsv
at 'status 200' 'line' 'send {"data":[{"embedding":[1,2' 'close' -- 'status 200' "body $one"
t 'a cut that looks like an end, tried again' -i a -p "$got" -- or-embed -m openai:m -F tsv
at 'status 200' "body $one" -- 'status 200' 'body {"data":[{"embedding":[1,2,3],"index":0}]}'
t 'dimensions that change' -s 76 -f 'a\nb\n' -E -- sh -c 'or-embed -m openai:m -Z 1 -P 1 -F tsv >/dev/null; s=$?; cat >/dev/null; exit $s'
at 'status 404' 'body {"error":{"message":"The model `none` does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"}}'
t 'no such model' -s 69 -i a -e 'or-embed: openai: 404*' -- or-embed -m openai:none
at '-- forever' 'status 429' 'header Retry-After: 1' 'body {"error":{"message":"slow down","type":"rate_limit_error"}}'
t '429' -s 75 -i a -e 'or-embed: openai: 429*' -- or-embed -r 0 -m openai:m

# The order, whichever answer comes first; a request that fails is tried again, and no other
answer() { printf '{"data":[{"embedding":[%s],"index":0}]}' "$1"; }
at '-- forever' 'match "one"' 'delay 400' 'status 200' "body $(answer 1)" '-- forever' 'match "two"' 'status 200' "body $(answer 2)" \
	-- 'match "three"' 'status 503' 'body {}' '-- forever' 'match "three"' 'delay 100' 'status 200' "body $(answer 3)"
t 'the slowest first' -f 'one\ntwo\nthree\n' -p '1\t1\n2\t2\n3\t3\n' -- or-embed -m openai:m -Z 1 -P 3 -F tsv
is 'one was tried again' "$(n_sent)" 4
is 'three at once' "$(for n in 1 2 3; do sent_body $n | json - input 0; done | sort | tr '\n' ' ')" '"one" "three" "two" '

# One bad text of eight
at '-- forever' 'match "bad"' 'status 400' 'body {"error":{"message":"maximum context length is 8192 tokens","type":"invalid_request_error"}}' \
	'-- forever' 'match ["1","2","3","4"]' 'status 200' "body {\"data\":[{\"embedding\":[1]},{\"embedding\":[2]},{\"embedding\":[3]},{\"embedding\":[4]}]}" \
	'-- forever' 'match ["5"]' 'status 200' "body $(answer 5)"
t 'a text that the provider refuses is found' -s 65 -f '1\n2\n3\n4\n5\nbad\n7\n8\n' -p '1\t1\n2\t2\n3\t3\n4\t4\n5\t5\n' -e 'or-embed: line 6: openai: 400*maximum context length*' -- or-embed -m openai:m -F tsv

# Some fail for good after others have worked
at '-- forever' 'match "no"' 'status 500' 'body {"error":{"message":"broken"}}' '-- forever' 'status 200' "body $(answer 1)"
some='1\t1\n2\t-\n3\t1\n'
t 'a record that fails' -s 1 -f 'a\nno\nc\n' -p "$some" -e "or-embed: line 2 has no vector: openai: 500*
or-embed: 1 of 3 lines have no vector*" -- or-embed -m openai:m -Z 1 -P 1 -r 0 -F tsv
t 'as ndjson' -s 1 -f 'a\nno\n' -E -p '{"record":1,"text":"a","model":"m","embedding":[1]}\n{"record":2,"text":"no","model":"m","error":"openai: 500 broken"}\n' -- or-embed -m openai:m -Z 1 -P 1 -r 0
t 'as f32' -s 1 -f 'a\nno\n' -E -p '\0\0\200?\0\0\300\177' -- or-embed -m openai:m -Z 1 -P 1 -r 0 -F f32
t 'before anything worked it is the end' -s 75 -f 'no\nc\n' -e 'or-embed: openai: 500*' -- or-embed -m openai:m -Z 1 -P 1 -r 0 -F tsv
t 'a file is whole all the same' -s 1 -f 'a\nno\nc\n' -E -- or-embed -m openai:m -Z 1 -P 1 -r 0 -F npy -o got
is 'its head' "$(dd if=got bs=1 skip=10 count=118 2>/dev/null | tr -s ' ')" "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 1), } "
finish
