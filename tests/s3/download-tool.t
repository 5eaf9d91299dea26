#!/usr/bin/python3
"""foldergate ls, du, get and cat, through lighttpd and an S3 server, on a way
that cuts and corrupts."""

import hashlib
import http.client
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import endpoint  # noqa: E402
import rough  # noqa: E402
import s3site  # noqa: E402
import sigv4  # noqa: E402
import tap  # noqa: E402
from terminal import CTRL_C, Terminal  # noqa: E402

MIB = 1 << 20
MANY = 1010
way = None


def through_way(site):
    global way
    way = rough.Way(site.store.endpoint)
    return {"access_max_bytes": 8 * MIB, "s3_public_endpoint": way.url,
            "limits_folder_grants": 100000}


site = s3site.Site(through_way)
world, first, second = site.world, site.first, site.second
store = site.store
reader = s3site.Miner(site, "reader")
FOLDERGATE = os.path.join(endpoint.BUILD, "bin", "foldergate")
URL = "http://127.0.0.1:%d" % site.web.port
ENV = {"HOME": world.dir, "LC_ALL": "C.UTF-8"}
world.snapshot(block=7000001, neurons=[
    {"uid": i, "hotkey": m.hotkey, "coldkey": m.coldkey, "permit": m is reader,
     "alpha_stake_rao": "20000000000001"}
    for i, m in enumerate([first, second, reader])])


def words(command, *args, who=reader, url=URL):
    return [command, "--url", url, "--keyfile", who.wallet, *args]


# It waits 15 s in all.  Until then there is other work.
DOWN = subprocess.Popen([FOLDERGATE, *words(
    "ls", url="http://127.0.0.1:1")], env=ENV,
    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def run(*args, **more):
    return endpoint.program(FOLDERGATE, words(*args, **more), ENV)


def lines(*args, **more):
    r = run(*args, "--json", **more)
    return r, [json.loads(line) for line in r.text.splitlines()]


class Get:
    """status; said, on standard error; files: the JSON line of each; sum."""

    def __init__(self, *args, **more):
        r, found = lines("get", *args, **more)
        self.status, self.said = r.status, r.log
        self.sum = found.pop() if found and "sum" in found[-1] else {}
        self.files = {line["file"]: line for line in found}

    def __str__(self):
        return "status %d\n%s\n%s\n%s" % (self.status, self.said, self.files,
                                          self.sum)


def send(who, *args):
    r = endpoint.program(FOLDERGATE, words(
        "upload", "--quiet", "--connections", "8", "--coldkey", who.coldkey,
        *args, who=who), ENV)
    if r.status != 0:
        raise s3site.Refused(str(r))


def tree(path):
    """Files below a directory: names and bytes."""
    found = {}
    for top, _, names in os.walk(path):
        for name in names:
            whole = os.path.join(top, name)
            with open(whole, "rb") as f:
                found[os.path.relpath(whole, path)] = f.read()
    return found


def make(folder, files):
    for name, data in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(world.path(path)), exist_ok=True)
        world.write(path, data)
    return world.path(folder)


def parts(path):
    own = os.path.join(path, ".foldergate")
    return [os.path.join(own, n) for n in os.listdir(own)] \
        if os.path.exists(own) else []


SMALL = {"many/%04d.csv" % i: b"%05d" % i for i in range(MANY)}
LARGE = {"large/a b.bin": os.urandom(2 * MIB), "large/größe ✓.bin":
         os.urandom(MIB), "large/c.bin": os.urandom(MIB)}
FILES = {**SMALL, **LARGE}


def put(names):
    """Store small files with the key of the bucket's owner, past the way."""
    c = http.client.HTTPConnection(store.host, timeout=30)
    for name in names:
        url = urlsplit(sigv4.object_url(
            int(time.time()), 60, first.folder() + name, "http", store.host,
            "/" + store.bucket, store.key_id, store.secret, store.region,
            "PUT"))
        c.request("PUT", url.path + "?" + url.query, SMALL[name])
        c.getresponse().read()
    c.close()


def fill(t):
    send(first, make("of-first", LARGE))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, [list(SMALL)[i::4] for i in range(4)]))
    send(second, "--source", "x", make("of-second", {"x.csv": b"x" * 2000}))
    t.same(sum(way.stored.values()), len(LARGE) + 1,
           "the miners store their files")


