#!/usr/bin/python3
"""POST /get-file-upload-url: one new file of a miner, proven by headers, not
granted twice."""

import email.utils
import http.server
import json
import os
import socket
import sys
import threading
import time
from urllib.parse import parse_qs, urlsplit

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import fcgi
import sigv4
import tap
import validators
import world
from validators import granted_wrong, refused
from world import NOW

NAME = "get-file-upload-url"
FILE = "data_20261122_101112_250_0123456789abcdef.parquet"
BODY = {"job_id": "default_0", "filename": FILE}
DOWN = 503, "store_unreachable", "The object store gave no clear answer"


class Store:
    """Answers each HEAD with a status, after a while, or not at all."""

    def __init__(self):
        store = self
        self.status, self.wait_s, self.asked = 404, 0, []
        self.statuses = []      # used up before status counts
        self.etag = True
        self.dates = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self):
                store.asked.append((self.command, self.path,
                                    self.headers["Host"]))
                time.sleep(store.wait_s)
                status = store.status
                if store.statuses:
                    status = store.statuses.pop(0)
                if status is None:
                    self.close_connection = True
                    return
                self.send_response_only(status)
                for value in store.dates:
                    self.send_header("Date", value)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.send_header("Content-Length", "409")
                if store.etag:
                    self.send_header("ETag", '"0"')
                self.end_headers()

            do_GET = do_PUT = do_POST = do_HEAD

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()


store = Store()
w = validators.Validators(s3_endpoint=store.url,
                          s3_public_endpoint="http://store.test:9000")
w.snapshot()


def key_of(name=FILE, job="default_0", miner=None):
    return "data/hotkey=%s/job_id=%s/%s" % ((miner or w.miner).ss58, job, name)


def expected(ttl=3600, key=None, **more):
    key = key or key_of()
    return {"s3_key": key, "url": "http://store.test:9000/" + world.BUCKET,
            "fields": sigv4.form_fields(
                w.now, w.now + ttl, key, world.BUCKET, world.KEY_ID,
                world.SECRET, world.REGION, 1024, 5368709120, exact=True,
                **more),
            "expires_in_seconds": ttl, "method": "POST"}


def ask(body=BODY, key=None, **more):
    return w.headed(NAME, body, key or w.miner, **more)


def golden(t):
    t.none(granted_wrong(ask(), expected()),
           "an upload is granted field for field")
    method, path, host = store.asked[-1]
    parts = urlsplit("//" + host + path)
    t.same((method, parts.path, parts.netloc), (
        "HEAD", "/%s/%s" % (world.BUCKET, key_of().replace("=", "%3D")),
        urlsplit(store.url).netloc),
        "the store is asked for the key of the upload, at the address that "
           "programs use")
    want = sigv4.object_url(w.now, 60, key_of(), "http", host, "/" +
                            world.BUCKET, world.KEY_ID, world.SECRET,
                            world.REGION, "HEAD")
    t.same(parse_qs(parts.query), parse_qs(urlsplit(want).query),
           "the store is asked by a HEAD that the read role signed")
    t.none(granted_wrong(ask(CONTENT_TYPE=None), expected()),
           "an upload is granted without a Content-Type, as clients once asked")
    t.none(granted_wrong(ask(key=w.other), expected(key=key_of(
        miner=w.other))),
           "another miner is granted an upload into its own folder")
    t.none(granted_wrong(ask({**BODY, "hotkey": w.other.ss58, "x": 1}),
                         expected()),
           "unknown fields of the body change nothing in the grant")
    for job in "a", "A.b_c-9", "..", "x" * 128:
        t.none(granted_wrong(ask({**BODY, "job_id": job}),
                             expected(key=key_of(job=job))),
               "an upload is granted for the job " + job[:9])
    for name in [FILE.upper().replace("DATA", "data").replace(
            "PARQUET", "parquet"), "data_00000000_999999_0_" + "F" * 16 +
            ".parquet"]:
        t.none(granted_wrong(ask({**BODY, "filename": name}),
                             expected(key=key_of(name))),
               "an upload is granted for the file " + name)
    with w.settings(access_file_ttl_s=77):
        t.none(granted_wrong(ask(), expected(77)),
               "access.file_ttl_s is the lifetime of the grant")
    with w.settings(s3_provider="aws", s3_addressing="path"):
        t.none(granted_wrong(ask(), expected(acl="")),
               "the grant for a store without ACLs holds no acl")


