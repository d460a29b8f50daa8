"""What the theory of free features wants of the settings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Assumption, Task
from sims.core.knobs import filled
from sims.core.sentences import said
from sims.neural_collapse import dynamics, optimum
from sims.neural_collapse.assumptions import room_for_simplex, signal_survives
from sims.neural_collapse.classes import relative_sizes
from sims.neural_collapse.free_features import rates, theory

if TYPE_CHECKING:
    from sims.neural_collapse.free_features.params import Params

SMALL_INIT = 0.12
ALIKE = 0.25
SMALL_STEP = 0.125
BALANCED_FOLDINGS, UNBALANCED_FOLDINGS = 6.5, 15.0
NORM_FOLDINGS = 6.0
REST_FOLDINGS = 6.0
WIDER = 4


def foldings(params: Params) -> float:
    """The smallest ratio of e-foldings the horizon has to those the slowest motions need.

    Tρ >= 2 ln(10/ε); for cross-entropy 2τcT/K >= 6.5 (15 with unequal classes, whose last motion,
    usually the bias of a rare class, needs 6 of its own); with unequal decays
    4 λ_W λ_H T/(λ_W + λ_H) >= 6.
    """
    found, T = rates.of(params), filled(params.horizon)
    ratios = [T * found.rho / (2 * math.log(10 / float(params.init_scale)))]
    if params.loss_kind == "ce" and found.survives and found.c > 0:
        wanted = BALANCED_FOLDINGS if found.balanced else UNBALANCED_FOLDINGS
        ratios.append(2 * found.tau * found.c * T / params.classes / wanted)
    if math.isfinite(found.rest):
        ratios.append(found.rest * T / REST_FOLDINGS)
    w, h = float(params.lambda_w), float(filled(params.lambda_h))
    if w != h:
        ratios.append(4 * w * h * T / (w + h) / NORM_FOLDINGS)
    return min(ratios)


def alike(task: Task) -> float:
    """s_min/s_max of G, the start that survives."""
    s = dynamics.seed_of(task["W"], theory.class_means(task)).s
    return float(s[-1] / s[0])


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """Every assumption, held or broken; one seed."""
    del prediction
    K, d = params.classes, params.width
    found, setting = rates.of(params), rates.setting(params)
    time, eps = foldings(params), float(params.init_scale)
    weakest = alike(task)
    eta, s1 = filled(params.eta), float(np.max(relative_sizes(setting.sizes)))
    slope = optimum.best_margin(K, found.c) if params.loss_kind == "ce" else 1.0
    steep = eta * max(slope, 1.0) / K if math.isfinite(slope) else 0.0
    step = eta * s1 / K
    small_step = f"η s₁/K = {said(step, 3)}, held up to {SMALL_STEP}"
    if steep > 1:
        small_step = f"η a*/K = {said(steep, 3)}, held up to 1"
    return [
        room_for_simplex(d, theory.room(params)),
        signal_survives(setting, found.survives),
        Assumption(
            "long_enough",
            "a long enough run",
            f"The slowest predicted motion gets {said(time, 3)} of the e-foldings it needs "
            "(held from 1)" + ("." if time >= 1 else ": the run ends before the end state."),
            time >= 1,
            1 / max(time, 1e-12),
        ),
        Assumption(
            "small_init",
            "a small start",
            f"Initial scale {said(eps, 3)}, held up to {SMALL_INIT}"
            + (
                "."
                if eps <= SMALL_INIT
                else ": the linear growth from the origin decides the orientation only if it has "
                "time to."
            ),
            eps <= SMALL_INIT,
            eps,
        ),
        Assumption(
            "directions_alike",
            "directions alike",
            f"The weakest initial direction has {said(weakest)} of the strongest, held from "
            f"{ALIKE}"
            + (
                "."
                if weakest >= ALIKE
                else ": late directions are bent by the earlier ones."
                if params.loss_kind == "ce"
                else " for cross-entropy; squared loss does not bend them."
            ),
            params.loss_kind == "mse" or weakest >= ALIKE,
            1 / max(weakest, 1e-12),
        ),
        Assumption(
            "small_step",
            "a small step",
            small_step
            + (
                "."
                if step <= SMALL_STEP and steep <= 1
                else ": gradient descent no longer follows the flow."
            ),
            step <= SMALL_STEP and steep <= 1,
            step,
        ),
        _wide_enough(params, d, K),
    ]


def _wide_enough(params: Params, d: int, K: int) -> Assumption:
    held = not params.nonnegative or d >= WIDER * K
    if not params.nonnegative:
        sentence = "Features may have either sign, so none can die."
    else:
        sentence = f"d = {d}, held from 4K = {WIDER * K}" + (
            "."
            if held
            else ": with fewer dimensions a class can lose all its non-negative features."
        )
    return Assumption("wide_enough", "a wide enough layer", sentence, held, WIDER * K / d)


def warnings(params: Params, task: Task, prediction: xr.Dataset) -> list[str]:
    """Banners shown before the run."""
    del task, prediction
    found, K = rates.of(params), params.classes
    lines = []
    if not found.survives:
        lines.append(
            f"Total collapse predicted: K c = {said(K * found.c, 3)}. Decay wins, features and "
            "classifier shrink to zero."
        )
    slope = optimum.best_margin(K, found.c) if params.loss_kind == "ce" else 1.0
    steep = filled(params.eta) * max(slope, 1.0) / K
    if math.isfinite(steep) and steep > 1:
        lines.append(f"η a*/K = {said(steep, 3)} > 1: steps this large can diverge.")
    if not found.balanced:
        lines.append(
            "The classes differ in size: a simplex of equal sides is not the optimum; compare with "
            "the dashed theory of these class sizes."
        )
    if params.width < theory.room(params):
        lines.append(
            f"d = {params.width} leaves no room for the predicted arrangement: L* is a lower bound "
            "that no arrangement reaches."
        )
    return lines
