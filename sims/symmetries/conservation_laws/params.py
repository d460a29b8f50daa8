"""Knobs of the conservation laws, what is refused, and the presets."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from sims.core.experiment import Preset, Task, stated
from sims.core.knobs import Scalar, knob, number, only_with, parameters
from sims.core.sentences import said
from sims.symmetries.conservation_laws.charges import SYMMETRIES

MOST_STEPS = 1_000_000
EXAMPLES = 1797
USUAL = {
    "translation": ("relu", "off"),
    "rotation": ("linear", "off"),
    "rescale": ("relu", "off"),
    "scale": ("tanh", "batch"),
}
"""Activation and normalisation under which the loss has the symmetry."""


def _steps_line(params: Params) -> str:
    """How many steps there are until the horizon."""
    return f"{number(steps(params))} steps"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    symmetry: str = knob(
        "rescale", label="Symmetry",
        choices=SYMMETRIES, static=True,
        help="Of the loss: which one the page watches.",
    )
    activation: str | None = knob(
        None, label="Activation", symbol=r"\phi",
        choices=("relu", "linear", "square", "tanh", "gelu"), static=True, auto=True,
        help="Of the hidden layer. Automatically relu; for rotation linear, for scale tanh.",
    )
    normalisation: str | None = knob(
        None, label="Normalisation", symbol="N",
        choices=("off", "batch"), static=True, auto=True,
        help="In front of the activation, over the batch. Automatically batch for scale, else off.",
    )
    loss_kind: str = knob(
        "softmax", label="Loss",
        choices=("softmax", "squared"), static=True,
        help="Cross-entropy of a softmax, or half the squared distance to the one-hot label.",
    )
    bias: bool = knob(
        False, label="Hidden biases", symbol="b", static=True,
        help="They are trained, and not counted in the charge.",
    )
    width: int = knob(
        32, label="Hidden neurons", symbol="h",
        lo=8, hi=64, hard_lo=2, hard_hi=256, static=True,
        help="Of the one hidden layer.",
    )
    gain: Scalar = knob(
        1.0, label="Scale of the start", group="Start",
        lo=0.3, hi=2, hard_lo=0.01, hard_hi=10, scale="log",
        help="Factor of the first weights.",
    )
    spin: Scalar = knob(
        0.02, label="First spin", symbol=r"\kappa", group="Start",
        lo=0.001, hi=0.1, hard_lo=1e-4, hard_hi=1, scale="log",
        help="By how much every pair of hidden units turns at the first step.",
        unused=only_with("Only the rotation starts with a spin.", symmetry="rotation"),
    )
    optimizer: str = knob(
        "gd", label="Optimizer", group="Training",
        choices=("gd", "adam"), static=True,
        help="Descent with heavy-ball momentum, or Adam with decoupled decay.",
    )
    eta: Scalar = knob(
        0.04, label="Learning rate", symbol=r"\eta", group="Training",
        lo=0.005, hi=0.2, hard_lo=1e-5, hard_hi=10, scale="log",
        help="Size of a step.",
        beneath=_steps_line,
    )
    horizon: Scalar = knob(
        40.0, label="Horizon", symbol="T", group="Training",
        lo=5, hi=60, hard_lo=0.01, hard_hi=1000, scale="log",
        help="Learning rate times number of steps.",
    )
    momentum: Scalar = knob(
        0.0, label="Momentum", symbol=r"\beta", group="Training",
        lo=0, hi=0.95, hard_hi=0.99,
        help="Of heavy ball.",
        unused=only_with("Adam has its own.", optimizer="gd"),
    )
    weight_decay: Scalar = knob(
        0.0, label="Weight decay", symbol=r"\lambda", group="Training",
        lo=0, hi=0.1, hard_hi=10,
        help="Added to the gradient as λθ; decoupled in Adam.",
    )
    batch_size: int = knob(
        0, label="Batch size", group="Training",
        lo=0, hi=100, hard_hi=EXAMPLES, static=True,
        help="Digits of a step, drawn anew each time; 0 takes all.",
    )
    n: int = knob(
        200, label="Digits", symbol="n", group="Data",
        lo=50, hi=400, hard_lo=10, hard_hi=EXAMPLES, static=True,
        help="Handwritten digits that are learned.",
    )
    # fmt: on


def steps(params: Params) -> int:
    """How many steps reach the horizon."""
    return max(1, math.ceil(float(params.horizon) / float(params.eta) - 1e-9))


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """The activation and normalisation under which the loss has the symmetry.

    Raises:
        ValueError: units that cannot be paired, a batch that is too large or too small, too many
            steps.
    """
    del tasks
    activation, normalisation = USUAL[params.symmetry]
    params = dataclasses.replace(
        params,
        activation=params.activation or activation,
        normalisation=params.normalisation or normalisation,
    )
    if params.symmetry == "rotation" and params.width % 2:
        raise ValueError(
            f"width = {params.width} leaves a unit without a partner to turn with: give an even "
            "whole number from 2 to 256."
        )
    if params.batch_size > params.n:
        raise ValueError(
            f"batch_size = {params.batch_size} is more than there are: give a whole number from 0 "
            f"to {params.n}."
        )
    if params.normalisation == "batch" and params.batch_size == 1:
        raise ValueError(
            "batch_size = 1 cannot be normalised, as one row has no variance: give 0, or a whole "
            f"number from 2 to {params.n}."
        )
    if steps(params) > MOST_STEPS:
        raise ValueError(
            f"horizon = {number(float(params.horizon))} takes {number(steps(params))} steps: give "
            f"at most {said(MOST_STEPS * float(params.eta), 3)}, or a larger eta."
        )
    return params


def feasible(values: Mapping[str, Any]) -> dict[str, Any]:
    """What goes together, and in seconds: pairs, batches that exist, some thousand steps."""
    changed: dict[str, Any] = {}
    if values["symmetry"] == "rotation":
        changed["width"] = int(values["width"]) // 2 * 2
    if values["batch_size"] == 1:
        changed["batch_size"] = 2
    changed["batch_size"] = min(int(changed.get("batch_size", values["batch_size"])), values["n"])
    changed["eta"] = max(float(values["eta"]), float(values["horizon"]) / 8000)
    return changed


def cpu_seconds(params: Params) -> float:
    """One thread: some eight products with W at every step, and the theory's path."""
    size = 64 * params.width * (params.batch_size or params.n)
    return 0.5 + (steps(params) + 2000) * (4e-5 + 8 * size / 5e9)


