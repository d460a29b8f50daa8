"""What every panel of a declared view is drawn from: numbers, words, ranges, and the time axis."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import xarray as xr

from app.figures.axes import axis, linear_range, log_range, positive
from app.figures.figure import drawn
from app.figures.marks import before
from app.figures.panels import Event, Panel, Plain, constantly, first_seed
from app.figures.timeline import Timeline
from app.tex import numbered, plain, prose, symbol
from sims.core.experiment import Experiment, Observable
from sims.core.format import significant
from sims.view import Condition, Derived, Level, Moment, Number, Picture, Span, Text, Values, View
from sims.view.known import Known

UNNAMED = Observable("")
DEEPEST = 9.0
"""Decades of a curve that are drawn, where the panel does not say."""
BELOW, ABOVE, BESIDE = 0.04, 1.12, 0.12
"""Room of a linear axis: under zero and over the largest, or on both sides of curves that turn."""
Alt = Callable[[xr.Dataset | None], str]


class Sheet:
    """One prediction and the view declared for it.

    What a panel asks for and the prediction lacks is left out: `find` gives None for it.
    """

    def __init__(
        self,
        experiment: Experiment,
        view: View,
        prediction: xr.Dataset,
        tolerances: Mapping[str, float],
    ) -> None:
        """Read nothing but the clock and the moments yet."""
        self.experiment, self.view, self.tolerances = experiment, view, tolerances
        self.known = Known(prediction, tolerances)
        self.derived: dict[str, Any] = dict(view.derived)
        self._timeline: Timeline | None = None
        self._timed: set[str] = set()

    @property
    def timeline(self) -> Timeline:
        """The time axis, with the moments on it."""
        if self._timeline is None:
            with self.known.reading() as self._timed:
                self._timeline = self._made_timeline()
        self.known.read_again(self._timed)
        return self._timeline

    def _made_timeline(self) -> Timeline:
        clock = self.view.clock
        unit = None if clock.unit is None else self.find(clock.unit)
        factor = 1.0 if clock.other is None else self.find(clock.other[2])
        made = Timeline(
            clock, self.known, self.html(clock.title), unit, 1.0 if factor is None else factor
        )
        found = (e for m in self.view.moments for e in self._times(m))
        made.moments = [e for e in found if np.isfinite(e.time)]
        return made

    def _times(self, moment: Moment) -> list[Event]:
        at = self.find(moment.at) if self.holds(moment.when) else None
        if at is None:
            return []
        if np.ndim(at) == 0:
            return [Event(symbol(moment.symbol), float(at))]
        words = (numbered(moment.symbol, k + 1) for k in range(len(at)))
        return [Event(symbol(w), float(t)) for w, t in zip(words, at, strict=True)]

    # What is declared, as numbers and words

    def find(self, what: Number | Values) -> Any:
        """A number or an array; None where the prediction lacks a name it asks for."""
        try:
            if isinstance(what, str):
                return self.known[what]
            return what(self.known) if callable(what) else what
        except KeyError:
            return None

    def frame(self, what: Number | Values) -> Any:
        """The same of what a panel is laid out by: entries, units, places."""
        return self.find(what)

    def number(self, what: Number) -> float:
        """A number; NaN where it is not predicted."""
        found = self.find(what)
        return float("nan") if found is None else float(found)

    def text(self, what: Text) -> str:
        """Words as they are declared, with their TeX; '' where they need what is not predicted."""
        if isinstance(what, str):
            return what
        try:
            return what(self.known)
        except KeyError:
            return ""

    def html(self, what: Text) -> str:
        """Words as HTML."""
        return prose(self.text(what))

    def holds(self, condition: Condition) -> bool:
        """Whether what a panel, tile or level needs is there."""
        if isinstance(condition, str):
            return not condition or condition in self.known
        try:
            return bool(condition(self.known))
        except KeyError:
            return False

    def observable(self, name: str) -> Observable:
        """What is known of a variable; an unnamed one for what is derived."""
        return self.experiment.observables.get(name, UNNAMED)

    def tolerance(self, claim: str, usual: float) -> float:
        """The tolerance of a claim, or the usual one where it is not known yet."""
        found = self.tolerances.get(claim, np.nan)
        return float(found) if np.isfinite(found) and found > 0 else usual

    # What follows from the first observable

    def title(self, word: Picture, name: str) -> str:
        """Heading of a panel."""
        label = self.observable(name).label
        return self.html(word.title) or label[:1].upper() + label[1:]

    def symbol(self, word: Picture, name: str) -> str:
        """Symbol beside the heading, HTML."""
        return symbol(self.observable(name).symbol if word.symbol is None else word.symbol)

    def y_title(self, word: Picture, name: str) -> str:
        """Title of the vertical axis: word, symbol, unit."""
        if word.y:
            return self.html(word.y)
        seen = self.observable(name)
        letters = symbol(seen.symbol if word.symbol is None else word.symbol)
        unit = f", {seen.unit}" if seen.unit else ""
        return f"{seen.label} {letters}".strip() + unit

    def levels(self, word: Picture) -> list[tuple[float, str]]:
        """Predicted heights of a panel with their symbols."""
        found: list[tuple[float, str]] = []
        for level in word.levels:
            one = level if isinstance(level, Level) else Level(level)
            at = self.find(one.at) if self.holds(one.when) else None
            if at is None:
                continue
            many = np.ravel(np.asarray(at, float))
            for k, height in enumerate(many):
                if np.isfinite(height):
                    words = numbered(self.text(one.word), k + one.first)
                    found.append((float(height), prose(words)))
        return found

    def shown(self, word: Picture, *curves: Any) -> np.ndarray:
        """Every number that a range of the panel holds, flat and finite."""
        more = [self.find(what) for what in word.shows]
        levels = [height for height, _ in self.levels(word)]
        arrays = [*curves, *(m for m in more if m is not None), levels]
        flat = np.concatenate([np.ravel(np.asarray(a, float)) for a in arrays])
        return flat[np.isfinite(flat)]

    def spans(
        self, word: Picture, name: str, shown: np.ndarray
    ) -> dict[Literal["linear", "log"], Sequence[float]]:
        """Ranges of the vertical axis; both where there is a switch."""
        spans: dict[Literal["linear", "log"], Sequence[float]] = {}
        linear, log = word.linear, word.log
        if linear is False and log is False:
            linear, log = (False, True) if self.observable(name).scale == "log" else (True, False)
        if linear is not False:
            spans["linear"] = self.span(linear, lambda: linear_span(shown))
        if log is not False:
            spans["log"] = self.span(log, lambda: log_span(shown[shown >= word.floor]))
        return spans

    def span(self, span: Span, usual: Callable[[], Sequence[float]]) -> Sequence[float]:
        """A declared range, or the usual one."""
        if callable(span):
            try:
                return [float(end) for end in span(self.known)]
            except KeyError:
                return usual()
        return usual() if isinstance(span, bool) else span

    def derive(self, name: str, made: Derived) -> str:
        """A further quantity computed for the screen; its name."""
        self.derived[name] = made
        return name

    # Panels

    def over_time(
        self,
        word: Picture,
        name: str,
        traces: Sequence[dict[str, Any]],
        shown: np.ndarray,
        **how: Any,
    ) -> Panel:
        """A panel of curves over time, with levels and moments."""
        timeline = self.timeline
        x = timeline.axis
        if word.end is not None:
            x = x | {"range": [0.0, self.number(word.end)]}
        made = self.plain(word, name, traces, shown, x=x, meta=timeline.meta, **how)
        return timeline.dotted(made) if word.moments else made

    def plain(
        self,
        word: Picture,
        name: str,
        traces: Sequence[dict[str, Any]],
        shown: np.ndarray,
        *,
        x: dict[str, Any],
        y: str = "",
        y_axis: Mapping[str, Any] | None = None,
        spans: Mapping[Any, Sequence[float]] | None = None,
        levels: Sequence[tuple[float, str]] = (),
        annotations: Sequence[dict[str, Any]] = (),
        empty: str = "",
        meta: Mapping[str, Any] | None = None,
        id: str = "",
        title: str = "",
        letters: str = "",
        alt: Alt | str = "",
        **layout: Any,
    ) -> Panel:
        """A panel; with a linear and a log range of its vertical axis it has the switch."""
        ranges = {kind: list(s) for kind, s in (spans or self.spans(word, name, shown)).items()}
        kind, switched = drawn_first(word, ranges), len(ranges) == 2
        axes = axis(y or self.y_title(word, name), ranges[kind], log=kind == "log")
        words = empty or self.html(word.empty)
        figure = drawn(
            traces,
            x=x,
            y=axes | dict(y_axis or {}),
            levels=levels or self.levels(word),
            annotations=[*annotations, before(words, 0.36)] if words else annotations,
            meta=dict(meta or {}) | ({"ranges": ranges} if switched else {}),
            **layout,
        )
        said = alt or self.described(title or self.title(word, name), name)
        made = self.bare(word, name, figure, said, id=id, title=title, letters=letters)
        return replace(made, toggle=switched)

    def bare(
        self,
        word: Picture,
        name: str,
        figure: Plain,
        alt: Alt | str,
        *,
        id: str = "",
        title: str = "",
        letters: str = "",
    ) -> Panel:
        """A panel whose figure is already laid out; all words of it resolved."""
        title = title or self.title(word, name)
        said = plain(self.text(word.alt)) or alt or f"{plain(title)}."
        told = constantly(said) if isinstance(said, str) else said
        letters, note = letters or self.symbol(word, name), self.html(word.note)
        return Panel(id or word.id or name, title, letters, figure, False, told, 1, note)

    def described(self, title: str, name: str, end: float | None = None) -> Alt:
        """Alt text of a curve over time, made from its numbers, or from its predicted end."""

        def words(run: xr.Dataset | None) -> str:
            said = [] if end is None else [f"theory says that it ends at {significant(end)}"]
            found = self.find(name)
            if isinstance(found, np.ndarray) and found.ndim == 1 and found.size:
                said.append(f"theory goes from {_ends(found)}")
            if times := ", ".join(significant(e.time) for e in self.timeline.moments):
                said.append(f"predicted times {times}")
            if run is not None and name in run:
                y = np.asarray(first_seed(run)[name].values, float)
                y = y.reshape(len(y), -1)[:, 0] if y.ndim else y[None]
                said.append(f"the run goes from {_ends(y)}")
            return f"{plain(title)} against time: {'; '.join(said) or 'appears with the run'}."

        return words


def _ends(y: np.ndarray) -> str:
    return f"{significant(float(y[0]))} to {significant(float(y[-1]))}"


def drawn_first(word: Picture, spans: Mapping[Any, Sequence[float]]) -> Any:
    """Which of one or two kinds of vertical axis is drawn before the reader chooses."""
    return word.first if len(spans) == 2 else next(iter(spans))


def linear_span(shown: np.ndarray) -> list[float]:
    """A linear range that holds these numbers: from zero on where none is negative."""
    if not shown.size:
        return [-BELOW, ABOVE]
    low, high = float(shown.min()), float(shown.max())
    if low >= -1e-9 * abs(high):
        top = high or 1.0
        return [-BELOW * top, ABOVE * top]
    return linear_range(low, max(high, 0.0), pad=BESIDE)


def log_span(shown: np.ndarray) -> list[float]:
    """A logarithmic range, in decades, that holds these numbers as far down as is drawn."""
    seen = positive(shown)
    top = float(seen.max())
    return log_range(max(float(seen.min()), 10.0**-DEEPEST * top), top)
