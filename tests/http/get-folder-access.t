#!/usr/bin/python3
"""POST /get-folder-access: what is granted, to the byte."""

import json
import re
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import sigv4
import tap
import world
from world import NOW, g1_words, g2_words

DAY = 86400
STRUCTURE = {
    "folder_structure": "data/hotkey={hotkey_id}/job_id={job_id}/",
    "description": "Upload files to job_id folders within your hotkey "
                   "directory under data/ prefix",
}

w = world.World()
w.snapshot()
G1 = "data/%s/" + w.owner + "/"
G2 = "data/hotkey=%s/" % w.miner.ss58


def expected(folder, ttl=DAY, list_ttl=10800, least=1024, most=5368709120,
             upload=(world.KEY_ID, world.SECRET),
             read=(world.KEY_ID, world.SECRET), region=world.REGION,
             scheme="http", host="store.test:9000", path="/" + world.BUCKET):
    """The whole answer, made without any of the product's code."""
    until = w.now + ttl
    want = {
        "folder": folder,
        "url": "%s://%s%s" % (scheme, host, path.rstrip("/")),
        "fields": sigv4.form_fields(w.now, until, folder, world.BUCKET,
                                    *upload, region, least, most),
        "expiry": time.strftime("%Y-%m-%dT%H:%M:%S+00:00",
                                time.gmtime(until)),
        "expires_in_seconds": ttl,
        "list_url": sigv4.list_url(w.now, min(list_ttl, ttl), folder, scheme,
                                   host, path, *read, region),
    }
    if folder.startswith("data/hotkey="):
        want["structure_info"] = STRUCTURE
    return want


def granted(t, text, answer, folder, **more):
    """Field for field, in order, with the headers that belong there."""
    want = expected(folder, **more)
    wrong = list(answer.wrong)
    if answer.status != 0 or answer.code != 200 or answer.err:
        wrong.append("not a plain 200: " + str(answer))
    elif json.dumps(answer.json) != json.dumps(want):
        wrong += ["got      " + json.dumps(answer.json),
                  "expected " + json.dumps(want)]
    return t.none(wrong, text)


def refused(t, text, answer, status, code, detail=None):
    t.none(endpoint.refusal_wrong(answer, status, code, detail), text)


def signed_by_cli(*more):
    """The body as foldergate sign miner prints it."""
    r = w.cli("sign", "miner", "--hotkey", w.wallet(w.miner), "--coldkey",
              w.owner, "--timestamp", str(NOW), *more)
    if r.status != 0 or r.err:
        raise RuntimeError(str(r))
    return json.loads(r.text)


def golden(t):
    granted(t, "a G1 text for source x is granted the coldkey's folder, as "
            "signed by foldergate sign", w.post(signed_by_cli("--source", "x")),
            G1 % "x")
    granted(t, "a G1 text for source reddit is granted the coldkey's folder, "
            "as signed by foldergate sign", w.post(signed_by_cli(
        "--source", "reddit")), G1 % "reddit")
    granted(t, "a G2 text is granted the hotkey's folder, as signed by "
            "foldergate sign", w.post(signed_by_cli()), G2)
    granted(t, "a request with an expiry is granted until then",
            w.post(signed_by_cli(
        "--expiry", str(NOW + 60))), G2, ttl=60)
    a = w.post(w.request(w.sibling))
    granted(t, "another hotkey of the same owner is granted its own folder", a,
            "data/hotkey=%s/" % w.sibling.ss58)
    a = w.post(w.request(w.other, source="x"))
    granted(t, "another owner's hotkey is granted that owner's folder", a,
            "data/x/%s/" % w.owner2)
    ids = {w.post(w.request()).header["X-Request-ID"] for _ in range(20)}
    t.same(len(ids), 20, "every answer has another request id")


