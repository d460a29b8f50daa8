"""The ways between browser and server when they are bad: no sockets, a proxy, a restart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from sims import api
from tests.e2e.driving import (
    LONG,
    at_pace,
    hashed,
    live,
    new_job,
    no_traceback,
    opened,
    pick,
    root,
    rows,
    rows_above,
    run_to_the_end,
    state,
    verdicts,
)
from tests.e2e.mounted import NO_LIVE_SOCKETS
from tests.e2e.serving import Explorer, refusing_proxy

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
EXPERIMENT = api.experiment("saddle_to_saddle/linear_network")
LINEAR = "/saddle_to_saddle-linear_network"
RESTARTED = "The server was restarted: press Run again."
BLOCKED = "something between your browser and the server blocks WebSockets"
WORDS_WITHIN = 6_000


# Without live sockets: Python carries the messages


@pytest.fixture
def polled(page: Page) -> Page:
    """A tab whose live sockets never open."""
    page.add_init_script(NO_LIVE_SOCKETS)
    return page


def test_a_page_without_live_sockets_goes_from_prediction_to_verdicts(polled: Page) -> None:
    opened(polled, LINEAR)
    expect(live(polled).locator(".status")).to_contain_text("no live connection here")
    said = hashed(polled)
    assert run_to_the_end(polled) == "done"
    assert rows(polled) == 240
    assert verdicts(polled) == dict(EXPERIMENT.preset("staircase").verdicts)
    assert hashed(polled) == said
    no_traceback(polled)


def test_a_page_without_live_sockets_obeys_pause_and_reset(polled: Page) -> None:
    opened(polled, LINEAR)
    at_pace(polled, "0.5×")
    rows_above(polled, 3)
    polled.click("[data-action=run]")
    state(polled, "paused")
    held = rows(polled)
    assert held < 240
    old, said = root(polled, "run"), hashed(polled)
    polled.click("[data-action=reset]")
    new_job(polled, old)
    assert rows(polled) == 0
    assert hashed(polled) == said
    assert run_to_the_end(polled) == "done"


def test_a_page_without_live_sockets_follows_a_preset(polled: Page) -> None:
    opened(polled, LINEAR)
    pick(polled, "lazy_start")
    assert run_to_the_end(polled) == "done"
    assert verdicts(polled)["mode_strengths"] == "departs"


# A proxy that lets no socket through at all


@pytest.mark.parametrize("path", ["/", LINEAR])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_that_stays_empty_says_why(
    browser: Browser, server: str, path: str, scheme: Literal["light", "dark"]
) -> None:
    with refusing_proxy(server) as proxy:
        context = browser.new_context(base_url=proxy, color_scheme=scheme)
        page = context.new_page()
        page.goto(path, wait_until="commit")
        page.wait_for_selector("[data-testid=stApp]", timeout=LONG)
        said = page.get_by_text(BLOCKED)
        expect(said).to_be_visible(timeout=WORDS_WITHIN)
        expect(said).to_have_attribute("data-mode", scheme)
        page.wait_for_function(
            "Boolean(getComputedStyle(document.querySelector('#lmx-connection'))"
            ".getPropertyValue('--departs'))"
        )
        context.close()


def test_a_page_that_is_drawn_says_nothing_of_its_connection(page: Page) -> None:
    opened(page, LINEAR)
    page.wait_for_function("performance.now() > 5500", timeout=LONG)
    assert page.locator("#lmx-connection").count() == 0


def test_the_words_go_once_the_page_is_drawn_after_all(page: Page) -> None:
    refused: list[str] = []
    seen: list[bool] = []

    def at_first_not(socket) -> None:
        if seen:
            socket.connect_to_server()
        else:
            refused.append(socket.url)
            socket.close(code=1011)

    page.route_web_socket("**/_stcore/stream", at_first_not)
    page.goto(LINEAR)
    page.get_by_text(BLOCKED).wait_for(timeout=LONG)
    assert refused
    seen.append(True)
    page.wait_for_selector('.lmx[data-state="ready"]', timeout=LONG)
    expect(page.locator("#lmx-connection")).to_have_count(0)


# A server that is restarted while a page is open


@pytest.fixture(scope="module")
def explorer() -> Iterator[Explorer]:
    """A server of this module's own, at one address."""
    made = Explorer()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def tab(browser: Browser, explorer: Explorer) -> Iterator[Page]:
    """A fresh tab at that server."""
    context = browser.new_context(base_url=explorer.url)
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def restart(explorer: Explorer) -> None:
    explorer.stop()
    explorer.start()


def test_a_running_page_says_that_the_server_was_restarted(tab: Page, explorer: Explorer) -> None:
    opened(tab, LINEAR)
    at_pace(tab, "0.5×")
    rows_above(tab, 3)
    old, said = root(tab, "run"), hashed(tab)
    restart(explorer)
    expect(tab.locator(".notice")).to_have_text(RESTARTED, timeout=LONG)
    new_job(tab, old)
    assert hashed(tab) == said
    expect(tab.locator(".notice")).to_have_text(RESTARTED)
    assert run_to_the_end(tab) == "done"
    expect(tab.locator(".notice")).to_have_count(0)
    no_traceback(tab)


def test_a_finished_page_keeps_its_picture_and_says_it_too(tab: Page, explorer: Explorer) -> None:
    opened(tab, LINEAR)
    run_to_the_end(tab)
    found, old = verdicts(tab), root(tab, "run")
    restart(explorer)
    expect(tab.locator(".notice")).to_have_text(RESTARTED, timeout=LONG)
    assert verdicts(tab) == found
    tab.click("[data-action=json]")
    expect(tab.locator(".notice")).to_have_text(RESTARTED)
    tab.click("[data-action=run]")
    tab.wait_for_selector(f'.lmx:not([data-run="{old}"])[data-state="done"]', timeout=LONG)
    expect(tab.locator(".notice")).to_have_count(0)
    assert verdicts(tab) == found


def test_files_are_saved_under_the_servers_names(page: Page) -> None:
    opened(page, LINEAR)
    run_to_the_end(page)
    for kind in ("nc", "csv", "json"):
        address = f"/files/{root(page, 'run')}/run.{kind}"
        link = page.locator(f"[data-action={kind}]")
        assert (link.get_attribute("href") or "").endswith(address)
        named = page.request.get(address).headers["content-disposition"]
        with page.expect_download() as download:
            link.click()
        assert download.value.suggested_filename in named
        assert download.value.path().stat().st_size > 1000
