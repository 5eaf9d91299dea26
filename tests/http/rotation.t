#!/usr/bin/python3
"""Key pairs that change while programs run: what signs, and when.

tests/s3/rotation.t does the same under load, with a store that judges the
signatures."""

import contextlib
import json
import os
import re
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import fcgi
import planted
import sigv4
import tap
import world
from world import NOW

DAY = 86400
UPLOAD, READ = "put.pair", "get.pair"
w = world.World()
w.snapshot()
w.set_clock("clock", NOW)
os.mkdir(w.path("keys"), 0o755)
os.mkdir(w.path("keys/mounted"), 0o755)
FOLDER = "data/hotkey=%s/" % w.miner.ss58


class Pair(tuple):
    """(id, secret), named by a number."""

    def __new__(cls, name, number):
        p = super().__new__(cls, ("KEY%s%d" % (name, number),
                                  "%s/%d+secret/that/signs/%s" % (
                                      name, number, "x" * 20)))
        endpoint.never.add(p[1])
        planted.texts.add(p[1])
        return p

    @property
    def line(self):
        return "%s:%s\n" % self


def keys(name):
    return w.path("keys/" + name)


def put(name, text, mode=0o600):
    """In place."""
    return w.write("keys/" + name, text, mode)


def replace(name, text, mode=0o600):
    """By a rename."""
    os.rename(put(name + ".new", text, mode), keys(name))


def mount(name, text, turn=[0]):
    """As Kubernetes does: NAME is a link to ..data/NAME, and ..data to a
    directory that is replaced."""
    turn[0] += 1
    old = os.readlink(keys("mounted/..data")) if turn[0] > 1 else None
    new = "..%d" % turn[0]
    os.mkdir(keys("mounted/" + new), 0o755)
    put("mounted/%s/%s" % (new, name), text)
    os.symlink(new, keys("mounted/..data_tmp"))
    os.rename(keys("mounted/..data_tmp"), keys("mounted/..data"))
    if old:
        shutil.rmtree(keys("mounted/" + old))
    else:
        os.symlink("..data/" + name, keys("mounted/" + name))


def pairs(upload=UPLOAD, read=READ, **more):
    """The settings of two pair files."""
    return {"s3_access_key_id": None, "s3_secret_access_key_file": None,
            "s3_upload_key_pair_file": keys(upload),
            "s3_read_key_pair_file": keys(read), **more}


@contextlib.contextmanager
def running(name="get-folder-access", **settings):
    """A FastCGI program.  Its clock stands until tick() moves it."""
    with w.settings(**settings):
        s = fcgi.Service(w, name, now=w.path("clock"))
        try:
            yield s
        finally:
            s.stop()


def tick(seconds=1):
    w.now += seconds
    w.set_clock("clock", w.now)


def settle(s):
    """A change that is younger than the clock of the test counts once it was
    seen a second ago."""
    for _ in range(2):
        tick()
        ask(s)


def ask(s):
    body = json.dumps(w.request()).encode()
    return s.ask(fcgi.post(body), body)


def wrong(answer, upload, read):
    """Is this the grant, signed with these pairs?"""
    if answer is None or answer.code != 200:
        return ["no grant: %s" % answer]
    until = w.now + DAY
    fields = sigv4.form_fields(w.now, until, FOLDER, world.BUCKET, *upload,
                               world.REGION, 1024, 5368709120)
    url = sigv4.list_url(w.now, 10800, FOLDER, "http", "store.test:9000",
                         "/" + world.BUCKET, *read, world.REGION)
    return answer.wrong + [
        "%s: got %r, expected %r" % (what, got, want) for what, got, want in [
            ("form", answer.json["fields"], fields),
            ("list_url", answer.json["list_url"], url)] if got != want]


def events(s, *names):
    return [line for line in map(json.loads, s.log().splitlines())
            if line["event"] in names]


