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

LEDGER = (503, "ledger_unavailable", "Shared state is not available")
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
    t.none(bad + then, text + ": nobody is served")
    t.ok(first_s < WAITS_S + MARGIN_S and rest_s < MARGIN_S,
         "told in time, and at once while it is left alone", first_s, rest_s)
    t.ok(reason in s.log(), "the log tells why", s.log())


def killed(t):
    redis, w, s = setting()
    before = w.request()
    serves(t, w, s, "there is a Redis")
    t.same(said(ask(s, before)), "granted", "and what was signed earlier")
    redis.kill()
    quick(t, w, s, "killed", "Redis cannot be reached")
    refuses(t, w, s, "and so it goes on", "ledger_unavailable")
    meanwhile = w.request()
    redis.start()
    w.at(w.now + BACKOFF_S)
    t.same([said(ask(s, body)) for body in (before, meanwhile)],
           ["signed_too_early"] * 2, "back, and empty: nothing signed before")
    serves(t, w, s, "what is signed after that is granted")
    t.same(w.used(), 1, "an empty Redis has forgotten what was counted")
    log = s.log()
    t.ok(log.count('"event":"ledger_unavailable"') == 1 and
         log.count('"event":"ledger_available"') == 1,
         "told when it began and when it ended", log)
    stop(redis, s)


def stopped(t):
    redis, w, s = setting()
    serves(t, w, s, "there is a Redis")
    redis.send(signal.SIGSTOP)
    quick(t, w, s, "it hangs", "Redis is too slow")
    redis.send(signal.SIGCONT)
    serves(t, w, s, "it goes on")
    stop(redis, s)


def full(t):
    """Out of memory, then without a disk: it says so itself."""
    redis, w, s = setting()
    serves(t, w, s, "there is a Redis")
    redis.say("CONFIG SET maxmemory 1")
    refuses(t, w, s, "no memory left", "Redis has no memory left")
    redis.say("CONFIG SET maxmemory 0")
    serves(t, w, s, "memory again")
    gone = os.path.join(redis.dir, "gone")
    os.mkdir(gone)
    redis.say("CONFIG SET dir %s save '1000 1000000'" % gone)
    os.rmdir(gone)
    saved(redis, "err")
    refuses(t, w, s, "its directory is gone", "Redis cannot write to its disk")
    redis.say("CONFIG SET dir " + redis.dir)
    saved(redis, "ok")
    serves(t, w, s, "there it is")
    stop(redis, s)


def saved(redis, how):
    """Have it write to its disk; that ends like this."""
    redis.say("BGSAVE")
    if not servers.until(lambda: "rdb_last_bgsave_status:" + how in
                         redis.say("INFO persistence"), 20):
        raise RuntimeError("BGSAVE does not end as %s" % how)


def replica(t):
    redis, w, s = setting()
    serves(t, w, s, "there is a Redis")
    redis.say("REPLICAOF 127.0.0.1 1")
    refuses(t, w, s, "a replica", "Redis is a replica")
    redis.say("REPLICAOF NO ONE")
    serves(t, w, s, "the master")
    redis.say("CONFIG SET maxmemory-policy allkeys-lru")
    redis.say("CLIENT KILL TYPE normal")
    refuses(t, w, s, "it may evict keys", "set maxmemory-policy noeviction")
    redis.say("CONFIG SET maxmemory-policy noeviction")
    serves(t, w, s, "it may not")
    stop(redis, s)


def password(t):
    """The right one, none, a wrong one; in a file, and in the URL."""
    right, bad = "Right7Q7Password", "Wrong7Q7Password"
    redis = Redis("--requirepass", right)
    w = Shared(redis, limits_folder_grants=1000,
               state_redis_password_file=None)
    s = w.serve()
    refuses(t, w, s, "no password", "Redis wants a password")
    s.stop()
    url = "unix://:%s@" + redis.path
    for text, given, settings in [
            ("a wrong one", bad, {}),
            ("a wrong one in the URL", bad, {"state_redis_url": url % bad}),
            ("the right one in the URL", right,
             {"state_redis_url": url % right}),
            ("the right one", right, {})]:
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
        t.ok("7Q7" not in s.log(), "and nothing of it in the log", s.log())
        s.stop()
    redis.kill()


def tls(t):
    w = Shared()
    for url in "rediss://redis.test", "rediss://:Mark7Q7Mark@redis.test:1/2":
        w.configure(state_redis_url=url)
        a = w.post(w.request())
        t.none(endpoint.refusal_wrong(a, 500, "internal", exit_status=1),
               "rediss:// does not start")
        t.ok("stunnel" in a.log and "7Q7" not in a.log,
             "and says what to do instead", a.log)


if __name__ == "__main__":
    tests = [killed, stopped, full, replica, password]
    if not os.access(REDIS, os.X_OK):
        tests = [lambda t: t.skip("a Redis in trouble", "no " + REDIS)]
    tap.run(tests + [tls], endpoint.check_outputs)
