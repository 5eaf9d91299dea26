#!/usr/bin/python3
"""What /metrics tells after a load whose processes are killed, compared with the
answers, the audit log and foldergate usage."""

import collections
import random
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
from metrics import Metrics
from shared import Shared, ask, at_once, on_both, said

TOKEN = "a token of enough bytes"
KILLS = {"local": 60, "redis": 30}
PROCESSES, PEERS, LIMIT = 4, 8, 10**6


def world(redis=None, **settings):
    w = Shared(redis, limits_folder_grants=LIMIT, **settings)
    return w.audited(audit_required="yes",
                     metrics_token_file=w.secret("m.token", TOKEN))


def read(w):
    a = w.get("metrics", HTTP_AUTHORIZATION="Bearer " + TOKEN)
    return Metrics(a.body.decode())


def of_grants(m):
    return m.get("requests_total", endpoint="get-folder-access", status="200")


def exact(t, engine, redis):
    """Nobody is killed: all figures are the same."""
    w = world(redis)
    s = w.serve(count=PROCESSES)
    bodies = [w.request() for _ in range(200)]
    strange = [w.request(w.stranger) for _ in range(40)]
    heard = collections.Counter(map(said, at_once(
        lambda body: ask(s, body), bodies + bodies[:50] + strange)))
    m = read(w)
    lines = w.written()
    t.same({code: m.get("requests_total", endpoint="get-folder-access",
                        code="ok" if code == "granted" else code)
            for code in heard}, dict(heard),
           "%s ledger: the counts of /metrics are those of the answers" % engine)
    t.same((of_grants(m), m.get("grants_total"), m.get("granted_urls_total"),
            m.get("ledger_decisions_total", result="counted"),
            m.get("quota_used_most", level="hotkey"), w.used()),
           (200, 200, 200, 200, 200, 200),
           "grants of /metrics are those that foldergate usage counts")
    t.same((m.get("audit_lines_total", result="written"),
            sum(e.get("decision") == "granted" for e in lines)),
           (len(lines), 200), "lines that /metrics counts are in the audit log")
    t.same((m.get("ledger_seconds_count"), m.get("request_seconds_count",
                                                 endpoint="get-folder-access")),
           (250, 290), "each duration is counted once")
    s.stop()


def refusals(t):
    """foldergate usage has a count of its own of what it refuses."""
    w = world(limits_replay="refuse")
    s = w.serve(count=PROCESSES)
    body = w.request()
    at_once(lambda i: ask(s, body if i % 2 else w.request(w.stranger)),
            range(60))
    ask(s, b"{")
    m = read(w)
    usage = {row[0][8:]: int(row[1]) for row in map(
        str.split, w.cli("usage").text.splitlines())
        if row[0].startswith("refused/")}
    t.same({code: m.get("requests_total", code=code) for code in usage}, usage,
           "refusals of /metrics are those that foldergate usage tells")
    t.same(set(usage), {"replay_detected", "not_registered",
                        "invalid_request"}, "three kinds are refused")
    s.stop()


def killed(t, engine, redis):
    kills = KILLS[engine]
    w = world(redis)
    s = w.serve(count=PROCESSES)
    heard, ends, lock = collections.Counter(), threading.Event(), \
        threading.Lock()

    def peer():
        while not ends.is_set():
            body = w.request()
            try:
                word = said(ask(s, body))
            except ConnectionError:
                word = "none"
            with lock:
                heard[word] += 1

    peers = [threading.Thread(target=peer, daemon=True) for _ in range(PEERS)]
    for thread in peers:
        thread.start()
    for _ in range(kills):
        p = s.processes.pop(random.randrange(len(s.processes)))
        p.kill()
        p.wait()
        s.start()
        time.sleep(random.uniform(0, 0.01))
    ends.set()
    for thread in peers:
        thread.join(30)
    answered = heard["granted"]
    t.same(said(ask(s, w.request())), "granted",
           "the processes that are left grant after the kills")
    m = read(w)
    audited = sum(e.get("decision") == "granted" for e in w.written())
    counted = w.used()
    print("# %s; metrics %d, audited %d, counted %d" % (
        dict(heard), of_grants(m), audited, counted))
    t.ok(answered + 1 <= of_grants(m) <= audited <= counted <=
         answered + 1 + kills + heard["ledger_unavailable"] +
         heard["audit_unavailable"],
         "%s ledger: answered <= counted in /metrics <= audited <= counted in "
         "the ledger, after %d kills" % (engine, kills), answered, of_grants(m),
         audited, counted)
    t.ok(answered > kills, "more is granted than processes are killed", heard)

    # The newest one may still be starting.
    end = time.time() + 10
    while m.get("processes", endpoint="get-folder-access") != PROCESSES and \
            time.time() < end:
        time.sleep(0.1)
        m = read(w)
    t.same((m.get("processes", endpoint="get-folder-access"),
            m.get("ledger_up")), (PROCESSES, 1),
           "the processes that are alive are counted after the kills")
    t.ok(0 <= of_grants(m) - m.get("grants_total") <= kills,
         "a kill between two counts of a request loses the second alone", m)
    s.stop()


if __name__ == "__main__":
    tap.run([on_both(exact), refusals, on_both(killed)],
            endpoint.check_outputs)
