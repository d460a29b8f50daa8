import dataclasses
import math

import numpy as np
import pytest

from sims.core import compilation
from sims.core.study import Study
from sims.lazy_rich.one_neuron import EXPERIMENT, theory
from sims.lazy_rich.one_neuron.params import PRESETS

CLAIMS = ("beta", "a", "loss")


@pytest.mark.parametrize("preset", PRESETS, ids=lambda p: p.id)
def test_presets_end_as_they_state(judged, preset):
    found = judged(EXPERIMENT, preset.id)
    assert {c: found.verdict(c) for c in preset.verdicts} == dict(preset.verdicts)
    assert set(preset.verdicts) == set(CLAIMS)


@pytest.mark.parametrize(
    ("preset", "x", "error"),
    [("balanced", 0.004, 0.0013), ("upstream", 0.009, 0.0015), ("downstream", 0.009, 0.0006)],
)
def test_presets_miss_by_the_published_amounts(judged, preset, x, error):
    found = judged(EXPERIMENT, preset)
    assert 0.002 * float(found.prediction["rate_max"][0]) == pytest.approx(x, abs=1e-4)
    assert found.error("beta") == pytest.approx(error, abs=5e-5)


def test_the_balance_names_the_three_starts(judged):
    found = [float(judged(EXPERIMENT, p.id).prediction["balance"][0]) for p in PRESETS]
    np.testing.assert_allclose(found, [0, 2 / np.sqrt(5), -2 / np.sqrt(5)], atol=1e-4)


def test_downstream_the_outer_weight_goes_negative_first(judged):
    a = judged(EXPERIMENT, "downstream").run["a"].values[0]
    assert a[0] > 0
    assert a.min() < -0.1


def test_the_error_of_a_balanced_neuron_is_of_first_order(judged):
    errors = []
    for dt in (0.01, 0.005, 0.0025):
        knobs = {"a0": 0.1, "w0": 0.1, "angle": math.degrees(2), "dt": dt, "horizon": 12}
        found = judged(EXPERIMENT, **knobs)
        gaps = found.run["beta"].values - found.prediction["beta"].values
        errors.append(np.max(np.linalg.norm(gaps[0], axis=-1)))
    np.testing.assert_allclose(errors, [6.279e-3, 3.139e-3, 1.569e-3], rtol=0.05)


@pytest.mark.parametrize("preset", [p.id for p in PRESETS])
def test_a_clock_ten_percent_slow_no_longer_lands(judged, preset):
    found = judged(EXPERIMENT, preset)
    task = found.setup.tasks[0]
    times = 0.9 * found.setup.schedule.record_times
    path = theory.trajectory(float(task["a"]), task["w"], task["target"], 1.0, 1.0, times)
    wrong = (path.a[:, None] * path.w)[None]
    assert found.verdict_had_it_been("beta", beta=wrong) == "surprise"


def test_random_settings_land_wherever_the_step_is_small(judged):
    rng, small = np.random.default_rng(3), 0
    for _ in range(60):
        a0, w0, angle = rng.uniform(-3, 3), rng.uniform(0.001, 3), rng.uniform(0, 180)
        eta_a, eta_w = np.exp(rng.uniform(np.log(0.1), np.log(3), 2))
        found = judged(EXPERIMENT, a0=a0, w0=w0, angle=angle, eta_a=eta_a, eta_w=eta_w)
        if found.held("small_step"):
            small += 1
            # an outer weight that hardly moves tests nothing
            assert all(found.verdict(c) == "lands" for c in ("beta", "loss"))
            assert found.verdict("a") in ("lands", "not judged")
    assert small >= 54


def test_a_long_step_is_named(judged):
    found = judged(EXPERIMENT, a0=3, w0=3, dt=0.01)
    assert not found.held("small_step")
    assert found.sentence("small_step").endswith("(limit 0.03).")


def test_a_run_that_diverges_is_not_judged(judged):
    """At δ = 0 and a = |w| = 30 a step of 0.01 is nine times the edge."""
    setup = Study(EXPERIMENT, {"a0": 3, "w0": 3, "eta_a": 3, "eta_w": 3, "dt": 0.01}).setup
    near = setup.tasks[0]
    far = {**near, "a": np.array(30 * near["a"]), "w": 30 * near["w"]}
    claims = Study.of(dataclasses.replace(setup, tasks=(far,))).finished().claims
    assert claims is not None
    assert set(claims["verdict"].values) == {"not judged"}
    assert str(claims["reason"].values[0]).startswith("Because the run diverged at step")


def test_moving_a_slider_does_not_compile_again(judged):
    judged(EXPERIMENT)
    before = compilation.traces()
    for knobs in ({"a0": -1}, {"w0": 2}, {"angle": 20}, {"eta_a": 2}, {"dt": 0.004, "horizon": 3}):
        judged(EXPERIMENT, **knobs)
    assert compilation.traces() == before


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"a0": 4}, "a0 = 4 is not allowed: give a number from -3 to 3"),
        ({"w0": 0}, "w0 = 0 is not allowed: give a number from 0.001 to 3"),
        ({"angle": 181}, "a number from 0 to 180"),
        ({"eta_a": 0}, "a number from 0.1 to 3"),
        ({"dt": 0.02}, "a number from 1e-5 to 0.01"),
        ({"horizon": "inf"}, "horizon"),
        ({"horizon": 1000, "dt": 1e-5}, "more than 2000000: give dt from 0.0005 to 0.01"),
    ],
)
def test_bad_input_is_refused_with_the_range(knobs, words):
    with pytest.raises(ValueError, match=r".") as refused:
        Study(EXPERIMENT, knobs).prepare()
    assert words in str(refused.value)
