"""Knobs of the cycle after a kick, and its presets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sims.core.experiment import Preset, Task, stated
from sims.core.knobs import Scalar, knob, number, parameters
from sims.core.sentences import said
from sims.edge_of_stability import scales

SMALLEST_KICK = 1e-6


def _edge_line(params: Params) -> str:
    """Where the edge lies."""
    return f"edge ${scales.EDGES['gd']} =$ {said(scales.edge('gd', float(params.eta)), 4)}"


def _kick_line(params: Params) -> str:
    none = float(params.kick) == 0
    return "! no kick: rounding decides the start" if none else ""


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    eta: Scalar = knob(
        0.1, label="Learning rate", symbol=r"\eta", unit="time/step", group="Training",
        lo=0.06, hi=0.2,
        help="Step size; the edge of stability is at sharpness 2/η.",
        beneath=_edge_line,
    )
    kick: Scalar = knob(
        1e-4, label="Kick", symbol=r"\varepsilon", unit="weight", group="Start",
        lo=SMALLEST_KICK, hi=1e-2, hard_lo=0, scale="log",
        help="Push along the top eigenvector at the crossing; 0 leaves the start to rounding.",
        beneath=_kick_line,
    )
    steps: Scalar = knob(
        200, label="Steps after the kick", symbol="T", unit="steps", group="Training",
        lo=50, hi=400,
        help="Steps of the run, which begins where the sharpness crosses 2/η.",
    )
    width: int = knob(
        32, label="Width", symbol="N",
        lo=8, hi=128, static=True,
        help="Units of every hidden layer.",
    )
    depth: int = knob(
        2, label="Hidden layers", symbol="D",
        choices=(1, 2, 3), lo=1, hi=3, static=True,
        help="Number of hidden layers, tanh.",
    )
    degree: Scalar = knob(
        4, label="Degree", symbol="d", group="Data",
        lo=2, hi=8,
        help="Degree of the Chebyshev polynomial the net is to learn.",
    )
    samples: int = knob(
        20, label="Samples", symbol="n", group="Data",
        lo=8, hi=64, static=True,
        help="Points of that polynomial, evenly spaced on [-1, 1].",
    )
    dtype: str = knob(
        "float32", label="Precision", group="Training",
        choices=("float32", "float64"), static=True,
        help="Without a kick the precision decides how far the first overshoot goes.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """No knob is automatic.

    Raises:
        ValueError: a kick between 0 and 1e-6, where rounding in float32 is as large.
    """
    del tasks
    kick = float(params.kick)
    if 0 < kick < SMALLEST_KICK:
        raise ValueError(
            f"kick = {number(kick)} is not allowed: give 0 or a number from "
            f"{number(SMALLEST_KICK)} to 0.01."
        )
    return params


_stated = partial(stated, ("overshoot", "overshoot_step", "return_step"))

PRESETS = (
    Preset(
        "kick",
        "One cycle after a kick",
        "The sharpness overshoots and returns at the predicted steps.",
        {},
        _stated("L L L"),
    ),
    Preset(
        "tiny_kick",
        "A tiny kick",
        "A smaller start, a larger overshoot.",
        {"kick": 1e-6},
        _stated("L L L"),
    ),
    Preset(
        "no_kick_float32",
        "No kick, float32",
        "Overshoot 2.6 near step 100: rounding alone is the kick.",
        {"kick": 0, "steps": 300},
        _stated("n n n"),
    ),
    Preset(
        "no_kick_float64",
        "No kick, float64",
        "Overshoot 4.4 near step 170: the same net, another precision.",
        {"kick": 0, "steps": 300, "dtype": "float64"},
        _stated("n n n"),
    ),
    Preset(
        "drifting_sharpening",
        "Sharpening drifts",
        "The frozen map is 8 % low.",
        {"eta": 0.15},
        _stated("D L L"),
    ),
)
