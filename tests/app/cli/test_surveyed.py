import json
import math
from pathlib import Path

import pytest
import xarray as xr

from app import cli
from app.assets import asset
from app.cli.surveyed import off_by
from app.cli.verdicts import _median_skill
from sims.core.outcome import Score


@pytest.fixture
def ball(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "ball.py"
    file.write_text(asset("guide/heavy_ball.py").read_text("utf-8"), "utf-8")
    return file


def test_random_settings_are_counted_printed_and_written(ball: Path, capsys):
    assert cli.main(["check", "ball.py", "--random", "3", "--seed", "2", "--json", "c.json"]) == 0
    said = capsys.readouterr().out
    assert "3 settings of all knobs, drawn with seed 2" in said
    assert "0 surprises in 3 runs." in said
    counts = json.loads(Path("c.json").read_text("utf-8"))["counts"]
    assert counts["settings"] == counts["judged"] == 3
    verdicts = ("lands", "departs", "surprise", "not_judged")
    assert sum(counts[verdict] for verdict in verdicts) == 3 * 3
    assert counts["caught"] <= counts["tried"]
    assert counts["median_skill"] > 0.9


def test_a_surprise_is_printed_with_what_replays_it_and_is_a_failure(ball: Path, capsys):
    text = ball.read_text("utf-8").replace("0.02, 1e-6,", "0.02, 1e-17,")
    ball.write_text(text, "utf-8")
    assert cli.main(["check", "ball.py", "--random", "2", "--json", "c.json"]) == 1
    said = capsys.readouterr().out
    (first, *_) = json.loads(Path("c.json").read_text("utf-8"))["surprises"]
    assert first["command"] in said
    assert first["error"] > first["tolerance"] == 1e-17
    assert cli.main(first["command"].split()[1:]) == 0
    assert "surprise" in capsys.readouterr().out


def test_random_settings_are_of_one_experiment(capsys):
    assert cli.main(["check", "--all", "--random", "3"]) == 2
    assert "Random settings are of one experiment" in capsys.readouterr().err


def test_what_is_off_by_any_size_is_said_in_few_characters() -> None:
    for error, words in ((1.4614e71, "1.46 × 10⁷¹ of 0.003"), (math.inf, "∞ of 0.003")):
        assert off_by(Score("surprise", error, 0.003, math.nan)) == words


def test_a_median_skill_of_any_size_fits_its_column() -> None:
    claims = xr.Dataset(
        {"skill": (("claim", "seed"), [[-1.4614e71], [0.5], [-math.inf]])},
        coords={"claim": ["huge", "half", "none"]},
    )
    assert [_median_skill(claims, n) for n in ("huge", "half", "none")] == [
        "−1.461 × 10⁷¹",
        "0.500",
        "−∞",
    ]


@pytest.mark.parametrize(
    "words", ["check ball.py --random 1", "bench saddle_to_saddle/linear_network", "bench --soak 1"]
)
def test_numbers_that_are_there_are_not_written_over_and_nothing_is_measured(
    ball: Path, capsys, monkeypatch: pytest.MonkeyPatch, words: str
):
    monkeypatch.setattr("sims.testing.random_settings", None)
    monkeypatch.setattr("app.bench.report", None)
    monkeypatch.setattr("app.bench.soaked", None)
    Path("c.json").write_text("former")
    assert cli.main([*words.split(), "--json", "c.json"]) == 2
    said = capsys.readouterr()
    assert said.err == (
        "c.json is there already: give another name, or --force to write over it.\n"
    )
    assert said.out == ""
    assert Path("c.json").read_text() == "former"


def test_numbers_are_written_over_when_forced(ball: Path):
    Path("c.json").write_text("former")
    assert cli.main(["check", "ball.py", "--random", "1", "--json", "c.json", "--force"]) == 0
    assert json.loads(Path("c.json").read_text("utf-8"))["counts"]["settings"] == 1


def test_numbers_are_written_of_random_settings_alone(ball: Path, capsys):
    assert cli.main(["check", "ball.py", "--json", "c.json"]) == 2
    assert "--json writes what random settings come to" in capsys.readouterr().err
    assert not Path("c.json").exists()
