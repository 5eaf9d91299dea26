#!/usr/bin/python3
"""Staleness counts from when the finalized block last advanced, whatever the
files' age; then nothing is vended."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import chain
import endpoint
import tap
from world import NOW

w = chain.Chain()


def look(after_s):
    """A look at this time; the times in the snapshot, since NOW."""
    w.now = NOW + after_s
    r = w.sync()
    if r.status != 0:
        raise RuntimeError(str(r))
    shown = w.shown()
    return (shown["block"], shown["written_at"] - NOW,
            shown["advanced_at"] - NOW)


def vended(t, text, stale=False):
    a = w.post(w.request())
    if not stale:
        t.ok(a.code == 200 and "fields" in a.json and not a.wrong, text, a)
        return
    wrong = endpoint.refusal_wrong(a, 503, "stale", "Identity data is stale")
    if a.header.get("Retry-After") != "30":
        wrong.append("Retry-After: %r" % a.header.get("Retry-After"))
    t.none(wrong, text)


def one_node(t):
    n = w.node()
    w.use(n)
    b = n.block
    t.same(look(0), (b, 0, 0), "a first look")
    vended(t, "vended")
    t.same(look(300), (b, 300, 0), "the same head: not refreshed")
    n.block = b + 1
    t.same(look(600), (b + 1, 600, 600), "a new head: refreshed")
    n.block = b
    t.same(look(900), (b, 900, 600), "an older head: not refreshed")
    n.block = b + 1
    t.same(look(1200), (b + 1, 1200, 600), "nor by catching up")
    t.same(look(1800), (b + 1, 1800, 600), "stuck there")
    vended(t, "1200 s after it advanced: vended")
    t.same(look(1801), (b + 1, 1801, 600), "a file written just now")
    vended(t, "1201 s after it advanced: 503", stale=True)
    a = w.get("healthcheck")
    t.same((a.json["status"], a.json["reason"], a.json["metagraph"]["age_s"]),
           ("degraded", "stale", 1201), "healthcheck says so")
    n.block = b + 2
    t.same(look(1802), (b + 2, 1802, 1802), "it goes on")
    vended(t, "and so do we")
    w.configure(chain_max_age_s=10)
    t.same(look(1812), (b + 2, 1812, 1802), "a limit of 10 s, after 10 s")
    vended(t, "vended")
    t.same(look(1813), (b + 2, 1813, 1802), "after 11 s")
    vended(t, "503", stale=True)
    w.configure(chain_max_age_s=None)
    n.stop()


def taking_turns(t):
    """Two nodes that stand still at different heights."""
    w.forget()
    n = w.node(block=100)
    w.use(n)
    heights = [(100, 0), (95, 60), (100, 120), (95, 180), (100, 240)]
    seen = []
    for block, after_s in heights:
        n.block = block
        seen.append(look(after_s))
    t.same(seen, [(block, after_s, 0) for block, after_s in heights],
           "100, 95, 100, 95, 100: that is no advance")
    n.stop()
    a, b = w.node(block=100), w.node(block=95)
    w.forget()
    w.use(a, b, chain_agree="majority")
    t.same([look(0), look(60)], [(95, 0, 0), (95, 60, 0)],
           "majority, with heads that stand still")
    b.block = 101
    t.same(look(120), (100, 120, 120), "and with one that goes on")
    w.configure(chain_agree=None)
    a.stop()
    b.stop()


def failures(t):
    """Failed looks age it as well."""
    w.forget()
    n = w.node()
    w.use(n)
    look(0)
    n.stop()
    w.now = NOW + 1200
    t.same(w.sync().status, chain.FAILED, "the node is gone")
    vended(t, "for 1200 s the last snapshot is good")
    w.now = NOW + 1201
    vended(t, "and no longer", stale=True)
    os.remove(os.path.join(w.state, "metagraph.snapshot"))
    t.none(endpoint.refusal_wrong(
        w.post(w.request()), 503, "no_identity",
        "Identity data is not available"), "no snapshot: 503")


if __name__ == "__main__":
    tap.run([one_node, taking_turns, failures], endpoint.check_outputs)
