"""Claims about a real network: it lands on the optimum of free features."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.compare import NO_SNAPSHOTS, Comparison, largest_gap, level
from sims.core.experiment import Baseline, Claim, Compared, Reason, not_compared
from sims.core.knobs import filled
from sims.neural_collapse import comparisons as at_the_end
from sims.neural_collapse import guesses
from sims.neural_collapse.real_network import theory

if TYPE_CHECKING:
    from sims.neural_collapse.real_network.params import Params

ALL = (
    "decay_on_features",
    "room_for_simplex",
    "signal_survives",
    "no_class_given_up",
    "features_anywhere",
    "trained_long_enough",
    "labels_fit",
    "classes_apart",
)
LEVEL = 0.02
LEAST_FALL = 0.3
"""Decades by which the line through log10 D must fall from the inputs to the features."""


def _by_loss(cross_entropy: float, squared: float) -> Callable[[Params, xr.Dataset], float]:
    def tolerance(params: Params, prediction: xr.Dataset) -> float:
        del prediction
        return cross_entropy if params.loss_kind == "ce" else squared

    return tolerance


def cosine_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.008, with non-negative features 0.01."""
    del prediction
    return 0.01 if params.nonnegative else 0.008


# Why nothing is compared


def _every_layer(params: Params, *_: xr.Dataset) -> str:
    every = params.decay == "weights"
    return "no level is predicted when every layer decays." if every else ""


def _no_optimum(params: Params, *_: xr.Dataset) -> str:
    return at_the_end.NO_OPTIMUM if theory.optimum_of(params) is None else ""


def _no_signal(params: Params, *_: xr.Dataset) -> str:
    found = theory.optimum_of(params)
    return at_the_end.NO_SIGNAL if found is not None and not found.survives else ""


def _no_decay(params: Params, *_: xr.Dataset) -> str:
    none = params.decay == "features" and theory.setting(params).c == 0
    return "without decay the norms and angles stay open." if none else ""


def _open(params: Params, *_: xr.Dataset) -> str:
    return "" if theory.closed(params) else "the optimum is not known for these features."


def _ordinary(params: Params, *_: xr.Dataset) -> str:
    if params.decay == "features":
        return "the law is about ordinary training."
    return "the law is about true labels." if float(params.label_noise) > 0 else ""


def _clipped(params: Params, *_: xr.Dataset) -> str:
    """Why nothing is said of features that a cnn or a transformer clips at zero."""
    other = params.nonnegative and params.architecture != "mlp"
    return "clipped features of this network end elsewhere, and why is not known." if other else ""


def _dense_alone(params: Params, *_: xr.Dataset) -> str:
    other = params.architecture != "mlp"
    return "this was found on dense layers; on this network it was not tested." if other else ""


# What is compared


def size_of_objective(params: Params, prediction: xr.Dataset) -> float:
    """L*, or 1 where it is 0."""
    del params
    p = float(prediction["objective_final"])
    return p if p > 0 else 1.0


def shares(eigenvalues: np.ndarray) -> np.ndarray:
    """Shares of the eigenvalues in their sum, largest first."""
    ordered = np.sort(eigenvalues)[::-1]
    return ordered / ordered.sum()


def equal_share(params: Params, prediction: xr.Dataset) -> float:
    """1/(K - 1), the share of each eigenvalue of a simplex."""
    del params
    return 1 / (prediction["classifier_eigenvalues_final"].size - 1)


def line_through(values: np.ndarray) -> tuple[np.ndarray, float]:
    """Least-squares line through values at 0, 1, 2, ..., and its R²."""
    at = np.arange(len(values))
    line = np.polyval(np.polyfit(at, values, 1), at)
    spread = float(np.sum((values - values.mean()) ** 2))
    return line, 1 - float(np.sum((values - line) ** 2)) / spread if spread > 0 else 0.0


def falling_line(D: np.ndarray) -> float:
    """R² of the line through log10 D over the layers, (layer,); 0 unless it falls by LEAST_FALL."""
    line, R2 = line_through(np.log10(D))
    return R2 if line[0] - line[-1] >= LEAST_FALL else 0.0


def _layers(params: Params, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset) -> Compared:
    """1 - R² of a falling line through log10 D against the layer, at the end.

    An empirical law; He & Su, arXiv:2210.17020.
    """
    del params, prediction
    if "layer_separation" not in run:
        return not_compared(NO_SNAPSHOTS)
    D = run["layer_separation"].values[-1]
    if not (np.isfinite(D).all() and (D > 0).all()):
        return not_compared("a layer has no spread to compare.")
    claimed, R2 = float(told.attrs.get("baseline", 1.0)), falling_line(D)
    return Compared(claimed, R2, abs(claimed - R2), "R² of a falling line")


