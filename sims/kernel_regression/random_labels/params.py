"""Knobs of true against random labels, what is refused, and the presets."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from sims.core import own_data
from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, filled, knob, number, parameters
from sims.core.sentences import said
from sims.kernel_regression.questions import about_digits_line
from sims.kernel_regression.random_labels import theory

EXAMPLES = (32, 64, 128, 192)
FEWEST_TESTS = 16
MOST_STEPS = 20_000
BEYOND = 1.5
"""An automatic run goes so many times as far as the slower net needs."""
MOST_WORK = 5e10
"""Products of a whole run, 2 x steps x width x examples x inputs, beyond which it is refused."""
QUICK_STEPS = 1000
PER_SECOND = 6e8
"""Such products one thread does in a second."""


def _target_line(params: Params) -> str:
    """Beneath the target: what is to be told apart."""
    if own_data.is_own(params.data) or params.data == "gaussian":
        return ""
    return about_digits_line(int(params.target))


def _noise_line(params: Params) -> str:
    """Beneath the label noise: how many labels end up wrong."""
    return f"about {said(50 * float(params.label_noise), 3)} % of the labels end up wrong"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    data: str = knob(
        "digits", label="Data", group="Data",
        choices=("digits", "shuffled_pixels", "gaussian"), static=True, own=True,
        help="Handwritten digits; the same with the pixels of each in an order of its own; noise "
        "in place of images; or data of one's own.",
    )
    target: Scalar = knob(
        1, label="Target", group="Data",
        kind="int", lo=1, hi=4,
        help="Which question the true labels answer.",
        beneath=_target_line,
        unused=lambda given: "One's own data bring theirs."
        if own_data.is_own(given["data"]) else "",
    )
    label_noise: Scalar = knob(
        1.0, label="Label noise", symbol="q", group="Data",
        lo=0, hi=1,
        help="Share of the second net's labels that are drawn anew by a fair coin.",
        beneath=_noise_line,
    )
    examples: int = knob(
        128, label="Examples", symbol="n", group="Data",
        choices=EXAMPLES, lo=EXAMPLES[0], hi=EXAMPLES[-1], static=True,
        help="Labelled images that both nets are trained on; 500 others test.",
    )
    width: int = knob(
        256, label="Width", symbol="N", group="Network",
        choices=(64, 128, 256, 512), lo=64, hi=512, static=True,
        help="Hidden neurons of each net.",
    )
    activation: str = knob(
        "tanh", label="Activation", symbol=r"\varphi", group="Network",
        choices=("tanh", "relu"), static=True,
        help="Of the hidden neurons.",
    )
    alpha: Scalar = knob(
        15.0, label="Output scale", symbol=r"\alpha", group="Network",
        lo=0.3, hi=100, hard_lo=0.1, hard_hi=1000, scale="log",
        help="Large: features stay as they were born. 1: a plain network.",
    )
    c: Scalar = knob(
        0.5, label="Rate over the edge", symbol="c", group="Training",
        lo=0.1, hi=0.9,
        help="Learning rate in units of 2n/λ_max, and less where features would move.",
    )
    level: Scalar = knob(
        0.1, label="Level", group="Training",
        lo=0.03, hi=0.4, scale="log",
        help="Mean squared error at which labels count as learned; it starts at 1.",
    )
    steps: Scalar | None = knob(
        None, label="Steps", symbol="T", unit="steps", group="Training",
        kind="int", lo=50, hi=MOST_STEPS, hard_lo=10, scale="log", auto=True,
        help="Automatically half as many again as the slower net is predicted to need.",
    )
    # fmt: on


def tests_of(params: Params) -> int:
    """How many points test: 500, or what one's own data leave."""
    if not own_data.is_own(params.data):
        return theory.TESTS
    return min(theory.TESTS, len(own_data.of(params.data).y) - params.examples)


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """The number of steps follows from what is predicted of the slower net of all seeds.

    Raises:
        ValueError: too few data of one's own, a level that takes too many steps, too long a run.
    """
    if not tasks:
        _check_own(params)
        return params
    if params.steps is None:
        needed = max(theory.slower_passage(params, task, MOST_STEPS) for task in tasks)
        if needed > MOST_STEPS:
            raise ValueError(
                f"level = {number(float(params.level))} is not reached in {MOST_STEPS:,} steps: "
                "give a higher level, up to 0.4, or a larger c, up to 0.9."
            )
        params = dataclasses.replace(params, steps=min(MOST_STEPS, math.ceil(BEYOND * needed)))
    each = 2 * params.width * params.examples * tasks[0]["X"].shape[1]
    if each * float(filled(params.steps)) > MOST_WORK:
        raise ValueError(
            f"steps = {number(float(filled(params.steps)))} at this width would take "
            f"{said(cpu_seconds(params) / 60, 2)} minutes: give at most "
            f"{int(MOST_WORK / each)}, or a smaller width."
        )
    return params


