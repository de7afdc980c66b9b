#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: new tables while another program holds the ledger's lock: who has the keys goes on, and nobody is turned away.
. "$(dirname "$0")/serve.sh"
skip_unless sqlite3
ask='{"model":"mock/echo","max_tokens":10,"messages":[{"role":"user","content":"one two"}]}'
key=$(or-key new --limit 5 one)
models() { hit models -H "Authorization: Bearer $key" "$BASE/v1/models"; }
family() { cat /proc/"$GATE"/task/"$GATE"/children; }
n_processes() { family | wc -w; }
has() { [ "$(n_processes)" -eq "$1" ]; }
told() { grep -q 'or-serve: new tables' gate.log; }
# locked SECONDS: the ledger is locked for so long, and the process that keeps it waits for it: a call is to be booked
locked()
{
	rm -f locked
	python3 -c 'import sqlite3, sys, time
c = sqlite3.connect("ledger.db", isolation_level=None)
c.execute("BEGIN IMMEDIATE")
open("locked", "w").close()
time.sleep(float(sys.argv[1]))
c.execute("COMMIT")' "$1" &
	LOCK=$!
	until_true 10 test -e locked
	curl -sS -m 60 -o call -w '%{http_code}' -H "Authorization: Bearer $key" -H 'Content-Type: application/json' -d "$ask" \
		"$BASE/v1/chat/completions" >call.status 2>/dev/null &
	CALL=$!
	sleep 0.3
}
# all STATUS: of twenty requests in three seconds
all()
{
	all_bad=
	for i in $(seq 20); do
		models
		[ "$status" = "$1" ] || all_bad="$all_bad $status"
		sleep 0.15
	done
	echo "$all_bad"
}

serve -q -v --workers 2
models
is 'before' "$status" 200
old=$(family)
locked 8
kill -HUP "$GATE"
ok 'new workers wait beside the old ones' until_true 5 has 5
is 'nobody is turned away meanwhile' "$(all 200)" ''
ok 'the tables are not yet new' sh -c '! grep -q "new tables" gate.log'
kill -HUP "$GATE"
sleep 0.3
is 'nor after a second signal' "$(all 200)" ''
like 'that is told' "$(cat gate.log)" '*the ledger is waited for*'
wait "$LOCK"
ok 'once the lock goes they are new' until_true 10 told
wait "$CALL"
is 'the call that waited is answered' "$(cat call.status)" 200
ok 'and the old workers end' until_true 10 has 3
is 'others serve' "$(family | cut -d ' ' -f 1) $(family | tr ' ' '\n' | grep -c -F -x "$(echo "$old" | tr ' ' '\n' | sed 1d)")" "${old%% *} 0"
models
is 'well' "$status" 200

# An end while new ones wait.
locked 3
kill -HUP "$GATE"
until_true 5 has 5
kill -TERM "$GATE"
wait "$LOCK" "$CALL"
is 'a call is waited for at the end' "$(cat call.status)" 200
wait "$GATE" # a second SIGTERM, as serve_stop's would be, cuts
is 'which is clean' $? 0
GATE=
finish
