#!/usr/bin/python3
"""What is counted, per key, owner and role; what a request may be sent again
for; and what is said of it."""

import json
import os
import sqlite3
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import bucket
import endpoint
import fcgi
import tap
import validators
import world
from validators import refused
from world import NOW

DAY = 86400
LIMITS = {
    "limits_replay": None, "limits_folder_grants": 3,
    "limits_file_grants": 2, "limits_validator_answers": 2,
    "limits_validator_urls": 4, "limits_coldkey_times": 1000000,
    "limits_miner_total": None, "limits_validator_total": None,
    "limits_free_requests": None}
FILES = "get-file-presigned-urls"


def fresh(**settings):
    """A world in which nothing was counted yet."""
    w = validators.Validators(**{**LIMITS, **settings})
    w.snapshot()
    return w


def told(a):
    """RateLimit-Limit, -Remaining and -Reset."""
    return tuple(int(a.header.get(n, -1)) for n in endpoint.LIMIT_HEADERS)


def grants(t):
    w = fresh()
    left = DAY - NOW % DAY
    for i in range(3):
        a = w.post(w.request())
        t.same((a.code, told(a)), (200, (3, 2 - i, left)),
               "grant %d of 3 is counted and told in the headers" % (i + 1))
    a = w.post(w.request(source="x"))
    refused(t, "a fourth grant of the day is refused, whatever its layout", a,
            429, "daily_limit", "Daily limit of 3 exceeded.")
    t.same((told(a), a.header["Retry-After"]), ((3, 0, left), str(left)),
           "a refusal by the daily limit tells when to come back")
    t.same(w.post(w.request(w.sibling)).code, 200,
           "another hotkey of the same owner has its own count")
    w.now += left - 1
    w.snapshot()
    refused(t, "a grant is still refused in the last second of the day",
            w.post(w.request()), 429, "daily_limit")
    w.now += 1
    w.snapshot()
    a = w.post(w.request())
    t.same((a.code, told(a)), (200, (3, 2, DAY)),
           "a new day begins with a new count")
    w.now -= 1
    refused(t, "a clock that is set back finds the old count",
            w.post(w.request()), 429, "daily_limit")
    w = fresh(limits_folder_grants=1)
    w.post(w.request())
    w.configure(limits_folder_grants=2)
    t.same(w.post(w.request()).code, 200,
           "a limit that is raised applies at once")
    w.configure(limits_folder_grants=0)
    refused(t, "a limit of 0 refuses every grant", w.post(w.request(w.other)),
            429, "daily_limit", "Daily limit of 0 exceeded.")


def owners(t):
    w = fresh(limits_folder_grants=3, limits_coldkey_times=1)
    for i in range(3):
        w.post(w.request())
    refused(t, "the hotkeys of one owner have a limit together",
            w.post(w.request(
        w.sibling)), 429, "coldkey_limit",
        "Daily limit of this coldkey exceeded.")
    t.same(w.post(w.request(w.other)).code, 200,
           "another owner has its own limit")


def digits(t):
    """A limit that would read like the status which makes clients delete
    their files is not told."""
    w = fresh(limits_folder_grants=1)
    w.post(w.request())
    w.configure(limits_folder_grants=24090)
    store = sqlite3.connect(w.path("state/store.sqlite"))
    store.execute("UPDATE counter SET used = 24090")
    store.commit()
    store.close()
    refused(t, "a limit whose digits hold 409 is not told",
            w.post(w.request()), 429, "daily_limit", "Daily limit exceeded.")


def kinds(t):
    w = fresh()
    bucket.index_of(w, [(w.folder + "job_id=a/f").encode()])
    one = {"miner_hotkey": w.miner.ss58}
    for name, limit, fields in [
            ("get-validator-access", 2, {}), (FILES, 4, one)]:
        for i in range(limit):
            a = w.post(w.asks(name, **fields), name)
            t.same((a.code, told(a)[:2]), (200, (limit, limit - 1 - i)),
                   "%s is granted and counted, answer %d" % (name, i))
        refused(t, name + " is refused once its limit is reached",
                w.post(w.asks(name, **fields),
                name), 429, "daily_limit", "Daily limit of %d exceeded." %
                limit)
    for name in ("get-miner-list", "get-miner-specific-access",
                 "get-folder-presigned-urls"):
        refused(t, name + " counts together with get-file-presigned-urls",
                w.post(w.asks(name, **one), name), 429, "daily_limit")
    a = w.post(w.asks("get-miner-list", w.idle, **one), "get-miner-list")
    t.same(told(a)[:2], (4, 3), "another validator has its own count")
    a = w.headed("get-miner-list", one, w.idle)
    t.same(told(a)[:2], (4, 2),
           "requests with X-Tao headers are counted like signed texts")


