"""The clients of the service that this one replaces, by the wire contract: one
class for what a generation sends and what it reads, named by the commit that
brought it.  What a client takes for a failure raises Failed."""

import http.client
import json
import os
import re
import time
import uuid
import xml.etree.ElementTree as xml
from urllib.parse import unquote, urlsplit

import multipart
import servers
import validators
import world

S3 = {"s3": "http://s3.amazonaws.com/doc/2006-03-01/"}
REQUESTS = {"User-Agent": "python-requests/2.32.3", "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate", "Connection": "keep-alive"}
HTTPX = {**REQUESTS, "User-Agent": "python-httpx/0.28.1"}
JSON = {"Content-Type": "application/json"}


class Failed(Exception):
    pass


def register(site, miners, judges):
    """Let the site know these: pairs of hotkey and coldkey, addresses; and of
    judges a Key each, its permit and its stake in alpha."""
    rows = [(hotkey, coldkey, False, 0) for hotkey, coldkey in miners]
    rows += [(key.ss58, key.ss58, permit, stake * validators.RAO)
             for key, permit, stake in judges]
    site.world.snapshot(block=7000001, neurons=[
        {"uid": i, "hotkey": hotkey, "coldkey": coldkey, "permit": permit,
         "alpha_stake_rao": str(stake)}
        for i, (hotkey, coldkey, permit, stake) in enumerate(rows)])


def request(method, url, body=None, headers=REQUESTS, timeout=60):
    """With exactly these headers, and Host and Content-Length."""
    parts = urlsplit(url)
    c = http.client.HTTPConnection(parts.netloc, timeout=timeout)
    try:
        c.request(method, parts.path + ("?" + parts.query if parts.query
                                        else ""), body, headers)
        r = c.getresponse()
        return servers.Response(r.status, r.getheaders(), r.read())
    finally:
        c.close()


def tao(key, body, ms=None):
    """X-Tao headers over the bytes of a body."""
    return key.tao(body, round(time.time() * 1000) if ms is None else ms,
                   str(uuid.uuid4()))


# --- listings ----------------------------------------------------------------

def page(url):
    """A page of a listing, parsed the way all of them do."""
    r = request("GET", url)
    if r.code != 200:
        raise Failed(str(r))
    try:
        return xml.fromstring(r.text)
    except xml.ParseError as e:
        raise Failed(str(e))


def folders(root):
    return [unquote(p.find("s3:Prefix", S3).text)
            for p in root.findall(".//s3:CommonPrefixes", S3)]


def files(root, prefix=""):
    """Key to size."""
    found = {}
    for c in root.findall(".//s3:Contents", S3):
        key = unquote(c.find("s3:Key", S3).text)
        if not c.find("s3:LastModified", S3).text:
            raise Failed("no LastModified")
        if key.startswith(prefix):
            if key in found:
                raise Failed("a key twice")
            found[key] = int(c.find("s3:Size", S3).text)
    return found


def more(root):
    """The token of the page behind this one, None at the end."""
    if root.find(".//s3:IsTruncated", S3).text.lower() != "true":
        return None
    return root.find(".//s3:NextContinuationToken", S3).text


# --- every client ------------------------------------------------------------

class Client:
    """A hotkey, a Key, with its coldkey's address, and the service at url."""

    def __init__(self, url, key, coldkey=None):
        self.url, self.key, self.coldkey = url, key, coldkey
        self.hotkey = key.ss58

    def ask(self, path, body, headers=None, timeout=30):
        """requests.post(json=body), or the bytes of a body with headers."""
        if not isinstance(body, bytes):
            body, headers = json.dumps(body).encode(), {**REQUESTS, **JSON}
        r = request("POST", self.url + path, body, headers, timeout)
        if r.code != 200:
            raise Failed("%s: %d %s" % (path, r.code, r.text))
        return json.loads(r.body)

    def signed(self, words, now, **fields):
        return {"hotkey": self.hotkey, "timestamp": now,
                "signature": self.key.sign(words), **fields}

    def headed(self, path, body, headers, timeout=30):
        """X-Tao headers over a body."""
        raw = json.dumps(body).encode()
        return self.ask(path, raw, {**headers, **tao(self.key, raw)}, timeout)


def put(grant, key, data):
    """The form of a folder, its key replaced: 204 is success, nothing else."""
    fields = dict(grant["fields"])
    fields["key"] = key
    kind, body = multipart.encode(fields, data, os.path.basename(key))
    r = request("POST", grant["url"], body, {**REQUESTS, "Content-Type": kind},
                120)
    if r.code != 204:
        raise Failed(str(r))
    return key


