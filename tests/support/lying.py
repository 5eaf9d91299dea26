"""A server before an S3 server, which breaks one promise at a time.  It has the
owner's key.  So it can change a request, sign it again and send it on."""

import base64
import calendar
import http.client
import http.server
import json
import posixpath
import re
import threading
import time
from urllib.parse import parse_qsl, quote, unquote

import multipart
import sigv4


class Request:
    def __init__(self, handler):
        self.method, self.target = handler.command, handler.path
        self.headers = handler.headers.items()
        self.host = handler.headers["Host"]
        self.body = handler.rfile.read(
            int(handler.headers.get("Content-Length", 0)))

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        return parse_qsl(self.target.partition("?")[2],
                         keep_blank_values=True)

    @property
    def is_signed(self):
        return "X-Amz-Signature=" in self.target

    @property
    def is_list(self):
        return "list-type=2" in self.target

    def set_header(self, name, value):
        self.headers = [(n, v) for n, v in self.headers
                        if n.lower() != name.lower()]
        if value is not None:
            self.headers.append((name, value))


class Answer(Exception):
    """In place of the store's: a status, or none at all (0)."""

    def __init__(self, status, body=b""):
        self.status, self.body, self.headers = status, body, []


class Form:
    """The fields of a form, and its policy."""

    def __init__(self, request):
        boundary = b"--" + dict(request.headers)["Content-Type"].partition(
            "boundary=")[2].encode()
        self.fields, self.policy = {}, None
        for part in request.body.split(boundary)[1:-1]:
            head, _, value = part[2:-2].partition(b"\r\n\r\n")
            name = re.search(rb' name="([^"]*)"', head)[1].decode()
            if name == "file":
                self.data = value
                self.name = re.search(rb'filename="([^"]*)"',
                                      head)[1].decode()
            else:
                self.fields[name] = value.decode()
        if self.fields.get("policy"):
            self.policy = json.loads(base64.b64decode(self.fields["policy"]))

    def conditions(self, op):
        return [c for c in self.policy["conditions"]
                if isinstance(c, list) and c[0] == op]

    def allow(self, key):
        """Whatever was granted, this key is."""
        for c in self.policy["conditions"]:
            if isinstance(c, list) and c[1] == "$key":
                c[:] = ["eq", "$key", key]
        self.fields["key"] = key

    def signature(self, store, text):
        then = calendar.timegm(time.strptime(self.fields["x-amz-date"],
                                             "%Y%m%dT%H%M%SZ"))
        return sigv4.signature(store.secret, then, store.region, text)

    def is_genuine(self, store):
        return self.fields["x-amz-signature"] == self.signature(
            store, self.fields["policy"])

    def put_into(self, request, store):
        """Sign it again."""
        text = base64.b64encode(json.dumps(self.policy).encode()).decode()
        self.fields["policy"] = text
        self.fields["x-amz-signature"] = self.signature(store, text)
        kind, request.body = multipart.encode(self.fields, self.data,
                                              self.name)
        request.set_header("Content-Type", kind)
        request.set_header("Content-Length", str(len(request.body)))


# --- lies about forms: functions of a Form ------------------------------------

def leaves(key, folder):
    """The key with its dots resolved, if that is elsewhere."""
    to = posixpath.normpath(key)
    return to if not to.startswith(folder) else None


def resolves(op, decode):
    """Check the key against the policy, then decode it and resolve dots."""
    def lie(form):
        for c in form.conditions(op):
            key = form.fields["key"]
            if op == "eq" and key != c[2]:
                continue
            folder = c[2] if op == "starts-with" else key.partition("own/")[
                0] + "own/"
            to = leaves(decode(key), folder)
            if key.startswith(folder) and to:
                form.allow(to)
                return
    return lie


def any_folder(form):
    for c in form.conditions("starts-with"):
        c[2] = "data/"


def no_slash(form):
    for c in form.conditions("starts-with"):
        c[2] = c[2].rstrip("/")


