"""chain-sync against stand-in nodes, in a world of its own."""

import hashlib
import json
import os
import signal
import struct
import subprocess
import tempfile
import time

import endpoint
import node
import planted
import world

endpoint.never.add(node.PEER_TEXT)

OK, FAILED, USAGE, BUSY, WRITE = range(5)


def some_neurons(n, salt=""):
    """Keys that are no curve points: nobody signs with them."""
    def key(kind, i):
        return hashlib.sha256(("%s %s %d" % (kind, salt, i)).encode()).digest()
    return [node.Neuron(key("hotkey", i), key("coldkey", i // 2), i % 3 == 0,
                        i * 1000000007) for i in range(n)]


def off_disk():
    """Worlds made from now on are in memory, if they can be: what matters
    there is time, and what a kill leaves; neither should hang on fsync()."""
    if os.access("/dev/shm", os.W_OK):
        tempfile.tempdir = "/dev/shm"


class Chain(world.World):
    """A world whose snapshot comes from nodes.  The miners of the world are
    the first neurons of each node that node() makes."""

    def __init__(self, **settings):
        super().__init__(chain_timeout_s=1, chain_network="local", **settings)
        self._installed = False
        self.neurons_of_miners = node.from_document(
            {"neurons": self.neurons()})

    def node(self, neurons=None, **more):
        more.setdefault("clock", self.clock)
        return node.Node(self.neurons_of_miners if neurons is None
                         else neurons, **more)

    def clock(self):
        """The time of the program that was started last."""
        return time.time() if self._installed else self.now

    def use(self, *nodes, **settings):
        """Configure these nodes, or URLs, as endpoints."""
        self.configure(chain_endpoints=", ".join(
            n if isinstance(n, str) else n.url for n in nodes), **settings)

    def program(self, installed=False):
        self._installed = installed
        return os.path.join(endpoint.BUILD, "" if installed else "test", "bin",
                            "chain-sync")

    def sync(self, *args, installed=False, **variables):
        """chain-sync --once."""
        return endpoint.program(self.program(installed), args or ("--once",),
                                self.env(**variables))

    def file(self, name="metagraph.snapshot"):
        """Its bytes; None if it is not there."""
        try:
            with open(os.path.join(self.state, name), "rb") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def forget(self):
        for name in os.listdir(self.state):
            os.remove(os.path.join(self.state, name))

    def status(self):
        text = self.file("chain-sync.status")
        return None if text is None else json.loads(text)

    def shown(self):
        """What snapshot show --json prints, neurons by uid; or None."""
        r = self.cli("snapshot", "show", "--json")
        if r.status != 0:
            return None
        document = json.loads(r.text)
        document["neurons"].sort(key=lambda row: row["uid"])
        return document

    def start(self, *args, **variables):
        """chain-sync as it is installed, in the background."""
        return Background(self, args, variables)


class Background:
    def __init__(self, w, args, variables):
        self._out = open(w.path("chain-sync.log"), "w+b")
        self.process = subprocess.Popen(
            [w.program(installed=True), *args], env=w.env(**variables),
            stdin=subprocess.DEVNULL, stdout=self._out, stderr=self._out)

    def events(self):
        """The names of the lines it has logged."""
        return [line["event"] for line in self.log()
                if line["event"] != "started_as_root"]

    def log(self):
        with open(self._out.name, "rb") as f:
            text = f.read()
        for secret in endpoint.never:
            if secret.encode() in text:
                raise AssertionError("the log holds " + secret)
        return [json.loads(line) for line in text.splitlines()
                if line.endswith(b"}")]

    def stop(self, number=signal.SIGTERM, most_s=10):
        """Seconds that it took to end, and its exit status."""
        planted.process(self.process.pid)
        start = time.monotonic()
        self.process.send_signal(number)
        try:
            status = self.process.wait(most_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        return time.monotonic() - start, status


def logged(result):
    """The lines of the log; that it runs as root is none of the chain's."""
    lines = [json.loads(line) for line in result.log.splitlines()]
    return [line for line in lines if line["event"] != "started_as_root"]


def blamed(result):
    """The endpoints named as failed: host and port, and why."""
    return [(line["endpoint"].partition("://")[2], line["reason"])
            for line in logged(result) if line["event"] == "endpoint_failed"]


def want(n, height=None):
    """What snapshot show --json should say of a node, apart from times and
    from what other nodes say."""
    height = n.block if height is None else height
    return {"netuid": n.netuid, "block": height,
            "block_hash": n.hash_at(height), "spec_version": n.spec_version,
            "genesis": n.genesis, "left_out": [],
            "neurons": [{
                "uid": i, "hotkey": world.ss58(x.hotkey),
                "coldkey": world.ss58(x.coldkey), "permit": bool(x.permit),
                "alpha_stake_rao": str(x.stake)}
                for i, x in enumerate(n.neurons)]}


def without_times(shown):
    return shown and {k: v for k, v in shown.items()
                      if k not in ("written_at", "advanced_at", "confirmed")}


def whole_snapshot(data):
    """The block and the stakes in a snapshot's bytes if they are a whole one,
    checked independently of the product: see common/state/metagraph.h."""
    if len(data) < 176 or data[:8] != b"fgate-m\n":
        raise ValueError("no snapshot")
    size, count, bits, left_out = struct.unpack_from("=Q4xII4xI", data, 16)
    block, = struct.unpack_from("=Q", data, 48)
    at = 176 + ((1 << bits) + 2) * 4
    if size != len(data) or size != at + 88 * count + 2 * left_out:
        raise ValueError("sizes do not agree")
    rest = hashlib.sha256(data[176:]).digest()
    if hashlib.sha256(data[:144] + rest).digest() != data[144:176]:
        raise ValueError("checksum")
    return block, [struct.unpack_from("=Q", data, at + 88 * i + 64)[0]
                   for i in range(count)]
