#!/usr/bin/python3
"""get-validator-access through FastCGI, as it is installed: CPU time per URL
for a few and for many miners, in two sources each, and the memory of the
process.  Figures and ratios, no verdicts.

usage: BUILD=build urls.py
"""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import bucket
import endpoint
import fcgi
import validators

NAME = "get-validator-access"
SOURCES = "x", "reddit"
FEW, MANY = 256, 10000
# Rounds of some sixty ticks of 10 ms; the best one counts, as the machine may
# be busy otherwise.
ROUNDS = 5
REQUESTS = {FEW: 600, MANY: 16}
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
RECORD = struct.Struct("!BBHHBx")
URL = b"X-Amz-Signature="


def world_of(miners):
    """A validator's world, with an index that bucket-sync has made."""
    w = validators.Validators()
    w.now = int(time.time())
    w.snapshot()
    keys = [("data/%s/%s/f" % (source, bucket.address("m%d" % i))).encode()
            for i in range(miners) for source in SOURCES]
    if bucket.index_of(w, keys) != bucket.OK:
        raise RuntimeError("no index")
    return w


def body(w, **fields):
    """Signed anew each time: whoever refuses a body that comes twice has
    nothing to refuse."""
    return json.dumps(w.asks(NAME, timestamp=int(time.time()),
                             **fields)).encode()


def ask(service, data):
    """The answer's body; little of our time, for the CPUs are shared."""
    with service.connect() as c:
        c.send(fcgi.whole(fcgi.post(data), data))
        raw = b"".join(iter(lambda: c.sock.recv(1 << 20), b""))
    out, at = [], 0
    while at < len(raw):
        _, kind, _, size, padding = RECORD.unpack_from(raw, at)
        at += RECORD.size
        if kind == fcgi.STDOUT:
            out.append(raw[at:at + size])
        at += size + padding
    head, _, answer = b"".join(out).partition(b"\r\n\r\n")
    if not head.startswith(b"Status: 200"):
        raise RuntimeError(head + answer[:200])
    return answer


def cpu_s(pid):
    """What the process has used, in user and in kernel mode."""
    with open("/proc/%d/stat" % pid) as f:
        stat = f.read().rpartition(")")[2].split()
    return [int(n) * TICK_S for n in stat[11:13]]


def memory_kb(pid):
    with open("/proc/%d/status" % pid) as f:
        return {k: int(v) for k, v in re.findall(r"(\w+):\s+(\d+) kB",
                                                 f.read())}


def measure(service, w, n, **fields):
    """Seconds in user and kernel mode per request, of n; the last answer."""
    pid = service.processes[0].pid
    bodies = [body(w, **fields) for _ in range(n)]
    before = cpu_s(pid)
    for data in bodies:
        answer = ask(service, data)
    return [(b - a) / n for a, b in zip(before, cpu_s(pid))], answer


def instructions(w, **fields):
    """Of one request, as a CGI program under callgrind; how many URLs."""
    data = body(w, **fields)
    p = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         os.path.join(endpoint.BUILD, "cgi-bin", NAME)], input=data,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
        env={"PATH": os.environ["PATH"], "FOLDERGATE_CONFIG": w.conf,
             "GATEWAY_INTERFACE": "CGI/1.1", **fcgi.post(data)})
    return int(re.search(rb"Collected : (\d+)", p.stderr)[1]), \
        p.stdout.count(URL)


def show_instructions(w):
    if shutil.which("valgrind") is None:
        print("  instructions: not counted, there is no valgrind")
        return
    (much, all_urls), (little, urls) = [
        instructions(w, miners=miners) for miners in (True, False)]
    print("  %d instructions per miner's URL (under valgrind, which has no "
          "SHA extensions)" % ((much - little) / (all_urls - urls)))


def show_memory(before, after, size):
    print("  RssAnon %d kB, afterwards %d kB; RSS %d kB, at its peak %d kB: "
          "more by %.2f answers" % (
              before["RssAnon"], after["RssAnon"], before["VmRSS"],
              after["VmHWM"],
              (after["VmHWM"] - before["VmRSS"]) * 1024 / size))


def bench(miners):
    """All figures for so many miners; microseconds per URL."""
    w = world_of(miners)
    service = fcgi.Service(w, NAME)
    pid = service.processes[0].pid
    rest = sum(measure(service, w, 1000, miners=False)[0])
    before = memory_kb(pid)
    cpu, answer = min((measure(service, w, REQUESTS[miners])
                       for _ in range(ROUNDS)), key=lambda m: sum(m[0]))
    after = memory_kb(pid)
    urls = answer.count(URL)
    us = [1e6 * s / urls for s in cpu]
    print("%d miners: %.2f ms CPU per 1,000 URLs (user %.2f, kernel %.2f)" % (
        miners, sum(us), *us))
    print("  %d URLs, %d kB; %.2f ms a request, %.2f ms one without miners" % (
        urls, len(answer) // 1024, sum(cpu) * 1e3, rest * 1e3))
    show_memory(before, after, len(answer))
    service.stop()
    if miners == FEW:
        show_instructions(w)
    return sum(us)


if __name__ == "__main__":
    few, many = bench(FEW), bench(MANY)
    print("time per URL, %d miners against %d: ratio %.2f" % (
        MANY, FEW, many / few))
