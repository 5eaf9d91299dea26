#!/usr/bin/python3
"""POST /get-file-upload-url: one new file of a miner, proven by headers, not
granted twice."""

import http.server
import json
import os
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
DOWN = 503, "store_unreachable", "The object store cannot be asked"


class Store:
    """Answers each HEAD with a status, after a while, or not at all."""

    def __init__(self):
        store = self
        self.status, self.wait_s, self.asked = 404, 0, []
        self.etag = True

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self):
                store.asked.append((self.command, self.path,
                                    self.headers["Host"]))
                time.sleep(store.wait_s)
                if store.status is None:
                    self.close_connection = True
                    return
                self.send_response(store.status)
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
    t.none(granted_wrong(ask(), expected()), "granted, field for field")
    method, path, host = store.asked[-1]
    parts = urlsplit("//" + host + path)
    t.same((method, parts.path, parts.netloc), (
        "HEAD", "/%s/%s" % (world.BUCKET, key_of().replace("=", "%3D")),
        urlsplit(store.url).netloc),
        "the store was asked for that key, where programs reach it")
    want = sigv4.object_url(w.now, 60, key_of(), "http", host, "/" +
                            world.BUCKET, world.KEY_ID, world.SECRET,
                            world.REGION, "HEAD")
    t.same(parse_qs(parts.query), parse_qs(urlsplit(want).query),
           "by a HEAD that the read role signed")
    t.none(granted_wrong(ask(CONTENT_TYPE=None), expected()),
           "without a Content-Type, as clients once asked")
    t.none(granted_wrong(ask(key=w.other), expected(key=key_of(
        miner=w.other))), "another miner gets its own folder")
    t.none(granted_wrong(ask({**BODY, "hotkey": w.other.ss58, "x": 1}),
                         expected()), "what else the body holds is ignored")
    for job in "a", "A.b_c-9", "..", "x" * 128:
        t.none(granted_wrong(ask({**BODY, "job_id": job}),
                             expected(key=key_of(job=job))), "job " + job[:9])
    for name in [FILE.upper().replace("DATA", "data").replace(
            "PARQUET", "parquet"), "data_00000000_999999_0_" + "F" * 16 +
            ".parquet"]:
        t.none(granted_wrong(ask({**BODY, "filename": name}),
                             expected(key=key_of(name))), name)
    with w.settings(access_file_ttl_s=77):
        t.none(granted_wrong(ask(), expected(77)), "access.file_ttl_s")
    with w.settings(s3_provider="aws", s3_addressing="path"):
        t.none(granted_wrong(ask(), expected(acl="")), "a store without ACLs")


def who(t):
    a = w.post(w.request(**BODY), NAME)
    t.none(endpoint.refusal_wrong(a, 422, "invalid_request"),
           "a signature in the body is not what is asked for")
    t.same([d["loc"] for d in a.json["detail"]], [
        ["header", "X-Tao-" + n] for n in (
            "Version", "Timestamp", "Nonce", "Signed-By", "Signature")],
        "and the five headers are")
    refused(t, "one header missing", ask(change={"X-Tao-Nonce": None}), 422,
            "invalid_request")
    refused(t, "nobody", ask(key=w.stranger), 401, "not_registered")
    refused(t, "another's signature", ask(change={
        "X-Tao-Signed-By": w.other.ss58}), 401, "invalid_signature",
        "Signature mismatch")
    refused(t, "too old", ask(ms=(NOW - 9) * 1000), 400, "request_too_old")
    asked = len(store.asked)
    refused(t, "forged", ask(change={"X-Tao-Signed-By": w.other.ss58}), 401,
            "invalid_signature")
    t.same(len(store.asked), asked, "the store is not asked for a stranger")
    with w.settings(access_layouts="coldkey"):
        refused(t, "no hotkey layout", ask(), 400, "layout_disabled")
    with w.settings(access_file_uploads="no"):
        refused(t, "switched off", ask(), 404, "not_found", "Not Found")
        refused(t, "switched off, for anybody", w.post(b"", NAME), 404,
                "not_found")


