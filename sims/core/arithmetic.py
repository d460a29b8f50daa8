"""Where and how theory is computed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import jax
import numpy as np

from sims.core.devices import cpu


@contextlib.contextmanager
def theory_arithmetic() -> Iterator[None]:
    """On the CPU, and quiet where a diverging map overflows: infinity is then the answer."""
    with (
        jax.default_device(cpu()),
        np.errstate(over="ignore", invalid="ignore", divide="ignore"),
    ):
        yield
