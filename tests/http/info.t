#!/usr/bin/python3
"""GET /healthcheck, /commitment-formats and /structure-info: what is told, and
that it is so."""

import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import world
from world import NOW, g1_words, g2_words

HOTKEY_STRUCTURE = "data/hotkey={hotkey_id}/job_id={job_id}/"
COLDKEY_STRUCTURE = "data/{source}/{coldkey}/"

# Substrate's well-known development keys, whose addresses the examples use.
ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
BOB = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
ALICE_SEED = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a"

w = world.World()


def health(t, text, reason=None, structure=HOTKEY_STRUCTURE, log=False,
           advanced_at=NOW, netuid=13, **more):
    want = {"status": "degraded" if reason else "ok"}
    if reason:
        want["reason"] = reason
    want.update(timestamp=w.now, bucket=world.BUCKET, region=world.REGION,
                folder_structure=structure)
    want.update(more)
    if reason != "no_identity":
        want["metagraph"] = {
            "netuid": netuid, "block": 7000000, "spec_version": 0,
            "hotkeys_count": len(w.neurons()), "age_s": w.now - advanced_at}
    a = w.get("healthcheck")
    bad = list(a.wrong)
    if a.status != 0 or a.code != 200 or bool(a.err) != log or \
            json.dumps(a.json) != json.dumps(want):
        bad += ["expected " + json.dumps(want), str(a)]
    t.none(bad, "healthcheck: " + text)


def healthcheck(t):
    health(t, "no snapshot", "no_identity", log=True)
    path = w.snapshot()
    health(t, "all well")
    w.snapshot(advanced_at=NOW - 1200)
    health(t, "a snapshot of 1200 s", advanced_at=NOW - 1200)
    w.snapshot(advanced_at=NOW - 1201)
    health(t, "a snapshot of 1201 s", "stale", advanced_at=NOW - 1201)
    w.snapshot(advanced_at=NOW + 61)
    health(t, "a snapshot of the future", "stale", advanced_at=NOW + 61)
    w.write("state/metagraph.snapshot", "damaged")
    health(t, "a damaged snapshot", "no_identity", log=True)
    os.remove(path)
    with w.settings(chain_netuid=46):
        w.snapshot(netuid=46)
        health(t, "another subnet, as configured", netuid=46)
    health(t, "a snapshot of another subnet", "no_identity", log=True)
    w.snapshot()
    with w.settings(access_layouts="coldkey"):
        health(t, "only coldkey folders", structure=COLDKEY_STRUCTURE)
    with w.settings(access_layouts="hotkey"):
        health(t, "only hotkey folders")
    with w.settings(s3_bucket="another-bucket", s3_region="elsewhere"):
        health(t, "bucket and region", bucket="another-bucket",
               region="elsewhere")
    os.chmod(w.path("s3.secret"), 0o644)
    health(t, "a secret that nobody loads", "secret_unreadable")
    os.chmod(w.path("s3.secret"), 0o600)
    with w.time(NOW + 1000):
        health(t, "the time is that of the request")
    a = w.post(b"{}", "healthcheck", REQUEST_METHOD="GET")
    t.same((a.code, a.wrong), (200, []), "healthcheck: a body is ignored")


def formats(t):
    g1 = "s3:access:{coldkey}:{source}:{timestamp}"
    g2 = "s3:data:access:{coldkey}:{hotkey}:{timestamp}"
    for layouts, want, structure in [
            (None, [g2, g1], HOTKEY_STRUCTURE),
            ("hotkey", [g2, None], HOTKEY_STRUCTURE),
            ("coldkey", [g1, g1], COLDKEY_STRUCTURE)]:
        text = "commitment-formats, layouts = %s: " % layouts
        with w.settings(access_layouts=layouts):
            a = w.get("commitment-formats")
            t.same((a.status, a.code, a.wrong, a.err), (0, 200, [], b""),
                   text + "a plain 200")
            j = a.json
            t.same([j["miner_format"], j.get("miner_source_format")], want,
                   text + "formats")
            t.same("example_miner_source" in j, "miner_source_format" in j,
                   text + "an example with each format")
            t.ok(all(isinstance(j[k], str) for k in (
                "miner_format", "example_miner", "instructions")),
                text + "the texts that clients know")
            t.same(j["folder_structure"]["new_structure"], structure,
                   text + "structure")
            t.ok(isinstance(j["folder_structure"]["description"], str) and
                 len(j["folder_structure"]["example_paths"]) >= 1,
                 text + "description and paths")
            prefix = ("data/hotkey=%s/job_id=" % ALICE,) if want[
                0] == g2 else \
                tuple("data/%s/%s/" % (s, BOB) for s in ("x", "reddit"))
            t.none([p for p in j["folder_structure"]["example_paths"]
                    if not p.startswith(prefix)],
                   text + "example paths lie in the folder that is vended")
            examples(t, text, j)


