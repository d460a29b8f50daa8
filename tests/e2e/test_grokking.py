"""The famous curve in a real Chromium: what leads, and what follows."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SHORT = "/grokking-modular_addition?p=17&width=64&fraction=0.6&steps=3000"
LONG = 90_000
RUNS = """figure => figure.data.filter(trace => trace.meta?.kind === "run")
    .map(trace => [Array.from(trace.x, Number), Array.from(trace.y, Number)])"""


def runs(page: Page, panel: str) -> list[list[list[float]]]:
    """Steps and values of the run's curves on a panel."""
    figure = page.locator(f"[data-panel={panel}]")
    figure.scroll_into_view_if_needed()
    expect(figure).to_have_attribute("data-drawn", "true", timeout=LONG)
    return figure.locator(".figure").evaluate(RUNS)


def test_the_test_accuracy_jumps_last(page: Page) -> None:
    page.goto(SHORT)
    page.wait_for_selector('.lmx[data-state="ready"]', timeout=LONG)
    assert all(not steps for steps, _ in runs(page, "accuracy"))
    page.select_option("[data-action=pace]", label="Fastest")
    page.click("[data-action=run]")
    page.wait_for_selector('.lmx[data-state="done"]', timeout=LONG)
    test, train = runs(page, "accuracy")
    (phase,) = runs(page, "phase_defect")
    learnt = next(n for n, value in zip(*train, strict=True) if value >= 0.95)
    aligned = next(n for n, value in zip(*phase, strict=True) if value < 0.2)
    jump = next(n for n, value in zip(*test, strict=True) if value >= 0.5)
    assert 3 * learnt < jump
    assert 3 * aligned < jump
    at_learnt = dict(zip(*test, strict=True))[learnt]
    assert at_learnt < 0.2
    assert test[1][-1] > 0.9
    assert phase[1][-1] < 0.1
