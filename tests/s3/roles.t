#!/usr/bin/python3
"""Two key pairs: one that may only put signs the forms, one that may only get
and list signs the listings.  Neither owns the bucket; its policy lets them."""

import json
import os
import sys
import time
from urllib.parse import parse_qs, urlsplit

# The user's own settings are no business of ours.
os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true",
                  AWS_SHARED_CREDENTIALS_FILE=os.devnull)

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import endpoint  # noqa: E402
import s3site  # noqa: E402
import sigv4  # noqa: E402
import tap  # noqa: E402
from s3site import MAX_BYTES, form  # noqa: E402

ROLES = {}      # name: key id and secret


def client(store, pair):
    return boto3.client(
        "s3", endpoint_url=store.endpoint, region_name=store.region,
        aws_access_key_id=pair[0], aws_secret_access_key=pair[1],
        config=Config(s3={"addressing_style": "path"},
                      retries={"max_attempts": 1},
                      proxies={}))


def statement(role, actions, *resources):
    return {"Effect": "Allow", "Action": ["s3:" + a for a in actions],
            "Principal": {"AWS": ["arn:aws:iam:::user/" + role]},
            "Resource": ["arn:aws:s3:::" + r for r in resources]}


def two_roles(site):
    store = site.store
    for name in "upload", "read":
        ROLES[name] = store.user(name)
        endpoint.never.add(ROLES[name][1])
    client(store, (store.key_id, store.secret)).put_bucket_policy(
        Bucket=store.bucket, Policy=json.dumps({
            "Version": "2012-10-17", "Statement": [
                statement("upload", ["PutObject"], store.bucket + "/data/*"),
                statement("read", ["GetObject"], store.bucket + "/*"),
                statement("read", ["ListBucket"], store.bucket)]}))
    secret = {name: site.world.secret(name, pair[1])
              for name, pair in ROLES.items()}
    return {
        "s3_access_key_id": None, "s3_secret_access_key_file": None,
        "s3_upload_access_key_id": ROLES["upload"][0],
        "s3_upload_secret_access_key_file": secret["upload"],
        "s3_read_access_key_id": ROLES["read"][0],
        "s3_read_secret_access_key_file": secret["read"]}


site = s3site.Site(roles=two_roles)
first, second = site.first, site.second
store = site.store


def denied(call, **arguments):
    """The error that a call of boto3 ends with."""
    try:
        call(Bucket=store.bucket, **arguments)
    except ClientError as e:
        return e.response["Error"]["Code"]
    return None


def test_roles(t):
    for source in "x", None:
        grant, layout = first.grant(source), source or "hotkey"
        t.same(grant["fields"]["x-amz-credential"].partition("/")[0],
               ROLES["upload"][0], "%s: the upload key signs the form" % layout)
        query = parse_qs(urlsplit(grant["list_url"]).query)
        t.same(query["X-Amz-Credential"][0].partition("/")[0],
               ROLES["read"][0], "%s: the read key signs list_url" % layout)
        key = grant["folder"] + "posts.csv"
        r = site.upload(grant, form(grant, key), 2048)
        t.ok(r.code == 204, "%s: an upload by the form is answered with 204" %
             layout, r)
        t.same(site.listing(grant["list_url"]), {key.encode(): 2048},
               "%s: list_url shows the uploaded object" % layout)
        r = site.upload(grant, form(grant, second.folder(source) + "f"), 2048)
        t.same(r.code, 403,
               "%s: an upload into the other's folder is answered with 403" %
               layout)
        got = client(store, ROLES["read"]).get_object(
            Bucket=store.bucket, Key=key)
        t.same(got["ContentLength"], 2048,
               "%s: the read key may get the object" % layout)


def test_narrow(t):
    """What each pair could be stolen for."""
    upload, read = (client(store, ROLES[n]) for n in ("upload", "read"))
    key = first.folder() + "posts.csv"
    for name, call, arguments in [
            ("list", upload.list_objects_v2, {}),
            ("read the bucket's policy", upload.get_bucket_policy, {}),
            ("delete", upload.delete_object, {"Key": key}),
            ("put elsewhere", upload.put_object, {"Key": "k", "Body": b"x"})]:
        t.same(denied(call, **arguments), "AccessDenied",
               "the upload key cannot %s" % name)
    for name, call, arguments in [
            ("put", read.put_object, {"Key": key, "Body": b"x"}),
            ("delete", read.delete_object, {"Key": key}),
            ("change the bucket's policy", read.delete_bucket_policy, {})]:
        t.same(denied(call, **arguments), "AccessDenied",
               "the read key cannot %s" % name)
    now = int(time.time())
    for role, code in ("read", 403), ("upload", 204):
        fields = sigv4.form_fields(
            now, now + 60, first.folder(), store.bucket, *ROLES[role],
            store.region, 1024, MAX_BYTES)
        r = site.upload(first.grant(), fields, name="by-" + role)
        t.same(r.code, code,
               "a form signed with the %s key is answered with %d" %
               (role, code))
    for role, code in ("read", 200), ("upload", 403):
        r = site.request("GET", sigv4.list_url(
            now, 60, first.folder(), "http", store.host, "/" + store.bucket,
            *ROLES[role], store.region))
        t.same(r.code, code,
               "a list signed with the %s key is answered with %d" %
               (role, code))


tap.run([test_roles, test_narrow])
