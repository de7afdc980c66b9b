#!/bin/sh
# SPDX-License-Identifier: ISC
# or-key set: the key's file, the row that names it, what stays as it was, and that a key shows nowhere.
. "$(dirname "$0")/lib.sh"
conf=$XDG_CONFIG_HOME/orutils
table=$conf/providers
secret=sk-verysecret0123456789
export HTTPS_PROXY=http://127.0.0.1:1 # nobody is called
mode() { stat -c %a "$1"; }
# set_key NAME [KEY]: sets it from a pipe; nothing is said
set_key() { printf '%s\n' "${2-$secret}" | or-key set "$1" - >out 2>err; }
# edits NAME BEFORE AFTER: what becomes of a table's bytes (printf's formats) where the key of p is set
edits()
{
	# shellcheck disable=SC2059 # the formats are the test's
	printf "$2" >"$table" && printf "$3" >want
	set_key p
	is "$1: status and messages" "$? $(cat out err)" '0 '
	ok "$1" cmp "$table" want
}
file=file:$conf/keys/p

# A built-in row
t 'a built-in provider' -i "$secret" -- or-key set openai -
is 'the key is in its file' "$(cat "$conf/keys/openai")" "$secret"
is 'which nobody else can read' "$(mode "$conf/keys/openai") $(mode "$conf/keys") $(mode "$conf")" '600 700 700'
is 'the row is the built-in one, but for the key' "$(cat "$table")" \
	"openai openai https://api.openai.com/v1 slug=openai model=gpt-5.4-mini file:$conf/keys/openai"
is 'the table is one'\''s own' "$(mode "$table")" 600
like 'the tools find it' "$(or-key check openai 2>/dev/null)" "openai	unreachable	file:$conf/keys/openai	*"
t 'the same again' -i "$secret" -- or-key set openai -
is 'adds nothing' "$(wc -l <"$table")" 1
t 'another key' -i other -- or-key set openai -
is 'takes its place' "$(cat "$conf/keys/openai") $(wc -l <"$table")" 'other 1'
t '-v tells, and not the key' -i "$secret" -e "or-key: groq: the key is in $conf/keys/groq, and $table says so" -- or-key set -v groq -
is 'a second provider is a second line' "$(cut -d ' ' -f 1 "$table")" 'openai
groq'
set_key azure
ok 'a variable in a base URL stays one' grep -qF "\${AZURE_OPENAI_ENDPOINT}/openai/v1 slug=azure auth=api-key file:$conf/keys/azure" "$table"
set_key vertex
ok 'a command'\''s place is taken' grep -q "auth=bearer file:$conf/keys/vertex\$" "$table"
set_key bedrock
ok 'Amazon'\''s, too' grep -q "^bedrock bedrock - slug=amazon-bedrock file:$conf/keys/bedrock\$" "$table"

# A call with it
upstream 'status 200' 'body {"data":[]}'
printf 'p openai http://127.0.0.1:%s/v1 none\n' "$PORT" >"$table"
set_key p
ok 'a call' or-key check p
is 'has the key' "$(sent_head 1 | sed -n 's/^Authorization: //p')" "Bearer $secret"
upstream_stop
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL

# Every other byte stays
u=https://llm.example.com/v1
edits 'only the key changes' "p openai $u env:K\n" "p openai $u $file\n"
edits 'blanks, options and comments stay' "# mine\n\n \tp  openai\t$u   price=1,2 \tenv:K\t # p openai x none\n# end\n" \
	"# mine\n\n \tp  openai\t$u   price=1,2 \t$file\t # p openai x none\n# end\n"
edits 'CRLF stays' "# x\r\np openai $u env:K\r\nq openai $u none\r\n" "# x\r\np openai $u $file\r\nq openai $u none\r\n"
edits 'a last line without an end' "q openai $u none\np openai $u env:K" "q openai $u none\np openai $u $file"
edits 'a mark of bytes in front' "\357\273\277p openai $u none\n" "\357\273\277p openai $u $file\n"
edits 'a command to the end of its line' "p openai $u cmd:pass show x # env:K\r\nq openai $u none\n" "p openai $u $file\r\nq openai $u none\n"
edits 'the first of two rows, which is the one that counts' "p openai $u env:A\np openai $u env:B\n" "p openai $u $file\np openai $u env:B\n"
edits 'a name that begins another, a comment that is no row' "#p openai $u env:A\npp openai $u env:B\np openai $u env:C\n" \
	"#p openai $u env:A\npp openai $u env:B\np openai $u $file\n"
