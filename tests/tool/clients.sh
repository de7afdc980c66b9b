# SPDX-License-Identifier: ISC
# clients.sh: an official client on or-serve: clients DIR SCRIPT (of tests/clients). scripts/clients installs them; where they aren't, the test is skipped,
# or fails where OR_CLIENTS=need.
. "$(dirname "$0")/serve.sh"

clients()
{
	client_dir=${OR_CLIENTS_DIR:-$lib_top/build/clients}
	if ! [ -e "$client_dir/$1.done" ]; then
		[ "${OR_CLIENTS:-}" != need ] || { echo '1..1' && echo 'not ok 1 - the clients are installed' && exit 1; }
		echo '1..0 # SKIP the clients are not installed'
		exit 0
	fi
	providers_up
	for client_maker in google openai mistral anthropic; do
		(umask 077 && echo "sk-of-$client_maker" >"$client_maker.key")
	done
	table "for-google gemini http://127.0.0.1:$UP/gemini/v1beta map=google/gemini-pro=text file:$dir/google.key" \
		"for-openai openai http://127.0.0.1:$UP/openai/v1 map=openai/gpt-4=text file:$dir/openai.key" \
		"for-mistral openai http://127.0.0.1:$UP/openai/v1 map=mistralai/mistral-7b-instruct=text file:$dir/mistral.key" \
		"for-anthropic anthropic http://127.0.0.1:$UP/anthropic/v1 map=anthropic/claude-3-opus=text file:$dir/anthropic.key"
	CLIENT_KEY=$(or-key new client) CLIENT_MANAGEMENT_KEY=$(or-key new --management manager) || exit 1
	serve -q -r 0
	CLIENT_BASE=$BASE CLIENT_UP=http://127.0.0.1:$UP
	export CLIENT_BASE CLIENT_UP CLIENT_KEY CLIENT_MANAGEMENT_KEY
	case $1 in
	py) PYTHONDONTWRITEBYTECODE=1 "$client_dir/py/bin/python" "$lib_top/tests/clients/$2" ;;
	js)
		mkdir js && cp "$lib_top/tests/clients/"*.mjs js && ln -s "$client_dir/js/node_modules" js/node_modules
		node "js/$2"
		;;
	esac
}
