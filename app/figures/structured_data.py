"""Figures of structured data: the semantic tree, and what each digit's class looks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from app.figures import dendrogram, style
from app.figures.panels import (
    Derived,
    Panel,
    RunArrays,
    axis,
    constantly,
    drawn,
    first_seed,
    note,
    panel,
    run_traces,
    tag,
    text_trace,
    theory_trace,
)
from app.figures.reading import Reading
from app.figures.style import italic, symbol
from sims.core.format import EN, short, significant

ITEMS = ("canary", "robin", "salmon", "sunfish", "rose", "daisy", "oak", "pine")
BRANCHES = ("animals", "plants", "birds", "fish", "flowers", "trees")
PROPERTIES = ("lives", *BRANCHES, *ITEMS)
FIRST_LEAF = len(PROPERTIES) - len(ITEMS)
LEARNED = np.vstack([np.repeat(np.eye(n), len(ITEMS) // n, axis=1) for n in (1, 2, 4, 8)])
"""What is true of every item, (property, item)."""
TREE = dendrogram.balanced(len(ITEMS))
SIDE, ACROSS = 8, 5
LATER = "appears with the run; move through time below"


# The semantic tree


def is_tree(prediction: xr.Dataset) -> bool:
    """Whether the task is the semantic tree: 8 items, 15 properties, s² = 15, 7, 3, 3, 1, ..."""
    size = (len(PROPERTIES), len(ITEMS))
    if "product" not in prediction or prediction["product"].shape[-2:] != size:
        return False
    s = first_seed(prediction["spectrum"]).values
    return s.size == 8 and bool(np.allclose(s**2, [15, 7, 3, 3, 1, 1, 1, 1]))


def _illusion(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
    """How far item 1 is believed to have what only item 0 has."""
    return run["product"][..., FIRST_LEAF, 1]


def _plane(prediction: xr.Dataset) -> np.ndarray:
    """Two fixed directions of property space, (property, 2): kingdoms apart, then what is below.

    Both are principal directions of the fully learned items; the second mixes the equal ones so
    that no two items coincide.
    """
    final = first_seed(prediction)["product"].values[-1]
    sides = np.array([1, 1, 1, 1, -1, -1, -1, -1.0])
    families = np.array([3, 3, -3, -3, 3, 3, -3, -3.0])
    items = np.array([1, -1, 1, -1, 1, -1, 1, -1.0])
    weights = np.stack([sides + 0.25 * items, families / 3 + items], axis=-1)
    centred = final - final.mean(axis=1, keepdims=True)
    directions = centred @ weights
    return directions / np.linalg.norm(directions, axis=0)


def in_plane(product: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """Items (columns of W) in the two directions: (..., item, 2)."""
    centred = product - product.mean(axis=-1, keepdims=True)
    return np.swapaxes(centred, -1, -2) @ plane


def _embedding(direction: int) -> Callable[[RunArrays, xr.Dataset], np.ndarray]:
    def coordinate(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
        return in_plane(run["product"], _plane(prediction))[..., direction]

    return coordinate


def tree_panels(read: Reading) -> list[Panel]:
    """Beliefs as a heat map over time, the items in a plane and in a tree, and the illusion."""
    return [_beliefs(read), _items(read), _dendrogram(read), _illusory(read)]


def _beliefs(read: Reading) -> Panel:
    final = read.values("product")[-1]
    grid: dict[str, Any] = {"x": np.arange(len(ITEMS)), "y": np.arange(len(PROPERTIES))}
    run = _heat(np.full(final.shape, np.nan), 0.0, 1.0) | grid
    run |= {"name": "run", "legendgroup": "run", "meta": tag("product", x="", at="scrub")}
    run["hovertemplate"] = "%{y}, %{x}: %{z:.3f}<extra>run</extra>"
    x, y = outline(final > 0.5)
    theory = theory_trace(x, y, "at the end") | {"hoverinfo": "skip", "hovertemplate": None}
    halo = theory | {"line": {"width": 4, "color": "role:panel"}, "name": "halo"}
    figure = drawn(
        [run, halo, theory],
        x=_named_axis(ITEMS, -0.5, len(ITEMS) - 0.5) | {"tickangle": -35},
        y=_named_axis(PROPERTIES, len(PROPERTIES) - 0.5, -0.5) | {"tickfont": {"size": 11}},
        hovermode="closest",
        margin=style.MARGIN | {"b": 52},
        annotations=[_before(LATER)],
    )
    words = "What is believed of 8 items, 15 properties each, at the time of the scrubber."
    title = "What is believed of each item"
    return Panel(
        "product",
        title,
        italic("W"),
        figure,
        alt=constantly(words),
        note="dashes: what theory believes at the end, by more than one half",
    )


def _before(words: str) -> dict[str, Any]:
    font = {"size": 13, "color": "role:ink3"}
    return note(words, 0.5, 0.5, yref="paper", name="before", font=font)


def outline(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The borders of the true cells of a matrix as one broken line, x along columns."""
    padded = np.pad(mask, 1)
    lines: list[list[float]] = []
    for i, j in np.argwhere(padded[1:, :] != padded[:-1, :]):
        lines += [[j - 1.5, i - 0.5], [j - 0.5, i - 0.5], [np.nan, np.nan]]
    for i, j in np.argwhere(padded[:, 1:] != padded[:, :-1]):
        lines += [[j - 0.5, i - 1.5], [j - 0.5, i - 0.5], [np.nan, np.nan]]
    x, y = np.array(lines, float).T
    return x, y


