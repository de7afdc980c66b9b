#!/bin/sh
# SPDX-License-Identifier: ISC
# "Where several fit": which status, when more than one could be given.
. "$(dirname "$0")/lib.sh"

# outcome STATUS OUT NAME DIRECTIVE...: what a provider does, and what or-chat, with $o_opts, makes of it ($o_err: stderr).
outcome()
{
	o_status=$1 o_out=$2 o_name=$3
	shift 3
	upstream '-- forever' "$@"
	# shellcheck disable=SC2086 # several options
	t "$o_status: $o_name" -s "$o_status" -p "$o_out" -e "$o_err" -- or-chat $o_opts -M meta -m x/y hi
	tail -n 1 meta >last
	o_sent=$(n_sent)
}
why='or-chat: ?*'

# Text has gone out, then it ends early: 3, never asked again, and the cause is named.
o_opts='-r 3 -W 300ms' o_err=$why
early()
{
	e_name=$1
	shift
	outcome 3 'Hello\n' "text, then $e_name" 'status 200' "$@"
	is 'it was not asked again' "$o_sent" 1
	like 'the metadata name a cause' "$(json last cause)" '"?*"'
	is 'and the status' "$(json last status)" 3
}
early 'the connection is closed' stream 'text Hello' close
early 'it is reset' stream 'text Hello' 'delay 50' reset
early 'a chunked body is cut' chunked 'text Hello' close
early 'it is shorter than its Content-Length' 'header Content-Type: text/event-stream' 'header Content-Length: 5000' 'line ' 'text Hello' close
early 'silence' stream 'text Hello' hang
early 'an event is torn' stream 'text Hello' 'send data: {"choices":[{"index":0,"del' close
early 'an event is garbled' stream 'text Hello' 'sse {"choices":[{"index":0,"delta":}]}' 'finish stop' done
early 'an event is no object' stream 'text Hello' 'sse [1]' 'finish stop' done
early 'an error event' stream 'text Hello' 'sse {"error":{"code":502,"message":"upstream broke"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}' done
like 'with its words' "$(cat err)" '*upstream broke*'
early 'an error event that says 429' stream 'text Hello' 'sse {"error":{"code":429,"message":"slow down"}}' done
early 'an error event that says 401' stream 'text Hello' 'sse {"error":{"code":401,"message":"key disabled"}}' done
early 'finish error without an object' stream 'text Hello' 'finish error' done
early 'length' stream 'text Hello' 'finish length' done
like 'the line says length' "$(cat err)" '*length*'
o_opts='-r 3 -w 500ms'
early 'the deadline, in silence' stream 'text Hello' hang
o_opts='-r 3 -w 600ms -W 5s'
early 'the deadline, while comments come' stream 'text Hello' 'send : still here\n\n' 'delay 200' 'send : still here\n\n' 'delay 200' 'send : still here\n\n' 'delay 200' 'send : still here\n\n' hang
o_opts='-r 3'

# ... a refusal or filter is 4
outcome 4 'Hello\n' 'text, then content_filter' 'status 200' stream 'text Hello' 'finish content_filter' done
outcome 4 'Hello I cannot.\n' 'text, then a refusal' 'status 200' stream 'text Hello ' 'sse {"choices":[{"index":0,"delta":{"refusal":"I cannot."}}]}' 'finish stop' done
outcome 4 'Hello\n' 'text, then an error event of moderation' 'status 200' stream 'text Hello' 'sse {"error":{"code":403,"message":"flagged","metadata":{"reasons":["violence"],"flagged_input":"x"}}}' done

# A complete answer with a broken end of HTTP is 0
o_err=
outcome 0 'Hello\n' 'finish and [DONE], then a reset' 'status 200' stream 'text Hello' 'finish stop' done 'delay 50' reset
outcome 0 'Hello\n' 'finish and [DONE], the last chunk is missing' 'status 200' chunked 'text Hello' 'finish stop' done close
outcome 0 'Hello\n' 'finish and [DONE], shorter than Content-Length' 'status 200' 'header Content-Type: text/event-stream' 'header Content-Length: 5000' 'line ' 'text Hello' 'finish stop' done close
outcome 0 'Hello\n' '[DONE], and the connection stays open' 'status 200' stream 'text Hello' 'finish stop' done 'delay 3000'
ok 'it does not wait for the end of HTTP' test "$(($(upstream_at closed) - $(upstream_at request)))" -lt 1500

