"""A FastCGI client, record by record, and programs that serve it on a unix
socket of ours.  Source: FastCGI Specification 1.0."""

import atexit
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile

import endpoint
import planted
import servers

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR = range(1, 8)
RESPONDER, KEEP_CONN = 1, 1


def record(kind, content=b"", request=1):
    return struct.pack("!BBHHBx", 1, kind, request, len(content), 0) + content


def begin(flags=0):
    return record(BEGIN, struct.pack("!HB5x", RESPONDER, flags))


def pair(name, value):
    def length(n):
        return bytes([n]) if n < 128 else struct.pack("!I", n | 1 << 31)
    name, value = name.encode(), value.encode()
    return length(len(name)) + length(len(value)) + name + value


def params(variables, end=True):
    """variables: a dict, or a list of pairs, which may hold a name twice."""
    if isinstance(variables, dict):
        variables = variables.items()
    text = b"".join(pair(n, v) for n, v in variables)
    return record(PARAMS, text) + (record(PARAMS) if end else b"")


def body(data, step=65535, end=True):
    return b"".join(record(STDIN, data[i:i + step])
                    for i in range(0, len(data), step)) + \
        (record(STDIN) if end else b"")


def post(data, length=None):
    """The variables of a POST of data; length: what is announced of it."""
    return {"REQUEST_METHOD": "POST", "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(data) if length is None else length),
            "REMOTE_ADDR": "192.0.2.7"}


def whole(variables, data=b""):
    """A whole request."""
    return begin() + params(variables) + body(data)


class Connection:
    def __init__(self, path, timeout=20, name=None):
        self.name = name
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(timeout)
        self.sock.connect(path)
        self._rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)

    def _take(self, n):
        while len(self._rest) < n:
            try:
                more = self.sock.recv(65536)
            except ConnectionError:
                more = b""
            if not more:
                return None
            self._rest += more
        data, self._rest = self._rest[:n], self._rest[n:]
        return data

    def answer(self, allow="POST"):
        """An endpoint.Answer; None if there is none, or if the connection
        ended before END_REQUEST."""
        out = b""
        while (head := self._take(8)) is not None:
            _, kind, _, size, padding = struct.unpack("!BBHHBx", head)
            content = self._take(size + padding)
            if content is None:
                return None
            if kind == STDOUT:
                out += content[:size]
            elif kind == END:
                return None if not out else endpoint.Answer(
                    endpoint.Result(0, out, b""), allow, self.name)
        return None


def _hears_term(pid):
    """Has it come so far that SIGTERM does not simply kill it?"""
    with open("/proc/%d/status" % pid) as f:
        caught = re.search(r"^SigCgt:\s*(\w+)", f.read(), re.M)
    return int(caught[1], 16) >> (signal.SIGTERM - 1) & 1 if caught else 0


class Service:
    """Processes of one program on one listening socket, which stays open
    here.  processes: those started; path: of the socket.  user: the number
    of a user, and group, that root starts them as.  now: of the test build,
    whose clock stands there; a path: as in that file."""

    def __init__(self, world, name, count=1, env=None, user=None, now=None):
        self._dir = tempfile.mkdtemp(prefix="foldergate-", dir="/tmp")
        atexit.register(shutil.rmtree, self._dir, True)
        self.path = os.path.join(self._dir, "socket")
        self._listen = socket.socket(socket.AF_UNIX)
        self._listen.bind(self.path)
        self._listen.listen(1024)
        self._name = name
        self._program = os.path.join(
            endpoint.BUILD, "test" if now is not None else "", "cgi-bin", name)
        self._as = {} if user is None else {
            "user": user, "group": user, "extra_groups": []}
        self._env = {"FOLDERGATE_CONFIG": world.conf, **(env or {})}
        if now is not None:
            self._env["FOLDERGATE_NOW"] = str(now)
        self.log_path = os.path.join(self._dir, "log")
        self.processes = []
        atexit.register(self.stop)
        for _ in range(count):
            self.start()

    def start(self, **more):
        with open(self.log_path, "ab") as log:
            self.processes.append(subprocess.Popen(
                [self._program], stdin=self._listen, env=self._env,
                stdout=subprocess.DEVNULL, stderr=log, **self._as, **more))
        process = self.processes[-1]
        servers.until(lambda: process.poll() is not None or
                      _hears_term(process.pid), 5, 0.001)
        return process

    def connect(self, timeout=20):
        return Connection(self.path, timeout, self._name)

    def ask(self, variables, data=b"", allow="POST", timeout=20):
        with self.connect(timeout) as c:
            c.send(whole(variables, data))
            return c.answer(allow)

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def alive(self):
        return [p.poll() is None for p in self.processes]

    def ends(self, process, seconds):
        """Does it end within that time?  Its exit status, else None."""
        servers.until(lambda: process.poll() is not None, seconds, 0.001)
        return process.poll()

    def stop(self):
        for p in self.processes:
            if p.poll() is None:
                planted.process(p.pid)
                p.send_signal(signal.SIGTERM)
        for p in self.processes:
            if self.ends(p, 3) is None:
                p.kill()
                p.wait()
        planted.folder(self._dir, ())
        self._listen.close()
