#!/usr/bin/python3
"""foldergate deny: the denylist, and the grants that outlive it."""

import json
import os
import stat
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import world
from world import NOW

w = world.World()
HEAD = "foldergate denylist 1\n"
LIST = os.path.join(w.state, "denylist")
AUDIT = os.path.join(w.state, "audit.log")
UNKNOWN = "it is not known which grants are still alive\n"
WHO = ("--hotkey", w.miner.ss58)
WHY = ("--reason", "why")


def read():
    with open(LIST) as f:
        return f.read()


def clear():
    for name in os.listdir(w.state):
        os.remove(os.path.join(w.state, name))


def deny(*args, **more):
    return w.cli("deny", *args, **more)


def says(t, text, out, *args, **more):
    """Done, and exactly this said."""
    r = deny(*args, **more)
    t.same((r.status, r.text, r.log), (0, out, ""), text)


def fails(t, text, status, *args, why="", **more):
    r = deny(*args, **more)
    t.ok(world.complains(r, status, "deny", why) and not r.out, text, r)


def each_kind(t):
    clear()
    h, c = w.miner.ss58, w.owner
    says(t, "deny list prints nothing when there is no list", "", "list")
    r = deny("list", "--json")
    t.same(json.loads(r.text), {"denied": []},
           "deny list --json prints an empty list when there is no list")
    says(t, "deny add lists a hotkey and says that grants may be alive",
         "hotkey %s is denied without end\n"
         "no audit log: %sonly removing the S3 key that signed them ends "
         "grants earlier\n" % (h, UNKNOWN), "add", *WHO, *WHY)
    t.same(oct(stat.S_IMODE(os.stat(LIST).st_mode)), "0o640",
           "the programs may read the list that deny add makes")
    r = deny("add", "--coldkey", c, "--until", str(NOW + 60), "--reason",
             "two  words \u00fc")
    t.ok(r.status == 0 and r.text.startswith(
        "coldkey %s is denied until 2026-03-20T09:49:43+00:00\n" % c),
        "deny add lists a coldkey until a time", r)
    for period, end, iso in [
            ("30m", NOW + 1800, "2026-03-20T10:18:43+00:00"),
            ("12h", NOW + 43200, "2026-03-20T21:48:43+00:00"),
            ("7d", NOW + 604800, "2026-03-27T09:48:43+00:00")]:
        again = "" if period == "30m" else "; it was denied before"
        says(t, "deny add lists an address for " + period,
             "address 192.0.2.0/24 is denied until %s%s\n" % (iso, again),
             "add", "--address", "192.0.2.0/24", "--for", period, *WHY)
        t.ok(" 192.0.2.0/24 %d why\n" % end in read(),
             "the list holds the address with the end of its term")
    says(t, "deny add lists a single address",
         "address 2001:db8::1/128 is denied without end\n", "add", "--address",
         "2001:db8::1", *WHY)
    t.same(read(), HEAD + "hotkey %s never why\n"
           "coldkey %s %d two  words \u00fc\n"
           "address 192.0.2.0/24 %d why\n"
           "address 2001:db8::1/128 never why\nentries 4\n" % (
               h, c, NOW + 60, NOW + 604800),
           "the file of the list holds a line for each entry")
    says(t, "deny list prints a line for each entry",
         "hotkey  %s without end: why\n"
         "coldkey %s until 2026-03-20T09:49:43+00:00: two  words \u00fc\n"
         "address 192.0.2.0/24 until 2026-03-27T09:48:43+00:00: why\n"
         "address 2001:db8::1/128 without end: why\n" % (h, c), "list")
    later = {**w.env(), "FOLDERGATE_NOW": str(NOW + 60)}
    r = deny("list", env=later)
    t.ok("coldkey %s ended 2026-03-20T09:49:43+00:00: two" % c in r.text,
         "deny list shows an entry whose term has ended as ended", r)
    r = deny("list", "--json")
    t.same(json.loads(r.text), {"denied": [
        {"kind": "hotkey", "value": h, "until": None, "reason": "why"},
        {"kind": "coldkey", "value": c, "until": NOW + 60,
         "reason": "two  words \u00fc"},
        {"kind": "address", "value": "192.0.2.0/24", "until": NOW + 604800,
         "reason": "why"},
        {"kind": "address", "value": "2001:db8::1/128", "until": None,
         "reason": "why"}]}, "deny list --json prints every entry")
    says(t, "deny remove takes a coldkey from the list",
         "entry coldkey %s is removed\n" % c, "remove", "--coldkey", c)
    fails(t, "deny remove fails for a coldkey that is not listed", 1, "remove",
          "--coldkey", c, why="there is no entry coldkey " + c)
    fails(t, "deny remove fails for a key that is listed as another kind", 1,
          "remove", "--hotkey", c)
    fails(t, "deny remove fails for another range than is listed", 1, "remove",
          "--address", "192.0.2.0/25")
    says(t, "deny remove takes an address in another spelling from the list",
         "entry address 2001:db8::1/128 is removed\n",
         "remove", "--address", "2001:db8:0::1/128")
    t.ok(read().endswith("\nentries 2\n"),
         "two entries are left after two were removed")


