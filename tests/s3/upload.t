#!/usr/bin/python3
"""The main job: a miner proves its hotkey, gets a form for its own folder,
uploads to a real S3 server and lists what is there."""

import json
import os
import re
import subprocess
import sys
import time
from urllib.parse import urlsplit

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import s3site  # noqa: E402
import servers  # noqa: E402
import tap  # noqa: E402
from s3site import MAX_BYTES, form  # noqa: E402

site = s3site.Site()
first, second = site.first, site.second
SOURCES = "x", "reddit", None       # None: the hotkey layout


def test_upload(t):
    for source in SOURCES:
        folder, layout = first.folder(source), source or "hotkey"
        grant = first.grant(source)
        t.same(grant["folder"], folder, "%s: the grant is for the own folder" %
               layout)
        t.same(site.listing(grant["list_url"]), {},
               "%s: the own folder is empty at first" % layout)
        key = folder + "job_id=1/2026-11-22/posts.csv"
        r = site.upload(grant, form(grant, key), 2000)
        t.ok(r.code == 204 and not r.body,
             "%s: an upload is answered with 204" % layout, r)
        r = site.upload(grant, grant["fields"], 1500, name="data_1.parquet")
        t.same(r.code, 204,
               "%s: the form uploads with its fields as they came" % layout)
        want = {key.encode(): 2000, (folder + "data_1.parquet").encode(): 1500}
        t.same(site.listing(grant["list_url"]), want,
               "%s: list_url shows both objects with their sizes" % layout)


def test_listing(t):
    """Of the store's own form: what validators parse."""
    grant = first.grant("x")
    url = urlsplit(grant["list_url"])
    t.same([p.partition("=")[0] for p in url.query.split("&")][:3],
           ["list-type", "prefix", "encoding-type"],
           "list_url is a ListObjectsV2 with encoding-type")
    r = site.request("GET", grant["list_url"])
    t.ok('<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
         in r.text, "the listing has the namespace that clients pin", r)
    t.ok("<EncodingType>url</EncodingType>" in r.text,
         "the listing has its keys in percent signs", r)
    for source in SOURCES:
        mine, other = first.grant(source), second.grant(source)
        key = other["folder"] + "theirs.csv"
        site.upload(other, form(other, key))
        shown = site.listing(mine["list_url"])
        t.ok(shown and all(k.startswith(mine["folder"].encode())
                           for k in shown),
             "%s: list_url shows only the own folder" % (source or "hotkey"),
             shown)
        t.same(list(site.listing(other["list_url"])), [key.encode()],
               "%s: list_url of the other miner shows only the other folder" %
               (source or "hotkey"))


def test_list_url(t):
    """Good for one thing: to list this folder."""
    grant, other = first.grant("x"), second.grant("x")
    url = grant["list_url"]
    base, _, query = url.partition("?")
    cold, cold2 = first.coldkey, second.coldkey
    for text, changed in [
            ("another prefix", url.replace(cold, cold2)),
            ("a shorter prefix", url.replace(cold + "%2F", "")),
            ("a prefix without its slash", url.replace(cold + "%2F", cold)),
            ("no prefix", re.sub(r"prefix=[^&]*&", "", url)),
            ("another bucket", url.replace(
                "/%s?" % site.store.bucket,
                "/%s?" % site.store.other_bucket)),
            ("a longer life", re.sub("Expires=\\d+", "Expires=604800", url)),
            ("another date", re.sub(r"(X-Amz-Date=\d{8}T)\d{6}",
                                    r"\g<1>000000", url)),
            ("no encoding-type", url.replace("&encoding-type=url", "")),
            ("list-type 1", url.replace("list-type=2", "list-type=1")),
            ("another signature", url[:-4] + ("0000" if url[-4:] != "0000"
                                              else "1111")),
            ("the signature of another's", base + "?" + query.rpartition(
                "=")[0] + "=" + other["list_url"].rpartition("=")[2]),
            ("a key in the path", base + "/" + first.folder("x") +
             "data_1.parquet?" + query)]:
        r = site.request("GET", changed)
        t.ok(changed != url and r.code == 403,
             "list_url with %s is answered with 403" % text, changed, r)
    for more in ("prefix=", "prefix=data%2F", "delimiter=%2F", "max-keys=1",
                 "continuation-token=x", "start-after=data", "acl", "policy",
                 "versions", "x=1"):
        r = site.request("GET", url + "&" + more)
        t.same(r.code, 403, "list_url with &%s after it is answered with 403" %
               more)
    for more in ("prefix=data%2F", "prefix=", "list-type=1", "delimiter=%2F",
                 "prefix=data%2Fx%2FTHEIRS%2F"):
        r = site.request("GET", base + "?" + more.replace("THEIRS", cold2) +
                         "&" + query)
        t.ok(r.code == 403 or (r.code == 200 and cold2 not in r.text and
                               cold in r.text),
             "list_url with %s& before its query shows nobody else's folder" %
             more, r)
    for method in "HEAD", "PUT", "DELETE", "POST":
        t.same(site.request(method, url).code, 403,
               "the method %s with list_url is answered with 403" % method)
    r = site.request("PUT", url.replace("?", "/%splanted?" % first.folder("x")),
                     b"x" * 1024)
    t.same(r.code, 403, "a PUT of an object with list_url is answered with 403")
    r = site.request("POST", url + "&delete", b"<Delete><Object><Key>%sdata_1."
                     b"parquet</Key></Object></Delete>" %
                     first.folder("x").encode())
    t.same(r.code, 403, "a multiple delete with list_url is answered with 403")
    t.same(site.request("GET", url).code, 200,
           "list_url as it came is still answered with 200")


