#!/usr/bin/python3
"""POST /get-folder-access: what is refused, how, and that nothing is vended.

Each refusal has the form that endpoint.refusal_wrong() tells: a clear 4xx with
detail and code, exit status 0, no 409, no echo of what was sent."""

import base64
import json
import os
import re
import struct
import subprocess
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import world
from world import NOW, g1_words, g2_words

w = world.World()
w.snapshot()
GOOD = w.request(source="x")
BODY = json.dumps(GOOD)
FIELDS = ["coldkey", "hotkey", "source", "timestamp", "signature", "expiry"]


def wrong(body, status=422, code="invalid_request", detail=None, echo=(),
          **more):
    """Post and tell what is wrong with the refusal."""
    raw = json.dumps(body) if isinstance(body, dict) else body
    raw = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw

    # Whatever is long enough to be told from our own words is not echoed.
    echo = list(echo) + [s.decode() for s in
                         re.findall(rb"[0-9A-Za-z]{13,}", raw)[:50]]
    a = w.post(body if isinstance(body, dict) else raw, **more)
    return endpoint.refusal_wrong(a, status, code, detail, echo)


def many(t, text, cases, *args, **more):
    """cases: (what, body); told as one test."""
    bad, n = [], 0
    for what, body in cases:
        n += 1
        lines = wrong(body, *args, **more)
        if lines:
            bad += ["%s:" % what] + lines
    t.none(bad, "every one of these is refused: %s (%d)" % (text, n))


def replaced(name, text):
    """BODY with the JSON of one value replaced by a text."""
    marked = json.dumps({**GOOD, name: "@"})
    return marked.replace('"@"', text)


def without(name):
    return {k: v for k, v in GOOD.items() if k != name}


def fault_of(body, field, kind):
    """The 422 must name the field and the kind of fault."""
    a = w.post(body)
    want = [{"loc": ["body", field] if field else ["body"], "type": kind}]
    got = [{"loc": d["loc"], "type": d["type"]} for d in a.json["detail"]] \
        if a.code == 422 else a.code
    return [] if got == want else ["got %r, not %r" % (got, want)]


def bodies(t):
    t.none(wrong(b""), "an empty body is refused")
    t.none(wrong(b"", CONTENT_LENGTH=None),
           "a request without a body is refused")
    t.none(wrong(b"", CONTENT_LENGTH=""),
           "a request without a body and with an empty Content-Length is "
           "refused")
    t.none(fault_of(b"", None, "missing"),
           "an empty body is reported as missing")
    many(t, "a body that is not JSON", [(s, s) for s in [
        "hello", "coldkey=5a&hotkey=5b", "<xml/>", "{", "}", "[", "{}{}",
        "{]", '{"a"}', '{"a":}', '{"a":1,}', '{,"a":1}', '{"a" 1}', '{a:1}',
        '{"a":1', '"', '"abc', "nul", "truee", "// x\n{}", "/* x */{}",
        "{}//", "\0", " ", "\n\n", "\x0c{}", "\ufeff\ufeff" + BODY, BODY + "x",
        BODY + "\0", BODY + BODY, BODY + ",", "," + BODY]])
    many(t, "a body that is not an object", [(s, s) for s in [
        "null", "true", "1", "1.5", '"text"', "[]", "[%s]" % BODY]])
    many(t, "every beginning of a good body", [
        (n, BODY[:n]) for n in range(1, len(BODY))])
    many(t, "single quotes", [
        ("all", BODY.replace('"', "'")),
        ("a name", BODY.replace('"source"', "'source'")),
        ("a value", BODY.replace('"x"', "'x'"))])
    many(t, "NaN and its like", [
        (name + " " + v, replaced(name, v))
        for name in ("timestamp", "expiry", "extra")
        for v in ("NaN", "-NaN", "nan", "Infinity", "-Infinity", "inf",
                  "undefined", "None", "True")])
    many(t, "values nested too deep", [
        ("%d of %s" % (n, a), replaced("extra", a * n + c + b * n))
        for n in (16, 17, 100, 10000)
        for a, b, c in (("[", "]", ""), ('{"a":', "}", "1"))] +
        [("unclosed", "[" * 60000), ("unclosed", '{"a":' * 10000)])
    many(t, "invalid UTF-8", [
        (repr(s), replaced("extra", '"@@"').encode().replace(b"@@", s))
        for s in (b"\xff", b"\xc0\x80", b"\xc1\xbf", b"\xe2\x82", b"\x80",
                  b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80",
                  b"\xe0\x80\xaf")])
    many(t, "a body of another type", [
        (v, BODY.encode()) for v in ["text/plain"]],
        CONTENT_TYPE="text/plain")
    for v in ("application/x-www-form-urlencoded", "application/jsonx",
              "multipart/form-data; boundary=x", "application/+json", "json",
              "text/json", "application/json2; application/json"):
        t.none(wrong(BODY.encode(), CONTENT_TYPE=v),
               "a good body is refused with the Content-Type " + v)


