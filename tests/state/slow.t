#!/usr/bin/python3
"""Fifty clients that send a byte a second, in their headers or in their bodies:
the others are served as if they were not there."""

import json
import socket
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import servers
import tap
from world import World

CLIENTS, HONEST = 50, 300
PATH = "/get-folder-access"

w = World(limits_replay=None)
w.now = int(time.time())
w.snapshot()
web = servers.Web(w)


class Slow:
    """They are slow until end() is called; sent: bytes, of all together."""

    def __init__(self):
        body = b"x" * 1000
        head = ("POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n" %
                (PATH, len(body))).encode()
        self._peers = []
        for i in range(CLIENTS):
            s = socket.create_connection(("127.0.0.1", web.port), 20)
            rest = body if i % 2 else b"X-Slow: " + body
            s.sendall(head + (b"\r\n" if i % 2 else b""))
            self._peers.append((s, rest))
        self.sent, self.closed, self._ends = 0, 0, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._ends.is_set():
            for s, rest in self._peers:
                at = self.sent // CLIENTS % len(rest)
                try:
                    s.sendall(rest[at:at + 1])
                except OSError:
                    self.closed += 1
                self.sent += 1
            self._ends.wait(1)

    def end(self):
        self._ends.set()
        self._thread.join(10)
        for s, _ in self._peers:
            s.close()


def honest(busy=lambda: False):
    """Statuses and seconds of so many requests, sorted; more of them while
    busy() is."""
    codes, took = {}, []
    while len(took) < HONEST or (busy() and len(took) < 100 * HONEST):
        with w.time(int(time.time())):
            body = json.dumps(w.request()).encode()
        start = time.monotonic()
        code = servers.ask(web.port, "POST", PATH, body=body).code
        took.append(time.monotonic() - start)
        codes[code] = codes.get(code, 0) + 1
    took.sort()
    for name, at in ("median", 0.5), ("p99", 0.99):
        print("# %s %.2f ms" % (name, 1e3 * took[int(at * len(took))]))
    return codes, took


def test_slow(t):
    print("# alone")
    codes, took = honest()
    t.same(codes, {200: len(took)},
           "all requests are granted without slow clients")
    slow = Slow()
    print("# beside %d slow clients" % CLIENTS)

    # For long enough that each of them has sent some bytes.
    codes, took = honest(lambda: slow.sent < 4 * CLIENTS)
    slow.end()
    print("# %d requests, %d slow bytes, %d connections lost" % (
        len(took), slow.sent, slow.closed))
    t.ok(slow.sent >= 4 * CLIENTS and slow.closed == 0,
         "%d slow clients each send some bytes and keep their connections" %
         CLIENTS, slow.sent, slow.closed)
    t.same(codes, {200: len(took)},
           "all requests are granted beside slow clients")
    t.ok(took[len(took) // 2] < 1,
         "half of the requests beside slow clients take less than a second")
    text = web.logs()
    t.ok('"error"' not in text, "no error is logged with slow clients", text)


if __name__ == "__main__":
    tap.run([test_slow], endpoint.check_outputs)
