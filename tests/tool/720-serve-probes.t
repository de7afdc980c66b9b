#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: clients that leave, providers that break, readers that don't read.
. "$(dirname "$0")/serve.sh"
providers_up
serve -q -r 0 -W 1
python3 -B "$tests/probes.py" "$PORT" "$UP" "$GATE"