edits 'a key in a header that looks like a key' "p openai $u header=X:env:y env:K\n" "p openai $u header=X:env:y $file\n"
printf 'q openai %s none' "$u" >"$table"
set_key groq
is 'a line is ended before another is added' "$(sed 's/ .*//' "$table")" 'q
groq'
printf '# x\r\n' >"$table"
set_key groq
is 'a line of a CRLF table is one' "$(tr -cd '\r' <"$table" | wc -c)" 2
printf 'p openai %s env:K\n' "$u" >"$table"
chmod 644 "$table"
mkdir dotfiles
mv "$table" dotfiles/table
ln -s ../../dotfiles/table "$table"
set_key p
ok 'a link stays a link' test -L "$table"
is '... to the table with the row, whose mode stays' "$(cat dotfiles/table) $(mode dotfiles/table)" "p openai $u $file 644"
rm "$table"
chmod 644 "$conf/keys/p"
set_key p >out 2>err
like 'a name that was in the table alone is gone with it' "$(cat err)" "or-key: no provider 'p' in the table*"
printf 'p openai %s env:K\n' "$u" >"$table"
set_key p
is 'a key'\''s file that others could read is closed' "$(mode "$conf/keys/p")" 600

# Where it is written
mkdir "$HOME/.config"
(
	unset XDG_CONFIG_HOME
	set_key openai
	cat "$HOME/.config/orutils/providers"
) >out2
# shellcheck disable=SC2088 # the tool expands it
like 'below home it is ~/' "$(cat out2)" '* file:~/.config/orutils/keys/openai'
is 'and that is there' "$(cat "$HOME/.config/orutils/keys/openai")" "$secret"
mkdir one two
printf 'p openai %s model=x env:K\n' "$u" >two/providers
OR_CONFIG=one:two set_key p
is 'OR_CONFIG: the first directory gets the row of the second' "$(cat one/providers)" "p openai $u model=x file:$dir/one/keys/p"
is '... which stays' "$(cat two/providers)" "p openai $u model=x env:K"
OR_CONFIG="$dir/a b" set_key groq
like 'a path with a blank' "$? $(cat err)" '78 or-key: *a blank*'
ok '... is no file, and no table' test ! -e "$dir/a b/keys/groq" -a ! -e "$dir/a b/providers"
HOME="$dir/h h" XDG_CONFIG_HOME='' set_key groq
# shellcheck disable=SC2088 # the tool expands it
like '... is fine in home itself' "$? $(cat "$dir/h h/.config/orutils/providers")" '0 groq * file:~/.config/orutils/keys/groq'
OR_GATEWAY=http://127.0.0.1:1/ set_key groq
is 'under OR_GATEWAY a warning' "$? $(cat err)" '0 or-key: OR_GATEWAY is set: while it is, the table isn'\''t read'

# What is refused writes nothing
find "$conf" -type f -exec cat {} + | cksum >before
refused()
{
	refused_name=$1 refused_status=$2 refused_err=$3
	shift 3
	"$@" >out 2>err
	like "$refused_name" "$? $(cat err)" "$refused_status or-key: $refused_err"
	ok '... and no key' sh -c '! grep -q verysecret out err'
}
refused 'no name' 64 'set: the name of a provider is missing' or-key set
refused 'a key as an operand' 64 'set takes one name, *' or-key set openai "$secret"
refused 'a key in the place of the name' 64 'no provider of such a name in the table' or-key set "$secret"
refused 'no such provider' 64 "no provider 'opnai' in the table; near: openai; a line as \`opnai openai https://* none\` in $table makes one" set_key opnai
refused 'the mock' 64 'mock: the wire mock takes no key' set_key mock
refused 'an empty key' 65 'openai: the key is empty' set_key openai ''
refused 'blanks alone' 65 'openai: the key is empty' set_key openai '  '
refused 'a blank inside' 65 'openai: no key: byte 3 *' set_key openai "sk $secret"
refused 'two lines' 65 'openai: more than one line*' set_key openai "$secret${lib_nl}user: x"
refused 'a byte that is not ASCII' 65 'openai: no key: byte 1 *' set_key openai "ä$secret"
refused 'a NUL' 65 'openai: no key: byte 2 *' sh -c 'printf "a\0b" | or-key set openai -'
refused 'too long' 65 'openai: a key of more than 16384 bytes' sh -c 'head -c 20000 /dev/zero | tr "\0" x | or-key set openai -'
refused 'without a terminal, and without -' 64 'no terminal to ask at: *or-key set openai -*' setsid or-key set openai
chmod 600 "$table"
cp "$table" good
printf 'p openai\n' >>"$table"
refused 'a bad table' 78 "$table:3: *" set_key openai
cp good "$table"
find "$conf" -type f -exec cat {} + | cksum >after
ok 'nothing was written by any of them' cmp before after
if [ "$(id -u)" != 0 ]; then
	chmod 500 "$conf"
	refused 'a directory that can'\''t be written' 73 '*' set_key openai
	chmod 700 "$conf"
