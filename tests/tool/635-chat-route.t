#!/bin/sh
# SPDX-License-Identifier: ISC
# The plan inside of or-chat: who is asked first, who not at all; prompts that are cached, and who sits out.
. "$(dirname "$0")/lib.sh"
. "$cases/catalog.sh"
conf=$XDG_CONFIG_HOME/orutils
mkdir "$conf"
export ONE_KEY=sk-one TWO_KEY=sk-two

# at OPTIONS-OF-ONE OPTIONS-OF-TWO [DIRECTIVE...]: two direct providers of a/big and b/plain, and OpenRouter; all answer with their names.
at()
{
	a_one=$1 a_two=$2
	shift 2
	[ "$#" -eq 0 ] || set -- "$@" '-- forever'
	[ "$#" -gt 0 ] || set -- '-- forever'
	upstream "$@" 'match POST /one/' 'answer one' '-- forever' 'match POST /two/' 'answer two' '-- forever' 'answer router'
	printf '%s openai http://127.0.0.1:%s/%s %s map=a/big=big map=b/plain=plain env:%s\n' \
		one "$PORT" one "$a_one" ONE_KEY two "$PORT" two "$a_two" TWO_KEY >"$conf/providers"
	rm -rf "$XDG_STATE_HOME/orutils"
	lists
}
# who: the providers that were asked, in order
who()
{
	w_i=0
	while [ "$w_i" -lt "$(n_sent)" ]; do
		w_i=$((w_i + 1))
		sent_head "$w_i" | sed -n '1s,^[A-Z]* /\([^/]*\)/.*,\1,p'
	done | sed 's/^api$/router/' | paste -sd ' ' -
}
fails() { printf '%s\n' "match POST /$1/" "status $2" 'body {"error":{"message":"no"}}'; }

# ── order among one's own keys ──
at price=1,1 price=9,9
for n in 1 2 3; do
	t "the cheaper one first, $n" -o one -- or-chat --seed "$n" -O 'provider={"sort":"price"}' -m a/big hi
done
is 'one alone was asked' "$(who)" 'one one one'
is 'nothing of it is sent to it' "$(sent_body 1 | json - provider)" ''
at price=9,9 price=1,1
t 'in the table'\''s order it is the second' -o two -- or-chat -O 'provider={"sort":"price"}' -m a/big hi
t 'order, by the name of the line' -o one -- or-chat -O 'provider={"order":["one"]}' -m a/big hi
t ':floor' -o two -- or-chat -m a/big:floor hi
t 'what is not named in an order is an own key all the same' -o two -- or-chat -O 'provider={"order":["fast"],"sort":"price"}' -m a/big hi
at 'price=1,1 slug=cheap' 'price=9,9 slug=fast'
t 'order, by slug=' -o two -- or-chat -O 'provider={"order":["fast","cheap"]}' -m a/big hi
t 'only, by slug=' -o two -- or-chat -O 'provider={"only":["fast"]}' -m a/big hi
t 'only, a name for people' -o two -- or-chat -O 'provider={"only":["TWO"]}' -m a/big hi
t 'ignore, by slug=' -o two -- or-chat -O 'provider={"ignore":["cheap"],"sort":"price"}' -m a/big hi
t 'ignore both: OpenRouter' -o router -- or-chat -O 'provider={"ignore":["cheap","fast"]}' -m a/big hi
is 'which ignores them too' "$(sent_body "$(n_sent)" | json - provider)" '{"ignore":["cheap","fast"]}'
t 'plugins: OpenRouter' -o router -- or-chat -O 'plugins=[{"id":"web"}]' -m a/big hi
t ':online: OpenRouter' -o router -- or-chat -m a/big:online hi
is 'by that name' "$(sent_body "$(n_sent)" | json - model)" '"a/big:online"'
t ':free is OpenRouter'\''s' -o router -- or-chat -m b/plain:free hi
t '~latest is known here too' -o one -- or-chat -O 'provider={"sort":"price"}' -m '~a/big-latest' hi

