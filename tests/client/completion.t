#!/usr/bin/python3
"""Completion for shells, made from the table of commands: by bash itself, and by
zsh and fish where they are installed; and the table against the commands."""

import glob
import os
import re
import shlex
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "tests/support")
import endpoint
import tap
from world import World

w = World()


def script(shell):
    r = w.cli("completion", shell, env={}, installed=True)
    if r.status != 0:
        raise RuntimeError(str(r))
    return w.write("completion." + shell, r.out)


def commands():
    r = w.cli("help", env={}, installed=True)
    return re.findall(r"^  ([a-z-]+) ", r.text.split("\n\n")[1], re.M)


def run(argv, text):
    p = subprocess.run(argv, input=text.encode(), stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, timeout=60, cwd=w.dir,
                       env={"PATH": os.environ["PATH"], "HOME": w.dir})
    return p.stdout.decode().split()


def by_bash(line):
    words = line.split(" ")
    return run(["bash", "-eu"], """
. %s
COMP_WORDS=(%s) COMP_CWORD=%d
_foldergate
echo "${COMPREPLY[@]+"${COMPREPLY[@]}"}"
""" % (shlex.quote(script("bash")), " ".join(map(shlex.quote, words)),
       len(words) - 1))


def bash(t):
    t.same(sorted(by_bash("foldergate ")), sorted(
        commands() + ["help", "--help", "--version"]),
        "bash completes every command")
    t.same(by_bash("foldergate check-c"), ["check-config"],
           "bash completes the command that begins so")
    t.same(by_bash("foldergate sign "),
           ["miner", "validator", "list", "folders", "files"],
           "bash completes the forms of a command")
    t.same(by_bash("foldergate deny add --re"), ["--reason"],
           "bash completes an option")
    t.same(by_bash("foldergate config --color a"), ["auto", "always"],
           "bash completes the value of an option")
    t.same(by_bash("foldergate help dou"), [], "bash completes no nonsense")
    t.same(by_bash("foldergate help doc"), ["doctor"],
           "bash completes the command after help")
    t.same(by_bash("foldergate audit verify x"), [],
           "bash completes files where an operand stands")
    rest = run(["bash"], ". %s\ncomplete -p foldergate\n" % shlex.quote(
        script("bash")))
    t.same(rest, ["complete", "-o", "default", "-F", "_foldergate",
                  "foldergate"], "bash is told to complete files otherwise")


def zsh(t):
    name = "zsh completes commands, forms, options and values"
    if shutil.which("zsh") is None:
        t.skip(name, "zsh is not installed")
        return
    found = []
    for words, prefix in [(["foldergate", ""], ""),
                          (["foldergate", "sign", ""], ""),
                          (["foldergate", "deny", "--re"], "--re"),
                          (["foldergate", "config", "--color", ""], "")]:
        found.append(run(["zsh", "-f"], """
compdef() { : }
compadd() { [ "$1" = -- ] && shift; print -r -- $* }
_describe() { print -rl -- ${commands%%%%:*} }
_files() { print files }
. %s
words=(%s) CURRENT=%d PREFIX=%s
_foldergate
""" % (shlex.quote(script("zsh")), " ".join(map(shlex.quote, words)),
            len(words), shlex.quote(prefix))))
    t.ok(found[0] == commands() and found[1] == [
        "miner", "validator", "list", "folders", "files", "files"] and
         "--reason" in found[2] and found[3] == ["auto", "always", "never"],
         name, found)


def fish(t):
    name = "fish completes commands, forms, options and values"
    if shutil.which("fish") is None:
        t.skip(name, "fish is not installed")
        return
    lines = ["foldergate ", "foldergate deny --re", "foldergate audit ver",
             "foldergate config --color al"]
    found = [run(["fish", "-N"], "source %s; complete -C '%s'" % (
        script("fish"), line)) for line in lines]
    t.ok(set(commands()) <= set(found[0]) and found[1][0] == "--reason" and
         found[2][0] == "verify" and found[3][0] == "always", name, found)


def wrong(t):
    for args, why in [((), "the shell is missing"), (("ksh",), '"ksh"'),
                      (("bash", "zsh"), '"zsh"')]:
        r = w.cli("completion", *args, env={})
        t.ok(r.status == 2 and why in r.log and not r.text,
             "completion of %s is wrong usage" % (" ".join(args) or "nothing"),
             r)


def table(t):
    """--help against what the commands take, in both directions."""
    sources = {}
    for path in glob.glob("client/*.c"):
        with open(path) as f:
            text = f.read()
        for name in re.findall(r"^(command_[a-z_]+)\(int argc", text, re.M):
            sources[name] = text
    with open("client/foldergate.c") as f:
        rows = dict(re.findall(
            r'^\t\{ "([a-z-]+)",.*?^\t    (command_[a-z_]+), ', f.read(),
            re.M | re.S))
    t.same(sorted(rows), sorted(commands()), "each command has its row")
    for command in commands():
        text = sources[rows[command]]
        taken = set(re.findall(r'\{ "([a-z-]+)(?:,[a-z])?", (?:&|NULL, &)',
                               text))
        shown = set(re.findall(r"^  (?:-\w, )?--([a-z-]+)", w.cli(
            command, "--help", env={}).text, re.M)) - {"help"}
        t.same(sorted(taken - shown), [],
               "each option that %s takes is in its help" % command)
        unknown = [o for o in shown if "unknown option" in w.cli(
            command, "--" + o, "--" + o, "--" + o, env={}).log]
        t.same(unknown, [], "%s takes each option of its help" % command)


tap.run([bash, zsh, fish, wrong, table], endpoint.check_outputs)
