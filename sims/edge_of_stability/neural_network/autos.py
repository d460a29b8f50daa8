"""How the autos of a net at the edge of stability follow from its knobs, and what is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sims.core import own_data
from sims.core.datasets import digits
from sims.core.experiment import Task
from sims.core.knobs import filled, number, written
from sims.edge_of_stability import objective
from sims.edge_of_stability.neural_network.params import ADAPTIVE, CENTRAL, FEWEST_SAMPLES

if TYPE_CHECKING:
    from sims.edge_of_stability.neural_network.params import Params

OWN_ETA = 0.4
"""Of one's own data, whose inputs have unit mean square length."""
MOST_FEATURES = 256
ETA_BY_DATA = {"digits_mse": 0.5, "digits_ce": 2.0, "chebyshev_sign": 0.3}
ETA_BY_OPTIMIZER = {
    "gd": 0.1,
    "polyak": 0.12,
    "nesterov": 0.05,
    "rmsprop": 2e-4,
    "adam": 1e-3,
    "sgd": 0.1,
}
BETA_BY_OPTIMIZER = {"polyak": 0.5, "nesterov": 0.9, "adam": 0.9}
STEPS_BY_OPTIMIZER = {"gd": 2200, "sgd": 10_000}
OTHER_STEPS = 6000
MOST_PARAMETERS, MOST_SHARED = 20_000, 3000
"""Weights up to which the central flow is computed: of an mlp, and of a cnn or a transformer."""
MOST_CONVOLUTIONS = 3
IMAGE_READERS = {"cnn": "convolution", "transformer": "transformer"}
ETA_BY_ARCHITECTURE = {"cnn": 0.45, "transformer": 0.06}
STEPS_BY_ARCHITECTURE = {"cnn": 900, "transformer": 1500}
SIZE_BY_ARCHITECTURE = {"cnn": (8, 2), "transformer": (16, 1)}
MOST_POINTS = 400


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """Fill the autos; all follow from other knobs.

    Raises:
        ValueError: samples or batch out of range for the data, a class without samples, a net that
            cannot be or cannot read the data, or a central flow where there is none.
    """
    for task in tasks:
        _check_classes(params, task)
    if tasks:
        return params
    params = _settings(_layers(params))
    _check_network(params)
    _check_samples(params)
    return _central_flow(params)


def _layers(params: Params) -> Params:
    """Width and depth read off a list of widths, of which width is the largest."""
    given = params.widths
    if given is None:
        return params
    if params.architecture != "mlp":
        raise ValueError(
            f"widths = {written(given)} is not allowed with architecture={params.architecture}: "
            "only an mlp has a width for each layer; give auto, or architecture = mlp."
        )
    if any(width != int(width) for width in given):
        raise ValueError(
            f"widths = {written(given)} is not allowed: give 1 to 3 whole numbers, such as 30,20."
        )
    whole = tuple(int(width) for width in given)
    return dataclasses.replace(params, widths=whole, width=max(whole), depth=len(whole))


def _settings(params: Params) -> Params:
    kind, rule = params.architecture, params.optimizer
    other = kind != "mlp"
    data = params.data or ("digits_mse" if other else "chebyshev")
    own = own_data.is_own(data)
    many = own or data.startswith("digits")
    eta = ETA_BY_OPTIMIZER[rule]
    if rule not in ADAPTIVE:
        by_data = OWN_ETA if own else ETA_BY_DATA.get(data, eta)
        eta = ETA_BY_ARCHITECTURE.get(kind, by_data)
    width, depth = SIZE_BY_ARCHITECTURE.get(kind, (24, 1) if many else (32, 2))
    steps = STEPS_BY_OPTIMIZER.get(rule, OTHER_STEPS)
    autos = {
        "data": data,
        "activation": "gelu" if other else "tanh",
        "eta": eta,
        "beta": BETA_BY_OPTIMIZER.get(rule, 0.0),
        "samples": _usual_samples(data, 50 if other else 100) if many else 20,
        "width": width,
        "depth": depth,
        "steps": STEPS_BY_ARCHITECTURE.get(kind, steps) if rule == "gd" else steps,
        "critical": 3 if rule == "rmsprop" else 2,
    }
    open_ = {n: v for n, v in autos.items() if getattr(params, n) is None}
    params = dataclasses.replace(params, **open_)
    if params.widths is None and not other:
        repeated = (filled(params.width),) * filled(params.depth)
        params = dataclasses.replace(params, widths=repeated)
    return params


