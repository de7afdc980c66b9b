#!/bin/sh
# SPDX-License-Identifier: ISC
# Corners in which an answer, a byte or the truth was once lost.
. "$(dirname "$0")/lib.sh"

# A reset right behind a complete answer: the kernel still holds it
upstream '-- forever' 'answer Hello' reset
n=0
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	or-chat -r 0 -m x/y hi >out 2>err </dev/null && [ "$(cat out)" = Hello ] && n=$((n + 1))
done
is 'a reset behind a whole answer loses none' "$n" 12

# [DONE] ends the answer, also where the connection goes on
upstream 'status 200' stream 'text Hello' 'finish stop' done 'send : still here\n\n' 'delay 200' 'send : still here\n\n' 'delay 200' \
    'send : still here\n\n' 'delay 200' 'send : still here\n\n' 'delay 200' 'send : still here\n\n' hang
then=$(now_ms)
t 'comments behind [DONE]' -o Hello -- or-chat -m x/y hi
ok 'are not waited for' test $(($(now_ms) - then)) -lt 900

# An error object in a choice, whatever the finish reason says
upstream 'status 200' 'body {"choices":[{"index":0,"error":{"code":429,"message":"slow down"},"message":{"content":""}}]}' \
    '--' 'status 200' stream 'text Hel' 'sse {"choices":[{"index":0,"error":{"code":502,"message":"x"},"delta":{"content":""},"finish_reason":"stop"}]}' done
t 'an error in the choice of a whole answer' -s 75 -e 'or-chat: openrouter: 429 slow down*' -- or-chat -r 0 -m x/y hi
t 'an error in the last choice of a stream' -s 3 -o Hel -e 'or-chat: openrouter: *502 x*' -- or-chat -r 0 -m x/y hi

# What the form can't show
image='{"choices":[{"index":0,"message":{"content":null,"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},"finish_reason":"stop"}]}'
upstream '-- forever' 'status 200' "body $image"
t 'an image alone, as text' -s 1 -e 'or-chat: *-F json*' -- or-chat -m x/y hi
or-chat -m x/y -F json hi >out </dev/null
like 'as JSON' "$(cat out)" '*base64,AA==*'
upstream 'status 200' 'body {"choices":[{"index":1,"message":{"content":"other"},"finish_reason":"stop"}]}'
t 'only a second choice, as text' -s 1 -e 'or-chat: *empty*' -- or-chat -m x/y hi
t 'several choices asked for, as text' -s 64 -e 'or-chat: n=2: *-F json*' -- or-chat -m mock/echo -O n=2 hi

upstream 'status 200' 'body {"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"},{"index":1,"message":{"content":"b"},"finish_reason":"length"}]}'
or-chat -m x/y -O n=2 -F json hi >out 2>err </dev/null
is 'a second choice that was cut' $? 3

# A schema with the forms that stream
upstream '-- forever' 'status 200' stream 'text {\"a\":\"x\"}' 'finish stop' done
or-chat -j a -F ndjson -m x/y hi >out </dev/null
like '-j -F ndjson gives the events' "$(cat out)" '*"type":"text"*"type":"finish"*'
or-chat -j a -F sse -m x/y hi >out </dev/null
like '-j -F sse gives the chunks' "$(cat out)" '*"content":*[DONE]*'

# Bytes of the command line
bad=$(printf 'k\377')
t '-s that is not UTF-8 warns' -o hi -e 'or-chat: *UTF-8*' -- or-chat -m mock/echo -s "$bad" hi
t '-8 refuses it' -s 65 -e 'or-chat: -s: not UTF-8*' -- or-chat -8 -m mock/echo -s "$bad" hi
t '-8 and -O' -s 65 -e 'or-chat: -O: not UTF-8*' -- or-chat -8 -m mock/echo -O "stop=$bad" hi
t '-w 0' -s 64 -e 'or-chat: *-w 0*' -- or-chat -w 0 -m mock/echo hi
t '-b mock and the name with it' -o hi -- or-chat -b mock -m mock/echo hi
t '-O model' -s 64 -e 'or-chat: -O model*-m*' -- or-chat -m mock/echo -O model=x/y hi
t '-i with bad JSON and no key' -s 65 -i '{"model":' -e 'or-chat: the request*' -- env -u OPENROUTER_API_KEY or-chat -i
t '-i with two requests' -s 65 -f '{"model":"mock/echo"}\n{"model":"mock/echo"}\n' -e 'or-chat: the request*' -- or-chat -i

# A tag
t 'OR_TAG without a ledger' -o hi -- env OR_TAG=ci or-chat -m mock/echo hi

# Files
echo keep >log
or-chat -m mock/echo -o /dev/stdout more >>log </dev/null
is '-o /dev/stdout adds to the file behind it' "$(cat log)" "keep${lib_nl}more"
t 'one file for -o and -M' -s 64 -e 'or-chat: *same file*' -- or-chat -m mock/echo -o same -M same hi
printf '\0\0\n' >nuls
t 'a NUL in a conversation' -s 65 -e 'or-chat: nuls:1: *' -- or-chat -m mock/echo -c nuls hi

printf '\211PNG\r\n\032\n' >'a:-'
t 'an attachment whose name ends in :- is no standard input' -i text -o text -- or-chat -m mock/echo -a a:- -f -

# A terminal gets no control bytes
if command -v script >/dev/null 2>&1; then
	script -qec "or-chat -v -x -N -m mock/echo -O 'mock.text=$(printf 'a\033]0;x')b' hi" /dev/null >seen 2>&1 </dev/null
	is 'the last answer under -v is clean' "$(grep -c "$(printf '\033')" seen)" 0
fi
finish
