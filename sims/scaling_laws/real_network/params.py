"""Knobs of the real network, what is refused, and the presets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sims.core import own_data
from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, number, parameters
from sims.scaling_laws import knobs

MOST_NEURONS = 20_000
"""Neurons of all replicas together."""
QUICK = 5e9
"""Products of a run that is drawn at random: some seconds of one thread."""
POINTS = 1797


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    train: str = knob(
        "both", label="Trained layers", group="Network",
        choices=("both", "last"), static=True,
        help="Both layers, or the last one alone: random features.",
    )
    alpha: Scalar = knob(
        100.0, label="Output scale", symbol=r"\alpha", group="Network",
        lo=0.1, hi=300, hard_lo=0.05, hard_hi=1000, scale="log",
        help="Small is rich: features learn. Large is lazy: they stay.",
    )
    width: int = knob(
        64, label="Width", symbol="N", group="Network",
        lo=64, hi=256, hard_lo=16, hard_hi=512, scale="log", static=True,
        help="Number of hidden neurons.",
    )
    data: str = knob(
        "digits", label="Data", group="Data",
        choices=("digits",), static=True, own=True,
        help="Handwritten digits of 64 pixels, or data of one's own.",
    )
    task: str = knob(
        "parity", label="Labels", group="Data",
        choices=("parity", "value", "shuffled"), static=True,
        help="Odd or even; the digit's value; or those of other digits. Of one's own data: y.",
    )
    n: int = knob(
        200, label="Examples", symbol="n", group="Data",
        lo=200, hi=400, hard_lo=20, hard_hi=800, static=True,
        help="They are the whole population: samples are drawn from them.",
    )
    noise: Scalar = knobs.noise(1.0)
    c: Scalar = knobs.rate(0.18)
    steps: Scalar = knob(
        1000, label="Steps", symbol="T", group="Training",
        kind="int", lo=200, hi=4000, hard_lo=20, hard_hi=40_000, scale="log",
        help="Length of the race.",
    )
    batch_size: int = knob(
        8, label="Batch size", symbol="B", group="Training",
        lo=4, hi=16, hard_lo=1, hard_hi=128, scale="log", static=True,
        help="Samples of a step, each with noise of its own.",
    )
    decay: Scalar = knob(
        0.2, label="Cool-down of wsd", symbol="d", group="Training",
        lo=0.05, hi=0.5, hard_lo=0.01, hard_hi=1,
        help="Share of the run in which its rate falls to zero.",
    )
    power: Scalar = knob(
        2.0, label="Exponent of power", symbol="p", group="Training",
        lo=1, hi=4, hard_lo=0.25, hard_hi=8,
        help="Its rate is (1 − t/T) to that power.",
    )
    replicas: int = knob(
        16, label="Races", symbol="R", group="Training",
        lo=8, hi=64, hard_lo=2, hard_hi=128, scale="log", static=True,
        help="So many races of the same network on other samples are averaged.",
    )
    data_seed: Scalar = knob(
        0, label="Draw of the data", group="Data",
        kind="int", lo=0, hi=99, hard_hi=1_000_000,
        help="Which examples; the seed of the run draws weights and samples.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """No knob follows from another.

    Raises:
        ValueError: more neurons than memory should hold, or more examples than one's own data have.
    """
    del tasks
    neurons = params.width * params.replicas
    if neurons > MOST_NEURONS:
        raise ValueError(
            f"width = {params.width} and replicas = {params.replicas} are {number(neurons)} "
            f"neurons: at most {number(MOST_NEURONS)}; give fewer replicas."
        )
    there = len(own_data.of(params.data).y) if own_data.is_own(params.data) else POINTS
    if params.n > there:
        if there < 20:
            raise ValueError(f"The data have {there} samples, and 20 are wanted: give more.")
        raise ValueError(
            f"n = {params.n}, where the data have {there} samples: give n from 20 to {there}."
        )
    return params


def products(params: Params) -> float:
    """Of a run: two layers forth, back and into gradients, for every sample of every learner."""
    a_step = 6 * params.replicas * params.batch_size * params.width * 64 * 3
    return a_step * float(params.steps)


def cpu_seconds(params: Params) -> float:
    """One thread."""
    return 0.6 + products(params) / 1.5e10


def feasible(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Few enough steps and replicas for seconds."""
    steps = min(int(values["steps"]), 1000)
    a_race = 6 * int(values["batch_size"]) * int(values["width"]) * 64 * 3 * steps
    return {"steps": steps, "replicas": int(max(8, min(values["replicas"], 4 * QUICK / a_race)))}


MEAN = ("loss_curve", "loss_final")

PRESETS = (
    Preset(
        "real_race",
        "Real digits, real network",
        "Six curves on six lines that were drawn when the network was born; wsd wins.",
        {},
        lands=(*MEAN, "ranking"),
    ),
    Preset(
        "random_features",
        "Only the last layer learns",
        "A floor appears: what 64 random neurons cannot fit.",
        {"train": "last", "replicas": 32},
        lands=MEAN,
    ),
    Preset(
        "shuffled",
        "Shuffled labels",
        "End losses several times as high, as the spectrum said.",
        {"task": "shuffled"},
        lands=MEAN,
        not_judged=("ranking",),
    ),
    Preset(
        "half_lazy",
        "Half lazy",
        "Features move: below every line, in the predicted order.",
        {"alpha": 1},
        lands=("ranking",),
        departs=MEAN,
    ),
    Preset(
        "rich",
        "Features learn",
        "Far better than every line, and no longer in the predicted order.",
        {"alpha": 0.15},
        departs=(*MEAN, "ranking"),
    ),
)
