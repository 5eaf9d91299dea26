#!/usr/bin/python3
"""foldergate migrate and compare: data sets of a stand-in for the Hugging Face Hub, through
lighttpd and an S3 server.  With HUB_JS, the directory of @huggingface/hub, the
official client judges the stand-in in the same run."""

import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import endpoint  # noqa: E402
import hub  # noqa: E402
import page  # noqa: E402
import rough  # noqa: E402
import s3site  # noqa: E402
import servers  # noqa: E402
import sigv4  # noqa: E402
import tap  # noqa: E402

MIB = 1 << 20
HUB_JS = os.environ.get("HUB_JS")
AT_LENGTH = sys.argv[1:] == ["long"]
way = None


def through_way(site):
    global way
    way = rough.Way(site.store.endpoint)
    return {"access_max_bytes": (2 << 30) if AT_LENGTH else 8 * MIB, "s3_public_endpoint": way.url,
            "limits_folder_grants": 100000,
            "access_sources": ", ".join(list("cdefgkmpqrsux") + [
                "continued", "again", "unproven"])}


site = s3site.Site(through_way)
world, miner, store = site.world, site.first, site.store
reader = s3site.Miner(site, "reader")
world.snapshot(block=7000001, neurons=[
    {"uid": i, "hotkey": m.hotkey, "coldkey": m.coldkey, "permit": m is reader,
     "alpha_stake_rao": "20000000000001"}
    for i, m in enumerate([miner, site.second, reader])])
FOLDERGATE = os.path.join(endpoint.BUILD, "bin", "foldergate")
URL = "http://127.0.0.1:%d" % site.web.port

FILES = {
    "README.md": b"# A card\n\n- **Miner Hotkey:** %s\n" %
    miner.hotkey.encode(),
    ".gitattributes": b"*.parquet filter=lfs\n",
    "data/train-DataEntity_chunk_0.parquet": os.urandom(2 * MIB),
    "data/train-DataEntity_chunk_1.parquet": os.urandom(MIB),
    "data/a b+c%20&=.parquet": os.urandom(5000),
    "data/größe ✓ 数据.parquet": os.urandom(3000),
    "data/stats.json": b'{"rows": 1}' * 200,
}
DATA = {p.rpartition("/")[2]: c for p, c in FILES.items()
        if p.startswith("data/")}
MANY = {"data/train-DataEntity_chunk_%d.parquet" % i: b"%04d" % i * 300
        for i in range(2500)}
the_hub = hub.Hub({"miner/x_dataset_1": hub.Repo(FILES),
                   "miner/many": hub.Repo(MANY),
                   "miner/private": hub.Repo(FILES, private=True),
                   "miner/gated": hub.Repo(FILES, gated=True)})
endpoint.never.add(the_hub.token)
ENV = {"HOME": world.dir, "LC_ALL": "C.UTF-8", "HF_ENDPOINT": the_hub.url}
X = "hf://datasets/miner/x_dataset_1"


def words(command, *args, who=miner, url=URL):
    return [command, "--url", url, "--keyfile", who.wallet, "--coldkey",
            who.coldkey, *args]


# It waits 15 s in all.  Until then there is other work.
DOWN = subprocess.Popen([FOLDERGATE, *words("migrate", X)], env={
    **ENV, "HF_ENDPOINT": "http://127.0.0.1:1"}, stdout=subprocess.DEVNULL,
    stderr=subprocess.PIPE)


class Run:
    """status; said, on standard error; files: the JSON line of each; sum."""

    def __init__(self, *args, env=None, **more):
        r = endpoint.program(FOLDERGATE, words(args[0], "--json", *args[1:],
                                               **more), {**ENV, **(env or {})})
        lines = [json.loads(line) for line in r.text.splitlines()]
        self.status, self.said = r.status, r.log
        self.sum = lines.pop() if lines and "sum" in lines[-1] else {}
        self.files = {line["file"]: line for line in lines if "file" in line}

    def results(self):
        return {name: line["result"] for name, line in self.files.items()}

    def __str__(self):
        return "status %d\n%s\n%s\n%s" % (self.status, self.said, self.files,
                                          self.sum)


def make(folder, files):
    for name, data in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(world.path(path)), exist_ok=True)
        world.write(path, data)
    return world.path(folder)


def compare(*args, **more):
    return Run("compare", *args, **more)


def judged(t):
    """By @huggingface/hub."""
    names = ["miner/x_dataset_1", "miner/many", "miner/private"]
    out = subprocess.run(
        ["node", os.path.join(os.path.dirname(__file__), "..", "support",
                              "hub_judge.mjs"), HUB_JS, the_hub.url,
         the_hub.token, *names], stdout=subprocess.PIPE, timeout=120,
        check=True).stdout
    found = json.loads(out)
    for name in names:
        repo = the_hub.repos[name]
        files = repo.commits[repo.sha]
        t.same({f["path"]: (f["size"], f.get("lfs", {}).get("oid"))
                for f in found[name]["files"] if f["type"] == "file"},
               {p: (len(c), hashlib.sha256(c).hexdigest()
                    if p.endswith(".parquet") else None)
                for p, c in files.items()},
               "the official client lists all files of %s, with sizes and "
               "SHA-256" % name)
        read = found[name]["read"]
        t.ok(len(read) > 5 and found[name]["sha"] == repo.sha and all(
            r["sha256"] == hashlib.sha256(files[p]).hexdigest() and
            r["size"] == r["bytes"] == len(files[p])
            for p, r in read.items()),
             "the official client loads the files of " + name, read)
    t.ok(the_hub.leaked == 0 and the_hub.wrong == [],
         "the stand-in takes every request of the official client",
         the_hub.wrong)
    refused = found["refused"]
    t.ok(refused["repo"]["status"] == refused["revision"]["status"] == 404 and
         "Repository not found" in refused["repo"]["message"] and
         "Invalid rev id" in refused["revision"]["message"] and
         refused["file"] is None, "the official client understands how the "
         "stand-in refuses", refused)


