#!/usr/bin/python3
"""POST /get-file-presigned-urls: which keys are vended, to the byte, and which
are not."""

import json
import re
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import fcgi
import tap
import validators
import world
from validators import files_words, granted_wrong, refused
from world import NOW

NAME = "get-file-presigned-urls"
BODY_MAX = 1310720

w = validators.Validators()
w.snapshot()
P = w.folder
HOTKEY = {"miner_hotkey": w.miner.ss58}
COLDKEY = {"miner_coldkey": w.owner}
NO_FILES = 400, "no_valid_files", "No valid files for specified miner"


def ask(keys, miner=HOTKEY, **more):
    return w.post(w.asks(NAME, **miner, file_keys=keys, **more), NAME)


def expected(good, bad, hours=3, miner=HOTKEY, again=0, ttl=None):
    """The whole answer, but for the words that explain it."""
    (m,) = miner.values()
    ttl = ttl or hours * 3600
    return {
        "validator_hotkey": w.validator.ss58, **miner,
        "bucket": world.BUCKET, "expiry_hours": hours,
        "expiry_time": time.strftime("%Y-%m-%dT%H:%M:%S+00:00",
                                     time.gmtime(w.now + ttl)),
        "total_requested_files": len(good) + again + len(bad),
        "valid_files_count": len(good) + again,
        "invalid_files_count": len(bad),
        "successful_urls": len(good), "failed_files": 0,
        "file_urls": {k: {
            "presigned_url": w.object_url(k, ttl), "file_key": k,
            "expires_in_seconds": ttl, "file_name": k.rpartition("/")[2]}
            for k in good},
        "invalid_files": bad, "failed_files_details": [],
        "commitment_used": files_words(m, w.validator.ss58, w.now)}


def granted(t, text, a, good, bad=(), exotic=False, **more):
    """exotic: keys that Python's JSON writes otherwise than ours."""
    usage = a.json.pop("usage_info", {}) if a.code == 200 else {}
    if exotic and "the body is not compact JSON" in a.wrong:
        a.wrong.remove("the body is not compact JSON")
    wrong = granted_wrong(a, expected(list(good), list(bad), **more))
    if list(usage) != ["description", "miner_validation_flow"] or \
            not isinstance(usage["description"], str) or \
            len(usage["miner_validation_flow"]) != 5:
        wrong.append("usage_info: %r" % usage)
    t.none([s[:2000] for s in wrong], text)


def golden(t):
    key = P + "job_id=default_0/data_20260101_120000_100_0123456789abcdef" \
        ".parquet"
    granted(t, "one file gets one URL", ask([key]), [key])
    granted(t, "three files get URLs in the order they were asked for",
            ask([P + "c", P + "a", P + "b"]), [P + "c", P + "a", P + "b"])
    granted(t,
            "files of others are listed as invalid, the miner's own get URLs",
            ask(["x", P + "a", "y", P + "b"]), [P + "a", P + "b"], ["x", "y"])
    granted(t, "a file asked for three times gets one URL",
            ask([P + "a", P + "b", P + "a",
                                                  P + "a"]),
            [P + "a", P + "b"], again=2)
    granted(t, "a foreign key asked for twice is listed as invalid twice",
            ask(["x", P + "a", "x"]), [P + "a"], ["x", "x"])
    a = w.headed(NAME, {**HOTKEY, "file_keys": [key]})
    t.same((a.code, a.json.get("file_urls")),
           (200, expected([key], [])["file_urls"]),
           "a request with X-Tao headers gets the same URLs")
    body = w.asks(NAME, **HOTKEY)
    granted(t, "a timestamp is accepted as text", w.post(w.asks(
        NAME, timestamp=str(NOW), **HOTKEY), NAME), [P + "a"])
    granted(t, "unknown fields of the body are ignored",
            w.post({**body, "source": "x", "expiry": 1},
                                        NAME), [P + "a"])
    for age in 300, -60:
        a = ask([key], timestamp=NOW - age)
        t.same((a.code, a.json.get("file_urls")),
               (200, expected([key], [])["file_urls"]),
               "a request signed %d s ago gets URLs" % age)


GOOD = {
    "a space": "a b", "letters beyond ASCII": "\u00fc/\u4e2d.parquet",
    "a plus": "a+b",
    "percent signs": "100%25%2f..%2f", "equals signs": "a=b=c",
    "an ampersand": "a&b", "a tilde": "~-_.~",
    "a question mark": "a?b", "a number sign": "a#b", "quotes": "a\"b'c",
    "backslashes": "..\\..\\b",
    "three dots": ".../a", "dots in a name": "a..b", "a hidden file": ".a/..b",
    "markup": "<a>&lt;", "a colon": "a:b@c", "an emoji": "\U0001f600",
    "letters apart": "e\u0301", "a template": "${filename}", "one byte": "a",
    "a semicolon": "a;b,c", "stars": "*!()'", "braces": "{[|^`]}",
}


