#!/usr/bin/python3
"""net/stream.h: files up and down, several at once, and stores that cut, refuse
and lie."""

import email.parser
import hashlib
import http.server
import json
import os
import re
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
from world import World

w = World()
MOVES = os.path.join(endpoint.BUILD, "test", "bin", "moves")
FINE, CUT, NO_HTTP, REFUSED = 0, 12, 13, 2


class Store(http.server.BaseHTTPRequestHandler):
    """GET /N/...: N bytes; the rest of the path says how they are spoilt."""
    protocol_version = "HTTP/1.1"
    seen, at_once, most, lock = {}, 0, 0, threading.Lock()

    def log_message(self, *_):
        pass

    def answer(self, code, body, *headers):
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_expect_100(self):
        if "refuse" in self.path:
            self.close_connection = True
            self.answer(403, b"<Error><Code>AccessDenied</Code></Error>",
                        ("Connection", "close"))
            return False
        return super().handle_expect_100()

    def take(self):
        with Store.lock:
            Store.at_once += 1
            Store.most = max(Store.most, Store.at_once)
        left, body = int(self.headers["Content-Length"]), []
        while left > 0:
            body.append(self.rfile.read(min(left, 65536)))
            left -= len(body[-1])
        with Store.lock:
            Store.at_once -= 1
            Store.seen[self.path] = (self.command, dict(self.headers),
                                     b"".join(body))
        if "refuse" in self.path:
            self.answer(403, b"<Error>" + b"x" * 100000 + b"</Error>")
        elif "busy" in self.path:
            self.answer(503, b"later", ("Retry-After", "7"))
        else:
            self.answer(204, b"", ("ETag", '"abc"'))
    do_POST = do_PUT = take

    def do_GET(self):
        data = content(int(self.path.split("/")[1]))
        m = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        first = int(m[1]) if m else 0
        tag = ("ETag", '"%s"' % hashlib.md5(data).hexdigest())
        if "cut" in self.path:
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[:len(data) // 2])
            self.close_connection = True
        elif "missing" in self.path:
            self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        elif m and "norange" not in self.path:
            lie = 1 if "lie" in self.path else 0
            self.answer(206, data[first:], tag, (
                "Content-Range", "bytes %d-%d/%d" % (
                    first + lie, len(data) - 1, len(data))))
        else:
            self.answer(200, data, tag)


def content(n):
    return (bytes(range(256)) * (n // 256 + 1))[:n]


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Store)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
URL = "http://127.0.0.1:%d" % server.server_address[1]


def moves(*args):
    """The lines that it prints, by name; its most memory in KiB."""
    r = endpoint.program(MOVES, args, {})
    lines = {line["name"]: line for line in map(json.loads,
                                                r.text.splitlines())}
    return lines, lines.pop("memory")["kib"]


def read(path):
    with open(path, "rb") as f:
        return f.read()


def forms(t):
    path = w.write("a b.csv", content(3000))
    got, _ = moves("form:%s/post:::%s" % (URL, path))
    line = got["a b.csv"]
    t.same((line["fault"], line["status"], line["moved"]), (FINE, 204, 3000),
           "a form is sent with all of its file")
    method, headers, body = Store.seen["/post"]
    mail = email.parser.BytesParser().parsebytes(
        b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" +
        body)
    parts = [(p.get_param("name", header="content-disposition"),
              p.get_filename(), p.get_payload(decode=True))
             for p in mail.get_payload()]
    t.same((method, parts), ("POST", [
        ("acl", None, b"private"), ("key", None, b"data/x/${filename}"),
        ("file", "a b.csv", content(3000))]),
        "a form has its fields in their order, and then the file")


def puts(t):
    path = w.write("one.bin", content(300000))
    got, _ = moves("put:%s/put:::%s" % (URL, path))
    method, headers, body = Store.seen["/put"]
    t.same((got["one.bin"]["status"], got["one.bin"]["etag"], method,
            body == content(300000), headers["X-Own"],
            headers["Content-Type"]),
           (204, "abc", "PUT", True, "1", "application/octet-stream"),
           "a PUT sends the file alone, with the headers that were named")
    path = w.write("none.bin", b"")
    got, _ = moves("put:%s/empty:::%s" % (URL, path))
    t.same((got["none.bin"]["status"], Store.seen["/empty"][2]), (204, b""),
           "an empty file is sent as an empty body")


def refusals(t):
    path = w.write("big.bin", content(3 << 20))
    got, _ = moves("put:%s/refuse:::%s" % (URL, path))
    line = got["big.bin"]
    t.ok(line["fault"] == FINE and line["status"] == 403 and
         line["moved"] == 0,
         "a store that refuses at once gets nothing of a large file", line)
    path = w.write("small.bin", content(2000))
    got, _ = moves("form:%s/refuse:::%s" % (URL, path))
    t.same((got["small.bin"]["status"], got["small.bin"]["answer"]),
           (403, 65536), "of a long refusal only the beginning is kept")
    got, _ = moves("get:%s/100/missing:::%s" % (URL, w.path("got.missing")))
    t.same((got["got.missing"]["status"], read(w.path("got.missing"))),
           (404, b""), "nothing of a refusal is written into the file")


def downloads(t):
    out = w.path("down.bin")
    got, _ = moves("get:%s/1000000/x:::%s" % (URL, out))
    line = got["down.bin"]
    t.same((line["fault"], line["whole"], line["pieces"], read(out)),
           (FINE, 1000000, 1000000, content(1000000)),
           "a download writes the whole object and shows it piece by piece")
    t.same(line["etag"], hashlib.md5(content(1000000)).hexdigest(),
           "a download has the ETag that the store told")
    with open(out, "r+b") as f:
        f.truncate(123456)
    got, _ = moves("get@123456:%s/1000000/x:::%s" % (URL, out))
    line = got["down.bin"]
    t.same((line["status"], line["moved"], line["whole"], read(out)),
           (206, 1000000 - 123456, 1000000, content(1000000)),
           "a download goes on where the file ends")


def spoilt(t):
    out = w.path("half.bin")
    got, _ = moves("get:%s/1000000/cut:::%s" % (URL, out))
    line = got["half.bin"]
    t.ok(line["fault"] == CUT and read(out) == content(500000) and
         line["moved"] == 500000,
         "a download that is cut keeps what came, and tells of the fault",
         line)
    out = w.write("keep.bin", b"abcdef")
    got, _ = moves("get@3:%s/1000/norange:::%s" % (URL, out))
    line = got["keep.bin"]
    t.ok(line["no_range"] == 1 and line["fault"] == NO_HTTP and
         read(out) == b"abcdef",
         "a store that ignores the range changes nothing in the file", line)
    got, _ = moves("get@3:%s/1000/lie:::%s" % (URL, out))
    line = got["keep.bin"]
    t.ok(line["fault"] == NO_HTTP and read(out) == b"abcdef",
         "a store that sends another range changes nothing in the file", line)
    got, _ = moves("get:http://127.0.0.1:1/x:::%s" % out)
    t.same(got["keep.bin"]["fault"], REFUSED,
           "a store that does not listen is reported as such")


def many(t):
    jobs, paths = [], []
    for i in range(200):
        paths.append(w.write("f%d" % i, content(1024 + i)))
        jobs.append("put:%s/many/%d:::%s" % (URL, i, paths[-1]))
    got, _ = moves("-n", "4", *jobs)
    t.same((len(got), {line["status"] for line in got.values()}),
           (200, {204}), "two hundred files are sent")
    t.none([i for i in range(200)
            if Store.seen["/many/%d" % i][2] != content(1024 + i)],
           "each of two hundred files arrives as itself")
    t.ok(1 < Store.most <= 4, "no more than four files are sent at once",
         Store.most)


def answers_in_two(t):
    """This server sends head and body one after the other, and the body waits
    for an acknowledgement of the head."""
    start = time.monotonic()
    got, _ = moves("-n", "1", *["get:%s/1000/two:::%s" % (
        URL, w.path("two%d" % i)) for i in range(100)])
    took = time.monotonic() - start
    t.ok(len(got) == 100 and took < 2, "a hundred answers in two pieces do not "
         "wait 40 ms each for an acknowledgement", took)


def memory(t):
    _, small = moves("put:%s/small:::%s" % (URL, w.write("s", b"x" * 2000)))
    _, down = moves(*["get:%s/%d/x:::%s" % (URL, 32 << 20, w.path("m%d" % i))
                      for i in range(4)])
    t.ok(down < 32 * 1024 and down < small + 8 * 1024,
         "four downloads of 32 MiB take little memory", small, down)
    _, up = moves(*["form:%s/large:::%s" % (URL, w.path("m%d" % i))
                    for i in range(4)])
    t.ok(up < 32 * 1024 and up < small + 8 * 1024,
         "four uploads of 32 MiB take little memory", small, up)


tap.run([forms, puts, refusals, downloads, spoilt, many, answers_in_two,
         memory],
        endpoint.check_outputs)
