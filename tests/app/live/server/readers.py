"""What readers of the toy do, and how a test waits for what follows."""

import time
from typing import Any

from app.live.server import frames

LONG: dict[str, Any] = {"steps": 9_000_000, "heavy": 40}
"""A run of minutes."""


def settle(hub, limit=2000):
    """Give turns until nothing is left to do."""
    for _ in range(limit):
        if not hub.turn():
            return
    raise AssertionError("the hub never settles")


def submit(hub, owner="me", seeds=1, **values):
    return hub.submit(owner, "toy/growth", values, seeds=seeds)


def shown(hub, token):
    """The view message a browser gets."""
    drawing = hub.job(token).drawing
    assert drawing is not None
    return drawing.text


def wait_for(condition, timeout=20.0):
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def drained(hub, token, cursor, lose=lambda _n: False):
    """Frames as an acknowledging browser sees them; lost ones are asked for again."""
    held = {}
    for n in range(500):
        _, data = hub.read(token, cursor)
        if data is None:
            return held
        if lose(n):
            continue
        frame = frames.unpack(data)
        start = frame.header["start"]
        assert start <= cursor.rows[0]
        for i in range(frame.header["rows"]):
            held[start + i] = frame.columns[:, i]
        cursor.rows[0] = max(cursor.rows[0], start + frame.header["rows"])
        cursor.snapshots[0] += len(frame.header["snapshots"])
    raise AssertionError("frames never end")
