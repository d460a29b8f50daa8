"""An experiment in a file of one's own: its page follows the file as it is saved."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.assets import asset
from tests.e2e.driving import LONG, READY, no_traceback, opened, root, run_to_the_end, verdicts

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
TEXT = asset("guide/template.py").read_text("utf-8")
WITHIN = 2.0
"""Seconds from a save to the page that shows it."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own") / "valley.py"


@pytest.fixture(scope="module")
def server_of_file(file: Path) -> Iterator[str]:
    """The address of a server that was started with the file."""
    file.write_text(TEXT, "utf-8")
    command = [sys.executable, "-m", "app.cli", "open", str(file), "--no-browser", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found is not None
    assert found[0].endswith("/mine-template")
    yield found[0]
    process.kill()
    process.communicate(timeout=20)


@pytest.fixture
def tab(browser: Browser, file: Path, server_of_file: str) -> Iterator[Page]:
    """A tab on the page of the file, which is whole again."""
    file.write_text(TEXT, "utf-8")
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(30_000)
    yield opened(context.new_page(), server_of_file)
    context.close()


def saved(file: Path, text: str) -> float:
    """Save the file; the moment."""
    file.write_text(text, "utf-8")
    return time.monotonic()


def test_a_file_runs_to_its_verdicts_as_every_experiment_does(tab: Page) -> None:
    expect(tab.get_by_text("from valley.py")).to_be_visible()
    assert run_to_the_end(tab) == "done"
    assert verdicts(tab) == {"x": "lands", "loss": "lands"}
    no_traceback(tab)


def test_a_saved_file_is_on_the_page_at_once_with_its_knobs_kept(tab: Page, file: Path) -> None:
    rate = tab.locator("input[aria-label^='Learning rate']").first
    rate.fill("0.01")
    rate.press("Enter")
    tab.wait_for_url("**eta=0.01**")
    at = saved(file, TEXT.replace("How fast does gradient descent forget", "How slowly is it"))
    tab.get_by_text("How slowly is it where it started?").wait_for(timeout=LONG)
    assert time.monotonic() - at < WITHIN + 1.0
    tab.wait_for_selector(READY)
    assert "eta=0.01" in tab.url
    assert run_to_the_end(tab) == "done"


def test_a_mistake_is_one_sentence_and_the_last_picture_stays(tab: Page, file: Path) -> None:
    job, hint = root(tab, "run"), "The file is not shown as it was saved"
    saved(file, TEXT + "\nx = (\n")
    tab.get_by_text(hint).wait_for(timeout=LONG)
    line = TEXT.count("\n") + 2
    expect(tab.get_by_role("alert")).to_contain_text(
        f"valley.py, line {line}: '(' was never closed"
    )
    assert root(tab, "run") == job
    assert run_to_the_end(tab) == "done"
    saved(file, TEXT)
    expect(tab.get_by_text(hint)).to_have_count(0, timeout=LONG)
    no_traceback(tab)


def test_a_theory_that_fails_names_its_line(tab: Page, file: Path) -> None:
    saved(file, TEXT.replace("    t = schedule.record_times[:, None]\n", "    t = nowhere\n"))
    line = TEXT.split("    t = schedule.record_times")[0].count("\n") + 1
    said = f"valley.py, line {line}: NameError: name 'nowhere' is not defined"
    expect(tab.locator(".notice")).to_contain_text(said, timeout=LONG)
    no_traceback(tab)


def test_a_knob_that_is_gone_is_left_out_of_the_page(tab: Page, file: Path) -> None:
    without = TEXT.replace("params.flat", "0.2")
    start = without.index("    flat = knob(")
    end = without.index("    eta = knob(")
    without = without[:start] + without[end:]
    saved(file, "".join(line for line in without.splitlines(True) if '"round"' not in line))
    flat = tab.locator("input[aria-label^='Flat curvature']")
    expect(flat).to_have_count(0, timeout=LONG)
    tab.wait_for_selector(READY)
    no_traceback(tab)
