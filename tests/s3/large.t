#!/usr/bin/python3
"""A large bucket, read to its last object by URLs that were handed out, beside
a miner that stores whatever a store will take.  How many names are on a page
is the store's choice, up to 1,000."""

import os
import re
import sys
import time
import xml.etree.ElementTree as xml
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote_to_bytes

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import bucket  # noqa: E402
import clients  # noqa: E402
import endpoint  # noqa: E402
import s3site  # noqa: E402
import sigv4  # noqa: E402
import tap  # noqa: E402
import validators  # noqa: E402
from bucket import DAMAGED, address, folder  # noqa: E402
from world import Key  # noqa: E402

MINERS = 2500
COLDKEYS = 1050
FILES = 3200
# What this store repeats as it is, be it no XML.
ECHO = re.compile(rb"(?<!<CommonPrefixes>)<(NextContinuationToken|Prefix)>"
                  rb".*?</\1>", re.DOTALL)

site = s3site.Site()
web = "http://127.0.0.1:%d" % site.web.port
judge, poisoner = Key("judge"), Key("poisoner")
clients.register(site, [(poisoner.ss58, judge.ss58)],
                 [(judge, True, validators.LEAST + 1)])
G2, G2c = (kind(web, judge) for kind in (
    clients.Validator_b459795, clients.Validator_dd5f468))
G3 = clients.Validator_HEAD(web, judge)

stored = {}                 # key, bytes: size
BIG, LOOSE = address("big"), address("loose")


def fill(keys):
    """Put objects, key to size, by a form of the owner's for all of data/."""
    now, s = int(time.time()), site.store
    grant = {"url": s.endpoint + "/" + s.bucket, "fields": sigv4.form_fields(
        now, now + 600, "data/", s.bucket, s.key_id, s.secret, s.region, 1,
        4096)}

    def put(item):
        r = site.upload(grant, s3site.form(grant, item[0]), item[1])
        return [] if r.code == 204 else [item, str(r)]
    wrong = at_once(put, keys.items())
    stored.update(keys)
    return wrong


def at_once(do, items):
    """All that do() finds wrong, a list for each item."""
    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(do, items), [])


def test_fill(t):
    start = time.monotonic()
    keys = {folder("miner %d" % i, "default_0") + b"%d.parquet" % i: 1 + i % 97
            for i in range(MINERS - 3)}
    keys.update({folder("big", "j") + b"%d.parquet" % i: 1 + i % 89
                 for i in range(FILES)})
    keys.update({folder("tabbed") + b"%04d%s.parquet" % (
        i, b"\t\n\x7f" if i == 999 else b""): 1 for i in range(1001)})
    keys[folder("loose") + b"no_job.parquet"] = 7
    keys.update({b"data/x/%s/posts.parquet" % address("cold %d" % i).encode():
                 1 + i % 83 for i in range(COLDKEYS)})
    t.none(fill(keys), "%d objects are put into the bucket" % len(keys))
    print("# put in %.1f s" % (time.monotonic() - start))


# --- whatever a store will take ----------------------------------------------

OWN = b"data/hotkey=%s/" % poisoner.ss58.encode()
GOOD = [b"job_id=good/" + n for n in (
    b"1.parquet", b"2.parquet", b"a b+c%41&d=e.parquet",
    "\u00fc\U0001f600.parquet".encode(), b"k" * (1024 - len(OWN) - 20) +
    b".parquet")] + [b"job_id=../f.parquet", b"job_id=/f.parquet"]
BAD = [b"/x.parquet", b"..", b"../hotkey=%s/job_id=default_0/0.parquet" %
       address("miner 0").encode(), b"no_job\x01.parquet",
       b"job_id=\x01/f.parquet", b"job_id=\xff/f.parquet",
       b"job_id=\xfe/f.parquet"]
BAD += [b"job_id=bad/" + n for n in (
    b"\x01.parquet", b"\n.parquet", b"\x1f\x7f.parquet", b"n\0n.parquet",
    b"\xff\xfe\xc0\xaf.parquet", b"..", b"../x.parquet", b"./x.parquet",
    b"a//b.parquet", b"k" * (1025 - len(OWN) - 11))]
# Names of jobs that no list can be asked for.
UNNAMED = [b"job_id=n\0n/f.parquet", b"job_id=%s/f" % (b"k" * 1020)]
MANY = [b"job_id=many/%04d.parquet" % i for i in range(1100)]
poison = {}                 # key, bytes: content


