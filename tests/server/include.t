#!/usr/bin/python3
"""foldergate.conf as an operator adds it to a server: included from a block in
a file of conf-enabled, under Debian's own lighttpd.conf."""

import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import servers  # noqa: E402
import tap  # noqa: E402
from world import World  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
DEBIAN = os.path.join(HERE, "..", "vectors", "lighttpd", "debian-12.conf")
NAMES = sorted(name[:-2] for name in os.listdir(
    os.path.join(servers.ROOT, "cgi-bin")))
HOST = "access.example"
SITE = b"<p>the operator's own page\n"

w = World()
w.now = int(time.time())
w.snapshot()
os.mkdir(w.path("conf-enabled"))
os.mkdir(w.path("site"))
w.write("site/index.html", SITE)


def stock(block):
    """A function for servers.Web: Debian's file with this machine's paths,
    and ours, as its header says, in a block of a file of its own."""
    def conf(shipped):
        ours = re.findall(r"^(?:var\.foldergate_|include ).*", shipped, re.M)
        w.write("conf-enabled/50-foldergate.conf",
                "%s {\n%s\n}\n" % (block, "\n".join(ours)))
        w.write("conf-enabled/10-accesslog.conf",
                'server.modules += ( "mod_accesslog" )\n'
                'accesslog.filename = "%s"\n' % w.path("log/access.log"))
        port = re.search(r"^server\.port = (\d+)", shipped, re.M)[1]
        with open(DEBIAN) as f:
            text = f.read()
        for old, new in [("/var/log/lighttpd", w.path("log")),
                         ("/run/lighttpd.pid", w.path("lighttpd.pid")),
                         ("/var/cache/lighttpd/uploads", w.path("uploads")),
                         ("/etc/lighttpd/conf-enabled",
                          w.path("conf-enabled")),
                         ("/var/www/html", w.path("site")),
                         (r"server\.(user|group)name .*\n", ""),
                         (r"(?<=server\.port)( *= ).*", r"\g<1>" + port)]:
            text, n = re.subn(old, new, text)
            if n == 0:
                raise RuntimeError("no %s in Debian's file" % old)
        return text
    return conf


def signed():
    w.now = int(time.time())
    return json.dumps(w.request()).encode()


def refused(r, code, name):
    """What is wrong with an answer that should be this refusal."""
    return [] if r.code == code and r.header.get("content-type") == \
        "application/json" and json.loads(r.body)["code"] == name else [r]


def serves(t, web, where, port, host):
    def ask(*args, **more):
        return servers.ask(port, *args, host=host, **more)

    wrong = []
    for name in NAMES:
        r = ask("GET", "/" + name)
        may = (401,) if name == "metrics" else (200, 405, 503)
        if "x-request-id" not in r.header or r.code not in may:
            wrong += [name, r]
    t.none(wrong, "%s, each of %d programs answers" % (where, len(NAMES)))
    r = ask("POST", "/get-folder-access", body=signed())
    t.same(r.code, 200, "%s, a miner gets its grant" % where)
    wrong = []
    for path in "/nope", "/index.html", "/healthz/x", "/404.html":
        wrong += refused(ask("GET", path), 404, "not_found")
    t.none(wrong, "%s, any other path is a 404 in JSON" % where)
    with open(os.path.join(servers.WWW, "index.html"), "rb") as f:
        r = ask("GET", "/")
        t.ok((r.code, r.body, r.header["content-type"]) == (
            200, f.read(), "text/html; charset=utf-8"),
            "%s, the page / is foldergate's" % where, r)
    t.same(ask("POST", "/get-folder-access/", body=b"{}").code, 307,
           "%s, a slash too many is redirected" % where)
    r = ask("POST", "/get-folder-access", body=signed().ljust(65537))
    t.none(refused(r, 413, "body_too_large"),
           "%s, a body over 64 KiB is refused" % where)
    t.ok("server" not in r.header, "%s, no answer names the server" % where)
    with open(w.path("log/error.log")) as f:
        t.none([line for line in f if re.search(
            "DEPRECATED|WARNING|unknown|unexpected", line)],
            "%s, lighttpd knows every setting" % where)


def leaves_alone(t, web, where):
    r = servers.ask(web.port, "GET", "/index.html", host="www.example")
    t.same((r.code, r.body), (200, SITE),
           "%s, another host serves its files as before" % where)
    r = servers.ask(web.port, "GET", "/healthz", host="www.example")
    t.ok(r.code == 404 and "x-request-id" not in r.header,
         "%s, another host does not reach the programs" % where, r)


def test_host(t):
    web = servers.Web(w, stock('$HTTP["host"] == "%s"' % HOST))
    where = "included in a host block"
    serves(t, web, where, web.port, HOST)
    leaves_alone(t, web, where)
    servers.ask(web.port, "GET", "/healthz?Canary", host=HOST,
                headers=[("User-Agent", "Canary")])
    web.stop()
    with open(w.path("log/access.log")) as f:
        lines = [line for line in f if "/healthz" in line]
    t.ok(lines and "Canary" not in "".join(lines),
         "%s, the operator's access log holds no query" % where, *lines)
    os.rename(w.path("log"), w.path("log.host"))


def test_socket(t):
    port = servers.free_port()
    web = servers.Web(w, stock('$SERVER["socket"] == "127.0.0.1:%d"' % port))
    where = "included in a socket block"
    serves(t, web, where, port, "127.0.0.1")
    leaves_alone(t, web, where)


tap.run([test_host, test_socket])
