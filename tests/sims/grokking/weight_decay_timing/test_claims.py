import numpy as np
import pytest

from sims.core import compilation
from sims.core.study import Study
from sims.grokking.weight_decay_timing import EXPERIMENT

CLAIMS = ("grok_time", "test_error", "test_error_first_order")


def test_published_timing(judged):
    """Within 3 %, the later start by ln 2 over the decay, products kept, the curve within 0.03."""
    one, two = (judged(EXPERIMENT, seed=1, alpha=a) for a in (1.0, 2.0))
    delay = two.run["grok_time"].values - one.run["grok_time"].values
    np.testing.assert_allclose(delay, 69.3, atol=1)
    for found in (one, two):
        assert found.error("grok_time") <= 0.03
        assert all(found.verdict(c) == "lands" for c in CLAIMS)
        t = found.run["time"].values
        gap = np.abs(found.run["test_error"] - found.prediction["test_error"]).values
        assert gap[:, 0.01 * t >= 0.3].max() <= 0.03
        assert 1.2 < float(found.run["grok_time"][0] - found.prediction["grok_time"][0]) < 5.1
    assert float(two.run["product_drift"].max()) <= 1e-3


def test_decay_that_outruns_the_fit_is_foreseen(judged):
    found = judged(EXPERIMENT, "fast_decay")
    assert [found.verdict(c) for c in CLAIMS] == ["departs", "departs", "not judged"]
    assert found.sentence("slow_decay").startswith("Decay 0.2: the residual is O(wd)")
    assert found.error("grok_time") > 0.18


def test_a_clock_ten_percent_off_no_longer_lands(judged):
    found = judged(EXPERIMENT, seed=3, alpha=1.0)
    late = found.prediction["grok_time"].values / 1.1
    assert found.verdict_had_it_been("grok_time", grok_time=late) == "surprise"
    t = found.prediction["time"].values
    curve = found.prediction["test_error"].values
    early = np.stack([np.interp(1.1 * t, t, y) for y in curve])
    assert found.verdict_had_it_been("test_error", test_error=early) == "surprise"


def test_data_that_least_l1_does_not_recover_is_not_judged(judged):
    found = judged(EXPERIMENT, n=5, k=8, alpha=1.0, steps=100)
    assert found.verdict("grok_time") == "not judged"
    assert "min-L1 does not recover" in found.reason("grok_time")


def test_a_run_that_ends_too_early_is_not_judged(judged):
    found = judged(EXPERIMENT, alpha=1.0, steps=100)
    assert found.verdict("grok_time") == "not judged"
    assert "too large for the error to halve" in found.reason("grok_time")


def test_the_correction_tells_the_lag_within_a_fifth(judged):
    for knobs in ({"alpha": 1.0}, {"alpha": 1.0, "k": 10, "seed": 7}, {"weight_decay": 0.02}):
        found = judged(EXPERIMENT, **knobs)
        at = float(found.prediction["grok_time"][0])
        lag = float(found.prediction["grok_time_first_order"][0]) - at
        assert lag == pytest.approx(float(found.run["grok_time"][0]) - at, rel=0.2)


@pytest.mark.parametrize("knobs", [{"n": 94, "k": 10, "seed": 669}, {"k": 10, "seed": 1}])
def test_data_that_the_fit_is_slow_on_are_named_at_any_decay(judged, knobs):
    found = judged(EXPERIMENT, **knobs)
    assert not found.held("slow_decay")
    assert "to first order moves the quasi-static curve by" in found.sentence("slow_decay")
    assert "surprise" not in {found.verdict(c) for c in CLAIMS}


def test_a_step_past_the_edge_is_named(judged):
    found = judged(EXPERIMENT, eta=0.01785, steps=4447, seed=100)
    assert not found.held("small_step")
    assert "surprise" not in {found.verdict(c) for c in CLAIMS}


def test_step_and_length_follow_the_data():
    setup = Study(EXPERIMENT, {"alpha": 4.0}).setup
    top = np.linalg.eigvalsh(setup.tasks[0]["X"] @ setup.tasks[0]["X"].T / 40)[-1]
    assert setup.params.eta == pytest.approx(0.5 / (8 * 16 * top), rel=1e-9)
    last = 4 * np.exp(-0.01 * setup.schedule.record_times[-1])
    assert last == pytest.approx(np.exp(-4), rel=1e-3)


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"alpha": 0}, "alpha = 0 is not allowed: give a number from 0.01 to 100"),
        ({"weight_decay": -1}, "weight_decay = -1 is not allowed"),
        ({"n": 40, "d": 40}, "give n from 5 to 39"),
        ({"eta": 1, "weight_decay": 1}, "decay alone overshoots: give eta below 1"),
    ],
)
def test_bad_input_is_refused_with_the_range(knobs, words):
    with pytest.raises(ValueError, match=r".") as refused:
        Study(EXPERIMENT, knobs).prepare()
    assert words in str(refused.value)


def test_moving_a_slider_does_not_compile_again(judged):
    short = {"n": 40, "steps": 20}
    judged(EXPERIMENT, **short)
    before = compilation.traces()
    for knobs in ({"alpha": 1}, {"weight_decay": 0.05}, {"k": 5}, {"eta": 1e-3}, {"seed": 4}):
        judged(EXPERIMENT, **short | knobs)
    assert compilation.traces() == before
