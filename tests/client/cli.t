#!/usr/bin/python3
"""foldergate, the command: keys, signatures, snapshots, settings."""

import base64
import hashlib
import json
import os
import re
import stat
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import world
from world import NOW, g1_words, g2_words

METAGRAPH = "tests/vectors/chain/selective-metagraph.expect.json"
SR25519 = "tests/vectors/sr25519/sr25519.json"

w = world.World()


def fails(t, text, status, *args, why="", out=b"", lines=1, **more):
    """Exit status, one line on standard error, nothing on the other; or at
    least out.  Of wrong usage that line names the command and its help."""
    r = w.cli(*args, **more)
    t.ok(world.complains(r, status, args[0], why, lines) and out in r.out and
         (out or not r.out), text, r)


def verifies(public, message, signature):
    r = w.cli("verify", "--public", public, "--message-hex", message.hex(),
              "--signature", signature)
    return (r.status, r.text, r.log) == (0, "valid\n", "")


def keygen(t):
    found = []
    for i, mask in enumerate((0o022, 0o000, 0o077)):
        path, old = w.path("new%d" % i), os.umask(mask)
        r = w.cli("keygen", path, installed=True, env={})
        os.umask(old)
        with open(path) as f:
            wallet = json.load(f)
        for name in ("privateKey", "secretSeed", "secretPhrase"):
            endpoint.never.add(wallet[name])
            endpoint.never.add(wallet[name][2:])
        t.same((r.status, r.text, r.log), (0, wallet["ss58Address"] + "\n",
               ""), "keygen prints the new address, umask %03o" % mask)
        t.same(oct(stat.S_IMODE(os.stat(path).st_mode)), "0o600",
               "the file that keygen makes is closed to others")
        t.same(sorted(wallet), ["accountId", "privateKey", "publicKey",
               "secretPhrase", "secretSeed", "ss58Address"],
               "the file that keygen makes has the members of btwallet's")
        t.ok(all(isinstance(v, str) for v in wallet.values()) and
             wallet["accountId"] == wallet["publicKey"] and
             world.ss58(bytes.fromhex(wallet["publicKey"][2:])) ==
             wallet["ss58Address"] and
             len(wallet["secretPhrase"].split()) == 12 and
             re.fullmatch("0x[0-9a-f]{128}", wallet["privateKey"]) and
             re.fullmatch("0x[0-9a-f]{64}", wallet["secretSeed"]),
             "every member of a new hotkey file has its form")
        found.append(wallet["ss58Address"])

        # Each of the three secrets makes the same key.
        for name in ("privateKey", "secretSeed", "secretPhrase"):
            one = w.write("one", json.dumps({name: wallet[name]}), 0o600)
            body = sign(one)
            t.same(body["hotkey"], found[-1],
                   "the %s of a new hotkey file makes its key" % name)
    t.same(len(set(found)), 3, "three runs of keygen make three keys")
    with open(w.path("new0"), "rb") as f:
        before = f.read()
    fails(t, "keygen refuses a file that exists", 1, "keygen",
          w.path("new0"))
    with open(w.path("new0"), "rb") as f:
        t.same(f.read(), before, "keygen leaves a file that exists as it was")
    os.symlink(w.path("nowhere"), w.path("link"))
    fails(t, "keygen does not follow a link", 1, "keygen", w.path("link"))
    t.ok(not os.path.exists(w.path("nowhere")),
         "keygen makes no file where a link points")
    fails(t, "keygen does not make a directory", 1, "keygen",
          w.path("none/key"))
    t.same([n for n in os.listdir(w.dir) if "new0." in n or "link." in n], [],
           "keygen leaves no temporary file behind")


def sign(wallet, *more):
    r = w.cli("sign", "miner", "--hotkey", wallet, "--coldkey", w.owner,
              *more)
    if r.status != 0 or r.log or not r.text.endswith("}\n"):
        raise RuntimeError(str(r))
    return json.loads(r.text)


