#!/usr/bin/python3
"""Every block of code in README and docs/: a test runs it, or it is run here, or
its settings are read here, or REASONS says why nobody runs it; then at least the
shell accepts it and the files and programs of ours that it names exist."""

import glob
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import page
import tap

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
BIN = BUILD + "/bin"
PAGES = ["README.md"] + sorted(glob.glob("docs/*.md"))
BLOCKS = {(path, heading, n): text for path in PAGES
          for heading, n, text in page.blocks(path)}
CALL = re.compile(r'page\.block\(\s*"([^"]+)",\s*"([^"]+)",\s*(\d+)\)')

DOCKER = "needs Docker and packages from the network"
LONG = "builds, installs packages or takes minutes"

# Page, heading, number: why it is not run.
REASONS = {
    ("README.md", "Try it", 1): "asks the network for the source; "
    "tests/server/demo.t runs the demo",
    ("README.md", "I change the code", 1): LONG,
    ("docs/develop.md", "Build and test", 1): LONG,
    ("docs/docker.md", "Containers", 1): DOCKER,
    ("docs/docker.md", "Configure it", 1): DOCKER,
    ("docs/docker.md", "Configure it", 2): DOCKER,
    ("docs/docker.md", "Several containers", 1): DOCKER,
    ("docs/operate.md", "Install", 1): "builds packages and installs them; "
    "tests/install/deb.t does the same on a machine of its own",
    ("docs/shared-hosting.md", "Make the directory to copy", 1): LONG,
    ("docs/shared-hosting.md", "Copy it", 1): "needs an account of a hoster",
    ("docs/shared-hosting.md", "Copy it", 4): "needs an account of a hoster",
    ("docs/sizing.md", "Sizing", 1): LONG,
}

# No commands: figures, log lines, files of other programs.
OTHER = {
    ("README.md", "foldergate", 1), ("README.md", "Map", 1),
    ("docs/audit.md", "The audit log", 1),
    ("docs/develop.md", "Add an endpoint", 1),      # docs.t compiles it
    ("docs/limits.md", "Redis Sentinel", 2),
    ("docs/monitor.md", "Let Prometheus in", 3),
    ("docs/monitor.md", "Alerts and a dashboard", 1),
    ("docs/operate.md", "Errors of the store", 1),
    ("docs/operate.md", "The sandbox", 1),
    ("docs/shared-hosting.md", "Copy it", 3),
    ("docs/tools.md", "Your settings", 1),
}

# Run here, by bash, with curl printing what it would send.
HERE = [("docs/api.md", "A signed text", 1),
        ("docs/api.md", "X-Bittensor headers, `btauth/1`", 1),
        ("docs/api.md", "X-Tao headers, version 2", 1),
        ("docs/tools.md", "Completion", 1)]


def registered():
    """Blocks that tests take from a page."""
    found = {}
    for test in glob.glob("tests/*/*.t"):
        with open(test) as f:
            for path, heading, n in CALL.findall(f.read()):
                found[(path, heading, int(n))] = test
    return found


def settings_of(text):
    """section.key of each setting, if the block is a configuration."""
    names, section = [], None
    for line in text.splitlines():
        m = re.fullmatch(r"\[(\w+)\]", line)
        if m:
            section = m[1]
        elif section is None:
            return []
        elif re.match(r"\w+ = ", line):
            names.append(section + "." + line.partition(" ")[0])
    return names


TESTS = registered()
CONFIGS = {key: settings_of(text) for key, text in BLOCKS.items()
           if settings_of(text)}


def sorts(t):
    kinds = [set(TESTS), set(HERE), set(CONFIGS), set(REASONS), OTHER]
    t.none(["%s, %s, %d: in %d kinds" % (*key, n) for key in BLOCKS
            for n in [sum(key in kind for kind in kinds)] if n != 1],
           "each block of README and docs/ is run by one test, run here, read "
           "here, or has a reason")
    t.none(["%s, %s, %d" % key for kind in kinds for key in kind
            if key not in BLOCKS], "each block that is named here or taken by "
           "a test exists")
    print("# %d blocks: %d by tests, %d here, %d settings, %d with a reason, "
          "%d no commands" % (len(BLOCKS), *map(len, kinds)))


