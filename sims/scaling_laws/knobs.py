"""Knobs of the problem, the same on every page on scaling laws."""

from __future__ import annotations

from typing import Any

from sims.core.knobs import knob


def spectrum(default: float) -> Any:
    """The exponent a of the inputs' variances."""
    return knob(
        default, label="Spectrum", symbol="a", group="Data",
        lo=1.1, hi=2.5, hard_lo=1.05, hard_hi=4,
        help="Variance of input j falls like j to the power −a.",
    )  # fmt: skip


def target(default: float) -> Any:
    """The exponent b of the target's shares."""
    return knob(
        default, label="Target", symbol="b", group="Data",
        lo=1.2, hi=3.5, hard_lo=1.05, hard_hi=6,
        help="Share of the target in input j falls like j to the power −b.",
    )  # fmt: skip


def noise(default: float) -> Any:
    """The standard deviation of the label noise."""
    return knob(
        default, label="Label noise", symbol=r"\sigma", group="Data",
        lo=0, hi=1, hard_hi=10,
        help="Standard deviation of what is added to the labels; the target's is 1.",
    )  # fmt: skip


def rate(default: float) -> Any:
    """The learning rate over the edge; at 1 the mean loss grows for ever."""
    return knob(
        default, label="Rate over the edge", symbol="c", group="Training",
        lo=0.01, hi=0.9, hard_lo=0.001, hard_hi=0.999, scale="log",
        help="Learning rate over the one at which the mean loss starts to grow for ever.",
    )  # fmt: skip
