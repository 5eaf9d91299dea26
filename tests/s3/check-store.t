#!/usr/bin/python3
"""foldergate check-store: a real store keeps every promise, and a server that
breaks one promise at a time is found out by the row of that promise."""

import json
import os
import re
import sys
import time

os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true",
                  AWS_SHARED_CREDENTIALS_FILE=os.devnull)

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import endpoint  # noqa: E402
import lying  # noqa: E402
import servers  # noqa: E402
import tap  # noqa: E402
import world  # noqa: E402

w = world.World()
store = servers.Store(w)
endpoint.never.add(store.secret)
liar = lying.Lying(store)
owner = boto3.client(
    "s3", endpoint_url=store.endpoint, region_name=store.region,
    aws_access_key_id=store.key_id, aws_secret_access_key=store.secret,
    config=Config(s3={"addressing_style": "path"}, proxies={}))
w.configure(
    s3_endpoint=liar.endpoint, s3_public_endpoint=liar.endpoint,
    s3_region=store.region, s3_bucket=store.bucket,
    s3_access_key_id=store.key_id,
    s3_secret_access_key_file=w.secret("store.secret", store.secret))

# What Ceph's gateway does not keep, and what the owner's key may do.
WIDE = {"upload-key": "wide", "read-key": "wide"}
CEPH = {"put-copy": "FAILED", "put-acl": "FAILED", **WIDE}


def check(*args, **settings):
    """Exit status, the rows that are not ok, all rows, the output."""
    with w.settings(**settings):
        r = w.cli("check-store", *args, installed=True,
                  env={"FOLDERGATE_CONFIG": w.conf})
    rows = dict(re.findall(r"^(\S+) +(ok|FAILED|not supported|wide|no answer)"
                           r"  ", r.text, re.M))
    return r.status, {n: v for n, v in rows.items() if v != "ok"}, rows, r


def left():
    return [o["Key"] for o in owner.list_objects_v2(
        Bucket=store.bucket).get("Contents", [])]


def clear():
    for key in left():
        owner.delete_object(Bucket=store.bucket, Key=key)


def profile(r):
    return r.text.rpartition("The profile that fits this store:")[2].split()


def real(t):
    status, bad, rows, r = check(s3_endpoint=store.endpoint,
                                 s3_public_endpoint=store.endpoint)
    t.same((status, bad), (0, CEPH),
           "Ceph's gateway enforces what a form relies on")
    t.ok(len(rows) >= 25, "there are at least 25 rows, %d" % len(rows), r)
    t.same(profile(r), ["[s3]", "provider", "=", "ceph"],
           "the profile that fits Ceph's gateway is ceph")
    t.same(left(), [], "check-store deletes what it has stored")
    status, bad, _, r = check()
    t.same((status, bad), (0, CEPH),
           "a server that passes everything on changes no row")
    status, bad, _, r = check(s3_post_policy="no")
    t.same((status, bad, "put-copy: a miner can read" in r.text,
            "set s3.post_policy = yes and access.per_file_only = no" in
            r.text), (1, CEPH, True, True),
           "Ceph's gateway is refused for PUTs, and forms are advised")
    status, bad, _, r = check(access_per_file_only="yes")
    t.same((status, profile(r)[-5:]),
           (0, ["ceph", "[access]", "per_file_only", "=", "yes"]),
           "Ceph's gateway is good for forms of single files")


# A lie; the rows that find it out; is it relied on with forms for folders?
LIES = [
    ("other-folder", {"other-folder": "FAILED", "sibling": "FAILED"}, 1),
    ("sibling", {"sibling": "FAILED"}, 1),
    ("dots", {"dots": "FAILED"}, 1),
    ("percent", {"dots": "FAILED"}, 1),
    ("backslash", {"dots": "FAILED"}, 1),
    ("one-slash", {"same-name": "FAILED"}, 0),
    ("small", {"size": "FAILED"}, 1),
    ("large", {"size": "FAILED"}, 1),
    ("acl", {"acl": "FAILED"}, 1),
    ("x-amz-acl", {"acl": "FAILED"}, 1),
    ("meta", {"extra-amz": "FAILED"}, 1),
    ("redirect", {"extra-amz": "FAILED"}, 1),
    ("type", {"extra-field": "FAILED"}, 0),
    ("cache", {"extra-field": "FAILED"}, 0),
    ("expired", {"expired": "FAILED"}, 1),
    ("signature", {"signature": "FAILED"}, 1),
    ("no-policy", {"signature": "FAILED"}, 1),
    ("exact", {"exact": "FAILED"}, 1),
    ("exact-percent", {"exact-name": "FAILED"}, 1),
    ("exact-backslash", {"exact-name": "FAILED"}, 1),
    ("no-file-name", {"filename": "not supported"}, 0),
    ("silent", {"expired": "no answer"}, 1),
    ("busy", {"expired": "no answer"}, 1),
    ("put-size", {"put-size": "FAILED"}, 0),
    ("put-key", {"put-key": "FAILED"}, 0),
    ("put-name", {"put-name": "FAILED"}, 0),
    ("delete", {"put-key": "FAILED", "get-key": "FAILED"}, 1),
    ("get-key", {"get-key": "FAILED"}, 1),
    ("last-prefix", {"list-prefix": "FAILED"}, 1),
    ("first-prefix", {"list-prefix": "FAILED"}, 1),
    ("hides", {"list": "FAILED", "put-copy": "no answer"}, 1),
    ("page-one", {"paging": "FAILED"}, 1),
    ("last-page", {"paging": "FAILED"}, 1),
    ("encoding", {"encoding": "not supported"}, 0),
    ("public-get", {"public": "FAILED"}, 1),
    ("public-list", {"public": "FAILED"}, 1),
    ("public-put", {"public": "FAILED"}, 1),
    ("public-delete", {"public": "FAILED"}, 1),
    ("head-absent", {"duplicate": "FAILED"}, 1),
    ("head-present", {"duplicate": "FAILED"}, 1),
]


