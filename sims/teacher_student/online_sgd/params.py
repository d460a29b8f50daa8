"""Knobs of online SGD, what is refused, and the presets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, number, parameters
from sims.core.sentences import said
from sims.teacher_student import draws
from sims.teacher_student.online_sgd import theory

MOST_STEPS = 2_000_000
MOST_WORK = 2e10
"""Steps times inputs times units."""
QUICK_STEPS = 40_000
"""Steps of a setting drawn at random: a second or two."""


def _rate_line(params: Params) -> str:
    """Beneath the rate: where a student as large as its teacher can no longer settle."""
    if params.student != params.teacher:
        return ""
    return f"perfect students leave above {said(theory.critical_rate(int(params.student)), 3)}"


def _horizon_line(params: Params) -> str:
    """Beneath the horizon: the steps of a run."""
    return f"{number(round(float(params.horizon) * params.d))} examples"


def _set_line(params: Params) -> str:
    """Beneath the size of the set: how many examples it has."""
    size = float(params.samples_per_dimension) * params.d
    return f"{number(math.floor(size + 1e-3))} examples" if size else "every example is new"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    d: int = knob(
        800, label="Input dimension", symbol="d",
        lo=100, hi=1000, hard_lo=10, hard_hi=4000, scale="log", static=True,
        help="Single runs stray from the curve by an amount that falls as 1/√d.",
    )
    student: int = knob(
        2, label="Student units", symbol="K", lo=1, hi=4, hard_hi=6, static=True,
        help="Units that learn, each with output weight 1.",
    )
    teacher: int = knob(
        2, label="Teacher units", symbol="M", lo=1, hi=3, hard_hi=6, static=True,
        help="Units whose sum is to be learned; their directions are orthogonal.",
    )
    noise: Scalar = knob(
        0.0, label="Label noise", symbol=r"\sigma", lo=0, hi=0.5, hard_hi=3,
        help="Standard deviation of what is added to the teacher's answer.",
    )
    inputs: str = knob(
        "gaussian", label="Inputs", choices=("gaussian", "binary", "correlated"), static=True,
        help="Normal numbers; fair coins; or normal ones whose variances fall as 1/index.",
    )
    eta: Scalar = knob(
        0.5, label="Learning rate", symbol=r"\eta", group="Training",
        lo=0.1, hi=2, hard_lo=0.001, hard_hi=20, scale="log", beneath=_rate_line,
        help="Size of a step, over √d for inputs of length √d.",
    )
    horizon: Scalar = knob(
        120.0, label="Horizon", symbol="T", group="Training",
        lo=20, hi=200, hard_lo=1, hard_hi=2000, scale="log", beneath=_horizon_line,
        help="Examples that are seen, per dimension.",
    )
    samples_per_dimension: Scalar = knob(
        0.0, label="Size of the set", symbol="n/d", group="Training",
        lo=0, hi=10, hard_hi=100, beneath=_set_line,
        help="Examples per dimension that are drawn from again and again; 0: always new ones.",
    )
    init_scale: Scalar = knob(
        0.1, label="Initial scale", symbol=r"|w|/\sqrt d", group="Start",
        lo=0.05, hi=1, hard_lo=0, hard_hi=3,
        help="Length of each student unit at the start, over √d.",
    )
    head_start: Scalar = knob(
        0.05, label="Head start", group="Start", lo=0, hi=0.4, hard_hi=1,
        help="Share of its own teacher unit that each student unit starts with.",
    )
    start: str = knob(
        "random", label="Start", group="Start", choices=("random", "symmetric"), static=True,
        help="Drawn at random; or, but for the head start, without any preference.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """No knob follows from another.

    Raises:
        ValueError: more units than dimensions, an empty set, or too many steps.
    """
    del tasks
    d, units = int(params.d), int(params.student) + int(params.teacher)
    if units > d:
        raise ValueError(
            f"d = {d} is not allowed: more units than dimensions; give at least {units}."
        )
    samples = float(params.samples_per_dimension)
    if samples and samples * d < 1:
        raise ValueError(
            f"samples_per_dimension = {number(samples)} is not allowed: no example in the set; "
            f"give 0, for new ones, or at least {said(1 / d)}."
        )
    most = min(MOST_STEPS, MOST_WORK / (d * units))
    if float(params.horizon) * d > most:
        raise ValueError(
            f"horizon = {number(float(params.horizon))} is not allowed with d = {d} and {units} "
            f"units: give at most {number(math.floor(most / d))}."
        )
    return params


def feasible(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of knobs drawn at random those to be changed: seconds of training."""
    return {
        "horizon": min(float(values["horizon"]), float(QUICK_STEPS // int(values["d"]))),
        "samples_per_dimension": draws.often_new(float(values["samples_per_dimension"])),
    }


CLAIMS = ("loss_curve", "overlaps", "specialisation_time")

PRESETS = (
    Preset(
        "plateau",
        "The plateau",
        "At rest with both units alike, until near t = 80 each picks its teacher.",
        {},
        lands=CLAIMS,
    ),
    Preset(
        "noisy_teacher",
        "A noisy teacher",
        "On its way to the dotted floor, which label noise sets.",
        {"noise": 0.1, "horizon": 150},
        lands=("overlaps", "specialisation_time"),
        not_judged=("loss_curve",),
    ),
    Preset(
        "more_units",
        "Too many students",
        "Two units share each teacher unit, and the floor more than doubles.",
        {"student": 4, "noise": 0.1, "head_start": 0.2, "d": 1000},
        lands=("overlaps",),
        not_judged=("loss_curve",),
    ),
    Preset(
        "coin_flips",
        "Coin flips will do",
        "No Gaussian inputs, and the same curve and band.",
        {"inputs": "binary"},
        lands=CLAIMS,
    ),
    Preset(
        "small_world",
        "A hundred dimensions",
        "A band nearly three times as wide, and held.",
        {"d": 100},
        not_judged=CLAIMS,
    ),
    Preset(
        "from_scratch",
        "From scratch",
        "The plateau lasts half as long again, and the band opens where it ends.",
        {"head_start": 0, "init_scale": 0.5, "horizon": 200, "d": 400},
        not_judged=("specialisation_time",),
    ),
    Preset(
        "too_fast",
        "Too fast",
        "Above the critical rate, 2.31, the error never falls to 0.",
        {"eta": 3, "horizon": 50},
        not_judged=CLAIMS,
    ),
    Preset(
        "no_preference",
        "No preference",
        "The curve rests for ever; runs leave it by chance.",
        {"start": "symmetric", "head_start": 0, "horizon": 300, "d": 400},
        departs=("loss_curve", "overlaps"),
        not_judged=("specialisation_time",),
    ),
    Preset(
        "few_examples",
        "Twice-told examples",
        "It learns the set, not the teacher.",
        {"samples_per_dimension": 4},
        departs=CLAIMS,
    ),
    Preset(
        "uneven_inputs",
        "Uneven inputs",
        "A few inputs decide, and the curve is another.",
        {"inputs": "correlated"},
        departs=CLAIMS,
    ),
)
