"""Readers coming and going for minutes: what the server holds may not grow."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.bench.crowd import arrived_first, left_over, troubles
from app.bench.load import visited
from app.bench.result import Result
from app.bench.visit import Visit
from app.bench.watch import Sample, Watch
from app.explorer import started

QUICK = (
    "saddle_to_saddle/linear_network",
    "saddle_to_saddle/diagonal_network",
    "lazy_rich/two_layer_network",
    "grokking/linear_estimator",
)
"""Pages whose default run is a matter of seconds."""


@dataclass(frozen=True)
class Rhythm:
    """How readers come and go: a new one on each seat every `stay` seconds, at a quick pace.

    One in `restless` leaves before its run is over.
    """

    seats: int = 20
    stay: float = 8.0
    pace: float = 4.0
    restless: int = 3
    settling: float = 30.0
    """Seconds in which the server should have as few threads as before, once all have gone."""
    warm_up: float = 60.0
    """Seconds more, before memory counts; Streamlit keeps up to 128 sessions of who has left."""


def visits(seconds: float, rhythm: Rhythm, experiments: Sequence[str] = QUICK) -> list[Visit]:
    """All visits of all seats, each with a seed of its own."""
    made = []
    for k in range(int(seconds / rhythm.stay)):
        for seat in range(rhythm.seats):
            i = k * rhythm.seats + seat
            opens = rhythm.stay * (k + seat / rhythm.seats)
            stays = rhythm.stay * (0.4 if i % rhythm.restless == 0 else 0.9)
            made.append(
                Visit(
                    experiments[i % len(experiments)], f"seed={i}", opens,
                    pace=rhythm.pace, leaves=opens + stays,
                )
            )  # fmt: skip
    return made


def soak(minutes: float, rhythm: Rhythm | None = None) -> Iterator[Result]:
    """So many minutes of coming and going, and what it left."""
    rhythm = rhythm or Rhythm()
    with started() as explorer:
        quiet = arrived_first(explorer)
        with Watch(explorer.pid) as watch:
            seen = visited(explorer.url, visits(rhythm.warm_up + 60 * minutes, rhythm)).seen
        yield Result("readers who came and went", len(seen))
        yield from troubles(seen)
        yield Result("of them with verdicts", sum(one.has_verdicts for one in seen))
        yield from growth(watch.samples, rhythm.warm_up)
        yield from left_over(explorer, seen, quiet, rhythm.settling)


def growth(samples: Sequence[Sample], warm_up: float) -> Iterator[Result]:
    """Memory of the server after its warm-up: the last third over the first, and the most."""
    counted = [s for s in samples if s.at - samples[0].at >= warm_up]
    third = max(1, len(counted) // 3)
    first, last = (
        statistics.median(s.memory for s in part) for part in (counted[:third], counted[-third:])
    )
    yield Result("memory, first third", first / 1e9, "GB")
    yield Result("memory, last third", last / 1e9, "GB")
    yield Result("memory, last third over first", last / first, "", "<= 1.05")
    yield Result("most memory of the server", max(s.memory for s in samples) / 1e9, "GB")
