#!/usr/bin/python3
"""The shipped lighttpd.conf where it is leant on: slow and unfinished requests,
long paths, and a server that is killed."""

import json
import os
import pwd
import re
import resource
import shutil
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import endpoint  # noqa: E402
import fcgi  # noqa: E402
import servers  # noqa: E402
import tap  # noqa: E402
from validators import Validators  # noqa: E402

GRANT, FILES = "/get-folder-access", "/get-file-presigned-urls"
PROGRAMS = 2 * len(os.listdir(os.path.join(servers.ROOT, "cgi-bin")))

w = Validators()
w.now = int(time.time())
w.snapshot()
web = servers.Web(w)


def post(path, body):
    return servers.ask(web.port, "POST", path, body=json.dumps(body).encode())


def grant():
    w.now = int(time.time())
    return post(GRANT, w.request())


def files():
    """The large answer: a validator asks for a thousand downloads."""
    w.now = int(time.time())
    return post(FILES, w.asks("get-file-presigned-urls", file_keys=[
        "%s%060d" % (w.folder, i) for i in range(1000)],
        miner_hotkey=w.miner.ss58))


def unfinished(path, size, sent):
    """A connection with a body that has not all come."""
    c = socket.create_connection(("127.0.0.1", web.port), 20)
    c.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" %
              (path.encode(), size) + b" " * sent)
    return c


def shipped(setting):
    with open(os.path.join(servers.ROOT, "lighttpd-conf",
                           "lighttpd.conf")) as f:
        return re.search("^" + re.escape(setting) + " = (.*)$", f.read(),
                         re.M)[1]


# --- bodies ------------------------------------------------------------------

def test_bodies(t):
    """100 bodies of a megabyte that never end."""
    held = [unfinished(FILES, 1310720, 1 << 20) for _ in range(100)]

    def waiting():
        with os.scandir(web.uploads) as found:
            return [e.name for e in found]
    t.ok(servers.until(lambda: len(waiting()) >= 100, 10),
         "100 unfinished bodies wait in server.upload-dirs", len(waiting()))
    t.ok(not re.search(r"/(run|dev|tmp)/", shipped("server.upload-dirs")),
         "the shipped server.upload-dirs is on a disk",
         shipped("server.upload-dirs"))
    r = files()
    t.ok(r.code == 200 and len(json.loads(r.body)["file_urls"]) == 1000 and
         len(r.body) > 300000, "a validator's large answer is whole", r.code)
    for c in held:
        c.close()
    t.ok(servers.until(lambda: not waiting(), 10),
         "a body that was given up leaves nothing", waiting())


def test_limit(t):
    path = "/get-validator-access"
    r = servers.ask(web.port, "POST", path, body=b" " * 65537)
    t.same(r.code, 413, "get-validator-access takes 64 KiB")
    c = unfinished(path, 65537, 0)
    t.same(servers.read_response(c, "POST").code, 413,
           "get-validator-access refuses more before the body has come")
    c.close()
    r = servers.ask(web.port, "POST", GRANT, body=b" " * 65537)
    t.same(r.code, 413, "get-folder-access takes 64 KiB for a store with "
           "policies")


def test_limit_of_puts(t):
    with w.settings(s3_post_policy="no"):
        put = servers.Web(w)
        w.now = int(time.time())
        body = json.dumps(w.request(files=[
            {"name": "%0200d" % i, "size": 2000}
            for i in range(1000)])).encode()
        r = servers.ask(put.port, "POST", GRANT, body=body)
        t.same((len(body) > 200000, r.code), (True, 200),
               "get-folder-access takes a list of 1,000 files for a store "
               "without policies")
        put.stop()


# --- connections -------------------------------------------------------------

def test_trickling(t):
    """9,900 of them, half in their headers and half in their body."""
    text = "9,900 trickling connections: the 20 grants of others take 5 s"
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < 20000:
        return t.skip(text, "at most %d descriptors" % hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (20000, hard))
    held = [unfinished(GRANT, 100, 1) if i % 2 else
            socket.create_connection(("127.0.0.1", web.port), 20)
            for i in range(9900)]
    for c in held[::2]:
        c.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nX-A: " % GRANT.encode())
    servers.until(lambda: len(os.listdir("/proc/%d/fd" % web.pid)) > 9900, 10)
    start, codes = time.monotonic(), []
    for i in range(20):
        for c in held[i::20]:
            c.sendall(b" ")
        codes.append(grant().code)
    took = time.monotonic() - start
    open_now = len(os.listdir("/proc/%d/fd" % web.pid))
    t.ok(codes == [200] * 20 and took < 5, text, codes, "%.1f s" % took)
    t.ok(open_now > 9900, "9,900 trickling connections are held", open_now)
    for c in held:
        c.close()


# --- what it writes down -----------------------------------------------------

