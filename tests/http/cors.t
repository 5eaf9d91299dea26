#!/usr/bin/python3
"""What a page in a browser may do: the preflight, the headers of an answer,
and the id that a client or a proxy gives to a request."""

import glob
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import validators

PAGE, OTHER = "https://app.example", "http://localhost:3000"
CORS = [name for name, _ in endpoint.CORS_HEADERS]

# Every file of cgi-bin, and the method that it declares.
ENDPOINTS = {}
for path in glob.glob("cgi-bin/*.c"):
    with open(path) as f:
        ENDPOINTS[os.path.basename(path)[:-2]] = re.search(
            r'\.method = "(\w+)"', f.read())[1]

w = validators.Validators()
w.snapshot()


def ask(name, method, origin=None, asked=None, body=b"", env=None, **more):
    """An answer to a request as a browser sends it for a page."""
    variables = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": method,
                 "REMOTE_ADDR": "192.0.2.7", "CONTENT_LENGTH": str(len(body)),
                 **w.env(), "HTTP_ORIGIN": origin,
                 "HTTP_ACCESS_CONTROL_REQUEST_METHOD": asked, **more}
    variables = [(k, v) for k, v in variables.items() if v is not None]
    return endpoint.cgi(name, variables + (env or []), body,
                        allow=ENDPOINTS[name])


def cors_of(a):
    return {name: a.header[name] for name in CORS if name in a.header}


def preflights(t):
    with w.settings(cors_origins=PAGE + ", " + OTHER):
        for name, method in sorted(ENDPOINTS.items()):
            if name == "metrics":       # see by_address
                continue
            for origin in PAGE, OTHER:
                a = ask(name, "OPTIONS", origin, method,
                        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="x-anything")
                got = cors_of(a)
                t.ok(a.code == 200 and a.body == b"OK" and not a.wrong and
                     got["Access-Control-Allow-Origin"] == origin and
                     got["Access-Control-Allow-Methods"] == method and
                     list(got) == CORS[:5] and "x-anything" not in a.text,
                     "%s tells a page of %s that it may send a %s" %
                     (name, origin, method), a, *a.wrong)
            a = ask(name, "OPTIONS", PAGE, "DELETE")
            t.ok(a.code == 200 and
                 a.header["Access-Control-Allow-Methods"] == method,
                 "%s names its own method where a page wants to send another"
                 % name, a)


def foreign(t):
    """What a listed origin is like, but is not."""
    with w.settings(cors_origins=PAGE + ", " + OTHER):
        for origin in ("https://app.example.evil", "https://app.exampl",
                       "https://APP.example", "http://app.example",
                       "https://app.example:443", "https://app.example/",
                       "https://evil.example", "null", "*", "",
                       PAGE + ", " + OTHER, PAGE + " ", "\u00fc"):
            a = ask("get-folder-access", "OPTIONS", origin, "POST")
            code, name = (400, "origin_not_allowed") if origin else \
                (405, "method_not_allowed")
            t.none(endpoint.refusal_wrong(
                a, code, name, echo=[origin] if len(origin) > 4 else ()),
                "a preflight of the origin %r is answered with %d" %
                (origin, code))
            t.same(cors_of(a), {"Vary": "Origin"},
                   "that answer to %r allows no page anything" % origin)
            a = ask("healthz", "GET", origin)
            t.ok(a.code == 200 and cors_of(a) == {"Vary": "Origin"},
                 "a GET with the origin %r is answered as one without" %
                 origin, a)
        a = ask("get-folder-access", "OPTIONS", None, "POST", env=[
            ("HTTP_ORIGIN", PAGE), ("HTTP_ORIGIN", PAGE)])
        t.none(endpoint.refusal_wrong(a, 405, "method_not_allowed"),
               "a preflight with two origins has none")


def answers(t):
    with w.settings(cors_origins=PAGE):
        want = {"Vary": "Origin", "Access-Control-Allow-Origin": PAGE,
                "Access-Control-Expose-Headers": "X-Request-ID, Retry-After, "
                "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"}
        a = w.post(w.request(), HTTP_ORIGIN=PAGE)
        t.ok(a.code == 200 and cors_of(a) == want and not a.wrong,
             "a page may read a grant and its headers", a, *a.wrong)
        for text, code, method, more in [
                ("a wrong signature", 401, "POST", {"words": "x"}),
                ("a body without fields", 422, "POST", None),
                ("a wrong method", 405, "PUT", None),
                ("OPTIONS that ask for nothing", 405, "OPTIONS", None)]:
            a = w.post(w.request(**more) if more else b"{}",
                       HTTP_ORIGIN=PAGE, REQUEST_METHOD=method)
            t.ok(a.code == code and cors_of(a) == want,
                 "a page may read the refusal of %s" % text, a)
        a = w.post(w.request())
        t.same(cors_of(a), {"Vary": "Origin"},
               "a request without an origin gets Vary alone")
    with w.settings(cors_origins=PAGE, limits_folder_grants=0):
        a = w.post(w.request(), HTTP_ORIGIN=PAGE)
        t.ok(a.code == 429 and cors_of(a) == want,
             "a page may read when it may try again", a)