# ── what the lines say ──
at 'price=1,1' 'price=9,9 zdr=yes train=no'
t 'zdr' -o two -- or-chat -O 'provider={"zdr":true}' -m a/big hi
t 'data_collection' -o two -- or-chat -O 'provider={"data_collection":"deny"}' -m a/big hi
at 'price=1,1 zdr=no' 'price=9,9 train=yes'
t 'zdr, nobody' -o router -- or-chat -O 'provider={"zdr":true}' -m a/big hi
t 'data_collection, nobody' -o router -- or-chat -O 'provider={"data_collection":"deny"}' -m a/big hi
at price=9,9 price=1,2
t 'max_price' -o two -- or-chat -O 'provider={"max_price":{"prompt":1,"completion":2}}' -m a/big hi
t '-p' -o two -- or-chat -p 1,2 -m a/big hi
t '-p, nobody of them: OpenRouter, with the cap' -o router -- or-chat -p 0.6,1 -m a/small hi
is 'the cap' "$(sent_body "$(n_sent)" | json - provider max_price)" '{"completion":1,"prompt":0.6}'
t '-p, nobody at all' -s 6 -e 'or-chat: -p: *' -- or-chat -p 0.01 -m a/big hi
t 'only, nobody' -s 69 -e 'or-chat: nothing qualifies: only excludes 2*' -- or-chat -O 'provider={"only":["nobody"]}' -m one:big,two:big hi
t '-v: the plan' -o two -e 'or-chat: plan 1: two:big (own key)
or-chat: plan 2: openrouter:a/big (routes itself)
or-chat: not in the plan: one:big (max_price)*' -- or-chat -v -O 'provider={"sort":"price","max_price":{"prompt":1}}' -m a/big hi

# ── fallbacks ──
at price=1,1 price=9,9 "$(fails one 503)"
t 'the next one' -o two -- or-chat -r 0 -O 'provider={"sort":"price"}' -m a/big hi
is 'one, two' "$(who)" 'one two'
at price=1,1 price=9,9 "$(fails one 503)" '-- forever' "$(fails two 503)"
t 'then OpenRouter' -o router -- or-chat -r 0 -O 'provider={"sort":"price"}' -m a/big hi
is 'one, two, OpenRouter' "$(who)" 'one two router'
at price=1,1 price=9,9 "$(fails one 503)"
t 'allow_fallbacks: the first alone' -s 75 -E -- or-chat -r 0 -O 'provider={"sort":"price","allow_fallbacks":false}' -m a/big hi
is 'one' "$(who)" one
at price=1,1 price=9,9 "$(fails one 503)"
t 'a chain: its models in order, own keys first in each' -o router -- or-chat -r 0 -O 'provider={"only":["one"]}' -m a/small,a/big hi
at price=1,1 price=9,9 '-- forever' "$(fails one 503)"
t 'two names of one place are one try' -o router -- or-chat -r 0 -O 'provider={"only":["one"]}' -m one:big,a/big hi
is 'one' "$(who | tr ' ' '\n' | grep -c one)" 1

