"""What a network believes of 8 living things, as a map of their properties."""

from __future__ import annotations

import numpy as np

from app.figures import style
from app.figures.axes import named_axis
from app.figures.figure import drawn
from app.figures.marks import SCRUBBED, before
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import heat, tag, theory_trace
from sims.saddle_to_saddle.linear_network.tree import ITEMS, PROPERTIES
from sims.view import Bespoke


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """Beliefs at the time of the scrubber; what is believed in the end is outlined."""
    final = sheet.known["product"][-1]
    run = heat(
        np.full(final.shape, np.nan), (0.0, 1.0),
        x=np.arange(len(ITEMS)), y=np.arange(len(PROPERTIES)),
        name="run", legendgroup="run", meta=tag("product", x="", at="scrub"),
        hovertemplate="%{y}, %{x}: %{z:.3f}<extra>run</extra>",
    )  # fmt: skip
    x, y = outline(final > 0.5)
    theory = theory_trace(x, y, "at the end") | {"hoverinfo": "skip", "hovertemplate": None}
    halo = theory | {"line": {"width": 4, "color": "role:panel"}, "name": "halo"}
    figure = drawn(
        [run, halo, theory],
        x=named_axis(ITEMS) | {"tickangle": -35},
        y=named_axis(PROPERTIES, down=True) | {"tickfont": {"size": 11}},
        hovermode="closest",
        margin=style.MARGIN | {"b": 52},
        annotations=[before(SCRUBBED)],
    )
    words = "What is believed of 8 items, 15 properties each, at the time of the scrubber."
    return sheet.bare(word, "product", figure, words)


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
