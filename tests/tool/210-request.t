#!/bin/sh
# SPDX-License-Identifier: ISC
# The request: -O, -R, --seed, -n, -i, and the bytes that are sent.
. "$(dirname "$0")/lib.sh"
hi='"messages":[{"role":"user","content":"hi"}]'

# n NAME WANT option...: what -n prints, as JSON, save what usage is asked for with.
n()
{
	n_name=$1 n_want=$2
	shift 2
	t "$n_name" -E -- sh -c 'or-chat -n "$@" >request' sh "$@"
	printf '%s' "$n_want" | json - >want
	perl -MJSON::PP -0777 -ne '$j = decode_json($_); delete @$j{qw(stream_options usage)}; print JSON::PP->new->utf8->canonical->encode($j), "\n"' request >got
	is 'the request' "$(cat got)" "$(cat want)"
}
n 'the least' "{\"model\":\"x/y\",$hi,\"stream\":true}" -m x/y hi
is '-n: one line' "$(wc -l <request)" 1
t '-n needs no key' -E -- sh -c 'or-chat -n -m x/y hi >request'
ok '-n says nothing on stderr' test ! -s err
n 'a system text' '{"model":"x/y","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"}],"stream":true}' -s 'Be brief.' -m x/y hi
printf 'From a file.\n' >system
n '-S: a file, byte for byte' '{"model":"x/y","messages":[{"role":"system","content":"From a file.\n"},{"role":"user","content":"hi"}],"stream":true}' -S system -m x/y hi

# -O
n '-O: a number' "{\"model\":\"x/y\",$hi,\"stream\":true,\"temperature\":0.20}" -O temperature=0.20 -m x/y hi
ok 'as it was written' grep -q '"temperature": *0\.20[,}]' request
n '-O: a number beyond doubles' "{\"model\":\"x/y\",$hi,\"stream\":true,\"big\":12345678901234567890}" -O big=12345678901234567890 -m x/y hi
ok 'as it was written' grep -q '"big": *12345678901234567890[,}]' request
n '-O: true' "{\"model\":\"x/y\",$hi,\"stream\":true,\"logprobs\":true}" -O logprobs=true -m x/y hi
n '-O: null' "{\"model\":\"x/y\",$hi,\"stream\":true,\"seed\":null}" -O seed=null -m x/y hi
n '-O: what does not parse is a string' "{\"model\":\"x/y\",$hi,\"stream\":true,\"user\":\"me = \\\"x\\\"\"}" -O 'user=me = "x"' -m x/y hi
n '-O: nearly a number is a string' "{\"model\":\"x/y\",$hi,\"stream\":true,\"user\":\"01\"}" -O user=01 -m x/y hi
n '-O: a quoted string is one' "{\"model\":\"x/y\",$hi,\"stream\":true,\"user\":\"5\"}" -O 'user="5"' -m x/y hi
n '-O: an object' "{\"model\":\"x/y\",$hi,\"stream\":true,\"provider\":{\"order\":[\"a\",\"b\"],\"sort\":\"price\"}}" -O 'provider={"order":["a","b"],"sort":"price"}' -m x/y hi
n '-O: dots nest' "{\"model\":\"x/y\",$hi,\"stream\":true,\"provider\":{\"max_price\":{\"prompt\":1}}}" -O provider.max_price.prompt=1 -m x/y hi
n '-O: dots meet in one object' "{\"model\":\"x/y\",$hi,\"stream\":true,\"provider\":{\"order\":[\"a\"],\"sort\":\"price\"}}" -O 'provider.order=["a"]' -O provider.sort=price -m x/y hi
n '-O: dots reach into an object given before' "{\"model\":\"x/y\",$hi,\"stream\":true,\"provider\":{\"order\":[\"a\"],\"sort\":\"price\"}}" -O 'provider={"order":["a"]}' -O provider.sort=price -m x/y hi
n '-O: the later one wins' "{\"model\":\"x/y\",$hi,\"stream\":true,\"top_p\":2}" -O top_p=1 -O top_p=2 -m x/y hi
n '-O: an empty value is an empty string' "{\"model\":\"x/y\",$hi,\"stream\":true,\"user\":\"\"}" -O user= -m x/y hi
n '-O stream=false' "{\"model\":\"x/y\",$hi,\"stream\":false}" -O stream=false -m x/y hi
t '-O: duplicate keys in a value' -s 65 -e 'or-chat: *' -- or-chat -n -O 'provider={"a":1,"a":2}' -m x/y hi
t '-O: a dot into what is no object' -s 65 -E -- sh -c 'or-chat -n -O top_p=1 -O top_p.x=2 -m x/y hi >/dev/null'
t '-O model: it would be lost behind -m' -s 64 -e 'or-chat: *-m*' -- or-chat -n -m x/y -O model=z/z hi
t '-O messages: the prompt would be lost' -s 64 -e 'or-chat: *-i*' -- or-chat -n -m x/y -O 'messages=[]' hi
n '-R: reasoning' "{\"model\":\"x/y\",$hi,\"stream\":true,\"reasoning\":{\"effort\":\"high\"}}" -R high -m x/y hi
n '--seed' "{\"model\":\"x/y\",$hi,\"stream\":true,\"seed\":42}" --seed 42 -m x/y hi

