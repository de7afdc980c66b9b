#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: its errors, openrouter_metadata, and its answers against OpenRouter's OpenAPI document, where that lies beside the recordings.
. "$(dirname "$0")/serve.sh"
document=${OR_RECORDINGS:-$lib_top/../shared/recorded}/../data/openrouter-openapi.yaml
python=python3
$python -c 'import jsonschema, yaml' 2>/dev/null || python=/usr/bin/python3
if [ ! -r "$document" ] || ! $python -c 'import jsonschema, yaml' 2>/dev/null; then
	echo '# no OpenAPI document beside the recordings, or no jsonschema, no yaml'
	python=python3 document=''
fi
providers_up
upstream <<'EOT'
-- forever
match GET /api/v1/models HTTP
status 200
body {"data":[]}
-- forever
match GET /api/v1/endpoints/zdr HTTP
status 200
body {"data":[{"name":"OpenAI | openai/gpt-4","model_id":"openai/gpt-4","model_name":"GPT-4","context_length":8192,"pricing":{"prompt":"0.00003","completion":"0.00006"},"provider_name":"OpenAI","tag":"openai","quantization":null,"max_completion_tokens":null,"max_prompt_tokens":null,"supported_parameters":["tools"],"uptime_last_30m":99.5,"uptime_last_5m":null,"uptime_last_1d":100,"supports_implicit_caching":true,"latency_last_30m":null,"throughput_last_30m":null}]}
EOT
key=$(or-key new user) manager=$(or-key new --management manager)
serve -q -r 0
$python -B "$tests/conformance.py" "$document" "$BASE" "$key" "$manager"
