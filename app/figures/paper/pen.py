"""A pen on a page: words, paragraphs and rules, from the top down, in points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from app.figures.paper.axes import POINTS, Box
from app.figures.paper.fonts import Face, face, width
from app.figures.paper.ink import colour

WIDE, HIGH = 595.28, 841.89
"""Those of A4."""
LEFT, TOP, BOTTOM = 44.0, 40.0, 34.0
ROOM = WIDE - 2 * LEFT
"""Points between the margins."""


class Pen:
    """Writes where it stands, `y` points below the upper edge, and moves down."""

    def __init__(self, wide: float = WIDE, high: float = HIGH, top: float = TOP) -> None:
        """A blank page; it stands at its upper margin."""
        self.wide, self.high = wide, high
        self.figure = Figure(figsize=(wide / POINTS, high / POINTS))
        self.y = top

    def box(self, x: float, y: float, wide: float, high: float) -> Box:
        """A place whose upper left corner is there."""
        return Box(x, self.high - y - high, wide, high)

    def words(
        self,
        x: float,
        y: float,
        words: str,
        font: Face = "sans",
        size: float = 9.0,
        *,
        ink: str = "role:ink",
        side: str = "left",
        **how: Any,
    ) -> None:
        """A line of words on a foot line."""
        self.figure.text(
            x / self.wide, 1 - y / self.high, words, color=colour(ink),
            fontproperties=face(font, size), ha=side, va="baseline", **how,
        )  # fmt: skip

    def rule(
        self, x0: float, x1: float, y: float, *, ink: str = "role:rule", thick: float = 0.6
    ) -> None:
        """A level line."""
        self.line([x0, x1], [y, y], ink=ink, thick=thick)

    def line(
        self, x: Sequence[float], y: Sequence[float], *, ink: str, thick: float, dash: Any = "-"
    ) -> None:
        """A line through some places."""
        across, down = [a / self.wide for a in x], [1 - b / self.high for b in y]
        how = {"color": colour(ink), "linewidth": thick, "linestyle": dash}
        self.figure.add_artist(Line2D(across, down, transform=self.figure.transFigure, **how))

    def mark(self, x: float, y: float, **how: Any) -> None:
        """One mark, as Matplotlib has them."""
        at = {"transform": self.figure.transFigure, "linestyle": "none"}
        self.figure.add_artist(Line2D([x / self.wide], [1 - y / self.high], **at, **how))

    def paragraph(
        self,
        words: str,
        font: Face = "sans",
        size: float = 9.0,
        *,
        x: float = LEFT,
        wide: float = ROOM,
        lead: float = 1.38,
        most: int = 0,
        **how: Any,
    ) -> int:
        """Words broken into lines, below where the pen stands; how many lines they took."""
        lines = broken(words, font, size, wide)
        if most and len(lines) > most:
            lines = [*lines[: most - 1], cut(" ".join(lines[most - 1 :]), font, size, wide)]
        for line in lines:
            self.y += size * lead
            self.words(x, self.y, line, font, size, **how)
        return len(lines)


def broken(words: str, font: Face, size: float, wide: float) -> list[str]:
    """Lines of words that are no wider than that; formulas stay whole."""
    lines: list[str] = []
    for word in _words(words):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, face(font, size)) <= wide:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def balanced(words: str, font: Face, size: float, wide: float) -> list[str]:
    """The same number of lines, about equally long."""
    lines = broken(words, font, size, wide)
    narrow = wide
    while narrow > wide / 2 and len(broken(words, font, size, narrow - 6)) == len(lines):
        narrow -= 6
    return broken(words, font, size, narrow)


def cut(words: str, font: Face, size: float, wide: float) -> str:
    """As many words as fit on a line, with an ellipsis where some are left out."""
    lines = broken(words, font, size, wide)
    if len(lines) < 2:
        return words
    kept = _words(lines[0])
    while kept and width(f"{' '.join(kept)} …", face(font, size)) > wide:
        kept.pop()
    return f"{' '.join(kept)} …"


def _words(text: str) -> list[str]:
    """What stands between spaces outside of formulas."""
    made, inside = [""], False
    for i, sign in enumerate(text):
        inside ^= sign == "$" and text[i - 1 : i] != "\\"
        if sign == " " and not inside:
            made.append("")
        else:
            made[-1] += sign
    return [word for word in made if word]
