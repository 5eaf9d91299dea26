#!/usr/bin/python3
"""A miner uploads one file of a job: that key, once, and no other."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import endpoint  # noqa: E402
import s3site  # noqa: E402
import servers  # noqa: E402
import tap  # noqa: E402
from s3site import MAX_BYTES, form  # noqa: E402

site = s3site.Site()
miner, other = site.first, site.second
DATA = bytes(range(256)) * 8


def name_of(i):
    return "data_20261122_140900_7_%016x.parquet" % i


def ask(i, who=miner):
    """As the commands of docs/api.md do it."""
    body = site.world.write("body.json", json.dumps(
        {"job_id": "default_0", "filename": name_of(i)}))
    lines = site.foldergate("sign", "--tao", body, "--hotkey", who.wallet)
    headers = [tuple(line.removeprefix('header = "').rstrip('"').split(": "))
               for line in lines.text.splitlines()]
    with open(body, "rb") as f:
        return servers.ask(site.web.port, "POST", "/get-file-upload-url",
                           f.read(), headers)


def granted(i, who=miner):
    r = ask(i, who)
    if r.code != 200:
        raise s3site.Refused(str(r))
    return json.loads(r.body)


def once(t):
    grant = granted(1)
    key = miner.folder() + "job_id=default_0/" + name_of(1)
    t.same((grant["s3_key"], grant["fields"]["key"]), (key, key),
           "the grant names the key of the file")
    t.same(site.upload(grant, grant["fields"], data=DATA).code, 204,
           "the form uploads the file as it is")
    t.same(site.all_objects(), {key.encode(): len(DATA)},
           "the uploaded file is alone in the bucket")
    r = ask(1)
    t.same((r.code, json.loads(r.body)["code"]), (409, "exists"),
           "a second request for the file is answered with 409")
    grant = granted(1, other)
    t.same(grant["s3_key"], other.folder() + "job_id=default_0/" + name_of(1),
           "another miner's file of the same name has another key")


def narrow(t):
    before = site.all_objects()
    grant = granted(2)
    key = grant["s3_key"]
    for text, other_key in [
            ("another name", key.replace("0002.", "0003.")),
            ("a longer name", key + "x"), ("a shorter name", key[:-1]),
            ("the name of the uploaded file", miner.folder() + "${filename}"),
            ("the folder of another miner",
             key.replace(miner.hotkey, other.hotkey))]:
        r = site.upload(grant, form(grant, other_key), data=DATA)
        t.same((r.code, r.error), (403, "AccessDenied"),
               "the form refuses the key: " + text)
    for size, error in (1023, "EntityTooSmall"), (MAX_BYTES + 1,
                                                   "EntityTooLarge"):
        r = site.upload(grant, grant["fields"], size)
        t.same((r.code, r.error), (400, error),
               "the form refuses a file of %d bytes" % size)
    t.same(site.all_objects(), before, "refused uploads store nothing")


if __name__ == "__main__":
    tap.run([once, narrow], endpoint.check_outputs)
