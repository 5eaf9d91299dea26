#!/usr/bin/python3
"""A Redis that is killed, restarted, stopped, full, not ours to use: refused in
good time, nothing vended, and all is well again by itself.  Processes see a
clock of ours, by which they also leave a failed Redis alone for a while."""

import os
import signal
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import servers
import tap
from shared import REDIS, Redis, Shared, ask, said, wrong

LEDGER = (503, "ledger_unavailable", "The ledger is not available")
BACKOFF_S = 3           # longer than ledger/redis.c leaves it alone
WAITS_S = 2             # as ledger/ledger.h promises
MARGIN_S = 10           # for a busy machine


def setting():
    redis = Redis("--enable-protected-configs", "local")
    w = Shared(redis, limits_folder_grants=1000)
    return redis, w, w.serve()


def stop(redis, s):
    s.stop()
    redis.kill()


def serves(t, w, s, text):
    """Later on, what is signed now is granted."""
    w.at(w.now + BACKOFF_S)
    a = ask(s, w.request(timestamp=w.now + 1))
    t.ok(said(a) == "granted" and not wrong([a]) and all(s.alive()), text, a,
         s.log())


def refuses(t, w, s, text, reason, n=3):
    """However often it tries anew; and the log tells why."""
    bad = []
    for _ in range(n):
        w.at(w.now + BACKOFF_S)
        bad += endpoint.refusal_wrong(ask(s, w.request()), *LEDGER)
    if reason not in s.log():
        bad.append(s.log())
    t.none(bad + ([] if all(s.alive()) else ["it has ended"]), text)


def timed(w, s, n):
    """Ask n times, at one moment of our clock: what is wrong, and how long
    that took."""
    start, bad = time.monotonic(), []
    for _ in range(n):
        bad += endpoint.refusal_wrong(ask(s, w.request()), *LEDGER)
    return bad, time.monotonic() - start


def quick(t, w, s, text, reason):
    """It is waited for once, in bounded time, and then left alone."""
    bad, first_s = timed(w, s, 1)
    then, rest_s = timed(w, s, 20)
    print("# %s: %.2f s, then %.4f s each" % (text, first_s, rest_s / 20))
    t.none(bad + then, text + ": every request fails with 503")
    t.ok(first_s < WAITS_S + MARGIN_S and rest_s < MARGIN_S,
         "a Redis in trouble costs one request a bounded time, the next ones "
         "none", first_s, rest_s)
    t.ok(reason in s.log(), "the log tells what is wrong with Redis", s.log())


def killed(t):
    redis, w, s = setting()
    before = w.request()
    serves(t, w, s, "requests are granted with a Redis")
    t.same(said(ask(s, before)), "granted",
           "a request signed before Redis was asked is granted")
    redis.kill()
    quick(t, w, s, "Redis is killed", "Redis cannot be reached")
    refuses(t, w, s, "requests fail with 503 as long as Redis is away",
            "ledger_unavailable")
    meanwhile = w.request()
    redis.start()
    w.at(w.now + BACKOFF_S)
    t.same([said(ask(s, body)) for body in (before, meanwhile)],
           ["signed_too_early"] * 2,
           "an empty Redis refuses what was signed before it came back")
    serves(t, w, s, "an empty Redis grants what is signed after it came back")
    t.same(w.used(), 1, "an empty Redis has forgotten what was counted")
    log = s.log()
    t.ok(log.count('"event":"ledger_unavailable"') == 1 and
         log.count('"event":"ledger_available"') == 1,
         "the log tells once that Redis went and once that it came back", log)
    stop(redis, s)


def stopped(t):
    redis, w, s = setting()
    serves(t, w, s, "requests are granted before Redis hangs")
    redis.send(signal.SIGSTOP)
    quick(t, w, s, "Redis hangs", "Redis is too slow")
    redis.send(signal.SIGCONT)
    serves(t, w, s, "requests are granted when Redis goes on")
    stop(redis, s)


