"""Knobs of the first step at every width, what is refused, and the presets."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from sims.core import own_data
from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, number, only_with, parameters
from sims.width_transfer import scales
from sims.width_transfer.families import PIXELS

MOST_WEIGHTS = 3e8
QUICK_WEIGHTS = 1.5e7
"""Weights of a setting that is drawn at random: a second or two of one thread."""


def weights(neurons: int, depth: int, width_min: int, width_max: int) -> float:
    """Weights that are drawn, but for the first layer's and the last one's: N L Σ n."""
    return float(neurons) * depth * sum(scales.widths(width_min, width_max))


def _widths_line(params: Params) -> str:
    """How many nets of which width there are."""
    ns = scales.widths(params.width_min, params.width_max)
    ends = [scales.nets(params.neurons, n) for n in (ns[0], ns[-1])]
    nets = ["1 net" if count == 1 else f"{count} nets" for count in ends]
    return f"{nets[0]} of width {ns[0]}, ..., {nets[1]} of width {ns[-1]}"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    parameterisation: str = knob(
        "mup", label="Parameterisation",
        choices=scales.PARAMETERISATIONS, static=True,
        help="How weights and rates are scaled with width.",
    )
    optimizer: str = knob(
        "gd", label="Optimizer", group="Training",
        choices=scales.OPTIMIZERS, static=True,
        help="Gradient descent, or its sign: Adam's first step.",
    )
    rule: str = knob(
        "law", label="Rate", group="Training",
        choices=("law", "carry"), static=True,
        help="law: each net its own; carry: that of the narrowest width for all.",
    )
    activation: str = knob(
        "linear", label="Nonlinearity", symbol=r"\phi",
        choices=("linear", "relu", "tanh"), static=True,
        help="Of the hidden units.",
    )
    depth: int = knob(
        2, label="Hidden layers", symbol="L",
        lo=1, hi=4, hard_hi=8, static=True,
        help="Number of hidden layers.",
    )
    width_min: int = knob(
        64, label="Narrowest width", symbol="n_0",
        lo=16, hi=128, hard_lo=4, hard_hi=1024, scale="log", static=True,
        help="It is doubled up to the widest.",
    )
    width_max: int = knob(
        1024, label="Widest", symbol=r"n_\mathrm{max}",
        lo=128, hi=1024, hard_lo=8, hard_hi=8192, scale="log", static=True,
        help="No net is wider.",
    )
    neurons: int = knob(
        8192, label="Neurons of a width", symbol="N",
        lo=1024, hi=8192, hard_lo=256, hard_hi=65536, scale="log", static=True,
        help="N/n nets of width n are drawn, at least one; they are averaged.",
        beneath=_widths_line,
    )
    data: str = knob(
        "digits", label="Data", group="Data",
        choices=("digits", "gaussian"), static=True, own=True,
        help="Handwritten digits, even or odd; normal inputs and a linear target; or one's own.",
    )
    d: int = knob(
        32, label="Inputs", symbol="d", group="Data",
        lo=4, hi=64, hard_lo=2, hard_hi=512, static=True,
        help="Dimension of the gaussian inputs; digits have 64 pixels.",
        unused=only_with("It belongs to gaussian inputs.", data="gaussian"),
    )
    samples: int = knob(
        128, label="Examples", symbol="m", group="Data",
        lo=32, hi=256, hard_lo=8, hard_hi=1024, scale="log", static=True,
        help="Number of examples; every step sees all of them.",
    )
    noise: Scalar = knob(
        0.0, label="Label noise", symbol=r"\sigma", group="Data",
        lo=0, hi=1, hard_hi=5,
        help="Standard deviation of what is added to the targets.",
    )
    epsilon: Scalar = knob(
        1e-12, label="Adam's epsilon", symbol=r"\varepsilon", group="Training",
        lo=1e-12, hi=1e-2, hard_lo=0, hard_hi=1, scale="log",
        help="Added to the size of each gradient entry that it is divided by.",
        unused=only_with("Gradient descent has none.", optimizer="adam"),
    )
    data_seed: Scalar = knob(
        0, label="Draw of the data", group="Data",
        kind="int", lo=0, hi=99, hard_hi=1_000_000,
        help="Seed of the data; nets are drawn by the seed of the run.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """Digits have 64 inputs.

    Raises:
        ValueError: relu with adam, one width alone, too many weights, or more examples than one's
            own data have.
    """
    del tasks
    if params.activation == "relu" and params.optimizer == "adam":
        raise ValueError("The sign law is known for linear nets; choose gd.")
    lo, hi = params.width_min, params.width_max
    if hi < 2 * lo:
        raise ValueError(
            f"width_max = {hi} leaves one width from {lo} on: give width_max from {2 * lo} to 8192"
            + (f", or width_min from 4 to {hi // 2}." if lo > 4 else ".")
        )
    drawn = weights(params.neurons, params.depth, lo, hi)
    if drawn > MOST_WEIGHTS:
        most = int(MOST_WEIGHTS / weights(1, params.depth, lo, hi))
        instead = f"neurons at most {most}" if most >= 256 else "a smaller width_max or depth"
        raise ValueError(
            f"These nets would draw {number(round(drawn))} weights; at most {number(MOST_WEIGHTS)}"
            f": give {instead}."
        )
    if own_data.is_own(params.data):
        there = len(own_data.of(params.data).X)
        if params.samples > there:
            if there < 8:
                raise ValueError(f"The data have {there} samples, and 8 are wanted: give more.")
            raise ValueError(
                f"samples = {params.samples}, where the data have {there}: give samples from 8 to "
                f"{there}."
            )
    if params.data == "digits":
        return dataclasses.replace(params, d=PIXELS)
    return params


def feasible(values: Mapping[str, Any]) -> dict[str, Any]:
    """What goes together, and in seconds: gd for relu, two widths or more, not too many weights."""
    changed: dict[str, Any] = {}
    if values["activation"] == "relu":
        changed["optimizer"] = "gd"
    lo = min(int(values["width_min"]), 64)
    hi = max(2 * lo, min(int(values["width_max"]), 512))
    depth = int(values["depth"])
    passes = 1 if values["activation"] == "linear" else 4
    most = int(QUICK_WEIGHTS / passes / weights(1, depth, lo, hi))
    changed |= {"width_min": lo, "width_max": hi}
    return changed | {"neurons": max(256, min(int(values["neurons"]), most))}


def cpu_seconds(params: Params) -> float:
    """One thread: a dozen products with each matrix, and a forward pass a rate if not linear."""
    drawn = weights(params.neurons, max(1, params.depth - 1), params.width_min, params.width_max)
    passes = 14 * params.depth if params.activation == "linear" else 2 * 45 + 6
    return 0.5 + drawn * params.samples * passes / 2e10


CLAIMS = ("best_rate", "level", "slope", "best_loss")

PRESETS = (
    Preset(
        "same_rate",
        "One rate for every width",
        "All bowls stand on one line: the best first rate does not know the width.",
        {},
        lands=("best_rate", "level", "best_loss"),
        not_judged=("slope",),
    ),
    Preset(
        "standard",
        "Standard: the best rate runs away",
        "The bowls march left, 11-fold from width 64 to 1024.",
        {"parameterisation": "sp"},
        lands=("best_rate", "level", "best_loss"),
        not_judged=("slope",),
    ),
    Preset(
        "adam_standard",
        "Adam: faster still",
        "The rate falls as n to the power −1.27 here, −3/2 in the end: see who does the work.",
        {"parameterisation": "sp", "optimizer": "adam"},
        lands=CLAIMS,
    ),
    Preset(
        "lottery",
        "Same rate, other luck",
        "The limit is that of mup, but every net starts with an output of its own, and has its own "
        "best rate.",
        {"parameterisation": "ntk"},
        lands=("best_rate", "level", "best_loss"),
        not_judged=("slope",),
    ),
    Preset(
        "relu",
        "Kernels with kinks",
        "The same law with arc-cosine kernels: wider bars.",
        {"activation": "relu", "parameterisation": "sp", "width_max": 512},
        lands=("best_rate", "best_loss"),
        not_judged=("level", "slope"),
        slow=True,
    ),
    Preset(
        "carried_mup",
        "Tune narrow, use wide",
        "The narrow nets' rate fits all; only the loss after it is a test.",
        {"rule": "carry"},
        lands=("best_loss",),
        not_judged=("best_rate", "level", "slope"),
    ),
    Preset(
        "carried_standard",
        "Tune narrow, explode wide",
        "The carried rate is 11 times too large at width 1024.",
        {"rule": "carry", "parameterisation": "sp"},
        lands=("best_loss",),
        departs=("best_rate", "level"),
        not_judged=("slope",),
    ),
    Preset(
        "saturation",
        "Units that saturate",
        "The best first rate is several times the law's: saturation is a brake.",
        {"activation": "tanh", "parameterisation": "sp", "width_max": 512},
        departs=("best_rate", "level"),
        not_judged=("slope",),
        slow=True,
    ),
    Preset(
        "epsilon",
        "Adam's epsilon",
        "Gradients of wide nets sink below epsilon, and the bowls drift right.",
        {"parameterisation": "sp", "optimizer": "adam", "epsilon": 0.01},
        lands=("best_loss",),
        departs=("best_rate", "level", "slope"),
    ),
)
