#!/usr/bin/python3
"""The document of the API and the service, judged by tools of others: two
linters, and schemathesis, which makes requests of the document, sends them to
the service behind lighttpd and compares the answers.

`make check-openapi` installs the tools below build/ and runs this."""

import http.server
import json
import os
import re
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import bucket
import document
import endpoint
import servers
import tap
import world
from validators import Validators
from world import Key

TOOLS = os.path.join(endpoint.BUILD, "openapi-tools")
NPM = os.path.join(TOOLS, "node_modules", ".bin")
SCHEMATHESIS = os.path.join(TOOLS, "python", "bin", "schemathesis")
EXAMPLES = os.environ.get("EXAMPLES", "20")     # of each endpoint

# Rules that are off.
SPECTRAL = {
    "info-contact": "off",      # an installation has its own operator
}

# Checks that are left out, each because the service is to do otherwise.
LEFT_OUT = [
    # A schema cannot say which fields the proof in use needs, or that of two
    # fields one is needed: a body that fits may be a 400 or a 422.
    "positive_data_acceptance",
    # Clients of all generations send whole numbers as texts, too.
    "negative_data_rejection",
    # It sends a GET with a body, which lighttpd answers with 400 itself.
    "unsupported_method",
    # It sends a request again with a wrong proof, and the hook signs it again.
    "ignored_auth",
]


def run(args, **env):
    # The tools leave files where they run.
    r = subprocess.run(args, cwd=TOOLS, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       env={**os.environ, "BUILD": endpoint.BUILD, **env},
                       timeout=900)
    return r.returncode, r.stdout.decode(errors="replace"), \
        r.stderr.decode(errors="replace")


def redocly(t):
    status, out, err = run(
        [os.path.join(NPM, "redocly"), "lint", "--format=json",
         document.PATH], REDOCLY_TELEMETRY="off",
        REDOCLY_SUPPRESS_UPDATE_NOTICE="true")
    totals = json.loads(out[out.index("{"):])["totals"] if "{" in out else {}
    t.same((status, totals.get("errors"), totals.get("warnings")), (0, 0, 0),
           "redocly finds neither an error nor a warning in the document")
    if status != 0:
        print("# " + (out + err)[-2000:].replace("\n", "\n# "))


def spectral(t):
    rules = os.path.join(TOOLS, "spectral.json")
    with open(rules, "w") as f:
        json.dump({"extends": ["spectral:oas"], "rules": SPECTRAL}, f)
    status, out, err = run(
        [os.path.join(NPM, "spectral"), "lint", "--ruleset", rules,
         "--fail-severity", "hint", document.PATH])
    t.ok(status == 0, "spectral finds nothing in the document", out[-2000:],
         err[-500:])


class Empty(http.server.BaseHTTPRequestHandler):
    """A store that has nothing, so that any file may be uploaded."""

    def do_HEAD(self):
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_):
        pass


def service():
    """lighttpd before the programs, with a store, an index and the time."""
    store = bucket.serve(http.server.ThreadingHTTPServer, Empty)
    threading.Thread(target=store.serve_forever, args=(0.01,),
                     daemon=True).start()
    world.NOW = int(time.time())
    w = Validators(auth_receiver=Key("receiver").ss58,
                   auth_tao_everywhere="yes",
                   s3_endpoint="http://127.0.0.1:%d" % store.server_port,
                   s3_public_endpoint="http://store.test:9000")
    w.snapshot()
    bucket.index_of(w, [b"data/hotkey=%s/job_id=a/b" % w.miner.ss58.encode(),
                        b"data/x/%s/a" % w.owner.encode()])
    return w, servers.SERVERS["lighttpd-spawn"](w)


def schemathesis(t):
    w, web = service()
    url = "http://127.0.0.1:%d/openapi.json" % web.port
    status, out, err = run(
        [SCHEMATHESIS, "run", url, "--seed", "1", "-n", EXAMPLES,
         "--phases", "examples,coverage,fuzzing", "--continue-on-failure",
         "--exclude-checks", ",".join(LEFT_OUT)],
        RECEIVER=w.values["auth_receiver"], PYTHONDONTWRITEBYTECODE="1",
        PYTHONPATH=os.path.abspath("tests/support"),
        SCHEMATHESIS_HOOKS="schemathesis_hooks")
    made = re.search(r"(\d+) generated", out)
    if not t.ok(status == 0 and made is not None and int(made[1]) > 500,
                "schemathesis finds no 5xx and no answer outside the "
                "document", out[-6000:], err[-1000:]):
        return
    print("# %s requests" % made[1])
    granted = w.cli("usage").text
    t.ok("folder_grants" in granted and "validator_urls" in granted,
         "requests that schemathesis made were granted, too", granted)


def main(t):
    if not os.path.exists(os.path.join(TOOLS, "versions")):
        t.skip("tools of others accept the document and the service",
               "make check-openapi installs them")
        return
    redocly(t)
    spectral(t)
    schemathesis(t)


if __name__ == "__main__":
    tap.run([main])
