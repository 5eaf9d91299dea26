#!/usr/bin/python3
"""The units of systemd as make install leaves them: how little each may do, as
systemd-analyze counts it, without a systemd that runs."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap

PREFIX = "/opt/foldergate"
UNITS = PREFIX + "/lib/systemd/system"

# Nobody outside is spoken to, or somebody is.  Times ten, as --threshold= wants.
QUIET, OUTWARD = 5, 15
ASKS_STORE = "foldergate@get-file-upload-url.service"


def install(root):
    """make install, with what is built; systemd-analyze looks in /usr/lib."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    r = subprocess.run(
        ["make", "-s", "install", "B=" + endpoint.BUILD, "PREFIX=" + PREFIX,
         "DESTDIR=" + root], env=env, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    shutil.copytree(root + UNITS, root + "/usr/lib/systemd/system")
    return r


def exposure(root, unit):
    """0.0 to 10.0; what systemd-analyze said otherwise."""
    out = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager",
         "--root=" + root, unit], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT).stdout.decode()
    m = re.search(r"Overall exposure level for .*: ([0-9.]+)", out)
    return float(m[1]) if m else out


def read(root, name):
    with open(root + UNITS + "/" + name) as f:
        return f.read()


def form(t):
    r = install(ROOT)
    t.same((r.returncode, r.stdout), (0, b""), "make install succeeds silently")
    text = read(ROOT, "foldergate@.service")
    t.ok("-- %s/lib/foldergate/cgi-bin/%%i\n" % PREFIX in text,
         "an installed unit names the installed programs", text)
    t.none([n for n in ("foldergate@.service", "foldergate-chain-sync.service",
                        "foldergate-bucket-sync.service")
            if "StandardOutput=journal" not in read(ROOT, n) or
            "StandardError=journal" not in read(ROOT, n)],
           "what each program prints goes to the journal")
    wants = re.findall(r"^Wants=foldergate@(.*)\.socket$",
                       read(ROOT, "foldergate.target"), re.M)
    t.same(wants, sorted(f[:-2] for f in os.listdir("cgi-bin")),
           "foldergate.target wants the socket of every endpoint")


def scores(t):
    if shutil.which("systemd-analyze") is None:
        return t.skip("the exposure of every unit", "no systemd-analyze")
    for name in sorted(f[:-2] for f in os.listdir("cgi-bin")):
        unit = "foldergate@%s.service" % name
        most = OUTWARD if unit == ASKS_STORE else QUIET
        got = exposure(ROOT, unit)
        t.ok(isinstance(got, float) and got * 10 <= most,
             "%s is exposed at most %.1f of 10" % (unit, most / 10), got)
    for name in "chain-sync", "bucket-sync":
        unit = "foldergate-%s.service" % name
        got = exposure(ROOT, unit)
        t.ok(isinstance(got, float) and got * 10 <= OUTWARD,
             "%s is exposed at most %.1f of 10" % (unit, OUTWARD / 10), got)


ROOT = tempfile.mkdtemp(prefix="foldergate-units-")
try:
    tap.run([form, scores])
finally:
    shutil.rmtree(ROOT)
