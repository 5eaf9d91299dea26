#!/usr/bin/python3
"""The process of get-file-upload-url that asks the store: it holds no secret,
can do nothing else, is made again when it dies, and ends with its program."""

import contextlib
import ctypes
import http.server
import json
import os
import re
import signal
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import fcgi
import servers
import tap
import world
from world import NOW

NAME = "get-file-upload-url"
BODY = {"job_id": "default_0",
        "filename": "data_20261122_101112_250_0123456789abcdef.parquet"}
AUDIT = "audit/only+0123456789abcdef0123456789"


class Store(http.server.BaseHTTPRequestHandler):
    """Has no file.  It waits for `go` before it answers."""
    protocol_version = "HTTP/1.1"
    go, asked = threading.Event(), threading.Event()

    def do_HEAD(self):
        self.asked.set()
        self.go.wait(5)
        with contextlib.suppress(OSError):
            self.send_response_only(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *_):
        pass


Store.go.set()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Store)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()

w = world.World(s3_endpoint="http://127.0.0.1:%d" % server.server_port)
w.configure(audit_key_file=w.secret("audit.key", AUDIT))
w.snapshot()


def start(**env):
    return fcgi.Service(w, NAME, now=w.set_clock("clock", NOW), env=env)


def ask(s, timeout=20):
    raw = json.dumps(BODY).encode()
    a = s.ask({**fcgi.post(raw), **{
        "HTTP_" + n.upper().replace("-", "_"): v
        for n, v in w.miner.tao(raw, NOW * 1000).items()}}, raw,
        timeout=timeout)
    return a.code if a else None


def children(pid):
    with contextlib.suppress(OSError), \
            open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        return [int(n) for n in f.read().split()]
    return []


def family(s):
    """The program, the keeper, the process that asks."""
    program = s.processes[0].pid
    servers.until(lambda: children(program) and
                  children(children(program)[0]), 5)
    keeper = children(program)[0]
    return program, keeper, children(keeper)[0]


