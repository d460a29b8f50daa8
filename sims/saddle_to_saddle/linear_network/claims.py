"""Assumptions of the deep linear network's theory, measured counterparts, and the claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.core.experiment import Assumption, Claim, Compared, Task, not_compared
from sims.saddle_to_saddle import mode_laws as laws
from sims.saddle_to_saddle.linear_network import theory
from sims.saddle_to_saddle.linear_network.hessian import count_below, hessian

if TYPE_CHECKING:
    from sims.saddle_to_saddle.linear_network.params import Params

MOST_WEIGHTS_FOLLOWED = 400
"""Up to this many weights the Hessian is looked at in every snapshot."""
NEAR_TIE_REASON = "two modes are nearly equal (a gap below 5 %), so they rotate into each other."


def share(value: float) -> str:
    """A fraction in words: 3.2 %, 0.04 %."""
    return f"{100 * value:.2g} %"


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings, held or broken; one seed."""
    s = task["spectrum"]
    alpha = float(params.alpha or 0)
    mu = edge_ratio(params, s)
    cond = float(params.input_condition)
    found = [_small_init(params, s, alpha)]
    overlap, unclean, lag = (float(prediction[n]) for n in ("overlap", "uncleanness", "lag"))
    found += [
        Assumption("separated_modes", "modes well separated",
                   f"When one mode jumps the next is already {share(overlap)} learned; single-mode curves want at most 5 %.",
                   overlap <= 0.05, overlap),
        Assumption("clean_plateaus", "clean plateaus",
                   f"Modes follow so closely that plateaus are off by {share(unclean)} even in theory (3 % allowed).",
                   unclean <= 0.03, unclean),
        _balanced_layers(params, task, s),
        Assumption("small_step", "small step",
                   f"At this step size the run lags gradient flow by up to {share(lag)} of a mode (10 % allowed).",
                   lag <= 0.1, lag),
        Assumption("before_the_edge", f"below the edge, μ = {mu:.3g} < 1" if mu < 1 else "below the edge, μ < 1",
                   f"eta s_1 = {mu:.3g}, held below 1: past the stability edge." if mu >= 1 else f"eta s_1 = {mu:.3g}, held below 1.",
                   mu < 1, mu),
        Assumption("white_inputs", "white inputs",
                   f"Inputs have condition number {cond:.3g}; this theory wants 1.", cond == 1, cond),
        Assumption("linear_activation", "linear activation",
                   f"The hidden layer is {params.activation}, the theory linear.", params.activation == "linear"),
        Assumption("known_update", "gradient steps",
                   "Adam rescales every weight; the theory knows only gradient steps." if params.optimizer == "adam"
                   else "The update is a gradient step, with or without momentum.", params.optimizer != "adam"),
        Assumption("plain_descent", "plain gradient descent",
                   "Plain gradient descent." if params.optimizer == "gd" else
                   (f"Momentum {float(params.beta or 0):.3g} changes the clock of gradient flow." if params.optimizer == "polyak"
                    else "Adam changes the clock of gradient flow."), params.optimizer == "gd"),
        _arithmetic(params, alpha),
    ]  # fmt: skip
    return found


def edge_ratio(params: Params, s: np.ndarray) -> float:
    """μ = η L s_1^{2-2/L} / 2: step size over the largest one that is stable at the minimum."""
    return float(params.eta or 0) * params.depth * float(s[0]) ** (2 - 2 / params.depth) / 2


def _small_init(params: Params, s: np.ndarray, alpha: float) -> Assumption:
    label = "small start"
    if params.init == "aligned":
        return Assumption("small_init", label, "An aligned start may have any size.", True, 0.0)
    if params.depth > 2:
        value = alpha ** (params.depth - 2)
        return Assumption(
            "small_init",
            label,
            f"alpha^(L-2) = {value:.2g}, wanted at most 0.05.",
            value <= 0.05,
            value,
        )
    value = float(alpha**2 / s[-1])
    sentence = f"The start is {share(value)} of the weakest mode; theory wants at most 1 %."
    return Assumption("small_init", label, sentence, value <= 0.01, value)


def _balanced_layers(params: Params, task: Task, s: np.ndarray) -> Assumption:
    value = 0.0
    if params.depth == 2 and params.init != "aligned":
        W1, W2 = theory.layers(task)
        off = W2.T @ W2 - W1 @ W1.T - float(params.layer_imbalance) * np.eye(len(W1))
        value = float(np.linalg.norm(off, 2) / s[-1])
    sentence = f"Layers start out of balance by {share(value)} of the weakest mode; the exact solution wants at most 5 %."
    return Assumption("balanced_layers", "balanced layers", sentence, value <= 0.05, value)


