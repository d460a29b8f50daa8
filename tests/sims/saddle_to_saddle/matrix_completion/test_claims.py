import dataclasses

import numpy as np
import pytest

import sims
from sims import api
from sims.saddle_to_saddle.matrix_completion import EXPERIMENT

NAME = EXPERIMENT.name


def verdict(tree):
    return str(tree["claims"].to_dataset()["verdict"].sel(claim="first_escape_time").values)


@pytest.fixture(scope="module")
def small():
    return sims.run(NAME, seeds=4, horizon=4.0)


def test_every_seed_escapes_within_half_a_percent(small):
    assert verdict(small) == "lands"
    assert small["claims"].to_dataset()["error"].values.max() < 5e-3


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_a_time_ten_percent_wrong_no_longer_lands(small, factor):
    wrong = small["prediction"].to_dataset().copy(deep=True)
    wrong["first_escape_time"] = wrong["first_escape_time"] * factor
    found = dataclasses.replace(api.replayed(small), prediction=wrong).claims(
        small["run"].to_dataset()
    )
    assert str(found["verdict"].values[0]) == "surprise"


def test_two_modes_that_escape_together_are_announced():
    tree = sims.run(NAME, size=4, seeds=24, alpha=0.05, horizon=4.0)
    held = tree["claims"].to_dataset()["held"].sel(assumption="separated_modes")
    assert not bool(held)
    assert verdict(tree) == "departs"


def test_depth_one_has_no_saddle_to_judge():
    tree = sims.run(NAME, depth=1, size=6)
    assert verdict(tree) == "not judged"
    assert "no saddle" in str(tree["claims"].to_dataset()["reason"].values[0])
    assert "first_escape_time" not in tree["prediction"]


def test_a_start_beyond_the_escape_is_not_judged():
    tree = sims.run(NAME, alpha=1.0, size=8, horizon=2.0)
    assert verdict(tree) == "not judged"
    held = tree["claims"].to_dataset()["held"].sel(assumption="small_init")
    assert not bool(held)


def test_a_short_run_leaves_the_escape_open():
    tree = sims.run(NAME, size=8, horizon=0.2)
    assert verdict(tree) == "not judged"


def test_past_the_edge_is_announced_before_the_run_diverges():
    tree = sims.run(NAME, size=8, eta=0.5)
    assert verdict(tree) == "departs"
    setup = api.replayed(tree).setup
    prediction = tree["prediction"].to_dataset().isel(seed=0)
    assert "diverge" in EXPERIMENT.warnings(setup.params, setup.tasks[0], prediction)[0]


def test_a_sweep_over_the_start_keeps_records_where_each_point_escapes():
    tree = sims.sweep(NAME, {"alpha": "1e-5,1e-3,1e-2"}, seeds=2)
    assert np.all(tree["claims"].to_dataset()["verdict"].values == 0)
    assert tree["claims"].to_dataset()["error"].values.max() < 5e-3