def who(t):
    a = w.post(w.request(**BODY), NAME)
    t.none(endpoint.refusal_wrong(a, 422, "invalid_request"),
           "a signature in the body is no proof for an upload")
    t.same([d["loc"] for d in a.json["detail"]], [
        ["header", "X-Tao-" + n] for n in (
            "Version", "Timestamp", "Nonce", "Signed-By", "Signature")],
        "a request without X-Tao headers is told that all five are missing")
    refused(t, "a request that lacks one X-Tao header is refused",
            ask(change={"X-Tao-Nonce": None}), 422, "invalid_request")
    refused(t, "an upload is refused to a hotkey that is not registered",
            ask(key=w.stranger), 401, "not_registered")
    refused(t, "an upload is refused with the signature of another hotkey",
            ask(change={
        "X-Tao-Signed-By": w.other.ss58}), 401, "invalid_signature",
        "Signature mismatch")
    refused(t, "an upload is refused when its headers are nine seconds old",
            ask(ms=(NOW - 9) * 1000), 400, "request_too_old")
    asked = len(store.asked)
    refused(t, "a forged request for an upload is refused",
            ask(change={"X-Tao-Signed-By": w.other.ss58}), 401,
            "invalid_signature")
    t.same(len(store.asked), asked,
           "the store is not asked for a request that was not proven")
    with w.settings(access_layouts="coldkey"):
        refused(t,
                "an upload is refused where only coldkey folders are served",
                ask(), 400, "layout_disabled")
    with w.settings(access_file_uploads="no"):
        refused(t,
                "the route is not found where file uploads are switched off",
                ask(), 404, "not_found", "Not Found")
        refused(t, "the route is not found for anybody where file uploads are "
                "switched off", w.post(b"", NAME), 404,
                "not_found")


def names(t):
    digits = "0123456789abcdef"
    for text, body in [
            ("the job " + repr(j), {**BODY, "job_id": j}) for j in (
                "", "a/b", "../x", "a b", "a%2Fb", "\u00e4", "a=b", "a\\b",
                "${filename}")] + [
            ("the file name " + repr(n), {**BODY, "filename": n}) for n in (
                "", "x.parquet", "../" + FILE, "a/" + FILE, FILE + "x",
                FILE + "\u00e4", " " + FILE, FILE + ".", FILE[:-8] + ".csv",
                "data_2026112_101112_1_%s.parquet" % digits,
                "data_202611220_101112_1_%s.parquet" % digits,
                "data_20261122_10111_1_%s.parquet" % digits,
                "data_20261122_101112__%s.parquet" % digits,
                "data_20261122_101112_x_%s.parquet" % digits,
                "data_20261122_101112_-1_%s.parquet" % digits,
                "data_20261122_101112_1_%s.parquet" % digits[:-1],
                "data_20261122_101112_1_%s0.parquet" % digits,
                "data_20261122_101112_1_%sg.parquet" % digits[:-1],
                "data_20261122_101112_1_%sXparquet" % digits)]:
        refused(t, "an upload is refused with " + text, ask(body), 400,
                "invalid_filename")
    for text, body in [
            ("without a job", {"filename": FILE}),
            ("without a file name", {"job_id": "a"}),
            ("with a job of 129 characters", {**BODY, "job_id": "x" * 129}),
            ("with a file name of 129 characters",
             {**BODY, "filename": "x" * 129}),
            ("with a newline in the file name",
             {**BODY, "filename": FILE + "\n"}),
            ("with a number as job", {**BODY, "job_id": 7}),
            ("with a size that is no number", {**BODY, "size": "x"})]:
        refused(t, "an upload is refused " + text, ask(body), 422,
                "invalid_request")
    for size in 0, -1, 1, 1023, 5368709121, 2**62, 2**64:
        refused(t, "an upload of %d bytes is refused by its size" % size,
                ask({**BODY, "size": size}), 400, "invalid_size")


def stored(t):
    store.status = 200
    refused(t, "an upload is refused with 409 when the file is already there",
            ask(), 409, "exists", "File already exists")
    store.etag = False
    t.none(not_asked(ask(), *DOWN),
           "an answer of 200 without an ETag is taken for no object")
    store.etag = True
    for status in 403, 301, 500, 503, 400, 206, 204, 409:
        store.status = status
        a = ask()
        t.none(not_asked(a, *DOWN),
               "an upload is refused with 503 when the store answers %d" %
               status)
    store.status = None
    t.none(not_asked(ask(), *DOWN),
           "an upload is refused with 503 when the store hangs up")
    store.status, store.wait_s = 404, 3
    start = time.monotonic()
    t.none(not_asked(ask(), *DOWN),
           "an upload is refused with 503 when the store is slow")
    t.ok(time.monotonic() - start < 2.9,
         "a slow store is given up within three seconds")
    store.wait_s = 0
    with w.settings(s3_endpoint="http://127.0.0.1:1"):
        t.none(not_asked(ask(), *DOWN),
               "an upload is refused with 503 when the store is down")
    with w.settings(s3_endpoint="http://no-such-host.invalid"):
        t.none(not_asked(ask(), *DOWN),
               "an upload is refused with 503 when the store's name does not "
               "resolve")
    t.none(granted_wrong(ask(), expected()),
           "an upload is granted again once the store answers")


