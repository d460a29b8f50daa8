"""What many runs do together: steps a second of all, against those of one run by itself.

Only what happens while all of them run counts. A run that ends meanwhile leaves its share to the
others, so a number with such a run in it is refused: it would say how long the runs were planned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.bench.alone import Alone, alone, share
from app.bench.crowd import PLAIN, arrived_first, cores, quantile, seconds_from, troubles
from app.bench.load import Load, visited
from app.bench.result import Result
from app.bench.visit import Seen, Visit
from app.bench.watch import Watch
from app.explorer import started

KNOBS: Mapping[str, Any] = {"d_in": 64, "d_out": 64, "width": 128, "eta": 1e-4}
MOST_STEPS = 200_000
"""Of a run of that experiment."""
SECONDS = 10.0
MARGIN = 2.0
"""How much longer than the measurement a run should last."""
PATIENCE = 240.0


class TooShort(Exception):
    """A run ended while all were to be running."""


@dataclass(frozen=True)
class Window:
    """The seconds in which all run."""

    begin: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.begin


def window(seen: Sequence[Seen], seconds: float) -> Window:
    """From when all have rows, for so long.

    Raises:
        TooShort: a reader never had rows, or its run ended in that time or it left.
    """
    firsts = [one.first_rows for one in seen if one.first_rows is not None]
    if len(firsts) < len(seen):
        raise TooShort(f"{len(seen) - len(firsts)} readers never had rows")
    found = Window(max(firsts), max(firsts) + seconds)
    ended = sum(min(_ends(one)) < found.end for one in seen)
    if ended:
        raise TooShort(f"{ended} runs ended inside the window")
    return found


def _ends(one: Seen) -> tuple[float, ...]:
    return tuple(t for t in (one.computed, one.left) if t is not None) or (float("inf"),)


def steps_in(one: Seen, inside: Window) -> float:
    """Training steps of one run in the window, interpolated between its frames."""
    before, after = np.interp([inside.begin, inside.end], one.frame_times, one.steps)
    return float(after - before)


def frames_in(one: Seen, inside: Window) -> int:
    """Frames that came in the window."""
    return sum(inside.begin < at <= inside.end for at in one.frame_times)


def throughput(readers: int, seconds: float = SECONDS) -> Iterator[Result]:
    """So many readers of long runs at the fastest pace."""
    wanted = alone(PLAIN, KNOBS, MARGIN * seconds, readers, MOST_STEPS)
    seconds = min(seconds, wanted.steps / (wanted.speed * share(readers)) / MARGIN)
    yield Result("one run by itself", wanted.speed, "steps/s")
    with started() as explorer:
        arrived_first(explorer)
        with Watch(explorer.pid) as watch:
            load = visited(explorer.url, visits(readers, wanted.steps), seconds + 1.0)
    yield from reached_rows(load.seen)
    try:
        inside = window(load.seen, seconds)
    except TooShort as reason:
        yield Result(f"no number: {reason}", float("nan"))
        return
    yield from shared(load, wanted, inside)
    yield from cost(load, watch, inside)


def one_reader(experiment: str) -> Iterator[Result]:
    """What one reader costs the server at the page's own pace."""
    with started() as explorer:
        arrived_first(explorer)
        with Watch(explorer.pid) as watch:
            load = visited(explorer.url, [Visit(experiment, leaves=PATIENCE)])
    seen = load.seen[0]
    yield from troubles(load.seen)
    if seen.first_rows is None or seen.computed is None or seen.pressed is None:
        yield Result("no number: the run has not ended", float("nan"))
        return
    spent = watch.loop_cpu(seen.pressed, seen.computed)
    yield Result("Run to first rows", 1000 * (seen.first_rows - seen.pressed), "ms")
    yield Result("bytes a frame", seen.bytes / seen.frames, "B", "<= 4000")
    yield Result("server CPU a frame", 1000 * spent / seen.frames, "ms", "<= 2")


def visits(readers: int, steps: int) -> list[Visit]:
    """Equal runs of so many steps, every seed its own."""
    knobs = {**KNOBS, "horizon": f"{steps * KNOBS['eta']:.10g}"}
    query = "&".join(f"{name}={value}" for name, value in knobs.items())
    return [Visit(PLAIN, f"{query}&seed={i}", pace=None, leaves=PATIENCE) for i in range(readers)]


def reached_rows(seen: Sequence[Seen]) -> Iterator[Result]:
    """Trouble, and how long the first rows took after all had pressed Run at once."""
    yield from troubles(seen)
    taken = seconds_from(seen, "pressed", "first_rows")
    if taken:
        yield Result("Run to first rows, 95 % within", quantile(taken, 0.95), "s")


def shared(load: Load, single: Alone, inside: Window) -> Iterator[Result]:
    """Steps of all together, and how evenly they were given."""
    steps = [steps_in(one, inside) for one in load.seen]
    together = sum(steps) / inside.seconds
    yield Result("seconds in which all ran", inside.seconds, "s")
    yield Result("all runs together", together, "steps/s")
    yield Result("all together over one by itself", together / single.speed, "", ">= 0.9")
    if len(steps) > 1:
        yield Result("fewest over most steps", min(steps) / max(1.0, *steps), "", ">= 0.9")


def cost(load: Load, watch: Watch, inside: Window) -> Iterator[Result]:
    """What the frames took of the server while all ran."""
    frames = [frames_in(one, inside) for one in load.seen]
    spent = 1000 * watch.loop_cpu(inside.begin, inside.end) / max(1, sum(frames))
    yield Result("slowest reader", min(frames) / inside.seconds, "frames/s")
    yield Result("server CPU a frame", spent, "ms", "<= 2")
    yield Result("most memory of the server", watch.peak, "GB", "<= 2.5")
    yield from cores(load, watch)
