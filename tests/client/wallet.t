#!/usr/bin/python3
"""Hotkey files under a password, as Bittensor's programs write them: the
password from a file, and typed at a terminal."""

import os
import resource
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
import world
from terminal import CTRL_C, CTRL_Z, Terminal

VECTORS = os.path.abspath("tests/vectors/wallet")
PASSWORD = "testing 1 2 3"
ADDRESS = "5EHgWw2Af1pnoc7f1A8bfmM97W3DAYW8xr82RfhLL9oAabAe"

w = world.World()
endpoint.never.update({PASSWORD, "legal winner thank", "6fa2796b0071cac4",
                       "ad8a44476e667ef8"})


def vector(name):
    with open(os.path.join(VECTORS, name), "rb") as f:
        return w.write("hotkey-" + name, f.read(), 0o600)


def sign(path, *more):
    return w.cli("sign", "validator", "--hotkey", path, *more)


def signs(r):
    return r.status == 0 and r.log == "" and \
        '"hotkey":"%s"' % ADDRESS in r.text


def forms(t):
    password = w.write("password", PASSWORD + "\n", 0o600)
    wrong = w.write("wrong", "testing 1 2 4\n", 0o600)
    t.ok(signs(sign(vector("plain.json"))),
         "a file without a password needs none")
    for name, form in [("vault", "Ansible's vault"),
                       ("nacl", "Argon2i and a box of NaCl"),
                       ("fernet", "a Fernet token")]:
        r = sign(vector(name), "--password-file", password)
        t.ok(signs(r), "a hotkey under %s is opened with its password" % form,
             r)
    r = sign(vector("vault"), "--password-file", wrong)
    t.ok(r.status == 1 and "password is wrong" in r.log and not r.text,
         "a wrong password is told as such", r)
    for text, name, mode in [("that everybody reads", "open", 0o644),
                             ("that is empty", "empty", 0o600)]:
        path = w.write(name, PASSWORD if mode == 0o644 else "", mode)
        r = sign(vector("vault"), "--password-file", path)
        t.ok(r.status == 1 and "password file cannot be used" in r.log,
             "a password file %s is refused" % text, r)
    r = sign(vector("vault"))
    t.ok(r.status == 1 and "--password-file" in r.log,
         "without a terminal the password must come from a file", r)


def little_memory(t):
    password = w.write("password", PASSWORD + "\n", 0o600)

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (300 << 20, 300 << 20))
    p = subprocess.run(
        [os.path.join(endpoint.BUILD, "bin", "foldergate"), "sign",
         "validator", "--hotkey", vector("nacl"), "--password-file", password],
        preexec_fn=limit, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    t.ok(p.returncode == 1 and b"512 MiB" in p.stderr and not p.stdout,
         "a machine with too little memory is told how much is needed",
         p.returncode, p.stderr)


def typed(t):
    term = Terminal(w.dir)
    command = "%s sign validator --hotkey %s" % (
        os.path.abspath(os.path.join(endpoint.BUILD, "bin", "foldergate")),
        vector("vault"))
    start = len(term.text)
    term.type(command)
    t.ok(term.await_text("Password of the hotkey file: ", 10, start),
         "a terminal is asked for the password", term.text[start:])
    term.type(PASSWORD)
    t.ok(term.await_prompt(20, start + 200) and '"hotkey":"%s"' % ADDRESS in
         term.text and PASSWORD not in term.text and term.is_sane(),
         "a typed password opens the file and is not shown",
         term.text[start:])
    for text, key, status in [("Ctrl-C", CTRL_C, 130)]:
        start = len(term.text)
        term.type(command)
        term.await_text("hotkey file: ", 10, start)
        term.press(b"half")
        term.sleep(0.2)
        term.press(key)
        t.ok(term.await_prompt(10, start + len(command)) and
             term.status() == status and "half" not in term.text[start:] and
             term.is_sane(),
             "%s at the password leaves the terminal as it was" % text,
             term.text[start:])
    start = len(term.text)
    term.type(command)
    term.await_text("hotkey file: ", 10, start)
    term.press(CTRL_Z)
    t.ok(term.await_prompt(10, start + len(command)) and term.is_sane(),
         "Ctrl-Z at the password gives the terminal back",
         term.text[start:])
    start = len(term.text)
    term.type("fg")
    term.await_text("hotkey file: ", 10, start)
    term.type(PASSWORD)
    t.ok(term.await_text('"hotkey":"%s"' % ADDRESS, 20, start) and
         PASSWORD not in term.text,
         "after Ctrl-Z the password is asked for again", term.text[start:])
    term.close()


tap.run([forms, little_memory, typed], endpoint.check_outputs)