def totals(t):
    w = fresh(limits_miner_total=2, limits_free_requests=1,
              limits_folder_grants=100)
    codes = [w.post(w.request(k)).code for k in (w.miner, w.miner, w.miner)]
    t.same(codes, [200] * 3, "a miner's first request is free, then two more "
           "reach the role's total")
    refused(t, "a request above the role's total is refused",
            w.post(w.request()), 429, "global_limit",
            "Global request limit reached.")
    a = w.post(w.request(w.other))
    t.same(a.code, 200,
           "another miner's first request is granted above the role's total")
    refused(t,
            "another miner's second request is refused above the role's total",
            w.post(w.request(w.other)), 429, "global_limit")
    t.same(w.post(w.asks("get-validator-access"), "get-validator-access").code,
           200, "validators have a total of their own")


def nothing_spent(t):
    w = fresh(limits_folder_grants=1)
    for text, body, status in [
            ("a forged request", w.request(words="x"), 401),
            ("a request of a stranger", w.request(w.stranger), 401),
            ("an old request", w.request(timestamp=NOW - 301), 400),
            ("a request for another's coldkey", w.request(coldkey=w.owner2),
             401),
            ("a request for an unknown source", w.request(source="mastodon"),
             400),
            ("a request with an expiry that is past", w.request(expiry=NOW),
             400)] * 5:
        t.same(w.post(body).code, status, text + " spends nothing")
    good = w.request()
    t.same(w.post(good).code, 200,
           "a grant is still left after 30 requests that were refused")
    refused(t, "a request sent again is refused as a replay before the limit "
            "is looked at", w.post(good),
            400, "replay_detected", "Replay detected")
    fresh_one = w.request()
    refused(t, "a request over the limit is refused", w.post(fresh_one), 429,
            "daily_limit")
    w.configure(limits_folder_grants=2)
    t.same(w.post(fresh_one).code, 200,
           "a request that the limit refused may be sent again")


def replays(t):
    w = fresh(limits_folder_grants=100, limits_validator_urls=100)
    body = w.request(source="x")
    t.same(w.post(body).code, 200, "a request is granted when it is sent once")
    sig = body["signature"]
    spaced = " ".join(sig[i:i + 2] for i in range(0, 128, 2))
    for text, again in [
            ("as it was", sig), ("in upper case", sig.upper()),
            ("with 0x", "0x" + sig), ("with 0X", "0X" + sig),
            ("with blanks", spaced)]:
        refused(t, "a request is refused when its signature comes again " +
                text, w.post({**body, "signature": again}),
                400, "replay_detected", "Replay detected")
    refused(t, "a request is refused when it comes again with other unsigned "
            "fields", w.post(
        {**body, "expiry": NOW + 60, "netuid": 13}), 400, "replay_detected")
    one = w.asks("get-miner-list", miner_hotkey=w.miner.ss58)
    t.same(w.post(one, "get-miner-list").code, 200,
           "a signed text is accepted on one route")
    refused(t, "a signed text is refused on a second route", w.post(
        one, "get-miner-specific-access"), 400, "replay_detected")
    raw = json.dumps({"miner_hotkey": w.miner.ss58}).encode()
    headers = w.validator.tao(raw, NOW * 1000)
    sent = {"HTTP_" + n.upper().replace("-", "_"): v
            for n, v in headers.items()}
    t.same(w.post(raw, "get-miner-list", **sent).code, 200,
           "a request with X-Tao headers is accepted once")
    refused(t, "a request with X-Tao headers is refused the second time",
            w.post(raw, "get-miner-list", **sent), 400,
            "replay_detected", "Replay detected")
    w.now += 7
    with w.settings(auth_tao_everywhere="yes"):
        refused(t, "a request with X-Tao headers is refused on another route "
                "seven seconds later", w.post(
                    raw, "get-miner-specific-access", **sent), 400,
                "replay_detected")
    w.now = NOW + 300
    w.snapshot()
    refused(t, "a request sent again in its last valid second is refused",
            w.post(body), 400, "replay_detected")
    w.now = NOW
    w.snapshot()
    ahead = w.request(timestamp=NOW + 60)
    t.same(w.post(ahead).code, 200,
           "a request signed a minute ahead is accepted")
    w.now = NOW + 360
    w.snapshot()
    refused(t, "a request signed a minute ahead is refused in its last valid "
            "second", w.post(ahead), 400, "replay_detected")
    w.now = NOW
    w.snapshot()
    w.configure(limits_replay="allow")
    t.same(w.post(body).code, 200,
           "a request sent again is granted where replay = allow")


