#!/usr/bin/python3
"""GET /healthz and /readyz, and what healthcheck tells of the snapshot."""

import ctypes
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import chain
import endpoint
import tap
import world
from world import NOW

w = chain.Chain()

# Nobody has indexed the bucket, which keeps no grant back.
READY = (200, {"status": "ok", "reasons": ["no_index"]})


def unready(*reasons):
    return (503, {"detail": "Not ready", "code": "not_ready",
                  "reasons": list(reasons)})


def is_(t, text, want, a=None, log=False):
    a = a or w.get("readyz")
    t.ok((a.code, a.json) == want and not a.wrong and a.status == 0 and
         bool(a.err) == log and b"409" not in a.body and w.dir not in a.text,
         "readyz reports the right state with " + text, want, a.wrong, a)


def healthz(t):
    with w.settings():
        for text, change in [("all that it needs", None),
                             ("no snapshot", w.forget),
                             ("no state directory", lambda: w.configure(
                                 state_directory=w.path("nowhere"))),
                             ("no secret file", lambda: os.rename(
                                 w.path("s3.secret"), w.path("away")))]:
            if change:
                change()
            a = w.get("healthz")
            t.ok((a.code, a.json, a.wrong, a.err) ==
                 (200, {"status": "ok"}, [], b""),
                 "healthz answers 200 with " + text, a)
    os.rename(w.path("away"), w.path("s3.secret"))
    a = w.get("healthz", method="POST")
    t.same((a.code, a.json["code"], a.wrong), (405, "method_not_allowed", []),
           "healthz answers only GET")


def identity(t):
    is_(t, "no snapshot", unready("no_identity"))
    w.snapshot()
    is_(t, "all that it needs", READY)
    with w.time(NOW + 1200):
        is_(t, "a chain that advanced 1200 s ago", READY)
    with w.time(NOW + 1201):
        is_(t, "a chain that advanced 1201 s ago", unready("stale"))
    w.snapshot(advanced_at=NOW + 61)
    is_(t, "a chain that advanced in the future", unready("stale"))
    w.write("state/metagraph.snapshot", "damaged")
    is_(t, "a damaged snapshot", unready("no_identity"))
    w.snapshot()
    with w.settings(chain_netuid=14):
        is_(t, "a snapshot of another subnet", unready("no_identity"))
    a = w.get("readyz", method="POST")
    t.same((a.code, a.wrong), (405, []), "readyz answers only GET")


def secrets(t):
    bad = unready("secret_unreadable")
    path = w.path("s3.secret")
    for text, change, undo in [
            ("readable for all", lambda: os.chmod(path, 0o644), None),
            ("writable for the group", lambda: os.chmod(path, 0o620), None),
            ("missing", lambda: os.rename(path, path + "2"),
             lambda: os.rename(path + "2", path)),
            ("a link to nothing", lambda: (os.rename(path, path + "2"),
                                           os.symlink(path + "3", path)),
             lambda: os.rename(path + "2", path)),
            ("a directory", lambda: (os.rename(path, path + "2"),
                                     os.mkdir(path)),
             lambda: (os.rmdir(path), os.rename(path + "2", path))),
            ("empty", lambda: w.write("s3.secret", b""),
             lambda: w.secret("s3.secret", world.SECRET))]:
        change()
        is_(t, "a secret file that is " + text, bad)
        if undo:
            undo()
        os.chmod(path, 0o600)
        is_(t, "a secret file that is good again", READY)

    # A role's own pair is what that role signs with.
    for role in "upload", "read":
        own = w.secret("own.secret", "another+secret/of+0123456789abcdefghij")
        names = {"s3_%s_access_key_id" % role: "OWNKEY",
                 "s3_%s_secret_access_key_file" % role: own}
        with w.settings(**names):
            is_(t, "a key pair for the role %s" % role, READY)
            os.remove(own)
            is_(t, "a key pair of a role whose file is missing", bad)
    for name in "s3_access_key_id", "s3_secret_access_key_file":
        with w.settings(**{name: None}):
            a = w.post(w.request())
            t.same(a.code, 500, "a grant fails when %s is not set" % name)
            is_(t, "a key pair that is not whole", bad)
            if name == "s3_secret_access_key_file":
                a = w.get("readyz",
                          FOLDERGATE_S3_SECRET_ACCESS_KEY=world.SECRET)
                is_(t, "a secret in the environment", READY, a, log=True)
    is_(t, "all settings as before", READY)


def state(t):
    with w.settings(state_directory=w.path("nowhere")):
        is_(t, "no state directory", unready("state_unwritable"))
        os.chmod(w.path("s3.secret"), 0o644)
        is_(t, "two things missing at once", unready(
            "state_unwritable", "secret_unreadable"))
        os.chmod(w.path("s3.secret"), 0o600)
    os.chmod(w.state, 0o500)
    a = without_privilege("readyz")
    os.chmod(w.state, 0o755)
    if a is None:
        t.skip("readyz reports a state directory that cannot be written",
               "root may write everywhere, and we cannot drop that here")
    else:
        is_(t, "a state directory that cannot be written",
            unready("state_unwritable"), a)
        is_(t, "a state directory that can be written again", READY,
            without_privilege("readyz"))


def without_privilege(name):
    """The endpoint's answer, run by root without CAP_DAC_OVERRIDE; None if
    that cannot be had."""
    def drop():
        if os.geteuid() == 0 and \
                ctypes.CDLL(None).prctl(24, 1, 0, 0, 0) != 0:
            os._exit(125)
    p = subprocess.run([os.path.join(endpoint.BUILD, "test", "cgi-bin", name)],
                       env={"GATEWAY_INTERFACE": "CGI/1.1",
                            "REQUEST_METHOD": "GET", **w.env()},
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, preexec_fn=drop, timeout=60)
    if p.returncode == 125:
        return None
    return endpoint.Answer(endpoint.Result(p.returncode, p.stdout, p.stderr),
                           "GET", name)


def healthcheck(t):
    n = w.node(chain.some_neurons(42))
    w.use(n)
    w.sync()
    with w.time(NOW + 17):
        want = {"netuid": 13, "block": n.block, "spec_version": 454,
                "hotkeys_count": 42, "age_s": 17}
        a = w.get("healthcheck")
        t.same((a.code, a.json["status"], a.json.get("reason"), a.wrong),
               (200, "ok", None, []),
               "healthcheck reports ok after a look at the chain")
        t.same(json.dumps(a.json["metagraph"]), json.dumps(want),
               "healthcheck reports what the snapshot holds")
    with w.time(NOW + 2000):
        a = w.get("healthcheck")
        t.same((a.code, a.json["status"], a.json["reason"],
                a.json["metagraph"]["age_s"]), (200, "degraded", "stale", 2000),
               "healthcheck reports a stale snapshot with its age")
        w.forget()
        a = w.get("healthcheck")
        t.same((a.code, a.json["status"], a.json["reason"],
                "metagraph" in a.json), (200, "degraded", "no_identity", False),
               "healthcheck reports a missing snapshot")
    n.stop()


if __name__ == "__main__":
    tap.run([healthz, identity, secrets, state, healthcheck],
            endpoint.check_outputs)
