import base64
import dataclasses
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

from app.figures import saddle_to_saddle, structured_data, style, sweeps
from app.figures.panels import decimals, first_seed, short, significant
from app.figures.saddle_to_saddle.diagonal_network import _apart
from app.live import wire
from sims import api
from sims.core.prediction import prediction
from sims.core.setup import prepared
from sims.core.simulation import Run

LINEAR = "saddle_to_saddle/linear_network"
CASES = [
    (experiment.name, preset.id)
    for experiment in api.PHENOMENA[0].experiments
    for preset in experiment.presets
    if preset.over is None
]


@cache
def foreseen(name: str, preset: str, seeds: int = 1) -> xr.Dataset:
    return prediction(prepared(api.experiment(name), preset=preset, seeds=seeds))


@cache
def view(name: str, preset: str, seeds: int = 1):
    return saddle_to_saddle.view(name)(foreseen(name, preset, seeds))


def panel(name: str, preset: str, id: str, seeds: int = 1):
    return next(p for p in view(name, preset, seeds).panels if p.id == id)


def numbers(values):
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return np.asarray(values, float)


def traces(figure: Any, group: str) -> list[Any]:
    return [t for t in figure.data if t.legendgroup == group]


@pytest.mark.parametrize(("name", "preset"), CASES)
def test_every_preset_draws_its_prediction(name, preset):
    made = view(name, preset)
    assert len({p.id for p in made.panels}) == len(made.panels) >= 3
    for one in made.panels:
        text = one.figure.to_json()
        assert text is not None
        for mode in style.MODES:
            assert "role:" not in (style.resolved(one.figure, mode).to_json() or "")
        assert one.alt is not None
        assert one.alt(None).endswith(".")
    assert 1 <= len(made.tiles) <= 5 or preset == "one_factor"
    assert all(np.isfinite(e.time) for e in made.events)


@pytest.mark.parametrize(("name", "preset"), CASES)
def test_no_curve_has_colour_before_the_run(name, preset):
    for one in view(name, preset).panels:
        for trace in list[Any](one.figure.data):
            if trace.legendgroup in ("run", "band") and trace.type == "scatter":
                assert len(trace.x) == 0
                assert len(trace.y) == 0


@pytest.mark.parametrize(("name", "preset"), CASES)
def test_theory_is_drawn_on_top_of_the_run(name, preset):
    order = ("band", "run", "second_run", "second_theory", "theory", "words")
    for one in view(name, preset).panels:
        drawn: list[Any] = list(one.figure.data)
        places = [order.index(t.legendgroup) for t in drawn]
        assert places == sorted(places)


@pytest.mark.parametrize(("name", "preset"), CASES)
def test_every_tag_names_something_the_run_has(name, preset):
    setup = prepared(api.experiment(name), preset=preset)
    run = Run(setup.experiment, setup.params, setup.tasks, setup.schedule)
    run.advance_records(2)
    made = view(name, preset)
    source = wire.Source(
        run.records,
        run.snapshots,
        run.rows,
        run.snapshot_rows,
        foreseen(name, preset),
        made.derived,
    )
    for one in made.panels:
        for binding in wire.bindings(one.figure):
            seen = setup.experiment.observables.get(binding.y.y)
            if seen is not None and seen.at == "measured":
                continue
            stop = run.snapshot_rows if binding.y.at != "records" else run.rows
            values = wire.evaluated(binding.y, source, 0, stop)
            assert len(values) == stop, (one.id, binding)


def rows_of(schedule):
    return schedule.record_steps, schedule.record_times, schedule.snapshot_records


