#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""crowd.py COMMAND ...: many clients of or-serve at once. What a command finds wrong it says, and ends with 1.

    race UPSTREAM BASE KEY N ROOM     N calls at once with a key that has room for ROOM: so many are let in, while the provider holds all answers
    kill RUNS                         or-serve under load, killed at a random moment, its first process or all, RUNS times: what was answered is booked
    deaths RUNS                       one of its processes killed under load, RUNS times: it goes on, and what was answered is booked
    reload BASE PID KEY N             N SIGHUPs under load: no request fails
    soak BASE PID KEY N               N requests: memory stays, and all are booked
"""
import collections
import concurrent.futures
import http.client
import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time

from processes import memory_kb

ASK = {"model": "mock/echo", "messages": [{"role": "user", "content": "one two"}]}


class Client:
    """A kept connection."""

    def __init__(self, base, key):
        self.host = base.removeprefix("http://")
        self.head = {"Content-Type": "application/json"} | ({"Authorization": "Bearer " + key} if key else {})
        self.c = http.client.HTTPConnection(self.host, timeout=60)

    def post(self, body, path="/v1/chat/completions"):
        self.c.request("POST", path, json.dumps(body), self.head)
        r = self.c.getresponse()
        return r.status, r.read()


def get(host, path):
    c = http.client.HTTPConnection(host, timeout=60)
    c.request("GET", path)
    r = c.getresponse()
    return json.loads(r.read())


def until_known(base, key):
    """Workers hear of a new key within a second or so."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        c = http.client.HTTPConnection(base.removeprefix("http://"), timeout=20)
        c.request("GET", "/api/v1/key", headers={"Authorization": "Bearer " + key})
        if c.getresponse().status == 200:
            return
        time.sleep(0.02)
    fail("the key isn't known in 20 s")


def fail(text):
    print("#", text)
    sys.exit(1)


def race(upstream, base, key, n, room):
    n, room, refused = int(n), int(room), [0]
    until_known(base, key)
    body = {"model": "u-openai:held", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}
    lock = threading.Lock()

    def one(_):
        status, answer = Client(base, key).post(body)
        with lock:
            refused[0] += status == 402
            if refused[0] == n - room:
                get("127.0.0.1:" + upstream, "/release")
        return status, answer
    timer = threading.Timer(45, lambda: get("127.0.0.1:" + upstream, "/release"))
    timer.start()
    with concurrent.futures.ThreadPoolExecutor(n) as pool:
        found = list(pool.map(one, range(n)))
    timer.cancel()
    count = collections.Counter(status for status, _ in found)
    if count != {200: room, 402: n - room}:
        fail(f"{dict(count)}: {[a for s, a in found if s not in (200, 402)][:2]}")


def load(base, key, over, answered, wrong):
    """Requests until `over`; ids of those that were answered whole."""
    client = Client(base, key)
    while not over.is_set():
        try:
            status, body = client.post(ASK)
            if status == 200:
                answered.append(json.loads(body)["id"])
            else:
                wrong.append((status, body[:200]))
        except (OSError, http.client.HTTPException, ValueError) as e:
            wrong.append(f"{type(e).__name__}: {e}")
            if over.is_set():
                return
            client = Client(base, key)
            time.sleep(0.01)


def start(ledger, url, *options):
    with open(url, "wb") as out, open("kill.log", "ab") as log:
        p = subprocess.Popen(["or-serve", "-q", "-l", "127.0.0.1:0", *options], stdin=subprocess.DEVNULL, stdout=out, stderr=log,
                             env=os.environ | {"OR_LEDGER": ledger})
    end = time.monotonic() + 20
    while not pathlib.Path(url).read_text().strip():
        if time.monotonic() > end:
            fail("or-serve doesn't start: " + pathlib.Path("kill.log").read_text()[-500:])
        time.sleep(0.01)
    return p, pathlib.Path(url).read_text().strip()


def kill(runs):
    answered, ledger = [], os.path.abspath("kill.db")
    for n in range(int(runs)):
        p, base = start(ledger, "kill.url")
        over, wrong = threading.Event(), []
        threads = [threading.Thread(target=load, args=(base, None, over, answered, wrong), daemon=True) for _ in range(4)]
        for t in threads:
            t.start()
        time.sleep(random.uniform(0.05, 0.5))
        over.set()
        family = [p.pid] + (children(p.pid) if n % 2 else [])  # its first process alone, or all
        for pid in family:
            os.kill(pid, signal.SIGKILL)
        p.wait()
        for t in threads:
            t.join()
    p, _ = start(ledger, "kill.url")  # settles what was open
    p.terminate()
    if p.wait(30):
        fail(f"the last one ended with {p.returncode}")
    db = rows(ledger)
    settled = {r[0] for r in db.execute("SELECT id FROM call WHERE state = 1")}
    still_open = db.execute("SELECT count(*) FROM call WHERE state = 0").fetchone()[0]
    check = db.execute("PRAGMA integrity_check").fetchall()
    lost = [i for i in answered if i not in settled]
    print(f"# {len(answered)} answered, {len(settled)} settled, {still_open} open")
    if lost or still_open or check != [("ok",)] or len(answered) < 10:
        fail(f"lost: {lost[:3]} of {len(lost)}; open: {still_open}; {check}")


