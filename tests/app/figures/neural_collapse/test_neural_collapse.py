"""Figures of neural collapse: what they draw before a run, and what a run fills in."""

import importlib
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

from app.figures import neural_collapse, style
from app.figures.neural_collapse import simplex
from app.live import view as live_view
from app.live import wire
from sims.core.claims import before
from sims.core.prediction import prediction, predictions
from sims.core.setup import prepared
from sims.core.simulation import Run
from sims.core.sweep import Sweep

FREE, REAL = "free_features", "real_network"
SHORT: dict[str, Any] = {"per_class": 5, "width": 8, "eta": 0.2, "horizon": 60.0}
NET: dict[str, Any] = {
    "data": "mixture", "per_class": 10, "hidden": 8, "steps": 100, "batch_size": 16
}  # fmt: skip
SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "tetrahedron": (FREE, SHORT),
    "triangle": (FREE, SHORT | {"classes": 3}),
    "pair": (FREE, SHORT | {"classes": 2}),
    "many": (FREE, SHORT | {"classes": 7}),
    "squared": (FREE, SHORT | {"loss_kind": "mse", "horizon": 150.0}),
    "staircase": (FREE, SHORT | {"loss_kind": "mse", "bias": False, "imbalance": 3.0}),
    "small_classes": (FREE, SHORT | {"imbalance": 3.0, "lambda_w": 0.1}),
    "nothing_left": (FREE, SHORT | {"lambda_w": 0.3}),
    "no_decay": (FREE, SHORT | {"lambda_w": 0.0}),
    "narrow": (FREE, SHORT | {"classes": 6, "width": 2}),
    "network": (REAL, NET),
    "network_weights": (REAL, NET | {"decay": "weights", "nonnegative": True}),
    "network_unequal": (REAL, NET | {"imbalance": 2.0}),
}
EVERY = list(SETTINGS)
RUN = ["tetrahedron", "squared", "network_unequal"]
ORDER = ("ground", "band", "run", "second_run", "second_theory", "theory", "words")


def experiment(name: str):
    return importlib.import_module(f"sims.neural_collapse.{name}").EXPERIMENT


@cache
def setup(case: str, seeds: int = 1):
    name, values = SETTINGS[case]
    return prepared(experiment(name), values, seeds=seeds)


@cache
def foreseen(case: str, seeds: int = 1) -> xr.Dataset:
    return prediction(setup(case, seeds))


@cache
def view(case: str, seeds: int = 1):
    whole = foreseen(case, seeds)
    return neural_collapse.view(SETTINGS[case][0])(whole, before(setup(case, seeds), whole)[1])


@cache
def source(case: str) -> wire.Source:
    ready, made = setup(case), view(case)
    run = Run(ready.experiment, ready.params, ready.tasks, ready.schedule)
    run.finish()
    whole = foreseen(case)
    return wire.Source(run.records, run.snapshots, run.rows, run.snapshot_rows, whole, made.derived)


def panel(case: str, id: str):
    return next(p for p in view(case).panels if p.id == id)


def traces(figure: Any, group: str) -> list[Any]:
    return [t for t in figure.data if t.legendgroup == group]


@pytest.mark.parametrize("case", EVERY)
def test_every_setting_draws_its_prediction(case):
    made = view(case)
    assert len({p.id for p in made.panels}) == len(made.panels) >= 7
    for one in made.panels:
        for mode in style.MODES:
            assert "role:" not in (style.resolved(one.figure, mode).to_json() or "")
        assert one.alt is not None
        assert one.alt(None).endswith(".")
        shown: list[Any] = list(one.figure.data)
        places = [ORDER.index(t.legendgroup) for t in shown]
        assert places == sorted(places)
    assert 1 <= len(made.tiles) <= 5
    assert all(np.isfinite(e.time) for e in made.events)


@pytest.mark.parametrize("case", RUN)
def test_every_tag_names_something_the_run_has(case):
    read = source(case)
    for one in view(case).panels:
        for binding in wire.bindings(one.figure):
            stop = read.snapshot_rows if binding.y.at != "records" else read.rows
            for tag in binding.tags:
                assert len(wire.evaluated(tag, read, 0, stop)) == stop, (one.id, tag)


@pytest.mark.parametrize("case", ["small_classes", "network_unequal"])
def test_a_growing_prediction_is_drawn_at_every_stage(case):
    parts = [part for part in predictions(setup(case)) if isinstance(part, xr.Dataset)]
    drawn = [neural_collapse.view(SETTINGS[case][0])(part) for part in parts]
    assert "minority" not in {p.id for p in drawn[0].panels}
    assert "minority" in {p.id for p in drawn[-1].panels}


