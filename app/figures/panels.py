"""What a page shows, as data: panels, tiles, events, and the traces a run fills.

A figure function draws everything the theory says and leaves the run's traces empty. An empty trace
carries a tag, `trace.meta = {"run": {...}}`, that says what will fill it:

    y      a run variable, or a name in the figure module's DERIVED
    index  the entry behind (seed, row), e.g. [2] for the third mode; [] takes the whole array
    x      "time" (default), "step", "" (stays as drawn) or a variable like y (`x_index`: its entry)
    seed   "first" (default), "band_lo", "band_hi" (minimum, maximum over seeds), "each"
    at     "records" (default), "snapshots" (NaN at records without one), or "scrub": the snapshot
           at the scrub time, whose arrays replace x and y, or the z of a heat map
    minus  True: minus the prediction of the same name on the same rows, seed by seed; or a name
    scale  a factor applied last

A trace of what is only measured once the run is over is filled then.

A trace's `legendgroup` says what it is: theory, second_theory, run, band, words or ground (which
lies below everything). Shapes and annotations that show a prediction are named "prediction"; one
named "before" leaves with the first rows. A figure's `layout.meta["ranges"]` holds the y range of
both views of its linear / log switch, and `meta["cells"]` says that its map's cells lead to their
runs; `meta["pieces"]` that its lines are broken, and the table of its numbers has a row for every
piece. `meta["times"]` holds the time axes of the page's switch by word, the one drawn first: type
and range, perhaps a title, and as `factor` what the drawn times are multiplied by there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, TypeVar

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from app.figures import style
from sims.core.format import EN, MINUS, TIMES

Labelled = TypeVar("Labelled", xr.Dataset, xr.DataArray)
Plain = dict[str, Any]
"""A figure as in Plotly's JSON, {"data": [trace, ...], "layout": {...}}, its arrays not packed.

Plotly's own objects copy, and that would take as long as the prediction.
"""
RunArrays = Mapping[str, np.ndarray]
Derived = Mapping[str, Callable[[RunArrays, xr.Dataset], np.ndarray]]
"""Run quantities computed for the screen: (run arrays (seed, row, ...), prediction) -> the same."""

LABEL_GAP = 0.045
LEVEL_GAP = 0.075
NAME_ROOM, NOUN_ROOM = 0.08, 0.24
"""Shares of a phone's panel that a curve's number takes, and that a word and its number take."""
SHORT_SPAN = 1.6
"""Decades of a log axis that gets ticks between them."""
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


@dataclass(frozen=True)
class Panel:
    """One figure with its heading.

    `symbol` is HTML; `alt(run or None)` says what the figure shows; `toggle` offers linear and log.
    """

    id: str
    title: str
    symbol: str
    plain: Plain
    toggle: bool = False
    alt: Callable[[xr.Dataset | None], str] | None = None
    height_units: int = 1
    note: str = ""

    @cached_property
    def figure(self) -> go.Figure:
        """The same as Plotly's object, to be looked at from Python."""
        return go.Figure(self.plain, _validate=False)


@dataclass(frozen=True)
class Tile:
    """One predicted number. `measures` names what was measured for it, as `jump_times[0]`.

    `follows` names, in the same way, what is measured anew with every row, in place of a verdict.
    """

    symbol_html: str
    words: str
    value: str
    unit: str = ""
    consequence_html: str = ""
    colour_index: int | None = None
    measures: str = ""
    claim: str = ""
    colour: str = "role:ink"
    follows: str = ""


@dataclass(frozen=True)
class Event:
    """A predicted moment, a dashed tick on the scrubber."""

    symbol_html: str
    time: float


@dataclass(frozen=True)
class LegendEntry:
    """One entry of the strip above the panels; `kind` is also its place in the fixed order."""

    kind: Literal["theory", "second_theory", "run", "second_run", "band", "predicted"]
    words: str


@dataclass(frozen=True)
class View:
    """Everything the page draws of one prediction, and of the run that follows."""

    panels: Sequence[Panel]
    tiles: Sequence[Tile] = ()
    events: Sequence[Event] = ()
    legend: Sequence[LegendEntry] = ()
    derived: Derived = field(default_factory=dict)


