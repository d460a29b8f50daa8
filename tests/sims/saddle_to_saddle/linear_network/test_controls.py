import numpy as np
import pytest

from sims.saddle_to_saddle.linear_network import EXPERIMENT, training
from tests.sims.controls import trained_by, untrained

CURVES = ("mode_strengths", "mode_strengths_gradient_flow", "singular_values")
SADDLES = ("plateau_losses", "negative_curvatures")
NO_SADDLE = {"width": 1, "alpha": 1, "optimizer": "adam", "eta": 0.01, "horizon": 20}
NEVER_RESTS = {"data": "semantic_tree", "alpha": 0.05, "horizon": 1.083}


@pytest.mark.parametrize("claim", [*CURVES, "jump_times", "first_escape_time", *SADDLES])
def test_nothing_is_judged_before_anything_is_to_be_seen(judged, claim):
    assert judged(untrained(EXPERIMENT), horizon=0.5).verdict(claim) == "not judged"


@pytest.mark.parametrize("claim", [*CURVES, "jump_times", "first_escape_time", *SADDLES])
def test_nothing_lands_where_nothing_is_trained(judged, claim):
    found = judged(untrained(EXPERIMENT), horizon=6.0)
    assert found.verdict(claim) in ("departs", "surprise")


def _at_a_fifth_less(params, task, state):
    """A step of gradient descent at a rate that is 20 % too small."""
    W = state.weights
    slow = tuple(w - params.eta / 1.2 * g for w, g in zip(W, state.gradient, strict=True))
    return training.State(slow, training.gradient(params, task, slow), state.memory)


@pytest.mark.parametrize("claim", ["mode_strengths_gradient_flow", "singular_values"])
@pytest.mark.parametrize(
    "setting",
    [{"init": "aligned", "alpha": 0.5, "spectrum": (1,), "eta": 0.4}, {"alpha": 1e-2}],
)
def test_a_run_that_is_a_fifth_late_leaves_the_flow(judged, claim, setting):
    late = judged(trained_by(EXPERIMENT, step=_at_a_fifth_less), **setting)
    assert late.verdict(claim) in ("departs", "surprise")


def test_a_mode_that_is_never_learned_is_missed_whatever_its_strength(judged):
    found = judged(EXPERIMENT, spectrum=(5, 0.4), alpha=1e-2, width=4)
    assert found.verdict("singular_values") == "lands"
    wrong = found.prediction["singular_values"].values.copy()
    wrong[..., 1] = wrong[:, :1, 1]
    assert found.verdict_had_it_been("singular_values", singular_values=wrong) == "surprise"


@pytest.mark.parametrize("setting", [NO_SADDLE, NEVER_RESTS], ids=["no saddle", "no rest"])
@pytest.mark.parametrize("claim", [*SADDLES, "illusory_correlation"])
def test_no_plateau_is_judged_where_the_run_does_not_rest(judged, claim, setting):
    assert judged(EXPERIMENT, **setting).verdict(claim) == "not judged"


def test_no_belief_is_judged_without_a_saddle(judged):
    found = judged(EXPERIMENT, **{**NO_SADDLE, "data": "semantic_tree"})
    assert found.verdict("illusory_correlation") == "not judged"


@pytest.mark.parametrize("claim", [*SADDLES, "illusory_correlation"])
def test_where_it_rests_a_level_ten_percent_off_is_missed(judged, claim):
    found = judged(EXPERIMENT, data="semantic_tree")
    wrong = found.prediction[claim].values * 1.1 + (claim == "negative_curvatures")
    assert found.verdict(claim) == "lands"
    assert found.verdict_had_it_been(claim, **{claim: wrong}) in ("departs", "surprise")


def test_a_single_run_without_a_dip_is_not_said_to_be_a_sweep(judged):
    reason = judged(EXPERIMENT, horizon=0.5).reason("negative_curvatures")
    assert "sweep" not in reason
    assert "plateau" in reason


def test_jumps_between_coarse_records_are_looked_at_more_closely(judged):
    found = judged(EXPERIMENT, eta=0.09808, horizon=188, seed=383)
    assert found.verdict("jump_times") == "lands"
    assert found.error("jump_times") < 1e-4
    assert np.diff(found.run["time"].values).min() < 0.2


@pytest.mark.parametrize(
    "setting",
    [
        {"init": "aligned", "alpha": 0.9, "spectrum": (1,), "eta": 0.9},
        {"init": "lambda_balanced", "alpha": 10, "width": 8},
        {"init": "lambda_balanced", "alpha": 0.05, "width": 8, "layer_imbalance": 20, "eta": 0.03},
    ],
    ids=["above half", "far above", "imbalanced"],
)
def test_a_large_start_that_outruns_its_steps_is_announced(judged, setting):
    found = judged(EXPERIMENT, **setting)
    assert not found.held("small_step")
    assert found.verdict("mode_strengths_gradient_flow") == "departs"
