#!/usr/bin/python3
"""What README, docs/ and the other documents say, compared with the tree: files,
commands, options, endpoints, fields, codes, settings.  A statement that a script
can check must not become untrue unseen."""

import glob
import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import keys
import metrics
import tap

BUILD = os.environ.get("BUILD", "build")
PAGES = sorted(glob.glob("*.md") + glob.glob("docs/*.md") +
               glob.glob("tests/*.md"))
TEXT = {}
for page in PAGES:
    with open(page) as f:
        TEXT[page] = f.read()

# CHANGELOG speaks of the past, too.
PRESENT = [page for page in PAGES if page != "CHANGELOG.md"]


def read(path):
    with open(path) as f:
        return f.read()


def run(*args, **env):
    """What a program prints: standard output, then the rest."""
    r = subprocess.run(args, env={"PATH": os.environ["PATH"], **env},
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=60)
    return (r.stdout + r.stderr).decode()


# --- files ---------------------------------------------------------------------

# Where a path in a document may start.
ROOTS = ["", "common", "docs", "tests", "tests/support"]
PATH = re.compile(r"(?<![\w/.$<>~:-])(?:[\w*-]+/)+[\w*.-]*\w\.(?:c|h|def|t|sh|py"
                  r"|md|conf|txt)\b|\b[A-Z]{4,}\.md\b")


def there(path):
    return any(glob.glob(os.path.join(root, path)) for root in ROOTS)


def files(t):
    t.none(["%s: %s" % (page, path) for page in PRESENT
            for path in PATH.findall(TEXT[page])
            if "NAME" not in path and path != "bar/foo.c" and
            not there(path)],
           "every file that a document names exists")


def anchor(heading):
    return re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")


def links(t):
    wrong = []
    for page in PAGES:
        # What looks like a link in a program is none.
        text = re.sub(r"^```.*?^```$", "", TEXT[page], flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)]+)\)", text):
            path, _, name = target.partition("#")
            path = os.path.normpath(os.path.join(
                os.path.dirname(page), path)) if path else page
            if not os.path.exists(path):
                wrong.append("%s: %s" % (page, target))
            elif name and name not in [anchor(h) for h in re.findall(
                    r"^#+ (.*)$", TEXT[path], re.M)]:
                wrong.append("%s: no heading %s" % (page, target))
    t.none(wrong, "every link in a document leads to a file, and to a heading "
           "of it")
    t.none([page for page in glob.glob("docs/*.md")
            if page not in "".join(TEXT["README.md"])],
           "README links to every page of docs/")


# --- commands ------------------------------------------------------------------

def commands_of(page):
    """The command lines of a document: of its indented blocks, continuation
    lines joined, and of its code in backquotes."""
    text = TEXT[page]
    joined = re.sub(r"(\\|\||&&)\n\s*", lambda m: m.group(1).strip("\\") + " ",
                    text)
    lines = re.findall(r"^    (.*)$", joined, re.M)
    lines += re.findall(r"`([^`\n]+)`", re.sub(r"`([^`]*)\n([^`]*)`",
                                             r"`\1 \2`", text))
    for line in lines:
        for part in re.split(r"\s[|;]\s|&&|\|$", re.sub(r"\s# .*", "", line)):
            yield part.strip()


# Programs, and how to ask one for its words and options.
HELP = {
    "chain-sync": lambda: run(BUILD + "/bin/chain-sync", "--help"),
    "bucket-sync": lambda: run(BUILD + "/bin/bucket-sync", "--help"),
    "run.sh": lambda: run("sh", "scripts/run.sh", "--help"),
    "setup.sh": lambda: run("sh", "scripts/setup.sh"),
    "check.sh": lambda: run("sh", "scripts/check.sh", "--help"),
}
PROGRAM = re.compile(r"(?:^|\s)(?:[\w./]*/)?(foldergate|%s)((?:\s.*)?)$" %
                     "|".join(re.escape(name) for name in HELP))


def client(t):
    table = re.findall(r"^  ([a-z-]+)  +[A-Z]", run(BUILD + "/bin/foldergate",
                                                   "help"), re.M)
    helps = {name: run(BUILD + "/bin/foldergate", name, "--help")
             for name in table}
    unknown, options, seen = [], [], set()
    for page in PRESENT:
        for line in commands_of(page):
            m = PROGRAM.search(line)
            if m is None:
                continue
            program, rest = m.group(1), m.group(2).split()
            if program == "foldergate":
                if not rest or rest[0] in ("help", "COMMAND", "...") or \
                        rest[0].startswith("-"):
                    continue
                if rest[0] not in table:
                    unknown.append("%s: %s" % (page, line))
                    continue
                seen.add(rest[0])
                text = helps[rest[0]]
            else:
                text = HELP[program]()
            for word in rest:
                word = word.strip("[]").partition("=")[0]
                if word.startswith("--") and word != "--help" and \
                        not re.search(re.escape(word) + r"\b", text):
                    options.append("%s: %s in: %s" % (page, word, line))
    t.none(unknown, "every command of foldergate that a document names is in "
           "its table")
    t.none(options, "every option that a document names is in the program's "
           "help")
    t.none(sorted(set(table) - seen), "every command of foldergate is in a "
           "document")