def ls(t):
    r = run("ls")
    t.ok(r.status == 0 and sorted(r.text.split()) == sorted(
        [first.hotkey, "x/" + second.coldkey]),
         "ls prints the miners that have a folder, in both layouts", r)
    r, found = lines("ls", first.hotkey)
    t.ok(r.status == 0 and {f["file"]: f["bytes"] for f in found} ==
         {n: len(d) for n, d in FILES.items()} and len(found) == len(FILES),
         "ls prints every file of a miner, over several pages", r.status,
         r.log, len(found))
    r = run("ls", first.hotkey, "large/")
    t.ok(r.status == 0 and len(r.text.splitlines()) == len(LARGE) and
         r.text.splitlines()[0].split()[0] == str(2 * MIB) and
         r.text.splitlines()[0].endswith("Z  large/a b.bin"),
         "ls prints size, time and name of the files below a prefix", r)
    r = run("ls", "x/" + second.coldkey)
    t.ok(r.status == 0 and "x.csv" in r.text,
         "ls prints the files of a coldkey's folder", r)
    for args, why in ((("ls", "5x"), "MINER"), (("ls", "miners", "a"), "PREFIX"),
                      (("get", first.hotkey), "--output"), (("cat",), "MINER"),
                      (("cat", first.hotkey), "KEY"), (("du", "X/5"), "MINER")):
        r = run(*args)
        t.ok(r.status == 2 and why in r.log,
             "wrong arguments are named: %s" % " ".join(args[:1] + (why,)), r)


def ring(t):
    """A store whose second page is its first one."""
    for status, *args in (4, "ls", first.hotkey), (
            5, "get", first.hotkey, "many/*", "-o", world.path("ring")):
        way.ring = []
        r = run(*args)
        t.ok(r.status == status and "the store's list does not go on" in r.log and
             len(way.ring) == 2,
             "%s ends at a list that returns to an earlier page" % args[0],
             r.status, r.log, len(way.ring))
    way.ring = None


def du(t):
    r, found = lines("du")
    size = sum(map(len, FILES.values()))
    t.ok(r.status == 0 and {"miner": first.hotkey, "files": len(FILES),
                            "bytes": size} in found and
         {"source": "x", "files": 1, "bytes": 2000} in found and
         found[-1] == {"sum": "all", "files": len(FILES) + 1,
                       "bytes": size + 2000},
         "du sums the files by miner and by source", r)


def get(t):
    to = world.path("to")
    args = first.hotkey, "large/*", "many/00[0-3]*", "many/100*", "-o", to
    want = {n: d for n, d in FILES.items() if n in LARGE or
            n[5:7] == "10" or n[5:8] in ("000", "001", "002", "003")}
    r = Get(*args)
    t.ok(r.status == 0 and tree(to) == want and parts(to) == [] and
         r.sum["got"] == len(want) == 53, "get loads the chosen files of all "
         "pages, each with its path below the directory", r.status, r.said,
         r.sum)
    before = len(way.loaded)
    r = Get(*args)
    t.ok(r.status == 0 and r.sum["same"] == len(want) and
         len(way.loaded) == before,
         "files that are there are not loaded again", r.sum)
    world.write("to/large/c.bin", b"c" * MIB)
    r = Get(first.hotkey, "large/*", "-o", to)
    t.ok(r.sum["got"] == 1 and r.sum["same"] == 2 and tree(to) == want,
         "a file of the same size and other bytes is loaded again", r)
    r = Get(first.hotkey, "*c.bin", "many/000[12].csv", "-o",
            world.path("some"))
    t.ok(r.status == 0 and set(tree(world.path("some"))) == {
        "large/c.bin", "many/0001.csv", "many/0002.csv"},
         "patterns choose what is loaded", r)
    r = Get(first.hotkey, "nothing*", "-o", world.path("some"))
    t.ok(r.status == 1 and "no file" in r.said,
         "patterns that choose nothing make exit status 1", r)


