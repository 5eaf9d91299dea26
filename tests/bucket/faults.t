#!/usr/bin/python3
"""bucket-sync against a store that misbehaves: towards everybody, or in one
miner's folder, which costs nobody else."""

import os
import re
import sys
from urllib.parse import quote_from_bytes, quote_plus

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import bucket
import chain
import endpoint
import tap
import world
from bucket import (DAMAGED, FAILED, OK, PARTLY, TRUNCATED, USAGE, WRITE,
                    address, folder)
from world import NOW

chain.off_disk()
w = bucket.Bucket()

NAMES = ["alice", "bob", "carol", "dave", "eve"]
# In the order in which a store lists them.
ORDER = sorted(NAMES, key=address)
COLD = ["owner", "owner2"]

ENTITIES = b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10)
    for i in range(12)) + b"]>"
BOMB = ENTITIES + b"<ListBucketResult><IsTruncated>&m;</IsTruncated>" \
    b"</ListBucketResult>"
UNPARSED = "an answer that cannot be parsed"


def fill():
    keys = {folder(n, "job-%d" % i) + b"part.parquet"
            for n in NAMES for i in range(3)}
    keys |= {b"data/%s/%s/f" % (s.encode(), address(c).encode())
             for s in ("x", "reddit") for c in COLD}
    return keys


def store(most=65536, **more):
    """A store that has it all, an index of it, and no fault yet.  most: the
    bytes of an answer that bucket-sync reads; None: the default.  This sets
    the scene for a whole test, the clock a minute after the index too."""
    s = bucket.Store(fill(), **more)
    w.configure(s3_endpoint=s.url, bucket_max_answer_bytes=most)
    w.forget()
    w.now = NOW
    r = w.sync()
    if r.status != OK:
        raise RuntimeError(str(r))
    s.asked.clear()
    w.now = NOW + 60
    return s


JOBS = [b"job-0", b"job-1", b"job-2"]

# What a store may do: an answer, and how the reason in the status file begins.
FAULTS = {
    "status 500": ((500, {}, b"<Error/>"), "server_error"),
    "status 403": ((403, {}, b"<Error/>"), "AccessDenied"),
    "a redirect": ((301, {"Location": "http://127.0.0.1:1/"}, b""),
                   "redirected"),
    "an answer cut short": ((200, {"Content-Length": "99"}, b"<x"),
                            "answer_cut"),
    "a huge answer": ((200, {}, b" " * 70000), "answer too large"),
    "a slow answer": (("silent", {}, 1.3), "timed_out"),
    "an empty answer": ((200, {}, b""), UNPARSED),
    "HTML": ((200, {}, b"<html><body>login</body></html>"), UNPARSED),
    "entity expansion": ((200, {}, BOMB), UNPARSED),
    "an external entity": ((200, {}, b'<!DOCTYPE l SYSTEM "file:///etc/passwd"'
                            b"><ListBucketResult><IsTruncated>false"
                            b"</IsTruncated></ListBucketResult>"), UNPARSED),
    "another namespace": ((200, {}, b'<ListBucketResult xmlns="urn:x">'
                           b"<IsTruncated>false</IsTruncated>"
                           b"</ListBucketResult>"), UNPARSED),
}


# If every answer is like this.
NO_STORE = {"an empty answer": "not_a_store", "HTML": "not_a_store"}


def why():
    """The reason in the status file; of a sentence about the store, its code."""
    reason = w.status()["reason"]
    code, at, rest = (reason or "").partition(
        ", bucket %s at 127.0.0.1:" % world.BUCKET)
    return code if at else reason


