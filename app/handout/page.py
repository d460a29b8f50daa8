"""The page: a hand-out as it is after a run, and one for the students that tells nothing yet."""

from __future__ import annotations

import io

from app.figures.paper import key, panel
from app.figures.paper.axes import Box
from app.figures.paper.fonts import face, height, settings, width
from app.figures.paper.formula import prose
from app.figures.paper.pen import BOTTOM, HIGH, LEFT, ROOM, WIDE, Pen, balanced, broken, cut
from app.figures.paper.words import mathtext
from app.handout import code, table
from app.handout.content import Content

PRODUCT = "Learning Mechanics Explorer"
GUTTER = 14.0
"""Points between the two pictures."""
CODE = 74.0
"""Points of the QR code's side."""
FOOT = HIGH - BOTTOM
THEN = (
    "Scan the code and press Run. Draw what came over your guess, and write down what was "
    "measured. What had you not expected?"
)
THEN_HERE = (
    "Draw what came over your guess, and write down what was measured. What had you not expected?"
)
CROSS = 5.0
"""Points of the arms that mark the origin where there are no axes."""
LINES = 21.0
"""Points between lines to write on."""
LEAST, MOST = 160.0, 236.0
"""Points that a picture is high: as many as the claims leave."""
AROUND, NOTE, FALSIFIER = 46.0, 11.0, 36.0
"""Points that heading and legend of the pictures take, a note, and the sentence on the claims."""


def pdf(content: Content, *, blank: bool = False) -> bytes:
    """A hand-out as one page of A4."""
    with settings():
        pen = blank_page(content) if blank else full_page(content)
        made = io.BytesIO()
        facts = {
            "Title": content.question,
            "Creator": PRODUCT,
            "Producer": "",
            "CreationDate": None,
        }
        pen.figure.savefig(made, format="pdf", metadata=facts)
    return made.getvalue()


def full_page(content: Content) -> Pen:
    """Question, law and settings; the picture before and after; claims; an exercise."""
    pen = Pen()
    _head(pen, content)
    _law(pen, content)
    _settings(pen, content)
    pen.y += 12
    bottom = _bottom(pen, content, "Exercise", content.exercise)
    told = 20.0 if content.headline else 0.0
    below = AROUND + told + FALSIFIER + NOTE * bool(content.hero.note)
    room = bottom - pen.y - below
    wanted = table.height(content.rows) if content.rows else 0.0
    high = min(max(room - wanted, LEAST), MOST)
    _pictures(pen, content, high)
    if content.headline:
        pen.y += 17
        pen.words(LEFT, pen.y, content.headline, "serif_bold", 12.5)
        pen.y += 3
    if content.rows:
        table.drawn(pen, content.rows, room - high, is_judged=content.is_judged)
    pen.y += 3
    said = f"What would have falsified it: {content.falsifier}"
    pen.paragraph(said, "serif_italic", 8.8, ink="role:ink2", most=2)
    _notes(pen, bottom, "What I did not expect")
    return pen


