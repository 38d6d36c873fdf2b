"""The browser behind `./sdm screens`: it waits for what is still to come, and tells what went wrong."""

import http.server
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from cli.devtools import BrowserError, chromium, take

FETCH = "fetch('/late').then((r) => r.text()).then((t) => { document.title = t; })"
PAGES = {
    "/still": "<p>Hello</p>",
    "/slow": f"<script>{FETCH}</script>",
    "/busy": "<div class=o_blockUI>.</div><script>setTimeout(() => { document.querySelector('div').remove();"
    " document.title = 'free'; }, 900)</script>",
    "/click": f'<button onclick="{FETCH}">Go</button>',
    "/high": "<body style='margin:0'><div class=o_content style='height:100vh;overflow:auto'><p style='height:3000px'>",
    "/console": "<script>console.error('broken', 7)</script>",
    "/exception": "<script>throw new Error('unforeseen')</script>",
    "/missing": "<img src=/nowhere.png>",
    "/dialog": "<div class=o_error_dialog>Access Error</div>",
}


class _Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # noqa: N802 - the name is the library's
        if self.path == "/late":
            time.sleep(1)
        body = PAGES.get(self.path, "came late" if self.path == "/late" else None)
        self.send_response(200 if body or self.path == "/favicon.ico" else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write((body or "").encode())

    def log_message(self, *_arguments: object) -> None:
        """Silent: what is asked for is no news."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


def screen(path: str, **changes: object) -> dict:
    return {"name": "picture", "path": path, "clicks": [], "size": (800, 600), "full_page": False} | changes


def size_of_picture(path) -> tuple[int, int]:
    return struct.unpack(">II", path.read_bytes()[16:24])


@pytest.mark.parametrize(("path", "title"), [("/slow", "came late"), ("/busy", "free")])
def test_waits_for_what_is_still_to_come(browser, address, tmp_path, path, title):
    take(browser, address, screen(path), tmp_path)
    assert browser.evaluate("document.title") == title


def test_clicks_and_waits_for_what_it_brings(browser, address, tmp_path):
    take(browser, address, screen("/click", clicks=["button"]), tmp_path)
    assert browser.evaluate("document.title") == "came late"


def test_the_picture_has_the_size_of_the_window(browser, address, tmp_path):
    assert size_of_picture(take(browser, address, screen("/high"), tmp_path)) == (800, 600)


def test_a_phone_is_dense(browser, address, tmp_path):
    assert size_of_picture(take(browser, address, screen("/still", size=(390, 844)), tmp_path)) == (780, 1688)


def test_a_full_page_shows_what_scrolls_inside_the_page(browser, address, tmp_path):
    width, height = size_of_picture(take(browser, address, screen("/high", full_page=True), tmp_path))
    assert width == 800
    assert height >= 3000


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/console", "broken 7"),
        ("/exception", "unforeseen"),
        ("/missing", "404"),
        ("/dialog", "Access Error"),
    ],
)
def test_an_error_on_the_page_is_told_and_the_picture_kept(browser, address, tmp_path, path, error):
    with pytest.raises(BrowserError, match=error):
        take(browser, address, screen(path), tmp_path)
    assert (tmp_path / "picture.png").exists()


def test_a_server_that_is_not_there_is_told(browser, tmp_path):
    with pytest.raises(BrowserError, match="cannot be opened"):
        take(browser, "http://127.0.0.1:9", screen("/"), tmp_path)


def test_errors_of_one_screen_are_not_those_of_the_next(browser, address, tmp_path):
    with pytest.raises(BrowserError):
        take(browser, address, screen("/console"), tmp_path)
    take(browser, address, screen("/still"), tmp_path)
