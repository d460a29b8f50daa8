"""Knobs of order and chaos, what is refused, and the presets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, number, parameters
from sims.core.sentences import said
from sims.signal_propagation.order_chaos.infinite_width import Net, fixed_length, propagated

WEIGHTS = ("gaussian", "orthogonal", "signs", "tied", "sparse")
MOST_DRAWN = 1e9
"""Weights of a run, all layers together; they are drawn on the way down and on the way back."""
MOST_STRETCH = 69.0
"""Of |ln| of the squared stretch: 10^±30, which single precision can still square."""
QUICK_DRAWN, QUICK_ORTHOGONAL = 8e6, 300
"""Weights of a setting drawn at random, and its width where they are made orthogonal."""
NEAR = 0.02
"""Distance of χ from 1 up to which a net is on the line."""
RELU_RANGE = 1.2, 1.7
"""Weight spreads at which relu neither dies out nor explodes within sixty layers."""


def net_of(params: Params) -> Net:
    """The net of infinite width with these spreads."""
    return Net(params.activation, float(params.sigma_w), float(params.sigma_b))


def _phase_line(params: Params) -> str:
    """Beneath the weight spread: on which side of the line it is."""
    net = net_of(params)
    q = fixed_length(net)
    chi = float(net.chi(q if math.isfinite(q) else 1.0))
    words = "order" if chi < 1 - NEAR else "chaos" if chi > 1 + NEAR else "the line between both"
    return rf"$\chi = {said(chi, 3)}$: {words}"


def _length_line(params: Params) -> str:
    """Beneath the length of the inputs: the one that layers keep."""
    q = fixed_length(net_of(params))
    return rf"layers lead to $q^* = {said(q, 3)}$" if 0 < q < math.inf else ""


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    activation: str = knob(
        "tanh", label="Nonlinearity", symbol=r"\phi",
        choices=("tanh", "erf", "relu"), static=True,
        help="Of every neuron.",
    )
    sigma_w: Scalar = knob(
        2.5, label="Spread of the weights", symbol=r"\sigma_w",
        lo=0.7, hi=4, hard_lo=0.05, hard_hi=8,
        help="Weights have the variance σ_w²/n.",
        beneath=_phase_line,
    )
    sigma_b: Scalar = knob(
        0.3, label="Spread of the biases", symbol=r"\sigma_b",
        lo=0, hi=1, hard_hi=5,
        help="Biases have the variance σ_b².",
    )
    depth: int = knob(
        30, label="Depth", symbol="L", unit="layers",
        lo=5, hi=60, hard_lo=1, hard_hi=200, static=True,
        help="Layers between the inputs and the readout.",
    )
    width: int = knob(
        800, label="Width", symbol="n", unit="neurons",
        lo=300, hi=2000, hard_lo=10, hard_hi=4000, scale="log", static=True,
        help="Neurons of every layer.",
    )
    weights: str = knob(
        "gaussian", label="Weights",
        choices=WEIGHTS, static=True,
        help="Independent normal numbers; an orthogonal matrix; signs; the same matrix in every "
        "layer; two random inputs a neuron. All have the same variance.",
    )
    q0: Scalar = knob(
        0.5, label="Length of the inputs", symbol="q_0",
        lo=0.1, hi=10, hard_lo=1e-3, hard_hi=100, scale="log",
        help="Mean square activity in layer 0.",
        beneath=_length_line,
    )
    # fmt: on


def drawn(params: Params) -> float:
    """Weights of all layers, n² L."""
    return float(params.width) ** 2 * params.depth


def stretch(params: Params) -> np.ndarray:
    """Ln of what layers 0 to L make of a small step's squared length, (layer,)."""
    return propagated(net_of(params), float(params.q0), np.zeros(0), params.depth).stretch


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """No knob follows from another.

    Raises:
        ValueError: too many weights, or a small step grows or shrinks beyond what numbers hold.
    """
    del tasks
    if (many := drawn(params)) > MOST_DRAWN:
        most = int(math.sqrt(MOST_DRAWN / params.depth))
        raise ValueError(
            f"width = {params.width} at depth = {params.depth} would draw {said(many)} weights, at "
            f"most {said(MOST_DRAWN)}: give a width of at most {most}."
        )
    grown = stretch(params)
    if (far := float(np.abs(grown).max())) > MOST_STRETCH:
        held = int(np.flatnonzero(np.abs(grown) <= MOST_STRETCH)[-1])
        fewer = f"a depth of at most {held}, or " if held else ""
        raise ValueError(
            f"sigma_w = {number(float(params.sigma_w))} at depth = {params.depth} would change a "
            f"small step by a factor of 10^{far / math.log(100):.0f}, which single precision does "
            f"not hold: give {fewer}a sigma_w nearer to the line between order and chaos."
        )
    return params


