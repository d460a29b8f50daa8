"""Nets of every width: as they are drawn, at which rates, and how far they are said to move."""

from typing import Any

import numpy as np
import pytest

from sims.core.study import Study
from sims.width_transfer import families, gradients
from sims.width_transfer.coordinate_check import EXPERIMENT, params, training

SMALL: dict[str, Any] = {
    "width_min": 8, "width_max": 32, "neurons": 64, "samples": 16, "steps": 3, "depth": 2,
}  # fmt: skip


def task(**knobs):
    study = Study(EXPERIMENT, SMALL | knobs)
    return study.setup.params, study.setup.tasks[0]


def run(**knobs):
    study = Study(EXPERIMENT, SMALL | knobs)
    start = study.freeze()
    found = start.run()
    found.finish()
    return start, found


def test_every_width_has_its_nets_and_at_least_two_in_32nds_of_normal_numbers():
    _, found = task(neurons=32)
    assert [found[f"W1_{n}"].shape for n in (8, 16, 32)] == [(4, 8, 64), (2, 16, 64), (2, 32, 64)]
    first = np.random.default_rng(0).standard_normal((8, 64))
    assert found["W1_8"][0] == pytest.approx(np.rint(32 * first), abs=0)
    assert found["W1_8"].dtype == np.int8


def test_multipliers_sizes_and_rates_are_powers_of_the_width():
    _, found = task(optimizer="gd", a=(0, 0.5, 1), b=(0, 0, 0.25), c=(-0.5, 0, 1))
    n = np.array([8.0, 16, 32])[:, None]
    assert found["multipliers"] == pytest.approx(n ** [-0.0, -0.5, -1])
    assert found["sizes"] == pytest.approx(n ** [-0.0, 0, -0.25])
    assert found["rates"] / found["rates"][:, 1:2] == pytest.approx(n ** [0.5, 0, -1])


def test_relu_has_its_gain_in_all_layers_but_the_last():
    plain, relu = (task(activation=one)[1]["sizes"] for one in ("tanh", "relu"))
    assert relu / plain == pytest.approx(np.tile([np.sqrt(2), np.sqrt(2), 1], (3, 1)))


def test_one_rate_serves_all_widths_and_is_a_share_of_the_narrowest_nets_best():
    once, twice = (task(c0=c0)[1]["rates"] for c0 in (0.2, 0.4))
    assert twice == pytest.approx(2 * once)
    settled, found = task(optimizer="gd", c0=1.0)
    best = []
    for net in training.started(settled, found, 0):
        K = gradients.tangent_kernel(
            net, found["X"], found["rates"][0], "tanh", found["multipliers"][0]
        )
        y = found["y"]
        best.append(gradients.best_rate(y, K @ y / len(y)))
    assert np.mean(np.log(best)) == pytest.approx(0, abs=1e-9)  # in units of the rate itself


@pytest.mark.parametrize("optimizer", ["gd", "adam"])
def test_the_first_step_moves_the_output_as_plain_numpy_says(optimizer):
    start, found = run(optimizer=optimizer, c0=0.01)
    settled, given = start.setup.params, start.setup.tasks[0]
    logs = []
    for net in training.started(settled, given, 1):
        k, rates = given["multipliers"][1], given["rates"][1]
        f0 = gradients.forward(net, given["X"], "tanh", k)[1]
        how = (optimizer, "tanh", k)
        phi = gradients.first_changes(net, given["X"], given["y"] + f0, rates, *how).sum(axis=0)
        logs.append(0.5 * np.log(np.mean(phi**2)))
    told = np.exp(np.mean(logs))
    assert found.records["change"][0, 1, 1, -1] == pytest.approx(told, rel=0.03)


def test_nothing_has_moved_at_the_start_and_the_loss_is_that_of_saying_nothing():
    _, found = run()
    assert np.all(found.records["change"][0, 0] == 0)
    assert found.records["loss"][0, 0] == pytest.approx([0.5, 0.5, 0.5])
    assert np.all(found.records["loss"][0, -1] < 0.5)


def test_the_task_is_small_enough_for_a_file():
    found = Study(EXPERIMENT).setup.tasks[0]
    assert sum(values.nbytes for values in found.values()) < 3e6


def test_inputs_have_the_mean_square_length_one():
    _, found = task()
    assert np.mean(np.sum(found["X"] ** 2, axis=1)) == pytest.approx(1)
    assert found["X"].shape[1] == families.PIXELS
    assert params.nets(64, 64) == 2
