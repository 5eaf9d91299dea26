"""Other object stores, built by scripts/check-stores.sh, and what foldergate
must do with each: tests/stores/."""

import atexit
import io
import json
import os
import re
import socket
import subprocess
import time
import zipfile

os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true",
                  AWS_SHARED_CREDENTIALS_FILE=os.devnull)

import boto3  # noqa: E402
from botocore.auth import S3SigV4Auth  # noqa: E402
from botocore.awsrequest import AWSRequest  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.credentials import Credentials  # noqa: E402

import endpoint  # noqa: E402
import s3site  # noqa: E402
import servers  # noqa: E402
import sigv4  # noqa: E402
import tap  # noqa: E402

KEY, SECRET = "STOREOWNER12345", "secret-of-the-store-owner-12345"
DATA = bytes(range(256)) * 8


def minio(store):
    return (["server", "--address", store.host, "--quiet", store.dir],
            {"MINIO_ROOT_USER": KEY, "MINIO_ROOT_PASSWORD": SECRET,
             "MINIO_BROWSER": "off"})


def versity(store):
    iam = os.path.join(store.dir, "..", "accounts")
    os.mkdir(iam)
    return (["--port", store.host, "--iam-dir", iam, "posix", store.dir],
            {"ROOT_ACCESS_KEY": KEY, "ROOT_SECRET_KEY": SECRET})