def layouts(t):
    both = w.request(source="x")
    granted(t, "a source and a signed G1 text are granted the coldkey layout",
            w.post(both), G1 % "x")
    g2 = g2_words(w.owner, w.miner.ss58, NOW)
    granted(t, "a source and a signed G2 text are granted the hotkey layout",
            w.post(w.request(source="reddit", words=g2)), G2)
    granted(t, "no source and a signed G2 text are granted the hotkey layout",
            w.post(w.request()), G2)
    granted(t, "no source and a G1 text signed for x are granted the coldkey "
            "layout",
            w.post(w.request(words=g1_words(w.owner, "x", NOW))), G1 % "x")
    refused(t, "no source and a G1 text signed for reddit are refused",
            w.post(w.request(
        words=g1_words(w.owner, "reddit", NOW))), 401, "invalid_signature",
        "Invalid signature")
    refused(t, "one source in the body and another in the signed text are "
            "refused", w.post(
        w.request(source="x", words=g1_words(w.owner, "reddit", NOW))), 401,
        "invalid_signature", "Invalid signature")
    refused(t, "an unknown source and a signed G1 text are refused",
            w.post(w.request(
        source="mastodon")), 400, "unknown_source")
    granted(t, "an unknown source and a signed G2 text are granted the hotkey "
            "layout",
            w.post(w.request(source="mastodon", words=g2)), G2)

    for layout, body, text in [
            ("hotkey", w.request(source="x"), "a G1 text with a source"),
            ("hotkey", w.request(words=g1_words(w.owner, "x", NOW)),
             "a G1 text without a source"),
            ("hotkey", w.request(source="mastodon"),
             "a G1 text with an unknown source"),
            ("coldkey", w.request(), "a G2 text"),
            ("coldkey", w.request(source="x", words=g2),
             "a G2 text with a source")]:
        with w.settings(access_layouts=layout):
            refused(t, "where only %s folders are served, %s is refused" %
                    (layout, text), w.post(body), 400, "layout_disabled")
    with w.settings(access_layouts="coldkey"):
        granted(t,
                "where only coldkey folders are served, a G1 text is granted",
                w.post(both), G1 % "x")
    with w.settings(access_layouts="hotkey"):
        granted(t,
                "where only hotkey folders are served, a G2 text is granted",
                w.post(w.request()), G2)
        forged = w.request(source="x", signature=w.stranger.sign("x"))
        refused(t, "a forged request is refused as forged, whatever layouts "
                "are served",
                w.post(forged), 401, "invalid_signature")
    with w.settings(access_layouts="hotkey, coldkey",
                    access_sources="blue-sky_7"):
        granted(t, "a source of all allowed characters is granted",
                w.post(w.request(
            source="blue-sky_7")), G1 % "blue-sky_7")
        refused(t, "no source means x, which is refused where it is not "
                "configured", w.post(
            w.request(words=g1_words(w.owner, "x", NOW))), 400,
                "unknown_source")


def expiry(t):
    for text, value, ttl in [
            ("0", 0, DAY), ("null", None, DAY), ("the text 0", "0", DAY),
            ("now + ttl_s", NOW + DAY, DAY),
            ("now + ttl_s - 1", NOW + DAY - 1, DAY - 1),
            ("now + ttl_s + 1", NOW + DAY + 1, DAY),
            ("in a year", NOW + 365 * DAY, DAY),
            ("the last second of 9999", 253402300799, DAY),
            ("in 10800 s", NOW + 10800, 10800),
            ("in 10799 s", NOW + 10799, 10799),
            ("in one second", NOW + 1, 1), ("a text", str(NOW + 60), 60)]:
        granted(t, "an expiry shortens the grant, if it can: %s" % text,
                w.post(w.request(expiry=value)), G2, ttl=ttl)
    for text, value in [("now", NOW), ("a second ago", NOW - 1),
                        ("in 1970", 1)]:
        refused(t, "an expiry that is not in the future is refused: %s" % text,
                w.post(w.request(expiry=value)), 400,
                "invalid_timestamp", "Invalid timestamp")
    granted(t, "the lifetime counts from now, not from when the request was "
            "signed",
            w.post(w.request(timestamp=NOW - 300)), G2)


def settings(t):
    with w.settings(access_ttl_s=600, access_list_ttl_s=7200):
        granted(t, "a list lives no longer than the grant",
                w.post(w.request()), G2, ttl=600)
    with w.settings(access_ttl_s=604800, access_list_ttl_s=604800):
        granted(t, "a grant may live a week", w.post(w.request()), G2,
                ttl=604800, list_ttl=604800)
    with w.settings(access_min_bytes=0, access_max_bytes=1):
        granted(t, "the policy holds the sizes that are configured",
                w.post(w.request()), G2, least=0, most=1)
    with w.settings(s3_public_endpoint="https://store.example"):
        granted(t, "the grant names the public endpoint", w.post(w.request()),
                G2, scheme="https", host="store.example")
    with w.settings(s3_public_endpoint="https://store.example",
                    s3_addressing="virtual"):
        granted(t, "virtual addressing puts the bucket into the host",
                w.post(w.request()), G2,
                scheme="https", host=world.BUCKET + ".store.example", path="/")
        granted(t, "virtual addressing puts the bucket into the host for a "
                "coldkey's folder", w.post(w.request(source="x")), G1 % "x",
                scheme="https", host=world.BUCKET + ".store.example", path="/")

    put, get = "secret/that/may/put", "secret/that/may/get"
    with w.settings(s3_upload_access_key_id="PUTONLY",
                    s3_upload_secret_access_key_file=w.secret("put", put),
                    s3_read_access_key_id="GETONLY",
                    s3_read_secret_access_key_file=w.secret("get", get)):
        granted(t, "each role signs with its own key", w.post(w.request()), G2,
                upload=("PUTONLY", put), read=("GETONLY", get))
    with w.settings(s3_upload_access_key_id="PUTONLY",
                    s3_upload_secret_access_key_file=w.secret("put", put)):
        granted(t, "a role without a key of its own signs with the common one",
                w.post(w.request()), G2, upload=("PUTONLY", put))
    with w.settings(s3_upload_access_key_id="PUTONLY",
                    s3_upload_secret_access_key_file=w.secret("put", put),
                    s3_access_key_id=None, s3_secret_access_key_file=None):
        t.same(w.post(w.request()).code, 500,
               "a grant fails when no key can sign its list")
    env = w.env(FOLDERGATE_S3_REGION="elsewhere",
                FOLDERGATE_ACCESS_TTL_S="77")
    granted(t, "settings of the environment go before those of the file",
            w.post(w.request(), env=env), G2, region="elsewhere", ttl=77)


