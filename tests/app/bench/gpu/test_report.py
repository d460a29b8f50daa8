"""The whole of it, rehearsed on the CPU."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.bench.gpu import read
from app.bench.gpu.report import CACHE, sections
from app.bench.gpu.size import SMALL, WHOLE, Card
from app.cli import main
from sims import api
from sims.core.devices import has_gpu


@pytest.mark.slow
@pytest.mark.filterwarnings("default::DeprecationWarning")
def test_a_rehearsal_goes_through_everything_and_is_read_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = os.environ.get(CACHE)
    words = ["--rehearse", "--out", str(tmp_path), "--seconds", "600"]
    assert main(["bench", "--gpu", *words]) == 0
    said = capsys.readouterr().out
    assert "no number below is one of a card" in " ".join(said.split())
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("rehearsal_")
    rows = read(file)
    assert all(row["rehearsal"] is True for row in rows)
    assert {row["device"] for row in rows} <= {"cpu in place of a gpu", "cpu"}
    assert [row for row in rows if "failed" in row] == []
    measured = {row["name"] for row in rows}
    assert {"presets", "auto", "targets"} <= measured
    for section in sections(Card("cpu", True, SMALL)):
        for measurement in section.measurements:
            assert measurement.name in measured
    assert not any("left_out" in row for row in rows)
    assert not any(row.get("reached") for row in rows)
    assert os.environ.get(CACHE) == before


@pytest.mark.skipif(has_gpu(), reason="there is a gpu here")
def test_without_a_card_it_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--gpu", "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("There is no gpu on this machine: --rehearse ")
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--gpu", "Say where the numbers go"),
        ("--gpu --out nowhere --rehearse", "The folder nowhere does not exist."),
        ("--gpu --out . --crowd 3", "without anything else"),
        ("--rehearse", "--rehearse belongs to --gpu"),
        ("--out .", "--out belongs to --gpu"),
    ],
)
def test_what_does_not_go_together_is_refused_in_one_sentence(
    words: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *words.split()]) == 2
    assert sentence in capsys.readouterr().err


def test_on_a_card_every_preset_and_every_default_has_its_measurement() -> None:
    found = {section.title: section for section in sections(Card("gpu", False, WHOLE))}
    presets = sum(len(experiment.presets) for experiment in api.experiments())
    assert len(found["verdicts as stated"].measurements) == presets
    names = [m.name for m in found["defaults on card and CPU"].measurements]
    assert names == [experiment.name for experiment in api.experiments()]


def test_presets_that_take_long_come_last() -> None:
    found = {section.title: section for section in sections(Card("gpu", False, WHOLE))}
    order = [m.name for m in found["verdicts as stated"].measurements]
    slow = [f"{e.name}, {p.id}" for e in api.experiments() for p in e.presets if p.slow]
    assert set(order[-len(slow) :]) == set(slow)
