"""Knobs of the coordinate check, what is refused, and the presets."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from sims.core.experiment import Preset, Task, stated
from sims.core.knobs import Scalar, filled, knob, number, parameters
from sims.width_transfer import scales
from sims.width_transfer.coordinate_check.scales import PARAMETERISATIONS, Powers, named

MOST_WORK = 1e9
"""Neurons times width times layers times steps."""
QUICK_WORK = 2e7
"""The same of a setting that is drawn at random: a second or two of one thread."""
FEWEST_NETS = 2


def nets(neurons: int, n: int) -> int:
    """How many nets of width n are drawn."""
    return max(FEWEST_NETS, scales.nets(neurons, n))


def work(params: Params, *, neurons: int | None = None, steps: int | None = None) -> float:
    """N n_max L T."""
    N = params.neurons if neurons is None else neurons
    T = params.steps if steps is None else steps
    return float(N) * params.width_max * params.depth * T


def _widths_line(params: Params) -> str:
    """How many nets of which width there are."""
    ns = scales.widths(params.width_min, params.width_max)
    first, last = ((nets(params.neurons, n), n) for n in (ns[0], ns[-1]))
    return f"{first[0]} nets of width {first[1]}, ..., {last[0]} nets of width {last[1]}"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    parameterisation: str = knob(
        "sp", label="Parameterisation",
        choices=PARAMETERISATIONS, static=True,
        help="How weights and rates are scaled with width; a, b and c may be given instead.",
    )
    a: tuple[Scalar, ...] | None = knob(
        None, label="Multipliers", symbol="a",
        kind="list", lo=-1, hi=2, hard_lo=-4, hard_hi=4, lengths=(3, 3), auto=True,
        help="Powers: first, hidden, last. The matrix of layer l is $n^{-a_l} w_l$.",
    )
    b: tuple[Scalar, ...] | None = knob(
        None, label="Weights", symbol="b",
        kind="list", lo=-1, hi=2, hard_lo=-4, hard_hi=4, lengths=(3, 3), auto=True,
        help="Powers: first, hidden, last. Entries of $w_l$ have the size $n^{-b_l}$.",
    )
    c: tuple[Scalar, ...] | None = knob(
        None, label="Rates", symbol="c",
        kind="list", lo=-1, hi=2, hard_lo=-4, hard_hi=4, lengths=(3, 3), auto=True,
        help=r"Powers: first, hidden, last. The rate of $w_l$ is $\eta n^{-c_l}$.",
    )
    optimizer: str = knob(
        "adam", label="Optimizer", group="Training",
        choices=scales.OPTIMIZERS, static=True,
        help="Full-batch gradient descent, or Adam.",
    )
    c0: Scalar = knob(
        0.5, label="Rate", symbol="c_0", group="Training",
        lo=0.1, hi=0.5, hard_lo=0.01, hard_hi=4,
        help="Over the best rate of the first step at the narrowest width; one for all widths.",
    )
    steps: Scalar = knob(
        10, label="Steps", symbol="T", group="Training",
        lo=5, hi=20, hard_lo=1, hard_hi=200, scale="log",
        help="Number of steps.",
    )
    activation: str = knob(
        "tanh", label="Nonlinearity", symbol=r"\phi",
        choices=("tanh", "relu", "linear"), static=True,
        help="Of the hidden units.",
    )
    depth: int = knob(
        3, label="Hidden layers", symbol="L",
        lo=1, hi=4, hard_hi=8, static=True,
        help="Number of hidden layers.",
    )
    width_min: int = knob(
        64, label="Narrowest width", symbol="n_0",
        lo=32, hi=128, hard_lo=8, hard_hi=1024, scale="log", static=True,
        help="It is doubled up to the widest.",
    )
    width_max: int = knob(
        512, label="Widest", symbol=r"n_\mathrm{max}",
        lo=256, hi=1024, hard_lo=16, hard_hi=8192, scale="log", static=True,
        help="No net is wider.",
    )
    neurons: int = knob(
        1024, label="Neurons of a width", symbol="N",
        lo=512, hi=4096, hard_lo=16, hard_hi=16384, scale="log", static=True,
        help="N/n nets of width n are drawn, at least two; they are averaged.",
        beneath=_widths_line,
    )
    samples: int = knob(
        64, label="Examples", symbol="m", group="Data",
        lo=32, hi=128, hard_lo=8, hard_hi=1024, scale="log", static=True,
        help="Number of digits; every step sees all of them.",
    )
    data_seed: Scalar = knob(
        0, label="Draw of the data", group="Data",
        kind="int", lo=0, hi=99, hard_hi=1_000_000,
        help="Seed of the data; nets are drawn by the seed of the run.",
    )
    # fmt: on


def powers(params: Params) -> Powers:
    """The powers a, b, c of resolved params."""
    three = (filled(params.a), filled(params.b), filled(params.c))
    return Powers(*(tuple(float(one) for one in given) for given in three))


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """Powers that are not given are those of the parameterisation.

    Raises:
        ValueError: fewer than three widths, or too much work.
    """
    del tasks
    lo, hi = params.width_min, params.width_max
    if hi < 4 * lo:
        raise ValueError(
            f"width_max = {hi} leaves fewer than three widths from {lo} on, and a slope needs "
            f"three: give width_max from {4 * lo} to 8192"
            + (f", or width_min from 8 to {hi // 4}." if hi >= 32 else ".")
        )
    if work(params) > MOST_WORK:
        most = int(MOST_WORK / work(params, neurons=1))
        instead = f"neurons at most {most}" if most >= 16 else "a smaller width_max or fewer steps"
        raise ValueError(
            f"neurons x width_max x depth x steps = {number(work(params))} would take too long; at "
            f"most {number(MOST_WORK)}: give {instead}."
        )
    usual = named(params.parameterisation, params.optimizer, params.depth)
    chosen = {
        name: three for name, three in usual._asdict().items() if getattr(params, name) is None
    }
    return dataclasses.replace(params, **chosen)


def feasible(values: Mapping[str, Any]) -> dict[str, Any]:
    """What goes together, and in seconds: three widths or more, not too much work."""
    lo = min(int(values["width_min"]), 128)
    hi = max(4 * lo, min(int(values["width_max"]), 512))
    each = hi * int(values["depth"]) * int(values["steps"])
    neurons = min(int(values["neurons"]), int(QUICK_WORK / each))
    return {"width_min": lo, "width_max": hi, "neurons": max(512, neurons)}


def cpu_seconds(params: Params) -> float:
    """One thread: some ten products with each matrix at every step."""
    ns = scales.widths(params.width_min, params.width_max)
    inside = sum(nets(params.neurons, n) * n * (n * (params.depth - 1) + 64) for n in ns)
    return 0.5 + inside * params.samples * (params.steps + 2) * 12 / 2e10


CLAIMS = ("features_first", "features_last")


def _preset(id: str, title: str, look_for: str, knobs: Mapping[str, Any], row: str) -> Preset:
    return Preset(id, title, look_for, knobs, verdicts=stated(CLAIMS, row))


PRESETS = (
    _preset(
        "adam_standard",
        "The wider, the lazier",
        "Hidden features move by n to the power −1/2, those of the first layer by −3/2.",
        {},
        "L L",
    ),
    _preset(
        "mup",
        "Every layer learns at every width",
        "Flat lines: all features move as far at every width, which is also what anyone would "
        "guess who knows nothing.",
        {"parameterisation": "mup"},
        "n n",
    ),
    _preset(
        "gd_kernel",
        "The kernel limit",
        "All features move by n to the power −1/2, and the output as far as ever.",
        {"parameterisation": "ntk", "optimizer": "gd"},
        "L L",
    ),
    _preset(
        "gd_mup",
        "μP with plain descent",
        "Flat again, by other powers.",
        {"parameterisation": "mup", "optimizer": "gd"},
        "n n",
    ),
    _preset(
        "half_way",
        "Between lazy and rich",
        "Powers of one's own: features move by n to the power −1/4, at the first step and later.",
        {"optimizer": "gd", "b": (0, 0.5, 0.75), "c": (-0.5, 0.5, 1), "neurons": 2048},
        "L n",
    ),
    _preset(
        "two_powers",
        "Two powers at once",
        "−1/2 and −1 are too near to be told apart: the slope of the second layer is about −0.65.",
        {"parameterisation": "ntk", "activation": "linear"},
        "D L",
    ),
    _preset(
        "unstable",
        "One power too many",
        "The first step of the output grows by n to the power 1/2; then the loss corrects itself.",
        {"optimizer": "gd", "c": (0.5, 0.5, 0.5)},
        "L D",
    ),
    _preset(
        "over_the_edge",
        "A rate too large",
        "The first step lies on the line; ten steps later everything is infinite.",
        {"parameterisation": "ntk", "optimizer": "gd", "activation": "relu", "c0": 1},
        "L D",
    ),
)
