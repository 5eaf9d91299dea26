"""A terminal with an interactive shell in it, to press keys as a person does:
the kernel sends the signals."""

import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import time

CTRL_C, CTRL_Z, CTRL_BACKSLASH = b"\x03", b"\x1a", b"\x1c"
PROMPT = "ready> "


class Terminal:
    """text: what was printed so far; pid: the shell's.  environment: for the
    shell, in addition to ours; directory: where it begins."""

    def __init__(self, directory, environment=()):
        self.master, slave = os.openpty()
        self.modes = termios.tcgetattr(slave)
        env = dict(os.environ, PS1=PROMPT, ENV="", TERM="xterm",
                   **dict(environment))
        # A signal that our parent ignores, as a shell does for what runs in
        # the background, would be ignored by all that runs here.  setsid makes
        # the terminal the shell's own.
        self.shell = subprocess.Popen(
            ["env", "--default-signal", "setsid", "--ctty", "sh", "-i"],
            stdin=slave, stdout=slave, stderr=slave, cwd=directory, env=env)
        self.slave, self.pid, self.text = slave, self.shell.pid, ""
        self.await_text(re.escape(PROMPT), 10)

    def type(self, line):
        os.write(self.master, line.encode() + b"\n")

    def press(self, key):
        os.write(self.master, key)

    def read(self, seconds):
        """What comes within that time is appended to text."""
        if select.select([self.master], [], [], max(seconds, 0))[0]:
            try:
                self.text += os.read(self.master, 65536).decode(
                    "utf-8", "replace").replace("\r\n", "\n")
            except OSError:
                pass

    def sleep(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read(left)

    def await_text(self, pattern, seconds, start=0):
        """Wait for a text at or after that place; the match, or None."""
        end = time.monotonic() + seconds
        while not (m := re.compile(pattern).search(self.text, start)) and \
                time.monotonic() < end:
            self.read(end - time.monotonic())
        return m

    def await_prompt(self, seconds, start):
        return self.await_text("(?m)^.*" + re.escape(PROMPT) + "$", seconds,
                               start)

    def resize(self, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, columns, 0, 0))

    def bars(self, start):
        """What progress bars were drawn from there on, without colour."""
        return [re.sub("\033\\[[0-9;]*m", "", b) for b in re.findall(
            "\r\033\\[J((?:[^\r\n\033]|\033\\[[0-9]*m)+)", self.text[start:])]

    def status(self):
        """The status of the last command, asked of the shell."""
        start = len(self.text)
        self.type("echo status=$?.")
        m = self.await_text(r"status=(\d+)\.\n" + re.escape(PROMPT), 10,
                            start)
        return int(m.group(1)) if m else None

    def is_sane(self):
        """Are the terminal's modes as before, and the cursor in a new line?"""
        return termios.tcgetattr(self.slave) == self.modes and \
            self.text.endswith("\n" + PROMPT)

    def hang_up(self):
        """As a window that is closed.  For the second time: nothing."""
        if self.master is not None:
            os.close(self.slave)
            os.close(self.master)
            self.master = None

    def close(self):
        self.hang_up()
        self.shell.wait(60)
