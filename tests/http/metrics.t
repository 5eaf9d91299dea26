#!/usr/bin/python3
"""GET /metrics: who may ask, what is in it, and what happens without the file
of counts."""

import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import fcgi
import servers
import tap
import world
from metrics import OPEN, TEXT, Metrics, table
from validators import Validators

TOKEN = "a token of enough bytes"
ADDRESS = "198.51.100.9"

w = world.World(limits_replay=None)
w.snapshot()
FILE = w.secret("metrics.token", TOKEN)


def ask(**more):
    return w.get("metrics", **more)


def bearer(token=TOKEN, **more):
    return ask(HTTP_AUTHORIZATION="Bearer " + token, **more)


def refused(a):
    return endpoint.refusal_wrong(a, 401, "unauthorized", "Unauthorized",
                                  [TOKEN]) + (
        [] if a.header.get("WWW-Authenticate") == "Bearer" else
        ["WWW-Authenticate: %r" % a.header.get("WWW-Authenticate")])


def granted(a):
    return list(a.wrong) + (
        [] if a.code == 200 and a.header["Content-Type"] == TEXT and
        b"foldergate_build_info" in a.body else [str(a)])


# --- who may ask -------------------------------------------------------------

def nobody(t):
    for text, a in [("without a token", bearer("")),
                    ("with a token", bearer()),
                    ("from this machine", ask(REMOTE_ADDR="127.0.0.1"))]:
        t.none(refused(a), "metrics are refused if neither setting is set: " +
               text)


def by_token(t):
    with w.settings(metrics_token_file=FILE):
        t.none(granted(bearer()), "metrics are given for the token")
        t.none(granted(ask(HTTP_AUTHORIZATION="bearer  " + TOKEN)),
               "the name of the scheme may be in small letters")
        for text, value in [
                ("no header", None), ("an empty header", ""),
                ("the token alone", TOKEN), ("another scheme",
                                             "Basic " + TOKEN),
                ("no token", "Bearer "), ("no blank", "Bearer" + TOKEN),
                ("a shorter token", "Bearer " + TOKEN[:-1]),
                ("a longer token", "Bearer " + TOKEN + "x"),
                ("another token", "Bearer " + TOKEN[:-1] + "x"),
                ("capitals", "Bearer " + TOKEN.upper()),
                ("a blank after it", "Bearer " + TOKEN + " ")]:
            a = ask() if value is None else ask(HTTP_AUTHORIZATION=value)
            t.none(refused(a), "metrics are refused: " + text)
        a = endpoint.cgi("metrics", [
            ("GATEWAY_INTERFACE", "CGI/1.1"), ("REQUEST_METHOD", "GET"),
            *w.env().items(), ("HTTP_AUTHORIZATION", "Bearer " + TOKEN),
            ("HTTP_AUTHORIZATION", "Bearer x")], allow="GET")
        t.none(endpoint.refusal_wrong(a, 400, "invalid_header"),
               "a header Authorization that is there twice is refused")


def changed(t):
    with w.settings(metrics_token_file=FILE):
        s = fcgi.Service(w, "metrics", now=w.now)
        def asked(token):
            return s.ask({"REQUEST_METHOD": "GET", "HTTP_AUTHORIZATION":
                          "Bearer " + token}, allow="GET").code
        t.same([asked(TOKEN), asked("the next token of 27 bytes")],
               [200, 401], "a process knows its token")
        w.secret("new.token", "the next token of 27 bytes")
        os.rename(w.path("new.token"), FILE)
        t.same([asked(TOKEN), asked("the next token of 27 bytes")],
               [401, 200], "a process knows a token that was changed")
        w.secret("metrics.token", TOKEN)
        s.stop()


def bad_token(t):
    for text, path in [("that is too short", w.secret("short", "x" * 15)),
                       ("that is not there", w.path("none")),
                       ("that others may read",
                        w.secret("open", "y" * 32, 0o644))]:
        with w.settings(metrics_token_file=path):
            a = bearer("x" * 15)
            t.none(endpoint.refusal_wrong(a, 500, "internal", exit_status=1),
                   "metrics are refused with a token file " + text)
            r = w.cli("check-config")
            t.ok(r.status == 0 and "(token_unreadable)" in r.text,
                 "check-config warns of a token file " + text, r)
            a = w.get("readyz")
            t.ok(a.code == 200 and "token_unreadable" in a.json["reasons"],
                 "readyz warns of a token file " + text, a)


