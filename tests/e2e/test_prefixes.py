"""The explorer beneath a prefix of its host, in a real Chromium: a run is seen to land."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from app.explorer import ROOT
from tests.e2e.driving import READY, curves, hashed, run_to_the_end, verdicts
from tests.e2e.serving import served_by, stripping_proxy

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

LMX = ("app.cli", "--no-browser", "--port", "{port}")
UVICORN = ("uvicorn", "app.server:app", "--port", "{port}")
STREAMLIT = ("streamlit", "run", str(ROOT / "app" / "server.py"), "--server.port", "{port}")
SERVED = {
    "a proxy strips the prefix": (LMX, "/tools/lmx", True),
    "a notebook server strips a long one": (LMX, "/user/ada/proxy/8501", True),
    "the server is told it": ((*UVICORN, "--root-path", "/tools/lmx"), "/tools/lmx", True),
    "it is Streamlit's": ((*STREAMLIT, "--server.baseUrlPath", "our/tools"), "/our/tools", False),
    "it is a folder of ours": ((*STREAMLIT, "--server.baseUrlPath", "lmx"), "/lmx", False),
}
"""Command, prefix, and whether a proxy in front strips it."""


@pytest.fixture(scope="module", params=SERVED, ids=lambda name: name.replace(" ", "_"))
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    command, prefix, strips = SERVED[request.param]
    folder: Path = tmp_path_factory.mktemp("elsewhere")
    with served_by(*command, folder=folder) as port:
        if not strips:
            yield f"http://127.0.0.1:{port}{prefix}"
            return
        with stripping_proxy(f"http://127.0.0.1:{port}", prefix) as found:
            yield found


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def lands(tab: Page) -> None:
    tab.wait_for_selector(READY)
    curves(tab)
    assert run_to_the_end(tab) == "done"
    assert set(verdicts(tab).values()) == {"lands"}


def test_a_run_lands_beneath_a_prefix(tab: Page, address: str) -> None:
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    sockets: list[str] = []
    tab.on("websocket", lambda socket: sockets.append(socket.url))
    tab.goto(f"{address}/saddle_to_saddle-linear_network?alpha=1e-5")
    lands(tab)
    outside = [url for url in asked if not url.startswith((address + "/", "data:", "blob:"))]
    assert outside == []
    beneath = address.replace("http", "ws", 1) + "/live/"
    assert any(url.startswith(beneath) for url in sockets)
    assert len(hashed(tab)) == 12


def test_files_and_ids_are_found_beneath_a_prefix(tab: Page, address: str) -> None:
    tab.goto(f"{address}/saddle_to_saddle/linear_network?alpha=1e-5")
    lands(tab)
    assert tab.url.startswith(f"{address}/saddle_to_saddle-linear_network?")
    with tab.expect_download() as download:
        tab.click("[data-action=csv]")
    assert download.value.path().read_text("utf-8").startswith("seed,")


def test_home_leads_to_a_page_beneath_a_prefix(tab: Page, address: str) -> None:
    tab.goto(f"{address}/")
    tab.get_by_role("link", name="Linear network").first.click()
    lands(tab)
    assert tab.url == f"{address}/saddle_to_saddle-linear_network"
