#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: where there were keys, nobody is let in without one, whatever becomes of them.
. "$(dirname "$0")/serve.sh"
ask='{"model":"mock/echo","max_tokens":10,"messages":[{"role":"user","content":"one two"}]}'
with() { hit call -H "Authorization: Bearer $1" -H 'Content-Type: application/json' -d "$ask" "$BASE/v1/chat/completions"; }
without() { hit call -H 'Content-Type: application/json' -d "$ask" "$BASE/v1/chat/completions"; }
knows() { with "$1" && [ "$status" = 200 ]; }
is_shut() { without && [ "$status" = 401 ]; }
knows_not() { with "$1" && [ "$status" = 401 ]; }
# The pids of or-serve's processes but the first; of the one that keeps the ledger: the first that was started.
family() { cat /proc/"$GATE"/task/"$GATE"/children; }
scribe() { family | tr ' ' '\n' | sort -n | head -n 1; }
is_closed()
{
	without
	is "$1: without a key" "$status" 401
	with "$key"
	is "$1: with one of before" "$status" 401
	hit health "$BASE/health"
	is "$1: it is well" "$status" 200
}
# Another process has its place.
replaced()
{
	replaced_now=$(family)
	[ -n "$replaced_now" ] && case " $replaced_now " in *" $1 "*) return 1 ;; esac
}
set_aside() { ls ledger.db.corrupt-* >/dev/null 2>&1; }
spoil() { printf 'no database, this, but long enough to be looked at' | dd of=ledger.db conv=notrunc 2>/dev/null; }

# The last key is removed.
key=$(or-key new only)
serve -v
with "$key"
is 'a call with the only key' "$status" 200
or-key rm only
ok 'it is removed' until_true 10 knows_not "$key"
is_closed 'no key any more'
worker=$(family | tr ' ' '\n' | sort -n | sed -n 2p)
kill -9 "$worker"
ok 'another worker' until_true 10 replaced "$worker"
is_closed 'behind the death of a worker'
kill -HUP "$GATE"
ok 'new tables' until_true 10 grep -q 'new tables' gate.log
is_closed 'behind a reload'
other=$(or-key new other)
ok 'another key opens it' until_true 10 knows "$other"
without
is 'to nobody else' "$status" 401

# The ledger is lost while it runs.
key=$other
scribe=$(scribe)
rm -f ledger.db-wal ledger.db-shm
spoil
kill -9 "$scribe"
ok 'the ledger is set aside' until_true 20 set_aside
ok 'another process keeps it' until_true 20 replaced "$scribe"
ok 'which lets nobody in' until_true 20 knows_not "$key"
is_closed 'with a new ledger'
like 'it is told' "$(cat gate.log)" '*set aside as*'
key=$(or-key new after)
ok 'a key in the new one opens it' until_true 10 knows "$key"
serve_stop
is 'a clean end' $? 0

# It was lost before.
rm -f ledger.db-wal ledger.db-shm
spoil
: >gate.log
serve
like 'a start over a ledger that was lost says what that means' "$(cat gate.log)" '*set aside as*keys were in it*'
without
is 'this machine is let in' "$status" 200
key=$(or-key new again)
ok 'until there is a key' until_true 10 is_shut
with "$key"
is 'which opens it' "$status" 200
finish
