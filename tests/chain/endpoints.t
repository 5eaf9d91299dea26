#!/usr/bin/python3
"""Several endpoints: fail-over under agree = any, the vote under majority."""

import sys

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
HTTP_404 = "HTTP 404, not there: is the URL right?"
HTTP_500 = "HTTP 500, the server has a problem"
SLOW = "slower than the others, and not waited for"
DISAGREES = "disagrees with the majority"
NO_MAJORITY = "no majority of the endpoints agrees"

w = chain.Chain()


def learns(t, text, height, like, blame=()):
    """A look writes what the node ``like'' has at this height, and blames
    these: pairs of node and reason."""
    r = w.sync()
    want = chain.want(like, height)
    t.ok(r.status == chain.OK and
         chain.without_times(w.shown()) == want and w.status()["ok"] and
         chain.blamed(r) == [(n.host, why) for n, why in blame],
         text, r, want)


def refuses(t, text, why, blame=None):
    before = w.file()
    r = w.sync()
    t.ok(r.status == chain.FAILED and w.file() == before and
         w.status()["reason"] == why and
         (blame is None or
          chain.blamed(r) == [(n.host, why) for n, why in blame]),
         text, r, w.status())


def stop(*nodes):
    for n in nodes:
        n.stop()


def fail_over(t):
    first, second = w.node(), w.node(chain.some_neurons(3))
    w.use(first, second)
    learns(t, "any: the first node of the list is believed", first.block, first)
    t.same(second.calls, first.calls, "any: both are asked at once")
    first.block += 1
    second.block += 2
    for method in HEAD, CALL:
        for fault, why in [("500", HTTP_500),
                           ("reset", "answer cut short"),
                           ("garbage", "not a JSON-RPC answer"),
                           ("error",
                            "JSON-RPC error -32603")]:
            first.fault = {method: fault}
            learns(t, "any: the fault %s in %s of the first node makes the "
                   "second one believed" % (fault, method),
                   second.block, second, [(first, why)])
            second.block += 1
    first.fault = {CALL: "silent"}
    learns(t, "any: the second node is believed when the first is silent",
           second.block, second, [(first, SLOW)])
    first.fault = {}
    first.neurons = [first.neurons[0]] * 2
    learns(t, "any: what cannot be written is the endpoint's failure",
           second.block, second,
           [(first, "each row has a key of all zeros, or a hotkey that is "
             "there twice")])
    second.fault = {"*": "404"}
    first.fault = {HEAD: "null"}
    refuses(t, "any: nothing is learnt when both nodes fail",
            "endpoint 2 of 2: " + HTTP_404,
            [(first, "no block hash"), (second, HTTP_404)])
    stop(first)
    second.fault = {}
    learns(t, "any: the second node is believed when the first is gone",
           second.block, second, [(first, "no connection")])
    stop(second)


def standing_still(t):
    w.forget()
    first, second = w.node(), w.node()
    w.use(first, second)
    block = first.block
    learns(t, "any: a first look believes the first node", block, first)
    second.block = block + 5
    learns(t, "any: the second node is believed when the first stands still",
           block + 5, second)
    learns(t, "any: the second node is believed again at the same height",
           block + 5, second)
    first.block = block + 6
    learns(t, "any: the first node is believed when it goes on", block + 6,
           first)
    first.block, second.block = block + 1, block + 2
    learns(t, "any: of two nodes that are behind the higher one is believed",
           block + 2, second)
    second.fault = {"*": "500"}
    learns(t, "any: a node that is behind is believed when the other fails",
           block + 1, first, [(second, HTTP_500)])
    stop(first, second)


LIES = {
    "a stake": lambda a: [a[0]._replace(stake=a[0].stake + 1)] + a[1:],
    "an owner": lambda a: [a[0]._replace(coldkey=a[2].coldkey)] + a[1:],
    "a hotkey": lambda a: [a[0]._replace(hotkey=bytes([7] * 32))] + a[1:],
    "a permit": lambda a: a[:2] + [a[2]._replace(permit=not a[2].permit)],
    "one neuron more": lambda a: a + [a[0]._replace(hotkey=bytes([7] * 32))],
    "one neuron less": lambda a: a[:2],
    "the order of uids": lambda a: [a[1], a[0], a[2]],
}


