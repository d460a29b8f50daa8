"""The figure of a panel: bands below, runs, theory on top, levels dotted underneath."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.figures import style
from app.figures.marks import level_labels, level_line, note
from app.figures.panels import Plain

LAYERS = ("ground", "band", "run", "second_run", "second_theory", "theory", "words")


def drawn(
    traces: Sequence[dict[str, Any]],
    *,
    x: dict[str, Any],
    y: dict[str, Any],
    levels: Sequence[tuple[float, str]] = (),
    tolerances: Sequence[float] = (),
    annotations: Sequence[dict[str, Any]] = (),
    **layout: Any,
) -> Plain:
    """Traces in their order between two axes, with predicted heights and edges of a tolerance."""
    words = [(level, word) for level, word in levels if word]
    named = [level_labels(words, x, y)] if words else []
    labels = []
    if tolerances:
        top = max(tolerances)
        height = float(np.log10(top)) if y.get("type") == "log" else top
        labels.append(note("tolerance", 1, y=height, xanchor="right", yanchor="bottom"))
    shapes = [level_line(level) for level, _ in levels]
    shapes += [level_line(edge, tolerance=True) for edge in tolerances]
    made: dict[str, Any] = {
        "template": style.TEMPLATE,
        "xaxis": x,
        "yaxis": y,
        "shapes": shapes,
        "annotations": [*labels, *annotations],
        "uirevision": "fixed",
    }
    ordered = sorted([*traces, *named], key=lambda trace: LAYERS.index(trace["legendgroup"]))
    return {"data": ordered, "layout": made | layout}
