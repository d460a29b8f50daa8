import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sims.core.knobs import filled, knobs_of
from sims.core.study import Study
from sims.lazy_rich.two_layer_network import EXPERIMENT
from sims.lazy_rich.two_layer_network.params import Params, resolve


def resolved(**knobs):
    return Study(EXPERIMENT, knobs).setup.params


def test_richness_follows_from_the_held_scale():
    params = resolved(alpha=5, width=200)
    assert params.gamma_0 == pytest.approx(1 / (5 * math.sqrt(200)), rel=1e-11)


def test_scale_follows_from_the_held_richness():
    for width in (16, 64):
        params = resolved(hold="gamma_0", gamma_0=1, width=width)
        assert params.alpha == pytest.approx(1 / math.sqrt(width), rel=1e-11)


@given(
    alpha=st.floats(1e-3, 1e3), width=st.sampled_from([16, 100, 1024]), hold=st.sampled_from("ag")
)
def test_a_copied_link_means_the_same_run(alpha, width, hold):
    once = resolve(Params(alpha=alpha, width=width), ())
    held = "alpha" if hold == "a" else "gamma_0"
    again = resolve(Params(hold=held, alpha=once.alpha, gamma_0=once.gamma_0, width=width), ())
    assert again.alpha == pytest.approx(alpha, rel=1e-9)
    gamma = knobs_of(Params)["gamma_0"]
    assert gamma.hard_lo <= filled(once.gamma_0) <= gamma.hard_hi


def test_train_points_follow_the_dimension():
    assert resolved().n == 24
    assert resolved(d=5).n == 40
    assert resolved(d=5, n=12).n == 12


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"alpha": 0}, "alpha = 0 is not allowed: give a number from 0.001 to 1000."),
        ({"alpha": -1}, "from 0.001 to 1000"),
        ({"alpha": math.nan}, "alpha = nan is not allowed"),
        ({"width": 0}, "width = 0 is not allowed: give a whole number from 1 to 4096."),
        ({"n": 1}, "n = 1 is not allowed: give a whole number from 2 to 512, or auto."),
        ({"d": 3}, "d = 3 is not allowed: give 2, 5 or 10."),
        ({"c": 0}, "c = 0 is not allowed: give a number from 0.05 to 2.5."),
        ({"activation": "gelu"}, "give tanh, erf or relu"),
        ({"teacher_neurons": 6}, "from 1 to 5"),
        ({"hold": "gamma_0", "gamma_0": 1e-5, "width": 16}, "give gamma_0 from 0.00025 to 250."),
        ({"steps": 200_000, "width": 1024, "n": 128, "d": 10}, "steps up to 38146"),
        ({"teacher_neurons": 1, "activation": "relu", "n": 2, "data_seed": 5}, "zero on the data"),
    ],
)
def test_what_cannot_run_is_refused_in_one_sentence(knobs, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)) as refused:
        Study(EXPERIMENT, knobs).prepare()
    assert "\n" not in str(refused.value)


def test_an_ignored_reading_is_said():
    assert EXPERIMENT.notices(Params(gamma_0=2.0)) == [
        "hold=alpha derives gamma_0, so the gamma_0 given is ignored."
    ]
    assert EXPERIMENT.notices(Params(hold="gamma_0", gamma_0=2.0, alpha=1.0)) == [
        "hold=gamma_0 derives alpha, so the alpha given is ignored."
    ]
    assert EXPERIMENT.notices(Params()) == []


def test_seed_draws_the_weights_and_data_seed_the_data():
    one, two = Study(EXPERIMENT, {}, seeds=2).setup.tasks
    other = Study(EXPERIMENT, {"data_seed": 5}).setup.tasks[0]
    np.testing.assert_array_equal(one["X"], two["X"])
    assert not np.array_equal(one["W"], two["W"])
    np.testing.assert_array_equal(one["W"], other["W"])
    assert not np.array_equal(one["X"], other["X"])


def test_noise_moves_the_train_targets_alone():
    clean, noisy = (Study(EXPERIMENT, {"noise": s}).setup.tasks[0] for s in (0.0, 0.5))
    np.testing.assert_array_equal(clean["X"], noisy["X"])
    np.testing.assert_array_equal(clean["y_test"], noisy["y_test"])
    assert np.std(noisy["y"] - clean["y"]) == pytest.approx(0.5, rel=0.5)


@pytest.mark.parametrize("d", [2, 5, 10])
@pytest.mark.parametrize("activation", ["tanh", "erf", "relu"])
def test_targets_have_unit_size_and_points_lie_on_their_sphere(d, activation):
    task = Study(EXPERIMENT, {"d": d, "activation": activation}).setup.tasks[0]
    assert np.mean(task["y"] ** 2) == pytest.approx(1)
    for X in (task["X"], task["X_test"]):
        np.testing.assert_allclose(np.linalg.norm(X, axis=1), math.sqrt(d))
    assert len(task["X_test"]) == (360 if d == 2 else 400)
    if d > 2:
        assert np.mean(task["y"]) == pytest.approx(0, abs=1e-12)
