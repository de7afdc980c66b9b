#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: answers that are given once more.
. "$(dirname "$0")/serve.sh"
providers_up
mkdir -p "$XDG_CONFIG_HOME/orutils"
cat >"$XDG_CONFIG_HOME/orutils/presets" <<'EOT'
kept {"model":"mock/echo","cache_enabled":true,"cache_ttl_seconds":77}
never {"model":"mock/echo","cache_enabled":false}
EOT

# post PATH BODY [curl option...]: the cache's word goes to $cache
post()
{
	post_path=$1 post_body=$2
	shift 2
	hit '' -H 'Content-Type: application/json' "$@" -d "$post_body" "$BASE$post_path"
	cache=$(field Status)
}
field() { sed -n "s/\r//; s/^[Xx]-[Oo]pen[Rr]outer-[Cc]ache-$1: //p" head; }
ask() { printf '{"model":"%s","messages":[{"role":"user","content":"%s"}]}' "$1" "$2"; }
on='X-OpenRouter-Cache: true'
chat=/api/v1/chat/completions

serve -q --cache-size 512Mi
is 'each front' "$(python3 -B "$tests/cached.py" "$PORT" "$UP" >fronts.out 2>&1 || echo "status $?")$(grep -v '^ok' fronts.out)" \
	"1..$(grep -c '^ok' fronts.out)"

# What is one request.
post $chat "$(ask mock/echo 'a b')"
is 'nobody asked for it' "$status $cache" '200 '
post $chat "$(ask mock/echo 'a b')" -H "$on"
is 'the first one' "$status $cache $(field TTL)$(field Age)$(field Source-Id)" '200 MISS 300'
id=$(json body id | tr -d '"')
post $chat '{ "model" : "mock/echo",
	"messages":[ {"role":"user","content":"a b"}] }' -H "$on"
is 'white space is nothing' "$status $cache $(field TTL) $(json body choices 0 message content)" '200 HIT 300 "a b"'
is 'whose it was' "$(field Source-Id)" "$id"
is 'the head and the body have one id' "$(json body id)" "\"$(sed -n 's/\r//; s/^X-Generation-Id: //p' head)\""
is 'nothing is used' "$(json body usage)" '{"completion_tokens":0,"cost":0,"prompt_tokens":0,"total_tokens":0}'
like 'its age' "$(field Age)" '[0-9]*'
hit 'generation' "$BASE/api/v1/generation?id=$(json body id | tr -d '"')"
is 'what became of it' "$status $(json body data response_cache_source_id) $(json body data total_cost) $(json body data provider_responses)" "200 \"$id\" 0 []"
is 'what became of the other' "$(hit '' "$BASE/api/v1/generation?id=$id" && json body data response_cache_source_id)" null
post $chat "$(ask mock/echo 'a  b')" -H "$on"
is 'white space in a string is not' "$cache" MISS
post $chat '{"messages":[{"role":"user","content":"a b"}],"model":"mock/echo"}' -H "$on"
is 'nor is the order of members' "$cache" MISS
post $chat '{"model":"mock/echo","messages":[{"role":"user","content":"\" x\\"}]}' -H "$on"
post $chat '{"model":"mock/echo","messages":[{"role":"user","content":"\"x\\"}]}' -H "$on"
is 'strings end where they end' "$cache" MISS
post /v1/completions '{"model":"mock/echo","prompt":"a b"}' -H "$on"
post /v1/completions '{"model":"mock/echo","prompt":"a b"}' -H "$on"
is 'the old format, too' "$cache $(json body choices 0 text) $(json body usage total_tokens)" 'HIT "a b" 0'
post $chat "$(ask mock/echo 'a b')" -H 'X-OpenRouter-Cache: false'
is 'who does not want it gets none' "$status $cache" '200 '

