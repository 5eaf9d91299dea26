#!/usr/bin/python3
"""Every default that README and docs/ state outside the table of all settings,
compared with the programs: beside its setting, in a sentence, or computed."""

import glob
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import keys
import tap

PAGES = {}
for path in sorted(glob.glob("*.md") + glob.glob("docs/*.md") +
                   glob.glob("tests/*.md")):
    if path != "CHANGELOG.md":          # it speaks of the past, too
        with open(path) as f:
            PAGES[path] = f.read()
DEFAULTS = {name: value for name, value, _ in keys.table()}


def flat(text):
    return re.sub(r"\s+", " ", text)


def integer(name):
    return int(DEFAULTS[name])


UNITS = {"": 1, "s": 1, "seconds": 1, "minutes": 60, "hours": 3600,
         "days": 86400, "bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20,
         "GiB": 1 << 30, "blocks": 1}
FIGURE = r"(\d[\d,]*)(?: (%s)\b)?" % "|".join(u for u in UNITS if u)

# Figures that stand without the name of their setting.
UNNAMED = [("README.md", r"files \(%s to ", "access.min_bytes"),
           ("README.md", r"files \([^)]* to %s\)", "access.max_bytes"),
           ("docs/clients.md", r"A grant is valid for %s", "access.ttl_s")]


def figures(t):
    """`section.key` with its default after it, in brackets, after a comma or in
    the next cell; or the figure with `section.key` in brackets."""
    wrong, n = [], 0
    for page, text in PAGES.items():
        text = flat(text)
        found = re.findall(r"`(\w+\.\w+)`[^`.()|]{0,40}\(%s\)" % FIGURE,
                           text)
        found += [(name, number, unit) for number, unit, name in re.findall(
            r"\b%s \(`(\w+\.\w+)`[^`)]*\)" % FIGURE, text)]
        found += re.findall(r"`(\w+\.\w+)`, %s(?=[,)])" % FIGURE, text)
        found += re.findall(r"\| `?(\w+\.\w+)`? \| %s \|" % FIGURE, text)
        for where, form, name in UNNAMED:
            if where == page:
                found.append((name, *re.search(form % FIGURE, text).groups()))
        for name, number, unit in found:
            unit = unit or ""
            if name not in DEFAULTS:
                continue
            n += 1
            value = str(int(number.replace(",", "")) * UNITS[unit])
            if DEFAULTS[name] != value:
                wrong.append("%s: %s is %s, not %s %s" % (
                    page, name, DEFAULTS[name], number, unit))
    t.ok(n >= 10, "sentences with a default are found", n)
    t.none(wrong, "every default in a sentence of a document, beside its "
           "setting, is the program's")


DAY_MINUTES = 24 * 60


def day(names):
    return "a day" if all(integer(name) == 86400 for name in names) else None


