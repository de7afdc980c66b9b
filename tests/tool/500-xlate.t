#!/bin/sh
# SPDX-License-Identifier: ISC
# or-xlate: its options, requests, and what passes through untouched.
. "$(dirname "$0")/lib.sh"

chat='{"model":"m","messages":[{"role":"user","content":"hi"}]}'
old='{"model":"m","prompt":"hi"}'
answer='{"id":"c","object":"text_completion","created":7,"model":"m","choices":[{"index":0,"text":"Hi","finish_reason":"stop"}]}'

# ── requests ──
t 'the target is openai' -i "$old" -o "$chat" -- or-xlate
t 'the format said' -i "$old" -o "$chat" -- or-xlate -f completions -t openai
t 'long options' -i "$chat" -o "$old" -- or-xlate --from openai --to completions --request --format json
t 'a parameter that is lost says nothing' -i '{"model":"m","top_k":1,"messages":[{"role":"user","content":"hi"}]}' -o "$old" -- or-xlate -t completions
t '-v names it' -i '{"model":"m","top_k":1,"min_p":0,"messages":[{"role":"user","content":"hi"}]}' -o "$old" \
	-e 'or-xlate: lost: top_k
or-xlate: lost: min_p' -- or-xlate -v -t completions
t 'content that is lost: nothing is written' -s 65 -i '{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}]}' \
	-e "or-xlate: standard input: completions doesn't take system messages" -- or-xlate -t completions
t '... and no file' -s 65 -i '{"model":"m","prompt":"x","suffix":"y"}' -e '*suffix*' -- or-xlate -o new
ok '... is there' test ! -e new -a ! -e new.partial
t '--lossy lets it go' -i '{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}]}' -o "$old" \
	-e 'or-xlate: lost: system messages' -- or-xlate -v --lossy -t completions
t 'numbers keep their spelling' -i '{"model":"m","prompt":"hi","temperature":0.70,"seed":12345678901234567890,"top_p":1e-1}' \
	-o '{"model":"m","temperature":0.70,"seed":12345678901234567890,"top_p":1e-1,"messages":[{"role":"user","content":"hi"}]}' -- or-xlate

# ── the same format ──
printf ' {"messages" : [ {"role":"user","content":"hi","x":1.0e+2} ],\r\n\t"mystery":{"a":[1,2.50,"\\u00e9"]},"seed":12345678901234567890}\r\n\n' >request
t 'a request stays as it is' -I request -O request -- or-xlate
t '... also under -F json' -I request -O request -- or-xlate -F json
t '... with --lossy and -v' -I request -O request -- or-xlate --lossy -v
printf '\357\273\277{"prompt":"x","mystery":1}' >bom
t '... with a byte order mark and without a newline' -I bom -O bom -- or-xlate -t completions
printf '{"choices" : [{"mystery":1.50,"message":{"content":"hi"},"finish_reason":"stop"}], "x":1e3}' >whole
t 'an answer stays as it is' -I whole -O whole -- or-xlate
printf ': hi\r\n\r\nid: 1\r\ndata: {"x":1.0,"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\r\n\r\ndata: [DONE]\r\n\r\n' >stream
t 'a stream stays as it is' -I stream -O stream -- or-xlate
t '... with what comes behind its end' -f 'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n: more\n' \
	-p 'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n: more\n' -- or-xlate
t 'an answer that failed, too' -s 77 -i '{"error":{"message":"no","code":"invalid_api_key"},"x":1.0}' -o '{"error":{"message":"no","code":"invalid_api_key"},"x":1.0}' \
	-e 'or-xlate: openai: *no' -- or-xlate
t 'another form of it is made anew' -i '{"id":"a","created":7,"model":"m","choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}],"x":1}' \
	-p 'data: {"id":"a","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}\n\ndata: {"id":"a","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\ndata: {"id":"a","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop","native_finish_reason":"stop"}]}\n\ndata: [DONE]\n\n' \
	-- or-xlate -F sse

# ── where from, where to ──
printf '%s\n' "$old" >file
t 'a file' -o "$chat" -- or-xlate file
t 'a dash is standard input' -i "$old" -o "$chat" -- or-xlate -
t 'a file with a dash in front' -s 64 -e '*options come first*' -- or-xlate file -x
t 'two files' -s 64 -e 'or-xlate: one file at a time' -- or-xlate file file
t 'an empty name' -s 64 -e 'or-xlate: an operand is empty' -- or-xlate ''
t 'no such file' -s 66 -e 'or-xlate: nofile: No such file or directory' -- or-xlate nofile
t 'a directory' -s 66 -e 'or-xlate: .: Is a directory' -- or-xlate .
t '-o' -- or-xlate -o to file
is '... holds it' "$(cat to)" "$chat"
t '-o over what is read' -- or-xlate -o file file
is '... at the end' "$(cat file)" "$chat"
t '-o fails, the old file stays' -s 3 -i 'data: {"choices":[{"delta":{"content":"x"}}]}' -e 'or-xlate: *what came is in to.partial' -- or-xlate -F json -o to
is '... as it was' "$(cat to)" "$chat"
is '... and what came beside it' "$(json to.partial choices 0 message content)" '"x"'
t 'a directory that is not there' -s 73 -i "$old" -e 'or-xlate: no/where: No such file or directory' -- or-xlate -o no/where
t 'a full disk' -s 74 -i "$old" -e 'or-xlate: standard output: No space left on device' -- sh -c 'exec or-xlate >/dev/full'
t 'a closed stdout' -s 74 -i "$old" -e 'or-xlate: standard output is closed' -- sh -c 'exec or-xlate >&-'
t 'a closed stdin' -s 74 -e 'or-xlate: standard input is closed' -- sh -c 'exec or-xlate <&-'
t 'a reader that is gone' -s PIPE -- sh -c '
	perl -e "print qq({\"prompt\":\"), \"x\" x 1000000, qq(\"})" >big
	mkfifo gone; exec 3<>gone; exec 4>gone 3<&-
	exec or-xlate big >&4'

