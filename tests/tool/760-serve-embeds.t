#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve and embeddings: an answer that isn't what was asked for is the provider's failure: booked as one, followed by another provider.
. "$(dirname "$0")/serve.sh"
skip_unless sqlite3
embed() { hit "$1" -H 'Content-Type: application/json' -d "$2" "$BASE/api/v1/embeddings"; }
# vectors JSON: an answer of these, 4 tokens
vectors() { printf 'body {"data":[%s],"model":"x","usage":{"prompt_tokens":4,"total_tokens":4}}' "$1"; }
v() { printf '{"index":%s,"embedding":[%s]}' "$1" "$2"; }
good="$(v 0 1,0),$(v 1 0,1)"
two='{"model":"v/e","input":["a","b"],"provider":{"order":["p","q"]}}'
# gate WRONG: p answers with that, q with what is right
gate()
{
	upstream 'match /p/' 'status 200' "$(vectors "$1")" '-- forever' 'match /p/' 'status 500' 'body {}' '-- forever' 'match /q/' 'status 200' "$(vectors "$good")"
	UPSTREAM=$PORT
	printf 'p openai http://127.0.0.1:%s/p price=1,2 map=v/e=x none\nq openai http://127.0.0.1:%s/q price=1,2 map=v/e=x none\n' \
		"$UPSTREAM" "$UPSTREAM" >"$XDG_CONFIG_HOME/orutils/providers"
	serve_stop
	rm -f "$OR_LEDGER"*
	serve -q
}
# wrong NAME VECTORS MESSAGE [REQUEST]
mkdir -p "$XDG_CONFIG_HOME/orutils"
wrong()
{
	gate "$2"
	embed "$1" "${4:-$two}"
	is "$1: another provider's answer" "$status $(json body data 1 embedding 1)" '200 1'
	is "$1: booked as a failure, as its usage says" \
		"$(q 'SELECT endpoint, http, error, blamed, prompt, cost_pusd FROM attempt ORDER BY n')" \
		'p:x|200|protocol|1|4|4000000
q:x|200||0|4|4000000'
	is "$1: both are billed" "$(q 'SELECT status, cost_pusd FROM call')" '0|8000000'
	gate "$2"
	embed "$1" "$(printf %s "${4:-$two}" | sed 's,v/e,p:x,; s/,"provider".*]}//')"
	is "$1: alone it is the client's error" "$status $(json body error code)" '502 502'
	like "$1: which is said" "$(json body error message)" "$3"
	is "$1: and is booked" "$(q 'SELECT state, status, error, cost_pusd FROM call')" '1|76|protocol|4000000'
}
wrong 'too few' "$(v 0 1,0)" '*no vector for 1 of 2 inputs*'
wrong 'none' '' '*no vector for 2 of 2 inputs*'
wrong 'one twice' "$(v 0 1,0),$(v 0 0,1),$(v 1 0,1)" '*two vectors with number 0*'
wrong 'too many' "$good,$(v 2 1,1)" '*number 2 for 2 inputs*'
wrong 'of two lengths' "$(v 0 1,0),$(v 1 0,1,0)" '*of 2 and of 3 dimensions*'
wrong 'of another length' "$(v 0 1,0,0),$(v 1 0,1,0)" '*of 3 dimensions, where 2 were asked for*' \
	'{"model":"v/e","input":["a","b"],"dimensions":2,"provider":{"order":["p","q"]}}'
finish
