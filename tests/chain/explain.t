#!/usr/bin/python3
"""foldergate explain: every check for a key, and the endpoints' own verdict."""

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import chain
import endpoint
import tap
from world import NOW

w = chain.Chain()
RAO = 10 ** 9
ALPHA = 20000 * RAO


def explains(t, text, args, status, lines, verdict):
    r = w.cli("explain", *args)
    want = "".join("%-11s %-4s %s\n" % line for line in lines) + verdict + "\n"
    t.ok((r.status, r.text, r.err) == (status, want, b""), text, r,
         "--- expected %d" % status, want)


def snapshot_line(verdict="yes", age=5, limit=1200):
    return ("snapshot", verdict, "block %d, advanced %d s ago, good for %d s"
            % (n.block, age, limit))


def registered(uid):
    return ("registered", "yes", "uid %d" % uid)


def coldkey(verdict, address):
    return ("coldkey", verdict, "owned by " + address)


def validator_lines(permit, stake, limit=20000):
    return [("permit", "yes" if permit else "NO", "validator permit"),
            ("stake", "yes" if stake > limit * RAO else "NO",
             "%d.%09d alpha, more than %d needed" % (stake // RAO, stake % RAO,
                                                     limit))]


SERVED = "as %s: would be served, if the signature is good\n" \
    "limits are not looked at: see foldergate usage"
REFUSED = "as %s: refused, %d %s: %s"


def miners(t):
    known = [snapshot_line(), registered(0)]
    for args in [(), ("--as", "miner")]:
        explains(t, "explain says that a miner would be served, with the "
                 "options %s" % (args,), (w.miner.ss58,) + args, 0,
                 known + [coldkey("-", w.owner)], SERVED % "miner")
    explains(t,
             "explain says that a miner with its own coldkey would be served",
             (w.miner.ss58, "--coldkey", w.owner), 0,
             known + [coldkey("yes", w.owner)], SERVED % "miner")
    explains(t, "explain says that a miner with another coldkey is refused",
             (w.miner.ss58, "--coldkey", w.owner2), 1,
             known + [coldkey("NO", w.owner)], REFUSED % (
                 "miner", 401, "coldkey_mismatch",
                 "Coldkey does not own this hotkey"))
    explains(t, "explain says that a stranger is refused", (w.stranger.ss58,),
             1, [snapshot_line(), ("registered", "NO", "not on this subnet")],
             REFUSED % ("miner", 401, "not_registered", "Invalid signature"))
    explains(t, "explain says that an owner without a hotkey is refused",
             (w.owner,), 1,
             [snapshot_line(), ("registered", "NO", "not on this subnet")],
             REFUSED % ("miner", 401, "not_registered", "Invalid signature"))


def validators(t):
    rows = [(True, ALPHA + 1, 0, None), (True, ALPHA, 1, "low_stake"),
            (True, 0, 1, "low_stake"), (True, (1 << 64) - 1, 0, None),
            (False, ALPHA + 1, 1, "no_permit"), (False, 0, 1, "no_permit")]
    for permit, stake, status, code in rows:
        n.neurons = [n.neurons[0]._replace(permit=permit, stake=stake)] + \
            n.neurons[1:]
        learn()
        explains(t, "explain judges a validator with permit %s and %d rao as "
                 "the service does" % (permit, stake),
                 (w.miner.ss58, "--as", "validator"), status,
                 [snapshot_line(), registered(0), coldkey("-", w.owner)] +
                 validator_lines(permit, stake), SERVED % "validator"
                 if code is None else REFUSED % (
                     "validator", 401, code, "You are not validator"))
    explains(t, "explain says that a stranger is refused as a validator",
             (w.stranger.ss58, "--as", "validator"), 1,
             [snapshot_line(), ("registered", "NO", "not on this subnet")],
             REFUSED % ("validator", 401, "not_registered",
                        "You are not validator"))
    n.neurons = [n.neurons[0]._replace(permit=True, stake=1)] + n.neurons[1:]
    learn()
    with w.settings(chain_min_validator_stake=0):
        explains(t, "explain uses the least stake that is configured",
                 (w.miner.ss58, "--as", "validator"), 0,
                 [snapshot_line(), registered(0), coldkey("-", w.owner)] +
                 validator_lines(True, 1, 0), SERVED % "validator")


def identity(t):
    with w.time(NOW + 1200):
        explains(t, "explain says that a snapshot of exactly the maximal age "
                 "is good", (w.sibling.ss58,), 0,
                 [snapshot_line("yes", 1200), registered(1),
                  coldkey("-", w.owner)], SERVED % "miner")
    with w.time(NOW + 1201):
        for as_ in "miner", "validator":
            explains(t, "explain says that a stale snapshot is refused, as a "
                     + as_, (w.sibling.ss58, "--as", as_), 1,
                     [snapshot_line("NO", 1201), registered(1),
                      coldkey("-", w.owner)] +
                     (validator_lines(False, 1) if as_ == "validator" else []),
                     REFUSED % (as_, 503, "stale", "Identity data is too old"))
    w.forget()
    explains(t, "explain says that there is no snapshot", (w.miner.ss58,), 1,
             [("snapshot", "NO", "there is none")],
             REFUSED % ("miner", 503, "no_identity",
                        "Identity data is not available"))
    r = w.cli("explain", w.miner.ss58, env={"FOLDERGATE_CONFIG": "/nowhere",
                                            "FOLDERGATE_NOW": str(NOW)})
    t.ok(r.status == 1 and not r.text, "explain fails without a configuration",
         r)


def usage(t):
    for args in [(), ("--as", "miner"), (w.miner.ss58, "--as", "owner"),
                 (w.miner.ss58, "--as"), (w.miner.ss58, w.owner),
                 ("5nonsense",), (w.miner.ss58[:-1],), ("",),
                 (w.miner.ss58, "--coldkey", "nonsense"),
                 (w.miner.ss58, "--nonsense")]:
        r = w.cli("explain", *args)
        t.ok(r.status == 2 and not r.text and r.err,
             "explain refuses wrong usage with exit status 2: explain %s" %
             " ".join(args), r)


def learn():
    n.block += 1
    with w.time(NOW):
        r = w.sync()
    if r.status != 0:
        raise RuntimeError(str(r))


if __name__ == "__main__":
    n = w.node()
    w.use(n)
    learn()
    w.now = NOW + 5
    tap.run([miners, validators, identity, usage], endpoint.check_outputs)
