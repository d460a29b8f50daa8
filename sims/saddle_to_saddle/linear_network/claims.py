"""The claims of the deep linear network: what is compared, and how closely it must agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.claims import constant, largest
from sims.core.experiment import Claim, Compared, not_compared
from sims.core.knobs import filled
from sims.core.sentences import said
from sims.saddle_to_saddle import mode_laws as laws
from sims.saddle_to_saddle.linear_network import theory

if TYPE_CHECKING:
    from sims.saddle_to_saddle.linear_network.params import Params

NEAR_TIE = "two modes are nearly equal (a gap below 5 %), so they rotate into each other."
NO_SNAPSHOTS = "a sweep keeps no snapshots."


def _worst(
    predicted: np.ndarray, measured: np.ndarray, scale: np.ndarray, times: np.ndarray, letter: str
) -> Compared:
    """Largest |measured - predicted|/scale over (record, mode), and where."""
    gaps = np.abs(measured - predicted) / scale
    if not np.isfinite(gaps).all():
        return Compared(np.nan, np.nan, np.inf)
    i, k = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
    where = f"{letter} = {k + 1}, t = {said(times[i], 4)}"
    return Compared(float(predicted[i, k]), float(measured[i, k]), float(gaps[i, k]), where)


def compare_mode_strengths(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Max over modes and records of |a_run - a_map|/s_k."""
    return _compare_strengths("mode_strengths", params, prediction, run)


