#!/usr/bin/python3
"""The commands in README for a miner and for a validator, pasted as they are into
a shell: only names of keys and the port are put in their place."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import page  # noqa: E402
import s3site  # noqa: E402
import tap  # noqa: E402

site = s3site.Site()
world, miner = site.world, site.first
wallet = world.path("validator")
VALIDATOR = site.foldergate("keygen", wallet).text.strip()
world.snapshot(block=7000001, neurons=[
    {"uid": i, "hotkey": hotkey, "coldkey": miner.coldkey, "permit": permit,
     "alpha_stake_rao": "20000000000001"}
    for i, (hotkey, permit) in enumerate([
        (miner.hotkey, False), (VALIDATOR, True)])])
DATA = os.urandom(2000)
HOTKEY = "~/.bittensor/wallets/WALLET/hotkeys/HOTKEY"


def paste(script, **names):
    """Run the commands of README; what they print."""
    for old, new in [("$PWD/build", os.path.abspath(os.environ.get(
            "BUILD", "build"))), (":8000", ":%d" % site.web.port),
            *names.items()]:
        if old not in script:
            raise RuntimeError("no %s in README" % old)
        script = script.replace(old, new)
    r = subprocess.run(["sh", "-euc", script], cwd=world.dir, timeout=60,
                       env={"PATH": os.environ["PATH"],
                            "no_proxy": "127.0.0.1"},
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return r.stdout.decode() + r.stderr.decode()


def upload(t):
    world.write("posts.parquet", DATA)
    out = paste(page.block("README.md", "I am a miner", 1) +
                page.block("README.md", "I am a miner", 2), **{
                    HOTKEY: miner.wallet, "5F...": miner.coldkey})
    t.ok("sent  posts.parquet\n" in out and out.endswith("204\n"),
         "the miner's commands in README upload the file, and again by curl",
         out)
    key = miner.folder() + "job_id=default_0/posts.parquet"
    t.same(site.all_objects(), {key.encode(): len(DATA)},
           "the miner's commands in README store the file below its job")


def download(t):
    out = paste(page.block("README.md", "I am a validator", 1),
                **{HOTKEY: wallet, "5G...": miner.hotkey})
    t.ok("  job_id=default_0/posts.parquet\n" in out,
         "the validator's commands in README list the miner's file", out)
    with open(world.path("data/job_id=default_0/posts.parquet"), "rb") as f:
        t.same(f.read(), DATA, "the validator's commands in README download "
               "the bytes that the miner stored")


if __name__ == "__main__":
    tap.run([upload, download])
