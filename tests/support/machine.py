"""A whole Debian machine with a systemd that runs, in a container of
systemd-nspawn.  It shares the network of this machine, so it serves on a port of
127.0.0.1.  Its root is made by mmdebstrap once and kept in the build."""

import atexit
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading

import endpoint
import servers

SYSTEM = ["systemd", "systemd-sysv", "dbus"]
# What a container may not do, and a machine may: our programs do.
ALLOWED = "@memlock landlock_create_ruleset landlock_add_rule " \
    "landlock_restrict_self"
NEEDS = ["mmdebstrap", "systemd-nspawn", "nsenter", "tar"]


def lacks(*more):
    """Why no machine can be made here; empty if one can."""
    if os.geteuid() != 0:
        return "it needs root"
    missing = [n for n in [*NEEDS, *more] if shutil.which(
        n, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is None]
    return "no " + ", ".join(missing) if missing else ""


def skip_unless(*programs):
    """End the test, as skipped, where it cannot be run."""
    why = lacks(*programs)
    if why:
        print("1..0 # SKIP no machine of our own: " + why)
        sys.exit(0)


def runtime_packages():
    """What scripts/setup.sh installs to run what was built elsewhere."""
    with open(os.path.join(servers.ROOT, "scripts", "setup.sh")) as f:
        text = f.read().partition("\nruntime_packages='\n")[2]
    return [line.split()[0] for line in
            text.partition("'\n")[0].splitlines() if line.strip()]


def base(packages):
    """The root with these packages, as a tar file."""
    names = sorted(set(SYSTEM + packages))
    tar = os.path.join(endpoint.BUILD, "machine", "%s.tar" % hashlib.sha256(
        " ".join(names).encode()).hexdigest()[:16])
    if not os.path.exists(tar):
        os.makedirs(os.path.dirname(tar), exist_ok=True)
        subprocess.run(["mmdebstrap", "-q", "--variant=minbase", "--include=" +
                        ",".join(names), "bookworm", tar + ".new.tar"],
                       check=True, stdin=subprocess.DEVNULL, timeout=1500)
        os.rename(tar + ".new.tar", tar)
    return tar


class Machine:
    """root: where its files are, as seen from here."""

    def __init__(self, packages=()):
        # Not in /tmp, which may be small: it is a whole system.
        tar = base(list(packages))
        self.root = tempfile.mkdtemp(prefix="root-", dir=os.path.dirname(tar))
        atexit.register(shutil.rmtree, self.root, True)
        os.chmod(self.root, 0o755)
        subprocess.run(["tar", "-C", self.root, "-xf", tar], check=True)
        self._nspawn = self._init = None
        atexit.register(self.stop)

    def path(self, name):
        return self.root + name

    def write(self, name, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as f:
            f.write(text)
        os.chmod(self.path(name), mode)

    def read(self, name):
        with open(self.path(name)) as f:
            return f.read()

    def boot(self):
        self._nspawn = subprocess.Popen(
            ["systemd-nspawn", "-q", "--register=no", "--keep-unit",
             "--console=pipe", "--resolv-conf=copy-host",
             "--system-call-filter=" + ALLOWED, "-D", self.root, "-b"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not servers.until(self._has_booted, 180, 0.2):
            raise RuntimeError("the machine does not boot")

    def _has_booted(self):
        if self._nspawn.poll() is not None:
            raise RuntimeError("systemd-nspawn ended")
        for pid in servers.children(self._nspawn.pid):
            if "systemd" in servers._exe(pid):
                self._init = pid
        return self._init and self.run(
            "systemctl", "is-system-running").text.strip() in (
                "running", "degraded")

    def run(self, *command, stdin=b"", timeout=600):
        """Run a command in it, as root: an endpoint.Result."""
        where = ["nsenter", "-t", str(self._init), "-m", "-u", "-i", "-p", "-r",
                 "-w"] if self._init else ["chroot", self.root]
        p = subprocess.run(
            where + list(command), input=stdin, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=timeout, env={
                "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                "/sbin:/bin", "LC_ALL": "C.UTF-8",
                "DEBIAN_FRONTEND": "noninteractive"})
        return endpoint.Result(p.returncode, p.stdout, p.stderr)

    def do(self, *command, **more):
        """The same, and it must succeed."""
        r = self.run(*command, **more)
        if r.status != 0:
            raise RuntimeError("%s: %s" % (" ".join(command), r))
        return r

    def journal(self, unit):
        return self.run("journalctl", "-q", "-o", "cat", "-u", unit).text

    def stop(self):
        if self._nspawn is None or self._nspawn.poll() is not None:
            return
        if self._init:
            self.run("systemctl", "--no-block", "poweroff")
        try:
            self._nspawn.wait(60)
        except subprocess.TimeoutExpired:
            self._nspawn.terminate()
            self._nspawn.wait(30)
        self._nspawn = self._init = None


class Load:
    """Clients without a pause, while a with lasts: answers counts them, and
    wrong has what was not good."""

    def __init__(self, ask, good, clients=4):
        self.answers, self.wrong = 0, []
        self._ask, self._good, self._over = ask, good, threading.Event()
        self._turn = threading.Lock()
        self._threads = [threading.Thread(target=self._client, daemon=True)
                         for _ in range(clients)]

    def _client(self):
        while not self._over.is_set():
            try:
                answer = self._ask()
                bad = [] if self._good(answer) else [str(answer)]
            except (OSError, ValueError) as e:
                bad = [repr(e)]
            with self._turn:
                self.answers += 1
                self.wrong += bad

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join(30)
