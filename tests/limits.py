#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""limits.py PORT PID: what or-serve makes of much: bodies, answers, readers that don't read. Speaks TAP.

`limits.py PORTFILE` is the provider, whose port it writes there: /big/ answers whole with 60 million bytes, /bomb/ with a
gigabyte that was compressed, /bombs/ with a stream like that, /long/ with 200 MB in a stream's events, /count/ with how long the request was.
"""
import concurrent.futures
import http.client
import http.server
import json
import os
import pathlib
import socket
import sys
import threading
import time
import zlib

from processes import memory_kb

MB = 1000000


# ── the provider ──

def pieces_of(text, n):
    for _ in range(n):
        yield text


def bomb(head, tail):
    """A gigabyte between head and tail, compressed, in pieces."""
    z = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield z.compress(head)
    for piece in pieces_of(b"x" * MB, 1000):
        yield z.compress(piece)
    yield z.compress(tail) + z.flush()


WHOLE = (b'{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"',
         b'"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}')
EVENT = b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":null}]}\n\n'


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_POST(self):
        n = int(self.headers["Content-Length"])
        while n > 0:
            n -= len(self.rfile.read(min(n, MB)))
        kind = self.path.split("/")[1]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if kind in ("long", "bombs") else "application/json")
        if kind in ("bomb", "bombs"):
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        head, tail = WHOLE
        if kind == "big":
            out = [head, *pieces_of(b"y" * MB, 60), tail]
        elif kind == "bomb":
            out = bomb(head, tail)
        elif kind == "bombs":
            start, end = EVENT.split(b"%s")
            out = bomb(start, end + b"data: [DONE]\n\n")
        elif kind == "long":
            out = pieces_of(EVENT % (b"z" * 1000), 200000)
        else:
            out = [head, self.headers["Content-Length"].encode(), tail]
        try:
            for piece in out:
                self.wfile.write(piece)
        except OSError:
            pass


def serve(portfile):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    pathlib.Path(portfile + ".new").write_text(str(server.server_address[1]))
    os.rename(portfile + ".new", portfile)
    threading.Timer(600, lambda: os._exit(1)).start()
    server.serve_forever()


# ── the client ──

count = failed = 0


def check(name, fn):
    global count, failed
    count += 1
    try:
        said = fn()
        print(f"ok {count} - {name}" + (f"\n# {said}" if said else ""), flush=True)
    except Exception as e:  # pylint: disable=broad-except
        failed += 1
        print(f"not ok {count} - {name}\n# {type(e).__name__}: {str(e)[:600]}", flush=True)


def memory_mb():
    return memory_kb(PID) / 1024


class Peak:
    """The most memory while it lasts."""

    def __enter__(self):
        self.before = self.most = memory_mb()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def watch(self):
        while not self.over.wait(0.02):
            self.most = max(self.most, memory_mb())

    def __exit__(self, *args):
        self.over.set()
        self.thread.join()

    def grown(self, limit):
        mb = self.most - self.before
        assert mb <= limit or "ASAN_OPTIONS" in os.environ, f"{mb:.0f} MB more, at most {limit}"
        return f"{mb:.1f} MB more at most"


def ask(model, stream, text="hi", version="1.1"):
    body = json.dumps({"model": model, "stream": stream, "messages": [{"role": "user", "content": text}]}).encode()
    s = socket.create_connection(("127.0.0.1", PORT), timeout=60)
    s.sendall(f"POST /v1/chat/completions HTTP/{version}\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
              "Connection: close\r\n\r\n".encode() + body)
    return s


def all_of(s):
    got = bytearray()
    while more := s.recv(1 << 20):
        got += more
    s.close()
    return bytes(got)


def doesnt_read(model, stream, version, limit):
    with Peak() as peak:
        s = ask(model, stream, version=version)
        s.recv(1000)
        time.sleep(2)
        s.close()
    return peak.grown(limit)


def reads_late():
    with Peak() as peak:
        s = ask("big:m", False)
        s.recv(1000)
        time.sleep(1)
        got = all_of(s)
    assert got.count(b"y") >= 60 * MB - 1000, (len(got), got[-300:])
    return peak.grown(400)


def goes_back():
    """What 60 MB took is given back."""
    before = memory_mb()
    for _ in range(3):
        assert len(all_of(ask("big:m", False))) > 60 * MB
    end = time.monotonic() + 20
    while memory_mb() > before + 20 and "ASAN_OPTIONS" not in os.environ:
        assert time.monotonic() < end, f"{before:.0f} MB before, {memory_mb():.0f} MB behind"
        time.sleep(0.1)


def explodes(model, stream, limit):
    with Peak() as peak:
        got = all_of(ask(model, stream))
    assert got.startswith(b"HTTP/1.1 502") or (stream and b'"error"' in got and b"[DONE]" not in got), got[:300]
    return peak.grown(limit)


def too_long(head, piece):
    """Refused before it was sent; what is sent all the same is not kept, and its sender can read the answer."""
    with Peak() as peak:
        s = socket.create_connection(("127.0.0.1", PORT), timeout=20)
        s.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" + head + b"\r\n\r\n")
        began, sent = time.monotonic(), 0
        while sent < 100 * MB:
            s.sendall(piece)
            sent += MB
        got = s.recv(65536)
        took = time.monotonic() - began
        s.close()
    assert got.startswith(b"HTTP/1.1 413"), got[:200]
    assert took < 10, f"{took:.1f} s"
    return peak.grown(150 if b"chunked" in head else 10)


def says_413():
    s = socket.create_connection(("127.0.0.1", PORT), timeout=20)
    s.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n\r\n")
    began = time.monotonic()
    got = s.recv(65536)
    s.close()
    assert got.startswith(b"HTTP/1.1 413") and b'"error"' in got, got[:300]
    assert time.monotonic() - began < 5


def long_body():
    """62 MB in one string."""
    with Peak() as peak:
        got = all_of(ask("count:m", False, "q" * (62 * MB)))
    assert got.startswith(b"HTTP/1.1 200") and b'"content":"62' in got, got[:600]
    return peak.grown(500)


def tight_body():
    """62 MB of the smallest values there are."""
    body = b'{"model":"count:m","messages":[{"role":"user","content":"x"}],"x":[' + b"1," * (31 * MB - 100) + b"1]}"
    with Peak() as peak:
        c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        c.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
        status = c.getresponse().status
        c.close()
    assert status in (200, 400), status
    return f"{status}; " + peak.grown(800)


def crowd_of_bodies():
    """With room for 128 MiB: those that there is no room for are a 503."""
    def one(_):
        try:
            return int(all_of(ask("count:m", False, "q" * (40 * MB)))[9:12])
        except OSError:
            if "ASAN_OPTIONS" not in os.environ:  # so slow that the time for reading on is over
                raise
            return 503

    with Peak() as peak, concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(one, range(8)))
    assert set(found) == {200, 503}, found
    return f"{found}; " + peak.grown(900)


def is_well():
    c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
    c.request("GET", "/health")
    assert c.getresponse().status == 200


def main():
    for version in ("1.1", "1.0"):
        check(f"a reader that doesn't read a stream, HTTP/{version}", lambda v=version: doesnt_read("long:m", True, v, 10))
    check("a reader that doesn't read 60 MB", lambda: doesnt_read("big:m", False, "1.1", 400))
    check("nor in HTTP/1.0", lambda: doesnt_read("big:m", False, "1.0", 400))
    check("a reader that reads 60 MB late", reads_late)
    check("memory goes back", goes_back)
    check("a gigabyte that was compressed", lambda: explodes("bomb:m", False, 300))
    check("a stream that was", lambda: explodes("bombs:m", True, 100))
    check("a gigabyte as a stream, asked for whole", lambda: explodes("bombs:m", False, 100))
    check("100 MB are refused by their head", says_413)
    check("and not kept", lambda: too_long(b"Content-Length: 100000000", b"a" * MB))
    check("100 MB in chunks", lambda: too_long(b"Transfer-Encoding: chunked", b"%x\r\n%s\r\n" % (MB, b"a" * MB)))
    check("62 MB are taken", long_body)
    check("62 MB of small values", tight_body)
    check("eight of 40 MB", crowd_of_bodies)
    check("it is well", is_well)
    print(f"1..{count}")
    sys.exit(1 if failed else 0)


if len(sys.argv) == 2:
    serve(sys.argv[1])
PORT, PID = int(sys.argv[1]), int(sys.argv[2])
main()
