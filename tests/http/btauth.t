#!/usr/bin/python3
"""X-Bittensor headers, btauth/1: signed requests, on every POST."""

import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import fcgi
import tap
import validators
import world
from validators import refused
from world import NOW, Key

NS = NOW * 10**9
NAMES = ["X-Bittensor-" + n for n in (
    "Version", "Hotkey", "Receiver", "Nonce", "Crypto", "Signature")]
VERSION, HOTKEY, RECEIVER, NONCE, CRYPTO, SIGNATURE = NAMES
BAD = 401, "invalid_signature"
FOLDER = "get-folder-access"

service = Key("service")


class World(validators.Validators):
    """Two more who sign by ed25519: a miner and a validator."""

    def __init__(self, **settings):
        super().__init__(auth_receiver=service.ss58, **settings)
        self.ed_miner = Key("ed miner", "ed25519")
        self.ed_validator = Key("ed validator", "ed25519")

    def neurons(self):
        return super().neurons() + [
            {"uid": 20, "hotkey": self.ed_miner.ss58, "coldkey": self.owner,
             "permit": False, "alpha_stake_rao": "0"},
            {"uid": 21, "hotkey": self.ed_validator.ss58,
             "coldkey": self.owner2, "permit": True,
             "alpha_stake_rao": str(validators.LEAST * 10**9 + 1)}]


w = World()
w.snapshot()

# Endpoint: the fields, of a miner's or of a validator's request.
MINER = {FOLDER: {}}
VALIDATOR = {
    "get-validator-access": {},
    "get-miner-list": {"miner_hotkey": w.miner.ss58},
    "get-miner-specific-access": {"miner_hotkey": w.miner.ss58},
    "get-file-presigned-urls": {"miner_hotkey": w.miner.ss58,
                                "file_keys": [w.folder + "a"]},
}
ROUTES = {**MINER, **VALIDATOR}


def each():
    for name, body in ROUTES.items():
        keys = (w.miner, w.ed_miner) if name in MINER else \
            (w.validator, w.ed_validator)
        for key in keys:
            yield name, key, body


def served(a):
    return ([] if (a.status, a.code, a.err) == (0, 200, b"") else [str(a)]) + \
        a.wrong


def good(t):
    for name, key, body in each():
        text = "%s, %s" % (name, key.crypto)
        t.none(served(w.btauth(name, body, key)), text + ": a signed request")
        for target in ["/%s?" % name, "/%s?x=1&y=%%2F,2" % name,
                       "/a/b/" + name, "//" + name,
                       "/" + name + "?" + "x" * 900]:
            t.none(served(w.btauth(name, body, key, target=target)),
                   "%s: the target %s is signed as it was sent" % (
                       text, target[:40]))
        for ns in NS - 10 * 10**9, NS - 1, NS + 1, NS + 2 * 10**9:
            t.none(served(w.btauth(name, body, key, ns=ns)),
                   "%s: signed %+d ns from now" % (text, ns - NS))
        t.none(served(w.btauth(name, {**body, "hotkey": key.ss58}, key)),
               text + ": the body names the signer")
        t.none(served(w.btauth(name, body, key, CONTENT_TYPE=None)),
               text + ": no Content-Type")
        t.none(served(w.btauth(name, body, key, SCRIPT_NAME="/elsewhere",
                               PATH_INFO="/x", QUERY_STRING="y")),
               text + ": only REQUEST_URI is the target")
    t.none(served(w.btauth(FOLDER, {}, change={CRYPTO: "sr25519"},
                           key=w.miner)), "sr25519 may be named")
    a = w.btauth(FOLDER, {}, w.ed_miner)
    t.same(a.json.get("folder"), "data/hotkey=%s/" % w.ed_miner.ss58,
           "the folder is that of the key that signed")
    a = w.btauth(FOLDER, {"source": "x"}, w.miner)
    t.same(a.json.get("folder"), "data/x/%s/" % w.owner,
           "a source asks for the coldkey layout")
    a = w.btauth(FOLDER, {"coldkey": w.owner2}, w.miner)
    refused(t, "a coldkey that does not own the hotkey is refused", a, 401,
            "coldkey_mismatch")
    raw = json.dumps(VALIDATOR["get-miner-list"]).encode()
    upper = w.validator.btauth(service.ss58, "/get-miner-list", raw, NS)
    for text, value in [("upper case", upper[SIGNATURE][2:].upper()),
                        ("no 0x", upper[SIGNATURE][2:])]:
        t.none(served(w.btauth("get-miner-list", raw, change={
            SIGNATURE: value})), "a signature in hex of " + text)


