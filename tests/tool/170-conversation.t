#!/bin/sh
# SPDX-License-Identifier: ISC
# -c: a conversation in a file, one chat message a line.
. "$(dirname "$0")/lib.sh"
OR_MODEL=x/y
export OR_MODEL
user() { printf '{"role":"user","content":"%s"}' "$1"; } # text as JSON has it
assistant() { printf '{"role":"assistant","content":"%s"}' "$1"; }
line() { sed -n "$2p" "$1" | json -; }

upstream 'answer first' '-- two' 'answer second' '-- three' 'answer third' '-- four' 'answer fourth'
t 'the file is made' -o first -- or-chat -c chat one
is_sent 'nothing else is sent' 1 "{\"model\":\"x/y\",\"messages\":[$(user one)]}"
is 'two lines' "$(wc -l <chat)" 2
is 'the question' "$(line chat 1)" '{"content":"one","role":"user"}'
is 'the answer' "$(line chat 2)" '{"content":"first","role":"assistant"}'
t 'the next call' -o second -- or-chat -c chat two
is_sent 'sends what was said' 2 "{\"model\":\"x/y\",\"messages\":[$(user one),$(assistant first),$(user two)]}"
is 'and appends' "$(wc -l <chat)" 4
t 'a third, prompt on stdin' -f 'three\n' -o third -- or-chat --conversation chat
is_sent 'sends it all' 3 "{\"model\":\"x/y\",\"messages\":[$(user one),$(assistant first),$(user two),$(assistant second),$(user 'three\n')]}"
t 'raw or text: the same is kept' -p 'fourth' -- or-chat -F raw -c chat four
is 'the answer without a newline of ours' "$(line chat 8)" '{"content":"fourth","role":"assistant"}'

# The system text
upstream '-- forever' 'answer ok'
t '-s begins a file' -o ok -- or-chat -s 'Be brief.' -c sys one
is 'as its first line' "$(line sys 1)" '{"content":"Be brief.","role":"system"}'
is 'three lines' "$(wc -l <sys)" 3
t 'the next call without -s' -o ok -- or-chat -c sys two
is 'sends it again' "$(sent_body 2 | json - messages 0)" '{"content":"Be brief.","role":"system"}'
t 'with the same -s' -o ok -- or-chat -s 'Be brief.' -c sys three
is 'sends it once' "$(sent_body 3 | grep -o '"system"' | wc -l)" 1
cp sys before
t 'with another -s' -s 65 -e 'or-chat: *' -- or-chat -s 'Be long.' -c sys four
is 'nothing is sent' "$(n_sent)" 3
ok 'and the file is as it was' cmp sys before
printf 'Be brief.' >system
t 'with the same by -S' -o ok -- or-chat -S system -c sys four

# When it is appended to
state() { wc -l <"$1" | tr -d ' '; }
upstream 'answer one' '-- length' 'status 200' stream 'text part' 'finish length' done '-- cut' 'status 200' stream 'text part' close \
    '-- filter' 'status 200' stream 'text part' 'finish content_filter' done '-- empty' 'status 200' stream 'finish stop' done \
    '-- error' 'status 400' 'body {"error":{"message":"no"}}' '-- last' 'answer last'
t '0' -o one -- or-chat -c when 1
is 'is appended' "$(state when)" 2
t '3 for length' -s 3 -o part -e 'or-chat: *length*' -- or-chat -c when 2
is 'is appended' "$(state when)" 4
is 'as far as it came' "$(line when 4)" '{"content":"part","role":"assistant"}'
t '3 for a cut' -s 3 -o part -e 'or-chat: *' -- or-chat -c when 3
is 'is not' "$(state when)" 4
t '4' -s 4 -o part -e 'or-chat: *' -- or-chat -c when 4
is 'is not' "$(state when)" 4
t '1' -s 1 -e 'or-chat: *' -- or-chat -c when 5
is 'is not' "$(state when)" 4
t '65' -s 65 -e 'or-chat: *' -- or-chat -c when 6
is 'is not' "$(state when)" 4
t 'afterwards it goes on' -o last -- or-chat -c when 7
is 'from what was appended' "$(sent_body 7 | json - messages | grep -o '"role"' | wc -l)" 5
upstream '-- forever' 'status 400' 'body {"error":{"message":"no"}}'
t 'a call that fails leaves no lines' -s 65 -e 'or-chat: *' -- or-chat -c failed 1
ok 'no bytes' test ! -s failed

