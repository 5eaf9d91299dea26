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
            "GET presigned_url of a job to list its files",
            "Ask /get-file-presigned-urls for the files you want to check",
            "GET the files and check them",
            "Ask again when the URLs have expired"]}
    return want


def granted(t, text, name, want, body=None, a=None, event=None):
    """event: the one that is logged, and nothing else."""
    a = a or w.post(w.asks(name) if body is None else body, name)
    events = [e["event"] for e in bucket.logged(a)]
    a.err = b""
    wrong = granted_wrong(a, want)
    if events != ([event] if event else []):
        wrong.append("logged %r" % events)
    t.none(wrong, "%s grants %s" % (name, text))


def strange(t, text, want, a=None):
    """Escapes that JSON need not have, but a terminal likes better."""
    a = a or w.post(w.asks(FOLDERS), FOLDERS)
    plain = re.sub(rb"\\u(2028|007f|fffd)", lambda m: chr(
        int(m[1], 16)).encode(), a.body)
    wrong = [] if plain.decode() == json.dumps(
        want, separators=(",", ":"), ensure_ascii=False) else [
            "not compact JSON: %r" % plain]
    a.wrong = [x for x in a.wrong if x != "the body is not compact JSON"]
    t.none(wrong + granted_wrong(a, want), "%s grants %s" % (FOLDERS, text))


def cold(name, source):
    return ("data/%s/%s/" % (source, address(name))).encode()


COLD = [("ann", "x"), ("ann", "reddit"), ("bob", "reddit"), ("cid", "x")]
CIDS = [c for c in COLD if c[0] == "cid"]


def without_index(t):
    for layouts in BOTH, "hotkey", "coldkey":
        with w.settings(access_layouts=layouts):
            granted(t, "access without an index, layouts = " + layouts, ACCESS,
                    access(layouts))
    refused(t, "get-folder-presigned-urls answers 503 without an index",
            w.post(w.asks(FOLDERS), FOLDERS), 503, "no_index")
    w.write("state/bucket.index", b"fgate-b\n" + b"\0" * 200)
    granted(t, "access without a miner list when the index is damaged", ACCESS,
            access(), event="snapshot_refused")
    refused(t,
            "get-folder-presigned-urls answers 503 when the index is damaged",
            w.post(w.asks(FOLDERS), FOLDERS), 503, "no_index")
    forget()


