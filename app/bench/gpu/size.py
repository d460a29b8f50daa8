"""How much is measured on a card, and how little in a rehearsal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sims.core.experiment import Experiment
from sims.core.knobs import axis, knobs_of

SECONDS, REHEARSAL_SECONDS = 400.0, 45.0
"""Time for everything, unless another is asked for."""


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        experiments: those that are visited; empty for all.
        presets: how many of each; None for all.
        seeds: how many run side by side, by turns.
        run_seconds: the longest that a run is followed.
        repeats: of a speed, whose median counts.
        points: values of each axis of a sweep; None for all.
        peer_steps: steps that another framework is timed over.
        is_small: nets are small too.
    """

    experiments: tuple[str, ...] = ()
    presets: int | None = None
    seeds: tuple[int, ...] = (1, 64, 256)
    run_seconds: float = 4.0
    repeats: int = 3
    points: int | None = None
    peer_steps: int = 1000
    is_small: bool = False

    def axes(self, experiment: Experiment, over: Mapping[str, Any]) -> dict[str, str]:
        """Those of a sweep, with no more values than are measured."""
        if self.points is None:
            return dict(over)
        knobs = knobs_of(experiment.Params)
        values = {name: axis(knobs[name], text)[: self.points] for name, text in over.items()}
        return {name: ",".join(str(v.item()) for v in found) for name, found in values.items()}


WHOLE = Size()
SMALL = Size(
    experiments=(
        "saddle_to_saddle/linear_network", "edge_of_stability/scalar_models",
        "lazy_rich/phase_diagram",
    ),
    presets=1, seeds=(1, 3), run_seconds=0.5, repeats=1, points=2, peer_steps=20, is_small=True,
)  # fmt: skip


@dataclass(frozen=True)
class Card:
    """What stands for the card: itself, or in a rehearsal the CPU in its place.

    `device` is the word by which runs are given to it.
    """

    device: str
    rehearsal: bool
    size: Size = field(default_factory=Size)

    def called(self, what: str) -> str:
        """What something is called whose size a rehearsal makes small."""
        return f"{what}, made small" if self.size.is_small else what

    @property
    def said(self) -> str:
        """How rows name it."""
        return "cpu in place of a gpu" if self.rehearsal else self.device