def sides(t):
    top = make("data", DATA)
    r = endpoint.program(FOLDERGATE, words("upload", "--quiet", "--source",
                                           "x", top), ENV)
    t.same(r.status, 0, "the files of a data set are uploaded by hand")
    r = compare(X, "--source", "x")
    t.ok(r.status == 0 and r.sum["same_size"] == len(DATA) == len(r.files) and
         r.said == "", "a miner sees that its folder has all files of the data "
         "set, in the same size", r)
    r = compare(X, "x/" + miner.coldkey, "--content", who=reader)
    t.ok(r.status == 0 and r.sum["same"] == len(DATA) == len(r.files) and
         r.sum["bytes_read"] == sum(map(len, DATA.values())),
         "a validator sees that the content is the one whose SHA-256 the Hub "
         "names", r)
    changed = dict(FILES)
    changed["data/new.parquet"] = os.urandom(2000)
    changed["data/a b+c%20&=.parquet"] = os.urandom(5001)
    changed["data/train-DataEntity_chunk_1.parquet"] = os.urandom(MIB)
    changed["data/stats.json"] = b'{"rows": 2}' * 200
    del changed["data/größe ✓ 数据.parquet"]
    the_hub.repos["miner/changed"] = hub.Repo(changed)
    r = compare("hf://datasets/miner/changed", "x/" + miner.coldkey,
                "--content", who=reader)
    t.same(r.results(), {
        "new.parquet": "hub_only", "a b+c%20&=.parquet": "differs",
        "train-DataEntity_chunk_1.parquet": "differs",
        "train-DataEntity_chunk_0.parquet": "same", "stats.json": "differs",
        "größe ✓ 数据.parquet": "bucket_only"},
        "compare names what is on one side alone, and what differs in size or "
        "content")
    t.ok(r.status == 1 and "5001 bytes at the Hub, 5000 in the bucket" in
         r.files["a b+c%20&=.parquet"]["why"],
         "a difference makes exit status 1", r)
    r = endpoint.program(FOLDERGATE, words(
        "compare", "hf://datasets/miner/changed", "--source", "x"), ENV)
    t.ok(r.status == 1 and r.log == "" and
         "only at the Hub  new.parquet\n" in r.text and
         "differs  a b+c%20&=.parquet\n" in r.text and r.text.endswith(
             "0 the same, 3 of the same size, 1 differ, 1 only at the Hub, 1 "
             "only in the bucket; 2 others at the Hub are no data\n"),
         "the report for people has a line for each difference and a sum", r)
    lines = world.write("sets", b"# all of mine\n\n %s \r\n%s@main\n" % (
        X.encode(), X.encode()))
    r = compare("--list", lines, "--source", "x")
    t.ok(r.status == 0 and r.sum["same_size"] == 2 * len(DATA),
         "--list compares several data sets with one folder", r)
    asked = the_hub.times("tree")
    r = compare("hf://datasets/miner/many")
    t.ok(r.status == 1 and r.sum["hub_only"] == 2500 and
         the_hub.times("tree") == asked + 3,
         "a data set of 2,500 files is listed in three pages", r.status,
         r.said, r.sum)


def ends(t):
    """URLs of four seconds, and a comparison that takes longer."""
    with world.settings(s3_max_ttl_s=4):
        site.reload()
        way.loaded.clear()
        way.pace = 1
        r = compare(X, "x/" + miner.coldkey, "--content", "--connections", "1",
                    who=reader)
        way.pace = 0
    site.reload()
    t.ok(r.status == 0 and r.sum["same"] == len(way.loaded) == len(DATA),
         "a comparison that takes longer than its URLs asks for others before "
         "they end", r, way.loaded)


def arguments(t):
    for args, why in (
            (("compare",), "HUB"), (("compare", "hf://models/a/b"), "must be"),
            (("compare", "hf://datasets/a"), "must be"),
            (("compare", "hf://datasets/a/b/c"), "must be"),
            (("compare", "hf://datasets/a/../b"), "must be"),
            (("compare", "hf://datasets/a/b@"), "REVISION"),
            (("compare", "hf://datasets/a/b@../x"), "REVISION"),
            (("compare", "hf://datasets/a/b?x"), "must be"),
            (("compare", X, "5x"), "MINER"),
            (("compare", X, "--content"), "MINER"),
            (("compare", "--list", "a", X, "5x"), "--list"),
            (("migrate",), "HUB"), (("migrate", "hf:"), "must be"),
            (("migrate", X, "--on-conflict", "x"), "--on-conflict")):
        r = Run(*args)
        t.ok(r.status == 2 and why in r.said, "wrong arguments are named: " +
             " ".join(args[1:] + (why,)), r)
    the_hub.repos["miner/bare"] = hub.Repo({"a.parquet": b"x" * 2000})
    both = world.write("both", X.encode() + b"\nhf://datasets/miner/bare\n")
    r = compare("--list", both)
    t.ok(r.status == 1 and "miner/bare has no files below data/" in r.said,
         "a data set without data is a failure, also in a list", r)
    r = Run("migrate", X, "none/*")
    t.ok(r.status == 1 and "no file" in r.said,
         "a pattern that no path has is a failure", r)
    r = compare("--list", world.write("bad", X.encode() + b"\nhf:\n"))
    t.ok(r.status == 1 and "bad:2: it must be" in r.said,
         "a line that is no data set is named by its number", r)


