#!/usr/bin/python3
"""Looks that meet balancers, rate limits, slow nodes and private authorities."""

import ssl
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import chain
import endpoint
import servers
import tap
from world import NOW

w = chain.Chain()


def balancer(t):
    """Backends 900 blocks apart; a connection stays at one of them."""
    b = w.node()
    behind, current = w.node(block=b.block - 900), w.node()
    behind.told_time = (int(time.time()) - 900 * 12) * 1000
    b.backends = [behind, current]
    w.use(b, chain_sync_interval_s=1)
    c = w.start()
    t.ok(servers.until(lambda: "snapshot_written" in c.events(), 6),
         "a balancer's backend that lags behind costs one look: the next one "
         "is on another connection", c.log())
    t.same(c.events()[:3], ["snapshot_missing", "endpoint_failed",
                            "not_learnt"], "the first look was refused")
    before = b.connections
    count = c.events().count("snapshot_written")
    servers.until(lambda: c.events().count("snapshot_written") > count + 1, 6)
    t.same(b.connections, before, "good looks keep their connection")
    c.stop()
    for n in b, behind, current:
        n.stop()
    w.configure(chain_sync_interval_s=None)


def disagreeing_backends(t):
    """Nobody fails: it is the votes that do not make a majority."""
    w.forget()
    b, honest = w.node(), w.node()
    b.backends = [w.node([x._replace(stake=x.stake + 1) for x in b.neurons]),
                  w.node()]
    w.use(b, honest, chain_agree="majority", chain_sync_interval_s=1)
    c = w.start()
    t.ok(servers.until(lambda: "snapshot_written" in c.events(), 6),
         "majority: a balancer's backend that disagrees costs one look: the "
         "next one is on another connection", c.log())
    t.same([x.get("reason") for x in c.log() if x["event"] == "not_learnt"],
           ["no majority of the endpoints agrees"],
           "majority: the look before it failed without a failed endpoint")
    c.stop()
    for n in b, honest, *b.backends:
        n.stop()
    w.configure(chain_sync_interval_s=None, chain_agree=None)


def rate_limits(t):
    n, other = w.node(), w.node()
    past = "Sat, 28 Nov 2009 10:00:00 GMT"
    for header, seconds in (None, 30), ("7", 7), ("999999", 3600), ("0", 30), \
            ("words", 30), (past, 30), (past.replace("2009", "2099"), 3600):
        n.fault, n.retry_after = {"*": "429"}, header
        w.use(other, n)
        w.sync()
        want = "endpoint 2 of 2: HTTP 429, rate limited, asked again in %d s" \
            % seconds
        t.same(w.status()["endpoints"][1], want,
               "Retry-After: %s, bounded, in the status file" % header)
        r = w.cli("explain", w.miner.ss58)
        t.ok(want in r.text, "Retry-After: %s, in explain" % header, r)
    n.fault, n.retry_after = {"*": "503"}, "2"
    w.use(n, chain_sync_interval_s=1)
    w.forget()
    n.times.clear()
    c = w.start()
    servers.until(lambda: len(n.times) >= 2, 9, 0.05)
    gap = [b - a for a, b in zip(n.times, n.times[1:])]
    t.ok(gap and gap[0] >= 2, "a node that asks for 2 s is left alone for 2 s",
         gap, c.log())
    t.ok(any("asked again in" in x.get("reason", "") for x in c.log()),
         "and the log says for how long", c.log())
    c.stop()
    w.configure(chain_sync_interval_s=None)
    n.stop()
    other.stop()


