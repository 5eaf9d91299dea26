#!/usr/bin/python3
"""HTTP through a web server with the shipped configuration: which URL reaches
which program, what is refused before one is reached, and what every answer has.
SERVER names one of servers.SERVERS; without it, lighttpd starts the programs."""

import http.client
import json
import os
import re
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import servers  # noqa: E402
import tap  # noqa: E402
from world import World  # noqa: E402

GRANT = "/get-folder-access"
PATHS = {GRANT: "POST", "/healthcheck": "GET", "/commitment-formats": "GET"}

w = World()
w.now = int(time.time())
w.snapshot()
SERVER = os.environ.get("SERVER", "lighttpd-spawn")
FAMILY = SERVER.partition("-")[0]
web = servers.SERVERS[SERVER](w)
seen = []       # every answer that ask() gave, for the last tests


def ask(*args, **more):
    seen.append((args, servers.ask(web.port, *args, **more)))
    return seen[-1][1]


def send(data, method="GET"):
    seen.append((data[:60], servers.raw(web.port, data, method)))
    return seen[-1][1]


def by(lighttpd, apache, nginx, caddy=None):
    """What this server does, where servers differ; caddy: as nginx."""
    return {"lighttpd": lighttpd, "apache": apache, "nginx": nginx,
            "caddy": nginx if caddy is None else caddy}[FAMILY]


def signed():
    with w.time(int(time.time())):
        return json.dumps(w.request()).encode()


def body_of(method):
    return {"POST": b"{}"}.get(method)


def grant(**more):
    return ask("POST", GRANT, body=signed(), **more)


def granted(r):
    """What is wrong with an answer that should be the miner's grant."""
    if r.code != 200:
        return [r]
    folder = json.loads(r.body)["folder"]
    return [] if folder == "data/hotkey=%s/" % w.miner.ss58 else [r]


def of_go(r):
    """Caddy's library answers what is no HTTP by itself, in text."""
    return FAMILY == "caddy" and r.code in (400, 431) and \
        r.body.startswith(b"4")


def refused(r, code, name, detail=None):
    """What is wrong with an answer that should be this refusal."""
    if of_go(r):
        return [] if r.code == code else [r]
    try:
        body = json.loads(r.body)
    except ValueError:
        return [r]
    good = r.code == code and list(body) == ["detail", "code"] and \
        body["code"] == name and detail in (None, body["detail"])
    return [] if good else [r]


# --- which URL ---------------------------------------------------------------

def test_endpoints(t):
    t.none(granted(grant()), "POST %s is granted" % GRANT)
    for path in "/healthcheck", "/commitment-formats":
        r = ask("GET", path)
        t.ok(r.code == 200 and json.loads(r.body),
             "GET %s is answered with 200" % path, r)
    r = ask("POST", GRANT + "?source=../x&a=b", body=signed())
    t.none(granted(r), "a query string changes nothing in a grant")