def sizes(t):
    t.none(wrong(b" " * 65536 + b"{}", 413, "body_too_large"),
           "a body of two bytes more than 64 KiB is refused")
    t.none(wrong(BODY.encode() + b" " * (65537 - len(BODY)), 413,
                 "body_too_large"),
           "a good body with blanks up to 64 KiB and one byte is refused")
    t.none(wrong(b"x" * (1 << 20), 413, "body_too_large"),
           "a body of 1 MiB is refused")
    good = BODY.encode()
    for text, value, status, code in [
            ("one byte too long", len(good) + 1, 400, "incomplete_body"),
            ("far too long", 65536, 400, "incomplete_body"),
            ("one byte too short", len(good) - 1, 422, "invalid_request"),
            ("zero", 0, 422, "invalid_request"),
            ("of a terabyte", 1 << 40, 413, "body_too_large"),
            ("of 2^63 - 1", (1 << 63) - 1, 413, "body_too_large"),
            ("of 2^63", 1 << 63, 400, "incomplete_body"),
            ("of 2^64 and the right length", (1 << 64) + len(good), 400,
             "incomplete_body"),
            ("of 60 digits", "9" * 60, 400, "incomplete_body"),
            ("negative", -1, 400, "incomplete_body"),
            ("of minus zero", "-0", 400, "incomplete_body"),
            ("with letters", "many", 400, "incomplete_body"),
            ("with a sign", "+%d" % len(good), 400, "incomplete_body"),
            ("with a blank before it", " %d" % len(good), 400,
             "incomplete_body"),
            ("with a blank after it", "%d " % len(good), 400,
             "incomplete_body"),
            ("in hex", hex(len(good)), 400, "incomplete_body"),
            ("of two numbers", "%d, %d" % (len(good), len(good)), 400,
             "incomplete_body"),
            ("with a fraction", "%d.0" % len(good), 400, "incomplete_body")]:
        t.none(wrong(good, status, code, CONTENT_LENGTH=str(value)),
               "a good body is refused with a Content-Length that is " + text)


