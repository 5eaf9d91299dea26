#!/usr/bin/python3
"""Nodes that are not as they should be, in company: a majority of 3 and of 5
does without the few, and is not made by the many."""

import os
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import chain
import endpoint
import node
import tap
from world import NOW, ss58

HEAD, HEADER, AT, TIME, CALL = (
    "chain_getFinalizedHead", "chain_getHeader", "chain_getBlockHash",
    "state_getStorage", "state_call")

# Each one in every method.  What a node is told to have done for each of them
# is in faults.t, where it is alone.
FAULTS = ("500", "429", "redirect", "reset", "half", "short", "huge", "endless",
          "garbage", "trailing", "empty", "other-id", "no-result", "error",
          "-32005", "4003", "no-function", "null", "wrong")
COMPANIES = ("any", 3), ("any", 5), ("majority", 3), ("majority", 5)
ZERO = bytes(32)

chain.off_disk()
w = chain.Chain()

# No answer here is waited for, and the machine may be busy.
w.configure(chain_timeout_s=20, chain_max_answer_bytes=65536)


def company(agree, count, **more):
    w.forget()
    nodes = [w.node(**more) for _ in range(count)]
    w.use(*nodes, chain_agree=agree)
    return nodes


def stop(nodes):
    for n in nodes:
        n.stop()
    w.configure(chain_agree=None)


def hosts(r):
    return [host for host, _ in chain.blamed(r)]


def faults(t):
    """As many as may fail do: all but one, or fewer than half."""
    for agree, count in COMPANIES:
        nodes = company(agree, count)
        few = count - 1 if agree == "any" else count // 2
        for method in HEAD, AT, HEADER, TIME, CALL:
            wrong = []
            for i, fault in enumerate(FAULTS):
                bad = random.Random(i).sample(nodes, few)
                for n in nodes:
                    n.block += 1
                    n.fault = {method: fault} if n in bad else {}
                r = w.sync()
                if r.status != 0 or w.shown()["block"] != nodes[0].block or \
                        hosts(r) != [n.host for n in nodes if n in bad]:
                    wrong += [fault, r]
            t.none(wrong, "%s of %d: %d with any fault in %s do no harm" % (
                agree, count, few, method))
        stop(nodes)


def too_many_faults(t):
    for agree, count in COMPANIES:
        nodes = company(agree, count)
        w.sync()
        before = w.file()
        many = count if agree == "any" else count // 2 + 1
        for method in HEAD, CALL:
            wrong = []
            for i, fault in enumerate(FAULTS):
                bad = random.Random(i).sample(nodes, many)
                for n in nodes:
                    n.block += 1
                    n.fault = {method: fault} if n in bad else {}
                r = w.sync()
                if r.status != chain.FAILED or w.file() != before or \
                        hosts(r) != [n.host for n in nodes if n in bad] or \
                        w.status()["ok"]:
                    wrong += [fault, r]
            t.none(wrong, "%s of %d: nothing is learnt while %d have a fault "
                   "in %s, and each is named" % (agree, count, many, method))
        stop(nodes)


def rows(t):
    for agree, count in ("any", 1), ("majority", 3), ("majority", 5):
        nodes = company(agree, count)
        a, b, c = nodes[0].neurons
        for text, told, left in [
                ("a zero hotkey", [a, b._replace(hotkey=ZERO), c], [1]),
                ("a zero coldkey", [a, b, c._replace(coldkey=ZERO)], [2]),
                ("a gap", [a, node.Neuron(ZERO, ZERO, False, 0), b, c], [1]),
                ("a duplicate", [a, b, a, c], [0, 2]),
                ("all of them", [a, b, a._replace(coldkey=ZERO), c,
                                 node.Neuron(ZERO, ZERO, True, 5)],
                 [0, 2, 4])]:
            for n in nodes:
                n.neurons = told
            r = w.sync()
            shown = w.shown()
            t.same((r.status, hosts(r), shown["left_out"],
                    [row["hotkey"] for row in shown["neurons"]],
                    w.status()["left_out"]),
                   (0, [], left, [ss58(x.hotkey) for i, x in enumerate(told)
                                  if i not in left], left),
                   "%s of %d: %s costs its rows" % (agree, count, text))
        if count > 1:
            nodes[0].neurons = told[:4]
            r = w.sync()
            t.same((r.status, chain.blamed(r)),
                   (0, [(nodes[0].host, "disagrees with the majority")]),
                   "%s of %d: rows that are left out have to agree, too" % (
                       agree, count))
        for n in nodes:
            n.neurons = [a, a]
        before = w.file()
        t.same((w.sync().status, w.file() == before), (chain.FAILED, True),
               "%s of %d: nothing is learnt if no row is left" % (
                   agree, count))
        stop(nodes)


def from_genesis(t):
    """One that walks from genesis, and then all of them."""
    for agree, count in COMPANIES:
        nodes = company(agree, count)
        walker = nodes[0]
        for block, days in (1, 1200), (3000000, 600), (6990000, 2):
            walker.block, walker.told_time = block, (NOW - days * 86400) * 1000
            r = w.sync()
            t.ok(r.status == 0 and w.shown()["block"] == nodes[1].block and
                 chain.blamed(r)[0][1].endswith(
                     "%d days old: still syncing?" % days),
                 "%s of %d: one that is still at block %d does no harm" % (
                     agree, count, block), r)
        before = w.file()
        for n in nodes:
            n.block, n.told_time = walker.block, walker.told_time
        r = w.sync()
        t.same((r.status, w.file() == before, len(hosts(r))),
               (chain.FAILED, True, count),
               "%s of %d: if all of them are, nothing is learnt" % (
                   agree, count))
        stop(nodes)


def sizes(t):
    w.configure(chain_max_answer_bytes=None, chain_timeout_s=60)
    for size in 1, 256, 1024, 65535:
        neurons = [node.Neuron(os.urandom(32), os.urandom(32), i % 2 == 0,
                               (1 << 64) - 1 - i) for i in range(size)]
        nodes = company("majority", 3, neurons=neurons)
        r = w.sync(installed=size > 1024)
        t.same((r.status, hosts(r)), (0, []),
               "majority of 3: %d neurons are learnt" % size)
        shown = w.shown()["neurons"]
        sample = [0, size - 1, *random.sample(range(size), min(size, 100))]
        t.same([len(shown)] + [shown[i]["hotkey"] for i in sample],
               [size] + [ss58(neurons[i].hotkey) for i in sample],
               "majority of 3: the snapshot has %d neurons" % size)
        liar = nodes[1]
        liar.neurons = neurons[:-1] + [neurons[-1]._replace(
            stake=neurons[-1].stake - 1)]
        r = w.sync(installed=size > 1024)
        t.same((r.status, chain.blamed(r)),
               (0, [(liar.host, "disagrees with the majority")]),
               "majority of 3: one that lies about 1 of %d is found" % size)
        stop(nodes)


if __name__ == "__main__":
    tap.run([faults, too_many_faults, rows, from_genesis, sizes],
            endpoint.check_outputs)
