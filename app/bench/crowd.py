"""A class of readers: all open a page, all press Run at the page's own pace, all get verdicts."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import psutil

from app.bench.load import Load, visited
from app.bench.result import Result
from app.bench.visit import Seen, Visit
from app.bench.watch import Sample, Watch, sampled
from app.explorer import Explorer, started

PLAIN = "saddle_to_saddle/linear_network"
"""The page that is quick to show and to run."""
GONE_WITHIN, ENDED_WITHIN = 5.0, 20.0
"""Seconds after the last reader has left in which jobs and sockets of theirs should be gone, and
threads, which wait for other work for 10 s."""
FIRST_PATIENCE = 120.0
"""Seconds a server that has just started gets for its first page and run."""
PROBE = 10.0
"""Seconds to ask for a file."""


@dataclass(frozen=True)
class Times:
    """Seconds in which all open their page, and in which all press then.

    `patience` is how long after that the last leaves, `ending` how long threads may outlive them.
    """

    opening: float = 60.0
    pressing: float = 60.0
    patience: float = 300.0
    ending: float = ENDED_WITHIN


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
    times = times or Times()
    planned = visits(experiments, count, times)
    with started() as explorer:
        quiet = arrived_first(explorer)
        with Watch(explorer.pid) as watch:
            load = visited(explorer.url, planned)
        yield from reached(load.seen)
        yield from waited(load.seen, "<= 3" if set(experiments) == {PLAIN} else "")
        yield from burden(load, watch)
        yield from left_over(explorer, load.seen, quiet, times.ending)


def arrived_first(explorer: Explorer) -> Sample:
    """Let one reader come and go; the server then has whatever it keeps for good."""
    visited(explorer.url, [Visit(PLAIN, pace=None, leaves=FIRST_PATIENCE)])
    return settled(explorer, sockets=0)


def settled(
    explorer: Explorer, within: float = GONE_WITHIN, *, sockets: int, threads: int | None = None
) -> Sample:
    """The server once it holds no more than that, or as it is after so many seconds.

    It is asked for a small file now and then: its idle threads end only when another is wanted.
    """
    end, process = time.monotonic() + within, psutil.Process(explorer.pid)
    while True:
        now = sampled(process)
        is_settled = now.sockets <= sockets and (threads is None or now.threads <= threads)
        if is_settled or time.monotonic() >= end:
            return now
        is_there(f"{explorer.url}/lmx/live.css")
        time.sleep(0.1)


def troubles(seen: Sequence[Seen]) -> Iterator[Result]:
    """How many readers were refused or dropped, and every kind of trouble by its name."""
    yield Result("refused or dropped", sum(bool(one.trouble) for one in seen), "", "<= 0")
    kinds = Counter(text for one in seen for text in one.trouble)
    for text, count in kinds.most_common():
        yield Result(f"  {text}", count)


def reached(seen: Sequence[Seen]) -> Iterator[Result]:
    """How many were served to the end."""
    yield from troubles(seen)
    judged = sum(one.has_verdicts for one in seen)
    yield Result("runs that ended in verdicts", judged, "", f">= {len(seen)}")


def waited(seen: Sequence[Seen], target: str = "") -> Iterator[Result]:
    """What readers waited for, and how alike equals were treated."""
    for words, begin, end in (
        ("page asked for to prediction", "asked", "ready"),
        ("Run to first rows", "pressed", "first_rows"),
        ("Run to verdicts", "pressed", "judged"),
    ):
        taken = seconds_from(seen, begin, end)
        if taken:
            wanted = target if words == "Run to first rows" else ""
            yield Result(f"{words}, half of all within", quantile(taken, 0.5), "s")
            yield Result(f"{words}, 95 % within", quantile(taken, 0.95), "s", wanted)
    alike = [quickest / slowest for quickest, slowest in _extremes(seen) if quickest < np.inf]
    if alike:
        words = "quickest over slowest of equals, Run to verdicts"
        yield Result(words, min(alike), "", ">= 0.9")


def _extremes(seen: Sequence[Seen]) -> Iterator[tuple[float, float]]:
    """Shortest and longest time from Run to verdicts, among readers of the same settings."""
    for group in equals(seen):
        taken = seconds_from(group, "pressed", "judged")
        if len(taken) > 1:
            yield min(taken), max(taken)


def seconds_from(seen: Sequence[Seen], begin: str, end: str) -> list[float]:
    """What each waited who began to; for ever where the end never came."""
    waits = [one.since(begin, end) for one in seen if getattr(one, begin) is not None]
    return [float("inf") if wait is None else wait for wait in waits]


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of all do not exceed; one of them, since some may be infinite."""
    return float(np.quantile(values, share, method="inverted_cdf"))


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
    yield from cores(load, watch)


def cores(load: Load, watch: Watch) -> Iterator[Result]:
    """Who kept the machine busy; what others took, the server could not have."""
    yield Result("cores of the server", watch.cores)
    yield Result("cores of the readers themselves", load.cores)
    yield Result("cores of everything else here", watch.others(load.cores))


def left_over(
    explorer: Explorer, seen: Sequence[Seen], quiet: Sample, threads_within: float
) -> Iterator[Result]:
    """What was still there some seconds after all had gone."""
    after = settled(explorer, sockets=quiet.sockets)
    files = [f"{explorer.url}/files/{token}/run.json" for one in seen for token in one.tokens]
    yield Result("jobs left", sum(map(is_there, files)), "", "<= 0")
    yield Result("sockets left", max(0, after.sockets - quiet.sockets), "", "<= 0")
    after = settled(explorer, threads_within, sockets=quiet.sockets, threads=quiet.threads)
    yield Result("threads left", max(0, after.threads - quiet.threads), "", "<= 0")


def is_there(address: str) -> bool:
    """Whether the server has such a file; of a job it has one for as long as it has the job."""
    try:
        urllib.request.urlopen(address, timeout=PROBE).close()
    except urllib.error.HTTPError as error:
        error.close()
        return False
    return True
