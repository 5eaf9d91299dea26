#!/usr/bin/python3
"""make static: programs with all libraries inside, which serve where there is
nothing else."""

import json
import os
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import world

STATIC = os.path.join(endpoint.BUILD, "static")
ARCHIVES = "fcgi", "json-c", "inih", "sodium", "crypto", "sqlite3", "hiredis", \
    "m", "c"
CURL = "get-file-upload-url"


def missing():
    """The libraries of which there is no archive."""
    return ["lib%s.a" % name for name in ARCHIVES
            if not os.path.isabs(subprocess.run(
                [os.environ.get("CC", "cc"),
                 "-print-file-name=lib%s.a" % name],
                stdout=subprocess.PIPE).stdout.decode().strip())]


def programs():
    return sorted(os.path.join(STATIC, d, name)
                  for d in os.listdir(STATIC)
                  for name in os.listdir(os.path.join(STATIC, d))
                  if d in ("bin", "cgi-bin"))


def form(t):
    # A make above this one must not pass its flags.
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    r = subprocess.run(["make", "-s", "static", "B=" + endpoint.BUILD],
                       env=env, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT)
    t.same((r.returncode, r.stdout), (0, b""), "make static succeeds silently")
    want = [os.path.join(STATIC, "bin", "foldergate")] + [
        os.path.join(STATIC, "cgi-bin", name[:-2])
        for name in sorted(os.listdir("cgi-bin")) if name != CURL + ".c"]

    # `make dist-cgi` leaves those that need libcurl there.
    got = [p for p in programs() if os.path.basename(p) not in
           (CURL, "bucket-sync", "chain-sync")]
    t.same(got, want, "the client and every endpoint without libcurl "
           "are linked statically")
    for path in programs():
        out = subprocess.run(["readelf", "-W", "-h", "-l", "-d", path],
                             stdout=subprocess.PIPE).stdout.decode()
        t.ok("Type:" in out and " DYN " in out and "NEEDED" not in out and
             "INTERP" not in out and "GNU_RELRO" in out,
             "%s needs no library and no loader, and is position independent"
             % os.path.basename(path), out)


def inside(w, name, request=None):
    """Run an endpoint with the world as its root directory: its answer."""
    body, env = b"", {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
                      "FOLDERGATE_CONFIG": "/foldergate.conf"}
    if request is not None:
        body = request
        env.update({"REQUEST_METHOD": "POST", "REMOTE_ADDR": "192.0.2.7",
                    "CONTENT_TYPE": "application/json",
                    "CONTENT_LENGTH": str(len(body))})
    p = subprocess.run(["/" + name], input=body, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, env=env,
                       preexec_fn=lambda: (os.chroot(w.dir), os.chdir("/")))
    return endpoint.Answer(endpoint.Result(p.returncode, p.stdout, p.stderr),
                           "GET" if request is None else "POST")


def alone(t):
    if os.geteuid() != 0:
        return t.skip("a grant in an empty root directory", "needs root")
    w = world.World()
    w.now = int(time.time())
    w.snapshot()
    for name in "healthz", "get-folder-access":
        shutil.copy(os.path.join(STATIC, "cgi-bin", name), w.path(name))
    for name in os.listdir(w.state):
        if name.startswith("store."):
            os.unlink(os.path.join(w.state, name))
    with w.settings(state_directory="/state",
                    s3_secret_access_key_file="/s3.secret"):
        a = inside(w, "healthz")
        t.ok(a.code == 200 and not a.wrong,
             "healthz answers in a root directory with nothing else", a)

        # The first request is the birth of the ledger, which refuses what was
        # signed until then.
        inside(w, "get-folder-access", b"")
        time.sleep(1.1)
        body = w.request(timestamp=int(time.time()))
        a = inside(w, "get-folder-access", json.dumps(body).encode())
    t.ok(a.code == 200 and not a.wrong and "policy" in a.text,
         "a grant is given in a root directory with nothing else", a)


if __name__ == "__main__":
    lacks = missing()
    if lacks:
        print("1..0 # SKIP nothing is linked statically: no %s" %
              ", ".join(lacks))
        sys.exit(0)
    tap.run([form, alone], endpoint.check_outputs)
