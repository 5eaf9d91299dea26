#!/usr/bin/python3
"""foldergate credentials, with a real store: with exactly the policy that it
prints, grants work and everything else is denied; and each way in which a key
is too wide or too narrow is found."""

import fnmatch
import json
import os
import stat
import sys

# The user's own settings are no business of ours.
os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true",
                  AWS_SHARED_CREDENTIALS_FILE=os.devnull)

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import endpoint  # noqa: E402
import servers  # noqa: E402
import tap  # noqa: E402
from world import World  # noqa: E402

w = World()
store = servers.Store(w)
endpoint.never.add(store.secret)
owner = boto3.client(
    "s3", endpoint_url=store.endpoint, region_name=store.region,
    aws_access_key_id=store.key_id, aws_secret_access_key=store.secret,
    config=Config(s3={"addressing_style": "path"}, proxies={}))
USERS = {role: store.user("foldergate-" + role) for role in ("upload", "read")}
FILES = {role: w.secret(role + ".pair", "%s:%s" % pair)
         for role, pair in USERS.items()}
for _, secret in USERS.values():
    endpoint.never.add(secret)
w.configure(s3_endpoint=store.endpoint, s3_region=store.region,
            s3_bucket=store.bucket, s3_provider="ceph",
            s3_access_key_id=None, s3_secret_access_key_file=None,
            s3_upload_key_pair_file=FILES["upload"],
            s3_read_key_pair_file=FILES["read"])
printed = w.cli("credentials", "policy", "bucket", installed=True)
POLICY = json.loads(printed.text)


def set_policy(policy):
    owner.put_bucket_policy(Bucket=store.bucket, Policy=json.dumps(policy))


def empty():
    """Delete all objects; their names."""
    names = [o["Key"] for o in owner.list_objects_v2(
        Bucket=store.bucket).get("Contents", [])]
    for name in names:
        owner.delete_object(Bucket=store.bucket, Key=name)
    return names


def check(*args):
    """The exit status, what is not as expected, and the document."""
    r = w.cli("credentials", "check", "--json", *args, installed=True)
    d = json.loads(r.text)
    return r.status, {(row["key"], row["action"]): row["found"]
                      for row in d["rows"] if not row["ok"]}, d


def smallest(t):
    set_policy(POLICY)
    status, wrong, d = check("--other-bucket", store.other_bucket)
    t.same((status, wrong), (0, {}),
           "with the printed policy grants work and all else is denied")
    rows = {(r["key"], r["action"]): (r["found"], r["status"])
            for r in d["rows"]}
    t.ok(len(rows) == 15 and all(
        value == ("denied", 403) for row, value in rows.items()
        if row not in [("upload", "upload"), ("read", "list"),
                       ("read", "get"), ("read", "absent")]),
         "the store denies with 403 what no grant needs", rows)
    t.same((d["left_is_known"], sorted(d["left"])), (True, sorted(empty())),
           "the files that neither key may delete are named")
    r = w.cli("credentials", "check", installed=True)
    t.ok(r.status == 0 and "other-bucket  denied    not tried" in r.text and
         "WIDE" not in r.text, "check prints a table for people", r)
    empty()


def added(user, action):
    """The printed policy, with one more action for one user."""
    statements = json.loads(json.dumps(POLICY["Statement"]))
    for s in statements:
        if s["Effect"] == "Deny" and user == "upload":
            s["Action"] = [a for a in s["Action"] if not
                           fnmatch.fnmatch("s3:" + action, a)]
    return {**POLICY, "Statement": statements + [{
        "Effect": "Allow", "Action": ["s3:" + action],
        "Principal": {"AWS": ["arn:aws:iam:::user/foldergate-" + user]},
        "Resource": ["arn:aws:s3:::" + store.bucket,
                     "arn:aws:s3:::" + store.bucket + "/*"]}]}


