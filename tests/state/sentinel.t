#!/usr/bin/python3
"""Redis Sentinel: a master that is replaced, on purpose or by its death, under
load; and sentinels that say odd things.  What was granted is never granted
again, whatever the new master has lost.

With the argument "real" time is the machine's, and the sentinels are as slow as
they usually are: `make check-sentinel`."""

import collections
import os
import random
import signal
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import fcgi
import page
import servers
import tap
from sentinel import NAME, Cluster, Fake, Node, master_at, set_clock
from shared import GRANT, REDIS, Shared, ask, said, wrong

REAL = "real" in sys.argv[1:]
SURE_S = 65             # as ledger/redis_script.c: nothing is granted so long
AHEAD_S = 60            # as auth/: how far a clock may be ahead
PEERS, PROCESSES = 8, 3
# Whoever sends old requests must not be slowed down here.
PATIENT = {"limits_address_per_minute": 60000, "limits_address_burst": 60000}
LOST = 20               # grants that a dead master does not pass on
FORGOT = "it may have forgotten"


class Load:
    """Requests without end, signed up to a minute ahead.  heard: what was
    said, when, and to which request."""

    def __init__(self, world, service):
        self._world, self._service = world, service
        self._ends = threading.Event()
        self.heard, self.wrong = [], []
        self._threads = [threading.Thread(target=self._run, daemon=True)
                         for _ in range(PEERS)]
        for thread in self._threads:
            thread.start()

    def _run(self):
        while not self._ends.is_set():
            body = self._world.request(timestamp=now(self._world) +
                                       random.choice((0, 0, 20, AHEAD_S)))
            try:
                a = ask(self._service, body)
            except OSError as e:
                self.wrong.append(repr(e))
                return
            self.wrong += wrong([a])
            self.heard.append((time.monotonic(), said(a), body))
            time.sleep(0.02)

    def granted(self):
        return [body for _, word, body in list(self.heard)
                if word == "granted"]

    def more(self, count):
        """Wait for so many more grants; when the first of them was heard."""
        before = len(self.granted())
        servers.until(lambda: len(self.granted()) >= before + count, 60)

    def words(self, since):
        return collections.Counter(word for at, word, _ in list(self.heard)
                                   if at >= since)

    def end(self):
        self._ends.set()
        for thread in self._threads:
            thread.join(30)


class Clock:
    """That of the processes and of every Redis.  It runs, and it can jump."""

    def __init__(self, cluster, world):
        self._cluster, self._world = cluster, world
        self._ahead = world.now - time.monotonic()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._ends.wait(0.05):
            now = int(time.monotonic() + self._ahead)
            self._cluster.at(now)
            self._world.now = now
            self._world.set_clock("clock", now)

    def jump(self, seconds):
        self._ahead += seconds
        time.sleep(0.2)

    def stop(self):
        self._ends.set()
        self._thread.join()


def now(w):
    return int(time.time()) if REAL else w.now


def setting(c):
    w = Shared(c, limits_folder_grants=10**6, **PATIENT)
    if not REAL:
        return w, w.serve(count=PROCESSES), Clock(c, w)
    c.at(0)
    w.now = now(w)
    w.snapshot()
    return w, fcgi.Service(w, GRANT, PROCESSES), None


def pass_time(w, clock, since):
    """Until everything is granted again; since: when the new one was seen."""
    if clock is not None:
        clock.jump(SURE_S + 1)
        return
    time.sleep(max(0, since + SURE_S + 1 - time.monotonic()))
    w.now = now(w)
    w.snapshot()


def again(s, bodies):
    """What is said to requests that were granted before."""
    return collections.Counter(said(ask(s, body)) for body in bodies)


def replaced(t, c, w, s, clock, how, replace, least, most=None):
    """A master is replaced while requests come.  The new one lacks so many
    grants; None: as many as came at the end."""
    had, logged = w.used(), s.log().count(FORGOT)
    load = Load(w, s)
    load.more(100)
    old = c.master()
    start = replace(c, load)
    named = c.failed_over(old)
    named_s = time.monotonic() - start
    servers.until(lambda: s.log().count(FORGOT) > logged, 30)
    seen = time.monotonic()
    t.ok(named and s.log().count(FORGOT) > logged,
         how + ": the processes find the new master by themselves", c.named(),
         s.log())

    # By then the last look at the old one is no longer valid.
    time.sleep(2)
    after = time.monotonic()
    time.sleep(0.5)
    t.same(set(load.words(after)), {"ledger_unavailable"}, how + ": nothing is "
           "granted while signatures may have been forgotten")
    load.end()
    bodies = load.granted()
    t.same(set(again(s, bodies)), {"ledger_unavailable"}, how + ": what was "
           "granted before is not granted in the minute after it")
    pass_time(w, clock, seen)
    a = ask(s, w.request(timestamp=now(w)))
    t.ok(said(a) == "granted", how + ": a new request is granted when the "
         "minute is over", a, s.log())
    served_s = time.monotonic() - seen
    then = again(s, bodies)
    t.ok(not then["granted"] and sum(then.values()) == len(bodies), how +
         ": what was granted before is never granted again", then)
    lost = len(bodies) + 1 - (w.used() - had)
    if most is None:
        most = sum(at > start - 1 and word == "granted"
                   for at, word, _ in load.heard)
    print("# %s: the new master is named after %.1f s, used after %.1f s%s; "
          "%d grants, %d of which it does not count; old requests: %s" % (
              how, named_s, seen - start,
              ", and grants after %.1f s more" % served_s if REAL else "",
              len(bodies), lost, dict(then)))
    t.ok(least <= lost <= most, how + ": the new master lacks %s" % (
        "nothing" if most == 0 else "only what was granted at the end"),
         least, lost, most)
    t.none(load.wrong + ([] if all(s.alive()) else ["it has ended"]),
           how + ": every answer is a good one")


