"""Marks that are no traces: predicted heights and moments, and a few words beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from app.figures import style
from app.figures.panels import Event, Panel, relaid
from app.figures.traces import text_trace

SCRUBBED = "appears with the run; drag the scrubber"
LABEL_GAP = 0.045
LEVEL_GAP = 0.075
LINE = {"type": "line", "layer": "below", "name": "prediction", "line": style.PREDICTED}


def level_line(y: float, *, tolerance: bool = False) -> dict[str, Any]:
    """A predicted height across the panel, or an edge of the tolerance above everything."""
    line = LINE | {"xref": "paper", "x0": 0, "x1": 1, "y0": float(y), "y1": float(y)}
    return line | {"layer": "above", "line": style.TOLERANCE} if tolerance else line


def time_line(x: float) -> dict[str, Any]:
    """A predicted moment, dotted from bottom to top."""
    return LINE | {"yref": "paper", "x0": float(x), "x1": float(x), "y0": 0, "y1": 1}


def note(
    text: str,
    x: float,
    y: float,
    *,
    yref: str = "y",
    size: int = 13,
    colour: str = "role:ink2",
    **how: Any,
) -> dict[str, Any]:
    """A few words without an arrow; x counts from the left edge, 0 to 1."""
    font = {"size": size, "color": colour}
    place = {"x": float(x), "y": float(y), "xref": "paper", "yref": yref}
    return place | {"text": text, "showarrow": False, "font": font, "name": "prediction"} | how


def before(text: str, y: float = 0.5) -> dict[str, Any]:
    """Words in a panel that has nothing to show before the run; y from the bottom, 0 to 1."""
    return note(text, 0.5, y, yref="paper", colour="role:ink3", name="before")


def dotted(
    shown: Panel,
    moments: Sequence[Event],
    span: Sequence[float],
    *,
    log: bool = False,
    gap: float = LABEL_GAP,
) -> Panel:
    """The panel with moments dotted on its x axis, and their symbols above.

    `span` holds the symbols, in decades where the axis is logarithmic; one too near its neighbour
    is left out.
    """
    if not moments:
        return shown
    labels, last = [], -np.inf
    for event in sorted(moments, key=lambda e: e.time):
        place = float(np.log10(event.time)) if log else event.time
        if span[0] <= place <= span[1] and place - last >= gap * (span[1] - span[0]):
            last = place
            how = {"xref": "x", "yref": "paper", "yanchor": "bottom", "size": 14}
            labels.append(note(event.symbol_html, place, 1, **how))
    layout = shown.plain["layout"]
    shapes = [*layout["shapes"], *(time_line(event.time) for event in moments)]
    return relaid(shown, shapes=shapes, annotations=[*layout["annotations"], *labels])


def level_labels(
    levels: Sequence[tuple[float, str]], x: Mapping[str, Any], y: Mapping[str, Any]
) -> dict[str, Any]:
    """Symbols at the left end of the dotted levels; close neighbours step to the right."""
    x_range = x["range"]
    span, y_span = x_range[1] - x_range[0], y["range"][1] - y["range"][0]
    places, heights, words, last, shift = [], [], [], np.inf, 0
    for level, word in sorted(levels, key=lambda pair: -pair[0]):
        height = np.log10(max(level, 1e-300)) if y.get("type") == "log" else level
        shift = shift + 1 if last - height < LEVEL_GAP * y_span else 0
        last = height
        if shift > 2:
            continue
        place = x_range[0] + span * (0.008 + 0.055 * shift)
        places.append(10.0**place if x.get("type") == "log" else place)
        heights.append(level)
        words.append(word)
    return text_trace(places, heights, words, side="top right", size=14)
