"""Data of one's own, and a saved run, as a reader in a browser has them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from sims import api
from tests.e2e.driving import (
    LONG,
    live,
    new_job,
    no_traceback,
    opened,
    query_of,
    root,
    run_to_the_end,
    verdicts,
)
from tests.e2e.serving import Explorer

pytestmark = pytest.mark.e2e
LINEAR = "/saddle_to_saddle-linear_network"
CHEAP = "lazy_rich/one_neuron"
FILE = "[data-testid=stFileUploaderDropzoneInput]"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mine") / "mine.csv"
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    X = np.array([[4.0, 0, 0], [0, 3, 0], [0, 0, 2]])[labels] + rng.standard_normal((60, 3))
    np.savetxt(path, np.column_stack([X, labels]), delimiter=",", fmt="%.6g")
    return path


def test_a_table_is_predicted_trained_judged_and_named_in_the_link(page: Page, table: Path) -> None:
    opened(page, LINEAR)
    before = root(page, "run")
    page.get_by_role("button", name="Your own data").click()
    page.set_input_files(FILE, table)
    new_job(page, before)
    page.wait_for_url(lambda url: "data=own" in url)
    page.keyboard.press("Escape")
    assert run_to_the_end(page) == "done"
    assert verdicts(page)["jump_times"] == "lands"
    link, (value,) = page.url, query_of(page)["data"]
    page.reload()
    page.wait_for_selector('.lmx[data-state="ready"]', timeout=LONG)
    assert query_of(page)["data"] == [value]
    page.goto(link.replace(value[-4:], "0000"))
    expect(page.get_by_text("are data of one's own, which are not here").first).to_be_visible()
    no_traceback(page)


def test_a_table_with_words_in_it_is_a_sentence_and_the_picture_stays(
    page: Page, tmp_path: Path
) -> None:
    (tmp_path / "words.csv").write_text("1,red,0\n2,blue,1\n")
    opened(page, LINEAR)
    before = root(page, "run")
    page.get_by_role("button", name="Your own data").click()
    page.set_input_files(FILE, tmp_path / "words.csv")
    said = "words.csv is 'blue' in row 2, column 2: give numbers alone."
    expect(page.get_by_text(said)).to_be_visible()
    assert root(page, "run") == before
    no_traceback(page)


def test_a_saved_run_opens_at_its_end_with_its_verdicts_and_reset_trains_it_again(
    browser: Browser, tmp_path: Path
) -> None:
    tree = api.run(CHEAP, device="cpu", out=tmp_path / "run.nc", horizon=3.0)
    explorer = Explorer("open", str(tmp_path / "run.nc"))
    explorer.start()
    try:
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(explorer.opened)
        page.wait_for_selector('.lmx[data-state="done"]', timeout=LONG)
        claims = tree["claims"].to_dataset()
        filed = dict(zip(claims["claim"].values, claims["verdict"].values, strict=True))
        assert {name: word.replace("-", " ") for name, word in verdicts(page).items()} == filed
        expect(live(page).get_by_text("run.nc of 20")).to_be_visible()
        before, rows = root(page, "run"), root(page, "rows")
        assert int(rows) == tree["run"].sizes["record"]
        page.click("[data-action=reset]")
        new_job(page, before)
        assert root(page, "rows") == "0"
        assert run_to_the_end(page) == "done"
        assert root(page, "rows") == rows
        no_traceback(page)
        page.close()
    finally:
        explorer.stop()
