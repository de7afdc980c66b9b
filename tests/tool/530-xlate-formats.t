#!/bin/sh
# SPDX-License-Identifier: ISC
# or-xlate: each format is told from its own bytes, and there and back again nothing changes that all formats have.
. "$(dirname "$0")/lib.sh"

formats='openai responses anthropic gemini ollama cohere bedrock'
request='{"model":"m","max_tokens":90,"temperature":0.5,"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"},{"role":"assistant","content":"Hi!"},{"role":"user","content":"Grüße, \"you\"\n"}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}}}]}'
printf '%s\n' "$request" >request
json request messages >messages
json request tools >tools

# What a list of messages says, whether its contents are texts or parts.
said() { json "$1" messages | perl -MJSON::PP -e 'local $/; print JSON::PP->new->utf8->canonical->encode([map { my $c = $_->{content};
	[$_->{role}, ref $c ? join "", map { $_->{text} } @$c : $c] } @{JSON::PP->new->utf8->decode(<STDIN>)}]), "\n"'; }
said request >said

for f in $formats; do
	or-xlate -t "$f" request >there 2>err
	is "to $f" $? 0
	is "to $f: no word" "$(cat err)" ''
	case $f in
	cohere) from='-f cohere' ;; # nothing here is Cohere's alone
	*) from='' ;;
	esac
	# shellcheck disable=SC2086 # none or two words
	or-xlate $from there >back 2>err
	is "from $f" $? 0
	is "from $f: the messages" "$(said back)" "$(cat said)"
	is "from $f: the tool" "$(json back tools 0 function parameters)" "$(json request tools 0 function parameters)"
	is "from $f: temperature" "$(json back temperature)" 0.5
	is "from $f: the limit" "$(json back max_tokens 2>/dev/null || json back max_completion_tokens)" 90
done

# Answers: text, and a tool call with its arguments in pieces.
cat >stream <<'END'
data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Grü"},"finish_reason":null}]}

data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"content":"ße\n"},"finish_reason":null}]}

data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\":"}}]},"finish_reason":null}]}

data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"b\"}"}}]},"finish_reason":null}]}

data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}

data: [DONE]

END

# answer FILE WHAT: the parts that all formats have
answer()
{
	is "$2: text" "$(json "$1" choices 0 message content)" '"Grüße\n"'
	is "$2: the call" "$(json "$1" choices 0 message tool_calls 0 function name)" '"f"'
	is "$2: its arguments" "$(json "$1" choices 0 message tool_calls 0 function arguments | tr -d ' ')" '"{\"a\":\"b\"}"'
	is "$2: the end" "$(json "$1" choices 0 finish_reason)" '"tool_calls"'
	is "$2: tokens in" "$(json "$1" usage prompt_tokens)" 3
	is "$2: tokens out" "$(json "$1" usage completion_tokens)" 5
}

for f in $formats; do
	or-xlate -t "$f" stream >there
	is "a stream to $f" $? 0
	or-xlate -F json <there >back
	is "a stream from $f" $? 0
	answer back "a stream through $f"
	or-xlate -t "$f" -F json stream >whole
	is "collected for $f" $? 0
	ok "collected for $f: JSON" json whole
	or-xlate whole >back
	is "a whole answer from $f" $? 0
	answer back "a whole answer through $f"
	or-xlate -f "$f" -t "$f" -F sse whole >again
	or-xlate -F json <again >back
	answer back "made a stream of $f"
done

# How streams are framed.
or-xlate -t anthropic stream >there
is 'anthropic: named events' "$(sed -n 's/^event: //p' there | head -n 1)" message_start
or-xlate -t ollama stream >there
is 'ollama: lines of JSON' "$(head -c 1 there)" '{'
is 'ollama: the last one says so' "$(tail -n 1 there | json - done)" true
or-xlate -t bedrock stream | od -An -tx1 -N 1 >there
is 'bedrock: frames' "$(tr -d ' ' <there)" 00
or-xlate -t bedrock stream >there
t 'bedrock: spliced' -I there -O there -- or-xlate -t bedrock
head -c "$(($(wc -c <there) - 200))" there >torn
t 'bedrock: torn' -s 3 -I torn -E -- sh -c 'or-xlate -F ndjson >/dev/null'
finish
