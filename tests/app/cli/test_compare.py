"""`lmx compare`: a table in the terminal, files, and one sentence for what cannot be compared."""

import csv
import json
import re

import pytest

from app import cli
from app.publication.overlaid import STROKES, overlaid
from sims import api
from sims.core import archive

NAME = "lazy_rich/one_neuron"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    made = [folder / "small.nc", folder / "large.nc"]
    for path, a0 in zip(made, (0.1, 1.5), strict=True):
        archive.write(api.run(NAME, a0=a0, device="cpu"), path)
    return made


def lmx(*words):
    return cli.main(["compare", *map(str, words)])


def test_knobs_that_differ_and_all_claims_stand_side_by_side(files, capsys):
    assert lmx(*files) == 0
    said = capsys.readouterr().out
    assert "side by side" in said
    assert "small" in said
    (knob,) = [line for line in said.splitlines() if line.startswith("outer weight a0")]
    assert knob.split()[-2:] == ["0.1", "1.5"]
    assert said.count("lands") == 6
    assert "<" not in said


def test_json_and_csv_hold_the_files_own_numbers(files, tmp_path, capsys):
    assert lmx(*files, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["knobs"] == {"a0": ["0.1", "1.5"]}
    judged = archive.read(files[1])["claims"].to_dataset().sel(claim="loss")
    assert told["claims"]["loss"][1]["measured"] == float(judged["measured"])
    assert lmx(*files, "--out", tmp_path / "c.csv") == 0
    _, row = csv.DictReader((tmp_path / "c.csv").read_text().splitlines())
    assert (row["run"], row["a0"]) == ("large", "1.5")
    assert float(row["loss.measured"]) == float(judged["measured"])


def test_a_page_has_the_figure_and_the_table_and_asks_for_nothing(files, tmp_path):
    assert lmx(*files, "--out", tmp_path / "c.html") == 0
    page = (tmp_path / "c.html").read_text()
    assert "<svg" in page
    assert ">small<" in page
    assert not re.search(r'(?:src|href)="http', page)
    assert lmx(*files, "--out", tmp_path / "c.md") == 0
    assert (tmp_path / "c.md").read_text().startswith("|  | small | large |")


def test_every_run_of_a_figure_has_a_hue_and_a_dash_of_its_own_and_its_name(files):
    assert len({str(s) for s in STROKES}) == len(STROKES)
    made = overlaid({"small": archive.read(files[0]), "large": archive.read(files[1])})
    texts = {text.get_text() for axes in made.axes for text in axes.texts}
    assert {"small", "large"} <= texts
    with pytest.raises(ValueError, match="A figure tells 5 runs apart"):
        overlaid({str(i): archive.read(files[0]) for i in range(6)})


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["{0}"], "One run has nothing beside it: give two or more."),
        (["{0}", "gone.nc"], "There is no file gone.nc."),
        (["{0}", "{1}", "--out", "c.txt"], ".txt is no kind of comparison: give .csv, .md"),
        (["{0}", "{1}", "--out", "c.svg", "--panel", "no"], "There is no panel 'no': give"),
    ],
)
def test_what_cannot_be_is_one_sentence(files, capsys, words, sentence):
    assert lmx(*(word.format(*files) for word in words)) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
