"""A panel of a run as a figure of Plotly's own, to be looked at and changed in a notebook."""

from __future__ import annotations

import plotly.graph_objects as go
import xarray as xr

from app.figures import style
from app.figures.panels import Panel, Plain
from app.figures.paper.pictures import pictures
from app.publication.figure import chosen
from sims import api

HEIGHT, TOP = 380, 84
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
    words = {entry.kind: entry.words for entry in found.legend(plain)}
    made = go.Figure(style.coloured(_bare(plain, words), "light"))
    made.update_layout(
        title={
            "text": _heading(one),
            "font": {"size": 16},
            "x": 0,
            "xref": "paper",
            "y": 0.97,
            "yanchor": "top",
        },
        height=HEIGHT * one.height_units + TOP,
        margin_t=TOP,
        paper_bgcolor=style.PAGE["light"]["panel"],
        plot_bgcolor=style.PAGE["light"]["panel"],
        showlegend=True,
        legend={"orientation": "h", "y": 1.06, "yanchor": "bottom", "x": 0},
    )
    return made


def _bare(plain: Plain, words: dict[str, str]) -> Plain:
    """The figure without what only a page reads of it; one legend entry for each kind of line.

    `words` are those of the page's own legend, by kind.
    """
    layout = {name: value for name, value in plain["layout"].items() if name != "meta"}
    left, traces = dict(words), []
    for trace in plain["data"]:
        word = left.pop(str(trace.get("legendgroup")), None)
        kept = {name: value for name, value in trace.items() if name != "meta"}
        named = {} if word is None else {"name": word}
        traces.append({**kept, **named, "showlegend": word is not None})
    return {"data": traces, "layout": layout}


def _heading(panel: Panel) -> str:
    return f"{panel.title} {panel.symbol}".strip()
