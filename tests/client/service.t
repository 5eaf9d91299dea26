#!/usr/bin/python3
"""client/service.h: how a request is proven, what is asked again, and what is
said of a refusal; against the programs behind lighttpd, and against servers
that misbehave."""

import http.server
import json
import os
import ssl
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import servers
import tap
from validators import Validators

w = Validators()
w.now = int(time.time())
w.configure(auth_receiver=None)
w.snapshot()
ASKS = os.path.join(endpoint.BUILD, "test", "bin", "asks")
OK, REFUSED, BROKEN, UNREACHABLE, STOPPED, UNABLE = range(6)


def asks(*args, url=None, key=None, coldkey=None, env=None):
    """The exit status, what is said, and the answer."""
    words = ["--url", url or "http://127.0.0.1:%d" % web.port]
    if key is not None:
        words += ["--keyfile", w.wallet(key)]
    if coldkey is not None:
        words += ["--coldkey", coldkey]
    r = endpoint.program(ASKS, [*words, *args], env or {
        "FOLDERGATE_NOW": str(int(time.time()))})
    return r.status, r.log, json.loads(r.text) if r.text else None


class Server(http.server.ThreadingHTTPServer):
    """answers: (status, headers, body) in turn, the last one for ever; seen:
    path, headers and body of each request."""
    daemon_threads = True

    def __init__(self, *answers, formats=None):
        self.answers, self.seen = list(answers), []
        self.formats = json.dumps(formats or {}).encode()
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        s = self.server
        if self.path == "/commitment-formats":
            code, headers, answer = 200, [], s.formats
        else:
            s.seen.append((self.path, dict(self.headers), body))
            code, headers, answer = s.answers[0]
            if len(s.answers) > 1:
                s.answers.pop(0)
        if code == 0:
            self.close_connection = True
            return
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    do_GET = do_POST = any


def proofs(t):
    """By what each request is proven, as the service's programs accept it."""
    for schemes, receiver, scheme, want in [
            (None, None, "auto", OK), (None, w.sibling.ss58, "auto", OK),
            ("text", None, "auto", OK), ("btauth", w.sibling.ss58, "auto", OK),
            (None, None, "text", OK), ("tao", None, "auto", OK),
            (None, w.sibling.ss58, "btauth", OK), (None, None, "btauth", UNABLE),
            ("btauth", w.sibling.ss58, "text", REFUSED)]:
        with w.settings(auth_schemes=schemes, auth_receiver=receiver):
            web.reload()
            _, said, a = asks("--scheme", scheme, "list", w.miner.ss58,
                              key=w.validator)
            t.ok(a["result"] == want and (want != OK or a["url"].startswith(
                "http://store.test:9000/")),
                "a listing is asked for with schemes %s, receiver %s and "
                "--scheme %s" % (schemes, "set" if receiver else "not set",
                                 scheme), said, a)
    web.reload()
    server = Server((401, [], b"{}"))
    server.formats = json.dumps({"schemes": ["text", "btauth"],
                                 "receiver": w.sibling.ss58}).encode()
    asks("list", w.miner.ss58, key=w.validator, url=server.url + "/base")
    t.ok("X-Bittensor-Signature" not in server.seen[-1][1] and
         server.seen[-1][0] == "/base/commitment-formats",
         "a path in the URL is kept before the endpoint's")
    asks("list", w.miner.ss58, key=w.validator, url=server.url)
    t.ok(server.seen[-1][1].get("X-Bittensor-Receiver") == w.sibling.ss58 and
         json.loads(server.seen[-1][2]) == {"miner_hotkey": w.miner.ss58},
         "a service that offers btauth gets headers, and no text")
    before = len(server.seen)
    for formats in {}, {"schemes": ["text"]}, {"schemes": ["btauth"]}:
        quiet = Server((401, [], b"{}"), formats=formats)
        asks("--receiver", w.miner.ss58, "list", w.miner.ss58,
             key=w.validator, url=quiet.url)
        t.ok(quiet.seen[-1][1].get("X-Bittensor-Receiver") == w.miner.ss58 and
             "signature" not in json.loads(quiet.seen[-1][2]),
             "with a receiver that is set, a service that offers %s gets "
             "headers for it, and no text" % (formats or "nothing"),
             quiet.seen)
    _, said, a = asks("--receiver", w.miner.ss58, "list", w.miner.ss58,
                      key=w.validator, url=server.url)
    t.ok(a["result"] == UNABLE and len(server.seen) == before and
         "another receiver" in said,
         "nothing is signed for another receiver than the one that is set",
         said)


