#!/bin/sh
# SPDX-License-Identifier: ISC
# What comes out: the formats, -o, -M, what -q and -v do, and tool calls, refusals, reasoning.
. "$(dirname "$0")/lib.sh"

# -F text, raw
t 'text: a newline is added where there is none' -p 'hi\n' -- or-chat -m mock/echo hi
t 'text: none is added where there is one' -f 'hi\n' -p 'hi\n' -- or-chat -m mock/echo
t 'text: two stay two' -f 'hi\n\n' -p 'hi\n\n' -- or-chat -m mock/echo -F text
t 'raw: none is added' -f 'hi' -p 'hi' -- or-chat -m mock/echo -F raw
t 'raw: none is taken' -f 'hi\n\n' -p 'hi\n\n' -- or-chat -m mock/echo -F raw

upstream <<'EOT'
-- one
status 200
stream
text Hel
text lo
close
-- two
status 200
stream
finish stop
done
-- three
status 200
stream
finish length
done
-- four
status 200
stream
text Hel
text lo
finish length
done
EOT
t 'text: a newline after a cut too' -s 3 -p 'Hello\n' -e 'or-chat: *' -- or-chat -m x/y hi
t 'text: nothing where no text came' -s 1 -e 'or-chat: *' -- or-chat -m x/y hi
t 'text: nothing where no text came, length' -s 3 -e 'or-chat: *length*' -- or-chat -m x/y hi
t 'raw: no newline after a cut' -s 3 -p 'Hello' -e 'or-chat: *' -- or-chat -F raw -m x/y hi

# One rich answer in every format
{ echo '-- forever'; cat "$cases/rich"; } >case; upstream <case
printf 'A\tb\nc\\ \360\237\230\200' >rich.text
t 'text' -p 'A\tb\nc\\ \360\237\230\200\n' -- or-chat -m x/y hi
t '-v: reasoning is on stderr, stdout is the same' -p 'A\tb\nc\\ \360\237\230\200\n' -E -- or-chat -v -m x/y hi
ok 'both pieces of it' perl -0777 -ne 'exit !/Hm, .*well\./s' err
t 'raw' -O rich.text -- or-chat -F raw -m x/y hi
t 'tsv' -p 'gen-1\tx/y-2026\tstop\t10\t7\t0.000123\tA\\tb\\nc\\\\ \360\237\230\200\n' -- or-chat -F tsv -m x/y hi

or-chat -F json -m x/y hi >json 2>json.err
is 'json: status' $? 0
is 'json: one line' "$(wc -l <json)" 1
# shellcheck disable=SC2089,SC2090 # the quotes are JSON's
for pair in 'id "gen-1"' 'object "chat.completion"' 'model "x/y-2026"' 'provider "Acme"' 'created 1700000000' 'choices 0 index 0' \
    'choices 0 message role "assistant"' 'choices 0 finish_reason "stop"' 'choices 0 native_finish_reason "end_turn"' \
    'usage prompt_tokens 10' 'usage completion_tokens 7' 'usage prompt_tokens_details cached_tokens 4'; do
	# shellcheck disable=SC2086 # several words
	is "json: ${pair% *}" "$(json json ${pair% *})" "${pair##* }"
done
like 'json: usage cost, exactly' "$(cat json)" '*"cost":0.000123[,}]*'
is 'json: the text' "$(json json choices 0 message content)" '"A\tb\nc\\ 😀"'
is 'json: the reasoning' "$(json json choices 0 message reasoning)" '"Hm, well."'

or-chat -F sse -m x/y hi >sse 2>sse.err
is 'sse: status' $? 0
is 'sse: the end' "$(tail -n 2 sse)" 'data: [DONE]'
is 'sse: only data and empty lines' "$(grep -cv -e '^data: ' -e '^$' sse)" 0
cat >sse.pl <<'EOT'
local $/ = "\n\n";
my ($text, $finish, $usage, $n) = ("", "", "", 0);
while (<STDIN>) {
	s/^data: // && s/\n\n$// or die "not an event: $_";
	last if $_ eq "[DONE]";
	my $c = JSON::PP->new->utf8->decode($_);
	$n++;
	die "object" unless $c->{object} eq "chat.completion.chunk";
	$usage = $c->{usage}{prompt_tokens} if $c->{usage};
	for (@{$c->{choices}}) {
		$text .= $_->{delta}{content} // "";
		$finish .= $_->{finish_reason} // "";
	}
}
print "$finish $usage ", ($n > 2 ? "several" : $n), " ", JSON::PP->new->ascii->allow_nonref->encode($text), "\n";
EOT
is 'sse: finish once, usage, several chunks, the text' "$(perl -MJSON::PP sse.pl <sse)" 'stop 10 several "A\tb\nc\\ \ud83d\ude00"'

