"""What a reader is asked to guess before the run, and where in the picture the answer goes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from sims.view.marks import Number, Text

GuessKind = Literal["time", "level", "curve"]


@dataclass(frozen=True)
class Guess:
    """One number or one curve of the run that a reader draws before theory is shown.

        View(hero=Curves("loss"), guess=Guess.time("jump_times[0]", "When does the loss drop?"))

    Attributes:
        of: the predicted number, `jump_times[0]`; of what is recorded, its value at the end; of a
            `curve`, the recorded variable, or an entry of it.
        asks: the question, one sentence.
        kind: a place on the time axis, a height, or a whole curve over time.
        panel: the panel it is drawn into, by its id; default: the hero.
        run: what was measured for it; default: `of`.
        unit: what one unit of it is in the units of the panel's axis.
    """

    of: str
    asks: Text
    kind: GuessKind
    _: KW_ONLY
    panel: str = ""
    run: str = ""
    unit: Number = 1.0

    @classmethod
    def time(
        cls, of: str, asks: Text, *, panel: str = "", run: str = "", unit: Number = 1.0
    ) -> Guess:
        """A moment, on the axis of time or of steps."""
        return cls(of, asks, "time", panel=panel, run=run, unit=unit)

    @classmethod
    def level(
        cls, of: str, asks: Text, *, panel: str = "", run: str = "", unit: Number = 1.0
    ) -> Guess:
        """A height."""
        return cls(of, asks, "level", panel=panel, run=run, unit=unit)

    @classmethod
    def curve(cls, of: str, asks: Text, *, panel: str = "", run: str = "") -> Guess:
        """A curve over time."""
        return cls(of, asks, "curve", panel=panel, run=run)


MOST_KNOTS = 64
"""Points of a drawn curve, at most."""
MOST_CHARACTERS = 2000
TAKES = (
    "give a number, as 3.1, or a curve's points, as 0:1,5:0.2, with growing times; "
    "or first, to be asked for one"
)


def guess_of(text: str) -> float | list[tuple[float, float]]:
    """A reader's guess as a link or a file keeps it: a number, or a curve's points.

    Raises:
        ValueError: it is neither, not finite, or too long; in one sentence.
    """
    line = "".join(c if c.isprintable() else " " for c in text[:41])
    short = line if len(text) <= 40 else line[:40] + "…"
    refused = ValueError(f"guess = {short} is not allowed: {TAKES}.")
    if len(text) > MOST_CHARACTERS:
        raise refused
    if ":" not in text:
        return _finite([text], refused)[0]
    points = [part.split(":") for part in text.split(",")]
    if not 2 <= len(points) <= MOST_KNOTS or any(len(point) != 2 for point in points):
        raise refused
    times = _finite([time for time, _ in points], refused)
    if any(b <= a for a, b in itertools.pairwise(times)):
        raise refused
    return list(zip(times, _finite([height for _, height in points], refused), strict=True))


def _finite(texts: Sequence[str], refused: ValueError) -> list[float]:
    try:
        numbers = [float(text) for text in texts]
    except ValueError:
        raise refused from None
    if not all(abs(number) <= 1e300 for number in numbers):
        raise refused
    return numbers