# -n resolves
mkdir -p "$XDG_CONFIG_HOME/orutils"
printf 'short: x/y\n' >"$XDG_CONFIG_HOME/orutils/aliases"
n '-n: an alias' "{\"model\":\"x/y\",$hi,\"stream\":true}" -m short hi
printf 'file text' >file
n '-n: files' '{"model":"x/y","messages":[{"role":"user","content":"hi\n\nfile text"}],"stream":true}' -f file -m x/y hi
t '-n shows no key' -E -- sh -c 'OPENROUTER_API_KEY=sk-secret or-chat -n -v -m x/y hi >request 2>&1'
ok 'no key' sh -c '! grep -q sk-secret request'
t '-n with bad input' -s 65 -f '\0' -e 'or-chat: *' -- or-chat -n -m x/y

# -n is what is sent, byte for byte
upstream '-- forever' 'answer ok'
same()
{
	s_name=$1
	shift
	or-chat -n "$@" >request 2>err </dev/null
	before=$(n_sent)
	or-chat "$@" >out 2>err </dev/null
	sent_body $((before + 1)) >body
	printf '\n' >>body
	ok "-n is what is sent: $s_name" cmp request body
}
same 'the least' -m x/y hi
same 'everything' --schema-retries 0 -m x/y -s 'Be "brief"' -O temperature=1e-1 -O provider.sort=price -R low --seed 7 -f file -j 'a int' 'ä 😀'
same 'a whole answer' -m x/y -O stream=false hi
is '-n sent nothing' "$(grep -c ' accepted ' .upstream/log)" 3
is 'the request line' "$(sent_head 1 | head -n 1)" 'POST /api/v1/chat/completions HTTP/1.1'
is 'Host' "$(sent_head 1 | grep -i '^host:')" "Host: 127.0.0.1:$PORT"
is 'Authorization' "$(sent_head 1 | grep -i '^authorization:')" 'Authorization: Bearer sk-test'
like 'Content-Type' "$(sent_head 1 | grep -i '^content-type:')" '?ontent-?ype: application/json*'
is 'Content-Length' "$(sent_head 1 | sed -n 's/^[Cc]ontent-[Ll]ength: //p')" "$(sent_body 1 | wc -c)"
is 'no Expect, no Transfer-Encoding' "$(sent_head 1 | grep -ci -e '^expect:' -e '^transfer-encoding:')" 0
is 'each header once' "$(sent_head 1 | sed '1d;/^$/d;s/:.*//' | tr 'A-Z' 'a-z' | sort | uniq -d)" ''

