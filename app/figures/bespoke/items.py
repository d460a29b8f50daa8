"""Items of the semantic tree in two directions of belief, drifting apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.figures import style
from app.figures.axes import axis
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import tag, text_trace, theory_trace
from sims.core.format import EN
from sims.saddle_to_saddle.linear_network.tree import ITEMS, in_plane, plane
from sims.view import Bespoke

ROOM = np.array([1.55, 1.25])
"""Times the largest coordinate that the axes reach, for the names."""


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """Where every item is at the time of the scrubber, on its predicted way."""
    product = sheet.known["product"]
    paths = in_plane(product, plane(product[-1]))
    traces: list[dict[str, Any]] = []
    for i, item in enumerate(ITEMS):
        path = theory_trace(paths[:, i, 0], paths[:, i, 1], item)
        traces.append(path | {"hovertemplate": f"theory, {item}<extra></extra>"})
    for i, item in enumerate(ITEMS):
        marker = {
            "size": 11,
            "color": style.series(i // 2),
            "symbol": "circle" if i % 2 == 0 else "diamond",
            "line": {"width": 2, "color": "role:panel"},
        }
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [],
                "y": [],
                "name": f"run {item}",
                "marker": marker,
                "hovertemplate": f"{item}<extra></extra>",
                "legendgroup": "words",
                "meta": tag("embedding_y", [i], x="embedding_x", at="scrub", x_index=[i]),
            }
        )
    traces.append(_names(paths[-1]))
    reach = np.abs(paths).max(axis=(0, 1)) * ROOM + 1e-9
    return sheet.plain(
        word, "product", traces, np.zeros(0),
        x=axis("animal or plant", [-reach[0], reach[0]]),
        spans={"linear": [-reach[1], reach[1]]},
        alt="Items in two directions of belief: kingdoms part first, then families, then items.",
        hovermode="closest",
    )  # fmt: skip


def _names(places: np.ndarray) -> dict[str, Any]:
    words = [f"{EN}{name}{EN}" for name in ITEMS]
    trace = text_trace(places[:, 0], places[:, 1], words)
    trace["textposition"] = ["middle right" if x > 0 else "middle left" for x in places[:, 0]]
    return trace
