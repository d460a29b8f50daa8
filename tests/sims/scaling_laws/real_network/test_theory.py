"""The problem a network's kernel makes of real digits: facts computed once, and its own limits."""

import numpy as np
import pytest

from sims.core.study import Study
from sims.core.tangent_kernel import tangent_kernel
from sims.scaling_laws.real_network import EXPERIMENT, population

WIDE = {"width": 128, "n": 300, "noise": 0.5, "c": 0.15}


def told(**knobs):
    return Study(EXPERIMENT, knobs).predict().isel(seed=0)


@pytest.mark.parametrize(
    ("knobs", "facts", "ends"),
    [
        (
            {},
            {"largest_eigenvalue": 0.19002, "flat": 0.9383, "feedback": 0.0757,
             "feature_change": 0.0319},
            [0.05255, 0.06281, 0.06250, 0.06225, 0.04250, 0.08256],
        ),
        ({"train": "last"}, {"flat": 0.8369, "best_final": 0.14864, "feature_change": 0}, None),
        ({"noise": 0, "alpha": 1}, {"best_final": 0.03270, "feature_change": 0.464}, None),
    ],
    ids=["both", "last", "half lazy"],
)  # fmt: skip
def test_kernel_and_ends_are_the_facts(knobs, facts, ends):
    found = told(**WIDE | knobs)
    for name, value in facts.items():
        assert float(found[name]) == pytest.approx(value, rel=1e-3, abs=1e-9)
    if ends is not None:
        assert found["loss_final"].values == pytest.approx(ends, rel=1e-3)


@pytest.fixture(scope="module")
def born():
    return Study(EXPERIMENT, {"n": 60, "width": 32}).setup


def test_points_have_length_root_d_and_labels_variance_one(born):
    X, y = born.tasks[0]["X"], born.tasks[0]["y"]
    assert np.mean(np.sum(X**2, axis=1)) == pytest.approx(64)
    assert (y.mean(), y.std()) == pytest.approx((0, 1), abs=1e-12)
    assert len(np.unique(y)) == 2
    assert (
        len(np.unique(population.points(Study(EXPERIMENT, {"task": "value"}).setup.params)[1]))
        == 10
    )


def test_the_modes_hold_the_labels_and_the_kernel(born):
    task = born.tasks[0]
    found = population.of(task, "both", 0.5)
    lam, target, tail, s2 = found.problem
    assert lam[0] == 1
    assert np.sum(lam * target**2) + tail == pytest.approx(1)
    assert s2 == pytest.approx(0.25 + tail)
    K = tangent_kernel(task["W"], task["a"], task["X"], task["X"], "relu") / 60
    np.testing.assert_allclose((found.modes * lam * found.top) @ found.modes.T, K, atol=1e-8)


def test_features_move_less_the_lazier_the_network(born):
    task = born.tasks[0]
    found, rates = population.of(task, "both", 0.0), np.full(50, 0.1)
    moved = [population.feature_change(task, found, alpha, rates) for alpha in (1, 10, 1000)]
    assert moved == sorted(moved, reverse=True)
    assert moved[-1] < 0.05 < moved[0]
