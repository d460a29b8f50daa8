"""Traces: what theory draws, and what a run fills.

A figure function draws everything the theory says and leaves the run's traces empty. An empty trace
carries a tag, `trace.meta = {"run": {...}}`, that says what will fill it:

    y      a run variable, or one that the view derives for the screen
    index  the entry behind (seed, row), e.g. [2] for the third mode; [] takes the whole array
    x      "time" (default), "step", "" (stays as drawn) or a variable like y (`x_index`: its entry)
    seed   "first" (default), "band_lo", "band_hi" (minimum, maximum over seeds), "each"
    at     "records" (default), "snapshots" (NaN at records without one), or "scrub": the snapshot
           at the scrub time, whose arrays replace x and y, or the z of a heat map
    minus  True: minus the prediction of the same name on the same rows, seed by seed; or a name
    scale  a factor applied last
    said   [[name, words or None], ...]: numbers that the hover box names as customdata, one of a
           list of words where it counts them
    marks  a name: whole numbers that choose each dot's colour and outline from `trace.meta.marks`

A trace of what is only measured once the run is over is filled then.

A trace's `legendgroup` says what it is: theory, second_theory, run, band, words or ground (which
lies below everything). A static trace's `meta["depth"]` lets the browser turn it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.figures import style

RING: dict[str, Any] = {
    "size": 10, "symbol": "circle-open", "color": "role:ink", "line": {"width": 1.3},
}  # fmt: skip
"""What is predicted of one place."""


def tag(
    y: str,
    index: Sequence[int] = (),
    *,
    x: str = "time",
    seed: str = "first",
    at: str = "records",
    minus: bool | str = False,
    scale: float = 1.0,
    **more: Any,
) -> dict[str, Any]:
    """The meta of a trace that the run will fill."""
    run = {"y": y, "index": list(index), "x": x, "seed": seed, "at": at}
    return {"run": run | {"minus": minus, "scale": float(scale)} | more}


FORESEEN = {"kind": "theory"}
"""The meta of a trace that is theory's although it lies below the runs."""


def theory_trace(x: Any, y: Any, name: str, *, second: bool = False) -> dict[str, Any]:
    """A predicted curve: dashed ink, or the thinner dash-dot of a second theory."""
    words = "second theory" if second else "theory"
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.asarray(x, float),
        "y": np.asarray(y, float),
        "name": f"{words} {name}".strip(),
        "line": style.SECOND_THEORY if second else style.THEORY,
        "hovertemplate": f"{words} {name} %{{y:.4~g}}<extra></extra>",
        "legendgroup": "second_theory" if second else "theory",
    }


def run_traces(
    y: str,
    index: Sequence[int] = (),
    *,
    k: int = 0,
    of: int = 1,
    name: str = "",
    records: int = 240,
    bands: bool = True,
    markers: bool = False,
    **how: Any,
) -> list[dict[str, Any]]:
    """Empty traces of one run quantity: the band over seeds, then the first seed's line."""
    dotted = records <= style.DOTS_UP_TO or markers
    usual = style.RUN_WIDTH_OF_MANY if of > style.MOST_MODES else style.RUN_WIDTH
    width, colour = style.RUN_WIDTH_WITH_DOTS if dotted else usual, style.series(k, of)
    unfilled = {"type": "scatter", "x": [], "y": [], "connectgaps": how.get("at") == "snapshots"}
    line = unfilled | {
        "mode": "lines+markers" if dotted else "lines",
        "name": f"run {name}".strip(),
        "line": {"width": width, "color": colour},
        "hovertemplate": f"run {name} %{{y:.4~g}}<extra></extra>",
        "legendgroup": "run",
        "meta": tag(y, index, **how),
    }
    if dotted:
        line["marker"] = {"size": style.DOT_SIZE, "color": colour}
    if not bands:
        return [line]
    low, high = (
        unfilled
        | {
            "mode": "lines",
            "name": f"{word} {name}".strip(),
            "line": {"width": 0, "color": colour},
            "hoverinfo": "skip",
            "legendgroup": "band",
            "meta": tag(y, index, **how, seed=seed),
        }
        for word, seed in (("lowest", "band_lo"), ("highest", "band_hi"))
    )
    high |= {"fill": "tonexty", "fillcolor": style.series(k, of, "band")}
    return [low, high, line]


def text_trace(
    x: Any,
    y: Any,
    words: Sequence[str],
    *,
    colours: Any = "role:ink2",
    side: str | Sequence[str] = "middle right",
    size: int = 13,
) -> dict[str, Any]:
    """Words at data positions, which stay in place when the axis turns logarithmic."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": list(x),
        "y": list(y),
        "text": list(words),
        "textposition": side,
        "textfont": {"size": size, "color": colours},
        "hoverinfo": "skip",
        "cliponaxis": False,
        "name": "label",
        "legendgroup": "words",
    }


def steps(traces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same curves drawn as staircases."""
    return [t | {"line": t["line"] | {"shape": "hv"}} if "line" in t else t for t in traces]


def dots(traces: Sequence[dict[str, Any]], size: float, **marker: Any) -> list[dict[str, Any]]:
    """The same, with the runs as dots without a line, in the colour of the line."""
    return [
        trace
        | {"mode": "markers", "marker": {"size": size, "color": trace["line"]["color"]} | marker}
        if trace["legendgroup"] == "run"
        else trace
        for trace in traces
    ]


def rings(trace: dict[str, Any], **marker: Any) -> dict[str, Any]:
    """A predicted curve as open circles, without a line."""
    return trace | {"mode": "markers", "marker": RING | marker}


def heat(
    z: Any,
    span: Sequence[float],
    colours: Any = style.CIVIDIS,
    bar: dict[str, Any] | None = None,
    **how: Any,
) -> dict[str, Any]:
    """A matrix as colours between the ends of a span, beside a bar that tells them or without."""
    told = {"showscale": False} if bar is None else {"colorbar": bar}
    ends = {"zmin": span[0], "zmax": span[1]}
    return {"type": "heatmap", "z": z, "colorscale": colours} | ends | told | how