def lost_token(t):
    """A token file that is gone while the program runs."""
    path = w.secret("lost", "z" * 32)
    with w.settings(metrics_token_file=path):
        s = fcgi.Service(w, "metrics", now=w.now)

        def ask_it():
            return s.ask({"REQUEST_METHOD": "GET", "REMOTE_ADDR": ADDRESS,
                          "HTTP_AUTHORIZATION": "Bearer " + "z" * 32},
                         allow="GET")
        good = ask_it()
        os.unlink(path)
        bad = []
        for _ in range(5):
            bad += endpoint.refusal_wrong(ask_it(), 503, "token_unreadable")
        t.none(bad + [good] * (good.code != 200),
               "metrics are refused while the token file is gone: 503")
        events = [json.loads(line)["event"] for line in s.log().splitlines()]
        t.same([e for e in events if e in ("refuses_all", "secret_refused")],
               ["refuses_all"], "that the token file is gone is logged once")
        w.secret("lost", "z" * 32)
        t.same(ask_it().code, 200, "a token file that is back is used")
        s.stop()


def by_address(t):
    with w.settings(metrics_allow="198.51.100.0/24, 2001:db8::1"):
        for a in ADDRESS, "2001:db8::1", "::ffff:198.51.100.1":
            t.none(granted(ask(REMOTE_ADDR=a)),
                   "metrics are given to the address " + a)
        for a in "192.0.2.7", "2001:db8::2", "127.0.0.1":
            t.none(refused(ask(REMOTE_ADDR=a)),
                   "metrics are refused to the address " + a)
        t.none(refused(ask(REMOTE_ADDR="192.0.2.7",
                           HTTP_X_FORWARDED_FOR=ADDRESS)),
               "an X-Forwarded-For that nobody vouches for opens nothing")
        t.none(endpoint.refusal_wrong(ask(REMOTE_ADDR=""), 503,
                                      "no_client_address"),
               "metrics are refused to a client without an address")
    with w.settings(metrics_allow=ADDRESS, web_trusted_proxies="192.0.2.7"):
        t.none(granted(ask(REMOTE_ADDR="192.0.2.7",
                           HTTP_X_FORWARDED_FOR=ADDRESS)),
               "the address that a trusted proxy names is the client's")
        t.none(refused(ask(REMOTE_ADDR="192.0.2.7")),
               "the trusted proxy itself is not let in")
    with w.settings(metrics_allow=ADDRESS, metrics_token_file=FILE):
        t.none(granted(bearer(REMOTE_ADDR=ADDRESS)),
               "metrics are given for the token and the address")
        t.none(refused(ask(REMOTE_ADDR=ADDRESS)),
               "the address alone is not enough if a token is set, too")
        t.none(refused(bearer(REMOTE_ADDR="192.0.2.7")),
               "the token alone is not enough if addresses are set, too")
    for value in "unix", "0.0.0.0/0", "example.org":
        with w.settings(metrics_allow=value):
            t.ok(w.cli("check-config").status == 1,
                 "metrics.allow = %s is refused" % value)


# --- what is in it -----------------------------------------------------------

def text_of(a):
    return a.body.decode()