def names(t):
    for text, name in GOOD.items():
        granted(t, "a URL is vended for a name with " + text, ask([P + name]),
                [P + name])
    granted(t, "URLs are vended for all such names at once",
            ask([P + n for n in GOOD.values()]), [P + n for n in GOOD.values()])
    for text, name in ("U+2028", "a\u2028b"), ("U+2029", "\u2029"):
        granted(t, "a URL is vended for a name with " + text, ask([P + name]),
                [P + name], exotic=True)
    for text, tail in ("ASCII", "a" * 1024), ("letters of two bytes",
                                              "\u00fc" * 512):
        size = 1024 - len(P)
        name = tail[:size] if text == "ASCII" else tail[:size // 2] + "a" * (
            size % 2)
        t.same(len((P + name).encode()), 1024,
               "the test makes a key of exactly 1,024 bytes from " + text)
        granted(t, "a URL is vended for a key of 1,024 bytes", ask([P + name]),
                [P + name])
        granted(t, "no URL is vended for a key of 1,025 bytes",
                ask([P + name + "b", P + "a"]), [P + "a"], [P + name + "b"])


def foreign(t):
    h, o = w.miner.ss58, w.owner
    bad = ["", "/", "a", "data/", "data/hotkey=", P, P[:-1], "/" + P + "a",
           P + "a/", P + "/a", P + "a//b", P + "//", P + ".", P + "..",
           P + "./a", P + "../a", P + "a/./b", P + "a/../b", P + "a/.",
           P + "a/..", P + "../hotkey=%s/a" % w.other.ss58,
           P + "../../" + P + "a", "./" + P + "a", "data/./hotkey=%s/a" % h,
           "data//hotkey=%s/a" % h, "data/../" + P + "a", " " + P + "a",
           P.upper() + "a", P.lower() + "a", "data/hotkey=%sx/a" % h,
           "data/hotkey=%s" % h[:-1] + "/a", "data/hotkey=%s/a" %
           w.other.ss58, "data/hotkey=%s/a" % w.sibling.ss58,
           "data/%s/a" % h, "data/x/%s/a" % o, "hotkey=%s/a" % h,
           "data/hotkey%3D" + h + "/a", "data\\hotkey=%s\\a" % h,
           world.BUCKET + "/" + P + "a", "\u00fc", "data/hotkey=%s\uff0fa" % h]
    for key in bad:
        granted(t, "no URL is vended for the foreign key " +
                repr(key.replace(P, "P+")), ask(
            [key, P + "a"]), [P + "a"], [key])
    granted(t, "foreign keys are listed as invalid in their order",
            ask(bad + [P + "a"]), [P + "a"], bad)
    for c in [*range(1, 0x20), 0x7f]:
        for key in P + "a" + chr(c) + "b", P + chr(c), chr(c):
            a = ask([key, P + "a"])
            raw = a.body.partition(b'"invalid_files":')[2]
            if any(b < 0x20 or b == 0x7f for b in raw):
                t.ok(False, "the byte 0x%02x of an invalid key is escaped in "
                     "the answer" % c, raw)
            granted(t, "no URL is vended for a key with the byte 0x%02x (%d "
                    "characters)" % (c, len(key)), a,
                    [P + "a"], [key], exotic=True)
    for text, keys in [("one foreign key", ["x"]), ("only foreign keys", bad),
                       ("an empty list", []),
                       ("a key that is too long", [P + "a" * 1024]),
                       ("the folder itself", [P])]:
        refused(t, "a request is refused when no valid file is left: " + text,
                ask(keys), *NO_FILES)


def coldkey(t):
    o = w.owner
    for key in "data/x/%s/a" % o, "data/reddit/%s/l/2026-01-01/f" % o:
        granted(t, "a coldkey's file gets a URL, of source " +
                key.split("/")[1], ask([key], COLDKEY), [key], miner=COLDKEY)
    keys = ["data/x/%s/a" % o, "data/reddit/%s/a" % o]
    bad = ["data/mastodon/%s/a" % o, "data/x/%s/a" % w.owner2, P + "a",
           "data/x/%s/" % o, "data/x/%s/../%s/a" % (o, w.owner2),
           "data//%s/a" % o, "data/%s/a" % o, "data/X/%s/a" % o,
           "data/x/reddit/%s/a" % o, "data/x/%s//a" % o]
    granted(t, "a coldkey's files of both sources get URLs, keys of others do "
            "not", ask(
        bad + keys, COLDKEY), keys, bad, miner=COLDKEY)
    granted(t, "an empty miner_hotkey beside a coldkey is ignored", ask(keys, {
        **COLDKEY, "miner_hotkey": ""}), keys, miner=COLDKEY)
    with w.settings(access_sources="mastodon"):
        granted(t, "a coldkey's files get URLs only for sources that are "
                "configured", ask(keys + bad[:1],
                                                       COLDKEY),
                bad[:1], keys, miner=COLDKEY)
    with w.settings(access_layouts="hotkey"):
        refused(t, "a coldkey is refused where only hotkey folders are served",
                ask(keys, COLDKEY), 400, "layout_disabled")
    with w.settings(access_layouts="coldkey"):
        refused(t, "a hotkey is refused where only coldkey folders are served",
                ask([P + "a"]), 400, "layout_disabled")
        granted(t, "a coldkey gets URLs where only coldkey folders are served",
                ask(keys, COLDKEY), keys,
                miner=COLDKEY)
    refused(t, "a text signed for a hotkey is no proof for its coldkey", ask(
        keys, COLDKEY, words=files_words(w.miner.ss58, w.validator.ss58,
                                         NOW)), 401, "invalid_signature")


