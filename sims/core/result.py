"""The tree of a run or of a sweep, which a notebook shows as a picture and a table."""

from __future__ import annotations

from importlib import import_module

import xarray as xr

DRAWING = "app.notebook.display"
"""What draws it; it is above this package, which draws nothing, and is found when it is asked."""


class Result(xr.DataTree):
    """The DataTree of a file: task, prediction, run (or sweep) and claims.

    It is a DataTree in all but this: Jupyter and marimo show its picture, claims and provenance.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        """What a notebook shows: one of these whole, or any part of it as xarray does."""
        shown = None
        if self.parent is None and "prediction" in self.children:
            shown = import_module(DRAWING).html(self)
        return super()._repr_html_() if shown is None else shown


__all__ = ["Result"]
