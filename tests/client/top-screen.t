#!/usr/bin/python3
"""foldergate top on a terminal: what an emulator (pyte) shows of it at any width,
its keys, and that the terminal is given back however it ends."""

import fcntl
import os
import re
import signal
import struct
import sys
import termios
import time

import pyte

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
from terminal import CTRL_BACKSLASH, CTRL_C, CTRL_Z, Terminal
from world import World

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"
UP, DOWN, PAGE_DOWN = b"\x1b[A", b"\x1bOB", b"\x1b[6~"

w = World(limits_replay=None)
w.snapshot()
TABLE = os.path.join(w.state, "metrics.table")
for n in range(9):
    w.post(w.request(timestamp=w.now - n))
for body in b"{", b"{", w.request(w.stranger):
    w.post(body)
for name in "healthz", "structure-info", "healthcheck":
    w.get(name)
PROGRAM = os.path.join(endpoint.BUILD, "test", "bin", "foldergate")


class Screen(Terminal):
    """A terminal with foldergate top in it."""

    def __init__(self, columns=100, rows=40, **env):
        super().__init__(w.dir, {**w.env(), **env})
        self.begun = 0
        self.resize(columns, rows)

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        fcntl.ioctl(self.master, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))

    def top(self, *args, before="", after=""):
        self.begun = len(self.text)
        self.type("%s%s top %s%s" % (before, PROGRAM, " ".join(args), after))
        return self.await_text(re.escape(ENTER), 10, self.begun)

    def shown(self):
        """The rows that an emulator of this size shows after the last two
        frames, of which the last may have come in part."""
        screen = pyte.Screen(self.columns, self.rows)
        frames = self.text[self.begun:].rpartition(ENTER)[2].split("\x1b[H")
        pyte.Stream(screen).feed("\x1b[H".join([""] + frames[1:][-2:])
                                 .replace("\n", "\r\n"))
        return [row.rstrip() for row in screen.display]

    def until(self, pattern, seconds=10):
        """Wait until a row matches; the rows."""
        end = time.monotonic() + seconds
        while True:
            rows = self.shown()
            if any(re.search(pattern, row) for row in rows) or \
                    time.monotonic() > end:
                return rows
            self.read(0.1)

    def after(self, was, seconds=10):
        """Wait until the rows are others."""
        end = time.monotonic() + seconds
        while (rows := self.shown()) == was and time.monotonic() < end:
            self.read(0.1)
        return rows

    def is_left(self):
        text = self.text[self.begun:]
        return text.count(ENTER) == text.count(LEAVE) > 0 and \
            text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l") and \
            text.rfind(LEAVE) > text.rfind(ENTER)

    def has_modes(self):
        return termios.tcgetattr(self.slave) == self.modes

    def top_pid(self):
        """The process below the shell."""
        with open("/proc/%d/task/%d/children" % (self.pid, self.pid)) as f:
            pids = f.read().split()
        if pids:
            return int(pids[0])
        return None


def ends(t, term, text, status):
    """The terminal is as it was."""
    prompt = term.await_prompt(10, term.begun + 10)
    t.ok(prompt and term.is_left() and term.has_modes() and
         term.status() == status, text, repr(term.text[-300:]))


def number(rows, name):
    for row in rows:
        m = re.match(name + r" +(?:[\d.-]+/s)? +(\d+)", row)
        if m:
            return int(m[1])
    return None


def widths(t):
    for columns in 40, 80, 200:
        term = Screen(columns, 30)
        term.top("--interval", "1")
        rows = term.until(r"^requests +0\.00/s")
        names = [row.split()[0] for row in rows if re.match("[a-z-]{7,} ", row)]
        t.ok(rows[0].startswith("foldergate ") and
             rows[-1].startswith("q quit") and
             number(rows, "requests") == 15 and number(rows, "grants") == 9,
             "%d columns show the totals between title and keys" % columns,
             *rows)
        t.ok({"healthz", "healthcheck"} <= set(names) and
             any(row.startswith("ENDPOINT") for row in rows),
             "%d columns show the table of endpoints" % columns, *rows)
        heads = [row.split() for row in rows if row.startswith("ENDPOINT")][0]
        t.same(heads[1:], ["/S", "4XX", "5XX", "95%"] if columns == 40 else
               ["REQUESTS", "/S", "2XX", "4XX", "5XX", "MEAN", "95%", "PROC"],
               "%d columns have the columns that fit" % columns)
        t.ok(not re.search("\n\n\n", "\n".join(rows[:12])) and
             [r for r in rows if "healthz" in r] ==
             [r for r in rows if r.startswith("healthz")],
             "no line wraps at %d columns" % columns, *rows)
        term.press(b"q")
        ends(t, term, "q gives a terminal of %d columns back" % columns, 0)
        term.close()


