#!/usr/bin/python3
"""What a server of the shipped configuration writes down: enough to count, and
nothing that grants or proves something."""

import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import servers  # noqa: E402
import tap  # noqa: E402
from world import SECRET, World  # noqa: E402

MARK = "CanaryThatNobodyMayWriteDown"

w = World()
w.now = int(time.time())
w.snapshot()
web = servers.Web(w)
never = {"the secret": SECRET, "the mark": MARK}


def ask(*args, **more):
    return servers.ask(web.port, *args, **more)


def requests():
    """All that may go wrong, with the mark wherever a client can put it."""
    headers = [("X-Tao-Signature", MARK), ("Authorization", "Bearer " + MARK),
               ("Cookie", MARK), ("User-Agent", MARK), ("Referer", MARK)]
    body = w.request()
    yield ask("POST", "/get-folder-access?" + MARK, headers=headers[1:],
              body=json.dumps(body).encode())
    never["a signature of a request"] = body["signature"]
    bad = {**body, "signature": body["signature"][::-1], "source": MARK}
    yield ask("POST", "/get-folder-access", body=json.dumps(bad).encode())
    never["a wrong signature"] = bad["signature"]
    yield ask("POST", "/get-folder-access", body=json.dumps(body).encode(),
              headers=headers)
    tao = {**w.miner.tao(b"{}", w.now * 1000), "X-Tao-Nonce": MARK}
    yield ask("POST", "/get-folder-access", headers=tao.items(), body=b"{}")
    never["a signature of X-Tao"] = tao["X-Tao-Signature"]
    yield ask("POST", "/get-folder-access", headers=headers * 2, body=b"{}")
    for text in (MARK, '{"coldkey":"%s"}' % MARK, '["%s"' % MARK,
                 MARK.ljust(70000)):
        yield ask("POST", "/get-folder-access", body=text.encode())
    for target in ("/?" + MARK, "/healthcheck?" + MARK, "/healthcheck/?" + MARK,
                   "/%00?" + MARK):
        yield ask("GET", target, headers=headers)
    yield ask("GET", "/", headers=[("X-Long", MARK * 1000)])
    yield servers.raw(web.port, b"GET /?%s HTTP/9.9\r\n\r\n" % MARK.encode())
    yield servers.raw(web.port, b"GET /\r\n%s\r\n\r\n" % MARK.encode())
    yield servers.raw(web.port, b"GET / HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n" %
                      MARK.encode())


def test_answers(t):
    answers = list(requests())
    print("# statuses:", *[r.code for r in answers])
    t.same([r.code for r in answers[:2]], [200, 422],
           "the first request is granted and the second one is refused")
    t.none([r for r in answers[2:] if r.code not in
            (200, 307, 400, 404, 413, 422, 431, 505)],
           "%d more requests are answered with the status of their fault" %
           len(answers[2:]))
    t.none([r for r in answers if MARK in str(r) and
            MARK not in r.header.get("location", "")],
           "no answer holds what was sent")
    grant = json.loads(answers[0].body)
    for name in "policy", "x-amz-signature":
        never["the form's " + name] = grant["fields"][name]
    never["the query of list_url"] = grant["list_url"].partition("?")[2]
    never["the signature of list_url"] = \
        grant["list_url"].rpartition("=")[2]


def test_logs(t):
    """Only when lighttpd ends all has been written."""
    web.stop()
    text = web.logs()
    with open(os.path.join(web.log, "foldergate-access.log")) as f:
        lines = f.read().splitlines()
    t.none([line for line in lines if not re.fullmatch(
        r'127\.0\.0\.1 \[[^]]+\] "([A-Z]+ (-|/[a-z-]*/?) HTTP/1\.1| - )" '
        r"\d{3} \d+ \d+", line)], "all lines of the access log have one form")
    t.ok(len(lines) >= 13 and any(
        '"POST /get-folder-access HTTP/1.1" 200' in line for line in lines),
        "the grant is in the access log", *lines)
    for name, what in sorted(never.items()):
        t.none([line for line in text.splitlines() if what in line],
               "no log holds %s" % name)


tap.run([test_answers, test_logs])
