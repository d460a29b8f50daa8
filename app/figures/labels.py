"""Names of curves, in their colours: at their ends, half-way, at their lowest, or as a key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from app.figures import style
from app.figures.panels import curve_labels, note, text_trace
from app.tex import prose
from sims.core.format import EN

if TYPE_CHECKING:
    from app.figures.curves import Line
    from app.figures.sheet import Sheet

ROOM_AT_END = 44
"""Pixels right of the plot that names at the ends of curves take."""
END_GAP = 0.09
KEY_STEP = 0.09
"""Distance of two names of a key, in shares of the panel."""
CORNERS = {
    "upper": ("right", "top", 1.0, -1),
    "lower": ("right", "bottom", 0.02, 1),
    "left": ("left", "top", 0.98, -1),
    "lower left": ("left", "bottom", 0.02, 1),
}
FLAT = 0.05
"""Share of the largest change below which a curve has no half-way."""
LOWEST = 0.15
"""Share of the panel below which no name is put."""
INSIDE = (0.03, 0.96)
"""Shares of the time axis between which names at the lowest stand."""
FEW, FEW_FROM = 3, 0.75
"""So few names stand lower at the left, where levels are named at the top."""


def placed(
    sheet: Sheet, where: str, lines: Sequence[Line], y_range: Sequence[float]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Traces and annotations that bear the names of the lines of a panel."""
    if not where or not any(line.word for line in lines):
        return [], []
    if where == "end":
        return _at_ends(sheet, lines, y_range), []
    if where == "half":
        return _half_way(sheet, lines), []
    if where == "lowest":
        return _at_lowest(sheet, lines, y_range), []
    return [], _key(where, lines)


def _colours(lines: Sequence[Line]) -> list[str]:
    return [style.series(k, len(lines), "text") for k in range(len(lines))]


def _key(where: str, lines: Sequence[Line]) -> list[dict[str, Any]]:
    side, anchor, start, step = CORNERS[where]
    count = len(lines)
    if where == "left" and count <= FEW:
        start = FEW_FROM
    made = []
    for row, k in enumerate(range(count) if step < 0 else reversed(range(count))):
        font = {"size": 13, "color": style.series(k, count, "text")}
        how: dict[str, Any] = {"xanchor": side, "yanchor": anchor, "yref": "paper", "font": font}
        words = f"<b>{prose(lines[k].word)}</b>"
        x = 0.99 if side == "right" else 0.01
        made.append(note(words, x, start + step * KEY_STEP * row, **how, name="key"))
    return made


def _at_ends(sheet: Sheet, lines: Sequence[Line], y_range: Sequence[float]) -> list[dict[str, Any]]:
    """Names right of the predicted ends, pushed apart where these are close."""
    colours = _colours(lines)
    ends = [
        (float(np.ravel(y)[-1]), k)
        for k, line in enumerate(lines)
        if (y := line.theory) is not None and np.isfinite(np.ravel(y)[-1])
    ]
    ends.sort(reverse=True)
    if not ends:
        return []
    heights = apart([end for end, _ in ends], END_GAP * (y_range[1] - y_range[0]), y_range)
    words = [f"<b>{prose(lines[k].word)}</b>" for _, k in ends]
    places = [sheet.timeline.span[1]] * len(ends)
    return [text_trace(places, heights, words, colours=[colours[k] for _, k in ends])]


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
    timeline, colours = sheet.timeline, _colours(lines)
    found = []
    for k, line in enumerate(lines):
        if line.theory is None or line.theory.ndim == 0:
            continue
        y = line.theory
        known = y[np.isfinite(y)]
        first, last = (float(known[i]) for i in (0, -1)) if known.size else (0.0, 0.0)
        past = np.flatnonzero((y - (first + last) / 2) * np.sign(last - first) >= 0)
        if past.size and last != first:
            place = float(timeline.at(len(y))[past[0]])
            found.append((place, float(y[past[0]]), k, abs(last - first)))
    most = max((change for *_, change in found), default=0.0)
    found = [(x, y, k) for x, y, k, change in found if change > FLAT * most]
    if not found:
        return []
    words, hues = [prose(lines[k].word) for *_, k in found], [colours[k] for *_, k in found]
    if not timeline.is_log:
        noun, words = _shared(words)
        return [curve_labels([x for x, *_ in found], words, hues, timeline.span, noun)]
    places, heights = [x for x, *_ in found], [y for _, y, _ in found]
    bold = [f"{EN}{EN}<b>{w}</b>{EN}" for w in words]
    return [text_trace(places, heights, bold, colours=hues)]


def _shared(words: list[str]) -> tuple[str, list[str]]:
    """The noun that all of "mode 1", "mode 2", ... begin with, and what follows it."""
    parts = [word.rpartition(" ") for word in words]
    nouns = {noun for noun, _, _ in parts}
    return (nouns.pop(), [last for *_, last in parts]) if len(nouns) == 1 else ("", words)


def _at_lowest(
    sheet: Sheet, lines: Sequence[Line], y_range: Sequence[float]
) -> list[dict[str, Any]]:
    """Names below the predicted curves where they are lowest, on a logarithmic axis."""
    timeline, colours = sheet.timeline, _colours(lines)
    width, bottom = timeline.span[1], y_range[0] + LOWEST * (y_range[1] - y_range[0])
    found = []
    for k, line in enumerate(lines):
        if (y := line.theory) is None or y.ndim == 0 or not np.isfinite(y).any():
            continue
        at = int(np.nanargmin(y))
        place = np.clip(timeline.at(len(y))[at], INSIDE[0] * width, INSIDE[1] * width)
        found.append((float(place), max(float(y[at]), 10.0**bottom), k))
    if not found:
        return []
    words = [f"<b>{prose(lines[k].word)}</b>" for *_, k in found]
    hues = [colours[k] for *_, k in found]
    x, y = [at for at, *_ in found], [height for _, height, _ in found]
    return [text_trace(x, y, words, colours=hues, side="bottom center")]
