"""What is known of a deep linear network's training before its first step.

Formulas of single modes are in `sims.saddle_to_saddle.mode_laws`, the matrix flow of two layers in
`sims.core.riccati`. Nothing here calls the training or sees its records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.core.riccati import two_layer_flow
from sims.core.schedule import Schedule
from sims.saddle_to_saddle import mode_laws as laws
from sims.saddle_to_saddle.linear_network import lags
from sims.saddle_to_saddle.target_maps import fixed_target

if TYPE_CHECKING:
    from sims.saddle_to_saddle.linear_network.params import Params

MOST_CURVATURE_WEIGHTS = 1500


def starting_strengths(params: Params, task: Task) -> np.ndarray:
    """a0_k of every mode, (r,): α^L where aligned, else the Gram-Schmidt rule of two layers."""
    if params.init == "aligned":
        return np.full(len(task["spectrum"]), filled(params.alpha) ** params.depth)
    W1, W2 = laws.layers(task)
    return laws.starting_strengths(W1, W2, task["U"], task["V"])


def has_mode_map(params: Params) -> bool:
    """Whether the map of single modes describes this start: two layers, or an aligned one."""
    return (params.depth == 2 or params.init == "aligned") and params.layer_imbalance == 0


def momentum(params: Params) -> float:
    """β where the update has momentum, else 0 (Adam is compared with plain descent)."""
    return filled(params.beta) if params.optimizer == "polyak" else 0.0


def jump_steps(params: Params, task: Task) -> np.ndarray:
    """Steps at which the mode map passes s_k/2, found without a schedule, (r,)."""
    return laws.map_jump_steps(
        starting_strengths(params, task),
        task["spectrum"],
        filled(params.eta),
        beta=momentum(params),
        depth=params.depth,
    )


def mode_map(params: Params, task: Task, steps: np.ndarray) -> np.ndarray:
    """The mode map at the recorded steps, (record, r); see `mode_laws.mode_map`."""
    return laws.mode_map(
        starting_strengths(params, task),
        task["spectrum"],
        filled(params.eta),
        steps,
        beta=momentum(params),
        depth=params.depth,
    )


def map_loss(a: np.ndarray, s: np.ndarray) -> np.ndarray:
    """½ Σ (s_k - a_k)², (record,)."""
    return 0.5 * np.sum((s - a) ** 2, axis=-1)


def map_gradient_norm(a: np.ndarray, s: np.ndarray, depth: int) -> np.ndarray:
    """sqrt(L Σ w_k^{2(L-1)} (s_k - a_k)²) with w = a^{1/L}, (record,): every layer pulls alike."""
    return np.sqrt(depth * np.sum(np.abs(a) ** (2 - 2 / depth) * (s - a) ** 2, axis=-1))


def predicted_dips(params: Params, task: Task, steps: np.ndarray) -> dict[int, int]:
    """Records at which the map's gradient dips on the judged plateaus, {k: record}."""
    if not has_mode_map(params):
        return {}
    s = task["spectrum"]
    a = mode_map(params, task, steps)
    judged = laws.judged_plateaus(s, filled(params.width))
    return laws.dips(
        map_loss(a, s), map_gradient_norm(a, s, params.depth), laws.plateau_levels(s), judged
    )


def overlap(
    params: Params, task: Task, times: np.ndarray, jumps: np.ndarray, steps: np.ndarray
) -> float:
    """How far, at worst, a later mode is when an earlier one jumps: max b_j(t_k)/s_j, at most 1.

    b_j is the mode map started from |p_j|²/4, the strength without the Gram-Schmidt projection.
    """
    if params.depth > 2 or params.init == "aligned":
        return 0.0
    s = task["spectrum"]
    W1, W2 = laws.layers(task)
    p = laws.alignments(W1, W2, task["U"], task["V"])
    b = laws.mode_map(np.sum(p**2, axis=0) / 4, s, filled(params.eta), steps, beta=momentum(params))
    worst = 0.0
    for k in range(min(filled(params.width), len(s))):
        if np.isfinite(jumps[k]):
            for j in range(k + 1, len(s)):
                with np.errstate(invalid="ignore"):
                    worst = max(worst, float(np.interp(jumps[k], times, b[:, j])) / s[j])
    return min(worst, 1.0) if np.isfinite(worst) else 1.0


