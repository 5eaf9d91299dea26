#!/usr/bin/python3
"""The recorded dialog with a real runtime: chain-sync reads it as the official
clients do, and the stand-in node answers as the real one did."""

import http.server
import json
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import chain
import endpoint
import node
import tap

with open("tests/vectors/chain/real-runtime-300.json") as f:
    RECORDED = json.load(f)

ZERO = "5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM"


class Replayer(http.server.ThreadingHTTPServer):
    """Answers what is in the recording, and nothing else."""
    daemon_threads = True

    def __init__(self):
        self.answers = {
            json.dumps([x["request"]["method"], x["request"]["params"]]):
            x["response"] for x in RECORDED["dialog"]}
        self.asked, self.unknown = [], []
        super().__init__(("127.0.0.1", 0), _Replay)
        self.url = "http://127.0.0.1:%d" % self.server_address[1]
        threading.Thread(target=self.serve_forever, args=(0.02,),
                         daemon=True).start()


class _Replay(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        request = json.loads(self.rfile.read(
            int(self.headers["Content-Length"])))
        key = json.dumps([request["method"], request["params"]])
        self.server.asked.append(request["method"])
        answer = self.server.answers.get(key)
        if answer is None:
            self.server.unknown.append(key)
            answer = {"jsonrpc": "2.0", "error": {
                "code": -32601, "message": "not recorded"}}
        text = json.dumps({**answer, "id": request["id"]},
                          separators=(",", ":")).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def answer_to(argument):
    for x in RECORDED["dialog"]:
        if x["request"]["params"][1:2] == [argument]:
            return x["response"]["result"]
    raise KeyError(argument)


def the_stand_in(t):
    """The real runtime judges the stand-in: same rows, same bytes."""
    for document in [RECORDED["expect"], *RECORDED["expect_other"]]:
        netuid = document["netuid"]
        n = node.Node(node.from_document(document), netuid=netuid,
                      block=document["block"], fields=72)
        n.hashes = {0: RECORDED["genesis"],
                    document["block"]: RECORDED["block_hash"]}
        n.told_time = document["timestamp_ms"]
        n.spec_version = RECORDED["spec_version"]
        for fields, text in [
                ([7, 52, 53, 57, 67], "without the netuid"),
                ([0, 7, 52, 53, 57, 67], "as chain-sync calls"),
                ([0, 7, 52, 53, 57, 67, 69], "with the total stake")]:
            argument = "0x" + (netuid.to_bytes(2, "little") + node.vec(
                i.to_bytes(2, "little") for i in fields)).hex()
            t.ok(n.state_call(node.CALL, argument, RECORDED["block_hash"]) ==
                 answer_to(argument), "the stand-in answers for netuid %d "
                 "like the real runtime, %s" % (netuid, text))
        t.same(n.state_call(node.CALL, "0x090018000007003400350039004300",
                            RECORDED["block_hash"]), "0x00",
               "the stand-in has no subnet 9 either")
        same = {"chain_getFinalizedHead": [], "chain_getBlockHash": [0],
                "state_getStorage": [node.TIMESTAMP, RECORDED["block_hash"]]}
        for method, params in same.items():
            t.same(n.answer({"method": method, "params": params}),
                   next(x["response"]["result"] for x in RECORDED["dialog"]
                        if (x["request"]["method"], x["request"]["params"]) ==
                        (method, params)),
                   "the stand-in answers %s like the real runtime" % method)
        n.stop()


def shown(t, netuid, document):
    """One look at the recording, and what the snapshot then says."""
    w.forget()
    w.now = document["timestamp_ms"] // 1000 + 5
    r = Replayer()
    w.use(r.url, chain_netuid=netuid)
    result = w.sync()
    t.same((result.status, r.unknown), (chain.OK, []),
           "netuid %d: the recorded dialog is believed, and chain-sync asks "
           "for nothing that is not in it" % netuid)
    r.shutdown()
    r.server_close()
    return w.shown()


def the_product(t):
    """netuid 70: no row is special."""
    document = RECORDED["expect_other"][0]
    got = shown(t, 70, document)
    t.same([got[k] for k in ("netuid", "block", "block_hash", "spec_version")],
           [70, document["block"], RECORDED["block_hash"], 300],
           "netuid 70: the snapshot names the recorded block")
    t.same([{k: row[k] for k in ("uid", "hotkey", "coldkey", "permit",
                                 "alpha_stake_rao")}
            for row in got["neurons"]],
           [{k: v for k, v in row.items() if k != "total_stake_rao"}
            for row in document["neurons"]],
           "netuid 70: the snapshot is what the official clients read")
    document = RECORDED["expect"]
    got = shown(t, 1, document)
    zero = [row["uid"] for row in document["neurons"]
            if ZERO in (row["hotkey"], row["coldkey"])]
    t.same(got["left_out"], zero, "netuid 1: the rows with a key of all zeros "
           "are left out, and named")
    t.same([{k: row[k] for k in ("uid", "hotkey", "coldkey", "permit",
                                 "alpha_stake_rao")}
            for row in got["neurons"]],
           [{k: v for k, v in row.items() if k != "total_stake_rao"}
            for row in document["neurons"] if row["uid"] not in zero],
           "netuid 1: all other rows are what the official clients read")


if __name__ == "__main__":
    w = chain.Chain()
    tap.run([the_stand_in, the_product], endpoint.check_outputs)
