"""What is guessed at the edge of stability without its theory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import numpy as np
import xarray as xr
from jax import Array

from sims.core import curvature
from sims.core.compilation import QUICK_TO_COMPILE, count_trace, jit
from sims.core.experiment import Baseline, Task
from sims.core.knobs import filled
from sims.edge_of_stability import scales
from sims.edge_of_stability.neural_network import theory
from sims.edge_of_stability.neural_network.growing import Net, data_of, net_of
from sims.edge_of_stability.neural_network.params import ADAPTIVE

if TYPE_CHECKING:
    from sims.edge_of_stability.neural_network.params import Params

MOST_BATCHES = 256


def no_edge(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """Sharpness of a run that knows nothing of this edge.

    Gradient descent: the gradient flow's, median of the records a tenth of the run after it is at
    the edge; of the second half where it is never. Momentum and Adam: 2/η, the edge of gradient
    descent. Batches and RMSProp: the sharpness at the start.
    """
    del task
    if params.optimizer in scales.WITH_MOMENTUM or params.optimizer == "adam":
        return 2 / filled(params.eta)
    if params.optimizer in ADAPTIVE:
        known = prediction["sharpness_midpoint"].values[:, 0]
        return float(known[np.isfinite(known)][0])
    flow, steps = prediction["sharpness_gradient_flow"].values[:, 0], prediction["step"].values
    if params.optimizer == "sgd":
        return float(flow[0])
    above = np.flatnonzero(flow >= float(prediction["edge"]))
    begin = filled(params.steps) / 2
    if above.size:
        begin = float(steps[above[0]]) + filled(params.steps) / 10
    late = flow[(steps >= begin) & np.isfinite(flow)]
    return float(np.median(late)) if late.size else float(np.nanmax(flow))


@jit(QUICK_TO_COMPILE, static_argnames="net")
def _bent(net: Net, data: Any, w: Array, batches: Array) -> tuple[Array, Array]:
    """g_Bᵀ H_B g_B and |g_B|² of every batch, (batch,) each, from rows (batch, B)."""
    count_trace()

    def both(rows: Array) -> tuple[Array, Array]:
        part = {name: values[rows] for name, values in data.items()}

        def loss(w: Array) -> Array:
            return net(part, w)

        g = jax.grad(loss)(w)
        return g @ curvature.hvp(loss, w, g), g @ g

    return jax.lax.map(both, batches)


def batch_sharpness(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """E[g_Bᵀ H_B g_B]/E|g_B|² at the start, over 256 batches of a stream of its own."""
    del prediction
    if params.optimizer != "sgd":
        raise KeyError("batches")
    rng, n = np.random.default_rng(0), filled(params.samples)
    rows = np.stack(
        [rng.choice(n, min(params.batch_size, n), replace=False) for _ in range(MOST_BATCHES)]
    )
    bent, size = _bent(net_of(params), data_of(task), theory.initial_weights(params, task), rows)
    return float(np.sum(np.asarray(bent)) / np.sum(np.asarray(size)))


def loss_at_start(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """The loss at the start."""
    del params, task
    return float(prediction["loss_gradient_flow"].values[0])


def gradient_flow(name: str, *, last: bool = False) -> Baseline:
    """What the gradient flow says of a predicted variable, at every point or at the last."""

    def value(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
        del params, task
        values = prediction[f"{name}_gradient_flow"].values
        if last and not len(values):
            raise KeyError("snapshots")  # a point of a sweep keeps none
        return values[-1] if last else values

    return Baseline("it follows the gradient flow", value)


NO_EDGE = Baseline("it knows nothing of this edge", no_edge)
LOSS = Baseline("nothing changes", loss_at_start)
BATCH_SHARPNESS = Baseline("it stays as at the start", batch_sharpness)
