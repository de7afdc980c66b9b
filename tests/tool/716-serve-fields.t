#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: each field of a request: sent, kept, or refused by name.
. "$(dirname "$0")/serve.sh"
providers_up
key=$(or-key new user)
serve -q -r 0
python3 -B "$tests/fields.py" "$BASE" "$UP" "$key"
