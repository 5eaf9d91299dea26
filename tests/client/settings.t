#!/usr/bin/python3
"""Settings of people: options, environment and a file, in their order; and the
wallets that they name."""

import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import world

w = world.World()
HOME = w.path("home")
os.makedirs(os.path.join(HOME, ".config", "foldergate"))
os.makedirs(os.path.join(HOME, "xdg", "foldergate"))
FILE = os.path.join(HOME, ".config", "foldergate", "config")
URL = "https://gate.example.org"


def file(text, path=FILE, mode=0o600):
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)


def run(*args, **env):
    return w.cli("config", *args, env={"HOME": HOME, **env})


def shown(*args, **env):
    """Name: (value, from)."""
    r = run("--json", *args, **env)
    if r.status != 0:
        raise RuntimeError(str(r))
    return {k: (v["value"], v["from"]) for k, v in json.loads(r.text).items()}


def order(t):
    file("# mine\n\n; also\nurl = %s/file\r\n wallet=miner \n"
         "wallet_path = /w\n" % URL)
    s = shown()
    t.same([s["url"], s["wallet"], s["hotkey"], s["wallet-path"],
            s["coldkey"]],
           [(URL + "/file", FILE + ":4"), ("miner", FILE + ":5"),
            ("default", "default"), ("/w", FILE + ":6"), (None, "not set")],
           "a value comes from the file, else it is the default")
    s = shown(FOLDERGATE_URL=URL + "/env", FOLDERGATE_WALLET="")
    t.same([s["url"], s["wallet"]],
           [(URL + "/env", "FOLDERGATE_URL"), ("miner", FILE + ":5")],
           "a variable counts before the file, unless it is empty")
    s = shown("--url", URL + "/option", FOLDERGATE_URL=URL + "/env")
    t.same(s["url"], (URL + "/option", "--url"),
           "an option counts before all else")
    s = shown("-n", "9", "-q")
    t.same(s["connections"], ("9", "--connections"),
           "an option has a short form")
    other = os.path.join(HOME, "xdg", "foldergate", "config")
    file("url = %s/xdg\n" % URL, other)
    t.same(shown(XDG_CONFIG_HOME=os.path.join(HOME, "xdg"))["url"],
           (URL + "/xdg", other + ":1"), "XDG_CONFIG_HOME names the folder")
    t.same(shown("--config", other)["url"], (URL + "/xdg", other + ":1"),
           "--config names the file")
    r = run("--config", w.path("none"))
    t.ok(r.status == 1 and w.path("none") in r.log,
         "a file that --config names must exist", r)
    os.unlink(FILE)
    r = run()
    t.ok(r.status == 0 and "config does not exist" in r.text and
         "wallet-path    %s/.bittensor/wallets" % HOME in r.text,
         "without a file there are defaults, and the table tells", r)
    r = w.cli("config", env={})
    t.ok(r.status == 0, "a process without a home has no file", r)


def wrong(t):
    for text, content, why in [
            ("no equals sign", "url\n", ":1: this line is not name = value"),
            ("an unknown name", "\ncolour = always\n", ":2: this is no"),
            ("a name twice", "wallet = a\nwallet = b\n", ":2: this setting"),
            ("a URL of another kind", "url = ftp://x\n", ":1: this value"),
            ("a wallet that is a path", "wallet = ../x\n", ":1: this value"),
            ("an address with an error", "coldkey = 5F\n", ":1: this value"),
            ("too many connections", "connections = 65\n", ":1: this value"),
            ("a NUL byte", "url = \0\n", ": it is no text"),
            ("more than 64 KiB", "#" * 65537, ": it is no text")]:
        file(content)
        r = run()
        t.ok(r.status == 1 and FILE + why in r.log and r.log.count("\n") == 1,
             "a file with %s is refused" % text, r)
    file("url = " + URL + "\n", mode=0o666)
    r = run()
    t.ok(r.status == 1 and FILE in r.log,
         "a file that everybody may write is refused", r)
    os.unlink(FILE)
    for option, value, why in [
            ("url", "gate.example.org", "--url does not begin with"),
            ("url", "https://", "--url has no host"),
            ("url", "https://me@gate", "--url has a user name"),
            ("url", "https://gate/?a", "--url has a character"),
            ("connections", "0", "--connections must be a number"),
            ("scheme", "none", "--scheme must be"),
            ("color", "red", "--color must be"),
            ("source", "A B", "--source must be"),
            ("coldkey", world.ss58(w.miner.public, 0), "--coldkey is an")]:
        r = run("--" + option, value)
        t.ok(r.status == 2 and why in r.log,
             "--%s %s is wrong usage" % (option, value), r)
    r = run(FOLDERGATE_SCHEME="none")
    t.ok(r.status == 1 and "FOLDERGATE_SCHEME must be" in r.log,
         "a wrong value in the environment is named by its variable", r)


