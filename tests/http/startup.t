#!/usr/bin/python3
"""What refuses to start, how it says so, and what it may look at."""

import json
import os
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import world
from world import NOW

MARK = "Value7Q7Mark"

w = world.World()
w.snapshot()


def refuses(t, text, where=None, why="", event="config_refused",
            name="get-folder-access", env=None, echo=(MARK,)):
    """The program ends with 1 after saying where and why in its log; the
    client learns nothing.  where: what the reason begins with."""
    env = {**w.env(), **(env or {})}
    a = w.post(w.request(), name, env=env) if name == "get-folder-access" \
        else w.get(name, **env)
    bad = endpoint.refusal_wrong(a, 500, "internal", "Internal Server Error",
                                 [w.dir] if w.dir in a.text else [],
                                 exit_status=1)
    bad += ["echoes " + s for s in echo if s in a.text + a.log]
    logged = [line for line in map(json.loads, a.log.splitlines())
              if line["level"] == "error"]
    if [line["code"] if line["event"] == "cannot_start" else line["event"]
            for line in logged] != [event, "request_failed"]:
        bad.append("logged %r" % logged)
    elif logged[1]["request_id"] != a.header["X-Request-ID"]:
        bad.append("logged another request id than was told")
    elif where is not None and not logged[0]["reason"].startswith(
            where + ": "):
        bad.append("logged %r, not %s" % (logged[0]["reason"], where))
    elif why not in logged[0].get("reason", ""):
        bad.append("logged %r, not %s" % (logged[0]["reason"], why))
    t.none(bad + ([str(a)] if bad else []), text)


def config_with(line, section="access"):
    """A good file plus one line at its end; its place."""
    lines = w.lines + ["", "[%s]" % section, line]
    w.write("foldergate.conf", "\n".join(lines) + "\n")
    return "%s:%d" % (w.conf, len(lines))


def lines(t):
    for section, line, why in [
            ("access", "colour = " + MARK, "unknown setting colour"),
            ("nowhere", "ttl_s = 1", "belongs into section [access]"),
            ("s3", "ttl_s = 1", "belongs into section [access]"),
            ("access", "TTL_S = 1", "unknown setting"),
            ("access", "ttl_s = " + MARK, "whole number, 1 to 604800"),
            ("access", "ttl_s = 0", "1 to 604800"),
            ("access", "ttl_s = -1", "1 to 604800"),
            ("access", "ttl_s = 604801", "1 to 604800"),
            ("access", "ttl_s = 1.5", "whole number"),
            ("access", "ttl_s = 1e3", "whole number"),
            ("access", "ttl_s = 0x10", "whole number"),
            ("access", "ttl_s = 18446744073709551617", "1 to 604800"),
            ("access", "ttl_s =", "whole number"),
            ("access", "list_ttl_s = 604801", "1 to 604800"),
            ("access", "min_bytes = -1", "whole number"),
            ("access", "max_bytes = 5368709121", "1 to 5368709120"),
            ("access", "layouts = " + MARK, "coldkey, hotkey"),
            ("access", "layouts =", "coldkey, hotkey"),
            ("access", "layouts = hotkey, hotkey", "without repetition"),
            ("access", "sources = x, " + MARK, "a-z, 0-9"),
            ("access", "sources = x, x", "without repetition"),
            ("access", "sources =", "a-z, 0-9"),
            ("access", "sources = x/y", "a-z, 0-9"),
            ("access", "sources = ..", "a-z, 0-9"),
            ("access", "sources = x:y", "a-z, 0-9"),
            ("access", "sources = ${filename}", "a-z, 0-9"),
            ("access", "sources = *", "a-z, 0-9"),
            ("access", "sources = \u00fc", "a-z, 0-9"),
            ("access", "sources = " + "a" * 33, "1 to 32"),
            ("access", "sources = " + " ".join("s%d" % i for i in range(17)),
             "at most 16"),
            ("chain", "netuid = 65536", "0 to 65535"),
            ("chain", "netuid = finney", "whole number"),
            ("chain", "max_age_s = 0", "1 to 86400"),
            ("chain", "endpoints = ftp://" + MARK, "http, https or wss"),
            ("s3", "public_endpoint = store.test", "http://host"),
            ("s3", "public_endpoint = http://a b", "http://host"),
            ("s3", "addressing = " + MARK, "path or virtual"),
            ("s3", "upload_access_key_id = a/b", "access key id"),
            ("s3", "read_secret_access_key_file = relative", "absolute path"),
            ("s3", "secret_access_key = " + MARK, "secrets do not belong"),
            ("access", MARK, "key = value"),
            ("access", "[access", "key = value"),
            ("access", "ttl_s = " + "1" * 200, "line longer than"),
            ("access", "; " + "x" * 250, "line longer than"),
            ("access", "ttl_s = 1\0", "NUL")]:
        refuses(t, "the program ends when section [%s] holds %s" %
                (section, line[:40].replace("\0", "NUL")),
                config_with(line, section), why)
    where = config_with("region = again", "s3")
    refuses(t, "the program ends when a setting is repeated, and both lines "
            "are named", where, "s3.region repeated, first in "
            "line %d" % (1 + [s.split(" ")[0] for s in w.lines].index(
                "region")))
    w.write("foldergate.conf", "[s3]\nendpoint = %s\n[access]\nttl_s = 0\n" %
            MARK)
    refuses(t, "the first of two faults is the one that is reported",
            w.conf + ":2")