# Odd files
upstream '-- forever' 'answer ok'
printf '%s\n' "$(user old)" 'not json' >bad
t 'a line that is no JSON' -s 65 -e 'or-chat: *bad*2*' -- or-chat -c bad hi
printf '%s\n' "$(user old)" '[1]' >bad
t 'a line that is no object' -s 65 -e 'or-chat: *bad*2*' -- or-chat -c bad hi
printf '%s\n' '{"role":"user","role":"system","content":"x"}' >bad
t 'a line with duplicate keys' -s 65 -e 'or-chat: *bad*1*' -- or-chat -c bad hi
is 'nothing was sent' "$(n_sent)" 0
: >empty
t 'an empty file' -o ok -- or-chat -c empty hi
is 'is begun' "$(state empty)" 2
printf '%s\n' '{"role":"assistant","content":[{"type":"text","text":"ü"}],"reasoning_details":[{"type":"reasoning.text","text":"x","signature":"s=="}]}' >parts
printf '%s' "$(user old)" >torn
t 'a last line without a newline' -o ok -- or-chat -c torn new
is 'stays a line of its own' "$(line torn 1)" "$(user old | json -)"
is 'and so do the new ones' "$(line torn 2)" "$(user new | json -)"
t 'messages of any shape are sent as they stand' -o ok -- or-chat -c parts hi
is 'unchanged' "$(sent_body "$(n_sent)" | json - messages 0)" "$(head -n 1 parts | json -)"
t 'a directory' -s 66 -E -- or-chat -c "$dir/home" hi
t 'in a directory that is missing' -s 73 -e 'or-chat: *nosuch/chat*' -- or-chat -c nosuch/chat hi
t 'text that needs escapes' -f 'a "b"\\\n\303\244' -o ok -- or-chat -c esc
is 'is one line, and comes back' "$(sed -n 1p esc | json - content)" '"a \"b\"\\\nä"'
t '-n shows the conversation' -E -- sh -c 'or-chat -n -c parts more >n.out'
is 'with the new message' "$(json n.out messages 3 content)" '"more"'
is 'and appends nothing' "$(state parts)" 3
ok '-n makes no file' sh -c 'or-chat -n -c unmade hi >/dev/null && [ ! -s unmade ]'

# Locked from reading to appending
{
	printf '%s\n' 'status 200' stream "wait $dir/go" 'text slow' 'finish stop' done '-- two' 'answer fast'
} >case; upstream <case
or-chat -c locked one >one.out 2>one.err &
one=$!
while [ -z "$(upstream_at request)" ]; do sleep 0.02; done
or-chat -c locked two >two.out 2>two.err &
two=$!
sleep 0.4
is 'a second run waits' "$(n_sent)" 1
touch go
wait "$one"
is 'the first: status' $? 0
wait "$two"
is 'the second: status' $? 0
is_sent 'the second knows what the first was told' 2 "{\"model\":\"x/y\",\"messages\":[$(user one),$(assistant slow),$(user two)]}"
is 'four lines' "$(state locked)" 4

# What an answer holds besides text
upstream 'status 200' stream 'sse {"choices":[{"index":0,"delta":{"content":"Hm.","tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"add","arguments":"{}"}}]}}]}' \
    'finish tool_calls' done '-- two' 'status 200' stream \
    'sse {"choices":[{"index":0,"delta":{"content":"","reasoning":"why","reasoning_details":[{"type":"reasoning.text","text":"why","signature":"sig==","index":0}]}}]}' \
    'text ok' 'finish stop' done '-- three' 'answer no json' '-- four' 'answer {\"age\":5}'
t 'a tool call' -E -- sh -c 'or-chat -c kept hi >/dev/null'
is 'is kept, to be answered' "$(line kept 2)" '{"content":"Hm.","role":"assistant","tool_calls":[{"function":{"arguments":"{}","name":"add"},"id":"call_1","type":"function"}]}'
t 'reasoning details' -o ok -- or-chat -c signed hi
is 'are kept unmodified, to be played back' "$(sed -n 2p signed | json - reasoning_details)" '[{"index":0,"signature":"sig==","text":"why","type":"reasoning.text"}]'
t 'with -j' -o '{"age":5}' -- or-chat -c fit -j 'age int' hi
is 'only the answer that fits is kept' "$(cut -c 1-12 fit | tr -d '\n')$(wc -l <fit)" '{"role":"use{"role":"ass2'
ln -s fit link
upstream 'answer ok'
t 'through a link' -o ok -- or-chat -c link hi
ok 'the link stays' test -L link
is 'and its target grows' "$(state fit)" 4

# Attachments stay in the file
printf '\211PNG\r\n\032\n' >dot.png
upstream 'answer seen' '-- two' 'answer again'
t 'an attachment' -o seen -- or-chat -a dot.png -c pics look
t 'is sent again' -o again -- or-chat -c pics more
is 'as it was' "$(sent_body 2 | json - messages 0)" "$(sent_body 1 | json - messages 0)"
finish
