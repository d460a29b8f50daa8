"""The words an experiment says its picture in: data only, nothing is drawn here.

A `View` names a hero, more panels, tiles of predicted numbers, and moments. A panel says what it
shows of which run variable; label, symbol, unit, dimensions and scale are the `Observable`'s, and
the theory is the predicted variable of the same name, unless the panel says otherwise.

    View(hero=Curves("beta", levels=(0, 1)), panels=(Curves("loss", log=True), Difference("beta")))

Numbers and sentences may be functions of the prediction, read as a `Known`. Sentences carry TeX
between dollar signs. A panel whose theory is not predicted for these settings draws the run alone;
with `when` it is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal

import numpy as np
import xarray as xr

Known = Mapping[str, Any]
"""A prediction's numbers by name: variables, coordinates and attributes of the first seed.

Single numbers are floats; all else are arrays (record, ...), (snapshot, ...) or (...).
"""
Text = str | Callable[[Known], str]
Number = float | str | Callable[[Known], float]
"""A number, the name of a predicted one, or how it follows from the prediction."""
Values = str | float | Callable[[Known], Any]
"""An array by the name of what is predicted, or how it follows from the prediction."""
Condition = str | Callable[[Known], bool]
"""What must be predicted, by name, or a question about it."""
Span = tuple[float, float] | Callable[[Known], Sequence[float]] | bool
"""A range; True: one that holds the theory, the levels and what else the panel `shows`.

