#!/bin/sh
# SPDX-License-Identifier: ISC
# Which model: names, aliases, chains, the environment, the tables; and the built-in mock.
. "$(dirname "$0")/lib.sh"
conf=$XDG_CONFIG_HOME/orutils
mkdir "$conf"

# No -m
no_model='or-chat: *OR_MODEL=*mock/echo*'
t 'no -m, nothing configured' -s 78 -e "$no_model" -- or-chat ask
t 'OR_MODEL' -o ask -- env OR_MODEL=mock/echo or-chat ask
t 'an empty OR_MODEL is none' -s 78 -e "$no_model" -- env OR_MODEL= or-chat ask
t 'an empty key is none' -s 78 -e "$no_model" -- env OPENROUTER_API_KEY= OPENAI_API_KEY= or-chat ask
t 'two keys: both are named' -s 78 -e 'or-chat: *OPENAI_API_KEY*' -- env OPENAI_API_KEY=sk-a GROQ_API_KEY=sk-b or-chat ask
t 'the other one, and what to say' -s 78 -e 'or-chat: *GROQ_API_KEY*OR_MODEL=*' -- env OPENAI_API_KEY=sk-a GROQ_API_KEY=sk-b or-chat ask
ok 'but no key itself' sh -c '! grep -q sk- err'

upstream <<'EOT'
-- forever
answer ok
EOT
t 'no -m, a key of OpenRouter' -o ok -- or-chat ask
is_sent 'openrouter/auto is asked' 1 '{"model":"openrouter/auto","messages":[{"role":"user","content":"ask"}]}'
t 'even beside other keys' -o ok -- env OPENAI_API_KEY=sk-a or-chat ask
is 'openrouter/auto' "$(sent_body 2 | json - model)" '"openrouter/auto"'
t 'OR_MODEL before that' -o ok -- env OR_MODEL=x/y or-chat ask
is 'x/y' "$(sent_body 3 | json - model)" '"x/y"'
t '-m before OR_MODEL' -o ok -- env OR_MODEL=x/z or-chat -m x/y ask
is 'x/y again' "$(sent_body 4 | json - model)" '"x/y"'
t 'no -m, one other key' -o ok -- env -u OPENROUTER_API_KEY -u OPENROUTER_BASE_URL OPENAI_API_KEY=sk-a \
    OPENAI_BASE_URL="http://127.0.0.1:$PORT/openai" or-chat ask
like 'its model= is asked' "$(sent_body 5 | json - model)" '"?*"'
is 'at its base URL' "$(sent_head 5 | head -n 1)" 'POST /openai/chat/completions HTTP/1.1'

# author/slug[:variant]
for m in anthropic/claude-3-opus x/y:floor x/y:free @preset/z '~a/b-latest' openrouter/auto a/b:c:d; do
	upstream <<'EOT'
-- forever
answer ok
EOT
	t "-m $m goes to OpenRouter" -o ok -- or-chat -m "$m" ask
	is 'as it is named' "$(sent_body "$(n_sent)" | json - model)" "\"$m\""
done
is 'without a request for a catalog' "$(n_sent)" 1
t 'openrouter:author/slug' -o ok -- or-chat -m openrouter:x/y ask
is 'the id after the first colon' "$(sent_body 2 | json - model)" '"x/y"'
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL

