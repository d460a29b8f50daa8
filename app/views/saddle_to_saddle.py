"""Saddle-to-saddle dynamics: what its pages add to the common one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.controls import Aside
from sims.saddle_to_saddle import PHENOMENON

NAME = PHENOMENON.name


def _unused_in_linear_network(values: Mapping[str, Any]) -> dict[str, str]:
    unused: dict[str, str] = {}
    if values["data"] != "spectrum":
        for name in ("d_in", "d_out", "spectrum"):
            unused[name] = f"The data fix it: {str(values['data']).replace('_', ' ')}."
    if values["init"] != "lambda_balanced":
        unused["layer_imbalance"] = "Needs the lambda_balanced start."
    if values["optimizer"] != "polyak":
        unused["beta"] = "Only the heavy ball (polyak) has momentum."
    if values["activation"] == "linear":
        unused["samples"] = "A linear net is trained on the whole distribution."
    return unused


def _beneath_linear_network(params: Any) -> dict[str, str]:
    from sims.saddle_to_saddle.linear_network.params import spectrum_of

    top, depth = float(spectrum_of(params)[0]), params.depth
    mu = float(params.eta) * depth * top ** (2 - 2 / depth) / 2
    law = r"\eta s_1" if depth == 2 else r"\eta L s_1^{2-2/L}/2"
    if mu < 1:
        return {"eta": f"$\\mu = {law} = {mu:.3f}$, edge at 1"}
    return {"eta": f":orange[$\\mu = {law} = {mu:.3f}$, past the edge at 1]"}


def _unused_in_diagonal_network(values: Mapping[str, Any]) -> dict[str, str]:
    if values.get("design") in ("near_degenerate", "drops_a_feature"):
        return dict.fromkeys(("n", "d"), "This design has its own size.")
    return {}


ASIDES = {
    f"{NAME}/linear_network": Aside(
        ("horizon",), _unused_in_linear_network, _beneath_linear_network
    ),
    f"{NAME}/matrix_completion": Aside(("horizon",)),
    f"{NAME}/diagonal_network": Aside(("horizon",), _unused_in_diagonal_network),
}
