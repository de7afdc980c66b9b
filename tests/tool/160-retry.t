#!/bin/sh
# SPDX-License-Identifier: ISC
# "Retry and fallback": chains, rounds, Retry-After, deadlines, benches.
. "$(dirname "$0")/lib.sh"
conf=$XDG_CONFIG_HOME/orutils
mkdir "$conf"

# table: providers one, two (keyless), key (with a key), dead (nobody listens), all but the last at the upstream that runs now.
table()
{
	for p in one two; do
		echo "$p openai http://127.0.0.1:$PORT/$p none"
	done >"$conf/providers"
	echo "key openai http://127.0.0.1:$PORT/key env:OWN_KEY" >>"$conf/providers"
	echo 'dead openai http://127.0.0.1:1/dead none' >>"$conf/providers"
}
export OWN_KEY=sk-own

# asked: which provider:model pairs were asked, in order.
asked()
{
	i=1
	while [ "$i" -le "$(n_sent)" ]; do
		printf '%s:%s ' "$(sent_head "$i" | sed -n '1s/^POST .\([a-z]*\).*/\1/p')" "$(sent_body "$i" | json - model | tr -d '"')"
		i=$((i + 1))
	done
}
gap() { echo $(($(upstream_at request "$2") - $(upstream_at "${3:-answered}" "$1"))); }

# at_once NAME DIRECTIVE...: an attempt that fails so moves at once to the next candidate.
at_once()
{
	a_name=$1
	shift
	upstream "$@" '-- two' 'answer second'
	table
	t "$a_name: the next candidate is asked" -o second -- or-chat -M meta -W 300ms -m one:a,two:b hi
	is 'in the order of the chain' "$(asked)" 'one:a two:b '
	ok 'at once' test "$(gap 1 2)" -lt 250
	tail -n 1 meta >last
	like 'the metadata say who served' "$(json last provider) $(json last endpoint)" '*two*'
	is 'and count both attempts' "$(json last attempts 1 status)" 200
}
for http in 408 409 425 429 500 502 503 504 529 401 402 403 404; do
	at_once "HTTP $http" "status $http" "body {\"error\":{\"message\":\"no\",\"code\":$http}}"
done
at_once 'a cut connection' 'status 200' stream close
at_once 'a reset connection' 'delay 10' reset
at_once 'an error event' 'status 200' stream 'sse {"error":{"code":503,"message":"no"}}' done
at_once 'silence over -W' hang
at_once 'silence after the head' 'status 200' stream hang
at_once 'a Retry-After is not waited for while there is another' 'status 429' 'header Retry-After: 30' 'body {}'
upstream <<'EOT'
answer second
EOT
table
t 'a refused connection: the next candidate is asked' -o second -- or-chat -m dead:a,two:b hi

# Only another model helps
at_once 'context length' 'status 400' 'body {"error":{"code":"context_length_exceeded","message":"maximum context length is 8192 tokens"}}'
at_once 'moderation' 'status 403' 'body {"error":{"code":403,"message":"flagged","metadata":{"reasons":["x"],"flagged_input":"hi"}}}'
at_once 'another 400' 'status 400' 'body {"error":{"code":400,"message":"no"}}'
at_once 'an empty refusal' 'status 200' stream 'finish content_filter' done

# When all were tried: rounds
rounds()
{
	r_name=$1 r_want=$2 r_sent=$3
	shift 3
	upstream '-- forever' "status $r_http" 'header Retry-After: 0' "body {\"error\":{\"message\":\"no\",\"code\":$r_http}}"
	table
	t "$r_name" -s "$r_want" -e "or-chat: *$r_http*" -- or-chat "$@" hi
	is 'who was asked' "$(asked)" "$r_sent"
}
r_http=503
rounds '-r 0: one round' 75 'one:a ' -r 0 -m one:a
rounds '-r 2, one candidate: two retries' 75 'one:a one:a one:a ' -r 2 -m one:a
like 'the line counts the attempts' "$(cat err)" '*3 attempts*'
rounds 'three by default' 75 'one:a one:a one:a one:a ' -m one:a
rounds '-r 1, two candidates' 75 'one:a two:b one:a two:b ' -r 1 -m one:a,two:b
for r_http in 400 401 402 403 404; do
	case $r_http in 400) r_s=65 ;; 402) r_s=6 ;; 404) r_s=69 ;; *) r_s=77 ;; esac
	rounds "$r_http is not worth a round" "$r_s" 'one:a ' -r 3 -m one:a