def rough_way(t):
    to = world.path("rough")
    way.gets = {"a b.bin": [("cut", MIB + 5)], "c.bin": [("cut", 5), ("whole",)],
                "größe ✓.bin": [("flip", 9), ("answer", 503, "SlowDown")]}
    way.loaded.clear()
    r = Get(first.hotkey, "large/*", "-o", to)
    t.ok(r.status == 0 and tree(to) == LARGE and parts(to) == [] and
         way.gets == {"a b.bin": [], "größe ✓.bin": [], "c.bin": []},
         "files are whole after a cut, a changed byte, a busy store, and a "
         "store that ignores a Range", r)
    t.same([x for x in way.loaded if x[0] == "a b.bin"],
           [("a b.bin", None), ("a b.bin", "bytes=%d-" % (MIB + 5))],
           "a cut download is continued where it ended")
    t.same([x for x in way.loaded if x[0] == "größe ✓.bin"],
           [("größe ✓.bin", None)] * 3,
           "what was damaged on the way is loaded from its beginning")
    way.gets = {"c.bin": [("answer", 403, "AccessDenied")] * 2}
    r = Get(first.hotkey, "large/*", "-o", world.path("refused"))
    t.ok(r.status == 5 and r.sum["refused"] == 1 and r.sum["got"] == 2,
         "a file that the store refuses twice makes exit status 5", r)
    way.gets = {}


def stopped(t):
    to = world.path("stopped")
    way.pace = 0.3
    p = subprocess.Popen([FOLDERGATE, *words(
        "get", "--json", "--connections", "1", first.hotkey, "large/*", "-o",
        to)], env=ENV, stdout=subprocess.PIPE)
    p.stdout.readline()
    p.send_signal(signal.SIGINT)
    p.communicate(timeout=10)
    way.pace = 0
    got = tree(to)
    t.ok(p.returncode == 130 and len(got) < 4 and all(
        LARGE.get(n) == d or n.endswith(".part") for n, d in got.items()),
         "Ctrl-C leaves whole files and .part files, with exit status 130",
         p.returncode, list(got))

    # As after kill -9: a part of the file, and one with a wrong byte.
    to = world.path("part")
    way.gets = {"a b.bin": [("cut", MIB)], "c.bin": [("cut", 500000)]}
    way.gets = {n: f + [("answer", 503, "SlowDown")] * 9
                for n, f in way.gets.items()}
    p = subprocess.Popen([FOLDERGATE, *words(
        "get", "--quiet", first.hotkey, "large/*", "-o", to)], env=ENV)
    for _ in range(100):
        if len(parts(to)) == 2 and len(tree(to)) == 3 and \
                all(map(os.path.getsize, parts(to))):
            break
        time.sleep(0.05)
    p.kill()
    p.wait()
    way.gets = {}
    way.loaded.clear()
    sizes = {os.path.getsize(n): n for n in parts(to)}
    if 500000 in sizes:
        with open(sizes[500000], "r+b") as f:
            f.write(b"wrong")
    r = Get(first.hotkey, "large/*", "-o", to)
    t.ok(r.status == 0 and tree(to) == LARGE and set(sizes) == {MIB, 500000},
         "after kill -9 a new run loads what is missing", sizes, r)
    t.ok(("a b.bin", "bytes=%d-" % MIB) in way.loaded and
         ("a b.bin", None) not in way.loaded,
         "after kill -9 a new run continues a file where it ended", way.loaded)
    t.same([x for x in way.loaded if x[0] == "c.bin"],
           [("c.bin", "bytes=500000-"), ("c.bin", None)],
           "a part with a wrong byte is found by the checksum, and loaded "
           "again")


def ends(t):
    """URLs of four seconds, and a run that takes longer."""
    with world.settings(s3_max_ttl_s=4):
        site.reload()
        way.loaded.clear()
        way.pace = 0.6
        r = Get(first.hotkey, "many/001?.csv", "--connections", "1", "-o",
                world.path("ends"))
        way.pace = 0
    site.reload()
    t.ok(r.status == 0 and r.sum["got"] == len(way.loaded) == 10,
         "a run that takes longer than its URLs asks for others before they "
         "end", r, way.loaded)