def one_deadline(t):
    """Silent endpoints cost as long again as the others took."""
    for agree, count in ("any", 3), ("majority", 3), ("majority", 5):
        w.forget()
        nodes = [w.node() for _ in range(count)]
        for n in nodes[:count // 2]:
            n.fault = {"*": "silent"}
        w.use(*nodes, chain_agree=agree, chain_timeout_s=20)
        start = time.monotonic()
        r = w.sync()
        took = time.monotonic() - start
        t.ok(r.status == 0 and took < 6,
             "%s of %d: silent endpoints cost nothing" % (agree, count),
             "%.1f s" % took, r)
        for n in nodes:
            n.fault = {"*": "silent"}
        w.use(*nodes, chain_agree=agree, chain_timeout_s=1)
        start = time.monotonic()
        r = w.sync()
        took = time.monotonic() - start
        t.ok(r.status == chain.FAILED and took < 4 and
             chain.blamed(r) == [(n.host, "timed out") for n in nodes],
             "%s of %d: all have one deadline" % (agree, count),
             "%.1f s" % took, r)
        for n in nodes:
            n.stop()
    w.configure(chain_agree=None)


def total_stake(t):
    w.forget()
    n = w.node([x._replace(stake=5, total=10 ** 13 + 1, permit=True)
                for x in chain.some_neurons(3)])
    w.use(n)
    w.sync()
    t.ok("total_stake_rao" not in w.shown()["neurons"][0],
         "alpha: the total stake is not asked for")
    w.configure(chain_validator_stake="total", chain_min_validator_stake=10000)
    hotkey = w.shown()["neurons"][0]["hotkey"]
    r = w.cli("explain", hotkey, "--as", "validator")
    t.ok(r.status == 1 and "503 no_identity" in r.text,
         "total: a snapshot without total stakes is none for validators", r)
    w.sync()
    t.same(w.shown()["neurons"][0]["total_stake_rao"], str(10 ** 13 + 1),
           "total: the snapshot has the total stakes")
    r = w.cli("explain", hotkey, "--as", "validator")
    t.ok(r.status == 0 and "10000.000000001 TAO in total, more than 10000"
         in r.text, "total: it is the stake that counts", r)
    w.configure(chain_validator_stake=None, chain_min_validator_stake=None)
    n.stop()


def certificate(name, start, end, names):
    """A certificate that signs itself, from one time to another; its files."""
    key, cert = w.path(name + ".key"), w.path(name + ".pem")
    w.write("ca.index", "")
    conf = w.write("ca.conf", """
        [req]
        distinguished_name = dn
        [dn]
        [ca]
        default_ca = it
        [it]
        database = %s
        new_certs_dir = %s
        rand_serial = yes
        default_md = sha256
        policy = any
        x509_extensions = ext
        unique_subject = no
        [any]
        commonName = optional
        [ext]
        subjectAltName = %s
        basicConstraints = CA:TRUE
        """ % (w.path("ca.index"), w.dir, names))
    for command in (
            ["req", "-new", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=x",
             "-config", conf, "-keyout", key, "-out", w.path("ca.csr")],
            ["ca", "-batch", "-selfsign", "-config", conf, "-keyfile", key,
             "-in", w.path("ca.csr"), "-out", cert, "-startdate", start,
             "-enddate", end]):
        subprocess.run(["openssl", *command], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return cert, key


def certificates(t):
    """Why a certificate is refused."""
    for name, start, end, names, why in [
            ("good", "20200101000000Z", "20990101000000Z", "IP:127.0.0.1",
             None),
            ("expired", "20200101000000Z", "20200102000000Z", "IP:127.0.0.1",
             ": it has expired"),
            ("early", "20980101000000Z", "20990101000000Z", "IP:127.0.0.1",
             " yet: is the clock right?"),
            ("foreign", "20200101000000Z", "20990101000000Z",
             "DNS:node.example", ": it is for another name")]:
        cert, key = certificate(name, start, end, names)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        n = w.node(tls=context)
        w.forget()
        w.use("https://" + n.host, chain_ca_file=cert)
        r = w.sync(installed=True)
        t.same((r.status, chain.blamed(r)),
               (0, []) if why is None else (chain.FAILED, [
                   (n.host, "certificate not valid" + why)]),
               "a %s certificate is called that" % name)
        n.stop()
    w.configure(chain_ca_file=None)


def private_authority(t):
    cert, key = w.path("cert.pem"), w.path("key.pem")
    try:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
             "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
             "-keyout", key, "-out", cert], check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return t.skip("a private authority", "no openssl command")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    n = w.node(tls=context)
    w.forget()
    w.use("wss://" + n.host, chain_ca_file=cert)
    r = w.sync()
    t.same(r.status, 0, "a node whose certificate leads to chain.ca_file is "
           "believed")
    w.use("wss://" + n.host, chain_ca_file=w.path("none.pem"))
    r = w.sync()
    t.same((r.status, chain.blamed(r)), (chain.FAILED, [
        (n.host, "the file of certificates cannot be used")]),
        "chain.ca_file that is not there is named as the reason")
    w.configure(chain_ca_file=None)
    n.stop()
    plain = w.node()
    w.use("ws://" + plain.host)
    t.same(w.sync().status, 0, "ws:// is http://")
    plain.stop()


if __name__ == "__main__":
    tap.run([balancer, disagreeing_backends, rate_limits, one_deadline,
             total_stake, certificates, private_authority], endpoint.check_outputs)