# The providers table
upstream <<'EOT'
-- forever
answer ok
EOT
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
{
	printf '# comment\r\n\r\n'
	printf 'loc openai http://127.0.0.1:%s/v1 none\r\n' "$PORT"
	printf 'own\topenai  http://127.0.0.1:%s/own   model=m1 header=X-Team:blue query=k=v map=x/y=native/y map=x/z=native-z env:OWN_KEY\n' "$PORT"
	printf 'pathy openai http://127.0.0.1:%s/p path=/custom/chat auth=x-api-key env:OWN_KEY # a comment\n' "$PORT"
	printf 'azury openai http://127.0.0.1:%s/az auth=api-key env:OWN_KEY\n' "$PORT"
	printf 'loc openai http://127.0.0.1:1/never none\n'
} >"$conf/providers"
t 'provider:id, with CRLF and comments in the table' -o ok -- or-chat -m loc:llama3.2:3b ask
is 'exactly that id' "$(sent_body 1 | json - model)" '"llama3.2:3b"'
is 'at that provider; the earlier entry wins' "$(sent_head 1 | head -n 1)" 'POST /v1/chat/completions HTTP/1.1'
ok 'no key, no Authorization' sh -c '! grep -qi "^authorization:" .upstream/req.1'
t 'an id with slashes' -o ok -- or-chat -m loc:org/model:q4/x ask
is 'is kept' "$(sent_body 2 | json - model)" '"org/model:q4/x"'
export OWN_KEY=sk-own
t 'options of a row' -o ok -- or-chat -m own:abc ask
is 'query=' "$(sent_head 3 | head -n 1)" 'POST /own/chat/completions?k=v HTTP/1.1'
ok 'header=' grep -q '^X-Team: blue' .upstream/req.3
ok 'the key is a bearer token' grep -q '^Authorization: Bearer sk-own.$' .upstream/req.3
t 'path= and auth=x-api-key' -o ok -- or-chat -m pathy:abc ask
like 'path=' "$(sent_head 4 | head -n 1)" 'POST *custom/chat HTTP/1.1'
ok 'x-api-key' grep -qi '^x-api-key: sk-own.$' .upstream/req.4
ok 'and no Authorization' sh -c '! grep -qi "^authorization:" .upstream/req.4'
t 'auth=api-key' -o ok -- or-chat -m azury:abc ask
ok 'api-key' grep -qi '^api-key: sk-own.$' .upstream/req.5
t '-b pins; map= gives the native id' -o ok -- or-chat -b own -m x/y ask
is 'native/y' "$(sent_body 6 | json - model)" '"native/y"'
t '-b and the other map=' -o ok -- or-chat -b own -m x/z ask
is 'native-z' "$(sent_body 7 | json - model)" '"native-z"'
t 'an author/slug that only a map= knows' -o ok -- or-chat -m x/y ask
is 'goes there' "$(sent_body 8 | json - model)" '"native/y"'
printf 'mine openai http://127.0.0.1:%s/mine model=m1 none\n' "$PORT" >"$conf/providers"
t 'no -m: the one configured provider, keyless, from the table' -o ok -- or-chat ask
is 'its model=' "$(sent_body "$(n_sent)" | json - model)" '"m1"'
printf 'openrouter openai http://127.0.0.1:%s/mine none\n' "$PORT" >"$conf/providers"
t 'a row of the table takes the place of a built-in one' -o ok -- or-chat -m x/y ask
is 'its base URL' "$(sent_head "$(n_sent)" | head -n 1)" 'POST /mine/chat/completions HTTP/1.1'
t 'and the environment that of the table' -o ok -- env OPENROUTER_BASE_URL="http://127.0.0.1:$PORT/env" or-chat -m x/y ask
is 'its base URL' "$(sent_head "$(n_sent)" | head -n 1)" 'POST /env/chat/completions HTTP/1.1'
printf 'mine openai http://127.0.0.1:%s/mine model=m1 none\nyours openai http://127.0.0.1:1/ model=m2 none\n' "$PORT" >"$conf/providers"
t 'no -m: two such providers' -s 78 -e 'or-chat: *OR_MODEL=*' -- or-chat ask

