#!/usr/bin/python3
"""What `make dist-cgi` makes, as a customer of shared hosting uses it: an account
with nothing but files, an Apache with suexec that is somebody else's, and none of
the libraries that foldergate was built with.  All of it in a mount namespace, in
which the machine's users and /home are others."""

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
import endpoint
import servers
import tap
from world import SECRET, World

INSIDE = "FOLDERGATE_TEST_HOSTING"
TENANT, UID = "tenant", 12345
HOME = "/home/" + TENANT
DIST = os.path.join(endpoint.BUILD, "dist-cgi")
LIBRARIES = "fcgi json-c inih sodium sqlite3 hiredis curl".split()


def apart():
    """Go into the namespace; a reason if that cannot be done."""
    if os.geteuid() != 0:
        return "only root can give Apache to another user"
    if not os.path.exists("/usr/lib/apache2/suexec-custom"):
        return "apache2-suexec-custom is not installed"
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation",
                              "private", sys.executable, *sys.argv])


def mount(*args):
    subprocess.run(["mount", *args], check=True)


def over(path, text):
    """Another text at the place of a file."""
    mine = w.write("over" + path.replace("/", "-"), text)
    mount("--bind", mine, path)


def prepare():
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/home")
    for path, line in ("/etc/passwd", "%s:x:%d:%d::%s:/bin/sh\n" % (
            TENANT, UID, UID, HOME)), ("/etc/group", "%s:x:%d:\n" % (
                TENANT, UID)):
        with open(path) as f:
            over(path, f.read() + line)
    over("/etc/apache2/suexec/www-data", "/home\npublic_html\n")
    nothing = w.write("nothing", "")
    for name in LIBRARIES:
        for path in glob.glob("/usr/lib/*/lib%s.so.*" % name) + \
                glob.glob("/usr/lib/*/lib%s-*.so*" % name):
            mount("--bind", nothing, os.path.realpath(path))
    os.mkdir(HOME)
    os.chmod(HOME, 0o711)
    for folder in HOME, HOME + "/public_html", HOME + "/public_html/api":
        os.makedirs(folder, exist_ok=True)
    shutil.copytree(DIST + "/foldergate", HOME + "/foldergate")
    shutil.copytree(DIST + "/site", HOME + "/public_html/api",
                    dirs_exist_ok=True)
    with open(HOME + "/foldergate/foldergate.conf") as f:
        conf = f.read().replace("ACCOUNT", TENANT)
    # A snapshot is imported here, and many ask from one address.
    conf += "[limits]\naddress_per_minute = 60000\naddress_burst = 5000\n"
    put("foldergate.conf", conf, 0o644)
    put("s3.secret", SECRET + "\n", 0o600)
    put("audit.key", "0123456789" * 4 + "\n", 0o600)
    for path, _, names in os.walk(HOME):
        for each in [path] + [os.path.join(path, n) for n in names]:
            os.chown(each, UID, UID)


def put(name, text, mode):
    path = "%s/foldergate/%s" % (HOME, name)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)
    os.chown(path, UID, UID)