def _check_own(params: Params) -> None:
    if tests_of(params) >= FEWEST_TESTS:
        return
    there = len(own_data.of(params.data).y)
    few = [str(n) for n in EXAMPLES if n + FEWEST_TESTS <= there]
    least = EXAMPLES[0] + FEWEST_TESTS
    raise ValueError(
        f"examples = {params.examples} leaves too few of {there} points to test on: give "
        + (" or ".join(few) if few else f"data of at least {least} points")
        + "."
    )


def cpu_seconds(params: Params) -> float:
    """One thread: forward and backward through both nets at every step."""
    own = own_data.is_own(params.data)
    inputs = own_data.of(params.data).features if own else 64
    steps = 500.0 if params.steps is None else float(params.steps)
    return 0.3 + 2 * steps * params.width * params.examples * inputs / PER_SECOND


def feasible(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of knobs drawn at random those to be changed: as many steps as take seconds."""
    given = values["steps"]
    return {} if given is None else {"steps": min(int(given), QUICK_STEPS)}


_STEPS = ("steps_true", "steps_random")
_TRAVEL = ("travel_true", "travel_random")
_MEMORISED = ("memorised_true", "memorised_random")
_ALL = (*_STEPS, *_MEMORISED, *_TRAVEL, "slow_down", "accuracy", "steps_blind")

PRESETS = (
    Preset(
        "true_and_random",
        "True labels, random labels",
        "Both nets come down their dashed lines; noise takes 5.4 times as long.",
        {},
        lands=_ALL,
    ),
    Preset(
        "frozen",
        "Features that stay put",
        "At a scale of 100 dots and dashes agree to three digits.",
        {"alpha": 100},
        lands=_ALL,
    ),
    Preset(
        "half_random",
        "Half of the labels random",
        "A quarter of the labels wrong: most of the delay is there already.",
        {"label_noise": 0.5},
        lands=(*_STEPS, *_TRAVEL, "memorised_true", "slow_down", "accuracy", "steps_blind"),
    ),
    Preset(
        "noise_images",
        "Noise for images",
        "Where the images are noise, true labels are no easier than random ones.",
        {"data": "gaussian"},
        lands=("steps_true", "memorised_true", "travel_true"),
    ),
    Preset(
        "more_noise",
        "More and more noise",
        "The time to memorise against the share of random labels, wiggles included.",
        {"examples": 64},
        over={"label_noise": "0.125:1:8"},
        verdicts={"steps_random": "lands"},
    ),
    Preset(
        "plain_network",
        "A plain network",
        "At a scale of 1 features move, and noise is memorised a third sooner than drawn.",
        {"alpha": 1},
        departs=("steps_random", "travel_random", "slow_down"),
    ),
    Preset(
        "rich",
        "Features that move",
        "At a scale of 0.3 both nets leave their lines, and sooner.",
        {"alpha": 0.3},
        departs=(*_STEPS, *_TRAVEL, "slow_down"),
    ),
)
