"""The table of claims on a hand-out, as many rows as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.claim_rows import Row
from app.figures.paper.fonts import Face, face, width
from app.figures.paper.formula import prose
from app.figures.paper.pen import LEFT, ROOM, Pen, cut
from app.figures.paper.words import mathtext
from app.handout.verdicts import INKS, glyph
from app.live.messages import markup

SIZE, SMALL = 8.6, 7.2
LINE, REASON, HEAD, HAND = 13.6, 9.2, 15.0, 19.0
"""Points of a row, of a reason below it, of the head, and of a row to be written in."""
GAP, GLYPH = 13.0, 11.5
"""Points between two columns, and before a verdict's word."""
SLACK = 4.0
"""Points by which TeX in a line may be wider than its letters measure."""
LEAST = 120.0
"""Points that the names of the claims keep."""


@dataclass(frozen=True)
class Column:
    """A column of words, right-aligned; `before` are points for a glyph."""

    head: str
    cells: Sequence[str]
    font: Face = "sans"
    before: float = 0.0

    @property
    def wide(self) -> float:
        """Points that it takes."""
        heads = width(self.head, face("sans", SMALL))
        cells = (self.before + width(cell, face(self.font, SIZE)) for cell in self.cells)
        return max([heads, *cells])


def height(rows: Sequence[Row]) -> float:
    """Points that the table takes with all its rows and reasons."""
    return HEAD + sum(_high(_reason(row)) for row in rows)


def drawn(pen: Pen, rows: Sequence[Row], room: float, *, is_judged: bool) -> None:
    """The table below where the pen stands, in so many points.

    Reasons leave first where there are too many rows, then the last rows, which are counted.
    """
    told = [_reason(row) for row in rows]
    shown = len(rows)
    if HEAD + sum(_high(words) for words in told) > room:
        told = [""] * shown
    while shown > 1 and HEAD + LINE * (shown + (shown < len(rows))) > room:
        shown -= 1
    kept = rows[:shown]
    columns = _columns(kept, is_judged=is_judged)
    rights, at = [], LEFT + ROOM
    for column in reversed(columns):
        rights.append(at)
        at -= column.wide + GAP
    rights.reverse()
    wide = max(LEAST, at - LEFT)
    _head(pen, columns, rights, is_judged=is_judged)
    for i, (row, why) in enumerate(zip(kept, told, strict=False)):
        if i:
            pen.rule(LEFT, LEFT + ROOM, pen.y, thick=0.4)
        foot = pen.y + 9.8
        title = prose(row.title[:1].upper() + row.title[1:])
        pen.words(LEFT, foot, cut(title, "sans_bold", SIZE, wide), "sans_bold", SIZE)
        for column, right in zip(columns, rights, strict=True):
            _cell(pen, column, column.cells[i], right, foot, row)
        pen.y += LINE
        if why:
            pen.words(
                LEFT,
                pen.y + 4.4,
                cut(why, "sans", SMALL, ROOM - SLACK),
                size=SMALL,
                ink="role:ink3",
            )
            pen.y += REASON
    if shown < len(rows):
        left = len(rows) - shown
        pen.words(LEFT, pen.y + 9.8, f"and {left} more", "sans_italic", SIZE, ink="role:ink3")
        pen.y += LINE


def _columns(rows: Sequence[Row], *, is_judged: bool) -> list[Column]:
    made = [
        Column("predicted", [_listed(row.predicted) for row in rows]),
        Column("measured", [row.measured for row in rows]),
        Column("error", [row.error for row in rows], "sans_bold"),
        Column("tolerance", [mathtext(markup.prose(row.tolerance)) for row in rows]),
    ]
    if not is_judged:
        return [made[0], made[3], Column("measured", ["_" * 12 for _ in rows])]
    return [
        *made,
        Column("verdict", [row.verdict.capitalize() for row in rows], "sans_bold", GLYPH),
    ]


def _listed(numbers: str) -> str:
    """Some numbers, the first of them where there are many."""
    several = numbers.split(", ")
    return numbers if len(numbers) < 30 else ", ".join([*several[:3], "…"])


def _head(pen: Pen, columns: Sequence[Column], rights: Sequence[float], *, is_judged: bool) -> None:
    foot = pen.y + 10.0
    pen.words(LEFT, foot, "claim", size=SMALL, ink="role:ink2")
    for column, right in zip(columns, rights, strict=True):
        is_last = is_judged and column is columns[-1]
        x, side = (right - column.wide, "left") if is_last else (right, "right")
        pen.words(x, foot, column.head, size=SMALL, ink="role:ink2", side=side)
    pen.y += HEAD
    pen.rule(LEFT, LEFT + ROOM, pen.y, ink="role:ink", thick=0.7)


def _cell(pen: Pen, column: Column, words: str, right: float, foot: float, row: Row) -> None:
    if column.head != "verdict":
        ink = "role:rule2" if words.startswith("__") else "role:ink"
        pen.words(right, foot, words, column.font, SIZE, side="right", ink=ink)
    elif row.verdict:
        left = right - column.wide
        glyph(pen, left + 3.6, foot - 2.9, row.verdict)
        pen.words(left + GLYPH, foot, words, "sans_bold", SIZE, ink=INKS[row.verdict])


def _reason(row: Row) -> str:
    """Why a verdict is what it is, as one line beneath its claim."""
    return mathtext(markup.prose(row.reason)) if row.reason else ""


def _high(reason: str) -> float:
    return LINE + REASON * bool(reason)


def height_of_guesses(titles: Sequence[str]) -> float:
    """Points that a table to be filled in takes."""
    return HEAD + HAND * len(titles) if titles else 0.0


def guesses(pen: Pen, titles: Sequence[str], room: float) -> None:
    """The claims with room for a guess and for what is measured, to be filled in by hand."""
    foot = pen.y + 10.0
    middle, last = LEFT + 0.52 * ROOM, LEFT + 0.78 * ROOM
    heads = (LEFT, "claim"), (middle, "my guess"), (last, "measured")
    for x, head in heads:
        pen.words(x, foot, head, size=SMALL, ink="role:ink2")
    pen.y += HEAD
    pen.rule(LEFT, LEFT + ROOM, pen.y, ink="role:ink", thick=0.7)
    for title in titles[: max(1, int((room - HEAD) // HAND))]:
        words = cut(prose(title[:1].upper() + title[1:]), "sans", 9.2, middle - LEFT - GAP)
        pen.words(LEFT, pen.y + 13.4, words, size=9.2)
        pen.y += HAND
        pen.rule(LEFT, LEFT + ROOM, pen.y, thick=0.5)
    for x in (middle, last):
        pen.line([x - 8] * 2, [foot - 8, pen.y], ink="role:rule", thick=0.5)
