"""Knobs of the linear estimator, how long it runs, what is refused, and the presets."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from sims.core.experiment import Preset, Task, stated
from sims.core.knobs import Scalar, knob, number, parameters
from sims.core.sentences import said
from sims.grokking.linear_estimator import theory

MOST_ENTRIES = 4_000_000
"""Entries of the data matrix beyond which it is refused."""
MOST_STEPS = 20_000
FEWEST_STEPS = 20


def _samples_line(params: Params) -> str:
    """How many samples the ratio means, and the smallest eigenvalue."""
    lowest = theory.edges(theory.settings_of(params).ratio)[0]
    return rf"$N =$ {theory.samples(params)} samples, $\nu_- =$ {said(lowest, 2)}"


def _level_line(params: Params) -> str:
    """The loss at which that accuracy is reached."""
    return f"loss $L^* =$ {said(theory.threshold(float(params.eps), float(params.level)), 3)}"


def _edge_line(params: Params) -> str:
    """Where the largest eigenvalue diverges."""
    edge = theory.largest_rate(theory.settings_of(params))
    return rf"edge $2/(\nu_+ + \gamma) =$ {said(edge, 3)}"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    d: int = knob(
        800, label="Input dimension", symbol="d", group="Data",
        lo=50, hi=1600, scale="log", static=True,
        help="Numbers in an input, and in each column of the student.",
    )
    ratio: float = knob(
        0.7, label="Dimensions per sample", symbol=r"\lambda", group="Data",
        lo=0.2, hi=2.5, static=True,
        help="d over the number N of train samples; at 1 the smallest eigenvalue is 0.",
        beneath=_samples_line,
    )
    replicas: int = knob(
        64, label="Outputs", symbol="k", group="Data",
        lo=1, hi=128, hard_hi=2048, scale="log", static=True,
        help="Independent teachers and students on the same inputs: they average chance away.",
    )
    eps: Scalar = knob(
        0.01, label="Tolerated squared error", symbol=r"\epsilon", group="Accuracy",
        lo=1e-4, hi=0.3, scale="log",
        help="An output counts as right when its squared error is at most this.",
    )
    level: Scalar = knob(
        0.95, label="Accuracy to reach", symbol="A^*", group="Accuracy",
        lo=0.6, hi=0.99,
        help="Both times are those at which this share of the outputs is right.",
        beneath=_level_line,
    )
    student_variance: Scalar = knob(
        0.5, label="Student variance", symbol=r"\sigma^2", group="Start",
        lo=0.001, hi=1000, scale="log",
        help="The student starts with entries of this variance over d.",
    )
    teacher_variance: Scalar = knob(
        0.5, label="Teacher variance", symbol=r"\tau^2", group="Data",
        lo=0.001, hi=1000, scale="log",
        help="The teacher has entries of this variance over d.",
    )
    eta: Scalar = knob(
        0.2, label="Learning rate", symbol=r"\eta", group="Training",
        lo=0.01, hi=0.9, hard_hi=100, scale="log",
        help="Step size; the theory is exact at any below the edge 2/(ν₊ + wd).",
        beneath=_edge_line,
    )
    weight_decay: Scalar = knob(
        0.0, label="Weight decay", symbol=r"\gamma", group="Training",
        lo=0, hi=0.1,
        help="Pull of the student towards zero; it alone moves what no sample sees.",
    )
    steps: Scalar | None = knob(
        None, label="Steps", symbol="T", unit="steps", group="Training",
        kind="int", lo=50, hi=MOST_STEPS, hard_lo=1, hard_hi=200_000, scale="log", auto=True,
        help="Number of steps; automatically one and a half times the predicted grokking time.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """Steps: 1.5 times the predicted grokking time, or 20 train times where it never comes.

    Raises:
        ValueError: too many entries of data, or a learning rate beyond the edge.
    """
    if tasks:
        return params
    n = theory.samples(params)
    if n * params.d > MOST_ENTRIES:
        largest = math.isqrt(int(MOST_ENTRIES * params.ratio))
        raise ValueError(
            f"d = {params.d} at ratio = {number(params.ratio)} makes {n * params.d} entries of "
            f"data, more than {MOST_ENTRIES}: give d from 50 to {largest}, or a larger ratio."
        )
    found = theory.settings_of(params)
    edge = theory.largest_rate(found)
    if found.eta >= edge:
        raise ValueError(
            f"eta = {number(found.eta)} is past the edge 2/(ν₊ + wd) = {said(edge, 4)}, where the "
            f"largest eigenvalue diverges: give eta from 0.01 to {said(0.95 * edge, 3)}."
        )
    if params.steps is not None:
        return params
    return dataclasses.replace(params, steps=_steps(found))


def _steps(found: theory.Settings) -> int:
    train, grok = theory.train_time(found), theory.grok_time(found)
    wanted = 1.5 * grok if math.isfinite(grok) else max(2000.0, 20 * train)
    return max(FEWEST_STEPS, min(math.ceil(min(wanted, 1e9)), MOST_STEPS))


def notices(params: Params) -> list[str]:
    """What was done to the input."""
    n = theory.samples(params)
    ratio = params.d / n
    if abs(ratio / params.ratio - 1) < 1e-3:
        return []
    return [f"{n} samples of dimension {params.d}: the theory is drawn at ratio {said(ratio, 4)}."]


CLAIMS = (
    "train_accuracy",
    "test_accuracy",
    "train_time",
    "grok_time",
    "grok_time_sample_exact",
    "test_loss_sample_exact",
    "grok_time_asymptotic",
)

PRESETS = (
    Preset(
        "marchenko_pastur",
        "Grokking, solved",
        "Both accuracies run on their lines: the train one is there at step 47, the test one at "
        "165.",
        {},
        stated(CLAIMS, "L L L L n n D"),
    ),
    Preset(
        "near_the_critical_ratio",
        "Every sample its own edge",
        "The Marchenko-Pastur time misses; the line of the sample's own eigenvalues does not.",
        {"d": 64, "ratio": 0.98, "replicas": 1024},
        stated(CLAIMS, "n n - D - L D"),
    ),
    Preset(
        "asymptotic_gap",
        "A formula outside its limit",
        "The edge formula predicts step 106, the run groks at 66: it is right only for eps near 0.",
        {"d": 400, "ratio": 0.5},
        stated(CLAIMS, "- L - L - - D"),
    ),
    Preset(
        "null_space_decay",
        "Grokking by weight decay alone",
        "A third of the directions is seen by no sample; only decay clears them, by step 12162.",
        {
            "d": 300,
            "ratio": 1.5,
            "weight_decay": 1e-3,
            "student_variance": 10,
            "teacher_variance": 1e-3,
            "eps": 0.1,
        },
        stated(CLAIMS, "L L L L - - n"),
    ),
)
