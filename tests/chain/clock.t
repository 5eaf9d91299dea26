#!/usr/bin/python3
"""Our clock, compared with the header Date of the store and of the nodes."""

import email.utils
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import bucket
import chain
import endpoint
import tap
from world import NOW

chain.off_disk()
w = chain.Chain()
nodes = [w.node(chain.some_neurons(8)) for _ in range(3)]


def date(seconds):
    return email.utils.formatdate(seconds, usegmt=True)


def told(of=None):
    """What readyz and check-config report of the clock: its code, and the
    sentence."""
    a = w.get("readyz")
    r = w.cli("check-config")
    found = re.search(r"^warning: the clock \(clock_off\)\n  (.*)\n  mend: (.*)$",
                      r.text, re.M)
    listed = "clock_off" in (a.json.get("reasons") or [])
    if a.code != 200 or listed != bool(found):
        return "readyz and check-config disagree", a, r.text[-800:]
    return found and (found[1], found[2])


def reset():
    for name in os.listdir(w.state):
        if name.endswith(".seen"):
            os.remove(os.path.join(w.state, name))


def store(*dates, fault=None):
    return bucket.index_of(w, [], fault, dates)


def behind(seconds, whose="the store's"):
    return "this machine's clock is %d s behind %s" % (seconds, whose)


def ahead(seconds, whose="the store's"):
    return "this machine's clock is %d s ahead of %s" % (seconds, whose)


SET = "timedatectl set-ntp true || chronyc makestep"
LOOK = "timedatectl timesync-status || chronyc tracking"


def the_store(t):
    w.use(nodes[0])
    t.same(w.sync().status, chain.OK, "chain-sync writes a snapshot")
    reset()
    store()
    t.same(told(), None, "a store that tells no time raises no alarm")
    for off, want in [(0, None), (29, None), (-29, None), (-28, None),
                      (30, behind(30)), (-30, ahead(30)),
                      (31, behind(31)), (-31, ahead(31)),
                      (10800, behind(10800)), (-10800, ahead(10800)),
                      (864000, behind(864000)), (-NOW, ahead(NOW))]:
        store(date(NOW + off))
        got = told()
        t.same(got, want and (want, SET),
               "the clock of a store that is %+d s from ours is reported "
               "from 30 s on" % off)
    for text, fault in [
            ("a store that refuses", lambda p: (403, {}, b"<Error/>")),
            ("a store with an answer that is no listing",
             lambda p: (200, {}, b"<html/>"))]:
        store(date(NOW + 3600), fault=fault)
        t.same(told(), (behind(3600), SET), text + " still tells the time")


def not_believed(t):
    good = date(NOW + 3600)
    asctime = "Fri Mar 20 10:48:43 2026"
    for text, dates in [
            ("two headers Date", [good, good]),
            ("two headers Date, the first of which is right",
             [date(NOW), good]),
            ("an empty Date", [""]),
            ("a Date of words", ["yesterday"]),
            ("a Date in the form of RFC 850",
             ["Friday, 20-Mar-26 10:48:43 GMT"]),
            ("a Date in the form of asctime", [asctime]),
            ("a Date as a number", [str(NOW + 3600)]),
            ("a Date in ISO 8601", ["2026-03-20T10:48:43Z"]),
            ("a Date with a zone in numbers", [good[:-3] + "+0000"]),
            ("a Date in UTC by another name", [good[:-3] + "UTC"]),
            ("a Date of another weekday", ["Mon" + good[3:]]),
            ("a Date on the 30th of February",
             ["Mon, 30 Feb 2026 10:48:43 GMT"]),
            ("a Date with an hour 24", ["Fri, 20 Mar 2026 24:48:43 GMT"]),
            ("a Date before 1970", ["Wed, 31 Dec 1969 23:59:59 GMT"]),
            ("a Date in small letters", [good.lower()]),
            ("a Date of one digit for the day",
             ["Fri, 6 Mar 2026 10:48:43 GMT"]),
            ("a Date with something after it", [good + " x"]),
            ("a Date of 60 KB", ["x" * 60000])]:
        store(*dates)
        t.same(told(), None, text + " is not believed")
    store(" " + good + "\t ")
    t.same(told(), (behind(3600), SET), "blanks around a Date do not matter")
    for age, want in ("7200", None), ("0", (behind(3600), SET)):
        store(good, fault=lambda p: (403, {"Age": age}, b""))
        t.same(told(), want, "a Date with an Age of %s is %s" % (
            age, "believed" if want else "not believed: a cache sent it"))