def uncleanness(task: Task, a: np.ndarray, found: dict[int, int]) -> float:
    """Max |L_map/L_k - 1| at the map's own dips: what plateaus lose to modes following closely."""
    s = task["spectrum"]
    levels, loss = laws.plateau_levels(s), map_loss(a, s)
    return max((abs(float(loss[i]) / levels[k] - 1) for k, i in found.items()), default=0.0)


def plateau_levels(task: Task) -> np.ndarray:
    """L_0..L_r, (saddle,): ½ Σ_{i>k} of the squared plateau strengths."""
    return laws.plateau_levels(plateau_strengths(task))


def plateau_strengths(task: Task) -> np.ndarray:
    """Strengths whose tails are the plateaus, (r,).

    The spectrum; for coloured inputs square roots of the eigenvalues of M S Mᵀ (Baldi & Hornik
    1989).
    """
    if "input_covariance" not in task:
        return task["spectrum"]
    M, S = task["target"], task["input_covariance"]
    return np.sqrt(np.maximum(np.linalg.eigvalsh(M @ S @ M.T)[::-1][: len(task["spectrum"])], 0))


def first_jump(params: Params, task: Task) -> float:
    """t_1 = T* α^{-(L-2)} + c_L(s_1) of a random deep start; T* from the unit-scale weights."""
    alpha, depth = filled(params.alpha), params.depth
    wait = laws.blow_up_time([w / alpha for w in laws.layers(task)], task["target"])
    return wait * alpha ** (2 - depth) + laws.half_clock(float(task["spectrum"][0]), depth)


def relu_strengths(task: Task) -> np.ndarray:
    """a0± = ¼ Σ_{j: p_j >< 0} p_j² of the two half-spaces of a ReLU net along mode 1, (2,)."""
    W1, W2 = laws.layers(task)
    p = W1 @ task["V"][:, 0] + W2.T @ task["U"][:, 0]
    return np.array([np.sum(p[p > 0] ** 2), np.sum(p[p < 0] ** 2)]) / 4


def relu_loss(params: Params, task: Task, steps: np.ndarray) -> np.ndarray:
    """Loss of a ReLU net up to its first escape, (record,): ¼ Σ± (s_1 - a±)² + L_1.

    On mirrored, whitened inputs every neuron starts out linear at half the rate:
    w <- w + (η/2) w (s_1 - w²) from sqrt(a0±). Derived here; holds until the second mode moves.
    """
    s = task["spectrum"]
    pair = np.array([s[0], s[0]])
    rate = filled(params.eta) / 2
    a = laws.mode_map(relu_strengths(task), pair, rate, steps, beta=momentum(params))
    return 0.25 * np.sum((s[0] - a) ** 2, axis=1) + laws.plateau_levels(s)[1]


def relu_escape_time(params: Params, task: Task) -> float:
    """Time of the ReLU net's first escape, from the flow version of `relu_loss`."""
    s, a0, eta = task["spectrum"], relu_strengths(task), filled(params.eta)
    levels = laws.plateau_levels(s)
    rate = eta / np.log1p(eta * s[0] / 2) * s[0] / 2
    stretch = rate * (1 - momentum(params))
    t = np.linspace(0, 4 * np.log(2 * s[0] / a0.max()) / s[0] + 10 / s[0], 20_001)
    a = np.stack([laws.sigmoid(float(s[0]), float(x), t / 2) for x in a0], axis=1)
    loss = 0.25 * np.sum((s[0] - a) ** 2, axis=1) + levels[1]
    return float(stretch * laws.escape_time(t, loss, levels[0], levels[1]))


def coloured_loss(task: Task, times: np.ndarray) -> np.ndarray:
    """Loss ½ tr[(W-M) S (W-M)ᵀ] of coloured inputs up to the first escape, (record,).

    W is the two-layer flow towards Sigma_yx = M S, exact while W S is small beside Sigma_yx.
    """
    M, S = task["target"], task["input_covariance"]
    W1, W2 = laws.layers(task)
    left, right = two_layer_flow(W1, W2, M @ S, times)
    gap = left @ right - M
    return 0.5 * np.einsum("tij,jk,tik->t", gap, S, gap)