def _arithmetic(params: Params, alpha: float) -> Assumption:
    least = 1e-5 if params.dtype == "float32" else 1e-15
    held = alpha >= least
    sentence = (
        f"{params.dtype} carries an init of {alpha:.2g}." if held
        else f"Rounding in {params.dtype} replaces an init of {alpha:.2g}."
    )  # fmt: skip
    return Assumption("arithmetic", params.dtype, sentence, held, alpha if not held else 0.0)


def warnings(params: Params, task: Task, prediction: xr.Dataset) -> list[str]:
    """Banners shown before the run."""
    s = task["spectrum"]
    mu = edge_ratio(params, s)
    found = []
    if mu > 1.3:
        found.append(
            f"Expected to diverge. The step gives μ = {mu:.3g}; beyond 1.3 the run leaves the finite range."
        )
    elif mu >= 1:
        text = f"Past the stability edge. The step η = {float(params.eta or 0):.3g} gives μ = η s₁ = {mu:.3g} > 1."
        if "two_cycle" in prediction:
            high, low = prediction["two_cycle"].values / s[0]
            text += f" Expect mode 1 to alternate between {high:.3f} s₁ and {low:.3f} s₁ instead of settling."
        found.append(text)
    if not _arithmetic(params, float(params.alpha or 0)).held:
        found.append(
            f"Rounding will replace the seed: {params.dtype} cannot carry a start of {float(params.alpha or 0):.2g}."
        )
    return found


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """What the run did, under the names of what was predicted; NaN where never reached."""
    s = task["spectrum"]
    times, a = run["time"].values, run["mode_strengths"].values
    loss, gradient = run["loss"].values, run["gradient_norm"].values
    strengths = a
    if params.depth > 2 and params.init == "random":
        strengths = np.full_like(a, np.nan)
        strengths[:, 0] = run["top_singular_value"].values
    levels = prediction["plateau_losses"].values
    jumps = [laws.crossing(times, strengths[:, k], s[k] / 2, s[k]) for k in range(len(s))]
    plateaus, dip_times = np.full(len(levels), np.nan), np.full(len(levels), np.nan)
    judged = laws.judged_plateaus(prediction["input_strengths"].values, int(params.width or 0))
    for k, i in laws.dips(loss, gradient, levels, judged).items():
        plateaus[k], dip_times[k] = loss[i], times[i]
    found: dict[str, Any] = {
        "jump_times": ("mode", np.array(jumps), {"units": "time"}),
        "plateau_losses": ("saddle", plateaus),
        "dip_times": ("saddle", dip_times, {"units": "time"}),
        "first_escape_time": (
            (),
            laws.escape_time(times, loss, levels[0], levels[1]),
            {"units": "time"},
        ),
    }
    if "weights" in run:
        found |= _curvatures(params, task, prediction, run)
    if "illusory_correlation" in prediction:
        found["illusory_correlation"] = ("saddle", _at_dips(task, run, dip_times))
    coords = {"mode": prediction["mode"].values, "saddle": prediction["saddle"].values}
    return xr.Dataset(found, coords=coords)


def _curvatures(
    params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset
) -> dict[str, Any]:
    """Hessian eigenvalues below -s_r/2, at every snapshot of a small net, else at the dips only."""
    weights = run["weights"].values
    at_dips = np.full(prediction.sizes["saddle"], np.nan)
    near: dict[int, int] = {}
    if "negative_curvatures" in prediction and "dip_times" in prediction and len(weights):
        times = prediction["dip_times"].values
        near = {k: nearest_snapshot(run, t) for k, t in enumerate(times) if np.isfinite(t)}
    everywhere = weights.shape[1] <= MOST_WEIGHTS_FOLLOWED
    counts = np.full(len(weights), np.nan)
    for i in range(len(weights)) if everywhere else sorted(set(near.values())):
        counts[i] = ways_down(task, weights[i])
    for k, i in near.items():
        at_dips[k] = counts[i]
    found: dict[str, Any] = {"negative_eigenvalues": ("snapshot", counts)}
    if near:
        found["negative_curvatures"] = ("saddle", at_dips)
    return found


