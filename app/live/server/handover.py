"""The places where one thread hands something over to another, so that a test can delay them."""

from __future__ import annotations

from collections.abc import Callable

delay: Callable[[str], None] | None = None
"""What a test does at a hand-over, given its name; None in a server."""


def hand_over(name: str) -> None:
    """Called where what follows may be overtaken by another thread."""
    if delay is not None:
        delay(name)
