#!/usr/bin/python3
"""The deny list in processes that keep running: what is denied is so with the
next request, and so is what is not any more."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
from shared import Shared, ask, said

FILES = "get-miner-list"
DENIED = (401, "denied", "Access denied")
ADDRESS = "203.0.113.9"


def denied(t):
    w = Shared(limits_folder_grants=1000)
    processes = [w.serve() for _ in range(4)]

    def asked(key=None, address=ADDRESS):
        """By each of them."""
        return [ask(s, w.request(key), REMOTE_ADDR=address)
                for s in processes]
    for whom, spared in [
            (("--hotkey", w.miner.ss58), (w.sibling, ADDRESS)),
            (("--coldkey", w.owner), (w.other, ADDRESS)),
            (("--address", ADDRESS), (w.miner, "203.0.113.10")),
            (("--address", "203.0.113.0/24"), (w.miner, "203.0.114.9"))] * 2:
        told = [[said(a) for a in asked()],
                w.cli("deny", "add", *whom, "--reason", "a test").status]
        used = w.used()
        t.none([line for a in asked()
                for line in endpoint.refusal_wrong(a, *DENIED)],
               "every process refuses after deny add %s" % " ".join(whom))
        told.append(w.used() - used)
        told += [[said(a) for a in asked(*spared)],
                 w.cli("deny", "remove", *whom).status,
                 [said(a) for a in asked()]]
        all_of_them = ["granted"] * len(processes)
        t.same(told, [all_of_them, 0, 0, all_of_them, 0, all_of_them],
               "nobody is refused before, beside or after the entry, and "
               "nothing is counted")
    t.ok(all(s.alive() == [True] and '"error"' not in s.log()
             for s in processes),
         "the processes live and log no error while the deny list changes",
         *[s.log() for s in processes])


def ends(t):
    """An end that comes while the process runs, and a list that is damaged."""
    w = Shared(limits_folder_grants=1000)
    s = w.serve()
    w.cli("deny", "add", "--hotkey", w.miner.ss58, "--reason", "x", "--for",
          "10m")
    for later, want in (0, "denied"), (599, "denied"), (600, "granted"):
        w.at(w.now + later)
        t.same(said(ask(s, w.request())), want,
               "an entry for ten minutes is obeyed as it should be %d "
               "s later" % later)
        w.at(w.now - later)
    w.write("state/denylist", "foldergate denylist 1\nhotkey")
    t.same([said(ask(s, w.request())), said(ask(s, w.request(w.other)))],
           ["denied", "granted"],
           "a process keeps the last good deny list when the file is damaged")
    new = w.serve()
    t.same(said(ask(new, w.request(w.other))), "ledger_unavailable",
           "a process that never saw a good deny list answers 503")
    os.unlink(w.path("state/denylist"))
    t.same(said(ask(s, w.request())), "denied",
           "a process keeps the last good deny list when the file is gone")
    w.cli("deny", "add", "--hotkey", w.other.ss58, "--reason", "x")
    t.same([said(ask(p, w.request(key))) for p in (s, new)
            for key in (w.miner, w.other)], ["granted", "denied"] * 2,
           "every process obeys a new deny list")


def validators(t):
    """Other routes ask as well."""
    w = Shared()
    s = w.serve(FILES)

    def asked():
        return said(ask(s, w.asks(FILES, miner_hotkey=w.miner.ss58)))
    t.same(asked(), "granted", "a validator is granted before it is denied")
    whom = "--hotkey", w.validator.ss58
    w.cli("deny", "add", *whom, "--reason", "x")
    t.same(asked(), "denied", "a validator is refused after deny add")
    w.cli("deny", "remove", *whom)
    t.same(asked(), "granted", "a validator is granted again after deny remove")


if __name__ == "__main__":
    tap.run([denied, ends, validators],
            endpoint.check_outputs)