def paused(c, load):
    """As docs/limits.md says."""
    script = page.block("docs/limits.md", "Redis Sentinel", 3)
    for old, node in (" 6379 ", c.master()), (" 26379 ", c.sentinels[0]):
        assert old in script
        script = script.replace(old, " %d " % node.port)
    start = time.monotonic()
    out = subprocess.run(["sh", "-ec", script], check=True, timeout=30,
                         stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE).stdout
    assert out == b"OK\nOK\n", out
    return start


def on_purpose(c, load):
    start = time.monotonic()
    c.sentinels[0].say("SENTINEL", "FAILOVER", NAME)
    return start


def by_death(c, load):
    """Its last grants reach no replica."""
    master, replicas = c.master(), c.replicas()
    for node in replicas:
        node.send(signal.SIGSTOP)
    master.say("CLIENT", "KILL", "TYPE", "replica")

    # What is on the way now may still reach one.
    load.more(PEERS)
    load.more(LOST)
    start = time.monotonic()
    master.kill()
    for node in replicas:
        node.send(signal.SIGCONT)
    return start


def failover(t):
    c = Cluster(5000 if REAL else 500)
    w, s, clock = setting(c)
    if REAL:
        replaced(t, c, w, s, clock, "a failover on purpose", on_purpose, 0)
        c.synced()
    replaced(t, c, w, s, clock, "a failover on purpose, after a pause", paused,
             0, 0)
    c.synced()
    replaced(t, c, w, s, clock, "a master that is killed", by_death, LOST)
    s.stop()
    back_again(t, c, w)
    for sentinel in c.sentinels[:2]:
        sentinel.kill()
    t.ok("too few sentinels of Redis answer" in
         w.post(w.request(timestamp=now(w))).log,
         "one sentinel of three is not believed")
    if clock is not None:
        clock.stop()
    c.stop()


def back_again(t, c, w):
    """To another master and back, while nobody asks: the run id is the old
    one, and yet it may lack something."""
    if REAL:
        return
    master = c.master()
    a = w.post(w.request())
    t.same(said(a), "granted", "a CGI program asks the sentinels, too")
    node = c.replicas()[0]
    for old, new in (master, node), (node, master):
        new.say("REPLICAOF", "NO", "ONE")
        old.say("REPLICAOF", "127.0.0.1", str(new.port))
    a = w.post(w.request(timestamp=w.now + 1))
    t.ok(said(a) == "ledger_unavailable" and FORGOT in a.log, "a master that "
         "was a replica for a moment counts as a new one", a)


# --- sentinels that say odd things -------------------------------------------

LEDGER = (503, "ledger_unavailable", "The ledger is not available")


