"""What a home page says first, and the pictures that are shipped for it."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from app.assets import asset

HEADLINE = "Write the prediction down. Then train."
INTRODUCTION = (
    "Learning mechanics makes numerical promises about training: when the loss drops, where the "
    "curvature settles, how far the weights move. Every page draws its promise first, with nothing "
    "fitted, and then trains a real network on top of it."
)

MOST_ON_A_LINE = 22
"""Letters of a title beside a card's picture."""
LINE = 14
"""Pixels from one line of it to the next."""
POWERS = 10
"""Pixels by which powers of ten are wider than numbers."""


@cache
def reference(name: str) -> dict[str, Any] | None:
    """A shipped reference picture: figure, numbers and provenance; None if there is none."""
    try:
        made = json.loads(asset(f"reference/{name}.json").read_text("utf-8"))
    except FileNotFoundError:
        return None
    _make_room(made["figure"]["layout"])
    return made


def _make_room(layout: dict[str, Any]) -> None:
    """For powers of ten at the upright axis, and for a title of it on two lines."""
    upright = layout["yaxis"]
    if upright.get("type") == "log":
        layout["margin"]["l"] += POWERS
    title = upright.get("title", {}).get("text") or ""
    if (broken := on_two_lines(title)) != title:
        upright["title"]["text"] = broken
        layout["margin"]["l"] += LINE


def on_two_lines(title: str) -> str:
    """The title of a small picture's upright axis, broken near its middle where it is long."""
    bare = re.sub("<[^>]*>", lambda tag: "\0" * len(tag[0]), title)  # as long, without spaces
    spaces = [m.start() for m in re.finditer(" ", bare)]
    if len(bare.replace("\0", "")) <= MOST_ON_A_LINE or not spaces:
        return title
    at = min(spaces, key=lambda i: abs(bare[:i].count("\0") - i + len(bare.replace("\0", "")) / 2))
    return f"{title[:at]}<br>{title[at + 1 :]}"
