"""What a reader is asked to guess, read off a declared view; and what came of it, after the run.

A number is compared with theory's and the run's own. Curves are compared at places spread evenly
along the panel's time axis, from its first to its last, so that a stretch counts for what it takes
of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr

from app.figures.panels import Panel, first_seed
from app.figures.sheet import Sheet
from app.figures.tiles import entry
from app.tex import prose
from sims.view import SAME, Curves, Guess, Picture
from sims.view.guess import GuessKind

PLACES = 129
"""Places of a curve that are compared."""
Found = float | np.ndarray | None


@dataclass(frozen=True)
class Asked:
    """A question to the reader, with what answers it.

    `theory` is a number or a curve at `places`, in the units of the panel's axes; None where theory
    is silent. `log_x`, `log_y` say which axes count in decades, `height` what the panel's vertical
    axis spans, so counted.
    """

    kind: GuessKind
    panel: str
    words: str
    theory: Found
    run: str
    unit: float
    places: np.ndarray
    records: np.ndarray
    snapshots: np.ndarray
    log_x: bool
    log_y: bool
    height: float

    def measured(self, seen: xr.Dataset) -> Found:
        """The same of a run."""
        name, place = entry(self.run)
        if name not in seen:
            return None
        variable = first_seed(seen[name])
        rows = next((d for d in ("record", "snapshot") if d in variable.dims), "")
        values = np.asarray(variable.values, float)
        at = self.records if rows == "record" else self.snapshots
        return _answer(self, values, place, at if rows else None)


def asked(sheet: Sheet, words: Sequence[Picture], made: Sequence[Panel]) -> Asked | None:
    """What is asked with these panels; None where the declared one is not among them."""
    guess = sheet.view.guess or _usual(sheet, words)
    if guess is None:
        return None
    panel = next((p for p in made if p.id == (guess.panel or made[0].id)), None)
    unit = sheet.number(guess.unit)
    if panel is None or not np.isfinite(unit):
        return None
    timeline, layout = sheet.timeline, panel.plain["layout"]
    x, y = layout.get("xaxis", {}), layout.get("yaxis", {})
    span = x.get("range", timeline.range)
    places = np.linspace(span[0], span[1], PLACES)
    log_x, log_y = x.get("type") == "log", y.get("type") == "log"
    low, high = y.get("range", (0.0, 1.0))
    made_of = Asked(
        guess.kind,
        panel.id,
        prose(sheet.text(guess.asks)),
        None,
        guess.run or guess.of,
        unit,
        10.0**places if log_x else places,
        timeline.records,
        timeline.snapshots,
        log_x,
        log_y,
        float(high - low) if low is not None and high is not None else 1.0,
    )
    return _with_theory(made_of, sheet, guess)


def _with_theory(made: Asked, sheet: Sheet, guess: Guess) -> Asked:
    name, place = entry(guess.of)
    found = sheet.find(name)
    if found is None:
        return made
    values = np.asarray(found, float)
    rows = values.ndim > len(place)
    theory = _answer(made, values, place, sheet.timeline.at(len(values)) if rows else None)
    return replace(made, theory=theory)


def _answer(made: Asked, values: np.ndarray, place: tuple[int, ...], at: Any) -> Found:
    """An entry as what is asked: a number, the last one of a series, or a curve at the places."""
    try:
        series = values[(..., *place)] if at is not None else values[place]
    except IndexError:
        return None
    if at is None or made.kind != "curve":
        last = np.ravel(series)[-1:]
        return float(last[0]) * made.unit if last.size else None
    kept = np.isfinite(series[: len(at)])
    return _interpolated(made, at[: len(series)][kept], series[: len(at)][kept])


def _interpolated(made: Asked, at: np.ndarray, series: np.ndarray) -> Found:
    """A series at the places, between its rows as straight as the axes draw it; NaN beyond."""
    if made.log_x:
        at, series = at[at > 0], series[at > 0]
    if made.log_y:
        at, series = at[series > 0], series[series > 0]
    if at.size < 2:
        return None
    x, places = (np.log10(v) if made.log_x else v for v in (at, made.places))
    y = np.log10(series) if made.log_y else series
    found = np.interp(places, x, y, left=np.nan, right=np.nan)
    return 10.0**found if made.log_y else found


def _usual(sheet: Sheet, words: Sequence[Picture]) -> Guess | None:
    """The hero's curve, where it is one that is predicted."""
    hero = words[0] if words else None
    if not isinstance(hero, Curves) or not isinstance(hero.of, str) or hero.theory != SAME:
        return None
    seen = sheet.observable(hero.of)
    if hero.of not in sheet.known or seen.dims or np.ndim(sheet.known[hero.of]) != 1:
        return None
    label = seen.label[:1].lower() + seen.label[1:]
    return Guess.curve(hero.of, f"How will the {label} go?")
