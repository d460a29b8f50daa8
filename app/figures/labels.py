"""Names of curves, in their colours: at their ends, half-way, at their lowest, or as a key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from app.figures import style
from app.figures.marks import note
from app.figures.traces import text_trace
from app.tex import plain, prose
from sims.core.format import EN

if TYPE_CHECKING:
    from app.figures.curves import Line
    from app.figures.sheet import Sheet

ROOM_AT_END, LETTER = 44, 7.5
"""Pixels right of the plot that names at the ends of curves take at least, and a letter takes."""
END_GAP = 0.09
KEY_STEP = 0.09
"""Distance of two names of a key, in shares of the panel."""
CORNERS = {
    "upper": ("right", "top", 1.0, -1),
    "lower": ("right", "bottom", 0.02, 1),
    "left": ("left", "top", 0.98, -1),
    "lower left": ("left", "bottom", 0.02, 1),
}
STEP_DOWN = 0.12
"""Distance of two names at about one place, in shares of the largest change."""
FLAT = 0.05
"""Share of the largest change below which a curve has no half-way."""
LOWEST = 0.15
"""Share of the panel below which no name is put."""
INSIDE = (0.03, 0.96)
"""Shares of the time axis between which names at the lowest stand."""
FEW, FEW_FROM = 3, 0.75
"""So few names stand lower at the left, where levels are named at the top."""
NAME_ROOM, NOUN_ROOM = 0.08, 0.24
"""Shares of a phone's panel that a curve's number takes, and that a word and its number take."""


def placed(
    sheet: Sheet, where: str, lines: Sequence[Line], y_range: Sequence[float], *, log: bool = False
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Traces and annotations that bear the names of the lines of a panel.

    `y_range` is that of the axis drawn first, in decades if that is `log`.
    """
    if not where or not any(line.word for line in lines):
        return [], []
    if where == "end":
        return _at_ends(sheet, lines, y_range, log), []
    if where == "half":
        return _half_way(sheet, lines), []
    if where == "lowest":
        return _at_lowest(sheet, lines, y_range), []
    start = FEW_FROM if where == "left" and len(lines) <= FEW else None
    return [], key(where, [line.word for line in lines], start)


def _hues(lines: Sequence[Line]) -> list[str]:
    return [style.series(k, len(lines), "text") for k in range(len(lines))]


def key(
    where: str, names: Sequence[str], start: float | None = None, step: float = KEY_STEP
) -> list[dict[str, Any]]:
    """Names below each other in a corner, the first one on top; '' stays away."""
    side, anchor, usual, down = CORNERS[where]
    count, made = len(names), []
    for row, k in enumerate(range(count) if down < 0 else reversed(range(count))):
        y = (usual if start is None else start) + down * step * row
        how: dict[str, Any] = {"xanchor": side, "yanchor": anchor, "yref": "paper", "name": "key"}
        colour = style.series(k, count, "text")
        x = 0.99 if side == "right" else 0.01
        if names[k]:
            made.append(note(f"<b>{prose(names[k])}</b>", x, y, colour=colour, **how))
    return made


def _named(
    lines: Sequence[Line],
    places: Sequence[tuple[float, float, int]],
    side: str = "middle right",
    space: tuple[str, str] = ("", ""),
) -> list[dict[str, Any]]:
    """The names of some lines at x and y, with space before and after them."""
    if not places:
        return []
    hues = _hues(lines)
    words = [f"{space[0]}<b>{prose(lines[k].word)}</b>{space[1]}" for *_, k in places]
    colours = [hues[k] for *_, k in places]
    x, y = [x for x, _, _ in places], [y for _, y, _ in places]
    return [text_trace(x, y, words, colours=colours, side=side)]


def _at_ends(
    sheet: Sheet, lines: Sequence[Line], y_range: Sequence[float], log: bool
) -> list[dict[str, Any]]:
    """Names right of the predicted ends, pushed apart where these are close."""
    found = [
        (float(np.ravel(y)[-1]), k)
        for k, line in enumerate(lines)
        if (y := line.theory) is not None
    ]
    ends = [(float(np.log10(end)) if log else end, k) for end, k in found if end > 0 or not log]
    ends = sorted((pair for pair in ends if np.isfinite(pair[0])), reverse=True)
    heights = apart([end for end, _ in ends], END_GAP * (y_range[1] - y_range[0]), y_range)
    if log:
        heights = [10.0**height for height in heights]
    x = sheet.timeline.span[1]
    return _named(lines, [(x, y, k) for y, (_, k) in zip(heights, ends, strict=True)])


def room_at_end(names: Sequence[str] | str) -> int:
    """Pixels right of the plot for the longest of these names, or for what they all are called."""
    words = (names,) if isinstance(names, str) else names
    return max(ROOM_AT_END, *(round(LETTER * (len(plain(word)) + 1)) for word in words))


