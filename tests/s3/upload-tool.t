#!/usr/bin/python3
"""foldergate upload and foldergate form, through lighttpd into an S3 server, on
a way that cuts, delays and corrupts."""

import http.client
import http.server
import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import endpoint  # noqa: E402
import rough  # noqa: E402
import s3site  # noqa: E402
import servers  # noqa: E402
import sigv4  # noqa: E402
import tap  # noqa: E402
from terminal import CTRL_C, Terminal  # noqa: E402

MIB = 1 << 20
way = None


def through_way(site):
    global way
    way = rough.Way(site.store.endpoint)
    return {"access_max_bytes": 8 * MIB, "s3_public_endpoint": way.url,
            "limits_folder_grants": 100000}


site = s3site.Site(through_way)
world, miner, store = site.world, site.first, site.store
FOLDERGATE = os.path.join(endpoint.BUILD, "bin", "foldergate")
URL = "http://127.0.0.1:%d" % site.web.port
ENV = {"HOME": world.dir, "LC_ALL": "C.UTF-8"}


# root reads everything otherwise.
WITHOUT_RIGHTS = [] if os.geteuid() != 0 else [
    shutil.which("setpriv"), "--bounding-set=-dac_override,-dac_read_search"]


def words(command, *args, who=miner, url=URL):
    return [command, "--url", url, "--keyfile", who.wallet, "--coldkey",
            who.coldkey, *args]


