#!/bin/sh
# SPDX-License-Identifier: ISC
# Every row of the table of exit statuses, and what each HTTP status means.
. "$(dirname "$0")/lib.sh"

# one NAME STATUS DIRECTIVE...: a provider that does this gives this status, no output, and one line that says why.
one()
{
	one_name=$1 one_want=$2
	shift 2
	upstream '-- forever' "$@"
	t "$one_want: $one_name" -s "$one_want" -e 'or-chat: *' -- or-chat -r 0 -m x/y hi
}

# 0 and 1
t '0: a complete answer' -o hi -- or-chat -m mock/echo hi
empty()
{
	upstream 'status 200' "$@"
	t "1: $empty_name" -s 1 -e 'or-chat: *' -- or-chat -m x/y hi
	is 'it was not asked again' "$(n_sent)" 1
}
empty_name='stop without text' empty stream 'finish stop' done
empty_name='stop with empty text' empty stream 'text ' 'finish stop' done
empty_name='tool_calls without a call' empty stream 'finish tool_calls' done
empty_name='a whole answer with content null' empty 'body {"choices":[{"index":0,"message":{"role":"assistant","content":null},"finish_reason":"stop"}]}'
t '1: no fenced block' -s 1 -e 'or-chat: *' -- or-chat -m mock/echo -x hi

# 3 and 4
t '3: length, with text' -s 3 -o hi -e 'or-chat: *length*' -- or-chat -m mock/echo -O mock.finish=length hi
upstream 'status 200' stream 'finish length' done
t '3: length, without text' -s 3 -e 'or-chat: *length*' -- or-chat -m x/y hi
is 'it was not asked again' "$(n_sent)" 1
t '4: content_filter' -s 4 -o hi -e 'or-chat: *' -- or-chat -m mock/echo -O mock.finish=content_filter hi
upstream 'status 200' stream 'finish content_filter' done
t '4: content_filter, without text' -s 4 -e 'or-chat: *' -- or-chat -m x/y hi

# 5
t '5: the answer does not fit the schema' -s 5 -e 'or-chat: *' -- or-chat --schema-retries 0 -m mock/echo -j 'name' 'no json'

# 6
t '6: -p below the price of the prompt' -s 6 -e 'or-chat: *' -- or-chat -m mock/echo -p 0.5 hi
t '6: -p below the price of the completion' -s 6 -e 'or-chat: *' -- or-chat -m mock/echo -p 1 hi
t '6: -p with two, the second too low' -s 6 -e 'or-chat: *' -- or-chat -m mock/echo -p 1,1.99 hi
t '0: -p at the price' -o hi -- or-chat -m mock/echo -p 1,2 hi
t '0: one number caps both' -o hi -- or-chat -m mock/echo -p 2 hi
mkdir -p "$XDG_CONFIG_HOME/orutils"
# -p asks the catalog, where a row has no price=.
upstream '-- forever' 'match GET /api/v1/models' 'status 200' \
    'body {"data":[{"id":"x/y","pricing":{"prompt":"0.000001","completion":"0.000002"}},{"id":"x/odd","pricing":{"prompt":"-1","completion":"-1"}}]}' \
    '-- forever' 'match POST' 'answer hi'
printf 'cheap openai http://127.0.0.1:%s/v1 price=0.5,1.5 none\nplain openai http://127.0.0.1:%s/v1 none\n' "$PORT" "$PORT" \
    >"$XDG_CONFIG_HOME/orutils/providers"
posts() { grep -l ^POST .upstream/req.* 2>/dev/null | wc -l; }
t '6: -p and the price of a row' -s 6 -e 'or-chat: *' -- or-chat -m cheap:m -p 1.4999999 hi
t '6: -p and a price that is unknown' -s 6 -e 'or-chat: *' -- or-chat -m plain:m -p 1000 hi
t '6: -p and the price of the catalog' -s 6 -e 'or-chat: *' -- or-chat -m x/y -p 1,1.9 hi
t '6: -p and a price that varies' -s 6 -e 'or-chat: *' -- or-chat -m x/odd -p 1000 hi
is 'no request was sent' "$(posts)" 0
t '0: -p and the price of a row' -o hi -- or-chat -m cheap:m -p 0.5,1.5 hi
t '0: -p and the price of the catalog' -o hi -- or-chat -m x/y -p 1,2 hi
is 'two requests' "$(posts)" 2
rm "$XDG_CONFIG_HOME/orutils/providers"

# HTTP statuses
for pair in 400:65 401:77 402:6 403:77 404:69 408:75 409:75 410:69 412:65 413:65 422:65 425:75 429:75 451:4 500:75 501:69 502:75 503:75 \
    504:75 505:69 524:75 529:75; do
	http=${pair%:*}
	one "HTTP $http" "${pair#*:}" "status $http" 'header Content-Type: application/json' "body {\"error\":{\"message\":\"it says so\",\"code\":$http}}"
	like 'the line names provider and status' "$(cat err)" "or-chat: *openrouter*$http*"
	one "HTTP $http without a body" "${pair#*:}" "status $http" 'body '
