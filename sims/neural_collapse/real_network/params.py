"""Knobs of a real network, how autos follow from them, and what is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sims.core import own_data
from sims.core.experiment import Task
from sims.core.knobs import Scalar, filled, knob, number, only_with, parameters
from sims.neural_collapse import hints, refusals
from sims.neural_collapse.classes import class_sizes
from sims.neural_collapse.real_network.scales import inputs

if TYPE_CHECKING:
    Count = int
    """A knob that only the host reads; inside jit it is an array like every dynamic knob."""
else:
    Count = Any

POOL = 130
"""Digits of each class that may be trained on; the rest tests."""
OWN_POOL = 0.75
"""The same of data of one's own, as a share of its smallest class."""
CLASSES = {"digits": 10, "mixture": 4}
WIDTH = {"digits": 64}
USUAL_WIDTH = 16
HIDDEN = {"mlp": 128, "cnn": 16, "transformer": 32}
DEPTH = {"mlp": 2, "cnn": 2, "transformer": 1}
STEPS = {"mlp": 3000, "cnn": 4000, "transformer": 5000}
PER_CLASS = {"mlp": POOL, "cnn": 60, "transformer": 30}
"""Digits of each class: as many as a network of these sizes can place anywhere."""
MOST_CONVOLUTIONS = 3
IMAGE_READERS = {"cnn": "convolution", "transformer": "transformer"}
MIXTURE_PER_CLASS = 50
FEWEST = 2
"""Samples of a class that can be trained on at all."""
ETA = {"adam": 3e-3, "sgd": 0.1}


def _collapse_line(params: Params) -> str:
    return hints.collapse_line(params) if params.decay == "features" else ""


def _threshold_line(params: Params) -> str:
    return hints.threshold_line(params) if params.decay == "features" else ""


def _network_line(params: Params) -> str:
    """Beneath the kind of network: what it is made of."""
    if params.architecture == "mlp":
        return ""
    hidden, depth = filled(params.hidden), filled(params.depth)
    if params.architecture == "cnn":
        channels = [str(hidden * 2**i) for i in range(depth)]
        return f"3 × 3 convolutions with {' and '.join(channels)} channels"
    made = "one block" if depth == 1 else f"{depth} blocks"
    return f"8 tokens (the rows), {made}, 2 heads, gelu"


