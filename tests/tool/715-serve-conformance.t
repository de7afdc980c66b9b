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
key=$(or-key new user) manager=$(or-key new --management manager)
serve -q -r 0
$python -B "$tests/conformance.py" "$document" "$BASE" "$key" "$manager"
