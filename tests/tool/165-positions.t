#!/bin/sh
# SPDX-License-Identifier: ISC
# Each way to fail at each position of an answer: who is asked next, what comes out, how it ends, what the ledger holds of it, and who is benched.
. "$(dirname "$0")/lib.sh"
skip_unless sqlite3
unset OR_LEDGER
conf=$XDG_CONFIG_HOME/orutils
mkdir "$conf"
db=$XDG_STATE_HOME/orutils/ledger.db
q() { sqlite3 "$db" "$1"; }

# What `one` does; then it answers well. `two` always does.
play()
{
	oldifs=$IFS
	IFS=';'
	# shellcheck disable=SC2086 # several
	set -- "match /one" $1
	IFS=$oldifs
	upstream "$@" '-- forever' 'match /one' 'answer again' '-- forever' 'match /two' 'answer second'
	for p in one two; do
		echo "$p openai http://127.0.0.1:$PORT/$p price=3,15 none"
	done >"$conf/providers"
	rm -f "$db"*
}

# The columns: name; what happens; who is asked; status; stdout; of the first attempt: HTTP status, error, source and micro-dollars of its cost (10
# tokens of prompt are 30, one of the answer 15); is the endpoint benched.
row()
{
	r_name=$1 r_asked=$3 r_status=$4 r_out=$5 r_attempt=$6 r_bench=$7
	play "$2"
	case $r_status in 0) set -- ;; *) set -- -e 'or-chat: *' ;; esac
	t "$r_name: status and stdout" "$@" -s "$r_status" -p "$r_out" -- or-chat -W 250ms -r 0 -M meta -m one:a,two:b hello
	is "$r_name: who was asked" "$(for f in .upstream/req.*; do sed -n '1s/^POST .\([a-z]*\).*/\1/p' "$f"; done | paste -sd ' ')" "$r_asked"
	is "$r_name: the attempt" "$(q "SELECT http, error, source, cost_pusd / 1000000 FROM attempt WHERE n = 0" | tr '|' ' ')" "$r_attempt"
	is "$r_name: the call" "$(q "SELECT count(*), state, status, endpoint = 'two:b' FROM call")" \
		"1|1|$r_status|$(case $r_asked in *two) echo 1 ;; *) echo 0 ;; esac)"
	is "$r_name: call and day are the sum of the attempts" "$(q "SELECT (SELECT cost_pusd FROM call) - sum(cost_pusd), sum(settled = 0), (SELECT sum(rest_pusd) FROM day) - 2 * sum(cost_pusd) FROM attempt")" '0|0|0'
	is "$r_name: the metadata say the same" "$(json meta attempts 0 status) $(json meta status)" "$(case $r_attempt in 0\ *) echo null ;; *) echo "${r_attempt%% *}" ;; esac) $r_status"
	rm -f meta
	is "$r_name: is it benched" "$(or-chat -N -r 0 -m one:a,two:b hello)" "$(case $r_bench in yes) echo second ;; *) echo again ;; esac)"
}

err() { printf '{"error":{"code":%s,"message":"no"}}' "$1"; }
next='one two'

# Before the head of the answer: nothing is known but that the request was sent
while IFS='|' read -r name what attempt bench; do
	row "before the head, $name" "$what" "$next" 0 'second\n' "$attempt" "$bench"
done <<EOF
reset|delay 10;reset|0 temporary 3 30|yes
close|close|0 temporary 3 30|yes
silence|hang|0 temporary 3 30|yes
half a head|send HTTP/1.1 200 OK\\r\\nContent-;close|200 temporary 3 30|yes
EOF

# With an error's status
while IFS='|' read -r name what attempt bench; do
	row "$name" "$what" "$next" 0 'second\n' "$attempt" "$bench"