def births(t):
    w = fresh(limits_folder_grants=100)
    body = w.request(timestamp=NOW - 10)
    t.same(w.post(body).code, 200,
           "a request signed ten seconds ago is granted")
    late = w.request(timestamp=NOW - 5)
    for name in os.listdir(w.state):
        if name.startswith("store."):
            os.unlink(os.path.join(w.state, name))
    refused(t, "a granted request is refused after the ledger was lost",
            w.post(body), 400, "signed_too_early",
            "This signature may have been used before: sign again")
    refused(t, "a request signed before the ledger was lost is refused",
            w.post(late), 400, "signed_too_early")
    refused(t,
            "a request signed in the second of the ledger's birth is refused",
            w.post(w.request()), 400, "signed_too_early")
    t.same(w.post(w.request(timestamp=NOW + 1)).code, 200,
           "a request signed after the ledger's birth is granted")
    w = fresh(limits_folder_grants=100)
    boot = w.env(FOLDERGATE_BOOT=str(NOW - 100))
    refused(t, "a request signed before the machine started is refused", w.post(
        w.request(timestamp=NOW - 101), env=boot), 400, "signed_too_early")
    refused(t, "a request signed in the second the machine started is refused",
            w.post(w.request(timestamp=NOW - 100), env=boot),
            400, "signed_too_early")
    t.same(w.post(w.request(timestamp=NOW - 99), env=boot).code, 200,
           "a request signed after the machine started is granted")
    seen = w.request(timestamp=NOW - 50)
    t.same(w.post(seen).code, 200,
           "a second request signed after the machine started is granted")
    w.now = NOW + DAY
    w.snapshot()
    t.same(w.post(w.request()).code, 200,
           "a request is granted when the clock jumps a day ahead")
    w.now = NOW
    w.snapshot()
    refused(t, "a granted request stays refused when the clock jumps back "
            "after it was forgotten",
            w.post(seen), 400, "signed_too_early")
    refused(t, "a request signed before a forgotten one is refused",
            w.post(w.request(
        timestamp=NOW - 60)), 400, "signed_too_early")
    t.same(w.post(w.request()).code, 200,
           "a request signed after a forgotten one is granted")


def usage(t):
    w = fresh()
    w.post(w.request())
    w.post(w.request())
    r = w.cli("usage")
    t.same((r.status, r.err), (0, b""), "usage exits with 0 and a quiet log")
    lines = [line.split() for line in r.text.splitlines()]
    t.same(lines, [
        ["coldkey/%s/folder_grants" % w.owner, "2", "of", "3000000"],
        ["hotkey/%s/folder_grants" % w.miner.ss58, "2", "of", "3"],
        ["counted", "until", "2026-03-21T00:00:00+00:00"]],
        "usage prints what was counted, and no total of free requests")
    w.post(w.request(words="forged"))
    t.ok(["refused/invalid_signature", "1"] in [
        line.split() for line in w.cli("usage").text.splitlines()],
        "usage prints what was refused", w.cli("usage"))
    r = w.cli("usage", w.miner.ss58)
    t.same([line.split()[0] for line in r.text.splitlines()], [
        "hotkey/%s/folder_grants" % w.miner.ss58, "counted"],
           "usage of a hotkey prints its counter alone")
    r = w.cli("usage", w.owner)
    t.same(r.text.split()[0], "coldkey/%s/folder_grants" % w.owner,
           "usage of an owner prints its counter")
    t.same(w.cli("usage", w.other.ss58).text.split()[0], "counted",
           "usage of a hotkey that did nothing prints no counter")
    t.same(w.cli("usage", "5x").status, 2,
           "usage of something that is no address exits with 2")


