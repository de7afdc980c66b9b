#!/bin/sh
# SPDX-License-Identifier: ISC
# or-route: requests in, routed requests out, and the plan as a table. What its rules do one by one is in tests/unit/route.c.
# shellcheck disable=SC2016 # quoted text is for another shell
. "$(dirname "$0")/lib.sh"
export OPENROUTER_BASE_URL=http://127.0.0.1:9/api/v1 OPENROUTER_API_KEY=sk-test # nobody is there
. "$cases/catalog.sh"
lists
conf=$XDG_CONFIG_HOME/orutils
mkdir "$conf"
hello='"messages":[{"role":"user","content":"hi"}]'
plain='{"model":"b/plain"}'

# plan NAME REQUEST WANT [option...]: the plan in short, "tag:reason tag:reason / tag:rule tag:rule".
plan()
{
	p_name=$1 p_want=$3
	printf '%s' "$2" >req
	shift 3
	or-route -lv --seed 1 "$@" req 2>err | perl -F'\t' -lane '
		$F[1] =~ s/^openrouter:.*#//;
		$F[8] =~ s/left out: //;
		push @{$F[0] eq "-" ? \@out : \@in}, "$F[1]:$F[8]";
		END { print join " ", @in, @out ? "/" : (), sort @out }' >got
	is "$p_name" "$(cat got)" "$p_want"
}
tiers='fast/priority:service_tier slow/flex:service_tier'