# --- settings ------------------------------------------------------------------

# Files of the state directory that look like settings.
FILES = ["audit.log", "bucket.index", "metrics.table"]


def settings(t):
    rows = keys.table()
    text = TEXT["docs/configure.md"].partition("\n## All settings\n")[2]
    want = ["| `%s` | %s | %s |" % (name, value, about.replace("<", r"\<"))
            for name, value, about in rows]
    got = [line for line in text.splitlines() if line.startswith("| `")]
    t.none(["write: " + line for line in want if line not in got] +
           ["remove: " + line for line in got if line not in want],
           "docs/configure.md has every setting, its default and its meaning "
           "as check-config prints them")
    t.same(got == want or set(got) != set(want), True,
           "docs/configure.md has the settings in the order of keys.def")

    names = {name for name, _, _ in rows}
    sections = "|".join({name.partition(".")[0] for name in names})
    t.none(["%s: %s" % (page, name) for page in PRESENT
            for name in re.findall(r"`((?:%s)\.[a-z]\w+)(?: = [^`]*)?`" %
                                   sections, TEXT[page])
            if name not in names and name not in FILES],
           "every setting that a document names exists")

    defaults = {name: value for name, value, _ in rows}
    wrong = []
    for page in PRESENT:
        if page == "docs/configure.md":
            continue
        for name, value in re.findall(r"^\| `(\w+\.\w+)` \| ([^|]*) \|",
                                      TEXT[page], re.M):
            if name in defaults and defaults[name] != value:
                wrong.append("%s: %s is %s, not %s" % (
                    page, name, defaults[name], value))
    t.none(wrong, "every default in a table of a document is the program's")
    t.ok(any(re.search(r"^\| `limits\.", TEXT[page], re.M)
             for page in ["docs/limits.md"]),
         "docs/limits.md has a table of limits")


def providers(t):
    rows = re.findall(r'ROW\(\w+, "(\w+)", "([\w-]*)", (\w+), (\w+), "(\w*)",\s*'
                      r'\\?\s*"(\w*)"\)', read("common/config/providers.h"))
    want = ["| %s | %s | %s | %s | %s | %s |" % (
        word, region or "required", "virtual" if virtual == "true" else "path",
        "yes" if post == "true" else "no", acl or "none", storage or "none")
        for word, region, virtual, post, acl, storage in rows]
    t.ok(len(rows) >= 6, "providers.h is read")
    t.none([line for line in want if line not in TEXT["docs/configure.md"]],
           "docs/configure.md has every provider's values")


# --- the API -------------------------------------------------------------------

API = TEXT.get("docs/api.md", "")


def endpoints(t):
    names = sorted(os.path.basename(path)[:-2]
                   for path in glob.glob("cgi-bin/*.c"))
    want = {}
    for name in names:
        source = read("cgi-bin/%s.c" % name)
        want["/" + name] = re.search(r'\.method = "(\w+)"', source).group(1)
    rows = re.findall(r"^\| (/[\w-]+) \| (\w+) \|", API, re.M)
    t.same(dict(rows), want, "docs/api.md lists the endpoints of cgi-bin/, each "
           "with its method")
    t.same(sorted(re.findall(r"^## (?:GET|POST) (/[\w-]+)$", API, re.M)),
           sorted(want), "docs/api.md has a section for each endpoint")


# It comes from the programs' tables.
OPENAPI = json.loads(read(BUILD + "/openapi.json"))["paths"]


def callers(t):
    want = {path: operation["tags"][0] for path, item in OPENAPI.items()
            for operation in item.values()}
    t.same(dict(re.findall(r"^\| (/[\w-]+) \| \w+ \| (\w+) \|", API, re.M)),
           want, "docs/api.md says for each endpoint who may ask, as "
           "openapi.json does")


def fields(t):
    missing, n = [], 0
    for path, item in OPENAPI.items():
        section = re.search(r"^## \w+ %s$(.*?)(?=^## )" % path, API,
                            re.S | re.M)
        if section is None:
            continue
        told = set(re.findall(r"\w+", " ".join(re.findall(
            r"`([^`]+)`", section.group(1)))))
        for operation in item.values():
            parts = [operation["responses"]["200"]]
            parts += [operation[k] for k in ["requestBody"] if k in operation]
            for part in parts:
                if "application/json" not in part["content"]:
                    continue
                names = part["content"]["application/json"]["schema"][
                    "properties"]
                n += len(names)
                missing += ["%s: %s" % (path, field) for field in sorted(names)
                            if field not in told]
    t.ok(n > 50, "openapi.json has the fields of the programs' tables", n)
    t.none(missing, "docs/api.md names every field of every request and answer")


