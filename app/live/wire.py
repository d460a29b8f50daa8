"""Frames and columns: how a growing run reaches the figures.

A figure's run traces are drawn empty and tagged. The server evaluates each distinct tag into one
float32 column; the browser only appends. The same evaluation fills finished figures here.
"""

from __future__ import annotations

import contextlib
import json
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from app.figures.panels import Plain

FORMAT = 1
MOST_SNAPSHOTS = 120
MOST_SNAPSHOT_BYTES = 4_000_000
LARGEST = float(np.finfo(np.float32).max)
ENTRY_BYTES = 64
"""About what a snapshot's entry in a header takes."""

Arrays = Mapping[str, np.ndarray]
Derived = Mapping[str, Callable[[Arrays, xr.Dataset], np.ndarray]]
ROW_DIMS = ("record", "snapshot")
CLOCKS = ("time", "step")
"""What a curve over time counts in."""


# Frames


@dataclass(frozen=True)
class Frame:
    """A piece of a run: `rows` records from `start` on, and some snapshots."""

    header: dict[str, Any]
    step: np.ndarray
    time: np.ndarray
    columns: np.ndarray
    snapshots: tuple[np.ndarray, ...]


def pack(
    header: Mapping[str, Any],
    step: np.ndarray,
    time: np.ndarray,
    columns: np.ndarray,
    snapshots: Sequence[np.ndarray] = (),
) -> bytes:
    """One binary frame; `columns` is (column, row), named by the header after step and time.

    Header length (u32) and header, padded so that float64 begins on a multiple of eight; then step
    and time (float64), the columns and the snapshot arrays (float32); all little-endian.
    """
    full = {"v": FORMAT, **header, "rows": len(step)}
    text = json.dumps(full, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-(len(text) + 4) % 8)
    arrays = (columns, *snapshots)
    return b"".join(
        [
            struct.pack("<I", len(text)),
            text,
            np.asarray(step, "<f8").tobytes(),
            np.asarray(time, "<f8").tobytes(),
            *(np.ascontiguousarray(a, "<f4").tobytes() for a in arrays),
        ]
    )


def unpack(data: bytes) -> Frame:
    """Read a frame back; what the browser does, for tests and for the load clients."""
    (length,) = struct.unpack_from("<I", data)
    header = json.loads(data[4 : 4 + length])
    if header["v"] != FORMAT:
        raise ValueError(f"This frame has format {header['v']}; {FORMAT} is understood.")
    rows, n = header["rows"], len(header["columns"]) - 2
    at = 4 + length
    step, time = np.frombuffer(data, "<f8", 2 * rows, at).reshape(2, rows)
    at += 16 * rows
    columns = np.frombuffer(data, "<f4", n * rows, at).reshape(n, rows)
    at += 4 * n * rows
    snapshots = []
    for entry in header["snapshots"]:
        count = int(np.prod(entry["shape"], dtype=int))
        snapshots.append(np.frombuffer(data, "<f4", count, at).reshape(entry["shape"]))
        at += 4 * count
    return Frame(header, step, time, columns, tuple(snapshots))


# Tags


BAND_EDGES = ("band_lo", "band_hi")


@dataclass(frozen=True)
class Tag:
    """Which number of a run a trace shows.

    `y` names a run variable or a derived one, `index` its entry; `seed` is a seed's position,
    `band_lo` or `band_hi`. `minus` subtracts that variable of the prediction, seed by seed.
    """

    y: str
    index: tuple[int, ...] = ()
    seed: str | int = "first"
    at: str = "records"
    minus: str = ""
    scale: float = 1.0


@dataclass(frozen=True)
class Bound:
    """A tagged trace and what fills it; `x` is `time`, `step`, a Tag, or empty (left as drawn).

    `depth` is what lies behind the screen, in a panel that can be turned.
    """

    trace: int
    x: str | Tag
    y: Tag
    target: str
    depth: Tag | None = None

    @property
    def tags(self) -> list[Tag]:
        """Every tag it asks for."""
        return [tag for tag in (self.y, self.x, self.depth) if isinstance(tag, Tag)]


