#!/bin/sh
# SPDX-License-Identifier: ISC
# Requests and answers through each format and back: our own, and where there are recordings all of them.
. "$(dirname "$0")/lib.sh"
skip_unless python3
for recorded in "${OR_RECORDINGS:-}" "${OR_RECORDINGS:-}/recorded" "$lib_top/../shared/recorded"; do
	[ ! -f "$recorded/INDEX.tsv" ] || break
done
[ -f "$recorded/INDEX.tsv" ] || recorded=
python3 "$lib_top/tests/roundtrip.py" "$lib_bin/or-xlate" "$lib_top/man/orutils-formats.7" ${recorded:+"$recorded"}
