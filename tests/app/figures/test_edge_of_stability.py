from typing import Any

import numpy as np
import pytest
import xarray as xr

from app.figures import views
from app.figures.panels import first_seed
from app.live.server import columns, tags
from sims import api
from sims.edge_of_stability.neural_network import growing
from sims.edge_of_stability.neural_network.view import CEILING
from tests.app.figures.drawing import (
    check_bands,
    check_layers,
    check_prediction,
    check_run,
    drawings,
    growing_views,
    traces,
)

NET, CYCLE, SCALAR = (
    f"edge_of_stability/{name}"
    for name in ("neural_network", "self_stabilisation", "scalar_models")
)
SMALL: dict[str, Any] = {"width": 8, "steps": 500, "every": 10}
SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "flow": (NET, SMALL | {"eta": 0.3, "critical": 1}),
    "gd": (NET, SMALL | {"central_flow": False}),
    "polyak": (NET, SMALL | {"optimizer": "polyak"}),
    "adam": (NET, SMALL | {"optimizer": "adam"}),
    "sgd": (NET, SMALL | {"optimizer": "sgd", "every": 50}),
    "digits": (NET, SMALL | {"data": "digits_mse", "samples": 50, "every": 50}),
    "kick": (CYCLE, {"width": 16, "steps": 60}),
    "no_kick": (CYCLE, {"width": 16, "steps": 60, "kick": 0}),
}
SETTINGS |= {p.id: (SCALAR, dict(p.params)) for p in api.experiment(SCALAR).presets}
drawing = drawings(SETTINGS)


@pytest.mark.parametrize("case", SETTINGS)
def test_every_setting_draws_its_prediction(case):
    check_prediction(drawing(case).view)


@pytest.mark.parametrize("case", SETTINGS)
def test_no_curve_has_colour_before_the_run_and_theory_lies_on_top(case):
    check_layers(drawing(case).view)


@pytest.mark.parametrize("case", SETTINGS)
def test_a_view_needs_no_tolerances(case):
    known = drawing(case)
    check_prediction(views.view(known.name, known.foreseen))


@pytest.mark.parametrize("case", SETTINGS)
def test_every_tag_names_something_the_run_has(case):
    check_run(drawing(case))


@pytest.mark.parametrize("case", ["flow", "kick", "catapult"])
def test_several_seeds_are_drawn_as_bands(case):
    check_bands(drawing(case, 2))


def test_a_growing_prediction_is_drawn_at_every_stage(monkeypatch):
    monkeypatch.setattr(growing, "SHOWN_SECONDS", 0.0)
    made = growing_views(drawing("flow"))
    assert len(made) > 2
    assert {one.panels[0].id for one in made} == {"sharpness"}
    assert len(drawing("flow").view.tiles) >= 3


def test_a_run_ahead_of_its_prediction_has_no_distance_yet():
    read = drawing("flow", 2).source
    behind = first_seed(drawing("flow", 2).foreseen).expand_dims("seed")
    gap = drawing("flow").view.derived["to_central_flow"](read.snapshots, behind)
    assert np.isfinite(gap[0, 1:]).all()
    assert np.isnan(gap[1]).all()


def test_the_edge_and_the_break_stand_where_theory_says():
    one = first_seed(drawing("flow").foreseen)
    figure = drawing("flow").panel("sharpness").figure
    upright = [s.x0 for s in figure.layout.shapes if s.yref == "paper"]
    assert upright[0] == float(one["break_step"])
    level = [s.y0 for s in figure.layout.shapes if s.xref == "paper" and s.layer == "below"]
    assert level == [1.0]
    time_per_step = drawing("flow").setup.schedule.time_per_step
    assert drawing("flow").view.events[0].time == pytest.approx(upright[0] * time_per_step)


def test_sharpness_and_mean_loss_land_on_the_dashes():
    read = drawing("flow").source
    one = first_seed(drawing("flow").foreseen)
    late = one["step"].values > float(one["break_step"]) + 200
    ratio = drawing("flow").derived("sharpness_over_edge", read.records)[0]
    # the claim sharpness_at_edge has 0.03 on the median
    assert np.median(ratio[late, 0]) == pytest.approx(1, abs=0.03)
    assert np.nanmax(ratio) <= CEILING


def test_the_network_function_moves_with_the_scrubber_and_stands_at_the_end_before_it():
    shown = drawing("flow").panel("network_function")
    figure = shown.figure
    one = first_seed(drawing("flow").foreseen)
    (theory,) = traces(figure, "theory")
    np.testing.assert_allclose(theory.y, one["network_function"].values[-1])
    assert theory.meta["run"]["at"] == "scrub"
    read = drawing("flow").source
    tag = next(b.y for b in tags.bindings(shown.plain) if b.y.y == "network_function_predicted")
    at_third = columns.evaluated(tag, read, 3, 4)[0]
    np.testing.assert_allclose(at_third, one["network_function"].values[3], rtol=1e-5)


