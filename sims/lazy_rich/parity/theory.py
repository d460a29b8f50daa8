"""What a kernel makes of a parity: lazy curves, and how many points it would need.

All of it from the initial weights and the data; see `sims.core.tangent_kernel`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.core import tangent_kernel as ntk
from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.lazy_rich import teacher
from sims.lazy_rich.two_layer_network.theory import regime

if TYPE_CHECKING:
    from sims.lazy_rich.parity.params import Params

ACTIVATION = "relu"
SAMPLES = (32, 64, 128, 256, 400)
"""Numbers of train points at which the kernel is asked how well it would do."""


def drawn(data_seed: int, n: int, n_test: int, d: int, relevant: int) -> teacher.Data:
    """Uniform points of {-1, 1}^d, train points first; y is the product of the first bits."""
    rng = np.random.default_rng(data_seed)
    Z = rng.choice([-1.0, 1.0], (n + n_test, d))
    y = np.prod(Z[:, :relevant], axis=1)
    return teacher.Data(Z[:n], y[:n], Z[n:], y[n:], np.eye(d)[:relevant])


def axis_shares(W: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Share of Σ|a_i||w_i| on each axis, (d,): weight i counts by w_ij²/|w_i|²."""
    length = np.linalg.norm(W, axis=1)
    return np.abs(a) / length @ W**2 / (np.abs(a) @ length)


@lru_cache(maxsize=128)
def kernel_loss(
    data_seed: int, seed: bytes, shape: tuple[int, int], n: int, n_test: int, relevant: int
) -> float:
    """Test loss |K'K⁺y - y'|²/2n' of the kernel at birth, trained to the end on n points.

    `seed` are the initial weights W, then a, as bytes; `shape` is that of W.
    """
    weights = np.frombuffer(seed)
    W, a = weights[: -shape[0]].reshape(shape), weights[-shape[0] :]
    found = drawn(data_seed, n, n_test, shape[1], relevant)
    model = ntk.Lazy(W, a, found.X, found.y, ACTIVATION)
    lam = model.eigenvalues
    null = lam <= ntk.GUARD * lam[0]
    fitted = model.modes @ np.where(null, 0.0, model.c / np.where(null, 1.0, lam))
    test = ntk.tangent_kernel(W, a, found.X_test, found.X, ACTIVATION) @ fitted
    return float(np.sum((test - found.y_test) ** 2)) / (2 * n_test)


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset]:
    """Lazy curves at the run's own finite step; then the kernel's loss for other n.

    Beyond the edge the linear model has no end: what is said of the weights is then that of
    c = 1/2.
    """
    model = teacher.linear_model(task, ACTIVATION)
    alpha, c, eta = float(params.alpha), float(params.c), float(task["eta"])
    k, last, relevant = schedule.record_steps, schedule.steps, int(params.relevant)
    calm = model.calm_rate(c, alpha, last)
    test = model.function(task["X_test"], eta, k)
    losses = np.sum((test - task["y_test"]) ** 2, axis=1) / (2 * test.shape[1])
    shares = np.stack([axis_shares(*model.moved(alpha, calm, t)) for t in k.tolist()])
    data: dict[str, Any] = {
        "train_loss": ("record", model.train_loss(eta, k)),
        "test_loss": ("record", np.where(np.isnan(losses), np.inf, losses)),
        "relevant_share": ("record", np.sum(shares[:, :relevant], axis=1)),
        "axis_shares": (("snapshot", "axis"), shares[schedule.snapshot_records]),
        "feature_change_final": ((), model.feature_change(alpha, calm, last)),
        "kinks_crossed": ((), float(model.kinks_crossed(alpha, calm, last))),
        "learning_rate": ((), eta),
    }
    data["test_loss_final"] = ((), float(data["test_loss"][1][-1]))
    data["relevant_share_final"] = ((), float(data["relevant_share"][1][-1]))
    coords = {"axis": np.arange(1, params.d + 1), "samples": np.array(SAMPLES)}
    attrs = {
        "regime": regime(float(data["feature_change_final"][1])),
        "alpha": alpha,
        "relevant": relevant,
        "chance": relevant / params.d,
    }
    weights = np.concatenate([model.W.ravel(), model.a]).tobytes()
    kernel = np.full(len(SAMPLES), np.nan)
    for i, n in enumerate(SAMPLES):
        data["test_loss_kernel"] = ("samples", kernel.copy())
        progress = {"progress": (1 + i) / (1 + len(SAMPLES))}
        yield xr.Dataset(data, coords=coords, attrs={**attrs, **progress})
        kernel[i] = kernel_loss(
            int(params.data_seed), weights, model.W.shape, n, params.n_test, relevant
        )
    data["test_loss_kernel"] = ("samples", kernel)
    yield xr.Dataset(data, coords=coords, attrs=attrs)
