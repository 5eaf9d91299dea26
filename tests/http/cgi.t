#!/usr/bin/python3
"""What CGI/1.1 asks of a program, beyond the right answer: it takes the whole
body before it ends, HEAD gets no body, a status has a phrase, and a person who
starts it is told what it is."""

import json
import os
import socket
import subprocess
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import document
import endpoint
import fcgi
import tap
import world

w = world.World()
w.snapshot()
BIG = 300000            # more than a pipe holds


def path(name):
    return os.path.join(endpoint.BUILD, "test", "cgi-bin", name)


def run(name, variables, body=b"", args=()):
    """Its output, its exit status, and whether it took all of the body."""
    if isinstance(variables, dict):
        variables = list(variables.items())
    raw = [("%s=%s" % pair).encode() for pair in variables]
    p = subprocess.Popen([path(name), *args], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         preexec_fn=endpoint._execve(path(name), raw))
    taken = []

    def write():
        try:
            p.stdin.write(body)
            p.stdin.close()
            taken.append(True)
        except OSError:
            taken.append(False)
    writer = threading.Thread(target=write)
    writer.start()
    out, err = p.stdout.read(), p.stderr.read()
    p.wait(20)
    writer.join(20)
    return out, p.returncode, taken == [True], err


def post(length, **more):
    return list({"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST",
                 "CONTENT_TYPE": "application/json",
                 "CONTENT_LENGTH": str(length), "REMOTE_ADDR": "192.0.2.7",
                 **w.env(), **more}.items())


def bodies(t):
    body = b" " * BIG
    broken = w.write("broken.conf", "[s3]\nnonsense\n")
    twice = ("CONTENT_LENGTH", str(BIG))
    for text, status, variables in [
            ("a length that is no number", 400, post("x")),
            ("a negative length", 400, post(-5)),
            ("a length that is given twice", 400, post(BIG) + [twice]),
            ("an X-Tao header that is given twice", 400, post(BIG) + [
                ("HTTP_X_TAO_NONCE", "a"), ("HTTP_X_TAO_NONCE", "b")]),
            ("a body that is too large", 413, post(BIG)),
            ("a wrong method", 405, post(BIG, REQUEST_METHOD="PUT")),
            ("a configuration that is broken", 500,
             post(BIG, FOLDERGATE_CONFIG=broken)),
            ("a store directory that is not there", 500,
             post(BIG, FOLDERGATE_STATE_DIRECTORY="/nonexistent/x"))]:
        out, _, taken, _ = run("get-folder-access", variables, body)
        got = int(out[8:11]) if out.startswith(b"Status: ") else 0
        t.ok(taken and (got == status or status == 500 and got == 503),
             "a request with %s is answered after all of its body was taken"
             % text, out[:300], "taken: %s" % taken)
    for name in "healthz", "healthcheck":
        out, _, taken, _ = run(name, post(BIG, REQUEST_METHOD="GET"), body)
        t.ok(taken and out[8:11] in (b"200", b"413"),
             "%s takes the body of a GET before it answers" % name, out[:200])


def heads(t):
    for name in sorted(os.listdir(os.path.join(endpoint.BUILD, "test",
                                               "cgi-bin"))):
        out, _, _, _ = run(name, post(0, REQUEST_METHOD="HEAD"))
        head, _, body = out.partition(b"\r\n\r\n")
        t.ok(body == b"" and head.startswith(b"Status: 405 Method Not") and
             b"Content-Length: 0" not in head,
             "HEAD of %s is answered with headers only" % name, out)


def phrases(t):
    for text, variables, want in [
            ("a good GET", post(0, REQUEST_METHOD="GET"), b"200 OK"),
            ("a POST to a GET", post(0), b"405 Method Not Allowed")]:
        out = run("healthz", variables)[0]
        t.ok(out.startswith(b"Status: " + want + b"\r\n"),
             "the status of %s has its phrase" % text, out)
    for body, want in (b"{}", b"422 Unprocessable Content"), \
            (json.dumps(w.request(words="x")).encode(), b"401 Unauthorized"):
        out = run("get-folder-access", post(len(body)), body)[0]
        t.ok(out.startswith(b"Status: " + want + b"\r\n"),
             "a refusal has the phrase %s" % want.decode(), out[:100])


def by_hand(t):
    out, status, _, err = run("healthz", {"PATH": "/bin"})
    t.ok(status == 2 and out == b"" and b"web server starts" in err,
         "a person who starts a program is told what it is", out, status, err)


def listening(t):
    """GATEWAY_INTERFACE may be inherited by a FastCGI program."""
    s = fcgi.Service(w, "healthz", env={"GATEWAY_INTERFACE": "CGI/1.1",
                                        "REQUEST_METHOD": "GET"})
    a = s.ask({"REQUEST_METHOD": "GET"}, allow="GET")
    t.ok(a is not None and a.code == 200,
         "a listening socket makes it FastCGI, whatever the environment says",
         a, s.log())
    a = s.ask({"REQUEST_METHOD": "GET", "CONTENT_LENGTH": "-1"}, allow="GET")
    t.ok(a is not None and a.code == 200,
         "a length of -1 in FastCGI means that it is not known", a)
    s.stop()
    a, b = socket.socketpair()
    p = subprocess.run([path("healthz")], stdin=a, stdout=subprocess.PIPE,
                       env={"GATEWAY_INTERFACE": "CGI/1.1",
                            "REQUEST_METHOD": "GET", **w.env()}, timeout=20)
    t.ok(p.stdout.startswith(b"Status: 200 OK"),
         "a socket that does not listen is CGI", p.stdout)
    a.close()
    b.close()


def arguments(t):
    """mod_cgid makes arguments of a query without =."""
    def ask(name, *args):
        r = endpoint.program(path(name), args, {
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": METHODS[name],
            "CONTENT_LENGTH": "2", "REMOTE_ADDR": "192.0.2.7", **w.env()},
            b"{}")
        return endpoint.Answer(r, METHODS[name], name)
    bad = []
    for name in sorted(METHODS):
        want = ask(name)
        for args in [["--describe"], ["--help"], ["--version"], ["x", "y"]]:
            got = ask(name, *args)
            if (got.status, got.code, got.json, got.wrong) != (
                    want.status, want.code, want.json, []):
                bad.append("%s %s: %s" % (name, args, got))
    t.none(bad, "an endpoint under CGI answers as usual whatever its arguments "
           "are (%d endpoints)" % len(METHODS))


METHODS = document.Document().names()

if __name__ == "__main__":
    tap.run([bodies, heads, phrases, by_hand, listening, arguments],
            endpoint.check_outputs)
