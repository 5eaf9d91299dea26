#!/usr/bin/python3
"""Each endpoint refuses what the document of the API says that it can refuse at
any endpoint: the request's form, the address, the proof, the caller, limits.
tests/last/answers.t wants each refusal from each endpoint that declares it."""

import http.server
import json
import os
import subprocess
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import bucket
import document
import endpoint
import fcgi
import tap
import world
from validators import LEAST, RAO, Validators
from world import NOW, Key, ss58

D = document.Document()


class Empty(http.server.BaseHTTPRequestHandler):
    """A store that has nothing."""

    def do_HEAD(self):
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_):
        pass


store = bucket.serve(http.server.ThreadingHTTPServer, Empty)
threading.Thread(target=store.serve_forever, args=(0.01,),
                 daemon=True).start()
RECEIVER = Key("receiver").ss58
w = Validators(auth_receiver=RECEIVER, metrics_allow="192.0.2.7",
               s3_endpoint="http://127.0.0.1:%d" % store.server_port,
               s3_public_endpoint="http://store.test:9000")
w.edwards = Key("an ed25519 hotkey", "ed25519")
ROLE = {name: D.operation(name)["tags"][0] for name in D.names()}
CALLERS = sorted(name for name in ROLE if ROLE[name] in ("miner", "validator"))
LARGE = 1310721


def neurons():
    plain = Validators.neurons(w)
    return plain + [{"uid": 30, "hotkey": w.edwards.ss58,
                     "coldkey": w.owner, "permit": True,
                     "alpha_stake_rao": str(LEAST * RAO + 1)}]


w.neurons = neurons
w.snapshot()
bucket.index_of(w, [b"data/hotkey=%s/job_id=a/b" % w.miner.ss58.encode()])


def declares(name, code):
    """Does an endpoint declare it, so that the test must see it?"""
    def codes(schema):
        for one in schema.get("oneOf", [schema]):
            yield one["properties"]["code"]["const"]
    for status in D.operation(name)["responses"]:
        if "application/json" not in D.response(name, status)["content"]:
            continue
        part = D.response(name, status)["content"]["application/json"]
        if status != "200" and code in codes(part["schema"]):
            return True
    return False


def takes(name, proof):
    """text, X-Tao or X-Bittensor: may that be the proof?"""
    ways = D.operation(name)["security"]
    return {} in ways if proof == "text" else any(
        header.startswith(proof) for way in ways for header in way)


def key_of(name):
    return w.miner if ROLE[name] == "miner" else w.validator


def fields(name):
    """The fields of its own that a request needs."""
    if name == "get-file-upload-url":
        return {"job_id": "a", "filename":
                "data_20260101_000000_1_0123456789abcdef.parquet"}
    if name in ("get-miner-list", "get-miner-specific-access"):
        return {"miner_hotkey": w.miner.ss58}
    if name == "get-file-presigned-urls":
        return {"miner_hotkey": w.miner.ss58, "file_keys": [w.folder + "a"]}
    return {}


def text(name, key=None, **more):
    """A body with a signed text."""
    key = key or key_of(name)
    if ROLE[name] == "miner":
        return w.request(key, **more)
    return w.asks(name, key, **{**fields(name), **more})


def by_text(name, key=None, env=None, **more):
    return w.post(text(name, key, **more), name, **(env or {}))


def btauth(name, key=None, **more):
    return w.btauth(name, fields(name), key or key_of(name), **more)


def tao(name, key=None, **more):
    """X-Tao headers, which most endpoints take only if they must."""
    with w.settings(auth_tao_everywhere="yes"):
        body = fields(name) or {"coldkey" if ROLE[name] == "miner" else
                                "miners": w.owner if ROLE[name] == "miner"
                                else True}
        return w.headed(name, body, key or key_of(name), **more)


def prove(name, key=None, **more):
    """As clients of the endpoint do."""
    return (by_text if takes(name, "text") else btauth)(name, key, **more)


def each(t, code, ask, names=None):
    """Every endpoint that declares the code answers it."""
    bad, n = [], 0
    for name in names or sorted(D.names()):
        if not declares(name, code):
            continue
        n += 1
        a = ask(name)
        if a.json is None or a.json.get("code") != code:
            bad.append("%s: %s" % (name, a))
    t.none(bad, "every endpoint that declares %s answers it (%d)" % (code, n))


# --- the request -------------------------------------------------------------------

def variables(name, **more):
    method = D.names()[name]
    return {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": method,
            "REMOTE_ADDR": "192.0.2.7", **w.env(), **more}


def run(name, env, body=b""):
    return endpoint.cgi(name, env, body, allow=D.names()[name])


