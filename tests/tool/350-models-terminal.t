#!/bin/sh
# SPDX-License-Identifier: ISC
# or-models on a terminal: columns as ls makes them, a heading, no control bytes.
. "$(dirname "$0")/lib.sh"
skip_unless script

upstream <<'EOT'
-- forever
status 200
body {"data":[{"id":"a/one","name":"\\u001b[31mRed\\u009b","context_length":1000,"pricing":{"prompt":"0.0000001","completion":"0.00001"}},{"id":"a/three"},{"id":"b/four"},{"id":"b/two","name":"Zwei \\u00e4"}]}
EOT
or-models >/dev/null

# on_tty WIDTH command: what it writes to a terminal of that width
on_tty()
{
	script -qec "stty cols $1 2>/dev/null; $2" /dev/null </dev/null | tr -d '\r'
}
is 'one line where it fits' "$(on_tty 80 or-models)" 'a/one  a/three  b/four  b/two'
is 'else down, then across' "$(on_tty 20 or-models)" 'a/one    b/four
a/three  b/two'
is 'a narrow one' "$(on_tty 5 or-models)" 'a/one
a/three
b/four
b/two'
is 'COLUMNS is believed' "$(on_tty 80 'COLUMNS=20 or-models')" 'a/one    b/four
a/three  b/two'
is '-1' "$(on_tty 80 'or-models -1 b/\*')" 'b/four
b/two'
is '-l: a heading, aligned, no control bytes' "$(on_tty 80 'or-models -l a/one b/two' | sed 's/ *$//')" 'ID     IN $/M  OUT $/M  CONTEXT  MAX OUT  CREATED  TAKES  NAME
a/one     0.1       10     1000        -  -        -      [31mRed
b/two       -        -        -        -  -        -      Zwei ä'
is '-F tsv stays TSV' "$(on_tty 80 'or-models -F tsv a/three')" 'a/three	-	-	-	-	-	-	-'
on_tty 80 'or-models -o file; cat file' >shown
is '-o is no terminal' "$(cat file)" 'a/one
a/three
b/four
b/two'
finish