def sign_miner(t):
    wallet, public = w.wallet(w.miner), w.miner.public.hex()
    plain = {"coldkey": w.owner, "hotkey": w.miner.ss58}
    for text, more, want, words in [
            ("a G2 text", [], {**plain, "timestamp": NOW},
             g2_words(w.owner, w.miner.ss58, NOW)),
            ("a G1 text", ["--source", "reddit"],
             {"coldkey": w.owner, "source": "reddit",
              "hotkey": w.miner.ss58, "timestamp": NOW},
             g1_words(w.owner, "reddit", NOW)),
            ("a timestamp", ["--timestamp", "1700000000"],
             {**plain, "timestamp": 1700000000},
             g2_words(w.owner, w.miner.ss58, 1700000000)),
            ("all options", ["--expiry", "1700000009", "--timestamp",
                             "1700000000",
                     "--source", "x"],
             {"coldkey": w.owner, "source": "x", "hotkey": w.miner.ss58,
              "timestamp": 1700000000, "expiry": 1700000009}, g1_words(
                  w.owner, "x", 1700000000))]:
        body = sign(wallet, *more)
        signature = body.pop("signature")
        t.same(list(body.items()), list(want.items()),
               "sign miner prints the fields in their order for %s" % text)
        t.ok(re.fullmatch("[0-9a-f]{128}", signature) and
             verifies(public, words.encode(), signature),
             "sign miner prints a good signature for %s" % text)
    t.ok(sign(wallet)["signature"] != sign(wallet)["signature"],
         "two signatures of the same text differ")
    r = w.cli("sign", "miner", "--coldkey", w.owner, "--hotkey", wallet,
              env={"FOLDERGATE_NOW": str(NOW)})
    t.same(r.status, 0, "sign needs no configuration")
    base = ("sign", "miner", "--hotkey", wallet)
    good = base + ("--coldkey", w.owner)
    for text, args in [
            ("no coldkey", base), ("no hotkey", ("sign", "miner", "--coldkey",
                                                 w.owner)),
            ("no kind", ("sign", "--hotkey", wallet, "--coldkey", w.owner)),
            ("unknown kind", ("sign", "king", *good[2:])),
            ("a coldkey of another network", base + (
                "--coldkey", world.ss58(w.miner.public, 0))),
            ("a coldkey that is no address", base + ("--coldkey", "5abc")),
            ("an empty source", good + ("--source", "")),
            ("a source with a slash", good + ("--source", "a/b")),
            ("a source that is too long", good + ("--source", "a" * 33)),
            ("a negative time", good + ("--timestamp", "-1")),
            ("a time in words", good + ("--timestamp", "now")),
            ("a time too large", good + ("--timestamp", "253402300800")),
            ("an expiry that is a fraction", good + ("--expiry", "1.5")),
            ("an option twice", good + ("--source", "x", "--source", "x")),
            ("an unknown option", good + ("--colour", "x")),
            ("an option without its value", good + ("--source",)),
            ("an expiry in the past", good + ("--expiry", "1")),
            ("an expiry of zero", good + ("--expiry", "0")),
            ("an expiry of zero hours", good + ("--expiry", "0h")),
            ("an expiry of a half hour", good + ("--expiry", "0.5h")),
            ("an expiry in weeks", good + ("--expiry", "1w")),
            ("an expiry without a number", good + ("--expiry", "h")),
            ("an expiry beyond the year 9999", good + ("--expiry",
                                                       "2932897d")),
            ("an operand too many", good + ("more",))]:
        fails(t, "sign miner refuses wrong usage: " + text, 2, *args)
    for text, seconds in [("90s", 90), ("30m", 1800), ("1h", 3600),
                          ("7d", 604800)]:
        t.same(sign(wallet, "--expiry", text).get("expiry"), NOW + seconds,
               "sign miner counts an expiry of %s from now" % text)
    t.same(sign(wallet, "--expiry=1h", "--timestamp=1700000000")["expiry"],
           1700003600,
           "sign miner counts an expiry of 1h from the signed time")
    for name, args in [("--token", ("--token", "x")),
                       ("--hours", ("--hours", "1")),
                       ("--miner", ("--miner", w.owner))]:
        fails(t, "sign miner refuses the option " + name, 2, *good, *args,
              why=name)
    for kind in "validator", "folders":
        fails(t, "sign %s takes no coldkey" % kind, 2, "sign", kind,
              "--hotkey", wallet, "--coldkey", w.owner, why="--coldkey")


def sign_kinds(t):
    """What a validator signs."""
    wallet, v = w.wallet(w.other), w.other.ss58
    m, o = w.miner.ss58, w.owner
    by_hotkey, by_coldkey = ("--miner", m), ("--coldkey", o)
    base = ("--hotkey", wallet)
    for text, args, want, words in [
            ("validator access", ("validator",), {},
             "s3:validator:access:%d" % NOW),
            ("the folders", ("folders",), {},
             "s3:validator:folders:%s:%d" % (v, NOW)),
            ("a list by hotkey", ("list", *by_hotkey), {"miner_hotkey": m},
             "s3:validator:miner:%s:%d" % (m, NOW)),
            ("a list by coldkey", ("list", *by_coldkey), {"miner_coldkey": o},
             "s3:validator:miner:%s:%d" % (o, NOW)),
            ("a list of a source", ("list", *by_coldkey, "--source", "reddit"),
             {"miner_coldkey": o, "source": "reddit"},
             "s3:validator:miner:%s:%d" % (o, NOW)),
            ("one file", ("files", *by_hotkey, "a"),
             {"miner_hotkey": m, "file_keys": ["a"]},
             "s3:validator:files:%s:%s:%d" % (m, v, NOW)),
            ("several files", ("files", *by_coldkey, "--hours", "168", "a/b",
                               "\"\\",
                       "\u00fc \n", ""),
             {"miner_coldkey": o, "file_keys": ["a/b", "\"\\", "\u00fc \n",
                                                ""], "expiry_hours": 168},
             "s3:validator:files:%s:%s:%d" % (o, v, NOW)),
            ("1,000 files", ("files", *by_hotkey, *"k" * 1000),
             {"miner_hotkey": m, "file_keys": ["k"] * 1000},
             "s3:validator:files:%s:%s:%d" % (m, v, NOW)),
            ("a file of 1,024 bytes", ("files", *by_hotkey, "\1" * 1024),
             {"miner_hotkey": m, "file_keys": ["\1" * 1024]},
             "s3:validator:files:%s:%s:%d" % (m, v, NOW))]:
        r = w.cli("sign", args[0], *base, *args[1:])
        body = json.loads(r.text) if r.status == 0 else {"signature": ""}
        signature = body.pop("signature")
        t.same((r.log, list(body.items())), ("", list({
            **want, "hotkey": v, "timestamp": NOW}.items())),
            "sign prints the fields in their order for %s" % text)
        t.ok(verifies(w.other.public.hex(), words.encode(), signature),
             "sign prints a good signature for %s" % text)
    for text, args in [
            ("list without a miner", ("list",)),
            ("files without a miner", ("files", "a")),
            ("list of a hotkey and a coldkey",
             ("list", *by_hotkey, *by_coldkey)),
            ("list of something that is no address",
             ("list", "--miner", "5abc")),
            ("list of an address of another network",
             ("list", "--miner", world.ss58(
                w.miner.public, 0))),
            ("files without a key", ("files", *by_hotkey)),
            ("files with hours in words", ("files", *by_hotkey, "--hours", "x",
                                       "a")),
            ("list with an operand", ("list", *by_hotkey, "a")),
            ("validator with an operand", ("validator", "a")),
            ("list of a source that cannot be", ("list", *by_coldkey,
                                                "--source", "X")),
            ("validator with a time in words", ("validator", "--timestamp",
                                            "x"))]:
        fails(t, "sign refuses wrong usage: " + text, 2, "sign",
              args[0], *base, *args[1:])
    fails(t, "sign list refuses to work without a hotkey", 2, "sign",
          "list", *by_hotkey)
    r = w.cli("sign", "list", *base, *by_hotkey, "--token", 'a"b/+\u00fc=')
    t.same((r.status, json.loads(r.text)["continuation_token"]),
           (0, 'a"b/+\u00fc='), "sign list takes a continuation token")
    for kind in ["validator"], ["files", *by_hotkey, "k"], ["folders"]:
        r = w.cli("sign", *kind, *base, "--token", "x")
        t.ok(r.status == 2 and not r.out,
             "sign %s takes no continuation token" % kind[0], r)
    r = w.cli("sign", "files", *base, *by_hotkey, "a", "\1" * 1025)
    t.same(r.status, 2, "sign files refuses a key of 1,025 bytes")
    r = w.cli("sign", "files", *base, *by_hotkey, *"k" * 1001)
    t.same(r.status, 2, "sign files refuses 1,001 keys")
    for kind in "miner", "validator", "list", "folders", "files", "--tao":
        t.ok("sign " + kind in w.cli("sign", "--help", env={}).text,
             "sign --help explains sign " + kind)


