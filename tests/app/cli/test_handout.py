"""`lmx handout`: from a link, an experiment's id, or a saved run."""

import io
from pathlib import Path

import pypdf
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
    api.run("lazy_rich/one_neuron", a0=0.2, device="cpu", out=path)
    return path


def said(path: Path) -> str:
    (page,) = pypdf.PdfReader(io.BytesIO(path.read_bytes())).pages
    return "".join(page.extract_text().split())


def lmx(*arguments: str) -> int:
    return cli.main(["handout", *arguments])


def test_a_saved_run_is_not_trained_again(folder, saved, capsys, monkeypatch):
    def trains(*_args):
        raise AssertionError

    monkeypatch.setattr(study.Prepared, "run", trains)
    assert lmx(str(saved), "--out", "page.pdf") == 0
    assert capsys.readouterr().out == "Written to page.pdf.\n"
    assert "lmxrunlazy_rich/one_neuron--seta0=0.2" in said(folder / "page.pdf")


def test_a_link_is_predicted_and_trained_and_its_server_is_in_the_code(folder):
    link = "https://host.example/maths/lazy_rich-one_neuron?a0=0.2&utm_source=mail"
    assert lmx(link) == 0
    text = said(folder / "handout.pdf")
    assert "https://host.example/maths/lazy_rich-one_neuron?a0=0.2" in text
    assert "Lands" in text


def test_a_blank_page_needs_no_training(folder, monkeypatch):
    def trains(*_args):
        raise AssertionError

    monkeypatch.setattr(study.Prepared, "run", trains)
    assert lmx("lazy_rich/one_neuron", "--blank", "--server", "http://host:8501/") == 0
    text = said(folder / "handout.pdf")
    assert "drawwhatyouexpect" in text
    assert "http://host:8501/lazy_rich-one_neuron" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run.nc"], "There is no file run.nc."),
        (["notes.nc"], "notes.nc cannot be read as NetCDF."),
        (["lazy_rich-partiy"], "There is no page of an experiment at 'lazy_rich-partiy'; "
                               "did you mean lazy_rich-parity?"),
        (["lazy_rich/parity?alpha=-5"],
         "alpha = -5 is not allowed: give a number from 0.001 to 1000."),
        (["lazy_rich/parity?alpa=5"],
         "There is no knob 'alpa' in this experiment; did you mean alpha?"),
        (["lazy_rich/parity", "--out", "x.png"],
         "x.png is no known kind of file: give a name ending in .pdf."),
        (["lazy_rich/parity", "--out", "there.pdf"],
         "there.pdf is there already: give another name, or --force to write over it."),
        (["lazy_rich/parity", "--server", "host"],
         "host is no address of a server: give one like https://host:8501."),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_before_anything_is_computed(folder, capsys, arguments, sentence):
    (folder / "notes.nc").write_text("a shopping list")
    (folder / "there.pdf").write_text("")
    assert lmx(*arguments) == 2
    assert capsys.readouterr().err == sentence + "\n"
    assert {p.name for p in folder.iterdir()} == {"notes.nc", "there.pdf"}


def test_force_writes_over_a_file(folder, saved):
    (folder / "there.pdf").write_text("")
    assert lmx(str(saved), "--blank", "--out", "there.pdf", "--force") == 0
    assert "drawwhatyouexpect" in said(folder / "there.pdf")
