"""What whole runs of the default net are known to do."""

import jax
import numpy as np
import pytest

from sims.core import nets
from sims.core.prediction import of_seed
from sims.core.setup import Setup
from sims.core.simulation import Run
from sims.core.study import Study
from sims.edge_of_stability.neural_network import EXPERIMENT, theory
from sims.edge_of_stability.neural_network.measure import first_reach
from sims.edge_of_stability.objective import objective


def ran(**knobs) -> tuple[Setup, Run]:
    setup = Study(EXPERIMENT, {"central_flow": False} | knobs).setup
    run = Study.of(setup).early().run()
    run.finish()
    return setup, run


def plateau(setup, run, name):
    """Median of λ_1/edge from the first hit and a tenth of the run on, and the step of the hit."""
    steps, edge = setup.schedule.record_steps, theory.edge(setup.params)
    hit = first_reach(setup.params, steps, run.records["sharpness_midpoint"][0, :, 0], edge)
    late = steps >= hit + setup.params.steps / 10
    return np.median(run.records[name][0, late, 0]) / edge, hit


@pytest.fixture(scope="module")
def descent():
    return ran(steps=6000, tracked=3)


def test_the_spectrum_at_the_start_is_that_of_the_dense_hessian(descent):
    setup, run = descent
    task = setup.tasks[0]
    w = np.asarray(nets.flattened(nets.layers(task)))
    dense = np.linalg.eigvalsh(jax.jit(jax.hessian(objective(setup.params, task)))(w))[::-1][:3]
    np.testing.assert_allclose(dense[:2], [8.758, 2.970], rtol=5e-3)
    np.testing.assert_allclose(run.records["sharpness"][0, 0], dense, rtol=1e-4)
    assert run.records["sharpness"][0, 1, 0] / 20 == pytest.approx(0.430, abs=5e-4)


def test_gradient_descent_reaches_the_edge_and_stays(descent):
    setup, run = descent
    assert first_reach(
        setup.params, setup.schedule.record_steps, run.records["sharpness"][0, :, 0], 20.0
    ) == pytest.approx(790, abs=10)
    level, hit = plateau(setup, run, "sharpness")
    assert hit == pytest.approx(790, abs=10)
    assert level == pytest.approx(1.007, abs=0.01)
    assert plateau(setup, run, "sharpness_midpoint")[0] == pytest.approx(1, abs=0.005)


def test_the_followed_spectrum_is_the_dense_one_to_the_end(descent):
    setup, run = descent
    hessian = jax.jit(jax.hessian(objective(setup.params, setup.tasks[0])))
    shots = setup.schedule.snapshot_records
    for shot in (39, 60, 119):
        w = run.snapshots["weights"][0, shot].astype(float)
        top = np.linalg.eigvalsh(hessian(w))[::-1][:3]
        found = run.records["sharpness_midpoint"][0, shots[shot]]
        np.testing.assert_allclose(found, top, rtol=1e-5)


@pytest.fixture(scope="module")
def shown(preset_runs):
    """Prediction and run of a preset, without the seed axis."""

    def read(preset):
        tree = preset_runs[EXPERIMENT.name, preset]
        return (of_seed(tree[group].to_dataset(), 0) for group in ("prediction", "run"))

    return read


@pytest.mark.parametrize(
    ("preset", "level", "within"),
    [("polyak", 0.999, 0.01), ("rmsprop", 1.02, 0.03), ("adam", 0.97, 0.03)],
)
def test_other_rules_settle_at_their_own_edge(preset, level, within, shown):
    prediction, run = shown(preset)
    params = Study(EXPERIMENT, preset=preset).setup.params
    steps, edge = run["step"].values, float(prediction["edge"])
    hit = first_reach(params, steps, run["sharpness_midpoint"].values[:, 0], edge)
    late = steps >= hit + params.steps / 10
    found = np.median(run["sharpness"].values[late, 0]) / edge
    assert found == pytest.approx(level, abs=within)


def test_a_quiet_start_keeps_the_averaged_loss_on_the_flow_from_the_break_on(shown):
    prediction, run = shown("rides_the_edge")
    late = run["step"].values >= float(prediction["break_step"])
    assert np.abs(run["mean_loss"] / prediction["mean_loss"] - 1).values[late].max() < 0.03


def test_without_the_quiet_start_the_first_cycles_overshoot(shown):
    prediction, run = shown("rounding_start")
    assert float(prediction["break_step"]) == pytest.approx(783, abs=10)
    error = np.abs(run["mean_loss"] / prediction["mean_loss"] - 1).values
    steps = run["step"].values
    first = (steps >= 783) & (steps < 1183)
    assert error[first].max() > 0.05
    assert np.median(error[steps >= 1183]) < 0.01
    assert float(run["distance_to_central_flow"][-1]) < 0.04
    assert float(run["distance_to_gradient_flow"][-1]) == pytest.approx(0.858, abs=0.02)
    bare = np.abs(mean_without_oscillation(prediction) / run["mean_loss"] - 1).values
    assert np.median(bare[steps >= 1183]) == pytest.approx(0.42, abs=0.03)


def mean_without_oscillation(prediction):
    """The predicted mean loss less the part that the oscillation adds."""
    return prediction["mean_loss"] - prediction["oscillation"] / 0.1


def test_small_batches_keep_the_sharpness_at_half_of_the_edge(shown):
    _, run = shown("small_batch")
    half = run["step"].values >= 5000
    assert np.median(run["sharpness_midpoint"].values[half, 0]) / 20 == pytest.approx(0.5, abs=0.08)
    assert np.median(run["batch_sharpness"].values[half]) / 20 == pytest.approx(0.875, abs=0.05)


def test_batch_sharpness_of_all_samples_is_the_sharpness():
    setup, run = ran(optimizer="sgd", batch_size=20, steps=3000)
    half = setup.schedule.record_steps >= 1500
    batch = np.median(run.records["batch_sharpness"][0, half])
    top = np.median(run.records["sharpness_midpoint"][0, half, 0])
    assert batch == pytest.approx(top, rel=0.01)


def test_two_directions_at_the_edge_both_stay_there(preset_runs):
    tree = preset_runs[EXPERIMENT.name, "two_modes"]
    prediction = tree["prediction"].to_dataset().isel(seed=0)
    edge, late = float(prediction["edge"]), prediction["step"].values > 2500
    np.testing.assert_allclose(prediction["sharpness_midpoint"].values[late] / edge, 1.0, atol=1e-4)
    assert (np.diff(prediction["loss"].values[late]) < 0).all()
