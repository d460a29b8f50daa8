"""What the lazy theory wants of the settings; shared by the experiments it is tested in."""

from __future__ import annotations

import math

import numpy as np

from sims.core.experiment import Assumption
from sims.core.sentences import said

STAYS_PUT = 0.1
FROZEN = 0.012
ENOUGH_KINKS = 200
WANTED_ROUNDING = 1e-5
ROOM = 0.02
FELT = 3.5
"""How a catapult's slope feels the kernel at c = 1.3, where ROOM was measured."""


def features_stay_put(change: float) -> Assumption:
    """R_pred < 0.1."""
    return Assumption(
        "features_stay_put",
        "features stay put",
        f"The lazy theory itself says the features move by {said(100 * change, 3)} %; "
        "it is trusted below 10 %.",
        change < STAYS_PUT,
        change,
    )


def features_frozen(change: float) -> Assumption:
    """R_pred < 0.012."""
    return Assumption(
        "features_frozen",
        "features frozen",
        f"The slow modes feel a feature change of {said(100 * change, 3)} %; "
        "the loss curve is trusted below 1.2 %.",
        change < FROZEN,
        change,
    )


def smooth_activation(activation: str) -> Assumption:
    """No kink in the activation."""
    smooth = activation != "relu"
    sentence = (
        f"The activation {activation} is smooth."
        if smooth
        else "ReLU has no second derivative: crossed kinks, not curvature, move the features."
    )
    return Assumption("smooth_activation", "a smooth activation", sentence, smooth)


def kinks_enough(crossed: int) -> Assumption:
    """M >= 200 crossed kinks; a question for relu alone."""
    held = crossed >= ENOUGH_KINKS
    sentence = (
        f"{crossed} kinks would be crossed; at least {ENOUGH_KINKS} are needed."
        if held
        else f"Only {crossed} kinks would be crossed: a handful of coin tosses, not a law "
        f"({ENOUGH_KINKS} are needed)."
    )
    return Assumption("kinks_enough", "kinks enough", sentence, held, 1 / max(crossed, 0.5))


def below_the_edge(c: float) -> Assumption:
    """The rate is below the edge, c < 1."""
    held = c < 1
    sentence = f"The rate is {said(c, 3)} times the edge of the linear model" + (
        "." if held else ", which diverges." if c > 1 else ", where it never settles."
    )
    return Assumption("rate_below_the_edge", "a rate below the edge", sentence, held, c)


def below_twice_the_edge(c: float) -> Assumption:
    """The rate is below twice the edge, c < 2."""
    held = c < 2
    sentence = (
        f"At {said(c, 3)} times the edge the kernel can still shrink in time (limit 2)."
        if held
        else f"At {said(c, 3)} times the edge nothing catches the divergence (limit 2)."
    )
    return Assumption("below_twice_the_edge", "a rate below twice the edge", sentence, held, c)


def room_to_grow(alpha: float, loss: float, c: float) -> Assumption:
    """10 L(0)/α² < 0.02 min(1, 3.5/g), with L(0) as reported and g how the slope feels the kernel.

    A share δ by which the kernel has shrunk changes the slope s = 2 ln(2c - 1) by g δ of itself,
    g = d ln s/d ln c = 2c/((2c - 1) ln(2c - 1)), which diverges as 1/(c - 1) at the edge.
    """
    value = 10 * loss / alpha**2
    felt = 2 * c / ((2 * c - 1) * math.log(2 * c - 1))
    limit = ROOM * min(1.0, FELT / felt)
    held = value < limit
    numbers = f"({said(value)}, limit {said(limit, 2)})"
    when = "the loss can grow tenfold before the kernel bends"
    if not held:
        when = "the kernel bends before the loss has grown tenfold"
    sentence = f"At α = {said(alpha, 3)} {when} {numbers}."
    return Assumption("room_to_grow", "room to grow", sentence, held, value / limit)


def arithmetic_resolves(alpha: float, output: float, dtype: str) -> Assumption:
    """α ε rms(h_0)/rms(y) < 1e-5; `output` is rms(h_0)/rms(y)."""
    value = alpha * float(np.finfo(dtype).eps) * output
    return Assumption(
        "arithmetic_resolves_the_output",
        "arithmetic that resolves the output",
        f"α (h - h₀) cancels: rounding is {said(value)} of the target in {dtype}.",
        value < WANTED_ROUNDING,
        value,
    )
