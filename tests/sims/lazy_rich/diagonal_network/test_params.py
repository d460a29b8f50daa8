import numpy as np
import pytest

from sims.core import compilation
from sims.core.study import Study
from sims.lazy_rich.diagonal_network import EXPERIMENT, theory


def test_data_are_drawn_in_the_stated_order():
    task = Study(EXPERIMENT, {"n": 6, "d": 20, "k": 3, "noise": 0.5}, seed=4).setup.tasks[0]
    rng = np.random.default_rng(4)
    X = rng.standard_normal((6, 20))
    np.testing.assert_array_equal(task["X"], X)
    np.testing.assert_allclose(task["target"], np.eye(20)[:3].sum(axis=0) / np.sqrt(3))
    np.testing.assert_array_equal(task["y"], X @ task["target"] + 0.5 * rng.standard_normal(6))


def test_the_rate_is_c_times_the_edge_of_the_hessian_at_the_end():
    """Hessian in (u, v) where the residual is zero: JᵀJ/n, J = [2X u, -2X v]."""
    task = Study(EXPERIMENT, {"n": 6, "d": 20, "c": 0.3}).setup.tasks[0]
    X, w, p = task["X"], theory.end_point(task["X"], task["y"], 0.05).weights, 0.05**2
    half = np.sqrt(w**2 / 4 + p**2)
    J = np.hstack([2 * X * np.sqrt(half + w / 2), -2 * X * np.sqrt(half - w / 2)])
    top = np.linalg.eigvalsh(J.T @ J / 6)[-1]
    assert float(task["rate"]) == pytest.approx(0.3 * 2 / top, rel=1e-9)


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"n": 60, "d": 60}, "n = 60 with d = 60 is over-determined"),
        ({"n": 60, "d": 40}, "there is no implicit bias: give n from 5 to 39, or d from 61 to 200"),
        ({"alpha_0": 0}, "alpha_0 = 0 is not allowed: give a number from 0.0001 to 3"),
        ({"alpha_0": "nan"}, "alpha_0"),
        ({"n": 4}, "n = 4 is not allowed: give a whole number from 5 to 90"),
        ({"d": 201}, "a whole number from 20 to 200"),
        ({"k": 0}, "a whole number from 1 to 10"),
        ({"c": 0.9}, "a number from 0.02 to 0.8"),
        ({"noise": -1}, "a number from 0 to 1"),
        ({"steps": 1}, "a whole number from 100 to 1000000"),
    ],
)
def test_bad_input_is_refused_with_the_range(knobs, words):
    with pytest.raises(ValueError, match=r".") as refused:
        Study(EXPERIMENT, knobs).prepare()
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_moving_a_slider_does_not_compile_again():
    def traced(**knobs):
        setup = Study(EXPERIMENT, {"n": 5, "d": 21, "steps": 300, **knobs}).setup
        before = compilation.traces()
        Study.of(setup).early().run().finish()
        return compilation.traces() - before

    assert traced() > 0
    for knobs in ({"alpha_0": 0.2}, {"c": 0.3}, {"k": 2}, {"noise": 0.5}, {"steps": 777}):
        assert traced(**knobs) == 0
