#!/bin/sh
# SPDX-License-Identifier: ISC
# author/slug at the provider itself: its own name of the model, from its own list; and what goes to OpenRouter.
. "$(dirname "$0")/lib.sh"
conf=$XDG_CONFIG_HOME/orutils
mkdir "$conf"

# The list is asked for once; whoever POSTs gets an answer.
case_of()
{
	cat <<EOT
-- forever
match GET /own
status 200
body $1
-- forever
match GET /dead
status 500
body {"error":{"message":"broken"}}
-- forever
match POST
answer ok
EOT
}
case_of '{"data":[{"id":"claude-3-5-sonnet-20240620","created_at":"2024-06-20T00:00:00Z"},{"id":"claude-3-5-sonnet-20241022","created_at":"2024-10-22T00:00:00Z"},{"id":"claude-opus-4-1","created_at":"2025-08-05T00:00:00Z"},{"id":"claude-opus-4-1-20250805","created_at":"2025-08-05T00:00:00Z"},{"id":"other-1"},{"id":"openai/gpt-oss-120b"}]}' >case
upstream <case
printf 'claude openai http://127.0.0.1:%s/own slug=anthropic env:OWN_KEY\n' "$PORT" >"$conf/providers"
export OWN_KEY=sk-own
last() { sent_body "$(n_sent)" | json - model; }
where() { sent_head "$(n_sent)" | sed -n 's/^POST \([^ ]*\) .*/\1/p'; }

t 'dots are dashes, the newest date' -o ok -- or-chat -m anthropic/claude-3.5-sonnet ask
is 'the newest' "$(last)" '"claude-3-5-sonnet-20241022"'
is 'at the provider itself, own key first' "$(where)" /own/chat/completions
is 'its list was asked for' "$(sent_head 1 | head -n 1 | tr -d '\r')" 'GET /own/models HTTP/1.1'
t 'a name that is there as it is comes before one with a date' -o ok -- or-chat -m anthropic/claude-opus-4.1 ask
is 'without a date' "$(last)" '"claude-opus-4-1"'
is 'the list is asked for once a day' "$(n_sent)" 3
t 'the name with its date' -o ok -- or-chat -m anthropic/claude-3-5-sonnet-20240620 ask
is 'that one' "$(last)" '"claude-3-5-sonnet-20240620"'
t 'an author in the list' -o ok -- or-chat -m openai/gpt-oss-120b ask
is 'with its author' "$(last)" '"openai/gpt-oss-120b"'
is 'there' "$(where)" /own/chat/completions
t 'another author, the same slug: OpenRouter' -o ok -- or-chat -m somebody/other-1 ask
is 'as it was asked for' "$(last)" '"somebody/other-1"'
is 'there' "$(where)" /api/v1/chat/completions
t 'not in the list: OpenRouter' -o ok -- or-chat -m anthropic/claude-9 ask
is 'as it was asked for' "$(last)" '"anthropic/claude-9"'
t 'a variant that only orders is no part of the name' -o ok -- or-chat -m anthropic/claude-3.5-sonnet:floor ask
is 'own key first' "$(last) $(where)" '"claude-3-5-sonnet-20241022" /own/chat/completions'
for m in anthropic/claude-3.5-sonnet:free '~anthropic/claude-3.5-sonnet' openrouter/auto; do
	t "$m is OpenRouter's" -o ok -- or-chat -m "$m" ask
	is 'as it was asked for' "$(last)" "\"$m\""
done
t 'a variant that is only a way to sort is nothing that OpenRouter alone could do' -o ok -- or-chat -m anthropic/claude-3.5-sonnet:floor ask
is 'own key first' "$(last) $(where)" '"claude-3-5-sonnet-20241022" /own/chat/completions'
t 'no OpenRouter key, not in the list' -s 69 -e "or-chat: anthropic/claude-9: claude doesn't list it; with OPENROUTER_API_KEY *" -- \
	env -u OPENROUTER_API_KEY or-chat -m anthropic/claude-9 ask
t 'no OpenRouter key, in the list' -o ok -- env -u OPENROUTER_API_KEY or-chat -m anthropic/claude-3.5-sonnet ask
before=$(n_sent)
t '-n asks nobody' -E -p '"claude-3-5-sonnet-20241022"\n' -- sh -c 'or-chat -n -m anthropic/claude-3.5-sonnet ask | perl -MJSON::PP -ne "print JSON::PP->new->allow_nonref->encode(decode_json(\$_)->{model}), qq(\n)"'
is 'nothing was sent' "$(n_sent)" "$before"

