import dataclasses

import numpy as np
import pytest

import sims
from sims import api
from sims.core.prediction import of_seed
from sims.saddle_to_saddle.diagonal_network import EXPERIMENT, claims

NAME = EXPERIMENT.name
CLAIMS = ("jump_times", "loss", "weights_final")


@pytest.fixture(scope="module")
def dropped():
    return sims.run(NAME, preset="feature_dropped", alpha=1e-32)


def verdicts(tree):
    found = tree["claims"].to_dataset()
    return {str(c): str(found["verdict"].sel(claim=c).values) for c in found["claim"].values}


def test_the_dropped_feature_lands_on_every_claim(dropped):
    assert verdicts(dropped) == dict.fromkeys(CLAIMS, "lands")


def test_jumps_come_within_two_percent_of_the_algorithm_at_1e_minus_32(dropped):
    tau = np.array(dropped["prediction"].to_dataset()["jump_times"].attrs["tau"])
    seen = dropped["run"].to_dataset()["jump_times"].values[0] / np.log(1e32)
    np.testing.assert_allclose(seen, tau, rtol=0.02)


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_times_ten_percent_wrong_no_longer_land(dropped, factor):
    wrong = dropped["prediction"].to_dataset().copy(deep=True)
    wrong["jump_times"] = wrong["jump_times"] * factor
    found = dataclasses.replace(api.replayed(dropped), prediction=wrong).claims(
        dropped["run"].to_dataset()
    )
    assert str(found["verdict"].sel(claim="jump_times").values) == "surprise"


def test_end_weights_ten_percent_wrong_no_longer_land(dropped):
    wrong = dropped["prediction"].to_dataset().copy(deep=True)
    wrong["weights_final"] = wrong["weights_final"] * 1.1
    found = dataclasses.replace(api.replayed(dropped), prediction=wrong).claims(
        dropped["run"].to_dataset()
    )
    assert str(found["verdict"].sel(claim="weights_final").values) == "surprise"


def test_a_nearly_degenerate_dual_is_announced_and_ends_elsewhere():
    tree = sims.run(NAME, preset="near_degenerate")
    assert verdicts(tree) == {"jump_times": "lands", "loss": "lands", "weights_final": "departs"}
    error = float(tree["claims"].to_dataset()["error"].sel(claim="weights_final").values[0])
    assert error == pytest.approx(0.45, abs=0.03)
    end = tree["run"].to_dataset()["weights_final"].values[0]
    assert np.abs(end).sum() == pytest.approx(4.083, abs=2e-3)


def test_end_weights_are_open_when_a_jump_is_due_at_the_end():
    horizon = 5.4052 * np.log(1e32) * 1.02
    tree = sims.run(NAME, design="drops_a_feature", alpha=1e-32, horizon=horizon)
    assert verdicts(tree)["weights_final"] == "not judged"


def test_a_large_start_departs_and_was_announced():
    tree = sims.predict(NAME, design="drops_a_feature", alpha=0.1)
    setup = api.replayed(tree).setup
    prediction = of_seed(tree["prediction"].to_dataset(), 0)
    found = {a.name: a for a in claims.assumptions(setup.params, setup.tasks[0], prediction)}
    assert not found["log_scale"].held
    assert not found["trust_margin"].held
    assert found["log_scale"].sentence == "ln(1/alpha) = 2.3; the limit wants 36 or more."


def test_too_large_a_step_for_the_limit_is_announced():
    tree = sims.run(NAME, n=2, d=128, eta=0.05)
    found = tree["claims"].to_dataset()
    assert not bool(found["held"].sel(assumption="small_step"))
    assert "surprise" not in verdicts(tree).values()


def test_seeds_with_different_numbers_of_jumps_share_a_file():
    tree = sims.run(NAME, seeds=3, alpha=1e-16)
    jumps = tree["prediction"].to_dataset()["jump_times"]
    counts = np.isfinite(jumps.values).sum(axis=1)
    assert jumps.dims == ("seed", "jump")
    assert counts.max() == tree["prediction"].sizes["jump"]
    assert counts.min() < counts.max()
    assert tree["prediction"].to_dataset()["supports"].dtype == bool
    assert verdicts(tree)["jump_times"] == "lands"
    alone = sims.predict(NAME, seed=1, alpha=1e-16)["prediction"].to_dataset()["jump_times"]
    np.testing.assert_array_equal(jumps.values[1][: counts[1]], alone.values[0])
