#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""chat_kill.py N LEDGER: N runs of or-chat, most of them killed at a random moment, then or-usage; what went wrong, and status 1, or how it went.

Runs in a directory of a tool test: the providers `slow` (answers in pieces) and `bad` (fails, for a chain) are in the table, and a budget for tags b-*.
LEDGER is read by Python's SQLite, not by the code under test. What must hold, whenever the process died:

    a byte of the answer was printed                  there is a row
    all of it was printed, with the last newline      the row is settled
    the provider was asked, and a budget applies      there is a row
    a row is there, and isn't settled                 or-usage makes it an orphan that costs what was reserved
    always                                            the file is whole, the sums of days are those of the rows, nothing stays reserved
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import time

N, LEDGER = int(sys.argv[1]), sys.argv[2]
ANSWER = b"one two three four five six\n"
LONGEST_S = 0.15  # of a whole run, about
failures = []


def check(ok, what):
    if not ok:
        failures.append(what)


def run(i):
    """(tag, printed, status), the status being negative where it was killed."""
    kind = random.choice("nnbbc")
    tag = f"{kind}-{i}"
    options = ["-B", "1"] if kind == "c" else []
    with subprocess.Popen(["or-chat", "-r", "0", "--tag", tag, "-m", random.choice(("slow:a", "bad:a,slow:a")), *options, "-O", f"user={tag}",
                           "hello"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as p:
        if random.random() < 0.85:
            time.sleep(random.random() * LONGEST_S)
            p.send_signal(signal.SIGKILL)
        out, err = p.communicate()
        check(p.returncode in (0, -9), f"{tag}: status {p.returncode}: {err.decode()}")
        check(not err, f"{tag}: it said {err.decode()}")
        check(ANSWER.startswith(out), f"{tag}: it printed {out}")
        return tag, out, p.returncode


def rows(sql):
    with sqlite3.connect(LEDGER) as db:
        return db.execute(sql).fetchall()


def sums():
    """Of each day, by kind: from the rows, and as they are booked."""
    calls = rows("SELECT row / 1048576 / 86400000, count(*), sum(status != 0), sum(coalesce(cost_pusd, 0)), sum(prompt), sum(completion) FROM call "
                 "WHERE state != 0 GROUP BY 1")
    attempts = rows("SELECT call / 1048576 / 86400000, count(*), sum(error != ''), sum(coalesce(cost_pusd, 0)), sum(coalesce(prompt, 0)), "
                    "sum(coalesce(completion, 0)) FROM attempt WHERE settled GROUP BY 1")
    booked = "SELECT day, sum(n), sum(n_errors), sum(usd * 1000000000000 + rest_pusd), sum(prompt), sum(completion) FROM day WHERE kind = %d GROUP BY 1"
    return (calls, attempts), tuple(rows(booked % k) for k in (1, 2))


def asked():
    """Tags of those whose request went out."""
    bodies = (p.read_bytes().split(b"\r\n\r\n", 1)[1] for p in pathlib.Path(".upstream").glob("req.*"))
    return {json.loads(b)["user"] for b in bodies if b.endswith(b"}")}


def judge(tag, out, status, before, after, held, sent):
    state = before.get(tag)
    check(tag not in sent or tag[0] != "b" or state is not None, f"{tag}: the provider was asked under a budget, and there is no row")
    check(not out or state is not None, f"{tag}: it printed {out}, and there is no row")
    check(out != ANSWER or state == 1, f"{tag}: all was printed, and its state is {state}")
    check(status != 0 or (out == ANSWER and state == 1), f"{tag}: status 0, {out}, state {state}")
    if state is None:
        return "no row"
    now, code, cost, source, n_open = after[tag]
    if state == 1:
        check(now == 1, f"{tag}: it was settled, and is {now} now")
        return "settled"
    check(now == 2 and code == -1, f"{tag}: an intent that became state {now}, status {code}")
    check(n_open == 0, f"{tag}: {n_open} of its attempts still hold money")
    check(cost == held[tag] and source == 4, f"{tag}: it costs {cost} of source {source}, where {held[tag]} was reserved and spent")
    return "orphan"


def main():
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        runs = list(pool.map(run, range(N)))
    before = dict(rows("SELECT tag, state FROM call"))
    held = dict(rows("SELECT tag, sum(CASE settled WHEN 1 THEN attempt.cost_pusd ELSE reserved_pusd END) FROM call JOIN attempt ON call = row GROUP BY row"))
    check(len(before) == rows("SELECT count(*) FROM call")[0][0], "a call has two rows")
    subprocess.run(["or-usage", "-s"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    after = {r[0]: r[1:] for r in rows("SELECT tag, state, status, cost_pusd, source, (SELECT count(*) FROM attempt WHERE call = row AND NOT settled) FROM call")}
    sent = asked()
    counts = collections.Counter(judge(*r, before, after, held, sent) for r in runs)
    check(rows("PRAGMA integrity_check") == [("ok",)], "the file isn't whole")
    by_rows, booked = sums()
    check(by_rows == booked, f"the sums: by rows {by_rows}, booked {booked}")
    check(rows("SELECT count(*) FROM call WHERE state = 0")[0][0] == 0, "a dead call is still open")
    for kind in ("no row", "settled", "orphan"):
        check(N < 60 or counts[kind], f"no run became: {kind}")
    print(*failures[:20], dict(counts), sep="\n")
    sys.exit(bool(failures))


random.seed(os.environ.get("SEED"))
main()
