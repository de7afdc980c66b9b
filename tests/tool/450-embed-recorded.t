#!/bin/sh
# SPDX-License-Identifier: ISC
# The recorded answers of embeddings, played to or-embed, against an independent reader.
. "$(dirname "$0")/lib.sh"
skip_unless python3
for recorded in "${OR_RECORDINGS:-}" "${OR_RECORDINGS:-}/recorded" "$lib_top/../shared/recorded"; do
	[ ! -f "$recorded/INDEX.tsv" ] || break
done
[ -f "$recorded/INDEX.tsv" ] || {
	echo '1..0 # SKIP no recordings (OR_RECORDINGS)'
	exit 0
}

# Each recording of the kind: directory, status, the provider's name of ours, how many vectors.
python3 - "$recorded" >cases <<'EOT'
import base64, json, pathlib, struct, sys
top = pathlib.Path(sys.argv[1])
names = {"gemini": "gemini", "vertexai": "gemini", "cohere": "cohere", "perplexity": "perplexity", "voyage": "voyage"}
def vectors(v, key=None):
    """Every vector below v, with its index where it has one."""
    if isinstance(v, str) and key in ("embedding", "base64"):
        yield base64.b64decode(v)
    elif isinstance(v, list) and v and isinstance(v[0], (int, float)):
        yield v
    elif isinstance(v, list):
        for x in v:
            yield from vectors(x, key)
    elif isinstance(v, dict):
        for k in v:
            if k in ("data", "embedding", "embeddings", "values", "float", "base64"):
                yield from vectors(v[k], k)
n = 0
for line in (top / "INDEX.tsv").read_text().splitlines():
    row = line.split("\t")
    d = top / row[0] / row[1]
    if not d.is_dir():
        continue
    url = json.loads((d / "meta.json").read_text()).get("url", "")
    if row[2] != "embed" and "embed" not in url.rsplit("/", 1)[-1]:
        continue
    provider = names.get(row[0], "openai")
    status = int((d / "response.status").read_text().split()[0])
    body = (d / "response.body").read_bytes()
    n += 1
    with open(f"want.{n}", "wb") as f:
        found = list(vectors(json.loads(body))) if status == 200 else []
        for v in found:
            if isinstance(v, bytes) and provider == "perplexity":
                v = [x - 256 if x > 127 else x for x in v]
            f.write(v if isinstance(v, bytes) else struct.pack(f"<{len(v)}f", *v))
    print(n, d, status, provider, len(found), sep="\t")
EOT

while IFS='	' read -r n path code provider count; do
	upstream "status $code" "header Content-Length: $(wc -c <"$path/response.body")" line "file $path/response.body"
	mkdir -p config/orutils
	wire=openai
	case $provider in gemini | cohere) wire=$provider ;; esac
	echo "$provider $wire http://127.0.0.1:$PORT none" >config/orutils/providers
	if [ "$code" = 200 ]; then
		t "$(basename "$path"): $count vectors" -O "want.$n" -- sh -c "seq $count | or-embed -m $provider:recorded -F f32 -r 0"
	else
		t "$(basename "$path"): an error" -E -s "$([ "$code" = 401 ] && echo 77 || echo 69)" -- sh -c "seq 1 | or-embed -m $provider:recorded -F f32 -r 0"
	fi
done <cases
ok 'all of them were played' [ "$(wc -l <cases)" -ge 10 ]
finish
