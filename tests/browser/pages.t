#!/usr/bin/python3
"""The pages / and /docs in a browser: what they show, what they ask for, and how
they are used with a narrow screen and without a mouse."""

import json
import os
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import browser  # noqa: E402
import endpoint  # noqa: E402
import servers  # noqa: E402
import tap  # noqa: E402
from world import World  # noqa: E402

NAMES = sorted(name[:-2] for name in os.listdir(
    os.path.join(servers.ROOT, "cgi-bin")))
WIDTHS = 360, 1280

if browser.PROGRAM is None:
    tap.run([lambda t: t.skip("the pages work in a browser",
                              "there is no chromium")])
    sys.exit()

w = World()
w.now = int(time.time())
w.snapshot()
HOTKEY = w.wallet(w.miner)
web = servers.Web(w)
BASE = "http://127.0.0.1:%d" % web.port
b = browser.Browser()

# Swagger UI lets a path be broken after each slash.
OPERATION = """[...document.querySelectorAll(".opblock")].find((block) =>
    block.querySelector(".opblock-summary-path").textContent
        .replace(/\\u200b/g, "") === "/%s")"""


def clean(t, what):
    """After each look: nothing went wrong, and nobody else was asked."""
    t.none(b.errors, "the console is free of errors %s" % what)
    t.none([url for url in b.requests if not url.startswith(
        (BASE + "/", "data:image/"))], "no other host is asked %s" % what)


def fits(t, what):
    wide = b.value("document.documentElement.scrollWidth")
    seen = b.value("document.documentElement.clientWidth")
    t.ok(wide <= seen, "%s needs no scrolling sideways" % what,
         "%s of %s" % (wide, seen), b.value(
             "[...document.querySelectorAll('*')].filter((e) => "
             "e.getBoundingClientRect().right > %d).slice(0, 5).map((e) => "
             "e.tagName + '.' + e.className).join(' ')" % seen))


def picture(name):
    """For whoever wants to look: PICTURES names a directory."""
    if "PICTURES" in os.environ:
        b.picture(os.path.join(os.environ["PICTURES"], name + ".png"))


# --- / -------------------------------------------------------------------------

def front(t):
    for width in WIDTHS:
        for dark in False, True:
            what = "%d pixels wide%s" % (width, " and dark" * dark)
            b.look(width, dark)
            b.open(BASE + "/")
            b.until("document.getElementById('state').className")
            t.same(b.value("document.getElementById('state').textContent"),
                   "All is well: grants are made.",
                   "a service that is well says so on the page /, %s" % what)
            fits(t, "the page /, %s," % what)
            clean(t, "on the page /, %s" % what)
            picture("front-%d%s" % (width, "-dark" * dark))
    facts = b.value("document.getElementById('facts').innerText")
    t.ok("7000000" in facts and "miners-data" in facts,
         "the page / shows the block and the bucket", facts)
    paper = b.value("getComputedStyle(document.body).backgroundColor")
    b.look(1280)
    t.ok(b.value("getComputedStyle(document.body).backgroundColor") != paper,
         "the page / is dark for those who want it dark", paper)


def links(t):
    b.open(BASE + "/")
    urls = b.value("[...document.querySelectorAll('a')].map((a) => a.href)")
    t.none([url for url in urls if servers.ask(
        web.port, "GET", url[len(BASE):]).code != 200],
        "each of %d links of the page / leads to an answer" % len(urls))


def degraded(t):
    """No snapshot was ever made here."""
    other = servers.Web(World())
    b.open("http://127.0.0.1:%d/" % other.port)
    b.until("document.getElementById('state').className")
    t.ok(b.value("document.getElementById('state').textContent").startswith(
        "No grants are made now: "), "a service that makes no grants says so "
        "on the page /", b.value("document.body.innerText"))
    other.stop()


def scriptless(t):
    b.look(360, script=False)
    b.open(BASE + "/")
    text = b.value("document.body.innerText")
    t.ok("healthcheck says whether this service is well" in text.replace(
        "\n", " "), "without scripts the page / links to /healthcheck", text)
    b.open(BASE + "/docs")
    text = b.value("document.body.innerText")
    t.ok("needs JavaScript" in text and "openapi.json" in text,
         "without scripts the page /docs leads to openapi.json", text)
    b.look(1280)


# --- /docs ---------------------------------------------------------------------

def docs(width, dark=False):
    b.look(width, dark)
    b.open(BASE + "/docs")
    b.until("document.querySelectorAll('.opblock').length >= %d" % len(NAMES))