def names(t):
    digits = "0123456789abcdef"
    for text, body in [
            ("job: " + repr(j), {**BODY, "job_id": j}) for j in (
                "", "a/b", "../x", "a b", "a%2Fb", "\u00e4", "a=b", "a\\b",
                "${filename}")] + [
            ("file: " + repr(n), {**BODY, "filename": n}) for n in (
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
        refused(t, text, ask(body), 400, "invalid_filename")
    for text, body in [
            ("no job", {"filename": FILE}), ("no file", {"job_id": "a"}),
            ("a long job", {**BODY, "job_id": "x" * 129}),
            ("a long file", {**BODY, "filename": "x" * 129}),
            ("a newline", {**BODY, "filename": FILE + "\n"}),
            ("a number", {**BODY, "job_id": 7}),
            ("a size that is none", {**BODY, "size": "x"})]:
        refused(t, text, ask(body), 422, "invalid_request")
    for size in -1, 1, 1023, 5368709121, 2**62:
        refused(t, "size %d" % size, ask({**BODY, "size": size}), 400,
                "invalid_size")


def stored(t):
    store.status = 200
    refused(t, "what is there is not granted", ask(), 409, "exists",
            "File already exists")
    store.etag = False
    t.none(not_asked(ask(), *DOWN), "a page that says 200 is no object")
    store.etag = True
    for status in 403, 301, 500, 503, 400, 206, 204, 409:
        store.status = status
        a = ask()
        t.none(not_asked(a, *DOWN), "the store says %d" % status)
    store.status = None
    t.none(not_asked(ask(), *DOWN), "the store hangs up")
    store.status, store.wait_s = 404, 3
    start = time.monotonic()
    t.none(not_asked(ask(), *DOWN), "the store is slow")
    t.ok(time.monotonic() - start < 2.9, "and is not waited for longer")
    store.wait_s = 0
    with w.settings(s3_endpoint="http://127.0.0.1:1"):
        t.none(not_asked(ask(), *DOWN), "no store")
    with w.settings(s3_endpoint="http://no-such-host.invalid"):
        t.none(not_asked(ask(), *DOWN), "no such host")
    t.none(granted_wrong(ask(), expected()), "and served again")


def rests(t):
    """A store that did not answer is left alone for a while, by the process
    that asked; and that is not counted."""
    with w.settings(limits_replay=None):
        clock = w.write("clock", str(NOW))
        service = fcgi.Service(w, NAME, now=clock)

        def again(second):
            os.rename(w.write("clock.new", str(NOW + second)), clock)
            raw = json.dumps(BODY).encode()
            headers = w.miner.tao(raw, (NOW + second) * 1000)
            a = service.ask({**fcgi.post(raw), **{
                "HTTP_" + n.upper().replace("-", "_"): v
                for n, v in headers.items()}}, raw)
            used = [line.split()[1] for line in w.cli(
                "usage").text.splitlines()
                    if line.startswith("hotkey/%s/" % w.miner.ss58)]
            return a.code, int(used[0]), len(store.asked) - asked

        before = int(w.cli("usage").text.split("file_grants")[-1].split()[0])
        asked, store.status = len(store.asked), 500
        t.same(again(1), (503, before + 1, 1), "asked: no answer")
        store.status = 404
        t.same([again(s) for s in (2, 5)], [(503, before + 1, 1)] * 2,
               "not asked for five seconds, nor counted")
        t.same(again(6), (200, before + 2, 2), "then asked again")
        service.stop()

        # The clock goes back now; addresses remember it for some seconds.
        os.unlink(w.path("state/throttle.table"))


def not_asked(a, status, code, detail):
    """A refusal with one line in the log that names no URL."""
    wrong = endpoint.refusal_wrong(a, status, code, detail)
    if "store_not_asked" not in a.log or "X-Amz" in a.log:
        wrong.append(a.log)
    return wrong


def put(t):
    with w.settings(s3_provider="r2"):
        for size in None, 2048:
            a = ask({**BODY, "size": size})
            ttl = a.json["expires_in_seconds"]
            t.ok(3600 - 16 <= ttl <= 3600, "PUT: signed for %d s" % ttl)
            t.none(granted_wrong(a, {
                "s3_key": key_of(), "url": sigv4.object_url(
                    w.now, ttl, key_of(), "http", "store.test:9000", "/" +
                    world.BUCKET, world.KEY_ID, world.SECRET, world.REGION,
                    "PUT", size), "fields": {}, "expires_in_seconds": ttl,
                "method": "PUT", **({"headers": {"Content-Length": str(size)}}
                                    if size else {})}), "PUT, size %s" % size)
    with w.settings(s3_provider="r2", s3_post_policy="yes", s3_acl="private",
                    s3_storage_class="STANDARD"):
        t.none(granted_wrong(ask(), expected()), "every point can be set")
    with w.settings(s3_post_policy="no"):
        a = ask()
        t.same(a.json["method"], "PUT", "on any store")
        bad = []
        for i in range(200):
            a = ask({**BODY, "job_id": "j%d" % i})
            if "409" in urlsplit(a.json["url"]).query:
                bad.append(a.json["url"])
        t.none(bad, "no query of 200 holds 409")


if __name__ == "__main__":
    tap.run([golden, who, names, stored, rests, put], endpoint.check_outputs)