def wallets(t):
    mini = w.miner.mini.hex()
    seed = json.dumps({"secretSeed": "0x" + mini})

    def refused(text, path, why=""):
        fails(t, "sign refuses a hotkey file that is " + text, 1, "sign",
              "miner", "--hotkey", path, "--coldkey", w.owner, why=why)

    refused("missing", w.path("none"))
    refused("a directory", w.dir)
    refused("readable by others", w.write("open", seed, 0o644), "chmod 600")
    os.symlink(w.wallet(w.miner), w.path("hotkey-link"))
    t.same(w.cli("sign", "miner", "--hotkey", w.path("hotkey-link"),
                 "--coldkey", w.owner).status, 0,
           "a link to a hotkey file that only we can set is followed")
    for text, data, why in [
            ("encrypted", b"$NACL\x01\x02\xff", "encrypted"),
            ("not JSON", "hello", "not a hotkey file"),
            ("a JSON list", "[]", "not a hotkey file"),
            ("without a secret", json.dumps({"ss58Address": w.miner.ss58}), ""),
            ("made with another's public key", json.dumps({
                "secretSeed": mini, "publicKey": w.other.public.hex()}), ""),
            ("made with another's address", json.dumps({
                "secretSeed": mini, "ss58Address": w.other.ss58}), ""),
            ("made with a short seed",
             json.dumps({"secretSeed": "0x" + mini[2:]}), ""),
            ("made with a bad phrase",
             json.dumps({"secretPhrase": "abandon " * 12}), "")]:
        refused(text, w.write("bad", data, 0o600), why)


    coldkey = w.write("coldkey", seed, 0o600)
    refused("named coldkey, although it holds a good secret", coldkey,
            "coldkey; foldergate uses hotkeys only")
    refused("named coldkeypub.txt", w.write("coldkeypub.txt", seed, 0o600),
            "coldkey; foldergate uses hotkeys only")
    fails(t, "keygen makes no file named coldkey", 1, "keygen",
          os.path.join(w.state, "coldkey"), why="coldkey")
    t.ok(not os.path.exists(os.path.join(w.state, "coldkey")),
         "keygen made no file named coldkey")
    refused("a polkadot.js export", w.write("export.json", json.dumps({
        "encoded": "AAAA", "encoding": {"version": "3"},
        "address": w.miner.ss58}), 0o600), "polkadot.js")


def sign_tao(t):
    wallet, public = w.wallet(w.miner), w.miner.public.hex()
    nonces = set()
    for text, data in [("a body", b'{"job_id":"a","filename":"b"}'),
                       ("an empty body", b""),
                       ("a body of any bytes", bytes(range(256))),
                       ("a body of a megabyte", b"x" * (1 << 20))]:
        r = w.cli("sign", "--tao", w.write("body", data), "--hotkey", wallet)
        headers = re.findall(r'^header = "([^:"]+): ([^"]+)"$', r.text, re.M)
        h = dict(headers)
        t.same((r.status, r.log, len(headers), r.text.count("\n")),
               (0, "", 6, 6), "sign --tao prints six lines for curl for %s" %
               text)
        t.same([n for n, _ in headers], [
            "Content-Type", "X-Tao-Version", "X-Tao-Timestamp", "X-Tao-Nonce",
            "X-Tao-Signed-By", "X-Tao-Signature"],
               "sign --tao prints the headers in their order")
        t.same([h["Content-Type"], h["X-Tao-Version"], h["X-Tao-Timestamp"],
                h["X-Tao-Signed-By"]],
               ["application/json", "2", str(NOW * 1000), w.miner.ss58],
               "sign --tao prints version, time and hotkey")
        t.ok(re.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-"
                          "[89ab][0-9a-f]{3}-[0-9a-f]{12}", h["X-Tao-Nonce"]),
             "sign --tao makes a random UUID as nonce", h["X-Tao-Nonce"])
        nonces.add(h["X-Tao-Nonce"])
        message = "%s.%s.%s" % (hashlib.sha256(data).hexdigest(),
                                h["X-Tao-Nonce"], h["X-Tao-Timestamp"])
        signature = base64.b64decode(h["X-Tao-Signature"], validate=True)
        t.ok(verifies(public, message.encode(), signature.hex()),
             "sign --tao signs the digest, the nonce and the time")
    t.same(len(nonces), 4, "sign --tao makes another nonce for every request")
    r = w.cli("sign", "--tao", "-", "--hotkey", wallet, stdin=b"x")
    t.same((r.status, r.text.count("\n")), (0, 6),
           "sign --tao reads the body from standard input")
    body = w.path("body")
    fails(t, "sign --tao fails when the body's file is not there", 1, "sign",
          "--tao", w.path("none"), "--hotkey", wallet)
    fails(t, "sign --tao refuses a body of more than a megabyte", 1, "sign",
          "--tao", w.write("large", b"x" * ((1 << 20) + 1)), "--hotkey", wallet)
    fails(t, "sign --tao is refused together with a kind", 2, "sign", "miner",
          "--tao", body, "--hotkey", wallet)
    fails(t, "sign --tao is refused together with a coldkey", 2, "sign",
          "--tao", body, "--hotkey", wallet, "--coldkey", w.owner)
    fails(t, "sign --tao is refused without a hotkey", 2, "sign", "--tao", body)


