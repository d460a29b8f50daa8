"""Sizes of the network; plain numbers in."""

from __future__ import annotations

PIXELS = 64
"""Of a digit."""


def inputs(data: str, dim: int) -> int:
    """Dimension of the inputs: pixels of the digits, or what the mixture is asked for."""
    return PIXELS if data == "digits" else dim
