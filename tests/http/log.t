#!/usr/bin/python3
"""The log of the endpoints: where it goes, which requests have a line there,
and what `foldergate logs explain` makes of it."""

import json
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import fcgi
import tap
import validators
import world

w = validators.Validators()
w.snapshot()
LOG = w.path("logs/foldergate.log")
os.mkdir(w.path("logs"))
AUDIT = {"audit_key_file": w.secret("audit.key", "k" * 32)}
LOG_LINE = re.compile(r"^  \S+ log: \S+ request$", re.M)
SHOWN = ["time", "level", "program", "event", "request_id", "status", "code",
         "address", "role", "hotkey", "duration_us"]


def lines(path=LOG, event="request"):
    """The lines of a log, as dicts; removes it."""
    if not os.path.exists(path):
        return []
    with open(path) as f:
        found = [json.loads(line) for line in f]
    os.unlink(path)
    return [line for line in found if event in (None, line["event"])]


def requests(t):
    wrong = w.request(words="x")
    with w.settings(log_to=LOG, log_requests="all"):
        a = w.post(w.request())
        got = lines()
        t.ok(a.code == 200 and a.log == "" and len(got) == 1 and
             list(got[0]) == SHOWN, "a grant has one line in the file", a, got)
        want = {"level": "info", "program": "get-folder-access",
                "request_id": a.header["X-Request-ID"], "status": 200,
                "code": "ok", "address": "192.0.2.7", "role": "miner",
                "hotkey": w.miner.ss58}
        t.same({k: got[0][k] for k in want}, want, "that line says who it was")
        a = w.post(wrong, HTTP_X_REQUEST_ID="a-proxy.1")
        got = lines()
        t.ok(a.code == 401 and len(got) == 1 and got[0]["status"] == 401 and
             got[0]["code"] == "invalid_signature" and
             got[0]["given_id"] == "a-proxy.1" and "hotkey" not in got[0] and
             got[0]["request_id"] != "a-proxy.1",
             "the line of a wrong signature names no key, and both ids", got)
        a = w.post(b"{}", REMOTE_ADDR="x")
        got = lines()
        t.ok(a.code == 503 and len(got) == 1 and got[0]["level"] == "warn" and
             "address" not in got[0],
             "the line of a failure is a warning", a, got)
        w.get("healthz")
        t.same(lines(), [], "a public endpoint writes no line for a request")
    with w.settings(log_to=LOG, log_requests="refused"):
        codes = [w.post(w.request()).code, w.post(wrong).code]
        t.same([line["status"] for line in lines()], [401],
               "with refused only a refusal has a line")
        t.same(codes, [200, 401], "the grant before it is one")
    with w.settings(log_to=LOG):
        w.post(wrong)
        t.same(lines(), [], "by default no request has a line")


def bounded(t):
    """Whoever proves nothing must not fill the disk."""
    with w.settings(log_to=LOG, log_requests="all"), w.time(w.now + 7):
        for _ in range(25):
            w.post(b"{}")
        t.same(len(lines()), 10,
               "of 25 refusals in one second ten have a line")
        for _ in range(3):
            w.post(w.request())
        t.same(len(lines()), 3, "a grant in that second has a line all the "
               "same")
    os.unlink(os.path.join(w.state, "throttle.table"))


def places(t):
    bad = w.path("logs/none/x.log")
    with w.settings(log_to=bad, log_requests="all"):
        a = w.post(w.request())
        events = [json.loads(line)["event"] for line in a.log.splitlines()]
        t.ok(a.code == 200 and events == ["request", "log_not_written"],
             "a line that the file cannot take is on standard error", a)
    with w.settings(log_to="stderr", log_requests="all"):
        a = w.post(w.request())
        t.ok(json.loads(a.log)["event"] == "request" and
             a.log.count("\n") == 1, "with stderr the line is there", a)
    with w.settings(log_to="log"):
        r = w.cli("check-config")
        t.ok(r.status != 0 and "log.to must be stderr, syslog, or an absolute "
             "path" in r.log, "log.to = log is refused by name", r)
    with w.settings(log_to=LOG, log_requests="refused"):
        a = w.post(w.request(), env={**w.env(), "FOLDERGATE_CONFIG":
                                     w.path("none.conf")})
        t.ok(a.code == 500 and "config_refused" in a.log and lines() == [],
             "without a configuration the log is on standard error", a)