def sign_btauth(t):
    wallet, public = w.wallet(w.miner), w.miner.public.hex()
    names = ["Content-Type"] + ["X-Bittensor-" + n for n in (
        "Version", "Hotkey", "Receiver", "Nonce", "Signature")]
    nonces = set()

    def sign(url, data=b"{}", *more):
        return w.cli("sign", "--btauth", w.write("body", data), "--hotkey",
                     wallet, "--receiver", w.owner, "--url", url, *more)

    def good(text, r, target, data=b"{}", method="POST"):
        headers = re.findall(r'^header = "([^:"]+): ([^"]+)"$', r.text, re.M)
        h = dict(headers)
        if (r.status, r.log, [n for n, _ in headers], r.text.count("\n")) != (
                0, "", names, 6):
            return t.ok(False, text, r)
        nonce = h["X-Bittensor-Nonce"]
        nonces.add(nonce)
        message = "\n".join(["btauth/1", "sr25519", method, target,
                             hashlib.sha256(data).hexdigest(), nonce,
                             w.miner.ss58, w.owner])
        t.same([h["Content-Type"], h["X-Bittensor-Version"],
                h["X-Bittensor-Hotkey"], h["X-Bittensor-Receiver"],
                int(nonce) // 10**9], ["application/json", "1", w.miner.ss58,
                                       w.owner, NOW],
               "the headers say who signs, for whom and when: " + text)
        t.ok(verifies(public, message.encode(),
                      h["X-Bittensor-Signature"].removeprefix("0x")),
             "the signature is that of the request: " + text)

    for text, data in [("a body", b'{"job_id":"a"}'), ("an empty body", b""),
                       ("a body of any bytes", bytes(range(256))),
                       ("a body of a megabyte", b"x" * (1 << 20))]:
        good(text, sign("/get-folder-access", data), "/get-folder-access",
             data)
    for url, target in [
            ("https://h.test/a", "/a"),
            ("http://h.test:81/a?b=%2F&c", "/a?b=%2F&c"),
            ("https://h.test", "/"), ("https://h.test?x", "/?x"),
            ("https://h.test/a#b", "/a"), ("https://h.test#b", "/"),
            ("/a?u=http://b/c", "/a?u=http://b/c"), ("/", "/"),
            ("/" + "x" * 1023, "/" + "x" * 1023)]:
        good("--url " + url[:40], sign(url), target)
    good("--method", sign("/a", b"{}", "--method", "pUt"), "/a", method="PUT")
    t.ok(len(nonces) > 12, "requests of one millisecond differ in the nonce",
         nonces)
    r = sign("/a", b"{}", "--timestamp", "1700000000")
    t.ok("X-Bittensor-Nonce: 1700000000000000000\"" in r.text,
         "--timestamp is the nonce", r)
    for text, status, change, why in [
            ("no receiver", 2, {"--receiver": None}, "--receiver"),
            ("a mistyped receiver", 2, {"--receiver": w.owner[:-1] + "x"},
             "--receiver"),
            ("no URL", 2, {"--url": None}, "--url"),
            ("a URL without a scheme", 2, {"--url": "h.test/a"}, "--url"),
            ("a URL with a blank", 2, {"--url": "/a b"}, "--url"),
            ("a URL with a line feed", 2, {"--url": "/a\nb"}, "--url"),
            ("a URL of 1,025 bytes", 2, {"--url": "/" + "x" * 1024}, "--url"),
            ("a long method", 2, {"--method": "x" * 17}, "--method"),
            ("a time after 2262", 2, {"--timestamp": "9223372037"}, "2262"),
            ("no such body", 1, {"--btauth": w.path("none")}, ""),
            ("no hotkey", 2, {"--hotkey": None}, "--hotkey"),
            ("--tao as well", 2, {"--tao": w.path("body")}, "--btauth"),
            ("--source", 2, {"--source": "x"}, "--source")]:
        options = {"--btauth": w.path("body"), "--hotkey": wallet,
                   "--receiver": w.owner, "--url": "/a", **change}
        args = [x for o in options.items() if o[1] is not None for x in o]
        fails(t, "sign --btauth is refused with " + text, status, "sign",
              *args, why=why)
    fails(t, "--receiver without --btauth is refused", 2, "sign", "validator",
          "--hotkey", wallet, "--receiver", w.owner, why="--receiver")


def verify(t):
    with open(SR25519) as f:
        rows = json.load(f)["rows"]
    bad, seen = [], {True: 0, False: 0}
    for i, row in enumerate(rows):
        # Under the identity key anybody signs: see SOURCE.
        valid = row["valid"] and int(row["public"], 16) != 0
        seen[valid] += 1
        r = w.cli("verify", "--public", row["public"], "--message-hex",
                  row["message"], "--signature", row["signature"], env={})
        if (r.status, r.text, r.log) != (
                (0, "valid\n", "") if valid else (1, "invalid\n", "")):
            bad.append("row %d, %s: %s" % (i, row["what"], r))
    t.none(bad, "verify tells %d valid rows and %d invalid rows apart" % (
        seen[True], seen[False]))
    t.ok(seen[True] >= 10 and seen[False] >= 100,
         "the vectors hold rows of both kinds")
    row = next(r for r in rows if r["valid"] and r["message"])
    public, message, signature = (row["public"], row["message"],
                                  row["signature"])
    r = w.cli("verify", "--signature", signature.upper(), "--message-hex",
              message.upper(), "--public", public.upper())
    t.same(r.status, 0,
           "verify takes hex in upper case and options in any order")
    for text, p, m, s in [
            ("a short key", public[2:], message, signature),
            ("a long key", public + "00", message, signature),
            ("a key with 0x", "0x" + public, message, signature),
            ("a message with half a byte", public, message + "0", signature),
            ("a message that is no hex", public, "zz", signature),
            ("a short signature", public, message, signature[2:]),
            ("an empty signature", public, message, ""),
            ("a signature with a blank", public, message,
             " " + signature[1:])]:
        fails(t, "verify refuses wrong usage: " + text, 2, "verify",
              "--public", p, "--message-hex", m, "--signature", s)
    fails(t, "verify refuses to work without a signature", 2, "verify",
          "--public", public, "--message-hex", message)