# ── a filter ──
t 'one request' -f "{\"model\":\"b/plain\",$hello}" -p "{\"model\":\"b/plain\",$hello}\n" -- or-route
t 'NDJSON' -f "$plain\n{\"model\":\"b/plain\",\"n\":2}\n" -p "$plain\n{\"model\":\"b/plain\",\"n\":2}\n" -- or-route
t 'no newline at the end, CRLF between' -f "$plain\r\n$plain" -p "$plain\n$plain\n" -- or-route
t 'an array of them' -f "[$plain,\n$plain]" -p "$plain\n$plain\n" -- or-route
t 'pretty-printed: one line' -f '{\n  "model":\r\n\t"b/plain",\n  "messages": [ ]\n}\n' -p '{   "model":  \t"b/plain",   "messages": [ ] }\n' -- or-route
echo "$plain" >one
printf '%s\n' '{"model":"b/plain","n":2}' >two
t 'files, and - between them' -i '{"model":"b/plain","n":"stdin"}' -p '{"model":"b/plain"}\n{"model":"b/plain","n":"stdin"}\n{"model":"b/plain","n":2}\n' -- or-route one - two
t 'nothing' -- or-route
t 'white space is nothing' -f ' \n\t\n' -- or-route
t 'an empty array' -f '[]' -- or-route
cat >odd <<'JSON'
{ "x" :1E+2,"y": -0.0 , "z":123456789012345678901234567890.10,"model":"b/pl\u0061in","s":"\u00e9\/é\u0000\ud83d\ude00","deep":[[{"a" : {}}] ],"e":{ } }
JSON
t 'every other byte stays' -I odd -O odd -- or-route
t 'a model is set in its place' -f '{"x":1, "model" : "b/plain:nope" ,"y":2}' -p '{"x":1, "model" : "b/plain" ,"y":2}\n' -- or-route -m b/plain
t 'a duplicate key' -s 65 -i '{"model":"b/plain","model":"a/big"}' -e 'or-route: *duplicate key "model"' -- or-route
t 'a duplicate key inside' -s 65 -i '{"model":"b/plain","provider":{"zdr":true,"zd\u0072":false}}' -e 'or-route: *duplicate key*' -- or-route
t 'a NUL' -s 65 -f '{"model":"b/pl\0ain"}' -e 'or-route: *control byte*' -- or-route
t 'an escaped NUL in a name' -s 65 -i '{"model":"b/plain\u0000x"}' -e "or-route: *a model's name holds a control character" -- or-route
t 'a newline in a name is no second line of -1' -s 65 -i '{"models":["b/plain","x/y\nz/w"]}' -e 'or-route: *control character' -- or-route -1 -
t 'not UTF-8: replaced' -f '{"model":"b/plain","x":"\377"}' -p '{"model":"b/plain","x":"\357\277\275"}\n' -e 'or-route: *U+FFFD' -- or-route
t '-q' -f '{"model":"b/plain","x":"\377"}' -p '{"model":"b/plain","x":"\357\277\275"}\n' -- or-route -q
t '-8' -s 65 -f '{"model":"b/plain","x":"\377"}' -e 'or-route: *not UTF-8' -- or-route -8
t '-8, the others go on' -s 1 -f '{"x":"\377"}\n{"model":"b/plain"}\n' -o "$plain" -e "or-route: *request 1: not UTF-8
or-route: 1 of 2 requests failed" -- or-route -8
t 'broken lines among good ones' -s 1 -f "$plain\n{\"model\":}\nwhat?\n3\n$plain\n" -p "$plain\n$plain\n" -e 'or-route: *request 2:*
or-route: *request 3: no JSON object: what?
or-route: *request 4:*
or-route: 3 of 5 requests failed' -- or-route
t 'a torn last one' -s 1 -f "$plain\n{\"model\":\"b/pl" -o "$plain" -E -- or-route
t 'too long, in one piece' -s 65 -f '{"model":"b/plain","x":"%0200d"}' -e 'or-route: *more than 100 bytes' -- or-route --max-input 100
t 'as long as may be' -f '{"model":"b/plain","x":"%073d"}' -p '{"model":"b/plain","x":"%073d"}\n' -- or-route --max-input 100
perl -e 'print "{\"model\":\"b/plain:free\",\"x\":\"", "y" x 3e6, "\"}\n"' >huge
t 'three megabytes' -I huge -O huge -- or-route
t 'too long, over many reads' -s 65 -I huge -e 'or-route: *more than 1000000 bytes' -- or-route --max-input 1M
t 'no such file' -s 66 -e 'or-route: nowhere: *' -- or-route nowhere
t 'a directory' -s 66 -e 'or-route: .: *' -- or-route .
t 'stdin twice' -s 64 -e 'or-route: *2 times*' -- or-route - -
t 'an empty operand' -s 64 -e 'or-route: *empty*' -- or-route ''
t '-k alone' -s 64 -e 'or-route: *-k goes with*' -- or-route -k 1
t '-l -1' -s 64 -e 'or-route: *two forms*' -- or-route -l -1
for bad in '-p x' '-z x' '-y nonsense' '-k 0' '--sort cheap' '--seed x' '--max-input 0'; do
	# shellcheck disable=SC2086 # two words
	t "$bad" -s 64 -E -- or-route -l $bad -m b/plain
done
t '-o' -i "$plain" -- or-route -o to
is 'is there' "$(cat to)" "$plain"
t '-o, an error: nothing in its place' -s 65 -i '{' -e 'or-route: *' -- or-route -o none
ok 'no file' [ ! -e none ]
(
	echo "$plain"
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		# shellcheck disable=SC2094 # on purpose
		[ ! -s first.out ] || break
		sleep 0.1
	done
) | or-route >first.out
is 'a request is answered before the next one comes' "$(cat first.out)" "$plain"