def fresh(t):
    """Plain CGI reads the file for each request."""
    for n in 1, 2:
        up, down = Pair("UP", n), Pair("DOWN", n)
        put(UPLOAD, up.line)
        put(READ, down.line.rstrip("\n"))
        with w.settings(**pairs()):
            t.none(wrong(w.post(w.request()), up, down),
                   "a grant is signed with the pairs in two pair files: %d" % n)
    both = Pair("BOTH", 1)
    put("both.pair", both.line)
    with w.settings(**pairs(s3_upload_key_pair_file=None,
                            s3_read_key_pair_file=None,
                            s3_key_pair_file=keys("both.pair"))):
        t.none(wrong(w.post(w.request()), both, both),
               "a grant is signed with the one pair of both roles")
    with w.settings(s3_read_key_pair_file=keys(READ)):
        t.none(wrong(w.post(w.request()), (world.KEY_ID, world.SECRET), down),
               "a role's own pair file goes before the common key")


def refused(t):
    for role in "", "upload_", "read_":
        for other in "access_key_id", "secret_access_key_file":
            more = {"s3_%skey_pair_file" % role: keys(UPLOAD),
                    "s3_%s%s" % (role, other): "/a/path" if "file" in other
                    else "AKEY"}
            with w.settings(**{"s3_access_key_id": None,
                               "s3_secret_access_key_file": None, **more}):
                r = w.cli("check-config")
            t.ok(r.status == 1 and "key_pair_file in section s3 holds both" in
                 r.log, "a pair file beside s3.%s%s is refused" % (role, other),
                 r)


def changes(t):
    """One pair changes, then the other; the one that did not change signs on."""
    for how, change, upload in [
            ("by a rename", replace, UPLOAD), ("in place", put, UPLOAD),
            ("by the link of a mounted directory", mount, "mounted/put")]:
        up, down = Pair("UP", 10), Pair("DOWN", 10)
        (change if change is mount else put)(upload.rpartition("/")[2]
                                             if change is mount else upload,
                                             up.line)
        put(READ, down.line)
        with running(**pairs(upload=upload)) as s:
            bad = wrong(ask(s), up, down)
            for n in range(11, 15):
                old, up = up, Pair("UP", n)
                change(upload.rpartition("/")[2] if change is mount else
                       upload, up.line)
                bad += wrong(ask(s), old, down)
                settle(s)
                bad += wrong(ask(s), up, down)
                old, down = down, Pair("DOWN", n)
                replace(READ, down.line)
                settle(s)
                bad += wrong(ask(s), up, down)
            t.none(bad, "a running program signs with a pair that was "
                   "replaced %s, and never with half of it" % how)
            t.same([e["key_id"] for e in events(s, "key_pair_read")],
                   [k for n in range(11, 15)
                    for k in ("KEYUP%d" % n, "KEYDOWN%d" % n)],
                   "each pair that was replaced %s is logged once" % how)
            t.none(events(s, "ends", "key_pair_refused"),
                   "a pair that was replaced %s ends no process" % how)
            t.ok(s.alive() == [True] and '"event":"sandbox"' in s.log(),
                 "the process that followed a pair %s is in its sandbox" % how,
                 s.log())


def shared(t):
    """One pair of both roles."""
    both = Pair("BOTH", 20)
    put("both.pair", both.line)
    with running(**pairs(s3_upload_key_pair_file=None,
                         s3_read_key_pair_file=None,
                         s3_key_pair_file=keys("both.pair"))) as s:
        bad = wrong(ask(s), both, both)
        for n in range(21, 25):
            both = Pair("BOTH", n)
            replace("both.pair", both.line)
            settle(s)
            bad += wrong(ask(s), both, both)
        t.none(bad, "both roles change with the pair that they share")
        t.same(len(events(s, "key_pair_read")), 4,
               "a pair that two roles share is read once for each change")


