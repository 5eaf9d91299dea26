#!/usr/bin/python3
"""POST /get-validator-access and /get-folder-presigned-urls: what a validator
is told of everybody, to the byte, and what is refused."""

import json
import os
import re
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import bucket
import endpoint
import tap
import validators
import world
from bucket import address, folder, key
from validators import OF_ALL, access_words, folders_words, granted_wrong, \
    miner_words, refused
from world import NOW

ACCESS, FOLDERS = NAMES = "get-validator-access", "get-folder-presigned-urls"
VALIDATOR = "You are not validator"
DAY = 86400
BOTH = "coldkey, hotkey"

w = validators.Validators()
w.snapshot()


def iso(at):
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(at))


def url(prefix, ttl, delimiter=None):
    return w.list_url(prefix, ttl, max_keys=None, delimiter=delimiter)


def forget():
    for name in os.listdir(w.state):
        if name.startswith("bucket"):
            os.remove(os.path.join(w.state, name))


def access(layouts=BOTH, folders=(), sources=("x", "reddit"), age=None,
           ttl=DAY, key=None):
    """The whole answer; folders: (name, source)."""
    hot, cold = "hotkey" in layouts, "coldkey" in layouts
    urls = {"global": {"list_all_data": url("data/hotkey=", ttl) if hot else
                       url("data/", ttl, "/")}}
    if cold:
        urls["sources"] = {s: {
            "list_miners": url("data/%s/" % s, ttl, "/"),
            "prefix": "data/%s/" % s} for s in sources}
    urls["miners"] = {}
    if hot:
        urls["miners"]["list_all_miners"] = url("data/hotkey=", ttl, "/")
    for name in sorted({n for n, _ in folders}, key=bucket.key):
        ours = {}
        for source in sorted(s for n, s in folders if n == name):
            prefix = "data/%s/%s/" % (source, address(name))
            ours[source] = {"list_files": url(prefix, ttl), "folder": prefix}
        urls["miners"][address(name)] = ours
    want = {"bucket": world.BUCKET, "region": world.REGION,
            "validator_hotkey": (key or w.validator).ss58,
            "expiry": iso(w.now + ttl), "expiry_seconds": ttl,
            "expires_in_seconds": ttl}
    if age is not None:
        want["index_age_s"] = age
    want["urls"] = urls
    if hot:
        want["structure_info"] = {
            "folder_structure": "data/hotkey={hotkey_id}/job_id={job_id}/",
            "description": "Miners' files are in job_id folders within their "
            "hotkey directory under data/ prefix"}
    return want


def shown(job):
    """A job's name as JSON can hold it."""
    return job.decode("utf-8", "replace")


def folders(jobs, age=0, ttl=10800, by_headers=False):
    """The whole answer; jobs: name to job ids, bytes."""
    all_of = {}
    for name in sorted(jobs, key=key):
        path = folder(name)
        all_of[address(name)] = {
            "miner_path": path.decode(),
            "job_folders": [{
                "job_id": shown(j), "path": shown(folder(name, j)),
                "presigned_url": url(folder(name, j), ttl)}
                for j in sorted(jobs[name])],
            "total_jobs": len(jobs[name])}
    want = {"validator_hotkey": w.validator.ss58, "bucket": world.BUCKET,
            "expiry_seconds": ttl, "expiry_time": iso(w.now + ttl),
            "total_miners": len(jobs), "index_age_s": age,
            "folder_urls": all_of}
    if not by_headers:
        want["commitment_used"] = folders_words(w.validator.ss58, w.now)
    want["usage_info"] = {
        "description": "Listings of every miner's job folders",
        "folder_structure": "data/hotkey={hotkey_id}/job_id={job_id}/",
        "validation_flow": [
            "GET presigned_url of a job: the list of its files",
            "Ask /get-file-presigned-urls for those you want to look at",
            "GET the files, check them",
            "Ask again when the URLs have ended"]}
    return want


def granted(t, text, name, want, body=None, a=None, event=None):
    """event: the one that is logged, and nothing else."""
    a = a or w.post(w.asks(name) if body is None else body, name)
    events = [e["event"] for e in bucket.logged(a)]
    a.err = b""
    wrong = granted_wrong(a, want)
    if events != ([event] if event else []):
        wrong.append("logged %r" % events)
    t.none(wrong, "%s: %s" % (name, text))