or-chat -F ndjson -m x/y hi >ndjson 2>ndjson.err
is 'ndjson: status' $? 0
# shellcheck disable=SC2016 # the dollars are Perl's
types=$(perl -MJSON::PP -ne 'my $t = decode_json($_)->{type}; print "$t " if $t ne $last; $last = $t' ndjson)
is 'ndjson: the types, in order' "$(echo "$types" | sed 's/usage finish/finish usage/')" 'start reasoning text finish usage '
ok 'ndjson: the text is in it' grep -q '"type":"text".*A\\tb' ndjson

# A whole answer instead of a stream
upstream '-- forever' 'status 200' 'header Content-Type: application/json' \
    'body \n  \r\n{"id":"gen-2","object":"chat.completion","created":1700000000,"model":"x/y-2026","provider":"Acme","choices":[{"index":0,"message":{"role":"assistant","content":"whole\\u0041 \\ud83d\\ude00","reasoning":"why"},"finish_reason":"stop","native_finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"cost":1e-7}}'
t '-O stream=false: a whole answer, and white space before it' -o 'wholeA 😀' -- or-chat -m x/y -O stream=false hi
is '"stream":false was sent' "$(sent_body 1 | json - stream)" false
t 'a whole answer where a stream was asked for' -o 'wholeA 😀' -- or-chat -m x/y hi
t 'a whole answer as tsv; the cost without an exponent' -p 'gen-2\tx/y-2026\tstop\t1\t2\t0.0000001\twholeA 😀\n' -- or-chat -F tsv -m x/y hi
or-chat -F json -m x/y hi >json
is 'a whole answer as json' "$(json json choices 0 message content)" '"wholeA 😀"'
or-chat -F sse -m x/y hi >sse
is 'a whole answer as sse' "$(perl -MJSON::PP sse.pl <sse | cut -d ' ' -f 1,2,4-)" 'stop 1 "wholeA \ud83d\ude00"'

# Unknown stays unknown
upstream <<'EOT'
-- forever
answer hi
EOT
or-chat -F tsv -m x/y hi >tsv
is 'tsv: seven columns, - for unknown' "$(cut -f 3- tsv)" "$(printf 'stop\t-\t-\t-\thi')"

or-chat -F json -m x/y hi >json
like 'json: id and model are strings, even when the provider says none' "$(json json id) $(json json model)" '"?*" "?*"'

# Tool calls
{ cat "$cases/calls"; echo '-- two'; sed 's/"content":null/"content":"Let me see."/' "$cases/calls"; echo '-- three'; cat "$cases/calls"; } >case; upstream <case
or-chat -m x/y hi >out 2>err
is 'tool calls: status' $? 0
is 'a line a call' "$(wc -l <out)" 2
is 'nothing on stderr' "$(cat err)" ''
head -n 1 out >call1
sed -n 2p out >call2
like 'the first: id, name and arguments' "$(json call1)" '*call_1*'
is 'its name' "$(json call1 function name || json call1 name)" '"add"'
is 'its arguments, joined' "$(json call1 function arguments || json call1 arguments)" '"{\"a\":1}"'
is "the second's name" "$(json call2 function name || json call2 name)" '"now"'
or-chat -m x/y hi >out 2>err
is 'text and tool calls: status' $? 0
is 'the text on a line of its own' "$(head -n 1 out)" 'Let me see.'
is 'then the calls' "$(sed 1d out | wc -l)" 2
or-chat -F json -m x/y hi >out 2>err
is 'json: calls' "$(json out choices 0 message tool_calls)" \
    '[{"function":{"arguments":"{\"a\":1}","name":"add"},"id":"call_1","type":"function"},{"function":{"arguments":"{}","name":"now"},"id":"call_2","type":"function"}]'
is 'json: finish' "$(json out choices 0 finish_reason)" '"tool_calls"'

{ echo '-- forever'; cat "$cases/calls"; } >case; upstream <case
or-chat -F ndjson -m x/y hi >ndjson
is 'ndjson: calls begin and end' "$(perl -MJSON::PP -ne 'print decode_json($_)->{type}, "\n"' ndjson | grep -v args | sort | uniq -c | tr -s ' \n' ' ')" \
    ' 1 finish 1 start 2 tool_begin 2 tool_end '
or-chat -F sse -m x/y hi >sse
is 'sse: calls' "$(perl -MJSON::PP -ne 's/^data: // or next; last if /^\[DONE/; for (@{decode_json($_)->{choices}[0]{delta}{tool_calls} || []}) { $n[$_->{index}] .= $_->{function}{name} // ""; $a[$_->{index}] .= $_->{function}{arguments} // "" } END { print "@n @a" }' sse)" \
    'add now {"a":1} {}'
