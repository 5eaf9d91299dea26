#!/usr/bin/python3
"""The bittensor SDK as a judge of btauth/1: what its http_auth signs is served,
what foldergate signs it verifies, and each altered part is refused by both.

`make check-btauth` installs the SDK below build/ and runs this."""

import json
import os
import random
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import validators
from validators import refused
from world import NOW, Key

PYTHON = os.path.join(endpoint.BUILD, "bittensor-sdk", "bin", "python")
NS = NOW * 10**9
ROUTES = ["get-validator-access", "get-miner-list", "get-miner-specific-access"]
rng = random.Random(1)

service = Key("service")
sdk = None


class World(validators.Validators):
    """The same validator twice: by sr25519 and by ed25519."""

    def __init__(self):
        super().__init__(auth_receiver=service.ss58)
        self.ed = Key("ed validator", "ed25519")

    def neurons(self):
        return super().neurons() + [
            {"uid": 20, "hotkey": self.ed.ss58, "coldkey": self.owner2,
             "permit": True,
             "alpha_stake_rao": str(validators.LEAST * 10**9 + 1)}]


w = World()
w.snapshot()


def ask(**request):
    sdk.stdin.write((json.dumps(request) + "\n").encode())
    sdk.stdin.flush()
    return json.loads(sdk.stdout.readline())


def sdk_verifies(headers, body, path, method="POST", now=NS):
    return ask(verify={
        "headers": headers, "body": body.hex(), "method": method,
        "path": path, "receiver": service.ss58, "now": now})


def post(name, headers, body, target):
    return w.post(body, name, REQUEST_URI=target, **{
        "HTTP_" + n.upper().replace("-", "_"): v for n, v in headers.items()})


def requests():
    """Some of each route and scheme, with targets and bodies of all kinds."""
    for key in w.validator, w.ed:
        for name in ROUTES:
            for query in "", "?", "?x=1&y=%2F", "?" + "".join(
                    map(chr, rng.choices(range(33, 127), k=200))).replace(
                        ",", ""):
                body = json.dumps({
                    "miner_hotkey": w.miner.ss58, "x": "\u00fc" * rng.randrange(
                        300)}, ensure_ascii=rng.random() < .5).encode()
                target, ns = "/" + name + query, NS - rng.randrange(10**10)
                yield key, name, target, body, ns, ask(sign={
                    "seed": key.mini.hex(), "crypto": key.crypto,
                    "method": "POST", "path": target, "body": body.hex(),
                    "receiver": service.ss58, "nonce": ns})


def signed_by_the_sdk(t):
    for key, name, target, body, ns, headers in requests():
        text = "%s, %s" % (key.crypto, target[:40])
        a = post(name, headers, body, target)
        t.ok(a.code == 200 and not a.wrong,
             "a request that the SDK signed is served: " + text, a)
        sig = bytearray(bytes.fromhex(headers["X-Bittensor-Signature"][2:]))
        sig[rng.randrange(63)] ^= 1 << rng.randrange(8)
        other = w.idle.ss58
        for part, h, b, p in [
                ("body", {}, body + b" ", target),
                ("target", {}, body, target + "x"),
                ("nonce", {"X-Bittensor-Nonce": str(ns + 1)}, body, target),
                ("hotkey", {"X-Bittensor-Hotkey": other}, body, target),
                ("receiver", {"X-Bittensor-Receiver": other}, body, target),
                ("signature", {"X-Bittensor-Signature": sig.hex()}, body,
                 target)]:
            changed = {**headers, **h}
            verdict = sdk_verifies(changed, b, p)
            want = {"BadSignature": "invalid_signature",
                    "WrongReceiver": "receiver_mismatch"}[verdict]
            refused(t, "%s is the SDK's word for another %s, and ours is %s: "
                    "%s" % (verdict, part, want, text),
                    post(name, changed, b, p), 401, want)


def signed_by_foldergate(t):
    wallet = w.wallet(w.validator)
    for target, body, method in [
            ("/get-miner-list", b"{}", "POST"), ("/a?b=%2F&c", b"", "PUT"),
            ("/", bytes(range(256)), "POST")]:
        r = w.cli("sign", "--btauth", w.write("body", body), "--hotkey",
                  wallet, "--receiver", service.ss58, "--url",
                  "https://h.test:1" + target, "--method", method)
        headers = dict(re.findall(r'^header = "([^:"]+): ([^"]+)"$', r.text,
                                  re.M))
        now = int(headers["X-Bittensor-Nonce"])
        t.same(sdk_verifies(headers, body, target, method, now),
               w.validator.ss58, "the SDK verifies what foldergate sign "
               "--btauth signs: %s %s" % (method, target))
        t.same(sdk_verifies(headers, body + b"x", target, method, now),
               "BadSignature", "the SDK refuses it with another body: " +
               target)


if __name__ == "__main__":
    if not os.access(PYTHON, os.X_OK):
        print("1..0 # SKIP the bittensor SDK is not installed: "
              "make check-btauth")
        sys.exit(0)
    sdk = subprocess.Popen(
        [PYTHON, "tests/support/btauth_sdk.py"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE)
    tap.run([signed_by_the_sdk, signed_by_foldergate], endpoint.check_outputs)
