"""What a reader does on a page and sees there; it waits on state attributes, never on time."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

FINAL = '.lmx[data-state="done"], .lmx[data-state="stopped"], .lmx[data-state="failed"]'
READY = '.lmx[data-state="ready"]'
LONG = 90_000
CURVES = """figures => figures.map(figure => (figure.data ?? [])
    .filter(trace => trace.visible !== false && trace.x?.length > 1)
    .map(trace => trace.meta?.kind))"""


def opened(page: Page, path: str) -> Page:
    """The page once its prediction is drawn."""
    page.goto(path)
    page.wait_for_selector(READY, timeout=LONG)
    return page


def live(page: Page) -> Locator:
    """The live component; Playwright's selectors see into its shadow root."""
    return page.locator(".lmx")


def root(page: Page, name: str) -> str:
    """A data attribute of the live component."""
    return live(page).get_attribute(f"data-{name}") or ""


def rows(page: Page) -> int:
    return int(root(page, "rows") or 0)


def rows_above(page: Page, count: int) -> None:
    """Wait until more rows than `count` are drawn."""
    more = "([root, count]) => Number(root.dataset.rows) > count"
    page.wait_for_function(more, arg=[live(page).element_handle(), count])


def state(page: Page, word: str) -> None:
    """Wait for a state."""
    expect(live(page)).to_have_attribute("data-state", word)


def curves(page: Page, panel: str = "") -> list[list[str]]:
    """The kinds of all curves drawn, per panel, once every panel is."""
    expect(live(page).locator("[data-panel]:not([data-drawn=true])")).to_have_count(0, timeout=LONG)
    within = f"[data-panel={panel}] .figure" if panel else "[data-panel] .figure"
    return page.locator(within).evaluate_all(CURVES)


def hashed(page: Page) -> str:
    """The first digits of the prediction's hash, as shown."""
    found = re.search(r"sha-256\s+([0-9a-f]{12})", live(page).inner_text())
    assert found is not None
    return found[1]


def new_job(page: Page, old: str) -> None:
    """Wait until another job than `old` has its prediction drawn."""
    page.wait_for_selector(f'.lmx:not([data-run="{old}"])[data-state="ready"]', timeout=LONG)


def pick(page: Page, preset: str) -> None:
    """Pick a preset from the list and wait for its prediction."""
    old = root(page, "run")
    page.click("[data-action=presets]")
    page.click(f"[data-preset={preset}]")
    new_job(page, old)


def at_pace(page: Page, words: str) -> None:
    """Press Run at a pace."""
    page.select_option("[data-action=pace]", label=words)
    page.click("[data-action=run]")


def run_to_the_end(page: Page) -> str:
    """Run at the fastest pace; the final state."""
    at_pace(page, "Fastest")
    page.wait_for_selector(FINAL, timeout=LONG)
    return root(page, "state")


def verdicts(page: Page) -> dict[str, str]:
    found = page.locator("[data-claim]")
    found.first.wait_for()
    return {
        row.get_attribute("data-claim") or "": row.get_attribute("data-verdict") or ""
        for row in found.all()
    }


def no_traceback(page: Page) -> None:
    assert page.locator("[data-testid=stException]").count() == 0
    assert "Traceback" not in page.inner_text("body")


def never_sideways(page: Page) -> None:
    """Wait until everything fits the width of the window."""
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    for one in page.locator(".lmx").all():
        handle = one.element_handle()
        page.wait_for_function("e => e.scrollWidth <= e.clientWidth", arg=handle)


def query_of(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)
