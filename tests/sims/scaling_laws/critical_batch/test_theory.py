"""Steps to the target at every batch size: facts computed once, and the recursion itself."""

import math
from typing import Any

import numpy as np
import pytest

from sims.scaling_laws.averages import ConstantRate, scheduled
from sims.scaling_laws.critical_batch import theory, training
from sims.scaling_laws.critical_batch.params import Params
from sims.scaling_laws.problem import edge, feedback, power_law

STATED: dict[str, Any] = {"noise": 0.2, "target": 0.008}
"""The setting that the stated numbers are of."""


def predicted(**knobs):
    params = Params(**(STATED | knobs))
    task = training.prepare(params, 0)
    schedule = training.schedule(params, [task])
    return theory.predict(params, task, schedule), schedule


def test_steps_rates_and_the_hyperbola_are_the_stated_numbers():
    told, schedule = predicted()
    assert told["steps_to_target"].values == pytest.approx(
        [1062.83, 540.10, 278.72, 148.31, 83.60, 51.58, 35.89, 27.66, 23.40], rel=1e-3
    )
    assert told["eta"].values[[0, -1]] == pytest.approx([0.0579, 1.587], rel=1e-3)
    for name, value in {"s_min": 18.267, "critical_batch": 57.18, "noise_scale": 61.63}.items():
        assert float(told[name]) == pytest.approx(value, rel=1e-3), name
    assert float(told["tail"]) == pytest.approx(0.002682, abs=1e-6)
    assert float(told["noise_scale_curve"][0]) == pytest.approx(3.92, rel=2e-3)
    assert float(told["hyperbola"][6]) == pytest.approx(34.59, rel=1e-3)
    assert schedule.steps == 7936


def test_rules_for_the_rate_have_the_stated_steps():
    linear, _ = predicted(rule="linear")
    assert linear["steps_to_target"].values[4] == pytest.approx(120.05, rel=1e-3)
    assert np.isinf(linear["steps_to_target"].values[5:]).all()
    assert predicted(rule="sqrt")[0]["steps_to_target"].values[-1] == pytest.approx(36.33, rel=1e-3)


def test_more_noise_wants_a_larger_batch():
    told, _ = predicted(noise=0.4)
    assert float(told["critical_batch"]) == pytest.approx(194.65, rel=1e-3)
    assert float(told["noise_scale"]) == pytest.approx(213.4, rel=1e-3)


def test_the_hyperbola_passes_through_a_batch_of_one_and_ends_at_the_floor():
    told, _ = predicted(batches=12)
    assert float(told["hyperbola"][0]) == pytest.approx(float(told["steps_to_target"][0]))
    S, B = told["s_min"].item(), told["critical_batch"].item()
    least = S * B
    for b, steps in zip(told["batch"].values, told["hyperbola"].values, strict=True):
        assert (steps / S - 1) * (b * steps / least - 1) == pytest.approx(1)


def test_the_step_that_is_found_is_where_the_recursion_crosses():
    problem = power_law(1.5, 2.5, 32, 0.4)
    level = 0.05
    for eta, B in ((0.1, 2.0), (0.8, 16.0)):
        found = float(theory.steps_to(ConstantRate(problem, eta, B), level))
        steps = np.arange(math.ceil(found) + 1)
        E = scheduled(problem, np.full((1, len(steps)), eta), B, steps).excess[:, 0]
        assert np.all(E[:-1] > level)
        between = np.interp(-np.log(level), -np.log(E[-2:]), steps[-2:].astype(float))
        assert found == pytest.approx(between, rel=1e-9)
    assert np.isinf(theory.steps_to(ConstantRate(problem, 0.3, 1.0), 1e-3))


def test_hardly_any_rate_of_a_fine_grid_needs_fewer_steps_than_the_best():
    """Of a full batch the steps have kinks in the rate, which a parabola does not know."""
    problem = power_law(1.5, 2.5, 32, 0.4)
    for B, off in ((1.0, 0.002), (32.0, 0.002), (math.inf, 0.05)):
        rate, steps = theory.best_rate(problem, B, 0.0173)
        etas = rate * np.linspace(0.8, 1.2, 41)
        etas = etas[etas < edge(problem.lam, B)]
        least = theory.steps_to(ConstantRate(problem, etas, B), 0.0173).min()
        assert steps <= (1 + off) * least


def test_pen_and_paper_knows_the_best_rate_of_small_batches():
    """F* = s/(1+s) E*/(E* + s2), s = (b-1)/a, and eta = 2 B F*/sum lam far below 2/lam_1."""
    params = Params()
    problem, found = theory.problem_of(params), theory.best(params)
    level, s = 0.02 - problem.tail, 1.0
    F = s / (1 + s) * level / (level + problem.s2)
    assert feedback(found.rates[0], problem.lam, 1.0) == pytest.approx(F, rel=0.15)
    assert found.rates[0] == pytest.approx(2 * F / problem.lam.sum(), rel=0.15)


def test_hyperbola_and_noise_scale_are_as_good_as_stated_over_random_settings():
    rng, seen = np.random.default_rng(1), 0
    while seen < 8:
        a, b, noise = rng.uniform(1.1, 2.5), rng.uniform(1.2, 3.5), rng.uniform(0, 1)
        target = math.exp(rng.uniform(math.log(0.003), math.log(0.3)))
        params = Params(a=a, b=b, noise=noise, target=target)
        if target < 1.5 * theory.problem_of(params).tail:
            continue
        found = theory.best(params)
        if not np.isfinite(found.steps[0]):
            continue
        seen += 1
        told = found.full * (1 + found.critical / theory.sizes(9))
        assert np.abs(np.log(found.steps / told)).max() <= 0.25
        problem = theory.problem_of(params)
        run = ConstantRate(problem, float(found.rates[0]), 1.0)
        scale = theory.noise_scale(problem, run.moments(found.steps[:1]))[0]
        assert 0.45 <= scale / found.critical <= 1.81
