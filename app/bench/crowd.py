"""A class of readers: all open a page, all press Run at the page's own pace, all get verdicts."""

from __future__ import annotations

import contextlib
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from app.bench.explorer import Explorer, started
from app.bench.load import Load, visited
from app.bench.result import Result
from app.bench.visit import Seen, Visit
from app.bench.watch import Sample, Watch, sampled

PLAIN = "saddle_to_saddle/linear_network"
"""The page that is quick to show and to run."""
GONE_WITHIN = 5.0
"""Seconds after the last reader has left in which everything of theirs should be gone."""
PROBE = 10.0


@dataclass(frozen=True)
class Times:
    """Seconds in which all open their page, in which all press then, and until the last leaves."""

    opening: float = 60.0
    pressing: float = 60.0
    patience: float = 120.0


def visits(experiments: Sequence[str], count: int, times: Times) -> list[Visit]:
    """So many readers, evenly over the seconds, the experiments in turn, every seed its own."""
    ends = times.opening + times.pressing + times.patience
    return [
        Visit(
            experiments[i % len(experiments)],
            query=f"seed={i}",
            opens=times.opening * i / count,
            presses=times.opening + times.pressing * i / count,
            leaves=ends,
        )
        for i in range(count)
    ]


def crowd(experiments: Sequence[str], count: int, times: Times | None = None) -> Iterator[Result]:
    """So many readers of these experiments, and what is left of them when they have gone."""
    planned = visits(experiments, count, times or Times())
    with started() as explorer:
        quiet = at_rest(explorer)
        with Watch(explorer.pid) as watch:
            load = visited(explorer.url, planned)
            after = watch.until(GONE_WITHIN, quiet)
        yield from reached(load.seen)
        yield from waited(load.seen, "<= 3" if set(experiments) == {PLAIN} else "")
        yield from burden(load, watch)
        yield from left_over(explorer.url, load.seen, quiet, after)


def at_rest(explorer: Explorer) -> Sample:
    """The server once a first reader has come and gone: all that it holds for good is there."""
    visited(explorer.url, [Visit(PLAIN, pace=None, leaves=PROBE * 6)])
    with Watch(explorer.pid) as watch:
        return watch.until(GONE_WITHIN, _without_sockets(sampled(watch.process)))


def _without_sockets(sample: Sample) -> Sample:
    from dataclasses import replace

    return replace(sample, sockets=0)


def reached(seen: Sequence[Seen]) -> Iterator[Result]:
    """How many were served to the end; every kind of trouble by its name."""
    kinds = Counter(text for one in seen for text in one.trouble)
    yield Result("refused or dropped", sum(bool(one.trouble) for one in seen), "", "<= 0")
    for text, count in kinds.most_common():
        yield Result(f"  {text}", count)
    judged = sum(one.has_verdicts for one in seen)
    yield Result("runs that ended in verdicts", judged, "", f">= {len(seen)}")


def waited(seen: Sequence[Seen], target: str = "") -> Iterator[Result]:
    """What readers waited for, and how alike equals were treated."""
    for words, begin, end in (
        ("page asked for to prediction", "asked", "ready"),
        ("Run to first rows", "pressed", "first_rows"),
        ("Run to verdicts", "pressed", "judged"),
    ):
        taken = [seconds for one in seen if (seconds := one.since(begin, end)) is not None]
        if taken:
            wanted = target if words == "Run to first rows" else ""
            yield Result(f"{words}, half of all within", float(np.median(taken)), "s")
            yield Result(f"{words}, 95 % within", float(np.quantile(taken, 0.95)), "s", wanted)
    alike = [quickest / slowest for quickest, slowest in _extremes(seen)]
    if alike:
        words = "quickest over slowest of equals, Run to verdicts"
        yield Result(words, min(alike), "", ">= 0.9")


def _extremes(seen: Sequence[Seen]) -> Iterator[tuple[float, float]]:
    """Shortest and longest time from Run to verdicts, among readers of the same settings."""
    for group in equals(seen):
        taken = [t for one in group if (t := one.since("pressed", "judged")) is not None]
        if len(taken) > 1:
            yield min(taken), max(taken)


def equals(seen: Sequence[Seen]) -> list[list[Seen]]:
    """Readers of the same settings together, whatever their seeds."""
    ordered = sorted(seen, key=lambda one: one.visit.settings)
    return [list(group) for _, group in groupby(ordered, key=lambda one: one.visit.settings)]


def burden(load: Load, watch: Watch) -> Iterator[Result]:
    """What it took of the machine."""
    frames = sum(one.frames for one in load.seen)
    size = sum(one.bytes for one in load.seen)
    yield Result("bytes a frame", size / max(1, frames), "B")
    yield Result("most memory of the server", watch.peak, "GB", "<= 2.5")
    yield Result("cores of the server", watch.cores)
    yield Result("cores of the readers themselves", load.cores)


def left_over(
    url: str, seen: Sequence[Seen], quiet: Sample, after: Sample
) -> Iterator[Result]:
    """What was still there some seconds after all had gone."""
    tokens = [token for one in seen for token in one.tokens]
    yield Result("jobs left", sum(has_job(url, token) for token in tokens), "", "<= 0")
    yield Result("sockets left", after.sockets - quiet.sockets, "", "<= 0")
    yield Result("threads left", after.threads - quiet.threads, "", "<= 0")


def has_job(url: str, token: str) -> bool:
    """Whether the server still has that job: only then does it have a file of it."""
    with contextlib.suppress(urllib.error.HTTPError):
        urllib.request.urlopen(f"{url}/files/{token}/run.json", timeout=PROBE).close()
        return True
    return False
