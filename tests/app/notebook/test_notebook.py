"""The notebook that comes with the explorer runs, and says what it says as it is saved."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from app.bench.loop import finished
from app.explorer import ROOT

SAVED = sorted((ROOT / "assets" / "notebooks").glob("*.ipynb"))
VERDICT = re.compile("[●◆⬣◌] (lands|departs|surprise|not judged)")
MOST = 1_000_000
PATIENCE = 200


def said(notebook: nbformat.NotebookNode) -> list[list[str]]:
    """What each cell of code shows: its words, or the verdicts of its runs."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        shown = [out.get("text") or out.data.get("text/html", "") for out in cell.outputs]
        found.append([w for one in shown for w in VERDICT.findall(one) or [one]])
    return found


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_a_notebook_runs_and_says_what_it_said(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    saved = nbformat.read(path, as_version=4)
    before = said(saved)
    assert any("lands" in one for one in before)
    finished(NotebookClient(saved, timeout=PATIENCE, kernel_name="python3").async_execute())
    assert said(saved) == before


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_what_a_saved_run_shows_is_small_and_keeps_no_script(path: Path):
    for cell in nbformat.read(path, as_version=4).cells:
        for out in cell.get("outputs", []):
            html = out.get("data", {}).get("text/html", "")
            assert len(html) < MOST
            assert "<script" not in html
