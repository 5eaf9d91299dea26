"""What tests/check/support.t runs: three tests of one World, each with settings
and a time of its own.  BREAK names the one in which an exception is raised."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import tap
import world

w = world.World(chain_netuid=13)


def changed(t, name, **settings):
    """The file as it should be without settings, with them, and after."""
    with open(w.conf) as f:
        before = f.read()
    t.ok("netuid = 13" in before and "ttl_s" not in before and
         w.now == world.NOW, "the %s test begins with the first settings" %
         name, before)
    with w.settings(**settings), w.time(world.NOW + 60):
        if os.environ.get("BREAK") == name:
            raise RuntimeError("planted")
        with open(w.conf) as f:
            text = f.read()
        t.ok(all("%s = %s" % (k.partition("_")[2], v) in text
                 for k, v in settings.items()) and w.now == world.NOW + 60,
             "the %s test has its own settings" % name, text)


def first(t):
    changed(t, "first", chain_netuid=46, access_ttl_s=600)


def second(t):
    changed(t, "second", access_list_ttl_s=77)


def third(t):
    changed(t, "third", chain_netuid=1)


if __name__ == "__main__":
    tap.run([first, second, third])