def _named_axis(names: Sequence[str], first: float, last: float) -> dict[str, Any]:
    return axis("", [first, last]) | {
        "tickvals": list(range(len(names))),
        "ticktext": list(names),
        "showline": False,
        "ticks": "",
        "showgrid": False,
    }


def _heat(z: np.ndarray, lo: float, hi: float) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "z": z,
        "zmin": lo,
        "zmax": hi,
        "colorscale": style.CIVIDIS,
        "showscale": False,
    }


def _items(read: Reading) -> Panel:
    product = read.values("product")
    paths = in_plane(product, _plane(read.whole))
    traces: list[dict[str, Any]] = []
    for i, item in enumerate(ITEMS):
        path = theory_trace(paths[:, i, 0], paths[:, i, 1], item)
        traces.append(path | {"hovertemplate": f"theory, {item}<extra></extra>"})
    for i, item in enumerate(ITEMS):
        family = style.series(i // 2)
        marker = {
            "size": 11,
            "color": family,
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
    traces.append(_item_names(paths[-1]))
    reach = np.abs(paths).max(axis=(0, 1)) * np.array([1.55, 1.25]) + 1e-9
    words = "Items in two directions of belief: kingdoms part first, then families, then items."
    return panel(
        "embedding",
        "Items drifting apart",
        f"columns of {italic('W')}",
        traces,
        x=axis("animal or plant", [-reach[0], reach[0]]),
        y="family and item",
        linear=[-reach[1], reach[1]],
        alt=words,
        hovermode="closest",
    )


def _item_names(places: np.ndarray) -> dict[str, Any]:
    words = [f"{EN}{name}{EN}" for name in ITEMS]
    trace = text_trace(places[:, 0], places[:, 1], words)
    trace["textposition"] = ["middle right" if x > 0 else "middle left" for x in places[:, 0]]
    return trace


def _run_tree(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
    """The first seed's dendrogram at every snapshot, (1, snapshot, x and y, point)."""
    return dendrogram.clustered(np.swapaxes(run["product"][0], -1, -2))[None]


def _theory_heights(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Predicted heights of the true tree at the run's snapshots, (1, snapshot, point)."""
    rows = run["product"].shape[1]
    product = first_seed(prediction)["product"].values[:rows]
    rise = dendrogram.heights(np.swapaxes(product, -1, -2), TREE)
    return np.array([[dendrogram.brackets(TREE, one)[1] for one in rise]])


def joints(product: np.ndarray) -> np.ndarray:
    """Mean distances between siblings, families and kingdoms in W (property, item), (3,)."""
    rise = dendrogram.heights(product.T, TREE)
    return np.array([rise[:4].mean(), rise[4:6].mean(), rise[6]])


def _dendrogram(read: Reading) -> Panel:
    final = read.values("product")[-1]
    x, y = dendrogram.brackets(TREE, dendrogram.heights(final.T, TREE))
    theory = theory_trace(x, y, "")
    theory["meta"] = tag("tree_predicted", x="", at="scrub")
    (run,) = run_traces("tree", [1], x="tree", x_index=[0], at="scrub", bands=False)
    for trace, words in ((theory, "theory"), (run, "run")):
        trace["hovertemplate"] = f"{words}, distance %{{y:.3f}}<extra></extra>"
    goals = joints(LEARNED)
    names = [f"√{round(h**2)}" if h % 1 else short(float(h)) for h in goals]
    top = float(goals.max())
    title = "How far apart the items are"

    def alt(seen: xr.Dataset | None) -> str:
        said = f"theory ends with {_told(final)}"
        if seen is not None and "product" in seen:
            said += f"; the run ends with {_told(first_seed(seen)['product'].values[-1])}"
        return f"{title}: a dendrogram of 8 outputs at the time of the scrubber; {said}."

    return panel(
        "dendrogram",
        title,
        f"‖{symbol('w', 'i')} − {symbol('w', 'j')}‖",
        [run, theory],
        x=_named_axis(ITEMS, -0.5, len(ITEMS) - 0.5) | {"tickangle": -35},
        y="distance of outputs",
        linear=[-0.04 * top, 1.15 * top],
        levels=list(zip(goals.tolist(), names, strict=True)),
        alt=alt,
        note="dashes: theory at the same moment; before the run, at its end",
        hovermode="closest",
        margin=style.MARGIN | {"b": 52},
        meta={"pieces": True},
    )


def _told(product: np.ndarray) -> str:
    near, middle, far = (significant(float(h)) for h in joints(product))
    return f"siblings {near} apart, families {middle}, animals and plants {far}"


def _illusory(read: Reading) -> Panel:
    believed = read.values("product")[:, FIRST_LEAF, 1]
    traces = run_traces("illusion", at="snapshots", records=read.snapshots)
    traces.append(theory_trace(read.snapshot_time, believed, ""))
    words = (
        f"How far the {ITEMS[1]} is believed to have what only the {ITEMS[0]} has: theory "
        f"rises in steps of 1/8, 1/4, 1/2 to {significant(float(believed.max()), 3)} and vanishes."
    )
    return panel(
        "illusory_correlation",
        "An illusory correlation",
        symbol("W", f"{ITEMS[0]}, {ITEMS[1]}"),
        traces,
        x=read.x,
        y="strength of the belief",
        linear=[-0.05, 0.62],
        times=read.events,
        levels=[(1 / 8, "1/8"), (1 / 4, "1/4"), (1 / 2, "1/2")],
        alt=words,
    )


# The digits


def _class_pictures(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    return mosaic(run["product"], first_seed(prediction)["pixels"].values)


def mosaic(product: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Rows of W as pictures, five in a row, NaN between them; `pixels` is (input, pixel)."""
    rows = product @ pixels
    classes = rows.shape[-2]
    size = SIDE + 1
    down = -(-classes // ACROSS)
    canvas = np.full((*rows.shape[:-2], down * size - 1, ACROSS * size - 1), np.nan)
    for c in range(classes):
        y, x = (c // ACROSS) * size, (c % ACROSS) * size
        picture = rows[..., c, :].reshape(*rows.shape[:-2], SIDE, SIDE)
        canvas[..., y : y + SIDE, x : x + SIDE] = picture
    return canvas


def digit_panels(read: Reading) -> list[Panel]:
    """What each class looks for, in the run and in theory's end; needs `pixels` (input, pixel)."""
    if not read.has("pixels", "product"):
        return []
    final = mosaic(read.values("product")[-1], read.values("pixels"))
    reach = float(np.nanmax(np.abs(final)))
    predicted = _heat(final, -reach, reach) | {"legendgroup": "theory", "name": "theory"}
    run = _heat(np.full(final.shape, np.nan), -reach, reach) | {"legendgroup": "run", "name": "run"}
    run["meta"] = tag("class_pictures", x="", at="scrub")
    titles = (
        ("class_pictures", "What each class looks for", run, LATER),
        ("class_pictures_predicted", "The same, predicted for the end", predicted, ""),
    )
    return [
        _pictures(id, title, trace | {"hoverinfo": "skip"}, final.shape, empty)
        for id, title, trace, empty in titles
    ]


def _pictures(
    id: str, title: str, trace: dict[str, Any], shape: tuple[int, ...], empty: str
) -> Panel:
    bare = {"visible": False, "autorange": False}
    figure = drawn(
        [trace],
        x=bare | {"range": [-0.5, shape[1] - 0.5], "constrain": "domain"},
        y=bare | {"range": [shape[0] - 0.5, -0.5], "scaleanchor": "x"},
        hovermode=False,
        margin={"l": 14, "r": 14, "t": 8, "b": 14},
        annotations=[_before(empty)] if empty else [],
    )
    words = f"{title}: ten pictures of 8 by 8 pixels, the rows of W for the digits 0 to 9."
    return Panel(id, title, f"rows of {italic('W')}", figure, alt=constantly(words))


DERIVED: Derived = {
    "illusion": _illusion,
    "embedding_x": _embedding(0),
    "embedding_y": _embedding(1),
    "tree": _run_tree,
    "tree_predicted": _theory_heights,
    "class_pictures": _class_pictures,
}
