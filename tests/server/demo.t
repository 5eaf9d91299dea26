#!/usr/bin/env python3
"""The first command of the README, in a terminal: whenever somebody presses
Ctrl-C, all that it started has ended when the prompt is back.
DEMO_PRESSES=N adds N presses at random moments, DEMO_SEED says which ones."""

import atexit
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import servers
import tap
import terminal
from terminal import CTRL_BACKSLASH, CTRL_C, CTRL_Z

TOP = tempfile.mkdtemp(prefix="foldergate-demo-")
OPEN = []               # terminals
SECONDS = 120           # for anything, on a busy machine
PRINT = threading.Lock()
STORE, SERVES = "starting the S3 server", "Ctrl-C stops all of it"


def with_text(text):
    """The processes that have a text in their arguments or environment."""
    found, text = {}, text.encode()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        data = b""
        for name in "cmdline", "environ":
            try:
                with open("/proc/%s/%s" % (pid, name), "rb") as f:
                    data += f.read()
            except OSError:
                pass
        if text in data and servers.started(int(pid)):
            found[int(pid)] = data[:60].replace(b"\0", b" ").decode(
                "latin-1").strip()
    return found


def listening():
    ports = set()
    for name in "tcp", "tcp6":
        with open("/proc/net/" + name) as f:
            ports |= {int(line.split()[1].rpartition(":")[2], 16)
                      for line in f.readlines()[1:]
                      if line.split()[3] == "0A"}
    return ports


def close_all():
    """Run at the end, whatever happens: run.sh hears that its terminal went."""
    for term in OPEN:
        term.hang_up()
    mine = os.getpid()
    servers.until(lambda: set(with_text(TOP)) <= {mine}, 60, 0.2)
    shutil.rmtree(TOP, True)


atexit.register(close_all)


class Lane:
    """Runs one after the other, in one directory: each is also the next start
    after the one before."""

    def __init__(self, t, name, root=servers.ROOT, environment=()):
        self.t, self.root = t, root
        self.dir = os.path.join(TOP, name)
        self.port = servers.free_port()
        self.environment = dict(environment, DEMO_TEST=self.dir)
        self.wrong = []

    def left(self, shell):
        found = with_text(self.dir)
        found.pop(shell, None)
        found.pop(os.getpid(), None)
        return ["%d %s" % item for item in sorted(found.items())]

    def begin(self, once=False):
        self.terminal = terminal.Terminal(self.root, self.environment)
        OPEN.append(self.terminal)
        self.start = len(self.terminal.text)
        self.terminal.type("sh scripts/run.sh --port %d --dir %s%s" % (
            self.port, self.dir, " --once" * once))

    def come_to(self, moment):
        """A number of seconds, or a text and seconds after it."""
        text, seconds = moment if isinstance(moment, tuple) else ("", moment)
        if text and not self.terminal.await_text(text, SECONDS, self.start):
            self.wrong.append("no %r" % text)
        self.terminal.sleep(seconds)

    def end(self, status, text):
        """The prompt is back, with that status; nothing is left."""
        term, wrong = self.terminal, self.wrong
        if not term.await_prompt(SECONDS, self.start):
            wrong.append("no prompt")
        left = self.left(term.pid)
        if left:
            wrong += ["left over: " + line for line in left]
        if not term.is_sane():
            wrong.append("the terminal is not as it was")
        got = term.status()
        if got not in (status if isinstance(status, tuple) else (status,)):
            wrong.append("status %s" % got)
        said = {int(p) for p in re.findall(r"127\.0\.0\.1:(\d+)", term.text)}
        taken = listening() & (said | {self.port})
        if taken:
            wrong.append("still listening: %s" % sorted(taken))
        self.report(text)
        term.close()

    def same(self, got, want, text):
        with PRINT:
            self.t.same(got, want, text)

    def report(self, text):
        with PRINT:
            if self.wrong:
                self.wrong += self.terminal.text.splitlines()[-25:]
            self.t.none(self.wrong, text)
        self.wrong = []

    def press(self, text, moment, keys=(CTRL_C,), status=130, once=False):
        self.begin(once)
        self.come_to(moment)
        for key in keys:
            self.terminal.press(key)
            time.sleep(0.05)
        self.end(status, text)

    def runs_to_its_end(self, text):
        self.begin(once=True)
        self.end(0, text)


# --- moments -----------------------------------------------------------------

def steps(lane):
    lane.press("Ctrl-C right after the start leaves no process", 0.1)
    lane.press("Ctrl-C while the store starts leaves no process", (STORE, 1.2))
    closed(lane)
    lane.press("Ctrl-C twice in the twelfth step leaves no process",
               (r"\n12\. ", 0), (CTRL_C, CTRL_C), once=True)
    lane.runs_to_its_end("after each of these ends, run.sh --once works")


def paste(lane):
    """The lines work in another shell, elsewhere, with a proxy set."""
    lines = lane.terminal.text.rstrip().splitlines()
    selftest = [line for line in lines if " selftest cross-folder " in line]
    other = terminal.Terminal("/", {"http_proxy": "http://127.0.0.1:9"})
    for line, text in ((lines[-1], '"folder":"data/'),
                       (selftest[-1] + " --kind time", "0 BREACHED")):
        start = len(other.text)
        other.type(line)
        if not other.await_text(text, 20, start + len(line)):
            lane.wrong += ["this line does not work: " + line,
                           other.text[start:]]
    other.close()


