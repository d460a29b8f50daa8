"""A whole view: its hero, its panels, its numbers, its sweeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from sims.view.guess import Guess
from sims.view.marks import TIME, Clock, Contour, Derived, Known, Moment, Text, Tile
from sims.view.panels import Picture

Tiles = Callable[[Known], Sequence[Tile]]


@dataclass(frozen=True)
class View:
    """All that a page draws of an experiment.

    Attributes:
        hero: the panel that is drawn large. panels: the others, in order.
        tiles: predicted numbers. moments: predicted times.
        guess: what a reader is asked before theory is shown; default: the hero's curve, where it
            is one.
        legend: words for theory, second_theory, run, predicted, in place of the usual ones.
        derived: run quantities computed for the screen, by name.
        sweep: panels of a sweep over one knob: (knob) -> Laws and Differences; tiles among them
            may follow from the prediction.
        grid: panels of a sweep over two knobs.
    """

    hero: Picture | Callable[[Known], Picture]
    panels: Sequence[Picture] | Callable[[Known], Sequence[Picture]] = ()
    tiles: Sequence[Tile] | Tiles = ()
    moments: tuple[Moment, ...] = ()
    _: KW_ONLY
    clock: Clock = TIME
    guess: Guess | None = None
    legend: Mapping[str, Text] = field(default_factory=dict)
    derived: Mapping[str, Derived] = field(default_factory=dict)
    sweep: Callable[[str], Sequence[Picture | Tile | Tiles]] | None = None
    grid: Callable[[tuple[str, ...]], Sequence[Picture | Tile | Contour]] | None = None