def full(t):
    """Out of memory, then without a disk: it says so itself."""
    redis, w, s = setting()
    serves(t, w, s, "requests are granted before Redis is full")
    redis.say("CONFIG SET maxmemory 1")
    refuses(t, w, s, "requests fail with 503 when Redis has no memory left",
            "Redis has no memory left")
    redis.say("CONFIG SET maxmemory 0")
    serves(t, w, s, "requests are granted when Redis has memory again")
    gone = os.path.join(redis.dir, "gone")
    os.mkdir(gone)
    redis.say("CONFIG SET dir %s save '1000 1000000'" % gone)
    os.rmdir(gone)
    saved(redis, "err")
    refuses(t, w, s,
            "requests fail with 503 when Redis cannot save to its disk",
            "Redis cannot write to its disk")
    redis.say("CONFIG SET dir " + redis.dir)
    saved(redis, "ok")
    serves(t, w, s, "requests are granted when Redis can save again")
    stop(redis, s)


def saved(redis, how):
    """Have it write to its disk; that ends like this."""
    redis.say("BGSAVE")
    if not servers.until(lambda: "rdb_last_bgsave_status:" + how in
                         redis.say("INFO persistence"), 20):
        raise RuntimeError("BGSAVE does not end as %s" % how)


def replica(t):
    redis, w, s = setting()
    serves(t, w, s, "requests are granted before Redis becomes a replica")
    redis.say("REPLICAOF 127.0.0.1 1")
    refuses(t, w, s, "requests fail with 503 when Redis is a replica",
            "Redis is a replica")
    redis.say("REPLICAOF NO ONE")
    serves(t, w, s, "requests are granted when Redis is the master again")
    redis.say("CONFIG SET maxmemory-policy allkeys-lru")
    redis.say("CLIENT KILL TYPE normal")
    refuses(t, w, s, "requests fail with 503 when Redis may evict keys",
            "set maxmemory-policy noeviction")
    redis.say("CONFIG SET maxmemory-policy noeviction")
    serves(t, w, s, "requests are granted when Redis may not evict keys")
    stop(redis, s)


def password(t):
    """The right one, none, a wrong one; in a file, and in the URL."""
    right, bad = "Right7Q7Password", "Wrong7Q7Password"
    redis = Redis("--requirepass", right)
    w = Shared(redis, limits_folder_grants=1000,
               state_redis_password_file=None)
    s = w.serve()
    refuses(t, w, s, "requests fail with 503 without the password of Redis",
            "Redis wants a password")
    s.stop()
    url = "unix://:%s@" + redis.path
    for text, given, settings in [
            ("with a wrong password of Redis requests fail with 503", bad, {}),
            ("with a wrong password in the URL of Redis requests fail "
             "with 503", bad, {"state_redis_url": url % bad}),
            ("with the right password in the URL of Redis requests are "
             "granted", right,
             {"state_redis_url": url % right}),
            ("with the right password of Redis requests are granted", right,
             {})]:
        w.configure(**{"state_redis_url": "unix://" + redis.path,
                       "state_redis_password_file": None if settings else
                       w.secret("redis.password", given), **settings})
        s = w.serve()
        if given == bad:
            refuses(t, w, s, text, "Redis refuses user or password")
        else:
            w.at(w.now + BACKOFF_S)
            ask(s, w.request())         # the ledger's first is refused
            serves(t, w, s, text)
        t.ok("7Q7" not in s.log(), "no password of Redis is in the log",
             s.log())
        s.stop()
    redis.kill()


def tls(t):
    w = Shared()
    for url in "rediss://redis.test", "rediss://:Mark7Q7Mark@redis.test:1/2":
        w.configure(state_redis_url=url)
        a = w.post(w.request())
        t.none(endpoint.refusal_wrong(a, 500, "internal", exit_status=1),
               "the program does not start with a rediss:// URL")
        t.ok("stunnel" in a.log and "7Q7" not in a.log,
             "the log tells what to use instead of rediss:// and no password",
             a.log)


if __name__ == "__main__":
    tests = [killed, stopped, full, replica, password]
    if not os.access(REDIS, os.X_OK):
        tests = [lambda t: t.skip("a Redis in trouble", "no " + REDIS)]
    tap.run(tests + [tls], endpoint.check_outputs)