def lies(t):
    for lie, rows, relied_on in LIES:
        liar.lies = {lie}
        status, bad, _, r = check()
        clear()
        bad = {n: v for n, v in bad.items() if CEPH.get(n) != v}
        t.ok((status, bad) == (relied_on, rows),
             "a store that lies about %s fails in %s alone, and that is %s" % (
                 lie, " and ".join(rows),
                 "refused" if relied_on else "reported"), bad, r)
    liar.lies = set()


def advice(t):
    liar.lies = {"dots", "strict"}
    status, bad, _, r = check()
    t.same((status, bad), (1, {"dots": "FAILED", **WIDE}),
           "a store that resolves dots is refused for forms of folders")
    t.ok("a miner can overwrite the files of every other miner" in r.text and
         "Instead, set s3.post_policy = no\n"
         "or s3.post_policy = yes and access.per_file_only = yes" in r.text and
         profile(r) == ["[s3]", "provider", "=", "versity"],
         "PUTs and forms of single files are advised in its place", r)
    for text, settings in [("PUTs", {"s3_provider": "versity"}),
                           ("forms of single files",
                            {"access_per_file_only": "yes"})]:
        t.same(check(**settings)[0], 0,
               "a store that resolves dots is good for %s" % text)
    liar.lies = {"forms"}
    status, bad, _, r = check()
    t.ok(status == 1 and bad["form"] == "not supported" and
         "No settings of foldergate make this store safe" in r.text,
         "a store without forms whose PUTs are wide is refused for good", r)
    liar.lies = {"forms", "strict"}
    status, bad, _, r = check(s3_provider="r2", s3_region=store.region)
    t.ok(status == 0 and bad["form"] == "not supported" and
         bad["dots"] == "not supported",
         "a store without forms whose PUTs are narrow is good for them", r)
    liar.lies = {"no-acl"}
    status, bad, _, r = check()
    t.ok(status == 0 and "only without an ACL" in r.text and
         "provider = minio" in r.text,
         "a store that takes no ACL is told apart from one without forms", r)
    liar.lies = {"other-folder", "exact"}
    status, bad, _, r = check()
    t.ok(status == 1 and "No settings of foldergate" in r.text,
         "a store that checks no key at all is refused for good", r)
    liar.lies = set()
    clear()


def two_roles(t):
    roles = {name: store.user(name) for name in ("upload", "read")}
    endpoint.never.update(pair[1] for pair in roles.values())

    def may(role, actions, *resources):
        return {"Effect": "Allow", "Action": ["s3:" + a for a in actions],
                "Principal": {"AWS": ["arn:aws:iam:::user/" + role]},
                "Resource": ["arn:aws:s3:::" + r for r in resources]}

    settings = {"s3_access_key_id": None, "s3_secret_access_key_file": None}
    for name, pair in roles.items():
        settings["s3_%s_access_key_id" % name] = pair[0]
        settings["s3_%s_secret_access_key_file" % name] = w.secret(
            name, pair[1])
    put = may("upload", ["PutObject"], store.bucket + "/data/*")
    get = may("read", ["GetObject"], store.bucket + "/*")
    lists = may("read", ["ListBucket"], store.bucket)

    # In Ceph a user owns what it uploads, and so may read it and set its ACL.
    deny = {**may("upload", ["GetObject", "PutObjectAcl"],
                  store.bucket + "/*"), "Effect": "Deny"}

    def with_policy(*statements):
        owner.put_bucket_policy(
            Bucket=store.bucket, Policy=json.dumps({
                "Version": "2012-10-17", "Statement": statements}))
        status, bad, rows, r = check(**settings)
        return status, rows.get("upload-key"), rows.get("read-key"), r

    status, upload, read, r = with_policy(put, get, lists, deny)
    t.ok((status, upload, read) == (0, "ok", "ok"),
         "keys that may do no more than they need are called ok", r)
    t.ok(left() and all("  " + key + "\n" in r.text for key in left()),
         "the files that narrow keys cannot delete are named", r, *left())
    status, upload, read, r = with_policy(put, get, lists)
    t.ok((status, upload, read) == (0, "wide", "ok") and
         "it can read, copy another's file, set an ACL\n" in r.text,
         "an upload key that reads what it has uploaded is called wide", r)
    status, _, _, r = with_policy(put, get)
    t.ok(status == 1, "a read key that may not list is refused", r)
    owner.delete_bucket_policy(Bucket=store.bucket)
    clear()


def broken(t):
    for text, settings, words in [
            ("a key with the wrong secret",
             {"s3_secret_access_key_file": w.secret("wrong", "x" * 40)},
             "neither by form (status 403) nor by PUT (status 403)"),
            ("a bucket that is not there", {"s3_bucket": "nobody-has-this"},
             "neither by form (status 404)"),
            ("a store that does not answer",
             {"s3_endpoint": "http://127.0.0.1:1",
              "s3_public_endpoint": "http://127.0.0.1:1"}, "status 0")]:
        began = time.monotonic()
        status, _, rows, r = check(**settings)
        t.ok(status == 1 and not rows and words in r.log and
             time.monotonic() - began < 60,
             text + " is refused before any row, and in time", r)
    status, _, rows, r = check("--internal", s3_public_endpoint=
                               "http://127.0.0.1:1")
    t.same((status, len(rows) > 25), (0, True),
           "with --internal the store is asked at s3.endpoint")
    t.same(left(), [], "what was tried in vain leaves nothing behind")


if __name__ == "__main__":
    tap.run([real, lies, advice, two_roles, broken], endpoint.check_outputs)