def test_long_paths(t):
    """In every spelling, one that is refused as well."""
    for path in ("a" * 7000, "%20" * 2000, "%64" * 2000, "x/../" * 1400 + "b",
                 "/" * 7000 + "c", "e" * 7000 + "%00", "%ff" * 2000,
                 "get-folder-access" + "/" * 7000, "healthz/" * 800):
        servers.ask(web.port, "GET", "/" + path)
    servers.raw(web.port, b"GET /%s HTTP/1.1\r\n\r\n" % (b"h" * 7000))
    servers.ask(web.port, "GET", "/short/and_plain.html")

    def lines():
        with open(os.path.join(web.log, "foldergate-access.log")) as f:
            return f.read().splitlines()
    servers.until(lambda: any("and_plain" in x for x in lines()), 10)
    t.ok(any('"GET /short/and_plain.html HTTP/1.1" 404' in x for x in lines()),
         "a short unknown path is logged")
    t.none([x for x in lines() if len(x) > 200],
           "no line of the access log is over 200 bytes, whatever the path")
    t.ok(sum('"GET - HTTP/1.1" 404' in x for x in lines()) >= 4,
         "a long path is logged as -")
    t.none([x for x in web.logs().splitlines() if len(x) > 1000],
           "no line of any log is over 1,000 bytes")


# --- a server that is killed -------------------------------------------------

def alive(processes):
    return [p for p, start in processes if servers.started(p) == start]


def test_killed(t):
    """One of its programs is stopped, so that it cannot end: the next server
    finds its socket, if it looks there, and somebody who listens."""
    old = web.programs()
    t.same(len(old), PROGRAMS, "lighttpd starts its programs")
    os.kill(old[0][0], signal.SIGSTOP)
    web.kill()
    servers.until(lambda: len(alive(old)) == 1, 5)
    t.same(alive(old), [old[0][0]],
           "lighttpd is killed: its programs end, those that can")
    with w.settings(s3_bucket="another-bucket"):
        web.start(clear=False)
        t.same(len(web.programs()), PROGRAMS,
               "a new server starts programs of its own")
        urls = {json.loads(grant().body)["url"].rpartition("/")[2]
                for _ in range(20)}
    t.same(urls, {"another-bucket"},
           "the programs of a new server have the new configuration")
    os.kill(old[0][0], signal.SIGCONT)
    servers.until(lambda: not alive(old), 5)
    t.same(alive(old), [],
           "a program that was stopped ends when it goes on")


def test_respawned(t):
    """After a kill of the server, too, all its programs have a parent."""
    os.kill(web.programs()[0][0], signal.SIGKILL)
    servers.until(lambda: len(web.programs()) < PROGRAMS, 5)
    servers.until(lambda: len(web.programs()) == PROGRAMS, 5)
    t.same(len(web.programs()), PROGRAMS,
           "a program that is killed is started again")


def test_stopped(t):
    old = web.programs()
    web.stop()
    t.same(alive(old), [], "lighttpd is stopped: its programs end")
    t.same([name for name in os.listdir(web.sockets) if str(web.pid) in name],
           [], "lighttpd is stopped: its sockets are removed")


def test_external(t):
    """Programs behind a socket that others made are theirs."""
    s = fcgi.Service(w, "healthz", count=2)
    there = servers.Web(w, lambda text: text + (
        '$HTTP["url"] == "/external" { fastcgi.server = ( "" => (( '
        '"socket" => "%s", "check-local" => "disable" )) ) }\n' % s.path))
    for what in "", "after a kill of lighttpd ":
        if what:
            there.kill()
            time.sleep(0.5)
            there.start()
        codes = [servers.ask(there.port, "GET", "/external").code
                 for _ in range(10)]
        t.same((codes, s.alive()), ([200] * 10, [True, True]),
               what + "programs behind a socket of their own serve")
    there.stop()


def of_user(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"^Uid:\t\d+\t(\d+)", f.read(), re.M)[1])


def test_user(t):
    name = shipped("server.username").strip('"')
    t.same((name, shipped("server.groupname").strip('"')),
           ("www-data", "www-data"), "the shipped configuration names a user")
    text = "started as root, lighttpd and its programs become that user"
    if os.geteuid() != 0:
        return t.skip(text, "only root can become another user")
    if endpoint.closed_to_others():
        return t.skip(text, endpoint.closed_to_others() +
                      " is closed to other users")
    os.rename(web.log, web.log + ".before")
    for path, _, names in os.walk(w.dir):
        for each in [path] + [os.path.join(path, n) for n in names]:
            shutil.chown(each, name)
    there = servers.Web(w, user=True)
    pids = [there.pid] + [p for p, _ in there.programs()]
    t.same({of_user(p) for p in pids}, {pwd.getpwnam(name).pw_uid}, text)
    r = servers.ask(there.port, "POST", GRANT, body=json.dumps(
        w.request()).encode())
    t.same((len(pids), r.code), (PROGRAMS + 1, 200),
           "as the user that is named, it serves grants")
    there.stop()


tap.run([test_bodies, test_limit, test_limit_of_puts, test_trickling,
         test_long_paths, test_killed, test_respawned, test_stopped,
         test_external, test_user])
