"""`lmx figure`, `lmx table` and `lmx cite`: what a paper takes from a saved run."""

from pathlib import Path

import pytest

from app import cli
from sims import api
from sims.core import study


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "run.nc"
    api.run("lazy_rich/one_neuron", device="cpu", out=path)
    return path


def test_a_saved_run_becomes_a_figure_without_training(folder, saved, capsys, monkeypatch):
    def trains(*_args):
        raise AssertionError

    monkeypatch.setattr(study.Prepared, "run", trains)
    for name in ("fig.pdf", "fig.svg", "fig.png"):
        assert cli.main(["figure", str(saved), "--width", "7cm", "--out", name]) == 0
        assert capsys.readouterr().out == f"Written to {name}.\n"
        assert (folder / name).stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--out", "fig.gif"], ".gif is no kind of figure: give .pdf, .svg, .pgf, .png."),
        (["--out", "fig"], "No ending is no kind of figure: give .pdf, .svg, .pgf, .png."),
        (
            ["--width", "wide"],
            "'wide' is no length of a figure: give one from 1in to 20in, such as",
        ),
        (["--panel", "x"], "There is no panel 'x': give "),
    ],
)
def test_a_mistake_is_refused_in_one_sentence(folder, saved, capsys, arguments, words):
    assert cli.main(["figure", str(saved), *arguments]) == 2
    said = capsys.readouterr().err
    assert said.startswith(words)
    assert said.count("\n") == 1
    assert not list(folder.iterdir())


def test_no_file_of_a_run_is_refused(folder, capsys):
    (folder / "notes.nc").write_text("no run")
    for command in ("figure", "table", "cite"):
        assert cli.main([command, "notes.nc"]) == 2
        assert capsys.readouterr().err.startswith("notes.nc cannot be read as NetCDF.")
        assert cli.main([command, "nowhere.nc"]) == 2
        assert capsys.readouterr().err == "There is no file nowhere.nc.\n"


def test_a_table_is_printed_or_written_and_has_one_form(folder, saved, capsys):
    assert cli.main(["table", str(saved)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("| claim | predicted | ")
    assert cli.main(["table", str(saved), "--out", "claims.md"]) == 0
    assert (folder / "claims.md").read_text() == printed
    assert cli.main(["table", str(saved), "--out", "claims.md"]) == 2
    assert cli.main(["table", str(saved), "--latex", "--csv"]) == 2
    assert capsys.readouterr().err.endswith("A table has one form: give --latex or --csv.\n")


def test_what_to_cite_is_printed_for_a_run_for_an_experiment_and_for_all(saved, capsys):
    texts = []
    for what in ([str(saved)], ["lazy_rich/one_neuron"], []):
        assert cli.main(["cite", *what]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert texts[2].count("@misc") > texts[1].count("@misc") >= 1
    assert texts[2].count("@software") == 1
