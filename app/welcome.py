"""What a home page says first, and the pictures that are shipped for it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from app.assets import asset

HEADLINE = "Write the prediction down. Then train."
INTRODUCTION = (
    "Learning mechanics makes numerical promises about training: when the loss drops, where the "
    "curvature settles, how far the weights move. Every page draws its promise first, with nothing "
    "fitted, and then trains a real network on top of it."
)


@cache
def reference(name: str) -> dict[str, Any] | None:
    """A shipped reference picture: figure, numbers and provenance; None if there is none."""
    try:
        return json.loads(asset(f"reference/{name}.json").read_text("utf-8"))
    except FileNotFoundError:
        return None
