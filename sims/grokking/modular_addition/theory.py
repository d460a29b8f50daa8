"""What is known of a network that will add modulo p, before its run.

Circuit: every neuron one frequency k, A_n = cos(2πkn/p + φ), B_n = cos(2πkn/p + ψ) and
C_n = cos(2πkn/p + φ + ψ); averaged over phases f is Σ_k cos(2πk(a + b - c)/p). Of an even p the
frequency p/2, ±1 in turn, has no phase but a sign: there φ, ψ and their sum are 0 or π.
Source: Gromov, arXiv:2301.02679; Morwani and others, arXiv:2311.07568, theorem 7.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.grokking.scales import coverage_fraction

if TYPE_CHECKING:
    from sims.grokking.modular_addition.params import Params

DRAWS = 2000
"""Training sets drawn for the probability of coverage."""
RESTRICTED = 0.5
"""Share of ln p below which the restricted loss counts as fallen."""
JUMP = 0.5
"""Test accuracy that marks the jump."""


def frequencies(p: int) -> np.ndarray:
    """1..K, K = p/2 rounded down; of an even p the last is p/2, its own mirror image."""
    return np.arange(1, p // 2 + 1)


LONE = math.sqrt(2) / 4
"""Σ|θ_i|³ that the frequency p/2 of an even p takes at the largest margin, over that of another."""


def frequency_shares(p: int) -> np.ndarray:
    """Part of Σ|θ_i|³ that each frequency takes at the largest margin, (frequency,).

    Equal for all with a mirror image -k. The logits of all pairs are then a constant but for one
    peak, in which p/2 stands once and every other frequency twice.
    """
    k = frequencies(p)
    each = np.where(2 * k == p, LONE, 1.0)
    return each / each.sum()


def max_margin(p: int) -> float:
    """γ* = √(2/27) / (√p (p-1)), the largest min margin / Σ|θ_i|³ of squares on all pairs.

    A unit neuron has amplitude √(2/3p) in each table and contributes half its cube times
    cos(2πk(a+b-c)/p); spread evenly over all frequencies the margin is that times p/(p-1).
    Of an even p a unit neuron of p/2 has amplitude 1/√(3p), and its ±1 contributes twice its cube.
    The dual of the margin, weights on the distances d = a+b-c that make every frequency equally
    good, is met by the shares of `frequency_shares`: p - 2 + 1/√2 stands in place of p - 1.
    Source: Morwani and others, arXiv:2311.07568, theorem 7, for odd p. Holds for width >= 4(p-1).
    """
    rest = p - 1 if p % 2 else p - 2 + 1 / math.sqrt(2)
    return math.sqrt(2 / 27) / (math.sqrt(p) * rest)


def settled(p: int, weight_decay: float) -> tuple[float, np.ndarray]:
    """γ/γ* and the frequencies' shares at the minimum of cross-entropy + w Σ|θ_i|³ on all pairs.

    An odd p is at the maximum for any w. Of an even p the softmax of a wrong answer at an odd and
    an even distance, P_o and P_e, follow from what a unit neuron of p/2 and of another frequency
    gains: with β = (3p)^(-3/2), 2pβ P_o = w = pβ (P_o + P_e)/√2. The margins ln(P_0/P) differ by
    ln(2√2 - 1) at any w, and are equal only next to their size, as w goes to 0. NaN where w is so
    large that it leaves no margin.
    """
    if p % 2 or weight_decay == 0:
        return 1.0, frequency_shares(p)
    beta = (3 * p) ** -1.5
    odd = weight_decay / (2 * p * beta)
    even = (2 * math.sqrt(2) - 1) * odd
    right = 1 - p / 2 * odd - (p / 2 - 1) * even
    found = np.full(p // 2, np.nan)
    if right <= even:
        return math.nan, found
    least, other = math.log(right / even), math.log(right / odd)
    each = math.sqrt(2) * least / (beta * p)
    found[:] = each
    found[-1] = (other - math.sqrt(2) * beta * each * (p / 2 - 1)) / (4 * beta)
    return least / found.sum() / max_margin(p), found / found.sum()


def chance_ipr(p: int) -> float:
    """Mean Σ_k q_k² of Gaussian columns: 2/(K+1), where no frequency is its own mirror image.

    The shares are Dirichlet, of weight 1 for two numbers a frequency, 1/2 for the one of p/2.
    """
    weights = np.where(2 * frequencies(p) == p, 0.5, 1.0)
    whole = weights.sum()
    return float(np.sum(weights * (weights + 1)) / (whole * (whole + 1)))


def goldilocks_norm(p: int, width: int) -> float:
    """m^(1/6) γ*^(-1/3), the norm of a unit margin spread over m equal neurons.

    A rule of thumb, good to 20 % for gradient descent with L2 decay on a squared loss.
    """
    return width ** (1 / 6) * max_margin(p) ** (-1 / 3)


@lru_cache(maxsize=256)
def coverage(p: int, pairs: int) -> float:
    """Probability that so many random pairs show every a, every b and every c = a + b mod p.

    Monte Carlo over 2000 draws: the share of training sets that identify every weight. 1 where the
    union bound 3p (1 - pairs/p²)^p leaves less than a tenth of a draw.
    """
    if 3 * p * (1 - pairs / p**2) ** p < 0.1 / DRAWS:
        return 1.0
    rng = np.random.default_rng(0)
    every = np.arange(p * p)
    seen = np.stack([every // p, every % p, (every // p + every % p) % p])
    covered = 0
    for _ in range(DRAWS):
        drawn = rng.permutation(p * p)[:pairs]
        covered += all(np.unique(table[drawn]).size == p for table in seen)
    return covered / DRAWS


def circuit(p: int, grid: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A, B (p, m) and C (m, p) of the circuit: grid x grid uniform phases for each frequency.

    Equal weight for every frequency; m = K grid². Of an even p, with an even grid, the phases of
    p/2 are 0 and π, and its neurons are half as large.
    """
    angle = 2 * np.pi * frequencies(p)[:, None, None, None] * np.arange(p) / p
    phases = 2 * np.pi * np.arange(grid) / grid
    phi, psi = phases[None, :, None, None], phases[None, None, :, None]
    shape = (angle.shape[0], grid, grid, p)
    lone = 2 * frequencies(p)[:, None, None, None] == p
    if lone.any():
        phi, psi = (np.where(lone, np.pi * np.floor(x / np.pi), x) for x in (phi, psi))
    size = np.where(lone, 0.5, 1.0)
    A, B = (np.broadcast_to(size * np.cos(angle + x), shape) for x in (phi, psi))
    C = size * np.cos(angle + phi + psi)
    return A.reshape(-1, p).T, B.reshape(-1, p).T, C.reshape(-1, p)


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """Margin and shares at the maximum, phases aligned, coverage of the data, norm at the jump."""
    del schedule
    p, width = params.p, params.width
    pairs = int(task["mask"].sum())
    k = frequencies(p)
    shared = {"shared": 1}
    data: dict[str, Any] = {
        "max_margin": ((), max_margin(p), shared),
        "coverage": ((), coverage(p, pairs), shared),
        "coverage_fraction": ((), coverage_fraction(p), shared),
        "goldilocks_norm": ((), goldilocks_norm(p, width), shared),
        "restricted_level": ((), RESTRICTED * math.log(p), shared),
    }
    if params.optimizer == "adamw" and params.regulariser != "l2":
        data["phase_defect_final"] = ((), 0.0, shared)
    if is_cubic(params):
        decay = float(params.weight_decay) if params.loss_kind == "ce" else 0.0
        ratio, shares = settled(p, decay)
        if math.isfinite(ratio):
            data["margin_ratio_final"] = ((), ratio, shared)
            data["frequency_shares_final"] = ("frequency", shares, shared)
    if is_decoupled(params):
        if pairs < p * p:
            data["test_accuracy_final"] = ((), 1.0, shared)
        if float(params.weight_decay) > 0:
            decay_time = 1 / (float(params.eta) * float(params.weight_decay))
            data["decay_time"] = ((), decay_time, shared | {"units": "steps"})
    attrs = {
        "p": p,
        "width": width,
        "fraction": pairs / p**2,
        "family": "cubic" if is_cubic(params) else "decoupled" if is_decoupled(params) else "",
        "loss_kind": params.loss_kind,
        "weight_decay": float(params.weight_decay),
        "init_scale": float(params.init_scale),
        "chance_ipr": chance_ipr(p),
    }
    coords = {"frequency": k, "number": np.arange(p)}
    return xr.Dataset(data, coords=coords, attrs=attrs)


def is_cubic(params: Params) -> bool:
    """Whether the max-margin theory is the one that speaks: Adam on CE or MSE + w Σ|θ_i|³."""
    return params.optimizer == "adamw" and params.regulariser == "cubic"


def is_decoupled(params: Params) -> bool:
    """Whether it is AdamW, the setting of the famous curve."""
    return params.optimizer == "adamw" and params.regulariser == "decoupled"
