"""What a person without the theory would have drawn: every claim's baseline, beneath all else.

A panel is drawn once more from a prediction in which guesses stand where theory does. What theory
then draws elsewhere than before is the guess, with whatever marks the panel has for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from app.figures import style
from app.figures.instead import Instead
from app.figures.panels import DrawnBaseline, Panel, Plain
from app.figures.sheet import Sheet
from app.figures.traces import rings
from app.tex import prose
from sims.core.baseline import PREFIX, about
from sims.core.experiment import Claim
from sims.view import Picture

Draw = Callable[[Sheet, Any], Panel]
"""How a word of a view becomes a panel."""
THEORIES = ("theory", "second_theory")
MOST_ALIKE = 41
"""Points that a line of one height keeps: as many as find it under a cursor."""
FINEST = 400
"""Parts of an axis that can be told apart: guesses that differ by less are one line."""
UNLIKE = (ArithmeticError, LookupError, TypeError, ValueError)
"""What a view may raise on numbers no theory gives: times that never come, levels unordered."""


SHAPE: Plain = {"name": "baseline", "line": style.BASELINE}
"""A guessed height or moment, which the browser finds by that name."""


@dataclass
class Mark:
    """A curve, some points, a height or a moment as theory draws it, and what it is called."""

    plain: Plain
    theories: Set[str] = frozenset()
    """What theories are called in its panel, which is no name of a guess."""
    names: list[str] = field(default_factory=list)

    @property
    def is_shape(self) -> bool:
        """Whether it is a height or a moment."""
        return "x0" in self.plain

    @property
    def name(self) -> str:
        """What curves of theory are called, without that word."""
        name: str = self.plain.get("name", "")
        name = name.removeprefix("second ").removeprefix("theory").strip()
        return "" if name in self.theories else name

    @property
    def place(self) -> tuple[Any, ...]:
        """Which of theory's marks it is, and where."""
        if self.is_shape:
            return tuple(self.plain.get(key) for key in ("xref", "yref", "x0", "x1", "y0", "y1"))
        x, y = (np.asarray(self.plain[axis], float).tobytes() for axis in "xy")
        return self.plain.get("name"), x, y


class Baselines:
    """All that is guessed of one prediction; nothing is computed before a panel's are asked for."""

    def __init__(self, sheet: Sheet) -> None:
        """The theory's sheet."""
        self.sheet = sheet

    def offered(self, word: Picture, draw: Draw) -> Panel:
        """A panel as theory draws it, and what the guesses would, once that is asked for."""
        with self.sheet.known.reading() as read:
            made = draw(self.sheet, word)
        return replace(made, baseline=lambda: self._of(made.plain, word, draw, read))

    @cached_property
    def _instead(self) -> list[Instead]:
        """A sheet for all that is guessed in the same words and has a place in a picture."""
        known = self.sheet.known.whole
        found: dict[str, list[Claim]] = {}
        for claim in self.sheet.experiment.claims:
            guess = known.variables.get(PREFIX + claim.name)
            if claim.baseline is None or guess is None or not about(claim):
                continue
            if np.isfinite(guess.values).any():  # what never comes is nowhere
                found.setdefault(claim.baseline.words, []).append(claim)
        return [Instead(self.sheet, claims) for claims in found.values()]

    def _of(self, theory: Plain, word: Picture, draw: Draw, read: set[str]) -> DrawnBaseline:
        theories = {getattr(word, kind, "") for kind in ("name", "second_name")}
        theirs = Counter(mark.place for mark in _marks(theory, theories))
        found: dict[tuple[Any, ...], tuple[Mark, Instead]] = {}
        for instead in self._instead:
            if read.isdisjoint(instead.of):
                continue
            plain = _drawn(instead, word, draw)
            drawn_too = theirs.copy()
            for mark in _marks(plain, theories):
                if drawn_too[mark.place]:
                    drawn_too[mark.place] -= 1
                elif (sight := _sight(mark, theory["layout"])) is not None:
                    kept, _ = found.setdefault(sight, (mark, instead))
                    kept.names.append(mark.name)
        shown = list(found.values())
        return DrawnBaseline(
            [_as_guess(mark, instead) for mark, instead in shown if not mark.is_shape],
            [mark.plain | SHAPE for mark, _ in shown if mark.is_shape],
            list(dict.fromkeys(instead.words for _, instead in shown)),
        )


