#!/usr/bin/python3
"""Can this installation serve?  A program that starts, readyz, healthcheck and
check-config give one answer, whatever is wrong."""

import contextlib
import ctypes
import fcntl
import json
import os
import pty
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import termios

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import bucket
import endpoint
import fcgi
import tap
import world
from shared import REDIS, Redis
from world import NOW

w = world.World(limits_replay=None)
AUDIT_KEY = w.secret("audit.key", "k" * 32)
OTHER = 65534
os.mkdir(w.path("logs"))


class Fault:
    """One way to break an installation: settings that are set, and what do()
    changes, which is undone from a copy."""

    def __init__(self, text, code, do=None, warns=False, env=None, mend=None,
                 alone=True, **settings):
        self.text, self.code, self.do, self.warns = text, code, do, warns
        self.settings, self.env = settings, env or {}
        self.mend, self.alone = mend, alone


@contextlib.contextmanager
def broken(f):
    """The world with that fault."""
    kept = w.dir + ".kept"
    subprocess.run(["cp", "-a", w.dir, kept], check=True)
    try:
        with w.settings(**f.settings):
            if f.do:
                f.do()
            yield
    finally:
        subprocess.run(["sh", "-c", "chmod -R u+rwX \"$1\"; "
                        "find \"$1\" -mindepth 1 -delete; "
                        "cp -a \"$2/.\" \"$1\"; rm -rf \"$2\"",
                        "sh", w.dir, kept], check=True)