def tokens(t):
    private, token = "hf://datasets/miner/private", the_hub.token
    world.write("token", token.encode() + b"\n")
    os.makedirs(world.path("home/.cache/huggingface"))
    world.write("home/.cache/huggingface/token", token.encode())
    for env in ({"HF_TOKEN": token}, {"HF_TOKEN_PATH": world.path("token")},
                {"HF_HOME": world.dir}, {"HOME": world.path("home")}):
        r = compare(private, "--source", "x", env=env)
        t.ok(r.status == 0 and r.sum["same_size"] == len(DATA),
             "a private data set is read with the token of %s" % "".join(env),
             r)
    for name, env, why in (
            ("private", {}, "there is no such data set"),
            ("private", {"HF_TOKEN": "hf_other"}, "does not accept the token"),
            ("nothing", {"HF_TOKEN": token}, "there is no such data set"),
            ("gated", {}, "gated"),
            ("x_dataset_1@v1", {}, "no such revision")):
        r = compare("hf://datasets/miner/" + name, env=env)
        t.ok(r.status == 3 and why in r.said, "the Hub's refusal of %s is "
             "explained%s" % (name, " where there is a token" if env else ""),
             r)
    r = compare(X, env={"HF_TOKEN": token, "HF_ENDPOINT":
                        the_hub.url.replace("127.0.0.1", "hub.example")})
    t.ok(r.status == 1 and "not encrypted" in r.said,
         "a token is never sent unencrypted to another machine", r)
    for name, value in (("HF_TOKEN", "a b"), ("HF_ENDPOINT", "ftp://a"),
                        ("HF_ENDPOINT", "https://u@a")):
        r = compare(X, env={name: value})
        t.ok(r.status == 1 and name in r.said,
             "%s=%s is refused by its name" % (name, value), r)


def unruly(t):
    """A Hub that is busy, and one that lies."""
    the_hub.faults = {"tree": [("answer", 429, {"Retry-After": "2"})]}
    start = time.monotonic()
    r = compare(X, "--source", "x")
    took = time.monotonic() - start
    t.ok(r.status == 0 and took > 1.9 and the_hub.faults == {"tree": []},
         "a busy Hub is asked again after the time that Retry-After names",
         took, r)
    good = '{"type":"file","oid":"%s","size":1,"path":"data/x"}' % ("0" * 40)
    lies = {
        "no JSON": b"<html>", "no list": b"{}",
        "an entry without a type": b"[{}]",
        "an entry with a bad id": b"[%s]" % good.replace(
            "0" * 40, "g" * 40).encode(),
        "an entry with a negative size": b"[%s]" % good.replace(
            ":1,", ":-1,").encode(),
        "a LFS entry of another size": b"[%s]" % good.replace(
            ',"path"', ',"lfs":{"oid":"%s","size":2},"path"' %
            ("0" * 64)).encode()}
    for what, body in lies.items():
        the_hub.faults = {"tree": [("body", body)]}
        r = compare(X)
        t.ok(r.status == 4 and "cannot be used" in r.said,
             "a list with %s is refused" % what, r)
    for what, link in (("elsewhere", the_hub.cdn + "/x"),
                       ("at itself", "%s/api/datasets/miner/x_dataset_1/tree/"
                        "%s?recursive=true" % (
                            the_hub.url,
                            the_hub.repos["miner/x_dataset_1"].sha))):
        the_hub.faults = {"tree": [("link", link)] * 9}
        r = compare(X)
        t.ok(r.status == 4 and "page" in r.said,
             "a list whose next page is %s is refused" % what, r)
    the_hub.faults = {}
    odd = {"data/../x": b"1" * 2000, "data/\x1b[2J": b"2" * 2000,
           "data/a${filename}": b"3" * 2000, "data/good": b"4" * 2000}
    the_hub.repos["miner/odd"] = hub.Repo(odd)
    r = compare("hf://datasets/miner/odd")
    t.ok(r.sum["odd"] == 3 and r.sum["hub_only"] == 1 and
         not any("\x1b" in f for f in r.files),
         "names that no object may have are reported and left out", r)


def migrate(*args, **more):
    return Run("migrate", *args, **more)


def names(run):
    """Results by basename."""
    return {f.rpartition("/")[2]: line["result"]
            for f, line in run.files.items()}


def stored(folder):
    """Names and sizes below a folder of the bucket."""
    return {key.decode()[len(folder):]: size
            for key, size in site.all_objects().items()
            if key.decode().startswith(folder)}


def content(key):
    return site.request("GET", sigv4.object_url(
        int(time.time()), 60, key, "http", store.host, "/" + store.bucket,
        store.key_id, store.secret, store.region)).body


def parts(temp):
    """Files that are not moved yet."""
    own = os.path.join(temp, ".foldergate")
    return sorted(os.listdir(own)) if os.path.exists(own) else []


def part_of(data, temp):
    """The file of a content that is not moved yet."""
    return os.path.join(temp, ".foldergate", "sha256-%s.part" %
                        hashlib.sha256(data).hexdigest())


def leave(part, data):
    os.makedirs(os.path.dirname(part), 0o700, exist_ok=True)
    with open(part, "wb") as f:
        f.write(data)


KNOWN = world.path(".local/state/foldergate/hub-md5")
CACHE = world.path(".cache/foldergate/migrate")


def moves(t):
    folder, tried, asked = miner.folder("m"), way.tried, len(the_hub.asked)
    r = migrate(X, "--source", "m", "--dry-run")
    t.ok(r.status == 0 and r.sum["would_send"] == len(DATA) and
         stored(folder) == {} and way.tried == tried and
         the_hub.asked[asked + 2:] == [("resolve", "README.md", None)],
         "--dry-run prints the plan, and neither loads nor sends", r)
    r = migrate(X, "--source", "m")
    t.ok(r.status == 0 and r.sum["sent"] == len(DATA) and r.said == "" and
         r.sum["bytes_sent"] == sum(map(len, DATA.values())),
         "every file below data/ is moved", r)
    t.ok(stored(folder) == {n: len(c) for n, c in DATA.items()} and all(
        content(folder + n) == c for n, c in DATA.items()),
         "the folder has each file under its basename, byte for byte")
    t.ok(the_hub.leaked == 0 and parts(CACHE) == [] and
         not os.path.exists(CACHE + "/.foldergate"),
         "nothing is left on this machine, and no token reached the CDN")
    asked, tried = len(the_hub.asked), way.tried
    r = migrate(X, "--source", "m")
    t.ok(r.status == 0 and r.sum["same"] == len(DATA) and way.tried == tried
         and len(the_hub.asked) == asked + 3, "a second run loads nothing and "
         "sends nothing", r, the_hub.asked[asked:])
    with open(KNOWN, "r+b") as f:
        rows = f.read().splitlines(True)
        f.seek(0)
        f.truncate()
        f.write(b"sha256:12 34\n\n\xff:\n" + b"".join(rows[1:]) +
                rows[0][:50])
    r = migrate(X, "--source", "m", "--dry-run")
    t.ok(r.status == 0 and r.sum["same"] == len(DATA) - 1 and
         r.sum["would_compare"] == 1, "lines of the file of known digests that "
         "are not whole are left out", r)
    os.remove(KNOWN)
    r = migrate(X, "--source", "m")
    t.ok(r.status == 0 and r.sum["same"] == len(DATA) and way.tried == tried,
         "without the file of known digests, files are loaded to be compared, "
         "and not sent", r)
    r = compare(X, "--source", "m")
    t.ok(r.status == 0 and r.sum["same"] == len(DATA), "after migrate, "
         "compare proves the content without reading it", r)


