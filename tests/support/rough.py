"""A rough way to a store: an HTTP server between a client and an S3 server that
cuts, delays, corrupts and refuses uploads and downloads, and counts them."""

import collections
import http.client
import http.server
import re
import threading
import time
from urllib.parse import unquote, urlsplit

PIECE = 65536


class Way(http.server.ThreadingHTTPServer):
    """faults: by the last part of a key, a list for the next uploads of it:
    ("cut", N) after N bytes of the body, ("flip", N) one bit of byte N, ("delay",
    SECONDS), ("lose",) the answer, ("answer", STATUS, CODE).  gets: the same
    for downloads, and ("whole",) without a Range.  stored: how often the store
    has taken each key; tried: uploads; busy: of them, those under way; lists:
    listings; ring: None, or a list, and then each listing is the first one of
    those that are put into it; loaded: the last part of the key and the Range
    of each download; seen: called with the bytes of a body that have gone;
    listing: with the target of a listing, before it is asked for; etags: do
    answers to uploads have an ETag."""
    daemon_threads = True

    def __init__(self, endpoint):
        self.to = urlsplit(endpoint).netloc
        self.faults, self.gets, self.lock = {}, {}, threading.Lock()
        self.loaded = []
        self.stored = collections.Counter()
        self.tried, self.busy, self.lists = 0, 0, 0
        self.seen, self.listing, self.pace, self.ring = None, None, 0, None
        self.etags = True
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass                # a client that went away


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def pick(self, data):
        """The fault for the upload that begins with these bytes."""
        found = re.search(rb'name="key"\r\n\r\n([^\r]*)\r\n', data)
        self.key = found[1].decode() if found else unquote(
            urlsplit(self.path).path)
        with self.server.lock:
            mine = self.server.faults.get(self.key.rpartition("/")[2])
            return mine.pop(0) if mine else None

    def body(self):
        """Piece by piece, as it is sent on; sets the key and its fault."""
        fault = None
        left, at = int(self.headers.get("Content-Length") or 0), 0
        while left > 0:
            data = self.rfile.read1(min(left, PIECE))
            if not data:
                raise ConnectionError
            if at == 0:
                self.fault = fault = self.pick(data)
                if fault and fault[0] == "delay":
                    time.sleep(fault[1])
            if fault and fault[0] == "cut" and at + len(data) > fault[1]:
                raise ConnectionError
            if fault and fault[0] == "flip" and \
                    at <= fault[1] < at + len(data):
                data = bytearray(data)
                data[fault[1] - at] ^= 1
            left, at = left - len(data), at + len(data)
            if self.server.seen:
                self.server.seen(at)
            yield data

    def begin_get(self):
        """Set the fault for a download."""
        name = unquote(urlsplit(self.path).path).rpartition("/")[2]
        with self.server.lock:
            mine = self.server.gets.get(name)
            self.fault = mine.pop(0) if mine else None
            self.server.loaded.append((name, self.headers.get("Range")))
        if self.fault and self.fault[0] == "whole":
            del self.headers["Range"]

    def spoil(self, data):
        """The body of a download, with its fault."""
        if self.fault and self.fault[0] == "flip":
            data = bytearray(data)
            data[self.fault[1]] ^= 1
        return data

    def any(self):
        s, self.fault, self.key = self.server, None, ""
        if self.command == "GET" and "list-type=2" not in self.path:
            self.begin_get()
        uploads = self.command in ("POST", "PUT")
        with s.lock:
            s.tried += uploads
            s.busy += uploads
            s.lists += "list-type=2" in self.path
        if s.listing and "list-type=2" in self.path:
            s.listing(self.path)
        if uploads and s.pace:
            time.sleep(s.pace)
        c = http.client.HTTPConnection(s.to, timeout=60)
        try:
            c.putrequest(self.command, self.path, skip_host=True,
                         skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("expect", "connection"):
                    c.putheader(name, value)
            c.endheaders()
            for data in self.body():
                if not self.fault or self.fault[0] != "answer":
                    c.send(data)
            if self.fault and self.fault[0] == "answer":
                return self.answer(
                    self.fault[1], [], b"<Error><Code>%s</Code></Error>" %
                    self.fault[2].encode())
            r = c.getresponse()
            data = r.read()
            if uploads and r.status < 300:
                with s.lock:
                    s.stored[self.key] += 1
            if self.fault and self.fault[0] == "lose":
                raise ConnectionError
            if "list-type=2" in self.path and s.ring is not None:
                s.ring.append(data)
                data = s.ring[0]
            if self.command == "GET":
                data = self.spoil(data)
                if s.pace:
                    time.sleep(s.pace)
            self.answer(r.status, [
                (name, value) for name, value in r.getheaders()
                if s.etags or not uploads or name.lower() != "etag"], data)
        except OSError:
            self.close_connection = True
        finally:
            c.close()
            with s.lock:
                s.busy -= uploads
    do_GET = do_HEAD = do_POST = do_PUT = any

    def answer(self, status, headers, data):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "connection",
                                    "transfer-encoding"):
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command == "GET" and self.fault and self.fault[0] == "cut":
            self.wfile.write(data[:self.fault[1]])
            raise ConnectionError
        self.wfile.write(data)
