"""`lmx open`: which page it opens, and what it refuses before anything is served."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import cli
from app.cli import open_
from app.live.server import filed
from sims import api


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that were opened; nothing is served."""
    opened: list[str] = []
    monkeypatch.setattr(open_, "served", lambda *_, page: opened.append(page))
    monkeypatch.setattr(filed, "runs", filed.FiledRuns())
    return opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("runs")
    api.run("lazy_rich/one_neuron", device="cpu", out=made / "run.nc", horizon=3.0)
    api.sweep("lazy_rich/one_neuron", {"a0": "1,2"}, device="cpu", out=made / "swept.nc")
    (made / "data.csv").write_text("1,2\n")
    return made


def test_a_saved_run_opens_on_its_page_with_all_its_knobs(folder: Path, pages: list[str]) -> None:
    assert cli.main(["open", str(folder / "run.nc")]) == 0
    (page,) = pages
    assert page.startswith("lazy_rich-one_neuron?")
    assert "horizon=3" in page
    assert "seed=0&seeds=1" in page


def test_a_run_of_a_file_opens_beside_that_file(
    folder: Path, pages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert cli.main(["new", "valley"]) == 0
    assert cli.main(["run", "valley.py", "--out", "valley.nc", "--force"]) == 0
    assert cli.main(["open", "valley.nc", "valley.py"]) == 0
    assert "valley?" in pages[0]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["swept.nc"], "holds a sweep"),
        (["absent.nc"], "There is no file"),
        (["data.csv"], "is no .nc file"),
        (["run.nc", "run.nc"], "give one at a time"),
    ],
)
def test_what_cannot_be_opened_is_one_sentence(
    folder: Path, pages: list[str], capsys, names: list[str], said: str
) -> None:
    assert cli.main(["open", *(str(folder / name) for name in names)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert pages == []
