"""Pictures of a network that adds: its table of answers, spectra, columns, and the clock."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.figures import style
from app.figures.panels import (
    Panel,
    axis,
    constantly,
    drawn,
    linear_range,
    note,
    panel,
    run_traces,
    tag,
    theory_trace,
)
from app.figures.style import italic, symbol

ANSWERS = ("role:grid", "role:series0", "role:series1", "role:rule2")
"""Colours of: test and wrong, test and right, trained and wrong, trained and right."""
CURVES = 3
CLOCK_SPAN = 1.5


def discrete(colours: tuple[str, ...]) -> list[list[Any]]:
    """A colour scale of equal steps, for whole numbers from 0 with limits -0.5 and n - 0.5."""
    n = len(colours)
    return [[(i + side) / n, colour] for i, colour in enumerate(colours) for side in (0, 1)]


def _before(words: str = "appears with the run") -> dict[str, Any]:
    font = {"size": 13, "color": "role:ink3"}
    return note(words, 0.5, 0.45, yref="paper", name="before", font=font)


def answers(p: int) -> Panel:
    """The p x p table: which sums are right, and which of them were trained."""
    numbers = np.arange(p)
    heat = {
        "type": "heatmap",
        "x": numbers,
        "y": numbers,
        "z": np.full((p, p), np.nan),
        "zmin": -0.5,
        "zmax": len(ANSWERS) - 0.5,
        "colorscale": discrete(ANSWERS),
        "showscale": False,
        "xgap": 1 if p < 40 else 0,
        "ygap": 1 if p < 40 else 0,
        "name": "run",
        "hovertemplate": "%{y} + %{x}: %{z}<extra>run; 1 and 3 are right</extra>",
        "legendgroup": "run",
        "meta": tag("answers", x="", at="scrub"),
    }
    square = axis(italic("b"), [-0.5, p - 0.5]) | {"showgrid": False}
    figure = drawn(
        [heat],
        x=square,
        y=axis(italic("a"), [p - 0.5, -0.5]) | {"showgrid": False},
        annotations=[_before()],
        hovermode="closest",
    )
    words = "The table of all sums at the time of the scrubber: right or wrong, trained or not."
    return Panel(
        "answers",
        "The table, filling in",
        f"{italic('a')} + {italic('b')} mod {p}",
        figure,
        alt=constantly(words),
        note="grey: trained and right; blue: never shown, and right; pale: wrong; orange: trained, "
        "yet wrong",
    )


def spectra(p: int, width: int) -> Panel:
    """Share of each frequency in every neuron, neurons sorted by the strongest."""
    k = np.arange(1, (p - 1) // 2 + 1)
    heat = {
        "type": "heatmap",
        "x": k,
        "y": np.arange(1, width + 1),
        "z": np.full((width, k.size), np.nan),
        "zmin": 0.0,
        "zmax": 1.0,
        "colorscale": style.CIVIDIS,
        "showscale": False,
        "name": "run",
        "hovertemplate": "neuron %{y}, frequency %{x}: %{z:.2f}<extra>run</extra>",
        "legendgroup": "run",
        "meta": tag("spectrum", x="", at="scrub"),
    }
    figure = drawn(
        [heat],
        x=axis(f"frequency {italic('k')}", [0.5, k.size + 0.5]) | {"showgrid": False},
        y=axis("neuron, sorted", [width + 0.5, 0.5]) | {"showgrid": False},
        annotations=[_before()],
        hovermode="closest",
    )
    words = "Share of every frequency in every neuron at the time of the scrubber."
    return Panel(
        "spectrum",
        "Every neuron's spectrum",
        symbol("q", "k"),
        figure,
        alt=constantly(words),
        note="bright is near 1; predicted: one bright frequency a neuron, a staircase of them",
    )


def columns(p: int) -> Panel:
    """Three columns of A over their best-fit cosines."""
    n = np.arange(p, dtype=float)
    traces: list[dict[str, Any]] = []
    for i in range(CURVES):
        how: dict[str, Any] = {"k": i, "of": CURVES, "name": f"column {i + 1}"}
        run = run_traces("columns", [i], bands=False, at="scrub", markers=True, x="", **how)[0]
        run["line"] = run["line"] | {"width": 1.2}
        cosine = theory_trace(n, np.full(p, np.nan), f"cosine {i + 1}")
        meta = tag("column_cosines", [i], x="", at="scrub")
        traces += [run | {"x": n}, cosine | {"meta": meta}]
    return panel(
        "columns",
        "Columns over their best cosines",
        f"{symbol('A', 'ni')}",
        traces,
        x=axis(f"number {italic('n')}", linear_range(0.0, p - 1.0, pad=0.03)),
        y="weight over the amplitude",
        linear=[-2.6, 2.6],
        empty="appears with the run",
        hovermode="closest",
        note="the strongest neuron of each of the three strongest frequencies; dashed: its cosine",
        alt="Three columns of the first table at the time of the scrubber, and the cosine that "
        "fits each best.",
    )


def clock(p: int) -> Panel:
    """The numbers on the plane of the strongest frequency: predicted on a circle, in order."""
    turn = 2 * np.pi * np.append(np.arange(p), 0) / p
    circle = theory_trace(np.cos(turn), np.sin(turn), "the clock")
    circle |= {
        "mode": "lines+markers",
        "marker": {"size": 5, "symbol": "circle-open", "color": "role:ink"},
    }
    run = run_traces("clock", [1], bands=False, x="clock", x_index=[0], at="scrub", markers=True)[0]
    run["line"] = run["line"] | {"width": 1.0}
    reach = [-CLOCK_SPAN, CLOCK_SPAN]
    return panel(
        "clock",
        "The clock",
        f"2π{italic('kn')}/{italic('p')}",
        [run, circle],
        x=axis(f"cos 2π{italic('kn')}/{italic('p')}", [2 * r for r in reach]),
        y=f"sin 2π{italic('kn')}/{italic('p')}",
        linear=reach,
        y_axis={"scaleanchor": "x"},
        hovermode="closest",
        note=f"the {p} numbers as the neurons of the strongest frequency see them, joined in the "
        "predicted order",
        alt="Embedding of all numbers in the plane of the strongest frequency; theory puts them "
        "on a circle in a known order.",
    )
