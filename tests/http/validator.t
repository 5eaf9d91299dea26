#!/usr/bin/python3
"""POST /get-miner-specific-access and /get-miner-list: what a validator is
granted, to the byte, and what is refused."""

import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import validators
import world
from validators import LEAST, RAO, files_words, granted_wrong, miner_words, \
    refused
from world import NOW, Key

SPECIFIC, LIST = NAMES = "get-miner-specific-access", "get-miner-list"
VALIDATOR = "You are not validator"

w = validators.Validators()
w.snapshot()
HOTKEY = {"miner_hotkey": w.miner.ss58}
COLDKEY = {"miner_coldkey": w.owner}


def expected(name, prefix, ttl=10800, token=None, **miner):
    """The whole answer, made without any of the product's code."""
    url = w.list_url(prefix, ttl, token)
    ends = time.strftime("%Y-%m-%dT%H:%M:%S+00:00",
                               time.gmtime(w.now + ttl))
    if name == LIST:
        return {"list_url": url, "prefix": prefix, "expiry": ends,
                "expires_in_seconds": ttl}
    return {"bucket": world.BUCKET, "region": world.REGION, **miner,
            "miner_url": url, "prefix": prefix, "expiry": ends,
            "expires_in_seconds": ttl}


def granted(t, text, name, body, prefix, miner=HOTKEY, **more):
    t.none(granted_wrong(w.post(body, name), expected(
        name, prefix, **more, **miner)), "%s grants a list %s" % (name, text))


def golden(t):
    for name in NAMES:
        granted(t, "to a validator that names a hotkey", name,
                w.asks(name, **HOTKEY), w.folder)
        granted(t, "to a validator that names a hotkey and an empty coldkey",
                name, w.asks(
            name, **HOTKEY, miner_coldkey=""), w.folder)
        for text, more, source in [
                ("without a source", {}, "x"),
                ("with the source x", {"source": "x"}, "x"),
                ("with the source reddit", {"source": "reddit"}, "reddit")]:
            granted(t, "to a validator that names a coldkey " + text, name,
                    w.asks(
                name, **COLDKEY, **more), "data/%s/%s/" % (source, w.owner),
                COLDKEY)
        granted(t, "to a validator that names a coldkey and a hotkey of null",
                name, w.asks(
            name, **COLDKEY, miner_hotkey=None),
            "data/x/%s/" % w.owner, COLDKEY)
        words = miner_words(w.miner.ss58, NOW)
        granted(t, "to a text wrapped by a browser's wallet", name, w.asks(
            name, words="<Bytes>" + words + "</Bytes>", **HOTKEY), w.folder)
        granted(t, "to a request whose timestamp is text", name, w.asks(
            name, timestamp=str(NOW), **HOTKEY), w.folder)
        body = w.asks(name, **HOTKEY)
        granted(t, "to a signature in upper-case hex", name, {
            **body, "signature": body["signature"].upper()}, w.folder)
        granted(t, "to a body with unknown fields", name, {
            **body, "expiry": 1, "netuid": 13, "file_keys": 7}, w.folder)
        for age in 300, -60:
            granted(t, "to a request signed %d s ago" % age, name, w.asks(
                name, timestamp=NOW - age, **HOTKEY), w.folder)
        gone = Key("a miner that has left")
        granted(t, "of a miner that is not registered, whose files stay", name,
                w.asks(name, miner_hotkey=gone.ss58),
                "data/hotkey=%s/" % gone.ss58,
                {"miner_hotkey": gone.ss58})
        granted(t, "to a body with a source beside the hotkey", name, w.asks(
            name, source="mastodon", **HOTKEY), w.folder)
        with w.settings(access_list_ttl_s=77):
            granted(t, "for access.list_ttl_s seconds", name,
                    w.asks(name, **HOTKEY), w.folder, ttl=77)


