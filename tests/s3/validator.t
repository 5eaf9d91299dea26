#!/usr/bin/python3
"""A validator reads a folder of 1,100 objects with nothing but what it was
given: every page of the listing, and every file, by vended URLs."""

import hashlib
import json
import os
import re
import sys
import xml.etree.ElementTree as xml
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import s3site  # noqa: E402
import servers  # noqa: E402
import tap  # noqa: E402
from s3site import NAMESPACE, form  # noqa: E402

COUNT = 1100
ODD = ["a b+c", "100%25", "\u00fc/\u4e2d", "a=b&c?d#e", "~'\"<>*!()", "a;b,c",
       "a..b", "${x}"]

site = s3site.Site()
world, first, second = site.world, site.first, site.second
wallet = world.path("validator")
VALIDATOR = site.foldergate("keygen", wallet).text.strip()
world.snapshot(block=7000001, neurons=[
    {"uid": i, "hotkey": hotkey, "coldkey": coldkey, "permit": permit,
     "alpha_stake_rao": "20000000000001"}
    for i, (hotkey, coldkey, permit) in enumerate([
        (first.hotkey, first.coldkey, False),
        (second.hotkey, second.coldkey, False),
        (VALIDATOR, second.coldkey, True)])])
stored = {}


def content(key):
    size = 1024 + len(key) % 100
    return (hashlib.sha256(key.encode()).digest() * 40)[:size]


def post(path, body, headers=()):
    return servers.ask(site.web.port, "POST", path, body=body,
                       headers=list(headers))


def signed(kind, *args):
    return json.loads(site.foldergate("sign", kind, "--hotkey", wallet,
                                      *args).text)


def headed(path, body):
    """The way the latest clients ask: X-Tao headers."""
    raw = json.dumps(body).encode()
    r = site.foldergate("sign", "--tao", world.write("body", raw),
                        "--hotkey", wallet)
    return post(path, raw, re.findall(r'^header = "([^:"]+): ([^"]+)"$',
                                      r.text, re.M))


def by_words(body):
    """The way of the generation before."""
    return post("/get-miner-list", json.dumps({
        **signed("list", "--miner", body["miner_hotkey"]), **body}).encode())


def by_headers(body):
    return headed("/get-miner-list", body)


def pages(ask, miner):
    """Every page, as the clients read them: key to size, and how many."""
    keys, token, count = {}, None, 0
    while count < 10:
        r = ask({**miner, **({"continuation_token": token} if token else {})})
        if r.code != 200:
            raise s3site.Refused(str(r))
        r = site.request("GET", json.loads(r.body)["list_url"])
        if r.code != 200:
            raise s3site.Refused(str(r))
        count += 1
        root = xml.fromstring(r.body)
        for c in root.iter(NAMESPACE + "Contents"):
            keys[unquote(c.findtext(NAMESPACE + "Key"))] = int(
                c.findtext(NAMESPACE + "Size"))
        token = root.findtext(NAMESPACE + "NextContinuationToken")
        if root.findtext(NAMESPACE + "IsTruncated").lower() != "true":
            break
    return keys, count


def test_upload(t):
    grant, theirs = first.grant(), second.grant()
    keys = [grant["folder"] + "job_id=%d/data_%04d.parquet" % (i % 7, i)
            for i in range(COUNT - len(ODD))]
    keys += [grant["folder"] + "odd/" + name for name in ODD]
    stored.update((key, content(key)) for key in keys)

    def put(key):
        r = site.upload(grant, form(grant, key), data=stored[key])
        return [] if r.code == 204 else [key, str(r)]
    with ThreadPoolExecutor(8) as pool:
        wrong = sum(pool.map(put, keys), [])
    r = site.upload(theirs, form(theirs, theirs["folder"] + "a"))
    t.none(wrong + ([] if r.code == 204 else [r]),
           "%d uploads are answered with 204" % COUNT)


