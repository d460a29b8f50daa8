"""Guess first: theory is hidden, the reader draws, the run is held against both."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.driving import FINAL, LONG, curves, live, opened, query_of, state

pytestmark = pytest.mark.e2e
ADDRESS = "/saddle_to_saddle-matrix_completion"
CURVE = "/lazy_rich-one_neuron?dt=0.01"


def dragged(page: Page, across: float, down: float, *, start: tuple[float, float]) -> None:
    """A drag over the guess's panel, in shares of it."""
    box = page.locator(".guess-layer").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=8)
    page.mouse.up()


def test_theory_is_hidden_until_the_run_is_over_and_the_guess_is_judged(page: Page) -> None:
    opened(page, ADDRESS)
    page.keyboard.press("g")
    expect(live(page)).to_have_attribute("data-guessing", "on")
    assert query_of(page)["guess"] == ["first"]
    assert all("theory" not in kinds for kinds in curves(page))
    assert not page.locator(".tile .value").first.is_visible()
    assert not page.locator(".claims td.said").first.is_visible()
    page.click("[data-action=run]")
    expect(page.locator(".banner.notice")).to_contain_text("Put your guess into the picture first")
    assert live(page).get_attribute("data-state") == "ready"
    dragged(page, 0.5, 0.5, start=(0.2, 0.5))
    expect(page.locator(".guess-line")).to_have_attribute("data-guess", "given")
    kept = query_of(page)["guess"][0]
    assert float(kept) > 0
    page.select_option("[data-action=pace]", label="Fastest")
    page.click("[data-action=run]")
    page.wait_for_selector(FINAL, timeout=LONG)
    line = page.locator(".guess-line[data-guess=judged]")
    expect(line).to_contain_text(f"You {kept}")
    expect(line).to_contain_text("theory was")
    expect(live(page)).to_have_attribute("data-guessing", "off")
    assert page.locator(".tile .value").first.is_visible()
    opened(page, page.url)
    expect(page.locator(".guess-line")).to_contain_text(f"Your guess: {kept}")
    assert all("theory" not in kinds for kinds in curves(page))


def test_a_curve_is_drawn_and_judged(page: Page) -> None:
    opened(page, f"{CURVE}&guess=first")
    dragged(page, 0.95, 0.1, start=(0.05, 0.9))
    expect(page.locator(".guess-line")).to_have_attribute("data-guess", "given")
    points = query_of(page)["guess"][0].split(",")
    heights = [float(point.split(":")[1]) for point in points]
    assert len(points) > 10
    assert heights[-1] > heights[0]
    page.select_option("[data-action=pace]", label="Fastest")
    page.click("[data-action=run]")
    expect(page.locator(".guess-line[data-guess=judged]")).to_contain_text(
        "of the picture's height"
    )


def test_the_keys_put_a_guess_in_too(page: Page) -> None:
    opened(page, f"{ADDRESS}?guess=first")
    slider = page.get_by_role("slider", name="your guess")
    slider.focus()
    slider.press("ArrowRight")
    first = float(query_of(page)["guess"][0])
    slider.press("Shift+ArrowRight")
    assert float(query_of(page)["guess"][0]) > first
    expect(slider).to_have_attribute("aria-valuetext", query_of(page)["guess"][0])


def test_other_settings_ask_anew_and_the_switch_shows_theory_again(page: Page) -> None:
    opened(page, f"{ADDRESS}?guess=2.5")
    expect(page.locator(".guess-line")).to_contain_text("Your guess: 2.5")
    old = live(page).get_attribute("data-run")
    page.keyboard.press("]")
    page.wait_for_selector(f'.lmx:not([data-run="{old}"])[data-state="ready"]', timeout=LONG)
    expect(page.locator(".guess-line")).to_have_attribute("data-guess", "asked")
    assert query_of(page)["guess"] == ["first"]
    page.click("[data-action=guess-first]")
    expect(live(page)).to_have_attribute("data-guessing", "off")
    expect(page.locator(".guess-layer")).to_have_count(0)
    assert "guess" not in query_of(page)


@pytest.mark.parametrize("wrong", ["Jane", "nan", "0:1,1:2"])
def test_a_guess_of_the_link_that_does_not_fit_is_asked_for_anew(page: Page, wrong: str) -> None:
    opened(page, f"{ADDRESS}?guess={wrong}")
    expect(page.locator(".guess-line")).to_have_attribute("data-guess", "asked")
    expect(page.locator(".guess-line")).to_contain_text("make it anew")


def test_on_a_phone_a_drag_and_a_tap_lead_to_the_verdict(browser: Browser, server: str) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, base_url=server
    )
    page = context.new_page()
    opened(page, f"{ADDRESS}?guess=first")
    page.locator(".guess-layer").tap()
    page.locator("[data-action=run]").tap()
    expect(page.locator(".guess-line[data-guess=judged]")).to_contain_text("You", timeout=LONG)
    state(page, "done")
    context.close()