def good(t):
    s = store(most=None)
    w.forget()
    w.now = NOW
    with w.settings(s3_public_endpoint="http://127.0.0.1:1"):
        r = w.sync()
    i = w.index()
    t.same((r.status, i.complete, i.written, i.complete_at, i.ignored),
           (OK, True, NOW, NOW, 0),
           "bucket-sync makes a complete index of both layouts from "
           "s3.endpoint")
    t.same(i.folders, {(address(c), x): (0, NOW) for c in COLD
                       for x in ("x", "reddit")},
           "the index holds the folders of coldkeys")
    t.same(i.miners, {address(n): (JOBS, 0, NOW) for n in NAMES},
           "the index holds the miners and their jobs")
    status = w.status()
    t.ok(status.pop("walk_ms") >= 0 and status == {
        "at": "2026-03-20T09:48:43+00:00", "ok": True, "complete": True,
        "folders": 4, "miners": 5, "jobs": 15, "damaged": 0, "ignored": 0,
        "failures": 0, "reason": None, "skew_ms": None},
         "the status file says what the walk found", status)
    t.same(sorted(os.listdir(w.state)), [
        "bucket-sync.lock", "bucket-sync.seen", "bucket-sync.status",
        "bucket.index"],
        "bucket-sync leaves only its four files in the state directory")
    t.same(s.asked[0]["delimiter"] + s.asked[0]["encoding-type"], b"/url",
           "bucket-sync asks for folders with encoded names")
    t.same(len(s.asked), 2 + 1 + len(NAMES),
           "bucket-sync asks no more often than it needs")
    for layouts, n in ("coldkey", 2), ("hotkey", 1 + len(NAMES)):
        s.asked.clear()
        with w.settings(access_layouts=layouts):
            r = w.sync()
        i = w.index()
        t.same((r.status, len(s.asked), bool(i.folders), bool(i.miners)),
               (OK, n, layouts == "coldkey", layouts == "hotkey"),
               layouts + " folders alone are walked where only they are served")
    s.keys = {b"data/x/nobody/f", b"data/x/loose", b"data/hotkey=/f",
              b"data/hotkey=" + address("eve").encode()[:-1] + b"!/f",
              folder("eve") + b"loose", folder("bob", "") + b"f",
              b"data/x/" + b"k" * 2000 + b"/f"}
    r = w.sync()
    i = w.index()
    t.same((r.status, i.ignored, i.folders, i.miners),
           (OK, 4, {}, {address("eve"): ([], 0, NOW),
                        address("bob"): ([b""], 0, NOW)}),
           "keys without an address are counted, and miners who left are gone")
    s.stop()


def for_everybody(t):
    s = store()
    before = w.file()
    for text, (answer, reason) in FAULTS.items():
        s.fault = lambda p: answer
        r = w.sync()
        t.same((r.status, w.file() == before, w.status()["ok"],
                why(), w.status()["at"]),
               (FAILED, True, False, NO_STORE.get(text, reason), "2026-03-20T09:49:43+00:00"),
               text + ": the old index stays when every answer is like this")
    s.stop()
    r = w.sync()
    t.same((r.status, w.file() == before, why()),
           (FAILED, True, "connection_refused"),
           "the old index stays when the store is down")
    w.forget()
    t.same((w.sync().status, w.index()), (FAILED, None),
           "no index is made when the store is down and there is none")


def in_one_folder(t):
    s = store()
    victim = ORDER[1]
    mine = folder(victim) + b"job_id="
    for text, (answer, reason) in FAULTS.items():
        s.fault = lambda p: answer if p["prefix"] == mine else None
        r = w.sync()
        i = w.index()
        io = reason not in (UNPARSED, "answer too large")
        wrong = [n for n in NAMES if n != victim and
                 i.miners[address(n)] != (JOBS, 0, NOW + 60)]
        t.ok(not wrong and i.miners[address(victim)] ==
             (JOBS, DAMAGED, NOW + 60) and len(i.folders) == 4,
             text +
             " for one folder marks it as damaged and keeps what it had",
             i.miners)
        t.same((r.status, i.complete, why()),
               (PARTLY, False, reason) if io else (OK, True, None),
               "a fault in one folder counts as %s" %
               ("the store's fault" if io else "its own"))
        w.forget()
        s.fault = lambda p: None
        with w.time(NOW):
            w.sync()
    s.stop()