def denied(t):
    w = fresh(limits_folder_grants=100)
    t.same(w.post(w.request()).code, 200,
           "a hotkey is granted before it is denied")
    deny = [("--hotkey", w.miner.ss58), ("--coldkey", w.owner),
            ("--address", "192.0.2.0/24")]
    for whom in deny:
        r = w.cli("deny", "add", *whom, "--reason", "a test", "--for", "1h")
        t.same(r.status, 0, "deny add %s %s exits with 0" % whom)
        refused(t, "a request is refused after deny add %s" % whom[0],
                w.post(w.request()), 401, "denied", "Access denied")
        code = w.post(w.request(w.sibling)).code
        t.same(code, 200 if whom[0] == "--hotkey" else 401,
               "a hotkey's sibling is refused only where the coldkey or the "
               "address is denied")
        a = w.post(w.request(words="forged"))
        t.same(a.json["code"], "denied" if whom[0] == "--address" else
               "invalid_signature", "a client without a good signature learns "
               "nothing of denied keys")
        t.same(w.post(w.request(), REMOTE_ADDR="198.51.100.1").code,
               200 if whom[0] == "--address" else 401,
               "a denied key is refused from another address, a denied address "
               "is not")
        t.same(w.cli("deny", "remove", *whom).status, 0,
               "deny remove exits with 0")
        t.same(w.post(w.request()).code, 200,
               "a request is granted again after deny remove")
    w.cli("deny", "add", "--hotkey", w.miner.ss58, "--reason", "x", "--for",
          "1h")
    r = w.cli("explain", w.miner.ss58)
    t.ok(r.status == 1 and "denylist    NO" in r.text,
         "explain names the deny list for a denied hotkey", r.text)
    w.now += 3599
    w.snapshot()
    refused(t, "a denied hotkey is refused in the last second of its term",
            w.post(w.request()), 401, "denied")
    w.now += 1
    t.same(w.post(w.request()).code, 200,
           "a denied hotkey is granted when its term has ended")
    w.write("state/denylist", "foldergate denylist 1\nhotkey")
    refused(t, "a damaged deny list makes every request fail with 503",
            w.post(w.request()), 503, "ledger_unavailable")