def fields(t):
    many(t, "a body with a field missing", [(f, without(f)) for f in FIELDS[:5]
                                if f != "source"])
    t.none(sum([fault_of(without(f), f, "missing")
                for f in ("coldkey", "hotkey", "timestamp", "signature")], []),
           "a missing field is named")
    t.same(sorted(d["loc"][1] for d in w.post(b"{}").json["detail"]),
           ["coldkey", "hotkey", "signature", "timestamp"],
           "all the missing fields are named at once")
    many(t, "a body with a field repeated", [
        (f + what, BODY[:-1] + ', "%s": %s}' % (name, json.dumps(v)))
        for f in GOOD for what, name, v in [
            (" alike", f, GOOD[f]), (" otherwise", f, None),
            (" escaped", "\\u%04x" % ord(f[0]) + f[1:], GOOD[f])]])
    many(t, "a body with an unknown field repeated", [
        ("flat", BODY[:-1] + ', "extra": 1, "extra": 1}'),
        ("empty name", BODY[:-1] + ', "": 1, "": 1}'),
        ("nested", replaced("extra", '{"a": 1, "a": 2}')),
        ("in a list", replaced("extra", '[[{"a": 1, "b": 2, "a": 2}]]'))])
    values = {"null": None, "true": True, "false": False, "1": 1, "0": 0,
              "-1": -1, "1.5": 1.5, "list": [], "object": {}, "empty": "",
              "list of it": None, "letters": "abc"}
    cases = []
    for f in FIELDS:
        for what, v in values.items():
            v = [GOOD.get(f)] if what == "list of it" else v
            if (f == "expiry" and v in (None, 0, 1, -1) and v is not False and
                    v is not True) or (f == "signature" and
                                       isinstance(v, str)) or \
                    (f == "source" and v == "abc") or \
                    (f == "timestamp" and v in (0, 1, -1) and
                     not isinstance(v, bool)):
                continue
            cases.append(("%s: %s" % (f, what), {**GOOD, f: v}))
    many(t, "a field of a wrong type", cases)
    t.none(fault_of({**GOOD, "source": None}, "source", "string_type"),
           "a source of null is reported as no text")


def characters(t):
    raw = [chr(c) for c in range(0x20)]
    many(t, "raw control characters in values", [
        (repr(c), replaced("extra", '"a%sb"' % c)) for c in raw])
    many(t, "raw control characters in names", [
        (repr(c), BODY[:-1] + ', "a%sb": 1}' % c) for c in raw + ["\x7f"]])
    many(t, "escaped control characters inside a field", [
        ("%s %02x" % (f, c), {**GOOD, f: GOOD[f][:5] + chr(c) + GOOD[f][5:]})
        for f in ("coldkey", "hotkey", "source", "signature")
        for c in list(range(0x20)) + [0x7f]])
    many(t, "escaped control characters at the end of a field", [
        ("%s %02x" % (f, c), {**GOOD, f: GOOD[f] + chr(c)})
        for f in ("coldkey", "hotkey", "source", "signature")
        for c in (0, 9, 10, 13, 0x7f)])
    many(t, "escaped control characters in names", [
        ("%s %02x" % (f, c), BODY[:-1] + ', "%s\\u%04x": 1}' % (f, c))
        for f in ("hotkey", "extra") for c in list(range(0x20)) + [0x7f]])
    many(t, "an escaped NUL in what is ignored", [
        ("value", replaced("extra", '"\\u0000"')),
        ("nested", replaced("extra", '[{"a": "b\\u0000c"}]')),
        ("name", BODY[:-1] + ', "\\u0000": 1}')])
    pairs = ["\\ud800", "\\udbff", "\\udc00", "\\udfff", "\\ud800x",
             "\\ud800\\ud800", "\\udc00\\ud800", "\\ud800\\u0041",
             "\\uD83D", "\\ud83d\\n", "\\ud83d\\\\udc00"]
    many(t, "lone surrogates", [
        ("value " + s, replaced("extra", '"%s"' % s)) for s in pairs] + [
        ("name " + s, BODY[:-1] + ', "%s": 1}' % s) for s in pairs] + [
        ("field " + s, replaced("signature", '"%s"' % s)) for s in pairs])
    many(t, "invalid escapes", [
        (s, replaced("extra", '"%s"' % s)) for s in (
            "\\x41", "\\u12", "\\u12g4", "\\'", "\\", "\\U00000041", "\\0",
            "\\a", "\\u+123", "\\u 123")])


def lengths(t):
    many(t, "a field that is too long", [
        ("%s %d" % (f, n), {**GOOD, f: "a" * n}) for f, n in [
            ("coldkey", 49), ("coldkey", 60000), ("hotkey", 49),
            ("hotkey", 60000), ("source", 33), ("source", 60000),
            ("signature", 256), ("signature", 60000), ("timestamp", 60000)]])
    t.none(wrong({**GOOD, "signature": "0x" + " " * 200 +
                  GOOD["signature"]}),
           "a signature of 330 characters is refused")


