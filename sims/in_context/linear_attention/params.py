"""Knobs of linear attention, what is refused, and how automatic values follow."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sims.core.experiment import Task
from sims.core.knobs import Scalar, filled, knob, number, parameters, written
from sims.core.sentences import said
from sims.in_context.linear_attention import theory

ATTENTION = ("separate", "merged", "softmax")
INPUTS = ("gaussian", "signs")
STARTS = ("labels_only", "everything")
MOST_NUMBERS = 4e9
"""Numbers that the sequences of a whole run may have, batch x context x dimension x steps."""
STEEPEST = {"separate": 0.5, "merged": 0.25, "softmax": 0.5}
"""Automatic learning rate over that which is 1/curvature of the stiffest direction."""
QUICK_NUMBERS = 2.5e7
"""Numbers of a setting drawn at random: a second or two."""
USUAL_STEPS = 2000
"""Steps of such a setting, about, where they follow from the others."""


def _rate_line(params: Params) -> str:
    """Beneath the learning rate: how far from instability the stiffest direction is."""
    curvature = problem_of(params).label_curvature
    return f"the stiffest direction sees {said(filled(params.eta) * curvature)}; from 2 on it grows"


def _context_line(params: Params) -> str:
    """Beneath the context: how long the clouds are, for the first component."""
    a = problem_of(params).shrinkage
    return f"component 1 is read at {said(1 / a[0])} of its size, the last at {said(1 / a[-1])}"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    spectrum: tuple[Scalar, ...] = knob(
        (0.4, 0.3, 0.2, 0.1), label="Spectrum", symbol=r"\lambda_d", group="Task",
        lo=0.05, hi=1, hard_lo=0.01, hard_hi=10, lengths=(1, 8),
        help="Variances of the inputs along their principal axes, falling.",
    )
    context: int = knob(
        16, label="Context", symbol="N", unit="examples", group="Task",
        lo=4, hi=64, hard_lo=2, hard_hi=256, scale="log", static=True,
        help="Examples in a sequence while training.",
        beneath=_context_line,
    )
    noise: Scalar = knob(
        0.0, label="Label noise", symbol=r"\sigma", group="Task",
        lo=0, hi=1, hard_hi=5,
        help="Noise on the labels in the context; the answers asked for are clean.",
    )
    inputs: str = knob(
        "gaussian", label="Inputs", group="Task",
        choices=INPUTS, static=True,
        help="Gaussian, or only the two values ±√λ along each axis.",
    )
    attention: str = knob(
        "separate", label="Attention", group="Layer",
        choices=ATTENTION, static=True,
        help="Keys and queries apart, multiplied into one matrix, or with a softmax over them.",
    )
    heads: int = knob(
        8, label="Heads", symbol="H", group="Layer",
        lo=1, hi=16, hard_hi=64, static=True,
        help="Attention heads, each of which can read one direction.",
    )
    start: str = knob(
        "labels_only", label="Start", group="Layer",
        choices=STARTS, static=True,
        help="Values begin on labels and keys on inputs; or everywhere.",
    )
    alpha: Scalar | None = knob(
        None, label="Initial size", symbol=r"\alpha", group="Layer",
        kind="float", lo=0.03, hi=0.5, hard_lo=1e-4, hard_hi=3, scale="log", auto=True,
        help="Standard deviation of the weights at the start.",
    )
    eta: Scalar | None = knob(
        None, label="Learning rate", symbol=r"\eta", group="Training",
        kind="float", lo=0.02, hi=1, hard_lo=0.001, hard_hi=5, scale="log", auto=True,
        help="Size of a step.",
        beneath=_rate_line,
    )
    batch_size: int = knob(
        256, label="Batch size", symbol="B", unit="sequences", group="Training",
        lo=64, hi=1024, hard_lo=8, hard_hi=4096, scale="log", static=True,
        help="Fresh sequences in every step; none is seen twice.",
    )
    steps: Scalar | None = knob(
        None, label="Steps", group="Training",
        kind="int", lo=200, hi=8000, hard_lo=10, hard_hi=100_000, scale="log", auto=True,
        help="Steps of the whole run.",
    )
    # fmt: on


def spectrum_of(params: Params) -> np.ndarray:
    """The lam_d, (D,)."""
    return np.array([float(one) for one in params.spectrum])


def problem_of(params: Params) -> theory.Problem:
    """What the theory needs to know of these settings."""
    merged = params.attention == "merged"
    return theory.Problem(
        spectrum_of(params), int(params.context), float(params.noise) ** 2, merged
    )


def weights_of(task: Task) -> list[np.ndarray]:
    """The entries of the initial weights that the theory knows: v, k, q, or v and W, float64."""
    values = np.asarray(task["values"], float)
    if "key_query" in task:
        return [values[:, -1], np.asarray(task["key_query"], float)[:, :-1, :-1]]
    return [values[:, -1], *(np.asarray(task[one], float)[:, :-1] for one in ("keys", "queries"))]


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """Size of the start and learning rate, and with tasks the steps, the most of all seeds.

    Raises:
        ValueError: the spectrum does not fall, or too many numbers would be drawn.
    """
    if any(float(b) >= float(a) for a, b in itertools.pairwise(params.spectrum)):
        raise ValueError(
            f"spectrum = {written(params.spectrum)} is not allowed: give 1 to 8 variances that "
            "fall, each from 0.01 to 10."
        )
    problem = problem_of(params)
    if params.alpha is None:
        params = dataclasses.replace(params, alpha=1e-3 if problem.merged else 0.1)
    if params.eta is None:
        eta = STEEPEST[params.attention] / problem.label_curvature
        eta = float(np.clip(float(f"{eta:.2g}"), 0.001, 5))
        params = dataclasses.replace(params, eta=eta)
    if params.steps is None and tasks:
        steps = [theory.automatic_steps(problem, weights_of(t), filled(params.eta)) for t in tasks]
        params = dataclasses.replace(params, steps=max(steps))
    if params.steps is not None:
        _affordable(params)
    return params


def numbers(params: Params, steps: int = 1) -> float:
    """Numbers that are drawn in so many steps, or one."""
    per_step = params.batch_size * params.context * len(params.spectrum)
    return float(per_step) * steps


def _affordable(params: Params) -> None:
    drawn = numbers(params, int(filled(params.steps)))
    if drawn > MOST_NUMBERS:
        most = int(MOST_NUMBERS / numbers(params))
        raise ValueError(
            f"steps = {number(int(filled(params.steps)))} is not allowed: it would draw "
            f"{said(drawn)} numbers, at most {said(MOST_NUMBERS)}; give at most {number(most)} "
            "steps, or smaller batches or contexts."
        )


def feasible(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of knobs drawn at random those to be changed for a run to take a second or two.

    Fewer steps and smaller batches first, then shorter contexts.
    """
    params = Params(**values)
    steps = min(int(params.steps or USUAL_STEPS), 2 * USUAL_STEPS)
    most = QUICK_NUMBERS / (numbers(params) * steps) / (2 if params.attention == "softmax" else 1)
    batch_size = int(np.clip(params.batch_size * most, 64, params.batch_size))
    most *= params.batch_size / batch_size
    context = int(np.clip(params.context * most, 4, params.context))
    found: dict[str, Any] = {"batch_size": batch_size, "context": context}
    if params.steps is not None:
        found["steps"] = steps
    return found
