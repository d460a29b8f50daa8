"""Knobs of the parity task, what is refused, and the presets."""

from __future__ import annotations

from collections.abc import Sequence

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, parameters
from sims.core.sentences import said
from sims.lazy_rich.scales import rate_line

MOST_WORK = 5e10
"""Products of a whole run, steps x width x samples x dimension, beyond which it is refused."""
PER_SECOND = 5e8
"""Such products one thread does in a second."""


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    alpha: Scalar = knob(
        30.0, label="Output scale", symbol=r"\alpha",
        lo=1e-3, hi=1e3, scale="log",
        help="Small is rich and finds the axes that matter; large is lazy and a kernel.",
    )
    width: int = knob(
        256, label="Width", symbol="N",
        lo=16, hi=1024, scale="log", static=True,
        help="Number of relu neurons.",
    )
    d: int = knob(
        15, label="Bits", symbol="d", group="Data",
        lo=3, hi=40, static=True,
        help="Length of an input, each bit 1 or -1.",
    )
    relevant: Scalar = knob(
        2, label="Bits that matter", symbol="k", group="Data",
        kind="int", lo=1, hi=4, hard_hi=10,
        help="The target is the product of the first so many bits.",
        beneath=lambda params: f"share by chance {float(params.relevant) / params.d:.3f}",
    )
    n: int = knob(
        128, label="Train points", symbol="n", group="Data",
        lo=8, hi=400, hard_lo=2, hard_hi=1000, static=True,
        help="Drawn uniformly; fewer than d² are too few for a kernel.",
    )
    n_test: int = knob(
        1000, label="Test points", symbol="n'", group="Data",
        lo=100, hi=2000, hard_lo=1, hard_hi=10_000, static=True,
        help="Drawn uniformly, behind the train points.",
    )
    c: Scalar = knob(
        0.5, label="Rate over the edge", symbol="c", group="Training",
        lo=0.05, hi=0.95, hard_hi=2.5,
        help="Learning rate in units of 2n/λ_max; below 1 it is also divided by 1 + α*/α.",
        beneath=rate_line,
    )
    steps: Scalar = knob(
        1500, label="Steps", symbol="T", unit="steps", group="Training",
        kind="int", lo=500, hi=10_000, hard_lo=1, hard_hi=200_000, scale="log",
        help="Number of steps of the run.",
    )
    data_seed: Scalar = knob(
        0, label="Data seed", group="Data",
        kind="int", lo=0, hi=99, hard_hi=1_000_000,
        help="Draws the points; the seed draws the initial weights alone.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """No knob follows from another.

    Raises:
        ValueError: more bits that matter than bits, or too long a run.
    """
    del tasks
    if params.relevant > params.d:
        raise ValueError(
            f"relevant = {int(params.relevant)} is more than d = {params.d}: "
            f"give relevant from 1 to {min(10, params.d)}."
        )
    each = params.width * params.n * params.d
    work = float(params.steps) * each
    if work > MOST_WORK:
        raise ValueError(
            f"steps x width x n x d = {said(work)}, about {said(work / PER_SECOND / 60)} minutes "
            f"on one thread, is not allowed: give at most {said(MOST_WORK)}, for instance steps "
            f"from 1 to {int(MOST_WORK / each)}."
        )
    return params


RICH = {"alpha": 0.02}
KERNEL = {"alpha": 30.0}

PRESETS = (
    Preset(
        "parity_rich",
        "Parity: features win",
        "The test loss ends near 0, and the share of the two axes rises to 0.8.",
        RICH,
        {"test_loss_final": "departs"},
        compare=KERNEL,
        compare_title="The kernel loses",
    ),
    Preset(
        "parity_kernel",
        "Parity: the kernel loses",
        "The train loss ends near 0, the test loss stays at the dashed 0.15 to 0.24.",
        KERNEL,
        {"test_loss_final": "lands"},
        compare=RICH,
        compare_title="Features win",
    ),
)