# It waits 15 s in all.  Until then there is other work.
DOWN = subprocess.Popen([FOLDERGATE, *words(
    "upload", os.devnull, url="http://127.0.0.1:1")], env=ENV,
    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Run:
    """status; said, on standard error; files: the JSON line of each; sum.
    by: a command that runs it."""

    def __init__(self, *args, by=(), **more):
        first, *rest = [*by, FOLDERGATE]
        r = endpoint.program(first, [*rest, *words("upload", "--json", *args,
                                                   **more)], ENV)
        lines = [json.loads(line) for line in r.text.splitlines()]
        self.status, self.said = r.status, r.log
        self.sum = lines.pop() if lines and "sum" in lines[-1] else {}
        self.files = {os.path.basename(line["file"]): line for line in lines}

    def results(self):
        return {name: line["result"] for name, line in self.files.items()}

    def __str__(self):
        return "status %d\n%s\n%s\n%s" % (self.status, self.said, self.files,
                                          self.sum)


def objects(prefix):
    """Below the miner's folder: names and sizes."""
    folder = miner.folder() + prefix
    return {key.decode()[len(folder):]: size
            for key, size in site.all_objects().items()
            if key.decode().startswith(folder)}


def content(name):
    return site.request("GET", sigv4.object_url(
        int(time.time()), 60, miner.folder() + name, "http", store.host,
        "/" + store.bucket, store.key_id, store.secret, store.region)).body


def make(folder, **files):
    """A directory with these files: name and bytes, "__" being a slash."""
    for name, data in files.items():
        path = os.path.join(folder, name.replace("__", "/"))
        os.makedirs(os.path.dirname(world.path(path)), exist_ok=True)
        world.write(path, data)
    return world.path(folder)


def whole(t):
    names = {"a b.csv": os.urandom(1024), "größe ✓ 数据.bin": os.urandom(MIB),
             "sub/x+y%20&=\"'.txt": os.urandom(5000),
             "sub/deep/$HOME;`.txt": os.urandom(2000)}
    top = make("whole", **names)
    r = Run("--job", "j1", "--dry-run", top)
    t.ok(r.status == 0 and r.sum["would_send"] == 4 and way.tried == 0,
         "--dry-run names the files that would be sent, and sends none", r)
    r = Run("--job", "j1", top)
    t.ok(r.status == 0 and r.sum["sent"] == 4 and r.said == "",
         "all files of a directory are sent", r)
    t.same(objects("job_id=j1/"), {n: len(d) for n, d in names.items()},
           "files keep their paths below the directory as names, with blanks, "
           "signs and other scripts")
    t.ok(all(content("job_id=j1/" + n) == d for n, d in names.items()),
         "the store has the bytes of every file that was sent")
    before = way.tried
    r = Run("--job", "j1", top)
    t.ok(r.status == 0 and r.sum["same"] == 4 and way.tried == before,
         "files that the store has are not sent again", r)
    world.write("whole/a b.csv", os.urandom(1024))
    r = Run("--job", "j1", top)
    t.ok(r.results()["a b.csv"] == "sent" and r.sum["same"] == 3,
         "a file of the same size and other bytes is sent again", r)
    r = Run("--source", "x", os.path.join(top, "a b.csv"))
    t.ok(r.status == 0 and (miner.folder("x") + "a b.csv").encode() in
         site.all_objects(),
         "--source sends a file into the coldkey's folder", r)


def text(t):
    top = make("text", **{"one.txt": b"x" * 2000, "small.txt": b"x"})
    r = endpoint.program(FOLDERGATE, words("upload", "--job", "t", top), ENV)
    t.ok(r.status == 5 and "sent  %s/one.txt\n" % top in r.text and
         "1 sent (1.9 KiB), 0 the same, 1 not sent\n" in r.text and
         "small.txt: it has 1 bytes; 1.0 KiB to 8.0 MiB may be stored" in
         r.log, "the report for people has a line for each file and a sum", r)


def wrong(t):
    top = make("wrong", **{"good.txt": b"g" * 2000, "small.txt": b"s" * 1023,
                           "least.txt": b"l" * 1024, "closed.txt": b"c" * 2000,
                           "a${filename}.txt": b"v" * 2000})
    world.write("wrong/large.txt", b"")
    os.truncate(top + "/large.txt", 8 * MIB + 1)
    outside = make("outside", **{"secret.txt": b"o" * 2000})
    os.symlink(outside, top + "/link")
    os.symlink(outside + "/secret.txt", top + "/link.txt")
    os.mkfifo(top + "/pipe")
    with open(os.fsencode(top) + b"/\xff.txt", "wb") as f:
        f.write(b"n" * 2000)
    with open(top + "/new\nline.txt", "wb") as f:
        f.write(b"n" * 2000)
    r = Run("--job", "w", top, world.path("missing"))
    t.same(objects("job_id=w/"), {"good.txt": 2000, "least.txt": 1024,
                                  "closed.txt": 2000},
           "what may not be stored is left out, and the rest is sent")
    t.ok(r.status == 5 and r.sum["sent"] == 3 and r.sum["failed"] == 9 and
         r.files["link"]["why"] == r.files["link.txt"]["why"] ==
         "it is a symbolic link" and
         r.files["pipe"]["why"] == "it is not a regular file" and
         "new\\nline.txt" in r.files and "1024 bytes" not in r.said,
         "each file that is left out is named with the reason, counted, and "
         "makes exit status 5", r)
    two = make("two", **{"good.txt": b"2" * 2000})
    before = way.tried
    r = Run("--job", "w", top + "/good.txt", two)
    t.ok(r.status == 1 and "two files would have the name" in r.said and
         way.tried == before,
         "two files of one name are refused before anything is sent", r)
    r = Run("--job", "w", top + "/link.txt")
    t.ok(r.status == 0 and r.sum["sent"] == 1,
         "a link that a person names is followed", r)


def unreadable(t):
    """A file that is taken away, or changes, after it was looked at."""
    top = make("rights", **{"a.txt": b"a" * 2000, "b.txt": b"b" * 2000,
                            "sub__c.txt": b"c" * 2000})
    os.chmod(top + "/a.txt", 0)
    os.chmod(top + "/sub", 0)
    r = Run("--job", "r", top, by=WITHOUT_RIGHTS)
    os.chmod(top + "/sub", 0o700)
    t.ok(r.status == 5 and r.results() == {
        "a.txt": "failed", "b.txt": "sent", "sub": "failed"} and
         r.files["a.txt"]["why"] == "Permission denied",
         "a file and a directory that cannot be read are reported, and the "
         "rest is sent", r)
    top = make("change", **{"a.bin": os.urandom(4 * MIB)})

    def touch(at):
        if at > 2 * MIB:
            os.utime(top + "/a.bin", (1, 1))
    way.seen = touch
    try:
        r = Run("--job", "c", top)
    finally:
        way.seen = None
    t.ok(r.status == 1 and "changed while it was sent" in
         r.files["a.bin"]["why"],
         "a file that changes while it is sent is reported as failed", r)


FAULTS = {
    "cut": ("a connection that breaks", ("cut", 300000)),
    "flip": ("a byte that changes on the way", ("flip", 500000)),
    "form": ("a byte of the form that changes on the way", ("flip", 700)),
    "lose": ("an answer that is lost", ("lose",)),
    "busy": ("a store that is busy", ("answer", 503, "SlowDown")),
    "expired": ("a form that has expired", ("answer", 403, "AccessDenied")),
}


def faults(t, job="f", where=""):
    """job: three of them begin with this; where: the service grants what."""
    files = {name: os.urandom(MIB) for name in FAULTS}
    files["slow"] = os.urandom(MIB)
    top = make("faults", **files)
    way.faults = {n: [fault] for n, (_, fault) in FAULTS.items()}
    way.faults["slow"] = [("delay", 0.5)]
    before = way.tried
    r = Run("--job", job, "--connections", "8", top)
    t.ok(r.status == 0 and way.tried == before + len(files) + len(FAULTS) and
         r.sum["sent"] == len(files), "each file with a fault on the way is "
         "sent twice, and no other" + where, r, way.tried - before)
    for name, (text_, _) in FAULTS.items():
        t.ok(r.results().get(name) == "sent" and way.faults[name] == [] and
             content("job_id=%s/%s" % (job, name)) == files[name],
             "after %s the file is sent again, and is whole%s" % (
                 text_, where), r)
    t.same(content("job_id=%s/slow" % job), files["slow"],
           "a slow store gets the whole file" + where)
    way.faults = {"lose": [("answer", 403, "AccessDenied")] * 2}
    r = Run("--job", job + "g", top + "/lose")
    t.ok(r.status == 3 and "403 AccessDenied" in r.files["lose"]["why"] and
         r.sum["refused"] == 1,
         "a file that is refused twice makes exit status 3" + where, r)
    way.faults = {}


def killed(t, times=8, job="k", where=""):
    """kill -9 at any moment, and again."""
    files = {"f%03d" % i: os.urandom(2000 + i) for i in range(5 * times)}
    top = make("killed" + job, **files)
    way.stored.clear()
    way.pace = 0.02
    kills = 0
    for _ in range(times):
        p = subprocess.Popen([FOLDERGATE, *words("upload", "--quiet", "--job",
                                                 "k", top)], env=ENV)
        time.sleep(random.uniform(0.02, 0.2))
        kills += p.poll() is None
        p.send_signal(signal.SIGKILL)
        p.wait()
        # What is on its way may still be stored, after the next run's list.
        time.sleep(0.05)
        servers.until(lambda: way.busy == 0, 20)
    way.pace = 0
    r = Run("--job", job, top)
    t.ok(r.status == 0 and kills > 0 and objects("job_id=%s/" % job) ==
         {n: len(d) for n, d in files.items()},
         "after kill -9 a new run sends what is missing" + where, kills, r)
    t.same({n: c for n, c in way.stored.items() if c != 1}, {},
           "after kill -9 no file is stored twice" + where)


def stopped(t):
    top = make("stopped", **{"f%02d" % i: b"x" * 2000 for i in range(40)})
    way.pace = 0.1
    p = subprocess.Popen([FOLDERGATE, *words("upload", "--json", "--job", "s",
                                             top)], env=ENV,
                         stdout=subprocess.PIPE)
    p.stdout.readline()
    p.send_signal(signal.SIGINT)
    last = json.loads(p.communicate(timeout=10)[0].splitlines()[-1])
    way.pace = 0
    t.ok(p.returncode == 130 and last["sent"] + last["left"] == 40 and
         last["left"] > 0,
         "Ctrl-C ends the run with the sum and exit status 130",
         p.returncode, last)


def nobody(t):
    top = make("nobody", **{"a.txt": b"a" * 2000})
    stranger = s3site.Miner(site, "stranger")
    r = Run(top, who=stranger)
    t.ok(r.status == 3 and "(not_registered)" in r.said and r.sum["left"] == 1,
         "a key that is not registered gets exit status 3", r)
    t.ok(DOWN.wait(60) == 4 and b"127.0.0.1:1:" in DOWN.stderr.read(),
         "a service that is down makes exit status 4")


def curl(t, grants="a form for the folder"):
    for name in "a b.txt", 'q"u\\o;t,e.txt', "größe.txt":
        data = os.urandom(3000)
        path = world.write(name, data)
        r = endpoint.program(FOLDERGATE, words("form", "--job", "c", path),
                             ENV)
        out = subprocess.run(["curl", "-K", "-"], input=r.out, env=ENV,
                             stdout=subprocess.PIPE, timeout=30).stdout
        t.ok(r.status == 0 and out in (b"204\n", b"200\n") and
             content("job_id=c/" + name) == data,
             "curl stores the file %s with what foldergate form prints, "
             "where the service grants %s" % (name, grants),
             r.status, out)
    r = endpoint.program(FOLDERGATE, words("form", world.write(
        "tiny", b"x")), ENV)
    t.ok(r.status == 1 and r.text == "" and "1 bytes" in r.log,
         "foldergate form refuses a file of a wrong size, where the "
         "service grants " + grants, r)


def profile(**settings):
    def with_profile(t):
        put = "s3_post_policy" in settings
        name = "PUT" if put else "a form for each file"
        with world.settings(**settings):
            site.web.reload()
            top = make("profile" + str(put), **{
                "a b ü.csv": os.urandom(1024), "b.bin": os.urandom(MIB)})
            job = "put" if put else "each"
            r = Run("--job", job, top)
            t.ok(r.status == 0 and r.sum["sent"] == 2,
                 "where the service grants %s, files are sent" % name, r)
            if put:
                faults(t, "pf", ", by PUT")
                killed(t, 4, "pk", ", by PUT")
            before = way.tried
            r = Run("--job", job, top)
            t.ok(r.sum["same"] == 2 and way.tried == before, "where the "
                 "service grants %s, files are not sent again" % name, r)
            way.faults = {"b.bin": [("answer", 403, "AccessDenied")]}
            world.write("profile%s/b.bin" % put, b"y" * MIB)
            r = Run("--job", job, top)
            t.ok(r.sum["sent"] == 1 and content("job_id=%s/b.bin" % job) ==
                 b"y" * MIB, "where the service grants %s, one that expired is "
                 "replaced" % name, r)
            curl(t, name)
        site.web.reload()
    return with_profile


def replaced(t):
    """Somebody else stores the same object before the run has looked at it."""
    top = make("replaced", **{"a.txt": b"a" * 2000, "b.txt": b"b" * 2000})
    lists = []

    def other(_):
        lists.append(1)
        if len(lists) == 2:
            site.request("PUT", sigv4.object_url(
                int(time.time()), 60, miner.folder() + "job_id=o/a.txt",
                "http", store.host, "/" + store.bucket, store.key_id,
                store.secret, store.region, "PUT"), b"o" * 2000)
    way.listing = other
    before = way.tried
    r = Run("--job", "o", top)
    way.listing = None
    t.ok(r.status == 0 and r.sum["sent"] == 2 and way.tried == before + 3 and
         content("job_id=o/a.txt") == b"a" * 2000,
         "a file that somebody replaces while the run goes on is sent again",
         r, way.tried - before)


def full(t):
    with open("/dev/full", "wb") as out:
        r = subprocess.run([FOLDERGATE, *words(
            "upload", "--json", "--job", "d", make("printed", a=b"a" * 2000))],
            env=ENV, stdout=out, stderr=subprocess.PIPE, timeout=60)
    t.ok(r.returncode == 1 and b"cannot be written" in r.stderr and
         objects("job_id=d/") == {"a": 2000},
         "a report that cannot be written makes exit status 1", r)


def on_terminal(t):
    """A file that takes some seconds."""
    def upload(job):
        return " ".join(map(shlex.quote, [FOLDERGATE, *words(
            "upload", "--job", job, top)]))
    top = make("terminal", **{"a.bin": os.urandom(6 * MIB)})

    def bars(start):
        return [b for b in term.bars(start) if b.startswith("upload ")]
    term = Terminal(world.dir, {**ENV, "NO_COLOR": "1"})
    way.seen = lambda at: time.sleep(0.02)
    for columns in 40, 200:
        term.resize(columns)
        start = len(term.text)
        term.type(upload("t%d" % columns))
        term.await_text("1 sent", 30, start + columns)
        drawn = bars(start)
        t.ok(len(drawn) > 3 and max(map(len, drawn)) < columns and
             [b for b in drawn if "%" in b] and term.status() == 0,
             "upload draws a bar that fits %d columns" % columns, drawn)
    start = len(term.text)
    term.type(upload("pressed"))
    term.await_text(r"\d%", 20, start + 100)
    term.resize(40)
    term.sleep(0.5)
    middle = len(term.text)
    term.sleep(0.3)
    term.press(CTRL_C)
    term.await_prompt(20, middle)
    way.seen = None
    t.ok(0 < max(map(len, bars(middle)), default=0) < 40,
         "the bar of upload follows the terminal when it becomes narrower",
         term.text[middle:])
    status = term.status()
    servers.until(lambda: way.busy == 0, 20)
    t.ok(status == 130 and term.is_sane() and
         objects("job_id=pressed/") == {},
         "Ctrl-C at a terminal stores nothing of a file that was under way, "
         "and makes exit status 130", status, term.text[start:])
    term.close()
    r = endpoint.program(FOLDERGATE, words("upload", "--job", "t40", top), ENV)
    t.ok(r.status == 0 and r.text == "0 sent (0 B), 1 the same\n" and
         r.log == "", "without a terminal upload prints plain lines", r)


class Old(http.server.BaseHTTPRequestHandler):
    """The service replaced, as far as an upload can tell: no formats, nothing
    of uploads in /structure-info, no list_after, and old answers."""
    FIELDS = "folder", "url", "fields", "expiry", "list_url", "structure_info"

    def log_message(self, *_):
        pass

    def any(self):
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if data:
            body = json.loads(data)
            body.pop("list_after", None)
            body.pop("files", None)
            data = json.dumps(body).encode()
        r = servers.ask(site.web.port, self.command, self.path, data or None)
        answer = json.loads(r.body)
        if self.path == "/commitment-formats":
            r.code, answer = 404, {"detail": "Not Found"}
        elif self.path == "/structure-info":
            answer.pop("uploads", None)
        elif r.code == 200:
            answer = {name: answer[name] for name in self.FIELDS
                      if name in answer}
        out = json.dumps(answer).encode()
        self.send_response(r.code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(out)))
        self.end_headers()
        self.wfile.write(out)
    do_GET = do_POST = any