def misused(t):
    clear()
    for text, args in [
            ("no verb", ()), ("another verb", ("show",)),
            ("two verbs", ("add", "add", *WHO, *WHY)),
            ("add without anybody", ("add", *WHY)),
            ("remove without anybody", ("remove",)),
            ("add of two", ("add", *WHO, "--coldkey", w.owner, *WHY)),
            ("remove of two", ("remove", *WHO, "--address", "::1")),
            ("add without a reason", ("add", *WHO)),
            ("an empty reason", ("add", *WHO, "--reason", "")),
            ("a reason of 201 bytes", ("add", *WHO, "--reason", "x" * 201)),
            ("a reason of two lines", ("add", *WHO, "--reason", "a\nb")),
            ("a reason with an escape sequence",
             ("add", *WHO, "--reason", "a\033[31mb")),
            ("a reason with a control character of C1",
             ("add", *WHO, "--reason", "a\u009b31mb")),
            ("a reason that is not UTF-8", ("add", *WHO, "--reason",
                                            b"a\xff")),
            ("a hotkey of another network", (
                "add", "--hotkey", world.ss58(w.miner.public, 0), *WHY)),
            ("a hotkey that is no address", ("add", "--hotkey", "5abc", *WHY)),
            ("an address with bits beyond the mask",
             ("add", "--address", "10.0.0.1/8", *WHY)),
            ("a host name as address", ("add", "--address", "localhost", *WHY)),
            ("an end in the past", ("add", *WHO, *WHY, "--until", str(NOW))),
            ("an end in words", ("add", *WHO, *WHY, "--until", "tomorrow")),
            ("an end after the year 9999", ("add", *WHO, *WHY, "--until",
                                "253402300800")),
            ("an end and a period", ("add", *WHO, *WHY, "--until", str(NOW + 9),
                               "--for", "1h")),
            *(("a period of %r" % p, ("add", *WHO, *WHY, "--for", p)) for p in (
                "", "m", "30", "0m", "-1h", "1w", "1 h", "1.5h", "1hh",
                "99999999999999999999d", "2932896d")),
            ("remove with a reason", ("remove", *WHO, *WHY)),
            ("remove with a period", ("remove", *WHO, "--for", "1h")),
            ("list of somebody", ("list", *WHO)),
            ("list with a reason", ("list", *WHY)),
            ("add with --json", ("add", *WHO, *WHY, "--json"))]:
        fails(t, "deny refuses wrong usage with exit status 2: " + text,
              2, *args)
    t.same(os.listdir(w.state), [], "wrong usage of deny writes nothing")
    says(t, "deny add takes a reason of 200 bytes",
         "address ::1/128 is denied without end\n",
         "add", "--address", "::1", "--reason", "\u00fc" * 100)
    text = w.cli("deny", "--help", env={}).text
    t.ok(all("deny " + verb in text for verb in ("add", "remove", "list")),
         "deny --help explains add, remove and list")


