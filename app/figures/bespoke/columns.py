"""Columns of a table of weights over the cosines that fit them best."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.figures.axes import axis, linear_range
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import run_traces, tag, theory_trace
from app.tex import prose
from sims.view import LATER, Bespoke

CURVES = 3
SPAN = (-2.6, 2.6)


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """Three columns at the time of the scrubber, each with its cosine."""
    p = int(sheet.known["p"])
    n = np.arange(p, dtype=float)
    traces: list[dict[str, Any]] = []
    for i in range(CURVES):
        how: dict[str, Any] = {"k": i, "of": CURVES, "name": f"column {i + 1}"}
        (run,) = run_traces("columns", [i], bands=False, at="scrub", markers=True, x="", **how)
        run["line"] = run["line"] | {"width": 1.2}
        cosine = theory_trace(n, np.full(p, np.nan), f"cosine {i + 1}")
        meta = tag("column_cosines", [i], x="", at="scrub")
        traces += [run | {"x": n}, cosine | {"meta": meta}]
    return sheet.plain(
        word, "columns", traces, np.zeros(0),
        x=axis(prose("number $n$"), linear_range(0.0, p - 1.0, pad=0.03)),
        y="weight over the amplitude",
        spans={"linear": SPAN},
        empty=LATER,
        hovermode="closest",
        alt="Three columns of the first table at the time of the scrubber, and the cosine that "
        "fits each best.",
    )  # fmt: skip