def odd(t):
    w = Shared(limits_folder_grants=10**6, limits_replay="allow")
    w.at(w.now + 3600)
    clock = w.path("redis.clock")
    set_clock(clock, w.now)
    redis = [Node(w.dir, 'save ""', clock=clock) for _ in range(2)]
    right, other = (master_at(node.port) for node in redis)
    silent, nobody = Fake(None), Fake(b"*-1\r\n")
    for text, answers, reason in [
            ("one sentinel names the master", [right], None),
            ("two of three sentinels name the master", [right, other, right],
             None),
            ("two of three name the master, and one is silent",
             [None, right, right], None),
            ("the sentinels disagree", [right, other],
             "do not agree on the master"),
            ("two sentinels of three are silent", [None, right, None],
             "too few sentinels of Redis answer"),
            ("no sentinel knows the master", [b"*-1\r\n"] * 2,
             "know no such master"),
            ("a sentinel wants a password",
             [b"-NOAUTH Authentication required.\r\n"],
             "a sentinel of Redis refuses the password"),
            *[("a sentinel says " + what, [answer],
               "too few sentinels of Redis answer") for what, answer in [
                   ("a port of 0", master_at(0)),
                   ("a port that is none", master_at("1x")),
                   ("a port too high", master_at(65536)),
                   ("no host at all", master_at(redis[0].port, "")),
                   ("a host with a blank", master_at(redis[0].port, "a b")),
                   ("a host with a colon", master_at(redis[0].port, "a:b")),
                   ("a host that is too long",
                    master_at(redis[0].port, "h" * 256)),
                   ("three words", b"*3\r\n$1\r\na\r\n$1\r\n1\r\n"
                    b"$1\r\n1\r\n"),
                   ("numbers", b"*2\r\n:1\r\n:2\r\n"),
                   ("a million words", b"*1048577\r\n"),
                   ("no Redis at all", b"HTTP/1.1 400 Bad Request\r\n")]]]:
        fakes = [Fake(answer) for answer in answers]
        w.configure(state_redis_sentinels=places(fakes))
        start = time.monotonic()
        a = w.post(w.request())
        took = time.monotonic() - start
        good = said(a) == "granted" if reason is None else \
            not endpoint.refusal_wrong(a, *LEDGER) and reason in a.log
        t.ok(good and took < 2 + 10, "%s: %s" % (
            text, "it is asked" if reason is None else "503 and a line"), a)
        for fake in fakes:
            fake.stop()
    demoted(t, w, redis, clock)
    t.none([] if silent.asked == nobody.asked == 0 else ["asked"],
           "a sentinel that is not configured is never asked")
    for node in redis:
        node.kill()


def places(fakes):
    return ", ".join("127.0.0.1:%d" % fake.port for fake in fakes)


def demoted(t, w, redis, clock):
    """The master becomes a replica on an open connection."""
    fakes = [Fake(master_at(redis[0].port)) for _ in range(3)]
    w.configure(state_redis_sentinels=places(fakes))
    s = w.serve()
    t.same(said(ask(s, w.request())), "granted",
           "a process is connected to the master")
    redis[0].say("REPLICAOF", "127.0.0.1", str(redis[1].port))
    a = ask(s, w.request())
    t.ok(not endpoint.refusal_wrong(a, *LEDGER) and
         "Redis is a replica" in s.log(), "a replica is refused although all "
         "sentinels name it", a, s.log())
    redis[0].say("CONFIG", "SET", "replica-read-only", "no")
    w.at(w.now + 3)
    set_clock(clock, w.now)
    a = ask(s, w.request())
    t.ok(not endpoint.refusal_wrong(a, *LEDGER) and
         s.log().count("Redis is a replica") == 1,
         "a replica that may be written is refused as well", a, s.log())
    redis[0].say("CONFIG", "SET", "replica-read-only", "yes")
    w.at(w.now + 3)
    set_clock(clock, w.now)
    redis[0].say("REPLICAOF", "NO", "ONE")
    t.same(said(ask(s, w.request())), "granted",
           "the same server is used when it is the master again")
    redis[0].say("REPLICAOF", "127.0.0.1", str(redis[1].port))
    for fake in fakes:
        fake.answer = master_at(redis[1].port)
    t.same(said(ask(s, w.request())), "granted", "a request that finds a "
           "replica goes to the new master at once")
    s.stop()
    for fake in fakes:
        fake.stop()


def settings(t):
    w = Shared(state_redis_sentinels="127.0.0.1:1, 127.0.0.1:2")
    for text, changed, reason in [
            ("a sentinel that is configured twice is refused",
             {"state_redis_sentinels": "a:26379, b:1, a"}, "twice"),
            ("a sentinel with a port of 0 is refused",
             {"state_redis_sentinels": "a:0"}, "redis_sentinels"),
            ("an IPv6 address without brackets is refused",
             {"state_redis_sentinels": "fe80::1"}, "redis_sentinels"),
            ("a URL with the place of a Redis is refused beside sentinels",
             {"state_redis_url": "redis://redis.test"},
             "redis_url does not name the master"),
            ("a port of the master is refused beside sentinels",
             {"state_redis_url": "redis://mymaster:6379"},
             "redis_url does not name the master"),
            ("a unix socket is refused beside sentinels",
             {"state_redis_url": "unix:///run/redis.sock"},
             "redis_url does not name the master")]:
        with w.settings(**changed):
            a = w.post(w.request())
            t.ok(a.code == 500 and reason in a.log, text, a)
    for url in None, "redis://mymaster", "redis://mymaster/3":
        with w.settings(state_redis_url=url):
            a = w.post(w.request())
            t.ok(a.code == 503 and "too few sentinels" in a.log, "sentinels "
                 "are asked with %s as the URL" % (url or "nothing"), a)


if __name__ == "__main__":
    tests = [failover] if REAL else [failover, odd]
    if not os.access(REDIS, os.X_OK):
        tests = [lambda t: t.skip("sentinels and masters", "no " + REDIS)]
    tap.run(tests + [settings], endpoint.check_outputs)
