"""The settings of the programs, as foldergate check-config prints them."""

import os
import re
import subprocess
import tempfile

import endpoint


def table():
    """Name, default and meaning of each.  A default is also "required" or "not
    set"."""
    rows = []
    with tempfile.TemporaryDirectory() as d:
        conf = os.path.join(d, "foldergate.conf")
        with open(conf, "w") as f:
            f.write("[s3]\nendpoint = https://store.example.org\n"
                    "bucket = example\n[state]\ndirectory = %s\n" % d)
        # Without a region, which has no default here, nothing is shown.  Set
        # by a variable, it counts as not set.
        r = subprocess.run(
            [os.path.join(endpoint.BUILD, "bin", "foldergate"),
             "check-config"], env={"FOLDERGATE_CONFIG": conf,
                                   "FOLDERGATE_S3_REGION": "r"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, timeout=60)
    for line in r.stdout.decode().splitlines():
        m = re.match(r"(\w+\.\w+) +(.*?) +; ([^;]*); (.*)$", line)
        if m is not None:
            name, value, origin, about = m.groups()
            rows.append((name, value if origin == "default" else "required"
                         if origin.startswith("line") else "not set", about))
    return rows
