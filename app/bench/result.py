"""What a measurement gives: numbers, and the targets that some of them should reach."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TARGETS: Mapping[str, Mapping[str, str]] = {
    "saddle_to_saddle/linear_network": {"streamed": ">= 0.95"},
    "lazy_rich/two_layer_network": {
        "streamed": ">= 0.95", "prediction": "<= 150", "run": "<= 0.3",
    },
    "lazy_rich/phase_diagram": {"sweep": "<= 4"},
    "neural_collapse/free_features": {
        "streamed": ">= 0.95", "prediction": "<= 50", "streamed speed": ">= 50000",
    },
    "neural_collapse/real_network": {"run": "<= 6"},
    "grokking/linear_estimator": {"run": "<= 2"},
    "grokking/modular_addition": {
        "streamed": ">= 0.95", "run": "<= 8", "streamed speed, p = 23": ">= 4000",
    },
    "grokking/weight_decay_timing": {"run": "<= 3"},
    "grokking/fourier_staircase": {"run": "<= 10"},
    "grokking/phase_diagram": {"sweep": "<= 30"},
}  # fmt: skip
"""What some of the numbers should reach: shares, steps a second, milliseconds of a prediction,
seconds of a run or sweep."""


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    repeats: int = 9
    clients: int = 16
    seconds: float = 10.0
    sweep_seeds: int = 8
    browser: bool = True


TINY = Size(repeats=1, clients=2, seconds=0.5, sweep_seeds=1, browser=False)


@dataclass(frozen=True)
class Result:
    """One number, and the target it should reach (`>= 0.95`) if there is one."""

    name: str
    value: float
    unit: str = ""
    target: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without one."""
        if not self.target:
            return None
        sign, wanted = self.target.split()
        return self.value >= float(wanted) if sign == ">=" else self.value <= float(wanted)


def median_seconds(work: Callable[[Any], Any], inputs: Sequence[Any]) -> float:
    """The median time that some work takes, input by input."""
    taken = []
    for one in inputs:
        start = time.perf_counter()
        work(one)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
