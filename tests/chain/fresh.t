#!/usr/bin/python3
"""Staleness counts from when the chain made the block, whatever the files' age;
then nothing is vended."""

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


def at(n, block, after_s):
    """The node is at this block, made at that time."""
    n.block, n.told_time = block, (NOW + after_s) * 1000


def vended(t, text, stale=False):
    a = w.post(w.request())
    if not stale:
        t.ok(a.code == 200 and "fields" in a.json and not a.wrong, text, a)
        return
    wrong = endpoint.refusal_wrong(a, 503, "stale", "Identity data is too old")
    if a.header.get("Retry-After") != "30":
        wrong.append("Retry-After: %r" % a.header.get("Retry-After"))
    t.none(wrong, text)


def one_node(t):
    n = w.node()
    w.use(n)
    b = n.block
    at(n, b, -3)
    t.same(look(0), (b, 0, -3), "a first look: the block's own time counts")
    vended(t, "a grant is given while the snapshot is fresh")
    t.same(look(300), (b, 300, -3),
           "the same head does not advance the snapshot")
    at(n, b + 1, 590)
    t.same(look(600), (b + 1, 600, 590), "a new head advances the snapshot")
    at(n, b, 585)
    t.same(look(900), (b, 900, 585), "an older head is as old as it is")
    at(n, b + 1, 590)
    t.same(look(1200), (b + 1, 1200, 590), "and so is the newer one")
    t.same(look(1790), (b + 1, 1790, 590),
           "a head that stands still does not advance the snapshot")
    vended(t, "1200 s after the block was made: vended")
    w.now = NOW + 1791
    before = w.file()
    r = w.sync()
    t.same((r.status, w.file() == before, w.status()["reason"]),
           (chain.FAILED, True, "the node is at a block of "
            "2026-03-20T09:58:33+00:00, 1201 s old: does it stand still, or "
            "the chain?"), "a node that stands still is refused")
    vended(t, "1201 s after the block was made: 503", stale=True)
    a = w.get("healthcheck")
    t.same((a.json["status"], a.json["reason"], a.json["metagraph"]["age_s"]),
           ("degraded", "stale", 1201),
           "healthcheck reports that the snapshot is stale")
    at(n, b + 2, 1792)
    t.same(look(1802), (b + 2, 1802, 1792),
           "a head that goes on advances the snapshot")
    vended(t, "a grant is given when the chain goes on")
    with w.settings(chain_max_age_s=10):
        t.same(look(1802), (b + 2, 1802, 1792),
               "with a limit of 10 s a block 10 s old is believed")
        vended(t, "a grant is given within a configured limit of 10 s")
        w.now = NOW + 1803
        t.same(w.sync().status, chain.FAILED,
               "with a limit of 10 s a block 11 s old is not believed")
        vended(t, "a grant fails with 503 after a configured limit of 10 s",
               stale=True)
    n.stop()


def from_genesis(t):
    """A node that has only begun to follow the chain."""
    w.forget()
    n = w.node()
    w.use(n)
    for block, days, why in [
            (0, 1200, "the node is at a block of 2022-12-06, 1200 days old: "
             "still syncing?"),
            (5611658, 190, "the node is at a block of 2025-09-11, 190 days "
             "old: still syncing?"),
            (6999000, 1, "the node is at a block of 2026-03-19, 1 days old: "
             "still syncing?")]:
        w.now = NOW
        at(n, block, -86400 * days)
        r = w.sync()
        t.same((r.status, w.status()["reason"], w.file()),
               (chain.FAILED, why, None),
               "a node that is still at block %d is not believed" % block)
    n.block, n.fault = 0, {"state_getStorage": "null"}
    r = w.sync()
    t.same((r.status, w.status()["reason"]),
           (chain.FAILED, "the node is at its first block: still syncing?"),
           "a node at its first block, which has no time, is not believed")
    n.fault = {}
    at(n, 7000000, 0)
    t.same(look(0), (7000000, 0, 0), "when it has caught up it is believed")
    at(n, 7000001, 61)
    r = w.sync()
    t.same((r.status, w.status()["reason"]),
           (chain.FAILED, "the node is at a block of 2026-03-20T09:49:44"
            "+00:00, in the future: is its clock wrong, or ours?"),
           "a block of the future is not believed")
    at(n, 7000001, 60)
    t.same(look(0), (7000001, 0, 60), "clocks may differ by a minute")
    n.stop()


def failures(t):
    """Failed looks age it as well."""
    w.forget()
    n = w.node()
    w.use(n)
    at(n, 7000000, 0)
    look(0)
    n.stop()
    w.now = NOW + 1200
    t.same(w.sync().status, chain.FAILED, "a look fails when the node is gone")
    vended(t, "the last snapshot is good for 1200 s without a node")
    w.now = NOW + 1201
    vended(t, "the last snapshot is stale after 1200 s without a node",
           stale=True)
    os.remove(os.path.join(w.state, "metagraph.snapshot"))
    t.none(endpoint.refusal_wrong(
        w.post(w.request()), 503, "no_identity",
        "Identity data is not available"),
           "a grant fails with 503 without a snapshot")


if __name__ == "__main__":
    tap.run([one_node, from_genesis, failures], endpoint.check_outputs)
