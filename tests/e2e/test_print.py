"""A page on paper: one sheet, with every picture as it is now."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from sims import api
from tests.e2e.driving import live, opened, run_to_the_end

pytestmark = pytest.mark.e2e
EXPERIMENT = api.experiment("saddle_to_saddle/linear_network")
LINEAR = "/saddle_to_saddle-linear_network"
PAGE = re.compile(rb"/Type\s*/Page\b")
RUNS = """figures => figures.map(figure => figure.data
    .filter(trace => trace.legendgroup === "run" && trace.x?.length > 100).length)"""
PARTS = ".claims *, .panel, .tile, .printed *"
INSIDE = """(sheet, parts) => [...sheet.querySelectorAll(parts)].every(one => {
    const { left, right } = one.getBoundingClientRect();
    const whole = sheet.getBoundingClientRect();
    return left >= whole.left - 1 && right <= whole.right + 1;
})"""


@pytest.fixture
def printed(page: Page) -> Page:
    """A judged page whose lower pictures have never been on the screen, as it goes to paper."""
    opened(page, LINEAR)
    assert run_to_the_end(page) == "done"
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    return page


def test_a_page_prints_on_one_sheet_whichever_way_it_lies(page: Page) -> None:
    opened(page, LINEAR)
    assert run_to_the_end(page) == "done"
    for landscape in (False, True):
        pdf = page.pdf(format="A4", landscape=landscape)
        assert len(PAGE.findall(pdf)) == 1
        expect(page.locator(".sheet")).not_to_have_class(re.compile("printing"))


def test_on_paper_every_picture_has_its_run(printed: Page) -> None:
    drawn = printed.locator("[data-panel] .figure").evaluate_all(RUNS)
    assert len(drawn) == 10
    assert all(drawn)
    for waiting in printed.locator(".empty").all():
        expect(waiting).to_be_hidden()


def test_paper_has_question_law_settings_claims_and_link_and_nothing_to_press(
    printed: Page,
) -> None:
    expect(printed.get_by_role("heading", name=EXPERIMENT.question)).to_be_visible()
    expect(printed.locator(".st-key-law .katex").first).to_be_visible()
    expect(printed.locator("[data-claim]")).to_have_count(7)
    note = printed.locator(".printed")
    expect(note).to_contain_text("lmx run saddle_to_saddle/linear_network")
    expect(note).to_contain_text("alpha=0.0001")
    for gone in ("[data-testid=stSidebar]", "[data-testid=stHeader]", ".bar", ".presets", ".keep"):
        expect(printed.locator(gone)).to_be_hidden()
    assert printed.locator(".sheet").evaluate(INSIDE, PARTS)


def test_paper_is_light_whatever_the_screen_is(page: Page) -> None:
    page.emulate_media(color_scheme="dark", media="print")
    opened(page, LINEAR)
    expect(live(page)).to_have_attribute("data-mode", "dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(live(page)).to_have_attribute("data-mode", "light")
    assert page.locator("h1").evaluate("e => getComputedStyle(e).color") == "rgb(27, 31, 36)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(live(page)).to_have_attribute("data-mode", "dark")