def one_slash(form):
    key = form.fields["key"]
    for c in form.conditions("starts-with"):
        if key.startswith(c[2]) and "//" in key:
            form.allow(key.replace("//", "/"))
            return


def any_file(form):
    for c in form.conditions("eq"):
        c[:] = ["starts-with", "$key", "data/"]


def bounds(least, most):
    def lie(form):
        for c in form.conditions("content-length-range"):
            c[1] = c[1] if least is None else least
            c[2] = c[2] if most is None else most
    return lie


def any_acl(form):
    for c in form.policy["conditions"]:
        if isinstance(c, dict) and "acl" in c:
            c["acl"] = form.fields["acl"]


def any_extra(name):
    def lie(form):
        if name in form.fields:
            form.policy["conditions"].append({name: form.fields[name]})
    return lie


def never_ends(form):
    form.policy["expiration"] = "2099-01-01T00:00:00Z"


def any_signature(form):
    pass


def no_acl(form):
    if "acl" in form.fields:
        raise Answer(400)


def no_file_name(form):
    if "${" in form.fields["key"]:
        raise Answer(400)


def silent(status):
    def lie(form):
        if form.fields["key"].endswith("/late"):
            raise Answer(status)
    return lie


FORM = {
    "other-folder": any_folder, "sibling": no_slash,
    "dots": resolves("starts-with", lambda key: key),
    "percent": resolves("starts-with", unquote),
    "backslash": resolves("starts-with", lambda k: k.replace("\\", "/")),
    "exact-percent": resolves("eq", unquote),
    "exact-backslash": resolves("eq", lambda k: k.replace("\\", "/")),
    "one-slash": one_slash, "small": bounds(0, None),
    "large": bounds(None, 1 << 40), "acl": any_acl,
    "x-amz-acl": any_extra("x-amz-acl"), "meta": any_extra("x-amz-meta-a"),
    "redirect": any_extra("x-amz-website-redirect-location"),
    "type": any_extra("Content-Type"), "cache": any_extra("Cache-Control"),
    "expired": never_ends, "signature": any_signature, "exact": any_file,
    "no-acl": no_acl, "no-file-name": no_file_name, "silent": silent(0),
    "busy": silent(503),
}


# --- the server -----------------------------------------------------------------

