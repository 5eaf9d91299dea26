#!/usr/bin/python3
"""foldergate selftest, through lighttpd into an S3 server: every way out of a
folder is held.  And with services that grant too much: each fault is seen."""

import collections
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import xml.etree.ElementTree as xml
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true",
                  AWS_SHARED_CREDENTIALS_FILE=os.devnull)

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import endpoint  # noqa: E402
import generous  # noqa: E402
import page  # noqa: E402
import s3site  # noqa: E402
import tap  # noqa: E402

LEAST_WAYS = 193
KINDS = {
    "keys", "literal keys", "file names", "repeated and odd parts",
    "tampered fields", "extra fields", "headers on the POST",
    "request targets, sub-resources and hosts", "exact forms", "lists",
    "downloads", "size", "time", "anonymous access",
    "signature under another scheme", "smuggling", "requests to the service"}


class Recorder:
    """Between selftest and the store: the bytes of each connection.  instead:
    what the next GETs and HEADs of ways get in place of the store's answer;
    None: that one."""

    def __init__(self, endpoint_url):
        self.to = urlsplit(endpoint_url)
        self.seen, self.instead = [], iter(())
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            threading.Thread(target=self.pair, daemon=True,
                             args=[self.listener.accept()[0]]).start()

    def pair(self, client):
        begin = client.recv(65536, socket.MSG_PEEK)
        if begin[:4] in (b"GET ", b"HEAD") and b"Accept: */*" not in begin:
            answer = next(self.instead, None)
            if answer is not None:
                client.recv(65536)
                client.sendall(answer)
                client.close()
                return
        store = socket.create_connection((self.to.hostname, self.to.port))
        for end in client, store:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        kept = bytearray()
        self.seen.append(kept)
        threading.Thread(target=self.copy, daemon=True,
                         args=[store, client, None]).start()
        self.copy(client, store, kept)

    @staticmethod
    def copy(source, target, kept):
        try:
            while True:
                # The store's next piece waits for this.
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                data = source.recv(65536)
                if not data:
                    break
                if kept is not None:
                    kept += data
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


recorder = None


def recorded(site):
    global recorder
    recorder = Recorder(site.store.endpoint)
    return {"s3_public_endpoint": recorder.url}


site = s3site.Site(recorded, limits_replay="refuse",
                   auth_receiver="5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1e"
                   "SuyUpnhM")
world, first, second, store = site.world, site.first, site.second, site.store
reader = s3site.Miner(site, "reader")
world.snapshot(block=7000001, neurons=[
    {"uid": i, "hotkey": m.hotkey, "coldkey": m.coldkey,
     "permit": m is reader, "alpha_stake_rao": "20000000000001"}
    for i, m in enumerate([first, second, reader])])
FOLDERGATE = os.path.join(endpoint.BUILD, "bin", "foldergate")
URL = "http://127.0.0.1:%d" % site.web.port
ENV = {"HOME": world.dir, "LC_ALL": "C.UTF-8"}


def words(form, *args, url=URL, who=first, other=second):
    pair = ["--other-hotkey", other.wallet, "--other-coldkey",
            other.coldkey] if form == "cross-folder" else []
    return ["selftest", form, "--url", url, "--hotkey", who.wallet,
            "--coldkey", who.coldkey, *pair, *args]


class Run:
    """status; said, on standard error; rows: the JSON lines; sum."""

    def __init__(self, form, *args, **more):
        r = endpoint.program(FOLDERGATE, words(form, "--json", *args, **more),
                             ENV)
        self.rows = [json.loads(line) for line in r.text.splitlines()]
        self.status, self.said = r.status, r.log
        self.sum = self.rows.pop() if self.rows and "sum" in self.rows[-1] \
            else {}

    def names(self, verdict, kind=None):
        return {row["name"] for row in self.rows if row["verdict"] == verdict
                and kind in (None, row["kind"])}

    def __str__(self):
        return "status %d\n%s\n%s\n%s" % (
            self.status, self.said, self.sum, "\n".join(
                str(r) for r in self.rows if r["verdict"] not in
                ("held", "ok", "absent")))