def weak():
    """Root may do everything: take that away before exec."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in 1, 2:     # DAC_OVERRIDE, DAC_READ_SEARCH
            libc.prctl(24, capability, 0, 0, 0)


def run(path, args=(), env=None, stdin=b""):
    p = subprocess.run([os.path.join(endpoint.BUILD, "test", path), *args],
                       env=env, input=stdin, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, preexec_fn=weak, timeout=60)
    return endpoint.Result(p.returncode, p.stdout, p.stderr)


def ask(name, env, body=None):
    variables = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
                 "REMOTE_ADDR": "192.0.2.7", **w.env(), **env}
    if body is not None:
        variables.update(REQUEST_METHOD="POST", CONTENT_LENGTH=str(len(body)),
                         CONTENT_TYPE="application/json")
    return endpoint.Answer(run("cgi-bin/" + name, (), variables, body or b""),
                           "GET", name)


def grant(env):
    return ask("get-folder-access", env, json.dumps(w.request()).encode())


def judge(t, f):
    """All of them, on what is there now."""
    config = run("bin/foldergate", ["check-config"], {**w.env(), **f.env})
    ready = ask("readyz", f.env)
    health = ask("healthcheck", f.env)
    granted = grant(f.env)
    refused = f.code is not None and not f.warns
    bad = [line for a in (ready, granted) for line in a.wrong]
    if refused == (granted.code == 200) or granted.code not in (
            200, 500, 503):
        bad.append("the grant: %s" % granted)
    if "config" == f.code:
        if ready.code != 500 or health.code != 500 or config.status != 1:
            bad.append("a configuration that is refused: %s %s %s" % (
                ready, health, config))
        t.none(bad, "all agree that an installation cannot serve: " + f.text)
        return
    reasons = (ready.json or {}).get("reasons", [])
    if ready.code != (503 if refused else 200):
        bad.append("readyz: %s" % ready)
    if f.code is not None and f.code not in reasons or f.alone and \
            reasons != ([f.code] if f.code else []):
        bad.append("readyz: reasons %r" % reasons)
    if ready.err or health.err:
        bad.append("logged for one request: %s %s" % (ready.log, health.log))
    if health.code != 200 or health.json.get("reason") != (
            f.code if refused else None):
        bad.append("healthcheck: %s" % health)
    if config.status != (1 if refused else 0):
        bad.append("check-config: exit status %d" % config.status)
    told = re.findall(r"^(fault|warning): [^(\n]*\((\w+)\)$", config.text, re.M)
    if f.code is not None and (
            ("warning" if f.warns else "fault"), f.code) not in told:
        bad.append("check-config tells %r" % told)
    if [code for kind, code in told if code not in reasons and
            kind == ("fault" if refused else "warning")] or \
            config.text.count("  mend: ") != len(told):
        bad.append("check-config tells %r, readyz %r" % (told, reasons))
    if f.mend is not None and f.mend not in config.text:
        bad.append("check-config does not name " + f.mend)
    if not config.text.rstrip().splitlines()[-1].startswith(
            "this installation can"):
        bad.append("check-config ends with something else")
    t.none(bad + ([config.text[-1500:], config.log] if bad else []),
           "all agree that an installation %s: %s" % (
               "cannot serve" if refused else "can serve", f.text))


def swap(name, make):
    """Put something else in the place of a file."""
    path = w.path(name)
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)
    make(path)


def text(name, data, mode=0o600):
    return lambda: w.write(name, data, mode)


def ledger(change):
    def do():
        db = sqlite3.connect(w.path("state/store.sqlite"))
        change(db)
        db.commit()
        db.close()
    return do


LOG = {"audit_key_file": AUDIT_KEY, "audit_required": "yes"}
SECRET = "install -D -o root -g"

FAULTS = [
    Fault("nothing is wrong", None),

    # The store's address.
    Fault("a bucket's name in capitals", "config", s3_bucket="UPPER"),
    Fault("an endpoint that is none", "config", s3_endpoint="http://[::1"),
    Fault("an internal endpoint that is none beside a good public one",
          "config", s3_endpoint="http://1.2.3",
          s3_public_endpoint="http://store.test:9000"),
    Fault("no region", "config", s3_region=None),
    Fault("virtual addressing under an IP address", "config",
          s3_addressing="virtual", s3_endpoint="http://192.0.2.1"),
    Fault("an endpoint that begins with the bucket", "config",
          s3_endpoint="http://%s.store.test:9000" % world.BUCKET),
    Fault("an endpoint with the bucket in its path", "config",
          s3_endpoint="http://store.test:9000/" + world.BUCKET),
    Fault("a port with the digits 409", "config",
          s3_endpoint="http://store.test:4090"),
    Fault("a public store without TLS", "not_encrypted", warns=True,
          s3_endpoint="http://s3.example.org", mend="sudoedit"),
    Fault("a public node without TLS", "not_encrypted", warns=True,
          chain_endpoints="ws://node.example.org:9944", mend="sudoedit"),
    Fault("a number that is none", "config", access_ttl_s="abc"),
    Fault("no endpoint", "config", s3_endpoint=None),
    Fault("an audit log that is required without a key", "config",
          audit_required="yes"),

    # How requests are proven.
    Fault("a receiver whose checksum is wrong", "proofs_refused",
          auth_receiver="5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ"),
    Fault("no proof that is accepted", "proofs_refused",
          auth_schemes="btauth"),

    # Secrets.
    Fault("no secret file", "secret_unreadable",
          lambda: os.unlink(w.path("s3.secret")), mend=SECRET),
    Fault("an empty secret", "secret_unreadable", text("s3.secret", ""),
          mend=SECRET),
    Fault("a secret of two lines", "secret_unreadable",
          text("s3.secret", "tests/only/1\ntests/only/2\n"), mend=SECRET),
    *[Fault("a secret %s" % words, "secret_unreadable",
            text("s3.secret", data), mend=SECRET) for words, data in [
                ("with a blank before it", " " + world.SECRET),
                ("with a blank after it", world.SECRET + " \n"),
                ("with a tab after it", world.SECRET + "\t\n"),
                ("in quotation marks", '"%s"\n' % world.SECRET),
                ("in typographic quotation marks",
                 "\u201c%s\u201d" % world.SECRET),
                ("with a no-break space", world.SECRET + "\u00a0\n"),
                ("with two byte order marks", "\ufeff\ufeff" + world.SECRET),
                ("with its name before it",
                 "aws_secret_access_key = " + world.SECRET),
                ("with the key id before it",
                 "%s,%s" % (world.KEY_ID, world.SECRET)),
                ("in JSON", '{"SecretAccessKey": "%s"}' % world.SECRET),
                ("that is the key id", world.KEY_ID),
                ("of dots", "\u2022" * 40), ("of asterisks", "*" * 40),
                ("with an empty line after it", world.SECRET + "\n\n"),
                ("with a NUL byte", world.SECRET + "\0"),
                ("in UTF-16", world.SECRET.encode("utf-16"))]],
    Fault("a secret after a byte order mark, with a Windows line end", None,
          text("s3.secret", "\ufeff" + world.SECRET + "\r\n")),
    Fault("a secret that all may read", "secret_unreadable",
          lambda: os.chmod(w.path("s3.secret"), 0o644), mend="chmod 0640"),
    Fault("a secret that we may not read", "secret_unreadable",
          lambda: os.chmod(w.path("s3.secret"), 0o000), mend="chmod 0640"),
    Fault("a secret of another user", "secret_unreadable",
          lambda: os.chown(w.path("s3.secret"), OTHER, OTHER),
          mend="chown root:"),
    Fault("a directory in the secret's place", "secret_unreadable",
          lambda: swap("s3.secret", os.mkdir)),
    Fault("a FIFO in the secret's place", "secret_unreadable",
          lambda: swap("s3.secret", os.mkfifo)),
    Fault("a key id without a secret", "secret_unreadable",
          s3_secret_access_key_file=None, mend="sudoedit"),
    Fault("no key id", "secret_unreadable", s3_access_key_id=None),
    Fault("a reader's own secret that is missing", "secret_unreadable",
          s3_read_access_key_id="OTHERKEY",
          s3_read_secret_access_key_file=w.path("none"), mend=w.path("none")),

    # The key of the audit log, and the log.
    Fault("no audit key", "audit_key_unreadable",
          audit_key_file=w.path("none"), mend="head -c 32 /dev/urandom"),
    Fault("an audit key of 5 bytes", "audit_key_unreadable",
          text("audit.key", "12345\n"), audit_key_file=AUDIT_KEY),
    Fault("an audit key that all may read", "audit_key_unreadable",
          lambda: os.chmod(AUDIT_KEY, 0o644), audit_key_file=AUDIT_KEY),
    Fault("an audit log in a directory that is missing", "audit_unwritable",
          audit_file=w.path("none/audit.log"), mend="install -d", **LOG),
    Fault("a directory in the place of the audit log", "audit_unwritable",
          lambda: os.mkdir(w.path("state/audit.log")), **LOG),
    Fault("an audit log that the group may write", "audit_unwritable",
          text("state/audit.log", "", 0o620), mend="chmod 0600", **LOG),
    Fault("a directory in the place of the audit log's lock",
          "audit_unwritable",
          lambda: os.mkdir(w.path("state/audit.log.lock")), **LOG),
    Fault("a directory in the place of the audit log's head",
          "audit_unwritable",
          lambda: os.mkdir(w.path("state/audit.log.head")), **LOG),
    Fault("an audit log that is not required, without its directory",
          "audit_unwritable", warns=True, audit_key_file=AUDIT_KEY,
          audit_file=w.path("none/audit.log")),

    # The state directory.
    Fault("no state directory", "state_unwritable",
          state_directory=w.path("none"), mend="install -d"),
    Fault("a file in the place of the state directory", "state_unwritable",
          state_directory=w.conf),
    Fault("a state directory that we may not write", "state_unwritable",
          lambda: os.chmod(w.state, 0o555), mend="install -d"),
    Fault("a state directory that we may not read", "state_unwritable",
          lambda: os.chmod(w.state, 0o000)),

    Fault("no directory of the ledger", "state_unwritable",
          state_shared=w.path("none"), mend="install -d"),
    Fault("a state directory that is missing beside that of the ledger",
          "state_unreadable", state_directory=w.path("none"),
          state_shared=w.state),

    # The snapshot.
    Fault("no snapshot", "no_identity",
          lambda: os.unlink(w.path("state/metagraph.snapshot")),
          mend="chain-sync --once"),
    Fault("a damaged snapshot", "no_identity",
          text("state/metagraph.snapshot", "damaged"),
          mend="chain-sync --once"),
    Fault("a snapshot of another subnet", "no_identity", chain_netuid=14),
    Fault("a snapshot that is too old", "stale",
          lambda: w.snapshot(advanced_at=NOW - 1201)),
    Fault("a snapshot from the future", "stale",
          lambda: w.snapshot(advanced_at=NOW + 61)),
    Fault("a snapshot that we may not read", "no_identity",
          lambda: os.chmod(w.path("state/metagraph.snapshot"), 0o000),
          mend="chmod 0644"),

    # Deny list and table of addresses.
    Fault("a damaged deny list", "denylist_unusable",
          text("state/denylist", "hotkey"), mend="denylist.damaged"),
    Fault("a deny list that we may not read", "denylist_unusable",
          text("state/denylist", "foldergate denylist 1\nentries 0\n", 0o000),
          mend="chmod 0640"),
    Fault("a directory in the place of the table of addresses",
          "addresses_unusable",
          lambda: swap("state/throttle.table", os.mkdir)),
    Fault("a table of addresses that is open to others",
          "addresses_unusable",
          text("state/throttle.table", bytes(4096), 0o666)),

    # The ledger in a file.
    Fault("a ledger of garbage", "ledger_unavailable",
          text("state/store.sqlite", "garbage" * 1000),
          mend="store.sqlite.damaged"),
    Fault("a directory in the ledger's place", "ledger_unavailable",
          lambda: swap("state/store.sqlite", os.mkdir)),
    Fault("somebody else's database in the ledger's place",
          "ledger_unavailable", ledger(lambda db: db.execute(
              "PRAGMA application_id = 1"))),
    Fault("a ledger without its tables", "ledger_unavailable",
          ledger(lambda db: db.execute("DROP TABLE replay"))),
    Fault("a ledger that was written by a clock ahead", "ledger_ahead",
          ledger(lambda db: db.execute(
              "UPDATE meta SET floor_ms = %d" % (1000 * NOW + 86400000))),
          mend="timedatectl"),
    Fault("a link in the place of the ledger's lock", "ledger_unavailable",
          lambda: swap("state/store.lock",
                       lambda p: os.symlink("/dev/null", p))),

    # The ledger in Redis.
    Fault("an URL of Redis that is none", "config",
          state_redis_url="http://store.test"),
    Fault("Redis over TLS", "ledger_refused", state_redis_url="rediss://h"),
    Fault("a Redis that does not answer", "ledger_unavailable",
          state_redis_url="unix://" + w.path("none"), mend="redis-cli ping"),
    Fault("no file with the password of Redis", "ledger_refused",
          state_redis_url="unix://" + w.path("none"),
          state_redis_password_file=w.path("none"), mend=SECRET),

    # Where the log goes: without it lines go to standard error.
    Fault("a log in a directory that is there", None,
          log_to=w.path("logs/log")),
    Fault("a log without a directory", "log_unwritable", warns=True,
          log_to=w.path("none/log"), mend="install -d"),
    Fault("a log in a directory that we may not write", "log_unwritable",
          lambda: os.chmod(w.path("logs"), 0o500), warns=True,
          log_to=w.path("logs/log"), mend="install -d"),
    Fault("a log that others may write", "log_unwritable",
          text("logs/log", "", 0o666), warns=True, log_to=w.path("logs/log"),
          mend="chmod 0640"),
    Fault("a link in the place of the log", "log_unwritable",
          lambda: os.symlink("/dev/null", w.path("logs/log")), warns=True,
          log_to=w.path("logs/log"), mend="log.damaged"),
    Fault("a log for a daemon", None if os.path.exists("/dev/log") else
          "log_unwritable", warns=not os.path.exists("/dev/log"),
          log_to="syslog"),
    Fault("a log in a directory that is closed", "log_unwritable",
          lambda: os.chmod(w.path("logs"), 0), warns=True,
          log_to=w.path("logs/log"), mend="chmod g+x"),

    # The index: without it the other answers go on.
    Fault("a directory in the place of the counts", "counts_unusable",
          lambda: swap("state/metrics.table", os.mkdir), warns=True,
          mend="rm -r"),
    Fault("counts that others may read", "counts_unusable",
          text("state/metrics.table", bytes(4096), 0o644), warns=True),
    Fault("no token for /metrics", "token_unreadable", warns=True,
          metrics_token_file=w.path("none"), mend="/dev/urandom"),
    Fault("no index of the bucket", "no_index",
          lambda: os.unlink(w.path("state/bucket.index")), warns=True,
          mend="bucket-sync --once"),
    Fault("a damaged index of the bucket", "no_index",
          text("state/bucket.index", "damaged"), warns=True),
]


def in_redis(t):
    """A Redis that runs, and does not do what a ledger needs."""
    if not os.access(REDIS, os.X_OK):
        t.skip("all agree about a Redis", "no " + REDIS)
        return
    for words, commands, code, mend in [
            ("one as it should be", [], None, None),
            ("one that may evict", ["CONFIG SET maxmemory-policy allkeys-lru"],
             "ledger_unavailable", "noeviction"),
            ("one at maxmemory", ["CONFIG SET maxmemory 1"],
             "ledger_unavailable", "maxmemory"),
            ("one that allows no writing",
             ["ACL SETUSER default -@all +info +eval +evalsha +script "
              "+hgetall +get"], "ledger_unavailable", None),
            ("one that wants a password", ["CONFIG SET requirepass secret"],
             "ledger_unavailable", None),
            ("one that is a replica", ["REPLICAOF 127.0.0.1 1"],
             "ledger_unavailable", None),
            ("one with a key of somebody else under a name of ours",
             None, "ledger_unavailable", None)]:
        r = Redis()
        r.at(NOW - 3600)
        with w.settings(state_redis_url="unix://" + r.path):
            # It begins, and is then an hour old.
            ask("get-folder-access", {"FOLDERGATE_NOW": str(NOW - 3600)})
            r.at(NOW)
            if commands is None:
                keys = re.findall(r"foldergate:\S+", r.say("KEYS *"))
                for key in keys:
                    r.say("DEL " + key)
                    r.say("SET %s foreign" % key)
            for command in commands or []:
                r.say(command)
            judge(t, Fault(words, code, mend=mend))
            before = r.say("CONFIG SET requirepass \"\"") and r.say("KEYS *")
            ask("readyz", {})
            t.same(r.say("KEYS *"), before,
                   "readyz leaves nothing in Redis: " + words)
        r.kill()


def faults(t):
    for f in FAULTS:
        with broken(f):
            judge(t, f)
    t.ok(len(FAULTS) > 40, "the table of faults is long")


def twice(t):
    """Two things at once are two reasons, faults before warnings no more."""
    with broken(Fault("", "", lambda: os.unlink(w.path("s3.secret")))):
        w.write("state/denylist", "x")
        a = ask("readyz", {})
        t.same((a.code, a.json["reasons"]),
               (503, ["secret_unreadable", "denylist_unusable"]),
               "readyz names two faults")


def leaves_nothing(t):
    """A look counts nothing and spends nothing."""
    before = w.cli("usage").text
    ask("readyz", {})
    ask("healthcheck", {})
    with w.settings(log_to=w.path("logs/log")):
        for command in "check-config", "check-config --user nobody":
            run("bin/foldergate", command.split(), w.env())
        a = ask("readyz", {})
    t.same((a.code, os.listdir(w.path("logs"))), (200, []),
           "neither check-config nor readyz creates the log")
    w.cli("check-config")
    t.same(w.cli("usage").text, before,
           "looking whether the ledger decides counts nothing")


def lasting(t):
    """Trouble that lasts, asked for by many."""
    clock = w.path("clock")

    def at(second):
        w.set_clock("clock", NOW + second)

    def answers(s, n):
        got = []
        for _ in range(n):
            a = s.ask({"REQUEST_METHOD": "GET"}, allow="GET")
            got.append((a.code, a.json.get("reason", "")))
        return set(got)

    for name, bad, good in [("readyz", {(503, "")}, {(200, "")}),
                            ("healthcheck", {(200, "denylist_unusable")},
                             {(200, "")})]:
        at(0)
        s = fcgi.Service(w, name, now=clock)
        t.same(answers(s, 1), good, name + " reports that all is well")
        w.write("state/denylist", "x")
        t.same(answers(s, 5), good, name + " keeps a result for a second")
        for second in range(1, 6):
            at(second)
            t.same(answers(s, 20), bad, name + " reports a damaged deny list")
        os.unlink(w.path("state/denylist"))
        at(10)
        t.same(answers(s, 20), good, name + " reports that it is mended")
        events = [(line["event"], line.get("code", line.get("after")))
                  for line in map(json.loads, s.log().splitlines())
                  if line["event"] not in ("started_as_root", "sandbox")]
        t.same(events, [("not_ready", "denylist_unusable"),
                        ("ready_again", "denylist_unusable")], name +
               " logs trouble when it begins and when it ends: 100 requests")
        s.stop()


def open_files(pid):
    """What a process has open.  The connection of the last request may be
    closed meanwhile."""
    names = []
    for fd in os.listdir("/proc/%d/fd" % pid):
        try:
            names.append(os.readlink("/proc/%d/fd/%s" % (pid, fd)))
        except FileNotFoundError:
            pass
    return names


def opened_once(t):
    """The ledger is not opened for each request."""
    clock = w.set_clock("clock", NOW)
    s = fcgi.Service(w, "readyz", now=clock)
    for second in range(5):
        w.set_clock("clock", NOW + second)
        s.ask({"REQUEST_METHOD": "GET"}, allow="GET")
        inode = sorted(n for n in open_files(s.processes[0].pid)
                       if "store.sqlite" in n)
        if second > 0:
            t.same(inode, before, "readyz keeps the ledger open")
        before = inode
    t.ok(len(before) >= 1, "readyz has the ledger open", before)
    s.stop()


def on_paper(t):
    """On a terminal of 60 columns check-config folds, but not a command."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chmod(w.path("s3.secret"), 0o644)
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
        path = os.path.join(endpoint.BUILD, "test/bin/foldergate")
        os.execve(path, [path, "check-config"], w.env())
    out = b""
    try:
        while more := os.read(fd, 65536):
            out += more
    except OSError:
        pass
    os.waitpid(pid, 0)
    os.chmod(w.path("s3.secret"), 0o600)
    lines = out.decode().replace("\r", "").splitlines()
    long = [line for line in lines if len(line) > 60 and " " in line.strip()
            and not line.startswith("  mend: ")]
    t.ok(len(lines) > 100 and not long, "check-config folds to the terminal",
         *long)
    t.ok(any(line.startswith("  mend: chown root:") for line in lines),
         "check-config leaves a command in one piece", *lines[-12:])


