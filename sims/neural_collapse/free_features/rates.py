"""The optimum of a choice of knobs and its slowest rates; kept, for a page asks for them often."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sims.core.knobs import filled
from sims.neural_collapse import dynamics, optimum
from sims.neural_collapse.classes import class_sizes, relative_sizes
from sims.neural_collapse.relaxation import slowest_relaxation

if TYPE_CHECKING:
    from sims.neural_collapse.free_features.params import Params


@dataclass(frozen=True)
class Rates:
    """The optimum (None if not finite) and how fast the last motions towards it are.

    `tau` is the smallest nonzero singular value of the optimum Zs, `rho` the slowest rate at the
    origin (`dynamics.slowest_growth`), with unequal classes and cross-entropy also that of the
    directions that die at the optimum. `rest` is that of the last motion of unequal classes with
    cross-entropy (`relaxation.slowest_relaxation`), NaN elsewhere.
    """

    optimum: optimum.Optimum | None
    balanced: bool
    c: float
    survives: bool
    tau: float
    rho: float
    rest: float


def setting(params: Params) -> optimum.Setting:
    """What the optimum of these knobs depends on."""
    return optimum.Setting(
        params.loss_kind,
        bool(params.bias),
        bool(params.nonnegative),
        class_sizes(params.classes, int(params.per_class), float(params.imbalance)),
        float(params.lambda_w),
        float(filled(params.lambda_h)),
    )


def of(params: Params) -> Rates:
    """The optimum and rates of these knobs."""
    s = setting(params)
    return _of(
        s.loss_kind, s.bias, s.nonnegative, tuple(int(n) for n in s.sizes), s.lambda_w, s.lambda_h
    )


@lru_cache(maxsize=64)
def _of(
    loss_kind: str, bias: bool, nonnegative: bool, sizes: tuple[int, ...], w: float, h: float
) -> Rates:
    s = optimum.Setting(loss_kind, bias, nonnegative, np.array(sizes), w, h)
    found = optimum.optimum(s)
    survives = found is None or found.survives
    tau = float(np.min(found.modes[found.modes > 0])) if found and survives else math.nan
    K, relative = s.classes, relative_sizes(s.sizes)
    target = (
        optimum.squared_loss_target(s.sizes, bias=bias)
        if loss_kind == "mse"
        else optimum.simplex(K)
    )
    strengths = np.linalg.svd(target * relative[None, :], compute_uv=False)
    strengths = strengths[strengths > 1e-9]
    if loss_kind == "ce" and not s.balanced and found is not None:
        lost = optimum.lost_directions(s, found)
        strengths = np.append(strengths, K * lost) if math.isfinite(lost) else strengths
    rho = dynamics.slowest_growth(strengths, w, h, K)
    curved = loss_kind == "ce" and not s.balanced and not nonnegative
    rest = slowest_relaxation(s, found) if curved and found and survives else math.nan
    return Rates(found, s.balanced, s.c, survives, tau, rho, rest)