def plan(t):
    r = endpoint.program(FOLDERGATE, words(
        "migrate", X, "data/*0.parquet", "*.md", "--source", "p"), ENV)
    t.ok(r.status == 5 and r.text.startswith(
        X + " at " + the_hub.repos["miner/x_dataset_1"].sha + "\ninto " +
        miner.folder("p") + "\n       1     2.0 MiB  to send\n") and
         "README.md: it has" in r.log and r.text.endswith(
             "1 sent (2.0 MiB), 0 the same, 1 not sent\n"),
         "the plan for people names the commit, the folder and what is to be "
         "done; patterns choose", r)
    other = {"data/train-DataEntity_chunk_1.parquet": b"2" * 4000,
             "data/small.parquet": b"s" * 1023,
             "data/deep/large.parquet": hub.Zeros(8 * MIB + 1),
             "data/twin.parquet": FILES["data/a b+c%20&=.parquet"],
             "README.md": b"- **Miner Hotkey:** %s\n" %
             site.second.hotkey.encode()}
    the_hub.repos["miner/other"] = hub.Repo(other)
    the_hub.repos["miner/same"] = hub.Repo(
        {"data/stats.json": FILES["data/stats.json"]})
    lists = world.write("three", b"%s\nhf://datasets/miner/other\n"
                        b"hf://datasets/miner/same\n" % X.encode())
    r = migrate("--list", lists, "--source", "q")
    found = names(r)
    t.ok(r.status == 5 and r.sum["conflict"] == 2 and
         found["train-DataEntity_chunk_1.parquet"] == "conflict" and
         "train-DataEntity_chunk_1.parquet" not in stored(miner.folder("q")),
         "two files of one name and two contents are a conflict, found before "
         "anything is sent", r)
    t.ok(found["small.parquet"] == found["large.parquet"] == "failed" and
         r.sum["failed"] == 2 and r.sum["same"] == 1 and
         r.sum["sent"] == len(DATA), "sizes that may not be stored are in the "
         "plan, and the same file of two data sets is moved once", r)
    t.ok("miner/other: its card names the hotkey " + site.second.hotkey in
         r.said and r.said.count("its card") == 1,
         "a card that names another hotkey is a question", r)
    r = migrate("--list", lists, "--source", "s", "--on-conflict", "skip")
    key = miner.folder("s") + "train-DataEntity_chunk_1.parquet"
    t.ok(r.sum["skipped"] == 1 and len(content(key)) == MIB,
         "with skip, the first file of a name is moved", r)
    r = migrate("--list", lists, "--source", "r", "--on-conflict", "rename")
    name = "train-DataEntity_chunk_1.%s.parquet" % hashlib.sha256(
        b"2" * 4000).hexdigest()[:8]
    t.ok(r.sum["renamed"] == 1 and stored(miner.folder("r"))[name] == 4000,
         "with rename, the second one gets digits of its SHA-256", r)
    again = migrate("--list", lists, "--source", "r", "--on-conflict",
                    "rename")
    t.ok(again.sum["same"] == len(DATA) + 3 and again.sum["sent"] == 0 ==
         again.sum["renamed"], "a second run with rename sends nothing", again)