def forms(t):
    with w.settings(metrics_token_file=FILE):
        w.post(w.request())
        plain, is_open = bearer(), bearer(
            HTTP_ACCEPT="application/openmetrics-text;version=1.0.0,"
            "text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
    t.same(is_open.header["Content-Type"], OPEN,
           "a client that accepts OpenMetrics gets it")
    a, b = Metrics(text_of(plain)), Metrics(text_of(is_open), True)
    t.same(sorted({name for name, _ in b.samples}),
           sorted({name for name, _ in a.samples}),
           "both forms have the same names")
    t.same({k: v for k, v in b.samples.items()
            if dict(k[1]).get("endpoint") == "get-folder-access"},
           {k: v for k, v in a.samples.items()
            if dict(k[1]).get("endpoint") == "get-folder-access"},
           "both forms have the same values")
    rows = table()
    have = {f.name + ("_total" if f.type == "counter" else ""):
            (f.type, f.documentation) for f in a.families}
    t.none(["%s: %r, not %r" % (name, have.get(name), (kind, words))
            for name, (kind, _, words) in rows.items()
            if have.get(name) != (kind, words) and name not in ABSENT] +
           [name for name in have if name not in rows],
           "all that metrics.def has is in the answer, and nothing else")
    t.ok(len(rows) > 25, "the table of metrics is read", rows)


# Without an index there is no age of it.
ABSENT = ["foldergate_index_age_seconds"]


def methods(t):
    with w.settings(metrics_token_file=FILE):
        a = w.get("metrics", method="POST",
                  HTTP_AUTHORIZATION="Bearer " + TOKEN)
        t.none(endpoint.refusal_wrong(a, 405, "method_not_allowed"),
               "metrics are not given to a POST")


def counted(t):
    """Every kind of result, and where it is counted."""
    v = Validators(limits_replay=None, limits_folder_grants=3,
                   audit_key_file=None)
    v.configure(audit_key_file=v.secret("audit.key", "k" * 32),
                metrics_token_file=v.secret("m.token", TOKEN))
    v.snapshot()

    def now():
        return Metrics(text_of(v.get("metrics", HTTP_AUTHORIZATION="Bearer " +
                                     TOKEN)))

    body = v.request()
    v.post(body)
    v.post(body)
    v.post(v.request(v.stranger))
    v.post({**v.request(), "signature": "0" * 128})
    v.post(b"{", REMOTE_ADDR="198.51.100.7")
    for _ in range(4):
        v.post(v.request())
    v.post(v.asks("get-miner-list", miner_hotkey=v.miner.ss58),
           "get-miner-list")
    v.get("healthz")
    m = now()
    for code, status, n in [
            ("ok", 200, 3), ("replay_detected", 400, 1),
            ("not_registered", 401, 1), ("invalid_signature", 401, 1),
            ("invalid_request", 422, 1), ("daily_limit", 429, 2)]:
        t.same(m.get("requests_total", endpoint="get-folder-access",
                     status=str(status), code=code), n,
               "requests that end with %s are counted" % code)
    t.same(m.get("requests_total", endpoint="healthz"), 1,
           "requests to healthz are counted")
    t.same(m.get("request_seconds_count", endpoint="get-folder-access"), 9,
           "the time of each request is counted")
    t.same((m.get("grants_total", kind="post_policy"),
            m.get("grants_total", kind="list"),
            m.get("granted_urls_total", kind="list")), (3, 1, 1),
           "grants are counted by kind, with their URLs")
    t.same((m.get("verifications_total", scheme="text", result="valid"),
            m.get("verifications_total", scheme="text", result="invalid"),
            m.get("verification_seconds_count", scheme="text")), (7, 1, 8),
           "signatures that were verified are counted")
    t.same([m.get("ledger_decisions_total", result=r)
            for r in ("counted", "refused", "failed")], [4, 3, 0],
           "decisions of the ledger are counted")
    t.same((m.get("audit_lines_total", result="written"),
            m.get("audit_lines_total", result="failed")), (7, 0),
           "lines of the audit log are counted")
    t.same((m.get("quota_used_most", level="hotkey", limit="folder_grants"),
            m.get("quota_limit", level="hotkey", limit="folder_grants"),
            m.get("quota_used_most", level="total", limit="miner")),
           (3, 3, 0), "what the busiest hotkey has used is shown")
    t.same((m.get("refusals_most", one="hotkey"),
            m.get("refusals_most", one="address"),
            m.get("hotkey_addresses_most")), (3, 5, 1),
           "the most refusals of one hotkey and one address are shown")
    t.same((m.get("snapshot_block"), m.get("snapshot_hotkeys"),
            m.get("snapshot_age_seconds")),
           (7000000, len(v.neurons()), 0), "the snapshot is shown")
    with v.time(v.now + 3600):
        t.same((now().get("refusals_most"), now().get("snapshot_age_seconds")),
               (0, 3600), "refusals begin at 0 each hour, and ages grow")


def processes(t):
    with w.settings(metrics_token_file=FILE):
        s = [fcgi.Service(w, name, n, env, now=w.now) for name, n, env in [
            ("healthz", 3, {}),
            ("readyz", 1, {"FOLDERGATE_WEB_SANDBOX": "no"})]]
        s[0].ask({"REQUEST_METHOD": "GET"}, allow="GET")
        servers.until(lambda: Metrics(text_of(bearer())).get(
            "processes") == 4, 5)
        m = Metrics(text_of(bearer()))
        whole = '"landlock"' in s[0].log() and '"seccomp"' in s[0].log()
        t.same((m.get("processes", endpoint="healthz",
                      sandbox="on" if whole else "off"),
                m.get("processes", endpoint="readyz", sandbox="off"),
                m.get("processes", endpoint="readyz", sandbox="on")),
               (3, 1, 0), "processes are counted, by sandbox")
        s[0].processes[0].kill()
        s[0].processes[0].wait()
        m = Metrics(text_of(bearer()))
        t.same(m.get("processes", endpoint="healthz"), 2,
               "a process that was killed is not counted")
        for service in s:
            service.stop()
        m = Metrics(text_of(bearer()))
        t.same((m.get("processes"), m.has("processes", endpoint="healthz")),
               (0, True), "an endpoint without a process is shown with 0")


# --- without the file --------------------------------------------------------

def unstarted(t):
    """A program that cannot start measures its requests, not the machine."""
    def seconds():
        with w.settings(metrics_token_file=FILE):
            m = Metrics(text_of(bearer()))
        return m.get("request_seconds_sum", endpoint="get-folder-access")
    w.post(w.request())
    before = seconds()
    with w.settings(s3_secret_access_key_file=w.path("none")):
        t.same(w.post(w.request(timestamp=w.now - 1)).code, 500,
               "a program without its secret refuses")
    t.ok(0 <= seconds() - before < 60,
         "a refusal of a program that cannot start took no more than it took",
         before, seconds())


def trouble(t):
    """Trouble ends with a request that is served, not with a preflight."""
    empty = w.path("empty")
    os.mkdir(empty)
    page = {"REQUEST_METHOD": "OPTIONS", "HTTP_ORIGIN": "https://a.example",
            "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST"}
    with w.settings(state_directory=empty, state_shared=w.state,
                    cors_origins="*"):
        s = fcgi.Service(w, "get-folder-access", now=w.now)
        for _ in range(3):
            body = json.dumps(w.request()).encode()
            s.ask(fcgi.post(body), body)
            s.ask(page)
        events = [json.loads(line)["event"] for line in s.log().splitlines()]
        t.same([e for e in events if e in ("refuses_all", "serves_again")],
               ["refuses_all"], "a preflight does not end lasting trouble")
        s.stop()


def no_file(t):
    path = w.path("state/metrics.table")
    os.unlink(path)
    os.mkdir(path)
    try:
        s = fcgi.Service(w, "healthz", now=w.now)
        for _ in range(3):
            t.same(s.ask({"REQUEST_METHOD": "GET"}, allow="GET").code, 200,
                   "healthz is served without a file of counts")
        lines = [json.loads(line) for line in s.log().splitlines()]
        t.same([line["event"] for line in lines
                if "metrics.table" in line.get("path", "")],
               ["shared_not_opened"], "a process logs once that it does not "
               "count")
        s.stop()
        a = w.post(w.request())
        t.ok(a.code == 200 and not a.wrong and not a.err,
             "a grant is given without a file of counts, and nothing logged",
             a)
        r = w.get("readyz")
        t.ok(r.code == 200 and "counts_unusable" in r.json["reasons"],
             "readyz warns that nothing is counted", r)
        with w.settings(metrics_token_file=FILE):
            m = Metrics(text_of(bearer()))
        t.same((m.get("counting"), m.get("ledger_up"),
                m.has("snapshot_block")), (0, 1, True),
               "metrics tell that nothing is counted, and what is measured")
    finally:
        os.rmdir(path)
    w.post(w.request())
    with w.settings(metrics_token_file=FILE):
        t.same(Metrics(text_of(bearer())).get("counting"), 1,
               "counting begins again with the next program")


if __name__ == "__main__":
    tap.run([nobody, by_token, changed, bad_token, lost_token, by_address,
             forms, methods, unstarted, trouble, counted, processes, no_file], endpoint.check_outputs)
