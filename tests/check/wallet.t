#!/usr/bin/python3
"""The PyPI package bittensor-wallet as a judge of hotkey files: what it writes
foldergate opens, and what keygen writes it opens.

`make check-wallet` installs the package below build/ and runs this."""

import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
from world import World

PYTHON = os.path.abspath(os.path.join(endpoint.BUILD, "bittensor-wallet",
                                      "bin", "python"))
PASSWORD = "correct horse battery"
MAKE = r"""
import json, os, sys
from bittensor_wallet import Keypair, Wallet, keyfile
directory, password = sys.argv[1:]
told = {}
for n in 12, 24:
    pair = Keypair.create_from_mnemonic(Keypair.generate_mnemonic(n))
    w = Wallet(name="w%d" % n, hotkey="h", path=directory)
    w.set_hotkey(pair, encrypt=False, overwrite=True)
    w.set_coldkeypub(pair, encrypt=False, overwrite=True)
    told["h"] = told["w%d" % n] = pair.ss58_address
    data = keyfile.serialized_keypair_to_keyfile_data(pair)
    for name, f in [("nacl", keyfile.encrypt_keyfile_data),
                    ("vault", keyfile.legacy_encrypt_keyfile_data)]:
        path = os.path.join(directory, "w%d" % n, "hotkeys", name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as g:
            g.write(bytes(f(data, password)))
with open(os.path.join(directory, "told"), "w") as f:
    json.dump(told, f)
"""
READ = r"""
import sys
from bittensor_wallet import Keyfile
print("address", Keyfile(path=sys.argv[1]).get_keypair().ss58_address)
"""

w = World()


def python(text, *args):
    return subprocess.run([PYTHON, "-c", text, *args], check=True,
                          stdout=subprocess.PIPE, timeout=300).stdout.decode()


def written(t):
    """By the package."""
    directory = w.path("wallets")
    python(MAKE, directory, PASSWORD)
    with open(os.path.join(directory, "told")) as f:
        told = json.load(f)
    password = w.write("password", PASSWORD, 0o600)
    for n in 12, 24:
        for name in "h", "nacl", "vault":
            path = os.path.join(directory, "w%d" % n, "hotkeys", name)
            os.chmod(path, 0o600)
            r = w.cli("sign", "validator", "--hotkey", path,
                      "--password-file", password)
            t.ok(r.status == 0 and
                 json.loads(r.text)["hotkey"] == told["w%d" % n],
                 "a hotkey of %d words that btwallet writes as %s is opened"
                 % (n, name), r)


def read(t):
    path = w.path("own")
    r = w.cli("keygen", path)
    t.ok("address " + r.text.strip() in python(READ, path),
         "btwallet reads the hotkey that keygen makes", r)


if __name__ == "__main__":
    if not os.access(PYTHON, os.X_OK):
        print("1..0 # SKIP the package bittensor-wallet is not installed: "
              "make check-wallet")
        sys.exit(0)
    tap.run([written, read], endpoint.check_outputs)