def put_many(names):
    """Store files of two bytes with the key of the bucket's owner."""
    c = http.client.HTTPConnection(store.host, timeout=30)
    for name in names:
        url = urlsplit(sigv4.object_url(
            int(time.time()), 60, miner.folder() + name, "http", store.host,
            "/" + store.bucket, store.key_id, store.secret, store.region,
            "PUT"))
        c.request("PUT", url.path + "?" + url.query, b"xx")
        c.getresponse().read()
    c.close()


def old(t):
    """The last one: the store has more than one page then."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Old)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = "http://127.0.0.1:%d" % server.server_address[1]
    top = make("old", **{"a.txt": b"a" * 2000, "b.bin": os.urandom(MIB)})
    r = Run("--job", "zz", top, url=url)
    t.ok(r.status == 0 and r.sum["sent"] == 2,
         "a service that tells nothing of uploads gets files", r)
    before = way.tried
    r = Run("--job", "zz", top, url=url)
    t.ok(r.sum["same"] == 2 and way.tried == before, "files in the first page "
         "of a service without list_after are not sent again", r)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put_many, [["a%04d" % i for i in range(n, 1000, 4)]
                                 for n in range(4)]))
    r = Run("--job", "zz", top, url=url)
    t.ok(r.status == 0 and r.sum["sent"] == 2 and
         "lists only a part of the folder" in r.said,
         "files behind the first page of a service without list_after are "
         "sent again, and the run says so", r)
    r = Run("--job", "zz", top)
    t.ok(r.sum["same"] == 2 and r.said == "",
         "the same files are found where the service knows list_after", r)
    server.shutdown()


# --- make check-tools: minutes -----------------------------------------------

def many(t):
    """More files than a page of the store's list has."""
    top = make("many", **{"p%04d" % i: b"p" * 1024 for i in range(2000)})
    r = Run("--job", "p", "--connections", "16", top)
    t.ok(r.status == 0 and r.sum["sent"] == 2000, "2,000 small files are sent",
         r.status, r.sum, r.said)
    before, lists = way.tried, way.lists
    r = Run("--job", "p", top)
    t.ok(r.sum["same"] == 2000 and way.tried == before,
         "files beyond the first page of the list are not sent again",
         r.status, r.sum, r.said)
    lists = way.lists
    r = Run("--job", "p", top + "/p1999")
    t.ok(r.sum["same"] == 1 and way.lists == lists + 1,
         "the list begins shortly before the file that is looked for",
         r, way.lists - lists)