NUMBERS = ["1.5", "1774000123.5", "1774000123.0000001", "1774000123e-1",
           "01774000123", "+1774000123", "0x69bd17cb", ".5", "5.",
           "1774000123a", "1_774_000_123", "--1", "1 774"]
NUMERALS = ["", " ", "1774000123.5", "1774000123.", "+-1774000123",
            "1774000 123", "1e9", "0x69bd17cb", "1_774_000_123",
            "1,774,000,123", "\u0661\u0667\u0667\u0664", "\uff11\uff17",
            "now", "NaN", "null"]

# Whole numbers that are no time in seconds: milliseconds, before 1970, after
# the year 9999.
NO_TIMES = ["-1", "-1774000123", "-1.0", "253402300800", "1774000123000",
            "1774000123000.0", "1.774000123e12", "1774000123000000000",
            "9223372036854775807", "9223372036854775808",
            "18446744073709551615", "18446744073709551616",
            "18446744075483551739", "-" + "9" * 30, "9" * 400, "1e400",
            "-1e400"]


def numbers(t):
    many(t, "fractional and malformed numbers", [
        (f + " " + n, replaced(f, n)) for f in ("timestamp", "expiry")
        for n in NUMBERS])
    many(t, "numbers that are no time in seconds", [
        (f + " " + n, replaced(f, text)) for f in ("timestamp", "expiry")
        for n in NO_TIMES for text in (n, json.dumps(n))
        if not ("e" in n and '"' in text)], 400, "invalid_timestamp")
    many(t, "texts that are no whole number", [
        (f + " " + repr(n), {**GOOD, f: n}) for f in ("timestamp", "expiry")
        for n in NUMERALS])


def addresses(t):
    key = w.miner.public
    good = w.miner.ss58
    other = {"another network, %d" % n: world.ss58(key, n)
             for n in (0, 2, 1, 41, 43, 44, 63)}
    raw = bytes([42]) + key
    cases = {
        **other,
        "checksum of zero": world.base58(raw + b"\0\0"),
        "the last letter": good[:-1] + ("1" if good[-1] != "1" else "2"),
        "checksum of one byte": world.base58(raw + b"\0"),
        "two-byte prefix": world.base58(b"\x4a\x80" + key + b"\0\0"),
        "33 bytes": world.ss58(key + b"\0"), "31 bytes": world.ss58(key[1:]),
        "hex": key.hex(), "0x hex": "0x" + key.hex(), "shorter": good[:-1],
        "longer": good + "1", "leading 1": "1" + good[:-1],
        "space before": " " + good[:-1], "space behind": good[:-1] + " ",
        "other case": good.swapcase(), "zero": good[:9] + "0" + good[10:],
        "capital O": good[:9] + "O" + good[10:],
        "capital I": good[:9] + "I" + good[10:],
        "small l": good[:9] + "l" + good[10:], "z": "z" * 48, "1": "1" * 48,
        "accent": good[:-2] + "\u00e9", "slash": good[:9] + "/" + good[10:],
        "dots": "../" + good[3:], "policy variable": "${filename}"}
    for f in ("coldkey", "hotkey"):
        many(t, f + " that is no address", [
            (what, {**GOOD, f: v}) for what, v in cases.items()], echo=())
        many(t, f + " with one letter changed", [
            (i, {**GOOD, f: GOOD[f][:i] + ("A" if GOOD[f][i] != "A" else "B") +
                 GOOD[f][i + 1:]}) for i in range(48)])
        t.none(fault_of({**GOOD, f: cases["another network, 0"]}, f, "ss58"),
               f + " is named when it is no address")
        t.ok(all(b"an SS58 address of another network" in w.post(
            {**GOOD, f: v}).out for v in other.values()),
             f + " is called an address of another network when it is one")


