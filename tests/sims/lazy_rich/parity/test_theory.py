import itertools

import numpy as np
import pytest

from sims.core.study import Study
from sims.lazy_rich.parity import EXPERIMENT, theory, training


def test_points_are_drawn_in_the_stated_order():
    setup = Study(EXPERIMENT, {"n": 12, "n_test": 7, "d": 5, "relevant": 3, "data_seed": 4}).setup
    task = setup.tasks[0]
    Z = np.random.default_rng(4).choice([-1.0, 1.0], (19, 5))
    np.testing.assert_array_equal(task["X"], Z[:12])
    np.testing.assert_array_equal(task["X_test"], Z[12:])
    np.testing.assert_array_equal(task["y"], Z[:12, 0] * Z[:12, 1] * Z[:12, 2])
    rng = np.random.default_rng(1)
    np.testing.assert_array_equal(task["W"], rng.standard_normal((256, 5)))
    np.testing.assert_array_equal(task["a"], rng.standard_normal(256))


def test_the_seed_leaves_the_data_alone():
    one, other = (Study(EXPERIMENT, {"n": 12, "d": 5}, seed=s).setup.tasks[0] for s in (1, 2))
    np.testing.assert_array_equal(one["X"], other["X"])
    assert not np.array_equal(one["W"], other["W"])


def test_shares_sum_to_one_and_are_by_chance_at_birth():
    rng = np.random.default_rng(0)
    W, a = rng.standard_normal((4096, 15)), rng.standard_normal(4096)
    shares = theory.axis_shares(W, a)
    assert shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(shares, 1 / 15, atol=0.01)


def test_a_neuron_on_an_axis_gives_it_its_whole_mass():
    shares = theory.axis_shares(np.array([[3.0, 0, 0], [0, 0, 1.0]]), np.array([-1.0, 1.0]))
    np.testing.assert_allclose(shares, [0.75, 0, 0.25])


def last(setup):
    *_, whole = theory.predict(setup.params, setup.tasks[0], setup.schedule)
    return whole


def test_the_lazy_curves_are_those_of_the_linear_model_stepped_by_hand():
    small = {"alpha": 0.02, "n": 20, "n_test": 30, "d": 6, "width": 16, "steps": 40}
    setup = Study(EXPERIMENT, small).setup
    task, whole = setup.tasks[0], last(setup)
    W, a, X = task["W"], task["a"], np.concatenate([task["X"], task["X_test"]])
    z = X @ W.T / np.sqrt(6)
    slopes = (z > 0) * a[None, :]
    J = np.hstack(
        [(slopes[:, :, None] * X[:, None, :]).reshape(50, -1) / np.sqrt(6), np.maximum(z, 0)]
    ) / np.sqrt(16)
    v, eta = np.zeros(J.shape[1]), float(task["eta"])
    for _ in range(40):
        v -= eta * J[:20].T @ (J[:20] @ v - task["y"]) / 20
    gap = J @ v - np.concatenate([task["y"], task["y_test"]])
    assert float(whole["train_loss"][-1]) == pytest.approx(np.mean(gap[:20] ** 2) / 2, rel=1e-9)
    assert float(whole["test_loss_final"]) == pytest.approx(np.mean(gap[20:] ** 2) / 2, rel=1e-9)
    moved = W + v[:96].reshape(16, 6) / 0.02, a + v[96:] / 0.02
    share = theory.axis_shares(*moved)[:2].sum()
    assert float(whole["relevant_share_final"]) == pytest.approx(share, rel=1e-9)


def test_the_kernel_s_loss_is_the_end_of_the_curve():
    setup = Study(EXPERIMENT, {"alpha": 1e3, "n": 64, "d": 10, "steps": 200_000, "width": 64}).setup
    whole = last(setup)
    at = float(whole["test_loss_kernel"].sel(samples=64))
    assert at == pytest.approx(float(whole["test_loss_final"]), rel=1e-3)


def test_a_kernel_needs_about_d_squared_points():
    """Published at alpha = 10, one seed: MSE 0.101 at n = 256, 0.056 at n = 400."""
    losses = last(Study(EXPERIMENT, {"alpha": 10}).setup)["test_loss_kernel"].values
    assert np.all(np.diff(losses) < 0)
    np.testing.assert_allclose(2 * losses[-2:], [0.101, 0.056], rtol=0.05)


def test_every_corner_may_be_drawn_many_times():
    setup = Study(EXPERIMENT, {"n": 100, "n_test": 50, "d": 3, "alpha": 10, "steps": 500}).setup
    assert len(np.unique(setup.tasks[0]["X"], axis=0)) == 8
    whole = last(setup)
    assert np.isfinite(whole["test_loss"].values).all()
    assert np.isfinite(whole["test_loss_kernel"].values).all()


def test_the_run_measures_the_shares_the_theory_means():
    import jax.numpy as jnp

    from sims.core import two_layer

    rng = np.random.default_rng(3)
    W, a = rng.standard_normal((20, 7)), rng.standard_normal(20)
    net = two_layer.State(jnp.asarray(W), jnp.asarray(a), jnp.zeros(3))
    np.testing.assert_allclose(training.axis_shares(net), theory.axis_shares(W, a), rtol=1e-5)


def test_a_parity_of_three_bits_is_the_product_of_three():
    found = theory.drawn(0, 200, 1, 3, 3)
    for corner in itertools.product([-1.0, 1.0], repeat=3):
        hits = np.all(np.array(corner) == found.X, axis=1)
        assert np.all(found.y[hits] == np.prod(corner))
