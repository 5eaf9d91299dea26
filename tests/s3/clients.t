#!/usr/bin/python3
"""Every generation of clients does its work, from an empty bucket on: its miner
uploads, its validator finds the file and, where it ever could, reads it."""

import hashlib
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import clients  # noqa: E402
import endpoint  # noqa: E402
import s3site  # noqa: E402
import servers  # noqa: E402
import sigv4  # noqa: E402
import tap  # noqa: E402
import validators  # noqa: E402
from world import Key, g2_words  # noqa: E402

ENOUGH = validators.LEAST + 1
MINERS = ["b2d3670", "450c119", "b459795", "1d7348d", "dd5f468", "8f80540",
          "19fef88", "753a7ad", "HEAD", "caf04a0", "22f6752", "d14ed4c"]

site = s3site.Site()
web = "http://127.0.0.1:%d" % site.web.port
judge, no_permit, low_stake = map(Key, ("judge", "no permit", "low stake"))
keys = {name: Key("miner " + name) for name in MINERS}
owner = {name: Key("owner " + name).ss58 for name in MINERS}
clients.register(
    site, [(keys[n].ss58, owner[n]) for n in MINERS],
    [(judge, True, ENOUGH), (no_permit, False, ENOUGH),
     (low_stake, True, validators.LEAST)])


def miner(kind, name=None):
    name = name or kind.__name__.rpartition("_")[2]
    return kind(web, keys[name], owner[name])


def validator(kind):
    return kind(web, judge)


def content(name):
    """Some KiB that belong to a name."""
    return hashlib.shake_256(name.encode()).digest(1500 + 97 * (len(name) % 20))


def stored(key):
    """The bytes of an object, by the key of the bucket's owner."""
    s = site.store
    return site.request("GET", sigv4.object_url(
        int(time.time()), 60, key, "http", s.host, "/" + s.bucket, s.key_id,
        s.secret, s.region)).body


def coldkey_layout(t):
    """b2d3670: one file beside the other; 450c119: by label and day."""
    for kind, name in [(clients.Miner_b2d3670, "posts.parquet"),
                       (clients.Miner_450c119, "posts_2.parquet")]:
        m = miner(kind)
        for source in "x", "reddit":
            key = m.upload(source, name, content(name))
            want = "data/%s/%s/%s" % (source, m.coldkey, name if kind is
                                      clients.Miner_b2d3670 else
                                      "bittensor/2025-05-01/" + name)
            t.same((key, stored(key)), (want, content(name)),
                   "%s stores its file, source %s" % (kind.__name__, source))
    v = validator(clients.Validator_b2d3670)
    for source in "x", "reddit":
        t.same(sorted(v.miners(source)), sorted([owner["b2d3670"],
                                                 owner["450c119"]]),
               "Validator_b2d3670 finds both coldkeys of source " + source)
    t.ok(0 < v.good_for - 3600,
         "Validator_b2d3670 would ask again an hour before the end", v.good_for)
    t.same(v.object_url("k"), "https://%s.%s.digitaloceanspaces.com/k" % (
        site.store.bucket, site.store.region),
           "Validator_b2d3670 makes the address of a file")
    t.same(site.request("GET", v.rewritten(
        "data%2Fx%2F" + owner["b2d3670"] + "%2F")).code, 403,
        "a list whose prefix the client put in itself is answered with 403")


def by_name(t):
    """What replaces that: a list for each coldkey, once they are learnt."""
    t.same(site.learn().status, 0,
           "bucket-sync --once learns the coldkeys' folders")
    urls = validator(clients.Validator_b2d3670).access()["urls"]["miners"]
    for name in "b2d3670", "450c119":
        for source in "x", "reddit":
            entry = urls[owner[name]][source]
            found = clients.files(clients.page(entry["list_files"]))
            t.same([len(content(os.path.basename(k))) for k in found],
                   list(found.values()),
                   "%s, source %s: the list_files of the coldkey shows the "
                   "file's size" % (name, source))
            t.ok(len(found) == 1 and entry["folder"] in list(found)[0],
                 "the list_files of a coldkey shows no other file", found)


