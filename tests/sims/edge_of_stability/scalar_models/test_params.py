import numpy as np
import pytest

from sims.core.knobs import unresolved
from sims.core.study import Study
from sims.edge_of_stability.scalar_models import EXPERIMENT, assumptions, params
from sims.edge_of_stability.scalar_models.params import MODELS


@pytest.mark.parametrize("model", MODELS)
def test_every_auto_follows_from_the_model(model):
    setup = Study(EXPERIMENT, {"model": model}).setup
    assert not unresolved(setup.params)
    assert setup.params.steps == params.STEPS[model]
    assert setup.schedule.steps == params.STEPS[model]


def test_the_net_takes_its_step_from_its_own_start():
    setup = Study(EXPERIMENT, {"eta": 0.7, "eta_lambda0": 2.5}, seeds=2).setup
    for task in setup.tasks:
        lam = (task["u"] @ task["u"] + task["v"] @ task["v"]) / 512
        assert float(task["rate"]) * lam == pytest.approx(2.5)
    assert setup.params.eta == pytest.approx(float(setup.tasks[0]["rate"]))
    assert setup.notices == ["model=uv_network has no use for eta, which is ignored."]


def test_u_is_drawn_before_v():
    task = Study(EXPERIMENT, {"m": 3}, seed=4).setup.tasks[0]
    rng = np.random.default_rng(4)
    np.testing.assert_array_equal(task["u"], rng.standard_normal(3))
    np.testing.assert_array_equal(task["v"], rng.standard_normal(3))


def test_knobs_without_use_are_named():
    setup = Study(EXPERIMENT, {"model": "balanced_product", "m": 4, "b0": 2}).setup
    assert setup.notices == ["model=balanced_product has no use for m and b0, which are ignored."]


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"eta": 0}, "eta = 0 is not allowed: give a number from 1e-5 to 10"),
        ({"eta": -1}, "eta"),
        ({"eta_lambda0": 6}, "eta_lambda0 = 6 is not allowed: give a number from 0.1 to 5"),
        ({"m": 0}, "m = 0"),
        ({"target": 3}, "target"),
        ({"depth": 1}, "depth"),
        ({"steps": 0}, "steps"),
        ({"model": "three_scalars"}, "uv_network, two_scalars"),
        ({"model": "balanced_product", "a0": 0}, "a0 = 0 is the saddle itself"),
        ({"model": "two_scalars", "a0": 0, "b0": 0}, "b0 = 0 is the saddle itself"),
        ({"model": "tied_depth_four", "b0": 0}, "b0 = 0 is a saddle"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(knobs, words):
    with pytest.raises(ValueError, match=words) as refused:
        Study(EXPERIMENT, knobs).prepare()
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"eta_lambda0": 1.5}, None),
        ({}, "Starts above the edge"),
        ({"eta_lambda0": 4.05}, "No finite limit"),
        ({"eta_lambda0": 4}, "No finite limit"),
        ({"eta_lambda0": 4.5, "target": 1}, "Likely to diverge"),
        ({"model": "balanced_product", "eta": 2.05}, "Expected to diverge"),
        ({"model": "tied_depth_four"}, None),
    ],
)
def test_what_lies_above_the_edge_is_announced(judged, knobs, words):
    found = judged(EXPERIMENT, **knobs, steps=50)
    said = assumptions.warnings(
        found.setup.params,
        found.setup.tasks[0],
        found.prediction.isel(seed=0, missing_dims="ignore"),
    )
    assert [words in s for s in said] == ([True] if words else [])


def test_short_runs_record_every_step_and_long_ones_both_ends():
    assert len(Study(EXPERIMENT, {}).setup.schedule.record_steps) == 401
    schedule = Study(EXPERIMENT, {"model": "tied_depth_four"}).setup.schedule
    steps = schedule.record_steps
    assert len(steps) < 1200
    np.testing.assert_array_equal(steps[:51], np.arange(51))
    np.testing.assert_array_equal(steps[-65:], np.arange(9936, 10001))
    assert schedule.record_times[-1] == pytest.approx(500)
    for period in (2, 4, 8):
        shares = np.bincount(steps % period) / len(steps)
        np.testing.assert_allclose(shares, 1 / period, atol=0.02)


def test_a_predicted_divergence_is_recorded_step_by_step():
    knobs = {"eta_lambda0": 4.001, "steps": 5000, "m": 2048}
    setup = Study(EXPERIMENT, knobs, seeds=3).setup
    assert set(range(51)) <= set(setup.schedule.record_steps.tolist())
