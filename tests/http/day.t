#!/usr/bin/python3
"""A day of each generation of clients, as docs/limits.md counts it, with the
limits as they are where nothing is set: none of its calls is refused, and the
call after the last that a limit allows is."""

import http.server
import re
import sqlite3
import sys
import threading
import types
import xml.etree.ElementTree as xml
from contextlib import closing

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import bucket
import clients
import endpoint
import fcgi
import tap
import world
from shared import Shared

DAY = 86400

# So many calls of a day are made, spread over it.  Before them the ledger is
# told of the others, and of what the other clients of the subnet have asked
# for.
MADE = 100
MINERS, VALIDATORS = 256, 64

# What keys.def has: the route's limit.
LIMIT = {"get-folder-access": ("folder_grants", 100),
         "get-file-upload-url": ("file_grants", 20000),
         "get-validator-access": ("validator_answers", 30),
         **{name: ("validator_urls", 10000) for name in (
             "get-miner-list", "get-miner-specific-access",
             "get-folder-presigned-urls", "get-file-presigned-urls")}}
ALL = {"limits_" + name: None for name in (
    "address_per_minute", "address_burst")}
EMPTY = xml.fromstring(
    '<ListBucketResult xmlns="%s"><IsTruncated>false</IsTruncated>'
    "</ListBucketResult>" % clients.S3["s3"])


class Head(http.server.BaseHTTPRequestHandler):
    """No file is there yet."""

    def do_HEAD(self):
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


store = bucket.serve(http.server.ThreadingHTTPServer, Head)
store.daemon_threads = True
threading.Thread(target=store.serve_forever, daemon=True).start()
w = Shared(**ALL, chain_max_age_s=DAY, s3_endpoint="http://127.0.0.1:%d" %
           store.server_port)
bucket.index_of(w, [(w.folder + "job_id=a/f").encode()])
services = {name: w.serve(name) for name in LIMIT}

# Clients know the time, and the service, by these.
clients.time = types.SimpleNamespace(time=lambda: w.now)
clients.page = lambda url: EMPTY


class Refused(Exception):
    pass


def ask(self, path, body, headers=None, timeout=30):
    if not isinstance(body, bytes):
        body, headers = clients.json.dumps(body).encode(), {}
    a = services[path[1:]].ask({**fcgi.post(body), **{
        "HTTP_" + n.upper().replace("-", "_"): v
        for n, v in headers.items() if n.startswith("X-Tao-")}}, body)
    if a.code != 200:
        raise Refused(a.json["code"])
    return clients.json.loads(a.body)


clients.Client.ask = ask
files = ("data_20260320_%06d_250_0123456789abcdef.parquet" % i
         for i in range(10**6))
CALL = {
    "get-folder-access": lambda c: c.grant("x") if isinstance(
        c, clients.Miner_b2d3670) else c.grant(),
    "get-file-upload-url": lambda c: c.grant("default_0", next(files)),
    "get-validator-access": lambda c: c.access(),
    "get-miner-list": lambda c: c.files(w.miner.ss58),
    "get-miner-specific-access": lambda c: c.files(w.miner.ss58),
    "get-folder-presigned-urls": lambda c: c.jobs_of(w.miner.ss58),
    "get-file-presigned-urls": lambda c: c.urls(w.miner.ss58,
                                                [w.folder + "job_id=a/f"]),
}


def table():
    """Of docs/limits.md: client to its calls of a day, by route."""
    days = {}
    with open("docs/limits.md") as f:
        for row in re.findall(r"^\| (\w+_\w+) \| [^|]* \| /([\w-]+) \| (\d+) "
                              r"\|", f.read(), re.M):
            days.setdefault(row[0], {})[row[1]] = int(row[2])
    return days


def tomorrow(used):
    """Begin a new day, of which the ledger has counted this."""
    w.at(w.now - w.now % DAY + DAY + 1)
    with closing(sqlite3.connect(w.path("state/store.sqlite"),
                                 timeout=10)) as db:
        with db:
            db.executemany("INSERT INTO counter VALUES (?, ?, ?)", [
                (w.now // DAY, n, v) for n, v in used.items() if v > 0])


def client(name):
    miner = name.startswith("Miner")
    return getattr(clients, name)("", w.miner if miner else w.validator,
                                  w.owner if miner else w.owner2)


def before(c, calls, made, peers):
    """What is counted before the calls that are made."""
    used, role = {}, "miner" if peers == MINERS else "validator"
    for route, n in calls.items():
        for name in ("hotkey/" + c.hotkey, "coldkey/" + c.coldkey):
            name += "/" + LIMIT[route][0]
            used[name] = used.get(name, 0) + n - made[route]
    used["total/" + role] = sum(calls.values()) * (peers - 1) + sum(
        n - made[r] for r, n in calls.items())
    return used


def at(now):
    """Later on that day: who is registered was learnt when it began."""
    w.now = now
    w.write("clock", str(now))


def attempt(c, route):
    try:
        CALL[route](c)
    except Refused as e:
        return str(e)
    return "granted"


def replayed(t):
    days = table()
    kinds = {n for n in dir(clients) if re.match("Miner_|Validator_", n)}
    t.same(set(days), kinds, "docs/limits.md has a day of each client that the "
           "tests know")
    for name, calls in days.items():
        peers = MINERS if name.startswith("Miner") else VALIDATORS
        c = client(name)
        made = {route: min(n, MADE) for route, n in calls.items()}
        tomorrow(before(c, calls, made, peers))
        begin, said = w.now, []
        for i in range(MADE):
            at(begin + i * (DAY - 2) // MADE)
            said += [(route, attempt(c, route))
                     for route in calls if i < made[route]]
        t.none([s for s in said if s[1] != "granted"],
               "a day of %s is granted, %d calls, with %d others at work" %
               (name, sum(calls.values()), peers - 1))


def one_more(t):
    """The call after the last."""
    asks = {route: name for name, calls in table().items() for route in calls}
    for route, (kind, limit) in LIMIT.items():
        c = client(asks[route])
        tomorrow({"hotkey/%s/%s" % (c.hotkey, kind): limit - 1})
        first = attempt(c, route)
        at(w.now + 1)
        t.same((first, attempt(c, route)), ("granted", "daily_limit"),
               "%s is granted %d times a day to one hotkey and refused once "
               "more" % (route, limit))


if __name__ == "__main__":
    tap.run([replayed, one_more], endpoint.check_outputs)