upstream 'status 200' stream 'text Hello' close
or-chat -F ndjson -m x/y hi >ndjson 2>err
is 'ndjson: a cut ends with an error' "$(tail -n 1 ndjson | json - type)" '"error"'

# Refusals
upstream <<'EOT'
status 200
stream
sse {"choices":[{"index":0,"delta":{"role":"assistant","content":null,"refusal":"I can't "}}]}
sse {"choices":[{"index":0,"delta":{"refusal":"help."}}]}
finish stop
done
-- two
status 200
body {"choices":[{"index":0,"message":{"role":"assistant","content":null,"refusal":"I won't."},"finish_reason":"stop"}]}
EOT
t "a refusal's words are text" -s 4 -o "I can't help." -e 'or-chat: *' -- or-chat -m x/y hi
t 'a refusal in a whole answer' -s 4 -o "I won't." -e 'or-chat: *' -- or-chat -m x/y hi

# Text of a provider on its way to stderr
upstream <<'EOT'
status 400
body {"error":{"message":"bad \\u001b[31mred\\u0007 \\u009b1m\\nsecond line","code":400}}
EOT
t 'control bytes of a message are dropped, and it is one line' -s 65 -e 'or-chat: *red*' -- or-chat -m x/y hi
is 'no control byte' "$(tr -d '\n' <err | LC_ALL=C tr -cd '\000-\037\177' | wc -c)" 0
is 'no C1 byte' "$(perl -ne 'print if /\xc2[\x80-\x9f]/' err)" ''

# -o
{ echo 'status 200'; echo stream; echo 'text first '; echo "wait $dir/go"; echo 'text second'; echo 'finish stop'; echo done; } >case; upstream <case
or-chat -o file -m x/y hi >out 2>err &
while [ -z "$(upstream_at request)" ]; do sleep 0.02; done
sleep 0.3
ok '-o: nothing at its place before the end' test ! -e file
touch go
wait $!
is '-o: status' $? 0
is '-o: the text' "$(cat file)" 'first second'
ok '-o: nothing on stdout and stderr' test ! -s out -a ! -s err
is '-o: nothing else is left' "$(ls -A | grep -c '^\.*file')" 1

printf old >target
chmod 640 target
ln -s target link
t '-o through a link' -- or-chat -m mock/echo -o link new
ok 'the link stays' test -L link
is 'its target is written' "$(cat target)" new
is 'the mode is kept' "$(stat -c %a target)" 640
t '-o with -F json' -- or-chat -m mock/echo -F json -o target new
is 'json in it' "$(json target object)" '"chat.completion"'
t '-o -' -o hi -- or-chat -m mock/echo -o - hi
t '-o /dev/null' -- or-chat -m mock/echo -o /dev/null hi
ok '/dev/null is still a device' test -c /dev/null
t '-o into a FIFO' -p 'hi\n' -- sh -c 'mkfifo pipe; or-chat -m mock/echo -o pipe hi & cat pipe; wait $!'
t '-o into a directory that is missing' -s 73 -e 'or-chat: *nosuch/file*' -- or-chat -m mock/echo -o nosuch/file hi
t '-o into a directory' -s 73 -e 'or-chat: *' -- or-chat -m mock/echo -o "$dir" hi
t '-o /dev/full' -s 74 -e 'or-chat: *' -- or-chat -m mock/echo -o /dev/full hi
t 'stdout is a full disk' -s 74 -e 'or-chat: *' -- sh -c 'exec or-chat -m mock/echo hi >/dev/full'
t 'stdout is closed' -s 74 -e 'or-chat: *' -- sh -c 'exec or-chat -m mock/echo hi >&-'
upstream <<'EOT'
status 200
stream
text Hello
close
-- two
status 500
body {}
-- three
status 200
stream
text Hello
finish length
done
EOT
printf old >keep
t '-o and a cut' -s 3 -e 'or-chat: *keep.partial*' -- or-chat -m x/y -o keep hi
is 'the target is as it was' "$(cat keep)" old
is 'what came is in .partial' "$(cat keep.partial)" Hello
rm keep.partial
t '-o and nothing came' -s 75 -e 'or-chat: *500*' -- or-chat -r 0 -m x/y -o keep hi
ok 'no .partial' test ! -e keep.partial
is 'the target is as it was' "$(cat keep)" old
t '-o and length' -s 3 -e 'or-chat: *fresh.partial*' -- or-chat -m x/y -o fresh hi
is 'what came is in .partial' "$(cat fresh.partial)" Hello
ok 'and no file' test ! -e fresh
is 'nothing else is left' "$(ls -A | grep -c -e keep -e fresh)" 2

