#!/usr/bin/python3
"""The recorded dialog as other servers may put it: HTTP, JSON and SCALE in
all the forms that mean the same, and in some that do not."""

import http.server
import json
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import chain
import endpoint
import tap

with open("tests/vectors/chain/real-runtime-300.json") as f:
    RECORDED = json.load(f)

ZERO = "5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM"
NOW = RECORDED["expect"]["timestamp_ms"] // 1000 + 5
OLDER = "older runtime: its metagraph lacks a field"


def compact(answer):
    return json.dumps(answer, separators=(",", ":"))


def airy(answer):
    """Members the other way round, and white space wherever it may be."""
    return "\r\n\t " + json.dumps(dict(reversed(answer.items())), indent=3,
                                  separators=(" , ", "\t:\n")) + "\n \n"


def talkative(answer):
    return json.dumps({"usage": {"credits": [1, None]}, "error": None,
                       **answer})


def escaped(answer):
    return json.dumps(answer).replace("0x", "\\u0030x")


class Replayer(http.server.ThreadingHTTPServer):
    """What is set says how it answers what is in the recording."""
    daemon_threads = True

    def __init__(self):
        self.answers = {
            json.dumps([x["request"]["method"], x["request"]["params"]]):
            x["response"] for x in RECORDED["dialog"]}
        self.form, self.framing, self.chunk = compact, "length", 0
        self.edit, self.connections = {}, 0
        super().__init__(("127.0.0.1", 0), _Replay)
        self.url = "http://127.0.0.1:%d" % self.server_address[1]
        threading.Thread(target=self.serve_forever, args=(0.02,),
                         daemon=True).start()

    def text(self, request):
        method = request["method"]
        answer = {**self.answers[json.dumps([method, request["params"]])],
                  "id": request["id"]}
        if method in self.edit:
            answer["result"] = self.edit[method](answer["result"])
        return self.form(answer).encode()


class _Replay(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, *args):
        pass

    def setup(self):
        super().setup()
        self.server.connections += 1

    def do_POST(self):
        text = self.server.text(json.loads(self.rfile.read(
            int(self.headers["Content-Length"]))))
        if self.server.framing == "end":
            self.protocol_version = "HTTP/1.0"
            self.close_connection = True
        self.send_response(200)
        self.send_header("content-type", "application/json; charset=utf-8")
        if self.server.framing == "length":
            self.send_header("Content-Length", str(len(text)))
        if self.server.framing == "chunks":
            self.send_header("Transfer-Encoding", "chunked")
            text = self.chunked(text)
        if self.server.framing == "close":
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text)
        self.wfile.flush()

    def chunked(self, text):
        n = self.server.chunk
        parts = [text[i:i + n] for i in range(0, len(text), n)]
        return b"".join(b"%x;a=1\r\n%s\r\n" % (len(p), p) for p in parts) + \
            b"0\r\nX-Trailer: 1\r\n\r\n"


def expected(document, total):
    """The rows that the official clients read, without the unusable ones."""
    return [{k: str(v) if k.endswith("_rao") else v for k, v in row.items()
             if total or k != "total_stake_rao"}
            for row in document["neurons"]
            if ZERO not in (row["hotkey"], row["coldkey"])]


def use(servers, document, agree="any", total=False, **settings):
    w.forget()
    w.use(*[r.url for r in servers], chain_agree=agree,
          chain_netuid=document["netuid"],
          chain_validator_stake="total" if total else "alpha", **settings)


def reads(t, text, document, total=False):
    r = w.sync()
    shown = w.shown()
    t.ok(r.status == 0 and shown["neurons"] == expected(document, total) and
         shown["block"] == document["block"] and
         shown["advanced_at"] == document["timestamp_ms"] // 1000 and
         shown["genesis"] == RECORDED["genesis"], text + " is believed", r,
         shown)


DOCUMENTS = [RECORDED["expect"], *RECORDED["expect_other"]]
KINDS = [(d, agree, total) for d in DOCUMENTS for agree in ("any", "majority")
         for total in (False, True)]


def forms(t):
    servers, wrong = [Replayer() for _ in range(3)], []
    for document, agree, total in KINDS:
        use(servers if agree == "majority" else servers[:1], document, agree,
            total)
        for form, framing, chunk in [
                (compact, "length", 0), (airy, "close", 0), (airy, "chunks", 7),
                (talkative, "chunks", 1000), (escaped, "end", 0)]:
            for r in servers:
                r.form, r.framing, r.chunk = form, framing, chunk
            before = servers[0].connections
            reads(t, "netuid %d, %s, %s: the dialog with %s JSON that ends by "
                  "%s %d" % (document["netuid"], agree, "total" if total else
                             "alpha", form.__name__, framing, chunk),
                  document, total)
            made = servers[0].connections - before
            if (made == 1) != (framing in ("length", "chunks")):
                wrong.append("%s: %d" % (framing, made))
    t.none(wrong, "a look keeps its connection if the server does")
    stop(*servers)


