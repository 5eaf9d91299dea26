#!/usr/bin/python3
"""The FastCGI loop, with a client of our own: requests that come in pieces, or
not to their end; being told to stop; and what changes under it."""

import json
import os
import re
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import fcgi  # noqa: E402
import servers  # noqa: E402
import tap  # noqa: E402
from world import World  # noqa: E402

NAME = "get-folder-access"


def limit(name):
    """A number of the header that says what to expect."""
    path = os.path.join(servers.ROOT, "common", "web", "transport.h")
    with open(path) as f:
        return int(re.search(r"#define %s (\d+)" % name, f.read())[1])


HEAD_S, BODY_S = limit("TRANSPORT_HEAD_S"), limit("TRANSPORT_BODY_S")
BODY_MAX = limit("TRANSPORT_BODY_USUAL")
CLOSE_S = 2             # libfcgi waits that long for the peer to close

w = World()
w.now = int(time.time())
w.snapshot()


def signed(key=None):
    with w.time(int(time.time())):
        return json.dumps(w.request(key)).encode()


def granted(a, key=None):
    """What is wrong with an answer that should be a grant."""
    if a is None:
        return ["no answer"]
    if a.code != 200:
        return [a] + a.wrong
    folder = "data/hotkey=%s/" % (key or w.miner).ss58
    return a.wrong + ([] if a.json["folder"] == folder else [a])


def refused(a, status, code):
    if a is None:
        return ["no answer"]
    good = a.code == status and a.json["code"] == code
    return a.wrong + ([] if good else [a])


def lives(service):
    """What is wrong with a service that should serve, by the same process."""
    body = signed()
    wrong = granted(service.ask(fcgi.post(body), body))
    return wrong + ([] if all(service.alive()) else
                    ["a process has ended", service.log()])


# --- pieces ------------------------------------------------------------------

def test_pieces(t):
    s, body = fcgi.Service(w, NAME), signed()
    t.none(granted(s.ask(fcgi.post(body), body)), "a plain request is granted")
    with s.connect() as c:
        c.send(fcgi.begin() + fcgi.params(fcgi.post(body)) +
               fcgi.body(body, step=1))
        t.none(granted(c.answer()), "a body of one byte per record is granted")
    with s.connect() as c:
        names = b"".join(fcgi.pair(*p) for p in fcgi.post(body).items())
        c.send(fcgi.begin() + b"".join(
            fcgi.record(fcgi.PARAMS, names[i:i + 1])
            for i in range(len(names))) + fcgi.record(fcgi.PARAMS))
        for byte in fcgi.body(body[:40], end=False):
            c.send(bytes([byte]))
        c.send(fcgi.body(body[40:]))
        t.none(granted(c.answer()),
               "a request is granted when its records are cut anywhere and "
               "sent byte by byte")
    with s.connect() as c:
        for _ in range(2):
            c.send(fcgi.begin(fcgi.KEEP_CONN) + fcgi.params(fcgi.post(body)) +
                   fcgi.body(body))
            t.none(granted(c.answer()),
                   "a request on a connection that is kept is granted")
    t.none(lives(s), "another connection is served after a kept one")