def test_the_ways_down_are_drawn_once_they_are_counted():
    schedule = prepared(api.experiment(LINEAR), preset="staircase", seeds=1).schedule
    figure = panel(LINEAR, "staircase", "negative_curvatures").figure
    counts = np.linspace(64, 0, len(schedule.snapshot_records))[None]
    held = {"loss": np.ones((1, len(schedule.record_steps)))}
    during = wire.Source(
        held, {}, len(schedule.record_steps), counts.size, foreseen(LINEAR, "staircase")
    )
    after = dataclasses.replace(during, snapshots={"negative_eigenvalues": counts})
    (line,) = traces(wire.filled(figure, during, *rows_of(schedule)), "run")
    assert not len(line.y)
    (line,) = traces(wire.filled(figure, after, *rows_of(schedule)), "run")
    np.testing.assert_allclose(numbers(line.y), counts[0], rtol=1e-6)
    np.testing.assert_allclose(numbers(line.x), schedule.record_times[schedule.snapshot_records])


def test_run_and_theory_of_the_default_follow_each_other():
    setup = prepared(api.experiment(LINEAR), preset="staircase", seeds=2)
    run = Run(setup.experiment, setup.params, setup.tasks, setup.schedule)
    run.finish()
    made = view(LINEAR, "staircase", 2)
    source = wire.Source(
        run.records,
        run.snapshots,
        run.rows,
        run.snapshot_rows,
        foreseen(LINEAR, "staircase", 2),
        made.derived,
    )
    figure = panel(LINEAR, "staircase", "mode_strengths", 2).figure
    full = wire.filled(figure, source, *rows_of(setup.schedule))
    lines, theory = traces(full, "run"), traces(full, "theory")
    assert len(lines) == len(theory) == 4
    for line, curve in zip(lines, theory, strict=True):
        np.testing.assert_allclose(numbers(line.x), numbers(curve.x))
        # the tolerance of the claim mode_strengths
        np.testing.assert_allclose(numbers(line.y), numbers(curve.y), atol=2e-3)
    low, high = traces(full, "band")[:2]
    assert (numbers(low.y) <= numbers(high.y) + 1e-7).all()


def test_times_and_levels_stand_where_theory_says():
    one = first_seed(foreseen(LINEAR, "staircase"))
    figure = panel(LINEAR, "staircase", "loss").figure
    upright = [s.x0 for s in figure.layout.shapes if s.yref == "paper"]
    level = [s.y0 for s in figure.layout.shapes if s.xref == "paper"]
    np.testing.assert_allclose(upright, one["jump_times"].values)
    np.testing.assert_allclose(level, one["plateau_losses"].values)


def test_every_panel_over_time_has_the_same_x_range_and_margin():
    for one in view(LINEAR, "staircase").panels:
        assert tuple(one.figure.layout.xaxis.range) == tuple(
            panel(LINEAR, "staircase", "loss").figure.layout.xaxis.range
        )
        assert one.figure.layout.margin.l is None or one.figure.layout.margin.l == 58


def test_a_bottleneck_says_which_modes_never_come():
    values = [t.value for t in view(LINEAR, "bottleneck").tiles]
    assert values[2:] == ["never", "never"]
    assert len(view(LINEAR, "bottleneck").events) == 2


def test_ties_draw_levels_and_no_single_modes():
    ids = [p.id for p in view(LINEAR, "ties").panels]
    assert "level_strengths" in ids
    assert "mode_strengths" not in ids
    names = [t.measures for t in view(LINEAR, "ties").tiles]
    assert "first_escape_time" not in names or "jump_times[0]" not in names


def test_the_tree_shows_beliefs_items_and_the_illusion():
    ids = [p.id for p in view(LINEAR, "semantic_tree").panels]
    assert ids[2:5] == ["product", "embedding", "illusory_correlation"]
    figure = panel(LINEAR, "semantic_tree", "illusory_correlation").figure
    theory = traces(figure, "theory")[0]
    assert max(theory.y) == pytest.approx(0.5, abs=0.01)


