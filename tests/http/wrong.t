#!/usr/bin/python3
"""The frame refuses any grant that was not proven, counted and recorded.

tests/support/wrong.c is an endpoint that is wrong in one way, as one with a
mistake would be.  What it cannot be wrong about, because it calls no check, is
tried as well: a replay, a forged signature, a limit."""

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import world

w = world.World()
w.snapshot()


def body(signature=None, key=w.miner):
    text = "s3:validator:access:%d" % w.now
    return {"hotkey": key.ss58, "timestamp": w.now,
            "signature": signature or key.sign(text)}


def ask(wrong, sent=None):
    return w.post(sent or body(), name="../bin/wrong", env=w.env(WRONG=wrong))


def complete(t):
    a = ask("")
    t.ok(a.code == 200 and "folder" in a.json and not a.wrong,
         "the endpoint that is not wrong answers 200", a)


def refused_by_the_frame(t):
    for way in "no text", "texts", "no record":
        t.none(endpoint.refusal_wrong(ask(way), 500, "internal"),
               "an endpoint with %s vends nothing" % way)
    a = ask("no record")
    t.ok('"grant_withheld"' in a.log and '"a record"' in a.log,
         "the log says that the record is missing", a)


def refused_at_start(t):
    for way in "anybody", "no plan", "no proof":
        a = ask(way)
        t.none(endpoint.refusal_wrong(a, 500, "internal", exit_status=1),
               "an endpoint that signs with %s does not start" % way)
        t.ok('"endpoint_refused"' in a.log,
             "the log says why one with %s does not start" % way, a)


def forged(t):
    for way in "", "no text", "no record":
        for signature in "zz", "00" * 64, w.other.sign("something else"):
            a = ask(way, body(signature))
            t.ok(a.code in (401, 500) and a.json["code"] in
                 ("invalid_signature", "internal"),
                 "a forged signature vends nothing (wrong: %r)" % way, a)


def counted(t):
    with w.settings(limits_replay="refuse", limits_folder_grants=1):
        sent = body(key=w.other)
        codes = [ask("", sent).code for _ in range(3)]
        t.same(codes, [200, 400, 400],
               "one signed body is granted once, whatever the endpoint does")
        t.same(ask("", body(key=w.other)).code,
               429, "a limit of one holds, whatever the endpoint does")


if __name__ == "__main__":
    tap.run([complete, refused_by_the_frame, refused_at_start, forged,
             counted], endpoint.check_outputs)
