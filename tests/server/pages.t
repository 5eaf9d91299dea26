#!/usr/bin/python3
"""The pages / and /docs, and /openapi.json, through a web server with the shipped
configuration.  SERVER names one of servers.SERVERS; without it, one of each kind
is looked at.  Who starts the programs is nothing to a static file."""

import gzip
import json
import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import servers  # noqa: E402
import tap  # noqa: E402
from world import World  # noqa: E402

HTML, CSS, JS = ("text/%s; charset=utf-8" % kind for kind in (
    "html", "css", "javascript"))
TEXT = "text/plain; charset=utf-8"

# URL, file of build/www, type.
FILES = [("/", "index.html", HTML), ("/docs", "docs.html", HTML),
         ("/openapi.json", "openapi.json", "application/json"),
         ("/docs/swagger-ui.css", "docs/swagger-ui.css", CSS),
         ("/docs/swagger-ui-bundle.js", "docs/swagger-ui-bundle.js", JS),
         ("/docs/page.css", "docs/page.css", CSS),
         ("/docs/init.js", "docs/init.js", JS),
         ("/docs/status.js", "docs/status.js", JS),
         ("/docs/icon.svg", "docs/icon.svg", "image/svg+xml"),
         ("/docs/swagger-ui.LICENSE.txt", "docs/swagger-ui.LICENSE.txt", TEXT),
         ("/docs/swagger-ui.NOTICE.txt", "docs/swagger-ui.NOTICE.txt", TEXT),
         ("/docs/swagger-ui-bundle.js.LICENSE.txt",
          "docs/swagger-ui-bundle.js.LICENSE.txt", TEXT)]
