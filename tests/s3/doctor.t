#!/usr/bin/python3
"""foldergate doctor on a whole installation: programs behind the sockets of
pool.sh, both sync programs, and Ceph's gateway as the store."""

import json
import os
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import chain
import endpoint
import servers
import tap

BIN = os.path.join(endpoint.BUILD, "bin")

w = chain.Chain(limits_replay=None)
w.now = int(time.time())
store = servers.Store(w)
endpoint.never.add(store.secret)
SECRET = w.secret("store.secret", store.secret)
w.use(w.node(), s3_endpoint=store.endpoint, s3_region=store.region,
      s3_bucket=store.bucket, s3_access_key_id=store.key_id,
      s3_secret_access_key_file=SECRET,
      audit_key_file=w.secret("audit.key", "k" * 32))


def rows(*args):
    r = w.cli("doctor", "--here", "--json", "--sockets", web.sockets, *args,
              installed=True)
    return {c["check"]: (c["result"], c["finding"] or "", c["mend"] or "")
            for c in json.loads(r.text)["checks"]}


def wrong():
    """Rows that are not ok; a container has no clock or kernel of its own."""
    return {k: v for k, v in rows().items() if v[0] != "ok" and
            k not in ("the kernel's clock", "the sandbox", "the processes")}


def learn():
    return endpoint.program(os.path.join(BIN, "bucket-sync"), ["--once"],
                            w.env())


def mends(command):
    """As root would paste it, without the programs of an administrator."""
    tools = w.path("tools")
    os.makedirs(tools, exist_ok=True)
    w.write("tools/sudo", "#!/bin/sh\n[ \"$1\" = -u ] && shift 2\n"
            "exec \"$@\"\n", 0o755)
    return subprocess.run(
        ["sh", "-c", command], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
        env={**w.env(), "PATH": ":".join([tools, BIN, os.environ["PATH"]])})


def well(t):
    found = rows()
    t.same(wrong(), {}, "all is well with an installation that serves")
    t.ok(found["the sockets"][1] == "13 endpoints answer in " + web.sockets and
         found["the processes"][1].startswith("26 ") and
         found["the store, asked now"][1] == store.endpoint +
         " lists with the read key" and
         found["bucket-sync"][1].startswith("it ran; "),
         "what was found is said of a service that serves", found)
    r = w.cli("doctor", "--here", "--sockets", web.sockets, installed=True)
    t.ok(r.status == 0 and "bad " not in r.text,
         "doctor exits with 0 if nothing is bad", r)
    port = web.port
    r = w.cli("doctor", "--here", "--sockets", web.sockets, "--url",
              "http://127.0.0.1:%d" % port, installed=True)
    t.ok(r.status == 0 and "\ngrants          ok\n" in r.text and
         "\nok    the ledger: " in r.text,
         "one run looks from inside and from outside", r)


def counted(t):
    def requests():
        return {(e["endpoint"], k): e[k] for e in json.loads(w.cli(
            "top", "--once", "--json", installed=True).text)["endpoints"]
            for k in ("2xx", "4xx", "5xx")}
    before = requests()
    rows()
    after = requests()
    t.same({k: v - before.get(k, 0) for k, v in after.items()
            if v != before.get(k, 0)},
           {(name, "4xx"): 1 for name in os.listdir(web.programs_dir)},
           "doctor sends one refused request to each socket")


def programs(t):
    pids = [pid for pid, _ in web.programs()
            if os.readlink("/proc/%d/exe" % pid).endswith("/healthz")]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    new = wrong()
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    t.ok(len(pids) == 2 and list(new) == ["healthz"] and
         new["healthz"][:2] == ("bad", "it does not answer in time") and
         "pool.sh" in new["healthz"][2],
         "an endpoint whose processes hang is one row", pids, new)
    t.same(wrong(), {}, "the row is gone when they go on")
    os.kill(pids[0], signal.SIGSTOP)
    t.same(wrong(), {}, "an endpoint is well while one of its processes is")
    os.kill(pids[0], signal.SIGCONT)
    os.rename(SECRET, SECRET + ".kept")
    web.keeper.replace()
    servers.until(lambda: "get-folder-access" in wrong(), 20)
    new = wrong()
    t.ok("get-folder-access" in new and "the secret that signs uploads" in new
         and new["get-folder-access"][0] == "bad" and
         "it answers 500: it cannot start" in new["get-folder-access"][1] and
         "check-config" in new["get-folder-access"][2],
         "an endpoint that cannot start is a row, beside its cause", new)
    os.rename(SECRET + ".kept", SECRET)
    servers.until(lambda: not wrong(), 20)
    t.same(wrong(), {}, "it is well soon after the cause is mended")


def stores(t):
    for text, how, why, mend in [
            ("a secret that is wrong", {
                "s3_secret_access_key_file": w.secret("wrong.secret", "x" * 40)
            }, "SignatureDoesNotMatch", "sudoedit"),
            ("a key that the store does not know",
             {"s3_access_key_id": "NOBODYSKEY"}, "InvalidAccessKeyId",
             "sudoedit"),
            ("a bucket that does not exist", {"s3_bucket": "no-such-bucket"},
             "NoSuchBucket", "sudoedit"),
            ("a store that does not listen", {
                "s3_endpoint": "http://127.0.0.1:%d" % servers.free_port()},
             "nobody listens", "check-store")]:
        with w.settings(**how):
            new = wrong()
        t.ok(list(new) == ["the store, asked now"] and
             new["the store, asked now"][0] == "bad" and
             why in new["the store, asked now"][1] and
             mend in new["the store, asked now"][2],
             "doctor asks the store and finds " + text, new)


def syncs(t):
    os.utime(w.path("state/bucket-sync.status"), (time.time() - 5000,) * 2)
    new = wrong()
    t.ok(list(new) == ["bucket-sync"] and new["bucket-sync"][0] == "warn" and
         "its last look was" in new["bucket-sync"][1],
         "bucket-sync that stopped long ago is one row", new)
    r = mends(new["bucket-sync"][2])
    t.ok(r.returncode == 0 and not wrong(),
         "the command of that row makes it well", r.stdout, wrong())
    os.unlink(w.path("state/bucket.index"))
    new = wrong()
    r = mends(new["the index of the bucket"][2])
    t.ok(list(new) == ["the index of the bucket"] and r.returncode == 0 and
         not wrong(), "an index that is lost is one row, which its command "
         "makes well", new, r.stdout, wrong())


w.sync(installed=True)
learn()
web = servers.Web(w, by="sockets")
tap.run([well, counted, programs, stores, syncs], endpoint.check_outputs)
