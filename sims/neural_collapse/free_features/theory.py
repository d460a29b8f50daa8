"""All that is known of free features before the first step: where they end, and how they get there.

The end: `sims.neural_collapse.optimum`; the way: `sims.neural_collapse.dynamics`. Nothing here
calls the training or sees its records.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.neural_collapse import dynamics, ends, optimum, picture
from sims.neural_collapse.classes import class_sizes
from sims.neural_collapse.free_features import rates

if TYPE_CHECKING:
    from sims.neural_collapse.free_features.params import Params

LATE = 2.0
"""NC1 of squared loss is predicted from t = 2K on."""


def equal_decays(params: Params) -> bool:
    """λ_W = λ_H, under which the way is known."""
    return float(params.lambda_w) == float(filled(params.lambda_h))


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
    made = xr.Dataset(variables, attrs=_attributes(params, task, schedule))
    made = made.assign_coords(label=("sample", task["labels"]))
    if "mode" in made.dims:
        made = made.assign_coords(mode=np.arange(1, made.sizes["mode"] + 1))
    if "minority_threshold" not in made:
        yield made
        return
    yield made.assign_attrs(progress=0.2)
    yield ends.with_curve(made, rates.setting(params), float(params.imbalance))


def _attributes(params: Params, task: Task, schedule: Schedule) -> dict[str, Any]:
    """Numbers a figure needs beside the prediction."""
    found = rates.of(params)
    start = np.concatenate([task["H"], task["W"]]) @ task["axes"]
    return ends.attributes(rates.setting(params)) | {
        "survives": int(found.survives),
        "width": params.width,
        "reachable": int(params.width >= room(params)),
        "oriented": int(task["oriented"]),
        "start_size": float(np.max(np.linalg.norm(start, axis=1))),
        "imbalance": float(params.imbalance),
        "init_scale": float(params.init_scale),
        "horizon": float(schedule.record_times[-1]),
    }


def room(params: Params) -> int:
    """Dimensions the predicted arrangement needs."""
    return ends.room(rates.setting(params))


def _end(params: Params, task: Task) -> dict[str, Any]:
    """The optimum; absent without decay where cross-entropy has none."""
    found = rates.of(params).optimum
    made = ends.end_of(found) if found is not None else {}
    if oriented(params):
        made["final_simplex"] = (("class", "axis"), task["target"] @ task["axes"])
    elif found is not None and np.isfinite(found.features).all():
        made["final_simplex"] = (("class", "axis"), task["ideal"], ends.SHARED)
    return made | ends.small_classes(rates.setting(params), found)


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
