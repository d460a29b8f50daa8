"""Weights of a diagonal network on their way up to the diagonal, where run and prediction agree."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.figures import style
from app.figures.axes import axis, linear_range
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import run_traces, theory_trace
from app.tex import prose
from sims.lazy_rich.diagonal_network.view import drawn_weights
from sims.view import Bespoke

PAD = 0.12


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """Each drawn weight against its predicted end, and the true weights."""
    at, ends = sheet.frame("weights_final"), sheet.known["weights_final"]
    chosen = drawn_weights(sheet.known.whole)
    true = sheet.known["weights_true"]
    low, high = min(float(at.min()), 0.0), max(float(at.max()), 0.0)
    span = linear_range(low, high, pad=PAD)
    traces: list[dict[str, Any]] = []
    for k in range(len(chosen)):
        how: dict[str, Any] = {"name": f"weight {chosen[k] + 1}", "x": "ends_shown", "x_index": [k]}
        (trace,) = run_traces("weights_shown", [k], bands=False, records=10**6, **how)
        traces.append(trace | {"line": {"width": 1.6, "color": style.series(0)}})
    traces.append(theory_trace(span, span, "end"))
    every = theory_trace(at, ends, "end of each weight") | {"mode": "markers"}
    every["marker"] = {"size": 6, "symbol": "circle-open", "color": "role:ink"}
    on = np.flatnonzero(true)
    truth = theory_trace(at[on], true[on], "true weight") | {
        "mode": "markers",
        "marker": {"size": 7, "symbol": "x-thin-open", "color": "role:ink2"},
        "hovertemplate": "true %{y:.4~g}<extra></extra>",
    }
    return sheet.plain(
        word, "weights", [*traces, every, truth], np.zeros(0),
        x=axis(prose("predicted end of $w_i$"), span),
        y=prose("weight $w_i$"),
        spans={"linear": linear_range(low, max(high, float(true.max())), pad=PAD)},
        hovermode="closest",
        alt="Weights of the run against their predicted ends; they should stop on the diagonal.",
    )  # fmt: skip