# --- the coldkey layout ------------------------------------------------------

class Miner_b2d3670(Client):
    def grant(self, source):
        now = int(time.time())
        return self.ask("/get-folder-access", {
            "coldkey": self.coldkey, "hotkey": self.hotkey, "source": source,
            "netuid": 13, "timestamp": now, "signature": self.key.sign(
                world.g1_words(self.coldkey, source, now))})

    def upload(self, source, name, data):
        grant = self.grant(source)
        return put(grant, grant["folder"] + os.path.basename(name), data)


class Miner_450c119(Miner_b2d3670):
    def upload(self, source, name, data, label="bittensor", day="2025-05-01"):
        grant = self.grant(source)
        return put(grant, "%s%s/%s/%s" % (grant["folder"], label, day, name),
                   data)


class Validator_b2d3670(Client):
    def access(self):
        """The answer, with .good_for, in seconds."""
        now = int(time.time())
        a = self.ask("/get-validator-access", self.signed(
            validators.access_words(self.hotkey, now), now))
        self.good_for = a["expiry_seconds"]
        return a

    def miners(self, source):
        listed = page(self.access()["urls"]["sources"][source]["list_miners"])
        return [f.split("/")[-2] for f in folders(listed)]

    def rewritten(self, prefix):
        """What its list of a miner's files was: no signature covers it."""
        url = self.access()["urls"]["global"]["list_all_data"]
        return re.sub(r"prefix=[^&]*", "prefix=" + prefix, url)

    def object_url(self, key):
        a = self.access()
        return "https://%s.%s.digitaloceanspaces.com/%s" % (
            a["bucket"], a["region"], key)


# --- the hotkey layout -------------------------------------------------------

class Miner_b459795(Client):
    def told(self, path, timeout):
        r = request("GET", self.url + path, timeout=timeout)
        if r.code != 200:
            raise Failed(str(r))
        return json.loads(r.body)

    def healthy(self):
        return self.told("/healthcheck", 10)["folder_structure"]

    def structure(self):
        return self.told("/structure-info", 30)

    def grant(self):
        now = int(time.time())
        a = self.ask("/get-folder-access", {
            "coldkey": self.coldkey, "hotkey": self.hotkey, "timestamp": now,
            "signature": self.key.sign(world.g2_words(
                self.coldkey, self.hotkey, now))})
        if "structure_info" in a:
            self.logged = a["structure_info"]["folder_structure"]
        return a

    def upload(self, job, name, data):
        grant = self.grant()
        return put(grant, "%sjob_id=%s/%s" % (grant["folder"], job, name),
                   data)


class Validator_b459795(Validator_b2d3670):
    def miners(self):
        start, end = "data/hotkey=", "/"
        listed = page(self.access()["urls"]["miners"]["list_all_miners"])
        return [f[len(start):-1] for f in folders(listed)
                if f.startswith(start) and f.endswith(end)]

    def files(self, miner, job):
        """Looked for in the first page of everything."""
        listed = page(self.access()["urls"]["global"]["list_all_data"])
        return files(listed, "data/hotkey=%s/job_id=%s/" % (miner, job))


class Validator_1d7348d(Validator_b459795):
    def files(self, miner):
        now = int(time.time())
        a = self.ask("/get-miner-specific-access", self.signed(
            validators.miner_words(miner, now), now, miner_hotkey=miner), 60)
        return files(page(a["miner_url"]), "data/hotkey=%s/" % miner)


class Validator_dd5f468(Client):
    def jobs(self):
        """Of every miner: job to URL."""
        now = int(time.time())
        a = self.ask("/get-folder-presigned-urls", self.signed(
            validators.folders_words(self.hotkey, now), now), timeout=180)
        return {miner: {j["job_id"]: j["presigned_url"]
                        for j in m["job_folders"]}
                for miner, m in a["folder_urls"].items()}

    def jobs_of(self, miner):
        """What it really asks for: once for each miner that it looks at."""
        now = int(time.time())
        a = self.ask("/get-folder-presigned-urls", self.signed(
            validators.folders_words(self.hotkey, now), now,
            miner_hotkey=miner), timeout=180)
        return {j["job_id"]: j["presigned_url"] for j in
                a["folder_urls"].get(miner, {}).get("job_folders", [])}

    def urls(self, miner, keys):
        now = int(time.time())
        a = self.ask("/get-file-presigned-urls", self.signed(
            validators.files_words(miner, self.hotkey, now), now,
            miner_hotkey=miner, file_keys=keys, expiry_hours=1), timeout=60)
        return {key: a["file_urls"][key]["presigned_url"] for key in keys}

    def get(self, url):
        r = request("GET", url)
        if r.code != 200:
            raise Failed(str(r))
        return r.body


