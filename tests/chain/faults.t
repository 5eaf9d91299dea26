#!/usr/bin/python3
"""A node that is not as it should be: nothing is learnt, the old snapshot
stays to the byte, and log and status file say why in our words."""

import os
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import chain
import endpoint
import node
import tap
from world import NOW

HEAD, HEADER, AT, TIME, CALL = (
    "chain_getFinalizedHead", "chain_getHeader", "chain_getBlockHash",
    "state_getStorage", "state_call")
LACKS = "JSON-RPC error 4003, the node's runtime lacks the call " + node.CALL

# fault: why, where it is the same for every method
FAULTS = {
    "500": "HTTP 500, the server has a problem",
    "502": "HTTP 502, the server has a problem",
    "403": "HTTP 403, access denied: is the URL's key right?",
    "404": "HTTP 404, not there: is the URL right?",
    "405": "HTTP 405, no JSON-RPC over POST: is this a node?",
    "redirect": "HTTP 307, a redirect, which is not followed",
    "reset": "answer cut short",
    "half": "answer cut short",
    "long": "answer cut short",
    "short": "not a JSON-RPC answer",
    "huge": "answer too large",
    "endless": "answer too large",
    "garbage": "not a JSON-RPC answer",
    "trailing": "not a JSON-RPC answer",
    "empty": "not a JSON-RPC answer",
    "other-id": "not a JSON-RPC answer",
    "no-result": "not a JSON-RPC answer",
    "error": "JSON-RPC error -32603",
    "-32601": "JSON-RPC error -32601, unknown method: is this a subtensor "
              "node?",
    "-32008": "JSON-RPC error -32008, answer too large for the node",
    "4003": "JSON-RPC error 4003, the node no longer has this block's state",
    "-32005": "JSON-RPC error -32005, rate limited, asked again in 30 s",
    "no-function": LACKS,
    "null": {HEAD: "no block hash", HEADER: "no header of a block",
             AT: "no block hash", TIME: "no time of a block",
             CALL: "no metagraph"},
    "wrong": {HEAD: "no block hash", HEADER: "no header of a block",
              AT: "no block hash", TIME: "no time of a block",
              CALL: "no metagraph"},
}

chain.off_disk()
w = chain.Chain()
elsewhere = w.node()


def spoiled(t, n, text, why, most_s=None):
    """n is as it should not be: see what comes of it."""
    before = w.file()
    w.now = NOW + 7
    start = time.monotonic()
    r = w.sync()
    took = time.monotonic() - start
    w.now = NOW
    status = w.status()
    wrong = []
    if r.status != chain.FAILED:
        wrong.append("exit status %d" % r.status)
    if w.file() != before:
        wrong.append("the old snapshot is not what it was")
    if status != {**status, "at": "2026-03-20T09:48:50+00:00", "ok": False,
                  "failures": 1, "reason": why}:
        wrong.append("the status file says %r" % status)
    last = chain.logged(r)[-1]
    if (last["event"], last["reason"]) != ("not_learnt", why):
        wrong.append("the log ends with %r" % last)
    if b"Peer7Q7" in w.file("chain-sync.status"):
        wrong.append("the status file repeats the node's words")
    if n is not None and chain.blamed(r) != [(n.host, why)]:
        wrong.append("the log does not name it: %r" % chain.blamed(r))
    if "token" in r.log:
        wrong.append("the log holds the URL's query")
    if most_s is not None and took > most_s:
        wrong.append("it took %.1f s" % took)
    t.none(wrong + ([str(r)] if wrong else []), text)


def with_snapshot():
    """A node that has just been learnt from."""
    w.forget()
    n = w.node()
    n.redirect = elsewhere.url
    w.use(n.url + "/?key=token")
    if w.sync().status != 0:
        raise RuntimeError("no first snapshot")
    n.block += 1
    return n


def every_fault(t):
    for agree in "any", "majority":
        # No answer here is waited for, and the machine may be busy.
        w.configure(chain_agree=agree, chain_timeout_s=20,
                    chain_max_answer_bytes=65536)
        for method in HEAD, AT, HEADER, TIME, CALL:
            n = with_snapshot()
            for fault, why in FAULTS.items():
                n.fault = {method: fault}
                if isinstance(why, dict):
                    why = why[method]
                spoiled(t, n, "%s: an answer to %s with the fault %s is not "
                        "believed" % (agree, method, fault), why)
            n.fault = {}
            r = w.sync()
            t.ok(r.status == 0 and w.shown()["block"] == n.block,
                 "%s: the node is believed again when its faults are over" %
                 agree, r)
            n.stop()
    w.configure(chain_agree=None, chain_timeout_s=1,
                chain_max_answer_bytes=None)
    t.same(elsewhere.calls, [], "no redirect of a node is followed")


def late(t):
    n = with_snapshot()
    for fault in "silent", "drip":
        n.fault = {CALL: fault}
        spoiled(t, n, "a %s answer is not waited for" % fault, "timed out", 3)
    n.fault, n.delay = {HEAD: "slow"}, 1.5
    spoiled(t, n, "an answer after the limit is not waited for", "timed out", 3)
    n.delay = 0.5
    r = w.sync()
    t.same(r.status, 0, "an answer within the limit is believed")
    n.stop()
    w.use("http://127.0.0.1:1")
    w.forget()
    r = w.sync()
    t.same((r.status, chain.blamed(r)[0][1], w.file(), w.status()["reason"]),
           (chain.FAILED, "no connection", None, "no connection"),
           "nothing is learnt from a node that cannot be reached")
    w.use("http://name.invalid:9944")
    start = time.monotonic()
    r = w.sync(LD_PRELOAD=os.path.join(endpoint.BUILD, "test",
                                       "slow_names.so"))
    t.same((r.status, chain.blamed(r)),
           (chain.FAILED, [("name.invalid:9944", "timed out")]),
           "a name server that does not answer is given up")
    t.ok(time.monotonic() - start < 3, "the limit holds for a name server, too")


