#!/usr/bin/python3
"""The commands of an operator, in README and docs/, pasted as they stand, page
after page, on a machine of the test's own (tests/support/private.py): from make
install to the removal, with a store and a node.  Only names of keys, URLs and
request ids are put in their place."""

import json
import os
import re
import stat
import sys
import time
from urllib.parse import unquote

# The user's own settings are no business of ours.
os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true",
                  AWS_SHARED_CREDENTIALS_FILE=os.devnull)

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import endpoint  # noqa: E402
import node  # noqa: E402
import page  # noqa: E402
import private  # noqa: E402
import servers  # noqa: E402
import tap  # noqa: E402
import world  # noqa: E402

why = private.cannot()
if why:
    print("1..0 # SKIP no machine of our own: " + why)
    sys.exit(0)

ETC, STATE = "/etc/foldergate/", "/var/lib/foldergate/"

w = world.World()
m = private.Machine()
store = servers.Store(w)
PAIRS = {role: store.user("foldergate-" + role) for role in ("upload", "read")}
for secret in [store.secret] + [pair[1] for pair in PAIRS.values()]:
    endpoint.never.add(secret)
KEYS = {name: w.cli("keygen", w.path(name), installed=True).text.strip()
        for name in ("miner", "validator", "owner")}
DOCUMENT = {"netuid": 13, "block": 6999999, "neurons": [
    {"uid": i, "hotkey": KEYS[name], "coldkey": KEYS["owner"],
     "permit": name == "validator", "alpha_stake_rao": "20000000000001"}
    for i, name in enumerate(("miner", "validator"))]}
chain = node.Node(node.from_document(DOCUMENT))
DATA = os.urandom(2000).replace(b"\n", b".")     # one line, for head
PORT = servers.free_port()
URL = "http://127.0.0.1:%d" % PORT
CONFIG = """[s3]
endpoint = %s
provider = ceph
region = %s
bucket = %s
upload_key_pair_file = /etc/foldergate/upload.pair
read_key_pair_file = /etc/foldergate/read.pair
[chain]
endpoints = %s
network = local
[state]
directory = /var/lib/foldergate
shared = /var/lib/foldergate-shared
[audit]
key_file = /etc/foldergate/audit.key
[metrics]
token_file = /etc/foldergate/metrics.token
[log]
requests = all
""" % (store.endpoint, store.region, store.bucket, chain.url)


def paste(text, stdin=b"", home="/root", cwd=servers.ROOT, **names):
    """Run a block; each name must be in it, and gets its value."""
    for old, new in names.items():
        if old not in text:
            raise RuntimeError("no %s in the block" % old)
        text = text.replace(old, new)
    return m.run(text, stdin, home, cwd)


def went(r, *says):
    return r.status == 0 and all(text in r.text for text in says)


def owner(name):
    """Mode, owner and group of a file, by name."""
    s = os.stat(m.path(name))
    names = {kind: {line.split(":")[2]: line.split(":")[0] for line in
                    m.read("etc/" + kind).splitlines()}
             for kind in ("passwd", "group")}
    return "%o %s:%s" % (stat.S_IMODE(s.st_mode),
                         names["passwd"][str(s.st_uid)],
                         names["group"][str(s.st_gid)])


def installed(t):
    r = paste(page.block("docs/operate.md", "Install", 2))
    t.ok(r.status == 0 and owner("/var/lib/foldergate") ==
         "2750 foldergate-sync:foldergate" and
         os.access(m.path("/usr/local/bin/chain-sync"), os.X_OK) and
         m.read(ETC + "foldergate.conf").startswith("; The configuration"),
         "the commands that install from source make users, directories and "
         "programs", r)


def secrets(t):
    r = paste(page.block("docs/configure.md", "Secrets", 1),
              b"tests/only/a+secret/of/forty/characters\n")
    t.ok(went(r) and owner(ETC + "s3.secret") == "640 root:foldergate",
         "the commands in configure.md keep a pasted secret for root and the "
         "group", r)
    r = paste(page.block("docs/configure.md", "Secrets", 2))
    t.ok(went(r) and owner(ETC + "audit.key") == "640 root:foldergate" and
         len(m.read(ETC + "audit.key")) > 40,
         "the commands in configure.md make an audit key", r)
    endpoint.never.add(m.read(ETC + "audit.key").strip())
    r = paste(page.block("docs/monitor.md", "Let Prometheus in", 1))
    t.ok(went(r) and owner(ETC + "metrics.token") == "640 root:foldergate" and
         len(m.read(ETC + "metrics.token")) > 40,
         "the command in monitor.md makes a token", r)
    endpoint.never.add(m.read(ETC + "metrics.token").strip())
    for role, pair in PAIRS.items():
        rename = {} if role == "upload" else {"upload": role}
        r = paste(page.block("docs/rotation.md", "Rotate", 1),
                  ("%s:%s\n" % pair).encode(), **rename)
        new = owner(ETC + role + ".pair.new")
        moved = paste(page.block("docs/rotation.md", "Rotate", 2), **rename)
        t.ok(went(r) and went(moved) and new == "640 root:foldergate" and
             m.read(ETC + role + ".pair") == "%s:%s\n" % pair,
             "the commands in rotation.md put the %s pair in place" % role, r,
             moved)


