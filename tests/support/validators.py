"""A world with validators in it, of all kinds, and what they send."""

import json

import endpoint
import sigv4
import world
from world import Key, World

RAO = 10**9
LEAST = 20000           # chain.min_validator_stake, where it is not set


def miner_words(miner, timestamp):
    return "s3:validator:miner:%s:%s" % (miner, timestamp)


def files_words(miner, hotkey, timestamp):
    return "s3:validator:files:%s:%s:%s" % (miner, hotkey, timestamp)


def access_words(hotkey, timestamp):
    return "s3:validator:access:%s" % timestamp


def folders_words(hotkey, timestamp):
    return "s3:validator:folders:%s:%s" % (hotkey, timestamp)


# The endpoints that tell of everybody, and what is signed for them.
OF_ALL = {"get-validator-access": access_words,
          "get-folder-presigned-urls": folders_words}


class Validators(World):
    """validator: a good one; others fall short of it."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.validator, self.no_permit, self.low_stake, self.idle = map(Key, (
            "validator", "no permit", "low stake", "another validator"))
        self.folder = "data/hotkey=%s/" % self.miner.ss58

    def neurons(self):
        enough = LEAST * RAO + 1
        return super().neurons() + [
            {"uid": 10 + i, "hotkey": key.ss58, "coldkey": self.owner2,
             "permit": permit, "alpha_stake_rao": str(stake)}
            for i, (key, permit, stake) in enumerate([
                (self.validator, True, enough),
                (self.no_permit, False, 2**63),
                (self.low_stake, True, enough - 1),
                (self.idle, True, enough)])]

    def asks(self, name, key=None, words=None, timestamp=None, **fields):
        """A signed body for an endpoint; words to sign others than those that
        fields call for."""
        key = key or self.validator
        timestamp = self.now if timestamp is None else timestamp
        miner = fields.get("miner_hotkey") or fields.get("miner_coldkey")
        if name in OF_ALL:
            right = OF_ALL[name](key.ss58, timestamp)
        elif name == "get-file-presigned-urls":
            fields.setdefault("file_keys", [self.folder + "a"])
            right = files_words(miner, key.ss58, timestamp)
        else:
            right = miner_words(miner, timestamp)
        return {"hotkey": key.ss58, "timestamp": timestamp,
                "signature": key.sign(right if words is None else words),
                **fields}

    def headed(self, name, body, key=None, ms=None, change=None, **more):
        """Post with X-Tao headers; change: header to value, None: left out."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        ms = self.now * 1000 if ms is None else ms
        headers = (key or self.validator).tao(raw, ms)
        headers.update(change or {})
        return self.post(raw, name, **{
            "HTTP_" + n.upper().replace("-", "_"): v
            for n, v in headers.items()}, **more)

    def btauth(self, name, body, key=None, change=None, ns=None, target=None,
               signed=None, method="POST", **more):
        """Post with X-Bittensor headers for auth.receiver.  change: header to
        value, None: left out.  signed: a body to sign in place of this."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        target = "/" + name if target is None else target
        headers = (key or self.validator).btauth(
            self.values["auth_receiver"], target,
            raw if signed is None else signed,
            self.now * 10**9 if ns is None else ns, method)
        headers.update(change or {})
        return self.post(raw, name, **{"REQUEST_URI": target, **{
            "HTTP_" + n.upper().replace("-", "_"): v
            for n, v in headers.items()}, **more})

    def list_url(self, prefix, ttl=10800, token=None, max_keys=1000,
                 delimiter=None):
        return sigv4.list_url(
            self.now, ttl, prefix, "http", "store.test:9000",
            "/" + world.BUCKET, world.KEY_ID, world.SECRET, world.REGION,
            max_keys=max_keys, token=token, delimiter=delimiter)

    def object_url(self, key, ttl=10800):
        return sigv4.object_url(
            self.now, ttl, key, "http", "store.test:9000", "/" + world.BUCKET,
            world.KEY_ID, world.SECRET, world.REGION)


def granted_wrong(a, want):
    """What is wrong with an answer that should be this, in this order."""
    wrong = list(a.wrong)
    if a.status != 0 or a.code != 200 or a.err:
        return wrong + ["not a plain 200", str(a)]
    if json.dumps(a.json) != json.dumps(want):
        wrong += ["got      " + json.dumps(a.json),
                  "expected " + json.dumps(want)]
    return wrong


def refused(t, text, a, status, code, detail=None):
    t.none(endpoint.refusal_wrong(a, status, code, detail), text)
