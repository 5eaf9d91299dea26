"""A stand-in for the Hugging Face Hub, and for the CDN that its links lead to.  It
refuses what the Hub refuses, and misbehaves on demand.  `make check-hub` lets
the official client of npm judge it."""

import base64
import collections
import gzip
import hashlib
import hmac
import http.server
import json
import re
import threading
import time
from urllib.parse import parse_qsl, quote, unquote, urlsplit

PAGE = 1000
SIBLINGS = 50000
PIECE = 1 << 16
FIELDS = ("author", "cardData", "createdAt", "description", "disabled",
          "downloads", "gated", "lastModified", "likes", "private", "sha",
          "siblings", "tags")


class Zeros:
    """A large content that takes no memory."""

    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size

    def __getitem__(self, part):
        return bytes(max(0, min(part.stop, self.size) - part.start))


def digest(kind, content, head=b""):
    h = hashlib.new(kind, head)
    for at in range(0, len(content), 1 << 20):
        h.update(content[at:at + (1 << 20)])
    return h.hexdigest()


class Repo:
    """commits: by their id: path and content; sha: of the last one.  Files whose
    path ends with .parquet are in LFS.  private, gated: who may read."""

    def __init__(self, files, private=False, gated=False):
        self.private, self.gated = private, gated
        self.commits, self._entries = {}, {}
        self.commit(files)

    def commit(self, files):
        """main is from now on these files."""
        self.sha = hashlib.sha1(b"%d" % len(self.commits)).hexdigest()
        self.commits[self.sha] = dict(files)

    def entry(self, path, content):
        known = self._entries.get(path)
        if known and known[0] is content:
            return known[1]
        size = len(content)
        made = {"type": "file", "size": size, "path": path}
        if path.endswith(".parquet"):
            oid = digest("sha256", content)
            pointer = ("version https://git-lfs.github.com/spec/v1\n"
                       "oid sha256:%s\nsize %d\n" % (oid, size)).encode()
            made["oid"] = digest("sha1", pointer, b"blob %d\0" % len(pointer))
            made["lfs"] = {"oid": oid, "size": size,
                           "pointerSize": len(pointer)}
        else:
            made["oid"] = digest("sha1", content, b"blob %d\0" % size)
        self._entries[path] = (content, made)
        return made

    def tree(self, files, below):
        """Entries below a folder, directories too."""
        found, seen = [], set()
        for path in sorted(files):
            if below and not path.startswith(below + "/"):
                continue
            parts = path.split("/")
            for n in range(1, len(parts)):
                folder = "/".join(parts[:n])
                if folder not in seen and len(folder) > len(below):
                    seen.add(folder)
                    found.append({"type": "directory", "size": 0,
                                  "path": folder, "oid": hashlib.sha1(
                                      folder.encode()).hexdigest()})
            found.append(self.entry(path, files[path]))
        return found


