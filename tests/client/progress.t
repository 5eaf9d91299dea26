#!/usr/bin/python3
"""client/progress.h on a terminal of any width, and elsewhere."""

import http.server
import os
import re
import shlex
import sys
import termios
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
from terminal import CTRL_C, PROMPT, Terminal
from world import World

w = World()
MOVES = os.path.abspath(os.path.join(endpoint.BUILD, "test", "bin", "moves"))
TOTAL = 2000000


class Slow(http.server.BaseHTTPRequestHandler):
    """Two million bytes in as many seconds as the path says."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        seconds = float(self.path.strip("/"))
        self.send_response(200)
        self.send_header("Content-Length", str(TOTAL))
        self.end_headers()
        try:
            for _ in range(20):
                self.wfile.write(b"x" * (TOTAL // 20))
                time.sleep(seconds / 20)
        except OSError:
            pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()


def job(seconds, name="f"):
    return "get:http://127.0.0.1:%d/%s:::%s" % (
        server.server_address[1], seconds, w.path(name))


def command(*args):
    return " ".join(shlex.quote(a) for a in (MOVES, *args))


def widths(t):
    term = Terminal(w.dir, {"NO_COLOR": ""})
    for columns in 40, 80, 200:
        term.resize(columns)
        start = len(term.text)
        term.type(command("-p", job(1.5)))
        term.await_text("moved f\n", 20, start)
        term.await_prompt(10, start + 100)
        drawn = term.bars(start)
        t.ok(len(drawn) >= 5 and max(map(len, drawn)) < columns,
             "a bar fits a terminal of %d columns" % columns, drawn)
        t.ok([b for b in drawn if re.search(r"\d+%.*MiB/s", b)],
             "a terminal of %d columns shows how much and how fast" % columns,
             drawn)
        t.ok(len(drawn) <= 25, "a bar is drawn ten times a second at most",
             len(drawn))
        t.ok(termios.tcgetattr(term.slave) == term.modes and
             term.text.endswith("\r\033[J" + PROMPT),
             "after a bar of %d columns the prompt is in an empty line" %
             columns, term.text[-200:])
    t.ok("\033[32m" in term.text, "a terminal gets a bar in colour")
    start = len(term.text)
    term.type(command("-p", job(2)))
    term.await_text("%", 10, start + 100)
    term.resize(40)
    term.sleep(0.4)
    middle = len(term.text)
    term.await_text("moved f\n", 20, middle)
    drawn = term.bars(middle)
    t.ok(drawn and max(map(len, drawn)) < 40,
         "a bar follows the terminal when it becomes narrower", drawn)
    term.await_prompt(10, middle)
    term.close()


def stopped(t):
    term = Terminal(w.dir, {"NO_COLOR": "1"})
    start = len(term.text)
    term.type(command("-p", job(20)))
    term.await_text("%", 10, start + 100)
    term.sleep(0.3)
    term.press(CTRL_C)
    t.ok(term.await_prompt(10, start + 100) and
         termios.tcgetattr(term.slave) == term.modes,
         "Ctrl-C in the middle of a bar gives the terminal back",
         term.text[start:])
    t.ok("\033[32m" not in term.text, "NO_COLOR makes a bar without colour")
    start = len(term.text)
    term.type(command("-p", job(1)) + " &")
    term.await_text("moved f", 20, start)
    t.same(term.bars(start), [],
           "a command in the background draws no bar")
    term.type("TERM=dumb " + command("-p", job(1)))
    start = len(term.text)
    term.await_text("moved f", 20, start)
    t.same(term.bars(start), [], "a dumb terminal gets no bar")
    term.close()


def elsewhere(t):
    r = endpoint.program(MOVES, ["-p", job(0.5)], {"TERM": "xterm"})
    t.same((r.status, r.text, r.log), (0, "moved f\n", ""),
           "without a terminal a short command shows no progress")
    r = endpoint.program(MOVES, ["-p", job(11)], {"TERM": "xterm"})
    t.ok(re.fullmatch(r"move: \d+%, 1\.\d MiB of 1\.9 MiB, 0 of 1 files, "
                      r"\d+ KiB/s, 0:0\d left\n", r.log),
         "without a terminal a long command writes a line now and then", r)
    r = endpoint.program(MOVES, ["-p", "-q", job(0.2)], {})
    t.same((r.text, r.log), ("", ""), "--quiet shows nothing")


tap.run([widths, stopped, elsewhere], endpoint.check_outputs)
