"""How near guesses came to a run, who was nearest, and all of it as a table.

The distances are those that a reader's own page tells: app/live/browser/session/guess.js. One table
of cases is held against both.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from app.wording import number
from sims.view.guess import guess_of

if TYPE_CHECKING:
    from app.room.state import Posed

ALIKE = 1.2
"""Ratios of two distances within which neither is called closer."""
ROUNDING = 0.005
"""What three digits may be off: a guess at an end of an axis is written with so many."""
COLUMNS = ("question", "title", "student", "guess", "theory", "run", "distance", "closer")

Span: TypeAlias = tuple[float, float]
Values: TypeAlias = float | Sequence[float | None] | None
Guess: TypeAlias = float | list[tuple[float, float]]


@dataclass(frozen=True)
class Axes:
    """What the axes of the picture span, however they are switched; infinite where an end is open.

    Both are in the units that a guess is written in.
    """

    across: Span = (-math.inf, math.inf)
    up: Span = (-math.inf, math.inf)


@dataclass(frozen=True)
class Result:
    """A student's guess; `distance` and `rank` are None where nobody can be close."""

    student: int
    guess: str
    distance: float | None
    rank: int | None


# What may be guessed


def axes_of(view: Mapping[str, Any]) -> Axes:
    """The axes of the panel that a view's guess is put into."""
    asked = view["asked"]
    panel = next((p for p in view["panels"] if asked and p["id"] == asked["panel"]), None)
    if panel is None:
        return Axes()
    layout = panel["figure"]["layout"]
    times = [(clock["axis"], clock["factors"][0]) for clock in panel.get("times", {}).values()]
    across = [(layout.get("xaxis", {}), 1.0), *times]
    up = [(layout.get("yaxis", {}), 1.0), *((axis, 1.0) for axis in panel.get("axes", {}).values())]
    return Axes(_span(across), _span(up))


def _span(axes: Sequence[tuple[Mapping[str, Any], float]]) -> Span:
    """From the least to the largest that any of these axes shows, in units of the first."""
    lows, highs = zip(*(_ends(axis, factor) for axis, factor in axes), strict=True)
    return min(lows), max(highs)


def _ends(axis: Mapping[str, Any], factor: float) -> Span:
    given = [*(axis.get("range") or ()), None, None][:2]
    low, high = (_end(end, axis.get("type") == "log", factor) for end in given)
    if low is not None and high is not None:
        return min(low, high), max(low, high)
    return (-math.inf if low is None else low), (math.inf if high is None else high)


def _end(end: float | None, logarithmic: bool, factor: float) -> float | None:
    if end is None:
        return None
    return (10.0**end if logarithmic else end) / factor


def taken(text: str, asked: Mapping[str, Any], axes: Axes) -> str:
    """A student's guess, written as a link keeps it.

    Raises:
        ValueError: it is none, or lies outside of the picture; one sentence with what is allowed.
    """
    curve = asked["kind"] == "curve"
    refused = ValueError(f"This guess is not allowed: give {_allowed(curve, asked['kind'], axes)}.")
    try:
        guess = guess_of(text)
    except ValueError:
        raise refused from None
    if isinstance(guess, list) != curve:
        raise refused
    points = guess if isinstance(guess, list) else [(guess, guess)]
    across = curve or asked["kind"] == "time"
    up = curve or asked["kind"] == "level"
    for time, height in points:
        if (across and not _within(time, axes.across)) or (up and not _within(height, axes.up)):
            raise refused
    if isinstance(guess, list):
        return ",".join(f"{_written(time)}:{_written(height)}" for time, height in guess)
    return _written(guess)


def _written(value: float) -> str:
    return f"{value + 0.0:.12g}"  # not -0


def _within(value: float, span: Span) -> bool:
    low, high = span
    return low - ROUNDING * abs(low) <= value <= high + ROUNDING * abs(high)


def _allowed(curve: bool, kind: str, axes: Axes) -> str:
    if curve:
        return (
            f"a curve's points with growing times {_words(axes.across)} and heights "
            f"{_words(axes.up)}"
        )
    return f"a number {_words(axes.across if kind == 'time' else axes.up)}".removesuffix(" ")


def _words(span: Span) -> str:
    low, high = span
    if math.isinf(low) and math.isinf(high):
        return "that are finite"
    if math.isinf(high):
        return f"of at least {number(low, 4)}"
    if math.isinf(low):
        return f"of at most {number(high, 4)}"
    return f"from {number(low, 4)} to {number(high, 4)}"


# How near it came


def distance(guess: Guess, run: Values, asked: Mapping[str, Any]) -> float | None:
    """How far a guess is off the run: a difference, or for curves a share of the picture's height.

    None where the run has no such number or curve.
    """
    if not isinstance(guess, list):
        return abs(guess - run) if isinstance(run, (int, float)) else None
    if not isinstance(run, Sequence):
        return None
    return _apart(_drawn(guess, asked), run, asked)