class Hub:
    """url; repos: by name; token: the one that may read private ones.

    faults: by "pin", "tree", "resolve/" or "cdn/" and a path: a list for the
    next requests: ("answer", STATUS, HEADERS), ("cut", N) after N bytes, ("flip",
    N) a bit of byte N, ("short",) without the last byte, ("long",) with one
    more, ("whole",) without a Range, ("expired",) as if the link were, and for
    "tree" ("body", BYTES) and ("link", URL).
    asked: what was asked for: kind, path, Range.  leaked: how often the CDN has
    seen a token.  wrong: requests that no client should send.  closed: how
    often something that needs a token was asked for without one."""

    def __init__(self, repos, token="hf_" + "t" * 34):
        self.repos, self.token = repos, token
        self.faults, self.asked, self.wrong = {}, [], []
        self.leaked, self.closed = 0, 0
        self.link_s, self.pace = 3600, 0
        self.sent = collections.Counter()       # bytes, by path
        self.lock, self._key = threading.Lock(), b"cdn"
        self._servers = []
        self.url = self._serve(Front)
        self.cdn = self._serve(Cdn)

    def _serve(self, handler):
        s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        s.daemon_threads, s.hub = True, self
        s.handle_error = lambda *_: None
        self._servers.append(s)
        threading.Thread(target=s.serve_forever, daemon=True).start()
        return "http://127.0.0.1:%d" % s.server_address[1]

    def fault(self, key):
        with self.lock:
            mine = self.faults.get(key)
            return mine.pop(0) if mine else ()

    def saw(self, kind, path, part=None):
        with self.lock:
            self.asked.append((kind, path, part))

    def times(self, kind, path=None):
        return sum(k == kind and path in (None, p) for k, p, _ in self.asked)

    def sign(self, path, ends):
        return hmac.new(self._key, ("%s %d" % (path, ends)).encode(),
                        "sha256").hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.hub.wrong.append(self.command + " " + self.path)
        self.answer(405, {}, b"")
    do_PUT = do_DELETE = do_POST

    @property
    def hub(self):
        return self.server.hub

    def answer(self, status, headers, body=b""):
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status, code, words, **more):
        headers = {"Content-Type": "application/json; charset=utf-8", **more}
        if code:
            headers["X-Error-Code"] = code
            headers["X-Error-Message"] = words
        self.answer(status, headers, json.dumps({"error": words}).encode())

    def content(self, content, etag, fault, headers=()):
        """The content, or the part of it that is asked for."""
        size, status = len(content), 200
        first, last = 0, size - 1
        asked = self.headers.get("Range")
        headers = {"ETag": '"%s"' % etag, "Accept-Ranges": "bytes",
                   **dict(headers)}
        if asked and "whole" not in fault[:1]:
            m = re.fullmatch(r"bytes=(\d+)-(\d*)", asked)
            first = int(m[1])
            last = min(int(m[2] or last), last)
            if first > last:
                return self.answer(416, {"Content-Range": "bytes */%d" % size})
            status = 206
            headers["Content-Range"] = "bytes %d-%d/%d" % (first, last, size)
        length = last + 1 - first
        length += {"long": 1, "short": -1}.get((fault or ("",))[0], 0)
        self.answer(status, {**headers, "Content-Length": str(length)})
        if self.command == "HEAD":
            return None
        at, end = first, first + length
        while at < end:
            data = content[at:min(at + PIECE, end)] or b"+"
            if fault and fault[0] == "cut" and at + len(data) > fault[1]:
                self.wfile.write(data[:max(0, fault[1] - at)])
                self.wfile.flush()
                raise ConnectionError
            if fault and fault[0] == "flip" and \
                    at <= fault[1] < at + len(data):
                data = bytearray(data)
                data[fault[1] - at] ^= 1
            self.wfile.write(data)
            at += len(data)
        with self.hub.lock:
            self.hub.sent[self.name] += end - first
        return None


