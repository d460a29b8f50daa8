"""Declared views: what is drawn of them, and what an experiment without one gets."""

import dataclasses
from functools import cache
from typing import Any

import numpy as np
import pytest

from app.figures import render, views
from app.figures.panels import View as DrawnView
from app.live.server import columns, tags
from app.tex import symbol
from sims import api
from sims.view import Curves, Difference, Law, Level, Moment, Profile, Tile, View
from sims.view.known import Known
from tests.app.figures.drawing import Drawing, check_layers, check_panel, check_prediction, traces

NEURON = "lazy_rich/one_neuron"
SMALL = {"dt": 0.01}


@cache
def drawing(seeds: int = 1) -> Drawing:
    return Drawing(NEURON, SMALL, seeds)


def drawn(declared: View | None, tolerances: dict[str, float] | None = None) -> DrawnView:
    experiment = dataclasses.replace(api.experiment(NEURON), view=declared)
    return views.view(hidden(experiment), drawing().foreseen, tolerances)


def hidden(experiment: Any) -> Any:
    """The same as an experiment of nobody's, which no table of drawings lists."""
    return dataclasses.replace(experiment, name="nobody/one_neuron")


def panel(word: Any, tolerances: dict[str, float] | None = None) -> Any:
    (made,) = drawn(View(word), tolerances).panels
    check_panel(made)
    return made


def test_an_experiment_without_a_view_is_drawn_from_its_observables():
    made = drawn(None)
    check_prediction(made)
    check_layers(made)
    ids = [p.id for p in made.panels]
    assert ids[:5] == ["beta", "loss", "a", "w", "conserved"]
    assert [t.words for t in made.tiles][:2] == ["loss at the end", "outer weight at the end"]
    assert "beta_difference" in ids


def test_every_tag_of_the_usual_view_names_something_the_run_has():
    made, run = drawn(None), drawing().ran
    source = columns.Source(
        run.records, run.snapshots, run.rows, run.snapshot_rows, drawing().foreseen, made.derived
    )
    for one in made.panels:
        for binding in tags.bindings(one.plain):
            for tag in binding.tags:
                assert len(columns.evaluated(tag, source, 0, run.rows)) == run.rows


def test_a_panel_takes_its_words_from_the_observable():
    made = panel(Curves("a"))
    assert (made.id, made.title, made.symbol) == ("a", "Outer weight", symbol("a"))
    assert made.figure.layout.yaxis.title.text == f"outer weight {symbol('a')}"
    assert not made.toggle
    assert panel(Curves("loss", linear=True, log=True)).toggle


def test_a_vector_is_a_curve_for_every_entry_each_on_its_theory():
    figure = panel(Curves("beta", names="β#")).figure
    lines, theory = traces(figure, "run"), traces(figure, "theory")
    assert [t.name for t in lines] == ["run β1", "run β2"]
    beta = drawing().foreseen["beta"].values.reshape(-1, 2)
    for k, curve in enumerate(theory):
        np.testing.assert_array_equal(curve.y, beta[: len(curve.y), k])
    assert [t.meta["run"]["index"] for t in lines] == [[0], [1]]


def test_what_is_not_predicted_leaves_the_run_alone():
    figure = panel(Curves("a", theory="a_final", levels=("plateau", 1.0))).figure
    assert not traces(figure, "theory")
    assert len([s for s in figure.layout.shapes if s.y0 == s.y1]) == 1
    assert [p.id for p in drawn(View(Curves("a"), (Curves("w", when="jumps"),))).panels] == ["a"]


def test_one_number_is_a_line_to_the_end():
    (line,) = traces(panel(Curves("a", theory=lambda k: k["a"][-1])).figure, "theory")
    assert line.y[0] == line.y[1] == pytest.approx(1, abs=0.01)
    assert line.x[1] == drawing().foreseen["time"].values[-1]


def test_a_difference_is_magnified_to_its_tolerance():
    figure = panel(Difference("a"), {"a": 2e-3}).figure
    run = next(t for t in figure.data if t.legendgroup == "run")
    assert run.meta["run"]["minus"] is True
    assert run.meta["run"]["scale"] == 1e3
    edges = sorted(s.y0 for s in figure.layout.shapes if s.y0 == s.y1)
    np.testing.assert_allclose(edges, [-2, 2])


def test_moments_are_dotted_and_on_the_scrubber():
    made = drawn(View(Curves("a"), moments=(Moment(lambda _: [1.0, np.inf, 3.0], "t_#"),)))
    assert [(e.symbol_html, e.time) for e in made.events] == [
        (symbol("t_1"), 1),
        (symbol("t_3"), 3),
    ]
    upright = [s.x0 for s in made.panels[0].figure.layout.shapes if s.x0 == s.x1]
    assert upright == [1, 3]


def test_levels_of_an_array_are_numbered():
    figure = panel(Curves("a", levels=(Level(lambda _: [0.2, np.nan, 0.9], "$L_#$", first=0),)))
    (words,) = traces(figure.figure, "words")
    assert sorted(words.text) == [symbol("L_0"), symbol("L_2")]