def ways_down(task: Task, weights: np.ndarray) -> float:
    """Number of Hessian eigenvalues below -s_r/2 for flattened weights; NaN if they diverged."""
    if not np.isfinite(weights).all():
        return float("nan")
    (h, d_in), d_out = task["W1"].shape, task["W2"].shape[0]
    W1 = weights[: h * d_in].reshape(h, d_in).astype(float)
    W2 = weights[h * d_in :].reshape(d_out, h).astype(float)
    return float(count_below(hessian(W1, W2, task["target"]), -task["spectrum"][-1] / 2))


def nearest_snapshot(run: xr.Dataset, time: float) -> int:
    """Index of the snapshot nearest a time."""
    return int(np.argmin(np.abs(run["snapshot_time"].values - time)))


def _at_dips(task: Task, run: xr.Dataset, dip_times: np.ndarray) -> np.ndarray:
    leaf = task["U"].shape[0] - task["V"].shape[0]
    product = run["product"].values
    return np.array(
        [
            product[nearest_snapshot(run, t), leaf, 1] if np.isfinite(t) else np.nan
            for t in dip_times
        ]
    )


def _worst(
    predicted: np.ndarray, measured: np.ndarray, scale: np.ndarray, times: np.ndarray, letter: str
) -> Compared:
    """Largest |measured - predicted|/scale over (record, mode), and where."""
    gaps = np.abs(measured - predicted) / scale
    if not np.isfinite(gaps).all():
        return Compared(np.nan, np.nan, np.inf)
    i, k = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
    where = f"{letter} = {k + 1}, t = {times[i]:.4g}"
    return Compared(float(predicted[i, k]), float(measured[i, k]), float(gaps[i, k]), where)


