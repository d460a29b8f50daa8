"""Sizes of the network; plain numbers in."""

from __future__ import annotations

from sims.core import own_data

PIXELS = 64
"""Of a digit."""


def inputs(data: str, dim: int) -> int:
    """Dimension of the inputs: of one's own data, pixels of the digits, or what is asked for."""
    if own_data.is_own(data):
        return own_data.of(data).features
    return PIXELS if data == "digits" else dim
