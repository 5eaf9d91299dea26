#!/usr/bin/python3
"""Every kind of URL and form, compared with botocore's for random inputs, byte
for byte; and what is refused.

usage: botocore.t [SEED]
"""

import calendar
import datetime
import ipaddress
import json
import os
import random
import re
import string
import subprocess
import sys
import time
import types

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import botocore.auth
import botocore.session
import botocore.signers
import endpoint
import tap
from botocore.config import Config

SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 20130524
INPUTS = 500
LAST = 4102444799       # 2099-12-31T23:59:59Z
WEEK = 604800
KEY_MAX = 1024          # bytes
TOKEN_MAX = 2048

OBJECTS = {"GET": "get_object", "HEAD": "head_object", "PUT": "put_object"}
# Of a listing, in the order of our URLs; botocore's is that of its arguments.
LISTS = {"prefix": "Prefix", "delimiter": "Delimiter", "max_keys": "MaxKeys",
         "token": "ContinuationToken", "start_after": "StartAfter"}
KINDS = *OBJECTS, "LIST", "LIST", "FOLDER", "EXACT"
FORMS = "FOLDER", "EXACT"
PLACE = ["endpoint", "region", "bucket", "virtual", "id", "secret", "now",
         "ttl"]

# --- random inputs -----------------------------------------------------------

SPECIAL = " +%=&~'()*!;:@$,-_.?#[]{}|\\^`\"<>/"
CONTROL = "\t\n\r\x01\x1f\x7f"
BASE64 = string.ascii_letters + string.digits + "/+"
FRONT = "", "", "", ".", "..", "./", "../", "/", "//", ".hidden/", "a//b/../"
REGIONS = "us-east-1", "auto", "nyc3", "eu-central-1"
HOSTS = ("nyc3.digitaloceanspaces.com", "s3.eu-central-1.amazonaws.com",
         "0a1b2c.r2.cloudflarestorage.com", "localhost", "store.test")

rng = random.Random(SEED)


def letters(alphabet, most, least=1):
    return "".join(rng.choices(alphabet, k=rng.randint(least, most)))


def of_plane(plane):
    low = 0x80 if plane == 0 else 0
    while 0xd800 <= (c := plane << 16 | rng.randint(low, 0xffff)) < 0xe000:
        pass
    return chr(c)


def text(most, extra=CONTROL, front=FRONT):
    """UTF-8 of up to so many bytes, often exactly as many.  (Bytes that are
    no text, which botocore does not take, are for the unit tests.)"""
    size = rng.choice([rng.randint(1, 9), rng.randint(1, 99),
                       rng.randint(1, most), most])
    out = rng.choice(front).encode()[:size]
    while len(out) < size:
        piece = rng.choice([
            lambda: rng.choice(SPECIAL + extra),
            lambda: rng.choice(["%2F", "%00", "+", "%%", "\u2028", "\u2029"]),
            lambda: letters(string.ascii_letters + string.digits, 20),
            lambda: of_plane(rng.randrange(17))])().encode()
        out += piece if len(out) + len(piece) <= size else b"x"
    return out.decode()


def key_of_form(kind):
    """What a form takes: see refusals() for what it does not."""
    end = "/" if kind == "FOLDER" else ""
    key = text(KEY_MAX - len(end), extra="").replace("${", "$(")
    return ("S" + key[1:] if key[0] == "$" else key) + end


def label(most):
    """Of a host or a bucket."""
    inner = string.ascii_lowercase + string.digits
    return rng.choice(string.ascii_lowercase) + letters(
        inner + "-", most - 2) + rng.choice(inner)


def host():
    """A host, and whether it is an address."""
    kind = rng.randrange(5)
    if kind == 0:
        address = ipaddress.IPv6Address(0x20010db8 << 96 | rng.choice([
            rng.getrandbits(96), rng.getrandbits(16)]))
        return "[%s]" % address, True
    if kind == 1:
        return str(ipaddress.IPv4Address(rng.getrandbits(32))), True
    if kind == 2:
        return ".".join(label(rng.choice([3, 9, 60])) for _ in range(
            rng.randint(1, 3))), False
    return rng.choice(HOSTS), False


