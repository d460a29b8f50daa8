"""Columns: how a growing run reaches the figures.

Each distinct tag is evaluated into one float32 column as records arrive. The same evaluation fills
finished figures here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from app.figures.panels import Plain
from app.live.server.frames import pack
from app.live.server.handover import hand_over
from app.live.server.tags import Tag, bindings, with_every_seed

MOST_SNAPSHOTS = 120
MOST_SNAPSHOT_BYTES = 4_000_000
LARGEST = float(np.finfo(np.float32).max)
ENTRY_BYTES = 64
"""About what a snapshot's entry in a header takes."""

Arrays = Mapping[str, np.ndarray]
Derived = Mapping[str, Callable[[Arrays, xr.Dataset], np.ndarray]]
ROW_DIMS = ("record", "snapshot")


class Absent(KeyError):
    """A variable a figure asks for is not there (yet)."""


@dataclass
class Source:
    """What tags are evaluated on: a run's arrays so far, (seed, row, ...), and its prediction."""

    records: Arrays
    snapshots: Arrays
    rows: int
    snapshot_rows: int
    prediction: xr.Dataset
    derived: Derived = field(default_factory=dict)
    theory: dict[str, np.ndarray] = field(default_factory=dict)
    _known: dict[str, np.ndarray] = field(default_factory=dict)

    def variable(self, name: str, at: str) -> np.ndarray:
        """A run variable or a derived one, all rows so far.

        Raises:
            Absent: it is not recorded while the run goes on; it may be measured afterwards.
        """
        if name in self.derived:
            if name not in self._known:
                try:
                    made = self.derived[name](self._arrays(), self.prediction)
                except KeyError as missing:
                    raise Absent(*missing.args) from missing
                self._known[name] = np.asarray(made)
            return self._known[name]
        stored = self.records if at == "records" else self.snapshots
        if name not in stored:
            raise Absent(name)
        return stored[name][:, : self.rows if at == "records" else self.snapshot_rows]

    def predicted(self, name: str, start: int, stop: int) -> np.ndarray:
        """The prediction of that name on the same rows, with a seed axis in front."""
        if name not in self.theory:
            if name not in self.prediction:
                raise Absent(name)
            variable = self.prediction[name]
            rows = next(d for d in ROW_DIMS if d in variable.dims)
            front = ("seed", rows) if "seed" in variable.dims else (rows,)
            values = variable.transpose(*front, ...).values
            self.theory[name] = values if front[0] == "seed" else values[None]
        return self.theory[name][:, start:stop]

    def _arrays(self) -> dict[str, np.ndarray]:
        return {
            **{k: v[:, : self.rows] for k, v in self.records.items()},
            **{k: v[:, : self.snapshot_rows] for k, v in self.snapshots.items()},
        }


def evaluated(tag: Tag, source: Source, start: int, stop: int) -> np.ndarray:
    """The tag's numbers on rows start..stop, (row, ...), float32."""
    entry = (slice(None), slice(None), *tag.index)
    stored = source.variable(tag.y, tag.at)[:, start:stop]
    if any(i >= size for i, size in zip(tag.index, stored.shape[2:], strict=False)):
        raise Absent(tag.y)  # a setting beside another one may have fewer modes
    values = stored[entry].astype(np.float64)
    if tag.minus:
        values = values - source.predicted(tag.minus, start, stop)[entry]
    if tag.seed == "band_lo":
        values = np.fmin.reduce(values, axis=0)
    elif tag.seed == "band_hi":
        values = np.fmax.reduce(values, axis=0)
    else:
        values = values[tag.seed if isinstance(tag.seed, int) else 0]
    return np.clip(values * tag.scale, -LARGEST, LARGEST).astype(np.float32)


@dataclass(frozen=True)
class Late:
    """Columns that were only measured once the run was over: which ones, and (column, row)."""

    columns: tuple[int, ...]
    values: np.ndarray


