#!/usr/bin/python3
"""A program that cannot start stays behind its socket: it refuses each request
at once, as CGI does, and serves as soon as what was wrong is mended."""

import json
import os
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import fcgi
import tap
import world
from world import NOW

w = world.World()
w.snapshot()
CLOCK = w.path("clock")


def at(second):
    w.set_clock("clock", NOW + second)


def ask(s):
    body = json.dumps(w.request()).encode()
    begin = time.monotonic()
    a = s.ask(fcgi.post(body), body)
    return a, time.monotonic() - begin


def refused(a):
    """What is wrong with an answer of a program that cannot start."""
    if a is None:
        return ["no answer"]
    return endpoint.refusal_wrong(a, 500, "internal",
                                  "Internal Server Error") + (
        [] if a.header.get("Retry-After") == "5" else ["no Retry-After"])


def events(s):
    return [line["event"] for line in map(json.loads, s.log().splitlines())
            if line["event"] not in ("started_as_root", "request_failed",
                                 "sandbox")]


FAULTS = [
    ("a secret that is missing", "cannot_start",
     lambda: os.rename(w.path("s3.secret"), w.path("aside")),
     lambda: os.rename(w.path("aside"), w.path("s3.secret"))),
    ("a configuration that is missing", "config_refused",
     lambda: os.rename(w.conf, w.path("aside")),
     lambda: os.rename(w.path("aside"), w.conf)),
    ("a setting that is wrong", "config_refused",
     lambda: w.configure(access_ttl_s="x"),
     lambda: w.configure(access_ttl_s=None)),
    ("a region that is missing", "config_refused",
     lambda: w.configure(s3_region=None),
     lambda: w.configure(s3_region=world.REGION)),
]


def stays(t):
    for text, event, harm, mend in FAULTS:
        at(0)
        harm()
        s = fcgi.Service(w, "get-folder-access", now=CLOCK)
        answers = [ask(s) for _ in range(10)]
        t.none([line for a, _ in answers for line in refused(a)],
               "every request is refused in JSON with " + text)
        t.ok(max(took for _, took in answers) < 2,
             "a refusal does not keep the client waiting with " + text,
             answers[0][1])
        for second in range(1, 30):
            at(second)
            ask(s)
        t.same((events(s), all(s.alive())), ([event], True),
               "30 seconds of trouble are one line of the log with " + text)
        mend()
        a, _ = ask(s)
        t.none(refused(a), "the next try waits some seconds with " + text)
        at(33)
        a, _ = ask(s)
        t.same((a.code, a.wrong), (200, []),
               "the program serves when it is mended: " + text)
        t.same(events(s), [event, "serves_again"],
               "the log tells when it serves again after " + text)
        s.stop()


def changes(t):
    """Another fault in the place of the first is told."""
    at(0)
    w.configure(access_ttl_s="x")
    s = fcgi.Service(w, "get-folder-access", now=CLOCK)
    ask(s)
    w.configure(access_ttl_s=None)
    os.rename(w.path("s3.secret"), w.path("aside"))
    at(4)
    ask(s)
    os.rename(w.path("aside"), w.path("s3.secret"))
    t.same(events(s), ["config_refused", "cannot_start"],
           "a second fault in the place of the first is logged")
    s.stop()


def environment(t):
    """A secret from the environment is not lost by the first try."""
    at(0)
    secret = "environment/only+0123456789abcdef"
    endpoint.never.add(secret)
    with w.settings(s3_secret_access_key_file=None):
        lines = w.lines
        w.write("foldergate.conf", "[s3]\nbroken = yes\n")
        s = fcgi.Service(w, "get-folder-access", now=CLOCK, env={
            "FOLDERGATE_S3_SECRET_ACCESS_KEY": secret})
        w.configure(s3_region=None)
        at(4)
        a, _ = ask(s)
        t.none(refused(a), "a fault that is found later is refused as well")
        w.configure(s3_region=world.REGION)
        at(8)
        a, _ = ask(s)
        t.same(a.code, 200,
               "a secret from the environment outlives tries that failed")
        s.stop()


def ends(t):
    """It can be stopped."""
    at(0)
    w.configure(access_ttl_s="x")
    s = fcgi.Service(w, "get-folder-access", now=CLOCK)
    ask(s)
    s.processes[0].terminate()
    t.ok(s.processes[0].wait(10) is not None,
         "a program that cannot start ends on SIGTERM")
    w.configure(access_ttl_s=None)
    s.stop()


if __name__ == "__main__":
    tap.run([stays, changes, environment, ends], endpoint.check_outputs)
