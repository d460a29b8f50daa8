"""What is guessed without theory, on request: its switch, its words, and where it is drawn."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.driving import curves, live, opened, query_of, run_to_the_end
from tests.e2e.mounted import Mounted, status, view

pytestmark = pytest.mark.e2e
GUESSED = [
    {"kind": "theory", "words": "theory", "colour": None, "when": "always"},
    {"kind": "baseline", "words": "nothing changes", "colour": None, "when": "asked"},
]


def test_the_guess_is_hidden_until_it_is_asked_for_and_then_says_its_words(part: Mounted):
    tile = {"symbol": "t", "words": "first drop", "value": "2.0", "unit": "", "consequence": ""}
    tiles = [tile | {"colour": None, "column": None, "baseline": said} for said in ("never", "")]
    part.give("a")
    part.send(view(legend=GUESSED, tiles=tiles), status("ready"))
    root, switch = part.page.locator(".lmx"), part.page.get_by_role("button", name="naive guess")
    words, numbers = part.page.locator(".legend .said"), part.page.locator(".tile .baseline")
    expect(switch).to_have_attribute("aria-pressed", "false")
    expect(numbers).to_have_count(1)
    assert not words.is_visible()
    assert not numbers.is_visible()
    switch.click()
    expect(root).to_have_attribute("data-baseline", "on")
    expect(switch).to_have_attribute("aria-pressed", "true")
    expect(words).to_be_visible()
    expect(part.page.locator(".legend .entry").last).to_have_text("naive guess: nothing changes")
    expect(numbers).to_have_text("naive guess: never")
    part.page.keyboard.press("b")
    expect(root).to_have_attribute("data-baseline", "off")
    assert part.heard() == ["naive guess shown", "naive guess hidden"]


def test_the_guess_stays_asked_for_when_a_knob_is_moved(part: Mounted):
    part.give("a")
    part.send(view(legend=GUESSED), status("ready"))
    switch = part.page.locator("[data-action=baseline]")
    expect(switch).to_be_visible()
    part.page.keyboard.press("b")
    part.send({"type": "moved", "token": "b", "stay": True})
    part.send(view(legend=[*GUESSED[:1], GUESSED[1] | {"words": "chance"}]), status("ready"))
    expect(part.page.locator(".legend .said")).to_have_text(": chance")
    expect(switch).to_have_attribute("aria-pressed", "true")


def test_without_a_guess_there_is_no_switch_and_its_key_does_nothing(part: Mounted):
    part.give("a")
    part.send(view(legend=GUESSED[:1]), status("ready"))
    expect(part.page.locator(".lmx")).to_have_attribute("data-state", "ready")
    expect(part.page.locator("[data-action=baseline]")).to_have_count(0)
    part.page.keyboard.press("b")
    expect(part.page.locator(".lmx")).to_have_attribute("data-baseline", "off")
    assert part.heard() == []


def test_the_link_says_whether_the_guess_is_drawn(page: Page) -> None:
    opened(page, "/saddle_to_saddle-linear_network?alpha=0.0003")
    assert "baseline" not in query_of(page)
    page.click("[data-action=baseline]")
    expect(live(page)).to_have_attribute("data-baseline", "on")
    assert query_of(page)["baseline"] == ["shown"]
    opened(page, page.url)
    expect(live(page)).to_have_attribute("data-baseline", "on")
    expect(page.locator("[data-action=baseline]")).to_have_attribute("aria-pressed", "true")
    assert query_of(page)["baseline"] == ["shown"]
    assert page.locator("[role=alert]").count() == 0
    page.keyboard.press("b")
    expect(live(page)).to_have_attribute("data-baseline", "off")
    assert "baseline" not in query_of(page)


@pytest.mark.slow
def test_the_guess_is_drawn_beneath_theory_and_run_when_it_is_asked_for(page: Page) -> None:
    opened(page, "/saddle_to_saddle-linear_network")
    marks = "e => e.layout.shapes.filter(shape => shape.name === 'baseline').length"
    loss = page.locator("[data-panel=loss] .figure")
    assert "baseline" not in curves(page, "mode_strengths")[0]
    assert loss.evaluate(marks) == 0
    page.click("[data-action=baseline]")
    expect(live(page).locator(".legend .said")).to_contain_text("nothing changes")
    assert curves(page, "mode_strengths")[0][0] == "baseline"
    assert loss.evaluate(marks) == 3
    run_to_the_end(page)
    shown = curves(page, "mode_strengths")[0]
    assert shown == sorted(shown, key=["baseline", "run", "theory2", "theory", ""].index)
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG", exact=True).click()
    assert "stroke-dasharray: 1.5px, 6px" in download.value.path().read_text("utf-8")
    page.keyboard.press("b")
    expect(live(page)).to_have_attribute("data-baseline", "off")
    assert "baseline" not in curves(page, "mode_strengths")[0]
    assert loss.evaluate(marks) == 0
