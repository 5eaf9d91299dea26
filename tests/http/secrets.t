#!/usr/bin/python3
"""No secret is in any answer, log, audit line, file of state, environment or
core, after every endpoint and every kind of failure has had its turn."""

import atexit
import contextlib
import glob
import json
import os
import re
import resource
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import bucket
import endpoint
import fcgi
import servers
import tap
import validators

MARK = "CanaryThatNobodyMayShow"
NAMES = sorted(os.path.basename(path)[:-2]
               for path in glob.glob("cgi-bin/*.c"))
secrets = {name: "%s-%s-0123456789abcdef" % (MARK, name) for name in (
    "shared", "upload", "read", "audit", "redis", "node", "environment",
    "pair", "metrics", "sentinel")}
signatures = set()

w = validators.Validators()
os.mkdir(w.path("keys"))
os.mkdir(w.path("logs"))


def secret(name):
    return w.secret("keys/" + name, secrets[name])


w.configure(
    s3_secret_access_key_file=secret("shared"),
    s3_upload_access_key_id="UPLOADKEYID",
    s3_upload_secret_access_key_file=secret("upload"),
    s3_read_access_key_id="READKEYID",
    s3_read_secret_access_key_file=secret("read"),
    audit_key_file=secret("audit"), metrics_token_file=secret("metrics"),
    log_to=w.path("logs/log"),
    log_requests="all", cors_origins="*")
REDIS = {"state_redis_url": "unix://" + w.path("no.sock"),
         "state_redis_password_file": secret("redis")}
SENTINEL = {"state_redis_sentinels": "127.0.0.1:1, 127.0.0.1:2, 127.0.0.1:3",
            "state_redis_password_file": w.path("keys/redis"),
            "state_redis_sentinel_password_file": secret("sentinel")}
PAIRS = {"s3_%s" % name: None for name in (
    "access_key_id", "secret_access_key_file", "upload_access_key_id",
    "upload_secret_access_key_file", "read_access_key_id",
    "read_secret_access_key_file")}
for role in "upload", "read":
    PAIRS["s3_%s_key_pair_file" % role] = w.secret(
        "keys/%s.pair" % role, "%sPAIRID:%s" % (role.upper(), secrets["pair"]))
NODE = "http://127.0.0.1:1/%s?token=%s" % (secrets["node"], secrets["node"])
w.snapshot()
bucket.index_of(w, [])


def signed(body):
    """A body whose signature must not be seen again."""
    signatures.add(body["signature"])
    return json.dumps(body).encode()


def bodies(name):
    """Good and bad bodies for an endpoint."""
    if name == "get-folder-access":
        yield signed(w.request())
        yield signed(w.request(source="x"))
        yield signed(w.request(key=w.stranger))
        yield signed(w.request(coldkey=w.owner2))
        yield signed(w.request(words="x"))
        yield signed(w.request(timestamp=w.now - 9999))
        yield signed(w.request(expiry=1))
    else:
        for key in w.validator, w.no_permit, w.low_stake, w.stranger:
            yield signed(w.asks(name, key, miner_hotkey=w.miner.ss58))
        yield signed(w.asks(name, words="x", miner_hotkey=w.miner.ss58))
        yield signed(w.asks(name))
    good = w.request()
    for body in (b"", b"{}", b"[", b'{"signature":"%s"}' % MARK.encode(),
                 signed({**good, "timestamp": MARK}),
                 signed({**good, "hotkey": MARK}), signed(good)[:-1]):
        yield body


def headers(name, body):
    """X-Tao and X-Bittensor headers as variables; and what is no header."""
    key = w.miner if name == "get-file-upload-url" else w.validator
    for made in (key.tao(body, w.now * 1000), key.tao(body, 1),
                 key.btauth(w.owner, "/" + name, body, w.now * 10**9)):
        signatures.update(v for n, v in made.items() if "Signature" in n)
        yield {"HTTP_" + n.upper().replace("-", "_"): v
               for n, v in made.items()}
    yield {"HTTP_X_TAO_SIGNATURE": MARK, "HTTP_X_BITTENSOR_SIGNATURE": MARK}
    yield {"HTTP_AUTHORIZATION": "Bearer " + MARK, "HTTP_COOKIE": MARK,
           "HTTP_X_REQUEST_ID": MARK + "\n", "HTTP_REFERER": MARK,
           "HTTP_ORIGIN": "https://" + MARK, "QUERY_STRING": MARK,
           "HTTP_X_FORWARDED_FOR": MARK}