class Serving:
    """The endpoint as a process that stays, with a clock of ours."""

    def __init__(self):
        self.second, self.clock = 0, w.set_clock("clock", NOW)
        self.service = fcgi.Service(w, NAME, now=self.clock)

    def at(self, second):
        self.second = second
        w.set_clock("clock", NOW + second)

    def ask(self, headers=None, body=BODY):
        """Its answer's code, and how often the store was asked for it."""
        before, raw = len(store.asked), json.dumps(body).encode()
        headers = headers or w.miner.tao(raw, (NOW + self.second) * 1000)
        a = self.service.ask({**fcgi.post(raw), **{
            "HTTP_" + n.upper().replace("-", "_"): v
            for n, v in headers.items()}}, raw)
        return a.code, len(store.asked) - before

    def stop(self):
        self.service.stop()

        # The clock goes back now; addresses remember it for some seconds.
        os.unlink(w.path("state/throttle.table"))


def used():
    """What is counted for the miner."""
    rows = [line.split() for line in w.cli("usage").text.splitlines()]
    return [int(row[1]) for row in rows if row and
            row[0] == "hotkey/%s/file_grants" % w.miner.ss58][0]


def rests(t):
    """A store that does not answer is left alone for a second at a time."""
    s, store.status = Serving(), None
    before = used()
    t.same([s.ask() for _ in range(3)], [(503, 1)] * 3,
           "a store that hangs up is asked once for each of three requests")
    t.same([s.ask() for _ in range(3)], [(503, 0)] * 3,
           "after three requests without an answer the store is left alone")
    s.at(1)
    t.same([s.ask() for _ in range(3)], [(503, 1), (503, 0), (503, 0)],
           "a second later it is asked once")
    store.status = 404
    t.same(s.ask(), (503, 0), "within that second it is not asked again")
    t.same(used(), before, "a request is not counted if the store is down")
    s.at(2)
    t.same([s.ask() for _ in range(3)], [(200, 1)] * 3,
           "a second after the store is back, requests are granted again")
    t.same(used(), before + 3, "the three granted requests are counted")
    s.stop()


def answers_never_rest(t):
    """What the store says of one key says nothing about the next."""
    s = Serving()
    for status, times in (400, 1), (403, 1), (301, 1), (200, 1), (500, 2), \
            (503, 2), (429, 2):
        store.status, store.etag = status, False
        t.same([s.ask() for _ in range(6)], [(503, times)] * 6,
               "a store that answers %d is asked again for the next request"
               % status)
        store.status, store.etag = 404, True
        t.same(s.ask(), (200, 1),
               "and the request after an answer of %d is granted" % status)
    for status in 500, 503, 429:
        store.statuses = [status]
        t.same(s.ask(), (200, 2),
               "a single %d is made good by asking once more" % status)

    # A connection that was kept is tried once more by libcurl itself.
    store.statuses = [None, None, None, 404] * 4
    t.same([s.ask()[0] for _ in range(12)], [503, 503, 200] * 4,
           "two silences in a row are too few to leave the store alone")
    s.stop()


def a_failure_costs_nothing(t):
    """The same bytes, sent again when the store is back, are granted."""
    before = used()
    with w.settings(limits_replay=None, limits_file_grants=before + 1):
        s, raw = Serving(), json.dumps(BODY).encode()
        s.at(4)
        headers = w.miner.tao(raw, (NOW + 4) * 1000)
        for status in 500, 403, None:
            store.status = status
            t.same([s.ask(headers)[0] for _ in range(2)], [503] * 2,
                   "a signed request is refused while the store says %s"
                   % status)
        t.same(used(), before, "none of these requests was counted")
        store.status = 404
        t.same([s.ask(headers)[0] for _ in range(2)], [200, 400],
               "the same bytes are granted once when the store is back")
        t.same(used(), before + 1, "and counted once")
        s.stop()


