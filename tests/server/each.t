#!/usr/bin/python3
"""The shortest look at every web server with the shipped configuration.  `make
check-servers` sends all of http.t, servers.t and pages.t through each."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import servers  # noqa: E402
import tap  # noqa: E402
from world import World  # noqa: E402

NAMES = sorted(name[:-2] for name in os.listdir(
    os.path.join(servers.ROOT, "cgi-bin")))
PAGE = "https://app.example"

# What every answer has, of a program or of the server itself.
HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
w = World(cors_origins=PAGE)
w.snapshot()


def looks(web):
    """What is wrong behind this server, as pairs of what and an answer."""
    seen = []

    def ask(*args, **more):
        seen.append((args, servers.ask(web.port, *args, **more)))
        return seen[-1][1]

    with w.time(int(time.time())):
        w.snapshot()
        body = json.dumps(w.request()).encode()
    r = ask("POST", "/get-folder-access", body=body)
    if r.code != 200 or w.miner.ss58 not in json.loads(r.body)["folder"]:
        yield "a grant", r
    for name in NAMES:
        r = ask("GET", "/" + name)
        if "x-request-id" not in r.header:
            yield name, r
    for method, path, size, code, name in [
            ("GET", "/nope", None, 404, "not_found"),
            ("GET", "/healthz/x", None, 404, "not_found"),
            ("PUT", "/healthz", 2, 405, "method_not_allowed"),
            ("POST", "/get-folder-access", 2, 422, "invalid_request"),
            ("POST", "/get-validator-access", 65537, 413, "body_too_large"),
            ("POST", "/get-file-presigned-urls", 1310721, 413,
             "body_too_large")]:
        r = ask(method, path, body=None if size is None else b"{}".ljust(size))
        if r.code != code or json.loads(r.body)["code"] != name or \
                r.header.get("content-type") != "application/json":
            yield (method, path, size), r
        # The programs have the same limit; this is the server's.  Caddy cuts
        # the body at its limit, and lets the program refuse the rest.
        if code == 413 and "x-request-id" in r.header and \
                web.name != "caddy":
            yield "a limit of the server for %s" % path, r
    for path in "/", "/docs":
        r = ask("GET", path)
        if r.code != 200 or b"foldergate" not in r.body or \
                not r.header["content-type"].startswith("text/html;"):
            yield path, r
    r = ask("HEAD", "/healthz")
    if r.code != 405 or r.body:
        yield "HEAD", r
    r = ask("POST", "/get-folder-access/", body=b"{}")
    if r.code != 307 or not r.header["location"].endswith("-access"):
        yield "a slash too many", r
    # With CORS, as far as a server may disturb it.
    page = [("Origin", PAGE), ("X-Request-ID", "a-proxy.1")]
    for name in NAMES:
        r = ask("OPTIONS", "/" + name, headers=page + [
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "content-type")])
        if name == "metrics":       # an address alone may open it
            if r.code != 400 or b"origin_not_allowed" not in r.body:
                yield "a preflight of metrics", r
        elif (r.code, r.body) != (200, b"OK") or r.header.get(
                "access-control-allow-origin") != PAGE or \
                r.header.get("content-type") != "text/plain; charset=utf-8" \
                or r.header.get("access-control-max-age") != "600":
            yield "a preflight of %s" % name, r
    r = ask("OPTIONS", "/healthz", headers=page)
    if r.code != 405 or r.header.get("allow") != "GET":
        yield "OPTIONS", r
    r = ask("GET", "/healthz", headers=page)
    if r.code != 200 or r.header.get("x-request-id") != "a-proxy.1" or \
            r.header.get("access-control-allow-origin") != PAGE or \
            r.header.get("vary") != "Origin":
        yield "an answer for a page", r
    for args, r in seen:
        # lighttpd answers what it does not read by itself, with no header.  A
        # page has others, see pages.t.
        if web.name == "lighttpd" and r.code == 413 or \
                args[1] in ("/", "/docs"):
            continue
        for name, value in HEADERS.items():
            if r.header.get(name) != value:
                yield "%s after %s" % (name, args[:2]), r


def of(name):
    def test(t):
        text = "behind %s a miner gets its grant, %d programs answer, pages " \
            "too, and refusals are JSON" % (name, len(NAMES))
        if servers.cannot(name):
            return t.skip(text, servers.cannot(name))
        web = servers.SERVERS[name](w)
        wrong = ["%s: %s" % each for each in looks(web)]
        t.none(wrong, text)
        web.stop()
    test.__name__ = name
    return test


tap.run([of(name) for name in servers.SERVERS])