def sources(t):
    bad = ["a/b", "/", "x/", "/x", "..", "../x", "x..", ".", "a.b", "a:b", ":",
           "x:y:z", "*", "x*", "${filename}", "${", "$x", "x$", "X", "Reddit",
           " ", " x", "x ", "x y", "", "\u00fc", "\uff58", "x\u200b", "%2e%2e",
           "x%2f", "x\\", "x?", "x&", "x=", "x+", "x'", 'x"', "<x>", "x;",
           "x,reddit", "a" * 33, "hotkey=5", "x\u2028", "\U0001f600"]
    bad += ["x" + chr(c) for c in range(0x20)]
    many(t, "a source that is no name", [(repr(s), {**GOOD, "source": s})
                                       for s in bad])
    # Signed for and all: the pattern is not a matter of signatures.
    many(t, "a source that is no name in a signed G1 text", [
        (repr(s), w.request(source=s)) for s in bad if s])
    many(t, "a source that is no name beside a signed G2 text", [
        (repr(s), w.request(source=s, words=g2_words(
            w.owner, w.miner.ss58, NOW))) for s in bad])
    for s in ("a/b", "..", "${filename}", "x:y"):
        t.none(wrong({**GOOD, "source": "Q7Q" + s}, echo=["Q7Q"]),
               "the source Q7Q%s is refused without an echo" % s)


def times(t):
    for text, at in [("301 s ago", NOW - 301), ("61 s ahead", NOW + 61),
                     ("at 0", 0), ("at 1", 1),
                     ("in the year 9999", 253402300799)]:
        many(t, "a request signed " + text, [
            ("G1", w.request(source="x", timestamp=at)),
            ("G2", w.request(timestamp=at)),
            ("as text", w.request(timestamp=str(at))),
            ("with an expiry", w.request(timestamp=at, expiry=NOW + 60))],
            400, "invalid_timestamp", "Invalid timestamp")


