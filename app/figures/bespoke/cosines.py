"""Cosines between classifiers as three maps: of the run, of theory, and their difference."""

from __future__ import annotations

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.panels import Panel, RunArrays, drawn, tag
from app.figures.sheet import Sheet
from sims.core.format import significant
from sims.view import Bespoke

COSINE_GAP = 0.1
"""Difference of cosines at the ends of its colours."""


def _gap(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Run minus prediction."""
    return run["classifier_cosines"] - prediction["classifier_cosines_final"].values[None, None]


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """The cosines side by side, at the time of the scrubber and at the end."""
    theory = np.asarray(sheet.known["classifier_cosines_final"], float)
    K = len(theory)
    step = K + 0.6
    base = {
        "type": "heatmap",
        "y": np.arange(K),
        "colorscale": style.CIVIDIS,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
    }
    blank = np.full((K, K), np.nan)
    places = [np.arange(K) + i * step for i in range(3)]
    shown = "%{z:.3f}<extra></extra>"
    unit = {"zmin": -1.0, "zmax": 1.0}
    gap = {"zmin": -COSINE_GAP, "zmax": COSINE_GAP}
    run = base | unit | {
        "x": places[0], "z": blank, "name": "run", "legendgroup": "run",
        "hovertemplate": f"run {shown}", "meta": tag("classifier_cosines", x="", at="scrub"),
    }  # fmt: skip
    foreseen = base | unit | {
        "x": places[1], "z": theory, "name": "theory", "legendgroup": "theory",
        "hovertemplate": f"theory {shown}",
    }  # fmt: skip
    difference = base | gap | {
        "x": places[2], "z": blank, "name": "difference", "legendgroup": "run",
        "hovertemplate": f"difference {shown}",
        "meta": tag(sheet.derive("cosine_gap", _gap), x="", at="scrub"),
    }  # fmt: skip
    words = ("run", "theory", f"difference ×{1 / COSINE_GAP:.0f}")
    titles = [
        {
            "x": float(place.mean()), "y": -0.75, "xref": "x", "yref": "y", "text": word,
            "showarrow": False, "yanchor": "bottom", "font": {"size": 13, "color": "role:ink2"},
        }
        for place, word in zip(places, words, strict=True)
    ]  # fmt: skip
    bare = {"visible": False, "autorange": False, "fixedrange": True}
    figure = drawn(
        [run, foreseen, difference],
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
