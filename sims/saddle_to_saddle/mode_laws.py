"""Laws of single modes of deep linear networks: sigmoids, maps, waiting times, blow-up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sims.core.cache import Cache
from sims.core.experiment import Task

MAP_STEPS = 400_000
"""Steps after which a jump of the mode map counts as never."""
SHALLOWEST = 0.5
"""Share of the largest later gradient below which a dip is one."""
NEAR_TIE = 0.05
"""Relative gap below which two modes count as nearly equal."""
MOST_STARTS = 4096
"""Starts whose blow-up time is kept: those of more seeds than a run can have."""


def layers(task: Task) -> list[np.ndarray]:
    """Initial weights W_1..W_L."""
    depth = sum(1 for name in task if name[0] == "W" and name[1:].isdigit())
    return [np.asarray(task[f"W{i + 1}"], float) for i in range(depth)]


def relative_gaps(s: np.ndarray) -> np.ndarray:
    """(s_k - s_{k+1})/s_k of descending strengths, (r-1,)."""
    return (s[:-1] - s[1:]) / s[:-1]


def near_tie(s: np.ndarray) -> bool:
    """Whether two neighbouring strengths differ by less than 5 %."""
    return bool(np.any(relative_gaps(s) < NEAR_TIE))


def half_time(s: np.ndarray, a0: np.ndarray) -> np.ndarray:
    """Time at which a balanced mode reaches s/2: t = ln((s - a0)/a0) / (2s); inf for a0 = 0.

    Source: Saxe, McClelland & Ganguli, arXiv:1312.6120, two layers. Holds for: gradient flow.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(a0 > 0, np.log((s - a0) / a0) / (2 * s), np.inf)


def sigmoid(s: float, a0: float, t: np.ndarray) -> np.ndarray:
    """a(t) = s a0 / (a0 + (s - a0) e^{-2st}), the solution of da/dt = 2a(s - a).

    Source: Saxe, McClelland & Ganguli, arXiv:1312.6120.
    """
    return s * a0 / (a0 + (s - a0) * np.exp(-2 * s * t))


def hyperbolic(s: float, a: float, b: float, t: np.ndarray) -> np.ndarray:
    """U = w2 w1 of a scalar two-layer net from w2 = a, w1 = b, any imbalance λ = a² - b².

    du/dt = sqrt(λ² + 4u²)(s - u); with ω = sqrt(4s² + λ²), x± = (2s ± ω)/|λ| and
    E = e^{-ωt}(x0 - x₊)/(x0 - x₋): u = (|λ|/4)(x - 1/x), x = (x₊ - x₋E)/(1 - E).
    Source: Saxe et al. arXiv:1312.6120, appendix; conserved quantity also arXiv:2406.06158.
    """
    lam = a * a - b * b
    if abs(lam) < 1e-14 * (a * a + b * b):
        return sigmoid(s, a * b, t)
    size = abs(lam)
    omega = np.sqrt(4 * s * s + lam * lam)
    x0 = (a + b) ** 2 / size
    upper, lower = (2 * s + omega) / size, (2 * s - omega) / size
    E = np.exp(-omega * np.asarray(t)) * (x0 - upper) / (x0 - lower)
    x = (upper - lower * E) / (1 - E)
    return size / 4 * (x - 1 / x)


def alignments(W1: np.ndarray, W2: np.ndarray, U: np.ndarray, V: np.ndarray) -> np.ndarray:
    """p_k = W_1 v_k + W_2ᵀ u_k, (h, r): how the start points at each mode."""
    return W1 @ V + W2.T @ U


def starting_strengths(W1: np.ndarray, W2: np.ndarray, U: np.ndarray, V: np.ndarray) -> np.ndarray:
    """a0_k = R_kk²/4 of the QR decomposition of the alignments p_k in the order of learning, (r,).

    Each learned mode uses up one hidden direction; later modes grow from what is orthogonal to it,
    so modes beyond the width start from 0. Derived from the Riccati solution (`core.riccati`).
    """
    p = alignments(W1, W2, U, V)
    R = np.asarray(np.linalg.qr(p, mode="r"))
    a0 = np.zeros(p.shape[1])
    n = min(R.shape)
    a0[:n] = np.diagonal(R)[:n] ** 2 / 4
    return a0


def clock_factor(eta: float, s: np.ndarray) -> np.ndarray:
    """η s / ln(1 + η s): how much later a step of size η makes an exponential of rate s."""
    return eta * s / np.log1p(eta * s)