# ── -l, -1, and stdin ──
t '-1 leaves stdin alone' -i 'the prompt' -o 'b/plain the prompt' -- sh -c 'echo "$(or-route -1 -m b/plain) $(cat)"'
t '-l too' -i 'the prompt' -o 'the prompt' -- sh -c 'or-route -l -m b/plain >plan; cat'
t '- is stdin' -i "$plain" -o b/plain -- or-route -1 -
t 'a file' -o b/plain -- or-route -1 one
t 'two files, two plans' -p 'b/plain\nb/plain\n' -- or-route -1 one two
t 'a chain, each name once' -p 'a/big\na/small\nb/plain\n' -- or-route -1 -m a/big,a/small,b/plain
t '-k counts names' -p 'a/big\na/small\n' -- or-route -1 -k 2 -m a/big,a/small,b/plain
is '-k counts places' "$(or-route -l -k 2 -m a/big | wc -l)" 2
t 'a table in a pipe' -o '1	openrouter:b/plain	1	3	0.002536	-	-	-	only one; the model'\''s row: its endpoints are not cached' -- or-route -l -m b/plain
t 'a model that the list does not have' -o '1	openrouter:x/new	-	-	-	-	-	-	only one; the cached list does not have it' -- or-route -l -m x/new
t 'with endpoints' -p '1	openrouter:a/small#cheap/fp8	0.5	1	0.001012	99.9	-	-	drawn
2	openrouter:a/small#tiny	0.4	1	0.000912	90	-	-	trouble
' -- or-route -l -m a/small
t 'nobody names a model: all of them, the cheapest first' -p 'b/plain:free\na/small\nb/plain\n' -- or-route -1 -k 3
t 'none of all that are listed' -s 1 -e 'or-route: nothing qualifies: -p excludes 5, -y excludes 1' -- or-route -1 -k 1 -p 0.4 -y tools
t '-z' -p 'a/big\n~a/big-latest\n' -- or-route -1 -k 2 -z 100k
t '-y image' -p 'a/big\n' -- or-route -1 -k 1 -y image
t 'nothing qualifies: counts by rule' -s 1 -e 'or-route: nothing qualifies: service_tier excludes 1, -p excludes 5' -- or-route -l -p 0.05 -m a/big:floor
t 'nothing qualifies: with -v the table says who' -s 1 -E -o '-	openrouter:b/plain	1	3	-	-	-	-	left out: -p; the model'\''s row: its endpoints are not cached' -- or-route -lv -p 0.5 -m b/plain
t 'nothing qualifies: as a filter' -s 1 -i "$plain" -e 'or-route: standard input: request 1: nothing qualifies: -p excludes 1' -- or-route -p 0.5
t 'nothing qualifies, for one of two' -s 1 -f "$plain\n{\"model\":\"b/plain:free\"}\n" -o '{"model":"b/plain:free","provider":{"max_price":{"prompt":0.5,"completion":0.5}}}' -E -- or-route -p 0.5
or-route -l --seed 7 -m a/big >first
t 'a seed: the same plan' -O first -- or-route -l --seed 7 -m a/big
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do or-route -l -k 1 -m a/big; done | cut -f 2 | sort | uniq -c | sort -rn >drawn
like 'without: drawn, the cheap one mostly' "$(head -n 1 drawn)" '*a/big#cheap/fp8'
t 'no such model, without a slash' -s 69 -e 'or-route: nosuch: no such model*' -- or-route -l -m nosuch

