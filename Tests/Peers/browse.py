#!/usr/bin/env python3
"""Opens pages in headless Chromium at desktop and phone width, in the light and the dark theme.

    Tests/Peers/browse.py report.html --output pictures
    Tests/Peers/browse.py http://127.0.0.1:9100/ --output pictures

Writes pictures of the whole page in the four combinations. Fails if the page logs an error on the
console, sends an external request, or is wider than the window. Requires Debian's `chromium` and only
Python's standard library: it uses the browser's own protocol over a pipe.
"""

import argparse
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time


class Browser:
    """A headless Chromium, controlled over two pipes (--remote-debugging-pipe)."""

    def __init__(self, folder):
        to_browser, self.to = os.pipe()
        self.back, from_browser = os.pipe()

        def pipes():
            # The browser reads descriptor 3 and writes 4.
            read, write = os.dup(to_browser), os.dup(from_browser)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu-sandbox",
             "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
             "--hide-scrollbars", "--no-first-run", f"--user-data-dir={folder}",
             "--remote-debugging-pipe"],
            preexec_fn=pipes, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.rest, self.number, self.events = b"", 0, []

    def message(self):
        while b"\0" not in self.rest:
            part = os.read(self.back, 1 << 20)
            if not part:
                sys.exit("Chromium has ended.")
            self.rest += part
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def ask(self, method, session=None, **parameters):
        self.number += 1
        call = {"id": self.number, "method": method, "params": parameters}
        if session:
            call["sessionId"] = session
        os.write(self.to, json.dumps(call).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("id") == self.number:
                if "error" in message:
                    sys.exit(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def wait(self, event, limit=60):
        end = time.monotonic() + limit
        while not any(e.get("method") == event for e in self.events):
            if time.monotonic() > end:
                sys.exit(f"No {event} after {limit} s.")
            self.events.append(self.message())


def look(browser, address, width, scheme, path, pause):
    """Takes one picture and returns the problems found."""
    target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
    session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    ask = lambda method, **parameters: browser.ask(method, session, **parameters)
    for domain in ("Page", "Runtime", "Log", "Network"):
        ask(f"{domain}.enable")
    ask("Emulation.setDeviceMetricsOverride", width=width, height=844 if width < 640 else 900,
        deviceScaleFactor=1, mobile=width < 640)
    ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.events.clear()
    ask("Page.navigate", url=address)
    browser.wait("Page.loadEventFired")
    time.sleep(pause)
    sizes = ask("Runtime.evaluate", returnByValue=True, expression="""
        ({ page: document.documentElement.scrollWidth, height: document.documentElement.scrollHeight,
           wide: [...document.querySelectorAll("main *")].filter((e) => {
             if (e.closest(".scroll, pre, svg, .stage")) return false;
             const box = e.getBoundingClientRect();
             return box.width > 0 && box.right > innerWidth + 1;
           }).slice(0, 5).map((e) => e.tagName + "." + (e.className.baseVal ?? e.className)) })
        """)["result"]["value"]
    # A picture higher than a texture would repeat its content.
    for part, top in enumerate(range(0, sizes["height"], 4000)):
        picture = ask("Page.captureScreenshot", captureBeyondViewport=True, clip={
            "x": 0, "y": top, "width": width, "height": min(sizes["height"] - top, 4000), "scale": 1})
        path.with_stem(f"{path.stem}-{part + 1}").write_bytes(base64.b64decode(picture["data"]))
    wrong = []
    if sizes["page"] > width:
        wrong.append(f"the page is {sizes['page']} pixels wide")
    wrong += [f"{name} reaches beyond the window" for name in sizes["wide"]]
    origin = "/".join(address.split("/")[:3]) if address.startswith("http") else address
    for event in browser.events:
        method, said = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = said["exceptionDetails"]
            wrong.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning", "assert"):
            wrong.append(" ".join(str(a.get("value", a.get("description"))) for a in said["args"]))
        elif method == "Log.entryAdded" and said["entry"]["level"] == "error":
            wrong.append(said["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            url = said["request"]["url"]
            if not url.startswith((origin, "data:", "about:")):
                wrong.append(f"asks for {url}")
    browser.ask("Target.closeTarget", targetId=target)
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("page", help="a file, or an address on this machine")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--pause", type=float, default=1.5, help="seconds before the picture")
    arguments = parser.parse_args()
    address = arguments.page
    if "://" not in address:
        address = pathlib.Path(address).resolve().as_uri()
    arguments.output.mkdir(parents=True, exist_ok=True)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        browser = Browser(folder)
        for width in (1280, 390):
            for scheme in ("light", "dark"):
                path = arguments.output / f"{width}-{scheme}.png"
                wrong = look(browser, address, width, scheme, path, arguments.pause)
                print(f"{path}: {'good' if not wrong else '; '.join(wrong)}")
                failed |= bool(wrong)
        browser.ask("Browser.close")
        browser.process.wait(20)
    print("4 passed, 0 failed" if not failed else "0 passed, 1 failed")
    sys.exit(failed)


if __name__ == "__main__":
    main()
