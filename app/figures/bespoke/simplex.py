"""The picture: features and classifier on their way to the simplex, turned where it is solid.

Three coordinates are looked at along one direction. Static traces carry what lies behind the screen
as `meta["depth"]`, those of a run as a third entry of their tag, so that the browser can turn them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.axes import axis
from app.figures.figure import drawn
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import tag, text_trace, theory_trace
from sims.core.format import significant
from sims.view import Arrays, Bespoke, Derived

AZIMUTH, HEIGHT = 0.55, 0.35
"""The view at first, in radians."""
MOST_CLASSES = 10
MOST_POINTS = 36
"""Features of a class that are drawn."""
MOST_EDGES = 4
"""Classes up to which every pair of corners is joined."""
ROOM = 1.2
"""Half the picture over the corners' distance; what starts further out comes into view."""
OPEN = 3.0
"""Half the picture where nothing says how large it gets."""
BEYOND = 1.13


def looked_at(points: np.ndarray) -> np.ndarray:
    """Coordinates (..., axis) as (across, up, depth) of the first view, (..., 3).

    Two coordinates lie in the plane of the screen; three are turned.
    """
    missing = max(0, 3 - points.shape[-1])
    flat = np.pad(points, [(0, 0)] * (points.ndim - 1) + [(0, missing)])[..., :3]
    if missing:
        return flat
    x, y, z = flat[..., 0], flat[..., 1], flat[..., 2]
    across = np.cos(AZIMUTH) * x + np.sin(AZIMUTH) * z
    depth = -np.sin(AZIMUTH) * x + np.cos(AZIMUTH) * z
    up = np.cos(HEIGHT) * y - np.sin(HEIGHT) * depth
    return np.stack([across, up, np.sin(HEIGHT) * y + np.cos(HEIGHT) * depth], axis=-1)


def _screen(points: np.ndarray) -> np.ndarray:
    """(seed, row, point, axis) as (seed, row, 3, point)."""
    return np.moveaxis(looked_at(points), -1, -2)


