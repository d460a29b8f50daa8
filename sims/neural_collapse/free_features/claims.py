"""Claims about free features: the end, the place of the simplex, and the way there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.compare import NO_SNAPSHOTS, Comparison, largest_gap, points, slope
from sims.core.controls import OTHER_SEED
from sims.core.experiment import (
    Baseline,
    Claim,
    Compared,
    Reason,
    Task,
    not_compared,
)
from sims.core.knobs import filled
from sims.neural_collapse import comparisons as at_the_end
from sims.neural_collapse import guesses
from sims.neural_collapse.classes import relative_sizes
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
SMALL_STEP = 0.125
"""The η s_1/K up to which a step counts as small."""


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


def minority_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.01, and without the bound at zero what decay has left of the start, 2 ε² e^{-2λT}."""
    return 0.01 if params.nonnegative else 0.005 + cosine_tolerance(params, prediction)


def logits_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.015 + (ηr/4) ln(2/ε) + 0.6 ε², r = s_1/K - λ; ε at most 0.12, ηr at most 0.125.

    A step multiplies what grows by 1 + ηr and not e^{ηr}, so a mode that starts at ε²/4 gets to its
    half, ln(2/ε)/r away, by a share ηr/2 late; there it climbs by r/2 per unit of time.
    """
    del prediction
    lam, eps = float(params.lambda_w), min(float(params.init_scale), 0.12)
    s1 = float(np.max(relative_sizes(theory.sizes_of(params))))
    growth = min(filled(params.eta) * max(s1 / params.classes - lam, 0.0), SMALL_STEP)
    return 0.015 + growth / 4 * math.log(2 / eps) + 0.6 * eps**2


def nc1_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.2 + 2 min(ε, 0.12) + 0.5 η/K decades."""
    del prediction
    eps, eta = min(float(params.init_scale), 0.12), filled(params.eta)
    return 0.2 + 2 * eps + 0.5 * eta / params.classes


# Why nothing is compared


def _no_optimum(params: Params, *_: xr.Dataset) -> str:
    return at_the_end.NO_OPTIMUM if rates.of(params).optimum is None else ""


def _no_decay(params: Params, *_: xr.Dataset) -> str:
    return "without decay the norms and angles stay open." if rates.of(params).c == 0 else ""


def _no_signal(params: Params, *_: xr.Dataset) -> str:
    return "" if rates.of(params).survives else at_the_end.NO_SIGNAL


def _unequal_classes(params: Params, *_: xr.Dataset) -> str:
    return "" if rates.of(params).balanced else "it is derived for equal classes."


def _without_bias(params: Params, *_: xr.Dataset) -> str:
    return "" if params.bias else "without a bias the mean of the start survives too."


def _nonnegative(params: Params, *_: xr.Dataset) -> str:
    return "features that stay non-negative take another way." if params.nonnegative else ""


def _unequal_decays(params: Params, *_: xr.Dataset) -> str:
    equal = theory.equal_decays(params)
    return "" if equal else "it is derived for equal decays λ_W = λ_H."


def _cross_entropy(params: Params, *_: xr.Dataset) -> str:
    return "the way is known in closed form for squared loss." if params.loss_kind == "ce" else ""


def _biased_and_unequal(params: Params, *_: xr.Dataset) -> str:
    unequal = params.bias and not rates.of(params).balanced
    return "with a bias it is derived for equal classes." if unequal else ""


def _place(params: Params, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset) -> Compared:
    """|M_c - M_∞|/|M_∞| in all d dimensions, at the end."""
    del params
    size = float(np.linalg.norm(prediction["final_simplex"].values))
    target = told["final_simplex"].values
    if "class_means" not in run:
        if told is not prediction:
            return not_compared(NO_SNAPSHOTS)
        error = at_the_end.last(run, "orientation_error")
        return Compared(size, math.nan, error, "over all class means")
    means = points.both(told["final_simplex"], run["class_means"])[1]
    means = means - np.mean(means, axis=0)[None, :]
    off = at_the_end.last(run, "off_axes") if "off_axes" in run else 0.0
    error = math.hypot(float(np.linalg.norm(means - target)), off) / size
    return Compared(size, math.hypot(float(np.linalg.norm(means)), off), error, "|M| at the end")


