"""Figures of lazy and rich: what they draw before a run, and what a run fills in."""

from typing import Any

import numpy as np
import pytest
import xarray as xr

from app.live.server import columns, tags
from sims.compare import falls_through
from sims.lazy_rich.diagonal_network.view import root_gap
from tests.app.figures.drawing import (
    check_bands,
    check_layers,
    check_prediction,
    check_run,
    drawings,
    growing_views,
    numbers,
    sweep_view,
    swept,
    traces,
)

NET, DIAGONAL, NEURON, PARITY, DIAGRAM = (
    f"lazy_rich/{name}"
    for name in ("two_layer_network", "diagonal_network", "one_neuron", "parity", "phase_diagram")
)
SHORT: dict[str, Any] = {"width": 16, "steps": 100}
SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "lazy": (NET, SHORT | {"alpha": 50}),
    "rich": (NET, SHORT | {"alpha": 0.05, "activation": "relu"}),
    "sphere": (NET, SHORT | {"d": 5}),
    "catapult": (NET, SHORT | {"activation": "erf", "alpha": 30, "c": 1.3}),
    "no_boundary": (NET, SHORT | {"threshold": 1.0, "activation": "relu", "width": 4}),
    "sparse": (DIAGONAL, {"d": 30, "n": 12, "k": 2, "steps": 2000}),
    "balanced": (NEURON, {"dt": 0.01}),
    "downstream": (NEURON, {"dt": 0.01, "a0": 0.01, "w0": 2.0}),
    "parity": (PARITY, SHORT | {"n": 32, "n_test": 100}),
    "point": (DIAGRAM, SHORT),
    "kinked_point": (DIAGRAM, SHORT | {"activation": "relu"}),
}
drawing = drawings(SETTINGS)


@pytest.mark.parametrize("case", SETTINGS)
def test_every_setting_draws_its_prediction(case):
    check_prediction(drawing(case).view)


@pytest.mark.parametrize("case", SETTINGS)
def test_no_curve_has_colour_before_the_run_and_theory_lies_on_top(case):
    check_layers(drawing(case).view)


@pytest.mark.parametrize("case", SETTINGS)
def test_every_tag_names_something_the_run_has(case):
    check_run(drawing(case))


@pytest.mark.parametrize("case", ["lazy", "sparse", "parity"])
def test_several_seeds_are_drawn_as_bands(case):
    check_bands(drawing(case, 2))


@pytest.mark.parametrize("case", ["lazy", "sparse", "parity"])
def test_a_growing_prediction_is_drawn_at_every_stage(case):
    assert growing_views(drawing(case))


def test_a_lazy_run_stands_where_its_circle_is():
    group = drawing("lazy").drawn("feature_change")
    (run,) = [t for t in group if t.legendgroup == "run"]
    (circle,) = [t for t in group if t.name == "theory here"]
    assert list(numbers(run.x)) == list(numbers(circle.x)) == [50.0]
    # the claim's tolerance at this change of the features
    np.testing.assert_allclose(numbers(run.y), numbers(circle.y), rtol=0.05)


def test_the_boundary_is_where_the_curve_meets_the_threshold():
    figure = drawing("lazy").panel("feature_change").figure
    layout: Any = figure.layout
    (upright,) = [s for s in layout.shapes if s["x0"] == s["x1"]]
    (level,) = [s for s in layout.shapes if s["y0"] == s["y1"]]
    (curve,) = [t for t in traces(figure, "theory") if t.name == "theory lazy"]
    found = falls_through(numbers(curve.x), numbers(curve.y), float(level["y0"]))
    assert upright["x0"] == pytest.approx(found)


@pytest.mark.parametrize("case", ["lazy", "catapult"])
def test_the_second_clock_is_steps_times_the_rate_over_points(case):
    layout: Any = drawing(case).panel("train_loss").figure.layout
    steps, tau = layout.meta["times"].values()
    task = drawing(case).setup.tasks[0]
    rate = task["eta"] / len(task["y"])
    assert tau["factor"] == pytest.approx(rate)
    assert layout.xaxis.range == tuple(steps["range"])
    ends = [10.0**at for at in (steps["range"][1], tau["range"][1])]
    if steps["type"] == "linear":
        ends = [steps["range"][1], tau["range"][1]]
    assert ends[1] / ends[0] == pytest.approx(rate)


