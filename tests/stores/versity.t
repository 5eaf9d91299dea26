#!/usr/bin/python3
"""versitygw: what it enforces, and uploads, refusals and listings through it."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import stores  # noqa: E402

stores.Tests("versity", stores.versity, {"filename": "not supported", "dots": "FAILED", "same-name": "FAILED",
        "encoding": "not supported"}, 1,
             held=True).run()
