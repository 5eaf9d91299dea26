"""A service that grants too much, one thing at a time, for a store that is real.
It signs as tests/support/sigv4.py does, and asks nobody for a proof.  It shows
that foldergate selftest sees each of these faults."""

import base64
import http.server
import json
import threading
import time

import sigv4

LEAST, MOST = 1024, 4096


class Service(http.server.ThreadingHTTPServer):
    """change: a function that changes the conditions of a policy, a list; the
    rest are other faults.  list_prefix: of the lists of who asks first; late:
    the expiry of a request is answered, and not signed; put: PUT in place of
    forms; exact: a function for the condition on the key of a form for one
    file; bucket; most: the limit of sizes that it names; top: what the names of
    folders begin with.  files: those that were asked for."""
    daemon_threads = True

    def __init__(self, store, change=None, list_prefix=None, late=False,
                 put=False, exact=None, bucket=None, most=MOST, top="data/"):
        self.store, self.change, self.late = store, change, late
        self.list_prefix, self.put, self.exact = list_prefix, put, exact
        self.bucket = bucket or store.bucket
        self.most, self.top, self.files = most, top, []
        self.first = None           # the hotkey of who asked first
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass

    def form(self, key, until, exact=None):
        s, now = self.store, int(time.time())
        text = json.loads(sigv4.policy_text(
            now, until, key, self.bucket, s.key_id, s.region, LEAST, MOST,
            exact=exact is not None))
        if exact is not None:
            text["conditions"][1] = exact(key)
        elif self.change:
            text["conditions"] = self.change(text["conditions"])
        policy = base64.b64encode(json.dumps(text).encode()).decode()
        return {
            "acl": "private", "x-amz-storage-class": "STANDARD",
            "key": key if exact else key + "${filename}",
            "x-amz-algorithm": "AWS4-HMAC-SHA256",
            "x-amz-credential": "%s/%s" % (s.key_id,
                                           sigv4.scope(now, s.region)),
            "x-amz-date": sigv4.amz_date(now), "policy": policy,
            "x-amz-signature": sigv4.signature(s.secret, now, s.region,
                                               policy)}

    def signed(self, make, *args, **more):
        s = self.store
        return make(int(time.time()), 3600, *args, "http", s.host,
                    "/" + self.bucket, s.key_id, s.secret, s.region, **more)

    def folder(self, body):
        """The answer of /get-folder-access."""
        folder = "%shotkey=%s/" % (self.top, body["hotkey"])
        now = int(time.time())
        self.files += body.get("files", [])
        until = now + 3600
        told = body.get("expiry", until) - now
        self.first = self.first or body["hotkey"]
        wide = self.list_prefix is not None and self.first == body["hotkey"]
        answer = {"folder": folder, "expires_in_seconds": told,
                  "list_url": self.signed(
                      sigv4.list_url, self.list_prefix if wide else folder)}
        if self.put:
            answer["uploads"] = [
                {"name": f["name"], "key": folder + f["name"],
                 "method": "PUT", "url": self.signed(
                     sigv4.object_url, folder + f["name"], method="PUT"),
                 "headers": {}} for f in body.get("files", [])]
        else:
            answer["url"] = "%s/%s" % (self.store.endpoint, self.bucket)
            answer["fields"] = self.form(
                folder, until if self.late else now + told)
        return answer

    def one(self, body, hotkey):
        """The answer of /get-file-upload-url."""
        key = "data/hotkey=%s/job_id=%s/%s" % (hotkey, body["job_id"],
                                               body["filename"])
        return {"s3_key": key, "method": "POST", "expires_in_seconds": 3600,
                "url": "%s/%s" % (self.store.endpoint, self.bucket),
                "fields": self.form(key, int(time.time()) + 3600,
                                    self.exact)}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        s = self.server
        self.answer(*{
            "/commitment-formats": (200, {"schemes": ["text", "tao"]}),
            "/structure-info": (200, {"uploads": {
                "min_bytes": LEAST, "max_bytes": s.most,
                "method": "PUT" if s.put else "POST",
                "folder_forms": not s.put, "file_uploads": bool(s.exact),
                "layouts": ["hotkey"]}})}.get(
                    self.path, (404, {"detail": "Not Found"})))

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            body = json.loads(raw)
            if self.path == "/get-folder-access":
                self.answer(200, self.server.folder(body))
            elif self.path == "/get-file-upload-url" and self.server.exact:
                self.answer(200, self.server.one(
                    body, self.headers["X-Tao-Signed-By"]))
            else:
                self.answer(404, {"detail": "Not Found"})
        except (ValueError, KeyError, TypeError):
            self.answer(422, {"detail": "no"})
