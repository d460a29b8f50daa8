"""The ledger in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app.assets import asset
from app.wording import fixed
from sims.core import ledger
from tests.e2e.driving import LONG, READY, never_sideways, no_traceback, query_of

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
RECORD = ledger.read(asset("ledger/lazy_rich-one_neuron.json"))


def test_the_ledger_is_one_link_away_and_fits_every_window(page: Page, server: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    page.get_by_role("link", name="Ledger").first.click()
    expect(page.get_by_role("heading", name="Ledger", exact=True)).to_be_visible(timeout=LONG)
    assert page.url.endswith("/ledger")
    line = page.get_by_role("row", name="lazy_rich/one_neuron")
    expect(line).to_contain_text(fixed(RECORD.line.lands, 0))
    page.get_by_text(f"({RECORD.experiment})").click()
    for tab in ("Presets", "Controls", "Random settings"):
        page.get_by_role("tab", name=tab).click()
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 844})
            never_sideways(page)
    no_traceback(page)
    own = server.split("//")[1]
    assert [u for u in asked if not u.startswith(("data:", "blob:")) and own not in u] == []


def test_a_link_of_the_ledger_opens_the_page_with_these_knobs(page: Page) -> None:
    (first, *_) = RECORD.settings.outcomes
    page.goto("/ledger")
    page.get_by_text(f"({RECORD.experiment})").click(timeout=LONG)
    page.get_by_role("link", name="Open", exact=True).first.click()
    page.wait_for_selector(READY, timeout=LONG)
    assert page.url.partition("?")[0].endswith("/lazy_rich-one_neuron")
    query = query_of(page)
    assert {name: float(query[name][0]) for name in first.values} == first.values
    shown = [field.input_value() for field in page.get_by_role("spinbutton").all()]
    assert set(map(float, shown)) >= set(map(float, first.values.values()))
    assert page.get_by_text("From the link:").count() == 0


def test_a_filter_leaves_the_settings_with_such_a_verdict(page: Page) -> None:
    departing = [one for one in RECORD.settings.outcomes if _departs(one)]
    page.goto("/ledger")
    page.get_by_text(f"({RECORD.experiment})").click(timeout=LONG)
    page.get_by_text(f"Departs ({len(departing)})").click()
    expect(page.get_by_role("link", name="Open", exact=True)).to_have_count(len(departing))


def _departs(one: ledger.Outcome) -> bool:
    return any(score.verdict == "departs" for score in one.scores.values())
