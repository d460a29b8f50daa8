"""The picture of one neuron: the function learned, both weights, the way in the plane."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sims.core.format import significant
from sims.view import (
    FLOW_TIME,
    Arrays,
    Curves,
    Difference,
    Given,
    Guess,
    Known,
    Moment,
    Path,
    Tile,
    View,
)  # fmt: skip


def angle(w: np.ndarray) -> np.ndarray:
    """Angle between w (..., 2) and the target, which lies along the first axis, in degrees."""
    return np.degrees(np.abs(np.arctan2(w[..., 1], w[..., 0])))


def drift(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Drift of the conserved quantity, over the fastest rate."""
    fastest = np.reshape(prediction["rate_max"].values, (-1, 1))[: len(run["conserved"])]
    return (run["conserved"] - run["conserved"][:, :1]) / fastest


def beta_gap(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Distance of β to the closed form, over its largest size, at least 1."""
    theory = prediction["beta"].values
    theory = theory if theory.ndim == 3 else theory[None]
    size = np.linalg.norm(theory, axis=-1).max(axis=1).clip(1.0)[: len(run["beta"]), None]
    theory = theory[: len(run["beta"]), : run["beta"].shape[1]]
    gap = np.linalg.norm(run["beta"] - theory, axis=-1) / size
    gap[:, 0] = np.nan  # both begin at the same weights
    return gap


def half_time(known: Known) -> float:
    """When half of the loss is gone, NaN if never."""
    under = np.flatnonzero(known["loss"] <= known["loss"][0] / 2)
    return float(known["time"][under[0]]) if under.size else float("nan")


def kind_of_start(known: Known) -> str:
    """Which weight leads, by the imbalance."""
    if abs(known["balance"]) <= 0.1:
        return "balanced: rich"
    return "upstream: lazy" if known["balance"] > 0 else "downstream: lazy, then rich"


def ends_of_w(known: Known) -> str:
    """Length of the inner weights at the start and at the end."""
    first, last = np.linalg.norm(known["w"][[0, -1]], axis=1)
    return f"$|w|$ goes from {significant(first, 3)} to {significant(last, 3)}"


def last_loss(known: Known) -> str:
    """What is left of the loss."""
    return f"loss {significant(known['loss'][-1], 2)}"


def first_a(known: Known) -> str:
    """Where the outer weight starts."""
    return f"from {significant(known['a'][0], 3)}"


VIEW = View(
    Curves("beta", names=(r"$\beta_1$", r"$\beta_2$"), label="end", levels=(1, 0)),
    (
        Curves("a", shows=(0,), note=ends_of_w),
        Curves("loss", linear=True, log=True, floor=1e-8),
        Path(("beta", "w"), id="plane", title="The way in the plane of inputs", symbol=r"w, \beta",
             names=(r"$\beta$", "$w$"), x="along the target", y="across", note="cross: the target",
             given=(Given(1, 0, mark="cross"),)),
        Difference("conserved", by="drift", id="conserved", title="What gradient flow conserves",
                   symbol=r"\delta = \eta_w a^2-\eta_a|w|^2", usual=2e-3,
                   note=r"$\delta-\delta_0$ over the fastest rate; a finite step makes it drift"),
        Curves("angle", theory=lambda k: angle(k["w"]), symbol=r"\theta", y="angle in degrees",
               title="Angle between inner weights and target", linear=(-6, 188)),
        Difference("beta", by="beta_gap", distance=True, usual=2e-3,
                   symbol=r"|\beta-\beta_\mathrm{exact}|"),
    ),
    (
        Tile("conserved[0]", "imbalance, conserved", kind_of_start, symbol=r"\delta", digits=3,
             measured="", claim=""),
        Tile(half_time, "half the loss is gone", symbol="t_½", unit="time", digits=3),
        Tile("beta[-1][0]", "learned by the end", last_loss, symbol=r"\beta_1", places=4),
        Tile("a[-1]", "outer weight at the end", first_a, places=4),
    ),
    (Moment(half_time, "t_½"),),
    clock=FLOW_TIME,
    legend={"theory": "theory, exact gradient flow"},
    derived={"angle": lambda run, _: angle(run["w"]), "drift": drift, "beta_gap": beta_gap},
    guess=Guess.curve("a", "How will the outer weight go?", panel="a"),
)  # fmt: skip
