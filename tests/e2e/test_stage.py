"""The first screen of a page: picture, numbers, transport and presets, in a real Chromium."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from sims import api
from sims.core.registry import registry
from tests.e2e.driving import (
    LONG,
    curves,
    never_sideways,
    new_job,
    opened,
    pick,
    query_of,
    root,
    run_to_the_end,
)

pytestmark = pytest.mark.e2e
LINEAR = "/saddle_to_saddle-linear_network"
EXPERIMENT = api.experiment("saddle_to_saddle/linear_network")
LEAST_PX = 200


def box(locator: Locator) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    found = locator.bounding_box()
    assert found is not None
    x, y, width, height = (found[key] for key in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def settled(page: Page) -> None:
    """Wait until picture and transport have found their places: the same for many frames."""
    page.locator(".hero .plot").wait_for()
    page.locator(".lmx").evaluate("""async root => {
        const parts = [".hero", ".hero .plot", ".bar"].map(name => root.querySelector(name));
        const box = one => Object.values(one.getBoundingClientRect().toJSON());
        const places = () => parts.map(box).join();
        const frame = () => new Promise(requestAnimationFrame);
        for (let same = 0, seen = ""; same < 15; await frame()) {
            const now = places();
            same = now === seen ? same + 1 : 0;
            seen = now;
        }
    }""")


LONGEST = ("linear_network", "lazy_rich/phase_diagram", "scaling_laws/learning_curve")
"""Ends of the names of those with the longest laws and legends, and of the first to be seen."""


def every_experiment() -> list[Any]:
    """All names; most of them by night, since each costs seconds."""
    quick = pytest.mark.slow
    return [
        pytest.param(one.name, marks=[] if one.name.endswith(LONGEST) else [quick])
        for one in registry.experiments()
    ]


@pytest.mark.parametrize("name", every_experiment())
def test_everything_from_question_to_transport_is_on_the_first_screen(
    page: Page, name: str
) -> None:
    opened(page, "/" + name.replace("/", "-"))
    heading = page.get_by_role("heading", name=api.experiment(name).question)
    for width, height in ((1440, 900), (1280, 720), (1024, 768), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        settled(page)
        question, picture, plot, bar = (
            box(one) for one in (heading, *map(page.locator, (".hero", ".hero .plot", ".bar")))
        )
        assert question[1] > 0, width
        assert plot[3] - plot[1] >= LEAST_PX, width
        assert picture[3] <= bar[1], width
        assert bar[3] <= height, width
        if width >= 1280:
            number = box(page.locator("[data-tile='0']"))
            assert number[0] > picture[2], width
            assert number[3] <= height, width


def test_a_phone_shows_question_picture_and_transport_at_once(phone: Page) -> None:
    opened(phone, LINEAR)
    settled(phone)
    assert box(phone.get_by_role("heading", name=EXPERIMENT.question))[1] > 0
    assert box(phone.locator(".hero"))[3] <= 844
    assert box(phone.locator(".bar"))[3] <= 844
    never_sideways(phone)


def test_nothing_moves_when_the_run_comes(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    opened(page, LINEAR)
    settled(page)
    places = [page.locator(one) for one in (".hero", ".bar", ".panels", "[data-tile='3']")]
    before = [box(place) for place in places]
    run_to_the_end(page)
    assert [box(place) for place in places] == before


def test_the_transport_goes_along_once_its_place_is_scrolled_past(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    opened(page, LINEAR)
    settled(page)
    assert box(page.locator(".bar"))[2] == box(page.locator(".hero"))[2]
    page.locator(".claims").scroll_into_view_if_needed()
    page.mouse.wheel(0, 4000)
    page.wait_for_selector(".sheet.passed")
    left, _, right, bottom = box(page.locator(".bar"))
    assert bottom <= 900
    assert (left, right) == (box(page.locator(".rest"))[0], box(page.locator(".rest"))[2])
    page.locator("h1").first.scroll_into_view_if_needed()
    page.mouse.wheel(0, -9000)
    page.wait_for_selector(".sheet:not(.passed)")


def test_a_title_makes_its_picture_the_large_one_and_the_link_says_so(page: Page) -> None:
    opened(page, LINEAR)
    curves(page)
    page.locator("[data-panel=mode_strengths] [data-action=lead]").click()
    expect(page.locator(".hero [data-panel]")).to_have_attribute("data-panel", "mode_strengths")
    expect(page.locator(".panels [data-panel]").first).to_have_attribute("data-panel", "loss")
    assert query_of(page)["hero"] == ["mode_strengths"]
    old = root(page, "run")
    field = page.locator("input[aria-label^='Initial scale']").first
    field.fill("0.0003")
    field.press("Enter")
    new_job(page, old)
    page.wait_for_url(re.compile("alpha="))
    assert query_of(page)["hero"] == ["mode_strengths"]
    page.reload()
    page.wait_for_selector(".hero [data-panel=mode_strengths]", timeout=LONG)
    page.locator("[data-panel=loss] [data-action=lead]").click()
    assert "hero" not in query_of(page)


def test_a_link_to_a_picture_there_is_not_opens_with_the_usual_one(page: Page) -> None:
    opened(page, f"{LINEAR}?hero=nothing")
    expect(page.locator(".hero [data-panel]")).to_have_attribute("data-panel", "loss")
    assert page.locator("[role=alert]").count() == 0


def test_brackets_and_commas_turn_the_presets_and_come_round(page: Page) -> None:
    opened(page, LINEAR)
    row = page.locator(".presets")
    expect(row).to_have_attribute("data-active", "staircase")
    page.locator("h1").first.click()
    for key, there in (("]", 1), (".", 2), ("[", 1), (",", 0), ("[", -1)):
        old = root(page, "run")
        page.keyboard.press(key)
        order = [p.id for p in EXPERIMENT.presets if "departs" not in p.verdicts.values()]
        order += [p.id for p in EXPERIMENT.presets if p.id not in order]
        expect(row).to_have_attribute("data-active", order[there])
        new_job(page, old)


def test_the_list_of_presets_is_filtered_by_typing_and_picked_from_by_keys(page: Page) -> None:
    opened(page, LINEAR)
    old = root(page, "run")
    page.click("[data-action=presets]")
    field = page.get_by_role("combobox", name="Filter the presets")
    expect(field).to_be_focused()
    expect(page.locator(".option")).to_have_count(len(EXPERIMENT.presets))
    field.fill("adam")
    found = page.locator(".option").count()
    assert 0 < found < len(EXPERIMENT.presets)
    field.fill("no preset says such a thing")
    expect(page.locator(".options")).to_have_text("No preset says that.")
    field.fill("adam")
    chosen = page.locator(".option.pointed").get_attribute("data-preset")
    field.press("Enter")
    expect(page.locator(".presets")).to_have_attribute("data-active", chosen or "")
    new_job(page, old)
    expect(page.locator("[data-action=presets]")).to_be_focused()


def test_escape_closes_the_list_of_presets_and_leads_back_to_its_button(page: Page) -> None:
    opened(page, LINEAR)
    opener = page.locator("[data-action=presets]")
    for _ in range(2):
        opener.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("combobox", name="Filter the presets")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator(".popover")).to_be_hidden()
        expect(opener).to_be_focused()


def test_what_stands_beside_a_preset_can_be_left_out(page: Page) -> None:
    opened(page, LINEAR)
    pick(page, "lazy_start")
    switch = page.get_by_role("switch", name=re.compile("^Beside it"))
    expect(switch).to_be_checked()
    old = root(page, "run")
    switch.click()
    new_job(page, old)
    expect(switch).not_to_be_checked()


OUTSIDE = """card => {
    const { left, right } = card.getBoundingClientRect();
    return [...card.querySelectorAll("*")].filter(one => {
        const { left: from, right: to, width } = one.getBoundingClientRect();
        const shown = width > 1 && !(one.closest("thead")?.offsetWidth === 1);
        return shown && (from < left - 1 || to > right + 1);
    }).map(one => `${one.tagName}.${one.className}: ${one.textContent}`);
}"""
SMALL = """root => [...root.querySelectorAll("*")].filter(one => {
    const own = [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const raised = one.closest("sub, sup, svg, option, .unseen");
    const size = parseFloat(getComputedStyle(one).fontSize);
    return own && !raised && one.checkVisibility() && size < 13;
}).map(one => `${one.tagName}.${one.className}: ${one.textContent}`)"""


def test_no_text_is_small_and_the_claims_stay_in_their_card_at_every_width(page: Page) -> None:
    opened(page, f"{LINEAR}?eta=0.42")
    run_to_the_end(page)
    for width in (1440, 1280, 1180, 1024, 800, 390):
        page.set_viewport_size({"width": width, "height": 900})
        never_sideways(page)
        assert page.locator(".claims").evaluate(OUTSIDE) == [], width
        assert page.locator(".lmx").evaluate(SMALL) == [], width


def test_fields_are_named_in_words(page: Page) -> None:
    opened(page, LINEAR)
    expect(page.get_by_label("Initial scale, alpha, weight", exact=True).first).to_be_visible()
    expect(page.locator("[aria-label*='$']")).to_have_count(0)


def test_assumptions_that_hold_are_one_line_and_broken_ones_are_told(page: Page) -> None:
    opened(page, LINEAR)
    line = page.locator(".assumptions summary")
    expect(line).to_have_text(re.compile(r"all \d+ assumptions hold"))
    held = page.locator("[data-assumption=small_init]")
    expect(held).not_to_be_visible()
    line.click()
    expect(held).to_be_visible()
    pick(page, "lazy_start")
    expect(held).to_have_attribute("data-held", "false")
    expect(held).to_contain_text("broken")


@pytest.mark.parametrize("width", [1440, 390])
def test_at_the_end_of_the_page_the_transport_covers_nothing_of_what_can_be_kept(
    page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    opened(page, LINEAR)
    settled(page)
    page.mouse.move(width / 2, 450)
    page.mouse.wheel(0, 20_000)
    expect(page.locator(".sheet.passed, .passed").first).to_be_visible()
    settled(page)
    last = box(page.locator("[data-action=handout_blank]"))
    assert last[3] <= box(page.locator(".bar"))[1]
