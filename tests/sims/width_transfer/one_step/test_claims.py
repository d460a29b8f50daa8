"""What is measured of the bowls, the assumptions, and the stated run."""

from typing import Any

import numpy as np
import pytest

from sims import api
from sims.core.study import Study
from sims.width_transfer.one_step import EXPERIMENT, claims, training
from sims.width_transfer.one_step.params import Params

SMALL: dict[str, Any] = {"width_min": 16, "width_max": 64, "neurons": 512, "samples": 32}


def held(**knobs):
    """Assumptions by name, as the prediction alone tells them."""
    study = Study(EXPERIMENT, knobs)
    study.predict()
    return {one.name: one for one in study.freeze().before()[0]}


def test_the_lowest_point_of_a_parabola_is_found_between_the_rates():
    x = np.geomspace(0.1, 4, 12)
    at, low = claims.lowest(x, np.stack([3 * (x - 1.3) ** 2 + 0.2, (x - 0.7) ** 2], axis=1))
    assert at == pytest.approx([1.3, 0.7])
    assert low == pytest.approx([0.2, 0.0], abs=1e-12)


def test_a_bowl_that_is_lowest_at_an_end_takes_that_end_and_one_that_never_falls_takes_none():
    x = np.linspace(0, 1, 5)
    at, low = claims.lowest(x, np.stack([1 - x, 1 + x, np.ones(5)], axis=1))
    assert at == pytest.approx([1.0, np.nan, np.nan], nan_ok=True)
    assert low == pytest.approx([0.0, 1.0, 1.0])


def test_the_stated_run_has_the_stated_ratios_and_losses():
    """Default knobs, seed 0: mean ln measured over predicted, and what the best step takes."""
    tree = api.run(EXPERIMENT, device="cpu")
    told, seen = (tree[group].to_dataset().isel(seed=0) for group in ("prediction", "run"))
    z = np.log(seen["best_rate"].values / told["best_rate"].values)
    assert z == pytest.approx([0.098, 0.025, -0.002, 0.045, -0.010], abs=5e-3)
    assert 1 - told["best_loss"].values == pytest.approx(
        [0.537, 0.550, 0.557, 0.561, 0.562], abs=6e-4
    )


def test_epsilon_is_known_to_be_too_large_before_the_run():
    shares = {
        ("mup", 1e-3): 11, ("sp", 1e-3): 0.37, ("mup", 1e-6): 0.011,
    }  # fmt: skip
    for (parameterisation, epsilon), share in shares.items():
        how = {"optimizer": "adam", "parameterisation": parameterisation, "epsilon": epsilon}
        found = held(**how)["sign_of_gradient"]
        assert found.value == pytest.approx(share, rel=0.05)
        assert not found.held
    assert held(**SMALL, optimizer="adam")["sign_of_gradient"].held


def test_a_carried_rate_is_known_to_be_wrong_where_the_law_moves():
    found = held(**SMALL, rule="carry", parameterisation="sp")["rate_carries_over"]
    assert not found.held
    assert "times the carried rate at width 64 (limit 1.2)" in found.sentence
    assert held(**SMALL, rule="carry")["rate_carries_over"].held


def test_tanh_is_known_to_bend():
    assert not held(**SMALL, activation="tanh")["known_activation"].held


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"activation": "relu", "optimizer": "adam"}, "The sign law is known for linear nets"),
        ({"width_min": 64, "width_max": 100}, "give width_max from 128 to 8192"),
        ({"neurons": 65536, "width_max": 8192}, "give neurons at most"),
        ({"width_max": 4}, "width_max = 4 is not allowed"),
    ],
)
def test_what_does_not_go_together_is_refused_in_one_sentence(knobs, words):
    with pytest.raises(ValueError, match=words):
        Study(EXPERIMENT, knobs).prepare()


def test_digits_have_64_inputs_whatever_is_asked_for():
    assert Study(EXPERIMENT, SMALL | {"d": 8}).setup.params.d == 64


def test_data_of_ones_own_are_centred_and_scaled_and_no_more_examples_are_taken_than_there_are():
    rng = np.random.default_rng(0)
    X = 3 + rng.standard_normal((40, 6))
    tree = api.predict(EXPERIMENT, data=(X, X[:, 0]), **SMALL)
    task = tree["task"].to_dataset()
    assert task["X"].shape == (32, 6)
    assert np.mean(np.sum(task["X"].values ** 2, axis=1)) == pytest.approx(6)
    many: dict[str, Any] = SMALL | {"samples": 64}
    with pytest.raises(ValueError, match="give samples from 8 to 40"):
        api.predict(EXPERIMENT, data=(X, X[:, 0]), **many)


def test_a_grid_is_as_long_for_every_seed():
    params = Params(**SMALL, rule="carry", parameterisation="sp")
    tasks = [training.prepare(params, seed) for seed in (0, 1)]
    steps = [training.schedule(params, [task]).record_steps for task in tasks]
    assert np.array_equal(steps[0], steps[1])
