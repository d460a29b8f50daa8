"""The numbers of modular addition on the plane of a frequency: predicted on a circle, in order."""

from __future__ import annotations

import numpy as np

from app.figures.axes import axis
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import run_traces, theory_trace
from app.tex import prose
from sims.view import Bespoke

REACH = 1.5


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """The trained numbers at the time of the scrubber on the predicted clock."""
    p = int(sheet.known["p"])
    turn = 2 * np.pi * np.append(np.arange(p), 0) / p
    circle = theory_trace(np.cos(turn), np.sin(turn), "the clock") | {
        "mode": "lines+markers",
        "marker": {"size": 5, "symbol": "circle-open", "color": "role:ink"},
    }
    (run,) = run_traces("clock", [1], bands=False, x="clock", x_index=[0], at="scrub", markers=True)
    run["line"] = run["line"] | {"width": 1.0}
    return sheet.plain(
        word, "clock", [run, circle], np.zeros(0),
        x=axis(prose(r"cos $2\pi kn/p$"), [-2 * REACH, 2 * REACH]),
        y=prose(r"sin $2\pi kn/p$"),
        spans={"linear": [-REACH, REACH]},
        y_axis={"scaleanchor": "x"},
        hovermode="closest",
        alt="Embedding of all numbers in the plane of the strongest frequency; theory puts them "
        "on a circle in a known order.",
    )  # fmt: skip
