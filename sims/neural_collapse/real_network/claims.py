"""Claims about a real network: it lands on the optimum of free features."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.claims import constant
from sims.core.experiment import Claim, Compared, Task, not_compared
from sims.core.knobs import filled
from sims.neural_collapse import comparisons as at_the_end
from sims.neural_collapse.comparisons import Compare
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
)
LEVEL = 0.02


def _by_loss(cross_entropy: float, squared: float) -> Callable[[Params, xr.Dataset], float]:
    def tolerance(params: Params, prediction: xr.Dataset) -> float:
        del prediction
        return cross_entropy if params.loss_kind == "ce" else squared

    return tolerance


def cosine_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.008, with non-negative features 0.01."""
    del prediction
    return 0.01 if params.nonnegative else 0.008


def _judged(*reasons: Callable[[Params], str]) -> Callable[[Compare], Compare]:
    """The comparison unless the run stopped or one of the reasons speaks."""

    def wrap(compare: Compare) -> Compare:
        def compared(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
            run.attrs["nonnegative"] = int(params.nonnegative)
            why = at_the_end.stopped(run) or next((r for f in reasons if (r := f(params))), "")
            return not_compared(why) if why else compare(params, prediction, run)

        return compared

    return wrap


def _every_layer(params: Params) -> str:
    every = params.decay == "weights"
    return "no level is predicted when every layer decays." if every else ""


def _no_optimum(params: Params) -> str:
    return at_the_end.NO_OPTIMUM if theory.optimum_of(params) is None else ""


def _no_signal(params: Params) -> str:
    found = theory.optimum_of(params)
    return at_the_end.NO_SIGNAL if found is not None and not found.survives else ""


def _no_decay(params: Params) -> str:
    none = params.decay == "features" and theory.setting(params).c == 0
    return "without decay the norms and angles stay open." if none else ""


def _open(params: Params) -> str:
    return "" if theory.closed(params) else "the optimum is not known for these features."


@_judged(_every_layer, _no_optimum)
def compare_objective(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|J - L*|/L*, J on the whole training set."""
    del params
    p, m = float(prediction["objective_final"]), at_the_end.last(run, "objective")
    return Compared(p, m, abs(m - p) / p if p > 0 else abs(m - p), "at the last record")


@_judged(_no_signal, _no_decay, _open)
def compare_cosines(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Root mean square of cos(w_k, w_l) - predicted over pairs that keep a classifier."""
    del params
    return at_the_end.compared_cosines(prediction, run, largest=False)


@_judged(_no_signal, _no_decay, _open)
def compare_eigenvalues(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """(K-1) max_j |share_j - predicted share_j| of the sorted eigenvalues of W Wᵀ."""
    del params
    if "classifier_eigenvalues_final" not in prediction:
        return not_compared(at_the_end.NO_OPTIMUM)
    p = np.sort(prediction["classifier_eigenvalues_final"].values)[::-1]
    m = np.sort(run["classifier_eigenvalues"].values[-1])[::-1]
    p, m = p / p.sum(), m / m.sum()
    gaps = np.abs(m - p)
    j = int(np.argmax(gaps))
    return Compared(
        float(p[j]), float(m[j]), float((len(p) - 1) * gaps[j]), f"share of eigenvalue {j + 1}"
    )


@_judged(_no_signal, _no_decay)
def compare_trace(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Tr Σ_W/Tr Σ_B at the end; predicted is 0."""
    del params, prediction
    m = at_the_end.last(run, "nc1_trace")
    return Compared(0.0, m, m, "at the last record")


@_judged(_every_layer)
def compare_minority_cosine(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|mean cosine between small classes - predicted|."""
    why = at_the_end.minority_missing(prediction, survives=not _no_signal(params))
    if why:
        return not_compared(why)
    K = filled(params.classes)
    return at_the_end.compared_minority_cosine(prediction, run, K - K // 2)


@_judged(_every_layer)
def compare_threshold(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Whether small classes are apart exactly when R < R_0."""
    why = at_the_end.minority_missing(prediction, survives=not _no_signal(params))
    if why:
        return not_compared(why)
    return at_the_end.compared_threshold(float(params.imbalance), prediction, run)


def _ordinary(params: Params) -> str:
    if params.decay == "features":
        return "the law is about ordinary training."
    return "the law is about true labels." if float(params.label_noise) > 0 else ""


def line_through(values: np.ndarray) -> tuple[np.ndarray, float]:
    """Least-squares line through values at 0, 1, 2, ..., and its R²."""
    at = np.arange(len(values))
    line = np.polyval(np.polyfit(at, values, 1), at)
    spread = float(np.sum((values - values.mean()) ** 2))
    return line, 1 - float(np.sum((values - line) ** 2)) / spread if spread > 0 else 0.0


@_judged(_ordinary)
def compare_layers(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """1 - R² of the line through log10 D against the layer, at the end.

    An empirical law; He & Su, arXiv:2210.17020.
    """
    del params, prediction
    if "layer_separation" not in run:
        return not_compared(at_the_end.NO_SNAPSHOTS)
    D = run["layer_separation"].values[-1]
    if not (np.isfinite(D).all() and (D > 0).all()):
        return not_compared("a layer has no spread to compare.")
    R2 = line_through(np.log10(D))[1]
    return Compared(1.0, R2, 1 - R2, "R² of the line")


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Nothing: records and snapshots hold all that is compared."""
    del params, task, prediction, run
    return xr.Dataset()


def _level(name: str, title: str, symbol: str) -> Claim:
    compare = at_the_end.level(name.removesuffix("_final"), name)
    return Claim(
        name, title, symbol, "relative", ALL, constant(LEVEL),
        _judged(_every_layer, _no_optimum, _no_signal, _no_decay)(compare),
    )  # fmt: skip


def _some_small(params: Params) -> bool:
    known = params.classes is None or params.classes > 2
    return float(params.imbalance) > 1 and known and params.decay == "features"


CLAIMS = (
    Claim(
        "objective_final", "final objective", "J", "relative", ALL, _by_loss(0.01, 0.03),
        compare_objective,
    ),
    _level("margin_final", "final margin", "a"),
    _level("classifier_norm_final", "classifier norms", "|w_k|"),
    _level("feature_norm_final", "feature norms", "|m_k|"),
    Claim(
        "classifier_cosines_final", "classifier angles", r"\cos(w_k,w_l)", "root mean square", ALL,
        cosine_tolerance, compare_cosines,
    ),
    Claim(
        "classifier_eigenvalues", "classifier eigenvalues", r"WW^{\mathsf T}", "of an equal share",
        ALL, constant(0.05), compare_eigenvalues,
    ),
    Claim(
        "nc1_trace", "spread within classes", r"\mathrm{Tr}\,\Sigma_W/\mathrm{Tr}\,\Sigma_B",
        "of the spread between them", ALL, _by_loss(0.01, 0.05), compare_trace,
    ),
    Claim(
        "minority_cosine", "angle between small classes", r"\cos(w_k,w_l)", "of the cosine", ALL,
        constant(0.03), compare_minority_cosine, _some_small,
    ),
    Claim(
        "minority_threshold", "small classes apart or merged", "R_0", "0 or 1", ALL,
        constant(0.5), compare_threshold, _some_small,
    ),
    Claim(
        "layer_separation", "separation layer by layer", r"\log_{10}D", "1 - R²",
        ("little_decay",), constant(0.1), compare_layers,
        lambda params: params.decay == "weights",
    ),
)  # fmt: skip
