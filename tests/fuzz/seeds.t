# SPDX-License-Identifier: ISC
# Each fuzz entry takes its seeds, and the inputs that it once failed on (tests/fuzz/corpus/ENTRY/), without a complaint.
top=$(cd "$(dirname "$0")/../.." && pwd)
bin=${OR_FUZZ:-$top/build/fuzz}
seeds=$(mktemp -d) || exit 1
trap 'rm -rf "$seeds"' EXIT

cd "$top" || exit 1
python3 scripts/fuzz-seeds "$seeds" || echo 'Bail out! no seeds'
n=0 failed=0
for entry in tests/fuzz/*.c; do
	name=$(basename "$entry" .c)
	[ "$name" != driver ] || continue
	n=$((n + 1))
	mkdir -p "$seeds/$name"
	set -- "$seeds/$name"
	[ ! -d "tests/fuzz/corpus/$name" ] || set -- "$@" "tests/fuzz/corpus/$name"
	if "$bin/$name" "$@" >"$seeds/said" 2>&1; then
		echo "ok $n - $name: $(sed 's/.*: //' "$seeds/said") inputs"
	else
		failed=1
		echo "not ok $n - $name"
		sed 's/^/# /' "$seeds/said"
	fi
done
echo "1..$n"
exit $failed
