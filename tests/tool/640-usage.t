#!/bin/sh
# SPDX-License-Identifier: ISC
# or-usage: what it selects, groups and sums, and in which forms it says so.
. "$(dirname "$0")/lib.sh"
OR_LEDGER=$dir/ledger.db
export OR_LEDGER

t 'no ledger yet: nothing was spent' -- or-usage
t 'and that is a row of zeros' -o '0	0	0	0	0	0	0	0' -- or-usage -s
t 'below any budget' -- or-usage -B 0
t 'not even a file was made of it' -o no -- sh -c '[ -e "$OR_LEDGER" ] || echo no'
t 'OR_LEDGER=none' -s 78 -e 'or-usage: there is no ledger: OR_LEDGER is none' -- env OR_LEDGER=none or-usage

# 2026-11-22 is a Sunday; 1795305600000 its midnight
fill "$OR_LEDGER" <<'EOT'
call id=gen-1 at=1795305600000 tag=ci-1 session=s1 finish=stop
attempt model=openai/gpt-4o provider=openai endpoint=openai:gpt-4o key=OPENAI_API_KEY http=200 ttft=100 ms=1100 prompt=100 completion=50 cached=40 reasoning=10 cost=0.1
call id=gen-2 at=1795312800000 tag=ci-2 finish=length status=3 error=truncated
attempt model=a/x provider=q endpoint=q:x key=Q http=503 error=temporary blamed=1 ms=10 cost=0
attempt model=a/x provider=p endpoint=p:x key=P http=200 ttft=200 ms=2200 prompt=10 completion=7 cost=0.000000000001
call id=gen-3 at=1795391999999 tool=or-embed
attempt model=a/x provider=p endpoint=p:x key=P http=200 ttft=300 ms=300 prompt=5 completion=3
call id=gen-4 at=1795392000000 tag=ci-1 status=75 error=temporary
attempt model=b/y provider=q endpoint=q:y key=Q http=500 error=temporary blamed=1 ms=5 cost=0
call id=gen-5 at=1795392000001 tag=ci-1 finish=stop
attempt model=openai/gpt-4o provider=openai endpoint=openai:gpt-4o key=OPENAI_API_KEY http=200 ttft=300 ms=1300 prompt=100 completion=25 cost=0.30 source=computed
EOT
days='-d 2026-11-22,2026-11-23'

# shellcheck disable=SC2086 # words
u() { t "$1" -p "$2" -- or-usage $days $3; }
u 'by model' 'openai/gpt-4o\t2\t200\t75\t40\t10\t0.4\t0\t0
a/x\t2\t15\t10\t0\t0\t0.000000000001\t1\t1
b/y\t1\t0\t0\t0\t0\t0\t0\t1\n' ''
u 'totals' '5\t215\t85\t40\t10\t0.400000000001\t1\t2\n' -s
u 'by endpoint: attempts, success, percentiles' 'openai:gpt-4o\t2\t200\t75\t40\t10\t0.4\t0\t0\t100\t100\t300\t300\t300\t50\t25\t25\t25
p:x\t2\t15\t10\t0\t0\t0.000000000001\t1\t0\t100\t200\t300\t300\t300\t10\t3.5\t3.5\t3.5
q:x\t1\t0\t0\t0\t0\t0\t0\t1\t0\t-\t-\t-\t-\t-\t-\t-\t-
q:y\t1\t0\t0\t0\t0\t0\t0\t1\t0\t-\t-\t-\t-\t-\t-\t-\t-\n' '-g endpoint'
u 'by day, in their order' '2026-11-22\t3\t115\t60\t40\t10\t0.100000000001\t1\t1
2026-11-23\t2\t100\t25\t0\t0\t0.3\t0\t1\n' '-g day'
u 'by hour and tool' '2026-11-22T00:00Z\tor-chat\t1\t100\t50\t40\t10\t0.1\t0\t0
2026-11-22T02:00Z\tor-chat\t1\t10\t7\t0\t0\t0.000000000001\t0\t1
2026-11-22T23:00Z\tor-embed\t1\t5\t3\t0\t0\t0\t1\t0
2026-11-23T00:00Z\tor-chat\t2\t100\t25\t0\t0\t0.3\t0\t1\n' '-g hour,tool'
u 'by tag: none is one, too' 'ci-1\t3\t200\t75\t40\t10\t0.4\t0\t1
ci-2\t1\t10\t7\t0\t0\t0.000000000001\t0\t1
-\t1\t5\t3\t0\t0\t0\t1\t0\n' '-g tag'
u 'by the name of the key' 'OPENAI_API_KEY\t2\t200\t75\t40\t10\t0.4\t0\t0
P\t2\t15\t10\t0\t0\t0.000000000001\t1\t1
Q\t1\t0\t0\t0\t0\t0\t0\t1\n' '-g key'
u 'by status' '0\t3\t205\t78\t40\t10\t0.4\t1\t0
3\t1\t10\t7\t0\t0\t0.000000000001\t0\t1
75\t1\t0\t0\t0\t0\t0\t0\t1\n' '-g status'
u 'by session' 's1\t1\t100\t50\t40\t10\t0.1\t0\t0\n' '-g session session=s*'

