"""The claims of the deep linear network: what is compared, and how closely it must agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import NO_SNAPSHOTS, absent, at_times, count, largest_gap
from sims.core.experiment import NEVER, Baseline, Claim, Task
from sims.core.knobs import filled
from sims.saddle_to_saddle import mode_laws as laws
from sims.saddle_to_saddle.linear_network import lags, theory

if TYPE_CHECKING:
    from sims.saddle_to_saddle.linear_network.params import Params

CLEAR_DIP = 0.25
NO_JUMP = "no mode is predicted or seen to jump within the horizon."
NO_DIP = "no record lies on a plateau that can be told apart."


# Why nothing is compared


def _no_map(params: Params) -> str:
    if params.layer_imbalance != 0:
        return "with a layer imbalance modes follow the exact matrix flow, not this map."
    return "a random deep start has no closed form for whole curves."


def _near_tie(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    del params, run
    tied = prediction["near_tie"] > 0
    why = "two modes are nearly equal (a gap below 5 %), so they rotate into each other."
    return why if tied else ""


def _nonlinear(params: Params, *_: xr.Dataset) -> str:
    linear = params.activation == "linear"
    return "" if linear else "a nonlinear net has no single product matrix."


def _no_index(params: Params) -> str:
    if params.depth > 2:
        return "saddles of deeper nets are flat: they have no negative curvature of order one."
    if params.input_condition > 1:
        return "the count is derived for white inputs."
    if params.activation != "linear":
        return "the count is derived for linear nets."
    return f"the Hessian of more than {theory.MOST_CURVATURE_WEIGHTS} weights is not computed."


def _uncounted(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    if "negative_curvatures" not in prediction:
        return _no_index(params)
    if "negative_curvatures" in run:
        return ""
    return NO_DIP if "weights" in run else NO_SNAPSHOTS


def _no_escape(params: Params) -> str:
    if params.depth > 2:
        return "a deep random start is judged by its first jump instead."
    return "this start or activation has no predicted escape."


def _escape_together(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    del params, run
    tied = laws.near_tie(prediction["input_strengths"].values[:2])
    return "the two strongest modes are nearly equal and escape together." if tied else ""


# Where, and over what


def spectrum(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """The s_k, (mode,): what mode k grows to."""
    del params
    return prediction["spectrum"].values


def horizon(params: Params, prediction: xr.Dataset) -> float:
    """Time at which the run ends."""
    del params
    return float(prediction.attrs["horizon"])


def yet_to_jump(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Which modes start below half of s_k, where a jump is counted, (mode,)."""
    del params, run
    s = prediction["spectrum"].values
    if "starting_strengths" not in prediction:
        return np.ones(len(s), bool)
    return prediction["starting_strengths"].values < s / 2


