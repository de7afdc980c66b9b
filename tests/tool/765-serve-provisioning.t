#!/bin/sh
# SPDX-License-Identifier: ISC
# Keys of a gateway that runs: made, limited, changed and removed over HTTP and by or-key; what they spent.
. "$(dirname "$0")/lib.sh"
skip_unless or-serve curl
OR_LEDGER=$dir/ledger.db
export OR_LEDGER
or-key new --management root >root.key
root=$(cat root.key)
today=$(($(date -u -d "$(date -u +%F)" +%s) * 1000))
past=gen-$(((today - 2 * 86400000) / 1000))
fill "$OR_LEDGER" <<EOT
call id=$past-1 at=$((today - 2 * 86400000)) client=past client_id=77
attempt model=mock/echo provider=mock endpoint=mock:echo http=200 prompt=10 completion=5 cost=0.75
call id=$past-2 at=$((today - 2 * 86400000)) client=other client_id=78
attempt model=mock/echo provider=mock endpoint=mock:echo http=200 prompt=1 completion=1 cost=0.25
EOT

or-serve -q -l 127.0.0.1:0 >url 2>log &
serve=$!
trap 'kill $serve 2>/dev/null; lib_clean' EXIT
n=0
while [ ! -s url ] && [ $n -lt 500 ]; do
	sleep 0.01
	n=$((n + 1))
done
api=$(cat url)/api/v1
# ask KEY METHOD PATH [BODY]: the answer's body goes to ./body, its status is printed
ask()
{
	ask_key=$1 ask_method=$2 ask_path=$3
	if [ $# -gt 3 ]; then
		set -- -H 'Content-Type: application/json' -d "$4"
	else
		set --
	fi
	curl -s -o body -w '%{http_code}' -X "$ask_method" -H "Authorization: Bearer $ask_key" "$@" "$api$ask_path"
}
chat() { ask "$1" POST /chat/completions "{\"model\":\"${2:-mock/echo}\",\"messages\":[{\"role\":\"user\",\"content\":\"hello there\"}]}"; }
# comes WANTED COMMAND...: waits until it prints that
comes()
{
	comes_want=$1 n=0
	shift
	while comes_got=$("$@") && [ "$comes_got" != "$comes_want" ] && [ $n -lt 100 ]; do
		sleep 0.05
		n=$((n + 1))
	done
	printf '%s\n' "$comes_got"
}

is 'a new key' "$(ask "$root" POST /keys '{"name":"ci","limit":0.00001,"limit_reset":"daily","models":["mock/ech?"],"rpm":100}')" 201
key=$(json body key | tr -d '"') hash=$(json body data hash | tr -d '"')
is 'the hash is of its text' "$hash" "$(printf %s "$key" | sha256sum | cut -d ' ' -f 1)"
is 'or-key knows it' "$(or-key ls | grep '^ci' | cut -f 3,4,7,8,10)" 'ok	0.00001	daily	100	mock/ech?'
is 'it works at once' "$(comes 200 chat "$key")" 200
id=$(json body id | tr -d '"')
is 'for the models that it may call' "$(chat "$key" mock/other)" 403
is 'up to its limit' "$(chat "$key")" 402
is 'what it spent' "$(ask "$key" GET /key) $(json body data usage) $(json body data limit_remaining)" '200 6e-06 4e-06'
ask "$key" GET /credits >/dev/null
is 'exactly' "$(cat body)" '{"data":{"total_credits":0.00001,"total_usage":0.000006}}'
is 'what became of its call' "$(ask "$key" GET "/generation?id=$id") $(json body data model) $(json body data tokens_prompt)" '200 "mock/echo" 2'
is 'it sees no other'\''s' "$(ask "$key" GET "/generation?id=$past-1")" 404
is 'who manages keys does' "$(ask "$root" GET "/generation?id=$past-1") $(json body data total_cost)" '200 0.75'
is 'it manages nothing' "$(ask "$key" GET /keys)" 403
is 'who manages makes no calls' "$(chat "$root")" 403

is 'a higher limit' "$(ask "$root" PATCH "/keys/$hash" '{"limit":1}')" 200
is 'counts' "$(comes 200 chat "$key")" 200
# Many change it at once, each something else: every change stays.
for i in 1 2 3 4 5; do
	for change in '"rpm":7' '"tpm":8' '"models":["mock/x"]' '"name":"crowd"' '"expires_at":"2999-01-02T03:04:05Z"' '"limit":9'; do
		curl -s -o /dev/null -X PATCH -H "Authorization: Bearer $root" -H 'Content-Type: application/json' \
			-d "{$change}" "$api/keys/$hash" &
		crowd="$crowd $!"
	done
	# shellcheck disable=SC2086 # pids
	wait $crowd
	crowd=
	ask "$root" GET "/keys/$hash" >/dev/null
	is "changes at once, $i" "$(for member in rpm tpm models name expires_at limit; do json body data "$member" | tr -d ' \n'; done)" \
		'78"mock/x""crowd""2999-01-02T03:04:05Z"9'
	ask "$root" PATCH "/keys/$hash" '{"rpm":100,"tpm":null,"models":["mock/ech?"],"name":"ci","expires_at":null,"limit":1}' >/dev/null
done
is 'disabled' "$(ask "$root" PATCH "/keys/$hash" '{"disabled":true}') $(json body data disabled)" '200 true'
is 'it is refused' "$(comes 401 chat "$key")" 401
ask "$root" GET /keys >/dev/null
is 'and not listed' "$(json body data 0 name)" '"root"'
ask "$root" GET '/keys?include_disabled=true' >/dev/null
is 'but where it is asked for' "$(json body data 0 name)" '"ci"'
or-key enable ci
is 'or-key enables it while the gateway runs' "$(comes 200 chat "$key")" 200
or-key disable ci
is 'and disables it' "$(comes 401 chat "$key")" 401
is 'a name that is taken' "$(ask "$root" POST /keys '{"name":"ci"}')" 400
is 'what can not be honoured is named' "$(ask "$root" POST /keys '{"name":"x","workspace_id":"y"}') $(json body error message)" \
	'400 "workspace_id: must be null: there is one workspace"'
is 'removed' "$(ask "$root" DELETE "/keys/$hash") $(cat body)" '200 {"deleted":true}'
is 'it is gone' "$(ask "$root" GET "/keys/$hash")" 404
ok 'what it spent is not' [ "$(or-usage -s | cut -f 1)" -ge 2 ]

day=$(date -u -d '2 days ago' +%F)
is 'days that are over' "$(ask "$root" GET /activity) $(json body data 0 date) $(json body data 0 requests) $(json body data 0 usage)" "200 \"$day\" 2 1"
is 'one of them' "$(ask "$root" GET "/activity?date=$(date -u -d yesterday +%F)") $(cat body)" '200 {"data":[]}'
is 'not today' "$(ask "$root" GET "/activity?date=$(date -u +%F)")" 400
finish