# End marker, finish reason
outcome 0 'Hello\n' 'an end marker without a finish reason' 'status 200' stream 'text Hello' done
is 'finish is null' "$(json last finish)" null
outcome 0 'Hello\n' 'a finish reason without an end marker' 'status 200' stream 'text Hello' 'finish stop'
is 'finish is stop' "$(json last finish)" '"stop"'
outcome 0 'Hello\n' 'a finish reason, then usage, no end marker' 'status 200' stream 'text Hello' 'finish stop' 'usage {"prompt_tokens":1,"completion_tokens":2}'
is 'usage is there' "$(json last usage completion)" 2
outcome 0 'Hello\n' 'a last event without its empty line' 'status 200' stream 'text Hello' 'send data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'
o_err=$why
outcome 3 'Hello\n' 'an end of file with neither' 'status 200' stream 'text Hello'

# The body's word beats the HTTP status
o_opts='-r 0'
says()
{
	outcome "$1" '' "$2 that says: $3" "status $2" 'header Content-Type: application/json' "body $4"
}
says 77 400 'the key is invalid' '{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}'
says 77 400 'the key is incorrect (flat)' '{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***00. You can obtain an API key from https://console.x.ai."}'
says 77 400 'invalid_api_key' '{"error":{"message":"Incorrect key","type":"invalid_request_error","code":"invalid_api_key"}}'
says 6 429 'insufficient_quota' '{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}'
says 6 400 'the credit is exhausted' '{"error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API. Please go to Plans & Billing to upgrade or purchase credits."}}'
says 6 402 'no credits' '{"error":{"code":402,"message":"Insufficient credits. Add more using https://openrouter.ai/credits"}}'
says 77 403 'nothing in particular' '{"error":{"code":403,"message":"Forbidden"}}'
says 4 403 'moderation' '{"error":{"code":403,"message":"Your input was flagged","metadata":{"error_type":"permission_denied","reasons":["harassment"],"flagged_input":"hi","provider_name":"OpenAI","model_slug":"x/y"}}}'
says 4 403 'a guardrail' '{"error":{"code":403,"message":"Request blocked by guardrail: prompt injection detected","metadata":{"patterns":["x"]}}}'
says 6 403 'a budget' '{"error":{"code":403,"message":"Workspace monthly budget of $500.00 exceeded. Contact your org admin."}}'
says 69 404 'no such model' '{"error":{"code":404,"message":"The model `x/y` does not exist or you do not have access to it.","type":"invalid_request_error"}}'
says 69 404 'the data policy' '{"error":{"code":404,"message":"No endpoints found matching your data policy (Free model publication). Configure: https://openrouter.ai/settings/privacy"}}'
says 69 404 'no allowed provider' '{"error":{"code":404,"message":"No allowed providers are available for the selected model."}}'
says 4 400 'content policy' '{"error":{"code":"content_policy_violation","message":"Your request was rejected as a result of our safety system."}}'
says 65 400 'the context is too long' '{"error":{"code":"context_length_exceeded","message":"This model'\''s maximum context length is 8192 tokens."}}'
says 75 200 'overloaded' '{"error":{"code":529,"message":"Overloaded"}}'
says 77 200 'no auth' '{"error":{"code":401,"message":"No auth credentials found"}}'
says 75 200 'rate limited, code as a string' '{"error":{"code":"429","message":"slow down"}}'
says 65 200 'bad request' '{"error":{"code":400,"message":"bad"}}'
says 75 200 'server_error' '{"error":{"code":"server_error","message":"The server had an error"}}'