def killed_often(t):
    killed(t, 100)


def memory_of(pid):
    """The most so far, in KiB."""
    try:
        with open("/proc/%d/status" % pid) as f:
            return int(re.search(r"VmHWM:\s*(\d+)", f.read())[1])
    except (OSError, TypeError):
        return 0


def large(t):
    path = world.write("large.bin", b"")
    os.truncate(path, 1 << 30)
    with world.settings(access_max_bytes=2 << 30):
        site.web.reload()
        start = time.monotonic()
        p = subprocess.Popen([FOLDERGATE, *words("upload", "--quiet", path)],
                             env=ENV)
        most = 0
        while p.poll() is None:
            most = max(most, memory_of(p.pid))
            time.sleep(0.05)
    site.web.reload()
    t.ok(p.returncode == 0 and objects("").get("large.bin") == 1 << 30,
         "a file of 1 GiB is sent", p.returncode)
    t.ok(0 < most < 32 << 10, "a file of 1 GiB needs less than 32 MiB of "
         "memory", most)
    print("# 1 GiB: %d KiB, %.1f s" % (most, time.monotonic() - start))


def ends(t):
    """A grant of a minute, and a run that takes longer."""
    top = make("ends", **{"e%03d" % i: b"e" * 1024 for i in range(90)})
    with world.settings(access_ttl_s=60):
        site.web.reload()
        way.pace = 0.8
        p = subprocess.run([FOLDERGATE, *words(
            "upload", "--json", "--job", "e", "--connections", "1", top)],
            env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        way.pace = 0
    site.web.reload()
    last = json.loads(p.stdout.splitlines()[-1])
    t.ok(p.returncode == 0 and last["sent"] == 90 and p.stderr == b"",
         "a run that takes longer than its grant asks for another", last,
         p.stderr)


LONG = [killed_often, large, ends, many]   # all_objects() reads one page
SHORT = [whole, text, wrong, unreadable, faults, killed, stopped, nobody, curl,
         profile(access_per_file_only="yes"), profile(s3_post_policy="no"),
         replaced, full, on_terminal, old]

if __name__ == "__main__":
    tap.run(LONG if sys.argv[1:] == ["long"] else SHORT,
            endpoint.check_outputs)
