#!/usr/bin/python3
"""A web server and its programs as one: every endpoint and proof, the client's
address, bodies that nobody reads or that come slowly, programs that are killed,
stopped or replaced, and a configuration that is broken.  SERVER names one of
servers.SERVERS; without it, nginx in front of sockets."""

import json
import os
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import servers  # noqa: E402
import tap  # noqa: E402
from validators import Validators  # noqa: E402
from world import Key  # noqa: E402

SERVER = os.environ.get("SERVER", "nginx-sockets")
FAMILY, BY = SERVER.split("-")
CGI = BY in ("cgi", "prefork", "fcgiwrap")
GRANT, FILES = "get-folder-access", "get-file-presigned-urls"
NAMES = sorted(name[:-2] for name in os.listdir(
    os.path.join(servers.ROOT, "cgi-bin")))

receiver = Key("receiver").ss58
w = Validators(auth_receiver=receiver, auth_tao_everywhere="yes",
               web_trusted_proxies="127.0.0.2")
w.now = int(time.time())
w.snapshot()
web = servers.SERVERS[SERVER](w)


def signed(**more):
    w.now = int(time.time())
    return json.dumps(w.request(**more)).encode()


def post(name, body, headers=(), **more):
    return servers.ask(web.port, "POST", "/" + name, body=body,
                       headers=headers, **more)


def grant(**more):
    return post(GRANT, signed(), **more)


def codes(n, body=None):
    return [(grant() if body is None else post(GRANT, body)).code
            for _ in range(n)]


# --- every endpoint, every proof ---------------------------------------------

def test_endpoints(t):
    wrong = []
    for name in NAMES:
        r = servers.ask(web.port, "GET", "/" + name)
        may = (401,) if name == "metrics" else (200, 405, 503)
        if "x-request-id" not in r.header or r.code not in may:
            wrong += [name, r]
    t.none(wrong, "behind %s, each of %d programs answers" %
           (SERVER, len(NAMES)))


def test_proofs(t):
    for source in None, "x":
        r = post(GRANT, signed(source=source))
        t.ok(r.code == 200, "behind %s, a miner's text %s a source is granted"
             % (SERVER, "with" if source else "without"), r)
    w.now = int(time.time())
    raw = json.dumps({"miner_hotkey": w.miner.ss58}).encode()
    headers = w.validator.tao(raw, int(time.time() * 1000))
    r = post("get-miner-list", raw, list(headers.items()))
    t.ok(r.code == 200, "behind %s, X-Tao headers are a proof" % SERVER, r)
    headers = w.validator.btauth(receiver, "/get-miner-list", raw,
                                 time.time_ns())
    r = post("get-miner-list", raw, list(headers.items()))
    t.ok(r.code == 200, "behind %s, X-Bittensor headers are a proof" % SERVER,
         r)
    r = post("get-miner-list", raw + b" ", list(headers.items()))
    t.ok(r.code == 401,
         "behind %s, X-Bittensor headers sign every byte of the body" % SERVER,
         r)


def test_large(t):
    w.now = int(time.time())
    keys = ["%s%0200d" % (w.folder, i) for i in range(1000)]
    body = json.dumps(w.asks(FILES, file_keys=keys,
                             miner_hotkey=w.miner.ss58)).encode()
    r = post(FILES, body)
    t.ok(r.code == 200 and len(json.loads(r.body)["file_urls"]) == 1000 and
         len(body) > 200000 and len(r.body) > 500000,
         "behind %s, a large body gets a large answer, whole" % SERVER,
         r.code, len(body), len(r.body))


# --- who asks ----------------------------------------------------------------

def test_address(t):
    """A denied address shows which one the programs see."""
    def denied(address):
        r = w.cli("deny", "add", "--address", address, "--reason", "test",
                  env={**w.env(), "FOLDERGATE_NOW": str(int(time.time()))})
        if r.status != 0:
            raise RuntimeError(str(r))
    forwarded = [("X-Forwarded-For", "192.0.2.55")]
    t.same((grant().code, grant(headers=forwarded).code), (200, 200),
           "behind %s, an X-Forwarded-For of a client is a claim" % SERVER)
    denied("192.0.2.55")
    servers.until(lambda: False, 1.2)
    t.same(grant(headers=forwarded).code, 200,
           "behind %s, nobody is denied for what it claims to be" % SERVER)
    text = "behind %s and a trusted proxy, the client's address counts" % SERVER
    if FAMILY == "caddy":
        t.skip(text, "Caddy itself must trust the proxy: it writes the header")
    else:
        with w.settings(web_trusted_proxies="127.0.0.1"):
            renew()
            t.same((grant().code, grant(headers=forwarded).code), (200, 401),
                   text)
        renew()
    r = w.cli("deny", "remove", "--address", "192.0.2.55", env=w.env())
    t.ok(r.status == 0, "the denied address is removed", r)


def renew():
    """Programs that have read the configuration."""
    if BY == "spawn":
        web.stop()
        web.start()
    elif web.keeper is not None and BY != "fcgiwrap":
        old = set(web.programs())
        web.keeper.replace()
        servers.until(lambda: not old & set(web.programs()) and
                      len(web.programs()) >= len(old), 10)
    else:
        web.reload()
        time.sleep(2)


# --- bodies ------------------------------------------------------------------

def test_unread(t):
    """Answers that are known before the body: it must be read all the same,
    or some servers lose the answer."""
    for path, code in ("/nope", 404), ("/healthz", 405), \
            ("/get-validator-access", 413):
        got = set()
        for _ in range(40):
            r = servers.ask(web.port, "POST", path, body=b"x" * 70000)
            got.add(r.code)
        t.ok(got <= {code, 413}, "behind %s, 40 unread bodies to %s lose no "
             "answer" % (SERVER, path), got)
    got = {servers.ask(web.port, "POST", "/healthz", body=b"x" * 60000).code
           for _ in range(40)}
    t.same(got, {405}, "behind %s, 40 bodies to a GET get 405" % SERVER)


