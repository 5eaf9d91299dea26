#!/usr/bin/python3
"""The manual pages: mandoc reads them, and they say what the programs and docs/
say."""

import glob
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap

BIN = os.path.join(endpoint.BUILD, "bin")


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False,
                          env=dict(os.environ, LC_ALL="C.UTF-8")
                          ).stdout.decode()


def words(text):
    """A text without its layout, and without hyphens that end a line."""
    return re.sub(r"\s+", "", text)


def shown(page):
    text = output("mandoc", "-Tutf8", "-Owidth=200", page)
    return words(re.sub(".\b", "", text).replace("\u2019", "'"))


def paragraphs(page):
    """The lines of a page of docs/ that stand as they are: no heading,
    table, list, link or mark."""
    with open(page) as f:
        for block in f.read().split("\n\n"):
            if not re.search(r"[\[\]|\\#*]|^- |```", block, re.M):
                yield words(block.replace("`", ""))


def pages_say_it(t, pages):
    t.none([line for page in pages
            for line in output("mandoc", "-Tlint", page).splitlines()],
           "mandoc finds nothing to say about any manual page")

    page = {os.path.basename(p): shown(p) for p in pages}
    commands = re.findall(r"^  ([a-z-]+)   *[A-Z]", output(BIN + "/foldergate",
                          "--help"), re.M)
    t.none([c for c in commands
            if "foldergate%s" % c not in page["foldergate.1"]
            and "foldergate-%s.1" % c not in page],
           "every command of foldergate is in a manual page")
    missing = []
    for c in commands:
        text = page.get("foldergate-%s.1" % c, page["foldergate.1"])
        for option in re.findall(r"--[a-z][a-z-]*",
                                 output(BIN + "/foldergate", c, "--help")):
            if option not in text:
                missing.append("%s %s" % (c, option))
    t.none(missing, "every option of every command is in its manual page")
    with open("common/auth/signed_text.def") as f:
        texts = re.findall(r'"(s3:[^"]*?)"', f.read())
    t.ok(len(texts) > 3, "there are texts to sign")
    t.none([x for x in texts if x not in page["foldergate.7"]],
           "foldergate(7) has every text that is signed")
    with open("common/base/err.def") as f:
        codes = re.findall(r'^ERR\(\w+, \d+, "([a-z_0-9]+)"', f.read(), re.M)
    t.none([c for c in codes if c != "ok" and c not in page["foldergate.7"]],
           "foldergate(7) has every code of a refusal")
    with open("common/config/keys.def") as f:
        keys = re.findall(r"^(?:TEXT|LIST|INT|BOOL|ENUM|SET|MAYBE)\("
                          r"(\w+), (\w+)", f.read(), re.M)
    t.none(["%s.%s" % k for k in keys
            if "%s.%s" % k not in page["foldergate.conf.5"]],
           "foldergate.conf(5) has every setting")
    for doc, name in (("docs/configure.md", "foldergate.conf.5"),
                      ("docs/api.md", "foldergate.7")):
        want = list(paragraphs(doc))
        t.ok(len(want) > 10, "%s has paragraphs to look for" % doc)
        t.none([w for w in want if w not in page[name]],
               "%s says every plain paragraph of %s" % (name, doc))


def the_pages(t):
    here = os.path.join(endpoint.BUILD, "man-test.%d" % os.getpid())
    try:
        t.same(output("sh", "scripts/man.sh", BIN, here), "",
               "the manual pages are made without a word")
        pages_say_it(t, sorted(glob.glob(here + "/*")))
    finally:
        shutil.rmtree(here, ignore_errors=True)


if shutil.which("mandoc") is None:
    print("1..0 # SKIP mandoc is not installed")
else:
    tap.run([the_pages])
