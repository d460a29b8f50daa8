"""The best learning rate of the first step at every width, in numbers.

Of the nets it sees f_0 alone. phi = -df/d eta at rate 0 is, in the limit of wide nets, a sum over
layers phi_l; the loss |r - eta phi|²/2m is lowest at

    law = r·phi/|phi|²,   r = y - f_0.

At a finite width the part of phi that points across the limit's lowers the rate, and the draw of
the weights shifts and spreads it; both are of order 1/n. Sources: arXiv:2511.01734 (linear nets in
mup, gradient descent); the layers' shares, the sign law, relu and the corrections are derived in
the notes. Nothing here calls the training or sees its records.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.width_transfer import families, gradients
from sims.width_transfer.scales import multipliers, nets, output_exponent, widths

if TYPE_CHECKING:
    from sims.width_transfer.one_step.params import Params

HALF_NORMAL = math.sqrt(2 / math.pi)
"""E|z| of a standard normal z."""
SIGMAS = 4.0
"""Standard errors a mean over nets is allowed."""
SIGMAS_OF_FITS = 3.5
"""The same for what is fitted through all widths."""
RELU_SPREAD = 2.5
"""Variance of 2 relu(z)² over that of z²."""


class Law(NamedTuple):
    """What is known of each net of a family, (net,), of residuals r; `shares` is (layer, net).

    Attributes:
        law: best rate in the limit of wide nets. rate: with the first correction in 1/n.
        drop: part of the loss that the best step takes.
        noise, spread, bend, more: see `laws`. spread_drop: standard deviation of drop, times √n.
    """

    law: np.ndarray
    rate: np.ndarray
    drop: np.ndarray
    noise: np.ndarray
    shift: np.ndarray
    spread: np.ndarray
    bend: np.ndarray
    spread_drop: np.ndarray
    shares: np.ndarray
    D: np.ndarray
    rho: np.ndarray


def layer_kernels(X: np.ndarray, depth: int, activation: str) -> list[np.ndarray]:
    """The Theta_l (m, m), l = 1..L+1, at infinite width, for weights and rates of unit scale.

    Linear: all K = XXᵀ/d. relu: the arc-cosine kernels of degree 1, and of degree 0 for the way
    back (Cho and Saul, 2009); the output weights have no gain 2 for the last of these to absorb.
    """
    K = X @ X.T / X.shape[1]
    if activation != "relu":
        return [K] * (depth + 1)
    forward, backward = [K], []
    for _ in range(depth):
        size = np.sqrt(np.outer(np.diag(forward[-1]), np.diag(forward[-1])))
        angle = np.arccos(np.clip(forward[-1] / size, -1, 1))
        backward.append((np.pi - angle) / np.pi)
        forward.append(size * (np.sin(angle) + (np.pi - angle) * np.cos(angle)) / np.pi)
    found = []
    for l in range(depth + 1):
        T = forward[l]
        for k in range(l, depth):
            T = T * backward[k] / (2 if k == depth - 1 else 1)
        found.append(T)
    return found


def directions(
    params: Params, X: np.ndarray, r: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The phi_l (layer, net, m), their kernel T (m, m), and the sizes u (layer, net) of `bend`."""
    m, d = X.shape
    depth, s = params.depth, output_exponent(params.parameterisation)
    mu = multipliers(params.parameterisation, params.optimizer, d, n, depth)
    K = X @ X.T / d
    size = np.sqrt(np.sum(r * (r @ K), axis=1))
    u = np.ones((depth + 1, len(r)))
    if params.optimizer == "gd":
        q = mu * np.array([d] + [n] * depth) * np.array([n ** (1 - 2 * s)] * depth + [1.0])
        kernels = [
            a * T for a, T in zip(q, layer_kernels(X, depth, params.activation), strict=True)
        ]
        return np.array([r @ T / m for T in kernels]), np.sum(kernels, axis=0), u * size / m
    # the gradient of a linear net is of rank one, and its sign a product of signs: E|z| at each end
    Kr = r @ K / size[:, None]
    first = np.sign(r @ X) @ X.T
    hidden = [mu[l] * n ** (2 - s) * HALF_NORMAL**2 * Kr for l in range(1, depth)]
    parts = [mu[0] * n ** (1 - s) * HALF_NORMAL * first, *hidden, mu[-1] * n * HALF_NORMAL * Kr]
    u[0] = np.linalg.norm(first, axis=1) / (d * HALF_NORMAL * np.linalg.norm(Kr, axis=1))
    return np.array(parts), K, u


