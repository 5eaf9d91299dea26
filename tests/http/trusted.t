#!/usr/bin/python3
"""Files that are believed: whoever else could have written them, or could put
others in their place, is nobody that a program goes by."""

import glob
import os
import stat
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import world

NOBODY = 65534
ROOT = os.geteuid() == 0


def fresh(**settings):
    w = world.World(**settings)
    w.snapshot()
    return w


def code(w):
    return w.post(w.request()).code


def configuration(t):
    w = fresh()
    t.same(code(w), 200, "with a configuration that others can only read there "
           "is a grant")
    for mode in 0o666, 0o646, 0o664:
        os.chmod(w.conf, mode)
        a = w.post(w.request())
        t.ok(a.code == 500 and a.status == 1 and "config_refused" in a.log and
             "can be written by others" in a.log, "a configuration of mode %o "
             "is refused" % mode, a)
    os.chmod(w.conf, 0o644)
    os.chmod(w.dir, 0o777)
    a = w.post(w.request())
    t.ok(a.code == 500 and "a directory on the way can be written by others"
         in a.log, "a configuration in a directory that others can write is "
         "refused", a)
    r = w.cli("check-config")
    t.ok(r.status != 0 and "written by others" in r.text + r.log,
         "check-config refuses it for the same reason", r)
    os.chmod(w.dir, 0o700)
    t.same(code(w), 200, "with the modes put right there is a grant again")


def state_files(t):
    for name, want in [("metagraph.snapshot", 503), ("denylist", 503),
                       ("store.sqlite", 503), ("store.lock", 503),
                       ("throttle.table", 503)]:
        w = fresh()
        path = os.path.join(w.state, name)
        r = w.cli("deny", "add", "--hotkey", w.other.ss58, "--reason", "x")
        t.same((r.status, code(w)), (0, 200),
               "%s: with the modes that we gave it there is a grant" % name)
        mode = stat.S_IMODE(os.stat(path).st_mode)
        os.chmod(path, mode | 0o002)
        t.same(code(w), want, "%s that others can write is not used" % name)
        os.chmod(path, mode)
        os.chmod(w.state, 0o777)
        t.same(code(w), want, "%s in a directory that others can write is not "
               "used" % name)
        os.chmod(w.state, 0o755)
        t.same(code(w), 200, "%s is used again with the modes put right" % name)
        if name.startswith("store.") or name == "throttle.table":
            os.link(path, w.path("second"))
            t.same(code(w), want, "%s with a second name is not used" % name)


def index(t):
    w = fresh()
    path = os.path.join(w.state, "bucket.index")
    with open(path, "wb") as f:
        f.write(b"x")
    os.chmod(path, 0o666)
    a, r = w.get("healthcheck"), w.cli("check-config")
    t.ok("index_age_s" not in a.json and "can be written by others" in r.text,
         "a bucket index that others can write is not looked into", a, r)


def audit(t):
    w = world.World()
    key = w.secret("audit.key", "tests/only/0123456789abcdef")
    w.configure(audit_key_file=key, audit_required="yes")
    w.snapshot()
    t.same(code(w), 200, "with an audit log of our own there is a grant")
    for name in "audit.log", "audit.log.lock", "audit.log.head":
        path = os.path.join(w.state, name)
        os.link(path, w.path("second"))
        t.same(code(w), 503, "%s with a second name is not written" % name)
        t.ok("audit_unwritable" in w.get("readyz").text,
             "readyz says so of %s" % name)
        os.unlink(w.path("second"))
    t.same(code(w), 200, "with one name each there is a grant again")


def mounted(t):
    """The layout of a volume of Kubernetes."""
    w = fresh()
    top = w.path("volume")
    os.makedirs(os.path.join(top, "..2026_11_28"))
    os.chmod(top, 0o1777)
    for name, source in ("key", "s3.secret"), ("conf", "foldergate.conf"):
        real = os.path.join(top, "..2026_11_28", name)
        w.configure(s3_secret_access_key_file=os.path.join(top, "key"))
        with open(w.path(source), "rb") as f, open(real, "wb") as g:
            g.write(f.read())
        os.chmod(real, 0o640 if name == "key" else 0o644)
        os.symlink("..data/" + name, os.path.join(top, name))
    os.symlink("..2026_11_28", os.path.join(top, "..data"))
    env = w.env(FOLDERGATE_CONFIG=os.path.join(top, "conf"))
    t.same(w.post(w.request(), env=env).code, 200,
           "configuration and secret are read through the links of a mounted "
           "volume")
    os.chmod(top, 0o777)
    t.same(w.post(w.request(), env=env).code, 500,
           "they are not where others could set the links")


def sync(w, *args):
    return endpoint.program(
        os.path.join(endpoint.BUILD, "test", "bin", "chain-sync"), args,
        w.env(FOLDERGATE_CHAIN_ENDPOINTS="http://127.0.0.1:1"))


def root_at_work(t):
    text = "what root makes in the state directory of another user"
    if not ROOT:
        t.skip(text, "only root can")
        return
    w = fresh()
    w.cli("deny", "add", "--hotkey", w.other.ss58, "--reason", "x")
    for path in [w.state, *glob.glob(w.state + "/*")]:
        os.chown(path, NOBODY, NOBODY)
    for name in "denylist", "denylist.lock":
        os.unlink(os.path.join(w.state, name))
    w.snapshot()
    r = w.cli("deny", "add", "--hotkey", w.other.ss58, "--reason", "x")
    sync(w, "--once")
    made = {os.path.basename(p): os.stat(p) for p in glob.glob(w.state + "/*")}
    t.ok(r.status == 0 and {"denylist", "denylist.lock", "chain-sync.lock",
                            "chain-sync.status", "metagraph.snapshot"} <=
         made.keys() and {(s.st_uid, s.st_gid) for s in made.values()} ==
         {(NOBODY, NOBODY)}, text + " belongs to that user",
         {n: (s.st_uid, s.st_gid) for n, s in made.items()}, r)
    t.same({n: oct(made[n].st_mode & 0o777) for n in (
        "denylist", "chain-sync.status")},
        {"denylist": "0o640", "chain-sync.status": "0o640"},
        "deny list and status are closed to others")
    t.same(code(w), 200, "root itself uses these files")

    # What that user could do to root.
    victim = w.write("victim", "of root\n", 0o600)
    for name, run in [
            ("chain-sync.lock", lambda: sync(w, "--once")),
            ("denylist.lock", lambda: w.cli(
                "deny", "add", "--hotkey", w.miner.ss58, "--reason", "y"))]:
        path = os.path.join(w.state, name)
        for kind in os.link, os.symlink:
            os.unlink(path)
            kind(victim, path)
            r = run()
            s = os.stat(victim)
            why = "has a second name" if kind is os.link else "is a link"
            t.ok(r.status != 0 and why in r.log and
                 (s.st_uid, s.st_mode & 0o777) == (0, 0o600),
                 "a %s at the name of %s is refused, and what it leads to stays "
                 "as it is" % ("second name" if kind is os.link else "link",
                               name), r)


def given(t):
    text = "a state directory that belongs to one other user is used"
    if not ROOT:
        t.skip(text, "only root can give files away")
        return
    w = fresh()
    for path in [w.state, *glob.glob(w.state + "/*")]:
        os.chown(path, NOBODY, NOBODY)
    t.same(code(w), 200, text)
    os.chown(os.path.join(w.state, "metagraph.snapshot"), 1, 1)
    t.same(code(w), 503, "a snapshot of a third user in it is not")


tap.run([configuration, state_files, index, audit, mounted,
         root_at_work, given], endpoint.check_outputs)
