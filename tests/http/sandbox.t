#!/usr/bin/python3
"""What a program keeps after start-up, and what it can no longer do.

tests/support/reaches.c is an endpoint that reaches for things on purpose.  With
web.sandbox = no it gets them all, so each test here can fail."""

import contextlib
import ctypes
import errno
import json
import os
import socket
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import fcgi
import servers
import tap
import world

w = world.World()
os.mkdir(w.path("shared"))
w.configure(state_shared=w.path("shared"))
snapshot = w.snapshot()

listening = socket.socket()
listening.bind(("127.0.0.1", 0))
listening.listen(8)
PORT = str(listening.getsockname()[1])


def landlock():
    """Its version here, 0 if the kernel has none."""
    version = ctypes.CDLL(None).syscall(444, None, 0, 1)
    return version if version > 0 else 0


def reach(thing, target="", needs="few", **settings):
    with w.settings(**settings):
        return w.get("../bin/reaches", REACHES=thing, TARGET=target,
                     NEEDS=needs)


# What, where, and what must not have happened.
PLANTED = [
    ("system", "", "a program runs no shell"),
    ("exec", "", "a program becomes no other program"),
    ("fork", "", "a program makes no process"),
    ("thread", "", "a program without Redis makes no thread"),
    ("socket", "", "a program without Redis makes no socket"),
    ("connect", PORT, "a program without Redis opens no connection"),
    ("listen", "", "a program listens nowhere"),
    ("ptrace", "", "a program takes no part in tracing"),
    ("namespace", "", "a program makes no namespace"),
    ("ring", "", "a program makes no ring of requests to the kernel"),
    ("kill", "", "a program sends no signal to another"),
    ("code", "", "a program makes no code"),
]
FILES = [
    ("read", "/etc/passwd", "a program does not read /etc/passwd"),
    ("read", w.path("s3.secret"),
     "a program that signs nothing does not read the secret"),
    ("write", snapshot, "a program does not write to the snapshot"),
    ("rename", snapshot, "a program does not rename the snapshot"),
    ("create", w.path("state/planted"),
     "a program creates no file beside the snapshot"),
    ("create", w.path("shared/planted"),
     "a program without a ledger creates no file in state.shared"),
    ("create", "/tmp/foldergate-planted-%d" % os.getpid(),
     "a program creates no file in /tmp"),
]


def stopped(t, planted, needs="few"):
    for thing, target, text in planted:
        a = reach(thing, target, needs, web_sandbox="no")
        if thing in ("ring", "namespace") and a.code != 200:
            t.skip(text, "it is not possible here without a sandbox either")
            continue
        t.ok(a.code == 200, "without a sandbox the planted %s of %s succeeds"
             % (thing, os.path.basename(target) or "nothing"), a)
        t.none(endpoint.refusal_wrong(
            reach(thing, target, needs, web_sandbox="auto"), 500, "internal"),
            text)


def calls(t):
    stopped(t, PLANTED)


def files(t):
    if not landlock():
        t.skip("a program opens only the files that it needs",
               "this kernel has no Landlock")
        return
    stopped(t, FILES)


def kept(t):
    """What the needs of an endpoint ask for is still there."""
    for needs, thing, target, text in [
            ("few", "read", snapshot,
             "a program that needs the snapshot can read it again"),
            ("all", "read", w.path("s3.secret"),
             "a program that signs can read its secret again"),
            ("all", "create", w.path("shared/planted"),
             "a program with a ledger can create a file in state.shared")]:
        a = reach(thing, target, needs, web_sandbox="auto")
        t.ok(a.code == 200, text, a)
    if landlock():
        a = reach("create", w.path("state/planted"), "all", web_sandbox="auto")
        t.none(endpoint.refusal_wrong(a, 500, "internal"),
               "a program with a ledger creates no file beside the snapshot")
    for url, thread in [("unix:///run/none.sock", 500),
                        ("redis://localhost:1", 200)]:
        more = {"state_redis_url": url, "web_sandbox": "auto"}
        t.same(reach("socket", "", "all", **more).code, 200,
               "a program with Redis at %s makes a socket" % url)
        t.same(reach("thread", "", "all", **more).code, thread,
               "a program makes a thread only to look up a name: " + url)
        t.same(reach("fork", "", "all", **more).code, 500,
               "a program with Redis at %s makes no process" % url)


def linked(t):
    """As Kubernetes mounts a secret: a link, which a rotation changes."""
    for n in "one", "two":
        os.mkdir(w.path("far-" + n))
        os.mkdir(w.path("near-" + n))
        w.secret("far-%s/key" % n, n * 20)
    near = w.path("near-one/key")
    os.symlink(w.path("far-one/key"), near)
    a = reach("read", near, "all", s3_secret_access_key_file=near)
    t.ok(a.code == 200, "a secret that is a link can be read again", a)
    if landlock():
        t.same(reach("read", w.path("far-two/key"), "all",
                     s3_secret_access_key_file=near).code, 500,
               "a secret beside which no setting points cannot be read")


def events(log, name):
    return [line for line in map(json.loads, log.splitlines())
            if line["event"] == name]


