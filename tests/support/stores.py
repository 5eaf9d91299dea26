"""Other object stores, built by scripts/check-stores.sh, and what foldergate
must do with each: tests/stores/."""

import atexit
import json
import os
import re
import socket
import subprocess
import time

os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true",
                  AWS_SHARED_CREDENTIALS_FILE=os.devnull)

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402

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
    return (["--port", store.host, "posix", store.dir],
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


class Store:
    """As servers.Store, with one bucket."""
    key_id, secret, region = KEY, SECRET, "us-east-1"
    bucket = "miners-data"

    def __init__(self, world, name, how):
        self.dir = world.path("store")
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

    def _make_bucket(self):
        if self._process.poll() is not None:
            return False
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            boto3.client(
                "s3", endpoint_url=self.endpoint, region_name=self.region,
                aws_access_key_id=KEY, aws_secret_access_key=SECRET,
                config=Config(s3={"addressing_style": "path"}, proxies={},
                              retries={"max_attempts": 1})).create_bucket(
                                  Bucket=self.bucket)
            return True
        except Exception:
            return False

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

    def run(self):
        tap.run([self.enforces, self.folders, self.duplicates, self.learns,
                 *([self.outside] if self.held else [])],
                endpoint.check_outputs)
