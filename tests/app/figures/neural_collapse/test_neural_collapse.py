"""Figures of neural collapse: what they draw before a run, and what a run fills in."""

from typing import Any

import numpy as np
import pytest

from app.figures.bespoke import simplex
from app.live.messages import view as live_view
from app.live.server import tags
from tests.app.figures.drawing import (
    check_layers,
    check_prediction,
    check_run,
    drawings,
    growing_views,
    sweep_view,
    swept,
    traces,
)

FREE, REAL = (f"neural_collapse/{name}" for name in ("free_features", "real_network"))
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
drawing = drawings(SETTINGS)


@pytest.mark.parametrize("case", SETTINGS)
def test_every_setting_draws_its_prediction(case):
    check_prediction(drawing(case).view, panels=7)


@pytest.mark.parametrize("case", SETTINGS)
def test_no_curve_has_colour_before_the_run_and_theory_lies_on_top(case):
    check_layers(drawing(case).view)


@pytest.mark.parametrize("case", ["tetrahedron", "squared", "network_unequal"])
def test_every_tag_names_something_the_run_has(case):
    check_run(drawing(case))


@pytest.mark.parametrize("case", ["small_classes", "network_unequal"])
def test_a_growing_prediction_is_drawn_at_every_stage(case):
    drawn = growing_views(drawing(case))
    assert "minority" not in {p.id for p in drawn[0].panels}
    assert "minority" in {p.id for p in drawn[-1].panels}


def test_the_ghost_stands_where_the_class_means_end():
    read = drawing("tetrahedron").source
    means = read.snapshots["class_means"][0, -1]
    ghost = drawing("tetrahedron").foreseen["final_simplex"].values[0]
    names: Any = drawing("tetrahedron").panel("picture").figure.data[-1]
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
        layout: Any = drawing(case).panel("picture").figure.layout
        assert bool(layout.meta["turns"]) is turns
    note = drawing("many").panel("picture").note
    assert "3 of 6 directions" in note


def test_the_browser_gets_what_lies_behind_the_screen():
    one = drawing("tetrahedron").panel("picture")
    bound = tags.bindings(one.plain)
    names = tags.names([tag for b in bound for tag in b.tags])
    entry = live_view._panel(one, one.plain, bound, names)
    assert entry["turns"]
    assert all(t["depth"] in names.values() for t in entry["traces"])
    still = [t for t in entry["figure"]["data"] if "depth" in t["meta"]]
    assert {t["meta"]["kind"] for t in still} >= {"theory"}


def test_total_collapse_has_no_ghost():
    figure = drawing("nothing_left").panel("picture").figure
    (point,) = traces(figure, "theory")
    assert list(point.x) == [0.0]


def test_the_last_slope_of_cross_entropy_starts_on_the_run():
    read = drawing("tetrahedron").source
    nc1 = read.records["nc1"]
    guide = drawing("tetrahedron").derived("nc1_guide", {"nc1": nc1})
    first = int(np.flatnonzero(np.isfinite(guide[0]))[0])
    assert guide[0, first] == nc1[0, first] < 1e-4


def test_nc1_of_squared_loss_lies_on_its_curve():
    read = drawing("squared").source
    run, theory = read.records["nc1"][0], drawing("squared").foreseen["nc1"].values[0]
    late = np.isfinite(theory)
    assert np.abs(np.log10(run[late] / theory[late])).max() < 0.5


def test_the_run_is_a_dot_at_its_own_imbalance():
    network = drawing("network_unequal")
    read = network.source
    run = {"classifier_cosines": read.snapshots["classifier_cosines"]}
    (drawn,) = traces(network.panel("minority").figure, "run")
    assert list(drawn.x) == [2.0]
    dot = network.derived("small_cosine", run)[0, -1, 0]
    assert dot == pytest.approx(read.records["minority_cosine"][0, -1], abs=1e-5)


def test_the_line_through_the_layers_is_least_squares():
    D = np.array([[[10.0, 3.0, 0.5, 0.2]]])
    line = np.log10(drawing("network").derived("layer_line", {"layer_separation": D}))
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
    made = sweep_view(swept(name, values, over))
    assert ids <= {p.id for p in made.panels}
