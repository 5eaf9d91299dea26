#!/usr/bin/python3
"""TLS in front: the nginx of docs/servers.md, word for word but for its port and
paths, before a lighttpd that knows nothing of it."""

import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import page  # noqa: E402
import servers  # noqa: E402
import tap  # noqa: E402
from world import World  # noqa: E402

NAME = "access.example"
w = World(web_trusted_proxies="127.0.0.1")
w.now = int(time.time())
w.snapshot()
behind = servers.Web(w)
front_port = [0]


class Front(servers.Nginx):
    def __init__(self, world):
        super().__init__(world, "nothing")

    def shipped(self, user):
        front_port[0] = self.port
        whole = super().shipped(user)
        ours = page.block("docs/servers.md", "TLS and proxies", 1)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
             "/CN=" + NAME, "-addext", "subjectAltName=DNS:" + NAME, "-keyout",
             w.path("key"), "-out", w.path("pem")], check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        ours = self.substitute(ours, [
            (r"443 ssl", "127.0.0.1:%d ssl" % self.port),
            (r"/etc/ssl/access.example.pem", w.path("pem")),
            (r"/etc/ssl/private/access.example.key", w.path("key")),
            (r"127\.0\.0\.1:8000", "127.0.0.1:%d" % behind.port)])
        return whole[:whole.index("http {")] + "http {\n" + re.search(
            r"(\t\w+_temp_path .*;\n)+", whole)[0] + ours + "}\n"

    def _serves(self):
        try:
            return ask("GET", "/healthz").code == 200
        except OSError:
            return False


def ask(method, path, body=None, headers=()):
    context = ssl.create_default_context(cafile=w.path("pem"))
    with socket.create_connection(("127.0.0.1", front_port[0]), 20) as plain, \
            context.wrap_socket(plain, server_hostname=NAME) as s:
        head = ["%s %s HTTP/1.1" % (method, path), "Host: " + NAME,
                "Connection: close"] + ["%s: %s" % h for h in headers]
        if body is not None:
            head.append("Content-Length: %d" % len(body))
        s.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + (body or b""))
        return servers.read_response(s, method)


def signed():
    w.now = int(time.time())
    return json.dumps(w.request()).encode()


def test_tls(t):
    front = Front(w)
    r = ask("POST", "/get-folder-access", signed())
    t.ok(r.code == 200, "a miner gets its grant through TLS", r)
    r = ask("POST", "/get-folder-access/", b"{}")
    t.same((r.code, r.header.get("location")), (307, "/get-folder-access"),
           "a redirection stays where the client is")
    r = ask("POST", "/get-file-presigned-urls", b" " * 1310000)
    t.same(r.code, 422, "a body of 1.25 MB comes through the proxy")
    w.cli("deny", "add", "--address", "127.0.0.1", "--reason", "test",
          env={**w.env(), "FOLDERGATE_NOW": str(int(time.time()))})
    time.sleep(1.2)
    r = ask("POST", "/get-folder-access", signed(),
            [("X-Forwarded-For", "192.0.2.9")])
    t.same((r.code, json.loads(r.body).get("code")), (401, "denied"),
           "through the proxy a client cannot claim another address")
    front.stop()


tap.run([test_tls])
