# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors

"""Chromium without a window, through chromedriver and nothing but the standard
library: pages are loaded from files, looked at, pointed at, and photographed.
"""

import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import urllib.request


class Browser:
    """A browser of a size, closed at the end of a with block."""

    def __init__(self, width=1280, height=860):
        self.width, self.height = width, height

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="oldmem-browser-")
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )
        for line in self.driver.stdout:
            found = re.search(r"successfully on port (\d+)", line)
            if found:
                break
        else:
            raise SystemExit("chromedriver does not start")
        self.base = f"http://127.0.0.1:{found[1]}/session"
        options = {
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu",
                "--hide-scrollbars", f"--user-data-dir={self.profile}",
                f"--window-size={self.width},{self.height}",
            ],
        }
        answer = self.ask("POST", "", {
            "capabilities": {"alwaysMatch": {
                "goog:chromeOptions": options,
                "goog:loggingPrefs": {"browser": "ALL"},
            }},
        })
        self.base += "/" + answer["sessionId"]
        self.resize(self.width, self.height)
        return self

    def __exit__(self, *_):
        try:
            self.ask("DELETE", "")
        finally:
            # SIGTERM may be blocked, as it is under Swift's tests.
            self.driver.kill()
            self.driver.wait()
            shutil.rmtree(self.profile, ignore_errors=True)

    def ask(self, method, path, body=None):
        request = urllib.request.Request(
            self.base + path, method=method,
            data=None if method != "POST" else json.dumps(body or {}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["value"]

    def devtools(self, command, **parameters):
        return self.ask("POST", "/goog/cdp/execute",
                        {"cmd": command, "params": parameters})

    def resize(self, width, height):
        """The page's own room, exactly."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width,
                      height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, name):
        """light or dark."""
        self.devtools("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": name}])

    def load(self, path):
        self.ask("POST", "/url", {"url": pathlib.Path(path).resolve().as_uri()})
        self.settle()

    def run(self, script, *arguments):
        return self.ask("POST", "/execute/sync",
                        {"script": script, "args": list(arguments)})

    def settle(self):
        """Two frames later, everything is drawn."""
        self.ask("POST", "/execute/async", {"script":
            "const done = arguments[arguments.length - 1];"
            "requestAnimationFrame(() => requestAnimationFrame(done))",
            "args": []})

    def act(self, kind, actions):
        source = {"type": kind, "id": kind, "actions": actions}
        if kind == "pointer":
            source["parameters"] = {"pointerType": "mouse"}
        self.ask("POST", "/actions", {"actions": [source]})
        self.settle()

    def point(self, x, y):
        self.act("pointer", [{"type": "pointerMove", "duration": 0,
                              "x": round(x), "y": round(y)}])

    def click(self, x, y):
        self.act("pointer", [
            {"type": "pointerMove", "duration": 0, "x": round(x), "y": round(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ])

    def drag(self, x, y, dx, dy):
        self.act("pointer", [
            {"type": "pointerMove", "duration": 0, "x": round(x), "y": round(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerMove", "duration": 0, "x": round(x + dx),
             "y": round(y + dy)},
            {"type": "pointerUp", "button": 0},
        ])

    def wheel(self, x, y, delta):
        self.act("wheel", [{"type": "scroll", "x": round(x), "y": round(y),
                            "deltaX": 0, "deltaY": delta, "duration": 0}])

    def press(self, key):
        self.act("key", [{"type": "keyDown", "value": key},
                         {"type": "keyUp", "value": key}])

    def photograph(self, path, clip=None):
        parameters = {"format": "png"}
        if clip:
            parameters["clip"] = {**clip, "scale": 1}
            parameters["captureBeyondViewport"] = True
        answer = self.devtools("Page.captureScreenshot", **parameters)
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(answer["data"]))

    def complaints(self):
        """What the console has had since it was asked last."""
        return [entry["message"] for entry in
                self.ask("POST", "/se/log", {"type": "browser"})]
