"""The panels: each word says what of a run is shown, and against what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

import numpy as np

from sims.view.marks import SAME, Condition, Given, Known, Level, Number, Span, Text, Values


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
        end: of the time axis, if not the clock's.
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
    end: Number | None = None


@dataclass(frozen=True)
class Curves(Picture):
    """Run variables over time, each in its colour, on what is predicted of them.

    Attributes:
        of: one variable, or several; of a vector every entry, or `entries` of it, is a curve.
        theory: SAME, None, or what is drawn as predicted: curves (record or snapshot[, entry]), or
            one number, which the run should end at. A mapping gives each variable its own.
        second: a second theory, likewise; or a derived one, which starts from the run. Of a single
            number there may be several, (row, curve).
        part: what is predicted of a part of it, dotted.
        between: two predicted curves (row[, entry]), such as two standard deviations to either
            side of the theory; what lies between them is shaded. As for theory, a mapping gives
            each variable its own.
        names: of the curves: a word for each, or one with `#` for an entry's number.
        label: where the names stand: at the ends of the curves, where theory is half-way or at its
            lowest, or as a key in a corner; "" not at all. Half-way a noun that all share, as in
            "mode 1", is written once.
        over: what the curves are divided by, a number or one for each entry.
        bands: whether the spread over seeds is shaded.
        along: where the theory is known, if not at the records or snapshots.
        steps: what is drawn as staircases. dots: the run without lines; a
            number is their size.
        tolerance: claim whose tolerance is dotted above zero, or `around` a number, in `unit`s.
        at: when a derived variable is taken.
        rounding: height below which only rounding is left, shaded.
    """

    of: str | tuple[str, ...] = ""
    _: KW_ONLY
    theory: Values | Mapping[str, Values] | None = SAME
    second: Values | Mapping[str, Values] | None = None
    part: Values | None = None
    between: tuple[Values | Mapping[str, Values], ...] | None = None
    names: tuple[str, ...] | str = ()
    label: Literal["", "end", "half", "lowest", "upper", "lower", "left", "lower left"] = ""
    entries: Callable[[Known], Sequence[int]] | Sequence[int] | None = None
    over: Number | Values | None = None
    bands: bool | tuple[int, ...] = True
    along: Values | None = None
    steps: Literal["", "theory", "all"] = ""
    dots: float = False
    tolerance: str = ""
    around: Number | None = None
    unit: Number = 1.0
    usual: float = 0.01
    at: Literal["", "records", "snapshots"] = ""
    rounding: float = 0.0


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
        second: whether it is a second theory's. hue: colour of the first run.
        dots: the runs without lines; a number is their size.
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
    hue: int = 0
    bands: bool = True
    dots: float = False


@dataclass(frozen=True)
class Path(Picture):
    """The way of vectors in their first two coordinates; both axes have one scale."""

    of: str | tuple[str, ...] = ""
    _: KW_ONLY
    x: str = ""
    names: tuple[str, ...] = ()
    given: tuple[Given, ...] = ()


@dataclass(frozen=True)
class Places(Picture):
    """Points in the plane at the moment of the scrubber; both axes have one scale.

    Attributes:
        of: run variable on (snapshot, point, axis), or a derived one. axes: which two of its axes
            are seen. arrows: whether a line leads from the middle to each point.
        theory: SAME, or where the points are predicted to be, on (snapshot, point, axis), which
            moves with the scrubber, or (point, axis); drawn as rings.
        names: of the points. named: those whose names are written beside where they are predicted
            to end, as far as there is room, the most important first.
        kinds: a whole number from 0 for each point, which has a colour; `kind_names` are theirs.
        x: title. given: what else is there.
    """

    of: str = ""
    _: KW_ONLY
    axes: tuple[int, int] = (0, 1)
    arrows: bool = False
    x: Text = ""
    theory: Values | None = SAME
    names: Values = ""
    named: Callable[[Known], Sequence[int]] | None = None
    kinds: Values = ""
    kind_names: Callable[[Known], Sequence[str]] | Sequence[str] = ()
    given: tuple[Given, ...] = ()


@dataclass(frozen=True)
class Profile(Picture):
    """A vector against its own coordinate, at the moment of the scrubber.

    Attributes:
        of: run variable on (snapshot, entry); "" for theory alone.
        over: the coordinate; default: the entry's number. `x`: its title; `ticks` name places.
        theory: SAME, None, or one that stands still, (entry). What is predicted for every snapshot
            moves with the scrubber. `name` is added to the word theory.
        second: a second theory, likewise; or a derived one.
        steps: predicted stages on the way, drawn thin.
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
        ring: what is predicted right there, or at `here`. hue: colour of the run.
        trail: the run's whole way is drawn, against the variable `at`, which may be "time".
        dots: with its points.
        second: a second curve, over `second_over` if that is another. second_name: its name.
        x_log: whether the x axis is logarithmic; `x_span` its range, in decades then.
        marks: predicted places on the x axis, with their symbols. given: what else is there.
        runs: sweep: measured or derived numbers that are dots, if not that of the curve itself.
        joined: sweep: whether the predicted points are joined up.
        over: sweep: a whole curve (x, y) that every point knows.
        at: sweep: what is along x in place of the knob, with its title `x`.
        names: sweep: of several runs; one word with `#` for the entries of a vector.
    """

    of: Values = ""
    _: KW_ONLY
    over: Values = ""
    x: Text = ""
    name: str = ""
    run: str = ""
    at: Number = ""
    here: Number | None = None
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
    given: tuple[Given, ...] = ()
    runs: tuple[str, ...] | None = None
    joined: bool = True
    names: tuple[str, ...] | str = ()


@dataclass(frozen=True)
class Map(Picture):
    """A matrix as colours: of the run at the moment of the scrubber, or of theory alone.

    In a sweep over two knobs `of` is a number of the end, or derived from the maps of those, and
    every cell a run; `theory` draws what is predicted of every cell.

    Attributes:
        of: run variable on (snapshot, row, column); "" for `theory` alone.
        rows, columns: coordinates; x: title of the columns, y of the rows.
        span: values at the ends of the colours; a sweep's default holds what is predicted.
        colours: "size" (dark is small), "sign" (white is 0), or a colour for each whole number.
        names: of the whole numbers. letters: short ones, written into few cells.
        given: what is there besides.
        ticks: places along the columns and their words.
        written: every so-manieth column has its numbers written into its cells, if not 0.
        down: whether the first row is on top.
        hover: what is said of a cell, with %{x}, %{y} and %{z}. said: of all of them.
        decades: sweep: whether the numbers are logarithms, and the colours counted in decades.
        contour: sweep: a height at which the run's contour is drawn.
        tall: sweep: whether it takes two rows of the page.
    """

    of: str = ""
    _: KW_ONLY
    theory: Values | None = None
    rows: Values = ""
    columns: Values = ""
    x: Text = ""
    span: tuple[Number, Number] | None = None
    colours: Literal["size", "sign"] | tuple[str, ...] = "size"
    names: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    given: tuple[Given, ...] = ()
    ticks: Callable[[Known], Mapping[float, str]] | None = None
    written: int = 0
    down: bool = False
    hover: str = ""
    said: str = ""
    decades: bool = False
    contour: Number | None = None
    tall: bool = False


@dataclass(frozen=True)
class Bespoke(Picture):
    """A picture no word can say, by its name in `app.figures.bespoke`."""

    of: str = ""