def counted(k: int) -> str:
    """The ordinal word of the k-th thing, from 0."""
    return ORDINALS[k] if k < len(ORDINALS) else f"number {k + 1}"


def first_seed(prediction: Labelled) -> Labelled:
    """The prediction of the first seed, which is the one drawn."""
    return prediction.isel(seed=0) if "seed" in prediction.dims else prediction


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
    line = {
        "type": "scatter",
        "mode": "lines+markers" if dotted else "lines",
        "x": [],
        "y": [],
        "name": f"run {name}".strip(),
        "line": {
            "width": style.RUN_WIDTH_WITH_DOTS if dotted else style.RUN_WIDTH,
            "color": style.series(k, of),
        },
        "hovertemplate": f"run {name} %{{y:.4~g}}<extra></extra>",
        "connectgaps": how.get("at") == "snapshots",
        "legendgroup": "run",
        "meta": tag(y, index, **how),
    }
    if dotted:
        line["marker"] = {"size": style.DOT_SIZE, "color": style.series(k, of)}
    if not bands:
        return [line]
    edge = {
        "type": "scatter",
        "mode": "lines",
        "x": [],
        "y": [],
        "line": {"width": 0, "color": style.series(k, of)},
        "hoverinfo": "skip",
        "connectgaps": how.get("at") == "snapshots",
        "legendgroup": "band",
    }
    low = edge | {"name": f"lowest {name}".strip(), "meta": tag(y, index, **how, seed="band_lo")}
    high = edge | {
        "name": f"highest {name}".strip(),
        "meta": tag(y, index, **how, seed="band_hi"),
        "fill": "tonexty",
        "fillcolor": style.series(k, of, "band"),
    }
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


def level_line(y: float, *, tolerance: bool = False) -> dict[str, Any]:
    """A predicted height across the panel, or an edge of the tolerance above everything."""
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": float(y),
        "y1": float(y),
        "layer": "above" if tolerance else "below",
        "name": "prediction",
        "line": style.TOLERANCE if tolerance else style.PREDICTED,
    }


def time_line(x: float) -> dict[str, Any]:
    """A predicted moment, dotted from bottom to top."""
    return {
        "type": "line",
        "yref": "paper",
        "x0": float(x),
        "x1": float(x),
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "name": "prediction",
        "line": style.PREDICTED,
    }


def note(text: str, x: float, y: float, *, yref: str = "y", **how: Any) -> dict[str, Any]:
    """A few words without an arrow; x counts from the left edge, 0 to 1."""
    font = {"size": 13, "color": "role:ink2"}
    place = {"x": float(x), "y": float(y), "xref": "paper", "yref": yref}
    return place | {"text": text, "showarrow": False, "font": font, "name": "prediction"} | how


def time_labels(events: Sequence[Event], x_range: Sequence[float]) -> list[dict[str, Any]]:
    """Symbols above the plot at the dotted lines; one too near its neighbour is left out."""
    span, labels, last = x_range[1] - x_range[0], [], -np.inf
    for event in sorted(events, key=lambda e: e.time):
        if not x_range[0] <= event.time <= x_range[1] or event.time - last < LABEL_GAP * span:
            continue
        last = event.time
        font = {"size": 14, "color": "role:ink2"}
        how = {"xref": "x", "yref": "paper", "yanchor": "bottom", "font": font}
        labels.append(note(event.symbol_html, event.time, 1, **how))
    return labels


def level_labels(
    levels: Sequence[tuple[float, str]], x: Mapping[str, Any], y: Mapping[str, Any]
) -> dict[str, Any]:
    """Symbols at the left end of the dotted levels; close neighbours step to the right."""
    x_range = x["range"]
    span, y_span = x_range[1] - x_range[0], y["range"][1] - y["range"][0]
    places, heights, words, last, shift = [], [], [], np.inf, 0
    for level, word in sorted(levels, key=lambda pair: -pair[0]):
        height = np.log10(max(level, 1e-300)) if y.get("type") == "log" else level
        shift = shift + 1 if last - height < LEVEL_GAP * y_span else 0
        last = height
        if shift > 2:
            continue
        place = x_range[0] + span * (0.008 + 0.055 * shift)
        places.append(10.0**place if x.get("type") == "log" else place)
        heights.append(level)
        words.append(word)
    return text_trace(places, heights, words, side="top right", size=14)


