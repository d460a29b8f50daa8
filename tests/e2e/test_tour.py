"""A tour in a real Chromium: walked by its buttons, and told of once a run has ended."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app import tour
from sims import api
from tests.e2e.driving import (
    FINAL,
    LONG,
    READY,
    live,
    never_sideways,
    no_traceback,
    opened,
    query_of,
    run_to_the_end,
)
from tests.e2e.test_stage import LEAST_PX, box, settled

pytestmark = pytest.mark.e2e
TWO_LINES_PX = 44
STRIP = ".st-key-tour-words p"
FIRST = {
    "saddle_to_saddle": "/saddle_to_saddle-linear_network",
    "edge_of_stability": "/edge_of_stability-neural_network",
    "lazy_rich": "/lazy_rich-one_neuron",
    "neural_collapse": "/neural_collapse-free_features",
    "grokking": "/grokking-linear_estimator",
    "scaling_laws": "/scaling_laws-learning_curve",
    "width_transfer": "/width_transfer-one_step",
    "kernel_regression": "/kernel_regression-learning_curve",
    "symmetries": "/symmetries-conservation_laws",
    "representations": "/representations-superposition",
    "signal_propagation": "/signal_propagation-order_chaos",
    "teacher_student": "/teacher_student-online_sgd",
    "in_context": "/in_context-linear_attention",
    "singular_learning": "/singular_learning-local_learning_coefficient",
}


def every_first_stop() -> list[Any]:
    """The pages that tours begin on; most of them by night, since each costs seconds."""
    slow = pytest.mark.slow
    return [
        pytest.param(path, id=name, marks=[] if name == "saddle_to_saddle" else [slow])
        for name, path in FIRST.items()
    ]


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()


def arrived(page: Page, number: int, stop: tour.Stop) -> None:
    """Wait for a stop with the prediction of its settings, or the run that it has had before."""
    expect(page.locator(STRIP)).to_contain_text(f"Tour {number} of 6", timeout=LONG)
    expect(page.locator(STRIP)).to_contain_text(stop.say)
    page.wait_for_url(f"**{stop.experiment.replace('/', '-')}?**")
    page.wait_for_selector(f"{READY}, {FINAL}", timeout=LONG)
    title = api.experiment(stop.experiment).preset(stop.preset).title
    expect(live(page).locator("[data-action=presets]")).to_contain_text(title)


def test_a_tour_is_walked_from_home_by_next_and_says_after_each_run_what_happened(page: Page):
    stops = tour.tour(api.phenomena()[0])
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/")
    links = page.get_by_role("link", name="Take the tour")
    expect(links).to_have_count(len(FIRST), timeout=LONG)
    links.first.click()
    for number, stop in enumerate(stops, 1):
        arrived(page, number, stop)
        assert query_of(page)["guess"] == ["words"]
        assert stop.happened not in page.locator(STRIP).inner_text()
        run_to_the_end(page)
        expect(page.locator(STRIP)).to_contain_text(stop.happened, timeout=LONG)
        assert box(page.locator(STRIP))[3] - box(page.locator(STRIP))[1] <= TWO_LINES_PX
        if number < len(stops):
            press(page, "Next")
    for number in (5, 4):
        press(page, "Back")
        arrived(page, number, stops[number - 1])
    press(page, "Leave")
    expect(page.locator(STRIP)).to_have_count(0)
    assert {"tour", "guess"} & set(query_of(page)) == set()
    no_traceback(page)


PRESS_EARLY = """old => {
    const look = () => {
        const roots = [...document.querySelectorAll("*")]
            .map(element => element.shadowRoot?.querySelector(".lmx")).filter(Boolean);
        const found = roots.find(one => one.dataset.run && one.dataset.run !== old);
        const run = found?.querySelector("[data-action=run]");
        if (!run || run.disabled || found.hidden) return requestAnimationFrame(look);
        const pace = found.querySelector("[data-action=pace]");
        pace.value = "fastest";
        pace.dispatchEvent(new Event("change"));
        run.click();
    };
    look();
}"""
"""Press Run as soon as the page names another job and lets one."""


@pytest.mark.slow
@pytest.mark.parametrize("slowed", [1, 4])
def test_run_pressed_at_once_after_next_is_of_the_new_stop(page: Page, slowed: int):
    """Where the page stays, and where it does not; also in a slow browser."""
    stops = next(tour.tour(p) for p in api.phenomena() if p.name == "lazy_rich")[:3]
    assert [stop.experiment for stop in stops].count("lazy_rich/one_neuron") == 2
    opened(page, f"{FIRST['lazy_rich']}?tour=1&guess=words")
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    run_to_the_end(page)
    for number, stop in enumerate(stops, 1):
        expect(page.locator(STRIP)).to_contain_text(f"Tour {number} of 6", timeout=LONG)
        expect(page.locator(STRIP)).to_contain_text(stop.happened, timeout=LONG)
        page.wait_for_selector(FINAL)
        if stop is not stops[-1]:
            old = live(page).get_attribute("data-run")
            press(page, "Next")
            page.evaluate(PRESS_EARLY, old)
    no_traceback(page)


@pytest.mark.parametrize("path", every_first_stop())
def test_question_picture_and_transport_stay_on_the_first_screen_beneath_the_strip(
    page: Page, path: str
):
    opened(page, f"{path}?tour=1")
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        settled(page)
        strip, question, picture, plot, bar = (
            box(page.locator(one)) for one in (STRIP, "h1", ".hero", ".hero .plot", ".bar")
        )
        assert 0 < strip[1] < strip[3] <= question[1], width
        assert plot[3] - plot[1] >= LEAST_PX, width
        assert picture[3] <= bar[1], width
        assert bar[3] <= height, width
        never_sideways(page)


@pytest.mark.slow
def test_the_part_for_teachers_opens_and_its_links_lead_to_their_settings(page: Page):
    opened(page, FIRST["saddle_to_saddle"])
    page.get_by_text("For teachers", exact=True).click()
    expect(page.get_by_role("heading", name="Where the model ends")).to_be_visible(timeout=LONG)
    link = page.get_by_role("link", name="See it").nth(1)
    with page.context.expect_page() as found:
        link.click()
    shown = found.value
    shown.wait_for_selector(READY, timeout=LONG)
    assert query_of(shown)["width"] == ["3"]
    no_traceback(shown)
