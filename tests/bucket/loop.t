#!/usr/bin/python3
"""bucket-sync as it stays: intervals, an end within a second, one at a time."""

import signal
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import bucket
import chain
import endpoint
import servers
import tap
import world
from bucket import BUSY, OK, address, folder

chain.off_disk()
w = bucket.Bucket()
s = bucket.Store({folder("alice", "1") + b"f"})
w.configure(s3_endpoint=s.url, bucket_sync_interval_s=1)

# The promise is 1 s.
AT_ONCE_S = 1.0


def ends(t, b, text, number=signal.SIGTERM):
    took, status = b.stop(number)
    t.ok(took < AT_ONCE_S and status == 0, text,
         "%.2f s, status %d" % (took, status), b.log())


def written(b):
    return b.events().count("index_written")


def intervals(t):
    b = w.start()
    t.ok(servers.until(lambda: written(b) == 3, 6, 0.05),
         "bucket-sync walks the store again and again", b.log())
    r = w.sync(installed=True)
    t.same((r.status, bucket.logged(r)[0]["event"]),
           (BUSY, "already_running"),
           "a second bucket-sync --once is refused while one runs")
    t.same(endpoint.program(w.program(True), env=w.env()).status, BUSY,
           "a second bucket-sync that would stay is refused while one runs")
    s.keys.add(folder("bob", "2") + b"f")
    t.ok(servers.until(lambda: address("bob") in w.index().miners, 5, 0.05),
         "a change in the bucket arrives in the index")
    ends(t, b, "SIGTERM between two walks ends bucket-sync at once")
    t.same(w.sync(installed=True).status, OK,
           "another bucket-sync may run after the first has ended")


def while_it_waits(t):
    with w.settings(bucket_timeout_s=30):
        before = w.file()
        for place in b"data/x/", folder("alice") + b"job_id=":
            s.fault = lambda p: ("silent", {}, 3) if p[
                "prefix"] == place else None
            s.asked.clear()
            b = w.start()
            servers.until(lambda: place.decode() in s.prefixes(), 5)
            time.sleep(0.1)
            ends(t, b, "SIGINT while it waits for the store ends bucket-sync "
                 "at once", signal.SIGINT)
            t.ok(w.file() == before and not {"not_learnt", "index_written"} &
                 set(b.events()), "an end while it waits for the store is no "
                 "failure of bucket-sync", b.log())


def back_off(t):
    s.fault = lambda p: (500, {}, b"")
    with w.settings(bucket_sync_interval_s=300):
        s.asked.clear()
        b = w.start()
        servers.until(lambda: "not_learnt" in b.events(), 5)
        time.sleep(0.5)
        t.same((len(s.asked), w.status()["failures"], w.status()["reason"]),
               (3, 1, "server_error, bucket %s at %s: the server has a problem "
                "(status 5xx)" % (world.BUCKET, s.host)),
               "bucket-sync waits after a failure before it asks again")
        ends(t, b,
             "SIGTERM while it waits after a failure ends bucket-sync at once")
    with w.settings(bucket_sync_interval_s=1):
        b = w.start()
        t.ok(servers.until(lambda: w.status()["failures"] == 2, 5, 0.05),
             "bucket-sync counts failures in a row", w.status())
        s.fault = lambda p: None
        t.ok(servers.until(lambda: w.status()["ok"], 5, 0.05),
             "bucket-sync recovers when the store is back")
        t.same(w.status()["failures"], 0,
               "the count of failures is 0 after a good walk")
        ends(t, b, "SIGTERM after a recovery ends bucket-sync at once")


tap.run([intervals, while_it_waits, back_off], endpoint.check_outputs)