def compare_flow(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Max over modes and records of |a_run - a_flow|/s_k."""
    return _compare_strengths("mode_strengths_gradient_flow", params, prediction, run)


def _compare_strengths(
    name: str, params: Params, prediction: xr.Dataset, run: xr.Dataset
) -> Compared:
    if name not in prediction:
        return not_compared(_no_map(params))
    if prediction["near_tie"] > 0:
        return not_compared(NEAR_TIE)
    rows = run.sizes["record"]
    return _worst(
        prediction[name].values[:rows],
        run["mode_strengths"].values,
        prediction["spectrum"].values,
        run["time"].values,
        "k",
    )


def _no_map(params: Params) -> str:
    if params.layer_imbalance != 0:
        return "with a layer imbalance modes follow the exact matrix flow, not this map."
    return "a random deep start has no closed form for whole curves."


def compare_singular_values(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Max over snapshots of |sigma_run - sigma_theory|/s_1, both sorted."""
    if params.activation != "linear":
        return not_compared("a nonlinear net has no single product matrix.")
    if "singular_values" not in prediction:
        return not_compared("three or more layers have no closed matrix solution.")
    if "singular_values" not in run:
        return not_compared(NO_SNAPSHOTS)
    rows = run.sizes["snapshot"]
    s = prediction["spectrum"].values
    return _worst(
        prediction["singular_values"].values[:rows],
        run["singular_values"].values,
        np.full(len(s), s[0]),
        run["snapshot_time"].values,
        "j",
    )


def compare_jump_times(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Max over compared modes of |t_run/t_pred - 1|."""
    if "jump_times" not in prediction:
        return not_compared(_no_map(params))
    if prediction["near_tie"] > 0:
        return not_compared(NEAR_TIE)
    foreseen, seen = prediction["jump_times"].values, run["jump_times"].values
    horizon = float(prediction.attrs["horizon"])
    s = prediction["spectrum"].values
    started = np.zeros(len(s), bool)
    if "starting_strengths" in prediction:
        started = prediction["starting_strengths"].values >= s / 2
    jumps = []
    for k, (p, m) in enumerate(zip(foreseen, seen, strict=True)):
        due = p <= horizon
        if started[k] or np.isnan(p) or not (due or np.isfinite(m)):
            continue
        error = abs(m / p - 1) if due and np.isfinite(m) else np.inf
        jumps.append(Compared(float(p), float(m), float(error), f"t{k + 1}"))
    return largest(jumps, "no mode is predicted or seen to jump within the horizon.")


def _compare_at_dips(
    name: str,
    prediction: xr.Dataset,
    run: xr.Dataset,
    error: Callable[[float, float], float],
    where: str,
) -> Compared:
    """Largest error(predicted, measured) over the dips of the gradient that were found."""
    foreseen, seen = prediction[name].values, run[name].values
    dips = [
        Compared(float(p), float(m), float(error(p, m)), f"{where}{k}")
        for k, (p, m) in enumerate(zip(foreseen, seen, strict=True))
        if np.isfinite(m)
    ]
    return largest(dips, "no record lies on a plateau that can be told apart.")


def _distance(predicted: float, measured: float) -> float:
    return abs(measured - predicted)


def compare_plateaus(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Max over the dips of the gradient of |L/L_k - 1|."""
    del params
    return _compare_at_dips("plateau_losses", prediction, run, lambda p, m: abs(m / p - 1), "L")


def compare_curvatures(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Largest difference in the number of negative Hessian eigenvalues at the dips."""
    if "negative_curvatures" not in prediction:
        return not_compared(_no_index(params))
    if "negative_curvatures" not in run:
        return not_compared(NO_SNAPSHOTS if params.depth == 2 else _no_index(params))
    return _compare_at_dips("negative_curvatures", prediction, run, _distance, "saddle ")


def _no_index(params: Params) -> str:
    if params.depth > 2:
        return "saddles of deeper nets are flat: they have no negative curvature of order one."
    if params.input_condition > 1:
        return "the count is derived for white inputs."
    if params.activation != "linear":
        return "the count is derived for linear nets."
    return f"the Hessian of more than {theory.MOST_CURVATURE_WEIGHTS} weights is not computed."


def compare_escape(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|t_run/t_pred - 1| of the first time the loss is a tenth of the way to L_1."""
    if "first_escape_time" not in prediction:
        if params.depth > 2:
            return not_compared("a deep random start is judged by its first jump instead.")
        return not_compared("this start or activation has no predicted escape.")
    if laws.near_tie(prediction["input_strengths"].values[:2]):
        return not_compared("the two strongest modes are nearly equal and escape together.")
    p, m = float(prediction["first_escape_time"]), float(run["first_escape_time"])
    if not np.isfinite(p) and not np.isfinite(m):
        return not_compared("neither theory nor run escapes within the horizon.")
    if p == 0:
        return not_compared("the start is already past the first tenth of the first drop.")
    error = abs(m / p - 1) if np.isfinite(p) and np.isfinite(m) else np.inf
    return Compared(p, m, error, "first tenth of the first drop")


def compare_illusion(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Max over the dips of |product[leaf of item 0, item 1] - (1/8, 1/4, 1/2)|."""
    del params
    if "illusory_correlation" not in prediction:
        return not_compared("only the semantic tree has siblings to confuse.")
    if "illusory_correlation" not in run:
        return not_compared(NO_SNAPSHOTS)
    return _compare_at_dips("illusory_correlation", prediction, run, _distance, "plateau ")


def _smallness(params: Params, prediction: xr.Dataset) -> float:
    """min(α²/s_r, 0.01); 0 for an aligned start."""
    if params.init == "aligned":
        return 0.0
    return min(filled(params.alpha) ** 2 / float(prediction["spectrum"][-1]), 0.01)


def tolerance_mode_strengths(params: Params, prediction: xr.Dataset) -> float:
    """max(5e-4, min(overlap, 0.03)) + 2 min(α²/s_r, 0.01); float32: at least 2e-3."""
    least = 2e-3 if params.dtype == "float32" else 0.0
    own = max(5e-4, min(float(prediction["overlap"]), 0.03)) + 2 * _smallness(params, prediction)
    return max(least, own)


def tolerance_flow(params: Params, prediction: xr.Dataset) -> float:
    """1.5 min(lag, 0.1) + 5e-3 + min(η sqrt(4 s_1² + λ²)/2, 0.1); deeper nets: last term η s_1.

    Both terms are first order in η and stop growing where the step is no longer small.
    """
    s1, eta = float(prediction["spectrum"][0]), filled(params.eta)
    last = (
        eta * np.hypot(2 * s1, float(params.layer_imbalance)) / 2 if params.depth == 2 else eta * s1
    )
    return 1.5 * min(float(prediction["lag"]), 0.1) + 5e-3 + min(float(last), 0.1)


def tolerance_jump_times(params: Params, prediction: xr.Dataset) -> float:
    """2e-3 + 0.02 min(overlap, 0.05) + 2 min(α²/s_r, 0.01); random deep start: 0.02."""
    if params.depth > 2 and params.init == "random":
        return 0.02
    overlap = min(float(prediction["overlap"]), 0.05)
    return 2e-3 + 0.02 * overlap + 2 * _smallness(params, prediction)


def tolerance_escape(params: Params, prediction: xr.Dataset) -> float:
    """0.01; under momentum 0.02."""
    del prediction
    return 0.02 if params.optimizer == "polyak" else 0.01


def is_semantic_tree(params: Params) -> bool:
    """Whether there are siblings to confuse."""
    return params.data == "semantic_tree"


_STEPS = ("before_the_edge", "white_inputs", "linear_activation", "known_update", "arithmetic")
_MODES = ("small_init", "separated_modes", *_STEPS)
_PLATEAUS = ("clean_plateaus", "small_init", *_STEPS)
_FLOW = (
    "balanced_layers",
    "small_step",
    "before_the_edge",
    "white_inputs",
    "linear_activation",
    "plain_descent",
    "arithmetic",
)

CLAIMS = (
    Claim(
        "mode_strengths",
        "mode strengths, step included",
        "a_k(t)",
        "of s_k",
        _MODES,
        tolerance_mode_strengths,
        compare_mode_strengths,
    ),
    Claim(
        "mode_strengths_gradient_flow",
        "mode strengths, gradient flow",
        "a_k(t)",
        "of s_k",
        _FLOW,
        tolerance_flow,
        compare_flow,
    ),
    Claim(
        "singular_values",
        "singular values, gradient flow",
        r"\sigma_j(t)",
        "of s_1",
        _FLOW,
        tolerance_flow,
        compare_singular_values,
    ),
    Claim(
        "jump_times",
        "jump times",
        "t_k",
        "relative",
        _MODES,
        tolerance_jump_times,
        compare_jump_times,
    ),
    Claim(
        "plateau_losses",
        "plateau losses",
        "L_k",
        "relative",
        _PLATEAUS,
        constant(0.05),
        compare_plateaus,
    ),
    Claim(
        "negative_curvatures",
        "ways down at the saddles",
        "(h-k)(r-k)",
        "directions",
        ("clean_plateaus", "separated_modes", "before_the_edge", "known_update", "arithmetic"),
        constant(0.0),
        compare_curvatures,
    ),
    Claim(
        "first_escape_time",
        "first escape",
        "t_e",
        "relative",
        ("small_init", "before_the_edge", "known_update", "arithmetic"),
        tolerance_escape,
        compare_escape,
    ),
    Claim(
        "illusory_correlation",
        "illusory correlation",
        "W_{7,1}",
        "absolute",
        ("clean_plateaus", "known_update", "arithmetic"),
        constant(0.02),
        compare_illusion,
        applies=is_semantic_tree,
    ),
)
