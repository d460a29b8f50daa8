"""End losses of several schedules against the peak rate: a valley each, and this race in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.figures import labels, style
from app.figures.axes import axis, log_range
from app.figures.marks import dotted
from app.figures.panels import Event, Panel
from app.figures.sheet import Sheet
from app.figures.traces import dots, run_traces, text_trace, theory_trace
from app.tex import prose
from sims.view import Bespoke

DOT_SIZE = 8
ROOM = 1.8
"""How far above what is predicted of this race the valleys are drawn."""


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """Predicted valleys dashed; this race in colour where its rate is, dotted."""
    names, at = sheet.known["schedule"], sheet.known["peak"]
    ends, here = sheet.known["landscape"], sheet.known["rate"] / sheet.known["edge"]
    traces: list[dict[str, Any]] = []
    now = sheet.derive("landscape_now", lambda run, _: run["loss"])
    for k, name in enumerate(names):
        how: dict[str, Any] = {"k": k, "of": len(names), "name": str(name), "bands": False}
        (run,) = run_traces(now, [k], x="", at="scrub", markers=True, **how)
        traces += dots([run | {"x": [here]}], DOT_SIZE)
        traces.append(theory_trace(at, ends[:, k], str(name)))
    top = ROOM * float(max(sheet.known["loss_final"].max(), np.median(ends)))
    heights = log_range(0.8 * float(ends.min()), top)
    span = log_range(float(at[0]), float(at[-1]))
    made = sheet.plain(
        word, "loss_final", [*traces, _named(names, float(at[-1]), ends[-1], heights)], np.zeros(0),
        x=axis(prose(r"peak rate over the edge $c$"), span, log=True),
        spans={"log": heights},
        margin=style.MARGIN | {"r": labels.room_at_end(list(names))},
        hovermode="closest",
        alt="End loss of every schedule against the peak rate over the edge, predicted; the dots "
        "are this race.",
    )  # fmt: skip
    return dotted(made, [Event("c", float(here))], span, log=True)


def _named(
    names: Sequence[str], x: float, ends: np.ndarray, span: Sequence[float]
) -> dict[str, Any]:
    """The schedules' names where their valleys end, or leave the panel."""
    order = np.argsort(-ends)
    gap = labels.END_GAP * (span[1] - span[0])
    tops = np.minimum(np.log10(ends[order]), span[1] - gap)
    places = labels.apart(tops.tolist(), gap, span)
    colours = [style.series(k, len(names), "text") for k in order]
    words = [f"<b>{names[k]}</b>" for k in order]
    return text_trace([x] * len(words), [10.0**y for y in places], words, colours=colours)
