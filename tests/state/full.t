#!/usr/bin/python3
"""No room on the disk: a clear 503, nothing vended, and all is well again once
there is room.  In a mount namespace of our own, so that whatever becomes of us
no file system is left mounted."""

import json
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
from shared import Shared, ask, said, wrong

ALONE = "FOLDERGATE_TEST_ALONE"
SIZE = 4 << 20          # the table of addresses takes 1 MiB

LEDGER = (503, "ledger_unavailable", "The ledger is not available")
AUDIT = (503, "audit_unavailable", "The audit log is not available")


class Disk:
    """A small one, mounted at path with what is there now."""

    def __init__(self, path):
        self._path, self._filler = path, os.path.join(path, "filler")
        kept = path + ".kept"
        shutil.copytree(path, kept)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d,mode=755" %
                        SIZE, "none", path], check=True)
        shutil.copytree(kept, path, dirs_exist_ok=True)

    def fill(self):
        with open(self._filler, "wb", buffering=0) as f:
            try:
                while f.write(bytes(4096)) > 0:
                    pass
            except OSError:
                pass

    def free(self):
        os.unlink(self._filler)

    def unmount(self):
        subprocess.run(["umount", "-l", self._path], check=True)


def serves(t, w, s, text):
    answers = [ask(s, w.request()) for _ in range(20)]
    t.ok([said(a) for a in answers] == ["granted"] * 20 and
         not wrong(answers) and all(s.alive()), text,
         *map(said, answers), s.log())


def refuses(t, w, s, want, text):
    """Every time, by a process that lives on."""
    answers = [ask(s, w.request()) for _ in range(20)]
    bad = [line for a in answers
           for line in endpoint.refusal_wrong(a, *want)]
    t.none(bad + ([] if all(s.alive()) else ["a process has ended"]), text)


def whole(t, w):
    r = w.cli("audit", "verify")
    t.ok(r.status == 0, "the audit log is whole after the disk was full", r)


def ledger(t):
    """The ledger, the audit log and the table on one disk."""
    w = Shared(limits_folder_grants=1000).audited()
    disk = Disk(w.state)
    s = w.serve(count=2)
    serves(t, w, s, "requests are granted while there is room on the disk")
    for i in "full", "full again":
        before = w.used()
        disk.fill()
        refuses(t, w, s, LEDGER,
                "the disk is %s: every request fails with 503" % i)
        t.same(said(ask(s, w.request(words="x"))), "invalid_signature",
               "a request that cannot sign is told so while the disk is full")
        t.same(w.used(), before, "nothing is counted while the disk is full")
        a = w.get("readyz")
        t.same((a.code, a.json.get("reasons")), (503, ["ledger_unavailable"]),
               "readyz reports a ledger whose disk is full")
        new = w.serve()
        refuses(t, w, new, LEDGER,
                "a process that starts on a full disk answers 503")
        disk.free()
        serves(t, w, s,
               "requests are granted again when there is room on the disk")
        serves(t, w, new, "a process that started on a full disk grants when "
               "there is room")
        t.same(w.used(), before + 40,
               "each grant after the disk was full is counted")
        new.stop()
    whole(t, w)
    t.same(sum(e.get("decision") == "granted" for e in w.written()), w.used(),
           "the audit log has a line for each counted grant")
    log = s.log()
    t.ok("no room on the disk" in log and "ledger_available" in log and
         log.count('"event":"ledger_unavailable"') <= 2 * 2,
         "the log tells when a full disk begins and ends, not for each "
         "request", log)
    s.stop()
    disk.unmount()


def table(t):
    """No table of addresses yet, and no room for it."""
    w = Shared(limits_folder_grants=1000)
    disk = Disk(w.state)
    disk.fill()
    t.ok("throttle.table" not in os.listdir(w.state),
         "there is no table of addresses in the state directory at first")
    s = w.serve(count=2)
    refuses(t, w, s, LEDGER, "every request fails with 503 without room for "
            "the table of addresses")
    disk.free()
    refuses(t, w, s, LEDGER, "every request fails with 503 until the table of "
            "addresses is tried again")
    w.at(w.now + 6)
    serves(t, w, s, "requests are granted when there is room for the table of "
           "addresses")
    t.ok(os.path.exists(w.path("state/throttle.table")),
         "the table of addresses is made when there is room")
    s.stop()
    disk.unmount()


def audit(t):
    """The audit log has a disk of its own."""
    w = Shared(limits_folder_grants=1000)
    os.mkdir(w.path("audit"))
    w.audited(audit_required="yes", audit_file=w.path("audit/log"))
    disk = Disk(w.path("audit"))
    s = w.serve(count=2)
    serves(t, w, s,
           "requests are granted while there is room for the audit log")
    for _ in range(2):
        disk.fill()

        # What is left of the log's last page takes some lines.
        for _ in range(20):
            ask(s, w.request())
        before, kept = w.used(), json.dumps(w.request()).encode()
        refuses(t, w, s, AUDIT, "every request fails with 503 when the audit "
                "log's disk is full")
        a = w.get("readyz")
        t.same((a.code, a.json.get("reasons")), (503, ["audit_unwritable"]),
               "readyz reports an audit log whose disk is full")
        t.same(said(ask(s, kept)), "audit_unavailable",
               "a request is refused while the log's disk is full")
        t.same(w.used(), before,
               "a request that no line could be written for is not counted")
        disk.free()
        t.same([said(ask(s, kept)) for _ in range(2)],
               ["granted", "replay_detected"],
               "the same bytes are granted once when there is room")
        serves(t, w, s, "requests are granted again when there is room for the "
               "audit log")
        whole(t, w)
    disk.fill()
    for _ in range(20):
        ask(s, w.request())
    w.configure(audit_required="no")
    lax = w.serve()
    serves(t, w, lax,
           "requests are granted on a full disk where no line is required")
    t.ok("audit_not_written" in lax.log(),
         "the log tells of the lines that were not written", lax.log())
    disk.free()
    serves(t, w, s,
           "a process that requires lines grants again when there is room")
    whole(t, w)
    s.stop()
    disk.unmount()


def mounts():
    """May we, and where nobody else sees it?"""
    if os.geteuid() != 0:
        return "only root can mount"
    p = subprocess.run(["unshare", "-m", "sh", "-c",
                        "mount -t tmpfs none /mnt"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return "" if p.returncode == 0 else "no file system can be mounted"


if __name__ == "__main__":
    if ALONE not in os.environ:
        why = mounts()
        if why:
            tap.run([lambda t: t.skip("a full disk", why)])
        os.environ[ALONE] = "yes"
        os.execvp("unshare", ["unshare", "-m", sys.executable, __file__])
    tap.run([ledger, table, audit], endpoint.check_outputs)
