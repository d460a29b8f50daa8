"""Knobs of the phase diagram, and its presets."""

from __future__ import annotations

from collections.abc import Sequence

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, parameters
from sims.lazy_rich.scales import rate_line, richness_line
from sims.lazy_rich.two_layer_network.params import check_work, cpu_seconds


@parameters
class Params:
    """Parameters of one run of the diagram; width and output scale are its axes."""

    # fmt: off
    activation: str = knob(
        "erf", label="Activation", symbol=r"\phi",
        choices=("erf", "tanh", "relu"), static=True,
        help="Of the network and of its teacher alike.",
    )
    d: int = knob(
        5, label="Input dimension", symbol="d", group="Data",
        choices=(2, 5, 10), lo=2, hi=10, static=True,
        help="2 puts the points on a circle, more on a sphere.",
    )
    n: int = knob(
        32, label="Train points", symbol="n", group="Data",
        lo=8, hi=128, hard_lo=2, hard_hi=512, static=True,
        help="Number of points the networks are trained on.",
    )
    c: Scalar = knob(
        0.5, label="Rate over the edge", symbol="c", group="Training",
        lo=0.05, hi=2.5,
        help="Learning rate in units of 2n/λ_max; below 1 it is also divided by 1 + α*/α.",
        beneath=rate_line,
    )
    teacher_neurons: Scalar = knob(
        3, label="Teacher neurons", symbol="m_0", group="Data",
        lo=1, hi=5,
        help="Neurons of the teacher, with signs + - + - +.",
    )
    noise: Scalar = knob(
        0.0, label="Label noise", symbol=r"\sigma", group="Data",
        lo=0, hi=1,
        help="Added to the train targets, whose size is 1.",
    )
    steps: Scalar = knob(
        1000, label="Steps", symbol="T", unit="steps", group="Training",
        lo=200, hi=4000, hard_lo=1, hard_hi=200_000, scale="log",
        help="Number of steps of every run.",
    )
    threshold: Scalar = knob(
        0.1, label="Threshold", symbol="R^*", group="Theory",
        lo=0.1, hi=1,
        help="Feature change that marks the boundary; up to 0.3 the theory can be trusted.",
    )
    data_seed: Scalar = knob(
        0, label="Data seed", group="Data",
        lo=0, hi=99, hard_hi=1_000_000,
        help="Draws data and noise; the seed draws the initial weights alone.",
    )
    alpha: Scalar = knob(
        1.0, label="Output scale", symbol=r"\alpha",
        lo=1e-2, hi=31.6, hard_lo=1e-3, hard_hi=1e3, scale="log",
        help="Large is lazy, small is rich; one axis of the diagram.",
        beneath=richness_line,
    )
    width: int = knob(
        64, label="Width", symbol="N",
        lo=16, hi=256, hard_lo=1, hard_hi=4096, scale="log", static=True,
        help="Number of neurons; the other axis.",
    )
    # fmt: on


OVER = {"width": "16,32,64,128,256", "alpha": "1e-2:31.6:15:log"}
"""The axes of the diagram."""

PRESETS = (
    Preset(
        "erf",
        "The boundary, smooth",
        "The measured contour follows the drawn one, slope −1/2.",
        {},
        {"boundary": "lands", "feature_change": "lands"},
        over=OVER,
    ),
    Preset(
        "relu",
        "The boundary, kinked",
        "R_pred still finds it; the smooth line does not.",
        {"activation": "relu", "threshold": 0.3},
        {"boundary": "lands"},
        over=OVER,
    ),
    Preset(
        "thousand_runs",
        "A thousand runs",
        "The same boundary, at a hundred output scales and up to width 4096.",
        {},
        over={"width": "8:4096:10:log", "alpha": "1e-2:31.6:100:log"},
        gpu=True,
    ),
)


def seconds(params: Params) -> float:
    """What one run of the diagram should take one thread of a CPU."""
    return cpu_seconds(int(params.steps), params.width, params.n, params.d)


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """No knob is automatic.

    Raises:
        ValueError: a run that would take minutes.
    """
    if not tasks:
        check_work(int(params.steps), params.width, params.n, params.d)
    return params
