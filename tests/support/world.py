"""A whole installation in a temporary directory: configuration, secret, state
directory, and the keys of those who take part."""

import atexit
import base64
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading

import endpoint
import planted

NOW = 1774000123        # 2026-03-20T09:48:43+00:00

KEY_ID = "TESTKEYIDFORBOTHROLES"
SECRET = "tests/only+%s012345678" % planted.MARK
BUCKET = "miners-data"
REGION = "test-region-1"

# Substrate's base58 (Bitcoin's) and address type of Bittensor.
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58(raw):
    n, text = int.from_bytes(raw, "big"), ""
    while n > 0:
        n, digit = divmod(n, 58)
        text = _ALPHABET[digit] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def ss58(public, prefix=42):
    raw = bytes([prefix]) + public
    return base58(raw + hashlib.blake2b(b"SS58PRE" + raw).digest()[:2])


def base58_key(address):
    """The public key in an address; its checksum is not looked at."""
    n = 0
    for letter in address:
        n = n * 58 + _ALPHABET.index(letter)
    return n.to_bytes(35, "big")[1:33]


class Key:
    """A key made from a name, of sr25519 or ed25519; one process signs for all."""

    _signer, _turn = None, threading.Lock()

    def __init__(self, name, crypto="sr25519"):
        self.crypto = crypto
        self.mini = hashlib.sha256(b"foldergate test " + name.encode()).digest()
        self.public = bytes.fromhex(self._ask(b"")[0])
        self.ss58 = ss58(self.public)
        endpoint.never.add(self.mini.hex())

    def _ask(self, message):
        if Key._signer is None:
            path = os.path.join(endpoint.BUILD, "test", "bin", "signer")
            Key._signer = subprocess.Popen([path], stdin=subprocess.PIPE,
                                           stdout=subprocess.PIPE)
            atexit.register(Key._signer.communicate)
        with Key._turn:
            Key._signer.stdin.write(("%s%s %s\n" % (
                "ed25519 " if self.crypto == "ed25519" else "",
                self.mini.hex(), message.hex())).encode())
            Key._signer.stdin.flush()
            return Key._signer.stdout.readline().decode().split()

    def sign(self, words):
        """The signature of a text or of bytes, in hex."""
        return self._ask(words.encode() if isinstance(words, str)
                         else words)[1]

    def tao(self, body, ms, nonce="6f2d1c3e-8a54-4b0e-9d3a-0c5f1b7e2a90"):
        """X-Tao headers for the bytes of a body."""
        words = "%s.%s.%s" % (hashlib.sha256(body).hexdigest(), nonce, ms)
        return {"X-Tao-Version": "2", "X-Tao-Timestamp": str(ms),
                "X-Tao-Nonce": nonce, "X-Tao-Signed-By": self.ss58,
                "X-Tao-Signature": base64.b64encode(
                    bytes.fromhex(self.sign(words))).decode()}

    def btauth(self, receiver, target, body, ns, method="POST"):
        """X-Bittensor headers for a request."""
        words = "\n".join(["btauth/1", self.crypto, method, target,
                           hashlib.sha256(body).hexdigest(), str(ns),
                           self.ss58, receiver])
        headers = {"X-Bittensor-Version": "1", "X-Bittensor-Hotkey": self.ss58,
                   "X-Bittensor-Receiver": receiver,
                   "X-Bittensor-Nonce": str(ns),
                   "X-Bittensor-Signature": "0x" + self.sign(words)}
        if self.crypto != "sr25519":
            headers["X-Bittensor-Crypto"] = self.crypto
        return headers


# One request may be sent again, and as often as a test likes.
UNLIMITED = {
    "limits_replay": "allow",
    **{"limits_" + name: 10**9 for name in (
        "folder_grants", "file_grants", "validator_answers",
        "validator_urls")},
    "limits_address_per_minute": 60000, "limits_address_burst": 5000,
}


def g1_words(coldkey, source, timestamp):
    return "s3:access:%s:%s:%s" % (coldkey, source, timestamp)


def g2_words(coldkey, hotkey, timestamp):
    return "s3:data:access:%s:%s:%s" % (coldkey, hotkey, timestamp)


def complains(r, status, command, why="", lines=1):
    """Did the client end with this status and one line about it?  Of wrong
    usage the line names the command and its help."""
    begins, ends = "foldergate: ", "\n"
    if status == 2:
        begins = "foldergate %s: " % command
        ends = " (see foldergate %s --help)\n" % command
    return (r.status == status and r.log.startswith(begins) and
            r.log.endswith(ends) and 1 <= r.log.count("\n") <= lines and
            why in r.log)