# OR_CONFIG
mkdir a b
printf 'mine openai http://127.0.0.1:%s/a none\n' "$PORT" >a/providers
printf 'mine openai http://127.0.0.1:%s/b none\nother openai http://127.0.0.1:%s/b none\n' "$PORT" "$PORT" >b/providers
t 'OR_CONFIG: the first directory wins' -o ok -- env OR_CONFIG="$dir/a:$dir/b" or-chat -m mine:x ask
is 'a' "$(sent_head "$(n_sent)" | head -n 1)" 'POST /a/chat/completions HTTP/1.1'
t 'OR_CONFIG: the second is read too' -o ok -- env OR_CONFIG="$dir/a:$dir/b" or-chat -m other:x ask
t 'OR_CONFIG: a directory that is missing is passed over' -o ok -- env OR_CONFIG="$dir/nosuch:$dir/b" or-chat -m other:x ask
printf 'bad\n' >"$conf/providers"
t 'OR_CONFIG takes the place of the XDG directory' -o ok -- env OR_CONFIG="$dir/b" or-chat -m other:x ask

# Bad tables
for row in 'short' 'short openai' 'x nowire http://h/ none' 'x openai ftp://h/ none' 'x openai http://h/ colour=red none' \
    'x openai http://h/ zdr=perhaps none' 'x openai http://h/ price=cheap none' 'x openai http://h/ auth=magic none' \
    'x openai http://h/ wrong:KEY' 'x openai http://h/'; do
	printf '# one\nok openai http://h/ none\n%s\n' "$row" >"$conf/providers"
	t "a bad row: $row" -s 78 -e 'or-chat: *providers:3: *' -- or-chat -m mock/echo ask
done
rm "$conf/providers"

# Tables with a line that says nothing
for f in rules presets budgets; do
	echo 'nothing' >"$conf/$f"
	t "a bad line of $f" -s 78 -e "or-chat: *$f:1: *" -- or-chat -m mock/echo ask
	rm "$conf/$f"
done
# Aliases
cat >"$conf/aliases" <<'EOT'
# names of our own
say: mock/echo
deep: deeper
deeper: deepest
deepest: mock:echo
loop: pool
pool: loop
self: self
fast: loc:one, loc:two
faster: fast, loc:three
EOT
t 'an alias' -o ask -- or-chat -m say ask
t 'an alias of an alias' -o ask -- or-chat -m deep ask
t 'an alias in OR_MODEL' -o ask -- env OR_MODEL=deep or-chat ask
t 'a loop' -s 78 -e 'or-chat: *' -- or-chat -m loop ask
t 'a loop of one' -s 78 -e 'or-chat: *' -- or-chat -m self ask
upstream <<'EOT'
status 404
body {"error":{"message":"no such model","code":"model_not_found"}}
--
status 404
body {"error":{"message":"no such model","code":"model_not_found"}}
--
answer three
EOT
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
printf 'loc openai http://127.0.0.1:%s/v1 none\n' "$PORT" >"$conf/providers"
t "an alias's list is the order of fallback" -o three -- or-chat -m faster ask
is 'first' "$(sent_body 1 | json - model)" '"one"'
is 'second' "$(sent_body 2 | json - model)" '"two"'
is 'third' "$(sent_body 3 | json - model)" '"three"'
printf 'bad line\n' >"$conf/aliases"
t 'a bad line of aliases' -s 78 -e 'or-chat: *aliases:1: *' -- or-chat -m mock/echo ask
printf 'a: mock/echo\r\nb: a\r\n' >"$conf/aliases"
t 'aliases with CRLF' -o ask -- or-chat -m b ask
rm "$conf/aliases"