def conflicts(t):
    folder = miner.folder("c")
    mine = {"stats.json": b"m" * 2200, "a b+c%20&=.parquet": b"m" * 5000}
    r = endpoint.program(FOLDERGATE, words(
        "upload", "--quiet", "--source", "c", make("mine", mine)), ENV)
    t.same(r.status, 0, "objects with other contents are stored by hand")
    rest = len(DATA) - 2
    for how, result in ("fail", "conflict"), ("skip", "skipped"):
        r = migrate(X, "--source", "c", "--on-conflict", how)
        t.ok(r.status == (5 if how == "fail" else 0) and
             r.sum[result] == 2 and all(content(folder + n) == c
                                        for n, c in mine.items()) and
             r.sum["sent" if how == "fail" else "same"] == rest,
             "with %s, an object with another content keeps its name, and the "
             "other files are moved" % how, r)
    os.remove(KNOWN)
    r = migrate(X, "--source", "c", "--on-conflict", "rename")
    t.ok(r.status == 0 and r.sum["renamed"] == 2 and
         r.sum["same"] == rest and all(content(folder + n) == c
                                       for n, c in mine.items()) and
         sorted(c for n in stored(folder) if n not in DATA
                for c in [content(folder + n)]) ==
         sorted(DATA[n] for n in mine),
         "with rename, both contents are in the folder", r)
    r = compare(X, "--source", "c")
    t.ok(r.status == 0 and r.sum["same"] == len(DATA),
         "compare finds renamed files", r)
    r = compare(X, "c/" + miner.coldkey, "--content", who=reader,
                env={"HOME": world.path("elsewhere")})
    t.ok(r.status == 0 and r.sum["same"] == len(DATA),
         "a validator finds renamed files by their content, also where another "
         "object of the same size has the name", r)

    # A name that rename would make is another file's.
    digits = hashlib.sha256(b"a" * 2000).hexdigest()[:8]
    the_hub.repos["miner/taken"] = hub.Repo({
        "data/stats.json.parquet": b"a" * 2000,
        "data/stats.json.%s.parquet" % digits: b"b" * 2000})
    r = endpoint.program(FOLDERGATE, words(
        "upload", "--quiet", "--source", "c", make(
            "taken", {"stats.json.parquet": b"c" * 2000})), ENV)
    r = migrate("hf://datasets/miner/taken", "--source", "c",
                "--on-conflict", "rename")
    t.ok(r.status == 5 and names(r) == {
        "stats.json.parquet": "conflict",
        "stats.json.%s.parquet" % digits: "sent"} and content(
            folder + "stats.json.%s.parquet" % digits) == b"b" * 2000,
         "a file is not renamed to the name of another one", r)

    # Somebody stores another content after the plan was made.
    late = make("late", {"train-DataEntity_chunk_0.parquet": b"l" * 3000})

    def store_late():
        while the_hub.times("cdn") == seen:
            time.sleep(0.005)
        endpoint.program(FOLDERGATE, words(
            "upload", "--quiet", "--source", "d", late), ENV)
    seen = the_hub.times("cdn")
    the_hub.pace = 1.5
    thread = threading.Thread(target=store_late)
    thread.start()
    r = migrate(X, "data/*chunk_0*", "--source", "d")
    thread.join()
    the_hub.pace = 0
    t.ok(r.status == 1 and r.sum["conflict"] == 1 and content(
        miner.folder("d") + "train-DataEntity_chunk_0.parquet") == b"l" * 3000,
         "an object that is stored while a file is loaded is not overwritten",
         r)


def pinned(t):
    repo = the_hub.repos["miner/x_dataset_1"]
    old = repo.sha
    later = {**FILES, "data/stats.json": b'{"rows": 9}' * 200}
    the_hub.pace = 0.3

    def commit():
        while the_hub.times("tree") == seen:
            time.sleep(0.005)
        repo.commit(later)
    seen = the_hub.times("tree")
    thread = threading.Thread(target=commit)
    thread.start()
    r = migrate(X, "--source", "e", "--connections", "2")
    thread.join()
    the_hub.pace = 0
    t.ok(r.status == 0 and repo.sha != old and content(
        miner.folder("e") + "stats.json") == FILES["data/stats.json"],
         "a commit during a run changes nothing: the revision is pinned", r)
    r = migrate(X + "@" + old, "--source", "e")
    t.ok(r.status == 0 and r.sum["same"] == len(DATA),
         "a commit can be named", r)
    r = migrate(X, "--source", "e")
    t.ok(r.status == 5 and names(r)["stats.json"] == "conflict",
         "another commit has another content, which is a conflict", r)
    repo.commit(FILES)


FAULTS = {
    "cut": ("a download that breaks", "cdn/", [("cut", 300000)]),
    "flip": ("a byte that changes on the way", "cdn/", [("flip", 500000)]),
    "short": ("a content that is too short", "cdn/", [("short",)]),
    "long": ("a content that is too long", "cdn/", [("long",)]),
    "expired": ("a link that has expired", "cdn/", [("expired",)]),
    "busy": ("a CDN that is busy", "cdn/", [("answer", 503, {})]),
    "limit": ("a Hub that limits the rate", "resolve/",
              [("answer", 429, {"RateLimit": '"resolvers";r=0;t=3'})]),
}


def faults(t):
    files = {"data/%s.parquet" % n: os.urandom(MIB) for n in FAULTS}
    the_hub.repos["miner/faults"] = hub.Repo(files)
    the_hub.faults = {where + "data/%s.parquet" % n: list(fault)
                      for n, (_, where, fault) in FAULTS.items()}
    before, start = len(the_hub.asked), time.monotonic()
    r = migrate("hf://datasets/miner/faults", "--source", "f",
                "--connections", "8")
    t.ok(time.monotonic() - start > 2.9, "nothing is asked for until the time "
         "of a RateLimit has passed")
    t.ok(r.status == 0 and r.sum["sent"] == len(files) and parts(CACHE) == []
         and not any(the_hub.faults.values()),
         "a run gets all files in spite of faults", r, the_hub.faults)
    for name, (what, _, _) in FAULTS.items():
        t.ok(content(miner.folder("f") + name + ".parquet") ==
             files["data/%s.parquet" % name],
             "after %s the file is whole in the store" % what)
    asked = the_hub.asked[before:]
    t.ok(("resolve", "data/cut.parquet", "bytes=300000-") in asked and
         ("cdn", "data/cut.parquet", "bytes=300000-") in asked,
         "a cut download is continued, by a new link", asked)
    t.same([part for kind, path, part in asked
            if (kind, path) == ("cdn", "data/flip.parquet")], [None, None],
           "what was damaged on the way is loaded from its beginning")
    for name, value in ("X-Linked-ETag", '"%s"' % ("0" * 64)), \
            ("X-Linked-Size", "5"):
        the_hub.faults = {"resolve/data/cut.parquet": [
            ("answer", 302, {name: value, "Location": the_hub.cdn + "/x"})]}
        r = migrate("hf://datasets/miner/faults", "--source", "g", "*cut*")
        t.ok(r.status == 4 and "another content" in r.files[
            "hf://datasets/miner/faults/data/cut.parquet"]["why"],
             "a link to another content than the list's, by its %s, is not "
             "followed" % name, r)
    the_hub.faults = {"resolve/data/cut.parquet": [
        ("answer", 302, {"Location": "ftp://127.0.0.1/x"})]}
    r = migrate("hf://datasets/miner/faults", "--source", "g", "*cut*")
    t.ok(r.status == 4 and "cannot be asked" in r.files[
        "hf://datasets/miner/faults/data/cut.parquet"]["why"],
         "a link that is no URL of http is not followed", r)
    many = {"data/r%02d.parquet" % i: b"%02d" % i * 1000 for i in range(40)}
    the_hub.repos["miner/refused"] = hub.Repo(many)
    the_hub.faults = {"resolve/" + n: [("answer", 403, {})] * 9 for n in many}
    before = the_hub.times("resolve")
    r = migrate("hf://datasets/miner/refused", "--source", "g")
    t.ok(r.status == 3 and 8 <= r.sum["refused"] < 16 and r.sum["left"] +
         r.sum["refused"] == 40 and "answers 403" in str(r) and
         the_hub.times("resolve") - before == r.sum["refused"],
         "a Hub that refuses one file after the other is not asked for all of "
         "them", r.status, r.sum)
    name = "data/train-DataEntity_chunk_1.parquet"
    the_hub.faults = {"cdn/" + name: [("answer", 302, {
        "Location": "%s/datasets/miner/private/resolve/main/%s" % (
            the_hub.url, name)})]}
    before = the_hub.closed
    r = migrate("hf://datasets/miner/private", "--source", "g",
                env={"HF_TOKEN": the_hub.token})
    t.ok(r.status == 0 and r.sum["sent"] == len(DATA) and
         the_hub.leaked == 0, "a private data set is moved, and the CDN never "
         "sees the token", r)
    t.same(the_hub.closed, before + 1, "where another host leads back to the "
           "Hub, the Hub gets no token either")


