"""Runs that a device or this machine has no room for: what is said of them, and what would fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar, cast, runtime_checkable

import jax

from sims.core.devices import device_named

P = ParamSpec("P")
R = TypeVar("R")

EXHAUSTED = "RESOURCE_EXHAUSTED"
"""How XLA begins what it says where memory does not suffice."""
ASKED = re.compile(
    r"allocat\w*(?: request for)? ([\d.]+)\s*([KMGT]i?)?B?(?:ytes)?\b", re.IGNORECASE
)
"""The bytes it wanted, in one of the ways it says that."""
DRAWN, HELD, TOLD = 3, 4, 3
"""Times that a task (drawn, side by side, on the device), a state (with its gradients and what is
under way) and what is recorded (while it is computed, kept, judged) are there at once: generous."""
UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


@runtime_checkable
class Trained(Protocol):
    """Whatever trains so many runs side by side on a device."""

    device: str
    seeds: int


class OutOfMemory(ValueError):
    """A device has no room for a run; one sentence, with what would fit."""


@dataclass(frozen=True)
class Lane:
    """Bytes of one of the runs side by side: its task, its state, a record and a snapshot."""

    task: int
    state: int = 0
    record: int = 0
    snapshot: int = 0

    def needs(self, records: int = 0, snapshots: int = 0) -> int:
        """Bytes of the host that one whole run takes, with so many records and snapshots."""
        told = records * self.record + snapshots * self.snapshot
        return DRAWN * self.task + HELD * self.state + TOLD * told


def check(runs: int, each: int) -> None:
    """Refuse runs side by side that together want more memory than this machine has free.

    Raises:
        OutOfMemory: with how many would fit.
    """
    free = available()
    if runs * each > free:
        raise OutOfMemory(f"{_full('machine', runs, runs * each, 'asked for', free)}.")


def available() -> int:
    """Bytes of this machine that are free, or would be if they were needed."""
    import psutil

    return int(psutil.virtual_memory().available)


def fitted(method: Callable[P, R]) -> Callable[P, R]:
    """The method of a run, which raises `OutOfMemory` where its device has no room for it."""

    @wraps(method)
    def call(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return method(*arguments, **named)
        except jax.errors.JaxRuntimeError as error:
            if EXHAUSTED not in str(error):
                raise
            raise OutOfMemory(words(str(error), cast(Any, arguments[0]))) from error

    return call


def words(said: str, run: Trained) -> str:
    """What a reader is told of what XLA said, with what would fit."""
    stats: Mapping[str, int] = device_named(run.device).memory_stats() or {}
    wanted, free = asked(said), None
    if "bytes_limit" in stats:
        free = stats["bytes_limit"] - stats.get("bytes_in_use", 0)
    other = ", or choose the device cpu" if run.device != "cpu" else ""
    return f"{_full(run.device, run.seeds, wanted, 'more asked for', free)}{other}."


def _full(where: str, runs: int, wanted: float | None, how: str, free: float | None) -> str:
    """That it has no room for so many runs, and what would fit."""
    sizes = [f"{_size(wanted)} {how}"] if wanted else []
    sizes += [f"{_size(free)} free"] if free is not None else []
    ends = f" ({', '.join(sizes)})" if sizes else ""
    what = "this run" if runs == 1 else f"these {runs} runs side by side"
    return f"The {where} has no room for {what}{ends}: {_fits(runs, wanted, free)}"


def _fits(runs: int, wanted: float | None, free: float | None) -> str:
    """What to take instead; memory grows as the runs do, and with each net's size."""
    if runs == 1:
        return "take a smaller net, fewer samples or fewer snapshots"
    if wanted is None or free is None or free >= wanted:
        return f"take at most {runs // 2} at once"  # what is free is in pieces, or not known
    count = int(runs * free / wanted)
    return f"about {max(1, count)} at once would fit"


def asked(said: str) -> float | None:
    """The bytes XLA wanted, if it says so: `allocate 1073741824 bytes`, `allocate 16.00GiB`."""
    found = ASKED.search(said)
    if found is None:
        return None
    return float(found[1]) * UNITS[(found[2] or "").upper().removesuffix("I")]


def _size(size: float) -> str:
    return f"{size / 2**30:.2g} GiB" if size >= 2**27 else f"{size / 2**20:.2g} MiB"


__all__ = ["Lane", "OutOfMemory", "available", "check", "fitted", "words"]