def laws(params: Params, X: np.ndarray, r: np.ndarray, n: int) -> Law:
    """The law of nets of width n with residuals r (net, m).

    With w_l = |phi_l|/|phi|, D and rho the effective dimension and the skew of the kernel T along
    r, C_kl = min(k, l) - 1 (adam: + π/2 - 1 on the diagonal behind the first layer):

        rate = law e^shift/(1 + noise),  noise = w·Cw (D - 1)/n,
        a² = Σ_(l<=L) (Σ_(k>l) w_k)²,    b² = Σ_(l>=2) (Σ_(k<l) w_k)².

    Each layer l of weights that the phi of later (earlier) ones pass through spreads what they add
    by its own draw. bend, times n^-1/2, is the size of the term of second order in eta; it counts
    in mup, where features move.
    """
    parts, T, u = directions(params, X, r, n)
    phi = parts.sum(axis=0)
    dot, norm2 = np.sum(r * phi, axis=1), np.sum(phi**2, axis=1)
    w = np.linalg.norm(parts, axis=2) / np.sqrt(norm2)
    Tr = r @ T
    rTr, Tr2 = np.sum(r * Tr, axis=1), np.sum(Tr**2, axis=1)
    D = np.trace(T) * rTr / Tr2
    rho = rTr * np.sum(Tr * (Tr @ T), axis=1) / Tr2**2
    before = np.cumsum(w, axis=0) - w
    behind = w.sum(axis=0) - before - w
    a2, b2 = np.sum(behind[:-1] ** 2, axis=0), np.sum(before[1:] ** 2, axis=0)
    k = np.arange(1, params.depth + 2)
    C = np.minimum(k[:, None], k) - 1.0
    if params.optimizer == "gd":
        g = RELU_SPREAD if params.activation == "relu" else 1.0
        shift = g * ((2 * rho - 1) * a2 + b2) / n
        spread2 = g * (a2 * (4 * rho - 2) + 2 * b2)
        more = 2 * (rho - 1) * a2 / n
        far = np.abs(k[:, None] - k).astype(float)
    else:
        g = 1.0
        C[k[1:] - 1, k[1:] - 1] += math.pi / 2 - 1
        # moments of |z|: var|z|/E|z|² = .571, half of it .285, and .4 with what the sign leaves
        shift = ((0.4 + math.pi * (rho - 1)) * a2 + 0.285 * b2) / n
        spread2 = a2 * (0.571 + 2 * math.pi * (rho - 1)) + 0.571 * b2
        more = math.pi * (rho - 1) * a2 / n
        far = np.ones((len(k), len(k)))
    law = dot / norm2
    noise = np.einsum("kr,kl,lr->r", w, C, w) * (D - 1) / n
    bend = np.zeros(len(r))
    if params.parameterisation == "mup":
        bend = law * np.einsum("jr,jk,kr->r", u, np.triu(far, 1), w)
    drop = dot**2 / (np.sum(r**2, axis=1) * norm2) / (1 + noise) * np.exp(more)
    rate = law / (1 + noise) * np.exp(shift)
    spread_drop = np.sqrt(4 * g * np.maximum(rho - 1, 0) * a2)
    return Law(
        law, rate, np.minimum(1.0, drop), noise, shift, np.sqrt(spread2), bend, spread_drop, w, D,
        rho,
    )  # fmt: skip