# An error event before any text counts as its HTTP status
event()
{
	outcome "$1" '' "an error event before any text: $2" 'status 200' stream 'send : OPENROUTER PROCESSING\n\n' "sse {\"error\":{\"code\":$2,\"message\":\"so it is\"}}" done
}
for pair in 400:65 401:77 402:6 403:77 404:69 408:75 429:75 500:75 502:75 503:75 451:4; do
	event "${pair#*:}" "${pair%:*}"
done
outcome 75 '' 'finish error without an object, before any text' 'status 200' stream 'finish error' done
like 'as 502' "$(cat err)" '*502*'
outcome 75 '' 'an event called error (Groq)' 'status 200' stream 'send event: error\ndata: {"error":{"message":"Failed to call a function","type":"server_error","status_code":503}}\n\n'
outcome 65 '' 'an event called error that says 400 (Groq)' 'status 200' stream 'send event: error\ndata: {"error":{"message":"Failed to call a function","type":"invalid_request_error","code":"tool_use_failed","status_code":400}}\n\n'
outcome 75 '' 'a whole answer with finish error' 'status 200' 'body {"choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"error"}]}'

# Before any text: cut, reset, closed, empty 200: retried, then 75
o_opts='-r 1'
before()
{
	b_name=$1
	shift
	outcome 75 '' "before any text: $b_name, twice" "$@"
	is 'it was tried twice' "$o_sent" 2
}
before 'cut in the stream' 'status 200' stream 'send : OPENROUTER PROCESSING\n\n' close
before 'cut in the head' 'status 200' 'send Content-Ty' close
before 'closed without a byte' close
before 'reset' 'delay 20' reset
before 'an empty 200' 'status 200' 'body '
before 'an empty stream' 'status 200' stream
before 'a stream of nothing but its role' 'status 200' stream 'sse {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}' close
before 'a chunked body that is cut' 'status 200' chunked 'send : hello\n\n' close
upstream 'status 200' stream 'send : OPENROUTER PROCESSING\n\n' close '-- two' 'answer Hello'
t 'a cut, then success' -o Hello -- or-chat -r 1 -m x/y hi

# Refused port, no such host, TLS: 69. A body that isn't what the format says: 76. Redirects: 69
o_opts='-r 0'
outcome 76 '' 'a whole body that is HTML' 'status 200' 'header Content-Type: text/html' 'body <!DOCTYPE html><html><body>hi</body></html>'
outcome 76 '' 'HTML that is called an event stream' 'status 200' 'header Content-Type: text/event-stream' 'body <!DOCTYPE html><html><body>hi</body></html>\n'
upstream <<'EOT'
-- forever
answer elsewhere
EOT
other=$PORT
upstream_keep elsewhere
for http in 301 302 303 307 308; do
	outcome 69 '' "a redirect: $http" "status $http" "header Location: http://127.0.0.1:$other/api/v1/chat/completions" 'body '
done
is 'nobody went there' "$(grep -c ' accepted ' .elsewhere/log)" 0
outcome 69 '' 'a redirect to the same host' 'status 302' 'header Location: /elsewhere' 'body '
is 'not followed' "$o_sent" 1
for pair in 409:75 425:75 410:69 501:69 505:69 412:65 451:4; do
	outcome "${pair#*:}" '' "HTTP ${pair%:*}" "status ${pair%:*}" 'body '
done

# Provider bytes that aren't UTF-8
o_err=
upstream '-- forever' 'status 200' stream 'text a\xffb' 'finish stop' done
t '0: bytes that are not UTF-8 become U+FFFD' -p 'a\357\277\275b\n' -- or-chat -M meta -m x/y hi
tail -n 1 meta >last
like 'the metadata say so' "$(json last warnings)$(json last losses)" '*UTF-8*'
t '-v says so' -p 'a\357\277\275b\n' -E -- or-chat -v -m x/y hi
ok 'on stderr' grep -q UTF-8 err
upstream 'status 200' 'body {"choices":[{"index":0,"message":{"role":"assistant","content":"a\xc3b\xff"},"finish_reason":"stop"}]}'
t '0: in a whole answer too' -p 'a\357\277\275b\357\277\275\n' -- or-chat -m x/y hi
finish