# How long.
post $chat "$(ask mock/echo clear)" -H "$on" -H 'X-OpenRouter-Cache-TTL: 60s'
is 'what a number begins with' "$cache $(field TTL)" 'MISS 60'
post $chat "$(ask mock/echo clear)" -H "$on" -H 'X-OpenRouter-Cache-Clear: true' -H 'X-OpenRouter-Cache-TTL: 9999999'
is 'forgotten where that is asked for; at most a day' "$cache $(field TTL)" 'MISS 86400'
post $chat "$(ask mock/echo clear)" -H "$on"
is 'and kept anew' "$cache $(field TTL)" 'HIT 86400'
post $chat "$(ask mock/echo short)" -H "$on" -H 'X-OpenRouter-Cache-TTL: -5'
is 'at least a second' "$cache $(field TTL)" 'MISS 1'
is_missed() { post $chat "$(ask mock/echo short)" -H "$on" && [ "$cache" = MISS ]; }
post $chat "$(ask mock/echo short)" -H "$on"
is 'within it' "$cache" HIT
ok 'then it is over' until_true 10 is_missed
post $chat "$(ask mock/echo word)" -H "$on" -H 'X-OpenRouter-Cache-TTL: soon'
is 'a word is no number' "$cache $(field TTL)" 'MISS 300'

# Presets.
post $chat "$(ask @preset/kept p)"
is 'a preset may ask for it' "$status $cache $(field TTL)" '200 MISS 77'
post $chat "$(ask @preset/kept p)"
is 'and gets it' "$status $cache" '200 HIT'
post $chat "$(ask @preset/kept q)" -H 'X-OpenRouter-Cache-TTL: 5'
is 'the head has the last word on time' "$cache $(field TTL)" 'MISS 5'
post $chat "$(ask @preset/kept p)" -H 'X-OpenRouter-Cache: false'
is 'the head may refuse' "$status $cache" '200 '
post $chat "$(ask @preset/never p)" -H "$on"
is 'and so may the preset' "$status $cache" '200 '

# What isn't kept.
for i in 1 2; do
	post $chat "$(ask u-openai:error x)" -H "$on"
	is "an error, $i" "$status $cache" '429 MISS'
	post $chat '{"model":"u-openai:reset","stream":true,"messages":[{"role":"user","content":"x"}]}' -H "$on"
	is "a stream that was cut, $i" "$cache $(grep -c '"error"' body)" 'MISS 1'
done

# Embeddings.
for i in MISS HIT; do
	post /v1/embeddings '{"model":"mock/embed","input":["a","b c"]}' -H "$on"
	is "embeddings, $i" "$status $cache" "200 $i"
	json body data >"vectors.$i"
done
ok 'the same vectors' cmp vectors.MISS vectors.HIT
is 'nothing is used' "$(json body usage prompt_tokens) $(json body usage cost)" '0 0'
post /v1/embeddings '{"model":"mock/embed","input":["a","b c"],"encoding_format":"base64"}' -H "$on"
is 'in another form' "$cache" MISS

# Google's array.
gemini='{"contents":[{"role":"user","parts":[{"text":"a b c"}]}]}'
for i in MISS HIT; do
	post /v1beta/models/mock/echo:streamGenerateContent "$gemini" -H "$on"
	is "an array, $i" "$status $cache $(json body 0 candidates 0 content parts 0 text)" "200 $i \"a \""
done

until_true 10 sh -c 'or-usage -l | grep -q cache:mock/embed'
is 'the ledger has them, for nothing' "$(or-usage -l | awk -F '\t' '$5 ~ /^cache:/ { n++; sum += $11 } END { print (n > 20), sum + 0 }')" '1 0'
hit 'metrics' "$BASE/metrics"
ok 'they are counted' [ "$(sed -n 's/^or_cache_hits_total //p' body)" -gt 20 ]

# Keys.
or-key new --rpm 3 one >one.key
or-key new --models 'mock/embed' two >two.key
serve -q
for i in MISS HIT HIT HIT HIT HIT; do
	post $chat "$(ask mock/echo key)" -H "$on" -H "Authorization: Bearer $(cat one.key)"
	is "the minute of its key is of calls: $i" "$status $cache" "200 $i"
done
post $chat "$(ask mock/echo key)" -H "$on" -H "Authorization: Bearer $(cat two.key)"
is 'no key that may not call it' "$status $cache" '403 '
or-key new three >three.key
is_known() { post $chat "$(ask mock/echo key)" -H "$on" -H "Authorization: Bearer $(cat three.key)" && [ "$status" = 200 ]; }
ok 'another key' until_true 10 is_known
is 'has answers of its own' "$cache" MISS

serve -q --cache-size 0
post $chat "$(ask mock/echo none)" -H "$on" -H "Authorization: Bearer $(cat three.key)"
is 'no room: no cache' "$status $cache" '200 '
finish