def blank_page(content: Content) -> Pen:
    """Question and settings; empty axes to draw in; lines to write on; nothing is told."""
    pen = Pen()
    _head(pen, content)
    _settings(pen, content)
    pen.y += 22
    pen.words(LEFT, pen.y, "Before anything has run, draw what you expect.", "sans_bold", 10.5)
    pen.y += 6
    high = 286.0
    _picture(pen, pen.box(LEFT, pen.y, ROOM, high), content, is_empty=True, scale=0.68)
    pen.y += high
    bottom = _bottom(pen, content, "Then let it run", THEN if content.link else THEN_HERE)
    titles = [row.title for row in content.rows]
    wanted = table.height_of_guesses(titles)
    many = max(2, int((bottom - pen.y - 50 - wanted) // LINES))
    pen.y += 16
    pen.words(LEFT, pen.y, "Why?", "sans_bold", 10.5)
    _lines(pen, min(many, 6))
    pen.y += 18
    if titles:
        table.guesses(pen, titles, bottom - 8 - pen.y)
    return pen


def _head(pen: Pen, content: Content) -> None:
    pen.words(LEFT, pen.y, content.over, "sans_bold", 8.6, ink="role:accent")
    pen.words(LEFT + ROOM, pen.y, PRODUCT, size=8.6, ink="role:ink3", side="right")
    pen.y += 6
    pen.rule(LEFT, LEFT + ROOM, pen.y)
    pen.y += 5
    size = 20.0
    for line in balanced(prose(content.question), "serif_bold", size, ROOM):
        pen.y += 1.22 * size
        pen.words(LEFT, pen.y, line, "serif_bold", size)
    pen.y += 4


def _law(pen: Pen, content: Content) -> None:
    """The formulas beside each other, in as many rows as they take, then where they hold."""
    size, gap = 12.0, 22.0
    rows: list[list[str]] = [[]]
    wide = 0.0
    for piece in content.law:
        wide += width(piece, face("sans", size)) + gap * bool(rows[-1])
        if rows[-1] and wide > ROOM:
            rows.append([])
            wide = width(piece, face("sans", size))
        rows[-1].append(piece)
    pen.y += 4
    for row in rows:
        sizes = [min(size, size * ROOM / width(piece, face("sans", size))) for piece in row]
        ups, downs = zip(
            *(height(p, face("sans", s)) for p, s in zip(row, sizes, strict=True)), strict=True
        )
        pen.y += max(ups) + 7
        x = LEFT
        for piece, chosen in zip(row, sizes, strict=True):
            pen.words(x, pen.y, piece, size=chosen)
            x += width(piece, face("sans", chosen)) + gap
        pen.y += max(downs)
    pen.y += 3
    where = f"{content.regime} {content.source}." if content.source else content.regime
    pen.paragraph(where, size=8.8, ink="role:ink2", most=2)


def _settings(pen: Pen, content: Content) -> None:
    pen.y += 4
    label = "Settings"
    wide = width(label, face("sans_bold", 8.8)) + 8
    before = pen.y
    pen.paragraph(
        "; ".join(content.settings) + ".", size=8.8, x=LEFT + wide, wide=ROOM - wide, most=2
    )
    pen.words(LEFT, before + 1.38 * 8.8, label, "sans_bold", 8.8)


def _pictures(pen: Pen, content: Content, high: float) -> None:
    wide = (ROOM - GUTTER) / 2
    right = LEFT + wide + GUTTER
    pen.words(LEFT, pen.y + 8, "Draw your guess", "sans_bold", 10)
    title, symbol = mathtext(content.hero.title), mathtext(content.hero.symbol)
    title = cut(title, "sans_bold", 10, wide)
    pen.words(right, pen.y + 8, title, "sans_bold", 10)
    at = right + width(title, face("sans_bold", 10)) + 5
    if at + width(symbol, face("sans", 10)) < LEFT + ROOM:
        pen.words(at, pen.y + 8, symbol, size=10, ink="role:ink3")
    pen.y += 12
    _picture(pen, pen.box(LEFT, pen.y, wide, high), content, is_empty=True)
    _picture(pen, pen.box(right, pen.y, wide, high), content, is_empty=False)
    pen.y += high + 9
    key.drawn(pen, content.hero.legend, right, LEFT + ROOM)
    if content.hero.note:
        pen.y += 1
        pen.paragraph(mathtext(content.hero.note), size=7.6, ink="role:ink3", most=2, lead=1.3)
    pen.y += 4


def _picture(
    pen: Pen, box: Box, content: Content, *, is_empty: bool, scale: float = panel.PX
) -> None:
    """The picture in a place; one without axes gets a frame to draw in."""
    plain = content.hero.empty if is_empty else content.hero.filled
    panel.drawn(pen.figure, box, plain, scale=scale)
    if is_empty and not plain["layout"]["yaxis"].get("showline", True):
        _frame(pen, box, content.hero.marks)


def _frame(pen: Pen, box: Box, marks: str) -> None:
    """A frame around its origin, and what is to be drawn in it."""
    top = HIGH - box.bottom - box.height
    x, y = [box.left, box.left + box.width], [top, top + box.height]
    pen.line([x[0], x[1], x[1], x[0], x[0]], [y[0], y[0], y[1], y[1], y[0]], ink="role:rule2",
             thick=0.6)  # fmt: skip
    across, down = sum(x) / 2, sum(y) / 2
    pen.line([across - CROSS, across + CROSS], [down, down], ink="role:ink3", thick=0.6)
    pen.line([across, across], [down - CROSS, down + CROSS], ink="role:ink3", thick=0.6)
    pen.words(across + CROSS, down + CROSS + 5, "0", size=7.6, ink="role:ink3")
    pen.words(x[0] + 7, y[1] - 7, mathtext(marks), size=8.6, ink="role:ink2")


def _notes(pen: Pen, bottom: float, heading: str) -> None:
    """Lines to write on, where there is room left for two of them at least."""
    many = int((bottom - pen.y - 34) // LINES)
    if many >= 2:
        pen.y += 24
        pen.words(LEFT, pen.y, heading, "sans_bold", 9.4)
        _lines(pen, min(many, 5))


def _lines(pen: Pen, many: int) -> None:
    """Lines to write on."""
    for _ in range(many):
        pen.y += LINES
        pen.rule(LEFT, LEFT + ROOM, pen.y, ink="role:rule2", thick=0.5)


def _bottom(pen: Pen, content: Content, heading: str, words: str) -> float:
    """Exercise, code and where it all comes from, at the foot; where that begins."""
    back = pen.y
    wide = ROOM - (CODE + 16 if content.link else 0)
    when = content.predicted_at[:16].replace("T", " ")
    frozen = (
        f"prediction {content.hash[:12]} of {when}Z" if content.hash else "no frozen prediction"
    )
    lines = min(len(broken(words, "sans", 9.2, wide)), 4)
    top = FOOT - (CODE + 22 if content.link else 36 + 12.7 * lines)
    pen.rule(LEFT, LEFT + ROOM, top, ink="role:rule")
    pen.y = top + 3
    if words:
        pen.y += 13
        pen.words(LEFT, pen.y, heading, "sans_bold", 9.4)
        pen.y += 1
        pen.paragraph(words, size=9.2, wide=wide, most=4)
    foot = FOOT
    pen.words(LEFT, foot, cut(frozen, "code", 6.8, wide), "code", 6.8, ink="role:ink3")
    said = content.link or content.command
    shown = cut(said.replace("&", " &"), "code", 6.8, wide).replace(" &", "&")
    pen.words(LEFT, foot - 10, shown, "code", 6.8, ink="role:ink2", parse_math=False)
    if content.link:
        side = CODE
        place = pen.box(WIDE - LEFT - side, FOOT - side - 8, side, side)
        code.drawn(pen.figure, place, content.link)
        pen.words(WIDE - LEFT, FOOT, "open it live", size=7.2, ink="role:ink3", side="right")
    pen.y = back
    return top