def with_index(t):
    t.same(bucket.index_of(w, [cold(*c) + b"f" for c in COLD + [
        ("ann", "x"), ("dan", "mastodon")]] + [
        cold("cid", "mastodon") + b"f", folder("eve", "j") + b"f"],
        access_sources="x, reddit, mastodon"), bucket.OK,
           "an index of folders in both layouts is made")
    granted(t,
            "access to both layouts, without a source that is not configured",
            ACCESS, access(folders=COLD, age=0))
    for layouts, rows in ("hotkey", ()), ("coldkey", COLD):
        with w.settings(access_layouts=layouts):
            granted(t, "access where only these folders are served: " +
                    layouts, ACCESS, access(layouts, rows, age=0))
            granted(t, "access where only %s folders are served, with miners: "
                    "false" % layouts, ACCESS,
                    access(layouts, age=0), w.asks(ACCESS, miners=False))
    for text, more in [
            ("access with miners: true", {"miners": True}),
            ("access with miners: null", {"miners": None}),
            ("access with sources: null", {"sources": None}),
            ("access with both sources named", {"sources": ["reddit", "x"]}),
            ("access with one source named twice",
             {"sources": ["x", "reddit", "x"]}),
            ("access with the fields of other generations", {
                "expiry": None, "miner_hotkey": "5abc", "netuid": 13})]:
        granted(t, text, ACCESS, access(folders=COLD, age=0),
                w.asks(ACCESS, **more))
    granted(t, "access without a miner list when miners is false", ACCESS,
            access(age=0), w.asks(
        ACCESS, miners=False))
    for only in [["x"], ["reddit"], [], ["nope"], ["x", "nope"],
                 ["mastodon"], ["X"], [""], ["../x"]]:
        good = [s for s in ("x", "reddit") if s in only]
        rows = [c for c in COLD if c[1] in good]
        for layouts in BOTH, "coldkey":
            with w.settings(access_layouts=layouts):
                granted(t,
                        "access to the sources %r where the layouts are %s" %
                        (only, layouts), ACCESS, access(
                    layouts, rows, good, 0), w.asks(ACCESS, sources=only))
        with w.settings(access_layouts="coldkey"):
            granted(t, "access to the sources %r without a miner list when "
                    "miners is false" % only, ACCESS, access(
                "coldkey", (), good, 0), w.asks(ACCESS, sources=only,
                                                miners=False))
    for field, value in [
            ("miners", 0), ("miners", "false"), ("miners", []),
            ("sources", "x"), ("sources", {}), ("sources", [1]),
            ("sources", ["x", None]), ("sources", ["x\0"]),
            ("sources", [["x"]]), ("sources", True)]:
        refused(t, "get-validator-access refuses a request whose %s is %r" %
                (field, value), w.post(w.asks(
            ACCESS, **{field: value}), ACCESS), 422, "invalid_request")
    with w.settings(access_sources="reddit"):
        granted(t, "access to one source where one is configured", ACCESS,
                access(
            folders=[c for c in COLD if c[1] == "reddit"], sources=["reddit"],
            age=0))
    with w.settings(access_validator_ttl_s=77):
        granted(t, "access for access.validator_ttl_s seconds", ACCESS,
                access(folders=COLD, age=0,
                                                     ttl=77))
    with w.time(NOW + 1000):
        granted(t, "access with the age of an index that is 1000 s old",
                ACCESS, access(folders=COLD, age=1000))
        granted(t, "folders with the age of an index that is 1000 s old",
                FOLDERS, folders({"eve": [b"j"]}, 1000))
    with w.settings(auth_tao_everywhere="yes"):
        granted(t, "access to a request with X-Tao headers", ACCESS,
                access(folders=COLD, age=0),
                a=w.headed(ACCESS, {"miners": True}))
        granted(t, "access to one source to a request with X-Tao headers",
                ACCESS, access(folders=CIDS + [("ann", "x")], sources=["x"],
                               age=0), a=w.headed(ACCESS, {"sources": ["x"]}))
    granted(t, "access to the other validator", ACCESS, access(
        folders=COLD, age=0, key=w.idle), w.asks(ACCESS, w.idle))
    with w.settings(s3_access_key_id=None, s3_secret_access_key_file=None,
                    s3_read_access_key_id=world.KEY_ID,
                    s3_read_secret_access_key_file=w.path("s3.secret")):
        granted(t, "access with the read key alone", ACCESS,
                access(folders=COLD, age=0))
        granted(t, "folders with the read key alone", FOLDERS,
                folders({"eve": [b"j"]}))


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
    t.same(bucket.index_of(w, keys), bucket.OK,
           "jobs with strange names are indexed")
    strange(t, "jobs with strange names, and leaves out a miner without jobs",
            folders(jobs))
    for a in w.post(w.asks(FOLDERS), FOLDERS).json["folder_urls"].values():
        t.same([j["path"] for j in a["job_folders"]],
               [a["miner_path"] + "job_id=" + j["job_id"] + "/"
                for j in a["job_folders"]],
               "the path of a job is the path of its miner and its id")
    strange(t, "folders to a body with the fields of other endpoints",
            folders(jobs), w.post(w.asks(
        FOLDERS, expiry=5, sources=[], miners=False), FOLDERS))
    with w.settings(auth_receiver=w.owner):
        strange(t, "folders to a request with X-Bittensor headers",
                folders(jobs, by_headers=True), w.btauth(FOLDERS, {}))
    with w.settings(access_list_ttl_s=99):
        strange(t, "folders for access.list_ttl_s seconds",
                folders(jobs, ttl=99))
    with w.settings(access_layouts="hotkey"):
        strange(t, "folders where only hotkey folders are served",
                folders(jobs))
    one_miner(t, jobs)
    mine = folder("bob") + b"job_id="
    with w.time(NOW + 60):
        t.same(bucket.index_of(w, keys, lambda p: (200, {}, b"<x")
                               if p["prefix"] == mine else None), bucket.OK,
               "an index is made although one miner's listing is damaged")
        with open(os.path.join(w.state, "bucket.index"), "rb") as f:
            t.same(bucket.Index(f.read()).flags("bob"), bucket.DAMAGED,
                   "the index marks the miner as damaged")
        strange(t, "the folders of a miner whose listing was damaged",
                folders(jobs))
    forget()
    t.same(bucket.index_of(w, [cold("ann", "x") + b"f"]), bucket.OK,
           "an index is made when no miner has a job")
    granted(t, "an empty list when no miner has a job", FOLDERS, folders({}))
    t.same(bucket.index_of(w, []), bucket.OK,
           "an index is made of an empty bucket")
    granted(t, "an empty list from an empty bucket", FOLDERS, folders({}))
    granted(t, "access to an empty bucket", ACCESS, access(age=0))
    with w.settings(access_layouts="coldkey"):
        granted(t, "access to an empty bucket where only coldkey folders are "
                "served", ACCESS, access(
            "coldkey", age=0))
        refused(t,
                FOLDERS + " is refused where only coldkey folders are served",
                w.post(w.asks(
            FOLDERS), FOLDERS), 400, "layout_disabled")
        refused(t, FOLDERS + " refuses a forged request as forged, whatever "
                "layouts are served", w.post(w.asks(
            FOLDERS, words="x"), FOLDERS), 401, "invalid_signature")


