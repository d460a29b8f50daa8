"""The tangent kernel as a map: at birth, at the time of the scrubber, and the target's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.figures.figure import drawn
from app.figures.maps import SIGNS
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import heat, tag
from app.tex import italic, prose, symbol
from sims.core.format import significant
from sims.lazy_rich.two_layer_network.shown import order, scaled
from sims.view import Bespoke

GAP = 0.05


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """K_0, which the lazy theory keeps for ever, K now, and y yᵀ, each over its largest entry."""
    known = sheet.known
    at, n = order(known), known["kernel_initial"].shape[0]
    target = known["sample_target"][at]
    born = scaled(known["kernel_initial"])[np.ix_(at, at)]
    now = {"meta": tag("kernel_shown", x="", at="scrub")}
    maps: list[tuple[str, np.ndarray, dict[str, Any]]] = [
        (symbol("K_0"), born, {}),
        (prose("$K$ now"), born, now),
        (f"{italic('yy')}ᵀ", scaled(np.outer(target, target)), {}),
    ]
    traces, layout, words = [], {}, []
    width = (1 - 2 * GAP) / 3
    for k, (name, z, more) in enumerate(maps):
        number = "" if k == 0 else str(k + 1)
        left = k * (width + GAP)
        bare: dict[str, Any] = {"visible": False, "range": [-0.5, n - 0.5], "autorange": False}
        layout[f"xaxis{number}"] = bare | {"domain": [left, left + width]}
        layout[f"yaxis{number}"] = bare | {
            "range": [n - 0.5, -0.5], "anchor": f"x{number}", "scaleanchor": f"x{number}",
        }  # fmt: skip
        axes: dict[str, Any] = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
        hover = "samples %{y} and %{x}: %{z:.2f}<extra></extra>"
        how = axes | {"name": f"kernel {k}", "legendgroup": "ground", "hovertemplate": hover}
        traces.append(heat(z, (-1.0, 1.0), SIGNS, **how, **more))
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