def identities(t):
    refused = lambda text, body, code, detail: t.none(
        wrong(body, 401, code, detail), text)
    mismatch = ("coldkey_mismatch", "Coldkey does not own this hotkey")
    unknown = ("not_registered", "Invalid signature")
    invalid = ("invalid_signature", "Invalid signature")
    for source in (None, "x"):
        g = "a signed G1 text" if source else "a signed G2 text"
        refused(g + " is refused for another's coldkey", w.request(
            coldkey=w.owner2, source=source), *mismatch)
        refused(g + " is refused for the hotkey as its own coldkey", w.request(
            coldkey=w.miner.ss58, source=source), *mismatch)
        refused(g + " of a hotkey that is not registered is refused", w.request(
            w.stranger, source=source), *unknown)
        refused(g + " of a hotkey that is not registered, for another's "
                "coldkey, is refused", w.request(
            w.stranger, coldkey=w.owner2, source=source), *unknown)
        refused(g + " with a forged signature is refused", w.request(
            source=source, signature="00" * 63 + "80"), *invalid)
        refused(g + " signed by a stranger is refused", w.request(
            source=source, signature=w.stranger.sign(
                g1_words(w.owner, "x", NOW))), *invalid)
        for key, who in ((w.sibling, "the sibling"),
                         (w.other, "another hotkey")):
            words = g1_words(w.owner, source, NOW) if source else \
                g2_words(w.owner, w.miner.ss58, NOW)
            refused("%s signed by %s, a registered hotkey, is refused" %
                    (g, who), w.request(
                source=source, signature=key.sign(words)), *invalid)
            body = w.request(key, source=source)
            refused("%s is refused with the good signature that %s made for "
                    "itself" % (g, who), w.request(
                source=source, signature=body["signature"]), *invalid)
    refused("a request signed by the coldkey is refused", w.request(
        signature=world.Key("owner").sign(g2_words(
            w.owner, w.miner.ss58, NOW))), *invalid)
    words = g2_words(w.owner, w.miner.ss58, NOW)
    g1 = g1_words(w.owner, "x", NOW)
    other_words = {
        "a validator's": "s3:validator:access:%d" % NOW,
        "the sibling's": g2_words(w.owner, w.sibling.ss58, NOW),
        "a later second's": g2_words(w.owner, w.miner.ss58, NOW + 1),
        "an earlier second's": g2_words(w.owner, w.miner.ss58, NOW - 1),
        "another owner's": g2_words(w.owner2, w.miner.ss58, NOW),
        "swapped": g2_words(w.miner.ss58, w.owner, NOW),
        "generation 0": "folder:%s:%s:x:%d:%d" % (
            w.owner, w.miner.ss58, NOW, NOW + 86400),
        "none": "", "upper case": words.upper(), "a line more": words + "\n",
        "a NUL more": words + "\0", "a space before": " " + words,
        "leading zero": g2_words(w.owner, w.miner.ss58, "0%d" % NOW),
        "G1 for another source": g1_words(w.owner, "reddit", NOW),
        "half wrapped": "<Bytes>" + words, "otherwise half": words + "</Bytes>",
        "wrapped twice": "<Bytes><Bytes>" + words + "</Bytes></Bytes>",
        "wrapped in lower case": "<bytes>" + words + "</bytes>",
        "wrapped, empty": "<Bytes></Bytes>",
        "wrapped with a line": "<Bytes>\n" + words + "\n</Bytes>",
        "the hash": world.hashlib.sha256(words.encode()).hexdigest()}
    many(t, "a signature of another text", [
        (what, w.request(words=s)) for what, s in other_words.items()], 401,
        *invalid)
    for name, s, source in (("a G1 text", g1, "x"), ("a G2 text", words, None)):
        many(t, name + " signed with one character changed", [
            (i, w.request(source=source, words=s[:i] + (
                "#" if i % 2 else chr(ord(s[i]) ^ 1)) + s[i + 1:]))
            for i in range(len(s))] + [
            ("cut", w.request(source=source, words=s[:-1])),
            ("doubled", w.request(source=source, words=s + s))], 401, *invalid)
    body, good = w.request(), w.request()["signature"]
    many(t, "a signature with one bit of each byte flipped", [
        (i, {**body, "signature": good[:2 * i] + "%02x" % (
            int(good[2 * i:2 * i + 2], 16) ^ 1 << i % 8) + good[2 * i + 2:]})
        for i in range(64)], 401, *invalid)
    many(t, "another time or source than was signed", [
        (d, {**w.request(), "timestamp": NOW + d}) for d in (-1, 1, 60, -300)
    ] + [("reddit", {**GOOD, "source": "reddit"})], 401, *invalid)


def encodings(t):
    sig = w.request()["signature"]
    raw = bytes.fromhex(sig)
    many(t, "a signature of another form", [
        (what, w.request(signature=s)) for what, s in {
            "empty": "", "one digit": "a", "127 digits": sig[:-1],
            "126": sig[:-2], "129": sig + "0", "130": sig + "00",
            "0x alone": "0x", "0x twice": "0x0x" + sig, "x": "x" + sig,
            "0x behind": sig + "0x", "no hex": "g" + sig[1:],
            "a space inside a byte": sig[0] + " " + sig[1:],
            "colons": ":".join(sig[i:i + 2] for i in range(0, 128, 2)),
            "base64": base64.b64encode(raw).decode(), "zero": "0" * 128,
            "f": "f" * 128, "wide digits": "\uff11" * 80,
            "no marker": (raw[:63] + bytes([raw[63] & 127])).hex(),
            "reversed": raw[::-1].hex(), "spaces": " " * 128,
            "s and R swapped": (raw[32:] + raw[:32]).hex()}.items()],
        401, "invalid_signature", "Invalid signature")


