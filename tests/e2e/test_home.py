"""The opening picture of the home page: a run of the page's own engine."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

pytestmark = pytest.mark.e2e
OPENING = ".lmx.opening"


def state(page: Page, word: str) -> None:
    page.locator(f"{OPENING}[data-state={word}]").wait_for(timeout=30_000)


def test_the_opening_run_begins_when_it_is_seen_and_is_played_once(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 320})
    page.goto("/")
    state(page, "ready")
    page.wait_for_timeout(1000)
    state(page, "ready")
    page.set_viewport_size({"width": 1440, "height": 900})
    state(page, "running")
    state(page, "done")
    opening = page.locator(OPENING)
    expect(opening.locator(".words")).to_have_text("All seven claims land")
    assert int(opening.get_attribute("data-rows") or 0) > 200
    page.set_viewport_size({"width": 390, "height": 320})
    page.set_viewport_size({"width": 1440, "height": 900})
    page.wait_for_timeout(1000)
    state(page, "done")


def test_who_wants_little_motion_gets_the_whole_run_as_fast_as_it_comes(
    browser: Browser, server: str
) -> None:
    context = browser.new_context(base_url=server, reduced_motion="reduce")
    page = context.new_page()
    paces: list[float | None] = []

    def listen(socket: WebSocket) -> None:
        if "/live/" in socket.url:
            socket.on("framesent", lambda data: note(json.loads(data)))

    def note(message: dict[str, float | str | None]) -> None:
        if message["type"] == "pace":
            pace = message["rows_per_second"]
            assert not isinstance(pace, str)
            paces.append(pace)

    page.on("websocket", listen)
    page.goto("/")
    state(page, "done")
    assert paces[-1] is None
    context.close()