def slow(name, answers):
    """Announce a byte more than is sent, and stay connected."""
    p = subprocess.Popen(
        [os.path.join(endpoint.BUILD, "test", "cgi-bin", name)],
        env=variables(name, CONTENT_LENGTH="2"), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    p.stdin.write(b"{")
    p.stdin.flush()
    out, err = p.stdout.read(), p.stderr.read()
    answers[name] = endpoint.Answer(endpoint.Result(p.wait(), out, err),
                                    D.names()[name], name)
    p.stdin.close()


def form(t):
    each(t, "incomplete_body", lambda name: run(
        name, variables(name, CONTENT_LENGTH="9"), b"{"))
    each(t, "invalid_header", lambda name: run(
        name, [*variables(name).items(), ("REMOTE_ADDR", "192.0.2.8")]))
    each(t, "method_not_allowed", lambda name: run(
        name, variables(name, REQUEST_METHOD="PUT")))
    with w.settings(cors_origins="https://app.example"):
        each(t, "origin_not_allowed", lambda name: run(name, variables(
            name, REQUEST_METHOD="OPTIONS", HTTP_ORIGIN="https://x.example",
            HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST")))
    each(t, "body_too_large", lambda name: run(
        name, variables(name, CONTENT_LENGTH=str(LARGE)), b" " * LARGE))
    each(t, "internal", lambda name: run(
        name, variables(name, FOLDERGATE_CONFIG="/nowhere")))
    answers = {}
    threads = [threading.Thread(target=slow, args=(name, answers))
               for name in D.names()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    each(t, "body_timeout", answers.get)
    each(t, "invalid_request", lambda name: w.post(b"[]", name))


# --- the address -------------------------------------------------------------------

def address(t):
    each(t, "no_client_address", lambda name: w.post(
        b"{}", name, REMOTE_ADDR=None))
    with w.settings(limits_address_per_minute=1, limits_address_burst=1):
        def twice(name):
            at = "198.51.100.%d" % (1 + CALLERS.index(name))
            w.post(b"{}", name, REMOTE_ADDR=at)
            return w.post(b"{}", name, REMOTE_ADDR=at)
        each(t, "address_limit", twice)
    r = w.cli("deny", "add", "--address", "203.0.113.9", "--reason", "a test",
              "--for", "1h")
    t.same(r.status, 0, "an address is denied for the tests after this")
    each(t, "denied", lambda name: w.post(b"{}", name,
                                          REMOTE_ADDR="203.0.113.9"))
    w.cli("deny", "remove", "--address", "203.0.113.9")
    each(t, "unauthorized", lambda name: run(
        name, variables(name, REMOTE_ADDR="203.0.113.9")))


# --- the proof ---------------------------------------------------------------------

def kind(t):
    def both(name):
        body = json.dumps(fields(name)).encode()
        return w.btauth(name, body, key_of(name), **{
            "HTTP_" + k.upper().replace("-", "_"): v for k, v in
            key_of(name).tao(body, NOW * 1000).items()})
    each(t, "two_proofs", both)
    with w.settings(auth_schemes="tao"):
        each(t, "scheme_disabled", btauth)
    each(t, "tao_not_accepted", lambda name: w.headed(
        name, {"x": 1}, key_of(name)))
    each(t, "no_request_target", lambda name: btauth(name, REQUEST_URI=None))


OTHER = ss58(bytes(range(32)), 0)       # an address of Polkadot's


def headers(t):
    """What is wrong with one header, of either kind."""
    for kind, ask, cases in [
            ("X-Tao", tao, [
                ("unsupported_version", {"X-Tao-Version": "3"}),
                ("invalid_timestamp", {"X-Tao-Timestamp": "x"}),
                ("request_too_old", {"X-Tao-Timestamp": str(NOW * 1000 -
                                                            8001)}),
                ("invalid_nonce", {"X-Tao-Nonce": "x"}),
                ("other_network", {"X-Tao-Signed-By": OTHER}),
                ("invalid_encoding", {"X-Tao-Signature": "!"}),
                ("invalid_signature", {"X-Tao-Signature": "A" * 86 + "=="}),
                ("hotkey_kind", {"X-Tao-Signed-By": w.edwards.ss58})]),
            ("X-Bittensor", btauth, [
                ("unsupported_version", {"X-Bittensor-Version": "2"}),
                ("invalid_hotkey", {"X-Bittensor-Hotkey": "x"}),
                ("other_network", {"X-Bittensor-Hotkey": OTHER}),
                ("invalid_nonce", {"X-Bittensor-Nonce": "x"}),
                ("unsupported_crypto", {"X-Bittensor-Crypto": "rsa"}),
                ("invalid_encoding", {"X-Bittensor-Signature": "x"}),
                ("invalid_signature", {"X-Bittensor-Signature": "0" * 128}),
                ("receiver_mismatch", {"X-Bittensor-Receiver": OTHER}),
                ("request_too_old", {"X-Bittensor-Nonce": str(
                    (NOW - 11) * 10**9)}),
                ("request_too_early", {"X-Bittensor-Nonce": str(
                    (NOW + 3) * 10**9)})])]:
        for code, change in cases:
            each(t, code, lambda name: ask(name, change=change),
                 [name for name in CALLERS if takes(name, kind)])
    each(t, "invalid_target", lambda name: btauth(name, target="*"))


# --- the caller --------------------------------------------------------------------

def caller(t):
    by = [name for name in CALLERS if takes(name, "text")]
    each(t, "invalid_timestamp", lambda name: by_text(
        name, timestamp=NOW - 9999), by)
    each(t, "invalid_signature", lambda name: by_text(name, words="x"), by)
    each(t, "hotkey_kind", lambda name: by_text(name, w.edwards), by)
    each(t, "not_registered", lambda name: prove(name, w.stranger))
    each(t, "not_registered", lambda name: btauth(name, w.stranger))
    each(t, "no_permit", lambda name: prove(name, w.no_permit))
    each(t, "no_permit", lambda name: btauth(name, w.no_permit))
    each(t, "low_stake", lambda name: prove(name, w.low_stake))
    each(t, "low_stake", lambda name: btauth(name, w.low_stake))
    each(t, "coldkey_mismatch", lambda name: prove(name, coldkey=w.owner2))
    with w.settings(access_layouts="coldkey"):
        each(t, "layout_disabled", prove)
    with w.settings(access_file_uploads="no"):
        each(t, "not_found", btauth, ["get-file-upload-url"])


# --- what the service keeps --------------------------------------------------------

def kept(t):
    empty = w.path("empty")
    os.mkdir(empty)
    with w.settings(state_directory=empty, state_shared=w.state):
        each(t, "no_identity", prove)
    with w.time(NOW + 30 * 86400):
        each(t, "stale", prove)
    with w.settings(state_redis_url="unix://" + w.path("no-redis")):
        each(t, "ledger_unavailable", prove)
    with w.settings(audit_key_file=w.secret("audit.key", "k" * 32),
                    audit_required="yes",
                    audit_file=w.path("nowhere/audit.log")):
        each(t, "audit_unavailable", prove)

    # A ledger that is born with the first of these requests.
    fresh = w.path("fresh")
    os.mkdir(fresh)
    with w.settings(state_shared=fresh, limits_replay="refuse"):
        each(t, "signed_too_early", prove)


def spent(t):
    with w.settings(limits_replay="refuse"):
        def twice(name):
            if takes(name, "text"):
                body = json.dumps(text(name, timestamp=NOW - 7)).encode()
                w.post(body, name)
                return w.post(body, name)
            body = json.dumps(fields(name)).encode()
            variables = {"HTTP_" + n.upper().replace("-", "_"): v for n, v in
                         key_of(name).btauth(RECEIVER, "/" + name, body,
                                             (NOW - 7) * 10**9).items()}
            w.post(body, name, REQUEST_URI="/" + name, **variables)
            return w.post(body, name, REQUEST_URI="/" + name, **variables)
        each(t, "replay_detected", twice)
    one = {"limits_" + kind: 1 for kind in (
        "folder_grants", "file_grants", "validator_answers",
        "validator_urls")}
    with w.settings(**one):
        def again(name):
            prove(name)
            return prove(name)
        each(t, "daily_limit", again)
        with w.settings(limits_coldkey_times=1):
            def of_one_owner(name):
                prove(name)
                return prove(name, w.sibling if ROLE[name] == "miner" else
                             w.idle)
            each(t, "coldkey_limit", of_one_owner)
    with w.settings(limits_miner_total=1, limits_validator_total=1,
                    limits_free_requests=0):
        each(t, "global_limit", again)


def revoked(t):
    """A key pair that is revoked while programs run: see rotation.t."""
    both = w.secret("both.pair", "BOTHKEY:a/secret/that/is/revoked")
    clock = w.set_clock("clock", NOW)
    names = [name for name in CALLERS if declares(name, "key_revoked")]
    with w.settings(s3_access_key_id=None, s3_secret_access_key_file=None,
                    s3_key_pair_file=both):
        running = {name: fcgi.Service(w, name, now=clock) for name in names}

        def post(body, name, **headers):
            raw = body if isinstance(body, bytes) else \
                json.dumps(body).encode()
            return running[name].ask({**fcgi.post(raw), **headers}, raw)

        def after(name):
            # Two looks at what has changed, a second apart, then a grant.
            for seconds in 1, 2, 3:
                with w.time(NOW + seconds):
                    w.set_clock("clock", w.now)
                    answer = prove(name)
            return answer

        w.post = post
        try:
            t.none([a for a in map(prove, names) if a.code != 200],
                   "every endpoint signs with a pair that is not revoked")
            w.write("both.pair", "revoked:BOTHKEY\n", 0o600)
            each(t, "key_revoked", after, names)
        finally:
            del w.post
            for service in running.values():
                service.stop()


if __name__ == "__main__":
    tap.run([form, address, kind, headers, caller, kept, spent, revoked],
            endpoint.check_outputs)
