#!/usr/bin/python3
"""POST /get-folder-access: what real clients send is accepted."""

import json
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import world
from world import NOW, g1_words, g2_words

w = world.World()
w.snapshot()
G1 = "data/x/%s/" % w.owner
G2 = "data/hotkey=%s/" % w.miner.ss58
g1, g2 = g1_words(w.owner, "x", NOW), g2_words(w.owner, w.miner.ss58, NOW)


def good(t, text, body, folder=G2, **more):
    a = w.post(body, **more)
    bad = list(a.wrong)
    if (a.status, a.code, a.err) != (0, 200, b""):
        bad.append(str(a))
    elif a.json["folder"] != folder or a.json["fields"]["key"] != \
            folder + "${filename}":
        bad.append("folder %r, not %r" % (a.json["folder"], folder))
    t.none(bad, text)


def signatures(t):
    sig = w.request()["signature"]
    for text, s in [
            ("of lower-case hex", sig), ("of upper-case hex", sig.upper()),
            ("of mixed-case hex", sig[:60].upper() + sig[60:]),
            ("with 0x in front", "0x" + sig),
            ("with 0X in front and upper-case hex", "0X" + sig.upper()),
            ("with spaces between bytes",
             " ".join(sig[i:i + 2] for i in range(0, 128, 2))),
            ("with spaces around it", " " + sig + " ")]:
        good(t, "a signature is accepted: it is " + text,
             w.request(signature=s))
    for i in range(3):
        good(t, "a G2 text wrapped in <Bytes> is accepted, signature %d" % i,
             w.request(
            words="<Bytes>%s</Bytes>" % g2))
    good(t, "a G1 text wrapped in <Bytes> is accepted", w.request(
        source="x", words="<Bytes>%s</Bytes>" % g1), G1)
    good(t, "a G1 text wrapped in <Bytes> is accepted without a source in the "
         "body", w.request(
        words="<Bytes>%s</Bytes>" % g1), G1)
    good(t,
         "a G2 text wrapped in <Bytes> is accepted with a source in the body",
         w.request(
        source="x", words="<Bytes>%s</Bytes>" % g2))
    good(t,
         "the signature of a wrapped text is accepted in upper case with 0x",
         w.request(
        signature="0x" + w.miner.sign("<Bytes>%s</Bytes>" % g2).upper()))


def headers(t):
    body = w.request()
    for value in (None, "", "application/json",
                  "application/json; charset=utf-8", "APPLICATION/JSON",
                  "application/json;charset=UTF-8", "application/x+json",
                  "application/vnd.api+json; v=1"):
        good(t, "a body with the Content-Type %s is accepted" % value, body,
             CONTENT_TYPE=value)
    good(t, "a request without GATEWAY_INTERFACE is accepted", body,
         GATEWAY_INTERFACE=None)
    good(t, "a chunked body of no announced length is accepted", body,
         CONTENT_LENGTH=None, HTTP_TRANSFER_ENCODING="chunked")
    good(t, "the headers of a browser and a proxy change nothing", body,
         HTTP_X_FORWARDED_FOR="192.0.2.1, 192.0.2.2", HTTP_HOST="x",
         HTTP_X_FORWARDED_PROTO="https", HTTP_ACCEPT="*/*",
         HTTP_USER_AGENT="python-requests/2.31", HTTP_COOKIE="a=b",
         HTTP_ORIGIN="https://example", QUERY_STRING="a=b&c", HTTPS="on",
         HTTP_X_REQUEST_ID="409", REMOTE_PORT="1", PATH_INFO="")


def bodies(t):
    plain = json.dumps(w.request()).encode()
    compact = json.dumps(w.request(), separators=(",", ":")).encode()
    good(t, "a body without white space is accepted", compact)
    good(t, "an indented body is accepted",
         json.dumps(w.request(), indent=8).encode())
    good(t, "white space around the body is accepted",
         b" \t\r\n" + plain + b" \t\r\n")
    good(t, "a body of exactly 64 KiB is accepted",
         plain + b" " * (65536 - len(plain)))
    good(t, "the fields are accepted in another order", json.dumps(dict(
        reversed(w.request().items()))).encode())
    good(t, "escapes in names and values are accepted", json.dumps(w.request(
        source="x")).replace('"source"', '"\\u0073ource"').replace(
        '"x"', '"\\u0078"').encode(), G1)


