"""What stands in panels and beside them: levels, moments, the clock, tiles, what is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr

Known = Mapping[str, Any]
"""A prediction's numbers by name: variables, coordinates and attributes of the first seed.

Single numbers are floats; all else are arrays (record, ...), (snapshot, ...) or (...). An attribute
of a variable is called a.b, by both names; the tolerance of a claim tolerance_ and its name, where
it is known.
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
    word: Text = ""
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
        time_word: what the page calls the time that goes by, where it is none ("width").
        step_word: what it calls one step, where that trains nothing ("neuron").
    """

    title: str = r"time $t = \eta n$"
    counts: Literal["time", "step"] = "time"
    scale: Literal["linear", "log"] | Callable[[Known], str] = "linear"
    end: Callable[[Known], float] | None = None
    unit: Number | None = None
    switches: bool = False
    other: tuple[str, str, Number] | None = None
    time_word: str = "time"
    step_word: str = "step"


TIME = Clock()
FLOW_TIME = Clock("time $t$")
STEPS = Clock("step $n$", "step")
LOG_TIME = Clock(scale="log", switches=True)
LOG_STEPS = Clock("step $n$", "step", "log", switches=True)


@dataclass(frozen=True)
class Given:
    """What the task gives, at places of a panel: targets, true weights, the teacher.

    A `band` is the area that its places go round, shaded below all else; what is `dashed` is a
    line of theory's.
    """

    x: Values
    y: Values
    name: str = ""
    mark: Literal["circle", "bar", "cross", "line", "ring", "thin", "band", "dashed"] = "circle"


@dataclass(frozen=True)
class Contour:
    """A predicted line on every map of a sweep over two knobs.

    Attributes:
        of: a value of the second knob for each of the first, where the line passes.
        name: of the line. second: whether it is a second theory's.
    """

    of: Values
    name: str = ""
    _: KW_ONLY
    second: bool = False


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
        between: run variable with the two ends between which a measured moment lies.
        follows: likewise, one that is measured anew with every row.
        claim: the claim it belongs to; default: the variable's own.
        hue: colour of the curve it belongs to, (k, of).
        when: what must be predicted for it to be there; a number that is NaN is left out.
    """

    of: Number | Text
    words: Text
    line: Text = ""
    _: KW_ONLY
    symbol: str | None = None
    unit: str | None = None
    places: int | Callable[[float], int] = 3
    digits: int | None = None
    measured: str | None = None
    between: str = ""
    follows: str = ""
    claim: str | None = None
    hue: tuple[int, int] | None = None
    when: Condition = ""
