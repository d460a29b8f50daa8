"""Figures of modular addition and of the phase diagram, before and after."""

from typing import Any

import numpy as np
import pytest

from app.live.server import columns, tags
from sims.grokking.phase_diagram.phases import PHASES
from tests.app.figures.drawing import (
    check_layers,
    check_prediction,
    check_run,
    drawings,
    sweep_view,
    swept,
    traces,
)

MODULAR, DIAGRAM = (f"grokking/{name}" for name in ("modular_addition", "phase_diagram"))
SMALL: dict[str, Any] = {"p": 7, "width": 24, "steps": 300, "init_scale": 1.0, "eta": 5e-3}
CUBIC: dict[str, Any] = {"regulariser": "cubic", "fraction": 1.0, "weight_decay": 1e-4}
SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "famous": (MODULAR, SMALL | {"fraction": 0.7}),
    "margin": (MODULAR, SMALL | CUBIC),
    "descent": (MODULAR, SMALL | {"optimizer": "gd", "regulariser": "l2", "weight_decay": 0.0}),
    "smallest": (MODULAR, SMALL | {"p": 5, "width": 3, "fraction": 0.5}),
    "point": (DIAGRAM, {"p": 7, "width": 8, "steps": 200}),
}
drawing = drawings(SETTINGS)


@pytest.mark.parametrize("case", SETTINGS)
def test_every_setting_draws_its_prediction(case):
    check_prediction(drawing(case).view)


@pytest.mark.parametrize("case", SETTINGS)
def test_no_curve_has_colour_before_the_run_and_theory_lies_on_top(case):
    check_layers(drawing(case).view)


@pytest.mark.parametrize("case", ["famous", "margin", "point"])
def test_every_tag_names_something_the_run_has(case):
    check_run(drawing(case))


@pytest.mark.parametrize("case", ["famous", "margin", "descent"])
def test_every_tile_that_is_measured_names_what_the_run_has(case):
    whole = drawing(case).foreseen
    for tile in drawing(case).view.tiles:
        if tile.measures:
            assert tile.measures.split("[")[0] in drawing(case).setup.experiment.observables
            assert tile.measures.split("[")[0] in whole or tile.measures.endswith("_step")


def test_the_margin_comes_first_where_every_pair_is_trained():
    assert drawing("margin").ids()[:2] == ["margin_ratio", "frequency_shares"]
    assert drawing("famous").ids()[:2] == ["accuracy", "losses"]
    assert "frequency_shares" not in drawing("famous").ids()
    values = {t.words: t.value for t in drawing("margin").view.tiles}
    assert values["largest margin"] == "0.01714"
    assert values["share of every frequency"] == "0.333"


def test_the_clock_is_drawn_before_the_run():
    (circle,) = traces(drawing("famous").panel("clock").figure, "theory")
    np.testing.assert_allclose(np.hypot(circle.x, circle.y), 1)
    assert len(circle.x) == 8


def test_the_trained_net_stands_on_the_clock():
    read = drawing("margin").source
    at = [
        columns.evaluated(tags.Tag("clock", (axis,), at="scrub"), read, i, i + 1)[0]
        for i in (0, read.snapshot_rows - 1)
        for axis in (0, 1)
    ]
    turn = 2 * np.pi * np.arange(7) / 7
    wanted = np.concatenate([np.cos(turn), np.sin(turn)])
    first, last = (np.abs(np.concatenate(pair) - wanted).max() for pair in (at[:2], at[2:]))
    assert last < 0.5 * first


@pytest.mark.parametrize(
    ("name", "values", "over", "wanted"),
    [
        (MODULAR, SMALL, {"fraction": "0.3,0.5,0.7"}, "test_accuracy"),
        (MODULAR, SMALL, {"fraction": "0.15,0.5,0.9"}, "passages"),
        (MODULAR, SMALL | {"fraction": 0.7}, {"weight_decay": "0.5,1,2"}, "goldilocks_norm"),
        (MODULAR, SMALL | {"fraction": 0.7}, {"p": "7,11"}, "phase_defect"),
        (DIAGRAM, SETTINGS["point"][1], {"weight_decay": "0.1,1"}, "learnt"),
        (DIAGRAM, SETTINGS["point"][1], {"init_scale": "0.5,1"}, "coverage"),
    ],
)
def test_a_sweep_draws_its_bound(name, values, over, wanted):
    made = sweep_view(swept(name, values, over))
    assert wanted in {p.id for p in made.panels}


def test_the_fraction_that_covers_is_marked():
    made = sweep_view(swept(MODULAR, {"width": 8, "steps": 100}, {"fraction": "0.2,0.3,0.5"}))
    for one in made.panels:
        layout: Any = one.figure.layout
        upright = [s["x0"] for s in layout.shapes if s["x0"] == s["x1"]]
        np.testing.assert_allclose(upright, [0.2156, 0.3881], atol=1e-3)


def test_the_map_names_the_phase_of_every_cell():
    over = {"weight_decay": "0.1,1", "init_scale": "0.5,1,2"}
    sweep = swept(DIAGRAM, SETTINGS["point"][1], over)
    made = sweep_view(sweep)
    assert [p.id for p in made.panels] == ["phase", "train_step", "delay"]
    phases = np.array([[0, 1, 2], [3, 3, np.nan]])
    run = {"phase_map": phases[None, None], "train_step_map": np.full((1, 1, 2, 3), 50.0)}
    run["test_step_map"] = np.array([[np.nan, np.nan, 500.0], [60.0, 60.0, np.nan]])[None, None]
    for i, count in enumerate((1, 1, 1, 2)):
        rows, columns = (
            made.derived[f"phase_{word}_{i}"](run, sweep.prediction())[0, 0]
            for word in ("row", "column")
        )
        assert np.isfinite(rows).sum() == np.isfinite(columns).sum() == count, PHASES[i]
        placed = zip(rows[np.isfinite(rows)], columns[np.isfinite(columns)], strict=True)
        assert all(phases[int(r), int(c)] == i for r, c in placed)
    delay = made.derived["log_delay_map"](run, sweep.prediction())[0, 0]
    np.testing.assert_allclose(10.0 ** delay[0, 2], 450)
    assert np.isnan(delay[0, 0])


def test_a_large_map_has_a_colour_bar_instead_of_names():
    over = {"weight_decay": "0.1:1:10", "init_scale": "0.5:1:2"}
    sweep = swept(DIAGRAM, SETTINGS["point"][1], over)
    made = sweep_view(sweep)
    figure: Any = made.panels[0].figure
    assert len(figure.data) == 1
    assert figure.data[0].showscale
    assert list(figure.data[0].colorbar.ticktext) == list(PHASES)


def test_data_that_cannot_suffice_are_said():
    over = {"weight_decay": "0.1,1", "init_scale": "0.5,1"}
    sweep = swept(DIAGRAM, {"p": 17, "fraction": 0.15, "width": 8, "steps": 100}, over)
    made = sweep_view(sweep)
    assert made.tiles[0].consequence_html == "no cell should grok or comprehend"