def full(t):
    """A disk of 2 MiB."""
    disk = world.path("disk")
    os.mkdir(disk)
    name = "a file for which the disk has no room is reported, and leaves " \
        "nothing"
    if os.geteuid() != 0 or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "foldergate", disk],
            stderr=subprocess.DEVNULL).returncode != 0:
        t.skip(name, "nothing can be mounted here")
        return
    try:
        files = {"data/%s.parquet" % n: os.urandom(size) for n, size in
                 (("a", MIB), ("b", MIB), ("c", MIB), ("d", 3 * MIB))}
        the_hub.repos["miner/full"] = hub.Repo(files)
        r = migrate("hf://datasets/miner/full", "--source", "u", "--temp",
                    disk, "--connections", "4")
        t.ok(r.status == 5 and r.sum["sent"] == 3 and
             names(r)["d.parquet"] == "failed" and "no room" in r.files[
                 "hf://datasets/miner/full/data/d.parquet"]["why"] and
             os.listdir(disk) == [], name, r)
        part = part_of(files["data/d.parquet"], disk)
        leave(part, files["data/d.parquet"][:50000])
        r = migrate("hf://datasets/miner/full", "--source", "u", "--temp",
                    disk)
        t.ok(r.status == 5 and names(r)["d.parquet"] == "failed" and
             os.path.getsize(part) == 50000 and
             os.stat(part).st_blocks * 512 < MIB, "what an earlier run has "
             "loaded of a file is kept when the disk has no room for the rest",
             r, parts(disk))
    finally:
        subprocess.run(["umount", disk])


def killed(t, times=4, pace=0.05):
    """kill -9 at any moment, and again."""
    files = {"data/k%03d.parquet" % i: os.urandom(2000 + i)
             for i in range(min(600, 20 * times))}
    the_hub.repos["miner/killed"] = hub.Repo(files)
    args = "hf://datasets/miner/killed", "--source", "k"
    way.stored.clear()
    way.pace = the_hub.pace = pace
    kills = 0
    for _ in range(times):
        p = subprocess.Popen([FOLDERGATE, *words("migrate", "--quiet",
                                                 *args)], env=ENV)
        time.sleep(random.uniform(0.05, 0.7))
        kills += p.poll() is None
        p.send_signal(signal.SIGKILL)
        p.wait()
        # What is on its way may still be stored, after the next run's list.
        time.sleep(0.05)
        servers.until(lambda: way.busy == 0, 20)
    way.pace = the_hub.pace = 0
    r = migrate(*args)
    t.ok(r.status == 0 and kills > 0 and stored(miner.folder("k")) ==
         {n[5:]: len(c) for n, c in files.items()} and parts(CACHE) == [],
         "after kill -9 a new run moves what is missing, and leaves nothing on "
         "this machine", kills, r.status, r.said, r.sum, parts(CACHE))
    t.same({n: c for n, c in way.stored.items() if c != 1}, {},
           "after kill -9 no file is stored twice")
    print("# %d of %d runs were killed" % (kills, times))


def resumed(t):
    """A part of a file that a killed run has left."""
    name = "data/train-DataEntity_chunk_0.parquet"
    part = part_of(FILES[name], CACHE)
    the_hub.faults = {"cdn/" + name: [("whole",)]}
    for text, source, data, first in (
            ("is continued", "continued", FILES[name][:MIB],
             "bytes=%d-" % MIB),
            ("that is too long is loaded again", "again", FILES[name] + b"x",
             None)):
        leave(part, data)
        before = len(the_hub.asked)
        r = migrate(X, "*chunk_0*", "--source", source)
        t.ok(r.status == 0 and r.sum["sent"] == 1 and
             ("cdn", name, first) in the_hub.asked[before:] and
             content(miner.folder(source) + name[5:]) == FILES[name],
             "a part of a file " + text, r, the_hub.asked[before:])
    leave(part, b"x")
    r = migrate(X, "--source", "m")
    t.ok(r.status == 0 and parts(CACHE) == [],
         "a part of a file that is stored is removed", r, parts(CACHE))
    temp = world.path("shared")
    os.makedirs(os.path.join(temp, ".foldergate"))
    os.chmod(os.path.join(temp, ".foldergate"), 0o777)
    r = migrate(X, "--source", "unproven", "--temp", temp)
    t.ok(r.status == 1 and "may write to it" in r.said and
         stored(miner.folder("unproven")) == {},
         "nothing is loaded into a directory that other users may write to", r)


