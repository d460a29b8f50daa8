"""Figures of a real network: the same picture and numbers, and what only a network has."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures.neural_collapse import common, simplex
from app.figures.panels import (
    Derived,
    Panel,
    RunArrays,
    Tile,
    View,
    axis,
    constantly,
    legend,
    panel,
    run_traces,
    tag,
    theory_trace,
)
from app.figures.reading import StepReading, Tolerances
from app.figures.style import italic, symbol
from sims.core.format import significant

FLOOR = 1e-14


def _fitted(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
    """The least-squares line through log10 D against the layer, as D."""
    logs = np.log10(np.maximum(run["layer_separation"], 1e-30))
    layers = np.arange(logs.shape[-1]) - (logs.shape[-1] - 1) / 2
    middle = logs.mean(axis=-1, keepdims=True)
    slope = (logs * layers).sum(axis=-1, keepdims=True) / (layers**2).sum()
    return 10 ** (middle + slope * layers)


def _layers(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
    D = run["layer_separation"]
    return np.broadcast_to(np.arange(D.shape[-1], dtype=float), D.shape)


DERIVED: Derived = {
    **simplex.DERIVED,
    **common.DERIVED,
    "layer_line": _fitted,
    "layer_number": _layers,
}


def real_network(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """The picture, objective, collapse metrics, eigenvalues, layers and accuracies."""
    read = StepReading(prediction, tolerances or {}, lambda _read: [])
    predicted = read.one.attrs.get("decay", "features") == "features"
    panels = [simplex.picture(read), _objective(read, predicted=predicted), _nc1(read)]
    panels += [common.sizes(read, read.x), _eigenvalues(read)]
    panels += [*common.minority(read), *common.cosine_maps(read)]
    panels += [_accuracy(read), _layer_separation(read)]
    panels += [common.nc2(read, read.x, [-4.4, 1.0]), common.nc3(read, read.x, [-7.4, 1.0])]
    words = {"theory": "theory of free features", "second_theory": "straight line through the run"}
    return View(panels, _tiles(read, predicted), [], legend(panels, words, read.seeds), DERIVED)


def _objective(read: StepReading, *, predicted: bool) -> Panel:
    levels = [(read.number("loss_zero"), "")]
    if predicted and read.has("objective_final"):
        levels.append((read.number("objective_final"), f"{italic('J')}*"))
    top = max(level for level, _ in levels)
    traces = run_traces("objective", records=read.records)
    return panel(
        "objective",
        "Loss with decay",
        italic("J"),
        traces,
        x=read.x,
        y=f"objective {italic('J')}",
        linear=[-0.04 * top, 1.25 * top],
        levels=levels,
        empty="" if predicted else f"no level is predicted when every layer decays; {common.LATER}",
        alt=read.described("Training objective with its decay", ""),
    )


def _nc1(read: StepReading) -> Panel:
    curves = [("nc1", "NC1"), ("nc1_trace", "Tr Σ<sub>W</sub>/Tr Σ<sub>B</sub>")]
    return panel(
        "nc1",
        "Spread within classes",
        "NC1",
        [*common.labelled(read, curves), common.rounding(FLOOR, read.span)],
        x=read.x,
        y="within over between",
        log=[-9.2, 3.2],
        annotations=common.named(curves),
        note="predicted to go on falling: at the optimum it is 0",
        empty=common.LATER,
        alt=read.described("Within-class over between-class spread", ""),
    )


def _eigenvalues(read: StepReading) -> Panel:
    K = int(read.number("classes"))
    traces: list[dict[str, Any]] = []
    for k in range(K):
        how: dict[str, Any] = {"k": k, "of": K, "name": f"eigenvalue {k + 1}"}
        traces += run_traces("classifier_eigenvalues", [k], records=999, bands=False, **how)
    levels = []
    if read.has("classifier_eigenvalues_final", "objective_final"):
        values = read.values("classifier_eigenvalues_final")
        groups = np.unique(np.round(values, 6))[::-1]
        for level in groups:
            times = int(np.sum(np.abs(values - level) < 1e-5))
            levels.append((float(level), f"{times} ×"))
    top = 1.6 * max([level for level, _ in levels] + [0.5])
    return panel(
        "eigenvalues",
        "Eigenvalues of the classifier",
        f"{italic('W')} {italic('W')}<sup>T</sup>",
        traces,
        x=read.x,
        y="eigenvalue",
        linear=[-0.05 * top, top],
        log=[-4.2, float(np.log10(top)) + 0.2],
        levels=levels,
        alt=constantly(
            "Eigenvalues of the classifier against steps; predicted are "
            + (", ".join(f"{words} {significant(level, 4)}" for level, words in levels) or "none")
            + "."
        ),
    )


def _accuracy(read: StepReading) -> Panel:
    curves = [
        ("train_accuracy", "training set"),
        ("test_accuracy", "test set"),
        ("nearest_mean_mismatch", "not at the nearest mean"),
    ]
    return panel(
        "accuracy",
        "Accuracy, and samples not at their nearest mean",
        "NC4",
        common.labelled(read, curves),
        x=read.x,
        y="share of the samples",
        linear=[-0.04, 1.42],
        levels=[(read.number("chance"), "chance")],
        annotations=common.named(curves),
        empty=common.LATER,
        y_axis={"tickvals": [0, 0.25, 0.5, 0.75, 1]},
        alt=read.described("Accuracy on the training set and on the test set", ""),
    )


def _layer_separation(read: StepReading) -> Panel:
    """D of every layer at the scrubbed moment, and the line through it."""
    depth = int(read.number("depth")) + 1
    run = {
        "type": "scatter", "mode": "lines+markers", "x": [], "y": [], "name": "run",
        "line": {"width": 1.9, "color": "role:series0"}, "legendgroup": "run",
        "marker": {"size": 8, "color": "role:series0"},
        "meta": tag("layer_separation", x="layer_number", at="scrub"),
    }  # fmt: skip
    line = tag("layer_line", x="layer_number", at="scrub")
    straight = theory_trace([], [], "line", second=True) | {"meta": line}
    names = ["input", *(str(i) for i in range(1, depth)), "features"]
    layers = {"tickvals": list(range(depth + 1)), "ticktext": names}
    return panel(
        "layers",
        "Separation, layer by layer",
        italic("D"),
        [run, straight],
        x=axis("layer", [-0.3, depth + 0.3]) | layers,
        y=f"separation {italic('D')}",
        log=[-4.4, 2.4],
        hovermode="closest",
        empty=common.LATER,
        alt=constantly(
            "Within-class over between-class spread of every layer, from input to features, with "
            "the straight line through its logarithm."
        ),
        note="dash-dotted: least-squares line, an empirical law of ordinary training",
    )


def _tiles(read: StepReading, predicted: bool) -> list[Tile]:
    tiles = [common.kc_tile(read)] if predicted else []
    if predicted:
        tiles += common.level_tile(
            read, f"{italic('J')}*", "loss with decay at the end", "objective_final", "objective", 5
        )
        tiles += common.level_tile(
            read, f"{italic('a')}*", "margin at the end", "margin_final", "margin"
        )
        tiles += common.level_tile(
            read, f"|{symbol('m', 'k')}|*", "length of class means", "feature_norm_final",
            "feature_norm",
        )  # fmt: skip
    if read.has("minority_threshold"):
        R0 = significant(read.number("minority_threshold"), 4)
        own = f"R = {significant(read.number('imbalance'), 3)} here"
        tiles.append(Tile(symbol("R", 0), "imbalance at which small classes merge", R0, "", own))
    if not tiles:
        K = int(read.number("classes"))
        words = "equal eigenvalues, if it were decay on the features alone"
        tiles.append(Tile(f"{italic('K')} − 1", words, str(K - 1)))
    return tiles
