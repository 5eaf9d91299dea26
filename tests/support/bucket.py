"""bucket-sync in a world of its own, an independent reader of its index, and a
store that can be made to misbehave."""

import hashlib
import http.server
import json
import os
import struct
import threading
import time
from urllib.parse import parse_qsl, quote_from_bytes, urlsplit

import chain
import endpoint
import world

OK, FAILED, USAGE, BUSY, WRITE, PARTLY = range(6)
DAMAGED, TRUNCATED = 1, 2


def key(name):
    """Keys that are no curve points: nobody signs with them."""
    return hashlib.sha256(name.encode()).digest()


def address(name):
    return world.ss58(key(name))


def folder(name, job=None):
    """data/hotkey=H/, or of a job; bytes."""
    text = b"data/hotkey=" + address(name).encode() + b"/"
    return text if job is None else text + b"job_id=" + (
        job if isinstance(job, bytes) else job.encode()) + b"/"


class Index:
    """What the file says, read by its description.  miners: address: (jobs,
    flags, seen); folders: (address, source): (flags, seen)."""

    def __init__(self, data):
        magic, version, order, size = struct.unpack_from("=8sIIQ", data)
        (self.written, self.complete_at, self.walk_ms, complete, self.ignored,
         n_folders, n_miners, n_jobs, n_text) = struct.unpack_from(
            "=qqqIIIIQQ", data, 24)
        assert (magic, version, order, size) == (
            b"fgate-b\n", 1, 0x01020304, len(data))
        rest = hashlib.sha256(data[112:]).digest()
        assert hashlib.sha256(data[:80] + rest).digest() == data[80:112]
        self.complete = bool(complete)
        at = 112
        self.folders, self.miners, rows = {}, {}, []
        for _ in range(n_folders):
            k, seen, flags, source = struct.unpack_from("=32sqI36s", data, at)
            self.folders[world.ss58(k), source.rstrip(b"\0").decode()] = (
                flags, seen)
            at += 80
        for _ in range(n_miners):
            rows.append(struct.unpack_from("=32sqQQII", data, at))
            at += 64
        text = at + 8 * n_jobs
        assert text + n_text == len(data)
        for k, seen, first, start, jobs, flags in rows:
            ids = []
            for j in range(first, first + jobs):
                begin, length = struct.unpack_from("=II", data, at + 8 * j)
                begin += text + start
                ids.append(data[begin:begin + length])
            assert ids == sorted(set(ids))
            self.miners[world.ss58(k)] = (ids, flags, seen)

    def jobs(self, name):
        return self.miners[address(name)][0]

    def flags(self, name):
        return self.miners[address(name)][1]


class Bucket(world.World):
    def __init__(self, **settings):
        super().__init__(**{"bucket_timeout_s": 1, **settings})

    def program(self, installed=False):
        return os.path.join(endpoint.BUILD, "" if installed else "test", "bin",
                            "bucket-sync")

    def sync(self, *args, installed=False, **variables):
        """bucket-sync --once."""
        return endpoint.program(self.program(installed), args or ("--once",),
                                self.env(**variables))

    def start(self, **variables):
        """bucket-sync as it is installed, in the background."""
        return chain.Background(self, (), variables)

    def file(self, name="bucket.index"):
        try:
            with open(os.path.join(self.state, name), "rb") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def index(self):
        data = self.file()
        return None if data is None else Index(data)

    def status(self):
        text = self.file("bucket-sync.status")
        return None if text is None else json.loads(text)

    def forget(self):
        for name in os.listdir(self.state):
            os.remove(os.path.join(self.state, name))


def escape(raw):
    """As Ceph's gateway does: control bytes become references that XML does
    not know, other bytes stay."""
    out = b""
    for c in raw:
        c = bytes([c])
        out += {b"&": b"&amp;", b"<": b"&lt;", b">": b"&gt;"}.get(
            c, b"&#x%02x;" % c[0] if c[0] < 0x20 or c[0] == 0x7f else c)
    return out


def serve(server, handler):
    """An HTTP server on a port without the digits 409, which foldergate refuses
    in a store's address."""
    while True:
        s = server(("127.0.0.1", 0), handler)
        if "409" not in str(s.server_port):
            return s
        s.server_close()