def holds(process, text):
    """Is the text in the memory of the process?"""
    with open("/proc/%d/maps" % process.pid) as maps, \
            open("/proc/%d/mem" % process.pid, "rb", 0) as memory:
        for line in maps:
            at = re.match(r"(\w+)-(\w+) r", line)
            if not at:
                continue
            begin, end = int(at[1], 16), int(at[2], 16)
            with contextlib.suppress(OSError, ValueError, OverflowError):
                memory.seek(begin)
                if text.encode() in memory.read(end - begin):
                    return True
    return False


def wiped(t):
    """The old secret leaves the memory of the program."""
    old, new, down = Pair("UP", 30), Pair("UP", 31), Pair("DOWN", 30)
    put(UPLOAD, old.line)
    put(READ, down.line)
    with running(**pairs()) as s:
        ask(s)
        try:
            t.ok(holds(s.processes[0], old[1]),
                 "the secret that signs is in the memory of the program")
        except PermissionError:
            t.skip("a secret that was replaced is wiped",
                   "only root can read the memory of the program")
            return
        replace(UPLOAD, new.line)
        settle(s)
        t.none(wrong(ask(s), new, down), "the new secret signs")
        t.ok(holds(s.processes[0], new[1]) and
             not holds(s.processes[0], old[1]),
             "a secret that was replaced is wiped")
        replace(UPLOAD, "revoked:" + new[0] + "\n")
        settle(s)
        t.ok(not holds(s.processes[0], new[1]),
             "a secret that was revoked is wiped")


GOOD = Pair("UP", 40)


def text(data, mode=0o600):
    return lambda: replace(UPLOAD, data, mode)


def instead(make):
    """Something else in the place of the file."""
    def do():
        os.unlink(keys(UPLOAD))
        make(keys(UPLOAD))
    return do


def gone():
    os.unlink(keys(UPLOAD))


BAD = [
    ("a missing file", gone, "No such file"),
    ("an empty file", text(""), "must be a file of one line"),
    ("half a line", text(GOOD[0]), "one line, ID:SECRET"),
    ("a bare secret", text(GOOD[1] + "\n"), "one line, ID:SECRET"),
    ("an id without a secret", text(GOOD[0] + ":\n"), "secret of an S3 key"),
    ("two lines", text(Pair("UP", 41).line + Pair("UP", 42).line),
     "secret of an S3 key"),
    ("an id with the digits 409", text("KEY409:" + GOOD[1]), "digits 409"),
    ("a temporary key", text("ASIA" + "X" * 16 + ":" + GOOD[1]), "temporary"),
    ("a file of 5 KB", text(GOOD[0] + ":" + "x" * 5000), "one line"),
    ("a NUL byte", text(GOOD[0] + ":a\0b"), "NUL"),
    ("a file that all may read", text(Pair("UP", 43).line, 0o644), "0600"),
    ("a file that all may write", text(Pair("UP", 44).line, 0o602), "0600"),
    ("a directory", instead(os.mkdir), "regular file"),
    ("a FIFO", instead(os.mkfifo), "regular file"),
    ("a link to nothing", instead(lambda p: os.symlink("nothing", p)),
     "No such file"),
    ("a directory that all may write",
     lambda: (replace(UPLOAD, Pair("UP", 45).line),
              os.chmod(w.path("keys"), 0o777)), "a directory on"),
]


def mend():
    os.chmod(w.path("keys"), 0o755)
    if os.path.isdir(keys(UPLOAD)):
        os.rmdir(keys(UPLOAD))
    elif os.path.lexists(keys(UPLOAD)):
        os.unlink(keys(UPLOAD))