LARGE = ["/openapi.json", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"]
UNKNOWN = ["/index.html", "/docs.html", "/docs/nope.css", "/docs/SOURCE",
           "/docs/init.js/", "/docs/init.js/x", "/docs/page.css.gz",
           "/docs/swagger-ui.css.gz", "/openapi.json.gz", "/openapi.json/",
           "/www/index.html", "/docs/..%2findex.html", "/docsx", "/docs/x/y.js",
           "/docs/.js", "/docs/page.css%0a", "/favicon.ico"]
NOT_ALLOWED = {"detail": "Method Not Allowed", "code": "method_not_allowed"}

w = World()
w.snapshot()


def read(name):
    with open(os.path.join(servers.WWW, name), "rb") as f:
        return f.read()


def policy():
    """The rule of the pages for browsers, as docs.html itself has it."""
    return re.search(r'Content-Security-Policy"\s+content="([^"]*)"',
                     read("docs.html").decode())[1]


def wrong_headers(r, kind):
    want = {"content-type": kind, "x-content-type-options": "nosniff",
            "content-security-policy": policy() + "; frame-ancestors 'none'",
            "referrer-policy": "no-referrer", "cache-control": "no-cache"}
    return ["%s: %s" % (name, r.header.get(name)) for name in want
            if r.header.get(name, "").replace(
                "charset=UTF-8", "charset=utf-8") != want[name]]


def files(t, name, ask):
    wrong = []
    for url, path, kind in FILES:
        r, head = ask("GET", url), ask("HEAD", url)
        if r.code != 200 or r.body != read(path) or wrong_headers(r, kind) or \
                "content-encoding" in r.header:
            wrong += [url, r.code, wrong_headers(r, kind)]
        if head.code != 200 or head.body or wrong_headers(head, kind):
            wrong += ["HEAD " + url, head]
        r = ask("GET", url, headers=[("If-None-Match",
                                      r.header.get("etag", "none"))])
        if r.code != 304 or r.body:
            wrong += [url + " again", r.code]
    t.none(wrong, "behind %s each of %d files of the pages is sent with its "
           "type and with what a browser must keep to" % (name, len(FILES)))


def compressed(t, name, ask):
    wrong = []
    for url in LARGE:
        path, kind = next((p, k) for u, p, k in FILES if u == url)
        for accept, packed in [("gzip", True), ("br, gzip;q=0.5", True),
                               ("deflate, gzip, br", True), ("br", False),
                               ("gzip;q=0", False)]:
            r = ask("GET", url, headers=[("Accept-Encoding", accept)])
            body = gzip.decompress(r.body) if packed and \
                r.body[:2] == b"\x1f\x8b" else r.body
            if r.code != 200 or body != read(path) or wrong_headers(r, kind) \
                    or (r.header.get("content-encoding") == "gzip") != packed \
                    or "accept-encoding" not in r.header.get("vary", "").lower():
                wrong += [url, accept, r.code, r.headers]
    t.none(wrong, "behind %s what is large is sent in the form that the "
           "browser takes" % name)


def refusals(t, name, ask, unknown=UNKNOWN, allow=("GET, HEAD",)):
    wrong = []
    for url, _, _ in FILES:
        for method in "POST", "PUT", "DELETE", "OPTIONS":
            r = ask(method, url, body=b"{}" if method[0] == "P" else None,
                    headers=[("Accept-Encoding", "gzip")])
            if r.code != 405 or json.loads(r.body) != NOT_ALLOWED or \
                    r.header.get("content-type") != "application/json" or \
                    r.header.get("allow") not in allow or \
                    "content-encoding" in r.header or \
                    "location" in r.header:
                wrong += [method, url, r]
    t.none(wrong, "behind %s a page is not for other methods than GET and "
           "HEAD: 405 in JSON" % name)
    wrong = []
    for url in unknown:
        r = ask("GET", url, headers=[("Accept-Encoding", "gzip")])
        if r.code not in (404, 400) or json.loads(r.body)["code"] not in (
                "not_found", "bad_request") or r.header.get("content-type") != \
                "application/json" or "content-encoding" in r.header:
            wrong += [url, r]
    t.none(wrong, "behind %s what is no page is a 404 in JSON" % name)
    r = ask("GET", "/docs/?a=b")
    t.ok(r.code == 307 and re.fullmatch(r"(http://[^/]*)?(/api)?/docs\?a=b",
                                        r.header.get("location", "")),
         "behind %s /docs/ is redirected to /docs" % name, r)


def without(text):
    """The shipped configuration, without the line that its comment names."""
    lines = [line for line in text.splitlines() if "pages.conf" not in line]
    assert len(lines) == len(text.splitlines()) - 1, text
    return "\n".join(lines) + "\n"


def left_out(t, name):
    web = servers.SERVERS[name](w, conf=without)
    wrong = []
    for url, _, _ in FILES + [("/docs/", None, None)]:
        r = servers.ask(web.port, "GET", url)
        if r.code != 404 or json.loads(r.body)["code"] != "not_found":
            wrong += [url, r]
    if servers.ask(web.port, "GET", "/healthcheck").code != 200:
        wrong += ["/healthcheck"]
    t.none(wrong, "behind %s there are no pages without the line that includes "
           "pages.conf" % name)
    web.stop()


class Hosting(servers.Apache):
    """A host's own Apache, with the pages as `make dist-cgi` lays them out in a
    folder of a web site.  No program: tests/hosting/ has those."""

    modules = "authz_core alias rewrite env headers mime dir"

    def shipped(self, user):
        head = super().shipped(user)
        head = head[:head.index("# foldergate as a site")]
        site = w.path("site")
        if not os.path.exists(site):
            os.makedirs(site)
            shutil.copytree(servers.WWW, site + "/api/www")
            shutil.copy(os.path.join(servers.ROOT, "apache-conf", "htaccess"),
                        site + "/api/.htaccess")
        return head + """TypesConfig /etc/mime.types
Listen 127.0.0.1:%d
DocumentRoot %s
<Directory %s>
	Require all granted
	AllowOverride All
	Options SymLinksIfOwnerMatch
</Directory>
""" % (self.port, site, site)


def hosting(t):
    text = "behind a host's .htaccess the pages are sent"
    if servers.cannot("apache"):
        return t.skip(text, servers.cannot("apache"))
    web = Hosting(w, "cgi")

    def ask(method, url, **more):
        return servers.ask(web.port, method, "/api" + url, **more)
    name = "a host's .htaccess"
    files(t, name, ask)
    compressed(t, name, ask)
    # The host refuses some in its own way, and adds its TRACE.
    refusals(t, name, ask, [url for url in UNKNOWN if "%" not in url],
             ["GET, HEAD", "GET, HEAD, TRACE"])
    shutil.rmtree(w.path("site/api/www"))
    t.none([url for url, _, _ in FILES if ask("GET", url).code not in
            (404, 403)],
           "behind a host's .htaccess there are no pages without the folder www")
    web.stop()


def of(name):
    def test(t):
        if servers.cannot(name):
            return t.skip("behind %s the pages are sent" % name,
                          servers.cannot(name))
        web = servers.SERVERS[name](w)

        def ask(*args, **more):
            return servers.ask(web.port, *args, **more)
        for look in files, compressed, refusals:
            look(t, name, ask)
        web.stop()
        left_out(t, name)
    test.__name__ = name
    return test


names = [os.environ["SERVER"]] if "SERVER" in os.environ else \
    ["lighttpd-cgi", "apache-prefork", "nginx-fcgiwrap", "caddy-sockets"]
tap.run([of(name) for name in names] + [hosting])
