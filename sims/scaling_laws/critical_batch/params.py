"""Knobs of the critical batch, what is refused, and the presets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, number, parameters
from sims.core.sentences import said
from sims.scaling_laws import knobs, problem
from sims.scaling_laws.critical_batch import theory

MOST_SAMPLES = 2_000_000
QUICK_REPLICAS = 256
QUICK_WORK = 2e7
"""Samples times replicas times coefficients of a setting drawn at random: a second or two."""
MARGIN = 1.5
"""A target drawn at random lies at least this far above what is out of reach."""
HIGHEST = 0.3
"""Target of the slider's upper end."""
RULES = ("best", "linear", "sqrt", "fixed")


def _target_line(params: Params) -> str:
    """Beneath the target: what no student of this width can go below."""
    return f"out of reach: {said(problem.tail(float(params.b), int(params.width)))}"


def _batches_line(params: Params) -> str:
    """Beneath the number of batch sizes: the largest."""
    return f"1, 2, ..., {2 ** (int(params.batches) - 1)}"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    a: Scalar = knobs.spectrum(1.5)
    b: Scalar = knobs.target(2.5)
    noise: Scalar = knobs.noise(0.4)
    width: int = knob(
        32, label="Width", symbol="M",
        lo=16, hi=64, hard_lo=4, hard_hi=256, scale="log", static=True,
        help="Coefficients the student holds.",
    )
    target: Scalar = knob(
        0.02, label="Target loss", symbol="L^*", group="Training",
        lo=0.003, hi=HIGHEST, hard_lo=1e-5, hard_hi=0.9, scale="log",
        help="Excess loss to be reached; it is 1 at the start.",
        beneath=_target_line,
    )
    batches: int = knob(
        9, label="Batch sizes", symbol="K", group="Training",
        lo=5, hi=10, hard_lo=2, hard_hi=12, static=True,
        help="So many learners, with batches of 1, 2, 4, ... samples.",
        beneath=_batches_line,
    )
    rule: str = knob(
        "best", label="Rate", group="Training",
        choices=RULES, static=True,
        help="Each batch size its own best rate, or that of batch 1 times B, √B or 1.",
    )
    replicas: int = knob(
        256, label="Runs averaged", symbol="R", group="Training",
        lo=64, hi=2048, hard_lo=2, hard_hi=4096, scale="log", static=True,
        help="Each on samples of its own.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """No knob follows from another.

    Raises:
        ValueError: the target is out of reach, or takes too many samples.
    """
    del tasks
    beyond, target = problem.tail(float(params.b), int(params.width)), float(params.target)
    given = f"target = {number(target)} is not allowed"
    if target <= beyond:
        raise ValueError(
            f"{given} with width = {params.width}, which cannot go below {said(beyond, 3)}: give a "
            "target above that, up to 0.9, or more width."
        )
    first = theory.best(params).steps[0]
    if not math.isfinite(first):
        raise ValueError(
            f"{given}: batches of 1 do not reach it within {number(int(theory.LONGEST))} steps; "
            "give a higher target, up to 0.9, or less noise."
        )
    if (needed := theory.samples(params)) > MOST_SAMPLES:
        raise ValueError(
            f"{given}: it takes {number(needed)} samples, at most {number(MOST_SAMPLES)}; give a "
            "higher target, up to 0.9, less noise or fewer batches."
        )
    return params


def feasible(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of knobs drawn at random those to be changed: a target within reach, in seconds."""
    replicas = min(int(values["replicas"]), QUICK_REPLICAS)
    b, width = float(values["b"]), int(values["width"])
    while MARGIN * problem.tail(b, width) > HIGHEST:  # no target of the slider is within reach
        b = round(b + 0.1, 6)
    target = max(float(values["target"]), MARGIN * problem.tail(b, width))
    values = {**values, "replicas": replicas, "b": b}
    while target < HIGHEST:
        params = Params(**{**values, "target": target})
        if theory.samples(params) * replicas * params.width <= QUICK_WORK:
            break
        target = min(1.3 * target, HIGHEST)
    return {"replicas": replicas, "b": b, "target": float(f"{target:.4g}")}


CLAIMS = ("steps_to_target", "hyperbola", "noise_scale")

PRESETS = (
    Preset(
        "critical_batch",
        "Where doubling stops paying",
        "512 steps one sample at a time, 9 with 256: beyond 64 it takes more samples, not fewer "
        "steps.",
        {},
        lands=CLAIMS,
    ),
    Preset(
        "lower_target",
        "Half the loss, twice the batch",
        "The corner moves from 64 to 140: the nearer the target to the noise, the larger the batch "
        "that pays.",
        {"target": 0.01, "batches": 10},
        lands=CLAIMS,
        slow=True,
    ),
    Preset(
        "linear_rule",
        "The linear rule, then the cliff",
        "Perfect halving up to batches of 8, late at 16, never from 32 on: as predicted.",
        {"rule": "linear", "batches": 7, "replicas": 2048},
        lands=("steps_to_target",),
        departs=("hyperbola",),
        not_judged=("noise_scale",),
    ),
    Preset(
        "sqrt_rule",
        "The square-root rule is too timid",
        "Up to twice the steps, and the batch still pays where it should not.",
        {"rule": "sqrt", "batches": 8},
        lands=("steps_to_target",),
        departs=("hyperbola", "noise_scale"),
    ),
    Preset(
        "fixed_rate",
        "A bigger batch, nothing else",
        "64 times the batch, and not half the steps.",
        {"rule": "fixed", "batches": 7, "target": 0.03},
        lands=("steps_to_target",),
        departs=("hyperbola", "noise_scale"),
    ),
    Preset(
        "too_hot",
        "The mean that no run is near",
        "Batches of 4 arrive in half the predicted steps: theory counts runs that are too rare to "
        "have happened.",
        {"rule": "linear", "noise": 0, "a": 2, "target": 0.05, "batches": 6},
        departs=("steps_to_target", "hyperbola"),
        not_judged=("noise_scale",),
    ),
)