def wide(t):
    for user, action, found in [
            ("upload", "ListBucket", {("upload", "list")}),
            ("upload", "GetObject", {("upload", "get"), ("upload", "copy")}),
            ("upload", "DeleteObject", {("upload", "delete")}),
            ("upload", "PutObjectAcl", {("upload", "put-acl")}),
            ("upload", "PutBucketPolicy", {("upload", "put-policy")}),
            ("read", "PutObject", {("read", "put")}),
            ("read", "DeleteObject", {("read", "delete")}),
            ("read", "PutObjectAcl", {("read", "put-acl")}),
            ("read", "PutBucketPolicy", {("read", "put-policy")})]:
        set_policy(added(user, action))
        status, wrong, d = check()
        t.same((status, set(wrong)), (5, found),
               "%s of the %s key is found too wide" % (action, user))
        t.same(sorted(d["left"]), sorted(empty()),
               "what is left is named, with %s of the %s key" % (
                   action, user))
    set_policy({**POLICY, "Statement": [
        s for s in POLICY["Statement"] if s["Effect"] == "Allow"]})
    status, wrong, _ = check()
    t.same((status, set(wrong)), (5, {("upload", "get"), ("upload", "copy"),
                                      ("upload", "put-acl")}),
           "without the Deny the upload key reads what it has uploaded")
    empty()
    set_policy(POLICY)


def narrow(t):
    for what in "PutObject", "GetObject", "ListBucket":
        set_policy({**POLICY, "Statement": [
            s for s in POLICY["Statement"]
            if s.get("Action") != ["s3:" + what]]})
        r = w.cli("credentials", "check", installed=True)
        t.same(r.status, 3, "a grant is found not to work without " + what)
    set_policy(POLICY)
    empty()


def one_key(t):
    """The owner's key for both."""
    both = w.secret("owner.pair", "%s:%s" % (store.key_id, store.secret))
    with w.settings(s3_upload_key_pair_file=None, s3_read_key_pair_file=None,
                    s3_key_pair_file=both):
        status, wrong, d = check("--other-bucket", store.other_bucket)
    t.same((status, d["left"], empty()), (5, [], []),
           "a key that may delete leaves nothing behind")
    t.ok(len(wrong) == 11 and set(wrong.values()) == {"allowed"},
         "the bucket's owner may do everything", wrong)
    t.same(owner.list_objects_v2(Bucket=store.other_bucket)["KeyCount"], 0,
           "nothing is left in the other bucket")


def silent(t):
    with w.settings(s3_endpoint="http://127.0.0.1:1"):
        r = w.cli("credentials", "check", installed=True)
        t.same(r.status, 4, "a store that does not answer is told from one "
               "that refuses")
    with w.settings(s3_read_key_pair_file=w.path("none")):
        r = w.cli("credentials", "check", installed=True)
        t.same(r.status, 1, "a pair that cannot be read is told from one that "
               "the store refuses")


def revoked(t):
    os.chmod(FILES["upload"], 0o640)
    before = os.stat(FILES["upload"])
    r = w.cli("credentials", "revoke", "upload", installed=True)
    after = os.stat(FILES["upload"])
    with open(FILES["upload"]) as f:
        t.same(f.read(), "revoked:%s\n" % USERS["upload"][0],
               "revoke takes the secret out of the file and keeps the id")
    with open(FILES["upload"] + ".revoked") as f:
        t.same(f.read(), USERS["upload"][0] + "\n",
               "revoke notes the id beside the file")
    t.same((stat.S_IMODE(after.st_mode), after.st_uid, after.st_gid),
           (stat.S_IMODE(before.st_mode), before.st_uid, before.st_gid),
           "revoke changes neither owner nor mode")
    t.ok(r.status == 0 and "radosgw-admin key rm --uid=USER --key-type=s3 "
         "--access-key=" + USERS["upload"][0] in r.text,
         "revoke prints how to delete the key at the store", r)
    t.same(w.cli("credentials", "check", installed=True).status, 1,
           "a revoked pair signs no check")
    t.same(w.cli("credentials", "revoke", "upload", installed=True).status, 1,
           "a pair is revoked once")
    with w.settings(s3_read_key_pair_file=None, s3_read_access_key_id="AKEY",
                    s3_read_secret_access_key_file=w.path("any")):
        r = w.cli("credentials", "revoke", "read", installed=True)
        t.ok(r.status == 1 and "s3.read_key_pair_file is not set" in r.log,
             "a key that is no pair file cannot be revoked", r)


tap.run([smallest, wide, narrow, one_key, silent, revoked],
        endpoint.check_outputs)
