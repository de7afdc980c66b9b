#!/bin/sh
# SPDX-License-Identifier: ISC
# or-models -e: the endpoints of one model.
# shellcheck disable=SC2016 # quoted text is for another shell, or Perl
. "$(dirname "$0")/lib.sh"

upstream <<'EOT'
--
status 200
header ETag: "e1"
body {"data":{"id":"a/one","architecture":{"input_modalities":["text","image"]},"endpoints":[{"tag":"fast/fp8","provider_name":"Fast Co","context_length":1000,"max_completion_tokens":null,"pricing":{"prompt":"0.0000007406","completion":"0.000004","discount":0.471},"quantization":"fp8","status":-2,"uptime_last_30m":99.99908651597818,"latency_last_30m":{"p50":250,"p99":2000},"throughput_last_30m":{"p50":45.2},"supported_parameters":["tools"]},{"tag":"cheap","provider_name":"Cheap","context_length":2000,"max_completion_tokens":500,"pricing":{"prompt":"0.0000003","completion":"0.000001"},"quantization":"unknown","status":0,"uptime_last_30m":null,"latency_last_30m":null,"throughput_last_30m":null}]}}
-- forever
status 404
body {"error":{"code":404,"message":"No endpoints found for a/onr"}}
EOT
t 'a table' -p 'cheap\tCheap\t2000\t500\t0.3\t1\t-\t0\t-\t-\t-
fast/fp8\tFast Co\t1000\t-\t0.7406\t4\tfp8\t-2\t99.99\t250\t45.2\n' -- or-models -e a/one
like 'its URL' "$(sent_head 1 | head -n 1)" 'GET /api/v1/models/a/one/endpoints HTTP/1.1'
is 'no key' "$(sent_head 1 | grep -ci authorization)" 0
t 'cached' -p 'cheap\nfast/fp8\n' -- or-models -e -1 a/one
is 'one request' "$(n_sent)" 1
is 'in a file of its own' "$(ls "$XDG_CACHE_HOME/orutils")" 'openrouter.endpoints%2Fa%2Fone.json'
t '-S' -p 'cheap\nfast/fp8\n' -- or-models -eS1 a/one
t '-S -r' -p 'fast/fp8\ncheap\n' -- or-models -eSr1 a/one
t '-p' -o cheap -- or-models -e1 -p 0.5,1 a/one
t '-z' -o cheap -- or-models -e1 -z 2000 a/one
t '-y: the parameters are the endpoint'\''s, the modalities the model'\''s' -o fast/fp8 -- or-models -e1 -y tools,image a/one
t '-F ndjson' -E -o '"Cheap"' -- sh -c 'or-models -e -k 1 -F ndjson a/one | perl -MJSON::PP -ne "print JSON::PP->new->allow_nonref->encode(decode_json(\$_)->{provider_name})"; echo'
t 'a model that is not there' -s 69 -e 'or-models: openrouter: 404 No endpoints found for a/onr*' -- or-models -e a/onr
rm -r "$XDG_CACHE_HOME/orutils"
upstream <<'EOT'
--
status 200
body {"data":[{"id":"a/one"},{"id":"zz/other"}]}
-- forever
status 404
body {"error":{"code":404,"message":"No endpoints found for a/onr"}}
EOT
or-models >/dev/null
t 'with the list in the cache: a near name' -s 69 -e 'or-models: openrouter: 404 No endpoints found for a/onr; near: a/one' -- or-models -e a/onr
t 'no slash' -s 64 -e 'or-models: -e takes *' -- or-models -e one
t 'no operand' -s 64 -e 'or-models: -e takes *' -- or-models -e
t 'two operands' -s 64 -e 'or-models: -e takes *' -- or-models -e a/one b/two
t 'no way out of the path' -s 64 -e 'or-models: *no model has*' -- or-models -e a/../../b
t 'not of the mock' -s 64 -e 'or-models: mock: *' -- or-models -b mock -e mock/echo
t 'strange bytes are escaped' -s 69 -E -- or-models -e 'a/b?c#d e%2f'
like 'in the URL' "$(sent_head "$(n_sent)" | head -n 1)" 'GET /api/v1/models/a/b%3Fc%23d%20e%252f/endpoints HTTP/1.1'
upstream_stop
t 'neither cached nor reachable' -s 69 -e 'or-models: openrouter: *`or-models --refresh -e x/y`*' -- or-models -e x/y
finish
