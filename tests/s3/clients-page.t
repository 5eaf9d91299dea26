#!/usr/bin/python3
"""The programs of docs/clients.md, as they stand there, with a service and a
store.  Here the one for the shell; `make check-clients` downloads what the others
need into the directory that CLIENTS names, and runs all."""

import json
import os
import subprocess
import sys
from urllib.parse import unquote

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import endpoint  # noqa: E402
import page  # noqa: E402
import s3site  # noqa: E402
import tap  # noqa: E402

TOOLS = os.path.abspath(os.environ.get("CLIENTS", "/nonexistent"))

# Heading, word after the fence, file, command; what was downloaded for it.
CLIENTS = [("Shell", "sh", "client.sh", ["sh"], None),
           ("Python", "python", "client.py", ["python/bin/python"], "python"),
           ("JavaScript", "js", "js/client.mjs", ["node"], "js"),
           ("Go", "go", "go/main.go", ["go", "run"], "go")]
LINES = 30

site = s3site.Site()
w = site.world
DATA = os.urandom(3000)


PROGRAMS = {"Shell": page.block("docs/clients.md", "Shell", 1),
            "Python": page.block("docs/clients.md", "Python", 1),
            "JavaScript": page.block("docs/clients.md", "JavaScript", 1),
            "Go": page.block("docs/clients.md", "Go", 1)}


def home(miner):
    """A home directory with the wallet of a miner."""
    folder = w.path("home-" + miner.hotkey)
    wallet = folder + "/.bittensor/wallets/default"
    os.makedirs(wallet + "/hotkeys")
    os.symlink(miner.wallet, wallet + "/hotkeys/default")
    with open(miner.wallet + "-coldkey") as f:
        key = json.load(f)
    with open(wallet + "/coldkeypub.txt", "w") as f:
        json.dump({name: key[name] for name in (
            "accountId", "publicKey", "ss58Address")}, f)
    return folder


HOMES = [home(site.first), home(site.second)]
# Somebody who is not registered.
stranger = s3site.Miner(site, "stranger")
HOMES.append(home(stranger))


def run(command, source, path, who, data):
    """The exit status and what it printed."""
    with open(source, "w") as f:
        f.write(PROGRAMS[path[0]])
    name = "posts-%s.csv" % path[1]
    env = {"PATH": os.path.join(endpoint.BUILD, "bin") + ":" +
           os.environ["PATH"], "HOME": who, "no_proxy": "127.0.0.1"}
    for each in "GOPATH", "GOMODCACHE", "GOCACHE":
        env[each] = os.path.join(TOOLS, each.lower())
    env["GOFLAGS"] = "-p=1 -modcacherw"
    r = subprocess.run(
        command + [source, "http://127.0.0.1:%d" % site.web.port,
                   w.write(name, data)], cwd=os.path.dirname(source),
        env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=300)
    return r.returncode, r.stdout.decode()


def of(heading, word, file, command, needs):
    def test(t):
        what = "the client in %s of docs/clients.md" % heading
        if needs and not os.path.exists(os.path.join(TOOLS, needs)):
            return t.skip(what + " uploads a file", "%s cannot be had here" %
                          heading)
        folder = TOOLS if needs else w.dir
        if needs == "python":
            command[0] = os.path.join(TOOLS, command[0])
        source, path = os.path.join(folder, file), (heading, word)
        key = site.first.folder() + "job_id=default_0/posts-%s.csv" % word
        code, out = run(command, source, path, HOMES[0], DATA)
        t.ok(code == 0 and site.all_objects().get(key.encode()) == len(DATA),
             what + " uploads a file", code, out)
        t.ok(key in unquote(out).splitlines(), what + " lists the folder", out)
        code, out = run(command, source, path, HOMES[2], DATA)
        t.ok(code != 0 and "not_registered" in out,
             what + " ends with the code of a refusal", code, out)
        code, out = run(command, source, path, HOMES[1], b"")
        t.ok(code != 0 and "EntityTooSmall" in out or heading == "Python" and
             "400" in out, what + " ends when the store refuses the file",
             code, out)
        # Of Go, what main() does: the rest is imports and its way with errors.
        text = PROGRAMS[heading].partition("\nfunc main() {\n")
        lines = [line for line in (text[2][:-2] or text[0]).splitlines() if line]
        t.ok(len(lines) <= LINES, what + " has at most %d lines" % LINES,
             len(lines))
    test.__name__ = heading
    return test


tap.run([of(*client) for client in CLIENTS[:None if "CLIENTS" in os.environ
                                           else 1]], endpoint.check_outputs)