def headers(t):
    base = [("GATEWAY_INTERFACE", "CGI/1.1"), ("REQUEST_METHOD", "POST"),
            ("CONTENT_LENGTH", str(len(BODY))), ("REMOTE_ADDR", "192.0.2.7"),
            ("CONTENT_TYPE", "application/json"), *w.env().items()]
    tao = ["HTTP_X_TAO_" + n for n in (
        "VERSION", "TIMESTAMP", "NONCE", "SIGNED_BY", "SIGNATURE")]
    forwarded = ["HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED"]
    answer = endpoint.cgi("get-folder-access", base, BODY.encode())
    t.same((answer.code, answer.wrong), (200, []),
           "the environment of a web server is accepted as it is")
    bittensor = ["HTTP_X_BITTENSOR_" + n for n in (
        "VERSION", "HOTKEY", "RECEIVER", "NONCE", "CRYPTO", "SIGNATURE")]
    for name in tao + bittensor + forwarded + [
            "REMOTE_ADDR", "CONTENT_TYPE", "CONTENT_LENGTH", "REQUEST_METHOD",
            "REQUEST_URI"]:
        value = dict(base).get(name, "2")
        had = [] if name in dict(base) else [(name, value)]
        for what, again in (("with the same value", value),
                            ("with another value", "7"),
                            ("with an empty value", "")):
            a = endpoint.cgi("get-folder-access",
                             base + had + [(name, again)], BODY.encode())
            t.none(endpoint.refusal_wrong(a, 400, "invalid_header"),
                   "a request is refused when %s comes twice, %s" %
                   (name, what))
    for name in tao + bittensor + ["HTTP_X_REAL_IP"]:
        a = endpoint.cgi("get-folder-access", base + [(name, "2, 2")],
                         BODY.encode())
        t.none(endpoint.refusal_wrong(a, 400, "invalid_header"),
               "a request is refused when %s holds a comma" % name)
    a = endpoint.cgi("get-folder-access", base + [("HTTP_X_REAL_IP", "2")],
                     BODY.encode())
    t.same(a.code, 200, "a request with one HTTP_X_REAL_IP is accepted")
    for name in tao:
        a = endpoint.cgi("get-folder-access", base + [(name, "2")],
                         BODY.encode())
        t.none(endpoint.refusal_wrong(a, 400, "tao_not_accepted"),
               "a signed body with %s beside it is refused" % name)
    for name in bittensor:
        a = endpoint.cgi("get-folder-access", base + [(name, "2")],
                         BODY.encode())
        t.none(endpoint.refusal_wrong(a, 400, "scheme_disabled"),
               "a signed body with %s beside it is refused" % name)
    for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED"):
        a = endpoint.cgi("get-folder-access", base + [
            (name, "192.0.2.1, 192.0.2.2")], BODY.encode())
        t.same(a.code, 200, "a request with a chain in %s is accepted" % name)
    a = endpoint.cgi("get-folder-access", [
        ("REQUEST_METHOD", "POST"), *w.env().items(),
        ("HTTP_X_TAO_NONCE", "a"), ("HTTP_X_TAO_NONCE", "b")])
    t.none(endpoint.refusal_wrong(a, 400, "invalid_header"),
           "a header that comes twice is refused before the body is looked at")