def extra(t):
    for text, more in [
            ("netuid, as G1's clients send it", {"netuid": 13}),
            ("network", {"network": "finney"}),
            ("a null", {"extra": None}),
            ("numbers of any kind",
             {"a": -1, "b": 1.5, "c": 1e300, "d": 2**70, "e": -0.0}),
            ("nested lists and objects",
             {"a": [1, {"b": [{"c": {}}]}], "d": {"e": {"f": []}}}),
            ("equal names in different objects",
             {"a": {"b": 1}, "c": {"b": 1, "hotkey": 2}}),
            ("text of all kinds",
             {"\u00fc": "\u00e9\u2028\U0001f600 ../${x} * \" \\ / \n\t"}),
            ("known names in another case", {"Hotkey": 1, "COLDKEY": 2}),
            ("the empty name", {"": 1}),
            ("a thousand fields", {"f%d" % i: i for i in range(1000)}),
            ("a value nested 14 deep", {"a": json.loads("[" * 14 + "]" * 14)}),
            ("the fields of other routes",
             {"miner_hotkey": "x", "job_id": "y", "file_keys": ["z"]})]:
        good(t, "unknown fields are ignored, written in ASCII: " + text,
             w.request(**more))
        body = json.dumps(w.request(**more), ensure_ascii=False)
        good(t, "unknown fields are ignored, written in UTF-8: " + text,
             body.encode())
    good(t, "a raw DEL in an ignored value is accepted",
         json.dumps(w.request(a="@")).replace("@", "\x7f").encode())
    for source in ("x", "reddit", "mastodon", "a" * 32, "-", "_", "0"):
        good(t, "with a signed G2 text the source is ignored: " + source,
             w.request(
            source=source, words=g2))


def times(t):
    for text, at in [("now", NOW), ("299 s ago", NOW - 299),
                     ("300 s ago", NOW - 300), ("59 s ahead", NOW + 59),
                     ("60 s ahead", NOW + 60)]:
        good(t, "a G2 text signed %s is accepted" % text,
             w.request(timestamp=at))
        good(t, "a G1 text signed %s is accepted" % text, w.request(
            timestamp=at, source="x"), G1)
        good(t, "a timestamp signed %s is accepted as text" % text,
             w.request(timestamp=str(at)))
    good(t, "an expiry is accepted as text", w.request(expiry=str(NOW + 5)))
    good(t, "an expiry of null is accepted", w.request(expiry=None))
    for text in ("%d.0", "%d.000", "%de0", "%d000e-3", '" %d "', '"+%d"',
                 '"%d.0"', '"0%d"'):
        body = json.dumps({**w.request(), "timestamp": "@"})
        good(t, "a timestamp written as %s is that whole number" % text,
             body.replace('"@"', text % NOW).encode())
    good(t, "a body after a byte order mark is accepted",
         b"\xef\xbb\xbf" + json.dumps(w.request()).encode())
    good(t, "timestamp and expiry are both accepted as text",
         w.request(timestamp=str(NOW), expiry="0"))


def snapshots(t):
    w.snapshot(advanced_at=NOW - 1200)
    good(t, "a snapshot of exactly max_age_s is still good", w.request())
    many = [world.Key("many %d" % i) for i in range(40)]
    w.snapshot(neurons=w.neurons() + [
        {"uid": 3 + i, "hotkey": k.ss58, "coldkey": w.owner2,
         "permit": True, "alpha_stake_rao": "18446744073709551615"}
        for i, k in enumerate(many)])
    for i, k in enumerate(many):
        a = w.post(w.request(k, coldkey=w.owner2))
        if a.code != 200 or a.json["folder"] != "data/hotkey=%s/" % k.ss58:
            t.ok(False, "neuron %d of many more is found" % i, str(a))
            break
    else:
        t.ok(True, "every one of 40 more neurons is found")
    w.snapshot(neurons=[w.neurons()[0]])
    good(t, "a snapshot of one neuron is enough for its miner", w.request())


if __name__ == "__main__":
    tap.run([signatures, headers, bodies, extra, times, snapshots],
            endpoint.check_outputs)
