#!/usr/bin/python3
"""foldergate top, as text and JSON: its numbers are those of /metrics, it changes
nothing, and it says what is wrong with a table that it cannot read."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import page
import tap
import world
from metrics import Metrics
from validators import Validators

ADDRESS = "198.51.100.9"
OTHER = 65534

w = Validators(limits_replay=None, limits_folder_grants=40,
               metrics_allow=ADDRESS)
w.snapshot()
TABLE = os.path.join(w.state, "metrics.table")


def load():
    """Answers of every kind: grants of three endpoints, refusals, a failure."""
    for i in range(25):
        w.post(w.request(timestamp=w.now - i))
    for key in w.sibling, w.other:
        w.post(w.request(key))
    for body in b"{", w.request(w.stranger), w.request(words="other"):
        w.post(body)
    w.post(w.asks("get-miner-list", miner_hotkey=w.miner.ss58),
           "get-miner-list")
    w.post(w.asks("get-validator-access"), "get-validator-access")
    w.get("healthz")
    with w.settings(s3_secret_access_key_file=w.path("none")):
        w.get("readyz")


def metrics():
    return Metrics(w.get("metrics", REMOTE_ADDR=ADDRESS).body.decode())


def top(*args, **more):
    return w.cli("top", *args, **more)


def as_json(*args):
    r = top("--once", "--json", *args)
    if r.status != 0 or r.text.count("\n") != 1:
        raise RuntimeError(str(r))
    return json.loads(r.text)


def by_status(m, first, **labels):
    return sum(v for (n, have), v in m.samples.items()
               if n == "foldergate_requests_total" and
               labels.items() <= dict(have).items() and
               dict(have)["status"].startswith(first))


def numbers(t):
    load()
    got, m = as_json(), metrics()
    t.same(got["totals"], {
        "requests": m.get("requests_total"), "grants": m.get("grants_total"),
        "verifications": m.get("verifications_total"),
        "refusals": by_status(m, "4"), "errors": by_status(m, "5")},
        "the totals of top are those of /metrics")
    t.ok(min(got["totals"].values()) > 0, "the load made all kinds of answers",
         got["totals"])
    wrong = []
    for e in got["endpoints"]:
        name = e["endpoint"]
        want = {"requests": m.get("requests_total", endpoint=name),
                **{c + "xx": by_status(m, c, endpoint=name) for c in "2345"}}
        wrong += ["%s, %s: %r, not %r" % (name, k, e[k], v)
                  for k, v in want.items() if e[k] != v]
        count = m.get("request_seconds_count", endpoint=name)
        mean = m.get("request_seconds_sum", endpoint=name) / count
        if abs(e["mean_seconds"] - mean) > 1e-6:
            wrong.append("%s: a mean of %r, not %r" % (
                name, e["mean_seconds"], mean))
    t.none(wrong, "the numbers of each endpoint are those of /metrics")
    # metrics itself began with this question.
    t.same({e["endpoint"] for e in got["endpoints"]},
           {dict(have)["endpoint"] for n, have in m.samples
            if n == "foldergate_requests_total"} - {"metrics"},
           "top has the endpoints of /metrics")
    t.same({(r["status"], r["code"]): r["total"] for r in got["refused"]},
           {k: v for k, v in {
               (int(dict(have)["status"]), dict(have)["code"]):
               m.get("requests_total", status=dict(have)["status"],
                     code=dict(have)["code"])
               for n, have in m.samples if n == "foldergate_requests_total" and
               dict(have)["status"] >= "400"}.items() if v > 0},
           "the refusals by code are those of /metrics")
    t.same([got["this_hour"][k] for k in (
        "hotkey_refusals", "address_refusals", "hotkey_addresses")],
        [m.get("refusals_most", one="hotkey"),
         m.get("refusals_most", one="address"),
         m.get("hotkey_addresses_most")],
        "the most of this hour is that of /metrics")
    t.same([got["snapshot"]["block"], got["snapshot"]["age_seconds"],
            got["snapshot"]["limit_seconds"], got["snapshot"]["hotkeys"]],
           [m.get("snapshot_block"), m.get("snapshot_age_seconds"),
            m.get("snapshot_age_limit_seconds"), m.get("snapshot_hotkeys")],
           "the snapshot is described as in /metrics")
    t.same((got["index"], got["ledger"]["up"], got["rates"]),
           (None, True, None),
           "without an index and an interval these parts are null")


def busiest(t):
    got = as_json()
    used = {name: (int(n), int(limit)) for name, n, limit in re.findall(
        r"^(\S+) +(\d+) of (\d+)$", w.cli("usage").text, re.M)}
    t.same({k["counter"]: (k["used"], k["limit"]) for k in got["busiest"]},
           used, "the busiest keys have what foldergate usage prints")
    share = [k["used"] / k["limit"] for k in got["busiest"]]
    t.ok(share == sorted(share, reverse=True) and share[0] == 25 / 40 and
         got["busiest"][0]["counter"].startswith(
             "hotkey/" + w.miner.ss58), "the key that used most of its limit "
         "comes first", got["busiest"])


def named(t):
    body = w.request(w.other)
    for _ in range(4):
        w.post(body)                                        # replays
    body = w.request(w.sibling, timestamp=w.now - 1)
    for _ in range(2):
        w.post(body, REMOTE_ADDR="192.0.2.8")
    w.post(w.request(w.sibling, timestamp=w.now - 2), REMOTE_ADDR="192.0.2.9")
    got, m = as_json()["this_hour"], metrics()
    t.same((got["most_refused_hotkey"], got["hotkey_refusals"]),
           (w.other.ss58, m.get("refusals_most", one="hotkey")),
           "top names the hotkey that was refused most in this hour")
    t.same((got["most_addresses_hotkey"], got["hotkey_addresses"]),
           (w.sibling.ss58, 3),
           "top names the hotkey that came from most addresses")
    for _ in range(5):
        w.post(body, REMOTE_ADDR="192.0.2.8")
    t.same(as_json()["this_hour"]["most_refused_hotkey"], w.sibling.ss58,
           "another hotkey is named when it is refused more often")
    t.ok(w.sibling.ss58 in top("--once").text.partition("THIS HOUR")[2].split(
        "\n\n")[0], "the plain form names that hotkey, too")


def text(t):
    r, got = top("--once"), as_json()
    t.ok(r.status == 0 and not r.log and
         re.fullmatch(r"[ -~\n]+", r.text), "the plain form is printable ASCII",
         r)
    rows = {line.split()[0]: line.split() for line in r.text.splitlines()
            if line.strip()}
    t.same([int(rows[k][2]) for k in ("requests", "grants", "verifications",
                                      "refusals", "errors")],
           list(got["totals"].values()),
           "the plain form has the totals of the JSON form")
    t.none([e["endpoint"] for e in got["endpoints"]
            if rows[e["endpoint"]][1:2] + rows[e["endpoint"]][3:6] !=
            [str(e[k]) for k in ("requests", "2xx", "4xx", "5xx")]],
           "the plain form has the endpoints of the JSON form")
    t.ok(w.miner.ss58 in r.text, "the plain form shows whole addresses", r)
    r = top("--once", "--color", "always")
    t.ok("\x1b[1m" in r.text and not re.sub(r"\x1b\[[0-9]+m", "", r.text).count(
        "\x1b"), "--color always adds colours and no other codes", r)
    heads = [[line for line in top("--once").text.splitlines()
              if line.startswith("ENDPOINT")] for _ in range(2)]
    for _ in range(3):
        w.post(b"{")
    t.same(heads[0], [line for line in top("--once").text.splitlines()
                      if line.startswith("ENDPOINT")],
           "the columns of the plain form stay where they are")


def rates(t):
    p = subprocess.Popen(
        [os.path.join(endpoint.BUILD, "test", "bin", "foldergate"), "top",
         "--once", "--json", "--interval", "2"], env=w.env(),
        stdout=subprocess.PIPE)
    before = as_json()
    for i in range(6):
        w.post(b"{")
    got = json.loads(p.communicate(timeout=30)[0])
    s = got["interval_seconds"]
    most = got["totals"]["requests"] - before["totals"]["requests"]
    done = round(got["rates"]["requests"] * s)
    t.ok(2 <= s < 3 and 0 < done <= most == 6 and
         abs(got["rates"]["requests"] * s - done) < 0.1 and
         abs(got["rates"]["refusals"] * s - done) < 0.1 and
         got["rates"]["grants"] == 0,
         "with an interval the rates are those of its seconds",
         done, most, got["rates"], s)
    row = [e for e in got["endpoints"] if e["rate"]]
    t.ok(len(row) == 1 and row[0]["endpoint"] == "get-folder-access" and
         got["endpoints"][0] == row[0],
         "the endpoint that is asked comes first", got["endpoints"])


def stream(t):
    p = subprocess.Popen(
        [os.path.join(endpoint.BUILD, "test", "bin", "foldergate"), "top",
         "--json", "--interval", "1"], env=w.env(), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    lines = [json.loads(p.stdout.readline()) for _ in range(2)]
    p.stdout.close()
    status = p.wait(10)
    t.ok(all(0.9 < line["interval_seconds"] < 2 for line in lines),
         "--json prints a line for each interval", lines)
    t.ok(status == 1 and b"cannot be written" in p.stderr.read(),
         "--json ends when nobody reads its lines", status)


def files():
    found = {}
    for name in os.listdir(w.state):
        path = os.path.join(w.state, name)
        with open(path, "rb") as f:
            found[name] = (f.read(), os.stat(path).st_ino,
                           os.stat(path).st_mtime_ns, os.stat(path).st_uid)
    return {k: v for k, v in found.items() if not k.endswith(("-shm", "-wal"))}


def changes_nothing(t):
    before = files()
    top("--once")
    top("--once", "--json", "--interval", "1")
    t.same({k for k in before if files().get(k) != before[k]} |
           set(files()) - set(before), set(),
           "top changes no file and makes none")
    empty = w.path("empty")
    os.mkdir(empty)
    with w.settings(state_directory=empty):
        r = top("--once")
        t.ok(r.status == 1 and "there is none" in r.log and
             os.listdir(empty) == [], "top makes no file where none is", r,
             os.listdir(empty))


def spoilt(t):
    with open(TABLE, "rb") as f:
        good = f.read()
    for words, data, why in [
            ("an empty file", b"", "damaged"),
            ("half a table", good[:len(good) // 2], "damaged"),
            ("a table and more", good + b"x", "damaged"),
            ("a table of another version", good[:8] + b"\x02" + good[9:],
             "another version"),
            ("a table of other counters", good[:24] + b"\xff" + good[25:],
             "another version"),
            ("other bytes", os.urandom(len(good)), "another version")]:
        with open(TABLE, "wb") as f:
            f.write(data)
        r, j = top("--once"), top("--once", "--json")
        t.ok(r.status == 1 and r.log.startswith("foldergate: no counts in " +
                                                TABLE) and why in r.log and
             r.log.count("\n") == 1 and "snapshot of block 7000000" in r.text
             and j.status == 1 and why in json.loads(j.text)["no_counts"],
             "top says why it shows no counts: " + words, r, j)
        with open(TABLE, "rb") as f:
            t.same(f.read(), data, "top leaves what is no table as it is: " +
                   words)
    # Random numbers in all cells.
    with open(TABLE, "wb") as f:
        f.write(good[:48] + os.urandom(len(good) - 48))
    r = top("--once")
    t.ok(r.status == 0 and re.fullmatch(r"[ -~\n]+", r.text),
         "top prints whatever is in the cells, without codes", r)
    t.ok(isinstance(as_json(), dict), "JSON holds whatever is in the cells")
    os.chmod(TABLE, 0o644)
    r = top("--once")
    t.ok(r.status == 0, "a table that others may read is read", r)
    os.unlink(TABLE)
    os.symlink("/dev/zero", TABLE)
    r = top("--once")
    t.ok(r.status == 1, "a link in the place of the table is not followed", r)
    os.unlink(TABLE)
    with open(TABLE, "wb") as f:
        f.write(good)
    os.chmod(TABLE, 0o600)


def owners(t):
    """What root sees of a table of the endpoints' user, and what others do."""
    if os.geteuid() != 0 or endpoint.closed_to_others():
        t.skip("root sees the table of the endpoints' user", "needs root")
        return
    shared = w.path("shared")
    shutil.copytree(w.state, shared)
    for path in [shared] + [os.path.join(shared, n)
                            for n in os.listdir(shared)]:
        os.chown(path, OTHER, OTHER)
    os.chmod(w.dir, 0o755)
    with w.settings(state_shared=shared):
        r = top("--once", "--json")
        t.ok(r.status == 0 and json.loads(r.text)["totals"]["requests"] > 0,
             "root sees the table of the endpoints' user", r)
        t.same({os.stat(os.path.join(shared, n)).st_uid
                for n in os.listdir(shared)}, {OTHER},
               "root leaves no file of its own beside it")
        p = subprocess.run(
            [os.path.join(endpoint.BUILD, "test", "bin", "foldergate"), "top",
             "--once"], env=w.env(), user=OTHER - 1, group=OTHER,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        t.ok(p.returncode == 1 and "ermission denied" in p.stderr,
             "another user is told that the table is closed", p)


def hostile(t):
    db = sqlite3.connect(os.path.join(w.state, "store.sqlite"))
    db.execute("insert into counter values (?, ?, ?)", (
        w.now // 86400,
        "hotkey/\x1b]0;title\x07\x1b[2J\u202e/folder_grants", 39))
    db.commit()
    db.close()
    r, j = top("--once"), top("--once", "--json")
    t.ok(r.status == 0 and "]0;title" in r.text and
         re.fullmatch(r"[ -~\n]+", r.text),
         "a name in the ledger cannot speak to the terminal", r)
    t.ok(re.fullmatch(r"[^\x00-\x09\x0b-\x1f]+", j.text),
         "a name in the ledger has its control characters escaped in JSON", j)


def documented(t):
    for line in page.block("docs/monitor.md", "Look at it now", 1).splitlines():
        args = line.partition("#")[0].split()[1:]
        r = w.cli(*args)
        t.ok(r.status == 0 and ("rates of 2 s" in r.text) == (
            "--interval" in args) and r.text.startswith("{") == (
            "--json" in args), "the command in docs/monitor.md runs: " +
            " ".join(args), r)


def usage(t):
    for words, args, why in [
            ("an interval of 0", ("--interval", "0"), "--interval"),
            ("an interval that is too long", ("--interval", "3601"), "3600"),
            ("an interval with a unit", ("--interval", "2s"), "2s"),
            ("an argument", ("now",), '"now"'),
            ("a colour that is none", ("--color", "red"), "--color")]:
        r = top("--once", *args)
        t.ok(world.complains(r, 2, "top", why),
             "top refuses wrong usage: " + words, r)
    r = top("--once", env={"FOLDERGATE_CONFIG": w.path("none")})
    t.ok(world.complains(r, 1, "top", w.path("none")),
         "top names a configuration that is missing", r)
    with open("/dev/full", "w") as out:
        p = subprocess.run(
            [os.path.join(endpoint.BUILD, "test", "bin", "foldergate"), "top",
             "--once"], stdout=out, env=w.env(), stderr=subprocess.PIPE,
            text=True)
    t.same((p.returncode, p.stderr), (
        1, "foldergate: standard output cannot be written: "
        "No space left on device\n"),
        "top reports an output that is full")


tap.run([numbers, busiest, named, text, rates, stream, changes_nothing, spoilt, owners,
         hostile, documented, usage], endpoint.check_outputs)
