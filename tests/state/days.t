#!/usr/bin/python3
"""The clock of processes that keep running: midnight, a day ahead, a day back;
and time zones, which change nothing."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
from shared import Shared, ask, at_once, on_both, said, tally, wrong
from world import NOW

DAY = 86400
MIDNIGHT = NOW - NOW % DAY + DAY        # the next one, UTC
LIMIT = 3
EAST, WEST = "XXX-14", "XXX+12"         # POSIX counts the other way round


def left(a):
    """RateLimit-Remaining and -Reset."""
    return tuple(int(a.header["RateLimit-" + n]) for n in (
        "Remaining", "Reset"))


def midnight(t, engine, redis):
    """A process in each of three time zones; they agree."""
    w = Shared(redis, limits_folder_grants=LIMIT)
    at = [w.serve(**({"TZ": tz} if tz else {})) for tz in (EAST, WEST, None)]
    w.at(MIDNIGHT - 1)
    t.same([left(ask(s, w.request())) for s in at],
           [(2, 1), (1, 1), (0, 1)],
           engine + " ledger: a second is left at 23:59:59 in each time zone")
    late = w.request()
    a = ask(at[0], late)
    t.same((said(a), a.header["Retry-After"]), ("daily_limit", "1"),
           "the day's last request over the limit is told to wait a second")
    w.at(MIDNIGHT)
    t.same([left(ask(s, body)) for s, body in zip(at, [
        late, w.request(), w.request()])],
        [(2, DAY), (1, DAY), (0, DAY)],
           "a new day begins at 00:00:00 UTC in each time zone")
    t.same([said(ask(s, w.request())) for s in at], ["daily_limit"] * 3,
           "the new day has a limit of its own")
    t.same(w.used(), LIMIT, "the new day has a count of its own")
    w.at(MIDNIGHT - 1)
    t.same([said(ask(s, w.request())) for s in at], ["daily_limit"] * 3,
           "a clock set back by a second finds the old day's limit reached")
    t.same(w.used(), LIMIT,
           "a clock set back by a second finds the old day's count")
    w.at(MIDNIGHT + DAY // 2)
    t.same([said(ask(s, w.request())) for s in at], ["daily_limit"] * 3,
           "midnight in %s and %s begins no new day" % (EAST, WEST))
    t.ok(all(s.alive()[0] and '"error"' not in s.log() for s in at),
         "the processes in three time zones live and log no error", *[
             s.log() for s in at])


def crowd(t, engine, redis):
    """Many at once, before and after midnight."""
    w = Shared(redis, limits_folder_grants=100)
    s = w.serve(count=4)
    for now in MIDNIGHT - 1, MIDNIGHT:
        w.at(now)
        answers = at_once(lambda body: ask(s, body),
                          [w.request() for _ in range(150)])
        t.same(tally(answers), {"granted": 100, "daily_limit": 50},
               "%s ledger: of 150 requests a second %s midnight 100 are "
               "granted" % (
                   engine, "before" if now < MIDNIGHT else "after"))
        t.none(wrong(answers),
               "each request around midnight is answered as it should be")


def set_wrong(t, engine, redis):
    """A clock a day ahead, put right, and a day back, put right."""
    w = Shared(redis, limits_folder_grants=LIMIT)
    s = w.serve()
    seen = w.request()
    t.same(said(ask(s, seen)), "granted",
           engine + " ledger: a request of today is granted")
    w.at(NOW + DAY)
    t.same([said(ask(s, body)) for body in (seen, w.request())],
           ["invalid_timestamp", "granted"],
           "a clock a day ahead begins a new day")
    w.at(NOW)
    t.same(said(ask(s, seen)), "signed_too_early",
           "a signature that was forgotten a day ahead stays refused when the "
           "clock is right again")
    a = ask(s, w.request(timestamp=NOW + 1))
    t.same((said(a), left(a)[0]), ("granted", LIMIT - 2),
           "when the clock is right again the count of the day is still there")
    w.at(NOW - DAY)
    t.same(said(ask(s, w.request())), "ledger_unavailable" if redis else
           "signed_too_early", "a clock a day back refuses what is signed "
           "before the ledger's birth, or before what Redis forgot")
    w.at(NOW + 2)
    t.same([said(ask(s, w.request())) for _ in range(2)],
           ["granted", "daily_limit"],
           "when the clock is right again after a day back the limit is as it "
           "was")
    t.same(w.used(), LIMIT,
           "no request is counted twice when the clock is wrong")
    log = s.log()
    t.ok(all(s.alive()) and log.count('"event":"ledger_unavailable"') ==
         log.count('"event":"ledger_available"') ==
         log.count("a clock is or was wrong") == (1 if redis else 0),
         "the process with the wrong clock lives and logs once what is wrong",
         log)


def born_wrong(t):
    """A machine whose clock is wrong by days begins the ledger; then the clock
    is put right, and the time of the boot with it."""
    for text, wrong_s in [("a month ahead", 30 * DAY), ("a day back", -DAY)]:
        w = Shared(limits_folder_grants=1000)
        for name in w.files() + ["store.sqlite"]:
            if name.startswith("store."):
                os.unlink(w.path("state/" + name))
        boot = w.set_clock("boot", NOW - 1000 + wrong_s)
        w.at(NOW + wrong_s)
        s = w.serve(FOLDERGATE_BOOT=boot)
        ask(s, w.request())
        w.set_clock("boot", NOW - 1000)
        w.at(NOW + 5)
        t.same([said(ask(s, w.request(timestamp=NOW + i))) for i in (-1, 0, 1)],
               ["signed_too_early"] * 2 + ["granted"],
               "a ledger born by a clock %s serves when that is right" % text)
        s.stop()


def boots(t):
    """A clock that is put right moves the time of the boot with it, in
    processes that keep running, too."""
    w = Shared(limits_folder_grants=1000)
    boot = w.set_clock("boot", w.now - 1000)
    s = w.serve(FOLDERGATE_BOOT=boot)
    signed = [w.request(timestamp=w.now - 100) for _ in range(3)]
    t.same(said(ask(s, signed[0])), "granted",
           "a request signed after the boot is granted")
    w.set_clock("boot", w.now - 50)
    t.same(said(ask(s, signed[1])), "signed_too_early",
           "a request is refused when the clock shows that it was signed "
           "before the boot")
    t.same(said(ask(s, w.request())), "granted",
           "a request signed after the corrected boot is granted")
    w.set_clock("boot", w.now - 1000)
    t.same(said(ask(s, signed[2])), "granted",
           "an older request is granted when the boot is corrected back")
    s.stop()


def addresses(t):
    """Whom a clock that was ahead has kept out is let in again."""
    w = Shared(limits_address_per_minute=1, limits_address_burst=2)
    s = w.serve()

    def forged():
        return said(ask(s, w.request(words="x")))
    for text, now in [("now", NOW), ("a day ahead", NOW + DAY),
                      ("put right", NOW), ("a day back", NOW - DAY)]:
        w.at(now)
        t.same([forged() for _ in range(3)], ["invalid_signature"] * 2 + [
            "address_limit"], text +
               ": the clock lets a burst of two pass, and no more")


if __name__ == "__main__":
    tap.run([on_both(midnight), on_both(crowd),
             on_both(set_wrong), born_wrong, boots, addresses],
            endpoint.check_outputs)
