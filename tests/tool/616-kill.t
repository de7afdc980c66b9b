#!/bin/sh
# SPDX-License-Identifier: ISC
# or-chat that is killed, interrupted, left by its reader, or has no place for its ledger: what is booked.
. "$(dirname "$0")/lib.sh"
skip_unless sqlite3 python3
trap 'umount readonly small 2>/dev/null; lib_clean' EXIT
unset OR_LEDGER
conf=$XDG_CONFIG_HOME/orutils
mkdir "$conf"
db=$XDG_STATE_HOME/orutils/ledger.db
q() { sqlite3 "$db" "$1"; }
last() { q "SELECT status, error, state, cost_pusd / 1000000, source FROM call ORDER BY row DESC LIMIT 1"; }
providers()
{
	cat >"$conf/providers" <<-EOP
	slow openai http://127.0.0.1:$PORT/slow price=3,15 none
	bad openai http://127.0.0.1:$PORT/bad price=3,15 none
	groq openai http://127.0.0.1:$PORT/slow slug=groq price=3,15 none
	EOP
}

# kill -9, at random
upstream '-- forever' 'match /bad' 'status 503' 'body {}' '-- forever' 'match /slow' 'delay 10' 'status 200' stream 'text one ' 'delay 10' \
	'text two ' 'delay 10' 'text three ' 'delay 10' 'text four ' 'delay 10' 'text five ' 'delay 10' 'text six' 'finish stop' \
	'usage {"prompt_tokens":10,"completion_tokens":6}' done
providers
echo 'day tag=b-* 1000' >"$conf/budgets"
runs=60
[ -z "${PROOF:-}" ] || runs=500
ok "killed $runs times: what was printed is booked, the rest is an orphan" python3 "$lib_top/tests/chat_kill.py" "$runs" "$db"
sed -n 's/^{/# {/p' .ok
rm "$conf/budgets"

# One whose money is held under a budget dies: the next call that wants some finds it, and counts what it held
upstream '-- forever' 'status 200' stream 'text one' hang
providers
rm -f "$db"*
echo 'day 0.003' >"$conf/budgets"
or-chat -m slow:a -O max_tokens=100 hello >dead.out 2>dead.err & # 37 x $3 + 100 x $15 per million: $0.001611
pid=$!
until [ -s dead.out ]; do sleep 0.01; done
t 'while it lives, another has no room' -s 6 -e 'or-chat: *$0.001389 left*' -- or-chat -m slow:a -O max_tokens=100 hello
kill -9 "$pid"
wait "$pid" 2>/dev/null
t 'dead, it costs what was reserved for it' -s 6 -e 'or-chat: *$0.001389 left*' -- or-chat -m slow:a -O max_tokens=100 hello
is 'and is an orphan' "$(q "SELECT state, status, error, cost_pusd / 1000000, source FROM call ORDER BY row LIMIT 1")" '2|-1|orphan|1611|4'
is 'which holds nothing any more' "$(q 'SELECT count(*) FROM attempt WHERE settled = 0')" 0
rm "$conf/budgets"

# Ended by us, or by whom we serve: what came is booked; at a provider that goes on answering, what was reserved.
# ends NAME MODEL WANT command-that-ends-it
stopped()
{
	s_name=$1 s_model=$2 s_want=$3 s_how=$4
	upstream '-- forever' 'status 200' stream 'text Hello' hang
	providers
	rm -f s.out
	case $s_how in
	reader) perl -e 'pipe(my $r, my $w); if (!(my $pid = fork)) { close $r; open STDOUT, ">&", $w; exec @ARGV } close $w; sysread $r, my $x, 5; close $r; wait' \
		or-chat -m "$s_model" -O max_tokens=100 hello 2>s.err </dev/null ;;
	-w*) or-chat "$s_how" -m "$s_model" -O max_tokens=100 hello >s.out 2>s.err </dev/null ;;
	*)
		perl -e '$SIG{$_} = "DEFAULT" for qw(INT TERM HUP); exec @ARGV' or-chat -m "$s_model" -O max_tokens=100 hello >s.out 2>s.err </dev/null &
		s_pid=$!
		until [ -s s.out ]; do sleep 0.01; done
		kill -"$s_how" "$s_pid"
		wait "$s_pid" 2>/dev/null
		;;
	esac
	is "$s_name" "$(last | tr '|' ' ')" "$s_want"
	is "$s_name: the attempt is over, and had a status" "$(q 'SELECT settled, http, source FROM attempt WHERE call = (SELECT max(row) FROM call)')" "1|200|${s_want##* }"
}
for budget in '' 'day 1'; do
	[ -z "$budget" ] || echo "$budget" >"$conf/budgets"
	by=${budget:+, a budget applies}
	stopped "SIGINT mid-stream$by" slow:a '130 signal 1 60 3' INT
	stopped "SIGTERM mid-stream$by" slow:a '143 signal 1 60 3' TERM
	stopped "the reader goes mid-stream$by" slow:a '141 signal 1 60 3' reader
	stopped "the deadline mid-stream$by" slow:a '3 truncated 1 60 3' -w300ms
	stopped "SIGINT, and it goes on answering$by" groq:a '130 signal 1 1611 4' INT
	stopped "SIGTERM, and it goes on answering$by" groq:a '143 signal 1 1611 4' TERM
	stopped "the reader goes, and it goes on answering$by" groq:a '141 signal 1 1611 4' reader
	stopped "the deadline, and it goes on answering$by" groq:a '3 truncated 1 1611 4' -w300ms
done
rm "$conf/budgets"
is 'nothing is left open' "$(q 'SELECT count(*) FROM call WHERE state = 0')" 0

