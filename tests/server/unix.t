#!/usr/bin/python3
"""A web server that listens on a unix socket: it has no address to tell, so what
is in front of it must."""

import json
import os
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import servers  # noqa: E402
import tap  # noqa: E402
from world import World  # noqa: E402

w = World()
w.now = int(time.time())
w.snapshot()
CLIENT = "192.0.2.66"


def ask(path, body, headers=()):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(20)
        s.connect(path)
        head = ["POST /get-folder-access HTTP/1.1", "Host: x",
                "Connection: close", "Content-Length: %d" % len(body)]
        head += ["%s: %s" % h for h in headers]
        s.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        return servers.read_response(s, "POST")


def signed():
    w.now = int(time.time())
    return json.dumps(w.request()).encode()


def behind(t, name, server, listen, old):
    path = w.path(name + ".sock")

    def conf(text):
        if old not in text:
            raise RuntimeError("no %s" % old)
        return text.replace(old, old + "\n" + listen % path, 1)
    web = server(conf)
    forwarded = [("X-Forwarded-For", CLIENT)]
    r = ask(path, signed(), forwarded)
    t.ok(r.code == 503, "%s on a unix socket that is not trusted: nothing is "
         "granted to a client without an address" % name, r)
    web.stop()
    with w.settings(web_trusted_proxies="unix"):
        web.start()
        r = ask(path, signed(), forwarded)
        t.ok(r.code == 200, "%s on a unix socket that is trusted: the client "
             "that it names gets its grant" % name, r)
        w.cli("deny", "add", "--address", CLIENT, "--reason", "test",
              env={**w.env(), "FOLDERGATE_NOW": str(int(time.time()))})
        time.sleep(1.2)
        r = ask(path, signed(), forwarded)
        t.ok(r.code == 401, "%s on a unix socket that is trusted: the client "
             "that it names is denied, if it is" % name, r)
        w.cli("deny", "remove", "--address", CLIENT, env=w.env())
        web.stop()


def test_nginx(t):
    behind(t, "nginx", lambda conf: servers.Nginx(w, "sockets", conf=conf),
           "\tlisten unix:%s;", "\tserver_name _;")


def test_lighttpd(t):
    behind(t, "lighttpd", lambda conf: servers.Web(w, conf=conf),
           '$SERVER["socket"] == "%s" { }', 'server.bind = "127.0.0.1"')


tap.run([test_nginx, test_lighttpd])