def whole(t):
    for name in ("s3_endpoint", "s3_bucket", "state_directory"):
        with w.settings(**{name: None}):
            refuses(t, "the program ends when %s is missing" % name, w.conf,
                    name.replace("_", ".", 1) + " is missing")
    with w.settings(s3_region=None):
        refuses(t, "the program ends when a provider without a region of its "
                "own lacks s3.region", why="s3.region")
    with w.settings(access_min_bytes=2, access_max_bytes=1):
        refuses(t, "the program ends when min_bytes is above max_bytes", w.conf)
    for bucket in ("UPPER", "no_under", "-a-", "ab", "192.0.2.1", "a..b"):
        with w.settings(s3_bucket=bucket):
            refuses(t, "the program ends when s3.bucket cannot be a bucket: " +
                    bucket, why="s3.bucket")
    for endpoint_ in ("http://UPPER", "http://store/", "http://store:0",
                      "http://store:65536", "http://1.2.3", "http://[::1"):
        with w.settings(s3_endpoint=endpoint_):
            refuses(t,
                    "the program ends when s3.endpoint is " + endpoint_,
                    why="s3.endpoint")
    with w.settings(s3_addressing="virtual", s3_endpoint="http://192.0.2.1"):
        refuses(t, "the program ends when virtual addressing would put the "
                "bucket before an IP address", why="s3.addressing")
    for text, path in [("missing", w.path("none")), ("a directory", w.dir)]:
        refuses(t, "the program ends when the configuration is " + text, path,
                env={"FOLDERGATE_CONFIG": path})
    for text, data in [("an empty file", ""), ("no configuration", "{}\n")]:
        refuses(t, "the program ends when the configuration is " + text, env={
            "FOLDERGATE_CONFIG": w.write("other.conf", data)})
    for name in ("healthcheck", "commitment-formats"):
        place = config_with("ttl_s = " + MARK)
        refuses(t, name + " ends on a bad configuration as well", place,
                name=name)
        w.configure()


def environment(t):
    for name, value in [("ACCESS_TTL_S", MARK), ("ACCESS_TTL_S", ""),
                        ("S3_ADDRESSING", MARK), ("ACCESS_SOURCES", "X"),
                        ("CHAIN_NETUID", "-1"), ("S3_BUCKET", "a b")]:
        name = "FOLDERGATE_" + name
        refuses(t, "the program ends when the environment holds %s=%s" %
                (name, value), name, env={name: value})
    for name in ("S3_BUKET", "ACCESS_TTL", "CHAIN_", "STATE_DIR"):
        name = "FOLDERGATE_" + name
        refuses(t, name + " in the environment is refused as no setting",
                "environment", name, env={name: MARK})
    a = w.post(w.request(), env=w.env(FOLDERGATE_OTHER="1", FOLDERGATE="2"))
    t.same(a.code, 200, "variables with other names are left to other programs")


