"""What is guessed without theory is drawn beneath it, by the marks that theory has in a panel."""

import dataclasses
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

from app.figures import style, views
from app.figures.panels import DrawnBaseline, View, with_baseline
from app.live.server import columns
from sims import api
from sims.core.baseline import PREFIX
from sims.core.experiment import NOTHING_CHANGES, Baseline, Experiment
from sims.core.study import Study
from sims.view import Curves, Law, Profile
from sims.view import View as Declared
from tests.app.figures.drawing import (
    Drawing,
    check_panel,
    drawings,
    numbers,
    sweep_view,
    swept,
)

NEURON = "lazy_rich/one_neuron"
drawing = drawings(
    {
        "modes": ("saddle_to_saddle/linear_network", {"alpha": 0.5, "horizon": 3.0, "width": 4}),
        "jumps": ("saddle_to_saddle/diagonal_network", {}),
        "neuron": (NEURON, {"dt": 0.01}),
        "decay": ("grokking/weight_decay_timing", {"weight_decay": 0.02}),
        "ends": ("lazy_rich/diagonal_network", {"steps": 2000}),
        "lazy": ("lazy_rich/two_layer_network", {"width": 20, "steps": 200}),
        "simplex": ("neural_collapse/free_features", {}),
    }
)


def guess(case: str, panel: str, seeds: int = 1) -> DrawnBaseline:
    return drawing(case, seeds).panel(panel).baseline()


def heights(found: DrawnBaseline) -> list[float]:
    return [s["y0"] for s in found.shapes if s["y0"] == s["y1"]]


def moments(found: DrawnBaseline) -> list[float]:
    return [s["x0"] for s in found.shapes if s["x0"] == s["x1"]]


@cache
def told(experiment: Experiment) -> xr.Dataset:
    return Study(experiment, {"dt": 0.01}).predict()


def neuron(*words: Any, **claims: Any) -> Experiment:
    """One neuron in a picture of these words; claims by name, with what they say differently."""
    known = api.experiment(NEURON)
    kept = [dataclasses.replace(c, **claims.get(c.name, {})) for c in known.claims]
    hero, *others = words
    return dataclasses.replace(known, claims=tuple(kept), view=Declared(hero, others), presets=())


def drawn(experiment: Experiment) -> View:
    return views.view(experiment, told(experiment))


# What is drawn


def test_that_nothing_changes_is_a_flat_line_at_the_predicted_start():
    found, theory = guess("modes", "mode_strengths"), drawing("modes").panel("mode_strengths")
    lines = [numbers(t["y"]) for t in found.traces]
    assert all((y == y[0]).all() for y in lines)
    dashed = [t for t in theory.plain["data"] if "theory" in t["legendgroup"]]
    assert {y[0] for y in lines} == {t["y"][0] for t in dashed}
    assert found.words == ["nothing changes"]
    assert all("a naive guess: nothing changes, mode" in t["hovertemplate"] for t in found.traces)
    ends = [(t["x"][0], t["x"][-1]) for t in found.traces]
    assert set(ends) == {(0.0, drawing("modes").foreseen["time"].values[-1])}


def test_guesses_that_cannot_be_told_apart_are_one_line():
    tiny = Drawing("saddle_to_saddle/linear_network", {"alpha": 1e-6, "width": 4})
    (line,) = tiny.panel("mode_strengths").baseline().traces
    assert line["name"] == "naive guess"


def test_guessed_levels_are_heights_of_their_own():
    found, known = guess("modes", "loss"), drawing("modes").foreseen
    said = known[f"{PREFIX}plateau_losses"].values[0]
    assert heights(found) == [pytest.approx(v) for v in said[1:-1]]  # the last is theory's too
    assert found.words == ["equal steps down"]


def test_what_never_comes_is_nowhere_in_a_picture_and_said_by_its_tile():
    assert moments(guess("modes", "loss")) == []
    tile = next(t for t in drawing("modes").view.tiles if t.claim == "jump_times")
    assert (tile.baseline, tile.baseline_words) == ("never", "it never happens")


