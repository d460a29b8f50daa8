"""Knobs of the phase diagram, and its preset."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, parameters
from sims.core.sentences import said
from sims.grokking import scales
from sims.grokking.modular_addition.params import (
    LARGEST_P,
    MOST_WORK,
    PER_SECOND,
    SMALLEST_P,
    check_fraction,
    check_rate,
)


@parameters
class Params:
    """Parameters of one run of the diagram; decay and initial scale are its axes."""

    # fmt: off
    weight_decay: Scalar = knob(
        1.0, label="Weight decay", symbol="w", group="Training",
        lo=0.03, hi=10, hard_lo=0, hard_hi=100, scale="log",
        help="Decoupled from the gradient; one axis of the diagram.",
        beneath=scales.decay_line,
    )
    init_scale: Scalar = knob(
        1.0, label="Initial scale", symbol=r"\alpha",
        lo=0.25, hi=8, hard_lo=1e-3, hard_hi=100, scale="log",
        help="Every weight is drawn from N(0, α²/2p); the other axis.",
    )
    p: int = knob(
        17, label="Modulus", symbol="p", group="Data",
        lo=7, hi=31, hard_lo=SMALLEST_P, hard_hi=LARGEST_P, static=True,
        help="Numbers are added modulo p.",
    )
    fraction: Scalar = knob(
        0.6, label="Fraction of pairs", symbol="f", group="Data",
        lo=0.1, hi=0.9, hard_lo=0.01, hard_hi=1,
        help="Share of the p² pairs the network is trained on; the rest tests it.",
        beneath=scales.fraction_line,
    )
    width: int = knob(
        48, label="Width", symbol="m",
        lo=16, hi=256, hard_lo=1, hard_hi=2048, scale="log", static=True,
        help="Number of neurons, all of them squares.",
    )
    eta: Scalar = knob(
        5e-3, label="Learning rate", symbol=r"\eta", group="Training",
        lo=1e-3, hi=2e-2, hard_lo=1e-6, hard_hi=1, scale="log",
        help="Step of AdamW on the squared error summed over the outputs.",
    )
    steps: Scalar = knob(
        2000, label="Steps", symbol="T", unit="steps", group="Training",
        kind="int", lo=500, hi=10_000, hard_lo=20, hard_hi=200_000, scale="log",
        help="Number of steps of every run: what has not come by then counts as never.",
    )
    gap: Scalar = knob(
        200, label="Gap", symbol="g", unit="steps", group="Theory",
        kind="int", lo=20, hi=1000, hard_lo=1, hard_hi=200_000, scale="log",
        help="Steps between train and test accuracy 0.9 above which it is called grokking.",
    )
    # fmt: on


OVER = {"weight_decay": "0.03:10:8:log", "init_scale": "0.25:8:8:log"}
"""The axes of the diagram."""

PRESETS = (
    Preset(
        "four_phases",
        "Four phases",
        "Memorisation at small decay, comprehension at larger decay and small scale, confusion "
        "where both are large.",
        {},
        over=OVER,
    ),
)


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """No knob is automatic.

    Raises:
        ValueError: a fraction, decay or length that is refused.
    """
    del tasks
    p, fraction = params.p, float(params.fraction)
    check_fraction(p, fraction)
    pairs = round(fraction * p * p)
    if pairs == p * p:
        raise ValueError(
            f"fraction = {said(fraction, 4)} leaves no pair to test on: give fraction up to "
            f"{math.floor(1e4 * (1 - 1 / p**2)) / 1e4:.4g}."
        )
    check_rate(float(params.eta), float(params.weight_decay))
    each = params.width * pairs * p
    work = float(params.steps) * each
    if work > MOST_WORK:
        raise ValueError(
            f"steps x width x train pairs x p = {said(work)}, about {said(work / PER_SECOND / 60)} "
            f"minutes on one thread, is not allowed: give at most {said(MOST_WORK)}, for instance "
            f"steps from 20 to {int(MOST_WORK / each)}."
        )
    return params
