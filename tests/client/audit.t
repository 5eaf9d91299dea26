#!/usr/bin/python3
"""foldergate audit: logs that are chained here, by hmac and hashlib, and what
may be done to them."""

import hashlib
import hmac
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import world

KEY = "an audit key of the tests, kept from outputs"
TIME = "2026-11-22T15:17:11.123Z"

w = world.World()
key_file = w.secret("audit.key", KEY)
log = w.path("audit.log")


def mac_of(prev, text, key=KEY):
    return hmac.new(key.encode(), prev + text.encode(), hashlib.sha256).digest()


class Chain:
    """Lines, each with its newline, as audit/chain.h tells."""

    def __init__(self, key=KEY):
        self.key, self.seq, self.lines = key, 0, []
        self.mac = hmac.new(
            key.encode(), b"foldergate audit chain, version 1\n",
            hashlib.sha256).digest()

    def add(self, **fields):
        self.seq += 1
        body = json.dumps({"time": TIME, "seq": self.seq, **fields},
                          separators=(",", ":"))[:-1]
        self.mac = mac_of(self.mac, body, self.key)
        self.lines.append('%s,"mac":"%s"}\n' % (body, self.mac.hex()))
        return self

    def grants(self, n):
        for _ in range(n):
            self.add(endpoint="get-folder-access", hotkey="5%04d" % self.seq,
                     decision="granted", code="ok", urls=2)
        return self

    def event(self, name, **more):
        return self.add(event=name, **more, from_seq=self.seq,
                        prev=self.mac.hex())

    def head(self):
        return "%d:%s" % (self.seq, self.mac.hex())

    def head_file(self, prev="00" * 32, start=0, end=0):
        text = "%012d %s %s %019d %019d " % (self.seq, prev, self.mac.hex(),
                                             start, end)
        check = mac_of(b"foldergate audit head, version 1", text, self.key)
        return text + check.hex() + "\n"


def put(lines, name="audit.log"):
    return w.write(name, "".join(lines), 0o600)


def audit(word, *args, path=log, key=key_file):
    return w.cli("audit", word, "--file", path, "--key-file", key, *args)


def whole(t, text, lines, *args, said="", n=None):
    put(lines)
    r = audit("verify", *args)
    good = len(lines) if n is None else n
    t.ok(r.status == 0 and not r.log and said in r.text and
         r.text.splitlines()[-1].startswith("whole: %d lines, " % good), text,
         r)


def broken(t, text, lines, at, *args, faults=1, said="", key=key_file):
    """One fault, at this line; or faults of them, the first there."""
    put(lines)
    r = audit("verify", *args, key=key)
    out = r.text.splitlines()
    first = "%s:%d: " % (log, at) if at else ""
    t.ok(r.status == 1 and not r.log and out[0].startswith(first) and
         said in out[0] and out[-1].startswith("not whole: ") and
         out[-1].endswith(" faults: %d" % faults), text, r)


def good(t):
    c = Chain().grants(10)
    whole(t, "a log whose lines are all there is whole", c.lines)
    whole(t, "a log is whole with its head", c.lines, "--head", c.head())
    whole(t, "a log is whole with an earlier head", c.grants(5).lines, "--head",
          Chain().grants(10).head())
    t.same((audit("head").status, audit("head").text), (0, c.head() + "\n"),
           "audit head prints the number and the MAC of the last line")
    whole(t, "an empty log is whole", [], n=0)
    r = audit("head")
    t.ok(r.status == 1 and not r.out, "an empty log has no head", r)
    whole(t, "a log of one line is whole", Chain().grants(1).lines)
    r = w.cli("audit", "verify", "--key-file", key_file, put(c.lines, "a"))
    t.same(r.status, 0,
           "audit verify takes a FILE instead of the configured log")
    whole(t, "a last line that lacks only its newline is whole",
          c.lines[:-1] + [c.lines[-1][:-1]], n=15)


