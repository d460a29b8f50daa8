"""What is known of a real network before its first step: the optimum of its objective.

An over-parameterised network can place its training features anywhere, so that with decay on
features and classifier alone it reaches the optimum of free features. Nothing here calls the
training or sees its records.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np
import xarray as xr

from sims.core.cache import latest_kept
from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.neural_collapse import ends, guesses, optimum
from sims.neural_collapse.classes import class_sizes
from sims.neural_collapse.optimum import Setting
from sims.neural_collapse.real_network.scales import inputs

if TYPE_CHECKING:
    from sims.neural_collapse.real_network.params import Params


ANGLES = ("classifier_norms", "classifier_cosines_final", "modes")
"""What of the optimum is compared with a run in which every weight decays."""


def setting(params: Params) -> Setting:
    """What the optimum of these knobs depends on.

    With non-negative features where there is no closed form (all weights decay) as if they were
    free; nothing is then judged.
    """
    return Setting(
        params.loss_kind,
        bool(params.bias),
        bool(params.nonnegative) and closed(params),
        class_sizes(filled(params.classes), int(filled(params.per_class)), float(params.imbalance)),
        float(params.lambda_w),
        float(filled(params.lambda_h)),
    )


def closed(params: Params) -> bool:
    """Whether the optimum is known: non-negative features want cross-entropy, bias, balance."""
    plain = params.loss_kind == "ce" and bool(params.bias) and float(params.imbalance) == 1
    return not params.nonnegative or plain


def optimum_of(params: Params) -> optimum.Optimum | None:
    """The optimum of these knobs; None where cross-entropy without decay has no finite one."""
    return ends.kept_optimum(setting(params))


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset]:
    """The optimum at the actual class sizes, and how it depends on their imbalance."""
    s, found = setting(params), optimum_of(params)
    shared = {"shared": 1}
    made: dict[str, Any] = {}
    levels_known = params.decay == "features"
    if levels_known and found is not None and np.isfinite(found.features).all():
        made["final_simplex"] = (("class", "axis"), task["ideal"], shared)
    if found is not None:
        made |= ends.end_of(found)
        made["objective_final"] = ((), found.loss, shared)
        if not levels_known:
            made = {name: made[name] for name in ANGLES}
        if np.isfinite(found.classifier).all():
            levels = np.linalg.eigvalsh(found.classifier)[::-1]
            made["classifier_eigenvalues_final"] = ("class", np.maximum(levels, 0.0), shared)
    made |= ends.small_classes(s, found)
    attrs = ends.attributes(s) | {
        "survives": int(found is None or found.survives),
        "width": filled(params.width),
        "reachable": int(filled(params.width) >= ends.room(s)),
        "oriented": 0,
        "start_size": start_size(params, task),
        "imbalance": float(params.imbalance),
        "decay": params.decay,
        "depth": filled(params.depth),
        "architecture": params.architecture,
        "horizon": float(schedule.record_times[-1]),
        "chance": 1 / s.classes,
    }
    first = xr.Dataset(made, attrs=attrs).assign_coords(label=("sample", task["labels"]))
    if "minority_threshold" not in first:
        yield first
        return
    yield first.assign_attrs(progress=0.2)
    yield ends.with_curve(first, s, float(params.imbalance))


@latest_kept
def start(params: Params, task: Task) -> guesses.Start:
    """Features, classifier and bias of the network that is drawn."""
    if params.architecture != "mlp":
        from sims.neural_collapse.real_network.network import network, variables

        weights = variables(params, task)
        layers, _ = network(params).apply({"params": weights}, jnp.asarray(task["X"]))
        W = np.asarray(weights["classifier"]["kernel"]).T
        b = weights["classifier"].get("bias", np.zeros(len(W)))
        return guesses.Start(np.asarray(layers[-1]), W, b)
    H, last = task["X"], filled(params.depth) + 2
    for i in range(1, last):
        H = H @ task[f"W{i}"] + task[f"b{i}"]
        H = np.maximum(H, 0.0) if i <= filled(params.depth) or params.nonnegative else H
    W = task[f"W{last}"].T
    return guesses.Start(H, W, task.get(f"b{last}", np.zeros(len(W))))


def start_size(params: Params, task: Task) -> float:
    """How far from their middle the features of the start lie in the picture, nine in ten."""
    H = start(params, task).H
    onehot = np.eye(filled(params.classes))[task["labels"]]
    M = onehot.T @ H / onehot.sum(axis=0)[:, None]
    M = M - np.mean(M, axis=0)[None, :]
    U, _, Vt = np.linalg.svd(M.T @ task["ideal"], full_matrices=False)
    seen = (H - np.mean(H, axis=0)[None, :]) @ (U @ Vt)[:, :3]
    return float(np.quantile(np.linalg.norm(seen, axis=1), 0.9))


def epochs(params: Params) -> float:
    """Passes over the training set: steps · batch/N."""
    N = int(setting(params).sizes.sum())
    return float(filled(params.steps)) * min(params.batch_size, N) / N


def weights_below(params: Params) -> int:
    """Weights below the classifier.

    Dense layers: inputs·hidden + (depth - 1) hidden² + hidden·width, without biases.
    """
    if params.architecture != "mlp":
        from sims.neural_collapse.real_network.network import weights_below

        return weights_below(params)
    h, depth = filled(params.hidden), filled(params.depth)
    return inputs(params.data, params.dim) * h + (depth - 1) * h**2 + h * filled(params.width)


def given_up(params: Params) -> float:
    """K c/√(n_min/n̄): how close the smallest class is to being given up."""
    s = setting(params)
    return s.classes * s.c / math.sqrt(float(s.sizes.min()) / float(s.sizes.mean()))
