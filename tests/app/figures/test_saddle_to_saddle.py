import dataclasses

import numpy as np
import pytest
import xarray as xr

from app.figures import views
from app.figures.bespoke.beliefs import outline
from app.figures.bespoke.class_pictures import mosaic
from app.figures.labels import apart
from app.figures.panels import first_seed
from app.live.server import columns
from sims import api
from sims.core.format import decimals, short, significant
from sims.saddle_to_saddle.linear_network.tree import in_plane, plane
from tests.app.figures.drawing import (
    check_layers,
    check_prediction,
    check_tags,
    drawings,
    numbers,
    traces,
)

LINEAR = "saddle_to_saddle/linear_network"
SETTINGS = {
    preset.id: (experiment.name, dict(preset.params))
    for experiment in api.phenomena()[0].experiments
    for preset in experiment.presets
    if preset.over is None
}
FEWEST_TILES = dict.fromkeys(SETTINGS, 1) | {"one_factor": 0}
drawing = drawings(SETTINGS)


@pytest.mark.parametrize("preset", SETTINGS)
def test_every_preset_draws_its_prediction(preset):
    check_prediction(drawing(preset).view, tiles=FEWEST_TILES[preset])


@pytest.mark.parametrize("preset", SETTINGS)
def test_no_curve_has_colour_before_the_run_and_theory_lies_on_top(preset):
    check_layers(drawing(preset).view)


@pytest.mark.parametrize("preset", SETTINGS)
def test_a_view_needs_no_tolerances(preset):
    known = drawing(preset)
    check_prediction(views.view(known.name, known.foreseen), tiles=FEWEST_TILES[preset])


@pytest.mark.parametrize("preset", SETTINGS)
def test_every_tag_names_something_the_run_has(preset):
    run = drawing(preset).fresh_run()
    run.advance_records(2)
    check_tags(drawing(preset), run)


def test_the_ways_down_are_drawn_once_they_are_counted():
    staircase = drawing("staircase")
    schedule, one = staircase.setup.schedule, staircase.panel("negative_curvatures")
    counts = np.linspace(64, 0, len(schedule.snapshot_records))[None]
    held = {"loss": np.ones((1, len(schedule.record_steps)))}
    during = columns.Source(held, {}, len(schedule.record_steps), counts.size, staircase.foreseen)
    after = dataclasses.replace(during, snapshots={"negative_eigenvalues": counts})
    (line,) = traces(staircase.filled(one, during), "run")
    assert not len(line.y)
    (line,) = traces(staircase.filled(one, after), "run")
    np.testing.assert_allclose(numbers(line.y), counts[0], rtol=1e-6)
    np.testing.assert_allclose(numbers(line.x), schedule.record_times[schedule.snapshot_records])


def test_run_and_theory_of_the_default_follow_each_other():
    staircase = drawing("staircase", 2)
    full = staircase.filled(staircase.panel("mode_strengths"))
    lines, theory = traces(full, "run"), traces(full, "theory")
    assert len(lines) == len(theory) == 4
    for line, curve in zip(lines, theory, strict=True):
        np.testing.assert_allclose(numbers(line.x), numbers(curve.x))
        # the tolerance of the claim mode_strengths
        np.testing.assert_allclose(numbers(line.y), numbers(curve.y), atol=2e-3)
    low, high = traces(full, "band")[:2]
    assert (numbers(low.y) <= numbers(high.y) + 1e-7).all()


def test_times_and_levels_stand_where_theory_says():
    one = first_seed(drawing("staircase").foreseen)
    figure = drawing("staircase").panel("loss").figure
    upright = [s.x0 for s in figure.layout.shapes if s.yref == "paper"]
    level = [s.y0 for s in figure.layout.shapes if s.xref == "paper"]
    np.testing.assert_allclose(upright, one["jump_times"].values)
    np.testing.assert_allclose(level, one["plateau_losses"].values)


def test_every_panel_over_time_has_the_same_x_range_and_margin():
    for one in drawing("staircase").view.panels:
        assert tuple(one.figure.layout.xaxis.range) == tuple(
            drawing("staircase").panel("loss").figure.layout.xaxis.range
        )
        assert one.figure.layout.margin.l is None or one.figure.layout.margin.l == 58


def test_a_bottleneck_says_which_modes_never_come():
    values = [t.value for t in drawing("bottleneck").view.tiles]
    assert values[2:] == ["never", "never"]
    assert len(drawing("bottleneck").view.events) == 2


def test_ties_draw_levels_and_no_single_modes():
    ids = drawing("ties").ids()
    assert "level_strengths" in ids
    assert "mode_strengths" not in ids
    names = [t.measures for t in drawing("ties").view.tiles]
    assert "first_escape_time" not in names or "jump_times[0]" not in names


def test_the_tree_shows_beliefs_items_and_the_illusion():
    ids = drawing("semantic_tree").ids()
    assert ids[2:6] == ["product", "embedding", "dendrogram", "illusory_correlation"]
    figure = drawing("semantic_tree").panel("illusory_correlation").figure
    theory = traces(figure, "theory")[0]
    assert max(theory.y) == pytest.approx(0.5, abs=0.01)


def test_items_of_one_family_lie_together_and_kingdoms_apart():
    data = drawing("semantic_tree").foreseen
    product = data["product"].values[0]
    places = in_plane(product, plane(product[-1]))[-1]
    assert (places[:4, 0] > 0.5).all()
    assert (places[4:, 0] < -0.5).all()
    pairs = np.abs(places[::2] - places[1::2]).max(axis=1)
    assert (pairs > 0.05).all()


def test_an_outline_surrounds_true_cells():
    x, y = outline(np.array([[True, False]]))
    assert len(x) == 3 * 4
    assert np.nanmin(x) == -0.5
    assert np.nanmax(x) == 0.5
    assert np.nanmax(y) == 0.5


def test_pictures_of_classes_are_laid_out_with_gaps():
    product, pixels = np.ones((3, 10, 2)), np.ones((2, 64))
    canvas = mosaic(product, pixels)
    assert canvas.shape == (3, 17, 44)
    assert np.isnan(canvas[:, 8]).all()
    assert (canvas[0, :8, :8] == 2).all()


def test_absent_predictions_leave_their_curves_out():
    data = drawing("staircase").foreseen
    bare = data.drop_vars(["loss_gradient_flow", "mode_strengths_gradient_flow", "gradient_norm"])
    made = views.view(LINEAR, bare)
    assert "second_theory" not in [e.kind for e in made.legend]
    gradient = next(p for p in made.panels if p.id == "gradient_norm")
    assert not traces(gradient.figure, "theory")


def test_tolerances_fill_the_difference_panel():
    made = views.view(LINEAR, drawing("staircase").foreseen, {"mode_strengths": 2e-3})
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
    made = views.sweep_view(LINEAR, data, ["alpha"])
    assert [p.id for p in made.panels] == ["jump_times", "difference"]
    assert [t.value for t in made.tiles] == [decimals(0.2), decimals(1 / 3)]
    tag = traces(made.panels[0].figure, "run")[0].meta["run"]
    assert tag["x"] == "alpha"
    run = {"jump_times": 1.001 * times[None]}
    gap = made.derived["jump_times_ratio"](run, data)
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
        placed = apart(heights, gap, span)
        assert (np.diff(placed) <= -gap + 1e-9).all()
        assert min(placed) >= span[0]
    assert apart([0.5, -2.0], gap, span) == [0.5, -2.0]


def test_digits_show_what_each_class_looks_for():
    ids = drawing("digits").ids()
    assert {"class_pictures", "class_pictures_predicted"} <= set(ids)