u 'a selector' '3\t200\t75\t40\t10\t0.4\t0\t1\n' '-s tag=ci-1'
u 'two for one field: either' '4\t210\t82\t40\t10\t0.400000000001\t0\t2\n' '-s tag=ci-1 tag=ci-2'
u 'two fields: both' '1\t0\t0\t0\t0\t0\t0\t1\n' '-s tag=ci-1 status=75'
u '* goes across slashes' '2\t200\t75\t40\t10\t0.4\t0\t0\n' '-s model=open*o'
u 'no tag' '1\t5\t3\t0\t0\t0\t1\t0\n' '-s tag='
u 'by place, where it failed: attempts' '2\t0\t0\t0\t0\t0\t0\t2\n' '-s provider=q'
u 'nothing fits' '' 'model=z'

u 'a row a call' '2026-11-22T00:00:00Z\tgen-1\tci-1\topenai/gpt-4o\topenai:gpt-4o\t0\tstop\t100\t50\t40\t10\t0.1\treported\t100\t1100\t1\t-
2026-11-22T02:00:00Z\tgen-2\tci-2\ta/x\tp:x\t3\tlength\t10\t7\t-\t-\t0.000000000001\treported\t200\t2200\t2\t-
2026-11-22T23:59:59Z\tgen-3\t-\ta/x\tp:x\t0\t-\t5\t3\t-\t-\t-\tunknown\t300\t300\t1\t-
2026-11-23T00:00:00Z\tgen-4\tci-1\tb/y\tq:y\t75\t-\t-\t-\t-\t-\t0\treported\t-\t5\t1\t-
2026-11-23T00:00:00Z\tgen-5\tci-1\topenai/gpt-4o\topenai:gpt-4o\t0\tstop\t100\t25\t-\t-\t0.3\tcomputed\t300\t1300\t1\t-\n' -l
t 'one that failed on its way is listed under where it failed' -o gen-2 -- sh -c 'or-usage -d 2026-11-22 -l provider=q model=a/x | cut -f 2'

