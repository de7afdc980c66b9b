#!/bin/sh
# SPDX-License-Identifier: ISC
# or-embed -Q: the nearest of what was written; and --cache.
. "$(dirname "$0")/lib.sh"

export OR_EMBED_MODEL=mock/embed
printf 'a red fox\na lazy dog\nthe red house\nno words in common\nred\n' >texts
or-embed texts >v.ndjson
or-embed -F npy -o v.npy texts
or-embed -F f32 texts >v.f32
or-embed -F tsv texts >v.tsv

t 'ndjson: score, record, text' -- sh -c 'or-embed -Q red -k 3 v.ndjson >got'
is 'the best is the same text' "$(head -n 1 got)" '1.000000	5	red'
is 'then those with words in common' "$(cut -f 2,3 got | sort | tr '\t\n' ' |')" '1 a red fox|3 the red house|5 red|'
# the same by other means
perl -e 'open my $f, "<", "v.tsv"; my @v = map { chomp; [split /\t/] } <$f>; my $q = $v[4];
	my @s = map { my $v = $_; my $s = 0; $s += $v->[$_] * $q->[$_] for 1 .. $#$v; [$s, $v->[0]] } @v;
	printf "%.5f\t%d\n", @$_ for sort { $b->[0] <=> $a->[0] } @s' >wanted
t 'all of them, against sums of our own' -O wanted -- sh -c 'or-embed -Q red v.ndjson | awk "{ printf \"%.5f\t%d\n\", \$1, \$2 }"'
for form in npy f32; do
	t "$form" -- sh -c "or-embed -Q red v.$form >got2"
	is "$form: the records alone" "$(cut -f 1,2 got2)" "$(or-embed -Q red v.ndjson | cut -f 1,2)"
	is "$form: no text is known" "$(cut -f 3 got2 | sort -u)" -
	t "$form from standard input" -O got2 -- sh -c "or-embed -Q red <v.$form"
	t "$form from a pipe" -O got2 -- sh -c "cat v.$form | or-embed -Q red -"
done
t '-F ndjson' -p '{"score":1.000000,"record":5,"label":"red"}\n' -- or-embed -Q red -k 1 -F ndjson v.ndjson
t '-F ndjson, no label' -p '{"score":1.000000,"record":5,"label":null}\n' -- or-embed -Q red -k 1 -F ndjson v.npy
t 'an id is the label' -p '1.000000\tk\\t\t1\n' -f 'x' -- sh -c 'printf "\"k\\\\t\"" >id; printf "{\"id\":\"k\\\\t\",\"text\":\"red\"}\n" | or-embed --ndjson | or-embed -Q red | awk -F"\t" "{ print \$1 FS \$3 FS \$2 }"'
t '-o' -- or-embed -Q red -o got v.npy
is 'is written' "$(wc -l <got | tr -d ' ')" 5
t '-k 1 of a great many' -p '1.000000\t70001\n' -- sh -c '{ seq 70000; echo red; } | or-embed -F f32 -Z 2000 | or-embed -Q red -k 1 | cut -f 1,2'
t 'a record without a vector' -E -p '2\n' -- sh -c '{ echo "{\"record\":1,\"text\":\"a\",\"model\":\"embed\",\"error\":\"x\"}"; sed -n 1p v.ndjson; } | or-embed -Q red | cut -f 2'

t 'no vectors' -s 1 -e 'or-embed: *no vectors*' -- or-embed -Q red /dev/null
t 'another model' -s 65 -e 'or-embed: *record 1*text-embedding-3-small*embed*' -- sh -c 'sed s/\"embed\"/\"text-embedding-3-small\"/ v.ndjson | or-embed -Q red'
t 'the same by another provider' -E -p '5\n' -- sh -c 'sed s:\"embed\":\"mock/embed\": v.ndjson | or-embed -Q red -k 1 | cut -f 2'
t 'other dimensions' -s 65 -e 'or-embed: v.ndjson: record 1 has 64 dimensions, the query has 3*' -- or-embed -d 3 -Q red v.ndjson
t 'other dimensions in npy' -s 65 -e 'or-embed: v.npy: *64 dimensions*' -- or-embed -d 3 -Q red v.npy
t 'f32 that is no whole number of vectors' -s 65 -e 'or-embed: *no whole vector*' -- sh -c 'head -c 300 v.f32 | or-embed -Q red'
t 'a line that is none' -s 65 -e 'or-embed: *record 6*' -- sh -c '{ cat v.ndjson; echo "{\"text\":1}"; } | or-embed -Q red'
t 'no such file' -s 66 -e 'or-embed: nowhere: *' -- or-embed -Q red nowhere
t 'before it is paid for' -s 66 -e 'or-embed: nowhere: *' -- or-embed -Q red -O mock.status=402 nowhere
t 'the query fails' -s 77 -e 'or-embed: mock: 401*' -- or-embed -Q red -O mock.status=401 v.npy
t 'an empty query' -s 64 -e 'or-embed: *empty*' -- or-embed -Q '' v.npy

# The cache
upstream '-- forever' 'match ["one","two"]' 'status 200' 'body {"data":[{"embedding":[1,2]},{"embedding":[3,4]}]}' \
	'-- forever' 'match ["three"]' 'status 200' 'body {"data":[{"embedding":[5,6]}]}' '-- forever' 'match ["one"]' 'status 200' 'body {"data":[{"embedding":[1,2]}]}'
export OPENAI_BASE_URL=http://127.0.0.1:$PORT/v1 OPENAI_API_KEY=sk-x OR_EMBED_MODEL=openai:m
t 'nothing is cached yet' -f 'one\ntwo\n' -p '1\t1\t2\n2\t3\t4\n' -- or-embed --cache vectors -F tsv
t 'what is cached isn'\''t asked for' -f 'two\nthree\none\n' -p '1\t3\t4\n2\t5\t6\n3\t1\t2\n' -- or-embed --cache vectors -F tsv
is 'the second request' "$(sent_body 2 | json - input)" '["three"]'
t 'all of it' -f 'one\none\nthree\n' -p '1\t1\t2\n2\t1\t2\n3\t5\t6\n' -- or-embed --cache vectors -F tsv
is 'no third request' "$(n_sent)" 2
t 'another directory' -f 'one\n' -p '1\t1\t2\n' -- or-embed --cache other/one -F tsv
is 'a third request' "$(n_sent)" 3
t 'other options' -f 'one\n' -p '1\t1\t2\n' -- or-embed --cache vectors -O user=me -F tsv
t 'other dimensions' -f 'one\n' -p '1\t1\t2\n' -- or-embed --cache vectors -d 2 -F tsv
is 'a request each' "$(n_sent)" 5
find vectors -type f -exec sh -c 'for f; do printf x >>"$f"; done' sh {} +
t 'damaged files count as absent' -f 'one\ntwo\n' -p '1\t1\t2\n2\t3\t4\n' -- or-embed --cache vectors -F tsv
t 'and are written anew' -f 'two\none\n' -p '1\t3\t4\n2\t1\t2\n' -- or-embed --cache vectors -F tsv
is 'by one request' "$(n_sent)" 6
is 'for their owner alone' "$(find vectors -type f -perm 0600 | wc -l)" "$(find vectors -type f | wc -l)"
t 'a cache that can'\''t be' -s 73 -i one -e 'or-embed: *' -- or-embed --cache /dev/null/x -F tsv
seq 300 >many
export OR_EMBED_MODEL=mock/embed
or-embed -F f32 many >wanted
t 'four processes at once' -- sh -c 'for i in 1 2 3 4; do or-embed --cache shared -F f32 -Z 50 many >got.$i & done; wait; for i in 1 2 3 4; do cmp got.$i wanted || exit 1; done'
t 'and one after them' -O wanted -- or-embed --cache shared -M meta -F f32 many
ok 'which asks for nothing' [ ! -s meta ]
finish
