"""Experiments in files: `lmx new`, `check`, `run`, `predict`, `sweep`, `open`."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import cli
from sims.core import archive


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, where the command is given."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lmx(*arguments: str) -> int:
    return cli.main(arguments)


@pytest.mark.slow
def test_a_new_file_passes_its_checks_as_it_is(folder: Path, capsys) -> None:
    assert lmx("new", "valley") == 0
    assert sorted(p.name for p in folder.iterdir()) == ["test_valley.py", "valley.py"]
    assert "lmx open valley.py" in capsys.readouterr().out
    assert lmx("check", "valley.py") == 0
    assert "12 of 12 checks pass." in capsys.readouterr().out


def test_a_file_is_run_predicted_and_swept(folder: Path, capsys) -> None:
    lmx("new", "valley")
    assert lmx("run", "valley.py", "--out", "run.nc") == 0
    assert "Both claims land." in capsys.readouterr().out
    assert archive.read(folder / "run.nc").attrs["origin_source"] == (
        (folder / "valley.py").read_text()
    )
    assert lmx("run", "valley.py", "--preset", "large_steps") == 0
    assert "Both claims depart as foreseen." in capsys.readouterr().out
    assert lmx("predict", "valley.py", "--set", "eta=0.01") == 0
    assert lmx("sweep", "valley.py", "--over", "eta=0.01,0.02") == 0


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("def predict(", "def foretell(", "valley.py, line"),
        ("return x - params.eta", "return y - params.eta", "NameError: name 'y' is not defined"),
        ('"x": x}\n\n\n# ', '"y": x}\n\n\n# ', "y"),
    ],
)
def test_a_broken_file_is_one_sentence_and_exit_code_2(
    folder: Path, capsys, wrong: str, right: str, said: str
) -> None:
    lmx("new", "valley")
    text = (folder / "valley.py").read_text()
    assert wrong in text
    (folder / "valley.py").write_text(text.replace(wrong, right))
    capsys.readouterr()
    assert lmx("run", "valley.py") == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert "Traceback" not in told


def test_a_check_that_fails_says_why_and_exits_with_1(folder: Path, capsys) -> None:
    lmx("new", "valley")
    text = (folder / "valley.py").read_text()
    (folder / "valley.py").write_text(text.replace("np.exp(-task", "np.exp(-1.2 * task"))
    assert lmx("check", "valley.py") == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "x is stated as lands and ends as surprise" in said


@pytest.mark.parametrize("name", ["My-Law", "../up", "1st", ""])
def test_a_name_that_is_no_name_is_refused(folder: Path, capsys, name: str) -> None:
    assert lmx("new", name) == 2
    assert "is not allowed" in capsys.readouterr().err
    assert not list(folder.iterdir())


def test_a_file_that_is_there_is_not_written_over(folder: Path, capsys) -> None:
    (folder / "valley.py").write_text("mine")
    assert lmx("new", "valley") == 2
    assert (folder / "valley.py").read_text() == "mine"
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["absent.py"], ["notes.txt"], []])
def test_what_cannot_be_opened_is_refused_before_anything_is_served(
    folder: Path, capsys, words: list[str]
) -> None:
    (folder / "notes.txt").write_text("")
    assert lmx("open", *words) == 2
    assert capsys.readouterr().err.count("\n") == 1