def test_length(t):
    s, body = fcgi.Service(w, NAME), signed()
    for length in (len(body) + 1, len(body) - 1, 0, "-2", "+5", "1e3", "x",
                   " 5", "0x10", "9" * 30):
        a = s.ask(fcgi.post(body, length), body)
        t.none(refused(a, 400, "incomplete_body"),
               "CONTENT_LENGTH %s for a body of %d bytes is answered "
               "with 400" % (length, len(body)))
    for length in "", "-1", None:
        variables = fcgi.post(body, length or "")
        if length is None:
            del variables["CONTENT_LENGTH"]
        t.none(granted(s.ask(variables, body)),
               "with CONTENT_LENGTH %r, as for chunks, the body is read to its "
               "end" % length)
    for name in "CONTENT_LENGTH", "REQUEST_METHOD", "REMOTE_ADDR":
        pairs = list(fcgi.post(body).items())
        pairs.append((name, dict(pairs)[name]))
        t.none(refused(s.ask(pairs, body), 400, "invalid_header"),
               "%s given twice is answered with 400" % name)
    big = body.ljust(BODY_MAX)
    t.none(granted(s.ask(fcgi.post(big), big)),
           "a body of %d bytes is granted" % BODY_MAX)
    for size in BODY_MAX + 1, 10 << 20:
        big = body.ljust(size)
        for variables in fcgi.post(big), fcgi.post(big, ""):
            t.none(refused(s.ask(variables, big), 413, "body_too_large"),
                   "a body of %d bytes, with a length of %s, is answered with "
                   "413" % (
                       size, variables["CONTENT_LENGTH"] or "none"))
    t.none(lives(s), "the process lives after bodies that are too large")