def strange(t, text, want, a=None):
    """Escapes that JSON need not have, but a terminal likes better."""
    a = a or w.post(w.asks(FOLDERS), FOLDERS)
    plain = re.sub(rb"\\u(2028|007f|fffd)", lambda m: chr(
        int(m[1], 16)).encode(), a.body)
    wrong = [] if plain.decode() == json.dumps(
        want, separators=(",", ":"), ensure_ascii=False) else [
            "not compact JSON: %r" % plain]
    a.wrong = [x for x in a.wrong if x != "the body is not compact JSON"]
    t.none(wrong + granted_wrong(a, want), "%s: %s" % (FOLDERS, text))


def cold(name, source):
    return ("data/%s/%s/" % (source, address(name))).encode()


COLD = [("ann", "x"), ("ann", "reddit"), ("bob", "reddit"), ("cid", "x")]
CIDS = [c for c in COLD if c[0] == "cid"]


def without_index(t):
    for layouts in BOTH, "hotkey", "coldkey":
        with w.settings(access_layouts=layouts):
            granted(t, "no index, " + layouts, ACCESS, access(layouts))
    refused(t, "no index", w.post(w.asks(FOLDERS), FOLDERS), 503, "no_index")
    w.write("state/bucket.index", b"fgate-b\n" + b"\0" * 200)
    granted(t, "an index that is none", ACCESS, access(),
            event="snapshot_refused")
    refused(t, "an index that is none", w.post(w.asks(FOLDERS), FOLDERS), 503,
            "no_index")
    forget()


def with_index(t):
    t.same(bucket.index_of(w, [cold(*c) + b"f" for c in COLD + [
        ("ann", "x"), ("dan", "mastodon")]] + [
        cold("cid", "mastodon") + b"f", folder("eve", "j") + b"f"],
        access_sources="x, reddit, mastodon"), bucket.OK, "an index is made")
    granted(t, "both layouts; a source that is not configured is left out",
            ACCESS, access(folders=COLD, age=0))
    for layouts, rows in ("hotkey", ()), ("coldkey", COLD):
        with w.settings(access_layouts=layouts):
            granted(t, "only " + layouts, ACCESS, access(layouts, rows, age=0))
            granted(t, "only %s, miners: false" % layouts, ACCESS,
                    access(layouts, age=0), w.asks(ACCESS, miners=False))
    for text, more in [
            ("true", {"miners": True}), ("null", {"miners": None}),
            ("sources null", {"sources": None}),
            ("both sources", {"sources": ["reddit", "x"]}),
            ("a source twice", {"sources": ["x", "reddit", "x"]}),
            ("what other generations send", {
                "expiry": None, "miner_hotkey": "5abc", "netuid": 13})]:
        granted(t, text, ACCESS, access(folders=COLD, age=0),
                w.asks(ACCESS, **more))
    granted(t, "miners: false", ACCESS, access(age=0), w.asks(
        ACCESS, miners=False))
    for only in [["x"], ["reddit"], [], ["nope"], ["x", "nope"],
                 ["mastodon"], ["X"], [""], ["../x"]]:
        good = [s for s in ("x", "reddit") if s in only]
        rows = [c for c in COLD if c[1] in good]
        for layouts in BOTH, "coldkey":
            with w.settings(access_layouts=layouts):
                granted(t, "sources: %r, %s" % (only, layouts), ACCESS, access(
                    layouts, rows, good, 0), w.asks(ACCESS, sources=only))
        with w.settings(access_layouts="coldkey"):
            granted(t, "sources: %r, miners: false" % only, ACCESS, access(
                "coldkey", (), good, 0), w.asks(ACCESS, sources=only,
                                                miners=False))
    for field, value in [
            ("miners", 0), ("miners", "false"), ("miners", []),
            ("sources", "x"), ("sources", {}), ("sources", [1]),
            ("sources", ["x", None]), ("sources", ["x\0"]),
            ("sources", [["x"]]), ("sources", True)]:
        refused(t, "%s: %r" % (field, value), w.post(w.asks(
            ACCESS, **{field: value}), ACCESS), 422, "invalid_request")
    with w.settings(access_sources="reddit"):
        granted(t, "one source", ACCESS, access(
            folders=[c for c in COLD if c[1] == "reddit"], sources=["reddit"],
            age=0))
    with w.settings(access_validator_ttl_s=77):
        granted(t, "validator_ttl_s", ACCESS, access(folders=COLD, age=0,
                                                     ttl=77))
    with w.time(NOW + 1000):
        granted(t, "the index ages", ACCESS, access(folders=COLD, age=1000))
        granted(t, "the index ages", FOLDERS, folders({"eve": [b"j"]}, 1000))
    granted(t, "by X-Tao headers", ACCESS, access(folders=COLD, age=0),
            a=w.headed(ACCESS, {}))
    granted(t, "by X-Tao headers, narrowed", ACCESS, access(
        folders=CIDS + [("ann", "x")], sources=["x"], age=0), a=w.headed(
            ACCESS, {"sources": ["x"]}))
    granted(t, "the other validator", ACCESS, access(
        folders=COLD, age=0, key=w.idle), w.asks(ACCESS, w.idle))
    with w.settings(s3_access_key_id=None, s3_secret_access_key_file=None,
                    s3_read_access_key_id=world.KEY_ID,
                    s3_read_secret_access_key_file=w.path("s3.secret")):
        granted(t, "the read key alone", ACCESS, access(folders=COLD, age=0))
        granted(t, "the read key alone", FOLDERS, folders({"eve": [b"j"]}))


