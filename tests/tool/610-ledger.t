#!/bin/sh
# SPDX-License-Identifier: ISC
# What or-chat writes down: rows of calls and attempts, costs, content; and what it does where it can't.
. "$(dirname "$0")/lib.sh"
skip_unless sqlite3
unset OR_LEDGER
conf=$XDG_CONFIG_HOME/orutils
mkdir "$conf"
db=$XDG_STATE_HOME/orutils/ledger.db
q() { sqlite3 "$db" "$1"; }

t 'the very first call fails' -s 75 -e 'or-chat: *' -- or-chat -r 0 -m mock/echo -O mock.status=503 x
echo 'dead openai http://127.0.0.1:1/v1 price=1,1 none' >"$conf/providers"
rm -r "$XDG_STATE_HOME/orutils"
t 'and comes to nobody' -s 69 -e 'or-chat: *' -- or-chat -r 0 -m dead:a x
like 'that is remembered' "$(or-route -l -m dead:a 2>/dev/null)" '1*sits out*'
rm -r "$XDG_STATE_HOME/orutils" "$conf/providers"
t 'a call of the mock' -o 'hello big world' -- or-chat -m mock/echo --tag nightly 'hello big world'
is 'one row, settled' "$(q "SELECT tool, tag, asked, model, provider, endpoint, state, status, finish, prompt, completion, cost_pusd FROM call")" \
	'or-chat|nightly|mock/echo|mock/echo|mock|mock:echo|1|0|stop|3|3|9000000'
is 'one attempt' "$(q "SELECT http, settled, cost_pusd FROM attempt")" '200|1|9000000'
is 'no prompt and no answer' "$(q "SELECT count(*) FROM content")" 0
is 'only we can read it' "$(stat -c %a "$db" "$db-health" "$db-alive" "$XDG_STATE_HOME/orutils" | tr '\n' ' ')" '600 600 600 700 '
t 'the tag of the environment' -p 'x\n' -- env OR_TAG=env or-chat -m mock/echo x
is 'it is there' "$(q "SELECT tag FROM call ORDER BY row DESC LIMIT 1")" env
t '--tag beats it' -p 'x\n' -- env OR_TAG=env or-chat --tag option -m mock/echo x
is 'it does' "$(q "SELECT tag FROM call ORDER BY row DESC LIMIT 1")" option
t 'a session' -p 'x\n' -- or-chat -O session_id=s1 -m mock/echo x
is 'it is there' "$(q "SELECT session FROM call ORDER BY row DESC LIMIT 1")" s1
t 'content, asked for' -p 'keep me\n' -- env OR_LEDGER_CONTENT=1 or-chat -m mock/echo 'keep me'
like 'both' "$(q "SELECT request, answer FROM content")" '{*keep me*}|keep me'
t 'an answer that was cut' -s 3 -o 'a b' -e 'or-chat: *' -- or-chat -m mock/echo -O max_tokens=2 'a b c'
is 'its status' "$(q "SELECT status, finish, error FROM call ORDER BY row DESC LIMIT 1")" '3|length|truncated'
t 'an error' -s 75 -e 'or-chat: *' -- or-chat -m mock/echo -r 1 -O mock.status=503 -O mock.retry_after=0 x
is 'its row' "$(q "SELECT status, error, cost_pusd FROM call ORDER BY row DESC LIMIT 1")" '75|temporary|0'
is 'both attempts' "$(q "SELECT group_concat(http) FROM attempt WHERE call = (SELECT max(row) FROM call)")" 503,503
n=$(q "SELECT count(*) FROM call")
t 'OR_LEDGER=none' -p 'x\n' -- env OR_LEDGER=none or-chat -m mock/echo x
is 'writes nothing' "$(q "SELECT count(*) FROM call")" "$n"
t 'OR_LEDGER=path' -p 'x\n' -- env OR_LEDGER="$dir/other.db" or-chat -m mock/echo x
is 'writes there' "$(sqlite3 other.db 'SELECT count(*) FROM call')" 1
or-chat -n -m mock/echo x >/dev/null
is '-n writes nothing' "$(q "SELECT count(*) FROM call")" "$n"
t 'where it cannot be written: one warning, and the call goes on' -p 'x\n' -e 'or-chat: not booked: *' -- \
	env OR_LEDGER="$dir/no/such/dir/x.db" sh -c 'mkdir no; chmod 500 no; [ "$(id -u)" -ne 0 ] || : >no/such; or-chat -m mock/echo x'
rm -rf no

