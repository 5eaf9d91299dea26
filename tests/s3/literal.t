#!/usr/bin/python3
"""A key is bytes, not a path: whatever looks like a way out of the own folder
is a name inside it.  So the store accepts it, and what counts is where it is:
each test states the final key, and that nothing else in the bucket, least of
all in the other miner's folder, has changed."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import s3site  # noqa: E402
import tap  # noqa: E402
from s3site import form  # noqa: E402

site = s3site.Site()
first, second = site.first, site.second
SOURCES = "x", None         # None: the hotkey layout
objects = {}
theirs = {}                 # per source, what the other miner's list shows


def changed():
    """What is not as it should be; from here on, it should."""
    now = site.all_objects()
    wrong = sorted(set(now.items()) ^ set(objects.items()))
    objects.clear()
    objects.update(now)
    for source, (url, want) in theirs.items():
        if site.listing(url) != want:
            wrong.append("the other's folder has changed")
    return wrong


def stored(t, text, grant, key, fields=None, **more):
    """204, as exactly this key, which is below the own folder."""
    raw = key.encode() if isinstance(key, str) else key
    assert raw.startswith(grant["folder"].encode())
    r = site.upload(grant, fields or form(grant, raw), **more)
    objects[raw] = 1024
    wrong = [r] if r.code != 204 else []
    wrong += changed()
    if site.listing(grant["list_url"]).get(raw) != 1024:
        wrong.append("list_url does not show it")
    t.none(wrong, "a key is stored literally and nothing else changes: %s" %
           text)


def test_start(t):
    for source in SOURCES:
        for name in "own", "../own", "posts.csv", "a":
            grant = second.grant(source)
            site.upload(grant, form(grant, grant["folder"] + name))
        theirs[source] = grant["list_url"], site.listing(grant["list_url"])
        t.same(len(theirs[source][1]), 4,
               "the other miner has 4 files, source %s" % (source or "hotkey"))
    objects.update(site.all_objects())
    t.same(len(objects), 8, "nobody else has a file at the start")


def test_keys(t):
    for source in SOURCES:
        grant = first.grant(source)
        own, layout = grant["folder"], source or "hotkey"
        other = second.folder(source)
        name = other.split("/")[-2]
        for text, key in [
                ("..", own + "../%s/own" % name),
                (".. twice", own + "../../%s" % other),
                (".. to the root", own + "../../../../%sown" % other),
                (".. alone", own + ".."),
                ("..\\", own + "..\\%s\\own" % name),
                (".", own + "./own"),
                ("%2e%2e/", own + "%2e%2e/{}/own".format(name)),
                ("%2E%2E%2F", own + "%2E%2E%2F{}%2Fown".format(name)),
                ("..%2F", own + "..%2F{}%2Fown".format(name)),
                ("%252e%252e%252f", own + "%252e%252e%252f{}".format(name)),
                ("..%c0%af", own + "..%c0%af{}%c0%afown".format(name)),
                ("..;/", own + "..;/%s/own" % name),
                ("//", own + "/" + other + "own"),
                ("// only", own + "//"),
                ("?", own + "a?prefix=" + other),
                ("no.", own + "a#" + other),
                ("&", own + "a&key=" + other + "own"),
                ("the own folder itself", own),
                ("a line feed", own + "a\nkey: " + other),
                ("carriage return and line feed", own + "a\r\nkey: " + other),
                ("a tab and a bell", own + "a\tb\7c"),
                ("0x01 and 0x1f", own + "\1\x1f"),
                ("DEL", own + "a\x7f"),
                ("a NUL", own + "a\0b"),
                ("no UTF-8", own.encode() + b"\xff\xfe\xc0\xaf"),
                ("quotes", own + "a\"b'c"),
                ("markup", own + "</Key><Key>" + other + "own"),
                ("a BOM", own + "\ufeffa"),
                ("a full-width stop", own + "\uff0e\uff0e/own"),
                ("right to left", own + "\u202eown"),
                ("one letter as two", own + "e\u0301"),
                ("likewise as one", own + "\u00e9"),
                ("two policies", own + '"]], ["starts-with", "$key", "'),
                ("a field's name", own + "$key$acl")]:
            stored(t, "%s: %s" % (layout, text), grant, key)


def test_filename(t):
    """The store puts the file's name in place of ${filename}, once, and holds
    the result against the policy."""
    for source in SOURCES:
        grant = first.grant(source)
        own, layout = grant["folder"], source or "hotkey"
        other = second.folder(source)
        name = other.split("/")[-2]
        for text, file_name in [
                ("..", "../%s/own" % name),
                (".. to the root", "../../../../" + other + "own"),
                ("an absolute one", "/" + other + "own"),
                ("the other's key", other + "own"),
                ("%2e%2e%2f", "%2e%2e%2f{}%2fown".format(name)),
                ("..\\", "..\\{}".format(name)),
                ("${filename} in it", "a${filename}b"),
                ("${key} in it", "${key}"),
                ("..", "..")]:
            stored(t, "%s: a file name with %s" % (layout, text), grant,
                   own + "f/" + file_name,
                   fields=form(grant, own + "f/${filename}"), name=file_name)
        # This store reads a header without regard to quotes.
        stored(t, "%s: a file name with a parameter in it" % layout, grant,
               own + "f/" + other + 'own"',
               fields=form(grant, own + "f/${filename}"),
               name="a; filename=%sown" % other)


def test_blank(t):
    """Of a field's value, this store drops the blanks around it: so it does
    for the check."""
    grant = first.grant()
    own, other = grant["folder"], second.folder()
    stored(t, "a blank before the key", grant, own + "blank",
           fields=form(grant, " " + own + "blank"))
    stored(t, "a blank after the key", grant, own + "blank2",
           fields=form(grant, own + "blank2 "))
    r = site.upload(grant, form(grant, " " + other + "own"))
    t.none(([] if r.code == 403 else [r]) + changed(),
           "a blank before the key of another miner is answered with 403")


def test_end(t):
    t.ok(len(objects) > 80 and all(
        any(k.startswith(m.folder(s).encode()) for m in (first, second)
            for s in SOURCES) for k in objects),
        "every object of the bucket is in the folder of a miner", len(objects))


tap.run([test_start, test_keys, test_filename, test_blank], test_end)
