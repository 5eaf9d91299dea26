#!/usr/bin/python3
"""What a store refuses with becomes our own words, with the bucket and the
host, wherever it is asked: a stand-in with every code, and a real gateway with
those that it has."""

import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import bucket
import endpoint
import node
import servers
import tap
import validators
import world
from bucket import FAILED, OK, folder
from world import NOW

w = validators.Validators(bucket_timeout_s=1)
w.snapshot()
PEER = node.PEER_TEXT
endpoint.never.add(PEER)
AWS = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def error(code, more=""):
    return ("<?xml version='1.0'?><Error><Code>%s</Code><Message>%s</Message>"
            "%s<BucketName>%s</BucketName><HostId>%s</HostId></Error>" % (
                code, PEER, more, PEER, PEER)).encode()


def look():
    """bucket-sync once; what it, its status file and check-config say."""
    r = endpoint.program(os.path.join(
        endpoint.BUILD, "test", "bin", "bucket-sync"), ("--once",), w.env())
    with open(w.path("state/bucket-sync.status")) as f:
        reason = re.search(r'"reason":(?:null|"(.*)")}', f.read())[1]
    return r, (reason or "").replace("\\/", "/")


def told(t, text, code, words, host, name=world.BUCKET, mend=None):
    """All of them say the same."""
    r, reason = look()
    want = "%s, bucket %s at %s: %s" % (code, name, host, words)
    ready, health = w.get("readyz"), w.get("healthcheck")
    config = w.cli("check-config")
    found = re.search(r"^warning: the store \(store_refuses\)\n  (.*)\n"
                      r"  file: .*\n  mend: (.*)$", config.text, re.M)
    wrong = []
    if r.status != FAILED or reason != want or \
            '"event":"not_learnt"' not in r.log:
        wrong += ["bucket-sync: %s" % r, reason, want]
    if ready.code != 200 or "store_refuses" not in (
            ready.json.get("reasons") or []):
        wrong.append("readyz: %s" % ready)
    if health.code != 200 or health.json.get("s3_fault") != code:
        wrong.append("healthcheck: %s" % health)
    if not found or not found[1].startswith(want.partition(": ")[0]) or \
            mend and mend not in found[2]:
        wrong += ["check-config: ", config.text[-900:]]
    t.none(wrong, text)


SETTING, CLOCK, AGAIN = "sudoedit ", "timedatectl ", "bucket-sync --once"

CODES = {
    "NoSuchBucket": (404, "there is no such bucket", SETTING),
    "InvalidBucketName": (400, "takes no such name", SETTING),
    "InvalidAccessKeyId": (403, "does not know the access key id", SETTING),
    "SignatureDoesNotMatch": (403, "the secret is wrong", SETTING),
    "RequestTimeTooSkewed": (403, "clock is too far", CLOCK),
    "AccessDenied": (403, "s3:ListBucket", SETTING),
    "PermanentRedirect": (301, "elsewhere", SETTING),
    "TemporaryRedirect": (307, "elsewhere for now", SETTING),
    "AuthorizationHeaderMalformed": (400, "s3.region", SETTING),
    "AuthorizationQueryParametersError": (400, "s3.region", SETTING),
    "IllegalLocationConstraintException": (400, "s3.region", SETTING),
    "SlowDown": (503, "fewer requests", AGAIN),
    "ServiceUnavailable": (503, "busy", AGAIN),
    "InternalError": (500, "problem of its own", AGAIN),
    "AllAccessDisabled": (403, "closed this bucket", SETTING),
    "ExpiredToken": (400, "has expired", SETTING),
    "InvalidToken": (400, "temporary", SETTING),
    "AccountProblem": (403, "account", SETTING),
    "UserSuspended": (403, "suspended", SETTING),
    "QuotaExceeded": (403, "quota", SETTING),
    "NotImplemented": (501, "cannot list", SETTING),
    "MethodNotAllowed": (405, "s3.addressing", SETTING),
    "NoSuchKey": (404, "begin with the bucket's name", SETTING),
}