def place():
    name, is_address = host()
    port = rng.choice(["", "", ":80", ":443", ":%d" % rng.randint(1, 65535)])
    bucket = label(rng.choice([3, 10, 63]))
    virtual = not is_address and rng.random() < 0.5
    # botocore has no dots in a host's bucket, over http either.
    if not virtual and len(bucket) < 30 and rng.random() < 0.3:
        bucket += "." + label(30)
    return {
        "endpoint": rng.choice(["http://", "https://"]) + name + port,
        "region": rng.choice([*REGIONS, label(rng.choice([4, 63]))]),
        "bucket": bucket, "virtual": int(virtual),
        "id": letters([chr(c) for c in range(33, 127) if chr(c) != "/"],
                      rng.choice([20, 128])),
        "secret": rng.choice([
            lambda: letters(BASE64, 40, 40),
            lambda: text(256, extra="", front=("/", "+"))])(),
        "now": rng.choice([0, LAST, *(rng.randint(0, LAST),) * 8]),
        "ttl": rng.choice([1, WEEK, *(rng.randint(1, WEEK),) * 8])}


def of_list(combination):
    """Each bit is a parameter that is there; sometimes it is empty."""
    values = [rng.choice(["", text(KEY_MAX), text(KEY_MAX)]),
              rng.choice(["", "/", text(20)]), rng.randint(1, 1000),
              rng.choice(["", text(TOKEN_MAX), letters(BASE64 + "=", 88)]),
              rng.choice(["", text(KEY_MAX), text(KEY_MAX)])]
    return {name: value for i, (name, value) in enumerate(zip(LISTS, values))
            if combination >> i & 1}