def serving(lane):
    lane.begin()
    lane.come_to((SERVES, 0.5))
    paste(lane)
    lane.terminal.press(CTRL_Z)
    lane.start = len(lane.terminal.text)
    if not lane.terminal.await_prompt(10, lane.start):
        lane.wrong.append("Ctrl-Z does not stop it")
    if lane.port not in listening():
        lane.wrong.append("the servers stop with Ctrl-Z")
    lane.report("the lines work when they are pasted elsewhere, and "
                "Ctrl-Z pauses")
    lane.start = len(lane.terminal.text)
    lane.terminal.type("fg")
    lane.terminal.sleep(1)
    lane.terminal.press(CTRL_C)
    lane.end(130, "after fg, Ctrl-C leaves no process")

    lane.begin()
    lane.come_to((STORE, 1))
    for pid, line in with_text(lane.dir).items():
        if "scripts/run.sh" in line:
            os.kill(pid, signal.SIGKILL)
    lane.terminal.await_prompt(10, lane.start)
    lane.terminal.close()
    lane.press("the start after a kill -9 ends what was left, and Ctrl-\\ "
               "leaves no process", (r"\n5\. ", 0), (CTRL_BACKSLASH,), 131)


def closed(lane):
    lane.begin()
    lane.come_to((r"\n3\. ", 0))
    shell = lane.terminal.pid
    lane.terminal.close()
    servers.until(lambda: not lane.left(shell), 30, 0.2)
    lane.same(lane.left(shell), [],
              "a terminal that is closed leaves no process")


# Debian's tools, in a machine without packages.  apt-get writes down that it
# was broken off, and takes its time.
APT = """#!/bin/sh
case "$*" in
update*|*--download-only*)	what=download ;;
*)				what=install ;;
esac
echo begin $what >>%(log)s
trap "echo broken off $what >>%(log)s; exit 100" INT TERM HUP
i=0
while [ $i -lt 20 ]; do sleep 0.1; i=$((i + 1)); done
echo end $what >>%(log)s
[ $what = download ] || touch %(log)s.installed
"""
QUERY = """#!/bin/sh
[ -e %(log)s.installed ] && echo 'install ok installed'
"""


def packages(lane, bin):
    log = os.path.join(TOP, "apt")
    shown = lambda: open(log).read().split("\n")[-2]
    for name, text in ("apt-get", APT), ("dpkg-query", QUERY), \
            ("id", "#!/bin/sh\necho 0\n"), ("systemctl", "#!/bin/sh\n"):
        path = os.path.join(bin, name)
        with open(path, "w") as f:
            f.write(text % {"log": log} if "%" in text else text)
        os.chmod(path, 0o755)
    lane.press("Ctrl-C while packages are looked for leaves no process", 0.25)
    lane.press("Ctrl-C while packages are downloaded ends apt-get",
               ("downloading packages", 0.6))
    lane.same(shown(), "broken off download",
              "Ctrl-C breaks a download off")
    lane.press("Ctrl-C while packages are installed leaves no process",
               ("installing packages", 0.6), (CTRL_C, CTRL_C))
    lane.same(shown(), "end install",
              "Ctrl-C lets an installation that has begun end")


def build(lane):
    lane.press("Ctrl-C during the build leaves no compiler",
               ("building", 1.5))
    lane.press("Ctrl-C in a build that goes on leaves no compiler",
               ("building", 0.5), once=True)


def copied(t):
    """A tree without a build, and a machine without packages."""
    root, bin = os.path.join(TOP, "tree"), os.path.join(TOP, "bin")
    os.mkdir(bin)
    shutil.copytree(servers.ROOT, root, ignore=lambda d, names: [
        n for n in names if d == servers.ROOT and
        n in (".git", "build", "run") or n.endswith((".t", ".log"))])
    lane = Lane(t, "copied", root, {
        "PATH": bin + ":" + os.environ["PATH"], "CCACHE_DISABLE": "1"})
    packages(lane, bin)
    build(lane)
    if os.environ.get("DEMO_PRESSES"):
        lane.runs_to_its_end("after a broken build, run.sh --once works")


def at_random(t):
    lane = Lane(t, "random")
    seed = os.environ.get("DEMO_SEED")
    random.seed(int(seed) if seed else None)
    for n in range(int(os.environ.get("DEMO_PRESSES") or 0)):
        after = random.uniform(0.05, 14)
        keys = (CTRL_C,) * random.choice((1, 1, 2, 3))
        lane.press("%d: Ctrl-C %d times after %.2f s leaves no process" % (
            n + 1, len(keys), after), after, keys, (130, 0),
            once=bool(n % 2))


def all_lanes(t):
    lanes = [lambda: steps(Lane(t, "steps")),
             lambda: serving(Lane(t, "serving")), lambda: copied(t)]
    threads = [threading.Thread(target=guarded, args=(t, lane), daemon=True)
               for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def guarded(t, lane):
    try:
        lane()
    except Exception as e:
        with PRINT:
            t.ok(False, "a lane of this test ran to its end", repr(e))


if shutil.which("radosgw") is None:
    tap.run([lambda t: t.skip("run.sh in a terminal leaves no process",
                              "no radosgw")])
tap.run([all_lanes, at_random])