done
one "a provider's own words" 65 'status 400' 'body {"error":{"message":"temperature: must be at most 2","code":400}}'
like 'are passed on' "$(cat err)" 'or-chat: *temperature: must be at most 2*'
one 'HTTP 500 with an HTML page' 75 'status 500' 'header Content-Type: text/html' 'body <html><body>Internal Server Error</body></html>'
one 'HTTP 401 with plain text' 77 'status 401' 'header Content-Type: text/plain' 'body Unauthorized'

# 64 65 66
t '64: usage' -s 64 -e 'or-chat: *' -- or-chat --nope
t '65: bad input' -s 65 -f '\0' -e 'or-chat: *' -- or-chat -m mock/echo
t '66: a file that is missing' -s 66 -e 'or-chat: *nosuch*' -- or-chat -m mock/echo -f nosuch
for o in -f -S -a -J; do
	t "66: $o of a file that is missing" -s 66 -e 'or-chat: *nosuch*' -- or-chat -m mock/echo "$o" nosuch hi
	t "66: $o of a directory" -s 66 -e 'or-chat: *' -- or-chat -m mock/echo "$o" "$dir/home" hi
done

# 69
upstream 'answer hi'
upstream_stop
t '69: a refused port' -s 69 -e 'or-chat: *openrouter*' -- or-chat -r 0 -m x/y hi
t '69: no such host' -s 69 -e 'or-chat: *nosuch.invalid*' -- env OPENROUTER_BASE_URL=http://nosuch.invalid/v1 or-chat -r 0 -m x/y hi
one 'a model that is not there' 69 'status 400' 'body {"error":{"message":"x/y is not a valid model ID","code":400}}'

# 73 74
t '73: no such directory' -s 73 -e 'or-chat: *' -- or-chat -m mock/echo -o nosuch/file hi
t '74: a full disk' -s 74 -e 'or-chat: *' -- sh -c 'exec or-chat -m mock/echo hi >/dev/full'

# 75
one 'cut before any text' 75 'status 200' stream close
upstream '-- forever' hang
t '75: silence' -s 75 -e 'or-chat: *' -- or-chat -r 0 -W 200ms -m x/y hi
t '75: the deadline' -s 75 -e 'or-chat: *' -- or-chat -w 200ms -m x/y hi

# 76
one 'an HTML page with 200' 76 'status 200' 'header Content-Type: text/html' 'body <html><body>Welcome</body></html>'
one 'an array instead of an object' 76 'status 200' 'header Content-Type: application/json' 'body [1,2]'
one 'JSON of something else' 76 'status 200' 'header Content-Type: application/json' 'body {"hello":"world"}'
one 'a torn object' 76 'status 200' 'header Content-Type: application/json' 'body {"choices":[{"index":0,"message":{"content":"hi'
one 'a stream whose first event is no JSON' 76 'status 200' stream 'sse {"choices":[{' done

# 77 78
one 'a rejected key' 77 'status 401' 'body {"error":{"message":"No auth credentials found","code":401}}'
t '78: no key' -s 78 -e 'or-chat: *OPENROUTER_API_KEY*' -- env -u OPENROUTER_API_KEY or-chat -m x/y hi
printf 'bad\n' >"$XDG_CONFIG_HOME/orutils/providers"
t '78: a bad table' -s 78 -e 'or-chat: *providers:1: *' -- or-chat -m mock/echo hi
rm "$XDG_CONFIG_HOME/orutils/providers"

# 70 71, in a build that can be made to fail
if [ -n "${OR_FAULT_BIN-}" ]; then
	case $OR_FAULT_BIN in /*) ;; *) OR_FAULT_BIN=$lib_top/$OR_FAULT_BIN ;; esac
	t '70: our fault' -s 70 -e 'or-chat: *' -- env OR_FAULT_INTERNAL=1 "$OR_FAULT_BIN/or-chat" -m mock/echo hi
	n=1 bad=
	while [ "$n" -le 200 ] && [ "$n" -ne 0 ]; do
		env OR_FAULT_ALLOC="$n" "$OR_FAULT_BIN/or-chat" -m mock/echo hi >fault.out 2>fault.err </dev/null
		case $?:$(wc -l <fault.err) in
		71:1) ;;
		0:0) break ;;
		*) bad="$bad $n" ;;
		esac
		n=$((n + 1))
	done
	is '71: whichever allocation fails, with one line' "$bad" ''
	ok 'some did' test "$n" -gt 5
	ok 'without the fault the answer comes' sh -c '[ "$("$1" -m mock/echo hi </dev/null)" = hi ]' sh "$OR_FAULT_BIN/or-chat"
else
	skip '70 and 71' 'no OR_FAULT_BIN'
fi

# 128+n
t '128+n: SIGPIPE' -s PIPE -E -- perl -e 'pipe(my $r, my $w); close $r; open STDOUT, ">&", $w; exec qw(or-chat -m mock/echo hi)'
t '128+n: SIGTERM' -s TERM -E -- sh -c 'sleep .3 && kill -TERM $$ & exec or-chat -m mock/echo -O mock.delay_ms=5000 hi'
finish