def curve_labels(
    x: Sequence[float],
    words: Sequence[str],
    colours: Sequence[str],
    x_range: Sequence[float],
    noun: str = "",
) -> dict[str, Any]:
    """Bold names left of rising curves at half height; those that would collide step down.

    The noun precedes the name that has most room, if that is enough on a phone; a name without
    any room stands to the right of its curve.
    """
    span = x_range[1] - x_range[0]
    placed: list[tuple[float, float]] = []
    for at in x:
        height = 0.5
        while any(abs(at - o) < NAME_ROOM * span and abs(height - h) < 0.1 for o, h in placed):
            height -= 0.12
        placed.append((at, height))
    rooms = [at - max([x_range[0], *(o for o in x if o < at)]) for at in x]
    widest = int(np.argmax(rooms)) if rooms and max(rooms) > NOUN_ROOM * span else -1
    named = [f"{noun} {word}".strip() if k == widest else word for k, word in enumerate(words)]
    sides = ["left" if at - x_range[0] > NAME_ROOM * span else "right" for at in x]
    bold = [
        f"<b>{name}</b>{EN}{EN}" if side == "left" else f"{EN}{EN}<b>{name}</b>"
        for name, side in zip(named, sides, strict=True)
    ]
    heights = [height for _, height in placed]
    places = [f"middle {side}" for side in sides]
    return text_trace(x, heights, bold, colours=list(colours), side=places)