def _usual_samples(data: str, usual: int) -> int:
    return min(usual, len(own_data.of(data).y)) if own_data.is_own(data) else usual


def _check_network(params: Params) -> None:
    kind, depth = params.architecture, filled(params.depth)
    if kind in IMAGE_READERS and not objective.is_digits(params):
        raise ValueError(
            f"architecture = {kind} is not allowed with data={params.data}: a "
            f"{IMAGE_READERS[kind]} needs an image; give data = digits_mse or architecture = mlp."
        )
    if kind == "cnn" and depth > MOST_CONVOLUTIONS:
        raise ValueError(
            f"depth = {depth} is not allowed with architecture=cnn: a digit is 8 pixels wide; "
            f"give a whole number from 1 to {MOST_CONVOLUTIONS}, or auto."
        )
    if kind == "transformer" and filled(params.width) % params.heads:
        raise ValueError(
            f"heads = {params.heads} do not divide the width {params.width}: "
            "give heads that do, or another width."
        )


def _check_samples(params: Params) -> None:
    n, most, there = filled(params.samples), MOST_POINTS, f"data={params.data}"
    if objective.is_digits(params):
        most = int(np.sum(digits()[1] < params.classes))
        there += f" and {params.classes} classes"
    if own_data.is_own(params.data):
        own = own_data.of(filled(params.data))
        most = min(most, len(own.y))
        if own.features > MOST_FEATURES:
            raise ValueError(
                f"The data have {own.features} features: give 1 to {MOST_FEATURES}, since the "
                "sharpness is found anew at every record."
            )
    if n > most:
        raise ValueError(
            f"samples = {n} is not allowed with {there}: "
            f"give a whole number from {FEWEST_SAMPLES} to {most}, or auto."
        )
    if params.optimizer == "sgd" and params.batch_size > n:
        raise ValueError(
            f"batch_size = {params.batch_size} is more than the samples: "
            f"give a whole number from 1 to {n}."
        )


def _check_classes(params: Params, task: Task) -> None:
    if not objective.is_cross_entropy(params) and not objective.is_labelled(params):
        return
    if not np.all(np.sum(task["y"], axis=0) > 0):
        raise ValueError(
            f"samples = {params.samples} leaves a class without a sample for one of the seeds: "
            "give more samples, fewer classes or another seed."
        )


def no_central_flow(params: Params) -> str:
    """Why there is no central flow for these knobs, or ''."""
    if params.optimizer not in CENTRAL:
        return f"it is derived for gd and rmsprop, not for {params.optimizer}"
    if params.activation == "relu":
        return "ReLU has no third derivative"
    if params.norm:
        return "with a layer norm it was never tested"
    if params.architecture != "mlp" and params.optimizer == "rmsprop":
        return "RMSProp settles 6 % above its edge on this network, and why is not known"
    most = MOST_PARAMETERS if params.architecture == "mlp" else MOST_SHARED
    count = objective.parameters(params)
    return f"the net has {count} weights, more than {most}" if count > most else ""


def _central_flow(params: Params) -> Params:
    why = no_central_flow(params)
    if params.central_flow and why:
        raise ValueError(f"central_flow = true is not allowed: {why}; give false or auto.")
    wanted = params.central_flow
    if wanted is None:
        wanted = not why and (params.data == "chebyshev" or params.architecture == "cnn")
    tracked = max(params.tracked, filled(params.critical)) if wanted else params.tracked
    return dataclasses.replace(params, central_flow=wanted, tracked=tracked)


def notices(params: Params) -> list[str]:
    """What was done to the input."""
    settled = resolve(params, ())
    found = []
    if settled.tracked > params.tracked:
        found.append(
            f"tracked was raised from {params.tracked} to {settled.tracked}: "
            "every direction that may oscillate is followed."
        )
    why = no_central_flow(settled)
    if params.central_flow is None and why and settled.optimizer in CENTRAL:
        found.append(f"No central flow is predicted here: {why}.")
    if settled.optimizer == "sgd" and settled.batch_size == settled.samples:
        found.append(f"A batch of all {number(filled(settled.samples))} samples is full batch.")
    return found
