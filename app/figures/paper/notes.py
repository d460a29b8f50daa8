"""What stands in a figure besides its traces: predicted heights and moments, and a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Transform, blended_transform_factory

from app.figures.paper import ink
from app.figures.paper.fonts import face
from app.figures.paper.words import is_bold, mathtext

OFFSET = 2.0
"""Points between a place and the words beside it."""
SIDES = {"left": "left", "right": "right", "center": "center", "auto": "center"}
UPS = {"top": "top", "bottom": "bottom", "middle": "center", "auto": "center"}
BELOW, ABOVE = 1, 60
"""Where lines beneath the traces and above them lie."""


def shape(axes: Axes, given: Mapping[str, Any], scale: float) -> None:
    """A line across the figure, or up it."""
    order = ABOVE if given.get("layer") == "above" else BELOW
    how: dict[str, Any] = ink.stroke(given["line"], scale) | {"zorder": order}
    if given.get("xref") == "paper":
        axes.axhline(given["y0"], given["x0"], given["x1"], **how)
    elif given.get("yref") == "paper":
        axes.axvline(given["x0"], given["y0"], given["y1"], **how)
    else:
        axes.plot([given["x0"], given["x1"]], [given["y0"], given["y1"]], **how)


def note(axes: Axes, given: Mapping[str, Any], whole: Transform, scale: float) -> None:
    """A few words at a place of the figure, counted by an axis or as a share of the whole."""
    refs = given.get("xref", "x"), given.get("yref", "y")
    x, y = float(given["x"]), float(given["y"])
    at = [whole if ref == "paper" else axes.transData for ref in refs]
    if refs[0] != "paper" and axes.get_xscale() == "log":
        x = 10.0**x
    if refs[1] != "paper" and axes.get_yscale() == "log":
        y = 10.0**y
    if not np.isfinite([x, y]).all():
        return
    across, up = str(given.get("xanchor", "auto")), str(given.get("yanchor", "auto"))
    shift = 0.0, {"bottom": OFFSET, "top": -OFFSET}.get(up, 0.0)
    font = given.get("font", {})
    axes.annotate(
        mathtext(given["text"]), (x, y), shift, annotation_clip=False, zorder=ABOVE + 1,
        xycoords=blended_transform_factory(*at), textcoords="offset points",
        ha=SIDES[across], va=UPS[up], color=ink.colour(font.get("color", "role:ink2")),
        fontproperties=face(
            "sans_bold" if is_bold(given["text"]) else "sans", scale * float(font.get("size", 13))
        ),
    )  # fmt: skip
