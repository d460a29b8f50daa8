"""The picture of the diagonal network: which of all solutions the initial scale selects."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from sims.core.format import decimals, significant
from sims.lazy_rich.pictures import LOG_STEPS
from sims.view import (
    Arrays,
    Bespoke,
    Curves,
    Derived,
    Difference,
    Guess,
    Known,
    Law,
    Level,
    Map,
    Picture,
    Tile,
    View,
)  # fmt: skip

MOST_WAYS = 12
ERROR, NORM = "|w-w^*|^2", "|w|_1"


def _ends(prediction: xr.Dataset) -> np.ndarray:
    """Predicted ends of the weights, (seed or 1, weight)."""
    return np.atleast_2d(prediction["weights_final"].values)


def drawn_weights(prediction: xr.Dataset) -> np.ndarray:
    """Indices of the weights whose way is drawn, largest predicted end first."""
    return np.argsort(-np.abs(_ends(prediction)[0]), kind="stable")[:MOST_WAYS]


def weights_shown(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The weights whose way is drawn."""
    return run["weights"][..., drawn_weights(prediction)]


def ends_shown(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Their predicted ends, in every row."""
    ends = _ends(prediction)[: len(run["weights"]), None, drawn_weights(prediction)]
    return np.broadcast_to(ends, (*run["weights"].shape[:2], ends.shape[-1]))


def weight_gap(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """|w - w_pred|/|w_pred|, (seed, record)."""
    ends = _ends(prediction)[: len(run["weights"]), None]
    return np.linalg.norm(run["weights"] - ends, axis=-1) / np.linalg.norm(ends, axis=-1)


def start(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The initial scale, in every row."""
    return np.full(run["train_loss"].shape, float(prediction.attrs["alpha_0"]))


def root_gap(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """√E_run - √E at each point of a sweep, in units of |w*| = 1; (seed, point)."""
    theory = prediction["test_error_final"]
    values = theory.transpose("seed", ...).values if "seed" in theory.dims else theory.values
    found = run["test_error_final"]
    return np.sqrt(found) - np.sqrt(np.atleast_2d(values)[:, : found.shape[1]])


DERIVED: dict[str, Derived] = {
    "weight_gap": weight_gap,
    "weights_shown": weights_shown,
    "ends_shown": ends_shown,
    "product_least": lambda run, _: run["products"].min(axis=-1),
    "product_most": lambda run, _: run["products"].max(axis=-1),
    "start": start,
    "test_error_gap": root_gap,
}


def nothing_learned(known: Known) -> float:
    """The test error of w = 0."""
    return float(np.sum(known["weights_true"] ** 2))


def highest(known: Known) -> float:
    """The largest test error that is sure to be drawn."""
    return max(nothing_learned(known), float(np.max(known["test_error_final"])))


def shortest(known: Known) -> float:
    """The mean error of the shortest solution, 1 - n/d, without noise."""
    return 1 - known["n"] / len(known["weights_final"])


def everywhere(name: str, title: str, symbol: str, **how: Any) -> Law:
    """The end at every initial scale, and this run's way there."""
    return Law(f"{name}_curve", over="scale", id=f"{name}_curve", title=title, symbol=symbol,
               x=r"initial scale $\alpha_0$", x_log=True, name="at the end", run=name, at="start",
               here="alpha_0", trail=True, ring=f"{name}_final", linear=True, **how)  # fmt: skip


def tiny_and_large(known: Known) -> str:
    """Test errors at both ends of the initial scale."""
    tiny, large = (significant(known["test_error_curve"][i], 2) for i in (-1, 0))
    return rf"{tiny} for tiny $\alpha_0$, {large} for large"


def lasts(known: Known) -> str:
    """The run's length in units of the time that is needed."""
    steps = known["rate"] * known["step"][-1] / known["time_needed"]
    return f"the run lasts {significant(steps, 3)} of these"


def whole_curve(name: str) -> Any:
    """The curve between the points of a sweep over the initial scale, which any point knows."""

    def curve(known: Known) -> tuple[np.ndarray, np.ndarray]:
        at, scale = known["alpha_0"], known["scale"]
        kept = (scale >= at.min()) & (scale <= at.max())
        return scale[kept], known[f"{name}_curve"][0][kept]

    return curve


def scales(over: str) -> Sequence[Picture]:
    """Test error and l1 norm at the end against a knob, from sparse to short solutions."""
    panels: list[Picture] = []
    for name, title, letters in (
        ("test_error", "Test error at the end", ERROR),
        ("l1_norm", "l1 norm at the end", NORM),
    ):
        end, roots = f"{name}_final", name == "test_error"
        whole = whole_curve(name) if over == "alpha_0" else ""
        panels += [
            Law(end, title=title, symbol=letters, linear=True, joined=not whole, over=whole),
            Difference(end, by="test_error_gap" if roots else (), usual=0.015, wide=1.6,
                       title="Run minus theory, in roots" if roots else "",
                       symbol=r"√E^\mathrm{run}-√E" if roots else None, id=f"{name}_gap"),
        ]  # fmt: skip
    return panels


VIEW = View(
    Curves("test_error", theory="test_error_final", shows=(0.0,),
           linear=lambda k: [-0.04 * highest(k), 1.15 * highest(k)],
           log=lambda k: [math.log10(0.1 * max(k["test_error_final"], 1e-12)),
                          math.log10(2 * highest(k))],
           levels=(Level(nothing_learned),), note="dotted: nothing learned"),
    (
        Bespoke("end_points", id="weights", title="Weights against their predicted ends",
                symbol="w_i", note="from 0 to their ends; the 12 largest are drawn; "
                "crosses: the true weights that are not zero"),
        Difference("weights_final", by="weight_gap", distance=True, usual=0.015,
                   log=(-4.6, 0.4), title="Distance to the predicted end",
                   symbol=r"|w-w_\mathrm{end}|/|w_\mathrm{end}|"),
        everywhere("test_error", "Test error at the end, whatever the start", ERROR,
                   levels=(Level(shortest),), y=f"test error ${ERROR}$",
                   note="dotted: 1 − n/d; the line is the run's way down"),
        Curves("train_loss", symbol="L", log=(-14.0, 0.7),
               empty="ends at zero at every scale; appears with the run"),
        Curves("l1_norm", theory="l1_norm_final", title="Sum of the sizes of the weights",
               shows=(lambda k: 1.1 * np.abs(k["weights_true"]).sum(), 0.0)),
        everywhere("l1_norm", "l1 norm at the end, whatever the start", NORM,
                   y=f"l1 norm ${NORM}$"),
        Curves(("product_least", "product_most"), id="products", theory=lambda _: 1.0,
               names=("smallest", "largest"), title="What a finite step wears away",
               symbol=r"u_iv_i/\alpha_0^2", y=r"$u_iv_i/\alpha_0^2$", linear=(-0.05, 1.12),
               bands=False,
               note="gradient flow conserves it; blue: the smallest of all, orange: the largest"),
        Map(theory="test_error_map", id="test_error_map", symbol=ERROR, written=2,
            title="Test error, predicted everywhere", rows="samples",
            columns=lambda k: np.log10(k["map_scale"]), x=r"initial scale $\alpha_0$",
            ticks=lambda _: {-3: "0.001", -2: "0.01", -1: "0.1", 0: "1"},
            y="train points $n$", hover="n = %{y}: %{z:.3f}", when="test_error_map",
            note="theory alone, mean of five data sets; dark is small"),
    ),
    (
        Tile("test_error_final", "test error at the end", tiny_and_large, symbol=ERROR, places=4),
        Tile("l1_norm_final", "l1 norm at the end",
             lambda k: f"$|w|_2$ = {decimals(k['l2_norm_final'])}", symbol=NORM),
        Tile("time_needed", "least time to the end", lasts, symbol="T_0", unit="time", digits=3),
    ),
    clock=LOG_STEPS,
    legend={"theory": "theory, the end of gradient flow"},
    derived=DERIVED,
    sweep=scales,
    guess=Guess.level("test_error_final", "Where does the test error end?"),
)  # fmt: skip
