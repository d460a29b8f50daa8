"""Knobs of free features, how the horizon follows from them, and what is refused."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sims.core.experiment import Task
from sims.core.knobs import Scalar, filled, knob, number, parameters
from sims.core.schedule import steps_until
from sims.core.sentences import rounded_up
from sims.neural_collapse import classes, hints, refusals
from sims.neural_collapse.free_features import rates

if TYPE_CHECKING:
    Count = int
    """A knob that only the host reads; inside jit it is an array like every dynamic knob."""
else:
    Count = Any

MOST_STEPS = 400_000
LONGEST = 4000.0
ETA = 0.05


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    loss_kind: str = knob(
        "ce", label="Loss", group="Objective",
        choices=("ce", "mse"), static=True,
        help="Cross-entropy, or half the squared distance to the one-hot label.",
    )
    bias: bool = knob(
        True, label="Bias", symbol="b", group="Objective", static=True,
        help="Whether logits have a bias; it does not decay.",
    )
    nonnegative: bool = knob(
        False, label="Non-negative features", symbol=r"h \ge 0", group="Objective", static=True,
        help="Features projected to h ≥ 0 after every step, as behind a ReLU.",
    )
    lambda_w: Scalar = knob(
        0.02, label="Decay of the classifier", symbol=r"\lambda_W", group="Objective",
        lo=1e-4, hi=0.5, hard_lo=0, hard_hi=2, scale="log",
        help="Weight decay of W; with K√(λ_W λ_H) ≥ 1 everything dies.",
    )
    lambda_h: Scalar | None = knob(
        None, label="Decay of the features", symbol=r"\lambda_H", group="Objective",
        kind="float", lo=1e-4, hi=0.5, hard_lo=0, hard_hi=2, scale="log", auto=True,
        help="Decay of H, in units in which the number of samples drops out.",
        beneath=hints.collapse_line,
    )
    classes: int = knob(
        4, label="Classes", symbol="K", group="Classes",
        lo=2, hi=10, static=True,
        help="Three classes end on a triangle, four on a tetrahedron.",
    )
    per_class: Count = knob(
        50, label="Samples of a small class", symbol=r"n_\mathrm{min}", group="Classes",
        lo=5, hi=100, hard_lo=2, hard_hi=500,
        help="Samples of each class; with imbalance, of each of the small ones.",
    )
    imbalance: Scalar = knob(
        1.0, label="Imbalance", symbol="R", group="Classes",
        lo=1, hi=50,
        help="The first half of the classes has R times as many samples.",
        beneath=hints.threshold_line,
    )
    width: int = knob(
        16, label="Width", symbol="d", group="Model",
        lo=2, hi=64, hard_lo=1, hard_hi=256, static=True,
        help="Dimension of the features; K classes need K - 1.",
    )
    init_scale: Scalar = knob(
        0.1, label="Initial scale", symbol=r"\varepsilon", group="Start",
        lo=0.003, hi=1, hard_lo=1e-4, hard_hi=3, scale="log",
        help="Typical length of features and classifier rows at the start.",
    )
    eta: Scalar | None = knob(
        None, label="Learning rate", symbol=r"\eta", unit="time/step", group="Training",
        kind="float", lo=0.01, hi=1, hard_lo=1e-4, scale="log", auto=True,
        help="Step size of gradient descent; one step is η of time.",
    )
    horizon: Scalar | None = knob(
        None, label="Horizon", symbol="T", unit="time", group="Training",
        kind="float", lo=20, hi=2000, hard_hi=LONGEST, scale="log", auto=True,
        help="Time t = ηn at which the run ends.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """Fill eta, the decay of the features (that of the classifier) and the horizon.

    Raises:
        ValueError: non-negative features without a closed form, too many samples or steps.
    """
    if tasks:
        return params
    sizes = classes.class_sizes(params.classes, int(params.per_class), float(params.imbalance))
    refusals.nonnegative(params, sizes)
    refusals.samples(sizes)
    eta = ETA if params.eta is None else params.eta
    decay = params.lambda_w if params.lambda_h is None else params.lambda_h
    params = dataclasses.replace(params, eta=eta, lambda_h=decay)
    if params.horizon is None:
        params = dataclasses.replace(params, horizon=automatic_horizon(params))
    steps = steps_until(filled(params.horizon), eta)
    if steps > MOST_STEPS:
        horizon = filled(params.horizon)
        raise ValueError(
            f"horizon = {number(horizon)} takes {steps} steps of eta = {number(eta)}, more than "
            f"{MOST_STEPS}: give eta from {number(rounded_up(horizon / MOST_STEPS))} to 1, or a "
            f"horizon of at most {number(MOST_STEPS * eta)}."
        )
    return params


def automatic_horizon(params: Params) -> float:
    """150 for squared loss, max(400, 5K/τc) for cross-entropy (8K/τc with unequal classes).

    At least 3 ln(10/ε)/ρ, and 1.75 (λ_W + λ_H)/(λ_W λ_H) with unequal decays; at most 4000. τ, ρ:
    `rates.Rates`. Where nothing is left of the signal, or c = 0, just 150 or 400.
    """
    cross = params.loss_kind == "ce"
    horizon = 400.0 if cross else 150.0
    found = rates.of(params)
    if found.survives and found.c > 0:
        if cross:
            factor = 5 if found.balanced else 8
            horizon = max(horizon, factor * params.classes / (found.tau * found.c))
        horizon = max(horizon, 3 * math.log(10 / float(params.init_scale)) / found.rho)
        w, h = float(params.lambda_w), float(filled(params.lambda_h))
        if w != h:
            horizon = max(horizon, 1.75 * (w + h) / (w * h))
    return float(f"{min(horizon, LONGEST):.6g}")


def notices(params: Params) -> list[str]:
    """What was done to the input."""
    found = []
    decays = (params.lambda_w, params.lambda_w if params.lambda_h is None else params.lambda_h)
    if min(float(decay) for decay in decays) == 0 and params.loss_kind == "ce":
        found.append("Without decay there is no finite optimum: the margin grows like log t.")
    return found