EVERY_WEIGHT = only_with("Every weight decays instead.", decay="features")
OF_THE_MIXTURE = only_with("They belong to the mixture.", data="mixture")


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    data: str = knob(
        "digits", label="Data", group="Data",
        choices=("digits", "mixture"), static=True, own=True,
        help="Real handwritten digits, points around random centres, or data of one's own.",
    )
    classes: int | None = knob(
        None, label="Classes", symbol="K", group="Data",
        kind="int", lo=2, hi=10, static=True, auto=True,
        help="Of the digits, or of one's own data, the first K.",
    )
    per_class: Count | None = knob(
        None, label="Samples of a small class", symbol=r"n_\mathrm{min}", group="Data",
        kind="int", lo=5, hi=100, hard_lo=2, hard_hi=500, auto=True,
        help="Training samples of each class; with imbalance, of each of the small ones.",
    )
    imbalance: Scalar = knob(
        1.0, label="Imbalance", symbol="R", group="Data",
        lo=1, hi=50,
        help="The first half of the classes has R times as many samples.",
        beneath=_threshold_line,
    )
    label_noise: Scalar = knob(
        0.0, label="Random labels", group="Data",
        lo=0, hi=1,
        help="Share of the training samples whose labels are shuffled among them; 1 is all.",
    )
    dim: int = knob(
        32, label="Inputs of the mixture", group="Data",
        lo=2, hi=64, static=True,
        help="Dimension of the Gaussian mixture; digits have 64 pixels.",
        unused=OF_THE_MIXTURE,
    )
    separation: Scalar = knob(
        0.5, label="Separation", group="Data",
        lo=0.1, hi=3, scale="log",
        help="Spread of the centres of the mixture, in units of the noise.",
        unused=OF_THE_MIXTURE,
    )
    loss_kind: str = knob(
        "ce", label="Loss", group="Objective",
        choices=("ce", "mse"), static=True,
        help="Cross-entropy, or half the squared distance to the one-hot label.",
    )
    bias: bool = knob(
        True, label="Bias", symbol="b", group="Objective", static=True,
        help="Whether the classifier has a bias; it does not decay.",
    )
    decay: str = knob(
        "features", label="What decays", group="Objective",
        choices=("features", "weights"), static=True,
        help="Last features and classifier, as the theory has it, or every weight, as in practice.",
    )
    lambda_w: Scalar = knob(
        0.02, label="Decay of the classifier", symbol=r"\lambda_W", group="Objective",
        lo=1e-4, hi=0.5, hard_lo=0, hard_hi=2, scale="log",
        help="Weight decay of W; with K√(λ_W λ_H) ≥ 1 everything dies.",
        unused=EVERY_WEIGHT,
    )
    lambda_h: Scalar | None = knob(
        None, label="Decay of the features", symbol=r"\lambda_H", group="Objective",
        kind="float", lo=1e-4, hi=0.5, hard_lo=0, hard_hi=2, scale="log", auto=True,
        help="Decay of the last features, in units in which the number of samples drops out.",
        beneath=_collapse_line,
        unused=EVERY_WEIGHT,
    )
    weight_decay: Scalar = knob(
        5e-3, label="Weight decay", symbol=r"\lambda", group="Objective",
        lo=1e-5, hi=0.1, hard_lo=0, scale="log",
        help="Decay of every weight and bias; only where all weights decay.",
        unused=only_with(
            "Only the last features and the classifier decay.", decay="weights"
        ),
    )
    architecture: str = knob(
        "mlp", label="Kind of network", group="Network",
        choices=("mlp", "cnn", "transformer"), static=True,
        help="Dense layers, convolutions, or a transformer over the rows of a digit.",
        beneath=_network_line,
    )
    hidden: int | None = knob(
        None, label="Hidden units", group="Network",
        kind="int", lo=8, hi=256, hard_lo=2, static=True, auto=True,
        help="Width of the hidden layers; channels of a cnn's first; tokens of a transformer.",
    )
    depth: int | None = knob(
        None, label="Hidden layers", symbol="D", group="Network",
        kind="int", lo=1, hi=6, static=True, auto=True,
        help="ReLU layers, convolutions or blocks before the feature layer.",
    )
    width: int | None = knob(
        None, label="Feature width", symbol="d", group="Network",
        kind="int", lo=2, hi=64, hard_lo=1, hard_hi=256, static=True, auto=True,
        help="Dimension of the last features; K classes need K - 1.",
    )
    nonnegative: bool = knob(
        False, label="ReLU on the features", symbol=r"h \ge 0", group="Network", static=True,
        help="A ReLU behind the feature layer, which is linear without it.",
    )
    optimizer: str = knob(
        "adam", label="Optimiser", group="Training",
        choices=("adam", "sgd"), static=True,
        help="Both with a cosine schedule down to a thousandth of the learning rate.",
    )
    eta: Scalar | None = knob(
        None, label="Learning rate", symbol=r"\eta", group="Training",
        kind="float", lo=1e-4, hi=1, scale="log", auto=True,
        help="At the start of the cosine schedule.",
    )
    momentum: Scalar = knob(
        0.9, label="Momentum", symbol=r"\beta", group="Training",
        lo=0, hi=0.99,
        help="Of SGD; ignored by Adam.",
        unused=only_with("It belongs to SGD.", optimizer="sgd"),
    )
    batch_size: int = knob(
        256, label="Batch", symbol="B", unit="samples", group="Training",
        lo=16, hi=2000, static=True,
        help="Samples in each step, drawn with replacement; all of them if there are no more.",
    )
    steps: Count | None = knob(
        None, label="Steps", symbol="T", unit="steps", group="Training",
        kind="int", lo=100, hi=10_000, auto=True,
        help="Number of training steps.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """Fill the autos; all follow from other knobs.

    Raises:
        ValueError: more digits than there are, too many samples, no closed form, or a network that
            cannot read the data.
    """
    if tasks:
        return params
    R = float(params.imbalance)
    params = dataclasses.replace(params, classes=_classes(params))
    pool = pool_of(params)
    autos = {
        "per_class": MIXTURE_PER_CLASS if pool is None else _of_each(params, pool, R),
        "width": WIDTH.get(params.data, USUAL_WIDTH),
        "hidden": HIDDEN[params.architecture],
        "depth": DEPTH[params.architecture],
        "steps": STEPS[params.architecture],
        "eta": ETA[params.optimizer],
        "lambda_h": params.lambda_w,
    }
    open_ = {n: v for n, v in autos.items() if getattr(params, n) is None}
    params = dataclasses.replace(params, **open_)
    sizes = class_sizes(filled(params.classes), int(filled(params.per_class)), R)
    if pool is not None and sizes.max() > pool:
        what = "digits" if params.data == "digits" else "samples"
        raise ValueError(
            f"imbalance = {number(R)} and per_class = {int(filled(params.per_class))} want "
            f"{sizes.max()} {what} in a class, more than {pool}: give per_class of at most "
            f"{max(2, int(pool / R))}, or data=mixture."
        )
    refusals.samples(sizes)
    _check_network(params)
    if params.decay == "features":
        refusals.nonnegative(params, sizes)
    return params


def _classes(params: Params) -> int:
    """K, as given or all there are."""
    if not own_data.is_own(params.data):
        return params.classes or CLASSES[params.data]
    there = int(own_data.of(params.data).labels().max()) + 1
    if (params.classes or 0) > there:
        raise ValueError(
            f"classes = {params.classes} is not allowed with these data: give a whole number from "
            f"2 to {there}, or auto."
        )
    return params.classes or there


def pool_of(params: Params) -> int | None:
    """Samples of each of the first K classes that may be trained on; None: as many as one likes.

    Raises:
        ValueError: a class has fewer than three.
    """
    if not own_data.is_own(params.data):
        return POOL if params.data == "digits" else None
    there = np.bincount(own_data.of(params.data).labels())[: filled(params.classes)]
    pool = int(OWN_POOL * there.min())
    if pool < FEWEST:
        raise ValueError(
            f"A class of the data has {there.min()} samples: give at least 3 of each, so that one "
            "is left to test on."
        )
    return pool


def _of_each(params: Params, pool: int, R: float) -> int:
    return max(FEWEST, int(min(PER_CLASS[params.architecture], pool / R + 1e-9)))


def _check_network(params: Params) -> None:
    kind = params.architecture
    if kind in IMAGE_READERS and params.data != "digits":
        raise ValueError(
            f"architecture = {kind} is not allowed with data={params.data}: a "
            f"{IMAGE_READERS[kind]} needs an image; give data=digits or architecture=mlp."
        )
    if kind == "cnn" and filled(params.depth) > MOST_CONVOLUTIONS:
        raise ValueError(
            f"depth = {params.depth} is not allowed with architecture=cnn: a digit is 8 pixels "
            f"wide; give a whole number from 1 to {MOST_CONVOLUTIONS}, or auto."
        )
    if kind == "transformer" and filled(params.hidden) % 2:
        raise ValueError(
            f"hidden = {params.hidden} is not allowed with architecture=transformer: its two heads "
            "share the units; give an even number, or auto."
        )


def layer_sizes(params: Params) -> list[int]:
    """Units of every layer of an MLP from the inputs to the logits."""
    hidden = [filled(params.hidden)] * filled(params.depth)
    return [inputs(params.data, params.dim), *hidden, filled(params.width), filled(params.classes)]


def notices(params: Params) -> list[str]:
    """What was done to the input."""
    settled = resolve(params, ())
    found = []
    if settled.decay == "weights":
        found.append("Every weight decays: λ_W and λ_H are ignored, and no level is predicted.")
    elif (
        float(settled.lambda_w) * float(filled(settled.lambda_h)) == 0 and settled.loss_kind == "ce"
    ):
        found.append("Without decay there is no finite optimum: the margin grows like log t.")
    total = int(sizes_of(settled).sum())
    if settled.batch_size >= total:
        found.append(f"A batch of all {total} samples is full batch.")
    return found


def sizes_of(params: Params) -> Any:
    """Samples of every class, (class,)."""
    return class_sizes(
        filled(params.classes), int(filled(params.per_class)), float(params.imbalance)
    )
