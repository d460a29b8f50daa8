"""The stage in a page of another host."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.e2e.driving import FINAL, LONG, READY, opened

pytestmark = pytest.mark.e2e
LINEAR = "/saddle_to_saddle-linear_network"
PLACES = """() => {
    const all = [...document.querySelectorAll("*")];
    const host = all.find(one => one.shadowRoot?.querySelector(".lmx"));
    const parts = [".hero .plot", ".bar", ".numbers", ".claims"];
    const boxes = parts.map(name => host.shadowRoot.querySelector(name).getBoundingClientRect());
    return JSON.stringify(boxes);
}"""
SCROLLS = """() => [...document.querySelectorAll("*")]
    .filter(one => /auto|scroll/.test(getComputedStyle(one).overflow))
    .filter(one => one.scrollHeight > one.clientHeight || one.scrollWidth > one.clientWidth)
    .map(one => one.dataset.testid ?? one.tagName)"""
STILL = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    const all = [...document.querySelectorAll("*")];
    const host = all.find(one => one.shadowRoot?.querySelector(".lmx"));
    const plot = host.shadowRoot.querySelector(".hero .plot");
    for (let same = 0, seen = ""; same < 15; await frame()) {
        const now = JSON.stringify(plot.getBoundingClientRect());
        same = now === seen ? same + 1 : 0;
        seen = now;
    }
}"""


class _Other(ThreadingHTTPServer):
    """A page of another host that shows some HTML."""

    shown = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, _Other)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>A</title>{server.shown}".encode())

    def log_message(self, format: str, *args: object) -> None:
        """Quietly."""


@pytest.fixture
def other() -> Iterator[_Other]:
    server = _Other(("127.0.0.1", 0), _Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def framed(page: Page) -> Frame:
    handle = page.locator("iframe").element_handle()
    found = handle.content_frame()
    assert found is not None
    return found


def test_the_snippet_under_keep_shows_a_stage_that_plays_and_never_moves(
    page: Page, other: _Other
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, LINEAR)
    page.click("[data-action=embed]")
    expect(page.locator("[data-action=embed]")).to_contain_text("copied")
    other.shown = page.evaluate("navigator.clipboard.readText()")
    assert re.search(r'title="When does each part .+" width="100%" height="\d+"', other.shown)
    assert 'loading="lazy"' in other.shown
    page.set_viewport_size({"width": 376, "height": 900})
    page.goto(other.url)
    frame = framed(page)
    frame.wait_for_selector(READY, timeout=LONG)
    for width in (376, 736, 1016):
        page.set_viewport_size({"width": width, "height": 900})
        frame.evaluate(STILL)
        assert frame.evaluate(SCROLLS) == [], width
    for hidden in (".presets", ".keep", "[data-testid=stSidebar]", "[data-testid=stHeader]"):
        assert [one for one in frame.locator(hidden).all() if one.is_visible()] == []
    page.set_viewport_size({"width": 376, "height": 900})
    frame.evaluate(STILL)
    before = frame.evaluate(PLACES)
    frame.click("[data-action=run]")
    frame.wait_for_selector(FINAL, timeout=LONG)
    expect(frame.locator(".claims h2")).to_contain_text("land")
    frame.evaluate(STILL)
    assert frame.evaluate(PLACES) == before
    assert frame.evaluate(SCROLLS) == []
    link = frame.get_by_role("link", name="Open the whole page")
    assert link.get_attribute("target") == "_blank"
    assert "stage" not in (link.get_attribute("href") or "")


def test_a_frame_with_the_whole_app_is_refused(page: Page, other: _Other, server: str) -> None:
    other.shown = f'<iframe src="{server}{LINEAR}"></iframe>'
    with page.expect_event(
        "console", lambda message: "frame-ancestors" in message.text, timeout=LONG
    ):
        page.goto(other.url)
    assert not framed(page).url.startswith(server)