else
	skip 'a directory that can'\''t be written' 'root can'
fi
: >plain
OR_CONFIG=$dir/plain/x set_key openai
like 'no directory' "$? $(cat err)" '73 or-key: *'
t 'a standard input that ends without a newline' -f "$secret" -- or-key set openai -
is 'is a key, too' "$(cat "$conf/keys/openai")" "$secret"
t 'blanks and a CR behind it are not' -f "$secret \r\n\n" -- or-key set openai -
is 'part of it' "$(cat "$conf/keys/openai")" "$secret"

# A disk that takes no more
find "$conf" -type f -exec cat {} + | cksum >before
(
	ulimit -f 0
	printf '%s\n' other-key | or-key set openai - 2>&1
	echo $?
) | cat >full
like 'no room for the key' "$(cat full)" "or-key: can't write $conf/keys/openai: *${lib_nl}74"
find "$conf" -type f -exec cat {} + | cksum >after
ok '... changes nothing' cmp before after

# Many at the same time lose nothing
rm -r "$conf"
names='openai groq deepseek xai together fireworks perplexity cerebras cohere moonshot zai nvidia mistral voyage gemini anthropic'
for i in 1 2 3; do
	for n in $names; do
		printf 'key-of-%s\n' "$n" | or-key set "$n" - 2>>many &
	done
done
wait
ok 'no complaint' test ! -s many
is 'each has one row' "$(cut -d ' ' -f 1 "$table" | sort | tr '\n' ' ')" "$(printf '%s\n' $names | sort | tr '\n' ' ')"
for n in $names; do
	[ "$(cat "$conf/keys/$n")" = "key-of-$n" ] || echo "$n"
done >wrong
ok 'and its key' test ! -s wrong
is 'nothing else is left' "$(ls -A "$conf") $(ls -A "$conf/keys" | grep -c '\.......$')" "keys${lib_nl}providers 0"

# Killed at any moment: the table reads well, and a row names a key that is there
i=0 n=40
[ -z "${PROOF-}" ] || n=1000
echo "$secret" >typed
while [ $i -lt $n ]; do
	i=$((i + 1))
	rm -f "$conf/keys/xai"
	sed -i '/^xai /d' "$table"
	timeout -s KILL "0.00$((i % 8))$((i % 7))" or-key set xai - <typed 2>/dev/null
	or-key check mock xai 2>&1 | grep "^or-key: $table\|no key: /" && echo "run $i"
done >torn
ok "in $n runs" test ! -s torn

# On a terminal
if command -v python3 >/dev/null; then
	cat >typed.py <<'EOP'
import os, pty, select, sys, time
pid, tty = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
said = b""
end = time.monotonic() + 10
sent = False
while time.monotonic() < end:
    if select.select([tty], [], [], 0.1)[0]:
        try:
            got = os.read(tty, 4096)
        except OSError:
            break
        if not got:
            break
        said += got
    if b": " in said and not sent:
        time.sleep(0.1)
        os.write(tty, sys.argv[1].encode().decode("unicode_escape").encode())
        sent = True
status = os.waitpid(pid, 0)[1]
sys.stdout.write(said.decode() + "status %d signal %d\n" % (status >> 8, status & 127))
EOP
	python3 typed.py "$secret\\n" or-key set openai >shown
	is 'the prompt; no echo' "$(tr -d '\r' <shown)" "Key for openai, which won't be shown: 
status 0 signal 0"
	is 'what was typed is the key' "$(cat "$conf/keys/openai")" "$secret"
	python3 typed.py "other\\n" or-key set openai - >shown
	is '- at a terminal: no echo either' "$(tr -d '\r' <shown)" "Key for openai, which won't be shown: 
status 0 signal 0"
	is '... and the key' "$(cat "$conf/keys/openai")" other
	python3 typed.py "ignored\\n" sh -c 'echo piped | or-key set openai' >shown
	is 'a pipe without - is not read' "$(cat "$conf/keys/openai")" ignored
	python3 typed.py "\\n" or-key set openai >shown
	like 'an empty one' "$(tr -d '\r' <shown)" '*or-key: openai: the key is empty?status 65 signal 0'
	python3 typed.py "half\\x03" or-key set openai >shown
	like 'Ctrl-C ends it' "$(cat shown)" '*signal 2'
	is 'and nothing is written' "$(cat "$conf/keys/openai")" ignored
else
	skip 'a terminal' 'no python3'
fi
ok 'no key anywhere but in its file' sh -c '! grep -rl verysecret "$XDG_CACHE_HOME" "$XDG_STATE_HOME" "$1"' sh "$table"
finish
