"""The smooth path that descent with a finite step follows to second order, and what leaks on it.

A path is some thousand gradients; they are written out in `gradients`. Weights may be complex, so
that products with the Hessian are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from sims.symmetries import gradients
from sims.symmetries.conservation_laws.charges import Weights
from sims.symmetries.gradients import Net
from sims.symmetries.nets import TINY

MOST_PARTS = 40
"""Runge-Kutta steps between two records, at most."""
GRAIN = 1.0
"""Step of the path times curvature: one e-fold of the sharpest direction."""
KINKED_GRAIN, KINKED_STEPS, KINKED_TIME = 0.5, 5.0, 0.08
"""Across relu's kinks the rule loses its order: half of that, and no more than five steps of the
descent, or a time of 0.08, at once."""
ROUNDS = 20
"""Of the power iteration at the start; one more at each record."""
SMALL = 1e-30


def loss_and_gradient(net: Net, weights: Weights) -> tuple[Any, Weights]:
    """The loss and its gradient."""
    loss, g = gradients.loss_and_gradient(net, *weights)
    return loss, Weights(*g)


def add(u: Weights, v: Weights, by: Any = 1.0) -> Weights:
    """The sum u + by v."""
    return Weights(*(a + by * c for a, c in zip(u, v, strict=True)))


def size(u: Weights) -> float:
    """The length of all weights together."""
    return float(np.sqrt(sum((a * a).sum() for a in u)))


class Path(NamedTuple):
    """One record of the path.

    Attributes:
        loss: L.
        now: h = gᵀ A g of the gradient g without decay, (unit,).
        total: I, (unit,), the integral of h, which fades as I' = h - fade I.
        lengths: |W_i:|² and |V_:i|², (2, unit).
        sharpness: the largest |H v| met so far.
    """

    loss: float
    now: np.ndarray
    total: np.ndarray
    lengths: np.ndarray
    sharpness: float


class Descent(NamedTuple):
    """What a path needs to know of the descent.

    Attributes:
        decay: λ.
        half: weight of the second point, e B/2 with e = η/(1-β), B = (1+β)/(1-β).
        fade: rate at which what has leaked decays.
        step: e, the time of a step.
        form: g -> gᵀ A g, (unit,).
    """

    decay: float
    half: float
    fade: float
    step: float
    form: Callable[[Weights], np.ndarray]


def path(net: Net, weights: Weights, descent: Descent, times: np.ndarray) -> Iterator[Path]:
    """The path θ' = -G(θ + half G(θ)) with G = ∇L + λθ, at growing times (record,).

    To second order in the step this is the flow of -∇(L + half |G|²/2): backward error analysis
    (Barrett & Dherin, arXiv:2009.11162) without a Hessian. Fourth-order Runge-Kutta. A path that
    blows up ends early.
    """

    def G(theta: Weights) -> Weights:
        return add(loss_and_gradient(net, theta)[1], theta, descent.decay)

    def slope(theta: Weights, total: np.ndarray) -> tuple[Weights, np.ndarray]:
        g = loss_and_gradient(net, theta)[1]
        ahead = add(theta, add(g, theta, descent.decay), descent.half)
        return Weights(*(-c for c in G(ahead))), descent.form(g) - descent.fade * total

    def seen(theta: Weights, total: np.ndarray, S: float) -> Path:
        loss, g = loss_and_gradient(net, theta)
        lengths = np.stack([(theta.W**2).sum(axis=1), (theta.V**2).sum(axis=0)])
        return Path(float(loss), descent.form(g), total, lengths, S)

    v, S = _iterated(G, weights, _probe(net, weights), ROUNDS)
    total = np.zeros_like(descent.form(weights))
    yield seen(weights, total, S)
    for wait in np.diff(times):
        parts = _parts(net, descent, wait, S)
        for _ in range(parts):
            weights, total = _advanced(slope, weights, total, wait / parts)
        if not all(np.isfinite(c).all() for c in weights):
            return
        v, s = _iterated(G, weights, v, 1)
        S = max(S, s)
        yield seen(weights, total, S)


def _parts(net: Net, descent: Descent, wait: float, S: float) -> int:
    """How many Runge-Kutta steps a stretch of the path is cut into."""
    is_kinked = net.activation == "relu"
    grain = KINKED_GRAIN if is_kinked else GRAIN
    parts = np.clip(np.ceil(wait * S * (1 + descent.half * S) / grain), 1, MOST_PARTS)
    if is_kinked:
        parts = max(parts, np.ceil(wait / max(KINKED_STEPS * descent.step, KINKED_TIME)))
    return int(parts)


def _advanced(
    slope: Callable[[Weights, np.ndarray], tuple[Weights, np.ndarray]],
    weights: Weights,
    total: np.ndarray,
    h: float,
) -> tuple[Weights, np.ndarray]:
    """One classical Runge-Kutta step of weights and total."""
    k1, j1 = slope(weights, total)
    k2, j2 = slope(add(weights, k1, h / 2), total + h / 2 * j1)
    k3, j3 = slope(add(weights, k2, h / 2), total + h / 2 * j2)
    k4, j4 = slope(add(weights, k3, h), total + h * j3)
    ways = zip(weights, k1, k2, k3, k4, strict=True)
    moved = Weights(*(w + h / 6 * (a + 2 * b + 2 * c + d) for w, a, b, c, d in ways))
    return moved, total + h / 6 * (j1 + 2 * j2 + 2 * j3 + j4)


def _probe(net: Net, weights: Weights) -> Weights:
    """A fixed random direction of length 1 among the weights that are trained."""
    rng = np.random.default_rng(0)
    drawn = Weights(*(rng.standard_normal(w.shape) for w in weights))
    drawn = drawn._replace(b=drawn.b * net.has_bias)
    return Weights(*(v / size(drawn) for v in drawn))


def _iterated(
    G: Callable[[Weights], Weights], weights: Weights, v: Weights, rounds: int
) -> tuple[Weights, float]:
    """Power iteration: v and |H v|, by the imaginary part of G(θ + i ε v)/ε, blind to kinks."""
    s = 0.0
    for _ in range(rounds):
        ahead = G(add(weights, v, SMALL * 1j))
        found = Weights(*(c.imag / SMALL for c in ahead))
        s = size(found)
        v = Weights(*(c / (s + TINY) for c in found))
    return v, s
