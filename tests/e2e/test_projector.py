"""Large type for a room: fewer things, nothing small, nothing cut, and the way in and out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from sims import api
from tests.e2e.driving import FINAL, LONG, live, opened, query_of, verdicts
from tests.e2e.test_stage import box, every_experiment, settled

pytestmark = pytest.mark.e2e
LINEAR = "/saddle_to_saddle-linear_network"
LEAST_TYPE, LEAST_INDEX = 22, 14
"""Pixels of anything that is read, and of the indices of a symbol, which are smaller than it."""
LEAST_PX = 220
TEXTS = """least => {
    const texts = [];
    const walk = node => {
        if (node.nodeType === Node.TEXT_NODE) {
            const parent = node.parentElement;
            const range = document.createRange();
            range.selectNodeContents(node);
            const {width, height, bottom} = range.getBoundingClientRect();
            const how = {opacityProperty: true, visibilityProperty: true};
            const seen = parent?.checkVisibility(how) && width > 1 && height > 1 && bottom > 0;
            const unseen = ".unseen, .label, style, script, [data-testid=stSkipToContent]";
            if (node.data.trim() && seen && !parent.closest(unseen))
                texts.push([parent, node.data]);
        } else {
            for (const child of node.shadowRoot?.childNodes ?? []) walk(child);
            for (const child of node.childNodes) walk(child);
        }
    };
    walk(document.body);
    return texts.map(([parent, text]) => {
        const size = parseFloat(getComputedStyle(parent).fontSize);
        const index = parent.closest("sub, sup, .katex, tspan[dy], tspan[style*='70%']") !== null;
        return [text.trim(), size, index];
    });
}"""
CUT = """root => [...root.querySelectorAll("*")]
    .filter(one => {
        const {overflowX, overflowY} = getComputedStyle(one);
        const hides = /hidden|clip/.test(overflowX + overflowY) && one instanceof HTMLElement;
        const seen = one.checkVisibility({visibilityProperty: true}) && !one.closest(".unseen");
        const wide = one.scrollWidth - one.clientWidth;
        const high = one.scrollHeight - one.clientHeight;
        return hides && seen && Math.max(wide, high) > 1 && !one.matches(".label");
    })
    .map(one => one.className)"""
OUTSIDE = """root => {
    const inside = one => one.getBoundingClientRect();
    return [...root.querySelectorAll(".tile > *, .claims td, .claims th, .bar > *, .status > *")]
        .filter(one => one.checkVisibility({visibilityProperty: true}) && inside(one).width > 1)
        .filter(one => inside(one).right > innerWidth + 1 || inside(one).left < -1
            || inside(one).right > inside(one.parentElement).right + 1)
        .map(one => one.className);
}"""


def small_texts(page: Page) -> list[tuple[str, float]]:
    """What is read in type that is too small."""
    found = page.evaluate(TEXTS)
    assert len(found) > 20
    return [
        (text, size)
        for text, size, index in found
        if size < (LEAST_INDEX if index else LEAST_TYPE) - 0.01
    ]


def cut(page: Page) -> list[str]:
    """What hides a part of itself, or stands out of its place."""
    return live(page).evaluate(CUT) + live(page).evaluate(OUTSIDE)


def projected(page: Page, path: str, width: int = 1920, height: int = 1080) -> None:
    page.set_viewport_size({"width": width, "height": height})
    opened(page, f"{path}?projector")
    expect(live(page)).to_have_class(re.compile("projector"))
    settled(page)


def drawn(page: Page) -> None:
    """Wait until the pictures that are shown are drawn."""
    waiting = live(page).locator("[data-projector=true]:not([data-drawn=true])")
    expect(waiting).to_have_count(0, timeout=LONG)


def fits(page: Page, width: int, height: int) -> None:
    """Picture, numbers and transport are on the first screen, and nothing of them is cut."""
    plot, hero, bar = (box(page.locator(one)) for one in (".hero .plot", ".hero", ".bar"))
    assert plot[3] - plot[1] >= LEAST_PX
    assert hero[3] <= bar[1]
    assert bar[3] <= height
    assert bar[2] <= width
    for tile in page.locator(".tile").all():
        _, top, right, bottom = box(tile)
        assert top >= 0, tile.inner_text()
        assert bottom <= height, tile.inner_text()
        assert right <= width, tile.inner_text()
    assert cut(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", every_experiment())
def test_picture_numbers_and_transport_are_on_the_first_screen_in_large_type(
    page: Page, name: str
) -> None:
    projected(page, "/" + name.replace("/", "-"))
    assert page.get_by_role("heading", name=api.experiment(name).question).is_visible()
    for width, height in ((1920, 1080), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        settled(page)
        fits(page, width, height)
        drawn(page)
        assert small_texts(page) == []


def test_claims_are_a_strip_with_a_verdict_each_and_all_of_it_is_large(page: Page) -> None:
    projected(page, LINEAR, 1280, 720)
    fields = "select, .option, .keep button, .asides button, [data-action=presets]"
    assert [one for one in live(page).locator(fields).all() if one.is_visible()] == []
    page.click("[data-action=run]")
    page.wait_for_selector(FINAL, timeout=LONG)
    settled(page)
    fits(page, 1280, 720)
    assert set(verdicts(page).values()) == {"lands"}
    page.locator(".claims").scroll_into_view_if_needed()
    for row in page.locator("[data-claim]").all():
        assert row.locator(".verdict .mark").is_visible()
    first, second = (box(page.locator("[data-claim]").nth(i)) for i in (0, 1))
    assert first[1] == second[1]
    assert first[2] <= second[0]
    assert small_texts(page) == []
    assert cut(page) == []


def test_p_turns_it_on_and_p_or_escape_leaves_it_and_the_address_says_so(page: Page) -> None:
    opened(page, LINEAR)
    settled(page)
    usual = box(page.locator(".hero"))
    sidebar = page.locator("[data-testid=stSidebar]")
    for leaves in ("p", "Escape"):
        page.keyboard.press("p")
        expect(live(page)).to_have_class(re.compile("projector"))
        expect(sidebar).to_be_hidden()
        expect(page.locator("[data-testid=stHeader]")).to_be_hidden()
        assert query_of(page)["projector"] == ["1"]
        page.keyboard.press(leaves)
        expect(live(page)).not_to_have_class(re.compile("projector"))
        expect(sidebar).to_be_visible()
        assert "projector" not in query_of(page)
        settled(page)
        assert box(page.locator(".hero")) == usual


def test_two_panels_of_those_that_a_link_names_are_shown(page: Page) -> None:
    opened(page, f"{LINEAR}?projector&panels=mode_strengths,nothing,loss,difference&lock=depth:2")
    panels = page.locator("[data-panel]")
    expect(panels).to_have_count(3)
    shown = [one.get_attribute("data-panel") for one in panels.all() if one.is_visible()]
    assert shown == ["mode_strengths", "loss"]
    assert small_texts(page) == []
    said = page.locator(".warnings .banner").first
    expect(said).to_contain_text("From the link: there is no panel nothing here; there are loss")
