"""The pictures of the digits' classes that theory predicts for the end."""

from __future__ import annotations

from app.figures.bespoke.class_pictures import colours, plate, predicted, reach
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from sims.view import Bespoke


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """Theory's pictures, with the colours of the run's."""
    final = predicted(sheet)
    return plate(sheet, word, colours(final, reach(final), "theory"), [])
