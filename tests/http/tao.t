#!/usr/bin/python3
"""X-Tao headers, version 2, in place of a signature in the body."""

import base64
import json
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import validators
import world
from validators import miner_words, refused
from world import NOW

MS = NOW * 1000
NONCE = "6f2d1c3e-8a54-4b0e-9d3a-0c5f1b7e2a90"
HEADERS = ["X-Tao-Version", "X-Tao-Timestamp", "X-Tao-Nonce",
           "X-Tao-Signed-By", "X-Tao-Signature"]
MISMATCH = 401, "invalid_signature", "Signature mismatch"
ENCODING = 400, "invalid_encoding", "Signature verification error"
TIMESTAMP = 400, "invalid_timestamp", "Invalid timestamp"

# Where real clients send these headers, and where only a setting allows them.
REAL = ["get-miner-list", "get-file-presigned-urls", "get-file-upload-url"]
WIDE = ["get-folder-access", "get-miner-specific-access",
        "get-validator-access"]
NEVER = ["get-folder-presigned-urls"]

w = validators.Validators(auth_tao_everywhere="yes")
w.snapshot()
FILES = "get-file-presigned-urls"

# Endpoint: who asks for what.
ASKED = {
    "get-folder-access": (w.miner, {"expiry": NOW + 86400}),
    "get-miner-specific-access": (w.validator, {
        "miner_hotkey": w.miner.ss58}),
    "get-miner-list": (w.validator, {"miner_hotkey": w.miner.ss58}),
    FILES: (w.validator, {"miner_hotkey": w.miner.ss58,
                          "file_keys": [w.folder + "a"]}),
}


def each():
    return [(name, key, body) for name, (key, body) in ASKED.items()]


def served(a):
    return ([] if (a.status, a.code, a.err) == (0, 200, b"") else [str(a)]) + \
        a.wrong


def good(t):
    for name, key, body in each():
        a = w.headed(name, body, key)
        t.none(served(a), name + " accepts headers as the only proof")
        b = w.post(w.request() if name == "get-folder-access" else
                   w.asks(name, **body), name)
        b.json.pop("commitment_used", None)
        t.same(a.json, b.json, name +
               " gives headers the same answer as a signed text")
        for text, raw in [
                ("with spaces around it",
                 b" " + json.dumps(body).encode() + b"\n"),
                ("with letters beyond ASCII",
                 json.dumps({**body, "x": "\u00fc"},
                                       ensure_ascii=False).encode())]:
            t.none(served(w.headed(name, raw, key)),
                   "%s accepts headers over a body %s" % (name, text))
        t.none(served(w.headed(name, body, key, CONTENT_TYPE=None)),
               name + " accepts headers without a Content-Type")
    folder = "get-folder-access"
    for text, body, want in [
            ("an expiry", {"expiry": NOW + 60}, w.folder),
            ("an expiry of zero, which is the default", {"expiry": 0},
             w.folder),
            ("a source", {"source": "x"}, "data/x/%s/" % w.owner),
            ("the right coldkey", {"coldkey": w.owner}, w.folder)]:
        a = w.headed(folder, body, w.miner)
        t.same((a.code, a.json.get("folder")), (200, want),
               "headers are granted a folder for a body with " + text)
    refused(t,
            "headers are refused for a coldkey that does not own the hotkey",
            w.headed(
        folder, {"coldkey": w.owner2}, w.miner), 401, "coldkey_mismatch")
    refused(t, "headers are refused for an unknown source", w.headed(
        folder, {"source": "mastodon"}, w.miner), 400, "unknown_source")
    a = w.headed(folder, {"expiry": NOW + 60}, w.miner)
    t.same(a.json.get("expires_in_seconds"), 60,
           "with headers the expiry is read from the body")
    a = w.headed("get-miner-list", {"miner_hotkey": w.miner.ss58,
                                    "continuation_token": "t/+"})
    t.same(a.json.get("list_url"), w.list_url(w.folder, token="t/+"),
           "with headers the continuation token is read from the body")
    a = w.headed("get-miner-list", {"miner_coldkey": w.owner,
                                    "source": "reddit"})
    t.same(a.json.get("prefix"), "data/reddit/%s/" % w.owner,
           "with headers the coldkey and the source are read from the body")


