#!/usr/bin/python3
"""The frame refuses any grant that was not proven, counted and recorded.

tests/support/wrong.c is an endpoint that leaves out one of these steps, as a
handler with a mistake would."""

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import world

w = world.World()
w.snapshot()


def body(signature=None):
    words = "s3:validator:access:%d" % w.now
    return {"hotkey": w.miner.ss58, "timestamp": w.now,
            "signature": signature or w.miner.sign(words)}


def ask(left_out, **more):
    return w.post(body(**more), name="../bin/wrong",
                  env=w.env(WRONG=left_out))


def complete(t):
    a = ask("")
    t.ok(a.code == 200 and "folder" in a.json and not a.wrong,
         "the same endpoint with every step in place answers 200", a)


def left_out(t):
    for step in "proof", "count", "record":
        a = ask(step)
        t.none(endpoint.refusal_wrong(a, 500, "internal"),
               "an endpoint that leaves out the %s vends nothing" % step)
        t.ok('"grant_withheld"' in a.log and '"a %s"' % step in a.log,
             "the log says that the %s is missing" % step, a)


def forged(t):
    a = ask("proof", signature="zz")
    t.none(endpoint.refusal_wrong(a, 500, "internal"),
           "a forged signature vends nothing where the proof is left out")


if __name__ == "__main__":
    tap.run([complete, left_out, forged], endpoint.check_outputs)
