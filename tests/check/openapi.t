#!/usr/bin/python3
"""The document of the API: its form, what it has, and its examples, which are
sent to the programs.  tests/last/answers.t compares it with all answers."""

import glob
import json
import os
import re
import subprocess
import sys
from urllib.parse import urljoin

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import document
import endpoint
import jsonschema
import tap
import world

D = document.Document()

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
BOB = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
CHARLIE = "5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y"
DAVE = "5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy"
WHEN = 1767225600


def rules(t):
    with open("tests/vectors/openapi/schema-3.1.json") as f:
        schema = json.load(f)
    errors = jsonschema.Draft202012Validator(schema).iter_errors(D.doc)
    t.none(["%s: %s" % (list(e.path), e.message[:200]) for e in errors],
           "the document is one of OpenAPI 3.1 by the schema of its makers")


def again(t):
    items = b""
    for path in sorted(glob.glob(endpoint.BUILD + "/describe/*")):
        if os.path.basename(path) != "openapi":
            items += subprocess.run([path], stdout=subprocess.PIPE,
                                    check=True).stdout.split(b"\n", 1)[1]
    out = subprocess.run([endpoint.BUILD + "/describe/openapi"], input=items,
                         stdout=subprocess.PIPE, check=True).stdout
    with open(document.PATH, "rb") as f:
        t.ok(out == f.read(), "the document that is made again is the same")


def endpoints(t):
    want = {}
    for path in glob.glob("cgi-bin/*.c"):
        with open(path) as f:
            want[os.path.basename(path)[:-2]] = re.search(
                r'\.method = "(\w+)"', f.read()).group(1)
    t.same(D.names(), want, "the document has each endpoint of cgi-bin/ with "
           "its method, and no other")
    with open("VERSION") as f:
        t.same(D.doc["info"]["version"], f.read().strip(),
               "the document has the version of the programs")
    ids = [D.operation(name)["operationId"] for name in want]
    t.same(len(set(ids)), len(want), "each operation has an id of its own")


def schemas_of(node, path=""):
    """Each schema of a property, with its path."""
    if isinstance(node, dict):
        for name, part in node.get("properties", {}).items():
            yield "%s.%s" % (path, name), part
            yield from schemas_of(part, "%s.%s" % (path, name))
        for name in "items", "additionalProperties":
            yield from schemas_of(node.get(name), path + "[]")


def fields(t):
    lacking, bad = [], []
    for name in sorted(D.names()):
        operation = D.operation(name)
        parts = [D.response(name, 200)]
        if "requestBody" in operation:
            parts.append(operation["requestBody"])
        for part in parts:
            if "application/json" not in part["content"]:
                continue
            schema = part["content"]["application/json"]["schema"]
            jsonschema.Draft202012Validator.check_schema(schema)
            for path, field in schemas_of(schema, name):
                has = set(field)
                if not {"type", "description"} <= has or \
                        field["type"] != "object" and "examples" not in has \
                        and field.get("items", {}).get("type") != "object":
                    lacking.append("%s: %s" % (path, sorted(has)))
                for value in field.get("examples", []):
                    bad += ["%s: %s" % (path, e.message) for e in
                            jsonschema.Draft202012Validator(
                                document.closed(field)).iter_errors(value)]
    t.none(lacking, "each field of a request and of an answer has a type, a "
           "description and an example")
    t.none(bad, "the example of each field is valid")


def whole_examples(t):
    bad = []
    for name in sorted(D.names()):
        request = D.operation(name).get("requestBody")
        cases = [(D.response(name, status), D.schema(name, status))
                 for status in D.operation(name)["responses"]
                 if D.schema(name, status) is not None]
        if request is not None:
            cases.append((request, document.closed(
                request["content"]["application/json"]["schema"])))
        for part, schema in cases:
            content = part["content"]["application/json"]
            values = [x["value"] for x in content.get("examples", {}).values()]
            if "example" in content:
                values.append(content["example"])
            bad += ["%s: %s" % (name, e.message) for value in values for e in
                    jsonschema.Draft202012Validator(schema).iter_errors(value)]
    t.none(bad, "the example of each request and answer is valid")


