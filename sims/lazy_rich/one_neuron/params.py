"""Knobs of one hidden neuron, what is refused, and the presets."""

from __future__ import annotations

from collections.abc import Sequence

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, number, parameters
from sims.core.schedule import steps_until
from sims.core.sentences import rounded_up, said
from sims.lazy_rich.scales import balance, imbalance

MOST_STEPS = 2_000_000


BALANCED = 0.1
"""Share of the largest imbalance below which a neuron counts as balanced."""


def _start_line(params: Params) -> str:
    """What is conserved from this start, and what kind of start that makes it."""
    eta_a, eta_w = float(params.eta_a), float(params.eta_w)
    delta = imbalance(float(params.a0), float(params.w0), eta_a, eta_w)
    share = balance(delta, eta_a, eta_w)
    kind = "balanced" if abs(share) < BALANCED else "upstream" if share > 0 else "downstream"
    return rf"$\delta =$ {said(delta, 3)}: {kind}"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    a0: Scalar = knob(
        0.1, label="Outer weight", symbol="a_0", group="Start",
        lo=-3, hi=3,
        help="Where a starts: large against w is lazy, small is delayed and then rich.",
    )
    w0: Scalar = knob(
        0.1, label="Inner weight", symbol="|w_0|", group="Start",
        lo=0.001, hi=3, scale="log",
        help="Length that w starts with.",
        beneath=_start_line,
    )
    angle: Scalar = knob(
        115.0, label="Angle to the target", symbol=r"\theta", unit="degrees", group="Start",
        lo=0, hi=180,
        help="Between w at the start and the target b = (1, 0).",
    )
    eta_a: Scalar = knob(
        1.0, label="Rate of a", symbol=r"\eta_a", group="Training",
        lo=0.1, hi=3, scale="log",
        help="Learning rate of the outer weight.",
    )
    eta_w: Scalar = knob(
        1.0, label="Rate of w", symbol=r"\eta_w", group="Training",
        lo=0.1, hi=3, scale="log",
        help="Learning rate of the inner weights.",
    )
    horizon: Scalar = knob(
        12.0, label="Horizon", symbol="T", unit="time", group="Training",
        lo=1, hi=60, hard_lo=0.01, hard_hi=1000, scale="log",
        help="Time at which the run ends.",
    )
    dt: Scalar = knob(
        0.002, label="Step", symbol="dt", unit="time/step", group="Training",
        lo=0.0005, hi=0.01, hard_lo=1e-5, scale="log",
        help="Time of one step; the theory is its limit 0.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """No knob follows from another.

    Raises:
        ValueError: more than 2,000,000 steps.
    """
    del tasks
    horizon, dt = float(params.horizon), float(params.dt)
    if steps_until(horizon, dt) > MOST_STEPS:
        raise ValueError(
            f"horizon = {number(horizon)} takes {steps_until(horizon, dt)} steps of "
            f"dt = {number(dt)}, more than {MOST_STEPS}: give dt from "
            f"{number(rounded_up(horizon / MOST_STEPS))} to 0.01, or a horizon of at most "
            f"{number(MOST_STEPS * dt)}."
        )
    return params


_LANDS = dict.fromkeys(("beta", "a", "loss"), "lands")

PRESETS = (
    Preset(
        "balanced",
        "Balanced",
        "A plateau, then a sigmoid.",
        {},
        _LANDS,  # pyright: ignore[reportArgumentType]
    ),
    Preset(
        "upstream",
        "Upstream: lazy",
        "w follows at once, a hardly moves.",
        {"a0": 2.0, "w0": 0.01},
        _LANDS,  # pyright: ignore[reportArgumentType]
    ),
    Preset(
        "downstream",
        "Downstream: lazy, then rich",
        "a fits along -w first, so it goes negative; then w turns slowly.",
        {"a0": 0.01, "w0": 2.0},
        _LANDS,  # pyright: ignore[reportArgumentType]
    ),
)