class Front(Handler):
    """The Hub itself."""

    def do_GET(self):
        parts = urlsplit(self.path)
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.expand = [v for k, v in parse_qsl(parts.query)
                       if k in ("expand", "expand[]")]
        for form, method in (
                (r"/api/datasets/([^/]+/[^/]+)/revision/([^/]+)", self.pin),
                (r"/api/datasets/([^/]+/[^/]+)/tree/([^/]+)(?:/(.+))?",
                 self.tree),
                (r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)",
                 self.resolve),
                (r"/api/resolve-cache/datasets/([^/]+/[^/]+)/([0-9a-f]{40})/"
                 r"(.+)", self.cached)):
            m = re.fullmatch(form, parts.path)
            if m:
                repo = self.open(unquote(m[1]), unquote(m[2]))
                return repo and method(repo, *map(unquote, m.groups("")[2:]))
        self.hub.wrong.append(self.command + " " + self.path)
        return self.refuse(404, None, "Sorry, we can't find the page")
    do_HEAD = do_GET

    def open(self, name, revision):
        """The data set, if whoever asks may read it."""
        self.repo_name = name
        given = self.headers.get("Authorization")
        if given not in (None, "Bearer " + self.hub.token):
            self.refuse(401, None,
                        "Invalid credentials in Authorization header")
            return None
        repo = self.hub.repos.get(name)
        if not repo or (repo.private and not given):
            self.hub.closed += bool(repo)
            if given:
                self.refuse(404, "RepoNotFound", "Repository not found")
            else:
                self.refuse(401, "RepoNotFound",
                            "Invalid username or password.")
        elif repo.gated and not given:
            self.refuse(401, "GatedRepo", "Access to dataset %s is restricted."
                        % name)
        elif repo.gated and repo.gated != "open":
            self.refuse(403, "GatedRepo", "Access to dataset %s is restricted "
                        "and you are not in the authorized list." % name)
        elif revision not in ("main", "HEAD", *repo.commits):
            self.refuse(404, "RevisionNotFound",
                        "Invalid rev id: " + revision)
        else:
            self.sha = revision if revision in repo.commits else repo.sha
            self.files = repo.commits[self.sha]
            return repo
        return None

    def early(self, key):
        """The fault, unless it was an answer."""
        fault = self.hub.fault(key)
        if fault and fault[0] == "answer":
            self.refuse(fault[1], None, "fault", **fault[2])
            return None
        return fault

    def json(self, value, headers=()):
        body = json.dumps(value, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8",
                   **dict(headers)}
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        self.answer(200, headers, body)

    def pin(self, repo):
        self.hub.saw("pin", self.repo_name)
        if self.early("pin") is None:
            return None
        if any(e not in FIELDS for e in self.expand):
            return self.refuse(400, None, "Invalid expand")
        known = {"sha": self.sha, "private": repo.private, "gated":
                 repo.gated, "downloads": 0, "likes": 0, "lastModified":
                 "2026-01-01T00:00:00.000Z", "siblings": [
                     {"rfilename": p} for p in sorted(self.files)[:SIBLINGS]]}
        return self.json({"_id": "6" * 24, "id": self.repo_name, **{
            k: v for k, v in known.items()
            if not self.expand or k in self.expand}})

    def tree(self, repo, below):
        self.hub.saw("tree", self.repo_name)
        fault = self.early("tree")
        if fault is None:
            return None
        if fault and fault[0] == "body":
            return self.answer(200, {}, fault[1])
        entries, at = repo.tree(self.files, below), 0
        if below and not entries:
            return self.refuse(404, "EntryNotFound",
                               "%s does not exist on main" % below)
        if self.query.get("recursive") != "true":
            entries = [e for e in entries
                       if "/" not in e["path"][len(below):].strip("/")]
        if "cursor" in self.query:
            try:
                at = int(base64.b64decode(self.query["cursor"],
                                          validate=True))
            except ValueError:
                return self.refuse(400, None, "Invalid cursor")
        headers = {}
        if fault and fault[0] == "link":
            headers["Link"] = '<%s>; rel="next"' % fault[1]
        elif at + PAGE < len(entries):
            cursor = base64.b64encode(b"%d" % (at + PAGE)).decode()
            rest = "&".join("%s=%s" % (k, quote(v)) for k, v in
                            self.query.items() if k != "cursor")
            headers["Link"] = '<%s%s?%s&cursor=%s>; rel="next"' % (
                self.hub.url, urlsplit(self.path).path, rest,
                quote(cursor, safe=""))
        return self.json(entries[at:at + PAGE], headers)

    def resolve(self, repo, path):
        self.hub.saw("resolve", path, self.headers.get("Range"))
        if self.early("resolve/" + path) is None:
            return None
        if path not in self.files:
            return self.refuse(404, "EntryNotFound", "Entry not found")
        entry = repo.entry(path, self.files[path])
        head = {"X-Repo-Commit": self.sha, "X-Linked-Size": str(entry["size"])}
        where = "%s/%s/%s" % (self.repo_name, self.sha, quote(path))
        if "lfs" not in entry:
            return self.answer(307, {
                **head, "X-Linked-ETag": '"%s"' % entry["oid"],
                "Location": "/api/resolve-cache/datasets/%s?%s=&etag=%%22%s%%22"
                % (where, quote("/" + where), entry["oid"])})
        ends = int(time.time()) + self.hub.link_s
        return self.answer(302, {
            **head, "X-Linked-ETag": '"%s"' % entry["lfs"]["oid"],
            "Location": "%s/%s?Expires=%d&Signature=%s" % (
                self.hub.cdn, where, ends, self.hub.sign(unquote(where),
                                                         ends))})

    def cached(self, repo, path):
        self.name = path
        fault = self.hub.fault("cached/" + path)
        return self.content(self.files[path], repo.entry(
            path, self.files[path])["oid"], fault)


class Cdn(Handler):
    """It knows signed links alone, and never sees a token."""

    def do_GET(self):
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        user, name, sha, path = unquote(parts.path)[1:].split("/", 3)
        self.name, hub = path, self.hub
        hub.saw("cdn", path, self.headers.get("Range"))
        if self.headers.get("Authorization"):
            hub.leaked += 1
            return self.answer(400, {}, b"<Error><Code>InvalidArgument</Code>"
                               b"<Message>Only one auth mechanism allowed"
                               b"</Message></Error>")
        fault = hub.fault("cdn/" + path)
        ends = int(query.get("Expires", 0))
        if hub.sign(unquote(parts.path)[1:], ends) != query.get("Signature") \
                or ends < time.time() or fault[:1] == ("expired",):
            return self.answer(403, {}, b"<Error><Code>AccessDenied</Code>"
                               b"</Error>")
        if fault and fault[0] == "answer":
            return self.answer(fault[1], fault[2])
        if hub.pace:
            time.sleep(hub.pace)
        content = hub.repos[user + "/" + name].commits[sha][path]
        return self.content(content, "0" * 32 + "-3", fault)
    do_HEAD = do_GET