def _map_update(s, eta, beta, depth, w, v):
    """V <- β v + w^{L-1}(s - w^L), w <- w + η v."""
    v = beta * v + w ** (depth - 1) * (s - w**depth)
    return w + eta * v, v


@partial(jax.jit, static_argnames="depth")
def _mode_map(w, s, eta, beta, strides, depth):
    def record(carry, stride):
        carry = lax.fori_loop(0, stride, lambda _, c: _map_update(s, eta, beta, depth, *c), carry)
        return carry, carry[0]

    return lax.scan(record, (w, jnp.zeros_like(w)), strides)[1]


def mode_map(
    a0: np.ndarray,
    s: np.ndarray,
    eta: float,
    record_steps: np.ndarray,
    *,
    beta: float = 0.0,
    depth: int = 2,
) -> np.ndarray:
    """Strengths a_k[n] = w_k^L of the mode map at the recorded steps, (record, r).

    w_k <- w_k + η w_k^{L-1}(s_k - w_k^L) from w_k = a0_k^{1/L}: the scalar each mode of gradient
    descent follows once it is decoupled, with the step size inside and nothing fitted. With
    momentum β the velocity v <- βv + w^{L-1}(s - w^L), w <- w + ηv starts at rest.
    Holds for: decoupled modes (aligned start exactly; small random start up to the overlap).
    """
    strides = np.diff(record_steps, prepend=0).astype(np.int32)
    w0 = np.asarray(a0, float) ** (1 / depth)
    return (
        np.asarray(_mode_map(w0, np.asarray(s, float), float(eta), float(beta), strides, depth))
        ** depth
    )


@partial(jax.jit, static_argnames="depth")
def _map_jump_steps(w, s, eta, beta, depth, most):
    def going(carry):
        n, w, _, found = carry
        live = (w > 0) & jnp.isnan(found) & jnp.isfinite(w)
        return (n < most) & jnp.any(live)

    def forward(carry):
        n, w, v, found = carry
        new, v = _map_update(s, eta, beta, depth, w, v)
        a, b = w**depth, new**depth
        part = _logit_fraction(a, b, s, s / 2)
        found = jnp.where(jnp.isnan(found) & (b >= s / 2), n + part, found)
        return n + 1, new, v, found

    start = jnp.where(w**depth >= s / 2, 0.0, jnp.nan)
    return lax.while_loop(going, forward, (0, w, jnp.zeros_like(w), start))[3]


def _logit_fraction(a, b, s, level):
    def logit(x):
        return jnp.log(x / (s - x))

    inside = (a > 0) & (b < s)
    curved = (logit(level) - logit(jnp.where(inside, a, s / 3))) / (
        logit(jnp.where(inside, b, s * 2 / 3)) - logit(jnp.where(inside, a, s / 3))
    )
    return jnp.where(inside, curved, (level - a) / (b - a))


def map_jump_steps(
    a0: np.ndarray, s: np.ndarray, eta: float, *, beta: float = 0.0, depth: int = 2
) -> np.ndarray:
    """Step at which each mode of the mode map passes s_k/2, (r,); inf if it never does."""
    w0 = np.asarray(a0, float) ** (1 / depth)
    found = np.asarray(
        _map_jump_steps(w0, np.asarray(s, float), float(eta), float(beta), depth, MAP_STEPS)
    )
    return np.where(np.isnan(found), np.inf, found)


def crossing(
    x: np.ndarray, values: np.ndarray, level: float, ceiling: float | None = None
) -> float:
    """First x at which `values` reach `level` from below; NaN if never.

    Between the two records the interpolation is linear in ln(a/(ceiling - a)) where both lie in
    (0, ceiling), else linear in a.
    """

    def part(a: float, b: float) -> float:
        if ceiling is None or a <= 0 or b >= ceiling:
            return (level - a) / (b - a)
        with np.errstate(divide="ignore"):
            la, lb, ll = (np.log(v / (ceiling - v)) for v in (a, b, level))
        return (ll - la) / (lb - la)

    return _first_passage(x, values, level, part)


def escape_time(x: np.ndarray, loss: np.ndarray, start: float, first_plateau: float) -> float:
    """First x at which the loss is a tenth of the way to the first plateau; NaN if never.

    Linear in ln(L_0 - L) between records, linear in L where that is undefined.
    """
    level = (start - first_plateau) / 10

    def part(a: float, b: float) -> float:
        return np.log(level / a) / np.log(b / a) if a > 0 else (level - a) / (b - a)

    return _first_passage(x, start - np.asarray(loss, float), level, part)


