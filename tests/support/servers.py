"""Real servers for the tests: lighttpd with the shipped configuration, and an
S3 server.  Each is in the directory of a world, on a free port of 127.0.0.1,
and is stopped by its pid however the test ends."""

import atexit
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import endpoint

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def _leave(number, frame):
    sys.exit(128 + number)


# What atexit has to stop must be stopped then as well.
for _signal in signal.SIGHUP, signal.SIGTERM:
    signal.signal(_signal, _leave)


def until(true, seconds, step=0.01):
    """Wait until true() is; what it returned last."""
    end = time.monotonic() + seconds
    while not (value := true()) and time.monotonic() < end:
        time.sleep(step)
    return value


# --- processes ---------------------------------------------------------------

def _stat(pid):
    """State, parent, ... of a process; None if there is no such process."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rpartition(")")[2].split()
    except OSError:
        return None


def started(pid):
    """When a process was started, None once it has ended: with this, a pid
    names one process for ever."""
    stat = _stat(pid)
    return None if stat is None or stat[0] in "ZX" else stat[19]


def children(pid):
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [p for p in pids if (_stat(p) or [0, 0])[1] == str(pid)]


def stop(processes):
    """End processes, pairs of pid and start: TERM, then KILL."""
    for number in signal.SIGTERM, signal.SIGKILL:
        left = [(p, s) for p, s in processes if s and started(p) == s]
        for pid, _ in left:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        if until(lambda: all(started(p) != s for p, s in left), 5):
            return


def free_port():
    """Below the range that the kernel gives to clients, at random."""
    for _ in range(200):
        port = random.randrange(20000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port")


# --- HTTP --------------------------------------------------------------------

class Response:
    """code; headers, a list of pairs; header, by name in lower case (what is
    there twice, joined by a comma); body; text."""

    def __init__(self, code, headers, body):
        self.code, self.headers, self.body = code, headers, body
        self.header = {}
        for name, value in headers:
            name = name.lower()
            self.header[name] = (self.header[name] + ", " + value
                                 if name in self.header else value)
        self.text = body.decode("utf-8", "replace")

    def __str__(self):
        return "status %d\n%s\n%s" % (self.code, "\n".join(
            "%s: %s" % h for h in self.headers), self.text)


def read_response(sock, method="GET"):
    """The next answer on a connection."""
    r = http.client.HTTPResponse(sock, method=method)
    try:
        r.begin()
        return Response(r.status, r.getheaders(), r.read())
    finally:
        r.close()


def raw(port, data, method="GET", timeout=20):
    """Send these bytes; the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout) as s:
        s.sendall(data)
        return read_response(s, method)


def ask(port, method, target, body=None, headers=(), version="1.1",
        host="127.0.0.1"):
    """A request with exactly these headers, and Host, Content-Length and
    Connection: close."""
    lines = ["%s %s HTTP/%s" % (method, target, version),
             "Host: %s:%d" % (host, port), "Connection: close"]
    lines += ["%s: %s" % h for h in headers]
    if body is not None:
        lines.append("Content-Length: %d" % len(body))
    head = "\r\n".join(lines) + "\r\n\r\n"
    return raw(port, head.encode("latin-1") + (body or b""), method)


# --- lighttpd ----------------------------------------------------------------