def shown():
    r = w.cli("snapshot", "show", "--json")
    if r.status != 0 or r.log:
        raise RuntimeError(str(r))
    return json.loads(r.text), r.out


def snapshot(t):
    path = os.path.join(w.state, "metagraph.snapshot")
    fails(t, "snapshot show fails when there is no snapshot", 1, "snapshot",
          "show")
    fails(t, "snapshot show --json fails when there is no snapshot", 1,
          "snapshot", "show", "--json")
    with open(METAGRAPH) as f:
        want = json.load(f)
    r = w.cli("snapshot", "import", METAGRAPH)
    t.same((r.status, r.text, r.log), (
        0, "256 neurons of netuid 13 at block %d\n" % want["block"], ""),
        "snapshot import takes 256 neurons")
    t.same(w.files(), ["metagraph.snapshot"],
           "snapshot import makes one file and no temporary one")
    got, text = shown()
    t.same((got["netuid"], got["block"], got["written_at"],
            got["advanced_at"]), (13, want["block"], NOW, NOW),
           "snapshot show prints netuid, block and times")
    t.same(got["neurons"], sorted(want["neurons"], key=lambda n: n["uid"]),
           "snapshot show prints every neuron as imported, ordered by uid")
    with open(path, "rb") as f:
        first = f.read()
    with w.time(NOW + 5):
        r = w.cli("snapshot", "import", "-", stdin=text)
        t.same(r.status, 0, "snapshot import takes what snapshot show prints")
        again, _ = shown()
        t.same(again, {**got, "written_at": NOW + 5},
               "an imported output of snapshot show differs only in written_at")
    w.cli("snapshot", "import", "-", stdin=text)
    with open(path, "rb") as f:
        t.same(f.read() == first, True,
               "an import at the same time makes the same bytes")
    lines = w.cli("snapshot", "show").text.splitlines()
    t.same(len(lines), 257,
           "snapshot show prints one line for each neuron and one for all")
    t.ok(re.match("netuid 13, block %d since 2026-03-20T09:48:43" %
                  want["block"], lines[0]),
         "the first line of snapshot show tells netuid, block and time",
         lines[0])
    shares = {tuple(s.split()[:3]) for s in lines[1:]}
    t.same(shares, {(str(n["uid"]), n["hotkey"], n["coldkey"])
                    for n in want["neurons"]},
           "snapshot show prints who owns which hotkey")
    top = [s for s in lines if s.endswith(" 18446744073.709551615")]
    t.same(len(top), sum(n["alpha_stake_rao"] == str(2**64 - 1)
                         for n in want["neurons"]),
           "snapshot show prints the largest stake exactly")
    t.same(sum(" permit " in s for s in lines),
           sum(n["permit"] for n in want["neurons"]),
           "snapshot show prints who has a permit")
    h = "0x" + "5a" * 32
    w.snapshot(block_hash=h, spec_version=365, advanced_at=NOW - 9)
    got, _ = shown()
    t.same([got["block_hash"], got["spec_version"], got["advanced_at"],
            got["written_at"]], [h, 365, NOW - 9, NOW],
           "snapshot import takes hash, runtime and time of the block")


def bad_rows(t, good):
    """Rows that nobody can use cost themselves only, and are named."""
    n = good["neurons"]
    zero = world.ss58(bytes(32))
    document = {**good, "genesis": FINNEY, "left_out": [40], "neurons": n + [
        {**n[0], "uid": 9}, {**n[1], "uid": 30, "hotkey": zero},
        {**n[1], "uid": 12, "hotkey": n[0]["coldkey"], "coldkey": zero}]}
    r = w.cli("snapshot", "import",
              w.write("import.json", json.dumps(document)))
    left = "left out, for a key of all zeros or a hotkey that occurs more " \
        "than once: 5 rows, uid 0 9 12 30 40"
    t.ok(r.status == 0 and left in r.text, "import names the rows that it "
         "leaves out", r)
    got, text = shown()
    t.same(([row["uid"] for row in got["neurons"]], got["left_out"],
            got["genesis"]), ([1, 2], [0, 9, 12, 30, 40], FINNEY),
           "a snapshot holds the other rows, and who was left out")
    t.same(w.cli("snapshot", "show").text.splitlines()[1], left,
           "show names the rows that were left out")
    w.cli("snapshot", "import", "-", stdin=text)
    t.same(shown()[0], got, "rows that were left out stay left out when what "
           "show prints is imported")
    w.snapshot(neurons=[{**row, "total_stake_rao": str(7 + row["uid"])}
                        for row in n])
    t.same([row["total_stake_rao"] for row in shown()[0]["neurons"]],
           ["7", "8", "9"], "total stakes are imported where there are any")


# Of the network that is configured by default.
FINNEY = "0x2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03"


