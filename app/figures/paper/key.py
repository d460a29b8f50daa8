"""The legend of a picture: what its lines are, one strip."""

from __future__ import annotations

from collections.abc import Sequence

from app.figures import style
from app.figures.panels import LegendEntry
from app.figures.paper import ink
from app.figures.paper.fonts import face, width
from app.figures.paper.pen import Pen, cut
from app.figures.paper.words import mathtext

SIZE, SAMPLE, LEAD = 7.6, 17.0, 1.45
STROKES = {
    "theory": style.THEORY,
    "second_theory": style.SECOND_THEORY,
    "run": {"width": style.RUN_WIDTH, "color": "role:series0"},
    "second_run": {"width": style.RUN_WIDTH, "color": "role:series1", "dash": "7px,3px"},
    "band": {"width": 9, "color": "role:series0/0.2"},
    "predicted": style.PREDICTED,
}


def drawn(
    pen: Pen,
    entries: Sequence[LegendEntry],
    left: float,
    right: float,
    *,
    size: float = SIZE,
    lines: int = 1,
) -> None:
    """Each kind of line with its words, from left to right, on as many lines as there may be."""
    unit = size / SIZE
    sample = SAMPLE * unit
    x, line = left, 1
    for entry in entries:
        words = mathtext(entry.words)
        wide = sample + 4 * unit + width(words, face("sans", size))
        if x > left and x + wide > right:
            if line == lines:
                return
            x, line = left, line + 1
            pen.y += LEAD * size
        given = STROKES[entry.kind]
        how = ink.stroke(given, ink.PX * unit)
        y = pen.y - 0.32 * size
        pen.line([x, x + sample], [y, y], ink=given["color"], thick=how["linewidth"],
                 dash=how["linestyle"])  # fmt: skip
        at = x + sample + 4 * unit
        pen.words(at, pen.y, cut(words, "sans", size, right - at), size=size, ink="role:ink2")
        x += wide + 11 * unit


def lines(entries: Sequence[LegendEntry], room: float, size: float) -> int:
    """Lines that the whole of a legend takes."""
    pen = Pen(room, 1.0, 0.0)
    drawn(pen, entries, 0.0, room, size=size, lines=len(entries))
    return 1 + round(pen.y / (LEAD * size))
