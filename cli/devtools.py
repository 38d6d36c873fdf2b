"""A headless Chromium, driven through its DevTools protocol; and the program that takes screenshots of Odoo with it.

Runs in the prepared Python, for websocket-client: `python -m cli.devtools` with a job of :mod:`cli.screens` on its
standard input.
"""

import base64
import http.cookies
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket

from cli.browser import CHROMIUM
from cli.processes import started

SECONDS_TO_START = 30
SECONDS_TO_BE_READY = 60
SECONDS_OF_QUIET = 0.3
OPTIONS = (
    *(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--mute-audio",
    ),
    *("--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-component-update"),
    "--remote-debugging-port=0",
)
PHONE_AGENT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari"
# What a page is made of; other requests last as long as the page
AWAITED = {"Document", "Stylesheet", "Script", "Image", "Font", "XHR", "Fetch"}
# Odoo's shared worker: that it has been loaded is told to the worker, not to the page
WORKER = "/bus/websocket_worker_bundle"

# Falsy until the page shows what it is going to show: else what it still waits for
WAITS_FOR = """(() => {
    const visible = (selector) => [...document.querySelectorAll(selector)].some((e) => e.getClientRects().length);
    if (document.readyState !== "complete") return "the page";
    if (document.fonts.status !== "loaded") return "fonts";
    if (visible(".o_blockUI, .o_loading_indicator, .o_view_sample_data_loading")) return "Odoo's loading indicator";
    if (document.querySelector(".o_web_client") && !document.querySelector(".o_action_manager > *, .o_home_menu"))
        return "the action";
    if ([...document.images].some((i) => !i.complete)) return "images";
    const ends = (animation) => isFinite(animation.effect.getComputedTiming().endTime);
    if (document.getAnimations().some((a) => a.playState === "running" && ends(a))) return "animations";
})()"""
# Odoo's pages scroll inside themselves: how much higher the window must be for all of it to be seen
HIDDEN_HEIGHT = """Math.max(...[document.documentElement, ...document.querySelectorAll("*")]
    .filter((e) => e === document.documentElement || /auto|scroll/.test(getComputedStyle(e).overflowY))
    .map((e) => e.scrollHeight - e.clientHeight))"""
ERROR_DIALOG = """document.querySelector(".o_error_dialog, .o_dialog_warning")?.innerText"""
# A blinking cursor makes every second picture another one; what the focus selects distracts
STILL = """const style = document.createElement("style");
    style.textContent = "* { caret-color: transparent !important; } ::selection { background: transparent; }";
    document.head.append(style);"""


class BrowserError(Exception):
    """The browser, or the page in it, did not do what was asked."""


