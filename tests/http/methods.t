#!/usr/bin/python3
"""Every endpoint answers one method; any other is told which."""

import glob
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import bucket
import endpoint
import tap
import validators

# Every file of cgi-bin, and the method it answers.
ENDPOINTS = {
    "commitment-formats": "GET",
    "healthz": "GET",
    "readyz": "GET",
    "structure-info": "GET",
    "get-file-presigned-urls": "POST",
    "get-file-upload-url": "POST",
    "get-folder-access": "POST",
    "get-folder-presigned-urls": "POST",
    "get-miner-list": "POST",
    "get-miner-specific-access": "POST",
    "get-validator-access": "POST",
    "healthcheck": "GET",
    "metrics": "GET",
}
# HEAD, whose answer has no body, is in tests/http/cgi.t.
METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH",
           "TRACE", "CONNECT", "PROPFIND", "", None, "get", "post", "POST ",
           " GET", "GETX", "GE", "POST, POST", "\u00fc"]

w = validators.Validators(metrics_allow="192.0.2.7")
w.snapshot()


def all_there(t):
    names = {os.path.basename(p)[:-2] for p in glob.glob("cgi-bin/*.c")}
    t.same(names, set(ENDPOINTS), "this test knows every file of cgi-bin")


def methods(t):
    for name, allow in sorted(ENDPOINTS.items()):
        for method in METHODS:
            if method == allow:
                continue
            env = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": method,
                   "REMOTE_ADDR": "192.0.2.7",
                   **w.env()}
            env = {k: v for k, v in env.items() if v is not None}
            a = endpoint.cgi(name, env, allow=allow)
            t.none(endpoint.refusal_wrong(
                a, 405, "method_not_allowed", "Method Not Allowed"),
                "%s answers 405 to the method %r" % (name, method))


def bodies(t):
    """What is wrong with the body is not told to a wrong method, and the
    headers of a preflight change nothing."""
    for name, allow in sorted(ENDPOINTS.items()):
        for text, method, body, more in [
                ("a PUT with a good body", "PUT", b"{}", {}),
                ("a PUT of 2 MiB", "PUT", b"x" * (2 << 20), {}),
                ("a preflight", "OPTIONS", b"", {
                    "HTTP_ORIGIN": "https://example",
                    "HTTP_ACCESS_CONTROL_REQUEST_METHOD": allow}),
                ("a PUT with a header that overrides the method", "PUT", b"", {
                    "HTTP_X_HTTP_METHOD_OVERRIDE": allow}),
                ("a PUT whose Content-Length is too long", "PUT", b"", {
                    "CONTENT_LENGTH": "7"})]:
            env = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": method,
                   "REMOTE_ADDR": "192.0.2.7",
                   "CONTENT_LENGTH": str(len(body)), **more, **w.env()}
            a = endpoint.cgi(name, env, body, allow=allow)
            t.none(endpoint.refusal_wrong(a, 405, "method_not_allowed"),
                   "%s answers 405 to %s" % (name, text))


def right(t):
    w.snapshot()
    bucket.index_of(w, [])
    for name, allow in sorted(ENDPOINTS.items()):
        if allow == "GET":
            t.same(w.get(name, REMOTE_ADDR="192.0.2.7").code, 200, "%s answers 200 to a GET" % name)
            a = w.get(name, CONTENT_LENGTH="0", QUERY_STRING="a=b",
                      REMOTE_ADDR="192.0.2.7")
            t.same(a.code, 200,
                   "%s answers 200 to a GET with an empty body and a query" %
                   name)
        else:
            body = w.request() if name == "get-folder-access" else \
                w.asks(name, miner_hotkey=w.miner.ss58)

            # It wants headers, which tests/http/upload.t sends.
            want = 422 if name == "get-file-upload-url" else 200
            t.same(w.post(body, name).code, want,
                   "%s answers a POST as its route should" % name)


if __name__ == "__main__":
    tap.run([all_there, methods, bodies, right], endpoint.check_outputs)