# -i
r='{"model":"x/y","messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}],"temperature":0.50,"unknown":{"a":[1,2]}}'
t '-i' -i "$r" -o ok -- or-chat -i
is_sent 'the request is sent' 4 "$r"
ok 'numbers as they were' sh -c 'grep -q "\"temperature\": *0\.50" .upstream/req.4'
t '--request, options override its fields' -i "$r" -o ok -- or-chat --request -m z/z -O temperature=1
is_sent 'model and temperature' 5 '{"model":"z/z","messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}],"temperature":1,"unknown":{"a":[1,2]}}'
t '-i: operands and files are one more message' -i "$r" -o ok -- or-chat -i -f file more words
is 'at the end' "$(sent_body 6 | json - messages 2)" '{"content":"more words\n\nfile text","role":"user"}'
is 'the others stand' "$(sent_body 6 | json - messages 1 content)" '"hi"'
t '-i and -s' -i "$r" -o ok -- or-chat -i -s other
is "overrides its system text" "$(sent_body 7 | json - messages 0)" '{"content":"other","role":"system"}'
is 'and is the only one' "$(sent_body 7 | grep -o '"system"' | wc -l)" 1
t '-i with white space around' -f '\n  {"model":"x/y",\r\n  "messages" : [ {"role":"user","content":"hi"} ] }\n\n' -o ok -- or-chat -i
is_sent 'the request is sent' 8 "{\"model\":\"x/y\",$hi}"
or-chat -n -m x/y -O temperature=0.30 -j 'a int' 'ä "q"' >request </dev/null
t '-i of -n: the same again' -I request -O request -- or-chat -i -n
t '-i of -n is sent' -I request -o ok -- or-chat -i
sent_body 9 >body
printf '\n' >>body
ok 'byte for byte' cmp request body
t '-i of -n, by the mock' -i "{\"model\":\"mock/echo\",$hi,\"stream\":true}" -o hi -- or-chat -i
t '-i: without a model, the usual one' -i "{$hi}" -o ok -- or-chat -i
is 'openrouter/auto' "$(sent_body 10 | json - model)" '"openrouter/auto"'
t '-i: "models" of OpenRouter pass' -i "{\"model\":\"x/y\",\"models\":[\"a/b\"],$hi}" -o ok -- or-chat -i
is 'untouched' "$(sent_body 11 | json - models)" '["a/b"]'
bad()
{
	t "-i: $1" -s 65 -f "$2" -e 'or-chat: *' -- or-chat -i
}
bad 'nothing' ''
bad 'no JSON' 'hello\n'
bad 'a torn object' '{"model":"x/y","messages":[\n'
bad 'no object' '[1,2]\n'
bad 'several' "{\"model\":\"x/y\",$hi}\\n{\"model\":\"x/y\",$hi}\\n"
bad 'something after it' "{\"model\":\"x/y\",$hi} x\\n"
bad 'duplicate keys' "{\"model\":\"x/y\",\"model\":\"x/z\",$hi}\\n"
bad 'duplicate keys far inside' '{"model":"x/y","messages":[{"role":"user","content":"hi","role":"system"}]}\n'
bad 'duplicate keys in disguise' "{\"model\":\"x/y\",\"m\\\\u006fdel\":\"x/z\",$hi}\\n"
bad 'no messages' '{"model":"x/y"}\n'
bad 'messages that are no array' '{"model":"x/y","messages":"hi"}\n'
bad 'a model that is no string' "{\"model\":5,$hi}\\n"
bad 'a NUL' "{\"model\":\"x/y\",\\0$hi}\\n"
bad 'a comment' "{\"model\":\"x/y\",/* */$hi}\\n"
bad 'a comma too many' "{\"model\":\"x/y\",$hi,}\\n"
deep=$(printf '%070d' 0 | tr 0 '[')$(printf '%070d' 0 | tr 0 ']')
bad 'nested 70 deep' "{\"model\":\"x/y\",\"a\":$deep,$hi}\\n"
is 'nothing of that was sent' "$(n_sent)" 11
t '-i: bytes that are not UTF-8' -f '{"model":"mock/echo","messages":[{"role":"user","content":"a\377"}]}\n' -p 'a\357\277\275\n' -e 'or-chat: *UTF-8*' -- or-chat -i
t '-i -8: refused' -s 65 -f '{"model":"mock/echo","messages":[{"role":"user","content":"a\377"}]}\n' -e 'or-chat: *UTF-8*' -- or-chat -i -8
t '-i and a terminal or nothing' -s 65 -e 'or-chat: *' -- or-chat -i
finish
