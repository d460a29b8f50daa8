"""Knobs of the Fourier staircase, how long it runs, what is refused, and the presets."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, parameters, written
from sims.grokking.fourier_staircase import theory

WAITS = 4.5
"""Waiting times of the last frequency that an automatic run lasts."""
MOST_STEPS = 400_000


def _neurons_line(params: Params) -> str:
    """How many neurons the frequencies want."""
    wanted = theory.WANTED * sum(m > 0 for m in params.magnitudes)
    if params.width < wanted:
        return f"! {wanted} are wanted, eight for each frequency"
    return f"at least {wanted}, eight for each frequency"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    p: int = knob(
        11, label="Modulus", symbol="p", group="Data",
        lo=5, hi=23, hard_lo=2, hard_hi=31, static=True,
        help="Numbers 0 to p - 1 are added modulo p.",
    )
    magnitudes: tuple[Scalar, ...] = knob(
        (5.5, 10.0, 3.0, 7.5, 4.0), label="Magnitudes", symbol=r"|\hat x_k|", group="Data",
        lo=0.1, hi=100, hard_lo=0, hard_hi=1000, lengths=(1, 15),
        help="Size of each frequency of the template, scaled so that the first loss is 1.",
    )
    width: int = knob(
        72, label="Neurons", symbol="H",
        lo=6, hi=144, hard_lo=1, hard_hi=512, static=True,
        help="Each frequency needs six, and two to spare.",
        beneath=_neurons_line,
    )
    init_scale: Scalar = knob(
        0.1, label="Initial scale", symbol=r"\sigma", group="Start",
        lo=0.005, hi=1, hard_lo=1e-4, hard_hi=3, scale="log",
        help="Size of a neuron at the start; every waiting time goes with its inverse.",
    )
    eta: Scalar = knob(
        0.2, label="Learning rate", symbol=r"\eta", unit="time/step", group="Training",
        lo=0.01, hi=1, hard_lo=1e-5, hard_hi=100, scale="log",
        help="Step size; one step is η of time.",
    )
    steps: Scalar | None = knob(
        None, label="Steps", symbol="T", unit="steps", group="Training",
        kind="int", lo=1000, hi=MOST_STEPS, hard_lo=10, hard_hi=2_000_000, scale="log", auto=True,
        help="Number of steps; automatically 4.5 waiting times of the last frequency.",
    )
    dtype: str = knob(
        "float32", label="Arithmetic", group="Measurement",
        choices=("float32", "float64"), static=True,
        help="Precision of the run; theory is always float64.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """Steps: 4.5 times the bound of the weakest frequency, the longest over the seeds.

    Raises:
        ValueError: too small a p, more magnitudes than frequencies, or none above 0.
    """
    if not tasks:
        _check(params)
        return params
    if params.steps is not None:
        return params
    last = max(theory.bounds(task).max() for task in tasks)
    steps = math.ceil(WAITS * last / float(params.eta))
    return dataclasses.replace(params, steps=max(1000, min(steps, MOST_STEPS)))


def _check(params: Params) -> None:
    p, given = params.p, params.magnitudes
    if p < 5:
        raise ValueError(f"p = {p} has too few frequencies: give a whole number from 5 to 31.")
    most = (p - 1) // 2
    if len(given) > most:
        which = "" if p % 2 else f" below p/2 = {p // 2}, its own mirror image, which stays silent"
        raise ValueError(
            f"p = {p} has {most} frequencies{which}, but magnitudes = {written(given)} has "
            f"{len(given)} entries: give 1 to {most} numbers, or a larger p."
        )
    if not any(m > 0 for m in given):
        raise ValueError("magnitudes are all 0, so there is nothing to learn: give one above 0.")


def notices(params: Params) -> list[str]:
    """What is unusual about the input."""
    said = []
    if any(params.p % q == 0 for q in range(2, params.p)):
        said.append(f"p = {params.p} is composite; addition is learned all the same.")
    if 0 in params.magnitudes:
        said.append("Frequencies of magnitude 0 are not in the template and never learned.")
    return said


_ALL = ("plateau_losses", "order", "loss_final", "first_drop")

PRESETS = (
    Preset(
        "staircase",
        "One frequency at a time",
        "Five drops, the first one on its line; in between the loss rests on the predicted levels. "
        "The strongest frequency comes first, not the lowest.",
        {},
        dict.fromkeys(_ALL, "lands"),
    ),
    Preset(
        "twelve_neurons",
        "Too few neurons",
        "Two or three frequencies, then it stalls near 0.14.",
        {"width": 12, "init_scale": 0.02},
        {"loss_final": "departs", "order": "not judged"},
    ),
)