def in_order(t):
    """Standard output and standard error in one file."""
    with w.settings(s3_bucket="UPPER"), open(w.path("both"), "w+b") as f:
        subprocess.run([os.path.join(endpoint.BUILD, "test/bin/foldergate"),
                        "check-config"], env=w.env(), stdout=f, stderr=f)
        f.seek(0)
        lines = f.read().decode().splitlines()
    t.ok(len(lines) > 50 and lines[-1].startswith("foldergate: ") and
         not [line for line in lines[:-1] if line.startswith("foldergate: ")],
         "an error of check-config is the last line of a file that gets all "
         "of its output", *lines[-3:])


def as_whom(t):
    """--user, and root without it."""
    r = w.cli("check-config", "--user", "nobody-of-that-name")
    t.ok(r.status == 1 and "no user" in r.log,
         "check-config refuses a user that is not there", r)
    if os.geteuid() != 0:
        t.skip("check-config becomes another user", "only root can")
        return
    os.chmod(w.dir, 0o755)
    r = w.cli("check-config", "--user", "nobody")
    t.ok(r.status == 1 and "\ntried as: nobody\n" in r.text and
         "fault: the secret that signs uploads" in r.text,
         "check-config tries what the user it names may do", r)
    os.chown(w.state, OTHER, OTHER)
    r = w.cli("check-config")
    os.chown(w.state, 0, 0)
    t.ok("\ntried as: nobody\n" in r.text,
         "root becomes the owner of the state directory", r)
    t.none([name for name in os.listdir(w.state)
            if os.stat(w.path("state/" + name)).st_uid != 0],
           "check-config makes no file of another user")


