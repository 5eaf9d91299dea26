"""Runs programs of the build; an endpoint as plain CGI.

Whatever a test does, some things must never be seen in an output: each run is
searched for them.  Every answer must be in the document of the API.
check_outputs() is the last test of every file and reports both.
"""

import ctypes
import functools
import json
import os
import re
import subprocess

import planted

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))


def closed_to_others():
    """The directory that keeps other users from the programs, such as /root;
    None if there is none."""
    path = BUILD
    while os.stat(path).st_mode & 0o001:
        if path == "/":
            return None
        path = os.path.dirname(path)
    return path

# Texts that must appear in no output, and where they did.
never = set()
_seen = []

# The headers of every answer, in order, and what they may say.
HEADERS = [
    ("Status", r"\d{3} [A-Z][A-Za-z ]+"),
    ("Content-Type", r"application/json|text/plain; charset=utf-8|"
     r"text/plain; version=0\.0\.4; charset=utf-8|"
     r"application/openmetrics-text; version=1\.0\.0; charset=utf-8"),
    ("Content-Length", r"\d+"),
    ("Cache-Control", r"no-store"),
    ("X-Content-Type-Options", r"nosniff"),
    ("Referrer-Policy", r"no-referrer"),
    ("Content-Security-Policy", r"default-src 'none'; frame-ancestors 'none'"),
    ("X-Request-ID", r"[a-z]{20}|[A-Za-z0-9._-]{1,64}"),
]

# Behind them where cors.origins lists some.
CORS_HEADERS = [
    ("Vary", r"Origin"),
    ("Access-Control-Allow-Origin", r"\*|https?://[a-z0-9.:-]+"),
    ("Access-Control-Allow-Methods", r"GET|POST"),
    ("Access-Control-Allow-Headers", r"Content-Type(, X-[A-Za-z-]+){12}"),
    ("Access-Control-Max-Age", r"600"),
    ("Access-Control-Expose-Headers",
     r"X-Request-ID, Retry-After(, RateLimit-[A-Z][a-z]+){3}"),
]

# Behind them where something was counted.
LIMIT_HEADERS = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"]


