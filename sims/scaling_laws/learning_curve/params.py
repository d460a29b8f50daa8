"""Knobs of the learning curve, what is refused, and the presets."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, number, parameters
from sims.core.sentences import said
from sims.scaling_laws import knobs

MOST_NUMBERS = 2e6
"""Normal numbers of a step."""
QUICK_NUMBERS = 8e7
"""Normal numbers of a run that is drawn at random: a second of one thread."""


def _pool_line(params: Params) -> str:
    """How often each sample of the pool is used."""
    if not params.pool:
        return "a fresh sample every time"
    times = float(params.steps) * params.batch_size / params.pool
    return f"each sample is used about {said(times)} times"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    a: Scalar = knobs.spectrum(1.5)
    b: Scalar = knobs.target(2.0)
    noise: Scalar = knobs.noise(1.0)
    width: int = knob(
        64, label="Width", symbol="M", group="Data",
        lo=16, hi=512, hard_lo=4, hard_hi=2048, scale="log", static=True,
        help="Number of coefficients the student holds; the rest is out of reach.",
    )
    inputs: str = knob(
        "gaussian", label="Inputs", group="Data",
        choices=("gaussian", "bursty"), static=True,
        help="bursty: one sample in ten is √7 times as long, the others 1/√3 times.",
    )
    pool: int = knob(
        0, label="Pool of samples", symbol="N", group="Data",
        lo=0, hi=20_000, hard_hi=100_000, static=True,
        help="0: samples are always fresh; else so many, drawn again and again.",
        beneath=_pool_line,
    )
    c: Scalar = knobs.rate(0.3)
    steps: Scalar = knob(
        1000, label="Steps", symbol="T", group="Training",
        kind="int", lo=200, hi=20_000, hard_lo=20, hard_hi=200_000, scale="log",
        help="Length of the race.",
    )
    batch_size: int = knob(
        8, label="Batch size", symbol="B", group="Training",
        lo=1, hi=64, hard_hi=512, scale="log", static=True,
        help="Samples of a step.",
    )
    decay: Scalar = knob(
        0.2, label="Cool-down of wsd", symbol="d", group="Training",
        lo=0.05, hi=0.5, hard_lo=0.01, hard_hi=1,
        help="Share of the run in which its rate falls to zero.",
    )
    power: Scalar | None = knob(
        None, label="Exponent of power", symbol="p", group="Training",
        kind="float", lo=1, hi=4, hard_lo=0.25, hard_hi=8, auto=True,
        help="Its rate is (1 − t/T) to that power; auto: 2a − 1.",
    )
    replicas: int = knob(
        64, label="Races", symbol="R", group="Training",
        lo=8, hi=256, hard_lo=2, hard_hi=1024, scale="log", static=True,
        help="So many races, each with samples of its own, are averaged.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """The exponent of power follows from the spectrum.

    Raises:
        ValueError: more numbers a step than memory should hold, or a pool below one batch.
    """
    del tasks
    R, B, M = params.replicas, params.batch_size, params.width
    if R * B * M > MOST_NUMBERS:
        raise ValueError(
            f"replicas = {R}, batch_size = {B} and width = {M} draw {number(R * B * M)} numbers a "
            f"step: at most {number(MOST_NUMBERS)}; give fewer replicas."
        )
    if 0 < params.pool < B:
        raise ValueError(
            f"pool = {params.pool} is less than a batch: give 0 for fresh samples, or a whole "
            f"number from {B} to 100000."
        )
    if params.power is None:
        return dataclasses.replace(params, power=2 * float(params.a) - 1)
    return params


def cpu_seconds(params: Params) -> float:
    """One thread: nearly all of it draws normal numbers."""
    drawn = params.replicas * params.batch_size * (params.width + 1) * float(params.steps)
    return 0.4 + drawn / 8e7


def feasible(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Few enough numbers for seconds; a pool holds a batch; half of all samples are fresh."""
    B, M, T = int(values["batch_size"]), int(values["width"]), float(values["steps"])
    changed: dict[str, Any] = {"steps": int(min(T, 4000))}
    most = QUICK_NUMBERS / (B * M * changed["steps"])
    changed["replicas"] = int(min(float(values["replicas"]), max(8.0, most), MOST_NUMBERS / B / M))
    pool = int(values["pool"])
    return changed | {"pool": 0 if pool % 2 else max(pool, B)}


ALL = ("loss_curve", "loss_final", "ranking", "one_line")

PRESETS = (
    Preset(
        "turn_it_up",
        "Six schedules, one race",
        "The constant rate is stuck on its noise floor; whoever cools down drops to a fifth of it.",
        {},
        lands=ALL,
    ),
    Preset(
        "race",
        "A third of the rate, another winner",
        "wsd, last but one before, stays high until its last fifth and then drops below all.",
        {"c": 0.1},
        lands=ALL,
    ),
    Preset(
        "straight_line",
        "A power law with its constant",
        "The constant rate's loss falls like 1/√t, at the height that pen and paper give.",
        {"noise": 0, "b": 1.75, "width": 256, "replicas": 16, "c": 0.2},
        lands=("one_line",),
        not_judged=("loss_curve", "loss_final", "ranking"),
    ),
    Preset(
        "which_rate",
        "Which rate, which schedule?",
        "Of 42 choices theory names one before any is run; no other beats it by more than chance.",
        {"steps": 500},
        over={"c": "0.01:0.9:7:log"},
        lands=("best_choice",),
    ),
    Preset(
        "too_hot",
        "Too hot for an average",
        "The mean of the constant rate is carried by runs so rare that none of them happened.",
        {"c": 0.95},
        departs=("loss_curve", "one_line"),
    ),
    Preset(
        "noise_outlives_signal",
        "When noise outlives the signal",
        "The exact line holds; that of pen and paper is up to a fifth too low.",
        {"a": 1.2, "b": 3.0, "noise": 0, "c": 0.2},
        lands=("loss_curve", "loss_final"),
        departs=("one_line",),
        not_judged=("ranking",),
    ),
    Preset(
        "bursty",
        "Bursty data",
        "A few samples seven times as strong: above the line from the first steps on.",
        {"inputs": "bursty"},
        departs=("loss_curve", "loss_final", "one_line"),
    ),
    Preset(
        "epochs",
        "Eight epochs of a thousand samples",
        "The samples are learned by heart: end losses far above, wsd's most.",
        {"pool": 1000},
        lands=("ranking",),
        departs=("loss_curve", "loss_final"),
    ),
)
