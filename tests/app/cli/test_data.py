"""`--data FILE`: data of one's own on the command line, and what later commands make of the run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app import cli, share, wanted
from sims import api
from sims.core import archive, own_data

LINEAR = "saddle_to_saddle/linear_network"
RNG = np.random.default_rng(1)
X, Y = RNG.standard_normal((20, 3)), np.arange(20) % 2


def lmx(*words: str) -> int:
    return cli.main(words)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("mine")
    np.savetxt(made / "mine.csv", np.column_stack([X, Y]), delimiter=",", header="a,b,c,y",
               comments="", fmt="%.17g")  # fmt: skip
    np.savez(made / "mine.npz", X=X, y=Y)
    return made


@pytest.fixture(scope="module")
def saved(folder: Path) -> Path:
    data, out = str(folder / "mine.csv"), folder / "run.nc"
    assert lmx("run", LINEAR, "--data", data, "--set", "horizon=3", "--out", str(out)) == 0
    return out


def test_a_table_and_an_archive_are_the_same_run(folder: Path, saved: Path, capsys) -> None:
    out, data = folder / "predicted.nc", str(folder / "mine.npz")
    assert lmx("predict", LINEAR, "--data", data, "--set", "horizon=3", "--out", str(out)) == 0
    first, second = archive.read(saved).attrs, archive.read(out).attrs
    assert first["prediction_sha256"] == second["prediction_sha256"]
    assert lmx("sweep", LINEAR, "--data", data, "--set", "horizon=3", "--over", "alpha=0.01") == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((LINEAR, "--data", "nowhere.csv"), "There is no file nowhere.csv."),
        ((LINEAR, "--data", "mine.csv", "--set", "data=digits"), "say the same knob"),
        (("grokking/modular_addition", "--data", "mine.csv"), "takes no data of one's own: "),
        ((LINEAR, "--data", "bad.csv"), "bad.csv: X is missing (NaN) in row 2, column 1"),
        ((LINEAR, "--set", "data=own:0123456789abcdef"), "which are not here: give their file"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(
    folder: Path, monkeypatch, capsys, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(folder)
    Path("bad.csv").write_text("1,2,0\nnan,1,1\n3,1,1\n0,1,0\n")
    for command in (["run"], ["predict"], ["sweep", "--over", "alpha=0.01"]):
        assert lmx(command[0], *words, *command[1:]) == 2
        error = capsys.readouterr().err
        assert said in error
        assert error.count("\n") == 1


def test_the_saved_run_has_figures_tables_and_a_page(saved: Path, capsys) -> None:
    own_data._kept.clear()
    assert lmx("figure", str(saved), "--out", str(saved.with_suffix(".svg"))) == 0
    assert lmx("table", str(saved), "--markdown") == 0
    assert lmx("page", str(saved), "--force") == 0
    assert saved.with_suffix(".html").stat().st_size > 10_000


def test_a_link_says_which_data_it_needs_and_how_to_give_them(saved: Path) -> None:
    start = api.replayed(archive.read(saved))
    link = LINEAR + share.permalink(start.setup.params, 0, 1)
    value = own_data.keep(X, Y).value
    assert f"data={value}" in link
    assert wanted.page(link).values["data"] == value
    unknown = link.replace(value, "own:0123456789abcdef")
    with pytest.raises(ValueError, match="own:0123456789abcdef are data of one's own"):
        wanted.page(unknown)


def test_copied_code_names_the_data_and_leaves_a_place_for_them() -> None:
    found, value = api.experiment(LINEAR), own_data.keep(X, Y).value
    assert "--data FILE --seed 0" in share.as_command(found, {"data": value}, 0, 1)
    python = share.as_python(found, {"data": value}, 0, 1)
    assert f"# X (samples, features) and y are the data {value}\n" in python
    assert "data=(X, y)" in python
