"""A phone, and the live part alone, in tabs of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.app.live.browser.schema import misfits
from tests.e2e.mounted import Mounted

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A fresh tab with no server behind it."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(browser: Browser, server: str) -> Iterator[Page]:
    """A tab on a phone."""
    with browser.new_context(
        base_url=server,
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        has_touch=True,
        user_agent="Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile",
    ) as context:
        yield context.new_page()


@pytest.fixture
def part(tab: Page) -> Iterator[Mounted]:
    """The live part, over sockets; what it says is what the server is told to understand."""
    made = Mounted(tab)
    yield made
    assert [wrong for message in made.said for wrong in misfits("Asked", message)] == []


@pytest.fixture
def polled(tab: Page) -> Mounted:
    """The live part where no socket opens, shown a job and asking for it."""
    part = Mounted(tab, sockets=False)
    part.give("a")
    part.asked()
    return part
