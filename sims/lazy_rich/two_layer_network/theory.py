"""What the lazy theory says of a run: its curves, how far it moves, and where it must fail.

All of it from the initial weights and the data; see `sims.core.tangent_kernel`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.linalg import norm

from sims.compare import falls_through
from sims.core import own_data
from sims.core import tangent_kernel as ntk
from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.lazy_rich import teacher
from sims.lazy_rich.two_layer_network.params import inputs, on_circle

if TYPE_CHECKING:
    from sims.lazy_rich.two_layer_network.params import Params

SHOWN_MODES = 5
TENFOLD = 10.0
"""Growth of the loss over which the slope of a catapult is read."""


def regime(change: float) -> str:
    """The word beside the verdicts, by R_pred."""
    return "lazy" if change < 0.1 else "crossover" if change <= 1 else "rich"


def climb(loss: np.ndarray) -> tuple[int, int] | None:
    """Records between which the slope is read: the last has ten times the first loss.

    The first is where the loss is smallest up to there; None if it never grows tenfold.
    """
    grown = np.flatnonzero(loss >= TENFOLD * loss[0])
    if not len(grown):
        return None
    last = int(grown[0])
    return int(np.argmin(loss[: last + 1])), last


def slope(steps: np.ndarray, loss: np.ndarray, between: tuple[int, int] | None) -> float:
    """Growth of ln L per step between two records; NaN without them."""
    if between is None or len(loss) <= between[1]:
        return math.nan
    first, last = between
    return float(np.log(loss[last] / loss[first]) / (steps[last] - steps[first]))


def weight_change_curve(model: ntk.Lazy, c: float, k: int) -> np.ndarray:
    """Predicted weight change at every α, each with its own rate, (alpha,)."""
    calm = c if c <= 1 else ntk.CALM
    star = model.smooth_alpha(calm, k)
    end = np.array([k])
    return np.array(
        [model.weight_change(x, ntk.rate(calm, model.edge, x, star), end)[0] for x in ntk.ALPHAS]
    )


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset]:
    """Lazy curves at the run's own finite step, the end point; then, growing, the boundary.

    Beyond the edge the linear model has no end: what is said of the end is then that of c = 1/2.
    """
    model = teacher.linear_model(task, params.activation)
    alpha, c, eta = float(params.alpha), float(params.c), float(task["eta"])
    k, shots, last = schedule.record_steps, schedule.snapshot_steps, schedule.steps
    calm = model.calm_rate(c, alpha, last)
    test = model.function(task["X_test"], eta, k)
    losses = np.sum((test - task["y_test"]) ** 2, axis=1) / (2 * test.shape[1])
    change = model.feature_change(alpha, calm, last)
    count = min(SHOWN_MODES, len(model.y))
    infinite = ntk.infinite_width_kernel(model.X, model.X, params.activation)
    spectrum = np.broadcast_to(model.eigenvalues, (len(shots), len(model.y)))
    data: dict[str, Any] = {
        "train_loss": ("record", model.train_loss(eta, k)),
        "test_loss": ("record", np.where(np.isnan(losses), np.inf, losses)),
        "weight_change": ("record", model.weight_change(alpha, eta, k)),
        "mode_residuals": (("snapshot", "mode"), model.residuals(eta, shots)[:, :count]),
        "test_function": (("snapshot", "input"), test[schedule.snapshot_records]),
        "kernel_eigenvalues": (("snapshot", "eigenvalue"), spectrum.copy()),
        "kernel_initial": (("sample", "sample2"), model.kernel),
        "kernel_infinite": (("sample", "sample2"), infinite),
        "kernel_spread": ((), float(norm(model.kernel - infinite) / norm(infinite))),
        "weight_change_curve": ("curve_alpha", weight_change_curve(model, c, last)),
        "smooth_alpha": ((), model.smooth_alpha(c, last)),
        "feature_change_final": ((), change),
        "weight_change_final": ((), float(model.weight_change(alpha, calm, np.array([last]))[0])),
        "learning_rate": ((), eta),
        "output_initial": ((), model.output_initial),
    }
    if own_data.is_own(params.data):
        data["half_learned"] = ((), model.half_learned(calm, last))
    if params.activation == "relu":
        data["kinks_crossed"] = ((), model.kinks_crossed(alpha, calm, last))
    if c > 1:
        loss = data["train_loss"][1]
        data["catapult_slope"] = ((), slope(k, loss, climb(loss)))
    coords: dict[str, Any] = {
        "curve_alpha": ntk.ALPHAS,
        "mode": np.arange(1, count + 1),
        "target": ("input", task["y_test"]),
        "sample_target": ("sample", task["y"]),
    }
    if on_circle(params):
        rays = task["teacher"][np.isfinite(task["teacher"][:, 0])]
        data |= _neurons(model, alpha, calm, last)
        coords |= {
            "coordinate": np.array(["w1", "w2", "a"], object),
            "input_angle": ("input", _angle(task["X_test"])),
            "sample_angle": ("sample", _angle(task["X"])),
            "teacher_angle": ("ray", _angle(rays)),
            "teacher_sign": ("ray", teacher.SIGNS[: len(rays)]),
        }
    attrs = {
        "regime": regime(change),
        "alpha": alpha,
        "gamma_0": float(filled(params.gamma_0)),
        "width": params.width,
        "activation": params.activation,
        "d": inputs(params),
        "n": len(model.y),
        "c": c,
        "threshold": float(params.threshold),
    }
    found = xr.Dataset(data, coords=coords, attrs=attrs)
    for curve in model.feature_change_curve(c, last):
        at = falls_through(ntk.ALPHAS, curve, float(params.threshold))
        grown = {"feature_change_curve": ("curve_alpha", curve), "boundary_alpha": ((), at)}
        progress = float(np.mean(np.isfinite(curve)))
        yield found.assign(grown).assign_attrs(progress=progress)


def _angle(points: np.ndarray) -> np.ndarray:
    """In [0, 2π), (point,)."""
    return np.arctan2(points[:, 1], points[:, 0]) % (2 * np.pi)


def _neurons(model: ntk.Lazy, alpha: float, eta: float, k: int) -> dict[str, Any]:
    """|a_i| w_i and a_i at the start and at θ_0 + v/α, each (N, 3)."""
    places = {"neurons_initial": (model.W, model.a), "neurons_final": model.moved(alpha, eta, k)}
    return {
        name: (("neuron", "coordinate"), np.column_stack([np.abs(a)[:, None] * W, a]))
        for name, (W, a) in places.items()
    }