@cache
def _cloud(k: int) -> Derived:
    def points(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
        own = np.flatnonzero(prediction["label"].values == k)
        chosen = own[np.unique(np.linspace(0, own.size - 1, MOST_POINTS).astype(int))]
        return _screen(run["features"][:, :, chosen])

    return points


def _scale(prediction: xr.Dataset) -> float:
    return float(prediction.attrs.get("arrow_scale", 1.0))


@cache
def _arrow(k: int) -> Derived:
    def points(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
        tip = _scale(prediction) * run["classifier"][:, :, k : k + 1]
        return _screen(np.concatenate([np.zeros_like(tip), tip], axis=2))

    return points


@cache
def _tip(k: int) -> Derived:
    def points(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
        return _screen(_scale(prediction) * run["classifier"][:, :, k : k + 1])

    return points


DERIVED: Mapping[str, Derived] = {
    f"{name}_{k}": made(k)
    for k in range(MOST_CLASSES)
    for name, made in (("cloud", _cloud), ("arrow", _arrow), ("tip", _tip))
}


def _placed(points: np.ndarray, **how: Any) -> dict[str, Any]:
    """A static trace at points (point, 3) of the first view."""
    meta = {"depth": [float(d) for d in points[:, 2]]}
    return {"x": points[:, 0], "y": points[:, 1], "meta": meta} | how


def _bound(variable: str, **how: Any) -> dict[str, Any]:
    """An empty trace that a run fills with (3, point) at the scrub time."""
    meta = tag(variable, [1], x=variable, x_index=[0], at="scrub", depth_index=[2])
    return {"type": "scatter", "x": [], "y": [], "meta": meta, "hoverinfo": "skip"} | how


def ghost(corners: np.ndarray) -> dict[str, Any]:
    """The predicted simplex, dashed: its edges, or rays to the corners of many classes."""
    K = len(corners)
    pairs = list(combinations(range(K), 2)) if K <= MOST_EDGES else []
    lines = [(corners[k], corners[l]) for k, l in pairs]
    lines = lines or [(np.zeros(3), corner) for corner in corners]
    gap = np.full(3, np.nan)
    points = np.concatenate([[a, b, gap] for a, b in lines])
    trace = theory_trace(points[:, 0], points[:, 1], "")
    depth = [float(d) if np.isfinite(d) else 0.0 for d in points[:, 2]]
    return trace | {"meta": {"depth": depth}, "hoverinfo": "skip", "hovertemplate": None}


def corner_names(corners: np.ndarray) -> dict[str, Any]:
    """Class numbers just beyond the corners, in the colours of their classes."""
    K = len(corners)
    colours = [style.series(k, K, "text") for k in range(K)]
    beyond = BEYOND * corners
    words = text_trace(
        beyond[:, 0], beyond[:, 1], [f"<b>{k + 1}</b>" for k in range(K)],
        colours=colours, side="middle center", size=15,
    )  # fmt: skip
    return words | {"meta": {"depth": [float(d) for d in beyond[:, 2]]}}


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """Features, classifier arrows and the predicted simplex."""
    K = int(sheet.known["classes"])
    known = "final_simplex" in sheet.known
    for name in (f"{kind}_{k}" for k in range(K) for kind in ("cloud", "arrow", "tip")):
        sheet.derive(name, DERIVED[name])
    ends = sheet.known["final_simplex"] if known else np.zeros((K, max(2, K - 1)))
    corners, solid = looked_at(ends), K > 3
    survives = bool(sheet.known.get("survives", 1))
    radius = float(np.max(np.linalg.norm(ends, axis=1))) if known else OPEN
    if not survives:
        start = float(sheet.known.get("start_size", 0.0))
        seen = start * min(1.0, np.sqrt(3 / max(1, K - 1)))  # of all its directions three are seen
    else:
        seen = float(np.max(np.linalg.norm(corners, axis=1))) if known else OPEN
    reach = ROOM * max(seen, 1e-3)
    traces: list[dict[str, Any]] = []
    for k in range(K):
        colour, name = style.series(k, K), f"class {k + 1}"
        marker = {"size": 5, "color": colour}
        traces.append(
            _bound(f"cloud_{k}", mode="markers", marker=marker, opacity=0.6, name=name,
                   legendgroup="run")
        )  # fmt: skip
        line = {"width": 2, "color": colour}
        traces.append(
            _bound(f"arrow_{k}", mode="lines", line=line, name=f"arrow {name}", legendgroup="run")
        )
        diamond = {"size": 9, "color": colour, "symbol": "diamond"}
        diamond["line"] = {"width": 1, "color": "role:panel"}
        traces.append(
            _bound(f"tip_{k}", mode="markers", marker=diamond, name=f"tip {name}",
                   legendgroup="run")
        )  # fmt: skip
    if survives and known:
        traces.append(ghost(corners))
        traces.append(corner_names(corners))
    elif not survives:
        middle = np.zeros((1, 3))
        gone = _placed(middle, type="scatter", mode="markers", name="theory", legendgroup="theory")
        traces.append(
            gone | {"marker": {"symbol": "x-thin", "size": 12, "line": {"width": 1.75}},
                    "hoverinfo": "skip"}
        )  # fmt: skip
    bare = {"showgrid": False, "fixedrange": True, "showticklabels": False, "ticks": ""}
    span = [-reach, reach]
    figure = drawn(
        traces,
        x=axis("", span) | bare | {"constrain": "range", "showline": False},
        y=axis("", span) | bare | {"scaleanchor": "x", "constrain": "range", "showline": False},
        hovermode=False,
        dragmode=False,
        margin={"l": 12, "r": 12, "t": 12, "b": 12},
        meta={"turns": solid},
    )
    alt = _described(K, radius if known else np.inf, survives)
    return replace(sheet.bare(word, "picture", figure, alt), height_units=2)


def _described(K: int, radius: float, survives: bool) -> str:
    if not np.isfinite(radius):
        return "Features as dots and classifiers as arrows; no size is predicted here."
    if not survives:
        return "Features and classifier of every class shrink to the origin."
    return (
        f"Features as dots and classifiers as arrows move onto the predicted simplex of {K} "
        f"corners at distance {significant(radius, 3)} from the middle."
    )
