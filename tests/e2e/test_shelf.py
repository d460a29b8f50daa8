"""Other settings on a page: a sweep of one's own, a second value, in a real Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, TimeoutError, expect

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


def form(page: Page, name: str) -> None:
    """Open a form, once no turn of the page is under way that would take the press for its own.

    One that begins with the press may still do so, and leave the form shut or empty: a reader
    presses again.
    """
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    whole = page.locator("details", has=page.get_by_text(name, exact=True))
    press, filled = whole.locator("summary"), whole.get_by_role("button").first
    press.click()
    try:
        filled.wait_for(timeout=10_000)
    except TimeoutError:
        for _ in range(1 if whole.get_attribute("open") is None else 2):
            press.click()
        filled.wait_for(timeout=LONG)


def test_a_sweep_typed_into_the_form_is_drawn_and_stays_in_the_link(page: Page) -> None:
    opened(page, ADDRESS)
    form(page, "Sweep")
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
    form(page, "Sweep")
    page.get_by_role("button", name="Back to one run").click()
    new_job(page, old)
    page.wait_for_url(lambda url: "over=" not in url)
    no_traceback(page)


def test_a_second_value_runs_beside_the_first_and_stays_in_the_link(page: Page) -> None:
    opened(page, ADDRESS)
    form(page, "Compare")
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


def end(page: Page, pace: str = "Fastest") -> None:
    page.select_option("[data-action=pace]", label=pace)
    page.click("[data-action=run]")
    page.wait_for_selector('.lmx[data-state="done"]', timeout=LONG)


def labels(page: Page) -> list[str]:
    """What the curves of pinned runs are called in the large picture."""
    return page.locator(".hero .figure").evaluate(
        "figure => figure.data.filter(t => t.meta?.kind === 'pin' && t.mode === 'text')"
        ".map(t => t.text[0])"
    )


def test_two_pinned_runs_stand_over_the_third_and_in_the_table_also_after_a_reload(
    page: Page,
) -> None:
    opened(page, ADDRESS)
    expect(page.locator("[data-action=pin]")).to_be_disabled()
    end(page)
    page.click("[data-action=pin]")
    shelf = page.locator(".shelf")
    expect(shelf.locator("[data-unpin]")).to_have_count(1)
    page.wait_for_url(re.compile("pins=default"))
    old = root(page, "run")
    field = page.locator("[data-testid=stSidebar] [class*=st-key-a0] input").first
    field.fill("1.5")
    field.press("Enter")
    new_job(page, old)
    end(page)
    page.locator("h1").first.click()
    page.keyboard.press("k")
    expect(shelf.locator("[data-unpin]")).to_have_count(2)
    expect(
        shelf.locator("[data-compared]").first.locator("[data-verdict=lands]")
    ).not_to_have_count(0)
    expect(shelf.locator(".knob")).to_have_count(1)
    page.reload()
    page.wait_for_selector('.lmx[data-state="ready"]', timeout=LONG)
    expect(shelf.locator("[data-action=run-pins]")).to_be_hidden()
    expect(page.locator(".legend")).to_contain_text("pinned: A, B")
    assert [name[:2] for name in labels(page)] == ["A:", "B:"]
    never_sideways(page)
    shelf.locator("[data-unpin]").first.click()
    expect(shelf.locator("[data-unpin]")).to_have_count(1)
    expect(page.locator(".legend")).to_contain_text("pinned: A")
    no_traceback(page)


def test_pins_of_a_link_are_shown_as_not_run_until_they_are_run(page: Page) -> None:
    opened(page, f"{ADDRESS}?pins=a0:1.5~a0:0.5;seed:1~a0:99")
    expect(page.get_by_role("alert")).to_contain_text("Among the pins: a0 = 99 is not allowed")
    shelf = page.locator(".shelf")
    expect(shelf).to_contain_text("not run yet")
    assert labels(page) == []
    page.click("[data-action=run-pins]")
    expect(shelf.locator("[data-action=run-pins]")).to_be_hidden(timeout=LONG)
    expect(page.locator(".legend")).to_contain_text("pinned: A, B")
    expect(shelf.locator("[data-compared]").first.locator("[data-verdict]")).not_to_have_count(0)
    assert root(page, "state") == "ready"
    no_traceback(page)


def test_what_a_kept_run_came_to_is_not_told_before_the_guess(page: Page) -> None:
    opened(page, ADDRESS)
    end(page)
    page.click("[data-action=pin]")
    numbers = page.locator(".shelf .second")
    expect(numbers.last).to_be_visible()
    page.goto(f"{ADDRESS}?guess=first&pins=default")
    expect(page.locator(".shelf [data-verdict=lands]").first).to_be_visible(timeout=LONG)
    expect(page.locator(".lmx")).to_have_attribute("data-guessing", "on")
    expect(numbers.last).to_be_hidden()
    no_traceback(page)


def test_beside_a_sweep_pins_stand_with_its_ranges_and_its_worst_point(page: Page) -> None:
    opened(page, f"{ADDRESS}?over=a0:0.1:1:3&pins=default")
    head = page.locator(".shelf thead th").first
    expect(head).to_contain_text("this sweep, where it is worst", timeout=LONG)
    expect(page.locator(".shelf .knob td")).to_have_text(["0.1:1:3", "0.1"])


def test_what_a_point_of_a_sweep_is_called_stays_within_the_transport(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    opened(page, f"{ADDRESS}?over=a0:0.1:1:3")
    bar, clock = (page.locator(name).bounding_box() for name in (".bar", ".clock"))
    assert bar is not None
    assert clock is not None
    assert clock["x"] + clock["width"] <= bar["x"] + bar["width"]