def steps(traces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same curves drawn as staircases."""
    return [t | {"line": t["line"] | {"shape": "hv"}} if "line" in t else t for t in traces]


def magnified(tolerance: float) -> tuple[float, str]:
    """A power of ten that makes a tolerance readable, and the axis title that says so."""
    power = -int(np.floor(np.log10(tolerance)))
    if power == 0:
        return 1.0, "difference"
    return 10.0**power, f"difference {TIMES} 10<sup>{power}</sup>".replace("-", MINUS)


def legend(panels: Sequence[Panel], words: Mapping[str, str], seeds: int = 1) -> list[LegendEntry]:
    """Entries in the fixed order, each only where a trace of its kind exists."""
    usual = {
        "theory": "theory",
        "second_theory": "second theory",
        "run": "run",
        "second_run": "second run",
        "band": f"{seeds} seeds, min to max",
        "predicted": "predicted level or time",
    } | dict(words)
    seen = {trace.get("legendgroup") for panel in panels for trace in panel.plain["data"]}
    if any(panel.plain["layout"].get("shapes") for panel in panels):
        seen.add("predicted")
    if seeds == 1:
        seen.discard("band")
    kinds: tuple[Any, ...] = (
        "theory", "second_theory", "run", "second_run", "band", "predicted",
    )  # fmt: skip
    return [LegendEntry(kind, usual[kind]) for kind in kinds if kind in seen]


def log_range(lo: float, hi: float, *, pad: float = 0.06, most: float = 14.0) -> list[float]:
    """Range of a logarithmic axis (in decades) around positive values, with a margin."""
    top = np.log10(hi) if hi > 0 else 0.0
    bottom = np.log10(lo) if lo > 0 else top - 4
    bottom = max(min(bottom, top - 0.5), top - most)
    margin = pad * (top - bottom)
    return [float(bottom - margin), float(top + margin)]


def linear_range(lo: float, hi: float, *, pad: float = 0.06) -> list[float]:
    """Range of a linear axis around values, with a margin."""
    margin = pad * (hi - lo) or max(abs(hi), 1e-12) * 0.5
    return [float(lo - margin), float(hi + margin)]


def positive(*curves: Any) -> np.ndarray:
    """The finite positive values of some curves, flat; 1.0 if there are none."""
    flat = np.concatenate([np.zeros(0), *(np.ravel(np.asarray(c, float)) for c in curves)])
    kept = flat[np.isfinite(flat) & (flat > 0)]
    return kept if kept.size else np.ones(1)


def decades(span: Sequence[float]) -> int | str:
    """Tick distance of a log axis, so that there are at most seven decades marked.

    Where there is hardly one, 2 and 5 are marked too.
    """
    if span[1] - span[0] < SHORT_SPAN:
        return "D2"
    return max(1, int(np.ceil((span[1] - span[0]) / 7)))


def axis(title: str, span: Sequence[float], *, log: bool = False) -> dict[str, Any]:
    """An axis with a fixed range; a logarithmic one has its ticks at decades."""
    made: dict[str, Any] = {"title": {"text": title}, "range": list(span), "autorange": False}
    if log:
        made |= {"type": "log", "dtick": decades(span), "exponentformat": "power"}
    return made


LAYERS = ("ground", "band", "run", "second_run", "second_theory", "theory", "words")


def drawn(
    traces: Sequence[dict[str, Any]],
    *,
    x: dict[str, Any],
    y: dict[str, Any],
    times: Sequence[Event] = (),
    levels: Sequence[tuple[float, str]] = (),
    tolerances: Sequence[float] = (),
    annotations: Sequence[dict[str, Any]] = (),
    **layout: Any,
) -> Plain:
    """A panel's figure: bands below, runs, theory on top, levels and times dotted underneath."""
    shown = [e for e in times if x.get("type") != "log" and _within(e.time, x["range"])]
    labels = time_labels(shown, x["range"]) if shown else []
    words = [(level, word) for level, word in levels if word]
    named = [level_labels(words, x, y)] if words else []
    if tolerances:
        top = max(tolerances)
        height = float(np.log10(top)) if y.get("type") == "log" else top
        labels.append(note("tolerance", 1, y=height, xanchor="right", yanchor="bottom"))
    shapes = [level_line(level) for level, _ in levels]
    shapes += [time_line(event.time) for event in shown]
    shapes += [level_line(edge, tolerance=True) for edge in tolerances]
    ordered = sorted([*traces, *named], key=lambda trace: LAYERS.index(trace["legendgroup"]))
    made: dict[str, Any] = {
        "template": style.TEMPLATE,
        "xaxis": x,
        "yaxis": y,
        "shapes": shapes,
        "annotations": [*labels, *annotations],
        "uirevision": "fixed",
    }
    return {"data": ordered, "layout": made | layout}


def relaid(shown: Panel, **layout: Any) -> Panel:
    """The panel with some entries of its layout replaced."""
    plain = {**shown.plain, "layout": {**shown.plain["layout"], **layout}}
    return replace(shown, plain=plain)


def constantly(words: str) -> Callable[[xr.Dataset | None], str]:
    """Alt text that is the same before and after the run."""
    return lambda _run: words


def _within(value: float, span: Sequence[float]) -> bool:
    return bool(np.isfinite(value) and span[0] <= value <= span[1])


def panel(
    id: str,
    title: str,
    symbol: str,
    traces: Sequence[dict[str, Any]],
    *,
    x: dict[str, Any],
    y: str,
    linear: Sequence[float] | None = None,
    log: Sequence[float] | None = None,
    first: Literal["linear", "log"] = "linear",
    alt: str | Callable[[xr.Dataset | None], str] = "",
    empty: str = "",
    note: str = "",
    y_axis: Mapping[str, Any] | None = None,
    **how: Any,
) -> Panel:
    """A panel of curves over time; with both a linear and a log range it has the switch."""
    spans = {kind: list(s) for kind, s in (("linear", linear), ("log", log)) if s is not None}
    kind = first if len(spans) == 2 else next(iter(spans))
    axes = axis(y, spans[kind], log=kind == "log") | dict(y_axis or {})
    if len(spans) == 2:
        how["meta"] = {**how.get("meta", {}), "ranges": spans}
    if empty:
        colour = {"font": {"size": 13, "color": "role:ink3"}, "name": "before", "yref": "paper"}
        how["annotations"] = [*how.get("annotations", ()), _note(empty, 0.5, 0.36, **colour)]
    figure = drawn(traces, x=x, y=axes, **how)
    said = constantly(alt) if isinstance(alt, str) else alt
    return Panel(id, title, symbol, figure, len(spans) == 2, said, 1, note)


_note = note
