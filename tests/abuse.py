#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""abuse.py PORT: what nobody should send to or-serve, and what must come back. Speaks TAP.

or-serve is open (it has no keys), with --head-timeout 1s.
"""
import json
import socket
import sys
import time

PORT = int(sys.argv[1])
HOST = f"Host: 127.0.0.1:{PORT}\r\n"
JSON = "Content-Type: application/json\r\n"
GOOD = b'{"model":"mock/echo","messages":[{"role":"user","content":"hi"}]}'
POST = "POST /v1/chat/completions HTTP/1.1\r\n"
count = failed = 0


def check(name, fn, *args):
    global count, failed
    count += 1
    try:
        fn(*args)
        print(f"ok {count} - {name}", flush=True)
    except Exception as e:  # pylint: disable=broad-except
        failed += 1
        print(f"not ok {count} - {name}\n# {type(e).__name__}: {str(e)[:500]}", flush=True)


def connect():
    return socket.create_connection(("127.0.0.1", PORT), timeout=20)


def talk(data, half_close=False):
    """All that comes back until the peer closes, or one answer is whole."""
    s = connect()
    got = b""
    try:
        s.sendall(data)
        if half_close:
            s.shutdown(socket.SHUT_WR)
        while True:
            more = s.recv(65536)
            if not more:
                break
            got += more
            head, blank, body = got.partition(b"\r\n\r\n")
            length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            if blank and length and len(body) >= int(length[0].split(b":")[1]) and b"connection: close" not in head.lower():
                break
    except (BrokenPipeError, ConnectionResetError):
        pass
    finally:
        s.close()
    return got


def status(got):
    return int(got.split(b" ")[1]) if got.startswith(b"HTTP/1.1 ") else 0


def refused(data, *wanted):
    got = talk(data if isinstance(data, bytes) else data.encode("latin-1"))
    if status(got) not in wanted:
        raise AssertionError(f"{got[:200]!r}, wanted {wanted}")


def request(*fields, line=POST, body=GOOD, length=True):
    more = f"Content-Length: {len(body)}\r\n" if length else ""
    return (line + HOST + JSON + more + "".join(f + "\r\n" for f in fields) + "\r\n").encode("latin-1") + body


def alive():
    got = talk(request())
    assert status(got) == 200 and b'"hi"' in got, got[:200]


check("a good request", alive)
check("Content-Length and Transfer-Encoding", refused, request("Transfer-Encoding: chunked"), 400)
check("two Content-Lengths", refused, request(f"Content-Length: {len(GOOD) + 1}"), 400)
check("two equal Content-Lengths", refused, request(f"Content-Length: {len(GOOD)}"), 400)
check("a signed Content-Length", refused, request("Content-Length: +5", length=False), 400)
check("a hexadecimal Content-Length", refused, request("Content-Length: 0x5", length=False), 400)
check("an endless Content-Length", refused, request("Content-Length: " + "9" * 30, length=False), 400, 413)
check("a coding of its own", refused, request("Transfer-Encoding: gzip, chunked", length=False), 400, 501)
check("chunked twice", refused, request("Transfer-Encoding: chunked, chunked", length=False), 400, 501)
check("chunked behind a tab and a vertical tab", refused, request("Transfer-Encoding: \x0bchunked", length=False), 400, 501)
check("bare LF", refused, "POST /v1/chat/completions HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n", 400)
check("a folded field", refused, request("X-A: b\r\n c"), 400)
check("a blank in front of the colon", refused, request("X-A : b"), 400)
check("a NUL in a field", refused, request("X-A: b\0c"), 400)
check("a field without a name", refused, request(": b"), 400)
check("no Host", refused, POST + JSON + "Content-Length: 2\r\n\r\n{}", 400)
check("two Hosts", refused, request("Host: example.com"), 400)
check("another Host", refused, request().replace(HOST.encode(), b"Host: evil.example\r\n"), 403)
check("an Origin", refused, request("Origin: http://evil.example"), 403)
check("a form", refused, request().replace(b"application/json", b"text/plain"), 415)
check("a chunk whose size is no number", refused, request("Transfer-Encoding: chunked", length=False, body=b"zz\r\n{}\r\n0\r\n\r\n"), 400)
check("a chunk whose size is endless", refused, request("Transfer-Encoding: chunked", length=False, body=b"f" * 40 + b"\r\n{}\r\n0\r\n\r\n"), 400, 413)
check("a million bytes of one field", refused, request("X-A: " + "b" * 1000000), 431)
check("a million bytes of fields", refused, request(*(f"X-{i}: b" for i in range(100000))), 431)
check("a million bytes of target", refused, request(line="POST /" + "a" * 1000000 + " HTTP/1.1\r\n"), 414, 431)
check("an absurd method", refused, request(line="GRAB /v1/models HTTP/1.1\r\n"), 400, 405, 501)
check("a method of another kind", refused, request(line="DELETE /v1/chat/completions HTTP/1.1\r\n"), 405)
check("CONNECT", refused, "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n", 400, 405, 501)
check("TRACE", refused, request(line="TRACE /v1/models HTTP/1.1\r\n"), 400, 405, 501)
check("OPTIONS", refused, request(line="OPTIONS /v1/chat/completions HTTP/1.1\r\n", body=b""), 405)
check("HTTP/2.0", refused, request(line="POST /v1/chat/completions HTTP/2.0\r\n"), 400, 505)
check("HTTP/9.9", refused, request(line="POST /v1/chat/completions HTTP/9.9\r\n"), 400, 505)
check("no HTTP at all", refused, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "\0" * 100, 400, 0)
check("a path that climbs", refused, request(line="POST /v1/../../etc/passwd HTTP/1.1\r\n"), 400, 404)
check("a path that climbs in disguise", refused, request(line="POST /v1/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n"), 400, 404)
check("a NUL in the path", refused, request(line="POST /v1/models%00 HTTP/1.1\r\n"), 400, 404)
check("a percent sign without digits", refused, request(line="POST /v1/models/%zz/endpoints HTTP/1.1\r\n"), 400, 404, 405)
check("a body that is too long", refused, request("Content-Length: 100000000", length=False), 413)
check("a body that isn't JSON", refused, request(body=b"{"), 400)
check("a body with a NUL", refused, request(body=b'{"model":"mock/echo\0"}'), 400)
check("a body 100,000 deep", refused, request(body=b'{"a":' * 100000), 400)
check("an unknown expectation", refused, request("Expect: a-pony"), 417)


def expect():
    s = connect()
    s.sendall(request("Expect: 100-continue", body=b"")[:-2].replace(b"Content-Length: 0", b"Content-Length: %d" % len(GOOD)) + b"\r\n")
    got = s.recv(65536)
    assert got == b"HTTP/1.1 100 Continue\r\n\r\n", got
    s.sendall(GOOD)
    got = s.recv(65536)
    assert status(got) == 200, got
    s.close()


def pipelined():
    s = connect()
    s.sendall(request(body=GOOD.replace(b"hi", b"one")) + request(body=GOOD.replace(b"hi", b"two")) + request(body=GOOD.replace(b"hi", b"three")))
    got = b""
    while got.count(b"HTTP/1.1 200") < 3 or b"three" not in got:
        got += s.recv(65536)
    assert got.index(b'"one"') < got.index(b'"two"') < got.index(b'"three"'), got
    s.close()


def head():
    got = talk(b"HEAD /health HTTP/1.1\r\n" + HOST.encode() + b"Connection: close\r\n\r\n")
    assert status(got) == 200 and got.endswith(b"\r\n\r\n"), got


def byte_by_byte():
    s = connect()
    for b in request():
        s.sendall(bytes([b]))
    assert status(s.recv(65536)) == 200
    s.close()


def slow_heads():
    """A thousand that never finish their heads: each is closed, and others are served meanwhile."""
    crowd = [connect() for _ in range(1000)]
    for s in crowd:
        s.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nX-Slow: ")
    alive()
    end = time.monotonic() + 20
    for s in crowd:
        s.settimeout(max(0.1, end - time.monotonic()))
        while s.recv(4096):
            pass
        s.close()


def no_cors():
    got = talk(b"GET /health HTTP/1.1\r\n" + HOST.encode() + b"\r\n")
    assert b"access-control" not in got.lower(), got


def in_json():
    got = talk(request(body=b"{"))
    assert json.loads(got.partition(b"\r\n\r\n")[2])["error"]["code"] == 400, got


check("100-continue", expect)
check("three requests at once", pipelined)
check("HEAD", head)
check("byte by byte", byte_by_byte)
check("a thousand slow heads", slow_heads)
check("no CORS", no_cors)
check("errors are JSON", in_json)
check("it is still well", alive)
print(f"1..{count}")
sys.exit(1 if failed else 0)
