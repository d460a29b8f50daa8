"""A moved knob: its picture is there before Streamlit's turn, and is the one that stays."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.driving import live, new_job, opened, query_of, root

pytestmark = pytest.mark.e2e
LINEAR = "/saddle_to_saddle-linear_network"
JOBS = """root => {
  window.jobs = [];
  new MutationObserver(() => {
    if (root.dataset.run !== window.jobs.at(-1)) window.jobs.push(root.dataset.run);
  }).observe(root, {attributes: true, attributeFilter: ["data-run"]});
}"""


def watched(page: Page) -> None:
    """Note from now on which jobs the page shows."""
    live(page).element_handle().evaluate(JOBS)


def test_a_typed_knob_is_one_job_for_its_picture_and_for_the_page(page: Page) -> None:
    opened(page, LINEAR)
    watched(page)
    before = root(page, "run")
    field = page.locator("input[aria-label^='Initial scale']").first
    field.fill("0.001234567")
    field.press("Enter")
    new_job(page, before)
    page.wait_for_url(lambda url: "alpha=0.001234567" in url)
    expect(page.locator("[data-testid=stApp]")).to_have_attribute(
        "data-test-script-state", "notRunning"
    )
    assert len(page.evaluate("jobs")) == 1
    assert query_of(page) == {"alpha": ["0.001234567"]}


def test_the_picture_follows_a_slider_while_it_is_held(page: Page) -> None:
    opened(page, LINEAR)
    before = root(page, "run")
    thumb = page.locator(".st-key-alpha_slider [role=slider], .st-key-alpha_slider input").first
    box = page.locator(".st-key-alpha_slider").bounding_box()
    place = thumb.bounding_box()
    assert box is not None
    assert place is not None
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.mouse.down()
    page.mouse.move(place["x"] - 20, place["y"] + place["height"] / 2, steps=4)
    new_job(page, before)  # the hand still holds it
    assert "alpha" not in query_of(page)
    watched(page)
    last = root(page, "run")
    page.mouse.move(place["x"] - 40, place["y"] + place["height"] / 2, steps=4)
    new_job(page, last)
    page.mouse.up()
    page.wait_for_url(lambda url: "alpha=" in url)
    held = root(page, "run")
    expect(page.locator("[data-testid=stApp]")).to_have_attribute(
        "data-test-script-state", "notRunning"
    )
    assert root(page, "run") == held


def test_what_is_refused_is_said_at_once_and_the_picture_stays(page: Page) -> None:
    opened(page, LINEAR)
    watched(page)
    field = page.locator("input[aria-label^='Learning rate']").first
    field.fill("99")
    field.press("Enter")
    said = page.get_by_test_id("stSidebar").get_by_text("is not allowed")
    expect(said).to_be_visible()
    assert page.evaluate("jobs") == []