def held(t):
    junit = world.path("junit.xml")
    before = len(recorder.seen)
    r = Run("cross-folder", "--validator", reader.wallet, "--other-bucket",
            store.other_bucket, "--junit", junit)
    ways = [row for row in r.rows if row["kind"] != "controls"]
    tried = [row for row in ways if row["verdict"] == "held"]
    t.ok(r.status == 0 and len(tried) >= LEAST_WAYS and
         all(row["verdict"] in ("held", "absent") for row in ways),
         "every way out of a folder is held, and at least 193 are tried",
         len(tried), r)
    print("# %d ways are tried" % len(tried))
    t.same({row["kind"] for row in tried}, KINDS,
           "ways of every kind are tried")
    names = [(row["kind"], row["name"]) for row in ways]
    t.same(sorted({n for n in names if names.count(n) > 1}), [],
           "no two ways of a kind have the same name")
    t.same({row["name"] for row in ways if row["verdict"] == "absent" and
            row["kind"] != "PUT"}, set(),
           "only ways of PUT do not apply to a service with forms")
    t.ok(all(row.get("other_folder") == "unchanged" and
             row.get("bucket") == "unchanged" for row in tried
             if row["kind"] not in ("requests to the service",
                                    "signature under another scheme")),
         "the other folder and the bucket are looked at after each way")
    keys = {row["key"]: row for row in tried if "key" in row}
    t.ok(len(keys) > 100 and all(
        key.startswith(first.folder()) and row["acl"] == "unchanged"
        for key, row in keys.items()),
         "what is stored has its final key in the report, in the caller's "
         "folder, and is not public", sorted(keys)[:5])
    real = site.all_objects()
    t.ok(all(k.startswith(first.folder().encode()) or
             re.fullmatch(rb"job_id=selftest-\w+/canary-\w+\.csv",
                          k[len(second.folder()):]) for k in real) and
         r.sum["exit_status"] == 0,
         "the bucket's owner sees nothing outside the caller's folder but "
         "the other's file", sorted(real)[:5])
    distinct(t, before)
    read_junit(t, junit, r)


def distinct(t, before):
    """What looks at lists accepts any type; the ways name none."""
    sent = collections.Counter(
        re.sub(rb"[0-9a-f]{16}-\d{3}", b"ID", bytes(data))
        for data in recorder.seen[before:] if b"Accept: */*" not in data)
    t.ok(len(sent) > LEAST_WAYS and [
        n for data, n in sent.items() if n > 1] == [2],
        "each way is another request on the wire, and only the good form is "
        "sent twice", len(sent),
        *(data[:3000] for data, n in sent.items() if n > 1))


def read_junit(t, path, r):
    root = xml.parse(path).getroot()
    suite = root.find("testsuite")
    cases = suite.findall("testcase")
    skipped = [c for c in cases if c.find("skipped") is not None]
    t.ok(root.tag == "testsuites" and len(cases) == len(r.rows) ==
         int(suite.get("tests")) and
         int(suite.get("failures")) == len(suite.findall(".//failure")) == 0
         and int(suite.get("skipped")) == len(skipped) and
         suite.get("errors") == "0",
         "JUnit's file counts its cases, failures and skipped ones",
         suite.attrib, len(cases), len(r.rows))
    t.same([(c.get("classname").split(".", 2)[2], c.get("name"))
            for c in cases], [(row["kind"], row["name"]) for row in r.rows],
           "JUnit's file has every row, with its kind and its name")
    odd = [c.findtext("system-out") for c in cases
           if c.get("name") == "markup with the other's key"]
    t.ok("</Key><Key>" in odd[0] and odd[0].endswith(
        ", other folder unchanged, bucket unchanged, ACL unchanged"),
        "JUnit's file has the final key, escaped, and what changed", odd)


def table_for_people(t):
    r = endpoint.program(FOLDERGATE, words("cross-folder", "--kind", "file",
                                           "--source", "x"), ENV)
    t.ok(r.status == 0 and "\nfile names\n  held      204 .-. " in r.text and
         "; stored as job_id=selftest-" in r.text and
         " files stay below data/x/%s/" % first.coldkey in r.text and
         " 0 BREACHED, " in r.text and "\nkeys\n" not in r.text,
         "the table for people has kinds, verdicts, statuses, names and "
         "final keys, also of a source's folder", r)


