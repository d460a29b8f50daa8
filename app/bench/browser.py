"""A page as a reader sees it: in Chromium."""

from __future__ import annotations

import importlib.util
import os
import shutil
import statistics
import time
from collections.abc import Iterator
from typing import Any

from app.bench.result import Result, Size
from app.explorer import explorer

CHROMIUM_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

READY = ".lmx[data-state=ready]"
DRAWN = "[data-panel][data-drawn=true]"

WATCH_KNOB = """root => {
  const before = root.dataset.run;
  window.took = null;
  let start = null;
  addEventListener("keydown", () => start ??= performance.now(), {capture: true, once: true});
  const seen = ({top, bottom}) => bottom > 0 && top < innerHeight;
  const isNew = (panel) => panel.dataset.drawn === "true";
  const painted = (done) => setTimeout(() => done(performance.now() - start));
  let first = null;
  const look = () => {
    const panels = [...root.querySelectorAll("[data-panel]")]
      .filter(panel => seen(panel.getBoundingClientRect()));
    const ready = start !== null && root.dataset.run !== before && root.dataset.state === "ready";
    if (ready && first === null && isNew(panels[0])) painted(at => first = at);
    if (ready && first !== null && panels.every(isNew)) painted(at => window.took = [first, at]);
    else requestAnimationFrame(look);
  };
  look();
}"""
"""Milliseconds from a key to the first new picture, painted, and to all that are on the screen."""
WATCH_RUN = """root => {
  window.took = null;
  window.draws = 0;
  new MutationObserver(seen => window.draws += seen.length).observe(
    root, {attributes: true, attributeFilter: ["data-rows"]});
  root.querySelector("[data-action=run]").click();
  const start = performance.now();
  const look = () => {
    if (Number(root.dataset.rows) > 0) window.took = performance.now() - start;
    else requestAnimationFrame(look);
  };
  look();
}"""


def chromium() -> str | None:
    """Path of an installed Chromium or Chrome, if there is one; LMX_CHROMIUM names another."""
    given = os.environ.get("LMX_CHROMIUM")
    if given:
        return given
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for n in names if (found := shutil.which(n))), None)


def in_browser(name: str, size: Size) -> Iterator[Result]:
    """Cold start, knob, run and redraws as a reader sees them."""
    found = chromium()
    if found is None or importlib.util.find_spec("playwright") is None:
        yield Result("no Chromium or no playwright: skipped", float("nan"))
        return
    from playwright.sync_api import sync_playwright

    address = name.replace("/", "-")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(CHROMIUM_FLAGS))
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        starts = []
        for _ in range(2 if size.repeats > 1 else 1):
            began = time.perf_counter()
            with explorer() as url:
                page.goto(f"{url}/{address}")
                page.wait_for_selector(READY, timeout=60_000)
                page.wait_for_selector(DRAWN, timeout=60_000)
                starts.append(time.perf_counter() - began)
        yield Result("cold start to a usable page", min(starts), "s", "<= 4")
        with explorer() as url:
            page.goto(f"{url}/{address}")
            page.wait_for_selector(READY, timeout=60_000)
            page.wait_for_timeout(5_000)
            moved, redrawn = _moved(page, name, size)
            yield Result("knob moved to new prediction", moved, "ms", "<= 150")
            yield Result("knob moved to all pictures on screen", redrawn, "ms")
            first, draws = _played(page, size)
            yield Result("run to first rows", first, "ms", "<= 300")
            yield Result("redraws while running", draws, "a second", ">= 10")
        browser.close()


def _moved(page: Any, name: str, size: Size) -> tuple[float, float]:
    """Median milliseconds from Enter in a knob's field to what `WATCH_KNOB` sees."""
    from app.bench.latency import moved_knob
    from sims import api
    from sims.core.study import Study

    experiment = api.experiment(name)
    knob = moved_knob(experiment)
    start = getattr(Study(experiment).setup.params, knob.name)
    field = page.locator(f"input[aria-label^='{knob.label}']").first
    taken = []
    for i in range(size.repeats):
        field.fill(f"{start * (1.5 + 0.1 * i):.4g}")
        page.locator(".lmx").element_handle().evaluate(WATCH_KNOB)
        field.press("Enter")
        page.wait_for_function("window.took !== null", timeout=20_000)
        taken.append(page.evaluate("window.took"))
        page.wait_for_timeout(300)
    first, last = (statistics.median(times) for times in zip(*taken, strict=True))
    return first, last


def _played(page: Any, size: Size) -> tuple[float, float]:
    """Median milliseconds from Run to the first rows, and redraws a second of a running page."""
    taken, draws = [], []
    for _ in range(min(3, size.repeats)):
        page.locator(".lmx").element_handle().evaluate(WATCH_RUN)
        page.wait_for_function("window.took !== null", timeout=20_000)
        taken.append(page.evaluate("window.took"))
        began, before = page.evaluate("[performance.now(), window.draws]")
        page.wait_for_timeout(3_000)
        ended, after = page.evaluate("[performance.now(), window.draws]")
        draws.append(1000 * (after - before) / (ended - began))
        page.locator("[data-action=reset]").click()
        page.wait_for_selector(READY, timeout=20_000)
    return statistics.median(taken), statistics.median(draws)