def table():
    """The rows of the table: code -> words."""
    with open("common/s3/fault.def") as f:
        text = f.read()
    return {code: "".join(re.findall(r'"(.*?)"', words)) for code, words in
            re.findall(r'^FAULT\((\w+), \w+,\s*((?:"[^"]*"\s*)+)\)', text,
                       re.M)}


WORDS = table()


def codes(t):
    s = bucket.Store()
    w.configure(s3_endpoint=s.url)
    for code, (status, part, mend) in CODES.items():
        t.ok(part in WORDS[code], "the words for %s help" % code, WORDS[code])
        s.fault = lambda p: (status, {}, error(code))
        told(t, "a store that answers %s is reported in our own words" % code,
             code, WORDS[code], s.host, mend=mend)
    s.fault = lambda p: (400, {}, error(
        "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>"))
    told(t, "the region that the store names is reported",
         "AuthorizationHeaderMalformed",
         "set s3.region to eu-west-3, which the store names", s.host)
    for region in PEER, "eu-west-3&lt;", "x" * 100, "":
        s.fault = lambda p: (400, {}, error(
            "AuthorizationHeaderMalformed", "<Region>%s</Region>" % region))
        told(t, "a region that nobody has is not repeated: %r" % region[:20],
             "AuthorizationHeaderMalformed",
             WORDS["AuthorizationHeaderMalformed"], s.host)
    s.fault = lambda p: None
    r, reason = look()
    a = w.get("readyz")
    t.ok(r.status == OK and reason == "" and
         "store_refuses" not in (a.json.get("reasons") or []) and
         "s3_fault" not in w.get("healthcheck").json,
         "a fault of the store ends with the next good look", r, a)
    s.stop()


def strange(t):
    """Answers that are no S3."""
    page = ("<!DOCTYPE html><html><body>%s</body></html>" % PEER).encode()
    s = bucket.Store()
    w.configure(s3_endpoint=s.url)
    for text, answer, code in [
            ("a web page", (200, {}, page), "not_a_store"),
            ("JSON", (200, {}, b'{"x":1}'), "not_a_store"),
            ("no content", (204, {}, b""), "not_a_store"),
            ("a list of buckets", (200, {}, b"<ListAllMyBucketsResult/>"),
             "not_a_store"),
            ("a page of a firewall", (403, {}, page), "not_a_store"),
            ("a page that is not there", (404, {}, page), "not_a_store"),
            ("a login", (401, {}, page), "login_needed"),
            ("a login elsewhere", (302, {"Location": "http://" + PEER}, page),
             "redirected"),
            ("the page of a TLS port", (400, {}, page), "not_understood"),
            ("a page of a proxy without a store", (502, {}, page),
             "server_error"),
            ("a page of a busy proxy", (503, {}, page), "ServiceUnavailable"),
            ("a proxy's own refusal", (407, {}, page), "proxy_refuses"),
            ("an unknown code", (403, {}, error(PEER)), "AccessDenied"),
            ("an unknown code with 400", (400, {}, error(PEER)),
             "refused_otherwise"),
            ("one of our own codes", (404, {}, error("not_a_store")), "not_there"),
            ("an entity", (404, {}, b"<!DOCTYPE e [<!ENTITY a 'SlowDown'>]>"
                           b"<Error><Code>&a;</Code></Error>"), "not_a_store"),
            ("a long error", (404, {}, error("SlowDown", " " * 70000)),
             "not_a_store"),
            ("many codes", (404, {}, error("SlowDown",
                                           "<Code>NoSuchBucket</Code>")),
             "not_a_store")]:
        s.fault = lambda p: answer
        told(t, "an answer of %s is called %s" % (text, code), code,
             WORDS[code], s.host)
    s.stop()


