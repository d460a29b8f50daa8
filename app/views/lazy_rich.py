"""Lazy and rich: what its pages add to the common one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from app.controls import Aside
from sims.lazy_rich import PHENOMENON

NAME = PHENOMENON.name
BALANCED = 0.1
"""Share of the largest imbalance below which a neuron counts as balanced."""


def _unused_in_two_layer_network(values: Mapping[str, Any]) -> dict[str, str]:
    if values["hold"] == "alpha":
        return {"gamma_0": "It follows from the output scale, which is held."}
    if values["gamma_0"] is None:
        return {}
    return {"alpha": "It follows from the richness, which is held."}


def _rate(c: float) -> dict[str, str]:
    if c > 1:
        return {"c": ":orange[past the edge of the linear model, which diverges]"}
    return {"c": "below the edge of the linear model, at 1"}


def _beneath_two_layer_network(params: Any) -> dict[str, str]:
    from app.figures.panels import significant

    lines = _rate(float(params.c))
    root = math.sqrt(params.width)
    if params.hold == "alpha":
        gamma = significant(1 / (float(params.alpha) * root), 3)
        return lines | {"alpha": f"$\\gamma_0 = 1/(\\alpha\\sqrt{{N}}) =$ {gamma}"}
    alpha = significant(float(params.alpha), 3)
    return lines | {"gamma_0": f"$\\alpha = 1/(\\gamma_0\\sqrt{{N}}) =$ {alpha}"}


def _beneath_diagonal_network(params: Any) -> dict[str, str]:
    share = params.n / params.d
    lines = {"n": f"$1 - n/d =$ {1 - share:.2f}, the error of the shortest solution"}
    if float(params.c) > 0.05:
        lines["c"] = ":orange[a finite step shifts the end; the theory wants 0.05 or less]"
    return lines


def _beneath_one_neuron(params: Any) -> dict[str, str]:
    from app.figures.panels import significant

    eta_a, eta_w = float(params.eta_a), float(params.eta_w)
    delta = eta_w * float(params.a0) ** 2 - eta_a * float(params.w0) ** 2
    share = delta / math.hypot(delta, 2 * math.sqrt(eta_a * eta_w))
    kind = "balanced" if abs(share) < BALANCED else "upstream" if share > 0 else "downstream"
    return {"w0": f"$\\delta =$ {significant(delta, 3)}: {kind}"}


def _beneath_parity(params: Any) -> dict[str, str]:
    lines = _rate(float(params.c))
    by_chance = float(params.relevant) / params.d
    return lines | {"relevant": f"share by chance {by_chance:.3f}"}


def _beneath_phase_diagram(params: Any) -> dict[str, str]:
    from app.figures.panels import significant

    gamma = significant(1 / (float(params.alpha) * math.sqrt(params.width)), 3)
    return _rate(float(params.c)) | {"alpha": f"$\\gamma_0 = 1/(\\alpha\\sqrt{{N}}) =$ {gamma}"}


ASIDES = {
    f"{NAME}/two_layer_network": Aside(
        (), _unused_in_two_layer_network, _beneath_two_layer_network
    ),
    f"{NAME}/diagonal_network": Aside((), beneath=_beneath_diagonal_network),
    f"{NAME}/one_neuron": Aside((), beneath=_beneath_one_neuron),
    f"{NAME}/parity": Aside((), beneath=_beneath_parity),
    f"{NAME}/phase_diagram": Aside((), beneath=_beneath_phase_diagram),
}