def test_poison(t):
    """By its own form.  The thousandth name, of all its files and of a job,
    makes a page that it ends no XML."""
    names = sorted(GOOD + BAD + UNNAMED + MANY)
    at = 999 - names.index(MANY[0])
    names += [b"job_id=many/%04d\x01" % at, b"job_id=many/0998\x01\xff"]
    poison.update((OWN + n, b"%d" % i * 1024) for i, n in enumerate(names))
    grant = clients.Miner_b459795(web, poisoner, judge.ss58).grant()

    def put(key):
        r = site.upload(grant, s3site.form(grant, key), data=poison[key])
        return [] if r.code == 204 else [key, str(r)]
    t.none(at_once(put, poison), "the poisoner puts %d objects" % len(poison))


def test_index(t):
    start, state = time.monotonic(), site.world.state
    r = site.learn()
    print("# learnt in %.1f s" % (time.monotonic() - start))
    with open(os.path.join(state, "bucket-sync.status")) as f:
        status = f.read()
    t.ok(r.status == 0 and '"complete":true' in status and
         '"damaged":1,' in status,
         "bucket-sync makes a complete index with one miner damaged", r, status)
    with open(os.path.join(state, "bucket.index"), "rb") as f:
        miners = bucket.Index(f.read()).miners
    t.same({m: row[1] for m, row in miners.items() if row[1]},
           {poisoner.ss58: DAMAGED}, "only the poisoner is marked as damaged")
    t.same(len(miners), MINERS + 1,
           "all miners are in the index beside the poisoner")


# --- everybody's objects -----------------------------------------------------

def listed(url, found):
    """A list of one page: what is wrong with it."""
    root = clients.page(url)
    found.append(clients.files(root))
    return ["more than a page: " + url] if clients.more(root) else []


def exactly(t, text, found, prefix, but=()):
    """The objects below prefix, each once."""
    want = {k.decode(): n for k, n in stored.items()
            if k.startswith(prefix) and not k.startswith(tuple(but))}
    keys = [k for f in found for k in f]
    got = {k: n for f in found for k, n in f.items()}
    t.ok(len(keys) == len(got) and got == want,
         "%s: %d objects are listed once each" %
         (text, len(want)), len(keys), sorted(set(got) ^ set(want))[:5])


def test_first_page(t):
    """What lists everybody in one URL has one page: nobody can ask on."""
    access = G2.access()["urls"]
    for text, url, names in [
            ("list_all_miners", access["miners"]["list_all_miners"],
             clients.folders),
            ("list_miners", access["sources"]["x"]["list_miners"],
             clients.folders),
            ("list_all_data", access["global"]["list_all_data"],
             clients.files)]:
        r = site.request("GET", url)
        root = xml.fromstring(ECHO.sub(b"", r.body))
        t.ok(0 < len(names(root)) <= 1000 and b"<IsTruncated>true" in r.body,
             text + " has a first page", len(names(root)))
        t.same(site.request("GET", url + "&continuation-token=data").code, 403,
               text + " answers 403 to a URL for the page after it")


def test_miners(t):
    """The miners and their jobs by get-folder-presigned-urls."""
    start = time.monotonic()
    jobs = G2c.jobs()
    t.same(set(jobs), {poisoner.ss58, BIG} | {
        address("miner %d" % i) for i in range(MINERS - 3)},
        "%d miners that have jobs are named" % (MINERS - 1))
    found = []
    wrong = at_once(lambda url: listed(url, found),
                    [url for m, j in jobs.items() for url in j.values()
                     if m not in (BIG, poisoner.ss58)])
    t.none(wrong, "the job of each miner has a list of one page")
    exactly(t, "all the miners' lists together", found, b"data/hotkey=",
           (folder("big"), folder("loose"), folder("tabbed"), OWN))
    print("# read in %.1f s" % (time.monotonic() - start))
    root = clients.page(jobs[BIG]["j"])
    t.ok(0 < len(clients.files(root)) <= 1000 and clients.more(root),
         "the list of a job of %d files is a first page" % FILES)


def test_big(t):
    """get-miner-list goes on from page to page, and needs no job."""
    for kind in clients.Validator_8f80540, clients.Validator_HEAD:
        v = kind(web, judge)
        exactly(t, kind.__name__, [v.files(BIG)], folder("big"))
        t.ok(v.pages >= 4, kind.__name__ + " reads the folder in %d pages" %
             v.pages)
    exactly(t, "the list of a miner without a job", [G3.files(LOOSE)],
            folder("loose"))


def test_tokens(t):
    """The token is the thousandth name, with what is in it."""
    for kind in clients.Validator_8f80540, clients.Validator_HEAD:
        v = kind(web, judge)
        t.same((len(v.files(address("tabbed"))), v.pages), (1001, 2),
               "%s lists 1,001 files of which the thousandth has a TAB, a line "
               "end and a DEL in its name" % kind.__name__)


