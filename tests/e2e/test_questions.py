"""The open questions in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.driving import LONG, READY, never_sideways, no_traceback

pytestmark = pytest.mark.e2e


def test_a_question_leads_to_the_page_where_it_shows(page: Page) -> None:
    page.goto("/open-questions")
    expect(page.get_by_role("heading", name="Open questions")).to_be_visible(timeout=LONG)
    expect(page.locator('[class*="st-key-panel-question-"]')).to_have_count(12)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        never_sideways(page)
    no_traceback(page)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="ReLU at half speed").click()
    shown = opened.value
    shown.wait_for_selector(READY, timeout=LONG)
    assert "/saddle_to_saddle-linear_network?" in shown.url
    expect(shown.locator(".lmx")).to_contain_text("ReLU at half speed")
    no_traceback(shown)
    shown.close()
