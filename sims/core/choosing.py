"""Which device computes a run: measured once for a net of that size, and remembered."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from sims.core.devices import chosen_device
from sims.core.experiment import Experiment, Task
from sims.core.memory import OutOfMemory
from sims.core.programs import first
from sims.core.simulation import SLICE, Run

MOST = 512
"""Measurements that are remembered."""


@dataclass(frozen=True)
class Chosen:
    """A device and how many times faster than the other it was; 0 where there is no other."""

    name: str
    times: float = 0.0

    @property
    def words(self) -> str:
        """What a page says: `cpu, 3 times faster here than the gpu`."""
        if not self.times:
            return self.name
        other = "gpu" if self.name == "cpu" else "cpu"
        if math.isinf(self.times):
            return f"{self.name}, as the {other} has no room for it"
        if self.times < 1.5:
            return f"{self.name}, here about as fast as the {other}"
        return f"{self.name}, {self.times:.2g} times faster here than the {other}"


_measured: dict[Hashable, Chosen] = {}
_guard = threading.Lock()


def settled(name: str, size: Hashable, trial: Callable[[str], Run]) -> Chosen:
    """The cpu or gpu a run is computed on; `auto` measures where there is a choice.

    Tiny nets are often faster on the CPU; many seeds and sweeps are where an accelerator pays.
    `size` is what the time of a step depends on, `trial` lays out a run on a device.

    Raises:
        ValueError: as `chosen_device`.
    """
    chosen = chosen_device(name)
    if chosen != "auto":
        return Chosen(chosen)
    with _guard:
        known = _measured.get(size)
    if known is None:
        known = faster({device: seconds_a_step(trial(device)) for device in ("cpu", "gpu")})
        with _guard:
            _measured[size] = known
            while len(_measured) > MOST:
                del _measured[next(iter(_measured))]
    return known


def faster(seconds: dict[str, float]) -> Chosen:
    """The device that takes less for the same work."""
    name = min(seconds, key=lambda one: seconds[one])
    return Chosen(name, max(seconds.values()) / seconds[name])


def seconds_a_step(trial: Run) -> float:
    """What a step of all its runs side by side takes, by the first chunks of them.

    Infinitely long on a gpu that has no room for them.
    """
    try:
        trial.advance(0.0)
        trial.advance(SLICE)
    except OutOfMemory:
        if trial.device == "cpu":
            raise
        return math.inf
    return trial.device_seconds / max(1, trial.steps_done)


def size_of(experiment: Experiment, params: Any, tasks: Sequence[Task]) -> Hashable:
    """What the time of a step depends on: shapes, types and how many runs there are."""
    one = first(params)
    shapes = tuple((name, np.shape(value)) for name, value in tasks[0].items())
    return experiment, jax.tree.structure(one), experiment.dtype(one), len(tasks), shapes


__all__ = ["Chosen", "faster", "seconds_a_step", "settled", "size_of"]