u 'NDJSON' '{"model":"openai/gpt-4o","calls":2,"prompt":200,"completion":75,"cached":40,"reasoning":10,"cost":0.4,"unknown":0,"errors":0}
{"model":"a/x","calls":2,"prompt":15,"completion":10,"cached":0,"reasoning":0,"cost":0.000000000001,"unknown":1,"errors":1}
{"model":"b/y","calls":1,"prompt":0,"completion":0,"cached":0,"reasoning":0,"cost":0,"unknown":0,"errors":1}\n' '-F ndjson'
u 'its keys by name; a status is a number, no tag is null' '{"status":0,"tag":null,"calls":1,"prompt":5,"completion":3,"cached":0,"reasoning":0,"cost":0,"unknown":1,"errors":0}
{"status":75,"tag":"ci-1","calls":1,"prompt":0,"completion":0,"cached":0,"reasoning":0,"cost":0,"unknown":0,"errors":1}\n' '-F ndjson -g status,tag model=[ab]/* status=[07]*'
u 'and percentiles' '{"provider":"q","calls":2,"prompt":0,"completion":0,"cached":0,"reasoning":0,"cost":0,"unknown":0,"errors":2,"success":0,"ttft_ms":{"p50":null,"p75":null,"p90":null,"p99":null},"tokens_per_s":{"p50":null,"p75":null,"p90":null,"p99":null}}
' '-F ndjson -g provider provider=q'
u 'JSON' '{"from":"2026-11-22T00:00:00Z","until":"2026-11-24T00:00:00Z","rows":[{"tag":"ci-2","calls":1,"prompt":10,"completion":7,"cached":0,"reasoning":0,"cost":0.000000000001,"unknown":0,"errors":1}],"total":{"calls":1,"prompt":10,"completion":7,"cached":0,"reasoning":0,"cost":0.000000000001,"unknown":0,"errors":1}}
' '-F json -g tag tag=ci-2'
u 'calls as JSON' '{"from":"2026-11-22T00:00:00Z","until":"2026-11-24T00:00:00Z","rows":[{"time":"2026-11-22T23:59:59Z","id":"gen-3","tag":null,"model":"a/x","endpoint":"p:x","status":0,"finish":null,"prompt":5,"completion":3,"cached":null,"reasoning":null,"cost":null,"source":"unknown","ttft_ms":300,"ms":300,"attempts":1,"client":null}],"total":{"calls":1,"prompt":5,"completion":3,"cached":0,"reasoning":0,"cost":0,"unknown":1,"errors":0}}
' '-F json -l tool=or-embed'
u 'and as NDJSON' '{"time":"2026-11-23T00:00:00Z","id":"gen-4","tag":"ci-1","model":"b/y","endpoint":"q:y","status":75,"finish":null,"prompt":null,"completion":null,"cached":null,"reasoning":null,"cost":0,"source":"reported","ttft_ms":null,"ms":5,"attempts":1,"client":null}
' '-F ndjson -l status=75'
u 'JSON without rows' '{"from":"2026-11-22T00:00:00Z","until":"2026-11-24T00:00:00Z","rows":[],"total":{"calls":0,"prompt":0,"completion":0,"cached":0,"reasoning":0,"cost":0,"unknown":0,"errors":0}}
' '-F json model=z'

# ── -d ──
# n NAME RANGE COUNT
n() { t "$1" -o "$3" -- sh -c "or-usage -s -d $2 | cut -f 1"; }
n 'a day as the end is in it' 2026-11-22,2026-11-22 3
n 'a time as the end is not' 2026-11-22,2026-11-22T23:59:59 2
n 'a time as the start is' 2026-11-22T02:00,2026-11-23T00:00:00Z 2
n 'seconds and Z' 2026-11-22T02:00:01Z,2026-11-22 1
n 'a date alone: until now' 2026-11-23 2
n 'before it all' 2026-11-01,2026-11-21 0
for bad in x '' 2026-11-31 2026-13-01 2026-11-22T24:00 2026-11-22T1:00 2026-11-22x 1969-12-31 7x today,x ,today 2026-11-23,2026-11-22 today,yesterday 26-11-22 -1d; do
	t "no range: $bad" -s 64 -e 'or-usage: *' -- or-usage -d "$bad"
done
t 'what a range is, is told' -s 64 -e "or-usage: -d: 'noon' is no range of time: a duration (7d), a date (2026-11-03), today, yesterday, month" -- or-usage -d noon
t 'the wrong way round' -s 64 -e "or-usage: -d: '2026-11-23,2026-11-22' ends before it begins" -- or-usage -d 2026-11-23,2026-11-22

# ── -B ──
t 'below the budget' -o '0.4' -- sh -c 'or-usage -d 2026-11-22 -B 0.4 -s tag=ci-1 | cut -f 6'
t 'above it: the report, and 6' -s 6 -p '3\t200\t75\t40\t10\t0.4\t0\t1\n' -e 'or-usage: $0.4 were spent, more than $0.399999999999' -- or-usage -d 2026-11-22 -B 0.399999999999 -s tag=ci-1
t 'what is not known does not pass' -s 6 -p '1\t5\t3\t0\t0\t0\t1\t0\n' -e "or-usage: \$0 of \$5 were spent, and the cost of 1 calls isn't known" -- or-usage -d 2026-11-22 -B 5 -s tag=
t 'with -o the file is there all the same' -s 6 -e '*' -- or-usage -d 2026-11-22 -B 0.1 -o kept
is 'whole' "$(wc -l <kept | tr -d ' ')" 3
t 'no such money' -s 64 -e "or-usage: option --budget: bad argument '-1'" -- or-usage -B -1

# ── wrong use ──
t 'an unknown key' -s 64 -e "or-usage: -g: there is no key 'colour'" -- or-usage -g model,colour
t 'a key twice' -s 64 -e "or-usage: -g: the key 'day' stands twice" -- or-usage -g day,model,day
t 'an empty key' -s 64 -e 'or-usage: *' -- or-usage -g model,
t 'an unknown field' -s 64 -e "or-usage: 'colour=red': there is no such field" -- or-usage colour=red
t 'no field at all' -s 64 -e "or-usage: 'gpt-4o' is no field=pattern" -- or-usage gpt-4o
t '-l and -s' -s 64 -e 'or-usage: -g, -l and -s contradict each other' -- or-usage -l -s
t '-l as a page' -s 64 -e 'or-usage: *html*' -- or-usage -l -F html
t '--prune with a report' -s 64 -e 'or-usage: --prune reports nothing*' -- or-usage --prune 3 -s
t '--prune with a selector' -s 64 -e 'or-usage: --prune reports nothing*' -- or-usage --prune 3 tag=x
t '--prune without a number' -s 64 -e "or-usage: option --prune: bad argument 'x'" -- or-usage --prune x
t '--remote with groups' -s 64 -e 'or-usage: --remote has a table of its own*' -- or-usage --remote -g day
t 'an unknown form' -s 64 -e 'or-usage: *' -- or-usage -F xml
t 'the output can not be created' -s 73 -e 'or-usage: *' -- or-usage -o no/such/dir
t 'a full disk' -s 74 -e 'or-usage: *' -- sh -c 'or-usage -s >/dev/full'
t 'a reader that went away' -s 141 -E -- sh -c '{ or-usage -l -d 2026-11-22; echo $? >&3; } 3>st | true; exit "$(cat st)"'

# ── a ledger in a bad way ──
cp ledger.db good.db
printf 'no database, and long enough for the head of one: %0200d\n' 0 >bad.db
t 'a corrupt ledger is an error' -s 65 -e 'or-usage: *' -- env OR_LEDGER="$dir/bad.db" or-usage
ok 'and is set aside, not deleted' sh -c 'grep -q "no database" bad.db.corrupt-*'
t 'text is no control bytes on TSV' -p 'a\\tb\t1\t0\t0\t0\t0\t0\t1\t0\n' -- sh -c 'printf "call at=1795305600000 tag=a\tb\nattempt model=m\n" | "$1" l2; OR_LEDGER=l2 or-usage -d 2026-11-22 -g tag' - "${lib_upstream%/*}/fill"

# ── calls by way of the gateway ──
fill "$OR_LEDGER" <<'EOT'
call id=gen-6 at=1795478400000 tool=or-serve client=alice finish=stop
attempt model=a/x provider=p endpoint=p:x key=P http=200 ttft=200 ms=2200 prompt=10 completion=7 cost=0.5
call id=gen-7 at=1795478400001 tool=or-serve client=bob finish=stop
attempt model=a/x provider=p endpoint=p:x key=P http=200 ttft=200 ms=2200 prompt=10 completion=7 cost=0.25
call id=gen-8 at=1795478400002
attempt model=a/x provider=p endpoint=p:x key=P http=200 prompt=10 completion=7 cost=0.125
EOT
t 'by the client of the gateway' -p 'alice\t1\t10\t7\t0\t0\t0.5\t0\t0\nbob\t1\t10\t7\t0\t0\t0.25\t0\t0\n-\t1\t10\t7\t0\t0\t0.125\t0\t0\n' -- or-usage -d 2026-11-24,2026-11-24 -g client
t 'one of them' -o '0.5' -- sh -c "or-usage -d 2026-11-24,2026-11-24 -s 'client=al*' | cut -f 6"
t 'those that have one' -o '2' -- sh -c "or-usage -d 2026-11-24,2026-11-24 -s 'client=?*' | cut -f 1"
t 'attempts know it, too' -o 'bob	p' -- sh -c "or-usage -d 2026-11-24,2026-11-24 -g client,provider client=bob | cut -f 1,2"
t 'the last column of a row a call' -o 'gen-7	bob' -- sh -c "or-usage -d 2026-11-24,2026-11-24 -l client=bob | cut -f 2,17"
t 'by its name in NDJSON' -o '"attempts":1,"client":"alice"}' -- sh -c "or-usage -d 2026-11-24,2026-11-24 -l -F ndjson client=alice | sed 's/.*\(.attempts.*\)/\1/'"

finish
