#!/bin/sh
# SPDX-License-Identifier: ISC
# or-key check: what is asked of whom, what each answer means, and that a key shows nowhere.
. "$(dirname "$0")/lib.sh"
conf=$XDG_CONFIG_HOME/orutils
mkdir "$conf"
secret=sk-verysecret0123456789
export MY_KEY=$secret

# masked: the table of the last run with its times as N
masked() { awk -F'\t' -v OFS='\t' '$6 ~ /^[0-9]+$/ { $6 = "N" } 1' out; }
# row FIELDS: the provider p, of these fields behind its base URL
row() { printf 'p %s http://127.0.0.1:%s%s %s\n' "$1" "$PORT" "$2" "$3" >"$conf/providers"; }
# one NAME STATUS ROW DIRECTIVE...: an answer made of these, and that the line of p is ROW
one()
{
	one_name=$1 one_status=$2 one_row=$3
	shift 3
	printf '%s\n' '-- forever' "$@" >case
	upstream <case
	unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
	row openai /v1 env:MY_KEY
	or-key check -W 2 p >out 2>err </dev/null
	is "$one_name: the status" $? "$one_status"
	like "$one_name" "$(masked)" "$one_row"
	ok '... and no key' sh -c '! grep -q verysecret out err'
}

t 'nothing is configured' -s 78 -e 'or-key: no provider is configured: *or-key set NAME*' -- or-key check
t 'no such provider' -s 64 -e 'or-key: no provider of such a name in the table; near: openai' -- or-key check opnai
t 'a key in the place of a name isn'\''t repeated' -s 64 -e 'or-key: no provider of such a name in the table' -- or-key check "$secret"
t 'no key' -s 78 -p 'groq\tnokey\tGROQ_API_KEY\t-\t-\t-\tno key: GROQ_API_KEY is not set\n' -e 'or-key: groq: nokey' -- or-key check groq
t 'the mock' -p 'mock\tok\tnone\t-\t-\t-\t-\n' -- or-key check mock
t 'one whose list is public' -s 69 -p 'nvidia\tunchecked\tNVIDIA_API_KEY\t-\t-\t-\tits list of models is public, and nothing else is free of charge\n' \
	-e 'or-key: nvidia: unchecked' -- env NVIDIA_API_KEY=x or-key check nvidia
t '... is no failure where it wasn'\''t named' -p 'nvidia\tunchecked\tNVIDIA_API_KEY\t-\t-\t-\tits list of models is public, and nothing else is free of charge\n' \
	-- env NVIDIA_API_KEY=x or-key check

list='body {"data":[{"id":"m"}]}'
one 'a list' 0 'p	ok	MY_KEY	-	-	N	-' 'status 200' "$list"
like 'is asked for' "$(sent_head 1 | head -n 1)" 'GET /v1/models HTTP/1.1'
is 'with the key' "$(sent_head 1 | sed -n 's/^Authorization: //p')" "Bearer $secret"
is 'once' "$(n_sent)" 1
ok 'nothing is cached' test ! -e "$XDG_CACHE_HOME/orutils"
one 'HTTP 401' 77 'p	rejected	MY_KEY	-	-	N	401 Incorrect API key provided: \*\*\**' 'status 401' \
	"body {\"error\":{\"message\":\"Incorrect API key provided: $secret\"}}"
