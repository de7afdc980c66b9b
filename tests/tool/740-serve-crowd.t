#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve with many clients at once: budgets, reloads, kills, memory.
. "$(dirname "$0")/serve.sh"
skip_unless sqlite3
crowd="python3 -B $tests/crowd.py"
export PYTHONPATH="$tests"
reloads=50 kills=10 deaths=9
[ -z "${PROOF:-}" ] || reloads=1000 kills=100 deaths=60

providers_up
or-key new probe >probe.key
serve -q
hit 'one call' -H "Authorization: Bearer $(cat probe.key)" -H 'Content-Type: application/json' \
	-d '{"model":"u-openai:text","max_tokens":100,"messages":[{"role":"user","content":"hi"}]}' "$BASE/v1/chat/completions"
is 'a call with a key' "$status" 200
each=$(q 'SELECT reserved_pusd FROM attempt')
or-key new --limit "$(python3 -c "print('%.12f' % ($each * 37.5 / 1e12))")" room >room.key
# shellcheck disable=SC2086 # words
ok 'of 500 calls at once, 37 have room' $crowd race "$UP" "$BASE" "$(cat room.key)" 500 37
is 'and were booked' "$(q "SELECT count(*) FROM call WHERE client = 'room' AND state = 1 AND status = 0")" 37
# shellcheck disable=SC2086
ok 'reloads under load fail nobody' $crowd reload "$BASE" "$GATE" "$(cat probe.key)" "$reloads"
# shellcheck disable=SC2086
ok 'memory stays, all is booked' $crowd soak "$BASE" "$GATE" "$(cat probe.key)" 20000
serve_stop
is 'a clean end' $? 0
# shellcheck disable=SC2086
ok 'kills under load lose nothing' $crowd kill "$kills"
# shellcheck disable=SC2086
ok 'nor do deaths of single processes' $crowd deaths "$deaths"
finish