def gone(pid):
    """Has it ended?  A zombie has, too."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def memory(pid):
    """All that it has in memory and can write, or could."""
    held = []
    with open("/proc/%d/maps" % pid) as maps, \
            open("/proc/%d/mem" % pid, "rb", 0) as mem:
        for line in maps:
            begin, end, rights = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
            if "r" in rights and "[v" not in line:
                with contextlib.suppress(OSError, OverflowError):
                    mem.seek(int(begin, 16))
                    held.append(mem.read(int(end, 16) - int(begin, 16)))
    return b"".join(held)


def status(pid, name):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"^%s:\s+(\d+)" % name, f.read(), re.M)[1])


def holds_none(t):
    """A secret from a file, one from the environment, the audit key."""
    if os.geteuid() != 0:
        t.skip("the process that asks holds no secret",
               "only root may look at its memory")
        return
    other = "environment/only+0123456789abcdef"
    endpoint.never.add(other)
    with w.settings(s3_upload_access_key_id="UPLOADKEYID"):
        s = start(FOLDERGATE_S3_UPLOAD_SECRET_ACCESS_KEY=other)
        t.same(ask(s), 200, "an upload is granted with both secrets")
        program, keeper, asker = family(s)
        for who, pid in ("keeper", keeper), ("process that asks", asker):
            held = memory(pid)
            t.ok(len(held) > 100000 and NAME.encode() in held,
                 "the memory of the %s can be looked at" % who)
            for what, text in [("secret from a file", world.SECRET),
                               ("secret from the environment", other),
                               ("audit key", AUDIT)]:
                t.ok(text.encode() not in held,
                     "the %s holds no %s" % (who, what))
        held = memory(program)
        t.ok(AUDIT.encode() in held or world.SECRET.encode() in held,
             "a secret would be found, since the program holds one")
        s.stop()


def limited(t):
    s = start()
    t.same(ask(s), 200, "an upload is granted in a sandbox")
    program, _, asker = family(s)
    for who, pid in ("program", program), ("process that asks", asker):
        t.same((status(pid, "Seccomp"), status(pid, "NoNewPrivs")), (2, 1),
               "the calls of the %s are limited" % who)
    t.ok(not any("socket:" in os.readlink("/proc/%d/fd/0" % pid)
                 for pid in family(s)[1:]),
         "the listening socket is the program's alone")
    s.stop()
    with w.settings(web_sandbox="no"):
        s = start()
        t.same(ask(s), 200, "an upload is granted without a sandbox")
        t.same(status(family(s)[2], "Seccomp"), 0,
               "web.sandbox = no leaves the calls of the process that asks")
        s.stop()


def dies(t):
    """The process that asks, idle and in a request."""
    s = start()
    t.same(ask(s), 200, "an upload is granted before anything dies")
    program, keeper, asker = family(s)
    os.kill(asker, signal.SIGKILL)
    servers.until(lambda: asker not in children(keeper) and children(keeper),
                  5)
    t.same(ask(s), 200, "an upload is granted once the process that asks is "
           "made again")
    asker = family(s)[2]
    Store.go.clear()
    Store.asked.clear()
    codes = []
    waits = threading.Thread(target=lambda: codes.append(ask(s)))
    waits.start()
    Store.asked.wait(5)
    os.kill(asker, signal.SIGKILL)
    waits.join(10)
    Store.go.set()
    t.same(codes, [503], "a request whose process dies is refused at once")
    t.same((ask(s), s.alive()), (200, [True]),
           "the next request is granted by the same program")
    t.ok("asker_lost" not in s.log(), "a process that is made again is not "
         "lost", s.log())
    s.stop()


def keeper_dies(t):
    s = start()
    t.same(ask(s), 200, "an upload is granted before the keeper dies")
    program, keeper, asker = family(s)
    os.kill(keeper, signal.SIGKILL)
    servers.until(lambda: gone(asker), 5)
    t.ok(gone(asker), "the process that asks ends with its keeper")
    t.same(ask(s), 503, "without anybody who asks an upload is refused")
    t.same(s.ends(s.processes[0], 5), 0, "the program then ends, so that its "
           "web server starts another")
    t.same(s.log().count('"asker_lost"'), 1, "the log tells why it ends")
    s.start()
    t.same(ask(s), 200, "the next program grants")
    s.stop()


def ends(t):
    """However the program ends, nobody is left."""
    for how in signal.SIGTERM, signal.SIGKILL:
        s = start()
        ask(s)
        _, keeper, asker = family(s)
        s.processes[0].send_signal(how)
        s.processes[0].wait(10)
        servers.until(lambda: gone(keeper) and gone(asker), 5)
        t.ok(gone(keeper) and gone(asker), "no process is left of a program "
             "that ended by %s" % how.name)
        s.stop()
    s = start()
    program, keeper, asker = family(s)
    for pid in asker, keeper:
        os.kill(pid, signal.SIGTERM)
    t.same((ask(s), family(s)), (200, (program, keeper, asker)),
           "a signal that stops the program stops no request to the store")
    s.stop()


def plain(t):
    """As CGI there is one process, which ends before the program does."""
    raw = json.dumps(BODY).encode()
    w.miner.sign("a first text starts the signer")

    # Whoever is left of a program becomes a child of this one.
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    before = children(os.getpid())
    a = w.post(raw, name=NAME, **{
        "HTTP_" + n.upper().replace("-", "_"): v
        for n, v in w.miner.tao(raw, NOW * 1000).items()})
    t.same((a.code, a.status), (200, 0), "a plain CGI program asks the store")
    t.same(children(os.getpid()), before,
           "no process is left of a plain CGI program")


if __name__ == "__main__":
    tap.run([holds_none, limited, dies, keeper_dies, ends, plain],
            endpoint.check_outputs)
