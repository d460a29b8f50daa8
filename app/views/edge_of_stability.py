"""Edge of stability: what its pages add to the common one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.controls import Aside
from sims.edge_of_stability import PHENOMENON

NAME = PHENOMENON.name
EDGES = {
    "gd": r"2/\eta",
    "sgd": r"2/\eta",
    "rmsprop": r"2/\eta",
    "polyak": r"(2+2\beta)/\eta",
    "nesterov": r"(2+2\beta)/(\eta(1+2\beta))",
    "adam": r"(2+2\beta)/((1-\beta)\eta)",
}


def _unused_in_neural_network(values: Mapping[str, Any]) -> dict[str, str]:
    unused: dict[str, str] = {}
    rule, data = values["optimizer"], str(values["data"])
    if rule not in ("polyak", "nesterov", "adam"):
        unused["beta"] = "This rule has no momentum."
    if rule not in ("rmsprop", "adam"):
        unused["beta2"] = "Only rmsprop and adam remember squared gradients."
    if rule != "sgd":
        unused["batch_size"] = "Every step sees all samples; only sgd draws batches."
    if data.startswith("digits"):
        unused["degree"] = "The digits are no polynomial."
    else:
        unused["classes"] = "Only the digits have classes to choose."
    if rule not in ("gd", "rmsprop"):
        why = "The central flow is known for gd and rmsprop."
        unused |= dict.fromkeys(("central_flow", "critical"), why)
    elif values.get("central_flow") is False:
        unused["critical"] = "No central flow is asked for."
    if rule != "gd" or values.get("central_flow") is False:
        unused["quiet_start"] = "Only gradient descent with a central flow is started quietly."
    return unused


def _beneath_neural_network(params: Any) -> dict[str, str]:
    from app.figures.panels import significant
    from sims.edge_of_stability.neural_network.theory import edge

    at = significant(edge(params), 4)
    return {"eta": f"edge ${EDGES[params.optimizer]} =$ {at}"}


def _beneath_self_stabilisation(params: Any) -> dict[str, str]:
    from app.figures.panels import significant

    lines = {"eta": f"edge $2/\\eta =$ {significant(2 / float(params.eta), 4)}"}
    if float(params.kick) == 0:
        lines["kick"] = ":orange[no kick: rounding decides the start]"
    return lines


def _unused_in_scalar_models(values: Mapping[str, Any]) -> dict[str, str]:
    from sims.edge_of_stability.scalar_models.params import IGNORED

    reasons = {
        "uv_network": "The start is drawn at random, and sets the learning rate.",
        "two_scalars": "Two scalars are the net of width 1 with target 1.",
        "balanced_product": "One number, and its power.",
        "tied_depth_four": "Two numbers, each used twice.",
    }
    model = str(values["model"])
    return dict.fromkeys(IGNORED[model], reasons[model])


def _beneath_scalar_models(params: Any) -> dict[str, str]:
    from app.figures.panels import significant

    if params.model == "uv_network":
        start = float(params.eta_lambda0)
        if start < 2:
            return {"eta_lambda0": "below the edge at 2: no catapult"}
        if start < 4:
            return {"eta_lambda0": "between the edge, 2, and 4: a catapult"}
        return {"eta_lambda0": ":orange[4 or more: no finite limit for target 0]"}
    eta = float(params.eta)
    if params.model == "balanced_product":
        flip = 2 / params.depth
        said = "below" if eta <= flip else "beyond"
        return {"eta": f"{said} the flip at $2/D =$ {significant(flip, 4)}"}
    return {"eta": f"edge $2/\\eta =$ {significant(2 / eta, 4)}"}


ASIDES = {
    f"{NAME}/neural_network": Aside((), _unused_in_neural_network, _beneath_neural_network),
    f"{NAME}/self_stabilisation": Aside((), beneath=_beneath_self_stabilisation),
    f"{NAME}/scalar_models": Aside((), _unused_in_scalar_models, _beneath_scalar_models),
}