def tokens(t):
    """Loops, and pages without an end."""
    s = store(page=2)
    t.same([len(w.index().miners), w.index().jobs("eve")], [5, JOBS],
           "an index is made from pages of two")
    def loop(p):
        if p["prefix"] != b"data/hotkey=":
            return None
        first = {k: v for k, v in p.items() if k != "continuation-token"}
        return 200, {}, s.listing(first, token=b"t")

    s.fault = loop
    r = w.sync()
    i = w.index()
    t.same((r.status, i.complete, w.status()["reason"], len(i.miners)),
           (PARTLY, False, "a continuation token twice", 5),
           "a continuation token that comes twice is refused, and what was "
           "known is kept")
    t.same(sorted({m[2] for m in i.miners.values()}), [NOW, NOW + 60],
           "what a refused token keeps has the time when it was seen")
    victim = ORDER[2]
    mine = folder(victim) + b"job_id="
    count = [0]

    def endless(p):
        if p["prefix"] != mine:
            return None
        count[0] += 1
        return 200, {}, b"<ListBucketResult><IsTruncated>true</IsTruncated>" \
            b"<NextContinuationToken>t%d</NextContinuationToken>" \
            b"</ListBucketResult>" % count[0]

    s.fault = endless
    r = w.sync()
    i = w.index()
    t.ok(r.status == OK and count[0] < 100 and i.complete and
         i.miners[address(victim)] == (JOBS, DAMAGED, NOW + 60) and
         sum(m[1] for m in i.miners.values()) == DAMAGED,
         "pages without an end in one folder mark it as damaged", r, count,
         i.miners)
    s.stop()


def malformed_tokens(t):
    """A miner whose names break the page that they end."""
    s = store(page=2)
    victim = ORDER[0]
    jobs = [b"a\x01", b"b\xff", b"c\xf4\x8f\xbf\xbf\xff", b"d", b"e\x7f\x02",
            b"f", b"g+ %&<", b"\xffz"]
    s.keys |= {folder(victim, j) + b"f" for j in jobs}
    for s.page in 1, 2, 3:
        for s.front in False, True:
            os.remove(os.path.join(w.state, "bucket.index"))
            r = w.sync()
            i = w.index()
            t.same((r.status, i.complete, i.jobs(victim), i.flags(victim)),
                   (OK, True, sorted(jobs + JOBS), DAMAGED),
                   "names that break a page of %d%s leave their folder damaged "
                   "and the index complete" %
                   (s.page, " with the token first" if s.front
                                     else ""))
    s.page, s.front = 2, False
    t.same([n for n in NAMES if n != victim and
            i.miners[address(n)] != (JOBS, 0, NOW + 60)], [],
           "names that break a page damage nobody else's folder")
    s.keys |= {folder(victim, b"c\0c") + b"f", folder(victim, b"d" * 1000) +
               b"f"}
    i = (w.sync(), w.index())[1]
    t.same((i.jobs(victim), i.flags(victim)), (sorted(jobs + JOBS), DAMAGED),
           "jobs that no URL can name are left out")

    # The same between miners: whoever has the last name on the page.
    s.keys = fill()
    broken = ORDER[1]

    def between(p):
        if p["prefix"] != b"data/hotkey=" or len(p) > 12 or \
                "start-after" in p or "continuation-token" in p:
            return None
        return 200, {}, s.listing(p, token=b"\x01\xff")

    s.fault = between
    r = w.sync()
    i = w.index()
    t.same((r.status, i.complete, len(i.miners), i.flags(broken),
            sum(m[1] for m in i.miners.values())),
           (OK, True, 5, DAMAGED, DAMAGED),
           "a page of miners that breaks leaves all other miners complete")
    t.ok(all(m[0] == JOBS and m[2] == NOW + 60 for m in i.miners.values()),
         "the miners beyond a broken page are seen now", i.miners)

    def in_the_middle(p):
        if p["prefix"] != b"data/hotkey=" or "start-after" in p:
            return None
        whole = s.listing(p, limit=9)
        cut = whole.index(b"</CommonPrefixes>", whole.index(
            address(ORDER[2]).encode()))
        return 200, {}, whole[:cut + 17] + b"<\xff" + whole[cut + 17:]

    s.fault = in_the_middle
    r = w.sync()
    i = w.index()
    t.same((r.status, len(i.miners), i.flags(ORDER[2]),
            sorted({m[2] for m in i.miners.values()})),
           (OK, 5, DAMAGED, [NOW + 60]),
           "the walk goes on after a page that breaks in the middle")
    s.stop()


