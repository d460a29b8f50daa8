"""The guide for authors in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app.assets import asset
from tests.e2e.driving import LONG, never_sideways, no_traceback

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_the_guide_is_one_link_away_and_shows_the_example(page: Page, server: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    page.get_by_role("link", name="Write your own").first.click()
    expect(page.get_by_role("heading", name="Write your own experiment")).to_be_visible(
        timeout=LONG
    )
    assert page.url.endswith("/write-your-own")
    shown = page.locator("[data-testid=stCode]").last
    expect(shown).to_contain_text('title="Heavy ball"', timeout=LONG)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save heavy_ball.py").click()
    assert saved.value.path().read_bytes() == asset("guide/heavy_ball.py").read_bytes()
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        never_sideways(page)
    no_traceback(page)
    own = server.split("//")[1]
    assert [u for u in asked if not u.startswith(("data:", "blob:")) and own not in u] == []
