"""Knobs of the two-layer network, and how the two readings of its richness follow one another."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from sims.core import own_data
from sims.core.experiment import Task
from sims.core.knobs import (
    Scalar,
    allowed,
    filled,
    knob,
    knobs_of,
    number,
    only_with,
    parameters,
)
from sims.core.sentences import said
from sims.lazy_rich.scales import rate_line, richness, richness_line

MOST_WORK = 5e10
"""Products of a whole run, steps x width x samples x dimension, beyond which it is refused."""
OWN_POOL = 0.75
"""Share of one's own samples that may be trained on; the rest tests."""
PER_SECOND = 2e8
"""Such products one thread does in a second (tanh, float64)."""


def _scale_line(params: Params) -> str:
    return richness_line(params) if params.hold == "alpha" else ""


def _held_scale_line(params: Params) -> str:
    held = params.hold == "gamma_0"
    return rf"$\alpha = 1/(\gamma_0\sqrt{{N}}) =$ {said(float(params.alpha), 3)}" if held else ""


def _follows(values: Mapping[str, Any]) -> str:
    held = values["hold"] == "gamma_0" and values["gamma_0"] is not None
    return "It follows from the richness, which is held." if held else ""


OF_THE_TEACHER = only_with("It belongs to the teacher; these data are one's own.", data="teacher")


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    hold: str = knob(
        "alpha", label="Hold",
        choices=("alpha", "gamma_0"), static=True,
        help="Which reading of the output scale stays as the width changes.",
    )
    alpha: Scalar = knob(
        5.0, label="Output scale", symbol=r"\alpha",
        lo=1e-3, hi=1e3, scale="log",
        help="Large is lazy, small is rich; derived where the richness is held.",
        beneath=_scale_line,
        unused=_follows,
    )
    gamma_0: Scalar | None = knob(
        None, label="Richness", symbol=r"\gamma_0",
        kind="float", lo=1e-3, hi=30, hard_lo=1e-5, hard_hi=300, scale="log", auto=True,
        help="1/(α√N), the scale that means the same at every width; auto follows from α.",
        beneath=_held_scale_line,
        unused=only_with("It follows from the output scale, which is held.", hold="gamma_0"),
    )
    width: int = knob(
        200, label="Width", symbol="N",
        lo=16, hi=1024, hard_lo=1, hard_hi=4096, scale="log", static=True,
        help="Number of neurons.",
    )
    activation: str = knob(
        "tanh", label="Activation", symbol=r"\phi",
        choices=("tanh", "erf", "relu"), static=True,
        help="Of the network and of its teacher alike.",
    )
    data: str = knob(
        "teacher", label="Data", group="Data",
        choices=("teacher",), static=True, own=True,
        help="Points on a circle or sphere with the answers of a teacher, or data of one's own, "
        "whose y is learned as a number.",
    )
    d: int = knob(
        2, label="Input dimension", symbol="d", group="Data",
        choices=(2, 5, 10), lo=2, hi=10, static=True,
        help="2 puts the points on a circle, where the neurons can be drawn.",
        unused=OF_THE_TEACHER,
    )
    n: int | None = knob(
        None, label="Train points", symbol="n", group="Data",
        kind="int", lo=8, hi=128, hard_lo=2, hard_hi=512, auto=True, static=True,
        help="Auto takes 24 on the circle and 40 elsewhere; of one's own at most three quarters.",
    )
    teacher_neurons: Scalar = knob(
        3, label="Teacher neurons", symbol="m_0", group="Data",
        lo=1, hi=5,
        help="Neurons of the teacher, with signs + - + - +.",
        unused=OF_THE_TEACHER,
    )
    noise: Scalar = knob(
        0.0, label="Label noise", symbol=r"\sigma", group="Data",
        lo=0, hi=1,
        help="Added to the train targets, whose size is 1; the test targets stay clean.",
        unused=OF_THE_TEACHER,
    )
    c: Scalar = knob(
        0.5, label="Rate over the edge", symbol="c", group="Training",
        lo=0.05, hi=2.5,
        help="Learning rate in units of 2n/λ_max; below 1 it is also divided by 1 + α*/α.",
        beneath=rate_line,
    )
    steps: Scalar = knob(
        4000, label="Steps", symbol="T", unit="steps", group="Training",
        lo=500, hi=20_000, hard_lo=1, hard_hi=200_000, scale="log",
        help="Number of steps of the run.",
    )
    threshold: Scalar = knob(
        0.3, label="Threshold", symbol="R^*", group="Theory",
        lo=0.1, hi=1,
        help="Feature change that marks the boundary between lazy and rich.",
    )
    data_seed: Scalar = knob(
        0, label="Data seed", group="Data",
        lo=0, hi=99, hard_hi=1_000_000,
        help="Draws data and noise, or which are trained on; the seed draws the weights alone.",
    )
    # fmt: on


