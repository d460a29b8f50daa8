"""The fonts of paper: those of the page, one file a style, embedded in what is drawn."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from functools import cache, lru_cache
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties, fontManager

from app.assets import asset

Face = Literal["sans", "sans_bold", "sans_italic", "serif_bold", "serif_italic", "code"]
FAMILIES = {"sans": "Explorer Sans", "serif": "Explorer Serif", "code": "Explorer Code"}
FILES = ("sans", "sans_bold", "sans_italic", "serif_bold", "serif_italic", "code")
FINER = 4
"""Dots a point at which words are measured."""
REST = "DejaVu Sans"
"""What has the signs that the others lack; comes with Matplotlib."""
SETTINGS: dict[Any, Any] = {
    "pdf.fonttype": 42,  # as TrueType, so that words can be searched and copied
    "font.family": [FAMILIES["sans"], REST],
    "mathtext.fontset": "cm",
    "axes.unicode_minus": True,
    "lines.scale_dashes": False,
    "path.simplify": True,
}


@cache
def _known() -> None:
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it doubts the dates of old fonts
    for name in FILES:
        fontManager.addfont(str(asset(f"fonts/{name}.ttf")))


def settings() -> AbstractContextManager[None]:
    """The settings within which everything of paper is drawn."""
    _known()
    return mpl.rc_context(SETTINGS)


@cache
def face(name: Face, size: float) -> FontProperties:
    """A style of the fonts at a size in points."""
    _known()
    family, _, style = name.partition("_")
    return FontProperties(
        family=[FAMILIES[family], REST],
        weight="bold" if style == "bold" else "normal",
        style="italic" if style == "italic" else "normal",
        size=size,
    )


@cache
def _ruler() -> RendererAgg:
    return RendererAgg(1, 1, 72 * FINER)


@lru_cache(maxsize=20_000)
def _measured(words: str, font: FontProperties) -> tuple[float, float, float]:
    is_tex = words.count("$") - words.count("\\$") > 1
    with settings():
        found = _ruler().get_text_width_height_descent(
            words if is_tex else words.replace("\\$", "$"), font, is_tex
        )
    return found[0] / FINER, found[1] / FINER, found[2] / FINER


def width(words: str, font: FontProperties) -> float:
    """Points that a line of words takes."""
    return _measured(words, font)[0]


def height(words: str, font: FontProperties) -> tuple[float, float]:
    """Points of a line above its foot, and beneath it."""
    _, whole, below = _measured(words, font)
    return whole - below, below