class Web:
    """lighttpd with the shipped configuration, in front of the programs of
    the build.  port; pid; log, sockets and uploads, directories.  conf: a
    function that makes another configuration of the shipped one.  user: become
    the user that the configuration names, which only root can; otherwise the
    server stays who it is, because the world is closed to others."""

    def __init__(self, world, conf=None, user=False):
        # A unix socket's path holds 107 bytes.
        self.sockets = tempfile.mkdtemp(prefix="foldergate-", dir="/tmp")
        atexit.register(shutil.rmtree, self.sockets, True)
        self.log, self.uploads = world.path("log"), world.path("uploads")
        for path in self.log, self.uploads:
            os.makedirs(path, exist_ok=True)
        self.port = free_port()
        text = self._shipped(world)
        if user:
            for path in self.sockets, self.log, self.uploads:
                shutil.chown(path, "www-data")
        else:
            text = re.sub(r"^server\.(user|group)name = .*\n", "", text,
                          flags=re.M)
        self.conf = world.write("lighttpd-%d.conf" % self.port,
                                conf(text) if conf else text)
        self._process = None
        atexit.register(self.stop)
        self.start()

    def start(self, clear=True):
        """clear: with an empty directory of sockets, as it should be."""
        if clear:
            for name in os.listdir(self.sockets):
                os.unlink(os.path.join(self.sockets, name))
        path = os.environ.get("PATH", "") + ":/usr/sbin"
        with open(os.path.join(self.log, "lighttpd"), "ab") as out:
            self._process = subprocess.Popen(
                ["lighttpd", "-D", "-f", self.conf], stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, env={"PATH": path})
        self.pid = self._process.pid
        if not until(self._serves, 10):
            raise RuntimeError("lighttpd does not serve:\n" +
                               self.logs()[-3000:])

    def _shipped(self, world):
        here = os.path.join(ROOT, "lighttpd-conf")
        with open(os.path.join(here, "lighttpd.conf")) as f:
            conf = f.read()
        for old, new in [
                (r"/run/foldergate", self.sockets),
                (r"/var/log/lighttpd", self.log),
                (r"/var/cache/lighttpd/uploads", self.uploads),
                (r"^(var\.foldergate_conf = ).*", '"%s"' % here),
                (r"^(var\.foldergate_programs = ).*",
                 '"%s"' % os.path.join(endpoint.BUILD, "cgi-bin")),
                (r"^(var\.foldergate_config = ).*", '"%s"' % world.conf),
                (r"^(server\.port = ).*", str(self.port))]:
            conf, n = re.subn(
                old, lambda m: (m[1] if m.re.groups else "") + new, conf,
                flags=re.M)
            if n == 0:
                raise RuntimeError("no %s in lighttpd.conf" % old)
        return conf

    def _serves(self):
        if self._process.poll() is not None:
            return False
        try:
            return ask(self.port, "GET", "/").code
        except OSError:
            return False

    def logs(self):
        """What all logs hold."""
        text = ""
        for name in sorted(os.listdir(self.log)):
            with open(os.path.join(self.log, name), errors="replace") as f:
                text += "--- %s\n%s" % (name, f.read())
        return text

    def programs(self):
        """The processes of the programs, pairs of pid and start."""
        return [(p, started(p)) for p in children(self.pid)]

    def kill(self):
        """As the kernel does when memory is short."""
        self._process.kill()
        self._process.wait()

    def stop(self):
        """lighttpd tells its programs to stop, but does not wait for them."""
        if self._process is not None and self._process.poll() is None:
            all_of_it = [(p, started(p)) for p in
                         [self.pid] + children(self.pid)]
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            until(lambda: all(started(p) != s for p, s in all_of_it), 2)
            stop(all_of_it)


# --- S3 ----------------------------------------------------------------------

class Store:
    """The S3 server of scripts/s3-server.sh.  endpoint, region, bucket, key_id
    and secret of the bucket's owner; other_bucket; conf, for Ceph's tools."""

    def __init__(self, world, bucket="miners-data", other="others-data"):
        self.dir = world.path("s3")
        atexit.register(self.stop)
        self._script("up", self.dir, bucket, other)
        values = {}
        with open(os.path.join(self.dir, "s3.env")) as f:
            for line in f:
                name, _, values[name] = line.rstrip("\n").partition("=")
        self.endpoint = values["S3_ENDPOINT"]
        self.host = self.endpoint.partition("://")[2]
        self.port = int(self.host.rpartition(":")[2])
        self.region, self.bucket = values["S3_REGION"], values["S3_BUCKET"]
        self.key_id, self.secret = values["ACCESS_KEY"], values["SECRET"]
        self.other_bucket = other
        self.conf = os.path.join(self.dir, "ceph", "ceph.conf")

    def _script(self, *args):
        """Not killed if we are interrupted: it would leave its daemons."""
        script = os.path.join(ROOT, "scripts", "s3-server.sh")
        p = subprocess.Popen(["sh", script, *args], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            out = p.communicate(timeout=120)[0]
        except BaseException:
            p.terminate()
            p.wait(30)
            raise
        if p.returncode != 0:
            raise RuntimeError(out.decode("utf-8", "replace"))

    def stop(self):
        """At the very end; what disturbed it would leave its daemons."""
        for number in signal.SIGHUP, signal.SIGINT, signal.SIGTERM:
            signal.signal(number, signal.SIG_IGN)
        self._script("down", self.dir)

    def user(self, name):
        """Make a user with a key pair of its own; key id and secret."""
        out = subprocess.run(
            ["radosgw-admin", "-c", self.conf, "user", "create",
             "--uid=" + name, "--display-name=" + name], check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, timeout=60).stdout
        key = json.loads(out)["keys"][0]
        return key["access_key"], key["secret_key"]