def addresses(t):
    w = fresh(limits_address_per_minute=60, limits_address_burst=5,
              limits_folder_grants=1000)
    forged = w.request(words="forged")
    codes = [w.post(forged).code for _ in range(7)]
    t.same(codes, [401] * 5 + [429] * 2,
           "an address may send five unproven requests and no more")
    a = w.post(forged)
    refused(t, "an address above its limit is refused with 429", a, 429,
            "address_limit", "Too Many Requests")
    t.same(a.header["Retry-After"], "1",
           "a refusal by address tells when to come back")
    refused(t, "an address above its limit is refused even a proven request",
            w.post(w.request()), 429, "address_limit")
    t.same(w.post(w.request(), REMOTE_ADDR="198.51.100.1").code, 200,
           "another address is not affected by the limit of the first")
    w.now += 1
    t.same([w.post(w.request()).code for _ in range(20)], [200] * 20,
           "twenty proven requests take nothing from an address")
    six = "2001:db8:1:2::%x"
    codes = [w.post(forged, REMOTE_ADDR=six % i).code for i in range(7)]
    t.same(codes, [401] * 5 + [429] * 2, "an IPv6 /64 counts as one address")
    t.same(w.post(forged, REMOTE_ADDR="2001:db8:1:3::1").code, 401,
           "another IPv6 /64 counts as another address")
    for text, value, why in [
            ("missing", None, "unix"), ("empty", "", "unix"),
            ("a path", "/run/x", "unix"), ("unix:", "unix:", "unix"),
            ("the name of a socket", "@x", "unix"),
            ("no address", "unknown", "is not an address"),
            ("an address with leading zeros", "192.0.2.01",
             "is not an address")]:
        a = w.post(w.request(), REMOTE_ADDR=value, HTTP_X_FORWARDED_FOR="::1")
        t.none(endpoint.refusal_wrong(a, 503, "no_client_address") + (
            [] if "no_client_address" in a.log and why in a.log and
            (value or "REMOTE_ADDR") in a.log else [a.log]),
            "a request fails with 503 when REMOTE_ADDR is %s, and the log says "
               "why" % text)
    w = fresh(limits_address_per_minute=1, limits_address_burst=5,
              limits_folder_grants=1000)
    good = w.request()
    codes = [w.post(good).code for _ in range(8)]
    t.same(codes, [200] + [400] * 5 + [429] * 2,
           "a client that sends a granted request again pays for it by address")
    w = fresh(limits_address_per_minute=1, limits_address_burst=3,
              limits_folder_grants=1000)
    one = w.asks("get-miner-list", miner_coldkey=w.owner, source="x")
    codes = [w.post({**one, "source": "other"}, "get-miner-list").code
             for _ in range(9)]
    t.same(codes, [400] * 6 + [429] * 3,
           "of refusals after a proof three are free and three are paid by "
           "address")
    t.same([w.post(w.request(), REMOTE_ADDR="198.51.100.9",
                   HTTP_X_TAO_NONCE="a,b").code for _ in range(5)],
           [400] * 3 + [429] * 2, "a header that cannot be is paid by address")
    w.cli("deny", "add", "--address", "198.51.101.0/24", "--reason", "x",
          "--for", "1h")
    t.same(w.post(w.request(), REMOTE_ADDR="198.51.101.9",
                  HTTP_X_TAO_NONCE="a,b").code, 401,
           "a denied address is refused before its headers are read")
    w.configure(limits_address_per_minute=600, limits_address_burst=9)
    t.same(w.post(w.request()).code, 200,
           "raised limits by address apply at once")
    w.configure(web_trusted_proxies="10.0.0.0/8, 2001:db8:ffff::/48",
                limits_address_burst=1, limits_address_per_minute=1)
    proxied = {"REMOTE_ADDR": "10.1.2.3"}
    for text, chain, code in [
            ("an address behind a trusted proxy may send one request",
             "203.0.113.1", 401),
            ("the same address behind a trusted proxy is refused the second",
             "203.0.113.1", 429),
            ("what stands left of an address behind a proxy changes nothing",
             "1.1.1.1, 203.0.113.1", 429),
            ("another address behind two trusted proxies may send one request",
             "203.0.113.2, 10.9.9.9", 401),
            ("an address that a client claims for itself is not believed",
             "203.0.113.3, 203.0.113.2, 10.9.9.9", 429)]:
        t.same(w.post(forged, **proxied, HTTP_X_FORWARDED_FOR=chain).code,
               code, text)
    t.same(w.post(forged, REMOTE_ADDR="203.0.113.9",
                  HTTP_X_FORWARDED_FOR="203.0.113.77").code, 401,
           "X-Forwarded-For from an untrusted address is ignored")
    t.same(w.post(forged, REMOTE_ADDR="203.0.113.9",
                  HTTP_X_FORWARDED_FOR="203.0.113.78").code, 429,
           "X-Forwarded-For from an untrusted address gives no second bucket")


# What gateways write for 203.0.113.9.
NINE = ["203.0.113.9", "203.0.113.9:55021", " 203.0.113.9\t", "for=203.0.113.9",
        '"203.0.113.9:1"', "::ffff:203.0.113.9", "[::FFFF:CB00:7109]:443",
        'for="[::ffff:203.0.113.9]:80";proto=https', "203.0.113.9,",
        "1.1.1.1, 203.0.113.9:80, , 10.0.0.2:81"]


