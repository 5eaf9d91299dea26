#!/usr/bin/python3
"""Where all tests have looked for the secrets that they planted: what programs
printed, answered and logged, the files they wrote, and what /proc showed of them.
scripts/check.sh runs this after all others, which note it in build/secrets/
(tests/support/planted.py)."""

import collections
import glob
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import planted
import tap

# Settings that name a file without a secret.
OPEN = {"chain.ca_file", "audit.refusals_file"}

# What at least was looked at, over all tests.
LEAST = {"output": 3000, "answer": 5000, "log": 100, "audit": 30, "file": 1000,
         "environ": 300, "cmdline": 300}


def notes():
    looked, seen, wrong = collections.Counter(), set(), []
    for path in glob.glob(os.path.join(planted.NOTES, "*")):
        with open(path) as f:
            for line in f.read().splitlines():
                word, _, rest = line.partition(" ")
                if word == "!":
                    wrong.append(rest)
                elif word == "planted":
                    seen.add(rest)
                else:
                    kind, n = rest.split()
                    looked[kind] += int(n)
    return looked, seen, wrong


def secrets(t):
    looked, seen, wrong = notes()
    print("# looked at %s" % ", ".join("%d %s" % (n, kind) for kind, n in
                                       sorted(looked.items())))
    t.none(sorted(set(wrong)), "no secret that a test planted is in an output, "
           "an answer, a log, an audit log, a file, an environment or an "
           "argument of any program")
    least = {kind: n for kind, n in LEAST.items() if kind not in (
        "environ", "cmdline") or os.geteuid() == 0}
    t.none(["%d of %s" % (looked[kind], kind) for kind, n in least.items()
            if looked[kind] < n], "all tests have looked for secrets in all "
           "kinds of places")
    t.same(looked["core"], 0, "no program has left a core")
    with open("common/config/keys.def") as f:
        want = {"%s.%s" % pair for pair in re.findall(
            r"^TEXT\((\w+), (\w+_file),", f.read(), re.M)} - OPEN
    t.none(sorted(want - seen), "a secret was planted by each setting that "
           "names one (%d)" % len(want))


if __name__ == "__main__":
    if not glob.glob(os.path.join(planted.NOTES, "*")):
        print("1..0 # SKIP no notes of other tests: sh scripts/check.sh")
        sys.exit(0)
    tap.run([secrets])
