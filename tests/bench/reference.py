#!/usr/bin/python3
"""Uploads as the Python clients of the service that foldergate replaces do: a
requests.post() with the form for each file, over a connection of its own.

usage: reference.py GRANT.json PREFIX DIRECTORY CONNECTIONS
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import requests

with open(sys.argv[1]) as f:
    grant = json.load(f)
prefix, top = sys.argv[2:4]


def send(name):
    fields = {**grant["fields"], "key": grant["folder"] + prefix + name}
    with open(os.path.join(top, name), "rb") as f:
        r = requests.post(grant["url"], data=fields, files={"file": f},
                          timeout=600)
    if r.status_code not in (200, 204):
        sys.exit("%s: %d %s" % (name, r.status_code, r.text))


with ThreadPoolExecutor(int(sys.argv[4])) as pool:
    list(pool.map(send, sorted(os.listdir(top))))
