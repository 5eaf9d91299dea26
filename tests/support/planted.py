"""The secrets that tests plant, and every place where a program might show one:
what it prints, answers and logs, the files it writes, and its environment and
arguments as /proc shows them.  Each test notes in build/secrets/ where it has
looked, and where it found one; tests/last/secrets.t reads that."""

import atexit
import collections
import os

# In the secret that signs in most worlds; a part of it is found, too.
MARK = "NobodyMaySeeThisMark"

# Where the notes of all tests are, if check.sh has made it.
NOTES = os.path.join(os.path.abspath(os.environ.get("BUILD", "build")),
                     "secrets")

texts = {MARK}
found = []
_looks = collections.Counter()
_settings = set()


def look(kind, what, data):
    """kind: a word for the notes; what: names the place."""
    _looks[kind] += 1
    for text in texts:
        if text.encode() in data:
            found.append("%s %s holds %s..." % (kind, what, text[:8]))


def process(pid):
    """A process of ours, while it runs.  Root or its owner may look."""
    for name in "environ", "cmdline":
        try:
            with open("/proc/%d/%s" % (pid, name), "rb") as f:
                look(name, "of process %d" % pid, f.read())
        except OSError:
            pass


def kind_of(path):
    name = os.path.basename(path)
    return "audit" if name.startswith("audit.log") else "core" \
        if name.startswith("core") else "log" if "log" in name else "file"


def folder(top, secret):
    """All files below, but those in secret, which tests have written, and what
    belongs to an object store."""
    secret = set(map(os.path.realpath, secret))
    for where, folders, names in os.walk(top):
        if where == top and "s3" in folders:
            folders.remove("s3")
        for name in names:
            path = os.path.join(where, name)
            if os.path.realpath(path) in secret or not os.path.isfile(path):
                continue
            try:
                with open(path, "rb") as f:
                    look(kind_of(path), path, f.read())
            except OSError:
                pass


def setting(name, path):
    """Does this setting name a file with a secret?  It is noted, if so."""
    if not name.endswith(("key_file", "pair_file", "password_file",
                          "token_file")):
        return False
    if os.path.isfile(path):
        with open(path, "rb") as f:
            data = f.read()
        if any(text.encode() in data for text in texts):
            _settings.add(name)
    return True


def _note():
    with open(os.path.join(NOTES, "%d" % os.getpid()), "a") as f:
        for kind, n in sorted(_looks.items()):
            f.write("looked %s %d\n" % (kind, n))
        for name in sorted(_settings):
            f.write("planted %s\n" % name)
        for line in sorted(set(found)):
            f.write("! %s\n" % line)


if os.path.isdir(NOTES):
    atexit.register(_note)
