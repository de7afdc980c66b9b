#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: lists that are fetched when somebody asks for them: the endpoints of a model, those that keep nothing, what OpenRouter picks by a query, and models as a feed.
. "$(dirname "$0")/serve.sh"
cache=$XDG_CACHE_HOME/orutils

# The ids of the answer, or its status and message.
ids()
{
	[ "$status" = 200 ] || { echo "$status $(json body error message | tr -d '"')" && return; }
	python3 -c 'import json; print(*[m["id"] for m in json.load(open("body"))["data"]])'
}
models() { hit models "$BASE/api/v1/models?$1"; }
# n_asked TEXT: how often OpenRouter got a request that begins so
n_asked() { grep -lF "GET /api/v1/models$1" "$dir"/.upstream/req.* 2>/dev/null | wc -l; }
# age FILE SECONDS: makes the copy look so much older
age() { perl -pi -e 's/"fetched":(\d+)/q("fetched":) . ($1 - '"$2"')/e if $. == 1' "$1"; }

row='"architecture":{"input_modalities":["text"],"output_modalities":["text"]},"pricing":{"prompt":"0","completion":"0"}'
upstream <<EOT
-- forever
match GET /api/v1/models HTTP
status 200
body {"data":[{"id":"a/one","canonical_slug":"a/one-1","name":"A & One","created":1700000000,"links":{"details":"/api/v1/models/a/one-1/endpoints"},$row},{"id":"a/two","name":"Two",$row},{"id":"b/three","name":"Three",$row},{"id":"../secret","name":"Four",$row}]}
--
match GET /api/v1/models?output_modalities=all&category=marketing%2Fseo HTTP
delay 400
status 200
body {"data":[{"id":"b/three"},{"id":"a/one"},{"id":"x/y"}]}
--
match GET /api/v1/models?output_modalities=all&zdr=true&sort=top-weekly HTTP
status 200
header ETag: "z"
body {"data":[{"id":"a/two"},{"id":"a/one"}]}
--
match If-None-Match: "z"
status 200
body {"data":[]}
--
match GET /api/v1/models?output_modalities=all&region=eu HTTP
status 500
body {"error":{"message":"broken"}}
-- forever
match GET /api/v1/models?output_modalities=all&providers=P
status 200
body {"data":[{"id":"a/two"}]}
--
match GET /api/v1/models/a/one/endpoints HTTP
delay 400
status 200
body {"data":{"id":"a/one","endpoints":[{"tag":"fast","model_id":"a/one","provider_name":"Fast","pricing":{"prompt":"0","completion":"0"}}]}}
--
match GET /api/v1/models/a/two/endpoints HTTP
status 503
body {"error":{"message":"no"}}
--
match GET /api/v1/endpoints/zdr HTTP
delay 400
status 200
header ETag: "k"
body {"data":[ {"name":"Fast | a/one","model_id":"a/one","tag":"fast"}]}
--
match If-None-Match: "k"
status 304
-- forever
match GET /api/v1/endpoints/zdr HTTP
status 500
body {"error":{"message":"broken"}}
EOT
mkdir -p "$XDG_CONFIG_HOME/orutils"
echo 'quick: b/three' >"$XDG_CONFIG_HOME/orutils/aliases"
serve -q --workers 2

models ''
is 'all' "$(ids)" 'a/one a/two b/three ../secret quick'

# Two at a time, of two workers
models category=marketing/seo &
pid=$!
curl -sS -m 20 -o body.2 "$BASE/api/v1/models?category=marketing%2Fseo"
wait "$pid"
models category=marketing/seo
is 'a category' "$(ids)" 'a/one b/three quick'
is 'for all who ask at the same time' "$(python3 -c 'import json; print(json.load(open("body.2"))["total_count"])')" 3
is 'it is asked for once' "$(n_asked '?output_modalities=all&category=')" 1
is 'without a key' "$(sent_head 2 | grep -ci '^authorization')" 0
is 'its copy' "$(ls "$cache")" "openrouter.models.json
openrouter.models?output_modalities=all&category=marketing%2Fseo.json"
models 'sort=top-weekly&zdr=true'
is 'an order and a rule' "$(ids)" 'a/two a/one'
age "$cache/openrouter.models?output_modalities=all&zdr=true&sort=top-weekly.json" 3700
models 'sort=top-weekly&zdr=true'
is 'after an hour it is asked for again; nothing is an answer, too' "$(ids)" ''
is 'by its tag' "$(n_asked '?output_modalities=all&zdr=true')" 2
models region=eu
like 'what can not be had is an error' "$(ids)" '502 only OpenRouter knows this, and*broken*'
n=$(n_sent)
models region=eu
like 'the same a moment later' "$(ids)" '502 *broken*'
is 'without asking' "$(n_sent)" "$n"
for q in category=cooking 'providers=a%0Ab' 'providers=a%26zdr=true' 'providers=../x?' min_tool_success_rate=2; do
	models "$q"
	like "$q" "$(ids)" "400 ${q%%=*}: no such value"
done
is 'nobody is asked' "$(n_sent)" "$n"
for i in $(seq 40); do models "providers=P$i"; done
is 'the last of many' "$(ids)" a/two
is 'so many copies are kept' "$(find "$cache" -name 'openrouter.models[?]*' | wc -l)" 32
ok 'the newest among them' [ -e "$cache/openrouter.models?output_modalities=all&providers=P40.json" ]

# Endpoints
hit '' "$BASE/api/v1/models/a/one-1/endpoints" &
pid=$!
curl -sS -m 20 -o body.2 "$BASE/api/v1/models/a/one/endpoints"
wait "$pid"
hit '' "$BASE/api/v1/models/a/one/endpoints"
is 'endpoints' "$status $(json body data endpoints 0 tag) $(json body.2 data endpoints 0 tag)" '200 "fast" "fast"'
is 'asked for once' "$(n_asked /a/one)" 1
t 'or-models has them, too' -o fast -- or-models --cached -e -1 a/one
for i in 1 2; do
	hit '' "$BASE/api/v1/models/a/two/endpoints"
	is "those that can not be had, $i" "$status $(json body data name) $(json body data endpoints)" '200 "Two" []'
done
is 'it was tried once' "$(n_asked /a/two)" 1
n=$(n_sent)
hit '' "$BASE/api/v1/models/no/such/endpoints"
is 'of a model that is not' "$status" 404
hit '' "$BASE/api/v1/models/quick/endpoints"
is "of one's own name" "$status $(json body data endpoints)" '200 []'
hit '' "$BASE/api/v1/models/..%2Fsecret/endpoints"
is 'a name that leads out' "$status" 404
is 'nobody is asked' "$(n_sent)" "$n"

# Endpoints that keep nothing
hit '' "$BASE/v1/endpoints/zdr" &
pid=$!
curl -sS -m 20 -o body.2 "$BASE/api/v1/endpoints/zdr"
wait "$pid"
kept='{"data":[ {"name":"Fast | a/one","model_id":"a/one","tag":"fast"}]}'
is 'endpoints that keep nothing, as OpenRouter has them' "$(cat body.2)" "$kept"
# n_zdr: how often OpenRouter was asked for them
n_zdr() { grep -lF 'GET /api/v1/endpoints/zdr ' "$dir"/.upstream/req.* | wc -l; }
hit '' "$BASE/api/v1/endpoints/zdr"
is 'from the cache' "$status $(cat body)" "200 $kept"
is 'they were asked for once, for all' "$(n_zdr)" 1
age "$cache/openrouter.zdr.json" 3700
hit '' "$BASE/api/v1/endpoints/zdr"
is 'after an hour they are asked for again' "$status $(cat body) $(n_zdr)" "200 $kept 2"
age "$cache/openrouter.zdr.json" 3700
hit '' "$BASE/api/v1/endpoints/zdr"
is 'old ones serve where there are no newer ones' "$status $(cat body) $(n_zdr)" "200 $kept 3"
rm "$cache/openrouter.zdr.json"
hit '' "$BASE/api/v1/endpoints/zdr"
like 'what can not be had is an error' "$(ids)" '502 only OpenRouter knows this, and*broken*'
hit '' -X POST "$BASE/api/v1/endpoints/zdr"
is 'they can only be read' "$status $(sed -n 's/\r//; s/^Allow: //p' head)" '405 GET, HEAD'

# A feed
models 'use_rss=true&limit=1'
is 'a feed' "$status $(sed -n 's/\r//; s/^Content-Type: //p' head)" '200 application/rss+xml'
is 'which XML reads' "$(python3 -c 'import xml.etree.ElementTree as x
c = x.parse("body").getroot().find("channel")
print(*[(i.findtext("title"), i.findtext("link"), i.findtext("guid"), i.findtext("pubDate")) for i in c.findall("item")])')" \
	"('A & One', '$BASE/api/v1/models/a/one-1/endpoints', 'a/one', 'Tue, 14 Nov 2023 22:13:20 GMT')"
models 'use_rss=true&use_rss_chat_links=true'
like 'links to chats' "$(ids)" '400 use_rss_chat_links: *'
upstream_stop

# Without OpenRouter
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
rm -rf "$cache"
providers_up
table "keeps openai http://127.0.0.1:$UP/openai/v1 price=1,2 zdr=yes slug=keeper map=a/pair=text none" \
	"dear openai http://127.0.0.1:$UP/openai/v1 price=90000,90000 map=a/pair=text none"
serve -q
models category=trivia
is 'a category' "$(ids)" "400 category: only OpenRouter can tell, and it isn't configured"
models sort=most-popular
is 'popularity' "$(ids)" "400 sort: only OpenRouter can tell, and it isn't configured"
hit '' "$BASE/api/v1/endpoints/zdr"
is 'endpoints that keep nothing' "$(ids)" "404 endpoints/zdr: only OpenRouter can tell, and it isn't configured"
places()
{
	hit '' "$BASE/api/v1/models/$1/endpoints"
	[ "$status" = 200 ] || { echo "$status" && return; }
	python3 -c 'import json
for e in json.load(open("body"))["data"]["endpoints"]:
    print(e["name"], e["model_id"], e["model_name"], e["provider_name"], e["tag"], e["pricing"], e["status"], e["uptime_last_30m"], sep=", ")'
}
want="keeps | text, a/pair, a/pair, keeps, keeper, {'prompt': '0.000001', 'completion': '0.000002'}, 0"
also="dear | text, a/pair, a/pair, dear, dear, {'prompt': '0.09', 'completion': '0.09'}, 0, None"
is 'endpoints of our own, in the order of a call' "$(places a/pair)" "$want, None
$also"
curl -sS -m 20 -o chat -H "Content-Type: application/json" "$BASE/api/v1/chat/completions" -d '{"model":"a/pair","messages":[{"role":"user","content":"hi"}]}'
served() { places a/pair | head -1 | grep -q ', 100$'; }
ok 'and how they did' until_true 10 served
is 'the others did not yet' "$(places a/pair)" "$want, 100
$also"
like 'of one by its name there' "$(places keeps:text)" 'keeps | text, keeps:text, keeps: text, keeps, keeper, *, 0, 100'
models 'zdr=true&limit=2'
like 'who keeps nothing: the table says so' "$(ids)" 'keeps:* keeps:*'
models 'providers=KEEPER,u-ollama&q=text'
is 'whose they are, too' "$(ids)" 'u-ollama:text keeps:text'
finish