def bad_files(t):
    down = Pair("DOWN", 40)
    put(READ, down.line)
    for n, (what, do, reason) in enumerate(BAD):
        put(UPLOAD, GOOD.line)
        with running(**pairs()) as s:
            ready = fcgi.Service(w, "readyz", now=w.path("clock"))

            def probe():
                a = ready.ask({"REQUEST_METHOD": "GET"}, allow="GET")
                return a.code, [r for r in a.json.get("reasons", [])
                                if r != "no_index"]
            bad = wrong(ask(s), GOOD, down)
            before = probe()
            do()
            for _ in range(6):
                tick()
                bad += wrong(ask(s), GOOD, down)
            t.none(bad, "the last good pair signs on after " + what)
            logged = [e for e in events(s, "key_pair_refused")
                      if e["path"] == keys(UPLOAD)]
            t.ok(len(logged) == 1 and reason in logged[0]["reason"],
                 "%s in the place of a pair is logged once" % what, s.log())
            t.same((before, probe()),
                   ((200, []), (200, ["secret_unreadable"])),
                   "readyz warns that the last good pair signs on after " +
                   what)
            r = w.cli("check-config")
            t.ok(r.status == 1 and "(secret_unreadable)" in r.text and
                 reason in " ".join(r.text.split()),
                 "check-config finds %s in the place of a pair" % what, r)
            mend()
            new = Pair("UP", 50 + n)
            put(UPLOAD, new.line)
            settle(s)
            t.none(wrong(ask(s), new, down),
                   "a new pair is used after " + what)
            ready.stop()


def opened_way(t):
    """The fault was in a directory, so the file does not change again."""
    old, new, down = Pair("UP", 70), Pair("UP", 71), Pair("DOWN", 70)
    put(UPLOAD, old.line)
    put(READ, down.line)
    with running(**pairs()) as s:
        bad = wrong(ask(s), old, down)
        replace(UPLOAD, new.line)
        os.chmod(w.path("keys"), 0o777)
        settle(s)
        bad += wrong(ask(s), old, down)
        os.chmod(w.path("keys"), 0o755)
        tick()
        t.none(bad + wrong(ask(s), new, down),
               "a new pair is used once its directory is closed again")


def same_again(t):
    """The file is written again with what it held, or touched."""
    up, down = Pair("UP", 80), Pair("DOWN", 80)
    put(UPLOAD, up.line)
    put(READ, down.line)
    with running(**pairs()) as s:
        bad = wrong(ask(s), up, down)
        for _ in range(3):
            replace(UPLOAD, up.line)
            settle(s)
            bad += wrong(ask(s), up, down)
        t.none(bad + events(s, "key_pair_read", "key_pair_refused"),
               "a pair that is written again is not logged")


def apart(t):
    """A secret whose id is in the configuration: both change by a restart."""
    old = "apart/secret/of/the/old/key"
    w.secret("apart.secret", old)
    with running(s3_access_key_id="APARTKEY",
                 s3_secret_access_key_file=w.path("apart.secret")) as s:
        bad = wrong(ask(s), ("APARTKEY", old), ("APARTKEY", old))
        w.secret("apart.secret", "apart/secret/of/the/new/key")
        settle(s)
        t.none(bad + wrong(ask(s), ("APARTKEY", old), ("APARTKEY", old)),
               "a secret alone is not followed, since its id would not be new")


def revoked(t):
    up, down = Pair("UP", 90), Pair("DOWN", 90)
    put(UPLOAD, up.line)
    put(READ, down.line)
    with running(**pairs()) as s:
        ready = fcgi.Service(w, "readyz", now=w.path("clock"))
        bad = wrong(ask(s), up, down)
        replace(UPLOAD, "revoked:%s\n" % up[0])
        settle(s)
        counted = w.cli("usage", "--json").text
        for _ in range(3):
            a = ask(s)
            bad += endpoint.refusal_wrong(a, 503, "key_revoked")
        t.none(bad, "a pair that was revoked signs nothing: 503")
        t.same(w.cli("usage", "--json").text, counted,
               "a request that no key can sign is not counted")
        a = ready.ask({"REQUEST_METHOD": "GET"}, allow="GET")
        t.same((a.code, a.json["reasons"]), (503, ["key_revoked"]),
               "readyz reports that a pair was revoked")
        t.same(len(events(s, "key_pair_revoked")), 1,
               "that a pair was revoked is logged once")
        r = w.cli("check-config")
        t.ok(r.status == 1 and "(key_revoked)" in r.text,
             "check-config reports that a pair was revoked", r)
        t.same(w.post(w.request()).code, 500,
               "a program does not start with a pair that was revoked")
        replace(UPLOAD, "not a pair\n")
        settle(s)
        t.none(endpoint.refusal_wrong(ask(s), 503, "key_revoked"),
               "a bad file does not undo that a pair was revoked")
        new = Pair("UP", 91)
        replace(UPLOAD, new.line)
        settle(s)
        t.none(wrong(ask(s), new, down), "a new pair signs after a revoked one")
        a = ready.ask({"REQUEST_METHOD": "GET"}, allow="GET")
        t.same(a.code, 200, "readyz is well with a new pair")
        ready.stop()