Of a logarithmic axis it counts in decades.
"""
Arrays = Mapping[str, np.ndarray]
Derived = Callable[[Arrays, xr.Dataset], np.ndarray]
"""A run quantity computed for the screen: (arrays (seed, row, ...), prediction) -> the same."""

SAME = "the same"
"""As theory: the predicted variable of the same name, where there is one."""
LATER = "appears with the run"


@dataclass(frozen=True)
class Level:
    """A predicted height, dotted across the panel, with its name at the left.

    Several, if `at` gives an array; then `word` may hold a `#` for each one's index, from `first`.
    """

    at: Number | Values
    word: str = ""
    _: KW_ONLY
    first: int = 1
    when: Condition = ""


@dataclass(frozen=True)
class Moment:
    """A predicted time: dotted in every panel over time, ticked on the scrubber.

    An array of times gives several, and the `#` of `symbol` is their index from 1.
    """

    at: Values
    symbol: str = ""
    _: KW_ONLY
    when: Condition = ""


@dataclass(frozen=True)
class Clock:
    """What the panels over time have along their x axis.

    Attributes:
        title: of the axis.
        counts: what of a run it shows.
        scale: a logarithmic axis begins at the first record after the start.
        end: what of the run is shown, if not all of it.
        unit: one mark of the axis in units of `counts`; the curves stay where they are.
        switches: whether the reader may choose between a logarithmic and a linear axis.
        other: a second time axis for the page's switch: its word, title, and factor.
    """

    title: str = r"time $t = \eta n$"
    counts: Literal["time", "step"] = "time"
    scale: Literal["linear", "log"] | Callable[[Known], str] = "linear"
    end: Callable[[Known], float] | None = None
    unit: Number | None = None
    switches: bool = False
    other: tuple[str, str, Number] | None = None


TIME = Clock()
FLOW_TIME = Clock("time $t$")
STEPS = Clock("step $n$", "step")
LOG_TIME = Clock(scale="log", switches=True)
LOG_STEPS = Clock("step $n$", "step", "log")


@dataclass(frozen=True)
class Picture:
    """What every panel may say; what it does not follows from its first observable.

    Attributes:
        id: the panel's name in files and tests; default: that of its first variable.
        title: heading. symbol: TeX beside it. y: title of the vertical axis.
        linear: range of the linear axis. log: of the logarithmic one; with both there is a switch,
            and `first` is drawn first. With neither the observable's scale decides.
        shows: further numbers that a range holds. floor: a logarithmic one holds none below it.
        levels: predicted heights.
        note: a line below the picture. alt: what it shows, for who cannot see it; a sentence.
        empty: what stands in a panel that has nothing to draw before the run.
        when: what must be predicted for the panel to be there.
        moments: whether predicted moments are dotted in it.
    """

    _: KW_ONLY
    id: str = ""
    title: Text = ""
    symbol: str | None = None
    y: Text = ""
    linear: Span = False
    log: Span = False
    first: Literal["linear", "log"] = "linear"
    shows: tuple[Number | Values, ...] = ()
    floor: float = 0.0
    levels: tuple[Level | float | str, ...] = ()
    note: Text = ""
    alt: Text = ""
    empty: Text = ""
    when: Condition = ""
    moments: bool = True


@dataclass(frozen=True)
class Curves(Picture):
    """Run variables over time, each in its colour, on what is predicted of them.

    Attributes:
        of: one variable, or several; of a vector every entry, or `entries` of it, is a curve.
        theory: SAME, None, or what is drawn as predicted: curves (record or snapshot[, entry]), or
            one number, which the run should end at. A mapping gives each variable its own.
        second: a second theory, likewise.
        names: of the curves: a word for each, or one with `#` for an entry's number.
        label: where the names stand: at the ends of the curves, where theory is half-way, or as a
            key in a corner; "" not at all.
        over: what the curves are divided by, a number or one for each entry.
        bands: whether the spread over seeds is shaded.
        steps: drawn as a staircase.
        dots: without lines.
        tolerance: claim whose tolerance is dotted; `around` numbers (default: only above zero).
        at: when a derived variable is taken.
    """

    of: str | tuple[str, ...] = ""
    _: KW_ONLY
    theory: Values | Mapping[str, Values] | None = SAME
    second: Values | Mapping[str, Values] | None = None
    names: tuple[str, ...] | str = ()
    label: Literal["", "end", "half", "upper", "lower", "left"] = ""
    entries: Callable[[Known], Sequence[int]] | Sequence[int] | None = None
    over: Number | Values | None = None
    bands: bool | tuple[int, ...] = True
    steps: bool = False
    dots: bool = False
    tolerance: str = ""
    around: Number | None = None
    usual: float = 0.01
    at: Literal["", "records", "snapshots"] = ""


@dataclass(frozen=True)
class Difference(Picture):
    """Run minus theory around zero, magnified to the tolerance; in a sweep run over theory.

    Attributes:
        of: variables compared with the prediction of the same name.
        by: derived variables to be drawn in their place.
        claim: whose tolerance it is; default: the first variable's. `usual` where it is not known.
        over: what the difference is divided by.
        wide: the range in tolerances.
        distance: a size, on a logarithmic axis, in place of a difference.
        unit: what a tolerance of 1 is in the units of the difference.
        scale: a factor in place of the magnification to the tolerance.
    """

    of: str | tuple[str, ...] = ""
    _: KW_ONLY
    by: str | tuple[str, ...] = ()
    claim: str = ""
    usual: float = 0.01
    entries: Callable[[Known], Sequence[int]] | Sequence[int] | None = None
    names: tuple[str, ...] | str = ()
    label: Literal["", "upper", "lower"] = ""
    over: Number | Values | None = None
    wide: float = 1.4
    distance: bool = False
    unit: Number = 1.0
    scale: float = 0.0
    second: bool = False
    bands: bool = True


@dataclass(frozen=True)
class Given:
    """What the task gives, at places of a panel: targets, true weights, the teacher."""

    x: Values
    y: Values
    name: str = ""
    mark: Literal["circle", "bar", "cross", "line", "thin"] = "circle"


@dataclass(frozen=True)
class Path(Picture):
    """The way of vectors in their first two coordinates; both axes have one scale."""

    of: str | tuple[str, ...] = ""
    _: KW_ONLY
    x: str = ""
    names: tuple[str, ...] = ()
    given: tuple[Given, ...] = ()


@dataclass(frozen=True)
class Profile(Picture):
    """A vector against its own coordinate, at the moment of the scrubber.

    Attributes:
        of: run variable on (snapshot, entry); "" for theory alone.
        over: the coordinate; default: the entry's number. `x`: its title; `ticks` name places.
        theory: SAME, None, or one that stands still, (entry). What is predicted for every snapshot
            moves with the scrubber. `name` is added to the word theory.
        second: a second theory, likewise. steps: predicted stages on the way, drawn thin.
        order: entries that are drawn, in that order.
        given: what the task gives.
        lines: whether the run is joined up. dots: whether its entries are marked.
    """

    of: str = ""
    _: KW_ONLY
    over: Values = ""
    x: Text = ""
    ticks: Callable[[Known], Mapping[float, str]] | None = None
    theory: Values | None = SAME
    name: str = ""
    second: Values | None = None
    second_name: str = ""
    steps: Callable[[Known], Sequence[Any]] | tuple[()] = ()
    order: Callable[[Known], np.ndarray] | None = None
    given: tuple[Given, ...] = ()
    lines: bool = True
    dots: bool = True


@dataclass(frozen=True)
class Law(Picture):
    """A predicted number against what it depends on; this run is a dot, or a trail, at its place.

    In a sweep `of` is a number of the end, x the swept knob, and every run a dot.

    Attributes:
        of: the predicted curve. over: what it is drawn against. x: title of that axis.
        name: added to the word theory.
        run: run variable or derived one; `at` is this setting's place on the axis. taken: when.
        ring: what is predicted right there. hue: colour of the run.
        trail: the run's whole way is drawn, against the variable `at`. dots: with its points.
        second: a second curve, over `second_over` if that is another. second_name: its name.
        x_log: whether the x axis is logarithmic; `x_span` its range, in decades then.
        marks: predicted places on the x axis, with their symbols.
        runs: sweep: measured or derived numbers that are dots, if not that of the curve itself.
        joined: sweep: whether the predicted points are joined up.
        curve: sweep: whether `over` is a whole curve that every point knows.
        names: sweep: of several runs.
    """

    of: Values = ""
    _: KW_ONLY
    over: Values = ""
    x: Text = ""
    name: str = ""
    run: str = ""
    at: Number = ""
    taken: Literal["records", "snapshots", "scrub"] = "records"
    hue: int = 0
    ring: Number | None = None
    trail: bool = False
    dots: bool = False
    second: Values | None = None
    second_over: Values | None = None
    second_name: str = ""
    x_log: bool = False
    x_span: Span = True
    marks: tuple[tuple[Number, str], ...] = ()
    runs: tuple[str, ...] | None = None
    joined: bool = True
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Map(Picture):
    """A matrix as colours: of the run at the moment of the scrubber, or of theory alone.

    In a sweep over two knobs `of` is a number of the end, and every cell a run.

    Attributes:
        of: run variable on (snapshot, row, column); "" for `theory` alone.
        rows, columns: coordinates; x: title of the columns, y of the rows.
        span: values at the ends of the colours.
        colours: "size" (dark is small), "sign" (white is 0) or a colour role for each whole number.
        names: of the whole numbers, in a sweep. down: whether the first row is on top.
        decades: whether the logarithm is drawn.
        lines: predicted contours of a sweep over two knobs: (values of the first, of the second).
    """

    of: str = ""
    _: KW_ONLY
    theory: Values | None = None
    rows: Values = ""
    columns: Values = ""
    x: Text = ""
    span: tuple[Number, Number] = (0.0, 1.0)
    colours: Literal["size", "sign"] | tuple[str, ...] = "size"
    names: tuple[str, ...] = ()
    down: bool = False
    values: bool = False
    decades: bool = False
    hover: str = ""
    contour: Number | None = None
    tall: bool = False


@dataclass(frozen=True)
class Bespoke(Picture):
    """A picture no word can say, by its name in `app.figures.bespoke`."""

    of: str = ""


@dataclass(frozen=True)
class Tile:
    """One predicted number, large.

    Attributes:
        of: the predicted variable or an entry of it, `jump_times[0]`, `beta[-1][0]`; or how the
            number, or its text, follows from the prediction.
        words: what it is. symbol: TeX; default: the observable's. unit: likewise.
        line: a line below it.
        places: decimals; or `digits`: significant digits.
        measured: run variable that is set beside it; default: `of`, if a run has it.
        claim: the claim it belongs to; default: the variable's own.
        hue: colour of the curve it belongs to, (k, of).
        when: what must be predicted for it to be there; a number that is not finite is left out,
            unless `never` says in words what its absence is.
    """

    of: Number
    words: Text
    line: Text = ""
    _: KW_ONLY
    symbol: str | None = None
    unit: str | None = None
    places: int | Callable[[float], int] = 3
    digits: int | None = None
    measured: str | None = None
    claim: str | None = None
    hue: tuple[int, int] | None = None
    when: Condition = ""
    never: str = ""


@dataclass(frozen=True)
class View:
    """All that a page draws of an experiment.

    Attributes:
        hero: the panel that is drawn large. panels: the others, in order.
        tiles: predicted numbers. moments: predicted times.
        legend: words for theory, second_theory, run, predicted, in place of the usual ones.
        derived: run quantities computed for the screen, by name.
        sweep: panels of a sweep over one knob: (knob) -> Laws and Differences.
        grid: panels of a sweep over two knobs.
    """

    hero: Picture
    panels: Sequence[Picture] | Callable[[Known], Sequence[Picture]] = ()
    tiles: Sequence[Tile] | Callable[[Known], Sequence[Tile]] = ()
    moments: tuple[Moment, ...] = ()
    _: KW_ONLY
    clock: Clock = TIME
    legend: Mapping[str, Text] = field(default_factory=dict)
    derived: Mapping[str, Derived] = field(default_factory=dict)
    sweep: Callable[[str], Sequence[Picture | Tile]] | None = None
    grid: Callable[[tuple[str, ...]], Sequence[Picture | Tile]] | None = None


def component(name: str, k: int) -> Callable[[Known], np.ndarray]:
    """Entry k of a predicted vector, at every row."""
    return lambda known: known[name][:, k]
