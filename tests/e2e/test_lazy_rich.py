"""Maps, arrows and clocks of the lazy pages in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from sims import api
from sims.core.study import Study
from tests.e2e.driving import (
    FINAL,
    LONG,
    READY,
    at_pace,
    curves,
    no_traceback,
    opened,
    query_of,
    rows,
    run_to_the_end,
    verdicts,
)

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
LAZY = "/lazy_rich-two_layer_network"
NAME_OF_DIAGRAM, DIAGRAM = "lazy_rich/phase_diagram", "/lazy_rich-phase_diagram"
CELLS = """figure => figure.data.find(trace => trace.type === "heatmap").z
    .map(row => Array.from(row)).flat().filter(Number.isFinite).length"""
ARROWS = """figure => figure.data.filter(trace => trace.meta?.kind === "run")
    .map(trace => Array.from(trace.x ?? [], Number)).flat().filter(Number.isFinite)"""


def arrows(page: Page) -> list[float]:
    """Where the run's neurons stand, to the right."""
    page.locator("[data-panel=neurons]").scroll_into_view_if_needed()
    return page.locator("[data-panel=neurons] .figure").evaluate(ARROWS)


def cells(page: Page, panel: str) -> int:
    """How many cells of a panel's map are filled."""
    return page.locator(f"[data-panel={panel}] .figure").evaluate(CELLS)


def test_a_phase_diagram_is_predicted_then_fills_and_a_cell_opens_its_run(page: Page) -> None:
    opened(page, DIAGRAM)
    curves(page)
    assert cells(page, "predicted_change") == 75
    assert cells(page, "feature_change") == 0
    assert run_to_the_end(page) == "done"
    assert rows(page) == 75
    curves(page)
    assert cells(page, "feature_change") == 75
    assert verdicts(page) == {"boundary": "lands", "feature_change": "lands"}
    plot = page.locator("[data-panel=feature_change] .nsewdrag").first
    box = plot.bounding_box()
    assert box is not None
    plot.click(position={"x": 0.5 * box["width"], "y": 0.9 * box["height"]})
    page.wait_for_url("**view=run**", timeout=LONG)
    page.wait_for_selector(READY, timeout=LONG)
    asked = query_of(page)
    assert asked["width"] == ["16"]
    assert run_to_the_end(page) == "done"
    assert rows(page) == len(Study(api.experiment(NAME_OF_DIAGRAM)).setup.schedule.record_steps)
    no_traceback(page)


def test_arrows_of_a_rich_net_turn_towards_the_teacher(page: Page) -> None:
    opened(page, f"{LAZY}?activation=relu&alpha=0.01")
    curves(page)
    assert arrows(page) == []
    at_pace(page, "Fastest")
    page.wait_for_selector(FINAL, timeout=LONG)
    page.locator("[data-panel=neurons]").scroll_into_view_if_needed()
    figure = page.locator("[data-panel=neurons] .figure").element_handle()
    page.wait_for_function(f"figure => ({ARROWS})(figure).length >= 200", arg=figure)
    ended = max(map(abs, arrows(page)))
    page.locator("[data-action=scrub]").focus()
    page.keyboard.press("Home")
    page.locator("[data-panel=neurons]").scroll_into_view_if_needed()
    smaller = f"([figure, old]) => Math.max(...({ARROWS})(figure).map(Math.abs)) < old"
    page.wait_for_function(smaller, arg=[figure, ended])


LAST = """figure => Object.fromEntries(figure.data.filter(trace => trace.meta?.kind)
    .map(trace => [trace.meta.kind, Math.max(...Array.from(trace.x, Number))]))"""


def test_on_the_clock_of_the_rate_run_and_theory_keep_together(page: Page) -> None:
    opened(page, LAZY)
    run_to_the_end(page)
    curves(page)
    expect(page.locator(".extended:visible")).to_have_count(0)
    figure = page.locator("[data-panel=train_loss] .figure")
    steps = figure.evaluate(LAST)
    page.get_by_role("group", name="time axis").get_by_text("τ", exact=True).click()
    expect(figure.locator(".xtitle")).to_contain_text("time τ")
    setup = Study(api.experiment("lazy_rich/two_layer_network")).setup
    rate = float(setup.tasks[0]["eta"]) / len(setup.tasks[0]["y"])
    assert steps["run"] == steps["theory"] == setup.schedule.steps
    assert figure.evaluate(LAST) == pytest.approx({k: v * rate for k, v in steps.items()})
