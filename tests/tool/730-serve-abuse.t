#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: requests that nobody should send.
. "$(dirname "$0")/serve.sh"
serve -q --head-timeout 1s
python3 -B "$tests/abuse.py" "$PORT"
