#!/bin/sh
# SPDX-License-Identifier: ISC
# Bedrock: regions, keys, signatures and binary frames; the latter two, and requests, against Amazon's own client library where that is.
. "$(dirname "$0")/lib.sh"
skip_unless python3
unset AWS_REGION AWS_DEFAULT_REGION AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_BEARER_TOKEN_BEDROCK \
    AWS_SHARED_CREDENTIALS_FILE AWS_CONFIG_FILE
conf=$XDG_CONFIG_HOME/orutils
golden=$(dirname "$cases")/../wire/bedrock
mkdir "$conf" "$HOME/.aws"
row() { printf 'b bedrock %s\n' "$*" >"$conf/providers"; }
# answer STATUS FILE: every request gets it
answer()
{
	printf '%s\n' '-- forever' "status $1" 'line ' "file $2" close >case
	upstream <case
	unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
	base=http://127.0.0.1:$PORT
}
python3 -c 'import botocore' 2>/dev/null && has_botocore=1 || has_botocore=
# agrees NAME {WHAT FILE ARGUMENT}...: see amazon.py
agrees()
{
	a_name=$1
	shift
	if [ "$has_botocore" ]; then
		ok "$a_name" python3 "$cases/amazon.py" "$@"
	else
		ok "$a_name # SKIP no botocore" true
	fi
}

printf '[work]\naws_access_key_id = AKWORK\naws_secret_access_key = secret/work+==\naws_session_token = token/work==\n' >"$HOME/.aws/credentials"
chmod 600 "$HOME/.aws/credentials"
answer 200 "$golden/stream-text.body"
model=anthropic.claude-3-5-sonnet-20241022-v2:0

row - aws:work
t 'no region' -s 78 -e 'or-chat: *b: no region: *AWS_REGION*' -- or-chat -m "b:$model" hi
row "$base" aws:work
t 'none to sign for' -s 78 -e 'or-chat: *b: no region *' -- or-chat -m "b:$model" hi
row "$base" region=us-west-2 aws:nobody
t 'no such profile' -s 78 -e "or-chat: *b: no key: profile nobody has no *$HOME/.aws/credentials*" -- or-chat -m "b:$model" hi
row "$base" region=us-west-2 aws:
t 'no key' -s 78 -e 'or-chat: *b: no key: profile default *' -- or-chat -m "b:$model" hi
is 'nothing is sent' "$(n_sent)" 0

row "$base/x//y" 'query=a=%2F&' region=us-west-2 aws:work
t 'a bad row' -s 78 -e 'or-chat: *query=*' -- or-chat -m "b:$model" hi
row "$base/x//y" query=b=2 query=a=%2F region=us-west-2 aws:work
t 'a model id with a colon' -p 'Gr\303\274\303\237e "quoted"\n\360\237\230\200\n' -- or-chat -M meta -m "b:$model" 'hi: "ä"'
is 'in the URL' "$(sent_head 1 | head -n 1 | tr -d '\r')" "POST /x//y/model/anthropic.claude-3-5-sonnet-20241022-v2%3A0/converse-stream?b=2&a=%2F HTTP/1.1"
is 'its usage' "$(json meta usage prompt) $(json meta usage cached) $(json meta usage cache_write)" '145 100 40'
agrees 'botocore signs it so' signature .upstream/req.1 secret/work+==
ok 'the secret is not sent' sh -c '! grep -q "secret/work" .upstream/req.1'
export AWS_REGION=eu-central-1
row "$base" aws:work
t 'an ARN' -E -p 'Gr\303\274\303\237e "quoted"\n\360\237\230\200\n' -- or-chat -m 'b:arn:aws:bedrock:us-east-1:123456789012:inference-profile/x.y' hi
agrees 'botocore signs it so, too' signature .upstream/req.2 secret/work+==
like 'the region of the environment' "$(sent_head 2)" '*/eu-central-1/bedrock/*'
t 'a bearer token' -E -p 'Gr\303\274\303\237e "quoted"\n\360\237\230\200\n' -- env AWS_BEARER_TOKEN_BEDROCK=bedrock-key sh -c 'printf "b bedrock '"$base"' aws:\n" >'"$conf/providers"'; or-chat -m b:m hi'
ok 'is sent as one' grep -q '^Authorization: Bearer bedrock-key' .upstream/req.3
ok 'without a signature' sh -c '! grep -qi x-amz-date .upstream/req.3'

printf '{"message":"The request signature does not match: secret/work+==, x-amz-security-token:token/work==, AKWORK"}' >refused
answer 403 "$dir/refused"
row "$base" aws:work
t 'what Amazon repeats of a key is not shown' -s 77 -e 'or-chat: b: 403 The request signature does not match: \*\**' -- or-chat -m b:m hi
ok 'no part of it' sh -c '! grep -q "secret/work\|token/work\|AKWORK" err'

# Frames and whole answers, and requests, of or-xlate
set --
for name in answer-text answer-tools answer-reasoning answer-annotations answer-image; do
	or-xlate -q --answer -f openai -t bedrock -F sse --lossy "$golden/$name.answer" >"$name.frames"
	or-xlate -q --answer -f openai -t bedrock -F json --lossy "$golden/$name.answer" >"$name.whole"
	set -- "$@" frames "$name.frames" "$golden/$name.answer" whole "$name.whole" "$golden/$name.answer"
done
agrees 'botocore reads our answers, streamed and whole' "$@"
set --
for name in plain roles sampling tools tool-choice-name schema media thoughts cache-all; do
	or-xlate -q --request -f openai -t bedrock --lossy "$golden/$name.encode" >"$name.request"
	set -- "$@" request "$name.request" -
done
agrees 'botocore takes our requests' "$@"
finish