def plain(name):
    """As versitygw writes a name."""
    return name.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(
        b">", b"&gt;")


def encodings(t):
    """Stores that encode nothing, or name the encoding otherwise."""
    victim = ORDER[1]
    jobs = [b"a%41", b"a+b", b"a b", b"100%", b"%", "\u00fc".encode(),
            b"q\"<&>", b"%2f", b"+"]
    for text, encoding in [
            ("without an EncodingType", b""),
            ("with an empty EncodingType", b"<EncodingType/>"),
            ("with an EncodingType without text",
             b"<EncodingType></EncodingType>")]:
        for size in 1, 2, 1000:
            s = store(page=size)
            s.keys |= {folder(victim, j) + b"f" for j in jobs}
            s.fault = lambda p: (200, {}, s.listing(p, encoding=encoding,
                                                    write=plain))
            r = w.sync()
            i = w.index()
            t.same((r.status, i.complete, i.jobs(victim), i.ignored,
                    sum(m[1] for m in i.miners.values())),
                   (OK, True, sorted(jobs + JOBS), 0, 0),
                   "names are read as they are from a store %s, %d on a page" %
                   (text, size))
            s.stop()
    for text, write in [
            ("blanks as plus signs", lambda n: quote_plus(n, "/").encode()),
            ("slashes too", lambda n: quote_from_bytes(n, "").encode()),
            ("in lower case", lower),
            ("nothing but percent and plus signs", lambda n: plain(
                n.replace(b"%", b"%25").replace(b"+", b"%2B")))]:
        s = store(page=2)
        s.keys |= {folder(victim, j) + b"f" for j in jobs}
        s.fault = lambda p: (200, {}, s.listing(p, write=write))
        r = w.sync()
        i = w.index()
        t.same((r.status, i.jobs(victim), i.ignored),
               (OK, sorted(jobs + JOBS), 0),
               "names are read from a store that encodes " + text)
        s.stop()


def lower(name):
    """Hex digits in lower case, and nothing else."""
    return re.sub(r"%[0-9A-F]{2}", lambda m: m[0].lower(),
                  quote_from_bytes(name)).encode()


def unreadable_names(t):
    """A name that cannot be decoded costs itself."""
    victim = ORDER[1]
    for text, raw in [("a percent sign alone", b"%"),
                      ("half an escape", b"a%4"), ("no hex", b"%zz"),
                      ("a control byte", b"\x01"),
                      ("a reference that XML does not know", b"&#x01;"),
                      ("no UTF-8", b"\xff"), ("nothing at all", None),
                      ("more than a key may have", b"k" * 20000)]:
        for where, prefix in [("a job", folder(victim) + b"job_id="),
                              ("a miner", b"data/hotkey=")]:
            s = store()

            def one_bad(p):
                if p["prefix"] != prefix:
                    return None
                page = s.listing(p)
                bad = b"" if raw is None else b"<Prefix>%s%s/</Prefix>" % (
                    prefix, raw)
                return 200, {}, page.replace(
                    b"<CommonPrefixes>", b"<CommonPrefixes>" + bad +
                    b"</CommonPrefixes><CommonPrefixes>", 1)
            s.fault = one_bad
            r = w.sync()
            i = w.index()
            t.same((r.status, i.complete, i.ignored, len(i.miners),
                    {m[:2] for m in [(tuple(a), b) for a, b, _ in
                                     i.miners.values()]}),
                   (OK, True, 1, 5, {(tuple(JOBS), 0)}),
                   "the name of %s that has %s costs that name alone" %
                   (where, text))
            s.stop()