def missing(t):
    def lacks(a, want):
        bad = endpoint.refusal_wrong(a, 422, "invalid_request")
        got = a.json["detail"] if a.code == 422 else []
        return bad or ([] if got == [
            {"loc": where, "msg": "Field required", "type": "missing"}
            for where in want] else [got])

    for name, key, body in each():
        for header in HEADERS:
            for text, value in ("missing", None), ("empty", ""):
                t.none(lacks(w.headed(name, body, key, change={
                    header: value}), [["header", header]]),
                    "%s names the header %s when it is %s" %
                       (name, header, text))
            t.none(lacks(w.headed(name, body, key, change={
                h: None for h in HEADERS if h != header}),
                [["header", h] for h in HEADERS if h != header]),
                "%s with the header %s alone names the other four" %
                   (name, header))
        a = w.headed(name, body, key, change={h: "" for h in HEADERS})
        t.ok(a.code == 422 and not [
            d for d in a.json["detail"] if d["loc"][0] != "body"],
            name + " takes five empty headers for none and asks for a proof in "
             "the body", a)
        a = w.headed(name, b"{", key, change={HEADERS[0]: None})
        t.ok(a.code == 422 and [d["type"] for d in a.json["detail"]] == [
            "json_invalid"], name +
             " reports a body that is no JSON before a missing header", a)
    t.none(lacks(w.headed(FILES, {"miner_hotkey": w.miner.ss58}, change={
        "X-Tao-Nonce": None}), [["body", "file_keys"],
                                ["header", "X-Tao-Nonce"]]),
        "what the body lacks and what the headers lack is told in one answer")
    good_body = w.asks("get-miner-list", miner_hotkey=w.miner.ss58)
    t.none(lacks(w.headed("get-miner-list", good_body, change={
        "X-Tao-Nonce": None}), [["header", "X-Tao-Nonce"]]),
        "a good signature in the body does not replace a missing header")


def signed_as(name, key, body, ms=MS, nonce=NONCE, **change):
    """Everything signed right, whatever its form."""
    raw = json.dumps(body).encode()
    headers = {**key.tao(raw, ms, nonce), **change}
    return w.headed(name, raw, key, change=headers)


def forms(t):
    for name, key, body in each():
        for value in "1", "3", "02", "2.0", "+2", "v2", "2 ", " 2", "\u0662":
            refused(t, "%s refuses the version %r" % (name, value), signed_as(
                name, key, body, **{"X-Tao-Version": value}), 401,
                "unsupported_version", "Unsupported X-Tao-Version")
        for ms in ["x", "1.5", "%d.0" % MS, "%dx" % MS, " %d" % MS, "+%d" % MS,
                   hex(MS), "1e12", "-", "-1", "1" * 19, "9" * 40,
                   str(2**63), str(2**64 + MS), "\u0661" * 13]:
            refused(t, "%s refuses the timestamp %r" % (name, ms[:24]),
                    signed_as(
                name, key, body, ms), *TIMESTAMP)
        for age in 8001, 9000, 10**9, MS:
            refused(t, "%s refuses headers %d ms old" % (name, age), signed_as(
                name, key, body, MS - age), 400, "request_too_old",
                "Request too old")
        refused(t, name + " refuses a timestamp in seconds",
                signed_as(name, key, body, NOW), 400,
                "request_too_old", "Request too old")
        for ahead in 60001, 10**6:
            refused(t, "%s refuses headers %d ms ahead" % (name, ahead),
                    signed_as(
                name, key, body, MS + ahead), *TIMESTAMP)
        for text, ms in [
                ("that are 8000 ms old", MS - 8000),
                ("that are 7999 ms old", MS - 7999),
                ("that are 60000 ms ahead", MS + 60000),
                ("whose timestamp has leading zeros that were signed",
                                                 "000%d" % MS)]:
            t.none(served(signed_as(name, key, body, ms)),
                   "%s accepts headers %s" % (name, text))
        refused(t,
                name +
                " refuses a timestamp with leading zeros that were not signed",
                signed_as(
            name, key, body, **{"X-Tao-Timestamp": "0%d" % MS}), *MISMATCH)
        for nonce in [NONCE.upper(), NONCE.replace("-", ""),
                      "00000000-0000-0000-0000-000000000000", "f" * 32]:
            t.none(served(signed_as(name, key, body, nonce=nonce)),
                   "%s accepts the nonce %s" % (name, nonce))
        for nonce in ["x", "1", NONCE[:-1], NONCE + "0", "g" + NONCE[1:],
                      NONCE.replace("-", "_"), "-" * 36, "-" * 32,
                      NONCE[:9] + "-" + NONCE[10:], NONCE + " ",
                      " " + NONCE, "0x" + "f" * 30, "a" * 3000]:
            refused(t, "%s refuses the nonce %r" % (name, nonce[:40]),
                    signed_as(
                name, key, body, nonce=nonce), 400, "invalid_nonce",
                "Invalid nonce")


