#!/usr/bin/python3
"""foldergate doctor on the server: each part that is broken is one row, and the
command in that row mends it."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import chain
import endpoint
import fcgi
import page
import servers
import tap

OTHER = 65534
ROOT = os.geteuid() == 0
BIN = os.path.join(endpoint.BUILD, "bin")

w = chain.Chain(limits_replay=None)
w.now = int(time.time())
node = w.node()
w.use(node, audit_key_file=w.secret("audit.key", "k" * 32),
      metrics_token_file=w.secret("metrics.token", "a token of enough bytes"),
      # Nobody listens there: the row of the store is bad throughout.
      s3_endpoint="http://127.0.0.1:%d" % servers.free_port())
SOCKETS = w.path("sockets")
os.mkdir(SOCKETS)
SECRET = w.path("s3.secret")

# The commands that a row names, without the programs of an administrator.
TOOLS = w.path("tools")
os.mkdir(TOOLS)
w.write("tools/sudo", "#!/bin/sh\n[ \"$1\" = -u ] && shift 2\nexec \"$@\"\n",
        0o755)


def doctor(*args, world=w, **more):
    return world.cli("doctor", "--here", "--sockets", SOCKETS, *args,
                     installed=True, **more)


def rows(*args, **more):
    """check: (result, finding, mend)."""
    r = doctor("--json", *args, **more)
    found = json.loads(r.text)
    if (r.status == 0) != found["ok"] or found["ok"] == any(
            c["result"] == "bad" for c in found["checks"]):
        raise RuntimeError(str(r))
    return {c["check"]: (c["result"], c["finding"] or "", c["mend"])
            for c in found["checks"]}


def changed(before, after):
    """Rows that are not ok and were otherwise before."""
    return {k: v for k, v in after.items()
            if v[0] != "ok" and before.get(k, ("ok",))[0] != v[0]}


@contextlib.contextmanager
def kept():
    """Afterwards all files are as they were."""
    copy = w.dir + ".kept"
    subprocess.run(["cp", "-a", w.dir, copy], check=True)
    try:
        yield
    finally:
        subprocess.run(["sh", "-c", "chmod -R u+rwX \"$1\"; "
                        "find \"$1\" -mindepth 1 -delete; "
                        "cp -a \"$2/.\" \"$1\"; rm -rf \"$2\"",
                        "sh", w.dir, copy], check=True)


def mends(command, stdin=""):
    """Run what a row says, as a person who pastes it; that person also types
    the secret."""
    return subprocess.run(
        ["sh", "-c", command], input=stdin, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=60,
        env={**w.env(), "PATH": ":".join([TOOLS, BIN, os.environ["PATH"]])})


def swap(name, make):
    def do():
        path = w.path(name)
        if os.path.exists(path):
            os.unlink(path)
        make(path)
    return do


def write(name, text, mode=0o600):
    return lambda: w.write(name, text, mode)


def old(name, seconds):
    def do():
        path = os.path.join(w.state, name)
        os.utime(path, (time.time() - seconds,) * 2)
    return do


def no_node():
    """A look that fails."""
    node.stop()
    w.sync(installed=True)


class Fault:
    """check: the row; how: bad or warn; why: in its finding; typed: what a
    person types into the command; mend False: the command only shows."""

    def __init__(self, text, check, how, why, do=None, typed="", mend=True,
                 root=False, **settings):
        self.text, self.check, self.how, self.why = text, check, how, why
        self.do, self.typed, self.mend, self.root = do, typed, mend, root
        self.settings = settings


FAULTS = [
    Fault("no snapshot", "the snapshot of the chain", "bad", "there is none",
          lambda: os.unlink(w.path("state/metagraph.snapshot"))),
    Fault("a snapshot that is damaged", "the snapshot of the chain", "bad", "",
          write("state/metagraph.snapshot", "x" * 4000, 0o644)),
    Fault("chain-sync stopped long ago", "chain-sync", "bad",
          "its last look was", old("chain-sync.status", 5000)),
    Fault("chain-sync never ran", "chain-sync", "bad", "it does not run",
          lambda: os.unlink(w.path("state/chain-sync.status"))),
    Fault("a secret that all may read", "the secret that signs uploads", "bad",
          "", lambda: os.chmod(SECRET, 0o644)),
    Fault("no secret", "the secret that signs uploads", "bad", "",
          lambda: os.unlink(SECRET), typed="tests/only+0123456789abcdefABCDEFG"
          "HIJKLM\n"),
    Fault("no audit key", "the key of the audit log", "bad", "",
          lambda: os.unlink(w.path("audit.key"))),
    Fault("no directory for the audit log", "the audit log", "warn", "",
          audit_file=w.path("none/audit.log")),
    Fault("a deny list that is damaged", "the deny list", "bad", "",
          write("state/denylist", "what is this\n", 0o640)),
    Fault("a ledger that is damaged", "the ledger", "bad", "",
          write("state/store.sqlite", "x" * 8192)),
    Fault("a directory in the place of the ledger", "the ledger", "bad", "",
          swap("state/store.sqlite", os.mkdir)),
    Fault("a directory in the place of the counts", "the counts for /metrics",
          "warn", "", swap("state/metrics.table", os.mkdir)),
    Fault("no token for /metrics", "the token for /metrics", "warn", "",
          lambda: os.unlink(w.path("metrics.token"))),
    Fault("a Redis that is down", "the ledger", "bad", "Redis", mend=False,
          state_redis_url="redis://127.0.0.1:%d" % servers.free_port()),
    Fault("a sandbox that is turned off", "the sandbox", "warn",
          "web.sandbox is no", mend=False, web_sandbox="no"),
    Fault("a public store without TLS", "an address without TLS", "warn",
          "not encrypted", mend=False,
          s3_public_endpoint="http://s3.example.org"),
    Fault("a look of chain-sync that failed", "chain-sync", "warn",
          "1 looks in a row failed", no_node, mend=False),
]


def well(t):
    w.sync(installed=True)
    # What the store refuses has a row; that there is no index has one, too.
    endpoint.program(os.path.join(BIN, "bucket-sync"), ["--once"], w.env())
    w.post(w.request())
    found = rows()
    wrong = {k for k, v in found.items() if v[0] != "ok"}
    t.same(wrong - {"the kernel's clock", "the sandbox", "the processes"},
           {"the store, asked now", "the store", "the index of the bucket",
            "bucket-sync"},
           "only what depends on the store that is away is not well")
    t.same(found["the store, asked now"][0], "bad",
           "a store that does not answer is bad")
    t.ok(found["chain-sync"][1].startswith("it ran; its last look was ") and
         found["the sockets"][1].startswith("none in " + SOCKETS) and
         found["the configuration"][1] == w.conf and
         re.fullmatch(r"block 7000000, \d+ s old",
                      found["the snapshot of the chain"][1]),
         "rows that are well say what was found", found)


def broken(t):
    for f in FAULTS:
        with kept(), w.settings(**f.settings):
            if f.do:
                f.do()
            new = changed(BASE, rows())
            t.ok(list(new) == [f.check] and new[f.check][0] == f.how and
                 f.why in new[f.check][1] and new[f.check][2],
                 "doctor finds that row and no other: " + f.text, new)
            if not f.mend or f.check not in new:
                continue
            if not ROOT:
                t.skip("the command of that row mends it: " + f.text,
                       "needs root")
                continue
            r = mends(new[f.check][2], f.typed)
            again = changed(BASE, rows())
            t.ok(r.returncode == 0 and not again,
                 "the command of that row mends it: " + f.text, new, r.stdout,
                 again)


def refused(t):
    with w.settings(limits_folder_grants="many"):
        found = rows()
    t.ok(list(found) == ["the configuration"] and
         found["the configuration"][0] == "bad" and
         "folder_grants" in found["the configuration"][1] and
         found["the configuration"][2] == "sudoedit " + w.conf,
         "a configuration that is refused is the only row", found)


def directories(t):
    """Of another user, with root as the one who looks."""
    if not ROOT or endpoint.closed_to_others():
        t.skip("root looks as the user of the programs", "needs root")
        return
    with kept():
        os.chmod(w.dir, 0o755)
        for name in [""] + os.listdir(w.state):
            os.chown(os.path.join(w.state, name), OTHER, OTHER)
        for path in SECRET, w.path("audit.key"), w.path("metrics.token"):
            os.chown(path, 0, OTHER)
            os.chmod(path, 0o640)
        found = rows()
        t.none([changed(BASE, found)] if changed(BASE, found) else [],
               "root sees the same as the user of the programs")
        t.same({os.lstat(os.path.join(w.state, n)).st_uid
                for n in os.listdir(w.state)}, {OTHER},
               "root leaves no file of its own")
        os.chmod(w.state, 0o500)
        new = changed(BASE, rows())
        t.ok(list(new) == ["the directory of the ledger"] and
             new["the directory of the ledger"][0] == "bad",
             "a directory that may not be written is one row", new)
        mends(new["the directory of the ledger"][2])
        t.none([rows()] if changed(BASE, rows()) else [],
               "the command of that row lets it be written again")
        r = doctor("--user", "nobody-here")
        t.ok(r.status == 1 and "nobody-here" in r.log, "a user who does not "
             "exist is named", r)


def room(t):
    if not ROOT:
        t.skip("a full disk is a row", "needs root")
        return
    small = w.path("small")
    os.mkdir(small)
    for options, why in (("size=8m", "MiB are free"),
                         ("size=900m,nr_inodes=60", "files can be made")):
        r = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs",
                            small], stderr=subprocess.PIPE)
        if r.returncode != 0:
            t.skip("a full disk is a row: " + why, "no mount here")
            continue
        try:
            with w.settings(audit_file=small + "/audit.log"):
                new = changed(BASE, rows())
            t.ok(list(new) == ["room for the audit log"] and
                 new["room for the audit log"][0] == "bad" and
                 why in new["room for the audit log"][1] and
                 mends(new["room for the audit log"][2]).returncode == 0,
                 "a full disk is a row: " + why, new)
        finally:
            subprocess.run(["umount", small], check=True)


# --- programs ----------------------------------------------------------------

class Strange(threading.Thread):
    """A socket whose program answers with these bytes; None: with silence."""

    def __init__(self, name, answer):
        super().__init__(daemon=True)
        self.path, self.answer = os.path.join(SOCKETS, name), answer
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.bind(self.path)
        self.sock.listen(5)
        self.start()

    def run(self):
        held = []
        while True:
            try:
                c, _ = self.sock.accept()
                if self.answer is None:
                    held.append(c)
                    continue
                c.recv(65536)
                c.sendall(self.answer)
                c.close()
            except OSError:
                return

    def stop(self):
        self.sock.close()
        os.unlink(self.path)


def cgi(text):
    return fcgi.record(fcgi.STDOUT, text) + fcgi.record(fcgi.END, b"\0" * 8)


STRANGE = [
    ("405 as it should", cgi(b"Status: 405 No\r\n\r\n"), None),
    ("no status, which is 200", cgi(b"X: y\r\n\r\n"), None),
    ("503, which is an answer", cgi(b"X: y\r\nstatus: 503 x\r\n\r\n"), None),
    ("500", cgi(b"Status: 500 x\r\n\r\nbody"), "it cannot start"),
    ("nothing and an end", b"", "ends before it has answered"),
    ("silence", None, "does not answer in time"),
    ("HTTP", b"HTTP/1.1 200 OK\r\n\r\n", "not FastCGI"),
    ("half a record", fcgi.record(fcgi.STDOUT, b"x" * 100)[:50],
     "ends before it has answered"),
    ("no end of headers", cgi(b"Status: 200 OK\r\n"), "no answer of CGI"),
    ("a status that is none", cgi(b"Status: 2x0 OK\r\n\r\n"),
     "no answer of CGI"),
    ("a status beyond the bound", cgi(b"Status: 999 \x1b[2J\r\n\r\n"),
     "no answer of CGI"),
    ("more than an answer has", fcgi.record(fcgi.STDOUT, b"x" * 60000) * 3 +
     fcgi.record(fcgi.END, b"\0" * 8), "no answer of CGI"),
    ("padding", struct.pack("!BBHHBx", 1, fcgi.STDOUT, 1, 18, 200) +
     b"Status: 200 O\r\n\r\n" + b"\n" + b"p" * 200 + fcgi.record(
         fcgi.END, b"\0" * 8), None),
]


def strange(t):
    for text, answer, why in STRANGE:
        s = Strange("healthz.sock", answer)
        r = doctor("--json")
        s.stop()
        found = {c["check"]: c for c in json.loads(r.text)["checks"]}
        if why is None:
            t.ok("healthz" not in found and "1 endpoints answer" in
                 found["the sockets"]["finding"],
                 "a program is well that answers: " + text, r)
        else:
            t.ok(found["healthz"]["result"] == "bad" and
                 why in found["healthz"]["finding"] and "\x1b" not in r.text,
                 "a program is not well that answers: " + text, r)
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(os.path.join(SOCKETS, "get-folder-access.sock"))
    dead.close()
    new = changed(BASE, rows())
    t.ok(list(new) == ["get-folder-access"] and
         new["get-folder-access"][1] == "nobody listens on it" and
         "pool.sh" in new["get-folder-access"][2],
         "a socket on which nobody listens is a row", new)
    s = Strange("get-folder-access-12-1", cgi(b"Status: 405 x\r\n\r\n"))
    t.ok(not changed(BASE, rows()),
         "a socket that was left behind is no row where another one answers",
         changed(BASE, rows()))
    s.stop()
    os.unlink(os.path.join(SOCKETS, "get-folder-access.sock"))
    for name in "x y.sock", "\x1b[2J.sock", "Upper.sock", "healthz-x":
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(os.path.join(SOCKETS, name))
        sock.close()
    w.write("sockets/healthz.sock", "no socket")
    os.symlink("/dev/zero", os.path.join(SOCKETS, "readyz.sock"))
    t.ok(not changed(BASE, rows()),
         "files that are no sockets of ours are passed over",
         changed(BASE, rows()))
    for name in os.listdir(SOCKETS):
        os.unlink(os.path.join(SOCKETS, name))
    r = w.cli("doctor", "--here", "--sockets", w.path("none"), "--json",
              installed=True)
    t.ok("none in " + w.path("none") in r.text,
         "a directory that is not there has no sockets", r)


def programs(t):
    """A daemon that runs, and one whose file was replaced."""
    copy = w.path("chain-sync")
    shutil.copy(os.path.join(BIN, "chain-sync"), copy)
    # What it writes is its own.
    p = subprocess.Popen([copy], env=w.env(), stderr=subprocess.DEVNULL)
    servers.until(lambda: rows()["chain-sync"][1].startswith("it runs;"), 10)
    t.ok(rows()["chain-sync"][1].startswith("it runs; its last look was ") and
         not changed(BASE, rows()), "chain-sync is seen to run",
         rows()["chain-sync"])
    os.rename(w.path("state/metagraph.snapshot"), w.path("away"))
    t.same(rows()["the snapshot of the chain"][2], "pkill -x chain-sync",
           "while chain-sync runs, a new start of it mends the snapshot")
    os.rename(w.path("away"), w.path("state/metagraph.snapshot"))
    os.unlink(copy)
    new = changed(BASE, rows())
    t.ok(list(new) == ["the versions"] and "1 process runs a program that was "
         "replaced, such as chain-sync" == new["the versions"][1],
         "a process of a program that was replaced is a row", new)
    with w.settings():
        other = w.write("other.conf", open(w.conf).read())
        r = w.cli("doctor", "--here", "--json", "--sockets", SOCKETS,
                  env=w.env(FOLDERGATE_CONFIG=other), installed=True)
        t.ok("no process runs a program" in r.text, "a process with another "
             "configuration is another's", r)
    p.send_signal(signal.SIGTERM)
    p.wait(10)
    t.ok(not changed(BASE, rows()), "after its end there is no such row",
         changed(BASE, rows()))


def versions(t):
    """A copy of the client with other programs beside it."""
    os.mkdir(w.path("bin"))
    shutil.copy(os.path.join(BIN, "foldergate"), w.path("bin/foldergate"))
    for words, script, why in [
            ("no programs", None, None),
            ("one of its own version", "echo chain-sync $(cat VERSION)", None),
            ("an older one", "echo chain-sync 0.0.1", "chain-sync 0.0.1 is "),
            ("one that draws", "printf 'chain-sync \\033[2J\\n'",
             "chain-sync "),
            ("one that never ends", "exec sleep 60", None),
            ("one that never stops", "exec yes", "y is here"),
            ("one that fails", "exit 3", None)]:
        if script:
            w.write("bin/chain-sync", "#!/bin/sh\n" + script + "\n", 0o755)
        r = endpoint.program(w.path("bin/foldergate"), [
            "doctor", "--here", "--sockets", SOCKETS, "--quiet"], w.env(
                PATH=os.environ["PATH"]))
        t.ok("\x1b" not in r.text and (
            "the installed programs: " + (why or "") in r.text) == bool(why),
            "beside the client there is " + words, r)


def forms(t):
    r, q = doctor(), doctor("--quiet")
    lines = [x for x in r.text.splitlines() if not x.startswith("  ")]
    found = rows()
    t.ok(r.status == 1 and len(lines) == len(found) and all(
        re.match("(ok    |warn  |bad   )", x) for x in lines),
        "as text each row is ok, warn or bad", r)
    t.same(r.text.count("      mend: "),
           sum(v[0] != "ok" for v in found.values()),
           "each row that is not ok has the command that mends it")
    t.ok(q.status == 1 and not re.search("(?m)^ok ", q.text) and
         re.sub("(?m)^ok .*\n", "", re.sub(r"\d+ s ", "", r.text)) ==
         re.sub(r"\d+ s ", "", q.text),
         "--quiet leaves out what is well, and nothing else", q)
    counts = w.cli("usage").text
    before = {n: os.stat(w.path("state/" + n)).st_ino
              for n in os.listdir(w.state)}
    doctor()
    t.same({n: os.stat(w.path("state/" + n)).st_ino
            for n in os.listdir(w.state)}, before,
           "doctor makes and replaces no file")
    t.same(w.cli("usage").text, counts, "doctor counts nothing for a key")
    db = sqlite3.connect(w.path("state/store.sqlite"))
    t.same(db.execute("select count(*) from counter where name = 'ready'")
           .fetchone()[0], 0, "doctor leaves no counter in the ledger")
    db.close()
    for line in page.block("docs/operate.md", "What is wrong, and what mends it",
                           1).splitlines():
        args = line.partition("#")[0].split()[1:]
        r = w.cli(*args, "--sockets", SOCKETS, installed=True)
        t.ok(r.status == 1 and "the store, asked now" in r.text and not r.log,
             "the command in docs/operate.md runs: " + " ".join(args), r)
    plain = w.cli("doctor", "--json", "--sockets", SOCKETS, installed=True)
    t.same([c["check"] for c in json.loads(plain.text)["checks"]],
           list(found), "without a URL doctor looks at this machine")
    for args in ("x",), ("--sockets",), ("--json", "--json"):
        r = w.cli("doctor", *args, installed=True)
        t.same(r.status, 2, "doctor refuses wrong usage: " + " ".join(args))


w.sync(installed=True)
endpoint.program(os.path.join(BIN, "bucket-sync"), ["--once"], w.env())
w.post(w.request())
BASE = rows()
tap.run([well, refused, directories, room, strange, programs, versions, forms, broken],
        endpoint.check_outputs)
