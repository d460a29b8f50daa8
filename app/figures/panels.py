"""What a page shows, as data: panels, tiles, events, and the legend above them.

Shapes and annotations that show a prediction are named "prediction"; one named "before" leaves with
the first rows. A figure's `layout.meta["ranges"]` holds the y range of both views of its linear /
log switch, and `meta["cells"]` says that its map's cells lead to their runs; `meta["pieces"]` that
its lines are broken, and the table of its numbers has a row for every piece. `meta["times"]` holds
the time axes of the page's switch by word, the one drawn first: type and range, perhaps a title,
and as `factor` what the drawn times are multiplied by there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import plotly.graph_objects as go
import xarray as xr

from sims.view import Derived

if TYPE_CHECKING:
    from app.figures.asked import Asked

Labelled = TypeVar("Labelled", xr.Dataset, xr.DataArray)
Plain = dict[str, Any]
"""A figure as in Plotly's JSON, {"data": [trace, ...], "layout": {...}}, its arrays not packed.

Plotly's own objects copy, and that would take as long as the prediction.
"""
Kind = Literal["theory", "second_theory", "run", "second_run", "band", "predicted"]
KINDS: dict[Kind, str] = {
    "theory": "theory",
    "second_theory": "second theory",
    "run": "run",
    "second_run": "second run",
    "band": "{} seeds, min to max",
    "predicted": "predicted level or time",
}
"""Kinds of legend entries in their fixed order, with their usual words."""


@dataclass(frozen=True)
class DrawnBaseline:
    """What a person without the theory would have drawn in a panel, and in whose words."""

    traces: Sequence[Plain] = ()
    shapes: Sequence[Plain] = ()
    words: Sequence[str] = ()


@dataclass(frozen=True)
class Panel:
    """One figure with its heading.

    `symbol` is HTML; `alt(run or None)` says what the figure shows; `toggle` offers linear and log;
    `guess()` is what is drawn beneath it on request.
    """

    id: str
    title: str
    symbol: str
    plain: Plain
    toggle: bool = False
    alt: Callable[[xr.Dataset | None], str] | None = None
    height_units: int = 1
    note: str = ""
    baseline: Callable[[], DrawnBaseline] = DrawnBaseline

    @cached_property
    def figure(self) -> go.Figure:
        """The same as Plotly's object, to be looked at from Python."""
        return go.Figure(self.plain, _validate=False)


@dataclass(frozen=True)
class Tile:
    """One predicted number. `measures` names what was measured for it, as `jump_times[0]`.

    `between` names the two ends between which that moment lies.

    `follows` names, in the same way, what is measured anew with every row, in place of a verdict.
    `guess` is what the claim's baseline says of it, "0.7" or "never", and `guess_words` why.
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
    baseline: str = ""
    baseline_words: str = ""
    between: str = ""


@dataclass(frozen=True)
class Event:
    """A predicted moment, a dashed tick on the scrubber."""

    symbol_html: str
    time: float


@dataclass(frozen=True)
class LegendEntry:
    """One entry of the strip above the panels."""

    kind: Kind
    words: str


@dataclass(frozen=True)
class View:
    """Everything the page draws of one prediction, and of the run that follows."""

    panels: Sequence[Panel]
    tiles: Sequence[Tile] = ()
    events: Sequence[Event] = ()
    legend: Sequence[LegendEntry] = ()
    derived: Mapping[str, Derived] = field(default_factory=dict)
    asked: Asked | None = None


def first_seed(prediction: Labelled) -> Labelled:
    """The prediction of the first seed, which is the one drawn."""
    return prediction.isel(seed=0) if "seed" in prediction.dims else prediction


def legend(panels: Sequence[Panel], words: Mapping[str, str], seeds: int = 1) -> list[LegendEntry]:
    """Entries in the fixed order, each only where a trace of its kind exists."""
    seen = {trace.get("legendgroup") for panel in panels for trace in panel.plain["data"]}
    if any(panel.plain["layout"].get("shapes") for panel in panels):
        seen.add("predicted")
    if seeds == 1:
        seen.discard("band")
    usual = {**KINDS, "band": KINDS["band"].format(seeds), **words}
    return [LegendEntry(kind, usual[kind]) for kind in KINDS if kind in seen]


def relaid(shown: Panel, **layout: Any) -> Panel:
    """The panel with some entries of its layout replaced."""
    plain = {**shown.plain, "layout": {**shown.plain["layout"], **layout}}
    return replace(shown, plain=plain)


def with_baseline(shown: Panel, guess: DrawnBaseline) -> Plain:
    """The figure with a guess drawn in it, beneath theory and run, and above a ground."""
    data, layout = shown.plain["data"], shown.plain["layout"]
    grounds = [trace for trace in data if trace.get("legendgroup") == "ground"]
    others = [trace for trace in data if trace.get("legendgroup") != "ground"]
    shapes = [*guess.shapes, *layout.get("shapes", ())]
    return {"data": [*grounds, *guess.traces, *others], "layout": {**layout, "shapes": shapes}}


def constantly(words: str) -> Callable[[xr.Dataset | None], str]:
    """Alt text that is the same before and after the run."""
    return lambda _run: words
