"""The blocks of code in a document: indented by four, or fenced.  A test that runs
a block takes it from here, by its heading and its number below that heading, both
written out: tests/check/commands.t looks for these calls."""

import os
import re

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def blocks(path):
    """(heading, number below it, text) of each block of a document."""
    found, heading, count = [], "", 0
    lines, fenced = [], False

    def end():
        nonlocal lines, count
        text = "\n".join(lines).rstrip("\n")
        lines = []
        if text:
            count += 1
            found.append((heading, count, text + "\n"))

    with open(os.path.join(ROOT, path)) as f:
        for line in f.read().split("\n"):
            if line.startswith("```"):
                end()
                fenced = not fenced
            elif fenced:
                lines.append(line)
            elif line.startswith("    ") or (lines and not line):
                lines.append(line[4:])
            else:
                end()
                if re.match("#+ ", line):
                    heading, count = line.lstrip("#").strip(), 0
    end()
    return found


def block(path, heading, number):
    for at, n, text in blocks(path):
        if (at, n) == (heading, number):
            return text
    raise RuntimeError("%s has no block %d below %s" % (path, number, heading))
