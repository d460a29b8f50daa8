"""How far Euler steps lag behind gradient flow, and how much of its time that may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.saddle_to_saddle import mode_laws as laws

if TYPE_CHECKING:
    from sims.saddle_to_saddle.linear_network.params import Params

LATE = 1.1
"""A flow that is so much slower must not land."""
LEAST, MOST = 5e-3, 0.05
"""Bounds of the tolerance, of s_k."""


def of_modes(params: Params, task: Task, a: np.ndarray, flow: np.ndarray | None) -> float:
    """How far Euler steps lag behind gradient flow on the steepest point of a sigmoid, of s_k.

    Two layers: max over k of η s_k² t_k / 4, of the modes that start below s_k/2. Aligned deep
    nets: the largest gap between the mode map and the closed form.
    """
    s = task["spectrum"]
    if params.depth > 2:
        return 0.0 if flow is None else float(np.max(np.abs(a - flow) / s))
    a0 = a[0]
    rises = (a0 > 0) & (a0 < s / 2)
    t = laws.half_time(s[rises], a0[rises])
    return float(np.max(filled(params.eta) * s[rises] ** 2 * t / 4, initial=0.0))


def of_start(params: Params, task: Task) -> float:
    """The same of what relaxes: max_k D_k max_n |(1 - ηκ_k)^n - e^{-ηκ_k n}|, of s_k; two layers.

    κ_k is the larger rate of mode k at the start and at the minimum, |W_1 v_k|² + |W_2ᵀ u_k|² and
    sqrt(4 s_k² + λ²); D_k = |u_kᵀ W v_k - s_k|/s_k, at least 1, is how far it starts off.
    """
    if params.depth > 2:
        return 0.0
    s, (W1, W2) = task["spectrum"], laws.layers(task)
    below, above = W1 @ task["V"], W2.T @ task["U"]
    rates = np.sum(below**2, axis=0) + np.sum(above**2, axis=0)
    rates = np.maximum(rates, np.hypot(2 * s, float(params.layer_imbalance)))
    away = np.maximum(np.abs(np.sum(above * below, axis=0) - s) / s, 1.0)
    eta = filled(params.eta)
    return max(float(d) * relaxed(eta * float(k)) for d, k in zip(away, rates, strict=True))


def relaxed(x: float) -> float:
    """max_n |(1 - x)^n - e^{-xn}| of a stepped exponential; 1 from x = 2 on, where it grows."""
    if x >= 2:
        return 1.0
    n = np.arange(1, max(4, int(4 / x)) if x > 1e-3 else 4000)
    return float(np.max(np.abs((1 - x) ** n - np.exp(-x * n))))


def allowed(params: Params, prediction: xr.Dataset) -> float:
    """A quarter of the error of a flow 10 % late, from 0.005 to 0.05, of s_k.

    That error is max_k,t |a_k(t/1.1) - a_k(t)|/s_k of the predicted strengths of gradient flow.
    """
    del params
    if "mode_strengths_gradient_flow" not in prediction:
        return MOST
    a, s = prediction["mode_strengths_gradient_flow"].values, prediction["spectrum"].values
    t = prediction["time"].values
    late = np.stack([np.interp(t / LATE, t, column) for column in a.T], axis=1)
    return float(np.clip(np.max(np.abs(late - a) / s) / 4, LEAST, MOST))