# A native id: the one configured provider that lists it
upstream <<'EOT'
match GET /v1/models
status 200
body {"object":"list","data":[{"id":"llama3.2"},{"id":"qwen3"}]}
--
match POST /v1/chat/completions
answer ok
EOT
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
printf 'loc openai http://127.0.0.1:%s/v1 none\n' "$PORT" >"$conf/providers"
t 'a native id' -o ok -- or-chat -m llama3.2 ask
is 'is asked of the provider that lists it' "$(sent_body 2 | json - model)" '"llama3.2"'
upstream <<'EOT'
-- forever
match GET /v1/models
status 200
body {"object":"list","data":[{"id":"llama3.2"},{"id":"qwen3"}]}
EOT
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
rm -rf "$XDG_CACHE_HOME/orutils"
printf 'loc openai http://127.0.0.1:%s/v1 none\n' "$PORT" >"$conf/providers"
t 'a native id that nobody lists: near names' -s 69 -e 'or-chat: *lama3.2*llama3.2*' -- or-chat -m lama3.2 ask
printf 'loc openai http://127.0.0.1:%s/v1 none\nloc2 openai http://127.0.0.1:%s/v1 none\n' "$PORT" "$PORT" >"$conf/providers"
t 'a native id that two list: both are named' -s 65 -e 'or-chat: *loc*loc2*' -- or-chat -m qwen3 ask
printf 'loc openai http://127.0.0.1:1/v1 none\n' >"$conf/providers"
rm -rf "$XDG_CACHE_HOME/orutils"
t 'a native id, and the list cannot be had' -s 69 -E -- or-chat -m qwen3 ask
rm "$conf/providers"

# mock/echo
t 'mock/echo' -o 'the last user message' -- or-chat -m mock/echo the last user message
t 'mock:echo is the same' -o hi -- or-chat -m mock:echo hi
t 'mock/echo keeps white space' -f ' a  b\n\n\tc ' -p ' a  b\n\n\tc ' -- or-chat -m mock/echo -F raw
t 'mock.text' -o 'other text' -- or-chat -m mock/echo -O 'mock.text=other text' hi
for pair in 400:65 401:77 402:6 403:77 404:69 408:75 409:75 410:69 412:65 413:65 422:65 425:75 429:75 451:4 500:75 501:69 502:75 503:75 \
    504:75 505:69 529:75; do
	t "mock.status=${pair%:*}" -s "${pair#*:}" -e 'or-chat: mock*' -- or-chat -r 0 -m mock/echo -O "mock.status=${pair%:*}" hi
done
t 'mock.status, mock.retry_after' -s 75 -e 'or-chat: mock*429*retry in 70 s*' -- or-chat -m mock/echo -O mock.status=429 -O mock.retry_after=70 hi
t 'mock.fail_times: fewer than the attempts' -o hi -- or-chat -m mock/echo -O mock.status=503 -O mock.retry_after=0 -O mock.fail_times=2 hi
t 'mock.fail_times: as many' -s 75 -e 'or-chat: mock*503*' -- or-chat -r 1 -m mock/echo -O mock.status=503 -O mock.retry_after=0 \
    -O mock.fail_times=2 hi
or-chat -F raw -m mock/echo -O mock.cut_after=2 one two three four >cut.out 2>cut.err
is 'mock.cut_after: status' $? 3
is 'two words came' "$(tr -s ' ' '\n' <cut.out | grep -c .)" 2
is 'and they are the first' "$(tr -d ' ' <cut.out)" onetwo
t 'mock.cut_after=0: nothing came' -s 75 -e 'or-chat: mock*' -- or-chat -r 0 -m mock/echo -O mock.cut_after=0 one two
t 'mock.finish=length' -s 3 -o hi -e 'or-chat: *length*' -- or-chat -m mock/echo -O mock.finish=length hi
t 'mock.finish=content_filter' -s 4 -o hi -e 'or-chat: *' -- or-chat -m mock/echo -O mock.finish=content_filter hi
then=$(now_ms)
t 'mock.delay_ms' -o hi -- or-chat -m mock/echo -O mock.delay_ms=300 hi
ok 'takes its time' test $(($(now_ms) - then)) -ge 300
t 'tokens are words, $1 in, $2 out per million' -p 'x\t3\t3\t0.000009\n' -- sh -c 'or-chat -m mock/echo -F tsv a b c | awk -F "\t" -v OFS="\t" "{ print \"x\", \$4, \$5, \$6 }"'
upstream <<'EOT'
-- forever
answer ok
EOT
t 'a real provider takes no mock' -s 65 -e 'or-chat: *mock*' -- or-chat -m x/y -O mock.status=500 hi
is 'and gets no request' "$(n_sent)" 0
finish
