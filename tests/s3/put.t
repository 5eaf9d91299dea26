#!/usr/bin/python3
"""Why no PUT is vended where a store takes POST policies: on Ceph's gateway
whoever holds a presigned PUT reads what others stored, and publishes it.  And
that the form which is vended does neither."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import endpoint  # noqa: E402
import s3site  # noqa: E402
import sigv4  # noqa: E402
import tap  # noqa: E402
from s3site import form  # noqa: E402

site = s3site.Site()
first, second = site.first, site.second
store = site.store
SECRET = b"another miner's rows " * 100


def get(key):
    return site.request("GET", sigv4.object_url(
        int(time.time()), 60, key, "http", store.host, "/" + store.bucket,
        store.key_id, store.secret, store.region))


def put_url(key, size=None):
    """As the upload role would sign it."""
    return sigv4.object_url(
        int(time.time()), 60, key, "http", store.host, "/" + store.bucket,
        store.key_id, store.secret, store.region, "PUT", size)


def upload(grant, key, data, **more):
    return site.upload(grant, form(grant, key, **more), data=data)


def prepare(t):
    grant = first.grant()
    t.same(upload(grant, first.folder() + "rows", SECRET).code, 204,
           "the first miner stores an object")


def with_put(t):
    source = "/%s/%s" % (store.bucket, first.folder() + "rows")
    for text, size, headers in [
            ("a PUT URL", None, {}),
            ("a PUT URL with a signed length", 0, {"Content-Length": "0"})]:
        key = second.folder() + "stolen" + str(size)
        r = site.request("PUT", put_url(key, size), b"", {
            **headers, "x-amz-copy-source": source}.items())
        t.same((r.code, get(key).body), (200, SECRET),
               text + " and x-amz-copy-source give the bytes of another miner")
    key = second.folder() + "public"
    r = site.request("PUT", put_url(key), b"x" * 2048, {
        "x-amz-acl": "public-read"}.items())
    url = "http://%s/%s/%s" % (store.host, store.bucket,
                               key.replace("=", "%3D"))
    t.same((r.code, site.request("GET", url + "?").code), (200, 200),
           "a PUT URL and x-amz-acl make an object readable for everybody")


def with_form(t):
    grant = second.grant()
    source = "/%s/%s" % (store.bucket, first.folder() + "rows")
    key = second.folder() + "mine"
    kind, body = s3site.multipart.encode(form(grant, key), b"y" * 2048,
                                        "rows")
    r = site.request("POST", grant["url"], body, {
        "Content-Type": kind, "x-amz-copy-source": source,
        "x-amz-acl": "public-read"}.items())
    t.same((r.code, get(key).body), (204, b"y" * 2048),
           "a form with x-amz headers stores only what was sent")
    url = "http://%s/%s/%s?" % (store.host, store.bucket,
                                key.replace("=", "%3D"))
    t.same(site.request("GET", url).code, 403,
           "a form with x-amz-acl makes no object readable for others")


if __name__ == "__main__":
    tap.run([prepare, with_put, with_form], endpoint.check_outputs)