def apart(heights: Sequence[float], gap: float, y_range: Sequence[float]) -> list[float]:
    """Falling heights moved as little as keeps them a gap apart and inside the range."""
    groups: list[list[float]] = []
    for height in heights:
        groups.append([height])
        while len(groups) > 1 and _bottom(groups[-2], gap) - _top(groups[-1], gap) < gap:
            groups[-2:] = [groups[-2] + groups[-1]]
    placed = [_top(group, gap) - i * gap for group in groups for i in range(len(group))]
    low = y_range[0] + gap / 2 - min(placed, default=0.0)
    return [p + max(low, 0.0) for p in placed]


def _top(group: Sequence[float], gap: float) -> float:
    return sum(group) / len(group) + gap * (len(group) - 1) / 2


def _bottom(group: Sequence[float], gap: float) -> float:
    return sum(group) / len(group) - gap * (len(group) - 1) / 2


def _half_way(sheet: Sheet, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Names beside their curves where theory is half-way; on a linear axis they keep apart."""
    timeline, found = sheet.timeline, []
    for k, line in enumerate(lines):
        if line.theory is None or line.theory.ndim == 0:
            continue
        y = line.theory
        known = y[np.isfinite(y)]
        first, last = (float(known[i]) for i in (0, -1)) if known.size else (0.0, 0.0)
        past = np.flatnonzero((y - (first + last) / 2) * np.sign(last - first) >= 0)
        if past.size and last != first:
            place = float(timeline.at(len(y))[past[0]])
            half = (first + last) / 2 if not timeline.is_log else float(y[past[0]])
            found.append((place, half, k, abs(last - first)))
    most = max((change for *_, change in found), default=0.0)
    found = [(x, y, k) for x, y, k, change in found if change > FLAT * most]
    if not found:
        return []
    if timeline.is_log:
        return _named(lines, found, space=(2 * EN, EN))
    hues = _hues(lines)
    noun, words = _shared([lines[k].word for *_, k in found])
    x, colours = [x for x, *_ in found], [hues[k] for *_, k in found]
    halves, step = [half for _, half, _ in found], STEP_DOWN * most
    return [curve_labels(x, halves, words, colours, timeline.span, noun, step=step)]


def _shared(words: list[str]) -> tuple[str, list[str]]:
    """The noun that all of "mode 1", "mode 2", ... begin with, and what follows it, as HTML."""
    parts = [word.rpartition(" ") for word in words]
    nouns = {noun for noun, _, _ in parts}
    if len(nouns) > 1:
        return "", [prose(word) for word in words]
    return prose(nouns.pop()), [prose(last) for *_, last in parts]


def curve_labels(
    x: Sequence[float],
    halves: Sequence[float],
    words: Sequence[str],
    colours: Sequence[str],
    x_range: Sequence[float],
    noun: str = "",
    *,
    step: float = STEP_DOWN,
) -> dict[str, Any]:
    """Bold names left of rising curves at half height; those that would collide step down.

    The noun precedes the name that has most room, if that is enough on a phone; a name without
    any room stands to the right of its curve.
    """
    span = x_range[1] - x_range[0]
    placed: list[tuple[float, float]] = []
    for at, height in zip(x, halves, strict=True):
        near = [h for o, h in placed if abs(at - o) < NAME_ROOM * span]
        while any(abs(height - h) < 0.8 * step for h in near):
            height -= step
        placed.append((at, height))
    rooms = [at - max([x_range[0], *(o for o in x if o < at)]) for at in x]
    widest = int(np.argmax(rooms)) if rooms and max(rooms) > NOUN_ROOM * span else -1
    named = [f"{noun} {word}".strip() if k == widest else word for k, word in enumerate(words)]
    sides = ["left" if at - x_range[0] > NAME_ROOM * span else "right" for at in x]
    bold = [
        f"<b>{name}</b>{EN}{EN}" if side == "left" else f"{EN}{EN}<b>{name}</b>"
        for name, side in zip(named, sides, strict=True)
    ]
    heights = [height for _, height in placed]
    places = [f"middle {side}" for side in sides]
    return text_trace(x, heights, bold, colours=list(colours), side=places)


def _at_lowest(
    sheet: Sheet, lines: Sequence[Line], y_range: Sequence[float]
) -> list[dict[str, Any]]:
    """Names below the predicted curves where they are lowest, on a logarithmic axis."""
    timeline = sheet.timeline
    width, bottom = timeline.span[1], y_range[0] + LOWEST * (y_range[1] - y_range[0])
    found = []
    for k, line in enumerate(lines):
        if (y := line.theory) is None or y.ndim == 0 or not np.isfinite(y).any():
            continue
        at = int(np.nanargmin(y))
        place = np.clip(timeline.at(len(y))[at], INSIDE[0] * width, INSIDE[1] * width)
        found.append((float(place), max(float(y[at]), 10.0**bottom), k))
    return _named(lines, found, side="bottom center")
