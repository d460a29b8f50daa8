"""What goes into a record: presets, random settings, controls."""

from __future__ import annotations

import dataclasses

import pytest

from app.assets import asset
from sims import api, testing
from sims.core.experiment import Preset
from sims.core.registry import find
from sims.testing import records

VALLEY = find(asset("guide/template.py"))
DIAGRAM = api.experiment("lazy_rich/phase_diagram")
SMALL = {"width": "16,64", "alpha": "0.3:30:5:log"}


def narrow(params, tasks):
    """Refuses what is steep."""
    if params.steep > 0.5:
        raise ValueError(f"steep = {params.steep:.4g} is too steep: give half or less.")
    return params


def test_settings_are_drawn_until_so_many_are_taken_and_the_refused_are_counted_by_reason():
    strict = dataclasses.replace(VALLEY, resolve=narrow)
    found = testing.random_settings(strict, 4, seed=1)
    assert len(found.outcomes) - found.ends["refused"] == 4
    assert found.ends["refused"] > 0
    made = records.record(found, seed=1)
    assert made.refused == {"steep = … is too steep: give half or less.": found.ends["refused"]}
    assert (made.line.settings, made.line.refused) == (4, found.ends["refused"])


def test_an_experiment_that_refuses_everything_ends_with_nothing_taken():
    def closed(params, tasks):
        raise ValueError("Nothing is taken today.")

    found = testing.random_settings(dataclasses.replace(VALLEY, resolve=closed), 2)
    assert found.ends == {"refused": 2 * records.MOST_DRAWN}


def test_the_same_seed_makes_the_same_record():
    one, other = (testing.ledger(VALLEY, 3, seed=5) for _ in range(2))
    assert one.presets == other.presets
    assert one.settings.outcomes == other.settings.outcomes
    assert repr(one.controls) == repr(other.controls)


def test_progress_goes_to_the_end():
    told: list[float] = []
    testing.ledger(VALLEY, 2, seed=5, told=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(5 / 6)  # controls are the sixth part


def test_a_preset_that_raises_has_failed_and_says_why():
    def predict(params, task, schedule):
        raise ZeroDivisionError("eta")

    broken = dataclasses.replace(VALLEY, predict=predict)
    (first, *_) = [records.preset_end(broken, preset) for preset in broken.presets]
    assert "ZeroDivisionError: eta" in first.why
    assert first.otherwise == ["x", "loss"]


def test_a_preset_that_is_a_sweep_tells_its_points():
    preset = Preset("steps", "Steps", "", over={"eta": "0.01,0.02,0.8"}, lands=("x",))
    found = records.preset_end(dataclasses.replace(VALLEY, presets=(preset,)), preset)
    assert found.points["x"] == {"lands": 2, "departs": 1}
    assert found.scores["x"].verdict == "departs"
    assert found.otherwise == ["x"]


def test_a_random_setting_of_a_sweep_is_the_sweep_judged_as_a_whole():
    small = dataclasses.replace(DIAGRAM, over=SMALL, presets=())
    found = testing.ledger(small, 1, seed=4)
    (one,) = found.settings.outcomes
    assert one.end == "judged"
    assert set(one.scores) == {claim.name for claim in DIAGRAM.sweep_claims}
    assert not {"width", "alpha"} & set(one.values)
    assert found.controls == ()


def test_a_landing_of_a_whole_sweep_is_tried_with_a_theory_10_percent_wrong():
    preset = Preset("small", "Small", "", over=SMALL)
    found = records.preset_end(dataclasses.replace(DIAGRAM, presets=(preset,)), preset)
    tried = {name: score.caught for name, score in found.scores.items() if score.caught is not None}
    assert tried
    assert all(tried.values())