def tokens(t):
    """Whatever a token holds, it is one parameter of the query."""
    for text, token in [
            ("of the form that S3 makes",
             "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM="),
            ("that is a key", w.folder + "job_id=default_0/data_1.parquet"),
            ("with an ampersand", "a&prefix=data/&x"),
            ("with an X-Amz parameter", "&X-Amz-Expires=604800#"),
            ("with percent signs", "%2f%%00%"), ("with a plus", "a+b c"),
            ("with a question mark", "?#;=:@/"),
            ("with quotes", "\"'\\<>"),
            ("with letters beyond ASCII", "\u00fc\u2028\U0001f600"),
            ("with a TAB", "a\tb"), ("with a line end", "a\nb"),
            ("with a carriage return", "a\r"),
            ("with the byte 0x01", "\1"), ("with an escape", "\x1b[2J"),
            ("with a DEL", "\x7f"), ("with C1 characters", "\x80\x9f"),
            ("that is a blank", " "), ("with blanks around", " t "),
            ("of one byte", "0"), ("of 2,048 bytes", "t" * 2048),
            ("of 1,024 letters of two bytes", "\u00fc" * 1024)]:
        granted(t, "for a continuation token " + text, LIST, w.asks(
            LIST, continuation_token=token, **HOTKEY), w.folder, token=token)
    for text, token in [("of null", None), ("of the empty text", "")]:
        granted(t, "for a continuation token " + text, LIST, w.asks(
            LIST, continuation_token=token, **HOTKEY), w.folder)
    granted(t, "for a coldkey with a continuation token", LIST, w.asks(
        LIST, continuation_token="/+", **COLDKEY), "data/x/%s/" % w.owner,
        token="/+")
    granted(t, "that ignores a continuation token", SPECIFIC, w.asks(
        SPECIFIC, continuation_token="t", **HOTKEY), w.folder)
    for text, token in [
            ("of 2,049 bytes", "t" * 2049),
            ("of 1,025 letters of two bytes", "\u00fc" * 1025),
            ("with a NUL", "a\0"), ("that is a number", 1),
            ("that is a list", ["t"]),
            ("that is an object", {}), ("that is true", True)]:
        refused(t, "get-miner-list refuses a continuation token " + text,
                w.post(w.asks(
            LIST, continuation_token=token, **HOTKEY), LIST), 422,
            "invalid_request")


def required(t):
    """Told before anything is said of time, signature or rank."""
    for name in NAMES:
        for text, miner in [
                ("missing", {}), ("null", {"miner_hotkey": None}),
                ("empty", {"miner_hotkey": ""}),
                ("null twice, as hotkey and as coldkey",
                 {"miner_hotkey": None, "miner_coldkey": None}),
                ("empty twice, as hotkey and as coldkey",
                 {"miner_hotkey": "", "miner_coldkey": ""}),
                ("given twice, as hotkey and as coldkey",
                 {**HOTKEY, **COLDKEY})]:
            body = {**w.asks(name, w.stranger, timestamp=1, words="x"),
                    **miner}
            refused(t, "%s refuses a request whose miner is %s before it looks "
                    "at anything else" % (name, text), w.post(body, name), 400,
                    "miner_required", "miner_hotkey is required")
        for field in "miner_hotkey", "miner_coldkey":
            for text, value in [("no address", "5abc"), ("a number", 5),
                                ("an address of another network", world.ss58(
                                    w.miner.public, 0)), ("a blank", " ")]:
                a = w.post({**w.asks(name, **HOTKEY), field: value}, name)
                bad = endpoint.refusal_wrong(a, 422, "invalid_request")
                if not bad and [d["loc"] for d in a.json["detail"]] != [
                        ["body", field]]:
                    bad = [str(a)]
                t.none(bad, "%s names the field %s when it is %s" %
                       (name, field, text))
        a = w.post(b"{}", name)
        t.same([d["loc"] for d in a.json["detail"]], [
            ["body", f] for f in ("hotkey", "timestamp", "signature")],
            name + " names all the fields that an empty body lacks")


def strangers(t):
    for name in NAMES:
        for text, key, code in [
                ("that is not registered", w.stranger, "not_registered"),
                ("that is a miner", w.other, "no_permit"),
                ("that is the miner itself", w.miner, "no_permit"),
                ("with much stake but without a permit", w.no_permit,
                 "no_permit"),
                ("with exactly the least stake", w.low_stake, "low_stake")]:
            refused(t, "%s refuses a hotkey %s" % (name, text), w.post(
                w.asks(name, key, **HOTKEY), name), 401, code, VALIDATOR)
            refused(t,
                    "%s refuses a hotkey %s without looking at its signature" %
                    (name, text), w.post({
                **w.asks(name, key, **HOTKEY), "signature": ""}, name), 401,
                code, VALIDATOR)
        w.snapshot(advanced_at=NOW - 1201)
        refused(t, name + " answers 503 while the snapshot is stale",
                w.post(w.asks(name, **HOTKEY), name), 503, "stale")
        w.snapshot()
    with w.settings(chain_min_validator_stake=LEAST - 1):
        for name in NAMES:
            granted(t, "to a validator above a lower limit of stake", name,
                    w.asks(name, w.low_stake,
                                                     **HOTKEY),
                    w.folder)
    w.snapshot(neurons=[{**n, "alpha_stake_rao": str(LEAST * RAO + RAO - 1)}
                        for n in w.neurons()])
    granted(t, "to a validator whose stake is less than one alpha above the "
            "limit", LIST, w.asks(LIST, **HOTKEY),
            w.folder)
    w.snapshot()