def tag_of(trace: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The run tag of a trace, if it has one."""
    meta = trace.get("meta")
    return meta.get("run") if isinstance(meta, Mapping) else None


def bound(
    number: int, trace: Mapping[str, Any], tag: Mapping[str, Any], seed: int | None = None
) -> Bound:
    """The binding of one trace; `seed` replaces `each`."""
    flat = tag.get("z")
    name, minus = (flat if isinstance(flat, str) else tag["y"]), tag.get("minus", False)
    chosen = tag.get("seed", "first")
    y = Tag(
        y=name,
        index=tuple(tag.get("index") or ()),
        seed=seed if seed is not None else chosen,
        at=tag.get("at", "records"),
        minus=(minus if isinstance(minus, str) else name) if minus else "",
        scale=float(tag.get("scale", 1.0)),
    )
    x = tag.get("x", "time" if y.at == "records" else "")
    if x and x not in CLOCKS:
        x = Tag(x, tuple(tag.get("x_index") or ()), y.seed, y.at)
    kind = trace["type"]
    behind = tag.get("depth_index")
    depth = None if behind is None else replace(y, index=tuple(behind))
    return Bound(number, x, y, "z" if flat or kind in ("heatmap", "contour") else "y", depth)


def bindings(figure: Plain) -> list[Bound]:
    """Every tagged trace of a figure; expand `seed: each` beforehand with `with_every_seed`."""
    found = []
    for number, trace in enumerate(figure["data"]):
        tag = tag_of(trace)
        if tag is not None:
            found.append(bound(number, trace, tag))
    return found


def with_every_seed(figure: Plain, seeds: int) -> Plain:
    """The figure with each trace tagged `seed: each` repeated, one per seed."""
    if not any((tag_of(t) or {}).get("seed") == "each" for t in figure["data"]):
        return figure
    traces: list[dict[str, Any]] = []
    for trace in figure["data"]:
        tag = tag_of(trace)
        if tag is None or tag.get("seed") != "each":
            traces.append(trace)
            continue
        for i in range(seeds):
            meta = {**trace["meta"], "run": {**tag, "seed": i}}
            traces.append({**trace, "meta": meta})
    return {**figure, "data": traces}


def without_bands(figure: Plain) -> Plain:
    """The figure without what shows the spread over seeds: of one seed there is none."""
    kept = [t for t in figure["data"] if (tag_of(t) or {}).get("seed") not in BAND_EDGES]
    return {**figure, "data": kept}


# Evaluation


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
    values = source.variable(tag.y, tag.at)[:, start:stop][entry].astype(np.float64)
    if tag.minus:
        values = values - source.predicted(tag.minus, start, stop)[entry]
    if tag.seed == "band_lo":
        values = np.fmin.reduce(values, axis=0)
    elif tag.seed == "band_hi":
        values = np.fmax.reduce(values, axis=0)
    else:
        values = values[tag.seed if isinstance(tag.seed, int) else 0]
    return np.clip(values * tag.scale, -LARGEST, LARGEST).astype(np.float32)


def names(tags: Iterable[Tag]) -> dict[Tag, str]:
    """What the browser calls each tag: c0, c1 .. for columns, s0, s1 .. for snapshots."""
    count = {"c": 0, "s": 0}
    found = {}
    for tag in dict.fromkeys(tags):
        letter = "s" if tag.at == "scrub" else "c"
        found[tag] = f"{letter}{count[letter]}"
        count[letter] += 1
    return found


class Columns:
    """The columns of one run: each distinct tag once, filled as records arrive.

    Only ever filled forwards, so a reader may take rows below `filled` without a lock.
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
        self.filled = self.shots_filled = 0
        self.shots: list[list[np.ndarray]] = []
        self.sent: np.ndarray | None = None
        self.late: list[int] = []
        self.ids = ["step", "time", *(f"c{i}" for i in range(len(self.tags)))]

    @property
    def nbytes(self) -> int:
        """Memory of the columns and of the snapshots kept for the browser."""
        return self.values.nbytes + sum(a.nbytes for shot in self.shots for a in shot)

    def fill(self, source: Source) -> None:
        """Evaluate every tag on the rows and snapshots that are new."""
        first_shot, self.shots_filled = self.shots_filled, source.snapshot_rows
        for column, tag in zip(self.values, self.tags, strict=True):
            with contextlib.suppress(Absent):
                if tag.at == "snapshots":
                    self._fill_shots(column, tag, source, first_shot)
                elif source.rows > self.filled:
                    rows = slice(self.filled, source.rows)
                    column[rows] = evaluated(tag, source, self.filled, source.rows)
        self.filled = max(self.filled, source.rows)
        if self.shot_tags:
            self._keep_shots(source, first_shot)

    def fill_late(self, source: Source) -> None:
        """Fill the columns of what was only measured once the run was over."""
        for i, (column, tag) in enumerate(zip(self.values, self.tags, strict=True)):
            if np.isnan(column[: self.filled]).all():
                with contextlib.suppress(Absent):
                    if tag.at == "snapshots":
                        self._fill_shots(column, tag, source, 0)
                    else:
                        column[: self.filled] = evaluated(tag, source, 0, self.filled)
                    self.late.append(i)

    def _fill_shots(self, column: np.ndarray, tag: Tag, source: Source, first: int) -> None:
        last = source.snapshot_rows
        column[self.shot_rows[first:last]] = evaluated(tag, source, first, last)

    def _keep_shots(self, source: Source, first: int) -> None:
        for k in range(first, self.shots_filled):
            shot = [evaluated(t, source, k, k + 1)[0] for t in self.shot_tags]
            if self.sent is None:
                self.sent = sent_snapshots(len(self.shot_rows), sum(a.nbytes for a in shot))
            if k in self.sent:
                self.shots.append(shot)

    def frame(self, header: Mapping[str, Any], start: int, shot: int, room: int) -> bytes | None:
        """Rows from `start` and snapshots from `shot` on, in about `room` bytes; None if none."""
        filled, kept = self.filled, len(self.shots)
        start = min(start, filled)
        each = 16 + 4 * len(self.tags)
        stop = min(filled, start + max(1, room // each))
        left = room - each * (stop - start)
        entries, arrays = [], []
        for k in range(shot, kept):
            size = sum(a.nbytes + ENTRY_BYTES for a in self.shots[k])
            if size > left and (arrays or stop > start):
                break
            left -= size
            entries += [self._entry(k, i, a) for i, a in enumerate(self.shots[k])]
            arrays += self.shots[k]
        if stop == start and not arrays:
            return None
        rows = slice(start, stop)
        full = {**header, "start": start, "columns": self.ids, "snapshots": entries}
        return pack(full, self.steps[rows], self.times[rows], self.values[:, rows], arrays)

    def late_frame(self, header: Mapping[str, Any]) -> bytes:
        """All rows of the columns that were filled after the run."""
        rows = slice(0, self.filled)
        ids = ["step", "time", *(f"c{i}" for i in self.late)]
        full = {**header, "start": 0, "columns": ids, "snapshots": []}
        return pack(full, self.steps[rows], self.times[rows], self.values[self.late, rows])

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


# Finished figures


def filled(
    figure: Plain,
    source: Source,
    steps: np.ndarray,
    times: np.ndarray,
    shot_rows: Sequence[int] | np.ndarray = (),
    snapshot: int = -1,
) -> go.Figure:
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
    return go.Figure({**full, "data": data}, _validate=False)