def _drawn(instead: Instead, word: Picture, draw: Draw) -> Plain:
    """The panel with the guesses in it; an empty one where the view cannot draw such numbers."""
    try:
        with np.errstate(all="ignore"):
            return draw(instead, instead.said(word)).plain
    except UNLIKE:
        return {"data": [], "layout": {}}


def _marks(plain: Plain, theories: Set[str]) -> Iterator[Mark]:
    """What theory draws as lines and points, its heights and moments; no edge of a tolerance."""
    for trace in plain["data"]:
        if trace["legendgroup"] in THEORIES and trace["type"] == "scatter":
            yield Mark(trace, theories)
    for shape in plain["layout"].get("shapes", ()):
        if shape.get("name") == "prediction" and shape["line"] == style.PREDICTED:
            yield Mark(shape, theories)


def _sight(mark: Mark, layout: Plain) -> tuple[Any, ...] | None:
    """Where its axes show a mark, as finely as can be told; None where they do not."""
    if mark.is_shape and mark.plain.get("yref") == "paper":
        return "moment", mark.plain["x0"]
    if mark.is_shape:
        x, y = np.zeros(1), np.array([mark.plain["y0"]], float)
    else:
        x, y = (np.asarray(mark.plain[axis], float) for axis in "xy")
        x, y = x[: y.size], y[: x.size]
    axis = layout["yaxis"]
    spans = (layout.get("meta") or {}).get("ranges")
    spans = spans or {axis.get("type", "linear"): axis["range"]}
    parts = [_parts(y, span, log=kind == "log") for kind, span in spans.items()]
    if not any((np.isfinite(x) & (part >= 0) & (part <= FINEST)).any() for part in parts):
        return None
    if y.size and (y == y[0]).all() and (mark.is_shape or mark.plain["mode"] == "lines"):
        return "height", *(float(part[0]) for part in parts)
    return "curve", x.tobytes(), *(part.tobytes() for part in parts)


def _parts(y: np.ndarray, span: Any, *, log: bool) -> np.ndarray:
    """Heights in parts of an axis; NaN where it has no place for them."""
    if log:
        y = np.log10(np.where(y > 0, y, np.nan))
    low, high = span
    if low is None or high is None:  # an open end follows what is drawn
        return np.where(np.isfinite(y), 0.0, np.nan)
    return np.round(FINEST * (y - low) / (high - low))


def _as_guess(mark: Mark, instead: Instead) -> Plain:
    """A curve of theory as one of the guess: fainter, by its own name, and in the guess's words."""
    names = set(mark.names)
    name = names.pop() if len(names) == 1 else ""
    shown = _readable(mark.plain)
    made: Plain = {**shown, "name": f"naive guess {name}".strip(), "legendgroup": "baseline"}
    if shown.get("hoverinfo") != "skip":
        after = f", {name}" if name else ""
        made["hovertemplate"] = (
            f"a naive guess: {prose(instead.words)}{after} %{{y:.4~g}}<extra></extra>"
        )
    if (line := shown.get("line")) is not None:
        made["line"] = style.BASELINE | ({"shape": line["shape"]} if "shape" in line else {})
    if (marker := shown.get("marker")) is not None:
        made["marker"] = {**marker, "color": style.BASELINE["color"]}
    return made | {"meta": _meta(mark.plain, instead)}


def _readable(trace: Plain) -> Plain:
    """A line that stays at one place as a ring there; one of one height with few of its points."""
    x, y = (np.asarray(trace[axis], float) for axis in "xy")
    if trace["mode"] != "lines" or not (y == y[0]).all():
        return trace
    if (x == x[0]).all():
        return rings(trace | {"x": x[:1], "y": y[:1]})
    if y.size <= MOST_ALIKE:
        return trace
    kept = np.linspace(0, y.size - 1, MOST_ALIKE).round().astype(int)
    return {**trace, "x": x[kept], "y": y[kept]}


def _meta(trace: Plain, instead: Instead) -> Plain:
    """What moves with the scrubber moves as the guess does, or stands."""
    meta = dict(trace.get("meta") or {})
    tag = meta.pop("run", None)
    if tag is not None and instead.moves and tag["y"] in instead.derived:
        meta["run"] = {**tag, "y": instead.moving(tag["y"])}
    return meta
