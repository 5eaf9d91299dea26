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


def health(t, text, reason=None, structure=HOTKEY_STRUCTURE,
           advanced_at=NOW, netuid=13, **more):
    want = {"status": "degraded" if reason else "ok"}
    if reason:
        want["reason"] = reason
    want.update(timestamp=w.now, bucket=world.BUCKET, region=world.REGION,
                folder_structure=structure, migration_phase="s3_only")
    want.update(more)
    if reason != "no_identity":
        want["metagraph"] = {
            "netuid": netuid, "block": 7000000, "spec_version": 0,
            "hotkeys_count": len(w.neurons()), "age_s": w.now - advanced_at}
    a = w.get("healthcheck")
    bad = list(a.wrong)
    if a.status != 0 or a.code != 200 or bool(a.err) or \
            json.dumps(a.json) != json.dumps(want):
        bad += ["expected " + json.dumps(want), str(a)]
    t.none(bad, "healthcheck reports " + text)


def phases(t):
    for phase in None, "hf_only", "dual_hf", "dual_s3", "s3_only":
        with w.settings(migration_phase=phase):
            t.same([w.get(name).json["migration_phase"] for name in (
                "healthcheck", "structure-info")], [phase or "s3_only"] * 2,
                "healthcheck and structure-info publish %s as the phase" % (
                    phase or "s3_only if none is set"))
    with w.settings(migration_phase="hf"):
        t.same(w.get("structure-info").code, 500, "a phase that does not exist "
               "is refused when the program starts")


def healthcheck(t):
    health(t, "no_identity without a snapshot", "no_identity")
    path = w.snapshot()
    health(t, "ok with a snapshot of now")
    w.snapshot(advanced_at=NOW - 1200)
    health(t, "ok with a snapshot of 1200 s", advanced_at=NOW - 1200)
    w.snapshot(advanced_at=NOW - 1201)
    health(t, "stale with a snapshot of 1201 s", "stale",
           advanced_at=NOW - 1201)
    w.snapshot(advanced_at=NOW + 61)
    health(t, "stale with a snapshot 61 s ahead", "stale", advanced_at=NOW + 61)
    w.write("state/metagraph.snapshot", "damaged")
    health(t, "no_identity with a damaged snapshot", "no_identity")
    os.remove(path)
    with w.settings(chain_netuid=46):
        w.snapshot(netuid=46)
        health(t, "the subnet that is configured", netuid=46)
    health(t, "no_identity with a snapshot of another subnet", "no_identity")
    w.snapshot()
    with w.settings(access_layouts="coldkey"):
        health(t,
               "the coldkey structure where only coldkey folders are served",
               structure=COLDKEY_STRUCTURE)
    with w.settings(access_layouts="hotkey"):
        health(t, "the hotkey structure where only hotkey folders are served")
    with w.settings(s3_bucket="another-bucket", s3_region="elsewhere"):
        health(t, "the bucket and the region that are configured",
               bucket="another-bucket", region="elsewhere")
    os.chmod(w.path("s3.secret"), 0o644)
    health(t, "secret_unreadable where the file's mode is too wide",
           "secret_unreadable")
    os.chmod(w.path("s3.secret"), 0o600)
    with w.time(NOW + 1000):
        health(t, "the time of the request")
    a = w.post(b"{}", "healthcheck", REQUEST_METHOD="GET")
    t.same((a.code, a.wrong), (200, []), "healthcheck ignores a body")


def formats(t):
    g1 = "s3:access:{coldkey}:{source}:{timestamp}"
    g2 = "s3:data:access:{coldkey}:{hotkey}:{timestamp}"
    for layouts, want, structure in [
            (None, [g2, g1], HOTKEY_STRUCTURE),
            ("hotkey", [g2, None], HOTKEY_STRUCTURE),
            ("coldkey", [g1, g1], COLDKEY_STRUCTURE)]:
        text = "commitment-formats with layouts = %s " % layouts
        with w.settings(access_layouts=layouts):
            a = w.get("commitment-formats")
            t.same((a.status, a.code, a.wrong, a.err), (0, 200, [], b""),
                   text + "answers a plain 200")
            j = a.json
            t.same([j["miner_format"], j.get("miner_source_format")], want,
                   text + "gives the formats of its layouts")
            t.same("example_miner_source" in j, "miner_source_format" in j,
                   text + "gives an example with each format")
            t.ok(all(isinstance(j[k], str) for k in (
                "miner_format", "example_miner", "instructions")),
                text + "gives the texts that clients know")
            t.same(j["folder_structure"]["new_structure"], structure,
                   text + "names the structure of its layouts")
            t.ok(isinstance(j["folder_structure"]["description"], str) and
                 len(j["folder_structure"]["example_paths"]) >= 1,
                 text + "describes the structure and gives example paths")
            prefix = ("data/hotkey=%s/job_id=" % ALICE,) if want[
                0] == g2 else \
                tuple("data/%s/%s/" % (s, BOB) for s in ("x", "reddit"))
            t.none([p for p in j["folder_structure"]["example_paths"]
                    if not p.startswith(prefix)],
                   text + "gives example paths in the folder that is vended")
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
                text = "commitment-formats with layouts = %s, %s" % (
                    layouts, name)
                t.same(j[name + "_format"], form,
                       text + ": the format is right")
                example = j["example_" + name]
                validator = BOB if name != "validator" else ""
                t.same(example, form.replace("{miner_hotkey}", ALICE).replace(
                    "{hotkey}", validator).replace(
                    "{timestamp}", example.rpartition(":")[2]),
                    text + ": the example is right")


