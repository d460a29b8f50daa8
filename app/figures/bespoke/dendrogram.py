"""How far apart the items of the semantic tree are, as the tree that clustering finds."""

from __future__ import annotations

import numpy as np
import xarray as xr

from app.figures import brackets, style
from app.figures.panels import Panel, RunArrays, first_seed, run_traces, tag, theory_trace
from app.figures.plates import named_axis
from app.figures.sheet import Sheet
from app.figures.tex import plain
from sims.core.format import short, significant
from sims.saddle_to_saddle.linear_network.tree import ITEMS, LEARNED
from sims.view import Bespoke
from sims.view.known import Known

TREE = brackets.balanced(len(ITEMS))


def _run_tree(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
    """The first seed's dendrogram at every snapshot, (1, snapshot, x and y, point)."""
    return brackets.clustered(np.swapaxes(run["product"][0], -1, -2))[None]


def _theory_heights(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Predicted heights of the true tree at the run's snapshots, (1, snapshot, point)."""
    rows = run["product"].shape[1]
    product = Known(prediction)["product"][:rows]
    rise = brackets.heights(np.swapaxes(product, -1, -2), TREE)
    return np.array([[brackets.brackets(TREE, one)[1] for one in rise]])


def joints(product: np.ndarray) -> np.ndarray:
    """Mean distances between siblings, families and kingdoms in W (property, item), (3,)."""
    rise = brackets.heights(product.T, TREE)
    return np.array([rise[:4].mean(), rise[4:6].mean(), rise[6]])


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """The run's tree at the time of the scrubber, and the predicted one at the same moment."""
    final = sheet.known["product"][-1]
    made, predicted = sheet.derive("tree", _run_tree), "tree_predicted"
    x, y = brackets.brackets(TREE, brackets.heights(final.T, TREE))
    theory = theory_trace(x, y, "")
    theory["meta"] = tag(sheet.derive(predicted, _theory_heights), x="", at="scrub")
    (run,) = run_traces(made, [1], x=made, x_index=[0], at="scrub", bands=False)
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
        x=named_axis(ITEMS, -0.5, len(ITEMS) - 0.5) | {"tickangle": -35},
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
