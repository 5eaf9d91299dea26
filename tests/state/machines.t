#!/usr/bin/python3
"""Two machines with one Redis, as docs/several-machines.md describes: what they
share, and the command there that copies what they do not share."""

import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import page
import tap
from shared import REDIS, Redis, Shared, ask, said


def copy(t, here, there, name):
    """Run it as it is there, with other places, users and files."""
    text = page.block("docs/several-machines.md", "Keep them in step", 1)
    for was, now in [("FROM=/var/lib/foldergate", "FROM=" + here.state),
                     ("TO=/var/lib/foldergate", "TO=" + there.state),
                     ('OTHER="ssh root@10.0.0.2"', 'OTHER="sh -c"'),
                     ('OWNER="-o foldergate-sync -g foldergate"', "OWNER="),
                     ("for f in denylist;", "for f in %s;" % name)]:
        if text.count(was) != 1:
            raise RuntimeError("%s is not in docs/several-machines.md" % was)
        text = text.replace(was, now)
    r = subprocess.run(["sh", "-c", text], capture_output=True)
    t.ok(r.returncode == 0 and not r.stderr, "the command of the page copies "
         "%s to another machine" % name, r)


def machines(t):
    redis = Redis()
    a, b = Shared(redis), Shared(redis)
    s = b.serve()
    body = a.request()
    t.same([said(a.post(body)), said(ask(s, body))],
           ["granted", "replay_detected"],
           "what one machine granted is a replay for the other")
    t.ok(a.usage() == b.usage() and a.used() == 1,
         "usage shows the same counts on both machines", a.usage(), b.usage())
    a.cli("deny", "add", "--hotkey", a.miner.ss58, "--reason", "a test")
    t.same(said(ask(s, b.request())), "granted",
           "a key that is denied on one machine is granted on the other")
    copy(t, a, b, "denylist")
    t.same([said(ask(s, b.request())), said(ask(s, b.request(b.other)))],
           ["denied", "granted"],
           "a copied deny list holds from the next request on")
    a.cli("deny", "remove", "--hotkey", a.miner.ss58)
    copy(t, a, b, "denylist")
    t.same(said(ask(s, b.request())), "granted",
           "a copied deny list without the key grants again")
    os.unlink(b.state + "/metagraph.snapshot")
    t.same(b.get("healthcheck").json.get("reason"), "no_identity",
           "a machine without a snapshot knows nobody")
    copy(t, a, b, "metagraph.snapshot")
    t.same((b.get("healthcheck").json["status"], said(b.post(b.request()))),
           ("ok", "granted"), "a copied snapshot is used")
    s.stop()
    redis.kill()


if __name__ == "__main__":
    tests = [machines]
    if not os.access(REDIS, os.X_OK):
        tests = [lambda t: t.skip("two machines with one ledger",
                                  "no " + REDIS)]
    tap.run(tests, endpoint.check_outputs)