def proofs(t):
    """What a client may prove itself by, and for whom it signs then."""
    for schemes, receiver, want in [
            (None, None, ["text", "tao"]),
            (None, ALICE, ["text", "tao", "btauth"]),
            ("tao, btauth", ALICE, ["tao", "btauth"]),
            ("text", ALICE, ["text"])]:
        with w.settings(auth_schemes=schemes, auth_receiver=receiver):
            j = w.get("commitment-formats").json
            t.same([j["schemes"], j.get("receiver")],
                   [want, receiver if "btauth" in want else None],
                   "commitment-formats names the proofs that are accepted "
                   "with schemes %s and receiver %s" % (schemes, receiver))


def structure(t):
    for layouts, want, prefixes in [
            (None, HOTKEY_STRUCTURE, ("data/hotkey=%s/job_id=" % ALICE,)),
            ("hotkey", HOTKEY_STRUCTURE, ("data/hotkey=%s/job_id=" % ALICE,)),
            ("coldkey", COLDKEY_STRUCTURE,
             ("data/x/%s/" % BOB, "data/reddit/%s/" % BOB))]:
        text = "structure-info with layouts = %s " % layouts
        with w.settings(access_layouts=layouts):
            a = w.get("structure-info")
            t.same((a.status, a.code, a.wrong, a.err), (0, 200, [], b""),
                   text + "answers a plain 200")
            j = a.json
            t.same(list(j), ["folder_structure", "changes", "example_paths",
                             "upload_flow", "uploads", "migration_phase"],
                   text + "gives the members that the contract names, and "
                   "what uploads must be")
            t.same([j["uploads"][n] for n in ("min_bytes", "max_bytes",
                    "method", "folder_forms", "file_uploads")],
                   [1024, 5368709120, "POST", True, True],
                   text + "tells what uploads must be")
            t.same([j["uploads"]["layouts"], j["uploads"]["sources"]], [
                [layouts] if layouts else ["hotkey", "coldkey"],
                ["x", "reddit"]],
                   text + "names its layouts and the sources")
            t.same(j["folder_structure"], want,
                   text + "names the structure of its layouts")
            t.same([list(j["changes"]), j["changes"]["old_structure"],
                    j["changes"]["new_structure"]], [
                ["old_structure", "new_structure", "benefits"],
                COLDKEY_STRUCTURE, HOTKEY_STRUCTURE],
                   text + "gives the old and the new structure")
            t.same([len(j["example_paths"]), len(j["upload_flow"])], [2, 4],
                   text + "gives two examples and four steps")
            t.none([p for p in j["example_paths"] if not p.startswith(
                prefixes)],
                   text + "gives examples of its structure")


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
            "{timestamp}", timestamp),
               text + "gives an example of the format " + form)
        r = w.cli("sign", "miner", "--hotkey", wallet, "--coldkey", BOB,
                  "--timestamp", timestamp, *source)
        body = json.loads(r.text)
        t.same(body["hotkey"], ALICE,
               text + "is checked with a body that names the example's hotkey")
        r = w.cli("verify", "--public", world.base58_key(ALICE).hex(),
                  "--message-hex", example.encode().hex(), "--signature",
                  body["signature"])
        t.same(r.text, "valid\n",
               text + "gives as example what foldergate sign signs")
        t.ok(example in (g1_words(BOB, "x", timestamp),
                         g2_words(BOB, ALICE, timestamp)),
             text + "gives as example what the contract says")


if __name__ == "__main__":
    tap.run([phases, healthcheck, formats, validators_words, proofs, structure],
            endpoint.check_outputs)