def spoilt(t):
    c = Chain().grants(12)
    s = c.lines
    bad = []
    for i in range(len(s[4]) - 1):
        # If it is no line any more, the next one's seq is not right, either.
        line = s[4][:i] + chr(ord(s[4][i]) ^ 1) + s[4][i + 1:]
        if line.count("\n") > 1:
            continue
        put(s[:4] + [line] + s[5:])
        r = audit("verify")
        first = r.text.splitlines()[0]
        if r.status != 1 or not first.startswith("%s:5: " % log) or \
                not r.text.endswith((" faults: 1\n", " faults: 2\n")):
            bad.append("%d: %s" % (i, r))
    t.none(bad, "a change of any byte of a line is found")
    broken(t, "upper case in a MAC is found", s[:4] + [s[4][:-67] + s[4][
        -67:-3].upper() + s[4][-3:]] + s[5:], 5, faults=2)
    broken(t, "a change in the first line is found",
           [s[0].replace("ok", "no")] + s[1:], 1)
    broken(t, "a change in the last line is found",
           s[:-1] + [s[-1].replace("ok", "no")], 12)
    broken(t, "a line removed is found", s[:4] + s[5:], 5, said="seq 5 to 5")
    broken(t, "three lines removed are found", s[:4] + s[7:], 5,
           said="seq 5 to 7")
    broken(t, "the first line removed is found", s[1:], 1, said="before seq 2")
    broken(t, "a copy of an earlier line is found", s[:6] + [s[2]] + s[6:], 7,
           said="seq 3")
    broken(t, "a copy of the line before is found", s[:6] + [s[5]] + s[6:], 7)
    broken(t, "copies of two lines are found", s[:6] + s[2:4] + s[6:], 7,
           faults=2)
    broken(t, "a copy of the first line at the end is found", s + [s[0]], 13)
    broken(t, "two lines swapped are found", s[:4] + [s[5], s[4]] + s[6:], 5)
    broken(t, "the last two lines swapped are found", s[:-2] + [s[11], s[10]],
           11)
    broken(t, "a line of another chain is found",
           s[:4] + [Chain().grants(3).add(
        code="x").grants(1).lines[4]] + s[5:], 5)
    broken(t, "a line of text put in is found", s[:4] + ["hello\n"] + s[4:], 5)
    broken(t, "an empty line put in is found", s[:4] + ["\n"] + s[4:], 5)
    broken(t, "a very long line put in is found",
           s[:4] + ["x" * 70000 + "\n"] + s[4:], 5)
    broken(t, "a NUL in a line is found",
           s[:4] + [s[4][:50] + "\0" + s[4][50:]] + s[5:], 5)
    broken(t, "a last line that is cut is found", s[:-1] + [s[-1][:50]], 12)
    broken(t, "a line cut in the middle of the log is found",
           s[:4] + [s[4][:50] + "\n"] + s[5:], 5, said="cut", faults=2)
    whole(t, "lines cut off at the end are not found without a head", s[:9])
    broken(t, "lines cut off at the end are found with a head", s[:9], 0,
           "--head", c.head(), said="the head given")
    broken(t, "a head of another chain is found", s, 0, "--head",
           Chain("x" * 20).grants(12).head())
    broken(t, "a head with another number is found", s, 0, "--head",
           "11:" + c.mac.hex())
    other = w.secret("other.key", "another key of the tests")
    put(s)
    r = audit("verify", key=other)
    t.ok(r.status == 1 and "is this its key?" in r.text and
         len(r.text.splitlines()) < 30,
         "audit verify asks whether the key is the log's when nothing fits", r)
    r = audit("head", key=other)
    t.ok(r.status == 1 and not r.out,
         "audit head prints nothing with a wrong key", r)


def marks(t):
    c = Chain().grants(3)
    cut = c.grants(1).lines.pop()[:40]
    c.seq, c.mac = 3, bytes.fromhex(c.lines[-1][-67:-3])
    c.lines.append(cut + "\n")
    c.add(event="torn_line", bytes=40).grants(2)
    s = c.lines
    whole(t, "a torn line that is marked is no fault", s,
          said="log:5: marks a torn line", n=6)
    broken(t, "a torn line of another length than marked is found",
           s[:3] + [cut[:-1] + "\n"] + s[4:], 4)
    broken(t, "a mark without its torn line is found", s[:3] + s[4:], 4)
    broken(t, "a mark that comes twice is found", s[:4] + s[3:], 4)
    broken(t, "a torn line that is a whole line of another chain is found",
           s[:3] + [
        cut[:39] + "}\n"] + s[4:], 4, faults=2)
    c = Chain().grants(3)
    for reason in "tail", "head", "both":
        broken(t, "a mark of a broken chain is found, broken at the " + reason,
               Chain().grants(3).event(
            "broken", reason=reason).grants(2).lines, 4, said="the writer")
    c.event("broken", reason="tail").grants(1)
    broken(t, "a mark of a broken chain with foreign lines before it is found",
           c.lines[:3] + ["hello\n"] + c.lines[3:], 4, faults=2)
    c = Chain().grants(3)
    anew = Chain().event("broken", reason="both").grants(3)
    broken(t, "a chain that was begun again is found", c.lines + anew.lines, 4,
           said="anew")
    broken(t, "an event of another name is found", Chain().grants(3).add(
        event="hello").lines, 4)


