#!/usr/bin/python3
"""Ten thousand requests that prove nothing: they spend nothing, leave nothing
in the ledger nor in the audit log, and what is written of them is
little."""

import collections
import json
import os
import re
import sqlite3
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import servers
import tap
from shared import Shared, ask, at_once, said, tally, wrong

SECONDS, EACH = 50, 200         # so many seconds, with so many requests each
CAP = 65536                     # audit.refusals_max_bytes, the least
SAMPLES = 10                    # lines a second, state/throttle.h
PROCESSES = 4
COUNTS_AT = 56                  # of throttle.table; behind header and salt

w = Shared(audit_refusals_max_bytes=CAP).audited()


def bad_signature(i):
    return w.request(words="forged")


def stranger(i):
    return w.request(w.stranger)


def malformed(i):
    return [b"", b"{", b"[]", b'{"hotkey":1}', b"\0" * 900][i // 5 % 5]


def old(i):
    return w.request(timestamp=w.now - 301)


def of_another(i):
    return w.request(coldkey=w.owner2)


KINDS = [(bad_signature, "invalid_signature"), (stranger, "not_registered"),
         (malformed, "invalid_request"), (old, "invalid_timestamp"),
         (of_another, "coldkey_mismatch")]


def tables():
    """All rows of the ledger."""
    with sqlite3.connect(w.path("state/store.sqlite")) as ledger:
        return {name: ledger.execute("SELECT * FROM " + name).fetchall()
                for name in ("meta", "replay", "counter")}


def contents(*names):
    found = []
    for name in names:
        with open(w.path("state/" + name), "rb") as f:
            found.append(f.read())
    return found


def kept():
    """What a refusal must not touch."""
    return (tables(), w.usage(), contents("audit.log", "audit.log.head"))


def refused():
    """How many were, by code: the counts that all processes share."""
    path = os.path.join(servers.ROOT, "common", "base", "err.def")
    with open(path) as f:
        codes = re.findall(r'^ERR\(\w+, \d+, "(\w+)"', f.read(), re.M)
    table = contents("throttle.table")[0]
    counts = collections.Counter()
    for i, code in enumerate(codes):
        counts[code] += struct.unpack_from("Q", table, COUNTS_AT + 8 * i)[0]
    return +counts


def forged(t):
    s = w.serve(count=PROCESSES)
    t.same(said(ask(s, w.request())), "granted",
           "a grant is given before the flood")
    before, answers, most = kept(), [], 0
    for second in range(SECONDS):
        w.at(w.now + 1)

        # Each second other networks, so that nobody is throttled.
        answers += at_once(lambda i: ask(
            s, KINDS[i % 5][0](i), REMOTE_ADDR="10.%d.%d.1" % (second, i)),
            range(EACH))
        most = max(most, *(os.path.getsize(w.path("state/" + name))
                           for name in w.files()
                           if name.startswith("refusals.log")))
    n = SECONDS * EACH
    t.same(tally(answers), {code: n // 5 for _, code in KINDS},
           "%d requests that prove nothing are refused" % n)
    t.none(wrong(answers),
           "each request that proves nothing is answered as it should be")
    t.ok(kept() == before, "requests that prove nothing leave no key, no count "
         "and no line of the audit log")
    t.ok(w.used() == 1 and len(w.written()) == 1,
         "the one grant before the flood is all that was counted and written")
    t.same(refused(), collections.Counter(tally(answers)),
           "all requests that prove nothing are counted by their code")
    t.ok(all(s.alive()) and '"error"' not in s.log(),
         "the processes live and log no error during the flood", s.log())
    s.stop()
    print("# samples: %d bytes at most" % most)
    sampled(t, most)


def sampled(t, most):
    lines = w.written("refusals.log.old") + w.written("refusals.log")

    # Those who write at the same moment may pass it by a line each.
    longest = max(len(json.dumps(line)) for line in lines)
    t.ok(CAP * 0.9 < most <= CAP + (PROCESSES - 1) * longest,
         "the files of samples stay under their cap", most)
    seconds = collections.Counter(line["time"] for line in lines)
    t.ok(len(seconds) > 10 and max(seconds.values()) <= SAMPLES,
         "at most %d samples are written a second" % SAMPLES, seconds)
    t.same({line["code"] for line in lines} - {code for _, code in KINDS},
           set(), "the samples hold only codes of requests that were refused")
    t.none([line for line in lines if "hotkey" in line or "mac" in line],
           "the samples hold nothing that a request claimed")


def throttled(t):
    """From one address: what is let through is refused, then all of it."""
    with w.settings(limits_address_per_minute=60, limits_address_burst=120):
        s, before = w.serve(count=PROCESSES), kept()
        answers = at_once(lambda i: ask(s, bad_signature(i)), range(1000))
        t.same(tally(answers), {"invalid_signature": 120, "address_limit":
                                880},
               "of 1,000 requests from one address a burst is let through and "
               "no more")
        t.none(wrong(answers),
               "each request from the one address is answered as it should be")
        t.ok(kept() == before, "requests from the one address spend nothing")
        t.same(refused(), collections.Counter(tally(answers)),
               "requests are counted anew by their code when the limits change")
        t.same(said(ask(s, w.request(), REMOTE_ADDR="192.0.3.1")), "granted",
               "another address is granted while one is throttled")


if __name__ == "__main__":
    tap.run([forged, throttled], endpoint.check_outputs)