class Lying:
    """store: servers.Store.  lies: the names of what it does now.  endpoint."""

    def __init__(self, store):
        self.store, self.lies = store, set()
        lying = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                lying.serve(self)

            do_HEAD = do_PUT = do_POST = do_DELETE = do_GET

            def log_message(self, *args):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                       Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever,
                         daemon=True).start()
        self.endpoint = "http://127.0.0.1:%d" % self._server.server_port

    def serve(self, handler):
        request = Request(handler)
        try:
            self._change(request)
            answer = self._send(request)
            self._alter(request, answer)
        except Answer as e:
            answer = e
        if answer.status == 0:
            handler.close_connection = True
            return
        handler.send_response(answer.status)
        for name, value in answer.headers:
            if name.lower() in ("etag", "content-type"):
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        if request.method != "HEAD":
            handler.wfile.write(answer.body)

    def _send(self, request):
        c = http.client.HTTPConnection(self.store.host, timeout=30)
        c.putrequest(request.method, request.target, skip_host=True,
                     skip_accept_encoding=True)
        for name, value in request.headers:
            c.putheader(name, value)
        c.endheaders(request.body)
        r = c.getresponse()
        answer = Answer(r.status, r.read())
        answer.headers = r.getheaders()
        c.close()
        return answer

    def _sign(self, request, path=None):
        """As the owner would ask for the object."""
        s = self.store
        key = unquote(path or request.path).partition("/%s/" % s.bucket)[2]
        request.target = sigv4.object_url(
            int(time.time()), 60, key, "http", request.host, "/" + s.bucket,
            s.key_id, s.secret, s.region, request.method).partition(
                request.host)[2]

    def _sign_list(self, request, query):
        s = self.store
        names = [(n, v) for n, v in query if not n.startswith("X-Amz-")]
        request.target = sigv4._presigned(
            int(time.time()), 60, names, "http", request.host,
            "/" + s.bucket, s.key_id, s.secret, s.region).partition(
                request.host)[2]

    def _is_genuine(self, request):
        """Is the signature of a listing's URL good?"""
        s, query = self.store, dict(request.query)
        if not request.is_signed:
            return False
        then = calendar.timegm(time.strptime(query["X-Amz-Date"],
                                             "%Y%m%dT%H%M%SZ"))
        url = sigv4._presigned(
            then, int(query["X-Amz-Expires"]),
            [(n, v) for n, v in request.query if not n.startswith("X-Amz-")],
            "http", request.host, "/" + s.bucket, s.key_id, s.secret, s.region)
        return url.endswith(query["X-Amz-Signature"])

    # --- requests ------------------------------------------------------------

    def _change(self, request):
        if request.method == "POST":
            self._change_form(request)
        elif request.is_list:
            self._change_list(request)
        else:
            self._change_object(request)

    def _change_form(self, request):
        if "forms" in self.lies:
            raise Answer(501)
        form = Form(request)
        if form.policy is None:
            if "no-policy" in self.lies:
                request.method, request.body = "PUT", form.data
                request.set_header("Content-Type", None)
                request.set_header("Content-Length", str(len(form.data)))
                self._sign(request, "/%s/%s" % (
                    self.store.bucket, quote(form.fields["key"])))
            return
        before = json.dumps([form.policy, form.fields])
        for lie in self.lies & set(FORM):
            FORM[lie](form)
        if form.is_genuine(self.store) and json.dumps(
                [form.policy, form.fields]) != before or \
                "signature" in self.lies:
            form.put_into(request, self.store)

    def _change_list(self, request):
        query, lies = dict(request.query), self.lies
        if "last-prefix" in lies and request.is_signed:
            self._sign_list(request, query.items())
        if "first-prefix" in lies and request.is_signed:
            self._sign_list(request, dict(reversed(request.query)).items())
        if "public-list" in lies and not request.is_signed:
            self._sign_list(request, query.items())
        if "page-one" in lies and "continuation-token" in query:
            del query["continuation-token"]
            self._sign_list(request, query.items())
        if "encoding" in lies and self._is_genuine(request):
            query.pop("encoding-type", None)
            self._sign_list(request, query.items())

    def _change_object(self, request):
        lies, method = self.lies, request.method
        if "puts" in lies and method == "PUT":
            raise Answer(501)
        if "strict" in lies and method == "PUT":
            request.headers = [h for h in request.headers
                               if not h[0].lower().startswith("x-amz-")]
        if not request.is_signed:
            if "public-" + method.lower() in lies:
                self._sign(request)
            return
        to_victim = request.path.endswith("/other/victim")
        twice = unquote(unquote(request.path)).replace("\\", "/")
        resolved = leaves(twice, twice.partition("own/")[0] + "own/")
        if "put-size" in lies and "content-length" in request.target or \
                "put-key" in lies and method == "PUT" and to_victim or \
                "get-key" in lies and method == "GET" and to_victim or \
                "delete" in lies and method == "DELETE":
            self._sign(request)
        elif "put-name" in lies and method == "PUT" and ".." in twice and \
                resolved:
            self._sign(request, quote(resolved))

    # --- answers -------------------------------------------------------------

    def _alter(self, request, answer):
        if "head-absent" in self.lies and request.method == "HEAD" and \
                answer.status == 404:
            answer.status = 403
        if "head-present" in self.lies and request.method == "HEAD":
            answer.status = 404
        if request.is_list and "hides" in self.lies:
            answer.body = re.sub(
                rb"<Contents><Key>[^<]*other%2Fvictim</Key>.*?</Contents>",
                b"", answer.body)
        if request.is_list and "last-page" in self.lies:
            answer.body = answer.body.replace(
                b"<IsTruncated>true", b"<IsTruncated>false")