def hotkey_layout(t):
    m = miner(clients.Miner_b459795)
    t.same((m.healthy(), m.structure()["folder_structure"]), 2 * (
        "data/hotkey={hotkey_id}/job_id={job_id}/",),
        "Miner_b459795 reads the structure from healthcheck and structure-info")
    name = "data_20250620_1.parquet"
    key = m.upload("default_0", name, content(name))
    t.same((key, stored(key), m.logged), (
        "data/hotkey=%s/job_id=default_0/%s" % (m.hotkey, name),
        content(name), m.healthy()),
           "Miner_b459795 stores its file and logs the structure")
    v = validator(clients.Validator_b459795)
    t.same((v.miners(), v.files(m.hotkey, "default_0")),
           ([m.hotkey], {key: len(content(name))}),
           "Validator_b459795 finds the miner and its file")
    v = validator(clients.Validator_1d7348d)
    t.same(v.files(m.hotkey), {key: len(content(name))},
           "Validator_1d7348d finds the file by miner_url")


# Who uploads through the folder's form, for whom.
READERS = [clients.Validator_dd5f468, clients.Validator_8f80540,
           clients.Validator_19fef88, clients.Validator_753a7ad,
           clients.Validator_HEAD]


def upload_for(kind):
    """A miner of that time: three files in two jobs; key to content."""
    m = miner(clients.Miner_b459795, kind.__name__.rpartition("_")[2])
    made = {}
    for job, name in [("a", "1.parquet"), ("a", "2.parquet"),
                      ("zh_\u4e2d+1", "3 \u00fc%41.parquet")]:
        made[m.upload(job, name, content(job + name))] = content(job + name)
    return m.hotkey, made


def readers(t):
    made = {kind: upload_for(kind) for kind in READERS}
    t.same(site.learn().status, 0, "bucket-sync --once learns the miners' jobs")
    for kind in READERS:
        v, name, (hotkey, want) = validator(kind), kind.__name__, made[kind]
        sizes = {key: len(data) for key, data in want.items()}
        if kind is clients.Validator_dd5f468:
            found, jobs = {}, v.jobs()
            t.same(sorted(jobs), sorted([h for h, _ in made.values()] + [
                keys["b459795"].ss58]), name + " finds every miner")
            for job, url in jobs[hotkey].items():
                found.update(clients.files(
                    clients.page(url),
                    "data/hotkey=%s/job_id=%s/" % (hotkey, job)))
        else:
            found = v.files(hotkey)
        t.same(found, sizes, name + " finds all files of its miner")
        got = {k: v.get(u) for k, u in v.urls(hotkey, list(want)).items()}
        t.ok(got == want, name + " reads the files of its miner byte for byte",
             list(got))
        if isinstance(v, clients.Validator_753a7ad):
            key = sorted(want)[0]
            url = v.urls(hotkey, [key])[key]
            t.same(v.get(url, "0-7"), want[key][:8],
                   name + " reads a range of a file")
            t.ok("X-Amz-Expires=%d&" % (v.HOURS * 3600) in url,
                 name + " gets URLs for as long as it asked", url)


def batches(t):
    """19fef88 and later: 500 names at a time."""
    hotkey = keys["HEAD"].ss58
    names = ["data/hotkey=%s/job_id=a/%04d.parquet" % (hotkey, i)
             for i in range(1234)]
    for kind in clients.Validator_19fef88, clients.Validator_HEAD:
        found = validator(kind).urls(hotkey, names)
        t.same(sorted(found), names,
               kind.__name__ + " gets URLs for 1,234 names")


# --- who may not -------------------------------------------------------------