def undecided(t):
    def run(*answers):
        recorder.instead = iter(answers)
        return Run("cross-folder", "--kind", "downloads")

    broken = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
    r = run(b"", broken, b"", b"", broken, b"", *[broken] * 200)
    ways = [row for row in r.rows if row["kind"] == "downloads"]
    t.ok(len(ways) > 3 and r.status == 5 and
         {row["verdict"] for row in ways} == {"not tried"} and
         [row.get("status", 0) for row in ways[:3]] == [502, 0, 0],
         "a way is not tried if the store twice cuts the line or cannot "
         "decide", r, ways[:4])
    r = run(b"", None, broken)
    ways = [row for row in r.rows if row["kind"] == "downloads"]
    t.ok(r.status == 0 and {row["verdict"] for row in ways} == {"held"},
         "a way is tried again if the store cut the line or could not decide "
         "once", r, ways[:4])


def conditions(*drop, **add):
    """A change of a policy: without the conditions about something, and with
    a field open to everything."""
    def change(old):
        def about(c):
            return next(iter(c)) if isinstance(c, dict) else \
                c[1].lstrip("$") if isinstance(c[1], str) else c[0]
        return [c for c in old if about(c) not in drop] + [
            ["starts-with", "$" + name, value] for name, value in
            add.items()]
    return change


def public_bucket():
    """The second bucket, for everybody to list."""
    s3 = boto3.client("s3", endpoint_url=store.endpoint,
                      aws_access_key_id=store.key_id,
                      aws_secret_access_key=store.secret,
                      region_name=store.region,
                      config=Config(s3={"addressing_style": "path"}))
    s3.put_bucket_acl(Bucket=store.other_bucket, ACL="public-read")


KEYS = {"a new file in the other's folder", "the other's file itself"}
FAULTS = {
    "a policy for every key": (
        "keys", KEYS, dict(change=conditions("key", key=""))),
    "a policy for every bucket": (
        "request targets", {"the form sent to another bucket"},
        dict(change=conditions("bucket", bucket=""))),
    "a policy that leaves the ACL open": (
        "tampered", {"a public ACL"},
        dict(change=conditions("acl", acl=""))),
    "a policy that allows a redirect": (
        "extra", {"the field success_action_redirect"},
        dict(change=conditions(success_action_redirect=""))),
    "a policy without a size": (
        "size", {"one byte less than the smallest file", "no bytes",
                 "one byte more than the largest file"},
        dict(change=conditions("content-length-range"))),
    "a list of the whole bucket": (
        "lists", {"list_url as it is"}, dict(list_prefix="")),
    "a form for one file that allows others": (
        "exact", {"the granted key and one more letter"},
        dict(exact=lambda key: ["starts-with", "$key", key[:-4]])),
    "a grant that lives longer than it says": (
        "time", {"a form that has expired"}, dict(late=True)),
    "a presigned PUT at a store that obeys its headers": (
        "PUT", {"x-amz-acl, public",
                "x-amz-copy-source with the other's file"},
        dict(put=True)),
    "a bucket that everybody may list": (
        "anonymous", {"the bucket's list", "a list of the other's folder"},
        {}),
    "nothing, in a service that grants a folder": (
        "keys", set(), {}),
    "a service that checks no signature": (
        "requests", {"the other's hotkey, signed by the caller",
                     "no signature"}, {}),
}


def fault(number):
    """In the other bucket, which no other test looks at."""
    kind, _, more = list(FAULTS.values())[number]
    service = generous.Service(store, bucket=store.other_bucket, **more)
    pair = [s3site.Miner(site, "pair%d-%d" % (number, i)) for i in (0, 1)]
    r = Run("cross-folder", "--kind", kind, "--other-bucket",
            store.bucket, "--scheme", "auto", url=service.url,
            who=pair[0], other=pair[1])
    service.shutdown()
    return r


# The others need no wait.
LATE = list(FAULTS).index("a grant that lives longer than it says")
POOL = ThreadPoolExecutor(4)
late = POOL.submit(fault, LATE)


def seen(t):
    public_bucket()
    runs = [late if i == LATE else POOL.submit(fault, i)
            for i in range(len(FAULTS))]
    runs = [r.result() for r in runs]
    for (text, (kind, want, _)), r in zip(FAULTS.items(), runs):
        got = r.names("BREACHED")
        t.ok(r.status == bool(want) and want <= got and
             bool(want) == bool(got), "what breaches a folder is reported: "
             "%s" % text, want - got, r)
    t.ok(all("held" in {row["verdict"] for row in r.rows} for r in runs),
         "ways that a fault does not open are held")


