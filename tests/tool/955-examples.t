#!/bin/sh
# SPDX-License-Identifier: ISC
# The examples of the manual pages: those that ask the mock print what stands below them (but for blanks at the ends of lines, which no page
# keeps), and all of them are shell that can be read.
. "$(dirname "$0")/lib.sh"
unset OR_LEDGER

# A literal block of EXAMPLES becomes all.N; in it, each "$ command" that names the mock, with its lines that begin with "> ", cmd.N.K,
# and the lines below it want.N.K.
cat >examples.awk <<'EOT'
function text(s) { gsub(/\\\(dq/, "\"", s); gsub(/\\e/, "\\", s); gsub(/\\-/, "-", s); gsub(/\\&/, "", s); return s }
/^\.Sh / { inside = /EXAMPLES/ }
inside && /^\.Dl / { n++; print text(substr($0, 5)) >(dir "/all." n); close(dir "/all." n) }
inside && /^\.Bd -literal/ { open = 1; n++; k = 0; plain = 1; next }
/^\.Ed/ { open = 0; next }
!open { next }
{ line = text($0) }
line ~ /^\$ / {
	k++; plain = 0; mock = line ~ /mock\//
	line = substr(line, 3); print line >(dir "/all." n)
	if (mock) { print line >(dir "/cmd." n "." k); printf "" >(dir "/want." n "." k) }
	continues = line ~ /(\||\\)$/
	next
}
!plain && (line ~ /^> / || continues) {
	sub(/^> /, "", line); print line >(dir "/all." n)
	if (mock) print line >(dir "/cmd." n "." k)
	continues = line ~ /(\||\\)$/
	next
}
plain { print line >(dir "/all." n) }
!plain && mock { print line >(dir "/want." n "." k) }
EOT

n_run=0
for page in "$lib_top"/man/*.[157]; do
	name=${page##*/}
	mkdir "$name"
	awk -v dir="$name" -f examples.awk "$page"
	for all in "$name"/all.*; do
		[ -f "$all" ] || continue
		ok "$name, example ${all##*.} is shell: $(head -n 1 "$all" | cut -c 1-50)" sh -n "$all"
	done
	for cmd in "$name"/cmd.*; do
		[ -f "$cmd" ] || continue
		n_run=$((n_run + 1))
		sh "$cmd" >got 2>&1 </dev/null
		ok "$name: $(head -n 1 "$cmd" | cut -c 1-60)" diff -b "$name/want.${cmd#"$name"/cmd.}" got
	done
done
ok 'some were run' test "$n_run" -ge 5
finish