def reserved(t):
    """Ctrl-C while a file is loaded."""
    name = "data/train-DataEntity_chunk_0.parquet"
    part = part_of(FILES[name], CACHE)
    leave(part, FILES[name][:MIB // 4])
    seen = the_hub.times("cdn")
    the_hub.pace = 3
    p = subprocess.Popen([FOLDERGATE, *words(
        "migrate", "--quiet", X, "*chunk_0*", "--source", "unproven")], env=ENV)
    servers.until(lambda: the_hub.times("cdn") > seen, 20)
    during = os.stat(part).st_blocks * 512
    p.send_signal(signal.SIGINT)
    p.wait()
    the_hub.pace = 0
    t.ok(p.returncode == 130 and during >= 2 * MIB and
         os.path.getsize(part) == MIB // 4 and
         os.stat(part).st_blocks * 512 < MIB, "after Ctrl-C, only what was "
         "loaded of a file takes space on the disk", p.returncode, during,
         os.stat(part))
    os.remove(part)


def unproven(t):
    """A store whose answers have no ETag, on a way that damages a file."""
    names_of = ["data/un%d.parquet" % i for i in range(4)]
    files = {n: os.urandom(MIB) for n in names_of}
    the_hub.repos["miner/unproven"] = hub.Repo(files)
    args = "hf://datasets/miner/unproven", "--source", "unproven"
    folder = miner.folder("unproven")
    way.etags = False
    r = migrate(*args, "*un0*")
    t.ok(r.status == 0 and r.sum["sent"] == 1, "a file is moved into a store "
         "whose answers have no ETag", r)
    way.faults = {"un1.parquet": [("flip", 500000)]}
    r = migrate(*args, "*un0*", "*un1*")
    t.ok(r.status == 0 and (r.sum["sent"], r.sum["same"]) == (1, 1) and
         "damaged on the way" in r.said and
         content(folder + "un1.parquet") == files[names_of[1]],
         "where the answers have no ETag, a damaged file is found in the list "
         "and sent again", r)
    way.faults = {"un2.parquet": [("flip", 500000), ("delay", 3)],
                  "un3.parquet": [("flip", 500000)]}
    tried = way.tried
    p = subprocess.Popen([FOLDERGATE, *words(
        "migrate", "--json", *args, "--connections", "1")], env=ENV,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    servers.until(lambda: way.tried == tried + 3, 20)
    p.send_signal(signal.SIGINT)
    last = json.loads(p.communicate(timeout=10)[0].splitlines()[-1])
    way.faults, way.etags = {}, True
    t.ok(p.returncode == 130 and (last["sent"], last["left"]) == (0, 2) and
         all(os.path.exists(part_of(files[n], CACHE)) for n in names_of[2:]),
         "damaged files that are not sent again before Ctrl-C do not count as "
         "sent, and are kept", p.returncode, last, parts(CACHE))
    shutil.rmtree(os.path.join(CACHE, ".foldergate"))


def stopped(t):
    the_hub.pace = 0.2
    p = subprocess.Popen([FOLDERGATE, *words(
        "migrate", "--json", "hf://datasets/miner/many", "--connections", "2")], env=ENV, stdout=subprocess.PIPE)
    while b'"plan"' not in p.stdout.readline():
        pass
    time.sleep(0.5)
    p.send_signal(signal.SIGINT)
    last = json.loads(p.communicate(timeout=10)[0].splitlines()[-1])
    the_hub.pace = 0
    t.ok(p.returncode == 130 and last["left"] + last["sent"] == 2500,
         "Ctrl-C ends the run with the sum and exit status 130",
         p.returncode, last)
    t.ok(DOWN.wait(60) == 4 and b"hf://datasets/miner/x_dataset_1: the Hub:"
         in DOWN.stderr.read(), "a Hub that is down makes exit status 4")
    stranger = s3site.Miner(site, "stranger")
    r = migrate(X, who=stranger)
    t.ok(r.status == 3 and "(not_registered)" in r.said,
         "a key that is not registered gets exit status 3", r)


def partly(t):
    """A service that lists a part of the folder only, or grants single
    files."""
    with world.settings(access_per_file_only="yes"):
        site.web.reload()
        r = migrate(X, "--source", "u")
        t.ok(r.status == 0 and r.sum["sent"] == len(DATA), "files are moved "
             "where the service grants single files", r)
    site.web.reload()


def paste(script, who):
    script = script.replace("USER", "miner").replace("5F...", miner.coldkey)
    r = subprocess.run(["sh", "-euc", script], cwd=world.dir, timeout=60, env={
        **ENV, "PATH": os.path.dirname(FOLDERGATE) + ":" + os.environ["PATH"],
        "FOLDERGATE_URL": URL, "FOLDERGATE_KEYFILE": who.wallet,
        "FOLDERGATE_COLDKEY": who.coldkey}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    return r.returncode, r.stdout.decode()


def pasted(t):
    """The commands of docs/migration.md."""
    the_hub.repos["miner/x_dataset_2"] = hub.Repo(
        {"data/second.parquet": b"2" * 3000})
    os.remove(KNOWN)
    n = len(DATA)
    status, out = paste(page.block("docs/migration.md",
                                   "Move what is there", 1), miner)
    t.ok(status == 0 and "0 would be sent, 5 would be compared" in out and
         out.endswith("%d the same, 0 of the same size, 0 differ, 0 only at "
                      "the Hub, 0 only in the bucket; 2 others at the Hub are "
                      "no data\n" % n), "a miner's commands in "
         "docs/migration.md move a data set and compare it", status, out)
    status, out = paste(page.block("docs/tools.md",
                                   "Moving from Hugging Face", 1), miner)
    t.ok(status == 0 and "1 sent (1.0 MiB)" in out, "the commands in "
         "docs/tools.md move a file that a pattern names", status, out)
    status, out = paste(page.block("docs/migration.md",
                                   "Move what is there", 2), reader)
    t.ok(status == 0 and "%d the same, 0 of" % n in out,
         "a validator's command in docs/migration.md compares the content",
         status, out)
    status, out = paste(page.block("docs/migration.md",
                                   "Move what is there", 3), miner)
    t.ok(status == 0 and "1 sent (2.9 KiB), %d the same\n" % n in out and
         "%d the same, 0 of the same size" % (n + 1) in out,
         "the commands in docs/migration.md for a list move all of it",
         status, out)


# --- make check-tools: minutes -----------------------------------------------

def memory_of(pid):
    """The most so far, in KiB."""
    try:
        with open("/proc/%d/status" % pid) as f:
            return int(re.search(r"VmHWM:\s*(\d+)", f.read())[1])
    except (OSError, TypeError):
        return 0


def watched(*args):
    """Exit status, the most memory in KiB, the most bytes of files that are not
    sent yet, seconds."""
    start, most, disk = time.monotonic(), 0, 0
    p = subprocess.Popen([FOLDERGATE, *words("migrate", "--quiet", *args)],
                         env=ENV)
    while p.poll() is None:
        most = max(most, memory_of(p.pid))
        try:
            own = os.path.join(CACHE, ".foldergate")
            disk = max(disk, sum(os.stat(os.path.join(own, n)).st_size
                                 for n in os.listdir(own)))
        except OSError:
            pass                # a file that was just sent
        time.sleep(0.05)
    return p.returncode, most, disk, time.monotonic() - start


def large(t):
    size = 1 << 30
    the_hub.repos["miner/large"] = hub.Repo(
        {"data/large.parquet": hub.Zeros(size)})
    status, most, _, took = watched("hf://datasets/miner/large", "--source",
                                    "q")
    t.ok(status == 0 and stored(miner.folder("q")) == {"large.parquet": size},
         "a file of 1 GiB is moved", status)
    t.ok(0 < most < 32 << 10, "a file of 1 GiB needs less than 32 MiB of "
         "memory", most)
    print("# 1 GiB: %d KiB, %.1f s" % (most, took))


def many(t):
    """More files than pages have, and as few grants as that takes."""
    with world.settings(limits_folder_grants=5):
        site.web.reload()
        start, lists = time.monotonic(), way.lists
        r = subprocess.run([FOLDERGATE, *words(
            "migrate", "--json", "hf://datasets/miner/many", "--source", "x",
            "--connections", "16", who=site.second)], env=ENV, timeout=600,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        took = time.monotonic() - start
    site.web.reload()
    last = json.loads(r.stdout.splitlines()[-1])
    t.ok(r.returncode == 0 and last["sent"] == 2500,
         "2,500 files are moved with five grants at most", last, r.stderr)
    print("# 2,500 files: %.1f s, %d lists" % (took, way.lists - lists))
    tried = way.tried
    r = migrate("hf://datasets/miner/many", "--source", "x", who=site.second)
    t.ok(r.status == 0 and r.sum["same"] == 2500 and way.tried == tried,
         "2,500 files that are there are not sent again", r.status, r.sum,
         r.said)


def bounded(t):
    """Files that are not small: as many at once as there are connections."""
    the_hub.repos["miner/bounded"] = hub.Repo(
        {"data/b%02d.parquet" % i: os.urandom(1) * 100 + bytes(30 * MIB)
         for i in range(8)})
    status, _, disk, _ = watched("hf://datasets/miner/bounded", "--source",
                                 "r", "--connections", "3")
    t.ok(status == 0 and len(stored(miner.folder("r"))) == 8 and
         0 < disk <= 3 * (30 * MIB + 100), "no more files are on the disk at "
         "once than there are connections", status, disk)


def crowded(t):
    """A folder with more objects of others between the names than a page."""
    top = make("crowd", {"m%04d" % i: b"m" * 1024 for i in range(1200)})
    r = endpoint.program(FOLDERGATE, words(
        "upload", "--quiet", "--source", "s", "--connections", "16", top),
        ENV)
    the_hub.repos["miner/crowded"] = hub.Repo(
        {"data/%s.parquet" % n: n.encode() * (40 * MIB) for n in "bz"})
    again = [Run("migrate", "hf://datasets/miner/crowded", "--source", "s",
                 "--connections", "1") for _ in range(2)]
    t.ok(r.status == 0 and [(a.sum["sent"], a.sum["same"]) for a in again] ==
         [(2, 0), (0, 2)], "names beyond the page of a list are looked for in "
         "another one", r, *again)


def busy(t):
    """A store that cannot serve now, each object longer than the last."""
    r = endpoint.program(FOLDERGATE, words("upload", "--quiet", "--source",
                                           "x", make("data", DATA)), ENV)
    way.gets = {n: [("answer", 503, "SlowDown")] * (i + 1)
                for i, n in enumerate(DATA)}
    again = compare(X, "x/" + miner.coldkey, "--content", who=reader)
    t.ok(r.status == again.status == 0 and again.sum["same"] == len(DATA) and
         not any(way.gets.values()), "a comparison goes on while it reads some "
         "of the objects in each round", r, again, way.gets)
    way.gets = {list(DATA)[0]: [("answer", 503, "SlowDown")] * 20}
    again = compare(X, "x/" + miner.coldkey, "--content", who=reader)
    t.ok(again.status != 0 and again.sum["same"] == len(DATA) - 1 and
         len(way.gets[list(DATA)[0]]) == 20 - 6, "a comparison gives up an "
         "object after five more rounds that read nothing", again, way.gets)
    way.gets = {}


def killed_often(t):
    killed(t, 100)


LONG = [busy, killed_often, bounded, large, crowded, many]   # stored() reads one page
SHORT = [sides, ends, arguments, tokens, unruly, moves, plan, conflicts, pinned,
         faults, full, killed, resumed, reserved, unproven, stopped,
         partly, pasted]

if __name__ == "__main__":
    tap.run(([judged] if HUB_JS else []) + (
        LONG if AT_LENGTH else SHORT), endpoint.check_outputs)
