"""The picture of free features: the simplex, and every number on its way to the optimum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from sims.core.format import significant
from sims.neural_collapse import shared_view as shared
from sims.view import Arrays, Curves, Guess, Known, Law, Level, Moment, Picture, Tile, View

FLOOR = 1e-22
GUIDE = 1e-4
"""NC1 below which the last slope of cross-entropy is drawn."""
MOST_TIMES = 6
LOW = 1e-13
"""NC1 below which the axis reaches down to rounding."""
HIGHEST = 11.0
"""Decades of the signal-to-noise ratio that are drawn."""
WIDEST = 16.0
LAST = {
    "imbalance": "minority_cosine",
    "init_scale": "orientation_error",
}
"""What a knob decides, for its sweep."""


# Quantities computed for the screen


def centred(Z: np.ndarray) -> np.ndarray:
    """Logits (..., class, class) without their row and column means."""
    Z = Z - Z.mean(axis=-1, keepdims=True)
    return Z - Z.mean(axis=-2, keepdims=True)


def own_logits(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The logit of each class for its own mean; centred where there is a bias."""
    Z = run["logits"]
    Z = centred(Z) if prediction.attrs.get("bias", 1) else Z
    return np.diagonal(Z, axis1=-2, axis2=-1)


def nc1_guide(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The predicted last slope through the first record with NC1 < 1e-4; NaN before it."""
    nc1, t = run["nc1"], prediction["time"].values[: run["nc1"].shape[1]]
    found = np.full_like(nc1, np.nan)
    slope = float(prediction["nc1_slope"])
    for line, seen in zip(found, nc1, strict=True):
        below = np.flatnonzero(seen < GUIDE)
        if below.size:
            i = int(below[0])
            line[i:] = seen[i] * np.exp(slope * (t[i:] - t[i]))
    return np.where(found > FLOOR, found, np.nan)


def noise_ratio(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """√((K-1)/(K NC1)): the mean signal-to-noise ratio."""
    K = float(prediction.attrs["classes"])
    return np.sqrt((K - 1) / (K * np.maximum(run["nc1"], 1e-300)))


# Panels


def is_bound(known: Known) -> bool:
    """Whether the predicted loss is a lower bound that the features cannot reach."""
    return known.get("reachable", 1) < 1


def losses(known: Known) -> list[float]:
    """Range of the loss, from its predicted end to its start."""
    heights = [known[name] for name in ("loss_zero", "loss_final") if name in known]
    top = max(heights)
    return [min(0.0, *heights) - 0.04 * top, 1.16 * top]


LOSS = Law(
    id="loss", run="loss", at="time", trail=True, title="Loss with both decays", symbol="L",
    x=r"time $t = \eta n$", x_log=True, y="loss $L$", linear=losses,
    x_span=lambda k: [float(np.log10(k["time"][1])), float(np.log10(k["time"][-1]))],
    levels=(
        Level("loss_zero", lambda k: "log $K$" if k["loss_kind"] == "ce" else "start"),
        Level("loss_final", lambda k: "lower bound" if is_bound(k) else "$L$*"),
    ),
    alt=lambda k: f"Loss against time; it starts near {significant(k['loss_zero'], 4)} and is "
    f"predicted to end at {significant(k.get('loss_final', np.nan), 6)}.",
)  # fmt: skip


def nc1(known: Known) -> Curves:
    """Spread within classes, on its curve or on its last slope."""
    is_curve, note, empty = "nc1" in known, "", shared.SHOWS_LATER
    has_slope = not is_curve and "nc1_slope" in known
    if is_curve:
        note, empty = "two exponentials, without a fit, from $t = 2K$ on", ""
    elif has_slope:
        slope = significant(known["nc1_slope"], 4)
        note = f"dash-dotted: slope only, {slope} per time, from where NC1 falls below 10⁻⁴"
        empty = f"the last slope, {slope} per time, is drawn where NC1 falls below 10⁻⁴"
    is_deep = is_curve and float(np.nanmin(known["nc1"])) < LOW
    return Curves(
        "nc1", second="nc1_guide" if has_slope else None, rounding=FLOOR,
        title="Spread within classes", y="NC1", log=(-23.2 if is_deep else -17.5, 3.0),
        note=note, empty=empty,
    )  # fmt: skip


def diagonal(known: Known) -> np.ndarray:
    """Predicted logits of the classes for their own means, (snapshot, class)."""
    return np.diagonal(known["logits"], axis1=-2, axis2=-1)


def highest(known: Known) -> list[float]:
    """Range of these logits."""
    top = float(np.nanmax(diagonal(known)))
    return [-0.08 * top, 1.15 * top]


LOGITS = Curves(
    "own_logits", at="snapshots", theory=diagonal, names="class #", bands=False,
    entries=lambda k: range(int(k["classes"])), id="logits", title="Each class is learned",
    symbol="z_{kk}(t)", y="logit of its own class, $z_{kk}$", linear=highest, when="logits",
    note=lambda k: r"$Z = WM^\mathrm{T}$"
    + (", without row and column means" if k.get("bias", 1) else ""),
    alt="Logit of the own class against time, for each class, on its curve.",
)  # fmt: skip


def path_decades(known: Known) -> list[float]:
    """Decades of the signal-to-noise ratio."""
    low = float(np.log10(np.nanmin(known["central_path"])))
    low = max(min(low, HIGHEST - 0.5), HIGHEST - WIDEST)
    room = 0.04 * (HIGHEST - low)
    return [low - room, HIGHEST + room]


PANELS = (
    shared.COSINES,
    shared.nc2(-8.4),
    shared.nc3(-14.6),
    Curves("nearest_mean_mismatch", theory=None, id="nc4", y="share of the samples",
           title="Samples not at their nearest mean", linear=(-0.04, 1.04), moments=False),
    Curves("orientation_error", theory=None, id="orientation", tolerance="final_simplex",
           usual=0.05, title="Distance to the predicted corners",
           symbol=r"|M_c-M_\infty|/|M_\infty|", y="relative distance", log=(-3.6, 0.6),
           when=shared.placed, moments=False,
           alt=lambda k: "Distance of the class means to their predicted corners, all dimensions; "
           f"tolerance {significant(k.get('tolerance_final_simplex', 0.05), 2)}."),
    Curves("noise_ratio", theory=None, second="central_path", id="central_path",
           title="Beside it: the central path", symbol=r"\omega_j",
           y=r"signal to noise $\omega_j$", log=path_decades, when="central_path",
           moments=False, note="dash-dotted: least-squares classifier at every moment, no decay, "
           "spread held at 1; the run is free of that and collapses exponentially",
           alt="Signal-to-noise ratios on the central path, and the mean one of the run."),
)  # fmt: skip


def panels(known: Known) -> Sequence[Picture]:
    """Loss, collapse, sizes, angles, and what is special to the setting."""
    return (LOSS, nc1(known), shared.sizes(known), LOGITS, shared.MINORITY, *PANELS)


# Moments and tiles


def halves(known: Known) -> np.ndarray:
    """Half-times of the modes; of classes that come together only the first."""
    times = np.sort(known["jump_times"])[:MOST_TIMES]
    is_new = np.append(True, np.diff(times) > 1e-6)
    return np.where(is_new & np.isfinite(times), times, np.nan)


def tiles(known: Known) -> Sequence[Tile]:
    """Decay, margin, loss, lengths, and when small classes merge or a mode is learned."""
    bound = "lower bound of the loss" if is_bound(known) else "loss at the end"
    made = [
        shared.limit_tile(),
        shared.level_tile("margin", "margin at the end", "a*", known),
        shared.level_tile("loss", bound, "L*", known, 5),
        shared.level_tile("feature_norm", "length of class means", "|m_k|*", known),
    ]
    if "minority_threshold" in known:
        R, is_below = known["imbalance"], known["imbalance"] < known["minority_threshold"]
        side = "below it" if is_below else "beyond it: small classes merge"
        return [*made, shared.merging_tile(f"R = {significant(R, 3)} is {side}")]
    first = Tile(lambda k: halves(k)[0], "first mode is half learned", symbol="t_1", unit="time",
                 digits=4, measured="", claim="",
                 when=lambda k: bool(np.isfinite(halves(k)[0])))  # fmt: skip
    return [*made, first]


VIEW = View(
    shared.SIMPLEX,
    panels,
    tiles,
    (Moment(halves, "t_#"),),
    legend={"theory": "theory", "second_theory": "slope or limit only"},
    derived={
        "own_logits": own_logits,
        "nc1_guide": nc1_guide,
        "noise_ratio": noise_ratio,
        "small_cosine": shared.small_cosine,
        "cosine_gap": shared.cosine_gap,
    },
    sweep=lambda over: shared.swept(
        ("loss", "margin", "feature_norm", LAST.get(over, "nc1_trace"))
    ),
    guess=Guess.level("loss_final", "Where does the loss end?", panel="loss", run="loss"),
)
