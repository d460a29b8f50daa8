"""Claims about free features: the end, the place of the simplex, and the way there."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.claims import constant
from sims.core.experiment import Claim, Compared, Task, not_compared
from sims.core.knobs import filled
from sims.core.sentences import said
from sims.neural_collapse import comparisons as at_the_end
from sims.neural_collapse.classes import relative_sizes
from sims.neural_collapse.comparisons import Compare
from sims.neural_collapse.free_features import rates, theory

if TYPE_CHECKING:
    from sims.neural_collapse.free_features.params import Params

END = ("room_for_simplex", "long_enough", "wide_enough", "small_step")
NONNEGATIVE_TOLERANCE = 0.02
SLOPE_WINDOW = (1e-22, 1e-6)
FEWEST_RECORDS = 6
NEAR_COLLAPSE = 0.8
SLOW_RATE = 0.25
"""Kλ above which the two rates of NC1 are too close."""
FLOOR = 1e-22

NOT_EQUAL = "it is derived for equal decays λ_W = λ_H."


def left_of_start(params: Params) -> float:
    """The eq = 0.002 + ε² e^{-2 min(λ_W, λ_H) T}: what decay has not yet removed of the start."""
    if params.nonnegative:
        return NONNEGATIVE_TOLERANCE
    slower = min(float(params.lambda_w), float(filled(params.lambda_h)))
    eps, T = float(params.init_scale), filled(params.horizon)
    return 2e-3 + eps**2 * math.exp(-2 * slower * T)


def level_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """The eq of `left_of_start`."""
    del prediction
    return left_of_start(params)


def cosine_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.001 + 2 eq."""
    del prediction
    return NONNEGATIVE_TOLERANCE if params.nonnegative else 1e-3 + 2 * left_of_start(params)


def logits_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.015 + 0.15 η s_1 + 0.6 min(ε, 0.12)²."""
    del prediction
    s1 = float(np.max(relative_sizes(theory.sizes_of(params))))
    return 0.015 + 0.15 * filled(params.eta) * s1 + 0.6 * min(float(params.init_scale), 0.12) ** 2


def nc1_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.2 + 2 min(ε, 0.12) + 0.5 η/K decades."""
    del prediction
    eps, eta = min(float(params.init_scale), 0.12), filled(params.eta)
    return 0.2 + 2 * eps + 0.5 * eta / params.classes


