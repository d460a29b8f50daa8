"""What a browser has fetched before the server sends the first element of a page."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.e2e.driving import opened

pytestmark = pytest.mark.e2e
LINEAR = "/saddle_to_saddle-linear_network"


def modules(page: Page) -> set[str]:
    """Names of Streamlit's modules that the page asks for, filled as it does."""
    asked: set[str] = set()

    def note(url: str) -> None:
        path = urlsplit(url).path
        if path.startswith("/static/js/"):
            asked.add(path.rpartition("/")[2])

    page.on("request", lambda request: note(request.url))
    return asked


def test_a_page_is_drawn_with_modules_that_were_fetched_while_it_waited(page: Page) -> None:
    silent = page.context.new_page()
    silent.route_web_socket("**/_stcore/stream", lambda _: None)
    ahead = modules(silent)
    silent.goto(LINEAR)
    silent.wait_for_load_state("networkidle")
    silent.close()
    whole = modules(page)
    opened(page, LINEAR)
    assert whole - ahead == set()
