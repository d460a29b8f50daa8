"""Neural collapse: what its pages add to the common one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from app.controls import Aside
from sims.neural_collapse import PHENOMENON

NAME = PHENOMENON.name


def _limit(K: int, c: float) -> str:
    from app.figures.panels import significant

    x = significant(K * c, 3)
    if K * c >= 1:
        return f":orange[$Kc =$ {x}: total collapse]"
    return f"$Kc =$ {x}, total collapse from 1 on"


def _threshold(K: int, c: float) -> str:
    from app.figures.panels import significant
    from sims.neural_collapse.classes import minority_threshold

    return f"small classes merge beyond $R_0 =$ {significant(minority_threshold(K, c), 4)}"


def _decay(params: Any) -> float:
    return math.sqrt(float(params.lambda_w) * float(params.lambda_h))


def _beneath_free_features(params: Any) -> dict[str, str]:
    K, c = params.classes, _decay(params)
    lines = {"lambda_h": _limit(K, c)}
    if float(params.imbalance) > 1 and c > 0:
        lines["imbalance"] = _threshold(K, c)
    return lines


def _unused_in_real_network(values: Mapping[str, Any]) -> dict[str, str]:
    unused = {}
    if values["decay"] == "weights":
        unused |= dict.fromkeys(("lambda_w", "lambda_h"), "Every weight decays instead.")
    else:
        unused["weight_decay"] = "Only the last features and the classifier decay."
    if values["data"] == "digits":
        unused |= dict.fromkeys(("dim", "separation"), "They belong to the mixture.")
    if values["optimizer"] == "adam":
        unused["momentum"] = "It belongs to SGD."
    return unused


def _beneath_real_network(params: Any) -> dict[str, str]:
    if params.decay == "weights":
        return {}
    K, c = params.classes, _decay(params)
    lines = {"lambda_h": _limit(K, c)}
    if float(params.imbalance) > 1 and c > 0:
        lines["imbalance"] = _threshold(K, c)
    return lines


ASIDES = {
    f"{NAME}/free_features": Aside((), beneath=_beneath_free_features),
    f"{NAME}/real_network": Aside((), _unused_in_real_network, _beneath_real_network),
}
