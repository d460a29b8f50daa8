"""Figures of sweeps of modular addition: when it groks, and what the data allow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.grokking.laws import knob_axis, marked, points
from app.figures.panels import (
    Event,
    Panel,
    View,
    first_seed,
    legend,
    log_range,
    panel,
    relaid,
    text_trace,
    theory_trace,
    time_labels,
    time_line,
)
from app.figures.reading import Tolerances
from app.figures.style import italic, symbol
from sims.core.format import significant
from sims.grokking.modular_addition.assumptions import LEAST_FRACTION, TIMES_COVERAGE

KNOBS = {
    "fraction": f"fraction of pairs {italic('f')}",
    "weight_decay": f"weight decay {italic('w')}",
    "init_scale": f"initial scale {italic('α')}",
    "eta": f"learning rate {italic('η')}",
    "width": f"width {italic('m')}",
    "p": f"modulus {italic('p')}",
}
PASSAGES = (("test_step", "test"), ("restricted_step", "circuit"), ("train_step", "train"))
SYMBOLS = ("circle", "square", "diamond")


def fractions(prediction: xr.Dataset, over: str, tolerances: Tolerances) -> View:
    """When train pairs, circuit and test pairs are learnt; what the data allow; order and norm."""
    at = np.asarray(prediction[over].values, float)
    one = first_seed(prediction)
    panels = [_passages(over, at), _accuracy(one, over, at), _phases(over, at, tolerances)]
    if over != "p":
        panels.append(_norms(one, over, at))
    if over == "fraction":
        panels = [_bounded(shown, one) for shown in panels]
    words = {
        "theory": "theory",
        "second_theory": "rule of thumb",
        "predicted": "bound on the data",
    }
    return View(panels, (), (), legend(panels, words, prediction.sizes.get("seed", 1)))


def _x(over: str, at: np.ndarray) -> dict[str, Any]:
    return knob_axis(over, at) | {"title": {"text": KNOBS.get(over, over)}}


def _bounded(shown: Panel, one: xr.Dataset) -> Panel:
    """The panel with the fractions that cover all numbers, and that suffice in practice."""
    covered = float(np.ravel(one["coverage_fraction"].values)[0])
    enough = max(LEAST_FRACTION, TIMES_COVERAGE * covered)
    places = [
        (covered, symbol("f", "cov")),
        (enough, f"{TIMES_COVERAGE}\u2009{symbol('f', 'cov')}"),
    ]
    layout = shown.plain["layout"]
    if layout["xaxis"].get("type") == "log":
        return marked(shown, places)
    span = layout["xaxis"]["range"]
    events = [Event(word, x) for x, word in places if span[0] <= x <= span[1]]
    labels = time_labels(events, span)
    shapes = [*layout["shapes"], *(time_line(e.time) for e in events)]
    return relaid(shown, shapes=shapes, annotations=[*layout["annotations"], *labels])


def _passages(over: str, at: np.ndarray) -> Panel:
    traces: list[dict[str, Any]] = []
    for k, (name, _) in enumerate(PASSAGES):
        made = points(name, over, k=k, of=len(PASSAGES))
        marker = {"size": 8, "color": style.series(k), "symbol": SYMBOLS[k]}
        traces += [t | {"marker": marker} if t["legendgroup"] == "run" else t for t in made]
    traces.append(_words(at, [17.0, 8.0, 3.8], [word for _, word in PASSAGES]))
    return panel(
        "passages",
        "When it is learnt",
        italic("n"),
        traces,
        x=_x(over, at),
        y=f"step {italic('n')}",
        log=log_range(2.5, 2e4),
        hovermode="closest",
        empty="appears with the runs",
        note="accuracy 0.9 on train and test pairs, half of the circuit's loss; no dot: never",
        alt=f"Steps at which train pairs, circuit and test pairs are learnt against {over}.",
    )


def _words(at: np.ndarray, heights: Sequence[float], words: Sequence[str]) -> dict[str, Any]:
    colours = [style.series(k, len(words), "text") for k in range(len(words))]
    bold = [f"<b>{word}</b>" for word in words]
    places = [float(at[0])] * len(words)
    return text_trace(places, heights, bold, colours=colours, side="middle right")


def _accuracy(one: xr.Dataset, over: str, at: np.ndarray) -> Panel:
    covered = np.broadcast_to(np.asarray(one["coverage"].values, float), at.shape)
    traces = [*points("test_accuracy_final", over), theory_trace(at, covered, "coverage")]
    return panel(
        "test_accuracy",
        "What the data allow",
        f"{italic('A')}′",
        traces,
        x=_x(over, at),
        y=f"test accuracy {italic('A')}′",
        linear=[-0.04, 1.06],
        hovermode="closest",
        note="dashed: probability that the train pairs show every a, b and sum; dots: test "
        "accuracy at the end",
        alt=f"Test accuracy at the end against {over}; the probability of coverage goes from "
        f"{significant(float(covered[0]), 2)} to {significant(float(covered[-1]), 2)}.",
    )


def _phases(over: str, at: np.ndarray, tolerances: Tolerances) -> Panel:
    tolerance = float(tolerances.get("phase_defect", 0.1))
    traces = [
        *points("phase_defect_final", over),
        theory_trace(at, np.zeros(at.size), "at the end"),
    ]
    return panel(
        "phase_defect",
        "How far the phases are off",
        italic("δ"),
        traces,
        x=_x(over, at),
        y=f"phase defect {italic('δ')}, rad",
        linear=[-0.02, 5 * tolerance],
        tolerances=[tolerance],
        hovermode="closest",
        empty="appears with the runs",
        alt=f"Phase defect at the end against {over}; predicted 0.",
    )


def _norms(one: xr.Dataset, over: str, at: np.ndarray) -> Panel:
    rule = np.broadcast_to(np.asarray(one["goldilocks_norm"].values, float), at.shape)
    norm = f"|{italic('θ')}|"
    return panel(
        "goldilocks_norm",
        "Norm at the jump",
        norm,
        [*points("goldilocks_norm", over), theory_trace(at, rule, "rule of thumb", second=True)],
        x=_x(over, at),
        y=f"norm {norm}",
        linear=[0.0, 4 * float(rule.max())],
        hovermode="closest",
        note="the rule is for gradient descent with L2 decay on squared errors",
        alt=f"Norm where the test accuracy passes a half, against {over}; the rule says "
        f"{significant(float(rule[0]), 3)}.",
    )
