# SPDX-License-Identifier: ISC
# What `make demo` runs. The catalog's fallbacks are forced by a proxy that isn't there; loopback is never proxied.
. "$(dirname "$0")/lib.sh"
skip_unless curl

mkdir scripts tmp
cp "$lib_top/scripts/demo" scripts/demo

# demo [VARIABLE=value...]: runs it from a tree of its own, where no recorded catalog lies beside it.
demo()
{
	env OR_BIN="$lib_bin" OR_UPSTREAM="$lib_upstream" HTTPS_PROXY=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 \
		TMPDIR="$dir/tmp" "$@" sh scripts/demo >out 2>err </dev/null
	echo $? >status
}

demo OR_RECORDINGS="$dir/none"
is 'without a network: status' "$(cat status)" 0
like 'it says which model' "$(cat err)" 'demo: the model: *'
like 'it says which catalog' "$(cat err)" '*demo: the catalog: a generated one*'
ok 'a prompt and its answer' grep -q '^\$ echo .* | or-chat' out
ok 'all 422 rows' grep -qx 422 out
is 'fifteen pipelines' "$(grep -c '^\$ ' out)" 15
ok 'curl through or-serve' grep -q '"content":"by curl"' out
ok 'and or-chat, twice' grep -q '^suite	mock/echo	2	' out
ok 'a budget that has no room left' grep -q "the day's budget of .* has .* left" out
ok 'and its status' grep -qx 'status 6' out
ok 'or-usage tells both calls' grep -q '^nightly	mock/echo	0	1	4	4	' out
ok 'a plan' grep -q '^1	openrouter:maker-' out
ok 'and who is not in it' grep -q 'left out: -p' out
ok 'and none of them was empty' awk '/^\$/ { getline; if ($0 == "") exit 1 }' out
is 'no leftovers' "$(ls -A tmp)" ''

mkdir recordings
printf '{"data":[{"id":"a/b","pricing":{"prompt":"0","completion":"0"}}]}' >recordings/openrouter-models.json
demo OR_RECORDINGS="$dir/recordings"
is 'a recorded catalog: status' "$(cat status)" 0
like 'it says so' "$(cat err)" '*demo: the catalog: the recorded one*'
ok 'it was taken' grep -q '^a/b' out

demo OR_BIN="$dir/none" PATH=/usr/bin:/bin
ok 'without the tools: no success' test "$(cat status)" -ne 0
is 'no leftovers then' "$(ls -A tmp)" ''
finish