def encodings(t):
    name = "get-miner-list"
    key, body = ASKED[name]
    text = w.validator.tao(json.dumps(body).encode(), MS)["X-Tao-Signature"]
    raw = base64.b64decode(text)
    for what, value in {
            "in hex": raw.hex(), "in hex with 0x": "0x" + raw.hex(),
            "of one letter": "x",
            "without padding": text.rstrip("="),
            "without its first letter": text[1:],
            "of 63 bytes": base64.b64encode(raw[:-1]).decode(),
            "of 65 bytes": base64.b64encode(raw + b"\0").decode(),
            "with a blank inside": text[:40] + " " + text[41:],
            "with more padding": text + "=",
            "in another alphabet": "-_" + text[2:],
            "of exclamation marks": "!" * 88,
            "with a blank before it": " " + text,
            "with unused bits set": text[:85] + "B=="
            if text[85] == "A" else text[:85] + chr(ord(text[85]) + 1) + "==",
            }.items():
        refused(t, "headers are refused with a signature " + what,
                signed_as(name, key, body, **{
            "X-Tao-Signature": value}), *ENCODING)
    public = w.validator.public
    for what, value in {
            "in hex": public.hex(),
            "with a letter changed": w.validator.ss58[:-1] + "1",
            "of one letter": "x",
            "with a blank after it": w.validator.ss58 + " ",
            "of 5000 letters": "5" * 5000}.items():
        refused(t, "headers are refused with a signer's address " + what,
                signed_as(name, key, body, **{
            "X-Tao-Signed-By": value}), *ENCODING)
    for what, value in [("of zeros", bytes(64)), ("of ones", b"\xff" * 64), (
            "with a bit flipped", raw[:5] + bytes([raw[5] ^ 1]) + raw[6:])]:
        refused(t, "headers are refused with a signature " + what, signed_as(
            name, key, body, **{"X-Tao-Signature":
                                base64.b64encode(value).decode()}), *MISMATCH)
    wrapped = {"X-Tao-Signature": base64.b64encode(bytes.fromhex(key.sign(
        "<Bytes>%s.%s.%d</Bytes>" % (world.hashlib.sha256(json.dumps(
            body).encode()).hexdigest(), NONCE, MS)))).decode()}
    t.none(served(signed_as(name, key, body, **wrapped)),
           "headers signed by a wallet in a browser are accepted")


def order(t):
    """With all of it wrong, what comes first is told; mended one by one."""
    name, raw = "get-miner-list", json.dumps(ASKED["get-miner-list"][1])
    wrong = {"X-Tao-Version": "1", "X-Tao-Timestamp": "x",
             "X-Tao-Nonce": "x", "X-Tao-Signature": "x"}
    for mended, want in [
            ({}, (401, "unsupported_version")),
            ({"X-Tao-Version": "2"}, TIMESTAMP[:2]),
            ({"X-Tao-Timestamp": str(MS - 8001)}, (400, "request_too_old")),
            ({"X-Tao-Timestamp": str(MS)}, (400, "invalid_nonce")),
            ({"X-Tao-Nonce": NONCE}, ENCODING[:2]),
            ({"X-Tao-Signature": base64.b64encode(bytes(64)).decode()},
             (401, "not_registered"))]:
        wrong.update(mended)
        refused(t, "of several faults the first is reported: %s" % want[1],
                w.headed(
            name, raw.encode(), w.stranger, change=wrong), *want)


