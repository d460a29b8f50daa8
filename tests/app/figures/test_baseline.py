"""No picture gets lost: every setting draws the panels and tiles, and asks the claims, it did."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from app.figures import baselines, views
from app.figures.panels import View, with_baseline
from sims import api
from sims.core.experiment import Experiment
from sims.core.setup import given, preset_of
from sims.core.study import Study
from sims.core.sweep import Sweep
from tests.app.figures.drawing import MOST_POINTS, check_panel

BASELINE = json.loads((Path(__file__).parent / "panels.json").read_text("utf-8"))
DEFAULTS = "(defaults)"

RENAMED: dict[tuple[str, str], tuple[str, str, str]] = {}
"""(experiment, panel) -> (panel, title, reason), of panels that have another name now."""
TILES: dict[tuple[str, str], tuple[str, str]] = {
    ("grokking/fourier_staircase", "no drop before"): (
        "first drop", "the drop itself is predicted; the bound stands below it",
    ),
}  # fmt: skip
"""(experiment, words of a tile) -> (words, reason)."""
CLAIMS: dict[tuple[str, str], tuple[str, str]] = {
    ("grokking/fourier_staircase", "first_drop_bound"): (
        "first_drop", "a bound on one side cannot fail on the other; the drop itself is predicted",
    ),
    ("grokking/modular_addition", "weight_norm"): (
        "", "judged where its rule does not hold, and not where it does: a line, no claim",
    ),
    ("grokking/weight_decay_timing", "product_drift"): (
        "", "u_i v_i follows the decay whatever is learned: an identity of the update",
    ),
    ("lazy_rich/one_neuron", "conserved"): (
        "",
        "any step conserves it to second order, whatever the target: it could not fail",
    ),
    ("lazy_rich/parity", "relevant_share"): (
        "",
        "where the theory holds the share stays at its start, trained or not",
    ),
}  # fmt: skip
"""(experiment, claim) -> (claim or "" where it is gone, reason)."""


def slow(case: str) -> bool:
    """Whether its preset says so; the defaults are as slow as the preset with their knobs."""
    name, _, preset = case.partition(":")
    experiment = api.experiment(name)
    same = preset_of(experiment, given(experiment, {})) if preset == DEFAULTS else preset
    return bool(same) and experiment.preset(same).slow


CASES = [
    pytest.param(case, marks=pytest.mark.slow) if slow(case) else case for case in BASELINE
]  # fmt: skip


def setting(case: str) -> tuple[Experiment, str | None, dict[str, str]]:
    """The experiment of a case, its preset if it has one, and what is swept."""
    name, preset = case.split(":")
    experiment = api.experiment(name)
    if preset == DEFAULTS:
        return experiment, None, dict(experiment.over or {})
    return experiment, preset, dict(experiment.preset(preset).over or experiment.over or {})


@cache
def drawn(case: str) -> View:
    """The view of a case, from its prediction alone."""
    experiment, preset, over = setting(case)
    if over:
        sweep = Sweep(experiment, {}, over, preset=preset)
        sweep.predict()
        return views.sweep_view(experiment.name, sweep.prediction(), tuple(over))
    study = Study(experiment, preset=preset)
    foreseen = study.predict()
    return views.view(experiment.name, foreseen, study.freeze().before()[1])


@pytest.mark.parametrize("case", CASES)
def test_every_panel_is_drawn_with_its_title(case):
    name = case.partition(":")[0]
    known = [(name, id) for id, _ in BASELINE[case]["panels"]]
    expected = [
        RENAMED[key][:2] if key in RENAMED else tuple(panel)
        for key, panel in zip(known, BASELINE[case]["panels"], strict=True)
    ]
    assert [(p.id, p.title) for p in drawn(case).panels] == expected


@pytest.mark.parametrize("case", CASES)
def test_every_number_is_predicted(case):
    name = case.partition(":")[0]
    expected = [TILES.get((name, words), (words,))[0] for words in BASELINE[case]["tiles"]]
    assert [t.words for t in drawn(case).tiles] == expected


@pytest.mark.parametrize("case", CASES)
def test_every_guess_is_drawn_by_a_view_that_can(case, monkeypatch):
    monkeypatch.setattr(baselines, "UNLIKE", ())
    for panel in drawn(case).panels:
        guess = panel.baseline()
        check_panel(replace(panel, plain=with_baseline(panel, guess)))
        assert all(len(trace["x"]) <= MOST_POINTS for trace in guess.traces), panel.id
        assert bool(guess.words) == bool(guess.traces or guess.shapes), panel.id


@pytest.mark.parametrize("case", BASELINE)
def test_every_claim_is_still_made(case):
    experiment = setting(case)[0]
    made = {c.name for c in (*experiment.claims, *experiment.sweep_claims)}
    asked = (CLAIMS.get((experiment.name, c), (c,))[0] for c in BASELINE[case]["claims"])
    assert {c for c in asked if c} <= made