# ── usage ──
t 'no such format' -s 64 -e 'or-xlate: -f opena: not one of openai completions *' -- or-xlate -f opena
t 'mock is none' -s 64 -e 'or-xlate: -t mock: not one of *' -- or-xlate -t mock
t 'no such form' -s 64 -e 'or-xlate: -F text: not one of json sse ndjson' -- or-xlate -F text
t 'both kinds' -s 64 -e 'or-xlate: --request and --answer contradict each other' -- or-xlate --request --answer
t 'a stream of a request' -s 64 -e 'or-xlate: -F sse and -F ndjson are forms of answers*' -- or-xlate --request -F sse
t '... found out later' -s 64 -i "$old" -e 'or-xlate: standard input is a request: -F sse*' -- or-xlate -F ndjson
t 'unknown option' -s 64 -e 'or-xlate: unknown option --lossless*' -- or-xlate --lossless
t 'version' -o "or-xlate $(cat "$lib_top/VERSION")" -- or-xlate -V
or-xlate -h >help 2>&1
like 'help' "$(head -n 1 help)" 'usage: or-xlate *'

# ── bad input ──
t 'nothing' -s 65 -e 'or-xlate: standard input: there is nothing in it' -- or-xlate
t 'blanks' -s 65 -f ' \n\t\r\n' -e 'or-xlate: standard input: there is nothing in it' -- or-xlate
t 'words' -s 65 -i 'hello' -e 'or-xlate: standard input: offset 0: neither JSON nor an event stream' -- or-xlate
t 'a list of numbers as a request' -s 65 -i ' [1]' -e 'or-xlate: standard input: offset 1: a request or an answer is an object' -- or-xlate --request
t 'half a request' -s 65 -f '{"prompt":"x"' -e 'or-xlate: standard input: offset 13: unfinished' -- or-xlate
t 'a mistake in it' -s 65 -f '\n{"prompt":x}' -e 'or-xlate: standard input: offset 11: value expected' -- or-xlate
t 'two requests' -s 65 -f '{"prompt":"x"}\n{"prompt":"x"}\n' -e 'or-xlate: standard input: offset 15: more than one value' -- or-xlate
t 'the same key twice' -s 65 -i '{"prompt":"x","prompt":"y"}' -e 'or-xlate: standard input: duplicate key "prompt"' -- or-xlate
t 'a NUL' -s 65 -f '{"prompt":"x\000y"}' -e 'or-xlate: standard input: offset 12: control byte in a string' -- or-xlate
t 'no UTF-8' -f '{"model":"m","prompt":"h\377i"}' -e 'or-xlate: standard input: 1 byte sequence not UTF-8: replaced by U+FFFD' \
	-p '{"model":"m","messages":[{"role":"user","content":"h\357\277\275i"}]}\n' -- or-xlate
t '... without a warning' -f '{"prompt":"h\377i"}' -p '{"prompt":"h\357\277\275i"}' -- or-xlate -q -t completions
t '... refused' -s 65 -f '{"prompt":"h\377i"}' -e 'or-xlate: standard input: offset 12: not UTF-8' -- or-xlate -8
t 'no messages' -s 65 -i '{"messages":{}}' -e 'or-xlate: standard input: messages: a list is wanted' -- or-xlate
t 'an empty list of them' -s 65 -i '{"messages":[]}' -e 'or-xlate: standard input: messages: the list is empty' -- or-xlate
t 'a message without a role' -s 65 -i '{"messages":[{"role":"user","content":"x"},{}]}' -e 'or-xlate: standard input: messages?1?: *' -- or-xlate -t completions
t 'a request of the wrong format' -s 65 -i "$chat" -e 'or-xlate: standard input: prompt: text is wanted' -- or-xlate -f completions
t 'an answer as a request' -s 65 -i "$answer" -e 'or-xlate: standard input: prompt: text is wanted' -- or-xlate -f completions --request
perl -e 'print q({"prompt":"), "x" x 67108864, q("})' >huge
t 'more than 64 MiB' -s 65 -e 'or-xlate: huge: more than 64 MiB' -- or-xlate huge
t '... from a pipe' -s 65 -e 'or-xlate: standard input: more than 64 MiB' -- sh -c 'cat huge 2>/dev/null | or-xlate'
finish