def _first_passage(
    x: np.ndarray, values: np.ndarray, level: float, part: Callable[[float, float], float]
) -> float:
    """First x at which `values` reach `level`; `part` places it between records a < level <= b."""
    reached = np.flatnonzero(values >= level)
    if not len(reached):
        return float("nan")
    i = int(reached[0])
    if i == 0:
        return float(x[0])
    between = part(float(values[i - 1]), float(values[i]))
    return float(x[i - 1] + between * (x[i] - x[i - 1]))


def depth_clock(a: np.ndarray, s: float, depth: int) -> np.ndarray:
    """T(a) with t(a) - t(a0) = T(a) - T(a0) for da/dt = L a^{2-2/L}(s - a), w = a^{1/L}.

    L = 2: ln(a/(s-a))/(2s). L >= 3: (1/s)[-w^{2-L}/(L-2) + (w²/2s) ₂F₁(1, 2/L; 1+2/L; a/s)].
    Source: the equation is Saxe et al. arXiv:1312.6120; the closed form is derived from it.
    """
    from scipy.special import hyp2f1

    a = np.asarray(a, float)
    if depth == 2:
        return np.asarray(np.log(a / (s - a)) / (2 * s))
    w = a ** (1 / depth)
    series = hyp2f1(1, 2 / depth, 1 + 2 / depth, a / s)
    return np.asarray((-(w ** (2 - depth)) / (depth - 2) + w**2 / (2 * s) * series) / s)


def half_clock(s: float, depth: int) -> float:
    """c_L(s) = T(s/2): what a deep mode adds to its power-law wait until half strength."""
    return float(depth_clock(np.asarray(s / 2), s, depth))


def deep_sigmoid(s: float, a0: float, t: np.ndarray, depth: int) -> np.ndarray:
    """Strength of an aligned mode of a depth-L net under gradient flow.

    The clock T(a) is inverted on a grid of logits.
    """
    if a0 <= 0:
        return np.zeros_like(t)
    top = 40.0
    low = np.log(a0 / (s - a0))
    logits = np.linspace(low, top, 4001)
    a = s / (1 + np.exp(-logits))
    clock = depth_clock(np.minimum(a, s * (1 - 1e-15)), s, depth)
    clock = np.maximum.accumulate(clock - depth_clock(np.asarray(a0), s, depth))
    found = np.interp(t, clock, logits)
    return np.where(t >= clock[-1], s, s / (1 + np.exp(-found)))


def blow_up_time(weights: list[np.ndarray], target: np.ndarray) -> float:
    """Time T* at which dW_l/dt = W_{>l}ᵀ M W_{<l}ᵀ leaves every bound, from these weights.

    The flow of a deep net near zero is homogeneous: scaling the start by α scales time by
    α^{-(L-2)}, so T* of the unit-scale start gives the first jump
    t_1 = T* α^{-(L-2)} + c_L(s_1). Integrated until the norm has grown 100-fold, then completed by
    the single-mode blow-up w^{2-L}/((L-2) s_1).

    Raises:
        ValueError: fewer than three layers.
    """
    if len(weights) < 3:
        raise ValueError("The blow-up law needs at least three layers.")
    arrays = [np.asarray(a, float) for a in (*weights, target)]
    drawn = hashlib.sha256(b"".join(a.tobytes() for a in arrays)).digest()
    key = (*(a.shape for a in arrays), drawn)  # the arrays themselves would be megabytes a seed
    return _blow_up_times.get(key, lambda: _blow_up_time(arrays[:-1], arrays[-1]))


_blow_up_times: Cache[float] = Cache(MOST_STARTS, 2**20, lambda _: 8)


def _blow_up_time(weights: list[np.ndarray], M: np.ndarray) -> float:
    from scipy.integrate import solve_ivp

    depth = len(weights)
    shapes = [w.shape for w in weights]
    cuts = np.cumsum([0, *(w.size for w in weights)])

    def unpack(y):
        return [y[a:b].reshape(n) for a, b, n in zip(cuts, cuts[1:], shapes, strict=False)]

    def velocity(_, y):
        return np.concatenate([g.ravel() for g in layer_forces(unpack(y), M)])

    start = np.concatenate([w.ravel() for w in weights])
    goal = 100 * np.linalg.norm(start)

    def grown(_, y):
        return np.linalg.norm(y) - goal

    grown.terminal = True  # pyright: ignore[reportFunctionMemberAccess]
    limit = 1e6
    solved = solve_ivp(velocity, (0, limit), start, method="DOP853", rtol=1e-9, events=grown)
    if not solved.t_events[0].size:
        return float("inf")
    final = unpack(solved.y_events[0][0])
    w = np.mean([np.linalg.norm(layer, 2) for layer in final])
    top = np.linalg.norm(M, 2)
    return float(solved.t_events[0][0] + w ** (2 - depth) / ((depth - 2) * top))