def behind_a_proxy(t):
    """X-Forwarded-For of a peer nearby that nobody named."""
    def forwarded(peer, chain="198.51.100.9", **env):
        body = json.dumps(w.request()).encode()
        return ask("get-folder-access", {
            "REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": chain, **env}, body)

    def reasons():
        return ask("readyz", {}).json.get("reasons", [])

    forwarded("198.51.100.1")
    t.same(reasons(), [], "a stranger who sends X-Forwarded-For is no proxy")
    with w.settings(web_trusted_proxies="127.0.0.1"):
        forwarded("127.0.0.1")
        t.same(reasons(), [], "a proxy that is trusted is as it should be")
    a = forwarded("127.0.0.1")
    t.ok("proxy_untrusted" in a.log and a.code == 200,
         "an untrusted proxy on this machine is logged", a)
    t.same(reasons(), ["proxy_untrusted"],
           "readyz reports an untrusted proxy, with 200")
    a = forwarded("10.0.0.7")
    t.ok("proxy_untrusted" not in a.log,
         "an untrusted proxy is logged once", a)
    judge(t, Fault("an untrusted proxy in front", "proxy_untrusted",
                   warns=True, mend="proxy.untrusted"))
    with w.settings(web_trusted_proxies="127.0.0.0/8"):
        t.same(reasons(), [], "a proxy that was named is reported no more")
        forwarded("10.0.0.7")
        t.same(reasons(), ["proxy_untrusted"],
               "another untrusted proxy takes its place")
    os.unlink(w.path("state/proxy.untrusted"))


def prepare(t):
    """An index, as bucket-sync leaves it."""
    t.same(bucket.index_of(w, []), bucket.OK, "an index is made")
    w.snapshot()
    t.same(grant({}).code, 200, "the installation serves")


if __name__ == "__main__":
    tap.run([prepare, faults, in_redis, twice, leaves_nothing, lasting,
             opened_once, on_paper, in_order, as_whom, behind_a_proxy],
            endpoint.check_outputs)
