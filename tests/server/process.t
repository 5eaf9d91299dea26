#!/usr/bin/python3
"""A process of a program while it serves: its memory over many requests, and
what others can learn of its secret."""

import json
import glob
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import fcgi  # noqa: E402
import tap  # noqa: E402
from endpoint import BUILD  # noqa: E402
from world import SECRET, World  # noqa: E402

NAME = "get-folder-access"
NOBODY = 65534
VARIABLE = "FOLDERGATE_S3_SECRET_ACCESS_KEY"

w = World()
w.now = int(time.time())
w.snapshot()


def ask(service):
    with w.time(int(time.time())):
        body = json.dumps(w.request()).encode()
        return service.ask(fcgi.post(body), body).code


def of_proc(service, name):
    """A file of /proc/PID, as text."""
    path = "/proc/%d/%s" % (service.processes[0].pid, name)
    with open(path, errors="replace") as f:
        return f.read()


def kilobytes(service, name):
    """A line of /proc/PID/status."""
    return int(re.search(r"^%s:\s+(\d+) kB" % name,
                         of_proc(service, "status"), re.M)[1])


def test_memory(t):
    """Good requests; each tenth is one that is refused, as large as can be."""
    s, figures, codes = fcgi.Service(w, NAME), {}, {}
    big = b"[" + b"0," * 32000 + b"0]"
    for i in range(1, 3001):
        code = ask(s) if i % 10 else s.ask(fcgi.post(big), big).code
        codes[code] = codes.get(code, 0) + 1
        if i in (1, 500, 3000):
            figures[i] = kilobytes(s, "RssAnon")
            print("# RssAnon after %d requests: %d kB" % (i, figures[i]))
    t.same(codes, {200: 2700, 422: 300},
           "one process grants 2,700 requests and refuses 300 large ones")
    t.ok(figures[3000] < 4096,
         "the process holds less than 4 MB of its own memory", figures)
    t.ok(figures[3000] - figures[500] <= 64,
         "the process grows by 64 kB or less in the last 2,500 requests",
         figures)


def test_core(t):
    s = fcgi.Service(w, NAME)
    t.same(ask(s), 200, "a process with its secret in a file gives a grant")
    line = re.search(r"^Max core file size .*", of_proc(s, "limits"), re.M)[0]
    t.same(line.split()[4:6], ["0", "0"], "the process makes no core dumps")
    t.ok(kilobytes(s, "VmLck") > 0 or "secret_not_locked" in s.log(),
         "the secret is in locked memory, or the log warns that it is not",
         s.log())
    t.ok(SECRET not in s.log(), "the secret in a file is not in the log")


def reachable():
    """Can another user start the program and read the configuration?"""
    os.chmod(w.dir, 0o711)
    os.chmod(w.state, 0o755)
    for path in [w.state, *glob.glob(w.state + "/*")]:
        os.chown(path, NOBODY, NOBODY)
    p = subprocess.run(["/bin/sh", "-c", 'test -x "$0" && test -r "$1"',
                        os.path.join(BUILD, "cgi-bin", NAME), w.conf],
                       user=NOBODY, group=NOBODY, extra_groups=[])
    return p.returncode == 0


def test_environment(t):
    """As another user: of a process that may be dumped, the files in /proc
    belong to its user, of any other one to root."""
    with w.settings(s3_secret_access_key_file=None):
        root = os.geteuid() == 0
        if root and not reachable():
            t.skip("a process with its secret in the environment gives a grant",
                   "another user cannot reach the build")
            return
        s = fcgi.Service(w, NAME, env={VARIABLE: SECRET, "CANARY": "seen"},
                         user=NOBODY if root else None)
        t.same(ask(s), 200,
               "a process with its secret in the environment gives a grant")
        t.ok("secret_in_environment" in s.log() and SECRET not in s.log(),
             "the log warns of a secret in the environment, without "
             "the secret", s.log())
        path = "/proc/%d/environ" % s.processes[0].pid
        t.same(os.stat(path).st_uid, 0,
               "a process with its secret in the environment is not dumpable")
        if not root:
            t.skip("the secret is gone from the environment of the process",
                   "only root can look")
            return
        text = of_proc(s, "environ")
        t.ok("CANARY=seen" in text and SECRET not in text,
             "the secret is gone from the environment of the process")


tap.run([test_memory, test_core, test_environment])