SOME = keys["HEAD"]         # a miner that has files
ONE = {"miner_hotkey": SOME.ss58}
ROUTES = {                  # fields, and the words for a validator's address
    "get-validator-access": ({}, validators.access_words),
    "get-folder-presigned-urls": ({}, validators.folders_words),
    "get-miner-list": (ONE, lambda hotkey, now: validators.miner_words(
        SOME.ss58, now)),
    "get-miner-specific-access": (ONE, lambda hotkey, now:
                                  validators.miner_words(SOME.ss58, now)),
    "get-file-presigned-urls": (
        {**ONE, "file_keys": ["data/hotkey=%s/job_id=a/1.parquet" %
                              SOME.ss58]},
        lambda hotkey, now: validators.files_words(SOME.ss58, hotkey, now))}


def refusal(name, body, signer=None):
    """Status and detail; by X-Tao headers, if somebody is to sign them."""
    raw = json.dumps(body).encode()
    r = clients.request("POST", web + "/" + name, raw, {
        **clients.REQUESTS, **clients.JSON,
        **(clients.tao(signer, raw) if signer else {})})
    return r.code, json.loads(r.body).get("detail", r.text)


def refused(t):
    """Who is no validator, or did not sign this."""
    now = int(time.time())
    m = miner(clients.Miner_b459795)
    as_miner = g2_words(m.coldkey, m.hotkey, now)
    for name, (fields, words) in ROUTES.items():
        wrong = []
        for who, key, signer, said, text in [
                ("no permit", no_permit, no_permit, None,
                 "You are not validator"),
                ("low stake", low_stake, low_stake, None,
                 "You are not validator"),
                ("a miner", m.key, m.key, None, "You are not validator"),
                ("another's signature", judge, m.key, None,
                 "Invalid signature"),
                ("a miner's words", judge, judge, as_miner,
                 "Invalid signature")]:
            got = refusal(name, {
                "hotkey": key.ss58, "timestamp": now, **fields,
                "signature": signer.sign(said or words(key.ss58, now))})
            wrong += [] if got == (401, text) else [who, got]
        # The only ones that a validator asks by headers.
        for key, text in [] if name not in (
                "get-miner-list", "get-file-presigned-urls") else [
                (no_permit,
                 "Hotkey is not a permitted validator on this subnet"),
                (low_stake,
                 "Hotkey does not have enough stake on this subnet"),
                (m.key,
                 "Hotkey is not a permitted validator on this subnet")]:
            got = refusal(name, fields, key)
            wrong += [] if got == (401, text) else [text, got]
        t.none(wrong, name + " answers 401 to those who are no validator or "
               "signed another text")
    for text, signer, words in [
            ("another's signature", SOME, as_miner),
            ("the words of a validator", m.key,
             validators.access_words(m.hotkey, now))]:
        t.same(refusal("get-folder-access", {
            "coldkey": m.coldkey, "hotkey": m.hotkey, "timestamp": now,
            "signature": signer.sign(words)}), (401, "Invalid signature"),
            "get-folder-access answers 401 to %s" % text)


# --- one URL for each file ---------------------------------------------------

def file_name(kind, rows=1000):
    return "data_20260722_140000_%d_%s.parquet" % (
        rows, hashlib.sha256(kind.__name__.encode()).hexdigest()[:16])


def one_by_one(t):
    for kind in (clients.Miner_caf04a0, clients.Miner_22f6752,
                 clients.Miner_d14ed4c):
        m, name = miner(kind), file_name(kind)
        want = "data/hotkey=%s/job_id=default_0/%s" % (m.hotkey, name)
        grant = m.grant("default_0", name)
        t.same((grant["s3_key"], grant["fields"].get("key"),
                grant["method"]), (want, want, "POST"),
               kind.__name__ + " is granted a form for this one key")
        key = m.upload("default_0", name, content(name))
        t.same((key, stored(want)), (want, content(name)),
               kind.__name__ + " stores its file")
        t.same(refusal("get-file-upload-url", {
            "job_id": "default_0", "filename": name}, m.key),
            (409, "File already exists"),
               kind.__name__ + " is answered with 409 when it asks once more")
        t.same(m.upload("default_0", name, b"x" * 2000), None,
               "a client takes the answer 409 for a file that is stored")
        t.same(stored(want), content(name),
               "a file that is stored stays as it was")
        v = validator(clients.Validator_HEAD)
        t.same(v.files(m.hotkey), {want: len(content(name))},
               "Validator_HEAD finds the file")
        t.same(v.get(v.urls(m.hotkey, [want])[want]), content(name),
               "Validator_HEAD reads the file")