def slow_body(t):
    """A body that never ends is given up after a few seconds."""
    path = endpoint.BUILD + "/test/cgi-bin/get-folder-access"
    env = {**w.env(), "GATEWAY_INTERFACE": "CGI/1.1",
           "REMOTE_ADDR": "192.0.2.7",
           "REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(BODY))}
    p = subprocess.Popen([path], env=env, stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    p.stdin.write(BODY[:-1].encode())
    p.stdin.flush()
    guard = threading.Timer(30, p.kill)
    guard.start()
    out, err = p.stdout.read(), p.stderr.read()
    status = p.wait()
    guard.cancel()
    p.stdin.close()
    a = endpoint.Answer(endpoint.Result(status, out, err), "POST",
                        "get-folder-access")
    t.none(endpoint.refusal_wrong(a, 408, "body_timeout"),
           "a body that stops before its end is refused after a few seconds")


def unavailable(t, text, code, log=None):
    """Identity that cannot be believed: 503, said once in the log, and nothing
    else changes."""
    body = w.request()
    a = w.post(body)
    bad = endpoint.refusal_wrong(a, 503, code,
                                 echo=[body["hotkey"], body["signature"]])
    if (log or "") not in a.log or a.log.count('"event":"refuses_all"') != 1:
        bad.append("log: " + a.log)
    t.none(bad, text)


def identity_data(t):
    path = os.path.join(w.state, "metagraph.snapshot")
    with open(path, "rb") as f:
        good = f.read()

    def put(data):
        with open(path, "wb") as f:
            f.write(data)

    for text, age, code in [("of 1200 s", 1200, 200), ("of 1201 s", 1201, 503),
                            ("of a day", 86400, 503), ("60 s ahead", -60, 200),
                            ("61 s ahead", -61, 503)]:
        w.snapshot(advanced_at=NOW - age)
        if code == 200:
            t.same(w.post(w.request()).code, 200,
                   "a snapshot %s is good" % text)
        else:
            unavailable(t, "every request fails with 503 with a snapshot %s" %
                        text, "stale")
    with w.settings(chain_max_age_s=5):
        w.snapshot(advanced_at=NOW - 5)
        t.same(w.post(w.request()).code, 200,
               "a snapshot of exactly max_age_s is good")
        w.snapshot(advanced_at=NOW - 6)
        unavailable(t, "a snapshot of max_age_s and a second is stale", "stale")
        t.none(wrong(w.request(w.stranger), 503, "stale"),
               "a stale snapshot tells nobody who is registered")
        t.none(wrong(w.request(timestamp=NOW - 301), 400, "invalid_timestamp"),
               "the time of a request is checked before the snapshot")

    os.remove(path)
    unavailable(t, "every request fails with 503 without a snapshot",
                "no_identity")
    log = '"event":"snapshot_refused"'
    for text, data in [
            ("that is empty", b""), ("of one byte", b"f"),
            ("of text", b"{}" * 400),
            ("without its last byte", good[:-1]),
            ("cut after the header", good[:128]),
            ("cut in half", good[:len(good) // 2]),
            ("with a byte more", good + b"\0"),
            ("that is doubled", good + good),
            ("of another version", good[:8] + struct.pack("=I", 2) +
             good[12:])]:
        put(data)
        unavailable(t, "every request fails with 503 with a snapshot " + text,
                    "no_identity", log)
    bad = []
    for i in list(range(0, 160)) + list(range(160, len(good), 7)):
        put(good[:i] + bytes([good[i] ^ 1 << i % 8]) + good[i + 1:])
        a = w.post(w.request())
        bad += ["byte %d: %s" % (i, a.code)] if endpoint.refusal_wrong(
            a, 503, "no_identity") or log not in a.log else []
    t.none(bad, "a snapshot with one bit flipped is refused, whichever byte it "
           "is in")
    os.remove(path)
    os.mkdir(path)
    unavailable(t,
                "every request fails with 503 with a directory for a snapshot",
                "no_identity", log)
    os.rmdir(path)
    os.mkfifo(path)
    unavailable(t, "every request fails with 503 with a FIFO for a snapshot",
                "no_identity", log)
    os.remove(path)
    with w.settings(chain_netuid=14):
        w.snapshot(netuid=14)
    unavailable(t, "every request fails with 503 with a snapshot of another "
                "subnet", "no_identity", log)
    w.snapshot()
    t.same(w.post(w.request()).code, 200,
           "a request is granted as soon as the snapshot is good")


if __name__ == "__main__":
    tap.run([bodies, sizes, fields, characters, lengths, numbers, addresses,
             sources, times, identities, encodings, headers, slow_body,
             identity_data], endpoint.check_outputs)
