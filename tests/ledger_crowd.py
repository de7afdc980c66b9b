#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""ledger_crowd.py PROGRAM WHAT [N]: many processes on one ledger, in the current directory; what went wrong, and status 1, or nothing.

PROGRAM is tests/ledger. WHAT:
writers  50 processes, 20 calls each, at once: all rows are there, nobody said a word
budget   200 processes reserve at once, under a budget for exactly 37: 37 are admitted while none has settled
kill     N (50) processes are killed at random moments: each call that was told settled is there, each other one is an orphan with its money,
         the file is whole, and the sums by day are those of the rows

The ledger is read by Python's SQLite, not by the code under test.
"""
import collections
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

PROGRAM = sys.argv[1]
WRITERS, CALLS = 50, 20
ASKERS, ADMITTED, PRICE = 200, 37, 0.1
failures = []


def check(ok, what):
    if not ok:
        failures.append(what)


def start(*args, **kw):
    return subprocess.Popen([PROGRAM, *args], stdin=kw.get("stdin", subprocess.DEVNULL), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def open_ledger(path):
    return sqlite3.connect(path)


def sums(rows):
    """{key: [n, errors, unknown, prompt, completion, cost]} of rows that begin with their key and end with failed, prompt, completion, cost."""
    found = collections.defaultdict(lambda: [0] * 6)
    for *key, failed, prompt, completion, cost in rows:
        v = found[tuple(key)]
        for i, more in enumerate((1, bool(failed), cost is None, prompt or 0, completion or 0, cost or 0)):
            v[i] += more
    return dict(found)


def check_days(db):
    names = "model, provider, endpoint, key"
    calls = sums(db.execute(f"SELECT (row >> 20) / 86400000, tag, {names}, status, status, prompt, completion, cost_pusd FROM call WHERE state <> 0"))
    attempts = sums(db.execute(
        "SELECT (call >> 20) / 86400000, tag, a.model, a.provider, a.endpoint, a.key, a.error <> '', a.error <> '', a.prompt, a.completion, "
        "a.cost_pusd FROM attempt a JOIN call ON row = call WHERE settled"))
    for kind, want in ((1, calls), (2, attempts)):
        got = {tuple(k): [*v, usd * 10**12 + rest] for *k, usd, rest, v in (
            (*r[:7], r[12], r[13], list(r[7:12])) for r in db.execute(
                f"SELECT day, tag, {names}, fault, n, n_errors, n_unknown, prompt, completion, usd, rest_pusd FROM day WHERE kind = ?", (kind,)))}
        check(got == want, f"sums of days of kind {kind}: {got}, of their rows: {want}")


def check_whole(db):
    check(db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "integrity_check")
    check_days(db)


def writers():
    crowd = [start("calls", "crowd", str(CALLS), f"w{i}") for i in range(WRITERS)]
    for p in crowd:
        out, err = p.communicate()
        check(p.returncode == 0 and not out and not err, f"a writer: status {p.returncode}: {err}")
    db = open_ledger("crowd")
    ids = [r[0] for r in db.execute("SELECT id FROM call WHERE state = 1")]
    check(sorted(ids) == sorted(f"w{i}-{k}" for i in range(WRITERS) for k in range(CALLS)), f"{len(ids)} calls of {WRITERS * CALLS}")
    check_whole(db)


def budget():
    limit = f"{PRICE * ADMITTED + PRICE / 2:.2f}"
    crowd = [start("reserve", "budget", str(PRICE), limit, stdin=subprocess.PIPE) for _ in range(ASKERS)]
    answers = [p.stdout.readline() for p in crowd]  # nobody has settled yet: all wait for the end of stdin
    for p in crowd:
        _, err = p.communicate()
        check(p.returncode == 0 and not err, f"one that asked: status {p.returncode}: {err}")
    check(answers.count("yes\n") == ADMITTED, f"{answers.count(chr(121) + 'es' + chr(10))} admitted, not {ADMITTED}")
    check(answers.count("no\n") == ASKERS - ADMITTED, "the others are told so")
    db = open_ledger("budget")
    check(db.execute("SELECT count(*), sum(cost_pusd) FROM call WHERE state = 1").fetchone() == (ADMITTED, ADMITTED * 10**11), "their calls")
    check_whole(db)


def mill(delay_s, goes):
    """One that is killed, after its first call if it goes; the ids that it said were settled."""
    p = start("mill", "kill")
    first = os.read(p.stdout.fileno(), 1).decode() if goes else ""  # past the buffer, which communicate() does not see
    time.sleep(delay_s)
    p.send_signal(signal.SIGKILL)
    rest, err = p.communicate()
    check(p.returncode == -signal.SIGKILL and not err, f"a mill: status {p.returncode}: {err}")
    return (first + rest).split("\n")[:-1]


def kill(n):
    rnd, told = random.Random(os.getpid()), set()
    n_orphans = 0
    for _ in range(n):
        told.update(mill(rnd.uniform(0, 0.02), rnd.random() < 0.8))
        if rnd.random() < 0.1:  # the next finds the orphans of the one before
            told.update(mill(rnd.uniform(0, 0.02), True))
        p = subprocess.run([PROGRAM, "orphans", "kill"], capture_output=True, text=True, check=False)
        check(p.returncode == 0 and not p.stderr, f"orphans: {p.returncode}: {p.stderr}")
        n_orphans += int(p.stdout or 0)
    db = open_ledger("kill")
    settled = {r[0] for r in db.execute("SELECT id FROM call WHERE state = 1")}
    check(told <= settled, f"lost: {sorted(told - settled)[:5]}")
    check(len(settled) - len(told) <= 2 * n, f"{len(settled) - len(told)} settled that nobody told of")
    check(db.execute("SELECT count(*) FROM call WHERE state = 0").fetchone() == (0,), "calls are open still")
    orphans = {r[0] for r in db.execute("SELECT id FROM call WHERE state = 2 AND status = -1 AND error = 'orphan'")}
    check(len(orphans) >= n_orphans and not orphans & told, f"{len(orphans)} orphans, {n_orphans} found")  # a mill finds some, too
    check(db.execute("SELECT count(*), count(DISTINCT id) FROM call").fetchone() == (len(settled) + len(orphans),) * 2, "calls are there twice")
    check(db.execute("SELECT count(*) FROM attempt WHERE NOT settled").fetchone() == (0,), "attempts are open still")
    check(db.execute("SELECT count(*) FROM attempt WHERE error = 'orphan' AND (cost_pusd IS NOT reserved_pusd OR source <> 4)").fetchone() == (0,),
          "an orphan's attempt costs what was reserved")
    check_whole(db)
    print(f"# {n} runs: {len(told)} calls settled, {len(orphans)} orphans")
    check(len(told) > n and len(orphans) > n // 10, "too few to prove a thing")


what = sys.argv[2]
if what == "kill":
    kill(int(sys.argv[3]) if len(sys.argv) > 3 else 50)
else:
    {"writers": writers, "budget": budget}[what]()
print("\n".join(failures[:20]), end="\n" if failures else "", file=sys.stderr)
sys.exit(1 if failures else 0)
