"""The whole of it: an S3 server, lighttpd with the programs behind it, and two
miners with the wallets that foldergate keygen makes."""

import http.client
import json
import os
import re
import time
import xml.etree.ElementTree as xml
from urllib.parse import unquote_to_bytes, urlsplit

import endpoint
import multipart
import servers
import sigv4
from world import World

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
MAX_BYTES = 4096


class Refused(Exception):
    pass


class Miner:
    """hotkey, coldkey: addresses; wallet: the hotkey's file."""

    def __init__(self, site, name):
        self._site, self.wallet = site, site.world.path(name)
        self.hotkey = self._keygen(name)
        self.coldkey = self._keygen(name + "-coldkey")

    def _keygen(self, name):
        r = self._site.foldergate("keygen", self._site.world.path(name))
        return r.text.strip()

    def folder(self, source=None):
        return "data/%s/%s/" % (source, self.coldkey) if source else \
            "data/hotkey=%s/" % self.hotkey

    def body(self, source=None, expiry=None):
        args = ["sign", "miner", "--hotkey", self.wallet,
                "--coldkey", self.coldkey]
        if source is not None:
            args += ["--source", source]
        if expiry is not None:
            args += ["--expiry", str(expiry)]
        return self._site.foldergate(*args).out

    def grant(self, source=None, expiry=None):
        """The answer to a signed request, as a dict."""
        r = servers.ask(self._site.web.port, "POST", "/get-folder-access",
                        body=self.body(source, expiry))
        if r.code != 200:
            raise Refused(str(r))
        return json.loads(r.body)


class Site:
    """settings are those of World; roles: called with the site before the
    configuration is written, returns more of them; store: makes the store of
    a world."""

    def __init__(self, roles=None, store=servers.Store, **settings):
        self.world = World()
        self.store = store(self.world)
        self.world.now = int(time.time())
        endpoint.never.add(self.store.secret)
        self.world.configure(
            s3_endpoint=self.store.endpoint, s3_region=self.store.region,
            s3_bucket=self.store.bucket, s3_access_key_id=self.store.key_id,
            s3_secret_access_key_file=self.world.secret(
                "store.secret", self.store.secret),
            access_max_bytes=MAX_BYTES, **settings)
        if roles is not None:
            self.world.configure(**roles(self))
        self.first, self.second = Miner(self, "first"), Miner(self, "second")
        self.world.snapshot(neurons=[
            {"uid": i, "hotkey": m.hotkey, "coldkey": m.coldkey,
             "permit": False, "alpha_stake_rao": "0"}
            for i, m in enumerate((self.first, self.second))])
        self.web = servers.Web(self.world)

    def foldergate(self, *args):
        r = self.world.cli(*args, installed=True)
        if r.status != 0:
            raise RuntimeError(str(r))
        return r

    def reload(self):
        """Read the settings again, in every program."""
        before = set(self.web.programs())
        self.web.reload()
        servers.until(lambda: not before & set(self.web.programs()), 20)

    def learn(self):
        """bucket-sync --once, as it is installed; its Result."""
        return endpoint.program(os.path.join(endpoint.BUILD, "bin",
                                             "bucket-sync"),
                                ["--once"], self.world.env())

    # --- the store -----------------------------------------------------------

    def request(self, method, url, body=None, headers=()):
        """To the store.  The code of an error is the answer's .error."""
        parts = urlsplit(url)
        c = http.client.HTTPConnection(parts.netloc, timeout=30)
        c.request(method, parts.path + "?" + parts.query, body, dict(headers))
        r = c.getresponse()
        answer = servers.Response(r.status, r.getheaders(), r.read())
        c.close()
        found = re.search(r"<Code>(\w+)</Code>", answer.text)
        answer.error = found[1] if found else None
        return answer

    def upload(self, grant, fields, size=1024, name="posts.csv",
               content_type=None, url=None, data=None, after=()):
        """Post a form to the store."""
        kind, body = multipart.encode(
            fields, b"x" * size if data is None else data, name, content_type,
            after=after)
        return self.request("POST", url or grant["url"], body,
                            [("Content-Type", kind)])

    def listing(self, url):
        """Of a ListObjectsV2, the way validators read it: the keys, decoded,
        and their sizes."""
        r = self.request("GET", url)
        if r.code != 200:
            raise Refused(str(r))
        root = xml.fromstring(r.body)
        if root.tag != NAMESPACE + "ListBucketResult" or \
                root.findtext(NAMESPACE + "IsTruncated") != "false":
            raise Refused(str(r))
        return {unquote_to_bytes(c.findtext(NAMESPACE + "Key")):
                int(c.findtext(NAMESPACE + "Size"))
                for c in root.iter(NAMESPACE + "Contents")}

    def all_objects(self, bucket=None):
        """What is in the bucket, by the key of its owner."""
        s = self.store
        return self.listing(sigv4.list_url(
            int(time.time()), 60, "", "http", s.host,
            "/" + (bucket or s.bucket), s.key_id, s.secret, s.region))


def form(grant, key, drop=(), **change):
    """The fields of a grant as pairs, with this key, without those in drop,
    and with some values changed (_ stands for -)."""
    fields = {**grant["fields"], "key": key}
    for name, value in change.items():
        fields[name.replace("_", "-")] = value
    return [(n, v) for n, v in fields.items() if n not in drop]