def imports(t):
    """Whatever is refused leaves the snapshot as it was."""
    path = w.snapshot()
    with open(path, "rb") as f:
        before = f.read()
    n = w.neurons()
    good = {"netuid": 13, "block": 7000000, "neurons": n}
    first = n[0]

    def one(**more):
        return {**good, "neurons": [{**first, **more}, *n[1:]]}

    def less(name, of=None):
        of = of or good
        return {k: v for k, v in of.items() if k != name}

    cases = {
        "with nothing but a hotkey twice": {
            **good, "neurons": [first, {**first, "uid": 9}]},
        "with nothing but keys of zeros": {**good, "neurons": [
            {**first, "hotkey": world.ss58(bytes(32))},
            {**first, "coldkey": world.ss58(bytes(32))}]},
        "of another network": {**good, "genesis": "0x" + "5a" * 32},
        "with a genesis that is no hash": {**good, "genesis": "0x5a"},
        "with text in left_out": {**good, "left_out": ["7"]},
        "with left_out of -1": {**good, "left_out": [-1]},
        "with a total stake of one neuron only": {**good, "neurons": [
            {**first, "total_stake_rao": "1"}, *n[1:]]},
        "of another netuid": {**good, "netuid": 14},
        "that is not JSON": "hello", "that is empty": "",
        "with a netuid twice": json.dumps(good).replace(
            '"netuid": 13', '"netuid": 13, "netuid": 13'),
        "that is a list": "[]", "that is null": "null",
        "that is cut": json.dumps(good)[:-2],
        "with text after it": json.dumps(good) + "x",
        "of two documents": json.dumps(good) * 2,
        "in single quotes": json.dumps(good).replace('"', "'"),
        "without netuid": less("netuid"), "without a block": less("block"),
        "without neurons": less("neurons"),
        "with an empty list of neurons": {**good,
                                                         "neurons": []},
        "with neurons of null": {**good, "neurons": None},
        "with neurons as an object": {**good, "neurons": {"0": first}},
        "with a neuron of null": {**good, "neurons": [None]},
        "with a neuron as text": {**good, "neurons": [first["hotkey"]]},
        "with netuid of -1": {**good, "netuid": -1},
        "with netuid of 65549": {**good, "netuid": 65549},
        "with netuid of 13.0": {**good, "netuid": 13.0},
        "with netuid of null": {**good, "netuid": None},
        "with block of -1": {**good, "block": -1},
        "with block of 2^63": {**good, "block": 2**63},
        "with block of 1e3": json.dumps(good).replace("7000000", "1e3"),
        "with advanced_at of -1": {**good, "advanced_at": -1},
        "with advanced_at of words": {**good, "advanced_at": "yesterday"},
        "with a short block hash": {**good, "block_hash": "0x5a"},
        "with a block hash of 1": {**good, "block_hash": 1},
        "with uid of -1": one(uid=-1), "with uid of 65536": one(uid=65536),
        "with stake of -1": one(alpha_stake_rao=-1),
        "with stake of -1 as text": one(alpha_stake_rao="-1"),
        "with stake of 2^64 as text": one(alpha_stake_rao=str(2**64)),
        "with stake of 2^64": one(alpha_stake_rao=2**64),
        "with stake of 2^65": one(alpha_stake_rao=2**65),
        "with stake of 1.5": one(alpha_stake_rao=1.5),
        "with stake of nothing": one(alpha_stake_rao=""),
        "with stake with a space": one(alpha_stake_rao=" 1"),
        "with stake of null": one(alpha_stake_rao=None),
        "with permit of 1": one(permit=1),
        "with permit as text": one(permit="true"),
        "with permit of null": one(permit=None),
        "with hotkey of another network": one(hotkey=world.ss58(
            w.miner.public, 0)),
        "with hotkey with a bad checksum":
        one(hotkey=first["hotkey"][:-1] + "1"),
        "with hotkey in hex": one(hotkey=w.miner.public.hex()),
        "with coldkey of null": one(coldkey=None),
    }
    for name in first:
        cases["with a neuron without " + name] = {
            **good, "neurons": [less(name, first)]}
    for text, document in cases.items():
        data = document if isinstance(document, str) else json.dumps(document)
        fails(t, "snapshot import refuses a document " + text, 1, "snapshot",
              "import", w.write("import.json", data), lines=2)
    fails(t, "snapshot import fails when the file is not there", 1, "snapshot",
          "import", w.path("none"))
    with open(path, "rb") as f:
        t.ok(f.read() == before,
             "a refused import leaves the snapshot as it was")
    t.same(w.files(), ["metagraph.snapshot"],
           "a refused import leaves no other file")
    bad_rows(t, good)
    for text, value in [("2^64 - 1", str(2**64 - 1)), ("0", "0"),
                        ("2^63", str(2**63)), ("2^53 + 1", 2**53 + 1),
                        ("2^64 - 2, a number", 2**64 - 2)]:
        w.snapshot(neurons=[{**first, "alpha_stake_rao": value}])
        t.same(shown()[0]["neurons"][0]["alpha_stake_rao"], str(value),
               "snapshot import takes a stake of " + text)
    w.snapshot(neurons=[{**first, "uid": 65535, "extra": 1}], extra=[])
    t.same(shown()[0]["neurons"][0]["uid"], 65535,
           "snapshot import takes uid 65535 and ignores unknown members")
    w.write("state/metagraph.snapshot", "damaged")
    fails(t, "snapshot show refuses a damaged snapshot", 1, "snapshot", "show",
          lines=2)
    w.snapshot()
    with w.settings(chain_netuid=46):
        fails(t, "snapshot show refuses a snapshot of another subnet", 1,
              "snapshot", "show", lines=2)
    with w.settings(state_directory=w.path("none")):
        fails(t, "snapshot import fails without a state directory", 1,
              "snapshot", "import",
              w.write("import.json", json.dumps(good)), lines=2)


def settings_of(r):
    found = {}
    for line in r.text.splitlines():
        m = re.match(r"([a-z0-9]+\.[a-z0-9_]+) +(.*?) *; ([^;]+); (.+)$", line)
        if m:
            found[m.group(1)] = (m.group(2), m.group(3))
    return found


