#!/usr/bin/python3
"""Nodes of another network, a chain that stands still, what a majority may
overrule: who is believed, and that no snapshot needs a human to delete it."""

import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import chain
import endpoint
import tap
from world import NOW

FINNEY = "0x2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03"
TEST = "0x8f9cf856bf558a14440e75569c9e58594757048d7b3a84b5d25f6bd978263105"
OTHER = "0x" + "5a" * 32

w = chain.Chain()


def of_network(genesis, **more):
    n = w.node(**more)
    n.hashes = {0: genesis}
    return n


def another(n, want, network):
    return "the node is of another network: its genesis is %s, not %s (%s)" \
        % (n.genesis, want, network)


def stop(*nodes):
    for n in nodes:
        n.stop()


def one_network(t):
    for network, genesis, more in [
            ("finney", FINNEY, {}), ("test", TEST, {}),
            ("custom", OTHER, {"chain_genesis": OTHER}),
            ("finney", FINNEY, {"chain_genesis": FINNEY})]:
        w.forget()
        good, bad = of_network(genesis), of_network("0x" + "77" * 32,
                                                    block=9000000)
        w.use(bad, chain_network=network, **more)
        r = w.sync()
        why = another(bad, genesis, network)
        t.same((r.status, w.file(), w.status()["reason"]),
               (chain.FAILED, None, why), "%s: a node of another network is "
               "not believed on first start, and both hashes are named" %
               network)
        w.use(good)
        r = w.sync()
        t.same((r.status, w.shown()["genesis"], w.status()["genesis"]),
               (0, genesis, genesis), "%s: one of this network is, and the "
               "snapshot names it" % network)
        w.use(bad)
        before = w.file()
        t.same((w.sync().status, w.file() == before), (chain.FAILED, True),
               "%s: nor is another network's higher block" % network)
        w.use(bad, good)
        r = w.sync()
        t.same((r.status, chain.blamed(r), w.shown()["block"]),
               (0, [(bad.host, why)], good.block),
               "%s: two networks in one list, any: the right one" % network)
        w.configure(chain_genesis=None)
        stop(good, bad)
    w.configure(chain_network="local")