def test_cut(t):
    """A request that does not come to its end is not served."""
    s, body = fcgi.Service(w, NAME), signed()
    head = fcgi.begin() + fcgi.params(fcgi.post(body))
    open_end = fcgi.begin() + fcgi.params(fcgi.post(body, ""))
    names = fcgi.begin() + fcgi.params(fcgi.post(body), end=False)
    whole = fcgi.whole(fcgi.post(body), body)
    for text, data in [
            ("before its body", head),
            ("in its body between two records",
             head + fcgi.body(body[:50], end=False)),
            ("after its body but before the end of the stream",
             head + fcgi.body(body, end=False)),
            ("after its body when no length was announced",
             open_end + fcgi.body(body, end=False)),
            ("in a record of its body", whole[:-100]),
            ("in the last record", whole[:-1]),
            ("between two variables", names),
            ("in a variable", names[:-9]),
            ("in its first record", head[:11]),
            ("by ABORT_REQUEST", head + fcgi.body(body[:50], end=False) +
             fcgi.record(fcgi.ABORT)),
            ("by another protocol", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")]:
        with s.connect() as c:
            c.send(data)
            c.sock.shutdown(1)
            a = c.answer()
        t.none(([a] if a else []) + lives(s),
               "a request cut %s is not answered, and the next one is" % text)
        with s.connect() as c:
            c.send(data)
        t.none(lives(s), "a request closed %s does not keep the next one from "
               "being answered" % text)


# --- time --------------------------------------------------------------------

class Slow:
    """What takes seconds runs beside the other tests, each on a service of
    its own.  run() returns what is wrong."""

    def __init__(self, text, run):
        self.text, self._run, self.wrong = text, run, ["it did not end"]
        self._service, self._body = fcgi.Service(w, NAME), signed()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self):
        try:
            self.wrong = self._run(self._service, self._body)
        except Exception as e:
            self.wrong = [repr(e)]

    def report(self, t):
        self._thread.join(30)
        t.none(self.wrong, self.text)


def next_within(service, body, seconds):
    """What is wrong if the next peer should be served within that time."""
    start = time.monotonic()
    wrong = granted(service.ask(fcgi.post(body), body, timeout=30))
    took = time.monotonic() - start
    return wrong + (["it took %.1f s" % took] if took > seconds else []) + \
        ([] if all(service.alive()) else ["it has ended", service.log()])


def silent(count, data=b""):
    def run(service, body):
        peers = [service.connect() for _ in range(count)]
        for peer in peers:
            peer.send(data)
        time.sleep(0.05)
        wrong = next_within(service, body, HEAD_S + CLOSE_S + 2)
        for peer in peers:
            peer.sock.close()
        return wrong
    return run


def trickle(connection, data):
    """Send a byte every 50 ms until that fails."""
    def work():
        for byte in data:
            try:
                connection.send(bytes([byte]))
            except OSError:
                return
            time.sleep(0.05)
    threading.Thread(target=work, daemon=True).start()


def trickled_body(service, body):
    start = time.monotonic()
    with service.connect(30) as c:
        c.send(fcgi.begin() + fcgi.params(fcgi.post(body)))
        trickle(c, fcgi.body(body, step=1))
        wrong = refused(c.answer(), 408, "body_timeout")
    took = time.monotonic() - start
    if not BODY_S - 1 < took < BODY_S + 2:
        wrong.append("it took %.1f s" % took)
    return wrong + next_within(service, body, 1)


def trickled_params(service, body):
    with service.connect(30) as c:
        c.send(fcgi.begin())
        trickle(c, fcgi.params(fcgi.post(body)))
        wrong = next_within(service, body, HEAD_S + CLOSE_S + 2)
    return wrong


def slow_tests():
    head = fcgi.begin() + fcgi.params(fcgi.post(b"x" * 100))
    return [Slow(*arguments) for arguments in [
        ("a body that trickles is answered with 408 in time, and the process "
         "lives",
         trickled_body),
        ("variables that trickle do not keep the next client from being served "
         "in time",
         trickled_params),
        ("a silent client does not keep the next one from being served "
         "in time", silent(1)),
        ("four silent clients do not keep the next one from being served in "
         "time", silent(4)),
        ("half a record does not keep the next client from being served "
         "in time", silent(1, head[:4])),
        ("missing variables do not keep the next client from being served in "
         "time", silent(1, head[:16])),
        ("a missing body does not keep the next client from being served in "
         "time", silent(1, head))]]


# --- stopping ----------------------------------------------------------------

def stopped(service, process=None, seconds=1):
    """What is wrong with a process that should end now, as told."""
    status = service.ends(process or service.processes[0], seconds)
    return [] if status == 0 else ["exit status %s" % status, service.log()]


def test_stop(t):
    for number in signal.SIGTERM, signal.SIGINT, signal.SIGUSR1:
        s = fcgi.Service(w, NAME)
        wrong = lives(s)
        s.processes[0].send_signal(number)
        t.none(wrong + stopped(s), "%s ends an idle process" % number.name)
    s = fcgi.Service(w, NAME)
    wrong, body = lives(s), signed()
    with s.connect() as c:
        c.send(fcgi.begin() + fcgi.params(fcgi.post(body)) +
               fcgi.body(body[:50], end=False))
        time.sleep(0.05)
        s.processes[0].send_signal(signal.SIGTERM)
        time.sleep(0.05)
        c.send(fcgi.body(body[50:]))
        wrong += granted(c.answer())
    t.none(wrong + stopped(s),
           "SIGTERM in a body ends the process after a whole answer")
    s = fcgi.Service(w, NAME)
    wrong, body = lives(s), signed()
    data = fcgi.whole(fcgi.post(body), body)
    with s.connect() as c:
        c.send(data[:30])
        time.sleep(0.05)
        s.processes[0].send_signal(signal.SIGTERM)
        time.sleep(0.05)
        c.send(data[30:])
        wrong += granted(c.answer())
    t.none(wrong + stopped(s),
           "SIGTERM in the variables ends the process after a whole answer")
    s = fcgi.Service(w, NAME)
    wrong, body = lives(s), signed()
    with s.connect() as c:
        time.sleep(0.05)
        s.processes[0].send_signal(signal.SIGTERM)
        time.sleep(0.05)
        c.send(fcgi.whole(fcgi.post(body), body))
        wrong += granted(c.answer())
    t.none(wrong + stopped(s),
           "SIGTERM before a client's first byte ends the process after a "
           "whole answer")
    s = fcgi.Service(w, NAME)
    wrong, body = [], signed()
    with s.connect() as c:
        c.send(fcgi.begin(fcgi.KEEP_CONN) + fcgi.params(fcgi.post(body)) +
               fcgi.body(body))
        wrong += granted(c.answer())
        s.processes[0].send_signal(signal.SIGTERM)
        wrong += stopped(s, seconds=CLOSE_S + 1)
    t.none(wrong, "SIGTERM ends the process while a connection is kept")


def test_stop_under_load(t):
    """Four clients without a pause; three times, the only process is told to
    stop and another one takes the socket over."""
    s, body, over = fcgi.Service(w, NAME), signed(), threading.Event()
    answers, wrong = [], []

    def client():
        while not over.is_set():
            try:
                answers.append(granted(s.ask(fcgi.post(body), body)))
            except OSError as e:
                answers.append([repr(e)])

    threads = [threading.Thread(target=client, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        time.sleep(0.2)
        old = s.processes[-1]
        old.send_signal(signal.SIGTERM)
        wrong += stopped(s, old)
        s.start()
    time.sleep(0.2)
    over.set()
    for thread in threads:
        thread.join(20)
    t.none(wrong, "SIGTERM under load ends the process within a second")
    t.none([a for a in answers if a],
           "each request under load has its whole answer when processes are "
           "replaced")
    t.ok(len(answers) >= 100,
         "at least 100 requests were answered while processes were replaced",
         len(answers))


def burst(service, body, count):
    """What is wrong with the answers on so many connections, all there before
    the first is answered.  Each is closed with its answer, as servers do."""
    peers, wrong = [service.connect() for _ in range(count)], []
    for peer in peers:
        peer.send(fcgi.whole(fcgi.post(body), body))
    for peer in peers:
        with peer:
            wrong += granted(peer.answer())
    return wrong


def test_many(t):
    s, body = fcgi.Service(w, NAME, count=2), signed()
    t.none(burst(s, body, 20), "20 connections to two processes get 20 grants")
    t.same(s.alive(), [True, True], "both processes live after 20 connections")

    # Both wake up for a connection and one loses the race for it, in about
    # every fifth case: that one must still hear a signal.
    wrong = []
    for _ in range(16):
        s = fcgi.Service(w, NAME, count=2)
        wrong += burst(s, body, 2) + burst(s, body, 1)
        for process in s.processes:
            process.send_signal(signal.SIGTERM)
        for process in s.processes:
            wrong += stopped(s, process)
    t.none(wrong,
           "SIGTERM is heard by a process that lost the race for a connection")


# --- what changes under it ---------------------------------------------------

def test_snapshot(t):
    s, body = fcgi.Service(w, NAME), signed(w.stranger)

    def ask():
        return s.ask(fcgi.post(body), body)

    t.none(refused(ask(), 401, "not_registered"),
           "a hotkey that is not registered is answered with 401")
    more = {"uid": 3, "hotkey": w.stranger.ss58, "coldkey": w.owner,
            "permit": False, "alpha_stake_rao": "0"}
    path = w.snapshot(block=7000001, neurons=w.neurons() + [more])
    t.none(granted(ask(), w.stranger),
           "a hotkey that was registered meanwhile is granted")
    with open(path, "rb") as f:
        good = f.read()
    for text, bad in [
            ("with one bit flipped", good[:300] + bytes([good[300] ^ 1]) +
             good[301:]),
            ("cut by a byte", good[:-1]), ("of no bytes", b""),
            ("of zeros", b"\0" * len(good))]:
        with open(path + ".new", "wb") as f:
            f.write(bad)
        os.rename(path + ".new", path)
        t.none(granted(ask(), w.stranger),
               "a snapshot %s leaves the old one in use" % text)
    t.same(s.log().count('"level":"error"'), 4,
           "each damaged snapshot is logged once")
    os.unlink(path)
    t.none(granted(ask(), w.stranger),
           "a snapshot that is removed stays in use")
    w.snapshot(block=7000002)
    t.none(refused(ask(), 401, "not_registered"),
           "a good snapshot replaces the old one")
    new = fcgi.Service(w, NAME)
    t.none(lives(new), "a process that starts now takes the good snapshot")


slow = []


def test_slow(t):
    for s in slow:
        s.report(t)


slow = slow_tests()
tap.run([test_pieces, test_length, test_cut, test_stop, test_stop_under_load,
         test_many, test_slow], test_snapshot)