def digits(t):
    """A client that meets 409 in any refusal deletes its file: it must stand
    in none but that one, whatever is sent."""
    m = miner(clients.Miner_d14ed4c)
    good = {"job_id": "default_0", "filename": file_name(
        clients.Miner_d14ed4c, 409)}
    ms = round(time.time() * 1000)
    wrong = []
    many = [
        ("another file name", {**good, "filename": "409.parquet"}, {}),
        ("a path", {**good, "filename": "../409"}, {}),
        ("a job's path", {**good, "job_id": "../409"}, {}),
        ("no job", {"filename": good["filename"]}, {}),
        ("no name", {"job_id": "409"}, {}),
        ("a number", {**good, "job_id": 409}, {}),
        ("an old request", good, {"ms": ms - 409409}),
        ("an early one", good, {"ms": ms + 409409}),
        ("another's key", good, {"key": Key("409")}),
        ("another nonce", good, {"change": {
            "X-Tao-Nonce": "40940940-0409-4409-8409-409409409409"}}),
        ("no nonce", good, {"change": {"X-Tao-Nonce": "409"}}),
        ("another version", good, {"change": {"X-Tao-Version": "409"}}),
        ("another time", good, {"change": {"X-Tao-Timestamp": "409"}}),
        ("no signature", good, {"change": {"X-Tao-Signature": "409"}})]
    for text, body, how in many:
        raw = json.dumps(body).encode()
        head = {**m.HEADERS, "X-Request-ID": "409", **clients.tao(
            how.get("key", m.key), raw, how.get("ms")), **how.get(
                "change", {})}
        r = clients.request("POST", web + "/get-file-upload-url", raw, head)
        if r.code not in (400, 401, 422) or b"409" in r.body:
            wrong += [text, str(r)]
    for raw in b"409", b'{"409"', b'"409', b"[409]":
        r = clients.request("POST", web + "/get-file-upload-url", raw,
                            {**m.HEADERS, **clients.tao(m.key, raw)})
        if r.code not in (400, 401, 422) or b"409" in r.body:
            wrong += [raw, str(r)]
    t.none(wrong, "the digits 409 are in no other refusal of an upload")
    r = servers.ask(site.web.port, "GET", "/get-file-upload-url?409")
    t.ok(r.code == 405 and b"409" not in r.body,
         "the digits 409 are not in a refusal of another method", r)


def by_put(t):
    """Where the store takes no forms: the file alone, by 22f6752 and later."""
    site.web.stop()
    os.rename(site.web.log, site.web.log + ".before")
    site.world.configure(s3_post_policy="no")
    site.web = servers.Web(site.world)
    for kind in clients.Miner_22f6752, clients.Miner_d14ed4c:
        m, name = miner(kind), file_name(kind, 2000)
        m.url = "http://127.0.0.1:%d" % site.web.port
        grant = m.grant("default_0", name)
        t.same((grant["method"], grant["fields"], "409" in grant["url"].
                partition("?")[2]), ("PUT", {}, False),
               kind.__name__ + " is granted one URL to PUT to")
        key = m.upload("default_0", name, content(name))
        t.same((key, stored(key)), (grant["s3_key"], content(name)),
               kind.__name__ + " stores its file by PUT")
        t.same(m.upload("default_0", name, b"x" * 2000), None,
               kind.__name__ + " learns by 409 that its file is there already")


tap.run([coldkey_layout, by_name, hotkey_layout, readers, batches, refused,
         one_by_one, digits, by_put], endpoint.check_outputs)