is 'stderr tells, too' "$(cat err)" 'or-key: p: rejected'
one 'HTTP 403' 77 'p	rejected	*	403 no' 'status 403' 'body {"error":{"message":"no"}}'
one 'a 400 that means the key' 77 'p	rejected	*	400 API key not valid*' 'status 400' 'body {"error":{"message":"API key not valid. Pass one."}}'
one 'HTTP 402' 69 'p	error	*	402 pay*' 'status 402' 'body {"error":{"message":"pay"}}'
one 'HTTP 429' 69 'p	error	*	429 slow' 'status 429' 'body {"error":{"message":"slow"}}'
one 'HTTP 500' 69 'p	error	*	500 *' 'status 500' 'header Content-Length: 0' line
one 'a redirect' 69 'p	error	*	302*' 'status 302' 'header Location: http://example.com/' 'header Content-Length: 0' line
one 'no list there: no word on the key' 69 'p	unchecked	*	404 *' 'status 404' 'body {"error":{"message":"what?"}}'
one 'HTML' 69 'p	error	*not JSON*' 'status 200' 'body <html>Log in</html>'
one 'an error in a 200' 77 'p	rejected	*	401 bad key' 'status 200' 'body {"error":{"code":401,"message":"bad key"}}'
one 'control bytes' 69 'p	error	*	400 a \]b c' 'status 400' 'body {"error":{"message":"a\\u001b]b\\nc"}}'
one 'a cut' 69 'p	unreachable	*' 'status 200' 'header Content-Length: 100' line 'send {"data":['
one 'silence' 69 'p	unreachable	*' hang
for n in 440 480 500; do
	one "a key that $n bytes cut off" 77 'p	rejected	*' 'status 401' "body {\"error\":{\"message\":\"$(printf "%0${n}d" 0) $secret and more\"}}"
	ok 'no part of it' sh -c '! grep -q sk-ve out err'
done
upstream_stop
or-key check -F ndjson p >out 2>err
is 'a closed port' "$? $(cat err)" '69 or-key: p: unreachable'
is '... as NDJSON' "$(json out state) $(json out key) $(json out remaining)" '"unreachable" "MY_KEY" null'
like '... says why' "$(json out message)" '"Failed to connect*'

# What providers tell
told()
{
	upstream '-- forever' 'status 200' "body $3"
	unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
	row openai /v1 "slug=$2 env:MY_KEY"
	or-key check p >out 2>err </dev/null
	is "$1" "$(masked)$(cat err)" "$4"
}
told 'OpenRouter' openrouter '{"data":{"label":"sk-or-v1-abc...123","limit":100,"limit_remaining":74.49999999999999,"limit_reset":"monthly","usage":25.5,"is_free_tier":false,"expires_at":"2027-12-31T23:59:59Z"}}' \
	'p	ok	MY_KEY	74.5	100	N	25.5 used, limit resets monthly, expires 2027-12-31T23:59:59Z'
like 'its own word on the key' "$(sent_head 1 | head -n 1)" 'GET /v1/key HTTP/1.1'
told 'a key without a limit' openrouter '{"data":{"limit":null,"limit_remaining":null,"usage":0,"is_free_tier":true}}' 'p	ok	MY_KEY	-	-	N	0 used, free tier'
told 'one that is overdrawn' openrouter '{"data":{"limit":5,"limit_remaining":-0.25,"usage":5.25}}' 'p	ok	MY_KEY	-0.25	5	N	5.25 used'
told 'a management key' openrouter '{"data":{"limit":null,"usage":1e-7,"is_management_key":true}}' \
	'p	ok	MY_KEY	-	-	N	0.0000001 used, a management key, which calls no model'
told 'text that is no date' openrouter '{"data":{"limit":1,"limit_reset":"a\\u001b[2Jb","expires_at":{},"usage":"x"}}' 'p	ok	MY_KEY	-	1	N	-'
told 'DeepSeek' deepseek '{"is_available":true,"balance_infos":[{"currency":"CNY","total_balance":"110.00"},{"currency":"USD","total_balance":"3.50"}]}' \
	'p	ok	MY_KEY	3.5	-	N	110 CNY left'
like 'its balance' "$(sent_head 1 | head -n 1)" 'GET /v1/user/balance HTTP/1.1'
told 'DeepSeek, nothing left' deepseek '{"is_available":false,"balance_infos":[{"currency":"USD","total_balance":"0.00"}]}' 'p	ok	MY_KEY	0	-	N	not enough for a call'
told 'Moonshot' moonshotai '{"code":0,"data":{"available_balance":49.58894,"voucher_balance":46.58893,"cash_balance":3.00001},"status":true}' \
	'p	ok	MY_KEY	49.58894	-	N	-'