class Store:
    """Keys, listed with a delimiter as Ceph's gateway lists them.  page: names
    on a page; front: the token stands before them, as Amazon has it; asked:
    the parameters of each request, a dict; fault: called with them, returns
    None or (status, headers, body); dates: the Date headers of each answer."""

    def __init__(self, keys=(), page=1000, front=False):
        self.keys, self.page, self.front = set(keys), page, front
        self.asked, self.fault = [], lambda p: None
        self.dates = []
        self.server = serve(_Server, _Handler)
        self.server.store = self
        self.host = "127.0.0.1:%d" % self.server.server_port
        self.url = "http://" + self.host
        threading.Thread(target=self.server.serve_forever, args=(0.01,),
                         daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def prefixes(self):
        return [p["prefix"].decode() for p in self.asked]

    def names(self, p):
        """What is behind the request's beginning: (name, is a prefix)."""
        prefix, names = p["prefix"], set()
        token = p.get("continuation-token", b"")
        after = b"" if token else p.get("start-after", b"")
        for k in self.keys:
            # A folder with one key behind it is named again.
            if k.startswith(prefix) and k > after:
                head, slash, _ = k[len(prefix):].partition(b"/")
                names.add((prefix + head + slash, bool(slash)))
        # Ceph's token is the last name, and means what is behind it.
        return sorted(n for n in names if n[0] > token)

    def listing(self, p, token=None, start=b"", end=b"", ns=None, limit=None,
                encoding=b"<EncodingType>url</EncodingType>", write=None):
        """encoding: the element that names it; write: bytes of a name to the
        text that stands for them."""
        names = self.names(p)
        size = limit or self.page
        page, more = names[:size], len(names) > size
        ns = b"http://s3.amazonaws.com/doc/2006-03-01/" if ns is None else ns
        out = [b'<?xml version="1.0" encoding="UTF-8"?>', start,
               b'<ListBucketResult xmlns="%s">' % ns if ns else
               b"<ListBucketResult>", encoding, b"<IsTruncated>%s</IsTruncated>" % (
                   b"true" if more else b"false")]
        items, ways = [], []
        for name, is_prefix in page:
            text = write(name) if write else quote_from_bytes(
                name, safe="/" if is_prefix else "").encode()
            items.append((
                b"<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>"
                if is_prefix else b"<Contents><Key>%s</Key><Size>1"
                b"</Size></Contents>") % text)
        if more:
            ways.append(b"<NextContinuationToken>%s</NextContinuationToken>" %
                        escape(token or page[-1][0]))
        if "start-after" in p:
            ways.append(b"<StartAfter>%s</StartAfter>" % escape(
                p["start-after"]))
        out += ways + items if self.front else items + ways
        return b"".join(out) + end + b"</ListBucketResult>"


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        """Somebody hung up."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536    # an answer in one piece

    def log_message(self, *args):
        pass

    def do_GET(self):
        store = self.server.store
        p = {k: v.encode("latin-1") for k, v in parse_qsl(
            urlsplit(self.path).query, keep_blank_values=True,
            encoding="latin-1")}
        store.asked.append(p)
        status, headers, body = store.fault(p) or (200, {}, store.listing(p))
        try:
            if status == "silent":
                time.sleep(body)
                status, body = 200, store.listing(p)
            self.send_response_only(status)
            for value in store.dates:
                self.send_header("Date", value)
            for name, value in {"Content-Length": str(len(body)),
                                **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            if int(headers.get("Content-Length", len(body))) != len(body):
                self.close_connection = True
        except OSError:
            self.close_connection = True


def index_of(w, keys, fault=None, dates=(), **settings):
    """Let bucket-sync index a store with these keys for w, any World; the
    settings and the clock are as before afterwards.  Its exit status."""
    store = Store(keys)
    store.dates = dates
    if fault:
        store.fault = fault
    with w.settings(s3_endpoint=store.url, s3_public_endpoint=None,
                    bucket_timeout_s=1, **settings):
        r = endpoint.program(os.path.join(
            endpoint.BUILD, "test", "bin", "bucket-sync"), ("--once",),
            w.env())
    store.stop()
    return r.status


def logged(result):
    """Its log, without the warning that the tests run as root."""
    lines = [json.loads(line) for line in result.log.splitlines()]
    return [line for line in lines if line["event"] != "started_as_root"]
