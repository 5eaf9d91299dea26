#!/usr/bin/python3
"""The Debian packages that make deb built, on a machine that never saw them:
install, edit one file, serve, upgrade under load, remove, purge."""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import bucket
import chain
import endpoint
import machine
import servers
import tap
import world

machine.skip_unless("dpkg-deb")
DEBS = sorted(glob.glob(os.path.join(endpoint.BUILD, "deb", "*.deb")))
DEBS = [path for path in DEBS if "dbgsym" not in path]
if not DEBS:
    print("1..0 # SKIP no packages: make deb builds them, with debhelper")
    sys.exit(0)

CONFIG = "/etc/foldergate/foldergate.conf"
ENDPOINT = "foldergate@get-folder-access.service"
SOCKET = "/run/foldergate/get-folder-access.sock"


def lintian(t):
    if shutil.which("lintian") is None:
        return t.skip("lintian finds no fault in the packages", "no lintian")
    r = subprocess.run(["lintian", "--allow-root", "--fail-on",
                        "error,warning", *DEBS], stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT)
    t.ok(r.returncode == 0, "lintian finds no error and no warning in the "
         "packages", r.stdout.decode())


def bring(version=None):
    """Copies of the packages on the machine; of a later version, if asked."""
    names = []
    for deb in DEBS:
        name = "/root/" + os.path.basename(deb)
        if version is None:
            shutil.copy(deb, m.path(name))
        else:
            tree = w.path("deb")
            subprocess.run(["dpkg-deb", "-R", deb, tree], check=True)
            with open(tree + "/DEBIAN/control") as f:
                text = f.read()
            with open(tree + "/DEBIAN/control", "w") as f:
                f.write(re.sub(r"(Version: |foldergate-client \(= )[^\s)]*",
                               r"\g<1>" + version, text))
            name = name.replace("_0.", "_%s_0." % version)
            subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree,
                            m.path(name)], check=True,
                           stdout=subprocess.DEVNULL)
            shutil.rmtree(tree)
        names.append(name)
    return names


def apt(*words):
    return m.run("apt-get", "-y", "--no-install-recommends", *words)


def ask():
    body = json.dumps(w.request(timestamp=int(time.time())))
    return servers.ask(PORT, "POST", "/get-folder-access", body=body.encode())


def granted(r):
    return r.code == 200 and "policy" in r.text


def installs(t):
    apt("update")
    r = apt("install", *bring())
    if not t.ok(r.status == 0, "apt installs the packages and what they need",
                r):
        raise RuntimeError("nothing is installed")
    m.write("/etc/nginx/sites-enabled/foldergate", re.sub(
        r"127\.0\.0\.1:8000", "127.0.0.1:%d" % PORT,
        m.read("/usr/share/foldergate/nginx-conf/site.conf")))
    m.do("systemctl", "restart", "nginx.service")
    r = servers.ask(PORT, "GET", "/healthz")
    t.ok(r.code == 500 and "retry-after" in r.header, "an endpoint answers "
         "before anything is configured, and asks to be asked again", r)
    for name in "foldergate.1", "chain-sync.8", "bucket-sync.8":
        t.ok(os.path.exists(m.path("/usr/share/man/man%s/%s.gz" % (
            name[-1], name))), "there is a manual page %s" % name)


def edited(text):
    """The file as it is shipped, with what has no default, and no limit that
    the load would meet."""
    for name, value in [("endpoint", STORE.url), ("bucket", world.BUCKET),
                        ("provider", "ceph"), ("access_key_id", world.KEY_ID),
                        ("secret_access_key_file",
                         "/etc/foldergate/s3.secret"),
                        ("network", "local"), ("endpoints", NODE.url),
                        ("replay", "allow"), ("folder_grants", 10**9)]:
        text, n = re.subn(r"(?m)^;%s =.*" % name, "%s = %s" % (name, value),
                          text)
        assert n == 1, name
    return text


def serves(t):
    m.write("/etc/foldergate/s3.secret", world.SECRET + "\n", 0o640)
    m.do("chown", "root:foldergate", "/etc/foldergate/s3.secret")
    m.write(CONFIG, edited(m.read(CONFIG)))
    ok = servers.until(lambda: servers.ask(PORT, "GET", "/readyz").code == 200,
                       60, 0.5)
    t.ok(ok, "readyz answers 200 after the configuration was edited and "
         "nothing was restarted", servers.ask(PORT, "GET", "/readyz"),
         m.journal("foldergate-chain-sync.service")[-1500:])
    ask()
    time.sleep(3.5)
    r = ask()
    t.ok(granted(r), "the installed package serves a grant", r,
         m.journal(ENDPOINT)[-1500:])
    t.ok(os.path.getsize(m.path("/var/lib/foldergate-shared/audit.log")),
         "grants are audited with the key that the package made")
    r = m.run("foldergate", "check-config", "--user", "foldergate")
    t.ok(r.status == 0, "check-config finds no fault in what the package "
         "made", r.text[-1500:])