def altered(t):
    """Each part of a signed request, altered, makes it another request."""
    for name, key, body in each():
        text = "%s, %s: " % (name, key.crypto)
        raw, target = json.dumps(body).encode(), "/" + name
        other = w.other if name in MINER else w.idle
        for what, more in [
                ("body", {"signed": raw + b" "}),
                ("an empty body", {"signed": b""}),
                ("query", {"REQUEST_URI": target + "?x"}),
                ("path", {"REQUEST_URI": "/x" + target}),
                ("case of the path", {"REQUEST_URI": target.upper()}),
                ("an encoded path", {"REQUEST_URI": target.replace(
                    "g", "%67", 1)}),
                ("method", {"method": "PUT"}),
                ("nonce", {"change": {NONCE: str(NS + 1)}}),
                ("hotkey", {"change": {HOTKEY: other.ss58}}),
                ("crypto", {"change": {CRYPTO: "ed25519" if key.crypto ==
                                       "sr25519" else "sr25519"}}),
                ("signature", {"change": {SIGNATURE: other.btauth(
                    service.ss58, target, raw, NS)[SIGNATURE]}}),
                ("wrapped in <Bytes>", {"change": {SIGNATURE: key.sign(
                    b"<Bytes>x</Bytes>")}})]:
            refused(t, text + "another " + what, w.btauth(
                name, raw, key, **more), *BAD)
        refused(t, text + "the body names another hotkey", w.btauth(
            name, {**body, "hotkey": other.ss58}, key), *BAD)
        refused(t, text + "another receiver", w.btauth(
            name, raw, key, change={RECEIVER: w.owner}), 401,
            "receiver_mismatch")
        refused(t, text + "no receiver", w.btauth(
            name, raw, key, change={RECEIVER: None}), 401,
            "receiver_mismatch")
        bound = key.btauth(w.owner, target, raw, NS)
        refused(t, text + "signed for another service", w.btauth(
            name, raw, key, change=bound), 401, "receiver_mismatch")
        bound[RECEIVER] = service.ss58
        refused(t, text + "signed for another service, sent as for this",
                w.btauth(name, raw, key, change=bound), *BAD)
    # A request for one route is none for another, be the body the same.
    body = VALIDATOR["get-miner-list"]
    refused(t, "a request for another route is refused", w.btauth(
        "get-miner-specific-access", body, REQUEST_URI="/get-miner-list",
        target="/get-miner-specific-access"), *BAD)