# ── what is written ──
t 'the rank becomes the order' -i '{"model":"a/big","tools":[{"type":"function"}],"provider":{"sort":"latency"}}' -o '{"model":"a/big","tools":[{"type":"function"}],"provider":{"sort":"latency","order":["quick/fp4","fast","down"]}}' -- or-route
t 'an order that was there keeps its place' -i '{"provider":{"order":["fast"],"x":1},"model":"a/big","tools":[{}]}' -o '{"provider":{"order":["fast","down","quick/fp4"],"x":1},"model":"a/big","tools":[{}]}' -- or-route
t 'provider: null' -i '{"model":"a/big","provider":null}' -o '{"model":"a/big","provider":{"order":["down","cheap/fp8","quick/fp4","fast"]}}' -- or-route --sort price
t 'provider: null stays where nothing is known' -i '{"model":"b/plain","provider":null}' -o '{"model":"b/plain","provider":{}}' -- or-route
t '-p goes along, as the cap' -i "$plain" -o '{"model":"b/plain","provider":{"max_price":{"prompt":1,"completion":3}}}' -- or-route -p 1,3
t 'a lower cap stays, a higher one goes' -i '{"model":"b/plain","provider":{"max_price":{"prompt":"1","completion":90}}}' -o '{"model":"b/plain","provider":{"max_price":{"prompt":"1","completion":3}}}' -- or-route -p 2,3
t 'max_price: null' -i '{"model":"b/plain","provider":{"max_price":null}}' -o '{"model":"b/plain","provider":{"max_price":{"prompt":3,"completion":3}}}' -- or-route -p 3
t '--sort goes along where nothing is cached' -i "$plain" -o '{"model":"b/plain","provider":{"sort":"throughput"}}' -- or-route --sort throughput
t 'a chain' -i '{"model":"b/plain","models":["b/plain:free"]}' -o '{"model":"b/plain","models":["b/plain","b/plain:free"]}' -- or-route
t 'one model left: no chain' -i '{"model":"b/plain","models":["b/plain:free"]}' -o '{"model":"b/plain:free","provider":{"max_price":{"prompt":0,"completion":0}}}' -- or-route -p 0
t '-m replaces the chain' -i '{"model":"x/y","models":["x/z"]}' -o '{"model":"b/plain"}' -- or-route -m b/plain
t '-z leaves somebody out: OpenRouter is told by name' -i '{"model":"a/big","provider":{"sort":"price"}}' -o '{"model":"a/big","provider":{"sort":"price","order":["down","cheap/fp8","fast"],"only":["down","cheap/fp8","fast"]}}' -- or-route -z 90k
t 'not where a model of the chain has no list' -i '{"models":["a/big","openrouter/auto"],"provider":{"sort":"price"}}' -o '{"models":["a/big","openrouter/auto"],"provider":{"sort":"price","order":["down","cheap/fp8","fast"]},"model":"a/big"}' -- or-route -z 90k
t 'exacto is by quality: no order' -i '{"model":"a/big:exacto"}' -o '{"model":"a/big:exacto"}' -- or-route
t 'sort exacto too' -i '{"model":"a/big","provider":{"sort":"exacto"}}' -o '{"model":"a/big","provider":{"sort":"exacto"}}' -- or-route
t 'plugins: no order' -i '{"model":"a/big","plugins":[{"id":"web"}]}' -o '{"model":"a/big","plugins":[{"id":"web"}]}' -- or-route
t 'no model: the default' -i "{$hello}" -o "{$hello,\"model\":\"openrouter/auto\"}" -- or-route
t 'no model: OR_MODEL' -i '{}' -o '{"model":"b/plain"}' -- env OR_MODEL=b/plain or-route

# ── provider.* ──
of() { printf '{"model":"a/big","provider":{%s}%s}' "$1" "${2:+,$2}"; }
plan 'default' "$(of '')" "cheap/fp8:drawn quick/fp4:fallback fast:fallback down:trouble / $tiers"
plan order "$(of '"order":["fast","CHEAP CO"]')" "fast:order cheap/fp8:order down:fallback quick/fp4:fallback / $tiers"
plan 'order by a base slug' "$(of '"order":["quick"],"sort":"price"')" "quick/fp4:order down:price cheap/fp8:price fast:price / $tiers"
plan 'order names a tier' "$(of '"order":["fast/priority"],"sort":"price"')" "fast/priority:order down:price cheap/fp8:price quick/fp4:price fast:price / slow/flex:service_tier"
plan only "$(of '"only":["quick","fast"],"sort":"price"')" 'quick/fp4:price fast:price / cheap/fp8:only down:only fast/priority:only slow/flex:only'
plan 'only, empty' "$(of '"only":[]')" '/ cheap/fp8:only down:only fast/priority:only fast:only quick/fp4:only slow/flex:only'
plan ignore "$(of '"ignore":["down","Fast"],"sort":"price"')" 'cheap/fp8:price quick/fp4:price / down:ignore fast/priority:service_tier fast:ignore slow/flex:service_tier'
plan 'allow_fallbacks: the first alone' "$(of '"allow_fallbacks":false,"sort":"latency"')" "quick/fp4:only one / cheap/fp8:allow_fallbacks down:allow_fallbacks fast/priority:service_tier fast:allow_fallbacks slow/flex:service_tier"
plan 'require_parameters' "$(of '"require_parameters":true' '"structured_outputs":true')" 'quick/fp4:only one / cheap/fp8:require_parameters down:require_parameters fast/priority:require_parameters fast:require_parameters slow/flex:require_parameters'
plan 'zdr, data_collection: OpenRouter knows' "$(of '"zdr":true,"data_collection":"deny","sort":"price"')" "down:price cheap/fp8:price quick/fp4:price fast:price / $tiers"
plan quantizations "$(of '"quantizations":["fp4","bf16"],"sort":"price"')" 'quick/fp4:price fast:price / cheap/fp8:quantizations down:quantizations fast/priority:service_tier slow/flex:quantizations'
plan 'sort: throughput' "$(of '"sort":"throughput"')" "fast:throughput quick/fp4:throughput cheap/fp8:throughput down:throughput / $tiers"
plan 'sort: latency' "$(of '"sort":"latency"')" "quick/fp4:latency cheap/fp8:latency fast:latency down:latency / $tiers"
plan '--sort beats it' "$(of '"sort":"latency"')" "down:price cheap/fp8:price quick/fp4:price fast:price / $tiers" --sort price
plan 'partition none: one list' '{"models":["a/big","a/small"],"provider":{"sort":{"by":"price","partition":"none"},"ignore":["down"]}}' \
	'tiny:price cheap/fp8:price cheap/fp8:price quick/fp4:price fast:price / down:ignore fast/priority:service_tier slow/flex:service_tier'
