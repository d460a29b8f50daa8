"""What every test may lean on: strict shapes, shared preset runs, a real server and browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import jax
import pytest
import xarray as xr

from app import bench
from sims import api
from sims.core import compilation

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

jax.config.update("jax_numpy_rank_promotion", "raise")
compilation.use_persistent_cache()
pytest.register_assert_rewrite("tests.app.figures.drawing", "tests.app.live.server.readers")


class PresetRuns(dict[tuple[str, str], xr.DataTree]):
    """The tree of every preset, by (experiment id, preset id); run when first asked for.

    Those of one experiment are kept, until one of another is asked for: all are gigabytes.
    """

    def __missing__(self, key: tuple[str, str]) -> xr.DataTree:
        experiment, preset = key
        for other in [kept for kept in self if kept[0] != experiment]:
            del self[other]
        self[key] = api.run(experiment, preset=preset, device="cpu")
        return self[key]

    @staticmethod
    def every() -> list[tuple[str, str]]:
        """All keys, for parametrising."""
        return [(e.name, p.id) for e in api.experiments() for p in e.presets]


@pytest.fixture(scope="session")
def preset_runs() -> PresetRuns:
    """Runs of presets, each computed once while its experiment is asked for."""
    return PresetRuns()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of an installed Chromium; without one the test is skipped, or fails where CI is set."""
    found = bench.chromium()
    if found is None:
        reason = "no Chromium is installed here (LMX_CHROMIUM may name one)"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of the real explorer, started by the command `lmx` on a free port."""
    with bench.explorer() as url:
        yield url


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for the whole session."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium, args=list(bench.CHROMIUM_FLAGS))
        yield made
        made.close()


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    """A fresh tab at desktop size; relative addresses lead to the explorer."""
    context = browser.new_context(base_url=server, viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def key() -> jax.Array:
    """A JAX random key."""
    return jax.random.key(0)
