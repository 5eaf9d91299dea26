#!/usr/bin/python3
"""What a parent leaves to a program that it starts: signals, timers,
descriptors, the umask, limits.  None of it may change what the program does."""

import json
import os
import re
import resource
import select
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import fcgi
import tap
import world

w = world.World()
w.snapshot()

HELD = [signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGUSR1]


def start(name="get-folder-access", before=None, length=1, where="cgi-bin",
          args=(), **more):
    """A program as a CGI gets started, its body still to come."""
    env = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST",
           "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(length),
           "REMOTE_ADDR": "192.0.2.7", **w.env()} if where == "cgi-bin" \
        else w.env()
    return subprocess.Popen(
        [os.path.join(endpoint.BUILD, "test", where, name), *args], env=env,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        preexec_fn=before, restore_signals=False,
        **{"stderr": subprocess.PIPE, **more})


def waiting(p):
    """Once it waits for its body: /proc/PID/status as a dict."""
    for _ in range(100):
        with open("/proc/%d/wchan" % p.pid) as f, \
                open("/proc/%d/syscall" % p.pid) as g:
            if "pipe" in f.read() or g.read().startswith("0 0x0 "):
                break
        time.sleep(0.05)
    with open("/proc/%d/status" % p.pid) as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f
                    if ":\t" in line)


def signals_of(mask):
    bits = int(mask, 16)
    return {n for n in range(1, 65) if bits >> n - 1 & 1}


def posted(before=None, **more):
    """A good request, whole: the status of the answer, or what came."""
    body = json.dumps(w.request()).encode()
    p = start(before=before, length=len(body), **more)
    out, err = p.communicate(body, timeout=30)
    found = re.match(rb"Status: (\d+)", out)
    return int(found[1]) if found else (p.returncode, out, err)


def signals(t):
    def before():
        for s in (*HELD, signal.SIGCHLD, signal.SIGRTMIN, signal.SIGQUIT):
            signal.signal(s, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))

    p = start(before=before)
    status = waiting(p)
    t.same(signals_of(status["SigBlk"]) - {int(signal.SIGRTMIN)}, set(),
           "signals that the parent blocked are not blocked in a program, "
           "but for the one that the ledger takes for itself")
    t.same(signals_of(status["SigIgn"]),
           {signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ},
           "of the signals that the parent ignored SIGHUP alone stays ignored")
    p.send_signal(signal.SIGTERM)
    p.communicate(timeout=30)
    t.same(p.returncode, -signal.SIGTERM,
           "SIGTERM ends a CGI program whose parent ignored and blocked it")


def deadline(t):
    def before():
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])

    p = start(before=before, length=10)
    try:
        began = time.time()
        head = b""
        while b"\r\n\r\n" not in head and time.time() - began < 12:
            if select.select([p.stdout], [], [], 1)[0]:
                chunk = os.read(p.stdout.fileno(), 4096)
                if not chunk:
                    break
                head += chunk
    finally:
        p.kill()
        p.communicate()
    t.ok(head.startswith(b"Status: 408"), "a body that does not come is "
         "answered 408 although the parent blocked SIGALRM", head)


def timer(t):
    def before():
        signal.setitimer(signal.ITIMER_REAL, 0.6)

    document = json.dumps({"netuid": 13, "block": 7000000,
                           "neurons": w.neurons()}).encode()
    p = start("foldergate", before, where="bin",
              args=["snapshot", "import", "-"])
    time.sleep(1.2)
    p.communicate(document)
    t.same(p.returncode, 0, "an alarm that the parent set does not end a "
           "program that it started")


def pipes(t):
    gone, dead = os.pipe()
    os.close(gone)

    def before():
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.chmod(w.path("s3.secret"), 0o666)

    try:
        got = posted(before, stderr=dead)
    finally:
        os.chmod(w.path("s3.secret"), 0o600)
        os.close(dead)
    t.same(got, 500, "an answer goes out whole although nobody reads the "
           "standard error that the program logs to")


def sizes(t):
    def before():
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    t.same(posted(before), 503, "a limit of the size of files is a 503 and "
           "no SIGXFSZ")
    t.same(posted(), 200, "without the limit the same request is granted")


def descriptors(t):
    inner, outer = os.pipe()
    high = os.dup2(inner, 200)
    p = start(pass_fds=[inner, high])
    waiting(p)
    names = os.listdir("/proc/%d/fd" % p.pid)
    links = {os.readlink("/proc/%d/fd/%s" % (p.pid, name)) for name in names}
    theirs = os.readlink("/proc/self/fd/%d" % inner)
    p.communicate(timeout=30)
    for fd in (inner, outer, high):
        os.close(fd)
    t.ok(theirs not in links, "descriptors that the parent left open are "
         "closed in a program", names)


def masks(t):
    v = world.World()
    v.snapshot()
    for name in os.listdir(v.state):
        if name.startswith(("store.", "throttle.")):
            os.unlink(os.path.join(v.state, name))
    body = json.dumps(v.request()).encode()

    def before():
        os.umask(0o777)

    p = subprocess.Popen(
        [os.path.join(endpoint.BUILD, "test", "cgi-bin", "get-folder-access")],
        env={"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST",
             "CONTENT_TYPE": "application/json", "REMOTE_ADDR": "192.0.2.7",
             "CONTENT_LENGTH": str(len(body)), **v.env()},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=before)
    p.communicate(body, timeout=30)
    modes = {name: oct(os.stat(os.path.join(v.state, name)).st_mode & 0o777)
             for name in os.listdir(v.state) if name.startswith("store.")}
    t.ok(modes and set(modes.values()) == {"0o600"}, "files of the ledger are "
         "made with mode 0600 whatever umask the parent left", modes)


def root(t):
    s = fcgi.Service(w, "healthz")
    s.ask({"REQUEST_METHOD": "GET"}, allow="GET")
    t.same("started_as_root" in s.log(), os.geteuid() == 0, "a FastCGI program "
           "says in its log that it was started as root, and only then")
    p = subprocess.Popen(
        [os.path.join(endpoint.BUILD, "test", "bin", "chain-sync")],
        env=w.env(FOLDERGATE_CHAIN_ENDPOINTS="http://127.0.0.1:1"),
        stderr=subprocess.PIPE)
    line = p.stderr.readline()
    p.terminate()
    p.communicate(timeout=30)
    t.same(b"started_as_root" in line, os.geteuid() == 0,
           "chain-sync says so first of all")
    t.ok("started_as_root" not in w.get("healthz").log,
         "a CGI program does not say so with every request")


tap.run([signals, deadline, timer, pipes, sizes, descriptors, masks, root],
        endpoint.check_outputs)
