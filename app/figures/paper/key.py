"""The legend of a picture: what its lines are, one strip."""

from __future__ import annotations

from collections.abc import Sequence

from app.figures import style
from app.figures.panels import LegendEntry
from app.figures.paper import ink
from app.figures.paper.fonts import face, width
from app.figures.paper.pen import Pen, cut
from app.figures.paper.words import mathtext

SIZE, SAMPLE = 7.6, 17.0
STROKES = {
    "theory": style.THEORY,
    "second_theory": style.SECOND_THEORY,
    "run": {"width": style.RUN_WIDTH, "color": "role:series0"},
    "second_run": {"width": style.RUN_WIDTH, "color": "role:series1", "dash": "7px,3px"},
    "band": {"width": 9, "color": "role:series0/0.2"},
    "predicted": style.PREDICTED,
}


def drawn(pen: Pen, entries: Sequence[LegendEntry], left: float, right: float) -> None:
    """Each kind of line with its words, from left to right as far as there is room."""
    x = left
    for entry in entries:
        words = mathtext(entry.words)
        wide = SAMPLE + 4 + width(words, face("sans", SIZE))
        if x > left and x + wide > right:
            return
        how = ink.stroke(STROKES[entry.kind], ink.PX)
        y = pen.y - 2.4
        line = STROKES[entry.kind]
        pen.line([x, x + SAMPLE], [y, y], ink=line["color"], thick=how["linewidth"],
                 dash=how["linestyle"])  # fmt: skip
        room = right - x - SAMPLE - 4
        pen.words(x + SAMPLE + 4, pen.y, cut(words, "sans", SIZE, room), size=SIZE, ink="role:ink2")
        x += wide + 11