def broken(t):
    clear()
    for text, data in [("damaged", HEAD), ("empty", ""),
                       ("with control bytes", HEAD + "hotkey %s never a\033c\n"
                        "entries 1\n" % w.miner.ss58)]:
        w.write("state/denylist", data)
        for args in ("add", *WHO, *WHY), ("remove", *WHO), ("list",):
            fails(t, "a list that is %s makes deny %s fail" % (text, args[0]),
                  1, *args, why=LIST)
        t.same(read(), data, "a list that cannot be read is left as it is")
    nowhere = {**w.env(), "FOLDERGATE_STATE_DIRECTORY": w.path("none")}
    fails(t, "deny add fails without a state directory", 1, "add", *WHO, *WHY,
          env=nowhere)
    fails(t, "deny list fails without a configuration", 1, "list",
          env={**w.env(), "FOLDERGATE_CONFIG": w.path("none")})


def at_the_same_time(t):
    clear()
    script = ('for i in 1 2 3 4 5 6; do "$1" deny add --address 10.0.$2.$i '
              '--reason x || exit 1; done')
    path = os.path.join(endpoint.BUILD, "test", "bin", "foldergate")
    all = [subprocess.Popen(["/bin/sh", "-c", script, "sh", path, str(n)],
                            env=w.env(), stdout=subprocess.DEVNULL)
           for n in range(8)]
    t.same([p.wait(timeout=100) for p in all], [0] * 8,
           "eight processes can add at the same time")
    r = deny("list", "--json")
    t.same(sorted(e["value"] for e in json.loads(r.text)["denied"]),
           sorted("10.0.%d.%d/32" % (n, i) for n in range(8)
                  for i in range(1, 7)),
           "no entry is lost when eight processes add at the same time")
    t.same(sorted(os.listdir(w.state)), ["denylist", "denylist.lock"],
           "no temporary file is left after eight processes added")


def grant(seq, key=None, until=NOW + 3600, **more):
    """A line of the audit log; None leaves a member out."""
    line = {"time": "2026-03-20T09:00:00.123Z", "seq": seq,
            "request_id": "abcdefghijklmnopqrst",
            "endpoint": "get-folder-access", "role": "miner",
            "hotkey": (key or w.miner).ss58, "coldkey": w.owner,
            "address": "192.0.2.7", "decision": "granted", "code": "ok",
            "scope": "data/x/%d/" % seq, "kind": "post_policy", "urls": 2,
            "until": until, "duration_us": 412, "mac": "0" * 64, **more}
    return json.dumps({k: v for k, v in line.items() if v is not None})


def alive(t, text, want, lines=0, files=0, args=WHO):
    """Deny, and be told of the grants with these numbers, in this order."""
    r = deny("add", *args, *WHY)
    out = r.text.split("\n")[1:-1]
    n = len(want)
    end = ["1 grant is still alive" if n == 1 else
           "%d grants are still alive" % n]
    if lines:
        end.append("%d lines could not be read" % lines)
    if files:
        end.append("%d files could not be read" % files)
    if n or lines or files:
        end.append("only removing the S3 key that signed them ends grants "
                   "earlier")
    t.ok(r.status == 0 and out == [
        "  until 2026-03-20T10:48:43+00:00 kind \"post_policy\" scope "
        "\"data/x/%d/\" request_id \"abcdefghijklmnopqrst\"" % seq
        for seq in want] + end and (files > 0) == (r.log != ""), text, r)


def log(name, *lines, end="\n"):
    w.write("state/" + name, "\n".join(lines) + end)


