"""Other settings on a page: a sweep of one's own, a second value, in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.driving import (
    LONG,
    never_sideways,
    new_job,
    no_traceback,
    opened,
    query_of,
    root,
    run_to_the_end,
)

pytestmark = pytest.mark.e2e
ADDRESS = "/lazy_rich-one_neuron"


def test_a_sweep_typed_into_the_form_is_drawn_and_stays_in_the_link(page: Page) -> None:
    opened(page, ADDRESS)
    page.get_by_text("Sweep", exact=True).click()
    field = page.get_by_role("textbox", name="Range of outer weight")
    field.fill("0:99:3")
    field.press("Enter")
    expect(page.get_by_text("a0 = 49.5 is not allowed: give a number from")).to_be_visible()
    expect(page.get_by_role("button", name="Draw this sweep")).to_be_disabled()
    field.fill("0.1:1:4")
    field.press("Enter")
    expect(page.get_by_test_id("stCode").last).to_contain_text("--over a0=0.1:1:4")
    old = root(page, "run")
    page.get_by_role("button", name="Draw this sweep").click()
    new_job(page, old)
    assert query_of(page)["over"] == ["a0:0.1:1:4"]
    expect(page.get_by_text("Cost of this sweep")).to_be_visible()
    assert run_to_the_end(page) == "done"
    never_sideways(page)
    page.reload()
    page.wait_for_selector('.lmx[data-state="ready"]', timeout=LONG)
    expect(page.get_by_text("Cost of this sweep")).to_be_visible()
    old = root(page, "run")
    page.get_by_text("Sweep", exact=True).click()
    page.get_by_role("button", name="Back to one run").click()
    new_job(page, old)
    page.wait_for_url(lambda url: "over=" not in url)
    no_traceback(page)


def test_a_second_value_runs_beside_the_first_and_stays_in_the_link(page: Page) -> None:
    opened(page, ADDRESS)
    page.get_by_text("Compare", exact=True).click()
    field = page.get_by_role("textbox", name="Other value of outer weight")
    field.fill("99")
    field.press("Enter")
    expect(page.get_by_text("a0 = 99 is not allowed: give a number from")).to_be_visible()
    field.fill("1.5")
    field.press("Enter")
    old = root(page, "run")
    page.get_by_role("button", name="Put it beside").click()
    new_job(page, old)
    assert query_of(page)["beside"] == ["a0:1.5"]
    legend = page.locator(".legend")
    expect(legend).to_contain_text("theory: outer weight a0 = 1.5")
    assert run_to_the_end(page) == "done"
    expect(legend).to_contain_text("run: outer weight a0 = 0.1")
    expect(legend).to_contain_text("run: outer weight a0 = 1.5")
    page.reload()
    page.wait_for_selector('.lmx[data-state="ready"]', timeout=LONG)
    old = root(page, "run")
    expect(page.locator("label.beside")).to_contain_text("Beside it: outer weight")
    page.locator("label.beside").click()
    new_job(page, old)
    page.wait_for_url(lambda url: "beside=" not in url)
    no_traceback(page)
