"""The assumption of the closed form, and the claims."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Assumption, Claim, Compared, Task, not_compared
from sims.core.sentences import said

if TYPE_CHECKING:
    from sims.lazy_rich.one_neuron.params import Params

SMALL_STEP = 0.03
LEAST_TOLERANCE = 0.002


def relative_step(params: Params, prediction: xr.Dataset) -> float:
    """The x = dt max(η_w a² + η_a |w|²) over the predicted curve."""
    return float(params.dt) * float(prediction["rate_max"])


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings, held or broken."""
    del task
    x = relative_step(params, prediction)
    return [
        Assumption(
            "small_step",
            "small step",
            f"The theory is gradient flow; the step is {said(x, 3)} (limit {SMALL_STEP}).",
            x <= SMALL_STEP,
            x,
        )
    ]


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Nothing: every claim is about the curves themselves."""
    del params, task, prediction, run
    return xr.Dataset()


def tolerance(params: Params, prediction: xr.Dataset) -> float:
    """X = max(0.002, x)."""
    return max(LEAST_TOLERANCE, relative_step(params, prediction))


def compare(
    name: str, scale: Callable[[xr.Dataset], float]
) -> Callable[[Params, xr.Dataset, xr.Dataset], Compared]:
    """Largest distance of the run from the prediction over the records, over `scale`."""

    def compared(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
        del params
        stopped = run.attrs.get("stopped", -1)
        if stopped >= 0:
            return not_compared(f"the run diverged at step {stopped}.")
        foreseen, seen = (d[name].values.reshape(d.sizes["record"], -1) for d in (prediction, run))
        gaps = np.linalg.norm(seen - foreseen, axis=1)
        i = int(np.argmax(gaps))
        j = int(np.argmax(np.abs(seen[i] - foreseen[i])))
        where = f"largest gap at t = {said(float(prediction['time'][i]), 3)}"
        error = float(gaps[i]) / scale(prediction)
        return Compared(float(foreseen[i, j]), float(seen[i, j]), error, where)

    return compared


def _size_of_beta(prediction: xr.Dataset) -> float:
    return max(1.0, float(np.max(np.linalg.norm(prediction["beta"].values, axis=1))))


def _size_of_a(prediction: xr.Dataset) -> float:
    return float(np.max(np.abs(prediction["a"].values)))


def _first_loss(prediction: xr.Dataset) -> float:
    return float(prediction["loss"].values[0])


def _fastest(prediction: xr.Dataset) -> float:
    return float(prediction["rate_max"])


CLAIMS = tuple(
    Claim(name, title, symbol, unit, ("small_step",), tolerance, compare(name, scale))
    for name, title, symbol, unit, scale in (
        ("beta", "function learned", r"\beta", "of the largest, at least 1", _size_of_beta),
        ("a", "outer weight", "a", "of the largest", _size_of_a),
        ("loss", "loss", "L", "of L_0", _first_loss),
        ("conserved", "conserved quantity", r"\delta", "of the fastest rate", _fastest),
    )
)
