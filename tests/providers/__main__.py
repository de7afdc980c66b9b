# SPDX-License-Identifier: ISC
"""The server: a thread a connection, HTTP/1.1. See the package's documentation."""
import collections
import http.server
import json
import os
import select
import socket
import socketserver
import struct
import sys
import threading
import time

from .script import script
from .wires import WIRES, list_of

IDLE_S = 120
seen, lock, last = [], threading.Lock(), [time.monotonic()]
asked = collections.Counter()  # requests, by wire and model
released = threading.Event()


class Gone(Exception):
    """The client has left."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        last[0] = time.monotonic()
        if self.path == "/seen":
            with lock:
                return self.answer(200, seen)
        if self.path == "/release":
            released.set()
            return self.answer(200, {})
        wire = self.path.split("/")[1]
        return self.answer(200, list_of(wire)) if wire in WIRES else self.answer(404, {"error": {"message": "no such path"}})

    def wait(self, seconds):
        """Until the time is over; Gone when the client is."""
        if select.select([self.connection], [], [], seconds)[0] and not self.connection.recv(1, socket.MSG_PEEK):
            raise Gone
        if seconds > 1:
            raise Gone

    def chunk(self, data):
        if select.select([self.connection], [], [], 0)[0] and not self.connection.recv(1, socket.MSG_PEEK):
            raise Gone
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def do_POST(self):
        last[0] = time.monotonic()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name, path = self.path.split("/")[1], self.path
        wire = WIRES[name]
        mark = {"wire": name, "path": path, "headers": dict(self.headers.items()), "body": body, "gone": None}
        with lock:
            seen.append(mark)
        if "embed" in path.lower():
            return self.answer(200, wire.embed(path, body))
        a = wire.ask(path, body)
        with lock:
            asked[name, a.model] += 1
            s = script(a, asked[name, a.model])
        began = time.monotonic()
        try:
            self.play(wire, a, s)
        except (Gone, BrokenPipeError, ConnectionResetError):
            mark["gone"] = round((time.monotonic() - began) * 1000)
            self.close_connection = True
        return None

    def play(self, wire, a, s):
        if s.status != 200:
            self.answer(s.status, wire.error(s))
        elif s.end == "stuck":
            self.wait(60)
        elif s.end == "held" and not released.wait(60):
            raise Gone
        elif a.stream:
            self.play_stream(wire, a, s)
        else:
            self.answer(200, wire.whole(a, s))

    def play_stream(self, wire, a, s):
        self.send_response(200)
        self.send_header("Content-Type", wire.type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for n, data in enumerate(wire.stream(a, s)):
            self.chunk(data)
            if s.end in ("silent", "reset") and n == 4:
                if s.end == "silent":
                    self.wait(60)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                raise Gone
        self.wfile.write(b"0\r\n\r\n")


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, ValueError)):
            super().handle_error(request, client_address)


def main():
    server = Server(("127.0.0.1", 0), Handler)
    with open(sys.argv[1] + ".new", "w") as f:
        f.write(f"{server.server_address[1]}\n")
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while time.monotonic() - last[0] < IDLE_S:
        time.sleep(1)


main()
