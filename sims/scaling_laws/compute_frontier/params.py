"""Knobs of the compute frontier, what is refused, and the presets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, number, parameters
from sims.scaling_laws import knobs

MOST_NUMBERS = 2_000_000
"""Random numbers drawn at every step."""
FIRST_STEPS = 10
"""Steps of the largest size at the first compute of the frontier."""
QUICK_NUMBERS = 4e7
"""Random numbers of a whole run that is drawn at random: a second of one thread."""


def widths(width: int, sizes: int) -> list[int]:
    """The widths of all students, (size,): the largest, and half of it again and again."""
    return [int(width) >> k for k in range(int(sizes))]


def signal_lasts(a: float, b: float) -> bool:
    """Whether the signal is learned so slowly that noise is forgotten before it."""
    return b <= 2 * a - 0.5


def _sizes_line(params: Params) -> str:
    """Beneath their number: which sizes there are."""
    return ", ".join(str(m) for m in reversed(widths(params.width, params.sizes)))


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    a: Scalar = knobs.spectrum(2.0)
    b: Scalar = knobs.target(3.0)
    noise: Scalar = knobs.noise(0.0)
    width: int = knob(
        64, label="Largest model", symbol="M",
        lo=32, hi=512, hard_lo=8, hard_hi=2048, scale="log", static=True,
        help="Coefficients it holds; every other model holds half as many as the one before.",
    )
    sizes: int = knob(
        5, label="Models", symbol="K",
        lo=3, hi=8, hard_hi=10, static=True,
        help="Sizes that are trained, on the same samples.",
        beneath=_sizes_line,
    )
    batch_size: int = knob(
        4, label="Batch size", symbol="B", group="Training",
        lo=1, hi=8, hard_hi=64, scale="log", static=True,
        help="Fresh samples of a step.",
    )
    c: Scalar = knobs.rate(0.08)
    steps: Scalar = knob(
        5000, label="Steps", symbol="T", group="Training",
        kind="int", lo=2000, hi=40000, hard_lo=100, hard_hi=200_000, scale="log",
        help="Of every size; a step's compute is the size of the model times the batch.",
    )
    replicas: int = knob(
        32, label="Runs averaged", symbol="R", group="Training",
        lo=8, hi=64, hard_lo=2, hard_hi=1024, scale="log", static=True,
        help="Runs on other samples, whose mean is shown.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """No knob follows from another.

    Raises:
        ValueError: more halvings than the largest size has, too few steps for a frontier, or too
            many random numbers a step.
    """
    del tasks
    width, sizes, steps = params.width, params.sizes, int(params.steps)
    if width < 2 ** (sizes - 1):
        most = min(10, width.bit_length())
        raise ValueError(
            f"{sizes} sizes are {sizes - 1} halvings, which leave nothing of width = {width}: give "
            f"width from {2 ** (sizes - 1)} to 2048, or sizes from 3 to {most}."
        )
    fewest = 2 * FIRST_STEPS * 2 ** (sizes - 3)
    if steps < fewest:
        raise ValueError(
            f"steps = {number(steps)} are too few for a frontier of {sizes} sizes: give steps from "
            f"{fewest} to {number(200_000)}."
        )
    drawn = params.replicas * params.batch_size * width
    if drawn > MOST_NUMBERS:
        most = MOST_NUMBERS // (params.batch_size * width)
        raise ValueError(
            f"A step would draw {number(drawn)} random numbers, at most {number(MOST_NUMBERS)}: "
            f"give replicas from 2 to {most}."
        )
    return params


def feasible(values: Mapping[str, Any]) -> dict[str, Any]:
    """What goes together, and in a second: few sizes up to 64, few samples a step."""
    most = {"width": 64, "batch_size": 4, "replicas": 32}
    changed = {name: min(int(values[name]), limit) for name, limit in most.items()}
    steps = int(QUICK_NUMBERS / math.prod(changed.values()))
    changed["sizes"] = min(int(values["sizes"]), changed["width"].bit_length())
    return changed | {"steps": min(int(values["steps"]), steps)}


def cpu_seconds(params: Params) -> float:
    """One thread: 25 ns for each random number and what is done with it."""
    drawn = params.replicas * params.batch_size * params.width
    return 0.3 + int(params.steps) * (2e-5 + 2.5e-8 * drawn)


EXACT = ("loss_curve", "best_width", "frontier_slope")

PRESETS = (
    Preset(
        "frontier",
        "The edge no size crosses",
        "Five curves touch one straight line, each where its size is the best; its slope is near "
        "−2/3.",
        {},
        lands=(*EXACT, "scaling_exponent", "collapse"),
    ),
    Preset(
        "another_spectrum",
        "Another spectrum, another slope",
        "The slope is near −0.6: data alone decide it.",
        {"a": 1.5, "b": 2.5, "c": 0.05},
        lands=(*EXACT, "scaling_exponent", "collapse"),
    ),
    Preset(
        "many_inputs",
        "A target in many inputs",
        "A slope of −0.29: ten times the compute halves the loss.",
        {"a": 1.5, "b": 1.75, "c": 0.05},
        lands=EXACT,
        not_judged=("scaling_exponent", "collapse"),
    ),
    Preset(
        "no_larger_size",
        "The largest model is too small",
        "Beyond size 16 there is nothing to grow into: the edge bends away from the line.",
        {"width": 16, "sizes": 3, "steps": 10000},
        lands=EXACT,
        departs=("scaling_exponent",),
        not_judged=("collapse",),
    ),
    Preset(
        "noise_floor",
        "Label noise bends it",
        "The dash-dotted edge goes on, the models do not: noise keeps 29 % of the last loss.",
        {"noise": 0.2, "c": 0.05, "replicas": 64},
        lands=EXACT,
        departs=("scaling_exponent", "collapse"),
    ),
    Preset(
        "noise_outlives_signal",
        "When noise outlives the signal",
        "The exact curves hold; pen and paper promise a steeper edge than there is.",
        {"a": 1.2, "b": 3.5, "steps": 2500},
        lands=EXACT,
        departs=("scaling_exponent", "collapse"),
    ),
    Preset(
        "too_hot",
        "Too hot for an average",
        "Single runs jump, and 64 of them do not know their mean; the slope survives.",
        {"c": 0.7, "replicas": 64},
        lands=("frontier_slope",),
        departs=("loss_curve",),
        not_judged=("scaling_exponent", "collapse"),
    ),
)