def is_due(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """On which plateaus the run rests, or should: where the map's gradient dips to a quarter.

    Of the largest one behind it, (saddle,); half of that, where a run's dip is one, may be missed.
    """
    del params
    due = np.isfinite(run["plateau_losses"].values)
    if "dip_times" not in prediction:
        return due
    times, size = prediction["time"].values, prediction["gradient_norm"].values
    behind = np.maximum.accumulate(size[::-1])[::-1]
    for k, t in enumerate(prediction["dip_times"].values):
        if np.isfinite(t):
            i = int(np.argmin(np.abs(times - t)))
            due[k] |= bool(size[i] < CLEAR_DIP * behind[i])
    return due


# How closely


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


def tolerance_jump_times(params: Params, prediction: xr.Dataset) -> float:
    """2e-3 + 0.02 min(overlap, 0.05) + 2 min(α²/s_r, 0.01); random deep start: 0.02."""
    if params.depth > 2 and params.init == "random":
        return 0.02
    overlap = min(float(prediction["overlap"]), 0.05)
    return 2e-3 + 0.02 * overlap + 2 * _smallness(params, prediction)


def tolerance_escape(params: Params, prediction: xr.Dataset) -> float:
    """0.01, under momentum 0.02; and half the records' distance there, of a loss known up to it.

    Such a loss is wrong at the record behind the escape, which is read between the two.
    """
    wide = 0.02 if params.optimizer == "polyak" else 0.01
    at, times = float(prediction["first_escape_time"]), prediction["time"].values
    if "loss_escape" not in prediction or not 0 < at <= times[-1]:
        return wide
    behind = int(np.searchsorted(times, at))
    return wide + (times[behind] - times[behind - 1]) / (2 * at)


def _escape_at_the_end(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    del run
    at, end = float(prediction["first_escape_time"]), float(prediction["time"].values[-1])
    beyond = at < end < at * (1 + tolerance_escape(params, prediction))
    return "within the tolerance the escape may come after the end of the run." if beyond else ""


def _equal_steps(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """L_0 (1 - k/r), (saddle,): every mode takes away as much of the loss."""
    del params, task
    levels = prediction["plateau_losses"].values
    return levels[0] * np.linspace(1, 0, len(levels))


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
        largest_gap("mode_strengths", over=spectrum, at="k = {mode}, t = {time:4}"),
        tolerance_mode_strengths,
        relies_on=_MODES,
        title="mode strengths, step included",
        symbol="a_k(t)",
        unit="of s_k",
        unless=(absent("mode_strengths", _no_map), _near_tie),
    ),
    Claim(
        "mode_strengths_gradient_flow",
        largest_gap(
            "mode_strengths_gradient_flow",
            "mode_strengths",
            over=spectrum,
            at="k = {mode}, t = {time:4}",
        ),
        lags.allowed,
        relies_on=_FLOW,
        title="mode strengths, gradient flow",
        symbol="a_k(t)",
        unit="of s_k",
        unless=(absent("mode_strengths_gradient_flow", _no_map), _near_tie),
    ),
    Claim(
        "singular_values",
        largest_gap(
            "singular_values",
            over=spectrum,
            at="j = {mode}, t = {time:4}",
            absent="three or more layers have no closed matrix solution.",
        ),
        lags.allowed,
        relies_on=_FLOW,
        title="singular values, gradient flow",
        symbol=r"\sigma_j(t)",
        unit="of s_j",
        unless=(_nonlinear,),
    ),
    Claim(
        "jump_times",
        at_times(
            "jump_times",
            within=yet_to_jump,
            until=horizon,
            never=NO_JUMP,
            at="t{mode}",
            absent=_no_map,
            empty=NO_JUMP,
        ),
        tolerance_jump_times,
        relies_on=_MODES,
        unless=(absent("jump_times", _no_map), _near_tie),
        baseline=NEVER,
    ),
    Claim(
        "plateau_losses",
        largest_gap(
            "plateau_losses", over="predicted", within=is_due, at="L{saddle}", empty=NO_DIP
        ),
        0.05,
        relies_on=_PLATEAUS,
        baseline=Baseline("equal steps down", _equal_steps),
    ),
    Claim(
        "negative_curvatures",
        count("negative_curvatures", at="saddle {saddle}", empty=NO_DIP),
        0,
        relies_on=(
            "clean_plateaus", "separated_modes", "before_the_edge", "known_update", "arithmetic",
        ),
        symbol="(h-k)(r-k)",
        unit="directions",
        unless=(_uncounted,),
        baseline=Baseline("a plateau is a minimum", 0.0),
        sees_ten_percent=False,
        because="counts are whole numbers, and those at the last saddles are 0.",
    ),
    Claim(
        "first_escape_time",
        at_times(
            "first_escape_time",
            never="neither theory nor run escapes within the horizon.",
            started="the start is already past the first tenth of the first drop.",
            at="first tenth of the first drop",
        ),
        tolerance_escape,
        relies_on=("small_init", "before_the_edge", "known_update", "arithmetic"),
        unless=(
            absent("first_escape_time", _no_escape),
            _escape_together,
            _escape_at_the_end,
        ),
        baseline=NEVER,
    ),
    Claim(
        "illusory_correlation",
        largest_gap(
            "illusory_correlation",
            within=is_due,
            at="plateau {saddle}",
            absent="only the semantic tree has siblings to confuse.",
            empty=NO_DIP,
        ),
        0.02,
        relies_on=("clean_plateaus", "known_update", "arithmetic"),
        symbol="W_{7,1}",
        unit="absolute",
        applies=lambda params: params.data == "semantic_tree",
        baseline=Baseline("no such belief", 0.0),
    ),
)  # fmt: skip
