#!/bin/sh
# SPDX-License-Identifier: ISC
# or-usage on a terminal: a heading, bars, a total, no control bytes.
. "$(dirname "$0")/lib.sh"
skip_unless script
OR_LEDGER=$dir/ledger.db
export OR_LEDGER

fill "$OR_LEDGER" <<'EOT'
call at=1795305600000
attempt model=a/big provider=p endpoint=p:big ttft=100 ms=1100 prompt=1500000 completion=2000 cost=8
call at=1795305600001
attempt model=b/half provider=p endpoint=p:half prompt=10 completion=5 cost=4.000000000001
call at=1795305600002 status=75 error=temporary
attempt model=c/tiny provider=p endpoint=p:tiny error=temporary prompt=1 cost=0.000001
call at=1795305600003
attempt model=d/free provider=p endpoint=p:free prompt=1 cost=0
EOT
on_tty() { script -qec "$1" /dev/null </dev/null | tr -d '\r' | sed 's/ *$//'; }
is 'bars of #, where the terminal is dumb' "$(on_tty 'or-usage -d 2026-11-22')" 'MODEL   CALLS  PROMPT  COMPLETION           COST $  ERRORS  SPEND
a/big       1    1.5M        2.0k                8       0  ################
b/half      1      10           5   4.000000000001       0  ########
c/tiny      1       1           0         0.000001       1  #
d/free      1       1           0                0       0
total       4    1.5M        2.0k  12.000001000001       1'
is 'else of blocks' "$(on_tty 'TERM=xterm or-usage -d 2026-11-22 model=b*')" 'MODEL   CALLS  PROMPT  COMPLETION          COST $  ERRORS  SPEND
b/half      1      10           5  4.000000000001       0  ████████████████
total       1      10           5  4.000000000001       0'
is 'several keys, and times' "$(on_tty 'or-usage -d 2026-11-22 -g provider,model model=a/*')" 'PROVIDER  MODEL  ATTEMPTS  PROMPT  COMPLETION  COST $  ERRORS  OK %  TTFT P50  P75  P90  P99 ms  TOK/S P50   P75   P90   P99  SPEND
p         a/big         1    1.5M        2.0k       8       0   100       100  100  100     100       2000  2000  2000  2000  ################
total                   1    1.5M        2.0k       8       0'
is 'totals: one row' "$(on_tty 'or-usage -s -d 2026-11-22 model=b*' | wc -l | tr -d ' ')" 2
is 'nothing: the total' "$(on_tty 'or-usage -d 2020-01-01,2020-01-02')" 'MODEL  CALLS  PROMPT  COMPLETION  COST $  ERRORS  SPEND
total      0       0           0       0       0'
is 'calls: a heading' "$(on_tty 'or-usage -l -d 2026-11-22 model=b*')" 'TIME                  ID        TAG  MODEL   ENDPOINT  STATUS  FINISH  PROMPT  COMPLETION  CACHED  REASONING          COST $  SOURCE    TTFT ms  ms  ATTEMPTS  CLIENT
2026-11-22T00:00:00Z  gen-test  -    b/half  p:half         0  -           10           5       -          -  4.000000000001  reported        -   -         1  -'
is '-F tsv stays TSV' "$(on_tty 'or-usage -d 2026-11-22 -F tsv model=b*' | tr '\t' ,)" 'b/half,1,10,5,0,0,4.000000000001,0,0'
printf 'call at=1795305600004 tag=\033[31mred\nattempt model=m cost=1\n' | fill "$OR_LEDGER"
is 'no control bytes' "$(on_tty 'or-usage -d 2026-11-22 -g tag tag=*red' | sed -n '2s/ .*//p')" '[31mred'
finish
