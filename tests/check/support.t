#!/usr/bin/python3
"""The support code of the tests: a test that breaks off fails alone."""

import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import tap

FIXTURE = "tests/support/fixture.py"
NAMES = "first", "second", "third"


def lines(broken=""):
    """The fixture's exit status, and its TAP lines: text to whether it is
    ok."""
    r = subprocess.run([sys.executable, FIXTURE], stdout=subprocess.PIPE,
                       env={**os.environ, "BREAK": broken})
    found = {}
    for line in r.stdout.decode().splitlines():
        number, dash, text = line.partition(" - ")
        if dash and not line.startswith("#"):
            found[text] = number.startswith("ok")
    return r.returncode, found


def whole(t):
    status, found = lines()
    t.same((status, len(found), all(found.values())), (0, 6, True),
           "the fixture passes when no exception is planted")


def planted(t):
    for name in NAMES:
        status, found = lines(name)
        t.same(status, 1, "an exception in the %s test fails the file" % name)
        t.same([text for text, good in found.items() if not good],
               ["%s ran to its end" % name],
               "an exception in the %s test fails only that test" % name)
        t.same(sum(text.startswith("the ") for text in found), 5,
               "every other test runs after an exception in the %s test" %
               name)


if __name__ == "__main__":
    tap.run([whole, planted])
