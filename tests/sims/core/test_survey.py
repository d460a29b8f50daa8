import dataclasses

import numpy as np
import pytest

from sims import api
from sims.compare import largest_gap
from sims.core.experiment import Claim
from sims.core.knobs import knobs_of, plain, unused_knobs
from sims.core.random_settings import settings
from sims.core.setup import given
from sims.core.survey import Survey

LINEAR = api.experiment("saddle_to_saddle/linear_network")
SMALL = {"horizon": 3.0, "width": 4, "seed": 1}
TIGHT = Claim("mode_strengths", largest_gap("mode_strengths"), 1e-9)
LOOSE = dataclasses.replace(
    TIGHT, name="loose", title="loose", tolerance=100.0, baseline=None, no_guess="so"
)


def surveyed(*given, claims=(TIGHT, LOOSE)) -> Survey:
    survey = Survey(dataclasses.replace(LINEAR, claims=claims, presets=()))
    list(survey.of(given))
    return survey


SEARCHES = "scaling_laws/critical_batch"
"""Looks for a target that each setting reaches: seconds in all."""
SURVEYED = [pytest.param(e, id=e.name, marks=pytest.mark.slow if e.name == SEARCHES else ())
            for e in api.experiments()]  # fmt: skip


@pytest.mark.parametrize("experiment", SURVEYED)
def test_settings_lie_on_the_sliders_and_are_the_same_for_the_same_seed(experiment):
    knobs = knobs_of(experiment.Params)
    first = list(settings(experiment, 20, seed=3))
    assert first == list(settings(experiment, 20, seed=3))
    assert first != list(settings(experiment, 20, seed=4))
    for values in first:
        idle = unused_knobs(experiment.Params, plain(experiment.Params()) | values)
        assert not set(idle) & set(values)
        for name, value in values.items():
            if name == "seed":
                continue
            knob = knobs[name]
            if knob.choices:
                assert value in knob.choices
            elif knob.kind in ("float", "int"):
                assert knob.lo <= value <= knob.hi


@pytest.mark.parametrize("name", ["grokking/modular_addition", "neural_collapse/real_network"])
def test_settings_that_an_experiment_makes_fit_are_all_taken(name):
    """Without that about half of them are refused."""
    experiment = api.experiment(name)
    plainly = dataclasses.replace(experiment, feasible=lambda _: {})
    assert refused(experiment) == 0
    if name == "neural_collapse/real_network":
        assert refused(plainly) > 20


def refused(experiment) -> int:
    count = 0
    for values in settings(experiment, 60, seed=5):
        knobs = {name: value for name, value in values.items() if name != "seed"}
        try:
            experiment.resolve(given(experiment, knobs), ())
        except ValueError:
            count += 1
    return count


def test_a_miss_with_every_assumption_held_is_a_surprise_with_a_command():
    survey = surveyed(SMALL)
    (one,) = survey.surprises
    assert one.surprises == ["mode_strengths"]
    assert survey.command(one) == (
        "lmx run saddle_to_saddle/linear_network --seed 1 --set horizon=3.0 --set width=4"
    )


def test_a_claim_that_lands_with_a_wrong_theory_too_is_blind(monkeypatch):
    monkeypatch.setattr("sims.core.claims.SHARP", 0.0)  # or it would not be judged
    survey = surveyed(SMALL)
    assert survey.outcomes[0].scores["loose"].caught is False
    assert survey.caught == (0, 1)
    sharp = surveyed(SMALL, claims=(dataclasses.replace(TIGHT, tolerance=1e-3),))
    assert sharp.caught == (1, 1)
    assert sharp.median_skill > 0.99


def test_what_is_refused_is_counted_and_says_why():
    survey = surveyed({"width": -3})
    assert survey.ends == {"refused": 1}
    assert "width" in survey.outcomes[0].why
    assert np.isnan(survey.median_skill)
