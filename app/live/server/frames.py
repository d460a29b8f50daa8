"""Frames: a piece of a run as bytes, from the server to a browser."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

FORMAT = 1


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