class World:
    """One installation.  The keywords are settings, s3_bucket="..."; None
    leaves one out."""

    def __init__(self, **settings):
        self.dir = tempfile.mkdtemp(prefix="foldergate-test-")
        atexit.register(self._end)
        self.now = NOW
        self._secret = set()        # files that hold one
        self.state = self.path("state")
        os.mkdir(self.state)
        self.conf = self.path("foldergate.conf")
        self.values = {
            "s3_endpoint": "http://store.test:9000",
            "s3_region": REGION,
            "s3_bucket": BUCKET,
            "s3_access_key_id": KEY_ID,
            "s3_secret_access_key_file": self.secret("s3.secret", SECRET),
            "state_directory": self.state,

            # Who tests limits sets them.
            **UNLIMITED,
        }
        self.configure(**settings)
        self.wake()

        # Two miners of one owner, one of another; and one nobody knows.
        self.miner, self.sibling, self.other, self.stranger = map(
            Key, ("miner", "sibling", "other", "stranger"))
        self.owner, self.owner2 = Key("owner").ss58, Key("owner2").ss58

    def _end(self):
        """Whatever runs was stopped before."""
        planted.folder(self.dir, self._secret)
        shutil.rmtree(self.dir, True)

    def wake(self):
        """Let the ledger begin an hour ago: what is signed at its birth
        or before is refused."""
        endpoint.cgi("get-folder-access", {
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
            **self.env(FOLDERGATE_NOW=str(self.now - 3600))})

        # That this was a request is nothing to count.
        for name in "throttle.table", "metrics.table":
            table = os.path.join(self.state, name)
            if os.path.exists(table):
                os.unlink(table)

    def files(self):
        """What is in the state directory, without the ledger and counts."""
        return sorted(name for name in os.listdir(self.state)
                      if not name.startswith(("store.", "throttle.",
                                              "metrics.")))

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, data, mode=0o644):
        path = self.path(name)
        with open(path, "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        os.chmod(path, mode)
        return path

    def set_clock(self, name, now):
        """The file of a clock of processes that run.  They have mapped it."""
        path = self.path(name)
        with open(path, "r+b" if os.path.exists(path) else "wb") as f:
            f.write(str(now).encode())
        return path

    def secret(self, name, text, mode=0o600):
        endpoint.never.add(text)
        planted.texts.add(text)
        path = self.write(name, text + "\n", mode)
        self._secret.add(path)
        return path

    def wallet(self, key):
        """A hotkey file with nothing in it but the seed."""
        return self.write("hotkey-" + key.ss58, json.dumps(
            {"secretSeed": "0x" + key.mini.hex()}), 0o600)

    def configure(self, **settings):
        """Change settings for the rest of the file."""
        self.values.update(settings)
        lines, last = [], None
        for name, value in sorted(self.values.items()):
            section, _, key = name.partition("_")
            if value is None:
                continue
            if planted.setting(section + "." + key, str(value)):
                self._secret.add(str(value))
            if section != last:
                lines.append("[%s]" % section)
                last = section
            lines.append("%s = %s" % (key, value))
        self.lines = lines
        self.write("foldergate.conf", "\n".join(lines) + "\n")

    @contextlib.contextmanager
    def settings(self, **settings):
        """Change settings for the statements of a with; afterwards all are as
        they were before it, also after an exception."""
        before = dict(self.values)
        self.configure(**settings)
        try:
            yield self
        finally:
            self.values = before
            self.configure()

    @contextlib.contextmanager
    def time(self, now):
        """The same for the clock."""
        before, self.now = self.now, now
        try:
            yield self
        finally:
            self.now = before

    def env(self, **more):
        return {"FOLDERGATE_CONFIG": self.conf,
                "FOLDERGATE_NOW": str(self.now), **more}

    def cli(self, *args, env=None, stdin=b"", installed=False):
        path = os.path.join(endpoint.BUILD, "" if installed else "test",
                            "bin", "foldergate")
        return endpoint.program(path, args,
                                self.env() if env is None else env, stdin)

    def neurons(self):
        return [{"uid": i, "hotkey": key.ss58, "coldkey": owner,
                 "permit": False, "alpha_stake_rao": str(i)}
                for i, (key, owner) in enumerate([
                    (self.miner, self.owner), (self.sibling, self.owner),
                    (self.other, self.owner2)])]

    def snapshot(self, **more):
        """Import who is registered; more are members of the document."""
        document = {"netuid": 13, "block": 7000000,
                    "neurons": self.neurons(), **more}
        r = self.cli("snapshot", "import", self.write("neurons.json",
                                                      json.dumps(document)))
        if r.status != 0:
            raise RuntimeError(str(r))
        return os.path.join(self.state, "metagraph.snapshot")

    def request(self, key=None, coldkey=None, source=None, timestamp=None,
                words=None, **more):
        """A signed body: G1 with a source, else G2; words to sign others."""
        key = key or self.miner
        coldkey = coldkey or (self.owner2 if key is self.other else self.owner)
        timestamp = self.now if timestamp is None else timestamp
        if words is None:
            words = g1_words(coldkey, source, timestamp) if source else \
                g2_words(coldkey, key.ss58, timestamp)
        body = {"coldkey": coldkey, "hotkey": key.ss58}
        if source is not None:
            body["source"] = source
        body["timestamp"] = timestamp
        body["signature"] = key.sign(words)
        body.update(more)
        return body

    def post(self, body, name="get-folder-access", env=None, secrets=(),
             **more):
        """Post a body: a dict, or bytes.  more: variables; None: not set."""
        if isinstance(body, dict):
            secrets = [*secrets, str(body.get("signature", ""))]
            body = json.dumps(body).encode()
        variables = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST",
                     "CONTENT_LENGTH": str(len(body)),
                     "CONTENT_TYPE": "application/json",
                     "REMOTE_ADDR": "192.0.2.7",
                     **(self.env() if env is None else env), **more}
        variables = {k: v for k, v in variables.items() if v is not None}
        return endpoint.cgi(name, variables, body,
                            secrets=[s for s in secrets if len(s) > 16])

    def get(self, name, installed=False, method="GET", **more):
        variables = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": method,
                     **self.env(), **more}
        return endpoint.cgi(name, variables, allow="GET", installed=installed)
