#!/bin/sh
# SPDX-License-Identifier: ISC
# The real catalog among the recordings: costs against fractions worked out in Python, order and prices against its decimals.
. "$(dirname "$0")/lib.sh"
skip_unless python3
for data in "${OR_RECORDINGS:-}" "${OR_RECORDINGS:-}/data" "${OR_RECORDINGS:-}/../data" "$lib_top/../shared/data"; do
	[ ! -f "$data/openrouter-models.json" ] || break
done
[ -f "$data/openrouter-models.json" ] || {
	echo '1..0 # SKIP no recorded catalog'
	exit 0
}
list=$data/openrouter-models.json

python3 "$lib_top/tests/price_oracle.py" "$list" >cases
unit=$(dirname "$lib_upstream")/unit/price
ok "$(wc -l <cases) costs are those of the oracle" "$unit" cases
sed 's/^/# /' .ok

printf '%s\n' '-- forever' 'status 200' "header Content-Length: $(wc -c <"$list")" line "file $list" >case
upstream <case
python3 - "$list" >want.S <<'EOT'
import json, sys
from decimal import Decimal as D
rows = json.load(open(sys.argv[1], encoding="utf-8"))["data"]
def key(m):
    p, c = D(m["pricing"]["prompt"]), D(m["pricing"]["completion"])
    return (p < 0, p, c if p >= 0 else 0, m["id"].encode())
for m in sorted(rows, key=key):
    print(m["id"])
EOT
python3 - "$list" >want.l <<'EOT'
import datetime, json, sys
from decimal import Decimal as D
def million(s):
    v = D(s) * 1000000
    return "-" if v < 0 else format(v, "f").rstrip("0").rstrip(".") if "." in format(v, "f") else format(v, "f")
def say(v):
    return str(v) if v else "-"
rows = json.load(open(sys.argv[1], encoding="utf-8"))["data"]
for m in sorted(rows, key=lambda m: m["id"].encode()):
    day = datetime.datetime.fromtimestamp(m["created"], datetime.timezone.utc).strftime("%Y-%m-%d")
    print(m["id"], million(m["pricing"]["prompt"]), million(m["pricing"]["completion"]), say(m["context_length"]),
        say(m["top_provider"]["max_completion_tokens"]), day, "+".join(m["architecture"]["input_modalities"]) or "-", m["name"], sep="\t")
EOT
t '-S' -O want.S -- or-models -S
t '-S from the cache' -O want.S -- or-models -S
t '-l' -O want.l -- or-models -l
is 'one request' "$(n_sent)" 1
python3 -c 'import json, sys
for m in sorted(json.load(open(sys.argv[1]))["data"], key=lambda m: m["id"].encode()): print(json.dumps(m, sort_keys=True))' "$list" >want.json
or-models -F ndjson >rows
is 'one line a row' "$(wc -l <rows)" "$(wc -l <want.json)"
python3 -c 'import json, sys
for line in sys.stdin: print(json.dumps(json.loads(line), sort_keys=True))' <rows >got.json
ok '-F ndjson loses nothing' cmp got.json want.json
or-models -F json | python3 -c 'import json, sys
for m in json.load(sys.stdin)["data"]: print(json.dumps(m, sort_keys=True))' >got.json
ok 'nor does -F json' cmp got.json want.json
python3 -c 'import json, sys
for m in sorted(json.load(open(sys.argv[1]))["data"], key=lambda m: m["id"].encode()):
    if {"tools", "reasoning"} <= set(m["supported_parameters"]) and "image" in m["architecture"]["input_modalities"] and m["context_length"] >= 200000: print(m["id"])' "$list" >want
t '-y and -z' -O want -- or-models -y tools,image,reasoning -z 200000
ok 'that is some' [ "$(wc -l <want)" -gt 50 ]
finish
