"""The scalar equation against published numbers, a step against numpy, and the claim."""

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from sims.core.controls import survivors
from sims.core.study import Study
from sims.teacher_student.single_index import EXPERIMENT, claims, params, theory, training
from sims.teacher_student.single_index.params import Params

SMALL: dict[str, Any] = {"d": 12, "replicas": 2, "noise": 0.3, "delta": 0.1}


@pytest.fixture(scope="module")
def saddle(judged):
    return judged(EXPERIMENT)


@pytest.mark.parametrize(
    ("k", "V", "S", "later"),
    [(1, 2, 3, (1, 1.313)), (2, 12, 12, (9, 9.562)), (3, 96, 114, (85.12, 69.85)),
     (4, 856, 888, None)],
)  # fmt: skip
def test_what_pulls_back_and_what_scatters_are_as_published(k, V, S, later):
    on, noisy = theory.coefficients(k, 0.0), theory.coefficients(k, 1.0)
    assert (on.V[200], on.S[200]) == pytest.approx((V, S))
    assert noisy.V[200] - on.V[200] == pytest.approx(k)
    assert (on.V[-1], on.S[-1]) == pytest.approx((0, 0), abs=1e-9)
    if later:
        half = [np.interp(0.5, on.m, one) for one in (on.V, on.S)]
        assert half == pytest.approx(later, rel=1e-3)


@pytest.mark.parametrize(
    ("knobs", "noiseless"),
    [
        ({"exponent": 1, "d": 400, "delta": 0.02}, 22.55),
        ({"d": 200}, 141.8),
        ({"d": 200, "delta": 0.001, "overlap": 3}, 490.6),
        ({"exponent": 3, "d": 100, "delta": 0.002, "overlap": 3}, 289.8),
    ],
)
def test_times_without_chance_are_as_published(knobs, noiseless):
    told = Study(EXPERIMENT, knobs).predict()
    assert float(told["escape_noiseless"].squeeze()) == pytest.approx(noiseless, rel=3e-3)


def test_the_lives_of_the_saddle_are_as_published():
    told = Study(EXPERIMENT, {"d": 200}).predict().isel(seed=0)
    found = [float(told[f"escape_{name}"]) for name in ("low", "median", "high")]
    assert found == pytest.approx([131.8, 141.8, 152.9], rel=0.01)
    assert float(told["escape_lives"].max()) == pytest.approx(167, rel=0.02)


def test_the_closed_form_of_the_saddle_lacks_the_square_of_the_step_alone():
    m, delta = 2 / math.sqrt(200), 0.005
    closed = (math.log(0.5 / math.sqrt(0.75)) - math.log(m / math.sqrt(1 - m**2))) / (2 * delta)
    found = theory.lives(2, 0.0, delta, 200, np.array([m]), 10).noiseless[0]
    assert closed < found < 1.03 * closed


def test_where_the_step_undoes_the_climb_few_escape_and_only_by_chance():
    told = Study(EXPERIMENT, {}, preset="pulled_back").predict().isel(seed=0)
    assert np.isinf(told["escape_lives"].values).mean() > 0.95
    assert np.isinf(float(told["escape_noiseless"]))


def test_a_step_is_the_gradient_across_the_neuron_made_one_long():
    knobs = Params(**SMALL, exponent=3)
    task = training.prepare(knobs, 0)
    given = {name: jnp.asarray(v) for name, v in task.items()}
    state = training.init(knobs, given)
    w, h = task["w"].copy(), np.poly1d(theory.link(3))
    for t in range(3):
        for r in range(2):
            drawn = training.example(knobs, given["keys"][r], jnp.asarray(t), jnp.dtype("float64"))
            x, xi = (np.asarray(v) for v in drawn)
            lam, nu = w[r] @ x, task["u"][r] @ x
            gap = h(lam) - h(nu) - 0.3 * xi
            w[r] -= 0.1 / 12 * gap * h.deriv()(lam) * (x - lam * w[r])
            w[r] /= np.linalg.norm(w[r])
        state = training.step(knobs, given, state)
    assert np.asarray(state.w) == pytest.approx(w, abs=1e-6)
    seen = training.observe(knobs, given, state)["size"]
    assert np.asarray(seen) == pytest.approx(np.abs(np.sum(w * task["u"], axis=1)), abs=1e-6)


def test_runs_have_the_seeds_from_the_first_one_on():
    one, other = (training.prepare(Params(**SMALL), seed) for seed in (0, 1))
    for name in ("u", "w", "keys"):
        assert np.array_equal(one[name][1], other[name][0])
    assert one["first"] == pytest.approx(2 / math.sqrt(12))
    drawn = training.prepare(Params(**{**SMALL, "overlap": 0.0}), 0)["first"]
    assert np.all(drawn > 0)
    assert np.ptp(drawn) > 0


def test_deviates_are_those_of_ranks_and_a_run_that_never_arrives_is_late():
    lives = np.sort(np.random.default_rng(1).normal(100, 10, (1, 4000)))
    found = claims.deviates(np.array([100.0, 110.0, 1.0, np.nan]), lives, 1e3)
    assert found[:2] == pytest.approx([0, 1], abs=0.1)
    assert found[2] == pytest.approx(-3.66, abs=0.01)
    assert found[3] == pytest.approx(3.66, abs=0.01)
    assert claims.deviates(np.array([np.nan]), lives, 50.0) == 0


def test_an_escape_is_read_between_two_records():
    size = np.array([[0.1, 0.1], [0.4, 0.2], [0.6, 0.3]])
    found = claims.escape(np.array([0.0, 1.0, 2.0]), size)
    assert found[0] == pytest.approx(1.5)
    assert np.isnan(found[1])


def test_no_claim_lands_where_there_is_nothing_to_see():
    assert list(survivors(Study(EXPERIMENT, {"replicas": 8, "overlap": 3.0}))) == []


def test_lives_that_are_ten_percent_off_are_a_surprise(saddle):
    lives = saddle.prediction["escape_lives"].values
    for factor in (1.1, 1 / 1.1):
        assert saddle.verdict_had_it_been("escape_mean", escape_lives=factor * lives) == "surprise"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [16, 32, 48])
@pytest.mark.parametrize("preset", [p for p in params.PRESETS if not p.over], ids=lambda p: p.id)
def test_no_preset_ends_otherwise_with_other_seeds(judged, preset, seed):
    found = judged(EXPERIMENT, preset.id, seed=seed)
    for claim, stated in preset.verdicts.items():
        assert found.verdict(claim) == stated


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"overlap": 10}, "escaped before the first example; give at most 6.12"),
        ({"samples_per_dimension": 1e-3}, "no example in the set"),
        ({"delta": 1e-6}, "steps, where 3000000 are allowed"),
    ],
)
def test_what_cannot_be_run_is_refused_in_a_sentence(knobs, words):
    with pytest.raises(ValueError, match=words):
        Study(EXPERIMENT, knobs).freeze()
