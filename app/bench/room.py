"""A class in a room: all join, all guess, and one run is played to all."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from app.bench.crowd import quantile
from app.bench.result import Result
from app.bench.students import Lesson, Plan, Student
from app.bench.watch import Watch
from app.explorer import environment, started

LINK = "saddle_to_saddle-linear_network?guess=first"
SECONDS = 5.0
"""Seconds over which the students come."""


def room(count: int, seconds: float = SECONDS) -> Iterator[Result]:
    """So many students in one room, who guess as soon as they are asked."""
    with started() as explorer, Watch(explorer.pid) as watch:
        seen = held(Plan(explorer.url, LINK, count, seconds))
    yield from told(seen)
    begun, over = seen.began, max([seen.pressed, *_all(seen.students, "starts")])
    loop = watch.loop_cpu(begun, over) / max(1e-9, over - begun)
    yield Result("the event loop's share of a core meanwhile", loop)
    yield Result("cores of the students themselves", seen.cores)
    yield Result("most memory of the server", watch.peak, "GB", "<= 2.5")


def held(plan: Plan) -> Lesson:
    """What the students of a plan saw.

    Raises:
        subprocess.CalledProcessError: the process of the students failed.
    """
    done = subprocess.run(
        [sys.executable, "-m", "app.bench.students"],
        input=json.dumps(asdict(plan)), stdout=subprocess.PIPE, text=True, check=True,
        env=environment(),
    )  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])
    return Lesson(**{**found, "students": [Student(**one) for one in found["students"]]})


def told(seen: Lesson) -> Iterator[Result]:
    """What of it came, and when."""
    students = seen.students
    for words, name in (
        ("did not join", "joined"),
        ("were not asked", "asked"),
        ("guesses that did not come to the wall", "on_wall"),
        ("did not get the run", "fetched"),
        ("were not told their rank", "rank"),
    ):
        yield Result(words, len(students) - len(_all(students, name)), "", "<= 0")
    yield Result("guesses missing in the table", len(students) - seen.rows, "", "<= 0")
    for text, count in Counter(one.trouble for one in students if one.trouble).most_common():
        yield Result(f"  {text}", count)
    waits = _since(students, "guessed", "on_wall")
    if waits:
        yield Result("guess to wall, half of all within", quantile(waits, 0.5), "s")
        yield Result("guess to wall, 95 % within", quantile(waits, 0.95), "s", "<= 1")
    starts = _all(students, "starts")
    if starts:
        yield Result("from the press to the last start", max(starts) - seen.pressed, "s")
        yield Result("from the first start to the last", max(starts) - min(starts), "s", "<= 1")
        yield Result("from the first to join to the last start", max(starts) - seen.began, "s")
    size = sum(one.bytes for one in students) / max(1, len(students))
    yield Result("bytes a student", size / 1e3, "kB")


def _all(students: Sequence[Student], name: str) -> list[float]:
    return [value for one in students if (value := getattr(one, name)) is not None]


def _since(students: Sequence[Student], begin: str, end: str) -> list[float]:
    return [
        getattr(one, end) - getattr(one, begin)
        for one in students
        if getattr(one, begin) is not None and getattr(one, end) is not None
    ]
