#!/bin/sh
# SPDX-License-Identifier: ISC
# or-usage -F html: what the page says, and how a browser shows it.
. "$(dirname "$0")/lib.sh"
OR_LEDGER=$dir/ledger.db
export OR_LEDGER
page() { python3 "$lib_top/tests/page.py" "$@"; }

# Three weeks of calls: eleven models, of which the plot names seven; one whose name would be markup; some that failed.
python3 - >calls <<'EOT'
for day in range(21):
    for m in range(11):
        at = 1793577600000 + day * 86400000 + m * 3600000  # from 2026-11-02 on
        print(f"call id=g at={at} tag=t{m % 3} status={75 if m == 4 else 0}")
        if m % 3 == 0:
            print(f"attempt model=acme/m{m} provider=q endpoint=q:m{m} http=503 error=temporary blamed=1 ms=9 cost=0")
        name = "<b>&\"x'</b>" if m == 10 else f"acme/m{m}"
        print(f"attempt model={name} provider=p endpoint=p:m{m} http=200 ttft={100 + day * m} ms={1000 + 90 * m} prompt={1000 * (m + 1)} "
              f"completion=500 cached=300 cost=0.0{m + 1}" + (" error=temporary" if m == 4 else ""))
EOT
fill "$OR_LEDGER" <calls
days='-d 2026-11-02,2026-11-22'

# shellcheck disable=SC2086 # words
t 'a page' -p '' -- or-usage $days -F html -o page.html
is 'it is sound' "$(page check page.html)" ''
# shellcheck disable=SC2086
or-usage $days >by-model
is 'of eleven models' "$(wc -l <by-model | tr -d ' ')" 11
ok 'its first table is the report' sh -c 'python3 "$1" table page.html >shown && cmp shown by-model' - "$lib_top/tests/page.py"
same()
{
	# shellcheck disable=SC2086
	or-usage $days -g "$2" >wanted
	page table page.html "$1" >shown
	ok "$1: the same as -g $2" cmp shown wanted
}
same 'By day and model' day,model
same 'By day' day
same 'By endpoint' endpoint
same 'By status' status
same 'By endpoint and status' endpoint,status
is 'the totals' "$(page facts page.html | tr '\t\n' ' |')" "spent \$$(or-usage -s -d 2026-11-02,2026-11-22 | cut -f 6)|calls 231|prompt tokens 1.4M|completion tokens 116k|errors 21|"
ok 'seven models have a colour each, the rest share one' sh -c '[ "$(grep -o "all others</li>" page.html | wc -l)" = 1 ] && grep -q "acme/m8</li>" page.html && ! grep -q "acme/m0</li>" page.html'
ok 'text is no markup' grep -q '&lt;b&gt;&amp;&quot;x&#39;&lt;/b&gt;' page.html
ok 'not anywhere' sh -c '! grep -q "<b>" page.html'
ok 'it is small' [ "$(wc -c <page.html)" -lt 200000 ]

# shellcheck disable=SC2086
t 'groups of attempts' -- or-usage $days -g provider,tag -F html -o two.html provider=p
is 'are sound' "$(page check two.html)" ''
ok 'and say what is counted' grep -q 'Attempts are counted' two.html
t 'a day is shown in hours' -- or-usage -d 2026-11-05,2026-11-05 -F html -o day.html
is 'sound, too' "$(page check day.html)" ''
is 'a row an hour' "$(page table day.html 'By hour' | wc -l | tr -d ' ')" 11
t 'no calls' -- or-usage -d 2020-01-01,2020-02-01 -F html -o none.html
is 'are a page' "$(page check none.html)" ''
ok 'that says so' grep -q 'No call was made' none.html
t 'years' -- or-usage -d 2001-01-01 -F html -o years.html
is 'begin where the calls do' "$(page check years.html)$(grep -o 'Nov 2</text>' years.html | head -n 1)" 'Nov 2</text>'
t 'a budget, above' -s 6 -e 'or-usage: *' -- or-usage -d 2026-11-02 -F html -B 0.1 -o over.html
ok 'the page is there' [ -s over.html ]

# ── in a browser ──
if ! command -v chromium >/dev/null 2>&1; then
	skip 'the page in a browser' 'no chromium'
	finish
fi
# Nothing of the network, not even a name.
browse()
{
	chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$dir/chromium" --host-resolver-rules='MAP * ~NOTFOUND' \
		--enable-logging=stderr --disable-background-networking "$@" 2>said
}
browse --dump-dom "file://$dir/page.html" >dom
page table dom >shown
ok 'the browser reads the same table' cmp shown by-model
is 'and complains of nothing' "$(grep CONSOLE said)" ''
sed 's/<main>/<main><img src="http:\/\/127.0.0.1:1\/x.png"><script>document.title = "ran"<\/script>/' page.html >evil.html
browse --dump-dom "file://$dir/evil.html" >dom
ok 'what would come from elsewhere is refused' sh -c 'grep -q "CONSOLE.*img-src\|CONSOLE.*default-src" said && ! grep -q "<title>ran" dom'
browse --window-size=1000,1600 --screenshot=light.png "file://$dir/page.html"
is 'columns in their colours, on a light ground' "$(page colours light.png 2f6db5 c9741f 2e8b77 8c919b fbfaf8 15171b)" 'many many many many many none'
browse --window-size=1000,1600 --blink-settings=preferredColorScheme=0 --screenshot=dark.png "file://$dir/page.html"
is 'other ones on a dark one' "$(page colours dark.png 6ea4e6 e39a4e 5cbba5 7e8591 15171b fbfaf8)" 'many many many many many none'
for width in 320 360 768; do
	page frame page.html "$width" >frame.html
	browse --dump-dom "file://$dir/frame.html" >dom
	is "nothing hangs over the edge, $width pixels wide" "$(sed -n 's/.*<title>\([^<]*\).*/\1/p' dom | head -n 1)" "$width of $width"
done
finish
