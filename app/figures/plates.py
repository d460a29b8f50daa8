"""What pictures of matrices share: colours of their cells, axes of names, words before a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.figures import style
from app.figures.panels import axis, note

LATER = "appears with the run; move through time below"


def waiting() -> dict[str, Any]:
    """Words in the middle of a picture that has nothing to show before the run."""
    font = {"size": 13, "color": "role:ink3"}
    return note(LATER, 0.5, 0.5, yref="paper", name="before", font=font)


def named_axis(names: Sequence[str], first: float, last: float) -> dict[str, Any]:
    """An axis with a name at every whole number."""
    return axis("", [first, last]) | {
        "tickvals": list(range(len(names))),
        "ticktext": list(names),
        "showline": False,
        "ticks": "",
        "showgrid": False,
    }


def heat(z: np.ndarray, lo: float, hi: float) -> dict[str, Any]:
    """A matrix as colours, dark where it is small."""
    return {
        "type": "heatmap",
        "z": z,
        "zmin": lo,
        "zmax": hi,
        "colorscale": style.CIVIDIS,
        "showscale": False,
    }