STRANGE = [
    b"", b" ", b"a b", b"a+b", b"%41", b"%", b"q\"uo'te\\", b"<&>", b"=&?#~",
    b"job_id=x", b"..", "\u00fc\u2028\U0001f600".encode(), b"b\xff\xfe",
    b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"tab\t",
    b"line\n", b"\x01\x1f\x7f", b"default_0",
    # The longest whose folder is a key.
    b"k" * (1024 - len(folder("eve", ""))),
]


def jobs(t):
    forget()
    jobs = {"eve": STRANGE, "bob": [b"j%d" % i for i in range(3)],
            "zoe": [b"1"]}
    keys = [folder(n, j) + b"f" for n in jobs for j in jobs[n]] + [
        folder("nobody") + b"loose", folder("nobody") + b"jobs/f"]
    t.same(bucket.index_of(w, keys), bucket.OK, "strange jobs are indexed")
    strange(t, "strange jobs; who has none is left out", folders(jobs))
    for a in w.post(w.asks(FOLDERS), FOLDERS).json["folder_urls"].values():
        t.same([j["path"] for j in a["job_folders"]],
               [a["miner_path"] + "job_id=" + j["job_id"] + "/"
                for j in a["job_folders"]], "a path is made of its parts")
    strange(t, "fields of other endpoints", folders(jobs), w.post(w.asks(
        FOLDERS, expiry=5, sources=[], miners=False), FOLDERS))
    strange(t, "by X-Tao headers", folders(jobs, by_headers=True),
            w.headed(FOLDERS, {}))
    with w.settings(access_list_ttl_s=99):
        strange(t, "list_ttl_s", folders(jobs, ttl=99))
    with w.settings(access_layouts="hotkey"):
        strange(t, "only hotkey folders", folders(jobs))
    mine = folder("bob") + b"job_id="
    with w.time(NOW + 60):
        t.same(bucket.index_of(w, keys, lambda p: (200, {}, b"<x")
                               if p["prefix"] == mine else None), bucket.OK,
               "a miner is damaged")
        with open(os.path.join(w.state, "bucket.index"), "rb") as f:
            t.same(bucket.Index(f.read()).flags("bob"), bucket.DAMAGED,
                   "so it is")
        strange(t, "a damaged miner is still there", folders(jobs))
    forget()
    t.same(bucket.index_of(w, [cold("ann", "x") + b"f"]), bucket.OK,
           "nobody has a job")
    granted(t, "nobody has a job", FOLDERS, folders({}))
    t.same(bucket.index_of(w, []), bucket.OK, "an empty bucket")
    granted(t, "an empty bucket", FOLDERS, folders({}))
    granted(t, "an empty bucket", ACCESS, access(age=0))
    with w.settings(access_layouts="coldkey"):
        granted(t, "an empty bucket, only coldkey folders", ACCESS, access(
            "coldkey", age=0))
        refused(t, FOLDERS + ": only coldkey folders", w.post(w.asks(
            FOLDERS), FOLDERS), 400, "layout_disabled")
        refused(t, FOLDERS + ": not told to a stranger", w.post(w.asks(
            FOLDERS, words="x"), FOLDERS), 401, "invalid_signature")


def many(t):
    """More than fits the first buffer of an answer."""
    forget()
    rows = [("m%d" % i, s) for i in range(300) for s in ("x", "reddit")]
    jobs = {"m%d" % i: [b"j%d" % j for j in range(3)] for i in range(100)}
    bucket.index_of(w, [cold(*c) + b"f" for c in rows] + [
        folder(n, j) + b"f" for n in jobs for j in jobs[n]])
    granted(t, "300 coldkeys", ACCESS, access(folders=rows, age=0))
    granted(t, "100 miners", FOLDERS, folders(jobs))


