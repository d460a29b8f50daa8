"""A declared view and a prediction as panels, tiles, moments and legend; at every knob move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import xarray as xr

from app.figures import gridded, panels, skill, style, swept, usual
from app.figures.asked import asked
from app.figures.baselines import Baselines
from app.figures.bespoke import bespoke
from app.figures.curves import curves, difference
from app.figures.labels import room_at_end
from app.figures.laws import law
from app.figures.maps import map_
from app.figures.panels import Panel, legend, relaid
from app.figures.paths import path
from app.figures.places import places
from app.figures.profiles import profile
from app.figures.sheet import Sheet
from app.figures.tiles import tiles
from sims.core.experiment import Claim, Experiment
from sims.view import (
    Bespoke,
    Contour,
    Curves,
    Difference,
    Law,
    Map,
    Path,
    Picture,
    Places,
    Profile,
    Tile,
    Tiles,
    View,
)

DRAWN: dict[type[Picture], Callable[[Sheet, Any], Panel]] = {
    Curves: curves,
    Difference: difference,
    Path: path,
    Places: places,
    Profile: profile,
    Law: law,
    Map: map_,
    Bespoke: bespoke,
}
SWEPT: dict[type[Picture], Callable[[Sheet, Any, swept.Row], Panel]] = {
    Law: swept.law,
    Difference: swept.difference,
}


GRIDDED: dict[type[Picture], Callable[[Sheet, Any, gridded.Cells], Panel]] = {
    Map: gridded.map_,
    Difference: gridded.difference,
}


class NoPicture(ValueError):
    """A sweep of which nothing is declared and nothing that is predicted can be drawn."""


def view(
    experiment: Experiment,
    declared: View,
    prediction: xr.Dataset,
    tolerances: Mapping[str, float],
) -> panels.View:
    """The view of a prediction, drawn as it is declared.

    Raises:
        ValueError: two panels have one id.
    """
    sheet = Sheet(experiment, declared, prediction, tolerances)
    known = sheet.known
    more = declared.panels(known) if callable(declared.panels) else declared.panels
    hero = declared.hero if isinstance(declared.hero, Picture) else declared.hero(known)
    words = [word for word in (hero, *more) if sheet.holds(word.when)]
    guesses = Baselines(sheet)
    made = with_room(words, [guesses.offered(word, DRAWN[type(word)]) for word in words])
    chosen = declared.tiles(known) if callable(declared.tiles) else declared.tiles
    drawn = _whole(sheet, made, tiles(sheet, chosen), sheet.timeline.events)
    return replace(drawn, asked=asked(sheet, words, made))


def _swept(sheet: Sheet, word: Picture, over: str) -> Panel:
    return SWEPT[type(word)](sheet, word, swept.Row(sheet, over))


def _whole(
    sheet: Sheet,
    made: Sequence[Panel],
    numbers: Sequence[panels.Tile],
    events: Sequence[panels.Event] = (),
) -> panels.View:
    ids = [one.id for one in made]
    if len(set(ids)) < len(ids):
        name = sheet.experiment.name
        raise ValueError(f"{name} has two panels of one id among {', '.join(ids)}.")
    said = {kind: sheet.html(words) for kind, words in sheet.view.legend.items()}
    shown = legend(made, said, sheet.known.seeds)
    return panels.View(made, numbers, events, shown, sheet.derived)


def sweep_view(
    experiment: Experiment,
    declared: View | None,
    prediction: xr.Dataset,
    over: str | tuple[str, ...],
    tolerances: Mapping[str, float],
    claims: Sequence[Claim] = (),
) -> panels.View:
    """The view of a sweep over one knob, or over two, drawn as it is declared.

    Behind what is declared stands the skill of `claims` at every point.

    Raises:
        NoPicture: it declares none, and nothing that a run measures is predicted.
    """
    words = _sweep_words(experiment, declared, over)
    sheet = Sheet(experiment, declared or View(Picture()), prediction, tolerances)
    drawn = [w for w in words if isinstance(w, Picture) and sheet.holds(w.when)]
    if not drawn and not claims:
        knobs = over if isinstance(over, str) else " and ".join(over)
        raise NoPicture(
            f"{experiment.name} has no picture of a sweep over {knobs}: give its View a sweep, or "
            "a grid for two knobs."
        )
    if isinstance(over, str):
        row, guesses = swept.Row(sheet, over), Baselines(sheet)
        made = [guesses.offered(word, partial(_swept, over=over)) for word in drawn]
        made += [skill.curves(sheet, row, claims)] if claims else []
    else:
        cells = gridded.Cells(sheet, over, [w for w in words if isinstance(w, Contour)])
        made = [GRIDDED[type(word)](sheet, word, cells) for word in drawn]
        made += [skill.cells(sheet, cells, claims)] if claims else []
    numbers = [w for w in words if isinstance(w, Tile)]
    numbers += [one for w in words if callable(w) for one in w(sheet.known)]
    return _whole(sheet, made, tiles(sheet, numbers))


def _sweep_words(
    experiment: Experiment, declared: View | None, over: str | tuple[str, ...]
) -> Sequence[Picture | Tile | Tiles | Contour]:
    if isinstance(over, str):
        if declared is not None and declared.sweep is not None:
            return declared.sweep(over)
        return usual.swept(experiment)
    return () if declared is None or declared.grid is None else declared.grid(over)


def with_room(words: Sequence[Picture], made: Sequence[Panel]) -> list[Panel]:
    """Panels over time in line: all of them leave the room that names at the ends of one take."""
    named = [w.names for w in words if isinstance(w, Curves) and w.label == "end"]
    if not named:
        return list(made)
    margin = style.MARGIN | {"r": max(room_at_end(names) for names in named)}
    return [
        relaid(one, margin=margin) if isinstance(word, (Curves, Difference)) else one
        for word, one in zip(words, made, strict=True)
    ]