def _judged(*reasons: Callable[[Params], str]) -> Callable[[Compare], Compare]:
    """The comparison unless the run stopped or one of the reasons speaks."""

    def wrap(compare: Compare) -> Compare:
        def compared(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
            run.attrs["nonnegative"] = int(params.nonnegative)
            why = at_the_end.stopped(run) or next((r for f in reasons if (r := f(params))), "")
            return not_compared(why) if why else compare(params, prediction, run)

        return compared

    return wrap


def _no_optimum(params: Params) -> str:
    return at_the_end.NO_OPTIMUM if rates.of(params).optimum is None else ""


def _no_decay(params: Params) -> str:
    return "without decay the norms and angles stay open." if rates.of(params).c == 0 else ""


def _no_signal(params: Params) -> str:
    return "" if rates.of(params).survives else at_the_end.NO_SIGNAL


def _unequal_classes(params: Params) -> str:
    return "" if rates.of(params).balanced else "it is derived for equal classes."


def _without_bias(params: Params) -> str:
    return "" if params.bias else "without a bias the mean of the start survives too."


def _nonnegative(params: Params) -> str:
    return "features that stay non-negative take another way." if params.nonnegative else ""


def _unequal_decays(params: Params) -> str:
    return "" if theory.equal_decays(params) else NOT_EQUAL


def _cross_entropy(params: Params) -> str:
    return "the way is known in closed form for squared loss." if params.loss_kind == "ce" else ""


def _biased_and_unequal(params: Params) -> str:
    unequal = params.bias and not rates.of(params).balanced
    return "with a bias it is derived for equal classes." if unequal else ""


@_judged(_no_signal, _no_decay)
def compare_cosines(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Largest |cos(w_k, w_l) - predicted| over pairs of classes that keep a classifier."""
    del params
    return at_the_end.compared_cosines(prediction, run, largest=True)


@_judged(_unequal_classes, _without_bias, _nonnegative, _unequal_decays, _no_signal, _no_decay)
def compare_simplex(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|M_c - M_∞|/|M_∞| in all d dimensions, at the end."""
    del params
    target = prediction["final_simplex"].values
    size = float(np.linalg.norm(target))
    if "class_means" not in run:
        error = at_the_end.last(run, "orientation_error")
        return Compared(size, math.nan, error, "over all class means")
    means = run["class_means"].values[-1]
    means = means - np.mean(means, axis=0)[None, :]
    off = at_the_end.last(run, "off_axes")
    error = math.hypot(float(np.linalg.norm(means - target)), off) / size
    return Compared(size, math.hypot(float(np.linalg.norm(means)), off), error, "|M| at the end")


def centred(Z: np.ndarray) -> np.ndarray:
    """Z without its row and column means, (..., class, class)."""
    Z = Z - np.mean(Z, axis=-1, keepdims=True)
    return Z - np.mean(Z, axis=-2, keepdims=True)


@_judged(_cross_entropy, _biased_and_unequal, _nonnegative, _unequal_decays, _no_signal)
def compare_logits(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Largest |Z - Z_pred| over snapshots and entries, Z = W Mᵀ (doubly centred with a bias)."""
    if "logits" not in run:
        return not_compared(at_the_end.NO_SNAPSHOTS)
    m = run["logits"].values
    m = centred(m) if params.bias else m
    p = prediction["logits"].values[: len(m)]
    gaps = np.abs(m - p)
    shot, k, l = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
    at = f"entry ({k + 1}, {l + 1}) at t = {said(float(run['snapshot_time'][shot]), 3)}"
    return Compared(float(p[shot, k, l]), float(m[shot, k, l]), float(gaps[shot, k, l]), at)


def _rates_too_close(params: Params) -> str:
    close = params.classes * float(params.lambda_w) > SLOW_RATE
    return "the two rates of the theory are too close." if close else ""


@_judged(
    _cross_entropy,
    _without_bias,
    _biased_and_unequal,
    _nonnegative,
    _unequal_decays,
    _no_signal,
    _rates_too_close,
)
def compare_nc1(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Largest |log10(NC1/theory)| over records with t > 2K and both above 1e-22."""
    m = run["nc1"].values
    t = run["time"].values
    p = prediction["nc1"].values[: len(m)]
    kept = (t > theory.LATE * params.classes) & (p > FLOOR) & (m > FLOOR)
    if not kept.any():
        return not_compared("no record lies behind t = 2K and above rounding.")
    gaps = np.abs(np.log10(m[kept] / p[kept]))
    i = int(np.argmax(gaps))
    at = f"at t = {said(float(t[kept][i]), 3)}"
    logs = np.log10([p[kept][i], m[kept][i]])
    return Compared(float(logs[0]), float(logs[1]), float(gaps[i]), at)


def _squared_loss(params: Params) -> str:
    return "squared loss has its whole curve predicted." if params.loss_kind == "mse" else ""


def _two_classes(params: Params) -> str:
    return "with two classes there is no such direction." if params.classes == 2 else ""


def _near_collapse(params: Params) -> str:
    close = params.classes * rates.of(params).c > NEAR_COLLAPSE
    return "the two slowest rates are too close." if close else ""


@_judged(
    _squared_loss,
    _two_classes,
    _unequal_classes,
    _nonnegative,
    _unequal_decays,
    _no_decay,
    _no_signal,
    _near_collapse,
)
def compare_slope(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|slope/theory - 1| of ln NC1 over the later half of the records with 1e-22 < NC1 < 1e-6."""
    del params
    t, nc1 = run["time"].values, run["nc1"].values
    low, high = SLOPE_WINDOW
    inside = (nc1 > low) & (nc1 < high)
    if inside.any():
        first, end = t[inside][0], t[inside][-1]
        inside &= t >= 0.5 * (first + end)
    if inside.sum() < FEWEST_RECORDS:
        return not_compared("too few records lie between rounding and 10⁻⁶.")
    slope = float(np.polyfit(t[inside], np.log(nc1[inside]), 1)[0])
    p = float(prediction["nc1_slope"])
    span = f"t from {said(float(t[inside][0]), 3)} to {said(float(t[inside][-1]), 3)}"
    return Compared(p, slope, abs(slope / p - 1), span)


@_judged()
def compare_minority_cosine(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|mean cosine between small classes - predicted|."""
    why = at_the_end.minority_missing(prediction, survives=rates.of(params).survives)
    if why:
        return not_compared(why)
    small = params.classes - params.classes // 2
    return at_the_end.compared_minority_cosine(prediction, run, small)


@_judged()
def compare_threshold(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Whether small classes are apart exactly when R < R_0."""
    why = at_the_end.minority_missing(prediction, survives=rates.of(params).survives)
    if why:
        return not_compared(why)
    return at_the_end.compared_threshold(float(params.imbalance), prediction, run)


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Nothing: records and snapshots hold all that is compared."""
    del params, task, prediction, run
    return xr.Dataset()


def _level(name: str, title: str, symbol: str, *reasons: Callable[[Params], str]) -> Claim:
    observed = name.removesuffix("_final")
    compare = _judged(*reasons)(at_the_end.level(observed, name))
    return Claim(name, title, symbol, "relative", END, level_tolerance, compare)


def _squared(params: Params) -> bool:
    return params.loss_kind == "mse"


def _some_small(params: Params) -> bool:
    return float(params.imbalance) > 1 and params.classes > 2


_WAY = ("small_init", "room_for_simplex", "small_step")
_PLACE = ("room_for_simplex", "long_enough", "small_init", "directions_alike", "small_step")
_TAIL = ("room_for_simplex", "long_enough", "small_step")

CLAIMS = (
    _level("loss_final", "final loss", "L", _no_optimum),
    _level("margin_final", "final margin", "a", _no_optimum),
    _level("classifier_norm_final", "classifier norms", "|w_k|", _no_decay),
    _level("feature_norm_final", "feature norms", "|m_k|", _no_decay),
    Claim(
        "classifier_cosines_final", "classifier angles", r"\cos(w_k,w_l)", "of the cosine", END,
        cosine_tolerance, compare_cosines,
    ),
    Claim(
        "final_simplex", "place of the simplex", r"M_\infty", "of its size", _PLACE,
        constant(0.05), compare_simplex,
    ),
    Claim(
        "logits", "logits on the way", "Z(t)", "of a one-hot label", _WAY,
        logits_tolerance, compare_logits, _squared,
    ),
    Claim(
        "nc1", "within-class spread on the way", r"\log_{10}\mathrm{NC1}(t)", "decades", _WAY,
        nc1_tolerance, compare_nc1, _squared,
    ),
    Claim(
        "nc1_slope", "last decay of the spread", r"\mathrm{NC1}", "relative", _TAIL,
        constant(0.05), compare_slope, lambda params: not _squared(params),
    ),
    Claim(
        "minority_cosine", "angle between small classes", r"\cos(w_k,w_l)", "of the cosine", _TAIL,
        constant(0.01), compare_minority_cosine, _some_small,
    ),
    Claim(
        "minority_threshold", "small classes apart or merged", "R_0", "0 or 1", _TAIL,
        constant(0.5), compare_threshold, _some_small,
    ),
)  # fmt: skip
