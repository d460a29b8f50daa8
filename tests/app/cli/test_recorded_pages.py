"""`lmx page` and `lmx site`: what they write, and how they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import cli


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file that is no run, where the command is given."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "broken.nc").write_text("no run")
    (tmp_path / "broken.html").write_text("mine")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("page", "Missing argument 'RUN.nc'"),
        ("page absent.nc", "There is no file absent.nc."),
        ("page notes.txt", "notes.txt is no .nc file"),
        ("page broken.nc --force", "broken.nc cannot be read as NetCDF."),
        ("page broken.nc", "broken.html is there already"),
        ("page broken.nc --out run.pdf", "run.pdf is no page: give a name ending in .html."),
        ("page broken.nc --out nowhere/run.html", "The folder nowhere does not exist."),
        ("page broken.nc --server lmx.example", "--server lmx.example is no address"),
        ("site", "Missing option '--out'"),
        ("site --out notes.txt", "notes.txt is a file: give the name of a folder."),
        ("site --out nowhere/site", "The folder nowhere/site cannot be made"),
        ("site lazy_rich/one_neurn --out site", "did you mean lazy_rich/one_neuron?"),
        ("site --out site --server ftp://host", "--server ftp://host is no address"),
        ("site --out site --device tpu", "give auto, cpu or gpu."),
    ],
)
def test_every_mistake_is_one_sentence_and_exit_code_2(
    folder: Path, capsys: pytest.CaptureFixture[str], words: str, said: str
) -> None:
    assert cli.main(words.split()) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert (folder / "broken.html").read_text() == "mine"


def test_a_site_goes_on_where_it_was_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["site", "lazy_rich/one_neuron", "--out", str(tmp_path / "site"), "--device", "cpu"]
    assert cli.main(command) == 0
    made = (tmp_path / "site/runs/lazy_rich-one_neuron.js").stat().st_mtime_ns
    assert "there already" not in capsys.readouterr().out
    assert cli.main(command) == 0
    assert "lazy_rich-one_neuron  (there already)" in capsys.readouterr().out
    assert (tmp_path / "site/runs/lazy_rich-one_neuron.js").stat().st_mtime_ns == made


def test_an_interrupted_site_has_the_pages_of_what_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.recorded import site

    record = site.record

    def interrupted(place, *given):
        if place.experiment.name != "lazy_rich/one_neuron":
            raise KeyboardInterrupt
        return record(place, *given)

    monkeypatch.setattr(site, "record", interrupted)
    names = ["lazy_rich/one_neuron", "lazy_rich/parity"]
    assert cli.main(["site", *names, "--out", str(tmp_path), "--device", "cpu"]) == 130
    assert sorted(path.name for path in tmp_path.glob("*.html")) == [
        "index.html",
        "lazy_rich-one_neuron.html",
    ]


@pytest.mark.parametrize("kind", [ValueError, RuntimeError])
def test_what_cannot_be_made_is_named_and_the_rest_is_there(
    kind: type[Exception],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from app.recorded import site

    def refused(*given):
        raise kind("The prediction failed.")

    monkeypatch.setattr(site, "record", refused)
    assert cli.main(["site", "lazy_rich/parity", "--out", str(tmp_path), "--device", "cpu"]) == 1
    said = capsys.readouterr().out
    assert "left out lazy_rich-parity: " in said
    assert "The prediction failed." in said
    assert (tmp_path / "index.html").exists()
