"""Runs in a notebook; what draws and serves them is above this package, and found when asked."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import xarray as xr

DRAWING, SERVING = "app.notebook.figures", "app.notebook.live"


def show(tree: xr.DataTree, panel: str = "") -> Any:
    """A panel of a run, of a sweep or of a prediction as a `plotly.graph_objects.Figure`.

    Runs are solid, theory is dashed; `panel` is an id, '' the first that has a run in it.

    Raises:
        ValueError: there is no such panel (the sentence names all), or no such experiment here.
    """
    return import_module(DRAWING).shown(tree, panel)


def live(what: Any, **settings: Any) -> Any:
    """The page of an experiment as a widget: to be run, and its knobs moved, in the notebook.

    Takes the settings that `run` takes (`preset`, `seed`, `seeds`, `device`, knobs), and `height`
    in pixels. `server` is the address of an explorer that runs already; without one, an explorer
    is started on this machine, without any network, and ends with the kernel.

    Raises:
        ValueError: a bad setting, as `run`; one sentence.
        RuntimeError: no explorer could be started; one sentence.
    """
    return import_module(SERVING).live(what, **settings)


__all__ = ["live", "show"]