LAYERS = Comparison("", "", _layers, number=1.0)


def _some_small(params: Params) -> bool:
    known = params.classes is None or params.classes > 2
    return float(params.imbalance) > 1 and known and params.decay == "features"


def _claim(name: str, *reasons: Reason, **rest: Any) -> Claim:
    """A claim that nothing is said of where the run diverged or a class has died."""
    unless = (_clipped, at_the_end.lost_class, *reasons)
    return Claim(name, unless=unless, on_divergence="not judged", **{"relies_on": ALL, **rest})


def _stays(name: str) -> Baseline:
    return guesses.as_at_the_start(theory.start, name)


def _level(name: str, title: str, symbol: str) -> Claim:
    return _claim(
        name, _every_layer, _no_optimum, _no_signal, _no_decay, compare=at_the_end.final(name),
        tolerance=LEVEL, title=title, symbol=symbol, unit="relative",
        baseline=_stays(name.removesuffix("_final")),
    )  # fmt: skip


_SMALL = at_the_end.lost_minority(lambda params: filled(params.classes) - params.classes // 2)

CLAIMS = (
    _claim(
        "objective_final", _every_layer, _no_optimum,
        compare=level("objective_final", "objective", over=size_of_objective),
        tolerance=_by_loss(0.01, 0.03), title="final objective", symbol="J", unit="relative",
        baseline=guesses.NOTHING_LEARNED,
    ),
    _level("margin_final", "final margin", "a"),
    _level("classifier_norm_final", "classifier norms", "|w_k|"),
    _level("feature_norm_final", "feature norms", "|m_k|"),
    _claim(
        "classifier_cosines_final", _no_signal, _no_decay, _open, at_the_end.two_opposite,
        compare=at_the_end.compared_cosines(largest=False), tolerance=cosine_tolerance,
        title="classifier angles", symbol=r"\cos(w_k,w_l)", unit="root mean square",
        baseline=guesses.angles_of_the_start(theory.start),
    ),
    _claim(
        "classifier_eigenvalues", _no_signal, _no_decay, _open,
        compare=largest_gap(
            "classifier_eigenvalues_final", "classifier_eigenvalues", over=equal_share,
            through=shares, at="share of eigenvalue {class}", absent=at_the_end.NO_OPTIMUM,
        ),
        tolerance=0.05, title="classifier eigenvalues", symbol=r"WW^{\mathsf T}",
        unit="of an equal share", sees_ten_percent=False,
        because="shares of the eigenvalues do not change with their scale.",
        baseline=guesses.eigenvalues_of_the_start(theory.start),
    ),
    _claim(
        "nc1_trace", _no_signal, _no_decay, compare=level(0.0, "nc1_trace", over=1.0),
        tolerance=_by_loss(0.01, 0.05), title="spread within classes",
        symbol=r"\mathrm{Tr}\,\Sigma_W/\mathrm{Tr}\,\Sigma_B",
        unit="of the spread between them", sees_ten_percent=False,
        because="zero, 10 % higher, is still zero.", baseline=_stays("nc1_trace"),
    ),
    _claim(
        "minority_cosine", _every_layer, _no_signal, at_the_end.no_minority, _SMALL,
        compare=at_the_end.MINORITY_COSINE, tolerance=0.03, title="angle between small classes",
        symbol=r"\cos(w_k,w_l)", unit="of the cosine", applies=_some_small,
        baseline=guesses.EQUAL_ANGLES,
    ),
    _claim(
        "minority_threshold", _dense_alone, _every_layer, _no_signal, at_the_end.no_minority,
        at_the_end.apart_anyway, compare=at_the_end.MINORITY_THRESHOLD, tolerance=0,
        title="small classes apart or merged", symbol="R_0", unit="0 or 1", applies=_some_small,
        sees_ten_percent=False,
        because="a threshold 10 % off lies on the same side of the imbalance.",
        baseline=guesses.SMALL_STAY_APART,
    ),
    _claim(
        "layer_separation", _dense_alone, _ordinary, compare=LAYERS, tolerance=0.1,
        relies_on=("little_decay", "real_data", "many_epochs"),
        title="separation layer by layer", symbol=r"\log_{10}D",
        unit="1 - R²", applies=lambda params: params.decay == "weights", sees_ten_percent=False,
        because="it says whether log D falls in a line, whatever its slope.",
        baseline=Baseline("no layer separates the classes better than the inputs do", 0.0),
    ),
)  # fmt: skip
