"""Knobs of the diagonal linear network, what is refused, and the presets."""

from __future__ import annotations

from collections.abc import Sequence

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, parameters
from sims.lazy_rich.scales import WIDE_STEP

LARGEST_SCALE = 3.0
SMALLEST_SCALE = 1e-4


def _share_line(params: Params) -> str:
    return f"$1 - n/d =$ {1 - params.n / params.d:.2f}, the error of the shortest solution"


def _step_line(params: Params) -> str:
    wide = float(params.c) > WIDE_STEP
    shifts = f"! a finite step shifts the end; the theory wants {WIDE_STEP} or less"
    return shifts if wide else ""


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    alpha_0: Scalar = knob(
        0.05, label="Initial scale", symbol=r"\alpha_0", unit="√weight", group="Start",
        lo=SMALLEST_SCALE, hi=LARGEST_SCALE, scale="log",
        help="Every u and v starts here: small finds sparse weights, large short ones.",
    )
    n: int = knob(
        40, label="Train points", symbol="n", group="Data",
        lo=5, hi=90, static=True,
        help="Equations, fewer than features: what else decides is the start.",
        beneath=_share_line,
    )
    d: int = knob(
        100, label="Features", symbol="d", group="Data",
        lo=20, hi=200, static=True,
        help="Number of weights w = u² - v².",
    )
    k: Scalar = knob(
        5, label="Features that matter", symbol="k", group="Data",
        kind="int", lo=1, hi=10,
        help="True weights that are not zero, each 1/√k.",
    )
    noise: Scalar = knob(
        0.0, label="Label noise", symbol=r"\sigma", group="Data",
        lo=0, hi=1,
        help="Standard deviation of what is added to the targets.",
    )
    c: Scalar = knob(
        0.05, label="Learning rate over the edge", symbol="c", group="Training",
        lo=0.02, hi=0.8, scale="log",
        help="Step size over 2/λ at the predicted end; the theory is its limit 0.",
        beneath=_step_line,
    )
    steps: Scalar = knob(
        60_000, label="Steps", symbol="T", unit="steps", group="Training",
        kind="int", lo=1000, hi=200_000, hard_lo=100, hard_hi=1_000_000, scale="log",
        help="Number of steps of the run.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """No knob follows from another.

    Raises:
        ValueError: not fewer train points than features.
    """
    del tasks
    if params.n >= params.d:
        raise ValueError(
            f"n = {params.n} with d = {params.d} is over-determined, so there is no implicit bias: "
            f"give n from 5 to {min(90, params.d - 1)}"
            + (f", or d from {params.n + 1} to 200." if params.n < 200 else ".")
        )
    return params


PRESETS = (
    Preset(
        "l1_to_l2",
        "From l1 to l2",
        # at the upper end the theory is its limit, least squares, and no point is judged
        "The test error climbs from recovery to 1 - n/d along the theory.",
        over={"alpha_0": "0.001:3:12:log"},
    ),
    Preset(
        "large_step",
        "A large step shifts the bias",
        "The end sits 5 to 7 % off the flow's.",
        {"alpha_0": 0.1, "c": 0.8},
        {"weights_final": "departs"},
    ),
)
