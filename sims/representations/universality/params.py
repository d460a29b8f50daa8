"""Knobs of universality, what is refused, and the presets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sims.core.experiment import Preset, Task
from sims.core.format import short, significant
from sims.core.knobs import Scalar, knob, number, parameters
from sims.representations.universality import theory

MOST_STEPS = 20_000
MOST_WORK = 3e11
"""Products of a whole run beyond which it is refused."""
PER_SECOND = 2e9
"""Such products one thread does in a second."""


def _width_line(params: Params) -> str:
    """Beneath the width: how alike untrained networks are."""
    x = theory.first_noise(params)
    alike = [significant(1 / (1 + x / times), 3) for times in (1, theory.WIDER)]
    return f"untrained ones are {alike[0]} alike; those {theory.WIDER} times as wide {alike[1]}"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    images: int = knob(
        400, label="Images", symbol="n", group="Data",
        lo=50, hi=500, hard_hi=1797, static=True,
        help="Handwritten digits that all networks see.",
    )
    components: int = knob(
        20, label="Components", symbol="d", group="Data",
        lo=8, hi=24, hard_lo=4, hard_hi=40, static=True,
        help="Principal components of them that are the inputs.",
    )
    white: Scalar = knob(
        True, label="White inputs", group="Data",
        help="All components count alike, or as much as they vary among the images.",
    )
    other: str = knob(
        "parity", label="What the others learn", group="Data",
        choices=("parity", "shuffled", "digits"), static=True,
        help="Even or odd; the digits of other images; or the same as all.",
    )
    width: int = knob(
        64, label="Width", symbol="N", group="Network",
        lo=56, hi=160, hard_lo=8, hard_hi=512, static=True,
        help="Hidden neurons of a narrow network; wide ones have four times as many.",
        beneath=_width_line,
    )
    activation: str = knob(
        "linear", label="Activation", group="Network",
        choices=("linear", "relu"), static=True,
        help="Of the hidden neurons.",
    )
    replicas: int = knob(
        4, label="Networks of a group", symbol="R", group="Network",
        lo=3, hi=6, hard_lo=2, hard_hi=12, static=True,
        help="From a start of its own each.",
    )
    init_scale: Scalar = knob(
        0.3, label="Size at the start", symbol=r"\sigma", group="Network",
        lo=0.1, hi=3, hard_lo=0.02, hard_hi=10, scale="log",
        help="Standard deviation of every weight. Small: features are learned. Large: they stay.",
    )
    rate: Scalar = knob(
        0.05, label="Learning rate", group="Training",
        lo=0.03, hi=0.2, hard_lo=0.005, hard_hi=1, scale="log",
        help="η (1 + 2σ²), in units of what a mode of strength 1 allows.",
    )
    horizon: Scalar = knob(
        3.0, label="Length of the run", group="Training",
        lo=1.5, hi=4, hard_lo=0.2, hard_hi=20, scale="log",
        help="In times that the weakest mode needs to leave its start and be fitted.",
    )
    data_seed: Scalar = knob(
        0, label="Data seed", group="Data",
        kind="int", lo=0, hi=99, hard_hi=1_000_000,
        help="Draws the images; the seed draws the networks alone.",
    )
    # fmt: on


def _products(params: Params, steps: float) -> float:
    """Products of all networks over a run, forward and backward."""
    rows = 20 if params.activation == "linear" else params.images
    each = 3 * params.replicas * 6 * params.width * rows * (params.components + 10)
    return (steps + theory.LOOKS * params.images / 20) * each


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """No knob follows from another.

    Raises:
        ValueError: fewer images than twice the components; too long a run.
    """
    if params.images < 2 * params.components:
        raise ValueError(
            f"components = {params.components} is too many for {params.images} images: give at "
            f"most {params.images // 2}."
        )
    if not tasks:
        return params
    steps = max(theory.of_task(params, task) for task in tasks)
    work = _products(params, steps)
    if steps > MOST_STEPS or work > MOST_WORK:
        most = float(params.horizon) * min(MOST_STEPS / steps, MOST_WORK / work)
        if most < 0.2:
            raise ValueError(
                f"width = {params.width} is too wide for so many networks, images and steps: give "
                "fewer of them, or a smaller width."
            )
        raise ValueError(
            f"horizon = {number(float(params.horizon))} takes {steps:,} steps, too many for "
            f"networks of this size: give at most {short(0.98 * most)}."
        )
    return params


def cpu_seconds(params: Params) -> float:
    """One thread: all networks at every step."""
    steps = 130 * float(params.horizon) * 0.05 / float(params.rate)
    return 0.5 + _products(params, steps) / PER_SECOND


def feasible(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of knobs drawn at random those to be changed: ReLU units see every image at every step."""
    fewest = 2 * int(values["components"])
    if values["activation"] == "relu":
        return {"images": min(100, int(values["images"])), "width": 64} | (
            {"components": 24} if fewest > 100 else {}
        )
    return {"images": max(fewest, int(values["images"]))}


_ALIKE = ("cka_narrow", "cka_wide", "cka_other", "debiased")
_ALL = (*_ALIKE, "loss")

PRESETS = (
    Preset(
        "rich",
        "Alike by learning",
        "Four seeds, one picture: 0.75 alike at the start, 0.996 once the digits are learned.",
        {},
        lands=_ALL,
    ),
    Preset(
        "lazy",
        "Alike by width",
        "Large weights hardly move: wide networks are 0.92 alike from start to end, untaught.",
        {"init_scale": 2},
        not_judged=_ALL,
    ),
    Preset(
        "shuffled",
        "Labels without a rule",
        "The others learn the digits of other images: 0.62 alike, less than before they learned.",
        {"other": "shuffled"},
        lands=_ALL,
    ),
    Preset(
        "raw",
        "Coloured inputs",
        "Components weigh as they vary: another level, and another clock.",
        {"white": False},
        departs=("cka_wide", "cka_other", "loss"),
    ),
    Preset(
        "relu",
        "ReLU units",
        "They find one picture, too, but use more dimensions and are less alike all the way.",
        {"activation": "relu", "images": 150},
        departs=("cka_wide", "cka_other", "loss"),
    ),
)
