"""All that is known of free features before the first step: where they end, and how they get there.

The end: `sims.neural_collapse.optimum`; the way: `sims.neural_collapse.dynamics`. Nothing here
calls the training or sees its records.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.neural_collapse import dynamics, optimum, picture
from sims.neural_collapse.classes import class_sizes, minority_threshold
from sims.neural_collapse.free_features import rates

if TYPE_CHECKING:
    from sims.neural_collapse.free_features.params import Params

CURVE_POINTS = 40
LARGEST_IMBALANCE = 50.0
LATE = 2.0
"""NC1 of squared loss is predicted from t = 2K on."""


def equal_decays(params: Params) -> bool:
    """λ_W = λ_H, under which the way is known."""
    return float(params.lambda_w) == float(params.lambda_h)


def sizes_of(params: Params) -> np.ndarray:
    """Samples of every class."""
    return class_sizes(params.classes, int(params.per_class), float(params.imbalance))


def oriented(params: Params) -> bool:
    """Whether the place of the final simplex follows from the start."""
    found = rates.of(params)
    known = found.survives and (params.loss_kind == "mse" or found.c > 0)
    plain = bool(params.bias) and not params.nonnegative
    return found.balanced and plain and equal_decays(params) and known


def class_means(task: Task) -> np.ndarray:
    """Class means of the features at the start, (class, d)."""
    labels = task["labels"]
    onehot = np.eye(len(task["W"]))[labels]
    return onehot.T @ task["H"] / onehot.sum(axis=0)[:, None]


def radius(params: Params) -> float:
    """The r of M_∞ = r U Vᵀ: r² = 1 - Kλ for squared loss, a* for cross-entropy."""
    K, lam = params.classes, float(params.lambda_w)
    if params.loss_kind == "mse":
        return math.sqrt(max(0.0, 1 - K * lam))
    return math.sqrt(optimum.best_margin(K, lam))


def place(params: Params, task: Task) -> Task:
    """Where the run is looked at from: predicted simplex, its directions, or an ideal to turn to.

    `target` (class, d) and `axes` (d, axis) hold where `oriented`; `ideal` (class, axis) is the
    optimum in a fixed position.
    """
    K = params.classes
    seed = dynamics.seed_of(task["W"], class_means(task))
    known = oriented(params)
    found = rates.of(params).optimum
    gram = np.eye(K)
    if found is not None and found.survives and np.isfinite(found.features).all():
        gram = found.features
    target = dynamics.final_simplex(seed, radius(params)) if known else np.zeros_like(task["W"])
    return {
        "target": target,
        "axes": picture.axes(seed.V, K),
        "ideal": picture.ideal(gram),
        "oriented": np.array(known),
    }


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset]:
    """The end and the way; for unequal classes then also how it depends on the imbalance."""
    variables = _end(params, task) | _way(params, task, schedule)
    coords = {"mode": np.arange(1, params.classes + 1 - bool(params.bias))}
    made = xr.Dataset(variables, attrs=_attributes(params, task, schedule))
    if "mode" in made.dims:
        made = made.assign_coords({"mode": coords["mode"][: made.sizes["mode"]]})
    if "minority_threshold" not in made:
        yield made
        return
    yield made.assign_attrs(progress=0.2)
    R, curve, encoded = _curve(rates.setting(params), _reach(params))
    shared = {"shared": 1}
    yield made.assign(
        minority_cosine_curve=("imbalance", curve, shared),
        minority_cosine_encoded=("imbalance", encoded, shared),
    ).assign_coords(imbalance=R)


def _attributes(params: Params, task: Task, schedule: Schedule) -> dict[str, Any]:
    """Numbers a figure needs beside the prediction."""
    found, K = rates.of(params), params.classes
    w, h = float(params.lambda_w), float(params.lambda_h)
    start = np.concatenate([task["H"], task["W"]]) @ task["axes"]
    sizes = sizes_of(params)
    zero = math.log(K) if params.loss_kind == "ce" else 0.5
    if params.loss_kind == "mse" and params.bias:
        zero = 0.5 * float(1 - np.sum((sizes / sizes.sum()) ** 2))
    return {
        "loss_kind": params.loss_kind,
        "bias": int(params.bias),
        "nonnegative": int(params.nonnegative),
        "classes": K,
        "width": params.width,
        "c": found.c,
        "survives": int(found.survives),
        "oriented": int(task["oriented"]),
        "reachable": int(params.width >= room(params)),
        "arrow_scale": math.sqrt(w / h) if w > 0 and h > 0 else 1.0,
        "start_size": float(np.max(np.linalg.norm(start, axis=1))),
        "loss_zero": zero,
        "imbalance": float(params.imbalance),
        "init_scale": float(params.init_scale),
        "horizon": float(schedule.record_times[-1]),
        "sizes": ",".join(str(n) for n in sizes),
    }


def room(params: Params) -> int:
    """Dimensions the predicted arrangement needs."""
    frame = (params.loss_kind == "mse" and not params.bias) or params.nonnegative
    return params.classes if frame else params.classes - 1


def _end(params: Params, task: Task) -> dict[str, Any]:
    """The optimum; absent without decay where cross-entropy has none."""
    s, found = rates.setting(params), rates.of(params).optimum
    shared = {"shared": 1}
    made: dict[str, Any] = {}
    if found is not None:
        made |= end_of(found)
    if oriented(params):
        made["final_simplex"] = (("class", "axis"), task["target"] @ task["axes"])
    else:
        made["final_simplex"] = (("class", "axis"), task["ideal"], shared)
    small = np.flatnonzero(task["minority"])
    if len(small) >= 2:
        made["minority_threshold"] = ((), minority_threshold(s.classes, s.c), shared)
        if found is not None:
            cosine = optimum.pair_mean(found.cosines, task["minority"] > 0)
            made["minority_cosine_final"] = ((), cosine, shared)
    return made


def end_of(found: optimum.Optimum) -> dict[str, Any]:
    """The numbers of an optimum, the same for every seed."""
    shared = {"shared": 1}
    return {
        "loss_final": ((), found.loss, shared),
        "margin_final": ((), found.margin, shared),
        "classifier_norm_final": ((), float(np.mean(found.classifier_norms)), shared),
        "feature_norm_final": ((), float(np.mean(found.feature_norms)), shared),
        "classifier_norms": ("class", found.classifier_norms, shared),
        "classifier_cosines_final": (("class", "class2"), found.cosines, shared),
        "modes": ("optimum_mode", found.modes, shared),
    }


def _way(params: Params, task: Task, schedule: Schedule) -> dict[str, Any]:
    """NC1, logits and half-times where they have a closed form; all for equal decays."""
    found, K, lam = rates.of(params), params.classes, float(params.lambda_w)
    if not equal_decays(params) or not found.survives or params.nonnegative:
        return {}
    if params.loss_kind == "mse":
        if params.bias:
            return _with_bias(params, task, schedule) if found.balanced else {}
        return _without_bias(params, task, schedule)
    if not found.balanced or K < 3 or found.c == 0:
        return {}
    r = dynamics.terminal_rate(K, lam, optimum.best_margin(K, lam))
    eta = filled(params.eta)
    slope = 2 * math.log(1 - eta * r) / eta if eta * r < 1 else math.nan
    return {"nc1_slope": ((), slope, {"shared": 1, "units": "1/time"})}


def _with_bias(params: Params, task: Task, schedule: Schedule) -> dict[str, Any]:
    K, lam, M = params.classes, float(params.lambda_w), class_means(task)
    seed = dynamics.seed_of(task["W"], M)
    t = schedule.record_times
    nc1 = dynamics.within_class_decay(task["W"], task["H"], M, task["labels"], lam, t)
    logits = dynamics.logits_with_bias(seed, lam, schedule.snapshot_times)
    made: dict[str, Any] = {
        "nc1": ("record", np.where(t > LATE * K, nc1, np.nan)),
        "logits": (("snapshot", "class", "class2"), logits),
        "jump_times": (
            "mode",
            dynamics.half_times(seed.s**2, 1 - K * lam, K),
            {"units": "time"},
        ),
    }
    omega = dynamics.signal_to_noise(task["H"], M, task["labels"])
    if omega is not None:
        made["central_path"] = (("record", "mode"), dynamics.central_path(omega, K, t))
    return made


def _without_bias(params: Params, task: Task, schedule: Schedule) -> dict[str, Any]:
    lam, sizes = float(params.lambda_w), sizes_of(params)
    A0 = dynamics.starting_strengths(task["W"], class_means(task), sizes)
    logits = dynamics.logits_without_bias(A0, sizes, lam, schedule.snapshot_times)
    times = dynamics.class_times(A0, sizes, lam)
    return {
        "logits": (("snapshot", "class", "class2"), logits),
        "jump_times": ("mode", times, {"units": "time"}),
    }


def _reach(params: Params) -> float:
    """Largest imbalance drawn: beyond both the threshold and the run's own."""
    R0 = minority_threshold(params.classes, rates.of(params).c)
    far = max(2 * R0, 1.5 * float(params.imbalance))
    return min(LARGEST_IMBALANCE, far) if math.isfinite(far) else LARGEST_IMBALANCE


def _curve(setting: optimum.Setting, reach: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return _curve_of(
        setting.loss_kind, setting.bias, setting.classes, setting.lambda_w, setting.lambda_h, reach
    )


@lru_cache(maxsize=16)
def _curve_of(
    loss_kind: str, bias: bool, K: int, lambda_w: float, lambda_h: float, reach: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Imbalances, the cosine between small classes at each, and its limit c → 0."""
    R = np.geomspace(1, reach, CURVE_POINTS)
    setting = optimum.Setting(loss_kind, bias, False, np.ones(K), lambda_w, lambda_h)
    curve = optimum.minority_cosines(setting, R)
    small = np.arange(K) >= K // 2
    encoded = [
        optimum.pair_mean(optimum.simplex_encoded_labels(np.where(small, 1.0, ratio)), small)
        for ratio in R
    ]
    return R, curve, np.array(encoded)
