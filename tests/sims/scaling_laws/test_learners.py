"""What all runs on scaling laws share: samples, and one step of several students."""

import jax.numpy as jnp
import numpy as np
import pytest

from sims.scaling_laws import learners
from sims.scaling_laws.schedules import NAMES, record_steps, shape

KEY = jnp.array([0, 3], jnp.uint32)


def test_samples_follow_from_key_and_step():
    deviations = jnp.array([2.0, 0.5], jnp.float32)
    x, xi = learners.samples(KEY, jnp.int32(5), 4000, 3, deviations)
    again, _ = learners.samples(KEY, jnp.int32(5), 4000, 3, deviations)
    later, _ = learners.samples(KEY, jnp.int32(6), 4000, 3, deviations)
    assert (x == again).all()
    assert (x != later).any()
    assert (x.shape, xi.shape) == ((4000, 3, 2), (4000, 3))
    assert np.asarray(x.std((0, 1))) == pytest.approx(np.array([2.0, 0.5]), rel=0.05)
    assert float(xi.std()) == pytest.approx(1, rel=0.05)


def test_a_step_is_that_of_numpy_for_every_student():
    rng = np.random.default_rng(0)
    held = np.array([[1, 1, 1.0], [1, 1, 0]])
    target = rng.standard_normal(3) * held  # (student, coefficient)
    w, x = rng.standard_normal((4, 2, 3)) * held, rng.standard_normal((4, 5, 3))
    xi, noise, rates = rng.standard_normal((4, 5)), np.array([0.1, 0.3]), np.array([0.2, 0.5])
    gap = learners.gaps(*(jnp.asarray(one) for one in (w, x, xi, target, noise)))
    found = learners.stepped(*(jnp.asarray(one) for one in (w, x, gap, rates, held)))
    for s in range(2):
        y = x @ target[s] + noise[s] * xi
        gradient = np.einsum("rb,rbm->rm", (x @ w[:, s, :, None])[..., 0] - y, x) / 5
        assert np.asarray(found)[:, s] == pytest.approx(
            w[:, s] - rates[s] * gradient * held[s], abs=1e-5
        )
    lam = np.array([1, 0.5, 0.1])
    E = learners.excess(jnp.asarray(w), jnp.asarray(target), jnp.asarray(lam))
    assert np.asarray(E) == pytest.approx(np.sum((w - target) ** 2 * lam, axis=2), rel=1e-5)


def test_schedules_start_at_the_peak_and_have_their_shape():
    x = (np.arange(1000) + 0.5) / 1000
    found = {name: shape(name, x, 0.2, 2.0) for name in NAMES}
    assert all(one[0] == pytest.approx(1, abs=2e-3) for one in found.values())
    sums = {name: float(one.mean()) for name, one in found.items()}
    told = {"constant": 1, "step": 0.5275, "cosine": 0.5, "linear": 0.5, "wsd": 0.9, "power": 1 / 3}
    assert sums == pytest.approx(told, abs=1e-3)
    assert np.asarray(shape("wsd", jnp.asarray(x), 0.2, 2.0, jnp)) == pytest.approx(
        found["wsd"], abs=1e-5
    )


def test_records_are_dense_at_first_and_even_at_last():
    steps = record_steps(20000)
    assert (np.diff(steps) > 0).all()
    assert len(steps) <= 241
    assert steps[[0, 1, 2, 3, 4, -1]].tolist() == [0, 1, 2, 3, 4, 20000]