def secrets(t):
    path = w.path("s3.secret")

    def secret_refused(text, why=""):
        refuses(t, "the program ends when the secret file " + text, why=why,
                event="secret_unreadable", echo=())

    for mode in (0o644, 0o604, 0o660, 0o620, 0o610, 0o601, 0o666, 0o777):
        os.chmod(path, mode)
        secret_refused("has the mode %o" % mode, "mode 0600")
    for mode in (0o640, 0o400, 0o600):
        os.chmod(path, mode)
        t.same(w.post(w.request()).code, 200,
               "a secret file of mode %o is read" % mode)
    os.rename(path, w.path("moved"))
    secret_refused("is missing", "No such file or directory")
    os.symlink(w.path("moved"), path)
    t.same(w.post(w.request()).code, 200,
           "a secret file that is reached by a link that only we can set is "
           "read")
    os.remove(path)
    os.mkdir(path)
    secret_refused("is a directory")
    os.rmdir(path)
    os.mkfifo(path, 0o600)
    secret_refused("is a FIFO")
    os.remove(path)
    for text, data in [("is empty", b""), ("holds only a line end", b"\n"),
                       ("holds a NUL", b"abc\0def\n"),
                       ("holds a megabyte", b"x" * 2**20),
                       ("holds two lines", b"tests/only/1\ntests/only/2\n")]:
        with open(path, "wb") as f:
            f.write(data)
        os.chmod(path, 0o600)
        a = w.post(w.request())
        bad = endpoint.refusal_wrong(a, 500, "internal", exit_status=1,
                                     echo=["tests/only"])
        t.none(bad, "the program ends when the secret file " + text)
    os.remove(path)
    os.rename(w.path("moved"), path)
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
        secret_refused("belongs to another user", "must belong to")
        os.chown(path, 0, 0)
    else:
        t.skip("the program ends when the secret file belongs to another user",
               "only root can give files away")
    t.same(w.post(w.request()).code, 200, "the good secret file is read again")


def least_privilege(t):
    with w.settings(s3_secret_access_key_file=w.path("none")):
        for name in ("healthcheck", "commitment-formats"):
            a = w.get(name)
            t.same((a.status, a.code, a.err), (0, 200, b""),
                   "%s starts without any secret" % name)
        refuses(t, "get-folder-access ends when its secret is missing",
                event="secret_unreadable")
    with w.settings(s3_secret_access_key_file=None, s3_access_key_id=None):
        refuses(t, "get-folder-access ends when no key is configured",
                event="secret_unreadable",
                why="section s3 must name")
        t.same(w.get("healthcheck").code, 200, "healthcheck needs no key")

    # healthcheck tells whether it can be read: it tries.
    for name in ("structure-info", "commitment-formats", "get-folder-access"):
        opened = files_opened(name)
        text = "%s opens the secret file: %s" % (name, "yes" if name ==
                                            "get-folder-access" else "no")
        if opened is None:
            t.skip(text, "strace is not there, or may not look")
        else:
            t.same("s3.secret" in opened,
                   name == "get-folder-access", text)


def files_opened(name):
    trace = w.path("trace")
    if shutil.which("strace") is None:
        return None
    subprocess.run(
        ["strace", "-f", "-o", trace, "-e", "trace=open,openat,openat2",
         os.path.join(endpoint.BUILD, "test/cgi-bin", name)],
        env={**w.env(), "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD":
             "GET"}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, timeout=60)
    try:
        with open(trace) as f:
            # A way is walked name by name.
            opened = {os.path.basename(name) for name in
                      re.findall(r'"([^"]*)"', f.read())}
    except FileNotFoundError:
        return None

    # A process that may not be dumped shows its arguments to root alone.
    return opened if os.path.basename(w.conf) in opened else None