def wide_laws(params: Params, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The limit's best rate at every width, (width,), where f_0 is nothing."""
    ns = widths(params.width_min, params.width_max)
    return np.array([laws(params, X, y[None], n).law[0] for n in ns])


def curvature_rates(params: Params, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What one would try without the law, (width,): one over the largest curvature.

    m over the largest eigenvalue of the wide tangent kernel; of adam, whose step has no curvature,
    the narrowest width's law for all.
    """
    ns = widths(params.width_min, params.width_max)
    if params.optimizer == "adam":
        return np.full(len(ns), wide_laws(params, X, y)[0])
    kernels = [directions(params, X, y[None], n)[1] for n in ns]
    return np.array([len(X) / np.linalg.eigvalsh(T)[-1] for T in kernels])


def by_width(params: Params, values: np.ndarray) -> list[np.ndarray]:
    """What there is of every net, (net, ...), width by width."""
    counts = [nets(params.neurons, n) for n in widths(params.width_min, params.width_max)]
    return np.split(values, np.cumsum(counts)[:-1])


def of_families(params: Params, X: np.ndarray, y: np.ndarray, f0: np.ndarray) -> list[Law]:
    """The law of every net, width by width."""
    ns = widths(params.width_min, params.width_max)
    return [laws(params, X, y - f, n) for f, n in zip(by_width(params, f0), ns, strict=True)]


def rates(params: Params, found: Sequence[Law]) -> list[np.ndarray]:
    """The rate each net is to be best at: its own, or carried over from the narrowest width."""
    if params.rule == "law":
        return [one.rate for one in found]
    narrow = float(np.exp(np.mean(np.log(found[0].rate))))
    return [np.full(len(one.rate), narrow) for one in found]


class Errors(NamedTuple):
    """Of means over the nets of every width, (width,): standard errors, and what is left out."""

    sd: np.ndarray
    bias: np.ndarray
    loss: np.ndarray


def errors(params: Params, found: Sequence[Law]) -> Errors:
    """The sd of mean ln rate, its bias of the next order in 1/n, and the tolerance of the loss."""
    ns = widths(params.width_min, params.width_max)
    sd, bias, loss = [], [], []
    for n, one in zip(ns, found, strict=True):
        v = float(np.mean(one.spread**2 + one.bend**2))
        noise, count = float(np.mean(one.noise)), n * len(one.rate)
        sd.append(math.sqrt(v / count))
        bias.append((params.depth + 1 + v) / n + noise**2 / 4)
        scatter = math.sqrt(float(np.mean(one.spread_drop**2)) / count)
        left = SIGMAS * scatter + (2 * params.depth + 2 + v) / n + noise**2 / 2
        loss.append(float(np.mean(one.drop)) * left)
    bias = np.array(bias)
    if params.rule == "carry":  # right up to the narrow nets' own distance from their limit
        bias += abs(np.mean(np.log(found[0].rate / found[0].law)))
    return Errors(np.array(sd), bias, np.array(loss))


def weights_of_fits(errors: Errors, ns: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """What ln rate at each width counts in the level, and in the least-squares slope over ln n."""
    level = 1 / (errors.sd**2 + errors.bias**2)
    x = np.log(ns)
    return level / level.sum(), (x - x.mean()) / np.sum((x - x.mean()) ** 2)


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """Best rate and loss of every width, its bowl, and how far the draw of the nets may move them.

    A bowl is loss(u)/loss(0) = 1 - A (2u - u²) at u times the best rate; u is the schedule's time.
    """
    X, y = task["X"], task["y"]
    ns = widths(params.width_min, params.width_max)
    found = of_families(params, X, y, task["f0"])
    used = np.array([np.mean(np.log(r)) for r in rates(params, found)])
    own = np.array([np.mean(np.log(one.rate)) for one in found])
    off = errors(params, found)
    level, slope = weights_of_fits(off, ns)
    A = np.array([np.mean(one.drop) for one in found])
    u = schedule.record_times[:, None]

    def mean(name: str) -> np.ndarray:
        return np.array([np.mean(getattr(one, name)) for one in found])

    def fitted(c: np.ndarray) -> float:
        return SIGMAS_OF_FITS * float(np.sqrt(np.sum((c * off.sd) ** 2))) + float(
            np.sum(np.abs(c) * off.bias)
        )

    epsilon = np.zeros(len(ns))
    if params.optimizer == "adam":
        of = (families.of_width(task, n, params.depth) for n in ns)
        medians = [
            gradients.smallest_median(next(families.each(W)), X, y, params.activation) for W in of
        ]
        epsilon = float(params.epsilon) / np.array(medians)
    return xr.Dataset(
        {
            "best_rate": ("width", np.exp(used)),
            "best_loss": ("width", 1 - A),
            "loss_ratio": (("record", "width"), 1 - A * (2 * u - u**2)),
            "rate": (("record", "width"), u * np.exp(used)),
            "typical_rate": ((), float(np.exp(level @ used))),
            "rate_slope": ((), float(slope @ used)),
            "law": ("width", wide_laws(params, X, y)),
            "curvature_rate": ("width", curvature_rates(params, X, y)),
            "asked_over_used": ("width", np.exp(own - used)),
            "tolerance_rate": ("width", SIGMAS * off.sd + off.bias),
            "tolerance_loss": ("width", off.loss),
            "tolerance_typical": ((), fitted(level)),
            "tolerance_slope": ((), fitted(slope)),
            "level_weight": ("width", level),
            "noise_across": ("width", mean("noise")),
            "spread": ("width", mean("spread")),
            "bend": ("width", np.sqrt(mean_square(found) / np.array(ns))),
            "epsilon_share": ("width", epsilon),
            "shares": (("width", "layer"), np.array([one.shares[:, 0] for one in found])),
        },
        coords={
            "width": ns,
            "nets": ("width", [len(one.rate) for one in found]),
            "layer": np.arange(1, params.depth + 2),
        },
    )


def mean_square(found: Sequence[Law]) -> np.ndarray:
    """The mean over nets of bend², (width,)."""
    return np.array([np.mean(one.bend**2) for one in found])