def ask_all():
    """Their answers."""
    for name in NAMES:
        yield w.get(name)
        for token in secrets["metrics"], secrets["metrics"] + "x":
            yield w.get(name, HTTP_AUTHORIZATION="Bearer " + token)
        yield w.get(name, HTTP_ORIGIN="https://x.example",
                    HTTP_ACCESS_CONTROL_REQUEST_METHOD="GET",
                    method="OPTIONS")
        for body in bodies(name) if name.startswith("get-") else ():
            yield w.post(body, name)
        upload = json.dumps({"job_id": "default_0",
                             "filename": "a.parquet"}).encode()
        for more in headers(name, upload):
            yield w.post(upload, name, **more)


def everything(t):
    """Every endpoint, well and with each part of the installation broken."""
    answers, broken = list(ask_all()), []
    codes = {a.code for a in answers}
    t.ok({200, 400, 401, 405, 422, 503} <= codes,
         "%d requests had answers of all kinds" % len(answers), codes)
    t.none([a for a in answers if any(
        text in a.text + a.log for text in (MARK, *signatures))],
           "no answer has a secret, a signature that was sent, or the mark")
    body = signed(w.request())
    for settings in (
            REDIS, SENTINEL, PAIRS,
            {**PAIRS, "s3_upload_key_pair_file": w.path("keys/read")},
            {"metrics_token_file": w.path("none")}, {"s3_upload_secret_access_key_file": w.path("none")},
            {"s3_read_secret_access_key_file": w.path("keys")},
            {"audit_key_file": w.path("none")}, {"audit_required": "yes",
                                                 "audit_file": w.path("keys")},
            {"state_directory": w.path("none")},
            {"s3_endpoint": "http://%s/x" % secrets["node"]},
            {"chain_max_age_s": 1}, {"limits_folder_grants": 0}):
        with w.settings(**settings), w.time(w.now + 60):
            broken += [w.post(body).code, w.get("readyz").code,
                       w.get("healthcheck").code, w.get("metrics").code]
    t.ok({500, 503} <= set(broken),
         "with a part broken, requests fail", set(broken))
    with w.settings(s3_secret_access_key_file=None,
                    s3_upload_access_key_id=None, s3_read_access_key_id=None,
                    s3_upload_secret_access_key_file=None,
                    s3_read_secret_access_key_file=None):
        a = w.post(signed(w.request()), env={
            **w.env(), "FOLDERGATE_S3_SECRET_ACCESS_KEY":
            secrets["environment"]})
        t.ok(a.code == 200 and "secret_in_environment" in
             read(w.path("logs/log")),
             "a secret of the environment signs, with a warning", a)
    endpoint.never.update(secrets.values())


def read(path):
    with open(path, errors="replace") as f:
        return f.read()


def tools(t):
    """The programs for operators, and those that ask others."""
    with w.settings(chain_endpoints=NODE, **REDIS):
        runs = [w.cli("check-config"), w.cli("usage")]
        for name in "chain-sync", "bucket-sync":
            runs.append(endpoint.program(
                os.path.join(endpoint.BUILD, "test", "bin", name), ["--once"],
                env=w.env()))
    runs += [w.cli("check-config"), w.cli("audit", "verify"),
             w.cli("audit", "head"), w.cli("explain", w.miner.ss58),
             w.cli("usage")]
    t.ok(len({r.status for r in runs}) > 1 and all(r.out or r.err
                                                   for r in runs),
         "the tools report on good and bad settings")
    t.none([r for r in runs if MARK in r.text + r.log],
           "no tool shows a secret or the token of a node's URL")


