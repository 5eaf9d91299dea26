"""The document of the API, build/openapi.json, and whether an answer is in it.
A JSON-schema validator of others decides.  In the document an object may have
members that it does not name, since clients must bear them; here none may."""

import atexit
import json
import os

import jsonschema

import endpoint

PATH = os.path.join(endpoint.BUILD, "openapi.json")

# Where the answers of all tests are noted, if check.sh has made it.
NOTES = os.path.join(endpoint.BUILD, "answers")

# Of a large list or map, so many members at each end are looked at.
SAMPLE = 30

# Headers that only some answers have, each under the statuses that say so.
HEADERS = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset",
           "Retry-After", "Allow"]


def read():
    with open(PATH) as f:
        return json.load(f)


def expanded(doc, node):
    """The node with every reference replaced by what it refers to."""
    if isinstance(node, list):
        return [expanded(doc, x) for x in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        found = doc
        for part in node["$ref"][2:].split("/"):
            found = found[part]
        return expanded(doc, found)
    return {k: expanded(doc, v) for k, v in node.items()}


def closed(schema):
    """The schema, with no members but those that it names."""
    if isinstance(schema, list):
        return [closed(x) for x in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {k: closed(v) for k, v in schema.items()}
    if schema.get("type") == "object":
        schema.setdefault("additionalProperties", False)
    return schema


def sample(value):
    """A large answer without its middle."""
    if isinstance(value, list):
        if len(value) > 2 * SAMPLE:
            value = value[:SAMPLE] + value[-SAMPLE:]
        return [sample(x) for x in value]
    if isinstance(value, dict):
        items = list(value.items())
        if len(items) > 2 * SAMPLE:
            items = items[:SAMPLE] + items[-SAMPLE:]
        return {k: sample(v) for k, v in items}
    return value


class Document:
    def __init__(self):
        self.doc = read()
        self._names = self.names()
        self._responses, self._validators = {}, {}
        self._seen, self._wrong = set(), []
        if os.path.isdir(NOTES):
            atexit.register(self._note)

    def names(self):
        """Each endpoint, and its method."""
        return {path[1:]: method.upper() for path, item in
                self.doc["paths"].items() for method in item}

    def operation(self, name):
        (operation,) = self.doc["paths"]["/" + name].values()
        return operation

    def response(self, name, status):
        """A response, whole; None if there is none."""
        if (name, status) not in self._responses:
            self._responses[name, status] = expanded(
                self.doc, self.operation(name)["responses"].get(str(status)))
        return self._responses[name, status]

    def schema(self, name, status):
        """None: the answer is not JSON."""
        content = self.response(name, status)["content"]
        return closed(content["application/json"]["schema"]) \
            if "application/json" in content else None

    def wrong(self, name, status, headers, body):
        """What of an answer is not in the document."""
        wrong = self._judge(name, status, headers, body)
        self._wrong += wrong
        return wrong

    def _judge(self, name, status, headers, body):
        if name not in self._names:
            return []       # a program that is made for tests
        what = "%s, %s: " % (name, status)
        response = self.response(name, status)
        if response is None:
            return [what + "no such status"]
        undeclared = [h for h in HEADERS if h in headers and
                      h not in response.get("headers", {})]
        if undeclared:
            return [what + "no header %s" % undeclared]
        if "application/json" not in response["content"]:
            self._seen.add("%s %s ok" % (name, status))
            return [] if headers.get("Content-Type") in \
                response["content"] else [what + "another type"]
        if (name, status) not in self._validators:
            self._validators[name, status] = jsonschema.Draft202012Validator(
                self.schema(name, status))
        body = sample(body)
        error = jsonschema.exceptions.best_match(
            self._validators[name, status].iter_errors(body))
        self._see(name, status, body)
        return [] if error is None else [
            what + "%s at %s: %s" % (error.message[:300], list(error.path),
                                     json.dumps(body)[:300])]

    def _see(self, name, status, body):
        if status == 200:
            self._see_fields(name, "", self._validators[name, status].schema,
                             body)
            self._seen.add("%s 200 ok" % name)
        elif isinstance(body, dict):
            self._seen.add("%s %s %s" % (name, status, body.get("code")))

    def _see_fields(self, name, path, schema, value):
        """Note the fields that may be absent: whether they are."""
        if isinstance(value, list):
            for item in value:
                self._see_fields(name, path + "[]", schema.get("items", {}),
                                 item)
        elif isinstance(value, dict):
            fields = schema.get("properties", {})
            for field in set(fields) - set(schema.get("required", [])):
                self._seen.add("%s %s %s" % (
                    name, "has" if field in value else "lacks",
                    path + "." + field))
            for field, part in value.items():
                more = schema.get("additionalProperties") or {}
                self._see_fields(name, path + "." + (
                    field if field in fields else "*"),
                    fields.get(field, more), part)

    def _note(self):
        with open(os.path.join(NOTES, "%d" % os.getpid()), "a") as f:
            f.write("".join(line + "\n" for line in sorted(self._seen) +
                            ["! " + text for text in self._wrong]))
