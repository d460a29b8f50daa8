"""Axes: their ranges, their ticks, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sims.core.format import MINUS, TIMES

SHORT_SPAN = 1.6
"""Decades of a log axis that gets ticks between them."""


def axis(title: str, span: Sequence[float], *, log: bool = False) -> dict[str, Any]:
    """An axis with a fixed range; a logarithmic one has its ticks at decades."""
    made: dict[str, Any] = {"title": {"text": title}, "range": list(span), "autorange": False}
    if log:
        made |= {"type": "log", "dtick": decades(span), "exponentformat": "power"}
    return made


def decades(span: Sequence[float]) -> int | str:
    """Tick distance of a log axis, so that there are at most seven decades marked.

    Where there is hardly one, 2 and 5 are marked too.
    """
    if span[1] - span[0] < SHORT_SPAN:
        return "D2"
    return max(1, int(np.ceil((span[1] - span[0]) / 7)))


def named_ticks(names: Mapping[float, str] | None) -> dict[str, Any]:
    """Ticks at some places of an axis or a colour bar, with their words; none without names."""
    return {"tickvals": list(names), "ticktext": list(names.values())} if names else {}


def named_axis(names: Sequence[str], *, down: bool = False) -> dict[str, Any]:
    """An axis with a name at every whole number, to the right and up, or down."""
    span = [-0.5, len(names) - 0.5]
    bare = {"showline": False, "ticks": "", "showgrid": False}
    return axis("", span[::-1] if down else span) | named_ticks(dict(enumerate(names))) | bare


def log_range(lo: float, hi: float, *, pad: float = 0.06, most: float = 14.0) -> list[float]:
    """Range of a logarithmic axis (in decades) around positive values, with a margin."""
    top = np.log10(hi) if hi > 0 else 0.0
    bottom = np.log10(lo) if lo > 0 else top - 4
    bottom = max(min(bottom, top - 0.5), top - most)
    margin = pad * (top - bottom)
    return [float(bottom - margin), float(top + margin)]


def linear_range(lo: float, hi: float, *, pad: float = 0.06) -> list[float]:
    """Range of a linear axis around values, with a margin."""
    margin = pad * (hi - lo) or max(abs(hi), 1e-12) * 0.5
    return [float(lo - margin), float(hi + margin)]


def positive(*curves: Any) -> np.ndarray:
    """The finite positive values of some curves, flat; 1.0 if there are none."""
    flat = np.concatenate([np.zeros(0), *(np.ravel(np.asarray(c, float)) for c in curves)])
    kept = flat[np.isfinite(flat) & (flat > 0)]
    return kept if kept.size else np.ones(1)


def magnified(tolerance: float) -> tuple[float, str]:
    """A power of ten that makes a tolerance readable, and the axis title that says so."""
    power = -int(np.floor(np.log10(tolerance)))
    if power == 0:
        return 1.0, "difference"
    return 10.0**power, f"difference {TIMES} 10<sup>{power}</sup>".replace("-", MINUS)
