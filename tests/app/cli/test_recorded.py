"""`lmx check --ledger`: the record of an experiment is written, and told."""

import dataclasses
from pathlib import Path

import pytest

from app import cli
from app.assets import asset
from sims.core import ledger
from sims.core.registry import find

NAME = "mine-heavy_ball.json"


@pytest.fixture
def ball(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("ledger").mkdir()
    file = tmp_path / "ball.py"
    file.write_text(asset("guide/heavy_ball.py").read_text("utf-8"), "utf-8")
    return file


def recorded(*more: str) -> int:
    return cli.main(["check", "ball.py", "--ledger", "ledger", "--random", "2", *more])


def test_a_plug_in_has_a_record_of_presets_random_settings_and_controls(ball: Path, capsys):
    assert recorded("--seed", "2") == 0
    said = capsys.readouterr().out
    record = ledger.read(Path("ledger") / NAME)
    line = record.line
    assert (line.seed, line.settings, line.judged) == (2, 2, 2)
    assert line.as_stated == line.presets == 6
    assert line.controls_caught > 0 == line.controls_survived
    assert record.called == "ball.py"
    assert "6 of 6 presets end as they state" in said
    assert f"Written to {Path('ledger') / NAME}." in said


def test_a_second_record_keeps_the_summary_of_the_first(ball: Path):
    recorded("--seed", "4")
    first = ledger.read(Path("ledger") / NAME)
    recorded("--seed", "5")
    second = ledger.read(Path("ledger") / NAME)
    assert second.history == (first.line,)
    assert second.line.seed == 5


def test_a_surprise_is_a_failure_and_stands_in_the_record_with_what_replays_it(ball: Path, capsys):
    text = ball.read_text("utf-8").replace("0.02, 1e-6,", "0.02, 1e-17,")
    ball.write_text(text, "utf-8")
    assert recorded() == 1
    said = capsys.readouterr().out
    found = ledger.read(Path("ledger") / NAME).surprises
    assert {bool(one.preset) for one in found} == {True, False}
    for one in found:
        assert one.command in said
        assert cli.main(one.command.split()[1:]) == 0
        assert "surprise" in capsys.readouterr().out
    assert "is stated as lands and ends as surprise" in said


def test_all_writes_a_record_of_every_experiment_that_is_there(
    ball: Path, monkeypatch: pytest.MonkeyPatch
):
    valley = find(asset("guide/template.py"))
    both = [dataclasses.replace(valley, name=name) for name in ("law/one", "law/other")]
    monkeypatch.setattr("sims.api.experiments", lambda: both)
    assert cli.main(["check", "--all", "--ledger", "ledger", "--random", "1"]) == 0
    found = sorted(path.name for path in Path("ledger").iterdir())
    assert found == ["law-one.json", "law-other.json"]
    assert ledger.read(Path("ledger/law-one.json")).line.settings == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--ledger", "nowhere"], "The folder nowhere does not exist.\n"),
        (["--ledger", "ledger", "--quick"], "A ledger is of every preset: leave out --quick.\n"),
        (["--ledger", "ledger", "--json", "a"], "A ledger is a file itself: leave out --json.\n"),
    ],
)
def test_what_makes_no_ledger_is_refused_in_one_sentence(ball: Path, words, sentence, capsys):
    assert cli.main(["check", "ball.py", *words]) == 2
    assert capsys.readouterr().err == sentence


def test_a_file_that_is_no_record_is_not_written_over(ball: Path, capsys):
    there = Path("ledger") / NAME
    there.write_text("my own notes", "utf-8")
    assert recorded() == 2
    assert capsys.readouterr().err == f"{NAME} is no record of a ledger: it cannot be read.\n"
    assert there.read_text("utf-8") == "my own notes"
