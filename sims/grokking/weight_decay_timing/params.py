"""Knobs of the decaying diagonal network, how autos follow, what is refused, and the presets."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, filled, knob, number, parameters
from sims.core.sentences import said
from sims.grokking.weight_decay_timing import theory

MOST_STEPS = 2_000_000
DECAYS = 4.0
"""Decay times that an automatic run lasts beyond ln α: β ends at e⁻⁴."""
FEWEST_DECAYS = 2.0


def _later_line(params: Params) -> str:
    """What twice the scale costs in time."""
    later = math.log(2) / float(params.weight_decay)
    return rf"twice as large is later by $\ln 2/\gamma =$ {later:.1f}"


def _fast_line(params: Params) -> str:
    fast = float(params.weight_decay) > theory.SLOW
    return f"! the theory mostly wants {theory.SLOW} or less" if fast else ""


def _end_line(params: Params) -> str:
    if params.steps is None or params.eta is None:
        return ""
    return f"until time {said(float(params.steps) * float(params.eta), 3)}"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    alpha: Scalar = knob(
        2.0, label="Initial scale", symbol=r"\alpha", unit="√weight", group="Start",
        lo=0.1, hi=8, hard_lo=0.01, hard_hi=100, scale="log",
        help="Every u and v starts here; each doubling delays by ln 2 over the decay.",
        beneath=_later_line,
    )
    weight_decay: Scalar = knob(
        0.01, label="Weight decay", symbol=r"\gamma", unit="1/time", group="Training",
        lo=1e-3, hi=0.3, hard_lo=1e-5, hard_hi=10, scale="log",
        help="Pull of u and v towards zero; the theory is its limit 0.",
        beneath=_fast_line,
    )
    d: int = knob(
        100, label="Features", symbol="d", group="Data",
        lo=20, hi=200, static=True,
        help="Number of weights w = u² - v².",
    )
    n: int = knob(
        40, label="Train points", symbol="n", group="Data",
        lo=5, hi=100, static=True,
        help="Equations, fewer than features: many weights fit.",
    )
    k: Scalar = knob(
        3, label="Features that matter", symbol="k", group="Data",
        kind="int", lo=1, hi=10,
        help="True weights that are not zero, each ±1/√k.",
    )
    eta: Scalar | None = knob(
        None, label="Learning rate", symbol=r"\eta", unit="time/step", group="Training",
        kind="float", lo=1e-4, hi=0.05, hard_lo=1e-7, hard_hi=10, scale="log", auto=True,
        help="Step size; automatically half of the edge at the start over two.",
    )
    steps: Scalar | None = knob(
        None, label="Steps", symbol="T", unit="steps", group="Training",
        kind="int", lo=1000, hi=MOST_STEPS, hard_lo=10, scale="log", auto=True,
        help="Number of steps; automatically until the decaying scale is e⁻⁴.",
        beneath=_end_line,
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """The step size follows the largest top eigenvalue of the seeds, the steps follow it.

    η = 0.5/(8 max(α, 1)² λ_max) with λ_max of XXᵀ/n; T = (ln α + 4)/wd, at least 2/wd.

    Raises:
        ValueError: not fewer train points than features, more features that matter than features,
            or a step so large that decay alone overshoots.
    """
    if not tasks:
        _check_data(params)
        return params
    if params.eta is None:
        top = max(theory.top_eigenvalue(task["X"]) for task in tasks)
        eta = 0.5 / (8 * max(float(params.alpha), 1.0) ** 2 * top)
        params = dataclasses.replace(params, eta=float(f"{eta:.12g}"))
    eta, decay = filled(params.eta), float(params.weight_decay)
    if eta * decay >= 1:
        raise ValueError(
            f"eta = {number(eta)} times weight_decay = {number(decay)} is not below 1, so decay "
            f"alone overshoots: give eta below {said(1 / decay, 3)}."
        )
    if params.steps is None:
        horizon = max(math.log(float(params.alpha)) + DECAYS, FEWEST_DECAYS) / decay
        steps = min(math.ceil(horizon / eta), MOST_STEPS)
        params = dataclasses.replace(params, steps=max(10, steps))
    return params


def _check_data(params: Params) -> None:
    if params.n >= params.d:
        most = min(100, params.d - 1)
        raise ValueError(
            f"n = {params.n} with d = {params.d} is over-determined, so there is nothing to choose "
            f"between: give n from 5 to {most}."
        )
    if params.k > params.d:
        raise ValueError(f"k = {int(params.k)} is more than d = {params.d}: give k from 1 to 10.")


_ALL = ("grok_time", "test_error", "test_error_first_order")

PRESETS = (
    Preset(
        "decay_clock",
        "The clock is weight decay",
        "The whole curve and the line land; the correction for the decay says how far off.",
        {},
        lands=_ALL,
    ),
    Preset(
        "fast_decay",
        "Decay outruns the fit",
        "The run is late by a fifth and more: it never sits on the interpolating path.",
        {"alpha": 1.0, "weight_decay": 0.2},
        departs=("grok_time", "test_error"),
        not_judged=("test_error_first_order",),
    ),
)