plan max_price "$(of '"max_price":{"prompt":1,"completion":"4"},"sort":"price"')" 'down:price cheap/fp8:price / fast/priority:max_price fast:max_price quick/fp4:max_price slow/flex:service_tier'
plan 'preferred_min_throughput' "$(of '"preferred_min_throughput":50,"sort":"price"')" "quick/fp4:price fast:price down:slow cheap/fp8:slow / $tiers"
plan 'preferred_max_latency' "$(of '"preferred_max_latency":{"p90":0.8,"p50":0.5},"sort":"throughput"')" "quick/fp4:throughput cheap/fp8:throughput fast:slow down:slow / $tiers"
plan 'service_tier priority' "$(of '"sort":"price"' '"service_tier":"priority"')" 'fast/priority:service tier down:price cheap/fp8:price quick/fp4:price fast:price / slow/flex:service_tier'
plan 'service_tier flex' "$(of '' '"service_tier":"flex"')" 'slow/flex:only one / cheap/fp8:service_tier down:service_tier fast/priority:service_tier fast:service_tier quick/fp4:service_tier'
plan 'tools' "$(of '"sort":"price"' '"tools":[{}]')" "down:price quick/fp4:price fast:price / cheap/fp8:tools $tiers"
plan 'a schema' "$(of '' '"response_format":{"type":"json_schema"}')" "quick/fp4:only one / cheap/fp8:response_format down:response_format fast/priority:service_tier fast:response_format slow/flex:service_tier"
plan 'max_tokens' "$(of '"sort":"price"' '"max_tokens":5000')" "down:price cheap/fp8:price fast:price / fast/priority:service_tier quick/fp4:max_tokens slow/flex:service_tier"
plan 'an image' '{"model":"a/small","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:,"}}]}]}' '/ cheap/fp8:modality tiny:modality'
perl -e 'print "{\"model\":\"a/big\",\"provider\":{\"sort\":\"price\"},\"messages\":[{\"role\":\"user\",\"content\":\"", "word " x 50000, "\"}]}"' >long
is 'a long prompt' "$(or-route -lv long | cut -f 2,9 | sed -n 's/^openrouter:a.big#quick.fp4	//p')" 'left out: context length'
plan '-y' '{"model":"a/big"}' "quick/fp4:drawn fast:fallback down:trouble / cheap/fp8:-y $tiers" -y tools
for bad in '"order":"x"' '"only":[1]' '"sort":"best"' '"zdr":"yes"' '"quantizations":["fp9"]' '"max_price":{"prompt":-1}' '"preferred_min_throughput":"x"' '"data_collection":"some"'; do
	t "$bad" -s 65 -i "$(of "$bad")" -e 'or-route: *request 1: *provider.*' -- or-route
done