def who(t):
    for name, key, body in each():
        refused(t,
                name + " refuses headers of a hotkey that is not registered",
                w.headed(
            name, body, w.stranger), 401, "not_registered",
            "Hotkey not found on this subnet")
        if key is w.miner:
            continue
        for other, code, text in [
                (w.miner, "no_permit",
                 "Hotkey is not a permitted validator on this subnet"),
                (w.no_permit, "no_permit",
                 "Hotkey is not a permitted validator on this subnet"),
                (w.low_stake, "low_stake",
                 "Hotkey does not have enough stake on this subnet")]:
            refused(t, "%s refuses headers of a hotkey with the fault %s" %
                    (name, code), w.headed(name, body, other), 401, code, text)
        w.snapshot(advanced_at=NOW - 1201)
        refused(t,
                name + " answers headers with 503 while the snapshot is stale",
                w.headed(name, body, key), 503, "stale")
        w.snapshot()
    a = w.headed("get-folder-access", {"coldkey": w.owner2}, w.validator)
    t.same((a.code, a.json.get("folder")),
           (200, "data/hotkey=%s/" % w.validator.ss58),
           "a validator is granted a folder of its own")


def bound(t):
    """The signature is of this body, nonce, time and key."""
    for name, key, body in each():
        raw = json.dumps(body).encode()
        headers = key.tao(raw, MS)
        other = key.tao(raw, MS, NONCE[:-1] + "1")
        for text, data in [
                ("with a blank after it", raw + b" "),
                ("with a blank before it", b" " + raw),
                ("with a field more", raw[:-1] + (b"," if body else b"") +
                 b'"x":1}'),
                ("without its blanks", raw.replace(b" ", b"") + b" ")]:
            refused(t, "%s refuses headers for a body %s" % (name, text),
                    w.headed(
                name, data, key, change=headers), *MISMATCH)
        for text, change in [
                ("another nonce", {"X-Tao-Nonce": other["X-Tao-Nonce"]}),
                ("the nonce in upper case", {"X-Tao-Nonce": NONCE.upper()}),
                ("a timestamp of a millisecond later",
                 {"X-Tao-Timestamp": str(MS + 1)}),
                ("another's signature", {"X-Tao-Signature": w.idle.tao(
                    raw, MS)["X-Tao-Signature"]}),
                ("another's name", {"X-Tao-Signed-By": w.idle.ss58})]:
            refused(t, "%s refuses headers with %s" % (name, text), w.headed(
                name, raw, key, change={**headers, **change}), *MISMATCH)
    raw = json.dumps({"miner_hotkey": w.miner.ss58}).encode()
    bad = []
    for i in range(len(raw)):
        a = w.headed("get-miner-list", raw[:i] + bytes([raw[i] ^ 1]) +
                     raw[i + 1:], change=w.validator.tao(raw, MS))
        bad += [] if a.code in (400, 401, 422) else ["%d: %s" % (i, a)]
    t.none(bad, "headers are refused for a body with one bit flipped, "
           "whichever byte it is in")


def both(t):
    for name, key, body in each():
        words = w.request() if key is w.miner else w.asks(name, **body)
        t.none(served(w.headed(name, words, key)),
               name + " accepts good headers over a body with a good signature")
        t.none(served(w.headed(name, {**words, "signature": "00",
                                      "timestamp": 1}, key)),
               name +
               " accepts good headers over a body with an old, bad signature")
        refused(t,
                name +
                " refuses bad headers over a body with a good signature",
                w.headed(
            name, words, key, change={"X-Tao-Signature": base64.b64encode(
                bytes(64)).decode()}), *MISMATCH)
        t.none(served(w.headed(name, {**body, "hotkey": key.ss58}, key)),
               name + " accepts headers when the body names the signer")
        for other in w.other, w.idle, w.stranger:
            refused(t,
                    "%s refuses headers when the body names another hotkey" %
                    name, w.headed(
                name, {**body, "hotkey": other.ss58}, key), *MISMATCH)
        refused(t, name + " refuses headers over the signed body of another",
                w.headed(
            name, w.request(w.other) if key is w.miner else w.asks(
                name, w.idle, **body), key), *MISMATCH)
        t.same(w.headed(name, {**body, "hotkey": "x"}, key).code, 422,
               name + " refuses headers when the body names no address")
    # One proof cannot stand for the other.
    name, body = "get-miner-list", {"miner_hotkey": w.miner.ss58}
    sig = w.validator.sign(miner_words(w.miner.ss58, NOW))
    refused(t, "the signature of a signed text is refused as a header",
            w.headed(name, body, change={
        "X-Tao-Signature": base64.b64encode(bytes.fromhex(sig)).decode()}),
        *MISMATCH)
    tao = w.validator.tao(json.dumps(body).encode(), MS)
    refused(t, "the signature of headers is refused in the body", w.post({
        **body, "hotkey": w.validator.ss58, "timestamp": NOW,
        "signature": base64.b64decode(tao["X-Tao-Signature"]).hex()}, name),
        401, "invalid_signature", "Invalid signature")