def shares(t):
    """One with jobs without end is cut at its share; nobody else is."""
    forget()
    heavy = [b"\xff" * 900 + b"%05d" % i for i in range(1100)]
    jobs = {"m%d" % i: [b"j"] for i in range(19)}
    t.same(bucket.index_of(w, [folder(n, j) + b"f" for n in jobs
                               for j in jobs[n]] +
                           [folder("big", j) + b"f" for j in heavy]),
           bucket.OK, "one of 20 miners has 1,100 long jobs")
    a = w.post(w.asks(FOLDERS), FOLDERS)
    got = a.json["folder_urls"] if a.code == 200 else {}
    big = got.pop(address("big"), {})
    share = (160 << 20) // 20
    size = len(json.dumps(big, separators=(",", ":")))
    t.ok(a.code == 200 and big.get("truncated") is True and
         0 < big["total_jobs"] < 1100 and
         big["total_jobs"] == len(big["job_folders"]) and
         0.9 * share < size < 1.1 * share, "it gets its share",
         (a.code, big.get("truncated"), big.get("total_jobs"), size, share))
    t.same({k: (v["total_jobs"], "truncated" in v) for k, v in got.items()},
           {address(n): (1, False) for n in jobs}, "all others are whole")


def strangers(t):
    for name in NAMES:
        for text, who, code in [
                ("not registered", w.stranger, "not_registered"),
                ("a miner", w.miner, "no_permit"),
                ("no permit, much stake", w.no_permit, "no_permit"),
                ("20,000 alpha to the rao", w.low_stake, "low_stake")]:
            refused(t, "%s: %s" % (name, text), w.post(
                w.asks(name, who), name), 401, code, VALIDATOR)
            refused(t, "%s: %s, no signature" % (name, text), w.post({
                **w.asks(name, who), "signature": ""}, name), 401, code,
                VALIDATOR)
        refused(t, name + ": a miner by X-Tao headers", w.headed(
            name, {}, w.miner), 401, "no_permit")
        w.snapshot(advanced_at=NOW - 1201)
        refused(t, name + ": stale", w.post(w.asks(name), name), 503, "stale")
        w.snapshot()
        a = w.post(b"{}", name)
        t.same((a.code, [d["loc"] for d in a.json["detail"]]), (422, [
            ["body", f] for f in ("hotkey", "timestamp", "signature")]),
            name + ": what an empty body lacks")


def words(t):
    invalid = 401, "invalid_signature", "Invalid signature"
    v = w.validator.ss58
    for name in NAMES:
        other = NAMES[1 - NAMES.index(name)]
        right = OF_ALL[name](v, NOW)
        for text, s in {
                "of the other": OF_ALL[other](v, NOW),
                "a second more": OF_ALL[name](v, NOW + 1),
                "a second less": OF_ALL[name](v, NOW - 1),
                "another's": folders_words(w.idle.ss58, NOW),
                "one miner's": miner_words(w.miner.ss58, NOW),
                "with a hotkey": access_words(v, "%s:%d" % (v, NOW)),
                "nothing": "", "cut": right[:-1],
                "longer": right + ":", "a space": right + " "}.items():
            refused(t, "%s: words: %s" % (name, text), w.post(w.asks(
                name, words=s), name), *invalid)
        for who in w.idle, w.miner, w.stranger:
            refused(t, "%s: signed by another" % name, w.post({
                **w.asks(name), "signature": who.sign(right)}, name),
                *invalid)
        t.same(w.post(w.asks(name, words="<Bytes>" + right + "</Bytes>"),
                      name).code, 200, name + ": a browser's wallet")
        for at in NOW - 301, NOW + 61, 0:
            refused(t, "%s: signed at %d" % (name, at), w.post(w.asks(
                name, timestamp=at), name), 400, "invalid_timestamp",
                "Invalid timestamp")
        for at in NOW - 300, NOW + 60, str(NOW):
            t.same(w.post(w.asks(name, timestamp=at), name).code, 200,
                   "%s: signed at %r" % (name, at))


def health(t):
    """What bucket-sync measured is told by healthcheck."""
    w.snapshot()
    t.same(bucket.index_of(w, []), bucket.OK, "an index of an empty bucket")
    before = w.now
    for later, ok in [(0, True), (900, True), (901, False)]:
        with w.time(before + later):
            a = w.get("healthcheck")
            t.same((a.code, a.wrong, a.json.get("s3_ok"),
                    a.json.get("index_age_s")), (200, [], ok, later),
                   "healthcheck, %d s after the last walk" % later)
    os.remove(os.path.join(w.state, "bucket.index"))
    a = w.get("healthcheck")
    t.ok(a.code == 200 and "s3_ok" not in a.json and
         "index_age_s" not in a.json and not a.err, "no walk yet", a)


if __name__ == "__main__":
    tap.run([health, without_index, with_index, jobs, many, shares, strangers,
             words],
            endpoint.check_outputs)
