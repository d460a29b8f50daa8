"""Names of variables that a declared view speaks of, as far as they are written as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sims.view.marks import SAME, Contour, Given, Known, Level, Moment, Tile
from sims.view.panels import (
    Bespoke,
    Curves,
    Difference,
    Law,
    Map,
    Path,
    Picture,
    Places,
    Profile,
)
from sims.view.whole import View

Word = Picture | Tile | Moment | Contour
ANY: tuple[str, ...] = ("when", "end", "shows", "levels")
NAMING: Mapping[type, tuple[str, ...]] = {
    Curves: (*ANY, "of", "theory", "second", "part", "between", "over", "along", "around", "unit"),
    Difference: (*ANY, "of", "by", "over", "unit"),
    Path: (*ANY, "of", "given"),
    Places: (*ANY, "of", "theory", "names", "kinds", "given"),
    Profile: (*ANY, "of", "over", "theory", "second", "given"),
    Law: (*ANY, "of", "over", "run", "at", "here", "ring", "second", "second_over", "marks", "runs",
          "given"),
    Map: (*ANY, "of", "theory", "rows", "columns", "span", "contour", "given"),
    Bespoke: ANY,
    Tile: ("of", "measured", "between", "follows", "when"),
    Moment: ("at", "when"),
    Contour: ("of",),
    Level: ("at", "when"),
    Given: ("x", "y"),
}  # fmt: skip
"""The fields that may name a variable of a run or of a prediction."""


def names(word: Any) -> Iterator[str]:
    """The variables a word names; `beta[-1][0]` and `beta.unit` name beta."""
    for field in NAMING.get(type(word), ()):
        value = getattr(word, field)
        if field == "marks":  # each is a place and its symbol
            value = [at for at, _ in value]
        yield from _within(value)


def _within(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value not in ("", SAME):
            yield value.partition("[")[0].partition(".")[0]
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _within(one)
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _within(one)
    else:
        yield from names(value)


def words(view: View, known: Known) -> Iterator[Word]:
    """All that is shown of one setting, as a prediction decides."""
    yield view.hero if isinstance(view.hero, Picture) else view.hero(known)
    yield from view.panels(known) if callable(view.panels) else view.panels
    yield from view.tiles(known) if callable(view.tiles) else view.tiles
    yield from view.moments


def swept_words(view: View, knobs: tuple[str, ...], known: Known) -> Iterator[Word]:
    """All that is shown of a sweep over one knob, or over two."""
    found: Iterable[Any] = ()
    if len(knobs) == 1:
        found = () if view.sweep is None else view.sweep(knobs[0])
    elif view.grid is not None:
        found = view.grid(knobs)
    for one in found:
        if callable(one):
            yield from one(known)
        else:
            yield one


def called(word: Word) -> str:
    """A word as a sentence names it: its kind, and the id of a panel or the words of a tile."""
    kind = type(word).__name__
    of = getattr(word, "of", "")
    first = of[0] if isinstance(of, tuple) and of else of
    own = getattr(word, "id", "") or getattr(word, "words", "")
    name = own if own and isinstance(own, str) else first
    return f"{kind} {name!r}" if name and isinstance(name, str) else kind