def spellings(t):
    """One address is one, whatever a gateway writes: on the deny list, and in
    the table of addresses."""
    w = fresh(limits_address_per_minute=1, limits_address_burst=5,
              limits_folder_grants=1000, web_trusted_proxies="10.0.0.0/8, unix")
    forged, peer = w.request(words="forged"), {"REMOTE_ADDR": "10.0.0.1:4711"}
    codes = [w.post(forged, **peer, HTTP_X_FORWARDED_FOR=s).code for s in NINE]
    t.same(codes, [401] * 5 + [429] * (len(NINE) - 5),
           "an address has one bucket, however a gateway writes it")
    t.same(w.post(forged, **peer, HTTP_X_FORWARDED_FOR="203.0.113.10:1").code,
           401, "another address behind the same gateway has its own bucket")
    for value in None, "", "unix:", "/run/x", "@":
        t.same(w.post(forged, REMOTE_ADDR=value, HTTP_X_FORWARDED_FOR=NINE[1])
               .code, 429, "X-Forwarded-For is believed of a unix socket that "
               "is named: %r" % value)
        t.same(w.post(forged, REMOTE_ADDR=value).code, 503,
               "a unix socket without X-Forwarded-For has no client: %r" %
               value)
    w = fresh(limits_folder_grants=1000, web_trusted_proxies="10.0.0.0/8")
    for given in NINE[:-1]:
        given = given.rstrip(",")
        r = w.cli("deny", "add", "--address", given, "--reason", "x")
        t.ok(r.status == 0 and "address 203.0.113.9/32 is denied" in r.text,
             "deny add takes the address %r and prints its normal form" % given,
             r)
        codes = {w.post(w.request(), **peer, HTTP_X_FORWARDED_FOR=s).code
                 for s in NINE} | {
            w.post(w.request(), REMOTE_ADDR=s).code for s in NINE[:2]}
        t.same(codes, {401}, "an address that was denied as %r is refused, "
               "however a gateway writes it" % given)
        t.same(w.cli("deny", "remove", "--address", NINE[0]).status, 0,
               "what deny add wrote for %r is removed by its normal form" %
               given)
    for given, normal in [("[2001:DB8::]/32", "2001:db8::/32"),
                          ("fe80::1%eth0", "fe80::1/128")]:
        r = w.cli("deny", "add", "--address", given, "--reason", "x")
        t.ok("address %s is denied" % normal in r.text,
             "deny add takes %s" % given, r)
    for given in ("010.0.0.1", "203.0.113.9:80/24", "unknown", "_hidden", "",
                  "203.0.113.9, 203.0.113.10", "[203.0.113.9", "unix"):
        t.same(w.cli("deny", "add", "--address", given, "--reason", "x").status,
               2, "deny add refuses the address %r" % given)


def unread(t):
    """What cannot be read is logged when that begins and when it ends, by one
    process of all."""
    w = fresh(limits_folder_grants=1000, web_trusted_proxies="10.0.0.0/8")
    w.configure(chain_max_age_s=DAY)

    def ask(chain, later=0):
        w.now += later
        a = w.post(w.request(), REMOTE_ADDR="10.0.0.1",
                   HTTP_X_FORWARDED_FOR=chain)
        return a.code, a.log
    code, log = ask("203.0.113.9, unknown\x1b\"" + "x" * 400)
    t.ok(code == 200 and log.count("\n") == 1 and "forwarded_unread" in log and
         r"unknown\u001b\"xxx" in log and len(log) < 600 and
         "203.0.113.9" not in log,
         "an entry that is no address is logged, escaped and cut", log)
    t.same([ask("unknown", s) for s in (0, 1, 59, 600)], [(200, "")] * 4,
           "another entry is not logged while the trouble lasts")
    t.same([ask("203.0.113.9", s) for s in (1, 1, 597)], [(200, "")] * 3,
           "an entry that can be read is not logged while the trouble lasts")
    code, log = ask("203.0.113.9", 2)
    t.ok(code == 200 and log.count("\n") == 1 and "forwarded_read" in log,
         "the end of the trouble is logged", log)
    t.same(ask("203.0.113.9", 2000), (200, ""),
           "the end of the trouble is logged once")
    code, log = ask("203.0.113.9:99999")
    t.ok("forwarded_unread" in log and "203.0.113.9:99999" in log,
         "new trouble is logged again", log)
    a = w.post(w.request(), REMOTE_ADDR="203.0.113.1",
               HTTP_X_FORWARDED_FOR="unknown")
    t.same((a.code, a.log), (200, ""),
           "what a client writes that is no proxy is not logged")


