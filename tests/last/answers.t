#!/usr/bin/python3
"""What all tests saw, compared with the document of the API: every answer is
declared, every refusal that is declared was answered, and every field that may be
absent was.  scripts/check.sh runs this after all others, which note what they
saw in build/answers/ (tests/support/document.py)."""

import glob
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import document
import tap

D = document.Document()

# Refusals of the web servers themselves, which have no program's name.
SERVERS = {"bad_request", "unavailable"}

# What no test can see, and why.
UNSEEN = {
    "get-validator-access 400 too_many":
        "this takes an index of 150,001 folders",
}
ALWAYS = {
    "healthcheck lacks .region":
        "no setting is known that is accepted and gives the store no region",
}


def noted():
    seen, wrong = set(), []
    for path in glob.glob(os.path.join(document.NOTES, "*")):
        with open(path) as f:
            for line in f.read().splitlines():
                if line.startswith("! "):
                    wrong.append(line[2:])
                else:
                    seen.add(line)
    return seen, wrong


def declared():
    """A line as in the notes for each refusal that is declared."""
    for name in D.names():
        for status, response in D.operation(name)["responses"].items():
            if status == "200":
                yield "%s 200 ok" % name
            elif "$ref" not in response:
                schema = D.schema(name, status)
                for one in schema.get("oneOf", [schema]):
                    code = one["properties"]["code"]["const"]
                    if code not in SERVERS:
                        yield "%s %s %s" % (name, status, code)


def optional(schema, path=""):
    """The path of each field that may be absent."""
    fields = schema.get("properties", {})
    for field, part in fields.items():
        if field not in schema.get("required", []):
            yield path + "." + field
        yield from optional(part, path + "." + field)
    if "items" in schema:
        yield from optional(schema["items"], path + "[]")
    if schema.get("additionalProperties"):
        yield from optional(schema["additionalProperties"], path + ".*")


def answers(t):
    seen, wrong = noted()
    t.none(sorted(set(wrong)), "every answer of all tests is in the document")
    t.ok(len(seen) > 100, "the tests have noted what was answered", len(seen))
    want = set(declared())
    t.none(sorted(want - seen - set(UNSEEN)),
           "each endpoint answered each refusal that it declares (%d)" %
           len(want))
    t.none(sorted(set(UNSEEN) & seen) + sorted(set(UNSEEN) - want),
           "what is said to be unseen is declared and was not seen")


def absent(t):
    seen = noted()[0]
    lacking = []
    for name in D.names():
        for path in optional(D.schema(name, 200) or {}):
            for how in "has", "lacks":
                line = "%s %s %s" % (name, how, path)
                if line not in seen and line not in ALWAYS:
                    lacking.append(line)
    t.none(sorted(lacking), "each field that may be absent was there in one "
           "answer and absent in another")


def main(t):
    if not os.path.isdir(document.NOTES) or not os.listdir(document.NOTES):
        t.skip("the answers of all tests are in the document",
               "nothing was noted: scripts/check.sh notes it")
        return
    answers(t)
    absent(t)


if __name__ == "__main__":
    tap.run([main])