def signed_texts(t):
    want = set(re.findall(r'SIGNED_TEXT\(\w+, "([^"]+)"\)',
                          read("common/auth/signed_text.def")))
    rows = re.findall(r"^\| `(s3:[^`]+)` \| ([^|]*) \|", API, re.M)
    t.same({form for form, _ in rows}, want,
           "docs/api.md has every signed text")
    t.same({form: sorted(re.findall(r"/[\w-]+(?=,|$| )", paths))
            for form, paths in rows},
           {form: sorted(path for path, item in OPENAPI.items()
                         for operation in item.values()
                         if "`%s`" % form in operation["description"])
            for form in want},
           "docs/api.md says for which endpoints each text is signed, as "
           "openapi.json does")


def codes(t):
    rows = re.findall(r"^\| (\d{3}) \| ((?:`\w+`(?:, )?)+) \|", API, re.M)
    told = {(status, code) for status, list_ in rows
            for code in re.findall(r"`(\w+)`", list_)}
    ours = set(re.findall(r'^ERR\(\w+, (\d+), "(\w+)"',
                          read("common/base/err.def"), re.M)) - {("200", "ok")}
    servers = set()
    for path in glob.glob("errors/*.html"):
        servers.add((os.path.basename(path)[:3],
                     json.loads(read(path))["code"]))
    t.none(sorted(ours - told), "docs/api.md has every code of err.def, under "
           "its status")
    t.none(sorted(servers - told), "docs/api.md has every code of "
           "errors/, under its status")
    t.none(sorted(told - ours - servers), "docs/api.md has no other code")
    source = "".join(read(p) for p in glob.glob("cgi-bin/*.c") +
                     glob.glob("common/*/*.c") + ["common/base/err.def"])
    section = re.search(r"^## GET /readyz$(.*?)(?=^## )", API, re.S | re.M)
    t.none([code for row in re.findall(r"^\| (`.*?) \|", section.group(1), re.M)
            for code in re.findall(r"`(\w+)`", row)
            if '"%s"' % code not in source],
           "every reason of /readyz in docs/api.md is one of the programs'")


def monitored(t):
    rows = ["| `%s` | %s | %s | %s |" % (
        name, kind, ", ".join("`%s`" % label for label in labels), words)
        for name, (kind, labels, words) in metrics.table().items()]
    rows = [row.replace("|  |", "| |") for row in rows]
    t.same([line for line in TEXT["docs/monitor.md"].splitlines()
            if line.startswith("| `foldergate_")], rows,
           "docs/monitor.md has every metric of metrics.def, its type, labels "
           "and meaning")


def example(t):
    """The endpoint in docs/develop.md, as a compiler reads it."""
    code = re.search(r"^```c\n(.*?)^```$", TEXT["docs/develop.md"],
                     re.S | re.M).group(1)
    r = subprocess.run(["cc", "-std=c11", "-D_GNU_SOURCE", "-Icommon", "-Wall",
                        "-Wextra", "-Wshadow", "-Wconversion", "-Werror",
                        "-fsyntax-only", "-xc", "-"], input=code.encode(),
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    t.same((r.returncode, r.stdout.decode()), (0, ""),
           "the endpoint in docs/develop.md compiles without a warning")


def steps(t):
    t.same(re.findall(r"(\d+)\s+steps", TEXT["README.md"]),
           [str(len(re.findall(r"^\s*step \d{3} ", read("scripts/demo.sh"),
                               re.M)))],
           "README promises as many steps as run.sh shows")


# --- the map -------------------------------------------------------------------

def tree(t):
    block = re.search(r"^## Map\n\n(.*?)\n\n", TEXT["README.md"] + "\n\n",
                      re.S | re.M).group(1)
    told, folder = {}, ""
    for line in block.splitlines():
        m = re.match(r"    ([\w-]+)/ ", line)
        if m is not None:
            folder = m.group(1)
            told[folder] = ""
        told[folder] += line[20:] + " "

    # What git does not know is nobody's folder: built, or a demo's.
    def folders(where):
        return {name for name in os.listdir(where)
                if os.path.isdir(os.path.join(where, name)) and
                not name.startswith((".", "__")) and not os.path.exists(
                    os.path.join(where, name, ".foldergate-run"))}
    t.same(sorted(told), sorted(folders(".") - {"build", BUILD.split("/")[0]}),
           "the map in README has every folder of the tree")
    for where in "common", "tests":
        t.same(sorted(re.findall(r"\b([\w-]+)/", told[where])),
               sorted(folders(where)),
               "the map in README has every folder of %s/" % where)


if __name__ == "__main__":
    tap.run([files, links, client, settings, providers, endpoints,
             callers, fields, signed_texts, codes, monitored, example, steps,
             tree])