def step_clock(params: Params, rate: float) -> float:
    """Time of the stepped run over time of the flow for an exponential of that rate."""
    eta = filled(params.eta)
    if params.optimizer == "polyak":
        z, _ = laws.heavy_ball_root(eta, momentum(params), np.array([rate]))
        return float(eta * rate / np.log(z[0]))
    return float(laws.clock_factor(eta, np.array([rate]))[0])


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """All that theory says about this run; what it does not say is absent."""
    s, times = task["spectrum"], schedule.record_times
    levels = plateau_levels(task)
    shared = {"shared": 1} if "input_covariance" not in task else {}
    found: dict[str, Any] = {
        "spectrum": ("mode", s, {"shared": 1}),
        "plateau_losses": ("saddle", levels, shared),
    }
    scalars: dict[str, float] = {"overlap": 0.0, "uncleanness": 0.0, "lag": 0.0}
    if has_mode_map(params):
        found |= _of_mode_map(params, task, schedule, scalars)
    if params.depth == 2:
        found |= _of_flow(params, task, schedule)
        found |= _negative_curvatures(params, task)
    scalars["lag"] = max(scalars["lag"], lags.of_start(params, task))
    if params.depth > 2 and params.init == "random":
        first = np.full(len(s), np.nan)
        first[0] = first_jump(params, task)
        found["jump_times"] = ("mode", first)
    found |= _first_escape(params, task, schedule, found)
    if params.data == "semantic_tree" and params.depth == 2:
        found["illusory_correlation"] = ("saddle", illusory_correlation(task), {"shared": 1})
    mu = filled(params.eta) * float(s[0])
    cycle = laws.two_cycle(mu)
    if cycle and params.depth == 2 and params.optimizer == "gd":
        found["two_cycle"] = ("point", float(s[0]) * np.array(cycle), {"shared": 1})
    found |= {name: ((), value) for name, value in scalars.items()}
    found["near_tie"] = ((), float(laws.near_tie(s)), {"shared": 1})
    found["input_strengths"] = ("mode", plateau_strengths(task), shared)
    if "irreducible" in task:
        found["irreducible_loss"] = ((), float(task["irreducible"]), {"shared": 1})
    if params.data != "spectrum" and (pixels := fixed_target(params.data).pixels) is not None:
        found["pixels"] = (("input", "pixel"), pixels, {"shared": 1})
    coords = {"mode": np.arange(1, len(s) + 1), "saddle": np.arange(len(s) + 1)}
    made = xr.Dataset(found, coords=coords, attrs={"horizon": float(times[-1])})
    for name in (
        "jump_times",
        "jump_times_gradient_flow",
        "first_escape_time",
        "jump_times_heavy_ball",
    ):
        if name in made:
            made[name].attrs["units"] = "time"
    if "jump_times" in made and has_wait_law(params):
        made["jump_times"].attrs["wait_exponent"] = params.depth - 2
    return made


def has_wait_law(params: Params) -> bool:
    r"""Whether jump times grow with a smaller start as gradient flow on a linear net says.

    $t_k \sim \ln(1/\alpha) / s_k$ for two layers, $t_k \sim \alpha^{-(L-2)}$ for more.
    """
    plain = params.activation == "linear" and params.optimizer == "gd"
    return plain and params.input_condition == 1 and params.layer_imbalance == 0


def _of_mode_map(
    params: Params, task: Task, schedule: Schedule, scalars: dict[str, float]
) -> dict[str, Any]:
    s, steps, times = task["spectrum"], schedule.record_steps, schedule.record_times
    a0 = starting_strengths(params, task)
    a = mode_map(params, task, steps)
    jumps = np.array([laws.crossing(times, a[:, k], s[k] / 2, s[k]) for k in range(len(s))])
    if np.isnan(jumps).any():  # beyond the horizon, or never
        jumps = np.where(np.isnan(jumps), filled(params.eta) * jump_steps(params, task), jumps)
    flow = None
    found: dict[str, Any] = {
        "mode_strengths": (("record", "mode"), a),
        "loss": ("record", map_loss(a, s)),
        "gradient_norm": ("record", map_gradient_norm(a, s, params.depth)),
        "jump_times": ("mode", jumps),
        "starting_strengths": ("mode", a0),
    }
    if params.depth > 2:
        flow = np.stack(
            [
                laws.deep_sigmoid(float(s[k]), float(a0[k]), times, params.depth)
                for k in range(len(s))
            ],
            axis=1,
        )
        found["mode_strengths_gradient_flow"] = (("record", "mode"), flow)
        found["loss_gradient_flow"] = ("record", map_loss(flow, s))
    else:
        found["jump_times_gradient_flow"] = ("mode", laws.half_time(s, np.minimum(a0, s / 2)))
    if params.optimizer == "polyak" and params.depth == 2:
        eta = filled(params.eta)
        steps_k = laws.heavy_ball_jump_steps(eta, momentum(params), s, np.minimum(a0, s / 2))
        found["jump_times_heavy_ball"] = ("mode", eta * steps_k)
    dips = laws.dips(
        found["loss"][1],
        found["gradient_norm"][1],
        laws.plateau_levels(s),
        laws.judged_plateaus(s, filled(params.width)),
    )
    dip_times = np.full(len(s) + 1, np.nan)
    for k, i in dips.items():
        dip_times[k] = times[i]
    found["dip_times"] = ("saddle", dip_times)
    scalars["overlap"] = overlap(params, task, times, jumps, steps)
    scalars["uncleanness"] = uncleanness(task, a, dips)
    scalars["lag"] = lags.of_modes(params, task, a, flow)
    return found