def logged(t):
    """The line of a process that stays; a plain CGI program logs none."""
    whole = {"files": "landlock", "landlock_abi": landlock(),
             "calls": "seccomp"} if landlock() else \
            {"files": "open", "calls": "seccomp"}
    for how, want in [("auto", whole), ("no", {
            "files": "open", "calls": "open",
            "reason": "web.sandbox = no"})]:
        with w.settings(web_sandbox=how):
            s = fcgi.Service(w, "get-folder-access", now=str(w.now))
            s.ask({"REQUEST_METHOD": "GET"})
            s.stop()
            lines = events(s.log(), "sandbox")
            got = [{k: line.get(k) for k in want} for line in lines]
            t.same(got, [want], "a process logs once what is on with "
                   "web.sandbox = " + how)
    a = w.post(w.request())
    t.ok(a.code == 200 and not events(a.log, "sandbox"),
         "a plain CGI program logs no line about its sandbox", a)


def required(t):
    a = reach("read", snapshot, web_sandbox="require")
    if landlock():
        t.same(a.code, 200, "a program serves with the sandbox required")
    else:
        t.none(endpoint.refusal_wrong(a, 500, "internal", exit_status=1),
               "a program refuses without the sandbox that is required")
    os.rename(w.path("state"), w.path("away"))
    try:
        a = reach("read", snapshot, web_sandbox="require")
        t.ok(a.code == 500 and events(a.log, "sandbox_refused"),
             "a program refuses while a directory is missing that its "
             "required sandbox is made of", a)
        a = reach("socket", web_sandbox="auto")
        t.same(a.code, 500, "calls are limited while a directory is missing")
    finally:
        os.rename(w.path("away"), w.path("state"))


def no_landlock(error):
    """For a child, before exec(): calls 444 to 446 fail, as in a container."""
    ops = [(0x20, 0, 0, 0), (0x35, 0, 2, 444), (0x25, 1, 0, 446),
           (0x06, 0, 0, 0x50000 | error), (0x06, 0, 0, 0x7fff0000)]
    code = ctypes.create_string_buffer(b"".join(
        struct.pack("HBBI", *op) for op in ops))
    program = struct.pack("HxxxxxxQ", len(ops), ctypes.addressof(code))

    def before():
        libc = ctypes.CDLL(None)
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
            os._exit(127)
    before.keep = code
    return before


class Without(fcgi.Service):
    """A process on a kernel without Landlock."""
    error = 0
    _as = property(lambda self: {"preexec_fn": no_landlock(self.error)},
                   lambda self, value: None)


def half(t):
    """A kernel or a container that offers only the other half."""
    for Without.error, reason in [
            (errno.ENOSYS, "the kernel has none"),
            (errno.EOPNOTSUPP, "it is turned off in the kernel"),
            (errno.EPERM, "it is not permitted here")]:
        s = Without(w, "get-folder-access", now=str(w.now))
        t.same(granted(s), 200, "a program serves where Landlock fails: " +
               reason)
        t.same([(x["files"], x["calls"], x["reason"])
                for x in events(s.log(), "sandbox")],
               [("open", "seccomp", reason)],
               "a program logs once why its files are open: " + reason)
        s.stop()
        with w.settings(web_sandbox="require"):
            s = Without(w, "get-folder-access", now=str(w.now))
            t.same([granted(s), granted(s)], [500, 500],
                   "a program refuses where Landlock is required and fails: " +
                   reason)
            t.same([x["reason"] for x in events(s.log(), "sandbox_refused")],
                   [reason], "a program logs once why it refuses: " + reason)
            s.stop()


def granted(s, timeout=20):
    body = json.dumps(w.request()).encode()
    a = s.ask(fcgi.post(body), body, timeout=timeout)
    return a.code if a else None


def directories(t):
    """A directory that comes later, and one that is replaced."""
    if not landlock():
        t.skip("a program follows its directories", "this kernel has no "
               "Landlock")
        return
    os.rename(w.path("state"), w.path("away"))
    s = fcgi.Service(w, "get-folder-access", now=str(w.now))
    t.same(granted(s), 503, "without its directory a program refuses")
    os.rename(w.path("away"), w.path("state"))
    t.same(granted(s), 200, "a program grants once the directory is there")
    servers.until(lambda: len(events(s.log(), "sandbox")) > 1, 5)
    lines = events(s.log(), "sandbox")
    t.same([line["files"] for line in lines], ["open", "landlock"],
           "a program gives up files when the directory is there")
    os.rename(w.path("state"), w.path("away"))
    os.mkdir(w.path("state"))

    # It looks after an answer, perhaps after the one before this.
    with contextlib.suppress(OSError):
        granted(s, 2)
    t.same(s.ends(s.processes[0], 5), 0,
           "a program ends whose directory was replaced")
    t.same(len(events(s.log(), "ends")), 1,
           "a program logs that its directory was replaced")
    os.rmdir(w.path("state"))
    os.rename(w.path("away"), w.path("state"))
    s.start()
    t.same(granted(s), 200, "the next process grants")
    s.stop()


if __name__ == "__main__":
    tap.run([calls, files, kept, linked, logged, required, half, directories],
            endpoint.check_outputs)
