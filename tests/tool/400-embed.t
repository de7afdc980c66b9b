#!/bin/sh
# SPDX-License-Identifier: ISC
# or-embed: records in, vectors out, at the mock: forms of input and output, order, limits, statuses.
. "$(dirname "$0")/lib.sh"

export OR_EMBED_MODEL=mock/embed
hello='0.8547332	-0.5190676'

# Input
t 'a line is a record' -f 'hello\n' -p '{"record":1,"text":"hello","model":"embed","embedding":[0.8547332,-0.5190676]}\n' -- or-embed -d 2
t 'without a newline too' -f 'hello' -p "1\t$hello\n" -- or-embed -d 2 -F tsv
t 'nothing in, nothing out' -- or-embed
t 'operands are files' -E -f 'c\n' -p '1\n2\n3\n4\n' -- sh -c 'printf "a\nb" >one; printf "d\n" >two; or-embed -F tsv one - two | cut -f 1'
t '-I: an id and a text' -f 'k 1\thello\n2\thello\n' -p "k 1\t$hello\n2\t$hello\n" -- or-embed -I -d 2 -F tsv
t '-I: a tab in the text' -f 'x\ta\tb\n' -- sh -c 'or-embed -I >got'
is 'is a part of it' "$(json got text)" '"a\tb"'
t '-0: a record may have lines' -f 'hello\0one\ntwo\0' -p '2\n' -- sh -c 'or-embed -0 >got && wc -l <got | tr -d " "'
t '--ndjson' -f '"hello"\n\n{"id":7,"text":"hello","more":1}\n{"text":"h\\u0065llo","id":"x"}\n' -p "1\t$hello\n7\t$hello\nx\t$hello\n" -- or-embed --ndjson -d 2 -F tsv
t 'a record is numbered as its line' -f '\n\n"hello"\n' -p "3\t$hello\n" -- or-embed --ndjson -d 2 -F tsv
t 'bytes that are not UTF-8' -f 'a\377b\n' -e 'or-embed: *not UTF-8*' -- sh -c 'or-embed >got'
is 'are replaced' "$(json got text)" "$(printf '"a\357\277\275b"')"
t 'no warning under -q' -f 'a\377b\n' -p '1\n' -- sh -c 'or-embed -q -F tsv | cut -f 1'
t '-8 refuses them' -s 65 -f 'a\nb\377\n' -e 'or-embed: line 2: not UTF-8*' -- sh -c 'or-embed -8 >/dev/null'
t 'an empty line' -s 65 -f 'hello\n\nhello\n' -p "1\t$hello\n" -e 'or-embed: line 2: *empty*' -- or-embed -d 2 -F tsv
t 'a NUL in a line' -s 65 -f 'a\0b\n' -e 'or-embed: line 1: a NUL*' -- or-embed
t '-I without a tab' -s 65 -f 'abc\n' -e 'or-embed: line 1: *tab*' -- or-embed -I
t '--ndjson of something else' -s 65 -f '"a"\n[1]\n' -E -- sh -c 'or-embed --ndjson >/dev/null'
t '--ndjson that is none' -s 65 -f '{"text":\n' -e 'or-embed: line 1: *' -- or-embed --ndjson
t '--max-input is of one record' -s 65 -f 'abc\nabcdefghijk\n' -e 'or-embed: line 2: more than 10 bytes*' -- sh -c 'or-embed --max-input 10 >/dev/null'
t 'no such file' -s 66 -e 'or-embed: nowhere: *' -- or-embed nowhere
t 'a directory' -s 66 -e 'or-embed: .: *directory*' -- or-embed .
t 'stdin closed' -s 66 -e 'or-embed: *' -- sh -c 'or-embed <&-'

