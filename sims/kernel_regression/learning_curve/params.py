"""Knobs of the learning curve, what is refused, and the presets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sims.core import own_data
from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, parameters
from sims.core.sentences import said
from sims.kernel_regression.learning_curve.data import points_of
from sims.kernel_regression.questions import about_digits_line

EXAMPLES = (16, 32, 64, 128, 256)
MOST_NUMBERS = 8.4e6
"""Numbers of a run's directions, trials x examples x points, beyond which it is refused."""
PER_SECOND = 4e9
"""Products that one thread does in a second."""


def _target_line(params: Params) -> str:
    """Beneath the target: what is to be learned."""
    target = int(params.target)
    if own_data.is_own(params.data):
        return ""
    if params.data == "digits":
        return about_digits_line(target)
    if params.data == "hypercube":
        return f"product of {target} bits" if target > 1 else "one bit"
    return f"a wave with {target} crest" + ("s" if target > 1 else "")


def _noise_line(params: Params) -> str:
    """Beneath the noise: its share of what is trained on."""
    noise = float(params.noise) ** 2
    return f"{said(100 * noise / (1 + noise))} % of the labels' variance" if noise else ""


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    data: str = knob(
        "digits", label="Data", group="Data",
        choices=("digits", "hypercube", "circle"), static=True, own=True,
        help="Handwritten digits, all corners of a cube, even angles, or data of one's own.",
    )
    points: int = knob(
        512, label="Points", symbol="N", group="Data",
        choices=(256, 512, 1024), lo=256, hi=1024, static=True,
        help="The world: examples are drawn from it, all others test.",
    )
    target: Scalar = knob(
        1, label="Target", group="Data",
        kind="int", lo=1, hi=4,
        help="Which question is asked of the data.",
        beneath=_target_line,
        unused=lambda given: "One's own data bring theirs."
        if own_data.is_own(given["data"]) else "",
    )
    noise: Scalar = knob(
        0.0, label="Label noise", symbol=r"\sigma", group="Data",
        lo=0, hi=1,
        help="Added to the labels that are trained on, whose size is 1; tests are without.",
        beneath=_noise_line,
    )
    examples: int = knob(
        128, label="Examples", symbol=r"n_\mathrm{max}", group="Training",
        choices=EXAMPLES, lo=EXAMPLES[0], hi=EXAMPLES[-1], static=True,
        help="The run adds one after another, up to so many.",
    )
    kernel: str = knob(
        "laplace", label="Kernel", symbol="K", group="Kernel",
        choices=("laplace", "rbf"), static=True,
        help="e^(-|x-z|/w), or the smooth e^(-|x-z|²/2w²).",
    )
    bandwidth: Scalar = knob(
        2.0, label="Bandwidth", symbol="w", group="Kernel",
        lo=0.5, hi=6, hard_lo=0.3, hard_hi=10, scale="log",
        help="How far a point's answer carries; points are about 1.4 apart.",
    )
    ridge: Scalar = knob(
        0.01, label="Ridge", symbol=r"\delta", group="Training",
        lo=1e-4, hi=1, hard_lo=1e-9, hard_hi=10, scale="log",
        help="Noise that is allowed for: 0 would fit every label.",
    )
    trials: int = knob(
        32, label="Training sets", symbol="T", group="Training",
        choices=(8, 16, 32, 64), lo=8, hi=64, static=True,
        help="Drawn from the same world and trained side by side; their mean is shown.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """No knob follows from another.

    Raises:
        ValueError: more examples than half of the points, or more numbers than a page should hold.
    """
    del tasks
    n, N, T = int(params.examples), points_of(params.data, int(params.points)), int(params.trials)
    if 2 * n > N:
        few = [str(m) for m in EXAMPLES if 2 * m <= N]
        raise ValueError(
            f"examples = {n} is not allowed with {N} points: at most half of them may be trained "
            "on; give "
            + (" or ".join(few) if few else f"data of at least {2 * EXAMPLES[0]} points")
            + "."
        )
    if T * n * N > MOST_NUMBERS:
        raise ValueError(
            f"trials = {T} with {n} examples of {N} points is too much: give trials of at most "
            f"{int(MOST_NUMBERS / (n * N))}."
        )
    return params


def cpu_seconds(params: Params) -> float:
    """One thread: each example once through all directions, and once through all modes."""
    n, N = int(params.examples), points_of(params.data, int(params.points))
    return 0.3 + int(params.trials) * n * N * (n + 2 * N) / PER_SECOND


def feasible(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of knobs drawn at random those to be changed: at most half of the points, in seconds."""
    n, N = int(values["examples"]), int(values["points"])
    n = min(n, N // 2)
    return {"examples": n, "trials": min(int(values["trials"]), 32 if n * N < 2e5 else 16)}


_A = ("uncertainty", "budget", "learnability", "test_error")
_REAL = (*_A, "raw_statistics")

PRESETS = (
    Preset(
        "digits",
        "Real digits",
        "Dots on the dashed line; the textbook's infinite world ends a quarter too low.",
        {},
        lands=_REAL,
        departs=("infinite_world", "luck"),
    ),
    Preset(
        "large_world",
        "A few of many",
        "With 32 examples of 1 024 the textbook's law is as good.",
        {"points": 1024, "examples": 32, "trials": 64},
        lands=("budget", "test_error", "raw_statistics", "infinite_world"),
    ),
    Preset(
        "parity",
        "A product of three bits",
        "An error above 1: nothing is learned, and chance costs.",
        {"data": "hypercube", "target": 3, "ridge": 1e-9},
        lands=("uncertainty", "learnability", "test_error", "luck"),
    ),
    Preset(
        "noisy_labels",
        "Noise on the labels",
        "The line knows the noise.",
        {"noise": 0.6, "ridge": 0.05, "trials": 64},
        lands=("budget", "learnability", "test_error", "raw_statistics"),
    ),
    Preset(
        "rough_kernel",
        "A rough kernel",
        "It learns slowly, as drawn.",
        {"bandwidth": 0.7, "target": 3},
        lands=("test_error",),
    ),
    Preset(
        "circle",
        "One dimension",
        "Twice the line: on a circle neighbours decide.",
        {"data": "circle", "target": 3},
        departs=_A,
    ),
    Preset(
        "smooth_kernel",
        "A smooth kernel",
        "Eigenvalues fall so fast that the uncertainty is 7 % off.",
        {"kernel": "rbf", "bandwidth": 4, "ridge": 1e-5},
        departs=("uncertainty",),
    ),
)
