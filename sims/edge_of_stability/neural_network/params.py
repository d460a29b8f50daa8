"""Knobs of a small net at the edge of stability, and how autos follow from them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sims.core.datasets import digits
from sims.core.experiment import Task
from sims.core.knobs import Scalar, filled, knob, number, only_with, parameters
from sims.core.sentences import said
from sims.edge_of_stability import objective, scales

if TYPE_CHECKING:
    Count = int
    Flag = bool
    """Knobs that only the host reads; inside jit they are arrays like every dynamic knob."""
else:
    Count = Flag = Any

OPTIMIZERS = ("gd", "polyak", "nesterov", "rmsprop", "adam", "sgd")
ADAPTIVE = ("rmsprop", "adam")
CENTRAL = ("gd", "rmsprop")
"""Rules whose central flow is known."""
DATA = ("chebyshev", "chebyshev_sign", "digits_mse", "digits_ce")

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
FEWEST_SAMPLES, MOST_POINTS = 4, 400


def _edge_line(params: Params) -> str:
    """Where the edge lies."""
    rule = params.optimizer
    beta = filled(params.beta) if rule in scales.WITH_MOMENTUM else 0.0
    at = scales.edge(rule, filled(params.eta), beta)
    return f"edge ${scales.EDGES[rule]} =$ {said(at, 4)}"


def _network_line(params: Params) -> str:
    """What the network is made of."""
    if params.architecture == "mlp":
        return ""
    width, depth = filled(params.width), filled(params.depth)
    channels = " and ".join(str(width * 2**i) for i in range(depth))
    blocks = "one block" if depth == 1 else f"{depth} blocks"
    made = {
        "cnn": f"3 × 3 convolutions with {channels} channels",
        "transformer": f"8 tokens (the rows), {blocks}",
    }
    return f"{made[params.architecture]}, {objective.parameters(params)} weights"


def _reads_digits(values: Mapping[str, Any]) -> bool:
    """Whether the data are digits, chosen or by the kind of network."""
    chosen = values["data"]
    return values["architecture"] != "mlp" if chosen is None else chosen.startswith("digits")


def _no_degree(values: Mapping[str, Any]) -> str:
    return "The digits are no polynomial." if _reads_digits(values) else ""


def _no_classes(values: Mapping[str, Any]) -> str:
    return "" if _reads_digits(values) else "Only the digits have classes to choose."


def _no_critical(values: Mapping[str, Any]) -> str:
    if values["optimizer"] in CENTRAL and values["central_flow"] is False:
        return "No central flow is asked for."
    return CENTRAL_ALONE(values)


def _no_quiet_start(values: Mapping[str, Any]) -> str:
    quiet = values["optimizer"] == "gd" and values["central_flow"] is not False
    return "" if quiet else "Only gradient descent with a central flow is started quietly."


CENTRAL_ALONE = only_with("The central flow is known for gd and rmsprop.", optimizer=CENTRAL)


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    optimizer: str = knob(
        "gd", label="Optimiser", group="Training",
        choices=OPTIMIZERS, static=True,
        help="Each update rule has its own edge; SGD draws a fresh batch each step.",
    )
    eta: Scalar | None = knob(
        None, label="Learning rate", symbol=r"\eta", unit="time/step", group="Training",
        kind="float", lo=1e-5, hi=2, hard_lo=1e-7, hard_hi=100, scale="log", auto=True,
        help="Step size; it sets the edge, 2/η for gradient descent.",
        beneath=_edge_line,
    )
    beta: Scalar | None = knob(
        None, label="Momentum", symbol=r"\beta", group="Training",
        kind="float", lo=0, hi=0.95, hard_hi=0.999, auto=True,
        help="Memory of past steps: polyak, nesterov and adam; ignored by the others.",
        unused=only_with("This rule has no momentum.", optimizer=scales.WITH_MOMENTUM),
    )
    beta2: Scalar = knob(
        0.99, label="Memory of squares", symbol=r"\beta_2", group="Training",
        lo=0.9, hi=0.9999, hard_lo=0.5, hard_hi=0.999999,
        help="Memory of the squared gradients: rmsprop and adam; ignored by the others.",
        unused=only_with(
            "Only rmsprop and adam remember squared gradients.", optimizer=("rmsprop", "adam")
        ),
    )
    batch_size: int = knob(
        10, label="Batch", symbol="B", unit="samples", group="Training",
        lo=1, hi=64, hard_hi=1797, static=True,
        help="Samples in each step of SGD; the others see all samples.",
        unused=only_with(
            "Every step sees all samples; only sgd draws batches.", optimizer="sgd"
        ),
    )
    data: str | None = knob(
        None, label="Data", group="Data",
        kind="choice", choices=DATA, static=True, auto=True,
        help="A Chebyshev polynomial, its sign as labels, or real digits with either loss.",
    )
    degree: Count = knob(
        4, label="Degree", symbol="d", group="Data",
        lo=2, hi=8, hard_lo=1, hard_hi=20,
        help="Degree of the Chebyshev polynomial that is to be learned.",
        unused=_no_degree,
    )
    samples: int | None = knob(
        None, label="Samples", symbol="n", group="Data",
        kind="int", lo=8, hi=400, hard_lo=FEWEST_SAMPLES, hard_hi=1797, static=True, auto=True,
        help="Training samples: points in [-1, 1], or digits drawn at random.",
    )
    classes: int = knob(
        4, label="Classes", symbol="C", group="Data",
        lo=2, hi=10, static=True,
        help="How many of the ten digits are told apart.",
        unused=_no_classes,
    )
    architecture: str = knob(
        "mlp", label="Kind of network", group="Network",
        choices=("mlp", "cnn", "transformer"), static=True,
        help="Kind of network; cnn and transformer look at digits.",
        beneath=_network_line,
    )
    width: int | None = knob(
        None, label="Width", symbol="N", group="Network",
        kind="int", lo=8, hi=128, hard_lo=1, hard_hi=256, static=True, auto=True,
        help="Units in each hidden layer; channels of a cnn's first; tokens of a transformer.",
    )
    depth: int | None = knob(
        None, label="Depth", symbol="D", unit="hidden layers", group="Network",
        kind="int", lo=1, hi=3, static=True, auto=True,
        help="Number of hidden layers, convolutions or blocks.",
    )
    activation: str | None = knob(
        None, label="Activation", group="Network",
        kind="choice", choices=("tanh", "gelu", "relu", "linear"), static=True, auto=True,
        help="Nonlinearity of the hidden units.",
    )
    norm: bool = knob(
        False, label="Layer norm", group="Network", static=True,
        help="Layer norm before activations (mlp, cnn) or blocks (transformer).",
    )
    heads: int = knob(
        2, label="Attention heads", group="Network",
        lo=1, hi=4, static=True,
        help="Attention heads of the transformer; they divide the width.",
        unused=only_with("Only a transformer attends.", architecture="transformer"),
    )
    steps: Count | None = knob(
        None, label="Steps", symbol="T", unit="steps", group="Training",
        kind="int", lo=500, hi=20_000, hard_lo=1, hard_hi=100_000, auto=True,
        help="Number of training steps.",
    )
    tracked: int = knob(
        2, label="Tracked eigenvalues", symbol="k", group="Measurement",
        lo=1, hi=4, static=True,
        help="How many of the largest Hessian eigenvalues are recorded.",
    )
    every: Count = knob(
        5, label="Record every", symbol="m", unit="steps", group="Measurement",
        lo=1, hi=20, hard_hi=1000,
        help="Steps between two records.",
    )
    central_flow: Flag | None = knob(
        None, label="Central flow", group="Theory",
        kind="bool", auto=True,
        help="Predict the time-averaged path beyond the edge.",
        unused=CENTRAL_ALONE,
    )
    critical: Count | None = knob(
        None, label="Directions allowed to oscillate", symbol="K", group="Theory",
        kind="int", lo=1, hi=3, auto=True,
        help="How many eigenvalues may sit at the edge in the central flow.",
        unused=_no_critical,
    )
    quiet_start: Flag = knob(
        True, label="Quiet start", group="Theory",
        help="Give the run the predicted oscillation when it reaches the edge: an intervention.",
        unused=_no_quiet_start,
    )
    dtype: str = knob(
        "float32", label="Arithmetic", group="Measurement",
        choices=("float32", "float64"), static=True,
        help="Precision of the run; theory is always float64.",
    )
    # fmt: on


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
    params = _settings(params)
    _check_network(params)
    _check_samples(params)
    return _central_flow(params)


def _settings(params: Params) -> Params:
    kind, rule = params.architecture, params.optimizer
    other = kind != "mlp"
    data = params.data or ("digits_mse" if other else "chebyshev")
    digits = data.startswith("digits")
    eta = ETA_BY_OPTIMIZER[rule]
    if rule not in ADAPTIVE:
        eta = ETA_BY_ARCHITECTURE.get(kind, ETA_BY_DATA.get(data, eta))
    width, depth = SIZE_BY_ARCHITECTURE.get(kind, (24, 1) if digits else (32, 2))
    steps = STEPS_BY_OPTIMIZER.get(rule, OTHER_STEPS)
    autos = {
        "data": data,
        "activation": "gelu" if other else "tanh",
        "eta": eta,
        "beta": BETA_BY_OPTIMIZER.get(rule, 0.0),
        "samples": (50 if other else 100) if digits else 20,
        "width": width,
        "depth": depth,
        "steps": STEPS_BY_ARCHITECTURE.get(kind, steps) if rule == "gd" else steps,
        "critical": 3 if rule == "rmsprop" else 2,
    }
    open_ = {n: v for n, v in autos.items() if getattr(params, n) is None}
    return dataclasses.replace(params, **open_)


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
    if not objective.is_cross_entropy(params) and not objective.is_digits(params):
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
