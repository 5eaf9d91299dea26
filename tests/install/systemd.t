#!/usr/bin/python3
"""make install on a machine of its own, whose systemd runs everything: nginx,
lighttpd and Apache serve grants from its sockets, services are restarted and
killed under load, the journal has what the programs log, and everything is
removed again."""

import json
import os
import re
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

machine.skip_unless()

NAMES = sorted(name[:-2] for name in os.listdir("cgi-bin"))
SHARE = "/usr/local/share/foldergate"
CONFIG = "/etc/foldergate/foldergate.conf"
ENDPOINT = "foldergate@get-folder-access.service"
FILE = "data_20261122_101112_250_0123456789abcdef.parquet"


def not_there(handler):
    handler.send_response(404)
    handler.end_headers()


# What get-file-upload-url asks the store.
bucket._Handler.do_HEAD = not_there


def shown(page, heading):
    """The commands of root in a section of a page, without sudo."""
    with open(os.path.join("docs", page)) as f:
        text = f.read().partition("\n## %s\n" % heading)[2]
    return re.findall(r"^    sudo (.*)", text.partition("\n## ")[0], re.M)


def follow(commands, *words):
    """Run those with such a word, in their order; there must be one of each."""
    chosen = [c for c in commands if any(word in c for word in words)]
    assert len(chosen) >= len(words), (words, commands)
    for command in chosen:
        # What follows a command is a remark, or another that needs sudo, too.
        m.do("sh", "-ec", command.partition(" # ")[0].replace("sudo ", ""))


def make():
    """A machine with nothing of ours but what make install puts there."""
    m = machine.Machine(machine.runtime_packages() +
                        ["nginx-light", "apache2"])
    for name in "nginx/sites-enabled/default", \
            "systemd/system/multi-user.target.wants/lighttpd.service":
        os.unlink(m.path("/etc/" + name))
    # It shares the ports of this machine.
    m.write("/etc/apache2/ports.conf",
            "Listen 127.0.0.1:%d\n" % servers.free_port())
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    subprocess.run(["make", "-s", "install", "B=" + endpoint.BUILD,
                    "DESTDIR=" + m.root], env=env, check=True)
    m.boot()
    return m


def edit(name, *changes):
    """What a person does with an editor."""
    text = m.read(name)
    for old, new in changes:
        text, n = re.subn(old, new, text)
        assert n == 1, (name, old)
    m.write(name, text)


def configure():
    """As docs/operate.md and docs/servers.md have it, with other values."""
    steps = shown("operate.md", "Install")
    follow(steps, "systemd-sysusers", "systemd-tmpfiles --create",
           "systemctl daemon-reload", "/foldergate.conf /etc/foldergate/")
    for name in "s3.secret", "audit.key":
        m.write("/etc/foldergate/" + name, world.SECRET + "\n", 0o640)
        m.do("chown", "root:foldergate", "/etc/foldergate/" + name)
    with w.settings(
            s3_endpoint=STORE.url, s3_provider="ceph", s3_region=None,
            s3_secret_access_key_file="/etc/foldergate/s3.secret",
            audit_key_file="/etc/foldergate/audit.key", audit_required="yes",
            state_directory="/var/lib/foldergate",
            state_shared="/var/lib/foldergate-shared"):
        w.use(NODE)
        m.write(CONFIG, "\n".join(w.lines) + "\n")
    follow(steps, "systemctl enable --now foldergate.target")
    steps = shown("servers.md", "nginx")
    follow(steps, "/nginx-conf/site.conf")
    edit("/etc/nginx/sites-available/foldergate",
         (r"127\.0\.0\.1:8000", "127.0.0.1:%d" % PORT))
    follow(steps, "ln -s", "nginx -t")


def ask(path="/get-folder-access", body=None, port=None):
    body = json.dumps(body or w.request(timestamp=int(time.time())))
    return servers.ask(port or PORT, "POST", path, body=body.encode())


def granted(r):
    return r.code == 200 and "policy" in r.text


def is_ready():
    """A server that was told to read its configuration may not listen yet."""
    try:
        return servers.ask(PORT, "GET", "/readyz").code == 200
    except OSError:
        return False


def ready(t):
    ok = servers.until(is_ready, 60, 0.5)
    t.ok(ok, "readyz answers 200 once chain-sync and bucket-sync have looked",
         servers.ask(PORT, "GET", "/readyz"), *(
             m.journal("foldergate-%s-sync.service" % n)
             for n in ("chain", "bucket")))
    # The first request is the birth of the ledger.
    ask()
    time.sleep(1.1)