def snapshot(t):
    m.write(ETC + "foldergate.conf", CONFIG)
    with open(w.path("neurons.json"), "w") as f:
        json.dump(DOCUMENT, f)
    r = paste(page.block("docs/operate.md", "What chain-sync keeps", 1),
              cwd=w.dir)
    shown = json.loads(r.text[r.text.index("{"):])
    t.ok(went(r) and {n["hotkey"] for n in shown["neurons"]} ==
         {KEYS["miner"], KEYS["validator"]},
         "the commands in operate.md import and show a snapshot", r)
    t.ok(owner(STATE + "metagraph.snapshot").endswith("foldergate-sync:"
                                                      "foldergate"),
         "a snapshot that root imports belongs to the directory's owner")


def policies(t):
    r = paste(page.block("docs/rotation.md", "The smallest permissions", 1))
    t.ok(went(r, "s3:PutObject"), "the command in rotation.md prints policies",
         r)
    r = paste(page.block("docs/rotation.md", "The smallest permissions", 2),
              cwd=w.dir)
    with open(w.path("upload.json")) as f:
        t.ok(went(r) and json.load(f)["Statement"],
             "the command in rotation.md writes a policy for aws", r)
    text = m.run("foldergate credentials policy bucket").text
    boto3.client(
        "s3", endpoint_url=store.endpoint, region_name=store.region,
        aws_access_key_id=store.key_id, aws_secret_access_key=store.secret,
        config=Config(s3={"addressing_style": "path"}, proxies={})
    ).put_bucket_policy(Bucket=store.bucket, Policy=text)
    r = paste(page.block("docs/rotation.md", "The smallest permissions", 3))
    t.ok(went(r, "denied") and "WIDE" not in r.text,
         "the command in rotation.md finds nothing too wide with that policy",
         r)


def synced(t):
    r = paste(page.block("docs/operate.md", "Without systemd", 2))
    t.ok(r.status == 0 and b"7000000" in m.run(
        "foldergate snapshot show").out and owner(
            STATE + "bucket.index").endswith("foldergate-sync:foldergate"),
         "the commands for cron read the chain and the bucket", r)
    chain_sync, bucket_sync = page.block(
        "docs/operate.md", "Without systemd", 1).splitlines()
    for command, name in (chain_sync, "chain-sync"), (bucket_sync,
                                                      "bucket-sync"):
        status = STATE + name + ".status"
        os.unlink(m.path(status))
        p = m.start(command)
        t.ok(servers.until(lambda: os.path.exists(m.path(status)) and
                           json.loads(m.read(status))["ok"], 20, 0.05),
             "the command in operate.md runs %s permanently" % name)
        p.stop()


def checked(t):
    r = paste(page.block("docs/configure.md", "Configuration", 2))
    t.ok(went(r, "s3.bucket"), "the command in configure.md checks the "
         "configuration", r)
    r = paste(page.block("docs/configure.md", "Stores", 1))
    t.ok(went(r, "other-folder"), "the command in configure.md checks the "
         "store", r)
    r = paste(page.block("docs/operate.md", "Install", 3))
    t.ok(went(r, "other-folder"), "the commands in operate.md check all and "
         "enable the units", r)
    r = paste(page.block("docs/rotation.md", "Rotate", 3))
    t.ok(went(r, "s3.bucket", "denied"), "the commands in rotation.md check a "
         "new pair", r)


# --- it serves ---------------------------------------------------------------

def home(name):
    """A home directory with the wallet of a miner or of a validator."""
    folder = w.path("home-" + name)
    wallet = folder + "/.bittensor/wallets/default"
    os.makedirs(wallet + "/hotkeys")
    os.makedirs(folder + "/.config/foldergate")
    os.rename(w.path(name), wallet + "/hotkeys/default")
    for file, text in [(wallet + "/coldkeypub.txt", json.dumps(
            {"ss58Address": KEYS["owner"]})),
            (folder + "/.config/foldergate/config", "url = %s\n" % URL)]:
        with open(file, "w") as f:
            f.write(text)
        os.chmod(file, 0o600)
    return folder


