"""What the lines want, what is read of a run, and what is claimed.

Nothing is claimed where a line is flat: whoever knows nothing says the same. The first layer of the
way down and the last one, from which the gradient comes, are prepared and not compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import largest_gap
from sims.core.controls import Control
from sims.core.experiment import Assumption, Baseline, Claim, Task
from sims.core.sentences import said

if TYPE_CHECKING:
    from sims.signal_propagation.order_chaos.params import Params

WIDEST = {"length": 2.0, "difference": 0.3, "stretch": 2.0, "gradient": 2.0}
"""Band up to which a net counts as wide; beyond it, that is the tolerance."""

# Measured


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """What was read in each layer, NaN where no signal came: down, and of the gradient back."""
    del task, prediction
    L = params.depth
    found = {}
    for name in WIDEST:
        rows = np.asarray(run[f"{name}_here"].values, float)
        layers = np.full((L + 1, *rows.shape[1:]), np.nan)
        way = rows[L:][::-1] if name == "gradient" else rows[: L + 1]
        layers[L + 1 - len(way) if name == "gradient" else 0 :][: len(way)] = way
        found[name] = (("layer", "distance")[: layers.ndim], layers)
    found["neighbours"] = ((), found["difference"][1][-1, 0])
    found["gradient_first"] = ((), found["gradient"][1][0])
    return xr.Dataset(found)


# Assumptions


def allowed(name: str) -> Callable[[Params, xr.Dataset], np.ndarray]:
    """What distances from a line are counted in: its band, as far as that tells anything."""

    def units(params: Params, prediction: xr.Dataset) -> np.ndarray:
        del params
        return np.minimum(prediction[f"{name}_band"].values, WIDEST[name])

    return units


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """Sums of many fresh weights, and for each claim a band that is narrow enough."""
    del task
    dense, fresh = params.weights != "sparse", params.weights != "tied"
    many = "two inputs: the sum is not Gaussian" if not dense else f"{params.width} inputs"
    found = [
        Assumption("dense_weights", "dense weights", f"Each neuron sums {many}.", dense),
        Assumption(
            "fresh_weights",
            "fresh weights",
            "Every layer has weights of its own."
            if fresh
            else "Every layer has the same weights; the theory draws new ones.",
            fresh,
        ),
    ]
    return found + [
        _wide_enough(name, params, float(prediction[f"{name}_band"].max()))
        for name in WIDEST
        if f"{name}_band" in prediction
    ]


def _wide_enough(name: str, params: Params, band: float) -> Assumption:
    words = (
        f"At width {params.width} and depth {params.depth} the band of the {name} is {said(band)} "
        f"wide (limit {said(WIDEST[name])})."
    )
    held = band <= WIDEST[name]
    return Assumption(f"wide_for_{name}", f"wide enough, {name}", words, held, band)


# Claims


def compared_layers(name: str) -> Callable[[Params, xr.Dataset, xr.Dataset], np.ndarray]:
    """All layers but the one that is prepared, (layer,)."""

    def chosen(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
        del run
        prepared = params.depth if name == "gradient" else 0
        return prediction["layer"].values != prepared

    return chosen


def nearest(name: str, *guesses: Callable[[Params, xr.Dataset], np.ndarray]):
    """Of some guesses without theory the one that is nearest to the line, by the claim's units."""

    def value(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
        del task
        line = prediction[name].values
        units = np.minimum(prediction[f"{name}_band"].values, WIDEST[name])
        rows = compared_layers(name)(params, prediction, prediction)
        made = [np.broadcast_to(guess(params, prediction), line.shape) for guess in guesses]
        far = [float(np.max((np.abs(line - one) / units)[rows])) for one in made]
        return made[int(np.argmin(far))]

    return value


def unchanged(name: str) -> Callable[[Params, xr.Dataset], np.ndarray]:
    """As in the layer that is prepared."""

    def guess(params: Params, prediction: xr.Dataset) -> np.ndarray:
        return np.asarray(prediction[name].values[params.depth if name == "gradient" else 0])

    return guess


def linear(name: str) -> Callable[[Params, xr.Dataset], np.ndarray]:
    """As without a nonlinearity: a factor σ_w² a layer."""

    def guess(params: Params, prediction: xr.Dataset) -> np.ndarray:
        layers = prediction["layer"].values
        passed = params.depth - layers if name == "gradient" else layers
        return passed * 2 * np.log(float(params.sigma_w))

    return guess


def a_point(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """All inputs the same."""
    del params
    return np.zeros(prediction.sizes["distance"])


GUESSES = {
    "length": ("nothing changes from layer to layer", (unchanged("length"),)),
    "difference": (
        "nothing changes, or all become one point", (unchanged("difference"), a_point)
    ),
    "stretch": ("nothing changes, or a linear net", (unchanged("stretch"), linear("stretch"))),
    "gradient": ("nothing changes, or a linear net", (unchanged("gradient"), linear("gradient"))),
}  # fmt: skip


def _claim(name: str) -> Claim:
    words, guesses = GUESSES[name]
    where = "{distance} degrees, layer {layer}" if name == "difference" else "layer {layer}"
    return Claim(
        name,
        largest_gap(name, divided_by=allowed(name), within=compared_layers(name), at=where),
        1.0,
        relies_on=("dense_weights", "fresh_weights", f"wide_for_{name}"),
        unit="of the tolerance",
        on_divergence="not judged",
        baseline=Baseline(words, nearest(name, *guesses)),
    )


CLAIMS = tuple(_claim(name) for name in WIDEST)

CONTROLS = (
    Control(
        "two inputs a neuron", {"weights": "sparse"}, claims=("difference", "stretch", "gradient")
    ),
    Control(
        "with another nonlinearity", {"activation": "erf"}, claims=("length", "stretch", "gradient")
    ),
)
