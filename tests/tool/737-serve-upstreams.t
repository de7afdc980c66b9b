#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: providers that can't be reached, or make no sense: the status, and an error in each format's form.
. "$(dirname "$0")/serve.sh"
skip_unless openssl
mkdir ports
python3 -B "$tests/upstreams.py" ports >up.log 2>&1 &
UP_PID=$!
until_true 20 test -s ports/tls || { cat up.log && echo "Bail out! the providers don't start" && exit 1; }
row() { table "$1 openai $2 price=1,2 none"; }
for name in full mute noise cut short; do
	row $name "http://127.0.0.1:$(cat ports/$name)/v1"
done
row tls "https://127.0.0.1:$(cat ports/tls)/v1"
row mutetls "https://127.0.0.1:$(cat ports/mute)/v1"
row plain "https://127.0.0.1:$(cat ports/noise)/v1"
row nobody 'http://127.0.0.1:1/v1'
row nowhere 'http://no-such-host.invalid/v1'
serve -r 0 -W 2 --connect-timeout 1s
call()
{
	hit "$1" -m 15 -H 'Content-Type: application/json' -d "{\"model\":\"$1:m\",\"stream\":$2,\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}" "$BASE$3"
}
# of NAME STATUS TYPE PROVIDER
of()
{
	for stream in false true; do
		began=$(now_ms)
		call "$1" $stream /v1/chat/completions
		is "$1, stream $stream" "$status $(json body error code) $(json body error metadata error_type) $(json body error metadata provider_name)" "$2 $2 \"$3\" \"$1\""
		[ $(($(now_ms) - began)) -lt 8000 ] || is "$1, stream $stream: in its time" $(($(now_ms) - began)) 'under 8000 ms'
	done
}
of nobody 502 provider_unavailable
of nowhere 502 provider_unavailable
of full 504 timeout
of mute 504 timeout
of mutetls 504 timeout
of tls 502 provider_unavailable
of plain 502 provider_unavailable
of noise 502 provider_unavailable
of cut 502 provider_unavailable
of short 502 provider_unavailable
call nobody false /v1/messages
is 'in the form of Anthropic' "$status $(json body type) $(json body error type)" '502 "error" "api_error"'
call nobody false /api/chat
is 'of Ollama' "$status $(json body error | cut -c 1)" '502 "'
call nobody false /v2/chat
is 'of Cohere' "$status $(json body message | cut -c 1)" '502 "'
hit gemini -H 'Content-Type: application/json' -d '{"contents":[{"parts":[{"text":"x"}]}]}' "$BASE/v1beta/models/nobody:m:generateContent"
is 'of Gemini' "$status $(json body error code)" '502 502'
hit bedrock -H 'Content-Type: application/json' -d '{"messages":[{"role":"user","content":[{"text":"x"}]}]}' "$BASE/model/nobody%3Am/converse"
is 'of Bedrock' "$status $(json body message | cut -c 1)" '502 "'
hit responses -H 'Content-Type: application/json' -d '{"model":"nobody:m","input":"x"}' "$BASE/v1/responses"
is 'of Responses' "$status $(json body error message | cut -c 1)" '502 "'
ok 'no address of ours is told' sh -c '! grep -q "no-such-host.invalid:" body'
finish
