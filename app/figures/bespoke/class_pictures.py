"""What each class of the digits looks for: the rows of W as pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures.figure import drawn
from app.figures.marks import SCRUBBED, before
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import heat, tag
from app.tex import plain
from sims.view import Arrays, Bespoke
from sims.view.known import Known

SIDE, ACROSS = 8, 5


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """The run's pictures at the time of the scrubber."""
    final = predicted(sheet)
    trace = colours(np.full(final.shape, np.nan), reach(final), "run")
    trace["meta"] = tag(sheet.derive("class_pictures", _pictures), x="", at="scrub")
    return plate(sheet, word, trace, [before(SCRUBBED)])


def _pictures(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    return mosaic(run["product"], Known(prediction)["pixels"])


def predicted(sheet: Sheet) -> np.ndarray:
    """The pictures at the predicted end."""
    return mosaic(sheet.known["product"][-1], sheet.known["pixels"])


def reach(canvas: np.ndarray) -> float:
    """The largest size of a pixel."""
    return float(np.nanmax(np.abs(canvas)))


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


def colours(canvas: np.ndarray, top: float, kind: str) -> dict[str, Any]:
    """The trace of a canvas, of theory or of the run."""
    return heat(canvas, (-top, top), legendgroup=kind, name=kind, hoverinfo="skip")


def plate(sheet: Sheet, word: Bespoke, trace: dict[str, Any], words: list[dict[str, Any]]) -> Panel:
    """A panel of pictures without axes."""
    bare: dict[str, Any] = {"visible": False, "autorange": False}
    rows, columns = trace["z"].shape
    figure = drawn(
        [trace],
        x=bare | {"range": [-0.5, columns - 0.5], "constrain": "domain"},
        y=bare | {"range": [rows - 0.5, -0.5], "scaleanchor": "x"},
        hovermode=False,
        margin={"l": 14, "r": 14, "t": 8, "b": 14},
        annotations=words,
    )
    title = plain(sheet.title(word, ""))
    alt = f"{title}: ten pictures of 8 by 8 pixels, the rows of W for the digits 0 to 9."
    return sheet.bare(word, "class_pictures", figure, alt)
