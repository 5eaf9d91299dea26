#!/usr/bin/python3
"""foldergate upload and get beside rclone, s3cmd and the Python uploader of the
service that foldergate replaces: the same files, the same store on loopback,
the same number of connections.  Prints figures and ratios, no verdicts.

rclone and s3cmd have the key of the bucket's owner, because they cannot use
grants.  foldergate asks lighttpd for grants.  The Python uploader is given one.

usage: BUILD=build tools.py [--rounds N] [KIND ...]
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import s3site

CONNECTIONS = "4"
KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
KINDS = {"small": (2000, 4 * KIB, "2,000 files of 4 KiB"),
         "middle": (64, 4 * MIB, "64 files of 4 MiB"),
         "large": (1, GIB, "1 file of 1 GiB")}
NEEDS = {"rclone": ["rclone", "version"], "s3cmd": ["s3cmd", "--version"],
         "python": [sys.executable, "-c", "import requests; print('requests', "
                    "requests.__version__)"]}
MEASURE = os.path.join(endpoint.BUILD, "bench", "measure")
FOLDERGATE = os.path.join(endpoint.BUILD, "bin", "foldergate")
REFERENCE = "tests/bench/reference.py"


class Bench:
    """A store, a service, and what is done with them.  Each way of a tool
    returns a command; below is a prefix in the miner's folder."""

    def __init__(self):
        self.site = s3site.Site(
            lambda _: {"access_max_bytes": 2 * GIB,
                       "limits_folder_grants": 100000})
        self.world, self.store = self.site.world, self.site.store
        self.miner = self.site.first
        self.reader = s3site.Miner(self.site, "reader")
        self.world.snapshot(block=7000001, neurons=[
            {"uid": i, "hotkey": m.hotkey, "coldkey": m.coldkey,
             "permit": m is self.reader, "alpha_stake_rao": "20000000000001"}
            for i, m in enumerate([self.miner, self.reader])])
        self.folder = self.miner.folder()
        self.service = ["--url", "http://127.0.0.1:%d" % self.site.web.port,
                        "--quiet", "--connections", CONNECTIONS]
        s = self.store
        self.env = {"HOME": self.world.dir, "PATH": os.environ["PATH"],
                    "LC_ALL": "C.UTF-8", "RCLONE_CONFIG": os.devnull,
                    "RCLONE_CONFIG_STORE_TYPE": "s3",
                    "RCLONE_CONFIG_STORE_PROVIDER": "Ceph",
                    "RCLONE_CONFIG_STORE_ENDPOINT": s.endpoint,
                    "RCLONE_CONFIG_STORE_ACCESS_KEY_ID": s.key_id,
                    "RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY": s.secret,
                    "RCLONE_CONFIG_STORE_NO_CHECK_BUCKET": "true"}
        self.s3cfg = self.world.write("s3cfg", "[default]\n" + "".join(
            "%s = %s\n" % pair for pair in (
                ("access_key", s.key_id), ("secret_key", s.secret),
                ("host_base", s.host), ("host_bucket", s.host),
                ("use_https", "False"), ("bucket_location", s.region))), 0o600)

    # --- commands ------------------------------------------------------------

    def foldergate_up(self, top, below):
        return [FOLDERGATE, "upload", *self.service, "--keyfile",
                self.miner.wallet, "--coldkey", self.miner.coldkey, "--job",
                below[len("job_id="):-1], top]

    # By PUT, where the service grants no forms.
    foldergate_put_up = foldergate_up

    def foldergate_down(self, below, to):
        return [FOLDERGATE, "get", *self.service, "--keyfile",
                self.reader.wallet, self.miner.hotkey, below + "*", "-o", to]

    # Files above 200 MiB go in parts, and those above 250 MiB come in parts,
    # also this many at once.
    rclone = ["rclone", "copy", "--transfers", CONNECTIONS, "--checkers",
              CONNECTIONS, "--s3-upload-concurrency", CONNECTIONS,
              "--multi-thread-streams", CONNECTIONS]

    def remote(self, below):
        return "store:%s/%s%s" % (self.store.bucket, self.folder, below)

    def rclone_up(self, top, below):
        return [*self.rclone, top, self.remote(below)]

    def rclone_down(self, below, to):
        return [*self.rclone, self.remote(below), to]

    def rclone_whole_up(self, top, below):
        return [*self.rclone, "--s3-upload-cutoff", "5Gi", top,
                self.remote(below)]

    def rclone_whole_down(self, below, to):
        return [*self.rclone, "--multi-thread-streams", "0",
                self.remote(below), to]

    # It has one connection, whatever is asked for.
    def s3cmd(self, *args):
        return ["s3cmd", "-c", self.s3cfg, "--quiet", "--no-progress", *args]

    def s3cmd_up(self, top, below):
        return self.s3cmd("put", "--recursive", top + "/", "s3://%s/%s%s" % (
            self.store.bucket, self.folder, below))

    def s3cmd_down(self, below, to):
        return self.s3cmd("get", "--recursive", "s3://%s/%s%s" % (
            self.store.bucket, self.folder, below), to + "/")

    def python_up(self, top, below, connections=CONNECTIONS):
        grant = self.world.write("grant.json", json.dumps(
            self.miner.grant()), 0o600)
        return [sys.executable, REFERENCE, grant, below, top, connections]

    def python_one_up(self, top, below):
        return self.python_up(top, below, "1")

    # --- runs ----------------------------------------------------------------

    def quietly(self, *command):
        return subprocess.run(command, env=self.env, check=True,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE).stdout

    def measure(self, command):
        """Seconds, seconds of CPU time, MiB."""
        figures = self.world.path("figures")
        r = subprocess.run([MEASURE, figures, *command], env=self.env,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT)
        with open(figures) as f:
            status, wall, cpu, kb = f.read().split()
        if r.returncode != 0 or status != "0":
            raise RuntimeError("%s: status %s\n%s" % (
                " ".join(command[:2]), status, r.stdout.decode()))
        return float(wall), float(cpu), int(kb) / 1024

    def forget(self, below):
        """The store keeps all in memory, and what was deleted for two hours."""
        self.quietly("rclone", "purge", self.remote(below))
        self.quietly("radosgw-admin", "-c", self.store.conf, "gc", "process",
                     "--include-all")

    def up(self, tool, kind, round_):
        if tool == "foldergate_put":
            with self.world.settings(s3_post_policy="no"):
                self.site.reload()
                figures = self.up_now(tool, kind, round_)
            self.site.reload()
            return figures
        return self.up_now(tool, kind, round_)

    def up_now(self, tool, kind, round_):
        below = "job_id=%s-%s-%d/" % (tool, kind, round_)
        figures = self.measure(getattr(self, tool + "_up")(
            self.world.path(kind), below))
        found = json.loads(self.quietly("rclone", "size", "--json",
                                        self.remote(below)))
        if (found["count"], found["bytes"]) != total(kind):
            raise RuntimeError("%s has stored %s" % (tool, found))
        self.forget(below)
        return figures

    def down(self, tool, kind):
        to = self.world.path("to")
        os.mkdir(to)
        figures = self.measure(getattr(self, tool + "_down")(
            "job_id=all-%s/" % kind, to))
        sizes = [os.path.getsize(os.path.join(top, name))
                 for top, _, names in os.walk(to) for name in names]
        if (len(sizes), sum(sizes)) != total(kind):
            raise RuntimeError("%s has loaded %d files" % (tool, len(sizes)))
        shutil.rmtree(to)
        return figures