def hours(t):
    for text, value, want in [
            ("0", 0, 3), ("null", None, 3), ("1", 1, 1), ("3", 3, 3),
            ("168", 168, 168), ('"3"', "3", 3), ('"168"', "168", 168),
            ('"0"', "0", 3), ('"024"', "024", 24), ("1.0", 1.0, 1),
            ('" 1"', " 1", 1), ("0.0", 0.0, 3)]:
        granted(t,
                "expiry_hours is read as whole hours, 0 and null as three: " +
                text, ask([P + "a"], expiry_hours=value), [P + "a"], hours=want)
    with w.settings(s3_max_ttl_s=5400):
        granted(t, "a URL lives no longer than the store allows, and the answer "
                "tells when it ends", ask([P + "a"]), [P + "a"], ttl=5400)
    for value in (169, -1, "169", "-1", 10000, 2**31, 2**53, -2**62, 2**63,
                  -2**63, 2**64 + 1, "9" * 40, 169.0, 1e300):
        refused(t, "expiry_hours of %r is out of range" % value, ask(
            [P + "a"], expiry_hours=value), 400, "invalid_expiry",
            "expiry_hours is out of range")
    for value in 1.5, True, False, "", "x", "1.5", "1 1", [1], {}:
        refused(t, "expiry_hours of %r is no whole number" % value, ask(
            [P + "a"], expiry_hours=value), 422, "invalid_request")


def requests(t):
    for text, keys in [
            ("null", None), ("a text", P + "a"), ("a number", 1),
            ("an object", {P + "a": 1}), ("true", True),
            ("a list with a number in it", [P + "a", 1]),
            ("a list with null in it", [None]),
            ("a list with a list in it", [[P + "a"]]),
            ("a list with an object in it", [{}]),
            ("a list with a NUL in a key", [P + "a\0b"])]:
        refused(t, "a request is refused when file_keys is " + text, ask(keys),
                422, "invalid_request")
    body = w.asks(NAME, **HOTKEY)
    for field in "hotkey", "timestamp", "signature", "file_keys":
        a = w.post({k: v for k, v in body.items() if k != field}, NAME)
        t.same((a.code, [d["loc"] for d in a.json["detail"]]),
               (422, [["body", field]]),
               "a request is refused without the field " + field)
    raw = json.dumps(body).encode()
    for data in b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\\ud800", b"\n":
        refused(t, "a request is refused when a key holds the bytes %r" % data,
                w.post(raw.replace(
            b'/a"', b"/" + data + b'"'), NAME), 422, "invalid_request")
    for text, miner in [
            ("missing", {}), ("null", {"miner_hotkey": None}),
            ("empty", {"miner_hotkey": ""}),
            ("given twice, as hotkey and coldkey", {**HOTKEY, **COLDKEY})]:
        refused(t, "a request is refused when the miner is " + text, w.post({
            **{k: v for k, v in body.items() if k not in HOTKEY}, **miner},
            NAME), 400, "miner_required", "miner_hotkey is required")


def proof(t):
    m, v = w.miner.ss58, w.validator.ss58
    for text, key, code in [
            ("who is not registered", w.stranger, "not_registered"),
            ("who is the miner itself", w.miner, "no_permit"),
            ("without a permit", w.no_permit, "no_permit"),
            ("whose stake is too low", w.low_stake, "low_stake")]:
        refused(t, "URLs are refused to a hotkey " + text, w.post(
            w.asks(NAME, key, **HOTKEY), NAME), 401, code,
                "You are not validator")
    for text, words in {
            "with validator and miner swapped": files_words(v, m, NOW),
            "for a list": validators.miner_words(m, NOW), "for another miner":
            files_words(w.other.ss58, v, NOW), "for another validator":
            files_words(m, w.idle.ss58, NOW), "for a second earlier":
            files_words(m, v, NOW - 1), "that is empty": ""}.items():
        refused(t, "URLs are refused for a signed text " + text,
                ask([P + "a"], words=words), 401,
                "invalid_signature", "Invalid signature")
    for at in NOW - 301, NOW + 61:
        refused(t, "URLs are refused for a request signed at %d" % at,
                ask([P + "a"], timestamp=at), 400,
                "invalid_timestamp", "Invalid timestamp")
    refused(t, "a stranger is refused before any key is looked at", ask(
        ["x"], words=""), 401, "invalid_signature")
    w.snapshot(advanced_at=NOW - 1201)
    refused(t, "URLs are refused while the snapshot is stale", ask([P + "a"]),
            503, "stale")
    w.snapshot()


