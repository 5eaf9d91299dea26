#!/usr/bin/python3
"""Keys that change under load, judged by a real store: no request is refused,
and what an old key has signed works until the store forgets that key."""

import json
import os
import subprocess
import sys
import threading
import time
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
# The user's own settings are no business of ours.
os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true",
                  AWS_SHARED_CREDENTIALS_FILE=os.devnull)

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402

import endpoint  # noqa: E402
import s3site  # noqa: E402
import servers  # noqa: E402
import tap  # noqa: E402
from s3site import form  # noqa: E402

ROTATIONS = 2           # of each key
PAIRS = {}              # role: the pair that signs


def admin(*args):
    return subprocess.run(
        ["radosgw-admin", "-c", site.store.conf, *args], check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, timeout=60).stdout


def new_key(role):
    """One more key of the same user."""
    known = {k["access_key"] for k in json.loads(
        admin("user", "info", "--uid=" + role))["keys"]}
    keys = json.loads(admin("key", "create", "--uid=" + role, "--key-type=s3",
                            "--gen-access-key", "--gen-secret"))["keys"]
    [key] = [k for k in keys if k["access_key"] not in known]
    endpoint.never.add(key["secret_key"])
    return key["access_key"], key["secret_key"]


def remove_key(role, key_id):
    admin("key", "rm", "--uid=" + role, "--key-type=s3",
          "--access-key=" + key_id)


def write(s, role, pair):
    """As docs/rotation.md does: beside it, then a rename."""
    PAIRS[role] = pair
    path = s.world.path("keys/%s.pair" % role)
    s.world.write("keys/%s.pair.new" % role, "%s:%s\n" % pair, 0o600)
    os.rename(path + ".new", path)
    return path


def two_roles(s):
    os.mkdir(s.world.path("keys"), 0o755)
    settings = {"s3_access_key_id": None, "s3_secret_access_key_file": None}
    for role in "upload", "read":
        pair = s.store.user(role)
        endpoint.never.add(pair[1])
        settings["s3_%s_key_pair_file" % role] = write(s, role, pair)
    boto3.client(
        "s3", endpoint_url=s.store.endpoint, region_name=s.store.region,
        aws_access_key_id=s.store.key_id,
        aws_secret_access_key=s.store.secret,
        config=Config(s3={"addressing_style": "path"}, proxies={})
    ).put_bucket_policy(Bucket=s.store.bucket, Policy=json.dumps({
        "Version": "2012-10-17", "Statement": [
            statement("upload", ["PutObject"], s.store.bucket + "/data/*"),
            statement("read", ["GetObject"], s.store.bucket + "/*"),
            statement("read", ["ListBucket"], s.store.bucket)]}))
    return settings


def statement(role, actions, *resources):
    return {"Effect": "Allow", "Action": ["s3:" + a for a in actions],
            "Principal": {"AWS": ["arn:aws:iam:::user/" + role]},
            "Resource": ["arn:aws:s3:::" + r for r in resources]}


site = s3site.Site(roles=two_roles)
BODY = {m: m.body() for m in (site.first, site.second)}


def grant(miner):
    r = servers.ask(site.web.port, "POST", "/get-folder-access",
                    body=BODY[miner])
    if r.code != 200:
        raise s3site.Refused(str(r))
    return json.loads(r.body)


def signed_by(g):
    """The ids of the keys that signed the form and the listing."""
    query = parse_qs(urlsplit(g["list_url"]).query)
    return (g["fields"]["x-amz-credential"].partition("/")[0],
            query["X-Amz-Credential"][0].partition("/")[0])


def refusals(g, name):
    """What the store refuses of this grant: (), or some of form and list."""
    key = g["folder"] + name
    bad = []
    if site.upload(g, form(g, key)).code != 204:
        bad.append("form")
    if site.request("GET", g["list_url"]).code != 200:
        bad.append("list")
    return tuple(bad)


class Load:
    """Miners who ask and use what they are given, without a pause."""

    def __init__(self, count):
        self.stop, self.done, self.wrong = False, 0, []
        self._threads = [threading.Thread(target=self._run, args=(i,))
                         for i in range(count)]
        for thread in self._threads:
            thread.start()

    def _run(self, number):
        miner = list(BODY)[number % 2]
        while not self.stop:
            try:
                g = grant(miner)
                bad = refusals(g, "load-%d" % number)
                if bad:
                    self.wrong.append("%s refused, keys %s" % (
                        bad, signed_by(g)))
                self.done += 1
            except Exception as e:      # pylint: disable=broad-except
                self.wrong.append(repr(e))
            time.sleep(0.02)

    def end(self):
        self.stop = True
        for thread in self._threads:
            thread.join()


def signs(role, pair):
    """Does every process that answers sign with it?"""
    which = 0 if role == "upload" else 1
    return all(signed_by(grant(site.first))[which] == pair[0]
               for _ in range(6))


def processes():
    return sorted(site.web.programs())


def rotation(t):
    grant(site.first)
    before, old = processes(), [(dict(PAIRS), grant(site.first))]
    load = Load(3)
    slow = []
    try:
        for _ in range(ROTATIONS):
            for role in "upload", "read":
                pair = new_key(role)
                write(site, role, pair)
                began = time.monotonic()
                if not servers.until(lambda: signs(role, pair), 15, 0.1):
                    slow.append("%s: %r" % (role, signed_by(grant(
                        site.first))))
                print("# %s: signed by the new key after %.1f s" % (
                    role, time.monotonic() - began))
            old.append((dict(PAIRS), grant(site.first)))
    finally:
        load.end()
    t.none(slow, "each new key signs within seconds of its rename")
    t.ok(load.done > 20 and not load.wrong,
         "no request and no grant is refused over %d rotations under load" %
         (2 * ROTATIONS), "%d grants were used" % load.done, *load.wrong[:9])
    print("# %d grants were asked for and used meanwhile" % load.done)
    t.same(processes(), before, "no program was started again")
    t.none(["%d: %s" % (i, bad) for i, (_, g) in enumerate(old)
            if (bad := refusals(g, "old"))],
           "forms and URLs of all keys work while the store knows the keys")

    first, g = old[0]
    for role, part in ("upload", "form"), ("read", "list"):
        began = time.monotonic()
        remove_key(role, first[role][0])
        removed = time.monotonic()
        t.ok(servers.until(lambda: part in refusals(g, "removed"), 10),
             "what the %s key has signed is refused once it is removed from "
             "the store" % role)
        print("# %s: refused %.2f s after radosgw-admin, which took %.1f s" % (
            role, time.monotonic() - removed, removed - began))
    t.same([refusals(g, "later") for _, g in old[1:]], [()] * ROTATIONS,
           "what the later keys have signed is not refused")
    t.same(refusals(grant(site.first), "new"), (),
           "a new grant works after the old keys are gone")


def bad_file(t):
    """A pair that the store does not know is signed with: only the store could
    tell.  But what is no pair changes nothing."""
    path = site.world.path("keys/upload.pair")
    pair = PAIRS["upload"]
    for what, text in [("an empty file", ""), ("half a line", pair[0]),
                       ("a secret without its id", pair[1])]:
        site.world.write("keys/upload.pair", text, 0o600)
        time.sleep(2.2)
        g = grant(site.first)
        t.same((signed_by(g)[0], refusals(g, "bad")), (pair[0], ()),
               "grants go on with the last good key after " + what)
    write(site, "upload", pair)
    t.ok(os.path.exists(path), "the good pair is in its place again")


tap.run([rotation, bad_file], endpoint.check_outputs)