def wallets(t):
    """What upload and the like begin with, by a tool of the tests."""
    base = os.path.join(HOME, "wallets")
    os.makedirs(os.path.join(base, "miner", "hotkeys"))
    with open(w.wallet(w.miner)) as f:
        seed = f.read()
    file(seed, os.path.join(base, "miner", "hotkeys", "h1"))
    file(json.dumps({"ss58Address": w.owner, "accountId": "0x00"}),
         os.path.join(base, "miner", "coldkeypub.txt"))
    elsewhere = w.wallet(w.other)
    tool = os.path.join(endpoint.BUILD, "test", "bin", "asks")

    def who(*args, **env):
        return endpoint.program(tool, ["--wallet-path", base, *args, "who"],
                                {"HOME": HOME, "FOLDERGATE_NOW": "1",
                                 "FOLDERGATE_URL": URL, **env})
    r = who("--wallet", "miner", "--hotkey", "h1")
    t.same(r.text.split(), [w.miner.ss58, w.owner],
           "a wallet and a hotkey are found by name, with the coldkey")
    r = who("--wallet", "miner", "--hotkey", "h1", "--coldkey", w.owner2)
    t.same(r.text.split(), [w.miner.ss58, w.owner2],
           "--coldkey counts before coldkeypub.txt")
    r = who("--keyfile", elsewhere, "--coldkey", w.owner2)
    t.same(r.text.split(), [w.other.ss58, w.owner2],
           "a hotkey file is named by --keyfile")
    r = who("--hotkey", elsewhere, "--coldkey", w.owner2)
    t.same(r.text.split(), [w.other.ss58, w.owner2],
           "a --hotkey with a slash is a file")
    r = who("--wallet", "miner", "--hotkey", "h1",
            FOLDERGATE_KEYFILE=elsewhere)
    t.same(r.text.split(), [w.miner.ss58, w.owner],
           "an option counts before a key file in the environment")
    r = who("--keyfile", elsewhere)
    t.ok(r.status == 1 and "--coldkey" in r.log and not r.text,
         "without a coldkey the option is named that gives it", r)
    r = who("--wallet", "miner", "--hotkey", "h2")
    t.ok(r.status == 1 and "miner/hotkeys/h2" in r.log,
         "a hotkey that is not there is named with its path", r)
    r = who("--wallet", "../miner", "--hotkey", "h1")
    t.ok(r.status == 2, "a wallet's name does not leave the folder", r)
    r = w.cli("sign", "miner", "--wallet", "miner", "--hotkey", "h1",
              "--wallet-path", base, env={"FOLDERGATE_NOW": str(w.now)})
    t.ok(r.status == 0 and json.loads(r.text)["hotkey"] == w.miner.ss58 and
         json.loads(r.text)["coldkey"] == w.owner,
         "sign takes the keys of a wallet by name", r)
    r = w.cli("sign", "list", "--wallet", "miner", "--hotkey", "h1",
              "--wallet-path", base, env={"FOLDERGATE_NOW": str(w.now)})
    t.ok(r.status == 2 and not r.text,
         "the coldkey of a wallet is not taken for a miner to ask about", r)
    for text, content in [("no JSON", "x"), ("no address", "{}"),
                          ("a foreign address", json.dumps(
                              {"ss58Address": world.ss58(w.miner.public, 0)}))]:
        file(content, os.path.join(base, "miner", "coldkeypub.txt"))
        r = who("--wallet", "miner", "--hotkey", "h1")
        t.ok(r.status == 1 and "coldkeypub.txt: it has no ss58Address" in
             r.log, "a coldkeypub.txt with %s is refused" % text, r)


tap.run([order, wrong, wallets], endpoint.check_outputs)