def grants(t):
    clear()
    refused = grant(3, decision="refused", code="denied", until=None)
    torn = json.dumps({"time": "2026-03-20T09:00:00.123Z", "seq": 4,
                       "event": "torn_line", "bytes": 9, "mac": "0" * 64})
    log("audit.log", grant(1), grant(2, w.other), refused, torn,
        grant(5, w.sibling), grant(6, until=NOW), grant(7, until=NOW + 1))
    r = deny("add", *WHO, *WHY)
    t.ok(r.status == 0 and "2 grants are still alive\n" in r.text and
         "until 2026-03-20T09:48:44+00:00 " in r.text,
         "a grant that lives one more second is counted as alive", r)
    log("audit.log", grant(1), grant(2, w.other, coldkey=w.owner2), refused,
        torn, grant(5, w.sibling), grant(6, until=NOW))
    alive(t, "deny add prints the living grants of a hotkey", [1])
    alive(t, "deny add prints the living grants of all hotkeys of a coldkey",
          [1, 5], args=("--coldkey", w.owner))
    alive(t, "deny add prints no grants of a hotkey that has none", [],
          args=("--hotkey", w.stranger.ss58))
    says(t, "deny add of an address does not speak of grants",
         "address ::1/128 is denied without end\n", "add", "--address", "::1",
         *WHY)

    # Where the log is not as it should be.
    log("audit.log", "", "nonsense", "[]", "{}", "1", "null", '{"seq":1}',
        grant(1, until=None), grant(2, until="soon"), grant(3, until=1.5),
        grant(4, hotkey=None), grant(5, hotkey=7), grant(6, decision=None),
        grant(7)[:-9], '{"decision":"granted",' + grant(8)[1:],
        grant(9, scope="x" * 65536), "\0", grant(10), grant(11)[:50], end="")
    alive(t, "lines of the audit log that cannot be read are counted", [10],
          lines=18)
    r = deny("add", *WHO, *WHY)
    t.ok("x" * 100 not in r.text,
         "a line of the audit log that is too long is not printed", r)
    log("audit.log", grant(1), grant(2), end="")
    alive(t, "a last line of the audit log without its newline is read", [1, 2])
    log("audit.log", grant(1, scope=None, kind=None, request_id=None))
    r = deny("add", *WHO, *WHY)
    t.ok("  until 2026-03-20T10:48:43+00:00 kind unknown scope unknown "
         "request_id unknown\n1 grant is" in r.text,
         "a grant with members missing is printed as alive", r)


def hostile(t):
    clear()
    text = "\033[2J\u009b31m\r\n\t\x7f\"\\\u2028\u00fc"
    log("audit.log", grant(1, scope=text, kind="k\033", request_id="\u0085"),
        json.dumps({**json.loads(grant(2)), "scope": text},
                   ensure_ascii=False).replace("\x7f", "\\u007f"))
    r = deny("add", *WHO, *WHY)
    shown = "\"\\u001b[2J\\u009b31m\\r\\n\\t\\u007f\\\"\\\\\\u2028\u00fc\""
    t.ok(r.text.count(shown) == 2 and "kind \"k\\u001b\"" in r.text and
         "request_id \"\\u0085\"" in r.text,
         "what a terminal would obey is printed escaped", r)
    t.ok(all(c == "\n" or ord(c) >= 32 and not 127 <= ord(c) < 160
             for c in r.text),
         "no control character of the audit log is printed", r)


def older(t):
    clear()
    log("audit.log.000000000002", grant(1), grant(2))
    log("audit.log.000000000010", grant(10))
    log("audit.log-20260319", grant(3))
    log("audit.log.head", grant(4))
    log("audit.log.lock", grant(5))
    log("audit.logs", grant(6))
    log("audit.log.old", grant(7))
    alive(t, "grants in older files of the audit log are printed",
          [3, 1, 2, 10])
    log("audit.log", grant(11))
    alive(t, "grants in older files and in the present one are printed",
          [11, 3, 1, 2, 10])
    os.link(AUDIT, AUDIT + ".000000000011")
    alive(t, "a file of the audit log that was renamed meanwhile is read once",
          [11, 3, 1, 2, 10])
    clear()
    os.mkfifo(AUDIT + ".1")
    log("audit.log", grant(1))
    os.symlink(w.conf, AUDIT + ".2")
    alive(t,
          "a FIFO and a link beside the audit log are counted as not readable",
          [1], files=2)
    clear()
    os.symlink(w.conf, AUDIT)
    r = deny("add", *WHO, *WHY)
    t.ok(r.status == 0 and "no audit log that can be read: " + UNKNOWN in
         r.text and AUDIT in r.log,
         "deny add works and warns when the audit log cannot be read", r)


tap.run([each_kind, misused, broken, at_the_same_time, grants, hostile,
         older], endpoint.check_outputs)