def shown(t):
    docs(1280)
    paths = b.value("[...document.querySelectorAll('.opblock-summary-path')]"
                    ".map((e) => e.textContent.replace(/\\u200b/g, ''))")
    t.same(sorted(paths), ["/" + name for name in NAMES],
           "/docs shows every program of cgi-bin, and nothing else")
    picture("docs-1280")
    b.value("document.querySelector(\"a[href='#endpoints']\").click()")
    t.ok(b.until("Math.abs(document.querySelector('.opblock')"
                 ".getBoundingClientRect().top) < 400", 10),
         "/docs has a link to its first endpoint")
    for width, dark in (1280, True), (1280, False), (360, True), (360, False):
        what = "%d pixels wide%s" % (width, " and dark" * dark)
        docs(width, dark)
        fits(t, "/docs, %s," % what)
        clean(t, "in /docs, %s" % what)
    answers = "[...document.querySelectorAll('.opblock')].filter((e) => " \
        "e.querySelector('.response')).length"
    for i in range(len(NAMES)):
        b.value("document.querySelectorAll('.opblock-summary-control')[%d]"
                ".click()" % i)
        b.until(answers + " > %d" % i)
    t.same(b.value(answers), len(NAMES),
           "every endpoint of /docs can be opened and shows its answers")
    fits(t, "/docs with everything open, 360 pixels wide,")
    clean(t, "in /docs with everything open")
    picture("open-360")


def tries(name, body=None):
    """Open an endpoint, press Try it out and Execute; the status shown, and the
    answer."""
    block = OPERATION % name
    b.value(block + ".querySelector('.opblock-summary-control').click()")
    b.until(block + ".querySelector('.try-out__btn')")
    b.value(block + ".querySelector('.try-out__btn').click()")
    if body is not None:
        b.until(block + ".querySelector('textarea.body-param__text')")
        b.value("(() => { const field = %s.querySelector("
                "'textarea.body-param__text'); field.focus(); field.select(); "
                "})()" % block)
        b.type(body)
    b.until(block + ".querySelector('.execute')")
    b.value(block + ".querySelector('.execute').click()")
    b.until(block + ".querySelector('.live-responses-table')")
    return b.value(block + ".querySelector('.live-responses-table "
                   "tbody .response-col_status').innerText.trim()"), \
        b.value(block + ".querySelector('.live-responses-table').innerText")


def signed():
    with w.time(int(time.time())):
        return w.cli("sign", "miner", "--hotkey", HOTKEY, "--coldkey",
                     w.owner).text


def try_it(t):
    for width in WIDTHS:
        docs(width)
        status, text = tries("healthcheck")
        t.ok(status.startswith("200") and '"status": "ok"' in text,
             "Try it out of /healthcheck shows the answer, %d pixels wide" %
             width, status, text)
        status, text = tries("get-folder-access", signed())
        t.ok(status.startswith("200") and w.miner.ss58 in text and "fields" in text,
             "a request pasted from foldergate sign is granted in /docs, %d "
             "pixels wide" % width, status, text)
        fits(t, "/docs with a grant, %d pixels wide," % width)
        clean(t, "after a grant in /docs, %d pixels wide" % width)
        picture("grant-%d" % width)
    status, text = tries("get-miner-list", "{}")
    t.ok(status.startswith("422") and "invalid_request" in text,
         "a refusal is shown in /docs", status, text)


def focused(script):
    return b.value("(() => { const e = document.activeElement; return %s; })()"
                   % script)


def to(name):
    """Press Tab until what has this class has the focus."""
    for _ in range(20):
        b.press("Tab")
        if focused("e.classList.contains('%s')" % name):
            return


def keyboard(t):
    docs(1280)
    path = "((e.closest('.opblock') || document.createElement('i'))" \
        ".querySelector('.opblock-summary-path') || {}).textContent"
    reached, marked = set(), True
    for _ in range(80):
        b.press("Tab")
        name = (focused(path) or "").replace("\u200b", "")
        if name:
            reached.add(name)
            marked = marked and focused(
                "getComputedStyle(e).outlineStyle !== 'none'")
        if len(reached) == len(NAMES):
            break
    t.same(sorted(reached), ["/" + name for name in NAMES],
           "the Tab key reaches every endpoint of /docs")
    t.ok(marked, "an endpoint of /docs that has the focus is marked")
    docs(1280)
    for _ in range(80):
        b.press("Tab")
        if (focused(path) or "").replace("\u200b", "") == "/healthcheck":
            break
    b.press("Enter")
    t.ok(b.until(OPERATION % "healthcheck" +
                 ".querySelector('.opblock-body') !== null"),
         "the Enter key opens an endpoint of /docs")
    to("try-out__btn")
    b.press("Enter")
    b.until(OPERATION % "healthcheck" + ".querySelector('.execute')")
    to("execute")
    b.press("Enter")
    t.ok(b.until(OPERATION % "healthcheck" +
                 ".querySelector('.live-responses-table') !== null"),
         "Try it out works with the keyboard alone")
    clean(t, "when the keyboard is used")


tap.run([front, links, degraded, scriptless, shown, try_it, keyboard],
        endpoint.check_outputs)