def make(i):
    kind = KINDS[i % len(KINDS)]
    case = {"kind": kind, **place()}
    if kind == "LIST":
        case.update(of_list(i // len(KINDS) * 2 + i % 2))
    elif kind in FORMS:
        low = rng.choice([0, rng.getrandbits(rng.randint(1, 40))])
        case.update(key=key_of_form(kind), min=low, max=low + rng.choice(
            [0, rng.getrandbits(rng.randint(1, 40))]))
    else:
        case["key"] = text(KEY_MAX)
    return case


# --- ours --------------------------------------------------------------------

def line(case):
    names = PLACE + (list(LISTS) if case["kind"] == "LIST" else
                     ["key", "min", "max"] if case["kind"] in FORMS else
                     ["key", "bytes"] if case["kind"] == "SIZED" else
                     ["key"])
    values = [case.get(name) for name in names]
    return " ".join([case["kind"]] + [
        "-" if v is None else (v if isinstance(v, bytes) else
                               str(v).encode()).hex() for v in values]) + "\n"


def ours(cases):
    """One process presigns all."""
    path = os.path.join(endpoint.BUILD, "test", "bin", "presigner")
    p = subprocess.run([path], input="".join(map(line, cases)).encode(),
                       stdout=subprocess.PIPE, timeout=60, check=True)
    return [json.loads(answer) for answer in p.stdout.splitlines()]


# --- botocore's --------------------------------------------------------------

class Clock(datetime.datetime):
    """Only utcnow() is asked."""

    unix = 0

    @classmethod
    def utcnow(cls):
        return cls(1970, 1, 1) + datetime.timedelta(seconds=cls.unix)


def dumps(policy):
    """Our text of the same JSON: UTF-8 where json.dumps() has \\uXXXX, but for
    the two that end a line in JavaScript; and without the {"key": KEY} that
    botocore adds to our ["eq", "$key", KEY]."""
    conditions = [c for c in policy["conditions"]
                  if isinstance(c, list) or "key" not in c]
    same = json.dumps({**policy, "conditions": conditions},
                      ensure_ascii=False)
    return same.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


botocore.auth.datetime = botocore.signers.datetime = types.SimpleNamespace(
    datetime=Clock, timedelta=datetime.timedelta)
botocore.auth.json = types.SimpleNamespace(dumps=dumps)
session = botocore.session.Session()


def client(case):
    return session.create_client(
        "s3", region_name=case["region"], endpoint_url=case["endpoint"],
        aws_access_key_id=case["id"], aws_secret_access_key=case["secret"],
        config=Config(signature_version="s3v4", s3={
            "addressing_style": "virtual" if case["virtual"] else "path"}))


def params(case):
    if case["kind"] in OBJECTS:
        return {"Bucket": case["bucket"], "Key": case["key"]}
    given = {"prefix": "", **case}      # we always write it
    return {"Bucket": case["bucket"], **{
        LISTS[n]: given[n] for n in LISTS if n in given},
        "EncodingType": "url"}


def form(s3, case):
    key, exact = case["key"], case["kind"] == "EXACT"
    return s3.generate_presigned_post(
        case["bucket"], key if exact else key + "${filename}",
        Fields={"acl": "private", "x-amz-storage-class": "STANDARD"},
        Conditions=[{"acl": "private"},
                    ["eq" if exact else "starts-with", "$key", key],
                    ["content-length-range", case["min"], case["max"]],
                    {"x-amz-storage-class": "STANDARD"}],
        ExpiresIn=case["ttl"])


def botocores(case):
    """What botocore makes of it, in the form of our answer."""
    s3, kind = client(case), case["kind"]
    Clock.unix = case["now"]
    out = form(s3, case) if kind in FORMS else {
        "url": s3.generate_presigned_url(
            OBJECTS.get(kind, "list_objects_v2"), Params=params(case),
            ExpiresIn=case["ttl"])}
    # botocore signs no default port either, but leaves it in the URL.
    port = ":443" if case["endpoint"].startswith("https:") else ":80"
    if case["endpoint"].endswith(port):
        out["url"] = out["url"].replace(port + "/", "/", 1)
    # A bucket in the host: the contract has no slash behind a form's URL.
    if kind in FORMS and case["virtual"]:
        assert out["url"].endswith("/")
        out["url"] = out["url"][:-1]
    return {"error": "OK", **out}


# --- tests -------------------------------------------------------------------

cases = [make(i) for i in range(INPUTS)]


def equal(t):
    wrong = {kind: [] for kind in KINDS}
    for case, our in zip(cases, ours(cases)):
        their = botocores(case)
        # As text: the order of a form's fields counts.
        a, b = json.dumps(our), json.dumps(their)
        if a != b:
            wrong[case["kind"]] += [str(case), "ours       " + a,
                                    "botocore's " + b]
    for kind in wrong:
        n = sum(case["kind"] == kind for case in cases)
        t.none(wrong[kind], "%s: %d of seed %d, equal to the byte" % (
            kind, n, SEED))


def sized(t):
    """A PUT with a signed length is signed for the second and lifetime that
    its URL tells, and then it is botocore's, too."""
    wrong, puts = [], [{**case, "kind": "SIZED", "bytes": len(case["key"])}
                       for case in cases if case["kind"] == "PUT"]
    for case, our in zip(puts, ours(puts)):
        query = our["url"].partition("?")[2]
        date, ttl = re.search(r"X-Amz-Date=(\w+)&X-Amz-Expires=(\d+)&",
                              query).groups()
        Clock.unix = calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))
        their = client(case).generate_presigned_url("put_object", {
            **params({**case, "kind": "PUT"}),
            "ContentLength": case["bytes"]}, int(ttl))
        port = ":443" if case["endpoint"].startswith("https:") else ":80"
        if case["endpoint"].endswith(port):
            their = their.replace(port + "/", "/", 1)
        # An id may hold the digits, and so may a whole month (2034-09).
        front, back = query.split("&X-Amz-Expires=")
        if our["url"] != their or ("409" in back and "409" not in front):
            wrong += [str(case), our["url"], their]
    t.none(wrong, "SIZED: %d of seed %d, equal to the byte" % (
        len(puts), SEED))


