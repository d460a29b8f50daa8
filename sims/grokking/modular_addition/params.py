"""Knobs of modular addition, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sims.core.experiment import Task
from sims.core.knobs import Scalar, knob, only_with, parameters
from sims.core.sentences import said
from sims.grokking import scales

MOST_WORK = 1e12
"""Products of a whole run, steps x width x train pairs x p, beyond which it is refused."""
PER_SECOND = 5e9
"""Such products one thread does in a second."""
SMALLEST_P, LARGEST_P = 5, 113


def is_prime(p: int) -> bool:
    """Whether a p above 2 has no divisor."""
    return p % 2 == 1 and all(p % k for k in range(3, math.isqrt(p) + 1, 2))


def _modulus_line(params: Params) -> str:
    p = params.p
    return "" if is_prime(p) else f"! {p} is no prime: some frequencies repeat themselves"


def _jump_line(params: Params) -> str:
    """How many decay times the run lasts."""
    if params.regulariser != "decoupled" or float(params.weight_decay) == 0:
        return ""
    each = scales.decay_steps(float(params.eta), float(params.weight_decay))
    return f"{float(params.steps) / each:.0f} of these; the jump takes 4 to 10"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    p: int = knob(
        31, label="Modulus", symbol="p", group="Data",
        lo=7, hi=59, hard_lo=SMALLEST_P, hard_hi=LARGEST_P, static=True,
        help="Numbers are added modulo p; of a prime every frequency tells all numbers apart.",
        beneath=_modulus_line,
    )
    fraction: Scalar = knob(
        0.4, label="Fraction of pairs", symbol="f", group="Data",
        lo=0.1, hi=1, hard_lo=0.01,
        help="Share of the p² pairs the network is trained on; the rest tests it.",
        beneath=scales.fraction_line,
    )
    width: int = knob(
        128, label="Width", symbol="m",
        lo=16, hi=512, hard_lo=1, hard_hi=2048, scale="log", static=True,
        help="Number of neurons; the construction needs 4(p-1).",
        beneath=lambda params: f"the construction needs $4(p-1) =$ {4 * (params.p - 1)}",
    )
    activation: str = knob(
        "square", label="Activation", symbol=r"\phi",
        choices=("square", "relu"), static=True,
        help="The circuit is derived for squares.",
    )
    init_scale: Scalar = knob(
        2.0, label="Initial scale", symbol=r"\alpha",
        lo=0.25, hi=8, hard_lo=1e-3, hard_hi=100, scale="log",
        help="Every weight is drawn from N(0, α²/2p).",
    )
    loss_kind: str = knob(
        "ce", label="Loss", symbol="L", group="Training",
        choices=("ce", "mse"), static=True,
        help="Cross-entropy, or the squared error summed over the p outputs.",
    )
    optimizer: str = knob(
        "adamw", label="Optimizer", group="Training",
        choices=("adamw", "gd"), static=True,
        help="Adam (0.9, 0.98; with the cubic decay 0.999), or gradient descent with momentum.",
    )
    momentum: Scalar = knob(
        0.9, label="Momentum", symbol=r"\beta", group="Training",
        lo=0, hi=0.99,
        help="Of gradient descent: it is as fast as without at a rate of η/(1 - β).",
        unused=only_with("It belongs to gradient descent; Adam has its own.", optimizer="gd"),
    )
    regulariser: str = knob(
        "decoupled", label="Decay", group="Training",
        choices=("decoupled", "l2", "cubic"), static=True,
        help="Decoupled from the gradient, w|θ|²/2 in the loss, or w Σ|θ_i|³ in the loss.",
    )
    eta: Scalar = knob(
        3e-3, label="Learning rate", symbol=r"\eta", group="Training",
        lo=1e-4, hi=3e-2, hard_lo=1e-6, hard_hi=1, scale="log",
        help="Step of the optimizer.",
    )
    weight_decay: Scalar = knob(
        1.0, label="Weight decay", symbol="w", group="Training",
        lo=0, hi=5, hard_hi=1000,
        help="What erases the memorised part; with decoupled decay a time 1/(η w) of steps.",
        beneath=scales.decay_line,
    )
    steps: Scalar = knob(
        4000, label="Steps", symbol="T", unit="steps", group="Training",
        kind="int", lo=500, hi=20_000, hard_lo=20, hard_hi=200_000, scale="log",
        help="Number of steps of the run.",
        beneath=_jump_line,
    )
    dtype: str = knob(
        "float32", label="Arithmetic", group="Measurement",
        choices=("float32", "float64"), static=True,
        help="Precision of the run; theory is always float64.",
    )
    # fmt: on


def check_fraction(p: int, fraction: float) -> None:
    """Refuse too few train pairs to see every number.

    Raises:
        ValueError: fewer than p of them.
    """
    if round(fraction * p * p) < p:
        raise ValueError(
            f"fraction = {said(fraction, 4)} leaves {round(fraction * p * p)} train pairs, fewer "
            f"than p = {p}: give fraction from {math.ceil(1e4 / p) / 1e4:.4g} to 1."
        )


def check_rate(eta: float, weight_decay: float) -> None:
    """Refuse a decoupled decay that overshoots zero.

    Raises:
        ValueError: eta times weight_decay is 1 or more.
    """
    if eta * weight_decay >= 1:
        raise ValueError(
            f"eta x weight_decay = {said(eta * weight_decay, 3)} erases the weights in one step: "
            f"give weight_decay below {said(1 / eta, 3)}."
        )


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """No knob follows from another.

    Raises:
        ValueError: a fraction, decay or length that is refused.
    """
    del tasks
    p, fraction = params.p, float(params.fraction)
    check_fraction(p, fraction)
    pairs = round(fraction * p * p)
    if pairs == p * p and params.regulariser != "cubic":
        raise ValueError(
            f"fraction = {said(fraction, 4)} leaves no pair to test on: give fraction up to "
            f"{math.floor(1e4 * (1 - 1 / p**2)) / 1e4:.4g}, or regulariser = cubic."
        )
    if params.regulariser == "decoupled":
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
