#!/usr/bin/python3
"""foldergate check-store: its options, and what it says before it asks."""

import socket
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import world

w = world.World()


def run(*args, **settings):
    with w.settings(**settings):
        return w.cli("check-store", *args, installed=True,
                     env={"FOLDERGATE_CONFIG": w.conf})


def options(t):
    for text, args, why in [
            ("an unknown option", ["--fast"], "unknown option --fast"),
            ("an operand", ["dots"], 'unexpected argument "dots"'),
            ("a value for a flag", ["--internal=x"],
             "--internal takes no value"),
            ("a flag given twice", ["--internal", "--internal"],
             "--internal is given twice")]:
        t.ok(world.complains(run(*args), 2, "check-store", why),
             "check-store refuses " + text)
    r = run("--help")
    t.ok(r.status == 0 and "--internal" in r.text and "Example:" in r.text,
         "check-store has a help with an example", r)


def settings(t):
    for text, values, why in [
            ("without a bucket", {"s3_bucket": None}, "s3.bucket"),
            ("without a region", {"s3_region": None}, "s3.region"),
            ("without a key pair", {"s3_access_key_id": None},
             "access key id"),
            ("without a secret", {"s3_secret_access_key_file":
                                  w.path("none")}, "none")]:
        r = run(**values)
        t.ok(r.status == 1 and not r.text and why in r.log and
             r.log.count("\n") == 1,
             "check-store ends with one line %s" % text, r)


def silent(t):
    """Somebody listens, and never answers."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen(50)
        url = "http://127.0.0.1:%d" % s.getsockname()[1]
        began = time.monotonic()
        r = run(s3_endpoint=url, s3_public_endpoint=url)
    took = time.monotonic() - began
    t.ok(r.status == 1 and "status 0" in r.log and took < 50,
         "a store that never answers is given up after three requests", took, r)
    t.ok("scratch folder: data/CHECK-STORE=" in r.text and
         "is not known" in r.text,
         "what such a store may hold is said to be unknown", r)


if __name__ == "__main__":
    tap.run([options, settings, silent], endpoint.check_outputs)