def test_the_picture_of_neurons_begins_where_they_are_born():
    read = drawing("rich").source
    born = drawing("rich").foreseen["neurons_initial"].values[0]
    first = [columns.evaluated(tags.Tag(n, at="scrub"), read, 0, 1)[0] for n in ("up_1", "down_1")]
    np.testing.assert_allclose(np.fmax(*first), born[:, 0], rtol=1e-5)
    assert np.isnan(first[0]).sum() + np.isnan(first[1]).sum() == len(born)


def test_a_catapult_is_a_straight_line_until_the_kernel_shrinks():
    made = drawing("catapult").view
    figure: Any = drawing("catapult").panel("train_loss").figure
    assert figure.layout.xaxis.type != "log"
    assert [e.symbol_html for e in made.events]
    assert made.tiles[0].measures == "catapult_slope"
    (theory,) = traces(figure, "theory")
    y = numbers(theory.y)
    assert np.nanmax(y) <= 1e6 * y[0]


def test_weights_end_on_the_diagonal():
    group = drawing("sparse").drawn("weights")
    for trace in [t for t in group if t.legendgroup == "run"]:
        # the finite step and the finite time leave less than this
        assert numbers(trace.y)[-1] == pytest.approx(numbers(trace.x)[-1], abs=0.02)


def test_one_neuron_lies_on_its_closed_form():
    for case in ("balanced", "downstream"):
        (gap,) = [t for t in drawing(case).drawn("beta_gap") if t.legendgroup == "run"]
        layout: Any = drawing(case).panel("beta_gap").figure.layout
        tolerance = max(s["y0"] for s in layout.shapes if s["y0"] == s["y1"])
        assert np.nanmax(numbers(gap.y)) < tolerance


@pytest.mark.parametrize(
    ("name", "values", "over", "ids"),
    [
        (NET, SHORT, {"width": "8,16,32"}, ["feature_change_final", "boundary_alpha"]),
        (NET, SHORT, {"alpha": "1,10"}, ["feature_change_final", "weight_change_final"]),
        (DIAGONAL, SETTINGS["sparse"][1], {"alpha_0": "0.01,0.1,1"}, ["l1_norm_final"]),
        (DIAGRAM, SHORT, {"alpha": "0.1,1,10"}, ["feature_change_final", "test_loss_final"]),
    ],
)
def test_a_sweep_draws_its_law_and_its_runs(name, values, over, ids):
    sweep = swept(name, values, over)
    made = sweep_view(sweep)
    assert set(ids) <= {p.id for p in made.panels}
    (knob,) = over
    y = np.asarray(sweep.prediction()[ids[0]].isel(seed=0).values, float)
    run = {ids[0]: 1.02 * y[None], knob: sweep.axes[knob][None].astype(float)}
    ratio = made.derived[f"{ids[0]}_ratio"]
    np.testing.assert_allclose(ratio(run, sweep.prediction()), 0.02, rtol=1e-9)


def test_test_errors_of_a_sweep_are_compared_in_roots():
    theory = xr.Dataset({"test_error_final": ("alpha_0", [0.04, 0.25])})
    run = {"test_error_final": np.array([[0.09, 0.16]])}
    gap = root_gap(run, theory)
    np.testing.assert_allclose(gap, [[0.1, -0.1]])


def test_only_maps_that_runs_fill_say_that_they_are_empty():
    made = sweep_view(swept(DIAGRAM, SHORT, {"width": "8,16", "alpha": "0.1,1"}))
    says = {p.id: any(a.name == "before" for a in p.figure.layout.annotations) for p in made.panels}
    assert says == {
        "predicted_change": False,
        "feature_change": True,
        "feature_change_ratio": True,
        "test_loss": True,
    }