def forms(t):
    name, body = "get-miner-list", VALIDATOR["get-miner-list"]
    sig = w.validator.btauth(service.ss58, "/" + name, json.dumps(
        body).encode(), NS)[SIGNATURE]
    for header, status, code, values in [
            (VERSION, 401, "unsupported_version", [None, "", "2", "01", "1 "]),
            (HOTKEY, 400, "invalid_hotkey", [
                None, "", "x", w.validator.ss58 + " ", w.validator.ss58[:-1],
                "5" * 5000]),
            (HOTKEY, 400, "other_network", [
                world.ss58(w.validator.public, 0),
                world.ss58(w.validator.public, 2)]),
            (NONCE, 400, "invalid_nonce", [
                None, "", "x", "+%d" % NS, "-1", "0%d" % NS, " %d" % NS,
                "%d.0" % NS, "1e18", hex(NS), str(2**63), "9" * 5000]),
            (CRYPTO, 400, "unsupported_crypto", [
                "ecdsa", "SR25519", "0", "1", "sr25519 "]),
            (SIGNATURE, 400, "invalid_encoding", [
                None, "", "x", "0x", sig[:-1], sig[:-2], sig + "00",
                "0X" + sig[2:], " " + sig, "0x" + sig, "g" * 128])]:
        for value in values:
            refused(t, "the header %s is refused when it is %r" %
                    (header, value and value[:60]), w.btauth(
                name, body, change={header: value}), status, code)
    for ns, code in [(NS - 10 * 10**9 - 1, "request_too_old"),
                     (1, "request_too_old"), (NOW, "request_too_old"),
                     (NS + 2 * 10**9 + 1, "request_too_early"),
                     (2**63 - 1, "request_too_early")]:
        refused(t, "a request signed at %d ns is refused" % ns,
                w.btauth(name, body, ns=ns), 400, code)
    for target in ["", "*", "x", "http://a/b", "/a b", "/\u00fc",
                   "/" + "x" * 1024]:
        refused(t, "the target %r is refused" % target[:20], w.btauth(
            name, body, target=target, **({} if target else {
                "REQUEST_URI": "x"})), 400, "invalid_target")
    for target in None, "":
        refused(t, "the web server passes %r as target" % target, w.btauth(
            name, body, REQUEST_URI=target), 503, "no_request_target")
    for header in NAMES:
        a = w.btauth(name, body, key=w.validator, change={
            h: None if h != header else "1" for h in NAMES})
        t.ok(a.code in (400, 401) and not a.wrong and
             a.json["code"] in ("unsupported_version", "invalid_hotkey"),
             header + " alone is refused", a)
    for body in b"", b"{", b"[]":
        refused(t, "a body that is no object: %r" % body, w.btauth(
            name, body), 422, "invalid_request")
    refused(t, "a body without a field of the route is the route's to judge",
            w.btauth(name, {}), 400, "miner_required")


def both_kinds(t):
    for name, key, body in each():
        tao = {"HTTP_" + n.upper().replace("-", "_"): v for n, v in
               w.miner.tao(json.dumps(body).encode(), NOW * 1000).items()}
        refused(t, name + " refuses X-Tao and X-Bittensor headers together",
                w.btauth(name, body, key, **tao), 400, "two_proofs")
        refused(t, name + " refuses one X-Tao header beside them", w.btauth(
            name, body, key, HTTP_X_TAO_NONCE="x"), 400, "two_proofs")
    body = w.request()
    t.none(served(w.btauth(FOLDER, body, w.miner)),
           "headers prove a body that is signed as well")
    refused(t, "a signed body does not make up for bad headers", w.btauth(
        FOLDER, body, w.miner, change={NONCE: str(NS + 1)}), *BAD)
    refused(t, "a signed body of another does not go with headers", w.btauth(
        FOLDER, w.request(w.other), w.miner), *BAD)