done
r_http=404
rounds 'nor where all candidates failed so' 69 'one:a two:b ' -r 3 -m one:a,two:b
upstream '-- forever' 'status 200' 'body <html></html>'
table
t 'nor is 76' -s 76 -e 'or-chat: *' -- or-chat -r 3 -m one:a hi
is 'once' "$(n_sent)" 1
upstream '-- forever' 'status 400' 'body {"error":{"code":400,"message":"no"}}'
bad=$PORT
upstream_keep bad
upstream 'status 503' 'header Retry-After: 0' 'body {}' '-- two' 'answer hi'
printf 'bad openai http://127.0.0.1:%s/bad none\none openai http://127.0.0.1:%s/one none\n' "$bad" "$PORT" >"$conf/providers"
t 'one of the first kind is enough for a round' -o hi -- or-chat -m bad:a,one:b hi
upstream 'status 503' 'header Retry-After: 0' 'body {"error":{"message":"first words"}}' '-- two' 'status 401' 'body {"error":{"message":"last words"}}'
table
t 'the last error is reported' -s 77 -e 'or-chat: two: *401*last words*' -- or-chat -r 0 -m one:a,two:b hi
upstream 'status 503' 'body {}' '-- two' 'answer hi'
table
t '503, then success, without a Retry-After' -o hi -- or-chat -M meta -m one:a hi
ok 'after a wait' test "$(gap 1 2)" -ge 50
ok 'of a few seconds at most' test "$(gap 1 2)" -lt 5000
tail -n 1 meta >last
is 'attempts: the failed one' "$(json last attempts 0 status)" 503
is 'and the good one' "$(json last attempts 1 status)" 200
upstream_stop
then=$(now_ms)
t 'a refused connection is worth rounds' -s 69 -e 'or-chat: dead: *2 attempts*' -- or-chat -r 1 -m dead:a hi
ok 'with a wait between' test $(($(now_ms) - then)) -ge 50

# Retry-After
http_date() { perl -MPOSIX -e 'print strftime($ARGV[1], gmtime(time + $ARGV[0]))' -- "$1" "${2:-%a, %d %b %Y %H:%M:%S GMT}"; }
retry_after()
{
	upstream "status $2" "header Retry-After: $1" 'body {}' '-- two' 'answer hi'
	table
}
retry_after 1 429
t 'Retry-After: 1' -o hi -- or-chat -m one:a hi
ok 'is waited for' test "$(gap 1 2)" -ge 950
ok 'and no longer' test "$(gap 1 2)" -lt 2500
retry_after 1 503
t 'Retry-After of a 503' -o hi -- or-chat -w 10 -m one:a hi
ok 'is waited for' test "$(gap 1 2)" -ge 950
retry_after "$(http_date 3)" 429
t 'Retry-After: a date' -o hi -- or-chat -m one:a hi
ok 'is waited for' test "$(gap 1 2)" -ge 1500
ok 'and no longer' test "$(gap 1 2)" -lt 4500
retry_after "$(http_date -100)" 429
t 'Retry-After: a date in the past' -o hi -- or-chat -m one:a hi
ok 'is no wait' test "$(gap 1 2)" -lt 400
retry_after 0 429
t 'Retry-After: 0' -o hi -- or-chat -m one:a hi
ok 'is no wait' test "$(gap 1 2)" -lt 400
for form in soon -5 1x ''; do
	retry_after "$form" 429
	t "Retry-After: '$form' counts as unsaid" -o hi -- or-chat -m one:a hi
	ok 'a wait of our own' test "$(gap 1 2)" -lt 5000
done
too_far()
{
	f_name=$1 f_value=$2 f_pattern=$3
	shift 3
	retry_after "$f_value" 429
	then=$(now_ms)
	t "$f_name" -s 75 -e "$f_pattern" -- or-chat "$@" -m one:a hi
	ok 'at once' test $(($(now_ms) - then)) -lt 900
	is 'after one request' "$(n_sent)" 1
}
too_far 'past 60 s it is not waited for' 61 'or-chat: one: 429*retry in 61 s*'
too_far 'past -w it is not waited for' 3 'or-chat: one: 429*retry in 3 s*' -w 2
too_far 'a number beyond all sense' 99999999999999999999 'or-chat: one: 429*'
too_far 'a date past 60 s' "$(http_date 100)" 'or-chat: one: 429*retry in *'
too_far 'the date of RFC 850' "$(http_date 100 '%A, %d-%b-%y %H:%M:%S GMT')" 'or-chat: one: 429*retry in *'
too_far 'the date of asctime' "$(http_date 100 '%a %b %e %H:%M:%S %Y')" 'or-chat: one: 429*retry in *'