def test_size(t):
    for source in "x", None:
        grant = first.grant(source)
        layout, key = source or "hotkey", grant["folder"] + "size"
        for size, code, error in [
                (1023, 400, "EntityTooSmall"), (0, 400, "EntityTooSmall"),
                (MAX_BYTES + 1, 400, "EntityTooLarge"),
                (64 * MAX_BYTES, 400, "EntityTooLarge")]:
            r = site.upload(grant, form(grant, key), size)
            t.same((r.code, r.error), (code, error),
                   "%s: an upload of %d bytes is answered with %d" % (
                layout, size, code))
        t.ok(key.encode() not in site.listing(grant["list_url"]),
             "%s: no upload of a wrong size is stored" % layout)
        for size in 1024, MAX_BYTES:
            r = site.upload(grant, form(grant, key), size)
            t.same(r.code, 204,
                   "%s: an upload of %d bytes is answered with 204" %
                   (layout, size))
            t.same(site.listing(grant["list_url"]).get(key.encode()), size,
                   "%s: list_url shows the upload of an allowed size" % layout)


def test_curl(t):
    """The commands that scripts/run.sh shows."""
    path = site.world.write("rows.csv", b"id,text\n" * 200)
    body = first.body()
    p = subprocess.run(
        ["curl", "-q", "-sS", "-m", "20", "--noproxy", "*", "--json", "@-",
         "http://127.0.0.1:%d/get-folder-access" % site.web.port],
        input=body, capture_output=True)
    grant = json.loads(p.stdout)
    t.same(grant["folder"], first.folder(), "sign and curl --json get a grant")
    options = []
    for name, value in grant["fields"].items():
        options += ["-F", "%s=%s" % (name, value.replace("${filename}",
                                                         "rows.csv"))]
    for text, more in [("the key written out", options),
                       ("${filename} left to the store", [
                           o for n, v in grant["fields"].items()
                           for o in ("-F", "%s=%s" % (n, v))])]:
        p = subprocess.run(
            ["curl", "-q", "-sS", "-m", "20", "--noproxy", "*", "-o",
             site.world.path("answer"), "-w", "%{http_code}", *more,
             "-F", "file=@" + path, grant["url"]], capture_output=True)
        t.same(p.stdout, b"204", "curl -F uploads with %s" % text)
    t.same(site.listing(grant["list_url"])[
        (grant["folder"] + "rows.csv").encode()], 1600,
           "list_url shows what curl uploaded")


def test_clients(t):
    """What requests sends for data=fields, files={"file": (name, f)}, with
    the key replaced (first clients) or as it came (last clients)."""
    grant = first.grant()
    for kind in None, "application/octet-stream", "text/csv":
        name = "client-%s.csv" % (kind or "none").replace("/", "-")
        fields = dict(grant["fields"])
        fields["key"] = grant["folder"] + "job_id=2/" + name
        r = site.upload(grant, fields, 3000, name="/tmp/" + name,
                        content_type=kind)
        t.same(r.code, 204,
               "an upload with the Content-Type %s is answered with 204" % kind)
        t.same(site.listing(grant["list_url"]).get(fields["key"].encode()),
               3000, "list_url shows the upload of a client")


def test_told(t):
    """What is said of the grant's life is what was signed."""
    now = int(time.time())
    grant = first.grant(expiry=now + 600)
    t.ok(590 <= grant["expires_in_seconds"] <= 600,
         "an expiry of 600 s is the lifetime of the grant",
         grant["expires_in_seconds"])
    t.same(grant["expiry"], time.strftime("%Y-%m-%dT%H:%M:%S+00:00",
                                          time.gmtime(now + 600)),
           "the expiry told is the one that was asked for")
    t.same(re.search(r"X-Amz-Expires=(\d+)", grant["list_url"])[1],
           str(grant["expires_in_seconds"]),
           "list_url lives no longer than the grant")
    r = site.upload(grant, form(grant, grant["folder"] + "short-lived"))
    t.same(r.code, 204, "an upload within the lifetime is answered with 204")
    past = json.dumps({**json.loads(first.body()), "expiry": now - 1})
    p = servers.ask(site.web.port, "POST", "/get-folder-access",
                    body=past.encode())
    t.same((p.code, json.loads(p.body)["code"]), (400, "invalid_timestamp"),
           "an expiry that has passed is answered with 400")


tap.run([test_upload, test_listing, test_list_url, test_size, test_curl,
         test_clients, test_told])