done <<EOF
500|status 500;body $(err 500)|500 temporary 2 0|yes
500, cut|status 500;header Content-Length: 100;line;send {"err;close|500 temporary 2 0|yes
500, silence|status 500;header Content-Length: 100;line;send {"err;hang|500 temporary 2 0|yes
429|status 429;body $(err 429)|429 temporary 2 0|yes
408|status 408;body $(err 408)|408 temporary 2 0|no
409|status 409;body $(err 409)|409 temporary 2 0|no
EOF

# After the head: without anything; with a chunk that holds no text; with reasoning. None of it has gone out.
role='sse {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}'
thought='sse {"choices":[{"index":0,"delta":{"reasoning":"Hmm."}}]}'
for before in head role thought; do
	case $before in
	head) start='status 200;stream' cost=30 told='2 0' ;;
	role) start="status 200;stream;$role" cost=30 told='2 0' ;;
	thought) start="status 200;stream;$thought" cost=45 told='3 45' ;; # what was thought was given
	esac
	while IFS='|' read -r name what attempt bench; do
		row "after the $before, $name" "$start;$what" "$next" 0 'second\n' "$attempt" "$bench"
	done <<EOF
close|close|200 temporary 3 $cost|yes
reset|reset|200 temporary 3 $cost|yes
silence|hang|200 temporary 3 $cost|yes
error event 503|sse $(err 503);done|200 temporary $told|yes
error event 429|sse $(err 429);done|200 temporary $told|yes
error event 401|sse $(err 401);done|200 auth $told|yes
finish error|finish error;done|200 temporary $told|yes
filter|finish content_filter;done|200 refused 3 $cost|no
EOF
	row "after the $before, length" "$start;finish length;done" one 3 '' "200 truncated 3 $cost" no
	row "after the $before, the end of an empty answer" "$start;finish stop;done" one 1 '' "200 no 3 $cost" no
done

# After the first piece of text, and after several
for before in first third; do
	case $before in
	first) start='status 200;stream;text one' text=one cost=45 ;;
	third) start='status 200;stream;text one ;text two ;text three' text='one two three' cost=90 ;;
	esac
	while IFS='|' read -r name what status attempt bench; do
		row "after the $before text, $name" "$start;$what" one "$status" "$text\\n" "$attempt" "$bench"
	done <<EOF
close|close|3|200 temporary 3 $cost|yes
reset|delay 50;reset|3|200 temporary 3 $cost|yes
silence|hang|3|200 temporary 3 $cost|yes
error event 503|sse $(err 503);done|3|200 temporary 3 $cost|yes
error event 400|sse $(err 400);done|3|200 request 3 $cost|no
error event 402|sse $(err 402);done|3|200 money 3 $cost|yes
finish error|finish error;done|3|200 temporary 3 $cost|yes
garbage|sse {"choices":[{;done|3|200 protocol 3 $cost|no
half an event|send data: {"choices;close|3|200 temporary 3 $cost|yes
length|finish length;done|3|200 truncated 3 $cost|no
filter|finish content_filter;done|4|200 refused 3 $cost|no
the end without a finish|done|0|200  3 $cost|no
a finish without the end|finish stop;close|0|200  3 $cost|no
a report, then a cut|usage {"prompt_tokens":100,"completion_tokens":10};close|3|200 temporary 2 450|yes
a reported cost, then a cut|usage {"prompt_tokens":100,"completion_tokens":10,"cost":0.000007};close|3|200 temporary 1 7|yes
EOF
done

# A whole answer that isn't one
row 'a whole error object under 200' "status 200;body $(err 503)" "$next" 0 'second\n' '200 temporary 2 0' yes
row 'a whole answer of garbage' 'status 200;body {"choices":[{]}' "$next" 0 'second\n' '200 protocol 3 30' no
row 'a page of HTML' 'status 200;body <html></html>' "$next" 0 'second\n' '200 protocol 3 30' no
row 'a whole answer, cut' 'status 200;header Content-Type: application/json;header Content-Length: 1000;line;send {"choices":[{"mess;close' "$next" 0 'second\n' '200 temporary 3 30' yes
row 'an empty 200' 'status 200;body ' "$next" 0 'second\n' '200 temporary 3 30' yes
finish