told 'Perplexity' perplexity '{"requests":[]}' 'p	ok	MY_KEY	-	-	N	-'
like 'its list of one'\''s own requests' "$(sent_head 1 | head -n 1)" 'GET /v1/v1/async/sonar HTTP/1.1'
upstream 'status 404' 'body {"error":{"message":"no such page"}}' '-- the list' 'status 401' 'body {"error":{"message":"no"}}'
row openai /v1 'slug=deepseek env:MY_KEY'
or-key check p >out 2>err
like 'where the balance isn'\''t there, the list is asked for' "$(sent_head 2 | head -n 1)" 'GET /v1/models HTTP/1.1'
like '... and counts' "$(cat out)" 'p	rejected	*'
upstream 'status 404' 'body {"error":{"message":"no such page"}}'
row openai /v1 'slug=openrouter env:MY_KEY'
or-key check p >out 2>err
like 'but not one that is public' "$(n_sent) $(cat out)" '1 p	unchecked	*'

# OpenRouter by its variables
upstream '-- forever' 'status 200' 'body {"data":{"limit":null,"usage":1}}'
rm "$conf/providers"
or-key check -v >out 2>err
is 'openrouter' "$(masked)" 'openrouter	ok	OPENROUTER_API_KEY	-	-	N	1 used'
is '-v says what was asked' "$(cat err)" "or-key: openrouter: GET http://127.0.0.1:$PORT/api/v1/key"
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL

# Wires, and ways of a key
wire()
{
	upstream '-- forever' 'status 200' "body $4"
	unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
	row "$2" '' "$3"
	or-key check -v p >out 2>err
	like "$1" "$(masked)" 'p	ok	*'
	like "$1: the call" "$(sent_head 1)" "$5"
	ok "$1: no key" sh -c '! grep -q verysecret out err'
}
wire Anthropic anthropic env:MY_KEY '{"data":[{"id":"c"}]}' "GET /models?limit=1000 *x-api-key: $secret*"
wire Gemini gemini env:MY_KEY '{"models":[{"name":"models/g"}]}' "GET /models?pageSize=1000 *x-goog-api-key: $secret*"
wire Cohere cohere env:MY_KEY '{"models":[{"name":"c"}]}' "GET /models?page_size=1000 *Bearer $secret*"
wire Ollama ollama none '{"models":[{"name":"l"}]}' 'GET /api/tags *'
wire 'a key in the query' openai 'auth=query query=v=1 env:MY_KEY' '{"data":[]}' "GET /models?v=1&key=$secret *"
AWS_ACCESS_KEY_ID=AKIAVERY AWS_SECRET_ACCESS_KEY=$secret AWS_REGION=eu-west-1
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION
wire Amazon bedrock aws: '{"modelSummaries":[{"modelId":"a"}]}' 'GET /foundation-models*AWS4-HMAC-SHA256 Credential=AKIAVERY/*'
wire 'a command' openai "cmd:echo $secret" '{"data":[]}' "*Bearer $secret*"
like 'is not shown' "$(masked)" 'p	ok	cmd:	*'
row openai '' "cmd:echo x; : $secret; exit 3"
t 'one that fails' -s 78 -p 'p\tnokey\tcmd:\t-\t-\t-\tno key: its command ended with 3\n' -e 'or-key: p: nokey' -- or-key check p
printf '%s\n' $secret >"$HOME/key"
chmod 644 "$HOME/key"
# shellcheck disable=SC2088 # the tool expands it
row openai '' 'file:~/key'
t 'a file that others can read' -s 78 -p "p\\tnokey\\tfile:~/key\\t-\\t-\\t-\\tothers can read the key in $HOME/key: chmod 600 $HOME/key\\n" -e 'or-key: p: nokey' -- or-key check p
# shellcheck disable=SC2016 # the tool expands it
printf 'p openai ${NO_SUCH_BASE}/v1 env:MY_KEY\n' >"$conf/providers"
t 'a base URL that is not set' -s 78 -p 'p\tnokey\tMY_KEY\t-\t-\t-\tNO_SUCH_BASE is not set: it is a part of the base URL\n' -e 'or-key: p: nokey' -- or-key check
printf 'p openai\n' >"$conf/providers"
t 'a bad table' -s 78 -e "or-key: $conf/providers:1: *" -- or-key check