def grants(t):
    status, said, a = asks("folder", key=w.miner, coldkey=w.owner)
    t.ok(status == 0 and said == "" and a["any"] and a["folder"] ==
         "data/hotkey=%s/" % w.miner.ss58 and a["grants"][0]["fields"]["key"]
         == a["folder"] + "${filename}",
         "a miner gets a form for its hotkey folder", said, a)
    status, said, a = asks("folder", "reddit", key=w.miner, coldkey=w.owner)
    t.ok(status == 0 and a["folder"] == "data/reddit/%s/" % w.owner,
         "a miner with a source gets a form for its coldkey folder", said)
    with w.settings(s3_provider="r2"):
        web.reload()
        status, said, a = asks("folder", "", "a.csv:2000", "b c.csv:3000",
                               key=w.miner, coldkey=w.owner)
        t.ok(status == 0 and not a["any"] and [
            (g["key"], g["put"], g["headers"]) for g in a["grants"]] == [
            ("data/hotkey=%s/%s" % (w.miner.ss58, n), True,
             {"Content-Length": size}) for n, size in (
                 ("a.csv", "2000"), ("b c.csv", "3000"))],
            "a miner gets a PUT for each file that it names", said, a)
        status, said, a = asks("limits")
        t.same(a["limits"], [1024, 5368709120, 1, 0, 1, 1, 1],
               "the client learns what uploads must be")
    web.reload()
    status, said, a = asks("folder", key=w.miner)
    t.ok(status == 1 and a["result"] == UNABLE and "--coldkey" in said,
         "a grant without a coldkey is not asked for", said)
    status, said, a = asks("limits")
    t.same(a["limits"], [1024, 5368709120, 0, 1, 1, 1, 1],
           "limits are asked for without a key")


def others_grants(t):
    """A service that grants something else than what was asked for."""
    good = {"folder": "data/x/5F/", "url": "http://s/", "fields": {"a": "b"},
            "expires_in_seconds": 60}
    row = {"key": "data/x/5F/f", "url": "http://s/f", "method": "PUT",
           "headers": {"Content-Length": "2000"}}
    for text, answer in [
            ("no folder", {**good, "folder": None}),
            ("a folder without a slash", {**good, "folder": "data"}),
            ("no URL", {**good, "url": None}),
            ("a URL of another kind", {**good, "url": "file:///etc/passwd"}),
            ("a field that is no text", {**good, "fields": {"a": 1}}),
            ("a key in another folder",
             {**good, "uploads": [{**row, "key": "data/y/f"}]}),
            ("fewer files", {**good, "uploads": []}),
            ("a URL with a line break", {**good, "url":
                                         "http://s/\nurl = file:///x"}),
            ("a field with a line break", {**good, "fields":
                                           {"a": "b\noutput = /tmp/x"}}),
            ("a folder with a line break", {**good, "folder": "data/\nx/"}),
            ("a key with a line break",
             {**good, "uploads": [{**row, "key": "data/x/5F/\nf"}]}),
            ("a header that names a file",
             {**good, "uploads": [{**row, "headers": {"@/etc/passwd": "c"}}]}),
            ("a header with a line break",
             {**good, "uploads": [{**row, "headers": {"A": "b\r\nC: d"}}]}),
            ("a header with a colon in its name",
             {**good, "uploads": [{**row, "headers": {"A:b": "c"}}]}),
            ("another method", {**good, "uploads": [{**row,
                                                     "method": "PATCH"}]})]:
        server = Server((200, [], json.dumps(answer).encode()))
        status, said, a = asks("folder", "x", "f:2000", key=w.miner,
                               coldkey=w.owner, url=server.url)
        t.ok(a["result"] == BROKEN and status == 4 and
             "not of the known form" in said,
             "a grant with %s is not used" % text, said, a)
    server = Server((200, [], json.dumps({**good, "uploads": [row]}).encode()))
    status, said, a = asks("folder", "x", "f:2000", key=w.miner,
                           coldkey=w.owner, url=server.url)
    t.ok(status == 0 and a["grants"][0]["key"] == "data/x/5F/f",
         "the same grant without a fault is used", said)


