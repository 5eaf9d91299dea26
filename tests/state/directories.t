#!/usr/bin/python3
"""Two directories, two users: what chain-sync writes is read-only to the
endpoints, so that one that is broken into cannot make anybody a validator."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import fcgi
import tap
from shared import Shared, ask, said

NOBODY = 65534


def two(**settings):
    w = Shared(limits_folder_grants=1000, **settings)
    os.mkdir(w.path("shared"), 0o700)
    w.audited(audit_required="yes", state_shared=w.path("shared"))
    w.wake()
    return w


def where(t):
    w = two()
    before = sorted(os.listdir(w.state))
    s = w.serve()
    t.same([said(ask(s, w.request())) for _ in range(3)], ["granted"] * 3,
           "requests are granted with two directories")
    t.same(sorted(os.listdir(w.state)), before,
           "the endpoints make no file in state.directory")
    t.ok({"store.sqlite", "throttle.table", "audit.log"} <=
         set(os.listdir(w.path("shared"))),
         "ledger, throttle table and audit log are in state.shared",
         os.listdir(w.path("shared")))
    t.same(w.used(), 3, "foldergate usage reads the ledger in state.shared")
    r = w.cli("audit", "verify")
    t.ok(r.status == 0, "foldergate audit reads the log in state.shared", r)
    t.ok("state.shared is not set" not in w.cli("check-config").text,
         "check-config does not warn about two directories")
    s.stop()


def one(t):
    w = Shared().audited()
    s = w.serve()
    t.same(said(ask(s, w.request())), "granted",
           "a configuration with one directory still works")
    t.ok("state.shared is not set" in w.cli("check-config").text,
         "check-config warns about one directory for both")
    s.stop()


def another_user(t):
    if os.geteuid() != 0:
        t.skip("an endpoint as another user", "only root can start it")
        return
    if endpoint.closed_to_others():
        t.skip("an endpoint as another user", endpoint.closed_to_others() +
               " is closed to other users")
        return
    w = two()
    os.chmod(w.dir, 0o755)
    os.chown(w.state, 0, NOBODY)
    os.chmod(w.state, 0o2750)
    for name in ("s3.secret", "audit.key"):
        os.chown(w.path(name), NOBODY, NOBODY)
    for path in [w.path("shared"), *(
            w.path("shared/" + n) for n in os.listdir(w.path("shared")))]:
        os.chown(path, NOBODY, NOBODY)
    s = fcgi.Service(w, "get-folder-access", user=NOBODY, now=w.clock)
    t.same([said(ask(s, w.request())) for _ in range(3)], ["granted"] * 3,
           "an endpoint grants that may write state.shared only")
    made = {os.stat(os.path.join(w.path("shared"), name)).st_uid
            for name in os.listdir(w.path("shared"))}
    t.same(made, {NOBODY}, "what is in state.shared is the endpoint's")
    w.cli("deny", "add", "--hotkey", w.miner.ss58, "--reason", "test")
    t.same(said(ask(s, w.request())), "denied",
           "an endpoint reads a deny list that another user wrote")
    pid = os.fork()
    if pid == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        try:
            open(os.path.join(w.state, "metagraph.snapshot"), "r+b")
            os._exit(1)
        except OSError:
            pass
        try:
            os.rename(os.path.join(w.state, "metagraph.snapshot"),
                      os.path.join(w.state, "x"))
            os._exit(1)
        except OSError:
            os._exit(0)
    t.same(os.waitpid(pid, 0)[1], 0,
           "the user of the endpoints can neither write nor replace the "
           "snapshot")
    s.stop()


if __name__ == "__main__":
    tap.run([where, one, another_user], endpoint.check_outputs)