def no_field_of_the_route(t):
    """What was signed names neither route nor service: the body must."""
    for name in REAL + WIDE:
        key = w.miner if name in ("get-folder-access",
                                  "get-file-upload-url") else w.validator
        for text, body in [
                ("nothing", {}), ("anything", {"anything": 1}),
                ("who signs, and when", {
                    "hotkey": key.ss58, "timestamp": NOW, "signature": "00"}),
                ("an empty address", {"miner_hotkey": ""}),
                ("null where a field may be null", {
                    "expiry": None, "miner_hotkey": None, "sources": None,
                    "size": None})]:
            a = w.headed(name, body, key)
            t.none(endpoint.refusal_wrong(a, 422, "invalid_request"),
                   "%s refuses a body that names %s" % (name, text))
    a = w.headed("get-miner-list", {"anything": 1})
    t.same(a.json["detail"], [{
        "loc": ["body"], "msg": "A field of this route is required",
        "type": "missing"}], "the answer says that a field is missing")


def elsewhere(t):
    """X-Tao headers sign neither route nor service: accepted where real
    clients send them, elsewhere only if the operator says so."""
    bodies = {"get-folder-access": w.request(), **{
        name: w.asks(name, **({"miner_hotkey": w.miner.ss58} if name ==
                              "get-miner-specific-access" else {"miners": True}))
        for name in WIDE[1:] + NEVER}}
    refusal = 400, "tao_not_accepted"
    for setting, names in ("no", WIDE + NEVER), ("yes", NEVER):
        w.configure(auth_tao_everywhere=setting)
        for name in names:
            key = w.miner if name == "get-folder-access" else w.validator
            for text, body in [("a signed body", bodies[name]),
                               ("a body", {"coldkey": w.owner, "sources": ["x"],
                                           "miner_hotkey": w.miner.ss58}),
                               ("bytes", b"x")]:
                refused(t, "auth.tao_everywhere = %s: %s refuses X-Tao "
                        "headers with %s" % (setting, name, text),
                        w.headed(name, body, key), *refusal)
            refused(t, "auth.tao_everywhere = %s: %s refuses one X-Tao header"
                    % (setting, name), w.post(
                        bodies[name], name, HTTP_X_TAO_NONCE="x"), *refusal)
            t.same(w.post(bodies[name], name).code, 503 if name == NEVER[0]
                   else 200, name + " takes the same body without headers")
    with w.settings(auth_tao_everywhere=None):
        for name in ASKED:
            if name in REAL:
                t.none(served(w.headed(name, ASKED[name][1], ASKED[name][0])),
                       "by default %s takes X-Tao headers" % name)
    w.configure(auth_tao_everywhere="yes")
    a = w.headed("get-validator-access", {"sources": ["x"]})
    t.same((a.code, a.json.get("validator_hotkey")), (200, w.validator.ss58),
           "auth.tao_everywhere = yes: get-validator-access takes them")


def switched_off(t):
    w.configure(auth_schemes="text")
    for name in REAL + WIDE + NEVER:
        refused(t, "auth.schemes = text: %s refuses X-Tao headers" % name,
                w.headed(name, {"miner_hotkey": w.miner.ss58}), 400,
                "scheme_disabled")
    t.same(w.post(w.request()).code, 200,
           "auth.schemes = text: a signed text is served")
    w.configure(auth_schemes="tao")
    refused(t, "auth.schemes = tao: a signed text is refused",
            w.post(w.request()), 400, "scheme_disabled")
    t.none(served(w.headed(FILES, ASKED[FILES][1])),
           "auth.schemes = tao: X-Tao headers are served")
    w.configure(auth_schemes=None)


if __name__ == "__main__":
    tap.run([good, missing, forms, encodings, order, who, bound, both,
             no_field_of_the_route, elsewhere, switched_off],
            endpoint.check_outputs)