def readers(t):
    status, said, a = asks("everything", key=w.validator)
    t.ok(status == 0 and "list_all_miners" in a["json"]["urls"]["miners"],
         "a validator gets listings of everything", said)
    key = w.folder + "a b.csv"
    status, said, a = asks("files", w.miner.ss58, key, "data/x/other",
                           key=w.validator)
    t.ok(status == 0 and a["url1"].startswith("http") and a["url2"] == "" and
         a["json"]["invalid_files"] == ["data/x/other"],
         "a validator gets downloads of a miner's files only", said, a)
    status, said, a = asks("list", w.miner.ss58, "tok/en+=", key=w.validator)
    t.ok(status == 0 and "continuation-token=tok%2Fen%2B%3D" in a["url"],
         "a later page is asked for by its token", said)


def refusals(t):
    status, said, a = asks("list", w.miner.ss58, key=w.miner)
    t.ok(status == 3 and a["code"] == "no_permit" and said.count("\n") == 1 and
         "You are not validator (no_permit); only validators" in said,
         "a refusal is told with its code and what to do", said)
    status, said, a = asks("folder", key=w.stranger, coldkey=w.owner)
    t.ok(status == 3 and "not_registered" in said and "--wallet" in said,
         "a stranger learns that the hotkey is not registered", said)
    status, said, a = asks("folder", key=w.miner, coldkey=w.owner, env={
        "FOLDERGATE_NOW": str(w.now - 1000)})
    t.ok(status == 3 and a["code"] == "invalid_timestamp" and
         "s behind the service's" in said,
         "a clock that is slow is named as the reason", said)
    status, said, a = asks("get", "/no-such", url=None)
    t.ok(status == 3 and a["status"] == 404,
         "a path that is not served is a refusal", said)
    for text, code, body, words in [
            ("HTML", 502, b"<html>", "without a JSON object"),
            ("an array", 200, b"[]", "without a JSON object"),
            ("an object with a name twice", 200, b'{"a":1,"a":2}', "without"),
            ("nothing", 200, b"", "without"),
            ("a redirect", 307, b"{}", "HTTP status 307")]:
        server = Server((code, [], body))
        status, said, a = asks("get", "/x", url=server.url)
        t.ok(status == 4 and a["result"] == BROKEN and words in said,
             "%s is no answer of a service" % text, said, a)
    server = Server((400, [], json.dumps({
        "detail": "a\x1b[31m\nred" + "x" * 500, "code": "A b"}).encode()))
    status, said, a = asks("get", "/x", url=server.url)
    t.ok(a["code"] == "" and len(a["detail"]) == 200 and
         a["detail"].startswith("a?[31m?red"),
         "the words of a service are cut and cannot move the terminal", said)
    server = Server((422, [], json.dumps({"detail": [
        {"loc": ["body", "coldkey"], "msg": "Field required"}],
        "code": "invalid_request"}).encode()))
    status, said, a = asks("get", "/x", url=server.url)
    t.ok("coldkey: Field required (invalid_request)" in said,
         "a refused field is named", said)
    server = Server((200, [], b'{"a":"' + b"x" * (5 << 20) + b'"}'))
    status, said, a = asks("get", "/x", url=server.url)
    t.ok(status == 4 and a["result"] == UNREACHABLE,
         "an answer without an end is not read", said)