def liars(t):
    w.forget()
    nodes = [w.node() for _ in range(3)]
    w.use(*nodes, chain_agree="majority")
    truth = nodes[0].neurons
    learns(t, "majority: three nodes that say the same are believed",
           nodes[0].block, nodes[0])
    t.none([n.calls for n in nodes if n.calls != [
        HEAD, AT, HEADER, TIME, "state_getRuntimeVersion", CALL]],
        "majority: each of the three nodes is asked")
    for i, (what, lie) in enumerate(LIES.items()):
        liar, honest = nodes[i % 3], nodes[(i + 1) % 3]
        liar.neurons = lie(truth)
        learns(t, "majority: one of three that lies about %s is not believed" %
               what, honest.block, honest, [(liar, DISAGREES)])
        liar.neurons = truth
    liar, honest = nodes[0], nodes[2]
    liar.chain = "other"
    liar.hashes = {0: honest.genesis}
    learns(t, "majority: one lies about the block's hash", honest.block,
           honest, [(liar, DISAGREES)])
    liar.chain, liar.hashes = "main", {}
    liar = nodes[1]
    liar.told_block = 5
    learns(t, "majority: one lies about the metagraph's block", honest.block,
           honest, [(liar, "the metagraph is of block 5, the header of %d" %
                     liar.block)])
    liar.told_block = None
    for liar in nodes:
        for text, off in ("younger", 50000), ("older", -1000000):
            liar.told_time = NOW * 1000 + off
            r = w.sync()
            told = w.shown()["advanced_at"]
            t.ok(r.status == chain.OK and told == NOW,
                 "majority: one says that the block is %s: the others' time "
                 "counts" % text, r, told)
        liar.told_time = None
    liar, honest = nodes[1], nodes[2]
    liar.netuid, liar.fault = 14, {"netuid": "lie"}
    learns(t, "majority: one of three that answers for another netuid is not "
           "believed", honest.block,
           honest, [(liar, "metagraph of another netuid")])
    liar.netuid, liar.fault = 13, {}
    for height in 1 << 60, 1:
        block, liar.block = liar.block, height
        blame = [(liar, "the node says that it is at block %d, which no "
                  "chain can have reached" % height if height > block else
                  "no block hash")]
        learns(t, "majority: one of three that says its head is %d is not "
               "believed" % height, honest.block,
               honest, blame)
        liar.block = block
    for method in HEAD, HEADER, AT, CALL:
        for fault in "500", "wrong", "half", "no-function":
            liar.fault = {method: fault}
            r = w.sync()
            t.ok(r.status == 0 and
                 [host for host, _ in chain.blamed(r)] == [liar.host],
                 "majority: the fault %s in %s of one of three does no harm" %
                 (fault, method), r)
    liar.fault = {}

    # Two that lie alike are a majority of three: more nodes, less risk.
    nodes[0].neurons = nodes[1].neurons = LIES["an owner"](truth)
    learns(t, "majority: two of three that lie alike are believed",
           nodes[0].block, nodes[0], [(nodes[2], DISAGREES)])
    nodes[1].neurons = LIES["a stake"](truth)
    refuses(t, "majority: nothing is learnt from three nodes that differ",
            NO_MAJORITY, [])
    stop(*nodes)


def heads(t):
    w.forget()
    nodes = [w.node(block=b) for b in (1002, 1000, 1001)]
    w.use(*nodes, chain_agree="majority")
    learns(t, "majority: of three different heads the median is believed",
           1001, nodes[0], [(nodes[1], "no block hash")])
    nodes[1].block = 1001
    learns(t, "majority: the height that two of three have is believed", 1001,
           nodes[1])

    # What one claims is not what the others must have.
    nodes[0].block = 1 << 30
    nodes[1].block = 1000
    nodes[2].block = 1001
    nodes[0].neurons = LIES["a stake"](nodes[1].neurons)
    learns(t,
           "majority: a liar far ahead does no harm when honest heads differ",
           1000, nodes[1], [(nodes[0], DISAGREES)])
    nodes[0].neurons = nodes[1].neurons
    nodes[0].block = 1002
    nodes[1].block = 1001
    nodes[0].fault = {"*": "silent"}
    nodes[1].block = 1005
    learns(t, "majority: the lower of two heads is believed when one node is "
           "silent", 1001, nodes[2],
           [(nodes[0], SLOW)])
    nodes[2].block = 1004
    nodes[0].fault = {"*": "silent"}
    nodes[1].fault = {HEAD: "silent"}
    refuses(t, "majority: nothing is learnt when two of three are silent",
            NO_MAJORITY, [(nodes[0], "timed out"), (nodes[1], "timed out")])
    nodes[0].fault, nodes[1].fault, nodes[2].fault = ({HEAD: "500"},) * 3
    refuses(t, "majority: nothing is learnt when no node answers",
            "endpoint 3 of 3: " + HTTP_500, [(n, HTTP_500) for n in nodes])
    stop(*nodes)


def other_numbers(t):
    w.forget()
    nodes = [w.node() for _ in range(5)]
    truth = nodes[0].neurons
    w.use(nodes[0], chain_agree="majority")
    learns(t, "majority: one node of one is believed", nodes[0].block, nodes[0])
    w.use(*nodes[:2])
    learns(t, "majority: two nodes of two are believed", nodes[0].block,
           nodes[0])
    nodes[1].fault = {"*": "500"}
    refuses(t, "majority: one node of two is not believed", NO_MAJORITY,
            [(nodes[1], HTTP_500)])
    nodes[1].fault = {}
    nodes[1].neurons = LIES["a permit"](truth)
    refuses(t, "majority: nothing is learnt from two that disagree",
            NO_MAJORITY, [])
    w.use(*nodes[:4])
    nodes[3].neurons = nodes[1].neurons
    refuses(t, "majority: nothing is learnt from two against two", NO_MAJORITY,
            [])
    w.use(*nodes)
    learns(t, "majority: three nodes of five are believed", nodes[0].block,
           nodes[0], [(nodes[1], DISAGREES), (nodes[3], DISAGREES)])
    nodes[4].fault = {CALL: "500"}
    refuses(t, "majority: nothing is learnt from two, two and one that fails",
            NO_MAJORITY, [(nodes[4], HTTP_500)])
    w.use(nodes[0], nodes[0].url + "/again", nodes[1])
    learns(t, "majority: one node named twice has two votes",
           nodes[0].block, nodes[0], [(nodes[1], DISAGREES)])
    stop(*nodes)


if __name__ == "__main__":
    tap.run([fail_over, standing_still, liars, heads, other_numbers],
            endpoint.check_outputs)