def rotated(t):
    """By name, as logrotate does, without a signal, inside the sandbox."""
    with w.settings(log_to=LOG, log_requests="all"):
        s = fcgi.Service(w, "get-folder-access", now=w.now)
        body = json.dumps(w.request()).encode()
        for i in range(3):
            s.ask(fcgi.post(body), body)
            os.rename(LOG, "%s.%d" % (LOG, i))
        s.ask(fcgi.post(body), body)
        s.stop()
        got = [[line["event"] for line in lines(path, None)] for path in (
            LOG + ".0", LOG + ".1", LOG + ".2", LOG)]
        t.same([[e for e in file if e != "sandbox"] for file in got],
               [["request"]] * 4,
               "a log that was renamed goes on in a new file")
        t.ok("sandbox" in got[0] and "request" not in s.log(),
             "nothing of it is on standard error", got, s.log())


def explain(t):
    def ask(request_id, *args, stdin=b""):
        return w.cli("logs", "explain", request_id, *args, stdin=stdin)
    with w.settings(log_to=LOG, log_requests="all", **AUDIT):
        first = w.post(w.request(), HTTP_X_REQUEST_ID="same")
        other = w.post(w.request(words="x"), HTTP_X_REQUEST_ID="same")
        third = w.post(w.request())
        r = ask("same")
        t.ok(r.status == 0 and r.text.count("\nrequest ") +
             r.text.startswith("request ") == 2 and
             "answered with 401 invalid_signature\n" in r.text and "the key did not sign this text" in r.text and
             r.text.count("audit log: ") == 1 and
             r.text.count("refusals: ") == 1 and
             len(LOG_LINE.findall(r.text)) == 2,
             "two requests with one X-Request-ID are told apart",
             first, other, r)
        own = re.findall(r"^request ([a-z]{20}), sent with the X-Request-ID "
                         r"same$", r.text, re.M)
        r = ask(own[0])
        t.ok(r.status == 0 and r.text.count("request " + own[0]) == 1 and
             own[1] not in r.text, "the id of ours names one of them", r)
        r = ask(third.header["X-Request-ID"])
        t.ok(r.status == 0 and "kind post_policy" in r.text and
             "audit log: get-folder-access granted" in r.text,
             "a grant is shown with its form", r)
        for text in "nobody", "sam", "same\"", "ame":
            r = ask(text)
            t.ok(world.complains(r, 1, "logs", "no line"),
                 "the id %s, which no line has, is not found" % text, r)
        os.rename(LOG, LOG + ".1")
        r = ask("same")
        t.same(len(LOG_LINE.findall(r.text)), 2, "a renamed log is read, too")
        with open(LOG + ".1", "rb") as f:
            text = f.read()
        lines(LOG + ".1")
        r = ask("same", "-", stdin=b"Nov 28 09:51:08 host x[1]: " +
                text.replace(b"\n{", b"\nNov 28 host: {"))
        t.same(len(LOG_LINE.findall(r.text)), 2,
               "what a daemon wrote before a line is skipped")
        wild = json.dumps({"time": "2026-03-20T09:48:43", "event": "\x1b[2J",
                           "program": "x", "request_id": "wild",
                           "a\x9bb": "\u202e\u2028\x07"}).encode()
        r = ask("wild", "-", stdin=b"{not json wild\n" + wild + b"\n" +
                b'["wild"]\n' + b"x" * 70000 + b"wild\n")
        t.ok(r.status == 0 and r.out.isascii() is False and
             not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]",
                           r.out) and "\\u001b[2J" in r.text,
             "what a line holds cannot command a terminal", r)
    for args, why in [(("explain",), "ID is missing"), ((), "explain is "
                      "missing"), (("show", "x"), "explain is missing"),
                      (("explain", "x" * 65), "ID must have"),
                      (("explain", ""), "ID must have")]:
        r = w.cli("logs", *args)
        t.ok(world.complains(r, 2, "logs", why),
             "logs with the arguments %r is refused: %s" % (args, why), r)


def advised(t):
    """Each code that logs explain knows is one of the table."""
    with open("client/logs.c") as f:
        known = set(re.findall(r'^\t\{ "([a-z_]+)", "', f.read(), re.M))
    with open("common/base/err.def") as f:
        codes = set(re.findall(r'^ERR\(\w+, \d+, "([a-z_]+)"', f.read(),
                               re.M))
    t.ok(len(known) > 20 and known <= codes,
         "each code with an advice is one that an answer can have",
         known - codes)


if __name__ == "__main__":
    tap.run([requests, bounded, places, rotated, explain, advised],
            endpoint.check_outputs)
