"""The picture of order and chaos: a ring of inputs, layer by layer, and what comes back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sims.core.format import short, significant
from sims.signal_propagation.order_chaos.params import NEAR
from sims.view import (
    Bespoke,
    Clock,
    Curves,
    Given,
    Guess,
    Known,
    Law,
    Level,
    Map,
    Moment,
    Picture,
    Profile,
    Tile,
    View,
)  # fmt: skip

DYING = "all activity will die out, and angles stay as they are"
MEETING = "all inputs come together, by a power of the depth"
NEARER = 0.9
"""Of the distance of neighbours what must be left at most for them to have come together."""
LONGEST = 5
"""Decades up to which a factor is written out."""
FORGOTTEN = 6
"""Depth scales up to which nets are said to be trainable: a rule of thumb, and no claim."""


def deepest(known: Known) -> float:
    """The number of layers."""
    return float(known["layer"][-1])


def around(name: str) -> Given:
    """The band that a net of this width must stay in, once it is known."""
    return Given(
        lambda k: np.append(k["layer"], k["layer"][::-1]),
        lambda k: np.append(k[name] + k[f"{name}_band"], (k[name] - k[f"{name}_band"])[::-1]),
        "band",
        "band",
    )


def fate(known: Known) -> str:
    """What becomes of the ring, said before."""
    chi = known["chi"]
    if "depth_scale" not in known:
        came_together = known["neighbours"] < NEARER * known["difference"][0][0]
        return MEETING if came_together else DYING
    if abs(chi - 1) <= NEAR:
        return "it will still be a loop in the last layer"
    if chi < 1:
        layers = math.ceil(FORGOTTEN * known["depth_scale"])
        return f"it will be one point after some {short(layers)} layers"
    return "it will be a tangle: neighbours end as strangers"


def phase(known: Known) -> str:
    """On which side of the line the net is, and how fast it gets where it ends."""
    chi = known["chi"]
    if abs(chi - 1) <= NEAR:
        return "1: the line between order and chaos"
    if "depth_scale" not in known:
        return "below 1: signals die out" if chi < 1 else "above 1: signals explode"
    side = "below 1: order" if chi < 1 else "above 1: chaos"
    return f"{side}; settles within ξ = {significant(known['depth_scale'], 2)} layers"


def as_factor(number: float) -> str:
    """A logarithm as the factor that it means."""
    tens = number / math.log(10)
    if abs(tens) < LONGEST:
        two_digits = float(f"{math.exp(number):.2g}")
        return f"{short(two_digits)} times"
    return f"about $10^{{{tens:.0f}}}$ times"


def stretched(known: Known) -> str:
    """What becomes of a small step's length."""
    return f"its length is {as_factor(known['stretch'][-1] / 2)} what it was"


def arrives(known: Known) -> str:
    """What becomes of a gradient's length."""
    return f"its length is {as_factor(known['gradient_first'] / 2)} what it was"


def first_distance(known: Known) -> str:
    """How far apart neighbours are, and how deep the net is."""
    return f"{short(float(known['distance'][0]))}° apart: after {short(deepest(known))} layers"


def in_degrees(known: Known) -> tuple[str, ...]:
    """The names of the five distances."""
    return tuple(f"{short(float(one))}°" for one in known["distance"])


def ends(known: Known) -> tuple[Level, ...]:
    """Where all distances end, in chaos."""
    correlation = known.get("fixed_correlation", 1.0)
    return (Level(1 - correlation),) if correlation < 1 else ()


def lengths(known: Known) -> list[float]:
    """Room for the line, its band and where it ends."""
    line, band = known["length"], known.get("length_band", 0.1)
    low, high = float((line - band).min()), float((line + band).max())
    return [low - 0.08 * (high - low), high + 0.08 * (high - low)]


def sweep(over: str) -> tuple[Picture, ...]:
    """What is left in the last layer, and at the inputs, against a knob."""
    del over
    return (
        Law("gradient_first", linear=True, y=r"gradient at the inputs $\ln|\delta_0|^2$"),
        Law("neighbours", linear=(0.0, 1.2), y="neighbours in the last layer $1-c_L$"),
    )


def panels(known: Known) -> tuple[Picture, ...]:
    """The panels beside the ring."""
    along: Any = {"over": "layer", "at": "layer_here", "trail": True, "x": "layer $l$"}
    return (
        Profile("apart", over="separation", x="angle between two inputs, degrees", y="$1-c$",
                linear=(0.0, 2.1), dots=False, title="How far apart", symbol="1-c",
                note="in the layer of the scrubber; 0: the same, 1: strangers",
                alt="One minus the cosine of two inputs in the layer of the scrubber, against the "
                "angle between them."),
        Law("stretch", id="stretch", run="stretch_here", linear=True, given=(around("stretch"),),
            title="Stretch, on the way down", y=r"$\ln|\partial_\theta z_l|^2$", **along,
            note="of a small step along the ring; shaded: what this width allows"),
        Law("gradient", id="gradient", run="gradient_here", linear=True, hue=1,
            given=(around("gradient"),), title="Gradient, on the way back",
            y=r"$\ln|\delta_l|^2$", note="drawn from right to left: the mirror image", **along),
        Curves("difference_here", id="difference", theory="difference", along="layer",
               names=in_degrees(known), label="upper", linear=(0.0, 2.1), y="$1-c_l$",
               title="Difference of two inputs", levels=ends(known), bands=False,
               note="of five angles, against depth; dotted: where all end in chaos"),
        Law("length", id="length", run="length_here", linear=lengths, given=(around("length"),),
            title="Length", symbol=r"\ln q_l", y=r"$\ln q_l$", note="how active the neurons are",
            **along),
        Map("", id="phases", theory=lambda k: np.log(k["chi_map"]), rows="bias_spread",
            columns="weight_spread", span=(-1.2, 1.2), colours="sign", x=r"weights $\sigma_w$",
            y=r"biases $\sigma_b$", title="Where you are", symbol=r"\ln\chi",
            given=(Given("edge_weights", "edge_biases", "the line χ = 1", "dashed"),
                   Given("weight_spread_here", "bias_spread_here", "these knobs", "ring")),
            note="blue: order; orange: chaos; dashed: χ = 1; ring: these knobs",
            alt="The factor χ over the spreads of weights and biases: order below 1, chaos "
            "above, and a ring at these knobs."),
    )  # fmt: skip


VIEW = View(
    Bespoke("ring", title="A ring of inputs, seen by two neurons", symbol="",
            note=lambda k: f"{fate(k)}; dashed: its predicted size"),
    panels,
    (
        Tile("chi", "factor of a squared step, each layer", phase, symbol=r"\chi", digits=3,
             measured=""),
        Tile("neighbours", first_distance, "0: the same, 1: strangers", places=3,
             claim="difference"),
        Tile("stretch[-1]", "log of the squared stretch", stretched,
             symbol=r"\ln|\partial_\theta z_L|^2", places=2, hue=(0, 2)),
        Tile("gradient_first", "log of the squared gradient", arrives, places=2,
             claim="gradient", hue=(1, 2)),
    ),
    (Moment(deepest, "L"),),
    clock=Clock("layer $l$", "step", end=deepest, step_word="passage"),
    legend={"theory": "theory, infinite width"},
    sweep=sweep,
    guess=Guess.level(
        "neighbours",
        lambda k: f"Two inputs are {short(float(k['distance'][0]))}° apart. How far apart are they "
        "in the last layer (0: the same, 1: strangers)?",
        panel="difference",
    ),
)  # fmt: skip