def _of_flow(params: Params, task: Task, schedule: Schedule) -> dict[str, Any]:
    """Two layers: the sub-stepped Riccati flow for white inputs."""
    M, s = task["target"], task["spectrum"]
    W1, W2 = laws.layers(task)
    left, right = two_layer_flow(W1, W2, M, schedule.record_times, float(params.layer_imbalance))
    a = np.einsum("tih,ik,thj,jk->tk", left, task["U"], right, task["V"], optimize=True)
    squares = np.einsum("tih,thj,tik,tkj->t", left, right, left, right, optimize=True)
    cross = np.einsum("tih,thj,ij->t", left, right, M, optimize=True)
    loss = 0.5 * (squares - 2 * cross + np.sum(M**2))
    at = schedule.snapshot_records
    product = left[at] @ right[at]
    singular = np.linalg.svd(product, compute_uv=False)[:, : len(s)]
    return {
        "mode_strengths_gradient_flow": (("record", "mode"), a),
        "loss_gradient_flow": ("record", np.maximum(loss, 0)),
        "product": (("snapshot", "output", "input"), product),
        "singular_values": (("snapshot", "mode"), singular),
    }


def _negative_curvatures(params: Params, task: Task) -> dict[str, Any]:
    """(h-k)(r-k) negative Hessian eigenvalues at the k-th saddle of a two-layer net."""
    if params.activation != "linear" or "input_covariance" in task:
        return {}
    if sum(w.size for w in laws.layers(task)) > MOST_CURVATURE_WEIGHTS:
        return {}
    r, h = len(task["spectrum"]), filled(params.width)
    k = np.arange(r + 1)
    return {"negative_curvatures": ("saddle", np.maximum(h - k, 0.0) * (r - k), {"shared": 1})}


def _first_escape(
    params: Params, task: Task, schedule: Schedule, found: dict[str, Any]
) -> dict[str, Any]:
    if params.depth > 2 or params.activation == "tanh" or params.layer_imbalance != 0:
        return {}
    times, levels = schedule.record_times, plateau_levels(task)
    if params.activation == "relu":
        loss = relu_loss(params, task, schedule.record_steps)
        time = laws.escape_time(times, loss, levels[0], levels[1])
        return {"loss_escape": ("record", loss), "first_escape_time": ((), _never(time))}
    if "input_covariance" in task:
        top = float(np.linalg.norm(task["target"] @ task["input_covariance"], 2))
        loss = coloured_loss(task, times / step_clock(params, top))
        time = laws.escape_time(times, loss, levels[0], levels[1])
        return {"loss_escape": ("record", loss), "first_escape_time": ((), _never(time))}
    time = laws.escape_time(times, found["loss"][1], levels[0], levels[1])
    return {"first_escape_time": ((), _never(time))}


def _never(time: float) -> float:
    return np.inf if np.isnan(time) else time


def illusory_correlation(task: Task) -> np.ndarray:
    """What each plateau W_k says of item 1 having item 0's private leaf, (saddle,).

    At the ends of the levels: 1/8, 1/4, 1/2, 0.
    Source: Saxe, McClelland & Ganguli, arXiv:1810.10531. Within a degenerate level (k not at its
    end) the value depends on the basis of the level.
    """
    U, V, s = task["U"], task["V"], task["spectrum"]
    leaf = U.shape[0] - V.shape[0]
    parts = U[leaf] * s * V[1]
    return np.concatenate([[0.0], np.cumsum(parts)])