def lifetime(more_s):
    """How long a deregistered miner can write: until then it gets grants."""
    hours, minutes = divmod((integer("access.ttl_s") + more_s) // 60, 60)
    return "%d hours and %d minutes" % (hours, minutes)


def pool():
    """How many processes of each endpoint pool.sh starts."""
    with open("scripts/pool.sh") as f:
        n = int(re.search(r"^processes=(\d+) ", f.read(), re.M)[1])
    return ["None", "One", "Two", "Three"][n]


# Where a default is told in words: page, form, and what it must be.  30 s until
# a block is final is rounded up to a minute.
SAID = [
    ("docs/chain.md", r"\| (\w+) \(default\) \| known \|",
     DEFAULTS["chain.network"]),
    ("docs/chain.md", r"\| (\w+) \(default\) \| the hotkey's alpha",
     DEFAULTS["chain.validator_stake"]),
    ("docs/chain.md", r"more than ([\d,]+) alpha",
     "{:,}".format(integer("chain.min_validator_stake"))),
    ("docs/chain.md", r"for about (\d+ hours and \d+ minutes), or",
     lifetime(integer("chain.sync_interval_s") + 60)),
    ("docs/chain.md", r"minutes, or (\d+ hours and \d+ minutes) if no node",
     lifetime(integer("chain.max_age_s"))),
    ("docs/limits.md", r"the answer is valid for (\d+) hours",
     str(integer("access.validator_ttl_s") // 3600)),
    ("docs/migration.md", r"`(\w+)` \(default\)", DEFAULTS["migration.phase"]),
    ("docs/migration.md", r"`access\.layouts` says which layouts are granted "
     r"\(default: (\w+)\)", {"coldkey, hotkey": "both"}.get(
         DEFAULTS["access.layouts"])),
    ("docs/rotation.md", r"`access\.ttl_s`, or `access\.validator_ttl_s` for "
     r"the read pair \(([\w ]+) by default\)",
     day(["access.ttl_s", "access.validator_ttl_s"])),
    ("docs/sizing.md", r"(\w+) are the default", pool()),
    ("docs/sizing.md", r"`limits\.validator_total`, (\d+) million together",
     str((integer("limits.miner_total") + integer("limits.validator_total")) //
         10**6)),
    ("docs/sizing.md", r"lines a minute for each hotkey, (\d+) million",
     str(256 * DAY_MINUTES * integer("limits.address_per_minute") // 10**6)),
    ("docs/sizing.md", r"one older file of that size \| (\d+) MB, in all",
     "%.0f" % (2 * integer("audit.refusals_max_bytes") / 10**6)),
    ("DESIGN.md", r"It is (\w+) by default, because no known client is a web",
     "off" if DEFAULTS["cors.origins"] == "not set" else "on"),
    ("DESIGN.md", r"(\w+) is let in by default",
     "Nobody" if DEFAULTS["metrics.token_file"] == DEFAULTS["metrics.allow"] ==
     "not set" else "Somebody"),
    ("DESIGN.md", r"Log lines for requests are (\w+) by default",
     "off" if DEFAULTS["log.requests"] == "none" else "on"),
]

# Defaults of options, and the tests that run the command without them.
OPTIONS = [("docs/tools.md", "| `fail` (default) |", "tests/s3/migrate.t")]

# Defaults of others.
OTHERS = [("docs/chain.md", "which is what `btcli` makes by default"),
          ("DESIGN.md", "By default, SQLite keeps the file")]

STATES = r"\(default[^)]*\)|\b[Bb]y default\b|\b(?:are|is) the default\b"


def sentences(t):
    wrong = []
    for page, form, want in SAID:
        found = re.findall(form, flat(PAGES[page]))
        if found != [want]:
            wrong.append("%s: %r, not %r: %s" % (page, found, want, form))
    t.none(wrong, "every default that a document tells in words is the "
           "program's (%d)" % len(SAID))
    unknown = []
    for page, text in PAGES.items():
        text = flat(text)
        known = [m.span() for where, form, _ in SAID if where == page
                 for m in re.finditer(form, text)]
        known += [m.span() for where, words, *_ in OTHERS + OPTIONS
                  if where == page
                  for m in re.finditer(re.escape(words), text)]
        for m in re.finditer(STATES, text):
            if not any(begin <= m.start() and m.end() <= end
                       for begin, end in known):
                unknown.append("%s: %s" % (page, text[
                    max(0, m.start() - 60):m.end() + 20]))
    t.none([test for _, _, test in OPTIONS if not os.path.exists(test)],
           "each test of an option's default exists")
    t.none(unknown, "no document states a default that is compared with "
           "nothing")


def own(t):
    """The person's settings, in docs/tools.md."""
    r = subprocess.run([os.path.join(endpoint.BUILD, "bin", "foldergate"),
                        "config"], env={"HOME": "/nonexistent"}, check=True,
                       stdout=subprocess.PIPE)
    want = {m[1]: m[2].replace("/nonexistent", "~") for m in re.finditer(
        r"^(\S+) +(\S+)  \(default\)$", r.stdout.decode(), re.M)}
    got = {m[1]: m[2] for m in re.finditer(
        r"^\| `([\w-]+)` \| FOLDERGATE_\w+ \| [^|]* \| (\S+) \|$",
        PAGES["docs/tools.md"], re.M)}
    t.ok(len(want) > 4, "foldergate config prints defaults", r.stdout)
    t.same(got, want, "docs/tools.md has the defaults of the person's "
           "settings")


if __name__ == "__main__":
    tap.run([figures, sentences, own])
