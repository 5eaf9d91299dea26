#!/usr/bin/python3
"""Processes killed at any moment, under load: what was answered is in the audit
log, what is in the audit log was counted, and nobody waits for the dead."""

import random
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import servers
import tap
from shared import Shared, ask, on_both, said

KILLS = {"local": 500, "redis": 100}
PROCESSES, PEERS = 4, 8


class Peers:
    """Ask, again and again.  said: how often what was said; wrong: answers
    that are none."""

    def __init__(self, world, service):
        self._world, self._service = world, service
        self._ends, self._lock = threading.Event(), threading.Lock()
        self.said, self.wrong, self.asked = {}, [], 0
        self._threads = [threading.Thread(target=self._run, daemon=True)
                         for _ in range(PEERS)]
        for thread in self._threads:
            thread.start()

    def _run(self):
        while not self._ends.is_set():
            body = self._world.request()
            try:
                a = ask(self._service, body)
            except ConnectionError:         # killed while we sent
                a = None
            except OSError as e:            # it hangs
                self.wrong.append(repr(e))
                return
            with self._lock:
                self.said[said(a)] = self.said.get(said(a), 0) + 1
                self.asked += 1
                if a is not None:
                    self.wrong += a.wrong

    def end(self):
        self._ends.set()
        for thread in self._threads:
            thread.join(30)
        return not any(thread.is_alive() for thread in self._threads)


def replace(service):
    """Kill one, and start another in its place."""
    p = service.processes.pop(random.randrange(len(service.processes)))
    p.kill()
    p.wait()
    service.start()


def killed(t, engine, redis):
    kills = KILLS[engine]
    w = Shared(redis, limits_folder_grants=10**6).audited(audit_required="yes")
    s = w.serve(count=PROCESSES)
    peers = Peers(w, s)
    for _ in range(kills):
        replace(s)
        time.sleep(random.uniform(0, 0.003))
    servers.until(lambda: peers.asked > 2 * kills or peers.wrong, 30)
    t.ok(peers.end() and not peers.wrong,
         "%s ledger: no client hangs after %d kills" %
         (engine, kills), *peers.wrong)
    t.same(said(ask(s, w.request())), "granted",
           "the processes that are left grant after the kills")
    t.ok(all(s.alive()) and '"deadline"' not in s.log(),
         "the processes live and meet no deadline after the kills", s.log())
    s.stop()
    count(t, w, kills, peers.said)


def count(t, w, kills, heard):
    """One more was granted, and answered, at the end."""
    answered = heard.get("granted", 0) + 1
    lines = w.written()
    audited = sum(e.get("decision") == "granted" for e in lines)
    torn = sum(e.get("event") == "torn_line" for e in lines)
    counted = w.used()
    lost = counted - answered
    busy = heard.get("ledger_unavailable", 0) + heard.get(
        "audit_unavailable", 0)
    print("# %s; audited %d, counted %d, torn %d" % (
        heard, audited, counted, torn))
    t.ok(answered > kills,
         "more requests are answered than processes were killed", heard)
    t.same(set(heard) - {"granted", "none", "ledger_unavailable",
                         "audit_unavailable"}, set(),
           "clients hear nothing but grants, silence and 503")
    t.ok(answered <= audited <= counted,
         "every answer is audited, and every audited grant is counted",
         answered, audited, counted)
    t.ok(lost <= kills + busy, "a kill loses no more than one request", lost,
         kills, busy)
    r = w.cli("audit", "verify")
    t.ok(r.status == 0 and {e["event"] for e in lines if "event" in e} <=
         {"torn_line"}, "the audit log is whole after the kills", r)


if __name__ == "__main__":
    tap.run([on_both(killed)], endpoint.check_outputs)
