# SPDX-License-Identifier: ISC
# serve.sh: what the tests of or-serve share, beside lib.sh, which it sources. Everything listens on loopback and is stopped at the end.
#
#	providers_up            starts tests/providers; $UP is its port; writes the table: u-WIRE for each wire, $1 in and $2 out per million tokens
#	table LINE...           adds lines to the table of providers
#	serve [option...]       starts or-serve with a ledger; $BASE is its address, $GATE its pid, gate.log its log; the one before is ended
#	serve_stop [signal]     ends it (TERM) and waits; $? is its status
#	until_true SECONDS command...   until it succeeds; fails after so long
#	q SQL                   rows of the ledger; what is on its way to it is waited for
#	hit NAME [curl option...]       curl to $BASE: status in $status, head in ./head, body in ./body
. "$(dirname "$0")/lib.sh"
skip_unless curl python3
OR_LEDGER=$dir/ledger.db
export OR_LEDGER
tests=$lib_top/tests
GATE='' UP='' UP_PID=''

until_true()
{
	serve_left=$(($1 * 50))
	shift
	until "$@" 2>/dev/null; do
		serve_left=$((serve_left - 1))
		[ "$serve_left" -gt 0 ] || return 1
		sleep 0.02
	done
}

table()
{
	mkdir -p "$XDG_CONFIG_HOME/orutils"
	printf '%s\n' "$@" >>"$XDG_CONFIG_HOME/orutils/providers"
}

providers_up()
{
	(cd "$tests" && exec python3 -B -m providers "$dir/up.port") >up.log 2>&1 &
	UP_PID=$!
	until_true 20 test -s up.port || { echo "Bail out! the providers don't start" && exit 1; }
	UP=$(cat up.port)
	(umask 077 && echo sk-of-the-provider >provider.key)
	table "u-openai openai http://127.0.0.1:$UP/openai/v1 price=1,2 file:$dir/provider.key" \
		"u-responses responses http://127.0.0.1:$UP/responses/v1 price=1,2 file:$dir/provider.key" \
		"u-anthropic anthropic http://127.0.0.1:$UP/anthropic/v1 price=1,2 file:$dir/provider.key" \
		"u-gemini gemini http://127.0.0.1:$UP/gemini/v1beta price=1,2 file:$dir/provider.key" \
		"u-ollama ollama http://127.0.0.1:$UP/ollama price=1,2 none" \
		"u-cohere cohere http://127.0.0.1:$UP/cohere/v2 price=1,2 file:$dir/provider.key" \
		"u-bedrock bedrock http://127.0.0.1:$UP/bedrock region=us-east-1 price=1,2 file:$dir/provider.key"
}

serve()
{
	serve_stop
	rm -f gate.url
	# shellcheck disable=SC2086 # words
	${SERVE_UNDER:-} or-serve -l 127.0.0.1:0 "$@" >gate.url 2>>gate.log </dev/null &
	GATE=$!
	until_true 20 test -s gate.url || { cat gate.log && echo "Bail out! or-serve doesn't start" && exit 1; }
	BASE=$(cat gate.url)
	PORT=${BASE##*:}
	export BASE PORT
}

# shellcheck disable=SC2120 # tests pass it
serve_stop()
{
	[ -n "$GATE" ] || return 0
	kill -s "${1:-TERM}" "$GATE" 2>/dev/null
	serve_pid=$GATE GATE=''
	wait "$serve_pid"
}

q()
{
	or-usage >/dev/null && sqlite3 "$OR_LEDGER" "$1"
}

hit()
{
	serve_name=$1
	shift
	status=$(curl -sS -m 20 -D head -o body -w '%{http_code}' "$@" 2>curl.err) || status="$status curl $? $(cat curl.err)"
	: "$serve_name"
}

serve_clean()
{
	serve_stop
	[ -z "$UP_PID" ] || kill "$UP_PID" 2>/dev/null
	lib_clean
}
trap serve_clean EXIT
