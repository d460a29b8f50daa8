import numpy as np
import pytest

from sims.edge_of_stability.self_stabilisation import EXPERIMENT
from sims.edge_of_stability.self_stabilisation.params import PRESETS


@pytest.mark.parametrize("preset", PRESETS, ids=lambda p: p.id)
def test_presets_end_as_they_state(judged, preset):
    found = judged(EXPERIMENT, preset.id)
    assert {c: found.verdict(c) for c in preset.verdicts} == dict(preset.verdicts)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("kick", "overshoot", "at", "back", "peak"),
    [(1e-5, 2.122, 81, 92, 0.160), (1e-4, 1.777, 69, 81, 0.141), (1e-2, 0.735, 35, 51, 0.081)],
)
def test_the_net_overshoots_as_measured(judged, dtype, kick, overshoot, at, back, peak):
    found = judged(EXPERIMENT, kick=kick, dtype=dtype)
    assert float(found.run["overshoot"][0]) == pytest.approx(overshoot, abs=0.03)
    assert float(found.run["overshoot_step"][0]) == pytest.approx(at, abs=2)
    assert float(found.run["return_step"][0]) == pytest.approx(back, abs=2)
    first = np.abs(found.run["displacement"].values[0][: at + 20])
    assert first.max() == pytest.approx(peak, rel=0.02)


def test_the_run_starts_at_the_kick_and_flips_its_sign(judged):
    x = judged(EXPERIMENT, kick=1e-3).run["displacement"].values[0]
    assert x[0] == pytest.approx(1e-3, rel=0.01)
    assert np.all(np.diff(np.sign(x[:50])) != 0)


def test_the_ramp_is_eta_alpha_a_step(judged):
    found = judged(EXPERIMENT, kick=1e-5)
    y = found.run["sharpness_gap"].values[0]
    assert (y[60] - y[2]) / (58 * 0.1 * found.first("alpha")) == pytest.approx(1, abs=0.005)


def test_without_a_kick_precision_decides(judged):
    single, double = (judged(EXPERIMENT, f"no_kick_{name}") for name in ("float32", "float64"))
    assert float(double.run["overshoot"][0]) == pytest.approx(4.39, abs=0.1)
    assert float(double.run["overshoot_step"][0]) == pytest.approx(170, abs=4)
    assert 2.3 < float(single.run["overshoot"][0]) < 3.0
    assert 88 <= float(single.run["overshoot_step"][0]) <= 108
    assert "rounding decides" in double.reason("overshoot")


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_a_prediction_ten_percent_wrong_no_longer_lands(judged, factor):
    found = judged(EXPERIMENT)
    wrong = found.prediction.copy(deep=True)
    for name in ("overshoot", "overshoot_step", "return_step"):
        wrong[name] = (wrong[name].dims, factor * wrong[name].values, wrong[name].attrs)
    verdicts = found.had_it_been(wrong)["verdict"].values
    assert list(verdicts) == ["surprise"] * 3


def test_several_seeds_land_while_the_sharpening_is_steady(judged):
    found = judged(EXPERIMENT, eta=0.12, seeds=4, kick=1e-3)
    drift = np.abs(found.prediction["sharpening_drift"].values)
    errors = found.claims["error"].sel(claim="overshoot").values
    assert np.sum(drift <= 0.05) >= 2
    assert np.all(errors[drift <= 0.05] <= 0.03 + 0.6 * drift[drift <= 0.05])


def test_a_run_shorter_than_the_return_is_not_judged(judged):
    assert "shorter" in judged(EXPERIMENT, steps=60).reason("return_step")


def test_a_net_that_never_reaches_the_edge_says_so(judged):
    found = judged(EXPERIMENT, width=8, depth=1, degree=2, samples=8, eta=0.06, steps=50)
    assert int(found.setup.tasks[0]["crossing_step"]) == -1
    assert found.verdict("overshoot") == "not judged"
    warned = found.setup.experiment.warnings(
        found.setup.params, found.setup.tasks[0], found.prediction.isel(seed=0)
    )
    assert "does not reach" in warned[0]
