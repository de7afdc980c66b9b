#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: much at once: bodies, answers, readers that don't read.
. "$(dirname "$0")/serve.sh"
python3 -B "$tests/limits.py" "$dir/up.port" >up.log 2>&1 &
UP_PID=$!
until_true 20 test -s up.port || { echo "Bail out! the provider doesn't start" && exit 1; }
UP=$(cat up.port)
for kind in big bomb bombs long count; do
	table "$kind openai http://127.0.0.1:$UP/$kind/v1 price=1,2 none"
done
serve -q -r 0 --max-memory 128Mi
python3 -B "$tests/limits.py" "$PORT" "$GATE"
