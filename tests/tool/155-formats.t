#!/bin/sh
# SPDX-License-Identifier: ISC
# Each format through or-chat: what is sent, what is printed, and the exit status of every way that an answer can end.
. "$(dirname "$0")/lib.sh"
skip_unless python3
conf=$XDG_CONFIG_HOME/orutils
mkdir "$conf"

# send STATUS NAME [header]: every request gets this answer
send()
{
	printf '%s\n' '-- forever' "status $1" "header Content-Type: application/octet-stream" ${3:+"header $3"} 'line ' "file $dir/$wire/$2" close >case
	upstream <case
	printf 'p %s http://127.0.0.1:%s/base region=us-east-1 %s\n' "$wire" "$PORT" "$key" >"$conf/providers"
}


# ends STATUS NAME HTTP OUT MESSAGE [header]
ends()
{
	[ -f "$dir/$wire/$2" ] || return 0
	send "$3" "$2" "${6:-}"
	rm -f meta
	t "$wire: $2 is $1" -s "$1" -p "$4" -e "$5" -- or-chat -m p:m -M meta -r 0 Hi
	is "$wire: $2 in the metadata" "$(json meta status)" "$1"
}

# one WIRE KEY PATH WHOLE-PATH HEADER REFUSAL-TEXT
one()
{
	wire=$1 key=$2 path=$3 whole_path=$4 header=$5
	python3 "$cases/answers.py" "$wire" "$dir/$wire" || exit 1
	rm -f meta
	send 200 stream
	t "$wire: a stream" -o 'Hello world' -- or-chat -m p:m -M meta Hi
	like "$wire: where it goes" "$(sent_head 1 | head -n 1 | tr -d '\r')" "POST /base$path HTTP/1.1"
	ok "$wire: its own header" grep -qi "$header" .upstream/req.1
	is "$wire: tokens" "$(json meta usage prompt) $(json meta usage completion)" '5 2'
	is "$wire: the finish" "$(json meta finish)" '"stop"'
	send 200 whole
	t "$wire: a whole answer" -o 'Hello world' -- or-chat -m p:m -O stream=false Hi
	like "$wire: where it goes" "$(sent_head 1 | head -n 1 | tr -d '\r')" "POST /base$whole_path HTTP/1.1"
	ends 3 length 200 'Hello\n' 'or-chat: p: the answer was cut at the token limit*'
	ends 4 refused 200 "$6" 'or-chat: p: the *'
	send 200 tool
	t "$wire: a call" -E -p '"f" {"a":1}\n' -- sh -c 'or-chat -m p:m Hi | perl -MJSON::PP -ne "my \$c = decode_json(\$_); print JSON::PP->new->allow_nonref->encode(\$c->{function}{name}), qq( \$c->{function}{arguments}\n)"'
	ends 3 cut 200 'Hello\n' 'or-chat: p: the answer was cut short: *'
	ends 3 late 200 'Hello\n' 'or-chat: p: the answer was cut short: *'
	ends 75 early 200 '' 'or-chat: p: *'
	ends 77 e401 401 '' 'or-chat: p: 401 *'
	ends 6 e402 402 '' 'or-chat: p: 402 *'
	ends 69 e404 404 '' 'or-chat: p: 404 *'
	ends 65 e400 400 '' 'or-chat: p: 400 *'
	ends 75 e429 429 '' 'or-chat: p: 429 *retry in 100 s*' 'Retry-After: 100'
	ends 75 e500 500 '' 'or-chat: p: 500 *'
	ends 75 e529 529 '' 'or-chat: p: 529 *'
	send 529 e529
	t "$wire: 529 is retried" -s 75 -e 'or-chat: p: 529 *(2 attempts)' -- or-chat -m p:m -r 1 Hi
}

export K=sk-secret AWS_ACCESS_KEY_ID=AKID AWS_SECRET_ACCESS_KEY=secret
one openai env:K /chat/completions /chat/completions '^Authorization: Bearer sk-secret' ''
one responses env:K /responses /responses '^Authorization: Bearer sk-secret' 'No.\n'
one anthropic env:K /messages /messages '^anthropic-version: 2023-06-01' ''
one gemini env:K '/models/m:streamGenerateContent?alt=sse' /models/m:generateContent '^x-goog-api-key: sk-secret' ''
one ollama none /api/chat /api/chat '^Content-Type: application/json' ''
one cohere env:K /chat /chat '^Authorization: Bearer sk-secret' ''
one bedrock aws: /model/m/converse-stream /model/m/converse '^Authorization: AWS4-HMAC-SHA256 Credential=AKID/[0-9]*/us-east-1/bedrock/aws4_request' ''
finish
