#!/usr/bin/python3
"""chain-sync --once with a node that is as it should be; what it says when
something else is not."""

import fcntl
import json
import os
import random
import ssl
import stat
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import chain
import endpoint
import node
import tap
from world import NOW

w = chain.Chain()


def the_encoder(t):
    """The stand-in's encoder says what the independent one said."""
    with open("tests/vectors/chain/selective-metagraph.expect.json") as f:
        expect = json.load(f)
    with open("tests/vectors/chain/selective-metagraph.json") as f:
        answer = json.load(f)["result"]
    raw = node.selective_metagraph(
        expect["netuid"], expect["block"], node.from_document(expect),
        [0, 7, 52, 53, 57, 67])
    t.ok("0x" + raw.hex() == answer,
         "the stand-in encodes like the independent encoder")


def good(t):
    n = w.node(chain.some_neurons(256))
    w.use(n)
    r = w.sync()
    t.same(r.status, chain.OK,
           "chain-sync --once with a good node exits with 0")
    t.same(n.calls, ["chain_getFinalizedHead", "chain_getBlockHash",
                     "chain_getHeader", "state_getStorage",
                     "state_getRuntimeVersion", "state_call"],
           "chain-sync asks for no more than it needs")
    t.same(chain.without_times(w.shown()), chain.want(n),
           "the snapshot says what the node has")
    t.same([w.shown()[k] for k in ("written_at", "advanced_at")], [NOW, NOW],
           "the snapshot says when it was written and advanced")
    t.same(w.status(), {"at": "2026-03-20T09:48:43+00:00", "ok": True,
                        "block": n.block, "genesis": n.genesis,
                        "block_time": NOW, "confirmed": False,
                        "left_out_rows": 0, "left_out": [], "endpoints": [
                            "endpoint 1 of 1: block %d" % n.block],
                        "failures": 0, "reason": None},
           "the status file says what was learnt")
    t.same([(x["event"], x.get("block"), x.get("neurons"), x.get("spec"))
            for x in chain.logged(r)],
           [("snapshot_missing", None, None, None),
            ("snapshot_written", n.block, 256, 454)],
           "the log says what was learnt")
    t.same(stat.S_IMODE(os.stat(os.path.join(
        w.state, "metagraph.snapshot")).st_mode), 0o644,
        "all endpoints may read the snapshot")
    t.same(w.files(), [
        "chain-sync.lock", "chain-sync.seen", "chain-sync.status",
        "metagraph.snapshot"],
        "chain-sync leaves only its four files in the state directory")
    document = w.write("again.json", json.dumps(w.shown()))
    before = w.file()
    r = w.cli("snapshot", "import", document)
    t.ok(r.status == 0 and w.file() == before,
         "snapshot show --json and snapshot import are inverse", r)
    n.stop()


def kinds(t):
    for text, more, change in [
            ("a node with one neuron", dict(neurons=chain.some_neurons(1)), {}),
            ("a node with 256 neurons", dict(neurons=chain.some_neurons(256)),
             {}),
            ("a node with 1,024 neurons",
             dict(neurons=chain.some_neurons(1024)), {}),
            ("a node with as many fields as at spec version 300",
             dict(fields=72), {}),
            ("a node with as few fields as are needed", dict(fields=67), {}),
            ("a node with fields appended", dict(fields=90), {}),
            ("a node with another netuid, as configured", dict(netuid=65535),
             {"chain_netuid": 65535}),
            ("a node with netuid 0", dict(netuid=0), {"chain_netuid": 0}),
            ("a node at block 0", dict(block=0), {}),
            ("a node at block 2^32", dict(block=1 << 32), {}),
            ("a node with a path and a query in its URL", {},
             {"path": "/rpc?key=7Q7"})]:
        w.forget()
        n = w.node(**more)
        w.use(n.url + change.pop("path", ""), **change)
        r = w.sync()
        t.ok(r.status == 0 and chain.without_times(w.shown()) == chain.want(n),
             text + " is believed", r, w.shown(), chain.want(n))
        n.stop()
        w.configure(chain_netuid=None)
    n = w.node()
    n.fault = {"state_getRuntimeVersion": "null"}
    w.use(n)
    r = w.sync()
    t.same((r.status, w.shown()["spec_version"]), (0, 0),
           "a node that does not tell its runtime version is believed")
    n.fault = {"state_getRuntimeVersion": "error"}
    t.same((w.sync().status, w.shown()["spec_version"]), (0, 0),
           "a node that answers the call for its version with an error is "
           "believed")
    n.stop()


def full(t):
    """As many as can be registered.  The keys are compared in a sample."""
    w.forget()
    neurons = [node.Neuron(os.urandom(32), os.urandom(32), i % 2 == 0,
                           (1 << 64) - 1 - i) for i in range(65535)]
    n = w.node(neurons)
    w.use(n, chain_timeout_s=20)
    r = w.sync(installed=True)
    t.same(r.status, 0, "chain-sync learns 65,535 neurons")
    shown = w.shown()
    sample = random.sample(range(65535), 500) + [0, 65534]
    t.same(len(shown["neurons"]), 65535,
           "all of 65,535 neurons are in the snapshot")
    wrong = [i for i in sample if shown["neurons"][i] != {
        "uid": i, "hotkey": chain.world.ss58(neurons[i].hotkey),
        "coldkey": chain.world.ss58(neurons[i].coldkey),
        "permit": neurons[i].permit,
        "alpha_stake_rao": str(neurons[i].stake)}]
    t.none(wrong, "a sample of 65,535 neurons says what the node said")
    n.neurons = neurons + chain.some_neurons(2)
    before = w.file()
    t.same((w.sync().status, w.file() == before), (chain.FAILED, True),
           "a node with 65,537 neurons is not believed")
    w.configure(chain_timeout_s=1)
    n.stop()


