"""Cosines between classifiers as three maps: of the run, of theory, and their difference."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.figures.figure import drawn
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import heat, tag
from sims.core.format import significant
from sims.view import Bespoke

COSINE_GAP = 0.1
"""Difference of cosines at the ends of its colours."""


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """The cosines side by side, at the time of the scrubber and at the end."""
    theory = np.asarray(sheet.known["classifier_cosines_final"], float)
    K = len(theory)
    step = K + 0.6
    blank = np.full((K, K), np.nan)
    tagged = tag("classifier_cosines", x="", at="scrub")
    gap = tag("cosine_gap", x="", at="scrub")
    maps: list[tuple[str, str, np.ndarray, float, dict[str, Any]]] = [
        ("run", "run", blank, 1.0, {"meta": tagged}),
        ("theory", "theory", theory, 1.0, {}),
        ("difference", "run", blank, COSINE_GAP, {"meta": gap}),
    ]
    traces, titles = [], []
    for i, (name, kind, z, top, more) in enumerate(maps):
        x = np.arange(K) + i * step
        hover = f"{name} %{{z:.3f}}<extra></extra>"
        how: dict[str, Any] = {"name": name, "legendgroup": kind, "hovertemplate": hover} | more
        traces.append(heat(z, (-top, top), x=x, y=np.arange(K), xgap=1, ygap=1, **how))
        words = name if top == 1 else f"{name} ×{1 / top:.0f}"
        titles.append(_title(words, float(x.mean())))
    bare = {"visible": False, "autorange": False, "fixedrange": True}
    figure = drawn(
        traces,
        x=bare | {"range": [-0.6, 2 * step + K - 0.4], "constrain": "domain"},
        y=bare | {"range": [K - 0.4, -1.6], "scaleanchor": "x", "constrain": "domain"},
        hovermode="closest",
        dragmode=False,
        margin={"l": 12, "r": 12, "t": 6, "b": 12},
        annotations=titles,
    )
    off = theory[~np.eye(K, dtype=bool)]
    off = off[np.isfinite(off)]
    span = f"from {significant(off.min(), 3)} to {significant(off.max(), 3)}" if off.size else ""
    alt = f"Cosines of all pairs of classifiers; theory {span}."
    return sheet.bare(word, "cosines", figure, alt)


def _title(words: str, x: float) -> dict[str, Any]:
    place = {"x": x, "y": -0.75, "xref": "x", "yref": "y", "yanchor": "bottom"}
    return place | {"text": words, "showarrow": False, "font": {"size": 13, "color": "role:ink2"}}
