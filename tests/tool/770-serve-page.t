#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve's status page and what it reads: what it says, who may see it, and how a browser shows it.
. "$(dirname "$0")/lib.sh"
skip_unless or-serve curl
OR_LEDGER=$dir/ledger.db
export OR_LEDGER
page() { python3 "$lib_top/tests/page.py" "$@"; }
or-key new --management root >root.key
or-key new ci >ci.key
root=$(cat root.key) ci=$(cat ci.key)

or-serve -q -l 127.0.0.1:0 >url 2>log &
serve=$!
caller=
# shellcheck disable=SC2086 # one or none
trap 'kill $serve $caller 2>/dev/null; lib_clean' EXIT
n=0
while [ ! -s url ] && [ $n -lt 500 ]; do
	sleep 0.01
	n=$((n + 1))
done
url=$(cat url)
# get PATH [curl's options]: the body goes to ./body, the status is printed
get()
{
	get_path=$1
	shift
	curl -s -o body -D fields -w '%{http_code}' "$@" "$url$get_path"
}
as() { get "$2" -H "Authorization: Bearer $1"; }
say() { curl -s -H "Authorization: Bearer $ci" -H 'Content-Type: application/json' -d "$1" "$url/api/v1/chat/completions"; }
# settled N: waits until the ledger has so many calls
settled()
{
	n=0
	while [ "$(or-usage -s | cut -f 1)" != "$1" ] && [ $n -lt 200 ]; do
		sleep 0.05
		n=$((n + 1))
	done
}

# Who may
is 'health is for all' "$(get /health) $(cat body)" '200 {"status":"ok"}'
for path in / /status.json /metrics; do
	is "$path: not without a key" "$(get $path)" 401
	like 'a browser is told how' "$(cat fields)" '*[Bb]asic*'
	is "$path: not with a key that calls" "$(as "$ci" $path)" 403
	is "$path: with a management key" "$(as "$root" $path)" 200
	is "$path: as a browser sends it" "$(get $path -u "any:$root")" 200
	is "$path: with another password" "$(get $path -u any:x)" 401
done
is 'what a browser sends on its own changes nothing' "$(get /api/v1/keys -u "any:$root" -H 'Content-Type: application/json' -d '{"name":"x"}')" 401

# What it says
say '{"model":"mock/echo","messages":[{"role":"user","content":"hello there"}]}' >said
say '{"model":"mock/echo","mock":{"status":400},"messages":[{"role":"user","content":"x"}]}' >said
settled 2
as "$root" / >/dev/null
like 'a policy of its own' "$(tr -d '\r' <fields)" "*Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-*'; connect-src 'self'; *"
nonce() { sed -n "s/.*script-src 'nonce-\([^']*\).*/\1/p" fields; }
ok 'the script has its nonce' grep -qF "<script nonce=\"$(nonce)\">" body
before=$(nonce)
as "$root" / >/dev/null
ok 'another one each time' [ "$(nonce)" != "$before" ]
sed '/<script/,/<\/script>/d' body >still.html
is 'beside the script it is as other pages' "$(sed "s/; script-src[^\"]*//" still.html >plain.html; page check plain.html)" ''
is 'endpoints' "$(page table body Endpoints | cut -f 1-6)" 'mock:echo	ok	2	1	2	2'
is 'what was spent, by key' "$(page table body 'By key' | cut -f 1,2,6)" 'ci	2	$0.000006'
is 'and by model' "$(page table body 'By model' | cut -f 1,2)" 'mock/echo	2'
is 'nothing runs' "$(page table body 'Running calls')" ''
as "$root" /status.json >/dev/null
is 'nor here' "$(json body calls) $(json body status)" '[] "ok"'
as "$root" /metrics >/dev/null
like 'metrics have their type' "$(tr -d '\r' <fields)" '*[Cc]ontent-[Tt]ype: text/plain; version=0.0.4*'
is 'calls are counted' "$(sed -n 's/^or_calls_total //p' body) $(sed -n 's/^or_call_seconds_count //p' body)" '2 2'
is 'a name, its help and its type' "$(grep -c '^# HELP ' body)" "$(grep -c '^# TYPE ' body)"

# What runs
curl -s -H "Authorization: Bearer $ci" -H 'Content-Type: application/json' -o stream "$url/api/v1/chat/completions" \
	-d '{"model":"mock/echo","stream":true,"mock":{"delay_ms":60000},"messages":[{"role":"user","content":"a b c"}]}' &
caller=$!
n=0
while as "$root" /status.json >/dev/null && [ "$(json body running)" != 1 ] && [ $n -lt 200 ]; do
	sleep 0.05
	n=$((n + 1))
done
is 'a call that runs' "$(json body calls 0 model) $(json body calls 0 client) $(json body calls 0 front)" '"mock/echo" "ci" "chat"'

# ── in a browser ──
if command -v chromium >/dev/null 2>&1; then
	browse()
	{
		timeout 60 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$dir/chromium" \
			--host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1' --enable-logging=stderr --disable-background-networking \
			"$@" 2>said
	}
	there=http://any:$root@${url#http://}/
	browse --virtual-time-budget=5000 --dump-dom "$there" >dom
	is 'the browser complains of nothing' "$(grep CONSOLE said)" ''
	like 'it is live' "$(grep 'id="said"' dom)" '*Live, every 2 seconds.*'
	is 'and shows what runs' "$(page table dom 'Running calls' | cut -f 2-5)" 'mock/echo	chat	ci	yes'
	like 'counts, too' "$(page facts dom | tr '\t\n' ' |')" '*|running calls 1|*'
	browse --window-size=1000,1600 --screenshot=light.png "file://$dir/plain.html"
	is 'a light ground' "$(page colours light.png fbfaf8 15171b)" 'many none'
	browse --window-size=1000,1600 --blink-settings=preferredColorScheme=0 --screenshot=dark.png "file://$dir/plain.html"
	is 'a dark one' "$(page colours dark.png 15171b fbfaf8)" 'many none'
	for width in 320 768; do
		page frame plain.html "$width" >frame.html
		browse --dump-dom "file://$dir/frame.html" >dom
		is "nothing hangs over the edge, $width pixels wide" "$(sed -n 's/.*<title>\([^<]*\).*/\1/p' dom | head -n 1)" "$width of $width"
	done
else
	skip 'the page in a browser' 'no chromium'
fi
finish
