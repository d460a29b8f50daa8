"""The opening picture of the home page: a run of the page's own engine."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from sims.core.evidence import by_body
from sims.core.registry import PHENOMENA

pytestmark = pytest.mark.e2e
SHIPPED = [import_module(f"sims.{name}").PHENOMENON for name in PHENOMENA]
"""What the server shows; in this process other tests have opened files, too."""
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


def test_the_map_leads_to_every_phenomenon_below(page: Page) -> None:
    page.goto("/")
    ways = page.locator(".st-key-panel-map a")
    titles = [phenomenon.title for body, members in by_body(SHIPPED) for phenomenon in members]
    expect(ways).to_have_count(len(titles))
    for i in range(len(titles)):
        place = (ways.nth(i).get_attribute("href") or "").removeprefix("#")
        expect(page.locator(f"[id='{place}']")).to_have_count(1)
    last = page.get_by_role("heading", name=titles[-1], exact=True)
    expect(last).not_to_be_in_viewport()
    page.locator(".st-key-panel-map").get_by_text(titles[-1], exact=True).click()
    expect(last).to_be_in_viewport()


def test_a_word_typed_at_home_leaves_the_cards_that_say_it(page: Page) -> None:
    page.goto("/")
    cards = page.locator("[class*='st-key-panel-']:not(.st-key-panel-map)")
    expect(cards).to_have_count(sum(len(p.experiments) for p in SHIPPED))
    field = page.get_by_role("searchbox", name="Find an experiment")
    field.press_sequentially("matrix compl")
    expect(cards).to_have_count(1)
    expect(page.locator(".st-key-panel-map")).to_have_count(0)
    field.fill("xylophone")
    expect(page.get_by_text("No experiment says that")).to_be_visible()
    field.fill("matrix")
    page.get_by_role("link", name="Saddle to saddle: Matrix completion").click()
    page.wait_for_url("**/saddle_to_saddle-matrix_completion")


def test_menus_are_the_bodies_of_evidence_with_every_page(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/")
    for body, members in by_body(SHIPPED):
        menu = page.get_by_test_id("stTopNavSection").filter(has_text=body.title)
        menu.click()
        links = page.get_by_test_id("stTopNavDropdownLink")
        count = sum(len(phenomenon.experiments) for phenomenon in members)
        expect(links).to_have_count(count)
        expect(links.first).to_contain_text(members[0].title)
        page.keyboard.press("Escape")
        expect(links).to_have_count(0)