@dataclass(frozen=True)
class Published:
    """What of the columns may be read: rows filled, snapshots kept, and late columns if any."""

    rows: int = 0
    shots: tuple[tuple[np.ndarray, ...], ...] = ()
    late: Late | None = None


class Columns:
    """The columns of one run: each distinct tag once, filled as records arrive.

    One worker fills, forwards only, and then publishes; any thread may read what is published.
    """

    def __init__(
        self, tags: Iterable[Tag], steps: np.ndarray, times: np.ndarray, shot_rows: np.ndarray
    ) -> None:
        """Empty columns for the tags, on a run's whole schedule; `shot_rows` have snapshots."""
        self.all_tags = list(dict.fromkeys(tags))
        self.tags = [t for t in self.all_tags if t.at != "scrub"]
        self.shot_tags = [t for t in self.all_tags if t.at == "scrub"]
        self.steps, self.times = np.asarray(steps, float), np.asarray(times, float)
        self.shot_rows = np.asarray(shot_rows, int)
        self.values = np.full((len(self.tags), len(self.steps)), np.nan, np.float32)
        self.published = Published()
        self.sent: np.ndarray | None = None
        self.ids = ["step", "time", *(f"c{i}" for i in range(len(self.tags)))]
        self._shots_seen = 0

    @property
    def nbytes(self) -> int:
        """Memory of the columns and of the snapshots kept for the browser."""
        return self.values.nbytes + sum(a.nbytes for shot in self.published.shots for a in shot)

    def fill(self, source: Source) -> None:
        """Evaluate every tag on the rows and snapshots that are new, and publish them."""
        known = self.published
        first, self._shots_seen = self._shots_seen, source.snapshot_rows
        for column, tag in zip(self.values, self.tags, strict=True):
            with contextlib.suppress(Absent):
                if tag.at == "snapshots":
                    self._fill_shots(column, tag, source, first)
                elif source.rows > known.rows:
                    rows = slice(known.rows, source.rows)
                    column[rows] = evaluated(tag, source, known.rows, source.rows)
        new = self._new_shots(source, first) if self.shot_tags else ()
        hand_over("columns are filled")
        rows = max(known.rows, source.rows)
        self.published = replace(known, rows=rows, shots=(*known.shots, *new))

    def fill_late(self, source: Source) -> None:
        """Publish the columns of what was only measured once the run was over."""
        rows, found, values = self.published.rows, [], []
        for i, (column, tag) in enumerate(zip(self.values, self.tags, strict=True)):
            if np.isnan(column[:rows]).all():
                fresh = column.copy()
                with contextlib.suppress(Absent):
                    if tag.at == "snapshots":
                        self._fill_shots(fresh, tag, source, 0)
                    else:
                        fresh[:rows] = evaluated(tag, source, 0, rows)
                    found.append(i)
                    values.append(fresh[:rows])
                    hand_over("a late column is filled")
        if found:
            self.published = replace(self.published, late=Late(tuple(found), np.stack(values)))

    def column(self, i: int) -> np.ndarray:
        """The published rows of one column, late or not."""
        known = self.published
        if known.late is not None and i in known.late.columns:
            return known.late.values[known.late.columns.index(i)]
        return self.values[i, : known.rows]

    def _fill_shots(self, column: np.ndarray, tag: Tag, source: Source, first: int) -> None:
        last = source.snapshot_rows
        column[self.shot_rows[first:last]] = evaluated(tag, source, first, last)

    def _new_shots(self, source: Source, first: int) -> tuple[tuple[np.ndarray, ...], ...]:
        found = []
        for k in range(first, source.snapshot_rows):
            shot = tuple(evaluated(t, source, k, k + 1)[0] for t in self.shot_tags)
            if self.sent is None:
                self.sent = sent_snapshots(len(self.shot_rows), sum(a.nbytes for a in shot))
            if k in self.sent:
                found.append(shot)
        return tuple(found)

    def frame(self, header: Mapping[str, Any], start: int, shot: int, room: int) -> bytes | None:
        """Rows from `start` and snapshots from `shot` on, in about `room` bytes; None if none."""
        known = self.published
        filled, kept = known.rows, len(known.shots)
        start = min(start, filled)
        each = 16 + 4 * len(self.tags)
        stop = min(filled, start + max(1, room // each))
        left = room - each * (stop - start)
        entries, arrays = [], []
        for k in range(shot, kept):
            size = sum(a.nbytes + ENTRY_BYTES for a in known.shots[k])
            if size > left and (arrays or stop > start):
                break
            left -= size
            entries += [self._entry(k, i, a) for i, a in enumerate(known.shots[k])]
            arrays += known.shots[k]
        if stop == start and not arrays:
            return None
        rows = slice(start, stop)
        full = {**header, "start": start, "columns": self.ids, "snapshots": entries}
        return pack(full, self.steps[rows], self.times[rows], self.values[:, rows], arrays)

    def late_frame(self, header: Mapping[str, Any]) -> bytes | None:
        """All rows of the columns that were filled after the run; None if there are none."""
        late = self.published.late
        if late is None:
            return None
        rows = slice(0, late.values.shape[1])
        ids = ["step", "time", *(f"c{i}" for i in late.columns)]
        full = {**header, "start": 0, "columns": ids, "snapshots": []}
        return pack(full, self.steps[rows], self.times[rows], late.values)

    def _entry(self, k: int, i: int, array: np.ndarray) -> dict[str, Any]:
        assert self.sent is not None
        row = self.shot_rows[self.sent[k]]
        shape = list(array.shape)
        return {"k": k, "step": int(self.steps[row]), "name": f"s{i}", "shape": shape}


def sent_snapshots(count: int, bytes_each: int) -> np.ndarray:
    """Which of a run's snapshots the browser gets: at most 120 of them and 4 MB."""
    room = max(2, MOST_SNAPSHOT_BYTES // max(1, bytes_each))
    most = min(MOST_SNAPSHOTS, room)
    if count <= most:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, most).round().astype(int))


def filled(
    figure: Plain,
    source: Source,
    steps: np.ndarray,
    times: np.ndarray,
    shot_rows: Sequence[int] | np.ndarray = (),
    snapshot: int = -1,
) -> go.Figure:
    """`filled_plain` as Plotly's object."""
    made = filled_plain(figure, source, steps, times, shot_rows, snapshot)
    return go.Figure(made, _validate=False)


def filled_plain(
    figure: Plain,
    source: Source,
    steps: np.ndarray,
    times: np.ndarray,
    shot_rows: Sequence[int] | np.ndarray = (),
    snapshot: int = -1,
) -> Plain:
    """The figure with a run drawn in, on records at `steps` and `times`.

    `shot_rows` are the records that have a snapshot: traces on snapshots show all of them.
    `snapshot` is the one shown by scrubbed traces. What the run lacks stays empty.
    """
    seeds = next(iter(source.records.values())).shape[0]
    full = with_every_seed(figure, seeds)
    data = [dict(trace) for trace in full["data"]]
    shots = np.asarray(shot_rows, int)[: source.snapshot_rows]
    shown = range(source.snapshot_rows)[snapshot] if source.snapshot_rows else -1

    def values(tag: Tag) -> np.ndarray:
        if tag.at == "records":
            return evaluated(tag, source, 0, source.rows)
        if tag.at == "snapshots":
            return evaluated(tag, source, 0, len(shots))
        return evaluated(tag, source, shown, shown + 1)[0]

    on = {"records": slice(source.rows), "snapshots": shots}
    for binding in bindings(full):
        trace, at = data[binding.trace], binding.y.at
        if at == "scrub" and shown < 0:
            continue
        with contextlib.suppress(Absent):
            trace[binding.target] = values(binding.y)
            if isinstance(binding.x, Tag):
                trace["x"] = values(binding.x)
            elif at in on and binding.x:
                trace["x"] = (times if binding.x != "step" else steps)[on[at]]
    return {**full, "data": data}
