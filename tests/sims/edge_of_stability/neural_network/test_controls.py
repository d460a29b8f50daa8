import dataclasses

import numpy as np
import pytest

from sims.edge_of_stability.neural_network import EXPERIMENT
from tests.sims.controls import untrained

BELOW = {"eta": 0.02, "steps": 500, "central_flow": False}
SHORT = {"steps": 1300, "central_flow": False}


def _shuffled(params, seed):
    """Weights of the seed and targets in another order, which theory is not told."""
    task = EXPERIMENT.prepare(params, seed)
    return {**task, "y": task["y"][np.random.default_rng(1).permutation(len(task["y"]))]}


SHUFFLED = dataclasses.replace(EXPERIMENT, prepare=_shuffled)


def under(found, other):
    """The verdicts on another run under this prediction."""
    return found.start.claims(other.run)


def test_below_the_edge_nothing_lands_where_nothing_is_trained(judged):
    assert judged(EXPERIMENT, **BELOW).verdict("gradient_flow") == "lands"
    assert judged(untrained(EXPERIMENT), **BELOW).verdict("gradient_flow") == "surprise"


def test_below_the_edge_shuffled_targets_have_another_flow(judged):
    others = under(judged(EXPERIMENT, **BELOW), judged(SHUFFLED, **BELOW))
    assert others["verdict"].sel(claim="gradient_flow").item() == "surprise"


def test_a_gradient_flow_ten_percent_late_no_longer_lands(judged):
    found = judged(EXPERIMENT, **BELOW)
    curve, steps = found.first("mean_loss_gradient_flow"), found.prediction["step"].values
    known = np.isfinite(curve)
    late = np.where(known, np.interp(steps / 1.1, steps[known], curve[known]), np.nan)
    verdict = found.verdict_had_it_been("gradient_flow", mean_loss_gradient_flow=late[None])
    assert verdict == "surprise"


@pytest.mark.parametrize("eta", [0.02, 1e-5])
@pytest.mark.parametrize("experiment", [EXPERIMENT, untrained(EXPERIMENT)], ids=["", "untrained"])
def test_never_against_never_is_no_test(judged, experiment, eta):
    assert judged(experiment, **{**BELOW, "eta": eta}).verdict("reach_step") == "not judged"


def test_a_start_at_the_edge_reaches_nothing(judged):
    found = judged(EXPERIMENT, eta=0.22, central_flow=False, steps=300)
    assert "already" in found.reason("reach_step")


@pytest.mark.parametrize("factor", [0.5, 0.9, 1.1, 3])
def test_an_approach_at_another_step_no_longer_lands(judged, factor):
    found = judged(EXPERIMENT, **SHORT)
    assert found.verdict("reach_step") == "lands"
    wrong = factor * found.prediction["reach_step"].values
    assert found.verdict_had_it_been("reach_step", reach_step=wrong) == "surprise"


def test_the_edge_is_not_reached_untrained(judged):
    found = judged(untrained(EXPERIMENT), **{**SHORT, "steps": 2000})
    assert found.verdict("reach_step") == "surprise"
    assert found.verdict("sharpness_at_edge") == "surprise"


def test_records_too_far_apart_time_nothing(judged):
    assert judged(EXPERIMENT, **SHORT, every=200).verdict("reach_step") == "not judged"


@pytest.mark.slow
def test_a_flow_that_only_grazes_the_edge_cannot_be_told_from_it(judged):
    found = judged(EXPERIMENT, eta=0.05316, steps=15048, every=20, central_flow=False)
    assert found.verdict("sharpness_at_edge") == "not judged"
    assert "knows nothing of this edge" in found.reason("sharpness_at_edge")


@pytest.mark.parametrize(
    "setting",
    [{"steps": 1, "batch_size": 1, "eta": 0.127}, {"steps": 400, "batch_size": 2, "eta": 0.02}],
    ids=["one step", "nothing due"],
)
def test_batches_are_not_at_the_edge_before_the_flow_overruns_it(judged, setting):
    found = judged(EXPERIMENT, optimizer="sgd", **setting)
    assert found.verdict("batch_sharpness") == "not judged"