upstream 'status 200' stream 'text one' "wait $dir/go2" 'text  more' 'finish stop' done '-- two' 'answer two'
or-chat -o both -m x/y hi >out 2>err &
one=$!
while [ -z "$(upstream_at request)" ]; do sleep 0.02; done
sleep 0.2
t 'two runs at once on one -o: the second' -- or-chat -o both -m x/y hi
is 'its answer is whole' "$(cat both)" two
touch go2
wait "$one"
is 'the first: status' $? 0
is 'the one that ends last is there, whole' "$(cat both)" 'one more'
is 'nothing else is left' "$(ls -A | grep -c '^\.*both')" 1

# -M
{ cat "$cases/rich"; echo '-- two'; cat "$cases/rich"; echo '-- three'; printf 'status 401\nbody {"error":{"message":"bad key","code":401}}\n'; } >case; upstream <case
t '-M appends one line' -E -p 'A\tb\nc\\ \360\237\230\200\n' -- or-chat -M meta -m x/y hi
is 'one line' "$(wc -l <meta)" 1
for key in id model provider endpoint finish native_finish usage cost cost_source attempts ttft_ms ms status cause losses warnings; do
	ok "it has $key" sh -c 'perl -MJSON::PP -ne "exit !exists decode_json(\$_)->{$1}" meta' sh "$key"
done
# shellcheck disable=SC2089,SC2090 # the quotes are JSON's
for pair in 'id "gen-1"' 'model "x/y-2026"' 'finish "stop"' 'native_finish "end_turn"' 'usage prompt 10' 'usage completion 7' \
    'usage cached 4' 'usage cache_write null' 'usage reasoning 3' 'cost_source "reported"' 'status 0' 'cause null' 'losses []' \
    'warnings []' 'attempts 0 error null'; do
	# shellcheck disable=SC2086 # several words
	is "-M: ${pair% *}" "$(json meta ${pair% *})" "${pair##* }"
done
like '-M: cost, exactly' "$(cat meta)" '*"cost":0.000123[,}]*'
like '-M: ttft_ms is a number' "$(json meta ttft_ms)" '[0-9]*'
like '-M: ms is one' "$(json meta ms)" '[0-9]*'
is '-M: one attempt' "$(json meta attempts 1)" ''
t '-M /dev/fd/3' -p 'A\tb\nc\\ \360\237\230\200\n' -- sh -c 'or-chat -M /dev/fd/3 -m x/y hi 3>meta3'
is 'the line is there' "$(json meta3 status)" 0
t '-M on failure too' -s 77 -e 'or-chat: *401*' -- or-chat -M meta -m x/y hi
is 'two lines' "$(wc -l <meta)" 2
sed -n 2p meta >meta2
is '-M: status' "$(json meta2 status)" 77
like '-M: cause' "$(json meta2 cause)" '"?*"'
is '-M: attempt status' "$(json meta2 attempts 0 status)" 401
is '-M: what is absent is null' "$(json meta2 finish)$(json meta2 id)" nullnull
pids=
for i in 1 2 3 4 5 6 7 8 9 10; do
	or-chat -M many -m mock/echo "run $i" >/dev/null </dev/null &
	pids="$pids $!"
done
for pid in $pids; do wait "$pid"; done
is '-M of ten runs at once: ten whole lines' "$(perl -MJSON::PP -ne 'print decode_json($_)->{status}' many)" 0000000000
t '-M where there is no directory' -s 73 -e 'or-chat: *nosuch/meta*' -- or-chat -m mock/echo -M nosuch/meta hi
t '-M on a full disk' -s 74 -E -o hi -- or-chat -m mock/echo -M /dev/full hi
t '-M: a usage error has no call' -s 64 -E -- or-chat -M never -F nope -m mock/echo hi
mkdir -p "$XDG_CONFIG_HOME/orutils"
{ printf 'status 200\nstream\ntext hi\nfinish stop\nusage {"prompt_tokens":1000,"completion_tokens":100}\ndone\n'; echo '-- two'; echo 'answer hi'; } >case; upstream <case
printf 'priced openai http://127.0.0.1:%s/v1 price=0.5,1.5 none\nplain openai http://127.0.0.1:%s/v1 none\n' "$PORT" "$PORT" >"$XDG_CONFIG_HOME/orutils/providers"
t 'a cost that is computed' -o hi -- or-chat -M cost -m priced:m hi
is 'from the price of the row' "$(json cost cost) $(json cost cost_source)" '0.00065 "computed"'
t 'a cost that is unknown' -o hi -- or-chat -M cost2 -m plain:m hi
is 'is said to be so' "$(json cost2 cost) $(json cost2 cost_source)" 'null "unknown"'

# -q -v
t '-v says something on stderr, stdout is the same' -o hi -E -- or-chat -v -m mock/echo hi
ok 'it does' test -s err
t '-q still says why it fails' -s 65 -e 'or-chat: *' -- or-chat -q -m mock/echo -O mock.status=400 hi
finish