def test_unknown(t):
    """Exact match only; and no path leads to a file."""
    for path in ["/../nope", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd"]:
        code, name = by((404, "not_found"), (400, "bad_request"),
                        (400, "bad_request"), (404, "not_found"))
        t.none(refused(ask("GET", path), code, name),
               "GET %s is answered with %d" % (path, code))
    for path in ["/nope", "/404.html", "/errors/404.html",
                 "/foldergate.conf", "/cgi-bin/healthcheck", "/Healthcheck",
                 "/healthcheck;x", "/healthcheck.c", "/healthcheck%20"]:
        t.none(refused(ask("GET", path), 404, "not_found", "Not Found"),
               "GET %s is answered with 404" % path)
    code, name = by((400, "bad_request"), (404, "not_found"),
                    (404, "not_found"))
    t.none(refused(ask("GET", "/healthcheck%0a"), code, name),
           "GET /healthcheck%%0a is answered with %d" % code)
    for path in PATHS:
        for more in "X", "/x", "/x/", "/..%2f..%2fetc%2fpasswd":
            r = ask(PATHS[path], path + more, body=body_of(PATHS[path]))
            above = FAMILY == "nginx" and ".." in more
            t.none(refused(r, 400 if above else 404,
                           "bad_request" if above else "not_found"),
                   "%s is answered with %d, since a path is no prefix" %
                   (path + more, 400 if above else 404))
    r = ask("POST", "/nope", body=signed())
    t.none(refused(r, 404, "not_found"),
           "a signed body sent to another path is answered with 404")


def test_other_spellings(t):
    """One path has many; they mean what RFC 3986 says they mean."""
    for path in ["/health%63heck", "//healthcheck", "/x/../healthcheck",
                 "/./healthcheck", "/get-folder-access/../healthcheck"]:
        r = ask("GET", path)
        t.ok(r.code == 200 and json.loads(r.body)["status"] == "ok",
             "GET %s reaches /healthcheck" % path, r)
    t.none(granted(ask("POST", "/get%2Dfolder%2daccess", body=signed())),
           "POST /get%%2Dfolder%%2daccess reaches %s" % GRANT)
    for path in "/healthcheck%00", "/healthcheck%0d%0aX-Evil:1", "*", "":
        known = by(True, "%" not in path, "%0d" not in path, path == "")
        t.none(refused(ask("GET", path), 400 if known else 404,
                       "bad_request" if known else "not_found"),
               "GET %r is answered with %d" % (path, 400 if known else 404))


def test_slash(t):
    for path in PATHS:
        r = ask(PATHS[path], path + "/", body=body_of(PATHS[path]))
        t.ok(r.code == 307 and re.fullmatch(
            "(http://127.0.0.1:%d)?%s" % (web.port, path),
            r.header.get("location", "")),
             "%s/ is answered with 307 and the path without it" % path, r)
    r = ask("POST", GRANT + "/?a=b", body=signed())
    t.same(r.header.get("location", "").rpartition("?")[2], "a=b",
           "a redirection keeps the query")


def test_methods(t):
    for path, right in PATHS.items():
        for method in ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE",
                       "PATCH", "TRACE"):
            if method == right:
                continue
            r = ask(method, path, body=body_of(method))
            allow = by(right, None, None, right) if method == "TRACE" else \
                right
            wrong = [r] if r.header.get("allow") != allow else []
            if method == "HEAD":
                wrong += [r] if r.code != 405 or r.body else []
            else:
                wrong += refused(r, 405, "method_not_allowed",
                                 "Method Not Allowed")
            t.none(wrong, "%s %s is answered with 405 and Allow: %s" %
                   (method, path, allow))
    r = ask("FOO", "/healthcheck")
    code, name = by((501, "not_implemented"), (405, "method_not_allowed"),
                    (405, "method_not_allowed"))
    t.none(refused(r, code, name),
           "the method FOO is answered with %d" % code)


# --- the body ----------------------------------------------------------------

def test_size(t):
    r = ask("POST", GRANT, body=signed().ljust(65536))
    t.none(granted(r), "a body of 65,536 bytes is granted")
    for size in 65537, 1 << 20:
        r = ask("POST", GRANT, body=signed().ljust(size))
        t.none(refused(r, 413, "body_too_large"),
               "a body of %d bytes is answered with 413" % size)
    t.none(refused(ask("POST", GRANT, body=b""), 422, "invalid_request"),
           "an empty body is answered with 422")
    r = ask("POST", GRANT)
    code, name = by((411, "length_required"), (422, "invalid_request"),
                    (422, "invalid_request"))
    t.none(refused(r, code, name),
           "a POST with neither body nor length is answered with %d" % code)


def chunked(data, step):
    out = b""
    for i in range(0, len(data), step):
        part = data[i:i + step]
        out += b"%x\r\n%s\r\n" % (len(part), part)
    return b"POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" \
        b"Transfer-Encoding: chunked\r\n\r\n%s0\r\n\r\n" % (
            GRANT.encode(), out)


