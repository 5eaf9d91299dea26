#!/usr/bin/python3
"""foldergate doctor: what it says of a service that is well, and of servers that
lose or change something on the way."""

import http.server
import json
import os
import re
import ssl
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import servers  # noqa: E402
import tap  # noqa: E402
from world import World  # noqa: E402

ROWS = ["programs", "paths", "statuses", "bodies", "large bodies", "limits",
        "headers", "slashes", "grants", "clock"]

w = World()
w.now = int(time.time())
w.snapshot()


def doctor(port, *more):
    r = w.cli("doctor", "--url", "http://127.0.0.1:%d%s" % (
        port, "".join(more)), installed=True)
    rows = {line[:14].rstrip(): line[16:] for line in r.text.splitlines()
            if line[:1].strip()}
    return r, rows


def wrong(rows):
    return sorted(n for n, what in rows.items() if what != "ok")


class Lossy(threading.Thread):
    """A server in front of a good one, which spoils what passes: change() gets
    the request and may change it, and the answer."""

    def __init__(self, behind, before=None, after=None, pem=None):
        super().__init__(daemon=True)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def any(self):
                n = int(self.headers.get("Content-Length") or 0)
                ask = {"method": self.command, "path": self.path,
                       "body": self.rfile.read(n),
                       "headers": [(k, v) for k, v in self.headers.items()
                                   if k.lower() not in (
                                       "host", "content-length",
                                       "connection")]}
                if before:
                    before(ask)
                r = servers.ask(behind, ask["method"], ask["path"],
                                ask["body"] if n else None, ask["headers"])
                told = {"code": r.code, "body": r.body}
                if after:
                    after(told)
                self.send_response(told["code"])
                self.send_header("Content-Length", str(len(told["body"])))
                if "location" in r.header:
                    self.send_header("Location", r.header["location"])
                self.end_headers()
                self.wfile.write(told["body"])
            do_GET = do_POST = do_PUT = any

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        if pem:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            self.server.socket = context.wrap_socket(self.server.socket,
                                                     server_side=True)
        self.port = self.server.server_address[1]
        self.start()

    def run(self):
        self.server.serve_forever()


def test_well(t):
    r, rows = doctor(web.port)
    t.ok(r.status == 0 and list(rows) == ROWS and not wrong(rows),
         "doctor finds nothing wrong with a service that is well", r)
    r, rows = doctor(web.port, "/")
    t.ok(r.status == 0 and not wrong(rows),
         "a slash at the end of the URL changes nothing", r)


def spoils(t, text, rows_wrong, **how):
    r, rows = doctor(Lossy(web.port, **how).port)
    t.ok(r.status == 1 and wrong(rows) == sorted(rows_wrong),
         "doctor names a server that %s" % text, r, wrong(rows))


def test_spoilt(t):
    def all_well(told):
        told["code"] = 200 if told["code"] != 307 else 307
    spoils(t, "makes 200 of every refusal",
           ["paths", "statuses", "bodies", "large bodies", "limits",
            "headers"], after=all_well)

    def no_headers(ask):
        ask["headers"] = [h for h in ask["headers"]
                          if not h[0].lower().startswith("x-")]
    spoils(t, "drops headers", ["headers"], before=no_headers)

    def small(told_or_ask):
        if len(told_or_ask["body"]) > 70000:
            told_or_ask.update(path="/get-validator-access")
    spoils(t, "has a small limit for bodies", ["large bodies"], before=small)

    def late(told):
        if told["body"].startswith(b'{"status":"ok","timestamp"'):
            body = json.loads(told["body"])
            body["timestamp"] -= 3600
            told["body"] = json.dumps(body).encode()
    spoils(t, "has a clock that is an hour late", ["clock"], after=late)

    def html(told):
        told["body"] = b"<html>\x1b[31mhello</html>"
    r, rows = doctor(Lossy(web.port, after=html).port)
    t.ok(r.status == 1 and "\x1b" not in r.text and "hello" not in r.text,
         "doctor repeats nothing of what a stranger says", r)


def test_certificate(t):
    for days, good in (30, True), (4, True), (2, False):
        pem = w.path("%d.pem" % days)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", str(days),
             "-subj", "/CN=x", "-addext", "subjectAltName=IP:127.0.0.1",
             "-keyout", pem, "-out", pem + ".crt"], check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        with open(pem + ".crt") as f, open(pem, "a") as both:
            both.write(f.read())
        r = w.cli("doctor", "--url", "https://127.0.0.1:%d" %
                  Lossy(web.port, pem=pem).port, "--ca-file", pem + ".crt",
                  installed=True)
        rows = {line[:14].rstrip(): line[16:] for line in r.text.splitlines()
                if line[:1].strip()}
        t.ok(r.status == (0 if good else 1) and wrong(rows) == (
            [] if good else ["certificate"]) and "certificate" in rows and
            (good or re.search("it ends in [12] days", rows["certificate"])),
            "doctor looks at a certificate of %d days" % days, r)
    r, rows = doctor(web.port)
    t.ok("certificate" not in rows, "without TLS there is no such row", r)


def test_reasons(t):
    os.rename(w.state + "/metagraph.snapshot", w.state + "/away")
    web.stop()
    web.start()
    r, rows = doctor(web.port)
    t.ok(r.status == 1 and wrong(rows) == ["grants"] and
         "no_identity" in r.text,
         "doctor says why a service makes no grants", r)
    os.rename(w.state + "/away", w.state + "/metagraph.snapshot")


def test_unreachable(t):
    r, rows = doctor(servers.free_port())
    t.ok(r.status == 1 and not rows and "no connection" in r.log,
         "doctor says that nobody listens", r)
    r = w.cli("doctor", "--url", "ftp://x", installed=True)
    t.ok(r.status == 2, "doctor refuses an URL that is not of HTTP", r)
    r = w.cli("doctor", "--json", "--url", "http://127.0.0.1:%d" %
              servers.free_port(), installed=True)
    t.same((r.status, json.loads(r.text)), (1, {"checks": [], "ok": False}),
           "as JSON, nobody who listens is not ok")


def test_json(t):
    r = w.cli("doctor", "--json", "--url", "http://127.0.0.1:%d" % web.port,
              installed=True)
    t.same([(c["check"], c["result"]) for c in json.loads(r.text)["checks"]],
           [(name, "ok") for name in ROWS], "doctor prints the rows as JSON")
    r = w.cli("doctor", "-q", "--url", "http://127.0.0.1:%d" % web.port,
              installed=True)
    t.same((r.status, r.text, r.log), (0, "", ""),
           "--quiet prints nothing of a service that is well")
    r = w.cli("doctor", "--here", "--json", "--sockets", web.sockets, "--url",
              "http://127.0.0.1:%d" % web.port, installed=True)
    found = {c["check"]: c for c in json.loads(r.text)["checks"]}
    t.ok(set(ROWS) <= set(found) and "the ledger" in found and
         "13 endpoints answer" in found["the sockets"]["finding"] and
         "26 run" in found["the processes"]["finding"],
         "with --here and --url doctor looks from both sides", r)


web = servers.Web(w)
tap.run([test_well, test_json, test_spoilt, test_certificate, test_reasons, test_unreachable])