def varied(t):
    """Random inputs prove what is in them."""
    def some(true):
        return any(true(case) for case in cases)

    keys = [c["key"] for c in cases if c["kind"] in OBJECTS]
    posts = [c["key"] for c in cases if c["kind"] in FORMS]
    lacking = []
    for name, texts, extra in ("keys", keys, CONTROL), ("forms", posts, ""):
        every = "".join(texts)
        lacking += ["%s: %r" % (name, c) for c in SPECIAL + extra
                    if c not in every]
        lacking += ["%s: plane %d" % (name, p) for p in range(17)
                    if not any(ord(c) >> 16 == p for c in every if c > "\x7f")]
        lacking += ["%s: %s" % (name, what) for what, true in [
            ("1,024 bytes", lambda k: len(k.encode()) == KEY_MAX),
            ("a leading dot", lambda k: k[0] == "."),
            ("..", lambda k: k.startswith("../"))] if not any(map(true, texts))]
    lacking += [region for region in REGIONS
                if not some(lambda c: c["region"] == region)]
    for scheme in "http", "https":
        for virtual in 0, 1:
            for port in "", ":80", ":443", r":[1-9]\d{3,4}":
                if not some(lambda c: c["virtual"] == virtual and re.fullmatch(
                        scheme + r"://([^:]+|\[.+])" + port, c["endpoint"])):
                    lacking.append("%s, %d, %s" % (scheme, virtual, port))
    combinations = {tuple(n in c for n in LISTS) for c in cases
                    if c["kind"] == "LIST"}
    lacking += [what for what, good in [
        ("every combination of parameters", len(combinations) == 32),
        ("IPv6", some(lambda c: "[" in c["endpoint"])),
        ("1970", some(lambda c: c["now"] == 0)),
        ("2099", some(lambda c: c["now"] == LAST)),
        ("a second", some(lambda c: c["ttl"] == 1)),
        ("a week", some(lambda c: c["ttl"] == WEEK)),
        ("/ and + in a secret", some(lambda c: {"/", "+"} <= set(
            c["secret"])))] if not good]
    t.none(lacking, "the inputs hold what they should")


GOOD = {"endpoint": "https://store.test", "region": "nyc3", "bucket": "abc",
        "virtual": 0, "id": "ID", "secret": "secret", "now": 1369353600,
        "ttl": 60, "key": "a/", "prefix": "a/", "min": 0, "max": 1}
REFUSED = {
    "ttl": [0, -1, WEEK + 1], "now": [-1, -2**63],
    "id": ["", "a/b", "a b", "a\tb", "\u00e9", "x" * 129],
    "secret": ["", "a\tb", "a\n", "\x7f", "x" * 257],
    "region": ["", "a/b", "a b", "\u00e9", "x" * 64],
    "bucket": ["", "ab", "Abc", "a_b", "a..b", "-ab", "1.2.3.4", "x" * 64],
    "endpoint": ["", "store.test", "ftp://store.test", "https://Store.test",
                 "https://store.test/", "https://u@store.test",
                 "https://store.test:0", "https://store.test:65536",
                 "https://2130706433", "https://[0:0::1]", "https://[::1"]}
OF_KEY = ["", "a\0/", "x" * KEY_MAX + "/"]
OF_FORM = ["a%c/" % c for c in [*range(1, 32), 127]] + [
    "a/${filename}/", "$a/", b"\xff/", b"\xed\xa0\x80/"]


def refusals(t):
    """Not what botocore does, which signs most of these: what is refused, in
    every kind that has the field."""
    bad = [{**GOOD, "kind": kind, name: value} for kind in set(KINDS)
           for name in REFUSED for value in REFUSED[name]]
    bad += [{**GOOD, "kind": kind, **more, "virtual": 1} for kind in set(KINDS)
            for more in [{"endpoint": "http://[::1]"},
                         {"endpoint": "http://127.0.0.1"},
                         {"bucket": "with.dot"}]]
    bad += [{**GOOD, "kind": kind, "key": key}
            for kind in (*OBJECTS, *FORMS) for key in OF_KEY]
    bad += [{**GOOD, "kind": kind, "key": key}
            for kind in FORMS for key in OF_FORM]
    bad += [{**GOOD, "kind": "FOLDER", "key": "a"}]
    bad += [{**GOOD, "kind": kind, "min": low, "max": high}
            for kind in FORMS for low, high in [(-1, 1), (2, 1)]]
    bad += [{**GOOD, "kind": "LIST", name: value} for name, value in [
        ("max_keys", -1), ("max_keys", 1001),
        *((n, "\0") for n in LISTS if n != "max_keys"),
        *((n, "x" * (KEY_MAX + 1)) for n in ("prefix", "start_after",
                                             "delimiter")),
        ("token", "x" * (TOKEN_MAX + 1))]]
    wrong = [(case, a) for case, a in zip(bad, ours(bad))
             if a not in ({"error": "FORMAT"}, {"error": "RANGE"})]
    t.none(wrong, "%d are refused, and nothing is signed" % len(bad))
    good = ours([{**GOOD, "kind": kind} for kind in KINDS])
    t.same([a["error"] for a in good], ["OK"] * len(KINDS),
           "what they were made from is not")


if __name__ == "__main__":
    tap.run([equal, sized, varied, refusals])