def unanswered(t):
    """No answer at all."""
    s = bucket.Store()
    w.configure(s3_endpoint="https://" + s.host)
    told(t, "https to a port without TLS is recognised", "no_tls",
         WORDS["no_tls"], s.host)
    s.stop()
    told(t, "a port where nobody listens is recognised", "connection_refused",
         WORDS["connection_refused"], s.host, mend=AGAIN)
    w.configure(s3_endpoint="http://no-such-host.invalid")
    told(t, "a host that nobody knows is recognised", "host_unknown",
         WORDS["host_unknown"], "no-such-host.invalid", mend=SETTING)

    def serve(answer, wrap=lambda c: c):
        listening = socket.create_server(("127.0.0.1", 0))

        def run():
            while True:
                try:
                    c, _ = listening.accept()
                    with wrap(c) as c:
                        c.recv(4096)
                        c.sendall(answer)
                except OSError:
                    if listening.fileno() == -1:
                        return
        threading.Thread(target=run, daemon=True).start()
        return listening, "127.0.0.1:%d" % listening.getsockname()[1]

    for text, answer, code in [
            ("that is no HTTP", b"220 mail.example ESMTP\r\n", "not_http"),
            ("that is empty", b"", "answer_cut")]:
        listening, host = serve(answer)
        w.configure(s3_endpoint="http://" + host)
        told(t, "an answer %s is recognised" % text, code, WORDS[code], host)
        listening.close()
    key, cert = w.path("tls.key"), w.path("tls.cert")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", key, "-out", cert], check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    listening, host = serve(b"x", lambda c: context.wrap_socket(
        c, server_side=True))
    w.configure(s3_endpoint="https://" + host)
    told(t, "a certificate of an unknown authority is recognised",
         "certificate_unknown", WORDS["certificate_unknown"], host,
         mend="update-ca-certificates")
    w.configure(s3_endpoint="http://" + host)
    r, reason = look()
    t.ok(reason.partition(",")[0] in ("answer_cut", "not_http"),
         "http to a port with TLS is recognised", reason)
    listening.close()


def real(t):
    """Ceph's gateway."""
    store = servers.Store(w)
    endpoint.never.add(store.secret)
    now = w.now = int(time.time())
    w.snapshot()
    good = dict(s3_endpoint=store.endpoint, s3_region=store.region,
                s3_bucket=store.bucket, s3_access_key_id=store.key_id,
                s3_secret_access_key_file=w.secret("store.secret",
                                                   store.secret))
    stranger, secret = store.user("stranger")
    endpoint.never.add(secret)
    w.configure(**good)
    t.same(look()[0].status, OK, "a real gateway lists its bucket")
    for text, code, name, settings in [
            ("a bucket that is not there", "NoSuchBucket", "no-such-bucket",
             {"s3_bucket": "no-such-bucket"}),
            ("an unknown key id", "InvalidAccessKeyId", store.bucket,
             {"s3_access_key_id": "NOSUCHKEY"}),
            ("a wrong secret", "SignatureDoesNotMatch", store.bucket,
             {"s3_secret_access_key_file": w.secret("wrong", "w" * 40)}),
            ("another user's key", "AccessDenied", store.bucket,
             {"s3_access_key_id": stranger,
              "s3_secret_access_key_file": w.secret("other", secret)})]:
        with w.settings(**settings):
            told(t, "a real gateway's refusal of %s is reported" % text, code,
                 WORDS[code], store.host, name)
    for off in 7200, -7200:
        with w.time(now + off):
            w.snapshot()
            if off < 0:
                told(t, "a real gateway refuses a clock that is two hours "
                     "behind, and that is what is reported",
                     "RequestTimeTooSkewed", WORDS["RequestTimeTooSkewed"],
                     store.host, store.bucket, CLOCK)
            else:
                look()
            t.ok("clock_off" in w.get("readyz").json["reasons"],
                 "a clock that is %+d s from a real gateway's is reported" %
                 off)
    for off in 33, -33, 27, -27:
        with w.time(int(time.time()) + off):
            w.snapshot()
            r = look()[0]
            t.same(("clock_off" in w.get("readyz").json.get("reasons", []),
                    r.status), (abs(off) > 30, OK if off < 0 else r.status),
                   "a real gateway tells whether a clock is %+d s off" % off)


tap.run([codes, strange, unanswered, real], endpoint.check_outputs)