def two_networks(t):
    for agree, count in ("majority", 3), ("majority", 5), ("any", 3):
        w.forget()
        good = [of_network(FINNEY) for _ in range(count // 2 + 1)]
        bad = [of_network(TEST, block=8000000) for _ in range(count // 2)]
        w.use(*bad, *good, chain_network="finney", chain_agree=agree)
        r = w.sync()
        t.same((r.status, chain.blamed(r), w.shown()["block"]),
               (0, [(n.host, another(n, FINNEY, "finney")) for n in bad],
                good[0].block),
               "%s of %d: those of another network have no say" % (
                   agree, count))
        w.use(*bad, *good[1:], good[0].url + "/" if agree == "any" else
              bad[0].url + "/")
        r = w.sync()
        t.same(r.status, 0 if agree == "any" else chain.FAILED,
               "%s of %d: nor do more of them" % (agree, count))
        stop(*good, *bad)
    w.configure(chain_network="local", chain_agree=None)


def settings(t):
    """What check-config says of the network."""
    for settings, text in [
            ({"chain_network": "custom"},
             "chain.network = custom wants chain.genesis"),
            ({"chain_network": "finney", "chain_genesis": OTHER},
             "chain.genesis is not that of chain.network"),
            ({"chain_network": "mainnet"}, "chain.network"),
            ({"chain_network": "custom", "chain_genesis": OTHER[:-1]},
             "0x and 64 hexadecimal digits")]:
        w.configure(**settings)
        r = w.cli("check-config")
        t.ok(r.status == 1 and text in r.err.decode(),
             "check-config refuses %s" % (settings,), r)
        w.configure(chain_network="local", chain_genesis=None)
    w.forget()
    n = of_network(OTHER)
    w.use(n)
    w.sync()
    r = w.cli("check-config")
    t.ok("network: local, any genesis\n" in r.text and
         "the snapshot's: " + OTHER in r.text,
         "check-config names the snapshot's network", r)
    w.configure(chain_network="finney")
    r = w.cli("check-config")
    t.ok(r.status == 1 and "network: finney, genesis " + FINNEY in r.text and
         "fault: the snapshot of the chain (no_identity)\n"
         "  made for another network\n" in r.text,
         "a snapshot of another network is none", r)
    a = w.post(w.request())
    t.none(endpoint.refusal_wrong(a, 503, "no_identity",
                                  "Identity data is not available"),
           "nothing is granted by a snapshot of another network")
    w.sync()
    r = w.cli("check-config")
    t.ok("endpoint 1 of 1: " + another(n, FINNEY, "finney") in r.text,
         "check-config says why the endpoint is not believed", r)
    good = of_network(FINNEY)
    w.use(good)
    r = w.sync()
    t.same((r.status, w.shown()["genesis"]), (0, FINNEY),
           "a snapshot of another network is replaced without a human")
    w.configure(chain_network="local")
    other = of_network(OTHER)
    w.use(other)
    r = w.sync()
    line = [x for x in chain.logged(r) if x["event"] == "snapshot_overruled"]
    t.ok(r.status == 0 and w.shown()["genesis"] == OTHER and
         "another network" in line[0]["reason"],
         "local: another network's snapshot is overruled, and the log says "
         "so", r)
    stop(n, good, other)


def overruled(t):
    w.forget()
    nodes = [w.node() for _ in range(3)]
    liar = w.node(block=7900000)
    w.use(liar)
    t.same(w.sync().status, 0, "a single node is believed on first start")
    w.use(nodes[0])
    r = w.sync()
    t.same((r.status, w.status()["reason"]),
           (chain.FAILED, "block 7000000 is more than "
            "chain.max_rewind_blocks behind the snapshot's 7900000"),
           "a single honest node does not overrule it")
    for agree in "any", "majority":
        w.use(*nodes, chain_agree=agree)
        copy = w.file()
        r = w.sync()
        line = [x for x in chain.logged(r)
                if x["event"] == "snapshot_overruled"]
        t.ok(r.status == 0 and w.shown()["block"] == 7000000 and
             [(x["block"], x["by"]) for x in line] == [(7900000, 7000000)],
             "%s: three that agree overrule it, and the log says so" % agree,
             r)
        w.write("state/metagraph.snapshot", copy)
    w.configure(chain_agree=None)
    for when, text in (NOW + 1201, "too old"), (NOW - 100, "from the future"):
        w.write("state/metagraph.snapshot", copy)
        w.now = when
        w.use(nodes[0])
        r = w.sync()
        t.ok(r.status == 0 and w.shown()["block"] == 7000000 and
             "snapshot_overruled" in r.log,
             "a snapshot that is %s is overruled by a single node" % text, r)
        w.now = NOW
    liar.block = 8000000
    for network, genesis in ("custom", liar.genesis), ("local", None):
        w.forget()
        w.use(nodes[0], chain_network=network, chain_genesis=genesis)
        w.sync()
        w.use(liar, nodes[0])
        r = w.sync()
        t.same((r.status, w.shown()["block"]), (0, 7000000),
               "%s, any: one that is absurdly far ahead of the snapshot is "
               "not preferred" % network)
        w.use(liar)
        before = w.file()
        r = w.sync()
        if network == "custom":
            t.same((r.status, w.status()["reason"], w.file() == before),
                   (chain.FAILED, "block 8000000 is further ahead of the "
                    "snapshot's 7000000 than a chain can get in that time",
                    True), "custom: nor is it believed if it is alone")
        else:
            t.same(r.status, 0, "local: alone it is believed, since a local "
                   "chain may have been started again")
    w.use(nodes[0])
    w.forget()
    w.write("state/metagraph.snapshot", b"fgate-m\n\3\0\0\0" + bytes(400))
    t.same(w.sync().status, 0, "a snapshot of another version is replaced")
    w.now = NOW
    stop(liar, *nodes)


def halts(t):
    """The chain stands still: what two nodes of three say of it counts."""
    for agree in "any", "majority":
        w.forget()
        nodes = [w.node() for _ in range(3)]
        for n in nodes:
            n.told_time = NOW * 1000
        w.use(*nodes, chain_agree=agree, chain_halt_max_age_s=20000)
        w.now = NOW + 5000
        r = w.sync()
        t.same((r.status, w.shown()["advanced_at"], w.shown()["confirmed"]),
               (0, NOW, True), "%s: a halt that all nodes tell" % agree)
        t.same(w.post(w.request()).code, 200,
               "%s: during a halt it goes on" % agree)
        w.now = NOW + 5000 + 1200
        t.same(w.post(w.request()).code, 200, "%s: for chain.max_age_s after "
               "the halt was last confirmed" % agree)
        w.now += 1
        t.same(w.post(w.request()).code, 503, "%s: and no longer" % agree)
        nodes[2].block += 3
        t.same(w.sync().status, 0, "%s: two of three are enough" % agree)
        nodes[1].block += 5
        r = w.sync()
        t.same((r.status, w.post(w.request()).code), (chain.FAILED, 200),
               "%s: if no two agree, it is no halt" % agree)
        nodes[1].block = nodes[2].block = nodes[0].block
        w.now = NOW + 20000
        t.same(w.sync().status, 0, "%s: as old as may be" % agree)
        w.now += 1
        r = w.sync()
        t.same(r.status, chain.FAILED, "%s: the halt has its limit, too" %
               agree)
        w.now = NOW + 5000
        w.use(nodes[0])
        t.same(w.sync().status, chain.FAILED, "%s: one node alone cannot tell "
               "a halt from itself" % agree)
        w.use(*nodes[:2])
        r = w.sync()
        t.same((r.status, w.shown()["confirmed"]), (0, True),
               "%s: two nodes of two that tell a halt are believed" % agree)
        nodes[1].block += 1
        t.same(w.sync().status, chain.FAILED,
               "%s: two nodes that stand still at two heights are not" % agree)
        nodes[1].block -= 1
        nodes[1].fault = {"*": "500"}
        t.same(w.sync().status, chain.FAILED,
               "%s: nor is one of two while the other one fails" % agree)
        w.use(*nodes)
        t.same(w.sync().status, 0,
               "%s: two of three tell a halt while the third fails" % agree)
        nodes[1].fault = {}
        w.use(*nodes, chain_halt_max_age_s=None)
        t.same(w.sync().status, chain.FAILED,
               "%s: by default a halt is as any other age" % agree)
        stop(*nodes)
        w.configure(chain_agree=None)
        w.now = NOW


if __name__ == "__main__":
    tap.run([one_network, two_networks, settings, overruled, halts],
            endpoint.check_outputs)
