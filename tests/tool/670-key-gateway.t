#!/bin/sh
# SPDX-License-Identifier: ISC
# or-key new, ls, show, disable, enable, rm: keys of the gateway, which lie in the ledger.
. "$(dirname "$0")/lib.sh"
OR_LEDGER=$dir/ledger.db
export OR_LEDGER
columns() { or-key ls | cut -f "$1" | tr '\t\n' ' |'; }
field() { or-key show "$1" | sed -n "s/^$2	//p"; }

t 'none yet' -- or-key ls
or-key new ci >key 2>err
is 'a new one' "$? $(cat err)" '0 '
like 'is one line, and nothing else' "$(wc -l <key) $(cat key)" '1 sk-or-*'
ok 'of 43 letters behind its prefix' grep -qx 'sk-or-[A-Za-z0-9_-]\{43\}' key
ok 'the ledger does not have it' sh -c '! grep -aqF "$(cut -c 7- key)" ledger.db*'
is 'but its hash' "$(field ci hash)" "$(tr -d '\n' <key | sha256sum | cut -d ' ' -f 1)"
is 'and enough to know it by' "$(field ci label)" "$(sed 's/^\(sk-or-...\).*\(...\)$/\1...\2/' key)"
is 'the ledger is nobody else'\''s' "$(stat -c %a ledger.db)" 600
or-key new other >key2
ok 'another one is another one' sh -c '! cmp -s key key2'
t 'a name that is taken' -s 65 -e 'or-key: *ci*' -- or-key new ci
is 'adds nothing' "$(columns 1)" 'ci|other|'
or-key rm other

# What it may do
or-key new --limit 2.50 --reset monthly --rpm 60 --tpm 100k --models 'openai/*,mock/echo' --expires 2099-01-02T03:04:05Z all >key
is 'limits' "$(columns 1,3-12)" \
	'ci ok - 0 - - - - - - no|all ok 2.5 0 2.5 monthly 60 100000 openai/*,mock/echo 2099-01-02T03:04:05Z no|'
or-key new --management root >key
is 'a management key' "$(field root management)" yes
or-key new --limit 0.000000000001 --expires 2099-01-02 small >key
is 'money is exact, a date its begin' "$(field small limit) $(field small expires)" '0.000000000001 2099-01-02T00:00:00Z'
or-key new --expires 36h soon >key
left=$(($(date -d "$(field soon expires)" +%s) - $(date +%s)))
ok 'a time counts from now' [ "$left" -gt 129500 ] && [ "$left" -le 129600 ]
for bad in '--limit -1' '--limit x' '--reset hourly' '--rpm 0' '--rpm 1.5' '--tpm x' '--expires 2020-01-01' '--expires 0' '--expires 2099-02-30' \
	'--reset daily' '--models a,,b' '--management --rpm 3' '--management --models x'; do
	# shellcheck disable=SC2086 # words
	t "$bad" -s 64 -e 'or-key: *' -- or-key new $bad n
done
t 'no name' -s 64 -e 'or-key: new: *' -- or-key new
t 'two names' -s 64 -e 'or-key: new: *' -- or-key new a b
t 'a name with a newline' -s 64 -e 'or-key: new: name: *' -- or-key new 'a
b'
t 'a name with a blank at its end' -s 64 -e 'or-key: new: name: *' -- or-key new 'a '
t 'a long name' -s 64 -e 'or-key: new: name: *' -- or-key new "$(printf '%0129d' 0)"
t 'an option of another command' -s 64 -e 'or-key: *' -- or-key ls --limit 3
is 'nothing of that was added' "$(columns 1)" 'ci|all|root|small|soon|'
t 'a full disk' -s 74 -e 'or-key: *' -- sh -c 'or-key new lost >/dev/full'
is 'leaves no key that nobody has' "$(columns 1)" 'ci|all|root|small|soon|'

# As it goes
t 'disable' -- or-key disable ci
is 'it is' "$(field ci state)" disabled
t 'again' -- or-key disable ci
t 'enable' -- or-key enable ci
is 'it works' "$(field ci state)" ok
t 'rm' -- or-key rm small
t 'is for good' -s 1 -e 'or-key: the gateway has no key of that name; near: all' -- or-key rm small
for command in show disable enable rm; do
	t "$command, a name that is none" -s 1 -e 'or-key: the gateway has no key of that name; near: soon' -- or-key "$command" sooner
done
t 'a key in place of a name is not repeated' -s 1 -e 'or-key: the gateway has no key of that name' -- or-key show "$(cat key)"

# What it spent
id=$(or-key show -F ndjson all | json - calls)
is 'no calls yet' "$id" 0
today=$(($(date -u -d "$(date -u +%F)" +%s) * 1000))
fill "$OR_LEDGER" <<EOT
call id=g1 at=$today client=all client_id=3
attempt model=mock/echo provider=mock endpoint=mock:echo http=200 prompt=10 completion=5 cost=0.75
call id=g2 at=946684800000 client=all client_id=3
attempt model=mock/echo provider=mock endpoint=mock:echo http=200 prompt=10 completion=5 cost=0.5
EOT
is 'used and left are of its period' "$(columns 1,4-6 | tr '|' '\n' | grep '^all')" 'all 2.5 0.75 1.75'
is 'show tells all' "$(field all calls) $(field all used_day) $(field all used_month) $(field all used_ever)" '2 0.75 0.75 1.25'
or-key show -F ndjson all >all.json
is 'as JSON' "$(json all.json used) $(json all.json left) $(json all.json models) $(json all.json management) $(json all.json rpm)" \
	'0.75 1.75 ["openai/*","mock/echo"] false 60'
or-key ls -F ndjson >keys.json
is 'ls has the same' "$(sed -n 2p keys.json)" "$(cat all.json)"
is 'what there is not is null' "$(sed -n 1p keys.json | json - limit) $(sed -n 1p keys.json | json - models)" 'null null'
t '-o' -- or-key ls -o table
is 'a file' "$(cut -f 1 table | tr '\n' ' ')" 'ci all root soon '

# Where there is no ledger
t 'OR_LEDGER is none' -s 78 -e 'or-key: OR_LEDGER is none*' -- env OR_LEDGER=none or-key ls
t 'nor a new key' -s 78 -e 'or-key: OR_LEDGER is none*' -- env OR_LEDGER=none or-key new x
t 'a ledger that can not be' -s 73 -e 'or-key: *' -- env OR_LEDGER=/proc/x/y or-key ls

# On a terminal
if command -v script >/dev/null 2>&1; then
	script -qec 'or-key new seen' /dev/null </dev/null >seen
	like 'a terminal is told that it is shown once' "$(tr -d '\r' <seen)" 'sk-or-*
or-key: this is the key, shown this once*'
	like 'and has a heading' "$(script -qec 'or-key ls' /dev/null </dev/null | tr -d '\r' | sed 1q)" 'NAME *STATE*LIMIT*'
else
	skip 'on a terminal' 'no script'
fi
finish