def sizes(t):
    """The cap is on what is received, whatever is announced."""
    n = with_snapshot()
    n.neurons = chain.some_neurons(1000)
    with w.settings(chain_max_answer_bytes=65536):
        spoiled(t, n, "an answer over the configured size is refused",
                "answer too large")
    with w.settings(chain_max_answer_bytes=65536 * 3):
        t.same(w.sync().status, 0,
               "an answer below the configured size is believed")
    n.stop()


def left_out_rows(t, n):
    """Zero rows, gaps and duplicates cost themselves and nobody else."""
    good = n.neurons
    a, b, c = good
    zero = bytes(32)
    for text, rows, left in [
            ("the all-zero hotkey", [a, b._replace(hotkey=zero), c], [1]),
            ("an all-zero coldkey",
             [a, b, c._replace(coldkey=zero)], [2]),
            ("a gap", [a, node.Neuron(zero, zero, False, 0), b, c], [1]),
            ("a hotkey twice", [a, b, a, c], [0, 2]),
            ("a hotkey three times, and a gap",
             [a, a, b, a, node.Neuron(zero, zero, True, 5)], [0, 1, 3, 4])]:
        n.neurons = rows
        r = w.sync()
        shown, status = w.shown(), w.status()
        line = [x for x in chain.logged(r) if x["event"] == "rows_left_out"]
        t.same((r.status, [row["uid"] for row in shown["neurons"]],
                shown["left_out"]),
               (0, [i for i in range(len(rows)) if i not in left], left),
               "%s is left out, and all other rows stay" % text)
        t.same(([(x["rows"], x["uids"]) for x in line],
                status["left_out_rows"], status["left_out"]),
               ([(len(left), ",".join(map(str, left)))], len(left), left),
               "%s is named in the log and the status file" % text)
    n.neurons = good


def lies(t):
    n = with_snapshot()
    a, b, c = n.neurons
    nothing = "each row has a key of all zeros, or a hotkey that is there " \
        "twice"
    zero = bytes(32)

    def refused(text, neurons, why):
        n.neurons = neurons
        spoiled(t, n, text, why)

    refused("a hotkey twice, and nobody else", [a, a], nothing)
    refused("nobody but all-zero hotkeys", [a._replace(hotkey=zero)], nothing)
    refused("nobody but all-zero coldkeys", [a._replace(coldkey=zero)],
            nothing)
    refused("an answer without a neuron is refused", [],
            "metagraph without a neuron")
    refused("an answer with a permit that is neither true nor false is refused",
            [a, b._replace(permit=2), c], "malformed metagraph")
    n.neurons = [a, b, c]
    n.netuid = 14
    spoiled(t, n, "an answer without the subnet is refused",
            "no such subnet on this chain")
    n.fault = {"netuid": "lie"}
    spoiled(t, n, "the metagraph of another netuid is refused",
            "metagraph of another netuid")
    n.netuid, n.fault = 13, {}

    n.told_block = n.block + 1
    spoiled(t, n, "the metagraph of another block than the header's",
            "the metagraph is of block %d, the header of %d" % (
                n.block + 1, n.block))
    n.told_block = None

    def behind():
        return "block %d is more than chain.max_rewind_blocks behind the " \
            "snapshot's %d" % (n.block, block - 1)

    block = n.block
    n.block = block - 302
    spoiled(t, n, "a block further behind than may be is refused", behind())
    n.block = block - 301
    t.same((w.sync().status, w.shown()["block"]), (0, n.block),
           "a block as far behind as may be is believed")
    n.block = block - 302
    spoiled(t, n,
            "the limit of a rewind counts from the highest block ever seen",
            behind())
    with w.settings(chain_max_rewind_blocks=302):
        t.same(w.sync().status, 0, "the limit of a rewind can be configured")
    with w.settings(chain_max_rewind_blocks=0):
        n.block = block - 1
        t.same((w.sync().status, w.shown()["block"]), (0, block - 1),
               "a limit of 0 believes the block before the highest one")
        n.block = block - 2
        t.same(w.sync().status, chain.FAILED,
               "a limit of 0 refuses the block before that")
    n.block = 5
    os.remove(os.path.join(w.state, "metagraph.snapshot"))
    t.same((w.sync().status, w.shown()["block"]), (0, 5),
           "a deleted snapshot makes chain-sync start anew")
    left_out_rows(t, n)
    n.stop()


def a_damaged_snapshot(t):
    n = with_snapshot()
    w.write("state/metagraph.snapshot", "damaged")
    r = w.sync()
    t.ok(r.status == 0 and w.shown()["block"] == n.block and
         "snapshot_refused" in r.log,
         "a damaged snapshot is replaced by a good one", r)
    n.stop()


if __name__ == "__main__":
    tap.run([every_fault, late, sizes, lies, a_damaged_snapshot],
            endpoint.check_outputs)
