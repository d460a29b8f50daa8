"""A solid picture is turned by a drag and by the arrow keys, and keeps its view while it runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SHORT = "/neural_collapse-free_features?per_class=5&width=8&eta=0.2&horizon=60"
CORNERS = """figure => figure.data.filter(trace => trace.meta?.depth).map(trace => [...trace.x])"""


def test_a_drag_turns_the_tetrahedron(page: Page) -> None:
    page.goto(SHORT)
    page.wait_for_selector('.lmx[data-state="ready"]', timeout=90_000)
    panel = page.locator('[data-panel="picture"][data-drawn="true"]')
    plot, figure = panel.locator(".plot"), panel.locator(".figure")
    panel.wait_for()
    first = figure.evaluate(CORNERS)
    plot.hover()
    box = plot.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y + 20, steps=5)
    page.mouse.up()
    moved = "([node, before]) => JSON.stringify((" + CORNERS + ")(node)) !== before"
    compact = page.evaluate("value => JSON.stringify(value)", first)
    page.wait_for_function(moved, arg=[figure.element_handle(), compact])
    turned = page.evaluate("value => JSON.stringify(value)", figure.evaluate(CORNERS))
    plot.press("ArrowLeft")
    page.wait_for_function(moved, arg=[figure.element_handle(), turned])