def again(t):
    """What is asked again, and how often."""
    good = (200, [], b"{}")
    for text, first, want, tries in [
            ("a 503 is asked again", (503, [], b"{}"), 0, 2),
            ("a 502 of a proxy is asked again", (502, [], b"<"), 0, 2),
            ("a connection that is cut is asked again", (0, [], b""), 0, 2),
            ("a 429 with Retry-After is asked again",
             (429, [("Retry-After", "1")], b"{}"), 0, 2),
            ("a 429 without Retry-After is not asked again",
             (429, [], b"{}"), 3, 1),
            ("a 429 until midnight is not waited for",
             (429, [("Retry-After", "3600")],
              b'{"code":"daily_limit","detail":"Daily limit"}'), 3, 1),
            ("a 503 for an hour is not waited for",
             (503, [("Retry-After", "3600")], b"{}"), 4, 1),
            ("a 400 is not asked again", (400, [], b"{}"), 3, 1)]:
        server = Server(first, good)
        status, said, a = asks("get", "/x", url=server.url)
        t.ok(status == want and len(server.seen) == tries, text, said, a)
    server = Server((503, [], b"{}"))
    status, said, a = asks("get", "/x", url=server.url)
    t.ok(status == 4 and len(server.seen) == 5 and said.count("waits") == 4,
         "a service that stays broken is asked five times", said)
    t.same([int(line.split()[1]) for line in said.splitlines()
            if line.startswith("waits")], [10, 20, 40, 80],
           "each wait is twice as long as the one before")
    server = Server((503, [], b"{}"), (200, [], b'{"list_url":"http://s/"}'))
    status, said, a = asks("list", w.miner.ss58, key=w.validator,
                           url=server.url)
    bodies = [json.loads(body) for _, _, body in server.seen]
    t.ok(status == 0 and len(bodies) == 2 and
         bodies[0]["signature"] != bodies[1]["signature"],
         "a request that is sent again is signed again", said)
    began = time.monotonic()
    status, said, a = asks("get", "/x", url="http://127.0.0.1:1")
    t.ok(status == 4 and a["result"] == UNREACHABLE and
         "waits" not in said and time.monotonic() - began < 3,
         "a service that was never there is reported at once", said)


def certificates(t):
    """TLS is verified, by the system's certificates or those of --ca-file."""
    cert, key = w.path("tls.crt"), w.path("tls.key")
    for name, path in ("127.0.0.1", cert), ("other", w.path("other.crt")):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
             "/CN=" + name, "-addext", "subjectAltName=" + (
                 "IP:" if name[0] == "1" else "DNS:") + name, "-keyout",
             key if path == cert else w.path("other.key"), "-out", path],
            check=True, stderr=subprocess.DEVNULL)
    for chain, secret, args, good, text in [
            (cert, key, ["--ca-file", cert], True,
             "a certificate that --ca-file holds is accepted"),
            (cert, key, [], False,
             "a certificate that nobody knows is refused"),
            (w.path("other.crt"), w.path("other.key"),
             ["--ca-file", w.path("other.crt")], False,
             "the certificate of another host is refused"),
            (cert, key, ["--ca-file", w.path("none.crt")], False,
             "a --ca-file that is not there accepts nothing")]:
        server = Server((200, [], b"{}"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, secret)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        url = server.url.replace("http:", "https:")
        status, said, a = asks(*args, "get", "/x", url=url)
        t.ok(status == (0 if good else 4) and len(server.seen) == good,
             text, said, a)
        out = w.path("tls.out")
        r = endpoint.program(
            os.path.join(endpoint.BUILD, "test", "bin", "moves"),
            (["-c", args[1]] if args else []) +
            ["get:%s/x:::%s" % (url, out)], {})
        t.ok((json.loads(r.text.splitlines()[0])["fault"] == 0) == good,
             text + " when a file is fetched", r)


def stores(t):
    server = Server((200, [], b"<xml/>"))
    status, said, a = asks("fetch", server.url + "/l?X-Amz-Signature=secret1",
                           url=server.url)
    t.ok(status == 0 and a["bytes"] == 6, "a URL of the store is fetched", said)
    server = Server((403, [], b"<Error><Code>AccessDenied</Code></Error>"))
    status, said, a = asks("fetch", server.url + "/l?X-Amz-Signature=secret1",
                           url=server.url)
    t.ok(status == 3 and a["code"] == "AccessDenied" and "AccessDenied" in said
         and "secret1" not in said,
         "the refusal of a store is told without its URL", said)


web = servers.Web(w)
tap.run([proofs, grants, others_grants, readers, refusals, again, certificates,
         stores],
        endpoint.check_outputs)