def total(kind):
    n, size, _ = KINDS[kind]
    return n, n * size


def make(top, kind):
    n, size, _ = KINDS[kind]
    os.mkdir(top)
    for i in range(n):
        with open(os.path.join(top, "f%04d" % i), "wb") as f:
            for at in range(0, size, MIB):
                f.write(os.urandom(min(MIB, size - at)))


def show(title, found):
    """found: tool to figures of each round."""
    rows = {tool: [statistics.median(column) for column in zip(*runs)]
            for tool, runs in found.items()}
    fastest = min(row[0] for row in rows.values())
    rclone = rows["rclone"][2] if "rclone" in rows else None
    print("\n%s\n%-22s %8s %17s %6s %8s %8s %9s" % (
        title, "", "wall s", "least to most", "ratio", "CPU s", "MiB",
        "of rclone"))
    for tool, (wall, cpu, mib) in rows.items():
        walls = [run[0] for run in found[tool]]
        print("%-22s %8.2f %8.2f %8.2f %6.2f %8.2f %8.1f %9s" % (
            NAMES[tool], wall, min(walls), max(walls), wall / fastest, cpu,
            mib, "%.3f" % (mib / rclone) if rclone else ""), flush=True)


NAMES = {"foldergate": "foldergate", "foldergate_put": "foldergate, PUT",
         "rclone": "rclone",
         "rclone_whole": "rclone, not in parts", "s3cmd": "s3cmd",
         "python": "Python, 4 threads", "python_one": "Python, 1 thread"}


def tools(kind, way, there):
    return [tool for tool in NAMES
            if tool.partition("_")[0] in there and
            hasattr(Bench, tool + way) and
            (tool != "rclone_whole" or kind == "large") and
            (tool != "python_one" or kind != "large")]


def versions():
    """Print them; the tools that are there."""
    there = ["foldergate"]
    for tool, command in NEEDS.items():
        try:
            out = subprocess.run(command, check=True, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL).stdout.decode()
            print("# " + out.splitlines()[0])
            there.append(tool)
        except (OSError, subprocess.CalledProcessError):
            print("# SKIP %s: sh scripts/setup.sh bench installs it" % tool)
    return there


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--rounds", type=int, default=5)
    args.add_argument("kind", nargs="*", default=list(KINDS))
    args = args.parse_args()
    there = versions()
    if "rclone" not in there:
        sys.exit("rclone is needed: it also empties the store between runs")
    b = Bench()
    print("# %s rounds, in which the tools take turns; medians; ratio to the "
          "fastest" % args.rounds)
    for kind in args.kind:
        top = b.world.path(kind)
        make(top, kind)
        for way in "_up", "_down":
            found = {tool: [] for tool in tools(kind, way, there)}
            if way == "_down":
                below = "job_id=all-%s/" % kind
                b.quietly(*b.foldergate_up(top, below))
            for i in range(args.rounds):
                for tool in random.sample(list(found), len(found)):
                    found[tool].append(b.up(tool, kind, i) if way == "_up"
                                       else b.down(tool, kind))
            show("%s %s" % ("upload" if way == "_up" else "download",
                            KINDS[kind][2]), found)
        b.forget(below)
        shutil.rmtree(top)


if __name__ == "__main__":
    main()
