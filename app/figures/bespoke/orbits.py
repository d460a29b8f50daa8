"""Orbits of a map against the learning rate: two-cycles, and chaos."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.figures.axes import axis, linear_range
from app.figures.marks import dotted
from app.figures.panels import Event, Panel
from app.figures.sheet import Sheet
from app.figures.traces import dots, run_traces, theory_trace
from app.tex import prose
from sims.view import Bespoke

MOST_DOTS = 1900
LANDMARKS = ("flip", "period 4", "signs merge", "diverges")


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """Predicted orbits over the learning rate, what the map visits, and the run's late points."""
    rates = sheet.known["rate"]
    branch = sheet.known["branch"]
    attracts = np.abs(sheet.known["branch_multiplier"]) < 1
    traces = [_attractor(sheet)]
    for end in range(branch.shape[1]):
        y = branch[:, end]
        stable = theory_trace(rates, np.where(attracts, y, np.nan), "orbit")
        repels = theory_trace(rates, np.where(attracts, np.nan, y), "repelling orbit", second=True)
        traces += [repels, stable]
    traces += dots(run_traces("late_iterate", x="learning_rate", bands=False, markers=True), 6)
    values = np.concatenate([branch.ravel(), sheet.known["attractor"].ravel()])
    values = values[np.isfinite(values)]
    span = linear_range(float(rates[0]), float(rates[-1]), pad=0.02)
    made = sheet.plain(
        word, "orbit", traces, np.zeros(0),
        x=axis(prose(r"learning rate $\eta$"), span),
        spans={"linear": linear_range(float(values.min()), float(values.max()), pad=0.08)},
        hovermode="closest",
        alt="Points of the attractor against the learning rate, with the predicted two-cycle.",
    )  # fmt: skip
    at = sheet.known["landmarks"] if "landmarks" in sheet.known else [sheet.known["flip_eta"]]
    marks = [Event(said, float(rate)) for said, rate in zip(LANDMARKS, at, strict=False)]
    return dotted(made, [m for m in marks if span[0] <= m.time <= span[1]], span)


def _attractor(sheet: Sheet) -> dict[str, Any]:
    """Points the map visits at each learning rate, each once, at most 1,900 in all."""
    rates = sheet.known["rate"]
    x, y = [], []
    for rate, visits in zip(rates, sheet.known["attractor"], strict=True):
        there = np.unique(visits[np.isfinite(visits)].round(4))
        x += [rate] * there.size
        y += list(there)
    every = max(1, int(np.ceil(len(x) / MOST_DOTS)))
    many = theory_trace(x[::every], y[::every], "visited")
    return many | {"mode": "markers", "marker": {"size": 2, "color": "role:ink3"}}
