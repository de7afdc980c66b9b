#!/bin/sh
# SPDX-License-Identifier: ISC
# Many processes on one ledger, and those that are killed. What the tools do with it is in the tests of the tools.
. "$(dirname "$0")/lib.sh"
skip_unless python3
ledger=$(dirname "$lib_upstream")/ledger
crowd() { python3 "$lib_top/tests/ledger_crowd.py" "$ledger" "$@"; }

ok '50 processes at once: no call is lost, nobody says a word' crowd writers
ok '200 processes, a budget for 37: 37 are admitted' crowd budget
runs=50
[ -z "${PROOF:-}" ] || runs=500
ok "killed $runs times: what was settled is there, the rest is an orphan" crowd kill $runs

# What was written can be read by people, too.
if command -v sqlite3 >/dev/null 2>&1; then
	t 'a call, written' -- "$ledger" calls one 1 mine
	t 'the view for people' -o 'mine-0|mine|openai/gpt-4o-mini|settled|stop|0|0.000001|computed' -- \
		sqlite3 one 'SELECT id, tag, model, state, finish, status, usd, source FROM calls'
	t 'its time is a date' -o 1 -- \
		sqlite3 one "SELECT started GLOB '20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z' FROM calls"
else
	skip 'the view for people' 'no sqlite3'
fi

# A short process waits for no disk.
if command -v strace >/dev/null 2>&1 && strace -o trace true 2>/dev/null; then
	"$ledger" calls quick 1 mine
	t 'a call is written' -- strace -f -o trace "$ledger" calls quick 1 mine
	is 'nothing is synced' "$(grep -c 'sync' trace)" 0
else
	skip 'nothing is synced' 'strace does not run'
fi
finish
