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


def _beneath_modular_addition(params: Any) -> dict[str, str]:
    from sims.grokking.modular_addition.params import is_prime
    from sims.grokking.modular_addition.theory import coverage_fraction

    p, pairs = params.p, round(float(params.fraction) * params.p**2)
    covered = coverage_fraction(p)
    lines = {
        "fraction": f"{pairs} of {p * p} pairs; {covered:.2f} shows every number",
        "width": f"the construction needs $4(p-1) =$ {4 * (p - 1)}",
    }
    if not is_prime(p):
        lines["p"] = f":orange[{p} is no prime: some frequencies repeat themselves]"
    if params.regulariser == "decoupled" and float(params.weight_decay) > 0:
        last = float(params.steps) * float(params.eta) * float(params.weight_decay)
        lines["weight_decay"] = f"weights decay in $1/(\\eta w) =$ {_decay(params)} steps"
        lines["steps"] = f"{last:.0f} of these; the jump takes 4 to 10"
    return lines


def _decay(params: Any) -> str:
    from app.figures.panels import short

    return short(round(1 / (float(params.eta) * float(params.weight_decay)), 1))


def _beneath_phase_diagram(params: Any) -> dict[str, str]:
    from sims.grokking.modular_addition.theory import coverage_fraction

    pairs = round(float(params.fraction) * params.p**2)
    covered = coverage_fraction(params.p)
    lines = {"fraction": f"{pairs} of {params.p**2} pairs; {covered:.2f} shows every number"}
    if float(params.weight_decay) > 0:
        lines["weight_decay"] = f"weights decay in $1/(\\eta w) =$ {_decay(params)} steps"
    return lines


ASIDES = {
    f"{NAME}/linear_estimator": Aside((), beneath=_beneath_linear_estimator),
    f"{NAME}/weight_decay_timing": Aside((), beneath=_beneath_weight_decay_timing),
    f"{NAME}/fourier_staircase": Aside((), beneath=_beneath_fourier_staircase),
    f"{NAME}/modular_addition": Aside((), beneath=_beneath_modular_addition),
    f"{NAME}/phase_diagram": Aside((), beneath=_beneath_phase_diagram),
}
