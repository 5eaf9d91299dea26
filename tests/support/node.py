#!/usr/bin/python3
"""A stand-in for a subtensor node: JSON-RPC over HTTP POST, as much of it as
chain-sync asks for.  Tests give it faults; as a program it is a loopback node:

    node.py --port 0 --neurons FILE.json [--netuid N] [--block N]
            [--fields N] [--advance SECONDS_PER_BLOCK]

FILE.json is what `foldergate snapshot import` reads.  It prints the port that
it has got, and ends at once on SIGTERM.

Source: JSON-RPC 2.0; Substrate's JSON-RPC methods chain_getFinalizedHead,
chain_getHeader, chain_getBlockHash, state_getRuntimeVersion, state_getStorage,
state_call; the SCALE codec; the runtime API of subtensor,
SubnetInfoRuntimeApi_get_selective_metagraph.  The recorded dialog with a real
runtime in tests/vectors/chain is the judge: with its neurons, this node answers
its calls of the metagraph byte for byte (tests/chain/recorded.t).  The encoder
is independent of the product's decoder.
"""

import argparse
import collections
import email.utils
import hashlib
import http.server
import json
import os
import signal
import socket
import sys
import threading
import time

CALL = "SubnetInfoRuntimeApi_get_selective_metagraph"
TIMESTAMP = "0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb"

# The number of the last field of the struct; netuid is 0.  72 at spec 300, 76 since 435.
FIELDS = 73
SECONDS_PER_BLOCK = 12
REQUEST_MAX = 15 << 20

# In everything that a faulty node says; must be repeated nowhere.
PEER_TEXT = "Peer7Q7Words"

# Keys as 32 bytes; permit a bool; stakes in rao (total None: as stake).
Neuron = collections.namedtuple("Neuron", "hotkey coldkey permit stake total",
                                defaults=[None])


# --- SCALE -------------------------------------------------------------------

