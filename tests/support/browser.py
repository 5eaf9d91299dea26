"""Debian's chromium without a window, asked through a pipe in its own protocol
(JSON, each message ended by a zero byte)."""

import atexit
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PROGRAM = shutil.which("chromium")
KEYS = {"Tab": 9, "Enter": 13}


class Browser:
    """One page.  errors: what its console shows as an error, and exceptions;
    requests: the URLs it asked for; both since the last open()."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="foldergate-chromium-")
        atexit.register(shutil.rmtree, self.dir, True)
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()

        def pipes():
            """The browser reads from 3 and writes to 4."""
            a, b = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(a, 3)
            os.dup2(b, 4)
        args = [PROGRAM, "--headless", "--remote-debugging-pipe",
                "--user-data-dir=" + self.dir, "--no-first-run",
                "--disable-gpu", "--disable-dev-shm-usage",
                "--disable-background-networking", "--disable-sync",
                "--disable-component-update", "--no-proxy-server"]
        if os.geteuid() == 0:
            args.append("--no-sandbox")
        self._process = subprocess.Popen(
            args + ["about:blank"], preexec_fn=pipes, close_fds=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=dict(os.environ, HOME=self.dir))
        os.close(theirs_in)
        os.close(theirs_out)
        atexit.register(self.stop)
        self._text, self._number, self._session = b"", 0, None
        self.errors, self.requests = [], []
        target = [t for t in self._call("Target.getTargets")["targetInfos"]
                  if t["type"] == "page"][0]["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target,
                                   flatten=True)["sessionId"]
        for domain in "Page", "Runtime", "Log", "Network":
            self._call(domain + ".enable")

    # --- the protocol ---------------------------------------------------------

    def _message(self, until):
        while b"\0" not in self._text:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._in], [], [], left)[0]:
                return None
            data = os.read(self._in, 1 << 20)
            if not data:
                raise RuntimeError("the browser has ended")
            self._text += data
        text, _, self._text = self._text.partition(b"\0")
        return json.loads(text)

    def _heard(self, message):
        method, of = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(of["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(of["exceptionDetails"])
        elif method == "Log.entryAdded" and \
                of["entry"]["level"] in ("error", "warning"):
            self.errors.append(of["entry"])
        elif method == "Runtime.consoleAPICalled" and \
                of["type"] in ("error", "assert"):
            self.errors.append(of["args"])

    def _call(self, method, **params):
        self._number += 1
        number = self._number
        call = {"id": number, "method": method, "params": params}
        if self._session:
            call["sessionId"] = self._session
        os.write(self._out, json.dumps(call).encode() + b"\0")
        end = time.monotonic() + 120
        while (message := self._message(end)) is not None:
            if message.get("id") != number:
                self._heard(message)
            elif "error" in message:
                raise RuntimeError("%s: %s" % (method, message["error"]))
            else:
                return message["result"]
        raise RuntimeError("the browser does not answer %s" % method)

    # --- a page ---------------------------------------------------------------

    def look(self, width, dark=False, script=True):
        """How wide it is from now on, and what it prefers."""
        self._call("Emulation.setDeviceMetricsOverride", width=width,
                   height=800, deviceScaleFactor=1, mobile=width < 600)
        self._call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme",
             "value": "dark" if dark else "light"}])
        self._call("Emulation.setScriptExecutionDisabled", value=not script)

    def open(self, url):
        self._call("Page.navigate", url="about:blank")
        self.errors, self.requests = [], []
        self._call("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href !== "
                   "'about:blank'")

    def value(self, script):
        """What an expression of JavaScript is in the page."""
        r = self._call("Runtime.evaluate", expression=script,
                       returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in r:
            raise RuntimeError("%s: %s" % (script, r["exceptionDetails"]))
        return r["result"].get("value")

    def until(self, script, seconds=60):
        """Wait until it is true; whether it is."""
        end = time.monotonic() + seconds
        while not (value := self.value("!!(%s)" % script)) and time.monotonic() < end:
            time.sleep(0.05)
        return value

    def press(self, key):
        for kind in "keyDown", "keyUp":
            text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                       windowsVirtualKeyCode=KEYS[key], **text)

    def type(self, text):
        """Write it where the focus is."""
        self._call("Input.insertText", text=text)

    def picture(self, path):
        data = self._call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as f:
            f.write(base64.b64decode(data))

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
