"""The tangent kernel as a map: at birth, at the time of the scrubber, and the target's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures.maps import SIGNS
from app.figures.panels import Panel, RunArrays, drawn, tag
from app.figures.sheet import Sheet
from app.figures.style import italic, symbol
from sims.core.format import significant
from sims.view import Bespoke
from sims.view.known import Known

GAP = 0.05


def order(known: Known) -> np.ndarray:
    """Samples by their angle where they lie on a circle, else by their target."""
    return np.argsort(known["sample_angle" if "sample_angle" in known else "sample_target"])


def scaled(kernel: np.ndarray) -> np.ndarray:
    """Matrices (..., n, n) over their largest entry."""
    top = np.abs(kernel).max(axis=(-2, -1), keepdims=True)
    return np.divide(kernel, top, out=np.zeros_like(kernel, float), where=top > 0)


def kernel_shown(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """The run's kernel with its samples in order, largest entry 1."""
    at = order(Known(prediction))
    kernel = np.nan_to_num(np.asarray(run["kernel"], float))
    return scaled(kernel[..., at, :][..., at])


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """K_0, which the lazy theory keeps for ever, K now, and y yᵀ, each over its largest entry."""
    known = sheet.known
    sheet.derive("kernel_shown", kernel_shown)
    at, n = order(known), known["kernel_initial"].shape[0]
    target = known["sample_target"][at]
    born = scaled(known["kernel_initial"])[np.ix_(at, at)]
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
                "colorscale": SIGNS,
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
    return sheet.bare(
        word, "kernel", figure,
        f"The tangent kernel of {n} samples at birth, now, and the target's own; at birth it is "
        f"{significant(known['kernel_spread'], 2)} away from the kernel of infinite width.",
    )  # fmt: skip
