"""`lmx sweep`: stopped by Ctrl-C, and completed."""

from pathlib import Path

import pytest

from app.cli import main
from app.interrupts import INTERRUPTED
from sims.core import grid, unfinished
from tests.sims.core.test_swept import stopping_after

WORDS = (
    "sweep", "lazy_rich/one_neuron", "--over", "a0=0.1:1:4", "--set", "horizon=0.5",
    "--set", "dt=0.01", "--device", "cpu",
)  # fmt: skip


@pytest.fixture
def stopped(capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a sweep that Ctrl-C ended behind the first of two parts."""
    monkeypatch.setattr(grid, "MOST_WHOLE", 2)
    monkeypatch.setattr(grid, "PART_RUNS", {"cpu": 2})
    out = tmp_path / "s.nc"
    with monkeypatch.context() as patch:
        patch.setattr(unfinished.OnDisk, "keep", stopping_after(1))
        assert main([*WORDS, "--out", str(out)]) == INTERRUPTED
    return out


def test_ctrl_c_says_what_is_kept_and_resume_completes_it(
    stopped: Path, capsys: pytest.CaptureFixture
):
    said = capsys.readouterr().err
    assert said == (
        "Stopped with 2 of 4 points done, which are kept: "
        "the same command with --resume completes it.\n"
    )
    assert main([*WORDS, "--out", str(stopped), "--resume"]) == 0
    assert "of 4 points each" in capsys.readouterr().out
    assert [p.name for p in stopped.parent.iterdir()] == ["s.nc"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--out", "OUT", "--resume", "--set", "angle=90"), "begun with other settings (knobs)"),
        (("--out", "OUT"), "is there already"),
        (("--resume",), "--resume needs the file"),
    ],
)
def test_what_cannot_be_resumed_is_one_sentence(
    stopped: Path, capsys: pytest.CaptureFixture, more: tuple[str, ...], words: str
):
    capsys.readouterr()
    assert main([*WORDS, *(str(stopped) if m == "OUT" else m for m in more)]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