def validators_words(t):
    """The words of validators, told whatever the layouts are."""
    forms = {
        "validator": "s3:validator:access:{timestamp}",
        "miner_specific": "s3:validator:miner:{miner_hotkey}:{timestamp}",
        "folder_presigned": "s3:validator:folders:{hotkey}:{timestamp}",
        "file_presigned":
            "s3:validator:files:{miner_hotkey}:{hotkey}:{timestamp}"}
    for layouts in None, "hotkey", "coldkey":
        with w.settings(access_layouts=layouts):
            j = w.get("commitment-formats").json
            for name, form in forms.items():
                text = "commitment-formats, layouts = %s: %s" % (layouts, name)
                t.same(j[name + "_format"], form, text)
                example = j["example_" + name]
                validator = BOB if name != "validator" else ""
                t.same(example, form.replace("{miner_hotkey}", ALICE).replace(
                    "{hotkey}", validator).replace(
                    "{timestamp}", example.rpartition(":")[2]),
                    text + ": the example")


def structure(t):
    for layouts, want, prefixes in [
            (None, HOTKEY_STRUCTURE, ("data/hotkey=%s/job_id=" % ALICE,)),
            ("hotkey", HOTKEY_STRUCTURE, ("data/hotkey=%s/job_id=" % ALICE,)),
            ("coldkey", COLDKEY_STRUCTURE,
             ("data/x/%s/" % BOB, "data/reddit/%s/" % BOB))]:
        text = "structure-info, layouts = %s: " % layouts
        with w.settings(access_layouts=layouts):
            a = w.get("structure-info")
            t.same((a.status, a.code, a.wrong, a.err), (0, 200, [], b""),
                   text + "a plain 200")
            j = a.json
            t.same(list(j), ["folder_structure", "changes", "example_paths",
                             "upload_flow"], text + "what the contract names")
            t.same(j["folder_structure"], want, text + "structure")
            t.same([list(j["changes"]), j["changes"]["old_structure"],
                    j["changes"]["new_structure"]], [
                ["old_structure", "new_structure", "benefits"],
                COLDKEY_STRUCTURE, HOTKEY_STRUCTURE], text + "changes")
            t.same([len(j["example_paths"]), len(j["upload_flow"])], [2, 4],
                   text + "two examples, four steps")
            t.none([p for p in j["example_paths"] if not p.startswith(
                prefixes)],
                   text + "the examples are of that structure")


def examples(t, text, j):
    """The words told are those that foldergate sign signs."""
    wallet = w.write("alice", json.dumps({"secretSeed": "0x" + ALICE_SEED}),
                     0o600)
    endpoint.never.add(ALICE_SEED)
    pairs = [(j["miner_format"], j["example_miner"])]
    if "miner_source_format" in j:
        pairs.append((j["miner_source_format"], j["example_miner_source"]))
    for form, example in pairs:
        timestamp = example.rpartition(":")[2]
        source = ["--source", "x"] if "{source}" in form else []
        t.same(example, form.replace("{coldkey}", BOB).replace(
            "{hotkey}", ALICE).replace("{source}", "x").replace(
            "{timestamp}", timestamp), text + "example of " + form)
        r = w.cli("sign", "miner", "--hotkey", wallet, "--coldkey", BOB,
                  "--timestamp", timestamp, *source)
        body = json.loads(r.text)
        t.same(body["hotkey"], ALICE, text + "the hotkey's address")
        r = w.cli("verify", "--public", world.base58_key(ALICE).hex(),
                  "--message-hex", example.encode().hex(), "--signature",
                  body["signature"])
        t.same(r.text, "valid\n", text + "it is what sign signs")
        t.ok(example in (g1_words(BOB, "x", timestamp),
                         g2_words(BOB, ALICE, timestamp)),
             text + "and what the contract says")


if __name__ == "__main__":
    tap.run([healthcheck, formats, validators_words, structure],
            endpoint.check_outputs)
