"""What is known of a point of the diagram before its run, and where the contour must pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.compare import falls_through
from sims.core import tangent_kernel as ntk
from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.lazy_rich import teacher
from sims.lazy_rich.two_layer_network.theory import regime

if TYPE_CHECKING:
    from sims.lazy_rich.phase_diagram.params import Params


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """Feature change and test loss at the end, and the boundary and smooth law of this width."""
    model = teacher.linear_model(task, params.activation)
    alpha, c, last = float(params.alpha), float(params.c), schedule.steps
    eta = model.calm_rate(c, alpha, last)
    gap = model.function(task["X_test"], eta, np.array([last]))[0] - task["y_test"]
    *_, curve = model.feature_change_curve(c, last)
    data: dict[str, Any] = {
        "feature_change_final": ((), model.feature_change(alpha, eta, last)),
        "test_loss_final": ((), float(gap @ gap) / (2 * len(gap))),
        "boundary_alpha": ((), falls_through(ntk.ALPHAS, curve, float(params.threshold))),
        "smooth_alpha": ((), model.smooth_alpha(c, last)),
        "learning_rate": ((), float(task["eta"])),
        "output_initial": ((), model.output_initial),
    }
    if params.activation == "relu":
        data["kinks_crossed"] = ((), model.kinks_crossed(alpha, eta, last))
    attrs = {
        "regime": regime(float(data["feature_change_final"][1])),
        "alpha": alpha,
        "width": params.width,
        "threshold": float(params.threshold),
        "activation": params.activation,
    }
    return xr.Dataset(data, attrs=attrs)
