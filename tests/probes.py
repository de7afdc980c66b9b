#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""probes.py PORT UPSTREAM PID [KEY]: how or-serve behaves where a client or a provider misbehaves. Speaks TAP.

UPSTREAM: the port of tests/providers; PID: of or-serve, whose -W is a second. What a probe waits for it waits for at most 20 s.
"""
import http.client
import json
import os
import re
import socket
import sys
import time

import gateway
from processes import memory_kb

PORT, UPSTREAM, PID = (int(a) for a in sys.argv[1:4])
KEY = sys.argv[4] if len(sys.argv) > 4 else None
count = failed = 0


def check(name, fn):
    global count, failed
    count += 1
    try:
        fn()
        print(f"ok {count} - {name}", flush=True)
    except Exception as e:  # pylint: disable=broad-except
        failed += 1
        print(f"not ok {count} - {name}\n# {type(e).__name__}: {str(e)[:600]}", flush=True)


def seen():
    c = http.client.HTTPConnection("127.0.0.1", UPSTREAM, timeout=20)
    c.request("GET", "/seen")
    found = json.loads(c.getresponse().read())
    c.close()
    return found


def until(what, fn):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if fn():
            return
        time.sleep(0.02)
    raise AssertionError("not in 20 s: " + what)


def begin(front, model, stream):
    """A socket on which the request is sent."""
    s = socket.create_connection(("127.0.0.1", PORT), timeout=20)
    body = json.dumps(gateway.body_of(front, model, stream, "text")).encode()
    head = {"Host": f"127.0.0.1:{PORT}", "Content-Type": "application/json", "Content-Length": str(len(body))} | gateway.key_header(front, KEY)
    lines = "".join(f"{k}: {v}\r\n" for k, v in head.items())
    s.sendall(f"POST {gateway.path_of(front, model, stream)} HTTP/1.1\r\n{lines}\r\n".encode() + body)
    return s


def rest(s):
    """All that comes until the connection's or the answer's end."""
    got = b""
    while not is_whole(got):
        more = s.recv(65536)
        if not more:
            break
        got += more
    s.close()
    return got


def is_whole(got):
    head, found, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: *([0-9]+)", head)
    return bool(found) and (len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n"))


def at_once():
    s = begin("openai", "u-openai:slow", True)
    first = None
    while True:
        more = s.recv(65536)
        if b'"content":"Hello' in more and first is None:
            first = time.monotonic()
        if not more or b"[DONE]" in more:
            break
    s.close()
    assert first and time.monotonic() - first > 0.6, "the first word came with the last"


def leaves(front, model, stream):
    n = len(seen())
    s = begin(front, model, stream)
    until("the provider is asked", lambda: len(seen()) > n)
    if stream:
        s.recv(1)
    s.close()
    until("the provider's connection is closed", lambda: seen()[n]["gone"] is not None)


def silent():
    got = rest(begin("openai", "u-openai:silent", True))
    assert b'"error"' in got and b"[DONE]" not in got, got[-400:]


def stuck():
    got = rest(begin("openai", "u-openai:stuck", False))
    assert got.startswith(b"HTTP/1.1 50"), got[:300]


def reset(front):
    got = rest(begin(front, "u-anthropic:reset", True))
    assert b"Hello" in got, got[:300]
    ends = {"openai": b"[DONE]", "responses": b"response.completed", "anthropic": b"message_stop", "gemini": b'"STOP"', "ollama": b'"done":true',
            "cohere": b'"COMPLETE"', "bedrock": b"messageStop"}
    assert ends[front] not in got, got[-300:]
    assert b"error" in got.lower() or b"exception" in got.lower() or not got.endswith(b"0\r\n\r\n"), got[-300:]


def broken():
    status, _, body = gateway.ask(PORT, "openai", "u-openai:broken", False, "text", KEY)
    assert status in (500, 502) and json.loads(body)["error"]["code"] == status, (status, body)


def slow_reader():
    before = memory_kb(PID)
    s = begin("openai", "u-anthropic:long", True)
    s.recv(1000)
    time.sleep(2)
    grown = memory_kb(PID) - before
    s.close()
    assert grown < 6000 or "ASAN_OPTIONS" in os.environ, f"{grown} KB more"


check("a stream comes as it is told", at_once)
for name in ("openai", "anthropic", "gemini", "bedrock"):
    check(f"a client leaves a stream: {name}", lambda f=name: leaves(f, f"u-{f}:silent", True))
check("a client leaves a call that hangs", lambda: leaves("openai", "u-openai:stuck", False))
check("a client leaves a stream that hangs", lambda: leaves("openai", "u-openai:stuck", False))
check("a provider falls silent in its stream", silent)
check("a provider says nothing", stuck)
for name in gateway.FRONTS:
    check(f"a provider's connection breaks: {name}", lambda f=name: reset(f))
check("a provider breaks", broken)
check("a reader that doesn't read", slow_reader)
print(f"1..{count}")
sys.exit(1 if failed else 0)