def test_rules_without_a_central_flow_leave_its_curves_out():
    for case in ("gd", "polyak", "adam", "sgd", "digits"):
        words = {e.kind: e.words for e in drawing(case).view.legend}
        assert words["theory"] == "theory, the edge"
        assert not traces(drawing(case).panel("oscillation").figure, "theory")
    assert "second_theory" not in {e.kind for e in drawing("adam").view.legend}
    assert "distance" not in drawing("adam").ids()
    assert "network_function" not in drawing("digits").ids()
    assert "batch_sharpness" in drawing("sgd").ids()
    assert "batch_sharpness" not in drawing("gd").ids()


def test_without_a_kick_only_what_is_known_is_drawn():
    for id in ("sharpness_gap", "size", "portrait"):
        assert not traces(drawing("no_kick").panel(id).figure, "theory")
    assert [t.words for t in drawing("no_kick").view.tiles] == ["size at rest"]


def test_the_portrait_has_the_map_and_the_level_of_constant_energy():
    figure = drawing("kick").panel("portrait").figure
    assert figure.layout.yaxis.type == "log"
    (level,), (theory,) = traces(figure, "second_theory"), traces(figure, "theory")
    assert np.nanmin(level.y) > 0
    assert np.nanmin(theory.y) > 0
    (line,) = traces(figure, "run")
    assert line.meta["run"]["x"] == "sharpness_gap"


def test_the_catapult_comes_down_onto_the_curve_of_final_curvatures():
    one = drawing("catapult").panel("curvature_final")
    figure = one.figure
    (theory,) = traces(figure, "theory")
    bound = next(b for b in tags.bindings(one.plain) if b.y.seed == "first")
    read = drawing("catapult").source
    assert isinstance(bound.x, tags.Tag)
    x = columns.evaluated(bound.x, read, 0, read.rows)
    y = columns.evaluated(bound.y, read, 0, read.rows)
    assert x[0] == pytest.approx(y[0]) == pytest.approx(3.0)
    assert y[-1] == pytest.approx(np.interp(3.0, theory.x, theory.y), rel=1e-6)


def test_the_path_of_two_scalars_is_predicted():
    (theory,) = [
        t for t in traces(drawing("two_scalars").panel("path").figure, "theory") if "path" in t.name
    ]
    iterate = drawing("two_scalars").source.records["iterate"][0]
    np.testing.assert_allclose(np.stack([theory.x, theory.y], -1)[:200], iterate[:200], atol=1e-8)


def test_sharp_minima_are_told_apart_from_flat_ones():
    figure = drawing("ends_at_the_edge").panel("path").figure
    (sharp,) = [t for t in traces(figure, "theory") if t.line.color == "role:departs"]
    one = first_seed(drawing("ends_at_the_edge").foreseen)
    kept = np.isfinite(sharp.x)
    curvature = 2 * (np.asarray(sharp.x)[kept] ** 2 + np.asarray(sharp.y)[kept] ** 2)
    # a segment begins at the last flat point before it
    assert (curvature > float(one["edge"])).sum() >= kept.sum() - 2


def test_orbit_points_of_the_run_lie_on_the_predicted_ones():
    read = drawing("period_two").source
    gap = drawing("period_two").derived("orbit_gap", read.records)
    # the tolerance of the claim orbit
    assert gap[0, -8:].max() < 1e-6


def test_a_sweep_over_the_learning_rate_reads_points_off_one_flow():
    eta = np.array([0.1, 0.2])
    steps = np.array([744.0, 52.0])
    data = xr.Dataset({"reach_step": ("eta", steps)}, coords={"eta": eta})
    made = views.sweep_view(NET, data, ["eta"], {"reach_step": 20.0})
    assert [p.id for p in made.panels] == ["lockstep", "reach_step", "difference"]
    (theory,) = traces(made.panels[0].figure, "theory")
    np.testing.assert_allclose(np.sort(theory.x), np.sort(eta * steps))
    run = {"reach_step": 1.01 * steps[None], "eta": eta[None]}
    np.testing.assert_allclose(made.derived["reach_step_ratio"](run, data), 0.01, rtol=1e-9)
    np.testing.assert_allclose(made.derived["reached"](run, data), 0.95 * 2 / eta[None])
    with pytest.raises(ValueError, match="no picture of a sweep over width"):
        views.sweep_view(NET, data, ["width"])