def test_a_guessed_moment_is_in_every_panel_over_time():
    (line,) = moments(guess("decay", "test_error"))
    assert line == pytest.approx(1 / 0.02)
    assert moments(guess("decay", "train_loss")) == [line]
    tile = next(t for t in drawing("decay").view.tiles if t.claim == "grok_time")
    assert float(tile.baseline) == pytest.approx(line)


def test_a_guessed_number_of_a_law_is_a_ring_at_the_place_of_this_setting():
    (ring,) = guess("decay", "clock").traces
    theory = next(
        t for t in drawing("decay").panel("clock").plain["data"] if t["name"].endswith("here")
    )
    assert ring["mode"] == "markers"
    assert numbers(ring["x"]) == numbers(theory["x"])
    assert numbers(ring["y"]) == pytest.approx([1 / 0.02])


def test_a_panel_of_a_guessed_curve_shows_it_though_theory_draws_a_staircase():
    found, known = guess("jumps", "loss"), drawing("jumps").foreseen
    np.testing.assert_array_equal(found.traces[0]["y"], known[f"{PREFIX}loss"].values[0])
    said = known[f"{PREFIX}jump_times"].values[0]
    last = drawing("jumps").foreseen["time"].values[-1]
    assert moments(found) == [pytest.approx(t) for t in said if t <= last]


def test_a_way_in_the_plane_that_stays_is_a_ring_where_it_begins():
    (ring,) = guess("neuron", "plane").traces
    start = drawing("neuron").foreseen["beta"].values[0, 0]
    assert (ring["mode"], ring["x"][0], ring["y"][0]) == ("markers", *start)


def test_a_guessed_end_lies_off_the_diagonal_of_predicted_ends():
    (ends,) = guess("ends", "weights").traces
    known = drawing("ends").foreseen
    np.testing.assert_array_equal(ends["x"], known["weights_final"].values[0])
    np.testing.assert_array_equal(ends["y"], known[f"{PREFIX}weights_final"].values[0])


def test_a_guessed_simplex_turns_with_the_predicted_one():
    (ghost,) = guess("simplex", "picture").traces
    assert len(ghost["meta"]["depth"]) == len(ghost["x"])


def test_several_seeds_show_the_guess_of_the_first_as_they_do_its_theory():
    one, many = guess("neuron", "beta"), guess("neuron", "beta", 3)
    for mine, other in zip(one.traces, many.traces, strict=True):
        np.testing.assert_array_equal(mine["y"], other["y"])


def test_a_sweep_has_the_guess_of_every_point():
    sweep = swept("lazy_rich/diagonal_network", {"steps": 500}, {"alpha_0": "0.01:1:3:log"})
    panel = next(p for p in sweep_view(sweep).panels if p.id == "test_error_final")
    (line,) = panel.baseline().traces
    said = sweep.prediction()[f"{PREFIX}test_error_final"].values.ravel()
    np.testing.assert_array_equal(line["y"], said)
    assert line["x"].size == 3


# How it is drawn


@pytest.mark.parametrize("case", ["modes", "jumps", "neuron", "decay", "ends", "lazy", "simplex"])
def test_a_guess_is_fainter_than_theory_and_lies_beneath_it(case: str):
    found = 0
    for one in drawing(case).view.panels:
        guessed = one.baseline()
        found += len(guessed.traces) + len(guessed.shapes)
        plain = with_baseline(one, guessed)
        check_panel(dataclasses.replace(one, plain=plain))
        groups = [t["legendgroup"] for t in plain["data"]]
        assert groups == sorted(
            groups,
            key=lambda g: ("ground", "baseline").index(g) if g in ("ground", "baseline") else 2,
        )
        assert [t for t in plain["data"] if t["legendgroup"] != "baseline"] == list(
            one.plain["data"]
        )
        for trace in guessed.traces:
            assert trace["line"]["width"] < style.THEORY["width"] < style.RUN_WIDTH
            assert trace["line"]["color"] == "role:rule2"
        assert all(shape["line"] == style.BASELINE for shape in guessed.shapes)
    assert found


def test_a_dotted_guess_is_told_from_a_predicted_level():
    gaps = [float(s["dash"].split(",")[1][:-2]) for s in (style.BASELINE, style.PREDICTED)]
    assert gaps[0] >= 2 * gaps[1]


