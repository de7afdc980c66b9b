#!/bin/sh
# SPDX-License-Identifier: ISC
# or-models: forms, order, selection.
# shellcheck disable=SC2016 # quoted text is for another shell, or Perl
. "$(dirname "$0")/lib.sh"

# A small catalog, served once: all that follows comes from the cache.
serve()
{
	upstream <<'EOT'
-- forever
status 200
body {"data":[{"id":"b/two","name":"Two","created":1750000000,"context_length":200000,"architecture":{"input_modalities":["text","image"]},"top_provider":{"max_completion_tokens":8192},"pricing":{"prompt":"0.000003","completion":"0.000015"},"supported_parameters":["tools","seed"]}, {"id":"a/one:free", "name":"One\\twith a tab","created":1760000000,"context_length":32768,"pricing":{"prompt":"0","completion":"0"},"supported_parameters":["tools"]},{"id":"openrouter/auto","context_length":2000000,"pricing":{"prompt":"-1","completion":"-1"}},{"id":"a/one","created":1740000000,"context_length":32768,"pricing":{"prompt":"0.0000001","completion":"0.0000000208333333333333"},"supported_parameters":["tools"]}]}
EOT
}
serve

t 'ids in a pipe, one a line, by id' -p 'a/one\na/one:free\nb/two\nopenrouter/auto\n' -- or-models
is 'one request' "$(n_sent)" 1
like 'which is a GET' "$(sent_head 1 | head -n 1)" 'GET /api/v1/models HTTP/1.1'
is 'without a key: the list is public' "$(sent_head 1 | grep -ci authorization)" 0
t '-1 is the same' -p 'a/one\na/one:free\nb/two\nopenrouter/auto\n' -- or-models -1
t '-r' -p 'openrouter/auto\nb/two\na/one:free\na/one\n' -- or-models -r
t '-S: cheapest first, free ones too, unknown last' -p 'a/one:free\na/one\nb/two\nopenrouter/auto\n' -- or-models -S
t '-S -r: dearest first, unknown last' -p 'b/two\na/one\na/one:free\nopenrouter/auto\n' -- or-models -Sr
t '-t: newest first, unknown last' -p 'a/one:free\nb/two\na/one\nopenrouter/auto\n' -- or-models -t
t '-t -r: oldest first, unknown last' -p 'a/one\nb/two\na/one:free\nopenrouter/auto\n' -- or-models -tr
t '-l: TSV without a heading, - for unknown, prices exact' -p 'a/one\t0.1\t0.0208333333333333\t32768\t-\t2025-02-19\t-\t-
a/one:free\t0\t0\t32768\t-\t2025-10-09\t-\tOne\\twith a tab
b/two\t3\t15\t200000\t8192\t2025-06-15\ttext+image\tTwo
openrouter/auto\t-\t-\t2000000\t-\t-\t-\t-\n' -- or-models -l
t '-F tsv is the same' -p 'b/two\t3\t15\t200000\t8192\t2025-06-15\ttext+image\tTwo\n' -- or-models -F tsv b/two
t 'the last of -l and -1 counts' -o b/two -- or-models -l -1 b/two

t 'a glob goes over the whole id' -p 'a/one\na/one:free\n' -- or-models 'a/*'
t 'it crosses the slash' -o a/one:free -- or-models '*:free'
t 'several: any' -p 'b/two\nopenrouter/auto\n' -- or-models 'b/*' 'openrouter/aut?'
t 'brackets' -p 'a/one\nb/two\n' -- or-models '[ab]/???'
t 'a part is nothing' -s 1 -e 'or-models: nothing matches*near: a/one*' -- or-models one
t '-k' -p 'a/one:free\na/one\n' -- or-models -S -k 2
t '-k after -r' -o b/two -- or-models -S -r -k 1
t '-p: the price that is just met' -p 'a/one\na/one:free\n' -- or-models -p 0.1
t '-p in,out' -o a/one:free -- or-models -p 0.1,0.02
t '-p 0: what is free; unknown does not pass' -o a/one:free -- or-models -p 0
t '-z' -p 'b/two\nopenrouter/auto\n' -- or-models -z 200k
t '-z Ki' -p 'a/one\na/one:free\nb/two\nopenrouter/auto\n' -- or-models -z 32Ki
t '-y a parameter' -p 'a/one\na/one:free\nb/two\n' -- or-models -y tools
t '-y all of them' -o b/two -- or-models -y tools,image
t '-y what nobody takes' -s 1 -e 'or-models: nothing matches*' -- or-models -y tool
t 'all together' -o a/one -- or-models -S -k 1 -y tools -z 32k -p 1,1 -- 'a/one'
is 'still one request' "$(n_sent)" 1