def test_a_tile_is_set_beside_the_same_number_of_the_run():
    last = drawing().foreseen.sizes["record"] - 1
    tile = drawn(View(Curves("a"), (), (Tile("beta[-1][0]", "end", places=2),))).tiles[0]
    assert (tile.value, tile.measures, tile.claim) == ("1.00", f"beta[{last}][0]", "beta")
    assert not drawn(View(Curves("a"), (), (Tile("unheard_of", "end"),))).tiles


def test_a_misspelt_entry_is_refused():
    with pytest.raises(ValueError, match="names no number"):
        drawn(View(Curves("a"), (), (Tile("beta[first]", "end"),)))


def test_two_panels_of_one_id_are_refused():
    with pytest.raises(ValueError, match="two panels of one id"):
        drawn(View(Curves("a"), (Curves("a"),)))


def test_several_seeds_stand_behind_the_first():
    experiment = api.experiment(NEURON)
    foreseen = drawing(2).foreseen
    made = render.view(experiment, View(Curves("a")), foreseen, {})
    assert {e.kind for e in made.legend} >= {"theory", "run", "band"}
    assert Known(foreseen)["rate_max"] == float(np.ravel(foreseen["rate_max"].values)[0])


def test_a_law_has_a_ring_where_the_setting_is():
    word = Law("loss", over="time", id="law", at=lambda _: 2.0, ring=lambda _: 0.3, run="loss")
    figure = panel(word).figure
    ring = next(t for t in figure.data if t.name == "theory here")
    assert (ring.x[0], ring.y[0]) == (2.0, 0.3)


def test_a_second_theory_may_start_from_the_run():
    made = drawn(View(Curves("a", second="late"), derived={"late": lambda run, _: run["a"]}))
    (line,) = traces(made.panels[0].figure, "second_theory")
    assert len(line.x) == 0
    assert line.meta["run"]["y"] == "late"
    word = Profile("w", second="straight", over=lambda _: np.arange(2.0))
    made = drawn(View(word, derived={"straight": lambda run, _: run["w"]}))
    (line,) = traces(made.panels[0].figure, "second_theory")
    assert (line.meta["run"]["at"], list(line.x)) == ("scrub", [0.0, 1.0])


def test_of_one_number_several_curves_may_be_predicted():
    figure = panel(Curves("a", theory=None, second="beta")).figure
    assert len(traces(figure, "second_theory")) == 2


def test_what_only_rounding_leaves_is_shaded():
    figure = panel(Curves("loss", log=True, rounding=1e-12)).figure
    (shade,) = traces(figure, "ground")
    assert set(shade.y) == {1e-12}
    assert shade.fill == "tozeroy"


def test_names_at_the_lowest_stand_where_theory_is():
    word = Curves("loss", names=("least",), label="lowest", log=(-30.0, 1.0))
    figure = panel(word).figure
    (words,) = traces(figure, "words")
    loss = drawing().foreseen["loss"].values.ravel()
    assert list(words.text) == ["<b>least</b>"]
    assert words.y[0] == pytest.approx(loss.min())


def test_a_noun_that_all_names_share_is_written_once():
    growing = {"a": lambda k: k["time"], "loss": lambda k: k["time"] ** 2}
    word = Curves(("a", "loss"), theory=growing, names=("mode 1", "mode 2"), label="half")
    (words,) = traces(panel(word).figure, "words")
    assert sum("mode" in w for w in words.text) == 1
    assert len(words.text) == 2


def test_a_curve_that_stays_where_it_is_has_no_half_way():
    growing = {"a": lambda k: k["time"], "loss": lambda k: 1e-6 * k["time"]}
    word = Curves(("a", "loss"), theory=growing, names=("mode 1", "mode 2"), label="half")
    (words,) = traces(panel(word).figure, "words")
    assert len(words.text) == 1


def test_bands_follow_a_trail_over_time():
    over_time = panel(Law(id="loss", run="loss", at="time", trail=True, x_span=(0, 1)))
    assert len(traces(over_time.figure, "band")) == 2
    portrait = panel(Law(id="plane", run="loss", at="a", trail=True, x_span=(0, 1)))
    assert not traces(portrait.figure, "band")


def test_an_attribute_of_a_variable_is_read_by_both_names():
    data = drawing().foreseen.copy()
    data["a"] = data["a"].assign_attrs(unit="weight")
    known = Known(data)
    assert known["a.unit"] == "weight"
    assert known.get("a.colour") is None
    assert known.get("b.unit") is None


def test_a_panel_may_have_a_time_axis_that_ends_elsewhere():
    figure = panel(Difference("a", end=0.5, dots=3), {"a": 2e-3}).figure
    assert list(figure.layout.xaxis.range) == [0.0, 0.5]
    (zero,) = traces(figure, "theory")
    assert list(zero.x) == [0.0, 0.5]
    (run,) = traces(figure, "run")
    assert (run.mode, run.marker.size) == ("markers", 3)