def served(t):
    """The programs by pool.sh, as www-data, and lighttpd."""
    m.run("usermod -a -G foldergate www-data && "
          "chown -R www-data /var/lib/foldergate-shared")
    pool = m.start(page.block("docs/servers.md", "The sockets", 2))
    t.ok(servers.until(lambda: os.path.exists(m.path(
        "run/foldergate/healthz.sock")), 20, 0.05),
        "the commands in servers.md make sockets for the programs",
        m.read("var/log/foldergate.journal"))
    # The shell has become pool.sh.
    m.write("run/pool.pid", str(pool.pid))
    r = paste(page.block("docs/servers.md", "The sockets", 1))
    t.ok(went(r), "the command in servers.md names a unit that is there", r)
    m.edit("/etc/lighttpd/foldergate.conf", re.sub(
        r"(?m)^server.port = 8000$", "server.port = %d" % PORT,
        m.read("usr/local/share/foldergate/lighttpd-conf/lighttpd.conf")))
    r = paste(page.block("docs/servers.md", "lighttpd", 1))
    t.ok(went(r) and str(PORT) in m.read("etc/lighttpd/foldergate.conf"),
         "lighttpd accepts the configuration that the commands in servers.md "
         "install", r)
    # As the page says where there is no systemd.
    m.run("install -d -o www-data -g adm -m 0750 /var/log/foldergate")
    m.start("exec lighttpd -D -f /etc/lighttpd/foldergate.conf")
    t.ok(servers.until(lambda: m.run("curl -fs %s/healthz" % URL).status == 0,
                       20, 0.1), "lighttpd serves what the pages have built")
    # What was signed at the ledger's birth or before is refused.
    servers.ask(PORT, "POST", "/get-folder-access", body=b"{}")
    time.sleep(2)


def used(t):
    """Files, by the client as it was installed."""
    miner, validator = home("miner"), home("validator")
    folder = w.path("files")
    os.makedirs(folder + "/data")
    for name in "posts.parquet", "posts.csv", "data/more.parquet":
        with open(os.path.join(folder, name), "wb") as f:
            f.write(DATA)
    r = paste(page.block("docs/tools.md", "Uploading", 1), home=miner,
              cwd=folder)
    t.ok(went(r, "sent  posts.parquet\n", "more.parquet"),
         "the commands in tools.md upload a file and a directory", r)
    m.run("foldergate upload --source x posts.csv", home=miner, cwd=folder)
    with open(w.path("client.sh"), "w") as f:
        f.write(page.block("docs/clients.md", "Shell", 1))
    os.rename(folder + "/posts.parquet", w.path("posts.parquet"))
    r = paste(page.block("docs/clients.md", "Clients", 1), home=miner,
              cwd=w.dir, **{":8000": ":%d" % PORT})
    t.ok(went(r) and "job_id=default_0/posts.parquet\n" in unquote(r.text),
         "the command in clients.md uploads a file and lists the folder", r)
    text = page.block("docs/tools.md", "Reading what miners stored", 1)
    r = paste(text.replace("x/5F...", "x/" + KEYS["owner"]), home=validator,
              cwd=folder, **{"5F...": KEYS["miner"]})
    with open(folder + "/data/job_id=default_0/posts.parquet", "rb") as f:
        t.ok(went(r, "  job_id=default_0/posts.parquet\n") and
             f.read() == DATA and DATA in r.out,
             "the commands in tools.md list, sum, download and print files",
             r)


def asked(t):
    """What README shows of an operator's commands."""
    m.edit(ETC + "foldergate.conf", CONFIG)
    os.unlink(m.path(ETC + "foldergate.conf"))
    text = page.block("README.md", "I run a server", 1)
    r = paste(text, **{" URL": " " + URL, "5F...": KEYS["miner"],
                       " ID ": " %s " % audited()["request_id"]})
    t.ok(went(r, "s3.bucket", "other-folder", "/readyz", "granted", "denied"),
         "the commands for an operator in README run, from make install to "
         "credentials check", r)
    r = paste(page.block("docs/servers.md", "Check it from outside", 1),
              **{"https://access.example": URL})
    t.ok(went(r, "\nslashes         ok\n"), "the command in servers.md asks from "
         "outside", r)


def audited():
    """The last grant in the audit log."""
    lines = m.read("var/lib/foldergate-shared/audit.log").splitlines()
    return [json.loads(line) for line in lines if '"granted"' in line][-1]