def lately(t):
    store(date(NOW + 3600))
    for now, want in [(NOW, True), (NOW + 890, True), (NOW + 901, False),
                      (NOW - 1, False)]:
        with w.settings(bucket_sync_interval_s=300), w.time(now):
            w.snapshot()
            t.same(bool(told()), want, "what was seen %d s ago is %s" % (
                now - NOW, "believed" if want else "not believed"))
    for text, change in [
            ("an empty file", lambda s: ""),
            ("a file of another version", lambda s: s.replace("1", "2", 1)),
            ("a file that was cut", lambda s: s[:-4]),
            ("a file with more in it", lambda s: s + "x\n"),
            ("a file with a skew of letters",
             lambda s: s.replace("skew_ms 3", "skew_ms x")),
            ("a huge skew", lambda s: s.replace("skew_ms ",
                                                "skew_ms 9" + "9" * 17)),
            ("a fault of odd letters", lambda s: s.replace(
                "fault -", "fault \"\\"))]:
        with w.time(NOW):
            store(date(NOW + 3600))
            path = "state/bucket-sync.seen"
            with open(w.path(path)) as f:
                text_of = f.read()
            w.write(path, change(text_of), 0o644)
            t.same(told(), None, text + " is not believed")
    reset()


def sync(*offs, **settings):
    """A look at nodes with these offsets; None: without a Date."""
    reset()
    w.forget()
    w.snapshot()
    for n, off in zip(nodes, offs):
        n.dates = [] if off is None else [off] if isinstance(off, str) else [
            date(NOW + off)]
    w.use(*nodes[:len(offs)], **settings)
    return w.sync()


def the_nodes(t):
    for off, want in [(0, None), (29, None), (-29, None),
                      (31, behind(31, "1 chain node")),
                      (-31, ahead(31, "1 chain node")),
                      (-10800, ahead(10800, "1 chain node"))]:
        sync(off)
        t.same(told(), want and (want, SET), "the clock of a single node that "
               "is %+d s from ours is reported from 30 s on" % off)
    for agree in "any", "majority":
        for offs, want in [
                ((3600, 0, 0), None), ((0, -3600, 0), None),
                ((0, 0, 3600), None), ((3600, -3600, 0), None),
                ((31, 31, 0), behind(31, "3 chain nodes")),
                ((-31, 3600, -32), ahead(31, "3 chain nodes")),
                ((-3600, -3600, -3600), ahead(3600, "3 chain nodes")),
                ((3600, 3601, None), behind(3600, "2 chain nodes")),
                ((3600, "nonsense", 3601), behind(3600, "2 chain nodes")),
                ((3600, None, None), None), ((3600, None), None),
                ((3600, 0), None)]:
            r = sync(*offs, chain_agree=agree)
            got = told()
            t.same((r.status, got), (chain.OK, want and (want, SET)),
                   "one of %d nodes alone neither raises nor hides an alarm: "
                   "%s, by %s" % (len(offs), offs, agree))
    sync(3600, 0, 0, chain_agree="any")
    r = w.cli("check-config")
    t.ok("chain-sync: endpoint 1 of 3: block 7000000, its clock is 3600 s "
         "ahead of this machine's\n" in r.text,
         "check-config names the one node whose clock is off", r.text)
    nodes[0].fault = {"*": "500"}
    sync(3600)
    nodes[0].fault = {}
    t.same(told(), (behind(3600, "1 chain node"), SET),
           "a node that fails still tells the time")


def both(t):
    sync(3600)
    store(date(NOW + 3601))
    t.same(told(), (behind(3601) + ", and 3600 s behind 1 chain node", SET),
           "a clock that store and node find wrong is to be set")
    store(date(NOW))
    t.same(told(), (behind(3600, "1 chain node") +
                    ", but agrees with the store's", LOOK),
           "a node that contradicts the store may be wrong itself")
    sync(0)
    store(date(NOW - 3600))
    t.same(told(), (ahead(3600) + ", but agrees with 1 chain node", LOOK),
           "a store that contradicts the node may be wrong itself")
    store(date(NOW))
    t.same(told(), None, "an alarm ends with the next look")


def logged(t):
    """When it begins, and what the status files say."""
    r = sync(-3600)
    lines = [x for x in chain.logged(r) if x["event"] == "clock_off"]
    t.same([(x["seconds"], x["reason"]) for x in lines],
           [(3600, "this machine's clock is ahead")],
           "chain-sync logs a clock that is off")
    b = bucket.Bucket()
    s = bucket.Store()
    s.dates = [date(NOW + 77)]
    b.configure(s3_endpoint=s.url)
    r = b.sync()
    t.ok(b.status()["skew_ms"] == 77000 and "clock_off" in r.log,
         "bucket-sync logs a clock that is off and keeps the skew", b.status())
    s.stop()


tap.run([the_store, not_believed, lately, the_nodes, both, logged],
        endpoint.check_outputs)