# A chain of which one has a budget: that one is settled at once, all of them at the end
rm -f "$db"*
upstream '-- forever' 'match /slow' 'answer hi' '-- forever' 'match /bad' 'status 503' 'body {}' '-- forever' 'status 200' stream \
	'sse {"choices":[{"index":0,"delta":{"reasoning":"Hmm."}}]}' 'delay 50' close
providers
echo "half openai http://127.0.0.1:$PORT/half price=3,15 none" >>"$conf/providers"
echo 'day provider=bad 1' >"$conf/budgets"
t 'the second of three has a budget' -o hi -- or-chat -m half:a,bad:a,slow:a -O max_tokens=100 hello
is 'all three are settled' "$(q 'SELECT settled, endpoint, http, cost_pusd / 1000000 FROM attempt ORDER BY n')" "1|half:a|200|45
1|bad:a|503|0
1|slow:a|200|45"
is 'and in the sums' "$(q 'SELECT kind, sum(n), sum(rest_pusd) / 1000000 FROM day GROUP BY kind')" "1|1|90
2|3|90"
rm "$conf/budgets"

# Two versions at once: a newer one migrates the file while a call runs
for table in meta attempt; do
	rm -f s.out go "$db"*
	upstream 'status 200' stream 'text a' "wait $dir/go" 'text b' 'finish stop' done
	providers
	or-chat -m slow:a hello >s.out 2>s.err </dev/null &
	pid=$!
	until [ -s s.out ]; do sleep 0.01; done
	q "ALTER TABLE $table ADD COLUMN more; PRAGMA user_version = 999"
	: >go
	wait "$pid"
	is "a newer version changes the table $table meanwhile: the answer is whole" "$? $(cat s.out)" '0 ab'
	case $table in
	meta) is 'and booked, where that can be' "$(cat s.err) $(q 'SELECT state FROM call')" ' 1' ;;
	*) like 'where it cannot be booked, one warning says so' "$(wc -l <s.err) $(cat s.err)" '1 or-chat: not booked: *' ;;
	esac
done
rm -f "$db"*

# No place for the ledger: one warning without a budget, 73 with one
upstream '-- forever' 'answer hi'
providers
place()
{
	p_name=$1 p_ledger=$2
	t "$p_name: the call goes on" -p 'hi\n' -e 'or-chat: not booked: *' -- env OR_LEDGER="$p_ledger" or-chat -m slow:a hello
	echo 'day 1' >"$conf/budgets"
	t "$p_name: under a budget it does not" -s 73 -e 'or-chat: *' -- env OR_LEDGER="$p_ledger" or-chat -m slow:a hello
	rm "$conf/budgets"
}
mkdir directory
place 'a directory in its place' "$dir/directory"
is 'it stays' "$(ls -A directory)" ''
: >afile
place 'a file in place of its directory' "$dir/afile/x.db"
ln -s nowhere/at/all dangling
place 'a link to nowhere' "$dir/dangling"
or-chat -m mock/echo x >/dev/null # makes one
mkdir readonly
cp "$db" readonly/old.db
if [ "$(id -u)" -ne 0 ]; then
	chmod 500 readonly && chmod 400 readonly/old.db
	frozen=yes
elif mount -t tmpfs -o size=200k orutils-test readonly 2>/dev/null; then
	cp "$db" readonly/old.db && mount -o remount,ro readonly && frozen=yes
fi
if [ "${frozen:-}" = yes ]; then
	place 'a directory that nobody writes to' "$dir/readonly/x.db"
	place 'a ledger that nobody writes to' "$dir/readonly/old.db"
else
	skip 'a directory that nobody writes to' 'no mount'
fi
[ "$(id -u)" -ne 0 ] || umount readonly 2>/dev/null

# A full disk
mkdir small
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=600k orutils-test small 2>/dev/null; then
	t 'there is room' -p 'hi\n' -- env OR_LEDGER="$dir/small/x.db" or-chat -m slow:a hello
	cat /dev/zero >small/fill 2>/dev/null
	t 'the disk is full: the call goes on' -p 'hi\n' -e 'or-chat: not booked: *' -- env OR_LEDGER="$dir/small/x.db" or-chat -m slow:a hello
	echo 'day 1' >"$conf/budgets"
	t 'under a budget it does not' -s 73 -e 'or-chat: *' -- env OR_LEDGER="$dir/small/x.db" or-chat -m slow:a hello
	rm "$conf/budgets" small/fill
	t 'there is room again' -p 'hi\n' -- env OR_LEDGER="$dir/small/x.db" or-chat -m slow:a hello
	is 'the file is whole' "$(sqlite3 small/x.db 'PRAGMA integrity_check; SELECT count(*), min(state), max(state) FROM call')" "ok${lib_nl}2|1|1"
	# It fills while the call runs, after its intent was written
	upstream '-- forever' 'status 200' stream 'text a' "wait $dir/filled" 'text b' 'finish stop' done
	providers
	rm -f s.out filled
	OR_LEDGER=$dir/small/x.db or-chat -m slow:a hello >s.out 2>s.err </dev/null &
	pid=$!
	until [ -s s.out ]; do sleep 0.01; done
	cat /dev/zero >small/fill 2>/dev/null
	: >filled
	wait "$pid"
	is 'it fills while the call runs: the answer is whole' "$? $(cat s.out)" '0 ab'
	like 'one warning' "$(cat s.err)" 'or-chat: not booked: *'
	rm small/fill
	t 'or-usage settles it' -e 'or-usage: *1 *' -p '3\n' -- sh -c 'OR_LEDGER=$1 or-usage -v -l | wc -l | tr -d " "' sh "$dir/small/x.db"
	umount small
else
	skip 'a full disk' 'no mount'
fi
finish