def serves(t):
    ready(t)
    r = ask()
    t.ok(granted(r), "nginx serves a grant from the sockets of systemd", r,
         m.journal(ENDPOINT))
    wrong = [(n, r.code) for n in NAMES for r in [servers.ask(
        PORT, "POST" if n.startswith("get-") else "GET", "/" + n,
        body=b"{}" if n.startswith("get-") else None)]
        if r.code != (422 if n.startswith("get-") else 200)]
    t.none(wrong, "every endpoint answers behind a socket of its own")
    failed = m.run("systemctl", "--failed", "--plain", "--no-legend").text
    t.ok("foldergate" not in failed, "no unit of foldergate failed", failed)
    verify = m.run("systemd-analyze", "verify", "--man=no",
                   "foldergate.target", "foldergate@healthz.service",
                   "foldergate-lighttpd.service")
    t.ok(verify.status == 0 and "foldergate" not in verify.log,
         "systemd-analyze finds no fault in the units", verify)


def separated(t):
    """Users, and what each may read and write."""
    for user, path, may in [
            ("foldergate", "/var/lib/foldergate/metagraph.snapshot", "r"),
            ("foldergate", "/var/lib/foldergate/bucket.index", "r"),
            ("foldergate", "/var/lib/foldergate-shared/store.sqlite", "w"),
            ("foldergate", "/etc/foldergate/s3.secret", "r"),
            ("foldergate-sync", "/var/lib/foldergate/metagraph.snapshot", "w"),
            ("foldergate-sync", "/var/lib/foldergate-shared/store.sqlite", ""),
            ("foldergate-sync", "/etc/foldergate/s3.secret", ""),
            ("www-data", "/var/lib/foldergate/metagraph.snapshot", ""),
            ("www-data", "/var/lib/foldergate-shared/store.sqlite", ""),
            ("www-data", "/etc/foldergate/s3.secret", "")]:
        got = [m.run("setpriv", "--reuid", user, "--regid", user,
                     "--init-groups", "test", flag, path).status == 0
               for flag in ("-r", "-w")]
        t.same(got, [may != "", may == "w"], "%s %s %s" % (
            user, {"r": "reads and cannot write", "w": "writes",
                   "": "cannot open"}[may], path))


def journal(t):
    lines = [line for line in m.journal("foldergate-chain-sync.service")
             .splitlines() if line.startswith("{")]
    t.ok("snapshot_written" in [json.loads(line)["event"] for line in lines],
         "the journal has the lines of chain-sync", lines)
    text = [json.loads(line) for line in
            m.journal(ENDPOINT).splitlines()
            if '"sandbox"' in line]
    t.ok(text and all(line["calls"] == "seccomp" and
                      line["files"] == "landlock" for line in text),
         "the units let the programs set up their own sandbox", text)
    os.rename(m.path(CONFIG), m.path(CONFIG + ".away"))
    try:
        m.do("systemctl", "restart", ENDPOINT)
        r = ask()
        t.same(r.code, 500, "without a configuration an endpoint answers 500")
        text = servers.until(
            lambda: [line for line in m.journal(ENDPOINT).splitlines()
                if "config_refused" in line], 10, 0.2)
        t.ok(text and json.loads(text[0])["program"] == "get-folder-access",
             "the journal has what an endpoint logs", text)
    finally:
        os.rename(m.path(CONFIG + ".away"), m.path(CONFIG))
    time.sleep(3.5)
    r = ask()
    t.ok(granted(r), "an endpoint needs no restart once its configuration is "
         "back", r)


def exposed(t):
    """The units see all of "/" read-only; that makes no secret safe."""
    m.do("chmod", "0444", "/etc/foldergate/s3.secret")
    m.do("systemctl", "restart", ENDPOINT)
    code = ask().code
    m.do("chmod", "0640", "/etc/foldergate/s3.secret")
    time.sleep(3.5)
    t.same((code, ask().code), (500, 200), "a secret that everybody may read "
           "is refused, until it is closed again")


def upload(t):
    """The one endpoint with a network."""
    body = json.dumps({"job_id": "default_0", "filename": FILE}).encode()
    r = servers.ask(PORT, "POST", "/get-file-upload-url", body=body,
                    headers=list(w.miner.tao(body, int(time.time() * 1000))
                                 .items()))
    t.ok(r.code == 200, "get-file-upload-url, which alone has a network, asks "
         "the store and grants", r,
         m.journal("foldergate@get-file-upload-url.service"))


