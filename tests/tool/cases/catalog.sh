# SPDX-License-Identifier: ISC
# A small cached catalog, for tests that route: six models of OpenRouter's, the endpoints of two of them. To be sourced, behind lib.sh;
# OPENROUTER_BASE_URL is where it is said to come from, and has to be set.
#	cache FILE PATH    puts stdin into the cache as the list that was fetched from there
#	lists              the whole catalog, anew
# What the endpoints of a/big have: price in, speed, time to the first token; tools, schemas.
#	cheap/fp8      1     20   500   neither          fast            3    200   900   tools
#	quick/fp4      2     50   100   both             fast/priority   6    400    50   tools
#	slow/flex      0.5    ?     ?   tools            down            0.1    1  5000   tools; status -5

cache()
{
	mkdir -p "$XDG_CACHE_HOME/orutils"
	tr -d '\n' >.list
	printf '{"url":"%s/%s","etag":null,"fetched":%s,"bytes":%s}\n\n' "$OPENROUTER_BASE_URL" "$2" "$(date +%s)" "$(wc -c <.list)" |
		cat - .list >"$XDG_CACHE_HOME/orutils/$1.json"
}

lists()
{
	cache openrouter.models models <<'JSON'
{"data":[
{"id":"a/big","name":"A: Big","created":5,"context_length":100000,"architecture":{"input_modalities":["text","image"],"output_modalities":["text"]},
"pricing":{"prompt":"0.000002","completion":"0.000008","input_cache_read":"0.0000002"},"top_provider":{"context_length":100000,"max_completion_tokens":8000},
"supported_parameters":["max_tokens","temperature","tools","response_format","structured_outputs"]},
{"id":"a/small","name":"A: Small","created":4,"context_length":32000,"architecture":{"input_modalities":["text"],"output_modalities":["text"]},
"pricing":{"prompt":"0.0000005","completion":"0.000001"},"supported_parameters":["max_tokens","temperature"]},
{"id":"b/plain","name":"B: Plain","created":3,"context_length":8000,"architecture":{"input_modalities":["text"],"output_modalities":["text"]},
"pricing":{"prompt":"0.000001","completion":"0.000003","input_cache_read":"0.0000001"},"supported_parameters":["max_tokens"]},
{"id":"b/plain:free","name":"B: Plain (free)","created":3,"context_length":4000,"architecture":{"input_modalities":["text"],"output_modalities":["text"]},
"pricing":{"prompt":"0","completion":"0"},"supported_parameters":["max_tokens"]},
{"id":"~a/big-latest","name":"A: Latest","created":6,"context_length":100000,"architecture":{"input_modalities":["text","image"],"output_modalities":["text"]},
"pricing":{"prompt":"0.000002","completion":"0.000008"},"supported_parameters":["max_tokens","tools"],"alias_target":{"name":"A: Big","slug":"a/big"}},
{"id":"openrouter/auto","name":"Auto","created":1,"context_length":2000000,"architecture":{"input_modalities":["text","image"],"output_modalities":["text"]},
"pricing":{"prompt":"-1","completion":"-1"},"supported_parameters":["max_tokens","tools"]}
]}
JSON
	cache openrouter.endpoints%2Fa%2Fbig models/a/big/endpoints <<'JSON'
{"data":{"id":"a/big","architecture":{"input_modalities":["text","image"],"output_modalities":["text"]},"endpoints":[
{"model_id":"a/big","tag":"cheap/fp8","provider_name":"Cheap Co","quantization":"fp8","context_length":100000,"max_completion_tokens":8000,
"pricing":{"prompt":"0.000001","completion":"0.000004"},"status":0,"uptime_last_30m":99.9,"latency_last_30m":{"p50":500,"p75":600,"p90":800,"p99":2000},
"throughput_last_30m":{"p50":20,"p75":18,"p90":15,"p99":5},"supported_parameters":["max_tokens","temperature"]},
{"model_id":"a/big","tag":"fast","provider_name":"Fast","quantization":"bf16","context_length":100000,"max_completion_tokens":8000,
"pricing":{"prompt":"0.000003","completion":"0.000012","input_cache_read":"0.0000003"},"status":0,"uptime_last_30m":99.9,"latency_last_30m":{"p50":900,"p75":1000,"p90":1200,"p99":3000},
"throughput_last_30m":{"p50":200,"p75":180,"p90":150,"p99":50},"supported_parameters":["max_tokens","temperature","tools","response_format"]},
{"model_id":"a/big","tag":"quick/fp4","provider_name":"Quick","quantization":"mxfp4","context_length":50000,"max_completion_tokens":4000,
"pricing":{"prompt":"0.000002","completion":"0.000008"},"status":0,"uptime_last_30m":99.9,"latency_last_30m":{"p50":100,"p75":150,"p90":200,"p99":300},
"throughput_last_30m":{"p50":50,"p75":40,"p90":30,"p99":20},"supported_parameters":["max_tokens","temperature","tools","response_format","structured_outputs","verbosity"]},
{"model_id":"a/big","tag":"fast/priority","provider_name":"Fast","quantization":"bf16","context_length":100000,"max_completion_tokens":8000,
"pricing":{"prompt":"0.000006","completion":"0.000024"},"status":0,"uptime_last_30m":99.9,"latency_last_30m":{"p50":50,"p75":60,"p90":70,"p99":80},
"throughput_last_30m":{"p50":400,"p75":390,"p90":380,"p99":300},"supported_parameters":["max_tokens","temperature","tools"]},
{"model_id":"a/big","tag":"slow/flex","provider_name":"Slow","quantization":"unknown","context_length":100000,"max_completion_tokens":8000,
"pricing":{"prompt":"0.0000005","completion":"0.000002"},"status":0,"uptime_last_30m":99.9,"latency_last_30m":null,"throughput_last_30m":null,
"supported_parameters":["max_tokens","temperature","tools"]},
{"model_id":"a/big","tag":"down","provider_name":"Down","quantization":"fp16","context_length":100000,"max_completion_tokens":8000,
"pricing":{"prompt":"0.0000001","completion":"0.0000004"},"status":-5,"uptime_last_30m":50,"latency_last_30m":{"p50":5000,"p75":6000,"p90":7000,"p99":8000},
"throughput_last_30m":{"p50":1,"p75":1,"p90":1,"p99":1},"supported_parameters":["max_tokens","temperature","tools"]}
]}}
JSON
	cache openrouter.endpoints%2Fa%2Fsmall models/a/small/endpoints <<'JSON'
{"data":{"id":"a/small","architecture":{"input_modalities":["text"],"output_modalities":["text"]},"endpoints":[
{"model_id":"a/small","tag":"cheap/fp8","provider_name":"Cheap Co","quantization":"fp8","context_length":32000,"max_completion_tokens":null,
"pricing":{"prompt":"0.0000005","completion":"0.000001"},"status":0,"uptime_last_30m":99.9,"supported_parameters":["max_tokens","temperature"]},
{"model_id":"a/small","tag":"tiny","provider_name":"Tiny","quantization":"int8","context_length":16000,"max_completion_tokens":null,
"pricing":{"prompt":"0.0000004","completion":"0.000001"},"status":-2,"uptime_last_30m":90,"supported_parameters":["max_tokens"]}
]}}
JSON
}
