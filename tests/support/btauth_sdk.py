"""Runs under the Python that has bittensor: what its http_auth signs and says.

A request is a line of JSON on standard input, an answer one on standard
output.  {"sign": {"seed", "crypto", "method", "path", "body", "receiver",
"nonce"}} is answered with the headers, {"verify": {"headers", "body", "method",
"path", "receiver", "now"}} with the hotkey, or with the class of the refusal.
Seeds and bodies are in hex."""

import json
import sys

from bittensor import http_auth
from bittensor.sp_core import CRYPTO_ED25519, CRYPTO_SR25519, Keypair

CRYPTO = {"sr25519": CRYPTO_SR25519, "ed25519": CRYPTO_ED25519}


def sign(seed, crypto, method, path, body, receiver, nonce):
    key = Keypair.create_from_seed(bytes.fromhex(seed),
                                   crypto_type=CRYPTO[crypto])
    return http_auth.sign(key, method=method, path=path,
                          body=bytes.fromhex(body), receiver_ss58=receiver,
                          nonce_ns=nonce)


def verify(headers, body, method, path, receiver, now):
    try:
        return http_auth.verify(
            headers, bytes.fromhex(body), method=method, path=path,
            self_hotkey_ss58=receiver, now_ns=now,
            nonce_store=http_auth.InMemoryNonceStore()).hotkey_ss58
    except http_auth.AuthError as e:
        return type(e).__name__


for line in sys.stdin:
    ask = json.loads(line)
    out = sign(**ask["sign"]) if "sign" in ask else verify(**ask["verify"])
    print(json.dumps(out), flush=True)