def resized(t):
    term = Screen(200, 50)
    term.top("--interval", "60")
    wide = term.until("^BUSIEST")
    for columns, high in (40, 12), (120, 7), (60, 30):
        start = len(term.text)
        term.resize(columns, high)
        m = term.await_text("\x1b\\[H.*(?s:.*?)\x1b\\[J", 5, start)
        term.sleep(0.3)
        term.begun = start
        rows = term.shown()
        t.ok(m and rows[0].startswith("foldergate") and (
            high < 10 or rows[-1].startswith("q quit")) and
            any(re.match("requests  ", r) for r in rows) == (high > 7 or
                                                             columns > 100),
            "top is drawn again for %d columns and %d rows" % (
                columns, high), *rows)
    t.ok(any(w.miner.ss58 in row for row in wide),
         "a wide terminal shows whole addresses", *wide)
    term.begun = 0
    term.press(CTRL_C)
    ends(t, term, "Ctrl-C gives the terminal back and exits with 130", 130)
    term.close()


def keys(t):
    term = Screen(100, 40)
    term.top("--interval", "1")
    rows = term.until(r"^requests +0\.00/s")
    t.ok("every 1 s" in rows[0], "the title has the interval", rows[0])
    term.press(b"+")
    t.ok("every 2 s" in term.until("every 2 s")[0], "+ makes the interval longer")
    term.press(b"--")
    t.ok("every 1 s" in term.until("every 1 s")[0],
         "the interval is never below a second")
    term.press(b"h")
    rows = term.until("close this help")
    t.ok(any("sort by requests, errors, latency" in r for r in rows) and
         not any(r.startswith("ENDPOINT") for r in rows), "h shows the keys",
         *rows)
    term.press(b"h")
    rows = term.until("^ENDPOINT")
    term.press(b"p")
    before = term.until("paused")
    w.post(b"{")
    term.sleep(1.5)
    t.same(number(term.shown(), "requests"), number(before, "requests"),
           "p keeps the numbers as they are")
    term.press(b"p")
    rows = term.until("^requests .* %d\\b" % (number(before, "requests") + 1))
    t.same(number(rows, "requests"), number(before, "requests") + 1,
           "a second p shows the new numbers")
    for _ in range(20):
        w.get("healthz")
    term.until("^healthz .* 21 +0.00")
    order = {}
    for key in b"e", b"r":
        was = term.shown()
        term.press(key)
        rows = term.after(was)
        first = [r[:8] for r in rows].index("ENDPOINT") + 1
        order[key] = [r.split()[0] for r in rows[first:first + 4]]
    t.same((order[b"e"][0], order[b"r"][0], sorted(order[b"e"])),
           ("get-folder-access", "healthz", sorted(order[b"r"])),
           "e sorts by errors and r by requests")
    term.press(b"q")
    ends(t, term, "q after all keys gives the terminal back", 0)

    term.resize(80, 14)
    term.top("--interval", "60")
    first = term.until("^ENDPOINT")
    for key, words, way in ((b"j", "j", 1), (DOWN, "the down arrow", 1),
                            (b"k", "k", -1), (UP, "the up arrow", -1),
                            (PAGE_DOWN, "Page Down", 7)):
        was = term.shown()
        term.press(key)
        rows = term.after(was)
        t.ok(rows != was and rows[:3] == was[:3] and rows[-1] == was[-1],
             "%s scrolls the tables and nothing else" % words, *was, *rows)
    term.press(b"\x1b[1;5A\x1b[Z\x1b[200~x\xff\x00")
    term.sleep(0.3)
    t.same(term.shown()[:3], first[:3], "other keys do nothing")
    term.press(b"\x1bq")
    ends(t, term, "q after a lone escape quits", 0)
    term.close()