def switched_off(t):
    for settings in [{"auth_receiver": None}, {"auth_schemes": "text, tao"}]:
        w.configure(auth_receiver=service.ss58)
        headers = {"HTTP_" + n.upper().replace("-", "_"): v for n, v in
                   w.miner.btauth(service.ss58, "/" + FOLDER, b"{}",
                                  NS).items()}
        w.configure(**settings)
        for name in ROUTES:
            refused(t, "%s: %s refuses X-Bittensor headers" % (
                settings, name), w.post(b"{}", name, REQUEST_URI="/" + name,
                                        **headers), 400, "scheme_disabled")
        t.same(w.post(w.request(), FOLDER).code, 200,
               "%s: a signed text is served" % settings)
        w.configure(auth_receiver=service.ss58, auth_schemes=None)
    w.configure(auth_schemes="btauth")
    refused(t, "auth.schemes = btauth: a signed text is refused",
            w.post(w.request()), 400, "scheme_disabled")
    refused(t, "auth.schemes = btauth: get-file-upload-url asks for them",
            w.post({"job_id": "a", "filename": "b"}, "get-file-upload-url",
                   REQUEST_URI="/get-file-upload-url"), 400, "invalid_filename")
    t.none(served(w.btauth(FOLDER, {}, w.miner)),
           "auth.schemes = btauth: signed requests are served")
    w.configure(auth_schemes=None)
    mistyped = service.ss58[:-1] + ("a" if service.ss58[-1] != "a" else "b")
    w.configure(auth_receiver=mistyped)
    a = w.post(w.request())
    t.none(endpoint.refusal_wrong(a, 500, "internal", exit_status=1),
           "no program starts with a mistyped receiver")
    t.ok("auth.receiver is not an SS58 address" in a.log, "and says so", a)
    w.configure(auth_receiver=service.ss58)


def replays(t):
    w.configure(limits_replay="refuse")
    for key in w.miner, w.ed_miner:
        text = key.crypto + ": "
        headers = key.btauth(service.ss58, "/" + FOLDER, b"{}", NS)
        t.none(served(w.btauth(FOLDER, b"{}", key, change=headers)),
               text + "a request is served once")
        refused(t, text + "the same request again is refused", w.btauth(
            FOLDER, b"{}", key, change=headers), 400, "replay_detected")
        again = {**headers, SIGNATURE: headers[SIGNATURE][2:].upper()}
        refused(t, text + "its signature in other digits is refused",
                w.btauth(FOLDER, b"{}", key, change=again), 400,
                "replay_detected")
        bad = {**headers, NONCE: str(NS + 1)}
        refused(t, text + "an altered one is a bad signature, not a replay",
                w.btauth(FOLDER, b"{}", key, change=bad), *BAD)
        t.none(served(w.btauth(FOLDER, b"{}", key, ns=NS + 1)),
               text + "another nonce is another request")
    w.configure(limits_replay="allow")


def fastcgi(t):
    for name, keys in [(FOLDER, (w.miner, w.ed_miner)), (
            "get-validator-access", (w.validator, w.ed_validator))]:
        s = fcgi.Service(w, name, now=NOW)
        for key in keys:
            for target in "/" + name, "/%s?a=%%2F&b" % name:
                headers = {"HTTP_" + n.upper().replace("-", "_"): v
                           for n, v in key.btauth(service.ss58, target, b"{}",
                                                  NS).items()}
                post = {**fcgi.post(b"{}"), "REQUEST_URI": target, **headers}
                a = s.ask(post, b"{}")
                t.ok(a is not None and a.code == 200 and not a.wrong,
                     "FastCGI, %s, %s: %s is served" % (name, key.crypto,
                                                        target), a)
                a = s.ask({**post, "REQUEST_URI": target + "x"}, b"{}")
                t.ok(a is not None and a.code == 401 and
                     a.json["code"] == BAD[1],
                     "FastCGI, %s, %s: another target is refused" % (
                         name, key.crypto), a)
                twice = list(post.items()) + [
                    ("HTTP_X_BITTENSOR_NONCE", str(NS))]
                a = s.ask(twice, b"{}")
                t.ok(a is not None and a.code == 400 and
                     a.json["code"] == "invalid_header",
                     "FastCGI, %s, %s: a header twice is refused" % (
                         name, key.crypto), a)
        a = s.ask(fcgi.post(b"{}"), b"{}")
        t.ok(a is not None and a.code == 422,
             "FastCGI, %s: the next request has no headers of the last" % name,
             a)


if __name__ == "__main__":
    tap.run([good, altered, forms, both_kinds, switched_off, replays, fastcgi],
            endpoint.check_outputs)
