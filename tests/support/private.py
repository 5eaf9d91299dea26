"""A machine of a test's own, as far as commands in documents need one: /etc,
/usr/local, /var and /run are directories of the test, in a mount namespace, and
all else is this machine's.  Five programs are stand-ins: sudo changes the user,
systemctl looks whether each unit exists, apt-get whether each package is there,
editor puts the file in place that a test has written, and journalctl prints what
programs in the background have logged."""

import atexit
import os
import shutil
import subprocess
import tempfile

import endpoint
import servers

PLACES = ["etc", "usr/local", "var", "run"]
# What packages made below /var, and their programs want there.
COPIED = ["lib/apache2", "lib/nginx", "cache/apache2", "cache/lighttpd",
          "log/apache2", "log/nginx"]
PATH = "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

STAND_INS = {
    "sudo": r"""
user= group=
while :; do
	case $1 in
	-u)	user=$2; shift 2 ;;
	--group=*) group=${1#*=}; shift ;;
	-*)	echo "sudo: what is $1?" >&2; exit 1 ;;
	*)	break ;;
	esac
done
[ -n "$user" ] || exec "$@"
exec setpriv --reuid "$user" --regid "${group:-$(id -gn "$user")}" \
    --init-groups -- "$@"
""",
    "systemctl": r"""
echo "$*" >>/var/log/systemctl
verb=$1
shift
case $verb in
daemon-reload) exit 0 ;;
enable|disable|start|stop|restart|reload) ;;
*)	echo "systemctl: what is $verb?" >&2; exit 1 ;;
esac
[ "${1-}" != --now ] || shift
[ $# -gt 0 ]
for unit; do
	case $unit in
	*@*)	name=${unit%%@*}@.${unit##*.} ;;
	*.*|*'*') name=$unit ;;
	*)	name=$unit.service ;;
	esac
	set -- /usr/local/lib/systemd/system/$name /lib/systemd/system/$name
	[ -e "$1" ] || [ -e "$2" ] ||
	    { echo "systemctl: no unit $unit" >&2; exit 1; }
done
# What systemd would do for the programs, pool.sh does.
case "$verb $unit" in
"restart foldergate@*.service")
	[ ! -e /run/pool.pid ] || kill -HUP "$(cat /run/pool.pid)" ;;
esac
""",
    "apt-get": r"""
[ "$1" = install ] && shift
[ "${1-}" != --no-install-recommends ] || shift
for package; do
	dpkg-query -W "$package" >/dev/null
done
""",
    "editor": r"""
for file; do
	[ -e "$file" ]
	new=$EDITS/$(printf %s "$file" | tr / _)
	[ ! -e "$new" ] || cp "$new" "$file"
done
""",
    "journalctl": r"""
[ "$1 $2" = "-f -u" ] || [ "$1 $3 $4" = "-u -o cat" ]
cat /var/log/foldergate.journal
""",
}


def cannot():
    """Why there is no such machine here; None if there can be one."""
    if os.geteuid() != 0:
        return "it needs root"
    r = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none",
                        "/mnt"], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return None if r.returncode == 0 else "no mounts are allowed here"


class Machine:
    """root: where its files are, as seen from here."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="foldergate-", dir="/tmp")
        atexit.register(shutil.rmtree, self.root, True)
        os.chmod(self.root, 0o755)
        for place in PLACES[1:] + ["usr/local/bin", "var/lib/dpkg", "var/log",
                                   "var/cache", "run/lock", "edits"]:
            os.makedirs(self.path(place), 0o755, exist_ok=True)
        subprocess.run(["cp", "-a", "/etc", self.path("etc")], check=True)
        for name in COPIED:
            if os.path.exists("/var/" + name):
                subprocess.run(["cp", "-a", "/var/" + name, self.path(
                    "var/" + os.path.dirname(name))], check=True)
        for name in "run", "lock":
            os.symlink("/run" + "/lock" * (name == "lock"),
                       self.path("var/" + name))
        for name, text in STAND_INS.items():
            self.write("usr/local/bin/" + name, "#!/bin/sh\nset -eu\n" + text,
                       0o755)
        self.env = {"PATH": PATH, "EDITS": self.path("edits"),
                    "no_proxy": "127.0.0.1", "B": os.path.relpath(endpoint.BUILD,
                                                      servers.ROOT)}
        self._mounts = "set -e; mount --bind -o ro /var/lib/dpkg %s\n" % \
            self.path("var/lib/dpkg")
        self._mounts += "".join("mount --rbind %s /%s\n" % (
            self.path(place), place) for place in PLACES)
        # What others want made is not made again.
        self._mounts += "".join(
            "mount -t tmpfs none /usr/lib/%s\n" % name
            for name in ("sysusers.d", "tmpfiles.d"))

    def path(self, name):
        return os.path.join(self.root, name.lstrip("/"))

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read().decode("utf-8", "replace")

    def write(self, name, text, mode=0o644):
        with open(self.path(name), "w") as f:
            f.write(text)
        os.chmod(self.path(name), mode)

    def edit(self, name, text):
        """What `editor NAME` leaves there."""
        self.write("edits/" + name.replace("/", "_"), text)

    def _command(self, script):
        return ["unshare", "-m", "sh", "-c", self._mounts + 'exec "$@"', "sh",
                "bash", "-euo", "pipefail", "-c", script]

    def run(self, script, stdin=b"", home="/root", cwd=servers.ROOT):
        """Its Result."""
        r = subprocess.run(
            self._command(script), env={**self.env, "HOME": home}, cwd=cwd,
            input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=120)
        endpoint.search(script, r.stdout, r.stderr)
        return endpoint.Result(r.returncode, r.stdout, r.stderr)

    def start(self, script, out="var/log/foldergate.journal"):
        """A process that is ended at the end, with all that it has started."""
        with open(self.path(out), "ab") as f:
            p = subprocess.Popen(
                self._command(script), env={**self.env, "HOME": "/root"},
                cwd=servers.ROOT, stdin=subprocess.DEVNULL, stdout=f, stderr=f)

        def stop():
            everything = [p.pid] + servers.descendants(p.pid)
            servers.stop([(pid, servers.started(pid)) for pid in everything])
            p.wait()
        atexit.register(stop)
        p.stop = stop
        return p