# ── variants ──
plan ':nitro' '{"model":"a/big:nitro"}' 'fast/priority:throughput fast:throughput quick/fp4:throughput cheap/fp8:throughput down:throughput / slow/flex:service_tier'
plan ':floor' '{"model":"a/big:floor"}' 'down:price slow/flex:service tier cheap/fp8:price quick/fp4:price fast:price / fast/priority:service_tier'
plan ':floor, service_tier default' '{"model":"a/big:floor","service_tier":"default"}' "down:price cheap/fp8:price quick/fp4:price fast:price / $tiers"
t ':free is a model of its own' -o '1	openrouter:b/plain:free	0	0	0	-	-	-	only one; the model'\''s row: its endpoints are not cached' -- or-route -l -m b/plain:free
for v in free thinking extended; do
	t "a/big:$v has no endpoints of a/big" -o "1	openrouter:a/big:$v	-	-	-	-	-	-	only one; the cached list does not have it" -- or-route -l -m "a/big:$v"
done
plan '~latest has the endpoints of its target' '{"model":"~a/big-latest","provider":{"sort":"price"}}' "down:price cheap/fp8:price quick/fp4:price fast:price / $tiers"

# ── own keys, ids, aliases, presets, rules ──
cat >"$conf/providers" <<'EOT2'
own openai http://127.0.0.1:9/own slug=fast price=5,5 map=a/big=big-1 env:OWN_KEY
two openai http://127.0.0.1:9/two zdr=yes train=no map=a/big=big-2 env:TWO_KEY
EOT2
export OWN_KEY=sk-own TWO_KEY=sk-two
plan 'own keys first' "$(of '"sort":"price"')" "own:big-1:own key two:big-2:own key down:price cheap/fp8:price quick/fp4:price fast:price / $tiers"
plan 'not before an order that names others' "$(of '"order":["quick"],"sort":"price"')" "own:big-1:own key two:big-2:own key quick/fp4:order down:price cheap/fp8:price fast:price / $tiers"
plan 'only by slug=' "$(of '"only":["fast"]')" 'own:big-1:own key fast:drawn / cheap/fp8:only down:only fast/priority:only quick/fp4:only slow/flex:only two:big-2:only'
plan 'zdr of the line' "$(of '"zdr":true,"only":["fast","two"]')" 'two:big-2:own key fast:drawn / cheap/fp8:only down:only fast/priority:only own:big-1:zdr quick/fp4:only slow/flex:only'
plan 'train of the line' "$(of '"data_collection":"deny","only":["fast","two"]')" 'two:big-2:own key fast:drawn / cheap/fp8:only down:only fast/priority:only own:big-1:data_collection quick/fp4:only slow/flex:only'
plan 'plugins: only OpenRouter' '{"model":"a/big","plugins":[{"id":"web"}],"provider":{"sort":"price"}}' "down:price cheap/fp8:price quick/fp4:price fast:price / fast/priority:service_tier own:big-1:only OpenRouter can slow/flex:service_tier two:big-2:only OpenRouter can"
plan ':online: only OpenRouter' '{"model":"a/big:online","provider":{"sort":"price"}}' "down:price cheap/fp8:price quick/fp4:price fast:price / fast/priority:service_tier own:big-1:only OpenRouter can slow/flex:service_tier two:big-2:only OpenRouter can"
t 'what is written: ids of own keys, then the name at OpenRouter' -i '{"model":"a/big","provider":{"only":["fast"]}}' \
	-o '{"model":"own:big-1","provider":{"only":["fast"],"order":["fast"]},"models":["own:big-1","a/big"]}' -- or-route
