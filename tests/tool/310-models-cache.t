#!/bin/sh
# SPDX-License-Identifier: ISC
# or-models: the cache: age, ETag, what is stale, torn, read-only, shared.
# shellcheck disable=SC2016 # quoted text is for another shell, or Perl
. "$(dirname "$0")/lib.sh"
cache=$XDG_CACHE_HOME/orutils
file=$cache/openrouter.models.json

# Makes the copy look so many seconds older.
age()
{
	perl -pi -e 's/"fetched":(\d+)/q("fetched":) . ($1 - '"$1"')/e if $. == 1' "$file"
}
fetched() { sed -n '1s/.*"fetched":\([0-9]*\).*/\1/p' "$file"; }

upstream <<'EOT'
--
status 200
header ETag: "v1"
body {"data":[{"id":"a/one"}]}
--
match If-None-Match: "v1"
status 304
line
--
match If-None-Match: "v1"
status 200
header ETag: W/"v2"
body {"data":[{"id":"a/two"}]}
-- forever
status 500
body {"error":{"message":"broken"}}
EOT
t 'the list is fetched' -o a/one -- or-models
is 'and cached' "$(ls "$cache")" openrouter.models.json
is 'for its owner only' "$(stat -c %a "$cache" "$file" | tr '\n' ' ')" '700 600 '
t 'a second run asks nobody' -o a/one -- or-models
is 'one request' "$(n_sent)" 1
age 90000
old=$(fetched)
t 'older than a day: asked whether it changed' -o a/one -- or-models
is 'two requests' "$(n_sent)" 2
ok '304 makes it young again' [ "$(fetched)" -gt "$((old + 80000))" ]
t 'so nobody is asked' -o a/one -- or-models
t '--refresh asks always' -o a/two -- or-models --refresh
is 'three requests' "$(n_sent)" 3
like 'the new ETag is kept' "$(head -n 1 "$file")" '*W/\\"v2\\"*'
t '--max-age: still young' -o a/two -- or-models --max-age 1h
age 4000
t '--max-age: too old; and the provider fails: one warning' -o a/two -e 'or-models: using the list of 20??-??-??T*Z: openrouter: 500 broken*' -- or-models --max-age 1h
t '-q silences it' -o a/two -- or-models -q --max-age 1h
t '--refresh does not hide a failure' -s 75 -e 'or-models: openrouter: 500 broken*' -- or-models --refresh
t '-v tells where it came from' -o a/two -e 'or-models: openrouter: the list came from the cache' -- or-models -v
n=$(n_sent)
t '--cached asks nobody' -o a/two -- or-models --cached --max-age 0
is 'really' "$(n_sent)" "$n"
upstream_stop
t 'offline' -o a/two -- or-models
age 90000
t 'offline with an old list: one warning' -o a/two -e 'or-models: using the list of *openrouter: *' -- or-models
t '--cached is silent about its age' -o a/two -- or-models --cached
age -900000
t 'a list from the future is old' -o a/two -e 'or-models: using the list of unknown age: *' -- or-models
t 'another URL is another list' -s 69 -e 'or-models: openrouter: *or-models --refresh*' -- env OPENROUTER_BASE_URL=http://127.0.0.1:1/api/v1 or-models

# Nothing cached
rm -r "$cache"
t 'neither cached nor reachable' -s 69 -e 'or-models: openrouter: *`or-models --refresh`*' -- or-models
t '--cached with nothing: nothing, quietly' -- or-models --cached
t '--cached -e with nothing' -- or-models --cached -e a/one
ok 'no directory was made' [ ! -e "$cache" ]

# Torn, foreign, wrong
upstream <<'EOT'
-- forever
status 200
body {"data":[{"id":"a/one","name":"One"},{"id":"a/two"}]}
EOT
or-models >/dev/null
cp "$file" good
n=$(n_sent)
corrupt()
{
	t "a cache that is $1 counts as absent" -p 'a/one\na/two\n' -- or-models
	n=$((n + 1))
	is 'fetched again' "$(n_sent)" "$n"
	ok 'and mended' cmp -s "$(sed 1d "$file" >a; echo a)" "$(sed 1d good >b; echo b)"
}
: >"$file"; corrupt empty
head -c 60 good >"$file"; corrupt 'cut in its first line'
head -n 1 good >"$file"; corrupt 'cut after it'
head -c -1 good >"$file"; corrupt 'cut before its last byte'
{ cat good; echo; } >"$file"; corrupt 'too long'
sed '3s/"id"/"id/' good >"$file"; corrupt 'not JSON'
head -c 100000 /dev/urandom >"$file"; corrupt 'noise'
sed 's/"fetched":/"fetchet":/' good >"$file"; corrupt 'without its time'
rm "$file"; mkdir "$file"
t 'a directory in its place: one warning' -p 'a/one\na/two\n' -e 'or-models: the list is not cached: *' -- or-models
rmdir "$file"
sed '2s/.*/[["zzz"]]/' good >"$file"
t 'a bad index is not used' -p 'a/one\na/two\n' -- or-models
sed '2s/.*//' good >"$file"
t 'nor missed' -p 'a/one\t-\t-\t-\t-\t-\t-\tOne\na/two\t-\t-\t-\t-\t-\t-\t-\n' -- or-models -l

# Where it can't be written
rm -r "$cache"
t 'no HOME' -p 'a/one\na/two\n' -e 'or-models: the list is not cached: *HOME*' -- env -u HOME -u XDG_CACHE_HOME or-models
t 'no HOME, -q' -p 'a/one\na/two\n' -- env -u HOME -u XDG_CACHE_HOME or-models -q
echo x >plain
t 'a file where the directory should be' -p 'a/one\na/two\n' -e 'or-models: the list is not cached: *' -- env XDG_CACHE_HOME="$PWD/plain" or-models
t 'HOME is missing' -p 'a/one\na/two\n' -E -- env -u XDG_CACHE_HOME HOME=/dev/null/home or-models
if [ "$(id -u)" -ne 0 ]; then
	chmod a-w "$XDG_CACHE_HOME"
	t 'read-only' -p 'a/one\na/two\n' -e 'or-models: the list is not cached: *' -- or-models
	chmod u+w "$XDG_CACHE_HOME"
else
	skip 'read-only' 'root may write anywhere'
fi

# Many at once on an empty cache
pids=
for i in 1 2 3 4 5 6 7 8; do
	or-models --refresh >"run.$i" 2>"run.$i.err" &
	pids="$pids $!"
done
for pid in $pids; do wait "$pid" || echo failed; done >waited
is 'eight at once: all end well' "$(cat waited)" ''
is 'all say the same' "$(cat run.? | sort | uniq -c | tr -s ' ')" ' 8 a/one
 8 a/two'
is 'silently' "$(cat run.?.err)" ''
is 'one file is left' "$(ls "$cache")" openrouter.models.json
t 'which is whole' -p 'a/one\na/two\n' -- or-models --cached
finish