def shut(path, *command):
    """Run a command to whom this path is closed, also if it is root's."""
    os.chmod(path, 0o500)
    try:
        return subprocess.run(
            (["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
             if os.geteuid() == 0 else []) + [FOLDERGATE, *command], env=ENV,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=60)
    finally:
        os.chmod(path, 0o700)


def rights(t):
    to = world.path("shut")
    os.mkdir(to)
    args = words("get", "--json", first.hotkey, "large/c.bin", "-o", to)
    r = shut(to, *args)
    t.ok(r.returncode == 1 and b"ermission denied" in r.stderr and
         os.listdir(to) == [], "a directory that may not be written into makes "
         "exit status 1", r)
    os.makedirs(to + "/large")
    r = shut(to + "/large", *args)
    line = json.loads(r.stdout.splitlines()[0])
    t.ok(r.returncode == 1 and "ermission denied" in line["why"] and
         tree(to + "/large") == {}, "a file that may not be written is reported "
         "with the reason", r)
    way.loaded.clear()
    r = Get(first.hotkey, "large/c.bin", "-o", to)
    t.ok(r.status == 0 and r.sum["got"] == 1 and way.loaded == [] and
         tree(to) == {"large/c.bin": LARGE["large/c.bin"]},
         "once it may be written, what was loaded is not loaded again", r,
         way.loaded)


FULL = """mount -t tmpfs -o size=1536k none "$1" || exit 77
to=$1; shift
"$@"; echo "status $?"
find "$to" -type f ! -name '*.part' -exec cat {} + | wc -c
mount -o remount,size=16m "$to"
"$@" >/dev/null; echo "status $?"
find "$to" -type f -name '*.part'
find "$to" -type f -exec md5sum {} + | cut -c1-32 | sort
"""


def full(t):
    to = world.path("full")
    os.mkdir(to)
    p = subprocess.run(
        ["unshare", "-rm", "sh", "-c", FULL, "full", to, FOLDERGATE, *words(
            "get", "--json", "--connections", "1", first.hotkey, "large/*",
            "-o", to)], env=ENV, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if p.returncode == 77 or b"unshare" in p.stderr:
        t.skip("a full disk ends the run with the reason",
               "no file system of its own can be mounted here")
        return
    text = p.stdout.decode()
    m = re.search(r"(?s)^(.*)status (\d+)\n(\d+)\nstatus (\d+)\n(.*)$", text)
    t.ok(m and m[2] in "15" and "No space left on device" in m[1] and
         int(m[3]) % MIB == 0, "a full disk ends the run with the reason, and "
         "only whole files have names", text, p.stderr)
    t.ok(m and m[4] == "0" and m[5].split() == sorted(
        hashlib.md5(d).hexdigest() for d in LARGE.values()),
        "once there is room the same command loads the rest", text, p.stderr)
    for args in ("cat", first.hotkey, "large/c.bin"), ("ls", first.hotkey):
        with open("/dev/full", "wb") as out:
            r = subprocess.run([FOLDERGATE, *words(*args)], env=ENV,
                               stdout=out, stderr=subprocess.PIPE, timeout=60)
        t.ok(r.returncode == 1 and b"No space left" in r.stderr,
             "%s into a full disk makes exit status 1" % args[0], r)


def on_terminal(t):
    """Ten files, one after the other."""
    def get(to):
        return " ".join(map(shlex.quote, [FOLDERGATE, *words(
            "get", "--connections", "1", first.hotkey, "many/002?.csv", "-o",
            to)]))
    term = Terminal(world.dir, {**ENV, "NO_COLOR": "1"})
    way.pace = 0.2
    for columns in 40, 200:
        term.resize(columns)
        start = len(term.text)
        term.type(get(world.path("wide%d" % columns)))
        term.await_text("10 loaded", 30, start + columns)
        bars = term.bars(start)
        t.ok(len(bars) > 3 and max(map(len, bars)) < columns and
             term.status() == 0,
             "get draws a bar that fits %d columns" % columns, bars)
    to, start = world.path("pressed"), len(term.text)
    term.type(get(to))
    term.await_text(r"many/0021.csv", 20, start + 300)
    term.resize(40)
    term.sleep(0.5)
    middle = len(term.text)
    term.sleep(0.3)
    term.press(CTRL_C)
    term.await_prompt(20, middle)
    way.pace = 0
    t.ok(0 < max(map(len, term.bars(middle)), default=0) < 40,
         "the bar of get follows the terminal when it becomes narrower",
         term.text[middle:])
    status = term.status()
    got = {n: d for n, d in tree(to).items() if not n.endswith(".part")}
    t.ok(status == 130 and 0 < len(got) < 10 and term.is_sane() and
         all(SMALL[n] == d for n, d in got.items()),
         "Ctrl-C at a terminal leaves whole files, exit status 130 and a sane "
         "terminal", status, got, term.text[start:])
    term.close()
    r = run("get", first.hotkey, "many/002?.csv", "-o", to)
    t.ok(r.status == 0 and "\r" not in r.text + r.log and
         "\033" not in r.text + r.log and r.text.endswith(" the same\n"),
         "without a terminal get prints plain lines", r)


ODD = ["../up", "a/../../up", "/absolute", "a//b", "end/", "a/./b",
       "esc\x1b[31m", "new\nline", ".foldergate/x", "c1\u009b2J"]


def odd(t):
    grant = second.grant()
    stored = []
    for name in ODD:
        r = site.upload(grant, s3site.form(grant, grant["folder"] + name),
                        data=b"o" * 2000)
        stored += [name] if r.code == 204 else []
    for name in "good.csv", "evil/x", "link", "file/x", "\u202egpj.exe":
        site.upload(grant, s3site.form(grant, grant["folder"] + name),
                    data=b"g" * 2000)
    outside, to = world.path("outside"), world.path("odd")
    os.mkdir(outside)
    os.mkdir(to)
    os.symlink(outside, to + "/evil")
    os.symlink(outside + "/new", to + "/link")
    world.write("odd/file", b"mine")
    r = Get(second.hotkey, "-o", to)
    t.ok(r.status == 5 and r.sum["odd"] == len(stored) > 5 and
         all("\x1b" not in f and "\n" not in f for f in r.files),
         "names that no file may have are left out, counted and escaped",
         stored, r)
    t.ok(r.sum["failed"] == 3 and
         "symbolic link" in r.files["evil/x"]["why"] and
         "symbolic link" in r.files["link"]["why"] and
         "not a directory" in r.files["file/x"]["why"] and
         os.listdir(outside) == [] and os.path.islink(to + "/link") and
         not os.path.exists(world.path("up")),
         "a symbolic link in the directory is never followed or replaced", r)
    with open(to + "/good.csv", "rb") as f:
        t.same(f.read(), b"g" * 2000, "the other files are loaded")
    r = run("get", second.hotkey, "-o", to)
    both = r.text + r.log
    t.ok("\\u001b[31m" in both and "\x1b" not in both and
         "\u009b" not in both and "\\u202egpj" in run(
             "ls", second.hotkey).text,
         "what a terminal would obey in a name is escaped", r)
    hidden = world.path("hidden")
    os.mkdir(hidden)
    os.symlink(outside, hidden + "/.foldergate")
    r = run("get", second.hotkey, "-o", hidden)
    t.ok(r.status == 1 and "symbolic link" in r.log and
         os.listdir(outside) == [],
         "a link in place of the directory of parts is refused", r)


def cat(t):
    r = run("cat", first.hotkey, "large/größe ✓.bin")
    t.ok(r.status == 0 and r.out == LARGE["large/größe ✓.bin"],
         "cat prints a file", r.status, r.log)
    way.gets = {"a b.bin": [("cut", MIB)]}
    r = run("cat", first.hotkey, "large/a b.bin")
    t.ok(r.status == 0 and r.out == LARGE["large/a b.bin"] and
         way.loaded[-1] == ("a b.bin", "bytes=%d-" % MIB),
         "cat goes on after a cut", r.status, r.log)
    r = run("cat", first.hotkey, "large/none")
    t.ok(r.status == 3 and r.out == b"",
         "cat of a file that is not there makes exit status 3", r)


def nobody(t):
    stranger = s3site.Miner(site, "stranger")
    for args in ("ls",), ("du",), ("get", first.hotkey, "-o",
                                   world.path("no")), ("cat", first.hotkey,
                                                       "a"):
        r = run(*args, who=stranger)
        t.ok(r.status == 3 and "(not_registered)" in r.log, "a key that is "
             "not registered gets exit status 3 from " + args[0], r)
    t.ok(DOWN.wait(60) == 4 and b"127.0.0.1:1:" in DOWN.stderr.read(),
         "a service that is down makes exit status 4")


if __name__ == "__main__":
    tap.run([fill, ls, ring, du, get, rough_way, stopped, ends, rights, full,
             on_terminal, odd, cat, nobody],
            endpoint.check_outputs)
