#!/usr/bin/python3
"""What the store refuses, because the policy says so: whatever a miner changes
about its form.  After each attempt both buckets are as they were."""

import base64
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import s3site  # noqa: E402
import tap  # noqa: E402
from s3site import form  # noqa: E402

site = s3site.Site()
first, second = site.first, site.second
SOURCES = "x", None         # None: the hotkey layout
objects = {}                # what both buckets should hold


def buckets():
    return {b: site.all_objects(b)
            for b in (site.store.bucket, site.store.other_bucket)}


def changed():
    """What is not as it should be; from here on, it should."""
    now = buckets()
    wrong = ["%s: %r" % (b, set(now[b].items()) ^ set(objects[b].items()))
             for b in now if now[b] != objects[b]]
    objects.update(now)
    return wrong


def refused(t, text, grant, fields, code=403, **more):
    r = site.upload(grant, fields, **more)
    wrong = [r] if r.code != code else []
    t.none(wrong + changed(), "%s is answered with %d" % (text, code))


def accepted(t, text, grant, fields, key, **more):
    """204, and nothing but the key has changed."""
    r = site.upload(grant, fields, **more)
    objects[site.store.bucket][key.encode()] = 1024
    t.none(([] if r.code == 204 else [r]) + changed(),
           "%s is answered with 204" % text)


def test_start(t):
    objects.update(buckets())
    for source in SOURCES:
        for miner in first, second:
            key = miner.folder(source) + "own"
            grant = miner.grant(source)
            accepted(t, "a key in the own folder (%s)" % (source or "hotkey"),
                     grant, form(grant, key), key)


def test_key(t):
    for source in SOURCES:
        grant, own = first.grant(source), first.folder(source)
        theirs, layout = second.folder(source), source or "hotkey"
        for text, key in [
                ("a key in the folder of the other miner", theirs + "f"),
                ("a key in the folder of the other layout",
                 first.folder(None if source else "x") + "f"),
                ("a key in the folder of another source",
                 own.replace("/x/", "/reddit/") if
                 source else "data/" + own + "f"),
                ("a key in a sibling folder with a longer name",
                 own[:-1] + "X/f"),
                ("a key that is a file with the folder's name",
                 own[:-1] + ".csv"),
                ("the folder without its slash", own[:-1]),
                ("a key with a slash before it", "/" + own + "f"),
                ("a key with two slashes before it", "//" + own + "f"),
                ("a key with a dot and a slash before it", "./" + own + "f"),
                ("a key with the bucket before it",
                 "%s/%sf" % (site.store.bucket, own)),
                ("a key with two slashes inside",
                 own.replace("data/", "data//") + "f"),
                ("a key in upper case", own.upper() + "f"),
                ("a key with percent signs", own.replace("/", "%2F") + "f"),
                ("a key with a NUL before it", "\0" + own + "f"),
                ("a key that is the file's name alone", "${filename}"),
                ("an empty key", "")]:
            refused(t, "%s: %s" % (layout, text), grant, form(grant, key),
                    code=403 if key else 400)
        refused(t, "%s: a form without a key" % layout, grant,
                form(grant, "", drop=["key"]), code=400)
        refused(t, "%s: a file name that is the other miner's key" % layout,
                grant, form(grant, "${filename}"), name=theirs + "f")


def test_field(t):
    """Fields with another value, and without one."""
    for source in SOURCES:
        grant, own = first.grant(source), first.folder(source) + "f"
        layout = source or "hotkey"
        # A class that this store does not have: it says that first.
        for name, code, values in [
                ("acl", 403, ["public-read", "public-read-write", "Private",
                              "bucket-owner-full-control", ""]),
                ("x-amz-storage-class", 400, [
                    "REDUCED_REDUNDANCY", "GLACIER", "standard"]),
                ("x-amz-storage-class", 403, [""])]:
            for value in values:
                refused(t, "%s: the field %s of %r" % (layout, name, value),
                        grant,
                        form(grant, own, **{name.replace("-", "_"): value}),
                        code=code)
            refused(t, "%s: a form without the field %s" % (layout, name),
                    grant, form(grant, own, drop=[name]))
        refused(t, "%s: a form sent to another bucket" % layout, grant,
                form(grant, own), url=grant["url"].replace(site.store.bucket,
                                         site.store.other_bucket))
        refused(t, "%s: a form sent to another bucket that names it" % layout,
                grant, form(grant, own, bucket=site.store.other_bucket),
                url=grant["url"].replace(site.store.bucket,
                                         site.store.other_bucket))