def several(t):
    """Renamed logs, in order; and the head file."""
    c = Chain().grants(5)
    first = c.lines
    c.lines = []
    c.event("rotated").grants(4)
    second = c.lines
    c.lines = []
    c.event("resumed").grants(2)
    a, b = log + ".000000000005", log + ".000000000010"
    put(first, a)
    put(second, b)
    put("junk", log + ".00000000000x")
    put("junk", log + ".1")
    whole(t, "three files in their order are whole", c.lines, "--head",
          c.head(), n=13)
    t.same(audit("head").text, c.head() + "\n",
           "audit head prints the head of the last of three files")
    put([])
    t.same(audit("head").text.split(":")[0], "10",
           "audit head of an empty log prints the head of the file before")
    put(c.lines)
    r = audit("verify", a, log)
    t.ok(r.status == 1 and r.text.startswith(log + ":1: seq 6 to 10 are"),
         "a file left out is found", r)
    r = audit("verify", b, a, log)
    t.same(r.status, 1, "files in another order are found")
    r = audit("verify", b, log)
    t.ok(r.status == 0 and "begins in an earlier file" in r.text and
         "8 lines, seq 6 to 13" in r.text,
         "audit verify tells that the oldest file was left out", r)
    put([second[0].replace(TIME, TIME.replace("7", "8"))] + second[1:], b)
    r = audit("verify", b, log)
    t.ok(r.status == 1 and r.text.startswith(b + ":1: "),
         "a change in the first line of the oldest file given is found", r)
    put(second, b)
    put(first[:-1], a)
    r = audit("verify")
    t.ok(r.status == 1 and r.text.startswith(log.replace(
        "audit.log", "audit.log.000000000010:1: ")),
         "a line cut off at the end of the oldest file is found", r)
    put(first, a)

    w.write("audit.log.lock", b"", 0o600)
    w.write("audit.log.head", c.head_file(), 0o600)
    t.same(audit("verify").status, 0, "a head file that fits is no fault")
    put(c.lines[:-1])
    r = audit("verify")
    t.ok(r.status == 1 and "the head file" in r.text,
         "lines cut off at the end are found with the head file", r)
    put(c.grants(1).lines)
    t.same(audit("verify").status, 0,
           "a head file that is one line behind is no fault")
    other = Chain()
    for i in range(c.seq - 1):
        other.add(endpoint="another history")
    w.write("audit.log.head", other.head_file(), 0o600)
    r = audit("verify")
    t.ok(r.status == 1 and "the head file" in r.text,
         "a head file that names a line of no chain is found", r)
    w.write("audit.log.head", b"junk", 0o600)
    t.same(audit("verify").status, 0, "a damaged head file is ignored")
    for name in a, b, log + ".head", log + ".lock":
        os.unlink(name)


def usage(t):
    put(Chain().grants(2).lines)
    mac = "00" * 32
    for text, args in [
            ("no word", ()), ("another word", ("hello",)),
            ("a head without a colon", ("verify", "--head", "1" + mac)),
            ("a head without a number", ("verify", "--head", ":" + mac)),
            ("a head of zero", ("verify", "--head", "0:" + mac)),
            ("a head of a negative number", ("verify", "--head", "-1:" + mac)),
            ("a head of 13 digits",
             ("verify", "--head", "1" + "0" * 12 + ":" + mac)),
            ("a head with a short MAC", ("verify", "--head", "1:" + mac[1:])),
            ("a head with a long MAC", ("verify", "--head", "1:0" + mac)),
            ("a head with a MAC that is no hex",
             ("verify", "--head", "1:g" + mac[1:])),
            ("a head for audit head", ("head", "--head", "1:" + mac)),
            ("an unknown option", ("verify", "--colour"))]:
        r = w.cli("audit", *args, *(("--file", log, "--key-file", key_file)
                                    if args else ()))
        t.ok(world.complains(r, 2, "audit") and not r.out,
             "audit refuses wrong usage with exit status 2: " + text, r)
    t.same(w.cli("audit", "verify", "--file", log).status, 1,
           "audit verify exits with 1 when no key file is configured")
    t.same(w.cli("audit", "verify", "--key-file", key_file).status, 1,
           "audit verify exits with 1 when the configured log is not there")
    for text, r in [("the log", audit("verify", path=w.path("none"))),
                    ("a file given", audit("verify", w.path("none"))),
                    ("a directory given as file", audit("verify", w.dir)),
                    ("the key file", audit("verify", key=w.path("none")))]:
        t.ok(world.complains(r, 1, "audit") and not r.out,
             "audit exits with 1 when this cannot be read: " + text, r)
    text = w.cli("audit", "--help", env={}).text
    t.ok("audit verify" in text and "truncated end" in text,
         "audit --help says what verify cannot detect")


tap.run([good, spoilt, marks, several, usage], endpoint.check_outputs)
