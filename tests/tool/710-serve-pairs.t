#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: each front on each wire.
. "$(dirname "$0")/serve.sh"
providers_up
serve -q -r 0
python3 -B "$tests/pairs.py" "$PORT"