# What is not drawn


def test_a_panel_without_a_guess_stays_as_it_is():
    for case, panel in (
        ("modes", "difference"),
        ("modes", "gradient_norm"),
        ("neuron", "conserved"),
    ):
        one = drawing(case).panel(panel)
        assert one.baseline() == DrawnBaseline([], [], [])
        assert with_baseline(one, one.baseline())["data"] == list(one.plain["data"])


def test_what_follows_from_a_curve_that_is_not_guessed_is_no_guess():
    both = Curves("a", id="both", theory=lambda k: k["a"] * k["w"][:, 0])
    alone = Curves("a", id="alone", theory=lambda k: 2 * k["loss"])
    made = {
        p.id: p.baseline()
        for p in drawn(neuron(both, alone, a={"baseline": None, "no_guess": "so"})).panels
    }
    assert made["both"].traces == []
    (line,) = made["alone"].traces
    assert line["y"][0] == pytest.approx(
        2 * told(neuron(both, alone, a={"baseline": None, "no_guess": "so"}))["loss"].values[0, 0]
    )


def test_a_guess_outside_the_axes_is_not_drawn():
    def upper_half(known: Any) -> list[float]:
        return [0.5 * known["a"].max(), known["a"].max()]

    near, far = Curves("a", id="near"), Curves("a", id="far", linear=upper_half)
    made = {p.id: p.baseline() for p in drawn(neuron(near, far)).panels}
    assert len(made["near"].traces) == 1
    assert made["far"] == DrawnBaseline([], [], [])


def test_one_guess_of_two_claims_is_drawn_once():
    experiment = neuron(Curves("a"))
    claim = next(c for c in experiment.claims if c.name == "a")
    again = dataclasses.replace(claim, name="again", title="again")
    other = dataclasses.replace(
        again, name="other", baseline=Baseline("as it was", NOTHING_CHANGES.value)
    )
    twice = dataclasses.replace(experiment, claims=(*experiment.claims, again, other))
    (line,) = drawn(twice).panels[0].baseline().traces
    assert "nothing changes" in line["hovertemplate"]


def test_a_view_that_cannot_draw_such_numbers_has_no_guess():
    def half(known: Any) -> float:
        return float(known["time"][np.flatnonzero(known["a"] > 0.5)[0]])

    experiment = neuron(Curves("a", shows=(half,), theory=lambda k: k["a"] + 0 * half(k)))
    assert drawn(experiment).panels[0].baseline() == DrawnBaseline([], [], [])


def test_a_law_keeps_its_place_and_its_curve_where_they_are_not_guessed():
    law = Law(
        "", over="", id="law", x="place", at=lambda k: k["a"][-1], ring=lambda k: k["loss"][0]
    )
    experiment = neuron(law, loss={"baseline": Baseline("half", 0.5)})
    (ring,) = drawn(experiment).panels[0].baseline().traces
    assert (ring["x"][0], ring["y"][0]) == (pytest.approx(told(experiment)["a"].values[0, -1]), 0.5)


# A guess that moves with the scrubber


def test_a_guess_that_is_another_at_every_snapshot_moves_with_the_scrubber():
    known = api.experiment("lazy_rich/two_layer_network")
    late = Baseline("the other way round", lambda *a: a[2]["test_function"].values[::-1])
    claims = tuple(
        dataclasses.replace(c, baseline=late) if c.name == "test_function" else c
        for c in known.claims
    )
    experiment = dataclasses.replace(
        known, claims=claims, view=Declared(Profile("test_function", over="input")), presets=()
    )
    study = Study(experiment, {"width": 20, "steps": 200})
    foreseen = study.predict()
    made = views.view(experiment, foreseen)
    (line,) = made.panels[0].baseline().traces
    run = study.freeze().run()
    run.finish()
    held = run.records, run.snapshots, run.rows, run.snapshot_rows
    source = columns.Source(*held, foreseen, made.derived)
    rows = source.variable(line["meta"]["run"]["y"], "snapshots")
    np.testing.assert_array_equal(rows[0], foreseen["test_function"].values[0, ::-1])