def main_pid(unit):
    return m.run("systemctl", "show", "-P", "MainPID", unit).text.strip()


def upgrades(t):
    debs = bring("0.9.9")
    units = [ENDPOINT, "foldergate-chain-sync.service"]
    before = [main_pid(u) for u in units]
    socket = m.do("stat", "-c", "%i", SOCKET).text
    with machine.Load(ask, granted) as load:
        time.sleep(0.5)
        r = apt("install", *debs)
        time.sleep(0.5)
    t.ok(r.status == 0, "apt upgrades the packages under load", r)
    t.none(load.wrong[:3], "no request is lost while the packages are "
           "upgraded")
    t.ok(load.answers > 100, "there was load during the upgrade",
         load.answers)
    print("# %d requests, %d lost" % (load.answers, len(load.wrong)))
    after = [main_pid(u) for u in units]
    t.none([u for u, a, b in zip(units, before, after)
            if a == b or b == "0"], "an upgrade restarts the programs")
    t.same(m.do("stat", "-c", "%i", SOCKET).text, socket,
           "an upgrade leaves the sockets alone")
    t.ok(STORE.url in m.read(CONFIG), "an upgrade keeps the edited "
         "configuration")


def left():
    """What bears the name, but our copies of the packages, the site that this
    test made, and what the machine logged."""
    found = m.do("find", "/", "-xdev", "-name", "*foldergate*", "-not",
                 "-path", "/proc/*", "-not", "-path", "/root/*", "-not",
                 "-path", "/var/log/nginx/*", "-not", "-path",
                 "/sys/*").text.split()
    found += m.run("find", "/run", "-name", "*foldergate*").text.split()
    return [path for path in found
            if path != "/etc/nginx/sites-enabled/foldergate"]


def removes(t):
    m.do("systemctl", "stop", "nginx.service")
    r = apt("remove", "foldergate", "foldergate-client")
    t.ok(r.status == 0, "apt removes the packages", r)
    keeps = ["/etc/foldergate", "/etc/foldergate/foldergate.conf",
             "/etc/logrotate.d/foldergate", "/var/lib/foldergate",
             "/var/lib/foldergate-shared", "/var/log/foldergate"]
    t.none([path for path in left() if path not in keeps and
            not path.startswith(("/var/lib/dpkg/", "/var/lib/systemd/",
                                 "/etc/systemd/"))],
           "after removal only configuration, state and logs are left")
    r = m.run("systemctl", "--plain", "--no-legend", "list-units",
              "foldergate*")
    t.same(r.text.strip(), "", "after removal no unit of foldergate is left")
    r = m.run("sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' '\\n'")
    t.ok("foldergate" not in r.text, "after removal none of the programs runs",
         r)
    r = apt("purge", "foldergate", "foldergate-client")
    t.ok(r.status == 0, "apt purges the packages", r)
    t.none(left(), "a purge leaves nothing but the users")
    users = re.findall(r"^foldergate[^:]*", m.read("/etc/passwd"), re.M)
    t.same(users, ["foldergate", "foldergate-sync"], "a purge leaves the users")


def client(t):
    deb = [p for p in bring() if "client" in p]
    r = apt("install", *deb)
    t.ok(r.status == 0, "the client's package can be installed alone", r)
    r = m.run("foldergate", "keygen", "/root/hotkey")
    t.ok(r.status == 0 and r.text.startswith("5"), "the client's package makes "
         "a key", r)
    t.same(m.run("dpkg-query", "-W", "-f", "${db:Status-Abbrev}",
                 "foldergate").text.strip(), "", "the client's package brings "
           "no server")


PORT = servers.free_port()
STORE = bucket.Store()
w = chain.Chain()
w.now = int(time.time())
NODE = w.node(clock=time.time)
m = machine.Machine(["nginx-light"])
os.unlink(m.path("/etc/nginx/sites-enabled/default"))
m.boot()

if __name__ == "__main__":
    tap.run([lintian, installs, serves, upgrades, removes, client],
            endpoint.check_outputs)
