"""One step at many rates: polynomials are the nets themselves, and rates are on their grid."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims import api
from sims.core import archive
from sims.core.study import Study
from sims.width_transfer import families, nets, scales
from sims.width_transfer.one_step import EXPERIMENT, training
from sims.width_transfer.one_step.params import Params

SMALL: dict[str, Any] = {"width_min": 16, "width_max": 64, "neurons": 512, "samples": 32}


def run(**knobs):
    study = Study(EXPERIMENT, SMALL | knobs)
    start = study.freeze()
    found = start.run()
    found.finish()
    return start, found


@pytest.mark.parametrize("depth", [1, 3])
def test_the_polynomial_of_a_linear_net_is_its_output_after_the_step(depth):
    params = Params(depth=depth)
    x, y = families.data("digits", 16, 64, 0.0, 0)
    W = families.drawn(np.random.default_rng(0), 1, 64, 32, depth, "mup", "linear")
    with jax.enable_x64(True):
        net = [jnp.asarray(one[0], jnp.float64) for one in W]
        S = training.direction(params, net, jnp.asarray(x), jnp.asarray(y), jnp.asarray(2.5))
        c = np.asarray(training.along(net, S, jnp.asarray(x)))
        for u in (0.0, 0.3, 1.0, 4.0):
            moved = [one - u * change for one, change in zip(net, S, strict=True)]
            plain = np.asarray(nets.output(moved, jnp.asarray(x), "linear"))
            assert u ** np.arange(depth + 2) @ c == pytest.approx(plain, rel=1e-12, abs=1e-13)


def test_the_first_record_is_no_step_and_rates_are_six_an_octave_around_the_predicted_one():
    start, found = run()
    time = start.setup.schedule.record_times
    assert time[0] == 0
    assert len(time) == 38
    assert time[1:] == pytest.approx(2.0 ** (np.arange(-18, 19) / 6), rel=0.008)
    assert found.records["net_loss_ratio"][0, 0] == pytest.approx(np.ones(32 + 16 + 8), rel=1e-12)


def test_a_carried_rate_is_tried_down_to_where_the_law_says_the_best_one_is():
    start, _ = run(rule="carry", parameterisation="sp")
    law = 64 + 2 * np.array([16, 64])
    assert start.setup.schedule.record_times[1] <= law[0] / law[1] / 8 * 1.01
    assert start.setup.schedule.record_times[-1] == pytest.approx(8.0, rel=0.01)


def test_the_nets_are_drawn_one_after_another_from_the_seed():
    task = training.prepare(Params(**SMALL), 3)
    rng = np.random.default_rng(3)
    first = rng.standard_normal((16, 64)) / 8
    assert task["W1_16"][0] == pytest.approx(first, rel=1e-6)
    assert task["W2_16"][0] == pytest.approx(rng.standard_normal((16, 16)) / 4, rel=1e-6)
    assert task["W3_16"][0] == pytest.approx(rng.standard_normal(16) / 16, rel=1e-6)
    assert task["W2_64"].shape == (8, 64, 64)


def test_a_pixel_that_is_never_lit_is_left_alone_by_signs_even_without_epsilon():
    params = Params(optimizer="adam", epsilon=0.0)
    x, y = families.data("digits", 16, 64, 0.0, 0)
    W = families.drawn(np.random.default_rng(0), 1, 64, 16, 2, "mup", "linear")
    S = training.direction(
        params, [jnp.asarray(one[0]) for one in W], jnp.asarray(x), jnp.asarray(y), jnp.asarray(1.0)
    )
    dead = np.all(x == 0, axis=0)
    assert dead.any()
    assert np.all(np.isfinite(np.asarray(S[0])))
    assert np.all(np.asarray(S[0])[:, dead] == 0)


def test_twice_the_best_rate_undoes_the_step_of_wide_nets():
    start, found = run(width_min=128, width_max=256, neurons=1024, samples=64)
    time = start.setup.schedule.record_times
    ratio = found.records["loss_ratio"][0, :, -1]
    assert np.interp(2.0, time, ratio) == pytest.approx(1.0, abs=0.1)


def test_a_file_leaves_out_the_weights_and_whoever_reads_it_draws_them_again():
    start, _ = run()
    tree = start.tree()
    kept = tree["task"].to_dataset()
    assert {"X", "y", "f0", "best_rate"} <= set(kept.data_vars)
    assert not [name for name in kept.data_vars if str(name).startswith("W")]
    assert "W2_64" in kept.attrs["redrawn"].split()
    (task,) = archive.task_of(tree, api.replayed(tree).setup.tasks)
    assert set(task) == set(start.setup.tasks[0])
    assert np.array_equal(task["W2_64"], start.setup.tasks[0]["W2_64"])


@pytest.mark.parametrize("n", [64, 256])
def test_families_have_as_many_nets_as_neurons_allow_and_at_least_one(n):
    assert scales.nets(256, n) == 256 // n
    assert scales.nets(16, n) == 1