def single(t, files):
    """A store with POST policies, whose operator wants no form for a folder.
    (Python's json.dumps() and we write a policy alike in ASCII only.)"""
    files = [f for f in files if f["name"].isascii()]
    with w.settings(access_per_file_only="yes"):
        refused(t, "without files nothing is granted if no folder may be",
                w.post(w.request()), 400, "files_required",
                "files is required: name each file to upload")
        a = w.post(w.request(files=files))
        t.same(list(a.json), ["folder", "uploads", "expiry",
                              "expires_in_seconds",
                              "list_url", "structure_info"],
               "no form for the folder is in an answer for single files")
        t.same(a.json["uploads"], [{
            "name": f["name"], "key": G2 + f["name"],
            "url": "http://store.test:9000/" + world.BUCKET, "method": "POST",
            "fields": sigv4.form_fields(
                w.now, w.now + DAY, G2 + f["name"], world.BUCKET, world.KEY_ID,
                world.SECRET, world.REGION, 1024, 5368709120, exact=True)}
            for f in files],
               "each file is granted a form that is for its key alone")
        t.same(a.json["expires_in_seconds"], DAY,
               "forms for single files live as long as was wanted")
        many = [{"name": "job_id=a/data_%06d.parquet" % i, "size": 4096}
                for i in range(1000)]
        t.same(len(w.post(w.request(files=many)).json["uploads"]), 1000,
               "1,000 files are granted 1,000 forms")
        refused(t, "a name that leaves the folder is granted no form",
                w.post(w.request(files=[{"name": "../x"}])), 400,
                "invalid_filename")
        refused(t, "a name that stores would replace is granted no form",
                w.post(w.request(files=[{"name": "a${filename}"}])), 400,
                "invalid_filename")
    with w.settings(access_per_file_only="yes", s3_post_policy="no"):
        a = w.post(w.request(files=files))
        t.same([u["method"] for u in a.json["uploads"]],
               ["PUT"] * len(files),
               "a store without forms is granted PUTs for single files")


def lists(t):
    """Where the list begins, for folders with more files than a page has."""
    for name in "job_id=a/größe b.csv", "a" * 850, "../x":
        a = w.post(w.request(list_after=name))
        t.same((a.code, a.json.get("list_url")), (200, sigv4.list_url(
            w.now, 10800, G2, "http", "store.test:9000", "/" + world.BUCKET,
            world.KEY_ID, world.SECRET, world.REGION,
            after=G2 + name)),
            "the list begins after the name %.20s in the folder" % name)
    for text, value in [("none", None), ("an empty one", "")]:
        a = w.post(w.request(list_after=value))
        t.ok(a.code == 200 and "start-after" not in a.json["list_url"],
             "with %s as list_after the whole folder is listed" % text, a)
    for text, value in [("a name that is too long", "a" * 1024),
                        ("a control character", "a\nb"),
                        ("no text", 1)]:
        t.same(w.post(w.request(list_after=value)).code, 422,
               "%s as list_after is refused" % text)