or-route --sort price -m a/big one >once
t 'what was routed is routed the same way again' -O once -- or-route --sort price once
t 'two names of one place: once' -p 'own:big-1\ntwo:big-2\na/big\n' -- or-route -1 -m own:big-1,a/big
t 'own keys by the cost of the request' -p 'two:big-2\nown:big-1\na/big\n' -- or-route -1 --sort price -m a/big
t 'provider:id' -o own:big-9 -- or-route -1 -m own:big-9
t '-b' -o own:big-1 -- or-route -1 -b own -m a/big
t '-b, no such provider' -s 64 -e 'or-route: no such provider: nobody' -- or-route -1 -b nobody -m a/big
rm "$conf/providers"
printf 'both: a/small, b/plain\n' >"$conf/aliases"
t 'an alias' -i '{"model":"both"}' -o '{"model":"a/small","models":["a/small","b/plain"],"provider":{"order":["cheap/fp8","tiny"]}}' -- or-route
printf '%s\n' 'terse {"model":"b/plain","temperature":0.1,"provider":{"zdr":true}}' >"$conf/presets"
t 'a preset' -i "{\"model\":\"@preset/terse\",$hello}" -o "{\"model\":\"b/plain\",$hello,\"temperature\":0.1,\"provider\":{\"zdr\":true}}" -- or-route
t 'another model, by the field; the request wins' -i '{"model":"b/plain:free","preset":"terse","temperature":1}' -o '{"model":"b/plain:free","temperature":1,"provider":{"zdr":true}}' -- or-route
t 'a preset that only OpenRouter has' -i '{"model":"@preset/theirs"}' -o '{"model":"@preset/theirs"}' -- or-route
cat >"$conf/rules" <<'EOT2'
b/plain: tag=ci-*
a/small: min=100
a/big: image=yes
b/plain:free: lang=de
openrouter/auto: match=(?i)poem
EOT2
rule() { printf '{"messages":[{"role":"user","content":"%s"}]}' "$1" | or-route -1 -; }
is 'a rule by text' "$(rule 'Write me a POEM')" openrouter/auto
is 'by language' "$(rule 'Das ist ein Satz, der auf Deutsch ist und nicht lang.')" b/plain:free
is 'by size' "$(rule "$(printf '%0150d' 0)")" a/small
t 'by tag' -i "{$hello}" -o b/plain -- or-route -1 --tag ci-7 -
t 'by OR_TAG' -i "{$hello}" -o b/plain -- env OR_TAG=ci-7 or-route -1 -
t 'by image' -i '{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:,"}}]}]}' -o a/big -- or-route -1 -
t 'none fits: the default' -i "{$hello}" -o "{$hello,\"model\":\"openrouter/auto\"}" -- or-route
t 'a model that is named beats rules' -i "$plain" -o "$plain" -- or-route --tag ci-7
rm "$conf/rules" "$conf/presets" "$conf/aliases"

# ── no network, and what or-chat makes of it ──
if command -v readelf >/dev/null && readelf -sW "$(command -v or-route)" | grep -q __asan_init; then
	skip 'no libcurl' 'the sanitizers want all of it'
elif command -v readelf >/dev/null; then
	is 'no libcurl' "$(readelf -d "$(command -v or-route)" | grep -c curl)" 0
else
	skip 'no libcurl' 'no readelf'
fi
if command -v strace >/dev/null; then
	echo "$plain" | strace -f -e trace=network -o trace or-route >/dev/null
	is 'no socket' "$(grep -c 'socket\|connect' trace)" 0
else
	skip 'no socket' 'no strace'
fi
upstream '-- forever' 'answer ok'
lists
printf '{"model":"a/big","provider":{"sort":"latency"},%s}' "$hello" >req
t 'or-chat -i' -o ok -- sh -c 'or-route req | or-chat -i'
is_sent 'gets what was printed' 1 "{\"model\":\"a/big\",\"provider\":{\"sort\":\"latency\",\"order\":[\"quick/fp4\",\"cheap/fp8\",\"fast\",\"down\"]},$hello}"
printf 'own openai http://127.0.0.1:%s/own map=a/big=big-1 env:OWN_KEY\n' "$PORT" >"$conf/providers"
t 'own key first' -o ok -- sh -c 'or-route req | or-chat -i'
like 'there' "$(sent_head 2 | head -n 1)" 'POST /own/chat/completions*'
is 'by its id' "$(sent_body 2 | json - model)" '"big-1"'
is 'without OpenRouter'\''s fields' "$(sent_body 2 | json - provider)$(sent_body 2 | json - models)" ''
finish
