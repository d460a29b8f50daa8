"""Training and heating against plain numpy."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from sims.core.setup import given
from sims.singular_learning.local_learning_coefficient import EXPERIMENT, params, scales, training

SMALL: dict[str, Any] = {"d_in": 3, "width": 4, "d_out": 2, "chains": 3, "train_steps": 5}


def begun(seed=0, **knobs):
    """Resolved params, a task, its tensors and the first state."""
    resolved = params.resolve(given(EXPERIMENT, SMALL | knobs), ())
    task = training.prepare(resolved, seed)
    tensors = {name: jnp.asarray(v) for name, v in task.items()}
    return resolved, task, tensors, training.init(resolved, tensors)


def test_all_chains_are_trained_alike_and_heated_each_by_its_own_noise():
    resolved, task, tensors, state = begun()
    A, B, C, eta = (task[name] for name in ("A", "B", "C", "eta"))
    for _ in range(5):
        gap = B @ A - C
        A, B = A - eta * B.T @ gap, B - eta * gap @ A.T
        state = training.step(resolved, tensors, state)
    for chain in range(3):
        assert np.asarray(state.A)[:, :, chain] == pytest.approx(A, abs=1e-12)
        assert np.asarray(state.B)[:, :, chain] == pytest.approx(B, abs=1e-12)
    A0, B0, e, t = A, B, task["epsilon"], resolved.nbeta
    now = [np.asarray(state.A), np.asarray(state.B)]
    K0 = 0.5 * np.sum((B0 @ A0 - C) ** 2)
    for n in (5, 6):
        key = jax.random.fold_in(jax.random.wrap_key_data(tensors["key"]), n)
        xi = np.sqrt(e) * np.asarray(jax.random.normal(key, (4, 5, 3)))
        state = training.step(resolved, tensors, state)
        heats = []
        for chain in range(3):
            A, B = now[0][:, :, chain], now[1][:, :, chain]
            gap = B @ A - C
            heats.append(t * (0.5 * np.sum(gap**2) - K0))
            own = xi[:, :, chain]
            dA, dB = (
                -0.5 * e * (t * B.T @ gap + resolved.gamma * (A - A0)) + own[:, :3],
                -0.5 * e * (t * gap @ A.T + resolved.gamma * (B - B0)) + own[:, 3:].T,
            )
            assert np.asarray(state.A)[:, :, chain] == pytest.approx(A + dA, abs=1e-9)
            assert np.asarray(state.B)[:, :, chain] == pytest.approx(B + dB, abs=1e-9)
        now = [np.asarray(state.A), np.asarray(state.B)]
    state = training.refresh(resolved, tensors, state)
    assert float(state.mean) == pytest.approx(np.mean(heats) / 2)  # of the first step it is 0
    assert np.std(now[0], axis=2).min() > 0


def test_nothing_is_heated_before_training_ends():
    resolved, _, tensors, state = begun()
    for _ in range(5):
        state = training.step(resolved, tensors, state)
    seen = training.observe(resolved, tensors, training.refresh(resolved, tensors, state))
    assert np.isnan(seen["heated_loss"])
    assert np.isnan(seen["heated_loss_now"]).all()
    assert np.isfinite(seen["loss"])


@pytest.mark.parametrize(("rank", "large"), [(1, 0), (2, 0), (0, 2), (2, 3)])
def test_training_ends_where_theory_says(rank, large):
    resolved, _, tensors, state = begun(seed=3, rank=rank, large=large, train_steps=2000)
    end = lax.fori_loop(0, 2000, lambda _, s: training.step(resolved, tensors, s), state)
    told = scales.singular_values(rank, 1.0, large)
    for weights, values in zip((end.A, end.B), told, strict=True):
        found = np.linalg.svd(np.asarray(weights)[:, :, 0])[1]
        assert found == pytest.approx(np.pad(values, (0, len(found) - len(values))), abs=0.01)


def test_the_map_and_the_large_start_have_the_sizes_that_were_asked_for():
    _, task, *_ = begun(rank=2, strength=1.5, large=3)
    assert np.linalg.svd(task["C"])[1] == pytest.approx([1.5, 1.5])
    assert np.linalg.svd(task["A"])[1] == pytest.approx([1.5**0.5] * 3, abs=0.01)
    assert np.abs(task["B"]).max() < 0.01


def test_records_of_training_come_before_those_of_heating():
    resolved = params.resolve(given(EXPERIMENT, {}), ())
    steps = training.schedule(resolved, []).record_steps
    assert steps[0] == 0
    assert 2000 in steps
    assert steps[-1] == 2000 + 10_119
    assert (steps > 2000).sum() == 100