# ── a prompt that is cached ──
unset OR_LEDGER
cached() { printf '%s\n' "match POST /$1/" 'status 200' stream "text $1" 'finish stop' 'usage {"prompt_tokens":2000,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":1500}}' 'done'; }
sticky()
{
	at '' '' "$(cached one)" '-- forever' "$(cached two)"
	for n in 1 2 3 4 5 6 7 8 9 10; do
		"$@" or-chat --seed "$n" -m b/plain 'the beginning'
	done >whom
}
sticky env
is 'ten calls of one conversation: one provider' "$(sort -u whom | wc -l)" 1
sticky env OR_LEDGER=none
is 'without the snapshot: both' "$(sort -u whom | wc -l)" 2
at '' '' "$(cached one)" '-- forever' "$(cached two)"
for n in 1 2 3 4 5 6 7 8 9 10; do or-chat --seed "$n" -O session_id=s1 -m b/plain "prompt $n"; done >whom
is 'a session: one provider' "$(sort -u whom | wc -l)" 1
first=$(head -n 1 whom)
like '-v says so' "$(or-chat -v -O session_id=s1 -m b/plain hi 2>&1)" "*plan 1: $first:plain (cached prompt)*"
t 'or-route knows it' -E -o "$first:plain" -- sh -c 'echo "{\"model\":\"b/plain\",\"session_id\":\"s1\"}" | or-route -1 -k 1 -'
like 'and says why' "$(echo '{"model":"b/plain","session_id":"s1"}' | or-route -l -k 1 -)" '*cached prompt'
for n in 1 2 3 4 5 6 7 8 9 10; do or-chat --seed "$n" -O session_id="s1-$n" -m b/plain hi; done >whom
is 'ten sessions: both' "$(sort -u whom | wc -l)" 2
other=one
[ "$first" = two ] || other=two
t 'not against an order' -o "$other" -- or-chat -O session_id=s1 -O "provider={\"order\":[\"$other\"]}" -m b/plain hi
at 'price=1,1' 'price=1,1' "$(cached one)" '-- forever' "$(cached two)"
for n in 1 2 3 4 5 6 7 8 9 10; do or-chat --seed "$n" -O session_id=s1 -m b/plain hi; done >whom
is 'a line'\''s price knows no cheaper read: no stickiness' "$(sort -u whom | wc -l)" 2

# ── who sits out ──
at price=1,1 price=1000000,1000000 "$(fails one 429)"
or-chat --seed 1 -r 0 -m a/big hi >said
is 'the cheap one is asked first, and refuses' "$(cat said) $(who)" 'two one two'
t 'another process asks the other at once' -o two -- or-chat -r 0 -m a/big hi
is 'it did' "$(who)" 'one two two'
like 'or-route says it' "$(or-route -l -m a/big | sed -n 's/^[0-9]*	one:big.*	//p')" 'benched; sits out * s: rate limited'
at price=1,1 price=1000000,1000000 "$(fails one 429)"
(
	echo '{"model":"a/big"}'
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ ! -s lines ] || break
		sleep 0.1
	done
	or-chat -r 0 -m a/big hi >said
	sleep 1.1
	echo '{"model":"a/big"}'
) | or-route -1 -k 1 - >lines
is 'an or-route that runs on learns of it' "$(paste -sd ' ' lines)" 'one:big two:big'
t 'with a sort it keeps its place in the plan' -o one:big -- or-route -1 -k 1 --sort price -m a/big
at price=1,1 price=1000000,1000000 '-- forever' "$(fails one 401)"
or-chat -r 0 -m a/big hi >said
like 'a key that is refused sits out' "$(or-route -l -m a/big | sed -n 's/^[0-9]*	one:big.*	//p')" 'benched; sits out * s: key rejected'
like 'a new key does not' "$(ONE_KEY=sk-new or-route -l -m a/big | sed -n 's/^[0-9]*	one:big.*	//p')" '*trouble*'

# ── presets, rules, -n ──
at price=1,1 price=9,9
printf '%s\n' 'cheap {"model":"a/big","provider":{"sort":"price","only":["two"]},"temperature":0.5}' >"$conf/presets"
t 'a preset with a route' -o two -- or-chat -m @preset/cheap hi
is 'its other fields go along' "$(sent_body "$(n_sent)" | json - temperature)" 0.5
printf '%s\n' 'two:big: match=(?i)second' 'one:big: lang=de' >"$conf/rules"
t 'a rule' -o two -- or-chat 'the Second, please'
t 'another one' -o one -- or-chat 'Das ist ein Satz, der auf Deutsch ist und nicht lang.'
t 'none fits' -o router -- or-chat 'hi'
t 'or-route takes the same one' -o two:big -- sh -c 'printf "{\"messages\":[{\"role\":\"user\",\"content\":\"the Second\"}]}" | or-route -1 -'
rm "$conf/rules" "$conf/presets"
n=$(n_sent)
or-chat -n -m a/small -p 3 hi >shown
is '-n: the request, with its cap' "$(json shown model) $(json shown provider)" '"a/small" {"max_price":{"completion":3,"prompt":3}}'
is 'and nothing is sent' "$(n_sent)" "$n"
finish