def revoke(role="upload"):
    return w.cli("credentials", "revoke", role)


def marked(t):
    """A program that is not asked while its pair is revoked, and then finds
    something else in the place of the file."""
    down = Pair("DOWN", 100)
    put(READ, down.line)
    for n, (what, do, _) in enumerate(BAD):
        put(UPLOAD, GOOD.line)
        with running(**pairs()) as s:
            bad = wrong(ask(s), GOOD, down)
            r = revoke()
            do()
            tick()
            bad += [] if r.status == 0 else [r]
            for _ in range(3):
                bad += endpoint.refusal_wrong(ask(s), 503, "key_revoked")
                tick()
            t.none(bad, "a program that was not asked while its pair was "
                   "revoked signs nothing after " + what)
            mend()
            new = Pair("UP", 110 + n)
            put(UPLOAD, new.line)
            settle(s)
            bad = wrong(ask(s), new, down)
            do()
            for _ in range(3):
                tick()
                bad += wrong(ask(s), new, down)
            t.none(bad, "a new pair after a revoked one signs on after " +
                   what)
            mend()
    with open(keys(UPLOAD + ".revoked")) as f:
        t.same(f.read(), (GOOD[0] + "\n") * len(BAD),
               "beside the file are the ids of the pairs that were revoked")


def hidden(t):
    """The directory is gone, so nobody sees whether a pair was revoked."""
    down = Pair("DOWN", 102)
    put(READ, down.line)
    put(UPLOAD, GOOD.line)
    with running(**pairs()) as s:
        bad = wrong(ask(s), GOOD, down)
        os.rename(w.path("keys"), w.path("away"))
        tick()
        bad += endpoint.refusal_wrong(ask(s), 503, "key_revoked")
        os.rename(w.path("away"), w.path("keys"))
        settle(s)
        t.none(bad + wrong(ask(s), GOOD, down), "a pair signs nothing while "
               "its directory is gone, and signs again after that")


def marked_early(t):
    """The file was gone before, and the last good pair signs on."""
    down = Pair("DOWN", 101)
    put(READ, down.line)
    put(UPLOAD, GOOD.line)
    with running(**pairs()) as s:
        ready = fcgi.Service(w, "readyz", now=w.path("clock"))

        def probe():
            a = ready.ask({"REQUEST_METHOD": "GET"}, allow="GET")
            return a.code, [r for r in a.json["reasons"] if r != "no_index"]
        bad = wrong(ask(s), GOOD, down)
        probe()
        gone()
        settle(s)
        bad += wrong(ask(s), GOOD, down)
        before = probe()
        r = revoke()
        t.ok(r.status == 1 and "cannot be written" in r.log,
             "a pair that is not in its file is revoked with a warning", r)
        tick()
        t.none(bad + endpoint.refusal_wrong(ask(s), 503, "key_revoked"),
               "a pair whose file is gone signs on until it is revoked")
        t.same((before, probe()), ((200, ["secret_unreadable"]),
                                   (503, ["secret_unreadable"])),
               "readyz reports a fault once a pair without a file is revoked")
        t.same(len(events(s, "key_pair_revoked")), 1,
               "that a mark revoked a pair is logged once")
        ready.stop()


tap.run([fresh, refused, changes, shared, wiped, bad_files, opened_way,
         same_again, apart, revoked, marked, hidden, marked_early],
        endpoint.check_outputs)