class Validator_8f80540(Validator_dd5f468):
    def list_url(self, miner, token):
        now = int(time.time())
        body = self.signed(validators.miner_words(miner, now), now,
                           miner_hotkey=miner)
        if token:
            body["continuation_token"] = token
        return self.ask("/get-miner-list", body)["list_url"]

    def files(self, miner):
        """All of a miner's, page by page; self.pages counts them."""
        found, token, self.pages = {}, None, 0
        while self.pages < 200:
            root = page(self.list_url(miner, token))
            got = {k: v for k, v in files(root, "data/hotkey=%s/" % miner)
                   .items() if k.endswith(".parquet")}
            if set(got) & set(found):
                raise Failed("a key on two pages")
            found.update(got)
            self.pages += 1
            if not (token := more(root)):
                break
        return found


class Validator_19fef88(Validator_8f80540):
    def some_urls(self, miner, keys):
        now = int(time.time())
        return self.ask("/get-file-presigned-urls", self.signed(
            validators.files_words(miner, self.hotkey, now), now,
            miner_hotkey=miner, file_keys=keys, expiry_hours=1), timeout=120)

    def urls(self, miner, keys):
        found = {}
        for i in range(0, len(keys), 500):
            a = self.some_urls(miner, keys[i:i + 500])
            for key, value in a["file_urls"].items():
                found[key] = value if isinstance(value, str) else \
                    value["presigned_url"]
        return found


# --- signed headers ----------------------------------------------------------

class Validator_753a7ad(Validator_19fef88):
    HOURS = 1

    def list_url(self, miner, token):
        body = {"miner_hotkey": miner}
        if token:
            body["continuation_token"] = token
        return self.headed("/get-miner-list", body, {**REQUESTS, **JSON})[
            "list_url"]

    def some_urls(self, miner, keys):
        return self.headed("/get-file-presigned-urls", {
            "miner_hotkey": miner, "file_keys": keys,
            "expiry_hours": self.HOURS}, {**REQUESTS, **JSON}, 120)

    def get(self, url, span="0-"):
        r = request("GET", url, headers={**REQUESTS, "Range": "bytes=" + span})
        if r.code not in (200, 206):
            raise Failed(str(r))
        return r.body


class Validator_HEAD(Validator_753a7ad):
    HOURS = 3


class Miner_caf04a0(Client):
    """httpx; no Content-Type with the signed body."""

    HEADERS = HTTPX

    def grant(self, job, name):
        a = self.headed("/get-file-upload-url", {"job_id": job,
                                                 "filename": name},
                        self.HEADERS)
        # Its models refuse other types.
        if not all(isinstance(a[n], str) for n in ("s3_key", "url")) or \
                type(a["expires_in_seconds"]) is not int or \
                a.get("method", "POST") not in ("POST", "PUT") or \
                not all(isinstance(v, str) for v in a["fields"].values()):
            raise Failed("an answer of another type")
        return a

    def send(self, grant, name, data):
        """What Failed says is all that the client would know, less the host:
        a port may be any digits."""
        kind, body = multipart.encode(grant["fields"], data, name,
                                      "application/octet-stream")
        r = request("POST", grant["url"], body,
                    {**HTTPX, "Content-Type": kind}, 30)
        if r.code != 204:
            raise Failed("%s: %d %s" % (urlsplit(grant["url"]).path, r.code,
                                        r.text))

    def upload(self, job, name, data):
        """The key; None: it is stored already, and the own copy may go."""
        try:
            grant = self.grant(job, name)
            self.send(grant, name, data)
        except Failed as e:
            if "409" in str(e):
                return None
            raise
        return grant["s3_key"]


class Miner_22f6752(Miner_caf04a0):
    def send(self, grant, name, data):
        if grant["method"] == "POST":
            return super().send(grant, name, data)
        r = request("PUT", grant["url"], data, {
            **HTTPX, "Content-Type": "application/octet-stream"}, 30)
        if r.code not in (200, 204):
            raise Failed("%s: %d %s" % (grant["url"].split("/", 3)[3], r.code,
                                        r.text))


class Miner_d14ed4c(Miner_22f6752):
    HEADERS = {**HTTPX, **JSON}