def by_address(t):
    """A page in a browser has the address of the browser."""
    with w.settings(cors_origins="*", metrics_allow="192.0.2.7"):
        a = ask("metrics", "GET", PAGE, REMOTE_ADDR="192.0.2.7")
        t.ok(a.code == 200 and "Access-Control-Allow-Origin" not in a.header,
             "no page may read what an address alone opens", a)
        a = ask("metrics", "OPTIONS", PAGE, "GET", REMOTE_ADDR="192.0.2.7")
        t.none(endpoint.refusal_wrong(a, 400, "origin_not_allowed"),
               "a preflight for what an address alone opens is refused")


def everybody(t):
    with w.settings(cors_origins="*"):
        for origin in PAGE, "null", "x y":
            a = ask("healthz", "OPTIONS", origin, "GET")
            t.ok(a.code == 200 and not a.wrong and "Vary" not in a.header and
                 a.header["Access-Control-Allow-Origin"] == "*",
                 "with * a page of the origin %r may do anything" % origin,
                 a, *a.wrong)
        a = w.post(w.request())
        t.same(cors_of(a), {}, "with * a request without an origin gets none "
               "of these headers")
    a = ask("healthz", "GET", PAGE)
    t.ok(a.code == 200 and cors_of(a) == {},
         "without cors.origins no page is allowed anything", a)
    a = ask("healthz", "OPTIONS", PAGE, "GET")
    t.none(endpoint.refusal_wrong(a, 405, "method_not_allowed"),
           "without cors.origins a preflight is a wrong method")


def costs(t):
    """A preflight proves nothing, so it must not count against anybody."""
    with w.settings(cors_origins=PAGE, limits_address_burst=1,
                    limits_address_per_minute=1):
        table = os.path.join(w.state, "throttle.table")
        for path in table, os.path.join(w.state, "refusals.log"):
            if os.path.exists(path):
                os.unlink(path)
        codes = {ask("get-folder-access", "OPTIONS", origin, "POST").code
                 for origin in [PAGE, "https://evil.example"] * 3}
        t.same(codes, {200, 400}, "preflights are answered without end")
        t.ok(not os.path.exists(table), "a preflight opens no table")
        a = w.post(w.request(), HTTP_ORIGIN=PAGE)
        t.same(a.code, 200, "the request after them is granted")
    os.unlink(table)


def ids(t):
    for text in ("a", "x" * 64, "Az09._-", "0-0", "req-4-09", "4.09",
                 "018f3c1e-5a7b-7c3d-9e2f-1a2b3c4d5e6f"):
        a = w.post(w.request(), HTTP_X_REQUEST_ID=text)
        t.ok(a.code == 200 and a.header["X-Request-ID"] == text,
             "the X-Request-ID %r comes back" % text, a)
    for text in ("", "x" * 65, "a b", "a,b", "a\u00e9", "a\nb", "a\"b", "409",
                 "x409y", "1409", "<b>", "a/b", "a\x7f", "%41", "a:b"):
        a = w.post(w.request(), HTTP_X_REQUEST_ID=text)
        t.ok(a.code == 200 and len(a.header["X-Request-ID"]) == 20 and
             a.header["X-Request-ID"].islower() and not a.wrong,
             "an X-Request-ID %r is replaced by one of ours" % text, a)
    a = ask("healthz", "GET", env=[("HTTP_X_REQUEST_ID", "a"),
                                   ("HTTP_X_REQUEST_ID", "b")])
    t.ok(a.code == 200 and len(a.header["X-Request-ID"]) == 20,
         "an X-Request-ID that was given twice is replaced by one of ours", a)
    for name, method in sorted(ENDPOINTS.items()):
        a = ask(name, method, HTTP_X_REQUEST_ID="proxy-1")
        t.same(a.header.get("X-Request-ID"), "proxy-1",
               "%s sends an X-Request-ID back" % name)
    broken = w.write("broken.conf", "[s3]\nnonsense\n")
    a = ask("healthz", "GET", FOLDERGATE_CONFIG=broken,
            HTTP_X_REQUEST_ID="proxy-2")
    t.ok(a.code == 500 and a.header["X-Request-ID"] == "proxy-2",
         "a program that cannot start sends an X-Request-ID back", a)


if __name__ == "__main__":
    tap.run([preflights, foreign, answers, by_address, everybody, costs, ids],
            endpoint.check_outputs)
