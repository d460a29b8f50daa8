"""Models of all sizes, each against an axis of its own: its compute, or how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.figures.axes import axis, log_range
from app.figures.marks import dotted
from app.figures.panels import Event, Panel
from app.figures.sheet import Sheet
from app.figures.traces import run_traces, text_trace, theory_trace
from app.tex import prose, symbol
from sims.scaling_laws.pen_and_paper import one_curve
from sims.view import Bespoke

POINTS = 200


def _runs(of: str, x: str, ms: Sequence[float]) -> list[dict[str, Any]]:
    """One line a size, the largest darkest."""
    traces: list[dict[str, Any]] = []
    for k, m in enumerate(ms):
        how: dict[str, Any] = {"k": k, "of": max(len(ms), 5), "bands": False, "records": 241}
        traces += run_traces(of, [k], x=x, x_index=[k], name=f"size {int(m)}", **how)
    return traces


def frontier(sheet: Sheet, word: Bespoke) -> Panel:
    """The loss of every size against the compute spent, and the edge by pen and paper."""
    known = sheet.known
    ms, spent, loss = known["size"], known["spent"], known["loss"]
    traces = _runs("loss", "spent_so_far", ms)
    for k, m in enumerate(ms):
        traces.append(theory_trace(spent[1:, k], loss[1:, k], f"size {int(m)}"))
    edge = theory_trace(known["compute"], known["law_frontier"], "pen and paper", second=True)
    ends = text_trace(1.1 * spent[-1], loss[-1], [str(int(m)) for m in ms])
    span = log_range(float(spent[1].min()), float(1.6 * spent[-1].max()))
    return sheet.plain(
        word, "loss", [*traces, edge, ends], loss,
        x=axis(prose("compute $C = MBt$"), span, log=True),
        spans={"log": log_range(float(0.7 * loss.min()), 1.3)},
        hovermode="closest",
        alt="The loss of models of every size against the compute spent, with predicted curves "
        "dashed; their lower edge is a straight line on logarithmic axes.",
    )  # fmt: skip


def one(sheet: Sheet, word: Bespoke) -> Panel:
    """Loss over its own floor against x, of all sizes, on the one curve."""
    known = sheet.known
    ms, law = known["size"], known["law_loss"]
    there = known["progress"][~np.isnan(law)]
    if there.size:
        low, high = float(there.min()), float(there.max())
    else:  # too short a run for any size
        low, high = 0.01, 10.0
    x = np.geomspace(low, high, POINTS)
    g = one_curve(x, known["curve_power"])
    span = log_range(low, high)
    made = sheet.plain(
        word, "over_floor",
        [*_runs("over_floor", "progress_so_far", ms), theory_trace(x, g, "")], g,
        x=axis(prose(r"progress $x$"), span, log=True),
        spans={"log": log_range(0.9, float(1.1 * g.max()))},
        hovermode="closest",
        alt="The loss of every size over its own floor, against how far it has come: all sizes "
        "are on one curve.",
    )  # fmt: skip
    return dotted(made, [Event(symbol("x^*"), known["best_x"])], span, log=True)


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """The frontier, or the one curve of all sizes."""
    return (one if word.id == "one_curve" else frontier)(sheet, word)
