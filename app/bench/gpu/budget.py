"""What is measured in which order while there is time, and what is left out when it is over."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from app.bench.gpu.record import Record
from app.bench.gpu.section import Measurement, Section
from sims.core.blame import place, worded
from sims.core.sentences import one_line

MOST_SAID = 400

log = logging.getLogger("lmx")


def measured(
    sections: Sequence[Section],
    record: Record,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Measure section by section, each until its share of the time is over, then what is left.

    A measurement that has begun is not cut short. One that fails is a row with a sentence.
    """
    began = clock()
    left: list[tuple[Section, list[Measurement]]] = []
    for section in sections:
        waiting = list(section.measurements)
        while waiting and clock() - began < section.until * seconds:
            _measured(section, waiting.pop(0), record)
        left.append((section, waiting))
    for section, waiting in left:
        while waiting and clock() - began < seconds:
            _measured(section, waiting.pop(0), record)
        if waiting:
            names = [measurement.name for measurement in waiting]
            record.add(section.title, {"name": "no time", "left_out": names})


def _measured(section: Section, measurement: Measurement, record: Record) -> None:
    start = time.perf_counter()
    try:
        for row in measurement.rows():
            record.add(section.title, {"name": measurement.name, **row})
    except Exception as error:  # whatever one measurement meets, the others are made
        log.info("%s was not measured", measurement.name, exc_info=error)
        failed = one_line(worded(error), MOST_SAID)
        took, where = time.perf_counter() - start, place(error, lambda _: True)
        row = {"name": measurement.name, "failed": failed, "at": where, "taken_seconds": took}
        record.add(section.title, row)
