from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

from app.figures import edge_of_stability, style
from app.figures.edge_of_stability.neural_network import CEILING
from app.figures.panels import first_seed
from app.live import wire
from sims import api
from sims.core.prediction import intervened, prediction, predictions
from sims.core.setup import prepared
from sims.core.simulation import Run
from sims.edge_of_stability.neural_network import theory

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
EVERY = list(SETTINGS)


@cache
def setup(case: str, seeds: int = 1):
    name, values = SETTINGS[case]
    return prepared(api.experiment(name), values, seeds=seeds)


@cache
def foreseen(case: str, seeds: int = 1) -> xr.Dataset:
    return prediction(setup(case, seeds))


@cache
def view(case: str, seeds: int = 1):
    return edge_of_stability.view(SETTINGS[case][0])(foreseen(case, seeds))


@cache
def source(case: str, seeds: int = 1) -> wire.Source:
    whole = foreseen(case, seeds)
    ready = intervened(setup(case, seeds), whole)
    run = Run(ready.experiment, ready.params, ready.tasks, ready.schedule)
    run.finish()
    made = view(case, seeds)
    return wire.Source(run.records, run.snapshots, run.rows, run.snapshot_rows, whole, made.derived)


def panel(case: str, id: str, seeds: int = 1):
    return next(p for p in view(case, seeds).panels if p.id == id)


def traces(figure: Any, group: str) -> list[Any]:
    return [t for t in figure.data if t.legendgroup == group]


@pytest.mark.parametrize("case", EVERY)
def test_every_setting_draws_its_prediction(case):
    made = view(case)
    assert len({p.id for p in made.panels}) == len(made.panels) >= 3
    for one in made.panels:
        for mode in style.MODES:
            assert "role:" not in (style.resolved(one.figure, mode).to_json() or "")
        assert one.alt is not None
        assert one.alt(None).endswith(".")
    assert 1 <= len(made.tiles) <= 5
    assert all(np.isfinite(e.time) for e in made.events)


@pytest.mark.parametrize("case", EVERY)
def test_no_curve_has_colour_before_the_run_and_theory_lies_on_top(case):
    order = ("ground", "band", "run", "second_run", "second_theory", "theory", "words")
    for one in view(case).panels:
        drawn: list[Any] = list(one.figure.data)
        places = [order.index(t.legendgroup) for t in drawn]
        assert places == sorted(places)
        for trace in drawn:
            if trace.legendgroup in ("run", "band"):
                assert len(trace.y) == 0


@pytest.mark.parametrize("case", EVERY)
def test_no_curve_has_more_points_than_a_screen_can_show(case):
    for one in view(case).panels:
        drawn: list[Any] = list(one.figure.data)
        assert all(len(t.x) <= 2001 for t in drawn if t.x is not None)


@pytest.mark.parametrize("case", EVERY)
def test_every_tag_names_something_the_run_has(case):
    read = source(case)
    for one in view(case).panels:
        for binding in wire.bindings(one.figure):
            stop = read.snapshot_rows if binding.y.at != "records" else read.rows
            assert len(wire.evaluated(binding.y, read, 0, stop)) == stop, (one.id, binding)
            if isinstance(binding.x, wire.Tag):
                assert len(wire.evaluated(binding.x, read, 0, stop)) == stop


@pytest.mark.parametrize("case", ["flow", "kick", "catapult"])
def test_several_seeds_are_drawn_as_bands(case):
    read = source(case, 2)
    for one in view(case, 2).panels:
        schedule = setup(case, 2).schedule
        rows = schedule.record_steps, schedule.record_times, schedule.snapshot_records
        assert wire.filled(one.figure, read, *rows).data
    assert "band" in {e.kind for e in view(case, 2).legend}


