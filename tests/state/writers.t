#!/usr/bin/python3
"""Eight processes that write one audit log: every answer has its line, none is
lost when the log is renamed, and what is done to a line is found."""

import fcntl
import glob
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
from shared import Shared, ask, at_once, said, tally, wrong

AUDIT = (503, "audit_unavailable", "The audit log is not available")
COUNT, LIMIT = 1000, 700
LARGEST = 50000         # some 100 lines


def verify(w, *args):
    return w.cli("audit", "verify", *args)


def whole(t, w, text):
    r = verify(w)
    t.ok(r.status == 0 and r.text.splitlines()[-1].startswith("whole: "), text,
         r)


def all_lines(w):
    """Of the log and what it was renamed to, in order."""
    names = sorted(os.path.basename(p) for p in
                   glob.glob(w.path("state/audit.log.0*")))
    return names, [e for name in names + ["audit.log"]
                   for e in w.written(name)]


def crowd(t, largest, text):
    w = Shared(limits_folder_grants=LIMIT).audited(audit_max_bytes=largest)
    s = w.serve(count=8)
    answers = at_once(lambda body: ask(s, body),
                      [w.request() for _ in range(COUNT)])
    t.same(tally(answers), {"granted": LIMIT, "daily_limit": COUNT - LIMIT},
           "of %d requests in a crowd as many are granted as the limit allows, "
           "with %s" % (COUNT, text))
    t.none(wrong(answers),
           "each request of the crowd is answered as it should be")
    files, lines = all_lines(w)
    entries = [e for e in lines if "event" not in e]
    t.same([e["seq"] for e in lines], list(range(1, len(lines) + 1)),
           "%d lines in %d files of the audit log have all the numbers" % (
               len(lines), len(files) + 1))
    t.same(sorted((e["request_id"], e["code"]) for e in entries),
           sorted((a.header["X-Request-ID"], said(a).replace(
               "granted", "ok")) for a in answers),
           "the audit log has one line for each answer")
    t.same([e["event"] for e in lines if "event" in e],
           ["rotated"] * len(files),
           "the audit log has one event for each renamed file")
    t.ok((len(files) > 5) == (largest > 0),
         "the audit log is renamed only where a largest size is set", files)
    whole(t, w, "the chain of the audit log is whole after the crowd")
    t.ok('"error"' not in s.log(), "the crowd of writers logs no error",
         s.log())
    s.stop()


def one_file(t):
    crowd(t, 0, "one file")


def renamed(t):
    crowd(t, LARGEST, "a log that is renamed")


def locked(t):
    """By somebody else, for longer than anybody waits."""
    w = Shared(limits_folder_grants=1000).audited(audit_required="yes")
    s = w.serve(count=2)
    t.same(said(ask(s, w.request())), "granted",
           "a grant is given while the audit log is free")
    with open(w.path("state/audit.log.lock"), "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        t.none([line for _ in range(4) for line in endpoint.refusal_wrong(
            ask(s, w.request()), *AUDIT)],
               "every grant fails with 503 while the audit log is locked")
        t.same(said(ask(s, w.request(words="x"))), "invalid_signature",
               "a forged request is refused as forged while the audit log is "
               "locked")
    t.same([said(ask(s, w.request())) for _ in range(4)], ["granted"] * 4,
           "grants are given when the audit log is free again")
    t.same((w.used(), len(w.written())), (5, 5),
           "a grant that failed with a locked audit log is not counted and has "
           "no line")
    s.stop()
    w.configure(audit_required="no")
    s = w.serve()
    with open(w.path("state/audit.log.lock"), "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        t.same([said(ask(s, w.request())) for _ in range(2)], ["granted"] * 2,
               "grants are given with a locked audit log where no line is "
               "required")
    t.same(said(ask(s, w.request())), "granted",
           "a grant is given when the audit log that needs no line is free")
    t.same(len(w.written()), 6, "only the grant after the lock has a line")
    t.ok("others hold the lock" in s.log() and '"lost":2' in s.log(),
         "the log of the process tells how many lines were lost", s.log())
    whole(t, w, "the chain of the audit log is whole after it was locked")


def log_of(w, n):
    """The lines of a log with n grants in it."""
    s = w.serve(count=8)
    at_once(lambda body: ask(s, body), [w.request() for _ in range(n)])
    s.stop()
    with open(w.path("state/audit.log")) as f:
        return f.readlines()


def torn(t):
    """What a killed writer leaves: a part of the next line."""
    w = Shared(limits_folder_grants=1000).audited()
    lines = log_of(w, 20)
    s = w.serve(count=2)
    half = lines[-1][:len(lines[-1]) // 2]
    for i in range(3):
        with open(w.path("state/audit.log"), "a") as f:
            f.write(half)
        t.same(said(ask(s, w.request())), "granted",
               "a grant is given after a torn line")
    t.same([e["bytes"] for e in w.written() if e.get("event") ==
            "torn_line"], [len(half)] * 3,
           "the next line of the audit log marks the torn one")
    whole(t, w, "the chain of the audit log is whole after torn lines")
    s.stop()


def altered(t):
    w = Shared(limits_folder_grants=1000).audited()
    good = log_of(w, 40)
    kept = w.cli("audit", "head").text.strip()
    good += log_of(w, 10)[len(good):]
    for text, lines, where in [
            ("a line altered", good[:9] + [good[9].replace(
                "192.0.2.7", "192.0.2.8")] + good[10:], 10),
            ("a refusal made of a grant", good[:9] + [good[9].replace(
                "granted", "refused")] + good[10:], 10),
            ("a line removed", good[:9] + good[10:], 10),
            ("the first line removed", good[1:], 1),
            ("a line put in", good[:9] + [good[3]] + good[9:], 10),
            ("two lines swapped", good[:9] + [good[10], good[9]] + good[11:],
             10)]:
        w.write("state/audit.log", "".join(lines), 0o600)
        r = verify(w)
        t.ok(r.status == 1 and r.text.startswith("%s:%d: " % (
            w.path("state/audit.log"), where)),
             text + ": audit verify names its line", r)
    w.write("state/audit.log", "".join(good[:30]), 0o600)
    t.same(verify(w).status, 1,
           "an audit log whose end is cut is found with the head file")
    os.unlink(w.path("state/audit.log.head"))
    t.same(verify(w).status, 0,
           "an audit log whose end is cut is not found without a head file")
    r = verify(w, "--head", kept)
    t.ok(r.status == 1 and "the head given is not in the chain" in r.text,
         "an audit log whose end is cut is found with an earlier head", r)
    s = w.serve()
    t.same(said(ask(s, w.request())), "granted",
           "a grant is given after the audit log was cut")
    t.ok(w.written()[-2].get("event") == "broken" and
         verify(w).status == 1,
         "a line of the audit log tells that the chain is broken", verify(w))


if __name__ == "__main__":
    tap.run([one_file, renamed, locked, torn, altered],
            endpoint.check_outputs)
