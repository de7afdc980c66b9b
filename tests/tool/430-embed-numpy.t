#!/bin/sh
# SPDX-License-Identifier: ISC
# or-embed and numpy: what is written is read by it, what it writes is read, and the numbers are the same to the bit.
. "$(dirname "$0")/lib.sh"
skip_unless python3
python3 -c 'import numpy' 2>/dev/null || {
	echo '1..0 # SKIP no numpy'
	exit 0
}
export OR_EMBED_MODEL=mock/embed

py() { python3 -c "import base64, json, numpy as np, sys; $1"; }

seq 500 >many
or-embed -Z 30 many >v.ndjson
or-embed -Z 30 -F npy -o v.npy many
or-embed -Z 30 -F f32 many >v.f32
or-embed -Z 30 -F tsv many >v.tsv
or-embed -Z 30 -F base64 many >v.base64
ok 'npy is loaded' py 'a = np.load("v.npy"); assert a.shape == (500, 64) and a.dtype == np.dtype("<f4") and a.flags["C_CONTIGUOUS"]'
ok 'mapped too' py 'a = np.load("v.npy", mmap_mode="r"); assert abs(np.linalg.norm(a[499]) - 1) < 1e-6'
ok 'f32 is the same' py 'assert (np.load("v.npy") == np.fromfile("v.f32", "<f4").reshape(500, 64)).all()'
ok 'ndjson' py 'r = [json.loads(l) for l in open("v.ndjson")]; assert (np.array([x["embedding"] for x in r], "f4") == np.load("v.npy")).all() and [x["record"] for x in r] == list(range(1, 501))'
ok 'tsv' py 'assert (np.loadtxt("v.tsv", delimiter="\t", dtype="f4")[:, 1:] == np.load("v.npy")).all()'
ok 'base64' py 'assert b"".join(map(base64.b64decode, open("v.base64"))) == open("v.f32", "rb").read()'
ok 'npy of nothing' sh -c 'or-embed -F npy -o none -d 3 </dev/null && python3 -c "import numpy; assert numpy.load(\"none\").shape == (0, 3)"'

# Floats of an answer, as numpy reads the very text
python3 - <<'EOT'
import json, random, struct
import numpy as np
random.seed(7)
def number():
    k = random.randrange(6)
    if k == 0: return repr(random.uniform(-1, 1))
    if k == 1: return "%.9g" % struct.unpack("<f", struct.pack("<I", random.randrange(0x7f7fffff)))[0]
    if k == 2: return "%.17e" % (random.uniform(-1, 1) * 10.0 ** random.randrange(-44, 37))
    if k == 3: return str(np.float32(random.gauss(0, .05)))
    if k == 4: return "-0." + "".join(random.choice("0123456789") for _ in range(random.randrange(1, 40)))
    return str(random.randrange(-10**6, 10**6))
texts = [[number() for _ in range(4000)] for _ in range(10)]
open("answer", "w").write('{"data":[' + ",".join('{"index":%d,"embedding":[%s]}' % (i, ", ".join(t)) for i, t in enumerate(texts)) + "]}")
np.save("wanted.npy", np.array([[np.float32(x) for x in t] for t in texts], "<f4"))
np.array([[np.float32(x) for x in t] for t in texts], "<f4").tofile("wanted.f32")
EOT
upstream <<EOT
-- forever
status 200
header Content-Length: $(wc -c <answer)
line
file $PWD/answer
EOT
export OPENAI_BASE_URL=http://127.0.0.1:$PORT/v1 OPENAI_API_KEY=sk-x
seq 10 >ten
t 'forty thousand numbers, to the bit' -O wanted.f32 -- or-embed -m openai:m -F f32 ten

# The nearest
python3 - <<'EOT'
import numpy as np
rng = np.random.default_rng(5)
v = rng.standard_normal((3000, 64)).astype("f4")
v[17] = 0
np.save("random.npy", v)
EOT
ok 'the nearest are those that numpy finds' sh -c 'or-embed -Q what -k 50 random.npy >got && echo what | or-embed -F f32 >q && python3 -c "
import numpy as np
v, q = np.load(\"random.npy\").astype(\"f8\"), np.fromfile(\"q\", \"<f4\").astype(\"f8\")
n = np.linalg.norm(v, axis=1); n[17] = 1
s = v @ q / n / np.linalg.norm(q); s[17] = -9
best = np.argsort(-s, kind=\"stable\")[:50]
rows = [l.split() for l in open(\"got\")]
assert [int(r[1]) for r in rows] == [i + 1 for i in best], rows
assert all(abs(float(r[0]) - s[i]) < 1e-6 for r, i in zip(rows, best))"'
python3 -c 'import numpy as np; a = np.load("random.npy"); np.save("doubles.npy", a.astype("f8")); np.save("columns.npy", np.asfortranarray(a)); np.save("flat.npy", a[0]); np.save("wide.npy", a.reshape(1500, 128))'
t 'doubles' -s 65 -e 'or-embed: doubles.npy: *float32*' -- or-embed -Q what doubles.npy
t 'columns' -s 65 -e 'or-embed: columns.npy: *C order*' -- or-embed -Q what columns.npy
t 'one dimension' -s 65 -e 'or-embed: flat.npy: *' -- or-embed -Q what flat.npy
t 'other dimensions' -s 65 -e 'or-embed: wide.npy: *128 dimensions, the query has 64*' -- or-embed -Q what wide.npy
finish
