"""Lengths on paper, as somebody writes them."""

from __future__ import annotations

import re

from app.figures.paper.axes import POINTS
from sims.core.sentences import one_line

UNITS = {"in": POINTS, "cm": POINTS / 2.54, "mm": POINTS / 25.4, "pt": POINTS / 72.27}
"""Points of PDF (72 an inch) in each; a pt is TeX's, of which an inch has 72.27."""
LEAST, MOST = 1.0, 20.0
"""Inches that a side of a figure may have."""
_LENGTH = re.compile(r"\s*(\d+\.?\d*|\.\d+)\s*(in|cm|mm|pt)\s*")
MOST_QUOTED = 20


def points(text: str) -> float:
    """A length such as 3.25in, 8.5cm, 85mm or 246pt, in points of PDF.

    Raises:
        ValueError: it is none, or none from 1 to 20 inches; one sentence.
    """
    found = _LENGTH.fullmatch(text)
    size = float(found[1]) * UNITS[found[2]] if found else 0.0
    if not LEAST * POINTS <= size <= MOST * POINTS:
        raise ValueError(
            f"{one_line(text, MOST_QUOTED)!r} is no length of a figure: give one from 1in to 20in, "
            "such as 3.25in, 8.5cm or 246pt."
        )
    return size
