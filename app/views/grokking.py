"""Grokking: what its pages add to the common one."""

from __future__ import annotations

import math
from typing import Any

from app.controls import Aside
from sims.grokking import PHENOMENON

NAME = PHENOMENON.name


def _beneath_linear_estimator(params: Any) -> dict[str, str]:
    from app.figures.panels import significant
    from sims.grokking.linear_estimator.params import samples, settings
    from sims.grokking.linear_estimator.theory import edges, threshold

    found = settings(params)
    lo, hi = edges(found.ratio)
    edge = 2 / (hi + found.weight_decay)
    level = threshold(found.eps, found.level)
    return {
        "ratio": f"$N =$ {samples(params)} samples, $\\nu_- =$ {significant(lo, 2)}",
        "level": f"loss $L^* =$ {significant(level, 3)}",
        "eta": f"edge $2/(\\nu_+ + \\gamma) =$ {significant(edge, 3)}",
    }


def _beneath_weight_decay_timing(params: Any) -> dict[str, str]:
    from app.figures.panels import significant

    decay = float(params.weight_decay)
    lines = {"alpha": f"twice as large is later by $\\ln 2/\\gamma =$ {math.log(2) / decay:.1f}"}
    if decay > 0.02:
        lines["weight_decay"] = ":orange[the theory wants 0.02 or less]"
    if params.steps is not None and params.eta is not None:
        last = significant(float(params.steps) * float(params.eta), 3)
        lines["steps"] = f"until time {last}"
    return lines


def _beneath_fourier_staircase(params: Any) -> dict[str, str]:
    wanted = 6 * sum(m > 0 for m in params.magnitudes)
    if params.width < wanted:
        return {"width": f":orange[{wanted} are wanted, six for each frequency]"}
    return {"width": f"at least {wanted}, six for each frequency"}


ASIDES = {
    f"{NAME}/linear_estimator": Aside((), beneath=_beneath_linear_estimator),
    f"{NAME}/weight_decay_timing": Aside((), beneath=_beneath_weight_decay_timing),
    f"{NAME}/fourier_staircase": Aside((), beneath=_beneath_fourier_staircase),
}