def cpu_seconds(params: Params) -> float:
    """One thread: drawing every matrix twice, and the QR of those that are orthogonal."""
    decompositions = 2e-10 * params.width if params.weights == "orthogonal" else 0.0
    return 0.1 + 2 * drawn(params) * (1.2e-8 + decompositions)


def feasible(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of knobs drawn at random those to be changed: what is not refused, and takes a second."""
    found: dict[str, Any] = {}
    depth, width, w = int(values["depth"]), int(values["width"]), float(values["sigma_w"])
    if values["activation"] == "relu":
        found["sigma_w"] = w = min(max(w, RELU_RANGE[0]), RELU_RANGE[1])
    most = QUICK_ORTHOGONAL if values["weights"] == "orthogonal" else 2000
    found["width"] = width = max(300, min(width, most, int(math.sqrt(QUICK_DRAWN / depth))))
    grown = np.abs(stretch(Params(**{**values, "width": width, "sigma_w": w})))
    held = int(np.flatnonzero(grown <= MOST_STRETCH)[-1])
    return found | {"depth": max(5, min(depth, held))}


CLAIMS = ("length", "difference", "stretch", "gradient")

PRESETS = (
    Preset(
        "chaos",
        "A tangle",
        "The ring is a tangle after ten layers: neighbours end as far apart as strangers.",
        {},
        lands=CLAIMS,
    ),
    Preset(
        "order",
        "One point",
        "After some six layers the ring is a dot: all inputs look the same, and no gradient "
        "comes back.",
        {"sigma_w": 0.7},
        lands=("stretch", "gradient"),
        not_judged=("length", "difference"),
    ),
    Preset(
        "edge",
        "On the line",
        "Still a loop at layer 30, and more than half of the gradient's length arrives.",
        {"sigma_w": 1.39, "q0": 4, "width": 1200},
        lands=("difference",),
        not_judged=("length", "stretch", "gradient"),
    ),
    Preset(
        "he",
        "He's rule",
        "Rectified neurons on their line: stretch and gradient are flat, and inputs still come "
        "together.",
        {"activation": "relu", "sigma_w": 1.41421356, "sigma_b": 0, "q0": 1},
        not_judged=CLAIMS,
    ),
    Preset(
        "orthogonal",
        "Orthogonal weights",
        "A narrower net, the same lines, and less scatter around them.",
        {"weights": "orthogonal", "sigma_w": 3.5, "width": 500},
        lands=CLAIMS,
    ),
    Preset(
        "recurrent",
        "The same weights at every layer",
        "An assumption is broken, and yet nothing departs.",
        {"weights": "tied"},
        lands=CLAIMS,
    ),
    Preset(
        "narrow",
        "Thirty neurons",
        "The band is wider than what it should tell; stretch and gradient end far below the line.",
        {"width": 30, "depth": 60},
        departs=("stretch", "gradient"),
    ),
    Preset(
        "two_inputs_each",
        "Two inputs a neuron",
        "All variances are right, and the law is wrong: two numbers do not make a Gaussian.",
        {"weights": "sparse"},
        departs=CLAIMS[1:],
    ),
)