t '-F ndjson' -p '{"id":"a/one:free","name":"One\\twith a tab","created":1760000000,"context_length":32768,"pricing":{"prompt":"0","completion":"0"},"supported_parameters":["tools"]}\n' -- or-models -F ndjson '*:free'
t '-F json: the bytes of the list' -p '{"data":[{"id":"a/one:free", "name":"One\\twith a tab","created":1760000000,"context_length":32768,"pricing":{"prompt":"0","completion":"0"},"supported_parameters":["tools"]}]}\n' -- or-models -F json '*:free'
t '-F ndjson keeps the order asked for' -E -p '"a/one:free"\n"a/one"\n' -- sh -c 'or-models -S -k 2 -F ndjson | while read -r row; do printf "%s\n" "$row" | perl -MJSON::PP -ne "print JSON::PP->new->allow_nonref->encode(decode_json(\$_)->{id}), qq(\n)"; done'

# stdin belongs to whoever called
t 'stdin is not read' -i 'a line' -p 'b/two\na line\n' -- sh -c 'or-models b/two; cat'
t 'closed stdin' -o b/two -- sh -c 'or-models b/two <&-'

# Usage
t '-h' -o 1 -- sh -c 'or-models -h | grep -c "^usage: or-models"'
ok 'it goes to stdout' sh -c 'or-models -h 2>/dev/null | grep -q -- --max-age'
like '-V' "$(or-models -V)" 'or-models [0-9]*.[0-9]*'
t 'an unknown option' -s 64 -e 'or-models: unknown option*' -- or-models --nosuch
t 'a later option' -s 64 -e 'or-models: *' -- or-models 'a/*' -l
t 'an empty operand' -s 64 -e 'or-models: *empty*' -- or-models ''
t 'an empty argument' -s 64 -e 'or-models: *empty*' -- or-models -y ''
t 'an empty need' -s 64 -e 'or-models: *empty*' -- or-models -y tools,
for bad in '-p cheap' '-p -1' '-p 1,2,3' '-k 0' '-k x' '-z -1' '-z 1.5' '-F xml' '-W 0' '-w soon' '--max-age yesterday' '--connect-timeout 0'; do
	# shellcheck disable=SC2086 # two words
	t "$bad" -s 64 -e 'or-models: *' -- or-models $bad
done
t '--cached and --refresh' -s 64 -e 'or-models: *contradict*' -- or-models --cached --refresh

# Output
t '-o' -- or-models -o table -l b/two
like 'the file' "$(cat table)" 'b/two	3	15	*'
t '-o in a directory that is not there' -s 73 -e 'or-models: *' -- or-models -o no/where
t '-o when nothing matched' -s 1 -e 'or-models: nothing matches*' -- or-models -o table zzzzzz
like 'leaves the old file' "$(cat table)" 'b/two	3	15	*'
ok 'and nothing beside it' sh -c '[ "$(ls table*)" = table ]'
t 'a full disk' -s 74 -e 'or-models: *No space*' -- sh -c 'exec or-models >/dev/full'
t 'a closed stdout' -s 74 -e 'or-models: *' -- sh -c 'exec or-models >&-'
t 'a closed stdout, for help too' -s 74 -e 'or-models: *' -- sh -c 'exec or-models -h >&-'
seq -f '{"id":"m/%05g"}' 20000 | paste -sd, | sed 's/^/{"data":[/; s/$/]}/' >big
{ echo '-- forever'; echo 'status 200'; printf 'header Content-Length: %s\nline\n' "$(wc -c <big)"; echo "file $PWD/big"; } >case
upstream <case
or-models --refresh | wc -l >lines
is '20000 rows' "$(cat lines)" 20000
t 'the reader goes away' -E -s PIPE -- sh -c 'mkfifo f; head -n 1 <f >/dev/null & exec or-models >f'
finish
