"""What the pictures of the two-layer network show of its neurons and of its kernel."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sims.view import Arrays, Derived, Known

SAMPLES = ("sample_angle", "sample_target")


def _first(prediction: xr.Dataset, name: str) -> np.ndarray:
    """A predicted variable of the first seed."""
    found = prediction[name]
    return (found.isel(seed=0) if "seed" in found.dims else found).values


def order(known: Known) -> np.ndarray:
    """Samples by their angle where they lie on a circle, else by their target."""
    return np.argsort(next(known[name] for name in SAMPLES if name in known))


def scaled(kernel: np.ndarray) -> np.ndarray:
    """Matrices (..., n, n) over their largest entry."""
    top = np.abs(kernel).max(axis=(-2, -1), keepdims=True)
    return np.divide(kernel, top, out=np.zeros_like(kernel, float), where=top > 0)


def kernel_shown(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The run's kernel with its samples in order, largest entry 1."""
    at = order({n: _first(prediction, n) for n in SAMPLES if n in prediction})
    kernel = np.nan_to_num(np.asarray(run["kernel"], float))
    return scaled(kernel[..., at, :][..., at])


def _neuron(coordinate: int, sign: int) -> Derived:
    """One coordinate of the neurons with outer weights of one sign, NaN for the others."""

    def place(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
        at = run["neurons"]
        return np.where(sign * at[..., 2] > 0, at[..., coordinate], np.nan)

    return place


def _path(coordinate: int) -> Derived:
    """Lines from where each neuron was born to where it is, broken between neurons."""

    def path(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
        at = run["neurons"][..., coordinate]
        born = np.broadcast_to(at[:, :1], at.shape)
        return np.stack([born, at, np.full(at.shape, np.nan)], axis=-1).reshape(*at.shape[:2], -1)

    return path


DERIVED: dict[str, Derived] = {
    "kernel_shown": kernel_shown,
    "up_1": _neuron(0, 1),
    "up_2": _neuron(1, 1),
    "down_1": _neuron(0, -1),
    "down_2": _neuron(1, -1),
    "path_1": _path(0),
    "path_2": _path(1),
}