def compare_mode_strengths(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Max over modes and records of |a_run - a_map|/s_k."""
    if "mode_strengths" not in prediction:
        return not_compared(_no_map(params))
    if prediction["near_tie"] > 0:
        return not_compared(NEAR_TIE_REASON)
    rows = run.sizes["record"]
    return _worst(
        prediction["mode_strengths"].values[:rows],
        run["mode_strengths"].values,
        prediction["spectrum"].values,
        run["time"].values,
        "k",
    )


def compare_flow(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Max over modes and records of |a_run - a_flow|/s_k."""
    if "mode_strengths_gradient_flow" not in prediction:
        return not_compared(_no_map(params))
    if prediction["near_tie"] > 0:
        return not_compared(NEAR_TIE_REASON)
    rows = run.sizes["record"]
    return _worst(
        prediction["mode_strengths_gradient_flow"].values[:rows],
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
        return not_compared("a sweep keeps no snapshots.")
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
        return not_compared(NEAR_TIE_REASON)
    foreseen, seen = prediction["jump_times"].values, run["jump_times"].values
    horizon = float(prediction.attrs["horizon"])
    s = prediction["spectrum"].values
    started = np.zeros(len(s), bool)
    if "starting_strengths" in prediction:
        started = prediction["starting_strengths"].values >= s / 2
    worst = not_compared("no mode is predicted or seen to jump within the horizon.")
    for k, (p, m) in enumerate(zip(foreseen, seen, strict=True)):
        due = p <= horizon
        if started[k] or np.isnan(p) or not (due or np.isfinite(m)):
            continue
        error = abs(m / p - 1) if due and np.isfinite(m) else np.inf
        if np.isnan(worst.error) or error > worst.error:
            worst = Compared(float(p), float(m), float(error), f"t{k + 1}")
    return worst


def compare_plateaus(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Max over the dips of the gradient of |L/L_k - 1|."""
    foreseen, seen = prediction["plateau_losses"].values, run["plateau_losses"].values
    found = np.flatnonzero(np.isfinite(seen))
    if not len(found):
        return not_compared("no record lies on a plateau that can be told apart.")
    gaps = np.abs(seen[found] / foreseen[found] - 1)
    i = int(np.argmax(gaps))
    k = found[i]
    return Compared(float(foreseen[k]), float(seen[k]), float(gaps[i]), f"L{k}")


def compare_curvatures(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Largest difference in the number of negative Hessian eigenvalues at the dips."""
    if "negative_curvatures" not in prediction:
        return not_compared(_no_index(params))
    if "negative_curvatures" not in run:
        return not_compared(
            "a sweep keeps no snapshots." if params.depth == 2 else _no_index(params)
        )
    foreseen, seen = prediction["negative_curvatures"].values, run["negative_curvatures"].values
    found = np.flatnonzero(np.isfinite(seen))
    if not len(found):
        return not_compared("no record lies on a plateau that can be told apart.")
    gaps = np.abs(seen - foreseen)[found]
    i = int(np.argmax(gaps))
    k = found[i]
    return Compared(float(foreseen[k]), float(seen[k]), float(gaps[i]), f"saddle {k}")


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
    strengths = prediction["input_strengths"].values
    if len(strengths) > 1 and (strengths[0] - strengths[1]) / strengths[0] < 0.05:
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
    if "illusory_correlation" not in prediction:
        return not_compared("only the semantic tree has siblings to confuse.")
    if "illusory_correlation" not in run:
        return not_compared("a sweep keeps no snapshots.")
    foreseen, seen = prediction["illusory_correlation"].values, run["illusory_correlation"].values
    found = np.flatnonzero(np.isfinite(seen))
    if not len(found):
        return not_compared("no record lies on a plateau that can be told apart.")
    gaps = np.abs(seen - foreseen)[found]
    i = int(np.argmax(gaps))
    k = found[i]
    return Compared(float(foreseen[k]), float(seen[k]), float(gaps[i]), f"plateau {k}")


def _smallness(params: Params, prediction: xr.Dataset) -> float:
    """min(α²/s_r, 0.01); 0 for an aligned start."""
    if params.init == "aligned":
        return 0.0
    return min(float(params.alpha or 0) ** 2 / float(prediction["spectrum"][-1]), 0.01)


def tolerance_mode_strengths(params: Params, prediction: xr.Dataset) -> float:
    """max(5e-4, min(overlap, 0.03)) + 2 min(α²/s_r, 0.01); float32: at least 2e-3."""
    least = 2e-3 if params.dtype == "float32" else 0.0
    own = max(5e-4, min(float(prediction["overlap"]), 0.03)) + 2 * _smallness(params, prediction)
    return max(least, own)


def tolerance_flow(params: Params, prediction: xr.Dataset) -> float:
    """1.5 min(lag, 0.1) + 5e-3 + min(η sqrt(4 s_1² + λ²)/2, 0.1); deeper nets: last term η s_1.

    Both terms are first order in η and stop growing where the step is no longer small.
    """
    s1, eta = float(prediction["spectrum"][0]), float(params.eta or 0)
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


_MODES = (
    "small_init", "separated_modes", "before_the_edge", "white_inputs", "linear_activation",
    "known_update", "arithmetic",
)  # fmt: skip
_FLOW = (
    "balanced_layers", "small_step", "before_the_edge", "white_inputs", "linear_activation",
    "plain_descent", "arithmetic",
)  # fmt: skip
_PLATEAUS = (
    "clean_plateaus", "small_init", "before_the_edge", "white_inputs", "linear_activation",
    "known_update", "arithmetic",
)  # fmt: skip

CLAIMS = (
    Claim("mode_strengths", "mode strengths, step included", "a_k(t)", "of s_k", _MODES,
          tolerance_mode_strengths, compare_mode_strengths),
    Claim("mode_strengths_gradient_flow", "mode strengths, gradient flow", "a_k(t)", "of s_k", _FLOW,
          tolerance_flow, compare_flow),
    Claim("singular_values", "singular values, gradient flow", r"\sigma_j(t)", "of s_1", _FLOW,
          tolerance_flow, compare_singular_values),
    Claim("jump_times", "jump times", "t_k", "relative", _MODES, tolerance_jump_times, compare_jump_times),
    Claim("plateau_losses", "plateau losses", "L_k", "relative", _PLATEAUS,
          lambda params, prediction: 0.05, compare_plateaus),
    Claim("negative_curvatures", "ways down at the saddles", "(h-k)(r-k)", "directions",
          ("clean_plateaus", "separated_modes", "before_the_edge", "known_update", "arithmetic"),
          lambda params, prediction: 0.0, compare_curvatures),
    Claim("first_escape_time", "first escape", "t_e", "relative",
          ("small_init", "before_the_edge", "known_update", "arithmetic"),
          lambda params, prediction: 0.02 if params.optimizer == "polyak" else 0.01, compare_escape),
    Claim("illusory_correlation", "illusory correlation", "W_{7,1}", "absolute",
          ("clean_plateaus", "known_update", "arithmetic"),
          lambda params, prediction: 0.02, compare_illusion,
          applies=lambda params: params.data == "semantic_tree"),
)  # fmt: skip
