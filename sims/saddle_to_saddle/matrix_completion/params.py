"""Knobs of matrix completion by a deep linear network, how autos follow, and the presets."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, filled, knob, number, parameters, written
from sims.core.schedule import steps_until
from sims.core.sentences import rounded_up, said
from sims.saddle_to_saddle.matrix_completion import theory

MOST_STEPS = 200_000
MOST_WORK = 1e12
"""Products of a whole run beyond which it is refused."""
PER_SECOND = 1e10
"""Such products one thread does in a second, in matrices of size 100 (float64)."""
ALPHA_BY_DEPTH = {1: 1e-3, 2: 1e-3, 3: 0.03, 4: 0.1}
TOP_STRENGTH = 6.0
NEXT_STRENGTH = 2 / 3


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    size: int = knob(
        16, label="Size", symbol="d", group="Data",
        lo=4, hi=32, hard_hi=100, static=True,
        help="Rows and columns of the matrix to be completed.",
    )
    rank: int | None = knob(
        None, label="Rank", symbol="r", group="Data",
        kind="int", lo=1, hi=8, hard_hi=20, static=True, auto=True,
        help="Rank of the matrix to be completed.",
    )
    spectrum: tuple[Scalar, ...] | None = knob(
        None, label="Singular values", symbol="s_k", group="Data",
        kind="list", lo=0.1, hi=10, hard_lo=0.01, hard_hi=100, auto=True,
        help="Singular values of that matrix, as many as its rank.",
    )
    observed: Scalar = knob(
        0.6, label="Observed share", symbol="p", group="Data",
        lo=0.1, hi=1,
        help="Chance that an entry is shown to the training.",
    )
    depth: int = knob(
        2, label="Depth", symbol="L", unit="layers",
        choices=(1, 2, 3, 4), lo=1, hi=4, static=True,
        help="Number of factors whose product fills the matrix.",
    )
    alpha: Scalar | None = knob(
        None, label="Initial scale", symbol=r"\alpha", unit="weight", group="Start",
        kind="float", lo=1e-6, hi=1, scale="log", auto=True,
        help="Size of the initial factors; the smaller, the lower the rank they prefer.",
    )
    eta: Scalar | None = knob(
        None, label="Learning rate", symbol=r"\eta", unit="time/step", group="Training",
        kind="float", lo=1e-4, hi=0.5, hard_lo=1e-8, hard_hi=2, scale="log", auto=True,
        help="Step size; one step is η of time.",
    )
    horizon: Scalar | None = knob(
        None, label="Horizon", symbol="T", unit="time", group="Training",
        kind="float", lo=0.1, hi=1000, hard_lo=1e-3, hard_hi=1e6, scale="log", auto=True,
        help="Time t = ηn at which the run ends.",
        slider=False,
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """Fill the autos: rank, spectrum and alpha with (), eta and horizon with the tasks.

    The learning rate follows the strongest observed matrix of the seeds, the horizon the latest
    escape.

    Raises:
        ValueError: rank and spectrum that disagree, nothing observed, more than 200,000 steps, or
            minutes of work.
    """
    if not tasks:
        return _without_task(params)
    tops = [theory.observed_top(task) for task in tasks]
    if min(tops) == 0:
        raise ValueError(
            f"observed = {number(float(params.observed))} leaves no entry to learn from for one of "
            "the seeds: give a larger share or another seed."
        )
    if params.eta is None:
        eta = (0.01 if params.depth <= 2 else 0.02) / max(tops)
        params = dataclasses.replace(params, eta=float(f"{eta:.12g}"))
    if params.horizon is None:
        horizon = max(_horizon(params, task) for task in tasks)
        params = dataclasses.replace(params, horizon=float(f"{horizon:.6g}"))
    _check_steps(params)
    return params


def _without_task(params: Params) -> Params:
    given = params.spectrum
    if given is not None and params.rank is not None and len(given) != params.rank:
        raise ValueError(
            f"rank = {params.rank} but spectrum = {written(given)} has {len(given)} values: "
            "give one of them, or as many values as the rank."
        )
    rank = params.rank or (2 if given is None else len(given))
    if rank > params.size:
        raise ValueError(
            f"rank = {rank} is more than size = {params.size}: "
            "give a smaller rank or a larger matrix."
        )
    if given is None:
        given = TOP_STRENGTH * NEXT_STRENGTH ** np.arange(rank)
    spectrum = tuple(float(f"{s:.12g}") for s in np.sort(np.asarray(given, float))[::-1])
    alpha = params.alpha if params.alpha is not None else ALPHA_BY_DEPTH[params.depth]
    return dataclasses.replace(params, rank=rank, spectrum=spectrum, alpha=alpha)


def _horizon(params: Params, task: Task) -> float:
    """30 times the predicted first escape (at least 30/σ_1); 10 for a single factor."""
    if params.depth == 1:
        return 10.0
    return 30 * max(theory.first_escape_time(params, task), 1 / theory.observed_top(task))


def _check_steps(params: Params) -> None:
    horizon, eta = filled(params.horizon), filled(params.eta)
    if not math.isfinite(horizon):
        raise ValueError("From this start the first escape never comes: give a larger alpha.")
    steps = steps_until(horizon, eta)
    if steps > MOST_STEPS:
        raise ValueError(
            f"The horizon T = {number(float(f'{horizon:.4g}'))} takes {steps} steps of eta = "
            f"{number(eta)}, more than {MOST_STEPS}: give eta of at least "
            f"{number(rounded_up(horizon / MOST_STEPS))}, or a larger alpha."
        )
    a_step = 3 * (params.depth - 1) * params.size**3
    if steps * a_step > MOST_WORK:
        least = rounded_up(horizon / (MOST_WORK // a_step))
        raise ValueError(
            f"{steps} steps of {params.depth} factors of size {params.size} are about "
            f"{said(steps * a_step / PER_SECOND / 60)} minutes on one thread, more than "
            f"{said(MOST_WORK / PER_SECOND / 60)}: give eta of at least {number(least)}, "
            f"or size up to {int(params.size * (MOST_WORK / (steps * a_step)) ** (1 / 3))}."
        )


def notices(params: Params) -> list[str]:
    """What was done to the input."""
    s = params.spectrum
    if s is not None and list(s) != sorted(s, reverse=True):
        return ["The singular values were sorted, strongest first."]
    return []


PRESETS = (
    Preset(
        "matrix_completion",
        "Filling the gaps",
        "The escape comes on time; the held-out error then falls, without a theory for it.",
        {},
        {"first_escape_time": "lands"},
    ),
    Preset(
        "hundred",
        "A hundred by a hundred",
        "Ten thousand entries, the same rank: on time again, and what was hidden is filled in "
        "hundreds of times better.",
        {"size": 100},
        {"first_escape_time": "lands"},
        slow=True,
    ),
    Preset(
        "three_factors",
        "Deeper fills better",
        "A longer wait, then a smaller held-out error than with two factors.",
        {"depth": 3, "alpha": 0.03},
        {"first_escape_time": "lands"},
    ),
    Preset(
        "one_factor",
        "Depth one learns only what it sees",
        "The held-out error stays at 1: a single factor never touches what it is not shown.",
        {"depth": 1},
        {"first_escape_time": "not judged"},
    ),
)
