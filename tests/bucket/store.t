#!/usr/bin/python3
"""bucket-sync against a real S3 server: both layouts, more miners than a page
holds, and a miner whose names are poison."""

import concurrent.futures
import http.client
import os
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import bucket
import endpoint
import multipart
import servers
import sigv4
import tap
from bucket import DAMAGED, FAILED, OK, address, folder

MINERS = 1100
COLD = 1010

w = bucket.Bucket(bucket_timeout_s=20)
store = servers.Store(w)
endpoint.never.add(store.secret)
w.now = int(time.time())
w.configure(s3_endpoint=store.endpoint, s3_region=store.region,
            s3_bucket=store.bucket, s3_access_key_id=store.key_id,
            s3_secret_access_key_file=w.secret("store.secret", store.secret),
            s3_upload_access_key_id="none",
            s3_upload_secret_access_key_file=w.path("not.there"))

_fields = list(sigv4.form_fields(
    w.now, w.now + 3600, "data/", store.bucket, store.key_id, store.secret,
    store.region, 0, 4096).items())


def post(key):
    """Upload to this key, bytes, by a form, which any key passes."""
    fields = [(n, key if n == "key" else v) for n, v in _fields]
    kind, body = multipart.encode(fields, b"x", "f")
    # A new connection each time: on a kept one the gateway's answers take
    # 40 ms, because they come in two pieces.
    c = http.client.HTTPConnection(store.host, timeout=30)
    c.request("POST", "/" + store.bucket, body, {"Content-Type": kind})
    r = c.getresponse()
    r.read()
    c.close()
    return r.status


def fill(keys):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(post, keys))
    if set(statuses) != {204}:
        raise RuntimeError(str(set(statuses)))


def cold(name, source):
    return ("data/%s/%s/" % (source, address(name))).encode()


NAMES = ["miner-%d" % i for i in range(MINERS)]
# The page of jobs ends with the poison, in folders at both ends and between.
ORDER = sorted(NAMES, key=address)
POISONED = [ORDER[0], ORDER[999], ORDER[-1]]
POISON = [b"b\x01", b"b\xff\xfe", b"b\xf4\x8f\xbf\xbf", b"c<&>\"' +%41=~",
          "d\u00e9".encode()]


def fill_all():
    keys = [folder(n, "job") + b"part.parquet" for n in NAMES]
    keys += [cold("c%d" % i, "x") + b"posts.csv" for i in range(COLD)]
    keys += [cold("c%d" % i, "reddit") + b"posts.csv" for i in range(0, 9, 2)]
    keys += [b"data/x/not-an-address/f", b"data/x/loose",
             b"data/hotkey=nobody/f", b"data/other/" + b"f",
             folder("loose") + b"f", folder(ORDER[1]) + b"\x01/\xff"]
    for n in POISONED:
        keys += [folder(n, j) + b"f\x01" for j in POISON]
        keys += [folder(n, b"n\0n") + b"f", folder(n, b"k" * 1025) + b"f",
                 folder(n) + b"k" * 1025]
    first = POISONED[0]
    keys += [folder(first, b"a%03d" % i) + b"f" for i in range(999)]
    fill(keys)


def complete(t):
    fill_all()
    start = time.monotonic()
    r = w.sync(installed=True)
    i = w.index()
    print("# %d miners, %d folders: %.2f s" % (
        len(i.miners), len(i.folders), time.monotonic() - start))
    t.same((r.status, i.complete, i.ignored, w.status()["reason"]),
           (OK, True, 2, None),
           "the index of a store with 1,050 miners is complete")
    t.same(set(i.folders), {(address("c%d" % n), "x") for n in range(COLD)} |
           {(address("c%d" % n), "reddit") for n in range(0, 9, 2)},
           "every coldkey of each source is in the index, over two pages")
    t.same(set(i.miners), {address(n) for n in NAMES + ["loose"]},
           "every hotkey is in the index, over two pages")
    t.none([n for n in NAMES if n not in POISONED and i.miners[address(n)][:2]
            != ([b"job"], 0)],
           "all miners but the poisoned ones are complete and not damaged")
    t.same(i.miners[address("loose")][:2], ([], 0),
           "a miner without a job is in the index")
    for n in POISONED:
        more = [b"a%03d" % k for k in range(999)] if n == POISONED[0] else []
        t.same((sorted(set(i.jobs(n)) ^ set(more + POISON + [b"job"])),
                i.flags(n)), ([], DAMAGED),
               "a poisoned folder is damaged, and all jobs that can be named "
               "are there")


def changes(t):
    gone = ORDER[5]
    s3 = client()
    s3.delete_object(Bucket=store.bucket,
                     Key=folder(gone, "job").decode() + "part.parquet")
    s3.delete_object(Bucket=store.bucket,
                     Key=cold("c3", "x").decode() + "posts.csv")
    fill([folder("new", "1") + b"f", folder(ORDER[6], "job-2") + b"f"])
    r = w.sync(installed=True)
    i = w.index()
    t.same((r.status, address(gone) in i.miners,
            (address("c3"), "x") in i.folders), (OK, False, False),
           "a miner and a coldkey whose objects were removed leave the index")
    t.same((i.jobs("new"), i.jobs(ORDER[6])), ([b"1"], [b"job", b"job-2"]),
           "new objects enter the index")
    before = w.file()
    with w.settings(s3_secret_access_key_file=w.secret("wrong", "w" * 40)):
        r = w.sync(installed=True)
        t.same((r.status, w.file() == before, w.status()["reason"]),
               (FAILED, True, "SignatureDoesNotMatch, bucket %s at %s: the "
                "secret is wrong, or something on the way changes the "
                "request: are key id and secret a pair?" % (
                    store.bucket, store.host)),
               "a store that refuses a wrong secret leaves the old index in "
               "place")


def client():
    os.environ.update(AWS_CONFIG_FILE=os.devnull,
                      AWS_EC2_METADATA_DISABLED="true",
                      AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    import boto3
    from botocore.config import Config
    return boto3.client(
        "s3", endpoint_url=store.endpoint, region_name=store.region,
        aws_access_key_id=store.key_id, aws_secret_access_key=store.secret,
        config=Config(s3={"addressing_style": "path"}, proxies={}))


tap.run([complete, changes], endpoint.check_outputs)