def of_theory(answered: Mapping[str, Any], asked: Mapping[str, Any]) -> float | None:
    """How far theory is off the run, so counted."""
    theory, run = answered["theory"], answered["run"]
    if isinstance(theory, (int, float)):
        return distance(float(theory), run, asked)
    if not isinstance(theory, Sequence) or not isinstance(run, Sequence):
        return None
    return _apart(_numbers(theory), run, asked)


def _drawn(points: Sequence[tuple[float, float]], asked: Mapping[str, Any]) -> np.ndarray:
    """A curve's heights at the places: as straight as the axes draw it, and level beyond."""
    at, heights = np.array(points, float).T
    places = np.array(asked["places"], float)
    segment = np.clip(np.searchsorted(at, places, side="left"), 1, len(at) - 1)
    x0, x1, y0, y1 = at[segment - 1], at[segment], heights[segment - 1], heights[segment]
    with np.errstate(all="ignore"):
        along = np.log if asked["log_x"] else np.asarray
        part = (along(places) - along(x0)) / (along(x1) - along(x0))
        straight = y0 + part * (y1 - y0)
        if asked["log_y"]:
            straight = np.where((y0 > 0) & (y1 > 0), y0 * (y1 / y0) ** part, straight)
    return np.where(places <= at[0], heights[0], np.where(places >= at[-1], heights[-1], straight))


def _apart(
    curve: np.ndarray, run: Sequence[float | None], asked: Mapping[str, Any]
) -> float | None:
    with np.errstate(all="ignore"):
        one, other = curve, _numbers(run)
        if asked["log_y"]:
            one, other = np.log10(one), np.log10(other)
        apart = np.abs(one - other) / asked["height"]
    kept = apart[np.isfinite(apart)]
    return float(kept.mean()) if kept.size else None


def _numbers(values: Sequence[float | None]) -> np.ndarray:
    return np.array([math.nan if value is None else value for value in values], float)


def closer(guess: float | None, theory: float | None) -> str:
    """Whether the guess was `closer`, or `theory`, or they were `alike`; "" where none can be."""
    if guess is None or theory is None:
        return ""
    if guess == theory or (
        min(guess, theory) > 0 and max(guess, theory) < ALIKE * min(guess, theory)
    ):
        return "alike"
    return "theory" if theory < guess else "guess"


# Who was near


def results(posed: Posed) -> list[Result]:
    """All guesses of a question whose run has started, nearest first; equals share a rank."""
    asked = posed.shown.asked if posed.shown is not None else None
    answered = posed.played.answered if posed.played is not None else None
    run = answered["run"] if answered is not None else None
    found = [
        (student, text, None if asked is None else distance(guess_of(text), run, asked))
        for student, text in posed.guesses.items()
    ]
    found.sort(key=lambda one: (math.inf if one[2] is None else one[2], one[0]))
    made: list[Result] = []
    for place, (student, text, off) in enumerate(found, 1):
        same = bool(made) and made[-1].distance == off
        rank = None if off is None else made[-1].rank if same else place
        made.append(Result(student, text, off, rank))
    return made


def table(questions: Sequence[Posed]) -> str:
    """All guesses of a room as CSV; run and distance are empty until the run."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for place, posed in enumerate(questions, 1):
        over = posed.starts is not None
        answered = posed.played.answered if over and posed.played is not None else None
        asked = posed.shown.asked if posed.shown is not None else None
        theory = None
        said: list[Any] = ["", ""]
        if answered is not None and asked is not None:
            theory = of_theory(answered, asked)
            said = [_cell(answered["theory"], asked), _cell(answered["run"], asked)]
        rows = (
            results(posed) if over else [Result(*one, None, None) for one in posed.guesses.items()]
        )
        for one in sorted(rows, key=lambda row: row.student):
            off = "" if one.distance is None else repr(one.distance)
            who = [place, _words_cell(posed.question.title), one.student, _guess_cell(one.guess)]
            writer.writerow([*who, *said, off, closer(one.distance, theory)])
    return text.getvalue()


def _words_cell(words: str) -> str:
    """Words that no program takes for a formula."""
    return f"'{words}" if words[:1] in set("=+-@\t\r") else words


def _guess_cell(text: str) -> str:
    """A number as it is; a curve as words."""
    return _words_cell(text) if ":" in text else text


def _cell(values: Values, asked: Mapping[str, Any]) -> str:
    """A number, or a curve as guesses are written; "" where there is none."""
    if isinstance(values, (int, float)):
        return repr(float(values))
    if not isinstance(values, Sequence):
        return ""
    points = zip(asked["places"], values, strict=True)
    text = ",".join(f"{at:.6g}:{height:.6g}" for at, height in points if height is not None)
    return _words_cell(text)
