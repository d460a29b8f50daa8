"""Matrices as colours: of the run at the moment of the scrubber, or of theory alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.figures import style
from app.figures.axes import axis, named_ticks
from app.figures.figure import drawn
from app.figures.marks import before
from app.figures.panels import Panel
from app.figures.paths import marked
from app.figures.sheet import Sheet
from app.figures.traces import FORESEEN, heat, tag, text_trace
from app.tex import plain
from sims.view import LATER, Map

SIGNS: list[list[Any]] = [
    [0.0, "rgb(0,114,178)"], [0.5, "rgb(240,240,235)"], [1.0, "rgb(213,94,0)"],
]  # fmt: skip
"""Negative, zero and positive."""
HALO = 4
"""Width of a bright line below a dashed one."""
GAPS_UP_TO = 40
"""Cells along an axis up to which they are drawn apart, where each has a meaning of its own."""


def discrete(colours: tuple[str, ...]) -> list[list[Any]]:
    """A colour scale of equal steps, for whole numbers from 0 with limits -0.5 and n - 0.5."""
    n = len(colours)
    return [[(i + side) / n, colour] for i, colour in enumerate(colours) for side in (0, 1)]


def scale(word: Map) -> list[list[Any]]:
    """The colour scale of a map."""
    if isinstance(word.colours, tuple):
        return discrete(word.colours)
    return SIGNS if word.colours == "sign" else style.CIVIDIS


def span(sheet: Sheet, word: Map) -> tuple[float, float]:
    """Values at the ends of the colours."""
    if isinstance(word.colours, tuple):
        return -0.5, len(word.colours) - 0.5
    low, high = word.span or (0.0, 1.0)
    return sheet.number(low), sheet.number(high)


def map_(sheet: Sheet, word: Map) -> Panel:
    """One matrix; the run's is blank until it comes."""
    theory = None if word.theory is None else np.asarray(sheet.find(word.theory), float)
    rows, columns = (np.asarray(sheet.find(c), float) for c in (word.rows, word.columns))
    few = isinstance(word.colours, tuple) and max(rows.size, columns.size) < GAPS_UP_TO
    who, kind = ("run", "run") if theory is None else ("theory", "ground")
    z = np.full((rows.size, columns.size), np.nan) if theory is None else theory
    trace = heat(
        z, span(sheet, word), scale(word),
        x=columns, y=rows, xgap=int(few), ygap=int(few), name=who, legendgroup=kind,
        hovertemplate=f"{word.hover or '%{z:.3~g}'}<extra>{word.said or who}</extra>",
    )  # fmt: skip
    trace["meta"] = tag(word.of, x="", at="scrub") if theory is None else FORESEEN
    y_span = _around(rows)
    bare = {"showgrid": False}
    named = named_ticks(None if word.ticks is None else sheet.find(word.ticks))
    if word.names and theory is not None:
        trace |= {"text": [[word.names[int(one)] for one in row] for row in theory]}
        trace["hovertemplate"] = f"{word.hover or '%{text}'}<extra>{word.said or who}</extra>"
    given = [t for one in word.given for t in _haloed(marked(sheet, one)[0], one.mark)]
    figure = drawn(
        [trace, *_numbers(trace, word.written), *_letters(trace, word.letters), *given],
        x=axis(sheet.html(word.x), _around(columns)) | bare | (named or _ticks(columns)),
        y=axis(sheet.html(word.y), y_span[::-1] if word.down else y_span) | bare | _ticks(rows),
        annotations=[before(LATER, 0.45)] if theory is None else [],
        hovermode="closest",
    )
    name = word.of or word.id
    title = plain(sheet.title(word, name))
    moment = " at the time of the scrubber" if theory is None else ""
    return sheet.bare(word, name, figure, f"{title}{moment}.")


def _haloed(trace: dict[str, Any], mark: str) -> list[dict[str, Any]]:
    """What is given; below a dashed line one that sets it off from the colours."""
    if mark != "dashed":
        return [trace]
    return [trace | {"line": {"width": HALO, "color": "role:panel"}, "name": "halo"}, trace]


def _numbers(trace: dict[str, Any], every: int) -> list[dict[str, Any]]:
    """Numbers in the cells of every so-manieth column, white or black on their colour."""
    if not every:
        return []
    rows, columns = np.nonzero(np.isfinite(trace["z"]))
    kept = columns % every == 0
    rows, columns = rows[kept], columns[kept]
    values = trace["z"][rows, columns]
    shares = (values - trace["zmin"]) / (trace["zmax"] - trace["zmin"])
    colours = [style.on_map(float(share)) for share in shares]
    words = [f"{value:.2f}" for value in values]
    x, y = trace["x"][columns], trace["y"][rows]
    meta = {"meta": FORESEEN} if trace["name"] == "theory" else {}
    return [text_trace(x, y, words, colours=colours, side="middle center") | meta]


def _letters(trace: dict[str, Any], letters: tuple[str, ...]) -> list[dict[str, Any]]:
    """A short name in every cell of a predicted map of whole numbers."""
    if not letters or trace["meta"] != FORESEEN:
        return []
    rows, columns = np.nonzero(np.isfinite(trace["z"]))
    words = [letters[int(one)] for one in trace["z"][rows, columns]]
    x, y = trace["x"][columns], trace["y"][rows]
    made = text_trace(x, y, words, colours="role:ink", side="middle center")
    return [made | {"meta": FORESEEN, "cliponaxis": True}]


def _around(places: np.ndarray) -> list[float]:
    """A range with half a cell at both ends."""
    half = abs(float(places[1] - places[0])) / 2 if places.size > 1 else 0.5
    return [float(places.min()) - half, float(places.max()) + half]


def _ticks(places: np.ndarray) -> dict[str, Any]:
    """A tick for each of a few whole numbers."""
    return {"tickvals": places} if places.size <= style.MOST_MODES else {}