def one_miner(t, jobs):
    """Validators of 2025 ask once for each miner that they look at."""
    bob = {"bob": jobs["bob"]}
    granted(t, "the folders of the one miner that is named", FOLDERS,
            folders(bob), w.asks(FOLDERS, miner_hotkey=address("bob")))
    strange(t, "the folders of one miner whose jobs have strange names",
            folders({"eve": jobs["eve"]}),
            w.post(w.asks(FOLDERS, miner_hotkey=address("eve")), FOLDERS))
    with w.settings(auth_receiver=w.owner):
        granted(t, "the folders of one miner to X-Bittensor headers", FOLDERS,
                folders(bob, by_headers=True),
                a=w.btauth(FOLDERS, {"miner_hotkey": address("bob")}))
    for name in "nobody", "unheard of":
        granted(t, "no folder of a miner without jobs: " + name, FOLDERS,
                folders({}), w.asks(FOLDERS, miner_hotkey=address(name)))
    for value in None, "":
        strange(t, "the folders of all when miner_hotkey is %r" % value,
                folders(jobs), w.post(w.asks(FOLDERS, miner_hotkey=value),
                                      FOLDERS))
    for value in "5abc", address("bob")[:-1], " " + address("bob"), 1, [
            address("bob")], {}, True:
        refused(t, FOLDERS + " refuses the miner_hotkey %r" % (value,),
                w.post(w.asks(FOLDERS, miner_hotkey=value), FOLDERS), 422,
                "invalid_request")
    with w.settings(auth_tao_everywhere="yes"):
        refused(t, FOLDERS + " refuses X-Tao headers, also for one miner",
                w.headed(FOLDERS, {"miner_hotkey": address("bob")}), 400,
                "tao_not_accepted")
    with w.settings(access_layouts="coldkey"):
        refused(t, FOLDERS + " refuses one miner where only coldkey folders "
                "are served", w.post(w.asks(
                    FOLDERS, miner_hotkey=address("bob")), FOLDERS), 400,
                "layout_disabled")


def many(t):
    """More than fits the first buffer of an answer."""
    forget()
    rows = [("m%d" % i, s) for i in range(300) for s in ("x", "reddit")]
    jobs = {"m%d" % i: [b"j%d" % j for j in range(3)] for i in range(100)}
    bucket.index_of(w, [cold(*c) + b"f" for c in rows] + [
        folder(n, j) + b"f" for n in jobs for j in jobs[n]])
    granted(t, "access with the folders of 300 coldkeys", ACCESS,
            access(folders=rows, age=0))
    granted(t, "the folders of 100 miners", FOLDERS, folders(jobs))


def shares(t):
    """One with jobs without end is cut at its share; nobody else is."""
    forget()
    heavy = [b"\xff" * 900 + b"%05d" % i for i in range(1100)]
    jobs = {"m%d" % i: [b"j"] for i in range(19)}
    t.same(bucket.index_of(w, [folder(n, j) + b"f" for n in jobs
                               for j in jobs[n]] +
                           [folder("big", j) + b"f" for j in heavy]),
           bucket.OK,
           "an index is made where one of 20 miners has 1,100 long jobs")
    a = w.post(w.asks(FOLDERS), FOLDERS)
    got = a.json["folder_urls"] if a.code == 200 else {}
    big = got.pop(address("big"), {})
    share = (160 << 20) // 20
    size = len(json.dumps(big, separators=(",", ":")))
    t.ok(a.code == 200 and big.get("truncated") is True and
         0 < big["total_jobs"] < 1100 and
         big["total_jobs"] == len(big["job_folders"]) and
         0.9 * share < size < 1.1 * share,
         "a miner with too many jobs is cut at its share of the answer and "
         "marked",
         (a.code, big.get("truncated"), big.get("total_jobs"), size, share))
    t.same({k: (v["total_jobs"], "truncated" in v) for k, v in got.items()},
           {address(n): (1, False) for n in jobs},
           "the other miners' jobs are all listed beside the one that is cut")