def test_pages(t):
    want = {key: len(data) for key, data in stored.items()}
    for text, ask in ("a signed text", by_words), ("X-Tao headers", by_headers):
        keys, count = pages(ask, {"miner_hotkey": first.hotkey})
        t.ok(count >= 2, text + " are used to read a folder in %d pages" %
             count)
        t.ok(keys == want, text + " are used to find every key with its size",
             len(keys), sorted(set(keys) ^ set(want))[:5])
    r = post("/get-miner-specific-access", json.dumps(signed(
        "list", "--miner", first.hotkey)).encode())
    t.same(r.code, 200, "get-miner-specific-access gives a URL to a validator")
    r = site.request("GET", json.loads(r.body)["miner_url"])
    root = xml.fromstring(r.body)
    # A store may end a page early.
    got = len(list(root.iter(NAMESPACE + "Contents")))
    t.ok(r.code == 200 and 0 < got <= 1000 and
         root.findtext(NAMESPACE + "IsTruncated") == "true",
         "miner_url shows a first page of %d objects" % got, r.code)
    t.same(pages(by_words, {"miner_hotkey": second.hotkey})[0],
           {second.folder() + "a": 1024},
           "the list of another folder shows only that folder")
    t.same(pages(by_headers, {"miner_coldkey": first.coldkey}), ({}, 1),
           "the list of a coldkey's folder is empty")
    r = by_headers({"miner_hotkey": first.hotkey})
    url = json.loads(r.body)["list_url"]
    for text, changed in [
            ("another's prefix", url.replace(first.hotkey, second.hotkey)),
            ("a token added", url + "&continuation-token=x"),
            ("more keys", url.replace("max-keys=1000", "max-keys=9"))]:
        t.same(site.request("GET", changed).code, 403,
               "list_url changed by %s is answered with 403" % text)
    r = by_headers({"miner_hotkey": first.hotkey,
                    "continuation_token": "&prefix=data/&x=\u00fc%"})
    r = site.request("GET", json.loads(r.body)["list_url"])
    t.ok(r.code in (200, 400) and second.hotkey not in r.text,
         "a hostile token stays within the folder", r)


def urls(keys, ask=None):
    r = ask or headed("/get-file-presigned-urls", {
        "miner_hotkey": first.hotkey, "file_keys": keys, "expiry_hours": 3})
    if r.code != 200:
        raise s3site.Refused(str(r)[:2000])
    return json.loads(r.body)


def test_files(t):
    keys, found = sorted(stored), {}
    for i in range(0, COUNT, 500):
        answer = urls(keys[i:i + 500])
        found.update((k, v["presigned_url"])
                     for k, v in answer["file_urls"].items())
    t.same(sorted(found), keys,
           "a validator gets a URL for every key, 500 at a time")

    def get(key):
        r = site.request("GET", found[key])
        good = r.code == 200 and r.body == stored[key]
        return [] if good else [key, str(r)[:300]]
    with ThreadPoolExecutor(8) as pool:
        wrong = sum(pool.map(get, keys), [])
    t.none(wrong, "every file is read byte for byte")
    key = keys[0]
    for span, data in [("0-9", stored[key][:10]), ("1000-", stored[key][1000:]),
                       ("-7", stored[key][-7:])]:
        r = site.request("GET", found[key], headers=[
            ("Range", "bytes=" + span)])
        t.same((r.code, r.body), (206, data),
               "the range %s of a file is answered with 206" % span)
    for method in "HEAD", "PUT", "DELETE", "POST":
        r = site.request(method, found[key], b"x" if method in (
            "PUT", "POST") else None)
        t.ok(r.code == 403 or method == "POST" and r.code >= 400,
             "the method %s is refused for a URL to GET" % method, r)
    for text, changed in [
            ("another file", found[key].replace("data_0000", "data_0007")),
            ("another miner", found[key].replace(
                first.hotkey, second.hotkey)),
            ("a longer life", found[key].replace(
                "X-Amz-Expires=10800", "X-Amz-Expires=604800"))]:
        t.ok(changed != found[key] and site.request(
            "GET", changed).code == 403,
             "a URL changed to %s is answered with 403" % text)
    t.same(site.request("GET", found[key]).body, stored[key],
           "a file is as it was after the attempts")


def test_large(t):
    """More than the 64 KiB that other endpoints take, through the server."""
    keys = sorted(stored)[:1000]
    size = len(json.dumps(keys))
    t.ok(size > 65536, "the request for 1,000 keys has %d bytes" % size)
    t.same(len(urls(keys)["file_urls"]), 1000,
           "a validator gets 1,000 URLs by X-Tao headers")
    a = urls(keys, post("/get-file-presigned-urls", json.dumps({
        **signed("files", "--miner", first.hotkey, *keys[:1]),
        "file_keys": keys}).encode()))
    t.same(len(a["file_urls"]), 1000,
           "a validator gets 1,000 URLs by a signed text")
    r = headed("/get-file-presigned-urls", {
        "miner_hotkey": first.hotkey,
        "file_keys": [first.folder() + "%04d" % i + "k" * 950
                      for i in range(1000)]})
    t.ok(r.code == 200 and len(r.body) > 1 << 21,
         "1,000 long keys get an answer of megabytes", r.code, len(r.body))
    r = post("/get-file-presigned-urls", b" " * (2 << 20))
    t.same(r.code, 413, "a request of two megabytes is answered with 413")
    r = headed("/get-miner-list", {"miner_hotkey": first.hotkey,
                                   "x": "x" * 70000})
    t.same(r.code, 413, "70 KB for another endpoint are answered with 413")
    r = post("/get-miner-list", site.foldergate(
        "sign", "list", "--hotkey", second.wallet, "--miner",
        first.hotkey).out)
    t.same((r.code, json.loads(r.body)), (401, {
        "detail": "You are not validator", "code": "no_permit"}),
        "a miner that asks as a validator is answered with 401")


tap.run([test_upload, test_pages, test_files, test_large])