def secret_in_environment(t):
    secret = "environment/only+0123456789abcdef"
    endpoint.never.add(secret)
    for name in ("", "UPLOAD_", "READ_"):
        variable = "FOLDERGATE_S3_%sSECRET_ACCESS_KEY" % name
        keys = {"FOLDERGATE_S3_UPLOAD_ACCESS_KEY_ID": "PUTONLY"} \
            if name == "UPLOAD_" else \
            {"FOLDERGATE_S3_READ_ACCESS_KEY_ID": "GETONLY"} if name else {}
        a = w.post(w.request(), env=w.env(**{variable: secret}, **keys))
        t.same(a.code, 200, "%s is used for signing" % variable)
        t.ok('"level":"warn"' in a.log and
             '"event":"secret_in_environment"' in a.log and
             variable in a.log,
             "a secret in the environment is used, with a warning in the log",
             a.log)
        a = w.get("healthcheck", **{variable: secret})
        t.same(a.code, 200, "healthcheck accepts a secret in its environment")
    with w.settings(s3_secret_access_key_file=None):
        a = w.post(w.request(), env=w.env(
            FOLDERGATE_S3_SECRET_ACCESS_KEY=secret))
        t.same(a.code, 200,
               "a secret in the environment makes the file unnecessary")
    a = w.post(w.request(), env=w.env(
        FOLDERGATE_S3_SECRET_ACCESS_KEY="x" * 100000))
    t.same((a.code, a.status), (500, 1),
           "a secret of 100,000 bytes in the environment ends the program")
    for name in ("get-folder-access", "healthcheck"):
        seen = environ_of(name, secret)
        text = "%s leaves nothing of the secret in /proc/PID/environ" % name
        if seen is None:
            t.skip(text, "it may not be read here")
        else:
            t.same([b"FOLDERGATE_S3_SECRET_ACCESS_KEY=" in seen,
                    secret.encode() in seen], [True, False], text)


def environ_of(name, secret):
    """The environment of a program while it waits for the rest of a body."""
    p = subprocess.Popen(
        [os.path.join(endpoint.BUILD, "test/cgi-bin", name)],
        env=w.env(FOLDERGATE_S3_SECRET_ACCESS_KEY=secret,
                  GATEWAY_INTERFACE="CGI/1.1", REQUEST_METHOD="POST",
                  CONTENT_LENGTH="2"),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    seen = None
    try:
        # The warning is logged once the secret has been taken.
        p.stderr.readline()
        with open("/proc/%d/environ" % p.pid, "rb") as f:
            seen = f.read()
    except PermissionError:
        pass
    finally:
        p.communicate(b"{}", timeout=30)
    return seen


def clock(t):
    """The installed programs know no other clock than the machine's."""
    for path in [os.path.join(endpoint.BUILD, sub) for sub in (
            "cgi-bin/healthcheck", "cgi-bin/get-folder-access",
            "cgi-bin/commitment-formats", "bin/foldergate")]:
        with open(path, "rb") as f:
            t.ok(b"FOLDERGATE_NOW" not in f.read(),
                 "%s does not know FOLDERGATE_NOW" %
                 os.path.relpath(path, endpoint.BUILD))
    with open(os.path.join(endpoint.BUILD, "test/cgi-bin/healthcheck"),
              "rb") as f:
        t.ok(b"FOLDERGATE_NOW" in f.read(),
             "the test build of healthcheck knows FOLDERGATE_NOW")
    before = int(time.time())
    a = w.get("healthcheck", installed=True)
    t.ok(before <= a.json["timestamp"] <= time.time(),
         "the installed healthcheck tells the time of the machine", str(a))

    def post(body):
        data = json.dumps(body).encode()
        return endpoint.cgi("get-folder-access", {
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST",
            "CONTENT_LENGTH": str(len(data)),
            "REMOTE_ADDR": "192.0.2.7", **w.env()}, data,
            installed=True)

    t.none(endpoint.refusal_wrong(post(w.request(timestamp=NOW)), 400,
                                  "invalid_timestamp"),
           "the installed program refuses an old request in spite of "
           "FOLDERGATE_NOW")
    body = w.request(timestamp=int(time.time()))
    t.none(endpoint.refusal_wrong(post(body), 503, "stale"),
           "the installed program refuses an old snapshot in spite of "
           "FOLDERGATE_NOW")
    r = w.cli("snapshot", "import", w.path("neurons.json"), installed=True)
    t.same(r.status, 0,
           "the installed snapshot import takes the time of the machine")
    a = post(w.request(timestamp=int(time.time())))
    t.same((a.code, a.wrong), (200, []),
           "the installed program grants a request of today with a snapshot of "
           "today")
    a = w.get("healthcheck", installed=True)
    t.same(a.json["status"], "ok",
           "the installed healthcheck reports ok with a snapshot of today")


if __name__ == "__main__":
    tap.run([lines, whole, environment, secrets, least_privilege,
             secret_in_environment, clock], endpoint.check_outputs)
