"""Figures of the page, drawn on paper."""

import io
import logging
from functools import cache

import numpy as np
import pypdf
import pytest
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from app.figures import style, views
from app.figures.axes import axis
from app.figures.figure import drawn as laid_out
from app.figures.paper import ink
from app.figures.paper.axes import Box
from app.figures.paper.fonts import settings
from app.figures.paper.panel import drawn
from app.figures.traces import heat, run_traces, text_trace, theory_trace
from sims import api
from sims.core.study import Study

BOX = Box(0, 0, 300, 200)
X = np.linspace(0.0, 4.0, 5)


def on_paper(plain):
    with settings():
        figure = Figure(figsize=(300 / 72, 200 / 72))
        return drawn(figure, BOX, plain)


def plain(*traces, x=None, y=None, **layout):
    spans = {"x": x or axis("time", [0.0, 4.0]), "y": y or axis("loss", [0.0, 20.0])}
    return laid_out(traces, **spans, **layout)


def filled_run(y, of=1):
    *bands, line = run_traces("loss", of=of)
    lows = [b | {"x": X, "y": y + d} for b, d in zip(bands, (-1.0, 1.0), strict=True)]
    return [*lows, line | {"x": X, "y": y}]


def test_theory_is_dashed_ink_above_a_solid_coloured_run():
    (axes,) = on_paper(plain(theory_trace(X, X**2, ""), *filled_run(X**2)))
    run, theory = sorted(axes.get_lines(), key=lambda line: line.get_zorder())
    assert to_hex(theory.get_color()).upper() == style.PAGE["light"]["ink"]
    assert theory.get_linestyle() == "--"
    assert to_hex(run.get_color()).upper() == style.SERIES["light"][0]
    assert run.get_linestyle() == "-"
    np.testing.assert_array_equal(run.get_ydata(), X**2)


def test_the_band_of_the_seeds_lies_between_the_lowest_and_the_highest():
    (axes,) = on_paper(plain(*filled_run(X**2)))
    (band,) = axes.collections
    heights = np.asarray(band.get_paths()[0].vertices)[:, 1]
    assert heights.min() == -1.0
    assert heights.max() == 17.0


def test_levels_and_edges_of_a_tolerance_are_dotted_and_named():
    (axes,) = on_paper(plain(levels=[(8.0, "L_1")], tolerances=[3.0]))
    heights = sorted(float(np.asarray(line.get_ydata())[0]) for line in axes.get_lines())
    assert heights == [3.0, 8.0]
    said = {text.get_text() for text in axes.texts}
    assert {"tolerance", "L_1"} <= said


def test_a_logarithmic_axis_keeps_its_range_and_says_its_title():
    (axes,) = on_paper(plain(y=axis("loss", [-6.0, 1.0], log=True)))
    assert axes.get_yscale() == "log"
    assert axes.get_ylim() == pytest.approx((1e-6, 10.0))
    assert axes.get_ylabel() == "loss"


def test_a_map_has_the_colours_of_the_page_and_the_bar_that_tells_them():
    z = np.arange(6.0).reshape(2, 3)
    trace = heat(z, (0, 5), bar={"thickness": 12}, x=np.arange(3), y=np.arange(2))
    trace |= {"legendgroup": "ground"}
    with settings():
        figure = Figure(figsize=(300 / 72, 200 / 72))
        (axes,) = drawn(figure, BOX, plain(trace))
    (mesh,) = axes.collections
    assert isinstance(mesh, QuadMesh)
    np.testing.assert_array_equal(mesh.get_array(), z)
    assert to_hex(mesh.cmap(0.0)) == to_hex(ink.colour(style.CIVIDIS[0][1]))
    assert len(figure.axes) == 2


def test_a_unit_is_as_long_on_both_axes_where_the_page_has_it_so():
    y = axis("", [-1.0, 1.0]) | {"scaleanchor": "x", "constrain": "range"}
    (axes,) = on_paper(plain(x=axis("", [-1.0, 1.0]), y=y))
    place = axes.get_position()
    across = place.width * 300 / np.ptp(axes.get_xlim())
    up = place.height * 200 / np.ptp(axes.get_ylim())
    assert across == pytest.approx(up)
    assert np.ptp(axes.get_xlim()) >= 2


def test_marks_and_words_stand_at_their_places_in_their_colours():
    dots = {
        "type": "scatter", "mode": "markers", "x": [1.0, 2.0], "y": [3.0, 4.0],
        "marker": {"size": 6, "color": "role:series1"}, "legendgroup": "run",
    }  # fmt: skip
    words = text_trace([1.0], [5.0], ["<b>mode 1</b>"], colours=["role:text0"])
    (axes,) = on_paper(plain(dots, words))
    (marks,) = (c for c in axes.collections if isinstance(c, PathCollection))
    np.testing.assert_array_equal(np.asarray(marks.get_offsets()), [[1, 3], [2, 4]])
    (text,) = (t for t in axes.texts if t.get_text())
    assert text.get_text() == "mode 1"
    assert text.get_fontproperties().get_weight() == "bold"
    assert to_hex(text.get_color()).upper() == style.SERIES_TEXT["light"][0]


def test_a_trace_that_paper_does_not_know_is_no_empty_picture():
    unknown = {"type": "pie", "legendgroup": "run"}
    with pytest.raises(KeyError, match="pie"):
        on_paper(plain(unknown))


@cache
def predicted(name):
    return Study(api.experiment(name)).freeze()


ALONE = [e.name for e in api.experiments() if e.over is None]


@pytest.mark.parametrize("name", ALONE)
def test_every_panel_of_every_experiment_is_drawn_as_vectors(name, caplog):
    start = predicted(name)
    assert start.prediction is not None
    for panel in views.view(name, start.prediction, start.before()[1]).panels:
        with settings(), caplog.at_level(logging.WARNING):
            figure = Figure(figsize=(300 / 72, 200 / 72))
            drawn(figure, BOX, panel.plain)
            made = io.BytesIO()
            figure.savefig(made, format="pdf")
        (page,) = pypdf.PdfReader(made).pages
        assert not page.images, panel.id
    assert not caplog.records
