#!/bin/sh
# SPDX-License-Identifier: ISC
# Where connections go: proxies, OR_GATEWAY, the times of a provider's row. What a run leaves behind.
. "$(dirname "$0")/lib.sh"
conf=$XDG_CONFIG_HOME/orutils
mkdir "$conf"

# Proxies
upstream '-- forever' 'answer ok'
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
printf 'near openai http://127.0.0.1:%s/v1 none\nlocal openai http://localhost:%s/v1 none\nfar openai http://far.invalid/v1 none\n' "$PORT" "$PORT" >"$conf/providers"
proxy=http://127.0.0.1:$PORT
for v in http_proxy HTTP_PROXY ALL_PROXY all_proxy; do
	n=$(n_sent)
	t "$v: a provider far away goes through it" -o ok -- env "$v=$proxy" or-chat -r 0 -m far:x hi
	is 'by its whole URL' "$(sent_head $((n + 1)) | head -n 1)" 'POST http://far.invalid/v1/chat/completions HTTP/1.1'
	t "$v: loopback does not" -o ok -- env "$v=http://127.0.0.1:1" or-chat -r 0 -m near:x hi
	is 'but directly' "$(sent_head $((n + 2)) | head -n 1)" 'POST /v1/chat/completions HTTP/1.1'
	t "$v: localhost does not" -o ok -- env "$v=http://127.0.0.1:1" or-chat -r 0 -m local:x hi
done
for v in no_proxy NO_PROXY; do
	t "$v is honoured" -s 69 -e 'or-chat: far: *' -- env "http_proxy=$proxy" "$v=far.invalid" or-chat -r 0 -m far:x hi
done
t 'an empty proxy is none' -s 69 -e 'or-chat: far: *' -- env http_proxy= or-chat -r 0 -m far:x hi
t 'a proxy that refuses' -s 69 -e 'or-chat: far: *' -- env http_proxy=http://127.0.0.1:1 or-chat -r 0 -m far:x hi
upstream '-- forever' 'match CONNECT far.invalid:443' 'status 502' 'body no'
printf 'far openai https://far.invalid/v1 none\n' >"$conf/providers"
for v in https_proxy HTTPS_PROXY; do
	env "$v=http://127.0.0.1:$PORT" or-chat -r 0 -m far:x hi >out 2>err </dev/null
	ok "$v: no tunnel, no answer" test $? -ne 0 -a ! -s out
	is 'it was asked for by CONNECT' "$(sent_head "$(n_sent)" | head -n 1)" 'CONNECT far.invalid:443 HTTP/1.1'
done

# OR_GATEWAY
upstream '-- forever' 'answer never'
printf 'other openai http://127.0.0.1:%s/v1 price=0,0 none\n' "$PORT" >"$conf/providers"
upstream_keep others
other_url=$OPENROUTER_BASE_URL
upstream '-- forever' 'answer gateway'
gateway=http://127.0.0.1:$PORT/v1
OPENROUTER_BASE_URL=$other_url
for m in x/y other:z openai/gpt-4o; do
	t "OR_GATEWAY: -m $m goes there" -o gateway -- env OR_GATEWAY="$gateway" or-chat -m "$m" hi
	is 'by its name' "$(sent_body "$(n_sent)" | json - model)" "\"$m\""
done
t 'OR_GATEWAY: without a key of our own' -o gateway -- env -u OPENROUTER_API_KEY OR_GATEWAY="$gateway" or-chat -m x/y hi
is 'the request line' "$(sent_head 1 | head -n 1)" 'POST /v1/chat/completions HTTP/1.1'
is 'no other socket is opened' "$(grep -c ' accepted ' .others/log)" 0

# Times of a row
upstream '-- forever' hang
for o in first=200ms total=200ms; do
	printf 'slow openai http://127.0.0.1:%s/v1 %s none\n' "$PORT" "$o" >"$conf/providers"
	then=$(now_ms)
	t "$o, and silence" -s 75 -e 'or-chat: slow: *' -- or-chat -r 0 -m slow:x hi
	ok 'ends in time' test $(($(now_ms) - then)) -lt 1500
done
upstream 'status 200' stream 'text Hello' 'delay 500' 'text  there' 'finish stop' done '-- two' 'delay 500' 'answer Hello' '-- three' 'status 200' \
    stream 'text Hello' hang
printf 'slow openai http://127.0.0.1:%s/v1 idle=200ms first=2s none\n' "$PORT" >"$conf/providers"
t 'idle= holds between bytes' -s 3 -o Hello -e 'or-chat: slow: *' -- or-chat -r 0 -m slow:x hi
t 'first= for the first' -o Hello -- or-chat -r 0 -m slow:x hi
printf 'slow openai http://127.0.0.1:%s/v1 total=300ms none\n' "$PORT" >"$conf/providers"
t 'total= holds after text too' -s 3 -o Hello -e 'or-chat: slow: *' -- or-chat -r 0 -m slow:x hi

# -w is for everything, -W for every silence
in_time()
{
	i_name=$1
	shift
	then=$(now_ms)
	timeout 8 or-chat "$@" hi >out 2>err </dev/null
	i_status=$?
	ok "$i_name: it ends" test $i_status -ne 0 -a ! -s out
	ok "$i_name: in time" test $(($(now_ms) - then)) -lt 2500
}
upstream '-- forever' hang
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
printf 'p openai http://127.0.0.1:%s/v1 none\n' "$PORT" >"$conf/providers"
in_time '-w and a list of models that does not come' -w 500ms -m tiny
in_time '-W and a list of models that does not come' -W 500ms -r 0 -m tiny
printf 'p openai http://127.0.0.1:%s/v1 cmd:sleep 4; echo key\n' "$PORT" >"$conf/providers"
in_time '-w and a key command that takes its time' -w 500ms -m p:m
printf 'openrouter openai http://127.0.0.1:%s/v1 none\n' "$PORT" >"$conf/providers"
in_time '-w and a catalog that does not come' -w 500ms -p 1 -m x/y
upstream '-- forever' 'delay 400' 'answer no json'
then=$(now_ms)
t '-w and -j: all that is asked again counts' -s 75 -e 'or-chat: *' -- or-chat -w 700ms --schema-retries 9 -m x/y -j 'a int' hi
ok 'in time' test $(($(now_ms) - then)) -lt 1500

# A catalog that is needed and cannot be had
rm "$conf/providers"
rm -rf "$XDG_CACHE_HOME/orutils"
upstream_stop
t 'needed, neither cached nor reachable' -s 69 -e 'or-chat: *or-models --refresh*' -- or-chat -r 0 -m x/y -p 1 hi

# Nothing is written unasked
rm -rf "$XDG_CACHE_HOME/orutils"
upstream 'answer ok'
t 'a call' -o ok -- or-chat -m x/y hi
is 'leaves nothing behind' "$(find "$HOME" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME" "$XDG_STATE_HOME" -type f)" ''
finish
