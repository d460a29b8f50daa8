"""All that is measured on a card, in the order of what matters most."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from app.bench.gpu.budget import measured
from app.bench.gpu.defaults import defaults
from app.bench.gpu.frames import frames
from app.bench.gpu.large import diagrams, nets, prediction
from app.bench.gpu.peer import peer
from app.bench.gpu.record import Record, place
from app.bench.gpu.section import Section
from app.bench.gpu.size import REHEARSAL_SECONDS, SECONDS, SMALL, WHOLE, Card
from app.bench.gpu.streaming import seeds, shares
from app.bench.gpu.summary import summary
from app.bench.gpu.verdicts import verdicts
from app.bench.gpu.versions import kind, versions
from sims.core.devices import has_gpu
from sims.core.files import check_writable

REHEARSAL = (
    "A rehearsal: the CPU stands in the place of the GPU, and no number below is one of a card."
)
CACHE = "LMX_CACHE_DIR"


def report(
    console: Console, folder: Path, *, rehearse: bool = False, seconds: float | None = None
) -> Path:
    """Measure the card of this machine, or rehearse it; returns the file with what was measured.

    Raises:
        ValueError: there is no card and it is no rehearsal, or the folder cannot be written to.
    """
    if not rehearse and not has_gpu():
        raise ValueError(
            "There is no gpu on this machine: --rehearse goes through it on the CPU, in small."
        )
    if not folder.is_dir():
        raise ValueError(f"The folder {folder} does not exist.")
    card = Card("cpu", True, SMALL) if rehearse else Card("gpu", False, WHOLE)
    file = place(folder, kind(card), rehearse)
    check_writable(file)
    if rehearse:
        console.print(f"[bold]{REHEARSAL}[/]")
    budget = seconds or (REHEARSAL_SECONDS if rehearse else SECONDS)
    with _nothing_compiled(), Record(console, file, card.said, rehearse) as record:
        measured(sections(card), record, budget)
        # counted when there is nothing left to count, whatever the time
        last = Section("summary", 1.0, summary(tuple(record.rows), card))
        measured([last], record, float("inf"))
    console.print(f"Written: {file}")
    return file


def sections(card: Card) -> list[Section]:
    """The sections; each begins when the share of the time before it is over."""
    # sweeps early: their first time is one only before others have built the same programs
    table = [
        *shares(card), *diagrams(card), *seeds(card), *nets(card), *prediction(card), *peer(card),
    ]  # fmt: skip
    return [
        versions(card), Section("targets", 0.45, table), defaults(card), verdicts(card),
        frames(card),
    ]  # fmt: skip


@contextlib.contextmanager
def _nothing_compiled() -> Iterator[None]:
    """An empty cache of programs, so that a first time is a first time on every machine."""
    before = os.environ.get(CACHE)
    with tempfile.TemporaryDirectory(prefix="lmx-bench-") as folder:
        os.environ[CACHE] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ[CACHE]
            else:
                os.environ[CACHE] = before