class Browser:
    """One page of a headless Chromium.

    :param address: of its DevTools websocket
    """

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, suppress_origin=True, timeout=SECONDS_TO_BE_READY)
        self._numbers = itertools.count(1)
        self._pending: dict[str, str] = {}
        self._quiet_since = time.monotonic()
        self.errors: list[str] = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict:
        """Give a command.

        :return: its result
        :raise BrowserError: it was refused, or there is no answer
        """
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = self._receive(SECONDS_TO_BE_READY)
            if message is None:
                raise BrowserError(f"Chromium does not answer to {method}")
            if message.get("id") == number:
                if "error" in message:
                    raise BrowserError(f"{method}: {message['error']['message']}")
                return message["result"]

    def evaluate(self, expression: str) -> Any:
        """:return: the value of a JavaScript expression in the page, awaited if it is a promise"""
        result = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise BrowserError(_text_of(result["exceptionDetails"]))
        return result["result"].get("value")

    def set_window(self, width: int, height: int, phone: bool) -> None:
        """:param phone: also with a phone's touch, density and name, as Odoo asks for these"""
        scale = 2 if phone else 1
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=phone
        )
        self.send("Emulation.setTouchEmulationEnabled", enabled=phone)
        if phone:
            self.send("Emulation.setUserAgentOverride", userAgent=PHONE_AGENT)

    def open(self, url: str) -> None:
        """Open a page and wait until it is ready."""
        self._pending.clear()
        refusal = self.send("Page.navigate", url=url).get("errorText")
        if refusal:
            raise BrowserError(f"{url} cannot be opened: {refusal}")
        self.wait_until_ready()

    def click(self, selector: str) -> None:
        """Click as a mouse does on the first visible element, waited for, and wait until the page is ready again."""
        found = json.dumps(selector)
        place = self._wait_for(
            f"""(() => {{
                const e = [...document.querySelectorAll({found})].find((e) => e.getClientRects().length);
                if (!e) return;
                e.scrollIntoView({{ block: "center", behavior: "instant" }});
                const r = e.getBoundingClientRect();
                return [r.x + r.width / 2, r.y + r.height / 2];
            }})()""",
            f"nothing to click at {selector}",
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until no request is pending and the page shows neither a loading indicator nor an animation.

        :raise BrowserError: it does not come to that
        """
        deadline = time.monotonic() + SECONDS_TO_BE_READY
        while True:
            self._listen()
            waits_for = self.evaluate(WAITS_FOR) or next(iter(self._pending.values()), None)
            if not waits_for and time.monotonic() - self._quiet_since > SECONDS_OF_QUIET:
                return
            if time.monotonic() > deadline:
                raise BrowserError(f"the page is not ready after {SECONDS_TO_BE_READY} s: it waits for {waits_for}")

    def picture(self) -> bytes:
        """:return: the window as PNG, once it has stopped to change (charts are drawn in steps)"""
        self.evaluate(STILL)
        deadline = time.monotonic() + SECONDS_TO_BE_READY
        last = b""
        while time.monotonic() < deadline:
            now = base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"])
            if now == last:
                return now
            last = now
            self._listen()
        raise BrowserError("the page never stops moving")

    def _wait_for(self, expression: str, complaint: str) -> Any:
        deadline = time.monotonic() + SECONDS_TO_BE_READY
        while time.monotonic() < deadline:
            value = self.evaluate(expression)
            if value:
                return value
            self._listen()
        raise BrowserError(complaint)

    def _listen(self) -> None:
        """Take in what the browser says by itself, for a moment."""
        end = time.monotonic() + 0.1
        while (left := end - time.monotonic()) > 0:
            self._receive(left)

    def _receive(self, seconds: float) -> dict | None:
        self._socket.settimeout(seconds)
        try:
            message = json.loads(self._socket.recv())
        except websocket.WebSocketTimeoutException:
            return None
        except (websocket.WebSocketException, OSError, ValueError) as error:
            raise BrowserError(f"Chromium is gone: {error}") from error
        if "method" in message:
            self._take_in(message["method"], message["params"])
        return message

    def _take_in(self, event: str, about: dict) -> None:
        if event == "Network.requestWillBeSent":
            if about.get("type") in AWAITED and WORKER not in about["request"]["url"]:
                self._pending[about["requestId"]] = about["request"]["url"]
                self._quiet_since = time.monotonic()
        elif event in ("Network.loadingFinished", "Network.loadingFailed"):
            if self._pending.pop(about["requestId"], None):
                self._quiet_since = time.monotonic()
        elif event == "Runtime.exceptionThrown":
            self.errors.append(_text_of(about["exceptionDetails"]))
        elif event == "Runtime.consoleAPICalled" and about["type"] == "error":
            self.errors.append(" ".join(str(a.get("value", a.get("description", ""))) for a in about["args"]))
        elif event == "Log.entryAdded" and about["entry"]["level"] == "error":
            self.errors.append(f"{about['entry']['text']} {about['entry'].get('url', '')}".strip())


def _text_of(exception: dict) -> str:
    return exception.get("exception", {}).get("description") or exception["text"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """:return: a new browser, stopped at the end, profile removed
    :raise BrowserError: it does not start
    """
    program = next((found for name in CHROMIUM.names if (found := shutil.which(name))), None)
    if program is None:
        raise BrowserError("there is no Chromium on PATH")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        log = Path(profile, "log.txt")
        with (
            log.open("wb") as output,
            started(
                [program, *OPTIONS, f"--user-data-dir={profile}", "about:blank"], stdout=output, stderr=output
            ) as process,
        ):
            yield Browser(_address(process, Path(profile), log))


def _address(process: subprocess.Popen, profile: Path, log: Path) -> str:
    """:return: the address of the DevTools websocket of the first page"""
    deadline = time.monotonic() + SECONDS_TO_START
    port_file = profile / "DevToolsActivePort"
    while process.poll() is None and time.monotonic() < deadline:
        if port_file.exists() and len(lines := port_file.read_text().splitlines()) == 2:
            return _page_of(f"ws://127.0.0.1:{lines[0]}{lines[1]}", lines[0])
        time.sleep(0.05)
    last = log.read_text(errors="replace").strip().splitlines()[-1:]
    raise BrowserError(f"Chromium does not start: {' '.join(last)}")


def _page_of(browser: str, port: str) -> str:
    """The browser's own socket only opens pages; each page has a socket of its own."""
    connection = websocket.create_connection(browser, suppress_origin=True, timeout=SECONDS_TO_START)
    try:
        connection.send(json.dumps({"id": 1, "method": "Target.createTarget", "params": {"url": "about:blank"}}))
        while True:
            message = json.loads(connection.recv())
            if message.get("id") == 1:
                return f"ws://127.0.0.1:{port}/devtools/page/{message['result']['targetId']}"
    finally:
        connection.close()


def log_in(browser: Browser, address: str, database: str, login: str, password: str) -> None:
    """Open a session of Odoo in the browser.

    :raise BrowserError: Odoo refuses it
    """
    body = json.dumps({"jsonrpc": "2.0", "params": {"db": database, "login": login, "password": password}})
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/web/session/authenticate", body.encode(), headers)
    with urllib.request.urlopen(request, timeout=SECONDS_TO_BE_READY) as response:
        answer = json.load(response)
        cookies = http.cookies.SimpleCookie(response.headers["Set-Cookie"])
    if "error" in answer:
        raise BrowserError(f"Odoo refuses the login {login}: {answer['error']['data']['message']}")
    browser.send("Network.setCookie", name="session_id", value=cookies["session_id"].value, url=address)


def take(browser: Browser, address: str, screen: dict, folder: Path) -> Path:
    """Take one screenshot.

    :param screen: a screen as :mod:`cli.screens` describes it
    :return: the file
    :raise BrowserError: the screen does not come up, or shows or logs an error
    """
    width, height = screen["size"]
    phone = width < height
    browser.set_window(width, height, phone)
    browser.errors.clear()
    browser.open(f"{address}{screen['path']}")
    for selector in screen["clicks"]:
        browser.click(selector)
    if screen["full_page"]:
        browser.set_window(width, height + browser.evaluate(HIDDEN_HEIGHT), phone)
        browser.wait_until_ready()
    path = folder / f"{screen['name']}.png"
    path.write_bytes(browser.picture())
    dialog = browser.evaluate(ERROR_DIALOG)
    if dialog or browser.errors:
        raise BrowserError(f"errors on the page (see {path}): " + "; ".join([*filter(None, [dialog]), *browser.errors]))
    return path


def main(job: dict) -> int:
    """Take all screenshots of a job; one that fails does not stop the others.

    :param job: address, database, login, password, folder, screens
    :return: the exit code
    """
    folder = Path(job["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    failed = False
    try:
        with chromium() as browser:
            log_in(browser, job["address"], job["database"], job["login"], job["password"])
            for screen in job["screens"]:
                try:
                    print(take(browser, job["address"], screen, folder), flush=True)
                except BrowserError as error:
                    failed = True
                    print(f"{screen['name']}: {error}", file=sys.stderr, flush=True)
    except BrowserError as error:
        print(error, file=sys.stderr)
        return 1
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(json.load(sys.stdin)))
