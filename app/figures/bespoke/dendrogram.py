"""How far apart the items of the semantic tree are, as the tree that clustering finds."""

from __future__ import annotations

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.axes import named_axis
from app.figures.panels import Panel, first_seed
from app.figures.sheet import Sheet
from app.figures.traces import run_traces, tag, theory_trace
from app.tex import plain
from sims.core.format import short, significant
from sims.saddle_to_saddle.linear_network.dendrogram import (
    TREE,
    brackets,
    heights,
    joints,
)
from sims.saddle_to_saddle.linear_network.tree import ITEMS, LEARNED
from sims.view import Bespoke


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """The run's tree at the time of the scrubber, and the predicted one at the same moment."""
    final = sheet.known["product"][-1]
    x, y = brackets(TREE, heights(final.T, TREE))
    theory = theory_trace(x, y, "")
    theory["meta"] = tag("tree_predicted", x="", at="scrub")
    (run,) = run_traces("tree", [1], x="tree", x_index=[0], at="scrub", bands=False)
    for trace, words in ((theory, "theory"), (run, "run")):
        trace["hovertemplate"] = f"{words}, distance %{{y:.3f}}<extra></extra>"
    goals = joints(LEARNED)
    names = [f"√{round(h**2)}" if h % 1 else short(float(h)) for h in goals]
    top = float(goals.max())
    title = plain(sheet.title(word, ""))

    def alt(seen: xr.Dataset | None) -> str:
        said = f"theory ends with {_told(final)}"
        if seen is not None and "product" in seen:
            said += f"; the run ends with {_told(first_seed(seen)['product'].values[-1])}"
        return f"{title}: a dendrogram of 8 outputs at the time of the scrubber; {said}."

    return sheet.plain(
        word, "product", [run, theory], np.zeros(0),
        x=named_axis(ITEMS) | {"tickangle": -35},
        spans={"linear": [-0.04 * top, 1.15 * top]},
        levels=list(zip(goals.tolist(), names, strict=True)),
        alt=alt,
        hovermode="closest",
        margin=style.MARGIN | {"b": 52},
        meta={"pieces": True},
    )  # fmt: skip


def _told(product: np.ndarray) -> str:
    near, middle, far = (significant(float(h)) for h in joints(product))
    return f"siblings {near} apart, families {middle}, animals and plants {far}"