def layer_forces(weights: list[np.ndarray], residual: np.ndarray) -> list[np.ndarray]:
    """W_{>l}ᵀ R W_{<l}ᵀ for every layer l: minus the gradient where R = M - W."""
    below = [weights[0]]
    for w in weights[1:-1]:
        below.append(w @ below[-1])
    forces, above = [], None  # nothing, rather than an identity to be multiplied with
    for l in reversed(range(len(weights))):
        pulled = residual if above is None else above.T @ residual
        forces.append(pulled @ below[l - 1].T if l else pulled)
        if l:
            above = weights[l] if above is None else above @ weights[l]
    return forces[::-1]


def two_cycle(mu: float) -> tuple[float, float] | None:
    """Two heights a/s between which a mode hops for 1 < μ = ηs < sqrt(5) - 1, else None.

    w/sqrt(s) = ½(sqrt(1 + 3/μ) ± sqrt(1 - 1/μ)), the exact 2-cycle of the mode map.
    """
    if not 1 < mu < np.sqrt(5) - 1:
        return None
    outer, inner = np.sqrt(1 + 3 / mu), np.sqrt(1 - 1 / mu)
    return float(((outer + inner) / 2) ** 2), float(((outer - inner) / 2) ** 2)


def heavy_ball_root(eta: float, beta: float, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Growth per step z and amplitude A of a small mode under heavy ball from rest.

    z = [(1+β+ηs) + sqrt((1+β+ηs)² - 4β)]/2, z' = β/z, A = (ηs + 1 - z')/(z - z').
    """
    total = 1 + beta + eta * s
    z = (total + np.sqrt(total**2 - 4 * beta)) / 2
    other = beta / z
    return z, (eta * s + 1 - other) / (z - other)


def heavy_ball_jump_steps(eta: float, beta: float, s: np.ndarray, a0: np.ndarray) -> np.ndarray:
    """n_k = ln[(s - a0)/(a0 A²)] / (2 ln z): closed form of the heavy ball's jump steps."""
    z, A = heavy_ball_root(eta, beta, s)
    with np.errstate(divide="ignore"):
        return np.where(
            a0 > 0, np.log((s - a0) / np.where(a0 > 0, a0, 1) / A**2) / (2 * np.log(z)), np.inf
        )


def plateau_levels(s: np.ndarray) -> np.ndarray:
    """L_k = ½ Σ_{i>k} s_i², k = 0..r, (r+1,): loss with k modes learned."""
    squares = np.concatenate([np.cumsum((s**2)[::-1])[::-1], [0.0]])
    return squares / 2


def judged_plateaus(s: np.ndarray, width: int) -> list[int]:
    """K = 1..min(h, r) - 1 whose next mode is at least 5 % weaker: one more mode is to come."""
    apart = relative_gaps(s) >= NEAR_TIE
    return [k for k in range(1, min(width, len(s))) if apart[k - 1]]


def dips(
    loss: np.ndarray, gradient_norm: np.ndarray, levels: np.ndarray, judged: list[int]
) -> dict[int, int]:
    """Record of the gradient's dip at each judged plateau that has one, {k: record}.

    Among the records whose loss lies between the midpoints to the neighbouring levels (judged
    plateaus, L_0 and 0) the one with the smallest gradient norm. It is a dip only if less than half
    of the largest one behind it: a run that passes by, or is cut there, rests nowhere.
    """
    ladder = [levels[0], *(levels[k] for k in judged), 0.0]
    behind = np.maximum.accumulate(np.nan_to_num(gradient_norm)[::-1])[::-1]
    found = {}
    for i, k in enumerate(judged, start=1):
        upper, lower = (ladder[i] + ladder[i - 1]) / 2, (ladder[i] + ladder[i + 1]) / 2
        inside = np.flatnonzero((loss >= lower) & (loss <= upper))
        if len(inside):
            dip = int(inside[np.argmin(gradient_norm[inside])])
            if gradient_norm[dip] < SHALLOWEST * behind[dip]:
                found[k] = dip
    return found