def test_chunked(t):
    for size, step in (0, 7), (0, 65536), (65536, 1000):
        r = send(chunked(signed().ljust(size), step), "POST")
        t.none(granted(r), "a chunked body with %d bytes per chunk, padded to "
               "%d, is granted" %
               (step, size))
    for size in 65537, 200000:
        r = send(chunked(signed().ljust(size), 4096), "POST")
        t.none(refused(r, 413, "body_too_large"),
               "a chunked body of %d bytes is answered with 413" % size)
    r = send(b"POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
             b"Content-Length: 5\r\n\r\n0\r\n\r\n" % GRANT.encode(), "POST")
    code, name = by((400, "bad_request"), (422, "invalid_request"),
                    (400, "bad_request"), (422, "invalid_request"))
    t.none(refused(r, code, name), "a chunked body with a length is answered "
           "with %d: the length is nothing" % code)
    r = ask("POST", GRANT, body=signed(), headers=[("Content-Length", "3")])
    t.none(refused(r, 400, "bad_request"),
           "a body with two lengths is answered with 400")


def test_content_type(t):
    for kind in None, "application/json", "APPLICATION/JSON;charset=utf-8":
        headers = [("Content-Type", kind)] if kind else []
        t.none(granted(grant(headers=headers)),
               "a body with the Content-Type %s is granted" % kind)
    for kind in "text/plain", "application/x-www-form-urlencoded":
        t.none(refused(grant(headers=[("Content-Type", kind)]), 422,
                       "invalid_request"),
               "a body with the Content-Type %s is answered with 422" % kind)


def test_expect(t):
    """curl waits a second for this line if it is not sent."""
    data = signed()
    with socket.create_connection(("127.0.0.1", web.port), 20) as s:
        s.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n"
                  b"Expect: 100-continue\r\n\r\n" % (
                      GRANT.encode(), len(data)))
        line = s.recv(1024)
        s.sendall(data)
        r = servers.read_response(s, "POST")
    t.ok(line == b"HTTP/1.1 100 Continue\r\n\r\n",
         "Expect: 100-continue is answered before the body is sent", line)
    t.none(granted(r), "a request with Expect: 100-continue is granted")


# --- headers -----------------------------------------------------------------

def test_repeated(t):
    """Whatever may be believed of a caller has one value or none."""
    for name in ("X-Tao-Version", "X-Tao-Timestamp", "X-Tao-Nonce",
                 "X-Tao-Signed-By", "X-Tao-Signature"):
        other = name.replace("-", "_")
        for pair in (name, name), (name, other), (other, other), \
                (name, name.lower()):
            r = grant(headers=[(n, str(i)) for i, n in enumerate(pair)])
            dropped = FAMILY != "lighttpd" and "_" in pair[1]
            t.none(granted(r) if dropped and "_" in pair[0] else
                   refused(r, 400, "invalid_header") if not dropped else
                   [] if r.code in (400, 200) else [r],
                   "a request with the headers %s and %s is answered "
                   "with 400%s" % (*pair, ", or those with _ are dropped"
                                   if dropped else ""))
    for name in "X-Forwarded-For", "X-Real-IP", "Forwarded":
        other = name.replace("-", "_")
        if other != name:
            r = grant(headers=[(name, "192.0.2.1"), (other, "192.0.2.2")])
            t.none(refused(r, 400, "invalid_header")
                   if FAMILY == "lighttpd" else granted(r),
                   "a request with the headers %s and %s is %s" %
                   (name, other, by("answered with 400", *["granted, as if "
                                    "the second were not there"] * 2)))
        t.none(granted(grant(headers=[(name, "192.0.2.1")])),
               "a request with one %s is granted" % name)
    r = grant(headers=[("Content_Length", "1")])
    t.none(granted(r), "a header Content_Length does not stand for the length")
    r = ask("GET", "/healthcheck", headers=[("X-A", "a" * 9000)])
    code, name = by((431, "headers_too_large"), (400, "bad_request"),
                    (431, "headers_too_large"))
    t.none(refused(r, code, name),
           "9,000 bytes of headers are answered with %d" % code)


