"""How far each layer moves, over the narrowest nets', against the width: powers are lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.figures.axes import axis, log_range
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import dots, run_traces, text_trace, theory_trace
from app.tex import prose
from sims.core.format import short
from sims.view import Bespoke
from sims.width_transfer.coordinate_check.view import powers

DOT = 8
LAZY = -0.5
"""Power of the features where only the output learns."""
ROOM = 2.4
"""Factor right of the widest nets that has room for names."""


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """Predicted lines dashed, the run's dots on them, at the time of the scrubber."""
    ns, last = sheet.known["width"], powers(sheet.known)
    depth = len(last) - 1
    lines = (ns / ns[0]) ** last[:, None]
    lazy = (ns / ns[0]) ** LAZY
    traces: list[dict[str, Any]] = [theory_trace(ns, lazy, "lazy", second=True)]
    for l in range(depth + 1):
        name = "output" if l == depth else f"layer {l + 1}"
        how: dict[str, Any] = {"k": l, "of": depth, "name": name, "bands": False}
        (run,) = dots(run_traces("relative", [l], x="", at="scrub", **how), DOT)
        if l == depth:
            run["marker"] |= {"color": "role:ink", "symbol": "diamond"}
        traces += [run | {"x": ns}, theory_trace(ns, lines[l], name)]
    shown = np.concatenate([lines.ravel(), lazy])
    spread = max(float(shown.max() / shown.min()), 10.0) ** 0.12
    span = log_range(float(shown.min() / spread), float(shown.max() * spread))
    traces.append(_names(last, ns, lines))
    return sheet.plain(
        word, "change", traces, shown,
        x=axis(prose("width $n$"), log_range(ns[0] / 1.1, ns[-1] * ROOM, pad=0.0), log=True)
        | {"tickvals": ns, "ticktext": [str(int(n)) for n in ns]},
        spans={"log": span},
        hovermode="closest",
        alt="How far features of every layer and the output have moved, over how far those of the "
        "narrowest nets have, against the width, at the time of the scrubber; predicted powers are "
        "dashed lines.",
    )  # fmt: skip


def _names(powers: np.ndarray, ns: np.ndarray, lines: np.ndarray) -> dict[str, Any]:
    """At the end of every line the layers that share it, and their power."""
    depth = len(powers) - 1
    y, words = [], []
    for power in np.unique(powers):
        layers = np.flatnonzero(powers == power)
        symbols = ["$f$" if l == depth else f"$h^{l + 1}$" for l in layers]
        y.append(float(lines[layers[0], -1]))
        words.append(f"{prose(', '.join(symbols))}: {prose(f'$n^{{{short(power + 0.0)}}}$')}")
    x = [float(ns[-1]) * 1.06] * len(y)
    return text_trace(x, y, words, colours="role:ink2", side="middle right", size=14)
