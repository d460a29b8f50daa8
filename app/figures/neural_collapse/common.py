"""Panels that both experiments of neural collapse draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.panels import (
    Derived,
    Event,
    Panel,
    RunArrays,
    Tile,
    axis,
    constantly,
    drawn,
    note,
    panel,
    run_traces,
    tag,
    theory_trace,
)
from app.figures.reading import Reading
from app.figures.style import italic, symbol
from sims.core.format import decimals, significant

LATER = "appears with the run"
COSINE_GAP = 0.1
"""Difference of cosines at the ends of its colours."""
K_C = f"{italic('K')}\u200a{italic('c')}"
MINORITY = "cos(small, small)"


def _gap(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Run minus prediction of the classifier cosines."""
    return run["classifier_cosines"] - prediction["classifier_cosines_final"].values[None, None]


def _small_cosine(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Mean cosine between small classes at every snapshot, as one point."""
    sizes = np.array([int(n) for n in str(prediction.attrs["sizes"]).split(",")])
    small = np.flatnonzero(sizes == sizes.min())
    rows, columns = np.triu_indices(len(small), 1)
    pairs = run["classifier_cosines"][:, :, small[rows], small[columns]]
    return pairs.mean(axis=-1, keepdims=True)


def _own_imbalance(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """The imbalance of the run at every snapshot, as one point."""
    shape = (*run["classifier_cosines"].shape[:2], 1)
    return np.full(shape, float(prediction.attrs["imbalance"]))


DERIVED: Derived = {
    "cosine_gap": _gap,
    "small_cosine": _small_cosine,
    "run_imbalance": _own_imbalance,
}


Curves = list[tuple[str, str]]
"""Run quantities of one panel: variable and name."""


def labelled(read: Reading, curves: Curves) -> list[dict[str, Any]]:
    """Runs of several quantities, each in its own colour."""
    traces: list[dict[str, Any]] = []
    for k, (name, word) in enumerate(curves):
        how: dict[str, Any] = {"k": k, "of": len(curves), "name": word, "records": read.records}
        traces += run_traces(name, **how)
    return traces


def named(curves: Curves) -> list[dict[str, Any]]:
    """Names of the curves in their colours, down the upper right corner."""
    made = []
    for k, (_, word) in enumerate(curves):
        font = {"size": 13, "color": style.series(k, len(curves), "text")}
        place = {"xanchor": "right", "yanchor": "top", "yref": "paper", "font": font}
        made.append(note(f"<b>{word}</b>", 0.99, 1.0 - 0.1 * k, **place, name="key"))
    return made


def nc2(read: Reading, x: dict[str, Any], log: list[float]) -> Panel:
    """Norms and angles: how far from equal."""
    curves = [
        ("equinorm_features", "norms of means"),
        ("equinorm_classifier", "norms of classifiers"),
        ("equiangle_std_features", "angles of means"),
        ("max_angle", "widest angles"),
    ]
    return panel(
        "nc2",
        "Equal norms, equal and widest angles",
        "NC2",
        labelled(read, curves),
        x=x,
        y="distance from equal",
        linear=[-0.04, 1.05],
        log=log,
        first="log",
        empty=LATER,
        annotations=named(curves),
        alt=constantly(
            "Spread of the norms of class means and classifiers, spread of the cosines of class "
            "means, and their distance from the widest possible; all fall to zero in collapse."
        ),
    )


def nc3(read: Reading, x: dict[str, Any], log: list[float]) -> Panel:
    """Classifier against class means."""
    return panel(
        "nc3",
        "Classifier becomes the class means",
        "NC3",
        run_traces("self_duality", records=read.records),
        x=x,
        y="|W/‖W‖ − M/‖M‖|²",
        linear=[-0.15, 4.1],
        log=log,
        first="log",
        empty=LATER,
        alt=read.described(
            "Distance of the scaled classifier from the class means", "self_duality"
        ),
    )


def sizes(read: Reading, x: dict[str, Any]) -> Panel:
    """Margin and norms against their predicted levels."""
    curves = [
        ("margin", "margin"),
        ("classifier_norm", f"|{symbol('w', 'k')}|"),
        ("feature_norm", f"|{symbol('m', 'k')}|"),
    ]
    levels = []
    finals = ("margin_final", "classifier_norm_final", "feature_norm_final")
    letters = (italic("a") + "*", f"|{symbol('w', 'k')}|*", f"|{symbol('m', 'k')}|*")
    for name, letter in zip(finals, letters, strict=True):
        if read.has(name) and np.isfinite(read.number(name)):
            levels.append((read.number(name), letter))
    if len(levels) == 3 and abs(levels[1][0] - levels[2][0]) < 1e-9:
        levels = [levels[0], (levels[1][0], f"|{symbol('w', 'k')}|*, |{symbol('m', 'k')}|*")]
    top = max([level for level, _ in levels] + [1.0])
    return panel(
        "sizes",
        "Margin and norms",
        f"{italic('a')}, |{symbol('w', 'k')}|, |{symbol('m', 'k')}|",
        labelled(read, curves),
        x=x,
        y="size",
        linear=[-0.05 * top, 1.25 * top],
        levels=levels,
        annotations=named(curves),
        empty="" if levels else "no level is predicted here; " + LATER,
        alt=constantly(
            "Margin and mean norms against time, with predicted levels "
            + (", ".join(significant(level, 4) for level, _ in levels) or "none")
            + "."
        ),
    )


def cosine_maps(read: Reading) -> list[Panel]:
    """Classifier cosines side by side: run, theory, difference."""
    if not read.has("classifier_cosines_final"):
        return []
    theory = read.values("classifier_cosines_final")
    K = len(theory)
    step = K + 0.6
    base = {
        "type": "heatmap",
        "y": np.arange(K),
        "colorscale": style.CIVIDIS,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
    }
    blank = np.full((K, K), np.nan)
    places = [np.arange(K) + i * step for i in range(3)]
    shown = "%{z:.3f}<extra></extra>"
    unit = {"zmin": -1.0, "zmax": 1.0}
    gap = {"zmin": -COSINE_GAP, "zmax": COSINE_GAP}
    run = base | unit | {
        "x": places[0], "z": blank, "name": "run", "legendgroup": "run",
        "hovertemplate": f"run {shown}", "meta": tag("classifier_cosines", x="", at="scrub"),
    }  # fmt: skip
    foreseen = base | unit | {
        "x": places[1], "z": theory, "name": "theory", "legendgroup": "theory",
        "hovertemplate": f"theory {shown}",
    }  # fmt: skip
    difference = base | gap | {
        "x": places[2], "z": blank, "name": "difference", "legendgroup": "run",
        "hovertemplate": f"difference {shown}", "meta": tag("cosine_gap", x="", at="scrub"),
    }  # fmt: skip
    words = ("run", "theory", f"difference ×{1 / COSINE_GAP:.0f}")
    titles = [
        {
            "x": float(place.mean()), "y": -0.75, "xref": "x", "yref": "y", "text": word,
            "showarrow": False, "yanchor": "bottom", "font": {"size": 13, "color": "role:ink2"},
        }
        for place, word in zip(places, words, strict=True)
    ]  # fmt: skip
    bare = {"visible": False, "autorange": False, "fixedrange": True}
    figure = drawn(
        [run, foreseen, difference],
        x=bare | {"range": [-0.6, 2 * step + K - 0.4], "constrain": "domain"},
        y=bare | {"range": [K - 0.4, -1.6], "scaleanchor": "x", "constrain": "domain"},
        hovermode="closest",
        dragmode=False,
        margin={"l": 12, "r": 12, "t": 6, "b": 12},
        annotations=titles,
    )
    off = theory[~np.eye(K, dtype=bool)]
    off = off[np.isfinite(off)]
    span = f"from {significant(off.min(), 3)} to {significant(off.max(), 3)}" if off.size else ""
    return [
        Panel(
            "cosines",
            "Angles between classifiers",
            f"cos({symbol('w', 'k')}, {symbol('w', 'l')})",
            figure,
            alt=constantly(f"Cosines of all pairs of classifiers; theory {span}."),
            note="dark −1, bright 1; equal colours are equal angles",
        )
    ]


def minority(read: Reading) -> list[Panel]:
    """Cosine between small classes against the imbalance: curve, threshold, the run as a dot."""
    if not read.has("minority_threshold", "minority_cosine_curve"):
        return []
    R = np.asarray(read.one["curve_imbalance"].values, float)
    curve = read.values("minority_cosine_curve")
    R0 = read.number("minority_threshold")
    marker = {"size": 11, "color": "role:series0", "line": {"width": 2, "color": "role:panel"}}
    dot = {
        "type": "scatter", "mode": "markers", "x": [], "y": [], "name": "run",
        "marker": marker, "legendgroup": "run",
        "meta": tag("small_cosine", x="run_imbalance", at="scrub"),
    }  # fmt: skip
    traces = [theory_trace(R, curve, ""), dot]
    if not read.number("bias", 1.0) and read.has("minority_cosine_encoded"):
        encoded = read.values("minority_cosine_encoded")
        traces.append(theory_trace(R, encoded, "no decay left", second=True))
    span = [1 - 0.02 * R[-1], 1.02 * float(R[-1])]
    figure = drawn(
        traces,
        x=axis(f"imbalance {italic('R')}", span),
        y=axis(f"cosine {MINORITY}", [-0.65, 1.12]),
        times=[Event(symbol("R", 0), R0)],
        hovermode="closest",
    )
    return [
        Panel(
            "minority",
            "When small classes merge",
            MINORITY,
            figure,
            alt=constantly(
                "Cosine between small classes against the imbalance; they are predicted to merge "
                f"at {significant(R0, 4)}."
            ),
            note="the run is a dot at its own imbalance",
        )
    ]


def kc_tile(read: Reading) -> Tile:
    """K c, with the collapse limit at 1."""
    x = read.number("classes") * read.number("c")
    kind = "total collapse" if not read.number("survives", 1.0) else "total collapse from 1 on"
    return Tile(K_C, "decay, in units of its limit", decimals(x, 3), "", kind)


def level_tile(
    read: Reading, letter: str, words: str, name: str, observed: str, places: int = 4
) -> list[Tile]:
    """A predicted level and what the run's last record made of it."""
    if not read.has(name) or not np.isfinite(read.number(name)):
        return []
    last = read.records - 1
    value = decimals(read.number(name), places)
    return [Tile(letter, words, value, "", "", None, f"{observed}[{last}]", name)]


def rounding(floor: float, span: Sequence[float]) -> dict[str, Any]:
    """The part of a log axis where only rounding is left, shaded."""
    return {
        "type": "scatter", "mode": "lines", "x": np.asarray(span, float),
        "y": np.full(2, floor), "fill": "tozeroy", "fillcolor": "role:grid",
        "line": {"width": 0, "color": "role:grid"}, "hoverinfo": "skip", "name": "rounding",
        "legendgroup": "ground",
    }  # fmt: skip