def children(pid):
    return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def deaths(runs):
    """Its processes are killed, one at a time; those that were answered are booked, and it goes on."""
    ledger, over, answered, wrong = os.path.abspath("deaths.db"), threading.Event(), [], []
    p, base = start(ledger, "deaths.url", "--workers", "2")
    threads = [threading.Thread(target=load, args=(base, None, over, answered, wrong), daemon=True) for _ in range(4)]
    for t in threads:
        t.start()
    for n in range(int(runs)):
        time.sleep(random.uniform(0.05, 0.3))
        end = time.monotonic() + 20
        while len(pids := sorted(children(p.pid))) < 2 and time.monotonic() < end:
            time.sleep(0.01)  # behind a death those that are new come a little later
        os.kill(pids[0] if n % 3 == 0 else random.choice(pids), signal.SIGKILL)  # the first is the one that keeps the ledger
        before, end = len(answered), time.monotonic() + 20
        while len(answered) < before + 20:
            if time.monotonic() > end:
                over.set()
                fail(f"no answers in 20 s behind death {n + 1}: {wrong[-3:]}")
            time.sleep(0.01)
    over.set()
    for t in threads:
        t.join()
    p.terminate()
    if p.wait(30):
        fail(f"it ended with {p.returncode}")
    refused = [w for w in wrong if isinstance(w, tuple) and w[0] != 503]
    print(f"# {len(wrong)} failed")
    if refused:
        fail(f"{len(refused)} were answered wrong: {refused[:3]}")
    hold_against(ledger, answered)


def rows(ledger):
    """The ledger, with what was on its way to it: or-usage waits for that."""
    subprocess.run(["or-usage"], stdout=subprocess.DEVNULL, env=os.environ | {"OR_LEDGER": ledger}, check=True)
    return sqlite3.connect(ledger)


def hold_against(ledger, answered):
    """Nobody has it open: all that was answered is booked, and nothing is reserved any more."""
    db = rows(ledger)
    booked = {r[0] for r in db.execute("SELECT id FROM call WHERE state <> 0")}
    still_open = db.execute("SELECT count(*) FROM call WHERE state = 0").fetchone()[0]
    check = db.execute("PRAGMA integrity_check").fetchall()
    lost = [i for i in answered if i not in booked]
    print(f"# {len(answered)} answered, {len(booked)} booked, {still_open} open")
    if lost or still_open or check != [("ok",)] or len(answered) < 10:
        fail(f"lost: {lost[:3]} of {len(lost)}; open: {still_open}; {check}")


def reload(base, pid, key, n):
    over, answered, wrong = threading.Event(), [], []
    threads = [threading.Thread(target=load, args=(base, key, over, answered, wrong), daemon=True) for _ in range(8)]
    for t in threads:
        t.start()
    for _ in range(int(n)):
        before = len(answered)
        os.kill(int(pid), signal.SIGHUP)
        end = time.monotonic() + 20
        while len(answered) < before + 20 and time.monotonic() < end and not wrong:
            time.sleep(0.001)
    over.set()
    for t in threads:
        t.join()
    print(f"# {len(answered)} answered")
    if wrong or len(answered) < 20 * int(n):
        fail(f"{len(wrong)} failed: {wrong[:3]}")


def soak(base, pid, key, n):
    over, answered, wrong = threading.Event(), [], []
    threads = [threading.Thread(target=load, args=(base, key, over, answered, wrong), daemon=True) for _ in range(8)]
    for t in threads:
        t.start()
    marks = []
    for share in (0.25, 1):
        while len(answered) < share * int(n) and not wrong:
            time.sleep(0.01)
        marks.append(memory_kb(pid))
    over.set()
    for t in threads:
        t.join()
    print(f"# {len(answered)} answered; {marks[0]} KB after a quarter, {marks[1]} KB at the end")
    if wrong or (marks[1] > marks[0] + 1000 and "ASAN_OPTIONS" not in os.environ):
        fail(f"{wrong[:3]} {marks}")
    settled = {r[0] for r in rows(os.environ["OR_LEDGER"]).execute("SELECT id FROM call WHERE state = 1")}
    lost = [i for i in answered if i not in settled]
    if lost:
        fail(f"not booked: {len(lost)} of {len(answered)}: {lost[:3]}")


{"race": race, "kill": kill, "deaths": deaths, "reload": reload, "soak": soak}[sys.argv[1]](*sys.argv[2:])