def test_the_ghost_stands_where_the_class_means_end():
    read = source("tetrahedron")
    means = read.snapshots["class_means"][0, -1]
    ghost = foreseen("tetrahedron")["final_simplex"].values[0]
    names: Any = panel("tetrahedron", "picture").figure.data[-1]
    np.testing.assert_allclose(
        np.stack([names.x, names.y, names.meta["depth"]], axis=1) / simplex.BEYOND,
        simplex.looked_at(ghost),
        atol=1e-12,
    )
    turned = simplex.looked_at(means)
    # a short run, still shrinking towards the corners
    assert np.linalg.norm(turned - simplex.looked_at(ghost)) < 0.2 * np.linalg.norm(ghost)


def test_looking_from_elsewhere_keeps_every_distance():
    points = np.random.default_rng(0).standard_normal((5, 3))
    seen = simplex.looked_at(points)
    np.testing.assert_allclose(seen @ seen.T, points @ points.T, atol=1e-12)
    flat = simplex.looked_at(points[:, :2])
    np.testing.assert_allclose(flat, np.pad(points[:, :2], ((0, 0), (0, 1))))


def test_only_a_solid_picture_turns():
    for case, turns in (("tetrahedron", True), ("triangle", False), ("many", True)):
        layout: Any = panel(case, "picture").figure.layout
        assert bool(layout.meta["turns"]) is turns
    note = panel("many", "picture").note
    assert "3 of 6 directions" in note


def test_the_browser_gets_what_lies_behind_the_screen():
    one = panel("tetrahedron", "picture")
    bound = wire.bindings(one.figure)
    names = wire.names([tag for b in bound for tag in b.tags])
    entry = live_view._panel(one, one.figure, bound, names)
    assert entry["turns"]
    assert all(t["depth"] in names.values() for t in entry["traces"])
    still = [t for t in entry["figure"]["data"] if "depth" in t["meta"]]
    assert {t["meta"]["kind"] for t in still} >= {"theory"}


def test_total_collapse_has_no_ghost():
    figure = panel("nothing_left", "picture").figure
    (point,) = traces(figure, "theory")
    assert list(point.x) == [0.0]


def test_the_last_slope_of_cross_entropy_starts_on_the_run():
    read = source("tetrahedron")
    nc1 = read.records["nc1"]
    guide = view("tetrahedron").derived["nc1_guide"]({"nc1": nc1}, foreseen("tetrahedron"))
    first = int(np.flatnonzero(np.isfinite(guide[0]))[0])
    assert guide[0, first] == nc1[0, first] < 1e-4


def test_nc1_of_squared_loss_lies_on_its_curve():
    read = source("squared")
    run, theory = read.records["nc1"][0], foreseen("squared")["nc1"].values[0]
    late = np.isfinite(theory)
    assert np.abs(np.log10(run[late] / theory[late])).max() < 0.5


def test_the_run_is_a_dot_at_its_own_imbalance():
    read, whole = source("network_unequal"), foreseen("network_unequal")
    made = view("network_unequal").derived
    run = {"classifier_cosines": read.snapshots["classifier_cosines"]}
    assert made["run_imbalance"](run, whole)[0, -1] == [2.0]
    dot = made["small_cosine"](run, whole)[0, -1, 0]
    assert dot == pytest.approx(read.records["minority_cosine"][0, -1], abs=1e-5)


def test_the_line_through_the_layers_is_least_squares():
    D = np.array([[[10.0, 3.0, 0.5, 0.2]]])
    line = np.log10(view("network").derived["layer_line"]({"layer_separation": D}, xr.Dataset()))
    slope, start = np.polyfit(np.arange(4), np.log10(D[0, 0]), 1)
    np.testing.assert_allclose(line[0, 0], start + slope * np.arange(4))


@pytest.mark.parametrize(
    ("name", "values", "over", "ids"),
    [
        (FREE, SHORT, {"init_scale": "0.03,0.1,0.3"}, {"loss", "orientation_error"}),
        (FREE, SHORT, {"imbalance": "2,4"}, {"margin", "minority_cosine"}),
        (FREE, SHORT, {"lambda_w": "0.01:0.3:3:log"}, {"loss", "nc1_trace"}),
        (REAL, NET, {"label_noise": "0,1"}, {"objective", "test_accuracy"}),
    ],
)
def test_a_sweep_draws_its_levels(name, values, over, ids):
    sweep = Sweep(experiment(name), values, over)
    while not sweep.predict_next():
        pass
    (knob,) = over
    made = neural_collapse.sweep_view(name)(sweep.prediction(), knob)
    assert ids <= {p.id for p in made.panels}
    for one in made.panels:
        assert one.figure.to_json()
        assert one.alt is not None