def seaweedfs(store):
    conf = os.path.join(store.dir, "s3.json")
    with open(conf, "w") as f:
        json.dump({"identities": [{"name": "owner", "credentials": [
            {"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "List", "Tagging", "Write"]}]}, f)
    args = ["server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            "-dir=" + store.dir, "-s3", "-s3.config=" + conf,
            "-s3.port=%d" % store.port, "-master.volumeSizeLimitMB=64"]
    for part in "master", "volume", "filer":
        args.append("-%s.port=%d" % (part, servers.free_port()))
    for part in "master", "volume", "filer", "s3":
        args.append("-%s.port.grpc=%d" % (part, servers.free_port()))
    return args, {}


# --- users with policies ---------------------------------------------------------

def minio_policies(site, documents, secrets):
    """upload and read: each the policy of that user, and the user's name."""
    parts = {"policies": {n: json.loads(d) for n, d in documents.items()},
             "users": {n: {"secretKey": secret, "status": "enabled"}
                       for n, secret in secrets.items()},
             "user_mappings": {n: {"version": 1, "policy": n}
                               for n in secrets}}
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as z:
        for name, part in parts.items():
            z.writestr("iam-assets/%s.json" % name, json.dumps(part))
    request = AWSRequest("PUT", site.store.endpoint +
                         "/minio/admin/v3/import-iam", data=body.getvalue())
    S3SigV4Auth(Credentials(KEY, SECRET), "s3", Store.region).add_auth(request)
    r = site.request("PUT", request.url + "?", request.body, request.headers)
    if r.code != 200:
        raise RuntimeError(str(r))


def versity_policy(site, documents, secrets):
    """bucket: its policy.  The users are accounts, which are made once."""
    for name, secret in secrets.items():
        if name not in site.store.users:
            site.store.users.add(name)
            subprocess.run(
                [os.path.join(os.environ["STORES"], "versity"), "admin",
                 "--access", KEY, "--secret", SECRET, "--endpoint-url",
                 site.store.endpoint, "create-user", "--access", name,
                 "--secret", secret, "--role", "user"], check=True,
                env={"PATH": os.environ["PATH"]}, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, timeout=60)
    site.store.owner().put_bucket_policy(Bucket=site.store.bucket,
                                         Policy=documents["bucket"])


# How the printed documents are set, with the names and secrets of two users.
POLICIES = {"minio": minio_policies, "versity": versity_policy}


class Store:
    """As servers.Store."""
    key_id, secret, region = KEY, SECRET, "us-east-1"
    bucket, other_bucket = "miners-data", "others-data"

    def __init__(self, world, name, how):
        self.dir, self.users = world.path("store"), set()
        os.mkdir(self.dir)
        self.port = servers.free_port()
        self.host = "127.0.0.1:%d" % self.port
        self.endpoint = "http://" + self.host
        args, env = how(self)
        with open(world.path("store.log"), "wb") as log:
            self._process = subprocess.Popen(
                [os.path.join(os.environ["STORES"], name)] + args,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.dir, env={"PATH": os.environ["PATH"],
                                   "HOME": self.dir, **env})
        atexit.register(self.stop)
        if not servers.until(self._make_bucket, 120, 0.5):
            with open(world.path("store.log"), errors="replace") as f:
                raise RuntimeError(name + " does not serve:\n" +
                                   f.read()[-3000:])
        self.owner().create_bucket(Bucket=self.other_bucket)

    def _make_bucket(self):
        if self._process.poll() is not None:
            return False
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            self.owner().create_bucket(Bucket=self.bucket)
            return True
        except Exception:
            return False

    def owner(self):
        return boto3.client(
            "s3", endpoint_url=self.endpoint, region_name=self.region,
            aws_access_key_id=KEY, aws_secret_access_key=SECRET,
            config=Config(s3={"addressing_style": "path"}, proxies={},
                          retries={"max_attempts": 1}))

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


class Tests:
    """fails: rows of check-store that are not ok with the provider's settings;
    folder: what check-store says of forms for folders; held: selftest was seen
    to hold."""

    def __init__(self, name, how, fails, folder, held=False):
        self.held = held
        self.name, self.fails, self.folder = name, fails, folder
        self.site = s3site.Site(store=lambda world: Store(world, name, how),
                                s3_provider=name)
        self.first, self.second = self.site.first, self.site.second
        self.forms = name != "versity"

    def check(self, **settings):
        with self.site.world.settings(**settings):
            r = self.site.world.cli(
                "check-store", installed=True,
                env={"FOLDERGATE_CONFIG": self.site.world.conf})
        rows = dict(re.findall(r"^(\S+) +(ok|FAILED|not supported|wide|no "
                               r"answer)  ", r.text, re.M))
        return r, {n: v for n, v in rows.items() if v not in ("ok", "wide")}

    def enforces(self, t):
        r, bad = self.check()
        t.ok((r.status, bad) == (0, self.fails),
             "%s enforces what its provider's settings rely on" % self.name,
             bad, r)
        t.ok("provider = %s\n" % self.name in r.text,
             "the profile that fits %s is printed" % self.name, r)
        r, bad = self.check(s3_post_policy="yes")
        t.ok(r.status == self.folder, "%s is %s for forms of folders" % (
            self.name, "refused" if self.folder else "good"), bad, r)
        r, bad = self.check(s3_post_policy="yes", access_per_file_only="yes")
        t.same(r.status, 0, "%s is good for forms of single files" % self.name)

    def ask(self, miner, name, body):
        path = self.site.world.write("body.json", json.dumps(body))
        lines = self.site.foldergate("sign", "--tao", path, "--hotkey",
                                     miner.wallet)
        headers = [tuple(line.removeprefix('header = "').rstrip('"').split(
            ": ")) for line in lines.text.splitlines()]
        with open(path, "rb") as f:
            return servers.ask(self.site.web.port, "POST", name, f.read(),
                               headers)

    def send(self, grant, key, data=DATA):
        """By form or by PUT, to the key."""
        if grant["method"] == "POST":
            return self.site.upload(grant, s3site.form(grant, key), data=data)
        parts = grant["url"].partition("?")
        url = "%s/%s/%s?%s" % (self.site.store.endpoint,
                               self.site.store.bucket,
                               key.replace("=", "%3D"), parts[2])
        return self.site.request("PUT", url, data)

    def get(self, key):
        s = self.site.store
        return self.site.request("GET", sigv4.object_url(
            int(time.time()), 60, key, "http", s.host, "/" + s.bucket, KEY,
            SECRET, s.region))

    def folder_grant(self, miner, name):
        """A grant for the folder, or for this file in it."""
        body = json.loads(miner.body())
        if not self.forms:
            body["files"] = [{"name": name}]
        r = servers.ask(self.site.web.port, "POST", "/get-folder-access",
                        json.dumps(body).encode())
        if r.code != 200:
            raise s3site.Refused(str(r))
        grant = json.loads(r.body)
        grant.setdefault("method", "POST")
        return {**grant, **grant.get("uploads", [{}])[0]}

    def folders(self, t):
        own = self.first.folder() + "job_id=a/own.parquet"
        theirs = self.second.folder() + "job_id=a/own.parquet"
        grant = self.folder_grant(self.first, "job_id=a/own.parquet")
        r = self.send(grant, own)
        t.ok(r.code in (200, 204) and self.get(own).body == DATA,
             "a miner's file is stored in its folder", r)
        r = self.send(grant, theirs)
        t.ok(r.code == 403 and self.get(theirs).code == 404,
             "the same grant stores nothing in another miner's folder", r)
        if self.forms:
            r = self.send(grant, own + "2", b"x" * 1023)
            t.ok(r.code == 400 and self.get(own + "2").code == 404,
                 "a file below the limit is not stored", r)
        t.same(self.site.listing(grant["list_url"]), {own.encode(): len(DATA)},
               "list_url shows the stored file and its size")
        r = self.site.request("GET", grant["list_url"].replace(
            self.first.hotkey, self.second.hotkey))
        t.same(r.code, 403, "list_url is refused for another folder")

    def duplicates(self, t):
        name = "data_20261122_140900_7_%016x.parquet" % 7
        body = {"job_id": "b", "filename": name}
        key = self.first.folder() + "job_id=b/" + name
        r = self.ask(self.first, "/get-file-upload-url", body)
        t.same(r.code, 200, "a file that is new is granted")
        grant = json.loads(r.body)
        r = self.send(grant, key)
        t.ok(r.code in (200, 204) and self.get(key).body == DATA,
             "a file that was granted is stored", r)
        r = self.ask(self.first, "/get-file-upload-url", body)
        t.same((r.code, json.loads(r.body)["code"]), (409, "exists"),
               "a file that is stored is not granted again")

    def outside(self, t):
        """foldergate selftest, with the settings of the provider."""
        for form, pair in (("upload", []), ("cross-folder", [
                "--other-hotkey", self.second.wallet, "--other-coldkey",
                self.second.coldkey])):
            r = endpoint.program(
                os.path.join(endpoint.BUILD, "bin", "foldergate"),
                ["selftest", form, "--quiet", "--url", "http://127.0.0.1:%d" %
                 self.site.web.port, "--hotkey", self.first.wallet,
                 "--coldkey", self.first.coldkey, *pair],
                {"HOME": self.site.world.dir, "LC_ALL": "C.UTF-8"})
            t.ok(r.status == 0 and (" 0 BREACHED" in r.text or
                 " 0 FAILED" in r.text), "selftest %s finds nothing amiss with "
                 "%s" % (form, self.name), r)

    def learns(self, t):
        r = self.site.learn()
        t.same(r.status, 0, "bucket-sync reads the bucket")

    # --- the printed policies ------------------------------------------------

    def documents(self):
        """What credentials policy prints for this store, by name."""
        names = ["upload", "read"] if self.name == "minio" else ["bucket"]
        return {name: self.site.foldergate(
            "credentials", "policy", "--upload-user", "upload", "--read-user",
            "read", name).text for name in names}

    def rights(self):
        """The result of credentials check, and what is not as expected."""
        r = self.site.world.cli(
            "credentials", "check", "--json", "--other-bucket",
            self.site.store.other_bucket, installed=True)
        d = json.loads(r.text) if r.out else {"rows": []}
        return r, {(row["key"], row["action"]): row["found"]
                   for row in d["rows"] if not row["ok"]}

    def policies(self, t):
        """Two users with exactly what is printed, and with more."""
        w, secrets = self.site.world, {
            role: "secret-of-the-%s-key-1234567" % role
            for role in ("upload", "read")}
        files = {role: w.secret(role + ".pair", "%s:%s" % (role, secret))
                 for role, secret in secrets.items()}

        def apply(documents):
            POLICIES[self.name](self.site, documents, secrets)
        with w.settings(s3_access_key_id=None, s3_secret_access_key_file=None,
                        s3_upload_key_pair_file=files["upload"],
                        s3_read_key_pair_file=files["read"]):
            apply(self.documents())
            r, wrong = self.rights()
            t.ok((r.status, wrong) == (0, {}), "with the policy printed for "
                 "%s grants work and all else is denied" % self.name, wrong, r)
            for role, action, found in [
                    ("upload", "GetObject", "get"),
                    ("upload", "DeleteObject", "delete"),
                    ("read", "PutObject", "put"),
                    ("read", "DeleteObject", "delete")]:
                apply(self.wider(role, action))
                r, wrong = self.rights()

                # Some stores let a key copy what it may get.
                t.ok(r.status == 5 and set(wrong) - {("upload", "copy")} ==
                     {(role, found)},
                     "%s of the %s key of %s is found too wide" % (
                         action, role, self.name), wrong, r)
            apply(self.documents())
            r, wrong = self.rights()
            t.same((r.status, wrong), (0, {}), "the printed policy of %s "
                   "takes back what was too wide" % self.name)

    def wider(self, role, action):
        """The documents, with one more action for one user."""
        found = {}
        for name, text in self.documents().items():
            policy = json.loads(text)
            if name in (role, "bucket"):
                first = next(s for s in policy["Statement"] if name == role or
                             s["Principal"]["AWS"] in (role, [role]))
                policy["Statement"].append({
                    **first, "Action": ["s3:" + action], "Resource": [
                        "arn:aws:s3:::%s/data/*" % self.site.store.bucket]})
            found[name] = json.dumps(policy)
        return found

    def run(self):
        tests = [self.enforces, self.folders, self.duplicates, self.learns]
        tests += [self.outside] if self.held else []
        tests += [self.policies] if self.name in POLICIES else []
        tap.run(tests, endpoint.check_outputs)
