"""Matrices as colours: of the run at the moment of the scrubber, or of theory alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.figures import style
from app.figures.panels import Panel, axis, drawn, note, tag, text_trace
from app.figures.sheet import Sheet
from app.tex import plain
from sims.view import LATER, Map

SIGNS: list[list[Any]] = [
    [0.0, "rgb(0,114,178)"], [0.5, "rgb(240,240,235)"], [1.0, "rgb(213,94,0)"],
]  # fmt: skip
"""Negative, zero and positive."""
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
    low, high = span(sheet, word)
    few = isinstance(word.colours, tuple) and max(rows.size, columns.size) < GAPS_UP_TO
    who = "theory" if theory is not None else "run"
    heat: dict[str, Any] = {
        "type": "heatmap",
        "x": columns,
        "y": rows,
        "z": np.full((rows.size, columns.size), np.nan) if theory is None else theory,
        "zmin": low,
        "zmax": high,
        "colorscale": scale(word),
        "showscale": False,
        "xgap": int(few),
        "ygap": int(few),
        "name": who,
        "hovertemplate": f"{word.hover or '%{z:.3~g}'}<extra>{word.said or who}</extra>",
        "legendgroup": "ground" if theory is not None else "run",
    }
    if theory is None:
        heat["meta"] = tag(word.of, x="", at="scrub")
    font = {"size": 13, "color": "role:ink3"}
    before = note(LATER, 0.5, 0.45, yref="paper", name="before", font=font)
    y_span = _around(rows)
    bare = {"showgrid": False}
    ticks = None if word.ticks is None else sheet.find(word.ticks)
    named = {"tickvals": list(ticks), "ticktext": list(ticks.values())} if ticks else {}
    figure = drawn(
        [heat, *_numbers(heat, word.written)],
        x=axis(sheet.html(word.x), _around(columns)) | bare | (named or _ticks(columns)),
        y=axis(sheet.html(word.y), y_span[::-1] if word.down else y_span) | bare | _ticks(rows),
        annotations=[before] if theory is None else [],
        hovermode="closest",
    )
    name = word.of or word.id
    title = plain(sheet.title(word, name))
    moment = " at the time of the scrubber" if theory is None else ""
    return sheet.bare(word, name, figure, f"{title}{moment}.")


def _numbers(heat: dict[str, Any], every: int) -> list[dict[str, Any]]:
    """Numbers in the cells of every so-manieth column, white or black on their colour."""
    if not every:
        return []
    rows, columns = np.nonzero(np.isfinite(heat["z"]))
    kept = columns % every == 0
    rows, columns = rows[kept], columns[kept]
    values = heat["z"][rows, columns]
    shares = (values - heat["zmin"]) / (heat["zmax"] - heat["zmin"])
    colours = [style.on_map(float(share)) for share in shares]
    words = [f"{value:.2f}" for value in values]
    x, y = heat["x"][columns], heat["y"][rows]
    return [text_trace(x, y, words, colours=colours, side="middle center")]


def _around(places: np.ndarray) -> list[float]:
    """A range with half a cell at both ends."""
    half = abs(float(places[1] - places[0])) / 2 if places.size > 1 else 0.5
    return [float(places.min()) - half, float(places.max()) + half]


def _ticks(places: np.ndarray) -> dict[str, Any]:
    """A tick for each of a few whole numbers."""
    return {"tickvals": places} if places.size <= style.MOST_MODES else {}
