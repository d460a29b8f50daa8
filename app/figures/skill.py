"""The skill at every point of a sweep: how far the theory beats the guess, and with what verdict.

Over one knob a curve for each claim, over two a map of the smallest; the same for any experiment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from app.figures.axes import axis, named_ticks
from app.figures.figure import drawn
from app.figures.gridded import Cells
from app.figures.labels import key
from app.figures.marks import before, note
from app.figures.panels import Panel, constantly
from app.figures.sheet import Sheet
from app.figures.swept import Row
from app.figures.traces import run_traces, tag
from app.tex import plain, prose
from sims.core.experiment import Claim
from sims.core.format import MINUS
from sims.core.part import CODES
from sims.view import Arrays

SAID = ("skill", "error", "baseline_error", "verdict")
"""What is said of a point, in this order."""
UNJUDGED = CODES.index("not judged")
COLOURS = tuple(f"role:{word.replace(' ', '_')}" for word in CODES)
SYMBOLS = ("circle", "diamond", "octagon", "circle-open")
"""By verdict, outlines as in the table of claims."""
WORST = -1.0
"""Skill that is drawn lowest; what is below stands there, too."""
ASIDE = -1.4
"""Height at which points stand that are not judged."""
SPAN = (-1.62, 1.12)
HEIGHTS = {1.0: "1", 0.5: "0.5", 0.0: "0", -0.5: f"{MINUS}0.5", WORST: f"≤ {MINUS}1"}
SCALE = [[0.0, "rgb(213,94,0)"], [0.5, "rgb(240,240,235)"], [1.0, "rgb(0,114,178)"]]
"""The guess was better, as good, and left behind."""
HATCH = (-0.3, 0.0, 0.3)
"""Places of the strokes that hatch a cell, from its middle."""
KEY_FROM, KEY_STEP, KEY_ROOM = 0.72, 0.1, 0.6
MEANS = f"1 {MINUS} error/error of the guess: at 1 theory is exact, below 0 the guess was better"
MARKS = "diamond: departs, octagon: surprise"
JUDGED = (
    "%{customdata[3]}, skill %{customdata[0]} = 1 " + MINUS + " %{customdata[1]}/%{customdata[2]}"
)
"""What the hover box says of a point, by the places of SAID."""


def name(said: str, claim: str) -> str:
    """What a number of a claim's judgement is called among those of the runs."""
    return f"{said} of {claim}"


def judged(claims: xr.Dataset) -> dict[str, np.ndarray]:
    """What is said of every claim at one point of a sweep, that of its worst seed: (seed,)."""
    found = {}
    for claim in map(str, claims["claim"].values):
        row = claims.sel(claim=claim)
        worst, seeds = row.sel(seed=int(row["worst_seed"])), row.sizes["seed"]
        for said in SAID:
            value = CODES.index(str(row[said].item())) if said == "verdict" else float(worst[said])
            found[name(said, claim)] = np.full(seeds, value, float)
    return found


def curves(sheet: Sheet, row: Row, claims: Sequence[Claim]) -> Panel:
    """The skill of each claim against the swept knob; its verdict is a dot's colour and outline."""
    traces = []
    for k, claim in enumerate(claims):
        above, aside = (
            sheet.derive(name(where, claim.name), _height(claim.name, judged=where == "height"))
            for where in ("height", "aside")
        )
        for of, words in ((above, plain(prose(claim.title))), (aside, "")):
            (made,) = run_traces(of, x=row.over, k=k, of=len(claims), bands=False, markers=True,
                                 said=[[name(s, claim.name), _words(s)] for s in SAID],
                                 marks=name("verdict", claim.name))  # fmt: skip
            made["name"] = words
            made["line"] = made["line"] | {"width": 1.3}
            made["marker"] = {"size": 9, "color": made["line"]["color"], "line": {"width": 1.3}}
            made["meta"] |= {"marks": {"colours": COLOURS, "symbols": SYMBOLS}}
            made["hovertemplate"] = _hover(claim, is_judged=of == above)
            traces.append(made if of == above else made | {"mode": "markers"})
    heights = named_ticks(HEIGHTS) | {"zeroline": True, "zerolinecolor": "role:rule2"}
    names = [plain(prose(claim.title)) for claim in claims]
    corner: dict[str, Any] = {"xanchor": "right", "yanchor": "bottom", "name": "aside"}
    step = min(KEY_STEP, KEY_ROOM / len(names))
    figure = drawn(
        traces,
        x=row.axis | {"hoverformat": ".3~g"},
        y=axis("skill", SPAN) | heights,
        annotations=[
            note("not judged", 0.99, ASIDE + 0.1, **corner),
            *(key("left", names, KEY_FROM, step) if len(names) > 1 else []),
            before("appears with the runs", 0.52),
        ],
    )
    title = "Skill" if len(claims) > 1 else f"Skill: {names[0]}"
    marks = f"disc: lands, {MARKS}, ring: not judged"
    return _panel(figure, title, row.words, marks)


def _panel(figure: Any, title: str, over: str, marks: str) -> Panel:
    alt = f"{title}, over {over}. {MEANS[0].upper()}{MEANS[1:]}."
    return Panel("skill", title, "", figure, alt=constantly(alt), note=f"{MEANS}; {marks}")


def _words(said: str) -> list[str] | None:
    return list(CODES) if said == "verdict" else None


def _hover(claim: Claim, *, is_judged: bool) -> str:
    said = JUDGED if is_judged else "%{customdata[3]}"
    return f"{plain(prose(claim.title))}: {said}<extra></extra>"