# A real provider: what it reports, what is computed, what is estimated
cat >"$conf/providers" <<'EOT'
priced openai http://127.0.0.1:1/v1 price=3,15 env:OWN_KEY
unpriced openai http://127.0.0.1:1/v1 none
EOT
set_port() { sed "s,127.0.0.1:[0-9]*,127.0.0.1:$PORT," "$conf/providers" >p && mv p "$conf/providers"; }
last() { q "SELECT prompt, completion, cost_pusd, source FROM call ORDER BY row DESC LIMIT 1"; }
export OWN_KEY=sk-very-secret
upstream 'status 200' stream 'text hi' 'finish stop' 'usage {"prompt_tokens":10,"completion_tokens":2,"cost":0.00000123}' done
set_port
t 'a reported cost' -o hi -- or-chat -m priced:a hello
is 'is taken' "$(last)" '10|2|1230000|1'
is 'the name of the key' "$(q "SELECT key FROM call ORDER BY row DESC LIMIT 1")" OWN_KEY
upstream 'status 200' stream 'text hi' 'finish stop' 'usage {"prompt_tokens":10,"completion_tokens":2}' done
set_port
t 'reported tokens at known prices' -o hi -- or-chat -M meta -m priced:a hello
is '10 x $3 + 2 x $15 per million' "$(last)" '10|2|60000000|2'
like 'the metadata say the same' "$(tail -n 1 meta)" '*"cost":0.00006,"cost_source":"computed"*'
upstream 'status 200' stream 'text hi' 'finish stop' done
set_port
t 'no report' -o hi -- or-chat -m priced:a hello
is 'is estimated: 10 tokens of prompt, 1 of answer' "$(last)" '0|0|45000000|3'
is 'and said to be' "$(q "SELECT source FROM calls ORDER BY started DESC LIMIT 1")" estimated
upstream 'status 200' stream 'text hi' 'finish stop' 'usage {"prompt_tokens":10,"completion_tokens":2}' done
set_port
t 'nobody knows the price' -o hi -- or-chat -m unpriced:a hello
is 'then the cost is unknown, not zero' "$(last)" '10|2||0'
upstream 'status 200' stream 'text hi' close
set_port
t 'a cut stream' -s 3 -o hi -e 'or-chat: *' -- or-chat -m priced:a hello
is 'is paid for, as far as it came' "$(last)" '0|0|45000000|3'
upstream 'status 401' 'body {"error":{"message":"bad key sk-very-secret"}}'
set_port
t 'a rejected key' -s 77 -e 'or-chat: *' -- or-chat -m priced:a hello
is 'costs nothing' "$(last)" '0|0|0|2'
ok 'the key is in no file of ours' sh -c "! grep -r sk-very-secret '$XDG_STATE_HOME' '$XDG_CACHE_HOME' meta"

# The last byte of an answer is out when its row is settled, and not before; the first one, when its intent is written
upstream 'status 200' stream 'text hi\x5cn' 'wait go' 'finish stop' 'usage {"prompt_tokens":10,"completion_tokens":2}' done
set_port
or-chat -m priced:a hello | {
	dd bs=1 count=2 2>/dev/null
	q "SELECT state FROM call ORDER BY row DESC LIMIT 1"
	touch go
	IFS= read -r rest
	q "SELECT state || '$rest' FROM call ORDER BY row DESC LIMIT 1"
} >seen
is 'an intent before the first byte, settled before the last' "$(tr '\n' ' ' <seen)" 'hi0 1 '

# A fallback: each attempt where it was made
cat >"$conf/providers" <<EOT
one openai http://127.0.0.1:$PORT/one price=1,1 none
two openai http://127.0.0.1:$PORT/two price=2,2 none
EOT
upstream 'status 503' 'body {}' '--' 'status 200' stream 'text hi' 'finish stop' 'usage {"prompt_tokens":10,"completion_tokens":2}' done
sed "s,127.0.0.1:[0-9]*,127.0.0.1:$PORT," "$conf/providers" >p && mv p "$conf/providers"
t 'a fallback' -o hi -- or-chat -m one:a,two:b hello
is 'two attempts, one call' "$(q "SELECT group_concat(endpoint || ' ' || http || ' ' || cost_pusd) FROM attempt WHERE call = (SELECT max(row) FROM call)")" \
	'one:a 503 0,two:b 200 24000000'
is 'served by the second' "$(q "SELECT model, endpoint, cost_pusd FROM call ORDER BY row DESC LIMIT 1")" 'two:b|two:b|24000000'
upstream 'status 200' stream 'text hi' 'finish stop' done '--' 'status 200' stream 'text hi' 'finish stop' done
sed "s,127.0.0.1:[0-9]*,127.0.0.1:$PORT," "$conf/providers" >p && mv p "$conf/providers"
t 'the bench of the first is shared' -o hi -- or-chat -m one:a,two:b hello
is 'the next process asks the second at once' "$(sent_head 1 | head -n 1 | cut -d / -f 2)" two

# Files of other versions, broken files
cp "$db" newer.db
sqlite3 newer.db 'PRAGMA user_version = 999' >/dev/null
t 'a newer ledger is left alone, and the call goes on' -p 'x\n' -e 'or-chat: not booked: *newer*' -- env OR_LEDGER="$dir/newer.db" or-chat -m mock/echo x
printf 'this is no database at all, and long enough to be looked at' >bad.db
t 'a broken one is set aside' -p 'x\n' -e 'or-chat: *bad.db*' -- env OR_LEDGER="$dir/bad.db" or-chat -m mock/echo x
is 'not deleted' "$(cat bad.db.corrupt-* | cut -c 1-10)" 'this is no'
is 'and a new one is there' "$(sqlite3 bad.db 'SELECT count(*) FROM call')" 1

# Many at once
pids=
for i in $(seq 50); do
	or-chat -m mock/echo --tag crowd "x $i" >/dev/null 2>>crowd.err &
	pids="$pids $!"
done
# shellcheck disable=SC2086 # several; all there are would hold the upstream, too
wait $pids
is '50 at once: every row' "$(q "SELECT count(*) FROM call WHERE tag = 'crowd' AND state = 1")" 50
is 'and not a word' "$(cat crowd.err)" ''
finish
