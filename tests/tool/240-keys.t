#!/bin/sh
# SPDX-License-Identifier: ISC
# Keys: where they come from, when they are refused, and that they show nowhere.
. "$(dirname "$0")/lib.sh"
conf=$XDG_CONFIG_HOME/orutils
mkdir "$conf"
upstream '-- forever' 'answer ok'
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
row() { printf 'p openai http://127.0.0.1:%s/v1 %s\n' "$PORT" "$1" >"$conf/providers"; }
sent_key() { sent_head "$(n_sent)" | sed -n 's/^Authorization: Bearer //p'; }

row env:MY_KEY
t 'env:' -o ok -- env MY_KEY=sk-env or-chat -m p:m hi
is 'is sent' "$(sent_key)" sk-env
t 'env: unset' -s 78 -e 'or-chat: *MY_KEY*' -- or-chat -m p:m hi
t 'env: empty' -s 78 -e 'or-chat: *MY_KEY*' -- env MY_KEY= or-chat -m p:m hi
env MY_KEY="sk$lib_nl""X-Evil: 1" or-chat -r 0 -m p:m hi >out 2>&1 </dev/null
ok 'env: a key with a newline smuggles no header' sh -c '! grep -q X-Evil .upstream/req.*'

printf 'sk-file\n' >"$HOME/key"
chmod 600 "$HOME/key"
row "file:$HOME/key"
t 'file: by its path' -o ok -- or-chat -m p:m hi
is 'is sent, without its newline' "$(sent_key)" sk-file
# shellcheck disable=SC2088 # the tool expands it
row 'file:~/key'
t 'file: with ~/' -o ok -- or-chat -m p:m hi
is 'is sent' "$(sent_key)" sk-file
mkdir other
printf 'sk-other' >other/key
# shellcheck disable=SC2016 # the tool expands it
row 'file:$KEYS/key'
t 'file: with $NAME/' -o ok -- env KEYS="$dir/other" or-chat -m p:m hi
is 'is sent' "$(sent_key)" sk-other
t 'file: with $NAME/ unset' -s 78 -e 'or-chat: *' -- or-chat -m p:m hi
row 'file:~/key'
n=$(n_sent)
for mode in 644 640 604 660; do
	chmod "$mode" "$HOME/key"
	t "file: mode $mode, ours and under our home" -s 78 -e 'or-chat: *key*' -- or-chat -m p:m hi
done
is 'is refused before anything is sent' "$(n_sent)" "$n"
chmod 600 "$HOME/key"
chmod 644 other/key
row "file:$dir/other/key"
t 'file: outside our home others may read it' -o ok -- or-chat -m p:m hi
row 'file:~/nosuch'
t 'file: missing' -s 78 -e 'or-chat: *nosuch*' -- or-chat -m p:m hi
: >"$HOME/empty"
chmod 600 "$HOME/empty"
row 'file:~/empty'
t 'file: empty' -s 78 -e 'or-chat: *empty*' -- or-chat -m p:m hi

row 'cmd:echo sk-cmd; echo second # no comment'
t 'cmd:' -o ok -- or-chat -m p:m hi
is 'the first line of its output' "$(sent_key)" sk-cmd
row 'cmd:cat; echo sk-stdin'
t 'cmd: has /dev/null as stdin' -i 'never a key' -o ok -- or-chat -m p:m hi
is 'and the prompt is not lost' "$(sent_body "$(n_sent)" | json - messages 0 content)" '"hi\n\nnever a key\n"'
is 'its key' "$(sent_key)" sk-stdin
row "cmd:echo x >>$dir/count; exit 3"
t 'cmd: fails' -s 78 -e 'or-chat: *' -- or-chat -m p:a,p:b hi
is 'runs once a process' "$(wc -l <count)" 1
row "cmd:echo x >>$dir/count2; echo sk-x"
t 'cmd: of a provider that is not called' -o hi -- or-chat -m mock/echo hi
t 'cmd: under -n' -E -- sh -c 'or-chat -n -m p:m hi >/dev/null'
ok 'does not run' test ! -e count2
row 'cmd:true'
t 'cmd: says nothing' -s 78 -e 'or-chat: *' -- or-chat -m p:m hi
row "cmd:printf '%s\\n' \"sk # 'q'\" | tr -d \"' q#\""
t 'cmd: quotes, pipes and # go to the shell' -o ok -- or-chat -m p:m hi
is 'to the end of the line' "$(sent_key)" sk

row none
t 'none' -o ok -- or-chat -m p:m hi
is 'sends no Authorization' "$(sent_head "$(n_sent)" | grep -ci '^authorization')" 0

# A secret shows nowhere
secret=sk-or-v1-verysecret0123456789
no_secret()
{
	touch meta request
	ok "$1" sh -c '! grep -lr verysecret out err meta request "$XDG_CACHE_HOME" "$XDG_STATE_HOME"'
	rm meta request
}
row env:MY_KEY
export MY_KEY=$secret
t '-v and -M' -o ok -E -- or-chat -v -M meta -m p:m hi
no_secret 'no secret with -v'
upstream 'status 401' "body {\"error\":{\"message\":\"Incorrect API key provided: $secret. Find it at\",\"code\":401}}" '-- two' 'status 400' \
    "header X-Echo: $secret" "body {\"error\":{\"message\":\"bad header Authorization: Bearer $secret\",\"code\":400}}"
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
row env:MY_KEY
t 'a provider that repeats the key in its error' -s 77 -E -- or-chat -v -M meta -m p:m hi
no_secret 'no secret in stderr and metadata'
t 'in another error' -s 65 -E -- or-chat -v -M meta -m p:m hi
no_secret 'no secret there'
for n in 440 460 480 500; do
	upstream 'status 401' "body {\"error\":{\"message\":\"$(printf "%0${n}d" 0) $secret and more\",\"code\":401}}"
	unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
	row env:MY_KEY
	t "an error of $n bytes and the key" -s 77 -E -- or-chat -v -M meta -m p:m hi
	ok 'a key that the end of the line cuts: none of it shows' sh -c '! grep -q sk-or err meta'
	rm meta
done
upstream_stop
t 'a refused connection' -s 69 -E -- or-chat -v -r 0 -M meta -m p:m hi
no_secret 'no secret there'
row 'auth=query env:MY_KEY'
t 'a refused connection, the key in the query' -s 69 -E -- or-chat -v -r 0 -M meta -m p:m hi
no_secret 'no secret there'
t '-n' -E -- sh -c 'or-chat -n -v -m p:m hi >request'
no_secret 'no secret under -n'
upstream 'status 200' stream hang
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
row env:MY_KEY
or-chat -v -m p:m hi >out 2>err &
pid=$!
while [ -z "$(upstream_at request)" ]; do sleep 0.02; done
ok 'no secret in argv' sh -c '! tr "\0" " " <"/proc/$1/cmdline" | grep -q verysecret' sh "$pid"
kill "$pid"
wait "$pid" 2>/dev/null
finish
