"""A panel of a run as a figure of Plotly's own, to be looked at and changed in a notebook."""

from __future__ import annotations

import plotly.graph_objects as go
import xarray as xr

from app.figures import style
from app.figures.panels import Panel, Plain
from app.figures.paper.pictures import Pictures, pictures
from app.publication.figure import chosen
from sims import api

HEIGHT, TOP = 380, 64
"""Pixels that a panel of one row is high, and that its heading and its legend take."""


def shown(tree: xr.DataTree, panel: str = "") -> go.Figure:
    """A panel of a run, of a sweep or of a prediction, its runs solid and its theory dashed.

    `panel` is an id, '' the first that has a run in it.

    Raises:
        ValueError: there is no such panel, or no such experiment here; one sentence.
    """
    found = pictures(api.replayed(tree), tree)
    one = chosen(found.view.panels, panel)
    plain = found.filled(one)
    made = style.resolved(go.Figure(_bare(plain), _validate=False), "light")
    made.update_layout(
        title={"text": _heading(one), "font": {"size": 16}, "x": 0, "xref": "paper"},
        height=HEIGHT * one.height_units + TOP,
        margin_t=TOP,
        paper_bgcolor=style.PAGE["light"]["panel"],
        plot_bgcolor=style.PAGE["light"]["panel"],
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    _name(made, found, plain)
    return made


def _bare(plain: Plain) -> Plain:
    """The figure without what only a page reads of it."""
    layout = {name: value for name, value in plain["layout"].items() if name != "meta"}
    traces = [{k: v for k, v in trace.items() if k != "meta"} for trace in plain["data"]]
    return {"data": traces, "layout": layout}


def _heading(panel: Panel) -> str:
    return f"{panel.title} {panel.symbol}".strip()


def _name(made: go.Figure, found: Pictures, plain: Plain) -> None:
    """One entry of the legend for each kind of line, in the page's own words."""
    words = {entry.kind: entry.words for entry in found.legend(plain)}
    for trace in made.data:
        word = words.pop(trace.legendgroup, None)
        trace.showlegend = word is not None
        if word is not None:
            trace.name = word