class Result:
    """How a program ended: status, out, err (bytes)."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err
        self.text = out.decode("utf-8", "replace")
        self.log = err.decode("utf-8", "replace")

    def __str__(self):
        return "exit status %d\n%s\n--- standard error\n%s" % (
            self.status, self.text, self.log)


def search(what, out, err, secrets=()):
    """Note what must never be in an output, and is: the texts in never, and
    those in secrets."""
    planted.look("output", "of " + what, out + err)
    for text in list(never) + list(secrets):
        for name, data in ("output", out), ("error", err):
            if text.encode() in data:
                _seen.append("%s of %s holds %s..." % (name, what, text[:12]))


def _execve(path, variables):
    """execve(2) with exactly these variables, be a name there twice."""
    def exact():
        envp = (ctypes.c_char_p * (len(variables) + 1))(*variables, None)
        argv = (ctypes.c_char_p * 2)(path.encode(), None)
        ctypes.CDLL(None).execve(path.encode(), argv, envp)
        os._exit(127)
    return exact


def program(path, args=(), env=None, stdin=b"", secrets=()):
    """Run a program with exactly this environment: a dict, or a list of
    pairs, which may hold a name twice.  No output may hold any of secrets."""
    if not isinstance(env, list):
        p = subprocess.run([path, *args], env=env or {}, input=stdin,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           timeout=60)
    else:
        raw = [("%s=%s" % pair).encode() for pair in env]
        p = subprocess.run([path], input=stdin, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, timeout=60,
                           preexec_fn=_execve(path, raw))
    search("%s %s" % (path, args), p.stdout, p.stderr, secrets)
    return Result(p.returncode, p.stdout, p.stderr)


# Answers that are not in the document of the API.
_undeclared = []


@functools.lru_cache(None)
def _document():
    import document
    return document.Document()


def judge(name, status, headers, body):
    """Compare an answer of the endpoint of that name with the document."""
    _undeclared.extend(_document().wrong(name, status, headers, body))


class Answer(Result):
    """An answer of the endpoint that is named, or of any.  code: the HTTP
    status; json: the body, or None; wrong: what no answer may be like."""

    def __init__(self, result, allow, endpoint=None):
        super().__init__(result.status, result.out, result.err)
        planted.look("answer", "of %s" % endpoint, result.out)
        self.wrong, self.json, self.code, self.header = [], None, 0, {}
        head, end, body = self.out.partition(b"\r\n\r\n")
        if not end:
            self.wrong.append("no end of headers")
            return
        self.body = body
        names = []
        for line in head.decode("latin-1").split("\r\n"):
            name, _, value = line.partition(": ")
            names.append(name)
            self.header[name] = value
        self._check_headers(names, allow)
        self._check_body()
        if endpoint is not None and (
                self.json is not None or
                "version=" in self.header.get("Content-Type", "")):
            judge(endpoint, self.code, self.header, self.json)
        for line in self.log.splitlines():
            try:
                assert {"level", "program", "event"} <= set(json.loads(line))
            except (ValueError, AssertionError):
                self.wrong.append("a log line that is none: " + line)

    def _check_headers(self, names, allow):
        want = [name for name, _ in HEADERS]
        for name, form in HEADERS:
            if not re.fullmatch(form, self.header.get(name, "")):
                self.wrong.append("header %s: %r" % (
                    name, self.header.get(name)))
        for name, form in CORS_HEADERS:
            if name in names:
                want.append(name)
                if not re.fullmatch(form, self.header[name]):
                    self.wrong.append("header %s: %r" % (
                        name, self.header[name]))
        self.code = int(self.header.get("Status", "0").split()[0])
        if self.code == 401 and b'"code":"unauthorized"' in self.body:
            want.append("WWW-Authenticate")
        if self.code == 405:
            want.append("Allow")
            if self.header.get("Allow") != allow:
                self.wrong.append("Allow: %r" % self.header.get("Allow"))
        if "RateLimit-Limit" in self.header:
            want += LIMIT_HEADERS
            if not all(self.header.get(name, "").isdigit()
                       for name in LIMIT_HEADERS):
                self.wrong.append("RateLimit headers %r" % self.header)
        # A program that could not start says when it tries again.
        if self.code in (429, 503) or \
                self.code == 500 and "Retry-After" in self.header:
            want.append("Retry-After")
            if not self.header.get("Retry-After", "").isdigit():
                self.wrong.append("no Retry-After")
        if names != want:
            self.wrong.append("headers %r, not %r" % (names, want))
        if self.header.get("Content-Length") != str(len(self.body)):
            self.wrong.append("Content-Length is not that of the body")

    def _check_body(self):
        if "version=" in self.header["Content-Type"]:
            return      # of /metrics, and no JSON
        if self.header["Content-Type"].startswith("text/"):
            # The answer to a preflight is the only text.
            if self.code != 200 or self.body != b"OK" or \
                    "Access-Control-Max-Age" not in self.header:
                self.wrong.append("a text, but not of a preflight")
            return
        try:
            self.json = json.loads(self.body)
        except ValueError:
            self.wrong.append("the body is not JSON")
            return
        if self.body.decode() != json.dumps(
                self.json, separators=(",", ":"), ensure_ascii=False):
            self.wrong.append("the body is not compact JSON")


def cgi(name, env, body=b"", allow="POST", installed=False, secrets=()):
    """Run an endpoint of the test build, or the one to be installed."""
    path = os.path.join(BUILD, "" if installed else "test", "cgi-bin", name)
    return Answer(program(path, env=env, stdin=body, secrets=secrets), allow,
                  name)


def detail_wrong(detail):
    """A 422's list, as clients know it: loc, msg and type, no more."""
    if not isinstance(detail, list) or not detail:
        return True
    return any(list(d) != ["loc", "msg", "type"] or d["loc"][0] not in ("body", "header") or
               len(d["loc"]) > 2 or
               not all(isinstance(x, str) for x in d["loc"]) or
               not isinstance(d["msg"], str) or
               not isinstance(d["type"], str) for d in detail)


def refusal_wrong(a, status, code, detail=None, echo=(), exit_status=0):
    """What is wrong with an answer that should refuse like this."""
    wrong = list(a.wrong)
    if a.status != exit_status:
        wrong.append("exit status %d" % a.status)
    if a.code not in (status if isinstance(status, tuple) else (status,)):
        wrong.append("status %d, not %s" % (a.code, status))
    if a.json is None:
        return wrong + [str(a)]
    if not isinstance(a.json, dict) or list(a.json) != ["detail", "code"]:
        return wrong + ["not detail and code", str(a)]
    if code is not None and a.json["code"] != code:
        wrong.append("code %r, not %r" % (a.json["code"], code))
    if detail is not None and a.json["detail"] != detail:
        wrong.append("detail %r, not %r" % (a.json["detail"], detail))
    if a.code == 422 and detail_wrong(a.json["detail"]):
        wrong.append("detail is not FastAPI's list")
    if a.code != 422 and not isinstance(a.json["detail"], str):
        wrong.append("detail is no text")
    for text in ("fields", "policy", "X-Amz", "x-amz", "AWS4"):
        if text in a.text:
            wrong.append("something was vended: " + text)
    if b"409" in a.body:
        wrong.append("the body holds 409")
    for text in echo:
        if text in a.text or text in a.log:
            wrong.append("echoes %r" % text)
    return wrong + ([str(a)] if wrong else [])


def check_outputs(t):
    t.none(_seen + planted.found, "no secret in any output")
    t.none(_undeclared, "every answer is in the document of the API")
