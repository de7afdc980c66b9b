#!/bin/sh
# SPDX-License-Identifier: ISC
# or-usage and a ledger that lives: days folded, calls that still run, processes that died, ledgers that can only be read.
. "$(dirname "$0")/lib.sh"
OR_LEDGER=$dir/ledger.db
export OR_LEDGER

# Ten days up to today, eight calls each at two models, one of them after a fallback.
python3 - >calls <<'EOT'
import time

today = int(time.time()) // 86400 * 86400000
for day in range(10):
    for i in range(8):
        print(f"call id=g{day}.{i} at={today - day * 86400000 + i * 1000} tag=t{i % 2} session=s status={(i % 4 == 3) * 75}")
        if i % 4 == 2:
            print("attempt model=a/x provider=q endpoint=q:x key=Q http=503 error=temporary blamed=1 ms=10 cost=0.000000000003")
        cost = "" if i == 5 else f" cost=0.{day + 1:04}{i}"
        error = " error=temporary" if i % 4 == 3 else ""
        print(f"attempt model=a/{'xy'[i % 2]} provider=p endpoint=p:x key=P http=200 ttft=100 ms=600 prompt=10 completion=5 cached=2 reasoning=1{cost}{error}")
EOT
fill "$OR_LEDGER" <calls
mkdir ro
cp ledger.db* ro
all() {
	for keys in model day tag key status day,model,tag,status provider endpoint,status day,provider; do
		or-usage -d 20d -g "$keys" | cut -f 1-10
	done
	or-usage -d 20d -s
	or-usage -d 20d -s tag=t1 status=75
	or-usage -d 20d -s provider=q
}
all >before
ok 'there are rows' [ "$(wc -l <before)" -gt 70 ]
is 'one by one, days come to what their sums say' "$(or-usage -v -d 20d -g day,model,tag,status 2>/dev/null)" "$(or-usage -d 20d -g day,model,tag,status)"
is 'a call that is in no whole day of the range is read itself' "$(or-usage -d "$(date -u -d '2 days ago' +%Y-%m-%dT00:00:02),today" -s | cut -f 1)" 22
t 'pruned, and told so' -e 'or-usage: 48 calls were folded into sums of their days' -- or-usage -v --prune 3
t 'again: nothing is left to do' -e 'or-usage: 0 calls were folded into sums of their days' -- or-usage -v --prune 3
t 'without -v nothing is said' -- or-usage --prune 3
all >after
ok 'all sums are what they were' cmp before after
t 'calls that are left' -o 32 -E -- sh -c 'or-usage -l -d 20d | wc -l | tr -d " "'
like 'a warning for those that are not' "$(cat err)" 'or-usage: 48 calls were folded into sums of their days, and aren'\''t listed'
t '-q: none' -p '' -- or-usage -q -l -d 20d tag=nothing
t 'of the selected ones' -E -o 'or-usage: 24 calls were folded into sums of their days, and aren'\''t listed' -- sh -c 'or-usage -l -d 20d tag=t1 2>&1 >/dev/null'
is 'as an hour a folded day shows its day' "$(or-usage -d 20d -g hour | grep -c '^....-..-..	8	')" 6
is 'as a session nothing' "$(or-usage -d 20d -g session | cut -f 1,2 | sort | tr '\n\t' '; ')" '- 48;s 32;'
is 'percentiles are of what is left' "$(or-usage -d 20d -g endpoint endpoint=p:x | cut -f 2,11,15)" '80	100	10'
t 'everything before today' -- or-usage --prune 0
all >after
ok 'and all sums are what they were' cmp before after
is 'today stays' "$(or-usage -q -l | wc -l | tr -d ' ')" 8

# ── calls that run, and ones whose process died ──
mkfifo hold
"${lib_upstream%/*}/ledger" reserve "$OR_LEDGER" 0.5 100 <hold >said &
pid=$!
exec 9>hold
i=0
while [ ! -s said ] && [ $i -lt 100 ]; do
	sleep 0.1
	i=$((i + 1))
done
run=tag=
# shellcheck disable=SC2086
t 'a call that runs has neither status nor cost' -o '-	-' -- sh -c "or-usage -l -d 1h '$run' | cut -f 6,12"
t 'and is in no sum' -o '0	0	0	0	0	0	0	0' -e "or-usage: 1 calls that still run are in no sum" -- or-usage -v -s "$run"
t 'nor in those of days' -o '0	0	0	0	0	0	0	0' -- or-usage -s "$run"
t 'nor in those of attempts' -o '0	0	0	0	0	0	0	0' -- or-usage -s "$run" 'provider=*'
kill -9 "$pid"
wait "$pid" 2>/dev/null
exec 9>&-
t 'it died: settled at what was reserved' -p '0.5\treserved\n' -e 'or-usage: settled at what was reserved for it: 1 call whose process died' -- \
	sh -c "or-usage -v -l -d 1h '$run' | cut -f 12,13"
t 'once' -p '1\t0.5\n' -- sh -c "or-usage -s '$run' | cut -f 1,6"

# ── who can only read ──
[ "$(id -u)" -ne 0 ] || finish
OR_LEDGER=$dir/ro/ledger.db
chmod 400 ro/*
chmod 500 ro
t 'a ledger that can only be read is read' -o 80 -- sh -c 'or-usage -d 20d -s | cut -f 1'
t 'and not pruned' -s 73 -e 'or-usage: *' -- or-usage --prune 1
finish