def restarts(t):
    steps = shown("operate.md", "Upgrade")
    with machine.Load(ask, granted) as load:
        for _ in range(10):
            time.sleep(0.5)
            follow(steps, "systemctl restart")
        time.sleep(0.5)
    t.none(load.wrong[:3], "restarting every service ten times under load "
           "loses none of the requests")
    t.ok(load.answers > 100, "there was load while services were restarted",
         load.answers)
    print("# %d requests, %d lost" % (load.answers, len(load.wrong)))


def killed(t):
    """The manager of an endpoint's processes is killed: systemd starts it
    again, and what came in the meantime has waited."""
    unit = ENDPOINT
    with machine.Load(ask, granted) as load:
        time.sleep(0.5)
        m.do("systemctl", "kill", "-s", "KILL", "--kill-who=main", unit)
        time.sleep(3)
    # Its children are killed with it, and a request in one of them has no answer.
    t.ok(len(load.wrong) <= 4, "killing the manager of an endpoint loses at "
         "most the requests that its processes had begun", *load.wrong)
    print("# %d requests, %d lost" % (load.answers, len(load.wrong)))
    r = ask()
    t.ok(granted(r), "an endpoint serves again after its manager was killed",
         r)


def answer(port):
    try:
        return ask(port=port)
    except OSError:
        return None


def second_server(t):
    steps = shown("servers.md", "lighttpd")
    follow(steps, "/lighttpd-conf/lighttpd.conf")
    edit("/etc/lighttpd/foldergate.conf",
         (r"(?<=server\.port = )8000", str(PORT2)))
    follow(steps, "lighttpd -tt", "logrotate.conf",
           "systemctl enable --now foldergate-lighttpd.service")
    r = servers.until(lambda: answer(PORT2), 10)
    t.ok(granted(r), "foldergate-lighttpd.service serves a grant from the "
         "same sockets", r, m.journal("foldergate-lighttpd.service"))


def third_server(t):
    steps = shown("servers.md", "Apache")
    follow(steps, "a2enmod", "/apache-conf/site.conf")
    edit("/etc/apache2/sites-available/foldergate.conf",
         (r"(?<=Listen 127\.0\.0\.1:)8000", str(PORT3)),
         (r"(?<=VirtualHost 127\.0\.0\.1:)8000", str(PORT3)))
    follow(steps, "a2ensite", "apachectl configtest")
    r = servers.until(lambda: answer(PORT3), 10)
    t.ok(granted(r) and r.header.get("server", "").startswith("Apache"),
         "Apache serves a grant from the same sockets, after the steps of "
         "docs/servers.md as they stand there", r, m.journal("apache2.service"))


def removed(t):
    steps = shown("operate.md", "Remove")
    follow(steps, "sites-enabled/foldergate", "a2dissite",
           "disable --now foldergate-lighttpd.service",
           "disable --now foldergate.target", "systemctl stop")
    r = m.run("systemctl", "--plain", "--no-legend", "list-units",
              "--state=active,activating,failed", "foldergate*")
    t.same(r.text.strip(), "", "the steps to remove everything stop every unit")
    m.do("rm", "-r", SHARE)
    wrong = [(name, r.status, r.log) for name in ("nginx", "apache2")
             for r in [m.run("systemctl", "restart", name)] if r.status]
    t.none(wrong, "the web servers start again after the files that their "
           "sites included are gone")


def credentials(t):
    """Secrets that systemd hands over, as systemd/credentials.conf has it."""
    for unit in "foldergate@.service", "foldergate-bucket-sync.service":
        m.write("/etc/systemd/system/%s.d/credentials.conf" % unit,
                m.read(SHARE + "/systemd/credentials.conf"))
    for name in "s3.secret", "audit.key":
        m.do("chown", "root:root", "/etc/foldergate/" + name)
        m.do("chmod", "0600", "/etc/foldergate/" + name)
    m.do("systemctl", "daemon-reload")
    m.do("systemctl", "restart", "foldergate@*.service",
         "foldergate-bucket-sync.service")
    r = ask()
    t.ok(granted(r), "an endpoint signs with credentials of systemd, from files "
         "that only root may read", r,
         m.journal(ENDPOINT)[-2000:])


PORT, PORT2, PORT3 = (servers.free_port() for _ in range(3))
STORE = bucket.Store()
w = chain.Chain()
w.now = int(time.time())
NODE = w.node(clock=time.time)
m = make()
configure()

if __name__ == "__main__":
    tap.run([serves, separated, exposed, upload, journal, restarts, killed, second_server,
             third_server, credentials, removed], endpoint.check_outputs)