def test_a_growing_prediction_is_drawn_at_every_stage(monkeypatch):
    monkeypatch.setattr(theory, "SHOWN_SECONDS", 0.0)
    parts = list(predictions(setup("flow")))
    assert len(parts) > 2
    for part in (parts[0], parts[1], parts[len(parts) // 2]):
        made = edge_of_stability.view(NET)(part)
        assert made.panels[0].id == "sharpness"
        for one in made.panels:
            assert one.figure.to_json()
    assert len(view("flow").tiles) >= 3


def test_a_run_ahead_of_its_prediction_has_no_distance_yet():
    read = source("flow", 2)
    behind = first_seed(foreseen("flow", 2)).expand_dims("seed")
    gap = view("flow").derived["to_central_flow"](read.snapshots, behind)
    assert np.isfinite(gap[0, 1:]).all()
    assert np.isnan(gap[1]).all()


def test_the_edge_and_the_break_stand_where_theory_says():
    one = first_seed(foreseen("flow"))
    figure = panel("flow", "sharpness").figure
    upright = [s.x0 for s in figure.layout.shapes if s.yref == "paper"]
    assert upright[0] == float(one["break_step"])
    level = [s.y0 for s in figure.layout.shapes if s.xref == "paper" and s.layer == "below"]
    assert level == [1.0]
    time_per_step = setup("flow").schedule.time_per_step
    assert view("flow").events[0].time == pytest.approx(upright[0] * time_per_step)


def test_sharpness_and_mean_loss_land_on_the_dashes():
    read = source("flow")
    one = first_seed(foreseen("flow"))
    late = one["step"].values > float(one["break_step"]) + 200
    ratio = view("flow").derived["sharpness_over_edge"](read.records, foreseen("flow"))[0]
    # the claim sharpness_at_edge has 0.03 on the median
    assert np.median(ratio[late, 0]) == pytest.approx(1, abs=0.03)
    assert np.nanmax(ratio) <= CEILING


def test_the_network_function_moves_with_the_scrubber_and_stands_at_the_end_before_it():
    figure = panel("flow", "network_function").figure
    one = first_seed(foreseen("flow"))
    (theory,) = traces(figure, "theory")
    np.testing.assert_allclose(theory.y, one["network_function"].values[-1])
    assert theory.meta["run"]["at"] == "scrub"
    read = source("flow")
    tag = next(b.y for b in wire.bindings(figure) if b.y.y == "function_predicted")
    shown = wire.evaluated(tag, read, 3, 4)[0]
    np.testing.assert_allclose(shown, one["network_function"].values[3], rtol=1e-5)


def test_rules_without_a_central_flow_leave_its_curves_out():
    for case in ("gd", "polyak", "adam", "sgd", "digits"):
        words = {e.kind: e.words for e in view(case).legend}
        assert words["theory"] == "theory, the edge"
        assert not traces(panel(case, "oscillation").figure, "theory")
    assert "second_theory" not in {e.kind for e in view("adam").legend}
    assert "distance" not in [p.id for p in view("adam").panels]
    assert "network_function" not in [p.id for p in view("digits").panels]
    assert "batch_sharpness" in [p.id for p in view("sgd").panels]
    assert "batch_sharpness" not in [p.id for p in view("gd").panels]


def test_without_a_kick_only_what_is_known_is_drawn():
    for id in ("sharpness_gap", "size", "portrait"):
        assert not traces(panel("no_kick", id).figure, "theory")
    assert [t.words for t in view("no_kick").tiles] == ["size at rest"]


def test_the_portrait_has_the_map_and_the_level_of_constant_energy():
    figure = panel("kick", "portrait").figure
    assert figure.layout.yaxis.type == "log"
    (level,), (theory,) = traces(figure, "second_theory"), traces(figure, "theory")
    assert np.nanmin(level.y) > 0
    assert np.nanmin(theory.y) > 0
    (line,) = traces(figure, "run")
    assert line.meta["run"]["x"] == "sharpness_gap"


def test_the_catapult_comes_down_onto_the_curve_of_final_curvatures():
    figure = panel("catapult", "curvature_final").figure
    (theory,) = traces(figure, "theory")
    bound = next(b for b in wire.bindings(figure) if b.y.seed == "first")
    read = source("catapult")
    assert isinstance(bound.x, wire.Tag)
    x = wire.evaluated(bound.x, read, 0, read.rows)
    y = wire.evaluated(bound.y, read, 0, read.rows)
    assert x[0] == pytest.approx(y[0]) == pytest.approx(3.0)
    assert y[-1] == pytest.approx(np.interp(3.0, theory.x, theory.y), rel=1e-6)


def test_the_path_of_two_scalars_is_predicted():
    (theory,) = [
        t for t in traces(panel("two_scalars", "path").figure, "theory") if "path" in t.name
    ]
    iterate = source("two_scalars").records["iterate"][0]
    np.testing.assert_allclose(np.stack([theory.x, theory.y], -1)[:200], iterate[:200], atol=1e-8)


def test_sharp_minima_are_told_apart_from_flat_ones():
    figure = panel("ends_at_the_edge", "path").figure
    (sharp,) = [t for t in traces(figure, "theory") if t.line.color == "role:departs"]
    one = first_seed(foreseen("ends_at_the_edge"))
    kept = np.isfinite(sharp.x)
    curvature = 2 * (np.asarray(sharp.x)[kept] ** 2 + np.asarray(sharp.y)[kept] ** 2)
    # a segment begins at the last flat point before it
    assert (curvature > float(one["edge"])).sum() >= kept.sum() - 2


def test_orbit_points_of_the_run_lie_on_the_predicted_ones():
    read = source("period_two")
    gap = view("period_two").derived["orbit_gap"](read.records, foreseen("period_two"))
    # the tolerance of the claim orbit
    assert gap[0, -8:].max() < 1e-6


def test_a_sweep_over_the_learning_rate_reads_points_off_one_flow():
    eta = np.array([0.1, 0.2])
    steps = np.array([744.0, 52.0])
    data = xr.Dataset({"reach_step": ("eta", steps)}, coords={"eta": eta})
    made = edge_of_stability.sweep_view(NET)(data, "eta", {"reach_step": 20.0})
    assert [p.id for p in made.panels] == ["lockstep", "reach_step", "difference"]
    (theory,) = traces(made.panels[0].figure, "theory")
    np.testing.assert_allclose(np.sort(theory.x), np.sort(eta * steps))
    run = {"reach_step": 1.01 * steps[None], "eta": eta[None]}
    np.testing.assert_allclose(made.derived["reach_difference"](run, data), 0.01, rtol=1e-9)
    np.testing.assert_allclose(made.derived["reached"](run, data), 0.95 * 2 / eta[None])
    with pytest.raises(KeyError):
        edge_of_stability.sweep_view(NET)(data, "width")