def upload(t):
    r = Run("upload")
    t.ok(r.status == 0 and len(r.names("ok")) >= 14 and
         "a folder is granted to X-Bittensor headers" in r.names("ok"),
         "selftest upload stores files by each proof and reads them back", r)
    service = generous.Service(store,
                               change=conditions("content-length-range"))
    r = Run("upload", url=service.url)
    service.shutdown()
    t.ok(r.status == 1 and r.names("FAILED") >= {
        "a file that is too small is refused",
        "a file that is too large is refused"},
         "selftest upload sees a grant without a limit of sizes", r)


def hostile_limits(t):
    """Numbers at the edge, and a folder with a control character."""
    service = generous.Service(store, most=2 ** 63 - 1, put=True)
    r = Run("upload", url=service.url)
    sizes = [f["size"] for f in service.files]
    service.shutdown()
    t.ok(max(sizes) > 2 ** 40 and min(sizes) > 0 and
         "a file that is too large is refused" in r.names("FAILED"),
         "a limit as large as an integer may be is exceeded without an "
         "overflow", sizes, r)
    service = generous.Service(store, top="da\x9bta/")
    r = endpoint.program(FOLDERGATE, words(
        "cross-folder", url=service.url), ENV)
    service.shutdown()
    t.ok(r.status == 4 and "not of the known form" in r.log and
         "\x9b" not in r.text + r.log,
         "a folder whose name has a control character of C1 is not taken", r)


def download(t):
    before = site.all_objects()
    r = Run("download", who=reader)
    t.ok(r.status == 0 and len(r.names("ok")) >= 13 and
         not r.names("FAILED") and not r.names("absent"),
         "selftest download lists, loads, and is refused the rest", r)
    t.same(site.all_objects(), before,
           "selftest download changes nothing in the bucket")
    r = Run("download")
    t.ok(r.status == 3 and "(no_permit)" in r.said,
         "selftest download by a miner ends with the service's refusal", r)


def documented(t):
    """The commands of docs/selftest.md, with the wallets of run.sh; of the ways
    out of a folder, one kind."""
    top = world.path("run/wallets")
    for name, miner in (("first", first), ("second", second),
                        ("validator", reader)):
        os.makedirs("%s/%s/hotkeys" % (top, name))
        shutil.copy2(miner.wallet, "%s/%s/hotkeys/default" % (top, name))
        world.write("run/wallets/%s/coldkeypub.txt" % name,
                    json.dumps({"ss58Address": miner.coldkey}).encode())
    script = page.block("docs/selftest.md", "Try a service from outside", 1)
    p = subprocess.run(
        ["bash", "-euc", 'foldergate() { if [ "$2" = cross-folder ]; then '
         'set -- "$@" --kind size; fi; command foldergate "$@"; }\n' +
         script.replace("http://127.0.0.1:8000", URL)], cwd=world.dir,
        env=dict(ENV, PATH=os.path.dirname(FOLDERGATE) + ":/usr/bin:/bin",
                 FOLDERGATE_COLDKEY=first.coldkey),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    suite = xml.parse(world.path("selftest.xml")).getroot()[0]
    t.ok(p.returncode == 0 and int(suite.get("tests")) > 12 and
         p.stdout.count(b" 0 FAILED, 0 not tried") == 2 and
         b" 0 BREACHED, 0 not tried" in p.stdout,
         "the commands in docs/selftest.md run as they are, and the other's "
         "coldkey is not the caller's in the environment", p)


def wrong(t):
    for args, why in ((("cross-folder", "--kind", "nothing"), "no kind"),
                      (("sideways",), "sideways"),
                      (("upload", "--kind", "keys"), "cross-folder")):
        r = endpoint.program(FOLDERGATE, words(*args), ENV)
        t.ok(r.status == 2 and why in r.log, "wrong arguments are named: %s" %
             " ".join(args), r)
    r = Run("cross-folder", other=first)
    t.ok(r.status == 1 and "both wallets" in r.said,
         "one wallet twice is no test", r)
    r = Run("cross-folder", "--junit", world.path("none/x"))
    t.ok(r.status == 1 and "none/x" in r.said and not r.rows,
         "a file that cannot be written is named before anything is sent", r)


tap.run([held, table_for_people, undecided, seen, upload, hostile_limits,
         download, documented,
         wrong],
        endpoint.check_outputs)