def test_extra(t):
    """Every field must be named in the policy."""
    source = "/%s/%s" % (site.store.bucket, second.folder() + "own")
    for name, value in [
            ("x-amz-meta-a", "b"), ("x-amz-meta-", ""),
            ("Content-Type", "text/html"), ("Cache-Control", "public"),
            ("Content-Disposition", "inline"), ("Content-Encoding", "gzip"),
            ("Expires", "0"),
            ("success_action_redirect", "http://192.0.2.1/"),
            ("success_action_status", "201"), ("redirect", "http://192.0.2.1"),
            ("tagging", "<Tagging/>"), ("x-amz-tagging", "a=b"),
            ("x-amz-security-token", "token"),
            ("x-amz-server-side-encryption", "AES256"),
            ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
            ("x-amz-website-redirect-location", "http://192.0.2.1/"),
            ("x-amz-copy-source", source), ("x-amz-acl", "public-read"),
            ("x-amz-grant-read", "id=x"), ("x-amz-object-lock-mode", "x")]:
        grant = first.grant()
        own = grant["folder"] + "f"
        refused(t, "a form with the extra field %s" % name, grant,
                form(grant, own) + [(name, value)])
        refused(t, "a form that begins with the field %s" % name, grant,
                [(name, value)] + form(grant, own))


def test_repeated(t):
    """The last one counts, whatever its case, and is what the policy is held
    against: so the key that is stored is below the own folder."""
    grant = first.grant()
    own, theirs = grant["folder"] + "twice", second.folder() + "twice"
    rest = form(grant, "", drop=["key"])
    refused(t, "a form with the own key and then the other's", grant,
            [("key", own), ("key", theirs)] + rest)
    refused(t, "a form with the own key first and the other's last", grant,
            [("key", own)] + rest + [("key", theirs)])
    refused(t, "a form with the own key and then the other's as KEY", grant,
            [("key", own)] + rest + [("KEY", theirs)])
    refused(t, "a form with the other's key as Key", grant,
            [("Key", theirs)] + rest)
    accepted(t, "a form with the other's key and then the own", grant,
             [("key", theirs), ("key", own)] + rest, own)
    accepted(t, "a form with the other's key as KEY and then the own", grant,
             [("KEY", theirs), ("key", own + "2")] + rest, own + "2")
    accepted(t,
             "a form with a field after the file, which counts for nothing,",
             grant, form(grant, own + "3"), own + "3", after=[("key", theirs)])
    accepted(t, "a form with all names in upper case", grant,
             [(n.upper(), v) for n, v in form(grant, own + "4")], own + "4")
    for name, value, code in [("acl", "public-read", 403),
                              ("x-amz-storage-class", "GLACIER", 400)]:
        refused(t, "a form with %s given twice, the last time with another "
                "value," % name, grant,
                form(grant, own) + [(name, value)], code=code)
    both = second.grant()
    refused(t, "a form with the own policy and then the other's", grant,
            form(grant, theirs) + [("policy", both["fields"]["policy"])])
    refused(t, "a form with the other's policy and then the own", both,
            form(both, own) + [("policy", grant["fields"]["policy"])])


def policy_with(grant, change):
    """The form's policy, with a change to its JSON."""
    policy = json.loads(base64.b64decode(grant["fields"]["policy"]))
    change(policy)
    return base64.b64encode(json.dumps(policy).encode()).decode()