def stopped(t):
    term = Screen()
    term.top("--interval", "1")
    term.until("^ENDPOINT")
    term.press(CTRL_Z)
    t.ok(term.await_prompt(10, term.begun + 10) and term.is_left() and
         term.has_modes(), "Ctrl-Z gives the terminal back", term.text[-300:])
    start = len(term.text)
    term.type("fg")
    t.ok(term.await_text(re.escape(ENTER), 10, start) and
         any(r.startswith("ENDPOINT") for r in term.until("^ENDPOINT")),
         "fg draws the screen again", *term.shown())
    pid = term.top_pid()
    start = len(term.text)
    os.kill(pid, signal.SIGSTOP)
    term.await_prompt(10, start)
    start = len(term.text)
    term.type("fg")
    t.ok(term.await_text(r"\x1b\[2J\x1b\[H(?s:.*)\x1b\[J", 10, start),
         "after SIGSTOP and fg the screen is drawn again")
    term.press(b"q")
    ends(t, term, "q after SIGSTOP and fg gives the terminal back", 0)

    start = term.begun = len(term.text)
    term.type(PROGRAM + " top &")
    term.sleep(1)
    t.ok(ENTER not in term.text[start:],
         "in the background nothing is drawn", term.text[start:])
    term.type("fg")
    term.await_text(re.escape(ENTER), 10, start)
    t.ok(any(r.startswith("ENDPOINT") for r in term.until("^ENDPOINT")),
         "top that began in the background draws after fg")
    term.press(CTRL_C)
    ends(t, term, "Ctrl-C after fg gives the terminal back", 130)
    term.close()


def signals(t):
    term = Screen()
    for number_, words in ((signal.SIGTERM, "SIGTERM"),
                           (signal.SIGHUP, "SIGHUP")):
        term.top()
        term.until("^ENDPOINT")
        os.kill(term.top_pid(), number_)
        ends(t, term, words + " ends top, which gives the terminal back",
             128 + number_)
    term.top()
    term.until("^ENDPOINT")
    term.press(CTRL_BACKSLASH)
    ends(t, term, "Ctrl-\\ ends top, which gives the terminal back",
         128 + signal.SIGQUIT)
    term.close()


def gone(pid, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with open("/proc/%d/stat" % pid) as f:
                if f.read().split()[2] == "Z":
                    return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def hung_up(t):
    for before, words in ("", "is closed"), (
            "trap '' HUP; ", "is closed, also where SIGHUP is ignored"):
        term = Screen()
        term.top("--interval", "1", before=before)
        term.until("^ENDPOINT")
        pid = term.top_pid()
        term.hang_up()
        t.ok(gone(pid), "top ends when its terminal " + words, pid)
        term.close()


def tables(t):
    term = Screen()
    term.top("--interval", "1")
    term.until("^ENDPOINT")
    os.rename(TABLE, TABLE + ".kept")
    rows = term.until("no counts: there is none")
    t.ok(any("no counts: there is none" in r for r in rows) and
         not any(r.startswith("ENDPOINT") for r in rows),
         "a table that is removed is missed", *rows)
    w.get("healthz")
    rows = term.until("^requests .* 1\\b")
    t.ok(number(rows, "requests") == 1 and
         any(r.startswith("healthz") for r in rows),
         "a table in its place is read", *rows)
    with open(TABLE, "r+b") as f:
        f.truncate(4096)
    rows = term.until("no counts: of another version")
    t.ok(any("no counts: of another version, or damaged" in r for r in rows),
         "a table that is cut off is called damaged", *rows)
    os.rename(TABLE + ".kept", TABLE)
    term.until("^get-folder-access")
    for _ in range(20):
        w.post(b"{")
    rows = term.until(r"^refusals +[1-9][\d.]*/s")
    t.ok(any(re.match(r"refusals +[1-9]", r) for r in rows),
         "a load is shown as a rate", *rows)
    t.ok("\x1b[31m" in term.text and "\x1b[1m" in term.text,
         "a terminal gets colours")
    term.press(b"q")
    ends(t, term, "q after a table was lost gives the terminal back", 0)
    term.close()


def elsewhere(t):
    term = Screen(NO_COLOR="1")
    term.top()
    term.until("^ENDPOINT")
    term.press(b"q")
    term.await_prompt(10, term.begun + 10)
    t.ok(not re.search(r"\x1b\[[1-9]\d*m", term.text),
         "NO_COLOR leaves colours out")
    for words, before, after in (
            ("into a pipe", "", " | cat"), ("from a file", "", " </dev/null"),
            ("on a dumb terminal", "TERM=dumb ", ""),
            ("with --once", "", " --once")):
        start = len(term.text)
        term.type("%s%s top%s" % (before, PROGRAM, after))
        m = term.await_text("BUSIEST TODAY", 10, start)
        t.ok(m and "\x1b" not in term.text[start:] and
             term.await_prompt(5, start + 10),
             "top prints plain text once " + words, term.text[start:])
    t.ok(term.is_sane(), "plain text leaves the terminal as it was")
    term.close()


tap.run([widths, resized, keys, stopped, signals, hung_up, tables, elsewhere],
        endpoint.check_outputs)
