#!/usr/bin/python3
"""A grant of get-folder-access as plain CGI, one process for each request,
beside a program that does nothing: instructions, CPU time, system calls that
wait for the disk, memory; and 32 at once.  Figures and ratios, no verdicts.

usage: BUILD=build cgi.py [PROGRAM ...]
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import world

NAME = "get-folder-access"
RUNS = 200              # of a round, in a row
ROUNDS = 5              # the median counts, as the machine may be busy
AT_ONCE, MANY = 32, 320
MINERS = 16


class Load:
    """A world in the present time, whose ledger remembers and counts."""

    def __init__(self):
        w = self.w = world.World(limits_replay="refuse",
                                 limits_address_per_minute=60000)
        w.now = int(time.time())
        shutil.rmtree(w.state)
        os.mkdir(w.state)
        w.wake()
        self.keys = [world.Key("cgi %d" % i) for i in range(MINERS)]
        w.snapshot(neurons=[
            {"uid": i, "hotkey": key.ss58, "coldkey": w.owner,
             "permit": False, "alpha_stake_rao": "0"}
            for i, key in enumerate(self.keys)])
        self.log = open(w.path("log"), "ab")
        self.env = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST",
                    "CONTENT_TYPE": "application/json",
                    "REMOTE_ADDR": "192.0.2.7", "PATH": os.environ["PATH"],
                    "FOLDERGATE_CONFIG": w.conf}

    def body(self, i):
        return json.dumps(self.w.request(
            self.keys[i % MINERS], self.w.owner,
            timestamp=int(time.time()))).encode()

    def run(self, program, n, at_once=1):
        """Requests, answers that are no 200, CPU us, RSS kB, half of them and
        the slowest in ms."""
        with tempfile.TemporaryDirectory(dir=self.w.dir) as d:
            for i in range(n):
                with open(os.path.join(d, str(i)), "wb") as f:
                    f.write(self.body(i))
            out = subprocess.run(
                [os.path.join(endpoint.BUILD, "bench", "cgi"), str(at_once),
                 d, program], env=self.env, stdout=subprocess.PIPE,
                stderr=self.log, check=True).stdout
        return [float(x) for x in out.split()]

    def under(self, command, program):
        """One grant under another program: what that writes."""
        body = self.body(0)
        p = subprocess.run(command + [program], input=body,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           env={**self.env, "CONTENT_LENGTH": str(len(body))})
        if b"Status: 200" not in p.stdout:
            raise RuntimeError(p)
        return p.stderr.decode()


def instructions(load, program):
    """Of one grant: the least, the mean and the most of several.  The journal
    of the ledger has another length each time, so they differ."""
    if shutil.which("valgrind") is None:
        return None
    seen = []
    for _ in range(9):
        out = load.under(["valgrind", "--tool=callgrind",
                          "--callgrind-out-file=/dev/null"], program)
        seen.append(int(re.search(r"Collected : (\d+)", out)[1]))
        load.run(program, 37)
    return min(seen), sum(seen) / len(seen), max(seen)


def syncs(load, program, n=150):
    """fdatasync and fsync: in each of n grants."""
    if shutil.which("strace") is None:
        return None
    return [len(re.findall(r"sync\(", load.under(
        ["strace", "-qq", "-e", "trace=fdatasync,fsync,sync_file_range"],
        program))) for _ in range(n)]


def show(load, text, program, empty):
    rounds = [(load.run(program, RUNS), load.run(empty, RUNS))
              for _ in range(ROUNDS)]
    rounds.sort(key=lambda r: r[0][2])
    real, none = rounds[ROUNDS // 2]
    print("%s: %.2f ms CPU (best of %d rounds %.2f); an empty program %.2f, "
          "ratio %.1f" % (text, real[2] / 1e3, ROUNDS, rounds[0][0][2] / 1e3,
                          none[2] / 1e3, real[2] / none[2]))
    print("  RSS %d kB, an empty program %d kB" % (real[3], none[3]))
    count = instructions(load, program)
    if count is None:
        print("  instructions: not counted, there is no valgrind")
    else:
        print("  %.2f M instructions, from %.2f to %.2f; an empty program "
              "%.2f M" % (count[1] / 1e6, count[0] / 1e6, count[2] / 1e6,
                          instructions(load, empty)[0] / 1e6))
    waits = syncs(load, program)
    if waits is None:
        print("  fdatasync: not counted, there is no strace")
    else:
        print("  fdatasync: %d in %d grants, in %d of them" % (
            sum(waits), len(waits), sum(w > 0 for w in waits)))
    rounds = [load.run(program, MANY, AT_ONCE) for _ in range(3)]
    print("  %d at once: %d of %d are not 200; half within %.0f ms, the "
          "slowest %.0f ms" % (AT_ONCE, sum(r[1] for r in rounds),
                               sum(r[0] for r in rounds), rounds[0][4],
                               max(r[5] for r in rounds)))


if __name__ == "__main__":
    load = Load()
    path = os.path.join(endpoint.BUILD, "%s", "%s")
    pairs = [("dynamic", path % ("cgi-bin", NAME), path % ("bench", "empty")),
             ("static", path % ("static/cgi-bin", NAME),
              path % ("static/bench", "empty"))]
    for name in sys.argv[1:]:
        pairs.append((name, name, path % ("bench", "empty")))
    for text, program, empty in pairs:
        show(load, text, program, empty)