CLAIMS = ("charge", "leak")


def _preset(
    id: str,
    title: str,
    look_for: str,
    row: str,
    knobs: Mapping[str, Any] | None = None,
    **how: Any,
) -> Preset:
    return Preset(id, title, look_for, knobs or {}, verdicts=stated(CLAIMS, row), **how)


SHORT = {"horizon": 10}
"""Long enough for what breaks the law to be seen."""
TRANSLATION = {"symmetry": "translation"}
ROTATION = {"symmetry": "rotation", "momentum": 0.95, "eta": 0.02, "horizon": 4, "spin": 0.03}
PRESETS = (
    _preset("rails", "On rails",
            "Every neuron slides far along its own rail and stays on it; what leaks was drawn.",
            "n L"),
    _preset("half_the_step", "Half the step",
            "The same way in twice as many steps, and half the leak.",
            "n L", {"eta": 0.02}, slow=True),
    _preset("linear_rails", "A linear net",
            "Rails again, and a leak that is known to three digits.",
            "n L", {"activation": "linear"}),
    _preset("square", "Degree two",
            "An activation of degree two: 2|V|² against |W|² is what stays.",
            "n L", {"activation": "square", "eta": 0.004, "horizon": 8}),
    _preset("decay", "Decay folds the fan",
            "Weight decay pulls all rails together, at a rate that no digit changes.",
            "n L", {"weight_decay": 0.02}),
    _preset("momentum_leaks", "Momentum leaks more",
            "The same path leaks 19 times as much as without momentum, as drawn.",
            "n L", {"activation": "linear", "momentum": 0.9, "eta": 0.00025, "horizon": 1.5},
            slow=True),
    _preset("growing_norms", "Lengths only grow",
            "Behind a normalisation lengths have no reason to change, but that steps are finite.",
            "n L", {"symmetry": "scale"}),
    _preset("pendulum", "Thirty-two pendulums",
            "Sums of outgoing weights swing in step, exactly, although the net learns from scraps.",
            "L n",
            TRANSLATION | {"momentum": 0.9, "weight_decay": 0.1, "eta": 0.2, "batch_size": 32}),
    _preset("spin_down", "Spinning down",
            "Pairs of neurons were set turning: their spin falls on a straight line.",
            "L n", ROTATION),
    _preset("one_slope", "Leak against step",
            "The leak is in proportion to the step: both axes are logarithmic, the slope is 1.",
            "n L", {"activation": "linear"}, over={"eta": "0.02:0.08:3:log"}, slow=True),
    _preset("tanh", "Tanh has no rail",
            "Scaling a neuron up and its output down changes what the net says: beads leave.",
            "n D", SHORT | {"activation": "tanh"}),
    _preset("bias", "A bias derails",
            "The bias of a neuron takes part in its balance, and is not on the rail.",
            "n D", SHORT | {"bias": True}, slow=True),
    _preset("noise_leaks", "Noise leaks",
            "Small batches: the noise of the gradient leaks many times what its mean does.",
            "n D", SHORT | {"batch_size": 16}),
    _preset("big_step", "Too big a step",
            "The step is beyond what a smooth path can follow.",
            "n D", {"eta": 0.6}),
    _preset("no_norm", "Length matters",
            "The same net without its normalisation: lengths are learned like all else.",
            "n D", SHORT | {"symmetry": "scale", "normalisation": "off"}),
    _preset("squared_loss", "No softmax",
            "With a squared loss a common shift of all outputs is no symmetry.",
            "D n", TRANSLATION | {"loss_kind": "squared", "weight_decay": 0.1}),
    _preset("adam", "Adam obeys nothing",
            "It scales each weight on its own: no symmetry of the loss survives.",
            "D n",
            TRANSLATION
            | {"optimizer": "adam", "eta": 0.001, "horizon": 0.4, "weight_decay": 0.1}),
    _preset("relu_spin", "Relu knows its axes",
            "A relu layer is another after a rotation: the spin wanders.",
            "D n", ROTATION | {"activation": "relu"}),
)  # fmt: skip
