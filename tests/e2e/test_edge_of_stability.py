"""The sharpness of a net in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.driving import (
    FINAL,
    LONG,
    curves,
    live,
    opened,
    run_to_the_end,
    state,
    verdicts,
)

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
EDGE = "/edge_of_stability-neural_network"
DRAWN = """figure => figure.data.filter(trace => trace.visible !== false && trace.y?.length > 50)
    .map(trace => ({kind: trace.meta?.kind, y: Array.from(trace.y, Number)}))"""


def test_the_sharpness_of_a_net_reaches_the_edge_on_screen(page: Page) -> None:
    opened(page, f"{EDGE}?steps=1300")
    expect(live(page)).to_contain_text("With intervention")
    run_to_the_end(page)
    curves(page)
    found = page.locator("[data-panel=sharpness] .figure").evaluate(DRAWN)
    runs = [trace["y"] for trace in found if trace["kind"] == "run"]
    sharpest = max(runs, key=lambda y: y[-1])
    assert sharpest[0] < 0.6
    assert [y for y in sharpest[-20:] if not 0.95 < y < 1.05] == []  # the band on screen
    assert verdicts(page)["sharpness_at_edge"] == "lands"


def test_a_reader_in_a_hurry_runs_without_the_central_flow(page: Page) -> None:
    page.goto(f"{EDGE}?steps=12000&eta=0.0987")
    page.locator("[data-action=hurry]").click(timeout=LONG)
    page.wait_for_selector(FINAL, timeout=LONG)
    state(page, "done")
    expect(live(page)).to_contain_text("before the prediction was complete")
