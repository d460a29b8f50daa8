"""What is known of a random deep net before a weight is drawn: lines, and a band around them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.signal_propagation.order_chaos import finite_width, infinite_width
from sims.signal_propagation.order_chaos.finite_width import Readings
from sims.signal_propagation.order_chaos.infinite_width import Net, Signal
from sims.signal_propagation.order_chaos.params import net_of
from sims.signal_propagation.order_chaos.ring import (
    DRAWN,
    EVERY,
    POINTS,
    angles,
    degrees,
    distances,
)

if TYPE_CHECKING:
    from sims.signal_propagation.order_chaos.params import Params

CELLS = 24
SPREADS = 0.7, 4.0
"""Weight spreads of the map."""
KEPT = 32
"""Bands that are kept: they depend on the knobs alone, and many readers open the same page."""


@lru_cache(KEPT)
def lines(net: Net, q0: float, depth: int) -> Signal:
    """Every layer of the infinite net, with the distances of all that is drawn."""
    return infinite_width.propagated(net, q0, distances(DRAWN), depth)


@lru_cache(KEPT)
def bands(net: Net, q0: float, depth: int, n: int) -> Readings:
    """How far from the lines a net of width n may be, for the distances that are judged."""
    found = lines(net, q0, depth)
    judged = found._replace(difference=found.difference[:, EVERY::EVERY])
    return finite_width.bands(judged, finite_width.chain(net, q0, depth, n, POINTS))


def circle(apart: np.ndarray) -> np.ndarray:
    """A circle as large as two neurons should see the ring, (layer, input, axis).

    Less its mean, one neuron has the variance q ē over the ring, ē the mean of 1 - c over all
    pairs; the circle that has it too has the radius √(2 ē), in units of √q.
    """
    spread = 2 * apart[:, 1:].sum(axis=1) / DRAWN
    unit = np.stack([np.cos(angles(DRAWN)), np.sin(angles(DRAWN))], axis=-1)
    return np.sqrt(2 * spread)[:, None, None] * unit


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset]:
    """Lines first, then the bands; nothing depends on the seed.

    `length` is ln q of layers 0..L, `difference` 1 - c of inputs some degrees apart, `stretch` and
    `gradient` are the two sums of ln χ; `apart` and `circle` follow the scrubber.
    """
    del task
    net, q0, depth = net_of(params), float(params.q0), params.depth
    signal = lines(net, q0, depth)
    q = infinite_width.fixed_length(net)
    known = np.isfinite(q) and q > 0
    at = np.minimum(schedule.snapshot_steps, depth)  # the ring stays in the last layer
    w, b, chi = infinite_width.chi_map(net.activation, *SPREADS, CELLS)
    edge_w, edge_b = infinite_width.edge(net.activation)
    data = {
        "length": ("layer", np.log(signal.length)),
        "difference": (("layer", "distance"), signal.difference[:, EVERY::EVERY]),
        "stretch": ("layer", signal.stretch),
        "gradient": ("layer", signal.gradient),
        "neighbours": ((), signal.difference[-1, EVERY]),
        "gradient_first": ((), signal.gradient[0]),
        "apart": (("snapshot", "separation"), signal.difference[at]),
        "circle": (("snapshot", "input", "axis"), circle(signal.difference)[at]),
        "chi": ((), float(net.chi(q if np.isfinite(q) else 1.0))),
        "chi_map": (("bias_spread", "weight_spread"), chi),
        "edge_weights": ("edge", edge_w),
        "edge_biases": ("edge", edge_b),
        "weight_spread_here": ((), net.sigma_w),
        "bias_spread_here": ((), net.sigma_b),
    }
    if known:
        data["fixed_length"] = ((), q)
        if net.activation != "relu":
            end, scale = infinite_width.fixed_difference(net, q)
            data |= {"fixed_correlation": ((), 1 - end), "depth_scale": ((), scale)}
    coords = {
        "layer": np.arange(depth + 1),
        "distance": np.round(degrees(POINTS)[1:]),
        "separation": degrees(DRAWN),
        "bias_spread": b,
        "weight_spread": w,
    }
    yield _shared(data, coords)
    found = bands(net, q0, depth, params.width)
    for name, band in zip(Readings._fields, found, strict=True):
        data[f"{name}_band"] = (data[name][0], band)
    yield _shared(data, coords)


def _shared(data: dict, coords: dict) -> xr.Dataset:
    """What every seed shares."""
    return xr.Dataset({name: (*one, {"shared": 1}) for name, one in data.items()}, coords)
