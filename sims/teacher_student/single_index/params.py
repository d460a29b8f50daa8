"""Knobs of the single neuron, what is refused, and the presets."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, number, parameters
from sims.core.sentences import said
from sims.teacher_student import draws
from sims.teacher_student.single_index import theory

MOST_STEPS = 3_000_000
QUICK_WORK = 6e7
"""Steps times inputs times runs of a setting drawn at random: a second or two."""
SHORTEST = 10.0
"""Horizon of the slider's lower end."""
STEPS = {1: (0.01, 0.5), 2: (0.003, 0.2), 3: (0.001, 0.02)}
"""Of those, the steps by the exponent."""


def _step_line(params: Params) -> str:
    """Beneath the step: from where on the neuron is pulled back at its first overlap."""
    on = theory.coefficients(int(params.exponent), float(params.noise))
    m = float(params.overlap) / math.sqrt(params.d)
    k = int(params.exponent)
    if not m or k == 1:
        return ""
    V = float(on.V[len(on.V) // 2])
    return f"no climb at first above {said(2 * k * m ** (k - 2) / V)}"


def _overlap_line(params: Params) -> str:
    """Beneath the first overlap: the overlap itself."""
    m = float(params.overlap) / math.sqrt(params.d)
    return f"$m_0$ = {said(m)}" if m else "as drawn, another in each run"


def _direction_unused(values: Mapping[str, Any]) -> str:
    """A Gaussian looks the same from everywhere."""
    alike = "Gaussian inputs look alike along all directions."
    return "" if values["inputs"] == "binary" else alike


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    exponent: int = knob(
        2, label="Information exponent", symbol="k", lo=1, hi=3, hard_hi=4, static=True,
        help="Degree of the link: near overlap 0 the slope of the loss is m to the power k - 1.",
    )
    d: int = knob(
        150, label="Dimension", symbol="d",
        lo=50, hi=500, hard_lo=10, hard_hi=5000, scale="log", static=True,
        help="Length of inputs and weights.",
    )
    noise: Scalar = knob(
        0.0, label="Label noise", symbol=r"\sigma", lo=0, hi=0.5, hard_hi=3,
        help="Standard deviation of what is added to the answers.",
    )
    inputs: str = knob(
        "gaussian", label="Inputs", choices=("gaussian", "binary"), static=True,
        help="Normal numbers, or fair coins.",
    )
    direction: str = knob(
        "dense", label="Hidden direction", choices=("dense", "axis"), static=True,
        unused=_direction_unused,
        help="Along all inputs at random, or along the first alone.",
    )
    delta: Scalar = knob(
        0.005, label="Step", symbol=r"\delta", group="Training",
        lo=0.001, hi=0.5, hard_lo=1e-6, hard_hi=10, scale="log", beneath=_step_line,
        help="One example moves the neuron by δ/d; an exponent of 3 wants at most 0.02.",
    )
    overlap: Scalar = knob(
        2.0, label="First overlap", symbol=r"m_0\sqrt d", group="Training",
        lo=0, hi=3, hard_hi=40, beneath=_overlap_line,
        help="In units of what chance gives; 0: as chance gives it.",
    )
    samples_per_dimension: Scalar = knob(
        0.0, label="Size of the set", symbol="n/d", group="Training", lo=0, hi=10, hard_hi=100,
        help="Examples per dimension that are drawn from again and again; 0: always new ones.",
    )
    replicas: int = knob(
        16, label="Runs side by side", symbol="R", group="Training",
        lo=4, hi=32, hard_lo=1, hard_hi=64, static=True,
        help="With the seeds from the first one on; a single run says too little.",
    )
    horizon: Scalar | None = knob(
        None, label="Horizon", symbol="T", kind="float", group="Training",
        lo=SHORTEST, hi=1000, hard_lo=1e-3, hard_hi=1e6, scale="log", auto=True,
        help="Examples per dimension; auto: a tenth beyond the last predicted life.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """The horizon, from the predicted lives of all seeds.

    Raises:
        ValueError: it has escaped at the start, the set is empty, or there are too many steps.
    """
    d, most = int(params.d), math.sqrt(int(params.d)) / 2
    if float(params.overlap) > most:
        raise ValueError(
            f"overlap = {number(float(params.overlap))} is not allowed with d = {d}: it has "
            f"escaped before the first example; give at most {said(most, 3)}."
        )
    samples = float(params.samples_per_dimension)
    if samples and samples * d < 1:
        raise ValueError(
            f"samples_per_dimension = {number(samples)} is not allowed: no example in the set; "
            f"give 0, for new ones, or at least {said(1 / d)}."
        )
    if params.horizon is None and tasks:
        found = theory.horizon([theory.lives_of(params, task) for task in tasks])
        params = dataclasses.replace(params, horizon=found)
    if params.horizon is not None and float(params.horizon) * d > MOST_STEPS:
        steps = float(params.horizon) * d
        raise ValueError(
            f"delta = {number(float(params.delta))} with d = {d} takes {said(steps)} steps, where "
            f"{number(MOST_STEPS)} are allowed: give a larger delta, up to 10, or fewer dimensions."
        )
    return params


def feasible(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of knobs drawn at random those to be changed: a step for the exponent, few enough of them."""
    k, d, replicas = int(values["exponent"]), int(values["d"]), min(int(values["replicas"]), 16)
    low, high = STEPS[k]
    delta = min(max(float(values["delta"]), low), high)
    overlap = max(float(values["overlap"]), 0.3)

    def work() -> float:
        steps = 2 * d * theory.climb(k, overlap / math.sqrt(d), delta, d)
        return steps * d * replicas

    while work() > QUICK_WORK and delta < high:
        delta = min(1.3 * delta, high)
    while work() > QUICK_WORK and d > 50:
        d = max(50, int(0.8 * d))
    samples = draws.often_new(float(values["samples_per_dimension"]))
    found = {
        "delta": float(f"{delta:.4g}"),
        "d": d,
        "replicas": replicas,
        "samples_per_dimension": samples,
    }
    if values["horizon"] is not None:
        most = max(SHORTEST, QUICK_WORK / (d * d * replicas))
        found["horizon"] = min(float(values["horizon"]), float(f"{most:.4g}"))
    return found


CLAIMS = ("escape_mean",)

PRESETS = (
    Preset(
        "saddle",
        "The saddle",
        "Sixteen neurons start nearly blind; half of them have found it at t = 127.",
        {},
        lands=CLAIMS,
    ),
    Preset(
        "one_glance",
        "One glance",
        "A link with a slope at 0: no search at all, found at 21.8.",
        {"exponent": 1, "d": 300, "delta": 0.02},
        lands=CLAIMS,
    ),
    Preset(
        "patient",
        "Patience",
        "Less than half the step: later, and closer together.",
        {"delta": 0.002},
        lands=CLAIMS,
        slow=True,
    ),
    Preset(
        "coin_flips",
        "Coin flips, all mixed",
        "No Gaussian inputs, and the same lives.",
        {"inputs": "binary"},
        lands=CLAIMS,
    ),
    Preset(
        "deep_saddle",
        "The deep saddle",
        "Late ones are very late: from 109 to 254.",
        {"exponent": 3, "d": 100, "delta": 0.004, "overlap": 3},
        not_judged=CLAIMS,
    ),
    Preset(
        "lottery",
        "A lottery",
        "A start as drawn, and a big step: a factor of two either way.",
        {"delta": 0.05, "overlap": 0},
        not_judged=CLAIMS,
    ),
    Preset(
        "pulled_back",
        "Pulled back",
        "Below 16 δ the step undoes the climb: one in 25 gets away, by chance.",
        {"exponent": 3, "d": 100, "delta": 0.03, "overlap": 3},
        not_judged=CLAIMS,
    ),
    Preset(
        "coin_flips_axis",
        "Coin flips, one by one",
        "Along an axis a coin shows the link at 1 and -1 only: nothing to find.",
        {"inputs": "binary", "direction": "axis"},
        departs=CLAIMS,
    ),
    Preset(
        "few_examples",
        "Twice-told examples",
        "Two examples per dimension, again and again: it never arrives.",
        {"samples_per_dimension": 2},
        departs=CLAIMS,
    ),
    Preset(
        "examples_k1",
        "Examples needed: one glance",
        "Nearly in proportion to d: the slope is 1.26, and tends to 1.",
        {"exponent": 1, "delta": 0.02},
        over={"d": "50:400:4:log"},
    ),
    Preset(
        "examples_k2",
        "Examples needed: the saddle",
        "A logarithm more, d ln d: the slope is 1.46 here.",
        {"delta": 0.02, "replicas": 4},
        over={"d": "50:400:4:log"},
        slow=True,
    ),
)