def networks(t):
    """Neighbours empty the bucket of a /24.  Who names a registered hotkey is
    still verified, out of that hotkey's own bucket."""
    w = fresh(limits_address_per_minute=1, limits_address_burst=5,
              limits_folder_grants=1000)
    near, far = "192.0.2.%d", "198.51.100.7"
    forged = w.request(w.stranger)
    codes = [w.post(forged, REMOTE_ADDR=near % i).code
             for i in range(17) for _ in range(5)]
    t.same(codes, [401] * 80 + [429] * 5, "seventeen addresses empty a /24")

    def asked(body, i=100, **more):
        return w.post(body, REMOTE_ADDR=near % i, **more)
    t.same([asked(w.request()).code for _ in range(20)], [200] * 20,
           "a registered miner is granted twenty times from a network that has "
           "no token left")
    t.same(asked(b"", HTTP_X_TAO_NONCE="1").code, 429,
           "headers without a body are refused with 429 from such a network")
    for text, body in [("a stranger", forged), ("no JSON", b"{"),
                       ("an old request", w.request(timestamp=w.now - 999)),
                       ("another's coldkey", w.request(coldkey=w.owner2)),
                       ("a long body", w.request(x="x" * 4096))]:
        a = asked(body, 101)
        refused(t, "%s is refused with 429 from such a network" % text, a,
                429, "address_limit", "Too Many Requests")
        t.ok(int(a.header["Retry-After"]) >= 1,
             "and is told when to come back")

    # An attacker must aim at one miner, and has addresses enough.
    aimed = w.request(words="forged")
    t.same([asked(aimed, 110 + i).code for i in range(7)],
           [401] * 5 + [429] * 2,
           "forged requests for one miner are verified five times, no more")
    t.same(asked(w.request(), 120).code, 429,
           "that miner is then refused from that network")
    t.same(w.post(w.request(), REMOTE_ADDR=far).code, 200,
           "that miner is granted from another network")
    t.same(asked(w.request(w.sibling), 121).code, 200,
           "another miner is granted from that network")
    w.now += 1
    w.snapshot()
    t.same([asked(aimed, 122 + i).code for i in range(3)], [401, 429, 429],
           "one forged request a second is verified for one miner")

    # What was granted before proves nothing again.
    w.now += 1
    w.snapshot()
    once = w.request(w.other)
    t.same([asked(once, 130 + i).code for i in range(8)],
           [200] + [400] * 5 + [429] * 2,
           "a captured request pays out of the hotkey's bucket")
    refused(t, "an address without a token of its own is refused at once",
            asked(w.request(w.sibling), 101), 429, "address_limit")