# The deadline holds for waits and rounds too
upstream '-- forever' 'delay 5' 'status 503' 'header Retry-After: 0' 'body {}'
table
then=$(now_ms)
t '-w ends the rounds' -s 75 -e 'or-chat: *' -- or-chat -w 500ms -r 1000 -m one:a hi
ok 'in time' test $(($(now_ms) - then)) -lt 1500
upstream '-- forever' hang
table
then=$(now_ms)
t '-w ends an attempt' -s 75 -e 'or-chat: *' -- or-chat -w 300ms -m one:a,two:b hi
ok 'in time' test $(($(now_ms) - then)) -lt 1300
is 'nobody else is asked' "$(n_sent)" 1
then=$(now_ms)
t '-W ends each' -s 75 -e 'or-chat: *' -- or-chat -W 200ms -r 0 -m one:a,two:b hi
ok 'after its time' test $(($(now_ms) - then)) -ge 390
is 'and the next is asked' "$(n_sent)" 3
upstream 'status 200' stream 'send : one\n\n' 'delay 250' 'send : two\n\n' 'delay 250' 'send : three\n\n' 'delay 250' 'text hi' 'finish stop' done
table
t '-W is reset by any byte, comments included' -o hi -- or-chat -W 600ms -r 0 -m one:a hi

# Benches
upstream 'status 401' 'body {"error":{"message":"no","code":401}}' '-- two' 'answer hi'
table
t '401 benches the key: its other models come later' -o hi -- or-chat -m key:a,key:b,two:c hi
is 'the next with another key is asked first' "$(asked)" 'key:a two:c '
upstream 'status 402' 'body {"error":{"message":"no","code":402}}' '-- two' 'answer hi'
table
t '402 too' -o hi -- or-chat -m key:a,key:b,two:c hi
is 'the next with another key is asked first' "$(asked)" 'key:a two:c '
upstream 'status 429' 'body {"error":{"message":"no","code":429}}' '-- two' 'answer hi'
table
t '429 benches key and model: another model is asked' -o hi -- or-chat -m key:a,key:b,two:c hi
is 'in the order of the chain' "$(asked)" 'key:a key:b '
upstream 'status 503' 'body {"error":{"message":"no","code":503}}' '-- two' 'answer hi'
table
t '503 benches the endpoint: another model is asked' -o hi -- or-chat -m key:a,key:b,two:c hi
is 'in the order of the chain' "$(asked)" 'key:a key:b '

# Gone out
upstream 'status 200' stream 'send : OPENROUTER PROCESSING\n\n' 'sse {"choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"Hm."}}]}' close '-- two' 'answer second'
table
t 'comments and reasoning have not gone out' -o second -E -- or-chat -v -m one:a,two:b hi
torn()
{
	upstream 'status 200' stream 'text ```\\nfirst' close '-- two' 'answer ```\\nsecond\\n```'
	table
}
torn
t 'text has: nobody else is asked' -s 3 -p '```\nfirst\n' -e 'or-chat: *' -- or-chat -m one:a,two:b hi
is 'one request' "$(n_sent)" 1
torn
t 'into the -o file too' -s 3 -e 'or-chat: *file.partial*' -- or-chat -o file -m one:a,two:b hi
is 'one request' "$(n_sent)" 1
torn
t 'what -x holds has not' -o second -- or-chat -x -m one:a,two:b hi
torn
t 'what -F json holds has not' -- sh -c 'or-chat -F json -m one:a,two:b hi >json'
is 'the second answer' "$(json json choices 0 message content)" '"```\nsecond\n```"'

# Fallback never crosses -p
upstream '-- forever' 'status 503' 'body {}'
printf 'cheap openai http://127.0.0.1:%s/cheap price=1,1 none\ndear openai http://127.0.0.1:%s/dear price=9,9 none\n' "$PORT" "$PORT" >"$conf/providers"
t 'a candidate over -p is not asked' -s 75 -e 'or-chat: *' -- or-chat -r 0 -p 2 -m cheap:a,dear:b hi
is 'but the other one' "$(asked)" 'cheap:a '
finish
