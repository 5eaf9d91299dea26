#!/usr/bin/python3
"""Eight processes at once: no limit is passed by one, no signature counts
twice, and the next processes know it."""

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
from shared import Shared, ask, at_once, on_both, said, tally, wrong

COUNT, LIMIT = 1000, 100
ROUTES = ["get-miner-list", "get-miner-specific-access"]


def limited(t, engine, redis):
    w = Shared(redis, limits_folder_grants=LIMIT)
    s = w.serve(count=8)
    answers = at_once(lambda body: ask(s, body),
                      [w.request() for _ in range(COUNT)])
    t.same(tally(answers), {"granted": LIMIT, "daily_limit": COUNT - LIMIT},
           "%s ledger: a limit of %d lets so many of %d requests pass" %
           (engine, LIMIT, COUNT))
    t.none(wrong(answers),
           "each request in the crowd is answered as it should be")
    t.same(sorted(int(a.header["RateLimit-Remaining"]) for a in answers
                  if a.code == 200), list(range(LIMIT)),
           "each granted request is told another number of grants left")
    t.same(w.usage(), {
        "hotkey/%s/folder_grants" % w.miner.ss58: LIMIT,
        "coldkey/%s/folder_grants" % w.owner: LIMIT,
        "total/miner": LIMIT - 5},
           "as many requests are counted as were granted")
    s.stop()


def once(t, engine, redis):
    w = Shared(redis)
    body = w.asks(ROUTES[0], miner_hotkey=w.miner.ss58)
    routes = [w.serve(name, count=4) for name in ROUTES]
    answers = at_once(lambda i: ask(routes[i % 2], body), range(COUNT))
    t.same(tally(answers), {"granted": 1, "replay_detected": COUNT - 1},
           "%s ledger: one signature sent %d times on two routes is granted "
           "once" % (engine, COUNT))
    t.none(wrong(answers),
           "each request with the same signature is answered as it should be")
    for s in routes:
        s.stop()
    if redis is not None:
        redis.end()
        redis.start()
    routes = [w.serve(name) for name in ROUTES]

    # A Redis may have lost its last second.
    t.same([said(ask(s, body)) for s in routes * 2],
           ["signed_too_early" if redis else "replay_detected"] * 4,
           "a signature used once is refused after a restart")
    t.same(w.used(w.validator, "validator_urls"), 1,
           "a signature sent many times is counted once")
    later = w.asks(ROUTES[0], miner_hotkey=w.miner.ss58, timestamp=w.now + 1)
    t.same([said(ask(s, later)) for s in routes], ["granted",
           "replay_detected"],
           "a request signed after the restart is granted once")
    t.same(w.used(w.validator, "validator_urls"), 2,
           "the request signed after the restart is counted")


if __name__ == "__main__":
    tap.run([on_both(limited), on_both(once, "--appendonly", "yes")],
            endpoint.check_outputs)
