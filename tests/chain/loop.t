#!/usr/bin/python3
"""chain-sync as it stays: intervals, an end within a second, one at a time."""

import os
import signal
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import chain
import endpoint
import servers
import tap

chain.off_disk()
w = chain.Chain()
w.now = int(time.time())

# The promise is 1 s; the rest is for a machine that has much to do.
AT_ONCE_S = 1.0


def written(b):
    return b.events().count("snapshot_written")


def ends(t, b, text, number=signal.SIGTERM):
    took, status = b.stop(number)
    t.ok(took < AT_ONCE_S and status == 0, text,
         "%.2f s, status %d" % (took, status), b.log())


def intervals(t):
    n = w.node(advance=0.3)
    w.use(n, chain_sync_interval_s=1)
    w.forget()
    start = time.monotonic()
    b = w.start()
    servers.until(lambda: written(b) == 3, 6, 0.05)
    took = time.monotonic() - start
    t.same(written(b), 3, "chain-sync looks at the chain again and again")
    t.ok(1.4 < took < 4,
         "chain-sync looks at intervals of 1 s less at most a quarter",
         "%.2f s" % took)
    r = w.sync(installed=True)
    t.same((r.status, chain.logged(r)[0]["event"]),
           (chain.BUSY, "already_running"),
           "a second chain-sync --once is refused while one runs")
    r = endpoint.program(w.program(True), env=w.env())
    t.same(r.status, chain.BUSY,
           "a second chain-sync that would stay is refused while one runs")
    heights = [x["block"] for x in b.log() if x["event"] == "snapshot_written"]
    t.ok(heights == sorted(set(heights)),
         "each look at the chain sees a new head", heights)
    ends(t, b, "SIGTERM between two looks ends chain-sync at once")
    t.same(w.sync(installed=True).status, 0,
           "another chain-sync may run after the first has ended")

    b = w.start()
    servers.until(lambda: written(b) == 1, 5)
    n.neurons = n.neurons[:2]
    t.ok(servers.until(lambda: len(w.shown()["neurons"]) == 2, 5, 0.05),
         "a change on the chain arrives in the snapshot")
    os.remove(os.path.join(w.state, "metagraph.snapshot"))
    n.block = 5
    t.ok(servers.until(lambda: (w.shown() or {"block": -1})["block"] in
                       range(5, 30), 5, 0.05),
         "chain-sync starts anew without a restart when its snapshot is "
         "deleted",
         b.log()[-1])
    ends(t, b, "SIGINT ends chain-sync at once", signal.SIGINT)
    n.stop()


def while_it_waits(t):
    n = w.node()
    w.use(n, chain_sync_interval_s=300, chain_timeout_s=30)
    for fault, text in ("silent", "for an answer"), \
            ("drip", "for the rest of an answer"):
        n.fault = {"state_call": fault}
        n.calls.clear()
        before = w.file()
        b = w.start()
        servers.until(lambda: "state_call" in n.calls, 5)
        time.sleep(0.1)
        ends(t, b, "SIGTERM ends chain-sync at once while it waits " + text)
        t.ok(w.file() == before and not
             {"not_learnt", "snapshot_written"} & set(b.events()),
             "an end while it waits for the node is no failure of chain-sync",
             b.log())
    n.stop()
    w.use("http://name.invalid:9944")
    b = w.start(LD_PRELOAD=os.path.join(endpoint.BUILD, "test",
                                        "slow_names.so"))
    time.sleep(0.5)
    t.same(b.process.poll(), None,
           "chain-sync waits for a name server that does not answer")
    ends(t, b,
         "SIGTERM ends chain-sync at once while it waits for a name server")
    w.configure(chain_timeout_s=1)


def back_off(t):
    n = w.node()
    n.fault = {"*": "500"}
    w.use(n, chain_sync_interval_s=300)
    w.forget()
    b = w.start()
    servers.until(w.status, 5)
    time.sleep(0.5)
    t.same(n.calls, ["chain_getFinalizedHead"],
           "chain-sync waits after a failure before it asks again")
    t.same((w.status()["failures"], w.status()["reason"]),
           (1, "HTTP 500, the server has a problem"),
           "the status file counts a failure with its reason")
    ends(t, b, "SIGTERM ends chain-sync at once while it waits after a failure")
    n.calls.clear()
    w.configure(chain_sync_interval_s=1)
    b = w.start()
    t.ok(servers.until(lambda: w.status()["failures"] == 3, 6, 0.05),
         "chain-sync counts failures in a row", w.status())
    n.fault = {}
    t.ok(servers.until(lambda: (w.status() or {}).get("ok"), 5),
         "chain-sync recovers when the node is back")
    t.same(w.status()["failures"], 0,
           "the count of failures is 0 after a good look")
    ends(t, b, "SIGTERM ends chain-sync at once after a recovery")
    n.stop()


def first_retry(t):
    """5 s, less at most a quarter, after a first failure: far less than the
    interval.  It runs beside all other tests of this file."""
    servers.until(lambda: len(waiting.times) >= 2, 8)
    took = [b - a for a, b in zip(waiting.times, waiting.times[1:])]
    t.ok(took and 3.7 <= took[0] <= 5.6,
         "chain-sync tries again 3.75 s to 5 s after a first failure", took)
    took, status = slow.stop()
    t.same(status, 0, "chain-sync ends with 0 while it waits after failures")


if __name__ == "__main__":
    other = chain.Chain()
    other.now = w.now
    waiting = other.node()
    waiting.fault = {"*": "404"}
    other.use(waiting, chain_sync_interval_s=300)
    slow = other.start()
    tap.run([intervals, while_it_waits, back_off, first_retry],
            endpoint.check_outputs)
