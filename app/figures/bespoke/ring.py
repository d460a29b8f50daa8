"""A ring of inputs as two neurons of a layer see it: a dot, a loop, a tangle."""

from __future__ import annotations

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.axes import axis
from app.figures.figure import drawn
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import run_traces, tag, theory_trace
from sims.view import Arrays, Bespoke
from sims.view.known import Known

REACH = 3.0
"""Half of the picture, in units of √q: what two Gaussian numbers seldom leave."""
DOT, HUES = 4, 8


def _closed(points: np.ndarray) -> np.ndarray:
    """Points (..., input, axis) as (..., axis, input), the first one behind the last again."""
    return np.swapaxes(np.concatenate([points, points[..., :1, :]], axis=-2), -1, -2)


def _ring(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
    return _closed(run["ring"])


def _circle(_run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    return _closed(Known(prediction)["circle"])[None]


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """The run's ring in the layer of the scrubber, and the circle that is as large as predicted."""
    circle = _closed(sheet.known["circle"])
    seen, said = sheet.derive("closed_ring", _ring), sheet.derive("closed_circle", _circle)
    count = circle.shape[-1]
    round_it = np.abs(np.arange(count) * 2 / (count - 1) - 1)  # 1 at the first input, 0 opposite
    hues = [style.series(int((HUES - 1) * share), HUES) for share in round_it]
    (run,) = run_traces(seen, [1], bands=False, x=seen, x_index=[0], at="scrub", markers=True)
    run["line"] = run["line"] | {"width": 1.2, "color": "role:rule2"}
    run["marker"] = {"size": DOT, "color": hues}
    theory = theory_trace(circle[0, 0], circle[0, 1], "size")
    theory["meta"] = tag(said, [1], x=said, x_index=[0], at="scrub")
    span = [-REACH, REACH]
    bare = {"showgrid": False, "showticklabels": False, "ticks": "", "showline": False}
    figure = drawn(
        [run, theory],
        x=axis("", span) | bare | {"constrain": "range"},
        y=axis("", span) | bare | {"scaleanchor": "x", "constrain": "range"},
        hovermode=False,
        margin={"l": 12, "r": 12, "t": 12, "b": 12},
    )
    alt = (
        "A ring of inputs as two neurons of the layer at the scrubber see it, with the circle that "
        "is as large as theory says."
    )
    return sheet.bare(word, "ring", figure, alt)
