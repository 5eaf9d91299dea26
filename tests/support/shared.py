"""Shared state under load: worlds with limits, on either engine, whose clock
can be moved while processes run; a Redis of our own; many requests at once."""

import atexit
import collections
import concurrent.futures
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

import endpoint
import fcgi
import servers
from validators import Validators

GRANT = "get-folder-access"
REDIS = os.environ.get("REDIS", "/usr/bin/redis-server")

# As they are where nothing is set.
USUAL = {"limits_" + name: None for name in (
    "replay", "folder_grants", "file_grants", "validator_answers",
    "validator_urls")}


class Shared(Validators):
    """A ledger that is an hour old.  clock: the file that processes read."""

    def __init__(self, redis=None, **settings):
        if redis is not None:
            settings = {**redis.settings(), **settings}
        self._redis = redis
        super().__init__(**{**USUAL, **settings})
        self.clock = self.path("clock")
        self.at(self.now)

    def wake(self):
        if self._redis is not None:
            self._redis.at(self.now - 3600)
        super().wake()

    def at(self, now):
        """Move the clock, and learn who is registered anew."""
        self.now = now
        if self._redis is not None:
            self._redis.at(now)
        self.set_clock("clock", now)
        self.snapshot()

    def serve(self, name=GRANT, count=1, **env):
        return fcgi.Service(self, name, count, env, now=self.clock)

    def audited(self, **settings):
        """Keep an audit log."""
        self.configure(audit_key_file=self.secret("audit.key", "k" * 32),
                       **settings)
        return self

    def written(self, name="audit.log"):
        """What is written there, torn lines left out."""
        found = []
        with open(self.path("state/" + name), errors="replace") as f:
            for line in f:
                try:
                    found.append(json.loads(line))
                except ValueError:
                    continue
        return found

    def usage(self):
        """What foldergate usage tells was granted: counts by name."""
        r = self.cli("usage")
        if r.status != 0:
            raise RuntimeError(str(r))
        rows = [line.split() for line in r.text.splitlines()]
        return {row[0]: int(row[1]) for row in rows
                if row[0].startswith(("hotkey/", "coldkey/", "total/"))}

    def used(self, key=None, kind="folder_grants"):
        return self.usage().get("hotkey/%s/%s" % (
            (key or self.miner).ss58, kind), 0)


def ask(service, body, **variables):
    """Post a body, a dict or bytes; the answer, or None."""
    if isinstance(body, dict):
        body = json.dumps(body).encode()
    return service.ask({**fcgi.post(body), **variables}, body)


def said(a):
    """An answer in a word."""
    if a is None:
        return "none"
    return "granted" if a.code == 200 else a.json["code"]


def tally(answers):
    return dict(collections.Counter(map(said, answers)))


def wrong(answers):
    """What no answer may be like."""
    return [line for a in answers if a is not None for line in a.wrong]


def at_once(ask_one, things, peers=16):
    """What ask_one makes of each, as many at a time as there are peers."""
    with concurrent.futures.ThreadPoolExecutor(peers) as pool:
        return list(pool.map(ask_one, things))


# --- Redis -------------------------------------------------------------------

class Redis:
    """One on a unix socket, with these options; nothing is kept on a disk
    unless they say so.  path: of the socket."""

    def __init__(self, *options):
        self.dir = tempfile.mkdtemp(prefix="foldergate-", dir="/tmp")
        self.path = os.path.join(self.dir, "redis")
        self._options, self._process = options, None
        self._clock = os.path.join(self.dir, "clock")
        self.at(0)
        atexit.register(shutil.rmtree, self.dir, True)
        atexit.register(self.kill)
        self.start()

    def settings(self):
        return {"state_redis_url": "unix://" + self.path}

    def start(self):
        self._process = subprocess.Popen(
            [REDIS, "--port", "0", "--unixsocket", self.path, "--save", "",
             "--dir", self.dir, *self._options],
            env={**os.environ, "REDIS_CLOCK": self._clock, "LD_PRELOAD":
                 os.path.join(endpoint.BUILD, "test", "redis_clock.so")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not servers.until(self._serves, 20):
            raise RuntimeError("redis-server does not start")

    def at(self, now):
        """Set its clock to these Unix seconds; 0: the machine's."""
        with open(self._clock, "r+b" if os.path.exists(self._clock) else
                  "wb") as f:
            f.write((1000 * now).to_bytes(8, sys.byteorder))

    def _serves(self):
        try:
            return not self.say("PING").startswith("-LOADING")
        except OSError:
            return False

    def say(self, line):
        """One command; its answer as it comes, that to QUIT behind it."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            s.connect(self.path)
            s.sendall(b"%s\r\nQUIT\r\n" % line.encode())
            answer = b""
            while more := s.recv(65536):
                answer += more
        return answer.decode(errors="replace")

    def send(self, number):
        self._process.send_signal(number)

    def end(self):
        """Ask it to; all that it should keep is then on the disk."""
        self.send(signal.SIGTERM)
        self._process.wait(20)

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def on_both(test, *options):
    """A test that runs test(t, engine, redis) on the ledger in a file, then on
    that in a Redis with these options."""
    def both(t):
        test(t, "local", None)
        if not os.access(REDIS, os.X_OK):
            t.skip("redis: " + test.__name__, "no " + REDIS)
            return
        redis = Redis(*options)
        test(t, "redis", redis)
        redis.kill()
    both.__name__ = test.__name__
    return both
