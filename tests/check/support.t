#!/usr/bin/python3
"""The support code of the tests: a test that breaks off fails alone, and the
text of a test is a sentence."""

import contextlib
import glob
import io
import os
import re
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


def judged(text):
    """What a good test with this text prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        tap.Tap().ok(True, text)
    return out.getvalue().splitlines()[0]


def sentences(t):
    t.same(judged("three words pass"), "ok 1 - three words pass",
           "a text of three words is a sentence")
    for text in "", "two words", "  spaces   alone ":
        t.ok(judged(text).startswith("not ok 1 - "),
             "a test fails when its text is no sentence: %r" % text)
    short = []
    for path in sorted(glob.glob("tests/unit/*.c")):
        with open(path) as f:
            names = re.findall(r"^static void\n(\w+)\(void \*\*state\)",
                               f.read(), re.M)
        short += ["%s: %s" % (path, name) for name in names
                  if len(name.split("_")) < tap.WORDS]
    t.none(short, "every unit test has a name of three words or more")


if __name__ == "__main__":
    tap.run([whole, planted, sentences])
