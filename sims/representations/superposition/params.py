"""Knobs of superposition, what is refused, and the presets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, number, parameters
from sims.core.sentences import said

BATCH = 512
"""Samples of a step; all starts learn from the same ones."""
MOST_WORK = 5e6
"""Starts x steps x features beyond which a run is refused."""
PER_SECOND = 3e5
"""Such products one thread does in a second."""
USUAL_STARTS = 32


def _density_line(params: Params) -> str:
    """Beneath the density: how crowded an input is."""
    on = int(params.features) * float(params.density)
    return f"{said(on)} of {int(params.features)} features are on at once, on average"


def _importance_line(params: Params) -> str:
    """Beneath the importance: what is equal or not."""
    return "all are equal" if float(params.importance) == 1 else "the first feature's is 1"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    features: int = knob(
        5, label="Features", symbol="n", group="Data",
        lo=2, hi=5, hard_hi=8, static=True,
        help="Numbers that are to be written and read again.",
    )
    neurons: int = knob(
        2, label="Neurons", symbol="m", group="Network",
        choices=(1, 2), lo=1, hi=2, static=True,
        help="What they are written into: a line or a plane.",
    )
    density: Scalar = knob(
        0.4, label="Density", symbol="p", group="Data",
        lo=0.02, hi=1, hard_lo=0.002, scale="log",
        help="Chance of a feature to be on; then it is anything from 0 to 1.",
        beneath=_density_line,
    )
    importance: Scalar = knob(
        1.0, label="Importance", symbol="I", group="Data",
        lo=0.1, hi=10, hard_lo=0.01, hard_hi=100, scale="log",
        help="Weight of the last feature in the loss; the others go from 1 to it in equal ratios.",
        beneath=_importance_line,
    )
    together: Scalar = knob(
        0.0, label="Together", group="Data",
        lo=0, hi=1,
        help="Chance that the first and second, third and fourth ... feature switch on as one.",
    )
    activation: str = knob(
        "relu", label="Activation", group="Network",
        choices=("relu", "linear"), static=True,
        help="What each output passes through.",
    )
    replicas: int = knob(
        USUAL_STARTS, label="Starts", symbol="R", group="Training",
        lo=24, hi=48, hard_lo=1, hard_hi=128, static=True,
        help="Networks that are trained side by side on the same samples; the best one counts.",
    )
    eta: Scalar = knob(
        0.15, label="Learning rate", symbol=r"\eta", group="Training",
        lo=0.08, hi=0.25, hard_lo=0.005, hard_hi=1, scale="log",
        help="Adam's at first; it goes to 0 along half a cosine.",
    )
    init_scale: Scalar = knob(
        0.3, label="Size at the start", symbol=r"\sigma", group="Network",
        lo=0.15, hi=0.6, hard_lo=0.01, hard_hi=2, scale="log",
        help="Standard deviation of every weight.",
    )
    steps: Scalar = knob(
        1000, label="Steps", symbol="T", unit="steps", group="Training",
        kind="int", lo=500, hi=2000, hard_lo=50, hard_hi=10_000, scale="log",
        help="A fresh batch of 512 for each.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """No knob follows from another.

    Raises:
        ValueError: too long a run for so many starts and features.
    """
    del tasks
    each = params.replicas * params.features
    if each * float(params.steps) > MOST_WORK:
        raise ValueError(
            f"steps = {number(float(params.steps))} is not allowed with {params.replicas} starts "
            f"of {params.features} features: give at most {int(MOST_WORK / each)}."
        )
    return params


def cpu_seconds(params: Params) -> float:
    """One thread: every start sees every sample."""
    return 0.2 + params.replicas * float(params.steps) * params.features / PER_SECOND


def feasible(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of knobs drawn at random those to be changed: any number of starts needs its own program."""
    del values
    return {"replicas": USUAL_STARTS}


PRESETS = (
    Preset(
        "square",
        "Two pairs",
        "Of five features one is dropped, and four stand in opposite pairs.",
        {},
        lands=("loss_final", "kept", "overlaps"),
        not_judged=("norms",),
    ),
    Preset(
        "pentagon",
        "A pentagon",
        "Sparser features: all five are written, 72 degrees apart.",
        {"density": 0.1},
        lands=("loss_final", "norms"),
        not_judged=("kept", "overlaps"),
    ),
    Preset(
        "triangle",
        "A triangle",
        "Three features that are mostly on: 4.6 % below a pair and one alone.",
        {"features": 3, "density": 0.75},
        lands=("loss_final", "norms"),
        not_judged=("kept", "overlaps"),
    ),
    Preset(
        "unequal_pair",
        "Back to back",
        "A strong feature and a weak one share one neuron, in opposite directions.",
        {"neurons": 1, "features": 2, "density": 0.1, "importance": 0.2},
        lands=("loss_final",),
        not_judged=("kept", "norms", "overlaps"),
    ),
    Preset(
        "crystals",
        "Levels cross",
        "Dots follow the lowest of all levels, whichever that is.",
        {"steps": 500},
        over={"density": "0.03:0.7:8:log"},
        verdicts={"loss_final": "lands"},
        slow=True,
    ),
    Preset(
        "map",
        "Phase map",
        "One neuron and two features: where the weaker is let go, the line knows.",
        {"neurons": 1, "features": 2, "steps": 500},
        over={"density": "0.05:1:8:log", "importance": "0.1:10:7:log"},
        slow=True,
    ),
    Preset(
        "no_relu",
        "No ReLU",
        "Without one no two features can share a direction.",
        {"activation": "linear"},
        departs=("loss_final", "kept"),
    ),
    Preset(
        "friends",
        "Always together",
        "Features that come in pairs bend the pentagon.",
        {"density": 0.1, "together": 1},
        departs=("loss_final", "norms"),
    ),
    Preset(
        "stacked",
        "Friends share a place",
        "Crowded friends lie on top of each other, where two pairs were predicted.",
        {"together": 1},
        departs=("loss_final", "overlaps"),
    ),
)