def stop(*servers):
    for r in servers:
        r.shutdown()
        r.server_close()


def refused(t, text, why):
    r = w.sync()
    t.same((r.status, w.status()["reason"], w.file()),
           (chain.FAILED, why, None), text + " is refused")


def runtimes(t):
    """More fields after those asked for; fewer; and answers cut anywhere."""
    r = Replayer()
    for document in DOCUMENTS:
        for total in False, True:
            use([r], document, total=total)
            for fields, after in (73, "00"), (76, "00" * 4), (77, "0104" * 2):
                r.edit = {"state_call": lambda x: x + after}
                reads(t, "netuid %d, %s: a runtime with %d fields" % (
                    document["netuid"], "total" if total else "alpha",
                    fields), document, total)
    use([r], DOCUMENTS[1])
    whole = []
    r.edit = {"state_call": lambda x: whole.append(x) or x}
    reads(t, "netuid 70: the whole answer", DOCUMENTS[1])
    data = bytes.fromhex(whole[0][2:])
    ends = boundaries(data)
    wrong = []
    for cut in [*range(0, 16), *range(150, 160), *range(250, len(data) - 4)]:
        w.forget()
        r.edit = {"state_call": lambda x: x[:2 + 2 * cut]}
        result = w.sync()
        why = None if cut >= ends[-1] else \
            OLDER if cut in ends else "malformed metagraph"
        if (result.status, w.status()["reason"]) != (why is not None, why):
            wrong.append("cut at %d: %r, not %r" % (
                cut, w.status()["reason"], why))
    t.none(wrong, "an answer that ends between two fields is of an older "
           "runtime, one that is cut within a field is malformed")
    stop(r)


def boundaries(data):
    """Where an answer for netuid 70 and its three rows may end: after the
    netuid of two bytes, and after each field."""
    ends, at = [3], 3
    for number in range(1, 68):
        size = 0
        if number == 7:
            size = 4
        elif number in (52, 53):
            size = 1 + 3 * 32
        elif number == 57:
            size = 1 + 3
        elif number == 67:
            size = 1 + stakes(data, at + 2)
        if data[at] != (size > 0):
            raise ValueError("field %d" % number)
        at += 1 + size
        ends.append(at)
    return ends


def stakes(data, at):
    """The length of three Compacts."""
    start = at
    for _ in range(3):
        mode = data[at] & 3
        at += (1, 2, 4, (data[at] >> 2) + 5)[mode]
    return at - start


def values(t):
    """A time or a header's number that cannot be."""
    r = Replayer()
    use([r], DOCUMENTS[0])

    def at(ms, size=8):
        return "0x" + ms.to_bytes(size, "little").hex()

    absent = "no time of a block"
    for text, value, why in [
            ("null", None, absent), ("16 bytes long", at(NOW * 1000, 16),
                                     absent),
            ("empty", "0x", absent), ("a number", NOW * 1000, absent),
            ("u64's highest", "0x" + "ff" * 8, absent),
            ("0", at(0), "the node is at a block of 1970-01-01, %d days old: "
             "still syncing?" % (NOW // 86400))]:
        r.edit = {"state_getStorage": lambda _: value}
        refused(t, "a block's time that is %s" % text, why)
    r.edit = {"state_getStorage": lambda _: at(NOW * 1000 + 60001)}
    w.sync()
    t.ok("in the future: is its clock wrong, or ours?" in w.status()["reason"],
         "a block's time in the future is refused", w.status())
    block = DOCUMENTS[0]["block"]
    for number, why in [
            (hex(block + 1), "the metagraph is of block %d, the header of %d" %
             (block, block + 1)),
            (hex(block - 1), "the metagraph is of block %d, the header of %d" %
             (block, block - 1)),
            ("0x", "no header of a block"), (block, "no header of a block"),
            (str(block), "no header of a block"),
            ("0x" + "f" * 16, "the node says that it is at block %d, which no "
             "chain can have reached" % ((1 << 64) - 1))]:
        r.edit = {"chain_getHeader": lambda x: {**x, "number": number}}
        refused(t, "a header with the number %r" % number, why)
    r.edit = {}
    for network, genesis in ("finney", None), ("custom", "0x" + "12" * 32):
        w.configure(chain_network=network, chain_genesis=genesis)
        result = w.sync()
        t.ok(result.status == chain.FAILED and RECORDED["genesis"] in
             w.status()["reason"] and w.file() is None,
             "%s: the recorded chain is another one" % network, result)
    w.configure(chain_network="custom", chain_genesis=RECORDED["genesis"])
    w.use(r.url.replace("http", "ws"))
    reads(t, "custom: the recorded chain at a ws URL", DOCUMENTS[0])
    stop(r)


if __name__ == "__main__":
    chain.off_disk()
    w = chain.Chain()
    w.configure(chain_timeout_s=20)
    w.now = NOW
    tap.run([forms, runtimes, values], endpoint.check_outputs)