# Output
printf 'hello\nworld\n' >two
t '-F f32' -p '16\n' -- sh -c 'or-embed -d 2 -F f32 two | wc -c | tr -d " "'
t '-F base64' -p 'zM9aP53hBL8=\n' -- sh -c 'or-embed -d 2 -F base64 two | head -n 1'
t '-o' -- or-embed -o got -F f32 two
is 'its bytes' "$(wc -c <got | tr -d ' ')" 512
t '-F npy into a pipe is refused before anything is read' -s 64 -i hello -e 'or-embed: -F npy*' -- perl -e 'pipe(my $r, my $w); open STDOUT, ">&", $w; exec "or-embed", "-F", "npy" or die'
t '-F npy at the end of a file' -s 64 -i hello -e 'or-embed: -F npy*' -- sh -c 'exec or-embed -F npy >>appended'
t '-F npy -o' -- or-embed -F npy -d 3 -o got two
is 'its head' "$(dd if=got bs=1 skip=10 count=118 2>/dev/null | tr -s ' ')" "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } "
t '-F npy into a file' -- sh -c 'or-embed -F npy -d 3 two >got2 && cmp got got2'
t '-F npy behind other bytes' -- sh -c '(printf 12345; or-embed -F npy -d 3 two) >got3 && tail -c +6 got3 | cmp - got'
t '-F npy of nothing' -- sh -c 'or-embed -F npy -d 3 -o none </dev/null && grep -q "(0, 3)" none'
t 'a full disk' -s 74 -e 'or-embed: *No space*' -- sh -c 'exec or-embed two >/dev/full'
t 'a closed stdout' -s 74 -e 'or-embed: *' -- sh -c 'exec or-embed two >&-'
t 'no place for -o' -s 73 -e 'or-embed: *' -- or-embed -o no/where two
t 'the reader goes away' -E -s PIPE -- sh -c 'mkfifo f; head -n 1 <f >/dev/null & seq 100000 | sh -c "exec or-embed >f" & wait $!; exit_of=$?; [ $exit_of -eq 141 ] && kill -PIPE $$'

# Many requests: the order, whichever comes first
seq 1000 >many
t 'the order of 1000 in 143 requests' -- sh -c 'or-embed -F tsv -Z 7 -P 16 many | cut -f 1 | cmp - many'
or-embed -F f32 -Z 1000 -P 1 many >whole
for z in 1 13 999; do
	t "-Z $z makes no difference" -- sh -c "or-embed -F f32 -Z $z -P 5 many | cmp - whole"
done
t 'vectors are of length 1' -o 1.00000 -- sh -c 'or-embed -F tsv two | head -n 1 | tr "\t" "\n" | sed 1d | awk "{ s += \$1 * \$1 } END { printf \"%.5f\n\", s }"'
t 'what is there goes out while more is to come' -- sh -c 'mkfifo p; or-embed <p >got & exec 3>p; echo hello >&3; until [ -s got ]; do sleep 0.01; done; exec 3>&-; wait'
is 'the text' "$(json got text)" '"hello"'

# Too long
long='one two three four five six seven eight nine ten'
t '--max-tokens' -s 65 -f "hello\n$long\nhello\n" -p "1\t$hello\n" -e 'or-embed: line 2: too long: about 1[0-9] tokens, and mock/embed takes 5*--split*' -- or-embed --max-tokens 5 -d 2 -F tsv
t '--split' -f "hello\n$long\nhello\n" -p '1\n2\n3\n' -- sh -c 'or-embed --split --max-tokens 5 -d 2 -F tsv >got && cut -f 1 got'
is 'leaves others alone' "$(sed -n 3p got)" "3	$hello"
t 'the mean of two pieces of one length' -- perl -e '
	sub v { my @v = split " ", `printf "%s\\n" "$_[0]" | or-embed -F tsv @_[1..$#_]`; shift @v; @v }
	my @a = v("aaaa bbb"); my @b = v(" cccc dd"); my @m = v("aaaa bbb cccc dd", "--split", "--max-tokens", "2");
	my @w = map { $a[$_] + $b[$_] } 0 .. $#a; my $n = 0; $n += $_ ** 2 for @w;
	abs($m[$_] - $w[$_] / sqrt $n) < 1e-6 or die "$_: $m[$_]" for 0 .. $#m; @m == 64 or die'