def _height(claim: str, *, judged: bool) -> Callable[[Arrays, xr.Dataset], np.ndarray]:
    """Where the points stand that have a skill, or those that have none; NaN for the others."""

    def found(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
        skill = _skill(run, claim)
        if judged:
            return np.maximum(skill, WORST)
        return np.where(np.isnan(skill), ASIDE, np.nan)

    return found


def _skill(run: Arrays, claim: str, ending: str = "") -> np.ndarray:
    """The skill where a claim is judged, NaN elsewhere."""
    skill, verdict = (run[name(said, claim) + ending] for said in ("skill", "verdict"))
    return np.where(verdict == UNJUDGED, np.nan, skill)


def cells(sheet: Sheet, grid: Cells, claims: Sequence[Claim]) -> Panel:
    """The smallest skill over the claims that are judged in each cell; hatched where none is."""
    names = [claim.name for claim in claims]
    shown = sheet.derive("skill_shown_map", lambda run, _: np.maximum(_least(run, names), WORST))
    said = [[sheet.derive(f"least_{one}_map", _of_least(one, names)), _words(one)] for one in SAID]
    titles = [plain(prose(claim.title)) for claim in claims]
    said.append([sheet.derive("least_claim_map", _place_of_least(names)), titles])
    ends = {WORST: f"≤ {MINUS}1", 0.0: "0", 1.0: "1"}
    heat = grid.map(
        "skill", (WORST, 1.0), SCALE, named_ticks(ends),
        meta=tag(shown, at="scrub", x="", said=said),
        hovertemplate=f"%{{customdata[4]}}: {JUDGED}<extra>click to open this run</extra>",
    )  # fmt: skip
    over = [
        _marked(sheet, f"cells_{word}", _where(names, code), SYMBOLS[code], COLOURS[code])
        for code, word in enumerate(CODES)
        if word in ("departs", "surprise")
    ]
    hatched = _marked(sheet, "cells_hatched", _hatched(names), "line-ne", COLOURS[UNJUDGED])
    figure = drawn(
        [heat, *over, hatched, *grid.lines],
        x=grid.axis(1),
        y=grid.axis(0),
        annotations=[before("fills as the runs finish", 0.08)],
        hovermode="closest",
        meta={"cells": True},
    )
    several = f"Skill, the smallest of {len(claims)} claims"
    title = several if len(claims) > 1 else f"Skill: {titles[0]}"
    return _panel(figure, title, " and ".join(grid.knobs), f"{MARKS}, hatched: not judged")


def _all(run: Arrays, names: Sequence[str]) -> np.ndarray:
    """(claim, seed, row, first knob, second knob)."""
    return np.stack([_skill(run, one, "_map") for one in names])


def _least(run: Arrays, names: Sequence[str]) -> np.ndarray:
    return np.fmin.reduce(_all(run, names), axis=0)


def _which(run: Arrays, names: Sequence[str]) -> np.ndarray:
    """Place of the claim with the smallest skill; the first where no claim has one."""
    skill = _all(run, names)
    return np.argmin(np.where(np.isnan(skill), np.inf, skill), axis=0)


def _of_least(said: str, names: Sequence[str]) -> Callable[[Arrays, xr.Dataset], np.ndarray]:
    def found(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
        every = np.stack([run[f"{name(said, one)}_map"] for one in names])
        return np.take_along_axis(every, _which(run, names)[None], axis=0)[0]

    return found


def _place_of_least(names: Sequence[str]) -> Callable[[Arrays, xr.Dataset], np.ndarray]:
    return lambda run, _prediction: _which(run, names).astype(float)


Cell = Callable[[Arrays], np.ndarray]
"""Which cells are marked, (seed, row, first knob, second knob)."""


def _where(names: Sequence[str], code: int) -> Cell:
    verdict = _of_least("verdict", names)
    return lambda run: (verdict(run, xr.Dataset()) == code) & ~np.isnan(_least(run, names))


def _hatched(names: Sequence[str]) -> Cell:
    def found(run: Arrays) -> np.ndarray:
        there = ~np.isnan(run[f"{name('verdict', names[0])}_map"])
        return there & np.isnan(_least(run, names))

    return found


def _marked(sheet: Sheet, id: str, chosen: Cell, symbol: str, colour: str) -> dict[str, Any]:
    """A mark in some cells; three strokes beside each other where they are hatched."""
    beside = HATCH if symbol.startswith("line") else (0.0,)
    up, right = (
        sheet.derive(f"{id}_{way}", _places(chosen, way == "up", beside)) for way in ("up", "right")
    )
    stroke = {"width": 1.2, "color": colour if len(beside) > 1 else "role:panel"}
    return {
        "type": "scatter", "mode": "markers", "x": [], "y": [], "name": "", "hoverinfo": "skip",
        "marker": {"symbol": symbol, "size": 11, "color": colour, "line": stroke},
        "legendgroup": "words", "meta": tag(up, x=right, at="scrub"),
    }  # fmt: skip


def _places(
    chosen: Cell, is_up: bool, beside: Sequence[float]
) -> Callable[[Arrays, xr.Dataset], np.ndarray]:
    """Heights or places to the right of the marked cells, NaN for the others."""

    def found(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
        marked = chosen(run)
        rows, columns = (np.arange(n, dtype=float) for n in marked.shape[2:])
        at = rows[:, None] if is_up else columns[None, :]
        shifts = (0.0,) * len(beside) if is_up else beside
        kept = [np.where(marked, at + shift, np.nan) for shift in shifts]
        return np.concatenate([k.reshape(*marked.shape[:2], -1) for k in kept], axis=-1)

    return found
