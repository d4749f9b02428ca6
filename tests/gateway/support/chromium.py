"""Headless Chromium, steered over the DevTools protocol's pipe: real keys and clicks, no script.

https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_SECONDS = 60.0
# Its ends of the two pipes must be the files 3 and 4, and may be either of them now.
_START = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 5) for end in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def program() -> str | None:
    """Return the path of a Chromium that is installed, if there is one."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


class Chromium:
    """One browser with one page, in which no page's script is run.

    Args:
        path: the program's.
        profile: an empty folder of its own.
    """

    def __init__(self, path: str, profile: Path) -> None:
        self._count = 0
        self._events: deque[dict[str, Any]] = deque()
        self._unread = b""
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        words = [
            *(sys.executable, "-c", _START, str(commands), str(answers), path),
            *("--headless", "--remote-debugging-pipe", f"--user-data-dir={profile}"),
            *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--lang=en"),
            *("--no-proxy-server", "about:blank"),
        ]
        with (profile / "log").open("wb") as log:
            self._process = subprocess.Popen(
                words,
                pass_fds=(commands, answers),
                stdout=log,
                stderr=log,
                env={**os.environ, "HOME": str(profile)},
            )
        os.close(commands)
        os.close(answers)
        self._session: str | None = None
        try:
            self._attach()
        except BaseException:
            self._end()
            raise

    def _attach(self) -> None:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        self.call("Page.enable")
        self.call("Network.enable")
        self.call("Accessibility.enable")
        self.call("Emulation.setScriptExecutionDisabled", value=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        os.close(self._commands)  # which ends it
        try:
            self._process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._answers)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command, and return its result."""
        self._count += 1
        sent: dict[str, Any] = {"id": self._count, "method": method, "params": parameters}
        if self._session is not None:
            sent["sessionId"] = self._session
        os.write(self._commands, json.dumps(sent).encode() + b"\0")
        while True:
            message = self._read()
            if message.get("id") == self._count:
                assert "error" not in message, (method, message["error"])
                result: dict[str, Any] = message["result"]
                return result
            self._events.append(message)

    def forget(self) -> None:
        """Delete all cookies."""
        self.call("Network.clearBrowserCookies")

    def open(self, url: str) -> None:
        """Go to an address."""
        with self._loading():
            self.call("Page.navigate", url=url)

    def click(self, role: str, name: str) -> None:
        """Click what a person would know by this role and name, and wait for the next page."""
        x, y = self._place(role, name)
        with self._loading():
            for kind in ("mousePressed", "mouseReleased"):
                self.call(
                    "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
                )

    def write(self, role: str, name: str, text: str) -> None:
        """Write into a field that is labelled so."""
        self.call("DOM.focus", backendNodeId=self._find(role, name))
        self.call("Input.insertText", text=text)

    def has(self, role: str, name: str) -> bool:
        """Whether the page shows something of this role and name."""
        return len(self._query(role, name)) == 1

    def text(self) -> str:
        """Return all words of the page, as a screen reader gets them."""
        nodes = {n["nodeId"]: n for n in self.call("Accessibility.getFullAXTree")["nodes"]}
        said, ahead = [], [next(iter(nodes))]
        while ahead:
            node = nodes[ahead.pop()]
            ahead += reversed(node.get("childIds", []))
            if node["role"]["value"] == "StaticText":
                said.append(node["name"]["value"])
        return " ".join(" ".join(said).split())

    def url(self) -> str:
        """Return the page's address."""
        history = self.call("Page.getNavigationHistory")
        address: str = history["entries"][history["currentIndex"]]["url"]
        return address

    def cookies(self) -> dict[str, dict[str, Any]]:
        """Return the cookies that would be sent to the page's address, by name."""
        return {cookie["name"]: cookie for cookie in self.call("Network.getCookies")["cookies"]}

    def resize(self, width: int, height: int) -> None:
        """Give the window a size, in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def width(self) -> float:
        """Return how wide the page is: more than the window where it must be scrolled."""
        width: float = self.call("Page.getLayoutMetrics")["cssContentSize"]["width"]
        return width

    def screenshot(self, path: Path) -> None:
        """Write a picture of the window, as PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def _query(self, role: str, name: str) -> list[dict[str, Any]]:
        root = self.call("DOM.getDocument")["root"]["backendNodeId"]
        nodes: list[dict[str, Any]] = self.call(
            "Accessibility.queryAXTree", backendNodeId=root, role=role, accessibleName=name
        )["nodes"]
        return nodes

    def _find(self, role: str, name: str) -> int:
        nodes = self._query(role, name)
        assert len(nodes) == 1, f"{len(nodes)} times {role} {name!r}: {self.url()}: {self.text()}"
        node: int = nodes[0]["backendDOMNodeId"]
        return node

    def _place(self, role: str, name: str) -> tuple[float, float]:
        node = self._find(role, name)
        self.call("DOM.scrollIntoViewIfNeeded", backendNodeId=node)
        corners = self.call("DOM.getContentQuads", backendNodeId=node)["quads"][0]
        return sum(corners[::2]) / 4, sum(corners[1::2]) / 4

    @contextmanager
    def _loading(self) -> Iterator[None]:
        """Wait at the end of the block until a page has been loaded that was not before."""
        self._events.clear()
        yield
        while True:
            event = self._events.popleft() if self._events else self._read()
            if event.get("method") == "Page.loadEventFired":
                return

    def _read(self) -> dict[str, Any]:
        ends = time.monotonic() + _SECONDS
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._answers], [], [], ends - time.monotonic())
            chunk = os.read(self._answers, 1 << 20) if ready else b""
            if not chunk:
                raise RuntimeError("Chromium has ended, or did not answer in time")
            self._unread += chunk
        text, _, self._unread = self._unread.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message