t '--split needs a limit' -s 64 -e 'or-embed: --split: *--max-tokens*' -- or-embed --split two
t 'a long text without blanks' -f 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\303\251\303\251\303\251\303\251\303\251\n' -p '1\n' -- sh -c 'or-embed --split --max-tokens 2 -F tsv | cut -f 1'

# Faults
t 'a request that fails is tried again' -w 30 -- sh -c 'or-embed -F f32 -Z 100 -P 10 -O mock.fail_times=2 -W 5 many | cmp - whole'
t 'an answer that is cut is not taken' -w 30 -- sh -c 'or-embed -F f32 -Z 500 -O mock.fail_times=1 -O mock.cut_after=1 many | cmp - whole'
t 'retries spent' -s 75 -e 'or-embed: mock: 503*' -- or-embed -r 0 -O mock.status=503 two
t 'the key is wrong' -s 77 -e 'or-embed: mock: 401*' -- or-embed -O mock.status=401 two
t 'no money' -s 6 -e 'or-embed: mock: 402*' -- or-embed -O mock.status=402 two
t 'a bad text is found and named' -s 65 -e 'or-embed: line 1: mock: 400*' -- or-embed -O mock.status=400 many
t '-w' -s 75 -e 'or-embed: *0.2 s*' -- or-embed -w 200ms -O mock.delay_ms=5000 two
t '-w while input is waited for' -s 75 -e 'or-embed: *0.2 s*' -- sh -c 'sleep 3 | or-embed -w 200ms'
t 'SIGINT' -s INT -- sh -c '(sleep 0.3; kill -INT $$) & exec or-embed -O mock.delay_ms=5000 two'

# The model
t 'no model' -s 78 -e 'or-embed: no model*OR_EMBED_MODEL*' -- env -u OR_EMBED_MODEL OR_MODEL=mock/echo or-embed two
t 'no embeddings' -s 69 -e 'or-embed: *mock/echo*mock/embed*' -- or-embed -m mock/echo two
t 'mock/embed is no chat' -s 69 -e 'or-chat: *mock/embed*' -- or-chat -N -m mock/embed hi
t 'two models' -s 64 -e 'or-embed: -m *' -- or-embed -m mock/embed,mock/echo two
t '-p' -s 6 -e 'or-embed: *' -- or-embed -p 0.5 two
t '-p that is enough' -p '1\n2\n' -- sh -c 'or-embed -p 1 -F tsv two | cut -f 1'
t '-M' -- sh -c 'or-embed -Z 1 -M meta two >/dev/null'
is 'a line for each request' "$(wc -l <meta | tr -d ' ')" 2
is 'its model' "$(head -n 1 meta | json - model)" '"mock/embed"'
is 'its tokens' "$(head -n 1 meta | json - usage prompt)" 1
is 'its status' "$(head -n 1 meta | json - status)" 0
t '-v tells of attempts' -p '' -e "or-embed: mock:embed: up to *
or-embed: trying mock:embed" -- sh -c 'or-embed -v two >/dev/null'

# Usage
t '-h' -o 1 -- sh -c 'or-embed -h | grep -c "^usage: or-embed"'
like '-V' "$(or-embed -V)" 'or-embed [0-9]*.[0-9]*'
for bad in '-F csv' '-d 0' '-d x' '-P 0' '-Z 0' '-Z x' '-k 3' '-Q x -0' '-Q x -F f32' '-Q x a b' '-I --ndjson' '-W 0' '-p cheap' '-r -1' '-O model=x' '-O input=x' '-O x' '-B x' '-L 5' '-g d' '- -' '--nosuch' '--max-tokens 0'; do
	# shellcheck disable=SC2086 # several words
	t "$bad" -s 64 -e 'or-embed: *' -- or-embed $bad
done
finish