def words(t):
    invalid = 401, "invalid_signature", "Invalid signature"
    m, o, v = w.miner.ss58, w.owner, w.validator.ss58
    for name in NAMES:
        for text, s in {
                "of another miner": miner_words(w.other.ss58, NOW),
                "of the owner": miner_words(o, NOW),
                "of the validator itself": miner_words(v, NOW),
                "of a second later": miner_words(m, NOW + 1),
                "of a second earlier": miner_words(m, NOW - 1),
                "of the list of all miners": "s3:validator:access:%d" % NOW,
                "of the list of folders": "s3:validator:folders:%s:%d" %
                (v, NOW), "of file URLs": files_words(m, v, NOW),
                "of an upload": world.g2_words(w.owner2, v, NOW),
                "that is empty": "", "with a token": miner_words(m, NOW) + ":t",
                "without its last character": miner_words(m, NOW)[:-1]}.items():
            refused(t, "%s refuses a signed text %s" % (name, text),
                    w.post(w.asks(
                name, words=s, **HOTKEY), name), *invalid)
        refused(t, name + " refuses the text of a hotkey for its coldkey",
                w.post(w.asks(
            name, words=miner_words(m, NOW), **COLDKEY), name), *invalid)
        for key in w.idle, w.miner, w.stranger:
            refused(t, "%s refuses a signature made by another key (%s)" %
                    (name, key.ss58[:6]),
                    w.post({**w.asks(name, **HOTKEY), "signature": key.sign(
                        miner_words(m, NOW))}, name), *invalid)
        for text, s in [("that is empty", ""), ("of zeros", "0" * 128),
                        ("of 127 digits", "a" * 127),
                        ("in base64", "A" * 86 + "==")]:
            refused(t, "%s refuses a signature %s" % (name, text),
                    w.post({**w.asks(name, **HOTKEY), "signature": s}, name),
                    *invalid)
        for at in NOW - 301, NOW + 61, 0, 253402300799:
            refused(t, "%s refuses a request signed at %d" % (name, at),
                    w.post(w.asks(
                name, timestamp=at, **HOTKEY), name), 400,
                "invalid_timestamp", "Invalid timestamp")


def layouts(t):
    for name in NAMES:
        for only, miner, good in [
                ("hotkey", HOTKEY, w.folder), ("hotkey", COLDKEY, None),
                ("coldkey", COLDKEY, "data/x/%s/" % w.owner),
                ("coldkey", HOTKEY, None)]:
            with w.settings(access_layouts=only):
                text = "where only %s folders are served, for a %s" % (
                    only, *miner)
                if good:
                    granted(t, text, name, w.asks(name, **miner), good, miner)
                    continue
                refused(t, "%s refuses a list %s" % (name, text), w.post(
                    w.asks(name, **miner), name), 400, "layout_disabled")
                refused(t, "%s refuses a forged request as forged %s" %
                        (name, text),
                        w.post(w.asks(name, words="x", **miner), name), 401,
                        "invalid_signature")
        refused(t, name + " refuses an unknown source", w.post(w.asks(
            name, source="mastodon", **COLDKEY), name), 400, "unknown_source")
        with w.settings(access_sources="reddit"):
            refused(t, name + " refuses a request without a source where x is "
                    "not configured", w.post(
                w.asks(name, **COLDKEY), name), 400, "unknown_source")
        for source in "", "../x", "X", None:
            refused(t, "%s refuses the source %r" % (name, source),
                    w.post(w.asks(
                name, source=source, **COLDKEY), name), 422,
                "invalid_request")


def roles(t):
    """Only the read key is there, and only it is needed."""
    with w.settings(s3_access_key_id=None, s3_secret_access_key_file=None,
                    s3_read_access_key_id=world.KEY_ID,
                    s3_read_secret_access_key_file=w.path("s3.secret")):
        for name in NAMES:
            granted(t, "with the read key alone", name, w.asks(name, **HOTKEY),
                    w.folder)


if __name__ == "__main__":
    tap.run([golden, tokens, required, strangers, words, layouts, roles],
            endpoint.check_outputs)
