"""What is known of the race beforehand: facts computed once, and other settings of the same."""

import numpy as np
import pytest

from sims.core.study import Study
from sims.scaling_laws import races
from sims.scaling_laws.learning_curve import EXPERIMENT
from sims.scaling_laws.schedules import NAMES

SLOW_RATE = {"noise": 0.5, "width": 128, "steps": 2000, "c": 0.1}


def told(**knobs):
    return Study(EXPERIMENT, knobs).predict().isel(seed=0)


@pytest.fixture(scope="module")
def usual():
    return told()


def test_edge_feedback_floor_and_ends_are_the_facts():
    found = told(**SLOW_RATE)
    assert float(found["edge"]) == pytest.approx(1.569180, rel=1e-6)
    assert float(found["feedback"]) == pytest.approx(0.025019, rel=1e-4)
    assert float(found["tail"]) == pytest.approx(0.004731, rel=1e-4)
    ends = [0.014709, 0.013261, 0.013189, 0.013188, 0.010592, 0.016544]
    assert found["loss_final"].values == pytest.approx(ends, rel=5e-5)
    assert NAMES[int(found["winner"])] == "wsd"
    assert float(found["one_line"][-1]) == pytest.approx(ends[0], rel=2e-3)


def test_loss_is_signal_scatter_and_what_is_out_of_reach(usual):
    parts = usual["signal"] + usual["scatter"] + usual["tail"]
    np.testing.assert_allclose(parts, usual["loss"], rtol=1e-12)
    assert usual["loss"].values[0] == pytest.approx(np.ones(6))
    assert float(usual["standard_error"][-1, 0]) == pytest.approx(
        float(told(replicas=16)["standard_error"][-1, 0]) / 2
    )


def test_the_landscape_holds_this_race_and_another_one(usual):
    c = races.RATES[8]
    other = told(c=float(c))
    np.testing.assert_allclose(usual["landscape"][8], other["loss_final"], rtol=1e-9)
    assert usual["landscape"].sizes == {"peak": 16, "schedule": 6}


def test_a_long_race_of_a_wide_student_has_no_landscape():
    assert "landscape" not in told(width=512, steps=2000)


def test_only_pairs_are_ordered_that_chance_does_not_decide(usual):
    ends, error = usual["loss_final"].values, usual["error_final"].values
    for (i, j), sign in zip(races.PAIRS, usual["pair_order"].values, strict=True):
        told_apart = abs(ends[i] - ends[j]) > 4 * (error[i] + error[j])
        assert np.isfinite(sign) == told_apart
        assert not told_apart or sign == np.sign(ends[i] - ends[j])
    assert np.isnan(told(replicas=2)["pair_order"]).sum() > np.isnan(usual["pair_order"]).sum()
