"""A master with replicas, and the sentinels over them: real ones, and ones that
say whatever a test wants."""

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

import endpoint
import servers
from shared import REDIS

NAME = "mymaster"


def _read(f):
    """One answer: text, a list, or None; of an error its text."""
    line = f.readline().decode(errors="replace").rstrip("\r\n")
    kind, rest = line[:1], line[1:]
    if kind == "$":
        return None if rest == "-1" else f.read(int(rest) + 2)[:-2].decode(
            errors="replace")
    if kind == "*":
        return [_read(f) for _ in range(int(rest))] if rest != "-1" else None
    return rest


def say(port, *words):
    """One command; its answer, or None if nobody gives one."""
    text = b"*%d\r\n" % len(words) + b"".join(
        b"$%d\r\n%s\r\n" % (len(w), w) for w in map(str.encode, words))
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as s:
            s.sendall(text)
            return _read(s.makefile("rb"))
    except OSError:
        return None


def folder():
    path = tempfile.mkdtemp(prefix="foldergate-", dir="/tmp")
    atexit.register(shutil.rmtree, path, True)
    return path


def set_clock(path, now):
    with open(path, "r+b" if os.path.exists(path) else "wb") as f:
        f.write((1000 * now).to_bytes(8, sys.byteorder))


class Node:
    """A redis-server on a port of its own, with these lines of configuration.
    clock: the file of its clock.  kind: "--sentinel"."""

    def __init__(self, top, *lines, clock=None, kind=()):
        self.port = servers.free_port()
        path = os.path.join(top, str(self.port))
        os.mkdir(path)
        self._conf, self._kind = os.path.join(path, "conf"), kind
        with open(self._conf, "w") as f:
            f.write("\n".join(["port %d" % self.port, "bind 127.0.0.1",
                               "dir " + path, *lines]) + "\n")
        self._env = {} if clock is None else {
            "REDIS_CLOCK": clock, "LD_PRELOAD": os.path.join(
                endpoint.BUILD, "test", "redis_clock.so")}
        atexit.register(self.kill)
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [REDIS, self._conf, *self._kind], env={**os.environ, **self._env},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        if not servers.until(lambda: self.say("PING") == "PONG", 20):
            raise RuntimeError("redis-server does not start")

    def say(self, *words):
        return say(self.port, *words)

    def send(self, number):
        self.process.send_signal(number)

    def kill(self):
        """Even if it is stopped."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Cluster:
    """A master, two replicas, three sentinels."""

    def __init__(self, down_after_ms=500):
        self._dir = folder()
        self._clock = os.path.join(self._dir, "clock")
        self.at(0)
        self.nodes, self.sentinels = [], []
        for _ in range(3):
            self.nodes.append(Node(
                self._dir, 'save ""', "repl-diskless-sync-delay 0",
                "repl-timeout 3600", *("replicaof 127.0.0.1 %d" % n.port
                                       for n in self.nodes[:1]),
                clock=self._clock))
        for _ in range(3):
            self._watch(down_after_ms)
        if not servers.until(self._complete, 30, 0.1):
            raise RuntimeError("the sentinels do not find each other")

    def _watch(self, down_after_ms):
        self.sentinels.append(Node(
            self._dir,
            "sentinel monitor %s 127.0.0.1 %d 2" % (NAME, self.nodes[0].port),
            "sentinel down-after-milliseconds %s %d" % (NAME, down_after_ms),
            "sentinel failover-timeout %s 5000" % NAME,
            "sentinel parallel-syncs %s 2" % NAME, kind=["--sentinel"]))

    def _complete(self):
        said = [s.say("SENTINEL", "MASTER", NAME) for s in self.sentinels]
        return all(words[words.index(name) + 1] == "2" for words in said
                   for name in ("num-slaves", "num-other-sentinels"))

    def settings(self):
        return {"state_redis_sentinels": ", ".join(
            "127.0.0.1:%d" % s.port for s in self.sentinels)}

    def at(self, now):
        """Set the clock of every Redis; 0: the machine's."""
        set_clock(self._clock, now)

    def named(self):
        """The ports that the sentinels name as that of the master."""
        found = [s.say("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME)
                 for s in self.sentinels]
        return [int(place[1]) for place in found if place]

    def master(self):
        """The node that more than half of the sentinels name."""
        found = self.named()
        for node in self.nodes:
            if found.count(node.port) > 1:
                return node
        return None

    def replicas(self):
        master = self.master()
        return [n for n in self.nodes if n is not master and
                n.process.poll() is None]

    def synced(self):
        """Wait until every replica that runs has all that the master has."""
        master, replicas = self.master(), self.replicas()
        return servers.until(lambda: master.say(
            "WAIT", str(len(replicas)), "100") == str(len(replicas)), 20)

    def failed_over(self, before, seconds=60):
        """Wait until another master is named, and it serves."""
        def other():
            now = self.master()
            return now is not None and now is not before and \
                "role:master" in (now.say("INFO", "replication") or "")
        return servers.until(other, seconds)

    def stop(self):
        for node in self.sentinels + self.nodes:
            node.kill()


class Fake:
    """A sentinel that answers with this, whatever it is asked; None: never.
    asked: how often."""

    def __init__(self, answer):
        self.answer, self.asked = answer, 0
        self._listen = socket.create_server(("127.0.0.1", 0))
        self.port = self._listen.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                peer, _ = self._listen.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,),
                             daemon=True).start()

    def _serve(self, peer):
        with peer:
            while True:
                try:
                    asked = peer.recv(65536)
                    if not asked:
                        return
                    self.asked += 1
                    if self.answer is not None:
                        peer.sendall(self.answer)
                except OSError:
                    return

    def stop(self):
        self._listen.close()


def master_at(port, host="127.0.0.1"):
    """The answer of a sentinel that names this master."""
    port = str(port)
    return ("*2\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n" % (
        len(host.encode()), host, len(port), port)).encode()
