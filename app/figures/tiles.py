"""Tiles: predicted numbers, large."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from app.figures import panels, style
from app.figures.sheet import Sheet
from app.tex import symbol
from sims.core.baseline import about, guessed
from sims.core.format import decimals, significant
from sims.view import Tile
from sims.view.known import Known

ENTRY = re.compile(r"(\w+)((?:\[-?\d+\])*)")


def tiles(sheet: Sheet, declared: Sequence[Tile]) -> list[panels.Tile]:
    """The tiles whose numbers are predicted."""
    made = (tile(sheet, one) for one in declared if sheet.holds(one.when))
    return [one for one in made if one is not None]


def tile(sheet: Sheet, word: Tile) -> panels.Tile | None:
    """One tile; None where its number is not predicted."""
    name, place = entry(word.of) if isinstance(word.of, str) else ("", ())
    found = _found(sheet, word, name, place)
    if found is None:
        return None
    seen = sheet.observable(name)
    letters = seen.symbol if word.symbol is None else word.symbol
    unit = seen.unit if word.unit is None else word.unit
    value, finite = _written(word, found)
    measured = _measured(sheet, name, place) if word.measured is None else word.measured
    claims = {claim.name for claim in sheet.experiment.claims}
    claim = (name if name in claims else "") if word.claim is None else word.claim
    k = None if word.hue is None else word.hue[0]
    return panels.Tile(
        symbol(letters),
        sheet.html(word.words),
        value,
        unit if finite else "",
        sheet.html(word.line),
        k if word.hue is not None and word.hue[1] <= style.MOST_HUES else None,
        measured,
        claim,
        "role:ink" if word.hue is None else style.series(*word.hue),
        word.follows,
        *_guess(sheet, word, name, place),
        between=word.between,
    )


def entry(name: str) -> tuple[str, tuple[int, ...]]:
    """`beta[-1][0]` as a variable and the place in it."""
    match = ENTRY.fullmatch(name)
    if match is None:
        raise ValueError(f"{name!r} names no number: write it as jump_times[0].")
    return match[1], tuple(int(i) for i in re.findall(r"-?\d+", match[2]))


def _found(sheet: Sheet, word: Tile, name: str, place: tuple[int, ...]) -> float | str | None:
    found = sheet.find(name or word.of)
    if isinstance(found, str):
        return found
    if found is None or any(not -n <= i < n for i, n in zip(place, np.shape(found), strict=False)):
        return None
    value = float(np.asarray(found, float)[place])
    return None if np.isnan(value) else value


def _guess(sheet: Sheet, word: Tile, name: str, place: tuple[int, ...]) -> tuple[str, str]:
    """What is guessed of the same number, and in which words; two '' where nothing is."""
    for claim in sheet.experiment.claims:
        if claim.baseline is None or about(claim) != name or not name:
            continue
        guess = guessed(claim, sheet.known.whole)
        if guess is not None:
            value = float(np.asarray(Known(sheet.known.whole, instead={name: guess})[name])[place])
            text = (
                "" if np.isnan(value) else "never" if np.isinf(value) else _written(word, value)[0]
            )
            return (text, claim.baseline.words) if text else ("", "")
    return "", ""


def _written(word: Tile, value: float | str) -> tuple[str, bool]:
    """The number in words, and whether it is one that has a unit."""
    if isinstance(value, str):
        return value, True
    if not np.isfinite(value):
        return significant(value), False
    if word.digits is not None:
        return significant(value, word.digits), True
    places = word.places(value) if callable(word.places) else word.places
    return decimals(value, places), True


def _measured(sheet: Sheet, name: str, place: tuple[int, ...]) -> str:
    """The run's number of the same name; counted from the end where the tile does."""
    if name not in sheet.experiment.observables:
        return ""
    sizes = np.shape(sheet.known[name])
    kept = (i % n for i, n in zip(place, sizes, strict=False))
    return name + "".join(f"[{i}]" for i in kept)
