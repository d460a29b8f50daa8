import jax.numpy as jnp
import numpy as np
import pytest

from sims.core.compilation import traces
from sims.core.study import Study
from sims.lazy_rich import teacher
from sims.lazy_rich.two_layer_network import EXPERIMENT, training

SMALL = {"width": 16, "n": 8, "steps": 500}


def trained(seeds=1, **knobs):
    setup = Study(EXPERIMENT, {**SMALL, **knobs}, seeds=seeds).setup
    run = Study.of(setup).early().run()
    run.finish()
    return setup, run


def test_moving_a_slider_compiles_nothing():
    trained()
    before = traces()
    trained(alpha=0.3, c=0.7, noise=0.2, threshold=0.5, data_seed=3, teacher_neurons=2)
    trained(alpha=70, gamma_0=2, steps=700)
    assert traces() == before


def test_everything_starts_from_zero():
    _, run = trained()
    for name in ("weight_change", "feature_change", "kernel_change", "kernel_distance"):
        assert abs(run.records[name][0, 0]) < 1e-13
    assert np.max(np.abs(run.snapshots["test_function"][0, 0])) < 1e-13
    assert run.records["train_loss"][0, 0] == pytest.approx(0.5)


def test_observed_kernel_agrees_with_the_theory_of_the_same_weights():
    setup, run = trained()
    model = teacher.linear_model(setup.tasks[0], "tanh")
    np.testing.assert_allclose(
        run.snapshots["kernel_eigenvalues"][0, 0], model.eigenvalues, atol=1e-12
    )
    edge = float(setup.tasks[0]["eta"]) / model.edge
    assert run.records["rate_over_edge"][0, 0] == pytest.approx(edge)
    residuals = run.snapshots["mode_residuals"][0, 0]
    np.testing.assert_allclose(residuals, model.c[:5], atol=1e-12)
    assert np.all(residuals >= 0)


def test_loss_falls_below_the_edge():
    _, run = trained(alpha=2.0)
    loss = run.records["train_loss"][0, : run.rows]
    assert np.all(np.diff(loss) <= 1e-12)


def test_records_are_even_and_logarithmic_and_early_beyond_the_edge():
    calm, fast = (Study(EXPERIMENT, {"c": c}).setup.schedule for c in (0.5, 1.3))
    assert set(range(0, 4001, 40)) <= set(calm.record_steps.tolist())
    assert set(range(61)) <= set(fast.record_steps.tolist())
    for found in (calm, fast):
        assert found.snapshot_steps[0] == 0
        assert found.snapshot_steps[-1] == found.steps == 4000
        assert len(found.snapshot_records) <= 60


def test_mass_near_a_ray_counts_lines_for_odd_activations():
    W = jnp.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0]])
    net = training.two_layer.State(W, jnp.array([1.0, 1.0, -1.0]), jnp.zeros(2))
    task = {"teacher": jnp.array([[1.0, 0.0], [jnp.nan, jnp.nan]])}
    mass = {
        activation: float(
            training.mass_near_teacher(training.Params(activation=activation), task, net)
        )
        for activation in ("relu", "tanh")
    }
    assert mass == {"relu": pytest.approx(1 / 4), "tanh": pytest.approx(2 / 4)}


def test_a_runaway_stops_with_its_step_and_keeps_what_came_before():
    _, run = trained(activation="erf", alpha=30, c=2.2)
    assert run.stopped[0] > 0
    kept = run.records["train_loss"][0, : run.rows]
    assert np.all(np.isfinite(kept))
    assert np.max(kept) <= 1e12


def test_seeds_train_with_their_own_rates():
    setup, run = trained(seeds=2)
    assert float(setup.tasks[0]["eta"]) != float(setup.tasks[1]["eta"])
    _, alone = trained(seeds=1)
    np.testing.assert_allclose(
        run.records["train_loss"][0], alone.records["train_loss"][0], rtol=1e-8
    )