def test_items_of_one_family_lie_together_and_kingdoms_apart():
    data = foreseen(LINEAR, "semantic_tree")
    places = structured_data.in_plane(data["product"].values[0], structured_data._plane(data))[-1]
    assert (places[:4, 0] > 0.5).all()
    assert (places[4:, 0] < -0.5).all()
    pairs = np.abs(places[::2] - places[1::2]).max(axis=1)
    assert (pairs > 0.05).all()


def test_an_outline_surrounds_true_cells():
    x, y = structured_data.outline(np.array([[True, False]]))
    assert len(x) == 3 * 4
    assert np.nanmin(x) == -0.5
    assert np.nanmax(x) == 0.5
    assert np.nanmax(y) == 0.5


def test_pictures_of_classes_are_laid_out_with_gaps():
    product, pixels = np.ones((3, 10, 2)), np.ones((2, 64))
    canvas = structured_data.mosaic(product, pixels)
    assert canvas.shape == (3, 17, 44)
    assert np.isnan(canvas[:, 8]).all()
    assert (canvas[0, :8, :8] == 2).all()


def test_absent_predictions_leave_their_curves_out():
    data = foreseen(LINEAR, "staircase")
    bare = data.drop_vars(["loss_gradient_flow", "mode_strengths_gradient_flow", "gradient_norm"])
    made = saddle_to_saddle.view(LINEAR)(bare)
    assert "second_theory" not in [e.kind for e in made.legend]
    gradient = next(p for p in made.panels if p.id == "gradient_norm")
    assert not traces(gradient.figure, "theory")


def test_tolerances_fill_the_difference_panel():
    made = saddle_to_saddle.view(LINEAR)(foreseen(LINEAR, "staircase"), {"mode_strengths": 2e-3})
    figure = next(p for p in made.panels if p.id == "difference").figure
    edges = [s.y0 for s in figure.layout.shapes if s.layer == "above"]
    assert edges == [-2.0, 2.0]


def test_sweep_of_alpha_draws_straight_lines_of_slope_one_over_s():
    alpha, s = np.geomspace(1e-7, 1e-2, 12), np.array([5.0, 3.0])
    times = np.log(np.sqrt(2 * s) / alpha[:, None]) / s
    data = xr.Dataset(
        {"jump_times": (("alpha", "mode"), times), "spectrum": ("mode", s)},
        coords={"alpha": alpha},
    )
    made = saddle_to_saddle.sweep_view(LINEAR)(data, "alpha")
    assert [p.id for p in made.panels] == ["jump_times", "difference"]
    assert [t.value for t in made.tiles] == [decimals(0.2), decimals(1 / 3)]
    tag = traces(made.panels[0].figure, "run")[0].meta["run"]
    assert tag["x"] == "alpha"
    run = {"jump_times": 1.001 * times[None]}
    gap = sweeps.SWEEP_DERIVED["jump_times_difference"](run, data)
    np.testing.assert_allclose(gap, 1e-3, rtol=1e-9)


def test_numbers_are_written_for_reading():
    assert significant(6743.0, 4) == "6\u2009743"
    assert significant(1e-5) == "1.0\u2009×\u200910⁻⁵"
    assert significant(-0.25, 2) == "−0.25"
    assert significant(float("inf")) == "never"
    assert decimals(10.0091) == "10.009"
    assert short(6.62) == "6.62"
    assert short(0.0) == "0"


def test_names_at_the_ends_of_weights_never_overlap():
    gap, span = 0.5, [-3.0, 1.0]
    for heights in ([0.0, 0.0, -0.1, -2.0], [0.0, -2.9, -3.0]):
        placed = _apart(heights, gap, span)
        assert (np.diff(placed) <= -gap + 1e-9).all()
        assert min(placed) >= span[0]
    assert _apart([0.5, -2.0], gap, span) == [0.5, -2.0]


def test_digits_show_what_each_class_looks_for():
    ids = [p.id for p in view(LINEAR, "digits").panels]
    assert {"class_pictures", "class_pictures_predicted"} <= set(ids)
