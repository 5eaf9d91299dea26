#!/usr/bin/python3
"""SeaweedFS: what it enforces, and uploads, refusals and listings through it."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import stores  # noqa: E402

stores.Tests("seaweedfs", stores.seaweedfs, {
    "same-name": "FAILED", "extra-field": "FAILED"}, 0).run()
