"""The tangent kernel as a map: at birth, at the time of the scrubber, and the target's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures.lazy_rich.training import LogStepReading
from app.figures.panels import Panel, RunArrays, constantly, drawn, first_seed, tag
from app.figures.style import italic, symbol
from sims.core.format import significant

GAP = 0.05
DIVERGING = [[0.0, "rgb(0,114,178)"], [0.5, "rgb(240,240,235)"], [1.0, "rgb(213,94,0)"]]


def order(prediction: xr.Dataset) -> np.ndarray:
    """Samples by their angle where they lie on a circle, else by their target."""
    one = first_seed(prediction)
    name = "sample_angle" if "sample_angle" in one.coords else "sample_target"
    return np.argsort(np.asarray(one[name].values, float))


def scaled(kernel: np.ndarray) -> np.ndarray:
    """Matrices (..., n, n) over their largest entry."""
    top = np.abs(kernel).max(axis=(-2, -1), keepdims=True)
    return np.divide(kernel, top, out=np.zeros_like(kernel, float), where=top > 0)


def kernel_shown(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """The run's kernel with its samples in order, largest entry 1."""
    at = order(prediction)
    kernel = np.nan_to_num(np.asarray(run["kernel"], float))
    return scaled(kernel[..., at, :][..., at])


def kernel_maps(read: LogStepReading) -> Panel:
    """K_0, which the lazy theory keeps for ever, K now, and y yᵀ, each over its largest entry."""
    at, n = order(read.whole), read.values("kernel_initial").shape[0]
    target = np.asarray(read.one["sample_target"].values, float)[at]
    born = scaled(read.values("kernel_initial"))[np.ix_(at, at)]
    maps = [
        (symbol("K", "0"), {"z": born}),
        (f"{italic('K')} now", {"z": born, "meta": tag("kernel_shown", x="", at="scrub")}),
        (f"{italic('yy')}ᵀ", {"z": scaled(np.outer(target, target))}),
    ]
    traces, layout, words = [], {}, []
    width = (1 - 2 * GAP) / 3
    for k, (name, more) in enumerate(maps):
        number = "" if k == 0 else str(k + 1)
        left = k * (width + GAP)
        bare: dict[str, Any] = {"visible": False, "range": [-0.5, n - 0.5], "autorange": False}
        layout[f"xaxis{number}"] = bare | {"domain": [left, left + width]}
        layout[f"yaxis{number}"] = bare | {
            "range": [n - 0.5, -0.5], "anchor": f"x{number}", "scaleanchor": f"x{number}",
        }  # fmt: skip
        traces.append(
            {
                "type": "heatmap",
                "xaxis": f"x{number}",
                "yaxis": f"y{number}",
                "zmin": -1.0,
                "zmax": 1.0,
                "colorscale": DIVERGING,
                "showscale": False,
                "name": f"kernel {k}",
                "hovertemplate": "samples %{y} and %{x}: %{z:.2f}<extra></extra>",
                "legendgroup": "ground",
            }
            | more
        )
        label = {"text": name, "showarrow": False, "xref": "paper", "yref": "paper"}
        place = {"x": left + width / 2, "y": 1.0, "yanchor": "bottom", "name": "axis"}
        words.append(label | place | {"font": {"size": 14, "color": "role:ink2"}})
    x, y = layout.pop("xaxis"), layout.pop("yaxis")
    figure = drawn(traces, x=x, y=y, annotations=words, hovermode="closest", **layout)
    spread, root = read.number("kernel_spread"), 1 / np.sqrt(read.number("width"))
    distance = f"|{symbol('K', '0')} − {symbol('K', '∞')}|/|{symbol('K', '∞')}|"
    return Panel(
        "kernel",
        "The kernel itself",
        italic("K"),
        figure,
        alt=constantly(
            f"The tangent kernel of {n} samples at birth, now, and the target's own; at birth it "
            f"is {significant(spread, 2)} away from the kernel of infinite width."
        ),
        note=f"{distance} = {significant(spread, 2)}; 1/√{italic('N')} = {significant(root, 2)}",
    )
