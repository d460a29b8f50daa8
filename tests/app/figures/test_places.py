"""Points in the plane: dots of the run in rings of theory, with names where there is room."""

import dataclasses

import numpy as np
import pytest

from app.figures import views
from app.live.server import columns, tags
from sims import api
from sims.core.experiment import Observable
from sims.view import Places, View
from tests.app.figures.drawing import Drawing, check_layers, check_panel, traces

NEURON = "lazy_rich/one_neuron"
SPOTS = Observable("place", "x", dims=("point", "axis"), at="snapshots")
ENDS = np.array([[1.0, 0.1, 7.0], [-1.0, 0.0, 7.0], [0.0, 2.0, 7.0], [0.02, 1.9, 7.0]])
SHOTS = 5
NAMES = ("right", "left", "top", "nearly top")


@pytest.fixture(scope="module")
def drawing():
    return Drawing(NEURON, {"dt": 0.01})


@pytest.fixture(scope="module")
def foreseen(drawing):
    """A prediction in which four points go from the middle to their ends."""
    share = np.linspace(0, 1, SHOTS)
    spots = ("snapshot", "point", "axis"), share[:, None, None] * ENDS
    shown = drawing.foreseen.drop_dims("snapshot")
    return shown.assign(spots=spots).assign_coords(point=np.array(NAMES))


def panel(foreseen, **how):
    experiment = api.experiment(NEURON)
    seen = {**experiment.observables, "spots": SPOTS}
    word = Places("spots", **how)
    declared = dataclasses.replace(
        experiment, name="nobody/one_neuron", observables=seen, view=View(word)
    )
    drawn = views.view(declared, foreseen, None)
    check_layers(drawn)
    (made,) = drawn.panels
    check_panel(made)
    return made, drawn.derived


def test_rings_stand_where_theory_ends_and_wait_for_dots(foreseen):
    made, _ = panel(foreseen)
    (ring,), (dot,) = traces(made.figure, "theory"), traces(made.figure, "run")
    np.testing.assert_allclose(np.transpose([ring.x, ring.y]), ENDS[:, :2])
    assert (ring.mode, dot.mode, len(dot.x)) == ("markers", "markers", 0)
    assert made.figure.layout.yaxis.scaleanchor == "x"


def test_dots_and_rings_are_where_the_run_and_theory_are_at_a_moment(foreseen):
    made, derived = panel(foreseen)
    spots = np.random.default_rng(0).normal(size=(1, SHOTS, 4, 3))
    source = columns.Source({}, {"spots": spots}, 0, SHOTS, foreseen, derived)
    bound = {made.plain["data"][b.trace]["legendgroup"]: b for b in tags.bindings(made.plain)}
    for kind, expected in (("run", spots[0, -1]), ("theory", ENDS)):
        x, y = (columns.evaluated(t, source, 0, SHOTS)[-1] for t in bound[kind].tags)
        np.testing.assert_allclose(np.sort([x, y], 0), np.sort(expected[:, :2].T, 0), rtol=1e-6)


def test_other_axes_and_kinds_are_chosen(foreseen):
    kinds = {"kinds": lambda _: [0, 0, 1, 1], "kind_names": ("low", "high")}
    made, _ = panel(foreseen, axes=(1, 2), **kinds)
    low, high = traces(made.figure, "theory")
    np.testing.assert_allclose(low.x, ENDS[:2, 1])
    np.testing.assert_allclose(high.y, ENDS[2:, 2])
    assert len({t.marker.color for t in traces(made.figure, "run")}) == 2
    assert [a.text for a in made.figure.layout.annotations] == ["<b>low</b>", "<b>high</b>"]


def test_names_stand_outside_and_not_on_each_other(foreseen):
    made, _ = panel(foreseen, names="point", named=lambda _: [2, 3, 0, 1])
    (words,) = traces(made.figure, "words")
    assert list(words.text) == ["top", "right", "left"]
    assert list(words.textposition) == ["top center", "middle right", "middle left"]
    assert words.y[0] > ENDS[2, 1]
    (dot,) = traces(made.figure, "run")
    assert tuple(dot.text) == NAMES


def test_what_nobody_predicts_is_drawn_once_there_is_a_run(foreseen):
    made, _ = panel(foreseen.drop_vars("spots"), kinds=lambda _: [0, 0, 1, 1])
    assert traces(made.figure, "theory") == []
    assert len(traces(made.figure, "run")) == 2


def test_arrows_lead_from_the_middle_to_where_a_derived_run_is(foreseen):
    made, derived = panel(foreseen, arrows=True, names="point")
    assert list(derived["spots_0"]({"spots": ENDS[None, None]}, foreseen)[0, 0, 0, :4]) == [
        0, 1, pytest.approx(np.nan, nan_ok=True), 0,
    ]  # fmt: skip
    (dot,) = traces(made.figure, "run")
    assert dot.mode == "lines+markers"
    assert [(s > 0) for s in dot.marker.size] == [False, True, False] * 4
    assert dot.text[:4] == ("right",) * 3 + ("left",)