def looked(t):
    key = KEYS["miner"]
    r = paste(page.block("docs/audit.md", "Deny a key or an address", 1),
              **{"5F...": key})
    t.ok(went(r, key), "the commands in audit.md deny a key and allow it "
         "again", r)
    head, verify = page.block("docs/audit.md", "Verify it",
                              1).splitlines(True)
    r = paste(head)
    t.ok(re.fullmatch(r"\d+:[0-9a-f]{64}\n", r.text), "the command in "
         "audit.md prints a head", r)
    r = paste(verify, **{"123:9f86d0...": r.text.strip()})
    t.ok(went(r), "the command in audit.md verifies the log up to its head", r)
    r = paste(page.block("docs/several-machines.md", "Keep them in step", 2))
    t.ok(went(r), "the command in several-machines.md verifies the log", r)
    mine, others = page.block("docs/audit.md", "Search it",
                              1).splitlines(True)
    r = paste(mine, **{"5F...": key})
    t.ok(went(r, "post_policy"), "the command in audit.md finds the grants of "
         "a key", r)
    r = paste(others)
    t.same((r.status, r.text), (1, ""), "the command in audit.md finds no "
           "refusal of a network that never asked")
    r = paste(page.block("docs/monitor.md", "Alerts and a dashboard", 2))
    t.ok(went(r, "post_policy"), "the command in monitor.md finds the grants "
         "of an hour", r)
    old, one = "mbwejqbhfmigjmmiubov", audited()["request_id"]
    r = paste(page.block("docs/logs.md", "One request", 1), **{old: one})
    t.ok(went(r, one), "the command in logs.md prints the lines of a request",
         r)
    m.run("mkdir -p /var/log/foldergate-endpoints; cp /var/log/foldergate."
          "journal /var/log/foldergate-endpoints/foldergate.log.2; gzip "
          "/var/log/foldergate-endpoints/foldergate.log.2")
    r = paste(page.block("docs/logs.md", "One request", 2), **{old: one})
    t.ok(went(r) and r.text.count(" log: ") == 4,
         "the commands in logs.md read the journal and a compressed log", r)
    r = paste(page.block("docs/operate.md", "What runs", 1))
    t.ok(went(r, '"program"'), "the commands in operate.md restart the "
         "programs and show their log", r)


def phases(t):
    text = page.block("docs/migration.md", "From one phase to the next", 1)
    r = paste(text.replace("curl -sS", "sleep 2; curl -sS"),
              **{"$URL": URL, "--user foldergate": "--user www-data"})
    t.ok(went(r, '"migration_phase":"dual_s3"'), "the commands in migration.md "
         "change the phase that the service shows", r)


def other_servers(t):
    m.run("mkdir -p /etc/caddy")
    for name, text in [
            ("Apache", page.block("docs/servers.md", "Apache", 1)),
            ("nginx", page.block("docs/servers.md", "nginx", 1)),
            # Its configuration is looked at by nobody else before the start.
            ("Caddy", page.block("docs/servers.md", "Caddy", 1) +
             "caddy validate --adapter caddyfile --config "
             "/etc/caddy/Caddyfile\n")]:
        r = paste(text)
        t.ok(went(r), "%s accepts the configuration that the commands in "
             "servers.md install" % name, r)


def ended(t):
    r = paste(page.block("docs/operate.md", "Upgrade", 1))
    t.ok(went(r), "the commands of an upgrade in operate.md run", r)
    r = paste(page.block("docs/rotation.md", "What ends a grant early", 1))
    t.ok(went(r, "radosgw-admin key rm") and m.read(ETC + "upload.pair") ==
         "revoked:%s\n" % PAIRS["upload"][0],
         "the command in rotation.md takes the secret out of the pair", r)
    r = paste(page.block("docs/operate.md", "Remove", 1))
    t.ok(went(r) and not os.path.lexists(m.path(
        "etc/nginx/sites-enabled/foldergate")) and not os.path.lexists(m.path(
            "etc/apache2/sites-enabled/foldergate.conf")),
        "the commands in operate.md remove the web servers' part", r)
    r = paste(page.block("docs/operate.md", "Remove", 2))
    t.ok(went(r), "the commands in operate.md stop units that are there", r)
    t.same(paste("systemctl stop foldergate-no.service").status, 1,
           "a unit that does not exist is found")


tap.run([installed, secrets, snapshot, policies, synced, checked, served,
         used, asked, looked, phases, other_servers, ended],
        endpoint.check_outputs)