def test_coldkeys(t):
    miners = G2.access()["urls"]["miners"]
    t.same(set(miners) - {"list_all_miners"}, {
        address("cold %d" % i) for i in range(COLDKEYS)},
           "urls.miners names %d coldkeys" % COLDKEYS)
    found = []
    t.none(at_once(lambda url: listed(url, found), [
        m["x"]["list_files"] for n, m in miners.items()
        if n != "list_all_miners"]),
           "the files of each coldkey have a list of one page")
    exactly(t, "all the coldkeys' lists together", found, b"data/x/")


# --- and the poisoner's ------------------------------------------------------

def is_plain(key):
    """Can it stand in a request?"""
    try:
        return all(c >= " " and c != "\x7f" for c in key.decode())
    except UnicodeDecodeError:
        return False


def read(url):
    """A page that may be no XML because of what it repeats: its keys, bytes,
    and the token to go on with."""
    r = site.request("GET", url)
    body, token = r.body, None
    try:
        root = xml.fromstring(body)
        token = clients.more(root)
    except xml.ParseError:
        root = xml.fromstring(ECHO.sub(b"", body))
    keys = [unquote_to_bytes(e.text)
            for e in root.iterfind(".//s3:Contents/s3:Key", clients.S3)]
    if b"<IsTruncated>true" in body and not (token and is_plain(
            token.encode())):
        # This store's token is a name: the last one that can be sent.
        token = [k for k in keys if is_plain(k)][-1].decode()
    return keys, token


def test_poisoned_pages(t):
    found, token, n = [], None, 0
    while n == 0 or (token and n < 20):
        keys, token = read(G3.list_url(poisoner.ss58, token))
        found, n = found + keys, n + 1
    t.ok(n >= 2 and not token and set(found) == set(poison),
         "all the names of the poisoner are listed in %d pages" % n,
         len(set(found)))


def test_poisoned_jobs(t):
    now = int(time.time())
    body = G2c.signed(validators.folders_words(judge.ss58, now), now)
    entry = G2c.ask("/get-folder-presigned-urls", body)["folder_urls"][
        poisoner.ss58]
    jobs = sorted(j["job_id"] for j in entry["job_folders"])
    t.same((jobs, entry["total_jobs"]), (sorted(
        ["", "..", "\x01", "bad", "good", "many", "\ufffd", "\ufffd"]), 8),
        "all the jobs of the poisoner that a list can ask for are named")
    keys = [k for j in entry["job_folders"]
            for k in read(j["presigned_url"])[0]]
    want = {OWN + n for n in GOOD + BAD if n.startswith(b"job_id=")}
    t.ok(want < set(keys) <= set(poison) and len(keys) == len(set(keys)),
         "each object in a job of the poisoner is listed once", len(keys),
         sorted(want - set(keys)))


def test_poisoned_files(t):
    """A key is in a request, a URL or neither."""
    good = sorted(OWN + n for n in GOOD + MANY)
    urls = G3.urls(poisoner.ss58, [k.decode() for k in good])
    t.none(at_once(lambda k: [] if G3.get(urls[k.decode()]) == poison[k] else
                   [k], good),
           "the poisoner's %d plain files are read byte for byte" % len(good))
    t.ok(max(map(len, good)) == 1024,
         "one of the poisoner's plain files has a name of 1,024 bytes")
    bad = [k.decode() for k in poison if k not in good and b"\0" not in k and
           k == k.decode("utf-8", "replace").encode()]
    a = G3.some_urls(poisoner.ss58, [good[0].decode()] + bad)
    wrong = set(a["invalid_files"]) ^ set(bad)
    t.ok(not wrong and list(a["file_urls"]) == [good[0].decode()],
         "%d names that no URL can carry exactly are listed as invalid" %
         len(bad), wrong)
    t.ok(1025 in map(len, bad), "one of the invalid names has 1,025 bytes")
    for text, key in ("a NUL", "n\0n"), ("bytes that are not UTF-8", "\udcff"):
        try:
            G3.some_urls(poisoner.ss58, [good[0].decode(),
                                           OWN.decode() + key])
            code = "200"
        except clients.Failed as e:
            code = str(e).split()[1]
        t.same(code, "422",
               "a request is answered with 422 when a name holds %s" % text)


tap.run([test_fill, test_poison, test_index, test_first_page, test_miners,
         test_big, test_tokens, test_coldkeys, test_poisoned_pages, test_poisoned_jobs,
         test_poisoned_files], endpoint.check_outputs)
