#!/bin/sh
# SPDX-License-Identifier: ISC
# Every recorded answer against an independent reader.
. "$(dirname "$0")/lib.sh"
skip_unless python3
decode=$(dirname "$lib_upstream")/decode
for recorded in "${OR_RECORDINGS:-}" "${OR_RECORDINGS:-}/recorded" "$lib_top/../shared/recorded"; do
	[ ! -f "$recorded/INDEX.tsv" ] || break
done
[ -f "$recorded/INDEX.tsv" ] || {
	echo '1..0 # SKIP no recordings (OR_RECORDINGS)'
	exit 0
}
python3 "$lib_top/tests/recordings.py" "$decode" "$recorded"