def puts(t):
    """A store without POST policies: a URL for each file that is named."""
    with w.settings(s3_provider="r2", s3_region=None):
        for text, body in [("without files", w.request()),
                           ("with files of null", w.request(files=None)),
                           ("with an empty list of files",
                            w.request(files=[]))]:
            refused(t, "a store without upload policies refuses a request " +
                    text, w.post(body), 400, "files_required",
                    "files is required: name each file to upload")
        files = [{"name": "job_id=a/b c.parquet", "size": 2048}, {"name":
                                                                  "\u00fc"},
                 {"name": "x", "size": None}, {"name": "y", "size": "1024"}]
        a = w.post(w.request(files=files))
        ttl = a.json["expires_in_seconds"]
        t.ok(DAY - 100 <= ttl <= DAY,
             "the files' grant lives for %d s, a day or a little less" % ttl)
        t.same(list(a.json), ["folder", "uploads", "expiry",
                              "expires_in_seconds",
                              "list_url", "structure_info"],
               "a grant for files holds uploads instead of a form")
        t.same(a.json["expiry"], time.strftime(
            "%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(w.now + ttl)),
               "a grant for files expires after the lifetime it tells")
        ends = []
        for f, u in zip(files, a.json["uploads"]):
            size = f.get("size") and int(f["size"])
            key = G2 + f["name"]
            ends.append(int(re.search(r"X-Amz-Expires=(\d+)", u["url"])[1]))
            t.same(u, {
                "name": f["name"], "key": key, "url": sigv4.object_url(
                    w.now, ends[-1], key, "http", "store.test:9000",
                    "/" + world.BUCKET, world.KEY_ID, world.SECRET, "auto",
                    "PUT", size), "method": "PUT",
                "headers": {"Content-Length": str(size)} if size else {}},
                "a file is granted a signed PUT: " + repr(f["name"]))
        t.same(min(ends), ttl,
               "the lifetime told is the shortest of the files'")
        t.same(len(a.json["uploads"]), len(files),
               "each file is granted one upload")
        many = [{"name": "job_id=crawler-409/data_%06d.parquet" % i, "size":
                 4096}
                for i in range(1000)]
        a = w.post(w.request(files=many, source="x"))
        t.same((a.code, len(a.json["uploads"])), (200, 1000),
               "1,000 files are granted 1,000 uploads")
        t.none([u["url"] for u in a.json["uploads"]
                if "409" in u["url"].partition("?")[2]],
               "no query of 1,000 signed URLs holds the digits 409")
        for text, bad, status, code in [
                ("with 1,001 files", many + many[:1], 422, "invalid_request"),
                ("whose files are no list", "x", 422, "invalid_request"),
                ("whose files are no objects", ["x"], 422, "invalid_request"),
                ("with a file without a name", [{"size": 1}], 422,
                 "invalid_request"),
                ("with a file whose name is a number", [{"name": 1}], 422,
                 "invalid_request"),
                ("with a file whose name holds a newline", [{"name": "a\nb"}],
                 422, "invalid_request"),
                ("with a file in another's folder",
                 [{"name": "../hotkey=x/y"}], 400, "invalid_filename"),
                ("with a file whose name holds a dot segment",
                 [{"name": "a/./b"}], 400, "invalid_filename"),
                ("with a file whose name begins with a slash",
                 [{"name": "/x"}], 400, "invalid_filename"),
                ("with a file that is the folder itself", [{"name": ""}], 400,
                 "invalid_filename"),
                ("with a file whose key is too long",
                 [{"name": "x" * (1025 - len(G2))}], 400, "invalid_filename"),
                ("with a file whose name is far too long",
                 [{"name": "x" * 1025}], 422, "invalid_request"),
                ("with a file that is too small",
                 [{"name": "x", "size": 1023}], 400, "invalid_size"),
                ("with a file that is too large",
                 [{"name": "x", "size": 5368709121}], 400, "invalid_size"),
                ("with a file of negative size", [{"name": "x", "size": -5}],
                 400, "invalid_size")]:
            refused(t, "a request is refused " + text, w.post(
                    w.request(files=[{"name": "good"}] + bad if
                    isinstance(bad, list) and len(bad) == 1 else bad)), status,
                    code)
        t.same(w.post(w.request(files=[{"name": "x" * (1024 - len(G2))}])).code,
               200, "a file whose key has 1,024 bytes is granted")
        refused(t, "a forged request with 1,000 files is refused",
                w.post(w.request(files=many, words="x")), 401,
                "invalid_signature")
    granted(t, "a provider with upload policies ignores the files",
            w.post(w.request(
        files=files)), G2)
    single(t, files)
    with w.settings(s3_max_ttl_s=3600):
        granted(t, "a grant lives no longer than the store allows", w.post(
            w.request()), G2, ttl=3600, list_ttl=3600)
    with w.settings(s3_acl="none", s3_storage_class="COLD"):
        a = w.post(w.request())
        t.same(a.json["fields"], sigv4.form_fields(
            w.now, w.now + DAY, G2, world.BUCKET, world.KEY_ID, world.SECRET,
            world.REGION, 1024, 5368709120, acl="", storage_class="COLD"),
            "the form holds the ACL and the storage class of the store")


if __name__ == "__main__":
    tap.run([golden, layouts, expiry, settings, lists, puts],
            endpoint.check_outputs)