def test_tampered(t):
    def longer(policy):
        policy["expiration"] = "2099-01-01T00:00:00Z"

    def other_folder(policy):
        for c in policy["conditions"]:
            if isinstance(c, list) and c[1] == "$key":
                c[2] = second.folder()

    def larger(policy):
        for c in policy["conditions"]:
            if isinstance(c, list) and c[0] == "content-length-range":
                c[1:] = [0, 1 << 40]

    def nothing(policy):
        policy["conditions"] = []

    grant = first.grant()
    own, theirs = grant["folder"] + "f", second.folder() + "f"
    t.same(policy_with(grant, lambda policy: None), grant["fields"]["policy"],
           "the policy is unchanged where the test changes nothing")
    for text, change, key in [
            ("a longer life", longer, own),
            ("the other's folder", other_folder, theirs),
            ("a larger size", larger, own),
            ("no conditions", nothing, theirs)]:
        refused(t, "a policy with %s" % text, grant,
                form(grant, key, policy=policy_with(grant, change)))
    policy, sig = (grant["fields"][n] for n in ("policy", "x-amz-signature"))
    for at in 0, len(policy) // 2, len(policy) - 8:
        flipped = chr(ord(policy[at]) ^ 1) if policy[at] not in "@`{/" else "A"
        refused(t, "a policy with one character flipped", grant,
                form(grant, own, policy=policy[:at] + flipped +
                     policy[at + 1:]))
    for at in 0, 63:
        flipped = "%x" % (int(sig[at], 16) ^ 1)
        refused(t, "a signature with one digit flipped", grant,
                form(grant, own, x_amz_signature=sig[:at] + flipped +
                     sig[at + 1:]))
    refused(t, "a signature without its last digit", grant,
            form(grant, own, x_amz_signature=sig[:-1]))
    refused(t, "an empty signature", grant,
            form(grant, own, x_amz_signature=""))
    date = grant["fields"]["x-amz-date"]
    later = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() + 86400))
    for value in later, date[:9] + "000000Z", "":
        refused(t, "the field x-amz-date %s" %
                ("left empty" if not value else "altered"),
                grant, form(grant, own, x_amz_date=value))
    credential = grant["fields"]["x-amz-credential"]
    for text, value in [
            ("another day", credential.replace(date[:8], "20200101")),
            ("another region", credential.replace("us-east-1", "eu-west-1")),
            ("another service", credential.replace("/s3/", "/iam/")),
            ("a key that nobody has", "X" + credential)]:
        refused(t, "a credential of %s" % text, grant,
                form(grant, own, x_amz_credential=value))
    for name in ("policy", "x-amz-signature", "x-amz-credential", "x-amz-date",
                 "x-amz-algorithm"):
        fields = form(grant, own, drop=[name])
        refused(t, "a form without %s" % name, grant, fields,
                code=403 if name == "policy" else 400)
    refused(t, "a form without any policy", grant,
            [("key", own), ("acl", "public-read-write")])


def test_other(t):
    """The fields of one miner with the key of the other, all the ways."""
    for source in SOURCES:
        grant, other = first.grant(source), second.grant(source)
        layout = source or "hotkey"
        refused(t, "%s: the own form with the other's key" % layout, grant,
                form(grant, other["fields"]["key"]))
        mixed = form(grant, other["folder"] + "f",
                     policy=other["fields"]["policy"])
        refused(t, "%s: the other's policy with the own signature" % layout,
                grant, mixed)
        mixed = form(grant, other["folder"] + "f", x_amz_signature=other[
            "fields"]["x-amz-signature"])
        refused(t, "%s: the own policy with the other's signature" % layout,
                grant, mixed)


def test_expired(t):
    """Policies that were given for two seconds, at the start."""
    for source, grant in short.items():
        left = grant["expires_at"] + 1.2 - time.time()
        time.sleep(max(0, min(left, 5)))
        refused(t, "%s: a policy that has expired" % (source or "hotkey"),
                grant, form(grant, grant["folder"] + "late"))
        r = site.request("GET", grant["list_url"])
        t.same(r.code, 403,
               "%s: a list_url that has expired is answered with 403" % (
            source or "hotkey"))


short = {}


def test_short(t):
    for source in SOURCES:
        until = int(time.time()) + 2
        short[source] = grant = first.grant(source, expiry=until)
        grant["expires_at"] = until
        t.same(site.request("GET", grant["list_url"]).code, 200,
               "%s: a list_url of two seconds is answered with 200" %
               (source or "hotkey"))


tap.run([test_start, test_short, test_key, test_field, test_extra,
         test_repeated, test_tampered, test_other], test_expired)