def check_config(t):
    with open("common/config/keys.def") as f:
        keys = [".".join(m) for m in re.findall(
            r"^(?:TEXT|LIST|INT|BOOL|ENUM|SET|MAYBE) ?\((\w+), (\w+),",
            f.read(), re.M)]
    t.ok(len(keys) >= 20, "keys.def holds at least 20 settings")
    with w.settings(access_sources="x, reddit, blue-sky", access_ttl_s=600):
        env = w.env(FOLDERGATE_ACCESS_TTL_S="77",
                    FOLDERGATE_CHAIN_ENDPOINTS="wss://a.test")
        r = w.cli("check-config", env=env)
        got = settings_of(r)
        t.same(r.status, 0, "check-config accepts a good configuration")
        t.same(sorted(got), sorted(keys), "check-config shows every setting")
        w.lines.insert(0, "")
        for name, value, origin in [
                ("s3.bucket", world.BUCKET, "line %d" % w.lines.index(
                    "bucket = " + world.BUCKET)),
                ("s3.access_key_id", world.KEY_ID, "line %d" % w.lines.index(
                    "access_key_id = " + world.KEY_ID)),
                ("access.sources", "x, reddit, blue-sky", "line %d" %
                 w.lines.index("sources = x, reddit, blue-sky")),
                ("access.ttl_s", "77", "environment"),
                ("chain.endpoints", "wss://a.test", "environment"),
                ("access.list_ttl_s", "10800", "default"),
                ("access.layouts", "coldkey, hotkey", "default"),
                ("chain.netuid", "13", "default"),
                ("s3.upload_access_key_id", "", "not set")]:
            t.same(got.get(name), (value, origin),
                   "check-config shows %s and its origin" % name)
        t.ok(w.conf in r.text, "check-config names the file it read")
        t.ok("%s: a secret is there" % w.path("s3.secret") in r.text,
             "check-config says of a secret only that it is there", r)
    secret = "environment/only+fedcba9876543210"
    endpoint.never.add(secret)
    r = w.cli("check-config", env=w.env(
        FOLDERGATE_S3_SECRET_ACCESS_KEY=secret))
    t.ok(r.status == 0 and "FOLDERGATE_S3_SECRET_ACCESS_KEY is set" in r.text,
         "check-config accepts a secret in the environment", r)
    for mode, text in ((0o644, "open to others"), (0o600, None)):
        os.chmod(w.path("s3.secret"), mode)
        r = w.cli("check-config")
        t.same((r.status, "(secret_unreadable)" in r.text),
               (1, True) if text else (0, False),
               "check-config tells a secret file that is %s" % (text or "good"))
    with w.settings(auth_receiver=w.owner):
        r = w.cli("check-config")
        t.same((r.status, "\nproofs: text tao btauth\n" in r.text,
                "warning: auth." in r.text), (0, True, False),
               "check-config says which proofs are accepted")
    t.ok("\nproofs: text tao\n" in w.cli("check-config").text,
         "check-config does not count btauth without auth.receiver")
    with w.settings(auth_tao_everywhere="yes"):
        r = w.cli("check-config")
        t.ok(r.status == 0 and "\nwarning: auth.tao_everywhere" in r.text,
             "check-config warns of auth.tao_everywhere", r)
    with w.settings(auth_schemes="btauth"):
        r = w.cli("check-config")
        t.ok(r.status == 1 and "no proof is accepted" in r.text,
             "check-config refuses btauth alone without auth.receiver", r)
    with w.settings(auth_receiver=w.owner[:-1] + (
            "a" if w.owner[-1] != "a" else "b")):
        r = w.cli("check-config")
        t.ok(r.status == 1 and "auth.receiver is not an SS58 address" in
             r.text, "check-config refuses a mistyped auth.receiver", r)
    with w.settings(state_directory=w.path("none")):
        r = w.cli("check-config")
        t.same((r.status, "state.directory" in r.text), (1, True),
               "check-config refuses a state directory that is not there")
    with w.settings(s3_bucket="UPPER"):
        t.same(w.cli("check-config").status, 1,
               "check-config refuses a bucket that cannot be")
    with w.settings(access_ttl_s="abcdef"):
        fails(t, "check-config names the bad setting and lists all", 1,
              "check-config",
              out=b"\nstate.directory ", why="%s:%d: access.ttl_s" % (
                  w.conf, w.lines.index("ttl_s = abcdef") + 1))
    with w.settings(s3_access_key_id=None):
        t.same(w.cli("check-config").status, 1,
               "check-config refuses a configuration without a key pair")
    with w.settings(s3_secret_access_key_file=None):
        t.same(w.cli("check-config").status, 1,
               "check-config refuses a key id without its secret")
        fails(t, "check-config fails without a configuration file", 1,
              "check-config",
              out=b"\nstate.directory ", env={"FOLDERGATE_CONFIG": w.path(
                  "none")}, why=w.path("none"))


COMMANDS = ("upload", "form", "ls", "du", "get", "cat", "migrate", "compare",
            "keygen", "sign", "verify", "snapshot", "check-config", "doctor",
            "selftest", "check-store", "credentials", "explain", "deny",
            "audit", "usage", "top", "logs", "config", "completion")