def here(t):
    with tempfile.TemporaryDirectory() as d:
        env = {"PATH": BIN + ":" + os.environ["PATH"], "HOME": d,
               "URL": "http://127.0.0.1:8000"}
        for name in ".zfunc", ".config/fish/completions":
            os.makedirs(os.path.join(d, name))
        address = subprocess.run([BIN + "/foldergate", "keygen", d + "/FILE"],
                                 check=True, stdout=subprocess.PIPE,
                                 env=env).stdout.decode().strip()
        with open(d + "/body.json", "w") as f:
            f.write("{}")
        for key in HERE:
            script = BLOCKS[key].replace("5F...", address)
            r = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", "curl() { cat; }\n" +
                 script], cwd=d, env=env, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30)
            out = r.stdout.decode()
            t.ok(r.returncode == 0 and not r.stderr and
                 ("curl" not in script or address in out),
                 "the commands below %s in %s run as they are" % (
                     key[1], key[0]), r)
        t.none([name for name in (".zfunc/_foldergate",
                                  ".config/fish/completions/foldergate.fish")
                if not os.path.exists(os.path.join(d, name)) or
                os.path.getsize(os.path.join(d, name)) < 100],
               "the commands in docs/tools.md write the completions")


def configs(t):
    with open("docs/configure.md") as f:       # docs.t compares this table
        known = re.findall(r"^\| `(\w+\.\w+)` \|", f.read(), re.M)
    t.ok(len(known) > 50, "the table of settings is read")
    t.none(["%s, %s, %d: %s" % (*key, name) for key, names in CONFIGS.items()
            for name in names if name not in known],
           "each setting in a configuration of a page exists")


def accepted(t):
    wrong = []
    for key in REASONS:
        r = subprocess.run(["sh", "-n"], input=BLOCKS.get(key, "").encode(),
                           stderr=subprocess.PIPE)
        if r.returncode:
            wrong.append("%s, %s, %d: %s" % (*key, r.stderr.decode()))
    t.none(wrong, "the shell accepts each block of commands that is not run")


def named(t):
    """Files of ours, in the tree or where make install puts them."""
    with open("Makefile") as f:
        rules = f.read()
    with tempfile.TemporaryDirectory() as d:
        subprocess.run(["make", "-s", "install", "B=" + os.environ.get(
            "BUILD", "build"), "DESTDIR=" + d], check=True,
            env={k: v for k, v in os.environ.items()
                 if not k.startswith("MAKE")}, stdout=subprocess.DEVNULL)
        wrong, n = [], 0
        for key in REASONS:
            text = BLOCKS.get(key, "")
            for path in re.findall(r"/usr/local/[\w./*-]+", text):
                n += 1
                if not glob.glob(d + path):
                    wrong.append("%s, %s, %d: %s" % (*key, path))
            for path in re.findall(r"\b(?:scripts|tests)/[\w./-]+\w", text):
                n += 1
                if not os.path.exists(path):
                    wrong.append("%s, %s, %d: %s" % (*key, path))
            for target in re.findall(r"\bmake ([a-z][\w-]*)", text):
                n += 1
                if not re.search(r"^(?:[\w-]+ )*%s(?: [\w-]+)*:" % target,
                                 rules, re.M):
                    wrong.append("%s, %s, %d: make %s" % (*key, target))
        t.ok(n > 15, "the blocks that are not run name files of ours", n)
        t.none(wrong, "each file and target of ours in a block that is not "
               "run exists")


if __name__ == "__main__":
    tap.run([sorts, here, configs, accepted, named])