def tenant(*command, **more):
    return subprocess.run(
        ["setpriv", "--reuid", str(UID), "--regid", str(UID), "--clear-groups",
         *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env={
            "HOME": HOME, "PATH": "/usr/bin:/bin",
            "FOLDERGATE_CONFIG": HOME + "/foldergate/foldergate.conf"}, **more)


class Host(servers.Apache):
    """The host's own Apache: nothing in it is ours."""

    modules = "authz_core alias rewrite env mime dir headers mpm_event"
    more = {"fcgid": "fcgid", "cgid": "cgid"}
    places = {"fcgid": servers.Apache.places["fcgid"],
              "cgid": servers.Apache.places["cgi"]}

    def __init__(self, world, by, suexec=True):
        self.suexec = suexec
        super().__init__(world, by, user=True)

    def shipped(self, user):
        head = super().shipped(user)
        head = head[:head.index("# foldergate as a site")]
        if self.suexec:
            head += "LoadModule suexec_module " \
                "/usr/lib/apache2/modules/mod_suexec.so\n"
        return head + """TypesConfig /etc/mime.types
Listen 127.0.0.1:%d
<VirtualHost 127.0.0.1:%d>
	DocumentRoot %s/public_html
	%s
	<Directory %s/public_html>
		Require all granted
		AllowOverride All
		Options SymLinksIfOwnerMatch
	</Directory>
</VirtualHost>
""" % (self.port, self.port, HOME,
            "SuexecUserGroup %s %s" % (TENANT, TENANT) if self.suexec else "",
            HOME)


def asked(web, method, name, body=None, **more):
    return servers.ask(web.port, method, "/api/" + name, body=body, **more)


def signed():
    w.now = int(time.time())
    return json.dumps(w.request()).encode()


def serves(t, by):
    web = Host(w, by)
    names = sorted(os.listdir(HOME + "/foldergate/cgi-bin"))
    wrong = []
    for name in names:
        r = asked(web, "GET", name)
        if "x-request-id" not in r.header:
            wrong += [name, r]
    t.none(wrong, "on shared hosting by %s, each of %d programs answers" %
           (by, len(names)))
    # What is signed in the second in which the ledger begins is refused.
    time.sleep(2)
    r = asked(web, "POST", "get-folder-access", signed())
    t.ok(r.code == 200, "on shared hosting by %s a miner gets its grant" % by,
         r, web.logs()[-2000:])
    r = asked(web, "POST", "get-folder-access/", b"{}")
    t.same((r.code, re.sub("^http://[^/]*", "", r.header.get("location", ""))),
           (307, "/api/get-folder-access"),
           "on shared hosting by %s a slash too many is redirected" % by)
    r = asked(web, "POST", "get-folder-access", b" " * 65537)
    t.same(r.code, 413, "on shared hosting by %s a large body is refused" % by)
    headers = w.miner.btauth("x", "/x", b"{}", time.time_ns())
    r = asked(web, "POST", "get-folder-access", b"{}",
              headers=list(headers.items()))
    t.same((r.code, json.loads(r.body)["code"]), (400, "scheme_disabled"),
           "on shared hosting by %s headers of a proof arrive" % by)
    wrong = []
    for path, kind in ("", "text/html"), ("docs", "text/html"), (
            "docs/init.js", "text/javascript"), ("openapi.json",
                                                 "application/json"):
        r = asked(web, "GET", path)
        if r.code != 200 or \
                r.header["content-type"].partition(";")[0] != kind or \
                "content-security-policy" not in r.header:
            wrong += [path, r]
    t.none(wrong, "on shared hosting by %s the pages are sent" % by)
    wrong = []
    for path in ("get-folder-access.cgi", ".htaccess", "nope",
                 "healthz/x", "../api/healthz.cgi", "foldergate.conf"):
        r = asked(web, "GET", path)
        if r.code not in (403, 404) or "x-request-id" in r.header:
            wrong += [path, r]
    t.none(wrong, "on shared hosting by %s nothing else is served" % by)
    got = {asked(web, "POST", "healthz", b"x" * 60000).code for _ in range(40)}
    t.same(got, {405}, "on shared hosting by %s 40 unread bodies get 405" % by)
    web.stop()


def test_commands(t):
    r = tenant(HOME + "/foldergate/bin/foldergate", "check-config")
    t.ok(b"cannot open" not in r.stdout and b"metagraph" in r.stdout,
         "check-config of the tenant wants a snapshot and no library", r.stdout)
    for name in "chain-sync", "bucket-sync":
        r = tenant("%s/foldergate/bin/%s" % (HOME, name), "--version")
        t.ok(r.returncode == 0 and r.stdout.startswith(name.encode()),
             "%s runs without a library of ours" % name, r.stdout)
    r = tenant(HOME + "/foldergate/bin/chain-sync", "--once", timeout=60)
    t.ok(r.returncode != 0 and b"sync" in r.stdout,
         "chain-sync says what it could not reach", r.stdout)
    documents = {"netuid": 13, "block": 7000000, "neurons": w.neurons()}
    put("neurons.json", json.dumps(documents), 0o644)
    r = tenant(HOME + "/foldergate/bin/foldergate", "snapshot", "import",
               HOME + "/foldergate/neurons.json")
    t.ok(r.returncode == 0, "the tenant imports a snapshot", r.stdout)


def test_cgid(t):
    serves(t, "cgid")


def test_fcgid(t):
    serves(t, "fcgid")


def test_without(t):
    """The programs run as the web server's user, which every other customer
    could be."""
    web = Host(w, "cgid", suexec=False)
    r = asked(web, "POST", "get-folder-access", signed())
    t.ok(r.code >= 500, "without suexec no grant is made", r)
    os.chmod(HOME + "/foldergate", 0o755)
    os.chmod(HOME + "/foldergate/s3.secret", 0o644)
    r = asked(web, "POST", "get-folder-access", signed())
    t.ok(r.code >= 500, "without suexec a secret that others can read is "
         "refused", r)
    web.stop()


why = apart()
w = World()
if why is None:
    prepare()
    tap.run([test_commands, test_cgid, test_fcgid, test_without])
else:
    tap.run([lambda t: t.skip("shared hosting with suexec serves grants", why)])