def what_exists(t):
    """A miner that starts again asks for all of its files."""
    with w.settings(limits_address_burst=3, limits_address_per_minute=1):
        s, store.status = Serving(), 200
        t.same([s.ask()[0] for _ in range(30)], [409] * 30,
               "thirty files that exist already do not lock out an address "
               "that may fail three times")
        store.status = 404
        t.same(s.ask()[0], 200, "a new file of that miner is granted then")
        s.stop()


def not_asked(a, status, code, detail):
    """A refusal with one line in the log that names no URL."""
    wrong = endpoint.refusal_wrong(a, status, code, detail)
    if "store_not_asked" not in a.log or "X-Amz" in a.log:
        wrong.append(a.log)
    return wrong


def why_not(t):
    """What the log says: our own words, with the bucket and the host."""
    host = store.url.partition("://")[2]

    def reason(a):
        lines = [json.loads(line) for line in a.log.splitlines()]
        return [(x["reason"], x["status"]) for x in lines
                if x["event"] == "store_not_asked"]

    def expect(text, code, status, part, a):
        got = reason(a)
        start = "%s, bucket %s at %s: " % (code, world.BUCKET, host)
        t.ok(len(got) == 1 and got[0][0].startswith(start) and
             part in got[0][0] and got[0][1] == status and a.code == 503,
             "the log says why a file is not looked for: " + text, got, a)

    for status, code, part in [
            (403, "AccessDenied", "s3:ListBucket"),
            (400, "not_understood", "https"), (301, "redirected", "redirect"),
            (401, "login_needed", "login"), (405, "MethodNotAllowed", ""),
            (429, "TooManyRequests", "fewer"), (500, "server_error", "5xx"),
            (503, "ServiceUnavailable", "busy"), (204, "not_a_store", "")]:
        store.status = status
        expect("status %d" % status, code, status, part, ask())
    store.status = 403
    for off, code in [(0, "AccessDenied"), (59, "AccessDenied"),
                      (61, "RequestTimeTooSkewed"),
                      (-7200, "RequestTimeTooSkewed")]:
        store.dates = [email.utils.formatdate(w.now + off, usegmt=True)]
        expect("status 403 and a clock that is %+d s off" % off, code, 403,
               "clock" if code[0] == "R" else "", ask())
    store.dates, store.status, store.etag = [], 200, False
    expect("no ETag", "no_etag", 200, "ETag", ask())
    store.status, store.etag = None, True
    expect("a connection that ends", "answer_cut", 0, "", ask())
    store.status = 404
    with socket.create_server(("127.0.0.1", 0)) as closed:
        host = "127.0.0.1:%d" % closed.getsockname()[1]
    with w.settings(s3_endpoint="http://" + host):
        expect("nobody listens", "connection_refused", 0, "", ask())
    host = store.url.partition("://")[2]
    with w.settings(s3_endpoint="https://" + host):
        expect("no TLS", "no_tls", 0, "", ask())


def put(t):
    with w.settings(s3_provider="r2", access_min_bytes=0):
        for size in None, 2048, 0:
            a = ask({**BODY, "size": size})
            ttl = a.json["expires_in_seconds"]
            t.ok(3600 - 16 <= ttl <= 3600,
                 "a PUT is signed for %d s, an hour or a little less" % ttl)
            t.none(granted_wrong(a, {
                "s3_key": key_of(), "url": sigv4.object_url(
                    w.now, ttl, key_of(), "http", "store.test:9000", "/" +
                    world.BUCKET, world.KEY_ID, world.SECRET, world.REGION,
                    "PUT", size), "fields": {}, "expires_in_seconds": ttl,
                "method": "PUT", **({"headers": {"Content-Length": str(size)}}
                                    if size is not None else {})}),
                   "a provider without upload policies gets a signed PUT, size "
                   "%s" % size)
    with w.settings(s3_provider="r2", s3_post_policy="yes", s3_acl="private",
                    s3_storage_class="STANDARD"):
        t.none(granted_wrong(ask(), expected()),
               "settings for each difference make another provider take a form")
    with w.settings(s3_post_policy="no"):
        a = ask()
        t.same(a.json["method"], "PUT",
               "post_policy = no makes any provider take a PUT")
        bad = []
        for i in range(200):
            a = ask({**BODY, "job_id": "j%d" % i})
            if "409" in urlsplit(a.json["url"]).query:
                bad.append(a.json["url"])
        t.none(bad, "none of 200 signed queries holds the digits 409")


if __name__ == "__main__":
    tap.run([golden, who, names, stored, rests, answers_never_rest,
             a_failure_costs_nothing, what_exists, why_not, put],
            endpoint.check_outputs)