def strangers(t):
    for name in NAMES:
        for text, who, code in [
                ("that is not registered", w.stranger, "not_registered"),
                ("that is a miner", w.miner, "no_permit"),
                ("with much stake but without a permit", w.no_permit,
                 "no_permit"),
                ("with exactly the least stake", w.low_stake, "low_stake")]:
            refused(t, "%s refuses a hotkey %s" % (name, text), w.post(
                w.asks(name, who), name), 401, code, VALIDATOR)
            refused(t,
                    "%s refuses a hotkey %s without looking at its signature" %
                    (name, text), w.post({
                **w.asks(name, who), "signature": ""}, name), 401, code,
                VALIDATOR)
        with w.settings(auth_receiver=w.owner):
            refused(t, name + " refuses a miner with X-Bittensor headers",
                    w.btauth(name, {}, w.miner), 401, "no_permit")
        w.snapshot(advanced_at=NOW - 1201)
        refused(t, name + " answers 503 while the snapshot is stale",
                w.post(w.asks(name), name), 503, "stale")
        w.snapshot()
        a = w.post(b"{}", name)
        t.same((a.code, [d["loc"] for d in a.json["detail"]]), (422, [
            ["body", f] for f in ("hotkey", "timestamp", "signature")]),
            name + " names all the fields that an empty body lacks")


def words(t):
    invalid = 401, "invalid_signature", "Invalid signature"
    v = w.validator.ss58
    for name in NAMES:
        other = NAMES[1 - NAMES.index(name)]
        right = OF_ALL[name](v, NOW)
        for text, s in {
                "of the other route": OF_ALL[other](v, NOW),
                "of a second later": OF_ALL[name](v, NOW + 1),
                "of a second earlier": OF_ALL[name](v, NOW - 1),
                "of another validator": folders_words(w.idle.ss58, NOW),
                "of one miner's list": miner_words(w.miner.ss58, NOW),
                "with a hotkey": access_words(v, "%s:%d" % (v, NOW)),
                "that is empty": "", "without its last character": right[:-1],
                "with a colon more": right + ":",
                "with a blank more": right + " "}.items():
            refused(t, "%s refuses a signed text %s" % (name, text),
                    w.post(w.asks(
                name, words=s), name), *invalid)
        for who in w.idle, w.miner, w.stranger:
            refused(t, "%s refuses a signature made by another key" % name,
                    w.post({
                **w.asks(name), "signature": who.sign(right)}, name),
                *invalid)
        t.same(w.post(w.asks(name, words="<Bytes>" + right + "</Bytes>"),
                      name).code, 200, name +
               " accepts a text wrapped by a browser's wallet")
        for at in NOW - 301, NOW + 61, 0:
            refused(t, "%s refuses a request signed at %d" % (name, at),
                    w.post(w.asks(
                name, timestamp=at), name), 400, "invalid_timestamp",
                "Invalid timestamp")
        for at in NOW - 300, NOW + 60, str(NOW):
            t.same(w.post(w.asks(name, timestamp=at), name).code, 200,
                   "%s accepts a request signed at %r" % (name, at))


def health(t):
    """What bucket-sync measured is told by healthcheck."""
    w.snapshot()
    t.same(bucket.index_of(w, []), bucket.OK,
           "an index is made of an empty bucket for healthcheck")
    before = w.now
    for later, ok in [(0, True), (900, True), (901, False)]:
        with w.time(before + later):
            a = w.get("healthcheck")
            t.same((a.code, a.wrong, a.json.get("s3_ok"),
                    a.json.get("index_age_s")), (200, [], ok, later),
                   "healthcheck reports the last walk of the store, %d s ago" %
                   later)
    os.remove(os.path.join(w.state, "bucket.index"))
    a = w.get("healthcheck")
    t.ok(a.code == 200 and "s3_ok" not in a.json and
         "index_age_s" not in a.json and not a.err,
         "healthcheck reports nothing of a walk before the first one", a)


if __name__ == "__main__":
    tap.run([health, without_index, with_index, jobs, many, shares, strangers,
             words],
            endpoint.check_outputs)