def audited(t):
    w = fresh(limits_folder_grants=2)
    t.same(w.post(w.request()).code, 200,
           "a request is granted without an audit key")
    t.ok(not os.path.exists(w.path("state/audit.log")),
         "no audit log is written without an audit key")
    w = fresh(limits_folder_grants=2)
    w.configure(audit_key_file=w.secret("audit.key", "k" * 32))
    a = w.post(w.request(), secrets=[])
    sent = a.json
    w.post(w.request(source="x"))
    w.post(w.request())
    w.post(w.request(words="forged"))
    w.post(w.asks("get-miner-list", miner_coldkey=w.owner, source="x"),
           "get-miner-list")
    bucket.index_of(w, [(w.folder + "job_id=a/f").encode()])
    for name in ("get-file-presigned-urls", "get-miner-specific-access",
                 "get-validator-access", "get-folder-presigned-urls"):
        t.same(w.post(w.asks(name, miner_hotkey=w.miner.ss58), name).code,
               200, name + " is granted with an audit log")
    with open(w.path("state/audit.log")) as f:
        text = f.read()
    lines = [json.loads(line) for line in text.splitlines()]
    t.same([(e["endpoint"], e["role"], e["decision"], e["code"],
             e.get("scope"), e.get("kind"), e.get("urls"))
            for e in lines], [
        ("get-folder-access", "miner", "granted", "ok", w.folder,
         "post_policy", 1),
        ("get-folder-access", "miner", "granted", "ok",
         "data/x/%s/" % w.owner, "post_policy", 1),
        ("get-folder-access", "miner", "refused", "daily_limit", None, None,
         None),
        ("get-miner-list", "validator", "granted", "ok",
         "data/x/%s/" % w.owner, "list", 1),
        ("get-file-presigned-urls", "validator", "granted", "ok",
         w.miner.ss58, "get", 1),
        ("get-miner-specific-access", "validator", "granted", "ok",
         w.folder, "list", 1),
        ("get-validator-access", "validator", "granted", "ok", "data/",
         "list", 4),
        ("get-folder-presigned-urls", "validator", "granted", "ok",
         w.folder, "list", 1)],
        "the audit log has a line for each grant and proven refusal")
    first = lines[0]
    t.same((first["hotkey"], first["coldkey"], first["address"],
            first["until"], first["request_id"], first["seq"]), (
        w.miner.ss58, w.owner, "192.0.2.7", NOW + DAY,
        a.header["X-Request-ID"], 1),
           "a line of the audit log says who asked, from where, and until when")
    t.none([e for e in lines if e["decision"] == "granted" and
            not {"scope", "kind", "urls", "until"} <= set(e)],
           "every grant in the audit log says what was granted")
    t.none([s for s in (sent["fields"]["policy"], "X-Amz", "http",
                        sent["fields"]["x-amz-signature"], "k" * 32)
            if s in text],
           "the audit log holds no policy, URL, signature or key")
    with open(w.path("state/refusals.log")) as f:
        sample = [json.loads(line) for line in f]
    t.same([(e["endpoint"], e["code"], e.get("hotkey")) for e in sample],
           [("get-folder-access", "invalid_signature", None)],
           "a request that was not proven is in the sample of refusals")
    t.same(w.cli("audit", "verify").status, 0,
           "the chain of the audit log is whole")
    os.chmod(w.path("state/audit.log"), 0o666)
    t.same(w.post(w.request(w.other)).code, 200,
           "a grant is given when the audit log cannot be written")
    w.configure(audit_required="yes")
    refused(t,
            "a grant is refused when a required audit log cannot be written",
            w.post(w.request(w.other)), 503,
            "audit_unavailable", "The audit log is not available")
    os.rename(w.path("state/audit.log"), w.path("state/aside"))
    os.mkdir(w.path("state/audit.log"))
    a = w.get("readyz")
    t.same((a.code, a.json["reasons"]), (503, ["audit_unwritable"]),
           "readyz reports a directory in place of the audit log")
    os.rmdir(w.path("state/audit.log"))
    os.rename(w.path("state/aside"), w.path("state/audit.log"))
    t.same(w.get("readyz").code, 503,
           "readyz answers 503 when others may write to the audit log")
    w.configure(audit_file=w.path("nowhere/audit.log"))
    t.same(w.get("readyz").json["reasons"], ["audit_unwritable"],
           "readyz reports that the directory of the audit log is missing")
    w.configure(audit_file=None)
    os.chmod(w.path("state/audit.log"), 0o600)
    t.same(w.get("readyz").code, 200,
           "readyz answers 200 when the audit log can be written again")
    w.write("state/denylist", "foldergate denylist 1\nhotkey")
    t.same(w.get("readyz").json["reasons"], ["denylist_unusable"],
           "readyz reports a damaged deny list")
    os.unlink(w.path("state/denylist"))
    os.chmod(w.path("state/audit.log"), 0o600)
    w.configure(limits_folder_grants=9)
    t.same(w.post(w.request(w.other)).code, 200,
           "a grant is given again when the audit log can be written")


def one_process(t):
    """Nothing of one request is told of the next one."""
    w = fresh(limits_folder_grants=2)
    w.configure(audit_key_file=w.secret("audit.key2", "k" * 32))
    w.now = int(time.time())        # the installed program's
    w.snapshot()
    s = fcgi.Service(w, "get-folder-access", count=1)
    data = json.dumps(w.request()).encode()
    a = s.ask(fcgi.post(data), data)
    t.same((a.code, told(a)[:2]), (200, (2, 1)),
           "a process grants its first request")
    for text, variables, body, code in [
            ("a request with another method",
             {**fcgi.post(b""), "REQUEST_METHOD": "GET"}, b"", 405),
            ("a request whose body is cut", fcgi.post(b"", 9), b"", 400),
            ("a request whose body is no JSON", fcgi.post(b"x"), b"x", 422)]:
        a = s.ask(variables, body)
        t.same((a.code, told(a)), (code, (-1, -1, -1)),
               "a process tells nothing of the first request to " + text)
    with open(w.path("state/refusals.log")) as f:
        lines = [json.loads(line) for line in f]
    t.none([e for e in lines if {"scope", "hotkey", "kind"} & set(e)],
           "the sample of refusals tells nothing of the request before")
    t.same(len(lines), 3, "each refused request is in the sample of refusals")
    t.same([e["code"] for e in lines], ["method_not_allowed",
           "incomplete_body", "invalid_request"],
           "each line of the sample of refusals has its code")


if __name__ == "__main__":
    tap.run([grants, owners, digits, kinds, totals, nothing_spent, replays,
             births, usage, denied, addresses, spellings, unread, networks,
             audited, one_process],
            endpoint.check_outputs)
