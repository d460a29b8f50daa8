"""Knobs of normalised weights, what is refused, and the presets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sims.core.experiment import Preset, Task, stated
from sims.core.knobs import Scalar, knob, number, parameters
from sims.core.sentences import said
from sims.symmetries.decay import decays, steady_turn

MOST_WORK = 2e10
"""Steps times neurons times digits."""
EXAMPLES = 1797


def _turn_line(params: Params) -> str:
    """The product that counts, and the angle that follows."""
    turn = math.degrees(steady_turn(*rates(params)))
    return (
        f"ηλ = {said(float(params.eta) * float(params.weight_decay), 3)}: {said(turn, 3)}° a step"
    )


def _decays_line(params: Params) -> str:
    """How often a weight without gradient would shrink by e."""
    return f"{said(decays(*rates(params)) * float(params.steps), 3)} decays of the length"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    normalisation: str = knob(
        "batch", label="Normalisation", symbol="N",
        choices=("batch", "layer", "off"), static=True,
        help="Over the digits of a batch, each neuron alone; or over all neurons; or none.",
    )
    activation: str = knob(
        "relu", label="Activation", symbol=r"\phi",
        choices=("relu", "tanh", "linear"), static=True,
        help="Behind the normalisation.",
    )
    width: int = knob(
        32, label="Hidden neurons", symbol="h",
        lo=8, hi=48, hard_lo=1, hard_hi=256, static=True,
        help="Of the one hidden layer.",
    )
    eps: Scalar = knob(
        0.0, label="Added to the variance", symbol=r"\epsilon",
        lo=0, hi=0.1, hard_hi=10,
        help="Under the root of the normalisation.",
    )
    spread: Scalar = knob(
        1.0, label="Spread of first lengths", group="Start",
        lo=0, hi=1.5, hard_hi=3,
        help="First lengths run from 10 to the power −spread to 10 to the power spread.",
    )
    eta: Scalar = knob(
        0.5, label="Learning rate", symbol=r"\eta", group="Training",
        lo=0.05, hi=1, hard_lo=1e-4, hard_hi=10, scale="log",
        help="Size of a step.",
        beneath=_turn_line,
    )
    weight_decay: Scalar = knob(
        0.01, label="Weight decay", symbol=r"\lambda", group="Training",
        lo=0, hi=0.1, hard_hi=1,
        help="Added to the gradient as λθ, of both layers.",
    )
    momentum: Scalar = knob(
        0.0, label="Momentum", symbol=r"\beta", group="Training",
        lo=0, hi=0.9, hard_hi=0.99,
        help="Of heavy ball; η/(1-β) is the rate that counts.",
    )
    batch_size: int = knob(
        32, label="Batch size", group="Training",
        lo=0, hi=100, hard_hi=EXAMPLES, static=True,
        help="Digits of a step, drawn anew each time; 0 takes all.",
    )
    steps: Scalar = knob(
        4000, label="Steps", symbol="T", group="Training",
        kind="int", lo=300, hi=8000, hard_lo=10, hard_hi=200_000, scale="log",
        help="Number of steps; the second half is watched.",
        beneath=_decays_line,
    )
    n: int = knob(
        500, label="Digits", symbol="n", group="Data",
        lo=100, hi=800, hard_lo=10, hard_hi=EXAMPLES, static=True,
        help="Handwritten digits that are learned.",
    )
    label_noise: Scalar = knob(
        0.0, label="Label noise", group="Data",
        lo=0, hi=1,
        help="Share of labels that are drawn anew.",
    )
    # fmt: on


def rates(params: Params) -> tuple[float, float, float]:
    """η, λ, β."""
    return float(params.eta), float(params.weight_decay), float(params.momentum)


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """The params as they are.

    Raises:
        ValueError: a batch that is too large or too small, a layer of one neuron, too much work.
    """
    del tasks
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
    if params.normalisation == "layer" and params.width == 1:
        raise ValueError(
            "width = 1 cannot be normalised over the neurons of a layer: give a whole number from "
            "2 to 256."
        )
    if float(params.steps) * params.width * params.n > MOST_WORK:
        raise ValueError(
            f"steps = {number(float(params.steps))} would take too long with {params.width} "
            f"neurons and {params.n} digits: give at most "
            f"{int(MOST_WORK / params.width / params.n)}."
        )
    return params


def feasible(values: Mapping[str, Any]) -> dict[str, Any]:
    """What goes together: batches that exist."""
    size = min(int(values["batch_size"]), int(values["n"]))
    return {"batch_size": 2 if size == 1 else size}


def cpu_seconds(params: Params) -> float:
    """One thread: some six products with W at every step, and the draw of a batch."""
    size = 64 * params.width * (params.batch_size or params.n)
    return 0.5 + float(params.steps) * (8e-5 + 8 * size / 5e9)


CLAIMS = ("turn_mean", "turn_each")


def _preset(
    id: str, title: str, look_for: str, row: str, knobs: Mapping[str, Any] | None = None
) -> Preset:
    return Preset(id, title, look_for, knobs or {}, verdicts=stated(CLAIMS, row))


PRESETS = (
    _preset("funnel", "The funnel",
            "Lengths from 0.1 to 10 begin with turns a thousand times apart, and end in one.",
            "L L"),
    _preset("momentum", "With momentum",
            "As much decay a step, and a quarter of the turn.",
            "L L", {"momentum": 0.9, "eta": 0.05, "steps": 6000}),
    _preset("same_product", "Only the product",
            "A fifth of the rate, five times the decay: the same line.",
            "L L", {"eta": 0.1, "weight_decay": 0.05}),
    _preset("random_labels", "Nothing to learn",
            "All labels are drawn by chance: the same line.",
            "L L", {"label_noise": 1}),
    _preset("layer_norm", "One big neuron",
            "Normalised over the neurons, all of them turn as one.",
            "L L", {"normalisation": "layer"}),
    _preset("no_norm", "No normalisation",
            "Length matters to the loss, and each neuron turns as it likes.",
            "D D", {"normalisation": "off", "spread": 0}),
    _preset("thick_floor", "A thick floor",
            "Under the root stands 0.03, and short weights are no longer blown up: half the turn.",
            "D D", {"eps": 0.03}),
    _preset("no_decay", "No decay",
            "Nothing pulls lengths in: they grow, and the turning dies away.",
            "D D", {"weight_decay": 0}),
    _preset("four_rows", "Four rows",
            "Now and then four digits agree, and one step throws a neuron far round.",
            "D D", {"batch_size": 4, "eta": 0.4, "weight_decay": 0.08, "steps": 2000}),
    _preset("too_short", "Too short",
            "The long ones are still on their way down.",
            "D D", {"weight_decay": 0.001}),
)  # fmt: skip