def usage(t):
    address = w.miner.ss58
    for word, args in [
            ("FILE", ("keygen",)), ('"b"', ("keygen", "a", "b")),
            ("--force", ("keygen", "--force", "a")),
            ("--public", ("verify",)), ('"a"', ("verify", "a")),
            ("import", ("snapshot",)), ("FILE", ("snapshot", "import")),
            ('"look"', ("snapshot", "look")),
            ('"more"', ("snapshot", "show", "more")),
            ('"b"', ("snapshot", "import", "a", "b")),
            ("--json", ("snapshot", "import", "--json", "a")),
            ("--json", ("snapshot", "show", "--json", "--json")),
            ("--json", ("snapshot", "show", "--json=yes")),
            ('"more"', ("check-config", "more")),
            ("--json", ("check-config", "--json")),
            ("sign", ("sign",)), ('"king"', ("sign", "king")),
            ('"miner"', ("sign", "miner", "--tao", "a")),
            ('"x"', ("sign", "validator", "x")),
            ("HOTKEY", ("explain",)), ('"5x"', ("explain", "5x")),
            ("--as", ("explain", address, "--as", "king")),
            ('"x"', ("explain", address, "x")),
            ("add", ("deny",)), ('"king"', ("deny", "king")),
            ("--for", ("deny", "add", "--hotkey", address, "--reason", "x",
                       "--for", "1w")),
            ("--until", ("deny", "add", "--hotkey", address, "--reason", "x",
                         "--until", "1h")),
            ("verify", ("audit",)), ('"king"', ("audit", "king")),
            ("--head", ("audit", "head", "--head", "1:00")),
            ("--head", ("audit", "verify", "--head", "1")),
            ('"5x"', ("usage", "5x"))]:
        fails(t, "wrong usage names what is wrong: %r" % " ".join(args), 2,
              *args, why=word)
    for word in "frobnicate", "--frobnicate", "":
        r = w.cli(word)
        t.same((r.status, r.out, r.log), (
            2, b"", 'foldergate: unknown command "%s" (see foldergate help)\n'
            % word), "an unknown command is named on standard error: %r" % word)
        r = w.cli("help", word)
        t.same((r.status, r.out), (2, b""),
               "help for an unknown command is refused: %r" % word)
    r = w.cli()
    t.ok(r.status == 2 and r.out == b"" and
         r.log.startswith("usage: foldergate COMMAND"),
         "without a command all commands are listed on standard error", r)
    for args in ("--help",), ("help",), ("-h",):
        r = w.cli(*args, env={})
        t.ok(r.status == 0 and r.text.startswith("usage: foldergate") and
             r.log == "", "foldergate %s is no error" % args[0], r)
        t.same(re.findall(r"(?m)^  ([a-z-]+)  +[A-Z]", r.text), list(COMMANDS),
               "foldergate %s lists every command" % args[0])
    with open("VERSION") as f:
        version = f.read()
    t.ok(re.fullmatch(r"\d+\.\d+\.\d+\n", version),
         "the file VERSION holds a version")
    for name in "foldergate", "chain-sync", "bucket-sync":
        r = endpoint.program(os.path.join(endpoint.BUILD, "bin", name),
                             ("--version",), {})
        t.same((r.status, r.text, r.log), (0, name + " " + version, ""),
               "%s --version prints the version" % name)
    for name in "chain-sync", "bucket-sync":
        r = endpoint.program(os.path.join(endpoint.BUILD, "bin", name),
                             ("--help",), {})
        t.ok(r.status == 0 and r.text.startswith("usage: %s " % name) and
             not r.log, "%s --help is no error" % name, r)


def helps(t):
    for name in COMMANDS:
        r = w.cli(name, "--help", env={})
        t.ok(r.status == 0 and r.log == "" and
             r.text.startswith("usage: foldergate " + name) and
             re.search(r"\nExamples?:\n  (.*\n  )*.*foldergate %s" % name,
                       r.text),
             "%s --help prints help with an example" % name, r)
        t.none([s for s in r.text.splitlines() if len(s) > 79],
               "the help of %s fits a terminal" % name)
        for args in (("help", name), (name, "-h"),
                     (name, "whatever", "--unknown", "--help")):
            again = w.cli(*args, env={})
            t.same((again.status, again.text, again.log), (0, r.text, ""),
                   "%s prints the same help" % " ".join(args))
    r = w.cli("keygen", "--", "--help", "more")
    t.same((r.status, r.out), (2, b""), "after -- the word --help is no option")


def options(t):
    wallet = w.wallet(w.miner)
    apart = sign(wallet, "--source", "x", "--timestamp", "1700000000")
    joined = sign(wallet, "--source=x", "--timestamp=1700000000")
    for body in apart, joined:
        body.pop("signature")
    t.same(joined, apart, "--opt=value means the same as --opt value")
    r = w.cli("sign", "list", "--hotkey=" + wallet, "--miner", w.owner,
              "--token=a=b==")
    t.same(json.loads(r.text)["continuation_token"], "a=b==",
           "only the first = ends the option's name")
    r = w.cli("sign", "list", "--hotkey=" + wallet, "--miner", w.owner,
              "--token=")
    t.same(json.loads(r.text)["continuation_token"], "",
           "the value of an option may be empty")
    for word in "--sources=x", "--sour=x", "--=x", "--source-x":
        fails(t, "an option that does not exist is named: " + word, 2, "sign",
              "miner", word, why="unknown option " + word.split("=")[0])
    fails(t, "an option given with = and then again is refused", 2, "sign",
          "miner", "--source=x", "--source", "x", why="--source is given twice")
    fails(t, "an option without its value is refused", 2, "sign", "miner",
          "--source", why="--source needs a value")


def full(t):
    """/dev/full takes nothing, as a full disk does."""
    wallet = w.wallet(w.miner)
    w.snapshot()
    path = os.path.join(endpoint.BUILD, "test", "bin", "foldergate")
    for args in (["help"], ["--version"], ["sign", "--help"],
                 ["sign", "validator", "--hotkey", wallet],
                 ["snapshot", "show", "--json"], ["check-config"]):
        with open("/dev/full", "w") as out:
            r = subprocess.run([path, *args], stdout=out, env=w.env(),
                               stderr=subprocess.PIPE, text=True)
        t.same((r.returncode, r.stderr), (
            1, "foldergate: standard output cannot be written: "
            "No space left on device\n"),
            "a full standard output is reported by " + " ".join(args[:2]))


if __name__ == "__main__":
    tap.run([keygen, sign_miner, sign_kinds, wallets, sign_tao, sign_btauth,
             verify, snapshot, imports, check_config, usage, helps, options,
             full], endpoint.check_outputs)
