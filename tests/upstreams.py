#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""upstreams.py DIR: providers that can't be reached, or make no sense, each at a port of its own, which DIR/NAME tells:

    full     takes no connections: its queue is full
    mute     takes them, and says nothing, not to TLS either
    noise    answers what is no HTTP
    cut      closes behind the head of an answer
    short    says an answer is longer than it is
    tls      has a certificate that nobody signed
"""
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import threading

DIR = pathlib.Path(sys.argv[1])
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
kept = []


def listen(backlog=64):
    s = socket.create_server(("127.0.0.1", 0), backlog=backlog)
    kept.append(s)
    return s


def tell(name, s):
    new = DIR / (name + ".new")
    new.write_text(str(s.getsockname()[1]))
    new.rename(DIR / name)


def full():
    s = listen(0)
    for _ in range(8):
        c = socket.socket()
        c.setblocking(False)
        c.connect_ex(s.getsockname())
        kept.append(c)
    tell("full", s)


def each(name, fn):
    s = listen()
    tell(name, s)

    def loop():
        while True:
            c, _ = s.accept()
            threading.Thread(target=one, args=(c,), daemon=True).start()

    def one(c):
        try:
            fn(c)
        except OSError:
            pass
    threading.Thread(target=loop, daemon=True).start()


def says(text):
    def fn(c):
        c.recv(65536)
        c.sendall(text)
        c.close()
    return fn


def tls():
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2", "-keyout", DIR / "tls.key",
                    "-out", DIR / "tls.crt"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(DIR / "tls.crt", DIR / "tls.key")
    each("tls", lambda c: context.wrap_socket(c, server_side=True))


full()
each("mute", kept.append)
each("noise", says(b"SSH-2.0-OpenSSH_9.2\r\n"))
each("cut", says(HEAD))
each("short", says(HEAD + b'{"id":"c","choices":[{"index":0,"message":{'))
tls()
threading.Timer(120, lambda: os._exit(1)).start()
threading.Event().wait()