SIMPLEX = Comparison("final_simplex", "", _place, "class_means")


def start(params: Params, task: Task) -> guesses.Start:
    """Features, classifier and bias that are drawn."""
    del params
    return guesses.Start(task["H"], task["W"], task["b"])


def grown_in_place(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """The class means of the start, blown up to the predicted size, (class, axis)."""
    del params
    M = theory.class_means(task)
    M = (M - np.mean(M, axis=0)[None, :]) @ task["axes"]
    return M * float(np.linalg.norm(prediction["final_simplex"].values) / np.linalg.norm(M))


def decay_alone(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """-2 λ_H: the deviations from the class means shrink by their own decay."""
    del task, prediction
    return -2 * float(filled(params.lambda_h))


def _stays(name: str) -> Baseline:
    return guesses.as_at_the_start(start, name)


def centred_logits(params: Params, run: xr.Dataset) -> xr.DataArray:
    """Z = W Mᵀ of every snapshot; with a bias without its row and column means."""
    Z = run["logits"]
    if not params.bias:
        return Z
    values = Z.values - np.mean(Z.values, axis=-1, keepdims=True)
    return Z.copy(data=values - np.mean(values, axis=-2, keepdims=True))


def _rates_too_close(params: Params, *_: xr.Dataset) -> str:
    close = params.classes * float(params.lambda_w) > SLOW_RATE
    return "the two rates of the theory are too close." if close else ""


def is_late(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Records with t > 2K and NC1 above 1e-22 on both sides, (record,)."""
    m = run["nc1"].values
    p = prediction["nc1"].values[: len(m)]
    return (run["time"].values > theory.LATE * params.classes) & (p > FLOOR) & (m > FLOOR)


def _squared_loss(params: Params, *_: xr.Dataset) -> str:
    return "squared loss has its whole curve predicted." if params.loss_kind == "mse" else ""


def _two_classes(params: Params, *_: xr.Dataset) -> str:
    return "with two classes there is no such direction." if params.classes == 2 else ""


def _near_collapse(params: Params, *_: xr.Dataset) -> str:
    close = params.classes * rates.of(params).c > NEAR_COLLAPSE
    return "the two slowest rates are too close." if close else ""


def is_tail(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """The later half of the records with 1e-22 < NC1 < 1e-6, (record,)."""
    del params, prediction
    t, nc1 = run["time"].values, run["nc1"].values
    low, high = SLOPE_WINDOW
    inside = (nc1 > low) & (nc1 < high)
    if inside.any():
        first, end = t[inside][0], t[inside][-1]
        inside &= t >= 0.5 * (first + end)
    return inside


def _squared(params: Params) -> bool:
    return params.loss_kind == "mse"


def _some_small(params: Params) -> bool:
    return float(params.imbalance) > 1 and params.classes > 2


_WAY = ("small_init", "room_for_simplex", "small_step")
_PLACE = ("room_for_simplex", "long_enough", "small_init", "directions_alike", "small_step")
_TAIL = ("room_for_simplex", "long_enough", "small_step")

_SMALL = at_the_end.lost_minority(lambda params: params.classes - params.classes // 2)


def _claim(name: str, *reasons: Reason, **rest: Any) -> Claim:
    """A claim that nothing is said of where the run diverged or a class has died."""
    unless = (at_the_end.lost_class, *reasons)
    return Claim(name, unless=unless, on_divergence="not judged", **rest)


def _level(name: str, title: str, symbol: str, reason: Reason, **rest: Any) -> Claim:
    return _claim(
        name, reason, compare=at_the_end.final(name), tolerance=level_tolerance, relies_on=END,
        title=title, symbol=symbol, unit="relative", **rest,
    )  # fmt: skip


CLAIMS = (
    _level("loss_final", "final loss", "L", _no_optimum, baseline=guesses.NOTHING_LEARNED),
    _level(
        "margin_final", "final margin", "a", _no_optimum, baseline=_stays("margin")
    ),
    _level(
        "classifier_norm_final", "classifier norms", "|w_k|", _no_decay,
        baseline=_stays("classifier_norm"),
    ),
    _level(
        "feature_norm_final", "feature norms", "|m_k|", _no_decay,
        baseline=_stays("feature_norm"),
    ),
    _claim(
        "classifier_cosines_final", _no_signal, _no_decay, at_the_end.two_opposite,
        compare=at_the_end.compared_cosines(largest=True), tolerance=cosine_tolerance,
        relies_on=END, title="classifier angles", symbol=r"\cos(w_k,w_l)", unit="of the cosine",
        baseline=guesses.angles_of_the_start(start),
    ),
    _claim(
        "final_simplex",
        _unequal_classes, _without_bias, _nonnegative, _unequal_decays, _no_signal, _no_decay,
        compare=SIMPLEX, tolerance=0.05, relies_on=_PLACE,
        title="place of the simplex", symbol=r"M_\infty", unit="of its size",
        baseline=Baseline("the class means of the start, grown to size", grown_in_place),
    ),
    _claim(
        "logits",
        _cross_entropy, _biased_and_unequal, _nonnegative, _unequal_decays, _no_signal,
        compare=largest_gap(
            "logits", centred_logits, at="entry ({class}, {class2}) at t = {time:3}"
        ),
        tolerance=logits_tolerance, relies_on=_WAY,
        title="logits on the way", symbol="Z(t)", unit="of a one-hot label", applies=_squared,
    ),
    _claim(
        "nc1",
        _cross_entropy, _without_bias, _biased_and_unequal, _nonnegative, _unequal_decays,
        _no_signal, _rates_too_close,
        compare=largest_gap(
            "nc1", within=is_late, through=np.log10, at="at t = {time:3}",
            empty="no record lies behind t = 2K and above rounding.",
        ),
        tolerance=nc1_tolerance, relies_on=_WAY, title="within-class spread on the way",
        symbol=r"\log_{10}\mathrm{NC1}(t)", unit="decades", applies=_squared,
        baseline=_stays("nc1"),
        void={OTHER_SEED: "features of every draw are spread alike at the start"},
    ),
    _claim(
        "nc1_slope",
        _squared_loss, _two_classes, _unequal_classes, _nonnegative, _unequal_decays, _no_decay,
        _no_signal, _near_collapse,
        compare=slope(
            "nc1", "nc1_slope", within=is_tail, fewest=FEWEST_RECORDS,
            at="t from {first:3} to {last:3}",
            empty="too few records lie between rounding and 10⁻⁶.",
        ),
        tolerance=0.05, relies_on=_TAIL, title="last decay of the spread",
        symbol=r"\mathrm{NC1}", applies=lambda params: not _squared(params),
        baseline=Baseline("the spread falls by the decay alone", decay_alone),
    ),
    _claim(
        "minority_cosine", _no_signal, at_the_end.no_minority, _SMALL,
        compare=at_the_end.MINORITY_COSINE, tolerance=minority_tolerance, relies_on=_TAIL,
        title="angle between small classes", symbol=r"\cos(w_k,w_l)", unit="of the cosine",
        applies=_some_small, baseline=guesses.EQUAL_ANGLES,
    ),
    _claim(
        "minority_threshold", _no_signal, at_the_end.no_minority, at_the_end.apart_anyway,
        compare=at_the_end.MINORITY_THRESHOLD, tolerance=0, relies_on=_TAIL,
        title="small classes apart or merged", symbol="R_0", unit="0 or 1", applies=_some_small,
        sees_ten_percent=False,
        because="a threshold 10 % off lies on the same side of the imbalance.",
        baseline=guesses.SMALL_STAY_APART,
    ),
)  # fmt: skip