# An own provider that fails is followed by OpenRouter
case_of '{"data":[{"id":"claude-x-1"}]}' | sed 's/^match POST$/match POST \/api/' >case
printf '%s\n' '-- forever' 'match POST /own' 'status 503' 'body {}' >>case
upstream <case
printf 'claude openai http://127.0.0.1:%s/own slug=anthropic env:OWN_KEY\n' "$PORT" >"$conf/providers"
rm -rf "$XDG_CACHE_HOME/orutils"
t 'the fallback' -o ok -- or-chat -m anthropic/claude-x.1 ask
is 'own key first, then OpenRouter' "$(grep -h '^POST' .upstream/req.* | cut -d' ' -f2 | tr '\n' ' ')" '/own/chat/completions /api/v1/chat/completions '

# A list that can't be had
printf 'claude openai http://127.0.0.1:%s/dead slug=anthropic env:OWN_KEY\n' "$PORT" >"$conf/providers"
t 'no list, but a key of OpenRouter' -o ok -- or-chat -m anthropic/claude-x.1 ask
t 'no list and nobody else' -s 75 -e 'or-chat: anthropic/claude-x.1: claude: 500 broken*' -- env -u OPENROUTER_API_KEY or-chat -m anthropic/claude-x.1 ask

# map= needs no list
printf 'claude openai http://127.0.0.1:%s/own map=anthropic/claude-x.1=mine env:OWN_KEY\n' "$PORT" >"$conf/providers"
before=$(n_sent)
t 'map=' -E -o ok -- or-chat -r 0 -m anthropic/claude-x.1 ask
is 'no GET' "$(grep -hc '^GET' .upstream/req.$((before + 1)))" 0

# Base URLs from variables
upstream <<'EOT'
-- forever
answer ok
EOT
rm "$conf/providers"
t 'a variable that is not set' -s 78 -e 'or-chat: azure: AZURE_OPENAI_ENDPOINT is not set*' -- env AZURE_OPENAI_API_KEY=k or-chat -m azure:gpt-x ask
t 'set, with a slash behind it' -o ok -- env AZURE_OPENAI_API_KEY=k AZURE_OPENAI_ENDPOINT="http://127.0.0.1:$PORT/" or-chat -m azure:gpt-x ask
is 'the URL' "$(where)" /openai/v1/chat/completions
ok 'the header' grep -qi '^api-key: k' .upstream/req.1
# shellcheck disable=SC2016 # the tool expands it
printf 'mine openai http://127.0.0.1:%s/${MY_PART}/v1 none\n' "$PORT" >"$conf/providers"
t 'in the table, too' -o ok -- env MY_PART=a/b or-chat -m mine:m ask
is 'the URL' "$(where)" /a/b/v1/chat/completions
rm "$conf/providers"

# Prompt caching: OpenRouter takes Anthropic's field as it is
mkdir -p "$XDG_CACHE_HOME/orutils"
cached() { sent_body "$(n_sent)" | json - cache_control; }
t 'one turn' -o ok -- or-chat -m anthropic/claude-x ask
is 'is not cached' "$(cached)" ''
t '--prompt-cache yes' -o ok -- or-chat --prompt-cache yes -m anthropic/claude-x ask
is 'is cached' "$(cached)" '{"type":"ephemeral"}'
t 'other models need not be asked' -o ok -- or-chat --prompt-cache yes -m openai/gpt-x ask
is 'nothing' "$(cached)" ''
t 'yes or no' -s 64 -e 'or-chat: --prompt-cache maybe: not one of yes no' -- or-chat --prompt-cache maybe ask
t 'a conversation whose price of a cache read is unknown' -o ok -- or-chat -c talk -m anthropic/claude-x ask
is 'is not cached' "$(cached)" ''
printf '%s\n' '-- forever' 'match GET' 'status 200' 'body {"data":[{"id":"anthropic/claude-x","pricing":{"prompt":"0.000003","completion":"0.000015","input_cache_read":"0.0000003"}}]}' \
	'-- forever' 'match POST' 'answer ok' >case
upstream <case
or-models --refresh >/dev/null 2>&1
t 'a conversation' -o ok -- or-chat -c talk -m anthropic/claude-x ask
is 'is cached' "$(cached)" '{"type":"ephemeral"}'
t '--prompt-cache no' -o ok -- or-chat --prompt-cache no -c talk -m anthropic/claude-x ask
is 'is not' "$(cached)" ''
t 'a session' -o ok -- or-chat -O session_id=s -m anthropic/claude-x ask
is 'is cached' "$(cached)" '{"type":"ephemeral"}'
two='{"model":"anthropic/claude-x","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]}'
t 'a whole request says itself what is cached' -i "$two" -o ok -- or-chat -i
is 'nothing is added' "$(cached)" ''
t 'unless asked for' -i "$two" -o ok -- or-chat -i --prompt-cache yes
is 'then it is' "$(cached)" '{"type":"ephemeral"}'
finish