def on_circle(params: Params) -> bool:
    """Whether the points lie on a circle, where functions and neurons can be drawn."""
    return params.data == "teacher" and params.d == 2


def inputs(params: Params) -> int:
    """Dimension of the inputs."""
    own = own_data.is_own(params.data)
    return own_data.of(params.data).features if own else params.d


def _derived(value: float) -> float:
    """To the digits that links and commands write."""
    return float(f"{value:.12g}")


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """Fill the number of train points, and the reading of the scale that is not held.

    Raises:
        ValueError: a held richness that means an output scale out of range, or too long a run.
    """
    if tasks:
        return params
    alpha, gamma, root = float(params.alpha), params.gamma_0, math.sqrt(params.width)
    if params.hold == "gamma_0" and gamma is not None:
        alpha = _derived(1 / (float(gamma) * root))
        known = knobs_of(params)["alpha"]
        if not known.hard_lo <= alpha <= known.hard_hi:
            lo, hi = (1 / (a * root) for a in (known.hard_hi, known.hard_lo))
            raise ValueError(
                f"gamma_0 = {number(gamma)} at width {params.width} means alpha = {said(alpha)}, "
                f"which must be {allowed(known)}: give gamma_0 from {said(lo)} to {said(hi)}."
            )
    else:
        gamma = _derived(richness(alpha, params.width))
    n = params.n if params.n is not None else 24 if on_circle(params) else 40
    if own_data.is_own(params.data):
        most = int(OWN_POOL * len(own_data.of(params.data).y))
        if params.n is None:
            n = min(n, most)
        elif n > most:
            raise ValueError(
                f"n = {n} is not allowed with these data: give a whole number from 2 to {most}, so "
                "that some are left to test on."
            )
    found = dataclasses.replace(params, alpha=alpha, gamma_0=gamma, n=n)
    check_work(int(params.steps), params.width, n, inputs(params))
    return found


def cpu_seconds(steps: int, width: int, n: int, d: int) -> float:
    """What that many products should take one thread."""
    return float(steps) * width * n * d / PER_SECOND


def check_work(steps: int, width: int, n: int, d: int) -> None:
    """Refuse what would take minutes.

    Raises:
        ValueError: more than 5e10 products.
    """
    work = float(steps) * width * n * d
    if work > MOST_WORK:
        minutes = cpu_seconds(steps, width, n, d) / 60
        raise ValueError(
            f"steps x width x n x d = {said(work)}, about {said(minutes)} minutes on one thread, "
            f"is not allowed: give at most {said(MOST_WORK)}, for instance "
            f"steps up to {int(MOST_WORK / (width * n * d))}."
        )


def notices(params: Params) -> list[str]:
    """Which of the given knobs is not used."""
    known = knobs_of(params)
    if params.hold == "gamma_0" and params.gamma_0 is not None:
        if params.alpha != known["alpha"].default:
            return ["hold=gamma_0 derives alpha, so the alpha given is ignored."]
    elif params.gamma_0 is not None:
        return ["hold=alpha derives gamma_0, so the gamma_0 given is ignored."]
    return []


def samples(params: Params) -> int:
    """Number of train points."""
    return filled(params.n)