def long_keys(n):
    return [P + "%04d" % i + "k" * (1020 - len(P)) for i in range(n)]


def many(t):
    keys = [P + "job_id=%d/f.parquet" % i for i in range(1000)]
    granted(t, "1,000 keys get 1,000 URLs", ask(keys), keys)
    refused(t, "1,001 keys are refused", ask(keys + ["x"]), 400, "too_many",
            "Too many items in one request or answer")
    refused(t, "8,000 keys are refused", ask(["x"] * 8000), 400, "too_many")
    refused(t, "100,000 keys are refused as no valid request",
            ask(["x"] * 100000), 422, "invalid_request")
    refused(t, "300,000 empty keys are refused as no valid request",
            w.post(json.dumps(w.asks(
        NAME, **HOTKEY, file_keys=[""] * 300000), separators=(
            ",", ":")).encode(), NAME), 422, "invalid_request")
    granted(t, "one key asked for 1,000 times gets one URL",
            ask(keys[:1] * 1000), keys[:1], again=999)
    refused(t, "1,000 foreign keys are refused",
            ask(["x%d" % i for i in range(1000)]), *NO_FILES)
    keys = long_keys(1000)
    granted(t, "1,000 keys of 1,024 bytes get URLs", ask(keys), keys)
    keys = [P + "%04d" % i + "\u00fc" * ((1020 - len(P)) // 2)
            for i in range(400)]
    a = w.post(json.dumps(w.asks(NAME, **HOTKEY, file_keys=keys),
                          ensure_ascii=False).encode(), NAME)
    granted(t, "400 keys whose URLs are three times as long get URLs", a, keys)
    raw = json.dumps(w.asks(NAME, **HOTKEY)).encode()
    granted(t, "a body of exactly the limit is accepted", w.post(
        raw.ljust(BODY_MAX), NAME), [P + "a"])
    refused(t, "a body of one byte more than the limit is refused",
            w.post(raw.ljust(BODY_MAX + 1), NAME), 413, "body_too_large")


def memory(t):
    """Of a process that stays: what a large answer took is given back."""
    with w.time(int(time.time())):
        w.snapshot()
        service = fcgi.Service(w, NAME)

        def ask_it(keys, code=200):
            body = json.dumps(w.asks(NAME, **HOTKEY, file_keys=keys)).encode()
            a = service.ask(fcgi.post(body), body)
            good = a is not None and a.code == code and not a.wrong
            return [] if good else [str(a)[:500]]

        def resident():
            path = "/proc/%d/status" % service.processes[0].pid
            with open(path) as f:
                text = f.read()
            return [int(re.search(name + r":\s*(\d+)", text)[1])
                    for name in ("VmRSS", "VmHWM")]

        wrong = ask_it([P + "a"])
        small = resident()[0]
        wrong += ask_it(long_keys(1000)) + ask_it([P + "a"])
        first = resident()[0]
        for _ in range(15):
            wrong += ask_it(long_keys(1000)) + ask_it(["x"] * 200000, 422)

        # A value of three bytes takes 700 once it is parsed.
        for inner in b"{},", b"[],", b'"",', b'{"a":1},':
            flood = b'{"x":[' + inner * (1200000 // len(inner)) + b"1]}"
            a = service.ask(fcgi.post(flood), flood)
            wrong += [] if a.code == 422 else [str(a)[:500]]
        wrong += ask_it([P + "a"])
        last, most = resident()
        print("# resident: %d KiB, after a large answer %d, after 15 more %d, "
              "at most %d" % (small, first, last, most))
        t.none(wrong,
               "one process answers 16 large requests and refuses 20 others")
        t.ok(last < first + 512, "the memory of a process does not grow with "
             "further large answers",
             first, last)
        t.ok(last < small + 4096,
             "the memory that a large answer took is given back", small, last)
        t.ok(most < small + 65536,
             "the memory of a process stays below 64 MiB at all times", small,
             most)


if __name__ == "__main__":
    tap.run([golden, names, foreign, coldkey, hours, requests, proof, many,
             memory], endpoint.check_outputs)
