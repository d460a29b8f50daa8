"""Pictures that no word of a declared view can say, one a file, found by the file's name.

Each has `picture(sheet, word)`, which draws the panel; what it computes of a run for the screen it
gives to the sheet.
"""

from __future__ import annotations

import importlib

from app.figures.panels import Panel
from app.figures.sheet import Sheet
from sims.view import Bespoke


def bespoke(sheet: Sheet, word: Bespoke) -> Panel:
    """The picture of that name.

    Raises:
        ModuleNotFoundError: there is none.
    """
    return importlib.import_module(f"{__name__}.{word.of}").picture(sheet, word)
