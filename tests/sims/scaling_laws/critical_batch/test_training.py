"""Learners of every batch size on the same samples, against plain numpy."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from sims.core.study import Study
from sims.scaling_laws import learners
from sims.scaling_laws.critical_batch import EXPERIMENT, training
from sims.scaling_laws.critical_batch.params import Params

SMALL: dict[str, Any] = {"batches": 3, "replicas": 4, "width": 4, "target": 0.2}


def tensors(params):
    task = training.prepare(params, 0)
    return task, {name: jnp.asarray(v) for name, v in task.items()}


def test_every_learner_takes_the_mean_gradient_of_its_own_batch():
    params = Params(**SMALL)
    task, given = tensors(params)
    state = training.init(params, given)
    root = jnp.sqrt(given["lam"])
    drawn = [learners.samples(given["key"], jnp.asarray(t), 4, 1, root) for t in range(8)]
    X = np.stack([np.asarray(x)[:, 0] for x, _ in drawn], axis=1)
    xi = np.stack([np.asarray(n)[:, 0] for _, n in drawn], axis=1)
    y = X @ task["coefficients"] + task["s"] * xi
    for _ in range(8):
        state = training.step(params, given, state)
    for k, B in enumerate((1, 2, 4)):
        w = np.zeros((4, 4))
        for start in range(0, 8, B):
            at = slice(start, start + B)
            gap = np.einsum("rbm,rm->rb", X[:, at], w) - y[:, at]
            w = w - task["eta"][k] * np.einsum("rb,rbm->rm", gap, X[:, at]) / B
        assert np.asarray(state.w)[:, k] == pytest.approx(w, rel=1e-5, abs=1e-6)
    assert np.all(np.asarray(state.g) == 0)


def test_between_two_full_batches_nothing_moves():
    params = Params(**SMALL)
    _, given = tensors(params)
    state = training.init(params, given)
    for _ in range(3):
        state = training.step(params, given, state)
    assert np.all(np.asarray(state.w)[:, 2] == 0)
    assert np.all(np.asarray(state.w)[:, 0] != 0)


def test_the_loss_is_1_at_the_start_and_the_noise_scale_that_of_the_start():
    params = Params()
    task, given = tensors(params)
    seen = training.observe(params, given, training.init(params, given))
    assert np.asarray(seen["loss"]) == pytest.approx(np.ones(9), rel=1e-6)
    told = Study(EXPERIMENT, {}).predict()["noise_scale_curve"].values.ravel()[0]
    assert float(seen["noise_scale_curve"]) == pytest.approx(told, rel=1e-5)
    assert task["batch_size"].tolist() == [2**k for k in range(9)]


def test_a_learner_that_diverges_stays_a_number_and_the_others_go_on():
    params = Params(**SMALL)
    _, given = tensors(params)
    hot = {**given, "eta": given["eta"].at[0].set(1e3)}
    ends = []
    for task in (given, hot):
        state = training.init(params, task)
        for _ in range(24):
            state = training.step(params, task, state)
        ends.append(np.asarray(training.observe(params, task, state)["loss"]))
    assert np.isfinite(ends[1]).all()
    assert ends[1][0] > 1e12
    assert ends[1][1:] == pytest.approx(ends[0][1:])
