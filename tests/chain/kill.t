#!/usr/bin/python3
"""Writers killed at any moment: the snapshot is always a whole one, the one
before or the one after; and what they leave behind does not pile up."""

import os
import random
import signal
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import chain
import endpoint
import node
import servers
import tap

chain.off_disk()

WRITES = 500
COUNT = 2000                    # neurons: 160 KiB a snapshot

w = chain.Chain()


class Reader(threading.Thread):
    """Reads the snapshot all the time and checks that it is whole; each
    neuron's stake is the block at which it was made."""

    def __init__(self):
        super().__init__(daemon=True)
        self.reads, self.blocks, self.wrong = 0, [], []
        self._ends = threading.Event()
        self.start()

    def run(self):
        while not self._ends.wait(0.001):
            try:
                block, stakes = chain.whole_snapshot(w.file())
                if set(stakes) != {block} or len(stakes) != COUNT:
                    raise ValueError("parts of different snapshots")
            except (ValueError, TypeError) as e:
                self.wrong.append(str(e))
                continue
            self.reads += 1
            if not self.blocks or self.blocks[-1] != block:
                self.blocks.append(block)

    def end(self):
        self._ends.set()
        self.join()


def temporary():
    return [name for name in os.listdir(w.state) if ".tmp." in name]


def at_block(keys, block):
    return [x._replace(stake=block) for x in keys]


def killed(t):
    keys = chain.some_neurons(COUNT)
    n = w.node(at_block(keys, 1), block=1)
    w.use(n)

    # How long it takes, whole; kills are spread over that, and a bit more.
    took = []
    for _ in range(5):
        start = time.monotonic()
        if w.sync(installed=True).status != 0:
            raise RuntimeError("no first snapshot")
        took.append(time.monotonic() - start)
    whole_s = sorted(took)[2]
    reader = Reader()
    ends = {"killed": 0, "whole": 0}
    left = 0
    for block in range(2, WRITES + 2):
        n.neurons, n.block = at_block(keys, block), block
        p = subprocess.Popen([w.program(installed=True), "--once"],
                             env=w.env(), stdin=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        # Every other one is sure to have its answer, and is about to write.
        if block % 2:
            servers.until(lambda: "state_call" in n.calls, 5, 0.0002)
        n.calls.clear()
        time.sleep(random.uniform(0, 0.9 if block % 2 else 1.3) * whole_s)
        p.kill()
        ends["killed" if p.wait() == -signal.SIGKILL else "whole"] += 1
        left = max(left, len(temporary()))
    reader.end()
    note = "%s, %d read, %d different, %d temporary files, %.1f ms a write" % (
        ends, reader.reads, len(reader.blocks), left, whole_s * 1e3)
    print("# " + note)
    t.none(reader.wrong,
           "a reader beside killed writers sees only whole snapshots")
    t.ok(reader.blocks == sorted(reader.blocks),
         "no older snapshot comes back after a newer one")
    t.ok(ends["killed"] > WRITES / 4 and len(reader.blocks) > 20,
         "%d writers are killed before, while and after they wrote" % WRITES,
         note)
    t.ok(w.sync(installed=True).status == 0 and
         w.shown()["block"] == WRITES + 1,
         "chain-sync works as before after the kills")
    n.stop()


def left_behind(t):
    """Those of living writers are young."""
    w.write("state/metagraph.snapshot.tmp.AbC123", "half")
    old = temporary()
    n = w.node(block=WRITES + 2)
    w.use(n)
    past = time.time() - 3600
    for name in old:
        os.utime(os.path.join(w.state, name), (past, past))
    keep = ["metagraph.snapshot.backup", "metagraph.snapshot.tmp",
            "metagraph.snapshot.tmp.abc", "metagraph.snapshot.tmp.abcdefg",
            "another.snapshot.tmp.abcdef"]
    for name in keep:
        os.utime(w.write("state/" + name, "mine"), (past, past))
    w.write("state/metagraph.snapshot.tmp.living", "half")
    for name in "chain-sync.status", "chain-sync.seen":
        os.utime(w.write("state/%s.tmp.abcdef" % name, "{"), (past, past))
    os.mkdir(os.path.join(w.state, "metagraph.snapshot.tmp.folder"))
    os.utime(os.path.join(w.state, "metagraph.snapshot.tmp.folder"),
             (past, past))
    t.same(w.sync(installed=True).status, 0,
           "chain-sync --once works beside temporary files")
    t.same(w.files(), sorted(keep + [
        "chain-sync.lock", "chain-sync.seen", "chain-sync.status",
        "metagraph.snapshot", "metagraph.snapshot.tmp.folder", "metagraph.snapshot.tmp.living"]),
        "chain-sync removes old temporary files of its own and nothing else")
    n.stop()


def killed_imports(t):
    """The same promise from snapshot import, which takes no lock."""
    other = chain.Chain()
    document = [other.write("%d.json" % block, chain.json.dumps({
        "netuid": 13, "block": block, "neurons": [
            {**row, "alpha_stake_rao": block} for row in
            chain.want(FakeNode(chain.some_neurons(200)))["neurons"]]}))
        for block in (1, 2)]
    path = os.path.join(endpoint.BUILD, "bin", "foldergate")
    start = time.monotonic()
    endpoint.program(path, ("snapshot", "import", document[0]), other.env())
    whole_s = time.monotonic() - start
    wrong = []
    for i in range(100):
        p = subprocess.Popen([path, "snapshot", "import", document[i % 2]],
                             env=other.env(), stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL)
        time.sleep(random.uniform(0, 1.1) * whole_s)
        p.kill()
        p.wait()
        block, stakes = chain.whole_snapshot(other.file())
        if set(stakes) != {block}:
            wrong.append("a mixed snapshot")
    t.none(wrong, "a whole snapshot is there after each of 100 killed imports")


class FakeNode:
    netuid, block, spec_version, genesis = 13, 1, 0, None

    def __init__(self, neurons):
        self.neurons = neurons

    def hash_at(self, height):
        return None


if __name__ == "__main__":
    tap.run([killed, left_behind, killed_imports], endpoint.check_outputs)