def compact(n):
    if n < 1 << 6:
        return bytes([n << 2])
    if n < 1 << 14:
        return (n << 2 | 1).to_bytes(2, "little")
    if n < 1 << 30:
        return (n << 2 | 2).to_bytes(4, "little")
    raw = n.to_bytes(max(4, (n.bit_length() + 7) // 8), "little")
    return bytes([len(raw) - 4 << 2 | 3]) + raw


def vec(items):
    items = list(items)
    return compact(len(items)) + b"".join(items)


def selective_metagraph(netuid, block, neurons, asked, fields=FIELDS):
    """Option<struct>: netuid, then for each numbered field an Option, None if
    it was not asked for.  So is netuid, which has no Option: then it is 0.
    Numbers that the runtime does not know are passed over."""
    def value(number):
        if number == 7:
            return compact(block)
        if number == 52:
            return vec(n.hotkey for n in neurons)
        if number == 53:
            return vec(n.coldkey for n in neurons)
        if number == 57:
            return vec(bytes([n.permit]) for n in neurons)
        if number == 67:
            return vec(compact(n.stake) for n in neurons)
        if number == 69:
            return vec(compact(n.stake if n.total is None else n.total)
                       for n in neurons)
        raise ValueError("a field that this node does not have")
    return b"\1" + compact(netuid if 0 in asked else 0) + b"".join(
        b"\1" + value(i) if i in asked else b"\0" for i in range(1, fields + 1))


def read_argument(raw):
    """u16 netuid and Vec<u16> of fields, of fewer than 64."""
    n = raw[2] >> 2
    if raw[2] & 3 or len(raw) != 3 + 2 * n:
        raise ValueError("argument")
    return int.from_bytes(raw[:2], "little"), [
        int.from_bytes(raw[3 + 2 * i:5 + 2 * i], "little") for i in range(n)]


# --- neurons -----------------------------------------------------------------

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def public_key(address):
    """The 32 bytes in an SS58 address of one prefix byte."""
    n = 0
    for letter in address:
        n = n * 58 + _ALPHABET.index(letter)
    raw = n.to_bytes(35, "big")
    if hashlib.blake2b(b"SS58PRE" + raw[:33]).digest()[:2] != raw[33:]:
        raise ValueError("not an SS58 address: " + address)
    return raw[1:33]


def from_document(document):
    """The neurons of snapshot import's form; on a chain a uid is an index."""
    rows = sorted(document["neurons"], key=lambda row: int(row["uid"]))
    if [int(row["uid"]) for row in rows] != list(range(len(rows))):
        raise ValueError("uids must be 0, 1, 2 ...")
    return [Neuron(public_key(row["hotkey"]), public_key(row["coldkey"]),
                   bool(row["permit"]), int(row["alpha_stake_rao"]),
                   int(row.get("total_stake_rao", row["alpha_stake_rao"])))
            for row in rows]


# --- the node ----------------------------------------------------------------

class RpcError(Exception):
    pass


class Node:
    """One node.  What a test may set, at any time:

    neurons, netuid, block (the finalized head), spec_version, fields
    told_block  the block that the metagraph names, if it is not its own
    told_time   the time of every block, in ms, if it does not follow the clock
    chain       another name is another chain: other block hashes
    hashes      height -> hash, where that is to be a certain one
    clock       tells the seconds at which the head was made
    fault       method, or "*" -> a name below; a list is used up, one a call
    delay       seconds, for "slow"
    retry_after the header of "429" and "503", or None
    backends    other nodes: this one is a balancer, and each new connection
                is the next one's
    redirect    where "redirect" points to
    dates       the Date headers of each answer; None: one, by the clock

    calls: the methods asked for; times: when, monotonic.

    Faults: slow silent drip reset 429 500 502 503 404 403 405 redirect half
    long short huge endless garbage trailing empty other-id no-result null error
    no-function, the number of a JSON-RPC error as text ("-32005") and, of a
    method's result, wrong.  A netuid other than the one asked for
    is "no such subnet"; with "netuid" in fault it is answered for."""

    def __init__(self, neurons, netuid=13, block=7000000, fields=FIELDS,
                 advance=0.0, port=0, tls=None, clock=time.time):
        self.neurons, self.netuid, self.fields = neurons, netuid, fields
        self.spec_version, self.chain, self.told_block = 454, "main", None
        self.clock, self.told_time, self.hashes = clock, None, {}
        self.fault, self.delay, self.redirect = {}, 0.5, ""
        self.dates = None
        self.retry_after, self.backends, self.connections = None, [], 0
        self.calls, self.times, self.tls_failures = [], [], 0
        self._first, self._start, self._advance = block, None, advance
        self._heights, self._cache = {}, (None, None)
        self._ends = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.node, self._server.tls = self, tls
        self.port = self._server.server_address[1]
        self.host = "127.0.0.1:%d" % self.port
        self.url = "%s://%s" % ("https" if tls else "http", self.host)
        self._start = time.monotonic()
        threading.Thread(target=self._server.serve_forever, args=(0.02,),
                         daemon=True).start()

    def stop(self):
        self._ends.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def block(self):
        if not self._advance:
            return self._first
        return self._first + int(
            (time.monotonic() - self._start) / self._advance)

    @block.setter
    def block(self, height):
        self._first, self._start = height, time.monotonic()

    @property
    def genesis(self):
        return self.hash_at(0)

    def time_ms(self, height):
        """When a block was made: the head now, those before it earlier."""
        if self.told_time is not None:
            return self.told_time
        return int(self.clock() * 1000) - \
            (self.block - height) * SECONDS_PER_BLOCK * 1000

    def hash_at(self, height):
        if height in self.hashes:
            return self.hashes[height]
        text = hashlib.blake2b(("%s %d" % (self.chain, height)).encode(),
                               digest_size=32).hexdigest()
        self._heights[text] = height
        return "0x" + text

    def _height_of(self, text):
        heights = {h[2:]: height for height, h in self.hashes.items()}
        heights.update(self._heights)
        height = heights.get(text[2:] if text.startswith("0x") else "")
        if height is None:
            raise RpcError(4003, "Client error: UnknownBlock: State already "
                           "discarded for " + text)
        return height

    # The calls.

    def chain_getFinalizedHead(self):
        return self.hash_at(self.block)

    def chain_getHeader(self, text):
        height = self._height_of(text)
        return {"parentHash": self.hash_at(height - 1),
                "number": hex(height), "stateRoot": "0x" + "11" * 32,
                "extrinsicsRoot": "0x" + "22" * 32, "digest": {"logs": []}}

    def chain_getBlockHash(self, height):
        return self.hash_at(height) if height <= self.block else None

    def state_getRuntimeVersion(self, text):
        self._height_of(text)
        return {"specName": "node-subtensor", "implName": "node-subtensor",
                "authoringVersion": 1, "specVersion": self.spec_version,
                "implVersion": 1, "apis": [], "transactionVersion": 1,
                "stateVersion": 1}

    def state_getStorage(self, key, text):
        height = self._height_of(text)
        if key != TIMESTAMP:
            return None
        return "0x" + max(self.time_ms(height), 0).to_bytes(8, "little").hex()

    def state_call(self, function, argument, text):
        if function != CALL:
            raise RpcError(4003, "Client error: Execution failed: Other: "
                           "Exported method %s is not found" % function)
        height = self._height_of(text)
        try:
            netuid, asked = read_argument(bytes.fromhex(argument[2:]))
        except (ValueError, IndexError):
            raise RpcError(4003, "Client error: Execution failed: Execution "
                           "aborted due to trap: wasm trap: wasm "
                           "`unreachable` instruction executed")
        if netuid != self.netuid and "netuid" not in self.fault:
            return "0x00"
        neurons = self.neurons
        if self.told_block is not None:
            height = self.told_block
        key = (id(neurons), len(neurons), self.netuid, height, tuple(asked),
               self.fields)
        if self._cache[0] != key:
            self._cache = (key, "0x" + selective_metagraph(
                self.netuid, height, neurons, asked, self.fields).hex(),
                neurons)
        return self._cache[1]

    def answer(self, request):
        if request["method"] not in METHODS:
            raise RpcError(-32601, "Method not found")
        return getattr(self, request["method"])(*request["params"])

    def fault_of(self, method):
        fault = self.fault.get(method, self.fault.get("*"))
        if isinstance(fault, list):
            fault = fault.pop(0) if fault else None
        return fault


METHODS = ("chain_getFinalizedHead", "chain_getHeader", "chain_getBlockHash",
           "state_getRuntimeVersion", "state_getStorage", "state_call")

# What "wrong" puts in place of a result.
WRONG = {
    "chain_getFinalizedHead": "0x" + "ab" * 31,
    "chain_getHeader": {"number": "0x" + "1" * 17},
    "chain_getBlockHash": ["0x" + "ab" * 32],
    "state_getRuntimeVersion": {"specVersion": PEER_TEXT},
    "state_getStorage": "0x" + "ab" * 7,
    "state_call": "0x01340",
}


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def finish_request(self, request, address):
        """TLS is spoken in the connection's own thread."""
        if self.tls is None:
            return super().finish_request(request, address)
        try:
            request.settimeout(10)
            with self.tls.wrap_socket(request, server_side=True) as wrapped:
                super().finish_request(wrapped, address)
        except OSError:
            self.node.tls_failures += 1

    def handle_error(self, request, address):
        """A client that has gone away is none of the tests' business."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1               # head and body in one packet

    def log_message(self, *args):
        pass

    def setup(self):
        super().setup()
        self.node = self.server.node
        self.node.connections += 1
        if self.node.backends:
            self.node = self.node.backends[
                (self.node.connections - 1) % len(self.node.backends)]

    def do_GET(self):
        self._send(b"Used HTTP Method is not allowed. POST is required", 405)

    def send_response(self, code, message=None):
        self.send_response_only(code, message)
        dates = self.node.dates
        if dates is None:
            dates = [email.utils.formatdate(self.node.clock(), usegmt=True)]
        for value in dates:
            self.send_header("Date", value)

    def _refuse(self, code, text, status=200):
        self._send(json.dumps({"jsonrpc": "2.0", "id": None, "error": {
            "code": code, "message": text}}).encode(), status)

    def do_POST(self):
        if self.headers.get_content_type() != "application/json":
            return self._send(b"Supplied content type is not allowed", 415)
        size = int(self.headers["Content-Length"])
        if size > REQUEST_MAX:
            self.close_connection = True
            return self._refuse(-32007, "Request is too big", 413)
        try:
            request = json.loads(self.rfile.read(size))
        except ValueError:
            return self._refuse(-32700, "Parse error")
        try:
            method = request["method"]
            if request["jsonrpc"] != "2.0" or "id" not in request or \
                    not isinstance(request["params"], list):
                raise ValueError
        except (KeyError, TypeError, ValueError):
            return self._refuse(-32600, "Invalid request")
        self.node.times.append(time.monotonic())
        self.node.calls.append(method)
        fault = self.node.fault_of(method)
        name = "fault_" + (fault or "").replace("-", "_")
        if fault in NAMED:
            return getattr(self, name)(request)
        if fault in HTTP_FAULTS:
            return self._send(PEER_TEXT.encode(), int(fault))
        self._send(self._document(request, fault))

    def _document(self, request, fault=None):
        """The answer's text; a fault of JSON or JSON-RPC may spoil it."""
        answer = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            result = self.node.answer(request)
            if fault == "null":
                result = None
            elif fault == "wrong":
                result = WRONG[request["method"]]
            elif fault == "error":
                raise RpcError(-32603, PEER_TEXT)
            elif fault and (fault[:1] == "-" or fault == "4003"):
                raise RpcError(int(fault), PEER_TEXT)
            elif fault == "no-function":
                raise RpcError(4003, "Client error: Execution failed: Other: "
                               "Function to start was not found. " + PEER_TEXT)
            answer["result"] = result
        except RpcError as e:
            answer["error"] = {"code": e.args[0], "message": e.args[1]}
        except (TypeError, ValueError, IndexError):
            answer["error"] = {"code": -32602, "message": "Invalid params"}
        if fault == "other-id":
            answer["id"] = 2
        elif fault == "no-result":
            answer = {"jsonrpc": "2.0", "id": request["id"],
                      PEER_TEXT: PEER_TEXT}
        text = json.dumps(answer).encode()
        if fault == "garbage":
            text = text[:-1] + PEER_TEXT.encode()
        elif fault == "trailing":
            text += PEER_TEXT.encode()
        elif fault == "empty":
            text = b""
        elif fault == "huge":
            text = text[:-1] + b" " * (40 << 20) + b"}"
        return text

    def _head(self, code, length, *more):
        self.send_response(code, None if code == 200 else PEER_TEXT)
        self.send_header("Content-Type", "application/json")
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in more:
            self.send_header(name, value)
        self.end_headers()

    def _send(self, text, code=200):
        self._head(code, len(text))
        self.wfile.write(text)
        self.wfile.flush()

    def _wait(self, seconds):
        self.node._ends.wait(seconds)

    def fault_slow(self, request):
        self._wait(self.node.delay)
        self._send(self._document(request))

    def fault_silent(self, request):
        self._wait(60)
        self.close_connection = True

    def fault_drip(self, request):
        """Always going on, never done."""
        self._head(200, 1000)
        while not self.node._ends.is_set():
            self.wfile.write(b" ")
            self.wfile.flush()
            self._wait(0.1)

    def _come_back(self, code):
        more = [] if self.node.retry_after is None else \
            [("Retry-After", self.node.retry_after)]
        self._head(code, 0, ("Connection", "close"), *more)
        self.close_connection = True

    def fault_429(self, request):
        self._come_back(429)

    def fault_503(self, request):
        self._come_back(503)

    def fault_reset(self, request):
        self.close_connection = True

    def fault_redirect(self, request):
        self._head(307, 0, ("Location", self.node.redirect))

    def _cut(self, request, cut, length):
        text = self._document(request)
        self._head(200, len(text) + length)
        self.wfile.write(text[:len(text) + cut])
        self.wfile.flush()
        self.close_connection = True

    def fault_half(self, request):
        self._cut(request, -len(self._document(request)) // 2, 0)

    def fault_long(self, request):
        self._cut(request, 0, 1)

    def fault_short(self, request):
        self._cut(request, 0, -1)

    def fault_endless(self, request):
        self._head(200, None, ("Transfer-Encoding", "chunked"))
        while not self.node._ends.is_set():
            self.wfile.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


HTTP_FAULTS = ("500", "502", "404", "403", "405")

NAMED = {name[len("fault_"):] for name in vars(_Handler)
         if name.startswith("fault_")}


# --- as a program ------------------------------------------------------------

def main():
    p = argparse.ArgumentParser(description="stand-in subtensor node")
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--neurons", required=True, metavar="FILE.json")
    p.add_argument("--netuid", type=int)
    p.add_argument("--block", type=int)
    p.add_argument("--fields", type=int, default=FIELDS)
    p.add_argument("--advance", type=float, default=0.0,
                   metavar="SECONDS_PER_BLOCK")
    args = p.parse_args()
    signals = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        with open(args.neurons) as f:
            document = json.load(f)
        node = Node(
            from_document(document), port=args.port, fields=args.fields,
            advance=args.advance,
            netuid=document.get("netuid", 13) if args.netuid is None
            else args.netuid,
            block=int(document.get("block", 7000000)) if args.block is None
            else args.block)
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as e:
        sys.exit("node.py: %s" % e)
    print(node.port, flush=True)
    signal.sigwait(signals)
    os._exit(0)


if __name__ == "__main__":
    main()
