"""Figures as JSON data, and small enough for a card."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

DIGITS = 4


def plain(value: Any) -> Any:
    """JSON data with few digits, and without what a static picture does not need."""
    if isinstance(value, dict) and "bdata" in value:
        flat = np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"])
        shape = [int(n) for n in value["shape"].split(",")] if "shape" in value else [-1]
        return plain(flat.reshape(shape))
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k not in ("meta", "hovertemplate")}
    if isinstance(value, np.ndarray):
        return [plain(v) for v in value.tolist()]
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
    return value


def thumbnail(figure: dict[str, Any], *, bands: bool) -> dict[str, Any]:
    """The figure for a small card: fewer ticks, tighter margins, no curve labels."""
    hidden = ("words",) if bands else ("words", "band")
    layout = {**figure["layout"]}
    layout["margin"] = {"l": 52, "r": 8, "t": 8, "b": 40}
    layout["annotations"] = []
    for name in ("xaxis", "yaxis"):
        axis = layout[name] = {**layout[name], "nticks": 5}
        if axis.get("type") == "log" and isinstance(axis.get("dtick"), (int, float)):
            axis["dtick"] = max(axis["dtick"], int(np.ceil(np.ptp(axis["range"]) / 4)))
    data = [_thinned(t) for t in figure["data"] if t.get("legendgroup") not in hidden]
    return {"data": data, "layout": layout}


def _thinned(trace: dict[str, Any]) -> dict[str, Any]:
    """A curve with a hundred points or a few more, which a small picture cannot tell from all.

    Of a cloud of dots 600 are kept.
    """
    if trace.get("type") == "heatmap":
        return trace
    most = 600 if trace.get("mode") == "markers" else 100
    return trace | {a: trace[a][:: max(1, len(trace.get(a, ())) // most)] for a in "xy"}
