#!/usr/bin/python3
"""foldergate audit search: which lines of an audit log it finds, and how it
prints them."""

import json
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import world

w = world.World()
log = w.path("audit.log")
A, B = w.miner.ss58, w.other.ss58
OWNER = w.owner


def line(seq, time, **fields):
    return json.dumps({"time": time, "seq": seq, **fields, "mac": "0" * 64},
                      separators=(",", ":"))


def grant(seq, time, hotkey, address, **more):
    return line(seq, time, **{
        "request_id": "r%d" % seq, "hotkey": hotkey, "address": address,
        "decision": "granted", "code": "ok", "scope": "data/%d" % seq,
        "kind": "put", "until": 1795863068, **more})


LINES = [
    grant(1, "2026-11-20T00:00:00.000Z", A, "192.0.2.7", coldkey=OWNER),
    grant(2, "2026-11-21T00:00:00.500Z", B, "192.0.2.8", kind="list"),
    grant(3, "2026-11-22T00:00:00.000Z", A, "2001:db8::1", given_id="mine"),
    line(4, "2026-11-22T00:00:01.000Z", event="rotated", from_seq=3,
         prev="0" * 64),
    line(5, "2026-11-23T00:00:00.000Z", request_id="r5", hotkey=A,
         address="192.0.3.1", decision="refused", code="denied"),
    grant(6, "2026-11-24T00:00:00.000Z", B, "::ffff:192.0.2.7")]

w.write("audit.log.000000000002", "".join(s + "\n" for s in LINES[:2]), 0o600)
w.write("audit.log.000000000003", LINES[2] + "\n", 0o600)
w.write("audit.log", "".join(s + "\n" for s in LINES[3:]), 0o600)


def search(*args, path=log):
    return w.cli("audit", "search", "--file", path, *args)


def tells(found, looked, damaged=0):
    return ("foldergate: found %d of %d lines; damaged lines: %d; nothing was "
            "verified: see audit verify\n" % (found, looked, damaged))


def finds(t, text, seqs, *args):
    r = search("--json", *args)
    t.same((r.status, r.text, r.log),
           (0 if seqs else 1, "".join(LINES[i - 1] + "\n" for i in seqs),
            tells(len(seqs), 6)), "audit search " + text)


def options(t):
    finds(t, "without options finds all grants and refusals, in order",
          [1, 2, 3, 5, 6])
    finds(t, "finds a hotkey", [1, 3, 5], "--hotkey", A)
    finds(t, "finds a coldkey", [1], "--coldkey", OWNER)
    finds(t, "finds an address, also if it is written as IPv6", [1, 6],
          "--address", "192.0.2.7")
    finds(t, "finds a network", [1, 2, 6], "--address", "192.0.2.0/24")
    finds(t, "finds a network of IPv6", [3], "--address", "2001:db8::/32")
    finds(t, "finds a kind", [2], "--kind", "list")
    finds(t, "finds the code of a refusal", [5], "--code", "denied")
    finds(t, "finds our id", [2], "--request-id", "r2")
    finds(t, "finds the client's id", [3], "--request-id", "mine")
    finds(t, "compares whole values", [], "--request-id", "r")
    finds(t, "finds only what all options hold for", [3], "--hotkey", A,
          "--kind", "put", "--since", "2026-11-21")
    finds(t, "exits with 1 if nothing is found", [], "--hotkey", OWNER)


def times(t):
    finds(t, "takes a date, and --since includes its moment", [3, 5, 6],
          "--since", "2026-11-22")
    finds(t, "leaves out the moment of --until", [1, 2], "--until",
          "2026-11-22T00:00:00Z")
    finds(t, "takes milliseconds", [2], "--since", "2026-11-21T00:00:00.500Z",
          "--until", "2026-11-21T00:00:00.501Z")
    finds(t, "takes a Unix time", [5, 6], "--since", "1795392000")
    two = [grant(1, "2026-03-18T09:48:42.999Z", A, "192.0.2.7"),
           grant(2, "2026-03-18T09:48:43.000Z", A, "192.0.2.7")]
    path = w.write("ago.log", "".join(s + "\n" for s in two), 0o600)
    for option, found in ("--since", two[1]), ("--until", two[0]):
        r = w.cli("audit", "search", "--json", option, "2d", path)
        t.same((r.status, r.text), (0, found + "\n"),
               "audit search takes a time ago: " + option)


def output(t):
    r = search("--request-id", "r2")
    t.same(r.text, "2026-11-21T00:00:00.500Z list %s data/2 192.0.2.8 "
           "2026-11-28T10:51:08Z\n" % B,
           "audit search prints a grant as one line")
    r = search("--request-id", "r5")
    t.same(r.text, "2026-11-23T00:00:00.000Z denied %s - 192.0.3.1 -\n" % A,
           "audit search prints a refusal as one line with its code")
    r = search("--limit", "2")
    t.ok(r.status == 0 and r.text.count("\n") == 2 and
         r.log == tells(2, 2), "audit search ends after --limit entries", r)
    odd = w.write("odd.log", grant(
        1, "2026-11-20T00:00:00Z", A, "192.0.2.7",
        scope="a b\x1b[31m\u009b\n\x7f") + "\n", 0o600)
    r = w.cli("audit", "search", odd)
    t.ok(r.status == 0 and r'"a b\u001b[31m\u009b\u000a' in r.text.replace(
        r"\n", r"\u000a") and r.out.count(b"\n") == 1 and
         not any(c in r.text for c in "\x1b\u009b\x7f"),
         "audit search prints nothing that a terminal obeys", r)


def damaged(t):
    good = grant(9, "2026-11-25T00:00:00.000Z", A, "192.0.2.7")
    bad = [good[:40], "", "[]", "7", good.replace("11-25", "11-31"),
           good.replace("data/", "x" * 20000), good + "}", "\x00",
           good.replace('"time"', '"tim"')]
    path = w.write("bad.log", "\n".join(bad + [good, good[:50]]), 0o600)
    r = w.cli("audit", "search", "--json", path)
    t.same((r.status, r.text, r.log), (0, good + "\n", tells(1, 11, 10)),
           "audit search counts damaged lines, and finds what is behind them")
    r = w.cli("audit", "search", w.path("none"), path)
    t.ok(r.status == 1 and
         r.text.count("\n") == 1 and w.path("none") in r.log,
         "audit search reads the other files if one is missing, and exits "
         "with 1", r)
    r = search(path=w.path("none"))
    t.ok(world.complains(r, 1, "audit") and not r.out,
         "audit search exits with 1 if the log is not there", r)


def usage(t):
    for args in (("--hotkey", "5x"), ("--coldkey", A[:-1]),
                 ("--address", "192.0.2.1/24"), ("--address", "host"),
                 ("--since", "yesterday"), ("--since", "2026-02-29"),
                 ("--since", "2026-13-01"), ("--since", "2026-11-28T24:00:00Z"),
                 ("--until", "-1"), ("--until", ""), ("--until", "1w"),
                 ("--limit", "0"), ("--limit", "x"), ("--head", "1:00"),
                 ("--key-file", "x")):
        r = search(*args)
        t.ok(world.complains(r, 2, "audit", args[0]) and not r.out,
             "audit search refuses wrong usage: %s" % " ".join(args), r)
    for word, option in ("verify", "--json"), ("head", "--hotkey=" + A):
        r = w.cli("audit", word, option)
        t.ok(world.complains(r, 2, "audit", "is for audit search"),
             "audit %s refuses an option of search" % word, r)


tap.run([options, times, output, damaged, usage], endpoint.check_outputs)
