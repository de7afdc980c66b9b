#!/bin/sh
# SPDX-License-Identifier: ISC
# or-models: what goes wrong on the way to a list, and what the status says.
# shellcheck disable=SC2016 # quoted text is for another shell, or Perl
. "$(dirname "$0")/lib.sh"
cache=$XDG_CACHE_HOME/orutils

# one NAME STATUS STDERR [DIRECTIVE...]: an answer made of these directives, to a tool with an empty cache.
one()
{
	one_name=$1 one_status=$2 one_err=$3
	shift 3
	printf '%s\n' '-- forever' "$@" >case
	upstream <case
	rm -rf "$cache"
	t "$one_name" -s "$one_status" -e "or-models: openrouter: $one_err" -- or-models -W 2
	ok '... and nothing is cached' [ ! -e "$cache" ]
}

for pair in 400:65 401:77 402:6 403:77 404:69 408:75 409:75 410:69 413:65 422:65 429:75 451:4 500:75 501:69 502:75 503:75 504:75 529:75; do
	one "HTTP ${pair%:*}" "${pair#*:}" "${pair%:*} it says so*" "status ${pair%:*}" 'body {"error":{"message":"it says so"}}'
done
one 'an error without a body' 75 '500*' 'status 500' 'header Content-Length: 0' line
one 'a redirect to another host' 69 '302*' 'status 302' 'header Location: http://example.com/' 'header Content-Length: 0' line

# A 200 that is no list
one 'HTML' 76 '*not JSON*' 'status 200' 'body <html><body>Log in</body></html>'
one 'nothing' 76 '*not JSON*' 'status 200' 'header Content-Length: 0' line
one 'an error object' 77 '401 *bad key*' 'status 200' 'body {"error":{"code":401,"message":"bad key"}}'
one 'an array of numbers' 76 '*list of models*' 'status 200' 'body [1,2,3]'
one 'an array of objects without ids' 76 '*list of models*' 'status 200' 'body {"data":[{"x":1}]}'
one 'an object' 76 '*list of models*' 'status 200' 'body {"data":{}}'
one 'not UTF-8' 76 '*not JSON*' 'status 200' 'body {"data":[{"id":"\xff"}]}'
one 'torn JSON' 76 '*not JSON*' 'status 200' 'body {"data":[{"id":"a/one"}'
one '304 that nobody asked for' 69 '304*' 'status 304' line
one 'control bytes in an error' 65 '400 a \]b*' 'status 400' 'body {"error":{"message":"a\\u001b]b"}}'

# HTTP itself
one 'a cut body' 75 '*' 'status 200' 'header Content-Length: 100' line 'send {"data":['
one 'reset' 75 '*' reset
one 'closed at once' 75 '*' close
one 'no HTTP' 76 '*' 'send hello\r\n\r\n'
one 'bad chunks' 76 '*' 'status 200' 'header Transfer-Encoding: chunked' line 'line zz' 'send {}'
one 'silence' 75 '*2 s*' hang
one 'silence in the body' 75 '*2 s*' 'status 200' 'header Content-Length: 100' line 'send {' hang
one 'endless headers' 76 '*' 'status 200' 'repeat 20000 X-Filler: some more of it\r\n' hang

# What is fine
ok_list()
{
	ok_name=$1
	shift
	printf '%s\n' '-- forever' "$@" >case
	upstream <case
	rm -rf "$cache"
	t "$ok_name" -o a/one -- or-models
}
ok_list 'without a Content-Length' 'status 200' line 'send {"data":[{"id":"a/one"}]}'
ok_list 'in chunks' 'status 200' chunked 'send {"data":[{"id"' 'send :"a/one"}]}' end
ok_list 'in bytes' 'status 200' 'split 1 0' 'body {"data":[{"id":"a/one"}]}'
ok_list 'with the wrong type' 'status 200' 'header Content-Type: text/html' 'body {"data":[{"id":"a/one"}]}'
printf '{"data":[{"id":"a/one"}]}' | gzip -c >list.gz
ok_list 'gzip' 'status 200' 'header Content-Encoding: gzip' "header Content-Length: $(wc -c <list.gz)" line "file $PWD/list.gz"
like 'it was asked for' "$(sent_head 1 | grep -i '^accept-encoding')" '*gzip*'

upstream <<'EOT'
-- forever
status 200
body {"data":[]}
EOT
rm -rf "$cache"
t 'an empty list' -s 1 -e 'or-models: the list is empty' -- or-models

# 33 MiB: a list, were it not so big
rm -rf "$cache"
{
	printf '{"data":[{"id":"a/one"},{"id":"'
	head -c 34603008 /dev/zero | tr '\0' x
	printf '"}]}'
} >huge
printf '%s\n' '-- forever' 'status 200' line "file $PWD/huge" >case
upstream <case
t 'a list over the cap' -s 76 -e 'or-models: openrouter: *33554432 bytes*' -- or-models
rm huge

# No connection
upstream_stop
t 'refused' -s 69 -e 'or-models: openrouter: *`or-models --refresh`*' -- or-models
t 'refused, with --refresh' -s 69 -e 'or-models: openrouter: *' -- or-models --refresh
t 'no such host' -s 69 -e 'or-models: openrouter: *`or-models --refresh`*' -- env OPENROUTER_BASE_URL=http://nosuch.invalid/v1 or-models
t 'no TLS there' -s 69 -E -- env OPENROUTER_BASE_URL="https://127.0.0.1:$PORT/v1" or-models
t 'a bad base URL' -s 78 -e 'or-models: OPENROUTER_BASE_URL: *' -- env OPENROUTER_BASE_URL=nonsense or-models
upstream <<'EOT'
-- forever
status 200
send Content-Length: 100\r\n\r\n
split 1 500
send {"data":[{"id":"a/one"},{"id":"a/two"}]}
EOT
t '-w: everything has to be done by then' -s 75 -e 'or-models: openrouter: *1 s*' -w 5 -- or-models -w 1
mkdir -p "$XDG_CONFIG_HOME/orutils"
echo 'one two' >"$XDG_CONFIG_HOME/orutils/providers"
t 'a bad table' -s 78 -e 'or-models: *providers:1: *' -- or-models
rm -r "$XDG_CONFIG_HOME/orutils"
upstream <<'EOT'
-- forever
hang
EOT
t 'SIGINT while it waits' -s INT -E -- sh -c '(sleep 0.3; kill -INT $$) & exec perl -e '\''$SIG{INT} = "DEFAULT"; exec "or-models"'\'''
finish
