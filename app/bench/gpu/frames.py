"""What a reader gets of a run on the card: frames a second over the live channel."""

from __future__ import annotations

from collections.abc import Iterator

from app.bench.gpu.section import Measurement, Row, Section
from app.bench.gpu.size import Card

LEAVES = 60.0
KNOBS = {"d_in": 64, "d_out": 64, "width": 128, "eta": 1e-4, "horizon": 4}
SMALL_KNOBS = {"d_in": 3, "d_out": 2, "width": 3, "spectrum": "2,1", "eta": 1e-3}


def frames(card: Card) -> Section:
    """The section."""
    return Section("live channel", 0.95, [Measurement("one reader", lambda: _frames(card))])


def _frames(card: Card) -> Iterator[Row]:
    from app.bench.crowd import PLAIN
    from app.bench.load import visited
    from app.bench.visit import Visit
    from app.explorer import started

    knobs = SMALL_KNOBS if card.size.is_small else KNOBS
    query = "&".join(f"{name}={value}" for name, value in knobs.items())
    with started(card.device) as explorer:
        seen = visited(explorer.url, [Visit(PLAIN, query, pace=None, leaves=LEAVES)]).seen[0]
    times = seen.frame_times
    if seen.trouble or seen.judged is None:
        raise ValueError("; ".join(seen.trouble) or "The run was not over in time.")
    lasted = times[-1] - times[0]
    yield {
        "frames": len(times),
        "frames_per_second": (len(times) - 1) / lasted if lasted else None,
        "steps_per_second": (seen.steps[-1] - seen.steps[0]) / lasted if lasted else None,
        "bytes_per_frame": seen.bytes / seen.frames,
        "run_to_first_rows_seconds": seen.since("pressed", "first_rows"),
    }
