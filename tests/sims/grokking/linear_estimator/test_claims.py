import math

import numpy as np
import pytest
import xarray as xr

from sims.core import compilation
from sims.core.study import Study
from sims.grokking.linear_estimator import EXPERIMENT

HALF = {"d": 400, "ratio": 0.5}
SMALL = {"d": 64, "ratio": 0.5, "replicas": 16}


def test_four_samples_land_at_half(judged):
    """Largest distances, and the grokking time 66.07 within 6 %."""
    found = judged(EXPERIMENT, seeds=4, **HALF)
    assert found.error("train_accuracy") <= 0.02
    assert found.error("test_accuracy") <= 0.03
    np.testing.assert_allclose(found.run["grok_time"].values, 66.07, rtol=0.06)
    for claim in ("train_accuracy", "test_accuracy", "train_time", "grok_time"):
        assert found.verdict(claim) == "lands"
    for claim in ("grok_time_sample_exact", "test_loss_sample_exact"):
        assert found.verdict(claim) == "not judged"
        assert "what holds for any sample" in found.reason(claim)


def test_a_clock_ten_percent_slow_no_longer_lands(judged):
    found = judged(EXPERIMENT, seeds=4, **HALF)
    for claim in ("train_time", "grok_time"):
        late = 1.1 * found.prediction[claim].values
        assert found.verdict_had_it_been(claim, **{claim: late}) == "surprise"


def test_one_output_alone_scatters_and_says_so(judged):
    found = judged(EXPERIMENT, **SMALL | {"replicas": 1})
    assert not found.held("many_replicas")
    assert "1 outputs leave" in found.sentence("many_replicas")
    assert found.verdict("test_loss_sample_exact") == "not judged"
    assert found.verdict("train_accuracy") == "not judged"


def test_never_against_never_is_no_landing(judged):
    found = judged(EXPERIMENT, **SMALL | {"ratio": 1.5, "steps": 400})
    assert math.isinf(float(found.prediction["grok_time"][0]))
    assert np.isnan(found.run["grok_time"].values[0])
    assert found.verdict("grok_time") == "not judged"
    assert "neither theory nor run comes there" in found.reason("grok_time")
    assert found.verdict("grok_time_sample_exact") == "not judged"
    assert found.verdict("grok_time_asymptotic") == "not judged"
    assert found.sentence("deep_tail") == (
        "The edge formula is for ratios below 1 without weight decay."
    )


def test_a_run_too_short_is_not_judged(judged):
    found = judged(EXPERIMENT, **SMALL, steps=40)
    assert found.verdict("grok_time") == "not judged"
    assert "40 steps are too few" in found.reason("grok_time")


def test_a_run_that_should_have_arrived_is_infinitely_late(judged):
    found = judged(EXPERIMENT, **SMALL, steps=60)
    early = found.prediction["grok_time"].values / 2
    found.run["grok_time"] = found.run["grok_time"] * np.nan
    assert found.verdict_had_it_been("grok_time", grok_time=early) in ("departs", "surprise")


@pytest.mark.parametrize(
    ("knobs", "held"),
    [
        ({"d": 400, "ratio": 0.6}, True),
        ({"d": 400, "ratio": 0.62}, False),
        ({"d": 800, "ratio": 0.75}, True),
        ({"d": 800, "ratio": 1.0}, False),
        ({"d": 100, "ratio": 1.5}, True),
    ],
)
def test_where_the_edge_is_sharp(knobs, held):
    setup = Study(EXPERIMENT, knobs | {"replicas": 1, "steps": 10}).setup
    partial = next(iter(EXPERIMENT.predict(setup.params, setup.tasks[0], setup.schedule)))
    assert isinstance(partial, xr.Dataset)
    assumptions = EXPERIMENT.evaluate_assumptions(setup.params, setup.tasks[0], partial)
    assert next(a.held for a in assumptions if a.name == "sharp_edge") == held


def test_the_run_lasts_one_and_a_half_grokking_times():
    assert Study(EXPERIMENT, HALF).setup.params.steps == 100
    assert Study(EXPERIMENT, SMALL | {"ratio": 1.5}).setup.params.steps == 2000


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"d": 1600, "ratio": 0.5}, "give d from 50 to 1414"),
        ({"eta": 0.8}, "past the edge 2/(ν₊ + wd) = 0.5929"),
        ({"ratio": 0}, "ratio = 0 is not allowed: give a number from 0.2 to 2.5"),
        ({"level": 1}, "level = 1 is not allowed: give a number from 0.6 to 0.99"),
        ({"eps": 0}, "eps = 0 is not allowed"),
        ({"weight_decay": -0.1}, "weight_decay = -0.1 is not allowed"),
    ],
)
def test_bad_input_is_refused_with_the_range(knobs, words):
    with pytest.raises(ValueError, match=r".") as refused:
        Study(EXPERIMENT, knobs).prepare()
    assert words in str(refused.value)


def test_moving_a_slider_does_not_compile_again(judged):
    judged(EXPERIMENT, **SMALL)
    before = compilation.traces()
    for knobs in (
        {"eta": 0.1}, {"weight_decay": 0.01}, {"eps": 0.02}, {"level": 0.8},
        {"student_variance": 3}, {"teacher_variance": 2}, {"seed": 5}, {"steps": 77},
    ):  # fmt: skip
        judged(EXPERIMENT, **SMALL | knobs)
    assert compilation.traces() == before


def test_the_run_is_single_and_the_prediction_double(judged):
    found = judged(EXPERIMENT, **SMALL)
    assert found.run["test_loss"].dtype == np.float32
    assert found.prediction["test_loss"].dtype == np.float64