def later_pages(t):
    """The store is gone in the middle of a walk."""
    s = store(page=2)

    def gone(p):
        if "continuation-token" in p and p["prefix"] in (b"data/hotkey=",
                                                         b"data/x/"):
            return 503, {}, b""
        return None

    s.fault = gone
    r = w.sync()
    i = w.index()
    t.same((r.status, len(i.miners), len(i.folders),
            [i.miners[address(n)][2] for n in ORDER]),
           (PARTLY, 5, 4, [NOW + 60] * 2 + [NOW] * 3),
           "miners are kept when the store fails in the middle of their pages")
    t.same((w.status()["ok"], w.status()["complete"], i.complete_at),
           (False, False, NOW), "the status says that a walk was not complete")

    def jobs_gone(p):
        return (503, {}, b"") if b"job_id=" in p["prefix"] else None

    s.fault = jobs_gone
    s.asked.clear()
    r = w.sync()
    i = w.index()
    t.same((r.status, [i.jobs(n) for n in NAMES]), (PARTLY, [JOBS] * 5),
           "jobs are kept when the store fails in the miners' folders")
    t.same(len([p for p in s.prefixes() if "job_id" in p]), 3,
           "bucket-sync does not ask a failing store for every miner")
    s.fault = lambda p: None
    r = w.sync()
    i = w.index()
    t.same((r.status, sum(m[1] for m in i.miners.values()), i.complete),
           (OK, 0, True), "the next walk of a store that recovered is complete")
    s.stop()


def too_many_jobs(t):
    s = store(most=None)
    victim = ORDER[3]
    s.keys |= {folder(victim, "%05d" % j) + b"f" for j in range(10001)}
    r = w.sync()
    i = w.index()
    t.same((r.status, len(i.jobs(victim)), i.flags(victim)),
           (OK, 10000, TRUNCATED), "a miner with 10,004 jobs is cut at 10,000")
    t.same([i.jobs(n) for n in NAMES if n != victim], [JOBS] * 4,
           "a miner with too many jobs takes none from others")
    s.stop()


def statuses(t):
    s = store(most=None)
    for args in ("--twice",), ("--once", "x"):
        t.same(w.sync(*args).status, USAGE,
               "bucket-sync refuses wrong usage: " + " ".join(args))
    os.remove(os.path.join(w.state, "bucket.index"))
    os.mkdir(os.path.join(w.state, "bucket.index"))
    r = w.sync()
    t.same((r.status, w.status()["reason"]),
           (WRITE, "the index cannot be written"),
           "bucket-sync exits with 4 when the index cannot be written")
    os.rmdir(os.path.join(w.state, "bucket.index"))
    w.write("state/bucket.index", b"fgate-b\n garbage")
    r = w.sync()
    t.same((r.status, [x["event"] for x in bucket.logged(r)]),
           (OK, ["snapshot_refused", "index_written"]),
           "a damaged index is replaced by a good one")
    with w.settings(state_directory=w.path("nowhere")):
        t.same(w.sync().status, WRITE,
               "bucket-sync exits with 4 without a state directory")

    # The read role's key, and no other's.
    nowhere = w.path("no.secret")
    both = w.values["s3_secret_access_key_file"]
    upload = {"s3_upload_access_key_id": "U",
              "s3_upload_secret_access_key_file": nowhere}
    with w.settings(**upload):
        t.same(w.sync().status, OK, "bucket-sync needs no upload key")
    with w.settings(s3_read_access_key_id="READER",
                    s3_read_secret_access_key_file=both, **upload):
        s.asked.clear()
        t.same((w.sync().status, {p["X-Amz-Credential"].partition(b"/")[0]
                                  for p in s.asked}), (OK, {b"READER"}),
               "the read key signs the requests of bucket-sync")
    with w.settings(s3_read_access_key_id="READER",
                    s3_read_secret_access_key_file=nowhere, **upload):
        t.same(w.sync().status, USAGE,
               "bucket-sync exits with 2 without a read key")
    s.stop()


tap.run([good, for_everybody, in_one_folder, tokens, malformed_tokens,
         encodings, unreadable_names, later_pages, too_many_jobs, statuses],
        endpoint.check_outputs)