def processes(t):
    """What a process shows of itself, while it runs and when it dies."""
    where = w.path("cores")
    os.mkdir(where)
    before = os.getcwd(), resource.getrlimit(resource.RLIMIT_CORE)
    with w.settings(s3_secret_access_key_file=None,
                    s3_upload_access_key_id=None, s3_read_access_key_id=None,
                    s3_upload_secret_access_key_file=None,
                    s3_read_secret_access_key_file=None):
        resource.setrlimit(resource.RLIMIT_CORE, (before[1][1],) * 2)
        os.chdir(where)
        try:
            s = fcgi.Service(w, "get-folder-access", now=w.now, env={
                "FOLDERGATE_S3_SECRET_ACCESS_KEY": secrets["environment"]})
        finally:
            os.chdir(before[0])
            resource.setrlimit(resource.RLIMIT_CORE, before[1])
        body = signed(w.request())
        a = s.ask(fcgi.post(body), body)
    pid = s.processes[0].pid
    shown = {}
    for name in "environ", "cmdline", "comm", "status", "limits":
        with open("/proc/%d/%s" % (pid, name), "rb") as f:
            shown[name] = f.read()
    t.ok(a.code == 200 and b"FOLDERGATE_CONFIG" in shown["environ"],
         "a process that signs runs, and its environment can be looked at", a)
    t.none([name for name, data in shown.items() if MARK.encode() in data],
           "no secret is in what /proc shows of a process")
    os.kill(pid, signal.SIGSEGV)
    status = s.ends(s.processes[0], 5)
    t.ok(status == -signal.SIGSEGV and os.listdir(where) == [] and
         re.search(rb"^Max core file size +0 +0 ", shown["limits"], re.M),
         "a process that is killed by a signal leaves no core", status,
         os.listdir(where), shown["limits"])
    with open(s.log_path, "rb") as f:
        t.ok(MARK.encode() not in f.read(), "its standard error has no secret")
    s.stop()


def cores(t):
    """Every program that stays, and its children, when they abort."""
    where = w.path("aborted")
    os.mkdir(where)
    running = []

    def unlimited():
        most = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (most, most))
        os.chdir(where)

    def limit(pid):
        with open("/proc/%d/limits" % pid) as f:
            return re.search(r"^Max core file size +(\S+)", f.read(), re.M)[1]
    for name in NAMES:
        s = fcgi.Service(w, name, count=0, now=w.now)
        s.start(preexec_fn=unlimited)
        s.ask({"REQUEST_METHOD": "GET"}, allow="POST")
        running += [(name, pid) for pid in [s.processes[0].pid] +
                    servers.descendants(s.processes[0].pid)]
    store = bucket.Store()
    with w.settings(s3_endpoint=store.url, chain_endpoints=NODE):
        for name in "chain-sync", "bucket-sync":
            p = subprocess.Popen(
                [os.path.join(endpoint.BUILD, "bin", name)], env=w.env(),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, preexec_fn=unlimited)
            atexit.register(p.kill)
            running.append((name, p.pid))
            servers.until(lambda: limit(running[-1][1]) == "0", 10)
    t.none(["%s %s" % (name, limit(pid)) for name, pid in running
            if limit(pid) != "0"], "none of %d processes may leave a core" %
           len(running))
    for _, pid in running:
        # A child may have ended with its program.
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGABRT)
    t.ok(servers.until(lambda: not any(servers.started(pid)
                                       for _, pid in running), 10),
         "each program ends when it aborts")
    store.stop()
    t.same(os.listdir(where), [], "no program that aborts leaves a core")


def files(t):
    """All that was written, by name."""
    bad, size = [], 0
    for top, _, names in os.walk(w.dir):
        for name in names:
            path = os.path.join(top, name)
            if top == w.path("keys") or name == "foldergate.conf" or \
                    not os.path.isfile(path):
                continue
            with open(path, "rb") as f:
                data = f.read()
            size += len(data)
            bad += ["%s holds %s" % (path, text[:40]) for text in
                    [MARK, *signatures] if text.encode() in data]
            # The ledger keeps the bytes of a signature.
            for text in signatures:
                url = b"X-Amz-Signature=" in data or b"x-amz-sig" in data
                if url:
                    bad.append("%s holds a signed URL" % path)
                    break
    t.ok(size > 100000 and len(signatures) > 50,
         "%d signatures were sent, and files have more than 100 KB" %
         len(signatures), size)
    t.none(bad, "no file that was written has a secret, a signature or a URL")


if __name__ == "__main__":
    tap.run([everything, tools, processes, cores, files], endpoint.check_outputs)