def test_slow(t):
    """20 who send a byte in half a second, and one who does not."""
    text = "behind %s, 20 slow bodies keep nobody waiting for 5 s" % SERVER
    if BY == "proxy":
        return t.skip(text, "mod_proxy_fcgi hands a body on as it comes")
    if BY == "prefork":
        return t.skip(text, "its processes are started one after the other")
    held = []
    for _ in range(20):
        c = socket.create_connection(("127.0.0.1", web.port), 30)
        c.sendall(b"POST /get-folder-access HTTP/1.1\r\nHost: x\r\n"
                  b"Content-Length: 100\r\n\r\n{")
        held.append(c)
    worst, wrong = 0, []
    for _ in range(6):
        for c in held:
            try:
                c.sendall(b" ")
            except OSError:
                pass
        start = time.monotonic()
        r = grant()
        worst = max(worst, time.monotonic() - start)
        wrong += [r] if r.code != 200 else []
        time.sleep(0.5)
    t.ok(not wrong and worst < 5, text, "%.1f s" % worst, *wrong)
    for c in held:
        c.close()


# --- programs that end -------------------------------------------------------

def test_killed(t):
    if CGI:
        return t.skip("behind %s, killed programs are replaced" % SERVER,
                      "a program lives for one request")
    codes(4)
    for pid, _ in web.programs():
        os.kill(pid, signal.SIGKILL)
    first = codes(4)
    servers.until(lambda: codes(1) == [200], 10, 0.2)
    t.ok(codes(25) == [200] * 25 and set(first) <= {200, 500, 502, 503},
         "behind %s, programs that are all killed are replaced" % SERVER,
         first)


def test_stopped(t):
    """A process that hangs keeps those waiting who were given to it."""
    text = "behind %s, a stopped program takes no request of others" % SERVER
    if CGI or BY in ("spawn", "fcgid"):
        return t.skip(text, "each process has a queue of its own"
                      if not CGI else "a program lives for one request")
    ours = [p for p, _ in web.programs() if
            os.readlink("/proc/%d/exe" % p).endswith("/" + GRANT)]
    os.kill(ours[0], signal.SIGSTOP)
    got = codes(6)
    os.kill(ours[0], signal.SIGCONT)
    t.same((len(ours), got), (2, [200] * 6), text)


# --- under load --------------------------------------------------------------

class Load:
    """Four clients that ask for grants, one after the other."""

    def __init__(self):
        self.stop, self.codes, self.lock = False, {}, threading.Lock()
        self._threads = [threading.Thread(target=self._run)
                         for _ in range(4)]
        for thread in self._threads:
            thread.start()

    def _run(self):
        while not self.stop:
            try:
                code = servers.ask(web.port, "GET", "/healthz").code
            except OSError as e:
                code = type(e).__name__
            except Exception as e:      # an answer that is cut
                code = type(e).__name__
            with self.lock:
                self.codes[code] = self.codes.get(code, 0) + 1

    def end(self):
        self.stop = True
        for thread in self._threads:
            thread.join()
        return self.codes


def test_reload(t):
    text = "behind %s, two graceful reloads under load lose no request" % \
        SERVER
    if BY in ("cgi", "fcgid") and FAMILY == "apache":
        return t.skip(text, "mod_cgid and mod_fcgid lose some")
    load = Load()
    for _ in range(2):
        time.sleep(1)
        web.reload()
    time.sleep(2)
    got = load.end()
    print("# %s" % got)
    t.ok(set(got) == {200} and got[200] > 20, text, got)


def test_replaced(t):
    """As after an upgrade."""
    text = "behind %s, replacing all programs under load loses no request" % \
        SERVER
    if web.keeper is None or BY == "fcgiwrap":
        return t.skip(text, "the server itself starts the programs")
    load, old = Load(), set(web.programs())
    time.sleep(0.5)
    web.keeper.replace()
    ended = servers.until(lambda: not old & set(web.programs()), 10)
    time.sleep(1)
    got = load.end()
    print("# %s" % got)
    t.ok(ended and set(got) == {200} and got[200] > 20, text, ended, got)


# --- a configuration that is broken ------------------------------------------

def test_broken(t):
    with open(w.conf) as f:
        good = f.read()
    with open(w.conf, "w") as f:
        f.write(good + "\n[s3]\nnonsense = 1\n")
    if CGI:
        r = grant()
    else:
        web.stop()
        web.start()
        r = grant()
    t.ok(r.code == 500 and json.loads(r.body)["code"] == "internal" and
         "retry-after" in r.header,
         "behind %s, a broken configuration is a 500 in JSON with Retry-After"
         % SERVER, r)
    with open(w.conf, "w") as f:
        f.write(good)
    t.ok(servers.until(lambda: grant().code == 200, 8, 0.5),
         "behind %s, a mended configuration serves without a restart" % SERVER)


def test_argv(t):
    """Some servers make an argument of a query without =."""
    r = servers.ask(web.port, "GET", "/healthz?--describe")
    t.same((r.code, r.body), (200, b'{"status":"ok"}'),
           "behind %s, a query that looks like an option is none" % SERVER)


def test_end(t):
    old = web.programs()
    web.stop()
    t.same([p for p, s in old if servers.started(p) == s], [],
           "%s is stopped: its programs end" % SERVER)


tap.run([test_endpoints, test_proofs, test_large, test_address, test_unread,
         test_slow, test_killed, test_stopped, test_reload, test_replaced,
         test_broken, test_argv, test_end])