# Several
upstream <<'EOF'
-- forever
match /good/
delay 700
status 200
body {"data":[{"id":"m"}]}
-- forever
match /bad/
delay 700
status 401
body {"error":{"message":"no"}}
EOF
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
for n in bad1 good1 bad2 good2; do
	printf '%s openai http://127.0.0.1:%s/%s/v1 env:MY_KEY\n' $n "$PORT" "${n%?}"
done >"$conf/providers"
start=$(now_ms)
or-key check >out 2>err
is 'rejected is worse than ok' $? 77
took=$(($(now_ms) - start))
is 'in the order of the table' "$(cut -f 1,2 out)" 'bad1	rejected
good1	ok
bad2	rejected
good2	ok'
is 'stderr tells which are bad' "$(cat err)" 'or-key: bad1: rejected, bad2: rejected'
ok "all at the same time ($took ms)" test "$took" -lt 2100
or-key check good2 bad1 good2 >out 2>err
is 'in the order they are named, once each' "$(cut -f 1 out)" 'good2
bad1'
or-key check -q good1 groq bad1 >out 2>err
is 'no key is worse than rejected' $? 78
start=$(now_ms)
or-key check -P 1 good1 good2 >out 2>err
took=$(($(now_ms) - start))
ok "-P 1: one after the other ($took ms)" test "$took" -ge 1400
or-key check -w 100ms good1 good2 >out 2>err
is '-w' $? 69
is 'ends all of them' "$(cut -f 1,2,7 out)" 'good1	unreachable	no whole answer after 0.1 s
good2	unreachable	no whole answer after 0.1 s'
or-key check -F ndjson good1 >out
is '-F ndjson' "$(sed 's/"ms":[0-9]*/"ms":1/' out)" '{"name":"good1","state":"ok","key":"MY_KEY","remaining":null,"limit":null,"used":null,"ms":1,"message":null}'
t '-o' -s 77 -e 'or-key: bad1: rejected' -- or-key check -o table good1 bad1
is 'is written though a key is bad' "$(cut -f 1 table)" 'good1
bad1'
[ ! -w /dev/full ] || t 'a full disk' -s 74 -e 'or-key: */dev/full*' -- or-key check -o /dev/full mock
if command -v script >/dev/null; then
	script -qec 'or-key check mock good1' /dev/null </dev/null | tr -d '\r' | sed 's/ [0-9][0-9]* / N /; s/ *$//' >shown
	is 'on a terminal: a heading, aligned' "$(sed 's/  */ /g' shown)" 'NAME STATE KEY LEFT $ LIMIT $ MS MESSAGE
mock ok none - - - -
good1 ok MY_KEY - - N -'
else
	skip 'on a terminal' 'no script'
fi

t 'OR_GATEWAY takes every call' -p 'gateway\tok\tnone\t-\t-\tN\t-\n' -- sh -c "OR_GATEWAY=http://127.0.0.1:$PORT/good or-key check | sed 's/[0-9][0-9]*/N/'"

# The command line
t 'no command' -s 64 -e 'or-key: a command is missing: check, set, new, ls, show, disable, enable, rm' -- or-key
t 'no such command, which may be a key' -s 64 -e 'or-key: no such command; there are: check, set, new, ls, show, disable, enable, rm' -- or-key "$secret"
t 'options of a command stand behind it' -s 64 -e 'or-key: unknown option -F' -- or-key -F tsv check
t 'an option of another command' -s 64 -e 'or-key: unknown option -F' -- or-key set -F tsv openai
t 'options come first' -s 64 -e 'or-key: operand -q begins with -*' -- or-key check mock -q
t 'a bad number' -s 64 -e 'or-key: option --parallel: bad argument '\''0'\' -- or-key check -P 0
t 'a bad form' -s 64 -e 'or-key: -F json: not one of tsv ndjson' -- or-key check -F json
t '-V' -o "or-key $(cat "$lib_top/VERSION")" -- or-key -V
or-key check -h >out
like 'help of a command' "$(cat out)" 'usage: or-key check *--parallel count*'
ok 'has only its own options' sh -c 'or-key set -h | grep -q verbose && ! or-key set -h | grep -q parallel'
finish
