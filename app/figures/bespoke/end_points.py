"""Weights of a diagonal network on their way up to the diagonal, where run and prediction agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.axes import axis, linear_range
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import run_traces, theory_trace
from app.tex import prose
from sims.view import Arrays, Bespoke

SHOWN = 12
"""Weights whose way is drawn, from the largest predicted end."""
PAD = 0.12


def _ends(prediction: xr.Dataset) -> np.ndarray:
    values = prediction["weights_final"].values
    return values if values.ndim == 2 else values[None]


def shown(prediction: xr.Dataset) -> np.ndarray:
    """Indices of the weights drawn, largest predicted end first."""
    return np.argsort(-np.abs(_ends(prediction)[0]), kind="stable")[:SHOWN]


def _weights(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    return run["weights"][..., shown(prediction)]


def _goals(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The predicted ends of the weights drawn, in every row."""
    ends = _ends(prediction)[: len(run["weights"]), None, shown(prediction)]
    return np.broadcast_to(ends, (*run["weights"].shape[:2], ends.shape[-1]))


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """Each drawn weight against its predicted end, and the true weights."""
    ends, chosen = sheet.known["weights_final"], shown(sheet.known.whole)
    true = sheet.known["weights_true"]
    goals = sheet.derive("ends_shown", _goals)
    sheet.derive("weights_shown", _weights)
    low, high = min(float(ends.min()), 0.0), max(float(ends.max()), 0.0)
    span = linear_range(low, high, pad=PAD)
    traces: list[dict[str, Any]] = []
    for k in range(len(chosen)):
        how: dict[str, Any] = {"name": f"weight {chosen[k] + 1}", "x": goals, "x_index": [k]}
        (trace,) = run_traces("weights_shown", [k], bands=False, records=10**6, **how)
        traces.append(trace | {"line": {"width": 1.6, "color": style.series(0)}})
    traces.append(theory_trace(span, span, "end"))
    every = theory_trace(ends, ends, "end of each weight") | {"mode": "markers"}
    every["marker"] = {"size": 6, "symbol": "circle-open", "color": "role:ink"}
    on = np.flatnonzero(true)
    truth = theory_trace(ends[on], true[on], "true weight") | {
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