def statuses(t):
    n = w.node()
    w.use(n)
    w.forget()
    for args in [("--twice",), ("--once", "--once"), ("",), ("--once", "x")]:
        r = w.sync(*args)
        t.ok(r.status == chain.USAGE and "usage: chain-sync" in r.log,
             "chain-sync refuses wrong usage with exit status 2: %s" % (args,),
             r)
    w.configure(chain_endpoints=None)
    r = w.sync()
    t.ok(r.status == chain.USAGE and "chain.endpoints is not set" in r.log,
         "chain-sync exits with 2 when no endpoint is configured", r)
    w.use("ftp://nowhere.test")
    t.same(w.sync().status, chain.USAGE,
           "chain-sync exits with 2 on a bad configuration")
    t.same(w.sync(FOLDERGATE_CONFIG="/nonexistent").status, chain.USAGE,
           "chain-sync exits with 2 without a configuration")
    t.same(n.calls, [], "no node is asked when chain-sync exits with 2")
    w.use(n)
    with open(os.path.join(w.state, "chain-sync.lock"), "w") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        r = w.sync()
        t.same((r.status, [x["event"] for x in chain.logged(r)], n.calls,
                w.file(), w.status()),
               (chain.BUSY, ["already_running"], [], None, None),
               "chain-sync exits with 3 and does nothing while another "
               "one runs")
    t.same(w.sync().status, chain.OK,
           "the lock of chain-sync goes with its process")
    w.forget()
    os.mkdir(os.path.join(w.state, "metagraph.snapshot"))
    r = w.sync()
    t.same((r.status, w.status()["ok"], w.status()["reason"]),
           (chain.WRITE, False, "the snapshot cannot be written"),
           "chain-sync exits with 4 when the snapshot cannot be written")
    os.rmdir(os.path.join(w.state, "metagraph.snapshot"))
    w.forget()
    w.configure(state_directory=w.path("nowhere"))
    t.same(w.sync().status, chain.WRITE,
           "chain-sync exits with 4 without a state directory")
    w.configure(state_directory=w.state)
    n.stop()
    r = w.sync()
    t.same((r.status, chain.blamed(r), w.file()),
           (chain.FAILED, [(n.host, "no connection")], None),
           "chain-sync exits with 1 and writes no snapshot without a node")


def nobody_reads_the_log(t):
    n = w.node()
    w.use(n)
    w.forget()
    read, write = os.pipe()
    os.close(read)
    p = subprocess.run([w.program(), "--once"], env=w.env(), stderr=write,
                       stdout=write, timeout=20)
    os.close(write)
    t.same((p.returncode, (w.status() or {}).get("ok")), (0, True),
           "chain-sync does its work when nobody reads its log")
    n.stop()


def proxies(t):
    n = w.node()
    trap = w.node()
    w.use(n)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        r = w.sync(**{name: trap.url})
        t.same((r.status, trap.calls), (0, []), name + " is ignored")
    n.stop()
    trap.stop()


def tls(t):
    """A stand-in with a certificate that nobody vouches for."""
    cert, key = w.path("cert.pem"), w.path("key.pem")
    try:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
             "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
             "-keyout", key, "-out", cert], check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return t.skip("TLS", "no openssl command")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    n = w.node(tls=context)
    w.forget()
    for scheme in "https", "wss":
        n.tls_failures = 0
        w.use("%s://%s" % (scheme, n.host))
        r = w.sync()
        t.same((r.status, chain.blamed(r), n.calls, w.file()),
               (chain.FAILED, [(n.host,
                "certificate not valid: unknown authority")], [], None),
               scheme + "://, a certificate that is not valid: refused")
        t.same(n.tls_failures, 1, scheme + ":// makes chain-sync speak TLS")
    n.stop()
    plain = w.node()
    w.use("wss://" + plain.host)
    r = w.sync()
    t.same((r.status, chain.blamed(r), plain.calls),
           (chain.FAILED, [(plain.host, "no TLS connection")], []),
           "a wss:// URL never makes chain-sync speak plain HTTP")
    plain.stop()


def the_node_as_a_program(t):
    """As the demo runs it."""
    path = w.write("neurons.json", json.dumps(
        {"netuid": 13, "block": 700, "neurons": w.neurons()[::-1]}))
    command = ["tests/support/node.py", "--port", "0", "--neurons", path,
               "--advance", "0.2"]
    p = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE)
    try:
        w.use("http://127.0.0.1:%d" % int(p.stdout.readline()))
        w.forget()
        r = w.sync(installed=True)
        t.ok(r.status == 0 and w.shown()["neurons"] == w.neurons(),
             "node.py answers what its file says", r, w.shown())
        first = w.shown()["block"]
        t.ok(700 <= first < 725, "node.py begins at the block of its file",
             first)
        time.sleep(0.25)
        t.ok(w.sync(installed=True).status == 0 and
             w.shown()["block"] > first,
             "the head of node.py advances", w.shown()["block"])
        start = time.monotonic()
        p.terminate()
        status = p.wait(10)
        t.ok(status == 0 and time.monotonic() - start < 1,
             "SIGTERM ends node.py at once", status)
    finally:
        p.kill()
        p.communicate()
    r = endpoint.program(command[0], ("--neurons", w.conf))
    t.ok(r.status == 1 and r.log.startswith("node.py: "),
         "node.py fails without neurons", r)


if __name__ == "__main__":
    tap.run([the_encoder, good, kinds, full, statuses, nobody_reads_the_log,
             proxies, tls, the_node_as_a_program], endpoint.check_outputs)