def placed(t):
    """The URL of an endpoint, as OpenAPI 3.1 builds it: the server's is a
    reference from the document's, and the path is appended."""
    [server] = D.doc["servers"]
    for folder in "https://gate.example/", "https://site.example/api/":
        base = urljoin(folder + "openapi.json", server["url"]).rstrip("/")
        t.none([base + path for path in D.doc["paths"]
                if base + path != folder + path[1:]],
               "the server of the document is right in %s" % folder)


def web_servers(t):
    bad = []
    for path in glob.glob("errors/*.html"):
        with open(path) as f:
            body = json.load(f)
        for name in sorted(D.names()):
            bad += D.wrong(name, int(os.path.basename(path)[:3]), {}, body)
    t.none(bad, "each answer of a web server itself is in the document, for "
           "every endpoint")


def schemes(t):
    """Every header that the programs read is described, and no other."""
    with open("common/web/request.c") as f:
        read = set(re.findall(r'"HTTP_(X_(?:TAO|BITTENSOR)_\w+)"', f.read()))
    told = set(D.doc["components"]["securitySchemes"]) - {"bearer"} | set(
        D.doc["components"]["parameters"])
    told.remove("X-Request-ID")
    t.same({name.upper().replace("-", "_") for name in told}, read,
           "the document describes each header of a proof, and no other")
    text = D.doc["info"]["description"]
    with open("common/auth/signed_text.def") as f:
        forms = re.findall(r'SIGNED_TEXT\(\w+, "([^"]+)"\)', f.read())
    t.none([form for form in forms if form not in text or not any(
        form in D.operation(name)["description"] for name in D.names())],
           "each signed text is in the document, and at an operation")


# --- the examples, sent ------------------------------------------------------------

def example_world():
    """Alice and Charlie are registered; the time is that of the examples."""
    world.NOW = WHEN
    w = world.World(auth_receiver=DAVE, limits_replay="refuse",
                    auth_schemes="text, tao, btauth")
    document = {"netuid": 13, "block": 7000000, "neurons": [
        {"uid": 0, "hotkey": ALICE, "coldkey": BOB, "permit": False,
         "alpha_stake_rao": "1"},
        {"uid": 1, "hotkey": CHARLIE, "coldkey": DAVE, "permit": True,
         "alpha_stake_rao": str(10**18)}]}
    r = w.cli("snapshot", "import",
              w.write("neurons.json", json.dumps(document)))
    if r.status != 0:
        raise RuntimeError(str(r))
    return w


def proven(a):
    """Granted, or refused for a reason that only a proven caller is told:
    there is no bucket here, and no store."""
    return a.code == 200 or a.code == 503 and a.json["code"] in (
        "no_index", "store_unreachable")


def texts(t):
    w = example_world()
    for name in sorted(D.names()):
        examples = D.operation(name).get("requestBody", {}).get(
            "content", {}).get("application/json", {}).get("examples", {})
        if "signed_text" not in examples:
            continue
        body = json.dumps(examples["signed_text"]["value"]).encode()
        a = w.post(body, name)
        t.ok(proven(a), "the example of %s proves its request as it stands" %
             name, a)
        if a.code == 200:
            t.same(w.post(body, name).json["code"], "replay_detected",
                   "the example of %s is refused if it is sent again" % name)


def example_of(described):
    """The example at the end of a header's description."""
    return re.search(r"`([^`]*)`$", described["description"]).group(1)


def headers(t):
    """The examples of the headers, with the body that the document names."""
    w = example_world()
    body = re.search(r"the body `([^`]+)`", D.doc["info"]["description"])[1]
    for kind in "X-Tao", "X-Bittensor":
        values = {"HTTP_" + name.upper().replace("-", "_"): example_of(scheme)
                  for name, scheme in
                  D.doc["components"]["securitySchemes"].items()
                  if name.startswith(kind)}
        a = w.post(body.encode(), "get-file-upload-url", **values,
                   REQUEST_URI="/get-file-upload-url")
        t.ok(len(values) == 5 and proven(a),
             "the example of the %s headers proves its request" % kind, a)
        a = w.post(body.encode() + b" ", "get-file-upload-url", **values,
                   REQUEST_URI="/get-file-upload-url")
        t.same(a.json["code"], "invalid_signature",
               "the example of the %s headers does not prove another body" %
               kind)


if __name__ == "__main__":
    tap.run([rules, again, endpoints, fields, whole_examples, placed,
             web_servers, schemes, texts, headers],
            endpoint.check_outputs)