def test_old_http(t):
    t.none(granted(grant(version="1.0")), "a request in HTTP/1.0 is granted")
    r = send(b"GET /healthcheck HTTP/1.0\r\n\r\n")
    t.same(r.code, 200,
           "a request in HTTP/1.0 without Host is answered with 200")
    r = send(b"GET /healthcheck HTTP/1.1\r\n\r\n")
    t.none(refused(r, 400, "bad_request"),
           "a request in HTTP/1.1 without Host is answered with 400")


def test_keep_alive(t):
    """One connection, 300 requests, good and bad ones in turn."""
    c = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
    c.connect()
    sock, wrong = c.sock, []
    for i in range(100):
        for method, path, body, code in [
                ("POST", GRANT, signed() if i < 20 else b"{}",
                 200 if i < 20 else 422),
                ("GET", "/nope", None, 404), ("GET", "/healthcheck", None,
                                             200)]:
            c.request(method, path, body)
            r = c.getresponse()
            r.read()
            if r.status != code:
                wrong.append("%d: %s %d" % (i, path, r.status))
    t.none(wrong + ([] if c.sock is sock else ["it was closed"]),
           "a connection is kept for 300 requests")
    c.close()


def test_pipelined(t):
    one = b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", web.port), 20) as s:
        s.sendall(one * 4 + one.replace(b"Host", b"Connection: close\r\nHost"))
        with s.makefile("rb") as f:
            data = f.read()
    t.same(data.count(b"HTTP/1.1 200 OK\r\n"), 5,
           "five requests sent at once get five answers")


# --- every answer ------------------------------------------------------------

def test_every_answer(t):
    name = by(None, "Apache", "nginx", "")
    t.none([(a, r) for a, r in seen if
            (r.header.get("server") or None) != (name or None)],
           "no answer of %d tells more of the server than %s" %
           (len(seen), name))
    t.none([(a, r) for a, r in seen if not of_go(r) and not
            r.header.get("content-length", "").isdigit()],
           "every answer has a Content-Length")
    t.none([(a, r) for a, r in seen if r.body and r.code != 307 and not of_go(r) and
            r.header.get("content-type") != "application/json"],
           "every answer with a body, but for a redirection, is "
           "application/json")
    ours = [(a, r) for a, r in seen if "x-request-id" in r.header]
    # lighttpd answers what it does not read by itself, with no header.
    unread = by((400, 408, 411, 413, 431, 501, 505), (), ())
    t.none([(a, r) for a, r in seen if not of_go(r) and
            ("x-request-id" in r.header or r.code not in unread) and
            (r.header.get("cache-control") != "no-store" or
             r.header.get("x-content-type-options") != "nosniff" or
             r.header.get("referrer-policy") != "no-referrer" or
             r.header.get("content-security-policy") !=
             "default-src 'none'; frame-ancestors 'none'")],
           "each answer has the headers that protect it in a browser")
    ids = [r.header["x-request-id"] for _, r in ours]
    t.ok(len(set(ids)) == len(ids) > 50,
         "no two answers have the same request id")
    t.none([(a, r) for a, r in seen if b"409" in r.body and r.code not in
            (200, 409)], "no refusal holds the digits 409")
    t.none([line for line in web.logs().splitlines() if "Traceback" in line or
            '"level":"error"' in line],
           "the programs behind %s logged no error" % SERVER)


tap.run([test_endpoints, test_unknown, test_other_spellings, test_slash,
         test_methods, test_size, test_chunked, test_content_type, test_expect,
         test_repeated, test_old_http, test_keep_alive, test_pipelined],
        test_every_answer)
