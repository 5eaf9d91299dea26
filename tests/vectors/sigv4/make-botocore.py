#!/usr/bin/python3
"""Golden values for s3/: what botocore signs, with a clock that stands still.

usage: make-botocore.py >botocore.json
"""
import datetime
import json
import types

import botocore
import botocore.auth
import botocore.session
import botocore.signers
from botocore.config import Config

# The key pair of Amazon's documentation.
ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

SPACES = ("https://nyc3.digitaloceanspaces.com", "nyc3", "data-universe-storage")
PLACES = [
    # endpoint, region, bucket, virtual hosted?
    SPACES + (False,),
    SPACES + (True,),
    (SPACES[0], "us-east-1", SPACES[2], False),
    ("http://127.0.0.1:7480", "us-east-1", "subnet", False),
    ("http://localhost:7480", "us-east-1", "subnet", True),
    ("https://s3.eu-central-1.amazonaws.com", "eu-central-1", "a.dotted.bucket", False),
    ("https://s3.eu-central-1.amazonaws.com", "eu-central-1", "plain-bucket", True),
    ("http://[::1]:9000", "auto", "six", False),
]
KEYS = [
    "data/hotkey=5MINER1/job_id=default_0/data_1.parquet",
    "a", "a b", "a  b ", "a+b", "100%", "%2F%00", "x=y&z=w", "tilde~", "star*", "quote'",
    "(parens)", "bang!", "~*'()!+%=&@:;,$?#[]", "back\\slash\"<>^`{|}", "tab\tnl\n\x01\x7f",
    "ünïcödé/日本/😀", "e\u0301", "\u2028", "..", "../up", "a/../b", "a/./b", "a//b", "/lead",
    "//lead", "trail/", "a//", ".", "x" * 1024, "é" * 512, "😀/" + "%" * 1019,
]
DATES = [1369353600, 1795360631, 1709251199, 946684800, 4102444799]
TTLS = [1, 604800, 3600, 10800, 86400]
LISTS = [
    {"Prefix": "data/x/5COLD/"},
    {"Prefix": "data/", "Delimiter": "/"},
    {"Prefix": "data/hotkey=5MINER1/job_id=a b/", "MaxKeys": 1000},
    {"Prefix": "data/", "Delimiter": "/", "MaxKeys": 1, "ContinuationToken": "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=+&"},
    {"Prefix": "", "MaxKeys": 999},
    {"Prefix": "日本/~*'()!+%=&", "StartAfter": "日本/a//b"},
    {"Prefix": "p" * 1024, "Delimiter": "ü", "ContinuationToken": "t", "StartAfter": "s", "MaxKeys": 10},
    {"Prefix": "/", "ContinuationToken": "x" * 1500},
]
FOLDERS = [
    "data/x/5COLD/",
    "data/hotkey=5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjQX/job_id=default_0/",
    'quo"te\\and space/&<>\'$/',
    "d" * 1000 + "/",
]


class Clock(datetime.datetime):
    """Only utcnow() is asked."""

    unix = 0

    @classmethod
    def utcnow(cls):
        return cls(1970, 1, 1) + datetime.timedelta(seconds=cls.unix)


stopped = types.SimpleNamespace(datetime=Clock, timedelta=datetime.timedelta)
botocore.auth.datetime = stopped
botocore.signers.datetime = stopped


def client(endpoint, region, virtual):
    session = botocore.session.Session()
    return session.create_client(
        "s3", region_name=region, endpoint_url=endpoint,
        aws_access_key_id=ID, aws_secret_access_key=SECRET,
        config=Config(signature_version="s3v4",
                      s3={"addressing_style": "virtual" if virtual else "path"}))


def place(i):
    endpoint, region, bucket, virtual = PLACES[i % len(PLACES)]
    head = {"endpoint": endpoint, "region": region, "bucket": bucket, "virtual": virtual}
    return client(endpoint, region, virtual), bucket, head


def object_url(n, i, j, key):
    s3, bucket, case = place(n)
    Clock.unix = DATES[i % len(DATES)]
    ttl = TTLS[j % len(TTLS)]
    method = ("GET", "HEAD", "PUT")[j % 3]
    call = {"GET": "get_object", "HEAD": "head_object", "PUT": "put_object"}[method]
    url = s3.generate_presigned_url(call, Params={"Bucket": bucket, "Key": key}, ExpiresIn=ttl)
    case.update(now=Clock.unix, ttl_s=ttl, method=method, key=key, url=url)
    return case


def list_url(n, i, params):
    s3, bucket, case = place(n)
    Clock.unix = DATES[i % len(DATES)]
    ttl = TTLS[i % len(TTLS)]
    url = s3.generate_presigned_url(
        "list_objects_v2", Params=dict(params, Bucket=bucket, EncodingType="url"), ExpiresIn=ttl)
    case.update(now=Clock.unix, ttl_s=ttl, url=url)
    names = {"Prefix": "prefix", "Delimiter": "delimiter", "MaxKeys": "max_keys",
             "ContinuationToken": "continuation_token", "StartAfter": "start_after"}
    case.update((names[k], v) for k, v in params.items())
    return case


def post(n, i, key, exact):
    s3, bucket, case = place(n)
    Clock.unix = DATES[i % len(DATES)]
    life, low, high = (86400, 1024, 5368709120) if i % 2 == 0 else (604800, 0, 1)
    first = ["eq", "$key", key] if exact else ["starts-with", "$key", key]
    form = s3.generate_presigned_post(
        bucket, key if exact else key + "${filename}",
        Fields={"acl": "private", "x-amz-storage-class": "STANDARD"},
        Conditions=[{"acl": "private"}, first, ["content-length-range", low, high],
                    {"x-amz-storage-class": "STANDARD"}],
        ExpiresIn=life)
    case.update(now=Clock.unix, expires_at=Clock.unix + life, min_bytes=low, max_bytes=high,
                key=key, exact=exact, url=form["url"],
                fields=[[k, v] for k, v in form["fields"].items()])
    return case


def main():
    objects = [object_url(i, i, i, key) for i, key in enumerate(KEYS)]
    # Each place with each method.
    objects += [object_url(n, n + 1, j, KEYS[0]) for n in range(len(PLACES)) for j in range(3)]
    lists = [list_url(i, i, p) for i, p in enumerate(LISTS)]
    lists += [list_url(i + 1, i + 2, p) for i, p in enumerate(LISTS)]
    posts = [post(n, n + i, f, False) for i, f in enumerate(FOLDERS) for n in (i, i + 3)]
    posts += [post(n, n, KEYS[0], True) for n in range(3)]
    posts += [post(1, 2, "ünï/😀/", False)]
    print(json.dumps({"made_by": "botocore " + botocore.__version__, "access_key": ID,
                      "secret_key": SECRET, "objects": objects, "lists": lists, "posts": posts},
                     indent=1))


main()
