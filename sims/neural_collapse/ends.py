"""The predicted end of either experiment, as variables of a prediction."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import xarray as xr

from sims.neural_collapse import optimum
from sims.neural_collapse.classes import is_minority, minority_threshold
from sims.neural_collapse.optimum import Optimum, Setting

CURVE_POINTS = 40
LARGEST_IMBALANCE = 50.0
SHARED = {"shared": 1}


def kept_optimum(setting: Setting) -> Optimum | None:
    """The optimum of a setting; kept, for a page asks for it often."""
    s = setting
    sizes = tuple(int(n) for n in s.sizes)
    return _kept(s.loss_kind, s.bias, s.nonnegative, sizes, s.lambda_w, s.lambda_h)


@lru_cache(maxsize=64)
def _kept(
    loss_kind: str, bias: bool, nonnegative: bool, sizes: tuple[int, ...], w: float, h: float
) -> Optimum | None:
    return optimum.optimum(Setting(loss_kind, bias, nonnegative, np.array(sizes), w, h))


def room(setting: Setting) -> int:
    """Dimensions the predicted arrangement needs."""
    frame = (setting.loss_kind == "mse" and not setting.bias) or setting.nonnegative
    return setting.classes if frame else setting.classes - 1


def end_of(found: Optimum) -> dict[str, Any]:
    """The numbers of an optimum, the same for every seed."""
    return {
        "loss_final": ((), found.loss, SHARED),
        "margin_final": ((), found.margin, SHARED),
        "classifier_norm_final": ((), float(np.mean(found.classifier_norms)), SHARED),
        "feature_norm_final": ((), float(np.mean(found.feature_norms)), SHARED),
        "classifier_norms": ("class", found.classifier_norms, SHARED),
        "classifier_cosines_final": (("class", "class2"), found.cosines, SHARED),
        "modes": ("optimum_mode", found.modes, SHARED),
    }


def small_classes(setting: Setting, found: Optimum | None) -> dict[str, Any]:
    """R_0 and the cosine between small classes, where there are two of them beside larger ones."""
    small = is_minority(setting.sizes)
    if np.sum(small) < 2:
        return {}
    R0 = minority_threshold(setting.classes, setting.c)
    made: dict[str, Any] = {"minority_threshold": ((), R0, SHARED)}
    if found is not None:
        made["minority_cosine_final"] = ((), optimum.pair_mean(found.cosines, small), SHARED)
    return made


def attributes(setting: Setting) -> dict[str, Any]:
    """Numbers a figure needs beside the prediction."""
    K, w, h = setting.classes, setting.lambda_w, setting.lambda_h
    shares = setting.sizes / np.sum(setting.sizes)
    zero = math.log(K)
    if setting.loss_kind == "mse":
        zero = 0.5 * float(1 - np.sum(shares**2)) if setting.bias else 0.5
    return {
        "loss_kind": setting.loss_kind,
        "bias": int(setting.bias),
        "nonnegative": int(setting.nonnegative),
        "classes": K,
        "c": setting.c,
        "arrow_scale": math.sqrt(w / h) if w > 0 and h > 0 else 1.0,
        "loss_zero": zero,
        "sizes": ",".join(str(n) for n in setting.sizes),
    }


def with_curve(made: xr.Dataset, setting: Setting, imbalance: float) -> xr.Dataset:
    """The same with the cosine between small classes as a curve over the imbalance."""
    far = max(2 * minority_threshold(setting.classes, setting.c), 1.5 * imbalance)
    reach = min(LARGEST_IMBALANCE, far)
    R, curve, encoded = _curve(
        setting.loss_kind, setting.bias, setting.classes, setting.lambda_w, setting.lambda_h, reach
    )
    return made.assign(
        minority_cosine_curve=("curve_imbalance", curve, SHARED),
        minority_cosine_encoded=("curve_imbalance", encoded, SHARED),
    ).assign_coords(curve_imbalance=R)


@lru_cache(maxsize=16)
def _curve(
    loss_kind: str, bias: bool, K: int, lambda_w: float, lambda_h: float, reach: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Imbalances, the cosine between small classes at each, and its limit c → 0."""
    R0 = minority_threshold(K, math.sqrt(lambda_w * lambda_h))
    R = np.geomspace(1, reach, CURVE_POINTS)
    R = np.sort(np.append(R, [at for at in (0.98 * R0, R0) if 1 < at < reach]))
    setting = Setting(loss_kind, bias, False, np.ones(K), lambda_w, lambda_h)
    small = np.arange(K) >= K // 2
    encoded = [
        optimum.pair_mean(optimum.simplex_encoded_labels(np.where(small, 1.0, ratio)), small)
        for ratio in R
    ]
    return R, optimum.minority_cosines(setting, R), np.array(encoded)
